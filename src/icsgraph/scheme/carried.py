"""The scheme that a Word file of ours carries beside its text, so that what was published is read again as it was."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterable

from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import DEF

__all__ = ["NAMESPACE", "pack", "same_text", "unpack"]

NAMESPACE = DEF + "carried"
# Ten thousand decisions are less than this; what unpacks further was not written here.
_MAX = 50_000_000


def digest(words: Iterable[str]) -> str:
    """What a text is known by: its words in order, whatever runs and paragraphs they are split into."""
    return hashlib.sha256(" ".join(" ".join(words).split()).encode()).hexdigest()


def pack(turtle: bytes, words: Iterable[str]) -> bytes:
    """The part of a Word file that carries a scheme, with what its text is known by."""
    body = base64.b64encode(zlib.compress(turtle, 9)).decode()
    return f'<?xml version="1.0" encoding="UTF-8"?><scheme xmlns="{NAMESPACE}" text="{digest(words)}">{body}</scheme>'.encode()


def same_text(known: str, words: Iterable[str]) -> bool:
    """Whether the text of a file is still the one that its part was written with."""
    return known == digest(words)


def unpack(body: str, name: str) -> bytes:
    """The Turtle that a part carries; raises ``IcsgraphError`` where it is none."""
    try:
        reader = zlib.decompressobj()
        turtle = reader.decompress(base64.b64decode(body, validate=True), _MAX)
    except (ValueError, zlib.error) as error:
        raise IcsgraphError(f"What {name} carries is broken: {error}.", "Publish it again.") from None
    if reader.unconsumed_tail or not reader.eof:
        raise IcsgraphError(f"What {name} carries is out of proportion.", "Publish it again.")
    return turtle
