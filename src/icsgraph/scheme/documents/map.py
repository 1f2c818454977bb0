"""The functions-and-decisions map: who decides what, in fixed lanes, as a picture and as an equal table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from icsgraph.ask.names import fold
from icsgraph.core.terms import DEF, ID
from icsgraph.scheme.documents.page import (
    Cell,
    Document,
    IncompleteError,
    Paragraph,
    Section,
    Table,
    Text,
    anchor,
    made,
    plain,
    rows_of,
)
from icsgraph.scheme.documents.sord import facts_of, form_of
from icsgraph.scheme.documents.svg import Box, Lane, draw
from icsgraph.scheme.documents.words import Words
from icsgraph.scheme.model import Line, Party, Scheme, natural
from icsgraph.scheme.record import Record

__all__ = ["decisions_map", "lanes_of", "picture"]

JOINT = DEF + "JointExercise"


@dataclass(frozen=True, kw_only=True)
class _Holder:
    """What the map says of one body, committee or post."""

    party: Party
    lane: str
    form: str
    parts: tuple[tuple[str, tuple[Line, ...]], ...]
    agreements: tuple[str, ...]
    receives: bool
    gives: bool
    after: tuple[str, ...]


def decisions_map(scheme: Scheme, record: Record, words: Words, as_at: dt.date) -> Document:
    """The map with its table; every authority of the scheme is in both."""
    holders = _holders(scheme, record, words)
    columns = words.columns("map.columns")
    rows = rows_of(
        columns,
        (
            (
                h.party.address,
                {
                    "holder": plain(h.party.label),
                    "lane": plain(h.lane),
                    "form": plain(h.form),
                    "parts": tuple(p for part, lines in h.parts for p in _part(part, lines)),
                    "agreements": plain(*h.agreements),
                },
            )
            for h in holders
        ),
        words,
    )
    shown = sum(len(lines) for h in holders for _, lines in h.parts)
    wanted = {(a.holder.address, a.part, n.address) for n in scheme.lines for a in n.authorities}
    if shown != len(wanted):
        raise IncompleteError(f"The map shows {shown} authorities of {len(wanted)}.")
    svg = picture(scheme, record, words)
    table = Table(words("map.table_caption"), columns, rows)
    return Document(
        title=words("map.title"),
        body=scheme.body.label,
        about=words("map.about", body=scheme.body.label),
        facts=facts_of(scheme, words, as_at),
        sections=(
            Section(heading=words("map.picture_heading"), picture=svg),
            Section(heading=words("map.table_heading"), tables=(table,)),
            Section(heading=words("map.lines_heading"), tables=(_lines(scheme, words),)),
        ),
        made=made(words, scheme.body.label),
        words=words,
    )


def picture(scheme: Scheme, record: Record, words: Words, page: str = "") -> str:
    """The map as SVG; its links lead to the rows of the table, in ``page`` where that is another file."""
    holders = _holders(scheme, record, words)
    names = [lane["name"] for lane in words.lanes()]
    lanes = [
        Lane(
            name,
            tuple(
                Box(
                    name=h.party.label,
                    form=h.form,
                    said=tuple(_said(h, words)),
                    href=f"{page}#{anchor(h.party.address)}",
                    sort=h.party.sort,
                    source=h.party == scheme.body,
                    receives=h.receives,
                    gives=h.gives,
                    after=h.after,
                )
                for h in holders
                if h.lane == name
            ),
        )
        for name in names
    ]
    shown = [lane for lane in lanes if lane.boxes]
    about = words(
        "map.description",
        lanes=len(shown),
        names=words.listed(lane.name for lane in shown),
        boxes=len(holders),
    )
    return draw(shown, f"{words('map.title')} – {scheme.body.label}", about)


def lanes_of(party: Party, scheme: Scheme, words: Words) -> str:
    """The lane in which a party stands."""
    if party == scheme.body:
        return next(str(lane["name"]) for lane in words.lanes() if not lane["kinds"])
    for lane in sorted(words.lanes(), key=lambda lane: lane["rank"]):
        if _takes_in(lane, party):
            return str(lane["name"])
    raise AssertionError(f"no lane takes in {party.address}")


def _takes_in(lane: dict[str, Any], party: Party) -> bool:
    kinds = {DEF + kind for kind in lane["kinds"]}
    forms = {f"{ID}form/{form}" for form in lane.get("forms", ())}
    named = party.sort == "committee" and set(lane.get("named", ())) & set(fold(party.label).split())
    return bool(kinds & party.kinds or party.form in forms or named or (party.sort == "body" and DEF + "Body" in kinds))


def _holders(scheme: Scheme, record: Record, words: Words) -> list[_Holder]:
    order = [lane["name"] for lane in words.lanes()]
    parts: dict[str, dict[str, dict[str, Line]]] = {}
    # Whose power each party has by lines, and by agreement.
    powers: dict[str, dict[str, set[str]]] = {}
    for line in scheme.lines:
        for authority in line.authorities:
            parts.setdefault(authority.holder.address, {}).setdefault(authority.part, {})[line.address] = line
            if authority.part == "Decides":
                for giver in line.passed_by or (scheme.body,):
                    powers.setdefault(authority.holder.address, {}).setdefault(giver.address, set()).add(line.reference)
    for delegation in scheme.delegations:
        for delegate in delegation.delegates if delegation.kind != JOINT else ():
            for delegator in delegation.delegators:
                powers.setdefault(delegate.address, {}).setdefault(delegator.address, set())
    agreements = _agreements(scheme, record, words)
    for address, givers in powers.items():
        for source, references in givers.items():
            if references and source != scheme.body.address:
                lines = ", ".join(sorted(references, key=natural))
                said = words("map.passed_on", lines=lines, who=scheme.parties[source].label)
                agreements.setdefault(address, []).append(said)
    committees = [c.address for c in scheme.committees()]
    # A committee without a power is shown; other parties that take no part are not.
    shown = {scheme.body.address, *parts, *agreements, *committees}
    names = words.table("part_words")
    found = [
        _Holder(
            party=party,
            lane=lanes_of(party, scheme, words),
            form=_what(party, scheme, record, words),
            parts=tuple((names[p], tuple(parts[address][p].values())) for p in names if p in parts.get(address, {})),
            agreements=tuple(agreements.get(address, ())),
            receives=scheme.body.address in powers.get(address, {}) and party != scheme.body,
            gives=address in powers.get(scheme.body.address, {}) and party != scheme.body,
            after=tuple(sorted(scheme.parties[g].label for g in powers.get(address, {}))),
        )
        for address in shown
        for party in [scheme.parties[address]]
    ]
    return sorted(
        found,
        key=lambda h: (
            order.index(h.lane),
            committees.index(h.party.address) if h.party.address in committees else -1,
            h.party.label,
        ),
    )


def _what(party: Party, scheme: Scheme, record: Record, words: Words) -> str:
    """What a party is, and of whom where that is another than the board."""
    if party.sort == "post":
        return words("map.post")
    said = form_of(party, record)
    parents = party.parents if len(party.parents) > 1 else [p for p in party.parents if p != scheme.body.address]
    others = [scheme.parties[p].label for p in parents if p in scheme.parties]
    return f"{said} {words('map.set_up_by', who=words.listed(others))}" if others else said


def _agreements(scheme: Scheme, record: Record, words: Words) -> dict[str, list[str]]:
    """What each party gets, passes on or does jointly by agreement."""
    found: dict[str, list[str]] = {}
    for delegation in scheme.delegations:
        joint = delegation.kind == JOINT
        functions = words.listed(record.within(f) for f in delegation.functions)
        for own, others, name in (
            (delegation.delegators, delegation.delegates, "joint" if joint else "out"),
            (delegation.delegates, delegation.delegators, "joint" if joint else "in"),
        ):
            for party in own:
                said = words(
                    f"map.agreement_{name}",
                    reference=delegation.reference or delegation.label,
                    functions=functions,
                    who=words.listed(p.label for p in others),
                )
                found.setdefault(party.address, []).append(said)
    return found


def _part(part: str, lines: tuple[Line, ...]) -> Cell:
    """A part, and the lines in which it is taken, a paragraph for each theme; each number leads to its line."""
    themes: dict[str, list[Line]] = {}
    for line in lines:
        themes.setdefault(line.theme, []).append(line)
    found = list(plain(f"{part}:"))
    for theme, under in themes.items():
        texts = [Text(f"{theme} ")] if theme else []
        for place, line in enumerate(under):
            texts += [Text(", ")] if place else []
            texts.append(Text(line.reference or line.label, f"#{anchor(line.address)}"))
        found.append(Paragraph(tuple(texts)))
    return tuple(found)


def _said(holder: _Holder, words: Words) -> Iterator[tuple[str, str]]:
    """What is said in a box, line by line, each with its kind."""
    for part, lines in holder.parts:
        for number, paragraph in enumerate(_part(part, lines)):
            yield "said" if number else "part", "".join(t.words for t in paragraph.texts)
    if holder.agreements:
        yield "part", words("map.powers")
    for agreement in holder.agreements:
        yield "said", agreement


def _lines(scheme: Scheme, words: Words) -> Table:
    columns = words.columns("map.lines_columns")
    rows = rows_of(
        columns,
        (
            (
                line.address,
                {
                    "reference": plain(line.reference or "–"),
                    "decision": plain(line.label),
                    "who": (
                        *plain(
                            *(
                                f"{words(f'part_words.{a.part}')}: {words.authority(a, scheme.body)}"
                                for a in line.authorities
                            )
                        ),
                        *plain(*dict.fromkeys(words.as_written(a) for a in line.authorities), small=True),
                    ),
                },
            )
            for line in scheme.lines
        ),
        words,
    )
    return Table(words("map.lines_caption"), columns, rows)
