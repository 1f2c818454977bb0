"""What an extract of a register says otherwise than the record, and the tables with that in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from icsgraph.core.errors import IcsgraphError
from icsgraph.upkeep.registers import Dated, Extract, Register, shortened, titled
from icsgraph.upkeep.working import Row, Working

__all__ = ["KINDS", "Difference", "apply", "as_text", "compare", "date_sources", "follow_through", "settle_successions"]

# In the order in which they are told. What is suspicious is for a person: nothing is changed for it.
KINDS = ("suspicious", "new", "succeeded", "ended", "renamed", "moved", "recoded", "begun", "missing", "other")
DAYS = "upkeep/source_days.csv"
_ABSENCES = "bodies/register_absences.csv"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that is otherwise: ``column`` is of the table, empty for a whole row; ``line`` of the file, 0 for none.

    ``code`` tells the row from the others of its table, and ``table`` is named where it is not that of the register.
    """

    kind: str
    code: str
    column: str
    was: str
    now: str
    line: int
    message: str
    table: str = ""


def _difference(
    kind: str, code: str, message: str, theirs: Mapping[str, str], column: str = "", **said: str
) -> Difference:
    return Difference(
        kind=kind,
        code=code,
        column=column,
        was=said.get("was", ""),
        now=said.get("now", ""),
        line=int(theirs.get("line", "0")),
        message=message,
    )


def _alike(register: Register, column: str, was: str, now: str) -> bool:
    if column in register.fold:
        return was.casefold() == now.casefold()
    return was == now


def _impossible(register: Register, code: str, ours: Mapping[str, str], theirs: Mapping[str, str]) -> str:
    """Why what a register says of a body that is on record cannot be so; empty where it can."""
    ended = ours.get(register.end, "")
    if ended and not theirs.get("closed", "x"):
        return f"{code} ended here on {ended} and is open in the register: the code may be used again."
    if theirs.get("closed") and theirs["closed"] < theirs.get("opened", ""):
        return f"{code} ends on {theirs['closed']}, before it begins on {theirs['opened']}."
    if theirs.get("closed") and not register.end:
        return f"{code} ended on {theirs['closed']} by the register, and its table holds no end: look what came of it."
    return ""


class _Comparer:
    """An extract held against the table of its register."""

    def __init__(self, extract: Extract, tables: Working) -> None:
        self.extract = extract
        self.register = register = extract.register
        self.tables = tables
        self.ours = {register.code(r): r for r in tables.rows(register.table)}
        # By each field that refers to others, what it may refer to.
        self.there = {
            field: {r[column] for r in tables.rows(table)} | (set(extract.rows) if table == register.table else set())
            for field, (table, column) in register.refers.items()
        }
        kept = register.successions
        self.pairs = (
            {(r[kept["predecessor"]], r[kept["successor"]]) for r in tables.rows(kept["table"])} if kept else set()
        )

    def unknown(self, theirs: Mapping[str, str], fields: Iterable[str]) -> str:
        """What of some fields refers to nothing on record, in words."""
        lost = [theirs[f] for f in fields if f in self.there and theirs.get(f) and theirs[f] not in self.there[f]]
        return f"{', '.join(lost)}, which is not on record" if lost else ""

    def row(self, code: str, theirs: Mapping[str, str]) -> Iterable[Difference]:
        """What a row has otherwise than ours."""
        register, ours = self.register, self.ours[code]
        if why := _impossible(register, code, ours, theirs):
            yield _difference(
                "suspicious",
                code,
                why,
                theirs,
                register.end,
                was=ours.get(register.end, ""),
                now=theirs.get("closed", ""),
            )
            return
        for column, field in register.compare.items():
            was, now = ours.get(column, ""), theirs.get(field, "")
            if field not in theirs or _alike(register, column, was, now):
                continue
            if column in register.dated and ours.get(register.end):
                # A register points a body that has ended to whatever followed its place, which is no history.
                continue
            if lost := self.unknown(theirs, [field]):
                yield _difference(
                    "suspicious", code, f"{code} {column}: “{was}” here, and in the register {lost}.", theirs
                )
                continue
            kind = register.names.get(column, "other")
            message = f"{code} {column}: “{was}” here, “{now}” in the register."
            yield _difference(kind, code, message, theirs, column, was=was, now=now)
            if kind == "ended" and register.successions and not self.followed(code):
                yield _difference(
                    "suspicious",
                    code,
                    f"{code} ends on {now} without a successor on record: look who followed it, and add the succession.",
                    theirs,
                )

    def followed(self, code: str) -> bool:
        """Whether somebody followed a body, by the record or by the extract."""
        return code in self.extract.followers or any(one == code for one, _ in self.pairs)

    def new(self, code: str, theirs: Mapping[str, str]) -> Iterable[Difference]:
        """A row that is not on record."""
        if not self.register.adds or (theirs.get("closed") and not self.register.past):
            return
        kind = (
            "suspicious" if (lost := self.unknown(theirs, self.register.refers)) else self.register.names.get("", "new")
        )
        told = theirs.get("name", "")
        message = f"{code} is new{f': {told}' if told else ''}{f', and of {lost}' if lost else ''}."
        yield _difference(kind, code, message, theirs, now=told)

    def succeeded(self) -> Iterable[Difference]:
        """Whoever followed a body by the register and not by the record; one that cannot have is suspicious."""
        known = self.ours.keys() | self.extract.rows.keys()
        for code, followers in sorted(self.extract.followers.items()):
            theirs = self.extract.rows[code]
            open_ = not theirs.get("closed", "x") and not self.ours.get(code, {}).get(self.register.end)
            for other, day in followers:
                if (code, other) in self.pairs:
                    continue
                begun = self.extract.rows.get(other, {}).get("opened", "")
                odd = (
                    "whom no table has"
                    if other not in known
                    else f"which begins later, on {begun}"
                    if day < begun
                    else "and has no end"
                    if open_
                    else ""
                )
                message = f"{code} was succeeded by {other} on {day}{f', {odd}' if odd else ''}."
                yield _difference("suspicious" if odd else "succeeded", code, message, theirs, now=f"{other} {day}")

    def all(self, live: list[str]) -> list[Difference]:
        """All that is otherwise, sorted by kind and code."""
        found: list[Difference] = []
        for code, theirs in self.extract.rows.items():
            found += self.row(code, theirs) if code in self.ours else self.new(code, theirs)
        if self.register.successions:
            found += self.succeeded()
        if self.register.whole and self.extract.whole:
            found += [
                _difference("missing", code, f"{code} is open here and not in the register.", {})
                for code in sorted(set(live) - set(self.extract.rows))
            ]
        return sorted(found, key=lambda d: (KINDS.index(d.kind), d.code, d.column))


def compare(extract: Extract, tables: Working, old: bool = False) -> list[Difference]:
    """What an extract says otherwise than the table that it is held against, sorted by kind and code.

    Raises ``IcsgraphError`` for half an extract, and, unless ``old`` says that it is meant, for one older than the table.
    """
    register = extract.register
    comparer = _Comparer(extract, tables)
    live = [code for code, r in comparer.ours.items() if not r.get(register.end)]
    share = sum(code in extract.rows for code in live) / max(1, len(live))
    if extract.whole and share < register.known:
        raise IcsgraphError(
            f"{extract.name} has {share:.0%} of the open codes of {register.table}; a whole extract of {register.label} has {register.known:.0%} at least.",
            "It may be half a file, or of another register.",
        )
    latest = max((r[c] for r in comparer.ours.values() for c in register.days if r.get(c)), default="")
    if extract.newest and extract.newest < latest and not old:
        raise IcsgraphError(
            f"{extract.name} names no day after {extract.newest}, and the table has {latest}: it is older than the record.",
            "Give the newest extract, or --old if this one is meant.",
        )
    return comparer.all(live)


def as_text(name: str, label: str, rows: int, table: str, found: Iterable[Difference]) -> str:
    """The differences of a file under their kinds, with the line of the file that says so."""
    told = list(found)
    lines = [f"{name}: {label}, {rows} rows, {len(told)} differences from {table}."]
    for kind in KINDS:
        own = [d for d in told if d.kind == kind]
        if own:
            lines.append(f"{kind} ({len(own)})")
            lines += [f"  - {d.message}" + (f" [line {d.line}]" if d.line else "") for d in own]
    return "\n".join(lines) + "\n"


def _filled(register: Register, theirs: Mapping[str, str], template: str, day: str) -> str:
    values = {**theirs, "day": day}
    for field in (*register.fields, "day"):
        value = values.get(field, "")
        template = template.replace(f"{{{field}:title}}", titled(value, register))
        template = template.replace(f"{{{field}:short}}", shortened(value, register)).replace(f"{{{field}}}", value)
    return template


def _new_row(register: Register, header: list[str], theirs: Mapping[str, str], day: str) -> Row:
    row = dict.fromkeys(header, "") | {c: _filled(register, theirs, t, day) for c, t in register.new.items()}
    for choice in register.choose:
        row[choice.column] = next(
            (v for end, v in choice.ends.items() if theirs.get(choice.field, "").endswith(end)), ""
        )
    return row


def _moved_on(
    dated: Dated, row: Mapping[str, str], was: str, theirs: Mapping[str, str], day: str, tables: Working
) -> str:
    """The day of a move: as the register says it, or that on which the former place ended, or that of the extract."""
    since = row[dated.since] or dated.began
    table, key, column = dated.ends
    ended = next((r[column] for r in tables.rows(table) if r[key] == was), "")
    return next((d for d in (theirs.get("moved", ""), ended) if since < d <= day), day)


def _move(register: Register, column: str, row: Row, theirs: Mapping[str, str], day: str, tables: Working) -> None:
    """Keep where something was until a day among the earlier places, before it gets its place of since then."""
    dated = register.dated[column]
    was, since = row[column], row[dated.since] or dated.began
    on = _moved_on(dated, row, was, theirs, day, tables)
    if not was or on <= since:
        return
    told = {"code": register.code(row), "was": was}
    body, area = (dated.body.format(**told), row.get(dated.own) or dated.area.format(**told))
    earlier = {
        "body": body,
        "area": area,
        "basis": dated.basis,
        "valid_from": since,
        "valid_to": on,
        "source": register.source,
    }
    tables.add(dated.history, [earlier], ("body", "area", "valid_from"))
    row[dated.since] = on


def _change(extract: Extract, one: Difference, row: Row, day: str, tables: Working) -> None:
    """Write one difference into the row that it is about."""
    register, theirs = extract.register, extract.rows[one.code]
    if one.column in register.dated:
        _move(register, one.column, row, theirs, day, tables)
    row[one.column] = one.now
    if one.kind == "ended":
        row |= register.ended
    if one.kind == "renamed":
        of, former = register.former
        if of and row[of] not in row[former].split(";"):
            row[former] = ";".join(filter(None, (row[former], row[of])))
        row |= {c: _filled(register, theirs, t, day) for c, t in register.follow.items()}
    for column, words in register.marks.items():
        told = _filled(register, theirs, words, day)
        row[column] = "; ".join(filter(None, (row[column], told))) if told not in row[column] else row[column]


def follow_through(registers: Iterable[Register], tables: Working, day: str) -> None:
    """Give columns that are read through another table what they are by it: the place of a place."""
    for register in registers:
        rows = tables.rows(register.table)
        for column, (of, table, value) in register.through.items():
            # The table that is read through has its code in its first column.
            header, others = tables.read(table)
            at = {r[header[0]]: r[value] for r in others}
            for row in rows:
                now = at.get(row[of], row[column])
                if now != row[column] and not row.get(register.end):
                    if column in register.dated:
                        _move(register, column, row, {}, day, tables)
                    row[column] = now
        tables.write(register.table, rows, register.key)


def apply(extract: Extract, found: Iterable[Difference], tables: Working, day: str) -> None:
    """Write into the tables what an extract of a ``day`` says otherwise; what is suspicious changes nothing."""
    register = extract.register
    told = list(found)
    header, rows = tables.read(register.table)
    by = {register.code(r): r for r in rows}
    for one in told:
        if one.kind in ("suspicious", "missing", "succeeded"):
            continue
        if one.code in by:
            _change(extract, one, by[one.code], day, tables)
        else:
            by[one.code] = _new_row(register, header, extract.rows[one.code], day)
            rows.append(by[one.code])
    tables.write(register.table, rows, register.key)
    followers = [d for d in told if d.kind == "succeeded"]
    if followers:
        kept = register.successions
        note = f"{extract.name}, {day}"
        tables.add(kept["table"], [_succession(kept, one, note) for one in followers])
    if register.whole and extract.whole:
        absent = [
            {"body": d.code, "source": register.source, "day": day, "note": f"Not in {extract.name}."}
            for d in told
            if d.kind == "missing"
        ]
        kept_rows = [r for r in tables.rows(_ABSENCES) if r["source"] != register.source]
        tables.write(_ABSENCES, sorted([*kept_rows, *absent], key=lambda r: tuple(r.values())))


def date_sources(registers: Iterable[Register], extracts: Iterable[Extract], tables: Working, day: str) -> None:
    """Give sources the day on which all of their registers were seen whole; a part of a register says nothing of the rest."""
    found = list(extracts)
    unseen = set()
    for register in registers:
        live = [register.code(r) for r in tables.rows(register.table) if not r.get(register.end)]
        seen = {code for e in found if e.register.id == register.id for code in e.rows}
        if sum(code in seen for code in live) < register.known * len(live):
            unseen.add(register.source)
    sources = {e.register.source for e in found} - unseen
    days = tables.rows(DAYS)
    tables.write(DAYS, ({**r, "day": day} if r["source"] in sources else r for r in days))


def _succession(kept: Mapping[str, str], one: Difference, note: str) -> dict[str, str]:
    other, _, on = one.now.partition(" ")
    return {kept["predecessor"]: one.code, kept["successor"]: other, kept["day"]: on, kept["note"]: note}


def settle_successions(registers: Iterable[Register], tables: Working, lots: Mapping[tuple[str, str], float]) -> None:
    """Give successions without a kind theirs, once all of a day are there, and their shares where they are known.

    A body that several followed on one day was divided, with the shares of ``lots``, by predecessor and successor; any other passed whole.
    Several that one body followed were joined; of one that one followed the register does not say how.
    """
    for register in registers:
        kept = register.successions
        if "kind" not in kept:
            continue
        rows = tables.rows(kept["table"])
        for row in rows:
            if row[kept["kind"]]:
                continue
            pair = row[kept["predecessor"]], row[kept["successor"]]
            parts = [r for r in rows if (r[kept["predecessor"]], r[kept["day"]]) == (pair[0], row[kept["day"]])]
            joined = [r for r in rows if (r[kept["successor"]], r[kept["day"]]) == (pair[1], row[kept["day"]])]
            row[kept["kind"]] = kept["split" if len(parts) > 1 else "whole" if len(joined) > 1 else "one"]
            share = lots.get(pair) if len(parts) > 1 else 1.0
            row[kept["share"]] = f"{share:.5f}".rstrip("0").rstrip(".") if share is not None else ""
        tables.write(kept["table"], rows)
