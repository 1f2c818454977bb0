"""The HTTP server: starts, says where, and stops without cutting off anybody who is being answered."""

from __future__ import annotations

import select
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer
from waitress.task import WSGITask
from werkzeug.middleware.proxy_fix import ProxyFix

from icsgraph.core.errors import IcsgraphError

__all__ = ["run"]

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

_BOUNDS: dict[str, Any] = {
    "connection_limit": CONNECTIONS,
    "channel_timeout": PATIENCE,
    "max_request_body_size": MAX_BODY,
    "asyncore_use_poll": True,
}


def run(app: Flask, host: str, port: int, started: Callable[[str], None], proxies: int = 0) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is being answered; call it on the main thread.

    ``proxies`` is how many proxies before the service are trusted to say who asks and at which address. Raises
    ``IcsgraphError`` where the address cannot be listened on.
    """
    asked = ProxyFix(app.wsgi_app, proxies, proxies, proxies, proxies, proxies) if proxies else app.wsgi_app
    open_: dict[int, Any] = {}
    try:
        server = create_server(asked, map=open_, host=host, port=port, threads=THREADS, ident="icsgraph", **_BOUNDS)
    except (OSError, ValueError) as error:
        raise IcsgraphError(
            f"Port {port} on {host} cannot be used: {getattr(error, 'strerror', None) or error}.",
            "Stop what uses it, or choose another with --port.",
        ) from None
    listeners = [each for each in open_.values() if isinstance(each, BaseWSGIServer)]
    stop = threading.Event()
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
    begun: dict[int, float] = {}
    looked = time.monotonic()
    while not stop.is_set():
        wasyncore.loop(timeout=1, map=open_, use_poll=True, count=1)
        # Not at each turn, of which a busy second has thousands.
        if time.monotonic() - looked >= 1:
            begun, looked = _dismiss(open_, begun), time.monotonic()
    for listener in listeners:
        # The socket alone: what wakes the loop stays.
        wasyncore.dispatcher.close(listener)
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline and any(_busy(each) for each in open_.values()):
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


class _Channel(HTTPChannel):  # type: ignore[misc]
    """A connection whose thread stays with it for a moment after an answer.

    Who asks one thing after another is then answered by one thread, without the loop that watches all connections and without
    handing over to another thread and back, which cost more than many an answer. While it stays, the loop leaves it alone.
    """

    task_class = _Task
    # What is to be sent at once, where something is.
    together: list[bytes] | None = None
    stays = False
    will_close: bool
    places = threading.BoundedSemaphore(STAYING)
    stop: threading.Event

    def readable(self) -> bool:
        """Whether the loop shall wait for what comes."""
        return not self.stays and bool(super().readable())

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
        coming = select.poll()
        coming.register(self.socket, select.POLLIN)
        end = time.monotonic() + STAY
        while self.connected and not (self.will_close or self.close_when_flushed or self.total_outbufs_len):
            if self.stop.is_set() or not coming.poll(max(0.0, 1000 * (end - time.monotonic()))):
                return False
            try:
                content = self.socket.recv(self.adj.recv_bytes)
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


def _dismiss(open_: dict[int, Any], begun: dict[int, float]) -> dict[int, float]:
    """Close the connections of who sends half a request or takes no answer; ``begun`` is since when each half is known."""
    now = time.time()
    halves: dict[int, float] = {}
    for channel in [each for each in open_.values() if isinstance(each, HTTPChannel)]:
        if channel.request is not None:
            halves[id(channel.request)] = since = begun.get(id(channel.request), now)
            slow = now - since > PATIENCE
        else:
            slow = bool(channel.total_outbufs_len) and now - channel.last_activity > PATIENCE / 2
        if slow:
            channel.handle_close()
    return halves


def _busy(each: object) -> bool:
    """Whether somebody is being answered on a connection."""
    return isinstance(each, HTTPChannel) and bool(each.requests or each.total_outbufs_len)
