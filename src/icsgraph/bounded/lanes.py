"""Places for work, shared fairly among those who ask: whoever has used least goes first, and nobody fills all that wait."""

from __future__ import annotations

import contextlib
import ipaddress
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextvars import ContextVar

from icsgraph.core.errors import StatusError

__all__ = ["CLIENT", "Lane", "Used", "client_of"]

# Who asks, as the network tells it; empty where nobody does. Set anew for each request.
CLIENT: ContextVar[str] = ContextVar("client", default="")

# Seconds in which half of what somebody has used is forgotten.
_FORGOTTEN = 30.0
# Of so many clients it is known what they have used.
_KNOWN = 10_000


def client_of(address: str) -> str:
    """Whom an address stands for: itself, or the network of an IPv6 one, whose owner has all of it.

    >>> client_of("192.0.2.7"), client_of("2001:db8::7"), client_of("x")
    ('192.0.2.7', '2001:db8::/64', '')
    """
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(known, ipaddress.IPv6Address):
        return known.ipv4_mapped.compressed if known.ipv4_mapped else f"{ipaddress.ip_network((known, 64), False)}"
    return known.compressed


class Used:
    """Seconds of work that each client has used of late; half is forgotten every half minute."""

    def __init__(self) -> None:
        self._used: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def seconds(self, client: str) -> float:
        """How many seconds a client has used, of which what is past counts less."""
        used, since = self._used.get(client, (0.0, 0.0))
        return float(used * 0.5 ** ((time.monotonic() - since) / _FORGOTTEN)) if used else 0.0

    def add(self, client: str, seconds: float) -> None:
        """Note that a client has used some seconds."""
        with self._lock:
            self._used[client] = (self.seconds(client) + seconds, time.monotonic())
            if len(self._used) > _KNOWN:
                for least in sorted(self._used, key=self.seconds)[: _KNOWN // 2]:
                    del self._used[least]


class _Asking:
    """One that waits: woken when it has a place, or when it is sent away for others."""

    def __init__(self, client: str) -> None:
        self.client = client
        self.woken = threading.Event()
        self.placed = False


class Lane:
    """Places for so many requests at a time, and so many that wait for one, each at most ``patience`` seconds.

    A place that becomes free goes to the client that runs least here, and of those to the one that has ``used`` least; where all
    that may wait do, a client with fewer waiting takes the turn of the newest of the client with most. With ``reserved``, so many
    places are not for clients that have used more than ``much`` seconds.
    """

    def __init__(
        self,
        running: int,
        waiting: int,
        patience: float,
        many: str,
        used: Used,
        reserved: int = 0,
        much: float = float("inf"),
    ) -> None:
        self._free = running
        self._waiting = waiting
        self._patience = patience
        self._used = used
        self._reserved = min(reserved, running - 1)
        self._much = much
        self._runs: Counter[str] = Counter()
        self._queue: list[_Asking] = []
        self._lock = threading.Lock()
        self._told = f"Too many {many} are running: {running} of this sort run and {waiting} wait at most."

    @contextlib.contextmanager
    def place(self, client: str = "") -> Iterator[None]:
        """A place among those that run; waits for one. Raises ``StatusError`` 503 where too many wait, or it waited too long."""
        asking = _Asking(client)
        with self._lock:
            self._queue.append(asking)
            self._give()
            if not asking.placed and len(self._queue) > self._waiting:
                self._send_away(asking)
        if not asking.placed:
            asking.woken.wait(self._patience)
        with self._lock:
            if not asking.placed:
                if asking in self._queue:
                    self._queue.remove(asking)
                raise StatusError(503, self._told, "Try again in a moment.", retry=2)
        try:
            yield
        finally:
            with self._lock:
                self._free += 1
                self._runs[client] -= 1
                if not self._runs[client]:
                    del self._runs[client]
                self._give()

    def _give(self) -> None:
        """Give free places to those that wait."""
        while self._free and self._queue:
            fit = [a for a in self._queue if self._free > self._reserved or self._used.seconds(a.client) <= self._much]
            if not fit:
                return
            asking = min(fit, key=lambda a: (self._runs[a.client], self._used.seconds(a.client)))
            self._queue.remove(asking)
            self._free -= 1
            self._runs[asking.client] += 1
            asking.placed = True
            asking.woken.set()

    def _send_away(self, newest: _Asking) -> None:
        """Send one away, since too many wait: the newest of the client with most."""
        waits = Counter(a.client for a in self._queue)
        most = max(waits.values())
        gone = newest
        if waits[newest.client] < most:
            gone = next(a for a in reversed(self._queue) if waits[a.client] == most)
        self._queue.remove(gone)
        gone.woken.set()
