"""What the page of a thing shows: the answers to some questions about it, as ``queries/pages.toml`` says."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from icsgraph.ask.catalogue import Catalogue
from icsgraph.ask.desk import Desk
from icsgraph.core.answer import Answer
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.question import Question

__all__ = ["Section", "Shown", "read_sections", "show"]

FILE = "queries/pages.toml"


@dataclass(frozen=True)
class Section:
    """A part of the page of each thing of a type: its title, the question that fills it, and the parameter that takes the thing."""

    of: str
    title: str
    ask: str
    value: str


@dataclass(frozen=True)
class Shown:
    """A section filled for one thing."""

    section: Section
    question: Question
    answer: Answer


def read_sections(root: Path, catalogue: Catalogue) -> list[Section]:
    """The sections of the content in ``root``, in their order; raises ``IcsgraphError`` for one that no question can fill."""
    found = []
    for number, entry in enumerate(tomllib.loads((root / FILE).read_text(encoding="utf-8"))["section"], 1):
        try:
            section = Section(**entry)
        except TypeError:
            raise IcsgraphError(
                f"{FILE}, section {number} has other keys than it should.", "Give of, title, ask and value."
            ) from None
        question = catalogue.get(section.ask)
        given = {p.name for p in question.parameters}
        needed = {p.name for p in question.parameters if p.default is None}
        if section.value not in given or needed - {section.value}:
            raise IcsgraphError(
                f"{FILE}, section {number}: {section.ask} cannot be asked with {section.value} alone.",
                "Name a question that needs this one value.",
            )
        found.append(section)
    return found


def show(desk: Desk, sections: list[Section], address: str, as_at: str = "", scenario: str = "") -> list[Shown]:
    """The sections about the thing at an address, filled for a day and scenario.

    Raises ``IcsgraphError`` for a day or scenario that cannot be understood.
    """
    return [
        Shown(s, desk.catalogue.get(s.ask), desk.ask(s.ask, {s.value: address}, as_at, scenario))
        for s in sections
        if desk.names.fits(address, s.of)
    ]
