"""The HTTP server: starts, says where, and stops without cutting off anybody who is being answered."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer
from werkzeug.middleware.proxy_fix import ProxyFix

from icsgraph.core.errors import IcsgraphError

__all__ = ["run"]

# More than queries that run or wait, so that pages are always answered.
THREADS = 96
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

    def end(number: int, frame: object) -> None:
        stop.set()
        # The loop below may be waiting for a request.
        for listener in listeners:
            listener.pull_trigger()

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
