"""Recognise: the names within a sentence, with all that each may mean; overlaps are settled later, by what is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from icsgraph.ask.reading.lexicon import Lexicon, Node
from icsgraph.ask.reading.phrases import Phrase
from icsgraph.ask.reading.words import Word

__all__ = ["Span", "spans"]


@dataclass(frozen=True)
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


def spans(words: Sequence[Word], lexicon: Lexicon, small: frozenset[str]) -> list[Span]:
    """Every name within a sentence. A misspelt word is mended where no name fits as it is typed.

    A known word is taken for another only within a name of which other words are right.
    """
    found: dict[tuple[int, int], Span] = {}
    for start in range(len(words)):
        _follow(lexicon.root, words, start, start, 0, 0, 0, small, found)
    return list(found.values())


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
                frozenset(range(start, at)), start, at, tuple(node.things), guesses + slips
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
    ways: Sequence[tuple[Phrase, tuple[str, ...], str, bool]],
    skipped: frozenset[str],
) -> list[Span]:
    """The names that stand in a sentence as phrases of a table: each phrase with its things, its note, and whether it is a choice."""
    found = []
    for phrase, things, note, choice in ways:
        best: dict[int, Span] = {}
        for match in phrase.matches(words, forms, skipped, lambda _name, _at: ()):
            if not match.words:
                continue
            span = Span(match.words, min(match.words), max(match.words) + 1, things, match.guesses, note, choice)
            old = best.get(span.start)
            if old is None or (len(span.words), -(span.end - span.start)) > (len(old.words), -(old.end - old.start)):
                best[span.start] = span
        found += best.values()
    return found
