"""One pool of processes for what strangers ask, be it a query or a check: each can be killed, and says how it ended.

Engines have no time limit, and what they are given can exhaust memory or overflow the stack. So work is done in processes that
are forked from one that holds what the work needs and does nothing else (the nursery): memory is shared until written, a new
process costs milliseconds, and no thread of the service is ever copied in the middle of its work. Needs ``os.fork``.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from icsgraph.bounded.lanes import CLIENT, Lane, Used
from icsgraph.bounded.processes import NO_MEMORY, Bounds, Handler, Nursery, Process
from icsgraph.core.errors import IcsgraphError, StatusError
from icsgraph.core.incident import Incident, log_incident, stack_of

__all__ = ["Bounds", "Handler", "Pool", "Wording"]

LOG = logging.getLogger("icsgraph")

# How a reply begins: done, a mistake of who asked, no memory left, or a bug of ours.
_DONE, _MISTAKE, _MEMORY, _CRASH = b"d", b"m", b"o", b"c"
# How far work that takes its time stands back behind other processes: 0 is not at all, 19 the farthest.
_GIVES_WAY = 10
# Why a process ended by a signal: a stack that overflows is a bad address; an engine without memory aborts; what is killed was
# killed from outside, by somebody or by a system that is short of memory.
_SIGNALS = {
    signal.SIGSEGV: "depth",
    signal.SIGBUS: "depth",
    signal.SIGABRT: "memory",
    signal.SIGKILL: "outside",
    signal.SIGTERM: "outside",
    signal.SIGXCPU: "time",
}


class Wording(NamedTuple):
    """How errors call the work (``query``, ``queries``), and what to do where it took too long or broke its process."""

    one: str
    many: str
    late: str
    broken: str


class Pool:
    """Runs requests, each in a process that is killed when it takes too long.

    ``make`` gives what does the work and is called in the nursery. Where that begins at once (``apart=False``), it is forked
    from this process, so make the pool before any thread is started; a second one stands by in case the first is killed. Else it
    is a fresh process, begun when first needed, and ``make`` must be a function of a module with values that can be sent there.

    ``killed`` counts requests stopped at the time limit, ``broken`` those that exhausted memory or the stack, ``ended`` those
    whose process was killed from outside, ``crashed`` bugs of ours.
    """

    def __init__(self, make: Callable[[], Handler], bounds: Bounds, wording: Wording, *, apart: bool = False) -> None:
        if not hasattr(os, "fork"):
            raise IcsgraphError(
                f"This system cannot run {wording.many} in processes of their own.", "Serve from Linux or macOS."
            )
        self.bounds = bounds
        self.wording = wording
        self.killed = 0
        self.broken = 0
        self.ended = 0
        self.crashed = 0
        self.idle: list[Process] = []
        self._make = make
        self._apart = apart
        self._lock = threading.Lock()
        self._used = Used()
        first = max(1, bounds.running // 2) if bounds.quick else bounds.running
        # Who waits longer than this is told to come again: with the work itself it would be longer than clients wait.
        patience = max(1.0, bounds.seconds / 3)
        self._lanes = [self._lane(first, bounds.waiting, patience)]
        if bounds.quick:
            second = max(1, bounds.running - first)
            self._lanes.append(self._lane(second, min(second, bounds.waiting), patience))
        self._nursery: Nursery | None = None
        self._spare: Nursery | None = None
        if not apart:
            self._nursery = Nursery.fork(make, _reply, bounds)
            with contextlib.suppress(EOFError, OSError):
                # What it could not prepare it says when it is needed.
                self._spare = self._nursery.twin()

    def _lane(self, running: int, waiting: int, patience: float) -> Lane:
        """Places of which whoever has used half a time limit of late leaves one to others."""
        much = self.bounds.seconds / 2
        return Lane(running, waiting, patience, self.wording.many, self._used, reserved=1, much=much)

    def run(self, request: bytes) -> memoryview:
        """The reply to a request: bytes in, bytes out, so that a process that strangers have broken can send nothing that runs.

        Raises what the handler raised of ``IcsgraphError``; besides ``StatusError`` 503 where the time limit is met, too many
        wait or the process was killed from outside (with when to try again), 400 where the request exhausted memory or the
        stack, and 500 for a bug of ours, whose traceback is logged.
        """
        client = CLIENT.get()
        # The second time is for those that the first was too short for.
        for number, lane in enumerate(self._lanes, 1):
            seconds = self.bounds.seconds
            if number < len(self._lanes):
                if self.bounds.quick >= seconds:
                    continue
                seconds = self.bounds.quick
            with lane.place(client):
                began = time.monotonic()
                try:
                    reply = self._answer(request, seconds, later=number > 1)
                finally:
                    self._used.add(client, time.monotonic() - began)
            if reply is not None:
                return self._read(reply)
        raise self._late()

    def close(self) -> None:
        """Stop all processes; what still runs is killed."""
        with self._lock:
            for process in self.idle:
                process.kill()
                process.nursery.ended(process.pid)
            self.idle.clear()
            for nursery in (self._spare, self._nursery):
                if nursery:
                    nursery.close()
            self._spare = self._nursery = None

    def _answer(self, request: bytes, seconds: float, *, later: bool = False) -> memoryview | None:
        """The reply to a request as it was sent; nothing where it takes longer than so many seconds.

        What had its quick turn gives way, ``later``, to whatever else the machine has to do.
        """
        process = self._take()
        if later:
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, process.pid, _GIVES_WAY)
        try:
            reply = process.answer(request, seconds)
        except TimeoutError:
            self._end(process)
            return None
        except (EOFError, OSError):
            # It has ended by itself.
            return self._ended(self._end(process))
        except BaseException:
            self._end(process)
            raise
        if reply[:1] in (_DONE, _MISTAKE) and not later:
            with self._lock:
                self.idle.append(process)
        else:
            # Whatever went wrong in it may go on, and no process gets back the rank that it gave up.
            self._end(process)
        return reply

    def _read(self, reply: memoryview) -> memoryview:
        """What a reply says: the result, or the error it tells of."""
        how, content = reply[:1], reply[1:]
        if how == _DONE:
            return content
        if how == _MISTAKE:
            raise _mistake(bytes(content))
        if how == _MEMORY:
            raise self._broke(f"it needed more than {self.bounds.megabytes} MB of memory")
        raise self._bug(bytes(content).decode(errors="replace"))

    def _ended(self, status: int) -> memoryview | None:
        """What the end of a process means: the reply it could not give, or an error."""
        why = "crash"
        if os.WIFSIGNALED(status):
            why = _SIGNALS.get(signal.Signals(os.WTERMSIG(status)), why)
        elif os.WEXITSTATUS(status) == NO_MEMORY:
            why = "memory"
        if why == "time":
            return None
        if why == "memory":
            return memoryview(_MEMORY)
        if why == "depth":
            raise self._broke("it was nested too deep, or needed more memory than there is")
        if why == "outside":
            self.ended += 1
            raise StatusError(
                503,
                f"The process that ran the {self.wording.one} was ended from outside.",
                "Try again in a moment; the machine may be short of memory.",
                retry=2,
            )
        return memoryview(_CRASH + f"It ended with the status {status} and said nothing.".encode())

    def _late(self) -> StatusError:
        self.killed += 1
        return StatusError(
            503,
            f"The {self.wording.one} was stopped: it took longer than {self.bounds.seconds:g} seconds.",
            self.wording.late,
            retry=max(1, round(self.bounds.seconds)),
        )

    def _broke(self, why: str) -> StatusError:
        self.broken += 1
        return StatusError(400, f"The {self.wording.one} broke the process that ran it: {why}.", self.wording.broken)

    def _bug(self, told: str) -> Incident:
        self.crashed += 1
        return log_incident(LOG, f"a process that runs {self.wording.many}", told)

    def _take(self) -> Process:
        """An idle process, or a new one; where the nursery has been ended, another takes its place."""
        with self._lock:
            if self.idle:
                return self.idle.pop()
            for _ in range(2 if self._apart else 3):
                try:
                    return self._living().start()
                except (EOFError, OSError):
                    # It has ended, or does not answer any more.
                    if self._nursery:
                        self._nursery.close()
                    self._nursery, self._spare = self._spare, None
        self.crashed += 1
        raise StatusError(
            503,
            f"No process for {self.wording.many} can be started; the log says why.",
            "Try again in a moment.",
            retry=5,
        )

    def _living(self) -> Nursery:
        """The nursery, begun where there is none; where it began with what this process has, another one stands by."""
        if self._nursery is None:
            begin = Nursery.spawn if self._apart else Nursery.fork
            self._nursery = begin(self._make, _reply, self.bounds)
        if not self._apart and (self._spare is None or not self._spare.lives()):
            if self._spare:
                self._spare.close()
            self._spare = self._nursery.twin()
        return self._nursery

    def _end(self, process: Process) -> int:
        """Kill a process where it still runs; how it ended, as ``os.waitpid`` says."""
        process.kill()
        with self._lock:
            return process.nursery.ended(process.pid)


def _reply(handle: Handler, request: bytes) -> Sequence[bytes]:
    """The parts of the reply to a request, as ``Pool._read`` reads it."""
    try:
        return _DONE, *handle(request)
    except IcsgraphError as error:
        fields = {k: v for k, v in vars(error).items() if isinstance(v, str | int | float | tuple)}
        return _MISTAKE, json.dumps((type(error).__name__, fields)).encode()
    except MemoryError:
        return (_MEMORY,)
    except BaseException as error:
        return _CRASH, stack_of(error).encode(errors="replace")


def _mistake(content: bytes) -> IcsgraphError:
    """The error that a process told of: of its own class where the fields of that could be sent."""
    name, fields = json.loads(content)
    kinds: list[type[IcsgraphError]] = [IcsgraphError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    kind = next((k for k in kinds if k.__name__ == name), IcsgraphError)
    error = kind.__new__(kind, fields["message"])
    error.__dict__.update(fields)
    return error
