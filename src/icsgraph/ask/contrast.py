"""Two laws or models on one matter, side by side, with a sentence of what differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from icsgraph.ask import scenarios
from icsgraph.ask.brevity import LONGEST, listed, word_count
from icsgraph.ask.desk import Desk
from icsgraph.core.answer import Answer, Cell, Thing
from icsgraph.core.terms import DEFAULT_SCENARIO
from icsgraph.graph.rdf import iri

__all__ = ["QUESTION", "Contrast", "Row", "Side", "contrast"]

# The question that tells how each scenario treats a matter.
QUESTION = "compare-scenarios"
# Names read out for one side of what differs.
_NAMES = 2


@dataclass(frozen=True, kw_only=True)
class Side:
    """What one of the two says of one sort of thing: statements by id with their words. ``as_law``: the law in force, since a bill says nothing."""

    said: tuple[tuple[str, str], ...]
    as_law: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """A sort of thing said, and what each of the two says of it; ``differs`` where not the same bodies are said to."""

    title: str
    left: Side
    right: Side
    differs: bool


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """``columns`` are the two; ``says`` tells what differs in at most forty words; ``notes`` what there is to know of the two."""

    topic: Thing
    columns: tuple[Thing, Thing]
    says: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    answer: Answer


def contrast(desk: Desk, topic: str, first: str, second: str) -> Contrast:
    """How two scenarios treat a matter, all given by name or code.

    Where one is a bill that says nothing of a sort of thing on record, the law in force stands in its place and is marked so.
    Raises ``IcsgraphError`` for what cannot be understood.
    """
    columns = desk.views.thing(_scenario(desk, first)), desk.views.thing(_scenario(desk, second))
    asked = {c.code for c in columns} | ({DEFAULT_SCENARIO} if any(_is_bill(desk, c) for c in columns) else set())
    answer = desk.ask(QUESTION, {"topic": topic, "scenarios": ",".join(sorted(asked))})
    told = {c.code: _told(answer.rows, c.code) for c in columns}
    law = _told(answer.rows, DEFAULT_SCENARIO)
    rows, notes = [], []
    for title in sorted({t for sides in (*told.values(), *([law] if len(asked) > 1 else [])) for t in sides}):
        cells = [_side(desk, c, title, told[c.code], law) for c in columns]
        if any(side.said for side, _ in cells):
            (left, a), (right, b) = cells
            rows.append(
                (
                    Row(title=title, left=left, right=right, differs=a != b and not left.as_law and not right.as_law),
                    a,
                    b,
                )
            )
    for column in columns:
        if _is_bill(desk, column) and told[column.code]:
            notes.append(f"Where {column.label} says nothing on record, the law in force stands and goes on.")
    found = answer.parameters["topic"]
    assert isinstance(found, Thing)
    return Contrast(
        topic=found,
        columns=columns,
        says=_differing(desk, rows, columns),
        # What differs goes first.
        rows=tuple(sorted((row for row, *_ in rows), key=lambda r: not r.differs)),
        notes=tuple(notes),
        answer=answer,
    )


def _scenario(desk: Desk, said: str) -> str:
    return desk.names.find(said, "Scenario").value


def _is_bill(desk: Desk, scenario: Thing) -> bool:
    return scenarios.read(desk.store, desk.names, iri(scenario.iri).value).bill


_Told = Mapping[str, tuple[dict[str, str], list[str]]]


def _told(rows: Iterable[Mapping[str, Cell]], scenario: str) -> dict[str, tuple[dict[str, str], list[str]]]:
    """What a scenario says by sort of thing: its statements by id with their words, and who is said to, each once."""
    found: dict[str, tuple[dict[str, str], list[str]]] = {}
    for row in rows:
        of, relation, bearer = row.get("in_scenario"), row.get("relation"), row.get("bearer")
        if isinstance(of, Thing) and of.code == scenario and row.get("statement"):
            title = relation.label if isinstance(relation, Thing) else "is said"
            said, who = found.setdefault(title, ({}, []))
            said[str(row["statement"])] = str(row["says"])
            if isinstance(bearer, Thing) and bearer.label not in who:
                who.append(bearer.label)
    return found


def _side(desk: Desk, column: Thing, title: str, told: _Told, law: _Told) -> tuple[Side, list[str]]:
    if title not in told and _is_bill(desk, column):
        said, who = law.get(title, ({}, []))
        return Side(said=tuple(said.items()), as_law=bool(said)), who
    said, who = told.get(title, ({}, []))
    return Side(said=tuple(said.items())), who


def _differing(desk: Desk, rows: Sequence[tuple[Row, list[str], list[str]]], columns: tuple[Thing, Thing]) -> str:
    """What differs, as many sorts of it as there is room for.

    A sort of thing differs where not the same bodies are said to, or one of the two says nothing of it. Of a bill only what it is
    reported to say differs: what it leaves out goes on.
    """
    bills = [n for n, column in enumerate(columns) if _is_bill(desk, column)]
    if bills:
        sides = [(row.left, row.right)[bills[0]] for row, *_ in rows]
        parts = [words.rstrip(".") for side in sides if not side.as_law for _, words in side.said]
        none = f"{columns[bills[0]].label} says nothing of this on record; the law in force stands"
        return _fitting([parts], none)
    by_name = (f"under {columns[0].label}", f"under {columns[1].label}")
    none = (
        "Both say it of the same bodies; how they say it stands below"
        if rows
        else "Neither says anything of this on record"
    )
    tries = [
        _parts(rows, by_name, _NAMES),
        *(_parts(rows, ("on the left", "on the right"), n) for n in range(_NAMES, -1, -1)),
    ]
    return _fitting(tries, none)


def _parts(rows: Iterable[tuple[Row, list[str], list[str]]], sides: tuple[str, str], most: int) -> list[str]:
    """A part of a sentence for each sort of thing that differs, with so many names of each side."""
    parts = []
    for row, a, b in rows:
        one_sided = ([n for n in a if n not in b], [n for n in b if n not in a])
        only = [f"{listed(some, most)} only {where}" for some, where in zip(one_sided, sides, strict=True) if some]
        if row.differs:
            parts.append(
                f"{row.title}: {', '.join(only)}" if a and b else f"“{row.title}” is said only {sides[0 if a else 1]}"
            )
    return parts


def _fitting(tries: Sequence[list[str]], none: str) -> str:
    """As many parts as there is room for in forty words, of the first try whose first part fits; ``none`` where there are none."""
    if not tries[0]:
        return f"{none}."
    for parts in tries:
        said, told = f"What differs: {parts[0]}", 1
        while told < len(parts) and word_count(f"{said}; {parts[told]}; more below") <= LONGEST:
            said, told = f"{said}; {parts[told]}", told + 1
        said += "." if told == len(parts) else "; more below."
        if word_count(said) <= LONGEST:
            return said
    return "What differs stands below."
