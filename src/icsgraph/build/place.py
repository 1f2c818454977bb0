"""Where a built dataset is kept, and building it when it is not there."""

from __future__ import annotations

import contextlib
import hashlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

from icsgraph.build.kept import hold, prune
from icsgraph.build.pipeline import DATASET, build_alone, content_hash
from icsgraph.build.whole import builder_lock, is_whole, own_folder
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.machine import machine_fault, require_memory

__all__ = ["ASKED", "builder_hash", "dataset_path", "ensure"]

# What a build takes from ``ask``: names, and the words of worked examples.
ASKED = (
    "brevity",
    "catalogue",
    "citations",
    "examples",
    "kinds",
    "names",
    "notes",
    "reading/places",
    "reading/tables",
    "says",
    "scenarios",
    "values",
    "views",
)
# Megabytes that a build takes.
_MEMORY = 3_000
PACKAGE = Path(__file__).resolve().parents[1]


def dataset_path(root: Path) -> Path:
    """The dataset made from the content in ``root``: in ``ICSGRAPH_CACHE``, else in the user's cache folder.

    The folder is named after the content and the code that builds from it, so that neither a changed table nor a changed
    builder is ever answered from an old build.
    """
    base = os.environ.get("ICSGRAPH_CACHE") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "icsgraph" / f"{content_hash(root)}-{builder_hash()}" / DATASET


def builder_hash(package: Path = PACKAGE) -> str:
    """A short hash of the code that turns content into a dataset: the layers ``core``, ``graph`` and ``build``, and what they take from ``ask``."""
    digest = hashlib.sha256()
    for layer in ("core", "graph", "build"):
        for path in sorted((package / layer).glob("*.py")):
            digest.update(path.read_bytes())
    for name in ASKED:
        digest.update((package / "ask" / f"{name}.py").read_bytes())
    return digest.hexdigest()[:8]


def ensure(root: Path, progress: Callable[[str], None]) -> Path:
    """The path of the dataset, which is built first where it is missing, half written or not what its manifest says.

    Whoever comes second waits for the first. The build is held while this process runs; of those that nobody holds only the last used
    are kept. Raises ``IcsgraphError`` where it cannot be built, whatever the machine lacks.
    """
    path = dataset_path(root)
    if is_whole(path.parent):
        hold(path.parent)
        return path
    require_memory(_MEMORY)
    try:
        # Above the folder of this build stands that of all builds, closed to others.
        own_folder(path.parent.parent)
        with builder_lock(path.parent, progress):
            if not is_whole(path.parent):
                _build_apart(root, path.parent, progress)
            hold(path.parent)
        prune(path.parent.parent)
    except (OSError, MemoryError, RuntimeError) as error:
        if fault := machine_fault(error):
            raise IcsgraphError(f"The dataset cannot be built. {fault.message}", fault.hint) from None
        raise
    if not is_whole(path.parent):
        raise IcsgraphError(
            f"The dataset in {path.parent} is not what its manifest says, also after it was built again.",
            "Look whether the disk is sound, or name another folder in ICSGRAPH_CACHE.",
        )
    return path


def _build_apart(root: Path, out: Path, progress: Callable[[str], None]) -> None:
    """Build in a process of its own, so that the memory it takes is given back whole; errors are raised here.

    A process that has threads cannot be copied in safety, and builds by itself.
    """
    if not hasattr(os, "fork") or threading.active_count() > 1:
        build_alone(root, out, progress=progress)
        return
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)

    def work() -> None:
        try:
            build_alone(root, out, progress=progress)
        except IcsgraphError as error:
            theirs.send(error)
        except BaseException as error:
            fault = machine_fault(error)
            if fault is None:
                raise
            theirs.send(fault)

    process = context.Process(target=work, daemon=True)
    process.start()
    theirs.close()
    # It says something only where something is wrong.
    with contextlib.suppress(EOFError):
        raise ours.recv()
    process.join()
    if process.exitcode in (-signal.SIGKILL, -signal.SIGABRT):
        raise IcsgraphError("The build was ended, as happens where memory runs out.", "Free memory, and start again.")
    if process.exitcode:
        raise IcsgraphError(f"The build broke off with code {process.exitcode}.", "Nothing was built.")
