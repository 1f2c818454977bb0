"""``/mcp``: the server for assistants over HTTP, within what holds for every other route.

Source: the transport “Streamable HTTP” of the Model Context Protocol. Each request stands alone and is answered in JSON: no
session is kept and no stream held open, so that an assistant costs no more than anybody else.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import TimeoutError as LateError
from typing import Any

from anyio.to_thread import current_default_thread_limiter
from flask import Blueprint, Response, request
from mcp.server import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import ASGIApp, Message, Scope

from icsgraph.core.errors import StatusError
from icsgraph.web.server import THREADS

__all__ = ["Loop", "blueprint"]

# Longer than any query, check or answer may take.
_SECONDS = 60.0
# What a page of another site must name to ask.
_HEADERS = "Accept, Content-Type, MCP-Protocol-Version, Mcp-Method, Mcp-Name"


class Loop:
    """An ASGI application on a loop of its own, for those who call from threads; the loop begins with the first call.

    ``run`` is what must be entered around all calls. The loop ends with the process: nothing of it needs to be written.
    """

    def __init__(self, app: ASGIApp, run: Callable[[], Any]) -> None:
        self._app = app
        self._run = run
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()

    def call(self, scope: Scope, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        """Status, headers and body of the answer to a request; raises ``StatusError`` where it takes too long."""
        coming = asyncio.run_coroutine_threadsafe(self._answer(scope, body), self._begun())
        try:
            return coming.result(_SECONDS)
        except LateError:
            coming.cancel()
            raise StatusError(503, f"The answer took longer than {_SECONDS:.0f} s.", "Ask for less.", 5) from None

    def _begun(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                ready = threading.Event()
                threading.Thread(target=lambda: asyncio.run(self._serve(ready)), name="assistants", daemon=True).start()
                ready.wait()
            assert self._loop is not None
            return self._loop

    async def _serve(self, ready: threading.Event) -> None:
        async with self._run():
            # Who waits here waits for no place but those that everybody waits for.
            current_default_thread_limiter().total_tokens = THREADS
            self._loop = asyncio.get_running_loop()
            ready.set()
            await asyncio.Event().wait()

    async def _answer(self, scope: Scope, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        head: Message = {}
        parts: list[bytes] = []
        given = asyncio.Event()

        async def receive() -> Message:
            if given.is_set():
                # Who asks stays until the answer is there.
                await asyncio.Event().wait()
            given.set()
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                head.update(message)
            else:
                parts.append(message.get("body", b""))

        await self._app(scope, receive, send)
        headers = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in head["headers"]]
        return head["status"], headers, b"".join(parts)


def blueprint(server: MCPServer, most: int) -> Blueprint:
    """The route of a server, which takes bodies of ``most`` bytes."""
    routes = Blueprint("streamable", __name__)
    # Any page may ask, as on /sparql: everything here is public, and nothing can be changed.
    anybody = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    server.streamable_http_app(
        json_response=True, stateless_http=True, max_request_body_size=most, transport_security=anybody
    )
    manager = server.session_manager
    loop = Loop(manager.handle_request, manager.run)

    @routes.route("/mcp", methods=["POST"])
    def mcp() -> Response:
        scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": request.scheme,
            "path": request.path,
            "raw_path": request.path.encode(),
            "root_path": "",
            "query_string": request.query_string,
            "headers": [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in request.headers.items()],
            "client": None,
            "server": None,
        }
        status, headers, body = loop.call(scope, request.get_data())
        return Response(body, status, headers)

    @routes.after_request
    def named(response: Response) -> Response:
        response.headers.setdefault("Access-Control-Allow-Headers", _HEADERS)
        return response

    return routes
