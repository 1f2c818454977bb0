"""Two boards' schemes made into a first draft for their successor, with a list of what people have to settle."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from icsgraph.ask.names import fold
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import DEF, ID, expand
from icsgraph.graph.rdf import RDF_TYPE, NamedNode, Term, Triple, iri, term_name, text, typed
from icsgraph.scheme.changes import bag, likeness, paired
from icsgraph.scheme.documents.sord import form_of
from icsgraph.scheme.documents.words import Words
from icsgraph.scheme.model import Delegation, Line, Party, Scheme, natural
from icsgraph.scheme.record import Record

__all__ = ["Conflict", "Draft", "merge"]

# What a board says of itself that does not pass to its successor.
_OWN = {
    expand(name)
    for name in ("rdfs:label", "skos:altLabel", "dcterms:identifier", "ics:odsCode", "ics:validFrom", "ics:validTo")
}
# Lines that share this much of their words are put before people as perhaps one.
_ALIKE = 0.6


@dataclass(frozen=True)
class Conflict:
    """Something to settle. ``kind`` is a key of ``merge.kinds`` in ``data/documents.toml``; each side says what it has."""

    kind: str
    what: str
    first: str
    second: str

    def to_dict(self) -> dict[str, str]:
        """The conflict as JSON."""
        return {"kind": self.kind, "what": self.what, "first": self.first, "second": self.second}


@dataclass(frozen=True)
class Draft:
    """The draft as triples, and what to settle in it."""

    triples: list[Triple]
    conflicts: list[Conflict]


@dataclass(kw_only=True)
class _Side:
    """One board's description, and where what it describes goes in the draft; ``None`` is left out."""

    triples: list[Triple]
    scheme: Scheme
    mark: str
    goes: dict[str, str | None] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    def to(self, party: Party) -> str:
        """What makes a party the same as one of the other side: where it goes, else its address."""
        return self.goes.get(party.address) or party.address


def merge(
    first: tuple[list[Triple], Scheme], second: tuple[list[Triple], Scheme], into: str, record: Record, words: Words
) -> Draft:
    """The first draft of a scheme for the successor that ``into`` names, from the descriptions of two boards.

    Committees, posts and bodies of one name and form become one; lines of one wording become one where both boards decide
    them alike, else they stand side by side and the difference is listed. Nothing is left out that is not listed. Raises
    ``IcsgraphError`` where both descriptions are of one board.
    """
    sides = (
        _Side(triples=first[0], scheme=first[1], mark="a"),
        _Side(triples=second[0], scheme=second[1], mark="b"),
    )
    boards = [side.scheme.body for side in sides]
    if boards[0].address == boards[1].address or fold(boards[0].label) == fold(boards[1].label):
        raise IcsgraphError(f"Both are schemes of {boards[0].label}.", "Use compare for two versions of one scheme.")
    successor = record.body_named(into)
    base = f"https://example.org/{re.sub(r'[^a-z0-9]+', '-', fold(into)).strip('-') or 'successor'}/"
    new = successor or base + "body"
    conflicts: list[Conflict] = []
    for side in sides:
        for party in side.scheme.parties.values():
            # Each board may speak of the other; both become the successor.
            if party.sort == "body" and fold(party.label) in {fold(b.label) for b in boards}:
                side.goes[party.address] = new
        side.goes[side.scheme.address] = base + "scheme"
    _name_the_rest(sides, base)
    conflicts += _parties(sides, record, words)
    conflicts += _joint(sides, new, words)
    conflicts += _agreements(sides, new, record, words)
    ordered, found = _lines(sides, words)
    conflicts += found
    conflicts += _leads(sides, record, words)
    triples = _moved(sides, new, base + "scheme")
    triples += [
        Triple(iri(base + "scheme"), RDF_TYPE, term_name("ics:Scheme")),
        Triple(iri(base + "scheme"), term_name("rdfs:label"), text(sides[0].scheme.title)),
        Triple(iri(base + "scheme"), term_name("ics:schemeOf"), iri(new)),
        Triple(iri(base + "scheme"), term_name("ics:version"), text(words("merge.version"))),
        Triple(iri(new), term_name("rdfs:label"), text(record.label(new) if successor else into)),
    ]
    triples += [Triple(iri(new), RDF_TYPE, iri(kind)) for board in boards for kind in record.narrowest(board.kinds)]
    triples += [
        Triple(iri(line), term_name("ics:position"), typed(str(number), "integer"))
        for number, line in enumerate(ordered, 1)
    ]
    order = list(words.table("merge.kinds"))
    listed = sorted(_together(conflicts), key=lambda c: (order.index(c.kind), natural(c.what), c.first, c.second))
    return Draft(sorted({str(t): t for t in triples}.values(), key=str), listed)


def _together(conflicts: Iterable[Conflict]) -> Iterator[Conflict]:
    """The conflicts, each once; what both sides say of one thing apart from each other is one."""
    found: dict[tuple[str, str], list[Conflict]] = {}
    for conflict in dict.fromkeys(conflicts):
        found.setdefault((conflict.kind, conflict.what), []).append(conflict)
    for (kind, what), those in found.items():
        lone = [c.first for c in those if not c.second], [c.second for c in those if not c.first]
        if len(those) == 2 and len(lone[0]) == len(lone[1]) == 1:
            yield Conflict(kind, what, lone[0][0], lone[1][0])
        else:
            yield from those


def _tail(address: str) -> str:
    """The end of an address without its web base.

    >>> _tail("https://example.org/fernshire/line/4.1"), _tail("urn:x-unnamed:b0")
    ('line/4.1', 'urn-x-unnamed-b0')
    """
    local = re.sub(r"^https?://[^/]+/([^/]+/)?", "", address)
    return re.sub(r"[^A-Za-z0-9./_~-]+", "-", local)


def _name_the_rest(sides: tuple[_Side, _Side], base: str) -> None:
    """New addresses for all that is described and is not of the record; what has one keeps it."""
    taken: set[str] = set()
    for side in sides:
        for subject in sorted({t.subject.value for t in side.triples}):
            if subject.startswith((ID, DEF)) or subject in side.goes:
                continue
            goes = base + _tail(subject)
            goes = goes if goes not in taken else f"{goes}-{side.mark}"
            taken.add(goes)
            side.goes[subject] = goes


def _parties(sides: tuple[_Side, _Side], record: Record, words: Words) -> Iterator[Conflict]:
    """Committees, posts and bodies of one name become one where they are of one kind and form, else keep apart."""
    named: list[dict[str, Party]] = [
        {
            fold(p.label): p
            for p in side.scheme.parties.values()
            if not p.address.startswith(ID)
            and p.address in side.goes
            and side.goes[p.address] != side.goes[side.scheme.body.address]
        }
        for side in sides
    ]
    for key in sorted(named[0].keys() & named[1].keys()):
        one, other = named[0][key], named[1][key]
        said = [_what(p, record, words) for p in (one, other)]
        if one.sort != other.sort or said[0] != said[1]:
            for side, party in zip(sides, (one, other), strict=True):
                side.labels[party.address] = words("merge.apart", party=party.label, board=side.scheme.body.label)
            yield Conflict("name-clash", one.label, *said)
            continue
        sides[1].goes[other.address] = sides[0].goes[one.address]
        if one.sort == "committee":
            seats = [
                sorted(s.post.label for s in side.scheme.seats if s.of == p)
                for side, p in zip(sides, (one, other), strict=True)
            ]
            yield Conflict("joined", one.label, *(words.listed(s) or said[0] for s in seats))
    for key, party in sorted(named[1].items()):
        names = {fold(a): a for a in (*party.also, party.label)}
        for one in named[0].values():
            shared = sorted(names[a] for a in {fold(a) for a in (one.label, *one.also)} & names.keys())
            if shared and fold(one.label) != key:
                yield Conflict("name-clash", shared[0], one.label, party.label)


def _joint(sides: tuple[_Side, _Side], new: str, words: Words) -> Iterator[Conflict]:
    """Committees that the two boards set up together."""
    for side in sides:
        boards = {address for address, goes in side.goes.items() if goes == new}
        for party in side.scheme.parties.values():
            if party.sort == "committee" and len(boards & set(party.parents)) > 1:
                yield Conflict("falls-away", party.label, *_beside(side, words("merge.joint_committee")))


def _beside(side: _Side, said: str) -> tuple[str, str]:
    """What one side says, in its place."""
    return (said, "") if side.mark == "a" else ("", said)


def _what(party: Party, record: Record, words: Words) -> str:
    """What a party is, so that two of one name can be told apart."""
    return words("map.post") if party.sort == "post" else form_of(party, record)


def _agreements(sides: tuple[_Side, _Side], new: str, record: Record, words: Words) -> Iterator[Conflict]:
    """Agreements between the two boards fall away; those that both have with the same bodies become one."""
    found: list[dict[tuple[object, ...], Delegation]] = [{}, {}]
    for number, side in enumerate(sides):
        for delegation in side.scheme.delegations:
            ends = [{side.to(p) for p in parties} for parties in (delegation.delegators, delegation.delegates)]
            if ends[0] == ends[1] == {new}:
                under = [t.subject.value for t in side.triples if t.object.value == delegation.address]
                liabilities = [a for a in under if a not in side.scheme.parties]
                side.goes |= dict.fromkeys([delegation.address, *liabilities])
                yield Conflict("falls-away", delegation.label, *_beside(side, words("merge.between_boards")))
                continue
            found[number][(*(frozenset(e) for e in ends), delegation.functions, delegation.kind)] = delegation
    for key in [k for k in found[0] if k in found[1]]:
        one, other = found[0][key], found[1][key]
        said = [_terms_of(d, record, words) for d in (one, other)]
        if said[0] == said[1]:
            sides[1].goes[other.address] = sides[0].goes[one.address]
        else:
            yield Conflict("agreement", one.label, *said)


def _terms_of(delegation: Delegation, record: Record, words: Words) -> str:
    """How an agreement runs: dates, gateway, terms and whether it may be passed on."""
    onward = {True: [words("agreement.onward")], False: [words("agreement.onward_allowed")], None: []}
    gateways = [record.label(g) for g in delegation.gateways]
    return words.listed(
        [
            *words.period(delegation.period),
            *gateways,
            *onward[delegation.onward_barred],
            *filter(None, [delegation.terms_at]),
        ]
    )


def _lines(sides: tuple[_Side, _Side], words: Words) -> tuple[list[str], list[Conflict]]:
    """The lines of the draft in order, and where the boards differ."""
    first, second = (side.scheme.lines for side in sides)
    matched = [(one, other) for one, other in paired(first, second)[0] if fold(one.label) == fold(other.label)]
    twins = {one.address: other for one, other in matched}
    conflicts: list[Conflict] = []
    for one, other in matched:
        differing = list(_differences(one, other, sides, words))
        if differing:
            conflicts += differing
            for side, line in zip(sides, (one, other), strict=True):
                side.references[line.address] = f"{one.reference or one.label[:20]}{side.mark}"
                side.notes[line.address] = words("merge.note", board=_other(side, sides).scheme.body.label)
        else:
            conflicts.append(Conflict("one-line", one.label, *(_details(n) for n in (one, other))))
            sides[1].goes[other.address] = sides[0].goes[one.address]
            for authority in other.authorities:
                sides[1].goes[authority.address] = None
    alone = [n for n in second if n.address not in {t.address for t in twins.values()}]
    ones = [n for n in first if n.address not in twins]
    taken = {n.reference: n for n in first if n.reference}
    for line in alone:
        rival = taken.get(line.reference)
        if rival:
            conflicts.append(Conflict("reference-clash", line.reference, rival.label, line.label))
            sides[0].references.setdefault(rival.address, f"{rival.reference}a")
            sides[1].references[line.address] = f"{line.reference}b"
    conflicts += _perhaps(ones, alone)
    conflicts += [Conflict("only-one", n.label, n.reference or "–", "") for n in ones]
    conflicts += [Conflict("only-one", n.label, "", n.reference or "–") for n in alone]
    return _order(sides, twins, alone), conflicts


def _details(line: Line) -> str:
    """Where a line stands and from when, of which the draft keeps the first board's."""
    dates = (value.isoformat() for value in (line.effective, line.review) if value)
    return ", ".join(filter(None, (line.reference, line.theme, line.document, line.source, *dates))) or "–"


def _other(side: _Side, sides: tuple[_Side, _Side]) -> _Side:
    return sides[1] if side is sides[0] else sides[0]


def _order(sides: tuple[_Side, _Side], twins: dict[str, Line], alone: list[Line]) -> list[str]:
    """By theme, the first board's themes and lines first; lines that differ stand side by side."""
    themes: dict[str, list[str]] = {}
    for line in sides[0].scheme.lines:
        under = themes.setdefault(fold(line.theme), [])
        under.append(sides[0].goes[line.address] or "")
        if line.address in twins:
            under.append(sides[1].goes[twins[line.address].address] or "")
    for line in alone:
        themes.setdefault(fold(line.theme), []).append(sides[1].goes[line.address] or "")
    return list(dict.fromkeys(a for under in themes.values() for a in under if a))


def _differences(one: Line, other: Line, sides: tuple[_Side, _Side], words: Words) -> Iterator[Conflict]:
    """In what two boards differ on one matter."""
    lines = (one, other)

    def said(*parts: str) -> list[str]:
        return [
            words.listed(
                f"{words(f'part_words.{a.part}')}: {words.authority(a, side.scheme.body)}" for a in line.taking(*parts)
            )
            for side, line in zip(sides, lines, strict=True)
        ]

    def keys(*parts: str, limits: bool = False) -> list[set[tuple[object, ...]]]:
        return [
            {
                (side.to(a.holder), a.part, a.residual, *((a.above, a.up_to) if limits else ()))
                for a in line.taking(*parts)
            }
            for side, line in zip(sides, lines, strict=True)
        ]

    deciding, others = ("Reserves", "Decides"), ("Recommends", "Oversees", "IsConsulted")
    holders, limits, rest = keys(*deciding), keys(*deciding, limits=True), keys(*others)
    if holders[0] != holders[1]:
        yield Conflict("holder", one.label, *said(*deciding))
    elif limits[0] != limits[1]:
        yield Conflict("limit", one.label, *said(*deciding))
    if rest[0] != rest[1]:
        yield Conflict("others", one.label, *said(*others))
    conditions = [sorted({*n.conditions, *(c for a in n.authorities for c in a.conditions)}) for n in lines]
    if conditions[0] != conditions[1]:
        yield Conflict("conditions", one.label, *(words.listed(c) for c in conditions))
    leads = [{side.to(p) for p in n.leads} for side, n in zip(sides, lines, strict=True)]
    if leads[0] != leads[1]:
        yield Conflict("lead", one.label, *(words.listed(p.label for p in n.leads) for n in lines))


def _perhaps(ones: list[Line], others: list[Line]) -> Iterator[Conflict]:
    """Lines that may mean one matter in other words, each with the one that is most like it."""
    bags = [(bag(other.label), other) for other in others]
    for line in ones:
        own = bag(line.label)
        share, nearest = max(
            ((likeness(own, its), other) for its, other in bags), key=lambda n: n[0], default=(0.0, line)
        )
        if share >= _ALIKE:
            yield Conflict("perhaps", f"{line.reference} / {nearest.reference}", line.label, nearest.label)


def _leads(sides: tuple[_Side, _Side], record: Record, words: Words) -> Iterator[Conflict]:
    """Duties on which the boards name different leads."""
    for one in sides[0].scheme.duty_leads:
        for other in sides[1].scheme.duty_leads:
            if one.duty != other.duty:
                continue
            leads = [{side.to(p) for p in d.leads} for side, d in zip(sides, (one, other), strict=True)]
            if leads[0] != leads[1] and all(leads):
                yield Conflict(
                    "duty-lead",
                    record.sentence(one.duty),
                    *(words.listed(p.label for p in d.leads) for d in (one, other)),
                )


def _moved(sides: tuple[_Side, _Side], new: str, scheme: str) -> list[Triple]:
    """The triples of both sides at their new addresses; what both say of a thing that became one stands once."""
    label, reference, further, position = (
        expand(n) for n in ("rdfs:label", "dcterms:identifier", "ics:furtherInformation", "ics:position")
    )
    single = {
        label,
        reference,
        expand("ics:theme"),
        expand("ics:inDocument"),
        expand("ics:sourceClause"),
        expand("ics:reviewOn"),
        expand("ics:effectiveOn"),
    }
    moved: list[Triple] = []
    said: dict[tuple[str, str], Term] = {}
    for side in sides:
        lines = {line.address: line for line in side.scheme.lines}
        renumbered = {line.reference: side.references[a] for a, line in lines.items() if a in side.references}
        terms = {t.address for t in side.scheme.terms}
        for triple in side.triples:
            subject, name, value = triple.subject.value, triple.predicate.value, triple.object
            goes = side.goes.get(subject, subject)
            if (
                goes is None
                or goes == scheme
                or (name == position and subject in lines)
                or (goes == new and name in _OWN)
            ):
                continue
            if isinstance(value, NamedNode):
                to = side.goes.get(value.value, value.value)
                if to is None:
                    continue
                value = iri(to)
            elif name == label and subject in side.labels:
                value = text(side.labels[subject])
            elif name == reference and subject in side.references:
                value = text(side.references[subject])
            elif name == reference and subject in terms:
                value = text(renumbered.get(value.value, value.value))
            elif name == further and subject in side.notes:
                value = text(f"{side.notes.pop(subject)} {value.value}")
            if name in single and said.setdefault((goes, name), value) != value:
                # The first board's word stands where both describe one thing.
                continue
            moved.append(Triple(iri(goes), triple.predicate, value))
        moved += [
            Triple(iri(to), term_name("ics:furtherInformation"), text(note))
            for subject, note in side.notes.items()
            if (to := side.goes[subject])
        ]
    return _once(moved)


def _once(triples: Iterable[Triple]) -> list[Triple]:
    """Things that say the same, and to which nothing points, are one."""
    by_subject: dict[str, list[Triple]] = {}
    for triple in triples:
        by_subject.setdefault(triple.subject.value, []).append(triple)
    seen: dict[frozenset[tuple[str, str]], str] = {}
    pointed_at = {t.object.value for own in by_subject.values() for t in own}
    kept: list[Triple] = []
    for subject, own in by_subject.items():
        same = frozenset((t.predicate.value, str(t.object)) for t in own)
        if seen.setdefault(same, subject) == subject or subject in pointed_at:
            kept += own
    return kept
