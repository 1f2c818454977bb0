"""OWL reasoning for what things are: of which classes each is, and that none is of two that exclude each other.

``owlrl`` is the reference, ``reasonable`` does the work; a test shows that both draw the same from our vocabulary and all things.
What a body bears because of its kind is at the end of a path (``ics:countsAs/ics:bears``), and who is thereby responsible is
not left to OWL: that is what the named rules in ``queries/derive`` are for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import expand
from icsgraph.graph.rdf import RDF_TYPE, NamedNode, Quad, Triple

if TYPE_CHECKING:
    from rdflib.term import Node

__all__ = ["NEEDED", "closure", "consequences"]

_TYPE, _SUBCLASS, _DISJOINT = (expand(n) for n in ("rdf:type", "rdfs:subClassOf", "owl:disjointWith"))
# The properties from which consequences are drawn.
NEEDED = (_TYPE, _SUBCLASS, _DISJOINT)
_Fact = tuple[str, str, str]


def _vocabulary(quads: Iterable[Quad]) -> tuple[list[_Fact], set[str]]:
    """What the reasoner needs, and the classes from which a membership follows or into which one does, or that exclude others."""
    relevant = {
        (q.subject.value, q.predicate.value, q.object.value): None
        for q in quads
        if q.predicate.value in NEEDED and isinstance(q.object, NamedNode)
    }
    kinds = {name for s, p, o in relevant if p != _TYPE for name in (s, o)}
    return [fact for fact in relevant if fact[1] != _TYPE or fact[2] in kinds], kinds


def _alike(facts: list[_Fact]) -> dict[frozenset[str], list[str]]:
    """The things by the classes that they are said to be of: what follows for one follows for all of the same, so one is reasoned about."""
    said: dict[str, set[str]] = {}
    for thing, predicate, kind in facts:
        if predicate == _TYPE:
            said.setdefault(thing, set()).add(kind)
    alike: dict[frozenset[str], list[str]] = {}
    for thing, of in said.items():
        alike.setdefault(frozenset(of), []).append(thing)
    return alike


def closure(facts: Iterable[_Fact], reasoner: str) -> Iterable[tuple[Node, Node, Node]]:
    """All triples that follow from ``facts`` by OWL 2 RL, with the named reasoner."""
    # The reasoners are loaded where a build needs them: whoever asks or checks waits for neither.
    import reasonable
    from owlrl import DeductiveClosure, OWLRL_Semantics
    from rdflib import Graph, URIRef

    graph = Graph()
    for s, p, o in facts:
        graph.add((URIRef(s), URIRef(p), URIRef(o)))
    if reasoner == "owlrl":
        DeductiveClosure(OWLRL_Semantics).expand(graph)
        return graph
    engine = reasonable.PyReasoner()
    engine.from_graph(graph)
    found: Iterable[tuple[Node, Node, Node]] = engine.reason()
    return found


def consequences(quads: Iterable[Quad], reasoner: str = "reasonable") -> list[Triple]:
    """What follows for each thing: the classes it is of.

    Raises ``IcsgraphError`` where a thing turns out to be of two classes that exclude each other.
    """
    facts, kinds = _vocabulary(quads)
    disjoint = {frozenset((s, o)) for s, p, o in facts if p == _DISJOINT}
    alike = _alike(facts)
    drawn: dict[str, set[str]] = {}
    typed = [(things[0], _TYPE, kind) for of, things in alike.items() for kind in sorted(of)]
    for subject, predicate, value in closure([*(f for f in facts if f[1] != _TYPE), *typed], reasoner):
        if str(predicate) == _TYPE and str(value) in kinds:
            drawn.setdefault(str(subject), set()).add(str(value))
    things = {thing: drawn[group[0]] for group in alike.values() for thing in group}
    for thing in sorted(things):
        for pair in disjoint:
            if pair <= things[thing]:
                names = " and ".join(sorted(t.rpartition("/")[2] for t in pair))
                raise IcsgraphError(
                    f"{thing} is both {names}, which exclude each other.",
                    "Mend its kind in the table that it stands in.",
                )
    terms = {kind: NamedNode(kind) for of in things.values() for kind in of}
    return [Triple(NamedNode(thing), RDF_TYPE, terms[kind]) for thing, of in things.items() for kind in of]
