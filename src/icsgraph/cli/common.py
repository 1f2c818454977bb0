"""What several commands need: progress on a terminal, and the desk and the validator over the built dataset."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from icsgraph.resources import content_root

if TYPE_CHECKING:
    from icsgraph.ask.desk import Desk
    from icsgraph.check.validator import Validator

__all__ = ["open_desk", "progress", "validator"]


def progress() -> Callable[[str], None]:
    """Shows a step on a terminal and stays quiet in a pipe."""
    if sys.stderr.isatty():
        return lambda message: click.echo(f"icsgraph: {message} ...", err=True)
    return lambda message: None


def validator() -> Validator:
    """The validator over the content, whose dataset is built first where it is missing."""
    from icsgraph.build.pipeline import REFERENCE
    from icsgraph.build.place import ensure
    from icsgraph.check.validator import Validator

    root = content_root()
    return Validator(root, ensure(root, progress()).with_name(REFERENCE))


def open_desk() -> Desk:
    """The desk over the dataset of this version, which is built first where it is missing."""
    from icsgraph.ask.desk import Desk
    from icsgraph.build.place import ensure

    root = content_root()
    return Desk.open(ensure(root, progress()), root)
