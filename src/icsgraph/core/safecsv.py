"""CSV that people open in spreadsheets."""

from __future__ import annotations

import re

__all__ = ["harmless"]

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe goes before what would be one; numbers stay.

    >>> harmless("=1+1"), harmless("-1"), harmless("-1+1")
    ("'=1+1", '-1', "'-1+1")
    """
    return "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not _NUMBER.fullmatch(cell) else cell
