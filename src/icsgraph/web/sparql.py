"""``/sparql``: SPARQL 1.1 Protocol queries, and the description of the service."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple, Protocol
from urllib.parse import quote

from flask import Blueprint, Response, request

from icsgraph.core.errors import StatusError
from icsgraph.core.formats import FORMATS, choose, named
from icsgraph.core.protocol import Asked, read_request
from icsgraph.graph.rdf import NamedNode, format_iri, iri, rewritten
from icsgraph.graph.results import Forms, Result, UnfitForm
from icsgraph.graph.store import WHOLE, AnyStore, Graphs
from icsgraph.web.cache import Cache

__all__ = ["FAILED", "Endpoint", "Evaluator", "blueprint"]

# Where in the environment of a request stands the error with which the quick door met.
FAILED = "icsgraph.failed"

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


class Answer(NamedTuple):
    """What a query is answered with: the bytes and the headers that belong to them."""

    body: bytes
    headers: list[tuple[str, str]]


class Endpoint:
    """What answers queries over a store, whose strangers' queries ``evaluator`` runs and whose results ``cache`` keeps.

    It knows nothing of Flask: the pages' application and the quick door both ask it.
    """

    def __init__(self, store: AnyStore, evaluator: Evaluator, cache: Cache) -> None:
        self.store = store
        self._evaluator = evaluator
        self._cache = cache

    def answer(self, query: str, asked: Asked, accept: str) -> Answer:
        """The answer to a query asked for with an Accept header; raises ``StatusError`` and what the evaluator raises."""
        forms = _named_forms(asked.formats) if asked.formats else _accepted_forms(accept or "*/*")
        graphs = WHOLE
        if asked.default_graphs or asked.named_graphs:
            graphs = Graphs(_addresses(asked.default_graphs), _addresses(asked.named_graphs))
        try:
            result = self._cache.get(query, (forms, graphs), lambda: self._evaluator.serialise(query, forms, graphs))
        except UnfitForm as error:
            raise StatusError(400 if asked.formats else 406, error.message, error.hint) from None
        headers = [("Content-Type", _content_type(FORMATS[result.form].media_type))]
        if result.cut:
            headers.append(("Icsgraph-Result", "cut"))
        absent = self._absent(graphs)
        if absent:
            # The protocol takes a graph that is not there for an empty one; whoever reads the answer should know.
            named = " ".join(f"<{quote(a, safe=_SAFE)}>" for a in absent[:_TOLD])
            headers.append(("Icsgraph-Absent-Graphs", named))
        return Answer(result.body, headers)

    def _absent(self, graphs: Graphs) -> list[str]:
        """The graphs of a dataset that are not there, each once."""
        if graphs == WHOLE:
            return []
        known = set(self.store.graph_names())
        return [*dict.fromkeys(g.value for g in (*graphs.default, *graphs.named) if g not in known)]


def blueprint(endpoint: Endpoint, page: Callable[[], Response]) -> Blueprint:
    """The route of the endpoint; ``page`` is what a browser gets without a query."""
    sparql = Blueprint("sparql", __name__)

    @sparql.route("/sparql", methods=["GET", "POST"])
    def ask() -> Response:
        if isinstance(error := request.environ.get(FAILED), Exception):
            # The quick door has asked; here the error takes its form.
            raise error
        asked = read_request(
            request.method, request.query_string, request.headers.get("Content-Type", ""), request.get_data()
        )
        if asked.query is None:
            return _described(endpoint.store, page)
        answer = endpoint.answer(asked.query, asked, request.headers.get("Accept", ""))
        return Response(answer.body, headers=answer.headers)

    return sparql


def _content_type(media: str) -> str:
    return media + ("; charset=utf-8" if media.startswith("text/") else "")


def _named_forms(names: tuple[str, ...]) -> Forms:
    """The forms for a table and for a graph by the first name that means one: clients send several names for one format."""
    for name in names:
        forms = Forms(*named(name))
        if forms != (None, None):
            return forms
    raise StatusError(400, f"“{', '.join(names)}” is not a format.", f"Use one of: {', '.join(FORMATS)}.")


@lru_cache(maxsize=256)
def _accepted_forms(accept: str) -> Forms:
    """The best form for a table and for a graph by an Accept header."""
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
