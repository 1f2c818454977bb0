"""The form in which a request wants its answer."""

from __future__ import annotations

from collections.abc import Mapping

from flask import request

from icsgraph.core.errors import IcsgraphError, StatusError
from icsgraph.core.formats import choose

__all__ = ["asked_form"]


def asked_form(offered: Mapping[str, str]) -> str:
    """The name of the form asked for, of those offered with their media types: by ``?format=``, else by the Accept header.

    Who accepts anything gets the first. Raises an error with the forms there are where none fits (400 by name, 406 by type).
    """
    named = request.args.get("format", "")
    if named:
        if named not in offered:
            raise IcsgraphError(f"“{named}” is not a format of this page.", f"Use one of: {', '.join(offered)}.")
        return named
    media = choose(request.headers.get("Accept", "*/*"), list(offered.values()))
    if media is None:
        raise StatusError(
            406, "None of the types you accept can be given.", f"Accept one of: {', '.join(offered.values())}."
        )
    return next(name for name, value in offered.items() if value == media)
