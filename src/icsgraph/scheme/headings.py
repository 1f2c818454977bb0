"""Which sheet of the layout a grid is, and what each of its columns holds: by its headings, by what stands in it, or as told."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from icsgraph.ask.names import fold
from icsgraph.scheme.cells.money import SUM
from icsgraph.scheme.grids import Grid
from icsgraph.scheme.layout import Column, Layout, Sheet

__all__ = [
    "Guess",
    "Headings",
    "Told",
    "heads",
    "is_known",
    "is_listing",
    "is_of_holders",
    "is_of_role",
    "read_told",
    "recognise",
]

# How far down headings may stand under titles and logos.
_HEAD = 25
# A column is told by its content from so many cells on, of which so many fit.
_ENOUGH, _SHARE = 3, 0.7
# A heading that says of what it lists who keeps it or was given it: “Decisions reserved to the Council”.
_LISTING = re.compile(r"^(?P<what>[a-z]+(?: [a-z]+)?) (?:reserved|retained|delegated) (?:to|for|by)\b")
# “revenue limit”, “capital value”
_CASE = re.compile(r"(?:delegated )?([a-z-]+(?: [a-z-]+)?) (?:limit|limits|value|threshold|authority limit)")
# Headings that say that the sums under them are thousands or millions.
_SCALES = (
    (re.compile(r"£\s*'?[0o]{3}s?\b|£\s*’000|£ ?k\b|\bthousands?\b", re.IGNORECASE), "k"),
    (re.compile(r"£ ?m(?:n|illion)?s?\b", re.IGNORECASE), "m"),
)
# The longest cell in a column of sums: “more than £25,000 and up to £250,000”.
_SUM_LONGEST = 44
_REFERENCE = re.compile(r"[A-Z]{0,4}[ .-]?\d{1,3}(?:[.\-/]\d{1,3})*[a-z]?\.?|\(?[a-z0-9]{1,3}\)", re.IGNORECASE)


@dataclass(frozen=True)
class Guess:
    """What a column of a workbook was taken for: ``how`` says by what; ``column`` is empty where it was left out."""

    sheet: str
    heading: str
    column: str
    how: str


@dataclass(frozen=True, kw_only=True)
class Headings:
    """The sheet that a grid is, the last row of its headings, its columns by place; ``downwards`` where headings stand so.

    ``texts`` are the headings as they stand; ``guesses`` say of which columns something was guessed. ``title`` is what is decided
    where no column says it: a table of sums and of who may decide them. ``lists`` is a heading such as “Decisions reserved to the
    Council”, which says who decides what stands under it. ``units`` are the thousands or millions of columns of sums, ``highs`` the
    places of upper sums by those of the lower, ``labelled`` the columns into which others go under their own headings, ``cases``
    the kinds of spending of which each has a column of limits. ``turned`` is the table with its rows made columns, where its rows are holders.
    """

    sheet: Sheet
    row: int
    columns: Mapping[int, Column]
    texts: Mapping[int, str] = field(default_factory=dict)
    first: int = 0
    guesses: tuple[Guess, ...] = ()
    downwards: bool = False
    title: str = ""
    lists: str = ""
    units: Mapping[int, str] = field(default_factory=dict)
    highs: Mapping[int, int] = field(default_factory=dict)
    labelled: Mapping[int, Column] = field(default_factory=dict)
    cases: Mapping[int, str] = field(default_factory=dict)
    turned: Grid | None = None


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


# The columns that a heading may be, in the order in which they are tried.
_Known = Mapping[str, tuple[Column, ...]]


def recognise(grid: Grid, layout: Layout, told: Told) -> Headings | None:
    """The sheet of the layout that a grid is, with its columns; none where it is none.

    A name that is known counts; under another name, or where its headings are none of that sheet, headings do. A list of headings
    downwards, each with its value beside it, is turned into a table first.
    """
    name = fold(grid.name.replace("-", " ").replace("_", " "))
    named = [s for s in layout.sheets if name in {fold(n) for n in (s.name, *s.also)}]
    best = _best(grid, named, layout, told, 0) if named else None
    best = best or _best(grid, layout.sheets, layout, told, 1) or _titled(grid, layout, told)
    return best and (best if best.downwards else _paired(grid, _guessed(grid, best, layout), layout))


def is_of_holders(heading: str, sheet: Sheet) -> bool:
    """Whether a heading is one of a column of holders, such as Role."""
    return any(c.holders for c in _known(sheet).get(_plain(heading), ())) if heading.strip() else False


def is_known(heading: str, sheet: Sheet) -> bool:
    """Whether a heading is one of a sheet."""
    return _plain(heading) in _known(sheet) or any(
        _plain(heading) == _plain(n) for c in sheet.columns for n in c.labelled
    )


def is_of_role(words: str, layout: Layout) -> bool:
    """Whether words name a post or committee."""
    return _of_role([words], layout)


def is_listing(words: str) -> bool:
    """Whether words say of what stands below them who keeps it or was given it.

    >>> is_listing("DECISIONS RESERVED TO THE MEMBERSHIP"), is_listing("Keep powers reserved to the Board under review.")
    (True, False)
    """
    return bool(_LISTING.match(_plain(words))) and len(words.split()) < 10 and words.strip()[-1:] != "."


def heads(row: list[str], found: Headings, told: Told, name: str) -> bool:
    """Whether a row below some headings is one of other headings: three and more, every cell one, what is decided among them."""
    texts = {at: [t] for at, t in enumerate(row, 1) if t}
    if len(texts) < 3 or list(filter(None, row)) == [t for t in found.texts.values() if t]:
        return False
    # Most rows are told from headings by their first cell, which many thousands of rows need.
    first = next(filter(None, row)).casefold()
    if all(first != t.casefold() for t in found.texts.values()) and not any(
        first == c.heading.casefold() for c in found.sheet.columns
    ):
        return False
    columns, _ = _columns(texts, _known(found.sheet), name, told)
    return len(columns) == len(texts) and _whole(columns, found.sheet)


def _best(grid: Grid, sheets: Iterable[Sheet], layout: Layout, told: Told, least: int) -> Headings | None:
    """The sheet with the most of a grid's headings, more than the least; none where none has all that it needs."""
    best: Headings | None = None
    most: float = least
    for sheet in sheets:
        known = _known(sheet)
        downwards, _ = _columns({n: [cells[0]] for n, cells in grid.rows.items() if cells}, known, grid.name, told)
        for last, texts in _candidates(grid):
            below = best is not None and best.sheet is sheet and best.row not in _rows_of(grid, last, texts)
            if best and below and _complete(best):
                # What stands below whole headings is a table of its own.
                continue
            columns, guesses = _columns(texts, known, grid.name, told)
            columns = {at: c for at, c in columns.items() if not _over_holders(grid, last, at, c)}
            rungs = _rungs(grid, last, texts, layout) if sheet.filling("ics:theme") else []
            if len(rungs) > 1 and not _whole(columns, sheet):
                columns = _matter(texts, columns, sheet)
            if best and best.sheet is sheet and len(best.columns) > 1 and _of_data(grid, last, texts, best):
                continue
            if below and best and len(best.columns) > 1 and not best.guesses and len(columns) < len(texts):
                # A row of data may have words in it that are headings elsewhere.
                continue
            whole = _whole(columns, sheet)
            if not whole and len(columns) > 1 and sheet.filling("ics:theme"):
                columns = _by_content(grid, last, texts, columns, sheet, layout)
                whole = _whole(columns, sheet)
            score = len(columns) + _under(grid, last, texts, known) + (len(rungs) if len(rungs) > 1 else 0)
            score += sum(_labels(t, sheet) for t in texts.values() if t)
            if whole and score > max(most, len(downwards) - 1):
                most = score
                best = _headings(grid, last, texts, sheet, columns, guesses)
        if not best and len(downwards) > 1 and _whole(downwards, sheet):
            return Headings(sheet=sheet, row=0, columns=downwards, downwards=True)
    return best


def _over_holders(grid: Grid, last: int, at: int, column: Column) -> bool:
    """Whether a heading for limits is merged over columns that have names under it: “Limits (£000)” over those of holders."""
    if not column.fills.endswith("/upTo"):
        return False
    below = grid.rows.get(last + 1, [])
    return any(
        row == last and left <= at <= right and right > left and not re.search(r"\d", " ".join(below[left - 1 : right]))
        for row, left, right in grid.spans
    )


def _rungs(grid: Grid, last: int, texts: Mapping[int, list[str]], layout: Layout) -> list[int]:
    """The places of headings that are limits, as in a table with a column for each rung: “Up to £10k”, “£10k to £50k”.

    What stands under such a heading is a name and no sum.
    """
    below = grid.rows.get(last + 1, [])
    return [
        at
        for at, t in texts.items()
        if len(t) == 1
        and re.search(SUM, t[0], re.IGNORECASE)
        and not _of_role(t, layout)
        and not re.search(r"\d", below[at - 1] if at <= len(below) else "")
    ]


def _of_data(grid: Grid, last: int, texts: Mapping[int, list[str]], best: Headings) -> bool:
    """Whether the lower of two rows is one of data: each of its cells has a heading of its own above it."""
    upper = grid.rows.get(best.row, [])
    spanned = any(row == best.row for row, _, _ in grid.spans)
    lower = [at for at, t in enumerate(grid.rows[last], 1) if t]
    if all(_plain(grid.rows[last][at - 1]) in _known(best.sheet) for at in lower):
        return False
    return last != best.row and not spanned and all(at <= len(upper) and upper[at - 1] for at in lower)


def _matter(texts: Mapping[int, list[str]], columns: Mapping[int, Column], sheet: Sheet) -> dict[int, Column]:
    """Columns with the first that may be the one for decisions made that one, in a table whose other columns are rungs."""
    required = next(c for c in sheet.columns if c.required)
    at = next((at for at in texts if required in _may_be(texts[at], _known(sheet))), 0)
    return {**columns, at: required} if at else dict(columns)


def _paired(grid: Grid, found: Headings, layout: Layout) -> Headings:
    """Headings with columns that belong together: lower and upper sums, limits by kind of spending, those kept with their heading."""
    upto = found.sheet.filling("ics:upTo")
    columns = dict(found.columns)
    labelled = {
        at: column
        for at, heading in found.texts.items()
        for column in found.sheet.columns
        if at not in columns and _plain(heading) in {_plain(n) for n in column.labelled}
    }
    found = replace(found, labelled=labelled)
    if not upto or not found.sheet.filling("ics:theme"):
        return found

    def sums(at: int) -> bool:
        cells = [r[at - 1] for n, r in grid.rows.items() if n > found.row and at <= len(r) and r[at - 1].strip()]
        fits = [(bool(re.search(r"\d", c)) and len(c) < 16) or layout.says(c, "NoLimitWord") for c in cells]
        return bool(cells) and all(fits) and not any(re.search(r"\d{4}-\d\d-\d\d|\d/\d", c) for c in cells)

    plain = {at: _plain(t) for at, t in found.texts.items()}
    low = next((at for at, t in plain.items() if t in layout.words["LowHeadingWord"] and sums(at)), 0)
    high = next((at for at, t in plain.items() if t in layout.words["HighHeadingWord"] and sums(at)), 0)
    if (low or high) and (upto not in columns.values() or columns.get(high) is upto):
        columns.pop(high, None)
        columns[low or high] = upto
        return replace(found, columns=dict(sorted(columns.items())), highs={low or high: high if low else -1})
    if upto in columns.values():
        return found
    cases = {at: m[1] for at, t in plain.items() if at not in columns and (m := _CASE.fullmatch(t)) and sums(at)}
    return replace(found, cases=cases) if len(cases) > 1 else found


def _whole(columns: Mapping[int, Column], sheet: Sheet) -> bool:
    return all(c in columns.values() for c in sheet.columns if c.required)


def _complete(found: Headings) -> bool:
    """Whether every heading of a row is a column."""
    return len(found.columns) == len(found.texts)


def _headings(
    grid: Grid,
    last: int,
    texts: Mapping[int, list[str]],
    sheet: Sheet,
    columns: Mapping[int, Column],
    guesses: Iterable[Guess],
) -> Headings:
    shown = {at: next(filter(None, reversed(t)), "") for at, t in texts.items()}
    lists = next((shown[at] for at, c in columns.items() if c.required and _LISTING.match(_plain(shown[at]))), "")
    first = min(last, *_rows_of(grid, last, texts))
    units = {at: u for at, t in texts.items() if (u := next((u for p, u in _SCALES if p.search(" ".join(t))), ""))}
    return Headings(
        sheet=sheet,
        row=last,
        columns=columns,
        texts=shown,
        first=first,
        guesses=tuple(guesses),
        lists=lists,
        units=units,
    )


def _titled(grid: Grid, layout: Layout, told: Told) -> Headings | None:
    """A table of sums and of who decides them, without a column for what is decided: its title says that."""
    sheet = layout.sheet("ics:SchemeLine")
    required = next(c for c in sheet.columns if c.required)
    for last, texts in _candidates(grid):
        columns, guesses = _columns(texts, _known(sheet), grid.name, told)
        if len(texts) < 2 or not any(c.holders for c in columns.values()) or required in columns.values():
            continue
        found = _guessed(grid, _headings(grid, last, texts, sheet, columns, guesses), layout)
        limit = next((at for at, c in found.columns.items() if c is sheet.filling("ics:upTo")), 0)
        if limit:
            own = "" if limit in columns else found.texts[limit]
            return replace(found, title=own or grid.heading or grid.name)
    return None


def _under(grid: Grid, last: int, texts: Mapping[int, list[str]], known: _Known) -> float:
    """A little more for two rows of headings of which the lower is nothing but headings."""
    lower = [t for t in grid.rows[last] if t]
    over = [t[0] for t in texts.values() if len(t) > 1]
    if any(over.count(t) > 1 for t in over) and not any(re.search(r"\d", t) for t in lower):
        return 0.5
    return 0.5 if any(len(t) > 1 for t in texts.values()) and all(_plain(t) in known for t in lower) else 0


def _rows_of(grid: Grid, last: int, texts: Mapping[int, list[str]]) -> list[int]:
    """The rows whose headings were put together."""
    several = any(len(t) > 1 for t in texts.values())
    above = [n for n in grid.rows if n < last]
    return [max(above)] if several and above else [last]


def _known(sheet: Sheet) -> _Known:
    """The columns of a sheet by all that they are called; one that is headed so in the template goes first."""
    known: dict[str, tuple[Column, ...]] = {}
    for names in (lambda c: (c.heading,), lambda c: c.names):
        for column in sheet.columns:
            for name in map(_plain, names(column)):
                if name and column not in known.get(name, ()):
                    known[name] = (*known.get(name, ()), column)
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
    # Headings that stand again on each page are those of the first.
    numbers = [n for n in sorted(grid.rows)[:_HEAD] if grid.rows[n] not in (grid.rows[m] for m in grid.rows if m < n)]
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
    texts: Mapping[int, list[str]], known: _Known, sheet: str, told: Told
) -> tuple[dict[int, Column], list[Guess]]:
    """The columns that headings are, each once, by the place of the heading."""
    columns: dict[int, Column] = {}
    guesses: list[Guess] = []
    # A heading over several columns says of none of them alone what it is.
    over = [t[0] for t in texts.values() if len(t) > 1]
    texts = {
        at: t[1:] if len(t) > 1 and over.count(t[0]) > 1 and not _joint(t, known) else t for at, t in texts.items()
    }
    # A heading that may be several columns is whichever the others leave over.
    for at in sorted(texts, key=lambda at: len(_may_be(texts[at], known)) > 1):
        parts = texts[at]
        heading = next(filter(None, reversed(parts)), "")
        wanted = told.get((fold(sheet), fold(heading)), told.get(("", fold(heading))))
        if wanted is not None:
            may_be = known.get(_plain(wanted), ())[:1]
            guesses.append(Guess(sheet, heading, may_be[0].heading if may_be else "", "as the sheet of columns says"))
        else:
            may_be = _may_be(parts, known)
        free = [c for c in may_be if c not in columns.values()]
        if free:
            holding = [] if any(c.holders for c in columns.values()) else [c for c in free if c.holders]
            columns[at] = [*holding, *free][0]
        elif may_be and may_be[0].key and wanted is None:
            # A second column of references says where else a line stands: “SFI 2” beside “1.1”.
            source = next((c for several in known.values() for c in several if c.fills.endswith("/sourceClause")), None)
            if source and source not in columns.values():
                columns[at] = source
                guesses.append(Guess(sheet, heading, source.heading, "since another column has the references"))
    return dict(sorted(columns.items())), guesses


def _joint(parts: list[str], known: _Known) -> bool:
    """Whether two headings above each other are a heading together."""
    return _plain(" ".join(parts)) in known


def _may_be(parts: list[str], known: _Known) -> tuple[Column, ...]:
    """The columns that a heading, in one row or two, may be."""
    forms = [_plain(" ".join(parts)), *(_plain(p) for p in reversed(parts))]
    if found := next((known[f] for f in forms if f in known), ()):
        return found
    listing = _LISTING.match(forms[0])
    return tuple(c for c in known.get(listing["what"], ()) if c.required) if listing else ()


def _by_content(
    grid: Grid, last: int, texts: Mapping[int, list[str]], columns: Mapping[int, Column], sheet: Sheet, layout: Layout
) -> dict[int, Column]:
    """Columns with the one for decisions found by its content, where none has its heading alone.

    It is the one with the longest words, of those that nobody knows and of those that may be it by their headings.
    """
    needed = [c for c in sheet.columns if c.required and c not in columns.values()]
    if len(needed) != 1:
        return dict(columns)
    known = _known(sheet)
    lengths = {}
    for at in texts:
        cells = [r[at - 1] for n, r in grid.rows.items() if n > last and at <= len(r) and r[at - 1]]
        if _labels(texts[at], sheet) or (at in columns and columns[at].holders and _only(columns, at)):
            continue
        may_be = needed[0] in _may_be(texts[at], known)
        references = [c for c in cells if _REFERENCE.fullmatch(c)]
        if may_be and cells and len(references) < len(cells) / 2 and len(set(cells)) > 0.8 * len(cells):
            lengths[at] = max(13, sum(map(len, cells)) / len(cells))
        elif (
            at not in columns
            and len(cells) >= _ENOUGH
            and any(c.holders for c in columns.values())
            and not _of_role(texts[at], layout)
        ):
            lengths[at] = sum(map(len, cells)) / len(cells)
    best = max(lengths, key=lambda at: lengths[at], default=0)
    return {**columns, best: needed[0]} if best and lengths[best] > 12 else dict(columns)


def _labels(parts: list[str], sheet: Sheet) -> bool:
    """Whether a heading is one that goes into another column with what stands under it."""
    return _plain(parts[-1]) in {_plain(n) for c in sheet.columns for n in c.labelled}


def _only(columns: Mapping[int, Column], at: int) -> bool:
    """Whether a place has the only column of holders."""
    return not any(c.holders for place, c in columns.items() if place != at)


def _of_role(parts: list[str], layout: Layout) -> bool:
    """Whether a heading names a post or committee, as those of a matrix do."""
    words = fold(" ".join(parts)).split()
    return any(w in layout.words["RoleWord"] for w in words)


def _guessed(grid: Grid, found: Headings, layout: Layout) -> Headings:
    """Headings with columns that are known by what stands in them, and what was guessed told."""
    columns = dict(found.columns)
    guesses = list(found.guesses)
    told = {g.heading for g in guesses}
    lines = found.sheet.filling("ics:theme") is not None
    if lines and not any(c.holders for c in columns.values()) and (at := _of_holders(grid, found, layout)):
        columns[at] = next(c for c in found.sheet.columns if c.holders and "Local" in "".join(c.picks))
        guesses.append(Guess(grid.name, found.texts[at], columns[at].heading, "by what stands in it"))
    for at, heading in found.texts.items():
        if at in columns:
            by = columns[at]
            known = _plain(heading) in {_plain(n) for n in by.names} or is_listing(heading)
            if not known and heading not in {g.heading for g in guesses}:
                guesses.append(Guess(grid.name, heading, by.heading, "by what stands in it"))
            continue
        cells = [r[at - 1] for n, r in grid.rows.items() if n > found.row and at <= len(r) and r[at - 1]]
        guessable = lines and heading not in told and not _of_role([heading], layout)
        column = _of_content(cells, found.sheet, columns.values(), layout) if guessable else None
        if column:
            columns[at] = column
            guesses.append(Guess(grid.name, heading, column.heading, "by what stands in it"))
    return replace(found, columns=columns, guesses=tuple(guesses))


def _of_holders(grid: Grid, found: Headings, layout: Layout) -> int:
    """The place of the column of themes where each theme is the name of a holder, as in schemes grouped by who decides."""
    at = next((at for at, c in found.columns.items() if c.fills.endswith("/theme")), 0)
    cells = [r[at - 1] for n, r in grid.rows.items() if at and n > found.row and at <= len(r) and r[at - 1]]
    named = [
        layout.says(re.sub(r"^the ", "", c.strip(), flags=re.IGNORECASE), "BoardWord") or _ends_in_role(c, layout)
        for c in cells
    ]
    return at if cells and all(named) else 0


def _ends_in_role(name: str, layout: Layout) -> bool:
    words = fold(name).split()
    return 0 < len(words) < 7 and (
        words[-1] in layout.words["RoleWord"] or (len(words) > 1 and words[0] in ("chief", "director", "head"))
    )


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
    if share("£" in c and len(c) <= _SUM_LONGEST and not _of_role([c], layout) for c in cells) >= _SHARE:
        return free("ics:upTo")
    return None
