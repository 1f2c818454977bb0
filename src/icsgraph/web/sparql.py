"""``/sparql``: SPARQL 1.1 Protocol queries over the store."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from icsgraph.ask.desk import Desk
from icsgraph.core.formats import FORMATS, choose
from icsgraph.web.problems import StatusError

__all__ = ["blueprint"]


def _query() -> str | None:
    """The query of the request: from the address, a form, or the body; ``None`` where there is none."""
    if request.method == "GET":
        queries = request.args.getlist("query")
    else:
        kind = request.mimetype
        if kind == "application/x-www-form-urlencoded":
            queries = request.form.getlist("query")
            if request.form.getlist("update"):
                raise StatusError(403, "This endpoint is read-only and takes no updates.", "Send a query.")
        elif kind == "application/sparql-query":
            try:
                queries = [request.get_data().decode("utf-8")]
            except UnicodeDecodeError:
                raise StatusError(400, "The query is not UTF-8.", "Send it as UTF-8.") from None
        elif kind == "application/sparql-update":
            raise StatusError(403, "This endpoint is read-only and takes no updates.", "Send a query.")
        else:
            raise StatusError(
                415,
                f"“{kind}” is not a type this endpoint takes.",
                "Send application/sparql-query or a form with query=.",
            )
        if not queries or not queries[0].strip():
            raise StatusError(
                400, "There is no query.", "Send it as query= in a form, or as the body with application/sparql-query."
            )
    if len(queries) > 1:
        raise StatusError(400, f"There are {len(queries)} queries.", "Send one at a time.")
    return queries[0] if queries else None


def blueprint(desk: Desk) -> Blueprint:
    """The endpoint over the store of ``desk``."""
    sparql = Blueprint("sparql", __name__)

    @sparql.route("/sparql", methods=["GET", "POST"])
    def endpoint() -> Response:
        query = _query()
        if query is None:
            return Response(render_template("sparql.html"), mimetype="text/html")
        named = request.values.get("format", "")
        accept = request.headers.get("Accept", "*/*")

        def pick(table: bool) -> str:
            fitting = [f for f in FORMATS.values() if f.results == table]
            if named:
                if named not in FORMATS:
                    raise StatusError(400, f"“{named}” is not a format.", f"Use one of: {', '.join(FORMATS)}.")
                return named
            offered = {m: f.name for f in reversed(fitting) for m in (*f.also, f.media_type)}
            media = choose(accept, [f.media_type for f in fitting] + [m for f in fitting for m in f.also])
            if media is None and "text/html" in accept:
                media = fitting[0].media_type
            if media is None:
                raise StatusError(
                    406,
                    "None of the types you accept can be given.",
                    f"Accept one of: {', '.join(f.media_type for f in fitting)}.",
                )
            return offered[media]

        name, body = desk.store.serialise(query, pick)
        return Response(
            body,
            content_type=FORMATS[name].media_type
            + ("; charset=utf-8" if FORMATS[name].media_type.startswith("text/") else ""),
        )

    return sparql
