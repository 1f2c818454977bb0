"""Law by its number as people write it: ``s12A``, ``12A``, ``sec 12A``, an Act with its section, ``Schedule 1B``.

A number is a section only with a sign before it (``s``, ``section``), with a letter within it that a section of the record has, or with
the name of its Act beside it. The words beside it say of which Act: they are its citation, its title or the first letters of that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from icsgraph.ask.citations import Reference, Section, matching
from icsgraph.ask.names import Names, fold
from icsgraph.ask.reading.words import Word

__all__ = ["Cited", "Law"]

_SIGNS = frozenset({"s", "ss", "sec", "sect", "section"})
_SCHEDULES = frozenset({"sch", "sched", "schedule"})
# A number of a section, with a sign glued to it or not.
_GLUED = re.compile(r"(s|ss|sec|sect|sch)?(\d{1,3}[a-z]{0,3}\d{0,3}[a-z]{0,3})")
_SCHEDULE = re.compile(r"[a-z]?\d{1,2}[a-z]{0,2}")
_IN_LOCATOR = re.compile(r"^Sch\.\s?([A-Z]?\d+[A-Z]*)\b")
_IDLE = frozenset({"of", "the", "to", "in", "under", "and"})
_YEARS = tuple(str(y) for y in range(1900, 2041))
# How many words beside a number may name its Act.
_MOST = 9


@dataclass(frozen=True, kw_only=True)
class Law:
    """What a sentence cites: where its words stand, the provisions (one of each Act), or the schedule as ``Sch.1B`` and its Acts.

    ``bare``: neither an Act nor a letter says that it is law, as in ``s3``, which may be a postcode too.
    """

    start: int
    end: int
    things: tuple[str, ...]
    schedule: str = ""
    bare: bool = False


class Cited:
    """The sections and schedules of the record, by number."""

    def __init__(self, names: Names) -> None:
        self._names = names

    @cached_property
    def _sections(self) -> dict[str, list[Section]]:
        found: dict[str, list[Section]] = {}
        for section in self._names.sections():
            if section.number:
                found.setdefault(section.number, []).append(section)
        return found

    @cached_property
    def _schedules(self) -> dict[str, list[Section]]:
        found: dict[str, list[Section]] = {}
        for section in self._names.sections():
            if match := _IN_LOCATOR.match(section.locator):
                found.setdefault(match[1], []).append(section)
        return found

    @cached_property
    def _weight(self) -> dict[str, int]:
        """How many provisions of an Act are on record: of several Acts the one most written of is named first."""
        found: dict[str, int] = {}
        for section in self._names.sections():
            found[section.title] = found.get(section.title, 0) + 1
        return found

    def known(self, written: str) -> bool:
        """Whether what looks like a postcode is a section with its sign, as ``s223GC`` is."""
        match = _GLUED.fullmatch(written.casefold())
        return bool(match and match[1] and re.search("[a-z]", match[2]) and match[2].upper() in self._sections)

    def find(self, words: Sequence[Word]) -> list[Law]:
        """What a sentence cites, in its order."""
        found = []
        for at, word in enumerate(words):
            before = words[at - 1].typed.casefold() if at else ""
            typed = word.typed.casefold()
            glued = _GLUED.fullmatch(typed)
            if before in _SCHEDULES and _SCHEDULE.fullmatch(typed):
                law = self._read(words, at - 1, at, self._schedules.get(typed.upper(), []), True)
            elif glued and glued[1] == "sch":
                law = self._read(words, at, at, self._schedules.get(glued[2].upper(), []), True)
            elif glued and (before in _SIGNS or glued[1] or re.search(r"\d[a-z]", glued[2])):
                start = at - 1 if before in _SIGNS and not glued[1] else at
                law = self._read(words, start, at, self._sections.get(glued[2].upper(), []), False)
            else:
                continue
            if law:
                found.append(law)
        return found

    def _read(
        self, words: Sequence[Word], start: int, at: int, sections: Sequence[Section], schedule: bool
    ) -> Law | None:
        if not sections:
            return None
        first, last, acts = self._acts(words, start, at, sections)
        if (first, last) == (start, at + 1) and (whole := self._unknown(words, start, at)):
            return Law(start=whole[0], end=whole[1], things=())
        of = [s for s in sections if s.title in acts]
        titles = sorted(acts, key=lambda t: (-self._weight[t], t))
        if schedule:
            match = _IN_LOCATOR.match(of[0].locator)
            assert match
            things = tuple(self._instrument(t) for t in titles)
            return Law(start=first, end=last, things=tuple(filter(None, things)), schedule=f"Sch.{match[1]}")
        things = tuple(self._one(of, t) for t in titles)
        lettered = bool(re.search("[A-Z]", sections[0].number))
        return Law(start=first, end=last, things=things, bare=not lettered and last - first == at - start + 1)

    def _acts(
        self, words: Sequence[Word], start: int, at: int, sections: Sequence[Section]
    ) -> tuple[int, int, frozenset[str]]:
        """The Acts that the words beside a number name, of those that have the number, and where those words end."""
        titles = {s.title for s in sections}
        best = (start, at + 1, frozenset(titles))
        said = [fold(w.typed) for w in words]
        # Words after it: “of” and the title of an Act.
        for end in range(min(len(words), at + 1 + _MOST), at + 1, -1):
            named = self._named(said[at + 1 : end], sections)
            if named and said[end - 1] not in _IDLE:
                return start, end, named
        for begin in range(max(0, start - _MOST), start):
            named = self._named(said[begin:start], sections)
            if named and said[begin] not in _IDLE:
                return begin, at + 1, named
        return best

    def _unknown(self, words: Sequence[Word], start: int, at: int) -> tuple[int, int] | None:
        """Where an Act is named beside a number that it has no section of on record."""
        said = [fold(w.typed) for w in words]
        ways = [(start, e) for e in range(min(len(words), at + 1 + _MOST), at + 1, -1) if said[at + 1] in _IDLE]
        ways += [(b, at + 1) for b in range(max(0, start - _MOST), start)]
        for begin, end in ways:
            beside = " ".join(w for w in [*said[begin:start], *said[at + 1 : end]])
            beside = re.sub(r"^((of|in|under|to|the) )+", "", beside)
            if beside.endswith(("act", *_YEARS)) and self._names.named(beside, ("Instrument",)):
                return begin, end
        return None

    @staticmethod
    def _named(said: Sequence[str], sections: Sequence[Section]) -> frozenset[str]:
        beside = tuple(w for w in said if w not in _IDLE)
        if not beside:
            return frozenset()
        kept = [s for s in sections for _ in matching(Reference(s.number, beside), [s])]
        return frozenset(s.title for s in kept)

    def _one(self, sections: Iterable[Section], title: str) -> str:
        """The provision of one Act: the section as one, else the part that is named the shortest; one that was read before one of a list."""
        of = [s for s in sections if s.title == title]
        return min(of, key=self._age).address

    def _age(self, section: Section) -> tuple[bool, bool, bool, bool, int, str]:
        address = section.address
        return (
            self._names.period(address).end is not None,
            section.locator.startswith("ss."),
            "-" not in address.rpartition("/")[2],
            not section.whole,
            len(address),
            address,
        )

    def _instrument(self, title: str) -> str:
        return next((t for t in self._names.named(fold(title), ("Instrument",))), "")
