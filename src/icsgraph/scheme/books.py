"""An Excel workbook around its sheets: which there are and where, the texts they share, and which formats show dates."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from icsgraph.scheme.grids import MAX_ROWS
from icsgraph.scheme.look import Budget, parse
from icsgraph.scheme.refusals import refusal

__all__ = ["MAX_CELLS", "MAX_LETTERS", "MAX_SHEETS", "Book"]

MAX_SHEETS = 200
MAX_CELLS = 1_000_000
MAX_LETTERS = 10_000_000
MAX_MERGED = 400_000
_LONGEST_FORMAT = 500


@dataclass
class Left:
    """What the sheets of one workbook may still hold."""

    rows: int = MAX_ROWS
    cells: int = MAX_CELLS
    letters: int = MAX_LETTERS
    merged: int = MAX_MERGED


class Book:
    """A workbook that is being read; ``left`` is what its sheets may still hold."""

    def __init__(self, packed: zipfile.ZipFile, budget: Budget) -> None:
        self.packed = packed
        self.budget = budget
        self.name = budget.name
        # Names of parts are the same in any case of letters.
        self.parts = {n.lower(): n for n in packed.namelist()}
        self.epoch = CALENDAR_WINDOWS_1900
        self.left = Left()
        self.strings: list[str] = []
        # Of each format of cells: whether it shows a date, a length of time, or neither.
        self.dates: list[str] = []

    def sheets(self) -> list[tuple[str, bool, str]]:
        """Each sheet: its name, whether it is hidden, and its part; what sheets share is read then. Raises ``Refusal``."""
        sheets, targets = self._listed(), self._targets()
        places = [(title, hidden, *targets.get(id_, ("", ""))) for title, hidden, id_ in sheets]
        places = [(t, h, kind, part) for t, h, kind, part in places if kind in ("", "worksheet")]
        if len(places) > MAX_SHEETS:
            raise refusal("too-many-sheets", self.name, most=MAX_SHEETS)
        for title, _, _, part in places:
            if part not in self.parts:
                raise refusal("sheet-missing", self.name, title, sheet=title[:80])
        if len({part for *_, part in places}) < len(places):
            raise refusal("sheets-share-a-part", self.name)
        for kind, read in (("sharedStrings", self._read_strings), ("styles", self._read_styles)):
            part = next((p for k, p in targets.values() if k == kind), f"xl/{kind}.xml").lower()
            if part in self.parts:
                read(self.parts[part])
        return [(title, hidden, self.parts[part]) for title, hidden, _, part in places]

    def _listed(self) -> list[tuple[str, bool, str]]:
        """Each sheet's name, whether it is hidden, and the id of its part."""
        found: list[tuple[str, bool, str]] = []

        def begin(element: str, given: Mapping[str, str]) -> None:
            if element == "sheet":
                found.append((given.get("name", ""), given.get("state", "visible") != "visible", given.get("id", "")))
                if len(found) > MAX_SHEETS:
                    raise refusal("too-many-sheets", self.name, most=MAX_SHEETS)
            elif element == "workbookPr" and given.get("date1904", "") in ("1", "true"):
                self.epoch = CALENDAR_MAC_1904

        parse(self.packed, self.parts["xl/workbook.xml"], self.budget, (begin, None, None))
        return found

    def _targets(self) -> dict[str, tuple[str, str]]:
        """The kind and the part (in small letters) that each id of the workbook leads to."""
        found: dict[str, tuple[str, str]] = {}

        def begin(element: str, given: Mapping[str, str]) -> None:
            if element == "Relationship" and given.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/xl", given.get("Target", "")))
                kind = given.get("Type", "").rpartition("/")[2]
                found[given.get("Id", "")] = (kind, target.lstrip("/").lower())

        if "xl/_rels/workbook.xml.rels" in self.parts:
            parse(self.packed, self.parts["xl/_rels/workbook.xml.rels"], self.budget, (begin, None, None))
        return found

    def _read_strings(self, part: str) -> None:
        """The texts that cells share: those of their runs together, how they are spoken left out."""
        pieces: list[str] = []
        open_: list[str] = []
        letters = 0

        def begin(element: str, given: Mapping[str, str]) -> None:
            open_.append(element)
            if element == "si":
                pieces.clear()

        def text(words: str) -> None:
            nonlocal letters
            if open_[-1] == "t" and "rPh" not in open_:
                letters += len(words)
                if letters > MAX_LETTERS:
                    raise refusal("too-much-text", self.name, part, most=MAX_LETTERS)
                pieces.append(words)

        def end(element: str) -> None:
            open_.pop()
            if element == "si":
                self.strings.append("".join(pieces))

        parse(self.packed, part, self.budget, (begin, end, text))

    def _read_styles(self, part: str) -> None:
        """Which formats of cells show dates."""
        codes: dict[str, str] = {str(k): v for k, v in BUILTIN_FORMATS.items()}
        used: list[str] = []
        within: list[str] = []

        def begin(element: str, given: Mapping[str, str]) -> None:
            if element == "numFmt":
                codes[given.get("numFmtId", "")] = given.get("formatCode", "")[:_LONGEST_FORMAT]
            elif element == "xf" and within and within[-1] == "cellXfs":
                used.append(given.get("numFmtId", "0"))
            within.append(element)

        parse(self.packed, part, self.budget, (begin, lambda element: (within.pop(), None)[1], None))
        kinds = {id_: _kind_of_format(codes.get(id_, "")) for id_ in set(used)}
        self.dates = [kinds[id_] for id_ in used]


def _kind_of_format(code: str) -> str:
    if is_timedelta_format(code):
        return "length"
    return "date" if is_date_format(code) else ""
