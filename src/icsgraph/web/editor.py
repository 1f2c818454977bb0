"""``/query``: the page on which people write SPARQL, with examples, results as a table, and faults at their line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, jsonify, render_template, request

from icsgraph.ask.desk import Desk
from icsgraph.core.answer import Cell
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import BASE, DEF, PREFIXES
from icsgraph.graph.rdf import iri, term_name
from icsgraph.graph.results import Forms
from icsgraph.web.sparql import Evaluator

__all__ = ["blueprint"]

_START = """SELECT ?board ?name ?from
WHERE {
  ?board a ics:IntegratedCareBoard ; rdfs:label ?name ; ics:validFrom ?from .
  FILTER NOT EXISTS { ?board ics:validTo ?to }
}
ORDER BY ?name
"""
_MOST = 500
_PLACE = re.compile(r"\b(\d+):\d+")


@dataclass(frozen=True)
class Table:
    """A result for people: things of the record by name."""

    columns: list[str]
    rows: list[list[Cell]]
    cut: bool


def blueprint(desk: Desk, evaluator: Evaluator) -> tuple[Blueprint, Callable[[], Response]]:
    """The page over ``desk``, as a route and as what makes it; ``evaluator`` runs what strangers write."""
    routes = Blueprint("editor", __name__)
    examples = {family: [(q.id, q.plain) for q in questions] for family, questions in desk.catalogue.families().items()}

    def table(body: bytes, cut: bool) -> Table:
        found = json.loads(body)
        if "boolean" in found:
            return Table(["answer"], [["yes" if found["boolean"] else "no"]], cut)
        columns = found["head"]["vars"]
        return Table(columns, [[value(row.get(c)) for c in columns] for row in found["results"]["bindings"]], cut)

    def value(term: dict[str, str] | None) -> Cell:
        if term is None:
            return None
        known = term["type"] == "uri" and term["value"].startswith(BASE)
        return desk.views.thing(term["value"]) if known else term["value"]

    @routes.get("/query")
    def write() -> Response:
        query = request.args.get("query", "")
        if example := request.args.get("example", ""):
            question = desk.catalogue.get(example)
            tried = question.examples[0]
            query = desk.spelled(desk.ask(example, tried.values, tried.as_at, tried.scenario))
        result, graph, error, line = None, None, None, ""
        if request.args.get("query", "").strip():
            try:
                found = evaluator.serialise(query, Forms("json", "ttl"))
                if found.form == "json":
                    result = table(found.body, found.cut)
                else:
                    graph = found.body.decode()
            except IcsgraphError as raised:
                error = raised
                place = _PLACE.search(raised.message)
                line = place[1] if place else ""
        formats = ("csv", "json", "tsv", "xml")
        page = render_template(
            "query.html",
            query=query or _START,
            result=result,
            graph=graph,
            error=error,
            line=line,
            examples=examples,
            formats=formats,
            most=_MOST,
        )
        return Response(page, getattr(error, "status", 400) if error else 200, mimetype="text/html")

    @routes.get("/suggest/terms")
    def terms() -> Response:
        """The words of the ontology, as the editor completes them."""
        short = {address: prefix for prefix, address in PREFIXES.items()}
        found = []
        for address in sorted(a for a in desk.names.labels if a.startswith(DEF)):
            meaning = desk.store.objects(iri(address), term_name("skos:definition"))
            found.append(
                {
                    "name": f"{short[DEF]}:{address.removeprefix(DEF)}",
                    "kind": desk.names.label(address),
                    "meaning": meaning[0].value if meaning else "",
                }
            )
        return jsonify(found)

    return routes, write
