"""A comparison of two editions in words, as data, and as what a release tells: entries that ``/changes`` and its feed show."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from icsgraph.build.pipeline import MANIFEST, content_hash
from icsgraph.core.dates import in_words, parse_day
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import BASE
from icsgraph.upkeep.diff import AnswerChange, Comparison

__all__ = [
    "FOLDER",
    "News",
    "Release",
    "as_json",
    "as_text",
    "changelog",
    "content_of",
    "entries",
    "faults",
    "read_releases",
    "record",
]

# Where releases are recorded, a file for each.
FOLDER = "data/changes"
# So many areas, things and questions are named; the rest are counted. All of them stand in the JSON.
_NAMED = 8
# So many entries stand in a changelog; all of them at /changes.
_ENTRIES = 40


@dataclass(frozen=True, kw_only=True)
class News:
    """One answer that changed alike in some areas: ``title`` in one line, ``text`` whom it was and is, ``about`` the addresses it is about, ``why`` the statements."""

    title: str
    text: str
    about: tuple[str, ...]
    why: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Release:
    """What one release changed: its name, its day as ISO, and the news."""

    name: str
    day: str
    news: tuple[News, ...]


def _listed(names: Iterable[str], most: int = _NAMED) -> str:
    """Names in a row; those beyond ``most`` are counted.

    >>> _listed(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    found = list(names)
    shown, more = found[:most], len(found) - most
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _days(change: AnswerChange) -> str:
    begin = f"from {in_words(change.start)}" if change.start else ""
    end = f"until {in_words(change.end)}" if change.end else ""
    return " ".join(filter(None, (begin, end))) or "on every day"


def _who(found: Comparison, who: Iterable[tuple[str, str]]) -> str:
    """Bodies in a row, each with how firmly the record carries it."""
    named = [f"{found.name(body)} ({found.name(standing).lower()})" for body, standing in who]
    return _listed(named) or "nobody on record"


def _grouped(found: Comparison) -> list[list[AnswerChange]]:
    """Answers that changed alike, in areas and of functions, those of places that only one edition knows left out."""
    alike: dict[tuple[Any, ...], list[AnswerChange]] = {}
    apart = found.new_places | found.gone_places
    for change in found.answers:
        if change.area not in apart:
            key = (change.capacity, change.before, change.after, change.start, change.end, change.function)
            alike.setdefault(key, []).append(change)
    # Of several functions those go together that changed alike in the same areas.
    groups: dict[tuple[Any, ...], list[AnswerChange]] = {}
    for key, changes in alike.items():
        groups.setdefault((*key[:-1], frozenset(c.area for c in changes)), []).extend(changes)
    return list(groups.values())


def _places(found: Comparison) -> list[News]:
    """The places that only one edition knows, each with how many answers there are of it."""
    number = Counter(c.area for c in found.answers)
    news = []
    for place in sorted(found.new_places | found.gone_places, key=found.name):
        how = "is a new place" if place in found.new_places else "is a place no more"
        news.append(
            News(
                title=f"{found.name(place)} {how}",
                text=f"{number[place]} answers on responsibility are {'now given' if place in found.new_places else 'given no more'} of it.",
                about=(place,),
                why=(),
            )
        )
    return news


def entries(found: Comparison) -> list[News]:
    """The news of a comparison: the answers on responsibility, those that changed alike in several areas or of several functions as one.

    Of a place that only one edition knows it is told that there is one, and how many answers.
    """
    news = []
    for changes in _grouped(found):
        first = changes[0]
        areas = sorted({c.area for c in changes}, key=found.name)
        functions = sorted({c.function for c in changes}, key=found.name)
        where = _listed(map(found.name, areas), 3)
        what = _listed(map(found.name, functions), 3)
        days = _days(first)
        why = tuple(sorted({w for c in changes for w in c.why}))
        title = f"{days[:1].upper()}{days[1:]} {what} in {where}: {found.name(first.capacity)}"
        text = f"{_who(found, first.after)}; before: {_who(found, first.before)}."
        concerned = {*functions, *areas, *(w for w, _ in (*first.before, *first.after))}
        news.append(News(title=title, text=text, about=tuple(sorted(concerned - {""})), why=why))
    return sorted([*news, *_places(found)], key=lambda n: (n.title, n.text))


def as_text(found: Comparison, most: int | None = None) -> str:
    """What changed, in Markdown that an editor of the changelog reads through; of the entries so many at ``most``."""
    how = Counter((t.kind, t.how) for t in found.things)
    lines = [
        f"{len(found.answers)} answers on responsibility change, and {len(found.questions)} of the questions' examples.",
        "",
    ]
    for (kind, one), number in sorted(how.items()):
        own = [t for t in found.things if (t.kind, t.how) == (kind, one)]
        lines.append(
            f"**{kind}, {one}: {number}.** {_listed(t.name[:80] + ' [' + t.iri.removeprefix(BASE) + ']' for t in own)}"
        )
    if found.recoded:
        pairs = sorted(found.recoded.items())
        lines.append(
            f"**Recoded: {len(pairs)}.** {_listed(f'{found.name(now)} [{was.removeprefix(BASE)}, now {now.removeprefix(BASE)}]' for was, now in pairs)}"
        )
    news = entries(found)
    told = [
        f"- {n.title}. {n.text}" + (f" Why: {_listed(w.removeprefix(BASE) for w in n.why)}." if n.why else "")
        for n in news[:most]
    ]
    if len(news) > len(told):
        told.append(f"- And {len(news) - len(told)} more, at `/changes`.")
    lines += ["", *told]
    for question in found.questions[:most]:
        status = f"{question.before}, now {question.after}" if question.before != question.after else question.after
        lines.append(
            f"- `{question.asked}` ({status}): {len(question.gone)} rows gone"
            f"{': ' + _listed(question.gone, 2) if question.gone else ''}; {len(question.new)} new"
            f"{': ' + _listed(question.new, 2) if question.new else ''}."
        )
    return "\n".join(lines).rstrip() + "\n"


def changelog(found: Comparison) -> str:
    """What stands in the changelog of a release: all things that change, and the first of its entries."""
    return as_text(found, _ENTRIES)


def as_json(found: Comparison) -> str:
    """All of a comparison as an object of lists, with the names of what it is about."""
    used = {
        i
        for a in found.answers
        for i in (a.function, a.area, a.capacity, *(x for w in (*a.before, *a.after) for x in w))
    }
    told = {
        "things": [asdict(t) for t in found.things],
        "answers": [asdict(a) for a in found.answers],
        "questions": [asdict(q) for q in found.questions],
        "new_places": sorted(found.new_places),
        "gone_places": sorted(found.gone_places),
        "recoded": dict(sorted(found.recoded.items())),
        "labels": {i: found.labels[i] for i in sorted(used) if i in found.labels},
    }
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def content_of(path: Path) -> str:
    """The hash of the content from which the dataset at a path was built: of the folder of a build, or of its file.

    Raises ``IcsgraphError`` where no manifest says it.
    """
    manifest = (path if path.is_dir() else path.parent) / MANIFEST
    try:
        return str(json.loads(manifest.read_text(encoding="utf-8"))["content"])
    except (OSError, ValueError, KeyError):
        raise IcsgraphError(
            f"Nothing says from which tables {path} was built.", "Name the folder that icsgraph build --out wrote."
        ) from None


def faults(root: Path, name: str, text: str) -> list[str]:
    """Why a release of the content in ``root`` does not pass: it has no entries made from a diff, of these tables, in its changelog.

    ``text`` is that of the changelog, in which each release has a section that begins with “## name”.
    """
    path = root / FOLDER / f"{name}.json"
    if not path.is_file():
        return [f"Nothing is recorded of what {name} changes: icsgraph diff OLD NEW --record {name}."]
    told = json.loads(path.read_text(encoding="utf-8"))
    found = []
    if told.get("content") != content_hash(root):
        found.append(
            f"What is recorded of {name} was found with other tables, rules or questions: build, and compare again."
        )
    sections = text.split("\n## ")
    own = next((s for s in sections if s.removeprefix("## ").split(maxsplit=1)[:1] == [name]), None)
    if own is None:
        return [*found, f"The changelog has no section “## {name}”."]
    written = {line.strip() for line in own.splitlines()}
    if lost := [line for line in told.get("lines", [""]) if line not in written]:
        found.append(f"The section of {name} lacks {len(lost)} lines of what is recorded, the first: {lost[0]}")
    return found


def record(root: Path, name: str, day: str, found: Comparison, content: str) -> Path:
    """Record what a release changed beside the tables, for ``/changes``, and the lines that its changelog must have; gives the file.

    ``content`` is the hash of what the new dataset was built from. Raises ``IcsgraphError`` for a name that is no file name, ``OSError`` where it cannot be written.
    """
    parse_day(day)
    if not name or not all(c.isalnum() or c in ".-" for c in name):
        raise IcsgraphError(
            f"“{name}” cannot be the name of a release.", "Use letters, digits, hyphens and full stops."
        )
    path = root / FOLDER / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [line for line in changelog(found).splitlines() if line]
    told = {
        "release": name,
        "day": day,
        "content": content,
        "lines": lines,
        "news": [asdict(n) for n in entries(found)],
    }
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def read_releases(root: Path) -> list[Release]:
    """The releases that were recorded, the newest first; raises ``IcsgraphError`` for a file that is not of their form."""
    found = []
    for path in sorted((root / FOLDER).glob("*.json")):
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            news = tuple(
                News(title=n["title"], text=n["text"], about=tuple(n["about"]), why=tuple(n["why"]))
                for n in told["news"]
            )
            found.append(Release(name=told["release"], day=parse_day(told["day"]).isoformat(), news=news))
        except (ValueError, KeyError, TypeError) as error:
            raise IcsgraphError(
                f"{path.name} is not of the form of a release: {error!r}.", "Make it with icsgraph diff --record."
            ) from None
    return sorted(found, key=lambda r: (r.day, r.name), reverse=True)
