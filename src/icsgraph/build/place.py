"""Where a built dataset is kept, and building it when it is not there."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from icsgraph.build.pipeline import DATASET, REFERENCE, build, content_hash

__all__ = ["dataset_path", "ensure"]


def dataset_path(root: Path) -> Path:
    """The dataset made from the content in ``root``: in ``ICSGRAPH_CACHE``, else in the user's cache folder.

    The folder is named after the content, so that a changed table is never answered from an old build.
    """
    base = os.environ.get("ICSGRAPH_CACHE") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "icsgraph" / content_hash(root) / DATASET


def ensure(root: Path, progress: Callable[[str], None]) -> Path:
    """The path of the dataset, which is built first where it is missing."""
    path = dataset_path(root)
    if not path.exists() or not path.with_name(REFERENCE).exists():
        build(root, path.parent, progress=progress)
    return path
