"""``icsgraph build, serve, ask, query, validate, explain``; the commands of the workbook stand beside."""

from __future__ import annotations

import datetime as dt
import sys
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from icsgraph import __version__
from icsgraph.cli import scheme, scheme_documents, upkeep
from icsgraph.cli.common import open_desk, progress, validator
from icsgraph.core.errors import IcsgraphError, TableErrors
from icsgraph.core.machine import machine_fault, require_files, require_memory, require_threads
from icsgraph.core.terms import BASE, DEFAULT_SCENARIO, check_base
from icsgraph.resources import content_root

if TYPE_CHECKING:
    from icsgraph.ask.desk import Desk
    from icsgraph.core.answer import Answer

__all__ = ["cli", "main"]


# Open files and megabytes without which no command ends well.
_FILES = 64
_MEMORY = 450


class _Group(click.Group):
    """Every error in one line on stderr and exit code 2; never a traceback for what a person can mend."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        kwargs["standalone_mode"] = False
        try:
            result = super().main(*args, **kwargs)
            sys.exit(result if isinstance(result, int) else 0)
        except TableErrors as error:
            for problem in error.problems[: TableErrors.SHOWN]:
                click.echo(f"icsgraph: {problem}", err=True)
            more = len(error.problems) - TableErrors.SHOWN
            _fail(
                f"{len(error.problems)} faults in the tables"
                + (f", {more} of them not shown" if more > 0 else "")
                + ". Nothing was built."
            )
        except IcsgraphError as error:
            _fail(str(error))
        except click.ClickException as error:
            context = getattr(error, "ctx", None)
            _fail(
                f"{error.format_message()} Run {context.command_path if context else 'icsgraph'} --help to see how it is called."
            )
        except click.Abort:
            _fail("Stopped.")
        except BrokenPipeError:
            sys.exit(0)
        except BaseException as error:
            if fault := machine_fault(error):
                _fail(str(fault))
            raise


def _fail(message: str) -> NoReturn:
    click.echo("icsgraph: " + " ".join(message.split()), err=True)
    sys.exit(2)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "ICSGRAPH"})
@click.version_option(__version__, message="icsgraph %(version)s")
def cli() -> None:
    """Who is accountable for what in integrated care systems in England, with the law behind every statement."""
    # Said before any engine is loaded, which would end without a word.
    require_files(_FILES)
    require_memory(_MEMORY)
    require_threads()
    check_base(BASE)


@cli.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write to (default: the cache that ask and serve read).",
)
@click.option(
    "--reasoner",
    type=click.Choice(["reasonable", "owlrl"]),
    default="reasonable",
    show_default=True,
    help="owlrl is the reference; both give the same.",
)
@click.option("--fewer", is_flag=True, help="Tables are meant to have fewer rows than were recorded.")
@click.option(
    "--editions",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder in which the build is kept as an edition, for serve --editions and diff.",
)
@click.option(
    "--day", default="", metavar="YYYY-MM-DD", help="The day of our knowledge that the edition has (default: today)."
)
def build(out: Path | None, reasoner: str, fewer: bool, editions: Path | None, day: str) -> None:
    """Build the dataset from the tables, the ontology and the rules, and record how many rows each table has."""
    from icsgraph.build.counts import COUNTS, fewer_rows, record_counts
    from icsgraph.build.pipeline import DATASET
    from icsgraph.build.pipeline import build as run
    from icsgraph.build.place import dataset_path
    from icsgraph.build.whole import own_folder
    from icsgraph.core.dates import parse_day
    from icsgraph.upkeep.shelf import keep

    root = content_root()
    if out is None:
        out = dataset_path(root).parent
        own_folder(out.parent)
    with fewer_rows(root) if fewer else nullcontext():
        built = run(root, out, reasoner, progress())
    rows = built.manifest["rows"]
    assert isinstance(rows, dict)
    total = sum(rows.values())
    # What is installed is not ours to write in, and its tables do not change.
    with suppress(OSError):
        if record_counts(root, rows):
            click.echo(f"icsgraph: recorded the rows of each table in {COUNTS}", err=True)
    click.echo(f"{built.manifest['quads']} quads from {total} rows, in {built.folder}")
    if editions:
        edition = keep(built.folder / DATASET, editions, (parse_day(day) if day else dt.date.today()).isoformat())
        click.echo(f"edition {edition.id}, in {edition.path}")


@cli.command()
@click.argument("id", required=False)
@click.argument("values", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--as-at", default="", metavar="YYYY-MM-DD", help="The day asked about (default: today).")
@click.option(
    "--scenario",
    default="",
    metavar="ID",
    help=f"The scenario asked about (default: {DEFAULT_SCENARIO}, the enacted law).",
)
@click.option("--format", "form", type=click.Choice(["text", "json", "csv", "ttl"]), default="text", show_default=True)
def ask(id: str | None, values: tuple[str, ...], as_at: str, scenario: str, form: str) -> None:
    """Ask a question by its id, or in your own words as one sentence in quotes; without either, list the questions."""
    from icsgraph.ask.catalogue import Catalogue

    if id is None:
        for family, questions in Catalogue.read(content_root()).families().items():
            click.echo(f"{family}")
            for question in questions:
                words = " ".join(
                    f"[{p.name}=...]" if p.default is not None else f"{p.name}=..." for p in question.parameters
                )
                click.echo(f"  {question.id} {words}\n      {question.plain}")
        return
    given: dict[str, str] = {}
    for value in values:
        name, equals, rest = value.partition("=")
        if not equals:
            raise IcsgraphError(
                f"“{value}” is not of the form name=value.", 'Write for example area=Newham or duty="triple aim".'
            )
        given[name] = rest
    if " " in id.strip():
        if given:
            raise IcsgraphError(
                "A sentence takes no values beside it.", "Say them in the sentence, or name the question."
            )
        _ask_in_words(id, as_at, scenario, form)
        return
    Catalogue.read(content_root()).get(id)
    desk = open_desk()
    answer = desk.ask(id, given, as_at, scenario)
    _show(desk, answer, form)


def _ask_in_words(sentence: str, as_at: str, scenario: str, form: str) -> None:
    """Say how a sentence is understood, on standard error where the answer is data, and answer it where that is clear."""
    from icsgraph.ask.finder import Finder

    desk = open_desk()
    found = Finder(desk).find(sentence, "", as_at)
    aside = form != "text"
    for u in found.understood:
        click.echo(f"Understood “{u.words}” as {u.meaning}.", err=aside)
    for note in found.notes:
        click.echo(f"{note[:1].upper()}{note[1:]}.", err=aside)
    if found.not_used:
        click.echo(f"Not used: {', '.join(found.not_used)}.", err=aside)
    if found.not_covered:
        click.echo(found.not_covered, err=aside)
    decided = found.decided
    if decided is not None and decided.thing is not None:
        click.echo(f"icsgraph explain {decided.thing.code} says what it is.", err=aside)
    for choice in found.choices:
        if choice.question:
            values = " ".join(f'{k}="{v}"' for k, v in choice.values.items())
            day = f" --as-at {choice.as_at}" if choice.as_at else ""
            click.echo(f"  {choice.sentence}\n      icsgraph ask {choice.question.id} {values}{day}", err=aside)
        else:
            click.echo(f"  {choice.sentence}", err=aside)
    if decided is None or decided.question is None:
        if decided is None:
            raise IcsgraphError(
                "That is not clear enough to be answered.", "Ask one of the questions offered, or otherwise."
            )
        return
    answer = desk.ask(decided.question.id, decided.values, decided.as_at, scenario)
    if not aside:
        click.echo("")
    _show(desk, answer, form)


def _show(desk: Desk, answer: Answer, form: str) -> None:
    """Print an answer in a form."""
    from icsgraph.ask import render

    if form == "json":
        click.echo(render.as_json(answer), nl=False)
    elif form == "csv":
        click.echo(render.as_csv(answer), nl=False)
    elif form == "ttl":
        click.echo(render.as_turtle(answer, desk.store), nl=False)
    else:
        click.echo(render.as_text(answer), nl=False)


@cli.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "xml", "csv", "tsv", "ttl", "nt", "jsonld", "rdfxml"]),
    default=None,
    help="Default: json for tables, ttl for graphs.",
)
def query(file: Path, form: str | None) -> None:
    """Run a SPARQL query from a file, or from standard input with -."""
    from icsgraph.core.formats import named
    from icsgraph.graph.results import Forms

    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise IcsgraphError(
            f"The query file {file} cannot be read: {reason}.", "Give the path of a text file, or - for standard input."
        ) from None
    body = open_desk().store.serialise(text, Forms(*named(form)) if form else Forms()).body
    sys.stdout.buffer.write(body if body.endswith(b"\n") else body + b"\n")


@cli.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE|-...", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--scenario", default=DEFAULT_SCENARIO, show_default=True, metavar="ID", help="The model or law to check against."
)
@click.option("--as-at", default="", metavar="YYYY-MM-DD", help="The day of the check (default: today).")
@click.option("--format", "form", type=click.Choice(["text", "json", "ttl", "html"]), default="text", show_default=True)
@click.option(
    "--severity",
    type=click.Choice(["Violation", "Warning", "Info"], case_sensitive=False),
    default="Info",
    show_default=True,
    help="Show findings of this severity and graver ones.",
)
@click.option(
    "--engine",
    type=click.Choice(["shifty", "pyshacl"]),
    default="shifty",
    show_default=True,
    help="pyshacl is the reference; both give the same.",
)
@click.option(
    "--marked",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Copy of the workbook to write, with each finding as a comment at its cell.",
)
def validate(
    files: tuple[Path, ...], scenario: str, as_at: str, form: str, severity: str, engine: str, marked: Path | None
) -> int:
    """Check governance workbooks, or descriptions of systems in RDF, against the law or a model.

    The exit code is 1 where a rule of law is broken.
    """
    from icsgraph.check import render
    from icsgraph.core.report import SEVERITIES
    from icsgraph.scheme.sniffing import is_workbook

    if marked and len(files) > 1:
        raise IcsgraphError("--marked is for one workbook.", "Check the others by themselves.")

    forms = {"text": render.as_text, "json": render.as_json, "ttl": render.as_turtle, "html": render.as_html}
    checks = validator()
    least = next(s for s in SEVERITIES if s.lower() == severity.lower())
    broken = False
    for file in files:
        try:
            content = b"" if file.is_dir() else sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        except OSError as error:
            raise IcsgraphError(
                f"{file} cannot be read: {error.strerror}.",
                "Give the path of a file that exists, or - for standard input.",
            ) from None
        name = "standard input" if str(file) == "-" else file.name
        if file.is_dir() or is_workbook(content, name):
            report = scheme.check(file, content, checks, scenario, as_at, engine, marked)
        elif marked:
            raise IcsgraphError(f"{name} is no workbook, so no copy of it can be marked.", "Leave --marked out.")
        else:
            report = checks.check(content, name, scenario, as_at, engine)
        broken = broken or not report.conforms
        click.echo(forms[form](report.at_least(least)), nl=False)
    return 1 if broken else 0


@cli.command()
@click.option("--scenario", default=DEFAULT_SCENARIO, show_default=True, metavar="ID", help="The model or law.")
@click.option("--as-at", default="", metavar="YYYY-MM-DD", help="The day whose law it is (default: today).")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write the files to."
)
def shapes(scenario: str, as_at: str, out: Path) -> None:
    """Write the rules of one day as SHACL for any other engine, with the facts they need."""
    for name, content in validator().portable_files(scenario, as_at).items():
        out.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(content)
        click.echo(f"{out / name}: {len(content)} bytes")


@cli.command()
@click.argument("name", nargs=-1, required=True)
def explain(name: tuple[str, ...]) -> None:
    """Explain a term, body, provision, statement or rule in plain words, with its law."""
    from icsgraph.ask.explain import explain as run

    click.echo(run(open_desk(), " ".join(name)).as_text(), nl=False)


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option(
    "--dataset",
    "datasets",
    multiple=True,
    type=click.Path(path_type=Path),
    help="RDF file to serve instead of the built-in dataset; may be given several times.",
)
@click.option(
    "--endpoint", metavar="URL", default="", help="SPARQL 1.1 service that holds the dataset, to answer from instead."
)
@click.option(
    "--editions",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of editions that edition= may name; one besides what is served is open at a time.",
)
@click.option("--union", is_flag=True, help="Make the union of all graphs the default graph of the files.")
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 3600),
    default=15,
    show_default=True,
    metavar="SECONDS",
    help="Limit on one SPARQL query; it is stopped then.",
)
@click.option(
    "--rows",
    type=click.IntRange(1),
    default=100_000,
    show_default=True,
    help="Limit on the rows of one result; a cut one says so.",
)
@click.option(
    "--memory",
    type=click.IntRange(64),
    default=1024,
    show_default=True,
    metavar="MB",
    help="Limit on the memory of one SPARQL query.",
)
@click.option(
    "--queries", type=click.IntRange(1, 64), default=8, show_default=True, help="SPARQL queries that run at a time."
)
@click.option(
    "--cache",
    type=click.IntRange(0),
    default=64,
    show_default=True,
    metavar="MB",
    help="Results of SPARQL queries that are kept; 0 keeps none.",
)
@click.option("--log/--no-log", default=False, help="Write a line of JSON per request to standard error.")
@click.option(
    "--proxies",
    type=click.IntRange(0, 10),
    default=0,
    show_default=True,
    help="How many proxies before the service are trusted to name the address asked at.",
)
@click.option(
    "--mcp", "assistants", is_flag=True, help="Serve assistants at /mcp too (needs the extra: icsgraph[mcp])."
)
def serve(
    host: str,
    port: int,
    datasets: tuple[Path, ...],
    endpoint: str,
    editions: Path | None,
    union: bool,
    timeout: float,
    rows: int,
    memory: int,
    queries: int,
    cache: int,
    log: bool,
    proxies: int,
    assistants: bool,
) -> None:
    """Serve pages, questions and SPARQL over HTTP."""
    from icsgraph.graph.workers import Limits
    from icsgraph.web.server import run
    from icsgraph.web.service import Settings, open_service

    settings = Settings(
        root=content_root(),
        datasets=datasets,
        union=union,
        endpoint=endpoint,
        limits=Limits(timeout, rows, memory, queries),
        cache=cache,
        editions=editions,
    )
    service = open_service(settings, progress(), lambda message: click.echo(f"icsgraph: {message}", err=True))
    try:
        run(
            service.application(sys.stderr if log else None, assistants),
            host,
            port,
            lambda address: click.echo(f"icsgraph: serving {address} (Ctrl-C stops)", err=True),
            proxies,
        )
    finally:
        service.close()


@cli.command()
def mcp() -> None:
    """Serve assistants over the Model Context Protocol, on standard input and output (needs the extra: pip install icsgraph[mcp])."""
    from icsgraph.web.service import Settings, open_service

    try:
        from icsgraph.web.assistant import assistant
    except ImportError:
        raise IcsgraphError("The server for assistants is not installed.", "pip install 'icsgraph[mcp]'") from None
    # Processes first: no thread may run when they begin. Standard output belongs to the protocol.
    service = open_service(
        Settings(root=content_root()), warn=lambda message: click.echo(f"icsgraph: {message}", err=True)
    )
    try:
        assistant(service).run("stdio")
    finally:
        service.close()


for _command in (*scheme.COMMANDS, *scheme_documents.COMMANDS, *upkeep.COMMANDS):
    cli.add_command(_command)


def main() -> None:
    """Run the command line."""
    cli()
