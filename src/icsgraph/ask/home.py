"""The first page as data: what this is, what people ask, and one answer as it stands: the ``home`` part of ``queries/pages.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from icsgraph.ask.catalogue import Catalogue
from icsgraph.ask.sections import FILE
from icsgraph.core.errors import IcsgraphError

__all__ = ["Example", "Home", "Lead", "Pair", "read_home"]


@dataclass(frozen=True)
class Lead:
    """A question in the words of one reader, as it would be typed."""

    reader: str
    what: str


@dataclass(frozen=True)
class Example:
    """The question whose answer is shown, by id, and its values."""

    ask: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Pair:
    """Two laws or models that are compared often, by id, and what the two are called together."""

    words: str
    first: str
    second: str


@dataclass(frozen=True, kw_only=True)
class Home:
    """``pairs`` are what the page of comparisons offers, the first where nothing is chosen. ``what`` says what this is and of which country, ``readers`` for whom, ``hint`` what can be typed."""

    what: str
    readers: str
    hint: str
    example: Example
    question: tuple[Lead, ...]
    pairs: tuple[Pair, ...]


def read_home(root: Path, catalogue: Catalogue) -> Home:
    """The first page of the content in ``root``; raises ``IcsgraphError`` where it has other keys, or names no question there is."""
    try:
        part = tomllib.loads((root / FILE).read_text(encoding="utf-8"))["home"]
        leads = tuple(Lead(**one) for one in part.pop("question"))
        pairs = tuple(Pair(**one) for one in part.pop("compare"))
        home = Home(**{**part, "example": Example(**part["example"]), "question": leads, "pairs": pairs})
    except (KeyError, TypeError):
        raise IcsgraphError(
            f"{FILE}: the part home has other keys than it should.",
            "Give what, readers, hint, example, question and compare.",
        ) from None
    catalogue.get(home.example.ask)
    return home
