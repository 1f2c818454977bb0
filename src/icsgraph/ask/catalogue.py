"""All questions, read from ``queries/ask``."""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path

from icsgraph.ask.names import LISTS, PARAMETER_TYPES
from icsgraph.ask.notes import Notes
from icsgraph.ask.reading.tables import Tables
from icsgraph.core.errors import IcsgraphError, NotFound
from icsgraph.core.question import Question, parse_question
from icsgraph.core.terms import rebased

__all__ = ["Catalogue"]

PLAIN_TYPES = {"Date", "Text", *LISTS}


class Catalogue:
    """The questions by id."""

    def __init__(
        self,
        questions: dict[str, Question],
        notes: Notes,
        description: str = "",
        known: str = "",
        tables: Tables | None = None,
        columns: dict[str, list[str]] | None = None,
        plans: str = "",
    ) -> None:
        self.questions = questions
        # What the values of a column are, by its name: “thing”, “text”, “day” and the other lists of ``queries/columns.toml``.
        self.columns = columns or {}
        # What stands beside answers, in words.
        self.notes = notes
        # The query that says what is known of statements by which answers can be narrowed.
        self.known = known
        # The query that says what is planned of which body.
        self.plans = plans
        # How people speak of what can be asked.
        self.tables = tables or Tables()
        # The query that says what is known of a thing.
        self.description = description

    @classmethod
    def read(cls, root: Path) -> Catalogue:
        """The catalogue of the content in ``root``; raises ``IcsgraphError`` for a faulty or repeated question."""
        questions: dict[str, Question] = {}
        for path in sorted((root / "queries" / "ask").glob("*/*.rq")):
            question = parse_question(rebased(path.read_text(encoding="utf-8")), path.name)
            if question.id in questions:
                raise IcsgraphError(f"{path.name} is there twice.", "Give each question an id of its own.")
            if question.family != path.parent.name:
                raise IcsgraphError(
                    f"{path.name} says it is of the family {question.family}, but lies in {path.parent.name}.",
                    "Move it or mend it.",
                )
            for parameter in question.parameters:
                if parameter.type not in PARAMETER_TYPES and parameter.type not in PLAIN_TYPES:
                    raise IcsgraphError(
                        f"{path.name}: {parameter.type} is not a type of parameter.",
                        f"Use one of: {', '.join(sorted(PARAMETER_TYPES.keys() | PLAIN_TYPES))}.",
                    )
            questions[question.id] = question
        for question in questions.values():
            other = questions.get(question.otherwise)
            if question.otherwise and (not other or other.parameters != question.parameters):
                raise IcsgraphError(
                    f"{question.id}: {question.otherwise} is no question that takes the same values.",
                    "Name one after otherwise, or take the line out.",
                )
        told = root / "queries" / "describe"
        thing, narrowing, plans = (
            (told / f"{n}.rq").read_text(encoding="utf-8") for n in ("thing", "narrowing", "plans")
        )
        notes = Notes.read(root / "queries" / "notes.toml")
        columns = _columns(root / "queries" / "columns.toml")
        return cls(questions, notes, thing, narrowing, Tables.read(root), columns, plans)

    def get(self, id: str) -> Question:
        """The question with an id; raises ``NotFound`` with the nearest ones."""
        if id in self.questions:
            return self.questions[id]
        near = difflib.get_close_matches(id, self.questions, 3)
        hint = (
            f"Did you mean {' or '.join(near)}?"
            if near
            else "No question has a name near it; the list of questions has them all."
        )
        raise NotFound(f"There is no question “{id}”.", hint, near)

    def families(self) -> dict[str, list[Question]]:
        """The questions by family, both in order of name."""
        found: dict[str, list[Question]] = {}
        for question in sorted(self.questions.values(), key=lambda q: (q.family, q.id)):
            found.setdefault(question.family, []).append(question)
        return found


def _columns(path: Path) -> dict[str, list[str]]:
    """What each column may hold, from the lists of names of columns by type."""
    found: dict[str, list[str]] = {}
    for kind, names in tomllib.loads(path.read_text(encoding="utf-8")).items():
        for name in names:
            found.setdefault(name, []).append(kind)
    return found
