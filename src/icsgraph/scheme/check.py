"""A workbook to its graph and to a report whose findings stand at its cells: one call each."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from icsgraph.ask.catalogue import Catalogue
from icsgraph.ask.desk import Desk
from icsgraph.ask.names import Names
from icsgraph.check.ruleset import read_rules
from icsgraph.check.validator import Places, Validator
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.report import SEVERITIES, Finding, Report
from icsgraph.core.terms import DEF, DEFAULT_SCENARIO, expand
from icsgraph.graph.rdf import Triple, iri, typed
from icsgraph.graph.store import Store
from icsgraph.graph.upload import read_upload
from icsgraph.scheme.grids import MAX_ROWS, Grid
from icsgraph.scheme.layout import read_layout
from icsgraph.scheme.marking import mark
from icsgraph.scheme.opening import is_workbook, open_folder, open_workbook
from icsgraph.scheme.publish import Publisher
from icsgraph.scheme.ranks import ranks_of
from icsgraph.scheme.reading import read_rows
from icsgraph.scheme.refusals import refusal
from icsgraph.scheme.remarks import Remark
from icsgraph.scheme.triples import Workbook, to_triples

__all__ = ["Checker", "check_workbook", "open_path", "read_workbook"]

Progress = Callable[[str], None]
_NO_LISTS = Remark(
    "",
    "No list of posts or of committees was given, so names of holders could not be compared with one.",
    "List them on the sheets Posts and Committees.",
    lost=False,
)
# What is checked before anything that anybody sends.
_FIRST = (
    (f"<urn:x:a> a <{DEF}IntegratedCareBoard> .".encode(), "first.ttl"),
    (b"Reference,Decision,Delegated to post\n1,Approve,Chief Executive (up to \xc2\xa31m)\n", "Decisions.csv"),
)
# How many more places of one fault are written out.
_PLACES = 12


def _quiet(message: str) -> None:
    """Show nothing."""


class Checker:
    """Checks what is handed in: a workbook of a scheme, or a description in RDF as ``validator`` does.

    ``names`` gives the record's names, which only workbooks need, ``publisher`` what makes documents of a scheme.
    """

    def __init__(
        self,
        validator: Validator,
        names: Callable[[], Names],
        publisher: Callable[[], Publisher] | None = None,
        most_rows: int = MAX_ROWS,
    ) -> None:
        self._most_rows = most_rows
        self._validator = validator
        self._names = lru_cache(maxsize=1)(names)
        self._publisher = lru_cache(maxsize=1)(publisher) if publisher else None
        self.scenarios = validator.scenarios

    @classmethod
    def open(cls, root: Path, dataset: Path, reference: Path, most_rows: int = MAX_ROWS) -> Checker:
        """The checker over the content in ``root`` and the files of a build; of a workbook it takes so many rows at most."""
        desk = lru_cache(maxsize=1)(lambda: Desk(Store.open(dataset), Catalogue.read(root)))
        return cls(Validator(root, reference), lambda: desk().names, lambda: Publisher(desk(), root), most_rows)

    def prepare(self) -> Checker:
        """This checker with all read that checks need, so that processes forked from this one begin with it."""
        self._names()
        if self._publisher:
            self._publisher()
        # What is read on first use, such as the rules of today and the grammar of cells, is read by using it.
        for content, name in _FIRST:
            with contextlib.suppress(IcsgraphError):
                self.check(content, name)
        return self

    def check(
        self,
        content: bytes,
        name: str,
        scenario: str = DEFAULT_SCENARIO,
        as_at: str = "",
        engine: str = "shifty",
        kind: str = "",
        files: bool = False,
    ) -> Report:
        """The report on bytes of a workbook or of RDF of a ``kind``; raises ``IcsgraphError`` for what cannot be read.

        With ``files`` the report on a workbook carries its marked copy, and the documents that can be made of it.
        """
        if kind or not is_workbook(content, name):
            return self._validator.check(content, name, scenario, as_at, engine, kind)
        grids = open_workbook(content, name)
        if (rows := sum(len(g.rows) for g in grids)) > self._most_rows:
            raise refusal("too-many-rows-here", name, rows=rows, most=self._most_rows)
        book = read_workbook(grids, self._validator.root, self._names(), as_at)
        report = check_workbook(book, name, self._validator, scenario, as_at, engine)
        if not files:
            return report
        made = {"marked.xlsx": mark(content, grids, report, book)}
        return replace(report, files=made | self._documents(book, report))

    def portable(self, scenario: str = DEFAULT_SCENARIO, as_at: str = "") -> bytes:
        """The rules of a scenario on a day for other engines, as one ZIP; raises ``IcsgraphError`` as ``Validator.portable``."""
        return self._validator.portable(scenario, as_at)

    def _documents(self, book: Workbook, report: Report) -> dict[str, bytes]:
        """The documents of a scheme by the names of their files; none where it is no scheme of which any can be made."""
        if not self._publisher:
            return {}
        publisher = self._publisher()
        try:
            return publisher.every_file(book.triples, dt.date.fromisoformat(report.as_at))
        except IcsgraphError as error:
            report.notices.append(f"No documents were made: {error.message} {error.hint}")
            return {}

    def check_grids(
        self,
        grids: list[Grid],
        name: str,
        scenario: str = DEFAULT_SCENARIO,
        as_at: str = "",
        engine: str = "shifty",
        progress: Progress = _quiet,
    ) -> Report:
        """The report on the sheets of a workbook."""
        book = read_workbook(grids, self._validator.root, self._names(), as_at, progress)
        return check_workbook(book, name, self._validator, scenario, as_at, engine, progress)


def open_path(path: Path) -> list[Grid]:
    """The sheets of a workbook, of a CSV file, or of a folder or zip of CSV files; raises ``IcsgraphError`` as they do."""
    try:
        return open_folder(path) if path.is_dir() else open_workbook(path.read_bytes(), path.name)
    except OSError as error:
        raise IcsgraphError(
            f"{path} cannot be read: {error.strerror}.", "Give the path of a file that exists."
        ) from None


def read_workbook(
    grids: list[Grid], root: Path, names: Names, as_at: str = "", progress: Progress = _quiet
) -> Workbook:
    """The graph of a workbook's sheets. ``root`` holds ``ontology``; ``names`` are the record's; bodies are those of a day.

    What could not be read stands in its remarks. Raises ``IcsgraphError`` where there is nothing to read.
    """
    carried = next((g for g in grids if g.carried), None)
    if carried:
        triples = read_upload(carried.carried, f"{carried.name}.ttl")
        return Workbook(triples=triples, remarks=[*carried.said])
    layout = read_layout(root)
    rows, remarks, guesses = read_rows(grids, layout)
    progress(f"reading {len(rows)} rows of {len(grids)} sheets")
    book = to_triples(rows, remarks, layout, names, as_at or dt.date.today().isoformat())
    book.guesses = guesses
    return book


def check_workbook(
    book: Workbook,
    name: str,
    validator: Validator,
    scenario: str = DEFAULT_SCENARIO,
    as_at: str = "",
    engine: str = "shifty",
    progress: Progress = _quiet,
) -> Report:
    """The report on a workbook: breaches of rules and what could not be read, each at its cell."""
    progress(f"checking {len(book.triples)} statements")
    places = Places(cells=book.cells, called=_called(book))
    # What only the check needs: how senior holders are, and of which lines something is missing here and not in the scheme.
    partly = [Triple(iri(line), iri(DEF + "partlyRead"), typed("true", "boolean")) for line in sorted(book.partly_read)]
    partly += [Triple(iri(line), iri(DEF + "numberedApart"), typed("true", "boolean")) for line in sorted(book.apart)]
    examined = [*book.triples, *ranks_of(book.triples, validator.root), *partly]
    report = validator.examine(examined, name, scenario, as_at, engine, places=places)
    marked = {
        name: {r.id for r in read_rules(validator.root) if any(t.predicate.value == DEF + name for t in r.triples)}
        for name in ("oncePerValue", "oncePerLine")
    }
    once = marked["oncePerValue"]
    lines = {t.subject.value: t.object.value for t in book.triples if t.predicate.value == DEF + "underLine"}
    # What the day set aside has no finding; what was not read has one, so that no clean report hides it.
    unlisted = _without_lists(book)
    known = [f for f in report.findings if not (f.rule in once and f.value in unlisted)]
    remarks = [*book.remarks, *([_NO_LISTS] if len(known) < len(report.findings) else [])]
    findings = [*(_finding(r) for r in remarks), *_together(known, once, marked["oncePerLine"], lines)]
    return replace(report, findings=sorted(findings, key=_in_order), notices=[_what_was_read(book), *report.notices])


def _without_lists(book: Workbook) -> set[str]:
    """Holders that are only named, of the sorts of which the workbook lists none at all: none of them is a slip."""
    kinds: dict[str, set[str]] = {}
    named: set[str] = set()
    for triple in book.triples:
        if triple.predicate.value == expand("rdf:type"):
            kinds.setdefault(triple.subject.value, set()).add(triple.object.value.removeprefix(DEF))
        elif triple.predicate.value == DEF + "onlyNamed":
            named.add(triple.subject.value)
    listed = set().union(*(k for a, k in kinds.items() if a not in named)) if kinds else set()
    none = {"LocalPost", "Committee"} - listed
    return {a for a in named if kinds.get(a, set()) & none or none == {"LocalPost", "Committee"}}


def _in_order(finding: Finding) -> tuple[object, ...]:
    """The order in which a lead mends: the gravest first, what was not read before what follows from it, each rule together."""
    sheet, _, cell = finding.cell.rpartition("!")
    column, row = re.fullmatch(r"([A-Z]*)(\d*)", cell).groups() if re.fullmatch(r"[A-Z]*\d*", cell) else ("", "")  # type: ignore[union-attr]
    first = {"unread": 0, "reading": 2}.get(finding.rule, 1)
    return (
        SEVERITIES.index(finding.severity),
        first,
        finding.rule,
        sheet,
        int(row or 0),
        len(column),
        column,
        finding.value,
    )


def _together(findings: list[Finding], by_value: set[str], by_line: set[str], lines: dict[str, str]) -> list[Finding]:
    """Findings that are one fault made one, with all their places and all whom they are about."""
    found: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        key = (finding.rule, str(len(found)))
        if finding.rule in by_value and finding.value:
            key = (finding.rule, finding.value)
        elif finding.rule in by_line and finding.focus in lines:
            key = (finding.rule, lines[finding.focus])
        found.setdefault(key, []).append(finding)
    told = []
    for several in found.values():
        first, *others = sorted(several, key=_in_order)
        places = list(dict.fromkeys(f.cell for f in others if f.cell and f.cell != first.cell))
        more = f" and {len(places) - _PLACES} more" if len(places) > _PLACES else ""
        also = f" So also at {', '.join(places[:_PLACES])}{more}." if places else ""
        about = "; ".join(dict.fromkeys(f.value_label for f in (first, *others) if f.value_label))
        told.append(replace(first, message=first.message + also, value_label=about))
    return told


def _what_was_read(book: Workbook) -> str:
    """One sentence on how much of a workbook was read, and how much was not."""
    kinds = Counter(t.object.value.removeprefix(DEF) for t in book.triples if t.predicate.value == expand("rdf:type"))
    said = Counter(t.predicate.value.removeprefix(DEF) for t in book.triples)
    holders = len({t.object.value for t in book.triples if t.predicate.value == DEF + "authorityOf"})
    limited = len({t.subject.value for t in book.triples if t.predicate.value in (DEF + "above", DEF + "upTo")})
    lost = sum(r.lost for r in book.remarks)
    return (
        f"Read were {kinds['SchemeLine']} decisions with {kinds['Authority']} authorities of {holders} holders, {limited} of them with a "
        f"limit, and {said['condition']} conditions; {lost or 'nothing'} {'things were' if lost > 1 else 'thing was' if lost else 'was'} left unread."
    )


def _finding(remark: Remark) -> Finding:
    return Finding(
        rule="unread" if remark.lost else "reading",
        title="Something could not be read" if remark.lost else "How the workbook was read",
        severity="Warning" if remark.lost else "Info",
        focus=f"urn:x-cell:{quote(remark.place)}",
        focus_label="the cell",
        message=remark.message,
        remedy=remark.hint or "Nothing, if it is meant so.",
        cell=remark.place,
    )


def _called(book: Workbook) -> dict[str, str]:
    """What to call things that have no name of their own: an authority by its holder and line, others by what they are about."""
    facts: dict[str, dict[str, str]] = {}
    for triple in book.triples:
        facts.setdefault(triple.subject.value, {})[triple.predicate.value] = triple.object.value

    def label(address: str) -> str:
        said = facts.get(address, {})
        number = said.get(expand("dcterms:identifier"), "")
        words = said.get(expand("rdfs:label"), "") or address.rstrip("/").rpartition("/")[2]
        return f"{number} {words}".strip() if expand("ics:partOfScheme") in said else words

    called = {a: label(a) for a, said in facts.items() if expand("ics:partOfScheme") in said}
    for address, said in facts.items():
        if expand("ics:underLine") in said:
            called[address] = f"{label(said[DEF + 'authorityOf'])}, {label(said[DEF + 'underLine'])}"
        elif expand("rdfs:label") not in said:
            about = next(
                (said[DEF + n] for n in ("onDuty", "inPost", "memberOf", "liabilityUnder") if DEF + n in said), ""
            )
            called |= {address: label(about)} if about else {}
    return called
