"""Run the W3C SPARQL 1.1 query evaluation tests over HTTP and on the engine itself: ``python -m tests.conformance.sparql FOLDER``.

``FOLDER`` is ``sparql/sparql11`` of the suite. Each dataset is served by ``icsgraph serve --dataset``; exits 1 where a test comes
out otherwise over HTTP than on the engine.
"""

from __future__ import annotations

import http.client
import sys
import tempfile
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import unquote, urlparse

import pyoxigraph as ox
from rdflib import RDF, Graph, Namespace
from rdflib.collection import Collection
from rdflib.term import Node

from tests.service import serving

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
FORMATS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".trig": ox.RdfFormat.TRIG,
    ".nq": ox.RdfFormat.N_QUADS,
}


@dataclass(frozen=True)
class Case:
    """One test: its name, its query as text with its base, its dataset as N-Quads, and the file of what is expected."""

    name: str
    query: str
    data: str
    expected: Path


def local(address: Node) -> Path:
    return Path(unquote(urlparse(str(address)).path))


def parsed(path: Path) -> list[ox.Quad]:
    return list(ox.parse(path=str(path), format=FORMATS[path.suffix], base_iri=path.as_uri()))


def cases(manifest: Path) -> list[Case]:
    """The evaluation tests of a manifest and of those it includes, in their order."""
    graph = Graph().parse(manifest, publicID=manifest.as_uri())
    found = []
    for included in graph.objects(None, MF.include):
        for path in Collection(graph, included):
            found += cases(local(path))
    for entries in graph.objects(None, MF.entries):
        for test in Collection(graph, entries):
            if (test, RDF.type, MF.QueryEvaluationTest) not in graph:
                continue
            action, expected = graph.value(test, MF.action), graph.value(test, MF.result)
            query, data = graph.value(action, QT.query), graph.value(action, QT.data)
            assert query is not None
            assert expected is not None
            lines = [f"{q} ." for q in (parsed(local(data)) if data else ())]
            for named in graph.objects(action, QT.graphData):
                lines += [f"{q.triple} <{named}> ." for q in parsed(local(named))]
            text = f"BASE <{query}>\n{local(query).read_text(encoding='utf-8')}"
            found.append(
                Case(f"{manifest.parent.name}/{str(test).rpartition('#')[2]}", text, "\n".join(lines), local(expected))
            )
    return found


def canonical(result: object) -> frozenset[str] | bool:
    """A result in a form in which equal results are equal, whatever their nameless nodes are called."""
    if isinstance(result, ox.QueryBoolean | bool):
        return bool(result)
    if isinstance(result, ox.QuerySolutions):
        quads = []
        names = result.variables
        for row in result:
            # A node for each row, so that rows which repeat count as often as they come.
            node = ox.BlankNode()
            quads.append(ox.Quad(node, ox.NamedNode("x:row"), ox.Literal("")))
            quads += [ox.Quad(node, ox.NamedNode(f"x:{n.value}"), v) for n in names if (v := row[n]) is not None]
    else:
        assert isinstance(result, list)
        quads = [ox.Quad(t.subject, t.predicate, t.object) for t in result]
    return _compared(quads)


def _compared(quads: list[ox.Quad]) -> frozenset[str]:
    # Through a store, which writes numbers in its one way: 1.0 and 1.00 are equal here.
    store = ox.Store()
    store.extend(quads)
    dataset = ox.Dataset(store)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return frozenset(map(str, dataset))


def expected(case: Case) -> frozenset[str] | bool:
    """What a test expects."""
    suffix = case.expected.suffix
    if suffix in (".srx", ".srj"):
        kind = ox.QueryResultsFormat.XML if suffix == ".srx" else ox.QueryResultsFormat.JSON
        return canonical(ox.parse_query_results(path=str(case.expected), format=kind))
    triples = [q.triple for q in parsed(case.expected)]
    tables = [t.subject for t in triples if t.object == ox.NamedNode(RS + "ResultSet")]
    if not tables:
        return canonical(triples)
    # A table as a graph: rows with bindings of a variable and a value.
    store = ox.Store()
    store.extend([ox.Quad(t.subject, t.predicate, t.object) for t in triples])
    quads = []
    for row in store.quads_for_pattern(tables[0], ox.NamedNode(RS + "solution"), None):
        node = ox.BlankNode()
        quads.append(ox.Quad(node, ox.NamedNode("x:row"), ox.Literal("")))
        for binding in store.quads_for_pattern(cast(ox.BlankNode, row.object), ox.NamedNode(RS + "binding"), None):
            about = store.quads_for_pattern(cast(ox.BlankNode, binding.object), None, None)
            said = {q.predicate.value.removeprefix(RS): q.object for q in about}
            name = cast(ox.Literal, said["variable"]).value
            quads.append(ox.Quad(node, ox.NamedNode(f"x:{name}"), said["value"]))
    return _compared(quads)


def embedded(case: Case) -> str:
    """What the engine itself makes of a test; empty where it is right."""
    store = ox.Store()
    store.bulk_load(case.data.encode(), format=ox.RdfFormat.N_QUADS)
    try:
        result = store.query(case.query)
        got = canonical(list(result) if isinstance(result, ox.QueryTriples) else result)
    except SyntaxError:
        return "does not parse"
    return "" if got == expected(case) else "another result"


def served(case: Case, address: str) -> str:
    """What the service makes of a test; empty where it is right."""
    accept = "application/sparql-results+json, application/n-triples;q=0.9"
    with closing(http.client.HTTPConnection(urlparse(address).netloc, timeout=60)) as connection:
        headers = {"Content-Type": "application/sparql-query", "Accept": accept}
        connection.request("POST", "/sparql", case.query.encode(), headers)
        answer = connection.getresponse()
        content = answer.read()
    if answer.status != 200:
        return f"status {answer.status}"
    if "json" in (answer.getheader("Content-Type") or ""):
        got = canonical(ox.parse_query_results(content, format=ox.QueryResultsFormat.JSON))
    else:
        got = canonical([q.triple for q in ox.parse(content, format=ox.RdfFormat.N_TRIPLES)])
    return "" if got == expected(case) else "another result"


def main() -> int:
    """Run the suite both ways, print what fails and what differs."""
    found = cases(Path(sys.argv[1]).resolve() / "manifest-sparql11-query.ttl")
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in found:
        groups[case.data].append(case)
    wrong: dict[str, tuple[str, str]] = {}
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "data.nq"
        for data, group in groups.items():
            file.write_text(data, encoding="utf-8")
            with serving("--dataset", file) as address:
                for case in group:
                    wrong[case.name] = (embedded(case), served(case, address))
    for name, (engine, service) in wrong.items():
        if engine or service:
            print(f"{name}: engine: {engine or 'right'}; service: {service or 'right'}")
    right = [sum(not pair[way] for pair in wrong.values()) for way in (0, 1)]
    differing = [name for name, (engine, service) in wrong.items() if bool(engine) != bool(service)]
    print(
        f"engine {right[0]} of {len(wrong)}, service {right[1]} of {len(wrong)}, {len(groups)} datasets; differing: {differing or 'none'}"
    )
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
