"""What the answers of the service are made of, as JSON Schema: every member of every answer, rows by the columns of their question.

Source: https://json-schema.org/draft/2020-12, the dialect of OpenAPI 3.1
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args

from icsgraph.ask.standing import MARK
from icsgraph.core.answer import Status
from icsgraph.core.question import Question
from icsgraph.core.report import SEVERITIES

__all__ = ["DAY", "TEXT", "answer_name", "listed", "ref", "schemas"]

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
DAY: Schema = {"type": "string", "format": "date"}
_MAYBE: Schema = {"type": ["string", "null"]}
_TEXTS: Schema = {"type": "array", "items": TEXT}
_WHOLE: Schema = {"type": "integer"}


def ref(name: str) -> Schema:
    """A reference to a schema of the description."""
    return {"$ref": f"#/components/schemas/{name}"}


def answer_name(id: str) -> str:
    """What the schema of a question's answer is called.

    >>> answer_name("who-is-liable-for")
    'WhoIsLiableForAnswer'
    """
    return "".join(word.capitalize() for word in re.split(r"[^a-zA-Z0-9]+", id)) + "Answer"


def listed(items: Schema) -> Schema:
    """A list of such values."""
    return {"type": "array", "items": items}


def _record(members: Mapping[str, Schema], optional: tuple[str, ...] = (), says: str = "") -> Schema:
    """An object whose members are always there, save the optional ones."""
    made: Schema = {
        "type": "object",
        "required": [name for name in members if name not in optional],
        "properties": dict(members),
    }
    return made | ({"description": says} if says else {})


# The values of a column, by the lists of queries/columns.toml.
_CELLS: dict[str, list[Schema]] = {
    "thing": [ref("Thing")],
    "statement": [TEXT],
    "text": [TEXT],
    "day": [TEXT],
    "number": [{"type": "number"}],
    "count": [_WHOLE],
    "truth": [{"type": "boolean"}],
}
_MEANINGS = {
    "thing": "a thing",
    "statement": "the id of a statement or source below",
    "text": "words",
    "day": "a day, YYYY-MM-DD",
    "number": "a share of the whole",
    "count": "a number",
    "truth": "yes or no",
}
_CELL: Schema = {
    "anyOf": [ref("Thing"), TEXT, {"type": "number"}, {"type": "boolean"}, {"type": "null"}],
}


def schemas(questions: list[Question], columns: Mapping[str, list[str]]) -> dict[str, Schema]:
    """The schemas by name; ``columns`` says of each column of what types its values are."""
    made: dict[str, Schema] = {
        **_plain(),
        "Answer": _answer(None, listed({"type": "object", "additionalProperties": _CELL})),
    }
    for question in questions:
        name = answer_name(question.id)
        row = name.removesuffix("Answer") + "Row"
        cells = {c: _cell(columns.get(c, [])) for c in question.columns}
        # Where each row is an answer of its own, those that rest on recalled text are marked.
        marked = {MARK: _cell(["text"])} if question.itemised and MARK not in cells else {}
        made[row] = _record(cells | marked, tuple(marked))
        made[name] = _answer(question, listed(ref(row)))
    return made


def _cell(types: list[str]) -> Schema:
    if not types:
        return _CELL
    several = [one for kind in types for one in _CELLS[kind]]
    choices = [one for number, one in enumerate(several) if one not in several[:number]]
    return {
        "anyOf": [*choices, {"type": "null"}],
        "description": " or ".join(_MEANINGS[kind] for kind in types).capitalize() + ", or nothing.",
    }


def _answer(question: Question | None, rows: Schema) -> Schema:
    """The answer of a question, or of any."""
    values = {p.name: _CELL for p in question.parameters} if question else {}
    return _record(
        {
            "question": ref("Asked"),
            "parameters": {"type": "object", "properties": values, "additionalProperties": _CELL},
            "as_at": {**DAY, "description": "The day asked about."},
            "scenario": TEXT,
            "law_of": {
                **TEXT,
                "description": "The scenario whose law answers, where another than the one asked with; empty where no law does.",
            },
            "status": ref("Status"),
            "reports": {
                "type": "boolean",
                "description": "Whether it tells what documents say and not what holds; the status is then about what they say.",
            },
            "says": {**TEXT, "description": "The answer in one sentence."},
            "rows": rows,
            "statements": listed(ref("Statement")),
            "searched": {**_TEXTS, "description": "What was looked at, where nothing on record says so."},
            "notes": {**_TEXTS, "description": "What bears on the answer and must be read with it."},
            "instead": {**listed(ref("Statement")), "description": "What is said and does not answer."},
            "beside": {
                **listed(ref("Statement")),
                "description": "What is on record beside the answer and bears on it.",
            },
            "facets": listed(ref("Facet")),
            "edition": {**TEXT, "description": "The edition that the answer is from, where it is kept."},
        },
        ("edition",),
        says=question.explain if question else "An answer, whichever question was asked.",
    )


def _plain() -> dict[str, Schema]:
    """The schemas that no question changes."""
    thing_or_things = {"anyOf": [ref("Thing"), listed(ref("Thing")), {"type": "null"}]}
    choice = _record(
        {
            "question": _MAYBE,
            "sentence": TEXT,
            "values": {"type": "object", "additionalProperties": TEXT},
            "url": TEXT,
            "missing": _TEXTS,
            "why": _TEXTS,
        },
        ("missing", "why"),
    )
    word = _record({"words": TEXT, "as": TEXT, "things": _TEXTS, "guess": TEXT}, ("things", "guess"))
    return {
        "Status": {
            "type": "string",
            "enum": list(get_args(Status)),
            "description": "settled: law or recorded arrangements carry it. presumed: only a default, policy or unchecked record does. "
            "contested: sources disagree. silent: nothing on record says so, which is not the same as nobody.",
        },
        "Thing": _record(
            {"code": TEXT, "label": TEXT, "iri": TEXT}, says="Something with an address; join on its code."
        ),
        "Passage": _record({"id": TEXT, "citation": TEXT, "locator": TEXT, "url": TEXT, "text": TEXT}),
        "Statement": _record(
            {
                "id": TEXT,
                "iri": TEXT,
                "text": TEXT,
                "relation": TEXT,
                "bearer": thing_or_things,
                "counterpart": thing_or_things,
                "matter": thing_or_things,
                "mechanism": _MAYBE,
                "legal_status": TEXT,
                "modality": TEXT,
                "voice": TEXT,
                "confidence": TEXT,
                "valid_from": _MAYBE,
                "valid_to": {**_MAYBE, "description": "The first day on which it no longer holds."},
                "derived_by": _MAYBE,
                "premises": _TEXTS,
                "note": _MAYBE,
                "scenarios": _TEXTS,
                "passages": listed(ref("Passage")),
            }
        ),
        "Facet": _record({"parameter": TEXT, "values": listed(ref("FacetValue"))}),
        "FacetValue": _record({"code": TEXT, "label": TEXT, "count": _WHOLE}),
        "Asked": _record({"id": TEXT, "text": TEXT}),
        "Question": _record(
            {
                "id": TEXT,
                "family": TEXT,
                "text": TEXT,
                "parameters": listed(ref("Parameter")),
                "columns": _TEXTS,
                "explain": TEXT,
            }
        ),
        "Parameter": _record({"name": TEXT, "type": TEXT, "required": {"type": "boolean"}, "default": _MAYBE}),
        "Suggestion": _record({"value": TEXT, "label": TEXT, "kind": TEXT}),
        "Word": word,
        "Choice": choice,
        "Understood": _record({"what": TEXT, "where": TEXT, "words": listed(ref("Word")), "notes": _TEXTS}),
        "Reading": _record(
            {
                "understood": ref("Understood"),
                "not_used": _TEXTS,
                "decided": {"anyOf": [ref("Choice"), {"type": "null"}]},
                "choices": listed(ref("Choice")),
                "not_covered": TEXT,
            }
        ),
        "Finding": _record(
            {
                "rule": TEXT,
                "title": TEXT,
                "severity": {"type": "string", "enum": list(SEVERITIES)},
                "focus": TEXT,
                "label": TEXT,
                "value": _MAYBE,
                "value_label": _MAYBE,
                "line": {"type": ["integer", "null"]},
                "cell": _MAYBE,
                "message": TEXT,
                "law": listed(_record({"id": TEXT, "citation": TEXT, "url": TEXT, "text": TEXT})),
                "what_to_do": TEXT,
                "written_with": listed(TEXT),
                "mend": {"anyOf": [_record({"take_out": TEXT, "put_in": TEXT}), {"type": "null"}]},
            }
        ),
        "Report": _record(
            {
                "conforms": {"type": "boolean"},
                "source": TEXT,
                "scenario": TEXT,
                "as_at": TEXT,
                "engine": TEXT,
                "rules": _WHOLE,
                "rules_with_nothing_to_look_at": _WHOLE,
                "things": _WHOLE,
                "counts": {"type": "object", "additionalProperties": _WHOLE},
                "findings": listed(ref("Finding")),
                "notices": _TEXTS,
                "not_judged": listed(_record({"kind": TEXT, "label": TEXT, "rules": _TEXTS, "bodies": _TEXTS})),
                "described_elsewhere": _TEXTS,
            }
        ),
        "Health": _record(
            {"status": TEXT, "version": TEXT, "quads": _WHOLE, "questions": _WHOLE, "edition": TEXT}, ("edition",)
        ),
        "Bindings": {
            "type": "object",
            "description": "SPARQL 1.1 Query Results JSON.",
            "properties": {
                "head": {"type": "object", "additionalProperties": True},
                "boolean": {"type": "boolean"},
                "results": {"type": "object", "additionalProperties": True},
            },
        },
        "Problem": _record(
            {"type": TEXT, "title": TEXT, "status": _WHOLE, "detail": TEXT, "hint": TEXT, "parameter": TEXT},
            ("hint", "parameter"),
            says="An error (RFC 9457); the hint says what to do, and parameter which value is at fault.",
        ),
    }
