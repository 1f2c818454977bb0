"""What the record says of one thing, as RDF and as a table."""

from __future__ import annotations

import csv
import io

from icsgraph.ask.desk import Desk
from icsgraph.core.safecsv import harmless
from icsgraph.core.sparql import bind
from icsgraph.core.terms import DEF, GRAPH
from icsgraph.graph.rdf import NamedNode, Triple, iri

__all__ = ["as_csv", "describe"]


def describe(desk: Desk, address: str, page: str) -> list[Triple]:
    """All that is said of the thing at an address, with the names of what it points to, what it became, and its page.

    The whole ontology where that is the thing. Empty where there is no such thing. The query is
    ``queries/describe/thing.rq``.
    """
    if address == DEF:
        ontology = iri(GRAPH + "ontology")
        return [q.triple for q in desk.store.quads(graph=ontology)]
    if next(desk.store.quads(subject=iri(address)), None) is None:
        return []
    return desk.store.construct(bind(desk.catalogue.description, {"thing": iri(address), "page": iri(page)}))


def as_csv(desk: Desk, address: str, triples: list[Triple]) -> str:
    """What is said of a thing itself as CSV: a line for each value, with the names of property and value."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["property", "property_iri", "value", "value_iri"])
    for triple in sorted(triples, key=str):
        if triple.subject.value != address:
            continue
        named = isinstance(triple.object, NamedNode)
        value = desk.names.label(triple.object.value) if named else triple.object.value
        row = [desk.names.label(triple.predicate.value), triple.predicate.value, value]
        writer.writerow([harmless(c) for c in (*row, triple.object.value if named else "")])
    return out.getvalue()
