"""How firm and how whole an answer is: its status, the marks of its rows, and the notes that say why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from icsgraph.ask.brevity import listed
from icsgraph.ask.notes import Notes
from icsgraph.core.answer import Cell, StatementView, Status, Thing
from icsgraph.core.question import Question

__all__ = ["MARK", "Standing", "judge", "on_record", "opening"]

# The column in which an answer of several marks those of its rows that rest on text not seen as it stood on the day.
MARK = "mark"
# Why a row is in doubt, as it is marked, with the names of the notes that say so of the whole answer and of marked rows.
_DOUBTS = {"recalled": ("recalled", "recalled_rows"), "later text": ("later_text", "later_text_rows")}

Row = dict[str, Cell]


@dataclass(kw_only=True)
class Standing:
    """What was found of an answer: ``partial`` where a list is not said to be all there is."""

    status: Status
    columns: list[str]
    table: list[Row]
    partial: bool = False
    notes: list[str] = field(default_factory=list)


def judge(
    question: Question,
    told: Notes,
    *,
    table: list[Row],
    small: Sequence[Row],
    views: Sequence[StatementView],
    status: Status,
    bill: bool,
    day: str,
    limits: Sequence[str] = (),
) -> Standing:
    """How firm and how whole an answer is.

    ``table`` has the rows as a reader sees them, ``small`` the rows of small parts of the area,
    ``views`` the statements shown, ``status`` what they give by themselves; ``bill`` whether the scenario is one of a bill, ``day`` the ISO day asked about,
    ``limits`` the sentences that say why nothing of it can be settled.
    """
    found = Standing(status=status, columns=list(question.columns), table=table)
    carrying = [*(table[:1] if question.leads else table), *small]
    if status == "settled" and question.standing and not _firm([r.get(question.standing) for r in carrying]):
        found.status = "presumed"
        found.notes.append(question.presumes or told.say("presumed"))
    if not question.reports:
        _mark_unseen(found, question, told, views, day)
        found.notes += _conditions(question, told, views)
    if question.on_record and found.status != "silent":
        found.partial = True
        found.notes.append(told.say("on_record"))
    if limits and found.status == "settled":
        found.status = "presumed"
    found.notes += limits
    of_bill = [v.legal_status == "bill" for v in views if v.relation]
    if found.status == "settled" and (bill or any(of_bill)):
        found.notes.append(told.say("bill"))
        # What a bill would do is no law, whoever reports it.
        if any(of_bill) and (bill or all(of_bill)):
            found.status = "presumed"
    return found


def on_record(says: str, partial: bool) -> str:
    """A sentence over a list that is not said to be whole: it says that it is on record, where it does not yet.

    >>> on_record("A council must consult the public.", True), on_record("On record, X holds Y.", True)
    ('On record, a council must consult the public.', 'On record, X holds Y.')
    """
    return opening("On record", says) if partial and "on record" not in says.lower() else says


def opening(words: str, says: str) -> str:
    """A sentence that opens with other words, which say how far it goes; the same where there are none.

    >>> opening("If nothing changes by then", "A council must consult the public."), opening("", "X holds Y.")
    ('If nothing changes by then, a council must consult the public.', 'X holds Y.')
    """
    first, _, rest = says.partition(" ")
    return f"{words}, {first.lower() if first in _SMALL else first} {rest}" if words and says else says


# Words with which a sentence opens and that are no names.
_SMALL = {
    "A",
    "An",
    "As",
    "By",
    "From",
    "In",
    "It",
    "No",
    "No,",
    "No:",
    "On",
    "Once",
    "The",
    "Under",
    "Yes",
    "Yes,",
    "Yes:",
}


def _firm(standings: list[Cell]) -> bool:
    """Whether the rows of these standings make a settled answer: something is settled, and nothing is only presumed."""
    codes = {cell.code if isinstance(cell, Thing) else "settled" for cell in standings}
    return "settled" in codes and "presumed" not in codes


def _mark_unseen(found: Standing, question: Question, told: Notes, views: Sequence[StatementView], day: str) -> None:
    """Make an answer presumed, or mark its rows, where they rest on text that was not seen as it stood on the day."""
    unseen = _unseen(question, found.table, views, day)
    apart = question.itemised and not unseen.whole
    cited = unseen.marked if apart else unseen.alone
    found.notes += [told.say(_DOUBTS[why][apart], cited=listed(c, 6)) for why, c in cited.items() if c]
    # What a later text says of an earlier day is no firm list of that day, whatever else is on it; nor is a list of what is on
    # record firm where nobody checked that something on it binds.
    loose = apart and (unseen.alone["later text"] or (question.on_record and unseen.binds))
    if found.status == "settled" and (loose or (not apart and any(unseen.alone.values()))):
        found.status = "presumed"
    # A question that says the mark of each row itself needs no other.
    if apart and any(unseen.marks) and MARK not in found.columns:
        found.columns.append(MARK)
        found.table = [{**row, MARK: mark or None} for row, mark in zip(found.table, unseen.marks, strict=True)]


def _doubt(view: StatementView, day: str) -> str:
    """Why a statement is no firm ground for what was on a day: its text was not seen, or only as it stands later; else nothing."""
    return "recalled" if view.confidence == "recalled" else "later text" if day < view.firm_from else ""


@dataclass(kw_only=True)
class _Unseen:
    """What rows say that rests on text that was not seen as it stood on the day.

    ``marks`` says of each row why its own statements are in doubt, if they are; ``marked`` and ``alone`` cite them by why: all of them,
    and those that no row of seen text says as well. ``whole`` is whether all that binds is in doubt, ``binds`` whether something is.
    """

    marks: list[str]
    marked: dict[str, list[str]]
    alone: dict[str, list[str]]
    whole: bool
    binds: bool


def _unseen(question: Question, table: list[Row], views: Sequence[StatementView], day: str) -> _Unseen:
    """What of an answer rests on text that was not seen as it stood on the day.

    A row that says the same as another, which rests on text that was seen, is carried by that one, and marked all the same. What
    does not bind in law, or not yet, carries nothing beside what does.
    """
    by_id = {view.id: view for view in views}
    seen: set[tuple[str, ...]] = set()
    binding: set[tuple[str, ...]] = set()
    doubted: list[tuple[tuple[str, ...], list[StatementView]]] = []
    marks = []
    for row in table:
        behind = [by_id[str(row[c])] for c in question.statements if row.get(c) is not None and str(row[c]) in by_id]
        says = tuple(c.iri if isinstance(c, Thing) else "" for n, c in row.items() if n not in question.statements)
        if str(row.get("binds")).lower() != "false":
            binding.add(says)
        in_doubt = bool(behind) and all(_doubt(view, day) for view in behind)
        marks.append(_doubt(behind[0], day) if in_doubt else "")
        if in_doubt:
            doubted.append((says, behind))
        else:
            seen.add(says)

    def cited(some: Iterable[list[StatementView]]) -> dict[str, list[str]]:
        found: dict[str, dict[str, None]] = {why: {} for why in _DOUBTS}
        for view in (view for behind in some for view in behind):
            found[_doubt(view, day)][_cited(view)] = None
        return {why: list(those) for why, those in found.items()}

    return _Unseen(
        marks=marks,
        marked=cited(behind for _, behind in doubted),
        alone=cited(behind for says, behind in doubted if says not in seen),
        whole=not (seen & binding or (seen and not binding)),
        binds=any(says in binding and says not in seen for says, _ in doubted),
    )


def _cited(view: StatementView) -> str:
    """A statement as its first passage is cited, or by its id."""
    return view.passages[0].citation if view.passages else view.id


def _conditions(question: Question, told: Notes, views: Sequence[StatementView]) -> list[str]:
    """The note on statements that mean only some of a kind, or some of their tasks, where no column of the question says so."""
    narrow = {f"{_cited(view)}: {view.only_those.removesuffix('.')}": None for view in views if view.only_those}
    return [told.say("only_some", cited=listed(narrow, 4))] if narrow and "only" not in question.columns else []
