"""Lookups of small areas as the statistical office publishes them: codes of boards, locations and councils, and which lies in which.

``[lookup]`` of ``data/upkeep/registers.toml`` says which columns count, whatever the year in their names, and which tables are held
against them. A small area lies in one location, board and council; everything else here is counted from that.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from icsgraph.core.errors import IcsgraphError
from icsgraph.upkeep.registers import PLAN
from icsgraph.upkeep.update import DAYS, KINDS, Difference
from icsgraph.upkeep.working import Row, Working

__all__ = ["Lookup", "apply", "compare", "is_lookup", "lots", "read_lookup", "read_plan"]

# The year in the name of a column: "lad26cd".
_YEAR = re.compile(r"[a-z]+(\d\d)[a-z]+")
# A typed reference or one of several values: "body:E06000001", "E06000001;E06000002".
_PARTS = re.compile(r"([;:| ])")
# Shares as the tables have them.
_PLACES = 5


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """A lookup counted: ``areas`` has the small areas by council and board; ``councils`` names by code.

    ``codes`` has for each kind of place the code of the statistical office and the name, by the code of the register; ``year`` is that
    of its columns.
    """

    name: str
    rows: int
    year: int
    areas: Mapping[tuple[str, str], int]
    councils: Mapping[str, str]
    codes: Mapping[str, Mapping[str, tuple[str, str]]]


def read_plan(root: Path) -> Mapping[str, Any]:
    """The part of the plan that says how lookups are read."""
    plan: Mapping[str, Any] = tomllib.loads((root / PLAN).read_text(encoding="utf-8"))["lookup"]
    return plan


def _head(line: Iterable[str], plan: Mapping[str, Any]) -> dict[str, int]:
    """Where each field stands; only those that are there."""
    names = [cell.strip().casefold() for cell in line]
    return {
        field: n for field, one in plan["fields"].items() for n, name in enumerate(names) if re.fullmatch(one, name)
    }


def is_lookup(lines: list[list[str]], plan: Mapping[str, Any]) -> bool:
    """Whether rows are those of a lookup of small areas: whether their head names a small area, a council and a board."""
    return {"small_area", "council", "board"} <= _head(lines[0], plan).keys()


def read_lookup(lines: list[list[str]], name: str, plan: Mapping[str, Any]) -> Lookup:
    """The lookup that rows are; raises ``IcsgraphError`` for half of one, and for one whose columns are others."""
    at = _head(lines[0], plan)
    if lost := sorted(plan["fields"].keys() - at.keys()):
        raise IcsgraphError(
            f"{name} has no column for the {lost[0].replace('_', ' ')}.", "Give the lookup as it was downloaded."
        )
    areas: Counter[tuple[str, str]] = Counter()
    councils: dict[str, str] = {}
    codes: dict[str, dict[str, tuple[str, str]]] = {"board": {}, "location": {}}
    seen: set[str] = set()
    for number, line in enumerate(lines[1:], 2):
        if len(line) != len(lines[0]):
            raise IcsgraphError(
                f"{name}, line {number}: {len(line)} columns where its head has {len(lines[0])}.",
                "The columns moved, or it is half a file.",
            )
        row = {field: line[n].strip() for field, n in at.items()}
        if row["small_area"] in seen:
            raise IcsgraphError(f"{name}, line {number}: {row['small_area']} stands there twice.", "Download it again.")
        seen.add(row["small_area"])
        areas[row["council"], row["board"]] += 1
        councils[row["council"]] = row["council_name"]
        for kind, found in codes.items():
            found[row[kind]] = row[f"{kind}_ons"], row[f"{kind}_name"]
    if len(seen) < plan["least"]:
        raise IcsgraphError(
            f"{name} has {len(seen)} small areas; a whole lookup has {plan['least']} at least.",
            "It may be half a file.",
        )
    years = [int(m[1]) for cell in lines[0] if (m := _YEAR.fullmatch(cell.strip().casefold()))]
    # The small areas keep the year of their census.
    return Lookup(name=name, rows=len(seen), year=max(years), areas=areas, councils=councils, codes=codes)


def _say(kind: str, code: str, message: str, table: str, column: str = "", was: str = "", now: str = "") -> Difference:
    return Difference(kind=kind, code=code, column=column, was=was, now=now, line=0, message=message, table=table)


def _of_codes(lookup: Lookup, tables: Working, plan: Mapping[str, Any]) -> Iterator[Difference]:
    """Codes of the statistical office that boards and locations have now."""
    kept = {"board": "icb", "location": "sub_icb"}
    rows = tables.rows(plan["codes"])
    for kind, table in (("board", plan["boards"]), ("location", plan["locations"])):
        known = {r["ods_code"] for r in tables.rows(table)}
        ours = {r["ods_code"]: r["ons_code"] for r in rows if r["kind"] == kept[kind] and not r["valid_to"]}
        for code, (ons, name) in sorted(lookup.codes[kind].items()):
            if code not in known:
                yield _say("suspicious", code, f"{code} ({name}) is no {kind} on record.", table)
            elif ours.get(code) != ons:
                was = ours.get(code, "")
                message = f"{code} has the code {ons} of the statistical office, “{was}” here."
                yield _say("recoded" if was else "new", code, message, plan["codes"], kind, was, ons)


def _of_councils(lookup: Lookup, tables: Working, plan: Mapping[str, Any]) -> Iterator[Difference]:
    """Councils that have another code or name; one that came or went is for a person, since a lookup does not say what became of it."""
    rows = tables.rows(plan["councils"])
    # A lookup has the councils that others do not lie in: those without districts.
    upper = {r["upper_tier_ons"] for r in rows if r["ons_code"] != r["upper_tier_ons"]}
    ours = {r["ons_code"]: r["name"] for r in rows if r["ons_code"] not in upper}
    gone = {code: name for code, name in ours.items() if code not in lookup.councils}
    for code, name in sorted(lookup.councils.items()):
        if code not in ours:
            same = [c for c, n in gone.items() if n.casefold() == name.casefold()]
            if len(same) == 1:
                del gone[same[0]]
                message = f"{name} has the code {code}, and {same[0]} here."
                yield _say("recoded", same[0], message, plan["councils"], "ons_code", same[0], code)
            else:
                yield _say(
                    "suspicious",
                    code,
                    f"{code} ({name}) is no council on record: add it, and what it came from.",
                    plan["councils"],
                )
        elif ours[code].casefold() != name.casefold():
            message = f"{code} is “{ours[code]}” here, “{name}” in the lookup."
            yield _say("renamed", code, message, plan["councils"], "name", ours[code], name)
    for code, name in sorted(gone.items()):
        yield _say(
            "suspicious",
            code,
            f"{code} ({name}) is not in the lookup: look what became of it, and end it.",
            plan["councils"],
        )


def _standing(tables: Working, plan: Mapping[str, Any]) -> dict[tuple[str, str], int]:
    """The small areas by council and board that are on record without an end."""
    now = {
        (r["la_ons"], r["icb_ods"]): int(r["lsoa21_count"]) for r in tables.rows(plan["areas_now"]) if not r["valid_to"]
    }
    since = {
        (r["council"], r["icb_ods"]): int(r["lsoa_count"])
        for r in tables.rows(plan["areas_since"])
        if not r["valid_to"]
    }
    return now | since


def _counted(lookup: Lookup, tables: Working, plan: Mapping[str, Any]) -> dict[tuple[str, str], int]:
    """The small areas by council and board of a lookup: those of a district are those of its county, too. Only what is on record."""
    rows = {r["ons_code"]: r for r in tables.rows(plan["councils"])}
    new = {d.now: d.code for d in _of_councils(lookup, tables, plan) if d.kind == "recoded"}
    found: Counter[tuple[str, str]] = Counter()
    for (council, board), number in lookup.areas.items():
        code = new.get(council, council)
        if code in rows:
            for one in {code, rows[code]["upper_tier_ons"]} - {""}:
                found[one, board] += number
    return dict(found)


def _of_areas(lookup: Lookup, tables: Working, plan: Mapping[str, Any]) -> Iterator[Difference]:
    """Councils that lie otherwise in boards than on record."""
    boards = {r["ods_code"] for r in tables.rows(plan["boards"])}
    was, now = _standing(tables, plan), _counted(lookup, tables, plan)
    for council in sorted(
        {c for c, _ in was.keys() ^ now.keys()} | {k[0] for k in was.keys() & now.keys() if was[k] != now[k]}
    ):
        before = {b: n for (c, b), n in was.items() if c == council}
        after = {b: n for (c, b), n in now.items() if c == council}
        lost = sorted(after.keys() - boards)
        if not after or lost:
            what = f"in {', '.join(lost)}, which is no board on record" if lost else "nowhere in the lookup"
            yield _say("suspicious", council, f"{council} lies {what}.", plan["areas_since"])
            continue
        told = [", ".join(f"{b} ({n})" for b, n in sorted(of.items())) or "nothing" for of in (before, after)]
        message = f"{council} lies in {told[1]} by the lookup, in {told[0]} here (small areas)."
        yield _say("moved", council, message, plan["areas_since"], "icb_ods", *told)


def _whole(lookup: Lookup, tables: Working, plan: Mapping[str, Any], old: bool) -> None:
    """Refuse a lookup of other councils, or of another year unless that is meant."""
    known = {r["ons_code"] for r in tables.rows(plan["councils"])}
    share = sum(code in known for code in lookup.councils) / max(1, len(lookup.councils))
    if share < plan["whole"]:
        raise IcsgraphError(
            f"{lookup.name} has councils of which {share:.0%} are on record; {plan['whole']:.0%} at least are in a lookup of the country.",
            "It may be of another country or of a year long past.",
        )
    day = next((r["day"] for r in tables.rows(DAYS) if r["source"] == plan["source"]), "")
    if day and 2000 + lookup.year < int(day[:4]) and not old:
        raise IcsgraphError(
            f"{lookup.name} is of 20{lookup.year:02d}, and the record has the lookup of {day}: it is older than the record.",
            "Give the newest lookup, or --old if this one is meant.",
        )


def compare(lookup: Lookup, tables: Working, plan: Mapping[str, Any], old: bool = False) -> list[Difference]:
    """What a lookup says otherwise than the tables, sorted by kind and code.

    Raises ``IcsgraphError`` for one that is not of this country, and, unless ``old`` says that it is meant, for one of a past year.
    """
    _whole(lookup, tables, plan, old)
    found = [f for part in (_of_codes, _of_councils, _of_areas) for f in part(lookup, tables, plan)]
    return sorted(found, key=lambda d: (KINDS.index(d.kind), d.code, d.column))


def lots(
    was: Mapping[tuple[str, str], int], now: Mapping[tuple[str, str], int], boards: Iterable[str]
) -> dict[tuple[str, str], float]:
    """Which share of the small areas of each board that is there no more went to which other board, where that can be told.

    It can where the small areas that a council's other boards gained are those that the board had there.
    """
    gone = {b for _, b in was} - {b for _, b in now} - {""}
    upper = {c for c, _ in was}
    found: dict[tuple[str, str], float] = {}
    for board in gone & set(boards):
        went: Counter[str] = Counter()
        told = 0
        for council in sorted(upper):
            had = was.get((council, board), 0)
            gains = {b: now[council, b] - was.get((council, b), 0) for c, b in now if c == council}
            gains = {b: n for b, n in gains.items() if n > 0}
            others = {b for c, b in was if c == council} & gone - {board}
            if had and not others and sum(gains.values()) == had:
                went.update(gains)
                told += had
        total = sum(n for (_, b), n in was.items() if b == board)
        if total and told == total:
            found |= {(board, b): n / total for b, n in went.items()}
    return found


def apply(
    lookup: Lookup, found: Iterable[Difference], tables: Working, plan: Mapping[str, Any], day: str
) -> dict[tuple[str, str], float]:
    """Write into the tables what a lookup of a ``day`` says otherwise, and give the shares of boards that were divided.

    What is suspicious changes nothing.
    """
    told = [d for d in found if d.kind != "suspicious"]
    before = _standing(tables, plan)
    for one in told:
        if one.table == plan["codes"]:
            _code(one, lookup, tables, plan, day)
        elif one.column == "name":
            rows = tables.rows(plan["councils"])
            tables.write(plan["councils"], ({**r, "name": one.now} if r["ons_code"] == one.code else r for r in rows))
    _areas([d.code for d in told if d.kind == "moved"], lookup, tables, plan, day)
    shares = lots(_lowest(before, tables, plan), _lowest(_standing(tables, plan), tables, plan), {b for _, b in before})
    # Last, since everything before it is by the codes that the tables had.
    for one in told:
        if one.kind == "recoded" and one.table == plan["councils"]:
            _recode(one, tables, plan, day)
    days = tables.rows(DAYS)
    tables.write(DAYS, ({**r, "day": day} if r["source"] == plan["source"] else r for r in days))
    return shares


def _lowest(
    areas: Mapping[tuple[str, str], int], tables: Working, plan: Mapping[str, Any]
) -> dict[tuple[str, str], int]:
    """Of small areas by council and board those of councils without districts, so that none is counted twice."""
    upper = {r["upper_tier_ons"] for r in tables.rows(plan["councils"]) if r["ons_code"] != r["upper_tier_ons"]}
    return {key: number for key, number in areas.items() if key[0] not in upper}


def _begun(tables: Working, plan: Mapping[str, Any], board: str, day: str) -> str:
    """The day since when a board is there, or the day given."""
    return next((r["established"] for r in tables.rows(plan["boards"]) if r["ods_code"] == board), "") or day


def _code(one: Difference, lookup: Lookup, tables: Working, plan: Mapping[str, Any], day: str) -> None:
    """Give a board or location its new code of the statistical office, and keep the old one with its end."""
    kind = {"board": "icb", "location": "sub_icb"}[one.column]
    rows = tables.rows(plan["codes"])
    since = _begun(tables, plan, one.code, day) if not one.was else day
    for row in rows:
        if (row["kind"], row["ods_code"], row["valid_to"]) == (kind, one.code, ""):
            row |= {"valid_to": day, "body_before": row["body"] or row["body_before"], "body": ""}
            row |= {"area_before": row["area"] or row["area_before"], "area": ""}
    told = {
        "kind": kind,
        "ods_code": one.code,
        "ons_code": one.now,
        "name": lookup.codes[one.column][one.code][1],
        "of": one.code,
        "body": one.code if one.column == "board" else "",
        "area": one.code,
        "valid_from": since,
        "source": plan["source"],
    }
    header, _ = tables.read(plan["codes"])
    tables.write(plan["codes"], [*rows, dict.fromkeys(header, "") | told])
    if one.column == "board":
        boards = tables.rows(plan["boards"])
        for row in boards:
            if row["ods_code"] == one.code:
                row["ons_code_history"] = "|".join(filter(None, (row["ons_code_history"], one.was)))
                row["ons_code"] = one.now
        tables.write(plan["boards"], boards)


def _areas(councils: Iterable[str], lookup: Lookup, tables: Working, plan: Mapping[str, Any], day: str) -> None:
    """End where councils lay, and say where they lie since."""
    ended = {r["ods_code"]: r["abolished"] for r in tables.rows(plan["boards"]) if r["abolished"]}
    rows = {r["ons_code"]: r for r in tables.rows(plan["councils"])}
    now, since = tables.rows(plan["areas_now"]), tables.rows(plan["areas_since"])
    counted = _counted(lookup, tables, plan)
    of_council: dict[str, dict[str, int]] = defaultdict(dict)
    of_board: Counter[str] = Counter()
    for (council, board), number in counted.items():
        of_council[council][board] = number
    for (_, board), number in _lowest(counted, tables, plan).items():
        of_board[board] += number
    for council in councils:
        standing = [r for r in now if r["la_ons"] == council and not r["valid_to"]]
        standing += [r for r in since if r["council"] == council and not r["valid_to"]]
        # Where a board of the council has ended, everything there is otherwise from that day on.
        on = max((ended[r["icb_ods"]] for r in standing if r["icb_ods"] in ended), default=day)
        for row in standing:
            row["valid_to"] = on
        total = sum(of_council[council].values())
        for board, number in sorted(of_council[council].items()):
            since.append(_area(rows[council], board, on, number, (total, of_board[board]), plan["source"], day))
    tables.write(plan["areas_now"], now)
    tables.write(plan["areas_since"], since)


def _area(council: Row, board: str, on: str, number: int, totals: tuple[int, int], source: str, day: str) -> Row:
    """A row that says how a council and a board overlap since a day; ``totals`` are the small areas of each."""
    return {
        "council": council["ons_code"],
        "council_name": council["name"],
        "tier": council["tier"],
        "icb_ods": board,
        "valid_from": on,
        "valid_to": "",
        "lsoa_count": str(number),
        "share_of_council": str(round(number / totals[0], _PLACES)),
        "share_of_icb": str(round(number / totals[1], _PLACES)),
        "as_of": day,
        "basis": "published",
        "note": "",
        "source": source,
    }


def _recode(one: Difference, tables: Working, plan: Mapping[str, Any], day: str) -> None:
    """Put the new code of a council in place of the old one wherever tables name it, and keep the old one as its former code."""
    old, new = one.was, one.now
    for path in sorted((tables.root / "data").rglob("*.csv")):
        table = path.relative_to(tables.root / "data").as_posix()
        # Most tables name no council; reading all of their cells would take longer than looking at them whole.
        if table in plan["keep"] or (
            old not in path.read_text(encoding="utf-8-sig") and f"data/{table}" not in tables.changed
        ):
            continue
        header, rows = tables.read(table)
        for row in rows:
            for column, value in row.items():
                if old in value:
                    row[column] = "".join(new if part == old else part for part in _PARTS.split(value))
        tables.write(table, rows, header[:1])
    rows = tables.rows(plan["councils"])
    tables.write(
        plan["councils"], ({**r, "ons_code_prev": old} if r["ons_code"] == new else r for r in rows), ("ons_code",)
    )
    council = next(r for r in rows if r["ons_code"] == new)
    said = {c: council[c] for c in ("name", "official_name", "type", "tier", "la_register_code")} | {
        "event": "recode",
        "source": plan["source"],
    }
    history = [
        {**said, "ons_code": old, "valid_to": day, "successor_ons": new},
        {**said, "ons_code": new, "valid_from": day, "note": "The code, not the council, began on this date"},
    ]
    tables.add(plan["council_history"], history)
