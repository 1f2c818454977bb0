"""A stranger's workbook made safe: bounds first, then plain grids of text. Nothing is executed, fetched or kept."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import openpyxl
from defusedxml.common import DefusedXmlException

from icsgraph.core.errors import IcsgraphError
from icsgraph.scheme.broken import broken_inside
from icsgraph.scheme.remarks import Remark

__all__ = ["Grid", "is_workbook", "open_folder", "open_workbook"]

MAX_BYTES = 20_000_000
MAX_UNPACKED = 200_000_000
MAX_ENTRIES = 2_000
# A workbook of words packs to a tenth, one of the same words to a fiftieth; what packs further is made to fill memory.
MAX_RATIO = 200
MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_MERGED = 200_000

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_CELL = re.compile(r"([A-Z]+)(\d+)")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=\"([A-Z]+)(\d+):([A-Z]+)(\d+)\"")
# A formula whose value was never stored, as programs write that do not calculate.
_UNCALCULATED = re.compile(
    rb"<(?:\w+:)?c\s[^>]*?r=\"([A-Z]+\d+)\"[^>]*>\s*<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)


@dataclass
class Grid:
    """A sheet as text: rows by their number, cells from column A.

    ``headings`` are rows whose one cell spans others; ``repeated`` are cells, as (row, column), that show what is merged from
    above; ``spans`` are cells merged across, as (row, first column, last column); ``uncalculated`` are cells with a formula
    without a value. A hidden sheet has no rows; one that ``continues`` goes on with the table before it.

    Of a document, a grid is a table or, where it is ``listed``, the paragraphs under a ``heading`` (number, words, and “list” for
    one of a list), ``above`` being the headings over it. ``part_of`` names the document, ``said`` is what to tell of it,
    ``carried`` the Turtle of the scheme that a file of ours has in it.
    """

    name: str
    rows: dict[int, list[str]] = field(default_factory=dict)
    headings: set[int] = field(default_factory=set)
    repeated: set[tuple[int, int]] = field(default_factory=set)
    spans: list[tuple[int, int, int]] = field(default_factory=list)
    uncalculated: list[str] = field(default_factory=list)
    hidden: bool = False
    continues: bool = False
    listed: bool = False
    heading: str = ""
    above: tuple[str, ...] = ()
    part_of: str = ""
    said: list[Remark] = field(default_factory=list)
    carried: bytes = b""


def is_workbook(content: bytes, name: str = "") -> bool:
    """Whether content is to be opened as a workbook: a packed file, an old Excel file, or a table in CSV."""
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06", _OLE)) or name.lower().endswith(
        (".xlsx", ".xlsm", ".xls", ".csv", ".docx", ".docm", ".doc", ".pdf")
    )


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
    if content.startswith(_OLE):
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
    return [_table(path.read_bytes(), path.stem) for path in paths]


def _open_zip(content: bytes, name: str) -> list[Grid]:
    # Word files are read in a module of their own, which makes grids as this one does.
    from icsgraph.scheme.opening_word import is_word, read_word

    try:
        with broken_inside(name, "Open it in Excel and save it again."), zipfile.ZipFile(io.BytesIO(content)) as packed:
            entries = _bounded(packed, name)
            if "[Content_Types].xml" not in entries:
                tables = [e for e in entries if e.lower().endswith(".csv") and "__MACOSX" not in e]
                if not tables:
                    raise IcsgraphError(
                        f"{name} is not a workbook.", "Give an .xlsx, or CSV files in a folder or a zip."
                    )
                return [_table(packed.read(e), PurePosixPath(e).stem) for e in sorted(tables)]
            if is_word(packed):
                _no_entities(packed, entries, name)
                return read_word(packed, name)
            _harmless(packed, entries, name)
            return _read(content, packed, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise IcsgraphError(f"{name} cannot be unpacked: {error}.", "Open it in Excel and save it again.") from None
    except DefusedXmlException:
        raise IcsgraphError(f"{name} declares entities, which are not read here.", "Save it again as .xlsx.") from None


def _bounded(packed: zipfile.ZipFile, name: str) -> set[str]:
    """The names of what a zip holds, once it is known to be small enough unpacked."""
    infos = packed.infolist()
    unpacked = sum(i.file_size for i in infos)
    swollen = [i for i in infos if i.file_size > 1_000_000 and i.file_size > MAX_RATIO * max(i.compress_size, 1)]
    if len(infos) > MAX_ENTRIES or unpacked > MAX_UNPACKED or swollen:
        raise IcsgraphError(
            f"{name} would unpack to {unpacked // 1_000_000} MB in {len(infos)} files, which is out of proportion.",
            "It was not opened. Copy the sheets into a new workbook.",
        )
    if any(i.flag_bits & 1 for i in infos):
        raise IcsgraphError(f"{name} is protected by a password.", "Take the password off and save it again.")
    return {i.filename for i in infos}


def _harmless(packed: zipfile.ZipFile, entries: set[str], name: str) -> None:
    """Refuse macros, links to other workbooks, and entities; none of them is ever followed."""
    lower = {e.lower() for e in entries}
    if any(e.endswith("vbaproject.bin") or "/macrosheets/" in e for e in lower):
        raise IcsgraphError(f"{name} has macros, which are not run here.", "Save it as .xlsx, without macros.")
    if any("/externallinks/" in e for e in lower):
        raise IcsgraphError(
            f"{name} takes values from other workbooks, which are not fetched.",
            "In Excel choose Data, Edit Links, Break Link, and save it again.",
        )
    _no_entities(packed, entries, name)
    if "xl/workbook.xml" not in lower:
        raise IcsgraphError(f"{name} is not a workbook.", "Give an .xlsx, or CSV files in a folder or a zip.")


def _no_entities(packed: zipfile.ZipFile, entries: set[str], name: str) -> None:
    for entry in sorted(entries):
        if entry.endswith((".xml", ".rels")):
            # Zero bytes are taken out so that a declaration in UTF-16 is seen too.
            head = packed.read(entry).replace(b"\0", b"")
            if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                raise IcsgraphError(f"{name} declares entities, which are not read here.", "Save it again as .xlsx.")


def _read(content: bytes, packed: zipfile.ZipFile, name: str) -> list[Grid]:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    grids = []
    left = MAX_ROWS
    try:
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                grids.append(Grid(sheet.title, hidden=True))
                continue
            # Programs write wrong sizes, by which rows would be lost.
            sheet.reset_dimensions()
            grid = Grid(sheet.title)
            for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
                cells = [_text(v) for v in values]
                if any(cells[MAX_COLUMNS:]):
                    raise IcsgraphError(
                        f"{name} has more than {MAX_COLUMNS} columns in the sheet “{sheet.title}”.",
                        "Clear what stands to the right of the table.",
                    )
                if any(cells):
                    left -= 1
                    grid.rows[number] = cells
                if left < 0 or number > 10 * MAX_ROWS:
                    raise IcsgraphError(
                        f"{name} has more than {MAX_ROWS} rows.", "Split it, one workbook for each board."
                    )
            # openpyxl does not tell merged cells when it reads row by row; the sheet itself does.
            _spread(grid, packed.read(sheet._worksheet_path.removeprefix("/")), name)
            grids.append(grid)
    finally:
        book.close()
    return grids


def _spread(grid: Grid, source: bytes, name: str) -> None:
    """Copy what stands in cells merged over rows into each of them, and note rows that are headings over all columns."""
    grid.uncalculated = [m[1].decode() for m in _UNCALCULATED.finditer(source)]
    work = 0
    for match in _MERGED.finditer(source):
        left, top, right, bottom = _number(match[1]), int(match[2]), _number(match[3]), int(match[4])
        values = grid.rows.get(top, [])
        value = values[left - 1] if left <= len(values) else ""
        if value and right > left:
            grid.spans.append((top, left, min(right, MAX_COLUMNS)))
        if right - left > 1 and sum(map(bool, values)) == 1:
            grid.headings.add(top)
        for row in range(top + 1, bottom + 1) if value else ():
            work += 1
            cells = grid.rows.get(row)
            if cells is not None:
                cells += [""] * (left - len(cells))
                cells[left - 1] = cells[left - 1] or value
                grid.repeated.add((row, left))
            if work > MAX_MERGED:
                raise IcsgraphError(f"{name} merges too many cells.", "Unmerge the cells of whole columns.")


def _number(letters: bytes) -> int:
    total = 0
    for letter in letters:
        total = 26 * total + letter - 64
    return total


def _text(value: object) -> str:
    """A value of a cell as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace("\xa0", " ").replace("_x000D_", "").strip()


def _table(content: bytes, name: str) -> Grid:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What Excel for Windows writes as CSV.
        text = content.decode("cp1252", "replace")
    if "\0" in text:
        raise IcsgraphError(f"{name} is not a table in CSV.", "Save it as CSV (UTF-8).")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    grid = Grid(name)
    try:
        # Rows are numbered as a spreadsheet does, so a cell with line breaks counts once.
        for number, row in enumerate(csv.reader(_lines(text), delimiter=delimiter, strict=True), 1):
            if number > MAX_ROWS:
                raise IcsgraphError(f"{name} has more than {MAX_ROWS} rows.", "Split it, one workbook for each board.")
            cells = [c.strip().removeprefix("'") if c.strip()[:2] in _GUARDED else c.strip() for c in row[:MAX_COLUMNS]]
            if any(cells):
                grid.rows[number] = cells
    except csv.Error as error:
        raise IcsgraphError(f"{name} is not a table in CSV: {error}.", "Save it again as CSV (UTF-8).") from None
    return grid


# What core.safecsv writes before a cell that a spreadsheet would take for a formula.
_GUARDED = tuple("'" + c for c in "=+-@")


def _lines(text: str) -> Iterator[str]:
    """The lines of a table, with their ends."""
    return iter(io.StringIO(text, newline=""))
