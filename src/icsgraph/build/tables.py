"""Tables to quads, as ``data/tables.toml`` says. Knows no table, body or law by name."""

from __future__ import annotations

import csv
import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from icsgraph.core.dates import day_after, parse_day
from icsgraph.core.errors import IcsgraphError, Problem, TableErrors
from icsgraph.core.terms import BASE, DEF, GRAPH, ID, PREFIXES, expand
from icsgraph.graph.rdf import RDF_TYPE, Literal, NamedNode, Quad, Term, iri, term_name, text, typed

__all__ = ["Loaded", "read_tables"]

TYPED = ("date", "last-day", "integer", "decimal", "boolean")
PLACE = re.compile(r"\{(?P<column>[a-z0-9_]+)(?P<split>[;|])?(?P<first>first)?(?::(?P<map>[a-z_]+))?\}")
PATTERNS = {
    "integer": re.compile(r"[+-]?\d+"),
    "decimal": re.compile(r"[+-]?\d+(\.\d+)?([eE]-?\d+)?"),
    "boolean": re.compile(r"true|false"),
}


@dataclass
class Loaded:
    """What reading the tables gave: the quads, the rows of each file, and the place each thing came from."""

    quads: list[Quad] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    subjects: dict[str, tuple[str, int]] = field(default_factory=dict)
    references: list[tuple[str, str, int, str]] = field(default_factory=list)


@dataclass(frozen=True)
class _Row:
    file: str
    number: int
    values: Mapping[str, str]


class _FaultError(Exception):
    def __init__(self, column: str, message: str, hint: str = "") -> None:
        self.column, self.message, self.hint = column, message, hint


@cache
def _places(template: str) -> tuple[tuple[tuple[str, str, str, bool, str], ...], str]:
    """The places of a template (text before it, column, separator, first only, map), and the text after the last."""
    places = []
    position = 0
    for match in PLACE.finditer(template):
        before = template[position : match.start()]
        places.append((before, match["column"], match["split"] or "", bool(match["first"]), match["map"] or ""))
        position = match.end()
    return tuple(places), template[position:]


def _fill(template: str, row: _Row, maps: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The template with its columns filled in: no value where one is empty, several where one is split."""
    results = [""]
    places, after = _places(template)
    for before, column, split, first, mapped in places:
        if column not in row.values:
            raise _FaultError(column, "the table has no such column.", "Mend tables.toml or the header.")
        value = row.values[column]
        values = [v.strip() for v in value.split(split)] if split else [value]
        values = [v for v in values if v]
        if first:
            values = values[:1]
        if mapped:
            table = maps[mapped]
            for one in values:
                if one not in table:
                    raise _FaultError(column, f"“{one}” is not a known value.", f"Use one of: {', '.join(table)}.")
            values = [table[v] for v in values]
        results = [r + before + v for r in results for v in values]
    return [r + after for r in results]


@cache
def _split_template(template: str) -> tuple[str, str]:
    """Template and suffix: ``"{x}@en"`` gives ``("{x}", "@en")``."""
    for kind in TYPED:
        if template.endswith("^" + kind):
            return template[: -len(kind) - 1], "^" + kind
    if template.endswith("@en"):
        return template[:-3], "@en"
    return template, ""


def _column_of(template: str) -> str:
    """The column to name in a fault: the last one, which tells things of one kind apart."""
    places, _ = _places(template)
    return places[-1][1] if places else ""


class _Reader:
    """Reads the tables one after the other and gathers all faults before it gives up."""

    def __init__(self, root: Path, codes: Mapping[str, Mapping[str, str]], known: set[str]) -> None:
        self.root = root
        self.codes = codes
        self.known = known
        self.loaded = Loaded()
        self.problems: list[Problem] = []

    def literal_or_reference(self, template: str, row: _Row, maps: Mapping[str, Mapping[str, str]]) -> Iterator[Term]:
        column = _column_of(template)
        body, suffix = _split_template(template)
        if body.startswith("<") and body.endswith(">"):
            for value in _fill(body[1:-1], row, maps):
                yield self.reference(value, column, row)
        elif body.startswith("&"):
            for value in _fill(body[1:], row, maps):
                yield self.typed_reference(value, column, row)
        elif (prefix := body.partition(":")[0]) in self.codes and "{" in body:
            for value in _fill(body[len(prefix) + 1 :], row, maps):
                yield iri(self.code(prefix, value, column))
        elif prefix == "ics" and "{" not in body:
            yield iri(self.declared(expand(body), column))
        else:
            for value in _fill(body, row, maps):
                yield self.typed_literal(value, suffix, column)

    def typed_literal(self, value: str, suffix: str, column: str) -> Term:
        if suffix == "@en":
            return text(value, "en")
        if not suffix:
            return text(value)
        kind = suffix[1:]
        if kind in ("date", "last-day"):
            try:
                parse_day(value)
            except IcsgraphError as error:
                raise _FaultError(column, error.message, error.hint) from None
            return typed(day_after(value) if kind == "last-day" else value, "date")
        if not PATTERNS[kind].fullmatch(value):
            raise _FaultError(column, f"“{value}” is not of the kind {kind}.", "Mend the value or leave it empty.")
        return typed(value, kind)

    def code(self, prefix: str, value: str, column: str) -> str:
        table = self.codes[prefix]
        if value not in table:
            raise _FaultError(column, f"“{value}” is not in the list.", f"Use one of: {', '.join(sorted(table))}.")
        return table[value]

    def declared(self, value: str, column: str) -> str:
        if value not in self.known:
            near = difflib.get_close_matches(value, self.known, 1)
            hint = f"Did you mean {near[0].removeprefix(DEF)}?" if near else "Declare it in ontology/ first."
            raise _FaultError(column, f"“{value.removeprefix(DEF)}” is not a term of the ontology.", hint)
        return value

    def reference(self, value: str, column: str, row: _Row) -> NamedNode:
        if value.startswith("id/"):
            target = BASE + value
            self.loaded.references.append((target, row.file, row.number, column))
            return iri(target)
        if not re.match(r"https?://[^\s<>\"{}|\\^`]+$", value):
            raise _FaultError(
                column, f"“{value}” is not a web address.", "Write it with http:// or https://, without spaces."
            )
        return iri(value)

    def typed_reference(self, value: str, column: str, row: _Row) -> NamedNode:
        kind, colon, key = value.partition(":")
        if not colon or not key:
            raise _FaultError(
                column, f"“{value}” is not a reference.", "Write kind:Name, body:CODE, function:id and the like."
            )
        if kind == "kind":
            return iri(self.declared(DEF + key, column))
        return self.reference(f"id/{kind}/{key}", column, row)

    def table(self, table: Mapping[str, Any]) -> None:
        paths = sorted((self.root / "data").glob(table["file"]))
        if not paths:
            raise IcsgraphError(
                f"data/{table['file']} is missing.", "Put the table back, or take its entry out of tables.toml."
            )
        for path in paths:
            self.file(path, table)

    def file(self, path: Path, table: Mapping[str, Any]) -> None:
        name = "data/" + path.relative_to(self.root / "data").as_posix()
        maps: Mapping[str, Mapping[str, str]] = table.get("map", {})
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle, strict=True)
            header = list(reader.fieldnames or [])
            self.header(name, header, table)
            count = 0
            for values in reader:
                count += 1
                number = reader.line_num
                if None in values or None in values.values():
                    self.problems.append(
                        Problem(
                            name, number, "", f"the row has not {len(header)} fields.", "Quote values that have commas."
                        )
                    )
                    continue
                row = _Row(name, number, {k: (v or "").strip() for k, v in values.items()})
                for node in table["node"]:
                    self.node(node, row, table, maps)
        self.loaded.rows[name] = count
        if "rows" in table and table["rows"] != count:
            self.problems.append(
                Problem(
                    name,
                    1,
                    "",
                    f"{count} rows found, {table['rows']} expected.",
                    "Mend the table, or the number in tables.toml if the change is meant.",
                )
            )

    def header(self, name: str, header: list[str], table: Mapping[str, Any]) -> None:
        used = set(table.get("ignore", {}))
        for node in table["node"]:
            templates = [node["iri"], node.get("a", "")]
            for value in node["set"].values():
                templates.extend([value] if isinstance(value, str) else value)
            for template in templates:
                used.update(m["column"] for m in PLACE.finditer(template))
            used.update(node.get("when", {}))
        optional = set(table.get("optional", ()))
        for column in header:
            if column not in used:
                near = difflib.get_close_matches(column, used, 1)
                hint = (
                    f"Did you mean {near[0]}?" if near else "Use it in tables.toml, or ignore it there with a reason."
                )
                self.problems.append(Problem(name, 1, column, "nothing says what this column is for.", hint))
        for column in sorted(used - set(header) - optional):
            self.problems.append(
                Problem(name, 1, column, "the column is missing.", "Put it back, even if it is empty.")
            )

    def node(
        self, node: Mapping[str, Any], row: _Row, table: Mapping[str, Any], maps: Mapping[str, Mapping[str, str]]
    ) -> None:
        for column, wanted in node.get("when", {}).items():
            value = row.values.get(column, "")
            if wanted == "+":
                if not value:
                    return
            elif value not in ([wanted] if isinstance(wanted, str) else wanted):
                return
        graph = iri(GRAPH + table["graph"])
        absent = set(table.get("optional", ())).difference(row.values)
        try:
            subject = self.subject(node, row, maps)
            for column in node.get("require", ()):
                if not row.values.get(column):
                    raise _FaultError(column, "the value is missing.", "Fill it in; without it the row cannot be used.")
        except _FaultError as fault:
            self.problems.append(Problem(row.file, row.number, fault.column, fault.message, fault.hint))
            return
        quads = self.loaded.quads
        if "source" in table and "a" in node:
            quads.append(Quad(subject, term_name("dcterms:source"), iri(f"{ID}source/{table['source']}"), graph))
        dates: dict[str, str] = {}
        entries = [("rdf:type", node["a"])] if "a" in node else []
        for name, value in node["set"].items():
            entries.extend((name, one) for one in ([value] if isinstance(value, str) else value))
        for name, template in entries:
            try:
                if name == "rdf:type":
                    for filled in _fill(template, row, maps):
                        kind = iri(self.declared(expand(filled), _column_of(template)))
                        quads.append(Quad(subject, RDF_TYPE, kind, graph))
                    continue
                predicate = iri(self.declared(expand(name), "")) if name.startswith("ics:") else term_name(name)
                if absent and any(column in absent for _, column, *_ in _places(template)[0]):
                    continue
                for term in self.literal_or_reference(template, row, maps):
                    quads.append(Quad(subject, predicate, term, graph))
                    if name in ("ics:validFrom", "ics:validTo") and isinstance(term, Literal):
                        dates[name] = term.value
            except _FaultError as fault:
                self.problems.append(Problem(row.file, row.number, fault.column, fault.message, fault.hint))
        if len(dates) == 2 and dates["ics:validFrom"] >= dates["ics:validTo"]:
            self.problems.append(
                Problem(
                    row.file,
                    row.number,
                    "",
                    f"the dates are reversed: from {dates['ics:validFrom']} to {dates['ics:validTo']}.",
                    "The end must be after the start.",
                )
            )

    def subject(self, node: Mapping[str, Any], row: _Row, maps: Mapping[str, Mapping[str, str]]) -> NamedNode:
        template = node["iri"]
        column = _column_of(template)
        filled = _fill(template, row, maps)
        if len(filled) != 1:
            empty = [m["column"] for m in PLACE.finditer(template) if not row.values.get(m["column"])]
            raise _FaultError((empty or [column])[0], "the key is missing.", "Give the row its code or id.")
        value = BASE + filled[0]
        if not re.match(r"[A-Za-z0-9._~:/#()-]+$", filled[0]):
            raise _FaultError(
                column,
                f"“{filled[0]}” cannot be part of an address.",
                "Use letters, digits, hyphens and full stops in codes and ids.",
            )
        if node.get("extends"):
            if "a" not in node:
                self.loaded.references.append((value, row.file, row.number, column))
            else:
                self.loaded.subjects.setdefault(value, (row.file, row.number))
        elif value in self.loaded.subjects:
            file, number = self.loaded.subjects[value]
            raise _FaultError(
                column, f"the id was used before, in {file}, row {number}.", "Ids are unique and never used again."
            )
        else:
            self.loaded.subjects[value] = (row.file, row.number)
        return iri(value)

    def check_references(self) -> None:
        near_pool: dict[str, list[str]] = {}
        for target, file, number, column in self.loaded.references:
            if target in self.loaded.subjects:
                continue
            kind = target.removeprefix(ID).partition("/")[0]
            pool = near_pool.setdefault(kind, [s for s in self.loaded.subjects if s.startswith(f"{ID}{kind}/")])
            near = difflib.get_close_matches(target, pool, 1, 0.8)
            hint = f"Did you mean {near[0].removeprefix(ID)}?" if near else "Add it to its table, or mend the code."
            self.problems.append(Problem(file, number, column, f"“{target.removeprefix(ID)}” does not exist.", hint))


def read_tables(root: Path, ontology: list[Quad]) -> Loaded:
    """Read every table that ``data/tables.toml`` names.

    ``root`` holds ``data``; ``ontology`` gives the declared terms and the closed lists. Raises ``TableErrors``
    with every fault found; nothing is left out in silence.
    """
    with (root / "data" / "tables.toml").open("rb") as handle:
        plan = tomllib.load(handle)
    known = {q.subject.value for q in ontology if isinstance(q.subject, NamedNode)}
    kinds: dict[str, set[str]] = {}
    identifiers: dict[str, str] = {}
    for quad in ontology:
        if quad.predicate == RDF_TYPE:
            kinds.setdefault(quad.object.value, set()).add(quad.subject.value)
        elif quad.predicate == term_name("dcterms:identifier"):
            identifiers[quad.subject.value] = quad.object.value
    # A closed list of the ontology says itself by which word tables name its members.
    codes = {
        quad.object.value: {identifiers[s]: s for s in kinds.get(quad.subject.value, ()) if s in identifiers}
        for quad in ontology
        if quad.predicate == term_name("ics:codedAs")
    }
    assert not set(codes) & set(PREFIXES), "a list of codes has the name of a prefix"
    reader = _Reader(root, codes, known)
    for table in plan["table"]:
        reader.table(table)
    reader.check_references()
    if reader.problems:
        raise TableErrors(sorted(reader.problems, key=lambda p: (p.file, p.row, p.column)))
    return reader.loaded
