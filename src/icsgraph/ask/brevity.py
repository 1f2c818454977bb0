"""A sentence of at most forty words: how many names it reads out, what it counts instead, and where it breaks off.

What is left out is never what says how firmly the rest stands: a part of a sentence goes whole or stays whole, and where one that
is only presumed goes, the sentence says that such a part follows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from icsgraph.core.answer import Thing

__all__ = ["LONGEST", "MOST", "Brevity", "fitting", "listed", "word_count"]

# The most words of an answer in one sentence.
LONGEST = 40

# More names than this are counted and not read out, even where there is room.
MOST = 4

# What says of a part of a sentence that it is less than settled.
_SOFT = re.compile(r"\b(?:presumed|presumably|recalled|not settled|not checked)\b")
_MORE = "more below"
_MORE_SOFT = "more below, some of it only presumed"


def word_count(said: str) -> int:
    """How many words a sentence has, as a reader counts them.

    >>> word_count("NHS England is liable (56 % of its small areas).")
    10
    """
    return len(said.split())


def listed(words: Iterable[str], most: int = MOST, final: str = "and") -> str:
    """Words as a list in a sentence, each once; what is beyond the ``most`` first is counted, save one that fits in place of its count.

    >>> listed(["a", "b", "b", "c"]), listed(["a", "b", "c", "d"], 2), listed(["a", "b"], 0), listed(["a", "b"], final="or")
    ('a, b and c', 'a, b and 2 others', 'a and 1 other', 'a or b')
    """
    found = list(dict.fromkeys(filter(None, words)))
    first = max(most, 1)
    if len(found) > most + 1:
        left = len(found) - first
        found = [*found[:first], f"{left} other{'s' if left > 1 else ''}"]
    return f" {final} ".join(filter(None, (", ".join(found[:-1]), found[-1]))) if found else ""


@dataclass(frozen=True)
class Brevity:
    """How short a sentence is to be: it reads out ``most`` names of a list and ``budget`` words of what is quoted.

    ``kinds`` gives, by address, what many bodies of one kind are counted under ("all 36 integrated care boards"); ``kind`` the name of
    the kind of a body.
    """

    most: int = MOST
    kinds: Callable[[Sequence[Thing]], dict[str, str]] = lambda things: {}
    kind: Callable[[str], str] = lambda address: ""

    @property
    def budget(self) -> int:
        """How many words of what is quoted there is room for."""
        return (6, 10, 16, 24, 30)[min(self.most, 4)]


def fitting(write: Callable[[int], str], proviso: str = "") -> str:
    """The fullest form of a sentence that has at most forty words; ``write`` gives it with so many names of each list.

    First come the forms that name two or more and leave nothing out, then those broken off before what is settled as well, then
    those that name one, and last those broken off before what is only presumed. The shortest there is where none fits.
    ``proviso`` closes the sentence, whatever is left out.

    >>> long = "A holds it; B is presumed to exercise it" + " and so on" * 12 + "; C answers to D"
    >>> fitting(lambda most: long, "no other is known")
    'A holds it; more below, some of it only presumed; no other is known'
    >>> fitting(lambda most: "A holds it", "no other is known")
    'A holds it; no other is known'
    """
    form = lru_cache(maxsize=None)(write)
    full, spare = (MOST, 3, 2), (1, 0)
    tries = [(most, False, False) for most in full] + [(most, True, False) for most in full]
    tries += [(most, False, False) for most in spare] + [(most, True, True) for most in (*full, *spare)]
    for most, broken, soft in tries:
        for found in _broken(form(most), proviso, soft) if broken else [_closed(form(most), proviso)]:
            if word_count(found) <= LONGEST:
                return found
    return min((_closed(form(0), proviso), *_broken(form(0), proviso, True)), key=word_count)


def _closed(said: str, *more: str) -> str:
    return "; ".join(filter(None, (said.rstrip("; ").rstrip("."), *more)))


def _broken(said: str, proviso: str, soft: bool) -> Iterator[str]:
    """A sentence broken off after each of its parts, the last first; with ``soft`` also before what is only presumed."""
    parts = _parts(said.rstrip("."))
    for kept in range(len(parts) - 1, 0, -1):
        presumed = bool(_SOFT.search(" ".join(parts[kept:])))
        if soft or not presumed:
            yield _closed("".join(parts[:kept]), _MORE_SOFT if presumed else _MORE, proviso)


def _parts(said: str) -> list[str]:
    """A sentence in its parts, each with what ends it.

    >>> _parts("A (b; c) d; e. F")
    ['A (b; c) d; ', 'e. ', 'F']
    """
    parts, start, depth = [], 0, 0
    for at, sign in enumerate(said):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        # A full stop ends a part before a capital; after a short form ("s.", "reg.") a number or a small letter follows.
        if depth == 0 and re.match(r"; |\. (?=[A-Z])", said[at : at + 3]):
            parts.append(said[start : at + 2])
            start = at + 2
    return [*parts, said[start:]]
