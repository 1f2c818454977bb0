"""The Flask application over a desk."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import TextIO

from flask import Flask, Response, jsonify, request
from jinja2 import ChainableUndefined, ChoiceLoader, PackageLoader

from icsgraph import __version__
from icsgraph.ask.desk import Desk
from icsgraph.ask.sections import read_sections
from icsgraph.check.bounded import Checks
from icsgraph.core.terms import DEFAULT_SCENARIO
from icsgraph.resources import content_root
from icsgraph.web import checks, data, editor, links, maps, openapi, pages, problems, sparql, things
from icsgraph.web.cache import Cache
from icsgraph.web.watch import watch

__all__ = ["create_app"]

# What people load; results and files for programs go as they are, since their clients count on time and not on bytes.
_COMPRESSED = frozenset({"text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml"})

# 1 MB: a query or a form; uploads of descriptions have a limit of their own.
MAX_BODY = 1_000_000

# Everything comes from here; nothing is sent to anybody else.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

# What a page of another site may read of an answer.
EXPOSED = "Content-Location, ETag, Icsgraph-Absent-Graphs, Icsgraph-Result, Link, Retry-After"


def create_app(
    desk: Desk,
    evaluator: sparql.Evaluator,
    validator: Callable[[], Checks] | None = None,
    cache: Cache | None = None,
    log: TextIO | None = None,
    published: Path | None = None,
) -> Flask:
    """The application that answers from ``desk`` and checks with what ``validator`` gives, which is made when first needed.

    ``evaluator`` runs strangers' queries (such as workers over the store), ``cache`` keeps their results; ``log``
    gets a line per request; ``published`` is the folder of a build, whose catalogue and files are then offered.
    """
    cache = cache or Cache()
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    # The components of forms, as macros; they ask of values that may not be there.
    app.jinja_loader = ChoiceLoader([app.jinja_loader, PackageLoader("nhsuk_frontend_jinja")])  # type: ignore[list-item]
    app.jinja_env.undefined = ChainableUndefined
    app.jinja_env.globals.update(default_scenario=DEFAULT_SCENARIO, published=published is not None)
    links.register(app, desk)
    app.register_blueprint(pages.blueprint(desk))
    app.register_blueprint(things.blueprint(desk, read_sections(content_root(), desk.catalogue)))
    app.register_blueprint(maps.blueprint(desk))
    written, page = editor.blueprint(desk, evaluator)
    app.register_blueprint(written)
    app.register_blueprint(sparql.blueprint(desk.store, evaluator, cache, page))
    app.register_blueprint(openapi.blueprint(desk))
    if published is not None:
        app.register_blueprint(data.blueprint(desk, published))
    if validator is not None:
        app.register_blueprint(checks.blueprint(validator, desk))

    problems.register(app)
    figures: dict[str, tuple[str, Callable[[], float]]] = {
        "quads": ("Quads served.", lambda: len(desk.store)),
        "cache_hits": ("SPARQL results given from those kept.", lambda: cache.hits),
        "cache_misses": ("SPARQL results that had to be found.", lambda: cache.misses),
        "cache_bytes": ("Bytes of SPARQL results kept.", lambda: cache.size),
    }
    for name, meaning in {
        "killed": "Queries stopped at the time limit.",
        "broken": "Queries that broke their process.",
    }.items():
        if hasattr(evaluator, name):
            figures[f"queries_{name}"] = (meaning, partial(getattr, evaluator, name))
    watch(app, figures, log)

    @app.get("/health")
    def health() -> Response:
        return jsonify(status="ok", version=__version__, quads=len(desk.store), questions=len(desk.catalogue.questions))

    @app.after_request
    def safe(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault(
            "Content-Security-Policy",
            POLICY,
        )
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        response.headers.setdefault("Access-Control-Allow-Origin", "*")
        response.headers.setdefault("Access-Control-Expose-Headers", EXPOSED)
        if request.method == "OPTIONS":
            response.headers.setdefault("Access-Control-Allow-Methods", response.headers.get("Allow", "GET"))
            response.headers.setdefault("Access-Control-Allow-Headers", "Accept, Content-Type, If-None-Match")
            response.headers.setdefault("Access-Control-Max-Age", "86400")
        response.vary.add("Accept")
        _compress(response)
        if request.method in ("GET", "HEAD") and response.status_code == 200 and not response.is_streamed:
            # Of the bytes themselves: what is equal is the same representation, and nothing else is.
            response.add_etag()
            response.headers.setdefault("Cache-Control", "no-cache")
            response.make_conditional(request)
        return response

    return app


def _compress(response: Response) -> None:
    """Make a page or its style smaller for who accepts that; its tag is then made of what is sent."""
    if response.mimetype not in _COMPRESSED or response.status_code != 200 or "Content-Encoding" in response.headers:
        return
    response.vary.add("Accept-Encoding")
    if request.method == "GET" and request.accept_encodings.quality("gzip") > 0 and "Range" not in request.headers:
        response.direct_passthrough = False
        response.set_data(_zipped(response.get_data()))
        response.headers["Content-Encoding"] = "gzip"
        response.headers.pop("ETag", None)


@lru_cache(maxsize=64)
def _zipped(content: bytes) -> bytes:
    return gzip.compress(content, 6, mtime=0)
