"""``icsgraph publish, compare, breaks, merge``: what is made from a scheme, each over one call of ``scheme.publish``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import click

from icsgraph.core.dates import parse_day
from icsgraph.core.errors import IcsgraphError

__all__ = ["COMMANDS"]

_IN = click.Path(path_type=Path, exists=False)
_FORM = click.option("--format", "form", type=click.Choice(["text", "json", "html"]), default="text", show_default=True)


def _publisher() -> Any:
    from icsgraph.cli.main import _desk
    from icsgraph.resources import content_root
    from icsgraph.scheme.publish import Publisher

    return Publisher(_desk(), content_root())


def _triples(path: Path) -> list[Any]:
    """The description in a file of RDF or a workbook."""
    from icsgraph.graph.upload import SUFFIXES, read_upload

    try:
        if path.suffix.lower() in SUFFIXES:
            return read_upload(path.read_bytes(), path.name)
    except OSError as error:
        raise IcsgraphError(
            f"{path} cannot be read: {error.strerror}.", "Give the path of a file that exists."
        ) from None
    raise IcsgraphError(f"{path} is not of a kind that is read.", f"Give one that ends in {', '.join(SUFFIXES)}.")


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise IcsgraphError(
            f"{path} cannot be written: {error.strerror}.", "Give the path of a file in a folder that exists."
        ) from None


@click.command()
@click.argument("source", metavar="IN", type=_IN)
@click.option(
    "--as",
    "kind",
    type=click.Choice(["html", "docx", "xlsx", "map", "extracts", "evidence"]),
    required=True,
    help="The scheme as a page, in Word or in Excel; its map; extracts by committee; evidence by duty.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="File to write; map, extracts and evidence take .html, .docx or .txt, the map .svg too.",
)
@click.option("--as-at", default="", metavar="YYYY-MM-DD", help="The day of the law shown (default: today).")
@click.option("--title", default="", help="Which scheme, where there are several.")
@click.option("--committee", default="", help="Only the extract of this committee.")
def publish(source: Path, kind: str, out: Path, as_at: str, title: str, committee: str) -> None:
    """Make a document of a scheme: IN is a workbook or its RDF."""
    day = parse_day(as_at) if as_at else dt.date.today()
    name = "sord" if kind in ("html", "docx") else kind
    if name == "sord" and out.suffix != f".{kind}":
        raise IcsgraphError(f"{out} does not end in .{kind}.", "Mend the name, or say otherwise with --as.")
    publisher = _publisher()
    scheme = publisher.read(_triples(source), title)
    for file, content in publisher.files(scheme, name, str(out), day, committee).items():
        _write(Path(file), content)
        click.echo(f"{file}: {len(scheme.lines)} lines, {sum(len(n.authorities) for n in scheme.lines)} authorities")


@click.command()
@click.argument("old", type=_IN)
@click.argument("new", type=_IN)
@_FORM
def compare(old: Path, new: Path, form: str) -> None:
    """Say what changed between two versions of a scheme."""
    publisher = _publisher()
    sides = [publisher.read(_triples(path)) for path in (old, new)]
    click.echo(publisher.changes(*sides, form), nl=False)


@click.command()
@click.argument("source", metavar="IN", type=_IN)
@click.option("--on", required=True, metavar="YYYY-MM-DD", help="The day to look at.")
@_FORM
def breaks(source: Path, on: str, form: str) -> None:
    """Say what in a scheme no longer holds on a day, and what falls due by then."""
    day = parse_day(on)
    publisher = _publisher()
    click.echo(publisher.breaks(publisher.read(_triples(source)), day, form), nl=False)


@click.command()
@click.argument("first", type=_IN)
@click.argument("second", type=_IN)
@click.option("--into", required=True, metavar="NAME", help="The successor: a name, or a code on record.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The draft: a file in .xlsx or .ttl."
)
@_FORM
def merge(first: Path, second: Path, into: str, out: Path, form: str) -> None:
    """Make a first draft for a successor from two boards' schemes, and list what to settle."""
    from icsgraph.graph.rdf import turtle

    triples, said = _publisher().merged(_triples(first), _triples(second), into, form)
    _write(out, turtle(triples))
    click.echo(said, nl=False)


COMMANDS = (publish, compare, breaks, merge)
