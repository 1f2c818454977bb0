"""What a query from a stranger may not contain: calls to other addresses, and depth that no question needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from icsgraph.core.errors import StatusError
from icsgraph.core.terms import PREFIXES

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "RefusedQuery", "check_query", "form_of", "graphs_named", "names_dataset"]

MAX_DEPTH = 100
MAX_LENGTH = 100_000
# What holds no keyword: comments, strings, addresses, variables, tags of languages. Names with a prefix are added, since which
# words are prefixes a query says itself. The engine asks for no space around a keyword: 1SERVICE and SERVICEx:y are both calls.
_TEXTS = (
    r"(?P<skip>#[^\n\r]*"
    r'|"""(?:"{0,2}(?:[^"\\]|\\.))*"""'
    r"|'''(?:'{0,2}(?:[^'\\]|\\.))*'''"
    r'|"(?:\\.|[^"\\\n\r])*"'
    r"|'(?:\\.|[^'\\\n\r])*')"
    r"|(?P<iri><[^<>\"{}|^`\\\s]*>)"
)
_WORDS = r"|(?P<variable>[?$]\w+)|(?P<language>@[A-Za-z][A-Za-z0-9-]*)"
_LOCAL = r"(?:[\w:%-]|\.(?=[\w:%.\\-])|\\[_~.!$&'()*+,;=/?#@%-])*"
_REACHING_OUT = re.compile(r"SERVICE|LOAD", re.IGNORECASE)
_CALL = re.compile(r"SERVICE(SILENT)?", re.IGNORECASE)
_FROM = re.compile(r"FROM\s*(NAMED)?\s*$", re.IGNORECASE)
_FORM = re.compile(r"SELECT|ASK|CONSTRUCT|DESCRIBE", re.IGNORECASE)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_PREFIX = re.compile(r"PREFIX\s*([^\s:<]*):", re.IGNORECASE)


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
    # Escapes such as \\u0053 could spell a keyword, and could hide one: both readings are looked at.
    readings = {query, _ESCAPE.sub(_unescape, query)}
    found = next(filter(None, map(_reaching_out, readings)), None)
    bare = _bare(query)
    if found:
        raise RefusedQuery(
            f"{found.upper()} asks another address, which is not allowed here.",
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
    return "FROM" in _bare(query).upper()


def graphs_named(query: str) -> tuple[list[str], list[str]]:
    """The addresses after FROM and after FROM NAMED in a query; a prefix is ours, or declared in the query.

    Raises ``RefusedQuery`` where an address cannot be told.

    >>> graphs_named("PREFIX x: <http://x/> SELECT * FROM <http://a/> FROM NAMED x:b { ?s ?p 'FROM <http://c/>' }")
    (['http://a/'], ['http://x/b'])
    """
    found: tuple[list[str], list[str]] = ([], [])
    declared: dict[str, str] = dict(PREFIXES)
    before, prefix = "", None
    for kind, text in _tokens(query):
        if kind in ("iri", "name") and prefix is not None:
            declared[prefix] = text[1:-1]
        elif kind in ("iri", "name") and (said := _FROM.search(before)):
            first, _, local = text.partition(":")
            found[bool(said[1])].append(text[1:-1] if kind == "iri" else declared.get(first, first + ":") + local)
        if kind not in ("skip", "other"):
            prefix = None
        if kind == "name" and before.rstrip().upper().endswith("PREFIX"):
            prefix = text.rstrip(":")
        before = f"{before} " if kind == "skip" else before + text if kind == "other" else ""
    if sum(map(len, found)) != _bare(query).upper().count("FROM"):
        raise RefusedQuery(
            "Which graph is meant after FROM is not clear.", "Put a space, then its address in <>, after FROM."
        )
    return found


def form_of(query: str) -> str:
    """Which of the four forms a query has, in capitals; empty where it has none.

    >>> form_of("PREFIX select: <http://x/> construct { ?s ?p 'ASK' } where { ?s ?p ?o }")
    'CONSTRUCT'
    """
    found = _FORM.search(_bare(query))
    return found[0].upper() if found else ""


def _reaching_out(query: str) -> str:
    """The keyword with which a query would ask another address; empty where there is none."""
    hidden = [text for kind, text in _tokens(query) if kind == "iri" and ")" in text]
    # A comparison such as 1<2)SERVICE#> looks like an address; and a prefix may begin with the keyword and end as another prefix.
    known = {*PREFIXES, *_declared(query)}
    hidden += [p for p in known if p.lower().startswith("service") and _CALL.sub("", p, count=1) in known]
    found = next(filter(None, map(_REACHING_OUT.search, [_bare(query), *hidden])), None)
    return found[0] if found else ""


@lru_cache(maxsize=256)
def _bare(query: str) -> str:
    """A query without its strings, addresses, comments, variables and names: keywords, numbers and marks."""
    return "".join(text if kind == "other" else " " for kind, text in _tokens(query))


def _tokens(query: str) -> Iterator[tuple[str, str]]:
    """The parts of a query with their kind: skip, iri, variable, language, name, or other."""
    prefixes = "|".join(sorted(map(re.escape, {*PREFIXES, *_declared(query), "_"}), key=len, reverse=True))
    pattern = re.compile(
        rf"{_TEXTS}{_WORDS}|(?<![\w-])(?P<name>(?:{prefixes})?:{_LOCAL})|(?P<other>\w+|\s+|.)", re.DOTALL
    )
    for match in pattern.finditer(query):
        yield str(match.lastgroup), match[0]


def _declared(query: str) -> set[str]:
    """The prefixes that a query declares."""
    return set(_PREFIX.findall(re.sub(_TEXTS, " ", query, flags=re.DOTALL)))


def _unescape(match: re.Match[str]) -> str:
    number = int(match[1] or match[2], 16)
    return chr(number) if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else " "
