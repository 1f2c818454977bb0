"""A stranger's PDF made plain: the tables of its pages as grids; text outside them and pages that are pictures are listed by page."""

from __future__ import annotations

import io
from typing import Any

from icsgraph.core.errors import IcsgraphError
from icsgraph.scheme.broken import broken_inside
from icsgraph.scheme.grids import MAX_COLUMNS, MAX_ROWS, Grid, clean_text
from icsgraph.scheme.remarks import Remark

__all__ = ["read_pdf"]

MAX_PAGES = 500
_SHOWN = 80


def read_pdf(content: bytes, name: str) -> list[Grid]:
    """The tables of a PDF as grids, named after page and table.

    Raises ``IcsgraphError`` where the extra that reads PDF is not installed, for passwords, for files out of bounds, and where
    there is no table at all.
    """
    try:
        import pdfplumber
        from pdfminer.pdfdocument import PDFPasswordIncorrect
        from pdfplumber.utils.exceptions import PdfminerException
    except ImportError:
        raise IcsgraphError(
            f"{name} is a PDF, and what reads PDF is not installed.",
            "Run pip install icsgraph[pdf], or give Word or Excel.",
        ) from None
    grids: list[Grid] = []
    said: list[Remark] = []
    try:
        with broken_inside(name, "Print it to PDF again."), pdfplumber.open(io.BytesIO(content)) as file:
            if len(file.pages) > MAX_PAGES:
                raise IcsgraphError(
                    f"{name} has {len(file.pages)} pages; {MAX_PAGES} are read at most.",
                    "Take out what is not the scheme.",
                )
            for number, page in enumerate(file.pages, 1):
                _page(page, number, name, grids, said)
                page.close()
    except (PDFPasswordIncorrect, PdfminerException) as error:
        if "Password" in repr(error):
            raise IcsgraphError(
                f"{name} is protected by a password.", "Take the password off and save it again."
            ) from None
        raise IcsgraphError(f"{name} is broken inside: {error}.", "Print it to PDF again.") from None
    if not grids:
        pictures = [r for r in said if "picture" in r.message]
        raise IcsgraphError(
            f"{name} has no tables that can be read"
            + (f"; {len(pictures)} of its pages are pictures." if pictures else "."),
            "Give the Word or Excel file it was made from.",
        )
    grids[0].said = [*said, *grids[0].said]
    return grids


def _page(page: Any, number: int, name: str, grids: list[Grid], said: list[Remark]) -> None:
    tables = page.find_tables()
    for at, table in enumerate(tables, 1):
        rows = [[_plain(c) for c in row] for row in table.extract()]
        grid = Grid(name=f"Page {number} table {at}", part_of=name)
        for place, row in enumerate(rows, 1):
            if any(row):
                grid.rows[place] = row[:MAX_COLUMNS]
                if sum(map(bool, row)) == 1 and row[0] and len(row) > 2:
                    grid.headings.add(place)
        if sum(len(g.rows) for g in grids) + len(grid.rows) > MAX_ROWS:
            raise IcsgraphError(f"{name} has more than {MAX_ROWS} rows.", "Split it, one file for each board.")
        if not grid.rows:
            continue
        width = max(map(len, grid.rows.values()))
        grid.continues = bool(grids) and max(map(len, grids[-1].rows.values())) == width
        grids.append(grid)
    outside = page
    for table in tables:
        outside = outside.outside_bbox(table.bbox)
    words = " ".join(clean_text(outside.extract_text() or "").split())
    if words:
        told = f"{len(words.split())} words outside tables on page {number} were not read: “{_short(words)}”."
        said.append(Remark(f"page {number}", told, "Put what decides something into a table.", lost="£" in words))
    elif not tables and page.images:
        said.append(
            Remark(
                f"page {number}",
                f"Page {number} is a picture without text, so it was not read.",
                "Give the file it was scanned from.",
            )
        )


def _plain(cell: str | None) -> str:
    """A cell in one line where it was broken only for its width."""
    return " ".join(clean_text(cell or "").split("\n")).strip()


def _short(words: str) -> str:
    return words if len(words) <= _SHOWN else words[: _SHOWN - 3] + "..."
