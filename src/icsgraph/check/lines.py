"""On which line of a file each thing is first described, also where it has no name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from icsgraph.core.terms import PREFIXES

__all__ = ["lines_of"]

_UNNAMED = "urn:x-unnamed:"
# Words of Turtle: comments, addresses, texts with their type or language, marks, and whatever else stands between spaces. What is one word to
# its grammar is one here.
_WORD = re.compile(
    r"(?P<skip>#[^\n]*|\s+)"
    r'|(?P<term><[^>\n]*>|(?:"{3}(?:[^"\\]|\\.|"(?!""))*"{3}|\'{3}(?:[^\'\\]|\\.|\'(?!\'\'))*\'{3}|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\')'
    r"(?:@[\w-]+|\^\^(?:<[^>]*>|[^\s;,\[\](){}]*[^\s;,\[\](){}.]))?)"
    r"|(?P<mark>[\[\](){};,]|\.(?![\w]))"
    r"|(?P<name>(?:[^\s;,\[\](){}\"'<>#.]|\.(?=[\w.:%-]))+)",
    re.DOTALL,
)


def lines_of(content: bytes, kind: str) -> dict[str, int]:
    r"""On which line each thing is first described, for Turtle and its like; empty for formats without lines of their own.

    A thing stands where a line begins with its address or prefixed name; one without a name where its bracket opens, under the address
    that ``read_upload`` gives it. Where a file has lists, which make nodes of their own, only things with a name or label are found.

    >>> lines_of(b"@prefix e: <https://e/> .\ne:a e:b [\n e:c e:d ] ;\n  e:c [ e:b e:c ] .", "turtle")
    {'https://e/a': 2, 'urn:x-unnamed:.000001': 2, 'urn:x-unnamed:.000002': 4}
    """
    if kind not in ("turtle", "trig", "ntriples", "nquads"):
        return {}
    text = content.decode("utf-8-sig", "replace")
    prefixes = dict(PREFIXES)
    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        declared = re.match(r"\s*(?:@prefix|PREFIX)\s+([\w.-]*):\s*<([^>]*)>", line, re.IGNORECASE)
        if declared:
            prefixes[declared[1]] = declared[2]
            continue
        start = re.match(r"(?:<([^>]*)>|([\w.-]*):([\w.%/~-]*))\s", line + " ")
        if start and start[2] == "_":
            found.setdefault(_UNNAMED + start[3], number)
        elif start:
            address = start[1] if start[1] is not None else prefixes.get(start[2], "") + start[3]
            found.setdefault(address, number)
    return found | (_nameless(text) if "[" in text else {})


@dataclass
class _Level:
    """What is being said within one bracket: of which nameless thing (none where it has a name), and how far its triple has come."""

    thing: int | None = None
    words: int = 0


def _nameless(text: str) -> dict[str, int]:
    """The lines of things in square brackets, numbered as a parser gives their triples: a triple comes once its object is complete."""
    lines: list[int] = []
    order: dict[int, None] = {}
    levels = [_Level()]
    line = 1

    def said(thing: int | None) -> None:
        """A word of a triple is complete; the third makes the triple."""
        level = levels[-1]
        if level.words == 0 and len(levels) == 1:
            level.thing = thing
        level.words += 1
        if level.words == 3:
            order.update(dict.fromkeys(t for t in (level.thing, thing) if t is not None))

    for word in _WORD.finditer(text):
        told, level = word[0], levels[-1]
        if word["mark"] == "(":
            return {}
        if word["mark"] == "[":
            levels.append(_Level(len(lines), 1))
            lines.append(line)
        elif word["mark"] == "]" and len(levels) > 1:
            levels.pop()
            said(level.thing)
        elif word["mark"] == ";":
            level.words = 1
        elif word["mark"] == ",":
            level.words = 2
        elif word["mark"] and len(levels) == 1:
            levels[-1] = _Level()
        elif word["term"] or word["name"]:
            said(None)
        line += told.count("\n")
    return {f"{_UNNAMED}.{number:06}": lines[thing] for number, thing in enumerate(order, 1)}
