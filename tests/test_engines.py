"""Other engines over the files that the service gives: the worked example conforms, its faulty copy has the same twelve findings."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
import rdflib

from icsgraph.ask.desk import Desk
from icsgraph.build.pipeline import REFERENCE, Built
from icsgraph.check.validator import Validator
from icsgraph.graph.shacl import validate
from icsgraph.graph.store import Store
from icsgraph.web.app import create_app
from tests import engines

ROOT = Path(__file__).resolve().parents[1]
FAULTY, WHOLE = (ROOT / "shapes" / "example" / name for name in ("system-with-faults.ttl", "system.ttl"))
DAY = "2025-09-01"
SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")


@pytest.fixture(scope="module")
def validator(built: Built) -> Validator:
    return Validator(ROOT, built.folder / REFERENCE)


@pytest.fixture(scope="module")
def files(desk: Desk, store: Store, validator: Validator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files as somebody gets them from the service."""
    client = create_app(desk, store, lambda: validator).test_client()
    answer = client.get("/validate/shapes.zip", query_string={"as_at": DAY})
    assert (answer.status_code, answer.content_type) == (200, "application/zip")
    folder = tmp_path_factory.mktemp("shapes")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def twelve(validator: Validator) -> set[tuple[str, str]]:
    report = validator.check(FAULTY.read_bytes(), FAULTY.name, as_at=DAY)
    found = {(f.rule, re.split(r"[/#]", f.focus)[-1]) for f in report.findings}
    assert len(found) == 12
    return found


def _in(path: Path) -> rdflib.Graph:
    graph = rdflib.Graph()
    graph.parse(path, format="turtle")
    return graph


def test_pyshacl_finds_the_same_with_all_rules(files: Path, twelve: set[tuple[str, str]]) -> None:
    assert engines.reference(files / "shapes.ttl", FAULTY, files / "facts.ttl") == twelve


def test_pyshacl_finds_nothing_in_the_worked_example(files: Path) -> None:
    assert engines.reference(files / "shapes.ttl", WHOLE, files / "facts.ttl") == set()


def sampled(shapes: Path, description: Path, broken: set[tuple[str, str]]) -> Path:
    """The shapes, each looking at the first thing of its kind and at those that break it: this engine takes some 0.2 s for each."""
    graph, data, facts = _in(shapes), _in(description), _in(shapes.parent / "facts.ttl")
    things: dict[rdflib.term.Node, rdflib.term.Node] = {}
    for thing, kind in sorted(data.subject_objects(rdflib.RDF.type), key=str):
        for wider in facts.transitive_objects(kind, rdflib.RDFS.subClassOf):
            if wider is not None:
                things.setdefault(wider, thing)
    by_end = {str(thing).rpartition("/")[2]: thing for thing in data.subjects()}
    for rule in set(graph.subjects(SH.sparql, None)):
        kinds = sorted(graph.objects(rule, SH.targetClass), key=str)
        looked = set([things[k] for k in kinds if k in things][:1])
        looked |= {by_end[end] for id, end in broken if str(rule).endswith("/" + id)}
        # What looks at no kind of the example has nothing to look at, or looks at few.
        if looked:
            for target in (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf):
                graph.remove((rule, target, None))
            for thing in looked:
                graph.add((rule, SH.targetNode, thing))
    made = shapes.with_name("sampled.ttl")
    graph.serialize(made, format="turtle")
    return made


def test_shacl_engine_finds_the_same(files: Path, twelve: set[tuple[str, str]]) -> None:
    shapes = sampled(files / "shapes-without-counts.ttl", FAULTY, twelve)
    assert engines.shacl_engine(shapes, FAULTY, files / "facts.ttl") == twelve


def test_shacl_engine_finds_nothing_in_the_worked_example(files: Path, twelve: set[tuple[str, str]]) -> None:
    of_both = {(rule, end) for rule, end in twelve if end not in ("wrong-duty", "gp-holder", "from-bill")}
    shapes = sampled(files / "shapes-without-counts.ttl", WHOLE, of_both)
    assert engines.shacl_engine(shapes, WHOLE, files / "facts.ttl") == set()


def test_the_test_bed_finds_the_same_by_its_conventions(files: Path, twelve: set[tuple[str, str]]) -> None:
    """What its validator does with the properties: the named files are the shapes, and are merged into what is uploaded."""
    lines = (files / "config.properties").read_text(encoding="utf-8").splitlines()
    told = dict(re.split(r"\s*=\s*", line, maxsplit=1) for line in lines if line and not line.startswith("#"))
    named = [files / name.strip() for name in told[f"validator.shaclFile.{told['validator.type']}"].split(",")]
    assert told["validator.mergeModelsBeforeValidation"] == "true"
    merged = sum((_in(path) for path in named), rdflib.Graph())
    shapes = merged.serialize(format="nt", encoding="utf-8")
    for description, expected in ((FAULTY, twelve), (WHOLE, set())):
        data = (merged + _in(description)).serialize(format="nt", encoding="utf-8")
        results = validate(data, shapes, "shifty")
        assert {(r.shape.rpartition("/")[2], re.split(r"[/#]", r.focus)[-1]) for r in results} == expected


def test_a_file_that_is_left_out_would_be_seen(files: Path, twelve: set[tuple[str, str]]) -> None:
    data = (_in(FAULTY)).serialize(format="nt", encoding="utf-8")
    shapes = _in(files / "shapes.ttl").serialize(format="nt", encoding="utf-8")
    found = {(r.shape.rpartition("/")[2], re.split(r"[/#]", r.focus)[-1]) for r in validate(data, shapes, "shifty")}
    assert found != twelve


def test_the_page_names_every_file(files: Path) -> None:
    page = (files / "README.md").read_text(encoding="utf-8")
    assert [
        f.name for f in files.iterdir() if f.suffix != ".md" and f.name != "sampled.ttl" and f.name not in page
    ] == []
