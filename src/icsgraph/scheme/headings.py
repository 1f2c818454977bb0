"""Which sheet of the layout a grid is, and what each of its columns holds: by its headings, by what stands in it, or as told."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from icsgraph.ask.names import fold
from icsgraph.scheme.cells.money import money
from icsgraph.scheme.layout import Column, Layout, Sheet
from icsgraph.scheme.opening import Grid

__all__ = ["Guess", "Headings", "Told", "read_told", "recognise"]

# How far down headings may stand under titles and logos.
_HEAD = 25
# A column is told by its content from so many cells on, of which so many fit.
_ENOUGH, _SHARE = 3, 0.7
_REFERENCE = re.compile(r"[A-Z]{0,4}[ .-]?\d{1,3}(?:[.\-/]\d{1,3})*[a-z]?\.?|\(?[a-z0-9]{1,3}\)", re.IGNORECASE)


@dataclass(frozen=True)
class Guess:
    """What a column of a workbook was taken for: ``how`` says by what; ``column`` is empty where it was left out."""

    sheet: str
    heading: str
    column: str
    how: str


@dataclass(frozen=True)
class Headings:
    """The sheet that a grid is, the last row of its headings, its columns by place; ``downwards`` where headings stand so.

    ``texts`` are the headings as they stand; ``guesses`` say of which columns something was guessed.
    """

    sheet: Sheet
    row: int
    columns: Mapping[int, Column]
    texts: Mapping[int, str] = field(default_factory=dict)
    first: int = 0
    guesses: tuple[Guess, ...] = ()
    downwards: bool = False


# What the sheet of columns says: (sheet, heading) to the heading of the template, folded; empty for one to leave out.
Told = Mapping[tuple[str, str], str]


def read_told(grid: Grid) -> Told:
    """What a sheet of columns says: its rows are sheet, heading, and what the column is to be read as."""
    found = {}
    for number, texts in grid.rows.items():
        sheet, heading, wanted = [*texts, "", "", ""][:3]
        if heading and number > 1:
            found[fold(sheet), fold(heading)] = fold(wanted)
    return found


def recognise(grid: Grid, layout: Layout, told: Told) -> Headings | None:
    """The sheet of the layout that a grid is, with its columns; none where it is none.

    A name that is known counts; under another name, headings do. A list of headings downwards, each with its value beside it,
    is turned into a table first.
    """
    name = fold(grid.name.replace("-", " ").replace("_", " "))
    named = [s for s in layout.sheets if name in {fold(n) for n in (s.name, *s.also)}]
    best: Headings | None = None
    most: float
    for sheet in named or layout.sheets:
        known = _known(sheet, layout)
        most = len(best.columns) if best else 0
        downwards, _ = _columns({n: [cells[0]] for n, cells in grid.rows.items() if cells}, known, grid.name, told)
        for last, texts in _candidates(grid):
            columns, guesses = _columns(texts, known, grid.name, told)
            whole = all(c in columns.values() for c in sheet.columns if c.required)
            if not whole and len(columns) > 1 and sheet.filling("ics:theme"):
                columns = _by_content(grid, last, texts, columns, sheet)
                whole = all(c in columns.values() for c in sheet.columns if c.required)
            score = len(columns) + _under(grid, last, texts, known)
            if whole and score > max(most if best else bool(not named), len(downwards) - 1):
                most = score
                shown = {at: next(filter(None, reversed(t)), "") for at, t in texts.items()}
                best = Headings(sheet, last, columns, shown, min(last, *_rows_of(grid, last, texts)), tuple(guesses))
        if not best and len(downwards) > 1 and all(c in downwards.values() for c in sheet.columns if c.required):
            return Headings(sheet, 0, downwards, downwards=True)
    return best and _guessed(grid, best, layout)


def _under(grid: Grid, last: int, texts: Mapping[int, list[str]], known: Mapping[str, Column]) -> float:
    """A little more for two rows of headings of which the lower is nothing but headings."""
    lower = [t for t in grid.rows[last] if t]
    return 0.5 if any(len(t) > 1 for t in texts.values()) and all(_plain(t) in known for t in lower) else 0


def _rows_of(grid: Grid, last: int, texts: Mapping[int, list[str]]) -> list[int]:
    """The rows whose headings were put together."""
    several = any(len(t) > 1 for t in texts.values())
    above = [n for n in grid.rows if n < last]
    return [max(above)] if several and above else [last]


def _known(sheet: Sheet, layout: Layout) -> dict[str, Column]:
    known = {_plain(n): c for c in reversed(sheet.columns) for n in c.names}
    known |= {_plain(c.heading): c for c in sheet.columns}
    known.pop("", None)
    return known


def _plain(heading: str) -> str:
    """A heading in the form in which headings are compared: no articles, brackets or pound signs.

    >>> _plain("Reserved to the Board (Y/N)"), _plain("Limit (£)")
    ('reserved to board', 'limit')
    """
    words = fold(re.sub(r"\(.*?\)|\*|£ ?'?0*s?k?m?\b", " ", heading)).split() or fold(heading).split()
    return " ".join(w for w in words if w != "the")


def _candidates(grid: Grid) -> Iterator[tuple[int, dict[int, list[str]]]]:
    """Rows that may be headings, each with its texts by place, then pairs of rows that may be headings together."""
    numbers = sorted(grid.rows)[:_HEAD]
    for number in numbers:
        yield number, {at: [t] for at, t in enumerate(grid.rows[number], 1) if t}
    for upper, lower in itertools.pairwise(numbers):
        if lower - upper > 1 or sum(map(bool, grid.rows[upper])) < 2:
            continue
        above = {at: t for at, t in enumerate(grid.rows[upper], 1) if t}
        for row, left, right in grid.spans:
            if row == upper:
                above |= dict.fromkeys(range(left, right + 1), grid.rows[upper][left - 1])
        below = {at: t for at, t in enumerate(grid.rows[lower], 1) if t}
        yield lower, {at: [t for t in (above.get(at, ""), below.get(at, "")) if t] for at in sorted(above | below)}


def _columns(
    texts: Mapping[int, list[str]], known: Mapping[str, Column], sheet: str, told: Told
) -> tuple[dict[int, Column], list[Guess]]:
    """The columns that headings are, each once, by the place of the heading."""
    columns: dict[int, Column] = {}
    guesses: list[Guess] = []
    for at, parts in texts.items():
        heading = next(filter(None, reversed(parts)), "")
        wanted = told.get((fold(sheet), fold(heading)), told.get(("", fold(heading))))
        forms = [_plain(" ".join(parts)), *(_plain(p) for p in reversed(parts))]
        if wanted is not None:
            column = known.get(_plain(wanted))
            guesses.append(Guess(sheet, heading, column.heading if column else "", "as the sheet of columns says"))
        else:
            column = next((known[f] for f in forms if f in known), None)
        if column and column not in columns.values():
            columns[at] = column
        elif column and column.key and wanted is None:
            # A second column of references says where else a line stands: “SFI 2” beside “1.1”.
            source = next((c for c in known.values() if c.fills.endswith("/sourceClause")), None)
            if source and source not in columns.values():
                columns[at] = source
                guesses.append(Guess(sheet, heading, source.heading, "since another column has the references"))
    return columns, guesses


def _by_content(
    grid: Grid, last: int, texts: Mapping[int, list[str]], columns: Mapping[int, Column], sheet: Sheet
) -> dict[int, Column]:
    """Columns with the one for decisions found by its content: the one with the longest words, where none has its heading."""
    needed = [c for c in sheet.columns if c.required and c not in columns.values()]
    if len(needed) != 1 or not any(c.holders for c in columns.values()):
        return dict(columns)
    lengths = {}
    for at in texts:
        cells = [r[at - 1] for n, r in grid.rows.items() if n > last and at <= len(r) and r[at - 1]]
        if at not in columns and len(cells) >= _ENOUGH:
            lengths[at] = sum(map(len, cells)) / len(cells)
    best = max(lengths, key=lambda at: lengths[at], default=0)
    return {**columns, best: needed[0]} if best and lengths[best] > 12 else dict(columns)


def _guessed(grid: Grid, found: Headings, layout: Layout) -> Headings:
    """Headings with columns that are known by what stands in them, and what was guessed told."""
    columns = dict(found.columns)
    guesses = list(found.guesses)
    told = {g.heading for g in guesses}
    lines = found.sheet.filling("ics:theme") is not None
    for at, heading in found.texts.items():
        if at in columns:
            by = columns[at]
            if _plain(heading) not in {_plain(n) for n in by.names} and heading not in told:
                guesses.append(Guess(grid.name, heading, by.heading, "by what stands in it"))
            continue
        cells = [r[at - 1] for n, r in grid.rows.items() if n > found.row and at <= len(r) and r[at - 1]]
        column = _of_content(cells, found.sheet, columns.values(), layout) if lines and heading not in told else None
        if column:
            columns[at] = column
            guesses.append(Guess(grid.name, heading, column.heading, "by what stands in it"))
    return Headings(found.sheet, found.row, columns, found.texts, found.first, tuple(guesses))


def _of_content(cells: list[str], sheet: Sheet, taken: Iterable[Column], layout: Layout) -> Column | None:
    """The column that cells show themselves to be of; none where that is not plain."""
    if len(cells) < _ENOUGH:
        return None
    taken = set(taken)

    def free(name: str) -> Column | None:
        column = sheet.filling(name)
        return column if column and column not in taken else None

    def share(fits: Iterable[bool]) -> float:
        return sum(fits) / len(cells)

    if share(bool(_REFERENCE.fullmatch(c)) and not layout.says(c, "YesWord") for c in cells) > 0.9 and len(
        set(cells)
    ) == len(cells):
        return free("dcterms:identifier")
    if share(money(c) is not None and c.strip()[:1] == "£" for c in cells) >= _SHARE:
        return free("ics:upTo")
    return None
