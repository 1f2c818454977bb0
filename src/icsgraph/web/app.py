"""The Flask application over a desk."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TextIO

from flask import Blueprint, Flask, Response, jsonify, request
from jinja2 import ChainableUndefined, ChoiceLoader, PackageLoader

from icsgraph import __version__
from icsgraph.ask.desk import Desk
from icsgraph.ask.glossary import read_glossary
from icsgraph.ask.home import read_home
from icsgraph.ask.portrait import read_body_layout
from icsgraph.ask.sections import read_sections
from icsgraph.ask.sheet import read_layout
from icsgraph.bounded.pool import Pool
from icsgraph.check.bounded import Checks
from icsgraph.core.terms import DEFAULT_SCENARIO
from icsgraph.resources import content_root
from icsgraph.web import (
    changes,
    checks,
    crawlers,
    data,
    editions,
    editor,
    links,
    maps,
    openapi,
    pages,
    problems,
    reconcile,
    sparql,
    things,
    wrong,
)
from icsgraph.web.cache import Cache
from icsgraph.web.door import Door
from icsgraph.web.policy import POLICY
from icsgraph.web.watch import watch

__all__ = ["create_app"]

# What people load; results and files for programs go as they are, since their clients count on time and not on bytes.
_COMPRESSED = frozenset({"text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml"})

# Up to so many bytes what was made smaller is kept for who asks next; long pages are asked for by few.
_KEPT = 500_000

# 1 MB: a query or a form; uploads of descriptions have a limit of their own.
MAX_BODY = 1_000_000

# What a page of another site may read of an answer.
EXPOSED = "Content-Location, ETag, Icsgraph-Absent-Graphs, Icsgraph-Edition, Icsgraph-Result, Link, Retry-After"

# What every answer says.
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": EXPOSED,
}


def create_app(
    desk: Desk,
    evaluator: sparql.Evaluator,
    validator: Callable[[], Checks] | None = None,
    cache: Cache | None = None,
    log: TextIO | None = None,
    published: Path | None = None,
    pools: Mapping[str, Pool] | None = None,
    more: Sequence[Blueprint] = (),
    shown: editions.Shown | None = None,
    others: editions.Editions | None = None,
) -> Flask:
    """The application that answers from ``desk`` and checks with what ``validator`` gives, which is made when first needed.

    ``evaluator`` runs strangers' queries (such as workers over the store), ``cache`` keeps their results; ``log``
    gets a line per request; ``published`` is the folder of a build, whose catalogue and files are then offered.
    ``pools`` are the pools of processes that do the work, by what they run, for the figures. ``more`` are routes that are served
    only where they are asked for. ``shown`` is the edition that it answers from, where that is known, and ``others`` has the rest.
    """
    cache = cache or Cache()
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    # The components of forms, as macros; they ask of values that may not be there.
    app.jinja_loader = ChoiceLoader([app.jinja_loader, PackageLoader("nhsuk_frontend_jinja")])  # type: ignore[list-item]
    app.jinja_env.undefined = ChainableUndefined
    app.jinja_env.globals.update(default_scenario=DEFAULT_SCENARIO, published=published is not None, mcp=bool(more))
    links.register(app, desk)
    root = content_root()
    layout, first = read_layout(root, desk.catalogue), read_home(root, desk.catalogue)
    app.register_blueprint(pages.blueprint(desk, layout, first, read_glossary(root, desk)))
    sections, bodies = read_sections(root, desk.catalogue), read_body_layout(root, desk.catalogue)
    app.register_blueprint(things.blueprint(desk, sections, bodies))
    app.register_blueprint(maps.blueprint(desk))
    written, page = editor.blueprint(desk, evaluator)
    app.register_blueprint(written)
    endpoint = sparql.Endpoint(desk.store, evaluator, cache)
    app.register_blueprint(sparql.blueprint(endpoint, page))
    app.register_blueprint(openapi.blueprint(desk))
    app.register_blueprint(reconcile.blueprint(desk, MAX_BODY))
    app.register_blueprint(crawlers.blueprint(desk))
    app.register_blueprint(changes.blueprint(desk, content_root()))
    wrong.register(app, desk, __version__)
    if published is not None:
        app.register_blueprint(data.blueprint(desk, published, others.kept if others else ()))
    if validator is not None:
        app.register_blueprint(checks.blueprint(validator, desk))
    for routes in more:
        app.register_blueprint(routes)

    problems.register(app)
    # Counted before anybody asks: an engine takes its time over it, and the data never change while a service runs.
    quads = len(desk.store)
    figures: dict[str, tuple[str, Callable[[], float]]] = {
        "quads": ("Quads served.", lambda: quads),
        "cache_hits": ("SPARQL results given from those kept.", lambda: cache.hits),
        "cache_misses": ("SPARQL results that had to be found.", lambda: cache.misses),
        "cache_bytes": ("Bytes of SPARQL results kept.", lambda: cache.size),
    }
    for what, pool in (pools or {}).items():
        for name, meaning in {
            "killed": "stopped at the time limit",
            "broken": "that exhausted memory or the stack",
            "ended": "whose process was killed from outside",
            "crashed": "that met a bug of ours, whose traceback is in the log",
        }.items():
            figures[f"{what}_{name}"] = (f"{what.capitalize()} {meaning}.", partial(getattr, pool, name))
    note = watch(app, figures, log)
    editions.register(app, shown or editions.Shown(), others)
    app.wsgi_app = Door(  # type: ignore[method-assign]
        app.wsgi_app, endpoint, MAX_BODY, [*ALWAYS.items(), ("Vary", "Accept")], partial(note, "/sparql")
    )

    edition = {"edition": shown.id} if shown and shown.id else {}

    @app.get("/health")
    def health() -> Response:
        return jsonify(
            status="ok", version=__version__, quads=quads, questions=len(desk.catalogue.questions), **edition
        )

    @app.after_request
    def safe(response: Response) -> Response:
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
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
        content = response.get_data()
        response.set_data(_zipped(content) if len(content) <= _KEPT else _zip(content))
        response.headers["Content-Encoding"] = "gzip"
        response.headers.pop("ETag", None)


def _zip(content: bytes) -> bytes:
    return gzip.compress(content, 6, mtime=0)


_zipped = lru_cache(maxsize=24)(_zip)
