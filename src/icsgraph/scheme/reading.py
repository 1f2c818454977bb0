"""Grids of text to rows of the layout: sheets and headings found by their names, whatever else stands around them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from icsgraph.ask.names import fold
from icsgraph.core.errors import IcsgraphError
from icsgraph.scheme.headings import Guess, Headings, Told, read_told, recognise
from icsgraph.scheme.layout import Column, Layout, Sheet
from icsgraph.scheme.listing import listed
from icsgraph.scheme.opening import Grid
from icsgraph.scheme.remarks import Remark

__all__ = ["Cell", "Row", "read_rows"]

_SHOW = "Show it and check again, if it is part of the scheme."
# What a spreadsheet shows where a formula failed.
_ERRORS = ("#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!")


@dataclass(frozen=True)
class Cell:
    """A cell that is not empty: what stands in it, and where, as ``Decisions!F14``."""

    text: str
    place: str


@dataclass
class Row:
    """A row of a sheet: its cells by column, and those under other headings.

    ``theme`` is the heading among the rows that it stands under, ``document`` the sheet's name where several hold lines,
    ``titled`` the name of a sheet without columns of holders, and ``steps`` are rows below it that only go on with it.
    """

    sheet: Sheet
    number: int
    cells: dict[Column, Cell] = field(default_factory=dict)
    others: list[tuple[str, Cell]] = field(default_factory=list)
    theme: Cell | None = None
    document: str = ""
    titled: Cell | None = None
    steps: list[Row] = field(default_factory=list)

    @property
    def place(self) -> str:
        """The cell by which the row is named: of its key, else of what it cannot do without, else the first."""
        for wanted in ("key", "required"):
            for column, cell in self.cells.items():
                if getattr(column, wanted):
                    return cell.place
        return next(iter(self.cells.values())).place


def _matters(grid: Grid, layout: Layout) -> bool:
    """Whether a table of a document may be part of its scheme: it has a sum or a word for a post or committee in it."""
    roles = {*layout.words["RoleWord"], *layout.words["CommitteeWord"]}
    words = {w.strip("(),.;:").casefold() for row in grid.rows.values() for cell in row for w in cell.split()}
    return bool(words & roles) or any("£" in cell for row in grid.rows.values() for cell in row)


def read_rows(grids: Iterable[Grid], layout: Layout) -> tuple[list[Row], list[Remark], list[Guess]]:
    """The rows of all sheets that the layout knows, what was left out, and what was guessed of columns.

    Raises ``IcsgraphError`` where no sheet has headings that are known: nothing would be read.
    """
    rows: list[Row] = []
    remarks: list[Remark] = []
    guesses: list[Guess] = []
    aside = {fold(w) for w in layout.words["AsideWord"]}
    columns = {fold(w) for w in layout.words["ColumnsWord"]}
    grids = list(grids)
    told: dict[tuple[str, str], str] = {}
    for grid in grids:
        told |= read_told(grid) if fold(grid.name) in columns else {}
    tables: list[tuple[Grid, Headings]] = []
    for grid in grids:
        remarks += grid.said
        if grid.listed:
            made, said_ = listed(grid, layout)
            remarks += said_
            if made:
                tables += [(made, found) for found in [recognise(made, layout, {})] if found]
            continue
        if fold(grid.name) in aside | columns:
            continue
        if grid.hidden:
            remarks.append(Remark(f"{grid.name}!A1", f"The sheet “{grid.name}” is hidden, so it was not read.", _SHOW))
        elif found := recognise(grid, layout, told) or _continued(grid, tables):
            tables.append((grid, found))
        elif grid.rows and grid.part_of:
            words = " | ".join(filter(None, grid.rows[min(grid.rows)]))
            said = f"{grid.name} has no headings that are known, so none of its {len(grid.rows)} rows was read: “{_short(words)}”."
            remarks.append(
                Remark(
                    _place(grid, 1, min(grid.rows)),
                    said,
                    "Use the headings of the template.",
                    lost=_matters(grid, layout),
                )
            )
        elif grid.rows:
            said = f"The sheet “{grid.name}” has no headings that are known, so none of its {len(grid.rows)} rows was read."
            remarks.append(Remark(_place(grid, 1, min(grid.rows)), said, "Use the headings of the template."))
    of_lines = [grid.name for grid, found in tables if not grid.part_of and found.sheet.filling("ics:inDocument")]
    before = ""
    for grid, found in tables:
        new, said_ = _rows(grid, found, layout, told)
        for row in new if len(of_lines) > 1 and not grid.part_of else ():
            row.document = grid.name
        if grid.continues and rows and rows[-1].theme and grid.heading == before:
            for row in new:
                row.theme = row.theme or rows[-1].theme
        before = grid.heading
        for row in new if grid.part_of and grid.heading and found.sheet.filling("ics:theme") else ():
            row.theme = row.theme or Cell(grid.heading, row.place)
        rows += new
        remarks += said_
        guesses += found.guesses
        remarks += [
            Remark(
                _place(grid, next((at for at, t in found.texts.items() if t == g.heading), 1), max(found.row, 1)),
                f"The column “{g.heading}” was read as “{g.column}”, {g.how}.",
                "Say otherwise on a sheet named Columns, with Sheet, Heading and Read as.",
                lost=False,
            )
            for g in found.guesses
            if g.column and g.how != "as the sheet of columns says"
        ]
        wrong, hint = "The cell has a formula whose value is not stored.", "Write the value, or save the file in Excel."
        remarks += [Remark(f"{grid.name}!{cell}", wrong, hint) for cell in grid.uncalculated]
    if not tables:
        sheets = ", ".join(s.name for s in layout.sheets)
        raise IcsgraphError(
            "No sheet has headings that are known.", f"Start from icsgraph template; its sheets are {sheets}."
        )
    return rows, remarks, guesses


def _continued(grid: Grid, tables: list[tuple[Grid, Headings]]) -> Headings | None:
    """The headings of the table before, for a table without any that goes on with it: as wide, and said to continue."""
    if not (tables and grid.continues):
        return None
    _, before = tables[-1]
    return None if before.downwards else Headings(before.sheet, 0, before.columns, before.texts)


def _place(grid: Grid, column: int, row: int) -> str:
    return f"{grid.name}!{get_column_letter(column)}{row}"


def _rows(grid: Grid, found: Headings, layout: Layout, told: Told) -> tuple[list[Row], list[Remark]]:
    if found.downwards:
        return _downwards(grid, found.sheet, found.columns)
    sheet, head, columns = found.sheet, found.row, found.columns
    headings = grid.rows.get(head, [])
    remarks = [
        Remark(
            _place(grid, 1, number),
            f"What stands above the headings was not read: “{_short(' '.join(filter(None, grid.rows[number])))}”.",
            lost=False,
        )
        for number in sorted(grid.rows)
        if number < found.first
    ]
    ignored = {at for at, text in found.texts.items() if told.get((fold(grid.name), fold(text)), "x") == ""}
    rows: list[Row] = []
    theme: Cell | None = None
    lines = sheet.filling("ics:theme") is not None
    numbers = [n for n in grid.rows if n > head and grid.rows[n] != headings]
    for place, number in enumerate(numbers):
        texts = grid.rows[number]
        row = Row(sheet, number)
        for at, text in enumerate(texts, 1):
            if not text or at in ignored:
                continue
            cell = Cell(text, _place(grid, at, number))
            if text in _ERRORS:
                remarks.append(
                    Remark(cell.place, f"The cell has the error {text}.", "Mend its formula, or write the value.")
                )
            elif at in columns:
                row.cells[columns[at]] = Cell(_scaled(text, found.texts.get(at, ""), columns[at]), cell.place)
            else:
                row.others.append((found.texts.get(at, ""), cell))
        following = grid.rows[numbers[place + 1]] if place + 1 < len(numbers) else []
        if lines and (note := _footnote(row)):
            remarks.append(
                Remark(
                    note.place,
                    f"The note below the table was not read: “{_short(note.text)}”.",
                    "Move what it says to the lines it is about.",
                )
            )
        elif lines and _is_heading(grid, row, number, columns, following):
            theme = _theme(row)
        elif lines and rows and _goes_on(grid, row, columns, rows[-1]):
            rows[-1].steps.append(row)
        elif row.cells:
            row.theme = theme
            rows.append(row)
        else:
            remarks += [
                Remark(c.place, f"“{_short(c.text)}” stands under no heading that is known.") for _, c in row.others
            ]
    if lines:
        _carry_themes(rows)
        _carry_holders(rows, columns)
        if not any(c.holders for c in columns.values()):
            for row in rows:
                row.titled = Cell(grid.heading or grid.name, f"{grid.name}!A1")
    return rows, remarks


def _carry_themes(rows: list[Row]) -> None:
    """Let a theme that is written once, at the first of its lines, count for those below it."""
    last: Cell | None = None
    for row in rows:
        own = next((c for column, c in row.cells.items() if column.fills.endswith("/theme")), None)
        last = own or last
        if own is None and row.theme is None:
            row.theme = last


def _carry_holders(rows: list[Row], columns: Mapping[int, Column]) -> None:
    """Let a holder written once at the left of its decisions count for those below it, as in lists grouped by who decides."""
    places = {column: at for at, column in columns.items()}
    holders = [c for c in places if c.holders]
    decision = next((c for c in places if c.required), None)
    if len(holders) != 1 or decision is None or places[holders[0]] > places[decision]:
        return
    last: Cell | None = None
    for row in rows:
        last = row.cells.get(holders[0], last)
        if last is not None and not row.theme:
            row.cells.setdefault(holders[0], last)


# Sums in a column whose heading says that they are thousands or millions.
_SCALES = (
    (re.compile(r"£\s*'?[0o]{3}s?\b|£\s*’000|£ ?k\b|\bthousands?\b", re.IGNORECASE), "k"),
    (re.compile(r"£ ?m(?:n|illion)?s?\b", re.IGNORECASE), "m"),
)


def _scaled(text: str, heading: str, column: Column) -> str:
    """A sum with the unit that its heading gives it.

    “50” under “Limit £000” is £50k.
    """
    if column.fills.endswith("/upTo") and re.fullmatch(r"[£\d,. ]+", text):
        return next((f"£{text.lstrip('£ ')}{unit}" for pattern, unit in _SCALES if pattern.search(heading)), text)
    return text


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


def _theme(row: Row) -> Cell:
    """The cell of a heading among rows that says what the lines below are about: its words rather than its number."""
    required = [c for column, c in row.cells.items() if column.required]
    return next(iter([*required, *row.cells.values(), *(c for _, c in row.others)]))


def _footnote(row: Row) -> Cell | None:
    """The cell of a row that is a note below a table: one cell that begins with a sign for notes."""
    cells = [*row.cells.values(), *(c for _, c in row.others)]
    noted = len(cells) == 1 and re.match(r"(?:\*+|†|‡|note[s]?\b|nb\b|n\.b\.)\s*\S", cells[0].text, re.IGNORECASE)
    return cells[0] if noted and len(cells[0].text) > 12 else None


def _is_heading(grid: Grid, row: Row, number: int, columns: Mapping[int, Column], following: list[str]) -> bool:
    """Whether a row is a heading among others.

    It is one cell, merged across or at the left, where no decision stands; or a number and words with nobody beside them, the
    words in capitals or the number that with which the number of the next row begins.
    """
    cells = [*row.cells.values(), *(c for _, c in row.others)]
    if len(cells) == 1:
        at_left = not row.cells or next(iter(row.cells)) is columns[min(columns)]
        if number in grid.headings or (at_left and not any(c.required for c in row.cells)):
            return True
    places = {column: at for at, column in columns.items()}
    if row.others or not row.cells or any(not (c.key or c.required) for c in row.cells):
        return False
    # With nobody in any of its cells: capitals, a letter for a number, or the number that those of the next rows begin with.
    words = next((c.text for column, c in row.cells.items() if column.required), "")
    reference = next((c.text for column, c in row.cells.items() if column.key), "").rstrip(". ")
    if not words:
        return False
    if any((number, places[c]) in grid.repeated for c in row.cells):
        return False
    key = next((c for c in columns.values() if c.key and c.fills.endswith("identifier")), None)
    next_ = following[places[key] - 1] if key and key in places and places[key] <= len(following) else ""
    if words.isupper() and len(words) > 2:
        return True
    if reference and next_ != reference and next_.startswith(reference) and not next_[len(reference) :][:1].isdigit():
        return True
    lettered = bool(reference) and reference.isalpha() and len(reference) < 3 and next_.startswith(reference)
    numberless = key is not None and not reference and bool(next_) and bool(following) and len(words.split()) < 8
    return lettered or (numberless and not any(c.holders for c in row.cells))


def _goes_on(grid: Grid, row: Row, columns: Mapping[int, Column], above: Row) -> bool:
    """Whether a row only adds holders to the line above: it names no line of its own, or the same again."""
    places = {column: at for at, column in columns.items()}
    naming = [c for c in row.cells if c.key or c.required]
    own = [c for c in naming if (row.number, places[c]) not in grid.repeated]
    # The words of the decision are the same on each rung of its ladder.
    same = bool(own) and all(c in above.cells and above.cells[c].text == row.cells[c].text for c in own)
    return (not own or same) and any(c.holders for c in row.cells)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
