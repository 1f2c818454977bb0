"""Run the W3C SHACL test suite through our engine path: ``python -m tests.conformance.shacl FOLDER``.

Compares the verdict and the exact multiset of results of every test. Exits 1 where the failures are not those that
``shacl_known.toml`` lists, in either direction.
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlparse

import rdflib
from rdflib import RDF, SH, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from icsgraph.graph.shacl import ENGINES, report

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")
KNOWN = Path(__file__).with_name("shacl_known.toml")
Results = Counter[tuple[str, ...]]


@dataclass(frozen=True)
class Case:
    """One test: its name, data, shapes, and the graph and node that hold what is expected."""

    name: str
    data: Graph
    shapes: Graph
    graph: Graph
    expected: Node


def read(content: bytes, base: str = "") -> Graph:
    """Turtle with its literals as they are written: an engine must see "1"^^xsd:boolean, not true."""
    graph = Graph()
    rdflib.NORMALIZE_LITERALS = False
    try:
        graph.parse(data=content, format="turtle", publicID=base or None)
    finally:
        rdflib.NORMALIZE_LITERALS = True
    return graph


def parse(path: Path) -> Graph:
    return read(path.read_bytes(), path.resolve().as_uri())


def local(address: Node) -> Path:
    return Path(unquote(urlparse(str(address)).path))


def cases(manifest: Path) -> list[Case]:
    """The tests of a manifest and of those it includes, in their order."""
    graph = parse(manifest)
    found = [c for i in sorted(graph.objects(None, MF.include), key=str) for c in cases(local(i))]
    for entries in graph.objects(None, MF.entries):
        for test in Collection(graph, entries):
            assert (test, RDF.type, SHT.Validate) in graph, test
            action = graph.value(test, MF.action)
            expected = graph.value(test, MF.result)
            data, shapes = (graph.value(action, p) for p in (SHT.dataGraph, SHT.shapesGraph))
            assert data is not None
            assert shapes is not None
            assert expected is not None
            name = f"{manifest.parent.name}/{local(test).name}"
            found.append(Case(name, parse(local(data)), parse(local(shapes)), graph, expected))
    return found


def written(graph: Graph, node: Node | None) -> str:
    """A node in a form that can be compared: nameless ones by what they say, where that is a path."""
    if node is None:
        return ""
    if isinstance(node, BNode):
        if (node, RDF.first, None) in graph:
            return "(" + " ".join(written(graph, n) for n in Collection(graph, node)) + ")"
        inner = sorted(f"{p}{written(graph, o)}" for p, o in graph.predicate_objects(node) if str(p).endswith("Path"))
        return "[" + ";".join(inner) + "]"
    return node.n3() if isinstance(node, Literal | URIRef) else str(node)


def results(graph: Graph, top: Node) -> Results:
    """The results of a report: thing, path, value, component, severity, and the shape where it has a name."""
    return Counter(
        tuple(
            written(graph, graph.value(r, p))
            for p in (
                SH.focusNode,
                SH.resultPath,
                SH.value,
                SH.sourceConstraintComponent,
                SH.resultSeverity,
                SH.sourceShape,
            )
        )
        for r in graph.objects(top, SH.result)
    )


def fault(case: Case, engine: str) -> str:
    """What is wrong with an engine's report on a test, in a few words; empty where it is right."""
    fails = case.expected == SHT.Failure
    try:
        data, shapes = (g.serialize(format="nt", encoding="utf-8") for g in (case.data, case.shapes))
        told = read(report(data, shapes, engine))
    except Exception as error:
        # Whatever an engine raises counts as its failure, which some tests ask for.
        return "" if fails else f"fails with {type(error).__name__}: {str(error).splitlines()[0][:80]}"
    if fails:
        return "should fail, and reports"
    top = next(told.subjects(RDF.type, SH.ValidationReport))
    verdicts = [g.value(t, SH.conforms) for g, t in ((told, top), (case.graph, case.expected))]
    if verdicts[0] != verdicts[1]:
        return f"verdict {verdicts[0]}, expected {verdicts[1]}"
    got, expected = results(told, top), results(case.graph, case.expected)
    return (
        ""
        if got == expected
        else f"verdict right; {len(got - expected)} results too many, {len(expected - got)} missing"
    )


def main(folder: str) -> int:
    """Run everything with both engines; print a table and each failure; give the exit code."""
    known = tomllib.loads(KNOWN.read_text(encoding="utf-8"))
    surprises = 0
    for suite in ("core", "sparql"):
        tests = cases(Path(folder) / suite / "manifest.ttl")
        assert len({c.name for c in tests}) == len(tests) > 0
        for engine in ENGINES:
            faults = {c.name: fault(c, engine) for c in tests}
            assert len(faults) == len(tests)
            failed = {n: f for n, f in faults.items() if f}
            listed = set(known.get(engine, {}).get(suite, []))
            print(f"{suite:8}{engine:10}{len(tests) - len(failed):4} of {len(tests)}")
            for name, why in failed.items():
                print(f"    {name}: {why}{'' if name in listed else '  NOT LISTED'}")
            for name in sorted(listed - set(failed)):
                print(f"    {name}: listed as failing, and passes")
            surprises += len(listed ^ set(failed))
    return 1 if surprises else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
