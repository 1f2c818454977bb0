"""What a reader tells of a file beside its graph."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Remark"]


@dataclass(frozen=True)
class Remark:
    """Something of a workbook that could not be read, was left out, or was read with some licence; ``lost`` says which."""

    place: str
    message: str
    hint: str = ""
    lost: bool = True
