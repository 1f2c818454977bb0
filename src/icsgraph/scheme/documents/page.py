"""A document as plain parts, before it is HTML or Word: sections with tables, each cell a few paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from icsgraph import __version__
from icsgraph.scheme.documents.words import Column, Words

__all__ = [
    "Cell",
    "Document",
    "IncompleteError",
    "Paragraph",
    "Row",
    "Section",
    "Table",
    "Text",
    "anchor",
    "made",
    "plain",
    "rows_of",
    "slug",
]


@dataclass(frozen=True)
class Text:
    """A run of words: a link where ``href`` is given, quieter where ``small``."""

    words: str
    href: str = ""
    small: bool = False


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; ``of`` is the address of the thing that it shows, so that a reader of the file can count and find it."""

    texts: tuple[Text, ...]
    of: str = ""


Cell = tuple[Paragraph, ...]


class IncompleteError(Exception):
    """A document would leave out or repeat what it promises to show once: a fault of ours, never of who asks."""


@dataclass(frozen=True)
class Row:
    """A row of a table; the first cell is its heading, ``of`` the address of what it shows."""

    cells: tuple[Cell, ...]
    of: str = ""


@dataclass(frozen=True)
class Table:
    """A table with its caption; no row is ever empty of its heading."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    def __post_init__(self) -> None:
        if not all(len(row.cells) == len(self.columns) and row.cells[0] for row in self.rows):
            raise IncompleteError(f"A row of the table “{self.caption}” lacks a cell or its heading.")


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of a document under a heading. ``picture`` is SVG, with its description as ``picture_says``."""

    heading: str
    tables: tuple[Table, ...] = ()
    paragraphs: tuple[str, ...] = ()
    picture: str = ""
    picture_says: str = ""

    @property
    def id(self) -> str:
        """The anchor of the section."""
        return slug(self.heading)


@dataclass(frozen=True, kw_only=True)
class Document:
    """A document: ``facts`` are terms with what they are, ``made`` says by what it was made."""

    title: str
    body: str
    about: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    made: str
    words: Words

    def paragraphs_of(self) -> list[str]:
        """The addresses of what rows and paragraphs show, each as often as it is shown."""
        rows = [row for section in self.sections for table in section.tables for row in table.rows]
        return [r.of for r in rows if r.of] + [p.of for r in rows for cell in r.cells for p in cell if p.of]


def anchor(address: str) -> str:
    """The name of the place in a page where a thing is shown; different things have different ones.

    >>> anchor("https://example.org/x/line/4.1")
    'x/line/4.1'
    """
    return re.sub(r"[^A-Za-z0-9._~/-]+", "-", re.sub(r"^[a-z]+:(//[^/]+/)?", "", address))


def slug(words: str) -> str:
    """Words as part of an address.

    >>> slug("Finance & contracts")
    'finance-contracts'
    """
    return re.sub(r"[^a-z0-9]+", "-", words.casefold()).strip("-") or "part"


def plain(*words: str, small: bool = False, of: str = "") -> Cell:
    """A cell with a paragraph for each run of words that is not empty."""
    return tuple(Paragraph((Text(w, small=small),), of) for w in words if w)


def rows_of(columns: tuple[Column, ...], cells: Iterable[tuple[str, dict[str, Cell]]], words: Words) -> tuple[Row, ...]:
    """Rows from cells by column, each with the address of what it shows; an empty cell says so."""
    nothing = plain(words("words.none"), small=True)
    return tuple(Row(tuple(found.get(c.key) or nothing for c in columns), of) for of, found in cells)


def made(words: Words, body: str) -> str:
    """By what a document was made."""
    return words("words.made", version=__version__, body=body)
