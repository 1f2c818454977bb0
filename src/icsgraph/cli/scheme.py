"""``icsgraph template, import, publish, compare, breaks, merge``: the governance workbook from the command line."""

from __future__ import annotations

import click

__all__ = ["COMMANDS"]

# The commands that main registers, in the order of its help.
COMMANDS: list[click.Command] = []
