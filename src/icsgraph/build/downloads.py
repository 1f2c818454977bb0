"""Files to take away: the graphs as Turtle, the whole as JSON-LD, tables as CSV with their CSVW metadata, and checksums."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from icsgraph.core.errors import IcsgraphError
from icsgraph.core.header import parse_header
from icsgraph.core.safecsv import harmless
from icsgraph.core.sparql import projection
from icsgraph.core.terms import GRAPH, expand, rebased
from icsgraph.graph.jsonld import compacted, context
from icsgraph.graph.rdf import Quad, Triple, read_turtle, term_name, turtle
from icsgraph.graph.store import Row, Store

__all__ = ["CHECKSUMS", "FOLDER", "Table", "dangling", "read_tables", "write_downloads"]

FOLDER = "downloads"
CHECKSUMS = "SHA256SUMS"
CONTEXT = "context.jsonld"
# "to = First day on which it no longer holds (date)"; "bearer = Who bears it (anyURI, several)": joined by SEPARATOR.
_COLUMN = re.compile(
    r"(?P<name>\w+) = (?P<words>.+?)(?: \((?P<type>anyURI|date|decimal|integer|string)(?P<several>, several)?\))?"
)
SEPARATOR = "; "
_CONTEXT = ["http://www.w3.org/ns/csvw", {"@language": "en"}]
LICENCE = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"


class Column(NamedTuple):
    """A column: its name, what it holds in words, the XSD datatype of a value, and whether a cell may hold several."""

    name: str
    words: str
    datatype: str
    several: bool


class Table(NamedTuple):
    """A table to take away: its name, what it is, its columns, and its query.

    ``about`` is the column that holds the address of what a row tells of, ``properties`` are those that columns stand for, by name,
    and ``refers`` the table and column in which each value of a column stands once.
    """

    name: str
    label: str
    columns: tuple[Column, ...]
    query: str
    about: str = ""
    properties: dict[str, str] = {}  # noqa: RUF012
    refers: dict[str, tuple[str, str]] = {}  # noqa: RUF012


def read_tables(root: Path) -> list[Table]:
    """The tables of ``queries/publish``; raises ``IcsgraphError`` where columns and query do not fit."""
    tables = []
    for path in sorted((root / "queries" / "publish").glob("*.rq")):
        content = rebased(path.read_text(encoding="utf-8"))
        head = parse_header(
            content, path.name, {"label", "columns", "about", "properties", "refers"}, {"label", "columns"}
        )
        columns = []
        for part in head["columns"].split(";"):
            match = _COLUMN.fullmatch(part.strip())
            if not match:
                raise IcsgraphError(
                    f"{path.name}: “{part.strip()}” is not a column.", "Write name = words, or name = words (date)."
                )
            columns.append(
                Column(match["name"], match["words"], match["type"] or "string", match["several"] is not None)
            )
        if tuple(c.name for c in columns) != projection(content).names:
            raise IcsgraphError(
                f"{path.name}: the columns named are not those of the query.", "Name them in its order."
            )
        properties = {name: expand(value) for name, value in _pairs(head.get("properties", ""))}
        refers = {name: (to.partition(".")[0], to.partition(".")[2]) for name, to in _pairs(head.get("refers", ""))}
        about = head.get("about", "")
        if unknown := ({*properties, *refers, about} - {""}) - {c.name for c in columns}:
            raise IcsgraphError(
                f"{path.name}: {', '.join(sorted(unknown))} is no column.", "Name columns of the table."
            )
        tables.append(Table(path.stem, head["label"], tuple(columns), content, about, properties, refers))
    return tables


def _pairs(words: str) -> list[tuple[str, str]]:
    """What a line of a header says of its columns.

    >>> _pairs("name = rdfs:label; from = ics:validFrom")
    [('name', 'rdfs:label'), ('from', 'ics:validFrom')]
    """
    parts = [p.partition("=") for p in words.split(";") if p.strip()]
    return [(name.strip(), value.strip()) for name, _, value in parts]


def dangling(tables: list[Table], cells: Mapping[str, Mapping[str, list[str]]]) -> list[str]:
    """Where a table does not refer to another as it says; ``cells`` are those of each column of each table.

    A reference is right where each value, unless empty, stands in exactly one row of the column that it refers to.
    """
    found = []
    for table in tables:
        for column, (other, key) in table.refers.items():
            there = Counter(cells.get(other, {}).get(key, []))
            wrong = sorted({value for value in cells[table.name][column] if value and there[value] != 1})
            if wrong:
                found.append(f"{table.name}.{column} → {other}.{key}: {', '.join(wrong[:3])} ({len(wrong)} in all)")
    return found


def write_downloads(
    root: Path, lines: Mapping[str, Quad], store: Store, dataset: Path, progress: Callable[[str], None]
) -> list[dict[str, object]]:
    """Write all files to ``downloads`` beside the dataset and list them: path, media type, what of, bytes, SHA-256.

    ``lines`` are those of ``ordered`` quads, so that the same give the same bytes; ``store`` holds their triples. The dataset itself
    is listed as the first.
    """
    out = dataset.parent / FOLDER
    for folder in ("graphs", "tables"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    found = [_listed(dataset, dataset.name, "application/n-quads", "")]

    def add(name: str, content: bytes, media: str, of: str, label: str = "") -> None:
        (out / name).write_bytes(content)
        found.append(_listed(out / name, name, media, of) | ({"label": label} if label else {}))

    progress("writing the graphs to take away")
    graphs: dict[str, list[Triple]] = {}
    for line, quad in lines.items():
        graphs.setdefault(line.rsplit(" ", 2)[1], []).append(quad.triple)
    for address, triples in sorted(graphs.items()):
        name = address[1:-1].removeprefix(GRAPH)
        add(f"graphs/{name}.ttl", turtle(triples, sort=False), "text/turtle", f"graph/{name}")
    terms = context(lines.values())
    add("icsgraph.jsonld", compacted(lines, terms), "application/ld+json", "")
    words = json.dumps({"@context": terms}, indent=2) + "\n"
    add(CONTEXT, words.encode(), "application/ld+json", "context")
    progress("writing the alignments and views to take away")
    for folder in ("align", "views"):
        (out / folder).mkdir(exist_ok=True)
    for path in sorted((root / "ontology" / "align").glob("*.ttl")):
        content = rebased(path.read_text(encoding="utf-8"))
        label = next(t.object.value for t in read_turtle(path) if t.predicate == term_name("rdfs:label"))
        add(f"align/{path.name}", content.encode(), "text/turtle", f"def/align/{path.stem}", label)
    for path in sorted((root / "queries" / "view").glob("*.rq")):
        content = rebased(path.read_text(encoding="utf-8"))
        label = parse_header(content, path.name, {"label"}, {"label"})["label"]
        add(f"views/{path.stem}.ttl", turtle(store.construct(content)), "text/turtle", f"dataset#{path.stem}", label)
    progress("writing the tables to take away")
    tables, cells, schemas = read_tables(root), {}, []
    for table in tables:
        path = out / "tables" / f"{table.name}.csv"
        rows = store.select(table.query)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\r\n")
            writer.writerow([column.name for column in table.columns])
            writer.writerows([_cell(column, row) for column in table.columns] for row in rows)
        meant = {*table.refers, *(key for t in tables for other, key in t.refers.values() if other == table.name)}
        cells[table.name] = {c.name: [_cell(c, row) for row in rows] for c in table.columns if c.name in meant}
        keyed = bool(table.about) and len({row[table.about] for row in rows}) == len(rows)
        found.append(_listed(path, f"tables/{table.name}.csv", "text/csv", f"table/{table.name}"))
        schemas.append(_csvw(table, keyed))
        add(
            f"tables/{table.name}.csv-metadata.json", _json(schemas[-1]), "application/csvm+json", f"table/{table.name}"
        )
    if wrong := dangling(tables, cells):
        raise IcsgraphError(
            f"A table refers to what is not there once: {'; '.join(wrong)}.", "See “refers” of its query."
        )
    add("tables/csv-metadata.json", _json(_group(tables, schemas)), "application/csvm+json", "tables")
    sums = "".join(f"{f['sha256']}  {f['path']}\n" for f in found)
    (out / CHECKSUMS).write_text(sums, encoding="utf-8")
    return found


def _cell(column: Column, row: Row) -> str:
    """The cell of a row; several values are sorted, since a query joins them in no order."""
    value = row[column.name].value if column.name in row else ""
    return harmless(SEPARATOR.join(sorted(value.split(SEPARATOR))) if column.several else value)


def _csvw(table: Table, keyed: bool) -> dict[str, Any]:
    """What the columns of a table are, as CSVW metadata (https://www.w3.org/TR/tabular-metadata/); ``keyed`` where each row is of another thing."""
    return {
        "@context": _CONTEXT,
        "url": f"{table.name}.csv",
        "dc:title": table.label,
        "dc:license": {"@id": LICENCE},
        "dialect": {"header": True, "encoding": "utf-8", "lineTerminators": ["\r\n", "\n"]},
        "tableSchema": ({"aboutUrl": f"{{+{table.about}}}"} if table.about else {})
        | ({"primaryKey": table.about} if keyed else {})
        | {
            "columns": [
                {"name": c.name, "titles": c.name, "dc:description": c.words, "datatype": c.datatype}
                | ({"separator": SEPARATOR} if c.several else {})
                | ({"propertyUrl": table.properties[c.name]} if c.name in table.properties else {})
                for c in table.columns
            ]
        },
    }


def _group(tables: list[Table], schemas: list[dict[str, Any]]) -> dict[str, Any]:
    """All tables as one CSVW group with their foreign keys, which may only lead to a table of the same group."""
    found = []
    for table, schema in zip(tables, schemas, strict=True):
        keys = [
            {"columnReference": column, "reference": {"resource": f"{other}.csv", "columnReference": key}}
            for column, (other, key) in table.refers.items()
        ]
        inner = schema["tableSchema"] | ({"foreignKeys": keys} if keys else {})
        found.append({k: v for k, v in schema.items() if k != "@context"} | {"tableSchema": inner})
    return {"@context": _CONTEXT, "dc:license": {"@id": LICENCE}, "tables": found}


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def _listed(path: Path, name: str, media: str, of: str) -> dict[str, object]:
    content = path.read_bytes()
    return {
        "path": name,
        "media": media,
        "of": of,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
