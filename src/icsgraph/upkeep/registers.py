"""Extracts of registers as ``data/upkeep/registers.toml`` says how they are read. Knows no register by name."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from icsgraph.core.dates import day_after
from icsgraph.core.errors import IcsgraphError
from icsgraph.upkeep.organisations import Organisation, read_organisations
from icsgraph.upkeep.working import Working

__all__ = [
    "PLAN",
    "Choice",
    "Dated",
    "Extract",
    "Register",
    "Sheets",
    "extracts_of",
    "read_extract",
    "read_files",
    "read_lines",
    "read_registers",
    "titled",
]

PLAN = "data/upkeep/registers.toml"
# Megabytes of an extract; the largest that is published has a tenth.
_MOST = 64
# "R0A", "G6V2S", "A81001".
_CODE = re.compile(r"[A-Z0-9]{3,10}")
# "20260401".
_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
# What opens a workbook: its sheets, each as rows of text.
Sheets = Callable[[Path], list[list[list[str]]]]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The value of a column in a new row by how a field ends; the first ending that fits."""

    column: str
    field: str
    ends: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Dated:
    """A place that a column holds for the time since a day: what it was before goes to a table of earlier places.

    ``since`` is the column of that day, ``began`` the day where it is empty; ``body``, ``area`` and ``basis`` say what the earlier place
    was; ``ends`` is the table, key and column with the day on which whatever the column names ended. ``own`` is a column with the area
    that stands for the row where it has one of its own.
    """

    since: str
    began: str
    history: str
    body: str
    area: str
    basis: str
    ends: tuple[str, str, str]
    own: str = ""


@dataclass(frozen=True, kw_only=True)
class Register:
    """How an extract is read and which table it is held against; the head of the plan says what each is."""

    id: str
    label: str
    source: str
    table: str
    key: tuple[str, ...]
    identify: tuple[str, ...]
    columns: int
    known: float
    whole: bool
    adds: bool
    past: bool
    fields: Mapping[str, int | str]
    compare: Mapping[str, str]
    names: Mapping[str, str]
    follow: Mapping[str, str]
    ended: Mapping[str, str]
    marks: Mapping[str, str]
    former: tuple[str, str]
    fold: frozenset[str]
    day_after: frozenset[str]
    where: Mapping[str, str]
    new: Mapping[str, str]
    choose: tuple[Choice, ...]
    dated: Mapping[str, Dated]
    through: Mapping[str, tuple[str, str, str]]
    refers: Mapping[str, tuple[str, str]]
    successions: Mapping[str, str]
    located: str
    keep: frozenset[str]
    small: frozenset[str]
    trim: tuple[str, ...]
    roles: frozenset[str]

    @property
    def days(self) -> tuple[str, ...]:
        """The columns of the table that hold days of the register."""
        return tuple(column for column, field in self.compare.items() if field in ("opened", "closed"))

    @property
    def end(self) -> str:
        """The column of the table that holds the end, empty where it has none."""
        return next((column for column, field in self.compare.items() if field == "closed"), "")

    def code(self, row: Mapping[str, str]) -> str:
        """What tells a row of the table from the others."""
        return " ".join(row[c] for c in self.key)


@dataclass(frozen=True, kw_only=True)
class Extract:
    """A file as rows by code, each with its line, and the newest day that it names.

    ``whole`` says whether it has all that the register has; ``followers`` are whoever followed a code, each with its day.
    """

    register: Register
    name: str
    rows: Mapping[str, Mapping[str, str]]
    newest: str
    whole: bool = True
    followers: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)


def read_registers(root: Path) -> list[Register]:
    """The registers of the content in ``root``; raises ``IcsgraphError`` where the plan is not of its form."""
    try:
        plan = tomllib.loads((root / PLAN).read_text(encoding="utf-8"))
        words = plan["words"]
        return [_register(entry, words) for entry in plan["register"]]
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise IcsgraphError(f"{PLAN} is not of its form: {error}.", "See its head.") from None


def _several(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _register(entry: Mapping[str, Any], words: Mapping[str, list[str]]) -> Register:
    plain = {k: entry[k] for k in ("id", "label", "source", "table", "known", "whole", "fields", "compare", "new")}
    former = entry.get("former", {})
    return Register(
        **plain,
        key=_several(entry["key"]),
        identify=_several(entry.get("identify", "code")),
        columns=entry.get("columns", 0),
        adds=entry.get("adds", True),
        past=entry.get("past", False),
        names=entry["as"],
        follow=entry.get("follow", {}),
        ended=entry.get("ended", {}),
        marks=entry.get("marks", {}),
        former=(former["of"], former["column"]) if former else ("", ""),
        fold=frozenset(entry.get("fold", ())),
        day_after=frozenset(entry.get("day_after", ())),
        where=entry.get("where", {}),
        choose=tuple(Choice(**c) for c in entry.get("choose", ())),
        dated={c: Dated(**d | {"ends": tuple(d["ends"])}) for c, d in entry.get("dated", {}).items()},
        through={c: (t[0], t[1], t[2]) for c, t in entry.get("through", {}).items()},
        refers={f: (t[0], t[1]) for f, t in entry.get("refers", {}).items()},
        successions=entry.get("successions", {}),
        located=entry.get("located", "board"),
        keep=frozenset(words["keep"]),
        small=frozenset(words["small"]),
        trim=tuple(words["trim"]),
        roles=frozenset(entry.get("roles", ())),
    )


def titled(name: str, register: Register) -> str:
    """A name in capitals as people write it: first letters large, small words small, and words kept that are abbreviations."""
    found = []
    for number, word in enumerate(name.split()):
        if word in register.keep or any(c.isdigit() for c in word):
            found.append(word)
        elif number and word.lower() in register.small:
            found.append(word.lower())
        else:
            found.append("-".join(p.capitalize() for p in word.split("-")))
    return " ".join(found)


def shortened(name: str, register: Register) -> str:
    """A name as people write it, without the words that all of its kind have before and after it."""
    found = titled(name, register)
    for words in register.trim:
        found = found.removeprefix(f"{words} ").removesuffix(f" {words}")
    return found


def read_lines(path: Path) -> list[list[str]]:
    """The rows of an extract; raises ``IcsgraphError`` with the line for what is no whole file of that kind."""
    try:
        size = path.stat().st_size
        if size > _MOST * 1_000_000:
            raise IcsgraphError(
                f"{path.name} has {size // 1_000_000} MB; an extract has {_MOST} at most.",
                "Give the extract of one register; a postcode directory goes to icsgraph postcodes.",
            )
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise IcsgraphError(
            f"{path} cannot be read: {error.strerror}.", "Give the path of a file that exists."
        ) from None
    except UnicodeDecodeError:
        raise IcsgraphError(
            f"{path.name} is no text, so it is no extract of a register.", "Give the CSV as it was downloaded."
        ) from None
    if not text.strip():
        raise IcsgraphError(f"{path.name} is empty.", "Download it again.")
    if not text.endswith("\n"):
        raise IcsgraphError(f"{path.name} breaks off in its last line.", "It is half a file: download it again.")
    try:
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise IcsgraphError(
            f"{path.name} breaks off or is no CSV: {error}.", "It may be half a file: download it again."
        ) from None


def _day(value: str, where: str) -> str:
    """A day as ISO, from the register's form; nothing stays nothing.

    >>> _day("20260401", "x")
    '2026-04-01'
    """
    if not value:
        return ""
    match = _DAY.fullmatch(value)
    try:
        return dt.date(*map(int, match.groups())).isoformat() if match else dt.date.fromisoformat(value).isoformat()
    except ValueError:
        raise IcsgraphError(
            f"{where}: “{value}” is no day.", "The columns may have moved: compare them with upkeep/registers.toml."
        ) from None


def _headed(register: Register) -> bool:
    """Whether the columns of an extract have names in its first row."""
    return any(isinstance(column, str) for column in register.fields.values())


def _places(register: Register, head: Sequence[str]) -> dict[str, int]:
    """Where each field stands, counted from 0; nothing where the head of the file has not all of the names."""
    if not _headed(register):
        return {field: int(column) - 1 for field, column in register.fields.items()}
    names = [" ".join(cell.split()).casefold() for cell in head]
    wanted = {field: str(column).casefold() for field, column in register.fields.items()}
    return {field: names.index(name) for field, name in wanted.items()} if set(wanted.values()) <= set(names) else {}


def _rows(register: Register, lines: list[list[str]], name: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    headed = _headed(register)
    places = _places(register, lines[0])
    columns = len(lines[0]) if headed else register.columns
    for number, line in enumerate(lines[headed:], 1 + headed):
        where = f"{name}, line {number}"
        if len(line) != columns:
            raise IcsgraphError(
                f"{where}: {len(line)} columns where {register.label} has {columns}.",
                "The columns moved, or it is half a file.",
            )
        row = {field: line[column].strip() for field, column in places.items()}
        if not _CODE.fullmatch(row["code"]):
            raise IcsgraphError(
                f"{where}: “{row['code']}” is no code.",
                "The columns may have moved: compare them with upkeep/registers.toml.",
            )
        for one in ("opened", "closed"):
            if one in row:
                day = _day(row[one], f"{where}, {one}")
                row[one] = day_after(day) if day and one in register.day_after else day
        code = " ".join(row[f] for f in register.identify)
        if code in found:
            raise IcsgraphError(f"{where}: {code} stands there twice.", "Download it again.")
        if all(any(map(re.compile(w).fullmatch, row[one].split("|"))) for one, w in register.where.items()):
            found[code] = {**row, "line": str(number)}
    return found


def extracts_of(found: Iterable[Organisation], name: str, registers: list[Register]) -> list[Extract]:
    """The organisations of a file of ORD or FHIR by the registers whose roles they have.

    Fields that such a file does not have are left out, and so not compared.
    """
    extracts = []
    organisations = list(found)
    for register in registers:
        rows: dict[str, Mapping[str, str]] = {}
        followers = {}
        for one in organisations:
            if not register.roles & set(one.roles):
                continue
            row = {"code": one.code, "name": one.name.upper(), "opened": one.opened, "closed": one.closed, "line": "0"}
            if row["closed"] and "closed" in register.day_after:
                row["closed"] = day_after(row["closed"])
            told = {"postcode": one.postcode, "town": one.town, register.located: one.board, "moved": one.moved}
            row |= {k: v for k, v in told.items() if v}
            rows[one.code] = {k: v for k, v in row.items() if k in register.fields or k in ("line", "moved")}
            if one.successors:
                followers[one.code] = one.successors
        if rows:
            extracts.append(
                Extract(register=register, name=name, rows=rows, newest="", whole=False, followers=followers)
            )
    return extracts


def _say_what_moved(head: Sequence[str], name: str, registers: Iterable[Register]) -> None:
    """Raise ``IcsgraphError`` where a head has most of the names of a register and lacks some."""
    names = {" ".join(cell.split()).casefold() for cell in head}
    for register in filter(_headed, registers):
        lost = [str(c) for c in register.fields.values() if str(c).casefold() not in names]
        if 2 * len(lost) < len(register.fields):
            raise IcsgraphError(
                f"{name} has no column “{lost[0]}”, which {register.label} has.",
                "The columns moved or have other names: compare them with upkeep/registers.toml.",
            )


def read_extract(lines: list[list[str]], name: str, registers: list[Register], tables: Working) -> Extract:
    """The extract that rows of text are, of the register whose head it has, or else whose table has most of its codes.

    Raises ``IcsgraphError`` for half a file, a file of another register, and one whose columns moved.
    """
    best: tuple[float, Register | None] = (0.0, None)
    codes = {line[0].strip() for line in lines if line}
    for register in registers:
        if _headed(register):
            share = 2.0 if _places(register, lines[0]) else 0.0
        else:
            held = {register.code(r) for r in tables.rows(register.table)}
            share = len(held & codes) / len(held)
        if share > best[0]:
            best = (share, register)
    share, found = best
    if found is None or share < 0.2:
        _say_what_moved(lines[0], name, registers)
        raise IcsgraphError(
            f"{name} is of no register that is known: its first column has hardly any code of a table.",
            f"Known are: {'; '.join(r.label for r in registers)}.",
        )
    rows = _rows(found, lines, name)
    newest = max((row[f] for row in rows.values() for f in ("opened", "closed") if row.get(f)), default="")
    return Extract(register=found, name=name, rows=rows, newest=newest)


def read_files(
    path: Path, registers: list[Register], tables: Working, said: Callable[[str], None], sheets: Sheets
) -> list[Extract]:
    """The extracts in a file of any form; ``said`` gets what of it was left out, and ``sheets`` opens a workbook."""
    if path.suffix.lower() == ".xlsx":
        found = [
            lines for lines in sheets(path) if lines and any(_places(r, lines[0]) for r in registers if _headed(r))
        ]
        if not found:
            raise IcsgraphError(
                f"{path.name} has no sheet of a register that is known.", "Give the workbook as it was downloaded."
            )
        return [read_extract(lines, path.name, registers, tables) for lines in found]
    if path.suffix.lower() not in (".json", ".xml"):
        return [read_extract(read_lines(path), path.name, registers, tables)]
    board = tomllib.loads((tables.root / PLAN).read_text(encoding="utf-8")).get("board", "")
    read = read_organisations(path, board)
    for remark in read.remarks:
        said(f"{path.name}: {remark}.")
    extracts = extracts_of(read.organisations, path.name, registers)
    rest = len(read.organisations) - sum(len(e.rows) for e in extracts)
    if rest > 0:
        said(f"{path.name}: {rest} organisations have no role of a register that is known, and were not compared.")
    return extracts
