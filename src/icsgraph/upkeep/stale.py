"""What in the record is out of date on a day, as the queries of ``queries/stale`` find it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from icsgraph.build.pipeline import UPKEEP
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.header import parse_header
from icsgraph.core.safecsv import harmless
from icsgraph.core.terms import BASE, rebased
from icsgraph.graph.rdf import Term, date
from icsgraph.graph.store import Store

__all__ = ["SEVERITIES", "Check", "Finding", "as_csv", "as_json", "as_text", "find", "open_facts", "read_checks"]

# A fault cannot be so; what is due may be right still, and is to be looked at.
SEVERITIES = ("fault", "due")
_COLUMNS = ("check", "severity", "label", "focus", "other", "day", "message", "remedy")
_KEYS = {"label", "severity", "remedy", "unknown", "days_ahead", "days_back"}
_NEEDED = {"label", "severity", "remedy", "unknown"}


@dataclass(frozen=True, kw_only=True)
class Check:
    """One way to be out of date: ``unknown`` says what the record then does not know, ``ahead`` and ``back`` how many days are looked at."""

    id: str
    label: str
    severity: str
    remedy: str
    unknown: str
    ahead: int
    back: int
    query: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is out of date: ``focus`` and ``other`` are addresses, ``day`` is ISO, or empty where none matters."""

    check: Check
    focus: str
    other: str
    day: str
    message: str


def read_checks(root: Path) -> list[Check]:
    """The checks of the content in ``root``, in order of file name; raises ``IcsgraphError`` for a header that is not of their form."""
    checks = []
    for path in sorted((root / "queries" / "stale").glob("*.rq")):
        query = rebased(path.read_text(encoding="utf-8"))
        head = parse_header(query, path.name, _KEYS, _NEEDED)
        if head["severity"] not in SEVERITIES:
            raise IcsgraphError(
                f"{path.name}: “{head['severity']}” is not a severity.", f"Use one of: {', '.join(SEVERITIES)}."
            )
        checks.append(
            Check(
                id=path.stem.partition("-")[2],
                label=head["label"],
                severity=head["severity"],
                remedy=head["remedy"],
                unknown=head["unknown"],
                ahead=int(head.get("days_ahead", 0)),
                back=int(head.get("days_back", 0)),
                query=query,
            )
        )
    return checks


def open_facts(dataset: Path) -> Store:
    """The facts that the checks need, from beside the built ``dataset``."""
    return Store.open_files([dataset.with_name(UPKEEP)], union=True)


def find(checks: Iterable[Check], store: Store, day: dt.date) -> list[Finding]:
    """What the checks find on a day, in their order."""
    found = []
    for check in checks:
        bound: dict[str, Term] = {
            "asAt": date(day.isoformat()),
            "ahead": date((day + dt.timedelta(check.ahead)).isoformat()),
            "back": date((day - dt.timedelta(check.back)).isoformat()),
        }
        for row in store.select(check.query, {n: v for n, v in bound.items() if f"?{n}" in check.query}):
            found.append(
                Finding(
                    check=check,
                    focus=row["focus"].value,
                    other=row["other"].value,
                    day=row["day"].value if "day" in row else "",
                    message=row["message"].value,
                )
            )
    return found


def as_text(found: Iterable[Finding], checks: Iterable[Check], day: dt.date) -> str:
    """The findings under the label of their check, and what each check asks to be done."""
    findings = list(found)
    if not findings:
        return f"Nothing on record is known to be out of date on {day.isoformat()}.\n"
    lines = [f"{len(findings)} things are out of date on {day.isoformat()}.", ""]
    for check in checks:
        own = [f for f in findings if f.check == check]
        if own:
            lines += [f"{check.label} ({check.severity}, {len(own)})", f"  {check.remedy}"]
            lines += [f"  - {f.message} [{f.focus.removeprefix(BASE)}]" for f in own] + [""]
    return "\n".join(lines)


def _fields(finding: Finding) -> dict[str, str]:
    return {
        "check": finding.check.id,
        "severity": finding.check.severity,
        "label": finding.check.label,
        "focus": finding.focus,
        "other": finding.other,
        "day": finding.day,
        "message": finding.message,
        "remedy": finding.check.remedy,
    }


def as_json(found: Iterable[Finding], day: dt.date) -> str:
    """The findings as an object with the day and a list."""
    return json.dumps({"as_at": day.isoformat(), "found": [_fields(f) for f in found]}, indent=2, ensure_ascii=False)


def as_csv(found: Iterable[Finding]) -> str:
    """The findings as a table for spreadsheets."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows([harmless(row[c]) for c in _COLUMNS] for row in map(_fields, found))
    return out.getvalue()
