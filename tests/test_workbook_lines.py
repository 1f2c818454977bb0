"""Eighty lines of schemes as their boards wrote them: every holder, limit and condition is kept or listed, and no cell is without effect."""

from __future__ import annotations

import csv
from itertools import groupby
from pathlib import Path

import pytest

from icsgraph.ask.names import Names
from icsgraph.scheme.check import read_workbook
from icsgraph.scheme.opening import Grid
from icsgraph.scheme.triples import Workbook
from tests.workbook_said import Said, grid

Line = dict[str, str]
# The headings under which the boards publish, and the columns of the table that hold what stands there.
HEADINGS = {
    "Decision": "line_paraphrased",
    "Reserved to": "reserved_to",
    "Delegated to": "delegated_to",
    "Notes": "notes",
    "Address": "url",
}
DAY = "2026-11-25"


@pytest.fixture(scope="module")
def boards(root: Path) -> list[list[Line]]:
    with (root / "tests" / "workbook" / "sord_lines.csv").open(encoding="utf-8", newline="") as handle:
        found = list(csv.DictReader(handle))
    assert len(found) == 80
    return [list(own) for _, own in groupby(found, key=lambda line: line["icb"])]


def sheet(lines: list[Line]) -> Grid:
    return grid("Decisions", list(HEADINGS), *([line[c] for c in HEADINGS.values()] for line in lines))


def kept(lines: list[Line], root: Path, names: Names) -> list[tuple[str, str, str]]:
    """For each line of one board its decision, who holds it in the graph, and what of it was listed instead."""
    said = Said(read_workbook([sheet(lines)], root, names, DAY))
    lost = said.remarks()
    listed = [
        " | ".join(m for place, m in lost if place in (f"Decisions!B{n}", f"Decisions!C{n}"))
        for n in range(2, len(lines) + 2)
    ]
    held = said.lines()
    return [(decision, " | ".join(held[decision]), more) for decision, more in zip(held, listed, strict=True)]


def test_every_holder_limit_and_condition_is_kept_or_listed(boards: list[list[Line]], root: Path, names: Names) -> None:
    found = [line for own in boards for line in kept(own, root, names)]
    assert found == [(line["line_paraphrased"], line["kept"], line["listed"]) for own in boards for line in own]


def test_no_cell_is_without_effect(boards: list[list[Line]], root: Path, names: Names) -> None:
    """Whatever is taken out of a cell is missing from the graph or from what is listed, unless the cell says that nothing stands in it."""

    def of(book: Workbook) -> tuple[set[str], list[tuple[str, str]]]:
        return {str(t) for t in book.triples}, [(r.place, r.message) for r in book.remarks]

    silent = set()
    for own in boards:
        whole = sheet(own)
        before = of(read_workbook([whole], root, names, DAY))
        for number, texts in whole.rows.items():
            for at, text in enumerate(texts):
                if number > 1 and text:
                    less = {**whole.rows, number: [*texts[:at], "", *texts[at + 1 :]]}
                    if of(read_workbook([Grid(name="Decisions", rows=less)], root, names, DAY)) == before:
                        silent.add(text)
    assert silent == {"committee: no; individual: no", "n/s", "n/a"}
