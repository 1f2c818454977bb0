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
) -> list[Triple]:
    """Of which kinds of thing each body's absence counts, as ``ics:absenceCounts``.

    ``kinds`` are the kinds of each thing with the wider ones, ``described`` the bodies of which the ``expected`` kinds are missed where
    nothing is said. Raises ``IcsgraphError`` where none exists of a kind and one is described all the same.
    """
    said = {(t.subject.value, t.object.value) for t in triples if t.predicate.value in (_ALL, _NONE)}
    none = {(t.subject.value, t.object.value) for t in triples if t.predicate.value == _NONE}
    if none:
        _contradicted(triples, kinds, none, ended)
    said |= {(body, kind) for body in described for kind in expected}
    return [Triple(iri(body), term_name("ics:absenceCounts"), iri(kind)) for body, kind in sorted(said)]


def _contradicted(
    triples: list[Triple], kinds: Mapping[str, set[str]], none: set[tuple[str, str]], ended: set[str]
) -> None:
    for t in triples:
        if t.predicate == RDF_TYPE or not isinstance(t.object, NamedNode) or t.predicate.value in (_ALL, _NONE):
            continue
        for body, thing in ((t.object.value, t.subject.value), (t.subject.value, t.object.value)):
            if thing in ended:
                continue
            for kind in kinds.get(thing, ()):
                if (body, kind) in none:
                    raise IcsgraphError(
                        f"{body} says that none exists of ics:{kind.removeprefix(DEF)}, and {thing} is one.",
                        "Nothing was checked; take out ics:noneExists, or the thing.",
                    )
