"""A stranger's Word file made safe and plain: its tables as grids, its lists and terms under the headings they stand under.

Nothing is executed, fetched or kept. What is neither table, list nor heading is counted under its heading and said so.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from defusedxml.ElementTree import fromstring

from icsgraph.core.errors import IcsgraphError
from icsgraph.scheme.carried import NAMESPACE, same_text, unpack
from icsgraph.scheme.grids import MAX_COLUMNS, MAX_ROWS, Grid, column_letters
from icsgraph.scheme.remarks import Remark

__all__ = ["is_word", "read_word"]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
MAX_PARAGRAPHS = 60_000
# The longest pattern of a number, such as “Part %1.%2”, that is filled in.
_LONGEST = 100
# A number or letter that was typed at the head of a paragraph: “3.2 Approve”, “(a) Approve”.
_TYPED = re.compile(r"^\s*((?:\d{1,3}(?:\.\d{1,3})*|\([a-z]{1,4}\)|[a-z]\)|[A-Z]\d{1,3}(?:\.\d{1,3})*)[.)]?)\s+(?=\S)")
_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


def is_word(packed: zipfile.ZipFile) -> bool:
    """Whether a packed file is one of Word."""
    return "word/document.xml" in packed.namelist()


@dataclass(kw_only=True)
class _Paragraph:
    """A paragraph: its words, its number where it has one, the level of a heading (nought for none)."""

    text: str
    number: str = ""
    level: int = 0
    listed: bool = False
    bold: bool = False


@dataclass
class _Section:
    """What stands under a heading: paragraphs that are no table."""

    heading: str
    above: tuple[str, ...] = ()
    paragraphs: list[_Paragraph] = field(default_factory=list)


def read_word(packed: zipfile.ZipFile, name: str) -> list[Grid]:
    """The tables and lists of a Word file as grids; what cannot be read stands with the first of them.

    Raises ``IcsgraphError`` for macros and for files out of bounds.
    """
    names = {n.lower() for n in packed.namelist()}
    if any(n.endswith("vbaproject.bin") for n in names):
        raise IcsgraphError(f"{name} has macros, which are not run here.", "Save it as .docx, without macros.")
    return _Reading(packed, name).grids()


class _Reading:
    def __init__(self, packed: zipfile.ZipFile, name: str) -> None:
        self.name = name
        self.packed = packed
        self.names = set(packed.namelist())
        self.said: list[Remark] = []
        self.headings = self._heading_styles()
        self.numbering = _Numbering(self._part("word/numbering.xml"), self._part("word/styles.xml"))
        self.tables: list[Grid] = []
        self.sections: list[_Section] = []
        self.rows = 0

    def _part(self, name: str) -> Any:
        return fromstring(self.packed.read(name)) if name in self.names else None

    def _heading_styles(self) -> dict[str, int]:
        """The level of heading of each style that is one, by its id, those made from others too."""
        root = self._part("word/styles.xml")
        found: dict[str, int] = {}
        based: dict[str, str] = {}
        for style in root.iter(f"{_W}style") if root is not None else ():
            id_ = style.get(f"{_W}styleId", "")
            called = style.find(f"{_W}name")
            match = re.fullmatch(
                r"heading (\d)|title", (called.get(f"{_W}val", "") if called is not None else "").lower()
            )
            outline = style.find(f"{_W}pPr/{_W}outlineLvl")
            if match:
                found[id_] = int(match[1] or 1)
            elif outline is not None and (level := _whole(outline.get(f"{_W}val"), 9)) < 9:
                found[id_] = level + 1
            parent = style.find(f"{_W}basedOn")
            if parent is not None:
                based[id_] = parent.get(f"{_W}val", "")
        for id_ in based:
            seen, wider = {id_}, based[id_]
            while wider and wider not in seen:
                if wider in found:
                    found.setdefault(id_, found[wider])
                    break
                seen.add(wider)
                wider = based.get(wider, "")
        return found

    # ------------------------------------------------------------ the body

    def grids(self) -> list[Grid]:
        """All tables, then all lists."""
        body = self._part("word/document.xml").find(f"{_W}body")
        if body is None:
            raise IcsgraphError(f"{self.name} has no text in it.", "Open it in Word and save it again.")
        if carried := self._carried(body):
            return [Grid(name=self.name, part_of=self.name, carried=carried)]
        path: list[str] = []
        self.sections = [_Section("")]
        count = 0
        for block in _blocks(body):
            if block.tag == f"{_W}tbl":
                self._table(block, path)
                continue
            paragraph = self._paragraph(block)
            count += 1
            if count > MAX_PARAGRAPHS:
                raise IcsgraphError(
                    f"{self.name} has more than {MAX_PARAGRAPHS} paragraphs.",
                    "Take out what is not part of the scheme.",
                )
            if paragraph.level:
                path = [*path[: paragraph.level - 1], *[""] * (paragraph.level - 1 - len(path)), paragraph.text]
                self.sections.append(_Section(paragraph.text, tuple(filter(None, path[:-1]))))
            elif paragraph.text:
                self.sections[-1].paragraphs.append(paragraph)
        self._what_else(body)
        grids = [*self.tables, *(g for s in self.sections if (g := self._list(s)))]
        if not grids:
            raise IcsgraphError(
                f"{self.name} has no tables and no lists under headings.",
                "A scheme in Word is read from its tables, or from numbered paragraphs under headings.",
            )
        grids[0].said = [*self.said, *grids[0].said]
        return grids

    def _carried(self, body: Any) -> bytes:
        """The scheme that a file of ours carries; none where there is none, or where the text says something else by now."""
        for entry in sorted(n for n in self.names if re.fullmatch(r"customXml/\w+\.xml", n)):
            part = fromstring(self.packed.read(entry))
            if part.tag != f"{{{NAMESPACE}}}scheme":
                continue
            changed = next(body.iter(f"{_W}ins"), None) is not None or next(body.iter(f"{_W}del"), None) is not None
            if not changed and same_text(part.get("text", ""), [t.text or "" for t in body.iter(f"{_W}t")]):
                return unpack(part.text or "", self.name)
            told = "The text was changed since it was written, so it was read from the text and not from the data that it carries."
            self.said.append(Remark("the document", told, "Look whether all was read as you meant it.", lost=False))
        return b""

    def _paragraph(self, block: Any) -> _Paragraph:
        text, bold = _text(block)
        properties = block.find(f"{_W}pPr")
        style = properties.find(f"{_W}pStyle") if properties is not None else None
        id_ = style.get(f"{_W}val", "") if style is not None else ""
        level = self.headings.get(id_, 0)
        number = self.numbering.next(block, id_)
        typed = "" if number else (m[1] if (m := _TYPED.match(text)) else "")
        listed = bool(number or typed or "list" in id_.lower())
        if not level and not listed and bold and text and len(text) < 90 and not text.endswith((".", ";", ",")):
            # A short line in bold is a heading for those who make headings by hand.
            level = 6
        if typed:
            text = _TYPED.sub("", text, count=1)
        return _Paragraph(
            text=text, number=(number or typed).strip("()").rstrip(".)"), level=level, listed=listed, bold=bold
        )

    # ------------------------------------------------------------ tables

    def _table(self, table: Any, path: list[str]) -> None:
        number = len(self.tables) + 1
        grid = Grid(name=f"Table {number}", part_of=self.name)
        grid.heading = next((h for h in reversed(path) if h), "")
        widest = 0
        for at, row in enumerate((r for r in _blocks(table, "tr") if r.find(f"{_W}trPr/{_W}del") is None), 1):
            self.rows += 1
            if self.rows > MAX_ROWS:
                raise IcsgraphError(f"{self.name} has more than {MAX_ROWS} rows.", "Split it, one file for each board.")
            cells = self._cells(row, grid, at)
            if len(cells) > MAX_COLUMNS:
                raise IcsgraphError(
                    f"{self.name} has more than {MAX_COLUMNS} columns in table {number}.", "Split the table."
                )
            widest = max(widest, len(cells))
            if any(cells):
                grid.rows[at] = cells
        if not grid.rows:
            return
        for at, cells in grid.rows.items():
            spans = [s for s in grid.spans if s[0] == at]
            if sum(map(bool, cells)) == 1 and any(right - left + 1 >= max(2, widest - 1) for _, left, right in spans):
                grid.headings.add(at)
        before = self.tables[-1] if self.tables else None
        grid.continues = before is not None and _width(before) == widest
        self.tables.append(grid)

    def _cells(self, row: Any, grid: Grid, at: int) -> list[str]:
        cells: list[str] = []
        skipped = row.find(f"{_W}trPr/{_W}gridBefore")
        cells += [""] * (min(_whole(skipped.get(f"{_W}val"), 0), MAX_COLUMNS) if skipped is not None else 0)
        above = grid.rows.get(at - 1, [])
        for cell in _blocks(row, "tc"):
            properties = cell.find(f"{_W}tcPr")
            span = properties.find(f"{_W}gridSpan") if properties is not None else None
            wide = min(max(1, _whole(span.get(f"{_W}val"), 1)), MAX_COLUMNS) if span is not None else 1
            merged = properties.find(f"{_W}vMerge") if properties is not None else None
            lines = [t for p in _blocks(cell, "p") if (t := self._line(p))]
            text = "\n".join(lines)
            column = len(cells) + 1
            if merged is not None and merged.get(f"{_W}val", "continue") == "continue":
                text = above[column - 1] if column <= len(above) else ""
                grid.repeated.add((at, column))
            for nested in _blocks(cell, "tbl"):
                words = " ".join("".join(t.text or "" for t in nested.iter(f"{_W}t")).split())
                self.said.append(
                    Remark(f"{grid.name}!{column_letters(column)}{at}", f"The table within the cell was not read: “{_short(words)}”.",
                         "Write what it says into the cell, or make it a table of its own.")
                )  # fmt: skip
            cells.append(text)
            if wide > 1:
                grid.spans.append((at, column, column + wide - 1))
                cells += [""] * (wide - 1)
        return cells

    def _line(self, block: Any) -> str:
        """A paragraph of a cell with its number, so that bullets and letters are seen."""
        text, _ = _text(block)
        number = self.numbering.next(block, "")
        return f"{number} {text}" if text and number and re.match(r"[\w(]", number) else text

    # ------------------------------------------------------------ lists

    def _list(self, section: _Section) -> Grid | None:
        """The paragraphs under a heading as a grid of number and words; none where there are none."""
        if not section.paragraphs:
            return None
        grid = Grid(name=_place_name(section.heading or "Before the first heading"), listed=True, part_of=self.name)
        grid.heading = section.heading
        grid.above = section.above
        for at, paragraph in enumerate(section.paragraphs, 1):
            grid.rows[at] = [paragraph.number, paragraph.text, "list" if paragraph.listed else ""]
        return grid

    # ------------------------------------------------------------ what else is in the file

    def _what_else(self, body: Any) -> None:
        first = "the document"
        boxes = [
            " ".join("".join(t.text or "" for t in b.iter(f"{_W}t")).split()) for b in body.iter(f"{_W}txbxContent")
        ]
        for words in dict.fromkeys(b for b in boxes if b):
            self.said.append(
                Remark(
                    first, f"A text box was not read: “{_short(words)}”.", "Move what it says into the text or a table."
                )
            )
        if next(body.iter(f"{_W}ins"), None) is not None or next(body.iter(f"{_W}del"), None) is not None:
            self.said.append(
                Remark(
                    first,
                    "It has tracked changes, which were read as accepted.",
                    "Accept or reject them in Word.",
                    lost=False,
                )
            )
        notes = self._part("word/footnotes.xml")
        for note in notes.iter(f"{_W}footnote") if notes is not None else ():
            words = " ".join("".join(t.text or "" for t in note.iter(f"{_W}t")).split())
            if words and note.get(f"{_W}type") is None:
                self.said.append(Remark(f"footnote {note.get(f'{_W}id')}", f"The footnote was not read: “{_short(words)}”.", "Move what it says to the line it is about."))  # fmt: skip
        embedded = [n for n in self.names if n.startswith("word/embeddings/")]
        if embedded:
            self.said.append(Remark(first, f"It holds {len(embedded)} embedded files, which were not opened.", "Put what they say into the text."))  # fmt: skip
        if any(n.startswith("word/comments") for n in self.names):
            self.said.append(
                Remark(
                    first, "Its comments were not read.", "Put what belongs to the scheme into the text.", lost=False
                )
            )
        outside = [
            r
            for n in self.names
            if n.startswith("word/") and n.endswith(".rels")
            for r in fromstring(self.packed.read(n))
            if r.get("TargetMode") == "External" and not r.get("Type", "").endswith("/hyperlink")
        ]
        if outside:
            self.said.append(Remark(first, f"It refers to {len(outside)} things outside the file, which were not fetched.", "Break the links in Word.", lost=False))  # fmt: skip


def _width(grid: Grid) -> int:
    return max(map(len, grid.rows.values()), default=0)


def _blocks(parent: Any, wanted: str = "") -> Iterator[Any]:
    """The paragraphs, tables, rows or cells that stand directly in something, those within content controls and insertions too."""
    for child in parent:
        tag = child.tag.removeprefix(_W) if isinstance(child.tag, str) else ""
        if tag in ("sdt", "sdtContent", "ins", "customXml", "smartTag", "moveTo"):
            yield from _blocks(child, wanted)
        elif (wanted and tag == wanted) or (not wanted and tag in ("p", "tbl")):
            yield child


def _text(block: Any) -> tuple[str, bool]:
    """The words of a paragraph as they stand once changes are accepted, and whether all are in bold; text boxes apart."""
    parts: list[str] = []
    bold: list[bool] = []

    def walk(node: Any, fat: bool) -> None:
        for child in node:
            tag = child.tag
            if tag in (f"{_W}del", f"{_W}moveFrom", f"{_W}txbxContent", f"{_W}pPr", f"{_MC}Fallback", f"{_W}instrText"):
                continue
            if tag == f"{_W}r":
                mark = child.find(f"{_W}rPr/{_W}b")
                walk(child, mark is not None and mark.get(f"{_W}val", "1") not in ("0", "false"))
            elif tag == f"{_W}t":
                parts.append(child.text or "")
                bold.extend([fat] * bool((child.text or "").strip()))
            elif tag in (f"{_W}br", f"{_W}cr"):
                parts.append("\n")
            elif tag == f"{_W}tab":
                parts.append(" ")
            elif tag == f"{_W}noBreakHyphen":
                parts.append("-")
            elif tag == f"{_W}sym":
                # Ticks and crosses of symbol fonts.
                parts.append("✓")
            else:
                walk(child, fat)

    walk(block, False)
    text = "\n".join(" ".join(line.split()) for line in "".join(parts).replace("\xa0", " ").split("\n")).strip()
    return text, bool(bold) and all(bold)


class _Numbering:
    """The numbers that Word gives paragraphs, counted as Word does: by list and level."""

    def __init__(self, root: Any, styles: Any) -> None:
        # Which list and level a style puts its paragraphs into.
        self._styled = {
            style.get(f"{_W}styleId", ""): numbered
            for style in (styles.iter(f"{_W}style") if styles is not None else ())
            if (numbered := style.find(f"{_W}pPr/{_W}numPr")) is not None
        }
        self._lists: dict[str, dict[int, tuple[str, str, int]]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        abstract: dict[str, dict[int, tuple[str, str, int]]] = {}
        for kind in root.iter(f"{_W}abstractNum") if root is not None else ():
            levels = {}
            for level in kind.iter(f"{_W}lvl"):
                values = [level.find(f"{_W}{n}") for n in ("numFmt", "lvlText", "start")]
                form, text, start = (v.get(f"{_W}val", "") if v is not None else "" for v in values)
                levels[_whole(level.get(f"{_W}ilvl"), 0)] = (form, text[:_LONGEST], _whole(start, 1))
            abstract[kind.get(f"{_W}abstractNumId", "")] = levels
        for num in root.iter(f"{_W}num") if root is not None else ():
            of = num.find(f"{_W}abstractNumId")
            if of is not None:
                self._lists[num.get(f"{_W}numId", "")] = abstract.get(of.get(f"{_W}val", ""), {})

    def next(self, block: Any, style: str) -> str:
        """The number of a paragraph; empty where it has none, “•” for a bullet."""
        properties = block.find(f"{_W}pPr/{_W}numPr")
        if properties is None:
            properties = self._styled.get(style)
        if properties is None:
            return ""
        id_, level = properties.find(f"{_W}numId"), properties.find(f"{_W}ilvl")
        number = id_.get(f"{_W}val", "") if id_ is not None else ""
        at = _whole(level.get(f"{_W}val"), 0) if level is not None else 0
        levels = self._lists.get(number)
        if not levels or at not in levels:
            return ""
        form, text, start = levels[at]
        if form in ("bullet", "none"):
            return "•" if form == "bullet" else ""
        counts = self._counts.setdefault(number, {})
        counts[at] = counts.get(at, start - 1) + 1
        for deeper in [n for n in counts if n > at]:
            del counts[deeper]
        return re.sub(
            r"%(\d)",
            lambda m: _counted(
                counts.get(int(m[1]) - 1, levels.get(int(m[1]) - 1, ("", "", 1))[2]),
                levels.get(int(m[1]) - 1, ("", "", 1))[0],
            ),
            text,
        )


def _counted(value: int, form: str) -> str:
    if form in ("lowerLetter", "upperLetter") and 0 < value < 27:
        letter = chr(96 + value)
        return letter.upper() if form == "upperLetter" else letter
    if form in ("lowerRoman", "upperRoman") and 0 < value < 40:
        out = ""
        for size, sign in _ROMAN:
            while value >= size:
                out, value = out + sign, value - size
        return out.upper() if form == "upperRoman" else out
    return str(value)


def _whole(said: str | None, usual: int) -> int:
    """A whole number from nought to a million; the usual one where a file says nothing, or no such number."""
    return int(said) if said and re.fullmatch(r"\d{1,6}", said, re.ASCII) else usual


def _place_name(heading: str) -> str:
    """A heading as the name of a place: short and without the sign that parts a place from its cell."""
    return _short(heading.replace("!", " ").replace("\n", " "))


def _short(words: str) -> str:
    return words if len(words) <= 80 else words[:77] + "..."
