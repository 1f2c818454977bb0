"""One pool of processes for what strangers ask, be it a query or a check: each can be killed, and says how it ended.

Engines have no time limit, and what they are given can exhaust memory or overflow the stack. So work is done in processes that
are forked from one that holds what the work needs and does nothing else (the nursery): memory is shared until written, a new
process costs milliseconds, and no thread of the service is ever copied in the middle of its work. Needs ``os.fork``.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import logging
import multiprocessing
import os
import resource
import signal
import socket
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, NoReturn

from icsgraph.core.errors import IcsgraphError, StatusError

__all__ = ["Bounds", "Pool", "Wording"]

# What does the work in a process: a request in, the parts of a reply out.
Handler = Callable[[bytes], Sequence[bytes]]

LOG = logging.getLogger("icsgraph")

# How a reply begins: done, a mistake of who asked, no memory left, or a bug of ours.
_DONE, _MISTAKE, _MEMORY, _CRASH = b"d", b"m", b"o", b"c"
# How a message on a socket begins: its length.
_LENGTH = struct.Struct("!Q")
# A time as the system takes it: seconds and millionths.
_TIME = struct.Struct("@ll")
# What is read at once: most replies are shorter.
_CHUNK = 65_536
# With what a process ends that has no memory left even to say so.
_NO_MEMORY = 3
# Seconds for which a nursery may prepare: it may have to build the dataset.
_PREPARATION = 600
# Why a process ended by a signal: a stack that overflows is a bad address; what aborts or is killed from outside had no memory.
_SIGNALS = {
    signal.SIGSEGV: "depth",
    signal.SIGBUS: "depth",
    signal.SIGABRT: "memory",
    signal.SIGKILL: "memory",
    signal.SIGXCPU: "time",
}


class Bounds(NamedTuple):
    """What work may cost and how much of it there may be at a time.

    ``seconds`` and ``megabytes`` (beyond what the nursery holds) are of one request; ``running`` requests are worked on and
    ``waiting`` more may wait. With ``quick``, half of those that run are new ones, which get so many seconds; one that needs
    longer starts again among the others, where as many may wait as run. So nobody who asks something quick waits for those who
    ask without end. A ``sealed`` process can open nothing: no file, and no connection to any address.
    """

    seconds: float
    megabytes: int
    running: int
    waiting: int
    quick: float = 0
    sealed: bool = False


class Wording(NamedTuple):
    """How errors call the work (``query``, ``queries``), and what to do where it took too long or broke its process."""

    one: str
    many: str
    late: str
    broken: str


class Pool:
    """Runs requests, each in a process that is killed when it takes too long.

    ``make`` gives what does the work and is called in the nursery. Where that begins at once (``apart=False``), it is forked
    from this process, so make the pool before any thread is started. Else it is a fresh process, begun when first needed, and
    ``make`` must be a function of a module with values that can be sent there.

    ``killed`` counts requests stopped at the time limit, ``broken`` those that exhausted memory or the stack, ``crashed`` bugs
    of ours.
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
        self.crashed = 0
        self.idle: list[_Process] = []
        self._make = make
        self._lock = threading.Lock()
        first = max(1, bounds.running // 2) if bounds.quick else bounds.running
        self._lanes = [_Lane(first, bounds, wording)]
        if bounds.quick:
            second = max(1, bounds.running - first)
            self._lanes.append(_Lane(second, bounds._replace(waiting=min(second, bounds.waiting)), wording))
        self._nursery: _Nursery | None = None if apart else _Nursery.fork(make, bounds)

    def run(self, request: bytes) -> memoryview:
        """The reply to a request: bytes in, bytes out, so that a process that strangers have broken can send nothing that runs.

        Raises what the handler raised of ``IcsgraphError``; besides ``StatusError`` 503 where the time limit is met or too many
        wait (with when to try again), 400 where the request exhausted memory or the stack, and 500 for a bug of ours, whose
        traceback is logged.
        """
        # The second time is for those that the first was too short for.
        for number, lane in enumerate(self._lanes, 1):
            seconds = self.bounds.seconds
            if number < len(self._lanes):
                seconds = min(self.bounds.quick, seconds)
            with lane.place():
                reply = self._answer(request, seconds)
            if reply is not None:
                return self._read(reply)
        raise self._late()

    def close(self) -> None:
        """Stop all processes; what still runs is killed."""
        with self._lock:
            for process in self.idle:
                process.kill()
            if self._nursery:
                for process in self.idle:
                    self._nursery.ended(process.pid)
                self._nursery.close()
            self.idle.clear()

    def _answer(self, request: bytes, seconds: float) -> memoryview | None:
        """The reply to a request as it was sent; nothing where it takes longer than so many seconds."""
        process = self._take()
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
        if reply[:1] in (_DONE, _MISTAKE):
            with self._lock:
                self.idle.append(process)
        else:
            # Whatever went wrong in it may go on.
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
        elif os.WEXITSTATUS(status) == _NO_MEMORY:
            why = "memory"
        if why == "time":
            return None
        if why == "memory":
            return memoryview(_MEMORY)
        if why == "depth":
            raise self._broke("it was nested too deep, or needed more memory than there is")
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

    def _bug(self, told: str) -> StatusError:
        self.crashed += 1
        LOG.error("A process that runs %s met a bug of ours.\n%s", self.wording.many, told)
        return StatusError(
            500,
            "Something went wrong here, not with you.",
            "Try again; if it stays, tell the maintainers what you asked.",
        )

    def _take(self) -> _Process:
        """An idle process, or a new one."""
        with self._lock:
            if self.idle:
                return self.idle.pop()
            try:
                if self._nursery is None:
                    self._nursery = _Nursery.spawn(self._make, self.bounds)
                return self._nursery.start()
            except (EOFError, OSError):
                # The next request begins anew where that is possible.
                if self._nursery and self._nursery.fresh:
                    self._nursery.close()
                    self._nursery = None
        raise self._bug("The nursery has ended; what it said last stands above.")

    def _end(self, process: _Process) -> int:
        """Kill a process where it still runs; how it ended, as ``os.waitpid`` says."""
        process.kill()
        with self._lock:
            return self._nursery.ended(process.pid) if self._nursery else 0


class _Lane:
    """Places for so many requests at a time, and so many that wait for one, each at most as long as one may take."""

    def __init__(self, running: int, bounds: Bounds, wording: Wording) -> None:
        self._places = threading.Semaphore(running)
        self._asking = threading.Semaphore(running + bounds.waiting)
        self._patience = bounds.seconds
        self._told = (
            f"Too many {wording.many} are running: {running} of this sort run and {bounds.waiting} wait at most."
        )

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """A place among those that run; waits for one where not too many wait already."""
        if not self._asking.acquire(blocking=False):
            raise self._busy()
        try:
            if not self._places.acquire(timeout=self._patience):
                raise self._busy()
            try:
                yield
            finally:
                self._places.release()
        finally:
            self._asking.release()

    def _busy(self) -> StatusError:
        return StatusError(503, self._told, "Try again in a moment.", retry=2)


class _Process:
    """A process that works, seen from the service."""

    def __init__(self, pid: int, connection: socket.socket) -> None:
        self.pid = pid
        self.connection = connection
        self._patience = 0.0

    def answer(self, request: bytes, seconds: float) -> memoryview:
        """Send a request and wait so many seconds for its reply (``TimeoutError``)."""
        if seconds != self._patience:
            # The system keeps the time: waiting then costs one call and no other thread's turn.
            limit = _TIME.pack(int(seconds), int(seconds % 1 * 1_000_000))
            for way in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                self.connection.setsockopt(socket.SOL_SOCKET, way, limit)
            self._patience = seconds
        try:
            _send(self.connection, (request,))
            return _receive(self.connection, time.monotonic() + seconds)
        except BlockingIOError:
            raise TimeoutError from None

    def kill(self) -> None:
        """End the process at once, whatever it does; its number is free only when the nursery has been asked how it ended."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.connection.close()


class _Nursery(NamedTuple):
    """The process from which those that work are forked, seen from the service; ``fresh`` where it was not itself forked."""

    control: socket.socket
    wait: Callable[[], object]
    fresh: bool

    @classmethod
    def fork(cls, make: Callable[[], Handler], bounds: Bounds) -> _Nursery:
        """A nursery that has what this process has."""
        ours, theirs = socket.socketpair()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            ours.close()
            _nurse(theirs, make, bounds)
        theirs.close()

        def wait() -> None:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)

        return cls(ours, wait, False)

    @classmethod
    def spawn(cls, make: Callable[[], Handler], bounds: Bounds) -> _Nursery:
        """A nursery that begins with nothing, as a process with threads must not be forked."""
        ours, theirs = socket.socketpair()
        process = multiprocessing.get_context("spawn").Process(target=_nurse, args=(theirs, make, bounds), daemon=True)
        process.start()
        theirs.close()
        ours.settimeout(_PREPARATION)

        def wait() -> None:
            # It may still prepare.
            process.kill()
            process.join()

        return cls(ours, wait, True)

    def start(self) -> _Process:
        """A new process that works; raises ``EOFError`` or ``OSError`` where the nursery has ended."""
        ours, theirs = socket.socketpair()
        try:
            socket.send_fds(self.control, [b"new"], [theirs.fileno()])
            pid = self.control.recv(16)
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        if not pid:
            ours.close()
            raise EOFError
        return _Process(int(pid), ours)

    def ended(self, pid: int) -> int:
        """How a process ended that has been killed or has closed its connection."""
        try:
            self.control.sendall(b"%d" % pid)
            return int(self.control.recv(16) or 0)
        except OSError:
            return 0

    def close(self) -> None:
        """End it, and wait until it has ended."""
        self.control.close()
        self.wait()


def _nurse(control: socket.socket, make: Callable[[], Handler], bounds: Bounds) -> NoReturn:
    """Prepare, then do as the service says, until it closes its end.

    Sent ``new`` with one end of a pair of sockets, fork a process that works on it and say its number; sent a number, wait for
    that process and say how it ended.
    """
    # The service decides when to stop, also where Ctrl-C reaches the whole group.
    faulthandler.disable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        handle = make()
        while True:
            message, files, _, _ = socket.recv_fds(control, 16, 1)
            if not message:
                os._exit(0)
            if not files:
                control.sendall(b"%d" % os.waitpid(int(message), 0)[1])
                continue
            pid = os.fork()
            if pid == 0:
                control.close()
                _work(socket.socket(fileno=files[0]), handle, bounds)
            os.close(files[0])
            control.sendall(b"%d" % pid)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def _work(connection: socket.socket, handle: Handler, bounds: Bounds) -> NoReturn:
    """Do what is asked, request by request, until the service closes its end."""
    code = 1
    try:
        _limit(bounds)
        while True:
            request = bytes(_receive(connection))
            used = resource.getrusage(resource.RUSAGE_SELF)
            # Where the service itself was killed, nobody is left to stop this process: the system does.
            seconds = round(used.ru_utime + used.ru_stime + bounds.seconds) + 5
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))
            _send(connection, _reply(handle, request))
    except EOFError:
        code = 0
    except MemoryError:
        code = _NO_MEMORY
    finally:
        os._exit(code)


def _reply(handle: Handler, request: bytes) -> Sequence[bytes]:
    """The parts of the reply to a request, as ``Pool._read`` reads it."""
    try:
        return _DONE, *handle(request)
    except IcsgraphError as error:
        fields = {k: v for k, v in vars(error).items() if isinstance(v, str | int | float | tuple)}
        return _MISTAKE, json.dumps((type(error).__name__, fields)).encode()
    except MemoryError:
        return (_MEMORY,)
    except BaseException:
        return _CRASH, traceback.format_exc().encode(errors="replace")


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


def _limit(bounds: Bounds) -> None:
    """Bound the memory of this process, and let it open nothing more where it is sealed."""
    size = _address_space()
    if size:
        most = size + bounds.megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    if bounds.sealed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def _address_space() -> int:
    """The address space of this process in bytes; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as told:
            return int(told.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def _send(connection: socket.socket, parts: Sequence[bytes]) -> None:
    """Send a message of some parts, its length before it, without making one of them in memory."""
    pieces = [_LENGTH.pack(sum(map(len, parts))), *parts]
    sent = connection.sendmsg(pieces)
    for piece in pieces:
        if sent < len(piece):
            connection.sendall(memoryview(piece)[sent:])
        sent = max(0, sent - len(piece))


def _receive(connection: socket.socket, deadline: float | None = None) -> memoryview:
    """The next message; raises ``EOFError`` where the other side has ended, ``TimeoutError`` at the deadline."""
    start = b""
    while len(start) < _LENGTH.size:
        part = connection.recv(_CHUNK)
        if not part:
            raise EOFError
        start += part
    (size,) = _LENGTH.unpack_from(start)
    got = len(start) - _LENGTH.size
    if got == size:
        return memoryview(start)[_LENGTH.size :]
    message = memoryview(bytearray(size))
    message[:got] = memoryview(start)[_LENGTH.size :]
    while got < size:
        if deadline is not None and time.monotonic() > deadline:
            raise TimeoutError
        more = connection.recv_into(message[got:])
        if not more:
            raise EOFError
        got += more
    return message
