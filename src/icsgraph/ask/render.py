"""An answer as JSON, CSV, Turtle or plain text."""

from __future__ import annotations

import csv
import io
import json
import textwrap

from icsgraph.core.answer import Answer, Cell, StatementView, Thing
from icsgraph.core.safecsv import harmless
from icsgraph.graph.rdf import iri
from icsgraph.graph.store import AnyStore

__all__ = ["as_csv", "as_json", "as_text", "as_turtle", "cell_text"]

_SHOWN = 60


def as_json(answer: Answer, edition: str = "") -> str:
    """The answer in the public JSON form, with the id of the edition that it is from, where that is known."""
    told = answer.to_dict() | ({"edition": edition} if edition else {})
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def cell_text(cell: Cell, code: bool = True) -> str:
    """A cell as words; a thing with its code, so that a reader can join on it."""
    if cell is None:
        return ""
    if isinstance(cell, Thing):
        return (
            f"{cell.label} [{cell.code}]"
            if code and cell.code != cell.label and "/id/body/" in cell.iri
            else cell.label
        )
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return str(cell)


def _idle(cell: Cell) -> bool:
    """Whether a cell says nothing to a reader: the relation of what a paper only says."""
    return isinstance(cell, Thing) and cell.code == "is-said-of"


def as_csv(answer: Answer) -> str:
    """The rows as CSV: each column of things has a second one with their codes; formulas are made harmless."""
    things = {c for c in answer.columns for row in answer.rows if isinstance(row.get(c), Thing)}
    header = [h for c in answer.columns for h in ((c, f"{c}_code") if c in things else (c,))]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*header, "status", "as_at", "scenario"])
    for row in answer.rows:
        values: list[str] = []
        for column in answer.columns:
            cell = row.get(column)
            values.append(harmless(cell_text(cell, code=False)))
            if column in things:
                values.append(harmless(cell.code) if isinstance(cell, Thing) else "")
        writer.writerow([*values, answer.status, answer.as_at, answer.scenario])
    return out.getvalue()


def as_turtle(answer: Answer, store: AnyStore) -> str:
    """The statements behind the answer, and the passages they rest on, as Turtle."""
    subjects = [s.iri for s in answer.statements]
    return store.turtle(iri(s) for s in dict.fromkeys(subjects)).decode()


def statement_lines(view: StatementView, width: int) -> list[str]:
    """A statement with its law, wrapped for reading aloud."""
    lines = textwrap.wrap(view.text, width, initial_indent="  * ", subsequent_indent="    ")
    marks = [view.legal_status]
    if view.confidence not in ("verified", ""):
        marks.append(view.confidence)
    if view.valid_from or view.valid_to:
        marks.append(
            f"from {view.valid_from or 'a day not known'}"
            + (f" until {view.valid_to} (that day not included)" if view.valid_to else "")
        )
    if view.derived_by:
        marks.append(f"drawn by the rule {view.derived_by}")
    for passage in view.passages:
        lines += textwrap.wrap(
            f"{'law' if passage.law else 'source'}: {passage.citation}",
            width,
            initial_indent="    ",
            subsequent_indent="      ",
        )
        if passage.url:
            lines.append(f"      {passage.url}")
    lines += textwrap.wrap(
        f"({', '.join(marks)}; statement {view.id})", width, initial_indent="    ", subsequent_indent="    "
    )
    if view.note:
        lines += textwrap.wrap(f"Note: {view.note}", width, initial_indent="    ", subsequent_indent="    ")
    return lines


def as_text(answer: Answer, width: int = 100) -> str:
    """The answer in words: the question, the rows, and the law behind them."""
    lines = textwrap.wrap(answer.sentence, width)
    law = f", answered from {answer.law_of}" if answer.law_of != answer.scenario else ""
    lines.append(f"As at {answer.as_at}, scenario {answer.scenario}{law}: {answer.status}.")
    for note in answer.notes:
        lines += textwrap.wrap(f"Note: {note}", width)
    lines += ["", *textwrap.wrap(answer.says, width), ""]
    if answer.status == "silent":
        for searched in answer.searched:
            lines += textwrap.wrap(searched, width, initial_indent="  searched: ", subsequent_indent="    ")
        if answer.instead:
            lines += ["", "What is said instead, none of which answers the question:"]
        for view in answer.instead:
            lines += statement_lines(view, width)
        return "\n".join(lines) + "\n"
    hidden = {"statement", "bar", "source", "text"} & set(answer.columns)
    columns = [c for c in answer.columns if c not in hidden]
    # Rows that differ only in the statement behind them read as one; rows side by side stand under what they are compared by.
    beside = columns[0] if columns[:1] == ["in_scenario"] else ""
    shown: dict[str, str] = {}
    for row in answer.rows:
        cells = [(c, row.get(c)) for c in columns if c != beside and row.get(c) is not None and not _idle(row.get(c))]
        line = "; ".join(f"{c.replace('_', ' ')}: {cell_text(cell)}" for c, cell in cells)
        head = cell_text(row.get(beside)) or "In no scenario" if beside else ""
        shown.setdefault(f"{head}\n{line}", head)
    heading = ""
    for line, head in list(shown.items())[:_SHOWN]:
        if head != heading:
            lines += ["", f"{head}:"]
            heading = head
        lines += textwrap.wrap(line.partition("\n")[2], width, initial_indent="- ", subsequent_indent="  ")
    if len(shown) > _SHOWN:
        lines.append(f"... and {len(shown) - _SHOWN} more rows; --format csv or json gives all.")
    lines += ["", "Why:"]
    for view in answer.statements[:_SHOWN]:
        lines += statement_lines(view, width)
    if len(answer.statements) > _SHOWN:
        lines.append(f"... and {len(answer.statements) - _SHOWN} more statements; --format json gives all.")
    return "\n".join(lines) + "\n"
