"""Checks in processes that can be killed: a stranger's description may cost more than anybody should pay.

A process keeps what checks from one check to the next, so that a check costs no start.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from icsgraph.bounded.pool import Bounds, Handler, Pool, Wording
from icsgraph.core.report import Report

__all__ = ["Bounded", "Checks"]

_WORDING = Wording(
    "check",
    "checks",
    late="Describe one system at a time, or check on your own machine.",
    broken="Describe one system at a time.",
)


class Checks(Protocol):
    """What checks descriptions."""

    def check(self, *given: Any, **named: Any) -> Report:
        """As ``Validator.check``."""
        ...

    def portable(self, *given: Any, **named: Any) -> bytes:
        """The files of ``Validator.portable`` as one ZIP."""
        ...


class Bounded:
    """Has ``check`` as what ``make`` gives, within so many seconds and megabytes; ``rooms`` checks run at a time, ``waiting`` wait.

    A new check gets ``quick`` seconds first, as ``Bounds`` says: some four times what one system takes, and as long as an honest
    check waits at most where all others are endless.

    ``make`` is called in a process of its own, when the first check comes, so it must be a function of a module with values
    that can be sent there.
    """

    def __init__(
        self,
        make: Callable[[], Checks],
        seconds: float = 30,
        megabytes: int = 3000,
        rooms: int = 4,
        waiting: int = 16,
        quick: float = 2,
    ) -> None:
        bounds = Bounds(seconds, megabytes, rooms, waiting, quick)
        self.pool = Pool(partial(_handler, make), bounds, _WORDING, apart=True)

    def check(self, *given: Any, **named: Any) -> Report:
        """As what checks; raises besides what ``Pool.run`` raises."""
        report = self._run("check", given, named)
        assert isinstance(report, Report)
        return report

    def portable(self, *given: Any, **named: Any) -> bytes:
        """As what checks; raises besides what ``Pool.run`` raises."""
        archive = self._run("portable", given, named)
        assert isinstance(archive, bytes)
        return archive

    def _run(self, what: str, given: tuple[Any, ...], named: dict[str, Any]) -> object:
        return pickle.loads(self.pool.run(pickle.dumps((what, given, named), pickle.HIGHEST_PROTOCOL)))

    def close(self) -> None:
        """End the processes; what still runs is killed."""
        self.pool.close()


def _handler(make: Callable[[], Checks]) -> Handler:
    """What checks: what to do and its arguments as a pickle in, what comes of it as a pickle out."""
    checks = make()

    def handle(request: bytes) -> tuple[bytes]:
        what, given, named = pickle.loads(request)
        done = checks.portable if what == "portable" else checks.check
        return (pickle.dumps(done(*given, **named), pickle.HIGHEST_PROTOCOL),)

    return handle
