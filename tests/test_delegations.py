"""What is derived from 314 recorded arrangements, against intervals that another hand worked out from the same record."""

from __future__ import annotations

import csv
from pathlib import Path

from icsgraph.ask.desk import Desk
from icsgraph.core.dates import day_after

# source: a table of board, function and period, with the last day of each period; it lists specialised mental health,
# learning disability and autism under the specialised services of which they are part.
INTERVALS = Path(__file__).parent / "sources" / "delegation_intervals.csv"
PART_OF_ANOTHER = "specialised-mental-health-lda"


def expected() -> set[tuple[str, str, str, str]]:
    with INTERVALS.open(encoding="utf-8", newline="") as handle:
        return {
            (
                r["icb_ods"],
                r["function"],
                r["exercised_from"],
                day_after(r["exercised_to"]) if r["exercised_to"] else "",
            )
            for r in csv.DictReader(handle)
        }


def test_every_board_exercises_what_the_record_of_intervals_says_and_nothing_else(desk: Desk) -> None:
    rows = desk.store.select(
        """
        SELECT ?board ?function ?from ?to WHERE {
          ?s ics:derivedBy rule:delegate-exercises ; ics:bearer ?b ; ics:matter ?f ; ics:validFrom ?from .
          ?b a ics:IntegratedCareBoard ; dcterms:identifier ?board .
          # Services that a list names pass beside the function of the record.
          FILTER NOT EXISTS { ?s ics:premise/ics:passesWhole ?f }
          ?f dcterms:identifier ?function .
          OPTIONAL { ?s ics:validTo ?to }
        }
        """
    )
    derived = {
        (r["board"].value, r["function"].value, r["from"].value, r["to"].value if "to" in r else "") for r in rows
    }
    wanted = expected()
    assert len(wanted) == 398
    assert {d for d in derived if d[1] != PART_OF_ANOTHER} == wanted
    assert len({d for d in derived if d[1] == PART_OF_ANOTHER}) == 11


def test_liability_is_derived_for_each_exercise_whose_gateway_has_a_rule_for_it(desk: Desk) -> None:
    """A joint committee of section 65Z6 has no rule on liability, so nobody is derived to be liable by it."""
    count = "SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s ics:derivedBy rule:%s ; ics:throughGateway ?gateway . %s }"
    ruled = "?gateway ics:liabilityFollows ?whose . FILTER(?whose IN (ics:LiabilityOfExerciser, ics:LiabilityOfOwner))"
    exercised = desk.store.select(count % ("delegate-exercises", ruled))[0]["n"].value
    liable = desk.store.select(count % ("liability-follows-the-gateway", ""))[0]["n"].value
    assert int(exercised) == int(liable) > 400
    by_committee = "FILTER(?gateway = <https://w3id.org/icsgraph/id/gateway/s65Z6>)"
    assert int(desk.store.select(count % ("delegate-exercises", by_committee))[0]["n"].value) > 0
    assert desk.store.select(count % ("liability-follows-the-gateway", by_committee))[0]["n"].value == "0"


def test_a_listed_service_passes_whole_and_the_rest_in_part(desk: Desk) -> None:
    """Each arrangement for 59 or 70 services passes the four services that their lists were seen to name, and those whole."""
    listed = desk.store.select(
        "SELECT ?s ?f ?part WHERE { ?s ics:derivedBy rule:delegate-exercises ; ics:matter ?f ; ics:premise/ics:passesWhole ?f ; "
        "ics:throughGateway <https://w3id.org/icsgraph/id/gateway/s65Z5> OPTIONAL { ?s ics:coversPart ?part } }"
    )
    assert len({r["f"].value for r in listed}) == 4
    assert len(listed) > 200
    assert not [r for r in listed if "part" in r]
    wide = desk.store.select(
        "SELECT ?s WHERE { ?s ics:derivedBy rule:delegate-exercises ; ics:matter function:specialised-services "
        "FILTER NOT EXISTS { ?s ics:coversPart true } }"
    )
    assert wide == []
