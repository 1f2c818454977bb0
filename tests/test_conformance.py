"""The runner of the SHACL suite, on a suite of two tests of our own: one right, one with a spoiled expectation."""

from __future__ import annotations

from pathlib import Path

import pytest

from icsgraph.graph.shacl import ENGINES
from tests.conformance.shacl import cases, fault

MANIFEST = """
@prefix mf: <http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix sht: <http://www.w3.org/ns/shacl-test#> .
@prefix ex: <https://example.org/> .
<> a mf:Manifest ; mf:entries ( <right> <spoiled> ) .
ex:Shape a sh:NodeShape ; sh:targetNode ex:board ; sh:property ex:Chair .
ex:Chair sh:path ex:chair ; sh:minCount 1 .
<right> a sht:Validate ; mf:action [ sht:dataGraph <> ; sht:shapesGraph <> ] ; mf:result [ a sh:ValidationReport ; sh:conforms false ;
  sh:result [ sh:focusNode ex:board ; sh:resultPath ex:chair ; sh:resultSeverity sh:Violation ;
    sh:sourceConstraintComponent sh:MinCountConstraintComponent ; sh:sourceShape ex:Chair ] ] .
<spoiled> a sht:Validate ; mf:action [ sht:dataGraph <> ; sht:shapesGraph <> ] ; mf:result [ a sh:ValidationReport ; sh:conforms false ;
  sh:result [ sh:focusNode ex:council ; sh:resultPath ex:chair ; sh:resultSeverity sh:Violation ;
    sh:sourceConstraintComponent sh:MinCountConstraintComponent ; sh:sourceShape ex:Chair ] ] .
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_a_spoiled_expectation_is_seen(tmp_path: Path, engine: str) -> None:
    (tmp_path / "manifest.ttl").write_text(MANIFEST, encoding="utf-8")
    right, spoiled = cases(tmp_path / "manifest.ttl")
    assert fault(right, engine) == ""
    assert fault(spoiled, engine) == "verdict right; 1 results too many, 1 missing"
