"""What is wrong, in a sentence that has its particulars in it: the body, the section, the day."""

from __future__ import annotations

import re

from icsgraph.core.dates import in_words
from icsgraph.core.errors import IcsgraphError

__all__ = ["sentence"]

# Days as engines write them; within an address or a longer number they are none.
_DAY = re.compile(r"(?<![\w/-])\d{4}-\d\d-\d\d(?![\w-])")
# Places in a message where the value stands beside what already says it, or at the end.
_BESIDE = (" ({value})", ": {value}")


def sentence(message: str, value: str) -> str:
    """A message with its value in it; days in words; where there is no value, or the words have it already, without the place for it.

    >>> sentence("The council is left out ({value}).", "East Fernshire")
    'The council is left out (East Fernshire).'
    >>> sentence("It is not published ({value}).", "")
    'It is not published.'
    >>> sentence("It dates from before {value}.", "2023-04-01")
    'It dates from before 1 April 2023.'
    """
    for place in _BESIDE:
        if place in message and (not value or _has(_in_words(message.replace(place, "")), _in_words(value))):
            message = message.replace(place, "")
    told = _in_words(message.replace("{value}", value or "it"))
    return told[:1].upper() + told[1:]


def _has(text: str, words: str) -> bool:
    """Whether a text has some words in it already, as words."""
    return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text, re.IGNORECASE) is not None


def _in_words(text: str) -> str:
    return _DAY.sub(lambda day: _day(day[0]), text)


def _day(text: str) -> str:
    """A day in words; what looks like one and is none stays."""
    try:
        return in_words(text)
    except IcsgraphError:
        return text
