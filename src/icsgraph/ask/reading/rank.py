"""Rank: what each question of the catalogue would make of a sentence, and how much of it that explains."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from icsgraph.ask.reading.days import When
from icsgraph.ask.reading.phrases import Match, Phrase
from icsgraph.ask.reading.recognise import Span
from icsgraph.ask.reading.words import Word
from icsgraph.core.question import Parameter, Question

__all__ = ["Candidate", "Sentence", "candidates"]

# What a word that is explained counts, by its sort.
_SMALL, _FILLER, _PLAIN = 0.05, 0.15, 1.0
# What a value that must be given and was not takes off; a name used; a word mended; several things under one name.
_MISSING, _NAME, _MENDED = 2.5, 0.12, 0.3
# What a phrase of the question adds for being there, and being the first question about what is named.
_SAID, _FIRST = 0.25, 0.35


@dataclass(frozen=True)
class Sentence:
    """A sentence with all that was found in it."""

    words: Sequence[Word]
    forms: frozenset[str]
    spans: Sequence[Span]
    days: Sequence[When]
    small: frozenset[str]
    filler: frozenset[str]
    skipped: frozenset[str]

    def weight(self, place: int) -> float:
        """What a word counts when it is explained."""
        form = self.words[place].form
        return _SMALL if form in self.small else _FILLER if form in self.filler else _PLAIN

    def total(self, places: Iterable[int]) -> float:
        """What some words count together."""
        return sum(self.weight(p) for p in places)


@dataclass(frozen=True)
class Candidate:
    """A question as a reading of a sentence: the name used for each parameter, the words it explains, and its score."""

    question: Question
    filled: dict[str, tuple[Span, tuple[str, ...]]]
    missing: tuple[str, ...]
    words: frozenset[int]
    score: float
    days: tuple[When, ...] = ()
    phrase: str = ""
    # Words of phrases alone: how much the question itself was said, and not only its values.
    said: float = 0.0
    why: tuple[str, ...] = ()
    first: bool = field(default=False)


# Whether a thing fits a parameter; which of some things a name means for it.
Fits = Callable[[str, Parameter], bool]


def candidates(
    sentence: Sentence,
    questions: Iterable[Question],
    phrases: Mapping[str, Sequence[Phrase]],
    fits: Fits,
    is_first: Callable[[str, Question], bool],
) -> list[Candidate]:
    """The readings of a sentence by the questions, the best of each, the highest score first."""
    found = []
    by_start: dict[int, list[Span]] = {}
    for span in sentence.spans:
        by_start.setdefault(span.start, []).append(span)
    for question in questions:
        best = None
        for candidate in _of(sentence, question, phrases.get(question.id, ()), by_start, fits, is_first):
            if best is None or candidate.score > best.score:
                best = candidate
        if best is not None:
            found.append(best)
    return sorted(found, key=lambda c: (-c.score, c.question.id))


def _of(
    sentence: Sentence,
    question: Question,
    phrases: Sequence[Phrase],
    by_start: Mapping[int, Sequence[Span]],
    fits: Fits,
    is_first: Callable[[str, Question], bool],
) -> Iterator[Candidate]:
    parameters = {p.name: p for p in question.parameters}
    fitting: dict[tuple[str, int], list[tuple[Span, tuple[str, ...]]]] = {}

    def at(name: str, place: int) -> list[tuple[Span, tuple[str, ...]]]:
        if (name, place) not in fitting:
            parameter = parameters[name]
            fitting[(name, place)] = [
                (s, things)
                for s in sorted(by_start.get(place, ()), key=lambda s: -len(s.words))
                if (things := tuple(t for t in s.things if fits(t, parameter)))
            ]
        return fitting[(name, place)]

    def slots(name: str, place: int) -> Sequence[int]:
        return [s.end for s, _ in at(name, place)] if name in parameters else []

    seen = set()
    for phrase in phrases:
        for match in phrase.matches(sentence.words, sentence.forms, sentence.skipped, slots):
            if (match.words, match.slots) in seen:
                continue
            seen.add((match.words, match.slots))
            chosen = {
                name: next((s, t) for s, t in at(name, start) if s.end == end) for name, start, end in match.slots
            }
            taken = set(match.words)
            if any(taken & s.words for s, _ in chosen.values()):
                continue
            yield _filled(sentence, question, match, phrase.said, chosen, fits, is_first)
    yield _filled(sentence, question, Match(frozenset(), ()), "", {}, fits, is_first)


def _filled(
    sentence: Sentence,
    question: Question,
    match: Match,
    said: str,
    chosen: dict[str, tuple[Span, tuple[str, ...]]],
    fits: Fits,
    is_first: Callable[[str, Question], bool],
) -> Candidate:
    taken = set(match.words)
    for span, _ in chosen.values():
        taken |= span.words
    filled = dict(chosen)
    days: list[When] = []
    dated = [p for p in question.parameters if p.type == "Date"]
    free = [w for w in sentence.days if not w.words & taken]
    days = free
    for when in free:
        taken |= when.words
    # The names that are left, the longest first, each for the first parameter that it fits: what must be given goes first.
    order = sorted(
        (p for p in question.parameters if p.name not in filled and p.type not in ("Date", "Text")),
        key=lambda p: p.default is not None,
    )
    for parameter in order:
        if parameter.default is not None and parameter.type not in ("Area", "Scenarios", "Scenario", "Topics"):
            continue
        fitting = [
            (s, things)
            for s in sentence.spans
            if not s.words & taken and (things := tuple(t for t in s.things if fits(t, parameter)))
        ]
        if fitting:
            span, things = max(
                fitting, key=lambda f: (sentence.total(f[0].words) - _MENDED * f[0].guesses, len(f[0].words), -f[0].start)
            )
            filled[parameter.name] = (span, things)
            taken |= span.words
    missing = tuple(
        p.name for p in question.parameters if p.default is None and p.name not in filled and not (p in dated and days)
    )
    first = any(is_first(t, question) for _, things in filled.values() for t in things)
    spoken = sentence.total(match.words)
    score = sentence.total(taken) + (_SAID if said else 0) + (_FIRST if first else 0)
    score -= _MISSING * len(missing) + _NAME * len(filled) + _MENDED * match.guesses
    score -= sum(_MENDED * s.guesses for s, _ in filled.values())
    return Candidate(
        question,
        filled,
        missing,
        frozenset(taken),
        score,
        tuple(days),
        said,
        spoken,
        first=first,
    )
