"""Everyday functions and duties against the rows of another hand: who had each on a day of each regime, and whom each duty binds when.

``sources/everyday_functions.csv`` and ``sources/duties.csv`` hold what was given: expectations with the basis ``source``. Where the
record departs from a row, the reason stands in ``DEPARTS`` or ``LEFT``; nothing else may differ.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from pathlib import Path

import pytest

from icsgraph.ask.names import Names
from icsgraph.core.errors import NotFound
from icsgraph.core.terms import DEF, ID
from icsgraph.graph.store import Store

SOURCES = Path(__file__).parent / "sources"
REGIMES = Path(__file__).parents[1] / "data" / "functions" / "regimes.csv"
PROVISIONS = Path(__file__).parents[1] / "data" / "law" / "provisions.csv"
INSTRUMENTS = Path(__file__).parents[1] / "data" / "law" / "instruments.csv"
# One place with a board, a group before it, and one council: what kinds of the rows mean there is asked on each day.
PLACE = ID + "area/E09000025"
KINDS = {
    "NHSEngland": "body:X24",
    "SecretaryOfState": "body:secretary-of-state",
    "CQC": "body:cqc",
    "Monitor": "body:monitor",
    "LocalAuthority": "kind:council",
    "ResponsibleLocalAuthority": "kind:council",
    "LocalHousingAuthority": "kind:HousingAuthority",
    "LocalPlanningAuthority": "kind:HousingAuthority",
    "ChiefOfficerOfPolice": "body:chief-officer-of-police",
    "LocalPolicingBody": "kind:PoliceAndCrimeCommissioner",
    "NHSDigital": "body:nhs-digital",
    "HealthResearchAuthority": "body:hra",
    "HealthEducationEngland": "body:hee",
    "PatientSafetyCommissioner": "body:patient-safety-commissioner",
    "NHSPropertyServices": "body:nhs-property-services",
    "NHSTrustDevelopmentAuthority": "body:nhs-tda",
    "ProfessionalRegulators": "kind:ProfessionalRegulator",
    "ProbationService": "body:probation-service",
    "PrisonService": "body:prison-service",
    "SecretaryOfStateForDefence": "body:secretary-of-state-for-defence",
    "Data controller": "kind:DataController",
    "Every public body": "kind:PublicAuthority",
    "Each body": "kind:PublicAuthority",
}
# Functions of which the record does not say what the row says, and why.
DEPARTS = {
    "domestic-abuse-support": "in London the Greater London Authority holds it, and no borough",
    "hospital-discharge": "the section binds trusts; cooperation with councils is no share in its duty",
    "nhs-constitution-rights": "each NHS body's own duty of regard",
    "sexual-health-services": "of contraception the minister is the holder",
    "wheelchair-services": "until April 2015 part may have been NHS England's",
    "better-care-fund": "the pooled sum is the partners'; NHS England may only direct the board how to use it",
    "community-safety": "fire and rescue authorities and providers of probation services are responsible authorities too",
    "contraception": "councils exercise a function that the Act leaves with the minister",
    "domestic-homicide-reviews": "section 9(4) names NHS England, NHS trusts and providers of probation services too",
    "gp-prescribing": "what the row says is who bears the cost",
    "icb-chair-appointment": "before July 2022 NHS England appointed the accountable officer of a group",
    "joint-forward-plan": "regulation 33 of SI 2022/734 took the year to 31 March 2023 out of the section",
    "medical-examiners": "any English NHS body may appoint, and the duty is the minister's (Coroners and Justice Act 2009 s.18A)",
    "obesity-surgery": "in 2016-17 nobody knows which of two",
    "public-health-funerals": "of districts, boroughs and unitary councils alone",
    "serious-violence-duty": "fire and rescue authorities, providers of probation services and youth offending teams are in Schedule 1 too",
    "screening-lung": "the agreement of 2026 that would name the holder was not read",
    "clinical-negligence": "providers of primary medical services came under a scheme of the state on 1 April 2019",
    "vaccine-damage": "until November 2021 the Department for Work and Pensions paid, which is no body of the record",
    "health-inequalities": "section 2B says nothing of inequalities, so councils hold no duty by it",
    "overseas-visitor-charges": "independent providers came under the Regulations on 23 October 2017; councils are named in them",
}


# Functions of the record that the rows have as part of another.
APART = {
    "chemotherapy-and-radiotherapy": "specialised-cancer-services",
    "contraception-clinics": "contraception",
    "contraception-general-practice": "contraception",
    "sterilisation": "contraception",
    "domestic-abuse-community": "domestic-abuse-support",
    "ehcp": "send-joint-commissioning",
    "send-local-offer": "send-joint-commissioning",
    "pals": "nhs-complaints-advocacy",
    "air-ambulance": "ambulance-services",
    "dental-charges": "primary-dental-services",
    "optical-vouchers": "primary-ophthalmic-services",
}


def given(name: str) -> list[dict[str, str]]:
    with (SOURCES / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="module")
def held(store: Store) -> dict[str, list[tuple[str, str, str, str]]]:
    """For each function what the record's table says of who holds it: bearer, first day, last day, mark."""
    found: dict[str, list[tuple[str, str, str, str]]] = defaultdict(list)
    for row in store.select(
        "SELECT ?f ?b ?from ?to ?mark WHERE { ?s a ics:RegimeStatement ; ics:relation ics:holds ; ics:matter ?f ; ics:bearer ?b ; "
        "ics:confidence ?mark ; ics:validFrom ?from OPTIONAL { ?s ics:validTo ?to } }"
    ):
        found[row["f"].value.removeprefix(ID + "function/")].append(
            (
                row["b"].value.replace(ID + "body/", "body:").replace(DEF, "kind:"),
                row["from"].value,
                row["to"].value if "to" in row else "9999-12-31",
                row["mark"].value.removeprefix(DEF).lower(),
            )
        )
    return dict(found)


def meant(name: str) -> str:
    return KINDS.get(name, "kind:" + name)


def simple(bearer: str) -> str:
    """Councils by one name: which of them a row means is said by its own words."""
    return "kind:council" if bearer in ("kind:ResponsibleLocalAuthority", "kind:LocalAuthority") else bearer


# Rows of which less is certain than they say, each with why.
LESS_CERTAIN = {
    ("child-death-review", "2018-06-29"): "SI 2018/497 kept the former boards until each area's arrangements began",
}


def differing(held: dict[str, list[tuple[str, str, str, str]]]) -> list[str]:
    """Rows on whose first day the record has other holders, or another mark."""
    found = []
    for row in given("everyday_functions.csv"):
        mine = held.get(row["id"])
        if mine is None or row["id"] in DEPARTS or "not known" in row["who_holds"] or " or " in row["who_holds"]:
            continue
        wanted = {meant(one.strip()) for one in row["who_holds"].split(";")}
        day = row["valid_from"]
        now = [(b, mark) for b, first, last, mark in mine if first <= day < last]
        if {simple(b) for b, _ in now} != {simple(w) for w in wanted}:
            found.append(f"{row['id']} on {day}: {sorted(b for b, _ in now)}, not {sorted(wanted)}")
        if (row["id"], day) not in LESS_CERTAIN and any(mark != row["confidence"] for _, mark in now):
            found.append(f"{row['id']} on {day}: is not marked {row['confidence']}")
    return found


def test_who_holds_each_function_is_as_its_row_says(held: dict[str, list[tuple[str, str, str, str]]]) -> None:
    assert len({r["id"] for r in given("everyday_functions.csv")}) == 234
    assert differing(held) == []


def test_another_holder_and_another_mark_are_noticed(held: dict[str, list[tuple[str, str, str, str]]]) -> None:
    (bearer, first, last, mark), *rest = held["nhs-111"]
    assert differing({**held, "nhs-111": [("body:cqc", first, last, mark), *rest]})
    assert differing({**held, "nhs-111": [(bearer, first, last, "verified"), *rest]})


def test_each_function_of_the_rows_has_its_regimes_without_gap(store: Store) -> None:
    spans: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in store.select(
        "SELECT ?f ?from ?to WHERE { ?r a ics:Regime ; ics:regimeOf ?f ; ics:validFrom ?from OPTIONAL { ?r ics:validTo ?to } }"
    ):
        spans[row["f"].value.removeprefix(ID + "function/")].append(
            (row["from"].value, row["to"].value if "to" in row else "")
        )
    rows = given("everyday_functions.csv")
    assert set(spans) == {r["id"] for r in rows} | set(APART)
    for function, found in spans.items():
        ordered = sorted(found)
        mine = [r for r in rows if r["id"] == APART.get(function, function)]
        assert ordered[0][0] == min(r["valid_from"] for r in mine), function
        assert [a[1] for a in ordered[:-1]] == [b[0] for b in ordered[1:]], function
        assert ordered[-1][1] == "", function


def recalled_and_settled(entries: list[tuple[str, str, set[str]]]) -> list[str]:
    """Entries of the ledger that are settled though all that carries them was only recalled, or is our reading."""
    return [e for e, standing, marks in entries if standing == "Settled" and marks <= {"Recalled", "Derived"}]


def test_nothing_recalled_is_settled(store: Store) -> None:
    marks: dict[str, set[str]] = defaultdict(set)
    standing: dict[str, str] = {}
    for row in store.select(
        "SELECT ?e ?standing ?mark WHERE { ?e a ics:Responsibility ; ics:hasStanding ?standing ; ics:isCarriedBy ?s . "
        "?s a ics:RegimeStatement ; ics:confidence ?mark FILTER NOT EXISTS { ?e ics:isCarriedBy ?other . FILTER NOT EXISTS { ?other a ics:RegimeStatement } } }"
    ):
        standing[row["e"].value] = row["standing"].value.removeprefix(DEF)
        marks[row["e"].value].add(row["mark"].value.removeprefix(DEF))
    entries = [(e, s, marks[e]) for e, s in standing.items()]
    assert len(entries) > 2000
    assert recalled_and_settled(entries) == []
    assert recalled_and_settled([("planted", "Settled", {"Recalled"})]) == ["planted"]


def test_what_was_recalled_says_so(store: Store) -> None:
    silent = store.select(
        'SELECT ?s WHERE { ?s a ics:RegimeStatement ; ics:confidence ics:Recalled ; ics:text ?text FILTER(!CONTAINS(?text, "recalled")) }'
    )
    assert silent == []


# Kinds of the rows that are one body in the record.
BEARER = {"NationalCommissioner": ID + "body/X24"}


@pytest.fixture(scope="module")
def bound(store: Store) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """For each provision and bearer the days on which a statement that rests on it binds the bearer."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for row in store.select(
        "SELECT ?p ?b ?from ?to WHERE { ?s ics:relation ics:isBoundBy ; ics:restsOn ?p ; ics:bearer ?b "
        "OPTIONAL { ?s ics:validFrom ?from } OPTIONAL { ?s ics:validTo ?to } }"
    ):
        key = (row["p"].value.removeprefix(ID + "provision/"), row["b"].value)
        found[key].append((row["from"].value if "from" in row else "", row["to"].value if "to" in row else ""))
    return dict(found)


def joined(windows: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """Windows, and those that follow one on the other as one: a duty that is owed to another from some day binds all the same."""
    found = set(windows)
    for first, last in sorted(windows):
        found |= {(start, last) for start, end in list(found) if end and end == first}
    return found


def unlike(bound: dict[tuple[str, str], list[tuple[str, str]]]) -> list[str]:
    """Windows of the given duties that no statement has."""
    found = []
    for row in given("duties.csv"):
        for window in row["binds_periods"].split(";"):
            name, first, last = window.rsplit(":", 2)
            if (row["id"], name) in LEFT:
                continue
            bearer = BEARER.get(name, ID + name.replace("body:", "body/") if name.startswith("body:") else DEF + name)
            mine = bound.get((row["id"], bearer), [])
            # What was before April 2013 the record does not tell.
            firsts = {first, max(first, "2013-04-01")}
            if not any(f in firsts and t == (last or row["in_force_to"]) for f, t in joined(mine)):
                found.append(f"{row['id']} {name} {first}..{last}: {mine}")
    return found


def test_each_duty_binds_each_bearer_in_its_own_window(
    store: Store, bound: dict[tuple[str, str], list[tuple[str, str]]]
) -> None:
    rows = given("duties.csv")
    assert len(rows) == 232
    known = {
        r["p"].value.removeprefix(ID + "provision/") for r in store.select("SELECT ?p WHERE { ?p a ics:Provision }")
    }
    assert {r["id"] for r in rows} <= known
    assert {r["id"] for r in rows} <= {provision for provision, _ in bound}
    assert unlike(bound) == []


def test_a_window_that_begins_late_is_noticed(bound: dict[tuple[str, str], list[tuple[str, str]]]) -> None:
    key = ("foia2000-s1", DEF + "IntegratedCareBoard")
    assert unlike({**bound, key: [("2023-07-01", "")]}) == [
        "foia2000-s1 IntegratedCareBoard 2022-07-01..: [('2023-07-01', '')]"
    ]


# Windows that the record has otherwise, and why.
LEFT = {
    ("foia2000-s19", "NHSTrust"): "the health service kept schemes since 31 October 2003",
    ("foia2000-s19", "NHSFoundationTrust"): "no foundation trust before April 2004",
    ("foia2000-s19", "SpecialHealthAuthority"): "the health service kept schemes since 31 October 2003",
    ("foia2000-s19", "ResponsibleLocalAuthority"): "councils kept schemes since 28 February 2003",
    ("foia2000-s19", "DistrictCouncil"): "councils kept schemes since 28 February 2003",
    ("uksi2018-952-r6", "NationalCommissioner"): "nothing had to be accessible before 23 September 2019",
    ("uksi2018-952-r6", "NHSTrust"): "nothing had to be accessible before 23 September 2019",
    ("uksi2018-952-r6", "NHSFoundationTrust"): "nothing had to be accessible before 23 September 2019",
    ("uksi2018-952-r6", "ResponsibleLocalAuthority"): "nothing had to be accessible before 23 September 2019",
    ("uksi2018-952-r6", "DistrictCouncil"): "nothing had to be accessible before 23 September 2019",
    ("uksi2018-952-r6", "ClinicalCommissioningGroup"): "nothing had to be accessible before 23 September 2019",
    ("uksi2018-952-r6", "CombinedAuthority"): "nothing had to be accessible before 23 September 2019",
    ("uksi2018-952-r8", "NationalCommissioner"): "nothing had to be accessible before 23 September 2019",
    ("uksi2018-952-r8", "NHSTrust"): "nothing had to be accessible before 23 September 2019",
    ("uksi2018-952-r8", "NHSFoundationTrust"): "nothing had to be accessible before 23 September 2019",
    ("uksi2018-952-r8", "ResponsibleLocalAuthority"): "nothing had to be accessible before 23 September 2019",
    ("uksi2018-952-r8", "DistrictCouncil"): "nothing had to be accessible before 23 September 2019",
    ("uksi2018-952-r8", "ClinicalCommissioningGroup"): "nothing had to be accessible before 23 September 2019",
    ("uksi2018-952-r8", "CombinedAuthority"): "nothing had to be accessible before 23 September 2019",
    ("hswa1974-s2", "NHSTrust"): "no trust before April 1991",
    ("hswa1974-s3", "NHSTrust"): "no trust before April 1991",
    ("pra1958-s3", "NHSTrust"): "no trust before April 1991",
    ("nhsa2006-s252A", "NationalCommissioner"): "on record by the text of each time",
    ("nhsa2006-s252A", "ClinicalCommissioningGroup"): "on record by the text of before July 2022",
    ("pbama1960-s1", "IntegratedCareBoard"): "on record by the paragraph that lists boards",
    ("pcsca2022-s8", "IntegratedCareBoard"): "on record by the Schedule that lists boards",
    ("ctsa2015-s38", "IntegratedCareBoard"): "on record by the Schedule that lists boards",
    ("uksi2025-1212", "ResponsibleLocalAuthority"): "on record for every local authority",
    (
        "uksi2012-2996-r32B",
        "NationalCommissioner",
    ): "a text as at 1 October 2014 was read; the earlier day was recalled",
    (
        "uksi2012-2996-r32B",
        "ClinicalCommissioningGroup",
    ): "a text as at 1 October 2014 was read; the earlier day was recalled",
}


def meant_otherwise(names: Names, words: list[dict[str, str]]) -> list[str]:
    """Words for a part of a function, or for a neighbour, that name another than they should, or one where several may be meant."""
    found = []
    for row in words:
        try:
            mine = {names.find(row["said"], "Function").value.removeprefix(ID + "function/")}
        except NotFound as error:
            mine = {near.removeprefix(ID + "function/") for near in error.candidates}
        if mine != set(row["functions"].split(";")):
            found.append(f"{row['said']}: {sorted(mine)}")
    return found


def test_words_for_a_part_name_the_part_or_leave_a_choice(names: Names) -> None:
    """Basis: law and source, as each row says."""
    words = given("words_of_parts.csv")
    assert len(words) > 20
    assert meant_otherwise(names, words) == []
    assert meant_otherwise(names, [{"said": "vasectomy", "functions": "contraception"}]) == [
        "vasectomy: ['sterilisation']"
    ]


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


# Measures that began on a day, by the words that tell of them. Basis: law (the day of the instrument), or source.
MEASURES = {
    r"integrated care boards?|\byour (?:integrated care )?board": "2022-07-01",
    r"before treatment": "2017-10-23",
    r"network services|primary care network": "2019-07-01",
    r"\bRSV\b": "2024-09-01",
    r"shingles": "2013-09-01",
    r"lung screening programme": "2023-06-26",
    r"replace a medicine": "2019-02-09",
    r"safe accommodation|Greater London Authority": "2021-10-01",
    r"UK Health Security Agency": "2021-10-01",
    r"accessible information": "2016-07-31",
    r"joint forward plan": "2022-07-01",
    r"59 services": "2023-04-01",
    r"Counter Fraud Authority": "2017-11-01",
    r"medical examiners?": "2019-04-01",
    r"personal health budget": "2014-10-01",
    r"since \w+ (?P<year>20\d\d)": "",
}
# A day told in the sentence itself, as of something that was still to come, and words that say that it is of another time.
_TOLD = re.compile(r"\b(?:from|until|before|called .* since) (?:\w+ )?20\d\d|\(before July 2022")


def told_too_early(rows: list[dict[str, str]]) -> list[str]:
    """Regimes whose sentence tells of a measure that began after their first day, and does not say so."""
    found = []
    for row in rows:
        for words, first in MEASURES.items():
            met = re.search(words, row["sentence"])
            begins = first or f"{met['year']}-01-01" if met else ""
            # An open regime is told of today; one that ended is told of its own days.
            over = row["valid_to"] and row["valid_to"] <= begins
            before = row["valid_to"] and row["valid_from"] < begins
            if met and (over or before) and not _TOLD.search(row["sentence"]):
                found.append(f"{row['id']}: {met[0]}")
    return found


def test_no_regime_is_told_with_the_law_of_a_later_one() -> None:
    rows = table(REGIMES)
    assert told_too_early(rows) == []
    late = {
        "id": "planted",
        "valid_from": "2015-04-06",
        "valid_to": "2017-10-23",
        "sentence": "It charges before treatment.",
    }
    assert told_too_early([late]) == ["planted: before treatment"]


def licensed_too_widely(found: list[tuple[str, str, str, str]]) -> list[str]:
    """Statements by which a licensor regulates all who provide, or NHS trusts before they needed a licence."""
    return [
        statement
        for statement, regulator, party, first in found
        if regulator in ("monitor", "X24") and (not party or (party == "NHS trusts" and first < "2023-04-01"))
    ]


def test_a_licence_reaches_the_kinds_of_provider_that_need_it(store: Store) -> None:
    """Law: Health and Social Care Act 2012 s.81, SI 2013/2677 regs.3-4; NHS trusts since 1 April 2023 (2022 Act s.51)."""
    found = [
        (
            r["s"].value,
            r["b"].value.rpartition("/")[2],
            r["party"].value if "party" in r else "",
            r["from"].value,
        )
        for r in store.select(
            "SELECT ?s ?b ?party ?from WHERE { ?s a ics:RegimeStatement ; ics:relation ics:inspects ; ics:bearer ?b ; ics:validFrom ?from "
            "OPTIONAL { ?s ics:licensedParty ?party } }"
        )
    ]
    assert sum(bool(party) for _, _, party, _ in found) > 300
    assert licensed_too_widely(found) == []
    assert licensed_too_widely([("planted", "X24", "NHS trusts", "2022-07-01"), ("wide", "monitor", "", "2013-04-01")])


def routes_apart(rows: list[dict[str, str]]) -> list[str]:
    """Regimes of what NHS England delegated to boards in primary care and dentistry whose complaints do not move with the family's.

    They went to NHS England until 1 July 2023 and go to the board since.
    """
    found = []
    for row in rows:
        heard = set(row["complain_to"].split(";"))
        if "nhsa2006-s65Z5" not in row["law"] or "PrimaryMedical" in row["law"] or not FAMILY & {row["function"]}:
            continue
        if row["valid_from"] < "2023-07-01":
            wrong = "kind:IntegratedCareBoard" in heard or not row["valid_to"] or row["valid_to"] > "2023-07-01"
        else:
            wrong = "body:X24" in heard or "kind:IntegratedCareBoard" not in heard
        if wrong and row["complain_to"]:
            found.append(row["id"])
    return found


FAMILY = {
    "primary-medical-services",
    "primary-dental-services",
    "primary-ophthalmic-services",
    "community-pharmacy-services",
    "secondary-and-community-dental",
    "orthodontics",
    "pharmacy-opening-hours",
    "pharmacy-applications",
    "dispensing-doctors",
    "gp-registration",
    "gp-practice-changes",
    "gp-premises",
    "gp-extended-access",
    "contraception-general-practice",
}


def test_complaints_about_delegated_primary_care_move_on_one_day() -> None:
    rows = table(REGIMES)
    assert {r["function"] for r in rows} >= FAMILY
    assert routes_apart(rows) == []
    uncut = [{**r, "valid_to": ""} for r in rows if r["id"] == "secondary-and-community-dental-2023-04-01"]
    assert routes_apart(uncut) == ["secondary-and-community-dental-2023-04-01"]


def policy_as_law(rows: list[dict[str, str]], laws: set[str]) -> list[str]:
    """Regimes that rest first on what is no law, and do not say that policy is their basis."""
    return [
        r["id"] for r in rows if r["law"].split(";")[0] not in laws and not r["basis"].startswith(("policy", "grant"))
    ]


def test_what_rests_on_policy_says_so() -> None:
    kinds = {i["id"]: i["kind"] for i in table(INSTRUMENTS)}
    laws = {
        p["id"]
        for p in table(PROVISIONS)
        if p["status"] in ("enacted", "not commenced")
        and kinds[p["instrument"]] not in ("policy or guidance", "practice document")
    }
    rows = table(REGIMES)
    assert policy_as_law(rows, laws) == []
    assert policy_as_law([{"id": "planted", "law": "policy-mnsi", "basis": "statute"}], laws) == ["planted"]
