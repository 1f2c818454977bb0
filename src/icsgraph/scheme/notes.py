"""Notes below a table to the cells whose marks point to them: “£50k*” and “* jointly with the Chair” said as one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from icsgraph.scheme.grids import Grid

__all__ = ["Notes", "marked", "read_notes", "without_notes"]

_NOTE = re.compile(r"^\s*(\*+|†|‡|[¹²³⁴-⁹]{1,2})\s*(\S.{2,})$", re.DOTALL)
# A mark stands behind a word, a sum or a bracket; at the head of a line it is a bullet.
_MARK = re.compile(r"(?<=[\w)\]%’'+✓✔√])\s?(\*+|†|‡|[¹²³⁴-⁹]{1,2})(?=[\s;,.:)]|$)")


@dataclass
class Notes:
    """The notes of a table by their marks; ``used`` are the marks that some cell has, ``rows`` where each stands in its grid."""

    words: dict[str, str] = field(default_factory=dict)
    rows: dict[tuple[str, int], str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def put_in(self, text: str, apart: bool) -> str:
        """A cell with the note that its mark points to in brackets, or ``apart`` behind a semicolon, for the mark."""

        def said(match: re.Match[str]) -> str:
            words = self.words.get(match[1], "")
            if not words:
                return match[0]
            self.used.add(match[1])
            return f"; {words}" if apart else f" ({words})"

        return _MARK.sub(said, text)

    def taken(self, grid: Grid, row: int) -> bool:
        """Whether a row is a note that was put where its mark stands."""
        return self.rows.get((grid.name, row), "") in self.used


def marked(text: str) -> str:
    """The mark in a cell that points to a note; empty where there is none.

    >>> marked("Chief Executive*"), marked("* Chief Executive"), marked("£5k †")
    ('*', '', '†')
    """
    found = _MARK.search(text)
    return found[1] if found else ""


def read_notes(grid: Grid, others: Iterable[Grid]) -> Notes:
    """The notes below a table and in the text of its document; a mark with two notes in one place has none."""
    for grids in ([grid], [g for g in others if g.listed and g.part_of == grid.part_of]):
        notes, twice = Notes(), set()
        for one in grids:
            for number, row in one.rows.items():
                cells = [c for c in (row[1:2] if one.listed else row) if c]
                found = _NOTE.match(cells[0]) if len(cells) == 1 else None
                if found:
                    twice |= {found[1]} & notes.words.keys()
                    notes.words[found[1]] = _plain(found[2])
                    notes.rows[one.name, number] = found[1]
        if notes.words:
            return replace(notes, words={m: w for m, w in notes.words.items() if m not in twice})
    return Notes()


def without_notes(grid: Grid, others: Iterable[Grid]) -> Grid:
    """The paragraphs of a document without the notes that marks in its tables point to."""
    marks = {
        marked(c) for g in others if not g.listed and g.part_of == grid.part_of for row in g.rows.values() for c in row
    }
    notes = read_notes(grid, ())
    own = {n: row for n, row in grid.rows.items() if not (m := notes.rows.get((grid.name, n), "")) or m not in marks}
    return grid if len(own) == len(grid.rows) else replace(grid, rows=own)


def _plain(words: str) -> str:
    """A note in a form that may stand in brackets."""
    return " ".join(words.replace(";", ",").translate({ord(c): " – " for c in "()[]"}).split()).strip(" .–")
