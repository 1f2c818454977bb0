"""A page for every thing, and the same statements in the forms of RDF: ``/id``, ``/doc``, ``/def``."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request
from markupsafe import Markup
from werkzeug.exceptions import NotFound as NoPage
from werkzeug.wrappers import Response as BaseResponse

from icsgraph.ask.describe import as_csv, describe
from icsgraph.ask.desk import Desk
from icsgraph.ask.explain import explain_at
from icsgraph.ask.pictures import Pictures
from icsgraph.ask.portrait import BodyLayout, portray
from icsgraph.ask.sections import Section, show
from icsgraph.core.dates import in_words, parse_day
from icsgraph.core.picture import draw
from icsgraph.core.question import Parameter
from icsgraph.core.terms import BASE, DEF, ID
from icsgraph.graph.rdf import NamedNode, iri, term_name, turtle
from icsgraph.web.forms import asked_form
from icsgraph.web.links import kept, page, with_values
from icsgraph.web.schema_org import as_script, of_thing

__all__ = ["blueprint"]

# The first is given to who accepts anything; a browser names the page.
FORMS = {
    "ttl": "text/turtle",
    "html": "text/html",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
    "nt": "application/n-triples",
    "csv": "text/csv",
}
_GRAPH = {"ttl": "ttl", "jsonld": "jsonld", "rdf": "rdfxml", "nt": "nt"}
# A section with more rows is folded, and shows at most so many.
_MOST = 8
_FOLDED = 10


def blueprint(desk: Desk, sections: list[Section], layout: BodyLayout) -> Blueprint:  # noqa: C901
    """The pages of things over ``desk``, with the sections that each kind of thing has; those of bodies begin as ``layout`` has it."""
    things = Blueprint("things", __name__)
    pictures = Pictures(desk, lambda address: kept(page(address)))

    def questions_about(address: str) -> list[tuple[str, str, str]]:
        """Questions that need one value, of the kind this thing is: id, name of the value, sentence."""
        found = []
        for question in desk.catalogue.questions.values():
            needed = [p for p in question.parameters if p.default is None]
            if len(needed) == 1 and desk.names.fits(address, needed[0].type):
                text = question.sentence.replace("{" + needed[0].name + "}", desk.names.label(address))
                for parameter in question.parameters:
                    text = text.replace("{" + parameter.name + "}", _usual(parameter))
                found.append((question.id, needed[0].name, text))
        return found

    def last_day(address: str, day: dt.date) -> str:
        """The last day of what had ended on a day; empty for what had not."""
        end = desk.names.period(address).end
        return (end - dt.timedelta(days=1)).isoformat() if end and day >= end else ""

    def shown(address: str) -> str:
        day, scenario = (request.args.get(n, "") for n in ("as_at", "scenario"))
        filled = show(desk, sections, address, day, scenario)
        explained = explain_at(desk, address, parse_day(day) if day else None)
        body = desk.names.fits(address, "Body")
        portrait = portray(desk, layout, address, parse_day(day) if day else dt.date.today()) if body else None
        # The answer with the most to draw, whichever section it fills.
        draws = pictures.chain if body else pictures.fates
        drawn = next((p for p in (draws(s.answer) for s in filled) if p), None)
        return render_template(
            "thing.html",
            it=explained,
            asks=questions_about(address),
            sections=filled,
            most=_MOST,
            folded=_FOLDED,
            notes=list(dict.fromkeys(n for s in filled for n in s.answer.notes if n not in explained.text)),
            last=last_day(address, parse_day(day) if day else dt.date.today()),
            drawn=(Markup(draw(drawn)), drawn.left_out) if drawn else None,
            board=body,
            told=as_script(of_thing(desk, explained)),
            portrait=portrait,
        )

    @lru_cache(maxsize=1)
    def terms_of_ontology() -> str:
        found = {
            q.subject.value: q.object.value
            for q in desk.store.quads(predicate=term_name("skos:definition"))
            if q.subject.value.startswith(DEF)
        }
        terms = sorted(
            ((desk.views.thing(a), meaning) for a, meaning in found.items()), key=lambda t: t[0].label.lower()
        )
        return render_template("ontology.html", terms=terms)

    def thing(address: str, form: str) -> Response:
        here = page(address)
        triples = describe(desk, address, BASE + here.removeprefix("/"))
        if not triples:
            raise NoPage(f"There is nothing at {address.removeprefix(BASE)}.")
        if form == "html":
            response = Response(terms_of_ontology() if address == DEF else shown(address), mimetype="text/html")
        elif form == "csv":
            response = Response(as_csv(desk, address, triples), content_type="text/csv; charset=utf-8")
        else:
            response = Response(turtle(triples, _GRAPH[form]), content_type=FORMS[form])
        if address != DEF:
            response.headers["Content-Location"] = f"{here}.{form}"
            links = [f'<{address}>; rel="describes"']
            links += [f'<{here}.{f}>; rel="alternate"; type="{m}"' for f, m in FORMS.items() if f != form]
            response.headers["Link"] = ", ".join(links)
        return response

    @lru_cache(maxsize=1)
    def codes() -> dict[str, str]:
        """The code by which something is called now, by each that it had before."""
        quads = desk.store.quads(predicate=term_name("ics:formerOnsCode"))
        return {q.object.value: q.subject.value.rpartition("/")[2] for q in quads}

    def now_at(address: str) -> str:
        """The address now of what has had a code of this address; empty where nothing is there."""
        stem, _, key = address.rpartition("/")
        now = f"{stem}/{'-'.join(codes().get(part, part) for part in key.split('-'))}"
        return now if now != address and now in desk.names.labels else ""

    def document(prefix: str, path: str) -> BaseResponse:
        stem, dot, suffix = path.rpartition(".")
        if dot and suffix in FORMS and next(desk.store.quads(subject=_address(prefix, path)), None) is None:
            return thing(_address(prefix, stem).value, suffix)
        address = _address(prefix, path).value
        if address not in desk.names.labels and (now := now_at(address)):
            return redirect(with_values(page(now), request.args), 301)
        return thing(address, asked_form(FORMS))

    @things.get("/id/<path:path>")
    def identify(path: str) -> BaseResponse:
        address = _address(ID, path)
        if next(desk.store.quads(subject=address), None) is None:
            # What has another code is the same thing: its old address goes on working.
            if now := now_at(address.value):
                return redirect(with_values(f"/id/{quote(now.removeprefix(ID))}", request.args), 301)
            raise NoPage(f"There is nothing at id/{path}.")
        return redirect(with_values("/doc/" + quote(path), {}), 303)

    @things.get("/doc/<path:path>")
    def doc(path: str) -> BaseResponse:
        return document(ID, path)

    @things.get("/def/<path:path>")
    def define(path: str) -> BaseResponse:
        # The address of the version that is served leads to it; another version is not here.
        if next(desk.store.quads(iri(DEF), term_name("owl:versionIRI"), _address(DEF, path)), None):
            return thing(DEF, asked_form(FORMS))
        return document(DEF, path)

    @things.get("/def/")
    def ontology() -> Response:
        return thing(DEF, asked_form(FORMS))

    return things


def _usual(parameter: Parameter) -> str:
    """The value that a question takes where none is given, in words."""
    default = parameter.default or ""
    if parameter.type == "Area":
        return default.capitalize()
    return in_words(default) if parameter.type == "Date" and default else default


def _address(prefix: str, path: str) -> NamedNode:
    try:
        return iri(prefix + path)
    except ValueError:
        raise NoPage("There is nothing at this address.") from None
