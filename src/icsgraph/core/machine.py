"""Faults of the machine in words: no memory, no room, no thread, no file descriptor, a folder that cannot be written."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import threading

from icsgraph.core.errors import IcsgraphError

__all__ = [
    "address_space",
    "machine_fault",
    "require_files",
    "require_memory",
    "require_threads",
    "resident",
    "return_memory",
    "share_heap",
]

_FREE_MEMORY = "Free memory, or raise the limit (ulimit -v, MemoryMax)."
_OTHER_FOLDER = "Give a folder that can be written; ICSGRAPH_CACHE names that of the dataset."
# What to do, by the number of the fault.
_REMEDIES = {
    errno.ENOSPC: "Make room on the disk, or name another folder in ICSGRAPH_CACHE.",
    errno.EDQUOT: "Make room on the disk, or name another folder in ICSGRAPH_CACHE.",
    errno.EFBIG: "Raise the limit on the size of files (ulimit -f).",
    errno.EROFS: _OTHER_FOLDER,
    errno.EACCES: _OTHER_FOLDER,
    errno.EPERM: _OTHER_FOLDER,
    errno.ENOTDIR: _OTHER_FOLDER,
    errno.EISDIR: _OTHER_FOLDER,
    errno.EMFILE: "Raise the limit on open files (ulimit -n).",
    errno.ENFILE: "Close other programs; the machine has too many files open.",
    errno.EAGAIN: "Raise the limit on processes and threads (ulimit -u, TasksMax).",
    errno.ENOMEM: _FREE_MEMORY,
}
# What Python, its loader and the engine say where memory or threads run out, in errors of no type of their own.
_NO_THREAD = ("can't start new thread", "failed to spawn thread", "thread creation failed")
_NO_MEMORY = ("cannot allocate memory", "failed to map segment", "out of memory")


def machine_fault(error: BaseException) -> IcsgraphError | None:
    """What an error says of the machine and what to do about it; nothing where it is no fault of the machine.

    >>> machine_fault(OSError(errno.ENOSPC, "No space left on device", "/x/icsgraph.nq")).message
    '/x/icsgraph.nq: No space left on device.'
    >>> machine_fault(KeyError("a bug")) is None
    True
    """
    if isinstance(error, MemoryError):
        return IcsgraphError("There is not enough memory.", _FREE_MEMORY)
    said = str(error).lower()
    if any(words in said for words in _NO_THREAD):
        return IcsgraphError("No thread can be started.", _REMEDIES[errno.EAGAIN])
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename is not None else ""
        reason = error.strerror or str(error) or type(error).__name__
        return IcsgraphError(f"{place}{reason}.", _REMEDIES.get(error.errno or 0, "Look at what it names."))
    if not isinstance(error, Exception) or isinstance(error, ImportError):
        # A library that cannot be loaded, or an engine that panics, for want of memory.
        if any(words in said for words in _NO_MEMORY):
            return IcsgraphError("There is not enough memory.", _FREE_MEMORY)
        if isinstance(error, ImportError) and "too many open files" in said:
            return IcsgraphError("Too many open files.", _REMEDIES[errno.EMFILE])
    return None


def require_files(most: int) -> int:
    """Have this process be able to open so many files, as far as the system lets it; returned is how many it can open at most.

    Raises ``IcsgraphError`` where even half as many are too many for the system.
    """
    try:
        import resource
    except ImportError:
        return most
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < most:
        with contextlib.suppress(OSError, ValueError):
            wanted = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if soft != resource.RLIM_INFINITY and soft < most // 2:
        raise IcsgraphError(
            f"Too few open files are allowed: {soft}, where {most} are needed.", _REMEDIES[errno.EMFILE]
        )
    return most if soft == resource.RLIM_INFINITY else int(soft)


def require_memory(megabytes: int) -> None:
    """Raise ``IcsgraphError`` where the limit on this process leaves it less memory than that.

    Asked before an engine is given work: where memory ends in the middle of it, the engine ends the process without a word.
    """
    try:
        import resource
    except ImportError:
        return
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft != resource.RLIM_INFINITY and soft - address_space() < megabytes * 1_000_000:
        raise IcsgraphError(
            f"There is not enough memory: {megabytes} MB more are needed, and the limit is {soft // 1_000_000} MB.",
            _FREE_MEMORY,
        )


def require_threads() -> None:
    """Raise ``IcsgraphError`` where no thread can be started."""
    try:
        thread = threading.Thread(target=lambda: None)
        thread.start()
    except (RuntimeError, MemoryError):
        raise IcsgraphError("No thread can be started.", _REMEDIES[errno.EAGAIN]) from None
    thread.join()


# The number by which glibc knows how many heaps there may be (M_ARENA_MAX).
_HEAPS = -8


def share_heap() -> None:
    """Have all threads that begin later take their memory from one heap, where the C library is glibc; else change nothing.

    It gives each thread a heap of its own, of which each keeps what the dearest question that its thread met has taken.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(_HEAPS, 1)


def return_memory() -> None:
    """Give memory that is free within this process back to the system, where the C library is glibc; else change nothing.

    It takes a tenth of a millisecond where little is free, and some ten where a hundred megabytes are.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def resident() -> int:
    """The memory of this process in bytes that is in the machine's; 0 where the system does not say."""
    return _memory(1)


def address_space() -> int:
    """The address space of this process in bytes; 0 where the system does not say."""
    return _memory(0)


def _memory(field: int) -> int:
    """A size of this process in bytes, by its place in what the system tells; 0 where it does not."""
    try:
        import resource

        with open("/proc/self/statm", encoding="ascii") as told:
            return int(told.read().split()[field]) * resource.getpagesize()
    except (OSError, ImportError):
        return 0
