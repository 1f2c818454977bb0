"""A sheet, a table or a list of a stranger's file as plain text, wherever it came from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from icsgraph.scheme.remarks import Remark

__all__ = ["MAX_COLUMNS", "MAX_ROWS", "Grid", "clean_text", "column_letters", "column_number"]

# Of all sheets of a file together, and of one of them.
MAX_ROWS = 20_000
MAX_COLUMNS = 200
# Characters that no document can hold, and that nobody sees.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


@dataclass(kw_only=True)
class Grid:
    """A sheet as text: rows by their number, cells from column A.

    ``headings`` are rows whose one cell spans others; ``repeated`` are cells, as (row, column), that show what is merged from
    above; ``spans`` are cells merged across, as (row, first column, last column); ``uncalculated`` are cells with a formula
    without a value. A hidden sheet has no rows; one that ``continues`` goes on with the table before it.

    Of a document, a grid is a table or, where it is ``listed``, the paragraphs under a ``heading`` (number, words, and “list” for
    one of a list), ``above`` being the headings over it. ``part_of`` names the document, ``said`` is what to tell of it,
    ``carried`` the Turtle of the scheme that a file of ours has in it. One that is ``turned`` has its rows where the file has columns.
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
    turned: bool = False


def column_number(letters: str) -> int:
    """The number of a column: ``AA`` is 27."""
    total = 0
    for letter in letters:
        total = 26 * total + ord(letter) - 64
    return total


def column_letters(column: int) -> str:
    """The letters of a column: 27 is ``AA``."""
    out = ""
    while column:
        column, rest = divmod(column - 1, 26)
        out = chr(65 + rest) + out
    return out


def clean_text(words: str) -> str:
    r"""Text without characters that no document can hold.

    >>> clean_text("a\x07b")
    'a b'
    """
    return _UNSEEN.sub(" ", words)
