"""The registry of formats of results and graphs: the names people use, the media types machines use, the ends of file names.

What the engine writes and reads in each stands in ``graph.rdf``, found by the media type. Clients' headers are read here and not
with Werkzeug, which takes a media type with parameters for another one.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FORMATS", "READ", "Format", "choose", "named"]


@dataclass(frozen=True, kw_only=True)
class Format:
    """A format: ``results`` for tables and truth values, otherwise for graphs.

    ``also`` are other media types it is asked by, ``called`` other names. ``endings`` are those of its files, the usual one
    first; ``word`` is what a reader of a message calls it.
    """

    name: str
    media_type: str
    results: bool = False
    also: tuple[str, ...] = ()
    called: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    word: str = ""


# What a query can be answered in, the first of each sort given to who accepts anything.
FORMATS = {
    f.name: f
    for f in (
        Format(name="json", media_type="application/sparql-results+json", results=True, also=("application/json",)),
        Format(
            name="xml",
            media_type="application/sparql-results+xml",
            results=True,
            also=("application/xml", "text/xml"),
        ),
        Format(name="csv", media_type="text/csv", results=True),
        Format(name="tsv", media_type="text/tab-separated-values", results=True),
        Format(
            name="ttl",
            media_type="text/turtle",
            # Turtle is a part of N3.
            also=("application/x-turtle", "text/n3", "text/rdf+n3"),
            called=("turtle", "n3"),
            endings=(".ttl",),
            word="turtle",
        ),
        Format(
            name="nt",
            media_type="application/n-triples",
            also=("text/plain",),
            called=("ntriples", "n-triples"),
            endings=(".nt",),
            word="ntriples",
        ),
        Format(
            name="jsonld",
            media_type="application/ld+json",
            also=("application/json",),
            called=("json-ld",),
            endings=(".jsonld", ".json"),
            word="jsonld",
        ),
        Format(
            name="rdfxml",
            media_type="application/rdf+xml",
            also=("application/xml", "text/xml"),
            called=("rdf", "rdf+xml", "rdf/xml"),
            endings=(".rdf", ".xml"),
            word="rdfxml",
        ),
        # Formats of several graphs in one file hold one as well.
        Format(
            name="nq",
            media_type="application/n-quads",
            also=("text/x-nquads",),
            called=("nquads", "n-quads"),
            endings=(".nq",),
            word="nquads",
        ),
        Format(
            name="trig", media_type="application/trig", also=("application/x-trig",), endings=(".trig",), word="trig"
        ),
    )
}
# What is read: the formats of graphs.
READ = tuple(FORMATS[name] for name in ("ttl", "nt", "nq", "trig", "rdfxml", "jsonld"))
_CALLED = {word: f.name for f in FORMATS.values() for word in f.called}
# A name that means one format for tables means another for graphs.
_ALSO = {"json": "jsonld", "xml": "rdfxml"}


def named(name: str) -> tuple[str | None, str | None]:
    """The formats for a table and for a graph that a name means: ours, another's, or a media type; ``None`` where there is none.

    >>> named("xml"), named("turtle"), named("text/csv"), named("docx")
    (('xml', 'rdfxml'), (None, 'ttl'), ('csv', None), (None, None))
    """
    wanted = name.strip().lower()
    wanted = _CALLED.get(wanted, wanted)
    if wanted in FORMATS:
        return (wanted, _ALSO.get(wanted)) if FORMATS[wanted].results else (None, wanted)
    found: list[str | None] = [
        next((f.name for f in FORMATS.values() if f.results == table and wanted in (f.media_type, *f.also)), None)
        for table in (True, False)
    ]
    return found[0], found[1]


def _accepted(accept: str) -> list[tuple[str, float]]:
    """The media types of an Accept header with their weights; parameters other than ``q`` do not matter."""
    found = []
    for part in accept.split(","):
        media, *parameters = (p.strip() for p in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip().lower() == "q":
                try:
                    weight = float(value)
                except ValueError:
                    weight = 0.0
        if media:
            found.append((media.lower(), weight))
    return found


def choose(accept: str, offered: list[str]) -> str | None:
    """The best of the offered media types for an Accept header; ``None`` if none fits.

    Of equal weights a type named outright goes before a range, and of those named the first: RFC 9110 leaves that to us, and
    clients mean the type that they name. Of those that one range admits it is the first offered.

    >>> choose("text/turtle;charset=utf-8, */*;q=0.1", ["application/n-triples", "text/turtle"])
    'text/turtle'
    >>> choose("application/json, text/plain, */*", ["text/html", "application/json"])
    'application/json'
    """
    wanted = _accepted(accept) or [("*/*", 1.0)]
    best: tuple[tuple[float, int, int, int], str] | None = None
    for position, media in enumerate(offered):
        main = media.partition("/")[0]
        # The most precise range that matches decides, as RFC 9110 says.
        fitting = [
            (2 if m == media else 1 if m == f"{main}/*" else 0, w, -named)
            for named, (m, w) in enumerate(wanted)
            if m in (media, f"{main}/*", "*/*")
        ]
        if not fitting:
            continue
        precise, weight, named = max(fitting)
        rank = (weight, precise, named, -position)
        if weight > 0 and (best is None or rank > best[0]):
            best = (rank, media)
    return best[1] if best else None
