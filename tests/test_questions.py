"""Dated cases for every question, compared as exact sets.

A case is a sentence with its question, values and date; ``basis`` says what its expectation rests on: ``law`` (argued from
a provision), ``source`` (read off a table or paper) or ``regression`` (what the record says today).
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from icsgraph.ask.catalogue import Catalogue
from icsgraph.core.answer import Answer, Cell, Thing

FOLDER = Path(__file__).parent / "questions"


@dataclass(frozen=True)
class Case:
    """One case; an unknown key in the file is an error."""

    sentence: str
    ask: str
    basis: str
    status: str
    give: dict[str, str] = field(default_factory=dict)
    as_at: str = ""
    scenario: str = ""
    # Columns compared, and the exact set of rows in them; a thing counts by its code.
    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] | None = None
    # The exact set of passages cited.
    cites: list[str] | None = None
    # Passages and values of the first column that must be there, and that must not.
    has: list[str] = field(default_factory=list)
    has_not: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    # Words that the sentence of the answer must have, and must not.
    says: list[str] = field(default_factory=list)
    says_not: list[str] = field(default_factory=list)


def read() -> list[Case]:
    cases = []
    for path in sorted(FOLDER.glob("*.toml")):
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
            cases.append(Case(**case))
    return cases


CASES = read()


def plain(cell: Cell) -> str:
    return cell.code if isinstance(cell, Thing) else "" if cell is None else str(cell)


def faults(case: Case, answer: Answer) -> list[str]:
    """How the answer differs from the case; empty where it does not."""
    found = []
    if answer.status != case.status:
        found.append(f"status is {answer.status}, not {case.status}")
    if case.rows is not None:
        got = {tuple(plain(row[c]) for c in case.columns) for row in answer.rows}
        wanted = {tuple(row) for row in case.rows}
        found += [f"unexpected row {r}" for r in sorted(got - wanted)] + [
            f"missing row {r}" for r in sorted(wanted - got)
        ]
    cited = {p.id for s in answer.statements for p in s.passages}
    if case.cites is not None:
        found += [f"unexpected passage {p}" for p in sorted(cited - set(case.cites))] + [
            f"missing passage {p}" for p in sorted(set(case.cites) - cited)
        ]
    everything = cited | {plain(cell) for row in answer.rows for cell in row.values()}
    found += [f"{w} is missing" for w in case.has if w not in everything]
    found += [f"{w} must not be there" for w in case.has_not if w in everything]
    found += [f"the sentence does not say “{w}”" for w in case.says if w not in answer.says]
    found += [f"the sentence says “{w}”" for w in case.says_not if w in answer.says]
    found += [f"no note says “{w}”" for w in case.notes if not any(w in note for note in answer.notes)]
    return found


@pytest.mark.parametrize("case", CASES, ids=[c.sentence for c in CASES])
def test_case(case: Case, ask: Callable[..., Answer]) -> None:
    assert case.basis in ("law", "source", "regression")
    answer = ask(case.ask, case.as_at, case.scenario, **case.give)
    assert faults(case, answer) == []


def test_every_question_has_a_case(catalogue: Catalogue) -> None:
    assert set(catalogue.questions) == {c.ask for c in CASES}


def test_a_wrong_expectation_is_noticed(ask: Callable[..., Answer]) -> None:
    case = next(c for c in CASES if c.rows and c.cites)
    answer = ask(case.ask, case.as_at, case.scenario, **case.give)
    assert case.rows
    assert case.cites
    spoilt = [
        Case(case.sentence, case.ask, case.basis, "silent" if case.status == "settled" else "settled"),
        Case(case.sentence, case.ask, case.basis, case.status, columns=case.columns, rows=case.rows[1:]),
        Case(
            case.sentence,
            case.ask,
            case.basis,
            case.status,
            columns=case.columns,
            rows=[*case.rows, ["X"] * len(case.columns)],
        ),
        Case(case.sentence, case.ask, case.basis, case.status, cites=case.cites[1:]),
        Case(case.sentence, case.ask, case.basis, case.status, cites=[*case.cites, "no-such-passage"]),
        Case(case.sentence, case.ask, case.basis, case.status, has=["no-such-passage"]),
        Case(case.sentence, case.ask, case.basis, case.status, has_not=[case.cites[0]]),
        Case(case.sentence, case.ask, case.basis, case.status, notes=["no such note"]),
        Case(case.sentence, case.ask, case.basis, case.status, says=["no such words"]),
        Case(case.sentence, case.ask, case.basis, case.status, says_not=[answer.says]),
    ]
    assert [len(faults(s, answer)) for s in spoilt] == [1] * len(spoilt)


def test_each_row_traces_to_a_statement_with_a_passage(ask: Callable[..., Answer], catalogue: Catalogue) -> None:
    for case in CASES:
        answer = ask(case.ask, case.as_at, case.scenario, **case.give)
        # The law that took up what papers say stands beside it.
        told = [*answer.statements, *(answer.beside if answer.reports else [])]
        known = {s.id for s in told}
        assert all(s.passages for s in told), case.sentence
        if answer.status != "silent" and case.ask != "how-many-bodies":
            for row in answer.rows:
                held = {plain(row[c]) for c in catalogue.get(case.ask).statements if row.get(c)}
                # A row that stands for silence says so in words.
                silent = {"nothing on record", "says nothing on it"} & {plain(cell) for cell in row.values()}
                assert held or silent, case.sentence
                assert held <= known, (case.sentence, held)
        if answer.status == "silent":
            assert answer.searched, case.sentence
