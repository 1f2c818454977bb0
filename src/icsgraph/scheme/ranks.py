"""How senior holders are by their names, for rules on limits that should rise with rank."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from icsgraph.core.terms import DEF, expand
from icsgraph.graph.rdf import Triple, iri, read_turtle, typed

__all__ = ["ranks_of", "read_ranks"]


@lru_cache(maxsize=2)
def read_ranks(root: Path) -> tuple[tuple[str, int], ...]:
    """The words of ranks, the longest first, each with the place of its rank, from ``ontology/`` of the content in ``root``."""
    said: dict[str, dict[str, list[str]]] = {}
    for path in sorted((root / "ontology").glob("governance.ttl")):
        for triple in read_turtle(path):
            said.setdefault(triple.subject.value, {}).setdefault(triple.predicate.value, []).append(triple.object.value)
    found = [
        (word, int(facts[DEF + "position"][0]))
        for facts in said.values()
        if DEF + "Rank" in facts.get(expand("rdf:type"), ())
        for word in facts.get(DEF + "word", ())
    ]
    return tuple(sorted(found, key=lambda pair: (-len(pair[0]), pair)))


def _rank(name: str, ranks: Iterable[tuple[str, int]]) -> int:
    """The rank of a name; nought where none of the words is in it.

    >>> _rank("Deputy Director of Nursing", [("deputy director", 5), ("director", 4)])
    5
    """
    plain = " ".join(re.findall(r"[a-z]+", name.casefold()))
    return next((place for word, place in ranks if re.search(rf"\b{word}\b", plain)), 0)


def ranks_of(triples: Iterable[Triple], root: Path) -> list[Triple]:
    """The rank of each holder of authority whose name says one, as statements for a check."""
    labels: dict[str, str] = {}
    holders: dict[str, None] = {}
    boards = set()
    for triple in triples:
        if triple.predicate.value == expand("rdfs:label"):
            labels[triple.subject.value] = triple.object.value
        elif triple.predicate.value == DEF + "authorityOf":
            holders[triple.object.value] = None
        elif triple.predicate.value == DEF + "schemeOf":
            boards.add(triple.object.value)
    ranks = read_ranks(root)
    found = {h: 1 if h in boards else _rank(labels.get(h, ""), ranks) for h in holders}
    return [Triple(iri(h), iri(DEF + "seniority"), typed(str(place), "integer")) for h, place in found.items() if place]
