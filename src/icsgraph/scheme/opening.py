"""A stranger's workbook made safe: bounds first, then plain grids of text. Nothing is executed, fetched or kept."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from icsgraph.core.errors import IcsgraphError
from icsgraph.scheme.books import MAX_CELLS, MAX_SHEETS
from icsgraph.scheme.broken import broken_inside
from icsgraph.scheme.grids import MAX_COLUMNS, MAX_ROWS, Grid, clean_text
from icsgraph.scheme.look import bounded_entries, look_at_parts
from icsgraph.scheme.refusals import refusal
from icsgraph.scheme.sheets import read_sheets
from icsgraph.scheme.sniffing import OLD_OFFICE, is_workbook

__all__ = ["Grid", "is_workbook", "open_folder", "open_workbook"]

MAX_BYTES = 20_000_000


def open_workbook(content: bytes, name: str) -> list[Grid]:
    """The sheets of an ``.xlsx``, of a zip of CSV files, or of one CSV file.

    Raises ``IcsgraphError`` for what is none of these, for passwords, macros and links to other workbooks, and for
    anything out of bounds.
    """
    if len(content) > MAX_BYTES:
        raise IcsgraphError(
            f"{name} has {len(content) // 1_000_000} MB; {MAX_BYTES // 1_000_000} MB are read at most.",
            "Take out pictures and sheets that are not part of the scheme.",
        )
    if content.startswith(OLD_OFFICE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise IcsgraphError(f"{name} is protected by a password.", "Take the password off and save it again.")
        if "WordDocument".encode("utf-16-le") in content:
            raise IcsgraphError(f"{name} is a file of Word before 2007.", "Save it as .docx.")
        raise IcsgraphError(f"{name} is a file of Excel before 2007.", "Save it as .xlsx.")
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _open_zip(content, name)
    if content.startswith(b"%PDF-") and name.lower().endswith(".pdf"):
        from icsgraph.scheme.opening_pdf import read_pdf

        return read_pdf(content, name)
    if name.lower().endswith(".csv"):
        return [_table(content, PurePosixPath(name).stem)]
    raise IcsgraphError(f"{name} is not a workbook.", "Give an .xlsx, or CSV files in a folder or a zip.")


def open_folder(folder: Path) -> list[Grid]:
    """The sheets of a folder of CSV files, each named after its sheet."""
    paths = sorted(folder.glob("*.csv"))
    if not paths:
        raise IcsgraphError(f"There is no CSV file in {folder}.", "Give a folder with one CSV file for each sheet.")
    if (size := sum(p.stat().st_size for p in paths)) > MAX_BYTES:
        raise IcsgraphError(f"{folder} has {size // 1_000_000} MB; {MAX_BYTES // 1_000_000} MB are read at most.", "")
    return _tables(str(folder), ((path.stem, path.read_bytes()) for path in paths))


def _open_zip(content: bytes, name: str) -> list[Grid]:
    # Word files are read in a module of their own, which makes grids as this one does.
    from icsgraph.scheme.opening_word import is_word, read_word

    try:
        with broken_inside(name, "Open it in Excel and save it again."), bounded_entries(content, name) as packed:
            if any(i.flag_bits & 1 for i in packed.infolist()):
                raise IcsgraphError(f"{name} is protected by a password.", "Take the password off and save it again.")
            entries = set(packed.namelist())
            if "[Content_Types].xml" not in entries:
                tables = [e for e in entries if e.lower().endswith(".csv") and "__MACOSX" not in e]
                if not tables:
                    raise IcsgraphError(
                        f"{name} is not a workbook.", "Give an .xlsx, or CSV files in a folder or a zip."
                    )
                return _tables(name, ((PurePosixPath(e).stem, packed.read(e)) for e in sorted(tables)))
            if not is_word(packed):
                _harmless(entries, name)
            budget = look_at_parts(packed, name)
            return read_word(packed, name) if is_word(packed) else read_sheets(packed, budget)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, RecursionError):
            raise
        raise refusal("not-unpackable", name, why=error) from None


def _harmless(entries: set[str], name: str) -> None:
    """Refuse macros and links to other workbooks; none of them is ever followed."""
    lower = {e.lower() for e in entries}
    if any(e.endswith("vbaproject.bin") or "/macrosheets/" in e for e in lower):
        raise IcsgraphError(f"{name} has macros, which are not run here.", "Save it as .xlsx, without macros.")
    if any("/externallinks/" in e for e in lower):
        raise IcsgraphError(
            f"{name} takes values from other workbooks, which are not fetched.",
            "In Excel choose Data, Edit Links, Break Link, and save it again.",
        )
    if "xl/workbook.xml" not in lower:
        raise IcsgraphError(f"{name} is not a workbook.", "Give an .xlsx, or CSV files in a folder or a zip.")


def _tables(name: str, tables: Iterable[tuple[str, bytes]]) -> list[Grid]:
    """The grids of several tables by name, which together are bounded as the sheets of a workbook are."""
    grids: list[Grid] = []
    left = MAX_ROWS
    for title, content in tables:
        grids.append(_table(content, title))
        left -= len(grids[-1].rows)
        if left < 0:
            raise refusal("too-many-rows", name, title, most=MAX_ROWS)
        if len(grids) > MAX_SHEETS:
            raise refusal("too-many-sheets", name, most=MAX_SHEETS)
    return grids


def _table(content: bytes, name: str) -> Grid:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What Excel for Windows writes as CSV.
        text = content.decode("cp1252", "replace")
    if "\0" in text:
        raise refusal("no-table", name, why="")
    text = clean_text(text)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    if text.count(delimiter) > MAX_CELLS:
        raise refusal("too-many-cells", name, most=MAX_CELLS)
    grid = Grid(name=name)
    try:
        # Rows are numbered as a spreadsheet does, so a cell with line breaks counts once.
        for number, row in enumerate(csv.reader(_lines(text), delimiter=delimiter, strict=True), 1):
            if number > MAX_ROWS:
                raise refusal("too-many-rows", name, f"{name}!A{number}", most=MAX_ROWS)
            if any(map(str.strip, row[MAX_COLUMNS:])):
                raise refusal("too-many-columns", name, f"{name}!A{number}", most=MAX_COLUMNS, sheet=name)
            cells = [c.strip().removeprefix("'") if c.strip()[:2] in _GUARDED else c.strip() for c in row[:MAX_COLUMNS]]
            if any(cells):
                grid.rows[number] = cells
    except csv.Error as error:
        raise refusal("no-table", name, why=f": {error}") from None
    return grid


# What core.safecsv writes before a cell that a spreadsheet would take for a formula.
_GUARDED = tuple("'" + c for c in "=+-@")


def _lines(text: str) -> Iterator[str]:
    """The lines of a table, with their ends."""
    return iter(io.StringIO(text, newline=""))
