"""What the Reconciliation Service API asks, over a desk: queries, suggestions and columns to fill up, as its JSON.

Source: https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/

Ids of things are their addresses without what all begin with (``body/`` and a code), types are classes of the ontology (``Body``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from icsgraph.ask.desk import Desk
from icsgraph.ask.finder import Finder
from icsgraph.ask.matching import KINDS, Match, Matcher
from icsgraph.ask.names import fold
from icsgraph.ask.properties import Properties, Property
from icsgraph.core import given
from icsgraph.core.dates import parse_day
from icsgraph.core.errors import IcsgraphError, given_for
from icsgraph.core.terms import DEF, ID
from icsgraph.graph.rdf import Literal, NamedNode, Term, iri, term_name

__all__ = ["DAY", "Reconciliation"]

Told = dict[str, Any]

# The property of a query, and the setting of a property, that names the day.
DAY = "as_at"
# Of one request: queries, things to fill up, properties of each. Of a query: letters, types, candidates where none are said and at most.
_QUERIES = _IDS = 1000
_PROPERTIES = 20
_TYPES = 5
_FEW, _MOST = 5, 50
_SUGGESTED, _FURTHEST = 20, 1000
_MEMBERS = ("query", "type", "limit", "properties", "type_strict")
_STRICT = ("any", "should", "all")
_NUMBERS = {"integer": "int", "decimal": "float", "double": "float"}


class Reconciliation:
    """Answers over a desk; what it looks up in is made when first asked."""

    def __init__(self, desk: Desk) -> None:
        self.names = desk.names
        self._finder = Finder(desk)
        self._matcher = Matcher(desk.names)
        self._properties = Properties(desk.names)
        self._classes = {kind: desk.names.label(DEF + kind) for kind in desk.names.classes()}

    @property
    def types(self) -> list[Told]:
        """The types that are looked for where none is named."""
        return [self._type(kind) for kind in KINDS]

    def match(self, queries: object, day: str) -> Told:
        """The candidates for each query of a batch; ``day`` holds where a query names none, and may be empty.

        Raises ``IcsgraphError`` whose ``parameter`` leads to what is at fault, such as ``queries.q1.limit``.
        """
        batch = given.object_(queries, "queries")
        if len(batch) > _QUERIES:
            raise given.fault("queries", "There are too many queries.", f"Send {_QUERIES:,} at a time.")
        with given_for(DAY):
            when = parse_day(day) if day else None
        return {key: {"result": self._candidates(q, f"queries.{key}", when)} for key, q in batch.items()}

    def _candidates(self, query: object, at: str, day: dt.date | None) -> list[Told]:
        asked = given.object_(query, at)
        for name in asked:
            if name not in _MEMBERS:
                raise given.fault(
                    f"{at}.{name}", f"“{name}” is no member of a query.", f"It has: {', '.join(_MEMBERS)}."
                )
        wanted: dict[str, list[str]] = {}
        for number, one in enumerate(given.array(asked.get("properties", []), f"{at}.properties", _PROPERTIES)):
            here = f"{at}.properties[{number}]"
            pair = given.object_(one, here)
            id = given.text(pair.get("pid"), f"{here}.pid")
            values = given.texts(pair.get("v"), f"{here}.v")
            if id == DAY:
                with given_for(f"{here}.v"):
                    day = parse_day(", ".join(values)) if any(values) else day
            else:
                wanted[self._property(id, f"{here}.pid").id] = values
        said = (
            given.text(asked["query"], f"{at}.query")
            if "query" in asked
            else next((v[0] for v in wanted.values() if v), "")
        )
        kinds = self._kinds(asked.get("type", []), f"{at}.type")
        strict = asked.get("type_strict", _STRICT[0])
        if strict not in _STRICT:
            raise given.fault(f"{at}.type_strict", f"{strict!r} is not known.", f"Use one of: {', '.join(_STRICT)}.")
        most = given.number(asked.get("limit", _FEW), f"{at}.limit", 1, _MOST)
        matches = self._matcher.match(said.strip(), kinds, day, most)
        found = [
            self._weighed(m, wanted, day)
            for m in matches
            if strict != "all" or all(self.names.is_any(m.thing, (k,)) for k in kinds)
        ]
        right = [m for m, features in found if m.same and m.exists and features and all(features.values())]
        if len(right) == 1 and not any(m.certain for m, _ in found):
            # Of several of one name the one that has what else is said of it.
            found = [(replace(m, certain=m is right[0]), features) for m, features in found]
        found.sort(key=lambda one: (-one[0].certain, -one[0].score))
        return [self._candidate(m, features) for m, features in found]

    def _weighed(
        self, match: Match, wanted: Mapping[str, list[str]], day: dt.date | None
    ) -> tuple[Match, dict[str, bool]]:
        """A match as its properties have it, with whether each is as wanted; of one that is not on record nothing is said."""
        features = {}
        for id, values in wanted.items():
            known = {fold(form) for term in self._values(match.thing, id, day) for form in self._forms(term)}
            if known and values:
                features[id] = any(fold(v) in known for v in values)
        if all(features.values()):
            return match, features
        return replace(match, certain=False, score=match.score / 2), features

    def _candidate(self, match: Match, features: Mapping[str, bool]) -> Told:
        told = {"same_name": match.same, "exists_on_day": match.exists, **features}
        return {
            **self._entity(match.thing),
            "type": self._types_of(match.thing),
            "score": match.score,
            "match": match.certain,
            "features": [{"id": id, "value": value} for id, value in told.items()],
        }

    def extend(self, query: object, day: str) -> Told:
        """The values of properties of things; ``day`` holds where a property has no setting for it, and today where neither is said."""
        asked = given.object_(query, "extend")
        things = []
        for number, one in enumerate(given.array(asked.get("ids"), "extend.ids", _IDS)):
            with given_for(f"extend.ids[{number}]"):
                things.append((given.text(one, ""), self.thing(given.text(one, ""))))
        wanted = []
        for number, one in enumerate(given.array(asked.get("properties"), "extend.properties", _PROPERTIES)):
            here = f"extend.properties[{number}]"
            found = self._property(given.text(given.object_(one, here).get("id"), f"{here}.id"), f"{here}.id")
            when = given.object_(given.object_(one, here).get("settings", {}), f"{here}.settings").get(DAY) or day
            with given_for(f"{here}.settings.{DAY}"):
                wanted.append((found, parse_day(given.text(when, "")) if when else None))
        rows = {
            id: {p.id: [self._cell(t) for t in self._values(thing, p.id, when)] for p, when in wanted}
            for id, thing in things
        }
        return {"meta": [{"id": p.id, "name": p.label} for p, _ in wanted], "rows": rows}

    def thing(self, id: str) -> str:
        """The address of the thing of an id; raises ``IcsgraphError`` where there is none."""
        address = id if id.startswith(ID) else ID + id
        if not self.names.types(address):
            raise IcsgraphError(
                f"There is nothing with the id “{id[: given.LETTERS]}”.",
                "Ids are as reconciliation gives them: body/ and a code, function/ or provision/ and a name.",
            )
        return address

    def propose(self, kind: str, limit: str) -> Told:
        """The properties that things of a type have."""
        chosen = self._kinds(kind or list(KINDS), "type")
        most = given.number(limit or _SUGGESTED, "limit", 1, _FURTHEST)
        found = {p.id: p for one in chosen for p in self._properties.of(one)}
        return {"type": kind, "limit": most, "properties": [_described(p) for p in [*found.values()][:most]]}

    def suggest_things(self, prefix: str, cursor: str) -> Told:
        """Things whose names begin as typed."""
        start = given.number(cursor or 0, "cursor", 0, _FURTHEST)
        found = [s.thing for s in self._finder.suggest(prefix[: given.LETTERS], "Anything", start + _SUGGESTED)]
        if self.names.types(ID + prefix):
            found.insert(0, ID + prefix)
        shown = [t for t in dict.fromkeys(found) if t.startswith(ID)][start:]
        return {"result": [{**self._entity(t), "notable": self._types_of(t)} for t in shown]}

    def suggest_types(self, prefix: str, cursor: str) -> Told:
        """Types whose id or name begins as typed."""
        found = [self._type(kind) for kind in self._classes]
        return _begun(found, prefix, cursor)

    def suggest_properties(self, prefix: str, cursor: str) -> Told:
        """Properties whose id or name begins as typed, with the day first."""
        known = {p.id: p for kind in KINDS for p in self._properties.of(kind)}
        day = {"id": DAY, "name": "On the day", "description": "The day that the names and codes are of, YYYY-MM-DD."}
        return _begun([day, *map(_described, known.values())], prefix, cursor)

    def _kinds(self, said: object, at: str) -> tuple[str, ...]:
        found = []
        for one in given.array([said] if isinstance(said, str) else said, at, _TYPES):
            kind = given.text(one, at).removeprefix(DEF).removeprefix("ics:")
            if kind not in self._classes:
                near = "; ".join(t["id"] for t in self.suggest_types(kind[:5], "")["result"][:_FEW])
                raise given.fault(
                    at, f"“{kind}” is no type of this service.", f"Use one of: {near or ', '.join(KINDS)}."
                )
            found.append(kind)
        return tuple(found) or KINDS

    def _property(self, id: str, at: str) -> Property:
        found = self._properties.find(id)
        if found is None:
            raise given.fault(
                at, f"“{id}” is no property of this service.", "/reconcile/properties proposes those there are."
            )
        return found

    def _values(self, thing: str, id: str, day: dt.date | None) -> list[Term]:
        return self._properties.values(thing, id, day or dt.date.today())

    def _forms(self, term: Term) -> list[str]:
        """How a value may be written: as it is, by its id, code or name."""
        if isinstance(term, NamedNode):
            return [term.value, term.value.removeprefix(ID), self.names.code(term.value), self.names.label(term.value)]
        return [term.value]

    def _cell(self, term: Term) -> Told:
        if isinstance(term, NamedNode):
            return (
                self._entity(term.value, bare=True)
                if term.value.startswith(ID)
                else {"str": self.names.label(term.value)}
            )
        assert isinstance(term, Literal)
        form = _NUMBERS.get(term.datatype.value.rpartition("#")[2])
        if form:
            return {form: int(term.value) if form == "int" else float(term.value)}
        return {"str": term.value} if term.value else {}

    def _entity(self, thing: str, bare: bool = False) -> Told:
        told = {"id": thing.removeprefix(ID), "name": self.names.label(thing)}
        return told if bare else told | {"description": f"{self.names.kind(thing)}: {self.names.describe(thing)}"}

    def _types_of(self, thing: str) -> list[Told]:
        narrowest = self.names.store.objects(iri(thing), term_name("ics:narrowestKind"))
        kinds = [n.value.removeprefix(DEF) for n in narrowest] + [k for k in KINDS if self.names.is_any(thing, (k,))]
        return [self._type(k) for k in dict.fromkeys(kinds or sorted(self.names.types(thing)))]

    def _type(self, kind: str) -> Told:
        return {"id": kind, "name": self._classes.get(kind, kind)}


def _described(found: Property) -> Told:
    return {"id": found.id, "name": found.label, **({"description": found.meaning} if found.meaning else {})}


def _begun(found: list[Told], prefix: str, cursor: str) -> Told:
    """Those whose id begins as typed, or in whose name a word does."""
    start = given.number(cursor or 0, "cursor", 0, _FURTHEST)
    wanted = fold(prefix[: given.LETTERS])
    fitting = [f for f in found if fold(f["id"]).startswith(wanted) or f" {wanted}" in f" {fold(f['name'])}"]
    return {"result": fitting[start : start + _SUGGESTED]}
