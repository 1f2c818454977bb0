"""The quick door: a query is answered without what only pages need; everything else goes on to the application.

Of the time of a light query half went to routing, forms, sessions and hooks. Errors go on too, so that they have one form.
"""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from icsgraph.bounded.lanes import CLIENT, client_of
from icsgraph.core.protocol import read_request
from icsgraph.web.sparql import FAILED, Endpoint
from icsgraph.web.watch import BEGAN

__all__ = ["Door"]

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

# With these a client asks for less than an answer, which is for the application to tell.
_CONDITIONS = (
    "HTTP_IF_NONE_MATCH",
    "HTTP_IF_MATCH",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_UNMODIFIED_SINCE",
    "HTTP_RANGE",
)


class Door:
    """A WSGI application before another, which answers queries by itself.

    ``most`` is the longest body it reads, ``always`` are the headers that every answer has, and ``note`` is told of each answer:
    method, status, seconds and bytes.
    """

    def __init__(
        self,
        beyond: Application,
        endpoint: Endpoint,
        most: int,
        always: Sequence[tuple[str, str]],
        note: Callable[[str, int, float, int], None],
    ) -> None:
        self._beyond = beyond
        self._endpoint = endpoint
        self._most = most
        self._always = [*always]
        self._note = note

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a query, or hand the request on."""
        CLIENT.set(client_of(environ.get("REMOTE_ADDR", "")))
        # Queries are of what is served; the application says so to who names an edition.
        if environ["PATH_INFO"] != "/sparql" or "edition=" in environ.get("QUERY_STRING", ""):
            return self._beyond(environ, start_response)
        method = environ["REQUEST_METHOD"]
        length = environ.get("CONTENT_LENGTH") or ("0" if method == "GET" else "")
        if (
            method not in ("GET", "POST")
            or not length.isdigit()
            or int(length) > self._most
            or any(name in environ for name in _CONDITIONS)
        ):
            return self._beyond(environ, start_response)
        environ[BEGAN] = began = time.perf_counter()
        body = environ["wsgi.input"].read(int(length)) if length != "0" else b""
        try:
            asked = read_request(
                method, environ.get("QUERY_STRING", "").encode("latin-1"), environ.get("CONTENT_TYPE", ""), body
            )
            if asked.query is None:
                return self._on(environ, start_response, body)
            answer = self._endpoint.answer(asked.query, asked, environ.get("HTTP_ACCEPT", ""))
        except Exception as error:
            # A bug of ours too: the application logs it.
            environ[FAILED] = error
            return self._on(environ, start_response, body)
        headers = [*answer.headers, ("Content-Length", str(len(answer.body))), *self._always]
        if method == "GET":
            # Of the bytes themselves: what is equal is the same representation, and nothing else is.
            headers.append(("ETag", f'"{hashlib.sha1(answer.body, usedforsecurity=False).hexdigest()}"'))
            headers.append(("Cache-Control", "no-cache"))
        start_response("200 OK", headers)
        self._note(method, 200, time.perf_counter() - began, len(answer.body))
        return (answer.body,)

    def _on(self, environ: Environ, start_response: StartResponse, body: bytes) -> Iterable[bytes]:
        """Hand a request on whose body has been read."""
        environ["wsgi.input"] = io.BytesIO(body)
        return self._beyond(environ, start_response)
