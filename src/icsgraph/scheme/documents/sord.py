"""The scheme of reservation and delegation as a document."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from icsgraph.core.terms import DEF
from icsgraph.scheme.documents.page import (
    Cell,
    Document,
    IncompleteError,
    Paragraph,
    Section,
    Table,
    Text,
    made,
    plain,
    rows_of,
)
from icsgraph.scheme.documents.words import Words, day
from icsgraph.scheme.model import Authority, Delegation, Line, Party, Scheme, natural
from icsgraph.scheme.record import Basis, Record

__all__ = ["bearers", "dates_of", "facts_of", "form_of", "law_of", "seats_of", "sord"]


def sord(scheme: Scheme, record: Record, words: Words, as_at: dt.date) -> Document:
    """The scheme as it stands, with the law that is in force on a day; every line and authority of it is shown."""
    themes: dict[str, list[Line]] = {}
    for line in scheme.lines:
        themes.setdefault(line.theme or words("words.untitled_theme"), []).append(line)
    references = {line.address: line.reference for line in scheme.lines}
    columns = words.columns("sord.columns")
    sections = [_parts(record, words)]
    for theme, lines in themes.items():
        count = words("words.several", count=len(lines)) if len(lines) > 1 else words("words.single")
        rows = rows_of(columns, ((n.address, _line(n, scheme, record, words, as_at, references)) for n in lines), words)
        sections.append(Section(heading=theme, tables=(Table(f"{theme}: {count}", columns, rows),)))
    sections += [
        s for s in (_delegations(scheme, record, words), _committees(scheme, record, words)) if s.tables[0].rows
    ]
    document = Document(
        title=scheme.title,
        body=scheme.body.label,
        about=words("sord.about", body=scheme.body.label),
        facts=facts_of(scheme, words, as_at),
        sections=tuple(sections),
        made=made(words, scheme.body.label),
        words=words,
    )
    shown = Counter(document.paragraphs_of())
    wanted = [line.address for line in scheme.lines] + [a.address for n in scheme.lines for a in n.authorities]
    amiss = [address for address in wanted if shown[address] != 1]
    if amiss:
        raise IncompleteError(f"Left out of the scheme, or shown twice: {', '.join(amiss)}.")
    return document


def facts_of(scheme: Scheme, words: Words, as_at: dt.date) -> tuple[tuple[str, str], ...]:
    """What a document says of the version behind it; what is not known is left out."""
    found = {
        "body": scheme.body.label,
        "version": scheme.version,
        "approved": day(scheme.approved) if scheme.approved else "",
        "effective": day(scheme.effective) if scheme.effective else "",
        "review": day(scheme.review) if scheme.review else "",
        "as_at": day(as_at),
        "lines": str(len(scheme.lines)),
        "authorities": str(sum(len(line.authorities) for line in scheme.lines)),
    }
    return tuple((term, found[key]) for key, term in words.table("facts").items() if found[key])


def bearers(party: Party) -> frozenset[str]:
    """The addresses by which law may speak of a body: its own and those of its kinds."""
    return party.kinds | {party.address}


def law_of(matters: tuple[str, ...], scheme: Scheme, record: Record, words: Words, as_at: dt.date) -> Cell:
    """The law of functions and duties: by what the board has each, else who has it and by which agreement it came."""
    return tuple(_law(m, record.law(m, bearers(scheme.body), as_at), scheme, record, words, as_at) for m in matters)


def _law(
    matter: str, bases: tuple[Basis, ...], scheme: Scheme, record: Record, words: Words, as_at: dt.date
) -> Paragraph:
    own = any(b.bearer in bearers(scheme.body) for b in bases)
    who = words.listed(dict.fromkeys(record.label(b.bearer) for b in bases))
    head = record.sentence(matter)
    texts = [Text(f"{words('words.held_by', matter=head, who=who) if bases and not own else head}: ")]
    for number, basis in enumerate(sorted(bases, key=lambda b: natural(b.law.citation))):
        texts += [Text(words("words.list"))] if number else []
        texts.append(Text(basis.law.citation, basis.law.url))
    through = [
        d for d in scheme.delegations if matter in d.functions and scheme.body in d.delegates and d.period.holds(as_at)
    ]
    for delegation in through if bases and not own else ():
        said = words("words.through", agreement=delegation.reference or delegation.label)
        texts.append(Text(f"{words('words.list')}{said}", small=True))
    if not bases:
        texts.append(Text(words("words.none"), small=True))
    return Paragraph(tuple(texts))


def dates_of(line: Line, words: Words) -> list[str]:
    """The dates of a line in words."""
    return [
        words(name, day=day(value))
        for name, value in (("words.effective", line.effective), ("words.review", line.review))
        if value
    ]


def _line(
    line: Line, scheme: Scheme, record: Record, words: Words, as_at: dt.date, references: dict[str, str]
) -> dict[str, Cell]:
    columns = words.table("parts")
    cells: dict[str, Cell] = {
        "reference": plain(line.reference or "–"),
        "decision": (
            *plain(line.label),
            *plain(
                words("words.document", words=line.document) if line.document else "",
                words("words.source", words=line.source) if line.source else "",
                words("words.passed_by", who=words.listed(p.label for p in line.passed_by)) if line.passed_by else "",
                *(words("words.passed_from", reference=references.get(a, a)) for a in line.passed_from),
                *dates_of(line, words),
                small=True,
            ),
        ),
        "conditions": (*plain(*line.conditions), *plain(line.further, small=True)),
        "lead": plain(*(p.label for p in line.leads)),
        "law": law_of((*line.functions, *line.duties), scheme, record, words, as_at),
    }
    for authority in line.authorities:
        column = columns[authority.part]
        before = cells.get(column, ())
        told = _authority(authority, scheme, words, column == "others")
        said = words.as_written(authority)
        # What was written of several holders together is told once.
        cells[column] = (*before, *told, *(p for p in plain(said, small=True) if p not in before))
    return cells


def _authority(authority: Authority, scheme: Scheme, words: Words, say_part: bool) -> Cell:
    said = words.authority(authority, scheme.body)
    if say_part:
        said = f"{words(f'part_words.{authority.part}')}: {said}"
    named = "" if authority.holder.declared else words("words.only_named")
    notes = [*(words("words.condition", words=c.rstrip(".")) for c in authority.conditions), named]
    return (*plain(said, of=authority.address), *plain(*notes, small=True))


def _parts(record: Record, words: Words) -> Section:
    columns = words.columns("sord.words_columns")
    said = words.table("part_words")
    rows = [("", {"word": plain(said[p]), "meaning": plain(record.definition(DEF + p))}) for p in said]
    table = Table(words("sord.words_caption"), columns, rows_of(columns, rows, words))
    return Section(heading=words("sord.words_heading"), tables=(table,))


def _delegations(scheme: Scheme, record: Record, words: Words) -> Section:
    columns = words.columns("sord.delegations_columns")
    rows = rows_of(columns, ((d.address, _delegation(d, record, words)) for d in scheme.delegations), words)
    return Section(
        heading=words("sord.delegations_heading"), tables=(Table(words("sord.delegations_caption"), columns, rows),)
    )


def _delegation(delegation: Delegation, record: Record, words: Words) -> dict[str, Cell]:
    onward = {True: words("agreement.onward"), False: words("agreement.onward_allowed"), None: ""}
    return {
        "reference": plain(delegation.reference or "–"),
        "agreement": (*plain(delegation.label), *plain(record.label(delegation.kind), small=True)),
        "from": plain(*(p.label for p in delegation.delegators)),
        "to": plain(*(p.label for p in delegation.delegates)),
        "functions": plain(*(record.sentence(f) for f in delegation.functions)),
        "gateway": plain(*(record.label(g) for g in delegation.gateways)),
        "dates": plain(*(d[:1].upper() + d[1:] for d in words.period(delegation.period))),
        "terms": (
            *plain(
                onward[delegation.onward_barred],
                words("agreement.assured", who=words.listed(p.label for p in delegation.assured_by))
                if delegation.assured_by
                else "",
                words("agreement.liable", who=words.listed(p.label for p in delegation.liable))
                if delegation.liable
                else "",
                words("agreement.terms_at", where=delegation.terms_at) if delegation.terms_at else "",
            ),
        ),
    }


def form_of(party: Party, record: Record) -> str:
    """What a committee is in law; where that is not said, its kind."""
    if party.form:
        return record.sentence(party.form)
    return "; ".join(record.sentence(k) for k in record.narrowest(party.kinds))


def seats_of(party: Party, scheme: Scheme) -> list[str]:
    """The posts that sit on a committee."""
    return sorted({seat.post.label for seat in scheme.seats if seat.of == party})


def _committees(scheme: Scheme, record: Record, words: Words) -> Section:
    columns = words.columns("sord.committees_columns")
    rows = []
    for party in scheme.committees():
        parents = [scheme.parties[p].label if p in scheme.parties else record.label(p) for p in party.parents]
        rows.append(
            (
                party.address,
                {
                    "committee": plain(party.label),
                    "form": plain(form_of(party, record)),
                    "of": plain(*parents),
                    "seats": plain(*seats_of(party, scheme)),
                    "review": plain(day(party.review) if party.review else ""),
                },
            )
        )
    table = Table(words("sord.committees_caption"), columns, rows_of(columns, rows, words))
    return Section(heading=words("sord.committees_heading"), tables=(table,))
