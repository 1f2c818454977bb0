"""Pages and the same content as data: home, questions, answers, and a page for every thing."""

from __future__ import annotations

import json
from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.exceptions import NotFound as NoPage
from werkzeug.wrappers import Response as BaseResponse

from icsgraph.ask import render
from icsgraph.ask.describe import as_csv, describe
from icsgraph.ask.desk import Desk
from icsgraph.ask.explain import explain_at
from icsgraph.core.errors import IcsgraphError, NotFound, StatusError
from icsgraph.core.terms import BASE, DEF, ID
from icsgraph.graph.rdf import NamedNode, iri, turtle
from icsgraph.web.forms import asked_form

__all__ = ["blueprint"]

ANSWER_FORMS = {"html": "text/html", "json": "application/json", "csv": "text/csv", "ttl": "text/turtle"}
THING_FORMS = {
    "html": "text/html",
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
    "nt": "application/n-triples",
    "csv": "text/csv",
}
_GRAPH = {"ttl": "ttl", "jsonld": "jsonld", "rdf": "rdfxml", "nt": "nt"}
# Values of the address that are not values of the question.
_CONTROL = {"as_at", "scenario", "format"}


def blueprint(desk: Desk) -> Blueprint:
    """The pages over ``desk``."""
    pages = Blueprint("pages", __name__)

    def local(address: str) -> str:
        """The address of a thing's page here."""
        if address.startswith(ID):
            return "/doc/" + address.removeprefix(ID)
        return "/def/" + address.removeprefix(DEF) if address.startswith(DEF) else address

    pages.add_app_template_filter(local, "local")
    pages.add_app_template_filter(render.cell_text, "words")
    pages.add_app_template_test(lambda value: hasattr(value, "iri"), "thing")

    @pages.get("/")
    def home() -> str:
        return render_template("home.html", families=desk.catalogue.families())

    @pages.get("/questions")
    def questions() -> Response:
        form = asked_form({"html": "text/html", "json": "application/json"})
        if form == "json":
            body = [
                {
                    "id": q.id,
                    "family": q.family,
                    "text": q.sentence,
                    "parameters": [
                        {"name": p.name, "type": p.type, "required": p.default is None, "default": p.default}
                        for p in q.parameters
                    ],
                    "columns": list(q.columns),
                    "explain": q.explain,
                }
                for q in desk.catalogue.questions.values()
            ]
            return Response(json.dumps(body, ensure_ascii=False), mimetype="application/json")
        return Response(render_template("questions.html", families=desk.catalogue.families()), mimetype="text/html")

    @pages.get("/ask/<id>")
    def ask(id: str) -> Response:
        form = asked_form(ANSWER_FORMS)
        try:
            question = desk.catalogue.get(id)
        except NotFound as error:
            # A question that does not exist is a page that does not exist; an unknown value of one is a mistake in the request.
            raise StatusError(404, error.message, error.hint) from None
        given = {k: v for k, v in request.args.items() if k not in _CONTROL}
        if form == "html" and not any(given.values()) and any(p.default is None for p in question.parameters):
            return Response(
                render_template("answer.html", question=question, answer=None, given={}, error=None),
                mimetype="text/html",
            )
        try:
            answer = desk.ask(id, given, request.args.get("as_at", ""), request.args.get("scenario", ""))
        except IcsgraphError as error:
            if form != "html":
                raise
            page = render_template("answer.html", question=question, answer=None, given=request.args, error=error)
            return Response(page, 400, mimetype="text/html")
        if form == "json":
            return Response(render.as_json(answer), mimetype="application/json")
        if form == "csv":
            return Response(render.as_csv(answer), content_type="text/csv; charset=utf-8")
        if form == "ttl":
            return Response(render.as_turtle(answer, desk.store), content_type="text/turtle; charset=utf-8")
        page = render_template("answer.html", question=question, answer=answer, given=request.args, error=None)
        return Response(page, mimetype="text/html")

    @pages.get("/id/<path:path>")
    def identify(path: str) -> BaseResponse:
        if next(desk.store.quads(subject=_address(ID, path)), None) is None:
            raise NoPage(f"There is nothing at id/{path}.")
        return redirect("/doc/" + quote(path), 303)

    def questions_about(address: str) -> list[tuple[str, str, str]]:
        """Questions that need one value, of the kind this thing is: id, name of the value, sentence."""
        found = []
        for question in desk.catalogue.questions.values():
            needed = [p for p in question.parameters if p.default is None]
            if len(needed) == 1 and desk.names.fits(address, needed[0].type):
                label = desk.names.label(address)
                found.append(
                    (question.id, needed[0].name, question.sentence.replace("{" + needed[0].name + "}", label))
                )
        return [(id, name, text.replace("{area}", "England").replace("{locator}", "")) for id, name, text in found]

    def thing(address: str, form: str) -> Response:
        page = BASE + local(address).removeprefix("/")
        triples = describe(desk, address, page)
        if not triples:
            raise NoPage(f"There is nothing at {address.removeprefix(BASE)}.")
        if form == "html":
            text = render_template("thing.html", it=explain_at(desk, address), asks=questions_about(address))
            response = Response(text, mimetype="text/html")
        elif form == "csv":
            response = Response(as_csv(desk, address, triples), content_type="text/csv; charset=utf-8")
        else:
            response = Response(turtle(triples, _GRAPH[form]), content_type=THING_FORMS[form])
        if address != DEF:
            here = quote(local(address))
            response.headers["Content-Location"] = f"{here}.{form}"
            links = [f'<{address}>; rel="describes"']
            links += [f'<{here}.{f}>; rel="alternate"; type="{m}"' for f, m in THING_FORMS.items() if f != form]
            response.headers["Link"] = ", ".join(links)
        return response

    def document(prefix: str, path: str) -> Response:
        stem, dot, suffix = path.rpartition(".")
        if dot and suffix in THING_FORMS and next(desk.store.quads(subject=_address(prefix, path)), None) is None:
            return thing(_address(prefix, stem).value, suffix)
        return thing(_address(prefix, path).value, asked_form(THING_FORMS))

    @pages.get("/doc/<path:path>")
    def doc(path: str) -> Response:
        return document(ID, path)

    @pages.get("/def/<path:path>")
    def define(path: str) -> Response:
        return document(DEF, path)

    @pages.get("/def/")
    def ontology() -> Response:
        return thing(DEF, asked_form(THING_FORMS))

    return pages


def _address(prefix: str, path: str) -> NamedNode:
    try:
        return iri(prefix + path)
    except ValueError:
        raise NoPage("There is nothing at this address.") from None
