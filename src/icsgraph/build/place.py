"""Where a built dataset is kept, and building it when it is not there."""

from __future__ import annotations

import contextlib
import hashlib
import multiprocessing
import os
import threading
from collections.abc import Callable
from pathlib import Path

from icsgraph.build.pipeline import DATASET, MANIFEST, REFERENCE, build, content_hash
from icsgraph.core.errors import IcsgraphError

__all__ = ["builder_hash", "dataset_path", "ensure"]

PACKAGE = Path(__file__).resolve().parents[1]


def dataset_path(root: Path) -> Path:
    """The dataset made from the content in ``root``: in ``ICSGRAPH_CACHE``, else in the user's cache folder.

    The folder is named after the content and the code that builds from it, so that neither a changed table nor a changed
    builder is ever answered from an old build.
    """
    base = os.environ.get("ICSGRAPH_CACHE") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "icsgraph" / f"{content_hash(root)}-{builder_hash()}" / DATASET


def builder_hash(package: Path = PACKAGE) -> str:
    """A short hash of the code that turns content into a dataset: the layers ``core``, ``graph`` and ``build``."""
    digest = hashlib.sha256()
    for layer in ("core", "graph", "build"):
        for path in sorted((package / layer).glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


def ensure(root: Path, progress: Callable[[str], None]) -> Path:
    """The path of the dataset, which is built first where it is missing."""
    path = dataset_path(root)
    if not all(path.with_name(name).exists() for name in (DATASET, REFERENCE, MANIFEST)):
        _build_apart(root, path.parent, progress)
    return path


def _build_apart(root: Path, out: Path, progress: Callable[[str], None]) -> None:
    """Build in a process of its own, so that the memory it takes is given back whole; errors are raised here.

    A process that has threads cannot be copied in safety, and builds by itself.
    """
    if not hasattr(os, "fork") or threading.active_count() > 1:
        build(root, out, progress=progress)
        return
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)

    def work() -> None:
        try:
            build(root, out, progress=progress)
        except IcsgraphError as error:
            theirs.send(error)

    process = context.Process(target=work, daemon=True)
    process.start()
    theirs.close()
    # It says something only where something is wrong.
    with contextlib.suppress(EOFError):
        raise ours.recv()
    process.join()
    if process.exitcode:
        raise IcsgraphError(f"The build broke off with code {process.exitcode}.", "Nothing was built.")
