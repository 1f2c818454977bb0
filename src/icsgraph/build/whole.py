"""A built folder is whole or it is built again: one builder at a time, all written aside and renamed, the manifest last."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from icsgraph.build.downloads import FOLDER
from icsgraph.core.errors import IcsgraphError

__all__ = ["CACHE_MODE", "LOCK", "MANIFEST", "SHA256", "aside", "builder_lock", "is_whole", "own_folder", "sha256_of"]

MANIFEST = "MANIFEST.json"
# Under this key a manifest has the checksum of each file that the program itself reads, by name.
SHA256 = "files"
# The cache is its owner's alone: whoever could write there could put words into every answer.
CACHE_MODE = 0o700

# Whoever builds in a folder holds this file of it.
LOCK = ".lock"
_ASIDE = ".aside-"
# In it stands what was noted of files that fitted their checksums.
_SOUND = ".sound"
# Seconds between two looks whether another builder has done, and for which it is waited for at most.
_LOOK = 0.2
_PATIENCE = 900
# File systems without locks: two builders then only do the same work twice.
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_whole(folder: Path) -> bool:
    """Whether a folder holds a whole build: its manifest can be read, and what it lists is there and fits its checksums.

    The files that the program reads are compared by checksum, those to take away by size. A file that was found to fit, and has not
    been written to since, is not read again: what is noted of it is its size, time, and place on the disk.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        own = manifest[SHA256]
        sizes = [
            ((folder if d["path"] in own else folder / FOLDER) / d["path"], d["bytes"]) for d in manifest["downloads"]
        ]
        if not all(path.stat().st_size == size for path, size in sizes):
            return False
        noted = _noted(folder)
        found = {name: [sha, *_marks(folder / name)] for name, sha in own.items()}
        if any(found[name] != noted.get(name) and sha256_of(folder / name) != sha for name, sha in own.items()):
            return False
        if found != noted:
            with contextlib.suppress(OSError):
                (folder / _SOUND).write_text(json.dumps(found), encoding="utf-8")
        return True
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False


def _marks(path: Path) -> list[int]:
    """What changes of a file when it is written to."""
    status = path.stat()
    return [status.st_size, status.st_mtime_ns, status.st_ino]


def _noted(folder: Path) -> dict[str, object]:
    """What was noted of the files of a build when they were last found to fit; nothing where no note can be read."""
    try:
        noted = json.loads((folder / _SOUND).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return noted if isinstance(noted, dict) else {}


def own_folder(folder: Path) -> None:
    """Make a folder where it is missing, for its owner alone; one of ours that others may enter is closed to them."""
    folder.mkdir(mode=CACHE_MODE, parents=True, exist_ok=True)
    status = folder.stat()
    if status.st_mode & 0o077 and status.st_uid == os.geteuid():
        with contextlib.suppress(OSError):
            folder.chmod(CACHE_MODE)


@contextlib.contextmanager
def builder_lock(folder: Path, progress: Callable[[str], None]) -> Iterator[None]:
    """Be the only builder of a folder, which is made; waits for another one. The system releases the lock of a crash.

    Raises ``IcsgraphError`` where another builder does not end, and ``OSError`` where the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("a") as file:
        if _locked(file.fileno(), folder, progress):
            # What a crash has left; nobody else works here.
            for left in folder.glob(f"{_ASIDE}*"):
                shutil.rmtree(left, ignore_errors=True)
        yield


def _locked(descriptor: int, folder: Path, progress: Callable[[str], None]) -> bool:
    """Lock an open file, whoever holds it first; no where the system has no locks."""
    try:
        import fcntl
    except ImportError:
        return False
    deadline = time.monotonic() + _PATIENCE
    told = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise IcsgraphError(
                    f"Another process has been building in {folder} for {_PATIENCE // 60} minutes.",
                    "End it, or name another folder in ICSGRAPH_CACHE.",
                ) from None
            if not told:
                progress("waiting for another process that builds the dataset")
                told = True
            time.sleep(_LOOK)
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            return False


@contextlib.contextmanager
def aside(folder: Path) -> Iterator[Path]:
    """A new folder in which to write what will lie in ``folder``; it is moved there when the block ends, its manifest last.

    Where the block fails, what was in ``folder`` stays as it was.
    """
    folder.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=folder))
    try:
        yield new
        # From here on the old build is no longer whole, and says so by having no manifest.
        _remove(folder / MANIFEST)
        for path in sorted(new.iterdir(), key=lambda p: (p.name == MANIFEST, p.name)):
            if (folder / path.name).is_dir():
                _remove(folder / path.name)
            path.replace(folder / path.name)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _remove(path: Path) -> None:
    """Remove a file or a folder, where it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
