"""What people type, and what it may mean: suggestions, sentences, names; the answer in one sentence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from icsgraph.ask.desk import Desk
from icsgraph.ask.finder import Finder, Lead
from icsgraph.ask.says import listed, sentence
from icsgraph.core.answer import Answer, Cell, Thing
from icsgraph.core.errors import NotFound


@pytest.fixture(scope="module")
def finder(desk: Desk) -> Finder:
    return Finder(desk)


# What people ask, with the question that must come first and the values it must have. Source: reference/practice/questions.md.
MEANT = {
    "who do I hold to account for NHS dentistry in Newham?": (
        "who-is-accountable-for",
        {"function": "primary-dental-services", "area": "E09000025"},
    ),
    "may our ICB delegate this to the council?": (
        "may-delegate",
        {"from": "IntegratedCareBoard", "to": "ResponsibleLocalAuthority"},
    ),
    "what happened to Frimley ICB?": ("what-became-of", {"body": "QNQ"}),
    "who approves our constitution?": ("who-approves", {"matter": "constitution"}),
    "which duties bind our trust but not the council?": (
        "which-duties-bind-one-not-other",
        {"first": "trust", "second": "ResponsibleLocalAuthority"},
    ),
    "who appoints the ICB chair": ("who-appoints", {"post": "icb-chair"}),
    "who funds NHS England?": ("who-funds", {"body": "X24"}),
    "who can I sue over ambulance services": ("who-is-liable-for", {"function": "ambulance-services"}),
    "how many integrated care boards are there": ("how-many-bodies", {"kind": "IntegratedCareBoard"}),
}


@pytest.mark.parametrize(("typed", "meant"), MEANT.items(), ids=MEANT.keys())
def test_a_sentence_leads_to_its_question(finder: Finder, typed: str, meant: tuple[str, dict[str, str]]) -> None:
    first = finder.find(typed).leads[0]
    assert (first.question.id, first.values) == meant


@pytest.mark.parametrize(
    ("what", "where", "id", "values"),
    [
        ("dentist", "Newham", "who-is-accountable-for", {"function": "primary-dental-services", "area": "Newham"}),
        ("GP", "", "who-is-accountable-for", {"function": "primary-medical-services"}),
        ("ambulance", "", "who-is-accountable-for", {"function": "ambulance-services"}),
        ("children's safeguarding", "", "who-is-accountable-for", {"function": "child-safeguarding"}),
        ("money", "", "who-is-accountable-for", {"function": "icb-funding"}),
        ("triple aim", "QMF", "who-is-bound-by", {"duty": "triple-aim", "area": "QMF"}),
        ("", "Newham", "which-bodies-cover", {"area": "E09000025"}),
    ],
)
def test_a_name_leads_straight_to_its_first_question(
    finder: Finder, what: str, where: str, id: str, values: dict[str, str]
) -> None:
    straight = finder.find(what, where).straight
    assert isinstance(straight, Lead)
    assert (straight.question.id, straight.values) == (id, values)


def test_a_body_leads_to_its_page(finder: Finder) -> None:
    straight = finder.find("Frimley ICB").straight
    assert isinstance(straight, Thing)
    assert straight.code == "QNQ"


def test_what_is_misspelt_finds_what_is_like_it_and_nonsense_finds_nothing(finder: Finder) -> None:
    assert "primary-dental-services" in [t.code for t in finder.find("dentst").near]
    found = finder.find("zzzz")
    assert (found.things, found.leads, found.straight, found.near) == ({}, [], None, [])


def test_places_of_the_same_name_are_told_apart(finder: Finder) -> None:
    with pytest.raises(NotFound) as raised:
        finder.find("", "Essex")
    assert [c.rpartition("/")[2] for c in raised.value.candidates] == ["D7T5G", "E10000012"]
    assert "the area of NHS Essex Integrated Care Board" in raised.value.hint
    assert "the area of Essex County Council" in raised.value.hint


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
    "Newham; NHS England holds the function in law; NHS North East London Integrated Care Board is liable for how it is done; "
    "NHS North East London Integrated Care Board answers to NHS England; NHS England answers to Secretary of State for Health "
    "and Social Care.",
    (
        "who-is-accountable-for",
        "2022-10-01",
    ): "NHS England is presumed to exercise primary dental services in Newham; NHS England holds the function in law; "
    "NHS England is presumed liable for how it is done; NHS England answers to Secretary of State for Health and Social Care.",
}


@pytest.mark.parametrize(("asked", "said"), SAID.items(), ids=[k[1] for k in SAID])
def test_the_sentence_follows_the_date(ask: Callable[..., Answer], asked: tuple[str, str], said: str) -> None:
    assert ask(asked[0], asked[1], function="dentist", area="Newham").says == said


def test_may_delegate_says_yes_no_and_depends(ask: Callable[..., Answer]) -> None:
    yes = ask("may-delegate", from_="QMF", to="E09000025", function="community health services")
    no = ask("may-delegate", from_="X24", to="QMF", function="icb-annual-assessment")
    assert yes.says.startswith("Yes: NHS North East London Integrated Care Board may pass community health services")
    assert no.says.startswith("No: no gateway lets NHS England pass")


def test_what_changed_and_what_is_doubtful_are_read_off_the_statements(ask: Callable[..., Answer]) -> None:
    answer = ask("who-is-accountable-for", "2023-06-01", function="dentist", area="Newham")
    assert answer.since == "2023-04-01"
    assert answer.until == ""
    assert [s.id for s in answer.doubtful] == ["P081.1"]


def test_lists_in_sentences() -> None:
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c", "d", "e"]) == "a, b, c, d and e"
    assert listed(["a", "b", "c", "d", "e", "f"]) == "a, b, c, d and 2 others"


def test_a_sentence_without_a_template_counts_its_rows() -> None:
    rows: list[dict[str, Cell]] = [{"body": Thing("x", "X", "One")}, {"body": Thing("y", "Y", "Two")}]
    assert sentence("", ["body"], rows, {}) == "2 are on record: one and two."
