"""The HTTP server: starts, says where, and stops without cutting off anybody who is being answered."""

from __future__ import annotations

import logging
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer
from waitress.task import WSGITask

from icsgraph.core.errors import IcsgraphError
from icsgraph.core.machine import require_files, resident, return_memory
from icsgraph.web.edge import Edge

__all__ = ["Tidy", "run"]

LOG = logging.getLogger("icsgraph")

# Connections at a time whose thread waits for their next request, and seconds for which it does.
STAYING = 48
STAY = 0.1
# Up to so many bytes the head and the first part of an answer are sent at once.
_ONCE = 100_000
# More than those and the queries that run or wait, so that pages are always answered.
THREADS = 96 + STAYING
# Connections at a time, far more than threads: most are quiet.
CONNECTIONS = 1000
# Seconds in which a request must have come whole, for which a quiet connection is kept, and for which nobody may take nothing
# of an answer.
PATIENCE = 60
# A larger body is refused before it is read.
MAX_BODY = 25_000_000
# Seconds for which answers under way may go on after the word to stop.
GRACE = 30.0

# Megabytes that answers leave free within the process before it gives them back, and seconds between two times that it does.
LEFT = 24
BETWEEN = 2.0

# Files that are open besides connections: those of processes, of answers that are sent, of modules.
_OTHER_FILES = 200
# With fewer connections than this nobody is served well.
_FEWEST = 32

_BOUNDS: dict[str, Any] = {
    # Clients that leave are no errors of ours; see ``_Channel``.
    "log_socket_errors": False,
    # It would take away what trusted proxies say too; the edge decides.
    "clear_untrusted_proxy_headers": False,
    "channel_timeout": PATIENCE,
    "max_request_body_size": MAX_BODY,
    "asyncore_use_poll": True,
}


def run(app: Flask, host: str, port: int, started: Callable[[str], None], proxies: int = 0) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is being answered; call it on the main thread.

    ``proxies`` is how many proxies before the service are trusted to say who asks and at which address. Raises
    ``IcsgraphError`` where the address cannot be listened on.
    """
    stop = threading.Event()
    edge = Edge(app.wsgi_app, proxies, stop)
    open_: dict[int, Any] = {}
    # A connection that could not be accepted for want of a descriptor would be asked for again without end.
    connections = min(CONNECTIONS, require_files(CONNECTIONS + _OTHER_FILES) - _OTHER_FILES)
    if connections < _FEWEST:
        raise IcsgraphError(
            "Too few open files are allowed to serve anybody.", "Raise the limit on open files (ulimit -n)."
        )
    # A queue of a request or two is no news.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    try:
        server = create_server(
            edge,
            map=open_,
            host=host,
            port=port,
            threads=THREADS,
            ident="icsgraph",
            connection_limit=connections,
            **_BOUNDS,
        )
    except (OSError, ValueError) as error:
        raise IcsgraphError(
            f"Port {port} on {host} cannot be used: {getattr(error, 'strerror', None) or error}.",
            "Stop what uses it, or choose another with --port.",
        ) from None
    listeners = [each for each in open_.values() if isinstance(each, BaseWSGIServer)]
    for listener in listeners:
        _let_stay(listener, stop)

    def end(number: int, frame: object) -> None:
        stop.set()
        # The loop below may be waiting for a request.
        for listener in listeners:
            listener.trigger.pull_trigger()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    _, number_of_port = listeners[0].socket.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    started(f"http://{shown}:{number_of_port}")
    begun: dict[int, tuple[float, int]] = {}
    looked = time.monotonic()
    tidy = Tidy()
    while not stop.is_set():
        wasyncore.loop(timeout=1, map=open_, use_poll=True, count=1)
        # Not at each turn, of which a busy second has thousands.
        if time.monotonic() - looked >= 1:
            begun, looked = _dismiss(open_, begun), time.monotonic()
            tidy.up(looked)
    # Who comes now is told so; who is being answered is answered.
    known = {id(each) for each in open_.values()}
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline and (edge.under_way or any(_busy(e) for e in open_.values() if id(e) in known)):
        wasyncore.loop(timeout=0.1, map=open_, use_poll=True, count=1)
    server.task_dispatcher.shutdown(timeout=1)
    wasyncore.close_all(open_, ignore_all=True)


class _Task(WSGITask):  # type: ignore[misc]
    """An answer whose head and first bytes are sent at once: each sending costs, and wakes the other side for half a thing."""

    def write(self, data: bytes) -> None:
        """Write some bytes, the head before the first."""
        self.channel.together = []
        try:
            super().write(data)
            parts = self.channel.together
        finally:
            self.channel.together = None
        for part in [b"".join(parts)] if sum(map(len, parts)) < _ONCE else parts:
            self.channel.write_soon(part)


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    """A request of which it is clear where it ends, or after which nothing more is read from its connection."""

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head; with two lengths, or with chunks in a version that has none, the connection is closed (RFC 9112 6.1)."""
        super().parse_header(header_plus)
        if (self.chunked and "CONTENT_LENGTH" in self.headers) or "TRANSFER_ENCODING" in self.headers:
            self.headers["CONNECTION"] = "close"
            self.connection_close = True


class _Channel(HTTPChannel):  # type: ignore[misc]
    """A connection whose thread stays with it for a moment after an answer.

    Who asks one thing after another is then answered by one thread, without the loop that watches all connections and without
    handing over to another thread and back, which cost more than many an answer. While it stays, the loop leaves it alone.
    """

    task_class = _Task
    parser_class = _Parser
    # What is to be sent at once, where something is.
    together: list[bytes] | None = None
    stays = False
    will_close: bool
    places = threading.BoundedSemaphore(STAYING)
    stop: threading.Event

    def readable(self) -> bool:
        """Whether the loop shall wait for what comes."""
        return not self.stays and bool(super().readable())

    def received(self, data: bytes) -> bool:
        """Take what has come, but nothing behind a request after which the connection is closed."""
        if self.requests and self.requests[-1].connection_close:
            return False
        return bool(super().received(data))

    def handle_error(self) -> None:
        """Close after an error that nothing foresaw: one line, without what was sent."""
        _, error, _ = sys.exc_info()
        LOG.warning("a connection was closed by %s", type(error).__name__)
        self.handle_close()

    def _flush_exception(self, flush: Callable[..., bool] | None, do_close: bool = True) -> tuple[bool, bool] | None:
        """Send what is left; a client that has left is one line for who looks for it."""
        done: tuple[bool, bool] | None = super()._flush_exception(flush, do_close)
        if done and done[1]:
            LOG.debug("a client left before its answer")
        return done

    def write_soon(self, data: bytes) -> int:
        """Send some bytes, or keep them for a moment."""
        if self.together is None or not isinstance(data, bytes):
            return int(super().write_soon(data))
        self.together.append(data)
        return len(data)

    def service(self) -> None:
        """Answer the request that has come, and those that come soon."""
        if not self.places.acquire(blocking=False):
            super().service()
            return
        self.stays, _HERE.channel = True, self
        try:
            super().service()
            while self._more():
                super().service()
        finally:
            self.stays, _HERE.channel = False, None
            self.places.release()
            if self.requests and self.connected:
                self.server.add_task(self)
            # The loop may close it, write what is left, or wait for more.
            self.server.pull_trigger()

    def _more(self) -> bool:
        """Whether another whole request comes soon on a connection that has nothing else to do."""
        if self.requests:
            return self.connected and not self.will_close and not self.close_when_flushed
        connection = self.socket
        if connection is None:
            # The loop has closed it meanwhile, since the other side has left.
            return False
        coming = select.poll()
        try:
            coming.register(connection, select.POLLIN)
        except (OSError, ValueError):
            return False
        end = time.monotonic() + STAY
        while self.connected and not (self.will_close or self.close_when_flushed or self.total_outbufs_len):
            if self.stop.is_set() or not coming.poll(max(0.0, 1000 * (end - time.monotonic()))):
                return False
            try:
                content = connection.recv(self.adj.recv_bytes)
            except BlockingIOError:
                continue
            except OSError:
                content = b""
            if not content:
                # The other side has ended; the loop closes.
                self.will_close = True
                return False
            self.last_activity = time.time()
            self.received(content)
            if self.requests:
                return True
        return False


# Of each thread: the connection that it stays with.
_HERE = threading.local()


def _let_stay(listener: BaseWSGIServer, stop: threading.Event) -> None:
    """Have the connections of a listener be answered by threads that stay, until the word to stop."""
    hand_over, wake = listener.add_task, listener.pull_trigger

    def add_task(channel: _Channel) -> None:
        # The thread that stays sees by itself what has come.
        if not channel.stays:
            hand_over(channel)

    def pull_trigger() -> None:
        channel: _Channel | None = getattr(_HERE, "channel", None)
        # What is not yet taken from a connection the loop writes, also where its thread stays.
        if channel is None or channel.total_outbufs_len or channel.will_close or channel.close_when_flushed:
            wake()

    listener.add_task, listener.pull_trigger = add_task, pull_trigger
    listener.channel_class = type("Channel", (_Channel,), {"stop": stop})


class Tidy:
    """Gives back what answers have left free in memory, once it is worth the time.

    The engine needs far more for some questions than their answers take, and the C library keeps what was once needed.
    """

    def __init__(self) -> None:
        return_memory()
        self._floor = resident()
        self._last = time.monotonic()

    def up(self, now: float) -> None:
        """Give back what is free, where the process has grown since it last did and not just now."""
        if now - self._last < BETWEEN or resident() < self._floor + LEFT * 1_000_000:
            return
        return_memory()
        self._floor, self._last = resident(), time.monotonic()


def _dismiss(open_: dict[int, Any], begun: dict[int, tuple[float, int]]) -> dict[int, tuple[float, int]]:
    """Close the connections of who sends half a request or takes no answer.

    ``begun`` is since when each half is known, and since when so many bytes are left of each answer, by a clock that never jumps.
    """
    now = time.monotonic()
    known: dict[int, tuple[float, int]] = {}
    for channel in [each for each in open_.values() if isinstance(each, HTTPChannel)]:
        half = channel.request is not None
        left = 0 if half else int(channel.total_outbufs_len)
        if not (half or left):
            continue
        key = id(channel.request) if half else id(channel)
        since, before = begun.get(key, (now, left))
        known[key] = (since if before == left else now, left)
        if now - known[key][0] > (PATIENCE if half else PATIENCE / 2):
            channel.handle_close()
    return known


def _busy(each: object) -> bool:
    """Whether somebody is being answered on a connection."""
    return isinstance(each, HTTPChannel) and bool(each.requests or each.total_outbufs_len)
