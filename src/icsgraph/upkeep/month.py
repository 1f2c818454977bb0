"""Files of several registers taken together: what all of them say otherwise, and the tables with that in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from icsgraph.upkeep import lookups, update
from icsgraph.upkeep.lookups import Lookup
from icsgraph.upkeep.registers import Extract, Register, Sheets, read_files, read_lines, read_registers
from icsgraph.upkeep.working import Working

__all__ = ["Month", "read_month"]


@dataclass(frozen=True, kw_only=True)
class Month:
    """What the files of a month hold; the extracts stand in the order of their registers, so that what others refer to comes first."""

    tables: Working
    registers: list[Register]
    extracts: list[Extract]
    lookups: list[Lookup]
    plan: Any

    def hold(self, day: str, old: bool = False) -> tuple[str, bool]:
        """What is otherwise, in words, and whether anything is; the tables then have it, and nothing is written until they are committed.

        ``day`` is that of the files. Raises ``IcsgraphError`` for half a file and, unless ``old`` says that it is meant, for a past one.
        """
        told: list[str] = []
        differ = False
        shares: dict[tuple[str, str], float] = {}
        for extract in self.extracts:
            found = update.compare(extract, self.tables, old)
            register = extract.register
            told.append(update.as_text(extract.name, register.label, len(extract.rows), register.table, found))
            update.apply(extract, found, self.tables, day)
            differ = differ or bool(found)
        for lookup in self.lookups:
            found = lookups.compare(lookup, self.tables, self.plan, old)
            told.append(update.as_text(lookup.name, self.plan["label"], lookup.rows, self.plan["councils"], found))
            shares |= lookups.apply(lookup, found, self.tables, self.plan, day)
            differ = differ or bool(found)
        update.settle_successions(self.registers, self.tables, shares)
        update.follow_through(self.registers, self.tables, day)
        update.date_sources(self.registers, self.extracts, self.tables, day)
        return "".join(told), differ


def read_month(paths: Iterable[Path], root: Path, said: Callable[[str], None], sheets: Sheets) -> Month:
    """The files at ``paths``, of whatever register each is; ``said`` gets what of them was left out, ``sheets`` opens a workbook.

    All are read before any is held against the tables. Raises ``IcsgraphError`` for one that cannot be.
    """
    tables, registers, plan = Working(root), read_registers(root), lookups.read_plan(root)
    extracts: list[Extract] = []
    found: list[Lookup] = []
    for path in paths:
        lines = read_lines(path) if path.suffix.lower() == ".csv" else []
        if lines and lookups.is_lookup(lines, plan):
            found.append(lookups.read_lookup(lines, path.name, plan))
        else:
            extracts += read_files(path, registers, tables, said, sheets)
    extracts.sort(key=lambda e: [r.id for r in registers].index(e.register.id))
    return Month(tables=tables, registers=registers, extracts=extracts, lookups=found, plan=plan)
