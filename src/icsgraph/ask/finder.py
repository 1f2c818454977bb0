"""From what people type to what can be asked: names while typing, and the reader of whole questions."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property, lru_cache

from icsgraph.ask.desk import Desk
from icsgraph.ask.names import LISTS, PARAMETER_TYPES, fold
from icsgraph.ask.reading.reader import Reader
from icsgraph.ask.reading.reading import Choice, Reading
from icsgraph.core.question import Question

__all__ = ["Choice", "Finder", "Reading", "Suggestion"]

# What the field “what” may name, besides whole sentences.
WHAT = ("Function", "Duty", "Power", "Document", "Post", "Body", "BodyKind")


@dataclass(frozen=True)
class Suggestion:
    """A name that fits what is typed: what to fill in, what to show, what it is, and its address where it is of one thing."""

    value: str
    label: str
    kind: str
    thing: str = ""

    def to_dict(self) -> dict[str, str]:
        """The suggestion as JSON."""
        return {"value": self.value, "label": self.label, "kind": self.kind}


class Finder:
    """Finds names and questions at a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._entries = lru_cache(maxsize=64)(self._collect)

    @cached_property
    def reader(self) -> Reader:
        """The reader of questions; made when first asked, since it holds every name."""
        return Reader(self.desk)

    def find(self, what: str, where: str = "", when: str = "", today: dt.date | None = None) -> Reading:
        """What a person means by the fields “what” (a name or a sentence), “where” (a place) and “when” (a day).

        Raises ``IcsgraphError`` where “when” is no day.
        """
        return self.reader.read(what, where, when, today)

    def sentence(self, question: Question, values: dict[str, str]) -> str:
        """A question with values in its sentence."""
        return self.reader.sentence(question, values)

    def _collect(self, kinds: tuple[str, ...]) -> tuple[list[tuple[str, str]], list[tuple[str, int]]]:
        """The folded names of all things of some kinds, with the things, ended bodies after those that exist; and where each word stands."""
        names = self.desk.names
        found = {(name, thing) for name, thing in names.everything() if names.is_any(thing, kinds)}
        entries = sorted(found, key=lambda pair: (names.period(pair[1]).end is not None, len(pair[0]), pair))
        return entries, sorted((word, place) for place, (name, _) in enumerate(entries) for word in set(name.split()))

    def suggest(self, typed: str, kind: str, most: int = 8) -> list[Suggestion]:
        """Names of a parameter type (or of anything that can be asked about: ``What``) in which each typed word begins a word."""
        kinds = WHAT if kind == "What" else PARAMETER_TYPES.get(LISTS.get(kind, kind), ())
        words = fold(typed).split()
        if not words or not kinds:
            return []
        first: list[str] = []
        others: list[str] = []
        seen: set[str] = set()
        entries, starts = self._entries(kinds)
        # Only names with a word that begins as the longest of those typed are looked at.
        longest = max(words, key=len)
        low = bisect_left(starts, (longest, -1))
        high = bisect_left(starts, (longest + "\uffff", -1))
        for place in sorted({place for _, place in starts[low:high]}):
            name, thing = entries[place]
            if thing in seen:
                continue
            parts = name.split()
            if all(any(p.startswith(w) for p in parts) for w in words):
                seen.add(thing)
                (first if name.startswith(words[0]) else others).append(thing)
                if len(first) == most:
                    break
        return [self._suggestion(t, kinds) for t in [*first, *others][:most]]

    def _suggestion(self, thing: str, kinds: tuple[str, ...]) -> Suggestion:
        names = self.desk.names
        label, code = names.label(thing), names.code(thing)
        alone = names.named(fold(label), kinds) == [thing]
        end = names.period(thing).end
        return Suggestion(label if alone else code, label, names.kind(thing) + (f", until {end}" if end else ""), thing)
