"""Numbered paragraphs under a heading to a sheet of the layout: what a holder keeps or was given, or the terms of a committee."""

from __future__ import annotations

import re

from icsgraph.scheme.grids import Grid
from icsgraph.scheme.layout import Layout
from icsgraph.scheme.remarks import Remark

__all__ = ["listed"]

_SHOWN = 80


def listed(grid: Grid, layout: Layout) -> tuple[Grid | None, list[Remark]]:
    """The paragraphs of a document under one heading as decisions of whoever the heading names, or as terms of reference.

    Where the heading names nobody, none is made, and it is told how much stands there.
    """
    heading = next((h for h in (grid.heading, *reversed(grid.above)) if _of_terms(h, layout)), "")
    if heading:
        return _terms(grid, _committee(heading, layout) or _committee(grid.heading, layout), layout)
    holder, kept = _holder(grid, layout)
    own = [(n, row) for n, row in grid.rows.items() if row[2]]
    rest = [row[1] for row in grid.rows.values() if not row[2]]
    if not holder or not own:
        told = f"{len(grid.rows)} paragraphs under “{_short(grid.heading or 'no heading')}” were not read as decisions: “{_short(next(iter(grid.rows.values()))[1])}”."
        # A heading that speaks of decisions, or words with a sum in them, may be part of the scheme.
        matters = bool(own) and (_speaks(grid.heading, layout) or any("£" in row[1] for _, row in own))
        hint = "Put them into a table, or name in the heading whose decisions they are."
        return None, [Remark(f"{grid.name}!A1", told, hint, lost=matters)]
    column = "Reserved to the Board" if kept else "Delegated to post"
    made = Grid(name=grid.name, rows={0: ["Reference", "Decision", column]}, part_of=grid.part_of)
    for number, row in own:
        made.rows[number] = ["" if row[0] == "•" else row[0], row[1], holder]
    remarks = []
    if rest:
        told = f"{len(rest)} paragraphs beside the list were not read: “{_short(rest[0])}”."
        remarks = [
            Remark(
                f"{grid.name}!A1", told, "Put what decides something into the list.", lost=any("£" in r for r in rest)
            )
        ]
    return made, remarks


def _holder(grid: Grid, layout: Layout) -> tuple[str, bool]:
    """Whom a heading, or the one over it, names, and whether what stands below is kept by it; nobody where none names one."""
    for heading in (grid.heading, *reversed(grid.above)):
        plain = re.sub(r"^[\d.]+\s+|\s*:$", "", heading).strip()
        for name, kept in (("ReservedHeadingWord", True), ("HolderHeadingWord", False)):
            for word in layout.words[name]:
                if found := re.search(rf"\b{re.escape(word)}\s+(?:the\s+)?(.+)$", plain, re.IGNORECASE):
                    return found[1].strip(" .:"), kept
        if layout.says(plain, "BoardWord"):
            return plain, True
        words = plain.casefold().split()
        if 0 < len(words) < 9 and (words[-1] in layout.words["CommitteeWord"] or _is_post(words, layout)):
            return plain, False
    return "", False


def _is_post(words: list[str], layout: Layout) -> bool:
    """Whether the words of a heading are the name of a post: one of a role at its head or end, and no verb."""
    if any(w in layout.words["VerbWord"] for w in words) or len(words) > 6:
        return False
    return words[-1] in layout.words["RoleWord"] or words[0] in ("chief", "director", "head", "chair", "deputy")


def _speaks(heading: str, layout: Layout) -> bool:
    words = set(re.findall(r"[a-z-]+", heading.casefold()))
    return bool(
        words & {"reserved", "delegated", "delegation", "reservation", "matters", "decisions", "powers", "authority"}
    )


def _of_terms(heading: str, layout: Layout) -> bool:
    """Whether a heading is that of a committee's terms of reference."""
    return any(w in heading.casefold() for w in ("terms of reference",)) and bool(_committee(heading, layout))


def _committee(heading: str, layout: Layout) -> str:
    plain = re.sub(r"terms of reference|^[\d.]+\s+", " ", heading, flags=re.IGNORECASE)
    plain = re.sub(r"\b(?:of|for)\s+the\b|[:–—-]\s*$|^\s*[:–—-]|\(.*?\)", " ", plain).strip(" :–—-")
    plain = " ".join(plain.split())
    words = plain.casefold().split()
    return plain if words and words[-1] in layout.words["CommitteeWord"] else ""


def _terms(grid: Grid, committee: str, layout: Layout) -> tuple[Grid | None, list[Remark]]:
    """The listed paragraphs of terms of reference as powers of the committee."""
    own = {n: row for n, row in grid.rows.items() if row[2]}
    if not committee or not own:
        told = f"{len(grid.rows)} paragraphs of terms of reference under “{_short(grid.heading)}” were not read: “{_short(next(iter(grid.rows.values()))[1])}”."
        return None, [Remark(f"{grid.name}!A1", told, "Number what the committee may do.", lost=False)]
    made = Grid(name=grid.name, rows={0: ["Terms of", "Clause", "Power"]}, part_of=grid.part_of)
    for number, row in own.items():
        made.rows[number] = [committee, "" if row[0] == "•" else row[0], row[1]]
    return made, []


def _short(words: str) -> str:
    return words if len(words) <= _SHOWN else words[: _SHOWN - 3] + "..."
