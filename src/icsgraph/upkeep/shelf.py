"""Editions kept as files: what was known on a day, each named by that day and by what it says.

The day in the world and the day of our knowledge are two things: a question has the first as ``as_at``, and the second as ``edition``.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from icsgraph.build.whole import sha256_of
from icsgraph.core.dates import parse_day
from icsgraph.core.errors import IcsgraphError, StatusError
from icsgraph.graph.store import Store

__all__ = ["SUFFIX", "Kept", "find", "keep", "open_edition", "read_shelf"]

SUFFIX = ".nq.gz"
# "2026-11-30-1a2b3c4d": the day of our knowledge, and the beginning of the checksum of what was known.
_ID = re.compile(r"(\d{4}-\d{2}-\d{2})-([0-9a-f]{8})")
# Of several editions that a refusal names, so many.
_NAMED = 8


@dataclass(frozen=True, kw_only=True)
class Kept:
    """An edition that is kept: ``id`` names it, ``day`` is that of our knowledge as ISO, ``size`` is in bytes."""

    id: str
    day: str
    path: Path
    size: int

    @property
    def checksum(self) -> str:
        """The beginning of the checksum of the dataset that it is."""
        return self.id.rpartition("-")[2]


def read_shelf(folder: Path) -> list[Kept]:
    """The editions in a folder, the newest first; other files there are left alone.

    Raises ``IcsgraphError`` where there is no such folder.
    """
    if not folder.is_dir():
        raise IcsgraphError(f"There is no folder {folder}.", "Keep an edition with icsgraph build --editions DIR.")
    found = []
    for path in folder.glob(f"*{SUFFIX}"):
        match = _ID.fullmatch(path.name.removesuffix(SUFFIX))
        with suppress(IcsgraphError):
            if match and parse_day(match[1]):
                found.append(Kept(id=match[0], day=match[1], path=path, size=path.stat().st_size))
    return sorted(found, key=lambda e: e.id, reverse=True)


def keep(dataset: Path, folder: Path, day: str) -> Kept:
    """Keep a dataset as the edition of a day, and give it; one that says the same as an edition that is kept is that edition.

    Raises ``OSError`` where the folder cannot be written.
    """
    parse_day(day)
    folder.mkdir(parents=True, exist_ok=True)
    checksum = sha256_of(dataset)[:8]
    for known in reversed(read_shelf(folder)):
        if known.checksum == checksum:
            return known
    path = folder / f"{day}-{checksum}{SUFFIX}"
    aside = path.with_suffix(".new")
    # Without a name or a time within, so that the same dataset gives the same file.
    with (
        dataset.open("rb") as source,
        aside.open("wb") as target,
        gzip.GzipFile("", "wb", 6, target, mtime=0) as packed,
    ):
        shutil.copyfileobj(source, packed, 1 << 20)
    aside.replace(path)
    return Kept(id=path.name.removesuffix(SUFFIX), day=day, path=path, size=path.stat().st_size)


def find(editions: Sequence[Kept], said: str) -> Kept:
    """The edition that is meant: by its id, or as we knew it on a day, which is the last edition of that day or before.

    Raises ``StatusError`` (400 for what is neither, 404 for one that is not kept), which names those that are.
    """
    known = "Kept are: " + (", ".join(e.id for e in editions[:_NAMED]) or "none")
    known += f" and {len(editions) - _NAMED} older ones." if len(editions) > _NAMED else "."
    by_id = next((e for e in editions if e.id == said), None)
    if by_id:
        return by_id
    if _ID.fullmatch(said):
        raise StatusError(404, f"There is no edition {said}.", known)
    try:
        day = parse_day(said).isoformat()
    except IcsgraphError:
        raise StatusError(400, f"“{said[:40]}” names no edition.", f"Give the id of one, or a day. {known}") from None
    before = next((e for e in editions if e.day <= day), None)
    if before is None:
        raise StatusError(404, f"No edition of {day} or before is kept.", known)
    return before


def open_edition(edition: Kept) -> Store:
    """The store of an edition; raises ``IcsgraphError`` where its file is cut off or is not what its name says."""
    digest = hashlib.sha256()
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "edition.nq"
        try:
            with gzip.open(edition.path, "rb") as packed, whole.open("wb") as target:
                while block := packed.read(1 << 20):
                    digest.update(block)
                    target.write(block)
        except (OSError, EOFError) as error:
            raise IcsgraphError(
                f"The edition {edition.id} cannot be read: {error}.", "Its file may be cut off: put it back."
            ) from None
        if digest.hexdigest()[:8] != edition.checksum:
            raise IcsgraphError(
                f"The edition {edition.id} is not what its name says.", "Its file was changed: put it back."
            )
        return Store.open(whole)
