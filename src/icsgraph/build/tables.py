"""Tables to quads, as ``data/tables.toml`` says. Knows no table, body or law by name."""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from icsgraph.build.counts import recorded_counts
from icsgraph.build.plan import Form, NodePlan, TablePlan, Template, read_plan
from icsgraph.core.dates import day_after, parse_day
from icsgraph.core.errors import IcsgraphError, Problem, TableErrors
from icsgraph.core.terms import BASE, DEF, GRAPH, ID, PREFIXES, expand
from icsgraph.graph.rdf import RDF_TYPE, Literal, NamedNode, Quad, Term, iri, term_name, text, typed

__all__ = ["Loaded", "read_tables"]

# What a value of a type must look like: "12", "-3"; "0.5", "1e-3"; "true".
PATTERNS = {
    "integer": re.compile(r"[+-]?\d+"),
    "decimal": re.compile(r"[+-]?\d+(\.\d+)?([eE]-?\d+)?"),
    "boolean": re.compile(r"true|false"),
}
# "https://www.example.org/a?b=c".
_WEB = re.compile(r"https?://[^\s<>\"{}|\\^`]+$")
# "id/duty/triple-aim".
_ADDRESS = re.compile(r"[A-Za-z0-9._~:/#()-]+$")


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


def _fill(template: Template, row: _Row, maps: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The template with its columns filled in: no value where one is empty, several where one is split."""
    results = [""]
    for before, column, split, first, mapped in template.places:
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
    return [r + template.after for r in results]


class _Reader:
    """Reads the tables one after the other and gathers all faults before it gives up."""

    def __init__(self, root: Path, codes: Mapping[str, Mapping[str, str]], known: set[str]) -> None:
        self.root = root
        self.codes = codes
        self.known = known
        self.loaded = Loaded()
        self.counts = recorded_counts(root)
        self.problems: list[Problem] = []
        self.terms_of_ours: dict[str, NamedNode] = {}

    def terms(self, template: Template, row: _Row, maps: Mapping[str, Mapping[str, str]]) -> Iterator[Term]:
        """What a template makes of a row: none where a column is empty, several where one is split."""
        column = template.column
        if template.form is Form.TERM:
            yield self.term(template.written, column)
            return
        for value in _fill(template, row, maps):
            if template.form is Form.REFERENCE:
                yield self.reference(value, column, row)
            elif template.form is Form.TYPED_REFERENCE:
                yield self.typed_reference(value, column, row)
            elif template.form is Form.CODE:
                yield iri(self.code(template.prefix, value, column))
            else:
                yield self.typed_literal(value, template.type, column)

    def typed_literal(self, value: str, kind: str, column: str) -> Term:
        if kind in ("", "en"):
            return text(value, kind) if kind else text(value)
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

    def term(self, name: str, column: str) -> NamedNode:
        """The term for a prefixed name that stands in the plan or in a cell; one of ours must be declared."""
        found = self.terms_of_ours.get(name)
        if found is None:
            found = self.terms_of_ours[name] = iri(self.declared(expand(name), column))
        return found

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
        if not _WEB.match(value):
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

    def table(self, table: TablePlan) -> None:
        paths = sorted((self.root / "data").glob(table.file))
        if not paths:
            raise IcsgraphError(
                f"data/{table.file} is missing.", "Put the table back, or take its entry out of tables.toml."
            )
        for path in paths:
            self.file(path, table)

    def file(self, path: Path, table: TablePlan) -> None:
        name = "data/" + path.relative_to(self.root / "data").as_posix()
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
                            file=name,
                            row=number,
                            column="",
                            message=f"the row has not {len(header)} fields.",
                            hint="Quote values that have commas.",
                        )
                    )
                    continue
                row = _Row(name, number, {k: (v or "").strip() for k, v in values.items()})
                for node in table.nodes:
                    self.node(node, row, table)
        self.loaded.rows[name] = count
        if count < self.counts.get(name, 0):
            self.problems.append(
                Problem(
                    file=name,
                    row=1,
                    column="",
                    message=f"{count} rows found, {self.counts[name]} recorded.",
                    hint="Put the rows back, or run icsgraph build --fewer if they are meant to go.",
                )
            )

    def header(self, name: str, header: list[str], table: TablePlan) -> None:
        used = table.columns
        for column in header:
            if column not in used:
                near = difflib.get_close_matches(column, used, 1)
                hint = (
                    f"Did you mean {near[0]}?" if near else "Use it in tables.toml, or ignore it there with a reason."
                )
                self.problems.append(
                    Problem(file=name, row=1, column=column, message="nothing says what this column is for.", hint=hint)
                )
        for column in sorted(used - set(header) - table.optional):
            self.problems.append(
                Problem(
                    file=name,
                    row=1,
                    column=column,
                    message="the column is missing.",
                    hint="Put it back, even if it is empty.",
                )
            )

    def node(self, node: NodePlan, row: _Row, table: TablePlan) -> None:  # noqa: C901
        for column, wanted in node.when.items():
            value = row.values.get(column, "")
            if not value if wanted is None else value not in wanted:
                return
        graph = iri(GRAPH + table.graph)
        absent = [column for column in table.optional if column not in row.values]
        try:
            subject = self.subject(node, row, table.maps)
            for column in node.require:
                if not row.values.get(column):
                    raise _FaultError(column, "the value is missing.", "Fill it in; without it the row cannot be used.")
        except _FaultError as fault:
            self.problems.append(
                Problem(file=row.file, row=row.number, column=fault.column, message=fault.message, hint=fault.hint)
            )
            return
        quads = self.loaded.quads
        if table.source and node.kind:
            quads.append(Quad(subject, term_name("dcterms:source"), iri(f"{ID}source/{table.source}"), graph))
        dates: dict[str, str] = {}
        for name, template in node.values:
            try:
                if name == "rdf:type":
                    for filled in _fill(template, row, table.maps):
                        quads.append(Quad(subject, RDF_TYPE, self.term(filled, template.column), graph))
                    continue
                predicate = self.term(name, "") if name.startswith("ics:") else term_name(name)
                if any(column in template.columns for column in absent):
                    continue
                for term in self.terms(template, row, table.maps):
                    quads.append(Quad(subject, predicate, term, graph))
                    if name in ("ics:validFrom", "ics:validTo") and isinstance(term, Literal):
                        dates[name] = term.value
            except _FaultError as fault:
                self.problems.append(
                    Problem(file=row.file, row=row.number, column=fault.column, message=fault.message, hint=fault.hint)
                )
        if len(dates) == 2 and dates["ics:validFrom"] >= dates["ics:validTo"]:
            self.problems.append(
                Problem(
                    file=row.file,
                    row=row.number,
                    column="",
                    message=f"the dates are reversed: from {dates['ics:validFrom']} to {dates['ics:validTo']}.",
                    hint="The end must be after the start.",
                )
            )

    def subject(self, node: NodePlan, row: _Row, maps: Mapping[str, Mapping[str, str]]) -> NamedNode:
        column = node.address.column
        filled = _fill(node.address, row, maps)
        if len(filled) != 1:
            empty = [one for one in node.address.columns if not row.values.get(one)]
            raise _FaultError((empty or [column])[0], "the key is missing.", "Give the row its code or id.")
        value = BASE + filled[0]
        if not _ADDRESS.match(filled[0]):
            raise _FaultError(
                column,
                f"“{filled[0]}” cannot be part of an address.",
                "Use letters, digits, hyphens and full stops in codes and ids.",
            )
        if node.extends:
            if not node.kind:
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
            self.problems.append(
                Problem(
                    file=file,
                    row=number,
                    column=column,
                    message=f"“{target.removeprefix(ID)}” does not exist.",
                    hint=hint,
                )
            )


def read_tables(root: Path, ontology: list[Quad]) -> Loaded:
    """Read every table that ``data/tables.toml`` names.

    ``root`` holds ``data``; ``ontology`` gives the declared terms and the closed lists. Raises ``TableErrors``
    with every fault found; nothing is left out in silence.
    """
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
    for table in read_plan(root, codes):
        reader.table(table)
    reader.check_references()
    if reader.problems:
        raise TableErrors(sorted(reader.problems, key=lambda p: (p.file, p.row, p.column)))
    return reader.loaded
