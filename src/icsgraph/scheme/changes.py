"""Two versions of a scheme held against each other: what is newly delegated, taken back, changed or left without a holder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from icsgraph.ask.names import fold
from icsgraph.core.terms import ID
from icsgraph.scheme.documents.words import Words, day
from icsgraph.scheme.model import Authority, Line, Party, Scheme, natural
from icsgraph.scheme.record import Record

__all__ = ["Change", "bag", "compare", "likeness", "paired", "same_party"]

# Lines of one reference that share less of their words than this are two matters, not one in new words.
_REWORDED = 0.2


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference. ``kind`` is a key of ``changes.kinds`` in ``data/documents.toml``; an empty side had nothing."""

    kind: str
    reference: str
    decision: str
    before: str = ""
    after: str = ""

    def to_dict(self) -> dict[str, str]:
        """The change as JSON."""
        return {
            "kind": self.kind,
            "reference": self.reference,
            "decision": self.decision,
            "before": self.before,
            "after": self.after,
        }


def compare(old: Scheme, new: Scheme, record: Record, words: Words) -> list[Change]:
    """What changed from one version to another, the gravest kinds first, then by reference.

    A line is the same where its wording and reference agree, else its wording, else its reference. A holder is the same
    under another address where its name agrees, or the new version gives the old name as another.
    """
    same = same_party(new)
    found = list(_parties(old, new, same))
    pairs, gone, come = paired(old.lines, new.lines)
    for line in gone:
        found.append(
            Change(kind="removed", reference=line.reference, decision=line.label, before=_said(line, old, words))
        )
    for line in come:
        found.append(Change(kind="added", reference=line.reference, decision=line.label, after=_said(line, new, words)))
        if line.taking("Decides"):
            found.append(_delegated("newly-delegated", line, None, line, old, new, words))
    for before, after in pairs:
        found += _line(before, after, old, new, same, record, words)
    found += _orphans(old, new, same, record, words)
    found += _unowned(old, new, record)
    order = list(words.table("changes.kinds"))
    return sorted(set(found), key=lambda c: (order.index(c.kind), natural(c.reference), c.decision, c.before, c.after))


def same_party(new: Scheme) -> Callable[[Party], str]:
    """What makes a party of any version the same as one of ``new``: its address on record, else its name."""
    renamed = {fold(a): fold(p.label) for p in new.parties.values() for a in p.also}
    names = {fold(p.label) for p in new.parties.values()}

    def key(party: Party) -> str:
        name = fold(party.label)
        if party.address.startswith(ID):
            return party.address
        return name if name in names else renamed.get(name, name)

    return key


def paired(old: Iterable[Line], new: Iterable[Line]) -> tuple[list[tuple[Line, Line]], list[Line], list[Line]]:
    """The lines that are the same in two schemes, and those that only the first and only the second has."""
    gone, come = list(old), list(new)
    pairs = []
    ways: tuple[Callable[[Line], str], ...] = (
        lambda n: f"{fold(n.document)}|{n.reference}|{fold(n.label)}",
        lambda n: fold(n.label),
        lambda n: f"{fold(n.document)}|{n.reference}" if n.reference else "",
    )
    for number, way in enumerate(ways):
        sides = [_by(side, way) for side in (gone, come)]
        # Where several read alike, none is taken for another.
        same = {k for k, lines in sides[0].items() if k and len(lines) == 1 and len(sides[1].get(k, ())) == 1}
        if number == 2:
            same = {k for k in same if likeness(*(bag(side[k][0].label) for side in sides)) >= _REWORDED}
        pairs += [(sides[0][key][0], sides[1][key][0]) for key in sorted(same)]
        gone, come = ([line for key, lines in side.items() if key not in same for line in lines] for side in sides)
    return pairs, gone, come


def bag(text: str) -> frozenset[str]:
    """The words of a text, whatever their order and case."""
    return frozenset(fold(text).split())


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of words that two texts have in common, from nought to one.

    >>> likeness(bag("Agree the plan"), bag("Agree the budget"))
    0.5
    """
    return len(one & other) / (len(one | other) or 1)


def _by(lines: Iterable[Line], way: Callable[[Line], str]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(way(line), []).append(line)
    return found


def _deciders(line: Line, same: Callable[[Party], str], *also: str) -> dict[str, list[Authority]]:
    """Who decides under a line, and who takes ``also`` a part, with their authorities."""
    found: dict[str, list[Authority]] = {}
    for authority in line.taking("Decides", *also):
        found.setdefault(same(authority.holder), []).append(authority)
    return found


def _said(line: Line, scheme: Scheme, words: Words) -> str:
    return words.listed(f"{words(f'part_words.{a.part}')}: {words.authority(a, scheme.body)}" for a in line.authorities)


def _decided(line: Line | None, scheme: Scheme, words: Words) -> str:
    """Who decides or keeps a line."""
    taking = line.taking("Reserves", "Decides") if line else ()
    return words.listed(words.authority(a, scheme.body) for a in taking)


def _delegated(
    kind: str, line: Line, before: Line | None, after: Line | None, old: Scheme, new: Scheme, words: Words
) -> Change:
    return Change(
        kind=kind,
        reference=line.reference,
        decision=line.label,
        before=_decided(before, old, words),
        after=_decided(after, new, words),
    )


def _line(  # noqa: C901
    before: Line,
    after: Line,
    old: Scheme,
    new: Scheme,
    same: Callable[[Party], str],
    record: Record,
    words: Words,
) -> Iterator[Change]:
    """The differences of a line that both versions have."""

    def change(kind: str, was: str, now: str) -> Change:
        return Change(kind=kind, reference=after.reference, decision=after.label, before=was, after=now)

    was, now = _deciders(before, same), _deciders(after, same)
    if was and not now:
        yield _delegated("taken-back", after, before, after, old, new, words)
    elif now and not was:
        yield _delegated("newly-delegated", after, before, after, old, new, words)
    elif set(was) != set(now):
        yield _delegated("holder", after, before, after, old, new, words)
    ladders = _deciders(before, same, "Reserves"), _deciders(after, same, "Reserves")
    for holder in sorted(set(ladders[0]) & set(ladders[1])):
        limits = [[words.limit(a.above, a.up_to) or words("words.no_limit") for a in side[holder]] for side in ladders]
        if limits[0] != limits[1]:
            name = words.holder(ladders[1][holder][0].holder, new.body)
            yield change("limit", *(f"{name}, {words.listed(side)}" for side in limits))
    # That the board keeps a decision no more is said where it passed it on.
    hidden = "Reserves" if bool(was) != bool(now) else ""
    others = [_others(line, same, scheme, words, hidden) for line, scheme in ((before, old), (after, new))]
    if set(others[0]) != set(others[1]):
        yield change("others", *(words.listed(side.values()) for side in others))
    conditions = [
        sorted({*line.conditions, *(c for a in line.authorities for c in (*a.conditions, a.as_written) if c)})
        for line in (before, after)
    ]
    if conditions[0] != conditions[1]:
        yield change("conditions", *(words.listed(side) for side in conditions))
    residual = [{same(a.holder) for a in line.authorities if a.residual} for line in (before, after)]
    if residual[0] != residual[1]:
        yield change("residual", _decided(before, old, words), _decided(after, new, words))
    for kind, value in _plain_facts(record, words):
        if value(before) != value(after):
            yield change(kind, value(before), value(after))
    for kind, parties in (("lead", (before.leads, after.leads)), ("passed-by", (before.passed_by, after.passed_by))):
        sides: list[Mapping[str, str]] = [{same(p): p.label for p in side} for side in parties]
        if set(sides[0]) != set(sides[1]):
            yield change(kind, *(words.listed(side.values()) for side in sides))


def _plain_facts(record: Record, words: Words) -> tuple[tuple[str, Callable[[Line], str]], ...]:
    """What a line says in words, by the kind of change that a difference in it is."""

    def on(value: dt.date | None) -> str:
        return day(value) if value else ""

    return (
        ("reworded", lambda n: n.label),
        ("renumbered", lambda n: n.reference),
        ("theme", lambda n: n.theme),
        ("document", lambda n: n.document),
        ("source", lambda n: n.source),
        ("effective", lambda n: on(n.effective)),
        ("review", lambda n: on(n.review)),
        ("further", lambda n: n.further),
        ("functions", lambda n: words.listed(record.sentence(a) for a in (*n.functions, *n.duties))),
    )


def _others(
    line: Line, same: Callable[[Party], str], scheme: Scheme, words: Words, hidden: str
) -> dict[tuple[str, str], str]:
    """Who else takes part: those to whom it is reserved, and those who recommend, oversee or are consulted."""
    return {
        (a.part, same(a.holder)): f"{words(f'part_words.{a.part}')}: {words.holder(a.holder, scheme.body)}"
        for a in line.authorities
        if a.part not in ("Decides", hidden)
    }


def _parties(old: Scheme, new: Scheme, same: Callable[[Party], str]) -> Iterator[Change]:
    """Committees and posts that came and went, or have another name."""
    sides = [{same(p): p for p in s.parties.values() if p.declared and p.sort != "body"} for s in (old, new)]
    for key in sides[0].keys() - sides[1].keys():
        yield Change(kind=f"{sides[0][key].sort}-gone", reference="", decision=sides[0][key].label)
    for key in sides[1].keys() - sides[0].keys():
        yield Change(kind=f"{sides[1][key].sort}-new", reference="", decision=sides[1][key].label)
    for key in sides[0].keys() & sides[1].keys():
        was, now = sides[0][key], sides[1][key]
        if fold(was.label) != fold(now.label):
            yield Change(kind="renamed", reference="", decision=now.label, before=was.label, after=now.label)


def _orphans(old: Scheme, new: Scheme, same: Callable[[Party], str], record: Record, words: Words) -> Iterator[Change]:
    """Lines of the new version that hang on somebody or something that is there no more."""
    declared = {same(p) for p in new.parties.values() if p.declared}
    lost = {same(p) for p in old.parties.values() if p.declared} - declared
    lines = {line.address for line in new.lines}
    for line in new.lines:
        named = [*(a.holder for a in line.authorities), *line.leads, *line.passed_by]
        for party in {p.address: p for p in named}.values():
            ended = new.day and party.period.end and party.period.end <= new.day
            if same(party) in lost:
                yield Change(
                    kind="orphaned",
                    reference=line.reference,
                    decision=line.label,
                    before=party.label,
                    after=words("changes.holder_gone"),
                )
            elif ended:
                said = record.existence(party.address, new.day) if new.day else ""
                yield Change(
                    kind="orphaned",
                    reference=line.reference,
                    decision=line.label,
                    before=party.label,
                    after=said or words("changes.holder_gone"),
                )
        for above in line.passed_from:
            if above not in lines:
                name = next((n.reference for n in old.lines if n.address == above), above)
                yield Change(
                    kind="orphaned",
                    reference=line.reference,
                    decision=line.label,
                    before=name,
                    after=words("changes.line_gone"),
                )


def _unowned(old: Scheme, new: Scheme, record: Record) -> Iterator[Change]:
    """Functions and duties that lines of the old version allotted and no line of the new one does."""
    was, now = ({m for n in s.lines for m in (*n.functions, *n.duties)} for s in (old, new))
    for matter in was - now:
        lines = ", ".join(sorted((n.reference for n in old.lines if matter in (*n.functions, *n.duties)), key=natural))
        yield Change(kind="unowned", reference="", decision=record.sentence(matter), before=lines)
