"""Where the time of a light query goes, step by step, in process time: ``python -m tests.bench_door``; asserts nothing.

Process time is what a step costs, whatever else the machine does.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from icsgraph.ask.catalogue import Catalogue
from icsgraph.ask.desk import Desk
from icsgraph.build.place import ensure
from icsgraph.core.formats import choose
from icsgraph.core.guard import check_query
from icsgraph.core.protocol import read_request
from icsgraph.graph.store import Store
from icsgraph.graph.workers import Workers
from icsgraph.resources import content_root
from icsgraph.web.app import create_app
from icsgraph.web.cache import Cache

QUERIES = {
    "ASK": "ASK {}",
    "one subject": "SELECT ?p ?o WHERE { body:QMF ?p ?o }",
    "join": "SELECT ?b ?l WHERE { ?b a ics:IntegratedCareBoard ; rdfs:label ?l } LIMIT 24",
}
FORM = "application/x-www-form-urlencoded"


def environ(query: str) -> dict[str, Any]:
    """A request as a server gives it to an application."""
    body = urlencode({"query": query}).encode()
    return {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/sparql",
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_ACCEPT": "application/sparql-results+json",
        "CONTENT_TYPE": FORM,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def cost(run: Callable[[], object], times: int = 1500) -> tuple[float, float]:
    """Milliseconds of process time and of the clock that a call takes, in the middle of nine rounds."""
    run()
    rounds = []
    for _ in range(9):
        used, clock = time.process_time(), time.perf_counter()
        for _ in range(times // 9):
            run()
        rounds.append(
            (1000 * (time.process_time() - used) / (times // 9), 1000 * (time.perf_counter() - clock) / (times // 9))
        )
    return sorted(rounds)[4][0], sorted(clock for _, clock in rounds)[4]


def main() -> None:
    """Print a line per step and query."""
    root = content_root()
    store = Store.open(ensure(root, lambda message: None))
    workers = Workers(store)
    app = create_app(Desk(store, Catalogue.read(root)), workers, cache=Cache(0))
    offered = ["application/sparql-results+json", "application/sparql-results+xml", "text/csv"]

    def answer(query: str) -> bytes:
        told: list[Any] = []
        parts = app(environ(query), lambda *given: told.append(given))  # type: ignore[arg-type]
        return b"".join(parts)

    for name, query in QUERIES.items():
        body = urlencode({"query": query}).encode()
        steps: dict[str, Callable[[], object]] = {
            "the request read": lambda: read_request("POST", b"", FORM, body),  # noqa: B023
            "negotiation": lambda: choose("application/sparql-results+json", offered),
            "the guard": lambda: check_query(query),  # noqa: B023
            "the engine and what it writes": lambda: store.serialise(query),  # noqa: B023
            "the same in a process that can be killed": lambda: workers.serialise(query),  # noqa: B023
            "the whole application": lambda: answer(query),  # noqa: B023
        }
        print(f"{name}: {len(store.serialise(query).body)} bytes")
        for step, run in steps.items():
            used, clock = cost(run)
            print(f"  {step:42} {used:7.3f} ms used here, {clock:7.3f} ms by the clock", flush=True)
    workers.close()
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
