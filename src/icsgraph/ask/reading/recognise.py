"""Recognise: the names within a sentence, with all that each may mean; overlaps are settled later, by what is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from icsgraph.ask.reading.lexicon import Lexicon, Node
from icsgraph.ask.reading.phrases import Phrase
from icsgraph.ask.reading.words import Word

__all__ = ["Span", "Way", "said", "spans"]


@dataclass(frozen=True, kw_only=True)
class Span:
    """Words that name something: the places of its words, its first and the place after its last, and the things.

    ``guesses`` is how many words were mended; ``note`` what a reader must know of it; ``choice`` whether all things are meant.
    """

    words: frozenset[int]
    start: int
    end: int
    things: tuple[str, ...]
    guesses: int = 0
    note: str = ""
    choice: bool = False
    name: str = ""


def spans(
    words: Sequence[Word], lexicon: Lexicon, small: frozenset[str], filler: frozenset[str] = frozenset()
) -> list[Span]:
    """Every name within a sentence. A misspelt word is mended where no name fits as it is typed.

    A known word is taken for another only within a name of which other words are right.
    """
    found: dict[tuple[int, int], Span] = {}
    for start in range(len(words)):
        _follow(lexicon.root, words, start, start, 0, 0, 0, small, found)
    # A short word that is alone is near to too many others to be mended.
    return [
        s
        for s in found.values()
        if len(s.words) > 1 or (words[s.start].form not in filler and not (s.guesses and len(words[s.start].form) < 5))
    ]


def _follow(
    node: Node,
    words: Sequence[Word],
    start: int,
    at: int,
    guesses: int,
    slips: int,
    sure: int,
    small: frozenset[str],
    found: dict[tuple[int, int], Span],
) -> None:
    if node.things and (sure or guesses) and at > start:
        enough = not slips or sure >= 1
        old = found.get((start, at))
        if enough and (old is None or old.guesses > guesses + slips):
            found[(start, at)] = Span(
                words=frozenset(range(start, at)),
                start=start,
                end=at,
                things=tuple(node.things),
                guesses=guesses + slips,
            )
    if at >= len(words) or guesses + slips > 2:
        return
    word = words[at]
    follow = node.after.get(word.form)
    if follow:
        _follow(follow, words, start, at + 1, guesses, slips, sure + (word.form not in small), small, found)
    for form in word.guesses:
        follow = node.after.get(form)
        if follow:
            _follow(follow, words, start, at + 1, guesses + 1, slips, sure, small, found)
    if at > start or len(words) > start + 1:
        for form in word.near:
            follow = node.after.get(form)
            if follow and slips == 0 and (at > start or follow.after):
                _follow(follow, words, start, at + 1, guesses, slips + 1, sure, small, found)


def said(
    words: Sequence[Word],
    forms: frozenset[str],
    ways: Sequence[Way],
    skipped: frozenset[str],
    known: Sequence[Span],
    of_kind: Callable[[str, str], bool],
) -> list[Span]:
    """The names that stand in a sentence as phrases of a table.

    A phrase may have a slot for a body: a thing for a kind of body is then meant only if the body is of that kind.
    """
    found: list[Span] = []
    by_start: dict[int, list[Span]] = {}
    for span in known:
        by_start.setdefault(span.start, []).append(span)

    def slots(name: str, at: int) -> Sequence[int]:
        return [
            s.end for s in by_start.get(at, ()) if name == "body" and any(of_kind(t, "BodyOrKind") for t in s.things)
        ]

    for way in ways:
        best: dict[int, Span] = {}
        for match in way.phrase.matches(words, forms, skipped, slots):
            if not match.words:
                continue
            taken = set(match.words)
            bodies: list[str] = []
            for _, start, end in match.slots:
                body = next(s for s in by_start[start] if s.end == end)
                taken |= body.words
                bodies += body.things
            things = tuple(t for t, kind in way.things if not kind or any(of_kind(b, kind) for b in bodies))
            if not things:
                continue
            span = Span(
                words=frozenset(taken),
                start=min(taken),
                end=max(taken) + 1,
                things=things,
                guesses=match.guesses,
                note=way.note,
                choice=way.choice,
            )
            old = best.get(span.start)
            if old is None or (len(span.words), -(span.end - span.start)) > (len(old.words), -(old.end - old.start)):
                best[span.start] = span
        found += best.values()
    return found


@dataclass(frozen=True)
class Way:
    """A way in which people name things: a phrase, the things (each with the kind of body that it is for, if any)."""

    phrase: Phrase
    things: tuple[tuple[str, str], ...]
    note: str = ""
    choice: bool = False
