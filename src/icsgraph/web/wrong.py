"""``/wrong``: “Something wrong?”, a ready text about an answer, a thing or a page, to be sent by the reader's own means. Nothing is kept."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, g, render_template, request

from icsgraph.ask.desk import Desk
from icsgraph.core.errors import given_for
from icsgraph.upkeep.corrections import as_text, wrong_at
from icsgraph.web.forms import asked_form
from icsgraph.web.links import with_values

__all__ = ["here", "register"]

FORMS = {"txt": "text/plain", "html": "text/html"}
# What an address has for its form and not for what is said.
_FORM = {"format", "full", "asked"}


def here(path: str = "", **values: str) -> str:
    """The address of this request, or of ``path``, with what it asks about, for who finds it wrong."""
    if path:
        return with_values(path, values)
    pairs = [(k, v) for k, v in request.args.items(multi=True) if k not in _FORM and k not in values]
    return with_values(request.path, [*pairs, *values.items()])


def _blueprint(desk: Desk, version: str) -> Blueprint:
    """The page over ``desk``; ``version`` is said where the edition that is shown is not kept."""
    wrong = Blueprint("wrong", __name__)

    @wrong.get("/wrong")
    def page() -> Response:
        form = asked_form(FORMS)
        of = request.args.get("of", "")
        with given_for("of"):
            found = wrong_at(desk, of, request.host_url.rstrip("/") + of, g.edition.id or version)
        text = as_text(found)
        if form == "txt":
            response = Response(text, content_type="text/plain; charset=utf-8")
            response.headers["Content-Disposition"] = 'attachment; filename="something-is-wrong.txt"'
            return response
        return Response(render_template("wrong.html", text=text, of=of), mimetype="text/html")

    return wrong


def register(app: Flask, desk: Desk, version: str) -> None:
    """Give an application the page, and its templates what leads to it."""
    app.register_blueprint(_blueprint(desk, version))
    app.jinja_env.globals.update(here=here)
