"""Strangers' queries: what they may not do, and that others are served while they try."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import socket
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

import pytest

from icsgraph.ask.catalogue import Catalogue
from icsgraph.ask.desk import Desk
from icsgraph.core.errors import IcsgraphError, StatusError
from icsgraph.core.guard import RefusedQuery, check_query
from icsgraph.core.sparql import Unclear, graphs_named, names_dataset
from icsgraph.graph import workers as module
from icsgraph.graph.rdf import Quad, iri, text
from icsgraph.graph.results import CUT, FORMS, Forms, Result, UnfitForm, write
from icsgraph.graph.store import WHOLE, Graphs, QuerySyntaxError, Store
from icsgraph.graph.workers import Limits, Workers
from icsgraph.web.app import create_app

X = "http://example.org/"
# Hundred things in each of two graphs: small, and still enough for a query that never ends.
QUADS = [
    Quad(iri(f"{X}{g}{n}"), iri(X + "p"), text('},{"' + f"{n}\n<result>"), iri(X + g))
    for g in ("a", "b")
    for n in range(100)
]


def stopped(workers: Workers) -> None:
    """Ask what has no end."""
    with pytest.raises(StatusError):
        workers.serialise(ENDLESS)


ENDLESS = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?s{n} ?p{n} ?o{n} ." for n in range(6)) + " }"


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    made = Workers(Store(QUADS), Limits(seconds=1, rows=150, megabytes=256, running=4, waiting=8))
    yield made
    made.close()


def names(body: bytes) -> set[str]:
    return {row["s"]["value"] for row in json.loads(body)["results"]["bindings"]}


def test_a_worker_gives_what_the_store_gives(workers: Workers) -> None:
    store = Store(QUADS)
    for query in (
        "SELECT * { ?s ?p ?o } ORDER BY ?s LIMIT 20",
        "ASK { ?s ?p 1 }",
        f"DESCRIBE <{X}a1>",
        f"CONSTRUCT {{ ?s ?p 1 }} WHERE {{ <{X}a1> ?p ?o BIND(<{X}a1> AS ?s) }}",
    ):
        for forms in (Forms("json", "ttl"), Forms("xml", "rdfxml"), Forms("csv", "nt"), Forms("tsv", "jsonld")):
            assert workers.serialise(query, forms) == store.serialise(query, forms), (query, forms)


def test_an_endless_query_is_stopped_and_its_process_is_gone(workers: Workers) -> None:
    before = workers.pool.killed
    start = time.monotonic()
    with pytest.raises(StatusError, match="longer than 1 seconds") as told:
        workers.serialise(ENDLESS)
    assert (told.value.status, told.value.retry) == (503, 1)
    assert time.monotonic() - start < 5
    assert workers.pool.killed == before + 1
    assert workers.serialise("ASK {}").body == b'{"head":{},"boolean":true}'


def test_others_are_served_while_queries_without_end_run(workers: Workers) -> None:
    threads = [threading.Thread(target=stopped, args=[workers]) for _ in range(3)]
    for thread in threads:
        thread.start()
    served = refused = 0
    while any(t.is_alive() for t in threads):
        try:
            workers.serialise("SELECT * { ?s ?p ?o } LIMIT 1")
            served += 1
        except StatusError:
            # A machine that is busy with other things may not have a new process in time, and says so.
            refused += 1
    for thread in threads:
        thread.join()
    assert served > 10
    assert refused < 3


def test_too_many_are_told_to_come_again() -> None:
    few = Workers(Store(QUADS), Limits(seconds=1, running=1, waiting=0))
    try:
        thread = threading.Thread(target=stopped, args=[few])
        thread.start()
        time.sleep(0.3)
        with pytest.raises(StatusError, match="Too many") as told:
            few.serialise("ASK {}")
        assert (told.value.status, told.value.retry) == (503, 2)
        thread.join()
        few.serialise("ASK {}")
    finally:
        few.close()


def test_a_query_that_exhausts_memory_ends_its_own_process_alone() -> None:
    workers = Workers(Store(QUADS), Limits(seconds=60, megabytes=256))
    long = "x" * 50_000
    doubled = "".join(f"BIND(CONCAT(?v{n}, ?v{n}) AS ?v{n + 1}) " for n in range(20))
    with pytest.raises(StatusError, match="256 MB") as told:
        workers.serialise(f'SELECT ?v20 {{ BIND("{long}" AS ?v0) {doubled} }}')
    assert (told.value.status, workers.pool.broken, workers.pool.crashed) == (400, 1, 0)
    try:
        assert workers.serialise("ASK {}").body == b'{"head":{},"boolean":true}'
    finally:
        workers.close()


def test_a_query_that_breaks_the_parser_ends_its_own_process_alone(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = "ASK {" + "{" * 40_000 + "}" * 40_000 + "}"
    with pytest.raises(RefusedQuery):
        workers.serialise(deep)
    # The same with the guard taken away: the second fence holds.
    monkeypatch.setattr(module, "check_query", lambda query: None)
    bare = Workers(_Unguarded(QUADS), Limits(seconds=5))
    try:
        with pytest.raises(StatusError, match="broke the process that ran it: it was nested too deep"):
            bare.serialise(deep)
        assert (bare.pool.broken, bare.pool.crashed) == (1, 0)
        bare.serialise("ASK {}")
    finally:
        bare.close()


class _Unguarded(Store):
    """A store whose guard was forgotten: the planted defect."""

    def serialise(self, query: str, forms: Forms = FORMS, graphs: Graphs = WHOLE, rows: int = 0) -> Result:
        return write(lambda: self._run(query, graphs), forms, rows)


class _Mistaken(Store):
    """A store with a bug: the planted defect."""

    def serialise(self, query: str, forms: Forms = FORMS, graphs: Graphs = WHOLE, rows: int = 0) -> Result:
        if "bug" in query:
            raise TypeError("a type of ours")
        if "silence" in query:
            os._exit(7)
        return super().serialise(query, forms, graphs, rows)


@pytest.mark.parametrize(("query", "said"), [("ASK { # bug\n}", "TypeError"), ("ASK { # silence\n}", "1792")])
def test_a_bug_of_ours_is_never_blamed_on_who_asked(query: str, said: str, caplog: pytest.LogCaptureFixture) -> None:
    workers = Workers(_Mistaken(QUADS))
    try:
        with pytest.raises(StatusError, match="not with you") as told:
            workers.serialise(query)
        assert (told.value.status, workers.pool.crashed, workers.pool.broken, workers.pool.killed) == (500, 1, 0, 0)
        assert workers.serialise("ASK {}").body == b'{"head":{},"boolean":true}'
    finally:
        workers.close()
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert said in caplog.text


def test_a_bug_of_ours_answers_500_over_http_and_is_counted(
    catalogue: Catalogue, caplog: pytest.LogCaptureFixture
) -> None:
    store = _Mistaken(QUADS)
    workers = Workers(store)
    try:
        client = create_app(Desk(store, catalogue), workers, pools={"queries": workers.pool}).test_client()
        answer = client.get("/sparql?query=ASK%20%7B%20%23bug%0A%7D")
        assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
        assert b"icsgraph_queries_crashed 1.0" in client.get("/metrics").data
    finally:
        workers.close()
    assert "TypeError" in caplog.text
    assert "TypeError: " not in caplog.text, "its words may quote what was sent"


@pytest.fixture
def listener() -> Iterator[tuple[str, list[bytes]]]:
    """An address of this machine, and what it hears."""
    heard: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            connection.settimeout(1)
            with connection:
                heard.append(connection.recv(100))

    thread = threading.Thread(target=listen)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/", heard
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


def reaching(address: str) -> list[str]:
    return [
        f"SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}",
        f"SELECT * {{ SERVICE SILENT <{address}> {{ ?s ?p ?o }} }}",
        f"SELECT * {{ BIND(<{address}> AS ?x) SERVICE ?x {{ ?s ?p ?o }} }}",
        f"SELECT * FROM <{address}> {{ ?s ?p ?o }}",
        f"SELECT * FROM NAMED <{address}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
        f"LOAD <{address}>",
    ]


def test_no_query_reaches_another_address(workers: Workers, listener: tuple[str, list[bytes]]) -> None:
    address, heard = listener
    for query in reaching(address):
        try:
            assert names(workers.serialise(query.replace("*", "?s")).body) == set(), query
        except IcsgraphError:
            pass
    assert heard == []


def test_a_worker_cannot_connect_even_where_the_guard_fails(
    listener: tuple[str, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, heard = listener
    monkeypatch.setattr(module, "check_query", lambda query: None)
    # Seen to fail: without workers and without the guard, the listener hears the request.
    with pytest.raises(Exception, match=r".+"):
        _Unguarded(QUADS).serialise(reaching(address)[0])
    assert len(heard) == 1
    bare = Workers(_Unguarded(QUADS), Limits(seconds=5))
    try:
        for query in reaching(address)[:3]:
            try:
                bare.serialise(query)
            except (IcsgraphError, StatusError):
                pass
    finally:
        bare.close()
    assert len(heard) == 1


@pytest.mark.parametrize("form", ["json", "xml", "csv", "tsv"])
@pytest.mark.parametrize(("limit", "cut"), [(149, False), (150, False), (151, True), (200, True)])
def test_rows_beyond_the_limit_are_left_out_and_it_is_said(workers: Workers, form: str, limit: int, cut: bool) -> None:
    result = workers.serialise(f"SELECT ?s ?o {{ ?s ?p ?o }} ORDER BY ?s LIMIT {limit}", Forms(form))
    assert result.cut is cut
    assert (CUT.encode() in result.body) is (cut and form in ("json", "xml"))
    if form == "json":
        count = len(json.loads(result.body)["results"]["bindings"])
    elif form == "xml":
        count = len(ET.fromstring(result.body).findall(".//{*}result"))
    elif form == "csv":
        count = len(list(csv.reader(io.StringIO(result.body.decode(), newline="")))) - 1
    else:
        count = result.body.count(b"\n") - 1
    assert count == min(limit, 150)


def test_triples_beyond_the_limit_are_left_out_and_it_is_said(workers: Workers) -> None:
    result = workers.serialise("CONSTRUCT WHERE { ?s ?p ?o }", Forms(None, "nt"))
    assert (result.cut, result.body.count(b"\n")) == (True, 150)


def test_a_dataset_is_exactly_the_graphs_named(workers: Workers) -> None:
    one, other = iri(X + "a"), iri(X + "b")
    every = "SELECT ?s { ?s ?p ?o }"
    assert len(names(workers.serialise(every, graphs=Graphs((one,))).body)) == 100
    assert len(names(workers.serialise(every, graphs=Graphs((one, other)), rows=0).body)) == 200
    assert len(names(workers.serialise(every, graphs=Graphs((), (other,))).body)) == 0
    # The request's dataset goes before the query's own, and that before the union.
    own = f"SELECT ?s FROM <{X}a> {{ ?s ?p ?o }}"
    assert names(workers.serialise(own).body) == {f"{X}a{n}" for n in range(100)}
    assert names(workers.serialise(own, graphs=Graphs((other,))).body) == {f"{X}b{n}" for n in range(100)}
    assert names(workers.serialise(f"SELECT ?s FROM NAMED <{X}a> {{ ?s ?p ?o }}").body) == set()
    within = "SELECT ?s { GRAPH ?g { ?s ?p ?o } }"
    assert names(workers.serialise(within, graphs=Graphs((one,), (other,))).body) == {f"{X}b{n}" for n in range(100)}


@pytest.mark.parametrize(
    ("number", "said", "counted"),
    [
        (signal.SIGKILL, "ended from outside", (0, 0, 0)),
        (signal.SIGABRT, "more than 1024 MB of memory", (0, 1, 0)),
        (signal.SIGSEGV, "nested too deep", (0, 1, 0)),
        (signal.SIGXCPU, "longer than 2 seconds", (1, 0, 0)),
        (signal.SIGILL, "not with you", (0, 0, 1)),
    ],
)
def test_how_a_process_ended_says_why(number: signal.Signals, said: str, counted: tuple[int, int, int]) -> None:
    workers = Workers(_Ending(QUADS), Limits(seconds=2))
    try:
        with pytest.raises(StatusError, match=said):
            workers.serialise(f"ASK {{ # {number.value}\n}}")
        pool = workers.pool
        assert (pool.killed, pool.broken, pool.crashed) == counted
        assert pool.idle == []
    finally:
        workers.close()


class _Ending(Store):
    """A store whose process ends by a signal that the query names."""

    def serialise(self, query: str, *given: Any, **named: Any) -> Result:
        """End, where a number is given."""
        if "#" in query:
            number = int(query.split()[3])
            signal.signal(number, signal.SIG_DFL) if number != signal.SIGKILL else None
            os.kill(os.getpid(), number)
        return super().serialise(query, *given, **named)


def test_faults_come_back_as_what_they_are(workers: Workers) -> None:
    with pytest.raises(QuerySyntaxError, match="error at 2:10"):
        workers.serialise("SELECT *\n{ ?s ?p }")
    with pytest.raises(UnfitForm, match="a graph"):
        workers.serialise("DESCRIBE <x:y>", Forms("json", None))
    with pytest.raises(UnfitForm, match="control characters"):
        workers.serialise(r'SELECT ("\u0001" AS ?x) {}', Forms("xml"))
    # source: SPARQL 1.1 Query Results CSV: values are never changed. What people open in a spreadsheet is another file.
    written = workers.serialise(r'SELECT ("=1+1" AS ?x) ("-1" AS ?y) {}', Forms("csv")).body
    assert written == b"x,y\r\n=1+1,-1\r\n"


def test_workers_end_with_the_service() -> None:
    made = Workers(Store(QUADS))
    made.serialise("ASK {}")
    pids = [w.pid for w in made.pool.idle]
    made.close()
    for _ in range(50):
        if not any(_runs(pid) for pid in pids):
            break
        time.sleep(0.1)
    assert [pid for pid in pids if _runs(pid)] == []


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


# Calls to other addresses in spellings that an engine takes and a list of words misses. Each was seen to pass an earlier guard.
HIDDEN = [
    "PREFIX : <http://x/> SELECT * { SERVICE :x { ?s ?p ?o } }",
    "SELECT * { SERVICESILENT<http://127.0.0.1:9/> {} }",
    "PREFIX x: <http://127.0.0.1:9/> SELECT * { SERVICEx:13 {} }",
    "SELECT * { FILTER(1=1)SERVICE<http://127.0.0.1:9/>{} }",
    "SELECT * { FILTER(true)trueSERVICE<http://127.0.0.1:9/>{} }",
    "SELECT * { FILTER(1<2)SERVICE#>\n<http://127.0.0.1:9/>{} }",
    'SELECT * { ?s ?p """a\\"""b""" . SERVICE <http://127.0.0.1:9/> {} }',
    "SELECT * { #c\rSERVICE <http://127.0.0.1:9/> {} }",
    "PREFIX x: <http://x/> PREFIX SERVICEx: <http://y/> SELECT * { SERVICEx:1 {} }",
    "SELECT * { \\u0053ERVICE <http://127.0.0.1:9/> {} }",
    "SELECT * { ?s ?p 'a\\u0027 . SERVICE <http://127.0.0.1:9/> {} #' }",
]


@pytest.mark.parametrize("query", HIDDEN)
def test_a_hidden_call_is_refused(query: str) -> None:
    with pytest.raises(RefusedQuery, match="SERVICE asks another address"):
        check_query(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?service { ?service ics:service 'SERVICE' ; rdfs:label \"load\"@en . # SERVICE\n <http://x/service> ics:loadService ?x }",
        "SELECT * { ?s ?p <http://x/SERVICE/a> . FILTER(?s < 3 && ?p > 4) }",
        "PREFIX download: <http://x/> SELECT * { download:a ?p _:service }",
    ],
)
def test_a_word_that_calls_nobody_is_let_pass(query: str) -> None:
    check_query(query)


def test_from_is_understood_without_spaces_or_refused() -> None:
    assert graphs_named("PREFIX : <http://g/> SELECT * FROM :a FROM<http://b> FROM NAMED<http://c>{}") == (
        ["http://g/a", "http://b"],
        ["http://c"],
    )
    assert names_dataset("PREFIX : <http://g/> SELECT * FROM:a {}")
    with pytest.raises(Unclear, match="not clear"):
        graphs_named("PREFIX : <http://g/> SELECT * FROM:a {}")


def test_what_the_engine_cannot_do_is_said(workers: Workers) -> None:
    with pytest.raises(IcsgraphError, match="cannot be evaluated"):
        workers.serialise("SELECT (<http://example.org/f>(1) AS ?a) {}")


def test_what_is_quick_does_not_wait_for_what_has_no_end() -> None:
    workers = Workers(Store(QUADS), Limits(seconds=8, running=2, waiting=40))
    try:
        crowd = [threading.Thread(target=stopped, args=[workers]) for _ in range(12)]
        for thread in crowd:
            thread.start()
        for _ in range(3):
            assert workers.serialise("ASK {}").body == b'{"head":{},"boolean":true}'
        # They were answered while the crowd was still being stopped.
        assert any(t.is_alive() for t in crowd)
        for thread in crowd:
            thread.join()
    finally:
        workers.close()
