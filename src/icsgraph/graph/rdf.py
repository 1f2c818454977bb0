"""RDF terms as the rest of the product uses them, and reading and writing of files without blank nodes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pyoxigraph as ox
from pyoxigraph import Literal, NamedNode

from icsgraph.core.errors import IcsgraphError
from icsgraph.core.formats import FORMATS as NAMED
from icsgraph.core.terms import BASE, PREFIXES, expand, rebased

__all__ = [
    "FORMATS",
    "RDF_TYPE",
    "Literal",
    "NamedNode",
    "Quad",
    "Term",
    "Triple",
    "date",
    "format_iri",
    "iri",
    "ordered",
    "read_turtle",
    "rewritten",
    "term_name",
    "text",
    "text_of",
    "turtle",
    "typed",
    "write_nquads",
]

Term = NamedNode | Literal
# The engine's formats of graphs, by the names of core.formats.
FORMATS = {
    f.name: cast(ox.RdfFormat, ox.RdfFormat.from_media_type(f.media_type)) for f in NAMED.values() if not f.results
}

if TYPE_CHECKING:
    # What the dataset holds has a name: no blank nodes, no triples as terms, no default graph. The types say so.

    class Triple:
        """Subject, predicate and object."""

        def __init__(self, subject: NamedNode, predicate: NamedNode, object: Term) -> None: ...

        subject: NamedNode
        predicate: NamedNode
        object: Term

    class Quad:
        """A triple in a named graph."""

        def __init__(self, subject: NamedNode, predicate: NamedNode, object: Term, graph_name: NamedNode) -> None: ...

        subject: NamedNode
        predicate: NamedNode
        object: Term
        graph_name: NamedNode
        triple: Triple
else:
    from pyoxigraph import Quad, Triple

RDF_TYPE = NamedNode(expand("rdf:type"))
_XSD = expand("xsd:")
_DATE = NamedNode(_XSD + "date")


def format_iri(name: str) -> str:
    """The address that W3C gives a format of ``core.formats``, such as ``http://www.w3.org/ns/formats/Turtle``."""
    form = NAMED[name]
    kind = ox.QueryResultsFormat if form.results else ox.RdfFormat
    known = kind.from_media_type(form.media_type)
    assert known is not None
    # The engine has another for JSON-LD, which is not in W3C's list.
    return known.iri.replace("https://www.w3.org/ns/formats/data/", "http://www.w3.org/ns/formats/")


def iri(value: str) -> NamedNode:
    """The term for an absolute IRI; raises ``ValueError`` where it is not one."""
    return NamedNode(value)


@cache
def term_name(name: str) -> NamedNode:
    """The term for a prefixed name such as ``ics:bearer``."""
    return NamedNode(expand(name))


def text(value: str, language: str = "") -> Literal:
    """A string, or a text in a language."""
    return Literal(value, language=language) if language else Literal(value)


def typed(value: str, datatype: str) -> Literal:
    """A literal of an XSD datatype given by its local name."""
    return Literal(value, datatype=NamedNode(_XSD + datatype))


def date(value: str) -> Literal:
    """A day as ``xsd:date``."""
    return Literal(value, datatype=_DATE)


def turtle(triples: Iterable[Triple], form: str = "ttl", sort: bool = True) -> bytes:
    """Triples as Turtle, or as another format of ``FORMATS``; in an order that does not change.

    Without ``sort`` they are written in the order in which they come, which is for triples of ``ordered`` quads.
    """
    told = sorted(set(triples), key=str) if sort else triples
    return ox.serialize(cast("Iterable[ox.Triple]", told), format=FORMATS[form], prefixes=PREFIXES) or b""


def rewritten(turtle: str, form: str, base: str) -> bytes:
    """Turtle of our own as another format of ``core.formats``, with addresses relative to ``base``."""
    quads = list(ox.parse(turtle, format=ox.RdfFormat.TURTLE, base_iri=base))
    return ox.serialize([q.triple for q in quads], format=FORMATS[form], prefixes=PREFIXES) or b""


def read_turtle(path: Path) -> Iterator[Triple]:
    """The triples of a Turtle file; blank nodes and faults of syntax are errors that name the file and line."""
    try:
        content = rebased(path.read_text(encoding="utf-8"))
        for quad in ox.parse(content, format=ox.RdfFormat.TURTLE, base_iri=BASE):
            if isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode):
                raise IcsgraphError(f"{path.name} has a node without a name.", "Give every node an IRI.")
            yield cast(Triple, quad.triple)
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        raise IcsgraphError(f"{path.name}{line}: {error.msg}", "Mend the Turtle and build again.") from None


def text_of(literal: str) -> str:
    """The text of a literal as N-Triples write it, with or without the full stop of its line.

    >>> backslash = chr(92)
    >>> text_of(str(text(f"C:{backslash}new", "en")) + " .") == f"C:{backslash}new"
    True
    """
    inner = literal.rstrip(" .").rpartition('"')[0][1:]
    if "\\" not in inner:
        return inner
    (triple,) = ox.parse(f'<urn:x:a> <urn:x:b> "{inner}" .', format=ox.RdfFormat.N_TRIPLES)
    return str(triple.object.value)


def ordered(quads: Iterable[Quad]) -> dict[str, Quad]:
    """The quads by their lines of N-Quads, each once and sorted: an order that does not change.

    The same quads give the same lines in any order and under any hash seed. A blank node is an error.
    """
    given = list(quads)
    written = ox.serialize(cast("Iterable[ox.Quad]", given), format=ox.RdfFormat.N_QUADS) or b""
    # One line for each quad, in its order: line ends within texts are escaped.
    found = dict(zip(written.decode().split("\n"), given, strict=False))
    lines = sorted(found)
    for line in lines:
        # The line of a node without a name has these two characters, as a text may have.
        if "_:" in line and any(isinstance(node, ox.BlankNode) for node in (found[line].subject, found[line].object)):
            raise IcsgraphError(f"A node without a name would be published: {line}", "Give it an IRI.")
    return {line: found[line] for line in lines}


def write_nquads(lines: Iterable[str], path: Path) -> None:
    """Write the lines of ``ordered`` quads as N-Quads."""
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.writelines(f"{line}\n" for line in lines)
