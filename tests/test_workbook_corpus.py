"""Cells and sheets as boards write them, each with its exact reading or the exact list of what was not read, there and back."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import pytest

from icsgraph.ask.names import Names
from icsgraph.core.terms import DEF
from icsgraph.scheme.cells.reader import CellReader, CellReading, LimitReading
from icsgraph.scheme.check import read_workbook
from icsgraph.scheme.layout import Layout, read_layout, same
from icsgraph.scheme.opening import Grid, open_workbook
from icsgraph.scheme.publish import Publisher
from icsgraph.scheme.template import write_template
from tests.workbook_said import Said, grid

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "tests" / "workbook"
DAY = "2026-11-25"
BOARD = "the Board"
# The posts and committees of a small board, with what else they are called.
LISTED = {
    "Chief Executive": ["CEO"], "Chief Finance Officer": ["CFO"], "Chief Nurse": [], "Budget Holder": [], "Clinician": [],
    "Chair of the Board": ["Chair"], "Audit and Risk Committee": ["Audit & Risk Cttee"], "Finance Committee": [], "Quality Committee": [],
}  # fmt: skip


def load(name: str) -> Any:
    with (FOLDER / name).open("rb") as handle:
        return tomllib.load(handle)


# ---------------------------------------------------------------- cells


@pytest.fixture(scope="module")
def layout() -> Layout:
    return read_layout(ROOT)


def small_reader(layout: Layout) -> CellReader:
    """The reader of cells that knows the small board."""
    known = {same(n, layout.short): name for name, also in LISTED.items() for n in (name, *also)}
    return CellReader(layout, lambda name, picks: known.get(same(name, layout.short), ""), BOARD)


@pytest.fixture(scope="module")
def reader(layout: Layout) -> CellReader:
    return small_reader(layout)


def holders(reading: CellReading) -> list[str]:
    """What a reading says of holders: ``Recommends: ?Head of Estates (above 5; up to 10; within budget)``."""
    found = []
    for held in reading.holdings:
        low, high = held.limit
        more = [f"above {low}"] * (low is not None) + [f"up to {high}"] * (high is not None)
        more += ["no limit"] * held.unlimited + ["residual"] * held.residual + list(held.conditions)
        part = f"{held.part.removeprefix(DEF)}: " if held.part else ""
        found.append(f"{part}{held.address or '?' + held.name}" + (f" ({'; '.join(more)})" if more else ""))
    return found


CELLS = load("cells.toml")["cells"]


def test_the_corpus_of_cells_is_large() -> None:
    assert len({text for text, *_ in CELLS}) >= 600


@pytest.mark.parametrize(("text", "held", "unread", "told"), CELLS, ids=lambda v: v if isinstance(v, str) else "")
def test_a_cell_is_read_or_listed(
    reader: CellReader, text: str, held: list[str], unread: list[str], told: bool
) -> None:
    reading = reader.read(text, (DEF + "LocalPost",))
    assert holders(reading) == held
    assert [u.piece for u in reading.unread] == unread
    assert bool(reading.notes) == told


def limit_said(reading: LimitReading) -> list[str]:
    """What a cell of limits says: ``up to 50000``, ``nothing``, a holder with its own, and words kept in quotation marks."""
    low, high = reading.limit
    said = [f"above {low}"] * (low is not None) + [f"up to {high}"] * (high is not None)
    said += ["no limit"] * reading.unlimited + ["nothing"] * reading.nil
    said += [f"each: {a} {b}" for a, b in reading.each]
    said += holders(reading.holders) if reading.holders else []
    return said + [f"“{w}”" for w in reading.words]


@pytest.mark.parametrize(
    ("text", "said", "listed"), load("cells.toml")["limits"], ids=lambda v: v if isinstance(v, str) else ""
)
def test_a_cell_of_limits_is_read_or_listed(reader: CellReader, text: str, said: list[str], listed: bool) -> None:
    reading = reader.read_limit(text, (DEF + "LocalPost",))
    assert limit_said(reading) == said
    assert bool(reading.unread) == listed


# ---------------------------------------------------------------- sheets

LISTS = [
    grid("Scheme", ["Title", "Board", "Version"], ["Scheme of reservation and delegation", "NHS Fernshire Integrated Care Board", "1.0"]),
    grid("Bodies", ["Body", "Code", "Kind of body"], ["NHS Fernshire Integrated Care Board", "", "Integrated care board"], ["NHS England", "X24", ""]),
    grid("Committees", ["Committee", "Also called", "Legal form"], ["Audit and Risk Committee", "Audit Committee", "Committee"],
         ["Finance Committee", "", "Committee"], ["Quality Committee", "", "Committee"]),
    grid("Posts", ["Post", "Also called"], ["Chief Executive", "CEO"], ["Chief Finance Officer", "CFO; Director of Finance"], ["Chief Nurse", ""],
         ["Chair of the Board", "Chair"], ["Director of Place", ""], ["Head of Contracts", ""], ["Budget Holder", ""], ["On Call Director", ""],
         ["Clinician", ""]),
]  # fmt: skip
SHEETS = [case for name in ("field.toml", "layouts.toml") for case in load(name)["case"]]


def grids(case: dict[str, Any]) -> list[Grid]:
    """The sheets of a case: its lists where it has them, and one sheet or several."""
    sheets = case.get("sheets") or {case["sheet"]: case["rows"]}
    made = []
    for name, rows in sheets.items():
        made.append(grid(name, *rows))
        made[-1].spans = [tuple(s) for s in case.get("spans", [])]
        made[-1].headings = set(case.get("headings", []))
    return [*(LISTS if case["lists"] else []), *made]


def test_there_are_many_layouts() -> None:
    assert len(load("layouts.toml")["case"]) >= 50


@pytest.mark.parametrize("case", SHEETS, ids=lambda c: c["about"])
def test_a_sheet_is_read_or_listed(case: dict[str, Any], names: Names) -> None:
    said = Said(read_workbook(grids(case), ROOT, names, DAY))
    assert said.lines() == case["lines"]
    assert [place for place, _ in said.remarks()] == case["lost"]
    assert [place for place, _ in said.remarks(lost=False) if not place.startswith("Scheme")] == case["told"]
    themes = {said.label(t): said.one(t, "ics:theme") for t in said.of("ics:SchemeLine") if said.one(t, "ics:theme")}
    assert themes == case.get("themes", {})


# Words planted in the one cell of holders, or of limits, of a sound line; what then stands in the graph, and what is told at which cell.
PLANTED = [
    ("CFO (£50,000 and above); CEO (below £50,000)", "", ["Decides: Chief Executive (up to 50000.0)", "Decides: Chief Finance Officer (above 50000.0)"], []),
    ("CFO (up to £50,000; with three quotations); CEO", "", ["Decides: Chief Executive", "Decides: Chief Finance Officer (up to 50000.0; with three quotations)"], []),
    ("CFO (up to £50,000 with the CEO); CEO", "", ["Decides: Chief Executive", "Decides: Chief Finance Officer (up to 50000.0; with the CEO)"], []),
    ("CFO (nil); CEO", "", ["Decides: Chief Executive"], ["SoRD!B2"]),
    ("CFO", "Nil", [], ["SoRD!C2"]),
    ("CFO – no delegated authority", "£50,000", [], ["SoRD!B2"]),
    ("CFO if more than", "£50,000", ["Decides: Chief Finance Officer (above 50000.0)"], []),
    ("CEO but Board if over £1m", "", [], ["SoRD!B2"]),
    ("CFO submits to the Finance Committee", "", [], ["SoRD!B2"]),
    ("CFO", "£100.000", ["Decides: Chief Finance Officer"], ["SoRD!C2"]),
    ("CFO and CEO", "£50k and £100k", ["Decides: Chief Executive (up to 100000.0)", "Decides: Chief Finance Officer (up to 50000.0)"], []),
    ("CFO up to £10k; Board over", "", ["Decides: Chief Finance Officer (up to 10000.0)", "Decides: NHS Fernshire Integrated Care Board (above 10000.0)"], []),
]  # fmt: skip


@pytest.mark.parametrize(("holders_", "limit", "held", "told"), PLANTED, ids=lambda v: v if isinstance(v, str) else "")
def test_planted_words_are_found(holders_: str, limit: str, held: list[str], told: list[str], names: Names) -> None:
    sheet = grid("SoRD", ["Decision", "Delegated to", "Limit"], ["Spend", holders_, limit])
    said = Said(read_workbook([*LISTS, sheet], ROOT, names, DAY))
    assert said.lines() == {"Spend": held}
    assert [place for lost in (True, False) for place, _ in said.remarks(lost)] == told


@pytest.mark.parametrize("case", SHEETS, ids=lambda c: c["about"])
def test_what_is_written_to_a_workbook_reads_as_the_same_graph(case: dict[str, Any], names: Names) -> None:
    first = read_workbook(grids(case), ROOT, names, DAY)
    again = read_workbook(open_workbook(write_template(ROOT, names, first.triples), "again.xlsx"), ROOT, names, DAY)
    assert Said(again).lines() == Said(first).lines()
    whole = case["lists"]
    if whole:
        assert {str(t) for t in again.triples} == {str(t) for t in first.triples}


@pytest.mark.parametrize("case", [c for c in SHEETS if c["lists"]], ids=lambda c: c["about"])
def test_what_is_published_in_word_reads_as_the_same_graph(
    case: dict[str, Any], names: Names, publisher: Publisher
) -> None:
    first = read_workbook(grids(case), ROOT, names, DAY)
    day = dt.date.fromisoformat(DAY)
    files = publisher.files(publisher.read(first.triples), "sord", "again.docx", day, triples=first.triples)
    again = read_workbook(open_workbook(files["again.docx"], "again.docx"), ROOT, names, DAY)
    assert {str(t) for t in again.triples} == {str(t) for t in first.triples}
