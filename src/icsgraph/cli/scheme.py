"""``icsgraph template, import``: the governance workbook from the command line, each over one Python call."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from icsgraph.cli.common import progress
from icsgraph.core.errors import IcsgraphError
from icsgraph.resources import content_root

if TYPE_CHECKING:
    from icsgraph.ask.names import Names
    from icsgraph.check.validator import Validator
    from icsgraph.core.report import Report
    from icsgraph.scheme.triples import Workbook

__all__ = ["COMMANDS", "check", "names", "read", "written"]


def names() -> Names:
    """The names of the record, whose dataset is built first where it is missing."""
    from icsgraph.ask.names import Names
    from icsgraph.build.pipeline import NAMES
    from icsgraph.build.place import ensure
    from icsgraph.graph.store import Store

    return Names(Store.open(ensure(content_root(), progress()).with_name(NAMES)))


def read(path: Path, as_at: str = "") -> Workbook:
    """The graph of the workbook or the folder of tables at a path."""
    from icsgraph.scheme.check import open_path, read_workbook

    grids = open_path(path)
    return read_workbook(grids, content_root(), names(), as_at, progress())


def written(path: Path, content: bytes) -> None:
    """Write a file; raises ``IcsgraphError`` where that cannot be done."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise IcsgraphError(
            f"{path} cannot be written: {error.strerror}.",
            "Give a file in a folder that exists, and close it elsewhere.",
        ) from None


def check(
    path: Path, content: bytes, validator: Validator, scenario: str, as_at: str, engine: str, marked: Path | None
) -> Report:
    """The report on a workbook at a path; a copy with comments goes to ``marked``."""
    from icsgraph.scheme.check import check_workbook, open_path, read_workbook
    from icsgraph.scheme.marking import mark
    from icsgraph.scheme.opening import open_workbook

    grids = open_path(path) if path.is_dir() else open_workbook(content, path.name)
    book = read_workbook(grids, content_root(), names(), as_at, progress())
    report = check_workbook(book, path.name, validator, scenario, as_at, engine, progress())
    if marked:
        written(marked, mark(content, grids, report, book))
    return report


@click.command()
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--example", is_flag=True, help="Fill it with the scheme of a fictional board.")
def template(out: Path, example: bool) -> None:
    """Write an empty governance workbook, with drop-downs and help, to fill in."""
    from icsgraph.scheme.template import template_of

    written(out, template_of(content_root(), names(), example))
    click.echo(f"{out}: fill it in, then run icsgraph validate {out}")


@click.command("import")
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="File of Turtle to write.")
@click.option(
    "--as-at", default="", metavar="YYYY-MM-DD", help="The day on which bodies are looked up (default: today)."
)
def import_(source: Path, out: Path | None, as_at: str) -> None:
    """Turn a workbook, or a folder of CSV files, into a graph; what cannot be read is listed by sheet and cell."""
    from icsgraph.graph.rdf import turtle

    book = read(source, as_at)
    for remark in book.remarks:
        click.echo(
            f"icsgraph: {': '.join(filter(None, (remark.place, remark.message)))} {remark.hint}".rstrip(), err=True
        )
    content = turtle(book.triples)
    if out:
        written(out, content)
        rows = ", ".join(f"{count} of {sheet}" for sheet, count in book.rows.items())
        lost = sum(r.lost for r in book.remarks)
        click.echo(f"{out}: {len(set(book.triples))} statements from rows: {rows}; {lost} things could not be read")
    else:
        click.echo(content.decode(), nl=False)


# The commands that main registers, in the order of its help.
COMMANDS: tuple[click.Command, ...] = (template, import_)
