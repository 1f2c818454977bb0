"""The service beside others on the same data, in one run on loopback. Run by ``make bench``; asserts nothing.

The queries are light ones, and those of the catalogue with the values of their dated cases, as any SPARQL client would send
them. Each server gets them in turns, so that what else the machine does falls on all alike; the process time of an answer says
what it costs whatever else the machine does.
"""

from __future__ import annotations

import datetime as dt
import http.client
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlencode, urlparse

from icsgraph.ask.desk import Desk
from icsgraph.build.pipeline import DATASET
from icsgraph.core.sparql import bind, with_prefixes
from icsgraph.graph.rdf import Term
from icsgraph.graph.store import Row, Store
from tests.service import serving
from tests.test_endpoint import free_port, oxigraph, virtuoso, wait_for
from tests.test_questions import CASES

# Seconds for each server, number of clients and turn; turns alternate between servers.
TURN, TURNS = 4.0, 3
# Seconds after which a client gives a query up, and for which the slowest server is measured.
PATIENCE = 60.0


# A truth value, one subject, a join of 24 rows.
LIGHT = [
    "ASK {}",
    "SELECT ?p ?o WHERE { <https://w3id.org/icsgraph/id/body/QMF> ?p ?o } LIMIT 20",
    "PREFIX ics: <https://w3id.org/icsgraph/def/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
    "SELECT ?board ?label WHERE { ?board a ics:IntegratedCareBoard ; rdfs:label ?label } LIMIT 24",
]


class _Noting(Store):
    """A store that notes each query as text."""

    noted: dict[str, None]

    def select(self, query: str, bound: Mapping[str, Term] | None = None) -> list[Row]:
        if bound:
            self.noted[with_prefixes(bind(query, bound))] = None
        return super().select(query, bound)


def queries(dataset: Path, root: Path) -> list[str]:
    """The catalogue's queries with the values of the dated cases."""
    desk = Desk.open(dataset, root)
    desk.store.__class__ = _Noting
    noted: dict[str, None] = {}
    desk.store.noted = noted  # type: ignore[attr-defined]
    for case in CASES:
        desk.ask(case.ask, case.give, case.as_at, case.scenario, dt.date(2026, 11, 23))
    return list(noted)


class Load:
    """Clients that send queries to one server for a while, each on a connection of its own."""

    def __init__(self, address: str, asked: list[str]) -> None:
        self.address = address
        self.asked = asked
        self.times: list[float] = []
        self.taken = 0.0
        self.used = 0.0
        self.failed = 0
        self._next = 0

    def turn(self, clients: int, seconds: float) -> None:
        """Let clients ask for some seconds; a query under way at the end is waited for."""
        parts = urlparse(self.address)
        lock = threading.Lock()
        port = urlparse(self.address).port or 0
        used = process_seconds(port)
        start = time.perf_counter()

        def work() -> None:
            connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE)
            # A form, which every server understands.
            headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/sparql-results+json"}
            while time.perf_counter() - start < seconds:
                with lock:
                    query = self.asked[self._next % len(self.asked)]
                    self._next += 1
                began = time.perf_counter()
                try:
                    connection.request("POST", parts.path, urlencode({"query": query}), headers)
                    answer = connection.getresponse()
                    answer.read()
                    good = answer.status == 200
                except (OSError, http.client.HTTPException):
                    connection.close()
                    good = False
                with lock:
                    if good:
                        self.times.append(time.perf_counter() - began)
                    else:
                        self.failed += 1
            connection.close()

        threads = [threading.Thread(target=work) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.taken += time.perf_counter() - start
        self.used += process_seconds(port) - used

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.times) / self.taken if self.taken else 0.0

    def told(self) -> str:
        """The figures in words."""
        if not self.times:
            return f"no answer ({self.failed} failed)"
        ordered = sorted(self.times)
        middle, late = statistics.median(ordered), ordered[int(len(ordered) * 0.99)]
        failed = f", {self.failed} failed" if self.failed else ""
        each = 1000 * self.used / len(ordered)
        return f"{self.rate:8.1f} /s   p50 {1000 * middle:8.2f} ms   p99 {1000 * late:8.1f} ms   {each:6.2f} ms used each{failed}"

    @property
    def median(self) -> float:
        """Seconds to an answer, in the middle."""
        return statistics.median(self.times) if self.times else 0.0


def megabytes(port: int) -> float:
    """The memory of the process that listens on a port, and of its children, in megabytes (shared pages counted once)."""
    total = 0.0
    owners = _family(_listener(port))
    for pid in owners:
        try:
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) / 1024
        except OSError:
            continue
    return total


def process_seconds(port: int) -> float:
    """The process time so far of the process that listens on a port and of those below it that live, and of those that ended."""
    total = 0
    for pid in _family(_listener(port)):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        except OSError:
            continue
        # utime, stime, and both of the children that it has waited for.
        total += sum(map(int, fields[11:15]))
    return total / os.sysconf("SC_CLK_TCK")


def _listener(port: int) -> int:
    inodes = {
        line.split()[9]
        for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
        if line.split()[3] == "0A" and int(line.split()[1].rpartition(":")[2], 16) == port
    }
    for folder in Path("/proc").glob("[0-9]*/fd"):
        try:
            if any(str(link.readlink()) == f"socket:[{i}]" for link in folder.iterdir() for i in inodes):
                return int(folder.parent.name)
        except OSError:
            continue
    return 0


def _family(pid: int) -> set[int]:
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text(encoding="ascii").rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


@contextmanager
def rdflib_endpoint(dataset: Path) -> Iterator[str]:
    """``rdflib-endpoint`` over a dataset; gives its query address. It reads Turtle and N-Quads at start, which takes a while."""
    port = free_port()
    command = [shutil.which("rdflib-endpoint") or str(Path(sys.executable).with_name("rdflib-endpoint"))]
    words = ["serve", "--host", "127.0.0.1", "--port", str(port), str(dataset)]
    with subprocess.Popen([*command, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(f"http://127.0.0.1:{port}/", process, 300)
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.kill()


def compare(dataset: Path, root: Path) -> None:
    """Print what each server does with 1 and 8 clients, and the ratios."""
    asked = queries(dataset, root)
    print(
        f"{len(LIGHT)} light queries and {len(asked)} of the catalogue, {TURNS} turns of {TURN:g} s each, servers in turns"
    )
    with ExitStack() as stack, tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        words = ("--dataset", str(dataset), "--union", "--timeout", "120")
        servers = {
            "icsgraph": stack.enter_context(serving(*words, "--cache", "0")) + "/sparql",
            "icsgraph, cache on": stack.enter_context(serving(*words)) + "/sparql",
            "oxigraph serve": stack.enter_context(oxigraph(dataset, folder / "oxigraph", "--union-default-graph")),
        }
        if shutil.which("virtuoso-t"):
            (folder / "virtuoso").mkdir()
            servers["Virtuoso 7"] = stack.enter_context(virtuoso(dataset, folder / "virtuoso"))
        else:
            print("Virtuoso is not installed here and is left out")
        _rounds("light queries", servers, LIGHT)
        _rounds("queries of the catalogue", servers, asked)
    slowest(dataset, asked)


def _rounds(what: str, servers: Mapping[str, str], asked: list[str]) -> None:
    """Print what each server does with 1 and 8 clients that ask the same, and the ratios."""
    for clients in (1, 8):
        loads = {name: Load(address, asked) for name, address in servers.items()}
        # Once round, uncounted, so that nobody is measured cold and the cache holds what it will be asked.
        for address in servers.values():
            Load(address, asked).turn(1, TURN / 4)
        Load(servers["icsgraph, cache on"], asked).turn(1, TURN)
        for _ in range(TURNS):
            for load in loads.values():
                load.turn(clients, TURN)
        print(f"{what}, {clients} client{'s' if clients > 1 else ''}, load of the machine {os.getloadavg()[0]:.1f}")
        for name, load in loads.items():
            print(f"  {name:20} {load.told()}   {megabytes(urlparse(load.address).port or 0):6.0f} MB", flush=True)
        plain, cached = loads["icsgraph"], loads["icsgraph, cache on"]
        for name, load in loads.items():
            if not name.startswith("icsgraph") and load.rate:
                print(
                    f"  beside {name}: {plain.rate / load.rate:.2f} times its rate, {cached.rate / load.rate:.2f} with the cache; "
                    f"{plain.median / load.median:.2f} times its median latency, {cached.median / load.median:.2f} with the cache"
                )


def slowest(dataset: Path, asked: list[str]) -> None:
    """rdflib-endpoint goes on with queries that its clients have given up, so it is measured by itself, after ours."""
    if not (shutil.which("rdflib-endpoint") or Path(sys.executable).with_name("rdflib-endpoint").exists()):
        print("rdflib-endpoint is not installed here and is left out")
        return
    words = ("--dataset", str(dataset), "--union", "--timeout", "120")
    with serving(*words, "--cache", "0") as own:
        ours = Load(own + "/sparql", asked)
        ours.turn(8, TURN)
    with rdflib_endpoint(dataset) as other:
        theirs = Load(other, asked)
        theirs.turn(8, PATIENCE)
        print(f"8 clients\n  icsgraph             {ours.told()}\n  rdflib-endpoint      {theirs.told()}")
    if theirs.rate:
        print(f"  icsgraph answers {ours.rate / theirs.rate:.0f} times as many as rdflib-endpoint")


if __name__ == "__main__":
    from icsgraph.build.pipeline import build

    with tempfile.TemporaryDirectory() as out:
        base = Path(__file__).resolve().parents[1]
        build(base, Path(out))
        compare(Path(out) / DATASET, base)
