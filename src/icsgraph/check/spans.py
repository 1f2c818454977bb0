"""When bodies of a kind exist, as the record has them: a description may speak of a kind before its first or after its last."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["Span", "outside", "span_of"]


class Span(NamedTuple):
    """From the first day of the first body of a kind to the day on which the last had ended (``YYYY-MM-DD``; empty: open)."""

    start: str
    end: str


def span_of(periods: Iterable[tuple[str, str]]) -> Span:
    """The span of bodies with such first days and ends; open on a side where one body has no date there.

    >>> span_of([("2022-07-01", "2026-04-01"), ("2022-07-01", "")])
    Span(start='2022-07-01', end='')
    """
    starts, ends = zip(*periods, strict=True)
    return Span(min(starts), max(ends) if all(ends) else "")


def outside(span: Span, day: str) -> str:
    """Says in a few words that a day is before or after a span; empty where it is in it.

    >>> outside(Span("2022-07-01", ""), "2021-06-01")
    'the first began on 2022-07-01'
    """
    if day < span.start:
        return f"the first began on {span.start}"
    return f"the last had ended by {span.end}" if span.end and day >= span.end else ""
