"""``/openapi.json``: the description of the API, made from the catalogue of questions.

Source: https://spec.openapis.org/oas/v3.1.1
"""

from __future__ import annotations

from typing import Any, get_args

from flask import Blueprint, Response, jsonify, request

from icsgraph import __version__
from icsgraph.ask.desk import Desk
from icsgraph.ask.names import LISTS
from icsgraph.core.answer import Status
from icsgraph.core.formats import FORMATS
from icsgraph.core.question import Parameter, Question

__all__ = ["CLOSED", "blueprint", "choices", "description"]

_TEXT = {"type": "string"}
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


def blueprint(desk: Desk) -> Blueprint:
    """The route of the description."""
    routes = Blueprint("openapi", __name__)

    @routes.get("/openapi.json")
    def document() -> Response:
        return jsonify(
            description(list(desk.catalogue.questions.values()), request.url_root.rstrip("/"), choices(desk))
        )

    return routes


def choices(desk: Desk) -> dict[str, list[str]]:
    """The ids that a parameter of a type may have, where they are a short closed list; for a list of such values too."""
    found = {kind: [desk.names.code(t) for t in desk.names.all_of(kind)] for kind in CLOSED}
    return {**found, **{many: found[one] for many, one in LISTS.items() if one in found}}


def description(questions: list[Question], server: str, known: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """The OpenAPI 3.1 document for questions asked at a server; a new question is in it without more.

    ``known`` gives the values of each type of parameter that has a closed list of them.
    """
    paths: dict[str, Any] = {
        f"/ask/{q.id}": {"get": _question(q, known or {})} for q in sorted(questions, key=lambda q: q.id)
    }
    paths["/find"] = {"get": _find()}
    paths["/sparql"] = {"get": _sparql()}
    paths["/validate"] = {"post": _validate()}
    paths["/health"] = {
        "get": _plain("health", "Whether the service lives, and what it serves", {"application/json": {}})
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "icsgraph",
            "version": __version__,
            "summary": "Who is accountable for what in integrated care systems in England, with the law behind every statement",
            "description": "Every answer takes a date and a scenario and names the passages it rests on. Not legal advice.",
            "license": {"name": "Open Government Licence v3.0", "identifier": "OGL-UK-3.0"},
        },
        "servers": [{"url": server}],
        "paths": paths,
        "components": {"schemas": {"Answer": _answer(), "Reading": _reading(), "Problem": _problem()}},
    }


def _question(question: Question, known: dict[str, list[str]]) -> dict[str, Any]:
    parameters = [_parameter(p, known) for p in question.parameters]
    parameters += [
        {
            "name": "as_at",
            "in": "query",
            "required": False,
            "description": "The day asked about; today by default.",
            "schema": {"type": "string", "format": "date"},
        },
        {
            "name": "scenario",
            "in": "query",
            "required": False,
            "description": "The scenario asked about; the enacted law by default.",
            "schema": _TEXT,
        },
        {
            "name": "format",
            "in": "query",
            "required": False,
            "description": "The form of the answer; else as the Accept header says.",
            "schema": {"type": "string", "enum": ["json", "csv", "ttl", "html"]},
        },
    ]
    return {
        "operationId": question.id,
        "tags": [question.family],
        "summary": question.plain,
        "description": question.explain,
        "parameters": parameters,
        "responses": _responses(
            "The answer",
            {
                "application/json": {"schema": {"$ref": "#/components/schemas/Answer"}},
                "text/csv": {"schema": _TEXT},
                "text/turtle": {"schema": _TEXT},
                "text/html": {"schema": _TEXT},
            },
        ),
    }


def _parameter(parameter: Parameter, known: dict[str, list[str]]) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    if parameter.type == "Date":
        schema["format"] = "date"
    if parameter.default is not None:
        schema["default"] = parameter.default
    # Names are taken as well as ids, and several with commas: the ids are said, and no other value is ruled out.
    if values := known.get(parameter.type):
        several = ["all"] if parameter.type in LISTS else []
        schema = {**schema, "anyOf": [{"enum": [*several, *values]}, {"type": "string"}]}
    return {
        "name": parameter.name,
        "in": "query",
        "required": parameter.default is None,
        "description": _WORDS.get(parameter.type, f"{parameter.type}, by id or name") + ".",
        "schema": schema,
    }


def _sparql() -> dict[str, Any]:
    media = {f.media_type: {"schema": _TEXT} for f in FORMATS.values()}
    return _plain("sparql", "A SPARQL 1.1 query; without one, the description of the service", media) | {
        "parameters": [
            {"name": "query", "in": "query", "required": False, "schema": _TEXT},
            {
                "name": "default-graph-uri",
                "in": "query",
                "required": False,
                "schema": {"type": "array", "items": _TEXT},
            },
            {"name": "named-graph-uri", "in": "query", "required": False, "schema": {"type": "array", "items": _TEXT}},
        ]
    }


def _validate() -> dict[str, Any]:
    media = {m: {"schema": _TEXT} for m in ("application/json", "text/turtle", "application/ld+json", "text/html")}
    return _plain("validate", "Check the description of a system against the rules in force", media) | {
        "parameters": [
            {"name": "scenario", "in": "query", "required": False, "schema": _TEXT},
            {"name": "as_at", "in": "query", "required": False, "schema": {"type": "string", "format": "date"}},
        ],
        "requestBody": {
            "required": True,
            "content": {m: {"schema": _TEXT} for m in ("text/turtle", "application/ld+json", "application/n-triples")},
        },
    }


def _find() -> dict[str, Any]:
    """The description of the reader of questions."""
    fields = {
        "what": "A question in anybody's words, or a name.",
        "where": "A place: an area, a town, an outcode or the sector of a postcode. A whole postcode is cut to its sector.",
        "when": "The day asked about, YYYY-MM-DD; today by default. Days may also be said in words, in the question.",
    }
    answer = _responses(
        "How the words were read", {"application/json": {"schema": {"$ref": "#/components/schemas/Reading"}}}
    )
    answer["404"] = {
        "description": "Nothing of it is known here; the reading says so.",
        "content": answer["200"]["content"],
    }
    answer["303"] = {"description": "For who accepts HTML: the answer, where one question fits clearly."}
    return {
        "operationId": "find",
        "summary": "What a question in anybody's words means",
        "parameters": [
            {"name": n, "in": "query", "required": False, "description": d, "schema": _TEXT} for n, d in fields.items()
        ],
        "responses": answer,
    }


def _reading() -> dict[str, Any]:
    """The schema of a reading."""
    texts = {"type": "array", "items": _TEXT}
    word = {"type": "object", "properties": {"words": _TEXT, "as": _TEXT, "things": texts, "guess": _TEXT}}
    choice = {
        "type": "object",
        "required": ["sentence", "url"],
        "properties": {
            "question": {"type": ["string", "null"]},
            "sentence": _TEXT,
            "values": {"type": "object", "additionalProperties": _TEXT},
            "url": _TEXT,
            "missing": texts,
            "why": texts,
        },
    }
    understood = {
        "type": "object",
        "properties": {"what": _TEXT, "where": _TEXT, "words": {"type": "array", "items": word}, "notes": texts},
    }
    return {
        "type": "object",
        "required": ["understood", "not_used", "decided", "choices", "not_covered"],
        "properties": {
            "understood": understood,
            "not_used": texts,
            "decided": {"anyOf": [choice, {"type": "null"}]},
            "choices": {"type": "array", "items": choice},
            "not_covered": _TEXT,
        },
    }


def _plain(id: str, summary: str, media: dict[str, Any]) -> dict[str, Any]:
    return {"operationId": id, "summary": summary, "responses": _responses(summary, media)}


def _responses(words: str, media: dict[str, Any]) -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        "200": {"description": words, "content": media},
        "400": {"description": "Something asked is not understood; the hint says what would be.", "content": problem},
        "default": {"description": "Any other error, in the same form.", "content": problem},
    }


def _answer() -> dict[str, Any]:
    passage = {"type": "object", "properties": dict.fromkeys(("id", "citation", "locator", "url"), _TEXT)}
    names = ("id", "iri", "text", "relation", "legal_status", "modality", "voice")
    statement = {
        "type": "object",
        "properties": {**dict.fromkeys(names, _TEXT), "passages": {"type": "array", "items": passage}},
    }
    count = {"type": "object", "properties": {"code": _TEXT, "label": _TEXT, "count": {"type": "integer"}}}
    facet = {"type": "object", "properties": {"parameter": _TEXT, "values": {"type": "array", "items": count}}}
    return {
        "type": "object",
        "required": ["question", "parameters", "as_at", "scenario", "status", "rows", "statements"],
        "properties": {
            "question": {"type": "object", "properties": {"id": _TEXT, "text": _TEXT}},
            "parameters": {"type": "object"},
            "as_at": {"type": "string", "format": "date"},
            "scenario": _TEXT,
            "status": {"enum": list(get_args(Status))},
            "says": _TEXT,
            "notes": {"type": "array", "items": _TEXT},
            "beside": {"type": "array", "items": statement},
            "facets": {"type": "array", "items": facet},
            "rows": {"type": "array", "items": {"type": "object"}},
            "statements": {"type": "array", "items": statement},
            "searched": {"type": "array", "items": _TEXT},
        },
    }


def _problem() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {"type": _TEXT, "title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT, "hint": _TEXT},
    }
