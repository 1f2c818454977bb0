"""Dates and half-open periods: a period holds from its first day up to, and not including, its end day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from icsgraph.core.errors import IcsgraphError

__all__ = ["Period", "day_after", "day_before", "in_words", "parse_day"]


def parse_day(text: str) -> dt.date:
    """The day that ``text`` names as ``YYYY-MM-DD``; raises ``IcsgraphError`` for anything else.

    >>> parse_day("2022-07-01").isoformat()
    '2022-07-01'
    """
    try:
        if len(text) != 10:
            raise ValueError(text)
        return dt.date.fromisoformat(text)
    except ValueError:
        raise IcsgraphError(
            f"“{text}” is not a date.", "Write a day that exists as YYYY-MM-DD, for example 2024-01-31."
        ) from None


def day_after(text: str) -> str:
    """The day after the one named, in the same form: turns a last day into a half-open end.

    >>> day_after("2022-06-30")
    '2022-07-01'
    """
    return (parse_day(text) + dt.timedelta(days=1)).isoformat()


def day_before(text: str) -> str:
    """The day before the one named, in the same form: turns a half-open end into a last day.

    >>> day_before("2022-07-01")
    '2022-06-30'
    """
    return (parse_day(text) - dt.timedelta(days=1)).isoformat()


def in_words(text: str) -> str:
    """A day as people write it.

    >>> in_words("2022-07-01")
    '1 July 2022'
    """
    day = parse_day(text)
    return f"{day.day} {day:%B %Y}"


@dataclass(frozen=True)
class Period:
    """A stretch of days; ``None`` on a side means that side is open or not known."""

    start: dt.date | None = None
    end: dt.date | None = None

    def holds(self, day: dt.date) -> bool:
        """Whether ``day`` lies in the period.

        >>> p = Period(parse_day("2022-07-01"), parse_day("2026-04-01"))
        >>> p.holds(parse_day("2026-03-31")), p.holds(parse_day("2026-04-01"))
        (True, False)
        """
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)
