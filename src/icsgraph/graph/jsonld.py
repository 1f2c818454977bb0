"""JSON-LD that people can read: short names from a context that stands in the file, and is served by itself too.

Source: https://www.w3.org/TR/json-ld11/ (compact IRIs, type coercion to ``@id``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import cast

from icsgraph.core.terms import DEF, PREFIXES, expand
from icsgraph.graph.rdf import RDF_TYPE, Literal, Quad

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


def compacted(lines: Mapping[str, Quad], terms: dict[str, object]) -> bytes:
    """``ordered`` quads as JSON-LD with its context at its head: an object per graph, in it one per thing, a line each.

    All stand in the order in which they come, so that the same quads give the same bytes. Addresses are taken from the lines, which is
    much quicker than to ask each quad for its parts.
    """
    names = _Names()
    keys = {f"<{DEF}{name}>": name for name, says in terms.items() if isinstance(says, dict)}
    type_ = f"<{RDF_TYPE.value}>"
    graphs: dict[str, dict[str, dict[str, list[object]]]] = {}
    for line, quad in lines.items():
        subject, predicate, rest = line.split(" ", 2)
        value, graph, _ = rest.rsplit(" ", 2)
        thing = graphs.setdefault(graph, {}).setdefault(subject, {})
        if predicate == type_:
            thing.setdefault("@type", []).append(names[value])
            continue
        pointing = keys.get(predicate)
        told = thing.setdefault(pointing or names[predicate], [])
        if value[0] == "<":
            told.append(names[value] if pointing else {"@id": names[value]})
        else:
            told.append(_literal(cast(Literal, quad.object), pointing is not None, names))
    encode = json.JSONEncoder(ensure_ascii=False).encode
    parts = []
    for graph, things in graphs.items():
        each = ",\n".join(
            encode({"@id": names[s], **{k: v[0] if len(v) == 1 else v for k, v in says.items()}})
            for s, says in things.items()
        )
        parts.append(f'{{"@id": {json.dumps(names[graph])}, "@graph": [\n{each}\n]}}')
    body = ",\n".join(parts)
    return f'{{"@context": {json.dumps(terms)}, "@graph": [\n{body}\n]}}\n'.encode()


class _Names(dict[str, str]):
    """Addresses as lines have them, ``<https://example.org/a>``, by their prefixes, where they have one and the rest cannot be misread."""

    def __missing__(self, written: str) -> str:
        address = written[1:-1]
        match = _SPACE.match(address)
        short = f"{_NAMES[match[1]]}:{address[match.end() :]}" if match else address
        self[written] = short
        return short


def _literal(term: Literal, pointing: bool, names: _Names) -> object:
    if term.language:
        return {"@value": term.value, "@language": term.language}
    datatype = term.datatype.value
    if datatype != _STRING:
        return {"@value": term.value, "@type": names[f"<{datatype}>"]}
    return {"@value": term.value} if pointing else term.value
