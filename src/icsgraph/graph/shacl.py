"""Two SHACL engines behind one call: pySHACL, the reference, and shifty, which is quick."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import pyoxigraph as ox
from shifty import _shifty

from icsgraph.core.errors import IcsgraphError
from icsgraph.graph.rdf import Triple

__all__ = ["ENGINES", "Result", "as_ntriples", "report", "validate"]

ENGINES = ("shifty", "pyshacl")
_SH = "http://www.w3.org/ns/shacl#"


@dataclass(frozen=True, order=True)
class Result:
    """One result of an engine: the shape, the thing, the value that the shape points at (empty where none), and its message."""

    shape: str
    focus: str
    value: str
    message: str = ""


def as_ntriples(triples: Iterable[Triple]) -> bytes:
    """Triples as N-Triples, each once, in an order that does not change."""
    lines = sorted({f"{t.subject} {t.predicate} {t.object} ." for t in triples})
    return ("\n".join(lines) + "\n").encode()


def validate(data: bytes, shapes: bytes, engine: str = "shifty", only: Sequence[str] | None = None) -> list[Result]:
    """The results of checking data against shapes, both N-Triples; sorted, each once.

    ``only`` are the addresses of the shapes that have something to look at, where that is known; the others are not run.
    """
    return sorted(set(_results(report(data, shapes, engine, only)))) if only is None or only else []


def report(data: bytes, shapes: bytes, engine: str = "shifty", only: Sequence[str] | None = None) -> bytes:
    """An engine's own report on data and shapes, both N-Triples, as Turtle; ``only`` as ``validate`` has it."""
    if engine not in ENGINES:
        raise IcsgraphError(f"{engine} is not a SHACL engine here.", f"Use one of: {', '.join(ENGINES)}.")
    return _run_shifty(data, shapes, only) if engine == "shifty" else _run_pyshacl(data, shapes)


@lru_cache(maxsize=16)
def _prepared(shapes: bytes) -> _shifty.PreparedValidator:
    return _shifty.PreparedValidator(shapes, None, "ntriples", None)


def _run_shifty(data: bytes, shapes: bytes, only: Sequence[str] | None) -> bytes:
    names = list(only) if only is not None else None
    result = _prepared(shapes).validate_w3c(data, None, "ntriples", "data", names, False, "info", False)
    return result.report_turtle.encode()


@lru_cache(maxsize=1)
def _keep_queries() -> None:
    """Have rdflib read the text of a query once and not for each thing it is asked about, which took it longer than to answer."""
    from rdflib import plugin, query

    plugin.register("sparql", query.Processor, "icsgraph.graph.prepared", "Prepared")


def _run_pyshacl(data: bytes, shapes: bytes) -> bytes:
    import pyshacl
    import rdflib

    _keep_queries()
    graphs = []
    for content in (data, shapes):
        graph = rdflib.Graph()
        graph.parse(data=content, format="nt")
        graphs.append(graph)
    # The reference engine is loaded only when asked for: it takes a second.
    _, found, _ = pyshacl.validate(
        graphs[0], shacl_graph=graphs[1], inference="none", advanced=False, do_owl_imports=False
    )
    assert isinstance(found, rdflib.Graph), found
    return found.serialize(format="nt", encoding="utf-8")


def _results(told: bytes) -> Iterable[Result]:
    found: dict[str, dict[str, str]] = {}
    for quad in ox.parse(told, format=ox.RdfFormat.TURTLE):
        if quad.predicate.value in (_SH + "focusNode", _SH + "sourceShape", _SH + "value", _SH + "resultMessage"):
            found.setdefault(str(quad.subject), {})[quad.predicate.value.removeprefix(_SH)] = quad.object.value
    for values in found.values():
        if "focusNode" in values:
            value = values.get("value", "")
            # Where a constraint names no value, engines repeat the thing itself.
            about = "" if value == values["focusNode"] else value
            yield Result(values["sourceShape"], values["focusNode"], about, values.get("resultMessage", ""))
