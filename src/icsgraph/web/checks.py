"""``/validate``: a description by form, file or body, checked and forgotten."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from flask import Blueprint, Response, render_template, request
from markupsafe import Markup

from icsgraph.check import render
from icsgraph.core.errors import IcsgraphError, StatusError
from icsgraph.core.terms import DEFAULT_SCENARIO
from icsgraph.graph.upload import MAX_BYTES
from icsgraph.scheme.check import Checker
from icsgraph.web.forms import asked_form

__all__ = ["blueprint"]

_MEDIA = {
    "text/turtle": "turtle",
    "application/n-triples": "ntriples",
    "application/n-quads": "nquads",
    "application/trig": "trig",
    "application/rdf+xml": "rdfxml",
    "application/ld+json": "jsonld",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "",
}
# The first is given to who accepts anything.
_OUT = {
    "json": "application/json",
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "html": "text/html",
}


def blueprint(checker: Callable[[], Checker]) -> Blueprint:
    """The route that checks descriptions and workbooks."""
    routes = Blueprint("checks", __name__)
    ready = lru_cache(maxsize=1)(checker)

    @routes.get("/validate")
    def form() -> str:
        return render_template("validate.html", scenarios=ready().scenarios, report="", given={})

    @routes.post("/validate")
    def check() -> Response:
        request.max_content_length = MAX_BYTES + 100_000
        given = {k: request.values.get(k, "").strip() for k in ("scenario", "as_at", "text")}
        content, name, kind = _description()
        wanted = asked_form(_OUT)
        try:
            report = ready().check(content, name, given["scenario"] or DEFAULT_SCENARIO, given["as_at"], kind=kind)
        except IcsgraphError as error:
            if wanted == "html":
                page = render_template(
                    "validate.html", scenarios=ready().scenarios, report="", given=given, error=error
                )
                return Response(page, 400, mimetype="text/html")
            raise
        if wanted == "html":
            body = Markup(render.html_body(report))
            return Response(
                render_template("validate.html", scenarios=ready().scenarios, report=body, given=given, name=name),
                mimetype="text/html",
            )
        if wanted == "ttl":
            return Response(render.as_turtle(report), mimetype="text/turtle")
        if wanted == "jsonld":
            return Response(render.as_jsonld(report), mimetype="application/ld+json")
        return Response(render.as_json(report), mimetype="application/json")

    return routes


def _description() -> tuple[bytes, str, str]:
    """The description of a request, what to call it, and its format where the request says."""
    uploaded = request.files.get("file")
    if uploaded and uploaded.filename:
        return uploaded.read(), uploaded.filename.rpartition("/")[2][:80], ""
    if request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return request.form.get("text", "").encode(), "what you pasted", ""
    if request.mimetype and request.mimetype not in _MEDIA and request.mimetype != "application/octet-stream":
        raise StatusError(
            415, f"{request.mimetype} is not a format that is read.", f"Send one of: {', '.join(_MEDIA)}."
        )
    return request.get_data(), "the description", _MEDIA.get(request.mimetype, "")
