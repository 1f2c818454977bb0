"""Who may pass functions to whom, over all pairs of kinds on several days, against the table of pairs read by other means."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from icsgraph.ask.desk import Desk
from icsgraph.core.answer import Answer, Thing

TABLE = Path(__file__).resolve().parents[1] / "data" / "delegations" / "gateway_pairs.csv"
DAYS = ["2015-06-01", "2021-06-01", "2026-11-23"]
# A kind of giver or receiver, or a body where the table names one, with every name of the table that takes it in.
SIDES = {
    "X24": {"body:X24", "kind:NHSBody", "kind:AnyPerson"},
    "secretary-of-state": {"body:secretary-of-state", "kind:AnyPerson"},
    "E47000001": {"body:E47000001", "kind:CombinedAuthority", "kind:AnyPerson"},
    "E08000003": {"body:E08000003", "kind:LocalAuthority", "kind:ResponsibleLocalAuthority", "kind:AnyPerson"},
    "IntegratedCareBoard": {"kind:IntegratedCareBoard", "kind:NHSBody", "kind:AnyPerson"},
    "ClinicalCommissioningGroup": {"kind:ClinicalCommissioningGroup", "kind:NHSBody", "kind:AnyPerson"},
    "NHSTrust": {"kind:NHSTrust", "kind:NHSBody", "kind:AnyPerson"},
    "NHSFoundationTrust": {"kind:NHSFoundationTrust", "kind:NHSBody", "kind:AnyPerson"},
    "SpecialHealthAuthority": {"kind:SpecialHealthAuthority", "kind:NHSBody", "kind:AnyPerson"},
    "ResponsibleLocalAuthority": {"kind:ResponsibleLocalAuthority", "kind:LocalAuthority", "kind:AnyPerson"},
    "DistrictCouncil": {"kind:DistrictCouncil", "kind:LocalAuthority", "kind:AnyPerson"},
    "CombinedCountyAuthority": {"kind:CombinedCountyAuthority", "kind:AnyPerson"},
    "WelshLocalHealthBoard": {"kind:WelshLocalHealthBoard", "kind:AnyPerson"},
    "IntegratedCarePartnership": {"kind:IntegratedCarePartnership"},
    "HealthAndWellbeingBoard": {"kind:HealthAndWellbeingBoard", "kind:CouncilCommittee"},
    "PrimaryCareNetwork": {"kind:PrimaryCareNetwork"},
    "ProviderCollaborative": {"kind:ProviderCollaborative"},
    "PrimaryMedicalProvider": {"kind:PrimaryMedicalProvider", "kind:AnyPerson"},
    "GeneralPracticeFederation": {"kind:GeneralPracticeFederation", "kind:AnyPerson"},
    "IndependentProvider": {"kind:IndependentProvider", "kind:AnyPerson"},
    "VoluntaryOrganisation": {"kind:VoluntaryOrganisation", "kind:AnyPerson"},
    "SubCommittee": {"kind:SubCommittee"},
    "EmployeeOfBody": {"kind:EmployeeOfBody"},
    "MemberOfBody": {"kind:MemberOfBody"},
    "JointCommittee": {"kind:JointCommittee"},
    "CcgGoverningBody": {"kind:CcgGoverningBody"},
}
# Parts of a body and committees of several: a list of outside receivers closes over none of them.
INSIDE = {"SubCommittee", "EmployeeOfBody", "MemberOfBody", "JointCommittee"}
ORGANS = {
    ("ClinicalCommissioningGroup", "CcgGoverningBody"),
    ("ResponsibleLocalAuthority", "HealthAndWellbeingBoard"),
    ("E08000003", "HealthAndWellbeingBoard"),
}
# A function that a giver has on each of the days on which the kind is there.
HAS = {
    "X24": "specialised-services",
    "secretary-of-state": "public-health-s7A",
    "IntegratedCareBoard": "community-health-services",
    "ClinicalCommissioningGroup": "community-health-services",
    "NHSTrust": "provision-of-health-services",
    "NHSFoundationTrust": "provision-of-health-services",
    "ResponsibleLocalAuthority": "health-improvement",
    "E08000003": "health-improvement",
}


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def expected(table: list[dict[str, str]], giver: str, receiver: str, day: str) -> dict[str, str]:
    """The pairs of the table that take in the two on the day, by the statement each becomes: open, shut or by direction."""
    on = dt.date.fromisoformat(day)
    found = {}
    for row in table:
        if row["from"] and dt.date.fromisoformat(row["from"]) > on:
            continue
        if row["to"] and dt.date.fromisoformat(row["to"]) <= on:
            continue
        gives, receives = set(row["giver"].split(";")), set(row["receiver"].split(";"))
        # Asked about responsible councils, ten of them have a gateway of their own.
        if giver == "ResponsibleLocalAuthority" and row["gateway"] == "gmca-2017":
            gives.add("kind:ResponsibleLocalAuthority")
        apart = set(filter(None, row["except_receiver"].split(";")))
        if apart & SIDES[receiver]:
            continue
        # Its law is about its own functions alone, and says nothing of those asked here.
        if row["others"] == "not-meant":
            continue
        if gives & SIDES[giver] and ("kind:Body" in receives or receives & SIDES[receiver]):
            found["gateway-" + row["id"]] = row["openness"]
    return found


def gone(answer: Answer) -> bool:
    """Whether one of the two did not exist on the day."""
    return any("did not exist" in str(r["reason"]) for r in answer.rows)


def faults(answer: Answer, wanted: dict[str, str]) -> list[str]:
    """How the rows of an answer of may-delegate differ from the pairs that were wanted."""
    found = []
    said = {str(r["statement"]): str(r["verdict"]) for r in answer.rows if isinstance(r["gateway"], Thing)}
    closed = [r for r in answer.rows if not isinstance(r["gateway"], Thing)]
    found += [f"lacks {s}" for s in sorted(set(wanted) - set(said))]
    found += [f"unexpected {s}" for s in sorted(set(said) - set(wanted))]
    found += [f"{s} is {said[s]}" for s, how in wanted.items() if how != "yes" and said.get(s, "no") != "no"]
    if bool(closed) == ("yes" in wanted.values()):
        found.append("the closed list stands beside an open gateway, or is missing where none is open")
    if not answer.rows or answer.status == "silent":
        found.append("says nothing")
    if any(r["verdict"] not in ("no", "not known") or not r["reason"] for r in closed):
        found.append("a closed list that says something else than no, or gives no reason")
    if any(not s.passages for s in answer.statements):
        found.append("a statement without law")
    return found


@pytest.mark.parametrize("day", DAYS)
def test_may_delegate_equals_the_table_for_every_pair_of_kinds(ask: Callable[..., Answer], day: str) -> None:
    table = rows()
    wrong = {}
    for giver in SIDES:
        for receiver in SIDES:
            if (giver == receiver and not giver[0].isupper()) or (giver == receiver and giver[-1].isdigit()):
                continue
            answer = ask(
                "may-delegate", day, from_=giver, to=receiver, function=HAS.get(giver, "community-health-services")
            )
            inside = receiver in INSIDE or (giver, receiver) in ORGANS
            if any(
                (r["verdict"] == "not known") != inside for r in answer.rows if not isinstance(r["gateway"], Thing)
            ) and not gone(answer):
                wrong[giver, receiver] = ["a list closes over a side of which it does not speak"]
                continue
            if found := faults(answer, expected(table, giver, receiver, day)):
                wrong[giver, receiver] = found
    assert wrong == {}


@pytest.mark.parametrize("day", DAYS)
def test_a_giver_that_has_the_function_may_pass_it_where_the_gateway_takes_any(
    ask: Callable[..., Answer], day: str
) -> None:
    """A gateway without a list of functions is open, conditions apart, to whoever has the function."""
    table = rows()
    by_id = {"gateway-" + r["id"]: r for r in table}
    asked = 0
    for giver, function in HAS.items():
        for receiver in SIDES:
            if (giver == receiver and giver[-1].isdigit()) or (
                giver == "ClinicalCommissioningGroup" and day >= "2022-07-01"
            ):
                continue
            if giver == "IntegratedCareBoard" and day < "2022-07-01":
                continue
            answer = ask("may-delegate", day, from_=giver, to=receiver, function=function)
            for row in answer.rows:
                pair = by_id.get(str(row["statement"]))
                if pair and pair["openness"] == "yes" and not pair["takes"] and pair["others"] != "no":
                    asked += 1
                    condition = bool(pair["condition"])
                    assert row["verdict"] in (("depends",) if condition else ("yes", "depends")), (giver, receiver, row)
    assert asked > 10


def test_a_planted_pair_is_noticed(ask: Callable[..., Answer]) -> None:
    table = rows()
    answer = ask("may-delegate", "2026-11-23", from_="NHSTrust", to="NHSTrust", function="provision-of-health-services")
    wanted = expected(table, "NHSTrust", "NHSTrust", "2026-11-23")
    assert faults(answer, wanted) == []
    # The crossing of all givers with all receivers, which let one trust make a partnership with another.
    crossed = {k: "yes" if "s75" in k else v for k, v in wanted.items()}
    crossed["gateway-s75-from-NHSTrust-to-nowhere"] = "yes"
    assert faults(answer, crossed) == ["lacks gateway-s75-from-NHSTrust-to-nowhere"]
    without = {k: v for k, v in wanted.items() if not k.startswith("gateway-s65Z5")}
    assert "unexpected gateway-s65Z5-from-NHSTrust-to-NHSTrust" in faults(answer, without)
    shut = dict.fromkeys(wanted, "no")
    assert len(faults(answer, shut)) >= 2


def test_every_open_pair_has_its_gateway_mode_liability_and_law(desk: Desk) -> None:
    lame = [
        r["id"]
        for r in rows()
        if r["openness"] == "yes" and not (r["mode"] and r["liability"] and r["takes_in_words"] and r["provisions"])
    ]
    assert lame == []
    drawn = desk.store.select("SELECT (COUNT(?s) AS ?n) WHERE { ?s ics:derivedBy rule:gateway-opens }")[0]["n"].value
    # Two pairs of primary care trusts ended before the first law of the record.
    assert int(drawn) == len(rows()) - 2


def test_no_pair_of_section_75_joins_two_of_one_side_and_none_of_section_78_is_open() -> None:
    nhs = (
        "X24",
        "IntegratedCareBoard",
        "ClinicalCommissioningGroup",
        "NHSTrust",
        "NHSFoundationTrust",
        "PrimaryCareTrust",
    )
    for row in rows():
        if row["gateway"] == "s75" and row["openness"] == "yes":
            sides = [row["giver"].partition(":")[2] in nhs, row["receiver"].partition(":")[2] in nhs]
            # A combined authority stands in for the NHS side of a council, and Greater Manchester's for the council's.
            assert sides != [True, True], row["id"]
            assert row["giver"] != row["receiver"], row["id"]
        assert not (row["gateway"] == "s78" and row["openness"] == "yes"), row["id"]
        assert not (row["gateway"] == "s77" and row["giver"] != "kind:LocalAuthority"), row["id"]
