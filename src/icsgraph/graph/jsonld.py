"""JSON-LD that people can read: short names from a context that is served beside it.

Source: https://www.w3.org/TR/json-ld11/ (compact IRIs, type coercion to ``@id``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from icsgraph.core.terms import DEF, PREFIXES, expand
from icsgraph.graph.rdf import RDF_TYPE, NamedNode, Quad, Term

__all__ = ["compacted", "context"]

_STRING = expand("xsd:string")
_NAMES = {space: prefix for prefix, space in PREFIXES.items()}
# The longest namespace that fits; the rest must not begin as an authority does.
_SPACE = re.compile(f"({'|'.join(re.escape(s) for s in sorted(_NAMES, key=len, reverse=True))})(?!//)")


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

    All stand in the order in which they come: ``ordered`` quads give the same bytes.
    """
    names = _Names()
    keys: dict[str, tuple[str, bool]] = {}
    for name, says in terms.items():
        if isinstance(says, dict):
            keys[DEF + name] = (name, True)
    type_ = RDF_TYPE.value
    graphs: dict[str, dict[str, dict[str, list[object]]]] = {}
    for quad in quads:
        thing = graphs.setdefault(quad.graph_name.value, {}).setdefault(quad.subject.value, {})
        predicate, value = quad.predicate.value, quad.object
        if predicate == type_:
            thing.setdefault("@type", []).append(names[value.value])
            continue
        key, pointing = keys.get(predicate) or (names[predicate], False)
        thing.setdefault(key, []).append(_value(value, pointing, names))
    encode = json.JSONEncoder(ensure_ascii=False).encode
    parts = []
    for graph, things in graphs.items():
        lines = ",\n".join(
            encode({"@id": names[s], **{k: v[0] if len(v) == 1 else v for k, v in says.items()}})
            for s, says in things.items()
        )
        parts.append(f'{{"@id": {json.dumps(names[graph])}, "@graph": [\n{lines}\n]}}')
    body = ",\n".join(parts)
    return f'{{"@context": {json.dumps(address)}, "@graph": [\n{body}\n]}}\n'.encode()


class _Names(dict[str, str]):
    """Addresses by their prefixes, where they have one and the rest cannot be misread; each is worked out once."""

    def __missing__(self, address: str) -> str:
        match = _SPACE.match(address)
        short = f"{_NAMES[match[1]]}:{address[match.end() :]}" if match else address
        self[address] = short
        return short


def _value(term: Term, pointing: bool, names: _Names) -> object:
    if isinstance(term, NamedNode):
        return names[term.value] if pointing else {"@id": names[term.value]}
    if term.language:
        return {"@value": term.value, "@language": term.language}
    datatype = term.datatype.value
    if datatype != _STRING:
        return {"@value": term.value, "@type": names[datatype]}
    return {"@value": term.value} if pointing else term.value
