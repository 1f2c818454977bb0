"""What a scheme's reader needs of the record: names, kinds, days and the law behind functions and duties."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from icsgraph.ask.desk import Desk
from icsgraph.core.dates import Period, parse_day
from icsgraph.core.errors import NotFound
from icsgraph.core.report import Law
from icsgraph.core.terms import DEF, DEFAULT_SCENARIO, ID, rebased
from icsgraph.graph.rdf import Term, iri, term_name
from icsgraph.graph.store import Row

__all__ = ["Basis", "Record"]


@dataclass(frozen=True, kw_only=True)
class Basis:
    """That a body or kind of body holds a function or is bound by a duty: by which provision, and when."""

    matter: str
    bearer: str
    law: Law
    period: Period
    direct: bool


class Record:
    """The record behind a desk. ``root`` holds ``queries``; ``scenario`` is the law that counts."""

    def __init__(self, desk: Desk, root: Path, scenario: str = DEFAULT_SCENARIO) -> None:
        self._desk = desk
        self._root = root
        self._scenario = ID + "scenario/" + scenario
        self._wider: dict[str, frozenset[str]] = {}

    def knows(self, address: str) -> bool:
        """Whether an address is one of the record's."""
        return address.startswith((ID, DEF)) and bool(self._desk.names.types(address))

    def body_named(self, name: str) -> str:
        """The address of the body of the record that a code or name means; empty where it means none."""
        try:
            return self._desk.names.find(name, "Body").value
        except NotFound:
            return ""

    def label(self, address: str) -> str:
        """What the record calls a thing; the end of its address where it does not know it."""
        return self._desk.names.label(address) if self.knows(address) else address.rpartition("/")[2]

    def sentence(self, address: str) -> str:
        """A name of the record that is a common noun, as it stands at the head of a sentence."""
        label = self.label(address)
        return label[:1].upper() + label[1:]

    def within(self, address: str) -> str:
        """A name of the record that is a common noun, as it stands within a sentence."""
        label = self.label(address)
        return label if label[1:2].isupper() else label[:1].lower() + label[1:]

    def definition(self, address: str) -> str:
        """How the record defines a thing; empty where it does not."""
        found = self._desk.store.objects(iri(address), term_name("skos:definition"))
        return found[0].value if found else ""

    def position(self, address: str) -> int:
        """The place of a term in the order that the ontology gives; nought where it gives none."""
        found = self._desk.store.objects(iri(address), term_name("ics:position"))
        return int(found[0].value) if found else 0

    def types(self, address: str) -> frozenset[str]:
        """The local names of the classes of a thing of the record."""
        return self._desk.names.types(address)

    def kinds(self, address: str) -> frozenset[str]:
        """The addresses of all kinds of a thing of the record."""
        return frozenset(DEF + name for name in self._desk.names.types(address))

    def wider(self, kinds: Iterable[str]) -> frozenset[str]:
        """Some kinds and all kinds that take them in."""
        return frozenset().union(*(self._above(k) for k in kinds))

    def _above(self, kind: str) -> frozenset[str]:
        if kind not in self._wider:
            next_up = [o.value for o in self._desk.store.objects(iri(kind), term_name("rdfs:subClassOf"))]
            self._wider[kind] = frozenset({kind}).union(*(self._above(k) for k in next_up))
        return self._wider[kind]

    def narrowest(self, kinds: Iterable[str]) -> list[str]:
        """Those of some kinds that take in no other of them."""
        every = set(kinds)
        return sorted(k for k in every if not any(k != o and k in self._above(o) for o in every))

    def period(self, address: str) -> Period:
        """When a thing of the record exists, as far as it is known."""
        return self._desk.names.period(address) if self.knows(address) else Period()

    def existence(self, address: str, day: dt.date) -> str:
        """That a body of the record does not exist on a day, and what came after it; empty where it does."""
        return " ".join(self._desk.existence.of(address, day)) if self.knows(address) else ""

    @property
    def known_to(self) -> dt.date | None:
        """The day up to which the record follows the law."""
        found = self._desk.store.objects(iri(self._scenario), term_name("ics:knownTo"))
        return parse_day(found[0].value) if found else None

    @cached_property
    def bases(self) -> Mapping[str, tuple[Basis, ...]]:
        """The law of every function and duty, on any day. The query is ``queries/scheme/law-of-matters.rq``."""
        found: dict[str, list[Basis]] = {}
        for row in self._rows("law-of-matters", {"scenario": iri(self._scenario)}):
            passage = self._desk.views.passage(row["passage"].value)
            matter = row["matter"].value
            found.setdefault(matter, []).append(
                Basis(
                    matter=matter,
                    bearer=row["bearer"].value,
                    law=Law(passage.id, passage.citation, passage.url, passage.text),
                    period=Period(_day(row.get("from")), _day(row.get("to"))),
                    direct=row["stated"].value == matter,
                )
            )
        return {matter: tuple(bases) for matter, bases in found.items()}

    @cached_property
    def proposals(self) -> tuple[tuple[str, str], ...]:
        """What a Bill would do, by the address of each thing that it touches. The query is ``queries/scheme/proposed.rq``."""
        return tuple((row["thing"].value, row["text"].value) for row in self._rows("proposed", {}))

    def _rows(self, name: str, bound: Mapping[str, Term]) -> list[Row]:
        query = (self._root / "queries" / "scheme" / f"{name}.rq").read_text(encoding="utf-8")
        return self._desk.store.select(rebased(query), bound)

    def law(self, matter: str, bearers: frozenset[str], day: dt.date) -> tuple[Basis, ...]:
        """By which law a function or duty is the business of one of some bearers on a day.

        Where none of them holds a function, the law of whoever does; the duties of others are not theirs.
        """
        bases = [b for b in self.bases.get(matter, ()) if b.period.holds(day)]
        others = [] if "Duty" in self.types(matter) else bases
        chosen = [b for b in bases if b.bearer in bearers] or others
        chosen = [b for b in chosen if b.direct] or chosen
        return tuple({b.law.id: b for b in chosen}.values())


def _day(term: Term | None) -> dt.date | None:
    return parse_day(term.value) if term else None
