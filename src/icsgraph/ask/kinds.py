"""Many bodies of one kind under the name of that kind: "all 36 integrated care boards"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache

from icsgraph.ask.brevity import MOST
from icsgraph.ask.names import Names
from icsgraph.core.answer import Thing
from icsgraph.graph.rdf import NamedNode, iri, term_name
from icsgraph.graph.store import AnyStore

__all__ = ["Kinds", "plural"]


def plural(words: str) -> str:
    """The name of a kind in the plural.

    >>> plural("local authority"), plural("NHS trust"), plural("clinical commissioning group"), plural("integrated care boards")
    ('local authorities', 'NHS trusts', 'clinical commissioning groups', 'integrated care boards')
    >>> plural("district council in a two-tier area"), plural("board of directors")
    ('district councils in a two-tier area', 'boards of directors')
    """
    for small in (" in ", " of ", " for "):
        if small in words:
            head, _, rest = words.partition(small)
            return f"{plural(head)}{small}{rest}"
    if words.endswith("y") and words[-2:-1] not in "aeiou":
        return words[:-1] + "ies"
    return words if words.endswith("s") else words + "s"


class Kinds:
    """The kinds of bodies, and how many of each there are on a day."""

    def __init__(self, store: AnyStore, names: Names) -> None:
        self.store = store
        self.names = names
        self.of = lru_cache(maxsize=8192)(self._of)
        self._standing = lru_cache(maxsize=256)(self._count)

    def _of(self, body: str) -> frozenset[str]:
        """The narrowest kinds of a body; none for what is no body."""
        found = self.store.objects(iri(body), term_name("ics:narrowestKind"))
        return frozenset(kind.value for kind in found if isinstance(kind, NamedNode))

    def label(self, body: str) -> str:
        """The name of the kind of a body; nothing for what is of several or of none."""
        kinds = self.of(body)
        return self.names.label(next(iter(kinds))) if len(kinds) == 1 else ""

    def _count(self, kind: str, day: dt.date | None) -> int:
        """How many bodies of a narrowest kind exist on a day, or on any."""
        bodies = {q.subject.value for q in self.store.quads(predicate=term_name("ics:narrowestKind"), value=iri(kind))}
        return sum(day is None or self.names.period(body).holds(day) for body in bodies)

    def is_of_many(self, kind: str) -> bool:
        """Whether more than one body is or was of a narrowest kind."""
        return self._standing(kind, None) > 1

    def together(self, things: Sequence[Thing], day: dt.date) -> dict[str, str]:
        """What each of several bodies, by address, is counted under: its kind, where more of the kind are among them than are read out.

        "All" stands where there are no others of the kind on the day.
        """
        alike: dict[str, set[str]] = {}
        for thing in things:
            for kind in sorted(self.of(thing.iri))[:1]:
                alike.setdefault(kind, set()).add(thing.iri)
        return {
            body: self._counted(kind, len(bodies), day)
            for kind, bodies in alike.items()
            if len(bodies) > MOST + 1
            for body in bodies
        }

    def _counted(self, kind: str, found: int, day: dt.date) -> str:
        label = self.names.label(kind)
        small = label if label[1:2].isupper() else label[:1].lower() + label[1:]
        return f"{'all ' if found == self._standing(kind, day) else ''}{found} {plural(small)}"
