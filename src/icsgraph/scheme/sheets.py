"""The sheets of an Excel workbook as grids of text, read once from front to back; nothing is kept that is not text of a cell."""

from __future__ import annotations

import datetime as dt
import math
import re
import zipfile
from collections.abc import Mapping

from openpyxl.utils.datetime import from_excel

from icsgraph.scheme.books import MAX_CELLS, MAX_LETTERS, Book
from icsgraph.scheme.grids import MAX_COLUMNS, MAX_ROWS, Grid, clean_text, column_letters, column_number
from icsgraph.scheme.look import Budget, parse
from icsgraph.scheme.refusals import Refusal, refusal

__all__ = ["read_sheets"]

# Excel takes 32,767 letters in a cell; what Word or a program pastes may have a few more.
MAX_CELL = 40_000
# Rows beyond this hold nothing that anybody sees.
_FAR = 10 * MAX_ROWS
# A1, or XFD1048576.
_CELL = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
# A1:B2
_RANGE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6}):([A-Z]{1,3})([1-9]\d{0,6})")
# -1.5E+03
_NUMBER = re.compile(r"[+-]?(\d{1,400}(\.\d{0,400})?|\.\d{1,400})([eE][+-]?\d{1,9})?")
# The largest sum that any scheme could mean, and the largest number that is told exactly.
_LARGEST = 1e15
# The number of the day after 31 December 9999.
_LAST_DAY = 2_958_466


def read_sheets(packed: zipfile.ZipFile, budget: Budget) -> list[Grid]:
    """The visible sheets of a workbook in their order, the hidden ones without rows; raises ``Refusal``."""
    book = Book(packed, budget)
    return [
        Grid(name=title, hidden=True) if hidden else _Sheet(book, title).read(part)
        for title, hidden, part in book.sheets()
    ]


class _Sheet:
    """One sheet while it is read."""

    def __init__(self, book: Book, title: str) -> None:
        self.book = book
        self.name = book.name
        self.grid = Grid(name=title)
        self.cells: dict[int, dict[int, str]] = {}
        self.merges: list[tuple[int, int, int, int]] = []
        self.row = 0
        self.column = 0
        self.given: Mapping[str, str] = {}
        self.value: list[str] = []
        self.inline: list[str] = []
        self.formula = False
        self.open: list[str] = []

    def read(self, part: str) -> Grid:
        """The sheet as a grid; raises ``Refusal``."""
        parse(self.book.packed, part, self.book.budget, (self.begin, self.end, self.text))
        for number, cells in sorted(self.cells.items()):
            if any(cells.values()):
                self.grid.rows[number] = [cells.get(n, "") for n in range(1, max(cells) + 1)]
        self._spread()
        return self.grid

    def begin(self, element: str, given: Mapping[str, str]) -> None:
        """An element begins."""
        self.open.append(element)
        if element == "c":
            self._begin_cell(given)
        elif element == "row":
            said = given.get("r", "")
            if said and not re.fullmatch(r"[1-9]\d{0,6}", said):
                raise self._misplaced(said)
            self.row = int(said) if said else self.row + 1
            self.column = 0
        elif element == "f":
            self.formula = True
        elif element == "mergeCell":
            self._merge(given.get("ref", ""))

    def end(self, element: str) -> None:
        """An element ends."""
        self.open.pop()
        if element == "c":
            self._end_cell()

    def text(self, words: str) -> None:
        """Some text within the innermost element."""
        inside = self.open[-1]
        if inside == "v":
            self.value.append(words)
        elif inside == "t" and "is" in self.open and "rPh" not in self.open:
            self.inline.append(words)

    @property
    def place(self) -> str:
        """Where the reading stands: ``Decisions!C2``."""
        return f"{self.grid.name}!{column_letters(self.column)}{self.row}"

    def _misplaced(self, said: str) -> Refusal:
        return refusal("cell-misplaced", self.name, self.grid.name, said=said[:40], sheet=self.grid.name[:80])

    def _begin_cell(self, given: Mapping[str, str]) -> None:
        said = given.get("r", "")
        match = _CELL.fullmatch(said)
        if said and not match:
            raise self._misplaced(said)
        if match:
            self.column, self.row = column_number(match[1]), int(match[2])
        else:
            self.column, self.row = self.column + 1, max(self.row, 1)
        self.book.left.cells -= 1
        if self.book.left.cells < 0:
            raise refusal("too-many-cells", self.name, self.place, most=MAX_CELLS)
        if self.column in self.cells.get(self.row, ()):
            raise refusal("cell-twice", self.name, self.place)
        self.given, self.formula = given, False
        self.value.clear()
        self.inline.clear()

    def _end_cell(self) -> None:
        value = "".join(self.value)
        if self.formula and not value:
            self.grid.uncalculated.append(f"{column_letters(self.column)}{self.row}")
        text = self._shown(value)
        left = self.book.left
        left.letters -= len(text)
        if len(text) > MAX_CELL:
            raise refusal("cell-too-long", self.name, self.place, most=MAX_CELL)
        if left.letters < 0:
            raise refusal("too-much-text", self.name, self.place, most=MAX_LETTERS)
        if text and self.column > MAX_COLUMNS:
            raise refusal("too-many-columns", self.name, self.place, most=MAX_COLUMNS, sheet=self.grid.name[:80])
        if text:
            left.rows -= not any(self.cells.get(self.row, {}).values())
            if left.rows < 0 or self.row > _FAR:
                raise refusal("too-many-rows", self.name, self.place, most=MAX_ROWS)
        if self.column <= MAX_COLUMNS and self.row <= _FAR:
            self.cells.setdefault(self.row, {})[self.column] = text

    def _shown(self, value: str) -> str:
        """A value as people read it."""
        kind = self.given.get("t", "n")
        if kind == "inlineStr":
            return _plain("".join(self.inline))
        value = value if kind == "str" else value.strip()
        if not value:
            return ""
        if kind == "s":
            if not re.fullmatch(r"\d{1,9}", value) or int(value) >= len(self.book.strings):
                raise refusal("text-missing", self.name, self.place)
            return _plain(self.book.strings[int(value)])
        if kind == "b":
            return "Yes" if value not in ("0", "false") else "No"
        if kind == "n":
            return self._number_shown(value)
        if kind == "d":
            try:
                return _day(dt.datetime.fromisoformat(value))
            except ValueError:
                raise refusal("date-beyond-calendar", self.name, self.place) from None
        return _plain(value)

    def _number_shown(self, value: str) -> str:
        """A number as people read it: a date where its format says so, a whole one without a point."""
        if not _NUMBER.fullmatch(value):
            raise refusal("no-number", self.name, self.place, said=value[:40])
        number = float(value)
        if not math.isfinite(number) or abs(number) > 1e300:
            raise refusal("number-beyond-range", self.name, self.place)
        style = self.given.get("s", "0")
        at = int(style) if re.fullmatch(r"\d{1,6}", style) else 0
        shows = self.book.dates[at] if at < len(self.book.dates) else ""
        if shows == "date" and not 0 <= number < _LAST_DAY:
            raise refusal("date-beyond-calendar", self.name, self.place)
        if shows:
            try:
                read = from_excel(number, self.book.epoch, timedelta=shows == "length")
            except (OverflowError, ValueError):
                raise refusal("date-beyond-calendar", self.name, self.place) from None
            return _day(read) if isinstance(read, dt.datetime) else str(read)
        if number.is_integer() and abs(number) < _LARGEST:
            return str(int(number))
        return value if abs(number) >= _LARGEST else str(number)

    def _merge(self, said: str) -> None:
        match = _RANGE.fullmatch(said)
        if not match:
            if _CELL.fullmatch(said):
                return
            raise self._misplaced(said)
        left, top, right, bottom = column_number(match[1]), int(match[2]), column_number(match[3]), int(match[4])
        if right < left or bottom < top:
            raise self._misplaced(said)
        self.book.left.merged -= (right - left + 1) * (bottom - top + 1)
        if self.book.left.merged < 0:
            raise refusal("merges-too-many", self.name, self.grid.name)
        self.merges.append((left, top, right, bottom))

    def _spread(self) -> None:
        """Copy what stands in cells merged over rows into each of them, and note rows that are headings over all columns."""
        grid = self.grid
        last = max(grid.rows, default=0)
        for left, top, right, bottom in self.merges:
            values = grid.rows.get(top, [])
            value = values[left - 1] if left <= len(values) else ""
            if value and right > left:
                grid.spans.append((top, left, min(right, MAX_COLUMNS)))
            if right - left > 1 and sum(map(bool, values)) == 1:
                grid.headings.add(top)
            for row in range(top + 1, min(bottom, last) + 1) if value else ():
                cells = grid.rows.get(row)
                if cells is None:
                    continue
                self.book.left.letters -= len(value)
                if self.book.left.letters < 0:
                    raise refusal("merges-too-many", self.name, grid.name)
                cells += [""] * (left - len(cells))
                cells[left - 1] = cells[left - 1] or value
                grid.repeated.add((row, left))


def _plain(words: str) -> str:
    return clean_text(words).replace("\xa0", " ").replace("_x000D_", "").strip()


def _day(read: dt.datetime) -> str:
    return read.date().isoformat() if read.time() == dt.time() else read.isoformat(" ")
