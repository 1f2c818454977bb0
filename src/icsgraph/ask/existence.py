"""What a reader must know of the bodies and kinds that were asked for: whether they existed on the day, what came before and after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from icsgraph.ask.brevity import listed
from icsgraph.ask.names import Names
from icsgraph.ask.notes import Notes
from icsgraph.ask.says import part
from icsgraph.graph.rdf import NamedNode, Term, term_name
from icsgraph.graph.store import AnyStore

__all__ = ["Existence"]


class Existence:
    """Bodies on a day, in sentences."""

    def __init__(self, store: AnyStore, names: Names, notes: Notes) -> None:
        self._store = store
        self._names = names
        self._notes = notes

    def told(self, bound: Mapping[str, Term], day: dt.date) -> list[str]:
        """What there is to say of the values of a question on a day: of bodies that did not exist, and of wide kinds."""
        things = [term for term in bound.values() if isinstance(term, NamedNode)]
        said = []
        for thing in things:
            if {"Body", "Area"} & self._names.types(thing.value):
                # A place is told of by the body whose area it is, where it is a body's.
                body = thing.value.replace("/id/area/", "/id/body/")
                said += self.of(body if self._names.types(body) else thing.value, day)
        return said + [note for thing in things for note in self._narrower(thing)]

    def of(self, body: str, day: dt.date) -> list[str]:
        """That a body does not exist on a day, where that is so: when it ended and what came after it, or when it begins."""
        period, label = self._names.period(body), self._names.label(body)
        if period.end and day >= period.end:
            last = (period.end - dt.timedelta(days=1)).isoformat()
            if same := self._same(self._names.goes_on(body)):
                return [self._notes.say("renamed", body=label, last=last, same=same)]
            after = self._on_the_day(body, day)
            more = [self._notes.say("successors", bodies=after)] if after else []
            return [" ".join([self._notes.say("ended", body=label, last=last), *more])]
        if period.start and day < period.start:
            of = {"body": label, "start": period.start.isoformat(), "day": day.isoformat()}
            if same := self._same(self._names.goes_on(body, back=True)):
                return [self._notes.say("not_yet_named", same=same, **of)]
            before = self._on_the_day(body, day, back=True)
            more = [self._notes.say("in_place", bodies=before)] if before else []
            return [" ".join([self._notes.say("not_yet", **of), *more])]
        return []

    def _narrower(self, kind: NamedNode) -> list[str]:
        """That a wide kind of body takes in narrower ones, of which more is on record than of it."""
        if "BodyKind" not in self._names.types(kind.value):
            return []
        narrower = {
            quad.subject.value
            for quad in self._store.quads(predicate=term_name("rdfs:subClassOf"), value=kind)
            if quad.subject != kind and "BodyKind" in self._names.types(quad.subject.value)
        }
        kinds = listed(sorted(self._names.label(k) for k in narrower), 9)
        return [self._notes.say("narrower", kind=self._names.label(kind.value), narrower=kinds)] if kinds else []

    def _same(self, bodies: list[str]) -> str:
        """Bodies by name and code, for a sentence."""
        return " and ".join(self._named(b) for b in bodies)

    def _named(self, body: str) -> str:
        return f"{self._names.label(body)} [{self._names.code(body)}]"

    def _on_the_day(self, body: str, day: dt.date, back: bool = False) -> str:
        """What stood in the place of a body on a day, after its end or before it began, each with the share that passed.

        Follows successions until bodies that existed on the day; where there are none, the nearest.
        """
        nearest = self._names.followers(body, back)
        found: dict[str, list[float | None]] = {}
        seen = {body}
        reached: list[tuple[str, float | None]] = list(nearest)
        while reached:
            other, share = reached.pop()
            if other in seen:
                continue
            period = self._names.period(other)
            on = [] if period.holds(day) else self._names.followers(other, back)
            if period.holds(day):
                found.setdefault(other, []).append(share)
            else:
                seen.add(other)
            # Which part of a part passed on is not known: it is 0 here, and said in words.
            for further, rest in on:
                early, late = (rest, share) if back else (share, rest)
                reached.append((further, early if late in (None, 1) else 0))
        stands = {k: v[0] if len(v) == 1 else 0 for k, v in found.items()} or dict(nearest)
        return ", ".join(
            sorted(
                self._named(a) + (" (wholly, in part or not at all)" if share == 0 else part(share))
                for a, share in stands.items()
            )
        )
