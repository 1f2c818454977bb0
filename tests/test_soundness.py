"""Things that must never follow, tested as hard as things that must."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from icsgraph.ask.desk import Desk
from icsgraph.core.answer import Answer, Thing

MONTHS = [f"{year}-{month:02d}-01" for year in range(2022, 2027) for month in (1, 4, 7, 10)]


def bodies(answer: Answer, column: str = "body") -> set[str]:
    return {cell.code for row in answer.rows if isinstance(cell := row[column], Thing)}


@pytest.mark.parametrize("day", ["2022-07-01", "2024-01-01", "2026-11-01"])
def test_no_council_partnership_or_practice_is_ever_bound_by_the_triple_aim(
    ask: Callable[..., Answer], desk: Desk, day: str
) -> None:
    bound = bodies(ask("who-is-bound-by", day, duty="triple aim"))
    assert len(bound) > 200
    barred = {
        "LocalAuthority",
        "Committee",
        "Partnership",
        "SubDivision",
        "ClinicalCommissioningGroup",
        "CombinedAuthority",
        "CombinedCountyAuthority",
        "WelshNHSTrust",
    }
    for body in bound:
        assert not barred & desk.names.types(f"https://w3id.org/icsgraph/id/body/{body}"), body


def test_nobody_was_bound_by_the_triple_aim_before_it_was_law(ask: Callable[..., Answer]) -> None:
    assert ask("who-is-bound-by", "2022-06-30", duty="triple aim").status == "silent"


def test_nothing_of_a_bill_or_of_law_not_commenced_is_answered_as_law(desk: Desk) -> None:
    leaks = desk.store.select(
        """
        SELECT DISTINCT ?statement WHERE {
          ?statement ics:inScenario ?scenario ; ics:legalStatus ?status .
          ?scenario dcterms:type "enacted" .
          FILTER(?status IN (ics:Bill, ics:Proposed, ics:NotCommenced))
        }
        """
    )
    assert leaks == []


def test_a_planned_arrangement_gives_nobody_a_function(desk: Desk) -> None:
    drawn = desk.store.select("SELECT ?s WHERE { ?s ics:premise ?a . ?a a ics:PlannedArrangement }")
    assert drawn == []


def test_being_located_somewhere_makes_nobody_accountable(desk: Desk) -> None:
    drawn = desk.store.select("SELECT ?s WHERE { ?s a ics:Statement ; ics:premise ?link . ?link a ics:PlaceLink }")
    assert drawn == []


@pytest.mark.parametrize(
    "function",
    ["primary-medical-services", "primary-dental-services", "hospital-and-community-services", "specialised-services"],
)
def test_somebody_holds_exercises_and_is_liable_on_every_quarter_day(ask: Callable[..., Answer], function: str) -> None:
    """A sweep through time: no gap for a function that law has always given to somebody, in an area that stayed the same."""
    for day in MONTHS:
        for question in ("who-holds-function", "who-exercises-function", "who-is-liable-for"):
            answer = ask(question, day, function=function, area="QMF")
            # Law says who holds it; who exercises and is liable may be presumed, and is never unknown.
            assert answer.status in ("settled", "presumed"), (question, function, day)
            if question == "who-holds-function":
                # Of a part that has a row of its own the holder may be told at second hand; of the function itself law says it.
                own = [r for r in answer.rows if isinstance(r["matter"], Thing) and r["matter"].code == function]
                firm = {r["standing"].code for r in own if isinstance(r["standing"], Thing)}
                assert firm == {"settled"}, (function, day)


def test_exactly_one_body_exercises_general_dentistry_in_each_area_on_each_quarter_day(
    ask: Callable[..., Answer], desk: Desk
) -> None:
    """No gap and no overlap, in every area that has a board today."""
    for area in ("QMF", "QOP", "QU9", "S1Y5D", "E09000025"):
        for day in MONTHS:
            answer = ask("who-exercises-function", day, function="primary-dental-services", area=area)
            assert len(answer.rows) >= 1, (area, day)
            if area in ("QMF", "QOP"):
                assert len(bodies(answer)) == 1, (area, day, bodies(answer))


def test_the_number_of_boards_on_every_first_of_the_month(ask: Callable[..., Answer]) -> None:
    # source: 42 boards from July 2022, 36 from April 2026
    day = dt.date(2022, 1, 1)
    while day < dt.date(2026, 12, 1):
        wanted = 0 if day < dt.date(2022, 7, 1) else 42 if day < dt.date(2026, 4, 1) else 36
        assert ask("how-many-bodies", day.isoformat(), kind="integrated care board").rows[0]["count"] == wanted
        day = (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def test_what_papers_say_stands_in_models_only(desk: Desk) -> None:
    """A paper's statement is never in the scenario of the law in force, and what it says of the law before is not read as law."""
    carried = desk.store.select("SELECT ?s WHERE { ?s a ics:PaperStatement ; ics:inScenario scenario:act-2022 }")
    assert carried == []
    as_law = desk.store.select(
        "SELECT ?s WHERE { ?s a ics:PaperStatement ; ics:inScenario scenario:status-quo-2012 ; ics:relation ?r "
        "FILTER(?r != ics:isSaidOf) }"
    )
    assert as_law == []


def test_every_statement_of_the_papers_is_there_and_resolvable(desk: Desk) -> None:
    found = {
        r["id"].value
        for r in desk.store.select("SELECT ?id WHERE { ?s a ics:PaperStatement ; dcterms:identifier ?id }")
    }
    # source: 679 rows, whose ids run from S001 without a gap; what this record's own reading added follows them
    assert {f"S{number:03d}" for number in range(1, 680)} <= found
    assert found == {f"S{number:03d}" for number in range(1, len(found) + 1)}
