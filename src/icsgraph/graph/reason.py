"""OWL reasoning for what things are: which kinds a body is of, and which statements bind it because of its kind.

``owlrl`` is the reference; ``reasonable`` does the work because a test shows that both draw the same consequences from
our vocabulary. Who is thereby responsible is not left to OWL: that is what the named rules in ``queries/derive`` are for.
"""

from __future__ import annotations

from collections.abc import Iterable

import reasonable
from owlrl import DeductiveClosure, OWLRL_Semantics
from rdflib import Graph, URIRef
from rdflib.term import Node

from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import expand
from icsgraph.graph.rdf import NamedNode, Quad, Triple

__all__ = ["closure", "consequences"]

_TYPE = URIRef(expand("rdf:type"))
_SUBCLASS = URIRef(expand("rdfs:subClassOf"))
_BEARS = URIRef(expand("ics:bears"))
_NOTHING = URIRef(expand("owl:Nothing"))


def _vocabulary(quads: Iterable[Quad], graph: Graph) -> set[Node]:
    """Fill ``graph`` with what the reasoner needs and return the classes that are kinds of thing of ours."""
    wanted = {expand(n) for n in ("rdf:type", "rdfs:subClassOf", "owl:disjointWith")}
    relevant: list[tuple[str, str, str]] = []
    bearers: list[tuple[str, str]] = []
    classes: set[str] = set()
    for quad in quads:
        if not isinstance(quad.object, NamedNode):
            continue
        s, p, o = quad.subject.value, quad.predicate.value, quad.object.value
        if p in wanted:
            relevant.append((s, p, o))
        if p == expand("rdf:type") and o == expand("owl:Class"):
            classes.add(s)
        elif p == expand("ics:bearer"):
            bearers.append((s, o))
    bodies = {c for c in classes if (c, expand("rdf:type"), expand("ics:BodyKind")) in set(relevant)}
    for s, p, o in relevant:
        if s in bodies or o in bodies:
            graph.add((URIRef(s), URIRef(p), URIRef(o)))
    hasvalue, onproperty, restriction = (
        URIRef(expand(n)) for n in ("owl:hasValue", "owl:onProperty", "owl:Restriction")
    )
    for statement, bearer in bearers:
        if bearer in bodies:
            # Every body of the kind bears the statement: the kind lies within the class of all that bear it.
            all_that_bear = URIRef(statement + "#bearers")
            graph.add((all_that_bear, _TYPE, restriction))
            graph.add((all_that_bear, onproperty, _BEARS))
            graph.add((all_that_bear, hasvalue, URIRef(statement)))
            graph.add((URIRef(bearer), _SUBCLASS, all_that_bear))
    return {URIRef(b) for b in bodies}


def closure(graph: Graph, reasoner: str) -> Iterable[tuple[Node, Node, Node]]:
    """All triples that follow from ``graph`` by OWL 2 RL, with the named reasoner."""
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
    quads = list(quads)
    graph = Graph()
    kinds = _vocabulary(quads, graph)
    disjoint = {frozenset((s, o)) for s, o in graph.subject_objects(URIRef(expand("owl:disjointWith")))}
    members: dict[Node, set[Node]] = {}
    found: list[Triple] = []
    for s, p, o in closure(graph, reasoner):
        if p == _TYPE and o in kinds and s not in kinds:
            members.setdefault(s, set()).add(o)
            found.append(Triple(NamedNode(str(s)), NamedNode(str(p)), NamedNode(str(o))))
        elif p == _BEARS and s not in kinds:
            found.append(Triple(NamedNode(str(s)), NamedNode(str(p)), NamedNode(str(o))))
    for body, types in sorted(members.items()):
        for pair in disjoint:
            if pair <= types:
                names = " and ".join(sorted(str(t).rpartition("/")[2] for t in pair))
                raise IcsgraphError(
                    f"{body} is both {names}, which exclude each other.", "Mend its kind in the table of bodies."
                )
    return found
