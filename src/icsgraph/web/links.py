"""Addresses of pages and words of values, as templates use them: the day and scenario looked at are kept while moving around."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlencode

from flask import Flask, g, has_request_context, request

from icsgraph.ask import render
from icsgraph.ask.desk import Desk
from icsgraph.ask.finder import Choice
from icsgraph.ask.names import LISTS, PARAMETER_TYPES
from icsgraph.core.answer import Answer, Facet, FacetValue, Thing
from icsgraph.core.dates import parse_day
from icsgraph.core.errors import NotFound
from icsgraph.core.question import Parameter, Question
from icsgraph.core.terms import DEF, DEFAULT_SCENARIO, ID

__all__ = ["CONTROL", "choices", "chosen", "kept", "lasting", "page", "register", "with_values"]

# Values of an address that are not values of the question.
CONTROL = frozenset({"as_at", "scenario", "edition", "format", "asked", "full"})
_KEPT = ("as_at", "scenario", "edition")


def page(address: str) -> str:
    """The address here of a thing's page; that of anything else as it is."""
    if address.startswith(ID):
        return "/doc/" + quote(address.removeprefix(ID))
    return "/def/" + quote(address.removeprefix(DEF)) if address.startswith(DEF) else address


def with_values(path: str, values: Mapping[str, str] | Iterable[tuple[str, str]]) -> str:
    """An address with values added; empty ones are left out. The edition that was asked for goes on with every address of ours."""
    pairs = [(k, v) for k, v in (values.items() if isinstance(values, Mapping) else values) if v]
    if path.startswith("/") and (edition := _edition()) and "edition=" not in path and "edition" not in dict(pairs):
        pairs.append(("edition", edition))
    text = urlencode(pairs)
    return f"{path}{'&' if '?' in path else '?'}{text}" if text else path


def _edition() -> str:
    """The edition that this request names; empty where it names none."""
    return request.args.get("edition", "") if has_request_context() else ""


def kept(path: str) -> str:
    """An address of ours with the day and scenario of this request."""
    # A page has thousands of links, most often without a day to keep.
    if not has_request_context() or not any(k in request.args for k in _KEPT):
        return path
    return with_values(path, [(k, request.args.get(k, "")) for k in _KEPT if f"{k}=" not in path])


def chosen(choice: Choice, asked: str = "") -> str:
    """The address of a choice: of the answer, with the words that led to it, of the form of a question that lacks a value, or of a thing."""
    if choice.question is None:
        return with_values(page(choice.thing.iri), {"as_at": choice.as_at}) if choice.thing else "/"
    return with_values(f"/ask/{choice.question.id}", {**choice.values, "as_at": choice.as_at, "asked": asked})


def choices(desk: Desk, error: NotFound) -> list[tuple[str, str]]:
    """The same request with each thing that may be meant in place of what was not understood."""
    others = {k: v for k, v in request.args.items() if k != error.parameter}
    return [
        (with_values(request.path, {**others, error.parameter: code}), desk.names.describe(thing, code))
        for thing, code in desk.names.codes_apart(error.candidates).items()
        if error.parameter
    ]


def _code(value: object) -> str:
    return value.code if isinstance(value, Thing) else "" if value is None else str(value)


def lasting(question: Question, answer: Answer) -> str:
    """The whole address of an answer on its day, by codes: as it can be read off paper."""
    values = {
        p.name: value.code if isinstance(value := answer.parameters[p.name], Thing) else request.args.get(p.name, "")
        for p in question.parameters
    }
    pinned = {"as_at": answer.as_at, "scenario": "" if answer.scenario == DEFAULT_SCENARIO else answer.scenario}
    if _edition():
        pinned["edition"] = g.edition.id
    return request.host_url.rstrip("/") + with_values(f"/ask/{question.id}", {**values, **pinned})


# The most values that are listed beside a field, and of one facet beside an answer; rows and statements before all are asked for.
MOST_LISTED = 24
MOST_CHOICES = 30
MOST_ROWS = 15
MOST_LAW = 9


def register(app: Flask, desk: Desk) -> None:
    """Give the templates of an application their filters and tests."""
    scenarios = [
        (desk.names.code(s), desk.names.label(s))
        for s in sorted(desk.names.all_of("Scenario"), key=lambda s: (desk.names.period(s).start or dt.date.min, s))
    ]

    def local(address: str) -> str:
        here = page(address)
        return kept(here) if here != address else address

    def asking(
        question: Question, answer: Answer, day: str = "", pinned: bool = False, format: str = "", **more: str
    ) -> str:
        """The address of an answer: on its day where that was asked for or is ``pinned``, or on another day; with ``more`` values."""
        values = (
            {k: v for k, v in request.args.items() if k not in CONTROL} if request.path.endswith(question.id) else {}
        )
        values = values or {k: _code(v) for k, v in answer.parameters.items()}
        said = day or (answer.as_at if pinned else request.args.get("as_at", ""))
        scenario = answer.scenario if pinned else request.args.get("scenario", "")
        return with_values(
            f"/ask/{question.id}", {**values, "as_at": said, "scenario": scenario, "format": format, **more}
        )

    def narrowing(question: Question, answer: Answer, facet: Facet, choice: FacetValue) -> str:
        """The address of an answer narrowed by one more value."""
        return with_values(
            f"/ask/{question.id}",
            {**{k: v for k, v in request.args.items() if k != "format"}, facet.parameter: choice.code},
        )

    def day(value: str | dt.date) -> str:
        found = value if isinstance(value, dt.date) else parse_day(value)
        return f"{found.day} {found:%B %Y}"

    def hint(parameter: Parameter) -> str:
        if parameter.type in LISTS:
            known = desk.names.all_of(LISTS[parameter.type])
            values = f": {', '.join(desk.names.code(t) for t in known)}" if len(known) <= MOST_LISTED else ""
            return f"Several with commas; all for any{values}"
        return "Leave empty for England" if parameter.default == "england" else ""

    app.jinja_env.filters.update(
        local=local,
        page=page,
        kept=kept,
        asking=asking,
        narrowing=narrowing,
        lasting=lasting,
        address=chosen,
        day=day,
        hint=hint,
        words=render.cell_text,
        voice_name=lambda voice: desk.names.label(f"{ID}voice/{voice}"),
        url=lambda path, **values: with_values(path, values),
        day_before=lambda value: (parse_day(value) - dt.timedelta(days=1)).isoformat(),
        scenario_name=lambda id: dict(scenarios).get(id, id),
    )
    app.jinja_env.tests.update(
        thing=lambda value: isinstance(value, Thing),
        suggested=lambda parameter: parameter.type in PARAMETER_TYPES or parameter.type in LISTS,
    )
    app.jinja_env.globals.update(
        most_choices=MOST_CHOICES,
        most_rows=MOST_ROWS,
        most_law=MOST_LAW,
        scenarios=lambda: scenarios,
        today=lambda: dt.date.today().isoformat(),
    )
