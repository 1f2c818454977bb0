"""Tables with changes that are not written yet: all of them are, once what they make passes, or none is."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

__all__ = ["Row", "Working", "read_table"]

Row = dict[str, str]
# What a build reads.
_PARTS = ("data", "ontology", "queries", "shapes")


def read_table(path: Path) -> tuple[list[str], list[Row]]:
    """The header and rows of a table of ours."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        return list(reader.fieldnames or []), list(reader)


def _written(header: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


class Working:
    """The tables under ``data`` of the content in ``root``, as they are or as they were changed here.

    Tables are named by their path under ``data``. What ``read`` gives is the caller's own, and only ``write`` changes a table.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._tables: dict[str, tuple[list[str], list[Row]]] = {}
        self._changed: set[str] = set()

    def read(self, table: str) -> tuple[list[str], list[Row]]:
        """The header of a table and its rows."""
        if table not in self._tables:
            self._tables[table] = read_table(self.root / "data" / table)
        header, rows = self._tables[table]
        return list(header), [dict(row) for row in rows]

    def rows(self, table: str) -> list[Row]:
        """The rows of a table."""
        return self.read(table)[1]

    def write(self, table: str, rows: Iterable[Mapping[str, str]], by: Sequence[str] = ()) -> None:
        """Put rows in place of those of a table; where those stood in the order of the columns ``by``, these do too."""
        header, before = self.read(table)
        new = [dict(row) for row in rows]

        def place(row: Mapping[str, str]) -> tuple[str, ...]:
            return tuple(row[c] for c in by)

        if by and [place(r) for r in before] == sorted(place(r) for r in before):
            new.sort(key=place)
        if new != before:
            self._tables[table] = (header, new)
            self._changed.add(table)

    def add(self, table: str, rows: Iterable[Mapping[str, str]], by: Sequence[str] = ()) -> None:
        """Add rows to a table; columns that they do not have stay empty."""
        header, before = self.read(table)
        self.write(table, [*before, *(dict.fromkeys(header, "") | dict(row) for row in rows)], by)

    @property
    def changed(self) -> list[str]:
        """The tables that were changed, as paths under the root."""
        return sorted(f"data/{table}" for table in self._changed)

    def commit(self, check: Callable[[Path], None]) -> list[str]:
        """Write what was changed, and give the names of the files.

        ``check`` gets a copy of the content with the changes, and raises where it would not build; then no table is touched.
        """
        texts = {f"data/{table}": _written(*self._tables[table]) for table in sorted(self._changed)}
        if not texts:
            return []
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder)
            for part in _PARTS:
                if (self.root / part).is_dir():
                    shutil.copytree(self.root / part, copy / part)
            for file, text in texts.items():
                (copy / file).write_text(text, encoding="utf-8")
            check(copy)
        for file, text in texts.items():
            aside = self.root / f"{file}.new"
            aside.write_text(text, encoding="utf-8")
            aside.replace(self.root / file)
        self._changed.clear()
        return list(texts)
