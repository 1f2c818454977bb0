"""What is ours to mend: logged once, with where it happened and a short id, and nothing of what anybody sent."""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Iterator

from icsgraph.core.errors import StatusError

__all__ = ["Incident", "log_incident", "stack_of"]


class Incident(StatusError):
    """A bug of ours, met while somebody was answered; ``id`` finds it in the log."""

    def __init__(self, id: str) -> None:
        super().__init__(
            500,
            f"Something went wrong here, not with you. It is in the log as {id}.",
            f"Try again; if it stays, tell the maintainers {id}.",
        )
        self.id = id


def stack_of(error: BaseException) -> str:
    """Where an error happened and of which type it is, with those that led to it.

    Its words are left out, since they may quote what was sent.
    """
    return "\n".join(_stacks(error, set()))


def _stacks(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in seen:
        yield from _stacks(before, seen)
        yield "which led to"
    yield "".join(traceback.format_tb(error.__traceback__)).rstrip()
    yield f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")


def log_incident(log: logging.Logger, where: str, stack: str) -> Incident:
    """Log a bug met somewhere, once; returned is the error to answer with."""
    incident = Incident(secrets.token_hex(4))
    log.error("A bug of ours, %s, in %s:\n%s", incident.id, where, stack)
    return incident
