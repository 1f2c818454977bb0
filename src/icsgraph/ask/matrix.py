"""An answer over several scenarios, side by side: a column for each, a row for each kind of thing said."""

from __future__ import annotations

from dataclasses import dataclass

from icsgraph.core.answer import Answer, Cell, Thing

__all__ = ["Line", "Matrix", "in_lines", "side_by_side"]


@dataclass(frozen=True)
class Matrix:
    """``rows``: what is said, and for each column the statements by id with their words; an empty cell says nothing."""

    columns: list[Thing]
    rows: list[tuple[str, list[list[tuple[str, str]]]]]


@dataclass(frozen=True)
class Line:
    """What one scenario says in one line: how firmly, what became of it, and its statements by id with their words."""

    scenario: Thing
    strengths: str
    fates: str
    said: list[tuple[str, str]]


def in_lines(answer: Answer) -> list[Line]:
    """A line for each scenario of an answer whose rows say how firmly each speaks; nothing for other answers.

    A scenario may say several things, some firmer than others: each strength stands with how many statements have it.
    """
    if not {"in_scenario", "strength", "fate", "says"} <= set(answer.columns):
        return []
    found: dict[Thing, list[dict[str, Cell]]] = {}
    for row in answer.rows:
        if isinstance(row["in_scenario"], Thing):
            found.setdefault(row["in_scenario"], []).append(row)
    return [
        Line(
            scenario,
            _tally(rows, "strength"),
            _tally([r for r in rows if r["fate"]], "fate"),
            list({str(r["statement"]): str(r["says"]) for r in rows if r["statement"]}.items()),
        )
        for scenario, rows in found.items()
    ]


def _tally(rows: list[dict[str, Cell]], column: str) -> str:
    """The values of a column, the most frequent first, each with how many statements have it where that is more than one."""
    having: dict[str, set[str]] = {}
    for row in rows:
        value = row[column]
        having.setdefault(value.label if isinstance(value, Thing) else str(value), set()).add(str(row["statement"]))
    many = sorted(having.items(), key=lambda pair: -len(pair[1]))
    return ", ".join(f"{name} ({len(of)})" if len(of) > 1 else name for name, of in many)


def side_by_side(
    answer: Answer, across: str = "in_scenario", down: str = "relation", says: str = "says"
) -> Matrix | None:
    """The matrix of an answer whose rows name a scenario each; nothing for other answers."""
    if not {across, down, says} <= set(answer.columns):
        return None
    columns = list(dict.fromkeys(c for r in answer.rows if isinstance(c := r.get(across), Thing)))
    cells: dict[str, dict[str, dict[str, str]]] = {}
    for row in answer.rows:
        column, name = row.get(across), row.get(down)
        # A scenario that says nothing has a row without a statement: an empty column is enough.
        if isinstance(column, Thing) and row.get("statement"):
            kind = name.label if isinstance(name, Thing) else str(name or "is said")
            cells.setdefault(kind, {}).setdefault(column.iri, {})[str(row.get("statement") or "")] = str(
                row.get(says) or ""
            )
    rows = [(kind, [list(found.get(c.iri, {}).items()) for c in columns]) for kind, found in sorted(cells.items())]
    return Matrix(columns, rows)
