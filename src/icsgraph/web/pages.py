"""Pages that ask and answer: home, what a person may mean, the questions, an answer, a comparison."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from functools import lru_cache

from flask import Blueprint, Response, g, jsonify, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from icsgraph.ask import render
from icsgraph.ask.contrast import contrast
from icsgraph.ask.desk import Desk
from icsgraph.ask.explain import explain_at
from icsgraph.ask.finder import Choice, Finder, Reading, Suggestion
from icsgraph.ask.glossary import Word
from icsgraph.ask.home import Home
from icsgraph.ask.matrix import in_lines, side_by_side
from icsgraph.ask.names import LISTS
from icsgraph.ask.pictures import Pictures
from icsgraph.ask.sheet import Layout, lay_out
from icsgraph.core.answer import Answer
from icsgraph.core.errors import IcsgraphError, MissingValue, NotFound, StatusError, given_for
from icsgraph.core.picture import draw
from icsgraph.core.question import Question
from icsgraph.web.forms import asked_form
from icsgraph.web.links import CONTROL, choices, chosen, kept, lasting, page
from icsgraph.web.openapi import CLOSED
from icsgraph.web.schema_org import as_script, of_answer, of_site

__all__ = ["blueprint"]

# Laws that stand under the answer of the first page.
_LAWS = 2

# The values that the reader of questions takes, and how much of an unknown name is shown back.
_READ = ("what", "where", "when")
_LONG = 40

# The first is given to who accepts anything; a browser names the page.
READ_FORMS = {"json": "application/json", "html": "text/html"}
ANSWER_FORMS = {
    "json": "application/json",
    "html": "text/html",
    "csv": "text/csv",
    "ttl": "text/turtle",
    "rq": "application/sparql-query",
}


def blueprint(desk: Desk, layout: Layout, home_page: Home, words: Sequence[tuple[str, list[Word]]]) -> Blueprint:  # noqa: C901
    """The pages over ``desk``: the first as ``home_page`` has it, an answer laid out as ``layout`` has it, and a glossary of ``words``."""
    pages = Blueprint("pages", __name__)
    finder = Finder(desk)
    pictures = Pictures(desk, lambda address: kept(page(address)))
    questions = desk.catalogue.questions

    @lru_cache(maxsize=1)
    def living(today: dt.date) -> Answer:
        """The answer that the first page shows, as it stands today."""
        return desk.ask(home_page.example.ask, home_page.example.values, today.isoformat())

    listed = {
        kind: [Suggestion(desk.names.code(t), desk.names.label(t), kind).to_dict() for t in desk.names.all_of(kind)]
        for kind in CLOSED
    }
    listed |= {many: listed[one] for many, one in LISTS.items() if one in listed}

    @pages.get("/")
    def home() -> str:
        example = living(dt.date.today())
        laws = list({p.citation: p for s in example.statements for p in s.passages if p.law}.values())
        return render_template(
            "home.html",
            home=home_page,
            example=example,
            example_question=questions[home_page.example.ask],
            laws=laws[:_LAWS],
            count=len(questions),
            given=request.args,
            told=as_script(of_site(request.url_root)),
        )

    @pages.get("/find")
    def find() -> BaseResponse:
        form = asked_form(READ_FORMS)
        what, where, when = (request.args.get(n, "").strip() for n in _READ)
        if form == "json":
            _refuse_unread()
        try:
            found = finder.find(what, where, when or request.args.get("as_at", "").strip())
        except IcsgraphError as error:
            if form == "json":
                raise
            return Response(render_template("find.html", found=None, given=request.args, error=error), 400)
        said = found.decided or found.choices or found.kind in ("emergency", "country", "person", "subject", "nearby")
        status = 200 if said else 400 if found.kind in ("empty", "long") else 404
        if form == "json":
            if status == 400:
                with given_for("what"):
                    raise IcsgraphError(found.not_covered, "Write a question or a name, in a sentence or less.")
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
        form = asked_form(READ_FORMS)
        if form == "json":
            body = json.dumps([_described(q) for q in questions.values()], ensure_ascii=False)
            return Response(body, mimetype="application/json")
        text = render_template("questions.html", families=desk.catalogue.families(), count=len(questions))
        return Response(text, mimetype="text/html")

    @pages.get("/glossary")
    def glossary() -> str:
        return render_template("glossary.html", groups=words, count=sum(len(of) for _, of in words))

    @pages.get("/compare")
    def compare() -> Response:
        given = {n: request.args.get(n, "").strip() for n in ("topic", "first", "second")}
        pair = (given["first"] or home_page.pairs[0].first, given["second"] or home_page.pairs[0].second)
        found, error = None, None
        if given["topic"]:
            try:
                found = contrast(desk, given["topic"], *pair)
            except IcsgraphError as wrong:
                error = wrong
        text = render_template(
            "compare.html",
            it=found,
            error=error,
            given=given,
            pair=tuple(c.code for c in found.columns) if found else pair,
            pairs=[(p.words, (p.first, p.second)) for p in home_page.pairs],
            them=[explain_at(desk, s) for s in desk.names.all_of("Scenario")] if not found else [],
            topics=[desk.views.thing(t) for t in desk.names.all_of("PaperTopic")] if not found else [],
        )
        return Response(text, 400 if error else 200, mimetype="text/html")

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
        if isinstance(error, MissingValue):
            # Who reads the page has a form before them, and no address to add to.
            error = IcsgraphError(
                f"Which {error.parameter.replace('_', ' ')} do you mean?",
                f"Fill it in below, for example: {error.example}.",
            )
        picture = (pictures.chain(answer) or pictures.fates(answer)) if answer else None
        return render_template(
            "answer.html",
            question=question,
            answer=answer,
            given=request.args,
            error=error,
            choices=choices(desk, error) if isinstance(error, NotFound) else [],
            sheet=lay_out(desk, layout, answer) if answer else None,
            # Everything of an answer, however long; without it the page shows what fits and says what more there is.
            full=bool(request.args.get("full")),
            picture=picture,
            drawn=Markup(draw(picture)) if picture else None,
            matrix=side_by_side(answer) if answer else None,
            lines=in_lines(answer) if answer else [],
            spelled=desk.spelled(answer) if answer else "",
            read=reread(question) if answer else None,
            told=as_script(of_answer(answer, desk.catalogue.notes, lasting(question, answer))) if answer else "",
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
            return Response(render.as_json(answer, g.edition.id), mimetype="application/json")
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


def _refuse_unread() -> None:
    """Refuse a name that the reader of questions does not take.

    A program's misspelt name would else be an answer to nothing; the address of a page may carry what others add to links.
    """
    for name in request.args:
        if name not in {*_READ, *CONTROL, "other"}:
            with given_for(name[:_LONG]):
                raise IcsgraphError(
                    f"“{name[:_LONG]}” is not a value that is read here.", f"It takes: {', '.join(_READ)}."
                )
