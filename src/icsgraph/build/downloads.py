"""Files to take away: the graphs as Turtle, the whole as JSON-LD, tables as CSV with their CSVW metadata, and checksums."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from icsgraph.core.errors import IcsgraphError
from icsgraph.core.header import parse_header
from icsgraph.core.safecsv import harmless
from icsgraph.core.sparql import projection
from icsgraph.core.terms import GRAPH, rebased
from icsgraph.graph.jsonld import compacted, context
from icsgraph.graph.rdf import RDF_TYPE, Quad, Triple, turtle
from icsgraph.graph.store import Store

__all__ = ["CHECKSUMS", "FOLDER", "Table", "partitions", "read_tables", "write_downloads"]

FOLDER = "downloads"
CHECKSUMS = "SHA256SUMS"
CONTEXT = "context.jsonld"
_COLUMN = re.compile(r"(?P<name>\w+) = (?P<words>.+?)(?: \((?P<type>anyURI|date|integer)\))?")
LICENCE = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"


class Table(NamedTuple):
    """A table to take away: its name, what it is, its columns (name, words, datatype), and its query."""

    name: str
    label: str
    columns: tuple[tuple[str, str, str], ...]
    query: str


def read_tables(root: Path) -> list[Table]:
    """The tables of ``queries/publish``; raises ``IcsgraphError`` where columns and query do not fit."""
    tables = []
    for path in sorted((root / "queries" / "publish").glob("*.rq")):
        content = rebased(path.read_text(encoding="utf-8"))
        head = parse_header(content, path.name, {"label", "columns"}, {"label", "columns"})
        columns = []
        for part in head["columns"].split(";"):
            match = _COLUMN.fullmatch(part.strip())
            if not match:
                raise IcsgraphError(
                    f"{path.name}: “{part.strip()}” is not a column.", "Write name = words, or name = words (date)."
                )
            columns.append((match["name"], match["words"], match["type"] or "string"))
        if tuple(c[0] for c in columns) != projection(content).names:
            raise IcsgraphError(
                f"{path.name}: the columns named are not those of the query.", "Name them in its order."
            )
        tables.append(Table(path.stem, head["label"], tuple(columns), content))
    return tables


def partitions(quads: list[Quad]) -> dict[str, dict[str, int]]:
    """How many things of each class, and how many triples of each property, the dataset holds."""
    type_ = RDF_TYPE.value
    used = [quad.predicate.value for quad in quads]
    classes = Counter(quad.object.value for quad, name in zip(quads, used, strict=True) if name == type_)
    return {"classes": dict(sorted(classes.items())), "properties": dict(sorted(Counter(used).items()))}


def write_downloads(
    root: Path, quads: list[Quad], store: Store, written: Path, dataset: Path, progress: Callable[[str], None]
) -> list[dict[str, object]]:
    """Write all files to ``downloads`` beside the dataset and list them: path, media type, what of, bytes, SHA-256.

    ``quads`` are ``ordered``, so that the same give the same bytes; ``store`` holds them. The dataset itself is listed as the first; it is
    ``written`` and will lie at ``dataset``.
    """
    out = dataset.parent / FOLDER
    for folder in ("graphs", "tables"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    found = [_listed(written, dataset.name, "application/n-quads", "")]

    def add(name: str, content: bytes, media: str, of: str) -> None:
        (out / name).write_bytes(content)
        found.append(_listed(out / name, name, media, of))

    progress("writing the graphs to take away")
    graphs: dict[str, list[Triple]] = {}
    for quad in quads:
        graphs.setdefault(quad.graph_name.value, []).append(quad.triple)
    for address, triples in sorted(graphs.items()):
        name = address.removeprefix(GRAPH)
        add(f"graphs/{name}.ttl", turtle(triples, sort=False), "text/turtle", f"graph/{name}")
    terms = context(quads)
    add("icsgraph.jsonld", compacted(quads, terms, CONTEXT), "application/ld+json", "")
    words = json.dumps({"@context": terms}, indent=2) + "\n"
    add(CONTEXT, words.encode(), "application/ld+json", "context")
    progress("writing the tables to take away")
    for table in read_tables(root):
        path = out / "tables" / f"{table.name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\r\n")
            writer.writerow([name for name, _, _ in table.columns])
            for row in store.select(table.query):
                writer.writerow([harmless(row[c].value) if c in row else "" for c, _, _ in table.columns])
        found.append(_listed(path, f"tables/{table.name}.csv", "text/csv", f"table/{table.name}"))
        metadata = json.dumps(_csvw(table), indent=2, ensure_ascii=False) + "\n"
        add(f"tables/{table.name}.csv-metadata.json", metadata.encode(), "application/csvm+json", f"table/{table.name}")
    sums = "".join(f"{f['sha256']}  {f['path']}\n" for f in found)
    (out / CHECKSUMS).write_text(sums, encoding="utf-8")
    return found


def _csvw(table: Table) -> dict[str, object]:
    """What the columns of a table are, as CSVW metadata (https://www.w3.org/TR/tabular-metadata/)."""
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": f"{table.name}.csv",
        "dc:title": table.label,
        "dc:license": {"@id": LICENCE},
        "dialect": {"header": True, "encoding": "utf-8", "lineTerminators": ["\r\n", "\n"]},
        "tableSchema": {
            "columns": [
                {"name": name, "titles": name, "dc:description": words, "datatype": datatype}
                for name, words, datatype in table.columns
            ]
        },
    }


def _listed(path: Path, name: str, media: str, of: str) -> dict[str, object]:
    content = path.read_bytes()
    return {
        "path": name,
        "media": media,
        "of": of,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
