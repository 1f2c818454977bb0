"""A cell of holders to the pieces of it that each name holders with what belongs to them."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

__all__ = ["lettered", "pieces", "split"]

_BULLET = re.compile(r"^(?:[•*·▪●‣◦–-]|\(?(?:[a-z]|[ivx]{1,4}|\d{1,2})[).])\s+", re.IGNORECASE)
# “1) Budget Holder 2) CFO” on one line.
_NUMBERED = re.compile(r"\s+(?=(?:\d{1,2}|[a-h])\)\s)")
_SENTENCE = re.compile(r"(?<=[A-Za-z0-9)]{3})\.\s+(?=[A-Z])")
# “a) within a division”
_LETTERED = re.compile(r"^\(?([a-h]|[ivx]{1,4}|\d)[).]\s+(.+)$", re.IGNORECASE)


def split(text: str, marks: str = ";\n") -> list[str]:
    """The pieces of a text at some marks, brackets left whole where each is closed.

    >>> split("Chair (in spring; alone); Board"), split("Chair (alone; Board")
    (['Chair (in spring; alone)', 'Board'], ['Chair (alone', 'Board'])
    """
    pieces, depth, start = [], 0, 0
    closed = text.count("(") == text.count(")") and text.count("[") == text.count("]")
    for at, character in enumerate(text):
        depth += (character in "([" and closed) - (character in ")]" and depth > 0)
        if character in marks and not depth:
            pieces.append(text[start:at])
            start = at + 1
    return [p.strip() for p in (*pieces, text[start:]) if p.strip()]


def lettered(text: str) -> dict[str, str]:
    """The parts of a text that each begin with a letter or number of their own, by it; empty where there are not two.

    >>> lettered("Virement: a) within a team; b) between teams"), lettered("Sign (a) leases")
    ({'a': 'within a team', 'b': 'between teams'}, {})
    """
    lines = [line for whole in text.split("\n") for line in _lines(whole)]
    found = {m[1].casefold(): m[2].strip(" ;,.") for line in lines if (m := _LETTERED.match(line.strip(" ;,")))}
    return found if len(found) > 1 else {}


def _lines(line: str) -> Iterator[str]:
    yield from re.split(r"[\s;,:]+(?=(?:[a-h]|\d)\)\s)", line)


def pieces(text: str, short: Container[str]) -> list[str]:
    r"""The pieces of a cell without bullets; a full stop behind a short form ends none.

    >>> pieces("• Ward/dept. managers\n• Board. The Chair is told", {"dept"})
    ['Ward/dept. managers', 'Board', 'The Chair is told']
    """
    found = []
    for line in split(text):
        for sentence in _sentences(line, short):
            piece = _BULLET.sub("", sentence).strip(" .,")
            if (piece and piece not in ("–", "—", "-")) or sentence.strip() in ("-", "–"):
                found.append(piece or sentence.strip())
    return found


def _sentences(line: str, short: Container[str]) -> list[str]:
    """A line split at full stops, those in brackets and behind short forms aside."""
    found, start = [], 0
    for match in sorted((*_SENTENCE.finditer(line), *_NUMBERED.finditer(line)), key=lambda m: m.start()):
        before = line[: match.start()]
        if match[0][:1] == "." and re.split(r"[\s/]", before)[-1].casefold() in short:
            continue
        if before.count("(") <= before.count(")") and before.count("[") <= before.count("]"):
            found.append(line[start : match.start()])
            start = max(start, match.end())
    return [*found, line[start:]]
