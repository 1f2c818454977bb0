"""``edition=``: the same questions and addresses as we knew the answers on another day, from an edition that is kept as a file.

One edition besides that which is served is open at a time, so that memory has a bound; it is opened when first asked for.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, g, request

from icsgraph.core.errors import IcsgraphError, StatusError, given_for
from icsgraph.core.machine import return_memory
from icsgraph.upkeep import shelf
from icsgraph.upkeep.shelf import Kept

__all__ = ["HEADER", "NAME", "Editions", "Shown", "register"]

# The name of the value, and the header in which each answer says of which edition it is.
NAME, HEADER = "edition", "Icsgraph-Edition"
# What reads an edition: pages and questions. Queries, files and checks are of what is served.
_READ = (
    "ask",
    "find",
    "questions",
    "id",
    "doc",
    "def",
    "map",
    "timeline",
    "compare",
    "glossary",
    "wrong",
    "suggest",
    "",
)
# Seconds for which somebody waits while an edition is opened, which takes some ten.
_PATIENCE = 60


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The edition that an application shows: its id, empty where none is known, and the day of our knowledge."""

    id: str = ""
    day: str = ""


@dataclass(kw_only=True)
class Editions:
    """The editions that are kept, of which ``here`` is the one that is served, if it is kept; ``make`` gives the application of another."""

    kept: Sequence[Kept]
    here: Shown
    make: Callable[[Kept], Flask]
    _open: tuple[str, Flask] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def application(self, edition: Kept) -> Flask:
        """The application of an edition, in whose favour the one that was open before is closed.

        Raises ``StatusError`` where others are being opened all the time, ``IcsgraphError`` where the file is not whole.
        """
        known = self._open
        if known and known[0] == edition.id:
            return known[1]
        if not self._lock.acquire(timeout=_PATIENCE):
            raise StatusError(503, "Other editions are being opened just now.", "Try again in a minute.", retry=30)
        try:
            if self._open is None or self._open[0] != edition.id:
                # Given up first: two of them would take twice the memory.
                self._open = known = None
                gc.collect()
                return_memory()
                self._open = (edition.id, self.make(edition))
            return self._open[1]
        finally:
            self._lock.release()


def register(app: Flask, shown: Shown, editions: Editions | None) -> None:
    """Have an application read ``edition=``; ``shown`` is the one that it shows, ``editions`` has the others."""

    @app.before_request
    def chosen() -> Any:
        said = request.args.getlist(NAME)
        g.edition = shown
        if not any(said):
            return None
        with given_for(NAME):
            edition = _meant(said, shown, editions)
            if edition is None:
                return None
            assert editions is not None
            return Response.from_app(editions.application(edition).wsgi_app, request.environ, buffered=True)

    @app.after_request
    def told(response: Response) -> Response:
        if shown.id:
            response.headers.setdefault(HEADER, shown.id)
        return response

    app.jinja_env.globals.update(edition=shown, editions=editions.kept if editions else ())


def _meant(said: Sequence[str], shown: Shown, editions: Editions | None) -> Kept | None:
    """The other edition that a request asks for; nothing where it asks for what is shown.

    Raises ``StatusError`` where there is no such edition, and ``IcsgraphError`` where what is asked is not read from editions.
    """
    if len(set(said)) > 1:
        raise IcsgraphError("Two editions are named.", "Name one, and ask again for the other.")
    if request.path.split("/")[1] not in _READ or request.method not in ("GET", "HEAD"):
        raise IcsgraphError(
            "An edition is asked for by questions and by addresses of things.",
            "Take its file from /data, or leave the edition out.",
        )
    # The application of an edition gets what the one before it has found to be meant for it.
    if said[0] == shown.id or (editions is None and shown.id):
        return None
    if editions is None:
        raise StatusError(404, "No other edition is kept here.", "Leave the edition out.")
    found = shelf.find(editions.kept, said[0])
    return None if found.id == shown.id else found
