"""Rank: what each question of the catalogue would make of a sentence, and how much of it that explains."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from icsgraph.ask.names import LISTS
from icsgraph.ask.reading.cited import Law
from icsgraph.ask.reading.days import When
from icsgraph.ask.reading.phrases import Match, Phrase
from icsgraph.ask.reading.recognise import Span
from icsgraph.ask.reading.words import Word
from icsgraph.core.question import Question

__all__ = ["Candidate", "Sentence", "candidates"]

# What a word that is explained counts, by its sort.
_SMALL, _FILLER, _PLAIN = 0.05, 0.15, 1.0
# A word that carries nothing by itself counts more where a phrase has it.
_SPOKEN = 0.6
# What a value that must be given and was not takes off; a name used; a word mended; several things under one name.
_MISSING, _NAME, _MENDED = 2.5, 0.12, 0.3
# What a phrase of the question adds for being there: less where it is of small words alone. What being the first question about
# what is named adds, and being the catalogue's own sentence. What a question about papers gives way to one about law by.
_CLEARLY, _SAID, _HARDLY, _FIRST, _REPORTS, _OWN = 0.5, 0.3, 0.12, 0.35, 0.3, 0.8
# … and what it gives way by where it was not said at all.
_UNSAID = 1.0
# What a name after a word of place gives way by, as the value of anything but a place.
_PLACE = 0.6
# What a phrase adds that says where its value stands.
_SLOT = 0.15
# What a phrase of small words and a gap takes off: it says little.
_LOOSE = 0.2
# What a name that a phrase only mentions takes off.
_MENTIONED = 0.4
# What taking a name apart takes off: its words belong together. What a thing that only papers or titles name gives way by.
_SPLIT, _LESSER = 1.5, 0.6
# The types of parameter whose values speak.
_SPEAKERS = ("Papers", "Voice", "Voices")
LESSER = ("Provision", "Voice", "Actor", "PaperPart", "Topic", "PaperTopic", "Relation", "StatementKind", "LegalForm")


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """A sentence with all that was found in it."""

    words: Sequence[Word]
    forms: frozenset[str]
    spans: Sequence[Span]
    days: Sequence[When]
    small: frozenset[str]
    filler: frozenset[str]
    skipped: frozenset[str]
    # Words after which a name is a place.
    places: frozenset[str]
    # Law that is cited by its number.
    laws: Sequence[Law] = ()

    def weight(self, place: int) -> float:
        """What a word counts when it is explained."""
        form = self.words[place].form
        return _SMALL if form in self.small else _FILLER if form in self.filler else _PLAIN

    def total(self, places: Iterable[int]) -> float:
        """What some words count together."""
        return sum(self.weight(p) for p in places)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A question as a reading of a sentence: the name used for each parameter, the words it explains, and its score."""

    question: Question
    filled: dict[str, tuple[Span, tuple[str, ...]]]
    # Further names of a parameter that takes several.
    more: dict[str, list[tuple[Span, tuple[str, ...]]]]
    missing: tuple[str, ...]
    words: frozenset[int]
    score: float
    days: tuple[When, ...] = ()
    phrase: str = ""
    # Words of phrases alone: how much the question itself was said, and not only its values.
    said: float = 0.0
    why: tuple[str, ...] = ()
    first: bool = field(default=False)


# Whether a thing is of a type of parameter, or of a class.
Fits = Callable[[str, str], bool]


def candidates(
    sentence: Sentence,
    questions: Iterable[Question],
    phrases: Mapping[str, Sequence[Phrase]],
    fits: Fits,
    is_first: Callable[[str, Question, Span], bool],
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
    is_first: Callable[[str, Question, Span], bool],
) -> Iterator[Candidate]:
    parameters = {p.name: p for p in question.parameters}
    fitting: dict[tuple[str, int], list[tuple[Span, tuple[str, ...]]]] = {}

    def at(slot: str, place: int) -> list[tuple[Span, tuple[str, ...]]]:
        if (slot, place) not in fitting:
            name, _, kind = slot.partition(":")
            # “{_}” is any name, which the question takes no value of.
            of = (kind or "Anything") if name == "_" else parameters[name].type
            fitting[(slot, place)] = [
                (s, things)
                for s in sorted(by_start.get(place, ()), key=lambda s: -len(s.words))
                if (things := tuple(t for t in s.things if fits(t, of) and (not kind or fits(t, kind))))
            ]
        return fitting[(slot, place)]

    def slots(name: str, place: int) -> Sequence[int]:
        return [s.end for s, _ in at(name, place)] if name.partition(":")[0] in {*parameters, "_"} else []

    seen = set()
    for phrase in phrases:
        for match in phrase.matches(sentence.words, sentence.forms, sentence.skipped, slots):
            if (match.words, match.slots) in seen:
                continue
            seen.add((match.words, match.slots))
            chosen = {
                slot.partition(":")[0] + (f" {start}" if slot[0] == "_" else ""): next(
                    (s, t) for s, t in at(slot, start) if s.end == end
                )
                for slot, start, end in match.slots
            }
            parts = [match.words, *(s.words for s, _ in chosen.values())]
            if len(frozenset().union(*parts)) < sum(len(p) for p in parts):
                continue
            yield _filled(sentence, question, match, phrase.said, chosen, fits, is_first, phrase is phrases[0])
    # A question that nothing says is a reading only where it is the first about what is named.
    unsaid = _filled(sentence, question, Match(frozenset(), ()), "", {}, fits, is_first)
    if unsaid.first:
        yield unsaid


def is_place(question: Question, name: str) -> bool:
    """Whether a parameter is a place."""
    return any(p.type == "Area" for p in question.parameters if p.name == name)


def _apart(sentence: Sentence, match: Match, used: Sequence[Span], taken: frozenset[int]) -> bool:
    """Whether a name is taken apart: its words lie in several names, or in a name and the phrase, of a reading."""
    for whole in sentence.spans:
        mended = sum(s.guesses for s in used if s.words < whole.words)
        if (
            whole.guesses > mended
            or whole.choice
            or len(whole.words) < 2
            or len(whole.words) != whole.end - whole.start
        ):
            continue
        parts = list({s.words: s for s in used if s.words < whole.words}.values())
        if not parts:
            continue
        rest = whole.words - frozenset().union(*(s.words for s in parts))
        # Words of the name that the reading leaves out were no words of their own.
        if len(parts) > 1 or match.words & rest or any(sentence.weight(p) >= _PLAIN for p in rest - taken):
            return True
    return False


def _is_joined(sentence: Sentence, first: Span, second: Span) -> bool:
    """Whether one small word stands between two names."""
    return second.start == first.end + 1 and sentence.words[first.end].form in sentence.small


def _more(
    sentence: Sentence,
    question: Question,
    filled: Mapping[str, tuple[Span, tuple[str, ...]]],
    taken: set[int],
    fits: Fits,
    joined: bool = False,
) -> dict[str, list[tuple[Span, tuple[str, ...]]]]:
    """The further names for parameters that take several, the longest first; their words are then taken.

    With ``joined`` only those that stand a small word behind the first, as in “option 1 and option 2”.
    """
    found: dict[str, list[tuple[Span, tuple[str, ...]]]] = {}
    for parameter in question.parameters:
        if parameter.type not in LISTS or parameter.name not in filled:
            continue
        for span in sorted(sentence.spans, key=lambda s: (-len(s.words), s.start)):
            if joined and not _is_joined(sentence, filled[parameter.name][0], span):
                continue
            things = tuple(t for t in span.things if fits(t, parameter.type))
            if things and not span.words & taken and len(span.words) > 1 and not span.guesses:
                found.setdefault(parameter.name, []).append((span, things))
                taken |= span.words
    return found


def _filled(  # noqa: C901
    sentence: Sentence,
    question: Question,
    match: Match,
    said: str,
    chosen: dict[str, tuple[Span, tuple[str, ...]]],
    fits: Fits,
    is_first: Callable[[str, Question, Span], bool],
    own: bool = False,
) -> Candidate:
    taken = set(match.words)
    for span, _ in chosen.values():
        taken |= span.words
    filled = {name: found for name, found in chosen.items() if name[0] != "_"}
    dated = [p for p in question.parameters if p.type == "Date"]
    joined = _more(sentence, question, filled, taken, fits, joined=True)
    # The names that are left, the longest first, each for the first parameter that it fits: what must be given goes first.
    order = sorted(
        (p for p in question.parameters if p.name not in filled and p.type not in ("Date", "Text")),
        key=lambda p: p.default is not None,
    )
    for parameter in order:
        if parameter.default is not None and parameter.type not in (
            "AnswerStates",
            "Area",
            "Changes",
            "Papers",
            "Scenario",
            "Scenarios",
            "Stances",
            "Topics",
            "Voices",
        ):
            continue
        fitting = [
            (s, things)
            for s in sentence.spans
            if not s.words & taken and (things := tuple(t for t in s.things if fits(t, parameter.type)))
        ]
        if fitting:
            span, things = max(
                fitting,
                key=lambda f: (sentence.total(f[0].words) - _MENDED * f[0].guesses, len(f[0].words), -f[0].start),
            )
            filled[parameter.name] = (span, things)
            taken |= span.words
    further = _more(sentence, question, filled, taken, fits)
    more = {n: [*joined.get(n, ()), *further.get(n, ())] for n in (*joined, *further)}
    days = [w for w in sentence.days if not w.words & taken]
    for when in days:
        taken |= when.words
    missing = tuple(
        p.name for p in question.parameters if p.default is None and p.name not in filled and not (p in dated and days)
    )
    first = any(is_first(t, question, span) for span, things in filled.values() for t in things)
    if first and not said:
        # Of several things of one name, the question is the first only about some.
        filled = {
            name: (span, tuple(t for t in things if is_first(t, question, span)) or things)
            for name, (span, things) in filled.items()
        }
    spoken = sum(max(sentence.weight(p), _SPOKEN if sentence.weight(p) > _SMALL else 0.0) for p in match.words)
    score = (
        sentence.total(taken)
        - sentence.total(match.words)
        + max(spoken, sentence.total(match.words))
        + (_FIRST if first else 0)
    )
    if said:
        score += _CLEARLY if spoken >= _PLAIN else _SAID if spoken >= _FILLER else -_LOOSE if "..." in said else _HARDLY
    score += _OWN if own else 0
    # A day that is named speaks for a question about days.
    score += 2 * _SAID if dated and days else 0
    # What papers said is asked in words of saying; a name that they too have is not enough.
    score -= (_REPORTS if said else _UNSAID) if question.reports else 0
    # Whoever names a speaker or a paper means what papers say.
    speaker = {n for n in chosen if any(p.name == n and p.type in _SPEAKERS for p in question.parameters)}
    for name, (span, things) in filled.items():
        if speaker and name in chosen:
            continue
        lesser = all(any(fits(t, k) for k in LESSER) for t in things)
        if lesser and len(things) < len(span.things):
            score -= _LESSER
    for name, (span, _) in filled.items():
        before = sentence.words[span.start - 1].form if span.start else ""
        if before in sentence.places and not is_place(question, name):
            score -= _PLACE
    if _apart(sentence, match, [s for s, _ in chosen.values()] + [s for s, _ in filled.values()], frozenset(taken)):
        score -= _SPLIT
    score += _SLOT if any(slot[0] != "_" for slot, _, _ in match.slots) else 0
    score -= _MENTIONED * sum(slot[0] == "_" for slot, _, _ in match.slots)
    score -= _MISSING * len(missing) + _NAME * len(filled) + _MENDED * match.guesses
    score -= sum(_MENDED * s.guesses for s, _ in filled.values())
    return Candidate(
        question=question,
        filled=filled,
        more=more,
        missing=missing,
        words=frozenset(taken),
        score=score,
        days=tuple(days),
        phrase=said,
        said=spoken,
        first=first,
    )
