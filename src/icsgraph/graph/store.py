"""The store: quads in memory, queries with bound values, and nothing that reaches out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Protocol, cast

import pyoxigraph as ox

from icsgraph.core.errors import IcsgraphError
from icsgraph.core.formats import READ
from icsgraph.core.guard import check_query
from icsgraph.core.machine import require_memory
from icsgraph.core.sparql import THERE, bind, names_dataset
from icsgraph.core.terms import BASE, PREFIXES
from icsgraph.graph.rdf import NamedNode, Quad, Term, Triple
from icsgraph.graph.results import FORMS, Forms, OxResult, Result, evaluating, write

__all__ = ["WHOLE", "AnyStore", "Graphs", "QuerySyntaxError", "Row", "Store"]

Row = dict[str, Term]

# So many times its size a dataset takes in memory while it is read.
_TIMES = 4
# Only the usual end of a name says here what is in a file.
_FILES = {f.endings[0]: ox.RdfFormat.from_media_type(f.media_type) for f in READ}


class QuerySyntaxError(IcsgraphError):
    """The query does not parse."""


class Graphs(NamedTuple):
    """The dataset of a query: the graphs that make its default graph, and its named graphs; none of both: the whole."""

    default: tuple[NamedNode, ...] = ()
    named: tuple[NamedNode, ...] = ()


WHOLE = Graphs()


class AnyStore(Protocol):
    """What questions and pages need of a store, wherever it lies. ``Store`` and ``RemoteStore`` say what each call gives."""

    @property
    def union(self) -> bool: ...  # noqa: D102
    def __len__(self) -> int: ...
    def graph_names(self) -> list[NamedNode]: ...  # noqa: D102
    def graph_sizes(self) -> list[tuple[NamedNode, int]]: ...  # noqa: D102
    def quads(  # noqa: D102
        self,
        subject: NamedNode | None = None,
        predicate: NamedNode | None = None,
        value: Term | None = None,
        graph: NamedNode | None = None,
    ) -> Iterator[Quad]: ...
    def objects(self, subject: NamedNode, predicate: NamedNode) -> list[Term]: ...  # noqa: D102
    def select(self, query: str, bound: Mapping[str, Term] | None = None) -> list[Row]: ...  # noqa: D102
    def construct(self, query: str) -> list[Triple]: ...  # noqa: D102
    def turtle(self, subjects: Iterable[NamedNode]) -> bytes: ...  # noqa: D102
    def serialise(self, query: str, forms: Forms = ..., graphs: Graphs = ...) -> Result: ...  # noqa: D102


class Store:
    """Quads in memory. With ``union`` the default graph of a query is the union of all graphs."""

    def __init__(self, quads: Iterable[Quad] = (), union: bool = True) -> None:
        self._store = ox.Store()
        self._union = union
        self._size: int | None = None
        self._sizes: list[tuple[NamedNode, int]] | None = None
        self._store.bulk_extend(cast("Iterable[ox.Quad]", quads))

    @classmethod
    def open(cls, path: Path) -> Store:
        """The store of an N-Quads file; raises ``IcsgraphError`` where there is none or it cannot be read."""
        with suppress(OSError):
            require_memory(_TIMES * path.stat().st_size // 1_000_000)
        store = cls()
        try:
            store._store.bulk_load(path=str(path), format=ox.RdfFormat.N_QUADS)
        except (OSError, SyntaxError) as error:
            raise IcsgraphError(f"The dataset {path} cannot be read: {error}.", "Run icsgraph build.") from None
        return store

    @classmethod
    def open_files(cls, paths: Iterable[Path], union: bool = False) -> Store:
        """The store of RDF files of any kind, default graph and named graphs as they have them.

        Raises ``IcsgraphError`` for a file that is missing, of a kind not known, or does not parse (with its line).
        """
        store = cls(union=union)
        for path in paths:
            kind = _FILES.get(path.suffix.lower())
            if kind is None:
                raise IcsgraphError(
                    f"{path} is not of a kind that can be read.", f"Give files that end in {', '.join(_FILES)}."
                )
            try:
                content = path.read_bytes()
            except OSError as error:
                raise IcsgraphError(
                    f"The dataset {path} cannot be read: {error.strerror}.", "Give the path of a file that exists."
                ) from None
            if kind == ox.RdfFormat.RDF_XML and b"<!DOCTYPE" in content:
                raise IcsgraphError(
                    f"{path} declares entities, which are not read here.", "Write it without a DOCTYPE."
                )
            try:
                store._store.bulk_load(content, format=kind, base_iri=path.resolve().as_uri())
            except SyntaxError as error:
                line = f", line {error.lineno}" if error.lineno else ""
                raise IcsgraphError(f"{path}{line}: {error.msg}.", "Mend the file.") from None
        return store

    @property
    def union(self) -> bool:
        """Whether the default graph of a query is the union of all graphs."""
        return self._union

    def graph_names(self) -> list[NamedNode]:
        """The names of the named graphs, sorted."""
        names = [cast(NamedNode, name) for name in self._store.named_graphs()]
        return sorted(names, key=lambda name: name.value)

    def graph_sizes(self) -> list[tuple[NamedNode, int]]:
        """The named graphs, sorted, with how many triples each has; counted once."""
        if self._sizes is None:
            names = self.graph_names()
            self._sizes = [(n, sum(1 for _ in self._store.quads_for_pattern(None, None, None, n))) for n in names]
        return self._sizes

    def __len__(self) -> int:
        """How many quads there are; the engine counts them one by one, so this is kept until some are added."""
        if self._size is None:
            self._size = len(self._store)
        return self._size

    def __contains__(self, quad: Quad) -> bool:
        """Whether a quad is there."""
        return quad in self._store

    def add(self, quads: Iterable[Quad]) -> None:
        """Add quads; those that are there already change nothing."""
        self._size = self._sizes = None
        self._store.bulk_extend(cast("Iterable[ox.Quad]", quads))

    def quads(
        self,
        subject: NamedNode | None = None,
        predicate: NamedNode | None = None,
        value: Term | None = None,
        graph: NamedNode | None = None,
    ) -> Iterator[Quad]:
        """The quads that match; ``None`` matches anything."""
        return cast("Iterator[Quad]", self._store.quads_for_pattern(subject, predicate, value, graph))

    def objects(self, subject: NamedNode, predicate: NamedNode) -> list[Term]:
        """The distinct values of a property, sorted as text."""
        found = {str(q.object): q.object for q in self.quads(subject, predicate)}
        return [found[key] for key in sorted(found)]

    def select(self, query: str, bound: Mapping[str, Term] | None = None) -> list[Row]:
        """The rows of a SELECT query, with ``bound`` in place of variables.

        They stand in the text as they do for any other engine: one that the engine is given apart it plans without.
        """
        given = dict(bound or {})
        result = self._run(bind(query, given) if given else query)
        if not isinstance(result, ox.QuerySolutions):
            raise IcsgraphError("The query is not a SELECT query.", "Write SELECT.")
        names = [v.value for v in result.variables if v.value != THERE]
        return [{**given, **{n: s[n] for n in names if s[n] is not None}} for s in result]

    def construct(self, query: str) -> list[Triple]:
        """The triples of a CONSTRUCT query."""
        result = self._run(query)
        if not isinstance(result, ox.QueryTriples):
            raise IcsgraphError("The query is not a CONSTRUCT query.", "Write CONSTRUCT.")
        return list(result)

    def serialise(self, query: str, forms: Forms = FORMS, graphs: Graphs = WHOLE, rows: int = 0) -> Result:
        """Run any query of a stranger and write its result in one of the forms wanted, at most ``rows`` of it (0: all).

        ``graphs`` gives the dataset of the query, where it is not the whole. Raises ``RefusedQuery`` before running a query
        that would reach out, ``QuerySyntaxError`` with line and column, ``NotEvaluated``, and ``UnfitForm``.
        """
        check_query(query)

        def run() -> OxResult:
            with evaluating():
                return self._run(query, graphs)

        return write(run, forms, rows)

    def turtle(self, subjects: Iterable[NamedNode]) -> bytes:
        """All that is said of some things, as Turtle."""
        triples = {q.triple for s in subjects for q in self._store.quads_for_pattern(s, None, None, None)}
        return ox.serialize(sorted(triples, key=str), format=ox.RdfFormat.TURTLE, prefixes=PREFIXES) or b""

    def _run(self, query: str, graphs: Graphs = WHOLE) -> OxResult:
        dataset: dict[str, list[NamedNode]] = {}
        if graphs.default or graphs.named:
            # A dataset that is given is whole: with named graphs alone, its default graph is empty.
            dataset = {"default_graph": [*graphs.default], "named_graphs": [*graphs.named]}
        try:
            return self._store.query(
                query,
                base_iri=BASE,
                prefixes={p: i for p, i in PREFIXES.items() if p in query},
                # The engine takes the union even where a query names its graphs.
                use_default_graph_as_union=self._union and not dataset and not names_dataset(query),
                **dataset,  # type: ignore[arg-type]
            )
        except SyntaxError as error:
            raise QuerySyntaxError(f"The query does not parse: {error.msg}.", "Mend the query.") from None
