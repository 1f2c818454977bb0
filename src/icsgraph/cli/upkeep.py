"""``icsgraph stale, diff, update, postcodes, law, release, correct``: keeping the record from the command line, each over one Python call."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from icsgraph.cli.common import open_desk, progress
from icsgraph.core.dates import parse_day
from icsgraph.core.errors import IcsgraphError
from icsgraph.resources import content_root

__all__ = ["COMMANDS"]


@click.command()
@click.option("--as-at", default="", metavar="YYYY-MM-DD", help="The day looked from (default: today).")
@click.option("--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
def stale(as_at: str, form: str) -> int:
    """List what in the record is out of date: bodies, arrangements, plans, sources.

    The exit code is 1 where something is on record that cannot be so.
    """
    from icsgraph.build.place import ensure
    from icsgraph.upkeep import stale as run

    day = parse_day(as_at) if as_at else dt.date.today()
    root = content_root()
    checks = run.read_checks(root)
    found = run.find(checks, run.open_facts(ensure(root, progress())), day)
    if form == "text":
        click.echo(run.as_text(found, checks, day), nl=False)
    elif form == "json":
        click.echo(run.as_json(found, day))
    else:
        click.echo(run.as_csv(found), nl=False)
    return 1 if any(f.check.severity == "fault" for f in found) else 0


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option(
    "--about", default="", metavar="NAME", help="Only what is about one body, area or function: its code or whole name."
)
@click.option(
    "--examples/--no-examples", default=True, show_default=True, help="Ask every question with its examples, too."
)
@click.option(
    "--as-at",
    default="",
    metavar="YYYY-MM-DD",
    help="The day on which examples without a day are asked, and of the release (default: today).",
)
@click.option(
    "--record",
    "name",
    default="",
    metavar="NAME",
    help="Record it as what this release changed, for the page of changes and its feed.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def diff(old: Path, new: Path, about: str, examples: bool, as_at: str, name: str, form: str) -> int:
    """Say what changes from one dataset to another: things, and answers with places, days and reasons.

    OLD and NEW are folders that icsgraph build --out wrote, their files, or editions. Who is responsible is compared for every function, place and
    day. The exit code is 1 where something differs.
    """
    from icsgraph.upkeep import release as told
    from icsgraph.upkeep.diff import about as only
    from icsgraph.upkeep.diff import compare
    from icsgraph.upkeep.editions import read_edition

    day = parse_day(as_at) if as_at else dt.date.today()
    root = content_root()
    if name and (about or not examples):
        raise IcsgraphError("A release is recorded whole.", "Leave --about and --no-examples out.")
    content = told.content_of(new) if name else ""
    before, after = (read_edition(p, root, day, progress(), examples) for p in (old, new))
    found = compare(before, after)
    if about:
        found = only(found, about)
    if name:
        click.echo(f"icsgraph: {told.record(root, name, day.isoformat(), found, content)}", err=True)
    # What is recorded is printed as the changelog must have it.
    text = told.changelog if name else told.as_text
    click.echo(told.as_json(found) if form == "json" else text(found), nl=False)
    return 1 if found.things or found.answers or found.questions else 0


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option(
    "--apply",
    "apply_",
    is_flag=True,
    help="Change the tables in place, once what they make passes the checks of the build.",
)
@click.option("--old", is_flag=True, help="A file that is older than the record is meant.")
@click.option("--day", default="", metavar="YYYY-MM-DD", help="The day of the extracts (default: today).")
def update(files: tuple[Path, ...], apply_: bool, old: bool, day: str) -> int:
    """Say what extracts of registers have otherwise than the record, and with --apply change its tables.

    Nothing is fetched. What is suspicious changes nothing. Without --apply the exit code is 1 where something differs.
    """
    from icsgraph.build.counts import record_counts
    from icsgraph.build.pipeline import assemble
    from icsgraph.scheme.opening import open_workbook
    from icsgraph.upkeep.month import read_month

    root = content_root()
    on = (parse_day(day) if day else dt.date.today()).isoformat()
    rows: dict[str, int] = {}

    def check(copy: Path) -> None:
        rows.update(assemble(copy, progress=progress())[2].rows)

    def said(words: str) -> None:
        click.echo(f"icsgraph: {words}", err=True)

    def sheets(path: Path) -> list[list[list[str]]]:
        grids = [[row for _, row in sorted(g.rows.items())] for g in open_workbook(path.read_bytes(), path.name)]
        return [[row + [""] * (len(rows[0]) - len(row)) for row in rows] for rows in grids if rows]

    month = read_month(files, root, said, sheets)
    told, differ = month.hold(on, old)
    click.echo(told, nl=False)
    if apply_:
        for name in month.tables.commit(check):
            said(f"changed {name}")
        if rows:
            record_counts(root, rows)
    return 1 if differ and not apply_ else 0


@click.command()
@click.argument("given", metavar="FILE|POSTCODE")
def postcodes(given: str) -> None:
    """Index a postcode directory beside the dataset, or say which council, location and board a postcode lies in."""
    from icsgraph.build.place import ensure
    from icsgraph.upkeep import postcodes as run

    root = content_root()
    kept = ensure(root, progress()).parent.parent / run.FILE
    if Path(given).suffix:
        click.echo(f"{run.index(Path(given), root, kept)} postcodes, in {kept}")
        return
    for field, value in run.look_up(kept, given).items():
        if value:
            click.echo(f"{field}: {value}")


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--record", "record", is_flag=True, help="Record these texts as those that provisions were read from.")
@click.option(
    "--day", default="", metavar="YYYY-MM-DD", help="The day of the texts that are recorded (default: today)."
)
def law(folder: Path, record: bool, day: str) -> int:
    """Say which sections are other than those that provisions were read from, and what rests on them: the list to read again.

    DIR has texts of legislation.gov.uk as XML or Markdown, one of each instrument. The exit code is 1 where something on record is concerned.
    """
    from icsgraph.upkeep import law as run

    root = content_root()
    texts = run.read_texts(folder)
    if record:
        click.echo(run.record_versions(root, texts, (parse_day(day) if day else dt.date.today()).isoformat()))
        return 0
    watched = run.compare(run.read_versions(root), texts)
    rests = run.resting(open_desk().store, root, watched, texts) if watched.amendments else {}
    click.echo(run.as_text(watched, rests), nl=False)
    return 1 if any(rests.values()) else 0


@click.command()
@click.argument("name")
@click.option(
    "--changelog",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The changelog (default: CHANGELOG.md beside the tables).",
)
def release(name: str, changelog: Path | None) -> int:
    """Say whether a release may go out: its changelog has the entries of a diff that was made with these tables.

    The exit code is 1 where it may not.
    """
    from icsgraph.upkeep.release import faults

    root = content_root()
    path = changelog or root / "CHANGELOG.md"
    try:
        found = faults(root, name, path.read_text(encoding="utf-8"))
    except OSError as error:
        raise IcsgraphError(f"{path} cannot be read: {error.strerror}.", "Name it with --changelog.") from None
    for fault in found:
        click.echo(fault)
    if not found:
        click.echo(f"{name} has its entries.")
    return 1 if found else 0


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def correct(file: Path) -> None:
    """Say which rows stand behind what a reader finds wrong, and which case would hold what is right.

    FILE is the text that “Something wrong?” of a page gives, filled in. Nothing is changed.
    """
    from icsgraph.upkeep.corrections import mend, mended, read_text

    wrong = read_text(file)
    click.echo(mended(wrong, mend(wrong, open_desk(), content_root())), nl=False)


COMMANDS: tuple[click.Command, ...] = (stale, diff, update, postcodes, law, release, correct)
