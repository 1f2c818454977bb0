"""Processes that do the work of strangers, and the nursery from which they are forked: made, asked, killed, replaced."""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import multiprocessing
import os
import resource
import select
import signal
import socket
import struct
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from typing import NamedTuple, NoReturn

from icsgraph.bounded.messages import receive, send
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.machine import address_space, return_memory

__all__ = ["NO_MEMORY", "Bounds", "Handler", "Nursery", "Process", "Reply"]

# What does the work in a process: a request in, the parts of a reply out.
Handler = Callable[[bytes], Sequence[bytes]]
# What makes a reply of a handler and a request, whatever the handler does.
Reply = Callable[[Handler, bytes], Sequence[bytes]]

# With what a process ends that has no memory left even to say so.
NO_MEMORY = 3
# A time as the system takes it: seconds and millionths.
_TIME = struct.Struct("@ll")
# Seconds for which a nursery may prepare, since it may have to build the dataset; and for which it may take to fork.
_PREPARATION = 900
_FORKING = 20
# So many pages of memory that a request took more than the one before are worth giving back.
_MANY_PAGES = 4_000
# How a process ended of which nobody can tell it any more: somebody has ended what would have told.
_UNKNOWN = int(signal.SIGKILL)


class Bounds(NamedTuple):
    """What work may cost and how much of it there may be at a time.

    ``seconds`` and ``megabytes`` (beyond what the nursery holds) are of one request; ``running`` requests are worked on and
    ``waiting`` more may wait. With ``quick``, half of those that run are new ones, which get so many seconds; one that needs
    longer starts again among the others, where as many may wait as run, and stands back there behind whatever else the machine
    has to do. So nobody who asks something quick waits for those who ask without end. A ``sealed`` process can open nothing: no file, and no connection to any address.
    """

    seconds: float
    megabytes: int
    running: int
    waiting: int
    quick: float = 0
    sealed: bool = False


class Process:
    """A process that works, seen from the service; ``nursery`` is what forked it."""

    def __init__(self, pid: int, connection: socket.socket, nursery: Nursery) -> None:
        self.pid = pid
        self.connection = connection
        self.nursery = nursery
        self._patience = 0.0

    def answer(self, request: bytes, seconds: float) -> memoryview:
        """Send a request and wait so many seconds for its reply (``TimeoutError``); ``EOFError`` or ``OSError`` where it has ended."""
        if seconds != self._patience:
            # The system keeps the time: waiting then costs one call and no other thread's turn.
            limit = _TIME.pack(int(seconds), int(seconds % 1 * 1_000_000))
            for way in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                self.connection.setsockopt(socket.SOL_SOCKET, way, limit)
            self._patience = seconds
        try:
            send(self.connection, (request,))
            return receive(self.connection, time.monotonic() + seconds)
        except BlockingIOError:
            raise TimeoutError from None

    def kill(self) -> None:
        """End the process at once, whatever it does; its number is free only when the nursery has been asked how it ended."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.connection.close()


class Nursery:
    """The process from which those that work are forked, seen from the service; ``fresh`` where it began with nothing.

    ``wait`` takes note of its end, once it has been killed.
    """

    def __init__(self, control: socket.socket, pid: int, wait: Callable[[], object], *, fresh: bool = False) -> None:
        self.control = control
        self.pid = pid
        self.fresh = fresh
        self._wait = wait
        self._ready = not fresh
        control.settimeout(_PREPARATION if fresh else _FORKING)

    @classmethod
    def fork(cls, make: Callable[[], Handler], reply: Reply, bounds: Bounds) -> Nursery:
        """A nursery that has what this process has, but for its files and connections."""
        ours, theirs = socket.socketpair()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            # A connection that a process of ours holds too would stay open when the service closes it.
            keep = theirs.detach()
            os.closerange(3, keep)
            os.closerange(keep + 1, os.sysconf("SC_OPEN_MAX") if keep < 65_536 else keep + 2)
            _nurse(socket.socket(fileno=keep), make, reply, bounds)
        theirs.close()
        return cls(ours, pid, lambda: _reap(pid))

    @classmethod
    def spawn(cls, make: Callable[[], Handler], reply: Reply, bounds: Bounds) -> Nursery:
        """A nursery that begins with nothing, as a process with threads must not be forked."""
        ours, theirs = socket.socketpair()
        try:
            process = multiprocessing.get_context("spawn").Process(
                target=_nurse, args=(theirs, make, reply, bounds), daemon=True
            )
            process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        assert process.pid
        return cls(ours, process.pid, process.join, fresh=True)

    def start(self) -> Process:
        """A new process that works; raises ``EOFError`` or ``OSError`` where the nursery has ended."""
        pid, connection = self._fork(b"new")
        return Process(pid, connection, self)

    def twin(self) -> Nursery:
        """Another nursery that has what this one has; raises as ``start``."""
        pid, control = self._fork(b"twin")
        return Nursery(control, pid, lambda: self.ended(pid))

    def _fork(self, what: bytes) -> tuple[int, socket.socket]:
        ours, theirs = socket.socketpair()
        try:
            socket.send_fds(self.control, [what], [theirs.fileno()])
            pid = self.control.recv(16)
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        if not pid:
            ours.close()
            raise EOFError
        if not self._ready:
            self._ready = True
            self.control.settimeout(_FORKING)
        if pid == b"no":
            ours.close()
            raise OSError("no process can be forked")
        return int(pid), ours

    def lives(self) -> bool:
        """Whether it has not ended, as far as can be seen without asking it."""
        waiting = select.poll()
        waiting.register(self.control, select.POLLIN)
        # It never speaks first: what can be read is its end.
        return not waiting.poll(0)

    def ended(self, pid: int) -> int:
        """How a process ended that has been killed or has closed its connection, as ``os.waitpid`` says."""
        try:
            self.control.sendall(b"%d" % pid)
            if told := self.control.recv(16):
                return int(told)
        except (OSError, ValueError):
            pass
        # Where the nursery has ended, the system may have given its processes to the service.
        return _reap(pid)

    def close(self) -> None:
        """End it, whatever it does, and take note of its end."""
        self.control.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self._wait()


def _reap(pid: int) -> int:
    """How a process ended that is this one's own child; as if it was killed where it is not."""
    with contextlib.suppress(ChildProcessError):
        return os.waitpid(pid, 0)[1]
    return _UNKNOWN


def _nurse(control: socket.socket, make: Callable[[], Handler], reply: Reply, bounds: Bounds) -> NoReturn:
    """Prepare, then do as the service says, until it closes its end.

    Sent ``new`` with one end of a pair of sockets, fork a process that works on it and say its number (``no`` where the system
    lets it fork none); sent ``twin``, fork another nursery; sent a number, wait for that process and say how it ended.
    """
    # The service decides when to stop, also where Ctrl-C reaches the whole group.
    faulthandler.disable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        handle = make()
        # What is here stays: processes that are forked would copy all of it only to look whether it is still needed.
        gc.collect()
        gc.freeze()
        while True:
            message, files, _, _ = socket.recv_fds(control, 16, 1)
            if not message:
                os._exit(0)
            if not files:
                control.sendall(b"%d" % _reap(int(message)))
                continue
            try:
                pid = os.fork()
            except OSError:
                os.close(files[0])
                control.sendall(b"no")
                continue
            if pid == 0:
                control.close()
                control = socket.socket(fileno=files[0])
                if message == b"twin":
                    continue
                _work(control, handle, reply, bounds)
            os.close(files[0])
            control.sendall(b"%d" % pid)
    except (BrokenPipeError, ConnectionResetError):
        # The service has gone.
        os._exit(0)
    except IcsgraphError as error:
        print(f"icsgraph: {' '.join(str(error).split())}", file=sys.stderr, flush=True)  # noqa: T201
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def _work(connection: socket.socket, handle: Handler, reply: Reply, bounds: Bounds) -> NoReturn:
    """Do what is asked, request by request, until the service closes its end."""
    code = 1
    try:
        _limit(bounds)
        while True:
            request = bytes(receive(connection))
            used = resource.getrusage(resource.RUSAGE_SELF)
            # Where the service itself was killed, nobody is left to stop this process: the system does.
            _set_limit(resource.RLIMIT_CPU, round(used.ru_utime + used.ru_stime + bounds.seconds) + 5)
            send(connection, reply(handle, request))
            done = resource.getrusage(resource.RUSAGE_SELF)
            if done.ru_minflt - used.ru_minflt > _MANY_PAGES:
                # It lies idle after this, for as long as nobody asks.
                return_memory()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        code = 0
    except MemoryError:
        code = NO_MEMORY
    finally:
        os._exit(code)


def _limit(bounds: Bounds) -> None:
    """Bound the memory of this process, and let it open nothing more where it is sealed."""
    size = address_space()
    if size:
        _set_limit(resource.RLIMIT_AS, size + bounds.megabytes * 1024 * 1024, both=True)
    if bounds.sealed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def _set_limit(which: int, most: int, *, both: bool = False) -> None:
    """Set a limit of the system, or leave it as it is where it is narrower already."""
    hard = resource.getrlimit(which)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(which, (most, most if both else hard))
