"""JSON-LD that people can read: short names from a context that is served beside it.

Source: https://www.w3.org/TR/json-ld11/ (compact IRIs, type coercion to ``@id``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from icsgraph.core.terms import DEF, PREFIXES, expand
from icsgraph.graph.rdf import RDF_TYPE, NamedNode, Quad, Term

__all__ = ["compacted", "context"]

_STRING = expand("xsd:string")
_SPACES = sorted(((space, prefix) for prefix, space in PREFIXES.items()), key=lambda pair: -len(pair[0]))


def context(quads: Iterable[Quad]) -> dict[str, object]:
    """The context for a dataset: all prefixes, and the properties of our own ontology that point at things by bare name."""
    objects = {
        q.subject.value.removeprefix(DEF)
        for q in quads
        if q.predicate == RDF_TYPE
        and q.object.value == expand("owl:ObjectProperty")
        and q.subject.value.startswith(DEF)
    }
    terms: dict[str, object] = dict(sorted(PREFIXES.items()))
    # A property called as a prefix is would hide it.
    terms |= {name: {"@id": f"ics:{name}", "@type": "@id"} for name in sorted(objects - set(PREFIXES))}
    return terms


def compacted(quads: Iterable[Quad], terms: dict[str, object], address: str) -> bytes:
    """Quads as JSON-LD under a context that stands at ``address``: an object per graph, in it one per thing, a line each.

    The same quads give the same bytes.
    """
    graphs: dict[str, dict[str, dict[str, list[object]]]] = {}
    for quad in sorted(quads, key=str):
        thing = graphs.setdefault(quad.graph_name.value, {}).setdefault(quad.subject.value, {})
        if quad.predicate == RDF_TYPE:
            thing.setdefault("@type", []).append(_short(quad.object.value))
            continue
        name = quad.predicate.value.removeprefix(DEF)
        pointing = name in terms and isinstance(terms[name], dict)
        thing.setdefault(name if pointing else _short(quad.predicate.value), []).append(_value(quad.object, pointing))
    parts = []
    for graph, things in graphs.items():
        lines = ",\n".join(
            json.dumps(
                {"@id": _short(s), **{k: v[0] if len(v) == 1 else v for k, v in says.items()}}, ensure_ascii=False
            )
            for s, says in things.items()
        )
        parts.append(f'{{"@id": {json.dumps(_short(graph))}, "@graph": [\n{lines}\n]}}')
    body = ",\n".join(parts)
    return f'{{"@context": {json.dumps(address)}, "@graph": [\n{body}\n]}}\n'.encode()


def _short(address: str) -> str:
    """An address by its prefix, where it has one and the rest cannot be misread."""
    for space, prefix in _SPACES:
        if address.startswith(space) and not address.startswith(space + "//"):
            return f"{prefix}:{address[len(space) :]}"
    return address


def _value(term: Term, pointing: bool) -> object:
    if isinstance(term, NamedNode):
        return _short(term.value) if pointing else {"@id": _short(term.value)}
    if term.language:
        return {"@value": term.value, "@language": term.language}
    if term.datatype.value != _STRING:
        return {"@value": term.value, "@type": _short(term.datatype.value)}
    return {"@value": term.value} if pointing else term.value
