"""OWL reasoning for what things are: which kinds a body is of, and which statements bind it because of its kind.

``owlrl`` is the reference and is given every body. ``reasonable`` does the work, on one body of each combination of kinds:
from the same kinds the same follows. A test shows that both ways draw the same consequences from our vocabulary. Who is thereby responsible is not left to OWL: that is what the named rules in ``queries/derive`` are for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import reasonable
from owlrl import DeductiveClosure, OWLRL_Semantics
from rdflib import Graph, URIRef
from rdflib.term import Node

from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import expand
from icsgraph.graph.rdf import NamedNode, Quad, Triple

__all__ = ["NEEDED", "closure", "consequences"]

_TYPE, _SUBCLASS, _DISJOINT, _CLASS, _KIND, _BEARER, _BEARS = (
    expand(n)
    for n in (
        "rdf:type",
        "rdfs:subClassOf",
        "owl:disjointWith",
        "owl:Class",
        "ics:BodyKind",
        "ics:bearer",
        "ics:bears",
    )
)
# The properties from which consequences are drawn.
NEEDED = (_TYPE, _SUBCLASS, _DISJOINT, _BEARER)
_Fact = tuple[str, str, str]


def _vocabulary(quads: Iterable[Quad]) -> tuple[list[_Fact], set[str]]:
    """What the reasoner needs, and the classes that are kinds of thing of ours."""
    relevant: dict[_Fact, None] = {}
    bearers: list[tuple[str, str]] = []
    for quad in quads:
        p = quad.predicate.value
        if p in (_TYPE, _SUBCLASS, _DISJOINT) and isinstance(quad.object, NamedNode):
            relevant[quad.subject.value, p, quad.object.value] = None
        elif p == _BEARER and isinstance(quad.object, NamedNode):
            bearers.append((quad.subject.value, quad.object.value))
    kinds = {s for s, p, o in relevant if (p, o) == (_TYPE, _CLASS) and (s, _TYPE, _KIND) in relevant}
    facts = [fact for fact in relevant if fact[0] in kinds or fact[2] in kinds]
    onproperty, hasvalue = expand("owl:onProperty"), expand("owl:hasValue")
    for statement, bearer in bearers:
        if bearer in kinds:
            # Every body of the kind bears the statement: the kind lies within the class of all that bear it.
            all_that_bear = statement + "#bearers"
            facts += (
                (all_that_bear, _TYPE, expand("owl:Restriction")),
                (all_that_bear, onproperty, _BEARS),
                (all_that_bear, hasvalue, statement),
                (bearer, _SUBCLASS, all_that_bear),
            )
    return facts, kinds


def _alike(facts: list[_Fact], kinds: set[str]) -> tuple[list[_Fact], dict[str, list[str]]]:
    """The facts with one thing of each combination of kinds, and for each such thing all that it stands for."""
    types: dict[str, list[str]] = {}
    others: set[str] = set()
    for s, p, o in facts:
        if s not in kinds and p == _TYPE and o in kinds:
            types.setdefault(s, []).append(o)
        else:
            others |= {s, o}
    groups: dict[tuple[str, ...], list[str]] = {}
    for thing, of in types.items():
        # A thing of which more is said than its kinds stands for itself alone.
        groups.setdefault((*sorted(of), *([thing] if thing in others else [])), []).append(thing)
    stands_for = {min(things): things for things in groups.values()}
    return [f for f in facts if f[0] not in types or f[0] in stands_for], stands_for


def closure(facts: Iterable[_Fact], reasoner: str) -> Iterable[tuple[Node, Node, Node]]:
    """All triples that follow from ``facts`` by OWL 2 RL, with the named reasoner."""
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
    """What follows for each body: the kinds it is of and the statements it bears.

    Raises ``IcsgraphError`` where a body turns out to be of two kinds that exclude each other.
    """
    facts, kinds = _vocabulary(quads)
    disjoint = {frozenset((s, o)) for s, p, o in facts if p == _DISJOINT}
    stands_for: Mapping[str, list[str]] = {}
    if reasoner != "owlrl":
        facts, stands_for = _alike(facts, kinds)
    follows: dict[str, set[tuple[str, str]]] = {}
    for subject, predicate, value in closure(facts, reasoner):
        s, p, o = str(subject), str(predicate), str(value)
        if s not in kinds and (p == _BEARS or (p == _TYPE and o in kinds)):
            follows.setdefault(s, set()).add((p, o))
    bodies = {body: told for thing, told in follows.items() for body in stands_for.get(thing, [thing])}
    for body in sorted(bodies):
        types = {o for p, o in bodies[body] if p == _TYPE}
        for pair in disjoint:
            if pair <= types:
                names = " and ".join(sorted(t.rpartition("/")[2] for t in pair))
                raise IcsgraphError(
                    f"{body} is both {names}, which exclude each other.", "Mend its kind in the table of bodies."
                )
    terms = {(p, o): (NamedNode(p), NamedNode(o)) for told in follows.values() for p, o in told}
    return [Triple(NamedNode(body), *terms[pair]) for body, told in bodies.items() for pair in told]
