"""Half-open spans of days as pairs of ISO dates, open where the record knows no day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

__all__ = ["ALWAYS", "Span", "joined", "pieces", "without"]

# Below and above any day on record; never written out.
_FIRST = "0000-00-00"
_LAST = "9999-99-99"


class Span(NamedTuple):
    """Days from ``start`` up to, and not including, ``end``.

    >>> Span.of("2022-07-01", "").meets(Span.of("", "2022-07-01"))
    False
    """

    start: str
    end: str

    @classmethod
    def of(cls, start: str, end: str) -> Span:
        """The span between two ISO dates; an empty one leaves that side open."""
        return cls(start or _FIRST, end or _LAST)

    @property
    def first(self) -> str:
        """The first day, or nothing where it is open."""
        return "" if self.start == _FIRST else self.start

    @property
    def until(self) -> str:
        """The first day after it, or nothing where it is open."""
        return "" if self.end == _LAST else self.end

    def meets(self, other: Span) -> bool:
        """Whether the two have a day in common."""
        return self.start < other.end and other.start < self.end

    def covers(self, other: Span) -> bool:
        """Whether all days of the other lie in this one."""
        return self.start <= other.start and other.end <= self.end

    def within(self, other: Span) -> Span:
        """The days in common; empty (``start`` not before ``end``) where there are none."""
        return Span(max(self.start, other.start), min(self.end, other.end))

    @property
    def empty(self) -> bool:
        """Whether it has no day."""
        return self.start >= self.end


ALWAYS = Span(_FIRST, _LAST)


def pieces(whole: Span, cuts: Iterable[Span]) -> list[Span]:
    """A span cut at every start and end of others that lies in it, in order.

    >>> pieces(Span.of("2020-01-01", ""), [Span.of("2021-01-01", "2022-01-01")])[1].until
    '2022-01-01'
    """
    days = {whole.start, whole.end}
    for cut in cuts:
        days.update(d for d in cut if whole.start < d < whole.end)
    ordered = sorted(days)
    return [Span(a, b) for a, b in pairwise(ordered)]


def joined(spans: Sequence[Span]) -> list[Span]:
    """Spans with those that touch or overlap made into one, in order.

    >>> [s.until for s in joined([Span.of("2020-01-01", "2021-01-01"), Span.of("2021-01-01", "2022-01-01")])]
    ['2022-01-01']
    """
    out: list[Span] = []
    for span in sorted(s for s in spans if not s.empty):
        if out and span.start <= out[-1].end:
            out[-1] = Span(out[-1].start, max(out[-1].end, span.end))
        else:
            out.append(span)
    return out


def without(span: Span, others: Iterable[Span]) -> list[Span]:
    """The parts of a span that lie in none of some others, in order.

    >>> [s.first for s in without(Span.of("2020-01-01", ""), [Span.of("2020-01-01", "2021-01-01")])]
    ['2021-01-01']
    """
    free = [span]
    for other in others:
        free = [
            part
            for piece in free
            for part in (Span(piece.start, min(piece.end, other.start)), Span(max(piece.start, other.end), piece.end))
            if not part.empty
        ]
    return free
