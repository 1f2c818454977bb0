"""When law begins, swept: nobody is named on a day on which he did not exist, and what binds somebody on a day is in force on it."""

from __future__ import annotations

import csv
import dataclasses
import re
from pathlib import Path

import pytest

from icsgraph.ask.desk import Desk
from icsgraph.core.answer import Answer

# The first of a quarter in the time of groups, the last day of it, the first after it, and a day of today.
DAYS = ("2014-01-01", "2022-06-30", "2022-07-01", "2026-10-01")
# Each provision in so many is tried, so that the sweep ends.
STEP = 9
IN_FORCE = {"in force", "in force in another text", "no commencement seen"}
SPANS = """SELECT ?provision ?from ?to WHERE {
  ?provision ics:bindsBy ?statement . ?statement ics:legalStatus ?status FILTER(?status IN (ics:Enacted, ics:Repealed))
  OPTIONAL { ?statement ics:validFrom ?from } OPTIONAL { ?statement ics:validTo ?to } }"""
LIVES = """SELECT DISTINCT ?name ?from ?to WHERE {
  { ?who a ics:BodyKind } UNION { ?who a ics:NationalBody } ?who rdfs:label ?name .
  OPTIONAL { ?who ics:firstBodyOn|ics:validFrom ?from } OPTIONAL { ?who ics:noBodySince|ics:validTo ?to } }"""

Span = tuple[str, str]


def spans(desk: Desk, query: str, key: str) -> dict[str, list[Span]]:
    """Days from and to of each thing that a query names; without an end, one that never comes."""
    found: dict[str, list[Span]] = {}
    for row in desk.store.select(query, {}):
        found.setdefault(row[key].value.lower() if key == "name" else row[key].value, []).append(
            (row["from"].value if "from" in row else "", row["to"].value if "to" in row else "9999")
        )
    return found


def faults(answer: Answer, day: str, bound: list[Span], lives: dict[str, list[Span]]) -> list[str]:
    """Who is named and did not exist, and that somebody was bound though nothing is said to be in force."""
    found = []
    states = {str(row["state"]) for row in answer.rows}
    for row in answer.rows:
        if row["state"] == "no longer in force" or "not law" in str(row["state"]):
            continue
        for name in filter(None, str(row["for"] or "").split(", ")):
            life = lives.get(name.lower()) or lives.get(re.sub("^(an?|the) ", "", name.lower()), [("", "9999")])
            if not any(start <= day < end for start, end in life):
                found.append(f"{name} did not exist on {day}")
    said = bool(states & IN_FORCE) or any("not law" in s for s in states)
    if any(start <= day < end for start, end in bound) and not said:
        found.append(f"somebody was bound on {day}, and it is {states}")
    return found


@pytest.mark.slow
def test_nobody_is_named_before_or_after_his_time_and_what_binds_is_in_force(desk: Desk) -> None:
    lives, bound = spans(desk, LIVES, "name"), spans(desk, SPANS, "provision")
    assert lives["monitor"] == [("", "2022-07-01")]
    assert lives["integrated care board"] == [("2022-07-01", "9999")]
    wrong = []
    for provision in sorted(bound)[::STEP]:
        for day in DAYS:
            answer = desk.ask("when-does-it-begin", {"matter": provision.rpartition("/")[2]}, day)
            wrong += [f"{provision}: {f}" for f in faults(answer, day, bound[provision], lives)]
    assert wrong == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"for": "an integrated care board"}, "an integrated care board did not exist on 2014-01-01"),
        ({"state": "not yet in force"}, "somebody was bound on 2014-01-01, and it is {'not yet in force'}"),
    ],
)
def test_a_planted_defect_is_noticed(desk: Desk, change: dict[str, str], fault: str) -> None:
    lives, bound = spans(desk, LIVES, "name"), spans(desk, SPANS, "provision")
    answer = desk.ask("when-does-it-begin", {"matter": "mha1983-s117"}, "2014-01-01")
    address = next(p for p in bound if p.endswith("/mha1983-s117"))
    assert faults(answer, "2014-01-01", bound[address], lives) == []
    spoilt = dataclasses.replace(answer, rows=[{**row, **change} for row in answer.rows])
    assert fault in faults(spoilt, "2014-01-01", bound[address], lives)


LAW = Path(__file__).resolve().parents[1] / "data" / "law" / "statements"
# What follows from a duty: that something is published or given under it.
FOLLOWS = {"must-publish", "must-give"}


def table(name: str) -> list[dict[str, str]]:
    with (LAW / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def wider_than_its_duty(duties: list[dict[str, str]], rows: list[dict[str, str]]) -> list[str]:
    """Rows on what is published or given that begin before the duty under the same provision on the same kind, last longer, or drop its condition."""
    wrong = []
    for row in rows:
        sources = [d for d in duties if (d["provisions"], d["bearer"]) == (row["provisions"], row["bearer"])]
        if row["relation"] not in FOLLOWS or not sources:
            continue
        first = min(d["valid_from"] for d in sources)
        last = max(d["valid_to"] or "9999" for d in sources)
        bare = all(d["only_those"] for d in sources) and not row["only_those"]
        if (row["valid_from"] or "") < first or (row["valid_to"] or "9999") > last or bare:
            wrong.append(row["id"])
    return wrong


def test_what_follows_from_a_duty_is_no_wider_than_the_duty() -> None:
    duties, rows = table("duties_across_the_statute_book"), table("published_across_the_statute_book")
    assert wider_than_its_duty(duties, rows) == []
    narrow = next(r for r in rows if r["id"] == "mhuufa2018-s2.pa")
    late = next(r for r in rows if r["id"] == "dvcva2004-s9.ga")
    planted = [{**narrow, "only_those": ""}, {**late, "valid_from": "2013-04-01"}]
    assert wider_than_its_duty(duties, planted) == ["mhuufa2018-s2.pa", "dvcva2004-s9.ga"]
