"""The layout as a workbook with drop-downs and help, empty or filled from a graph."""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties

from icsgraph.ask.names import PARAMETER_TYPES, Names
from icsgraph.core.dates import parse_day
from icsgraph.core.terms import DEF
from icsgraph.graph.rdf import Triple
from icsgraph.scheme.filling import Filling
from icsgraph.scheme.layout import Column, Layout, Sheet, read_layout

__all__ = ["EXAMPLE", "template_of", "write_template"]

# The worked example, as tables that people can read and compare.
EXAMPLE = Path("shapes") / "example" / "workbook"

_HEAD = PatternFill("solid", fgColor="005EB8")
_NEEDED = PatternFill("solid", fgColor="003087")
_FACE = "Calibri"
_WHITE = Font(name=_FACE, bold=True, color="FFFFFF")
_TOP = Alignment(wrap_text=True, vertical="top")
# How many empty rows of a sheet have drop-downs, and how many lines of the example an empty workbook shows.
_ROOM = 500
_SHOWN = 12

_HELP_WIDTHS = (22, 30, 120)
_HELP = (
    "Fill in the sheets from left to right: first whose scheme it is, then bodies, committees and posts, then decisions.",
    "Headings in dark blue have to be filled in. Drop-downs suggest; anything else you write is read as well as can be.",
    "Write posts and never the names of people.",
    "A cell of holders may name several, one a line. Put in brackets what differs: a limit, a part, a condition.",
    "For example: Finance Committee (up to £1,000,000; subject to a business case)",
    "Then have it checked, on the page Check or with icsgraph validate: it comes back with a comment at each cell that is wrong.",
)


def write_template(root: Path, names: Names, triples: Iterable[Triple] = (), example: Iterable[Triple] = ()) -> bytes:
    """The governance workbook of the layout that ``root`` holds, filled from the triples of a scheme where there are any.

    Rows of ``example`` stand on a sheet of examples, which is never read.
    """
    layout = read_layout(root)
    filling = Filling(layout, names, triples)
    book = openpyxl.Workbook()
    book.remove(book.active)
    _help(book.create_sheet(layout.usual["AsideWord"]), layout)
    lists = _Lists(layout, names)
    for sheet in layout.sheets:
        _sheet(book.create_sheet(sheet.name), sheet, filling.rows(sheet), lists)
    shown = Filling(layout, names, example)
    decisions = layout.sheet("ics:SchemeLine")
    if rows := shown.rows(decisions):
        _sheet(book.create_sheet("Example"), decisions, rows[:_SHOWN], None)
    lists.write(book.create_sheet("Lists"))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def template_of(root: Path, names: Names, example: bool) -> bytes:
    """The empty workbook with some lines of the worked example to look at; with ``example`` the worked example itself."""
    # What reads workbooks imports what writes them.
    from icsgraph.scheme.check import open_path, read_workbook

    shown = read_workbook(open_path(root / EXAMPLE), root, names).triples
    return write_template(root, names, shown) if example else write_template(root, names, example=shown)


class _Lists:
    """The drop-downs: ranges of a hidden sheet for the record's lists, of the other sheets for the workbook's own."""

    def __init__(self, layout: Layout, names: Names) -> None:
        self.layout = layout
        self.names = names
        self.columns: dict[str, list[str]] = {}

    def source(self, column: Column) -> str:
        """The range from which a column's cells are picked; empty where it has no list."""
        layout = self.layout
        yes_no = [layout.usual[w].capitalize() for w in ("YesWord", "NoWord")]
        if column.datatype == "boolean":
            return self._range("yes-no", yes_no)
        if column.fills.endswith("#type"):
            return self._range(column.picks[0], sorted(layout.kinds(column.picks[0])))
        if column.part == DEF + "Reserves":
            return self._range("yes-no", yes_no)
        for pick in column.picks:
            for sheet in layout.sheets:
                if pick == sheet.rows_are:
                    key = sheet.filling("dcterms:identifier" if pick == DEF + "SchemeLine" else "rdfs:label")
                    letter = get_column_letter(sheet.columns.index(key) + 1) if key else "A"
                    return f"'{sheet.name}'!${letter}$2:${letter}${_ROOM}"
        for pick in column.picks:
            kind = pick.removeprefix(DEF)
            if kind == "Part":
                return self._range(pick, [layout.labels[p] for p in dict.fromkeys(layout.parts.values())])
            if kind in PARAMETER_TYPES and kind != "Body":
                return self._range(pick, [self.names.label(t) for t in self.names.all_of(kind)])
        return ""

    def _range(self, key: str, values: list[str]) -> str:
        self.columns.setdefault(key, values)
        letter = get_column_letter(list(self.columns).index(key) + 1)
        return f"Lists!${letter}$1:${letter}${len(values)}"

    def write(self, sheet: Any) -> None:
        """Write the lists to their sheet and hide it."""
        for number, values in enumerate(self.columns.values(), 1):
            for row, value in enumerate(values, 1):
                sheet.cell(row, number, value)
        sheet.sheet_state = "hidden"


def _help(sheet: Any, layout: Layout) -> None:
    for row, words in enumerate(_HELP, 1):
        sheet.cell(row, 1, words)
    row = len(_HELP) + 2
    for explained in (("Sheet", "Column", "What to write"), *_explained(layout)):
        for number, word in enumerate(explained, 1):
            cell = sheet.cell(row, number, word)
            cell.alignment = _TOP
            cell.font = Font(name=_FACE, bold=explained[0] == "Sheet" or not explained[1])
        sheet.row_dimensions[row].height = _height(explained, _HELP_WIDTHS)
        row += 1
    for letter, width in zip("ABC", _HELP_WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    for row in range(1, len(_HELP) + 1):
        sheet.cell(row, 1).alignment = Alignment(wrap_text=False)
    _printed(sheet)


def _height(texts: Iterable[str], widths: Iterable[int]) -> float:
    """The height that a row needs for its texts to be seen whole in columns of some widths."""
    lines = [
        sum(max(1, math.ceil(len(line) / width)) for line in text.split("\n"))
        for text, width in zip(texts, widths, strict=True)
    ]
    return 15.0 * max(lines)


def _printed(sheet: Any, headings: str = "") -> None:
    """Have a sheet printed across, one page wide, with its headings on each page."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = headings or None


def _explained(layout: Layout) -> list[tuple[str, str, str]]:
    """Each sheet and column with its help."""
    return [
        words
        for sheet in layout.sheets
        for words in ((sheet.name, "", sheet.help), *((sheet.name, c.heading, c.help) for c in sheet.columns))
    ]


def _sheet(tab: Any, sheet: Sheet, rows: list[list[str]], lists: _Lists | None) -> None:
    for number, column in enumerate(sheet.columns, 1):
        letter = get_column_letter(number)
        cell = tab.cell(1, number, column.heading)
        cell.font, cell.fill, cell.alignment = _WHITE, _NEEDED if column.required else _HEAD, _TOP
        tab.column_dimensions[letter].width = column.width
        rule = DataValidation(
            type="list" if lists and lists.source(column) else None,
            formula1=lists.source(column) or None if lists else None,
            allow_blank=True,
            showErrorMessage=False,
            showInputMessage=True,
            promptTitle=column.heading[:32],
            prompt=column.help[:255],
        )
        rule.add(f"{letter}2:{letter}{max(_ROOM, len(rows) + 1)}")
        tab.add_data_validation(rule)
    for at, values in enumerate(rows, 2):
        tab.row_dimensions[at].height = _height(values, [c.width for c in sheet.columns])
        for number, (column, value) in enumerate(zip(sheet.columns, values, strict=True), 1):
            if value:
                _fill(tab.cell(at, number), column, value)
    tab.row_dimensions[1].height = 30
    tab.freeze_panes = "A2"
    _printed(tab, "1:1")
    tab.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{max(2, len(rows) + 1)}"


def _fill(cell: Any, column: Column, value: str) -> None:
    """Write a value as what it is: a day, a sum, or words, which are never a formula."""
    cell.alignment = _TOP
    if column.datatype == "date":
        cell.value, cell.number_format = dt.datetime.combine(parse_day(value), dt.time()), "yyyy-mm-dd"
    elif column.datatype == "decimal" and value.replace(".", "", 1).isdigit():
        cell.value, cell.number_format = Decimal(value), "£#,##0"
    else:
        cell.value = value
        cell.data_type = "s"
