"""Schemes given as tables of words to files of Excel and Word, as tests hand them in."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import docx
import openpyxl

__all__ = ["excel_of", "word_of"]

Tables = Mapping[str, Sequence[Sequence[str]]]


def excel_of(tables: Tables) -> bytes:
    """A workbook with a sheet for each table."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in tables.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([cell or None for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def word_of(title: str, tables: Tables) -> bytes:
    """A document with a title, and each table under a heading of its own."""
    document = docx.Document()
    document.add_heading(title, level=1)
    for name, rows in tables.items():
        document.add_heading(name, level=2)
        table = document.add_table(rows=0, cols=max(map(len, rows)))
        for row in rows:
            for cell, words in zip(table.add_row().cells, row, strict=False):
                cell.text = words
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
