"""Errors that say what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

__all__ = ["IcsgraphError", "MissingValue", "NotFound", "Problem", "StatusError", "TableErrors", "given_for"]


class IcsgraphError(Exception):
    """Something a person can put right: ``message`` says what is wrong, ``hint`` how to mend it.

    ``parameter`` is the value it was found in, where it was asked with values that have names.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.parameter = ""

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class StatusError(IcsgraphError):
    """An error of a request, with the HTTP status it has; ``retry`` is after how many seconds to try again, where it helps."""

    def __init__(self, status: int, message: str, hint: str = "", retry: int = 0) -> None:
        super().__init__(message, hint)
        self.status = status
        self.retry = retry


class MissingValue(IcsgraphError):
    """A question was asked without a value that it needs: ``parameter``, such as ``example``; ``hint`` is for who writes an address."""

    def __init__(self, message: str, hint: str, parameter: str, example: str) -> None:
        super().__init__(message, hint)
        self.parameter = parameter
        self.example = example


class NotFound(IcsgraphError):
    """What was asked for by name does not exist, or is several things.

    ``candidates`` are the addresses of what may be meant, or the ids of questions; ``known`` says which values ``parameter`` takes.
    """

    def __init__(self, message: str, hint: str = "", candidates: Sequence[str] = ()) -> None:
        super().__init__(message, hint)
        self.candidates = tuple(candidates)
        self.known = ""


@contextmanager
def given_for(parameter: str) -> Iterator[None]:
    """A block that reads what was given for a value of this name: its errors say so, where they do not name one already."""
    try:
        yield
    except IcsgraphError as error:
        error.parameter = error.parameter or parameter
        raise


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One fault in one place of a table.

    ``row`` counts as a spreadsheet does: the header is row 1, and 0 stands for the whole file. ``column`` is empty for
    a fault of the whole row.
    """

    file: str
    row: int
    column: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        row = f", row {self.row}" if self.row else ""
        place = f"{self.file}{row}" + (f", column {self.column}" if self.column else "")
        return f"{place}: {self.message} {self.hint}".strip()


class TableErrors(IcsgraphError):
    """All faults found in the tables, in the order of the files."""

    SHOWN = 20

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        shown = [str(p) for p in problems[: self.SHOWN]]
        more = len(problems) - len(shown)
        if more > 0:
            shown.append(f"... and {more} more")
        super().__init__("; ".join(shown), "Nothing was built.")
