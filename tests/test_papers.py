"""The five papers: every statement there and in its place, the questions they must answer, and nothing of theirs in law."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from icsgraph.ask.catalogue import Catalogue
from icsgraph.ask.desk import Desk
from icsgraph.core.answer import Answer, Thing
from icsgraph.core.errors import NotFound
from icsgraph.graph.rdf import Literal
from icsgraph.web.openapi import choices

COMPETENCY = tomllib.loads((Path(__file__).parent / "competency.toml").read_text(encoding="utf-8"))["question"]
OWN = tomllib.loads((Path(__file__).parent / "competency_2.toml").read_text(encoding="utf-8"))["question"]
SECOND = tomllib.loads((Path(__file__).parent / "competency_3.toml").read_text(encoding="utf-8"))["question"]
THIRD = tomllib.loads((Path(__file__).parent / "competency_4.toml").read_text(encoding="utf-8"))["question"]
MODELS = ("option-1", "option-2", "programme-2020", "recommendation-2021", "white-paper-2021")


def gathered(desk: Desk, calls: list[dict[str, str]]) -> set[str]:
    """The ids of the statements in the rows of several calls; the other side of a disagreement is not a row."""
    found: set[str] = set()
    for call in calls:
        values = {k: v for k, v in call.items() if k != "ask"}
        found |= {str(row["statement"]) for row in desk.ask(call["ask"], values).rows if row["statement"]}
    return found


@pytest.mark.parametrize("question", [*COMPETENCY, *OWN, *SECOND, *THIRD], ids=lambda q: str(q["id"]))
def test_competency(desk: Desk, question: dict[str, object]) -> None:
    calls, wanted = question["calls"], set(str(question["statements"]).split())
    assert isinstance(calls, list)
    assert wanted
    # source: the exact set of an independent reading
    assert gathered(desk, calls) == wanted


def test_every_competency_question_is_asked_and_can_fail(desk: Desk) -> None:
    assert len({q["id"] for q in COMPETENCY}) == len(COMPETENCY) == 102
    assert len({q["id"] for q in OWN}) == len(OWN) == 75
    assert len({q["id"] for q in SECOND}) == len(SECOND) == 53
    assert len({q["id"] for q in THIRD}) == len(THIRD) == 34
    one = COMPETENCY[0]
    assert gathered(desk, [{**one["calls"][0], "scenarios": "option-2"}]) != set(one["statements"].split())


def test_every_statement_stands_in_its_paper(desk: Desk) -> None:
    """Each statement has a passage on lines that its paper has words on; the lines are counted by test_tables."""
    rows = desk.store.select(
        "SELECT ?s ?line ?paper ?other WHERE { ?s a ics:PaperStatement ; dcterms:source ?paper ; ics:mainPassage ?p . "
        "?p ics:onLine ?line ; ics:locator ?locator . ?line ics:inPaper ?other }"
    )
    assert {r["s"].value for r in rows} == {
        r["s"].value for r in desk.store.select("SELECT ?s WHERE { ?s a ics:PaperStatement }")
    }
    assert [r for r in rows if r["paper"] != r["other"]] == []


def test_every_statement_is_on_a_topic_and_every_topic_in_use(desk: Desk) -> None:
    bare = desk.store.select("SELECT ?s WHERE { ?s a ics:PaperStatement FILTER NOT EXISTS { ?s ics:onTopic ?t } }")
    idle = desk.store.select(
        "SELECT ?t WHERE { ?t a ics:Topic FILTER NOT EXISTS { ?s ics:onTopic/ics:within ?t . ?s a ics:Statement } }"
    )
    assert bare == idle == []


def test_every_disagreement_on_what_is_stated_contests(desk: Desk) -> None:
    apart = desk.store.select(
        "SELECT ?d WHERE { ?d ics:disagreementKind ics:StatedAgainstStated ; ics:oneSide ?a ; ics:otherSide ?b . "
        "FILTER NOT EXISTS { ?a ics:contradicts ?b . ?b ics:contradicts ?a } }"
    )
    assert apart == []
    contested = desk.ask("what-do-papers-say", {"topics": "conflicts-of-interest"})
    # source: one paper expects fewer conflicts of interest, another finds roles mixed
    assert contested.status == "contested"
    assert {s.id for s in contested.statements} == {"S269", "S532"}
    # source: the officer's duties are about the board's functions, the members' about the system's plan; both can be so
    together = desk.ask("which-kinds-are-bound-by", {"duty": "deliver-board-functions"}, scenario="option-1")
    assert together.status != "contested"
    assert "S136" in {s.id for s in together.statements}


def proposed(desk: Desk) -> set[str]:
    """Everything that exists in a model and not in law: kinds of body, posts, matters, statements."""
    rows = desk.store.select(
        "SELECT ?x WHERE { { ?x a ics:ProposedBodyKind } UNION { ?x a ics:ProposedMatter } UNION { ?x a ics:PaperStatement } "
        "UNION { ?x a ics:Statement , ics:AccountabilityLine } }"
    )
    return {r["x"].value for r in rows}


EXAMPLES = {
    "Area": ["QMF"],
    "Body": ["QMF", "RJ1"],
    "BodyKind": ["integrated care board"],
    "BodyOrKind": ["QMF", "integrated care board", "ICS", "NHS body", "X24", "statutory ICS body"],
    "Date": ["2022-07-01"],
    "Document": ["icb-constitution"],
    "Duty": ["triple-aim", "deliver-system-plan"],
    "Function": ["primary-dental-services", "commissioning", "specialised-services"],
    "Gateway": ["s65Z5"],
    "Matter": ["triple-aim", "veto", "icb-constitution"],
    "MatterOrLaw": ["triple-aim", "veto", "nhsa2006-s14Z43"],
    "Post": ["icb-chair", "o2-chair"],
    "Source": ["nhsa2006-s14Z43"],
}


def leaks(answer: Answer, banned: set[str]) -> list[str]:
    """What of an answer exists in a model only; the values asked for do not count."""
    found = [
        s.id for s in answer.statements if s.iri in banned or not set(s.scenarios) <= {"act-2022", "status-quo-2012"}
    ]
    found += [c.code for row in answer.rows for c in row.values() if isinstance(c, Thing) and c.iri in banned]
    for s in answer.statements:
        found += [t.code for t in (*s.bearer, *s.counterpart, *s.matter) if t.iri in banned]
    return found


def test_nothing_of_a_proposal_leaks_into_enacted_law(desk: Desk, catalogue: Catalogue) -> None:
    """Every question outside the papers' own, asked of enacted law about real and proposed things alike."""
    banned = proposed(desk)
    asked = 0
    for question in catalogue.questions.values():
        if question.family == "papers" or question.id in (
            "compare-scenarios",
            "what-does-source-say",
            "what-would-the-bill-change",
            "what-would-the-bill-change-for",
        ):
            continue
        choices: list[dict[str, str]] = [{}]
        for p in question.parameters:
            if p.default is None:
                given = sorted({e.values[p.name] for e in question.examples if p.name in e.values})
                choices = [{**c, p.name: v} for c in choices for v in EXAMPLES.get(p.type, given)]
        for values in choices:
            for day in ("2021-03-01", "2024-01-01", "2026-11-23"):
                answer = desk.ask(question.id, values, day)
                asked += 1
                assert leaks(answer, banned) == [], (question.id, values, day)
    assert asked > 200


def test_the_sweep_sees_a_leak(ask: Callable[..., Answer], desk: Desk) -> None:
    told = desk.ask("who-must-sit-on", {"body": "ICS"}, "2021-03-01", "option-2")
    assert leaks(told, proposed(desk))


@pytest.mark.parametrize("model", MODELS)
def test_a_model_never_answers_from_law(desk: Desk, model: str) -> None:
    for body in ("ICS", "statutory ICS body", "QMF"):
        for id in ("which-duties-bind", "who-does-body-answer-to", "who-must-sit-on"):
            answer = desk.ask(id, {"body": body}, scenario=model)
            assert {s for v in answer.statements for s in v.scenarios} <= {model}


def test_no_personal_name_in_what_papers_say(desk: Desk) -> None:
    """Roles, never people: no actor has the name of somebody who signs or speaks in a paper."""
    labels = {q.object.value.lower() for q in desk.store.quads() if isinstance(q.object, Literal)}
    # Practices are named after places too, such as Cleobury Mortimer.
    labels -= {w for w in labels if w.endswith((" surgery", " prac", " practice"))}
    people = ("prit" + "chard", "morti" + "mer")
    assert [w for w in labels if any(p in w for p in people)] == []


def test_every_answer_from_papers_is_a_short_sentence_and_names_the_papers(desk: Desk, catalogue: Catalogue) -> None:
    """Nothing that papers think is said as law or called settled; each answer says which papers, and of which days."""
    asked = 0
    for question in catalogue.questions.values():
        if question.family != "papers":
            continue
        assert all((question.says, question.asked)), question.id
        # What passes to a body is told of law too.
        assert question.reports or question.id == "what-passes-to-whom", question.id
        for example in question.examples:
            answer = desk.ask(question.id, example.values, example.as_at, example.scenario)
            if answer.status == "silent" or not question.reports:
                continue
            asked += 1
            assert len(answer.says.split()) <= 60, (question.id, example.values, answer.says)
            assert [w for w in ("settled", "law since") if w in answer.says] == []
            if any(s.id.startswith("S") for s in answer.statements):
                assert [n for n in answer.notes if n.startswith("So say") and re.search(r" of (\w+ )*202[01]", n)], (
                    question.id
                )
    assert asked > 30


def test_every_statement_is_about_something(desk: Desk) -> None:
    """No statement is without somebody or something that it speaks of."""
    bare = desk.store.select(
        "SELECT ?id WHERE { ?s a ics:PaperStatement ; dcterms:identifier ?id FILTER NOT EXISTS { ?s ics:isAbout ?thing } }"
    )
    assert [r["id"].value for r in bare] == []


def test_every_statement_leads_to_its_part_and_its_part_to_its_paper(desk: Desk) -> None:
    astray = desk.store.select(
        "SELECT ?s WHERE { ?s a ics:PaperStatement ; dcterms:source ?paper "
        "FILTER NOT EXISTS { ?s ics:standsIn/ics:partOfPaper ?paper . ?s ics:inPart ?part } }"
    )
    assert astray == []


def test_closed_lists_are_told_to_programs_and_a_misspelt_value_gets_the_nearest(desk: Desk) -> None:
    known = choices(desk)
    assert set(known["Stances"]) >= {"supports", "opposes", "wants", "doubts", "asks", "promises", "accepts", "rejects"}
    assert set(known["AnswerStates"]) == {"answered", "in-part", "not-answered", "open", "overtaken"}
    assert {"veto", "triple-aim"} <= set(known["Topics"])
    with pytest.raises(NotFound, match="suports") as raised:
        desk.ask("what-do-papers-say", {"stances": "suports"})
    assert "supports" in raised.value.hint
    # The nearest and the list: of few values all, of many the question that has them.
    with pytest.raises(NotFound) as raised:
        desk.ask("what-does-voice-say", {"voice": "NHS Provders"})
    assert raised.value.hint.startswith("Did you mean: NHS Providers [nhs-providers]? It takes: ")
    assert "aace-endorsed-by-nhs-providers" in raised.value.known
    with pytest.raises(NotFound) as raised:
        desk.ask("what-do-papers-say", {"topics": "voteing"})
    assert "Voting [voting]" in raised.value.hint
    assert "which-topics-are-there" in raised.value.known


def test_a_voice_that_another_quotes_keeps_both_names_and_is_found_by_its_own(desk: Desk) -> None:
    told = desk.ask("what-does-voice-say", {"voice": "Local Government Association"})
    assert told.sentence == "What does Local Government Association (reported by NHS Providers) say?"
    assert {str(r["statement"]) for r in told.rows} == {"S550"}
    assert {s.voice for s in told.statements} == {"local-government-association-reported-by-nhs-providers"}
    assert {str(r["statement"]) for r in desk.ask("what-does-voice-say", {"voice": "AACE"}).rows} == {"S665"}


def test_what_no_paper_says_is_silent_with_the_papers_that_were_searched(desk: Desk) -> None:
    silent = desk.ask("what-do-papers-say", {"topics": "veto", "scenarios": "white-paper-2021"})
    assert silent.status == "silent"
    assert silent.searched[0] == "690 statements of 5 papers"
    assert "NHS Providers submission of January 2021" in silent.searched
    assert not [s for s in silent.searched if "register" in s]


def test_a_click_on_a_facet_gives_as_many_rows_as_it_says(desk: Desk, catalogue: Catalogue) -> None:
    """Beside each answer on papers stand the values that narrow it, with how many rows then remain."""
    clicks = 0
    for question in catalogue.questions.values():
        for example in question.examples if question.facets else ():
            answer = desk.ask(question.id, example.values, example.as_at, example.scenario)
            for facet in answer.facets:
                for choice in (facet.choices[0], facet.choices[-1]):
                    narrower = {**example.values, facet.parameter: choice.code}
                    rows = desk.ask(question.id, narrower, example.as_at, example.scenario).rows
                    assert len(rows) == choice.count < len(answer.rows), (question.id, narrower)
                    clicks += 1
    assert clicks > 60
    # Narrowing papers by a list is possible on nearly all questions on papers; a few take nothing to narrow by.
    plain = {q.id for q in catalogue.questions.values() if q.family == "papers" and not q.facets}
    assert plain == {
        "how-does-model-treat-topics",
        "what-answered",
        "what-became-of-proposal",
        "what-differs-between",
        "what-passes-to-whom",
        "which-bodies-has-model",
        "which-claims-are-corroborated",
        "which-concerns-were-left-open",
        "which-papers-are-silent-on",
        "which-parts-has-paper",
        "whom-is-body-wanted-to-answer-to",
    }


def test_a_facet_that_nobody_could_ask_for_is_none(desk: Desk) -> None:
    """What already has one value is no facet, and of several that are given each narrows alone."""
    one = desk.ask("what-do-papers-say", {"scenarios": "option-2"})
    assert "scenarios" not in {f.parameter for f in one.facets}
    two = desk.ask("what-do-papers-say", {"scenarios": "option-1,option-2", "topics": "accountable-officer"})
    assert {c.code for f in two.facets if f.parameter == "scenarios" for c in f.choices} == {"option-1", "option-2"}
    told = desk.ask("what-do-papers-say", {"topics": "veto"}).to_dict()["facets"]
    assert isinstance(told, list)
    assert {"code": "option-2", "label": "Option 2 of November 2020: a statutory body", "count": 5} in told[1]["values"]


def test_a_heading_names_what_narrows_and_nothing_else(desk: Desk) -> None:
    about = desk.ask("what-do-papers-say", {"about": "health and wellbeing board"})
    assert about.sentence == "What do the papers say of Health and wellbeing board?"
    assert desk.ask("what-do-papers-say", {}).sentence == "What do the papers say?"
    part = desk.ask("what-do-papers-say", {"parts": "recommendation 3", "topics": "transparency"})
    assert part.sentence == "What do the papers say on Transparency, in Recommendation 3 of the letter?"


def test_what_stands_beside_is_no_row_and_no_statement_of_the_answer(desk: Desk) -> None:
    """The other side of a statement of papers is shown beside it; statements are those of the rows."""
    answer = desk.ask("what-do-papers-say", {"topics": "primary-care-seat", "scenarios": "recommendation-2021"})
    assert answer.status == "contested"
    assert {s.id for s in answer.statements} == {str(r["statement"]) for r in answer.rows} == {"S030"}
    assert {s.id for s in answer.beside} == {"S316"}
