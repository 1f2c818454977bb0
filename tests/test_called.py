"""Bodies are called by the name they bore on the day asked about, or it is said that the name is the later one."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from icsgraph.ask.called import Called
from icsgraph.ask.desk import Desk
from icsgraph.core.answer import Answer, Thing
from icsgraph.core.dates import day_before, parse_day
from icsgraph.core.terms import ID
from icsgraph.graph.rdf import RDF_TYPE, iri, term_name

Row = dict[str, str]


@pytest.fixture(scope="module")
def rows(root: Path, desk: Desk) -> list[Row]:
    """The names on record of bodies that existed then: an NHS trust before its time as a foundation trust is a body of its own."""
    with (root / "data" / "bodies" / "former_names.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    return [r for r in found if desk.names.period(ID + "body/" + r["body"]).holds(parse_day(a_day(desk, r)))]


def a_day(desk: Desk, row: Row) -> str:
    """A day on which a name was borne, and on which the body existed."""
    last = day_before(row["to"]) if row["to"] else "2026-06-01"
    end = desk.names.period(ID + "body/" + row["body"]).end
    return min(last, day_before(end.isoformat())) if end else last


def misnamed(desk: Desk, rows: list[Row]) -> Iterator[tuple[str, str]]:
    """The bodies that an answer about a day calls by a name of another day."""
    for row in rows:
        if row["in_law_only"]:
            continue
        day = a_day(desk, row)
        answer = desk.ask("which-body-is", {"code": row["body"]}, day)
        address = ID + "body/" + row["body"]
        labels = {c.label for r in answer.rows for c in r.values() if isinstance(c, Thing) and c.iri == address}
        wanted = row["name"] or f"{desk.names.label(address)} (as now called)"
        if answer.rows and labels != {wanted}:
            yield row["id"], day
        later = desk.names.label(address)
        if answer.rows and later in answer.says and later not in row["name"] and "(as now called)" not in answer.says:
            yield row["id"], answer.says


def test_each_name_on_record_is_used_on_its_days(desk: Desk, rows: list[Row], monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(rows) > 45
    assert list(misnamed(desk, rows)) == []
    # Planted: answers that forget the day call everybody by the name of today.
    monkeypatch.setattr(Called, "_of", lambda self, thing, day: None)
    assert len({row for row, _ in misnamed(desk, rows)}) > 40


def test_the_days_of_the_names_of_one_body_do_not_meet(desk: Desk, rows: list[Row]) -> None:
    spans: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        assert "Body" in desk.names.types(ID + "body/" + row["body"]), row
        assert row["name"] != desk.names.label(ID + "body/" + row["body"]), row
        assert row["to"] == "" or row["from"] < row["to"]
        spans[row["body"], row["in_law_only"]].append((row["from"], row["to"] or "9999"))
    for days in spans.values():
        ordered = sorted(days)
        assert all(one[1] <= two[0] for one, two in pairwise(ordered)), ordered


@pytest.mark.parametrize(
    ("question", "values", "day", "says", "says_not"),
    [
        # label: regression, each from a reading of answers on past days; the names are recalled.
        ("what-is-legal-form-of", {"body": "RM3"}, "2019-05-01", "Salford Royal", "Northern Care"),
        ("what-is-legal-form-of", {"body": "RDU"}, "2013-10-01", "Frimley Park Hospital", "Frimley Health"),
        ("who-oversees", {"body": "RYR"}, "2019-05-01", "Western Sussex", "University Hospitals Sussex"),
        ("what-is-legal-form-of", {"body": "nhs-resolution"}, "2016-06-01", "NHS Litigation Authority", "NHS Resolution"),
        ("who-holds-function", {"function": "hospital-services", "area": "01H"}, "2016-06-01", "NHS Cumbria CCG", "North Cumbria"),
        ("who-holds-function", {"function": "vaccination", "area": "Leeds"}, "2016-06-01", "Secretary of State for Health", "Social Care"),
        ("who-holds-function", {"function": "vaccination", "area": "Leeds"}, "2024-06-01", "Secretary of State for Health and Social Care", "(as"),
        ("which-body-is", {"code": "RWW"}, "2019-05-01", "North Cheshire and Mersey NHS Foundation Trust (as now called)", "Warrington"),
        ("what-is-legal-form-of", {"body": "RM3"}, "2024-05-01", "Northern Care Alliance", "Salford"),
    ],
)  # fmt: skip
def test_a_sentence_names_who_it_was(
    ask: Callable[..., Answer], question: str, values: dict[str, str], day: str, says: str, says_not: str
) -> None:
    answer = ask(question, day, **values)
    assert says in answer.says
    assert says_not not in answer.says


def test_the_change_of_name_is_told(ask: Callable[..., Answer]) -> None:
    notes = " ".join(ask("what-is-legal-form-of", "2019-05-01", body="RM3").notes)
    assert "Northern Care Alliance NHS Foundation Trust [RM3] is called so since 2021-10-01" in notes
    notes = " ".join(ask("who-holds-function", "2021-05-01", function="dentist", area="Newham").notes)
    assert "In law NHS England [X24] was called National Health Service Commissioning Board on 2021-05-01" in notes
    notes = " ".join(ask("who-holds-function", "2022-07-01", function="dentist", area="Newham").notes)
    assert "Commissioning Board" not in notes


def test_former_names_are_found(desk: Desk, rows: list[Row]) -> None:
    for row in rows:
        if row["name"]:
            found = desk.names.find(row["name"], "Body", a_day(desk, row))
            assert found.value == ID + "body/" + row["body"], row


def test_the_ground_of_a_group_has_the_name_of_its_location_after_it(desk: Desk) -> None:
    """Over every location that is the whole ground of a group: no sentence of a later day names the place by the ended group."""
    store = desk.store
    areas = {
        of.value
        for quad in store.quads(predicate=RDF_TYPE, value=term_name("ics:DatedName"))
        for of in store.objects(quad.subject, term_name("ics:nameOf"))
        if "/area/" in of.value
    }
    assert len(areas) == 104
    for area in sorted(areas):
        for day in ("2022-07-01", "2026-03-31", "2026-06-01"):
            thing = Thing(area, desk.names.code(area), desk.names.label(area))
            named = desk.called.on(thing, parse_day(day))
            located = [
                q.subject
                for q in store.quads(predicate=term_name("ics:linkedArea"), value=iri(area))
                if store.objects(q.subject, term_name("ics:locationCode"))
                and desk.names.period(q.subject.value).holds(parse_day(day))
            ]
            if located and isinstance(named, Thing):
                assert f"ICB - {thing.code.removesuffix('-location')}" in named.label, (area, day)
    said = desk.ask("who-holds-function", {"function": "hospital-services", "area": "07H"}, "2026-06-01").says
    assert "in NHS Essex ICB - 07H" in said
