"""The running service: real clients over HTTP, limits, figures, and the way it stops."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlparse

import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, N3, POST, TSV, TURTLE, XML, SPARQLWrapper

from icsgraph.build.pipeline import DATASET, Built
from icsgraph.core.errors import StatusError
from icsgraph.core.protocol import Asked, read_request
from tests.conformance import protocol
from tests.service import serving

BOARDS = "SELECT ?board WHERE { ?board a ics:IntegratedCareBoard ; ics:odsCode ?code } ORDER BY ?code"
# Takes time and not memory: few things, in all their combinations.
ENDLESS = (
    "SELECT (COUNT(*) AS ?n) { ?a a ics:Provision . ?b a ics:Provision . ?c a ics:Provision . ?d a ics:Provision }"
)
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def address(built: Built) -> Iterator[str]:
    with serving("--dataset", built.folder / DATASET, "--union", "--timeout", "2", "--rows", "500") as at:
        yield at


def send(
    address: str, method: str = "GET", path: str = "/sparql", body: bytes | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    with closing(http.client.HTTPConnection(urlparse(address).netloc, timeout=30)) as connection:
        connection.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
        response = connection.getresponse()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()


@pytest.mark.parametrize("form", [JSON, XML, CSV, TSV])
@pytest.mark.parametrize("method", ["GET", POST])
def test_sparqlwrapper_works_unchanged(address: str, form: str, method: str) -> None:
    client = SPARQLWrapper(address + "/sparql")
    client.setQuery(BOARDS)
    client.setReturnFormat(form)
    client.setMethod(method)
    told: Any = client.queryAndConvert()
    if form == JSON:
        assert len(told["results"]["bindings"]) == 48
    elif form == XML:
        assert len(told.getElementsByTagName("result")) == 48
    else:
        assert len(told.decode().strip().splitlines()) == 49


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.parametrize("form", [TURTLE, N3, XML])
def test_sparqlwrapper_reads_graphs(address: str, form: str) -> None:
    client = SPARQLWrapper(address + "/sparql")
    client.setQuery("DESCRIBE body:QMF")
    client.setReturnFormat(form)
    told: Any = client.queryAndConvert()
    graph = told if isinstance(told, rdflib.Graph) else rdflib.Graph().parse(data=told, format="turtle")
    assert (None, rdflib.DCTERMS.identifier, rdflib.Literal("QMF")) in graph


def test_rdflib_reads_the_endpoint_as_a_store(address: str) -> None:
    store = SPARQLStore(address + "/sparql", method="POST")
    graph = rdflib.Graph(store)
    board = rdflib.URIRef("https://w3id.org/icsgraph/id/body/QMF")
    assert str(graph.value(board, rdflib.DCTERMS.identifier)) == "QMF"
    assert len(list(graph.query("PREFIX ics: <https://w3id.org/icsgraph/def/> " + BOARDS))) == 48
    # With graphs, the name of a graph limits what is read to it.
    aware = SPARQLStore(address + "/sparql", context_aware=True)
    for name, there in (("bodies", True), ("act-2022", False)):
        within = rdflib.Graph(aware, rdflib.URIRef("https://w3id.org/icsgraph/graph/" + name))
        assert (next(within.triples((board, rdflib.RDF.type, None)), None) is not None) is there


def test_a_query_without_end_is_stopped_while_others_are_served(address: str) -> None:
    told: list[tuple[int, dict[str, str], bytes]] = []
    thread = threading.Thread(target=lambda: told.append(send(address, path="/sparql?query=" + quote(ENDLESS))))
    thread.start()
    served = 0
    while thread.is_alive():
        assert send(address, path="/health")[0] == 200
        assert send(address, path="/sparql?query=ASK%7B%7D")[0] == 200
        served += 1
    status, headers, body = told[0]
    assert (status, headers["retry-after"], headers["content-type"]) == (503, "2", "application/problem+json")
    assert "longer than 2 seconds" in json.loads(body)["detail"]
    assert served > 3


def test_a_cut_result_says_so(address: str) -> None:
    status, headers, body = send(address, path="/sparql?query=" + quote("SELECT ?s { ?s ?p ?o }"))
    assert (status, headers["icsgraph-result"]) == (200, "cut")
    assert len(json.loads(body)["results"]["bindings"]) == 500
    assert "icsgraph-result" not in send(address, path="/sparql?query=" + quote(BOARDS))[1]


def test_the_description_gives_the_address_that_was_asked(address: str) -> None:
    for host in (urlparse(address).netloc, "example.org"):
        _, _, body = send(address, Accept="text/turtle", Host=host)
        graph = rdflib.Graph().parse(data=body, format="turtle")
        endpoint = rdflib.URIRef("http://www.w3.org/ns/sparql-service-description#endpoint")
        assert list(graph.objects(None, endpoint)) == [rdflib.URIRef(f"http://{host}/sparql")]
    assert protocol.described(address) == {"returns-rdf": "", "has-endpoint-triple": "", "conforms-to-schema": ""}


def test_an_absent_graph_is_empty_and_named(address: str) -> None:
    query = "/sparql?query=" + quote("SELECT * { ?s ?p ?o }") + "&default-graph-uri="
    status, headers, body = send(address, path=query + quote("https://example.org/no"))
    assert (status, headers["icsgraph-absent-graphs"]) == (200, "<https://example.org/no>")
    assert json.loads(body)["results"]["bindings"] == []
    status, headers, _ = send(address, path=query + quote("https://w3id.org/icsgraph/graph/bodies"))
    assert (status, "icsgraph-absent-graphs" in headers) == (200, False)
    assert send(address, path=query + quote("not an address"))[0] == 400


@pytest.mark.parametrize(
    ("method", "path", "body", "kind", "status"),
    [
        ("POST", "/sparql", b"query=ASK%20%7B%7D", FORM, 200),
        ("POST", "/sparql", b"ASK {}", "application/sparql-query; charset=UTF-8", 200),
        ("POST", "/sparql", b"ASK {}", "application/sparql-query; charset=utf-16", 415),
        ("POST", "/sparql", b"ASK {}", "text/plain", 415),
        ("POST", "/sparql", b"ASK {}", "", 415),
        ("POST", "/sparql", b"", FORM, 400),
        ("POST", "/sparql", b"query=ASK%7B%7D%20%23%FF", FORM, 400),
        ("POST", "/sparql", b"ASK { } #\xff", "application/sparql-query", 400),
        ("POST", "/sparql?query=ASK%7B%7D", b"query=ASK%7B%7D", FORM, 400),
        ("POST", "/sparql?query=ASK%7B%7D", b"ASK {}", "application/sparql-query", 400),
        ("POST", "/sparql", b"update=CLEAR%20ALL", FORM, 403),
        ("POST", "/sparql", b"CLEAR ALL", "application/sparql-update", 403),
        ("GET", "/sparql?update=CLEAR%20ALL", None, "", 403),
        ("GET", "/sparql?query=%FF", None, "", 400),
        ("GET", "/sparql?query=ASK%7B%7D&query=ASK%7B%7D", None, "", 400),
        ("GET", "/sparql?query=ASK%7B%7D&format=docx", None, "", 400),
        ("GET", "/sparql?query=ASK%7B%7D&format=ttl", None, "", 400),
        ("GET", "/sparql?query=" + "x" * 200_000, None, "", 413),
        ("POST", "/sparql", b"ASK {} #" + b"x" * 200_000, "application/sparql-query", 413),
        ("POST", "/sparql", b"x" * 2_000_000, "application/sparql-query", 413),
        ("PUT", "/sparql", b"ASK {}", "application/sparql-query", 405),
        ("DELETE", "/sparql", None, "", 405),
        ("OPTIONS", "/sparql", None, "", 200),
        ("HEAD", "/sparql?query=ASK%7B%7D", None, "", 200),
    ],
)
def test_the_protocol_is_read_strictly(
    address: str, method: str, path: str, body: bytes | None, kind: str, status: int
) -> None:
    given = send(address, method, path, body, **({"Content_Type": kind} if kind else {}))
    assert given[0] == status, given
    if status >= 400:
        told = json.loads(given[2])
        assert given[1]["content-type"] == "application/problem+json"
        assert told["status"] == status
        assert told.get("hint")
    if status == 405:
        assert {"GET", "POST"} <= set(given[1]["allow"].split(", "))


def test_an_error_of_syntax_names_line_and_column(address: str) -> None:
    status, _, body = send(address, "POST", body=b"SELECT *\n{ ?s ?p }", Content_Type="application/sparql-query")
    assert status == 400
    assert "2:10" in json.loads(body)["detail"]


@pytest.mark.parametrize(
    ("accept", "table", "graph"),
    [
        ("*/*", "application/sparql-results+json", "text/turtle"),
        ("", "application/sparql-results+json", "text/turtle"),
        ("text/csv;q=0.5, application/sparql-results+xml", "application/sparql-results+xml", "406"),
        ("text/*;q=0.9, application/n-triples;q=0.3", "text/csv", "text/turtle"),
        ("application/ld+json;profile=x;q=0.9, text/turtle;q=0.5", "406", "application/ld+json"),
        ("text/turtle;q=0, */*;q=0.1", "application/sparql-results+json", "application/n-triples"),
        ("image/png", "406", "406"),
        # What is named outright goes before what is only not excluded.
        ("text/csv, */*", "text/csv", "text/turtle"),
        ("application/json, text/plain, */*", "application/sparql-results+json", "application/ld+json"),
        ("application/n-quads", "406", "application/n-quads"),
        ("application/trig, text/turtle;q=0.5", "406", "application/trig"),
        ("text/n3", "406", "text/turtle"),
    ],
)
def test_the_accept_header_is_honoured(address: str, accept: str, table: str, graph: str) -> None:
    for query, wanted in ((BOARDS, table), ("DESCRIBE body:QMF", graph)):
        status, headers, _ = send(address, path="/sparql?query=" + quote(query), Accept=accept)
        media = headers["content-type"].partition(";")[0]
        assert (media if status == 200 else str(status)) == wanted, (accept, query)


def test_the_parts_of_a_request_are_read() -> None:
    asked = read_request("GET", b"query=ASK%7B%7D&default-graph-uri=a:b&named-graph-uri=c:d&format=json", "", b"")
    assert asked == Asked("ASK{}", ("a:b",), ("c:d",), ("json",))
    # As SPARQLWrapper asks for JSON-LD.
    several = read_request("GET", b"query=ASK%7B%7D&output=json-ld&format=x,application/ld%2Bjson", "", b"")
    assert several.formats == ("x", "application/ld+json", "json-ld")
    assert read_request("GET", b"", "", b"").query is None
    assert read_request("POST", b"default-graph-uri=a:b", FORM, b"query=x%2By+z").query == "x+y z"
    with pytest.raises(StatusError, match="no query"):
        read_request("POST", b"", FORM, b"query=+")
    for kind, body in ((FORM, b"query=ASK%7B%7D&update=CLEAR+ALL"), (FORM, b"update=CLEAR+ALL&query=x")):
        with pytest.raises(StatusError, match="a query and an update") as told:
            read_request("POST", b"", kind, body)
        assert told.value.status == 400


def test_figures_and_log_name_no_value_that_was_asked_with(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "icsgraph", "serve", "--port", "0", "--log"]
    (tmp_path / "small.ttl").write_text("<http://x/a> <http://x/p> 1 .", encoding="utf-8")
    words = ["--dataset", str(tmp_path / "small.ttl")]
    with subprocess.Popen([*command, *words], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        at = re.search(r"http\S+", process.stderr.readline())
        assert at
        secret = "Personnel%20Name"
        send(at[0], path=f"/ask/who-is-bound-by?duty={secret}&format=json")
        send(at[0], path="/sparql?query=ASK%7B%3Fs%20%3Fp%20%22" + secret + "%22%7D")
        send(at[0], path=f"/{secret}")
        status, headers, body = send(at[0], path="/metrics")
        process.send_signal(signal.SIGTERM)
        log = process.stderr.read()
    assert process.returncode == 0
    assert status == 200
    assert headers["content-type"].startswith("text/plain")
    assert b'icsgraph_requests_total{method="GET",route="/sparql",status="200"} 1.0' in body
    for figure in ("killed", "broken", "crashed"):
        assert f"icsgraph_queries_{figure} 0.0".encode() in body
        assert f"icsgraph_checks_{figure} 0.0".encode() in body
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert [(x["route"], x["status"]) for x in lines] == [
        ("/ask/<id>", 400),
        ("/sparql", 200),
        ("none", 404),
        ("/metrics", 200),
    ]
    assert "Personnel" not in log + body.decode()


def test_who_is_being_answered_is_answered_before_it_stops(built: Built) -> None:
    command = [sys.executable, "-m", "icsgraph", "serve", "--port", "0", "--timeout", "3"]
    words = ["--dataset", str(built.folder / DATASET), "--union"]
    with subprocess.Popen([*command, *words], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        at = re.search(r"http\S+", process.stderr.readline())
        assert at
        told: list[int] = []
        thread = threading.Thread(target=lambda: told.append(send(at[0], path="/sparql?query=" + quote(ENDLESS))[0]))
        thread.start()
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        thread.join()
        process.stderr.read()
    assert (told, process.returncode) == ([503], 0)


def test_settings_come_from_the_environment_too(built: Built, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "small.ttl").write_text("<a:b> <a:b> 1, 2, 3 .", encoding="utf-8")
    monkeypatch.setenv("ICSGRAPH_SERVE_ROWS", "2")
    with serving("--dataset", tmp_path / "small.ttl") as at:
        _, headers, _ = send(at, path="/sparql?query=" + quote("SELECT * { ?s ?p ?o }"))
    assert headers["icsgraph-result"] == "cut"
