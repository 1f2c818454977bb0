"""Sentences are tested as sentences: every question of the catalogue over a sample of values and days.

``sentences.toml`` declares the sample, the verbs, and the faults that are known and await their question. A fault is listed with its
sentence, so that what a reader would see is what is read here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from icsgraph.ask.brevity import LONGEST, fitting, word_count
from icsgraph.ask.desk import Desk
from icsgraph.ask.notes import SENTENCES, Notes
from icsgraph.ask.says import is_firm, plainly
from icsgraph.core.answer import Answer, Cell, Thing
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.question import Question

SAMPLE: dict[str, Any] = tomllib.loads((Path(__file__).parent / "sentences.toml").read_text(encoding="utf-8"))
COUNTED = {c["question"] for c in SAMPLE["counted"]}
# What is not looked for where a sentence quotes.
UNREAD = {"no verb", "relation left out", "wrong number"}
KNOWN = {(k["question"], k["fault"]) for k in SAMPLE.get("known", [])}
VERB = re.compile(r"\b(?:" + "|".join(SAMPLE["words"]["verbs"]) + r")\b", re.IGNORECASE)
# Addresses and ids that a reader cannot use: of statements, provisions, arrangements and rules.
ID = re.compile(r"https?:|\bid/|\b[PS]\d{3}(?:\.\w+)?\b|\bDE\d{3}\b|\b[a-z]+\d{4}-\w+|\b[CGX]\d{2}\b")
ONE_OF_MANY = re.compile(r"\b1 (?:bodies|duties|\w+[^s\W]s) (?:are|have|were|begin|rest|bind|cover)\b")
MANY_AS_ONE = re.compile(r"\b(?:[2-9]|\d\d+) (?:\w+[^s\W]) (?:is|has|was|binds|rests|begins)\b")
# How a part of a sentence opens that speaks for less than law.
UNDER = re.compile(
    r"^(?:by policy|under guidance|in practice|under the bill|once commenced|as proposed), ", re.IGNORECASE
)
AFTER = re.compile(r"([^;.]+?) (?:came after|comes after|was followed by|is succeeded by|became) ([^;.]+)")


def tries(question: Question) -> Iterator[tuple[dict[str, str], str, str]]:
    """Values, day and scenario to ask a question with: its examples, then a sample spread evenly over all combinations."""
    for example in question.examples:
        yield example.values, example.as_at, example.scenario
    values: dict[str, list[str]] = SAMPLE["values"]
    columns: list[list[str]] = []
    for parameter in question.parameters:
        known = values.get("BodyOrKind" if parameter.type == "Body" else parameter.type)
        given = sorted({e.values[parameter.name] for e in question.examples if parameter.name in e.values})
        columns.append(known or given or [parameter.default or ""])
    every = list(product(SAMPLE["days"], *columns))
    step = max(1, len(every) // SAMPLE["tries"])
    # A step that shares no factor with the length walks through all columns and not only the last.
    for n in range(min(SAMPLE["tries"], len(every))):
        day, *found = every[(n * (step + 7)) % len(every)]
        names = [p.name for p in question.parameters]
        yield {k: v for k, v in zip(names, found, strict=True) if v}, day, ""


def labels(answer: Answer) -> list[str]:
    """Everything the sentence may name: things of the rows and values asked with, longest first."""
    cells: list[Cell] = [c for row in answer.rows for c in row.values()] + list(answer.parameters.values())
    return sorted({plainly(c) for c in cells if isinstance(c, Thing | str)} - {""}, key=len, reverse=True)


# Days, as data and as people write them, and shares: numbers that count nothing.
DAY = re.compile(
    r"\d{4}-\d\d-\d\d|\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December) \d{4}"
)
SHARE = re.compile(r"\d+(?:\.\d+)? %")


def numbers(answer: Answer) -> set[int]:
    """The numbers that a sentence may say: how many different things stand in a column, in all rows or in those that agree in another."""
    found: set[int] = set()
    parts: list[list[dict[str, Cell]]] = [answer.rows]
    for column in answer.columns:
        if len({plainly(r.get(column)) for r in answer.rows}) <= 12:
            by: dict[str, list[dict[str, Cell]]] = {}
            for row in answer.rows:
                by.setdefault(plainly(row.get(column)), []).append(row)
            parts += by.values()
            # Within a force, duties are counted by theme; within what begins or ends, by what it is.
            if column in ("force", "binds", "change"):
                for other in ("theme", "what", "only_for"):
                    within: dict[tuple[str, str], list[dict[str, Cell]]] = {}
                    for row in answer.rows:
                        within.setdefault((plainly(row.get(column)), plainly(row.get(other))), []).append(row)
                    parts += within.values()
            # A sentence tells what is firm from what is presumed in each of them.
            parts += [
                [r for r in part if is_firm(r.get("standing")) is firm]
                for part in by.values()
                for firm in (True, False)
            ]
    # What binds some of a kind only, or in a part of their tasks, is counted apart from what binds all, in each of them.
    some = [
        [r for r in part if bool(r.get("only")) is only and not r.get("only_for")]
        for part in parts
        for only in (True, False)
    ]
    for part in parts + (some if "only" in answer.columns else []):
        sizes = [len({plainly(r.get(c)) for r in part} - {""}) for c in answer.columns]
        found |= set(sizes)
        least = {plainly(r.get("matter")): r for r in part if isinstance(r.get("minimum"), int) and not r.get("among")}
        found.add(sum(int(str(r["minimum"])) for r in least.values()))
    return found | {c for row in answer.rows for c in row.values() if isinstance(c, int)}


def stem(relation: str) -> str:
    """What is left of a relation's words in any form of the verb: ``oversee`` of ``oversees``, ``liable for`` of ``is liable for``."""
    first, _, rest = relation.removeprefix("must ").partition(" ")
    return rest if first in ("is", "has") else f"{first} {rest}" if first == "may" else first.removesuffix("s")


# Bodies that are counted under the name of their kind: how many of each kind there are stands in no column.
KIND = re.compile(
    r"(?<![\w.-])\d+ (?=[a-zA-Z ]*?(?:authorities|boards|commissions|councils|groups|networks|partnerships|trusts)\b)"
)


def faults(answer: Answer) -> set[str]:  # noqa: C901
    """What is wrong with the sentence of an answer, by name of the fault; empty where nothing is."""
    said, found = answer.says, set()
    if word_count(said) > LONGEST:
        found.add("too long")
    if any("/id/rule/" in c.iri for row in answer.rows for c in row.values() if isinstance(c, Thing)) or any(
        "/id/rule/" in s.iri for s in answer.statements
    ):
        found.add("a rule of ours")
    if answer.status == "silent":
        return found
    if not said[:1].isupper() and not said[:1].isdigit():
        found.add("no capital")
    if not re.search(r"[^.]\.$", said):
        found.add("no one full stop")
    if "{" in said or "}" in said:
        found.add("brace")
    if "  " in said:
        found.add("double space")
    bare = said
    for label in labels(answer):
        bare = re.sub(rf"(?<!\w){re.escape(label)}(?!\w)", "~", bare, flags=re.IGNORECASE)
    if ID.search(bare):
        found.add("id")
    relations = {stem(plainly(row.get(c))) for row in answer.rows for c in ("relation", "way")} - {""}
    # A sentence that is the text of its one row has the verbs of that text.
    if not VERB.search(bare) and bare != "~." and not any(r in said for r in relations):
        found.add("no verb")
    # A sentence that broke off says so; what it left out stands below it.
    if answer.id not in COUNTED and "more below" not in said and not all(r in said for r in relations):
        found.add("relation left out")
    allowed = numbers(answer)
    plain = KIND.sub("", SHARE.sub("", DAY.sub("", bare)))
    for number, word in re.findall(r"(?<![\w.-])(\d+)(?![\w-]) ?(\w*)", plain):
        # What a list leaves out is what is beyond its first name at the least, in a part of the rows that nobody counted before.
        listed = range(1, max(allowed, default=0)) if word in ("other", "others") else allowed
        if int(number) not in listed:
            found.add("wrong number")
    for before, after in AFTER.findall(said):
        if any(label in before and label in after for label in labels(answer) if len(label) > 8):
            found.add("after itself")
    if ONE_OF_MANY.search(said) or MANY_AS_ONE.search(bare):
        found.add("number of the verb")
    parts = [
        re.sub(r"\b(?:should|would) (\w+)", r"\1s", UNDER.sub("", p)).rstrip(".").lower() for p in said.split("; ")
    ]
    if any(UNDER.match(p) for p in said.split("; ")) and len(parts) != len(set(parts)):
        found.add("said twice")
    if re.search(r"\b([A-Za-z]+) \1\b", bare, re.IGNORECASE):
        found.add("doubled word")
    return found


def test_every_sentence_is_one(desk: Desk) -> None:
    wrong: dict[tuple[str, str], str] = {}
    asked = 0
    for question in desk.catalogue.questions.values():
        for values, day, scenario in tries(question):
            try:
                answer = desk.ask(question.id, values, day, scenario)
            except IcsgraphError:
                # A value of the sample that the question does not take, or that did not exist on the day.
                continue
            asked += 1
            for fault in faults(answer) - (UNREAD if question.family in SAMPLE["quoting"] else set()):
                wrong.setdefault((question.id, fault), f"{values} {day}: {answer.says}")
    assert asked > 500
    assert {k: v for k, v in wrong.items() if k not in KNOWN} == {}


SPOILT: dict[str, Callable[[str], str]] = {
    "no capital": lambda said: said.replace("NHS North", "nHS North", 1),
    "no one full stop": lambda said: said + ".",
    "brace": lambda said: said.replace(" by ", " by {n} ", 1),
    "double space": lambda said: said.replace(" by ", "  by ", 1),
    "id": lambda said: said.replace(" by ", " by P089.5 ", 1),
    "no verb": lambda said: re.sub(r"\bis bound in law by|\bshould keep", "and", said),
    "wrong number": lambda said: re.sub(r"\b\d+ duties", "999 duties", said, count=1),
    "number of the verb": lambda said: re.sub(
        r"\bis bound in law by \d+ duties", "has duties by which 1 bodies are bound", said
    ),
    "too long": lambda said: said.replace(" by ", " by" + " one more and" * 40 + " ", 1),
    "doubled word": lambda said: said.replace(" in law ", " in in law ", 1),
}


@pytest.mark.parametrize("fault", SPOILT)
def test_a_spoilt_sentence_is_noticed(desk: Desk, fault: str) -> None:
    answer = desk.ask("which-duties-bind", {"body": "QMF"}, "2024-06-01")
    assert faults(answer) == set()
    spoilt = replace(answer, says=SPOILT[fault](answer.says))
    assert spoilt.says != answer.says
    assert faults(spoilt) == {fault}


def test_who_comes_after_himself_and_what_is_left_out_are_noticed(desk: Desk) -> None:
    answer = desk.ask("who-appoints", {"post": "icb-chair"}, "2024-06-01")
    assert faults(answer) == set()
    assert faults(replace(answer, says=answer.says.replace("approves", "is there"))) == {"relation left out"}
    duties = desk.ask("which-duties-bind", {"body": "QMF"}, "2024-06-01")
    twice = f"{plainly(duties.parameters['body'])} came after {plainly(duties.parameters['body'])}."
    assert faults(replace(duties, says=twice)) == {"after itself"}


def test_who_is_named_again_for_each_force_is_noticed(desk: Desk) -> None:
    answer = desk.ask("who-approves", {"matter": "icb-constitution"}, "2024-01-01")
    assert faults(answer) == set()
    assert answer.says.count("NHS England") == 1
    assert answer.says.endswith(", as policy and guidance also have it.")
    approves = answer.says.removesuffix(", as policy and guidance also have it.")
    again = approves.replace("approves", "should approve")
    assert faults(replace(answer, says=f"{approves}; by policy, {again}.")) == {"said twice"}


def test_a_rule_of_ours_among_the_rows_is_noticed(desk: Desk) -> None:
    answer = desk.ask("which-duties-bind", {"body": "QMF"}, "2024-06-01")
    rule = Thing("https://w3id.org/icsgraph/id/rule/C01", "C01", "a rule")
    assert faults(replace(answer, rows=[*answer.rows, {**answer.rows[0], "matter": rule}])) >= {"a rule of ours"}


def test_many_bodies_of_a_kind_are_counted_as_the_record_has_them(desk: Desk) -> None:
    """What is the same for all is said once, with the number of all; where some are apart, each part has its own number."""

    def boards(day: str) -> object:
        return desk.ask("how-many-bodies", {"kind": "integrated care board"}, day).rows[0]["count"]

    # law: section 3 of the Act of 2006 is laid on every board
    answer = desk.ask("who-is-accountable-for", {"function": "hospital-and-community-services"}, "2026-11-01")
    assert answer.says.startswith(f"All {boards('2026-11-01')} integrated care boards are presumed to exercise")
    # source: delegations of 1 July 2022 and of 1 April 2023
    parted = desk.ask("who-exercises-function", {"function": "community-pharmacy-services"}, "2024-06-01")
    firm = {plainly(r["body"]) for r in parted.rows if is_firm(r["standing"])}
    assert parted.says.startswith(f"{len(firm)} integrated care boards exercise")
    assert len(firm) < int(str(boards("2024-06-01")))
    assert "presumed" in parted.says


def test_what_is_left_out_is_said_to_follow_and_never_takes_a_mark_with_it() -> None:
    long = "A holds it; B is presumed to exercise it" + " and so on" * 12
    assert fitting(lambda most: long) == "A holds it; more below, some of it only presumed"
    firm = "A holds it; B exercises it" + " and so on" * 12
    assert fitting(lambda most: firm) == "A holds it; more below"
    # One that names fewer comes before one that drops what is presumed.
    assert (
        fitting(lambda most: long if most > 1 else "A and 9 others; B is presumed") == "A and 9 others; B is presumed"
    )


def test_the_words_of_notes_are_held_to_what_they_fill_in(desk: Desk) -> None:
    told = {key: desk.catalogue.notes._sentences[key] for key in SENTENCES}
    for spoiled, fault in (
        ({k: v for k, v in told.items() if k != "ended"}, "lacks the sentence “ended”"),
        ({**told, "endend": "x"}, "a sentence that nothing says: “endend”"),
        ({**told, "ended": "{body} ended."}, "“ended” does not name what it must"),
        ({**told, "bill": "{body} is a Bill."}, "“bill” does not name what it must"),
    ):
        with pytest.raises(IcsgraphError, match=fault):
            Notes(spoiled)


def unsaid(question: Question, answer: Answer, note: str) -> bool:
    """Whether a list of what is on record does not say that it is that and no more, in its sentence and in the note."""
    listed = question.on_record and answer.status != "silent"
    return listed and not ("on record" in answer.says.lower() and note in answer.notes)


def test_a_list_that_was_not_read_whole_says_so(desk: Desk) -> None:
    asked, note = 0, desk.catalogue.notes.say("on_record")
    for question in desk.catalogue.questions.values():
        if not question.on_record:
            continue
        for example in question.examples:
            answer = desk.ask(question.id, example.values, example.as_at, example.scenario)
            asked += answer.status != "silent"
            assert not unsaid(question, answer, note), (question.id, answer.says)
            assert answer.status == "silent" or unsaid(question, replace(answer, notes=[]), note), question.id
    assert asked > 12


def test_no_list_of_gateways_is_said_to_be_whole(desk: Desk) -> None:
    board = desk.ask("which-gateways-are-open", {"from": "integrated care board"}, "2024-06-01")
    council = desk.ask("which-gateways-are-open", {"from": "council"}, "2024-06-01")
    note = desk.catalogue.notes.say("on_record")
    # Of no body was the law of every function read, which may open a way of its own.
    assert note in board.notes
    assert note in council.notes
    assert council.says.startswith("On record, ")
