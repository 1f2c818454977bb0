"""What an assistant is told: an answer with what must be said of it first, two days side by side, and errors as data."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from icsgraph.ask.desk import Desk
from icsgraph.ask.notes import Notes
from icsgraph.core.answer import Answer, StatementView, Thing
from icsgraph.core.errors import IcsgraphError, NotFound
from icsgraph.core.incident import log_incident, stack_of
from icsgraph.core.question import Question
from icsgraph.core.terms import BASE
from icsgraph.web.links import with_values

__all__ = ["ROWS", "Told", "bounded", "must_say", "side_by_side", "told"]

LOG = logging.getLogger("icsgraph")

# More than this an assistant cannot read; the lasting address gives the rest.
ROWS = 50
_STATEMENTS = 30
_CHOICES = 12
# What an assistant must say of an answer of these statuses, by the name of the note.
_MUST_SAY = ("presumed", "contested", "silent")

Told = dict[str, Any]


def must_say(answer: Answer, notes: Notes) -> str:
    """What must be said with an answer that is not settled, in the words of ``notes``; empty for one that is."""
    return notes.say(answer.status) if answer.status in _MUST_SAY else ""


def told(answer: Answer, given: Mapping[str, str], notes: Notes) -> Told:
    """An answer to a question asked with the values ``given``, as an assistant gets it: what must be quoted stands first."""
    whole = answer.to_dict()
    found: Told = {
        "status": answer.status,
        "says": answer.says,
        "as_at": answer.as_at,
        "scenario": answer.scenario,
        "address": _address(answer, given),
    }
    if said := must_say(answer, notes):
        found["must_be_said"] = said
    found |= {n: whole[n] for n in ("question", "notes", "searched")}
    found["rows"] = whole["rows"][:ROWS]  # type: ignore[index]
    for name, views in (("statements", answer.statements), ("instead", answer.instead), ("beside", answer.beside)):
        found[name] = [_law(s) for s in views[:_STATEMENTS]]
    left = {"rows": len(answer.rows) - ROWS, "statements": len(answer.statements) - _STATEMENTS}
    if more := {n: k for n, k in left.items() if k > 0}:
        found["left_out"] = more | {"hint": "The address gives all of them."}
    return found


def side_by_side(question: Question, given: Mapping[str, str], first: Answer, second: Answer, notes: Notes) -> Told:
    """The answers of two days, and which rows stand on one of them alone; the ids of statements make no difference."""
    kept = [c for c in question.columns if c not in question.statements]

    def rows(answer: Answer) -> list[Told]:
        found: list[Any] = answer.to_dict()["rows"]  # type: ignore[assignment]
        return [{c: row[c] for c in kept} for row in found]

    before, after = rows(first), rows(second)
    gone = [row for row in before if row not in after]
    new = [row for row in after if row not in before]
    return {
        "changed": bool(gone or new) or first.status != second.status,
        "only_on_first": gone[:ROWS],
        "only_on_second": new[:ROWS],
        "first": told(first, given, notes),
        "second": told(second, given, notes),
    }


def bounded(run: Callable[..., Told], desk: Desk) -> Callable[..., Told]:
    """A tool whose errors are data: what was wrong, in which value, what to do, and what may be meant.

    A bug of ours is logged without what was sent, as on every route, and told by its number.
    """

    @wraps(run)
    def safe(*given: Any, **named: Any) -> Told:
        try:
            return run(*given, **named)
        except IcsgraphError as error:
            found: Told = {"error": error.message, "hint": error.hint, "field": error.parameter}
            if isinstance(error, NotFound):
                codes = desk.names.codes_apart(error.candidates[:_CHOICES])
                choices = [_choice(desk, c, code) for c, code in codes.items()]
                found |= {"choices": choices, "takes": error.known}
            return found
        except Exception as error:
            incident = log_incident(LOG, f"the tool {run.__name__}", stack_of(error))
            return {"error": incident.message, "hint": incident.hint, "field": ""}

    return safe


def _choice(desk: Desk, candidate: str, code: str) -> dict[str, str]:
    """What may be meant, by what to give for it and what it is called: a question by its id, else a thing by its code."""
    if question := desk.catalogue.questions.get(candidate):
        return {"value": candidate, "label": question.plain}
    return {"value": code, "label": desk.names.describe(candidate, code)}


def _address(answer: Answer, given: Mapping[str, str]) -> str:
    """Where the answer stays: by codes, and by what was given where a value is no thing."""
    values = {k: v.code if isinstance(v, Thing) else given.get(k, "") for k, v in answer.parameters.items()}
    return BASE.rstrip("/") + with_values(
        f"/ask/{answer.id}", {**values, "as_at": answer.as_at, "scenario": answer.scenario}
    )


def _law(view: StatementView) -> Told:
    found = view.to_dict()
    return {n: found[n] for n in ("id", "iri", "text", "legal_status", "confidence", "valid_from", "valid_to")} | {
        "law": [{"citation": p.citation, "url": p.url, "is_law": p.law} for p in view.passages]
    }
