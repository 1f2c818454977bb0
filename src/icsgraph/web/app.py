"""The Flask application over a desk, and the server that runs it."""

from __future__ import annotations

import socket
from collections.abc import Callable

from flask import Flask, Response, jsonify
from waitress import create_server

from icsgraph import __version__
from icsgraph.ask.desk import Desk
from icsgraph.check.validator import Validator
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import DEFAULT_SCENARIO
from icsgraph.web import checks, pages, problems, sparql
from icsgraph.web.cache import Cache

__all__ = ["create_app", "run"]

# 1 MB: a query or a form; uploads of descriptions have a limit of their own.
MAX_BODY = 1_000_000
# More than queries that run or wait, so that pages are always answered.
THREADS = 32


def create_app(
    desk: Desk,
    validator: Callable[[], Validator] | None = None,
    evaluator: sparql.Evaluator | None = None,
    cache: Cache | None = None,
) -> Flask:
    """The application that answers from ``desk`` and checks with what ``validator`` gives, which is made when first needed.

    ``evaluator`` runs strangers' queries (default: the store itself, without limits), ``cache`` keeps their results.
    """
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["default_scenario"] = DEFAULT_SCENARIO
    app.register_blueprint(pages.blueprint(desk))
    app.register_blueprint(sparql.blueprint(desk.store, evaluator or desk.store, cache or Cache()))
    if validator is not None:
        app.register_blueprint(checks.blueprint(validator))

    problems.register(app)

    @app.get("/health")
    def health() -> Response:
        return jsonify(status="ok", version=__version__, quads=len(desk.store), questions=len(desk.catalogue.questions))

    @app.after_request
    def safe(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        )
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        response.headers.setdefault("Access-Control-Allow-Origin", "*")
        response.vary.add("Accept")
        return response

    return app


def run(app: Flask, host: str, port: int, started: Callable[[str], None]) -> None:
    """Serve until stopped; raises ``IcsgraphError`` where the address cannot be listened on."""
    try:
        server = create_server(app, host=host, port=port, threads=THREADS, ident="icsgraph")
    except (OSError, socket.gaierror) as error:
        raise IcsgraphError(
            f"Port {port} on {host} cannot be used: {error.strerror or error}.",
            "Stop what uses it, or choose another with --port.",
        ) from None
    started(f"http://{host}:{server.effective_port}")
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
