"""The plan of the tables, ``data/tables.toml``, read once into types. Refuses what it does not know, with the nearest name.

The file's own head says what each key and each template means; this module only checks that nothing else is written.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

from icsgraph.core.errors import IcsgraphError, Problem, TableErrors

__all__ = ["PLAN", "Form", "NodePlan", "Place", "TablePlan", "Template", "read_plan"]

PLAN = "data/tables.toml"
# Types that a template may end with, as in "{commenced}^date".
TYPES = ("date", "last-day", "integer", "decimal", "boolean")
# Matches "{id}", "{names;}" (split), "{codes|first}" (the first of several), "{kind:kinds}" (looked up in a map).
_PLACE = re.compile(r"\{(?P<column>[a-z0-9_]+)(?P<split>[;|])?(?P<first>first)?(?::(?P<map>[a-z_]+))?\}")

_TOP = {"table": list}
_TABLE: Mapping[str, type] = {
    "file": str,
    "graph": str,
    "source": str,
    "ignore": dict,
    "optional": list,
    "map": dict,
    "node": list,
}
_NODE: Mapping[str, type] = {"iri": str, "a": str, "when": dict, "require": list, "extends": bool, "set": dict}


class Form(Enum):
    """What a template makes of a value."""

    REFERENCE = "<…>"
    TYPED_REFERENCE = "&…"
    CODE = "list:…"
    TERM = "ics:…"
    LITERAL = "…"


class Place(NamedTuple):
    """Where a column's value goes in a template: the text before it, the column, and how the value is read."""

    before: str
    column: str
    split: str
    first: bool
    map: str


@dataclass(frozen=True, kw_only=True)
class Template:
    """A template taken apart.

    ``"id/body/{code}"`` has one place, ``before="id/body/"``, ``column="code"``, and nothing ``after`` it. ``type`` is
    the ending, such as ``date`` or ``en``; ``prefix`` the list of codes that ``Form.CODE`` looks values up in.
    """

    written: str
    form: Form
    places: tuple[Place, ...]
    after: str
    type: str = ""
    prefix: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns whose values it takes, in order."""
        return tuple(place.column for place in self.places)

    @property
    def column(self) -> str:
        """The column to name in a fault: the last one, which tells things of one kind apart."""
        return self.places[-1].column if self.places else ""


@dataclass(frozen=True, kw_only=True)
class NodePlan:
    """One thing that a row describes. ``when`` maps a column to the values that it must have, ``None`` for any at all."""

    address: Template
    kind: Template | None
    when: Mapping[str, tuple[str, ...] | None]
    require: tuple[str, ...]
    extends: bool
    values: tuple[tuple[str, Template], ...]

    @property
    def columns(self) -> set[str]:
        """Every column that the thing is made from."""
        templates = [self.address, *(template for _, template in self.values)]
        return {column for template in templates for column in template.columns} | set(self.when)


@dataclass(frozen=True, kw_only=True)
class TablePlan:
    """How the rows of a file, or of all files of a pattern, become statements. ``ignore`` gives a column its reason."""

    file: str
    graph: str
    source: str
    ignore: Mapping[str, str]
    optional: frozenset[str]
    maps: Mapping[str, Mapping[str, str]]
    nodes: tuple[NodePlan, ...]

    @property
    def columns(self) -> set[str]:
        """Every column that is used, or ignored with a reason."""
        return set(self.ignore).union(*(node.columns for node in self.nodes))


def _take_apart(written: str) -> tuple[tuple[Place, ...], str]:
    """Places and the text after the last: ``"x/{a}/{b;}."`` gives places for ``a`` and ``b``, then ``"."``."""
    places = []
    position = 0
    for match in _PLACE.finditer(written):
        before = written[position : match.start()]
        places.append(Place(before, match["column"], match["split"] or "", bool(match["first"]), match["map"] or ""))
        position = match.end()
    return tuple(places), written[position:]


def _plain(written: str) -> Template:
    places, after = _take_apart(written)
    return Template(written=written, form=Form.LITERAL, places=places, after=after)


def _template(written: str, lists: Iterable[str]) -> Template:
    """``"<id/body/{x}>"`` is a reference to ``id/body/{x}``; ``"{x}@en"`` text in English; ``"{x}^date"`` a date."""
    body, type_ = written, ""
    if written.endswith("@en"):
        body, type_ = written[:-3], "en"
    else:
        for name in TYPES:
            if written.endswith("^" + name):
                body, type_ = written[: -len(name) - 1], name
    form, prefix = Form.LITERAL, ""
    start = body.partition(":")[0]
    if body.startswith("<") and body.endswith(">"):
        form, body = Form.REFERENCE, body[1:-1]
    elif body.startswith("&"):
        form, body = Form.TYPED_REFERENCE, body[1:]
    elif start in lists and "{" in body:
        form, prefix, body = Form.CODE, start, body[len(start) + 1 :]
    elif start == "ics" and "{" not in body:
        form = Form.TERM
    places, after = _take_apart(body)
    return Template(written=written, form=form, places=places, after=after, type=type_, prefix=prefix)


class _Plan:
    """Reads the plan and gathers every fault before it gives up."""

    def __init__(self, lists: Iterable[str]) -> None:
        self.lists = set(lists)
        self.problems: list[Problem] = []

    def fault(self, message: str, hint: str) -> None:
        self.problems.append(Problem(file=PLAN, row=0, column="", message=message, hint=hint))

    def keys(self, entry: Mapping[str, Any], known: Mapping[str, type], needed: Iterable[str], where: str) -> None:
        """Hold an entry's keys against those it may and must have."""
        for key, value in entry.items():
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                hint = f"Did you mean {near[0]}?" if near else f"Use one of: {', '.join(known)}."
                self.fault(f"{where}: “{key}” is not a key of a plan.", hint)
            elif not isinstance(value, known[key]):
                self.fault(f"{where}: {key} is written in another form.", "See the head of the file.")
        for key in needed:
            if key not in entry:
                self.fault(f"{where}: {key} is missing.", "See the head of the file.")

    def table(self, entry: Mapping[str, Any]) -> TablePlan | None:
        where = f"the entry of {entry.get('file', 'a table without a file')}"
        before = len(self.problems)
        self.keys(entry, _TABLE, ("file", "graph", "node"), where)
        if len(self.problems) > before:
            return None
        nodes = [self.node(node, f"{where}, thing {number}") for number, node in enumerate(entry["node"], 1)]
        plan = TablePlan(
            file=entry["file"],
            graph=entry["graph"],
            source=entry.get("source", ""),
            ignore=entry.get("ignore", {}),
            optional=frozenset(entry.get("optional", ())),
            maps=entry.get("map", {}),
            nodes=tuple(node for node in nodes if node),
        )
        for node in plan.nodes:
            self.names(plan, node, where)
        return plan

    def names(self, plan: TablePlan, node: NodePlan, where: str) -> None:
        """Hold maps and required columns that a thing names against what the table has."""
        for template in (node.address, *(template for _, template in node.values)):
            for name in sorted({place.map for place in template.places} - {""} - set(plan.maps)):
                self.fault(f"{where}: {template.written} names the map {name}, which is not there.", "Add the map.")
        for column in sorted(set(node.require) - plan.columns):
            near = difflib.get_close_matches(column, plan.columns, 1)
            hint = f"Did you mean {near[0]}?" if near else "Name a column that is used or ignored."
            self.fault(f"{where}: {column} is required, and the plan has no such column.", hint)

    def node(self, entry: Mapping[str, Any], where: str) -> NodePlan | None:
        before = len(self.problems)
        self.keys(entry, _NODE, ("iri", "set"), where)
        if len(self.problems) > before:
            return None
        kind = _plain(entry["a"]) if "a" in entry else None
        values = [("rdf:type", kind)] if kind else []
        for name, written in entry["set"].items():
            for one in [written] if isinstance(written, str) else written:
                values.append((name, _plain(one) if name == "rdf:type" else _template(one, self.lists)))
        return NodePlan(
            address=_plain(entry["iri"]),
            kind=kind,
            when={
                column: None if wanted == "+" else (wanted,) if isinstance(wanted, str) else tuple(wanted)
                for column, wanted in entry.get("when", {}).items()
            },
            require=tuple(entry.get("require", ())),
            extends=entry.get("extends", False),
            values=tuple(values),
        )


def read_plan(root: Path, lists: Iterable[str]) -> tuple[TablePlan, ...]:
    """The plan of every table, in the order of the file.

    ``root`` holds ``data``; ``lists`` are the words by which templates name closed lists of the ontology, as in
    ``"relation:{relation}"``. Raises ``TableErrors`` with every key, map or required column that is not known, and
    ``IcsgraphError`` where the file is not TOML.
    """
    try:
        entries = tomllib.loads((root / PLAN).read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise IcsgraphError(f"{PLAN} cannot be read: {error}.", "Mend what stands there.") from None
    plan = _Plan(lists)
    plan.keys(entries, _TOP, ("table",), "the file")
    tables = [plan.table(entry) for entry in entries.get("table", ())]
    if plan.problems:
        raise TableErrors(plan.problems)
    return tuple(table for table in tables if table)
