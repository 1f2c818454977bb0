"""What stands between the network and the application: headers that strangers write are believed only where they are sound."""

from __future__ import annotations

import ipaddress
import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.middleware.proxy_fix import ProxyFix

__all__ = ["Edge"]

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

# example.org, 192.0.2.1:8000, [2001:db8::1]:80
_HOST = re.compile(r"(?:[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?")
# /icsgraph, /a/b; empty
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)*/?")
_SCHEME = re.compile(r"https?", re.IGNORECASE)
# Seconds after which to ask again, where the service stops.
_RETRY = "5"


def _is_port(said: str) -> bool:
    return said.isascii() and said.isdigit() and len(said) < 6 and 0 < int(said) < 65_536


def _is_address(said: str) -> bool:
    """Whether text is an address of a client; with its port, as some proxies write it, or a name they make up, it is none."""
    try:
        ipaddress.ip_address(said)
    except ValueError:
        return False
    return True


# What each header of a proxy may say, one value or several with commas between.
_SOUND: dict[str, Callable[[str], object]] = {
    "HTTP_X_FORWARDED_FOR": _is_address,
    "HTTP_X_FORWARDED_PROTO": _SCHEME.fullmatch,
    "HTTP_X_FORWARDED_HOST": _HOST.fullmatch,
    "HTTP_X_FORWARDED_PORT": _is_port,
    "HTTP_X_FORWARDED_PREFIX": _PREFIX.fullmatch,
}


class Edge:
    """A WSGI application before another. ``proxies`` is how many proxies before it are trusted.

    What a trusted proxy says is dropped where it is not sound, and of an untrusted one nothing is looked at. A ``Host`` that is
    none is refused. Once ``stopping`` is set, new requests are told 503; ``under_way`` is how many are being answered.
    """

    def __init__(self, beyond: Application, proxies: int, stopping: threading.Event) -> None:
        fixed = ProxyFix(beyond, proxies, proxies, proxies, proxies, proxies) if proxies else beyond
        self._beyond: Application = fixed
        self._stopping = stopping
        self._lock = threading.Lock()
        self.under_way = 0

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Hand a request on, or refuse it."""
        if self._stopping.is_set():
            return _refused(
                start_response,
                "503 Service Unavailable",
                "The service is stopping.",
                "Try again in a moment.",
                ("Retry-After", _RETRY),
            )
        for name, sound in _SOUND.items():
            said = environ.get(name)
            # Of whom the last says so is known by counting, so one that is not sound spoils all.
            if said is not None and not all(sound(part.strip()) for part in said.split(",")):
                del environ[name]
        host = environ.get("HTTP_HOST")
        if host is not None and not _HOST.fullmatch(host):
            return _refused(
                start_response, "400 Bad Request", "The Host header names no host.", "Send the name of this service."
            )
        with self._counted():
            return self._beyond(environ, start_response)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._lock:
            self.under_way += 1
        try:
            yield
        finally:
            with self._lock:
                self.under_way -= 1


def _refused(
    start_response: StartResponse, status: str, detail: str, hint: str, *headers: tuple[str, str]
) -> Iterable[bytes]:
    """A refusal in the form of all errors, made without the application."""
    number, _, title = status.partition(" ")
    body = json.dumps({"type": "about:blank", "title": title, "status": int(number), "detail": detail, "hint": hint})
    start_response(
        status,
        [
            ("Content-Type", "application/problem+json"),
            ("Content-Length", str(len(body))),
            ("X-Content-Type-Options", "nosniff"),
            ("Access-Control-Allow-Origin", "*"),
            *headers,
        ],
    )
    return (body.encode(),)
