"""Pictures in fixed lanes, drawn as SVG: who stands on which level, and who does what towards whom.

No colour carries a meaning of its own: what a line means is written on it. The same content belongs beside it as a table.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from html import escape

__all__ = ["Edge", "Node", "Picture", "draw"]

WIDTH = 1040
_LABEL = 130  # the column of the names of the lanes
_BOX = 204
_GAP = 16
_PAD = 14
_LINE = 17
# Arial at 14 pixels takes some 7.4 pixels a character; a little less fits so that nothing is cut.
_CHARS = 23
_ROW = (WIDTH - _LABEL - _GAP) // (_BOX + _GAP)
# How much room a line needs between two rows of boxes.
_BETWEEN = 58


@dataclass(frozen=True, kw_only=True)
class Node:
    """Somebody in a lane; ``lines`` say what they do, ``href`` where their page is."""

    id: str
    label: str
    lane: str
    lines: tuple[str, ...] = ()
    href: str = ""
    # The one the picture is about.
    main: bool = False


@dataclass(frozen=True)
class Edge:
    """What one does towards another, in words."""

    source: str
    target: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What is drawn: the lanes from the top, by id and name; only lanes in which somebody stands are shown."""

    title: str
    says: str
    lanes: tuple[tuple[str, str], ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = ()
    # What did not find room, in words.
    left_out: tuple[str, ...] = field(default=())


@dataclass(kw_only=True)
class _Placed:
    node: Node
    x: float
    y: float
    height: float
    lines: list[str]

    @property
    def middle(self) -> float:
        return self.x + _BOX / 2


def _wrapped(node: Node) -> tuple[list[str], list[str]]:
    name = textwrap.wrap(node.label, _CHARS) or [""]
    said = [line for part in node.lines for line in textwrap.wrap(part, _CHARS + 3)]
    return name, said


def _place(picture: Picture) -> tuple[list[tuple[str, float, float]], dict[str, _Placed], float]:
    """The bands with their top and height, the boxes, and the height of the whole."""
    bands: list[tuple[str, float, float]] = []
    placed: dict[str, _Placed] = {}
    top = 8.0
    between = 0.0
    order = [lane for lane, _ in picture.lanes]
    level = {n.id: order.index(n.lane) for n in picture.nodes}
    spans = [sorted((level[e.source], level[e.target])) for e in picture.edges if {e.source, e.target} <= level.keys()]
    for depth, (lane, name) in enumerate(picture.lanes):
        nodes = [n for n in picture.nodes if n.lane == lane]
        if not nodes:
            continue
        y = top + _PAD
        for start in range(0, len(nodes), _ROW):
            row = nodes[start : start + _ROW]
            texts = {n.id: _wrapped(n) for n in row}
            height = max(2 * _PAD + _LINE * (len(a) + len(b)) for a, b in texts.values())
            free = WIDTH - _LABEL - _GAP - len(row) * (_BOX + _GAP)
            for position, node in enumerate(row):
                x = _LABEL + _GAP + free / 2 + position * (_BOX + _GAP)
                placed[node.id] = _Placed(
                    node=node, x=x, y=y, height=height, lines=[*texts[node.id][0], *texts[node.id][1]]
                )
            y += height + _GAP
        bands.append((name, top, y - _GAP + _PAD - top))
        # Lines and their words need room below a lane; without any, little will do.
        between = _BETWEEN if any(a <= depth < b for a, b in spans) else _GAP
        top = y - _GAP + _PAD + between
    return bands, placed, top - between + 8


def draw(picture: Picture, ident: str = "picture") -> str:
    """The picture as an SVG element for the inside of a page; boxes with an address are links that a keyboard reaches."""
    bands, placed, height = _place(picture)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}" role="group" '
        f'aria-labelledby="{ident}-title {ident}-says" font-family="arial, sans-serif" font-size="14">',
        f'<title id="{ident}-title">{escape(picture.title)}</title><desc id="{ident}-says">{escape(picture.says)}</desc>',
        f'<defs><marker id="{ident}-tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" orient="auto-start-reverse">'
        '<path d="M0 0 10 5 0 10z" fill="#212b32"/></marker></defs>',
    ]
    for name, top, size in bands:
        out.append(f'<rect x="0" y="{top:.0f}" width="{WIDTH}" height="{size:.0f}" fill="#eef3f4"/>')
        for number, line in enumerate(textwrap.wrap(name, 14)):
            out.append(
                f'<text x="10" y="{top + 24 + 18 * number:.0f}" font-weight="600" fill="#212b32">{escape(line)}</text>'
            )
    lines = [e for e in picture.edges if e.source in placed and e.target in placed and e.source != e.target]
    labels = []
    taken: list[float] = []
    for edge in lines:
        path, x, y = _line(edge, lines, placed, taken)
        out.append(f'<path d="{path}" fill="none" stroke="#212b32" stroke-width="1.6" marker-end="url(#{ident}-tip)"/>')
        if edge.label:
            labels.append((edge.label, x, y))
    for box in placed.values():
        out.append(_box(box))
    for label, x, y in _apart(labels):
        width = 7.4 * len(label) + 10
        x = min(max(x, _LABEL + width / 2), WIDTH - width / 2 - 2)
        out.append(
            f'<rect x="{x - width / 2:.0f}" y="{y - 12:.0f}" width="{width:.0f}" height="18" fill="#fff" stroke="#8a979e" stroke-width=".7"/>'
            f'<text x="{x:.0f}" y="{y + 2:.0f}" text-anchor="middle" font-size="13" fill="#212b32">{escape(label)}</text>'
        )
    return "\n".join([*out, "</svg>"])


def _box(box: _Placed) -> str:
    node = box.node
    names = len(_wrapped(node)[0])
    text = []
    for number, line in enumerate(box.lines):
        weight = ' font-weight="600"' if number < names else ""
        text.append(
            f'<text x="{box.x + 10:.0f}" y="{box.y + _PAD + 12 + _LINE * number:.0f}"{weight} fill="#212b32">{escape(line)}</text>'
        )
    stroke = 'stroke="#14505c" stroke-width="4"' if node.main else 'stroke="#14505c" stroke-width="1.5"'
    body = (
        f'<rect x="{box.x:.0f}" y="{box.y:.0f}" width="{_BOX}" height="{box.height:.0f}" fill="#fff" {stroke}/>'
        + "".join(text)
    )
    if not node.href:
        return f"<g>{body}</g>"
    said = escape(". ".join([node.label, *node.lines]))
    return f'<a href="{escape(node.href)}" aria-label="{said}">{body}</a>'


def _line(edge: Edge, lines: list[Edge], placed: dict[str, _Placed], taken: list[float]) -> tuple[str, float, float]:
    """The way of a line, and where its words stand.

    Lines that leave or reach the same box do so side by side, in the order of where they go; one that passes a lane goes between
    its boxes, and no two go through the same gap.
    """
    source, target = placed[edge.source], placed[edge.target]
    leaving = sorted((e for e in lines if e.source == edge.source), key=lambda e: placed[e.target].middle)
    coming = sorted((e for e in lines if e.target == edge.target), key=lambda e: placed[e.source].middle)
    x1 = source.middle + _spread(leaving.index(edge), len(leaving))
    x2 = target.middle + _spread(coming.index(edge), len(coming))
    if abs(source.y - target.y) < 1:
        # Side by side: over the top of both.
        lift = source.y - 26
        return (
            f"M{x1:.0f} {source.y:.0f}C{x1:.0f} {lift:.0f} {x2:.0f} {lift:.0f} {x2:.0f} {target.y:.0f}",
            (x1 + x2) / 2,
            lift + 4,
        )
    up = target.y < source.y
    y1 = source.y if up else source.y + source.height
    y2 = target.y + target.height if up else target.y
    # The words stand in the free space beside the box that fewer lines share, never upon a box between.
    near = _BETWEEN / 2 + _PAD
    words = (x2, y2 + (near if up else -near)) if len(coming) <= len(leaving) else (x1, y1 - (near if up else -near))
    low, high = sorted((y1, y2))
    between = [b for b in placed.values() if low < b.y + b.height / 2 < high]
    if not between:
        bend = (y1 + y2) / 2
        return f"M{x1:.0f} {y1:.0f}C{x1:.0f} {bend:.0f} {x2:.0f} {bend:.0f} {x2:.0f} {y2:.0f}", *words
    gap = _gap(between, (x1 + x2) / 2, taken)
    first, last = (max(b.y + b.height for b in between), min(b.y for b in between))
    if not up:
        first, last = last, first
    out, home = (y1 + first) / 2, (last + y2) / 2
    return (
        f"M{x1:.0f} {y1:.0f}C{x1:.0f} {out:.0f} {gap:.0f} {out:.0f} {gap:.0f} {first:.0f}L{gap:.0f} {last:.0f}"
        f"C{gap:.0f} {home:.0f} {x2:.0f} {home:.0f} {x2:.0f} {y2:.0f}",
        *words,
    )


def _gap(boxes: list[_Placed], wanted: float, taken: list[float]) -> float:
    """The place nearest to one wanted where a line can pass boxes and other lines."""

    def free(x: float) -> bool:
        return not any(b.x - 3 < x < b.x + _BOX + 3 for b in boxes) and not any(abs(x - t) < 6 for t in taken)

    places = [x for step in range(0, WIDTH, 4) for x in (wanted - step, wanted + step) if _LABEL < x < WIDTH - 3]
    found = next((x for x in places if free(x)), wanted)
    taken.append(found)
    return found


def _spread(place: int, of: int) -> float:
    return (place - (of - 1) / 2) * min(60, (_BOX - 40) / max(of, 1))


def _apart(labels: list[tuple[str, float, float]]) -> list[tuple[str, float, float]]:
    """The words of lines, moved down until none lies on another."""
    done: list[tuple[str, float, float]] = []
    for label, x, y in sorted(labels, key=lambda one: (one[2], one[1])):
        at = y
        while any(abs(at - b) < 20 and abs(x - a) < 3.7 * (len(label) + len(other)) + 12 for other, a, b in done):
            at += 21
        done.append((label, x, at))
    return done
