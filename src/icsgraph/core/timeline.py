"""Time lines drawn as SVG: what existed or was in force from when to when. The same belongs beside it as a table."""

from __future__ import annotations

import datetime as dt
import textwrap
from dataclasses import dataclass
from html import escape

__all__ = ["Span", "Timeline", "draw"]

WIDTH = 1040
_LEFT = 330
_RIGHT = 20
_ROW = 34
_CHARS = 42


@dataclass(frozen=True, kw_only=True)
class Span:
    """Something with its first day and the first day on which it was no more; ``None``: not known, or not ended."""

    label: str
    start: dt.date | None
    end: dt.date | None
    href: str = ""
    main: bool = False


@dataclass(frozen=True)
class Timeline:
    """Spans in the order in which they are drawn, and the day that is looked at."""

    title: str
    says: str
    spans: tuple[Span, ...]
    day: dt.date


def draw(timeline: Timeline, ident: str = "timeline") -> str:
    """The time line as an SVG element for the inside of a page."""
    days = [d for s in timeline.spans for d in (s.start, s.end) if d] + [timeline.day]
    first, last = dt.date(min(days).year, 1, 1), dt.date(max(days).year + 1, 1, 1)

    def x(day: dt.date) -> float:
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * (day - first).days / (last - first).days

    heights = [max(_ROW, 12 + 16 * len(textwrap.wrap(s.label, _CHARS))) for s in timeline.spans]
    height = 54 + sum(heights)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="group" '
        f'aria-labelledby="{ident}-title {ident}-says" font-family="arial, sans-serif" font-size="14">',
        f'<title id="{ident}-title">{escape(timeline.title)}</title><desc id="{ident}-says">{escape(timeline.says)}</desc>',
    ]
    step = max(1, round((last.year - first.year) / 14))
    for year in range(first.year, last.year + 1, step):
        at = x(dt.date(year, 1, 1))
        out.append(f'<path d="M{at:.0f} 30V{height - 8}" stroke="#c3cdd2" stroke-width="1"/>')
        if at < WIDTH - 30:
            out.append(f'<text x="{at + 3:.0f}" y="24" fill="#212b32">{year}</text>')
    top = 40.0
    for span, tall in zip(timeline.spans, heights, strict=True):
        begin, end = x(span.start or first), x(span.end or last)
        lines = textwrap.wrap(span.label, _CHARS)
        weight = ' font-weight="600"' if span.main else ""
        text = "".join(
            f'<text x="6" y="{top + 16 + 16 * n:.0f}"{weight} fill="#212b32">{escape(line)}</text>'
            for n, line in enumerate(lines)
        )
        bar = f'<rect x="{begin:.0f}" y="{top + 3:.0f}" width="{max(end - begin, 3):.0f}" height="18" fill="{"#14505c" if span.main else "#7fa3ab"}"/>'
        words = f"{span.label}: {said(span)}"
        inside = f"<title>{escape(words)}</title>{text}{bar}"
        out.append(
            f'<a href="{escape(span.href)}" aria-label="{escape(words)}">{inside}</a>'
            if span.href
            else f"<g>{inside}</g>"
        )
        top += tall
    at = x(timeline.day)
    out.append(f'<path d="M{at:.0f} 30V{height - 8}" stroke="#212b32" stroke-width="2" stroke-dasharray="5 4"/>')
    flip = at > WIDTH - 130
    out.append(
        f'<text x="{at + (-5 if flip else 5):.0f}" y="{height - 6}" text-anchor="{"end" if flip else "start"}" fill="#212b32">{timeline.day.isoformat()}</text>'
    )
    return "\n".join([*out, "</svg>"])


def said(span: Span) -> str:
    """The period in words."""
    start = span.start.isoformat() if span.start else "a day not known"
    return f"from {start}" + (f" until {span.end.isoformat()} (that day not included)" if span.end else ", not ended")
