"""Normalise: a sentence as words in the form in which names and phrases are compared."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

__all__ = ["Word", "key", "stem", "words_of"]

# A word, with an apostrophe within it or at its end; an ampersand is the word “and”.
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*['’]?|&")
_KEPT = frozenset(
    {"as", "is", "his", "its", "this", "us", "was", "has", "does", "plus", "yes", "bus", "less", "always"}
)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The form of a folded word in which one and many are the same; short words stay as they are.

    >>> stem("boards"), stem("bodies"), stem("nhs"), stem("crosses"), stem("trust")
    ('board', 'body', 'nhs', 'cross', 'trust')
    """
    if len(word) < 4 or word in _KEPT or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    return word[:-1]


@dataclass(frozen=True, kw_only=True)
class Word:
    """A word of a sentence: as typed, where it stands, and the forms under which it is looked up, the plainest first.

    ``guesses`` are the forms that it may be a misspelling of, ``near`` those of known words that it may stand for by a slip.
    """

    typed: str
    start: int
    end: int
    form: str
    guesses: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    known: bool = field(default=True, compare=False)


def words_of(text: str) -> list[Word]:
    """The words of a text with their places in it.

    >>> [w.form for w in words_of("Guy's & St. Thomas', the ICBs")]
    ['guy', 'and', 'st', 'thoma', 'the', 'icb']
    """
    found = []
    for match in _WORD.finditer(text):
        plain = unicodedata.normalize("NFKD", match[0].replace("’", "'")).encode("ascii", "ignore").decode().casefold()
        plain = "and" if plain == "&" else plain.replace("'", "")
        if plain:
            found.append(Word(typed=match[0], start=match.start(), end=match.end(), form=stem(plain)))
    return found


def key(folded: str) -> tuple[str, ...]:
    """The stems of a folded name, under which it is kept."""
    return tuple(stem(w) for w in folded.split())
