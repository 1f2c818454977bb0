"""The evidence list: for each duty of the board its law, who leads, who decides in which line, and where that is shown."""

from __future__ import annotations

import datetime as dt

from icsgraph.scheme.documents.page import Cell, Document, Paragraph, Section, Table, Text, made, plain, rows_of
from icsgraph.scheme.documents.sord import bearers, facts_of, law_of
from icsgraph.scheme.documents.words import Words, day
from icsgraph.scheme.model import Line, Scheme
from icsgraph.scheme.record import Record

__all__ = ["duties_of", "evidence"]


def duties_of(scheme: Scheme, record: Record, as_at: dt.date) -> tuple[list[str], list[str]]:
    """The duties that the scheme or its leads speak of, and those that the law lays on the board and nothing speaks of."""
    named = {d for line in scheme.lines for d in line.duties} | {lead.duty for lead in scheme.duty_leads}
    bound = {
        duty
        for duty, bases in record.bases.items()
        if "Duty" in record.types(duty)
        and any(b.direct and b.bearer in bearers(scheme.body) and b.period.holds(as_at) for b in bases)
    }
    return sorted(named, key=record.label), sorted(bound - named, key=record.label)


def evidence(scheme: Scheme, record: Record, words: Words, as_at: dt.date) -> Document:
    """The list of duties as a document; those of which nothing speaks have a table of their own."""
    named, silent = duties_of(scheme, record, as_at)
    columns = words.columns("evidence.columns")
    rows = rows_of(columns, ((d, _duty(d, scheme, record, words, as_at)) for d in named), words)
    shown = Section(
        heading=words("evidence.shown_heading"), tables=(Table(words("evidence.shown_caption"), columns, rows),)
    )
    quiet = words.columns("evidence.silent_columns")
    quiet_rows = rows_of(
        quiet,
        ((d, {"duty": plain(record.sentence(d)), "law": _law_only(d, scheme, record, words, as_at)}) for d in silent),
        words,
    )
    unnamed = Section(
        heading=words("evidence.silent_heading"),
        tables=(Table(words("evidence.silent_caption"), quiet, quiet_rows),),
        paragraphs=(words("evidence.silent_about"),),
    )
    return Document(
        title=words("evidence.title"),
        body=scheme.body.label,
        about=words("evidence.about", body=scheme.body.label, day=day(as_at)),
        facts=facts_of(scheme, words, as_at),
        sections=tuple(s for s in (shown, unnamed) if s.tables[0].rows),
        made=made(words, scheme.body.label),
        words=words,
    )


def _law_only(duty: str, scheme: Scheme, record: Record, words: Words, as_at: dt.date) -> Cell:
    """The law of a duty without its name, which stands in the row already."""
    return tuple(Paragraph(p.texts[1:], p.of) for p in law_of((duty,), scheme, record, words, as_at))


def _duty(duty: str, scheme: Scheme, record: Record, words: Words, as_at: dt.date) -> dict[str, Cell]:
    leads = [lead for lead in scheme.duty_leads if lead.duty == duty]
    lines = [line for line in scheme.lines if duty in line.duties]
    posts = dict.fromkeys(p.label for lead in leads for p in lead.leads)
    bound = any(b.bearer in bearers(scheme.body) for b in record.law(duty, bearers(scheme.body), as_at))
    return {
        "duty": plain(record.sentence(duty)),
        "law": _law_only(duty, scheme, record, words, as_at)
        if bound
        else plain(words("evidence.not_bound"), small=True),
        "lead": plain(*posts) or _line_leads(lines, words) or plain(words("evidence.no_lead"), small=True),
        "decisions": tuple(_decision(line, scheme, words) for line in lines)
        or plain(words("evidence.no_line"), small=True),
        "evidence": plain(*(e for lead in leads for e in lead.evidence))
        or plain(words("evidence.no_evidence"), small=True),
    }


def _line_leads(lines: list[Line], words: Words) -> Cell:
    """Who leads on lines, where nobody is named as the lead on their duty itself."""
    found: dict[str, list[str]] = {}
    for line in lines:
        for lead in line.leads:
            found.setdefault(lead.label, []).append(line.reference or line.label)
    return plain(*(words("evidence.line_lead", who=who, lines=", ".join(of)) for who, of in found.items()))


def _decision(line: Line, scheme: Scheme, words: Words) -> Paragraph:
    """A line with those who decide under it, and where it stands."""
    who = words.listed(words.authority(a, scheme.body) for a in line.taking("Reserves", "Decides"))
    said = words("evidence.line", reference=line.reference or "–", decision=line.label, who=who or words("words.none"))
    where = words.listed(w for w in (line.document, line.source) if w)
    written = dict.fromkeys(words.as_written(a) for a in line.taking("Reserves", "Decides"))
    small = [f" ({where})" if where else "", *(f" {w}." for w in written if w)]
    return Paragraph((Text(said), *(Text(w, small=True) for w in small if w)))
