"""``icsgraph publish, compare, breaks, merge``: what is made from a scheme, each over one call of ``scheme.publish``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from icsgraph.cli.common import progress
from icsgraph.cli.scheme import written
from icsgraph.core.dates import parse_day
from icsgraph.core.errors import IcsgraphError
from icsgraph.resources import content_root

if TYPE_CHECKING:
    from icsgraph.graph.rdf import Triple
    from icsgraph.scheme.publish import Publisher

__all__ = ["COMMANDS"]

_IN = click.Path(path_type=Path)
_FORM = click.option("--format", "form", type=click.Choice(["text", "json", "html"]), default="text", show_default=True)


def _publisher() -> Publisher:
    from icsgraph.cli.main import _desk
    from icsgraph.scheme.publish import Publisher

    return Publisher(_desk(), content_root())


def _triples(publisher: Publisher, path: Path) -> list[Triple]:
    """The description in a file of RDF, or in a workbook; that something could not be read of one is said."""
    from icsgraph.graph.upload import SUFFIXES, read_upload

    if path.suffix.lower() not in SUFFIXES:
        book = publisher.opened(path, progress())
        lost = [r for r in book.remarks if r.lost]
        if lost:
            click.echo(
                f"icsgraph: {len(lost)} things in {path.name} could not be read and are left out, the first at "
                f"{lost[0].place}; icsgraph validate {path} lists them.",
                err=True,
            )
        return book.triples
    try:
        return read_upload(path.read_bytes(), path.name)
    except OSError as error:
        raise IcsgraphError(
            f"{path} cannot be read: {error.strerror}.", "Give the path of a file that exists."
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
    name = kind if kind in ("map", "extracts", "evidence") else "sord"
    if name == "sord" and out.suffix != f".{kind}":
        raise IcsgraphError(f"{out} does not end in .{kind}.", "Mend the name, or say otherwise with --as.")
    publisher = _publisher()
    triples = _triples(publisher, source)
    scheme = publisher.read(triples, title)
    files = (
        {str(out): publisher.workbook(triples)}
        if kind == "xlsx"
        else publisher.files(scheme, name, str(out), day, committee, triples)
    )
    for file, content in files.items():
        written(Path(file), content)
        click.echo(f"{file}: {len(scheme.lines)} lines, {sum(len(n.authorities) for n in scheme.lines)} authorities")


@click.command()
@click.argument("old", type=_IN)
@click.argument("new", type=_IN)
@_FORM
def compare(old: Path, new: Path, form: str) -> None:
    """Say what changed between two versions of a scheme."""
    publisher = _publisher()
    before, after = (publisher.read(_triples(publisher, path)) for path in (old, new))
    click.echo(publisher.changes(before, after, form), nl=False)


@click.command()
@click.argument("source", metavar="IN", type=_IN)
@click.option("--on", required=True, metavar="YYYY-MM-DD", help="The day to look at.")
@_FORM
def breaks(source: Path, on: str, form: str) -> None:
    """Say what in a scheme no longer holds on a day, and what falls due by then."""
    day = parse_day(on)
    publisher = _publisher()
    click.echo(publisher.breaks(publisher.read(_triples(publisher, source)), day, form), nl=False)


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

    if out.suffix not in (".xlsx", ".ttl"):
        raise IcsgraphError(f"{out} is no name for a draft.", "End it in .xlsx or .ttl.")
    publisher = _publisher()
    triples, said = publisher.merged(_triples(publisher, first), _triples(publisher, second), into, form)
    written(out, turtle(triples) if out.suffix == ".ttl" else publisher.workbook(triples))
    click.echo(said, nl=False)


COMMANDS = (publish, compare, breaks, merge)
