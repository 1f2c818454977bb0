"""What no answer may settle: kinds of trusts before they are known, days to come, inferred successions, counterparts of another day.

Each sweep gives the faults that it finds; it must find none in the record, and must find the defect planted beside it.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from icsgraph.ask.desk import Desk
from icsgraph.ask.limits import Limits
from icsgraph.ask.scenarios import Scenario
from icsgraph.core.answer import Answer
from icsgraph.core.dates import Period, parse_day
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import ID
from icsgraph.graph.store import Store
from tests.conftest import TODAY
from tests.test_build import planting

# Questions whose answers follow from what a body is.
OF_KINDS = (
    "what-is-legal-form-of",
    "who-oversees",
    "which-duties-bind",
    "who-appoints-to",
    "who-must-sit-on",
    "how-can-overseer-intervene",
    "which-powers-has",
    "what-must-body-publish",
    "whom-must-body-consult",
    "who-funds",
)
DAYS = ("2013-10-01", "2016-06-01", "2019-05-01")
BEYOND = "2027-04-01"


def trusts(root: Path) -> list[dict[str, str]]:
    with (root / "data" / "bodies" / "trusts.csv").open(encoding="utf-8", newline="") as handle:
        return [r for r in csv.DictReader(handle) if r["country"] == "England"]


def overconfident(desk: Desk, rows: list[dict[str, str]], days: tuple[str, ...], some: int = 1) -> Iterator[str]:
    """Answers about every ``some``-th foundation trust that are settled on a day before the table shows its kind."""
    for n, row in enumerate(rows):
        for day in days:
            began = row["foundation_from"] or row["opened"]
            if n % some or not row["kind_known_from"] or day >= row["kind_known_from"] or day < began:
                continue
            if row["closed"] and day > row["closed"]:
                continue
            for question in OF_KINDS:
                if desk.ask(question, {"body": row["ods_code"]}, day, "", TODAY).status == "settled":
                    yield f"{question} {row['ods_code']} {day}"
            given = {"from": row["ods_code"], "to": "R1H", "function": "hospital-services"}
            if desk.ask("may-delegate", given, day, "", TODAY).status == "settled":
                yield f"may-delegate {row['ods_code']} {day}"


@pytest.mark.slow
def test_nothing_follows_from_the_kind_of_a_trust_before_it_is_known(desk: Desk, root: Path) -> None:
    rows = trusts(root)
    assert len([r for r in rows if r["kind_known_from"] > DAYS[0]]) > 140
    assert list(overconfident(desk, rows, DAYS)) == []


def test_that_the_sweep_of_kinds_finds_what_is_settled(desk: Desk, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Limits, "_unknown", lambda self, body, day: False)
    assert any(overconfident(desk, trusts(root), DAYS[:1], some=40))


def test_each_trust_is_of_one_kind_on_each_day(store: Store, root: Path) -> None:
    """A trust that became a foundation trust is an NHS trust before, with the same code, and never both."""
    for row in trusts(root):
        if not row["foundation_from"]:
            continue
        code, day = row["ods_code"], row["foundation_from"]
        found = store.select(
            f"SELECT ?body ?kind ?from ?to WHERE {{ ?body ics:odsCode '{code}' ; ics:narrowestKind ?kind "
            "OPTIONAL { ?body ics:validFrom ?from } OPTIONAL { ?body ics:validTo ?to } } ORDER BY ?from"
        )
        told = {r["body"].value.removeprefix(ID + "body/"): r for r in found}
        assert set(told) == {code, f"{code}-nhs-trust"}
        assert told[code]["from"].value == told[f"{code}-nhs-trust"]["to"].value == day
        assert told[code]["kind"].value.endswith("NHSFoundationTrust")
        assert told[f"{code}-nhs-trust"]["kind"].value.endswith("NHSTrust")


def of_days_to_come(desk: Desk) -> Iterator[tuple[str, Answer]]:
    """Each question with the values of its first example, asked of a day to come."""
    for question in desk.catalogue.questions.values():
        if question.timeless or question.reports or question.scenario:
            continue
        example = question.examples[0]
        if example.scenario:
            continue
        try:
            yield question.id, desk.ask(question.id, example.values, BEYOND, "", TODAY)
        except IcsgraphError:
            continue


def test_nothing_is_settled_of_a_day_to_come(desk: Desk) -> None:
    answers = dict(of_days_to_come(desk))
    assert len(answers) > 40
    assert [name for name, answer in answers.items() if answer.status == "settled"] == []
    said = [a for a in answers.values() if a.status == "presumed"]
    assert all(any("lies beyond what was read" in note for note in a.notes) for a in said)


def test_a_span_that_reaches_into_days_to_come_settles_nothing(desk: Desk) -> None:
    """Label: law. Yearly agreements end on paper; that nothing follows them is not known."""
    asked = {"body": "X24", "from": "2026-06-01", "to": "2027-04-01"}
    told = desk.ask("what-changed-between", asked, today=TODAY)
    assert told.status == "presumed"
    assert any("2027-04-01 lies beyond what was read" in note for note in told.notes)
    before = desk.ask("what-changed-between", asked | {"from": "2022-06-30", "to": "2022-07-01"}, today=TODAY)
    assert not any("lies beyond" in note for note in before.notes)


def test_that_the_sweep_of_days_to_come_finds_what_is_settled(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scenario, "is_beyond", lambda self, day, today: False)
    assert [name for name, answer in of_days_to_come(desk) if answer.status == "settled"]


@pytest.mark.parametrize(
    ("day", "today", "beyond"),
    [
        ("2026-11-30", "2026-11-01", False),  # what was read is known, whatever a clock says
        ("2026-12-05", "2026-12-05", False),  # a day that has come, soon after the reading
        ("2026-12-06", "2026-12-05", True),
        ("2027-04-01", "2026-11-30", True),
        ("2027-03-03", "2027-06-01", True),  # a day that has come, too long after the reading
    ],
)
def test_which_days_lie_beyond_the_record(day: str, today: str, beyond: bool) -> None:
    law = Scenario(
        id="x",
        iri="x",
        label="x",
        enacted=True,
        bill=False,
        period=Period(None, None),
        follows="",
        known=Period(None, parse_day("2026-12-01")),
        relied=parse_day("2027-03-03"),
    )
    assert law.is_beyond(dt.date.fromisoformat(day), dt.date.fromisoformat(today)) is beyond


def test_no_inferred_succession_is_settled(desk: Desk, root: Path) -> None:
    """The marks of the table are followed: what it says was inferred is presumed, forwards and back."""
    with (root / "data" / "bodies" / "trust_succession.csv").open(encoding="utf-8", newline="") as handle:
        rows = [r for r in csv.DictReader(handle) if r["date"] > "2013-04-01"]
    inferred = [r for r in rows if "inferred" in r["basis"]]
    assert len(inferred) == 11
    for row in rows:
        forth = desk.ask("what-became-of", {"body": row["predecessor_ods"]}, "2026-11-01", "", TODAY)
        mine = [r for r in forth.rows if getattr(r["successor"], "code", "") == row["successor_ods"]]
        codes = {getattr(r["standing"], "code", "") for r in mine}
        assert codes == ({"presumed"} if row in inferred else {"settled"}), row
        if row in inferred:
            assert forth.status == "presumed"
            back = desk.ask("where-did-body-come-from", {"body": row["successor_ods"]}, "2026-11-01", "", TODAY)
            assert back.status == "presumed"


# Statements of law that name as bearer or as the only one they stand over against a body that was not there all the time.
OF_ANOTHER_DAY = """
SELECT DISTINCT ?statement WHERE {
  ?statement a ics:Statement ; ics:legalStatus ?status ; ics:relation ?relation ; ics:inScenario ?scenario .
  ?scenario dcterms:type "enacted" .
  FILTER(?status IN (ics:Enacted, ics:Repealed))
  FILTER NOT EXISTS { ?statement a ics:RegimeStatement }
  FILTER NOT EXISTS { ?statement a ics:DerivedStatement }
  FILTER(?relation NOT IN (ics:transfersTo, ics:isEndedBy, ics:isEstablishedBy, ics:isSucceededBy))
  { ?statement ics:counterpart ?party . FILTER NOT EXISTS { ?statement ics:counterpart ?another FILTER(?another != ?party) } }
  UNION { ?statement ics:bearer ?party }
  ?party a ics:Body .
  OPTIONAL { ?party ics:validFrom ?began } OPTIONAL { ?party ics:validTo ?ended }
  OPTIONAL { ?statement ics:validFrom ?from } OPTIONAL { ?statement ics:validTo ?to }
  FILTER(COALESCE(?began > ?from && ?began > "2013-04-01"^^xsd:date, false) || COALESCE(?ended < ?to, BOUND(?ended) && !BOUND(?to)))
}
ORDER BY ?statement
"""


def test_no_law_names_whom_there_was_not_on_a_day(store: Store) -> None:
    assert [r["statement"].value for r in store.select(OF_ANOTHER_DAY)] == []


def test_that_the_sweep_of_counterparts_finds_one(store: Store) -> None:
    planted = (
        "<id/statement/P> a ics:Statement ; ics:legalStatus ics:Enacted ; ics:relation ics:mustGive ; ics:bearer ics:NHSTrust ; "
        "ics:counterpart <id/body/ukhsa> ; ics:inScenario scenario:act-2022 ; ics:validFrom '2014-01-01'^^xsd:date"
    )
    with planting(store, planted):
        assert [r["statement"].value for r in store.select(OF_ANOTHER_DAY)] == [ID + "statement/P"]
