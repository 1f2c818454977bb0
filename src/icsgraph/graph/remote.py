"""The store behind a SPARQL 1.1 service: the same calls as ``Store``, answered by somebody else's engine.

Values are written into the text of queries, since the protocol has no other way to give them. The default graph of the
engine must be the union of its graphs, and it must not cut results: both are looked at when it is opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import cast
from urllib.error import HTTPError, URLError

import pyoxigraph as ox
from SPARQLWrapper import POST, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed, SPARQLWrapperException

from icsgraph.core.errors import IcsgraphError, StatusError
from icsgraph.core.guard import RefusedQuery, check_query
from icsgraph.core.sparql import THERE, Unclear, bind, form_of, graphs_named, with_prefixes
from icsgraph.core.terms import BASE
from icsgraph.graph.rdf import NamedNode, Quad, Term, Triple, iri, turtle
from icsgraph.graph.results import FORMS, Forms, OxResult, Result, write
from icsgraph.graph.store import WHOLE, Graphs, QuerySyntaxError, Row

__all__ = ["RemoteStore"]

_TABLE = "application/sparql-results+json"
_GRAPH = "application/n-triples, text/turtle;q=0.9"


class RemoteStore:
    """A SPARQL 1.1 query service that holds the dataset. ``seconds`` and ``rows`` limit strangers' queries."""

    def __init__(self, address: str, seconds: float = 15, rows: int = 100_000) -> None:
        self.address = address
        self.seconds = seconds
        self.rows = rows
        self._sizes: list[tuple[NamedNode, int]] | None = None
        self._check()

    def _check(self) -> None:
        """Raise ``IcsgraphError`` where the service does not answer, has no union, or cuts results."""
        counted = self.select("SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s a ?kind } }")
        total = int(counted[0]["n"].value) if counted else 0
        if not total:
            raise IcsgraphError(
                f"{self.address} holds no named graph with anything in it.",
                "Load the dataset: icsgraph build, then icsgraph.nq.",
            )
        if not self.select("SELECT ?s WHERE { ?s a ics:Statement } LIMIT 1"):
            raise IcsgraphError(
                f"The default graph of {self.address} has no statement.",
                "Load the dataset into it, and let its default graph be the union of all graphs.",
            )
        received = len(self.select("SELECT ?g ?s ?kind WHERE { GRAPH ?g { ?s a ?kind } }"))
        if received < total:
            raise IcsgraphError(
                f"{self.address} gave {received} rows of {total}: it cuts results, so answers would be wrong.",
                "Raise the limit of rows of the engine.",
            )

    @property
    def union(self) -> bool:
        """That the default graph is the union of all graphs, which was looked at."""
        return True

    def __len__(self) -> int:
        return sum(size for _, size in self.graph_sizes())

    def graph_names(self) -> list[NamedNode]:
        """The names of the named graphs, sorted."""
        return [name for name, _ in self.graph_sizes()]

    def graph_sizes(self) -> list[tuple[NamedNode, int]]:
        """The named graphs of ours, sorted, with how many triples each has; counted once."""
        if self._sizes is None:
            rows = self.select("SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
            found = [(cast(NamedNode, r["g"]), int(r["n"].value)) for r in rows if r["g"].value.startswith(BASE)]
            self._sizes = sorted(found, key=lambda pair: pair[0].value)
        return self._sizes

    def quads(
        self,
        subject: NamedNode | None = None,
        predicate: NamedNode | None = None,
        value: Term | None = None,
        graph: NamedNode | None = None,
    ) -> Iterator[Quad]:
        """The quads that match; ``None`` matches anything."""
        given = {n: t for n, t in (("s", subject), ("p", predicate), ("o", value), ("g", graph)) if t is not None}
        for row in self.select("SELECT ?s ?p ?o ?g WHERE { GRAPH ?g { ?s ?p ?o } }", given):
            found = {**given, **row}
            if found["g"].value.startswith(BASE):
                yield Quad(
                    cast(NamedNode, found["s"]), cast(NamedNode, found["p"]), found["o"], cast(NamedNode, found["g"])
                )

    def objects(self, subject: NamedNode, predicate: NamedNode) -> list[Term]:
        """The distinct values of a property, sorted as text."""
        found = {str(q.object): q.object for q in self.quads(subject, predicate)}
        return [found[key] for key in sorted(found)]

    def select(self, query: str, bound: Mapping[str, Term] | None = None) -> list[Row]:
        """The rows of a SELECT query, with ``bound`` in place of variables."""
        given = dict(bound or {})
        text = with_prefixes(bind(query, given))
        result = ox.parse_query_results(self._ask(text, _TABLE), format=ox.QueryResultsFormat.JSON)
        assert isinstance(result, ox.QuerySolutions)
        names = [v.value for v in result.variables if v.value != THERE]
        return [{**given, **{n: s[n] for n in names if s[n] is not None}} for s in result]

    def construct(self, query: str) -> list[Triple]:
        """The triples of a CONSTRUCT query."""
        return cast("list[Triple]", self._triples(with_prefixes(query)))

    def turtle(self, subjects: Iterable[NamedNode]) -> bytes:
        """All that is said of some things, as Turtle."""
        names = " ".join(str(s) for s in subjects)
        if not names:
            return turtle([])
        return turtle(self.construct(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ VALUES ?s {{ {names} }} ?s ?p ?o }}"))

    def serialise(self, query: str, forms: Forms = FORMS, graphs: Graphs = WHOLE, rows: int | None = None) -> Result:
        """As ``Store.serialise``; the query is looked at here and never run, and its result is written here.

        Whether it parses the service says: an engine of ours that reads it would also begin to evaluate it.
        """
        check_query(query)
        graph_wanted = form_of(query) in ("CONSTRUCT", "DESCRIBE")
        if graphs == WHOLE:
            # Sent beside the query as well: an engine may prefer its union to what a query names.
            try:
                graphs = Graphs(*(tuple(map(iri, names)) for names in graphs_named(query)))
            except Unclear as error:
                raise RefusedQuery(str(error), "Put a space, then its address in <>, after FROM.") from None
        # Some engines fetch a graph that they do not hold.
        known = self.graph_names()
        for graph in (*graphs.default, *graphs.named):
            if graph not in known:
                raise StatusError(
                    400, f"There is no graph “{graph.value}” here.", "GET /sparql describes those there are."
                )
        # What is put before it stands in its first line, so that faults are told at the lines of who wrote it.
        head = with_prefixes(query).removesuffix(query).replace("\n", " ")
        text = f"BASE <{BASE}> {head}{query}"

        def run() -> OxResult | list[ox.Triple]:
            if graph_wanted:
                return self._triples(text, graphs)
            return ox.parse_query_results(self._ask(text, _TABLE, graphs), format=ox.QueryResultsFormat.JSON)

        return write(run, forms, self.rows if rows is None else rows)

    def _triples(self, query: str, graphs: Graphs = WHOLE) -> list[ox.Triple]:
        content = self._ask(query, _GRAPH, graphs)
        return [quad.triple for quad in ox.parse(content, format=ox.RdfFormat.TURTLE)]

    def _ask(self, query: str, accept: str, graphs: Graphs = WHOLE) -> bytes:
        client = SPARQLWrapper(self.address)
        client.setQuery(query)
        client.setMethod(POST)
        client.setTimeout(max(1, round(self.seconds)))
        client.setOnlyConneg(True)
        client.addCustomHttpHeader("Accept", accept)
        for name in graphs.default:
            client.addParameter("default-graph-uri", name.value)
        for name in graphs.named:
            client.addParameter("named-graph-uri", name.value)
        try:
            content: bytes = client.query().response.read()
            return content
        except TimeoutError:
            raise self._late() from None
        except QueryBadFormed as error:
            # After its own words the client quotes what the service said.
            said = " ".join(str(error).partition("Response:")[2].strip().strip("b'\"").split())[:300]
            raise QuerySyntaxError(f"The query does not parse: {said}.", "Mend the query.") from None
        except (SPARQLWrapperException, HTTPError) as error:
            said = " ".join(str(error).split())[:300]
            raise StatusError(
                502, f"{self.address} answered with an error: {said}", "Ask the service's operators."
            ) from None
        except (URLError, OSError) as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, TimeoutError):
                raise self._late() from None
            raise StatusError(
                502,
                f"{self.address} cannot be reached: {reason}.",
                "Start it, or give another address with --endpoint.",
            ) from None

    def _late(self) -> StatusError:
        return StatusError(
            503,
            f"The query was given up: {self.address} took longer than {self.seconds:g} seconds.",
            "Ask for less at a time: name more of what you look for, or set a LIMIT.",
            retry=max(1, round(self.seconds)),
        )
