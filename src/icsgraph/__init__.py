"""icsgraph: who is accountable for what in integrated care systems in England, with the law behind every statement."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from icsgraph.ask.desk import Desk

__all__ = ["__version__", "open_desk"]

__version__ = "0.1.0"


def open_desk(dataset: Path | None = None) -> Desk:
    """The desk at which questions are asked, over the built-in dataset or the N-Quads file given.

    The built-in dataset is built on first use, which takes some seconds.
    """
    from icsgraph.ask.desk import Desk
    from icsgraph.build.place import ensure
    from icsgraph.resources import content_root

    root = content_root()
    return Desk.open(dataset or ensure(root, lambda message: None), root)
