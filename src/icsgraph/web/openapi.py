"""``/openapi.json``: the description of the API, made from the catalogue of questions.

Source: https://spec.openapis.org/oas/v3.1.1
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request

from icsgraph import __version__
from icsgraph.ask.desk import Desk
from icsgraph.ask.names import LISTS
from icsgraph.core.formats import FORMATS
from icsgraph.core.question import Parameter, Question
from icsgraph.web.schemas import DAY, TEXT, answer_name, listed, ref, schemas

__all__ = ["CLOSED", "blueprint", "choices", "description"]

_WORDS = {
    "Area": "An area, by code or name",
    "Body": "A body, by ODS or ONS code or by name",
    "BodyOrKind": "A body or a kind of body, by code or name",
    "Date": "A day, YYYY-MM-DD",
    "MatterOrLaw": "A function, duty, power or provision, by id or name",
    "Text": "Words",
}


# The types of parameters whose values are few and closed.
CLOSED = (
    "AnswerState",
    "Change",
    "ChangeStrength",
    "DisagreementKind",
    "DisagreementMatter",
    "Fate",
    "LineStatus",
    "Modality",
    "Paper",
    "PaperPart",
    "PaperTopic",
    "Scenario",
    "Stance",
    "StatementKind",
    "Voice",
)


# Routes that only a browser or an operator asks for, and so are not described.
PAGES_ONLY = frozenset(
    {
        *(
            "/",
            "/compare",
            "/glossary",
            "/map",
            "/metrics",
            "/query",
            "/static/{filename}",
            "/suggest/terms",
            "/timeline",
        ),
        *("/llms.txt", "/robots.txt", "/sitemap.xml"),
    }
)
_FILE = {"type": "string", "format": "binary"}
_PATH = {"kind": "The kind of thing, as in its address: body, provision, duty.", "id": "Its id."}


def blueprint(desk: Desk) -> Blueprint:
    """The route of the description."""
    routes = Blueprint("openapi", __name__)

    @routes.get("/openapi.json")
    def document() -> Response:
        known = desk.catalogue
        server = request.url_root.rstrip("/")
        return jsonify(description(list(known.questions.values()), server, choices(desk), known.columns))

    return routes


def choices(desk: Desk) -> dict[str, list[str]]:
    """The ids that a parameter of a type may have, where they are a short closed list; for a list of such values too."""
    found = {kind: [desk.names.code(t) for t in desk.names.all_of(kind)] for kind in CLOSED}
    return {**found, **{many: found[one] for many, one in LISTS.items() if one in found}}


def description(
    questions: list[Question],
    server: str,
    known: Mapping[str, list[str]] | None = None,
    columns: Mapping[str, list[str]] | None = None,
) -> dict[str, Any]:
    """The OpenAPI 3.1 document for questions asked at a server; a new question is in it without more.

    ``known`` gives the values of each type of parameter that has a closed list of them, ``columns`` the types of each column.
    """
    known, columns = known or {}, columns or {}
    paths: dict[str, Any] = {
        f"/ask/{q.id}": {"get": _question(q, known)} for q in sorted(questions, key=lambda q: q.id)
    }
    # A list of values with commas between them names ids as well as names, so it stays a text; one value may be chosen.
    enums = {f"{kind}Id": {"type": "string", "enum": known[kind]} for kind in CLOSED if known.get(kind)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "icsgraph",
            "version": __version__,
            "summary": "Who is accountable for what in integrated care systems in England, with the law behind every statement",
            "description": "Every answer takes a date and a scenario and names the passages it rests on. Not legal advice. "
            "Who names no type gets JSON, or Turtle of things and of the catalogue; a browser, which names text/html, gets a page.",
            "license": {"name": "Open Government Licence v3.0", "identifier": "OGL-UK-3.0"},
        },
        "servers": [{"url": server}],
        "paths": paths | _others(),
        "components": {"schemas": {**schemas(questions, columns), **enums}},
    }


def _question(question: Question, known: Mapping[str, list[str]]) -> dict[str, Any]:
    scenario = ref("ScenarioId") if known.get("Scenario") else TEXT
    parameters = [_parameter(p, known) for p in question.parameters]
    parameters += [
        _query("as_at", "The day asked about; today by default.", DAY),
        _query("scenario", "The scenario asked about; the enacted law by default.", scenario),
        _query(
            "edition", "As we knew it then: the id of an edition that is kept, or a day; what is served by default."
        ),
        _query(
            "format",
            "The form of the answer; else as the Accept header says.",
            {"type": "string", "enum": ["json", "csv", "ttl", "html", "rq"]},
        ),
    ]
    for one in parameters:
        if one["name"] in question.examples[0].values:
            one["example"] = question.examples[0].values[one["name"]]
    return {
        "operationId": question.id,
        "tags": [question.family],
        "summary": question.plain,
        "description": question.explain,
        "parameters": parameters,
        "responses": _responses(
            "The answer",
            {
                "application/json": {"schema": ref(answer_name(question.id))},
                **{m: {"schema": TEXT} for m in ("text/csv", "text/turtle", "text/html", "application/sparql-query")},
            },
        ),
    }


def _parameter(parameter: Parameter, known: Mapping[str, list[str]]) -> dict[str, Any]:
    schema: dict[str, Any] = dict(DAY if parameter.type == "Date" else TEXT)
    # Names are taken as well as ids, and several with commas: the ids are said, and no other value is ruled out.
    if values := known.get(parameter.type):
        several = ["all"] if parameter.type in LISTS else []
        schema["examples"] = [*several, *values]
    if parameter.default is not None:
        schema["default"] = parameter.default
    return {
        "name": parameter.name,
        "in": "query",
        "required": parameter.default is None,
        "description": _WORDS.get(parameter.type, f"{parameter.type}, by id or name") + ".",
        "schema": schema,
    }


def _query(name: str, words: str, schema: dict[str, Any] = TEXT, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "description": words, "schema": schema}


def _others() -> dict[str, Any]:
    """The routes beside those of questions."""
    graph = {
        m: {"schema": TEXT}
        for m in ("text/turtle", "application/ld+json", "application/rdf+xml", "application/n-triples")
    }
    thing = [{"name": n, "in": "path", "required": True, "description": d, "schema": TEXT} for n, d in _PATH.items()]
    one = [{"name": "name", "in": "path", "required": True, "schema": TEXT}]
    page = {"text/html": {"schema": TEXT}}
    moved = {"303": {"description": "Its document."}}

    def path(id: str, words: str, media: dict[str, Any], parameters: list[dict[str, Any]]) -> dict[str, Any]:
        return {"get": _plain(id, words, media) | {"parameters": parameters}}

    def to(id: str, words: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
        made = _plain(id, words, {})
        del made["responses"]["200"]
        return {"get": made | {"parameters": parameters, "responses": moved | made["responses"]}}

    return {
        "/find": {"get": _find()},
        "/questions": path("questions", "All questions", _json(listed(ref("Question"))) | page, []),
        "/suggest": path(
            "suggest",
            "Names that begin as typed",
            _json(listed(ref("Suggestion"))),
            [_query("q", "What is typed."), _query("kind", "A type of parameter.")],
        ),
        "/sparql": {"get": _sparql(), "post": _sparql_form()},
        "/validate": {
            "get": _plain("validate-page", "The form that checks a description", page),
            "post": _validate(),
        },
        "/validate/{name}": path(
            "template",
            "The workbook to fill in (template.xlsx) or a filled one (example.xlsx)",
            {_EXCEL: {"schema": _FILE}},
            one,
        ),
        "/validate/shapes.zip": path(
            "shapes",
            "The rules of a day as SHACL for any engine",
            {"application/zip": {"schema": _FILE}},
            [_query("scenario", "The scenario."), _query("as_at", "The day.", DAY)],
        ),
        **_reconcile(),
        "/id/{kind}/{id}": to("identify", "Where a thing is described", thing),
        "/doc/{kind}/{id}": path(
            "document",
            "What is said of a thing",
            graph | {"text/csv": {"schema": TEXT}} | page,
            [*thing, _query("edition", "As we knew it then: the id of an edition that is kept, or a day.")],
        ),
        "/def/": path("ontology", "All terms", graph | page, []),
        "/def/{name}": path("term", "What a term means", graph | page, one),
        "/def/align/{name}": path(
            "alignment", "Our terms tied to those of another vocabulary", {"text/turtle": {"schema": TEXT}}, one
        ),
        "/data": path("catalogue", "The catalogue of the dataset (DCAT, VoID)", graph | page, []),
        "/data/{path}": path(
            "file",
            "A file of the dataset",
            {"application/octet-stream": {"schema": _FILE}},
            [{"name": "path", "in": "path", "required": True, "schema": TEXT}],
        ),
        "/data/editions/{name}": path(
            "edition",
            "An edition: a build of a day, as a file",
            {"application/gzip": {"schema": _FILE}},
            [{"name": "name", "in": "path", "required": True, "schema": TEXT}],
        ),
        "/changes": path(
            "changes",
            "What each release changed",
            page,
            [_query("about", "A code, or a whole name, of what it is about.")],
        ),
        "/changes.atom": path(
            "changes-feed",
            "What each release changed, as a feed",
            {"application/atom+xml": {"schema": TEXT}},
            [_query("about", "A code, or a whole name, of what it is about.")],
        ),
        "/wrong": path(
            "wrong",
            "A text to fill in about what is wrong at an address of ours; nothing is sent or kept",
            {"text/plain": {"schema": TEXT}} | page,
            [_query("of", "The path of a page, with its values.", required=True)],
        ),
        "/dataset": to("dataset", "Where the dataset is described", []),
        "/graph/{name}": to("graph", "The file of a graph", one),
        "/.well-known/void": path("void", "The catalogue, as data", graph, []),
        "/health": path("health", "Whether the service lives, and what it serves", _json(ref("Health")), []),
        "/openapi.json": path(
            "openapi", "This description", _json({"type": "object", "additionalProperties": True}), []
        ),
    }


_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _results() -> dict[str, Any]:
    return {f.media_type: {"schema": ref("Bindings") if f.name == "json" else TEXT} for f in FORMATS.values()}


def _sparql() -> dict[str, Any]:
    return _plain("sparql", "A SPARQL 1.1 query; without one, the description of the service", _results()) | {
        "parameters": [
            _query("query", "The query."),
            _query("default-graph-uri", "Graphs of the default graph.", listed(TEXT)),
            _query("named-graph-uri", "Named graphs.", listed(TEXT)),
            _query(
                "format", "A format by name, where no Accept header says it.", {"type": "string", "enum": [*FORMATS]}
            ),
        ]
    }


def _sparql_form() -> dict[str, Any]:
    form = {"type": "object", "required": ["query"], "properties": {"query": TEXT, "format": TEXT}}
    return _plain("sparql-post", "A SPARQL 1.1 query, sent as a form or as it is", _results()) | {
        "requestBody": {
            "required": True,
            "content": {
                "application/x-www-form-urlencoded": {"schema": form},
                "application/sparql-query": {"schema": TEXT},
            },
        }
    }


def _validate() -> dict[str, Any]:
    media = _json(ref("Report")) | {m: {"schema": TEXT} for m in ("text/turtle", "application/ld+json", "text/html")}
    day = {"scenario": TEXT, "as_at": DAY}
    upload = {"type": "object", "properties": {"file": _FILE, **day}, "required": ["file"]}
    pasted = {"type": "object", "properties": {"text": TEXT, **day}, "required": ["text"]}
    # The types of a body that are text; a workbook goes as a file.
    raw = (
        "text/turtle",
        "application/ld+json",
        "application/n-triples",
        "application/n-quads",
        "application/trig",
        "application/rdf+xml",
    )
    return _plain("validate", "Check a description of a system, or a workbook, against the rules in force", media) | {
        "parameters": [_query("scenario", "The scenario."), _query("as_at", "The day.", DAY)],
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {"schema": upload},
                "application/x-www-form-urlencoded": {"schema": pasted},
                **{m: {"schema": TEXT} for m in raw},
            },
        },
    }


def _reconcile() -> dict[str, Any]:
    """The description of reconciliation; what its members hold the API of that name says."""
    told: dict[str, Any] = _json({"type": "object", "additionalProperties": True})
    fields = {
        "queries": "A batch of queries, as JSON of the Reconciliation Service API.",
        "extend": "Things and the properties to give of them, as JSON of that API.",
    }
    day = _query("as_at", "The day that names and codes are of.", DAY)
    form = {"type": "object", "properties": {**dict.fromkeys(fields, TEXT), "as_at": DAY}}
    suggested = [
        {
            "name": "of",
            "in": "path",
            "required": True,
            "schema": {"type": "string", "enum": ["entity", "type", "property"]},
        },
        _query("prefix", "What is typed."),
        _query("cursor", "How many to leave out.", {"type": "integer"}),
    ]
    asked = _plain("reconcile", "Names and codes matched on a day; without queries, what the service can", told)
    return {
        "/reconcile": {
            "get": asked | {"parameters": [day, *(_query(n, d) for n, d in fields.items())]},
            "post": _plain("reconcile-form", "The same, sent as a form", told)
            | {"requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": form}}}},
        },
        "/reconcile/suggest/{of}": {
            "get": _plain("reconcile-suggest", "Things, types or properties that begin as typed", told)
            | {"parameters": suggested}
        },
        "/reconcile/properties": {
            "get": _plain("reconcile-properties", "The properties that things of a type have", told)
            | {"parameters": [_query("type", "A type."), _query("limit", "How many at most.", {"type": "integer"})]}
        },
        "/reconcile/preview": {
            "get": _plain("reconcile-preview", "A thing, small enough for a frame", {"text/html": {"schema": TEXT}})
            | {"parameters": [_query("id", "Its id, body/ and its code for a body.", required=True), day]}
        },
    }


def _find() -> dict[str, Any]:
    """The description of the reader of questions."""
    fields = {
        "what": "A question in anybody's words, or a name.",
        "where": "A place: an area, a town, an outcode or the sector of a postcode. A whole postcode is cut to its sector.",
        "when": "The day asked about, YYYY-MM-DD; today by default. Days may also be said in words, in the question.",
    }
    answer = _responses("How the words were read", _json(ref("Reading")) | {"text/html": {"schema": TEXT}})
    answer["404"] = {
        "description": "Nothing of it is known here; the reading says so.",
        "content": answer["200"]["content"],
    }
    answer["303"] = {"description": "For who accepts HTML: the answer, where one question fits clearly."}
    return {
        "operationId": "find",
        "tags": ["service"],
        "summary": "What a question in anybody's words means",
        "parameters": [_query(n, d) for n, d in fields.items()],
        "responses": answer,
    }


def _plain(id: str, summary: str, media: dict[str, Any]) -> dict[str, Any]:
    return {"operationId": id, "tags": ["service"], "summary": summary, "responses": _responses(summary, media)}


def _responses(words: str, media: dict[str, Any]) -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": ref("Problem")}}
    return {
        "200": {"description": words, "content": media},
        "400": {"description": "Something asked is not understood; the hint says what would be.", "content": problem},
        "default": {"description": "Any other error, in the same form.", "content": problem},
    }
