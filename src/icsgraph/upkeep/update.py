"""What an extract of a register says otherwise than the record, and the tables with that in them."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from icsgraph.core.errors import IcsgraphError
from icsgraph.upkeep.registers import Extract, Register, read_table, titled

__all__ = ["KINDS", "Difference", "applied", "as_text", "compare"]

# In the order in which they are told. What is suspicious is for a person: nothing is changed for it.
KINDS = ("suspicious", "new", "succeeded", "ended", "renamed", "moved", "begun", "missing", "other")
_DAYS = "data/upkeep/source_days.csv"
_ABSENCES = "data/bodies/register_absences.csv"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that an extract says otherwise: ``column`` is of the table, empty for a whole row; ``line`` of the file, 0 for none."""

    kind: str
    code: str
    column: str
    was: str
    now: str
    line: int
    message: str


def _alike(register: Register, column: str, was: str, now: str) -> bool:
    if column in register.fold:
        return was.casefold() == now.casefold()
    return was == now


def _successions(register: Register, root: Path) -> set[str] | None:
    if not register.successions:
        return None
    rows = read_table(root / "data" / register.successions["table"])[1]
    return {r[register.successions["predecessor"]] for r in rows}


def _of_row(
    register: Register, ours: Mapping[str, str], theirs: Mapping[str, str], followed: set[str] | None
) -> Iterable[Difference]:
    code, line = theirs["code"], int(theirs["line"])
    # The register sometimes closes on the day of the change itself, and a table may have the day before.
    ended = ours.get(register.end, "")
    if ended and not theirs.get("closed", "x"):
        yield Difference(
            kind="suspicious",
            code=code,
            column=register.end,
            was=ended,
            now="",
            line=line,
            message=f"{code} ended here on {ended} and is open in the register: the code may be used again.",
        )
        return
    if theirs.get("closed") and theirs["closed"] < theirs.get("opened", ""):
        yield Difference(
            kind="suspicious",
            code=code,
            column=register.end,
            was=ended,
            now=theirs["closed"],
            line=line,
            message=f"{code} ends on {theirs['closed']}, before it begins on {theirs['opened']}.",
        )
        return
    for column, field in register.compare.items():
        if field not in theirs:
            continue
        was, now = ours.get(column, ""), theirs[field]
        if _alike(register, column, was, now):
            continue
        kind = register.names.get(column, "other")
        yield Difference(
            kind=kind,
            code=code,
            column=column,
            was=was,
            now=now,
            line=line,
            message=f"{code} {column}: “{was}” here, “{now}” in the register.",
        )
        if kind == "ended" and followed is not None and code not in followed:
            yield Difference(
                kind="suspicious",
                code=code,
                column="",
                was="",
                now="",
                line=line,
                message=f"{code} ends on {now} without a successor on record: look who followed it, and add the succession.",
            )


def _succeeded(extract: Extract, root: Path) -> Iterable[Difference]:
    """Whoever followed a body by the register and not by the record; one that ended first, or is on no table, is suspicious."""
    kept = extract.register.successions
    if not kept:
        return
    pairs = {(r[kept["predecessor"]], r[kept["successor"]]) for r in read_table(root / "data" / kept["table"])[1]}
    known = {r[extract.register.key] for r in read_table(root / "data" / extract.register.table)[1]} | set(extract.rows)
    for code, followers in sorted(extract.followers.items()):
        for other, day in followers:
            if (code, other) in pairs:
                continue
            begun = extract.rows.get(other, {}).get("opened", "")
            odd = (
                "whom no table has" if other not in known else f"which begins later, on {begun}" if day < begun else ""
            )
            yield Difference(
                kind="suspicious" if odd else "succeeded",
                code=code,
                column="",
                was="",
                now=f"{other} {day}",
                line=0,
                message=f"{code} was succeeded by {other} on {day}{f', {odd}' if odd else ''}.",
            )


def compare(extract: Extract, root: Path, old: bool = False) -> list[Difference]:
    """What an extract says otherwise than the table that it is held against, sorted by kind and code.

    Raises ``IcsgraphError`` for half an extract, and, unless ``old`` says that it is meant, for one older than the table.
    """
    register = extract.register
    _, rows = read_table(root / "data" / register.table)
    ours = {r[register.key]: r for r in rows}
    live = [code for code, r in ours.items() if not r.get(register.end)]
    share = sum(code in extract.rows for code in live) / max(1, len(live))
    if extract.whole and share < register.known:
        raise IcsgraphError(
            f"{extract.name} has {share:.0%} of the open codes of {register.table}; a whole extract of {register.label} has {register.known:.0%} at least.",
            "It may be half a file, or of another register.",
        )
    latest = max((r[c] for r in rows for c in register.days if r.get(c)), default="")
    if extract.newest and extract.newest < latest and not old:
        raise IcsgraphError(
            f"{extract.name} names no day after {extract.newest}, and the table has {latest}: it is older than the record.",
            "Give the newest extract, or --old if this one is meant.",
        )
    followed = _successions(register, root)
    if followed is not None:
        followed |= set(extract.followers)
    found: list[Difference] = []
    for code, theirs in extract.rows.items():
        if code in ours:
            found += _of_row(register, ours[code], theirs, followed)
        elif not theirs.get("closed"):
            line = int(theirs["line"])
            found.append(
                Difference(
                    kind="new",
                    code=code,
                    column="",
                    was="",
                    now=theirs.get("name", ""),
                    line=line,
                    message=f"{code} is new: {theirs.get('name', '')}.",
                )
            )
    found += _succeeded(extract, root)
    if register.whole and extract.whole:
        for code in sorted(set(live) - set(extract.rows)):
            found.append(
                Difference(
                    kind="missing",
                    code=code,
                    column="",
                    was="",
                    now="",
                    line=0,
                    message=f"{code} is open here and not in the register.",
                )
            )
    return sorted(found, key=lambda d: (KINDS.index(d.kind), d.code, d.column))


def as_text(extract: Extract, found: list[Difference]) -> str:
    """The differences under their kinds, with the line of the file that says so."""
    lines = [
        f"{extract.name}: {extract.register.label}, {len(extract.rows)} rows, {len(found)} differences from {extract.register.table}."
    ]
    for kind in KINDS:
        own = [d for d in found if d.kind == kind]
        if own:
            lines.append(f"{kind} ({len(own)})")
            lines += [f"  - {d.message}" + (f" [line {d.line}]" if d.line else "") for d in own]
    return "\n".join(lines) + "\n"


def _filled(register: Register, theirs: Mapping[str, str], template: str, day: str) -> str:
    values = {**theirs, "day": day}
    for field in (*register.fields, "day"):
        value = values.get(field, "")
        template = template.replace(f"{{{field}:title}}", titled(value, register)).replace(f"{{{field}}}", value)
    return template


def _new_row(register: Register, header: list[str], theirs: Mapping[str, str], day: str) -> dict[str, str]:
    row = dict.fromkeys(header, "") | {c: _filled(register, theirs, t, day) for c, t in register.new.items()}
    for choice in register.choose:
        row[choice.column] = next(
            (v for end, v in choice.ends.items() if theirs.get(choice.field, "").endswith(end)), ""
        )
    return row


def _written(header: list[str], rows: Iterable[Mapping[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _table(extract: Extract, found: list[Difference], root: Path, day: str) -> str:
    register = extract.register
    header, rows = read_table(root / "data" / register.table)
    ordered = [r[register.key] for r in rows] == sorted(r[register.key] for r in rows)
    by = {r[register.key]: r for r in rows}
    for one in found:
        if one.kind in ("suspicious", "missing", "succeeded"):
            continue
        theirs = extract.rows[one.code]
        if one.kind == "new":
            rows.append(_new_row(register, header, theirs, day))
            continue
        by[one.code][one.column] = one.now
        if one.kind == "renamed":
            by[one.code] |= {c: _filled(register, theirs, t, day) for c, t in register.follow.items()}
    # A table that was in order stays so; one that never was keeps its order, and what is new stands at its end.
    return _written(header, sorted(rows, key=lambda r: r[register.key]) if ordered else rows)


def _keyed(root: Path, file: str, drop: Callable[[Mapping[str, str]], bool], new: Iterable[Mapping[str, str]]) -> str:
    header, rows = read_table(root / file)
    return _written(
        header, sorted([*(r for r in rows if not drop(r)), *new], key=lambda r: tuple(r.values())) if header else rows
    )


def applied(
    extract: Extract, found: list[Difference], root: Path, day: str, check: Callable[[Path], None]
) -> list[str]:
    """Change the tables of ``root`` as an extract of a ``day`` says, and give their names.

    ``check`` gets a copy of the content with the changes, and raises where it would not build; then no table is touched.
    """
    register = extract.register
    source = register.source
    absent = [
        {"body": d.code, "source": source, "day": day, "note": f"Not in {extract.name}."}
        for d in found
        if d.kind == "missing"
    ]
    header, days = read_table(root / _DAYS)
    changed = {
        f"data/{register.table}": _table(extract, found, root, day),
        _DAYS: _written(header, ({**r, "day": day} if r["source"] == source else r for r in days)),
    }
    followers = [d for d in found if d.kind == "succeeded"]
    if followers:
        kept = register.successions
        header, rows = read_table(root / "data" / kept["table"])
        for one in followers:
            other, _, on = one.now.partition(" ")
            told = {
                kept["predecessor"]: one.code,
                kept["successor"]: other,
                kept["day"]: on,
                kept["note"]: f"{extract.name}, {day}",
            }
            rows.append(dict.fromkeys(header, "") | told)
        changed[f"data/{kept['table']}"] = _written(header, rows)
    if register.whole and extract.whole:
        changed[_ABSENCES] = _keyed(root, _ABSENCES, lambda r: r["source"] == source, absent)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for part in ("data", "ontology", "queries", "shapes"):
            if (root / part).is_dir():
                shutil.copytree(root / part, copy / part)
        for file, text in changed.items():
            (copy / file).write_text(text, encoding="utf-8")
        check(copy)
    names = [file for file, text in changed.items() if (root / file).read_text(encoding="utf-8") != text]
    for file in names:
        aside = root / f"{file}.new"
        aside.write_text(changed[file], encoding="utf-8")
        aside.replace(root / file)
    return names
