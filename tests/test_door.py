"""The quick door: it answers as the application behind it does, and a thread that stays with a connection keeps nobody waiting."""

from __future__ import annotations

import http.client
import io
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlparse

import pytest
from werkzeug.test import Client

from icsgraph.ask.catalogue import Catalogue
from icsgraph.ask.desk import Desk
from icsgraph.graph.rdf import Quad, iri, text
from icsgraph.graph.results import Result
from icsgraph.graph.store import Store
from icsgraph.web import server
from icsgraph.web.app import create_app
from icsgraph.web.cache import Cache
from icsgraph.web.door import Door
from tests.service import serving

X = "http://example.org/"
QUADS = [Quad(iri(f"{X}s{n}"), iri(X + "p"), text("x" * 100), iri(X + "g")) for n in range(300)]
EVERY = "SELECT * { ?s ?p ?o }"
# Of what differs in nothing but time.
SAME = {"Date"}


@pytest.fixture(scope="module")
def door(catalogue: Catalogue) -> Door:
    store = Store(QUADS)
    made = create_app(Desk(store, catalogue), store, cache=Cache(0)).wsgi_app
    assert isinstance(made, Door)
    return made


@pytest.mark.parametrize(
    "query", [EVERY, "ASK {}", f"DESCRIBE <{X}s1>", "SELECT *\n{ ?s ?p }", "ASK { SERVICE <a:b> {} }", ""]
)
@pytest.mark.parametrize(
    "accept", ["", "*/*", "text/csv", "text/turtle", "text/html", "application/sparql-results+xml;q=0.5"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "OPTIONS", "PUT"])
def test_an_answer_of_the_door_is_the_answer_of_the_application(
    door: Door, query: str, accept: str, method: str
) -> None:
    for more in (
        {},
        {"format": "csv"},
        {"format": "docx"},
        {"default-graph-uri": X + "none"},
        {"default-graph-uri": "no"},
    ):
        asked = urlencode({"query": query, **more} if query else more)
        given: dict[str, Any] = {"method": method, "headers": {"Accept": accept}}
        if method in ("POST", "PUT"):
            given |= {"data": asked, "content_type": "application/x-www-form-urlencoded"}
        else:
            given["query_string"] = asked
        quick, plain = (Client(application).open("/sparql", **given) for application in (door, door._beyond))
        assert (quick.status, quick.data) == (plain.status, plain.data)
        headers = [{pair for pair in answer.headers if pair[0] not in SAME} for answer in (quick, plain)]
        assert headers[0] == headers[1], asked


class _Slow(Store):
    """A store that takes its time and then shows a bug of ours: two planted defects."""

    def serialise(self, query: str, *given: Any, **named: Any) -> Result:
        """Wait, then fail."""
        time.sleep(0.2)
        raise TypeError("a type of ours")


def test_a_bug_behind_the_door_is_logged_and_takes_as_long_as_it_took(
    catalogue: Catalogue, caplog: pytest.LogCaptureFixture
) -> None:
    log = io.StringIO()
    store = _Slow(QUADS)
    answer = create_app(Desk(store, catalogue), store, log=log).test_client().get("/sparql?query=ASK%7B%7D")
    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert "TypeError" in caplog.text
    assert answer.get_json()["id"] in caplog.text
    line = json.loads(log.getvalue())
    assert (line["route"], line["status"], line["ms"] >= 200) == ("/sparql", 500, True)


def test_a_condition_is_met_by_the_application(door: Door) -> None:
    path = "/sparql?query=" + quote(EVERY)
    tag = Client(door).get(path).headers["ETag"]
    assert Client(door).get(path, headers={"If-None-Match": tag}).status_code == 304


def test_a_body_that_is_too_long_is_refused_before_it_is_read(door: Door) -> None:
    assert (
        Client(door).post("/sparql", data=b"x" * 1_100_000, content_type="application/sparql-query").status_code == 413
    )


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    file = tmp_path_factory.mktemp("door") / "many.nt"
    file.write_text("".join(f'<{X}s{n}> <{X}p> "{"x" * 1000}" .\n' for n in range(5000)), encoding="utf-8")
    with serving("--dataset", file, "--timeout", "3") as at:
        yield urlparse(at).netloc


def test_many_requests_of_one_connection_are_answered_in_order(address: str) -> None:
    asked = b"".join(
        b"GET /sparql?query=ASK%%7B%%7D%%23%d HTTP/1.1\r\nHost: x\r\n\r\n" % n
        if n % 3
        else b"GET /no/%d HTTP/1.1\r\nHost: x\r\n\r\n" % n
        for n in range(30)
    )
    host, _, port = address.partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(asked + b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        content = b""
        while part := connection.recv(100_000):
            content += part
    statuses = [content[at + 9 : at + 12] for at in range(len(content)) if content.startswith(b"HTTP/1.1 ", at)]
    assert statuses == [b"200" if n % 3 else b"404" for n in range(30)] + [b"200"]


def test_a_long_answer_reaches_who_takes_it_slowly(address: str) -> None:
    host, _, port = address.partition(":")
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 20_000)
        connection.connect((host, int(port)))
        connection.settimeout(30)
        connection.sendall(
            b"GET /sparql?query=" + quote(EVERY).encode() + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        began, content = time.monotonic(), 0
        while part := connection.recv(50_000):
            content += len(part)
    assert content > 5_000_000
    assert time.monotonic() - began < 20


def test_a_request_in_halves_is_put_together_also_after_the_thread_has_left(address: str) -> None:
    host, _, port = address.partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        for pause in (0.0, 0.02, 3 * server.STAY):
            connection.sendall(b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHo")
            time.sleep(pause)
            connection.sendall(b"st: x\r\n\r\n")
            content = b""
            while not content.endswith(b"true}"):
                part = connection.recv(10_000)
                assert part
                content += part
            time.sleep(pause)


def test_more_busy_connections_than_threads_that_stay_are_all_answered(address: str) -> None:
    done: list[int] = []

    def ask() -> None:
        with closing(http.client.HTTPConnection(address, timeout=60)) as connection:
            for _ in range(5):
                connection.request("GET", "/sparql?query=ASK%7B%7D")
                done.append(connection.getresponse().read() == b'{"head":{},"boolean":true}')

    crowd = [threading.Thread(target=ask) for _ in range(server.STAYING + 20)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    assert done == [True] * 5 * len(crowd)


def test_a_service_that_stops_waits_for_no_thread_that_stays(tmp_path: Path) -> None:
    (tmp_path / "a.nt").write_text("<a:b> <a:b> 1 .".replace("1", '"1"'), encoding="utf-8")
    with serving("--dataset", tmp_path / "a.nt") as at:
        connection = http.client.HTTPConnection(urlparse(at).netloc, timeout=30)
        connection.request("GET", "/health")
        assert connection.getresponse().read()
        began = time.monotonic()
    assert time.monotonic() - began < 10
    connection.close()
