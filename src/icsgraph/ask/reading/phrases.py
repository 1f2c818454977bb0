"""Intent: phrases with which people ask, and where in a sentence they stand.

A phrase is words in their order. ``(a|b c)`` is one of several, ``[x]`` may be missing, ``@who`` is a class of words of
``data/asking/words.csv``, ``...`` stands for up to eight words, ``^`` is the beginning of the sentence, ``{name}`` a name that fits the parameter, ``{name:Type}`` one of a type. Words such as
“the” or “our” may stand between any two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from icsgraph.ask.reading.words import Word, stem
from icsgraph.core.errors import IcsgraphError

__all__ = ["Match", "Phrase", "Slots", "parse_phrase"]

_TOKEN = re.compile(r"\^|\.\.\.|\{\w+(?::\w+)?\}|@[a-z-]+|[()\[\]|]|[a-z0-9']+")
_GAP = 8


@dataclass(frozen=True)
class _Lit:
    words: frozenset[str]


@dataclass(frozen=True)
class _Slot:
    name: str


@dataclass(frozen=True)
class _Gap:
    most: int = _GAP


@dataclass(frozen=True)
class _Start:
    """The beginning of a sentence."""


@dataclass(frozen=True)
class _Alt:
    ways: tuple[tuple[_Node, ...], ...]


@dataclass(frozen=True)
class _Opt:
    way: tuple[_Node, ...]


_Node = _Lit | _Slot | _Gap | _Start | _Alt | _Opt


@dataclass(frozen=True)
class Match:
    """Where a phrase stands: the places of its own words, what stands in its slots (start, end), and how many guesses it took."""

    words: frozenset[int]
    slots: tuple[tuple[str, int, int], ...]
    guesses: int = 0


# Gives for the start of a slot and its name the ends of the names that fit.
Slots = Callable[[str, int], Sequence[int]]


@dataclass(frozen=True)
class Phrase:
    """A phrase, read once and looked for often."""

    said: str
    nodes: tuple[_Node, ...]
    # Words of which one of each set must be in a sentence.
    needs: tuple[frozenset[str], ...]

    def matches(
        self, words: Sequence[Word], forms: frozenset[str], skipped: frozenset[str], slots: Slots
    ) -> Iterator[Match]:
        """Every place of the phrase in a sentence; ``forms`` are all forms of all words, ``skipped`` may stand between."""
        if all(n & forms for n in self.needs):
            for start in range(len(words)) if not isinstance(self.nodes[0], _Start) else (0,):
                if words[start].form not in skipped or self._begins_with(words[start].form):
                    yield from _run(self.nodes, words, start, skipped, slots)

    def _begins_with(self, form: str) -> bool:
        return form in _firsts(self.nodes)


def _firsts(nodes: tuple[_Node, ...]) -> set[str]:
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, _Start):
            continue
        if isinstance(node, _Lit):
            return found | node.words
        if isinstance(node, _Alt):
            return found.union(*(_firsts(w) for w in node.ways))
        if isinstance(node, _Opt):
            found |= _firsts(node.way)
        else:
            return found
    return found


def _run(
    nodes: tuple[_Node, ...], words: Sequence[Word], at: int, skipped: frozenset[str], slots: Slots
) -> Iterator[Match]:
    for _, taken, filled, guesses in _walk(nodes, words, at, skipped, slots, True):
        yield Match(frozenset(taken), filled, guesses)


_Step = tuple[int, tuple[int, ...], tuple[tuple[str, int, int], ...], int]


def _walk(  # noqa: C901
    nodes: tuple[_Node, ...], words: Sequence[Word], at: int, skipped: frozenset[str], slots: Slots, first: bool
) -> Iterator[_Step]:
    """The ends that the nodes can reach from a place, each with the words taken, the slots filled, and the guesses."""
    if not nodes:
        yield at, (), (), 0
        return
    node, rest = nodes[0], nodes[1:]

    def on(
        end: int, taken: tuple[int, ...], filled: tuple[tuple[str, int, int], ...], guesses: int, begun: bool
    ) -> Iterator[_Step]:
        for e, t, f, g in _walk(rest, words, end, skipped, slots, first and not begun):
            yield e, taken + t, filled + f, guesses + g

    if isinstance(node, _Start):
        yield from on(at, (), (), 0, False)
        return
    if isinstance(node, _Gap):
        for skip in range(min(node.most, len(words) - at) + 1):
            yield from on(at + skip, (), (), 0, True)
        return
    if isinstance(node, _Alt):
        for way in node.ways:
            for end, taken, filled, guesses in _walk(way, words, at, skipped, slots, first):
                yield from on(end, taken, filled, guesses, bool(taken or filled))
        return
    if isinstance(node, _Opt):
        yield from on(at, (), (), 0, False)
        for end, taken, filled, guesses in _walk(node.way, words, at, skipped, slots, first):
            if taken or filled:
                yield from on(end, taken, filled, guesses, True)
        return
    place = at
    while place < len(words):
        word = words[place]
        if isinstance(node, _Slot):
            ends = slots(node.name, place)
            for end in ends:
                yield from on(end, (), ((node.name, place, end),), 0, True)
            if ends:
                return
        elif word.form in node.words or not node.words.isdisjoint(word.guesses):
            yield from on(place + 1, (place,), (), int(word.form not in node.words), True)
            return
        if first or word.form not in skipped:
            return
        place += 1


def parse_phrase(said: str, classes: Mapping[str, Sequence[str]]) -> Phrase:
    """The phrase that ``said`` describes; raises ``IcsgraphError`` where it cannot be read.

    >>> parse_phrase("who (runs|buys) [nhs] {function}", {}).needs == (frozenset({"who"}), frozenset({"run", "buy"}))
    True
    """
    # Types of things have capitals.
    folded = re.sub(r"[^{}]+(?![^{]*\})", lambda m: m[0].casefold(), said).replace("’", "'")
    tokens = _TOKEN.findall(folded)
    if "".join(tokens) != re.sub(r"\s+", "", folded).replace("-", "") and "".join(tokens) != re.sub(r"\s+", "", folded):
        raise IcsgraphError(f"“{said}” is not a phrase.", "Use words, (a|b), [maybe], @class, ... and {parameter}.")
    nodes, rest = _parse(tokens, classes, said)
    if rest or not nodes:
        raise IcsgraphError(f"“{said}” is not a phrase: its brackets do not close.", "Mend it.")
    return Phrase(said, nodes, tuple(_needs(nodes)))


def _parse(tokens: list[str], classes: Mapping[str, Sequence[str]], said: str) -> tuple[tuple[_Node, ...], list[str]]:
    nodes: list[_Node] = []
    while tokens and tokens[0] not in (")", "]", "|"):
        token, tokens = tokens[0], tokens[1:]
        if token in ("(", "["):
            closing = {"(": ")", "[": "]"}[token]
            ways = []
            end = "|"
            while end == "|":
                way, tokens = _parse(tokens, classes, said)
                if not tokens or tokens[0] not in ("|", closing) or not way:
                    raise IcsgraphError(f"“{said}” is not a phrase: its brackets do not close.", "Mend it.")
                ways.append(way)
                end, tokens = tokens[0], tokens[1:]
            nodes.append(_one_of(ways) if token == "(" else _Opt((_one_of(ways),)))
        elif token == "...":
            nodes.append(_Gap())
        elif token == "^":
            nodes.append(_Start())
        elif token.startswith("{"):
            nodes.append(_Slot(token[1:-1]))
        elif token.startswith("@"):
            if token[1:] not in classes:
                raise IcsgraphError(f"“{said}” names no class of words: {token}.", "Add it to data/asking/words.csv.")
            inner = [_parse(_TOKEN.findall(w.casefold()), classes, said)[0] for w in classes[token[1:]]]
            nodes.append(_one_of(inner))
        else:
            nodes.append(_Lit(frozenset({stem(token.replace("'", ""))})))
    return tuple(nodes), tokens


def _one_of(ways: Sequence[tuple[_Node, ...]]) -> _Node:
    """One of several ways; those of a single word are looked up together."""
    single = [w[0].words for w in ways if len(w) == 1 and isinstance(w[0], _Lit)]
    longer = [w for w in ways if not (len(w) == 1 and isinstance(w[0], _Lit))]
    alone = _Lit(frozenset().union(*single))
    if not longer:
        return alone
    # The longest first, so that the most words are taken.
    ordered = sorted(longer, key=len, reverse=True)
    return _Alt((*ordered, (alone,)) if single else tuple(ordered))


def _needs(nodes: tuple[_Node, ...]) -> Iterator[frozenset[str]]:
    """For each part that must be there the words of which it has one; only of parts that are plain enough to say so."""
    for node in nodes:
        if isinstance(node, _Lit):
            yield node.words
        elif isinstance(node, _Alt):
            each = [next((n for n in _needs(w)), None) for w in node.ways]
            if all(each):
                yield frozenset().union(*(n for n in each if n))


def words_in(nodes: tuple[_Node, ...]) -> Iterator[str]:
    """All words of a phrase."""
    for node in nodes:
        if isinstance(node, _Lit):
            yield from node.words
        elif isinstance(node, _Alt):
            for way in node.ways:
                yield from words_in(way)
        elif isinstance(node, _Opt):
            yield from words_in(node.way)
