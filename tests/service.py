"""A running service for tests: the command itself, on a free port of this machine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["serving"]


@contextmanager
def serving(*words: str | Path) -> Iterator[str]:
    """The address of ``icsgraph serve`` with more words; it ends with the block, and must end well."""
    command = [sys.executable, "-m", "icsgraph", "serve", "--port", "0", *map(str, words)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if "serving http" in line:
                break
        else:
            raise AssertionError(f"the service did not start: {''.join(said)}")
        try:
            yield said[-1].split()[2]
        finally:
            process.terminate()
            process.stderr.read()
    assert process.returncode == 0, process.returncode
