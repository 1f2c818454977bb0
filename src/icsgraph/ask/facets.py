"""By what an answer can be narrowed: the values of its parameters that fit some of its rows, each with how many."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from icsgraph.ask.names import LISTS, Names
from icsgraph.core.answer import Facet, FacetValue
from icsgraph.core.question import Question
from icsgraph.graph.rdf import NamedNode, Term
from icsgraph.graph.store import AnyStore

__all__ = ["Facets"]

# What a value is called that stands for having none.
NONE = "none"


class Facets:
    """What is known of statements, by which answers can be narrowed."""

    def __init__(self, store: AnyStore, names: Names, query: str) -> None:
        self.store = store
        self.names = names
        self.query = query

    @cached_property
    def known(self) -> Mapping[str, Mapping[str, set[str]]]:
        """For each name of a facet, the values of each statement, all by their addresses."""
        found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for row in self.store.select(self.query) if self.query else ():
            found[row["facet"].value][row["statement"].value].add(row["value"].value)
        return found

    def of(self, question: Question, rows: list[dict[str, Term]], bound: Mapping[str, Term]) -> list[Facet]:
        """The facets of an answer by its rows; a parameter that already has one value is none, nor is a value that all rows have.

        A click on a choice gives just so many rows as its count says.
        """
        types = {p.name: p.type for p in question.parameters}
        found = []
        for name, column, known_as in question.facets:
            given = bound[name].value.split()
            if len(given) == 1:
                continue
            counts: Counter[str] = Counter()
            for row in rows:
                counts.update(self._codes(self._values(question, row, column, known_as), types[name]) or {NONE})
            # Some questions take “none”; of the others nobody can ask for what has no value.
            if f'?{name}, CONCAT(" ", COALESCE(' not in question.query:
                del counts[NONE]
            chosen = [
                FacetValue(code, self._label(code, types[name]), n)
                for code, n in counts.items()
                # A value replaces those that are given, so that only one of them narrows.
                if n < len(rows) and (not given or code in given)
            ]
            if chosen:
                found.append(Facet(name, tuple(sorted(chosen, key=lambda c: (-c.count, c.code == NONE, c.label)))))
        return found

    def _values(self, question: Question, row: dict[str, Term], column: str, known_as: str) -> Iterable[str]:
        if column:
            return [row[column].value] if isinstance(row.get(column), NamedNode) else []
        statement = row.get(question.statements[0])
        return self.known[known_as].get(statement.value, ()) if statement and known_as in self.known else ()

    def _codes(self, values: Iterable[str], kind: str) -> set[str]:
        """The codes by which values can be asked for; what the type of a parameter has no room for is left out."""
        return {self.names.code(v) for v in values if self.names.fits(v, kind)}

    def _label(self, code: str, kind: str) -> str:
        if code == NONE:
            return NONE
        meant = self.names.meant(code, LISTS[kind])
        return self.names.label(meant) if meant else code
