"""``/sparql``: SPARQL 1.1 Protocol queries, and the description of the service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol
from urllib.parse import quote

from flask import Blueprint, Response, request

from icsgraph.core.errors import StatusError
from icsgraph.core.formats import FORMATS, choose, named
from icsgraph.core.protocol import Asked, read_request
from icsgraph.graph.rdf import NamedNode, format_iri, iri, rewritten
from icsgraph.graph.results import Forms, Result, UnfitForm
from icsgraph.graph.store import AnyStore, Graphs
from icsgraph.web.cache import Cache

__all__ = ["Evaluator", "blueprint"]

# The forms of a service description; a browser gets the page.
_DESCRIBED = {FORMATS[name].media_type: name for name in ("ttl", "jsonld", "rdfxml", "nt")} | {"text/html": "html"}

# Of graphs that are not there, so many are named.
_TOLD = 10
# What stands in an address as it is; a header holds no other letters than those of English.
_SAFE = ":/?#[]@!$&'()*+,;=%~"


class Evaluator(Protocol):
    """What runs strangers' queries: a store itself, or workers over it."""

    def serialise(self, query: str, forms: Forms = ..., graphs: Graphs = ...) -> Result:
        """Run a query and write its result."""
        ...


def blueprint(store: AnyStore, evaluator: Evaluator, cache: Cache, page: Callable[[], Response]) -> Blueprint:
    """The endpoint over a store, whose strangers' queries ``evaluator`` runs; ``page`` is what a browser gets without a query."""
    sparql = Blueprint("sparql", __name__)

    @sparql.route("/sparql", methods=["GET", "POST"])
    def endpoint() -> Response:
        asked = read_request(
            request.method, request.query_string, request.headers.get("Content-Type", ""), request.get_data()
        )
        if asked.query is None:
            return _described(store, page)
        forms = _forms(asked)
        graphs = Graphs(_addresses(asked.default_graphs), _addresses(asked.named_graphs))
        query = asked.query
        try:
            result = cache.get(query, (forms, graphs), lambda: evaluator.serialise(query, forms, graphs))
        except UnfitForm as error:
            raise StatusError(400 if asked.format else 406, error.message, error.hint) from None
        response = Response(result.body, content_type=_content_type(FORMATS[result.form].media_type))
        if result.cut:
            response.headers["Icsgraph-Result"] = "cut"
        absent = [g.value for g in (*graphs.default, *graphs.named) if g not in store.graph_names()]
        if absent:
            # The protocol takes a graph that is not there for an empty one; whoever reads the answer should know.
            response.headers["Icsgraph-Absent-Graphs"] = " ".join(
                f"<{quote(a, safe=_SAFE)}>" for a in [*dict.fromkeys(absent)][:_TOLD]
            )
        return response

    return sparql


def _content_type(media: str) -> str:
    return media + ("; charset=utf-8" if media.startswith("text/") else "")


def _forms(asked: Asked) -> Forms:
    """The best form for a table and for a graph, by name or by the Accept header."""
    if asked.format:
        forms = Forms(*named(asked.format))
        if forms == (None, None):
            raise StatusError(400, f"“{asked.format}” is not a format.", f"Use one of: {', '.join(FORMATS)}.")
        return forms
    accept = request.headers.get("Accept", "") or "*/*"
    found: list[str | None] = []
    for table in (True, False):
        fitting = [f for f in FORMATS.values() if f.results == table]
        offered = {m: f.name for f in reversed(fitting) for m in (*f.also, f.media_type)}
        media = choose(accept, [f.media_type for f in fitting] + [m for f in fitting for m in f.also])
        # A browser that runs a query of the form is shown the first format as text.
        if media is None and choose(accept, ["text/html"]):
            media = fitting[0].media_type
        found.append(offered[media] if media else None)
    if found == [None, None]:
        every = ", ".join(f.media_type for f in FORMATS.values())
        raise StatusError(406, "None of the types you accept can be given.", f"Accept one of: {every}.")
    return Forms(*found)


def _addresses(addresses: tuple[str, ...]) -> tuple[NamedNode, ...]:
    """The graphs of a dataset; raises an error for what is no address."""
    try:
        return tuple(iri(a) for a in addresses)
    except ValueError as error:
        raise StatusError(
            400, f"A graph is named by what is no address: {error}.", "Name it by its whole IRI."
        ) from None


def _described(store: AnyStore, page: Callable[[], Response]) -> Response:
    """The service description, at the address it was asked at; the query page for a browser."""
    form = _DESCRIBED.get(choose(request.headers.get("Accept", "") or "*/*", [*_DESCRIBED]) or "")
    if form is None:
        raise StatusError(406, "None of the types you accept can be given.", f"Accept one of: {', '.join(_DESCRIBED)}.")
    if form == "html":
        return page()
    here = iri(request.base_url).value
    graphs = "".join(
        f"<{here}#dataset> sd:namedGraph <{here}#graph-{n}> . "
        f"<{here}#graph-{n}> a sd:NamedGraph ; sd:name <{name.value}> ; sd:graph <{here}#contents-{n}> . "
        f"<{here}#contents-{n}> a sd:Graph ; void:triples {count} .\n"
        for n, (name, count) in enumerate(store.graph_sizes(), 1)
    )
    formats = "".join(f"<{here}#service> sd:resultFormat <{format_iri(name)}> .\n" for name in FORMATS)
    features = "sd:feature sd:UnionDefaultGraph ; " if store.union else ""
    turtle = (
        "@prefix sd: <http://www.w3.org/ns/sparql-service-description#> . @prefix void: <http://rdfs.org/ns/void#> .\n"
        f"<{here}#service> a sd:Service ; sd:endpoint <{here}> ; sd:supportedLanguage sd:SPARQL11Query ; {features}"
        f"sd:defaultDataset <{here}#dataset> .\n"
        f"<{here}#dataset> a sd:Dataset ; sd:defaultGraph <{here}#default> .\n"
        f"<{here}#default> a sd:Graph ; void:triples {len(store)} .\n{graphs}{formats}"
    )
    return Response(rewritten(turtle, form, here), content_type=_content_type(_media(form)))


def _media(form: str) -> str:
    return next(media for media, name in _DESCRIBED.items() if name == form)
