"""The quick reasoner draws what the reference reasoner draws, and disjointness bites."""

from __future__ import annotations

from pathlib import Path

import pytest

from icsgraph.build.pipeline import read_ontology
from icsgraph.build.tables import read_tables
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import GRAPH, ID
from icsgraph.graph.rdf import RDF_TYPE, Quad, iri, term_name
from icsgraph.graph.reason import consequences


@pytest.fixture(scope="module")
def quads(root: Path) -> list[Quad]:
    ontology = read_ontology(root)
    return ontology + read_tables(root, ontology).quads


def sampled(quads: list[Quad]) -> list[Quad]:
    """All law and every twelfth body: the reference takes a quarter of an hour for all of them. Of sites, which bear nothing, none."""
    bodies = sorted({q.subject.value for q in quads if q.subject.value.startswith(ID + "body/")})
    kept = set(bodies[::12])
    apart = (ID + "site/", ID + "membership/", ID + "network-membership/", ID + "link/")
    return [
        q
        for q in quads
        if not q.subject.value.startswith(apart)
        and (not q.subject.value.startswith(ID + "body/") or q.subject.value in kept)
    ]


def test_both_reasoners_draw_the_same(quads: list[Quad]) -> None:
    # No body in the tables is of two kinds; the quick way takes bodies of the same kinds together, so some are planted.
    planted = [
        Quad(iri(f"https://w3id.org/icsgraph/id/body/{body}"), RDF_TYPE, term_name(kind), iri(GRAPH + "bodies"))
        for body, kinds in {
            "P1": ("ics:LicenceHolder",),
            "P2": ("ics:LicenceHolder", "ics:RegisteredProvider"),
            "P3": ("ics:RegisteredProvider",),
        }.items()
        for kind in kinds
    ]
    quads = [*sampled(quads), *planted]
    quick = {str(t) for t in consequences(quads, "reasonable")}
    reference = {str(t) for t in consequences(quads, "owlrl")}
    assert quick == reference
    assert len(quick) > 2_000


def test_a_board_bears_what_its_kind_bears(quads: list[Quad]) -> None:
    drawn = {str(t) for t in consequences(quads)}
    base = "https://w3id.org/icsgraph/"
    assert f"<{base}id/body/QMF> <{base}def/bears> <{base}id/statement/nhsa2006-s14Z43.1>" in drawn
    assert f"<{base}id/body/E09000025> <{base}def/bears> <{base}id/statement/nhsa2006-s14Z43.1>" not in drawn


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
