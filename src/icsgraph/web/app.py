"""The Flask application over a desk, and the server that runs it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from http import HTTPStatus

from flask import Flask, Response, jsonify, render_template, request
from waitress import create_server
from werkzeug.exceptions import HTTPException

from icsgraph import __version__
from icsgraph.ask.desk import Desk
from icsgraph.check.validator import Validator
from icsgraph.core.errors import IcsgraphError, NotFound
from icsgraph.core.formats import choose
from icsgraph.web import checks, pages, sparql

__all__ = ["create_app", "run"]

# 1 MB: a query or a form; uploads of descriptions have a limit of their own.
MAX_BODY = 1_000_000


def create_app(desk: Desk, validator: Callable[[], Validator] | None = None) -> Flask:
    """The application that answers from ``desk`` and checks with what ``validator`` gives, which is made when first needed."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.register_blueprint(pages.blueprint(desk))
    app.register_blueprint(sparql.blueprint(desk))
    if validator is not None:
        app.register_blueprint(checks.blueprint(validator))

    @app.get("/health")
    def health() -> Response:
        return jsonify(status="ok", version=__version__, quads=len(desk.store), questions=len(desk.catalogue.questions))

    @app.errorhandler(IcsgraphError)
    def mistaken(error: IcsgraphError) -> Response:
        status = getattr(
            error,
            "status",
            404
            if isinstance(error, NotFound)
            and request.view_args
            and "id" in request.view_args
            and "question" in error.message
            else 400,
        )
        return problem(status, error.message, error.hint)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        response = problem(error.code or 500, error.description or "")
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


def run(app: Flask, host: str, port: int, started: Callable[[str], None]) -> None:
    """Serve until stopped; raises ``IcsgraphError`` where the address cannot be listened on."""
    try:
        server = create_server(app, host=host, port=port, threads=8, ident="icsgraph")
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
