"""Strangers' queries in processes of their own, which can be killed.

The engine has no time limit, and a query can exhaust memory or overflow the stack. So each runs in a process that was
forked from one that holds the store and does nothing else (the nursery): memory is shared until written, a new process
costs milliseconds, and no thread of the service is ever copied in the middle of its work. Needs ``os.fork``.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import NamedTuple, NoReturn

from icsgraph.core.errors import IcsgraphError, StatusError
from icsgraph.core.guard import check_query
from icsgraph.graph.rdf import iri
from icsgraph.graph.results import FORMS, Forms, Result, UnfitForm
from icsgraph.graph.store import WHOLE, Graphs, QuerySyntaxError, Store

__all__ = ["Limits", "Workers"]


class Limits(NamedTuple):
    """Limits on strangers' queries: seconds and megabytes of one, rows of a result, how many run and how many may wait.

    Half of those that run are new ones, which get ``quick`` seconds; one that needs longer starts again among the others, where
    as many may wait as run. So nobody who asks something quick waits for those who ask without end.
    """

    seconds: float = 15
    rows: int = 100_000
    megabytes: int = 1024
    running: int = 8
    waiting: int = 72
    quick: float = 0.3


LIMITS = Limits()

# Errors that a worker reports by name.
_ERRORS: dict[str, type[IcsgraphError]] = {e.__name__: e for e in (IcsgraphError, QuerySyntaxError, UnfitForm)}


class Workers:
    """Runs queries over a store, each in a process that is killed when it takes too long.

    Make it before any thread is started. Has ``serialise`` as ``Store`` has.
    """

    def __init__(self, store: Store, limits: Limits = LIMITS) -> None:
        if not hasattr(os, "fork"):
            raise IcsgraphError(
                "This system cannot run queries in processes of their own.", "Serve from Linux or macOS."
            )
        self.limits = limits
        self.killed = 0
        self.broken = 0
        self._idle: list[_Worker] = []
        self._lock = threading.Lock()
        new = max(1, limits.running // 2)
        old = max(1, limits.running - new)
        self._new = _Lane(new, limits.waiting, limits.seconds)
        self._old = _Lane(old, min(old, limits.waiting), limits.seconds)
        self._control, theirs = socket.socketpair()
        sys.stdout.flush()
        sys.stderr.flush()
        self._nursery = os.fork()
        if self._nursery == 0:
            self._control.close()
            _nurse(theirs, store, limits)
        theirs.close()

    def serialise(
        self,
        query: str,
        forms: Forms = FORMS,
        graphs: Graphs = WHOLE,
        rows: int | None = None,
    ) -> Result:
        """As ``Store.serialise``, within the limits.

        Raises besides ``StatusError`` 503 where the time limit is met or too many wait (with when to try again), and 400
        where the query broke the process that ran it.
        """
        check_query(query)
        request = {
            "query": query,
            "forms": forms,
            "default": [g.value for g in graphs.default],
            "named": [g.value for g in graphs.named],
            "rows": self.limits.rows if rows is None else rows,
        }
        found = None
        # The second time is for those that the first was too short for.
        for lane, seconds in (
            (self._new, min(self.limits.quick, self.limits.seconds)),
            (self._old, self.limits.seconds),
        ):
            with lane.place():
                found = self._answer(json.dumps(request).encode(), seconds)
            if found:
                break
        if not found:
            self.killed += 1
            raise StatusError(
                503,
                f"The query was stopped: it took longer than {self.limits.seconds:g} seconds.",
                "Ask for less at a time: name more of what you look for, or set a LIMIT.",
                retry=max(1, round(self.limits.seconds)),
            )
        head, body = found
        if not head["ok"]:
            raise _ERRORS[head["error"]](head["message"], head["hint"])
        return Result(head["form"], body, bool(head["cut"]))

    def close(self) -> None:
        """Stop all processes; what still runs is killed."""
        with self._lock:
            for worker in self._idle:
                worker.kill()
            self._idle.clear()
        self._control.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._nursery, 0)

    def _answer(self, request: bytes, seconds: float) -> tuple[dict[str, str], bytes] | None:
        """Head and body of the answer to a request; nothing where it takes longer than so many seconds."""
        worker = self._take()
        try:
            found = worker.answer(request, time.monotonic() + seconds)
        except TimeoutError:
            worker.kill()
            return None
        except (EOFError, OSError):
            # It has ended by itself; its number may be another process's by now.
            worker.connection.close()
            self.broken += 1
            raise StatusError(
                400,
                f"The query broke the process that ran it: it needed more than {self.limits.megabytes} MB of memory, or was too deep.",
                "Ask for less at a time, or write it flatter.",
            ) from None
        except BaseException:
            worker.kill()
            raise
        with self._lock:
            self._idle.append(worker)
        return found

    def _take(self) -> _Worker:
        """An idle worker, or a new one."""
        with self._lock:
            if self._idle:
                return self._idle.pop()
            ours, theirs = socket.socketpair()
            try:
                socket.send_fds(self._control, [b"w"], [theirs.fileno()])
                answer = self._control.recv(16)
            finally:
                theirs.close()
            if not answer:
                ours.close()
                raise StatusError(500, "The process that runs queries has ended.", "Start the service again.")
            return _Worker(int(answer), Connection(ours.detach()))


class _Lane:
    """Places for so many queries at a time, and so many that wait for one, each at most so long."""

    def __init__(self, running: int, waiting: int, patience: float) -> None:
        self._places = threading.Semaphore(running)
        self._asking = threading.Semaphore(running + waiting)
        self._patience = patience
        self._busy = StatusError(
            503,
            f"Too many queries are running: {running} of this sort run and {waiting} wait at most.",
            "Try again in a moment.",
            retry=2,
        )

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """A place among those that run; waits for one where not too many wait already."""
        if not self._asking.acquire(blocking=False):
            raise self._busy
        try:
            if not self._places.acquire(timeout=self._patience):
                raise self._busy
            try:
                yield
            finally:
                self._places.release()
        finally:
            self._asking.release()


class _Worker(NamedTuple):
    pid: int
    connection: Connection

    def answer(self, request: bytes, deadline: float) -> tuple[dict[str, str], bytes]:
        """Send a request and wait for head and body of its answer until a moment of the monotonic clock (``TimeoutError``)."""
        self.connection.send_bytes(request)
        if not self.connection.poll(max(0.0, deadline - time.monotonic())):
            raise TimeoutError
        head = json.loads(self.connection.recv_bytes())
        return head, self.connection.recv_bytes() if head["ok"] else b""

    def kill(self) -> None:
        """End the process at once, whatever it does."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.connection.close()


def _nurse(control: socket.socket, store: Store, limits: Limits) -> NoReturn:
    """Wait to be sent one end of a pair of sockets, fork a worker on it, say its number; end when the service ends."""
    # The service decides when to stop, also where Ctrl-C reaches the whole group.
    faulthandler.disable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # Ended workers leave nothing behind.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    # What a query loads on first use is loaded before any worker is limited.
    for form in ("json", "xml", "csv", "tsv"):
        store.serialise("SELECT * WHERE { ?s ?p ?o } LIMIT 2", Forms(table=form), rows=1)
    try:
        while True:
            _, files, _, _ = socket.recv_fds(control, 1, 1)
            if not files:
                os._exit(0)
            pid = os.fork()
            if pid == 0:
                control.close()
                _work(Connection(files[0]), store, limits)
            os.close(files[0])
            control.sendall(str(pid).encode())
    finally:
        os._exit(1)


def _work(connection: Connection, store: Store, limits: Limits) -> NoReturn:
    """Run queries as they come, until the service closes its end."""
    try:
        _limit(limits)
        while True:
            request = json.loads(connection.recv_bytes())
            used = resource.getrusage(resource.RUSAGE_SELF)
            # Where the service itself was killed, nobody is left to stop this process: the system does.
            seconds = round(used.ru_utime + used.ru_stime + limits.seconds) + 5
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))
            graphs = Graphs(tuple(map(iri, request["default"])), tuple(map(iri, request["named"])))
            try:
                result = store.serialise(request["query"], Forms(*request["forms"]), graphs, request["rows"])
            except IcsgraphError as error:
                name = type(error).__name__ if type(error).__name__ in _ERRORS else "IcsgraphError"
                head = {"ok": False, "error": name, "message": error.message, "hint": error.hint}
                connection.send_bytes(json.dumps(head).encode())
                continue
            except (ValueError, RuntimeError, OSError) as error:
                # The engine cannot do it: a function that it does not know, or anything for which it would open a connection.
                said = " ".join(str(error).split())[:300]
                head = {"ok": False, "error": "IcsgraphError", "message": f"The query cannot be evaluated: {said}."}
                connection.send_bytes(json.dumps({**head, "hint": "Leave that part out."}).encode())
                continue
            connection.send_bytes(json.dumps({"ok": True, "form": result.form, "cut": result.cut}).encode())
            connection.send_bytes(result.body)
    finally:
        os._exit(1)


def _limit(limits: Limits) -> None:
    """Bound the memory of this process, and let it open nothing more: no file, and no connection to any address."""
    size = _address_space()
    if size:
        most = size + limits.megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def _address_space() -> int:
    """The address space of this process in bytes; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as told:
            return int(told.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0
