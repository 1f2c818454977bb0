"""Checks in processes of their own, which can be killed: a stranger's description may cost more than anybody should pay.

A process keeps what checks from one check to the next, so that a check costs no start.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import resource
import signal
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple, Protocol

from icsgraph.core.errors import IcsgraphError, StatusError
from icsgraph.core.report import Report

__all__ = ["Bounded", "Checks"]


class _Room(NamedTuple):
    process: BaseProcess
    connection: Connection


class Checks(Protocol):
    """What checks descriptions."""

    def check(self, *given: Any, **named: Any) -> Report:
        """As ``Validator.check``."""
        ...


class Bounded:
    """Has ``check`` as what ``make`` gives, within so many seconds and megabytes; ``rooms`` checks run at a time.

    ``make`` is called in each process, so it must be a function of a module with values that can be sent there.
    """

    def __init__(self, make: Callable[[], Checks], seconds: float = 30, megabytes: int = 3000, rooms: int = 2) -> None:
        self.make = make
        self.seconds = seconds
        self.megabytes = megabytes
        self.killed = 0
        self._context = multiprocessing.get_context("spawn")
        self._idle: list[_Room] = []
        self._lock = threading.Lock()
        self._places = threading.Semaphore(rooms)

    def check(self, *given: Any, **named: Any) -> Report:
        """As what checks; raises besides ``StatusError`` 503 where it takes too long or too many wait, 400 where it breaks."""
        with self._place():
            room = self._take()
            try:
                room.connection.send((given, named))
                if not room.connection.poll(self.seconds):
                    self.killed += 1
                    raise StatusError(
                        503,
                        f"The check was stopped: it took longer than {self.seconds:g} seconds.",
                        "Describe one system at a time, or check on your own machine.",
                        retry=round(self.seconds),
                    )
                found = room.connection.recv()
            except (EOFError, OSError):
                self._end(room)
                raise StatusError(
                    400,
                    f"The check broke the process that ran it: it needed more than {self.megabytes} MB of memory.",
                    "Describe one system at a time.",
                ) from None
            except BaseException:
                self._end(room)
                raise
            with self._lock:
                self._idle.append(room)
        if isinstance(found, Report):
            return found
        message, hint = found
        raise IcsgraphError(message, hint)

    def close(self) -> None:
        """End the processes; what still runs is killed."""
        with self._lock:
            for room in self._idle:
                self._end(room)
            self._idle.clear()

    @contextlib.contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=self.seconds):
            raise StatusError(503, "Too many checks are running.", "Try again in a moment.", retry=5)
        try:
            yield
        finally:
            self._places.release()

    def _take(self) -> _Room:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_work, args=(theirs, self.make, self.megabytes), daemon=True)
        process.start()
        theirs.close()
        return _Room(process, ours)

    @staticmethod
    def _end(room: _Room) -> None:
        room.process.kill()
        room.connection.close()


def _work(connection: Connection, make: Callable[[], Checks], megabytes: int) -> None:
    """Check what comes until the service closes its end."""
    # The service decides when to stop, also where Ctrl-C reaches the whole group.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    most = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    checks = make()
    with contextlib.suppress(EOFError):
        while True:
            given, named = connection.recv()
            try:
                connection.send(checks.check(*given, **named))
            except IcsgraphError as error:
                connection.send((error.message, error.hint))
