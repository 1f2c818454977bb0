"""The tables of ``data/asking``: words, names as people say them, what is not covered, places. Read once, when a desk opens."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from icsgraph.core.errors import IcsgraphError

__all__ = ["NotCovered", "Said", "Tables"]


@dataclass(frozen=True)
class Said:
    """A way in which people name things: a phrase, and the things as ``Type:code``."""

    phrase: str
    things: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class NotCovered:
    """What is not held here: phrases that ask for it, its sort, what is said then, and a question that is offered instead."""

    phrases: tuple[str, ...]
    kind: str
    says: str
    instead: str = ""


@dataclass(frozen=True, kw_only=True)
class Tables:
    """All tables; empty where a folder has none."""

    classes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    names: tuple[Said, ...] = ()
    choices: tuple[Said, ...] = ()
    not_covered: tuple[NotCovered, ...] = ()
    towns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sites: dict[str, tuple[str, ...]] = field(default_factory=dict)
    eras: tuple[tuple[str, str], ...] = ()
    folder: Path | None = None

    @classmethod
    def read(cls, root: Path) -> Tables:
        """The tables of the content in ``root``."""
        folder = root / "data" / "asking"
        classes: dict[str, tuple[str, ...]] = {}
        for row in _rows(folder / "words.csv"):
            classes[row["class"]] = (*classes.get(row["class"], ()), *_parts(row["words"]))
        towns: dict[str, list[str]] = {}
        for row in _rows(folder / "towns.csv"):
            towns.setdefault(row["name"], []).append(row["council"])
        return cls(
            classes=classes,
            names=tuple(
                Said(p, _parts(r["things"]), r["note"]) for r in _rows(folder / "names.csv") for p in _parts(r["said"])
            ),
            choices=tuple(
                Said(p, _parts(r["offer"]), r["because"])
                for r in _rows(folder / "choices.csv")
                for p in _parts(r["said"])
            ),
            not_covered=tuple(
                NotCovered(_parts(r["said"]), r["kind"], r["says"], r["instead"])
                for r in _rows(folder / "not_covered.csv")
            ),
            towns={name: tuple(found) for name, found in towns.items()},
            sites={r["name"]: _parts(r["trust"]) for r in _rows(folder / "sites.csv")},
            eras=tuple((p, r["day"]) for r in _rows(folder / "eras.csv") for p in _parts(r["said"])),
            folder=folder,
        )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    if not path.exists():
        return
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            if None in row or None in row.values():
                raise IcsgraphError(f"{path.name}, line {number}: its fields do not fit the heading.", "Mend the row.")
            yield row


def _parts(text: str) -> tuple[str, ...]:
    """Parts between semicolons.

    >>> _parts("a; b|c;")
    ('a', 'b|c')
    """
    return tuple(filter(None, (p.strip() for p in text.split(";"))))
