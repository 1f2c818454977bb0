"""What is compared of an edition: its things, who is responsible where and when, and what its questions answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from icsgraph.ask.catalogue import Catalogue
from icsgraph.ask.desk import Desk
from icsgraph.build.pipeline import DATASET
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.header import parse_header
from icsgraph.core.terms import rebased
from icsgraph.graph.rdf import NamedNode
from icsgraph.graph.store import Store
from icsgraph.upkeep.shelf import SUFFIX, open_edition, read_shelf

__all__ = ["FOREVER", "Edition", "Entry", "Kind", "Place", "read_edition", "read_kinds"]

# Days are compared as text: a start that is not held is before all others, and an end that is not held after them.
FOREVER = "9999-12-31"


@dataclass(frozen=True)
class Kind:
    """A kind of thing that is compared, by a query of ``queries/release``: its rows have ``?focus``, ``?name``, and what may change."""

    label: str
    one: str
    query: str


class Entry(NamedTuple):
    """Who stands in a capacity towards a function on a ground, from one day until another; ``who`` is empty for whoever is local."""

    function: str
    capacity: str
    who: str
    standing: str
    statement: str
    start: str
    end: str


class Place(NamedTuple):
    """A ground that an area stands on from one day until another, and the body of the place."""

    ground: str
    who: str
    start: str
    end: str


@dataclass(frozen=True, kw_only=True)
class Edition:
    """``things``: by kind, by address, what is said; ``entries`` by ground, ``places`` by area; ``answers`` by the question as asked.

    ``recoded`` has for former codes the code by which the same thing is called now.
    """

    things: Mapping[str, Mapping[str, Mapping[str, str]]]
    entries: Mapping[str, frozenset[Entry]]
    places: Mapping[str, frozenset[Place]]
    answers: Mapping[str, tuple[str, frozenset[str]]]
    labels: Mapping[str, str]
    recoded: Mapping[str, str] = field(default_factory=dict)


def read_kinds(root: Path) -> list[Kind]:
    """The kinds of things that are compared, in order of file name."""
    kinds = []
    for path in sorted((root / "queries" / "release").glob("*.rq")):
        query = rebased(path.read_text(encoding="utf-8"))
        head = parse_header(query, path.name, {"label", "one"}, {"label", "one"})
        kinds.append(Kind(head["label"], head["one"], query))
    return kinds


def _open(path: Path) -> Store:
    """The store of a dataset that is named by itself, by the folder of its build, or by the file of its edition."""
    found = path / DATASET if path.is_dir() else path
    if not found.is_file():
        raise IcsgraphError(
            f"There is no dataset at {path}.",
            "Name the folder that icsgraph build --out wrote, its file, or an edition.",
        )
    kept = next((e for e in read_shelf(found.parent) if e.path == found), None) if found.name.endswith(SUFFIX) else None
    return open_edition(kept) if kept else Store.open(found)


def _rows(store: Store, query: str) -> list[dict[str, str]]:
    return [{name: term.value for name, term in row.items()} for row in store.select(query)]


def _responsible(store: Store, root: Path) -> tuple[dict[str, frozenset[Entry]], dict[str, frozenset[Place]]]:
    folder = root / "queries" / "release" / "answers"
    entries: dict[str, set[Entry]] = {}
    for row in _rows(store, rebased((folder / "entries.rq").read_text(encoding="utf-8"))):
        days = row.get("from", ""), row.get("to", FOREVER)
        what = row["function"], row["capacity"], row.get("who", ""), row["standing"], row["statement"]
        entries.setdefault(row["ground"], set()).add(Entry(*what, *days))
    places: dict[str, set[Place]] = {}
    for row in _rows(store, rebased((folder / "places.rq").read_text(encoding="utf-8"))):
        place = Place(row["ground"], row.get("who", ""), row.get("from", ""), row.get("to", FOREVER))
        places.setdefault(row["area"], set()).add(place)
    return {k: frozenset(v) for k, v in entries.items()}, {k: frozenset(v) for k, v in places.items()}


def _answers(desk: Desk, today: dt.date) -> dict[str, tuple[str, frozenset[str]]]:
    """Status and rows of each question with each of its examples; what an edition cannot answer has the error as its status."""
    found = {}
    for id, question in desk.catalogue.questions.items():
        for example in question.examples:
            values = " ".join(f'{k}="{v}"' for k, v in example.values.items())
            asked = " ".join(filter(None, (id, values, example.as_at and f"as at {example.as_at}", example.scenario)))
            try:
                answer = desk.ask(id, example.values, example.as_at, example.scenario, today)
            except IcsgraphError as error:
                found[asked] = (error.message, frozenset[str]())
                continue
            rows = (
                "; ".join(str(getattr(c, "label", c)) for c in row.values() if c is not None) for row in answer.rows
            )
            found[asked] = (answer.status, frozenset(rows))
    return found


def read_edition(
    path: Path, root: Path, today: dt.date, progress: Callable[[str], None], questions: bool = True
) -> Edition:
    """What is compared of the dataset at a path; ``root`` has the queries, ``questions`` says whether its examples are asked.

    Raises ``IcsgraphError`` where there is no dataset or it cannot be read.
    """
    progress(f"reading {path}")
    store = _open(path)
    things = {
        # Of several rows about one thing the last in order counts, in both editions alike.
        kind.label: {
            r["focus"]: {k: v for k, v in r.items() if k != "focus"}
            for r in sorted(_rows(store, kind.query), key=lambda row: sorted(row.items()))
        }
        for kind in read_kinds(root)
    }
    entries, places = _responsible(store, root)
    answers = {}
    if questions:
        progress(f"asking {path}")
        answers = _answers(Desk(store, Catalogue.read(root)), today)
    wanted = {e for found in entries.values() for entry in found for e in entry[:4]}
    wanted |= places.keys() | {p.who for found in places.values() for p in found}
    labels = {
        r["x"].value: r["l"].value
        for r in store.select("SELECT ?x ?l WHERE { ?x rdfs:label ?l }")
        if isinstance(r["x"], NamedNode) and r["x"].value in wanted
    }
    query = (root / "queries" / "release" / "answers" / "recoded.rq").read_text(encoding="utf-8")
    recoded = {row["was"]: row["now"] for row in _rows(store, rebased(query))}
    return Edition(things=things, entries=entries, places=places, answers=answers, labels=labels, recoded=recoded)
