"""Errors of the service: one form for every route, a page for a browser and RFC 9457 for everybody else."""

from __future__ import annotations

from http import HTTPStatus

from flask import Flask, Response, jsonify, render_template, request
from werkzeug.exceptions import HTTPException, default_exceptions

from icsgraph.core.errors import IcsgraphError, StatusError
from icsgraph.core.formats import FORMATS, choose, named
from icsgraph.core.incident import log_incident, stack_of
from icsgraph.core.machine import machine_fault

__all__ = ["problem", "register"]

# What to do, where the error itself does not say.
_HINTS = {
    404: "Start from / or /questions.",
    405: "Use a method that the Allow header names.",
    413: "Send less.",
}
# What data are asked for by; the first is what they are told in.
_DATA = ["application/problem+json", "application/json", *(f.media_type for f in FORMATS.values())]
_DETAILS = {413: "What you sent is too large."}
# The same to who reads a page: what is the matter, and what to do there.
_PAGE = {
    400: ("That was not understood", ""),
    404: ("There is no such page", "The address may be misspelt, or what it names may not be on record here."),
    405: ("This page cannot be sent to", "Open it instead, or use the form that is on it."),
    406: ("That form is not given here", ""),
    413: ("That is too much at once", "Send less: one board's workbook, or a shorter text."),
    414: ("That is too long an address", "Ask in fewer words."),
    429: ("Too much is asked just now", "Try again in a minute."),
    500: ("Something went wrong here", "It is our fault and not yours. Try again, or ask otherwise."),
    503: ("Too much is asked just now", "Try again in a minute."),
}


def problem(status: int, detail: str, hint: str = "", **more: str) -> Response:
    """An error in its one form: a page for a browser, ``application/problem+json`` for everybody else (RFC 9457).

    ``more`` are members for programs, such as the kind of a refusal.
    """
    title = HTTPStatus(status).phrase
    accept = request.headers.get("Accept", "")
    # Who asked for data is told in data, whichever they are; only who names a page gets one.
    machine = any(named(value) != (None, None) for value in request.args.getlist("format"))
    page = "text/html" in accept and choose(accept, ["text/html", *_DATA]) == "text/html"
    if page and not machine:
        words, instead = _PAGE.get(status, (title, ""))
        # A description of the protocol is for programs; what the service itself says of the case is for readers too.
        said = "" if instead and detail == _described(status) else detail
        response = Response(
            render_template("error.html", title=words, detail=said, hint=instead or hint), status, mimetype="text/html"
        )
    else:
        response = jsonify(
            type="about:blank", title=title, status=status, detail=detail, **({"hint": hint} if hint else {}), **more
        )
        response.status_code = status
        response.mimetype = "application/problem+json"
    return response


def _described(status: int) -> str:
    """What the framework says of a status where nobody says more."""
    found = default_exceptions.get(status)
    return (found.description or "") if found else ""


def register(app: Flask) -> None:
    """Have every error of an application take this form."""

    @app.errorhandler(IcsgraphError)
    def mistaken(error: IcsgraphError) -> Response:
        status = error.status if isinstance(error, StatusError) else 400
        more = {name: getattr(error, name) for name in ("kind", "place", "id", "parameter") if getattr(error, name, "")}
        response = problem(status, error.message, error.hint, **more)
        if isinstance(error, StatusError) and error.retry:
            response.headers["Retry-After"] = str(error.retry)
        return response

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        status = error.code or 500
        response = problem(status, _DETAILS.get(status, error.description or ""), _HINTS.get(status, ""))
        for name, value in error.get_headers():
            if name.lower() in ("allow", "retry-after"):
                response.headers[name] = value
        return response

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        if fault := machine_fault(error) if isinstance(error, OSError | MemoryError | RuntimeError) else None:
            app.logger.error("a fault of the machine: %s", fault.message)
            response = problem(
                503, "The machine lacks something just now; the log says what.", "Try again in a moment."
            )
            response.headers["Retry-After"] = "5"
            return response
        # The rule of the route and not its address, which holds what was asked.
        route = request.url_rule.rule if request.url_rule else "no route"
        incident = log_incident(app.logger, route, stack_of(error))
        return problem(incident.status, incident.message, incident.hint, id=incident.id)
