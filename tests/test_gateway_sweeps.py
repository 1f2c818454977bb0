"""Ways to one answer about gateways agree: kinds and narrower kinds, bodies and their kinds, wholes and parts, and the questions among themselves."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from icsgraph.ask.desk import Desk
from icsgraph.core.answer import Answer, Cell, Thing

DELEGATIONS = Path(__file__).resolve().parents[1] / "data" / "delegations"
DAYS = ["2018-06-01", "2024-06-01"]
# A wide kind of body with a narrower kind or a body of it.
WIDER = {
    "ResponsibleLocalAuthority": "LocalAuthority",
    "E08000035": "ResponsibleLocalAuthority",
    "R1H": "NHSTrust",
    "RWK": "NHSFoundationTrust",
    "QMF": "IntegratedCareBoard",
    "E47000001": "CombinedAuthority",
}
FUNCTIONS = [
    "hospital-services",
    "primary-dental-services",
    "adult-social-care",
    "adult-safeguarding",
]
RECEIVERS = ["IntegratedCareBoard", "NHSFoundationTrust", "ResponsibleLocalAuthority", "IndependentProvider", "X24"]
PARTS = {"primary-dental-services": "primary-care", "adult-social-care": "social-care"}
SOFT = {"yes", "depends", "not settled", "not needed"}


def verdict(answer: Answer) -> str:
    """The verdict that carries an answer: of its first row."""
    return str(answer.rows[0]["verdict"]) if answer.rows else "silent"


def existed(answer: Answer) -> bool:
    return not any("did not exist" in str(r["reason"]) for r in answer.rows)


def contradiction(narrow: Answer, wide: Answer) -> bool:
    """Whether the wide answer says no where the narrow one does not."""
    return existed(narrow) and existed(wide) and verdict(narrow) in SOFT and verdict(wide) == "no"


@pytest.mark.parametrize("day", DAYS)
def test_a_wide_kind_is_never_refused_what_a_narrower_one_may(ask: Callable[..., Answer], day: str) -> None:
    wrong, asked = [], 0
    for narrow, wide in WIDER.items():
        for to in RECEIVERS:
            for function in FUNCTIONS:
                first = ask("may-delegate", day, from_=narrow, to=to, function=function)
                if existed(first) and verdict(first) in SOFT:
                    asked += 1
                    second = ask("may-delegate", day, from_=wide, to=to, function=function)
                    if contradiction(first, second):
                        wrong.append((narrow, wide, to, function))
    assert wrong == []
    assert asked > 20


def test_a_planted_contradiction_is_noticed(ask: Callable[..., Answer]) -> None:
    # The answer that was given of old: asked of the wide kind, what the narrow one has did not count.
    soft = ask("may-delegate", "2016-06-01", from_="ResponsibleLocalAuthority", to="R1H", function="adult-safeguarding")
    hard = ask("may-delegate", "2020-06-01", from_="Newham", to="IndependentProvider", function="adult-safeguarding")
    assert (verdict(soft), verdict(hard)) == ("depends", "no")
    assert contradiction(soft, hard)
    assert not contradiction(hard, soft)


@pytest.mark.parametrize("day", DAYS[1:])
def test_a_wider_function_is_never_refused_where_a_part_may_pass(ask: Callable[..., Answer], day: str) -> None:
    for part, whole in PARTS.items():
        for giver in ("IntegratedCareBoard", "X24", "ResponsibleLocalAuthority"):
            for to in RECEIVERS:
                if giver == to == "X24":
                    continue
                narrow = ask("may-delegate", day, from_=giver, to=to, function=part)
                wide = ask("may-delegate", day, from_=giver, to=to, function=whole)
                assert not contradiction(narrow, wide), (giver, to, part, whole)


@pytest.mark.parametrize("day", DAYS)
def test_no_gap_in_the_record_is_a_no(ask: Callable[..., Answer], day: str) -> None:
    """A no has a law, a list or an end as its reason, never that nothing is on record."""
    for giver in WIDER.values():
        for to in RECEIVERS:
            for function in FUNCTIONS:
                answer = ask("may-delegate", day, from_=giver, to=to, function=function)
                for row in answer.rows:
                    gap = "Nothing on record says" in str(row["reason"])
                    assert not (gap and row["verdict"] == "no"), (giver, to, function)
                    if gap:
                        assert isinstance(row["standing"], Thing)
                        assert row["standing"].code == "presumed"


@pytest.mark.parametrize("day", DAYS)
def test_three_questions_on_gateways_agree(ask: Callable[..., Answer], desk: Desk, day: str) -> None:
    givers = ["X24", "secretary-of-state", *dict.fromkeys(WIDER.values())]
    receivers = [*RECEIVERS, "NHSTrust", "CombinedAuthority", "HealthAndWellbeingBoard"]
    open_from = {g: {str(r["statement"]) for r in ask("which-gateways-are-open", day, from_=g).rows} for g in givers}
    for to in receivers:
        scenario = "status-quo-2012" if day < "2022-07-01" else "act-2022"
        passes = {str(r["statement"]) for r in ask("what-passes-to-whom", day, scenario, body=to).rows}
        for giver in givers:
            if giver == to:
                continue
            between = ask("what-may-be-passed-between", day, from_=giver, to=to)
            led = {str(r["statement"]) for r in between.rows if r["passes"] in ("yes", "depends")}
            assert led <= open_from[giver], (giver, to)
            # What passes to the very kind, whatever its day, has what is open on the day; a narrower receiver is asked of its own.
            whole = {s for s in led if "Only where the second" not in str(_condition(between, s))}
            assert whole <= passes, (giver, to, whole - passes)


def _condition(answer: Answer, statement: str) -> object:
    return next(r["condition"] for r in answer.rows if str(r["statement"]) == statement)


def _table(name: str, folder: str = "delegations") -> list[dict[str, str]]:
    with (DELEGATIONS.parent / folder / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


# What a closed list calls those whom pairs open a gateway to.
WORDS = {
    "kind:CombinedAuthority": "combined authorit",
    "kind:ClinicalCommissioningGroup": "group",
    "kind:ResponsibleLocalAuthority": "council",
    "kind:LocalAuthority": "council",
    "kind:SpecialHealthAuthority": "special health authorit",
}


def misnamed(lists: list[dict[str, str]], pairs: list[dict[str, str]]) -> list[str]:
    """Closed lists that leave out a receiver whom a pair of the same giver opens a gateway to on some day of theirs.

    Lists of NHS England, groups, trusts and the Secretary of State, which name receivers one by one; orders of devolution
    are ways of their own.
    """
    found = []
    for row in lists:
        for giver in {"body:X24", "kind:ClinicalCommissioningGroup", "kind:NHSTrust"} & set(row["giver"].split(";")):
            for pair in pairs:
                if giver not in pair["giver"].split(";") or pair["openness"] != "yes":
                    continue
                if pair["gateway"] == "devolution-orders" or (pair["to"] and pair["to"] <= row["from"]):
                    continue
                if row["to"] and pair["from"] >= row["to"]:
                    continue
                word = WORDS.get(pair["receiver"])
                if word and word not in row["text"]:
                    found.append(f"{row['id']} does not name {pair['receiver']}")
    return found


def test_closed_lists_name_those_whom_the_pairs_of_their_days_do() -> None:
    lists, pairs = _table("closed_lists.csv"), _table("gateway_pairs.csv")
    assert misnamed(lists, pairs) == []
    spans = sorted((r["giver"], r["from"], r["to"]) for r in lists if r["giver"] == "body:X24")
    assert [s[2] for s in spans[:-1]] == [s[1] for s in spans[1:]]
    # One sentence for days before and after 2016, as it was.
    planted = [
        {**r, "text": r["text"].replace("combined authorities", "others")}
        if r["id"] == "nhs-england-before-2016"
        else r
        for r in lists
    ]
    assert misnamed(planted, pairs) == ["nhs-england-before-2016 does not name kind:CombinedAuthority"]


@pytest.mark.parametrize("day", ["2014-06-01", "2018-06-01", "2024-06-01"])
def test_no_answer_is_settled_by_a_list_that_was_not_read_whole(ask: Callable[..., Answer], day: str) -> None:
    unread = {"closed-list-" + r["id"] for r in _table("closed_lists.csv") if r["read_whole"] == "false"}
    seen = 0
    for giver in ("NHSFoundationTrust", "ClinicalCommissioningGroup", "LocalAuthority", "PrimaryCareNetwork"):
        for to in ("PrimaryCareNetwork", "IntegratedCarePartnership", "ProviderCollaborative"):
            answer = ask("what-may-be-passed-between", day, from_=giver, to=to)
            if unread & {str(r["statement"]) for r in answer.rows}:
                seen += 1
                assert answer.status == "presumed", (giver, to)
    assert seen > 3


def test_a_service_is_not_said_to_be_moved(ask: Callable[..., Answer]) -> None:
    says = ask("may-delegate", "2024-06-01", from_="QMF", to="Newham", function="hospital services").says
    assert "pass the function of arranging hospital services to" in says
    assert "pass hospital services" not in says


# Parts of whichever body, and committees it forms with others.
PARTS_WITHIN = ["Committee", "SubCommittee", "JointCommittee", "MemberOfBody", "EmployeeOfBody"]


def closed_within(answer: Answer) -> bool:
    """Whether a list of outside bodies says no to a part of the giver: no gateway, and a no all the same."""
    return existed(answer) and any(r["passes"] == "no" and not r["gateway"] for r in answer.rows)


@pytest.mark.parametrize("day", ["2014-01-01", "2019-01-01", "2024-06-01"])
def test_no_list_of_outside_bodies_closes_over_a_part_of_the_giver(ask: Callable[..., Answer], day: str) -> None:
    givers = [
        "X24",
        "NHSTrust",
        "NHSFoundationTrust",
        "ResponsibleLocalAuthority",
        "DistrictCouncil",
        "CombinedAuthority",
    ]
    givers.append("ClinicalCommissioningGroup" if day < "2022-07-01" else "IntegratedCareBoard")
    for giver in givers:
        for to in PARTS_WITHIN:
            answer = ask("what-may-be-passed-between", day, from_=giver, to=to)
            assert answer.rows, (giver, to)
            assert not closed_within(answer), (giver, to)


def test_a_planted_list_that_closes_over_a_committee_is_noticed(ask: Callable[..., Answer]) -> None:
    answer = ask("what-may-be-passed-between", "2024-06-01", from_="CombinedAuthority", to="EmployeeOfBody")
    assert [r["passes"] for r in answer.rows] == ["not known"]
    assert answer.status == "presumed"
    # As it was: the list of outside receivers said no to whoever it did not name.
    spoilt = dataclasses.replace(answer, rows=[{**r, "passes": "no"} for r in answer.rows])
    assert closed_within(spoilt)


def firm_without_reading(answers: list[tuple[str, str, Answer]], read: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Givers and functions of settled answers “no” that no closing, and no law that the giver has it not, stands behind."""
    wrong = []
    for giver, function, answer in answers:
        reasons = {str(r["reason"]) for r in answer.rows}
        lacking = any(s.relation == "lacks" for s in answer.statements) or any("itself" in r for r in reasons)
        if answer.status == "settled" and verdict(answer) == "no" and existed(answer) and not lacking:
            wrong += [] if (giver, function) in read else [(giver, function)]
    return wrong


def closings() -> set[tuple[str, str]]:
    """The pairs of giver and function of which the law was read whole for some receivers."""
    return {
        (giver.partition(":")[2], function.partition(":")[2])
        for row in _table("function_closings.csv")
        for giver in row["giver"].split(";")
        for function in row["function"].split(";")
    }


@pytest.mark.parametrize("day", DAYS)
def test_a_no_is_settled_only_where_its_law_was_read_whole(ask: Callable[..., Answer], day: str) -> None:
    functions = [
        "hospital-services",
        "primary-dental-services",
        "needs-assessment",
        "health-scrutiny",
        "health-protection",
    ]
    answers = [
        (giver, function, ask("may-delegate", day, from_=giver, to=to, function=function))
        for giver in ("X24", "IntegratedCareBoard", "ClinicalCommissioningGroup", "ResponsibleLocalAuthority")
        for to in ("PrimaryCareNetwork", "HealthAndWellbeingBoard", "NHSTrust")
        for function in functions
    ]
    assert firm_without_reading(answers, closings()) == []
    assert any(verdict(a) == "no" and a.status == "presumed" for _, _, a in answers)
    # Without its closings the record is found to say too much.
    assert firm_without_reading(answers, set())


def code(cell: Cell) -> str:
    """A thing by its code, words as they are."""
    return cell.code if isinstance(cell, Thing) else str(cell or "")


def let_through(answers: list[tuple[str, Answer]]) -> list[str]:
    """Functions of care that section 75 leaves out of which an answer passes the whole to a council by section 75, or the part unsaid."""
    found = []
    for function, answer in answers:
        rows = [r for r in answer.rows if code(r["gateway"]) == "s75" and r["verdict"] != "no"]
        # Another limit of the same function may stand in a row of its own.
        if rows and (any(r["verdict"] == "yes" for r in rows) or not any("stay out" in str(r["reason"]) for r in rows)):
            found.append(function)
    return found


@pytest.mark.parametrize("day", ["2013-06-01", "2016-10-01", "2018-01-15", "2024-06-01"])
def test_what_section_75_leaves_out_stays_out_of_every_function_that_is_of_that_kind(
    ask: Callable[..., Answer], day: str
) -> None:
    """Law: SI 2000/617 reg.5(a). ``may-delegate`` and ``what-may-be-passed-between`` say the same."""
    cares = {r["function"]: r for r in _table("function_care.csv", "vocabulary")}
    givers = ["X24", "ClinicalCommissioningGroup" if day < "2022-07-01" else "IntegratedCareBoard"]
    answers = []
    for giver in givers:
        whole = ask("what-may-be-passed-between", day, from_=giver, to="ResponsibleLocalAuthority")
        left = next(str(r["not_these"]) for r in whole.rows if code(r["gateway"]) == "s75")
        assert all(
            w in left for w in ("surgery", "radiotherapy", "ending of pregnancies", "endoscopy", "emergency ambulance")
        )
        for function, row in cares.items():
            answer = ask("may-delegate", day, from_=giver, to="ResponsibleLocalAuthority", function=function)
            answers.append((function, answer))
            if row["nothing_else"]:
                assert all(r["verdict"] == "no" for r in answer.rows if code(r["gateway"]) == "s75"), (giver, function)
    assert let_through(answers) == []
    # Planted: a function without the property passes whole.
    nurses = ask(
        "may-delegate", day, from_=givers[1], to="ResponsibleLocalAuthority", function="community-health-services"
    )
    assert let_through([("community-health-services", nurses)]) == ["community-health-services"]
