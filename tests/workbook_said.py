"""What a workbook read into a graph says, in words that tests compare."""

from __future__ import annotations

from icsgraph.core.terms import DEF, expand
from icsgraph.scheme.opening import Grid
from icsgraph.scheme.triples import Workbook

__all__ = ["Said", "grid"]


def grid(name: str, *rows: list[str]) -> Grid:
    """A sheet with rows from the first on; empty ones are left out, as they are when a file is opened."""
    return Grid(name=name, rows={number: row for number, row in enumerate(rows, 1) if any(row)})


class Said:
    """The facts of a workbook by thing and property."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.facts: dict[str, dict[str, list[str]]] = {}
        for triple in book.triples:
            values = self.facts.setdefault(triple.subject.value, {}).setdefault(triple.predicate.value, [])
            values.append(triple.object.value)

    def all(self, thing: str, name: str) -> list[str]:
        """All values of a property, given as ``ics:upTo``."""
        return sorted(self.facts.get(thing, {}).get(expand(name), ()))

    def one(self, thing: str, name: str) -> str:
        """A value of a property; empty where there is none."""
        return next(iter(self.all(thing, name)), "")

    def of(self, kind: str) -> list[str]:
        """The things of a class, in the order of their positions."""
        found = [t for t in self.facts if expand(kind) in self.all(t, "rdf:type")]
        return sorted(found, key=lambda t: int(self.one(t, "ics:position") or 0))

    def label(self, thing: str) -> str:
        """What a thing is called."""
        return self.one(thing, "rdfs:label") or thing.rpartition("/")[2]

    def lines(self) -> dict[str, list[str]]:
        """Who may do what under each line, by the words of its decision: ``Decides: Chair (up to 500.0; alone)``."""
        held: dict[str, list[str]] = {line: [] for line in self.of("ics:SchemeLine")}
        for thing in self.of("ics:Authority"):
            limits = [("above", "ics:above"), ("up to", "ics:upTo")]
            more = [f"{word} {self.one(thing, name)}" for word, name in limits if self.one(thing, name)]
            more += ["residual"] if self.one(thing, "ics:residual") else []
            more += self.all(thing, "ics:condition")
            part = self.one(thing, "ics:part").removeprefix(DEF)
            holder = self.label(self.one(thing, "ics:authorityOf"))
            held[self.one(thing, "ics:underLine")].append(
                f"{part}: {holder}" + (f" ({'; '.join(more)})" if more else "")
            )
        return {self.label(line): sorted(said) for line, said in held.items()}

    def remarks(self, lost: bool = True) -> list[tuple[str, str]]:
        """The place and message of what was lost, or of what was read with some licence."""
        return [(r.place, r.message) for r in self.book.remarks if r.lost is lost]
