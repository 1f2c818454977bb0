"""Where the content of the product lies: in a checkout beside ``src``, in a wheel inside the package."""

from __future__ import annotations

from pathlib import Path

__all__ = ["content_root", "shape_files"]


def content_root() -> Path:
    """The folder that holds ``ontology``, ``queries``, ``shapes`` and ``data``."""
    package = Path(__file__).resolve().parent
    bundled = package / "_bundled"
    return bundled if bundled.is_dir() else package.parents[1]


def shape_files(root: Path) -> list[Path]:
    """The files of rules under ``shapes`` of the content in ``root``; not the examples, which are data."""
    return [path for path in sorted((root / "shapes").glob("*/*.ttl")) if path.parent.name != "example"]
