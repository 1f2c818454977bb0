"""Rows to triples, and the cell of everything they say."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache

from icsgraph.ask.names import Names, fold
from icsgraph.core.dates import day_after
from icsgraph.core.terms import DEF, ID, expand
from icsgraph.graph.rdf import RDF_TYPE, Literal, Term, Triple, text, typed
from icsgraph.graph.rdf import iri as new_iri
from icsgraph.scheme.alike import pairs
from icsgraph.scheme.cells.money import OPEN, Limit, money, two_ways
from icsgraph.scheme.cells.pieces import lettered, split
from icsgraph.scheme.cells.reader import CellReader, CellReading, Holding, LimitReading, Unread, with_limit
from icsgraph.scheme.headings import Guess
from icsgraph.scheme.layout import Column, Layout
from icsgraph.scheme.lists import Lists
from icsgraph.scheme.reading import Cell, Row
from icsgraph.scheme.remarks import Remark

__all__ = ["Workbook", "slug", "to_triples"]

# The same addresses stand in many statements.
iri = lru_cache(maxsize=100_000)(new_iri)
# Where local things without a body to name them after have their addresses.
_LOCAL = "https://example.org/"
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
# “10000”, “1,000”, “50 000” in a column of a holder.
_BARE = re.compile(r"\d{1,3}(?:[, \u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
# “A”, “R/C”
_LETTERS = re.compile(r"[A-Z](?:\s*[/,&+]\s*[A-Z]){0,3}")
# What letters stand for alike in the keys in use (approve or accountable, consulted, informed); R may be responsible or recommends.
_COMMON_KEY = {"A": DEF + "Decides", "C": DEF + "IsConsulted", "I": DEF + "IsInformed"}
_LABEL = expand("rdfs:label")
_TYPE = expand("rdf:type")


@dataclass(kw_only=True)
class Workbook:
    """A workbook as a graph: its triples, the cell of each thing and of each (thing, property), rows read, and remarks.

    ``guesses`` are the columns of which it was guessed what they hold, ``partly_read`` the lines of which something was not read,
    ``apart`` those of sheets of one holder, which have numbers of their own.
    """

    triples: list[Triple] = field(default_factory=list)
    cells: dict[tuple[str, str], str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    guesses: list[Guess] = field(default_factory=list)
    partly_read: set[str] = field(default_factory=set)
    apart: set[str] = field(default_factory=set)


def slug(words: str) -> str:
    """Words as part of an address.

    >>> slug("NHS St. Helens & Knowsley ICB")
    'nhs-st-helens-and-knowsley-icb'
    """
    return fold(words).replace(" ", "-") or "x"


def day(words: str) -> str:
    """A date as people write it, as ``YYYY-MM-DD``; empty where it is none. The day goes before the month.

    >>> day("2025-04-01"), day("1/4/2025"), day("1st April 2025"), day("April 2025")
    ('2025-04-01', '2025-04-01', '2025-04-01', '')
    """
    plain = words.strip().removesuffix(" 00:00:00")
    if re.fullmatch(r"\d{4}-\d\d-\d\d", plain):
        numbers = [int(n) for n in plain.split("-")]
    elif found := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d\d)", plain):
        year = int(found[3]) + (2000 if len(found[3]) == 2 else 0)
        numbers = [year, int(found[2]), int(found[1])]
    elif found := re.fullmatch(
        r"(?:[A-Za-z]+day,?\s+)?(\d{1,2})(?:st|nd|rd|th)?[\s-]+([A-Za-z]{3})[a-z]*\.?,?[\s-]+(\d{4})", plain
    ):
        month = found[2].casefold()
        numbers = [int(found[3]), _MONTHS.index(month) + 1 if month in _MONTHS else 0, int(found[1])]
    else:
        return ""
    try:
        return dt.date(*numbers).isoformat()
    except ValueError:
        return ""


def to_triples(rows: list[Row], remarks: list[Remark], layout: Layout, names: Names, as_at: str) -> Workbook:
    """The graph of rows: addresses first, so that every cell may name what any sheet lists."""
    return _Writer(layout, Lists(layout, names, as_at)).write(rows, remarks)


class _Writer:
    def __init__(self, layout: Layout, lists: Lists) -> None:
        self.layout = layout
        self.lists = lists
        self.book = Workbook()
        self.base = _LOCAL
        self.board = ""
        self.scheme = ""
        self.taken: dict[str, str] = {}
        self.labels: dict[str, str] = {}
        # Headings outside the layout that name holders, each with the name and the part that a cross means.
        self.matrix: dict[str, tuple[str, str]] = {}
        # Names of people met in cells: noted, and kept out of the graph.
        self.people: set[str] = set()
        self.given: dict[str, list[tuple[str, Term]]] = {}
        # The names of the body whose scheme it is.
        self.board_names: list[str] = []
        # Rows with cells in columns that were left out, of which it is not known who decides.
        self.left_out: set[tuple[str, int]] = set()
        # The part that holders take under a heading outside the layout that says what they do: “Recommended by”.
        self.acting: dict[str, str] = {}
        self.partly = False
        # The sheets whose columns of crosses hold bare sums, in which a 1 is a sum too.
        self.sums: dict[str, bool] = {}
        # Headings that are limits, under which whoever has them is named.
        self.rungs: dict[str, Limit] = {}
        # The lettered parts of the decision that is read.
        self.parts: dict[str, str] = {}
        self.reader: CellReader

    # ------------------------------------------------------------ addresses

    def write(self, rows: list[Row], remarks: list[Remark]) -> Workbook:
        self.book.remarks += remarks
        self._whose(rows)
        addresses = [self._address(row) for row in rows]
        for row, address in zip(rows, addresses, strict=True):
            self._list(row, address)
        self._scheme(rows, addresses)
        self.board_names = self._names_of_board(rows, addresses)
        self.reader = CellReader(self.layout, self._party, self.board, self.lists.near)
        self._matrix(rows)
        order: dict[str, int] = {}
        for row, address in zip(rows, addresses, strict=True):
            order[row.sheet.name] = order.get(row.sheet.name, 0) + 1
            self._row(row, address, order[row.sheet.name])
        self.book.rows = order
        self._likened(rows)
        self._alike()
        return self.book

    def _whose(self, rows: Iterable[Row]) -> None:
        """The base of local addresses: given, else made from the name of the body whose scheme it is."""
        sheet = self.layout.sheet("ics:Scheme")
        bodies = self.layout.sheet("ics:Body")
        first = next((r for r in rows if r.sheet is sheet), None)
        if not first:
            return
        given = self._cell(first, "ics:addressBase")
        if given and re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", given):
            self.base = given.rstrip("/#") + "/"
            return
        name = self._cell(first, "ics:schemeOf")
        wanted = self.lists.form(name)
        for row in rows:
            if row.sheet is bodies:
                called = [self._cell(row, n) for n in ("rdfs:label", "ics:odsCode")]
                called += split(self._cell(row, "skos:altLabel"))
                if wanted in {self.lists.form(c) for c in called if c}:
                    name = called[0] or name
        record = self.lists.names.meant(name, "Body", self.lists.as_at)
        self.base = f"{_LOCAL}{slug(self.lists.names.label(record) if record else name)}/"

    def _cell(self, row: Row, name: str) -> str:
        column = row.sheet.filling(name)
        return row.cells[column].text if column and column in row.cells else ""

    def _address(self, row: Row) -> str:
        for column, cell in row.cells.items():
            known = f"{ID}{column.record.removeprefix(DEF).casefold()}/{cell.text.strip()}"
            if column.record and self.lists.names.types(known):
                return known
            if column.record:
                told = f"The code “{cell.text}” is not on record, so nothing known of the body was looked at."
                self.book.remarks.append(Remark(cell.place, told, "Mend it, or leave it out.", lost=False))
        keys = [self._key(row, c) for c in row.sheet.columns if c.key]
        keys = list(filter(None, keys)) or [self._cell(row, "rdfs:label")]
        wanted = f"{self.base}{row.sheet.part}/{'/'.join(slug(self.lists.form(k)) for k in keys if k) or row.number}"
        address, count = wanted, 1
        while address in self.taken:
            count += 1
            address = f"{wanted}-{count}"
        if count > 1 and self._cell(row, "dcterms:identifier"):
            self.book.remarks.append(
                Remark(
                    row.place,
                    f"The reference “{keys[-1]}” was used before, at {self.taken[wanted]}.",
                    "Give each row its own; both were read.",
                    lost=False,
                )
            )
        self.taken[address] = row.place
        return address

    def _key(self, row: Row, column: Column) -> str:
        if column in row.cells:
            return row.cells[column].text
        return row.document if column.fills == DEF + "inDocument" else ""

    def _list(self, row: Row, address: str) -> None:
        kind = row.sheet.rows_are
        own = [self._cell(row, "rdfs:label"), self._cell(row, "ics:odsCode"), *split(self._cell(row, "skos:altLabel"))]
        if row.sheet.filling("ics:partOfScheme"):
            own = [self._cell(row, "dcterms:identifier")]
        self.labels[address] = own[0]
        for name in filter(None, own):
            self.lists.add(kind, name, address)

    def _scheme(self, rows: list[Row], addresses: list[str]) -> None:
        """The scheme to which lines belong and the body whose it is, where need be made up and said so."""
        sheet = self.layout.sheet("ics:Scheme")
        own = [(r, a) for r, a in zip(rows, addresses, strict=True) if r.sheet is sheet]
        if own:
            row, self.scheme = own[0]
            column = next(c for c in sheet.columns if c.fills == DEF + "schemeOf")
            if column in row.cells:
                self.board = self._reference(row.cells[column].text, column, row.cells[column])
                return
            place = row.place
        else:
            self.scheme = f"{self.base}scheme"
            place = f"{sheet.name}!A1"
            self._say(self.scheme, RDF_TYPE.value, iri(DEF + "Scheme"), place)
        self.board = self._only_named(self.layout.usual["BoardWord"], DEF + "Body")
        self._say(self.scheme, DEF + "schemeOf", iri(self.board), place)
        self.book.remarks.append(
            Remark(
                place,
                "The workbook does not say whose scheme it is.",
                f"Fill in the sheet {sheet.name}; law on that body was not looked at.",
                lost=False,
            )
        )

    def _names_of_board(self, rows: list[Row], addresses: list[str]) -> list[str]:
        """All that the body whose scheme it is is called, here and on record."""
        found = [self.labels.get(self.board) or self.lists.names.label(self.board)]
        for row, address in zip(rows, addresses, strict=True):
            if address == self.board:
                found += [self._cell(row, "rdfs:label"), *split(self._cell(row, "skos:altLabel"))]
        return [f for f in dict.fromkeys(found) if f]

    def _only_named(self, name: str, kind: str) -> str:
        """The address of a holder that no list has; it is said once that it is only named."""
        form = self.lists.form(name)
        address = f"{self.base}named/{slug(form)}"
        if address not in self.labels:
            self.labels[address] = name
            self._say(address, RDF_TYPE.value, iri(kind), "")
            self._say(address, _LABEL, text(name), "")
            self._say(address, DEF + "onlyNamed", typed("true", "boolean"), "")
            if DEF + "Body" in self.layout.vocabulary.wider.get(kind, {kind}):
                self._say(address, DEF + "describedElsewhere", typed("true", "boolean"), "")
        return address

    def _sort(self, name: str, picks: tuple[str, ...]) -> str:
        """The class of a holder that no list has: that of its column, but a committee where its head word says so."""
        wide = min(picks, key=lambda p: (len(self.layout.vocabulary.wider.get(p, ())), p))
        head = re.split(r"\s(?:of|in|for|at|on|to|made|,)\s", fold(name.replace("-", "")) + " ")[0].split()
        if head and head[-1] in {fold(w.replace("-", "")) for w in self.layout.words["CommitteeWord"]}:
            return DEF + "Committee" if wide == DEF + "LocalPost" else wide
        return wide

    # ------------------------------------------------------------ rows

    def _say(self, subject: str, predicate: str, value: Term, place: str) -> None:
        self.book.triples.append(Triple(iri(subject), iri(predicate), value))
        if place:
            self.book.cells.setdefault((subject, predicate), place)
            self.book.cells.setdefault((subject, ""), place)

    def _row(self, row: Row, address: str, position: int) -> None:
        self.book.cells[(address, "")] = row.place
        typing = row.sheet.filling("rdf:type")
        if not (typing and typing in row.cells and self._kind(row.cells[typing], typing)):
            self._say(address, _TYPE, iri(row.sheet.rows_are), row.place)
        self._say(address, DEF + "position", typed(str(position), "integer"), row.place)
        with_holders = any(c.holders for c in row.sheet.columns)
        for column in row.sheet.columns:
            cell = row.cells.get(column)
            if cell is None:
                self._default(row, column, address)
            elif not (with_holders and _of_holders(column, row)):
                self._values(column, cell, address)
        if row.noted:
            self._say(address, DEF + "condition", text(row.noted.text), row.noted.place)
        if row.titled and row.document:
            self.book.apart.add(address)
        if with_holders:
            for step in row.steps:
                for column, cell in step.cells.items():
                    if not (column.key or column.required or _of_holders(column, row)):
                        self._values(column, cell, address)
            self._authorities(row, address)

    def _default(self, row: Row, column: Column, address: str) -> None:
        """What an empty cell stands for."""
        if column.required:
            self.book.remarks.append(Remark(row.place, f"The row has nothing under “{column.heading}”.", "Fill it in."))
        elif column.when_empty:
            self._say(address, column.fills, typed(column.when_empty, column.datatype), row.place)
        elif column.fills == DEF + "theme" and row.theme:
            self._say(address, column.fills, text(row.theme.text), row.theme.place)
        elif column.fills == DEF + "inDocument" and row.document:
            self._say(address, column.fills, text(row.document), row.place)
        elif column.fills == DEF + "partOfScheme":
            self._say(address, column.fills, iri(self.scheme), row.place)

    def _values(self, column: Column, cell: Cell, address: str) -> None:
        """What a cell says of the thing of its row, or of a thing of its own that hangs on it."""
        if column.fills == _TYPE:
            if kind := self._kind(cell, column):
                self._say(address, _TYPE, iri(kind), cell.place)
            else:
                self._unread(cell, column, "is not a kind that is known")
            return
        for value in split(cell.text) if column.picks or column.several else [cell.text]:
            term = self._term(value, cell, column)
            if term is None:
                continue
            subject = address
            if column.makes:
                subject = (
                    f"{address}/{column.makes.removeprefix(DEF).casefold()}/{term.value.rstrip('/').rpartition('/')[2]}"
                )
                self._say(subject, _TYPE, iri(column.makes), cell.place)
                self._say(subject, column.linked_by, iri(address), cell.place)
            self._say(subject, column.fills, term, cell.place)

    def _kind(self, cell: Cell, column: Column) -> str:
        return self.lists.kind(cell.text, column.picks[0])

    def _term(self, value: str, cell: Cell, column: Column) -> Term | None:
        """What a value of a cell means; none where it means nothing, which is noted where it says something."""
        term: Term | None
        if not column.picks:
            term, why = self._literal(value, column), _WANTED[column.datatype]
        elif self.layout.says(value, "NoWord"):
            return None
        else:
            found = self._reference(value, column, cell)
            term, why = iri(found) if found else None, "names nothing on the record"
        if term is None and value not in self.people:
            self._unread(cell, column, why, value)
        return term

    def _reference(self, value: str, column: Column, cell: Cell) -> str:
        """The address a cell means: listed, on record, or of a holder that is only named; empty where the record alone counts."""
        if self.board and (self.layout.says(value, "BoardWord") or self._is_board(value)):
            return self.board
        if DEF + "Part" in column.picks:
            return self.layout.parts.get(value.casefold(), "")
        if address := self.lists.find(value, column.picks):
            return address
        local = [p for p in column.picks if self.layout.overlap(p, DEF + "Body") or p == DEF + "LocalPost"]
        return self._stranger(value, tuple(local), cell) if local else ""

    def _stranger(self, name: str, picks: tuple[str, ...], cell: Cell) -> str:
        """The address of a holder that stands on no list; empty for a person, of whom nothing is kept, without a known post."""
        kind = self._sort(name, picks)
        if not self._person(name, kind):
            return self._only_named(name, kind)
        self.people.add(name)
        behind = re.split(r"\s*[,(–]\s*|\s-\s", name, maxsplit=1)[1:]
        post = self.lists.find(behind[0].strip(" )"), picks) if behind else ""
        told = "A cell for a post seems to name a person"
        self.book.remarks.append(
            Remark(
                cell.place,
                f"{told}; only the post was read." if post else f"{told}; it was not read.",
                "Write the title of the post; this record holds no people.",
            )
        )
        return post

    def _person(self, name: str, kind: str) -> bool:
        """Whether a name is one of a person: after a title; for a post also capitalised words of which none is one for posts."""
        words = re.split(r"[,(–]", name)[0].replace("’", "'").split()
        if len(words) > 1 and words[0].rstrip(".").casefold() in self.layout.words["PersonWord"]:
            return True
        known = {*self.layout.words["PostWord"], *self.layout.words["CommitteeWord"]}
        capital = all(re.fullmatch(r"[A-Z][A-Za-z'-]*\.?", w) and not w[1:].isupper() for w in words)
        named = 1 < len(words) < 4 and capital and not any(w.casefold() in known for w in words)
        return named and kind == DEF + "LocalPost"

    def _literal(self, value: str, column: Column) -> Literal | None:
        """A value of the kind that the property takes; none where it is not of that kind."""
        if column.datatype == "date":
            found = day(value)
            return typed(day_after(found) if column.last_day else found, "date") if found else None
        if column.datatype == "boolean":
            for word, truth in (("YesWord", "true"), ("NoWord", "false")):
                if self.layout.says(value, word):
                    return typed(truth, "boolean")
            return None
        if column.datatype == "decimal":
            sum_ = money(value)
            return _decimal(sum_) if sum_ is not None else None
        return text(value)

    def _unread(self, cell: Cell, column: Column, why: str, value: str = "") -> None:
        """Note that a cell could not be read."""
        self.book.remarks.append(
            Remark(
                cell.place,
                f"“{_short(value or cell.text)}” under “{column.heading}” {why}; it was not read.",
                "Mend the cell.",
            )
        )

    # ------------------------------------------------------------ who may do what

    def _party(self, name: str, picks: tuple[str, ...]) -> str:
        """The address of a holder that a name means as written: on a list, on record, or the board itself."""
        return self.lists.exact(name, picks) or (self.board if self._is_board(name) else "")

    def _is_board(self, name: str) -> bool:
        if "oard" not in name:
            return False
        return any(self.lists.is_board(name, own) for own in self.board_names)

    def _authorities(self, row: Row, line: str) -> None:
        """All who may do something under a line, with the limit of the line where they have none of their own."""
        words = self._cell(row, "rdfs:label")
        residual = self.reader.is_residual(words)
        self.parts = lettered(words)
        sheet = row.place.rpartition("!")[0]
        self.partly = any((sheet, r.number) in self.left_out for r in (row, *row.steps))
        for written in (row, *row.steps):
            step = self._joined(written)
            by_letter = any(self._by_letter(c, column) for column, c in step.cells.items())
            limit, cell = self._limits(step, line, words)
            limited = self._limit_place(step, row)
            ceiling = limit.limit
            found = self._holdings(step, ceiling, limit)
            limit = self._pairwise(found, limit, cell)
            ceiling = limit.limit
            for rung in limit.holders.holdings if limit.holders and cell else ():
                at = next(
                    (i for i, (_, _, h) in enumerate(found) if h.address == rung.address and h.limit == OPEN), None
                )
                if at is None:
                    found.append((_posts(row), cell, rung))  # type: ignore[arg-type]
                else:
                    found[at] = (*found[at][:2], replace(found[at][2], limit=rung.limit, written=""))
            found = self._each(self._decided(found), limit, cell)
            found = self._of_kept(found, limit, cell, any(c.holders for c in step.cells))
            if limit.unlimited:
                found = [(c, at, replace(h, unlimited=h.limit == OPEN and not h.part)) for c, at, h in found]
            if row.steps:
                found = self._of_step(found, written, limit, line)
            if not cell and not by_letter and len(self.reader.limits_in(words)) > 1:
                self._several_sums(row, found, words)
            for column, at_cell, holding in found:
                nil = limit.nil and holding.limit == OPEN and not holding.unlimited
                if nil and (holding.part or column.part) == DEF + "Decides":
                    self._note(
                        cell or at_cell, f"{self._called(holding.address) or holding.name} has no authority here"
                    )
                else:
                    self._authority(line, column, at_cell, holding, ceiling, residual, limited)
        if self.partly:
            self.book.partly_read.add(line)

    def _joined(self, row: Row) -> Row:
        """A row whose holder ends with words for a limit, with the sum of the column of limits behind them.

        “Board if greater than” beside £500,000 is the Board above that sum.
        """
        column = row.sheet.filling("ics:upTo")
        hanging = [
            c
            for c, cell in row.cells.items()
            if c.holders
            and self.reader.dangling(cell.text)
            and ((column and column in row.cells) or not self._rung(cell, c))
        ]
        if not hanging:
            return row
        cells = dict(row.cells)
        limit = cells.pop(column, None) if column and len(hanging) == 1 else None
        for holder in hanging:
            cell = cells[holder]
            if limit:
                cells[holder] = Cell(f"{cell.text.rstrip(' :–-')} {limit.text}", cell.place)
            else:
                self._unread(cell, holder, "ends with words for a limit whose sum is not there")
                self.partly = True
                del cells[holder]
        return replace(row, cells=cells)

    def _rung(self, cell: Cell, column: Column) -> bool:
        """Whether a cell ends with words for all above a sum named before in it: “CFO up to £10k; Board above”."""
        ends = any(cell.text.casefold().rstrip(" .").endswith(f" {w}") for w in self.layout.words["AboveThatWord"])
        return ends and not self.reader.read(cell.text, column.picks).unread

    def _reading(self, cell: Cell, column: Column, above: Decimal | None) -> CellReading:
        """What a cell of holders says; where it has the letters of the parts of its decision, each holder with its part."""
        own = self._by_letter(cell, column)
        if not own:
            return self.reader.read(cell.text, column.picks, above)
        several = [(self.reader.read(who, column.picks), self.parts[letter]) for letter, who in own.items()]
        holdings = []
        for reading, part in several:
            limits = self.reader.limits_in(part)
            limit = limits[0] if len(limits) == 1 else OPEN
            # A sum that is read as the limit is not said again as a condition.
            words = part if limit == OPEN else self.reader.without_limits(part)
            holdings += [
                replace(with_limit(h, limit), conditions=(*h.conditions, *filter(None, (words,))), written="")
                for h in reading.holdings
            ]
        return CellReading(
            tuple(holdings),
            tuple(u for r, _ in several for u in r.unread),
            tuple(n for r, _ in several for n in r.notes),
        )

    def _by_letter(self, cell: Cell, column: Column) -> dict[str, str]:
        own = lettered(cell.text) if column.holders and self.parts else {}
        return own if own.keys() <= self.parts.keys() else {}

    def _of_step(
        self, found: list[tuple[Column, Cell, Holding]], step: Row, limit: LimitReading, line: str
    ) -> list[tuple[Column, Cell, Holding]]:
        """The holders of one rung of several with the conditions that stand beside them; of the line where there are none."""
        column = step.sheet.filling("ics:condition")
        cell = step.cells.get(column) if column else None
        conditions = (*limit.words, *(split(cell.text) if cell else ()))
        if not found:
            for condition in split(cell.text) if cell else ():
                self._say(line, DEF + "condition", text(condition), cell.place if cell else "")
        return [(c, at, replace(h, conditions=(*h.conditions, *conditions))) for c, at, h in found]

    def _several_sums(self, row: Row, found: Iterable[tuple[Column, Cell, Holding]], words: str) -> None:
        """Tell that a decision names several sums, where its holders have none of their own."""
        open_ = [at for c, at, h in found if h.limit == OPEN and not h.unlimited and c.part != DEF + "Reserves"]
        if open_:
            told = f"“{_short(words)}” names several sums, and the cell does not say which holds for whom"
            self.book.remarks.append(
                Remark(open_[0].place, f"{told}; no limit was read.", "Put the limit of each behind it.")
            )
            self.partly = True

    def _decided(self, found: list[tuple[Column, Cell, Holding]]) -> list[tuple[Column, Cell, Holding]]:
        """Holders without those who are only said to be recommended to, where the line says for itself who decides."""
        deciding = {DEF + "Decides", DEF + "Reserves"}
        own = [h.limit for c, _, h in found if not h.implied and (h.part or c.part) in deciding]
        return [
            (c, at, h)
            for c, at, h in found
            if not h.implied or not any(o in (OPEN, h.limit) or h.limit == OPEN for o in own)
        ]

    def _pairwise(
        self, found: Iterable[tuple[Column, Cell, Holding]], limit: LimitReading, cell: Cell | None
    ) -> LimitReading:
        """A limit cell of two sums with “and” between them beside two holders: one sum for each, and no range."""
        open_ = [h for c, _, h in found if c.part != DEF + "Reserves" and h.limit == OPEN and not h.implied]
        sums = [money(s) for s in re.split(r"\s(?:and|&)\s", cell.text.strip())] if cell else []
        if len(sums) != 2 or len(open_) != 2 or None in sums:
            return limit
        return replace(limit, limit=OPEN, each=tuple((None, s) for s in sums))

    def _of_kept(
        self, found: list[tuple[Column, Cell, Holding]], limit: LimitReading, cell: Cell | None, named: bool
    ) -> list[tuple[Column, Cell, Holding]]:
        """The limit beside a decision that is only reserved: where it begins above a sum it is that of the reservation.

        A sum up to which something is reserved may be the end or the beginning of it, and one beside nobody is nobody's: both are listed.
        """
        takes = [h for c, _, h in found if (h.part or c.part) != DEF + "Reserves" and h.limit in (OPEN, limit.limit)]
        kept = [i for i, (c, _, h) in enumerate(found) if (h.part or c.part) == DEF + "Reserves" and h.limit == OPEN]
        if cell is None or limit.limit == OPEN or takes:
            return found
        if not kept or limit.limit[0] is None:
            if not kept and (found or named):
                return found
            why = "stands beside nobody" if not kept else "does not say whether what is reserved ends or begins there"
            self.book.remarks.append(
                Remark(cell.place, f"“{_short(cell.text)}” {why}; it was not read.", "Put it behind its holder.")
            )
            self.partly = True
            return found
        for at in kept:
            column, home, holding = found[at]
            found[at] = (column, home, replace(holding, limit=limit.limit))
        return found

    def _each(
        self, found: list[tuple[Column, Cell, Holding]], limit: LimitReading, cell: Cell | None
    ) -> list[tuple[Column, Cell, Holding]]:
        """Holders with the limits that stand in the same order in the cell of limits."""
        if not limit.each or cell is None:
            return found
        open_ = [i for i, (c, _, h) in enumerate(found) if c.part != DEF + "Reserves" and h.limit == OPEN]
        if len(open_) != len(limit.each):
            told = f"names {len(limit.each)} limits for {len(open_)} holders"
            self.book.remarks.append(
                Remark(
                    cell.place, f"“{_short(cell.text)}” {told}; it was not read.", "Put each limit behind its holder."
                )
            )
            self.partly = True
            # What nobody can tell apart is not taken for an authority without limit.
            return [f for i, f in enumerate(found) if i not in open_]
        for at, own in zip(open_, limit.each, strict=True):
            column, home, holding = found[at]
            together = self.layout.usual["JointWord"] if holding.joined else ""
            own_words = tuple(c for c in holding.conditions if c != together)
            found[at] = (column, home, replace(holding, limit=own, written="", conditions=own_words))
        return found

    def _holdings(self, row: Row, ceiling: Limit, limit: LimitReading) -> list[tuple[Column, Cell, Holding]]:  # noqa: C901
        """What the cells of a row say of holders, those of a matrix too; pieces that name none are noted."""
        found: list[tuple[Column, Cell, Holding]] = []
        cells = [(c, cell) for c, cell in row.cells.items() if c.holders]
        sums = [h.limit[1] for c, cell in cells for h in self.reader.read(cell.text, c.picks).holdings]
        sums += [self.reader.read_limit(c.text, ()).limit[1] for h, c in row.others if self.matrix.get(h, ("",))[0]]
        above = ceiling[1] if ceiling[1] is not None else max((s for s in sums if s is not None), default=None)
        for column, cell in cells:
            reading = self._reading(cell, column, above)
            for holding in reading.holdings:
                if holding.address == self.board and self.layout.says(holding.name, "YesWord"):
                    holding = replace(holding, written="" if holding.limit == OPEN else holding.written)
                if column.part != DEF + "Reserves" and self._only_yes(holding) and len(reading.holdings) > 1:
                    # “Yes (Chief Executive)”
                    continue
                if column.part != DEF + "Reserves" and self._only_yes(holding):
                    self._unread(cell, column, "does not say who")
                    self.partly = True
                else:
                    found.append((column, cell, holding))
            if column.part == DEF + "Reserves" and reading.holdings and self._keeps(cell.text, reading.holdings):
                # “Yes – Audit Committee to review”: the board keeps what somebody else prepares.
                found.append((column, cell, Holding(name=cell.text, address=self.board)))
            bare = self._of_board(row, cell) if column.part == DEF + "Reserves" and not reading.holdings else None
            if bare:
                found.append((column, cell, bare))
            for piece in () if bare else reading.unread:
                self._unread_piece(cell, column, piece)
            for piece_, told in reading.notes:
                self._note(cell, told, piece_)
        theme = row.theme or (self._theme(row) if row.titled else None)
        if theme and not row.steps and not any(c.holders for c in row.cells):
            found += self._grouped(row, theme)
        if row.titled and not found:
            found += self._grouped(row, row.titled)
        for heading, cell in row.others:
            if cell.place in row.doubts and (self.matrix.get(heading, ("",))[0] or heading in self.acting):
                self._unread(cell, _posts(row), row.doubts[cell.place])
                self.partly = True
                continue
            if heading in self.rungs and not self.layout.says(cell.text, "NoWord"):
                reading = self.reader.read(cell.text, _posts(row).picks, above)
                found += [(_posts(row), cell, with_limit(h, self.rungs[heading])) for h in reading.holdings]
                for piece in reading.unread:
                    self._unread_piece(cell, _posts(row), piece)
                continue
            name, part = self.matrix.get(heading, ("", self.acting.get(heading, "")))
            part = part or self.acting.get(heading, "")
            if (name or part) and not self.layout.says(cell.text, "NoWord"):
                if not (words := self._meant(row, name, cell)):
                    continue
                column = next((c for c in row.sheet.columns if part and c.part == part != DEF + "Decides"), _posts(row))
                reading = self.reader.read(words, column.picks, above)
                found += [(column, cell, replace(h, part=h.part or part)) for h in reading.holdings]
                for piece in reading.unread:
                    self._unread_piece(cell, column, piece)
                for piece_, told in reading.notes:
                    self._note(cell, told, piece_)
        return found

    def _meant(self, row: Row, name: str, cell: Cell) -> str:
        """What a cell under a holder's heading says, as a cell of holders; empty where it is listed, being letters or a sum in two ways."""
        words = cell.text.strip()
        if (
            name
            and _BARE.fullmatch(words)
            and (self.sums.get(row.sheet.name) or not self.layout.says(words, "YesWord"))
        ):
            if ways := two_ways(words):
                self._unread(cell, _posts(row), f"can be read in 2 ways ({ways})")
                self.partly = True
                return ""
            found = money(words)
            limit = f"{self.layout.usual['UpToWord']} £{found:,f}" if found else self.layout.usual["NilWord"]
            return f"{name} ({limit})" if found is not None else self._under(name, words)
        if name and _LETTERS.fullmatch(words) and not self.layout.says(words, "YesWord"):
            return self._lettered(row, name, cell)
        return self._under(name, words)

    def _lettered(self, row: Row, name: str, cell: Cell) -> str:
        """A cell of letters such as A or R: with the parts that its sheet or a common key gives them, else listed and empty."""
        parts = []
        for letter in re.findall(r"[A-Z]", cell.text):
            part = row.legend.get(letter, "")
            if not row.legend and letter in _COMMON_KEY:
                part = _COMMON_KEY[letter]
                self._note(
                    cell, f"“{letter}” was read as “{self.layout.labels[part]}”, as in common keys; no key says so"
                )
            if not part:
                self._unread(cell, _posts(row), f"has the letter {letter}, and no key says what it stands for")
                self.partly = True
                return ""
            parts.append(self.layout.labels[part])
        return "; ".join(f"{name} ({p})" for p in parts)

    def _under(self, name: str, words: str) -> str:
        """What a cell under a holder's heading says, as a cell of holders: “x” is the holder, “x (up to £5k)” with its limit."""
        if not name or self.layout.says(words, "YesWord"):
            return name or words
        rest = self._behind_yes(words)
        return f"{name} ({words if rest is None else rest})"

    def _behind_yes(self, words: str) -> str | None:
        """What stands behind a cross or a yes, without brackets or dash; none where there is no cross."""
        # “1,000” is no cross with a nought behind it.
        yes = "|".join(re.escape(w) + r"(?!\W?\d)" * w.isdigit() for w in self.layout.words["YesWord"])
        found = re.fullmatch(rf"(?:{yes})\s*(?:\((.+)\)|[–—:;,-]\s*(.+))", words.strip(), re.IGNORECASE | re.DOTALL)
        return found and (found[1] or found[2]).strip()

    def _of_board(self, row: Row, cell: Cell) -> Holding | None:
        """The board with the limit or the part that stands alone in its column; a bare sum may be either end, so that is none."""
        words = cell.text.strip()
        part = self.layout.parts.get(words.casefold(), "")
        if _LETTERS.fullmatch(words) and len(words) == 1:
            part = row.legend.get(words, "") or ("" if row.legend else _COMMON_KEY.get(words, ""))
            if part and not row.legend:
                self._note(
                    cell, f"“{words}” was read as “{self.layout.labels[part]}”, as in common keys; no key says so"
                )
        if part:
            own = DEF + "Reserves" if part == DEF + "Decides" else part
            return Holding(name=words, address=self.board, part=own)
        found = self.reader.read_limit(cell.text, ())
        plain = money(cell.text.strip()) is not None
        if plain or found.unread or found.holders or found.each or not (found.limit != OPEN or found.unlimited):
            return None
        return Holding(
            name=cell.text, address=self.board, limit=found.limit, unlimited=found.unlimited, conditions=found.words,
            written=cell.text,
        )  # fmt: skip

    def _keeps(self, words: str, holdings: Iterable[Holding]) -> bool:
        """Whether a cell of the board says yes and then names only those who take another part."""
        yes = any(
            re.match(rf"{re.escape(w)}(?!\w)", words.strip(), re.IGNORECASE) for w in self.layout.words["YesWord"]
        )
        return yes and all(h.part not in ("", DEF + "Decides", DEF + "Reserves") for h in holdings)

    def _only_yes(self, holding: Holding) -> bool:
        """Whether a holding is a mere yes, which says in the column of the board alone who is meant."""
        return holding.address == self.board and any(
            holding.name.casefold() == w or holding.name.casefold().startswith((f"{w} ", f"{w}:", f"{w},"))
            for w in self.layout.words["YesWord"]
        )

    def _unread_piece(self, cell: Cell, column: Column, piece: Unread) -> None:
        """Note a piece of a cell of holders that was not read."""
        self._unread(cell, column, piece.why, piece.piece)
        self.partly = True

    def _note(self, cell: Cell, told: str, piece: str = "") -> None:
        """Note how a cell was read, where its words say it in another way."""
        said = f"“{_short(piece or cell.text)}”: {told}."
        remark = Remark(cell.place, said, "Write it out if another reading was meant.", lost=False)
        if remark not in self.book.remarks:
            self.book.remarks.append(remark)

    @staticmethod
    def _theme(row: Row) -> Cell | None:
        """The theme of a row of its own, in a sheet without columns of holders."""
        column = row.sheet.filling("ics:theme")
        return row.cells.get(column) if column else None

    def _grouped(self, row: Row, theme: Cell) -> list[tuple[Column, Cell, Holding]]:
        """Who decides a line without holders under a heading that names one, as in schemes that are grouped by holder."""
        name, part = self._heading(theme.text, _posts(row).picks, [])
        if not name:
            return []
        board = self.layout.says(name, "BoardWord") or self._is_board(name)
        address = self.board if board else self.lists.find(name, _posts(row).picks)
        if not (address or self.reader.names_group(name)):
            return []
        part = part or DEF + ("Reserves" if board else "Decides")
        column = next((c for c in row.sheet.columns if c.part == part), _posts(row))
        return [(column, theme, Holding(name=name, address=address, part=part))]

    def _limits(self, row: Row, line: str, words: str) -> tuple[LimitReading, Cell | None]:
        """What the cell of the limit says, else the limit that the words of the decision name; words beside it are conditions."""
        named = LimitReading(limit=self.reader.limit_in(words))
        column = row.sheet.filling("ics:upTo")
        cell = row.cells.get(column) if column else None
        if not cell:
            return named, None
        found = self.reader.read_limit(cell.text, _posts(row).picks)
        if cell.place in row.doubts:
            why = Unread(cell.text, row.doubts[cell.place])
            found = LimitReading(words=(cell.text,), unread=(why,))
        for piece in found.words if not (row.steps or row.below) else ():
            self._say(line, DEF + "condition", text(piece), cell.place)
        for unread in found.unread:
            self.partly = True
            said = f"“{_short(unread.piece)}” under “{(column or _posts(row)).heading}” {unread.why}; it was kept as a condition."
            self.book.remarks.append(Remark(cell.place, said, "Write the sum."))
        if found.words and found.limit == OPEN and not found.unlimited and not found.unread and not found.nil:
            # What is said of a limit but is no sum holds as a condition of the line.
            sums = re.search(r"£\s*\d", cell.text) is not None
            said = f"“{_short(cell.text)}” is no {'one ' if sums else ''}sum; it was kept as a condition."
            self.book.remarks.append(
                Remark(cell.place, said, "Write one sum for each holder." if sums else "", lost=sums)
            )
            self.partly = self.partly or sums
        if found == LimitReading() or (found.words and found.limit == OPEN):
            return replace(named, nil=found.nil), cell
        return found, cell

    def _limit_place(self, *rows: Row) -> str:
        """The cell from which holders have the limit of their line: that of the limit, else that of the decision."""
        for name, row in zip(("ics:upTo", "rdfs:label"), rows, strict=True):
            column = row.sheet.filling(name)
            if column and column in row.cells:
                return row.cells[column].place
        return ""

    def _matrix(self, rows: Iterable[Row]) -> None:
        """Which headings outside the layout name holders, as in a matrix; cells under others are left out, and that is said."""
        under: dict[tuple[str, str], list[tuple[Row, Cell]]] = {}
        for row in rows:
            for heading, cell in row.others:
                under.setdefault((row.sheet.name, heading), []).append((row, cell))
        lost: dict[tuple[str, str], list[Cell]] = {}
        for (sheet, heading), found in under.items():
            row = found[0][0]
            picks = tuple(dict.fromkeys(p for c in row.sheet.columns if c.holders for p in c.picks))
            cells = [cell for _, cell in found]
            self.matrix[heading] = self._heading(heading, picks, cells) if picks and heading else ("", "")
            if picks and (part := self._acting(heading)):
                self.acting[heading] = part
            elif picks and not self.matrix[heading][0] and re.search(r"\d", heading):
                limit = self.reader.read_limit(heading, ())
                if limit.limit != OPEN and not limit.words:
                    self.rungs[heading] = limit.limit
            if not (self.matrix[heading][0] or heading in self.acting or heading in self.rungs):
                lost[sheet, heading] = cells
                self.left_out |= {(c.place.rpartition("!")[0], r.number) for r, c in found if picks}
        for (sheet, heading), found in under.items():
            bare = [c.text for _, c in found if self.matrix[heading][0] and _BARE.fullmatch(c.text.strip())]
            self.sums[sheet] = self.sums.get(sheet, False) or any(b.strip() not in ("0", "1") for b in bare)
        for (_, heading), cells in lost.items():
            told = f"The column “{heading}” is not known" if heading else "A column without a heading is not read"
            count = "1 cell of it was" if len(cells) == 1 else f"{len(cells)} cells of it were"
            self.book.remarks.append(
                Remark(cells[0].place, f"{told}; {count} left out.", "Give it a heading of the template, or let it be.")
            )

    def _heading(self, heading: str, picks: tuple[str, ...], cells: list[Cell]) -> tuple[str, str]:
        """The holder that a heading names and the part that a cross under it means; nobody where it names none.

        A name on no list counts where it has a word for a post or committee in it and nothing but crosses, limits and parts under
        it.
        """
        name, part = re.sub(r"^the ", "", heading.strip(), flags=re.IGNORECASE), ""
        for words, meant in (("ReservedHeadingWord", DEF + "Reserves"), ("HolderHeadingWord", DEF + "Decides")):
            for word in self.layout.words[words]:
                if name.casefold().startswith(word + " "):
                    name, part = re.sub(r"^the ", "", name[len(word) :].strip(), flags=re.IGNORECASE), meant
                    break
        if self.layout.says(name, "BoardWord") or self._is_board(name):
            return (name, part or DEF + "Reserves") if self.board else ("", "")
        if self.lists.find(name, picks):
            return name, part
        # A cell that is none is read as words about its holder, or listed.
        crosses = sum(self._crossed(c.text) for c in cells)
        return (name, part) if crosses * 2 >= len(cells) and self.reader.names_holder(name) else ("", "")

    def _acting(self, heading: str) -> str:
        """The part that whoever stands under a heading takes, where the heading says no more: “Recommended by”."""
        plain = heading.strip(" :").casefold()
        return self.layout.parts_before.get(plain, "") or self.layout.parts.get(plain, "")

    def _crossed(self, words: str) -> bool:
        """Whether a cell is one of a matrix: a cross, a limit, a part."""
        if self._behind_yes(words) is not None or _LETTERS.fullmatch(words.strip()) or _BARE.fullmatch(words.strip()):
            return True
        limit = self.reader.read_limit(words, ())
        return (
            self.layout.says(words, "YesWord")
            or self.layout.says(words, "NoWord")
            or words.strip().casefold() in self.layout.parts
            or limit.limit != OPEN
            or limit.unlimited
            or limit.nil
        )

    def _authority(
        self, line: str, column: Column, cell: Cell, holding: Holding, ceiling: Limit, residual: bool, limited: str
    ) -> None:
        """Say one authority; ``limited`` is the cell of the limit of its line."""
        address = holding.address or self._stranger(holding.name, column.picks, cell)
        if not address:
            return
        if any(person in holding.written for person in self.people):
            holding = replace(holding, written="")
        part = holding.part or column.part
        # What is reserved has no limit: the limit of a line is that of whoever decides beneath the board.
        ceiling = OPEN if part == DEF + "Reserves" else ceiling
        own = holding.limit != OPEN
        holding = with_limit(holding, ceiling)
        low, high = holding.limit
        usual = self.reader.format_holding(holding, self._called(address), part, column.part, ceiling, residual)
        said: list[tuple[str, Term]] = [
            (_TYPE, iri(DEF + "Authority")),
            (DEF + "underLine", iri(line)),
            (DEF + "authorityOf", iri(address)),
            (DEF + "part", iri(part)),
            *((DEF + "condition", text(c)) for c in holding.conditions),
            *((DEF + n, _decimal(v)) for n, v in (("above", low), ("upTo", high)) if v is not None),
        ]
        if holding.residual or residual:
            said.append((DEF + "residual", typed("true", "boolean")))
        if holding.unlimited:
            said.append((DEF + "unlimited", typed("true", "boolean")))
        if holding.written not in ("", usual):
            said.append((DEF + "asWritten", text(holding.written)))
        name = address.rstrip("/").rpartition("/")[2]
        wanted = f"{line}/{part.removeprefix(DEF).casefold()}/{slug(name)}" + ("" if low is None else f"/above-{low}")
        subject, count = wanted, 1
        while self.given.get(subject, said) != said:
            count += 1
            subject = f"{wanted}-{count}"
        if subject not in self.given:
            self.given[subject] = said
            for predicate, value in said:
                of_line = not own and predicate in (DEF + "above", DEF + "upTo")
                self._say(subject, predicate, value, limited if of_line else cell.place)

    def _called(self, address: str) -> str:
        if address == self.board:
            return self.layout.usual["BoardWord"]
        return self.labels.get(address) or self.lists.names.label(address)

    def _likened(self, rows: Iterable[Row]) -> None:
        """Where a name was read as another that is much like it."""
        for written, meant in self.lists.likened.items():
            places = [c.place for r in rows for c in r.cells.values() if written in c.text]
            if places:
                self.book.remarks.append(
                    Remark(
                        places[0], f"“{written}” was read as “{meant}”.", "Mend it if another was meant.", lost=False
                    )
                )

    def _alike(self) -> None:
        """Where two names of holders may be one, asked once for each pair."""
        named = {self.lists.form(label): label for a, label in self.labels.items() if "/named/" in a and label}
        listed = {self.lists.form(label): label for a, label in self.labels.items() if "/named/" not in a and label}
        places: dict[str, str] = {}
        for triple in self.book.triples:
            if triple.predicate.value == DEF + "authorityOf":
                place = self.book.cells.get((triple.subject.value, triple.predicate.value), "")
                places.setdefault(self.labels.get(triple.object.value, ""), place)
        for one, other in pairs(named, listed):
            told = f"“{named[one]}” is spelt almost as “{named.get(other) or listed[other]}”: are they one?"
            self.book.remarks.append(
                Remark(places.get(named[one], ""), told, "Write both alike, or leave them if they are two.", lost=False)
            )


# What a value of each datatype has to be, as the end of a sentence on one that is not.
_WANTED = {
    "date": "is not a day, such as 2026-04-01",
    "boolean": "is neither yes nor no",
    "decimal": "is not a sum of money",
    "string": "is empty",
    "": "is empty",
}


def _of_holders(column: Column, row: Row) -> bool:
    """Whether a column is read with the holders of its row: holders, limits, and conditions where each rung has its own."""
    return column.holders or column.fills == DEF + "upTo" or (bool(row.steps) and column.fills == DEF + "condition")


def _posts(row: Row) -> Column:
    """The column of a sheet for posts, for holders that stand under headings of their own."""
    return next(c for c in row.sheet.columns if c.holders and DEF + "LocalPost" in c.picks)


def _decimal(value: Decimal) -> Literal:
    """A sum in the one form that equal sums share."""
    plain = format(value, "f")
    return typed(plain if "." in plain else plain + ".0", "decimal")


def _short(words: str) -> str:
    return words if len(words) <= 80 else words[:77] + "..."
