"""Places that are no body's area: postcodes by their outcode or sector, towns. Each gives councils, with how sure that is."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

__all__ = ["OUTCODE", "POSTCODE", "Postcode", "Postcodes", "without_postcodes"]

# A postcode of the United Kingdom, whole, or its outcode with or without the digit of its sector.
POSTCODE = re.compile(r"\b([A-Z]{1,2}[0-9][A-Z0-9]?)\s*([0-9])([A-Z]{2})\b", re.IGNORECASE)
# The first part of a postcode alone: "GU14".
OUTCODE = re.compile(r"[A-Z]{1,2}[0-9]{1,2}[A-Z]?(?:\s+[0-9])?", re.IGNORECASE)
_PART = re.compile(r"\b([A-Z]{1,2}[0-9]{1,2}[A-Z]?)(?:\s+([0-9]))?\b", re.IGNORECASE)
# From what share of its postcodes on a council is meant alone.
MOSTLY = 0.9
# Below what share a council is not named.
SLIVER = 0.02


@dataclass(frozen=True)
class Postcode:
    """An outcode or sector within a text, and the councils in which its postcodes lie, with their shares, the largest first."""

    said: str
    start: int
    end: int
    councils: tuple[tuple[str, float], ...]

    @property
    def clear(self) -> bool:
        """Whether one council has nearly all of it."""
        return bool(self.councils) and self.councils[0][1] >= MOSTLY


def without_postcodes(text: str, named: Callable[[str], bool] = lambda written: False) -> str:
    """A text in which each whole postcode is cut to its sector: what may be kept of it.

    What only looks like one is left where ``named`` says that it is the name of something, as ``s13YB`` is of a section.

    >>> without_postcodes("dentist near E15 4PZ please")
    'dentist near E15 4 please'
    >>> without_postcodes("s13YB", lambda written: written == "s13YB")
    's13YB'
    """
    return POSTCODE.sub(lambda m: m[0] if named(m[0]) else f"{m[1].upper()} {m[2]}", text)


class Postcodes:
    """The tables of outcodes and sectors, read when first asked."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def _table(self, name: str, column: str) -> Mapping[str, tuple[tuple[str, float], ...]]:
        shares: dict[str, dict[str, float]] = {}
        path = self._folder / name if self._folder else None
        if path is None or not path.exists():
            return {}
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                of = shares.setdefault(row[column], {})
                of[row["council"]] = of.get(row["council"], 0.0) + float(row["share"])
        return {k: tuple(sorted(v.items(), key=lambda p: (-p[1], p[0]))) for k, v in shares.items()}

    @cached_property
    def outcodes(self) -> Mapping[str, tuple[tuple[str, float], ...]]:
        """Councils by outcode."""
        return self._table("outcodes.csv", "outcode")

    @cached_property
    def sectors(self) -> Mapping[str, tuple[tuple[str, float], ...]]:
        """Councils by sector."""
        return self._table("sectors.csv", "sector")

    def find(self, text: str) -> list[Postcode]:
        """The outcodes and sectors in a text; what only looks like one and is in no table is left out."""
        found = []
        for match in _PART.finditer(text):
            outcode, sector = match[1].upper(), f"{match[1].upper()} {match[2]}" if match[2] else ""
            councils = self.sectors.get(sector) if sector else None
            end = match.end() if councils else match.end(1)
            councils = councils or self.outcodes.get(outcode)
            if councils:
                said = sector if sector in self.sectors else outcode
                found.append(Postcode(said, match.start(), end, tuple(c for c in councils if c[1] >= SLIVER)))
        return found
