"""What those who read sites by program are told: ``/robots.txt``, ``/sitemap.xml`` and ``/llms.txt``.

Source: RFC 9309, https://www.sitemaps.org/protocol.html and https://llmstxt.org
"""

from __future__ import annotations

from functools import lru_cache
from xml.sax.saxutils import escape

from flask import Blueprint, Response, render_template, request

from icsgraph.ask.desk import Desk
from icsgraph.web.links import page

__all__ = ["blueprint"]

# Each answer of these costs more than a page, and there is no end of them.
_CLOSED = (
    "/ask/*?",
    "/find",
    "/suggest",
    "/sparql",
    "/validate",
    "/reconcile",
    "/mcp",
    "/metrics",
    "/timeline",
    "/wrong",
    "/map?",
)
# Pages of their own, and the kinds of thing that have one; sites and statements are too many and too small.
_PAGES = ("/", "/questions", "/compare", "/map", "/query", "/data", "/def/", "/llms.txt")
_KINDS = (
    *("Body", "BodyKind", "Function", "Duty", "Power", "Document", "Post", "Gateway"),
    *("Provision", "Instrument", "Scenario", "Topic"),
)


def blueprint(desk: Desk) -> Blueprint:
    """The routes over ``desk``."""
    routes = Blueprint("crawlers", __name__)

    @lru_cache(maxsize=1)
    def paths() -> list[str]:
        things = sorted(page(t) for t in desk.names.labels if desk.names.is_any(t, _KINDS))
        questions = sorted(f"/ask/{id}" for id in desk.catalogue.questions)
        return [*_PAGES, *questions, *(t for t in things if t.startswith("/doc/"))]

    @routes.get("/robots.txt")
    def robots() -> Response:
        lines = ["User-agent: *", *(f"Disallow: {path}" for path in _CLOSED), f"Sitemap: {request.url_root}sitemap.xml"]
        return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")

    @routes.get("/sitemap.xml")
    def sitemap() -> Response:
        root = request.url_root.rstrip("/")
        places = "".join(f"<url><loc>{escape(root + path)}</loc></url>\n" for path in paths())
        head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        return Response(f"{head}{places}</urlset>\n", mimetype="application/xml")

    @routes.get("/llms.txt")
    def llms() -> Response:
        text = render_template("llms.txt", root=request.url_root, families=desk.catalogue.families())
        return Response(text, content_type="text/plain; charset=utf-8")

    return routes
