"""What the dataset holds, counted: its classes and properties, and for each class which properties lead to what (VoID, nested).

Source: https://www.w3.org/TR/void/ (class and property partitions); what is within a property partition as endpoints of the
Swiss Institute of Bioinformatics describe theirs, from which assistants learn what can be asked: the classes, or the datatypes, of its values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from icsgraph.core.terms import BASE, DEF, GRAPH, PREFIXES, expand
from icsgraph.graph.rdf import Quad, iri, typed

__all__ = ["Census", "census", "partition_quads"]

_DATASET = BASE + "dataset"
# The extension of VoID for datatypes that those endpoints use.
_EXTENSION = "http://ldf.fi/void-ext#"
_TYPE, _SUBCLASS = (f"<{expand(name)}>" for name in ("rdf:type", "rdfs:subClassOf"))
_STRING, _LANGUAGE = (f"<{expand(name)}>" for name in ("xsd:string", "rdf:langString"))
_OURS = f"<{DEF}"
_SHORT = sorted(((space, prefix) for prefix, space in PREFIXES.items()), key=lambda p: -len(p[0]))
_Classes = tuple[str, ...]


class Census(NamedTuple):
    """How many things each class has, how many triples each property.

    ``uses`` counts the triples of a class and a property, by the narrowest classes of things; ``leads`` has the narrowest classes, or the
    datatypes, of what they lead to.
    """

    classes: Counter[str]
    properties: Counter[str]
    uses: Counter[tuple[str, str]]
    leads: dict[tuple[str, str], set[str]]


def census(lines: Iterable[str]) -> Census:
    """The census of lines of N-Quads; addresses stand in it as they do there, in angle brackets.

    >>> told = census([f"<x:a> {_TYPE} <x:C> <x:g> .", '<x:a> <x:p> "1"@en <x:g> .'])
    >>> told.classes["<x:C>"], told.properties["<x:p>"], told.uses
    (1, 1, Counter())
    """
    lines = list(lines)
    types: dict[str, list[str]] = {}
    wider: dict[str, set[str]] = {}
    for line in lines:
        if _TYPE in line or _SUBCLASS in line:
            subject, predicate, value, _ = line.split(" ", 3)
            if predicate == _TYPE:
                types.setdefault(subject, []).append(value)
            elif predicate == _SUBCLASS:
                wider.setdefault(subject, set()).add(value)
    known: dict[_Classes, _Classes] = {}
    narrow = {thing: _narrowest(tuple(sorted(of)), wider, known) for thing, of in types.items()}
    counted: Counter[tuple[_Classes, str, _Classes | str]] = Counter()
    nothing: _Classes = ()
    for line in lines:
        subject, predicate, rest = line.split(" ", 2)
        value = rest.rsplit(" ", 2)[0]
        ends = narrow.get(value, nothing) if value[0] == "<" else _datatype(value)
        counted[narrow.get(subject, nothing), predicate, ends] += 1
    told = Census(Counter(c for of in types.values() for c in of), Counter(), Counter(), {})
    for (of, predicate, ends), number in counted.items():
        told.properties[predicate] += number
        for one in of:
            told.uses[one, predicate] += number
            told.leads.setdefault((one, predicate), set()).update((ends,) if isinstance(ends, str) else ends)
    return told


def partition_quads(told: Census) -> list[Quad]:
    """The census as nested partitions of the dataset, in the graph of the catalogue; of our own classes, each under the narrowest."""
    graph = iri(GRAPH + "catalogue")
    quads: list[Quad] = []

    def say(subject: str, name: str, value: str | int) -> None:
        term = typed(str(value), "integer") if isinstance(value, int) else iri(value)
        predicate = iri(name if name.startswith(_EXTENSION) else expand("void:" + name))
        quads.append(Quad(iri(subject), predicate, term, graph))

    for name, number in sorted(told.classes.items()):
        if name.startswith(_OURS):
            say(_DATASET, "classPartition", _at(name))
            say(_at(name), "class", name[1:-1])
            say(_at(name), "entities", number)
    for (of, predicate), number in sorted(told.uses.items()):
        here = _at(of, predicate)
        say(_at(of), "propertyPartition", here)
        say(here, "property", predicate[1:-1])
        say(here, "triples", number)
        for end in sorted(told.leads[of, predicate]):
            there = _at(of, predicate, end)
            datatype = not end.startswith(_OURS)
            say(here, _EXTENSION + "datatypePartition" if datatype else "classPartition", there)
            say(there, _EXTENSION + "datatype" if datatype else "class", end[1:-1])
    return quads


def _narrowest(of: _Classes, wider: dict[str, set[str]], known: dict[_Classes, _Classes]) -> _Classes:
    """The classes of ours among some of which none is narrower among them."""
    if of not in known:
        ours = [c for c in of if c.startswith(_OURS)]
        above: set[str] = set()
        todo = [w for c in ours for w in wider.get(c, ())]
        while todo:
            one = todo.pop()
            if one not in above:
                above.add(one)
                todo += wider.get(one, ())
        known[of] = tuple(c for c in ours if c not in above)
    return known[of]


def _datatype(literal: str) -> str:
    """The datatype of a literal as N-Quads has it.

    >>> _datatype('"a"@en')[-12:], _datatype('"1"^^<x:n>'), _datatype('"a"') == _STRING
    ('#langString>', '<x:n>', True)
    """
    end = literal[literal.rindex('"') + 1 :]
    return _LANGUAGE if end.startswith("@") else end[2:] or _STRING


def _at(*parts: str) -> str:
    """The address of a partition.

    >>> _at(f"<{DEF}Body>", "<http://www.w3.org/2004/02/skos/core#altLabel>").rpartition("#")[2]
    'Body.skos-altLabel'
    """
    return f"{_DATASET}#{'.'.join(_short(part[1:-1]) for part in parts)}"


def _short(address: str) -> str:
    if address.startswith(DEF):
        return address.removeprefix(DEF)
    space, prefix = next(((s, p) for s, p in _SHORT if address.startswith(s)), ("", ""))
    return f"{prefix}-{address.removeprefix(space)}" if space else address.rpartition("/")[2].replace("#", "-")
