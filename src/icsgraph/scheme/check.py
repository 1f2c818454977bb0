"""A workbook to its graph and to a report whose findings stand at its cells: one call each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from icsgraph.ask.names import Names
from icsgraph.check.validator import Places, Validator
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.report import SEVERITIES, Finding, Report
from icsgraph.core.terms import DEF, DEFAULT_SCENARIO, expand
from icsgraph.graph.store import Store
from icsgraph.scheme.layout import read_layout
from icsgraph.scheme.opening import Grid, is_workbook, open_folder, open_workbook
from icsgraph.scheme.reading import Remark, read_rows
from icsgraph.scheme.triples import Workbook, to_triples

__all__ = ["Checker", "check_workbook", "open_path", "read_workbook"]

Progress = Callable[[str], None]


def _quiet(message: str) -> None:
    """Show nothing."""


class Checker:
    """Checks what is handed in: a workbook of a scheme, or a description in RDF as ``validator`` does.

    ``names`` gives the record's names, which only workbooks need.
    """

    def __init__(self, validator: Validator, names: Callable[[], Names]) -> None:
        self._validator = validator
        self._names = lru_cache(maxsize=1)(names)
        self.scenarios = validator.scenarios

    @classmethod
    def open(cls, root: Path, dataset: Path, reference: Path) -> Checker:
        """The checker over the content in ``root`` and the files of a build."""
        return cls(Validator(root, reference), lambda: Names(Store.open(dataset)))

    def check(
        self,
        content: bytes,
        name: str,
        scenario: str = DEFAULT_SCENARIO,
        as_at: str = "",
        engine: str = "shifty",
        kind: str = "",
    ) -> Report:
        """The report on bytes of a workbook or of RDF of a ``kind``; raises ``IcsgraphError`` for what cannot be read."""
        if kind or not is_workbook(content, name):
            return self._validator.check(content, name, scenario, as_at, engine, kind)
        return self.check_grids(open_workbook(content, name), name, scenario, as_at, engine)

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
    report = validator.examine(book.triples, name, scenario, as_at, engine, places=places)
    # What the day set aside has no finding; what was not read has one, so that no clean report hides it.
    findings = [*(_finding(r) for r in book.remarks), *report.findings]
    return replace(report, findings=sorted(findings, key=lambda f: SEVERITIES.index(f.severity)))


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
