"""What the page of an answer shows around its sentence: cards of who does what, what to do next, what a bill would make of it.

How it is laid out is data: the ``answer`` part of ``queries/pages.toml``, and the ``card`` line of a question.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from icsgraph.ask.brevity import Brevity
from icsgraph.ask.catalogue import Catalogue
from icsgraph.ask.desk import Desk
from icsgraph.ask.says import deed, filled, is_firm, less_than_law, many, rendered
from icsgraph.ask.sections import FILE
from icsgraph.core.answer import Answer, Cell, Passage, StatementView, Thing
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.question import Question
from icsgraph.core.terms import DEF, DEFAULT_SCENARIO, expand
from icsgraph.graph.rdf import iri, term_name

__all__ = ["Card", "Layout", "Sheet", "Step", "lay_out", "read_layout"]

# More cards, passages of a card and words explained than this are left to what is folded.
_CARDS = 8
_PASSAGES = 2
_GLOSSES = 3
# Columns that hold who acts, the first that a question has.
_ACTORS = ("body", "who", "overseer", "bearer", "from")


_Asked = Callable[[str], Answer | None]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The ``answer`` part of ``queries/pages.toml``; what each holds is said there."""

    bill: str
    whole: str
    status: Mapping[str, str]
    cards: Mapping[str, str]
    also: Sequence[Mapping[str, str]]
    next: Sequence[Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class Card:
    """A fact in a sentence with its section. ``gloss`` says what the word over it means; ``mark`` how much less than settled it is."""

    title: str
    says: str
    gloss: str = ""
    mark: str = ""
    passages: tuple[Passage, ...] = ()
    more: int = 0


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something to do next: whom to turn to, in a sentence, with those named and their public addresses where held."""

    title: str
    says: str
    status: str
    question: Question
    answer: Answer
    named: tuple[tuple[Thing, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """All that is shown. ``bodies`` are those by which an answer for the whole country opens; ``bill`` is what a bill would make of it."""

    status: str
    cards: tuple[Card, ...] = ()
    left: int = 0
    steps: tuple[Step, ...] = ()
    asks_place: bool = False
    bodies: tuple[Thing, ...] = ()
    glosses: tuple[tuple[str, str], ...] = ()
    bill: str = ""
    unknown: tuple[str, ...] = ()


def read_layout(root: Path, catalogue: Catalogue) -> Layout:
    """The layout of the content in ``root``; raises ``IcsgraphError`` where it names a question that there is not."""
    try:
        layout = Layout(**tomllib.loads((root / FILE).read_text(encoding="utf-8"))["answer"])
    except (KeyError, TypeError):
        raise IcsgraphError(
            f"{FILE}: the part answer has other keys than it should.", "Give bill, whole, status, cards, also and next."
        ) from None
    for entry in (*layout.also, *layout.next):
        catalogue.get(entry["ask"])
    return layout


def lay_out(desk: Desk, layout: Layout, answer: Answer) -> Sheet:
    """What the page of an answer shows."""
    question = desk.catalogue.get(answer.id)
    listed = answer.status == "settled" and not any(p.law for s in answer.statements for p in s.passages)
    status = layout.status["register" if listed else answer.status]
    if question.reports:
        cards, left = _first(_by_statement(answer))
        return Sheet(status=status, cards=cards, left=left)
    whole = isinstance(area := answer.parameters.get("area"), Thing) and area.code.lower() == layout.whole
    # Whom to ask and who arranges it are one question.
    asked = cache(lambda id: _ask(desk, id, answer))
    steps = tuple(_steps(desk, layout, asked, answer, whole))
    if answer.status == "silent":
        return Sheet(status=status, steps=steps, asks_place=whole)
    also, unknown = _also(layout, asked, answer)
    cards, left = _first(_cards(desk, layout, question, answer))
    return Sheet(
        status=status,
        cards=(*cards, *also),
        left=left,
        steps=steps,
        asks_place=whole,
        bodies=_bodies(desk, answer) if whole else (),
        glosses=_glosses(desk, answer),
        bill=_under_the_bill(desk, layout, question, answer),
        unknown=tuple(unknown),
    )


def _values(answer: Answer, question: Question) -> dict[str, str] | None:
    """The values of an answer that another question takes, by code; nothing where it needs one that the answer has not got."""
    given = {k: v.code if isinstance(v, Thing) else str(v or "") for k, v in answer.parameters.items()}
    needed = {p.name for p in question.parameters}
    if not needed or not needed <= {k for k, v in given.items() if v}:
        return None
    return {p.name: given[p.name] for p in question.parameters if given.get(p.name)}


def _ask(desk: Desk, id: str, answer: Answer) -> Answer | None:
    """The answer to another question with the same values, day and scenario; nothing where it does not take them."""
    values = _values(answer, desk.catalogue.get(id))
    if id == answer.id or values is None:
        return None
    try:
        return desk.ask(id, values, answer.as_at, answer.scenario)
    except IcsgraphError:
        # It takes the value under another type: a kind of body where this one wants a body.
        return None


def _steps(desk: Desk, layout: Layout, asked: _Asked, answer: Answer, whole: bool) -> Iterable[Step]:
    shown: set[Thing] = set()
    cards = {entry["ask"] for entry in layout.also if entry["on"] == answer.id}
    for entry in layout.next:
        # For the whole country no one body is the one to turn to, and who all of them are stands on a card.
        found = None if whole and entry["ask"] in cards else asked(entry["ask"])
        if found and found.status != "silent":
            named = () if whole else _named(desk, found, entry["named"])
            named = tuple((thing, address) for thing, address in named if thing not in shown)
            shown |= {thing for thing, _ in named}
            question = desk.catalogue.get(entry["ask"])
            yield Step(
                title=entry["title"],
                says=found.says,
                status=layout.status[found.status],
                question=question,
                answer=found,
                named=named,
            )


def _named(desk: Desk, answer: Answer, column: str) -> tuple[tuple[Thing, str], ...]:
    """The bodies of a column with a website on record, and its address."""
    things = {t.iri: t for row in answer.rows if isinstance(t := row.get(column), Thing) and not t.iri.startswith(DEF)}
    found = []
    for thing in things.values():
        addresses = desk.store.objects(iri(thing.iri), term_name("ics:hasWebsite"))
        if addresses:
            found.append((thing, addresses[0].value))
    return tuple(found[:_CARDS])


def _also(layout: Layout, asked: _Asked, answer: Answer) -> tuple[list[Card], list[str]]:
    """The cards of other questions about the same, and which of those the record says nothing on."""
    cards, unknown = [], []
    for entry in layout.also:
        found = asked(entry["ask"]) if entry["on"] == answer.id else None
        if found and found.status == "silent":
            unknown.append(f"{found.sentence.rstrip('?')}: nothing on record.")
        elif found:
            mark = "" if found.status == "settled" else found.status
            cards.append(_card(entry["title"], found.says, found.statements, mark=mark))
    return cards, unknown


def _cards(desk: Desk, layout: Layout, question: Question, answer: Answer) -> list[Card]:
    """The cards of an answer: as its ``card`` line has them, else one for each relation and standing, else one for each statement."""
    by_id = {s.id: s for s in answer.statements}
    if question.card:
        title, _, says = question.card.partition("|")
        told: dict[tuple[str, str, str], list[StatementView]] = {}
        for row in answer.rows:
            mark = "" if is_firm(row.get("standing")) else "presumed"
            words = filled(title.strip(), row), filled(says.strip(), row), mark
            told.setdefault(words, []).extend(_behind(question, [row], by_id))
        return [_card(name, said or name, behind, mark=mark) for (name, said, mark), behind in told.items()]
    actor = next((c for c in _ACTORS if c in answer.columns), "")
    about = next((v for v in answer.parameters.values() if isinstance(v, Thing) and "/id/body/" in v.iri), None)
    # Rows of several days are no one state of things, so that a relation cannot be told over all of them.
    relations = [r.get("relation") for r in answer.rows]
    known = all(isinstance(r, Thing) and r.code in layout.cards for r in relations)
    if not known or question.timeless or not (actor or about):
        return _by_statement(answer)
    groups: dict[tuple[Thing, str, bool], list[dict[str, Cell]]] = {}
    for row in answer.rows:
        relation = row.get("relation")
        if isinstance(relation, Thing):
            key = relation, less_than_law(row), is_firm(row.get("standing"))
            groups.setdefault(key, []).append({**row, "who": row.get(actor) if actor else about})
    day = dt.date.fromisoformat(answer.as_at)
    brief = Brevity(3, lambda things: desk.kinds.together(things, day))
    cards = []
    explained: set[str] = set()
    for (relation, less, firm), rows in groups.items():
        template = "{% for g in rows|forces %}{{ g.under }}{% endfor %}" + layout.cards[relation.code]
        does = deed(rows[0], "relation")
        said = rendered(template, rows, brief, does=does, do=many(does))
        gloss = "" if relation.iri in explained else _definition(desk, relation.iri)
        explained.add(relation.iri)
        mark = less or ("" if firm else "presumed")
        title = relation.label[:1].upper() + relation.label[1:]
        cards.append(_card(title, said, _behind(question, rows, by_id), gloss, mark))
    return cards


def _by_statement(answer: Answer) -> list[Card]:
    """A card for each statement, those of the same words as one."""
    alike: dict[str, list[StatementView]] = {}
    for statement in answer.statements:
        # That something is recorded in a register says nothing of what is.
        if statement.relation != "is-recorded-in" or statement.bearer:
            alike.setdefault(statement.text, []).append(statement)
    return [_card("", text, statements) for text, statements in alike.items()]


def _card(title: str, says: str, behind: Sequence[StatementView], gloss: str = "", mark: str = "") -> Card:
    passages = list({p.citation: p for s in behind for p in s.passages}.values())
    passages.sort(key=lambda p: not p.law)
    if behind and all(s.confidence == "recalled" for s in behind):
        mark = "recalled, not checked"
    return Card(
        title=title,
        says=says,
        gloss=gloss,
        mark=mark,
        passages=tuple(passages[:_PASSAGES]),
        more=max(len(passages) - _PASSAGES, 0),
    )


def _first(cards: list[Card]) -> tuple[tuple[Card, ...], int]:
    return tuple(cards[:_CARDS]), max(len(cards) - _CARDS, 0)


def _behind(
    question: Question, rows: Iterable[Mapping[str, Cell]], by_id: Mapping[str, StatementView]
) -> list[StatementView]:
    """The statements that rows rest on."""
    ids = dict.fromkeys(str(r[c]) for r in rows for c in question.statements if r.get(c))
    return [by_id[id] for id in ids if id in by_id]


def _bodies(desk: Desk, answer: Answer) -> tuple[Thing, ...]:
    """The bodies of an answer for the whole country that have a place of their own, by name."""
    found = {t.iri: t for row in answer.rows if isinstance(t := row.get("body"), Thing) and "/id/body/" in t.iri}
    local = [t for t in found.values() if "NationalBody" not in desk.names.types(t.iri)]
    return tuple(sorted(local, key=lambda t: t.label))


def _glosses(desk: Desk, answer: Answer) -> tuple[tuple[str, str], ...]:
    """What the bodies are that the sentence of an answer names, by their kinds: for who has not met them."""
    found: dict[str, str] = {}
    for thing in (c for row in answer.rows for c in row.values() if isinstance(c, Thing)):
        for kind in sorted(desk.kinds.of(thing.iri)):
            label = desk.names.label(kind)
            # Of many of a kind the sentence says the kind; a body is told of under its own name where it is the only one.
            if thing.label in answer.says or label.lower() in answer.says.lower():
                found.setdefault(label if desk.kinds.is_of_many(kind) else thing.label, _definition(desk, kind))
        if len(found) >= _GLOSSES:
            break
    return tuple((label, meaning) for label, meaning in found.items() if meaning)


def _definition(desk: Desk, address: str) -> str:
    return next((t.value for t in desk.store.objects(iri(address), iri(expand("skos:definition")))), "")


def _under_the_bill(desk: Desk, layout: Layout, question: Question, answer: Answer) -> str:
    """What the bill would make of an answer that law gives; nothing where the record has nothing of the bill on it."""
    if answer.scenario != DEFAULT_SCENARIO or question.timeless or question.scenario:
        return ""
    values = _values(answer, question)
    function = answer.parameters.get("function")
    if values is None or (isinstance(function, Thing) and not _speaks_of(desk, layout.bill, function.iri)):
        return ""
    try:
        found = desk.ask(question.id, values, answer.as_at, layout.bill)
    except IcsgraphError:
        return ""
    own = found.status != "silent" and found.law_of == layout.bill and found.says != answer.says
    return found.says if own else ""


def _speaks_of(desk: Desk, scenario: str, function: str) -> bool:
    """Whether anything is on record of a function in a scenario, or of what it is a part of or what is a part of it."""
    within = term_name("ics:within")
    near = {function} | {o.value for o in desk.store.objects(iri(function), within)}
    near |= {q.subject.value for q in desk.store.quads(predicate=within, value=iri(function))}
    model = desk.names.find(scenario, "Scenario")
    said = {q.subject for q in desk.store.quads(predicate=term_name("ics:inScenario"), value=model)}
    return any(m.value in near for s in said for m in desk.store.objects(s, term_name("ics:matter")))
