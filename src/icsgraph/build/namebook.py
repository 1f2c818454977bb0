"""The names of the record in a file of their own, a tenth of the dataset: what a check of a workbook compares names with."""

from __future__ import annotations

from collections.abc import Iterable

from icsgraph.ask.names import BOOKED, READ
from icsgraph.core.terms import DEF, expand

__all__ = ["name_lines"]

_NAMING = frozenset(f"<{expand(name)}>" for name in READ)
_TYPE = f"<{expand('rdf:type')}>"


def name_lines(lines: Iterable[str]) -> list[str]:
    """Those of the lines of N-Quads that name and date a thing which somebody may name on a sheet (``ask.names.BOOKED``).

    >>> name_lines([f"<x:a> {_TYPE} <{DEF}Body> <x:g> .", f'<x:a> <{expand("rdfs:label")}> "A" <x:g> .', "<x:a> <x:p> <x:b> <x:g> ."])[1]
    '<x:a> <http://www.w3.org/2000/01/rdf-schema#label> "A" <x:g> .'
    """
    naming = [line for line in lines if line.split(" ", 2)[1] in _NAMING]
    wanted = {f"<{DEF}{kind}>" for kind in BOOKED}
    booked = set()
    for line in naming:
        subject, predicate, rest = line.split(" ", 2)
        if predicate == _TYPE and rest.split(" ", 1)[0] in wanted:
            booked.add(subject)
    return [line for line in naming if line.split(" ", 1)[0] in booked]
