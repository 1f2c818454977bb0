"""What a query from a stranger may not contain: calls to other addresses, and depth that no question needs."""

from __future__ import annotations

import re
from functools import lru_cache

from icsgraph.core.errors import StatusError
from icsgraph.core.sparql import bare, declared, tokens
from icsgraph.core.terms import PREFIXES

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "RefusedQuery", "check_query"]

MAX_DEPTH = 100
MAX_LENGTH = 100_000
# Of longer queries it is not kept whether they are refused.
_KEPT = 10_000
# The keywords that ask another address, wherever they stand in a word: an engine reads 1SERVICE and SERVICEx:y as calls.
_REACHING_OUT = re.compile(r"SERVICE|LOAD", re.IGNORECASE)
# The same at the start of a prefix, as in SERVICEx or SERVICESILENTx.
_CALL = re.compile(r"SERVICE(SILENT)?", re.IGNORECASE)
# What may be an address with a parenthesis, or 1<2)SERVICE#>.
_COMPARED = re.compile(r"<[^<>\s]*\)[^<>\s]*>")
# \\u0041 and \\U00000041.
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
# Any of the characters below the space but tab and ends of lines.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
# Any bracket that opens.
_OPENING = re.compile(r"[{(\[]")


class RefusedQuery(StatusError):
    """The query is refused before it is run."""

    def __init__(self, message: str, hint: str, status: int = 400) -> None:
        super().__init__(status, message, hint)


def check_query(query: str) -> None:
    """Raise ``RefusedQuery`` where a query would reach out, is too long or too deep.

    >>> check_query("SELECT * WHERE { ?s ?p 'SERVICE' }")
    >>> check_query("SELECT * WHERE { SERVICE <http://example.org/> { ?s ?p ?o } }")
    Traceback (most recent call last):
    icsgraph.core.guard.RefusedQuery: SERVICE asks another address, which is not allowed here. Leave it out; ...
    """
    if len(query) > MAX_LENGTH:
        raise RefusedQuery(
            f"The query has {len(query)} characters; {MAX_LENGTH} are allowed.", "Ask in several queries.", 413
        )
    refusal = _refusal(query) if len(query) > _KEPT else _kept_refusal(query)
    if refusal:
        raise RefusedQuery(*refusal)


def _refusal(query: str) -> tuple[str, str] | None:
    """What is wrong with a query and what to do, where it is refused."""
    if _CONTROL.search(query):
        return "The query has control characters.", "Take them out."
    # Escapes such as \\u0053 could spell a keyword, and could hide one: both readings are looked at.
    for reading in {query, _ESCAPE.sub(_unescape, query)} if "\\" in query else (query,):
        if found := _reaching_out(reading):
            return (
                f"{found.upper()} asks another address, which is not allowed here.",
                "Leave it out; ask the other endpoint from your own machine and join there.",
            )
    deepest = _depth(query)
    if deepest > MAX_DEPTH:
        return f"The query is nested {deepest} deep; {MAX_DEPTH} is allowed.", "Write it flatter."
    return None


# What is asked is often asked again.
_kept_refusal = lru_cache(maxsize=512)(_refusal)


def _reaching_out(query: str) -> str:
    """The keyword with which a query would ask another address; empty where there is none."""
    # What stands nowhere in the text is no keyword of it; so most queries are done with here.
    capitals = query.upper()
    if "SERVICE" not in capitals and "LOAD" not in capitals:
        return ""
    # A comparison such as 1<2)SERVICE#> looks like an address; and a prefix may begin with the keyword and end as another prefix.
    hidden = [text for kind, text in tokens(query) if kind == "iri" and ")" in text] if _COMPARED.search(query) else []
    known = {*PREFIXES, *declared(query)}
    hidden += [p for p in known if p.lower().startswith("service") and _CALL.sub("", p, count=1) in known]
    found = next(filter(None, map(_REACHING_OUT.search, [bare(query), *hidden])), None)
    return found[0] if found else ""


def _depth(query: str) -> int:
    """How deep the brackets of a query are nested, at most so deep as there are any."""
    many = len(_OPENING.findall(query))
    if many <= MAX_DEPTH:
        return many
    depth = deepest = 0
    for character in bare(query):
        if character in "{([":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "})]":
            depth -= 1
    return deepest


def _unescape(match: re.Match[str]) -> str:
    number = int(match[1] or match[2], 16)
    return chr(number) if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else " "
