"""How many builds are kept: those in use, and so many of the others as were used last."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from pathlib import Path

from icsgraph.build.whole import LOCK

__all__ = ["MOST", "hold", "prune"]

# Builds that are kept, some 250 MB each: those of the branches and versions that somebody goes to and fro between.
MOST = 12

_USED = ".used"
_BUILD = re.compile(r"[0-9a-f]{16}-[0-9a-f]{8}")
# A descriptor holds its lock until the process ends, however it ends; none is closed before.
_held: dict[Path, int] = {}


def hold(folder: Path) -> None:
    """Say of a build that this process uses it, for as long as it runs; nothing where it cannot be said (a cache that is only read)."""
    with contextlib.suppress(OSError, ImportError):
        import fcntl

        (folder / _USED).touch()
        if folder not in _held:
            _held[folder] = os.open(folder / _USED, os.O_RDWR)
            fcntl.flock(_held[folder], fcntl.LOCK_SH | fcntl.LOCK_NB)


def prune(base: Path, most: int = MOST) -> list[Path]:
    """Remove the builds in ``base`` that nobody uses, save the ``most`` used last; gives what was removed.

    Only folders are looked at that are named as builds are, such as ``05c67733826e2d3e-6328b8ba``. Without locks nothing is removed.
    """
    builds = [path for path in base.iterdir() if _BUILD.fullmatch(path.name) and path.is_dir()]
    return [path for path in sorted(builds, key=_last_used, reverse=True)[most:] if _removed(path)]


def _last_used(build: Path) -> float:
    """When a build was used last, in seconds; one without a mark of use when it was changed last."""
    used = build / _USED
    with contextlib.suppress(OSError):
        return (used if used.exists() else build).stat().st_mtime
    return 0


def _removed(build: Path) -> bool:
    """Remove a build, where neither a reader nor a builder holds it."""
    try:
        import fcntl

        with (build / _USED).open("a") as used, (build / LOCK).open("a") as building:
            fcntl.flock(used, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.flock(building, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(build)
    except (OSError, ImportError):
        return False
    return True
