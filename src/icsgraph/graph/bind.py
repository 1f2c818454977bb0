"""Values written into the text of a query, for engines that are reached by text alone."""

from __future__ import annotations

import re
from collections.abc import Mapping

from icsgraph.core.terms import PREFIXES
from icsgraph.graph.rdf import Term

__all__ = ["bind", "with_prefixes"]

# What holds no variable: texts, addresses, comments. Then variables, and the words that open and close a projection.
_TOKEN = re.compile(
    r"(?P<skip>\"\"\".*?\"\"\"|'''.*?'''|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|<[^<>\"{}|^`\\\s]*>|#[^\n]*)"
    r"|(?P<bound>\bBOUND\s*\(\s*[?$](?P<tested>\w+)\s*\))"
    r"|(?P<as>\bAS\s+[?$]\w+)"
    r"|[?$](?P<name>\w+)"
    r"|\b(?P<word>SELECT|WHERE|GROUP\s+BY|ORDER\s+BY|HAVING|LIMIT|OFFSET|VALUES)\b"
    r"|(?P<mark>[{}])",
    re.DOTALL | re.IGNORECASE,
)


def bind(query: str, values: Mapping[str, Term] | Mapping[str, str]) -> str:
    """A SELECT query with values in place of variables; the variables given are then not among its results.

    A variable leaves SELECT, GROUP BY and ORDER BY lists and becomes its value everywhere else, nested queries included.
    It must not be assigned by BIND or VALUES in the query. A value is a term, or a term as SPARQL writes it.
    """
    out: list[str] = []
    end = 0
    # Whether a list of names is being read: after SELECT, GROUP BY and ORDER BY, until the next word or brace.
    listing = False
    for match in _TOKEN.finditer(query):
        out.append(query[end : match.start()])
        end = match.end()
        text = match[0]
        if text.startswith("#"):
            # A comment may hold words of the language; the engine needs none of it.
            text = ""
        elif match["word"]:
            listing = match["word"].upper().split()[0] in ("SELECT", "GROUP", "ORDER")
        elif match["mark"]:
            listing = False
        elif match["tested"] in values:
            text = "true"
        elif match["name"] in values:
            text = "" if listing and _depth(out) == 0 else str(values[match["name"]])
        out.append(text)
    out.append(query[end:])
    return "".join(out)


def _depth(parts: list[str]) -> int:
    """How many parentheses are open since the list began; names within an expression of a list stay."""
    depth = 0
    for part in reversed(parts):
        if _TOKEN.fullmatch(part) and part.upper().split()[0] in ("SELECT", "GROUP", "ORDER"):
            break
        depth += part.count("(") - part.count(")")
    return depth


def with_prefixes(query: str) -> str:
    """The query with the prefixes of this project declared before it; those it declares itself stay as they are."""
    own = {p.lower() for p in re.findall(r"\bPREFIX\s+([\w-]*):", query, re.IGNORECASE)}
    head = "".join(f"PREFIX {p}: <{i}>\n" for p, i in PREFIXES.items() if p not in own and f"{p}:" in query)
    return head + query
