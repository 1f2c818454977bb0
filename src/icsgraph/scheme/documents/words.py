"""The words and columns of documents, from ``data/documents.toml``, and how sums, days and limits are said in them."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from icsgraph.core.dates import Period
from icsgraph.scheme.model import Authority, Party

__all__ = ["Column", "Words", "day", "pounds"]


@dataclass(frozen=True)
class Column:
    """A column of a table: ``key`` says what stands in it, ``width`` is its share in a hundred."""

    key: str
    heading: str
    width: int


def day(value: dt.date) -> str:
    """A day as it is written in British documents.

    >>> day(dt.date(2025, 8, 1))
    '1 August 2025'
    """
    return f"{value.day} {value:%B %Y}"


def pounds(value: Decimal) -> str:
    """A sum of money.

    >>> pounds(Decimal("250000.0")), pounds(Decimal("12.5"))
    ('£250,000', '£12.50')
    """
    return f"£{value:,.0f}" if value == value.to_integral_value() else f"£{value:,.2f}"


class Words:
    """The words of ``data/documents.toml`` in the content at ``root``."""

    def __init__(self, root: Path) -> None:
        with (root / "data" / "documents.toml").open("rb") as handle:
            self._said: dict[str, Any] = tomllib.load(handle)

    def __call__(self, name: str, **values: object) -> str:
        """The words of a name such as ``sord.title`` with their places filled in."""
        words: Any = self._said
        for part in name.split("."):
            words = words[part]
        assert isinstance(words, str), name
        return words.format(**values) if values else words

    def table(self, name: str) -> dict[str, Any]:
        """A table of words, such as ``facts``."""
        found: Any = self._said
        for part in name.split("."):
            found = found[part]
        return dict(found)

    def columns(self, name: str) -> tuple[Column, ...]:
        """The columns of a table, such as ``sord.columns``."""
        return tuple(Column(key, heading, width) for key, (heading, width) in self.table(name).items())

    def lanes(self) -> list[dict[str, Any]]:
        """The lanes of the map, from top to bottom."""
        return list(self._said["map"]["lane"])

    def listed(self, items: Iterable[str]) -> str:
        """Some words in a row."""
        return self("words.list").join(items)

    def limit(self, above: Decimal | None, up_to: Decimal | None) -> str:
        """Limits in pounds; empty where there are none."""
        if above is not None and up_to is not None:
            return self("words.between", above=pounds(above), up_to=pounds(up_to))
        if up_to is not None:
            return self("words.up_to", up_to=pounds(up_to))
        return self("words.above", above=pounds(above)) if above is not None else ""

    def period(self, period: Period) -> list[str]:
        """From when and until when, the last day included; what is open is left out."""
        first = [self("words.begun", day=day(period.start))] if period.start else []
        return first + ([self("words.ended", day=day(period.end - dt.timedelta(days=1)))] if period.end else [])

    def holder(self, party: Party, board: Party) -> str:
        """What a party is called in the scheme of a board."""
        return self("words.board") if party == board else party.label

    def authority(self, authority: Authority, board: Party) -> str:
        """What a holder may do under a line of the scheme of a board, in one run of words that begins with the holder."""
        limit = self.limit(authority.above, authority.up_to) or (self("words.unlimited") if authority.unlimited else "")
        said = [self.holder(authority.holder, board), limit, self("words.residual") if authority.residual else ""]
        return ", ".join(s for s in said if s)

    def as_written(self, authority: Authority) -> str:
        """The words from which an authority was read, where they differ from how it is said; empty where they do not."""
        return self("words.as_written", words=authority.as_written) if authority.as_written else ""
