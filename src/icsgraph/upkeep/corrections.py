"""“Something wrong?”: a ready text that a reader fills in and sends by means of their own, and what it asks to be changed.

The service makes the text and keeps nothing. ``read_text`` takes it back, and ``mend`` says which rows stand behind what was said,
and which dated case would hold what is right.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from icsgraph.ask.desk import Desk
from icsgraph.ask.explain import explain_at
from icsgraph.build.pipeline import read_ontology
from icsgraph.build.tables import read_tables
from icsgraph.core.answer import Answer, Thing
from icsgraph.core.dates import parse_day
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import BASE
from icsgraph.graph.rdf import NamedNode, iri, term_name
from icsgraph.graph.store import AnyStore

__all__ = ["Mend", "Place", "Wrong", "as_text", "mend", "mended", "read_text", "rows_behind", "wrong_at"]

_TITLE = "icsgraph: something is wrong"
_LINES = {"Address": "address", "Edition": "edition", "Day": "day", "Scenario": "scenario", "About": "about"}
_SAID, _RIGHT, _SOURCE = "What is said:", "What is right:", "Its source (title, page or section, date, address):"
# More than anybody writes, and so many things that an answer rests on.
_MOST, _ABOUT = 100_000, 40
# Values of an address that are not those of a question.
_CONTROL = {"as_at", "scenario", "edition", "format", "asked", "full"}


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """What a reader finds wrong: where and in which edition it stands, of which day, what it is ``about``, what is said and what is right.

    ``about`` are addresses under the base.
    """

    address: str
    edition: str = ""
    day: str = ""
    scenario: str = ""
    about: tuple[str, ...] = ()
    said: str = ""
    right: str = ""
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A row of a table, counted as a spreadsheet does, and what of it the reader was told."""

    file: str
    row: int
    values: dict[str, str]
    about: str


@dataclass(frozen=True, kw_only=True)
class Mend:
    """What a correction asks for: the rows behind what was said, the case to add, and what to know besides."""

    rows: list[Place]
    case: str
    notes: list[str] = field(default_factory=list)


def _asked(address: str) -> tuple[str, dict[str, str]]:
    """The path of an address, whichever host it names, and its values."""
    parts = urlsplit(address)
    return unquote(parts.path), dict(parse_qsl(parts.query))


def _answered(desk: Desk, address: str, day: str = "", scenario: str = "") -> Answer | None:
    """The answer at the address of a question; nothing where it is none.

    Raises ``IcsgraphError`` for a question or value that is not known.
    """
    path, values = _asked(address)
    if not path.startswith("/ask/"):
        return None
    given = {k: v for k, v in values.items() if k not in _CONTROL}
    return desk.ask(
        path.removeprefix("/ask/"), given, day or values.get("as_at", ""), scenario or values.get("scenario", "")
    )


def wrong_at(desk: Desk, of: str, address: str, edition: str) -> Wrong:
    """The text to fill in about the page ``of`` (a path of ours with its values), whose whole address a reader has.

    Raises ``IcsgraphError`` for what is no path, and for a question or value that is not known.
    """
    if not of.startswith("/") or of.startswith("//") or len(of) > 2000:
        raise IcsgraphError("Say of which page something is wrong.", "Follow the link at the foot of that page.")
    path, values = _asked(of)
    day, scenario = values.get("as_at", ""), values.get("scenario", "")
    answer = _answered(desk, of)
    if answer:
        about = [s.iri.removeprefix(BASE) for s in answer.statements[:_ABOUT]]
        return Wrong(
            address=address,
            edition=edition,
            day=answer.as_at,
            scenario=answer.scenario,
            about=tuple(about),
            said=answer.says,
        )
    iri_ = BASE + ("id/" + path.removeprefix("/doc/") if path.startswith("/doc/") else path.removeprefix("/"))
    if iri_ in desk.names.labels:
        told = explain_at(desk, iri_, parse_day(day) if day else None)
        said = f"{told.thing.label}. {told.text}".strip()
        return Wrong(
            address=address, edition=edition, day=day, scenario=scenario, about=(iri_.removeprefix(BASE),), said=said
        )
    return Wrong(address=address, edition=edition, day=day, scenario=scenario)


def as_text(wrong: Wrong) -> str:
    """The text that a reader fills in, as ``read_text`` reads it."""
    values = {key: getattr(wrong, name) for key, name in _LINES.items()}
    lines = [_TITLE, ""]
    lines += [f"{key}: {'; '.join(value) if isinstance(value, tuple) else value}" for key, value in values.items()]
    lines += ["", _SAID, wrong.said, "", _RIGHT, wrong.right, "", _SOURCE, wrong.source]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """A text without what a terminal would obey."""
    return "".join(c for c in text if c.isprintable() or c in "\n ")


def read_text(path: Path) -> Wrong:
    """The correction in a file; raises ``IcsgraphError`` for what is none, and for one that does not say what is right."""
    try:
        content = path.read_bytes()
        text = _plain(content[:_MOST].decode("utf-8-sig").replace("\r\n", "\n"))
    except OSError as error:
        raise IcsgraphError(
            f"{path} cannot be read: {error.strerror}.", "Give the path of a file that exists."
        ) from None
    except UnicodeDecodeError:
        raise IcsgraphError(f"{path.name} is no text.", "Save the text as it was given, as plain text.") from None
    # Whoever sends it may have written above it, and quoted it.
    lines = [line.removeprefix("> ").removeprefix(">").rstrip() for line in text.splitlines()]
    heads = [_SAID, _RIGHT, _SOURCE]
    at = [next((n for n, line in enumerate(lines) if line.startswith(head)), -1) for head in heads]
    if len(content) > _MOST or _TITLE not in lines or at != sorted(at) or at[0] < 0:
        raise IcsgraphError(
            f"{path.name} is not a text of “Something wrong?”.",
            "Its headings must stand as they were given; write below them.",
        )
    found: dict[str, str] = {}
    for line in lines[lines.index(_TITLE) : at[0]]:
        key, colon, value = line.partition(":")
        if colon and key in _LINES:
            found[_LINES[key]] = value.strip()
    parts = [
        "\n".join([lines[a].removeprefix(head), *lines[a + 1 : b]]).strip()
        for head, a, b in zip(heads, at, [*at[1:], len(lines)], strict=True)
    ]
    if not parts[1]:
        raise IcsgraphError(f"{path.name} does not say what is right.", f"Write it below “{_RIGHT}”, with its source.")
    about = tuple(a.strip() for a in found.pop("about", "").split(";") if a.strip())
    if not found.get("address"):
        raise IcsgraphError(f"{path.name} names no address.", "Keep the line that begins with “Address:”.")
    return Wrong(**found, about=about, said=parts[0], right=parts[1], source=parts[2])


def _behind(store: AnyStore, about: Iterable[str], subjects: dict[str, tuple[str, int]]) -> Iterator[tuple[str, str]]:
    """What stands in tables behind things, each with the thing: itself, or else its premises and the passages that it rests on."""
    for one in about:
        seen: set[str] = set()
        ahead = [BASE + one]
        while ahead:
            now = ahead.pop(0)
            if now in seen or len(seen) > 100:
                continue
            seen.add(now)
            if now in subjects:
                yield now, one
                continue
            for name in ("ics:premise", "ics:restsOn"):
                told = [q.object for q in store.quads(subject=iri(now), predicate=term_name(name))]
                ahead += sorted(t.value for t in told if isinstance(t, NamedNode))


def rows_behind(root: Path, store: AnyStore, about: Sequence[str]) -> list[Place]:
    """The rows of tables from which what is said of things comes, each once."""
    subjects = read_tables(root, read_ontology(root)).subjects
    found: dict[tuple[str, int], Place] = {}
    for address, one in _behind(store, about, subjects):
        file, number = subjects[address]
        if (file, number) not in found:
            found[file, number] = Place(file=file, row=number, values=_row(root / file, number), about=one)
    return list(found.values())


def _row(path: Path, number: int) -> dict[str, str]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        return next((row for row in reader if reader.line_num == number), {})


def _written(value: object) -> str:
    """A value as TOML writes it, which for texts and lists of them is as JSON does."""
    return json.dumps(value, ensure_ascii=False)


def _case(wrong: Wrong, answer: Answer) -> str:
    """The dated case that would hold what is right, with the answer of today in it for a maintainer to mend."""

    def plain(cell: object) -> str:
        return cell.code if isinstance(cell, Thing) else "" if cell is None else str(cell)

    _, values = _asked(wrong.address)
    given = ", ".join(f"{k} = {_written(v)}" for k, v in values.items() if k not in _CONTROL)
    rows = [[plain(row.get(c)) for c in answer.columns[:2]] for row in answer.rows[:10]]
    lines = [
        "[[case]]",
        f"sentence = {_written(' '.join(wrong.right.split())[:200])}",
        f"ask = {_written(answer.id)}",
        f"give = {{ {given} }}" if given else "give = {}",
        f"as_at = {_written(answer.as_at)}",
        *([f"scenario = {_written(wrong.scenario)}"] if wrong.scenario else []),
        'basis = "source"',
        "# As it is answered now; put what is right in its place, and see it fail before the row is changed.",
        f"status = {_written(answer.status)}",
        f"columns = {_written(list(answer.columns[:2]))}",
        f"rows = {_written(rows)}",
    ]
    return "\n".join(lines) + "\n"


def mend(wrong: Wrong, desk: Desk, root: Path) -> Mend:
    """What a correction asks to be changed: rows of the content in ``root``, and a case. Nothing is changed.

    Raises ``IcsgraphError`` where its address asks a question or with a value that is not known.
    """
    notes = []
    answer = _answered(desk, wrong.address, wrong.day, wrong.scenario)
    about = wrong.about
    if answer:
        if wrong.said and " ".join(wrong.said.split()) != " ".join(answer.says.split()):
            notes.append(f"It is answered otherwise now: {answer.says}")
        about = about or tuple(s.iri.removeprefix(BASE) for s in answer.statements[:_ABOUT])
    if not wrong.source:
        notes.append("No source is given: a fact needs one before it is changed.")
    rows = rows_behind(root, desk.store, about)
    if not rows:
        notes.append("No row stands behind it: it comes from a rule, from the ontology, or from what a page says.")
    case = _case(wrong, answer) if answer else ""
    if not case:
        notes.append("No question was asked: add a case of one that shows what is right (tests/questions).")
    return Mend(rows=rows, case=case, notes=notes)


def mended(wrong: Wrong, found: Mend) -> str:
    """What a correction asks for, as a maintainer reads it."""
    lines = [f"Right, as the reader has it: {' '.join(wrong.right.split())}"]
    lines.append(f"Its source: {' '.join(wrong.source.split()) or 'none given'}")
    if wrong.edition:
        lines.append(
            f"Said in the edition {wrong.edition}, of {wrong.day or 'any day'}: {' '.join(wrong.said.split())}"
        )
    lines += [f"Note: {note}" for note in found.notes]
    for place in found.rows:
        lines += ["", f"Row to change: {place.file}, row {place.row} (said of {place.about})"]
        lines += [f"  {column}: {value}" for column, value in place.values.items() if value]
    if found.case:
        lines += ["", "Case to add, in tests/questions:", "", found.case.rstrip()]
    return "\n".join(lines) + "\n"
