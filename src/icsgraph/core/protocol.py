"""SPARQL 1.1 Protocol: what a request asks, read from its raw parts.

Source: https://www.w3.org/TR/sparql11-protocol/ sections 2.1 and 2.2.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import parse_qsl

from icsgraph.core.errors import StatusError

__all__ = ["Asked", "read_request"]

_FORM = "application/x-www-form-urlencoded"
_QUERY = "application/sparql-query"
_UPDATE = "application/sparql-update"


class Asked(NamedTuple):
    """A query (``None``: the request has none), the graphs of its dataset as addresses, and the formats asked for by name."""

    query: str | None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()


def read_request(method: str, query_string: bytes, content_type: str, body: bytes) -> Asked:
    """What a request to a SPARQL endpoint asks.

    ``query_string`` is what follows ``?`` in the address, not yet decoded. Raises ``StatusError``: 400 where a query is
    missing in a POST, repeated, beside an update or not UTF-8, 403 for an update, 415 for another type of body.
    """
    pairs = _pairs(query_string, "The address")
    if method != "POST":
        return _asked(pairs)
    media, _, parameters = content_type.lower().partition(";")
    media = media.strip()
    if media == _FORM:
        given = _pairs(body, "The form")
        if any(name in ("query", "update") for name, _ in pairs) and any(n == "query" for n, _ in given):
            raise StatusError(400, "There is a query in the address and another in the form.", "Send one of them.")
        asked = _asked(given + pairs)
    elif media == _QUERY:
        if "charset=" in parameters and "utf-8" not in parameters:
            raise StatusError(415, "A query is read as UTF-8 only.", "Send it as UTF-8.")
        if any(name == "query" for name, _ in pairs):
            raise StatusError(400, "There is a query in the address and another in the body.", "Send one of them.")
        asked = _asked([*pairs, ("query", _text(body, "The query"))])
    elif media == _UPDATE:
        raise _no_update()
    else:
        raise StatusError(
            415,
            f"“{media}” is not a type this endpoint takes."
            if media
            else "The request does not say what type its body is.",
            f"Send {_QUERY}, or a form ({_FORM}) with query=.",
        )
    if asked.query is None or not asked.query.strip():
        raise StatusError(400, "There is no query.", f"Send it as query= in a form, or as the body with {_QUERY}.")
    return asked


def _asked(pairs: list[tuple[str, str]]) -> Asked:
    queries = [value for name, value in pairs if name == "query"]
    if any(name == "update" for name, _ in pairs):
        if queries:
            raise StatusError(400, "There is a query and an update in one request.", "Send a query.")
        raise _no_update()
    if len(queries) > 1:
        raise StatusError(400, f"There are {len(queries)} queries.", "Send one at a time.")
    graphs = {
        wanted: tuple(value for name, value in pairs if name == wanted)
        for wanted in ("default-graph-uri", "named-graph-uri")
    }
    # Both names are in use among clients, some of which send both, or all that a format is called with commas between them.
    formats = [
        word.strip()
        for wanted in ("format", "output")
        for name, value in pairs
        if name == wanted
        for word in value.split(",")
        if word.strip()
    ]
    return Asked(
        queries[0] if queries else None,
        graphs["default-graph-uri"],
        graphs["named-graph-uri"],
        tuple(dict.fromkeys(formats)),
    )


def _pairs(raw: bytes, what: str) -> list[tuple[str, str]]:
    text = _text(raw, what)
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=1000)
    except UnicodeDecodeError:
        raise StatusError(400, f"{what} is not UTF-8.", "Send UTF-8, with percent signs as RFC 3986 says.") from None
    except ValueError:
        raise StatusError(400, f"{what} has too many values.", "Send a query and its graphs only.") from None


def _text(raw: bytes, what: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise StatusError(400, f"{what} is not UTF-8.", "Send it as UTF-8.") from None


def _no_update() -> StatusError:
    return StatusError(403, "This endpoint is read-only and takes no updates.", "Send a query.")
