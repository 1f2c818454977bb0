"""Whether another engine answers as our own does: each question is tried with its examples on both."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable

from icsgraph.ask.desk import Desk
from icsgraph.core.answer import Answer
from icsgraph.core.errors import IcsgraphError

__all__ = ["disagreements"]


def disagreements(far: Desk, near: Desk, progress: Callable[[str], None]) -> dict[str, str]:
    """The questions that ``far`` answers otherwise than ``near``, with what differs.

    Rows and statements are compared as sets with their numbers: engines may order what a question leaves unordered.
    """
    today = dt.date.today()
    found: dict[str, str] = {}
    for id, question in near.catalogue.questions.items():
        progress(f"trying {id}")
        for example in question.examples:
            own = near.ask(id, example.values, example.as_at, example.scenario, today)
            try:
                other = far.ask(id, example.values, example.as_at, example.scenario, today)
            except IcsgraphError as error:
                found[id] = error.message
                break
            if _content(own) != _content(other):
                found[id] = f"{len(other.rows)} rows where there should be {len(own.rows)}"
                if len(other.rows) == len(own.rows):
                    found[id] = "other rows or statements than there should be"
                break
    return found


def _content(answer: Answer) -> tuple[str, Counter[str], Counter[str]]:
    rows = Counter(str(sorted(row.items())) for row in answer.rows)
    return answer.status, rows, Counter(s.iri for s in answer.statements)
