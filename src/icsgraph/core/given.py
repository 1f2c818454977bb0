"""Members of JSON that somebody sent, read within bounds: what is at fault is said by where it stands, such as ``queries.q1.limit``."""

from __future__ import annotations

import json
from typing import Any

from icsgraph.core.errors import IcsgraphError, given_for

__all__ = ["LETTERS", "array", "fault", "number", "object_", "read_json", "text", "texts"]

# Letters of a text, and values of one member.
LETTERS = 500
_SEVERAL = 20


def read_json(text: str, name: str) -> Any:
    """The JSON of a value of a request; raises ``IcsgraphError`` that names the value where it is none."""
    with given_for(name):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise IcsgraphError(f"What is given for {name} is not JSON.", "Write it as the API has it.") from None


def fault(at: str, message: str, hint: str) -> IcsgraphError:
    """The error about what stands at a place of what was sent."""
    error = IcsgraphError(message, hint)
    error.parameter = at
    return error


def object_(value: object, at: str) -> dict[str, Any]:
    """The object that a value is; raises ``IcsgraphError`` where it is none."""
    if not isinstance(value, dict):
        raise fault(at, f"{at} is not an object.", "Write it as the API has it.")
    return value


def array(value: object, at: str, most: int) -> list[Any]:
    """The list that a value is, of so many members at most; raises ``IcsgraphError`` where it is none."""
    if not isinstance(value, list):
        raise fault(at, f"{at} is not a list.", "Write it as the API has it.")
    if len(value) > most:
        raise fault(at, f"{at} has too many members.", f"Send {most:,} at most.")
    return value


def text(value: object, at: str) -> str:
    """The text that a value is; raises ``IcsgraphError`` where it is none, and where it is too long."""
    if not isinstance(value, str):
        raise fault(at, f"{at or 'A value'} is not text.", "Write it as the API has it.")
    if len(value) > LETTERS:
        raise fault(at, f"{at or 'A value'} is too long.", f"Send {LETTERS} letters at most.")
    return value


def texts(value: object, at: str) -> list[str]:
    """The values that a property may have, as text; of a thing its id."""
    found = []
    for one in array(value if isinstance(value, list) else [value], at, _SEVERAL):
        plain = one.get("id") if isinstance(one, dict) else one
        found.append(text(str(plain) if isinstance(plain, int | float) else plain, at))
    return found


def number(value: object, at: str, least: int, most: int) -> int:
    """A whole number within bounds, written as one or as text; raises ``IcsgraphError`` for anything else.

    >>> number("3", "limit", 1, 50)
    3
    """
    try:
        found = int(str(value)) if not isinstance(value, float) else int(value)
    except (ValueError, OverflowError):
        found = least - 1
    if isinstance(value, bool) or not least <= found <= most:
        raise fault(at, f"{at} is not a number from {least} to {most:,}.", "Write it in digits.")
    return found
