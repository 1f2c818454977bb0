"""Where the content of the product lies: in a checkout beside ``src``, in a wheel inside the package."""

from __future__ import annotations

from pathlib import Path

__all__ = ["content_root"]


def content_root() -> Path:
    """The folder that holds ``ontology``, ``queries``, ``shapes`` and ``data``."""
    package = Path(__file__).resolve().parent
    bundled = package / "_bundled"
    return bundled if bundled.is_dir() else package.parents[1]
