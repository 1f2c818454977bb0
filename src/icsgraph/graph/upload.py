"""RDF of strangers: read within bounds, never fetched, never executed."""

from __future__ import annotations

import json
import re
from xml.parsers.expat import ExpatError, ParserCreate

import pyoxigraph as ox

from icsgraph.core.errors import IcsgraphError
from icsgraph.core.formats import READ
from icsgraph.graph.rdf import RDF_TYPE, Triple

__all__ = ["MAX_BYTES", "SUFFIXES", "read_upload", "sniff"]

# One system's description has some 300 kB; this leaves room for a country's.
MAX_BYTES = 20_000_000
MAX_TRIPLES = 400_000
MAX_DEPTH = 100

_BOM = b"\xef\xbb\xbf"
# Addresses that this product makes for things without one.
_RESERVED = re.compile(r"urn:x-(?:said|unnamed|report|word):", re.IGNORECASE)
# Files that people have at hand and that hold no RDF: their suffixes, and how they begin.
_OTHER = {".csv": "table", ".tsv": "table", ".xlsx": "workbook", ".docx": "text", ".pdf": "page", ".html": "page"}
_OTHER_HEADS = re.compile(rb"PK\x03\x04|%PDF|<!doctype html|<html", re.IGNORECASE)
# Its own words for the place, which are said before.
_PARSER_PLACE = re.compile(r"^Parser error at .*?: ")

_FORMATS = {f.word: ox.RdfFormat.from_media_type(f.media_type) for f in READ}
# What the end of a file's name says of it: .ttl is turtle.
SUFFIXES = {ending: f.word for f in READ for ending in f.endings}


def sniff(content: bytes) -> str:
    """The RDF format that content seems to have."""
    head = content.removeprefix(_BOM).lstrip()[:200]
    if head.startswith((b"{", b"[")):
        # A Turtle file may begin with a nameless node in square brackets, a JSON one with brackets around braces.
        return "jsonld" if head.startswith(b"{") or re.match(rb"\[\s*[{\]]", head) else "turtle"
    return "rdfxml" if head.startswith((b"<?xml", b"<rdf:RDF")) else "turtle"


def _depth(content: bytes) -> int:
    """How deep brackets nest, strings not told apart: an upper bound that costs little."""
    depth = deepest = 0
    for byte in re.findall(rb"[\[\](){}]", content):
        depth = depth + 1 if byte in b"[({" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest


def _element_depth(content: bytes, most: int) -> bool:
    """Whether XML nests elements deeper than ``most``; where it is no XML, the parser of RDF says so."""
    depth = 0

    def begin(name: str, attributes: object) -> None:
        nonlocal depth
        depth += 1
        if depth > most:
            raise _TooDeep

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1

    parser = ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    try:
        parser.Parse(content, True)
    except _TooDeep:
        return True
    except ExpatError:
        return False
    return False


class _TooDeep(Exception):
    """The XML nests too deep."""


def _remote_context(value: object) -> bool:
    """Whether JSON-LD asks for a context of another address anywhere."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "@context":
                contexts = inner if isinstance(inner, list) else [inner]
                if any(isinstance(c, str) for c in contexts) or any(
                    isinstance(c, dict) and "@import" in c for c in contexts
                ):
                    return True
            if _remote_context(inner):
                return True
    return isinstance(value, list) and any(_remote_context(v) for v in value)


def _kind(content: bytes, name: str, kind: str) -> str:
    """The format of a file that is no larger than may be; raises ``IcsgraphError`` for none that is read."""
    if len(content) > MAX_BYTES:
        raise IcsgraphError(
            f"{name} has {len(content) // 1_000_000} MB; {MAX_BYTES // 1_000_000} MB are read at most.",
            "Describe one system at a time.",
        )
    if not content.strip():
        raise IcsgraphError(f"{name} is empty.", "Give a description in Turtle or another RDF format.")
    suffix = "." + name.rpartition(".")[2].lower()
    if suffix in _OTHER or _OTHER_HEADS.match(content.lstrip()[:20]):
        raise IcsgraphError(
            f"{name} is no RDF{f', but a {_OTHER[suffix]}' if suffix in _OTHER else ''}.",
            "Turtle, RDF/XML, JSON-LD, TriG, N-Triples and N-Quads are read.",
        )
    kind = kind or SUFFIXES.get(suffix, "") or sniff(content)
    if kind not in _FORMATS:
        raise IcsgraphError(f"{kind} is not a format that is read.", f"Use one of: {', '.join(_FORMATS)}.")
    return kind


def _check_within_bounds(content: bytes, name: str, kind: str) -> None:
    """Raise ``IcsgraphError`` for what costs a parser more than it should, or makes it fetch something."""
    if _depth(content) > MAX_DEPTH:
        raise IcsgraphError(
            f"{name} nests brackets more than {MAX_DEPTH} deep.", "Give things names instead of nesting."
        )
    if kind == "rdfxml" and re.search(rb"<!(DOCTYPE|ENTITY)", content, re.IGNORECASE):
        raise IcsgraphError(f"{name} declares entities, which are not read here.", "Write it without a DOCTYPE.")
    # Far below this many levels the parser's work grows with the square of the depth.
    if kind == "rdfxml" and _element_depth(content, MAX_DEPTH):
        raise IcsgraphError(
            f"{name} nests elements more than {MAX_DEPTH} deep.", "Give things names instead of nesting."
        )
    if kind == "jsonld":
        try:
            document = json.loads(content)
        except (ValueError, RecursionError) as error:
            place = f", line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
            raise IcsgraphError(f"{name}{place}: this is no JSON.", "Mend the file.") from None
        if _remote_context(document):
            raise IcsgraphError(
                f"{name} asks for a JSON-LD context of another address, which is never fetched.",
                "Put the context into the file.",
            )


def _check_quad(quad: ox.Quad, name: str) -> None:
    """Raise ``IcsgraphError`` for a statement of a form that is not read here."""
    if any(isinstance(t, ox.Triple) for t in (quad.subject, quad.object)):
        raise IcsgraphError(f"{name} has statements about statements, which are not read here.", "Leave them out.")
    if quad.predicate == RDF_TYPE and isinstance(quad.object, ox.Literal):
        raise IcsgraphError(
            f"{name} gives {quad.subject} the kind “{_shortened(quad.object.value)}”, which is a text and no kind.",
            "Write a kind of the ontology, such as ics:IntegratedCareBoard.",
        )
    if isinstance(quad.object, ox.Literal) and quad.object.direction:
        raise IcsgraphError(
            f"{name} has the text “{_shortened(quad.object.value)}” with a direction of writing, which is not read here.",
            "Leave the direction out; the language may stay.",
        )


def read_upload(content: bytes, name: str, kind: str = "") -> list[Triple]:
    """The triples of a stranger's file, without blank nodes: those get addresses under ``urn:x-unnamed:``.

    ``name`` is what messages call it and tells the format by its suffix; ``kind`` names the format where known, else it is
    guessed. Raises ``IcsgraphError`` with line and column where the parser gives them, and for anything out of bounds.
    """
    content = content.removeprefix(_BOM)
    kind = _kind(content, name, kind)
    _check_within_bounds(content, name, kind)
    found: list[Triple] = []
    nameless: dict[str, str] = {}
    try:
        for quad in ox.parse(content, format=_FORMATS[kind], base_iri="urn:x-description:"):
            _check_quad(quad, name)
            taken = [t for t in quad if isinstance(t, ox.NamedNode) and _RESERVED.match(t.value)]
            if taken:
                raise IcsgraphError(
                    f"{name} uses the address {taken[0]}, which is kept for things without a name.",
                    "Give it an address of your own.",
                )
            subject, predicate, value = (_named(t, nameless) for t in (quad.subject, quad.predicate, quad.object))
            found.append(Triple(subject, predicate, value))  # type: ignore[arg-type]
            if len(found) > MAX_TRIPLES:
                raise IcsgraphError(
                    f"{name} makes more than {MAX_TRIPLES} statements.", "Describe one system at a time."
                )
    except SyntaxError as error:
        place = f", line {error.lineno}" + (f", column {error.offset}" if error.offset else "") if error.lineno else ""
        raise IcsgraphError(
            f"{name}{place}: {_shortened(_PARSER_PLACE.sub('', error.msg))}.",
            f"It was read as {kind}; mend it, or name the format.",
        ) from None
    return found


# What the parser calls blank nodes that have no label in the file: a number of 128 bits, of which few have many noughts in front.
_PARSERS_LABEL = re.compile(r"[0-9a-f]{20,32}")


def _shortened(message: str) -> str:
    """What a parser says, without the long text that it may quote."""
    return message if len(message) <= 300 else f"{message[:300]} …"


def _named(term: object, nameless: dict[str, str]) -> object:
    """A term with an address in place of a blank node: its own label, or its number in the order of the file where it has none.

    The parser's labels for what has none are new at each call; an answer is to be the same.
    """
    if not isinstance(term, ox.BlankNode):
        return term
    if not _PARSERS_LABEL.fullmatch(term.value):
        return ox.NamedNode(f"urn:x-unnamed:{term.value}")
    return ox.NamedNode(f"urn:x-unnamed:{nameless.setdefault(term.value, f'.{len(nameless) + 1:06}')}")
