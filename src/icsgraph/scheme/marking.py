"""A copy of a workbook with its findings as comments at their cells, and a sheet that lists them."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import openpyxl
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill

from icsgraph.core.errors import IcsgraphError
from icsgraph.core.report import SEVERITIES, Finding, Report
from icsgraph.core.safecsv import harmless
from icsgraph.core.terms import DEF, expand
from icsgraph.scheme.broken import broken_inside
from icsgraph.scheme.grids import Grid
from icsgraph.scheme.triples import Workbook

__all__ = ["mark"]

_COLOURS = {"Violation": "F4B6B6", "Warning": "FFE2A8", "Info": "D5E8F7"}
_HEAD = {"Cell": 22, "Severity": 11, "Rule": 9, "What is wrong": 60, "It is about": 34, "Law": 44, "What to do": 60}


def mark(content: bytes, grids: Iterable[Grid], report: Report, read: Workbook | None = None) -> bytes:
    """A copy of a workbook with a comment at each cell that has findings, and a sheet of all findings before the others.

    Where it is given what was ``read``, two more sheets follow: each authority as written beside as read, and what columns were
    taken for, which can be mended there and is then followed.

    ``content`` is an ``.xlsx`` that ``open_workbook`` took; where it is none, as of a Word file, the copy is made of ``grids``.
    """
    grids = list(grids)
    book = _copy(content, grids)
    # Sheets of a copy of tables have the names that Excel takes.
    called = {g.name: g.name if g.name in book.sheetnames else _sheet_name(g.name) for g in grids}
    at: dict[str, list[Finding]] = {}
    for finding in report.findings:
        at.setdefault(finding.cell, []).append(finding)
    for place, findings in at.items():
        name, _, cell = place.rpartition("!")
        if called.get(name, name) in book.sheetnames and re.fullmatch(r"[A-Z]{1,3}[1-9]\d*", cell):
            _comment(book[called.get(name, name)], cell, findings)
    _list(book, report)
    if read:
        _as_read(book, read)
        _columns(book, read)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _copy(content: bytes, grids: list[Grid]) -> Any:
    """A workbook to write into: the stranger's own, or one of its tables where it is none or more of it is broken than was read."""
    if _is_excel(content):
        try:
            with broken_inside("the workbook", ""), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return openpyxl.load_workbook(io.BytesIO(content), keep_links=False)
        except IcsgraphError:
            pass
    return _plain(grids)


def _is_excel(content: bytes) -> bool:
    if content[:2] != b"PK":
        return False
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return "xl/workbook.xml" in {n.lower() for n in packed.namelist()}


def _sheet_name(name: str) -> str:
    """A name as Excel takes it for a sheet."""
    return re.sub(r"[\[\]:*?/\\]", " ", name)[:31].strip("' ") or "Sheet"


def _plain(grids: Iterable[Grid]) -> Any:
    """A workbook of tables, for copies of CSV files."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for grid in grids:
        sheet = book.create_sheet(_sheet_name(grid.name))
        for row, texts in grid.rows.items():
            for column, text in enumerate(texts, 1):
                sheet.cell(max(row, 1), column, harmless(text))
    return book


def _comment(sheet: Any, place: str, findings: list[Finding]) -> None:
    cell = sheet[place]
    if isinstance(cell, MergedCell):
        # Only the first cell of those merged shows anything.
        home = next(r for r in sheet.merged_cells.ranges if place in r)
        cell = sheet.cell(home.min_row, home.min_col)
    words = [f"{f.rule} {f.severity}: {f.message} {f.remedy}" for f in findings]
    before = [cell.comment.text] if cell.comment else []
    text = "\n\n".join([*before, *words])
    cell.comment = Comment(text, "icsgraph", height=min(400, 40 + 20 * (1 + len(text) // 45)), width=340)
    gravest = min((f.severity for f in findings), key=SEVERITIES.index)
    cell.fill = PatternFill("solid", fgColor=_COLOURS[gravest])


def _list(book: Any, report: Report) -> None:
    sheet = book.create_sheet("Findings", 0)
    book.active = 0
    sheet.append(list(_HEAD))
    for number, width in enumerate(_HEAD.values()):
        sheet.column_dimensions["ABCDEFG"[number]].width = width
        sheet.cell(1, number + 1).font = Font(bold=True)
    for f in report.findings:
        law = "; ".join(one.citation for one in f.law)
        sheet.append([harmless(w) for w in (f.cell, f.severity, f.rule, f.message, f.value_label, law, f.remedy)])
        row = sheet.max_row
        sheet.cell(row, 2).fill = PatternFill("solid", fgColor=_COLOURS[f.severity])
        for number in range(1, len(_HEAD) + 1):
            sheet.cell(row, number).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"


def _as_read(book: Any, read: Workbook) -> None:
    """A sheet with each authority whose words were read otherwise than they stand."""
    said: dict[str, dict[str, str]] = {}
    for triple in read.triples:
        said.setdefault(triple.subject.value, {})[triple.predicate.value.removeprefix(DEF)] = triple.object.value
    label = expand("rdfs:label")
    rows = []
    for address, facts in said.items():
        if "asWritten" in facts and "underLine" in facts:
            line = said.get(facts["underLine"], {})
            holder = (
                said.get(facts.get("authorityOf", ""), {}).get(label) or facts.get("authorityOf", "").rpartition("/")[2]
            )
            limit = [
                f"{word} £{Decimal(facts[name]):,}".removesuffix(".0")
                for word, name in (("above", "above"), ("up to", "upTo"))
                if name in facts
            ]
            conditions = [
                t.object.value
                for t in read.triples
                if t.subject.value == address and t.predicate.value == DEF + "condition"
            ]
            part = facts.get("part", "").rpartition("/")[2]
            how = "; ".join([f"{part}: {holder}", *limit, *conditions])
            rows.append((read.cells.get((address, ""), ""), line.get(label, ""), facts["asWritten"], how))
    if rows and "As read" not in book.sheetnames:
        _plain_sheet(book, "As read", ("Cell", "Decision", "As written", "As read"), rows, (22, 44, 60, 60))


def _columns(book: Any, read: Workbook) -> None:
    """A sheet of what columns were taken for, in the form in which it is read again."""
    if read.guesses and "Columns" not in book.sheetnames:
        rows = [(g.sheet, g.heading, g.column) for g in read.guesses]
        _plain_sheet(book, "Columns", ("Sheet", "Heading", "Read as"), rows, (30, 40, 40))


def _plain_sheet(
    book: Any, name: str, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]], widths: tuple[int, ...]
) -> None:
    sheet = book.create_sheet(name, 1)
    sheet.append(list(heads))
    for number, width in enumerate(widths):
        sheet.column_dimensions["ABCDEFG"[number]].width = width
        sheet.cell(1, number + 1).font = Font(bold=True)
    for row in rows:
        sheet.append([harmless(w) for w in row])
        for number in range(1, len(heads) + 1):
            sheet.cell(sheet.max_row, number).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"
