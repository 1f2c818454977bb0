"""A document for a terminal."""

from __future__ import annotations

import textwrap

from icsgraph.scheme.documents.page import Cell, Document

__all__ = ["as_text"]


def as_text(document: Document, width: int = 100) -> str:
    """The document in plain words: a paragraph for each row of a table, what is not stated left out."""
    lines = textwrap.wrap(f"{document.body}: {document.title}", width)
    lines += textwrap.wrap(document.about, width)
    nothing = document.words("words.none")
    for section in document.sections:
        lines += ["", section.heading]
        for paragraph in section.paragraphs:
            lines += textwrap.wrap(paragraph, width)
        for table in section.tables:
            for row in table.rows:
                cells = [(c.heading, _words(cell)) for c, cell in zip(table.columns, row.cells, strict=True)]
                said = "; ".join(f"{heading}: {words}" for heading, words in cells if words != nothing)
                lines += textwrap.wrap(said, width, initial_indent="* ", subsequent_indent="  ")
    return "\n".join(lines) + "\n"


def _words(cell: Cell) -> str:
    return ", ".join("".join(t.words for t in paragraph.texts) for paragraph in cell)
