"""Sections as people cite them: a number with a sign before it, with the name of an Act beside it, or with a letter in it.

A reference is a number of a section with the words beside it, which say of which Act; the record's own citations and the titles
of their instruments are what it is held against. No Act is named here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Reference", "Section", "matching", "parse_reference"]

_NUMBER = re.compile(r"\b(\d{1,3}[A-Z]{0,3}\d{0,3}[A-Z]{0,3})(?:\([^)]*\))*(?=[\s,;:]|$)", re.IGNORECASE)
_SIGN = re.compile(r"\b(?:sections?|sect?|ss?)\b\.?\s*(?=\d)", re.IGNORECASE)
_GLUED = re.compile(r"\bss?\.?(?=\d)", re.IGNORECASE)
_LEADING = re.compile(r"^ss?\.\s*(\d+[A-Z0-9]*)")
# Words beside a number that name no Act.
_IDLE = {"of", "the", "in", "under", "and"}


@dataclass(frozen=True)
class Reference:
    """A section as cited: its number, and the words that say of which Act; empty: of any."""

    number: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A provision of the record: its address, where it stands in its Act, and how the Act is cited and called."""

    address: str
    locator: str
    citation: str
    title: str

    @property
    def number(self) -> str:
        """The number of its section; empty where it is a schedule or a regulation."""
        match = _LEADING.match(self.locator)
        return match[1].upper() if match else ""

    @property
    def whole(self) -> bool:
        """Whether it is the section as one, and no subsection of it."""
        return bool(re.fullmatch(r"s\.\s*\w+", self.locator))


def parse_reference(words: str) -> Reference | None:
    """The section that words cite, or nothing where they cite none.

    A number alone is one only with a letter in it or a sign before it: “15” is no section, “46B” is one.

    >>> parse_reference("46B NHS Act")
    Reference(number='46B', words=('nhs', 'act'))
    >>> parse_reference("section 46B"), parse_reference("15")
    (Reference(number='46B', words=()), None)
    """
    signed = bool(_SIGN.search(words) or _GLUED.search(words))
    plain = _GLUED.sub("", _SIGN.sub("", words))
    match = _NUMBER.search(plain)
    if not match or not (signed or re.search("[A-Za-z]", match[1])):
        return None
    rest = re.findall(r"[a-z0-9]+", f"{plain[: match.start()]} {plain[match.end() :]}".lower())
    return Reference(match[1].upper(), tuple(w for w in rest if w not in _IDLE))


def matching(reference: Reference, sections: list[Section]) -> list[list[str]]:
    """For each Act the addresses that a reference may mean: the section as one, where it is on record, else what its parts begin with."""
    acts: dict[str, list[Section]] = {}
    for section in sections:
        if section.number == reference.number and _is_of(section, reference.words):
            acts.setdefault(section.title, []).append(section)
    return [[s.address for s in of if s.whole] or _base([s.address for s in of]) for of in acts.values()]


def _base(addresses: list[str]) -> list[str]:
    """Of the addresses of parts of one section the one with which all begin, where there is one; else all.

    >>> _base(["x-s1-2", "x-s1"])
    ['x-s1']
    """
    return [a for a in addresses if all(o.startswith(a) for o in addresses)] or addresses


def _is_of(section: Section, words: tuple[str, ...]) -> bool:
    """Whether every word is one of the citation or title of the Act, or the first letters of its title."""
    known = set(re.findall(r"[a-z0-9]+", f"{section.citation} {section.title}".lower()))
    capitals = "".join(re.findall(r"\b[A-Z]", section.title)).lower()
    return all(w in known or w in (capitals, capitals.removesuffix("a")) for w in words)
