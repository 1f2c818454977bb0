"""An answer over several scenarios, side by side: a column for each, a row for each kind of thing said."""

from __future__ import annotations

from dataclasses import dataclass

from icsgraph.core.answer import Answer, Thing

__all__ = ["Matrix", "side_by_side"]


@dataclass(frozen=True)
class Matrix:
    """``rows``: what is said, and for each column the statements by id with their words; an empty cell says nothing."""

    columns: list[Thing]
    rows: list[tuple[str, list[list[tuple[str, str]]]]]


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
