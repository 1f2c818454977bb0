"""What each committee may do, line by line, beside what its terms of reference say."""

from __future__ import annotations

import datetime as dt

from icsgraph.core.errors import NotFound
from icsgraph.scheme.documents.page import Cell, Document, Section, Table, made, plain, rows_of
from icsgraph.scheme.documents.sord import facts_of, form_of, seats_of
from icsgraph.scheme.documents.words import Words
from icsgraph.scheme.model import Authority, Line, Party, Scheme, TermsLine
from icsgraph.scheme.record import Record

__all__ = ["extracts"]


def extracts(scheme: Scheme, record: Record, words: Words, as_at: dt.date, committee: str = "") -> Document:
    """The delegated authority of every committee, or of the one that ``committee`` names.

    Raises ``NotFound`` with the names of all where none is so called.
    """
    every = scheme.committees()
    wanted = committee.casefold()
    chosen = [p for p in every if wanted in ("", p.label.casefold(), *(a.casefold() for a in p.also))]
    if not chosen:
        names = "; ".join(p.label for p in every) or "none"
        raise NotFound(f"“{committee}” is no committee of the scheme.", f"Its committees are: {names}.")
    return Document(
        title=words("extracts.title"),
        body=scheme.body.label,
        about=words("extracts.about", body=scheme.body.label),
        facts=facts_of(scheme, words, as_at),
        sections=tuple(_section(party, scheme, record, words) for party in chosen),
        made=made(words, scheme.body.label),
        words=words,
    )


def _section(party: Party, scheme: Scheme, record: Record, words: Words) -> Section:
    parents = [scheme.parties[p].label for p in party.parents if p in scheme.parties]
    seats = seats_of(party, scheme)
    about = [words("extracts.form", form=form_of(party, record))]
    about += [words("extracts.of", who=words.listed(parents))] if parents else []
    about += [words("extracts.seats", who=words.listed(seats))] if seats else []
    terms = [t for t in scheme.terms if t.committee == party]
    held = [(n, a) for n in scheme.lines for a in n.authorities if a.holder == party]
    cells = [(a.address, _power(n, a, terms, words)) for n, a in held]
    mirrored = {n.reference for n, _ in held}
    cells += [(t.address, _alone(t, words)) for t in terms if t.reference not in mirrored]
    if not held:
        about.append(words("extracts.nothing"))
    columns = words.columns("extracts.columns")
    table = Table(words("extracts.caption", committee=party.label), columns, rows_of(columns, cells, words))
    return Section(heading=party.label, tables=(table,) if cells else (), paragraphs=tuple(about))


def _power(line: Line, authority: Authority, terms: list[TermsLine], words: Words) -> dict[str, Cell]:
    limit = words.limit(authority.above, authority.up_to) or (words("words.unlimited") if authority.unlimited else "")
    residual = words("words.residual") if authority.residual else ""
    mirror = [t for t in terms if t.reference and t.reference == line.reference]
    return {
        "reference": plain(line.reference or "–"),
        "decision": plain(line.label),
        "part": plain(words(f"part_words.{authority.part}")),
        "limit": plain(_head(limit or residual)),
        "conditions": (
            *plain(*authority.conditions, *line.conditions),
            *plain(words.as_written(authority), small=True),
        ),
        # Where no terms were given at all, nothing can be said of them.
        "terms": plain(
            *(_compared(authority, t, words) for t in mirror), "" if mirror or not terms else words("extracts.silent")
        ),
    }


def _compared(authority: Authority, terms: TermsLine, words: Words) -> str:
    """Whether terms of reference say the same as the scheme, and what else they say."""
    said = []
    if terms.part and terms.part != authority.part:
        said.append(words(f"part_words.{terms.part}"))
    if terms.up_to != authority.up_to:
        said.append(words.limit(None, terms.up_to) or words("words.no_limit"))
    found = words("extracts.differs", words=words.listed(said)) if said else words("extracts.same")
    return f"{found} ({terms.source})" if terms.source else found


def _alone(terms: TermsLine, words: Words) -> dict[str, Cell]:
    """A power that stands in the terms of reference and in no line for the committee."""
    said = words("extracts.terms_only")
    return {
        "reference": plain(terms.reference or "–"),
        "decision": plain(terms.label),
        "part": plain(words(f"part_words.{terms.part}")) if terms.part else (),
        "limit": plain(_head(words.limit(None, terms.up_to))),
        "terms": plain(f"{said} ({terms.source})" if terms.source else said),
    }


def _head(said: str) -> str:
    return said[:1].upper() + said[1:]
