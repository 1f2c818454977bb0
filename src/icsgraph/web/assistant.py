"""A server for assistants over the Model Context Protocol: the desk, the check and SPARQL as tools, within the limits of the service.

What an assistant may quote comes together: status, day, law and lasting address stand in every answer, and an answer that is not
settled carries the sentence that must be said with it.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Callable
from typing import Annotated, Any, Literal

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError
from pydantic import Field

from icsgraph import __version__
from icsgraph.ask.describe import describe
from icsgraph.ask.explain import explain
from icsgraph.ask.finder import Finder
from icsgraph.core.dates import parse_day
from icsgraph.core.errors import IcsgraphError, given_for
from icsgraph.core.protocol import Asked
from icsgraph.core.report import Report
from icsgraph.core.terms import BASE, DEFAULT_SCENARIO, PREFIXES
from icsgraph.graph.rdf import turtle
from icsgraph.graph.upload import MAX_BYTES
from icsgraph.web.openapi import choices
from icsgraph.web.pages import described
from icsgraph.web.service import Service
from icsgraph.web.sparql import Endpoint
from icsgraph.web.told import ROWS, Told, bounded, side_by_side, told

__all__ = ["assistant"]

_CHOICES = 12
# A result of SPARQL of more bytes is refused: ask for less.
_BYTES = 60_000

INSTRUCTIONS = """\
Who is accountable for what in the integrated care systems of England, with the law behind every statement, from April 2013 on.
Begin with find, which reads a question in plain words; then ask the question it names. Every answer has a status: settled; presumed
(only a default carries it); contested; silent (nothing on record, which is not the same as nobody). Always say the status where it
is not settled, the day (as_at), the law, and the address. Not legal advice.
"""

Name = Annotated[str, Field(max_length=2000)]
Day = Annotated[str, Field(max_length=10, description="A day, YYYY-MM-DD; today where none is given.")]
Scenario = Annotated[
    str, Field(max_length=100, description="A scenario by its id; the enacted law where none is given.")
]
Values = Annotated[dict[str, str], Field(max_length=20, description="Each value as a code, an id or a name.")]
Syntax = Literal["turtle", "jsonld", "ntriples", "nquads", "trig", "rdfxml"]
Text = Annotated[str, Field(max_length=MAX_BYTES)]


def assistant(service: Service) -> MCPServer:
    """The server over an open service; run it with its ``run``, or by ``streamable``."""
    # Nothing changes while it runs, so there is nothing to listen for.
    server = MCPServer(
        "icsgraph", version=__version__, instructions=INSTRUCTIONS, log_level="WARNING", subscriptions=False
    )
    for offer in (_offer_questions, _offer_checks, _offer_record, _offer_resources):
        offer(server, service)
    return server


def _tools(server: MCPServer, service: Service) -> Callable[[Callable[..., Told]], Callable[..., Told]]:
    def tool(run: Callable[..., Told]) -> Callable[..., Told]:
        server.add_tool(bounded(run, service.desk))
        return run

    return tool


def _offer_questions(server: MCPServer, service: Service) -> None:
    """The tools that ask."""
    desk, tool = service.desk, _tools(server, service)
    finder = Finder(desk)
    notes = desk.catalogue.notes
    closed = choices(desk)

    @tool
    def find(what: Name, where: Name = "", when: Day = "") -> Told:
        """Read a question in plain words (what), with a place (where) and a day (when, YYYY-MM-DD).

        Gives how the words were understood, which were not used, and the questions that may be meant with their values: pass one of
        them to ask. Where one is clear its answer comes at once, as answer.
        """
        with given_for("when"):
            found = finder.find(what, where, when)
        said = described(found)
        if found.decided and found.decided.question:
            one = found.decided
            answer = desk.ask(one.question.id, one.values, one.as_at or when)  # type: ignore[union-attr]
            said["answer"] = told(answer, one.values, notes)
        return said

    @tool
    def questions(family: Name = "") -> Told:
        """List the questions that can be asked, of a family or of all: id, sentence, the values each takes, families."""
        families = desk.catalogue.families()
        chosen = families.get(family) or [q for some in families.values() for q in some]
        return {
            "families": sorted(families),
            "questions": [
                {
                    "id": q.id,
                    "asks": q.plain,
                    "values": {
                        p.name: {"type": p.type, "required": p.default is None}
                        | ({"one_of": closed[p.type]} if p.type in closed and len(closed[p.type]) <= _CHOICES else {})
                        for p in q.parameters
                    },
                    "example": q.examples[0].values,
                }
                for q in chosen
            ],
        }

    @tool
    def ask(question: Name, values: Values | None = None, as_at: Day = "", scenario: Scenario = "") -> Told:
        """Ask a question by its id, with values as codes, ids or names; as_at is the day (YYYY-MM-DD, today by default).

        Example: question=who-is-liable-for, values={"function": "dentist", "area": "england"}, as_at=2023-06-01. Quote status, says,
        as_at, the law of the statements and the address; what stands in must_be_said must be said.
        """
        return told(desk.ask(question, values or {}, as_at, scenario), values or {}, notes)

    @tool
    def compare_days(
        question: Name, first: Day, second: Day, values: Values | None = None, scenario: Scenario = ""
    ) -> Told:
        """Ask a question on two days: both answers, each with its law, and the rows that stand on one of them alone."""
        given = values or {}
        for name, day in (("first", first), ("second", second)):
            with given_for(name):
                parse_day(day)
        before, after = (desk.ask(question, given, day, scenario) for day in (first, second))
        return side_by_side(desk.catalogue.get(question), given, before, after, notes)


def _offer_checks(server: MCPServer, service: Service) -> None:
    """The tools that check."""
    tool = _tools(server, service)

    def checked(content: bytes, name: str, as_at: str, scenario: str, field: str, kind: str = "") -> Told:
        """The report on what was given as ``field``; the day and the scenario are read first, so that each is told apart."""
        with given_for("as_at"):
            day = parse_day(as_at).isoformat() if as_at else ""
        with given_for("scenario"):
            found = service.desk.names.find(scenario or DEFAULT_SCENARIO, "Scenario")
        with given_for(field):
            return _reported(service.checks.check(content, name, service.desk.names.code(found.value), day, kind=kind))

    @tool
    def check(description: Text, format: Syntax = "turtle", as_at: Day = "", scenario: Scenario = "") -> Told:
        """Check a description of a system, written in RDF, against the rules in force on a day.

        Each finding has its rule, what is wrong, the law and what to do.
        """
        return checked(description.encode(), "the description", as_at, scenario, "description", format)

    @tool
    def check_workbook(workbook: Text, name: Name = "workbook.xlsx", as_at: Day = "", scenario: Scenario = "") -> Told:
        """Check a workbook of a scheme of delegation (xlsx, docx, csv; its bytes as base64) against the rules in force on a day.

        Each finding stands at its cell, with the law and what to do.
        """
        with given_for("workbook"):
            try:
                content = base64.b64decode(workbook, validate=True)
            except (binascii.Error, ValueError):
                raise IcsgraphError(
                    "The workbook is not written as base64.", "Send the bytes of the file so."
                ) from None
        return checked(content, name, as_at, scenario, "workbook")


def _offer_record(server: MCPServer, service: Service) -> None:
    """The tools that look into the record."""
    desk, tool = service.desk, _tools(server, service)
    endpoint = Endpoint(desk.store, service.evaluator, service.cache)

    @tool
    def explain_thing(name: Name) -> Told:
        """Explain a body, provision, function, duty, term, rule or statement by its id, code or name, with its law."""
        with given_for("name"):
            it = explain(desk, name)
        facts = {label: [getattr(v, "label", v) for v in some[:_CHOICES]] for label, some in it.facts}
        law = [{"citation": p.citation, "url": p.url, "text": p.text, "is_law": p.law} for p in it.passages]
        return {
            **it.thing.to_dict(),
            "address": it.thing.iri,
            "as_at": dt.date.today().isoformat(),
            "kinds": list(it.kinds),
            "text": it.text,
            "facts": facts,
            "law": law,
        }

    @tool
    def describe_schema() -> Told:
        """Say what SPARQL can ask: prefixes, classes with their meaning and number, the properties most used, graphs, an example."""
        classes = desk.store.select(
            "SELECT ?class ?label ?meaning ?n WHERE { { SELECT ?class (COUNT(?s) AS ?n) WHERE { ?s a ?class } GROUP BY ?class } "
            "?class a owl:Class ; rdfs:label ?label ; skos:definition ?meaning } ORDER BY DESC(?n)"
        )
        properties = desk.store.select(
            "SELECT ?property ?label ?meaning WHERE { VALUES ?kind { owl:ObjectProperty owl:DatatypeProperty } "
            "?property a ?kind ; rdfs:label ?label ; skos:definition ?meaning } ORDER BY ?property"
        )
        return {
            "status": "settled",
            "as_at": dt.date.today().isoformat(),
            "address": BASE + "def/",
            "prefixes": PREFIXES,
            "classes": [{n: r[n].value for n in ("class", "label", "meaning", "n")} for r in classes],
            "properties": [{n: r[n].value for n in ("property", "label", "meaning")} for r in properties],
            "graphs": [g.value for g in desk.store.graph_names()],
            "example": "SELECT ?board ?name WHERE { ?board a ics:IntegratedCareBoard ; rdfs:label ?name "
            "FILTER NOT EXISTS { ?board ics:validTo ?to } }",
        }

    @tool
    def sparql(query: Text) -> Told:
        """Run a SPARQL 1.1 SELECT or ASK query, within the limits of the service; known prefixes may be left out.

        Rows are what the record says in all scenarios and on all days unless the query says otherwise: prefer ask.
        """
        with given_for("query"):
            given = endpoint.answer(query, Asked(query, formats=("json",)), "")
            if len(given.body) > _BYTES:
                raise IcsgraphError(
                    "The result is too large for an assistant.", "Add a LIMIT or ask for fewer columns."
                )
        try:
            result = json.loads(given.body)
        except ValueError:
            result = given.body.decode()
        return {
            "status": "as recorded: no day and no scenario is applied but those of the query",
            "as_at": dt.date.today().isoformat(),
            "address": BASE + "sparql",
            "cut": dict(given.headers).get("Icsgraph-Result") == "cut",
            "result": result,
        }


def _offer_resources(server: MCPServer, service: Service) -> None:
    """Things and answers by their addresses."""
    desk = service.desk

    @server.resource("icsgraph://thing/{kind}/{id}", mime_type="text/turtle")
    def thing(kind: str, id: str) -> str:
        """What is said of a thing (body, provision, duty, function, statement), as Turtle."""
        try:
            found = describe(desk, f"{BASE}id/{kind}/{id}", f"{BASE}doc/{kind}/{id}")
        except ValueError:
            # What is no address is nothing on record.
            found = []
        if not found:
            raise ResourceError(f"There is no {kind} {id} on record. Ask find or explain_thing by its name.")
        return turtle(found).decode()

    @server.resource("icsgraph://answer/{question}/{+values}", mime_type="application/json")
    def answer(question: str, values: str) -> str:
        """The answer to a question, as the tool ask gives it: values, as_at and scenario as name=value, with “/” between them."""

        def asked(question: str, values: dict[str, str]) -> Told:
            day, scenario = (values.pop(n, "") for n in ("as_at", "scenario"))
            return told(desk.ask(question, values, day, scenario), values, desk.catalogue.notes)

        given = dict(part.partition("=")[::2] for part in values.split("/"))
        return json.dumps(bounded(asked, desk)(question, given), ensure_ascii=False)


def _reported(report: Report) -> dict[str, Any]:
    """The report of a check, with as many findings as an assistant can read."""
    found = report.to_dict()
    findings = list(found.pop("findings"))  # type: ignore[call-overload]
    status = "conforms" if report.conforms else "breaks the rules"
    left = {"left_out": len(findings) - ROWS} if len(findings) > ROWS else {}
    return {"status": status, **found, **left, "findings": findings[:ROWS]}
