"""Values of a stranger's triples held to the types that the ontology declares: a rule that looks for a day must not pass over a text."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from icsgraph.core.dates import parse_day
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import DEF, expand
from icsgraph.graph.rdf import RDF_TYPE, Literal, Term, Triple, date, text, typed

__all__ = ["POINTING", "in_range", "ranges_of"]

# Stands in for the range of a property whose values are things.
POINTING = "address"
# A day may come with a time or a zone, as some programs write it; the day is what counts.
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:\d\d)?")
# Long enough for any sum of money, short enough that no number takes long to write.
_NUMBER = re.compile(r"[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,2})?", re.ASCII)
_BOOLEANS = {"true": "true", "1": "true", "false": "false", "0": "false"}


def _day(value: str) -> Literal | None:
    found = _DAY.fullmatch(value)
    try:
        return date(parse_day(found[1]).isoformat()) if found else None
    except IcsgraphError:
        return None


def _boolean(value: str) -> Literal | None:
    return typed(_BOOLEANS[value], "boolean") if value in _BOOLEANS else None


def _decimal(value: str) -> Literal | None:
    return typed(f"{Decimal(value):f}", "decimal") if _NUMBER.fullmatch(value) else None


def _integer(value: str) -> Literal | None:
    number = Decimal(value) if _NUMBER.fullmatch(value) else Decimal("0.5")
    return typed(f"{number:.0f}", "integer") if number == number.to_integral_value() else None


# What is made of a value in each range, and what a reader is told to write.
_READ: dict[str, tuple[Callable[[str], Literal | None], str]] = {
    "date": (_day, "a day that exists (2024-01-31)"),
    "boolean": (_boolean, "true or false"),
    "decimal": (_decimal, "a number"),
    "integer": (_integer, "a whole number"),
    "string": (text, "a text"),
}


def ranges_of(ontology: list[Triple]) -> dict[str, str]:
    """What the values of each property are: ``POINTING`` where they are things, else the local name of their XSD type."""
    pointing = {expand("owl:ObjectProperty"), DEF + "Relation"}
    # The second where OWL has no such type: a day.
    says = {expand("rdfs:range"), expand("schema:rangeIncludes")}
    ranges = {
        t.subject.value: t.object.value.removeprefix(expand("xsd:"))
        for t in ontology
        if t.predicate.value in says and t.object.value.startswith(expand("xsd:"))
    }
    return ranges | {
        t.subject.value: POINTING for t in ontology if t.predicate == RDF_TYPE and t.object.value in pointing
    }


def in_range(found: list[Triple], ranges: dict[str, str]) -> list[Triple]:
    """The triples, each value in the type that its property has: ``"2024-06-01"`` becomes a day, ``"1"`` true.

    Raises ``IcsgraphError`` where a value cannot be read so, with the thing, the property and what is expected.
    """
    ready, wrong = [], []
    for triple in found:
        wanted = ranges.get(triple.predicate.value, "")
        value = triple.object if not wanted else _value(triple.object, wanted)
        if value is None:
            wrong.append((triple, wanted))
        else:
            ready.append(Triple(triple.subject, triple.predicate, value))
    if wrong:
        said = [_said(triple, wanted) for triple, wanted in wrong[:5]]
        more = f"; and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        raise IcsgraphError(
            f"{'; '.join(said)}{more}.",
            "A value that cannot be read hides what it says, so nothing was checked; mend it.",
        )
    return ready


def _value(term: Term, wanted: str) -> Term | None:
    """A value in the type that is wanted; nothing where it cannot be read so."""
    if wanted == POINTING:
        return None if isinstance(term, Literal) else term
    # An address is as good as its text, but no day and no number.
    if wanted in _READ and (isinstance(term, Literal) or wanted == "string"):
        return _READ[wanted][0](term.value.strip() if wanted != "string" else term.value)
    return None if wanted in _READ else term


def _said(triple: Triple, wanted: str) -> str:
    thing = "a thing without a name" if triple.subject.value.startswith("urn:x-unnamed:") else str(triple.subject)
    given = triple.object.value if len(triple.object.value) <= 80 else f"{triple.object.value[:80]} …"
    expected = "the address of a thing" if wanted == POINTING else _READ[wanted][1]
    return f"ics:{triple.predicate.value.removeprefix(DEF)} of {thing} is “{given}”, where {expected} is expected"
