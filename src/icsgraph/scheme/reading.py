"""Grids of text to rows of the layout: sheets and headings found by their names, whatever else stands around them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from icsgraph.ask.names import fold
from icsgraph.core.errors import IcsgraphError
from icsgraph.scheme.layout import Column, Layout, Sheet
from icsgraph.scheme.opening import Grid

__all__ = ["Cell", "Remark", "Row", "read_rows"]

# How far down headings may stand under titles and logos.
_HEAD = 25
_SHOW = "Show it and check again, if it is part of the scheme."
# What a spreadsheet shows where a formula failed.
_ERRORS = ("#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!")


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
    """A row of a sheet: its cells by column, and those under other headings.

    ``theme`` is the heading among the rows that it stands under, ``document`` the sheet's name where several hold lines,
    and ``steps`` are rows below it that only go on with it.
    """

    sheet: Sheet
    number: int
    cells: dict[Column, Cell] = field(default_factory=dict)
    others: list[tuple[str, Cell]] = field(default_factory=list)
    theme: Cell | None = None
    document: str = ""
    steps: list[Row] = field(default_factory=list)

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
    aside = {fold(w) for w in layout.words["AsideWord"]}
    tables = []
    for grid in grids:
        if fold(grid.name) in aside:
            continue
        if grid.hidden:
            remarks.append(Remark(f"{grid.name}!A1", f"The sheet “{grid.name}” is hidden, so it was not read.", _SHOW))
        elif found := _recognised(grid, layout):
            tables.append((grid, *found))
        elif grid.rows:
            told = f"The sheet “{grid.name}” has no headings that are known, so none of its {len(grid.rows)} rows was read."
            remarks.append(Remark(_place(grid, 1, min(grid.rows)), told, "Use the headings of the template."))
    of_lines = [grid.name for grid, sheet, *_ in tables if sheet.filling("ics:inDocument")]
    for grid, sheet, head, columns in tables:
        new, said = _rows(grid, sheet, head, columns)
        for row in new if len(of_lines) > 1 else ():
            row.document = grid.name
        rows += new
        remarks += said
        told, hint = "The cell has a formula whose value is not stored.", "Write the value, or save the file in Excel."
        remarks += [Remark(f"{grid.name}!{cell}", told, hint) for cell in grid.uncalculated]
    if not tables:
        sheets = ", ".join(s.name for s in layout.sheets)
        raise IcsgraphError(
            "No sheet has headings that are known.", f"Start from icsgraph template; its sheets are {sheets}."
        )
    return rows, remarks


def _place(grid: Grid, column: int, row: int) -> str:
    return f"{grid.name}!{get_column_letter(column)}{row}"


def _recognised(grid: Grid, layout: Layout) -> tuple[Sheet, int, dict[int, Column]] | None:
    """The sheet of the layout that a grid is, the row of its headings, and its columns by their place; none where it is none.

    A name that is known counts; under another name, headings do. A list of headings downwards, each with its value beside it,
    is turned into a table first.
    """
    name = fold(grid.name.replace("-", " ").replace("_", " "))
    named = [s for s in layout.sheets if name in {fold(n) for n in (s.name, *s.also)}]
    best: tuple[Sheet, int, dict[int, Column]] | None = None
    for sheet in named or layout.sheets:
        known = {fold(n): c for c in reversed(sheet.columns) for n in c.names}
        known |= {fold(c.heading): c for c in sheet.columns}
        downwards = _headings({n: cells[0] for n, cells in grid.rows.items() if cells}, known)
        for number in sorted(grid.rows)[:_HEAD]:
            columns = _headings(dict(enumerate(grid.rows[number], 1)), known)
            whole = all(c in columns.values() for c in sheet.columns if c.required)
            if whole and len(columns) > max(len(best[2]) if best else bool(not named), len(downwards) - 1):
                best = (sheet, number, columns)
        if not best and len(downwards) > 1 and all(c in downwards.values() for c in sheet.columns if c.required):
            return sheet, 0, downwards
    return best


def _headings(texts: Mapping[int, str], known: Mapping[str, Column]) -> dict[int, Column]:
    """The columns that texts are the headings of, each once, by the place of the text."""
    columns: dict[int, Column] = {}
    for at, text in texts.items():
        column = known.get(fold(text)) if text else None
        if column and column not in columns.values():
            columns[at] = column
    return columns


def _rows(grid: Grid, sheet: Sheet, head: int, columns: Mapping[int, Column]) -> tuple[list[Row], list[Remark]]:
    if not head:
        return _downwards(grid, sheet, columns)
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
    theme: Cell | None = None
    lines = sheet.filling("ics:theme") is not None
    for number, texts in grid.rows.items():
        if number <= head or texts == headings:
            continue
        row = Row(sheet, number)
        for at, text in enumerate(texts, 1):
            if not text:
                continue
            cell = Cell(text, _place(grid, at, number))
            if text in _ERRORS:
                remarks.append(
                    Remark(cell.place, f"The cell has the error {text}.", "Mend its formula, or write the value.")
                )
            elif at in columns:
                row.cells[columns[at]] = cell
            else:
                row.others.append((headings[at - 1] if at <= len(headings) else "", cell))
        if lines and _is_heading(grid, row, number, columns):
            theme = next(iter([*row.cells.values(), *(c for _, c in row.others)]))
        elif lines and rows and _goes_on(grid, row, columns):
            rows[-1].steps.append(row)
        elif row.cells:
            row.theme = theme
            rows.append(row)
        else:
            remarks += [
                Remark(c.place, f"“{_short(c.text)}” stands under no heading that is known.") for _, c in row.others
            ]
    return rows, remarks


def _downwards(grid: Grid, sheet: Sheet, columns: Mapping[int, Column]) -> tuple[list[Row], list[Remark]]:
    """The one row of a sheet whose headings stand below each other, each with its value beside it."""
    row, remarks = Row(sheet, 1), []
    for number, texts in grid.rows.items():
        values = [(at, t) for at, t in enumerate(texts[1:], 2) if t]
        if number in columns and values:
            row.cells[columns[number]] = Cell(values[0][1], _place(grid, values[0][0], number))
            values = values[1:]
        remarks += [
            Remark(_place(grid, at, number), f"“{_short(t)}” stands beside no heading that is known.")
            for at, t in values
        ]
    return [row] if row.cells else [], remarks


def _is_heading(grid: Grid, row: Row, number: int, columns: Mapping[int, Column]) -> bool:
    """Whether a row is a heading among others: one cell, merged across or at the left, where no decision stands."""
    cells = [*row.cells.values(), *(c for _, c in row.others)]
    if len(cells) != 1:
        return False
    at_left = not row.cells or next(iter(row.cells)) is columns[min(columns)]
    return number in grid.headings or (at_left and not any(c.required for c in row.cells))


def _goes_on(grid: Grid, row: Row, columns: Mapping[int, Column]) -> bool:
    """Whether a row only adds holders to the line above: it names no line of its own, or shows the one merged from above."""
    places = {column: at for at, column in columns.items()}
    naming = [c for c in row.cells if c.key or c.required]
    own = [c for c in naming if (row.number, places[c]) not in grid.repeated]
    return not own and any(c.holders for c in row.cells)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
