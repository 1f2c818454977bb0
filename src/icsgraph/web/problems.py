"""Errors of the service: one form for every route, a page for a browser and RFC 9457 for everybody else."""

from __future__ import annotations

from http import HTTPStatus

from flask import Flask, Response, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from icsgraph.core.errors import IcsgraphError, StatusError
from icsgraph.core.formats import choose

__all__ = ["problem", "register"]

# What to do, where the error itself does not say.
_HINTS = {
    404: "Start from / or /questions.",
    405: "Use a method that the Allow header names.",
    413: "Send less.",
}
_DETAILS = {413: "What you sent is too large."}


def problem(status: int, detail: str, hint: str = "") -> Response:
    """An error in its one form: a page for a browser, ``application/problem+json`` for everybody else (RFC 9457)."""
    title = HTTPStatus(status).phrase
    accept = request.headers.get("Accept", "")
    machine = request.args.get("format") in ("json", "csv", "ttl", "jsonld", "nt", "xml", "tsv", "rdfxml")
    page = "text/html" in accept and choose(accept, ["text/html", "application/problem+json"]) == "text/html"
    if page and not machine:
        response = Response(
            render_template("error.html", title=title, status=status, detail=detail, hint=hint),
            status,
            mimetype="text/html",
        )
    else:
        response = jsonify(
            type="about:blank", title=title, status=status, detail=detail, **({"hint": hint} if hint else {})
        )
        response.status_code = status
        response.mimetype = "application/problem+json"
    return response


def register(app: Flask) -> None:
    """Have every error of an application take this form."""

    @app.errorhandler(IcsgraphError)
    def mistaken(error: IcsgraphError) -> Response:
        status = error.status if isinstance(error, StatusError) else 400
        response = problem(status, error.message, error.hint)
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
        app.logger.error("unexpected error at %s", request.path, exc_info=error)
        return problem(
            500,
            "Something went wrong here, not with you.",
            "Try again; if it stays, tell the maintainers what you asked.",
        )
