"""A service under test, seen from outside: started, sampled, stopped."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["family", "sample", "service"]


@contextmanager
def service(*words: str) -> Iterator[tuple[subprocess.Popen[str], int, Path]]:
    """A service on a free port, and the file of what it says."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "log"
        command = [sys.executable, "-m", "icsgraph", "serve", "--port", "0", "--proxies", "1", *words]
        with told.open("w", encoding="utf-8") as log, subprocess.Popen(command, stderr=log, text=True) as process:
            port = None
            while port is None and process.poll() is None:
                time.sleep(0.2)
                found = re.search(r"serving http://[\d.]+:(\d+)", told.read_text(encoding="utf-8"))
                port = int(found[1]) if found else None
            assert port, told.read_text(encoding="utf-8")
            try:
                yield process, port, told
            finally:
                process.send_signal(signal.SIGTERM)


def family(pid: int) -> list[tuple[int, str]]:
    """A process and all below it, with the letter of its state."""
    parents: dict[int, list[int]] = {}
    states: dict[int, str] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
            parents.setdefault(int(parent), []).append(int(path.parent.name))
            states[int(path.parent.name)] = state
    found, todo = [], [pid]
    while todo:
        one = todo.pop()
        found.append((one, states.get(one, "?")))
        todo += parents.get(one, [])
    return found


def sample(pid: int) -> dict[str, int]:
    """Megabytes that the service itself holds and that its family holds without what is shared, processes, zombies, files."""
    processes = family(pid)
    own = whole = 0
    for one, _ in processes:
        with contextlib.suppress(OSError):
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text()
            whole += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
            if one == pid:
                own = sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Rss:"))
    files = 0
    with contextlib.suppress(OSError):
        files = len(os.listdir(f"/proc/{pid}/fd"))
    return {
        "own": own // 1024,
        "whole": whole // 1024,
        "processes": len(processes),
        "zombies": sum(state == "Z" for _, state in processes),
        "files": files,
    }
