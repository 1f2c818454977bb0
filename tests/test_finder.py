"""What people type, and what it may mean: suggestions, sentences, names; the answer in one sentence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from icsgraph.ask.brevity import listed
from icsgraph.ask.desk import Desk
from icsgraph.ask.finder import Finder
from icsgraph.ask.says import sentence
from icsgraph.core.answer import Answer, Cell, Thing
from icsgraph.core.errors import NotFound
from tests.conftest import TODAY


@pytest.fixture(scope="module")
def finder(desk: Desk) -> Finder:
    return Finder(desk)


# What people ask, with the question that must be answered and the values it must have. Source: reference/practice/questions.md.
MEANT = {
    "who do I hold to account for NHS dentistry in Newham?": (
        "who-is-accountable-for",
        {"function": "primary-dental-services", "area": "E09000025"},
    ),
    "what happened to Frimley ICB?": ("what-became-of", {"body": "QNQ"}),
    "who approves our constitution?": ("who-approves", {"matter": "icb-constitution"}),
    "who appoints the ICB chair": ("who-appoints", {"post": "icb-chair"}),
    "who appoints the chair of Barts Health": ("who-appoints", {"post": "nhs-trust-chair"}),
    "who funds NHS England?": ("who-funds", {"body": "X24"}),
    "who can I sue over ambulance services": ("who-is-liable-for", {"function": "ambulance-services"}),
    "which NHS England jobs has West Yorkshire ICB been given": ("what-is-delegated", {"body": "QWO"}),
    "NHS Devon CCG has been abolished, who covers its area now": ("what-became-of", {"body": "15N"}),
    "can the public go to an ICB board meeting": ("who-is-bound-by", {"duty": "meetings-in-public"}),
    "what does the Equality Act say": ("what-does-source-say", {"source": "ukpga-2010-15"}),
    "how many integrated care boards are there": ("how-many-bodies", {"kind": "IntegratedCareBoard"}),
}


@pytest.mark.parametrize(("typed", "meant"), MEANT.items(), ids=MEANT.keys())
def test_a_sentence_leads_to_its_question(finder: Finder, typed: str, meant: tuple[str, dict[str, str]]) -> None:
    decided = finder.find(typed, today=TODAY).decided
    assert decided is not None
    assert decided.question is not None
    assert (decided.question.id, decided.values) == meant


def acts(finder: Finder, typed: str) -> set[str]:
    """The Acts whose pages are answered or offered."""
    found = finder.find(typed, today=TODAY)
    return {c.thing.code for c in (found.decided, *found.choices) if c and c.thing}


def test_an_act_is_known_without_its_year_and_several_of_one_name_are_offered(finder: Finder) -> None:
    """An Act is not taken apart into a service that is called alike; basis: source."""
    assert acts(finder, "Care Act") == {"ukpga-2014-23"}
    assert acts(finder, "Mental Health Act") == {"ukpga-1983-20", "ukpga-2025-33"}
    # Planted: no Act is called so.
    assert acts(finder, "Localism Act") == set()


# What people ask of the papers. Source: the report of an independent reader, whose words for stances, papers, models and parties were lost.
ABOUT_PAPERS = {
    "what must be settled first": ("what-do-papers-say", {"topics": "settle-first"}),
    "what do the FAQs promise staff": ("what-was-promised", {"papers": "faq", "topics": "staff"}),
    "what does the letter leave to local flexibility": (
        "what-do-papers-say",
        {"papers": "letter", "topics": "local-flexibility"},
    ),
    "who opposes a statutory footing": ("who-thinks-what-about", {"topic": "statutory-footing", "stances": "opposes"}),
    "which questions were answered": ("which-questions-were-asked", {"states": "answered"}),
    "what does NHS Providers say about governors": (
        "what-does-voice-say",
        {"voice": "nhs-providers", "topics": "governors"},
    ),
    "what does NHS Providers doubt about option 2": (
        "what-does-voice-say",
        {"voice": "nhs-providers", "scenarios": "option-2", "stances": "doubts"},
    ),
    "where do NHS England and NHS Providers disagree about the veto": (
        "where-do-papers-disagree",
        {"topics": "veto", "voices": "nhse-i,nhs-providers"},
    ),
    "who must sit on the board in option 2": (
        "what-do-papers-say",
        {"topics": "board-minimum", "scenarios": "option-2"},
    ),
    "what would end under option 2": ("what-would-change", {"models": "option-2", "changes": "ends"}),
}


@pytest.mark.parametrize(("typed", "meant"), ABOUT_PAPERS.items(), ids=ABOUT_PAPERS.keys())
def test_words_of_stance_paper_model_and_party_are_kept(
    finder: Finder, typed: str, meant: tuple[str, dict[str, str]]
) -> None:
    decided = finder.find(typed, today=TODAY).decided
    assert decided is not None
    assert decided.question is not None
    assert (decided.question.id, decided.values) == meant


def test_a_disagreement_stands_between_two_voices(desk: Desk) -> None:
    """One voice: what it takes part in. Two: what stands between them, whoever reports them."""
    one = {row["about"] for row in desk.ask("where-do-papers-disagree", {"voices": "nhs-confederation"}).rows}
    two = {
        row["about"] for row in desk.ask("where-do-papers-disagree", {"voices": "nhs-confederation,nhs-providers"}).rows
    }
    # source: the Confederation against the triple aim's reach, and against those who would have no law
    assert {"NHS partners only or councils too", "Whether systems should be statutory"} <= {str(c) for c in one}
    assert {str(c) for c in two} == {"Whether systems should be statutory", "How firmly the proposals are backed"}


@pytest.mark.parametrize(
    ("what", "where", "id", "values"),
    [
        ("dentist", "Newham", "who-is-accountable-for", {"function": "primary-dental-services", "area": "E09000025"}),
        ("GP", "", "who-is-accountable-for", {"function": "primary-medical-services"}),
        ("ambulance", "", "who-is-accountable-for", {"function": "ambulance-services"}),
        ("children's safeguarding", "", "who-is-accountable-for", {"function": "child-safeguarding"}),
        ("money", "", "who-is-accountable-for", {"function": "nhs-allocations"}),
        ("triple aim", "QMF", "who-is-bound-by", {"duty": "triple-aim", "area": "QMF"}),
        ("", "Newham", "which-bodies-cover", {"area": "E09000025"}),
    ],
)
def test_a_name_leads_straight_to_its_first_question(
    finder: Finder, what: str, where: str, id: str, values: dict[str, str]
) -> None:
    decided = finder.find(what, where, today=TODAY).decided
    assert decided is not None
    assert decided.question is not None
    assert (decided.question.id, decided.values) == (id, values)


@pytest.mark.parametrize(("typed", "code"), [("Frimley ICB", "QNQ"), ("Oxfordshire CCG", "10Q"), ("GSTT", "RJ1")])
def test_a_body_leads_to_its_page(finder: Finder, typed: str, code: str) -> None:
    decided = finder.find(typed, today=TODAY).decided
    assert decided is not None
    assert decided.thing is not None
    assert decided.thing.code == code


def test_what_is_misspelt_is_offered_and_said(finder: Finder) -> None:
    found = finder.find("dentist in Birmingam", today=TODAY)
    assert found.decided is None
    assert found.choices[0].values == {"function": "primary-dental-services", "area": "E08000025"}
    assert found.notes == ("“Birmingam” is read as Birmingham",)


def test_nonsense_finds_nothing_and_says_so(finder: Finder) -> None:
    found = finder.find("zzzz", today=TODAY)
    assert (found.decided, found.choices) == (None, ())
    assert found.not_covered == "“zzzz” is not known here."


def test_a_word_that_was_not_used_is_named(finder: Finder) -> None:
    found = finder.find("who runs purple dentistry in Newham", today=TODAY)
    assert found.not_used == ("purple",)


# Expectation: the issue. Nothing of these may be answered as if it were a question about the record.
REFUSED = {
    "chest pain": ("emergency", "999"),
    "who runs the NHS in Glasgow": ("country", "Scotland"),
    "is my dentist taking NHS patients": ("subject", "not held"),
    "Wes Streeting": ("person", "people are not held"),
    "привет": ("script", "Latin"),
    "x " * 5000: ("long", "letters"),
    "": ("empty", "Nothing was asked"),
}


@pytest.mark.parametrize(("typed", "said"), REFUSED.items(), ids=[k[:20] for k in REFUSED])
def test_what_is_not_held_is_said_plainly(finder: Finder, typed: str, said: tuple[str, str]) -> None:
    found = finder.find(typed, today=TODAY)
    assert found.decided is None
    assert found.kind == said[0]
    assert said[1] in found.not_covered


def test_a_postcode_gives_its_council_and_is_cut_to_its_sector(finder: Finder) -> None:
    found = finder.find("dentist E15 4PZ", today=TODAY)
    assert found.decided is not None
    assert found.decided.values["area"] == "E09000025"
    assert "4PZ" not in found.kept + found.what
    assert any("by their practice's registration" in n for n in found.notes)


@pytest.mark.parametrize(
    ("typed", "area", "note"),
    [
        ("E7 9PR", "", "E7 9 is read by its postcodes"),
        ("M1 1", "E08000003", "M1 1 is read by its postcodes"),
        ("SO14", "E06000045", "SO14 is read by its postcodes"),
        ("in Glossop", "E07000037", "Glossop is read as a place in High Peak"),
        ("Millom", "E06000063", "Millom is read as a place in Cumberland"),
    ],
)
def test_a_place_alone_that_is_no_body_s_area_is_answered_by_its_council(
    finder: Finder, typed: str, area: str, note: str
) -> None:
    found = finder.find(typed, today=TODAY)
    offered = [c for c in (found.decided, *found.choices) if c and c.question]
    assert {c.question.id for c in offered if c.question} == {"which-bodies-cover"}
    # A postcode that is divided is offered with each of its councils.
    assert [c.values["area"] for c in offered] == ([area] if area else ["E09000025", "E09000031"])
    assert any(n.startswith(note) for n in found.notes)


def test_what_only_looks_like_a_postcode_and_is_the_name_of_a_section_is_left_whole(finder: Finder) -> None:
    found = finder.find("s13YB", today=TODAY)
    assert found.what == "s13YB"
    assert found.decided is not None
    assert found.decided.thing is not None
    assert found.decided.thing.code == "s13YB"


def test_near_me_is_answered_where_a_postcode_says_where_that_is(finder: Finder) -> None:
    found = finder.find("dentist near me M1 1AE", today=TODAY)
    assert found.decided is not None
    assert found.decided.values == {"function": "primary-dental-services", "area": "E08000003"}
    assert finder.find("dentist near me", today=TODAY).kind == "nearby"


def test_a_hospital_is_known_without_its_article(finder: Finder) -> None:
    found = finder.find("Royal London Hospital", today=TODAY)
    assert any(c.thing and c.thing.code == "R1H" for c in (found.decided, *found.choices) if c)


def test_a_town_is_shown_as_a_guess_at_its_council(finder: Finder) -> None:
    found = finder.find("pharmacy", "Huddersfield", today=TODAY)
    assert found.decided is not None
    assert found.decided.values["area"] == "E08000034"
    assert found.notes == ("Huddersfield is read as a place in Kirklees",)


def test_a_place_that_is_not_known_is_said_and_no_other_is_guessed(finder: Finder) -> None:
    found = finder.find("dentist", "Xyzzyville", today=TODAY)
    assert found.decided is None
    assert "Xyzzyville" in found.not_covered
    assert not any("area" in c.values for c in found.choices)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("who ran dentistry in Cornwall in October 2022", "2022-10-15"),
        ("who ran dentistry in Cornwall on 31 December 2025", "2025-12-31"),
        ("who ran dentistry in Cornwall before July 2022", "2022-06-30"),
        ("who ran dentistry in Cornwall in 2019", "2019-07-01"),
        ("who ran dentistry in Cornwall last April", "2026-04-15"),
    ],
)
def test_days_in_words_are_understood(finder: Finder, typed: str, day: str) -> None:
    decided = finder.find(typed, today=TODAY).decided
    assert decided is not None
    assert decided.as_at == day


def test_every_question_finds_itself_by_its_own_sentence(finder: Finder, desk: Desk) -> None:
    lost = []
    for question in desk.catalogue.questions.values():
        # Words that name nothing on record, such as a code of any scheme, are filled in and not read out of a sentence.
        if any(p.type == "Text" and p.default is None for p in question.parameters):
            continue
        for example in question.examples[:1]:
            found = finder.find(finder.sentence(question, example.values), today=TODAY)
            # A question that goes after a wider one, or whose value is a place's name too, may be the first that is offered.
            reached = (found.decided, *found.choices[:1])
            if not any(c is not None and c.question is question for c in reached):
                lost.append(question.id)
    assert lost == []


def test_suggestions_name_each_thing_once_those_that_exist_first(finder: Finder) -> None:
    found = finder.suggest("frim", "Body")
    assert [s.value for s in found[:1]] == ["Frimley Health NHS Foundation Trust"]
    assert len({s.label for s in found}) == len(found)
    assert [s.kind for s in found if s.label == "NHS Frimley Integrated Care Board"] == [
        "Integrated care board, until 2026-04-01"
    ]
    assert finder.suggest("", "Body") == finder.suggest("a", "NoSuchType") == []


def test_what_is_suggested_is_understood(finder: Finder, desk: Desk) -> None:
    for typed, kind in (("dent", "Function"), ("ess", "Area"), ("nhs", "Body"), ("chair", "Post")):
        for suggestion in finder.suggest(typed, kind):
            assert desk.names.find(suggestion.value, kind)


def test_every_question_says_its_answer_with_every_example(desk: Desk) -> None:
    for question in desk.catalogue.questions.values():
        for example in question.examples:
            answer = desk.ask(question.id, example.values, example.as_at, example.scenario)
            assert answer.says.endswith((".", "?")), question.id
            assert "{" not in answer.says, question.id
            assert "  " not in answer.says, question.id


SAID = {
    (
        "who-is-accountable-for",
        "2023-06-01",
    ): "NHS North East London Integrated Care Board exercises primary dental services in "
    "Newham and is liable for how it is done; NHS England holds the function in law; more below.",
    (
        "who-is-accountable-for",
        "2022-10-01",
    ): "NHS England is presumed to exercise primary dental services in Newham and to be liable for how it is done; "
    "it holds the function in law; it answers to Secretary of State for Health and Social Care.",
}


@pytest.mark.parametrize(("asked", "said"), SAID.items(), ids=[k[1] for k in SAID])
def test_the_sentence_follows_the_date(ask: Callable[..., Answer], asked: tuple[str, str], said: str) -> None:
    assert ask(asked[0], asked[1], function="dentist", area="Newham").says == said


def test_may_delegate_says_yes_no_and_depends(ask: Callable[..., Answer]) -> None:
    yes = ask("may-delegate", from_="QMF", to="E09000025", function="community health services")
    no = ask("may-delegate", from_="X24", to="QMF", function="icb-annual-assessment")
    assert yes.says.startswith(
        "Yes: NHS North East London Integrated Care Board may pass the function of arranging community health services"
    )
    assert no.says.startswith("No: no gateway lets NHS England pass")


def test_what_changed_and_what_is_doubtful_are_read_off_the_statements(ask: Callable[..., Answer]) -> None:
    answer = ask("who-is-accountable-for", "2023-06-01", function="dentist", area="Newham")
    assert answer.since == "2023-04-01"
    assert answer.until == ""
    assert answer.doubtful == []


def test_lists_in_sentences() -> None:
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c", "d", "e"]) == "a, b, c, d and e"
    assert listed(["a", "b", "c", "d", "e", "f"]) == "a, b, c, d and 2 others"


def test_a_sentence_without_a_template_counts_its_rows() -> None:
    rows: list[dict[str, Cell]] = [{"body": Thing("x", "X", "One")}, {"body": Thing("y", "Y", "Two")}]
    assert sentence("", ["body"], rows, {}) == "2 are on record: one and two."


@pytest.mark.parametrize(
    "words", ["continuing healthcare decisions", "CHC decisions", "continuing healthcare eligibility"]
)
def test_words_that_several_functions_share_choose_none_of_them(words: str, desk: Desk) -> None:
    """Also where they read like the code of one of them: only the code itself, as it is written, is a code."""
    both = ["continuing-healthcare-decisions", "continuing-healthcare-decisions-boards"]
    with pytest.raises(NotFound, match="may mean several things") as found:
        desk.names.find(words, "Function")
    assert [desk.names.code(t) for t in found.value.candidates] == both
    assert [desk.names.code(desk.names.find(code, "Function").value) for code in both] == both
