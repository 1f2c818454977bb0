"""Grids of text to rows of the layout: sheets and headings found by their names, whatever else stands around them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from icsgraph.ask.names import fold
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import expand
from icsgraph.scheme.layout import Column, Layout, Sheet
from icsgraph.scheme.opening import Grid

__all__ = ["Cell", "Remark", "Row", "read_rows"]

# How far down headings may stand under titles and logos.
_HEAD = 25


@dataclass(frozen=True)
class Cell:
    """A cell that is not empty: what stands in it, and where, as ``Decisions!F14``."""

    text: str
    place: str


@dataclass(frozen=True)
class Remark:
    """Something of a workbook that could not be read, was left out, or was read with some licence; ``lost`` says which."""

    place: str
    message: str
    hint: str = ""
    lost: bool = True


@dataclass
class Row:
    """A row of a sheet: its cells by column, cells under other headings, and the heading it stands under."""

    sheet: Sheet
    number: int
    cells: dict[Column, Cell] = field(default_factory=dict)
    others: list[tuple[str, Cell]] = field(default_factory=list)
    theme: str = ""

    @property
    def place(self) -> str:
        """The cell by which the row is named: of its key, else of what it cannot do without, else the first."""
        for wanted in ("key", "required"):
            for column, cell in self.cells.items():
                if getattr(column, wanted):
                    return cell.place
        return next(iter(self.cells.values())).place


def read_rows(grids: Iterable[Grid], layout: Layout) -> tuple[list[Row], list[Remark]]:
    """The rows of all sheets that the layout knows, and what was left out.

    Raises ``IcsgraphError`` where no sheet has headings that are known: nothing would be read.
    """
    rows: list[Row] = []
    remarks: list[Remark] = []
    found = False
    for grid in grids:
        sheet, head, columns = _recognised(grid, layout)
        if sheet is None:
            if fold(grid.name) not in {fold(w) for w in layout.words["AsideWord"]} and grid.rows:
                first = _place(grid, 1, min(grid.rows))
                remarks.append(
                    Remark(
                        first,
                        f"The sheet “{grid.name}” has no headings that are known, so none of its {len(grid.rows)} rows was read.",
                        "Use the headings of the template.",
                    )
                )
            continue
        found = True
        new, said = _rows(grid, sheet, head, columns)
        rows += new
        remarks += said
        remarks += [
            Remark(
                f"{grid.name}!{cell}",
                "The cell has a formula whose value is not stored.",
                "Write the value, or open the file in Excel and save it.",
            )
            for cell in grid.uncalculated
        ]
    if not found:
        sheets = ", ".join(s.name for s in layout.sheets)
        raise IcsgraphError(
            "No sheet has headings that are known.", f"Start from icsgraph template; its sheets are {sheets}."
        )
    return rows, remarks


def _place(grid: Grid, column: int, row: int) -> str:
    return f"{grid.name}!{get_column_letter(column)}{row}"


def _recognised(grid: Grid, layout: Layout) -> tuple[Sheet | None, int, dict[int, Column]]:
    """The sheet of the layout that a grid is, the row of its headings, and its columns by their place.

    A name that is known counts; under another name, headings do.
    """
    name = fold(grid.name.replace("-", " ").replace("_", " "))
    if name in {fold(w) for w in layout.words["AsideWord"]}:
        return None, 0, {}
    named = [s for s in layout.sheets if name in {fold(n) for n in (s.name, *s.also)}]
    best: tuple[Sheet | None, int, dict[int, Column]] = (None, 0, {})
    for sheet in named or layout.sheets:
        known = {fold(n): c for c in reversed(sheet.columns) for n in c.names}
        known |= {fold(c.heading): c for c in sheet.columns}
        for number in sorted(grid.rows)[:_HEAD]:
            columns: dict[int, Column] = {}
            for at, text in enumerate(grid.rows[number], 1):
                column = known.get(fold(text)) if text else None
                if column and column not in columns.values():
                    columns[at] = column
            whole = all(c in columns.values() for c in sheet.columns if c.required)
            if whole and len(columns) > (len(best[2]) if named or best[0] else 1):
                best = (sheet, number, columns)
    return best


def _rows(grid: Grid, sheet: Sheet, head: int, columns: Mapping[int, Column]) -> tuple[list[Row], list[Remark]]:
    headings = grid.rows[head]
    remarks = [
        Remark(
            _place(grid, 1, number),
            f"What stands above the headings was not read: “{_short(' '.join(filter(None, grid.rows[number])))}”.",
            lost=False,
        )
        for number in sorted(grid.rows)
        if number < head
    ]
    rows: list[Row] = []
    theme = ""
    themed = any(c.fills == expand("ics:theme") for c in sheet.columns)
    for number, texts in grid.rows.items():
        if number <= head or texts == headings:
            continue
        row = Row(sheet, number)
        for at, text in enumerate(texts, 1):
            if not text:
                continue
            cell = Cell(text, _place(grid, at, number))
            if at in columns:
                row.cells[columns[at]] = cell
            else:
                row.others.append((headings[at - 1] if at <= len(headings) else "", cell))
        alone = sum(map(bool, texts)) == 1
        if themed and alone and (number in grid.headings or not any(c.required for c in row.cells)):
            theme = next(filter(None, texts))
            continue
        row.theme = theme
        if row.cells:
            rows.append(row)
        else:
            remarks += [
                Remark(c.place, f"“{_short(c.text)}” stands under no heading that is known.") for _, c in row.others
            ]
    return rows, remarks


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
