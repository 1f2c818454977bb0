"""Pages that ask and answer: home, what a person may mean, the questions, an answer, a comparison."""

from __future__ import annotations

import json

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from icsgraph.ask import render
from icsgraph.ask.desk import Desk
from icsgraph.ask.explain import explain_at
from icsgraph.ask.finder import Choice, Finder, Reading, Suggestion
from icsgraph.ask.matrix import in_lines, side_by_side
from icsgraph.ask.names import LISTS
from icsgraph.ask.pictures import Pictures
from icsgraph.core.answer import Answer
from icsgraph.core.errors import IcsgraphError, NotFound, StatusError
from icsgraph.core.picture import draw
from icsgraph.core.question import Question
from icsgraph.web.forms import asked_form
from icsgraph.web.links import CONTROL, choices, chosen, kept, page, with_values
from icsgraph.web.openapi import CLOSED

__all__ = ["blueprint"]

ANSWER_FORMS = {
    "html": "text/html",
    "json": "application/json",
    "csv": "text/csv",
    "ttl": "text/turtle",
    "rq": "application/sparql-query",
}


def blueprint(desk: Desk) -> Blueprint:
    """The pages over ``desk``."""
    pages = Blueprint("pages", __name__)
    finder = Finder(desk)
    pictures = Pictures(desk, lambda address: kept(page(address)))
    questions = desk.catalogue.questions

    def often() -> list[tuple[str, list[tuple[str, str]]]]:
        """The first example of each question that people ask first, by family."""
        found: dict[str, list[tuple[str, str]]] = {}
        for question in questions.values():
            if question.asked and question.family != "papers":
                example = question.examples[0]
                asks = finder.sentence(question, example.values)
                values = {**example.values, "as_at": example.as_at}
                found.setdefault(question.family, []).append((with_values(f"/ask/{question.id}", values), asks))
        return [(family.capitalize(), leads[:3]) for family, leads in sorted(found.items())]

    asked_often = often()
    listed = {
        kind: [Suggestion(desk.names.code(t), desk.names.label(t), kind).to_dict() for t in desk.names.all_of(kind)]
        for kind in CLOSED
    }
    listed |= {many: listed[one] for many, one in LISTS.items() if one in listed}

    @pages.get("/")
    def home() -> str:
        return render_template("home.html", often=asked_often, count=len(questions), given=request.args)

    @pages.get("/find")
    def find() -> BaseResponse:
        form = asked_form({"html": "text/html", "json": "application/json"})
        what, where, when = (request.args.get(n, "").strip() for n in ("what", "where", "when"))
        try:
            found = finder.find(what, where, when or request.args.get("as_at", "").strip())
        except IcsgraphError as error:
            if form == "json":
                raise
            return Response(render_template("find.html", found=None, given=request.args, error=error), 400)
        said = found.decided or found.choices or found.kind in ("emergency", "country", "person", "subject")
        status = 200 if said else 400 if found.kind in ("empty", "long") else 404
        if form == "json":
            return Response(json.dumps(described(found), ensure_ascii=False), status, mimetype="application/json")
        if found.decided and not request.args.get("other"):
            return redirect(chosen(found.decided, asked=found.kept if found.decided.question else ""), 303)
        given = {**request.args, "what": found.what, "where": found.where}
        return Response(
            render_template("find.html", found=found, given=given, error=None), status, mimetype="text/html"
        )

    @pages.get("/suggest")
    def suggest() -> Response:
        typed, kind = request.args.get("q", "")[:100], request.args.get("kind", "What")
        # Before anything is typed, a short closed list is shown whole.
        if not typed.strip() and kind in listed:
            return jsonify(listed[kind])
        return jsonify([s.to_dict() for s in finder.suggest(typed, kind)])

    @pages.get("/questions")
    def catalogue() -> Response:
        form = asked_form({"html": "text/html", "json": "application/json"})
        if form == "json":
            body = json.dumps([_described(q) for q in questions.values()], ensure_ascii=False)
            return Response(body, mimetype="application/json")
        text = render_template("questions.html", families=desk.catalogue.families(), count=len(questions))
        return Response(text, mimetype="text/html")

    @pages.get("/compare")
    def compare() -> str:
        them = [explain_at(desk, s) for s in desk.names.all_of("Scenario")]
        topics = [desk.views.thing(t) for t in desk.names.all_of("PaperTopic")]
        return render_template("compare.html", them=them, topics=topics)

    def reread(question: Question) -> Reading | None:
        """How the words that led to an answer were read, where they lead to it."""
        asked = request.args.get("asked", "")
        if not asked:
            return None
        try:
            found = finder.find(asked, when=request.args.get("as_at", ""))
        except IcsgraphError:
            return None
        here = found.decided is not None and found.decided.question is question
        return found if here or any(c.question is question for c in found.choices) else None

    def shown(question: Question, answer: Answer | None, error: IcsgraphError | None = None) -> str:
        picture = (pictures.chain(answer) or pictures.fates(answer)) if answer else None
        return render_template(
            "answer.html",
            question=question,
            answer=answer,
            given=request.args,
            error=error,
            choices=choices(desk, error) if isinstance(error, NotFound) else [],
            drawn=(Markup(draw(picture)), picture.left_out) if picture else None,
            matrix=side_by_side(answer) if answer else None,
            lines=in_lines(answer) if answer else [],
            spelled=desk.spelled(answer) if answer else "",
            read=reread(question) if answer else None,
        )

    @pages.get("/ask/<id>")
    def ask(id: str) -> Response:
        form = asked_form(ANSWER_FORMS)
        try:
            question = desk.catalogue.get(id)
        except NotFound as error:
            # A question that does not exist is a page that does not exist; an unknown value of one is a mistake in the request.
            raise StatusError(404, error.message, error.hint) from None
        given = {k: v for k, v in request.args.items() if k not in CONTROL}
        if form == "html" and not any(given.values()) and any(p.default is None for p in question.parameters):
            return Response(shown(question, None), mimetype="text/html")
        try:
            answer = desk.ask(id, given, request.args.get("as_at", ""), request.args.get("scenario", ""))
        except IcsgraphError as error:
            if form != "html":
                raise
            return Response(shown(question, None, error), 400, mimetype="text/html")
        if form == "json":
            return Response(render.as_json(answer), mimetype="application/json")
        if form == "csv":
            return Response(render.as_csv(answer), content_type="text/csv; charset=utf-8")
        if form == "ttl":
            return Response(render.as_turtle(answer, desk.store), content_type="text/turtle; charset=utf-8")
        if form == "rq":
            return Response(desk.spelled(answer), content_type="application/sparql-query; charset=utf-8")
        return Response(shown(question, answer), mimetype="text/html")

    return pages


def described(found: Reading) -> dict[str, object]:
    """What was understood, as the JSON of the contract."""

    def choice(one: Choice) -> dict[str, object]:
        if one.question is None:
            return {"question": None, "sentence": one.sentence, "values": {}, "url": chosen(one)}
        return {
            "question": one.question.id,
            "sentence": one.sentence,
            "values": one.values,
            "url": chosen(one),
            "missing": list(one.missing),
            "why": list(one.why),
        }

    return {
        "understood": {
            "what": found.what,
            "where": found.where,
            "words": [u.to_dict() for u in found.understood],
            "notes": list(found.notes),
        },
        "not_used": list(found.not_used),
        "decided": choice(found.decided) if found.decided else None,
        "choices": [choice(c) for c in found.choices],
        "not_covered": found.not_covered,
    }


def _described(question: Question) -> dict[str, object]:
    return {
        "id": question.id,
        "family": question.family,
        "text": question.sentence,
        "parameters": [
            {"name": p.name, "type": p.type, "required": p.default is None, "default": p.default}
            for p in question.parameters
        ],
        "columns": list(question.columns),
        "explain": question.explain,
    }
