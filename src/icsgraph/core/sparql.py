"""The one reader of the text of SPARQL queries: its tokens, and what can be told from them without an engine.

It is for queries of strangers, so it does not trust that a query is well-formed; and it is for our own, into whose text values
are written for engines that are reached by text alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from icsgraph.core.terms import PREFIXES

__all__ = [
    "THERE",
    "Projection",
    "Token",
    "Unclear",
    "bare",
    "bind",
    "declared",
    "form_of",
    "graphs_named",
    "names_dataset",
    "projection",
    "tokens",
    "with_prefixes",
]


class Token(NamedTuple):
    """A part of a query and of what kind it is.

    ``comment``, ``string`` and ``iri`` with what stands around them; ``variable`` and ``language`` with their mark; ``name`` with
    its prefix; ``word``, which is a keyword, a number or both at once; ``space``; and ``mark``, a single other character.
    """

    kind: str
    text: str


class Projection(NamedTuple):
    """What a SELECT query asks for: where in its text that begins and ends, and the names of its variables in order."""

    start: int
    end: int
    names: tuple[str, ...]
    everything: bool


class Unclear(ValueError):
    """Something of a query cannot be told from its text."""


# What hides everything else: comments (# to the end of the line), strings in four kinds of quotes, addresses.
_HIDING = (
    r"(?P<comment>#[^\n\r]*)"
    r'|(?P<string>"""(?:"{0,2}(?:[^"\\]|\\.))*"""'
    r"|'''(?:'{0,2}(?:[^'\\]|\\.))*'''"
    r'|"(?:\\.|[^"\\\n\r])*"'
    r"|'(?:\\.|[^'\\\n\r])*')"
    r"|(?P<iri><[^<>\"{}|^`\\\s]*>)"
)
# ?who and $who; @en and @en-GB.
_MARKED = r"|(?P<variable>[?$]\w+)|(?P<language>@[A-Za-z][A-Za-z0-9-]*)"
# What may follow the colon of a name: a1, a.b, a-2022, a\~b; no full stop at its end.
_LOCAL = r"(?:[\w:%-]|\.(?=[\w:%.\\-])|\\[_~.!$&'()*+,;=/?#@%-])*"
# PREFIX ics: and prefix :
_PREFIX = re.compile(r"PREFIX\s*([^\s:<]*):", re.IGNORECASE)
_HIDDEN = re.compile(_HIDING, re.DOTALL)
# FROM and FROM NAMED before an address.
_FROM = re.compile(r"FROM\s*(NAMED)?\s*$", re.IGNORECASE)
_FORM = re.compile(r"SELECT|ASK|CONSTRUCT|DESCRIBE", re.IGNORECASE)
# What ends the list of what is asked for, grouped by or ordered by.
_CLAUSES = frozenset({"SELECT", "WHERE", "FROM", "HAVING", "LIMIT", "OFFSET", "VALUES", "GROUP", "ORDER"})
_LISTS = frozenset({"SELECT", "GROUP", "ORDER"})
# What a query asks for of whose results every variable is bound.
THERE = "x_there"


def tokens(query: str) -> Iterator[Token]:
    """The parts of a query; put together again they are the query.

    An engine asks for no space around a keyword, so which words are prefixes has to be known: ours, and those that the query
    declares. A name with any other prefix is a word and a mark.

    >>> [t.text for t in tokens("ASK{?s ics:bearer<a:b>}")]
    ['ASK', '{', '?s', ' ', 'ics:bearer', '<a:b>', '}']
    """
    for match in _patterns(frozenset(declared(query)))[0].finditer(query):
        yield Token(str(match.lastgroup), match[0])


@lru_cache(maxsize=64)
def _patterns(own: frozenset[str]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What matches a token of a query that declares some prefixes; and a token that is no word, space or mark.

    No token of the second sort begins within a word, so leaving the others out changes no match.
    """
    prefixes = "|".join(sorted(map(re.escape, {*PREFIXES, *own, "_"}), key=len, reverse=True))
    named = rf"{_HIDING}{_MARKED}|(?<![\w-])(?P<name>(?:{prefixes})?:{_LOCAL})"
    plain = r"|(?P<word>\w+)|(?P<space>\s+)|(?P<mark>.)"
    return re.compile(named + plain, re.DOTALL), re.compile(named, re.DOTALL)


def declared(query: str) -> set[str]:
    """The prefixes that a query declares.

    >>> declared("PREFIX x: <http://x/> # PREFIX y: <http://y/>")
    {'x'}
    """
    return set(_PREFIX.findall(_HIDDEN.sub(" ", query))) if "PREFIX" in query.upper() else set()


def bare(query: str) -> str:
    """A query with a space for each comment, string, address, variable, language and name: keywords, numbers and marks.

    >>> bare("SELECT ?from { ?s ?p 'FROM' }")
    'SELECT   {       }'
    """
    return _patterns(frozenset(declared(query)))[1].sub(" ", query)


def form_of(query: str) -> str:
    """Which of the four forms a query has, in capitals; empty where it has none.

    >>> form_of("PREFIX select: <http://x/> construct { ?s ?p 'ASK' } where { ?s ?p ?o }")
    'CONSTRUCT'
    """
    found = _FORM.search(bare(query))
    return found[0].upper() if found else ""


def names_dataset(query: str) -> bool:
    """Whether a query says itself which graphs it is about.

    >>> names_dataset("SELECT * FROM <http://x/> { ?from ?p 'FROM' }"), names_dataset("SELECT * { ?from ?p 'FROM' }")
    (True, False)
    """
    # Most queries have these letters nowhere.
    return "FROM" in query.upper() and "FROM" in bare(query).upper()


def graphs_named(query: str) -> tuple[list[str], list[str]]:
    """The addresses after FROM and after FROM NAMED in a query; a prefix is ours, or declared in the query.

    Raises ``Unclear`` where an address cannot be told.

    >>> graphs_named("PREFIX x: <http://x/> SELECT * FROM <http://a/> FROM NAMED x:b { ?s ?p 'FROM <http://c/>' }")
    (['http://a/'], ['http://x/b'])
    """
    found: tuple[list[str], list[str]] = ([], [])
    known: dict[str, str] = dict(PREFIXES)
    before, prefix = "", None
    for kind, text in tokens(query):
        if kind in ("word", "space", "mark"):
            before += text
            continue
        if kind in ("comment", "string"):
            before += " "
            continue
        if kind in ("iri", "name") and prefix is not None:
            known[prefix] = text[1:-1]
        elif kind in ("iri", "name") and (said := _FROM.search(before)):
            first, _, local = text.partition(":")
            found[bool(said[1])].append(text[1:-1] if kind == "iri" else known.get(first, first + ":") + local)
        prefix = text.rstrip(":") if kind == "name" and before.rstrip().upper().endswith("PREFIX") else None
        before = ""
    if sum(map(len, found)) != bare(query).upper().count("FROM"):
        raise Unclear("Which graph is meant after FROM is not clear.")
    return found


def projection(query: str) -> Projection:
    """What the first SELECT of a query asks for; of ``(… AS ?x)`` that is ``x``. Raises ``Unclear`` where there is none.

    >>> projection("SELECT DISTINCT ?a (COUNT(?b) AS ?n) WHERE { ?a ?p ?b }").names
    ('a', 'n')
    """
    start = end = -1
    depth = place = 0
    names: list[str] = []
    everything = False
    said = ""
    for kind, text in tokens(query):
        word = text.upper() if kind == "word" else ""
        if start < 0:
            if word == "SELECT":
                start = end = place + len(text)
        elif depth == 0 and (text == "{" or word in _CLAUSES):
            break
        else:
            depth += (text == "(") - (text == ")") if kind == "mark" else 0
            if kind == "variable" and (depth == 0 or said == "AS"):
                names.append(text[1:])
            everything = everything or (text == "*" and depth == 0)
        if kind not in ("space", "comment"):
            said = word
            if start >= 0:
                end = place + len(text)
        place += len(text)
    if start < 0:
        raise Unclear("The query selects nothing.")
    return Projection(start, end, tuple(names), everything)


def bind(query: str, values: Mapping[str, object]) -> str:
    """A SELECT query with values in place of variables; the variables given are then not among its results.

    A variable leaves SELECT, GROUP BY and ORDER BY lists and becomes its value everywhere else, nested queries included.
    It must not be assigned by BIND or VALUES in the query. A value is a term, or a term as SPARQL writes it; comments go.
    A SELECT of which nothing is left asks for ``THERE``, which says no more than that something was found.

    >>> bind("SELECT ?s ?o WHERE { ?s ?p ?o FILTER(BOUND(?s)) }", {"s": "<a:b>"})
    'SELECT  ?o WHERE { <a:b> ?p ?o FILTER(true) }'
    >>> bind("SELECT (COUNT(?o) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?s ORDER BY ?s", {"s": "<a:b>"})
    'SELECT (COUNT(?o) AS ?n) WHERE { <a:b> ?p ?o } GROUP BY (true AS ?every)    '
    """
    return "".join(str(values[name]) if name else words for words, name in _slots(query, frozenset(values)))


def _mend_empty_lists(texts: list[str], solid: list[int], words: list[str]) -> None:
    """Change the texts of a query where binding has left nothing after SELECT, GROUP BY or ORDER BY.

    ``solid`` are the places of what is no space, ``words`` their upper case from the third on, with two empty ones before.
    """
    for at, n in enumerate(solid):
        if words[at + 2] == "BY" and at + 1 < len(solid) and not texts[solid[at + 1]]:
            left = next((texts[m] for m in solid[at + 1 :] if texts[m]), "")
            if left in "{}" or left.upper() in _CLAUSES:
                # Nothing is left in the list. One group for all, and none where nothing is found, as before; no order.
                grouped = words[at + 1] == "GROUP"
                texts[n] = "BY (true AS ?every)" if grouped else ""
                texts[solid[at - 1]] = "GROUP" if grouped else ""
        elif words[at + 2] == "SELECT":
            last = solid[at + 1] if words[at + 3] in ("DISTINCT", "REDUCED") else n
            left = next((texts[m] for m in solid[at + 1 :] if m > last and texts[m]), "")
            if left == "{" or left.upper() in _CLAUSES:
                texts[last] += f" (1 AS ?{THERE})"


@lru_cache(maxsize=256)
def _slots(query: str, bound: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """A query in which some variables are bound, as pieces in order: words as they stand, or the name of the value that goes there."""
    parts = [token for token in tokens(query) if token.kind != "comment"]
    names: dict[int, str] = {}
    texts = [token.text for token in parts]
    solid = [n for n, token in enumerate(parts) if token.kind != "space"]
    words = ["", "", *(texts[n].upper() for n in solid), ""]
    # Whether a list of names is being read, and how many parentheses are open since it began: names within an expression of a
    # list stay.
    listing, depth = False, 0
    for at, n in enumerate(solid):
        kind, text = parts[n]
        two_before, before, after = words[at], words[at + 1], words[at + 3]
        if kind == "word" and text.upper() in _CLAUSES:
            listing, depth = text.upper() in _LISTS, 0
        elif kind == "mark":
            listing = listing and text not in "{}"
            depth += (text == "(") - (text == ")")
        elif kind == "variable" and text[1:] in bound and before != "AS":
            if (two_before, before, after) == ("BOUND", "(", ")"):
                first, last = solid[at - 2], solid[at + 1]
                texts[first : last + 1] = ["true", *[""] * (last - first)]
            elif listing and depth == 0:
                texts[n] = ""
            else:
                names[n] = text[1:]
    _mend_empty_lists(texts, solid, words)
    slots: list[tuple[str, str]] = []
    for n, words_here in enumerate(texts):
        if n in names:
            slots.append(("", names[n]))
        elif slots and not slots[-1][1]:
            slots[-1] = (slots[-1][0] + words_here, "")
        else:
            slots.append((words_here, ""))
    return tuple(slots)


def with_prefixes(query: str) -> str:
    """The query with the prefixes of this project declared before it; those it declares itself stay as they are."""
    own = {prefix.lower() for prefix in declared(query)}
    head = "".join(f"PREFIX {p}: <{i}>\n" for p, i in PREFIXES.items() if p not in own and f"{p}:" in query)
    return head + query
