"""Names of holders that are spelt almost alike, each pair to be asked about once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["pairs"]

# How alike two names are that may be one; more names than this are not compared with each other.
_ALIKE = 0.88
_MOST = 400


def pairs(strangers: Iterable[str], listed: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of a name on no list with another that may be the same, in the form in which names are compared.

    >>> pairs(["director of finances", "head of estates"], ["director of finance", "finance committee"])
    [('director of finances', 'director of finance')]
    """
    names = sorted(set(strangers))[:_MOST]
    others = sorted(set(listed))[:_MOST]
    found: list[tuple[str, str]] = []
    for at, name in enumerate(names):
        for other in (*others, *names[at + 1 :]):
            if name != other and _alike(name, other):
                found.append((name, other))
                break
    return found


def _alike(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) > 4 or _digits(one) != _digits(other):
        return False
    ours, theirs = one.split(), other.split()
    apart = set(ours) ^ set(theirs)
    # Words that differ by more than their ending or a slip are words with another sense.
    if len(ours) == len(theirs):
        return all(
            a == b or (a[:3] == b[:3] and difflib.SequenceMatcher(None, a, b).ratio() >= 0.75)
            for a, b in zip(ours, theirs, strict=True)
        )
    return apart <= {"the", "of", "and", "for"} and difflib.SequenceMatcher(None, one, other).ratio() >= _ALIKE


def _digits(name: str) -> str:
    return "".join(c for c in name if c.isdigit())
