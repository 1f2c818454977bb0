"""``/validate``: a description by form, file or body, checked and forgotten."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable
from functools import lru_cache

from flask import Blueprint, Response, render_template, request
from markupsafe import Markup

from icsgraph.ask.desk import Desk
from icsgraph.check import render
from icsgraph.check.bounded import Checks
from icsgraph.core.errors import IcsgraphError, StatusError
from icsgraph.core.terms import DEFAULT_SCENARIO
from icsgraph.graph.upload import MAX_BYTES
from icsgraph.resources import content_root
from icsgraph.web.forms import asked_form

__all__ = ["blueprint"]

_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MEDIA = {
    "text/turtle": "turtle",
    "application/n-triples": "ntriples",
    "application/n-quads": "nquads",
    "application/trig": "trig",
    "application/rdf+xml": "rdfxml",
    "application/ld+json": "jsonld",
    _EXCEL: "",
    _WORD: "",
}
# More values than this no form of ours has.
_FIELDS = 100
# The first is given to who accepts anything.
_OUT = {
    "json": "application/json",
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "html": "text/html",
}

# What a page of findings offers to keep.
_DOWNLOADS = {
    "txt": (render.as_text, "text/plain"),
    "json": (render.as_json, "application/json"),
    "ttl": (render.as_turtle, "text/turtle"),
    "html": (render.as_html, "text/html"),
}


def _carried(content: str, media: str) -> str:
    """A file within the address of a link, since the service keeps nothing that it could be fetched from."""
    return f"data:{media};charset=utf-8;base64,{base64.b64encode(content.encode()).decode()}"


# The files that a page of findings offers, with what to call each and its media type; “data:” addresses carry them.
_FILES = {
    "marked.xlsx": ("Your workbook with the findings as comments (Excel)", _EXCEL),
    "scheme.docx": ("The scheme (Word)", _WORD),
    "scheme.html": ("The scheme (page)", "text/html"),
    "scheme.xlsx": ("The scheme in the layout of the template (Excel)", _EXCEL),
    "map.svg": ("The functions and decisions map (picture)", "image/svg+xml"),
    "map.html": ("The map as a table (page)", "text/html"),
    "extracts.docx": ("What each committee may do (Word)", _WORD),
    "evidence.docx": ("Evidence for duties (Word)", _WORD),
}
# Pages that carry more than this are slow to load; the command line makes the rest.
_MOST = 12_000_000


def _offered(files: dict[str, bytes]) -> list[tuple[str, str, str]]:
    """The files of a report as links: name, words, address; those left out that would make the page too large."""
    found, size = [], 0
    for name, (words, media) in _FILES.items():
        size += len(files.get(name, b""))
        if name in files and size <= _MOST:
            found.append((name, words, f"data:{media};base64,{base64.b64encode(files[name]).decode()}"))
    return found


def blueprint(checker: Callable[[], Checks], desk: Desk) -> Blueprint:  # noqa: C901
    """The route that checks descriptions and workbooks, and those that hand out the template and the filled example."""
    routes = Blueprint("checks", __name__)
    ready = lru_cache(maxsize=1)(checker)

    @lru_cache(maxsize=2)
    def template(example: bool) -> bytes:
        # Not needed where nobody checks workbooks; written once, since it is the same for all.
        from icsgraph.scheme.template import template_of

        return template_of(content_root(), desk.names, example)

    @routes.get("/validate/<any('template.xlsx', 'example.xlsx'):name>")
    def start(name: str) -> Response:
        given = Response(template(name == "example.xlsx"), mimetype=_EXCEL)
        given.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return given

    @lru_cache(maxsize=4)
    def portable(scenario: str, day: str) -> bytes:
        return ready().portable(scenario, day)

    @routes.get("/validate/shapes.zip")
    def shapes() -> Response:
        scenario, day = (request.args.get(name, "").strip() for name in ("scenario", "as_at"))
        given = Response(
            portable(scenario or DEFAULT_SCENARIO, day or dt.date.today().isoformat()), mimetype="application/zip"
        )
        given.headers["Content-Disposition"] = 'attachment; filename="shapes.zip"'
        return given

    @routes.get("/validate")
    def form() -> str:
        return render_template("validate.html", report="", given={})

    @routes.post("/validate")
    def check() -> Response:
        request.max_content_length = request.max_form_memory_size = MAX_BYTES + 100_000
        if request.mimetype == "application/x-www-form-urlencoded" and request.get_data().count(b"&") > _FIELDS:
            raise StatusError(
                400, f"The form has more than {_FIELDS} values.", "Send a description and what to check it against."
            )
        given = {k: request.values.get(k, "").strip() for k in ("scenario", "as_at", "text")}
        content, name, kind = _description()
        wanted = asked_form(_OUT)
        # Who reads the page is offered the marked copy and the documents with it.
        more = {"files": True} if wanted == "html" and not kind and _packed(content, name) else {}
        try:
            report = ready().check(
                content, name, given["scenario"] or DEFAULT_SCENARIO, given["as_at"], kind=kind, **more
            )
        except IcsgraphError as error:
            if wanted == "html":
                page = render_template("validate.html", report="", given=given, error=error)
                return Response(page, getattr(error, "status", 400), mimetype="text/html")
            raise
        if wanted == "html":
            page = render_template(
                "validate.html",
                report=Markup(render.html_body(report)),
                downloads=[(f, _carried(write(report), media)) for f, (write, media) in _DOWNLOADS.items()],
                files=_offered(report.files),
                given=given,
                name=name,
            )
            return Response(page, mimetype="text/html")
        if wanted == "ttl":
            return Response(render.as_turtle(report), mimetype="text/turtle")
        if wanted == "jsonld":
            return Response(render.as_jsonld(report), mimetype="application/ld+json")
        return Response(render.as_json(report), mimetype="application/json")

    return routes


def _packed(content: bytes, name: str) -> bool:
    """Whether a file seems to be a workbook or document, of which documents can be made."""
    return content[:4] in (b"PK\x03\x04", b"%PDF") or name.lower().endswith(".csv")


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
