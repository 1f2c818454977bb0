"""Grids of text to rows of the layout: sheets and headings found by their names, whatever else stands around them."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace

from openpyxl.utils import get_column_letter

from icsgraph.ask.names import fold
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import DEF
from icsgraph.scheme.grids import Grid
from icsgraph.scheme.headings import (
    Guess,
    Headings,
    Told,
    heads,
    is_known,
    is_listing,
    is_of_holders,
    is_of_role,
    read_told,
    recognise,
)
from icsgraph.scheme.layout import Column, Layout, Sheet
from icsgraph.scheme.listing import listed
from icsgraph.scheme.notes import Notes, marked, read_notes, without_notes
from icsgraph.scheme.remarks import Remark

__all__ = ["NO_THEME", "Cell", "Row", "read_rows"]

# What stands in the column of themes where a line is under none, though those above it are.
NO_THEME = "–"
_SHOW = "Show it and check again, if it is part of the scheme."
# How far down the headings of a table of holders by matters may stand.
_TITLES = 6
_IN_UNITS = "can be read in 2 ways (in pounds as it stands / in the thousands or millions of its heading)"
# What a spreadsheet shows where a formula failed.
_ERRORS = ("#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!")


@dataclass(frozen=True)
class Cell:
    """A cell that is not empty: what stands in it, and where, as ``Decisions!F14``."""

    text: str
    place: str


@dataclass(kw_only=True)
class Row:
    """A row of a sheet: its cells by column, and those under other headings.

    ``theme`` is the heading among the rows that it stands under, ``document`` the sheet's name where several hold lines,
    ``titled`` the name of a sheet without columns of holders, and ``steps`` are rows below it that only go on with it,
    each of which is ``below`` another; ``noted`` is the note that a mark in its decision points to, ``legend`` the part that each
    letter of a key stands for; ``doubts`` say of cells by their places in which two ways they may be read.
    """

    sheet: Sheet
    number: int
    cells: dict[Column, Cell] = field(default_factory=dict)
    others: list[tuple[str, Cell]] = field(default_factory=list)
    theme: Cell | None = None
    document: str = ""
    titled: Cell | None = None
    steps: list[Row] = field(default_factory=list)
    below: bool = False
    noted: Cell | None = None
    legend: Mapping[str, str] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)

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


def read_rows(grids: Iterable[Grid], layout: Layout) -> tuple[list[Row], list[Remark], list[Guess]]:  # noqa: C901
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
            grid = without_notes(grid, grids)
            if not grid.rows:
                continue
            made, said_ = listed(grid, layout)
            remarks += said_
            if made:
                tables += [(made, found) for found in [recognise(made, layout, {})] if found]
            continue
        if fold(grid.name) in aside | columns:
            continue
        if grid.hidden:
            remarks.append(Remark(f"{grid.name}!A1", f"The sheet “{grid.name}” is hidden, so it was not read.", _SHOW))
        elif found := _turned(grid, layout) or recognise(grid, layout, told) or _continued(grid, tables):
            grid = found.turned or grid
            tables += _split(grid, found, layout, told)
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
    notes: dict[int, Notes] = {}
    of_lines = [grid.name for grid, found in tables if not grid.part_of and found.sheet.filling("ics:inDocument")]
    before = ""
    for grid, found in tables:
        new, said_ = _rows(grid, found, layout, told, notes.setdefault(id(grid), read_notes(grid, grids)))
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
            "No sheet has headings that are known.",
            f"Start from the template, and keep its headings; its sheets are {sheets}.",
        )
    return rows, remarks, guesses


def _split(grid: Grid, found: Headings, layout: Layout, told: Told) -> list[tuple[Grid, Headings]]:
    """The tables of a sheet that has several below each other, each with headings of its own."""
    parts = [(grid, found)]
    while not parts[-1][1].downwards:
        above, headings = parts[-1]
        at = next(
            (n for n in sorted(above.rows) if n > headings.row and heads(above.rows[n], headings, told, grid.name)), 0
        )
        below = at and replace(above, rows={n: r for n, r in above.rows.items() if n >= at})
        again = below and recognise(below, layout, told)
        if not (below and again and again.row == at):
            break
        parts[-1] = (replace(above, rows={n: r for n, r in above.rows.items() if n < at}), headings)
        parts.append((replace(below, uncalculated=[], said=[]), again))
    return parts


def _continued(grid: Grid, tables: list[tuple[Grid, Headings]]) -> Headings | None:
    """The headings of the table before, for a table without any that goes on with it: as wide, and said to continue."""
    if not (tables and grid.continues):
        return None
    _, before = tables[-1]
    return None if before.downwards else Headings(sheet=before.sheet, row=0, columns=before.columns, texts=before.texts)


def _turned(grid: Grid, layout: Layout) -> Headings | None:
    """The headings of a table whose rows are holders and whose columns are matters, turned so that its lines are rows; none where it is none."""
    head = next((n for n in sorted(grid.rows)[:_TITLES] if sum(map(bool, grid.rows[n])) > 2), 0)
    sheet = layout.sheet("ics:SchemeLine")
    if not head or grid.spans or not is_of_holders(grid.rows[head][0], sheet):
        return None
    if any(is_known(t, sheet) or is_of_role(t, layout) for t in grid.rows[head][1:] if t):
        return None
    body = {n: r for n, r in grid.rows.items() if n > head and sum(map(bool, r)) > 1}
    cells = [c.strip() for r in body.values() for c in r[1:] if c.strip()]
    lists = ("YesWord", "NoWord", "NilWord", "NoLimitWord")
    fits = [bool(re.search(r"\d", c)) or any(layout.says(c, w) for w in lists) for c in cells]
    named = [is_of_role(r[0], layout) for r in body.values()]
    if len(body) < 2 or not all(fits) or sum(named) < len(named):
        return None
    width = max(len(grid.rows[head]), *(len(r) for r in body.values()))
    rows = {1: [""] * head}
    for at in range(1, width + 1):
        own = {n: r[at - 1] if at <= len(r) else "" for n, r in {head: grid.rows[head], **body}.items()}
        rows[at] = [own.get(n, "") for n in range(1, max(body) + 1)]
    required = next(c for c in sheet.columns if c.required)
    rows[1][head - 1] = required.heading
    texts = {at: text for at, text in enumerate(rows[1], 1) if text}
    turned = replace(grid, rows=rows, spans=[], headings=set(), repeated=set(), turned=True)
    return Headings(sheet=sheet, row=1, columns={head: required}, texts=texts, first=1, turned=turned)


def _place(grid: Grid, column: int, row: int) -> str:
    if grid.turned:
        column, row = row, column
    return f"{grid.name}!{get_column_letter(column)}{row}"


def _rows(grid: Grid, found: Headings, layout: Layout, told: Told, notes: Notes) -> tuple[list[Row], list[Remark]]:  # noqa: C901
    if found.downwards:
        return _downwards(grid, found.sheet, found.columns)
    sheet, head, columns = found.sheet, found.row, found.columns
    headings = grid.rows.get(head, [])
    lines = sheet.filling("ics:theme") is not None
    remarks = [
        Remark(
            _place(grid, 1, number),
            f"What stands above the headings was not read: “{_short(' '.join(filter(None, grid.rows[number])))}”.",
            # As many cells as the headings have are no title, but headings that nobody knows or a line.
            lost=lines and sum(map(bool, grid.rows[number])) >= max(3, len(found.texts)),
        )
        for number in sorted(grid.rows)
        if number < found.first
    ]
    ignored = {at for at, text in found.texts.items() if told.get((fold(grid.name), fold(text)), "x") == ""}
    rows: list[Row] = []
    themes = _Themes(grid, columns, layout)
    legend = _legend([t for r in grid.rows.values() for t in r], layout)
    numbers = [n for n in grid.rows if n > head and grid.rows[n] != headings]
    for place, number in enumerate(numbers):
        row, wrong = _cells(grid, found, number, ignored, layout)
        row, *further = _by_case(row, found) if lines else [row]
        row.legend = legend
        if lines and legend and _is_legend(row, layout):
            continue
        note = _footnote(row) if lines else None
        remarks += [*wrong, *(_noted(row, notes) if lines and not note else ())]
        if not lines and (row.cells or not row.others):
            rows += [row] if row.cells else []
            continue
        following = grid.rows[numbers[place + 1]] if place + 1 < len(numbers) else []
        if note:
            if not notes.taken(grid, number):
                told_ = f"The note below the table was not read: “{_short(note.text)}”."
                remarks.append(Remark(note.place, told_, "Move what it says to the lines it is about."))
        elif lines and themes.begins(row, following):
            remarks += themes.begin(row)
        elif lines and rows and _goes_on(grid, row, columns, rows[-1]):
            row.below = True
            rows[-1].steps += [row, *further]
        elif row.cells:
            row.theme = themes.over(row)
            if found.title and not rows:
                column = next(c for c in sheet.columns if c.required)
                row.cells = {column: Cell(found.title, _place(grid, 1, max(head, 1))), **row.cells}
            row.steps += further
            rows.append(row)
        else:
            remarks += [
                Remark(c.place, f"“{_short(c.text)}” stands under no heading that is known.") for _, c in row.others
            ]
    remarks += themes.end()
    if lines:
        _carry_themes(rows)
        _carry_holders(rows, columns)
        if not any(c.holders for c in columns.values()):
            for row in rows:
                row.titled = Cell(found.lists or grid.heading or grid.name, f"{grid.name}!A1")
    return rows, remarks


def _cells(
    grid: Grid, found: Headings, number: int, ignored: Container[int], layout: Layout
) -> tuple[Row, list[Remark]]:
    """A row of a grid with its cells by column, and what cannot be a value."""
    row, remarks = Row(sheet=found.sheet, number=number), []
    kept: list[tuple[Column, Cell]] = []
    for at, text in enumerate(_ranged(grid.rows[number], found, layout), 1):
        if not text or at in ignored:
            continue
        cell = Cell(text, _place(grid, at, number))
        if text in _ERRORS:
            remarks.append(
                Remark(cell.place, f"The cell has the error {text}.", "Mend its formula, or write the value.")
            )
        elif at in found.labelled:
            kept.append((found.labelled[at], Cell(f"{found.texts[at]}: {text}", cell.place)))
        elif at in found.columns:
            column = found.columns[at]
            unit = found.units.get(at, "") if column.fills.endswith("/upTo") else ""
            row.cells[column] = Cell(_scaled(text, unit, layout), cell.place)
            if _doubtful(text, unit):
                row.cells[column] = cell
                row.doubts[cell.place] = _IN_UNITS
        else:
            unit = found.units.get(at, "")
            if _doubtful(text, unit):
                row.doubts[cell.place] = _IN_UNITS
            row.others.append((found.texts.get(at, ""), Cell(_scaled(text, unit, layout), cell.place)))
    for column, cell in kept:
        own = row.cells.get(column)
        row.cells[column] = Cell(f"{own.text}; {cell.text}", own.place) if own else cell
    return row, remarks


def _ranged(texts: list[str], found: Headings, layout: Layout) -> list[str]:
    """A row with its lower and upper sums, which stand in columns of their own, in one limit in the place of the lower."""
    for low, high in found.highs.items():
        texts = [*texts, *[""] * (max(low, high) - len(texts))]
        above = texts[low - 1].strip() if high >= 0 else ""
        upto = texts[(high if high > 0 else low) - 1].strip() if high else ""
        above = "" if re.fullmatch(r"£?\s*0+(?:\.0+)?", above) else above
        upto = "" if layout.says(upto, "NoLimitWord") or upto in ("-", "–") else upto
        if above and upto:
            both = f"{above} {layout.usual['BetweenWord']} {upto}"
        else:
            both = (
                f"{layout.usual['AboveWord']} {above}"
                if above
                else f"{layout.usual['UpToWord']} {upto}"
                if upto
                else ""
            )
        texts = [both if n == low - 1 else "" if n == high - 1 else t for n, t in enumerate(texts)]
    return texts


def _by_case(row: Row, found: Headings) -> list[Row]:
    """A row with a column of limits for each kind of spending as one row for each, with the kind as its condition."""
    named = {found.texts[at]: case for at, case in found.cases.items()}
    cases = [(named[h], c) for h, c in row.others if h in named]
    if not cases:
        return [row]
    row.others = [(h, c) for h, c in row.others if h not in named]
    upto, condition = row.sheet.filling("ics:upTo"), row.sheet.filling("ics:condition")
    assert upto
    assert condition
    made: list[Row] = []
    for case, cell in cases:
        own = row.cells.get(condition)
        words = Cell(f"{own.text}; {case}" if own else case, own.place if own else cell.place)
        made.append(replace(row, cells={**row.cells, upto: cell, condition: words}, steps=[], below=bool(made)))
    return made


def _noted(row: Row, notes: Notes) -> list[Remark]:
    """Put the notes that a row's marks point to where the marks stand; tell of a mark that points to none."""
    remarks = []
    for column, cell in list(row.cells.items()):
        # What is said of a decision is a condition of its line, as its own column of conditions would have it.
        if (column.holders or column.fills.endswith("/upTo")) and marked(cell.text):
            row.cells[column] = Cell(notes.put_in(cell.text, apart=False), cell.place)
        elif column.required and (mark := marked(cell.text)) and (words := notes.words.get(mark)):
            notes.used.add(mark)
            row.noted = Cell(words, cell.place)
    row.others = [(h, Cell(notes.put_in(c.text, apart=True), c.place)) for h, c in row.others]
    every: list[tuple[Column | None, Cell]] = [*row.cells.items(), *((None, c) for _, c in row.others)]
    for of, cell in every:
        mark = marked(cell.text) if of is None or of.holders or of.required else ""
        if mark and mark not in notes.used:
            told = f"The mark {mark} in the cell points to no note that was found."
            remarks.append(Remark(cell.place, told, "Write what it stands for."))
    return remarks


class _Themes:
    """The headings among the rows of a table: which rows are one, and under which the others stand."""

    def __init__(self, grid: Grid, columns: Mapping[int, Column], layout: Layout) -> None:
        self.grid = grid
        self.columns = columns
        self.current: Cell | None = None
        self.used = True
        # A numbered heading whose lines have no numbers ends with the next number.
        self.numbered = False
        self.number, self.held = "", False
        required = next((at for at, c in columns.items() if c.required), 0)
        words = [r[required - 1] for r in grid.rows.values() if 0 < required <= len(r)]
        self.shouting = sum(w.isupper() and len(w) > 2 for w in words) > len(words) / 2
        self.verbs = frozenset(layout.words["DecisionVerbWord"])

    def begins(self, row: Row, following: list[str]) -> bool:
        """Whether a row is a heading."""
        words = next((c.text for column, c in row.cells.items() if column.required), "")
        self.opened = _numbers_what_follows(row, self.columns, following)
        listing = is_listing(words) and words.isupper() and len(row.cells) < 3 and not row.others
        return (
            self.opened
            or listing
            or self._bare(row, following)
            or _is_heading(self.grid, row, row.number, self.columns, following, self.shouting)
        )

    def _bare(self, row: Row, following: list[str]) -> bool:
        """Whether a row of words alone, in a table without references, is a heading: the next row has words and a holder.

        Its words are few and no decision's, or have the number with which those of the next begin.
        """
        places = {column: at for at, column in self.columns.items()}
        if row.others or len(row.cells) != 1 or any(c.key for c in places) or not any(c.holders for c in places):
            return False
        ((column, cell),) = row.cells.items()
        below = {c: following[at - 1] for c, at in places.items() if at <= len(following) and following[at - 1]}
        if not column.required or column not in below or not any(c.holders for c in below):
            return False
        number = re.match(r"(\d{1,2}(?:\.\d{1,2})*)\.?\s", cell.text)
        if number:
            return below[column].startswith(f"{number[1]}.")
        words = cell.text.split()
        return len(words) < 5 and cell.text[-1:] not in ".?" and words[0].casefold() not in self.verbs

    def begin(self, row: Row) -> list[Remark]:
        """Take a heading; the one before it is told where no line stands under it."""
        unused = [] if self.used or self.current is None else [_bare(self.current, lost=False)]
        self.current, self.used, self.numbered = _theme(row), False, self.opened
        # A heading whose number those of its lines begin with ends where they no longer do.
        reference = next((c.text for column, c in row.cells.items() if column.key), "").rstrip(". ")
        self.number, self.held = reference if reference.isdigit() else "", False
        return unused

    def over(self, row: Row) -> Cell | None:
        """The heading that a line stands under."""
        reference = next((c.text for column, c in row.cells.items() if column.key), "")
        within = bool(self.number) and reference.startswith(self.number + ".")
        if (self.numbered and reference) or (self.held and reference and not within):
            self.current = None
        self.held = self.held or within
        self.used = True
        return self.current

    def end(self) -> list[Remark]:
        """What is left over: a last heading with nothing under it, which may be a sentence about the whole table."""
        return [] if self.used or self.current is None else [_bare(self.current, lost=True)]


def _bare(heading: Cell, lost: bool) -> Remark:
    told = f"“{_short(heading.text)}” was read as a heading, and no line stands under it."
    return Remark(heading.place, told, "Move it to the lines it is about, if it is none.", lost=lost)


def _numbers_what_follows(row: Row, columns: Mapping[int, Column], following: list[str]) -> bool:
    """Whether a row is a number and words with nobody beside them, and the next has words and somebody and no number."""
    places = {column: at for at, column in columns.items()}

    def below(column: Column) -> str:
        at = places[column]
        return following[at - 1] if at <= len(following) else ""

    kinds = {(c.key, c.required) for c in row.cells}
    if row.others or kinds != {(True, False), (False, True)}:
        return False
    key, required = (next(c for c in row.cells if getattr(c, n)) for n in ("key", "required"))
    return bool(not below(key) and below(required) and any(below(c) for c in places if c.holders))


def _carry_themes(rows: list[Row]) -> None:
    """Let a theme that is written once, at the first of its lines, count for those below it."""
    last: Cell | None = None
    for row in rows:
        column = next((c for c in row.cells if c.fills.endswith("/theme")), None)
        own = row.cells[column] if column else None
        if column and own and own.text == NO_THEME:
            del row.cells[column]
            last = None
            continue
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


def _scaled(text: str, unit: str, layout: Layout) -> str:
    """A sum, or a limit, with the unit that its heading gives it: “50” under “Limit £000” is £50k, “Over 10” is over £10k."""
    if not unit:
        return text
    words = [w for w in re.split(r"[^A-Za-z-]+", text) if w]
    lists = ("UpToWord", "AboveWord", "RangeWord", "BetweenWord", "PlusWord", "LessWord")
    known = {w for name in lists for phrase in layout.words[name] for w in phrase.split()}
    if any(w.casefold() not in known for w in words):
        return text
    return re.sub(r"(?:£\s*)?(\d[\d,]*(?:\.\d+)?)", rf"£\g<1>{unit}", text)


def _doubtful(text: str, unit: str) -> bool:
    """Whether a sum has its own sign and is so large that its heading may not have scaled it: “£5,000” under “Limit £k”."""
    return bool(unit and re.search(r"£\s*\d[\d,]*\d{3}(?![\d.]*\s*[km])", text, re.IGNORECASE))


def _downwards(grid: Grid, sheet: Sheet, columns: Mapping[int, Column]) -> tuple[list[Row], list[Remark]]:
    """The one row of a sheet whose headings stand below each other, each with its value beside it."""
    row, remarks = Row(sheet=sheet, number=1), []
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


# “A = approve”, “R – recommends” in a key.
_KEY = re.compile(r"(?<!\w)([A-Z])\s*(?:=|:|–|—|-)\s*([A-Za-z]+(?: [a-z]+){0,3})")


def _legend(texts: Iterable[str], layout: Layout) -> dict[str, str]:
    """The parts that a key gives to letters: two and more of them, each a word for a part."""
    found: dict[str, str] = {}
    for letter, words in (m for text in texts for m in _KEY.findall(text)):
        several = words.casefold().split()
        forms = (" ".join(several[:n]) for n in range(len(several), 0, -1))
        # “accountable” in a key is whoever decides.
        part = next((p for f in forms if (p := layout.parts.get(f, "") or _KEY_WORDS.get(f, ""))), "")
        found |= {letter: part} if part else {}
    return found if len(found) > 1 else {}


def _is_legend(row: Row, layout: Layout) -> bool:
    cells = [*row.cells.values(), *(c for _, c in row.others)]
    return bool(len(cells) < 3 and _legend([c.text for c in cells], layout))


# Words of keys that cells do not use so.
_KEY_WORDS = {"accountable": DEF + "Decides"}


def _footnote(row: Row) -> Cell | None:
    """The cell of a row that is a note below a table: one that begins with a sign for notes, or a sentence where none belongs."""
    cells = [*row.cells.values(), *(c for _, c in row.others)]
    noted = len(cells) == 1 and re.match(
        r"(?:\*+|†|‡|[¹²³⁴-⁹]|note[s]?\b|nb\b|n\.b\.)\s*\S", cells[0].text, re.IGNORECASE
    )
    sentence = len(cells) == 1 and cells[0].text.rstrip()[-1:] == "." and len(cells[0].text.split()) > 3
    decides = any(c.required for c in row.cells)
    return cells[0] if (noted and len(cells[0].text) > 12) or (sentence and not decides) else None


def _is_heading(
    grid: Grid, row: Row, number: int, columns: Mapping[int, Column], following: list[str], shouting: bool
) -> bool:
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
    if words.isupper() and len(words) > 2 and not shouting:
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
