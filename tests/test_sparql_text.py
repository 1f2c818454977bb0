"""The reader of SPARQL text: it reads what the engine reads."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from icsgraph.core import sparql
from icsgraph.core.sparql import Unclear, bare, bind, projection, tokens, with_prefixes
from icsgraph.core.terms import rebased
from tests.conformance import syntax

# What makes texts hard to read, each beside each.
PIECES = [
    *("SELECT", "SERVICE", "SERVICEx:1", "FROM NAMED ", "PREFIX x: <y:>", "PREFIX : <y:>", "BOUND", "AS"),
    *("<a:b>", "<", ">", "(", ")", "{", "}", "#", "\n", "'", '"', '"""', "\\", "\\u0053", "x:", "ics:a", "@en", "_:b"),
    *("?s", "a", "1", " ", ".", "-", ":", "*"),
]


def texts(seed: int, many: int) -> list[str]:
    chance = random.Random(seed)
    return ["".join(chance.choices(PIECES, k=chance.randint(3, 14))) for _ in range(many)]


def test_every_query_of_ours_is_read_as_the_engine_reads_it(root: Path) -> None:
    paths = sorted((root / "queries").rglob("*.rq"))
    found = {path.name: syntax.fault(rebased(path.read_text(encoding="utf-8"))) for path in paths}
    assert {name: fault for name, fault in found.items() if fault} == {}
    assert sum(fault == "" for fault in found.values()) > 100


def test_a_reader_that_takes_a_string_for_a_name_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    query = "SELECT ?s (CONCAT(') AS ?no) ', ?s) AS ?t) { ?s ?p ?o }"
    assert syntax.fault(query) == ""
    monkeypatch.setattr(sparql, "_HIDING", r"(?P<comment>#[^\n\r]*)|(?P<string>'')|(?P<iri><[^<>\s]*>)")
    sparql._patterns.cache_clear()
    try:
        assert syntax.fault(query)
    finally:
        sparql._patterns.cache_clear()


def test_tokens_are_the_text_and_what_is_bare_is_told_from_them() -> None:
    for text in texts(1, 3000):
        parts = list(tokens(text))
        assert "".join(token.text for token in parts) == text
        plain = ("word", "space", "mark")
        assert bare(text) == "".join(token.text if token.kind in plain else " " for token in parts), text


def test_a_projection_is_read_by_its_parts() -> None:
    asked = projection(
        "PREFIX a: <a:> # SELECT ?no\nSELECT DISTINCT ?a (GROUP_CONCAT(?b; separator=' ?x ') AS ?c) { ?a ?p ?b }"
    )
    assert (asked.names, asked.everything) == (("a", "c"), False)
    assert projection("SELECT (COUNT(*) AS ?n) WHERE {}").everything is False
    assert projection("SELECT * WHERE {}").everything is True
    with pytest.raises(Unclear):
        projection("ASK {}")


@pytest.mark.parametrize(
    ("query", "bound"),
    [
        ("SELECT ?s ?o { ?s ?p ?o }", "SELECT  ?o { <a:b> ?p ?o }"),
        ("SELECT $s ?o { $s ?p '?s' }", "SELECT  ?o { <a:b> ?p '?s' }"),
        ("SELECT DISTINCT ?s WHERE { ?s ?p 1 }", "SELECT DISTINCT (1 AS ?x_there)  WHERE { <a:b> ?p 1 }"),
        ("SELECT ?o { ?s ?p ?o # ?s }\n}", "SELECT ?o { <a:b> ?p ?o \n}"),
        ("SELECT (STR(?s) AS ?t) { FILTER(BOUND ( ?s ) && ?s = 1) }", "SELECT (STR(<a:b>) AS ?t) { FILTER(true && <a:b> = 1) }"),
        ("SELECT ?o { } GROUP BY ?s ?o ORDER BY ?s LIMIT 1", "SELECT ?o { } GROUP BY  ?o    LIMIT 1"),
        ("SELECT ?o { { SELECT ?s (')' AS ?q) ?s { ?s ics:select ?o } } }", "SELECT ?o { { SELECT  (')' AS ?q)  { <a:b> ics:select ?o } } }"),
    ],
)  # fmt: skip
def test_a_value_stands_where_its_variable_stood_and_leaves_the_lists(query: str, bound: str) -> None:
    assert bind(query, {"s": "<a:b>"}) == bound


def test_prefixes_declared_in_a_comment_are_not_declared() -> None:
    assert with_prefixes("# PREFIX ics: <x:>\nASK { ?s a ics:Body }").startswith("PREFIX ics: <https://")
    assert with_prefixes("PREFIX ics: <x:> ASK { ?s a ics:Body }").startswith("PREFIX ics: <x:>")
