"""Run the W3C tests of SPARQL 1.1 Protocol and Service Description against a running service: ``python -m tests.conformance.protocol FOLDER``.

``FOLDER`` is ``sparql/sparql11`` of the suite. Exits 1 where the failures are not exactly those of ``protocol_known.toml``.
"""

from __future__ import annotations

import http.client
import json
import sys
import tempfile
import tomllib
import xml.etree.ElementTree as ET
from contextlib import closing
from pathlib import Path
from urllib.parse import urlparse

import rdflib
from rdflib import RDF, BNode, Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from tests.service import serving

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
KNOWN = Path(__file__).with_name("protocol_known.toml")
FORMATS = {
    "tabular": {
        "application/sparql-results+json",
        "application/sparql-results+xml",
        "text/csv",
        "text/tab-separated-values",
    },
    "boolean": {"application/sparql-results+json", "application/sparql-results+xml"},
    "RDF": {"text/turtle", "application/rdf+xml", "application/n-triples", "application/ld+json"},
}


def tests(folder: Path) -> tuple[Graph, list[Node]]:
    """The manifest of the protocol tests, and the tests in their order."""
    manifest = folder / "protocol" / "manifest.ttl"
    graph = Graph().parse(manifest, publicID=manifest.as_uri())
    entries = graph.value(URIRef(manifest.as_uri()), MF.entries) or next(graph.objects(None, MF.entries))
    return graph, list(Collection(graph, entries))


def dataset(graph: Graph, out: Path) -> None:
    """All graphs that the tests name, as one file; the files of the suite are read as N-Triples."""
    lines = set()
    for given in set(graph.objects(None, UT.graphData)):
        name, file = graph.value(given, rdflib.RDFS.label), graph.value(given, UT.graph)
        for line in Path(urlparse(str(file)).path).read_text(encoding="utf-8").splitlines():
            if line.strip().endswith("."):
                lines.add(f"{line.strip()[:-1]} <{name}> .\n")
    out.write_text("".join(sorted(lines)), encoding="utf-8")


def fault(graph: Graph, test: Node, address: str) -> str:
    """What is wrong with the answers to the requests of a test; empty where nothing is."""
    requests = graph.value(graph.value(test, MF.action), HT.requests)
    assert requests is not None
    for request in Collection(graph, requests):
        path = str(graph.value(request, HT.absolutePath)).replace("/sparql/", "/sparql", 1)
        body = graph.value(graph.value(request, HT.body) or BNode(), CNT.chars)
        encoding = str(graph.value(graph.value(request, HT.body) or BNode(), CNT.characterEncoding) or "UTF-8")
        headers = {}
        for header in Collection(graph, graph.value(request, HT.headers) or RDF.nil):
            headers[str(graph.value(header, HT.fieldName))] = str(graph.value(header, HT.fieldValue))
        sent = str(body).encode(encoding) if body is not None else None
        with closing(http.client.HTTPConnection(urlparse(address).netloc, timeout=30)) as connection:
            connection.request(str(graph.value(request, HT.methodName)), path, sent, headers)
            response = connection.getresponse()
            content = response.read()
        expected = graph.value(request, HT.resp)
        allowed = {str(s).rpartition("StatusCode")[2][0] for s in graph.objects(expected, MF.expectedStatus)}
        if str(response.status)[0] not in allowed:
            return f"status {response.status}, expected {sorted(allowed)}xx"
        media = (response.getheader("Content-Type") or "").partition(";")[0]
        form = graph.value(expected, MF.expectedFormat)
        if form is not None and media not in FORMATS[str(form)]:
            return f"{media} for {form}"
        truth = graph.value(expected, MF.expectedBoolean)
        if truth is not None:
            told = json.loads(content)["boolean"] if "json" in media else ET.fromstring(content)[-1].text == "true"
            if str(told).lower() != str(truth):
                return f"{told}, expected {truth}"
    return ""


def described(address: str) -> dict[str, str]:
    """The faults of the service description, by test."""
    with closing(http.client.HTTPConnection(urlparse(address).netloc, timeout=30)) as connection:
        connection.request("GET", "/sparql", headers={"Accept": "text/turtle"})
        response = connection.getresponse()
        graph = Graph().parse(data=response.read(), format="turtle")
    service = graph.value(predicate=SD.endpoint, object=URIRef(address + "/sparql"))
    # What the vocabulary says of the classes that the values of a property belong to.
    ranges = {
        SD.defaultDataset: SD.Dataset,
        SD.defaultGraph: SD.Graph,
        SD.namedGraph: SD.NamedGraph,
        SD.graph: SD.Graph,
    }
    misfits = [
        f"{p} {o}" for p, kind in ranges.items() for o in graph.objects(None, p) if (o, RDF.type, kind) not in graph
    ]
    nameless = [str(g) for g in graph.subjects(RDF.type, SD.NamedGraph) if len(list(graph.objects(g, SD.name))) != 1]
    return {
        "returns-rdf": "" if response.status == 200 and len(graph) else f"status {response.status}",
        "has-endpoint-triple": "" if service is not None else "no sd:endpoint with the address that was asked",
        "conforms-to-schema": "; ".join(
            [*misfits, *nameless] + ([] if (service, RDF.type, SD.Service) in graph else ["no sd:Service"])
        ),
    }


def main() -> int:
    """Run the suite, print each failure, and compare the failures with those known."""
    folder = Path(sys.argv[1]).resolve()
    graph, found = tests(folder)
    faults: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "graphs.nq"
        dataset(graph, file)
        with serving("--dataset", file) as address:
            for test in found:
                faults[str(test).rpartition("#")[2]] = fault(graph, test, address)
            faults |= described(address)
    failed = {name: told for name, told in faults.items() if told}
    for name, told in failed.items():
        print(f"{name}: {told}")
    print(f"{len(faults) - len(failed)} of {len(faults)}")
    known = set(tomllib.loads(KNOWN.read_text(encoding="utf-8"))["known"])
    return 0 if set(failed) == known else 1


if __name__ == "__main__":
    sys.exit(main())
