"""What breaks on a day: bodies and law that end or begin by then, and lines, agreements and reviews that fall due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from icsgraph.core.terms import ID
from icsgraph.scheme.documents.sord import bearers
from icsgraph.scheme.documents.words import Words, day
from icsgraph.scheme.model import Party, Scheme, natural
from icsgraph.scheme.record import Basis, Record

__all__ = ["Break", "breaks", "notes_on"]


@dataclass(frozen=True, kw_only=True)
class Break:
    """One thing that does not hold on the day as the scheme has it. ``lines`` are the references of what hangs on it."""

    kind: str
    thing: str
    on: str
    says: str
    lines: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, str | list[str]]:
        """The break as JSON."""
        return {"kind": self.kind, "thing": self.thing, "on": self.on, "says": self.says, "lines": list(self.lines)}


def breaks(scheme: Scheme, record: Record, words: Words, on: dt.date) -> list[Break]:
    """What no longer, or not yet, holds in a scheme on a day, and what has begun since the scheme took effect.

    Kinds are those of ``breaks.kinds`` in ``data/documents.toml``, in its order; within a kind by day.
    """
    found = [
        *_bodies(scheme, record, words, on),
        *_law(scheme, record, words, on),
        *_agreements(scheme, words, on),
        *_lines(scheme, words, on),
        *_reviews(scheme, words, on),
        *_proposals(scheme, record),
    ]
    order = list(words.table("breaks.kinds"))
    return sorted(set(found), key=lambda b: (order.index(b.kind), b.on, natural(b.thing)))


def notes_on(record: Record, words: Words, on: dt.date) -> tuple[str, ...]:
    """What a reader must know where the day lies beyond what the record follows."""
    known = record.known_to
    return (words("breaks.known_to", day=day(known)),) if known and on > known else ()


def _begun(start: dt.date | None, scheme: Scheme, on: dt.date) -> bool:
    """Whether something began after the scheme took effect and by the day."""
    return bool(start and scheme.day and scheme.day < start <= on)


def _bodies(scheme: Scheme, record: Record, words: Words, on: dt.date) -> Iterator[Break]:
    for party in scheme.parties.values():
        start, end = party.period.start, party.period.end
        lines = _of_party(party, scheme)
        if end and end <= on:
            said = record.existence(party.address, on) or words("breaks.ended", day=day(end - dt.timedelta(days=1)))
            yield Break(kind="body-ends", thing=party.label, on=end.isoformat(), says=said, lines=lines)
        elif start and (start > on or _begun(start, scheme, on)):
            yield Break(
                kind="not-yet" if start > on else "body-begins",
                thing=party.label,
                on=start.isoformat(),
                says=words("breaks.begins", day=day(start)),
                lines=lines,
            )


def _of_party(party: Party, scheme: Scheme) -> tuple[str, ...]:
    """The lines and agreements that hang on a party, or on a committee or post of it; all where it is the board."""
    if party == scheme.body:
        return _references(line.reference or line.label for line in scheme.lines)
    hanging = {party.address}
    while more := {p.address for p in scheme.parties.values() if hanging & set(p.parents)} - hanging:
        hanging |= more
    lines = [
        line.reference or line.label
        for line in scheme.lines
        if hanging & {p.address for p in (*(a.holder for a in line.authorities), *line.leads, *line.passed_by)}
    ]
    agreements = [
        d.reference or d.label
        for d in scheme.delegations
        if hanging & {p.address for p in (*d.delegators, *d.delegates, *d.assured_by, *d.liable)}
    ]
    return (*_references(lines), *_references(agreements))


def _references(references: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(references), key=natural))


def _matters(scheme: Scheme) -> dict[str, tuple[str, ...]]:
    """The functions and duties that are mentioned, with the lines and agreements that do."""
    found: dict[str, list[str]] = {}
    for line in scheme.lines:
        for matter in (*line.functions, *line.duties):
            found.setdefault(matter, []).append(line.reference or line.label)
    for delegation in scheme.delegations:
        for matter in delegation.functions:
            found.setdefault(matter, []).append(delegation.reference or delegation.label)
    for lead in scheme.duty_leads:
        found.setdefault(lead.duty, [])
    return {matter: _references(lines) for matter, lines in found.items()}


def _own(matter: str, scheme: Scheme, record: Record) -> list[Basis]:
    """The law by which the board has a function or duty on any day; that of others where it never has it."""
    bases = list(record.bases.get(matter, ()))
    return [b for b in bases if b.bearer in bearers(scheme.body)] or [b for b in bases if b.direct]


def _law(scheme: Scheme, record: Record, words: Words, on: dt.date) -> Iterator[Break]:
    for matter, lines in _matters(scheme).items():
        for basis in _own(matter, scheme, record):
            said = {"law": basis.law.citation, "who": record.label(basis.bearer)}
            thing = record.sentence(matter)
            if basis.period.end and basis.period.end <= on and (not scheme.day or basis.period.end > scheme.day):
                end = basis.period.end
                text = words("breaks.law_ends", day=day(end - dt.timedelta(days=1)), **said)
                yield Break(kind="law-ends", thing=thing, on=end.isoformat(), says=text, lines=lines)
            elif basis.period.start and _begun(basis.period.start, scheme, on):
                text = words("breaks.law_begins", day=day(basis.period.start), **said)
                yield Break(kind="law-begins", thing=thing, on=basis.period.start.isoformat(), says=text, lines=lines)
    for delegation in scheme.delegations:
        for gateway in delegation.gateways:
            closes = record.period(gateway).end
            if closes and closes <= on:
                text = words("breaks.gateway_ends", day=day(closes - dt.timedelta(days=1)))
                line = (delegation.reference or delegation.label,)
                yield Break(kind="law-ends", thing=record.label(gateway), on=closes.isoformat(), says=text, lines=line)


def _agreements(scheme: Scheme, words: Words, on: dt.date) -> Iterator[Break]:
    for delegation in scheme.delegations:
        start, end = delegation.period.start, delegation.period.end
        thing = f"{delegation.reference} {delegation.label}".strip()
        lines = _references(
            n.reference or n.label for n in scheme.lines if set(n.functions) & set(delegation.functions)
        )
        if end and end <= on:
            said = words("breaks.ended", day=day(end - dt.timedelta(days=1)))
            yield Break(kind="agreement-ends", thing=thing, on=end.isoformat(), says=said, lines=lines)
        elif start and (start > on or _begun(start, scheme, on)):
            yield Break(
                kind="not-yet" if start > on else "agreement-begins",
                thing=thing,
                on=start.isoformat(),
                says=words("breaks.begins", day=day(start)),
                lines=lines,
            )


def _lines(scheme: Scheme, words: Words, on: dt.date) -> Iterator[Break]:
    for line in scheme.lines:
        if not line.effective:
            continue
        kind = "not-yet" if line.effective > on else "line-begins" if _begun(line.effective, scheme, on) else ""
        if kind:
            said = words("breaks.begins", day=day(line.effective))
            yield Break(
                kind=kind,
                thing=line.label,
                on=line.effective.isoformat(),
                says=said,
                lines=_references([line.reference or line.label]),
            )


def _reviews(scheme: Scheme, words: Words, on: dt.date) -> Iterator[Break]:
    due: list[tuple[str, dt.date | None, tuple[str, ...]]] = [(scheme.title, scheme.review, ())]
    due += [(line.label, line.review, _references([line.reference or line.label])) for line in scheme.lines]
    due += [(p.label, p.review, _of_party(p, scheme)) for p in scheme.parties.values()]
    for thing, review, lines in due:
        if review and review <= on:
            yield Break(
                kind="review-due",
                thing=thing,
                on=review.isoformat(),
                says=words("breaks.review", day=day(review)),
                lines=lines,
            )


def _proposals(scheme: Scheme, record: Record) -> Iterator[Break]:
    """What a Bill would change of that which is mentioned; it has no day, and is no law."""
    touched: dict[str, tuple[str, set[str]]] = {}

    def touch(address: str, thing: str, lines: tuple[str, ...]) -> None:
        touched.setdefault(address, (thing, set()))[1].update(lines)

    for party in scheme.parties.values():
        touch(party.address, party.label, _of_party(party, scheme))
    for matter, lines in _matters(scheme).items():
        touch(matter, record.sentence(matter), lines)
        for basis in _own(matter, scheme, record):
            touch(f"{ID}provision/{basis.law.id}", record.sentence(matter), lines)
    said: dict[tuple[str, str], set[str]] = {}
    for address, text in record.proposals:
        if address in touched:
            thing, hanging = touched[address]
            said.setdefault((thing, text), set()).update(hanging)
    for (thing, text), hanging in said.items():
        yield Break(kind="proposed", thing=thing, on="", says=text, lines=_references(hanging))
