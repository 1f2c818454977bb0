"""Names in cells: what this workbook lists, then what the record knows."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from icsgraph.ask.names import PARAMETER_TYPES, Names
from icsgraph.core.terms import DEF
from icsgraph.scheme.layout import Layout, same

__all__ = ["Lists"]

# How alike two names are that differ by a slip of the pen and not by meaning.
_ALIKE = 0.9


class Lists:
    """The names of a workbook's own bodies, committees, posts and lines, and behind them the record's."""

    def __init__(self, layout: Layout, names: Names, as_at: str) -> None:
        self.layout = layout
        self.names = names
        self.as_at = as_at
        self._own: dict[str, dict[str, str]] = {}
        self._kinds: dict[str, dict[str, str]] = {}
        self._found: dict[tuple[str, tuple[str, ...]], str] = {}
        # What was read as which name though it was written otherwise.
        self.likened: dict[str, str] = {}

    def add(self, kind: str, name: str, address: str) -> None:
        """List a name of a thing of a class; the first of a name counts."""
        self._own.setdefault(kind, {}).setdefault(self.form(name), address)
        self._found.clear()

    def form(self, name: str) -> str:
        """The form in which a name is compared."""
        return same(name, self.layout.short)

    def find(self, name: str, picks: tuple[str, ...]) -> str:
        """The address of what a name means among some classes, else among all lists of the workbook; empty where nothing does."""
        return self.exact(name, picks) or self.near(name, picks)

    def exact(self, name: str, picks: tuple[str, ...]) -> str:
        """The address of what a name means as it is written, short forms and articles aside; empty where nothing does."""
        key = (name, picks)
        if key not in self._found:
            self._found[key] = self._exact(name, picks)
        return self._found[key]

    def _exact(self, name: str, picks: tuple[str, ...]) -> str:
        wanted = self.form(name)
        if not wanted:
            return ""
        fitting = self._fitting(picks)
        others = [k for k in self._own if k not in fitting] if not picks or self._holders(picks) else []
        for kind in (*fitting, *others):
            if wanted in self._own[kind]:
                return self._own[kind][wanted]
        for pick in picks:
            known = pick.removeprefix(DEF)
            if known in PARAMETER_TYPES and (address := self.names.meant(name, known, self.as_at)):
                return address
        return ""

    def near(self, name: str, picks: tuple[str, ...]) -> str:
        """The address of what is listed under a name that is spelt almost so; empty where nothing is."""
        key = (name, (*picks, ""))
        if key not in self._found:
            self._found[key] = self._near(name, picks)
        return self._found[key]

    def _near(self, name: str, picks: tuple[str, ...]) -> str:
        wanted = self.form(name)
        for kind in self._fitting(picks) if len(wanted) > 8 else ():
            # Names that differ by a number or a whole word are names of different things.
            alike = [n for n in self._own[kind] if _digits(n) == _digits(wanted) and n.count(" ") == wanted.count(" ")]
            if near := difflib.get_close_matches(wanted, alike, 1, _ALIKE):
                self.likened[name] = near[0]
                return self._own[kind][near[0]]
        for kind in self._fitting(picks):
            # “Audit” in a column of committees is the one committee of that name.
            if DEF + "Committee" in picks and f"{wanted} committee" in self._own[kind]:
                self.likened[name] = f"{wanted} committee"
                return self._own[kind][f"{wanted} committee"]
        return ""

    def _fitting(self, picks: tuple[str, ...]) -> list[str]:
        return [k for k in self._own if any(self.layout.overlap(k, p) for p in picks)]

    def is_board(self, name: str, body: str) -> bool:
        """Whether a name is that of the board of a body: its own name with “Board”, or “Trust Board”."""
        words = self.form(name).split()
        if (words[-1:] != ["board"] and words[:2] != ["board", "of"]) or words[0] in ("and", "of"):
            return False
        own = set(self.form(body).split()) | set(self.layout.words["BoardNameWord"])
        return all(w in own or w.removesuffix("s") in own for w in words)

    def _holders(self, picks: Iterable[str]) -> bool:
        """Whether classes are of those that may hold authority: people put committees and posts into each other's columns."""
        holders = (DEF + "Body", DEF + "LocalPost")
        return all(any(self.layout.overlap(p, h) for h in holders) for p in picks)

    def kind(self, name: str, wide: str) -> str:
        """The class within a wide one that a name means; empty where none does."""
        if wide not in self._kinds:
            self._kinds[wide] = {self.form(label): kind for label, kind in self.layout.kinds(wide).items()}
        found = self._kinds[wide].get(self.form(name), "")
        if found or not self.layout.overlap(wide, DEF + "Body"):
            return found
        kind = self.names.meant(name, "BodyKind")
        return kind if wide in self.layout.vocabulary.wider.get(kind, ()) else ""


def _digits(name: str) -> str:
    return "".join(c for c in name if c.isdigit())
