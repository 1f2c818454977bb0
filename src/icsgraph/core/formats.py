"""The formats of results and graphs, by the names people use and the media types machines use."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FORMATS", "Format", "choose", "named"]


@dataclass(frozen=True)
class Format:
    """A format: ``results`` for tables and truth values, otherwise for graphs."""

    name: str
    media_type: str
    results: bool
    also: tuple[str, ...] = ()


FORMATS = {
    f.name: f
    for f in (
        Format("json", "application/sparql-results+json", True, ("application/json",)),
        Format("xml", "application/sparql-results+xml", True, ("application/xml", "text/xml")),
        Format("csv", "text/csv", True),
        Format("tsv", "text/tab-separated-values", True),
        Format("ttl", "text/turtle", False, ("application/x-turtle",)),
        Format("nt", "application/n-triples", False, ("text/plain",)),
        Format("jsonld", "application/ld+json", False, ("application/json",)),
        Format("rdfxml", "application/rdf+xml", False, ("application/xml", "text/xml")),
    )
}


# What clients call formats besides their names and media types.
_CALLED = {
    "turtle": "ttl",
    "n3": "ttl",
    "ntriples": "nt",
    "n-triples": "nt",
    "json-ld": "jsonld",
    "rdf": "rdfxml",
    "rdf+xml": "rdfxml",
    "rdf/xml": "rdfxml",
}
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
    """The best of the offered media types for an Accept header, the first offered where all are equal; ``None`` if none fits.

    >>> choose("text/turtle;charset=utf-8, */*;q=0.1", ["application/n-triples", "text/turtle"])
    'text/turtle'
    """
    wanted = _accepted(accept) or [("*/*", 1.0)]
    best: tuple[float, int, str] | None = None
    for position, media in enumerate(offered):
        main = media.partition("/")[0]
        # The most precise range that matches decides, as RFC 9110 says.
        weights = [
            (2 if m == media else 1 if m == f"{main}/*" else 0, w)
            for m, w in wanted
            if m in (media, f"{main}/*", "*/*")
        ]
        if not weights:
            continue
        weight = max(weights)[1]
        if weight > 0 and (best is None or weight > best[0]):
            best = (weight, position, media)
    return best[2] if best else None
