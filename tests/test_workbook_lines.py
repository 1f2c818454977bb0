"""Eighty lines of schemes as their boards wrote them: every holder, limit and condition is kept or listed, and no cell is without effect."""

from __future__ import annotations

import csv
from itertools import groupby
from pathlib import Path

import pytest

from icsgraph.ask.names import Names
from icsgraph.core.terms import DEF, expand
from icsgraph.graph.store import Store
from icsgraph.scheme.check import read_workbook
from icsgraph.scheme.opening import Grid
from icsgraph.scheme.triples import Workbook

Line = dict[str, str]
# The headings under which the boards publish, and the columns of the table that hold what stands there.
HEADINGS = {
    "Decision": "line_paraphrased",
    "Reserved to": "reserved_to",
    "Delegated to": "delegated_to",
    "Notes": "notes",
    "Address": "url",
}


@pytest.fixture(scope="module")
def names(store: Store) -> Names:
    return Names(store)


@pytest.fixture(scope="module")
def lines(root: Path) -> list[Line]:
    with (root / "tests" / "workbook" / "sord_lines.csv").open(encoding="utf-8", newline="") as handle:
        found = list(csv.DictReader(handle))
    assert len(found) == 80
    return found


def grid(lines: list[Line]) -> Grid:
    rows = {number: [line[c] for c in HEADINGS.values()] for number, line in enumerate(lines, 2)}
    return Grid("Decisions", {1: list(HEADINGS), **rows})


def kept(lines: list[Line], root: Path, names: Names) -> list[tuple[str, str]]:
    """What stands in the graph for each line of one board, and what was listed instead, both as text."""
    book = read_workbook([grid(lines)], root, names, "2026-11-25")
    said: dict[str, dict[str, list[str]]] = {}
    for triple in book.triples:
        said.setdefault(triple.subject.value, {}).setdefault(triple.predicate.value, []).append(triple.object.value)

    def one(thing: str, name: str) -> str:
        return next(iter(said[thing].get(expand(name), ())), "")

    held: dict[str, list[str]] = {}
    for thing, facts in said.items():
        if expand("ics:underLine") in facts:
            limits = [
                f"{word} {one(thing, name)}"
                for word, name in (("above", "ics:above"), ("up to", "ics:upTo"))
                if one(thing, name)
            ]
            more = [
                *limits,
                *(["residual"] if one(thing, "ics:residual") else []),
                *sorted(facts.get(DEF + "condition", ())),
            ]
            holder = one(one(thing, "ics:authorityOf"), "rdfs:label")
            words = f"{one(thing, 'ics:part').removeprefix(DEF)}: {holder}" + (f" ({'; '.join(more)})" if more else "")
            held.setdefault(one(thing, "ics:underLine"), []).append(words)
    own = [thing for thing, facts in said.items() if expand("ics:partOfScheme") in facts]
    own.sort(key=lambda thing: int(one(thing, "ics:position")))
    assert len(own) == len(lines)
    assert [one(thing, "rdfs:label") for thing in own] == [line["line_paraphrased"] for line in lines]
    rows = [
        " | ".join(r.message for r in book.remarks if r.lost and r.place in (f"Decisions!B{n}", f"Decisions!C{n}"))
        for n in range(2, len(own) + 2)
    ]
    return list(zip([" | ".join(sorted(held.get(thing, ()))) for thing in own], rows, strict=True))


def boards(lines: list[Line]) -> list[list[Line]]:
    return [list(own) for _, own in groupby(lines, key=lambda line: line["icb"])]


def test_every_holder_limit_and_condition_is_kept_or_listed(lines: list[Line], root: Path, names: Names) -> None:
    wrong = []
    for own in boards(lines):
        for line, found in zip(own, kept(own, root, names), strict=True):
            if found != (line["kept"], line["listed"]):
                wrong.append((line["line_paraphrased"], found))
    assert wrong == []


def test_no_cell_is_without_effect(lines: list[Line], root: Path, names: Names) -> None:
    """Whatever is taken out of a cell is missing from the graph or from what is listed, unless the cell says that nothing stands in it."""

    def of(book: Workbook) -> tuple[set[str], list[tuple[str, str]]]:
        return {str(t) for t in book.triples}, [(r.place, r.message) for r in book.remarks]

    silent = set()
    for own in boards(lines):
        whole = grid(own)
        before = of(read_workbook([whole], root, names, "2026-11-25"))
        for number, texts in whole.rows.items():
            for at, text in enumerate(texts):
                if number > 1 and text:
                    less = {**whole.rows, number: [*texts[:at], "", *texts[at + 1 :]]}
                    if of(read_workbook([Grid("Decisions", less)], root, names, "2026-11-25")) == before:
                        silent.add(text)
    assert silent == {"committee: no; individual: no", "n/s", "n/a"}
