"""Names and codes of a table matched with things on a day: what is certain is told apart from what is only like it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from rapidfuzz import fuzz, process

from icsgraph.ask.citations import Reference, Section, matching, parse_reference
from icsgraph.ask.names import Names, fold
from icsgraph.core.dates import Period
from icsgraph.graph.rdf import term_name

__all__ = ["KINDS", "Match", "Matcher"]

# What is looked for where no type is named.
KINDS = ("Body", "Function", "Provision")
# Codes of this scheme mean ground within a body and not the body.
_LOCATION = "location"
# Words of a text that are looked at, things whose names are compared with it, and words that are near a misspelt one.
_WORDS = 20
_COMPARED = 400
_NEAR = 3
# How like a word must be to be near, in percent; how much of the weight of two names must be shared, of 1.
_LIKE = 80
_SHARED = 0.5
# Scores: the name or code itself; a citation; the same, of what did not exist on the day; the most for what is only like it.
_SAME, _CITED, _LIKENESS = 100.0, 95.0, 90.0
_ANOTHER_DAY = 0.6


@dataclass(frozen=True, kw_only=True)
class Match:
    """A thing that may be meant; ``score`` is of 100, ``certain`` says that nothing else can be meant, ``exists`` that it does on the day."""

    thing: str
    score: float
    certain: bool
    same: bool
    exists: bool


class Matcher:
    """Matches texts with the things that ``names`` knows; what it looks up in is made when first asked."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._alike = cache(self._named)
        self._period = lru_cache(maxsize=20_000)(names.period)

    def match(
        self, said: str, kinds: tuple[str, ...] = KINDS, day: dt.date | None = None, most: int = 5
    ) -> list[Match]:
        """The things of some kinds that a text may mean on a day, the best first.

        Certain is only a name, code or citation that one thing alone has: of those that exist on the day, or of all where no day
        is given. A code that is a location's as well is certain only of a body that exists on the day.
        """
        same = self._same(said, kinds)
        cited = [t for t in self._cited(said, kinds, day) if t not in same]
        found = dict.fromkeys(same, _SAME) | dict.fromkeys(cited, _CITED)
        holding = [t for t in found if self._held(said, t, day)]
        alone = len(holding) == 1 and (day is not None or not self._is_location(said))
        # A part of a section is not what somebody cites who cites the section.
        alone = alone and (holding[0] in same or holding[0] in self._whole)
        if len(found) < most and not alone:
            for kind in kinds:
                for thing, likeness in self._alike(kind).find(fold(said), most + len(found)):
                    found.setdefault(thing, _LIKENESS * likeness)
        matches = []
        for thing, score in found.items():
            exists = day is None or self._period(thing).holds(day)
            sure = alone and thing == holding[0]
            shown = score if exists and (thing in holding or score < _CITED) else score * _ANOTHER_DAY
            matches.append(Match(thing=thing, score=round(shown, 1), certain=sure, same=score >= _CITED, exists=exists))
        return sorted(matches, key=lambda m: (-m.certain, -m.score, self._period(m.thing).end is not None, m.thing))[
            :most
        ]

    def _same(self, said: str, kinds: tuple[str, ...]) -> list[str]:
        """The things of just this name, code or address."""
        folded = fold(said)
        found = self.names.named(folded, kinds, every=True) if folded else []
        coded = [body for body, _, scheme in self._codes.get(_code(said), ()) if _LOCATION not in scheme]
        if said.startswith("http") and self.names.is_any(said, kinds):
            found = [said]
        return list(dict.fromkeys([*found, *(b for b in coded if self.names.is_any(b, kinds))]))

    def _held(self, said: str, thing: str, day: dt.date | None) -> bool:
        """Whether a thing exists on a day, and bore the text on it where that is a code with days of its own."""
        if day is None:
            return True
        days = [p for body, p, scheme in self._codes.get(_code(said), ()) if body == thing and _LOCATION not in scheme]
        return self._period(thing).holds(day) and (not days or any(p.holds(day) for p in days))

    def _is_location(self, said: str) -> bool:
        return any(_LOCATION in scheme for _, _, scheme in self._codes.get(_code(said), ()))

    def _cited(self, said: str, kinds: tuple[str, ...], day: dt.date | None) -> list[str]:
        """The provisions that a text cites by section and Act, those that are law on the day before others."""
        reference = parse_reference(said) if "Provision" in kinds else None
        # A number without an Act is a section of any.
        if not reference or not reference.words:
            return []
        found: list[str] = []
        for of in matching(Reference(reference.number, reference.words), self._sections.get(reference.number, [])):
            found += [t for t in of if day is None or self._period(t).holds(day)] or of
        return found

    @cached_property
    def _sections(self) -> dict[str, list[Section]]:
        found: dict[str, list[Section]] = {}
        for section in self.names.sections():
            found.setdefault(section.number, []).append(section)
        return found

    @cached_property
    def _whole(self) -> frozenset[str]:
        """The provisions that are sections as one."""
        return frozenset(s.address for s in self.names.sections() if s.whole)

    @cached_property
    def _codes(self) -> dict[str, list[tuple[str, Period, str]]]:
        """By code: whose it is, when, and of which scheme."""
        store = self.names.store
        found: dict[str, list[tuple[str, Period, str]]] = {}
        for quad in store.quads(predicate=term_name("ics:codeFor")):
            said = store.objects(quad.subject, term_name("skos:notation"))
            scheme = store.objects(quad.subject, term_name("ics:codeScheme"))
            if said and scheme:
                period = self.names.period(quad.subject.value)
                found.setdefault(_code(said[0].value), []).append((quad.object.value, period, scheme[0].value))
        return found

    def _named(self, kind: str) -> _Alike:
        # One for each class there is, and no more: who asks cannot have others made.
        names = self.names
        return _Alike((name, thing) for name, thing in names.everything() if names.is_any(thing, (kind,)))


class _Alike:
    """What is like the names of some things, given as folded name and thing."""

    def __init__(self, named: Iterable[tuple[str, str]]) -> None:
        found = [(frozenset(name.split()[:_WORDS]), thing) for name, thing in named]
        self._places: dict[str, list[int]] = {}
        for place, (words, _) in enumerate(found):
            for word in words:
                self._places.setdefault(word, []).append(place)
        # How much a word tells: the rarer, the more.
        self._most = math.log(1 + len(found))
        self._weights = {w: math.log(1 + len(found) / (1 + len(at))) for w, at in self._places.items()}
        self._entries = [(words, sum(self._weights[w] for w in words), thing) for words, thing in found]
        self._by_length: dict[int, list[str]] = {}
        for word in self._places:
            if _may_slip(word):
                self._by_length.setdefault(len(word), []).append(word)
        self._near = lru_cache(maxsize=5_000)(self._nearest)

    def find(self, said: str, most: int) -> list[tuple[str, float]]:
        """The things whose names share most of the weight of their words with a folded text, with the share."""
        words = set(said.split()[:_WORDS])
        like: dict[str, float] = {}
        for word in words:
            for near, likeness in self._near(word):
                like[near] = max(like.get(near, 0.0), likeness)
        told = {w: self._weights[w] * likeness for w, likeness in like.items()}
        weight = sum(self._weights.get(w, self._most) for w in words)
        best: dict[str, float] = {}
        for place in self._fitting(sorted(like, key=self._weights.__getitem__, reverse=True)):
            found, whole, thing = self._entries[place]
            share = 2 * sum(w for word, w in told.items() if word in found) / (weight + whole)
            if share >= _SHARED and share > best.get(thing, 0.0):
                best[thing] = min(share, 1.0)
        return sorted(best.items(), key=lambda b: (-b[1], b[0]))[:most]

    def _nearest(self, word: str) -> tuple[tuple[str, float], ...]:
        """Words of names by how like a word they are, of 1: itself, else those it may be a slip for."""
        if word in self._places:
            return ((word, 1.0),)
        if not _may_slip(word):
            return ()
        pool = [w for length in range(len(word) - 1, len(word) + 2) for w in self._by_length.get(length, ())]
        near = process.extract(word, pool, scorer=fuzz.ratio, limit=_NEAR, score_cutoff=_LIKE)
        return tuple((w, score / 100) for w, score, _ in near)

    def _fitting(self, words: Iterable[str]) -> list[int]:
        """Where names stand that hold one of some words, those of the first words first."""
        found: dict[int, None] = {}
        for word in words:
            if len(found) >= _COMPARED:
                break
            found |= dict.fromkeys(self._places[word])
        return [*found][:_COMPARED]


def _may_slip(word: str) -> bool:
    """Whether a word is long enough to be told from another by a letter; a code or number is not like another."""
    return len(word) > 3 and not any(c.isdigit() for c in word)


def _code(said: str) -> str:
    """A text as codes are written.

    >>> _code(" e38 000079")
    'E38000079'
    """
    return "".join(said.split()).upper()
