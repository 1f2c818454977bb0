"""Where a built dataset is kept, and building it when it is not there."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from icsgraph.build.pipeline import DATASET, MANIFEST, REFERENCE, build, content_hash

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
        build(root, path.parent, progress=progress)
    return path
