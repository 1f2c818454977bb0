"""One build: the same bytes every time, no node without a name, every statement with its passage and its scenario."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from itertools import pairwise
from pathlib import Path

import pytest

from icsgraph.ask.desk import Desk
from icsgraph.ask.names import BOOKED, PARAMETER_TYPES, Names
from icsgraph.build import place, rules
from icsgraph.build.pipeline import DATASET, NAMES, Built, build
from icsgraph.build.place import ASKED, builder_hash, ensure
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import DEF, GRAPH, ID, check_base
from icsgraph.graph.rdf import RDF_TYPE, Quad, iri, term_name
from icsgraph.graph.store import Store
from icsgraph.scheme.layout import read_layout

BASE = "https://w3id.org/icsgraph/"
COPY = "https://example.org/copy/"


def lines(folder: Path) -> list[str]:
    """The lines of a dataset without their full stops."""
    return [line[:-2] for line in (folder / DATASET).read_text(encoding="utf-8").splitlines()]


@pytest.mark.slow
def test_two_builds_give_the_same_under_other_hash_seeds_and_another_base_changes_the_addresses_alone(
    built: Built, tmp_path: Path
) -> None:
    """Each line once and sorted: then the same lines are the same bytes."""
    command = [sys.executable, "-m", "icsgraph", "build", "--out", str(tmp_path)]
    environment = {**os.environ, "PYTHONHASHSEED": "42", "ICSGRAPH_BASE": COPY}
    subprocess.run(command, env=environment, check=True, capture_output=True)
    for folder, base in ((built.folder, BASE), (tmp_path, COPY)):
        found = lines(folder)
        assert all(a < b for a, b in pairwise(found))
        assert sum(line.startswith(f"<{base}") for line in found) > 100_000
    # Compared as hashes: a difference in two hundred megabytes is not for reading.
    assert hash("".join(sorted(line.replace(BASE, COPY) for line in lines(built.folder)))) == hash("".join(found))


def test_what_is_no_base_is_refused() -> None:
    with pytest.raises(IcsgraphError, match="base"):
        check_base("example.org")


def test_a_board_bears_what_its_kind_bears_and_a_council_does_not(store: Store) -> None:
    found = store.select(
        "SELECT ?body WHERE { VALUES ?body { body:QMF body:E09000025 ics:IntegratedCareBoard } "
        "?body ics:countsAs/ics:bears statement:nhsa2006-s14Z43.1 }"
    )
    assert {row["body"].value.rpartition("/")[2] for row in found} == {"QMF", "IntegratedCareBoard"}


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
    "body-ends-when-it-is-followed": "<id/body/P> ics:validTo '2018-04-02'^^xsd:date . "
    "<id/change/P> ics:predecessor <id/body/P> ; ics:successor <id/body/RRK> ; ics:changedOn '2018-04-01'^^xsd:date ; "
    "ics:changeKind ics:SuccessionRecorded .",
    "one-start-and-one-end": "<id/body/P> ics:validFrom '2024-01-02'^^xsd:date , '2024-01-01'^^xsd:date .",
    "provision-is-modelled-or-excused": "provision:P a ics:Provision .",
    "delegated-function-has-a-holder": "<id/arrangement/P> a ics:Delegation ; ics:delegatedFunction function:P .",
    "locator-names-its-lines": "<id/passage/S036> ics:onLine <id/paper-line/letter-45>",
    "proposal-has-a-fate": "<id/statement/S900> a ics:PaperStatement ; ics:statementKind ics:SaysVeto ; ics:inScenario <id/scenario/option-1>",
    "enacted-is-shown-by-law": "<id/statement/S900> ics:fate ics:EnactedAsProposed ; ics:fateShownBy <id/statement/S017>",
    "question-has-a-state": "<id/statement/S900> a ics:PaperStatement ; ics:statementKind ics:SaysQuestion",
    "seeming-is-no-contradiction": "<id/statement/S196> ics:contradicts <id/statement/S096>",
    "stance-is-somebodys": "<id/stance/S900> a ics:Stance ; ics:stanceHolder <id/actor/government>",
    "topic-has-whatever-speaks-of-it": "<id/statement/S900> a ics:PaperStatement ; ics:isAboutOrWithin <id/function/ambulance-services>",
    "near-miss-is-near": "<id/near-miss/P> a ics:NearMiss ; ics:missesTopic <id/topic/ambulance> ; ics:missedBy <id/statement/S656>",
    "claim-is-made-by-two-papers": "<id/claim/lonely> a ics:Claim ; ics:claimedBy <id/statement/S001>",
    "rule-rests-on-the-record": "<id/rule/P> ics:basis <id/provision/nowhere>",
    "place-link-has-a-basis": "<id/place-link/P> a ics:PlaceLink ; ics:linkedBody <id/body/QMF>",
    "link-has-the-form-of-its-register": "<id/body/P> schema:sameAs <http://www.wikidata.org/entity/P31>",
    "nothing-is-the-same-as-another": "<id/area/P> owl:sameAs <http://opendatacommunities.org/id/geography/administration/nmd/E07000201>",
    "address-is-of-a-public-host": "<id/provision/P> ics:seenAt <https://www.legislation.gov.uk./ukpga/2022/31>",
    "overridden-default-is-gone": "<id/responsibility/P> ics:ofFunction function:primary-dental-services ; ics:appliesOn <id/body/QMF> ; "
    "ics:inCapacity ics:exercises ; ics:isCarriedBy <id/statement/P081.1> ; ics:derivedBy <id/rule/holder-exercises-by-default> ; "
    "ics:validFrom '2024-01-01'^^xsd:date",
    "promise-and-proposal-have-a-stance": "<id/statement/S900> a ics:PaperStatement ; ics:statementKind ics:SaysTimeline ; "
    "ics:onTopic <id/topic/promised-documents>",
    "location-of-a-divided-group-is-apart": "<id/place-link/QOP-01Y-sub-board-2022> ics:linkedArea <id/area/01Y>",
    "model-says-what-papers-say": "<id/statement/S034> ics:relation ics:approves",
}


@contextmanager
def planting(store: Store, turtle: str) -> Iterator[None]:
    """Some triples in a graph of their own, which goes with the block."""
    graph = iri(GRAPH + "planted")
    planted = store.construct(f"CONSTRUCT {{ {turtle} }} WHERE {{}}")
    store.add(Quad(t.subject, t.predicate, t.object, graph) for t in planted)
    try:
        yield
    finally:
        store._store.remove_graph(graph)
        store.add([])


def test_each_check_passes_and_fails_on_its_planted_defect(root: Path, store: Store) -> None:
    checks = {c.name.removesuffix(".rq"): c for c in rules.read_rules(root / "queries" / "check")}
    assert set(checks) == set(PLANTS)
    size = len(store)
    for name, check in checks.items():
        assert rules.faults([check], store) == [], name
        with planting(store, PLANTS[name].replace("<id/", f"<{ID}")):
            assert len(rules.faults([check], store)) == 1, name
    assert len(store) == size


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


def test_no_triple_stands_in_two_graphs(store: Store) -> None:
    """Read as one, the graphs would give such a triple twice, and counts would be wrong."""
    assert len({(str(q.subject), str(q.predicate), str(q.object)) for q in store.quads()}) == len(store)


# A fresh process, since one with threads, as a worker of the tests has, builds by itself.
APART = """
import os, sys
from pathlib import Path
from icsgraph.build.place import dataset_path, ensure
from icsgraph.core.errors import IcsgraphError, TableErrors
root, steps = Path(sys.argv[1]), []
try:
    ensure(root, steps.append if len(sys.argv) == 2 else lambda message: os._exit(7))
except IcsgraphError as error:
    print(type(error).__name__, error)
    print(*(f"{p.file} {p.hint}" for p in getattr(error, "problems", ())), sep="\\n")
print(steps, dataset_path(root).exists())
"""


def apart(content: Path, *words: str) -> str:
    """What a process says that makes sure of the dataset of some content; a word more ends the build at its first step."""
    environment = {**os.environ, "ICSGRAPH_CACHE": str(content / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", APART, str(content), *words], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_a_build_apart_gives_the_dataset_and_its_errors(content: Path) -> None:
    provisions = content / "data" / "law" / "provisions.csv"
    whole = provisions.read_text(encoding="utf-8")
    provisions.write_text(whole.rsplit("\n", 2)[0] + "\n", encoding="utf-8")
    said = apart(content)
    assert said.startswith("TableErrors")
    assert "rows found" in said
    assert re.search(r"^data/law/provisions\.csv \w", said, re.MULTILINE)
    # What the build said, it said in its own process, and no dataset is left.
    assert said.endswith("[] False\n")
    (content / "data" / "scenarios.csv").unlink()
    assert re.match(r"IcsgraphError .*scenarios\.csv is missing", apart(content))


def test_a_build_that_breaks_off_is_an_error(content: Path) -> None:
    assert "broke off with code 7" in apart(content, "break off")


def built_at_once(root: Path, monkeypatch: pytest.MonkeyPatch, cache: Path, seconds: float) -> int:
    """How often two that need the same dataset at the same time build it; each build waits so long for the other."""
    builds: list[Path] = []
    both_build = threading.Barrier(2)

    def waiting(root: Path, out: Path, progress: object) -> None:
        builds.append(out)
        with suppress(threading.BrokenBarrierError):
            both_build.wait(seconds)
        out.mkdir(parents=True, exist_ok=True)
        (out / DATASET).touch()

    monkeypatch.setattr(place, "dataset_path", lambda root: cache / "1" / DATASET)
    monkeypatch.setattr(place, "_build_apart", waiting)
    monkeypatch.setattr(place, "is_whole", lambda folder: (folder / DATASET).exists())
    both = [threading.Thread(target=ensure, args=(root, print)) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    return len(builds)


def test_of_two_that_need_the_same_build_one_makes_it(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert built_at_once(root, monkeypatch, tmp_path / "locked", 0.5) == 1
    # Planted: no lock.
    monkeypatch.setattr(place, "builder_lock", lambda folder, progress: nullcontext())
    assert built_at_once(root, monkeypatch, tmp_path / "open", 20) == 2


def test_a_changed_builder_gets_a_folder_of_its_own(root: Path, tmp_path: Path) -> None:
    package = root / "src" / "icsgraph"
    for layer in ("core", "graph", "build", "ask"):
        shutil.copytree(package / layer, tmp_path / layer)
    assert builder_hash(tmp_path) == builder_hash(package)
    changed = tmp_path / "build" / "pipeline.py"
    changed.write_text(changed.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    assert builder_hash(tmp_path) != builder_hash(package)
    names = tmp_path / "ask" / "names.py"
    before = builder_hash(tmp_path)
    names.write_text(names.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    assert builder_hash(tmp_path) != before


def taken_from_ask(package: Path) -> set[str]:
    """The modules of ``ask`` that the modules of ``build`` import, and those that these import."""

    def imported(path: Path) -> set[str]:
        text = path.read_text(encoding="utf-8")
        listed = [n for found in re.findall(r"from icsgraph\.ask import ([\w, ]+)", text) for n in found.split(", ")]
        return {*listed, *(m.replace(".", "/") for m in re.findall(r"from icsgraph\.ask\.([\w.]+) import", text))}

    todo = {name for path in (package / "build").glob("*.py") for name in imported(path)}
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        seen.add(name)
        todo |= imported(package / "ask" / f"{name}.py") - seen
    return seen


def test_all_that_a_build_takes_from_ask_is_part_of_the_name_of_its_folder(root: Path, tmp_path: Path) -> None:
    package = root / "src" / "icsgraph"
    assert sorted(taken_from_ask(package)) == sorted(ASKED)
    for layer in ("build", "ask"):
        shutil.copytree(package / layer, tmp_path / layer)
    planted = tmp_path / "build" / "void.py"
    planted.write_text(
        planted.read_text(encoding="utf-8") + "\nfrom icsgraph.ask.explain import explain\n", encoding="utf-8"
    )
    assert "explain" in taken_from_ask(tmp_path)


def names_that_differ(few: Names, whole: Names) -> list[str]:
    """The things that may be named on a sheet and that two indexes name, code or date differently."""
    found = []
    for kind in sorted(BOOKED & set(PARAMETER_TYPES)):
        here, there = set(few.all_of(kind)), set(whole.all_of(kind))
        found += sorted(here ^ there)
        for thing in here & there:
            told = [
                (n.label(thing), n.code(thing), n.period(thing), n.meant(n.label(thing), kind)) for n in (few, whole)
            ]
            if told[0] != told[1]:
                found.append(thing)
    return found


def test_whatever_a_sheet_takes_of_the_record_is_in_the_file_of_names(root: Path) -> None:
    picks = {
        p.removeprefix(DEF) for sheet in read_layout(root).sheets for column in sheet.columns for p in column.picks
    }
    assert picks & set(PARAMETER_TYPES) <= BOOKED
    assert {"Body", "Function", "Post"} <= picks


def test_the_file_of_names_says_of_a_thing_what_the_dataset_says(store: Store, built: Built) -> None:
    booked = Store.open(built.folder / NAMES)
    assert names_that_differ(Names(booked), Names(store)) == []
    assert len(Names(booked).all_of("Body")) > 1000
    # Planted: a name is lost.
    lost = iri(ID + "body/QMF")
    fewer = Store(q for q in booked.quads() if (q.subject, q.predicate) != (lost, term_name("rdfs:label")))
    assert names_that_differ(Names(fewer), Names(store)) == [lost.value]
