"""What no answer can settle: what follows from the kind of a body on days of which its kind is not known, and days yet to come."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from icsgraph.ask.brevity import listed
from icsgraph.ask.catalogue import Catalogue
from icsgraph.ask.names import Names
from icsgraph.ask.scenarios import Asked
from icsgraph.core.answer import Cell, StatementView, Thing
from icsgraph.core.dates import parse_day
from icsgraph.core.question import Question
from icsgraph.graph.rdf import NamedNode, Term, iri, term_name
from icsgraph.graph.store import AnyStore

__all__ = ["Limit", "Limits"]

# So many plans, and so many bodies, are read out.
_FEW = 6


@dataclass(frozen=True)
class Limit:
    """Why an answer is no more than presumed, in sentences, and what it supposes as a whole, in words; empty where it supposes nothing."""

    notes: tuple[str, ...] = ()
    supposing: str = ""


class Limits:
    """Why answers are no more than presumed, in sentences."""

    def __init__(self, store: AnyStore, names: Names, catalogue: Catalogue) -> None:
        self._store = store
        self._names = names
        self._notes = catalogue.notes
        self._query = catalogue.plans

    def told(
        self,
        question: Question,
        bound: Mapping[str, Term],
        table: Sequence[Mapping[str, Cell]],
        views: Sequence[StatementView],
        time: Asked,
    ) -> Limit:
        """Why an answer cannot be settled; an empty limit where nothing stands against it.

        ``bound`` has the values of the question as terms, ``table`` its rows, ``views`` the statements behind them.
        """
        if question.reports:
            return Limit()
        asked = [term.value for term in bound.values() if isinstance(term, NamedNode)]
        shown = list(dict.fromkeys(cell.iri for row in table for cell in row.values() if isinstance(cell, Thing)))
        laid = {thing.iri for view in views for thing in (*view.bearer, *view.counterpart)}
        kinds = {thing for thing in laid if "BodyKind" in self._names.types(thing)}
        # What is said of bodies by name, such as who followed one, holds whatever its kind.
        of_kind = [self._of_kind(b, time.day) for b in asked if self._unknown(b, time.day) and (kinds or not views)]
        # A kind that only stands in a row is no body of which something is planned.
        bodies = [thing for thing in shown if "BodyKind" not in self._names.types(thing)]
        beyond = self._beyond([*asked, *bodies], views, time)
        supposing = "suppose_days" if beyond else "suppose_kind" if of_kind else ""
        notes = [*of_kind, *self._among(shown, asked, kinds, time.day), *beyond]
        return Limit(tuple(notes), self._notes.say(supposing) if supposing else "")

    def _among(self, shown: list[str], asked: list[str], kinds: set[str], day: dt.date) -> list[str]:
        """That bodies are among those shown by their kind, which is not known on a day."""
        found = [b for b in shown if b not in asked and self._unknown(b, day) and self._kind(b) in kinds]
        names = listed((self._names.label(b) for b in found), _FEW)
        return [self._notes.say("kinds_unknown", bodies=names, day=day.isoformat())] if found else []

    def _unknown(self, body: str, day: dt.date) -> bool:
        """Whether no source shows the kind that a body was of on a day on which it existed."""
        known = self._known.get(body)
        return bool(known and day < known and self._names.period(body).holds(day))

    def _of_kind(self, body: str, day: dt.date) -> str:
        known, end = self._known[body], self._names.period(body).end
        words = {"body": self._names.label(body), "kind": self._names.label(self._kind(body))}
        if end and known >= end:
            return self._notes.say("kind_recalled", last=(end - dt.timedelta(days=1)).isoformat(), **words)
        return self._notes.say("kind_unknown", known=known.isoformat(), day=day.isoformat(), **words)

    def _kind(self, body: str) -> str:
        found = self._store.objects(iri(body), term_name("ics:narrowestKind"))
        return found[0].value if found else ""

    @cached_property
    def _known(self) -> Mapping[str, dt.date]:
        """The first day from which the kind of a body is shown, for those of which that is later than their beginning."""
        quads = self._store.quads(predicate=term_name("ics:kindKnownFrom"))
        return {quad.subject.value: parse_day(quad.object.value) for quad in quads}

    def _beyond(self, things: Iterable[str], views: Sequence[StatementView], time: Asked) -> list[str]:
        """That a day is yet to come, and what is planned of the bodies of an answer; nothing where what carries it begins only then."""
        known = time.law.known.end
        if not time.beyond or not known or (views and all(v.valid_from >= known.isoformat() for v in views)):
            return []
        said = [self._notes.say("beyond", day=time.day.isoformat())]
        plans = dict.fromkeys(plan for thing in things for plan in self._plans.get(_body(thing), ()))
        texts = list(dict.fromkeys(self._words(plan) for plan in plans))
        if len(texts) > _FEW:
            texts = [*texts[:_FEW], f"{len(texts) - _FEW} more that the record has under their bodies"]
        return said + ([self._notes.say("planned", said="; ".join(texts) + ".")] if texts else [])

    def _words(self, statement: str) -> str:
        return self._names.label(statement).removesuffix(".")

    @cached_property
    def _plans(self) -> Mapping[str, Sequence[str]]:
        """The statements of what is planned, by the body or kind that they are of."""
        found: dict[str, list[str]] = defaultdict(list)
        for row in self._store.select(self._query) if self._query else ():
            found[row["thing"].value].append(row["statement"].value)
        return {thing: sorted(statements) for thing, statements in found.items()}


def _body(thing: str) -> str:
    """The address of the body whose area a thing is, or the thing's own."""
    return thing.replace("/id/area/", "/id/body/")
