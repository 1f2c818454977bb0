"""Texts of legislation held against the texts that provisions were read from, and what rests on those that differ."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import parse

from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import rebased
from icsgraph.graph.store import AnyStore

__all__ = [
    "VERSIONS",
    "Amendment",
    "Section",
    "Watched",
    "as_text",
    "compare",
    "numbers_of",
    "read_texts",
    "read_versions",
    "record_versions",
    "resting",
]

# The text that each section was read from, as its checksum; text itself is never kept.
VERSIONS = "data/law/read_versions.csv"
_HEADER = ["instrument", "number", "sha256", "state", "day"]
# 'identifier: "ukpga-2006-41"' at the head of a text in Markdown.
_IDENTIFIER = re.compile(r'^identifier: "?([\w-]+)"?$', re.MULTILINE)
# "###### 12A"; any other heading ends a section.
_HEADING = re.compile(r"^(#{1,6}) +(.*)$", re.MULTILINE)
# "http://www.legislation.gov.uk/ukpga/2006/41/2026-04-01".
_ADDRESS = re.compile(r"legislation\.gov\.uk/(?:id/)?([a-z]+)/(\d{4})/(\d+)")
# "ss.12-14", "reg.16": sections, regulations or articles; not a paragraph of a Schedule.
_LOCATOR = re.compile(r"(?:ss?|regs?|arts?)\.\s?\d")
# "12A", "12-14", "12 to 14".
_NUMBERS = re.compile(r"\b(\d+[A-Z\d]*)(?:\s*(?:-|–|to)\s*(\d+[A-Z\d]*))?\b")
# ". . . . .", "- (1) . . . .": what is printed where a section was repealed.
_REPEALED = re.compile(r"(?:\(\w+\)|[-.\s\[\]])*")


@dataclass(frozen=True)
class Section:
    """A section of an instrument: the checksum of its words, and its state, ``text``, ``repealed`` or ``prospective``."""

    sha256: str
    state: str


@dataclass(frozen=True, kw_only=True)
class Amendment:
    """A section whose text is other than the one read: ``how`` is changed, inserted, repealed or commenced."""

    instrument: str
    number: str
    how: str


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What a comparison gave: amendments, instruments of which no text was recorded, and of which no text was given."""

    amendments: tuple[Amendment, ...]
    unread: tuple[str, ...]
    absent: tuple[str, ...]


def numbers_of(locator: str, order: Sequence[str]) -> list[str]:
    """The numbers of the sections that a locator names; of a range, whatever stands between its ends in the ``order`` of the text.

    >>> numbers_of("s.12A(2)", []), numbers_of("ss.1-2, 4", ["1", "1A", "2", "3", "4"]), numbers_of("Sch.1B para.3", [])
    (['12A'], ['1', '1A', '2', '4'], [])
    """
    if not _LOCATOR.match(locator):
        return []
    found: list[str] = []
    for first, last in _NUMBERS.findall(re.sub(r"\([^)]*\)", "", locator)):
        if last and first in order and last in order:
            found += order[order.index(first) : order.index(last) + 1]
        else:
            found += filter(None, (first, last))
    return list(dict.fromkeys(found))


def _section(words: str, prospective: bool = False) -> Section:
    plain = " ".join(re.sub(r"\[\^\w+\]|[*_]", "", words).split())
    state = "repealed" if _REPEALED.fullmatch(plain) else "prospective" if prospective else "text"
    return Section(hashlib.sha256(plain.encode()).hexdigest(), state)


def _of_markdown(text: str, name: str) -> tuple[str, dict[str, Section]]:
    found = _IDENTIFIER.search(text)
    if not found:
        raise IcsgraphError(
            f"{name} does not say which instrument it is.", 'Its head needs a line such as identifier: "ukpga-2006-41".'
        )
    body = re.split(
        r"^## (?:Schedules?|Signed|Explanatory note|Footnotes)\b",
        text[found.end() :],
        maxsplit=1,
        flags=re.MULTILINE | re.IGNORECASE,
    )[0]
    headings = list(_HEADING.finditer(body))
    sections: dict[str, Section] = {}
    for heading, after in zip(headings, [*headings[1:], None], strict=True):
        number = heading[2].strip()
        if len(heading[1]) == 6 and re.fullmatch(r"\d+[A-Z\d]*", number):
            sections.setdefault(number, _section(body[heading.end() : after.start() if after else len(body)]))
    return found[1], sections


def _of_xml(root: Element, name: str) -> tuple[str, dict[str, Section]]:
    match = _ADDRESS.search(root.get("DocumentURI", ""))
    if not match:
        raise IcsgraphError(
            f"{name} does not say which instrument it is.", "Give the XML of legislation.gov.uk with its DocumentURI."
        )
    sections: dict[str, Section] = {}
    for element in root.iter():
        kind, _, number = element.get("id", "").partition("-")
        if (
            element.tag.endswith("}P1")
            and kind in ("section", "regulation", "article")
            and re.fullmatch(r"\d+[A-Z\d]*", number)
        ):
            # The number in front is no part of the words.
            words = " ".join(
                t
                for e in element.iter()
                if not e.tag.endswith("}Pnumber")
                for t in (e.text or "", *(c.tail or "" for c in e))
            )
            sections[number] = _section(words, element.get("Status") == "Prospective")
    return "-".join(match.groups()), sections


def read_texts(folder: Path) -> dict[str, dict[str, Section]]:
    """The sections of each instrument whose text lies in a folder, as XML or Markdown of legislation.gov.uk.

    Raises ``IcsgraphError`` for a folder without any, for what cannot be read, and for two texts of one instrument.
    """
    found: dict[str, dict[str, Section]] = {}
    for path in sorted([*folder.glob("*.md"), *folder.glob("*.xml")]):
        try:
            if path.suffix == ".md":
                instrument, sections = _of_markdown(path.read_text(encoding="utf-8"), path.name)
            else:
                instrument, sections = _of_xml(parse(path, forbid_dtd=True).getroot(), path.name)
        except DefusedXmlException:
            raise IcsgraphError(
                f"{path.name} declares a DOCTYPE or entities, which are not read here.",
                "Give it as legislation.gov.uk publishes it.",
            ) from None
        except (OSError, UnicodeDecodeError, ParseError) as error:
            raise IcsgraphError(
                f"{path.name} cannot be read: {error}.", "It may be half a file: download it again."
            ) from None
        if not sections:
            raise IcsgraphError(
                f"{path.name} has no section that could be read.", "Give the whole text of the instrument."
            )
        if instrument in found:
            raise IcsgraphError(f"{path.name} is a second text of {instrument}.", "Give one text of each instrument.")
        found[instrument] = sections
    if not found:
        raise IcsgraphError(
            f"There is no text of legislation in {folder}.", "Give a folder with files that end in .xml or .md."
        )
    return found


def read_versions(root: Path) -> dict[str, dict[str, Section]]:
    """The sections as they were read, by instrument and number; nothing where none were recorded."""
    path = root / VERSIONS
    found: dict[str, dict[str, Section]] = {}
    if path.exists():
        with path.open(encoding="utf-8", newline="") as handle:
            for row in csv.DictReader(handle):
                found.setdefault(row["instrument"], {})[row["number"]] = Section(row["sha256"], row["state"])
    return found


def record_versions(root: Path, texts: Mapping[str, Mapping[str, Section]], day: str) -> Path:
    """Record texts as those that provisions were read from on a day; other instruments keep theirs."""
    path = root / VERSIONS
    kept: list[list[str]] = []
    if path.exists():
        with path.open(encoding="utf-8", newline="") as handle:
            kept = [[r[c] for c in _HEADER] for r in csv.DictReader(handle) if r["instrument"] not in texts]
    new = [[i, n, s.sha256, s.state, day] for i, sections in texts.items() for n, s in sections.items()]
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(_HEADER)
        writer.writerows(sorted([*kept, *new]))
    return path


def _amended(was: Section | None, now: Section | None) -> str:
    """How a section differs from what was read, empty where it does not."""
    if was == now:
        return ""
    if was is None:
        return "inserted"
    if now is None or now.state == "repealed":
        return "repealed"
    if (was.state, now.state) == ("prospective", "text"):
        return "commenced"
    return "changed"


def compare(read: Mapping[str, Mapping[str, Section]], texts: Mapping[str, Mapping[str, Section]]) -> Watched:
    """What of the texts is other than what was read. An instrument that was not recorded is not compared, and named."""
    found = [
        Amendment(instrument=i, number=n, how=how)
        for i in sorted(read.keys() & texts.keys())
        for n in sorted(read[i].keys() | texts[i].keys())
        if (how := _amended(read[i].get(n), texts[i].get(n)))
    ]
    return Watched(
        amendments=tuple(found),
        unread=tuple(sorted(texts.keys() - read.keys())),
        absent=tuple(sorted(read.keys() - texts.keys())),
    )


def resting(
    store: AnyStore, root: Path, watched: Watched, texts: Mapping[str, Mapping[str, Section]]
) -> dict[Amendment, list[tuple[str, str, str]]]:
    """The provisions of the record at each amended section, and what rests on them: kind, address, name."""
    folder = root / "queries" / "law"
    at: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in store.select(rebased((folder / "provisions.rq").read_text(encoding="utf-8"))):
        instrument = row["instrument"].value.rpartition("/")[2]
        for number in numbers_of(row["locator"].value, list(texts.get(instrument, ()))):
            at.setdefault((instrument, number), []).append((row["provision"].value, row["name"].value))
    rests: dict[str, list[tuple[str, str, str]]] = {}
    for row in store.select(rebased((folder / "rests.rq").read_text(encoding="utf-8"))):
        rests.setdefault(row["provision"].value, []).append((row["how"].value, row["focus"].value, row["name"].value))
    found = {}
    for one in watched.amendments:
        provisions = at.get((one.instrument, one.number), [])
        found[one] = [t for iri, name in provisions for t in (("provision", iri, name), *sorted(rests.get(iri, ())))]
    return found


def as_text(watched: Watched, rests: Mapping[Amendment, list[tuple[str, str, str]]]) -> str:
    """The list to read again: each amended section, with what rests on it."""
    held = [a for a in watched.amendments if rests[a]]
    lines = [
        f"{len(watched.amendments)} sections are other than those that were read; {len(held)} of them are on record."
    ]
    for one in held:
        lines.append(f"{one.instrument} {one.number}: {one.how}")
        lines += [f"  - {kind} {iri.rpartition('/')[2]}: {name[:100]}" for kind, iri, name in rests[one]]
    others = [f"{a.instrument} {a.number} ({a.how})" for a in watched.amendments if not rests[a]]
    if others:
        lines.append("Not on record: " + ", ".join(others))
    if watched.unread:
        lines.append(
            "Not compared, since nothing says which text was read: "
            + ", ".join(watched.unread)
            + ". Record the text that was (--record)."
        )
    if watched.absent:
        lines.append("Recorded, and no text given: " + ", ".join(watched.absent))
    return "\n".join(lines) + "\n"
