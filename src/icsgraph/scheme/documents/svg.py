"""Boxes in lanes drawn as SVG: nothing overlaps, nothing is cut, and all text can be read by a machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import pairwise

__all__ = ["Box", "Lane", "draw", "width_of", "wrapped"]

WIDTH = 1200
_MARGIN, _LABEL, _TRUNK = 12, 136, 26
_GAP, _PAD, _BUS = 18, 10, 28
_PER_ROW = 4
_NAME, _TEXT = 14, 12.5
_LEADING = 1.32

# Widths in hundredths of the height, wide enough for any plain font that a reader's machine puts in.
_NARROW, _WIDE = frozenset("iljtfrI.,:;'|!()[]-/ "), frozenset("mwMWGOQCDHNU@%–—£&")


@dataclass(frozen=True, kw_only=True)
class Box:
    """A body, committee or post on the map, with what is said of it and where a link on it leads.

    What is said is of the kind ``part``, a heading, or ``said``, what stands under it. ``source`` is true of the board;
    ``receives`` of one that has power from it, ``gives`` of one that passes functions to it, and ``after`` names the boxes
    from which a power is passed on to this one.
    """

    name: str
    form: str
    said: tuple[tuple[str, str], ...]
    href: str
    sort: str
    source: bool = False
    receives: bool = False
    gives: bool = False
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lane:
    """A lane of the map with its boxes in order."""

    name: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True, kw_only=True)
class _Laid:
    """A box with its lines of text, each with its class and height, and its place."""

    box: Box
    lines: tuple[tuple[str, str, float], ...]
    x: float
    y: float
    width: float
    height: float


def width_of(words: str, size: float, bold: bool = False) -> float:
    """How wide words may be at most.

    >>> width_of("iii", 10) < width_of("aaa", 10) < width_of("WWW", 10)
    True
    """
    units = sum(42 if c in _NARROW else 98 if c in _WIDE else 72 if c.isupper() else 64 for c in words)
    return units * size / 100 * (1.08 if bold else 1)


def wrapped(words: str, size: float, width: float, bold: bool = False) -> list[str]:
    """Words in lines of at most a width; a word too long for a line is broken.

    >>> wrapped("one two three", 10, 50)
    ['one two', 'three']
    """
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if width_of(longer, size, bold) <= width:
            lines[-1] = longer
            continue
        lines.append("")
        for character in word:
            if width_of(lines[-1] + character, size, bold) > width:
                lines.append("")
            lines[-1] += character
    return [line for line in lines if line]


def draw(lanes: list[Lane], title: str, description: str) -> str:
    """The picture of some lanes from top to bottom.

    A trunk on the left leads from the source to all boxes that receive from it; a dashed one on the right from all boxes
    that give to it. A box beside the one from which it has a power is joined to it by an arrow.
    """
    left = _MARGIN + _LABEL + _TRUNK
    room = WIDTH - _MARGIN - _TRUNK - left - 2 * _GAP
    y = float(_MARGIN)
    bands: list[str] = []
    boxes: list[str] = []
    sources: list[_Laid] = []
    rows: list[tuple[float, list[_Laid]]] = []
    for number, lane in enumerate(lanes):
        top = y
        y += _GAP / 2
        for row in _rows(lane.boxes):
            y += _BUS
            laid = list(_placed(row, left + _GAP, y, room))
            y += max(one.height for one in laid) + _GAP / 2
            rows.append((laid[0].y, laid))
            sources += [one for one in laid if one.box.source]
            boxes += [_box(one) for one in laid]
        y += _GAP / 2
        label = wrapped(lane.name, 15, _LABEL - 20, bold=True)
        y = max(y, top + len(label) * 15 * _LEADING + 24)
        bands.append(_band(number, top, y - top, label))
        y += 6
    height = y + _MARGIN - 6
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="group" aria-labelledby="map-title map-desc">'
        f'<title id="map-title">{escape(title)}</title><desc id="map-desc">{escape(description)}</desc>\n'
        f"<style>{_STYLE}</style>\n"
        f'<rect width="{WIDTH}" height="{height:.0f}" fill="#fff"/>\n'
        + "\n".join([*bands, *_arrows(sources, rows), *boxes])
        + "\n</svg>"
    )


_STYLE = (
    "text{font-family:Arial,Helvetica,sans-serif;fill:#212b32}"
    f".name{{font-size:{_NAME}px;font-weight:700;text-decoration:underline}}"
    f".form,.said,.part{{font-size:{_TEXT}px}}.form{{font-style:italic}}.part{{font-weight:700}}"
    ".lane{font-size:15px;font-weight:700}"
    ".flow{fill:none;stroke:#12395b;stroke-width:2}"
    ".given{stroke-dasharray:2 3}.tip{fill:#12395b}"
    ".frame{fill:#fff;stroke:#12395b;stroke-width:1.5}"
    ".board .frame{stroke-width:4}.body .frame{stroke-dasharray:7 4}"
    "a:focus{outline:none}a:focus .frame,a:hover .frame{fill:#fff7c2;stroke-width:4}"
)


def _rows(boxes: tuple[Box, ...]) -> Iterator[tuple[Box, ...]]:
    for start in range(0, len(boxes), _PER_ROW):
        yield boxes[start : start + _PER_ROW]


def _placed(row: tuple[Box, ...], x: float, y: float, room: float) -> Iterator[_Laid]:
    """The boxes of a row side by side, all as high as the highest; one alone takes half of the room."""
    columns = _PER_ROW if len(row) > 1 else 2
    width = (room - _GAP * (columns - 1)) / columns
    texts = [tuple(_lines(box, width - 2 * _PAD)) for box in row]
    height = max(sum(size * _LEADING for _, _, size in lines) for lines in texts) + 2 * _PAD
    for number, (box, lines) in enumerate(zip(row, texts, strict=True)):
        yield _Laid(box=box, lines=lines, x=x + number * (width + _GAP), y=y, width=width, height=height)


def _lines(box: Box, width: float) -> Iterator[tuple[str, str, float]]:
    for words in wrapped(box.name, _NAME, width, bold=True):
        yield words, "name", _NAME
    for words in wrapped(box.form, _TEXT, width):
        yield words, "form", _TEXT
    for kind, said in box.said:
        for words in wrapped(said, _TEXT, width, bold=kind == "part"):
            yield words, kind, _TEXT


def _band(number: int, y: float, height: float, label: Iterable[str]) -> str:
    fill = "#e8edee" if number % 2 else "#dce9f2"
    lines = "".join(
        f'<tspan x="{_MARGIN + 10}" y="{y + 22 + n * 15 * _LEADING:.1f}">{escape(words)}</tspan>'
        for n, words in enumerate(label)
    )
    return (
        f'<rect x="{_MARGIN}" y="{y:.1f}" width="{WIDTH - 2 * _MARGIN}" height="{height:.1f}" fill="{fill}"/>'
        f'<text class="lane">{lines}</text>'
    )


def _box(laid: _Laid) -> str:
    y = laid.y + _PAD
    spans = []
    for words, kind, size in laid.lines:
        y += size * _LEADING
        spans.append(
            f'<text class="{kind}" x="{laid.x + _PAD:.1f}" y="{y - size * (_LEADING - 1):.1f}">{escape(words)}</text>'
        )
    round_ = {"committee": 12, "body": 0, "post": 3}[laid.box.sort]
    kind = "board" if laid.box.source else laid.box.sort
    return (
        f'<a href="{escape(laid.box.href)}" class="{kind}" aria-label="{escape(laid.box.name)}">'
        f'<rect class="frame" x="{laid.x:.1f}" y="{laid.y:.1f}" width="{laid.width:.1f}" height="{laid.height:.1f}" rx="{round_}"/>'
        + "".join(spans)
        + "</a>"
    )


def _arrows(sources: list[_Laid], rows: list[tuple[float, list[_Laid]]]) -> Iterator[str]:
    """The trunks down both sides, a bus above each row that they reach, and the arrows between neighbours."""
    for _, laid in rows:
        for before, after in pairwise(laid):
            if before.box.name in after.box.after:
                y = after.y + min(after.height, before.height) / 2
                yield _flow("flow", f"M{before.x + before.width:.1f} {y:.1f}H{after.x - 2:.1f}")
                yield _tip(after.x - 1, y, "h0l-8 5v-10z")
    if not sources:
        return
    source = sources[0]
    middle = source.y + source.height / 2
    yield from _trunk(_MARGIN + _LABEL + _TRUNK / 2, source.x, middle, rows, "receives")
    yield from _trunk(WIDTH - _MARGIN - _TRUNK / 2, source.x + source.width, middle, rows, "gives")


def _trunk(x: float, side: float, middle: float, rows: list[tuple[float, list[_Laid]]], kind: str) -> Iterator[str]:
    """One trunk at ``x`` that meets the source at ``side``, with a bus and a branch for each box of a kind."""
    receives = kind == "receives"
    flow, above, share = ("flow", 10.0, 0.5) if receives else ("flow given", 18.0, 0.8)
    reached = [(y - above, [one for one in laid if getattr(one.box, kind)]) for y, laid in rows]
    reached = [(bus, laid) for bus, laid in reached if laid]
    if not reached:
        return
    ends = [middle, *(bus for bus, _ in reached)]
    yield _flow(flow, f"M{x:.1f} {min(ends):.1f}V{max(ends):.1f}")
    yield _flow(flow, f"M{x:.1f} {middle:.1f}H{side + (0 if receives else 8):.1f}")
    if not receives:
        yield _tip(side + 1, middle, "l8 -5v10z")
    for bus, laid in reached:
        meets = [one.x + one.width * share for one in laid]
        yield _flow(flow, f"M{x:.1f} {bus:.1f}H{max(meets) if receives else min(meets):.1f}")
        for one, at in zip(laid, meets, strict=True):
            yield _flow(flow, f"M{at:.1f} {bus:.1f}V{one.y - 1:.1f}")
            if receives:
                yield _tip(at, one.y - 1, "l-5 -8h10z")


def _flow(kind: str, path: str) -> str:
    return f'<path class="{kind}" d="{path}"/>'


def _tip(x: float, y: float, path: str) -> str:
    return f'<path class="tip" d="M{x:.1f} {y:.1f}{path}"/>'
