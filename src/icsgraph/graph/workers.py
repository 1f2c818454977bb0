"""Strangers' queries over a store, each in a process that can be killed and can open nothing."""

from __future__ import annotations

import json
from typing import NamedTuple

from icsgraph.bounded.pool import Bounds, Handler, Pool, Wording
from icsgraph.core.guard import check_query
from icsgraph.graph.rdf import iri
from icsgraph.graph.results import FORMS, Forms, Result
from icsgraph.graph.store import WHOLE, Graphs, Store

__all__ = ["Limits", "Workers"]


class Limits(NamedTuple):
    """Limits on strangers' queries: seconds and megabytes of one, rows of a result, how many run and how many may wait.

    ``quick`` is how many seconds a new query gets, as ``Bounds`` says.
    """

    seconds: float = 15
    rows: int = 100_000
    megabytes: int = 1024
    running: int = 8
    waiting: int = 72
    quick: float = 0.3


LIMITS = Limits()

_WORDING = Wording(
    "query",
    "queries",
    late="Ask for less at a time: name more of what you look for, or set a LIMIT.",
    broken="Ask for less at a time, or write it flatter.",
)


class Workers:
    """Runs queries over a store in a pool of processes; has ``serialise`` as ``Store`` has. Make it before any thread is started."""

    def __init__(self, store: Store, limits: Limits = LIMITS) -> None:
        self.limits = limits
        bounds = Bounds(limits.seconds, limits.megabytes, limits.running, limits.waiting, limits.quick, sealed=True)
        self.pool = Pool(lambda: _handler(store), bounds, _WORDING)

    def serialise(
        self,
        query: str,
        forms: Forms = FORMS,
        graphs: Graphs = WHOLE,
        rows: int | None = None,
    ) -> Result:
        """As ``Store.serialise``, within the limits; raises besides what ``Pool.run`` raises."""
        check_query(query)
        request = (
            query,
            forms,
            [g.value for g in graphs.default],
            [g.value for g in graphs.named],
            self.limits.rows if rows is None else rows,
        )
        reply = self.pool.run(json.dumps(request).encode())
        form, cut, body = bytes(reply[:8]).rstrip().decode(), reply[8] == 1, bytes(reply[9:])
        return Result(form, body, cut)

    def close(self) -> None:
        """Stop all processes; what still runs is killed."""
        self.pool.close()


def _handler(store: Store) -> Handler:
    """What runs a query over a store.

    In goes JSON: the query, the forms, the graphs of its dataset and how many rows. Out come the name of the form in 8 letters,
    1 or 0 for whether the result is cut, and the result.
    """
    # What a query loads on first use is loaded before any process is sealed.
    for form in ("json", "xml", "csv", "tsv"):
        store.serialise("SELECT * WHERE { ?s ?p ?o } LIMIT 2", Forms(table=form), rows=1)

    def handle(request: bytes) -> tuple[bytes, bytes, bytes]:
        query, forms, default, named, rows = json.loads(request)
        graphs = Graphs(tuple(map(iri, default)), tuple(map(iri, named)))
        result = store.serialise(query, Forms(*forms), graphs, rows)
        return result.form.encode().ljust(8), bytes([result.cut]), result.body

    return handle
