"""What a query from a stranger may not contain: calls to other addresses, and depth that no question needs."""

from __future__ import annotations

import re

from icsgraph.core.errors import StatusError
from icsgraph.core.terms import PREFIXES

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "RefusedQuery", "check_query", "graphs_named", "names_dataset"]

MAX_DEPTH = 100
MAX_LENGTH = 100_000
# Strings, addresses and comments are skipped, so that a word inside them is not taken for a keyword.
_SKIP = re.compile(
    r"\"\"\".*?\"\"\"|'''.*?'''|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|<[^<>\"{}|^`\\\s]*>|#[^\n]*",
    re.DOTALL,
)
# A keyword, and not a variable or the local part of a prefixed name.
_REACHING_OUT = re.compile(r"(?<![\w:?$@-])(SERVICE|LOAD)\b(?!\s*:)", re.IGNORECASE)

_FROM = re.compile(r"(?<![\w:?$@-])FROM\b(?!\s*:)", re.IGNORECASE)


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
    if any(ord(c) < 32 and c not in "\t\n\r" for c in query):
        raise RefusedQuery("The query has control characters.", "Take them out.")
    bare = _bare(query)
    found = _REACHING_OUT.search(bare)
    if found:
        raise RefusedQuery(
            f"{found[1].upper()} asks another address, which is not allowed here.",
            "Leave it out; ask the other endpoint from your own machine and join there.",
        )
    depth = deepest = 0
    for character in bare:
        if character in "{([":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "})]":
            depth -= 1
    if deepest > MAX_DEPTH:
        raise RefusedQuery(f"The query is nested {deepest} deep; {MAX_DEPTH} is allowed.", "Write it flatter.")


def names_dataset(query: str) -> bool:
    """Whether a query says itself which graphs it is about.

    >>> names_dataset("SELECT * FROM <http://x/> { ?from ?p 'FROM' }"), names_dataset("SELECT * { ?from ?p 'FROM' }")
    (True, False)
    """
    return bool(_FROM.search(_bare(query)))


def graphs_named(query: str) -> tuple[list[str], list[str]]:
    """The addresses after FROM and after FROM NAMED in a query; a prefix is ours, or declared in the query.

    >>> graphs_named("PREFIX x: <http://x/> SELECT * FROM <http://a/> FROM NAMED x:b { ?s ?p 'FROM <http://c/>' }")
    (['http://a/'], ['http://x/b'])
    """
    kept = _SKIP.sub(lambda m: m[0] if m[0].startswith("<") else " ", query)
    prefixes = PREFIXES | dict(re.findall(r"\bPREFIX\s+([\w.-]*):\s*<([^>]*)>", kept, re.IGNORECASE))
    found: tuple[list[str], list[str]] = ([], [])
    pattern = r"(?<![\w:?$@-])FROM\s+(NAMED\s+)?(?:<([^>]*)>|([\w.-]*):([\w.-]*))"
    for named, address, prefix, local in re.findall(pattern, kept, re.IGNORECASE):
        found[bool(named)].append(address or prefixes.get(prefix, prefix + ":") + local)
    return found


def _bare(query: str) -> str:
    """A query without its strings, addresses and comments."""
    # Escapes such as \u0053 could spell a keyword; they are read before looking.
    return _SKIP.sub(" ", re.sub(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})", _unescape, query))


def _unescape(match: re.Match[str]) -> str:
    number = int(match[1] or match[2], 16)
    return chr(number) if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else " "
