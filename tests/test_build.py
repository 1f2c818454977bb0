"""One build: the same bytes every time, no node without a name, every statement with its passage and its scenario."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from icsgraph.ask.desk import Desk
from icsgraph.build import rules
from icsgraph.build.pipeline import DATASET, Built, build
from icsgraph.build.place import builder_hash, dataset_path, ensure
from icsgraph.core.errors import IcsgraphError, TableErrors
from icsgraph.core.terms import GRAPH, ID, check_base
from icsgraph.graph.rdf import RDF_TYPE, Quad, iri, term_name
from icsgraph.graph.store import Store


def test_two_builds_give_the_same_bytes_under_other_hash_seeds(root: Path, built: Built, tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from icsgraph.build.pipeline import build; build(Path(sys.argv[1]), Path(sys.argv[2]))"
    environment = {**os.environ, "PYTHONHASHSEED": "42"}
    subprocess.run([sys.executable, "-c", code, str(root), str(tmp_path)], check=True, env=environment)
    assert (tmp_path / DATASET).read_bytes() == (built.folder / DATASET).read_bytes()


def test_nothing_published_is_without_a_name(built: Built) -> None:
    assert "_:" not in {
        line.split(" ", 1)[0][:2] for line in (built.folder / DATASET).read_text(encoding="utf-8").splitlines()
    }


def test_a_failed_build_leaves_the_old_one(content: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / DATASET).write_text("old", encoding="utf-8")
    (content / "data" / "scenarios.csv").unlink()
    with pytest.raises(IcsgraphError, match=r"scenarios\.csv is missing"):
        build(content, out)
    assert (out / DATASET).read_text(encoding="utf-8") == "old"


PLANTS = {
    # The check, a graph to plant in, and the triple that is wrong.
    "statement-rests-on-a-passage": "<id/statement/P> a ics:Statement .",
    "bill-is-never-a-legal-basis": "<id/statement/P> ics:inScenario scenario:act-2022 ; ics:restsOn provision:bill2026-cl1 .",
    "bodies-end-after-they-begin": "<id/body/P> ics:validFrom '2024-01-02'^^xsd:date ; ics:validTo '2024-01-01'^^xsd:date .",
    "one-start-and-one-end": "<id/body/P> ics:validFrom '2024-01-02'^^xsd:date , '2024-01-01'^^xsd:date .",
    "provision-is-modelled-or-excused": "provision:P a ics:Provision .",
    "delegated-function-has-a-holder": "<id/arrangement/P> a ics:Delegation ; ics:delegatedFunction function:P .",
    "locator-names-its-lines": "<id/passage/S036> ics:onLine <id/paper-line/letter-45>",
    "proposal-has-a-fate": "<id/statement/S900> a ics:PaperStatement ; ics:statementKind ics:SaysVeto ; ics:inScenario <id/scenario/option-1>",
    "enacted-is-shown-by-law": "<id/statement/S900> ics:fate ics:EnactedAsProposed ; ics:fateShownBy <id/statement/S017>",
    "question-has-a-state": "<id/statement/S900> a ics:PaperStatement ; ics:statementKind ics:SaysQuestion",
    "seeming-is-no-contradiction": "<id/statement/S196> ics:contradicts <id/statement/S096>",
    "stance-is-somebodys": "<id/stance/S900> a ics:Stance ; ics:stanceHolder <id/actor/government>",
    "topic-has-whatever-speaks-of-it": "<id/statement/S900> a ics:PaperStatement ; ics:isAbout <id/function/ambulance-services>",
    "near-miss-is-near": "<id/near-miss/P> a ics:NearMiss ; ics:missesTopic <id/topic/ambulance> ; ics:missedBy <id/statement/S656>",
    "claim-is-made-by-two-papers": "<id/claim/lonely> a ics:Claim ; ics:claimedBy <id/statement/S001>",
    "rule-rests-on-the-record": "<id/rule/P> ics:basis <id/provision/nowhere>",
    "place-link-has-a-basis": "<id/place-link/P> a ics:PlaceLink ; ics:linkedBody <id/body/QMF>",
    "address-is-of-a-public-host": "<id/provision/P> ics:seenAt <https://www.legislation.gov.uk./ukpga/2022/31>",
    "overridden-default-is-gone": "<id/responsibility/P> ics:ofFunction function:primary-dental-services ; ics:appliesOn <id/body/QMF> ; "
    "ics:inCapacity ics:exercises ; ics:isCarriedBy <id/statement/P081.1> ; ics:derivedBy <id/rule/holder-exercises-by-default> ; "
    "ics:validFrom '2024-01-01'^^xsd:date",
    "model-says-what-papers-say": "<id/statement/S034> ics:relation ics:approves",
}


def test_each_check_passes_and_fails_on_its_planted_defect(root: Path, built: Built) -> None:
    checks = {c.name.removesuffix(".rq"): c for c in rules.read_rules(root / "queries" / "check")}
    assert set(checks) == set(PLANTS)
    for name, check in checks.items():
        store = Store.open(built.folder / DATASET)
        assert rules.faults([check], store) == [], name
        planted = PLANTS[name].replace("<id/", f"<{ID}")
        store.add(
            [
                Quad(t.subject, t.predicate, t.object, iri(GRAPH + "planted"))
                for t in store.construct(f"CONSTRUCT {{ {planted} }} WHERE {{}}")
            ]
        )
        assert len(rules.faults([check], store)) == 1, name


def test_every_statement_has_text_passage_bearer_and_scenario(desk: Desk) -> None:
    missing = desk.store.select(
        """
        SELECT ?statement WHERE {
          ?statement a ics:Statement .
          FILTER(
            NOT EXISTS { ?statement ics:text ?text } || NOT EXISTS { ?statement ics:restsOn ?passage }
            || NOT EXISTS { ?statement ics:bearer ?bearer } || NOT EXISTS { ?statement ics:confidence ?mark }
            || NOT EXISTS { ?statement ics:legalStatus ?status } || NOT EXISTS { ?statement ics:voice ?voice }
            || NOT EXISTS { { ?statement ics:inScenario ?scenario } UNION { ?statement ics:awaitedIn ?scenario }
                            UNION { ?statement ics:inNoScenario true } }
          )
        }
        """
    )
    assert missing == []


def test_each_derived_statement_names_its_rule_and_premises(desk: Desk) -> None:
    def pairs(name: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for quad in desk.store.quads(predicate=term_name(name)):
            found.setdefault(quad.subject.value, set()).add(quad.object.value)
        return found

    derived = {q.subject.value for q in desk.store.quads(predicate=RDF_TYPE, value=term_name("ics:DerivedStatement"))}
    rules_known = {q.subject.value for q in desk.store.quads(predicate=RDF_TYPE, value=term_name("ics:Rule"))}
    things = {q.subject.value for q in desk.store.quads(predicate=RDF_TYPE)}
    by, premises = pairs("ics:derivedBy"), pairs("ics:premise")
    assert derived
    assert {d for d in derived if len(by.get(d, ())) != 1 or not by[d] <= rules_known} == set()
    assert {d for d in derived if not premises.get(d) or not premises[d] <= things} == set()


def test_no_triple_stands_in_two_graphs(built: Built) -> None:
    """Read as one, the graphs would give such a triple twice, and counts would be wrong."""
    store = Store.open(built.folder / DATASET)
    assert len({(str(q.subject), str(q.predicate), str(q.object)) for q in store.quads()}) == len(store)


def test_a_build_apart_gives_the_dataset_and_its_errors(
    content: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ICSGRAPH_CACHE", str(tmp_path / "cache"))
    steps: list[str] = []
    provisions = content / "data" / "law" / "provisions.csv"
    whole = provisions.read_text(encoding="utf-8")
    provisions.write_text(whole.rsplit("\n", 2)[0] + "\n", encoding="utf-8")
    with pytest.raises(TableErrors, match="rows found") as caught:
        ensure(content, steps.append)
    assert any(p.file == "data/law/provisions.csv" and p.hint for p in caught.value.problems)
    assert not dataset_path(content).exists()
    (content / "data" / "scenarios.csv").unlink()
    with pytest.raises(IcsgraphError, match=r"scenarios\.csv is missing"):
        ensure(content, steps.append)
    # What the build said, it said in its own process.
    assert steps == []


def test_a_build_that_breaks_off_is_an_error(content: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ICSGRAPH_CACHE", str(tmp_path / "cache"))
    with pytest.raises(IcsgraphError, match="broke off with code 7"):
        ensure(content, lambda message: os._exit(7))


def test_a_changed_builder_gets_a_folder_of_its_own(root: Path, tmp_path: Path) -> None:
    package = root / "src" / "icsgraph"
    for layer in ("core", "graph", "build"):
        shutil.copytree(package / layer, tmp_path / layer)
    assert builder_hash(tmp_path) == builder_hash(package)
    changed = tmp_path / "build" / "pipeline.py"
    changed.write_text(changed.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    assert builder_hash(tmp_path) != builder_hash(package)


def test_another_base_changes_the_addresses_and_nothing_else(built: Built, tmp_path: Path) -> None:
    base = "https://example.org/copy/"
    command = [sys.executable, "-m", "icsgraph", "build", "--out", str(tmp_path)]
    subprocess.run(command, env=os.environ | {"ICSGRAPH_BASE": base}, check=True, capture_output=True)
    own = (built.folder / DATASET).read_text(encoding="utf-8").replace("https://w3id.org/icsgraph/", base)
    # Compared as hashes: a difference in seventy megabytes is not for reading.
    copy = (tmp_path / DATASET).read_text(encoding="utf-8")
    assert hash("".join(sorted(own.splitlines()))) == hash("".join(sorted(copy.splitlines())))
    with pytest.raises(IcsgraphError, match="base"):
        check_base("example.org")
