"""The quick reasoner draws what the reference reasoner draws, and disjointness bites."""

from __future__ import annotations

from pathlib import Path

import pytest

from icsgraph.build.pipeline import read_ontology
from icsgraph.build.tables import read_tables
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import GRAPH
from icsgraph.graph.rdf import RDF_TYPE, Quad, iri, term_name
from icsgraph.graph.reason import consequences

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def quads(root: Path) -> list[Quad]:
    ontology = read_ontology(root)
    return ontology + read_tables(root, ontology).quads


def test_both_reasoners_draw_the_same(quads: list[Quad]) -> None:
    # No body in the tables is of two kinds, so some are planted.
    planted = [
        Quad(iri(f"https://w3id.org/icsgraph/id/body/{body}"), RDF_TYPE, term_name(kind), iri(GRAPH + "bodies"))
        for body, kinds in {
            "P1": ("ics:LicenceHolder",),
            "P2": ("ics:LicenceHolder", "ics:RegisteredProvider"),
            "P3": ("ics:RegisteredProvider",),
        }.items()
        for kind in kinds
    ]
    quads = [*quads, *planted]
    quick = {str(t) for t in consequences(quads, "reasonable")}
    reference = {str(t) for t in consequences(quads, "owlrl")}
    assert quick == reference
    # Not bodies alone: whatever is a function is a matter too.
    assert len(quick) > 40_000
    of = {(t.subject.value, t.object) for t in consequences(quads)}
    functions = {thing for thing, kind in of if kind == term_name("ics:Function")}
    assert len(functions) > 250
    assert {(thing, term_name("ics:Matter")) for thing in functions} <= of


@pytest.mark.parametrize("reasoner", ["reasonable", "owlrl"])
def test_two_kinds_that_exclude_each_other_are_an_error(quads: list[Quad], reasoner: str) -> None:
    small = [q for q in quads if "/def/" in q.subject.value]
    body = iri("https://w3id.org/icsgraph/id/body/TEST")
    graph = iri(GRAPH + "bodies")
    planted = [
        Quad(body, RDF_TYPE, term_name(k), graph) for k in ("ics:IntegratedCareBoard", "ics:ResponsibleLocalAuthority")
    ]
    consequences([*small, planted[0]], reasoner)
    with pytest.raises(IcsgraphError, match="exclude each other"):
        consequences([*small, *planted], reasoner)
