"""What a description is complete about: which absences count, and contradictions in what it says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import DEF
from icsgraph.graph.rdf import RDF_TYPE, NamedNode, Triple, iri, term_name

__all__ = ["counted"]

_ALL, _NONE = DEF + "allDescribed", DEF + "noneExists"


def counted(
    triples: list[Triple],
    kinds: Mapping[str, set[str]],
    described: Iterable[str],
    expected: Iterable[str],
    ended: set[str],
    councils: frozenset[str] = frozenset(),
) -> list[Triple]:
    """Of which kinds of thing each body's absence counts, as ``ics:absenceCounts``.

    ``kinds`` are the kinds of each thing with the wider ones, ``described`` the bodies of which the ``expected`` kinds are missed where
    nothing is said. Of the kinds in ``councils`` a board speaks for the councils of its area too. Raises ``IcsgraphError`` where none
    exists of a kind and one is described all the same.
    """
    said = {(t.subject.value, t.object.value) for t in triples if t.predicate.value in (_ALL, _NONE)}
    none = {(t.subject.value, t.object.value) for t in triples if t.predicate.value == _NONE}
    if none:
        of_area = {(t.object.value, t.subject.value) for t in triples if t.predicate.value == DEF + "overlapsAreaOf"}
        theirs = {
            (council, kind): board
            for board, kind in none & {(b, k) for b, _ in of_area for k in councils}
            for of, council in of_area
            if of == board
        }
        _contradicted(triples, kinds, {**theirs, **{(body, kind): body for body, kind in none}}, ended)
    said |= {(body, kind) for body in described for kind in expected}
    return [Triple(iri(body), term_name("ics:absenceCounts"), iri(kind)) for body, kind in sorted(said)]


def _contradicted(
    triples: list[Triple], kinds: Mapping[str, set[str]], none: Mapping[tuple[str, str], str], ended: set[str]
) -> None:
    """Raise where a body has a thing of a kind of which somebody, named in ``none``, says that it has none."""
    for t in triples:
        if t.predicate == RDF_TYPE or not isinstance(t.object, NamedNode) or t.predicate.value in (_ALL, _NONE):
            continue
        for body, thing in ((t.object.value, t.subject.value), (t.subject.value, t.object.value)):
            if thing in ended:
                continue
            for kind in kinds.get(thing, ()):
                if (body, kind) in none:
                    raise IcsgraphError(
                        f"{none[body, kind]} says that none exists of ics:{kind.removeprefix(DEF)}, and {thing} is one.",
                        "Nothing was checked; take out ics:noneExists, or the thing.",
                    )
