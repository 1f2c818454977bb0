"""The form in which a request wants its answer."""

from __future__ import annotations

from collections.abc import Mapping

from flask import request

from icsgraph.core.errors import IcsgraphError, StatusError
from icsgraph.core.formats import FORMATS, choose

__all__ = ["asked_form"]

# By what other media types a form is asked for.
_ALSO = {f.media_type: f.also for f in FORMATS.values() if not f.results} | {"text/html": ("application/xhtml+xml",)}


def asked_form(offered: Mapping[str, str]) -> str:
    """The name of the form asked for, of those offered with their media types: by ``?format=``, else by the Accept header.

    Of several ``format`` the first known one counts. A form may be asked for by the other media types of its format too
    (``application/json`` for JSON-LD); where two forms share one, it means the first. Who accepts anything gets the first form,
    so data stand before the page, which browsers name. Raises an error with the forms there are where none fits (400 by name,
    406 by type).
    """
    names = [n for n in request.args.getlist("format") if n]
    if names:
        found = next((n for n in names if n in offered), None)
        if found is None:
            raise IcsgraphError(
                f"“{', '.join(names)}” is not a format of this page.", f"Use one of: {', '.join(offered)}."
            )
        return found
    media = {value: name for name, value in reversed([*offered.items()])}
    for value, name in [*media.items()]:
        for also in _ALSO.get(value, ()):
            media.setdefault(also, name)
    chosen = choose(
        request.headers.get("Accept", "*/*"), [*offered.values(), *(m for m in media if m not in offered.values())]
    )
    if chosen is None:
        raise StatusError(
            406, "None of the types you accept can be given.", f"Accept one of: {', '.join(offered.values())}."
        )
    return media[chosen]
