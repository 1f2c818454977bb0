"""What a table can be filled up with: the values of a property of a thing, and who stands for a body on a day."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from icsgraph.ask.names import Names
from icsgraph.core.terms import PREFIXES, expand
from icsgraph.graph.rdf import Literal, NamedNode, Term, iri, term_name

__all__ = ["Properties", "Property"]

# What is kept for ourselves, or is the thing itself.
_HIDDEN = ("rdf:type", "ics:narrowestKind")
# Of so many things of a kind it is looked which properties they have.
_LOOKED_AT = 400


@dataclass(frozen=True)
class Property:
    """A property by its prefixed name, what it is called, and what it means."""

    id: str
    label: str
    meaning: str


class Properties:
    """Properties of things, by ``names`` and the store it reads."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._made: dict[str, tuple[Property, Callable[[str, dt.date], list[Term]]]] = {
            "follower": (
                Property("follower", "Who stands for it", "The body itself on the day, or those that followed it."),
                lambda thing, day: [t for t, _ in self._followers(thing, day)],
            ),
            "follower-share": (
                Property(
                    "follower-share", "Share of each", "Of its small areas, by follower; empty where nobody counted."
                ),
                lambda thing, day: [s for _, s in self._followers(thing, day)],
            ),
        }
        self.of = lru_cache(maxsize=64)(self._of)

    def find(self, id: str) -> Property | None:
        """The property of an id; none where there is no such property."""
        if id in self._made:
            return self._made[id][0]
        try:
            used = next(self.names.store.quads(predicate=iri(expand(id))), None)
        except (KeyError, ValueError):
            return None
        return self._described(expand(id)) if used else None

    def values(self, thing: str, id: str, day: dt.date) -> list[Term]:
        """The values of a property that ``find`` knows, of a thing on a day; those with a language in English."""
        if id in self._made:
            return self._made[id][1](thing, day)
        found = self.names.store.objects(iri(thing), term_name(id))
        return sorted(found, key=str)

    def _of(self, kind: str) -> list[Property]:
        """The properties that things of a kind have, those that most have first."""
        names = self.names
        some = [t for t in names.labels if names.is_any(t, (kind,))][:_LOOKED_AT]
        counted = Counter(p for t in some for p in {q.predicate.value for q in names.store.quads(subject=iri(t))})
        made = [one for one, _ in self._made.values()] if kind == "Body" else []
        known = [self._described(address) for address, _ in sorted(counted.items(), key=lambda c: (-c[1], c[0]))]
        return made + [p for p in known if p.id not in _HIDDEN and ":" in p.id]

    def _described(self, address: str) -> Property:
        meaning = self.names.store.objects(iri(address), term_name("skos:definition"))
        return Property(
            _short(address),
            self.names.labels.get(address) or _short(address).partition(":")[2],
            meaning[0].value if meaning else "",
        )

    def _followers(self, body: str, day: dt.date) -> list[tuple[NamedNode, Term]]:
        store = self.names.store
        found: list[tuple[NamedNode, Term]] = []
        for link in store.quads(predicate=term_name("ics:standsFor"), value=iri(body)):
            if self.names.period(link.subject.value).holds(day):
                share = store.objects(link.subject, term_name("ics:shareOfPredecessor"))
                others = store.objects(link.subject, term_name("ics:namesFollower"))
                found += [(o, share[0] if share else Literal("")) for o in others if isinstance(o, NamedNode)]
        return sorted(found, key=str)


def _short(address: str) -> str:
    """An address as a prefixed name, by the longest prefix that fits; as it is where none does."""
    for prefix, start in sorted(PREFIXES.items(), key=lambda p: -len(p[1])):
        if address.startswith(start):
            return f"{prefix}:{address.removeprefix(start)}"
    return address
