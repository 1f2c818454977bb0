"""How many rows each table had when it was last built, kept beside the tables so that none goes missing unseen."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from icsgraph.core.errors import IcsgraphError

__all__ = ["COUNTS", "fewer_rows", "record_counts", "recorded_counts"]

COUNTS = "data/rows.json"


def recorded_counts(root: Path) -> dict[str, int]:
    """The rows of each file of the content in ``root`` as they were recorded; nothing where none were.

    Raises ``IcsgraphError`` where the file is not of its form.
    """
    path = root / COUNTS
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise IcsgraphError(
            f"{COUNTS} cannot be read: {error}.", "Remove it, and icsgraph build records the rows anew."
        ) from None
    if not isinstance(found, dict) or not all(isinstance(n, int) for n in found.values()):
        raise IcsgraphError(f"{COUNTS} is not of its form.", "Remove it, and icsgraph build records the rows anew.")
    return found


def record_counts(root: Path, rows: Mapping[str, int]) -> bool:
    """Record how many rows each file has, sorted; says whether that is other than what was recorded.

    Raises ``OSError`` where it cannot be written.
    """
    if recorded_counts(root) == rows:
        return False
    (root / COUNTS).write_text(json.dumps(dict(sorted(rows.items())), indent=1) + "\n", encoding="utf-8")
    return True


@contextmanager
def fewer_rows(root: Path) -> Iterator[None]:
    """Without what was recorded, so that tables may have lost rows; it is put back where the work within fails."""
    path = root / COUNTS
    kept = path.read_bytes() if path.exists() else None
    path.unlink(missing_ok=True)
    try:
        yield
    except BaseException:
        if kept is not None:
            path.write_bytes(kept)
        raise
