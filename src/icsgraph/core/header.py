"""The ``#+ key: value`` lines at the head of a query file."""

from __future__ import annotations

from icsgraph.core.errors import IcsgraphError

__all__ = ["parse_header"]


def parse_header(text: str, name: str, known: set[str], required: set[str]) -> dict[str, str]:
    r"""The header of a query file as a mapping; a key may be repeated and its values are joined by spaces.

    Raises ``IcsgraphError`` for a key that is not ``known`` (a misspelt key must not pass) or a missing one.

    >>> parse_header("#+ label: A thing\nSELECT", "x.rq", {"label"}, {"label"})
    {'label': 'A thing'}
    """
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("#+"):
            continue
        key, colon, value = line[2:].strip().partition(":")
        if not colon:
            raise IcsgraphError(f"{name}, line {number}: the header line has no colon.", "Write #+ key: value.")
        if key not in known:
            raise IcsgraphError(
                f"{name}, line {number}: “{key}” is not a header key.", f"Use one of: {', '.join(sorted(known))}."
            )
        found[key] = f"{found[key]} {value.strip()}" if key in found else value.strip()
    for key in sorted(required - set(found)):
        raise IcsgraphError(f"{name}: the header has no “{key}”.", f"Add a line #+ {key}: ... at the top.")
    return found
