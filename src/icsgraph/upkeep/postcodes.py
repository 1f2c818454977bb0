"""The postcode directory as a local file beside the dataset: which council, location and board a postcode lies in."""

from __future__ import annotations

import csv
import re
import sqlite3
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path

from icsgraph.core.errors import IcsgraphError
from icsgraph.upkeep.registers import PLAN

__all__ = ["FILE", "index", "look_up"]

# The name of the index beside a dataset.
FILE = "postcodes.sqlite"
_FIELDS = ("postcode", "ended", "council", "location", "board")
# A whole directory has some 2.7 million; a tenth of that is half a file.
_LEAST = 270_000
# "E15 1AA", "sw1a1aa".
_POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}")


def _squeezed(postcode: str) -> str:
    """A postcode as a key.

    >>> _squeezed("sw1a 1aa")
    'SW1A1AA'
    """
    return "".join(postcode.split()).upper()


def _places(header: list[str], plan: Mapping[str, str], name: str) -> list[int]:
    """Where the fields stand in the head of a directory."""
    found = []
    for field in _FIELDS:
        # Of several names the first that is there: the whole form of a postcode before the one cut to seven characters.
        names = plan[field].split("|")
        at = [n for one in names for n, column in enumerate(header) if re.fullmatch(one, column.strip().lower())]
        if not at:
            raise IcsgraphError(
                f"{name} has no column for the {field}, so it is no postcode directory, or its columns have other names.",
                f"Give the directory of the Office for National Statistics, or mend {PLAN}.",
            )
        found.append(at[0])
    return found


def _rows(path: Path, plan: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.reader(handle, strict=True)
        header = next(reader, [])
        places = _places(header, plan, path.name)
        for row in reader:
            if len(row) != len(header):
                raise IcsgraphError(
                    f"{path.name}, line {reader.line_num}: {len(row)} columns where its head has {len(header)}.",
                    "It may be half a file: download it again.",
                )
            first, *rest = (row[n] for n in places)
            yield _squeezed(first), *rest


def index(path: Path, root: Path, to: Path, least: int = _LEAST) -> int:
    """Write the index of a directory to a file, which is replaced only once it is whole; gives how many postcodes it has.

    Raises ``IcsgraphError`` for half a directory and what is none. Takes rows as they come, so that memory does not grow with them.
    """
    plan = tomllib.loads((root / PLAN).read_text(encoding="utf-8"))["postcodes"]
    aside = to.with_suffix(".new")
    number: int
    aside.unlink(missing_ok=True)
    try:
        with path.open("rb") as file:
            file.seek(-1, 2)
            if file.read() != b"\n":
                raise IcsgraphError(
                    f"{path.name} breaks off in its last line.", "It is half a file: download it again."
                )
        with closing(sqlite3.connect(aside, isolation_level=None)) as db:
            for pragma in ("journal_mode = OFF", "synchronous = OFF"):
                db.execute(f"PRAGMA {pragma}")
            db.execute(
                "CREATE TABLE postcode (postcode TEXT PRIMARY KEY, ended TEXT, council TEXT, location TEXT, board TEXT) WITHOUT ROWID"
            )
            db.execute("BEGIN")
            db.executemany("INSERT OR REPLACE INTO postcode VALUES (?, ?, ?, ?, ?)", _rows(path, plan))
            db.execute("COMMIT")
            (number,) = db.execute("SELECT COUNT(*) FROM postcode").fetchone()
        if number < least:
            raise IcsgraphError(
                f"{path.name} has {number} postcodes; a whole directory has {least} at least.", "It may be half a file."
            )
        aside.replace(to)
    except OSError as error:
        raise IcsgraphError(
            f"{path} cannot be read or {to} written: {error.strerror}.", "Give the path of a file that exists."
        ) from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise IcsgraphError(
            f"{path.name} breaks off or is no CSV: {error}.", "It may be half a file: download it again."
        ) from None
    finally:
        with suppress(OSError):
            aside.unlink()
    return number


def look_up(index_file: Path, postcode: str) -> dict[str, str]:
    """Council, location and board (codes of the Office for National Statistics) of a postcode, and when it ended, if it has.

    Raises ``IcsgraphError`` for what is no postcode, one that the directory has not, and where no directory was indexed.
    """
    key = _squeezed(postcode)
    if not _POSTCODE.fullmatch(key):
        raise IcsgraphError(f"“{postcode}” is no postcode.", "Write a whole one, such as E15 1AA.")
    if not index_file.is_file():
        raise IcsgraphError("No postcode directory was indexed here.", "Give one to icsgraph postcodes.")
    with closing(sqlite3.connect(f"file:{index_file}?mode=ro", uri=True)) as db:
        row = db.execute("SELECT * FROM postcode WHERE postcode = ?", (key,)).fetchone()
    if row is None:
        raise IcsgraphError(
            f"The directory has no postcode {postcode}.",
            "Look whether it is written rightly; a new one is in a newer directory.",
        )
    return dict(zip(_FIELDS, row, strict=True))
