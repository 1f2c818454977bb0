"""Answers from another engine: a real one, started here, with the dataset loaded as the README of ``src/icsgraph/deploy`` says."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from icsgraph.ask import agree
from icsgraph.ask.catalogue import Catalogue
from icsgraph.ask.desk import Desk
from icsgraph.build.pipeline import DATASET, Built
from icsgraph.core.errors import IcsgraphError, StatusError
from icsgraph.core.sparql import bind
from icsgraph.core.terms import DEF
from icsgraph.graph.rdf import RDF_TYPE, iri, text
from icsgraph.graph.remote import RemoteStore
from icsgraph.graph.results import Forms
from icsgraph.graph.store import Store
from tests.conftest import TODAY
from tests.service import serving
from tests.test_questions import CASES

pytestmark = pytest.mark.slow

BOARDS = "SELECT ?code WHERE { ?board a ics:IntegratedCareBoard ; ics:odsCode ?code } ORDER BY ?code"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def wait_for(address: str, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    for _ in range(int(seconds * 10)):
        assert process.poll() is None, "the engine ended"
        try:
            with urllib.request.urlopen(address + "?query=ASK%20%7B%7D", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{address} did not answer")


@contextmanager
def oxigraph(dataset: Path, folder: Path, *words: str) -> Iterator[str]:
    """``oxigraph serve`` over a dataset; gives its query address."""
    command = Path(sys.executable).with_name("oxigraph")
    subprocess.run([command, "load", "-l", folder, "-f", dataset], check=True, capture_output=True)
    port = free_port()
    serve = [str(command), "serve-read-only", "-l", str(folder), "-b", f"127.0.0.1:{port}", *words]
    with subprocess.Popen(serve, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(f"http://127.0.0.1:{port}/query", process)
            yield f"http://127.0.0.1:{port}/query"
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def address(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with oxigraph(built.folder / DATASET, tmp_path_factory.mktemp("oxigraph"), "--union-default-graph") as at:
        yield at


@pytest.fixture(scope="module")
def far(address: str) -> RemoteStore:
    return RemoteStore(address, 60)


@pytest.fixture(scope="module")
def desk_far(far: RemoteStore, catalogue: Catalogue) -> Desk:
    return Desk(far, catalogue)


@pytest.mark.xfail(strict=False, reason="open: new questions were not yet compared with the other engine one by one")
def test_every_case_is_answered_as_from_our_own_store(desk: Desk, desk_far: Desk) -> None:
    for case in CASES:
        own, other = (d.ask(case.ask, case.give, case.as_at, case.scenario, TODAY) for d in (desk, desk_far))
        assert other == own, case.sentence


def test_no_question_comes_out_otherwise_and_a_planted_difference_is_seen(
    desk: Desk, store: Store, far: RemoteStore, catalogue: Catalogue
) -> None:
    few = {id: catalogue.questions[id] for id in ("may-delegate", "how-many-bodies", "what-is-unclear")}
    near, other = Desk(store, Catalogue(few, catalogue.notes)), Desk(far, Catalogue(few, catalogue.notes))
    seen: list[str] = []
    assert agree.disagreements(other, near, seen.append) == {}
    assert len(seen) == 3

    class Losing(RemoteStore):
        """An engine that loses a row of each result."""

        def select(self, query, bound=None):  # type: ignore[no-untyped-def]
            return super().select(query, bound)[1:]

        def _check(self) -> None:
            pass

    losing = Desk(store, Catalogue(few, catalogue.notes))
    losing.store = Losing(far.address, 60)
    assert set(agree.disagreements(losing, near, seen.append)) == {"may-delegate", "how-many-bodies", "what-is-unclear"}
    losing.refused = {"may-delegate"}
    with pytest.raises(StatusError, match="does not answer may-delegate rightly") as told:
        losing.ask("may-delegate", {})
    assert told.value.status == 501


def test_strangers_queries_pass_through_with_the_same_care(far: RemoteStore, store: Store) -> None:
    for forms in (Forms("json", "ttl"), Forms("csv", "nt"), Forms("xml", "rdfxml"), Forms("tsv", "jsonld")):
        assert far.serialise(BOARDS, forms).body == store.serialise(BOARDS, forms).body
    described = far.serialise("DESCRIBE body:QMF", Forms(None, "nt")).body
    assert set(described.splitlines()) == set(store.serialise("DESCRIBE body:QMF", Forms(None, "nt")).body.splitlines())
    assert far.serialise(BOARDS, rows=5).cut
    with pytest.raises(IcsgraphError, match="error at 1:"):
        far.serialise("SELECT * { ?s ?p }")
    with pytest.raises(IcsgraphError, match="asks another address"):
        far.serialise("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }")
    with pytest.raises(StatusError, match=r"no graph .http://127\.0\.0\.1:1/x"):
        far.serialise("SELECT * FROM <http://127.0.0.1:1/x> { ?s ?p ?o }")
    one = far.serialise("SELECT (COUNT(*) AS ?n) FROM graph:rules { ?s ?p ?o }").body
    assert one == store.serialise("SELECT (COUNT(*) AS ?n) FROM graph:rules { ?s ?p ?o }").body


def test_the_store_says_of_itself_what_ours_says(far: RemoteStore, store: Store) -> None:
    assert len(far) == len(store)
    assert far.graph_sizes() == store.graph_sizes()
    board = iri("https://w3id.org/icsgraph/id/body/QMF")
    assert set(map(str, far.quads(board))) == set(map(str, store.quads(board)))
    assert far.turtle([board]) == store.turtle([board])
    assert far.turtle([]).strip() == b""


def test_what_is_wrong_with_an_engine_is_said(tmp_path: Path) -> None:
    with pytest.raises(StatusError, match=r"cannot be reached: .*refused"):
        RemoteStore(f"http://127.0.0.1:{free_port()}/query")
    # In no graph but a named one, which an engine without a union of them does not look into.
    one = f"<http://x/a> <{RDF_TYPE.value}> <{DEF}Statement> <http://x/g> .\n"
    (tmp_path / "one.nq").write_text(one, encoding="utf-8")
    with (
        oxigraph(tmp_path / "one.nq", tmp_path / "no-union") as at,
        pytest.raises(IcsgraphError, match=r"default graph of .* has no statement"),
    ):
        RemoteStore(at, 60)
    (tmp_path / "empty.nq").write_text("", encoding="utf-8")
    with (
        oxigraph(tmp_path / "empty.nq", tmp_path / "empty", "--union-default-graph") as at,
        pytest.raises(IcsgraphError, match="holds no named graph"),
    ):
        RemoteStore(at)


def read(address: str, accept: str) -> str:
    with urllib.request.urlopen(urllib.request.Request(address, headers={"Accept": accept}), timeout=60) as answer:
        content: str = answer.read().decode()
        return content


def test_the_service_answers_everything_from_the_other_engine(address: str, built: Built, desk: Desk) -> None:
    with serving("--endpoint", address) as at:
        told = json.loads(
            read(f"{at}/ask/who-is-liable-for?function=dentist&area=QMF&as_at=2023-06-01", "application/json")
        )
        assert [row["body"]["code"] for row in told["rows"]] == ["QMF"]
        page = read(f"{at}/doc/body/QNQ", "text/html")
        assert "NHS Surrey and Sussex Integrated Care Board" in page
        boards = read(f"{at}/sparql?query=" + urllib.request.quote(BOARDS), "text/csv")  # type: ignore[attr-defined]
        assert len(boards.split()) == 49
        assert "sd#" in read(f"{at}/sparql", "text/turtle") or "service-description" in read(
            f"{at}/sparql", "text/turtle"
        )
    assert desk.ask("how-many-bodies", {"kind": "ICB"}, "2026-05-01", "", dt.date(2026, 11, 23)).rows


@contextmanager
def virtuoso(dataset: Path, folder: Path) -> Iterator[str]:
    """Virtuoso over a dataset; gives its query address."""
    http, sql = free_port(), free_port()
    shutil.copy(dataset, folder / "icsgraph.nq")
    settings = (Path(agree.__file__).parents[1] / "deploy" / "virtuoso.ini").read_text(encoding="utf-8")
    settings = settings.replace("ServerPort = 1111", f"ServerPort = {sql}").replace(
        "ServerPort = 8890", f"ServerPort = {http}"
    )
    (folder / "virtuoso.ini").write_text(settings, encoding="utf-8")
    with subprocess.Popen(["virtuoso-t", "+foreground"], cwd=folder, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(f"http://127.0.0.1:{http}/sparql", process)
            load = "ld_dir ('.', 'icsgraph.nq', 'urn:x'); rdf_loader_run (); checkpoint;"
            subprocess.run(
                ["isql-vt", str(sql), "dba", "dba", f"exec={load}"], check=True, capture_output=True, timeout=200
            )
            yield f"http://127.0.0.1:{http}/sparql"
        finally:
            process.kill()


# Questions that Virtuoso 7.2.5 answers wrongly or not at all, found by trying; a service over it does not offer them.
WRONG_IN_VIRTUOSO = {"compare-scenarios", "may-delegate", "what-changed-between", "why-may-delegate"}


@pytest.mark.skipif(not shutil.which("virtuoso-t"), reason="Virtuoso is not installed (Debian: virtuoso-opensource-7)")
def test_virtuoso_answers_what_it_is_let_answer(built: Built, desk: Desk, catalogue: Catalogue, tmp_path: Path) -> None:
    with virtuoso(built.folder / DATASET, tmp_path) as at:
        other = Desk(RemoteStore(at, 60), catalogue)
        assert set(agree.disagreements(other, desk, lambda message: None)) == WRONG_IN_VIRTUOSO


def test_values_go_into_a_query_as_they_are() -> None:
    query = 'SELECT DISTINCT ?a ?b # ?a SELECT {\nWHERE { ?b ?p ?a FILTER(?a != "?a" && BOUND(?a)) } GROUP BY ?a ?b ORDER BY ?a'
    said = bind(query, {"a": text('x" } # ')})
    assert said == (
        'SELECT DISTINCT  ?b \nWHERE { ?b ?p "x\\" } # " FILTER("x\\" } # " != "?a" && true) } GROUP BY  ?b   '
    )
