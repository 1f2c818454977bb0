"""Pictures with pages of their own: the map of a system, and the time line of a body."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, Response, render_template, request
from markupsafe import Markup

from icsgraph.ask.desk import Desk
from icsgraph.ask.pictures import Pictures
from icsgraph.ask.sections import Section, Shown
from icsgraph.core.answer import Thing
from icsgraph.core.dates import parse_day
from icsgraph.core.errors import IcsgraphError, NotFound
from icsgraph.core.picture import draw
from icsgraph.core.question import Parameter
from icsgraph.core.timeline import draw as draw_line
from icsgraph.web.links import choices, kept, page

__all__ = ["blueprint"]

_BODY = Parameter("body", "Body", None)


def blueprint(desk: Desk) -> Blueprint:
    """The pages of pictures over ``desk``."""
    maps = Blueprint("maps", __name__)
    pictures = Pictures(desk, lambda address: kept(page(address)))

    def asked() -> tuple[str, dt.date]:
        """The body and the day asked for."""
        day = request.args.get("as_at", "")
        found = parse_day(day) if day else dt.date.today()
        try:
            return desk.names.find(request.args["body"], "Body", found.isoformat()).value, found
        except NotFound as error:
            error.parameter = "body"
            raise

    def failed(template: str, error: IcsgraphError) -> Response:
        meant = choices(desk, error) if isinstance(error, NotFound) else []
        text = render_template(template, error=error, choices=meant, given=request.args, parameter=_BODY)
        return Response(text, 400, mimetype="text/html")

    def filled(title: str, ask: str, name: str, value: str, day: dt.date) -> Shown:
        answer = desk.ask(ask, {name: value}, day.isoformat(), request.args.get("scenario", ""))
        return Shown(Section("Body", title, ask, name), desk.catalogue.get(ask), answer)

    @maps.get("/map")
    def system() -> Response:
        if not request.args.get("body", "").strip():
            day = request.args.get("as_at", "")
            found = [desk.ask("which-bodies-are", {"kind": kind}, day) for kind in pictures.mapped]
            boards = [b for a in found for r in a.rows if isinstance(b := r.get("body"), Thing)]
            text = render_template("map.html", boards=boards, given=request.args, parameter=_BODY)
            return Response(text, mimetype="text/html")
        try:
            body, on = asked()
            code = desk.names.code(body)
            area = filled("Bodies in its area", "which-bodies-cover", "area", code, on)
            answers = filled("Whom it answers to", "who-does-body-answer-to", "body", code, on)
        except IcsgraphError as error:
            return failed("map.html", error)
        picture = pictures.system(body, area.answer, answers.answer)
        text = render_template(
            "map.html",
            name=desk.names.label(body),
            drawn=(Markup(draw(picture)), picture.left_out),
            area=area,
            answers=answers,
            notes=list(dict.fromkeys([*area.answer.notes, *answers.answer.notes])),
            given=request.args,
            parameter=_BODY,
        )
        return Response(text, mimetype="text/html")

    @maps.get("/timeline")
    def timeline() -> Response:
        if not request.args.get("body", "").strip():
            return Response(render_template("timeline.html", given=request.args, parameter=_BODY), mimetype="text/html")
        try:
            body, day = asked()
            line = pictures.timeline(body, day)
        except IcsgraphError as error:
            return failed("timeline.html", error)
        text = render_template(
            "timeline.html",
            name=desk.names.label(body),
            svg=Markup(draw_line(line)),
            says=line.says,
            spans=line.spans,
            given=request.args,
            parameter=_BODY,
        )
        return Response(text, mimetype="text/html")

    return maps
