"""An independent reader's sixty questions on the five papers: each set, and each sentence as it was typed."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

import pytest

from icsgraph.ask.desk import Desk
from icsgraph.ask.finder import Finder
from icsgraph.ask.reading.reading import Choice, Reading

TODAY = dt.date(2026, 11, 23)
ASKED = tomllib.loads((Path(__file__).parent / "competency_5.toml").read_text(encoding="utf-8"))["question"]
# What a sentence does: leads to the exact set at once or as the first choice, as one of three, or not.
FIRST, THREE, NOT = "first", "three", "not"


@pytest.fixture(scope="module")
def finder(desk: Desk) -> Finder:
    return Finder(desk)


def gathered(desk: Desk, question: str, values: dict[str, str]) -> set[str]:
    """The ids of the statements of papers in the rows of an answer, both sides of a disagreement among them."""
    rows = desk.ask(question, values).rows
    found = {str(row[c]) for row in rows for c in ("statement", "one", "other") if row.get(c)}
    return {id for id in found if id[0] == "S"}


def offered(found: Reading) -> list[Choice]:
    """What a reader sees first: the answer given at once, then the choices."""
    return [*([found.decided] if found.decided else []), *found.choices]


def reached(desk: Desk, finder: Finder, sentence: str, wanted: set[str]) -> str:
    """Where a sentence leads."""
    choices = offered(finder.find(sentence, today=TODAY))[:3]
    exact = [
        bool(c.question) and not c.missing and gathered(desk, c.question.id, c.values) == wanted  # type: ignore[union-attr]
        for c in choices
    ]
    return FIRST if exact[:1] == [True] else THREE if True in exact else NOT


@pytest.mark.parametrize("asked", ASKED, ids=lambda q: str(q["id"]))
def test_each_set_is_that_of_the_reader(desk: Desk, asked: dict[str, object]) -> None:
    values, wanted = asked["give"], set(str(asked["statements"]).split())
    assert isinstance(values, dict)
    # source: the hand answer as it stood after the second reading; what an earlier list has otherwise is named.
    apart = set(str(asked.get("apart", "")).split())
    assert gathered(desk, str(asked["ask"]), values) ^ wanted == apart


@pytest.mark.parametrize("asked", ASKED, ids=lambda q: str(q["id"]))
def test_each_sentence_leads_where_it_did(desk: Desk, finder: Finder, asked: dict[str, object]) -> None:
    wanted = set(str(asked["statements"]).split())
    # regression: what a sentence reached, and no less.
    assert reached(desk, finder, str(asked["text"]), wanted) == asked["leads"]


def test_the_lists_are_whole_and_can_fail(desk: Desk, finder: Finder) -> None:
    assert len({q["id"] for q in ASKED}) == len(ASKED) == 60
    assert sum("apart" not in q for q in ASKED) >= 57
    assert sum(q["leads"] == FIRST for q in ASKED) >= 45
    one = ASKED[0]
    assert gathered(desk, one["ask"], {**one["give"], "kinds": "question"}) != set(one["statements"].split())
    assert reached(desk, finder, "who pays for dentists", set(one["statements"].split())) == NOT


# Sentences that were answered at once although words that narrow had been left out, or in silence though the papers speak; basis: source.
KEPT = {
    "dates in the letter": {"papers": "letter"},
    "question 7 of the FAQs": {"parts": "faq-q7"},
    "what does FAQ 7 say": {"source": "faq-q7"},
    "paragraph 28": {"parts": "providers-para-28"},
    "recommendation 5 of the letter": {"parts": "letter-rec-5"},
    "which proposals of the recommendation were enacted": {"models": "recommendation-2021", "fates": "enacted"},
    "where do the letter and the FAQs disagree": {"papers": "letter,faq"},
    "What does option 1 keep?": {"models": "option-1"},
    "what became of option 1": {"models": "option-1"},
    "what begins under the white paper": {"models": "white-paper-2021", "changes": "begins"},
    "what does the Government say about tendering": {"voice": "government", "topics": "tendering"},
    "what does NHSE/I say about the triple aim": {"voice": "nhse-i", "topics": "triple-aim"},
    "what does NHS Providers ask": {"voice": "nhs-providers", "stances": "asks"},
    "concerns of NHS Providers about governors": {"voice": "nhs-providers", "kinds": "concern", "topics": "governors"},
}


@pytest.mark.parametrize(("typed", "meant"), KEPT.items(), ids=KEPT.keys())
def test_no_word_that_narrows_is_dropped(finder: Finder, typed: str, meant: dict[str, str]) -> None:
    assert offered(finder.find(typed, today=TODAY))[0].values == meant


def test_what_is_left_out_or_silent_is_offered_and_not_answered(desk: Desk, finder: Finder) -> None:
    left = finder.find("What does paragraph 14.f of the NHS Providers submission say about leadership?", today=TODAY)
    # A word that nobody used may be what narrows.
    assert left.not_used == ("leadership",)
    assert left.decided is None
    # Nobody's stance is on record in so many words: the question is offered.
    silent = finder.find("what does NHSE/I fear about the single pot", today=TODAY)
    assert silent.decided is None
    assert silent.choices


def ids(desk: Desk, question: str, **values: str) -> set[str]:
    return gathered(desk, question, values)


def test_a_voice_takes_in_what_another_reports_it_to_say(desk: Desk) -> None:
    """Basis: source, the letter tells what the Government supports, and three papers what NHS England says."""
    assert {"S044", "S045", "S053"} <= ids(desk, "what-do-papers-say", voices="government")
    assert ids(desk, "what-does-voice-say", voice="government", topics="tendering") == {"S045", "S046"}
    assert ids(desk, "what-was-promised", voices="nhse-i", papers="nel", topics="staff") == {
        "S271",
        "S272",
        "S275",
        "S276",
        "S277",
        "S684",
    }
    # Near miss: a voice that reports does not take in whom it reports, nor does a reported one its speaker's own words.
    assert "S044" not in ids(desk, "what-do-papers-say", voices="nhse-i")
    assert "S013" not in ids(desk, "what-do-papers-say", voices="nhse-i-reported-by-nel")


ABOUT = {
    "ICS partnership board": "S021 S107 S132 S230",
    "Governors": "S120 S449 S450 S451 S452 S453 S518 S519 S523 S542 S543 S544 S545 S546 S591 S672",
    "Hospice": "S481",
    "Local Government Association": "S550",
    "NHS Clinical Commissioners": "S125",
    "Healthwatch": "S521 S592",
    "Department of Health and Social Care": "S043 S388 S427 S429 S432",
    "Committee": "",
    "AnyPerson": "",
}


@pytest.mark.parametrize(("thing", "wanted"), ABOUT.items(), ids=ABOUT.keys())
def test_about_leads_to_what_statements_name(desk: Desk, thing: str, wanted: str) -> None:
    """A narrower name, a wider kind and a name that only the record has lead nowhere; basis: source."""
    assert ids(desk, "what-do-papers-say", about=thing) == set(wanted.split())


def test_around_takes_in_what_is_within_and_says_so(desk: Desk) -> None:
    narrow, wide = ids(desk, "what-do-papers-say", about="NHS body"), ids(desk, "what-do-papers-say", around="NHS body")
    assert narrow < wide
    # Trusts are NHS bodies, and the statement names trusts only.
    assert "S337" in wide - narrow
    assert "or what is within it" in desk.ask("what-do-papers-say", {"around": "NHS body"}).sentence


def test_a_change_and_a_fate_say_no_more_than_the_paper_and_the_act(desk: Desk) -> None:
    """Basis: source, the questions and answers, and the Act."""
    kept = desk.ask("what-stays-with-whom", {"models": "recommendation-2021"}).rows
    assert not any("clinical commissioning group" in str(r["who"]).casefold() for r in kept)
    assert (
        ids(desk, "what-would-change", changes="passes", to_whom="ProviderCollaborative", models="recommendation-2021")
        == set()
    )
    for one, fate in {
        "S134": "enacted-differently",
        "S260": "enacted-differently",
        "S336": "enacted-differently",
    }.items():
        assert desk.ask("what-became-of-proposal", {"proposal": one}).rows[0]["fate"].code == fate  # type: ignore[union-attr]
    # The same proposal in two papers has one fate.
    for first, second in (("S139", "S265"), ("S140", "S685"), ("S129", "S255"), ("S131", "S256"), ("S134", "S260")):
        fates = {str(desk.ask("what-became-of-proposal", {"proposal": s}).rows[0]["fate"]) for s in (first, second)}
        assert len(fates) == 1 or (first, second) == ("S129", "S255"), (first, second)


def test_a_paper_says_its_own_statements_and_not_what_is_read_out_of_it(desk: Desk) -> None:
    assert ids(desk, "what-does-source-say", source="letter-rec-3") == {"S017", "S018", "S019"}
    assert {str(r["statement"])[0] for r in desk.ask("what-does-source-say", {"source": "letter-rec-3"}).rows} == {"S"}


def test_an_answer_from_papers_names_no_law_as_its_own(desk: Desk) -> None:
    answer = desk.ask("where-do-papers-disagree", {"topics": "primary-care-seat"}).to_dict()
    assert answer["reports"] is True
    assert answer["law_of"] == ""
    assert {str(s["voice"]) for s in answer["statements"]}.isdisjoint({"the-law"})  # type: ignore[attr-defined]
    assert {str(s["voice"]) for s in answer["beside"]} >= {"the-law"}  # type: ignore[attr-defined]
    assert all(row["statement"] for row in answer["rows"])  # type: ignore[attr-defined]
    law = desk.ask("who-appoints", {"post": "icb-chair"}).to_dict()
    assert (law["reports"], law["law_of"]) == (False, "act-2022")


def test_questions_narrow_by_side_receiver_day_and_paper(desk: Desk) -> None:
    assert ids(desk, "what-speaks-for-and-against", models="option-1", sides="con") == {
        "S489",
        "S491",
        "S493",
        "S495",
        "S497",
        "S498",
    }
    assert "S608" not in ids(desk, "what-would-change", changes="passes", to_whom="HealthServiceProvider")
    assert {"S138", "S466"} <= ids(desk, "what-would-change", changes="passes", to_whom="HealthServiceProvider")
    assert ids(desk, "which-dates-are-set", since="2022-04-01", until="2022-04-30") == {
        "S075",
        "S079",
        "S096",
        "S167",
        "S201",
        "S282",
    }
    assert ids(desk, "which-claims-are-corroborated", topics="staff", papers="confed,nel") == {
        "S170",
        "S171",
        "S275",
        "S277",
    }
