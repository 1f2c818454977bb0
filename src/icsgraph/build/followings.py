"""Who stands in a body's place on each day: the body itself, then those who followed it, with the share of its area that each has.

A chain of successions says too much where a body that took in several is divided later: its parts went with the areas they came
from. So a division is read from where the part lies: its location within a board, or else the councils it consisted of.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from icsgraph.core.terms import GRAPH, ID, rebased
from icsgraph.graph.rdf import RDF_TYPE, NamedNode, Quad, Term, date, iri, term_name, text, typed
from icsgraph.graph.store import Store

__all__ = ["following_quads"]

_NEVER = "9999-12-31"
# A council of which this much lies with one body lies with it: the small areas that are left are those of roundings and rivers.
_WHOLE = 0.99
# The councils of a body must make up so much of it, or nothing is concluded from them.
_MOST = 0.95
WAYS = {
    "itself": "it is the body itself",
    "whole": "it passed as a whole",
    "counted": "its small areas were counted when it was divided",
    "location": "its area is a location within the follower",
    "councils": "the councils that it consisted of lie with the follower",
    "unknown": "it passed to several, and how much to each is not on record",
}


@dataclass(frozen=True, kw_only=True)
class Piece:
    """What of a body lies with another for a span of days. ``share`` is of the body's small areas; ``None`` where it is not known."""

    body: str
    start: str
    end: str
    share: float | None
    way: str
    events: tuple[str, ...] = ()
    # Whether it rests on a link of a council that is itself uncertain.
    uncertain: bool = False


@dataclass(kw_only=True)
class _Record:
    """What the store says of bodies, as plain values; days are ISO dates, and an open end is ``_NEVER``."""

    periods: dict[str, tuple[str, str]] = field(default_factory=dict)
    # Who followed a body on the day it ended: follower, share, change.
    followers: dict[str, list[tuple[str, float | None, str]]] = field(default_factory=lambda: defaultdict(list))
    before: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    locations: dict[str, list[tuple[str, str, str]]] = field(default_factory=lambda: defaultdict(list))
    # Of each body the councils in its area: council, share of the body, share of the council, from, to.
    councils: dict[str, list[tuple[str, float, float, str, str]]] = field(default_factory=lambda: defaultdict(list))
    # The bodies and councils that nobody published to be linked from a day on.
    uncertain: set[tuple[str, str, str]] = field(default_factory=set)


def _read(store: Store, root: Path) -> _Record:
    found = _Record()
    for row in store.select(
        "SELECT ?body ?from ?to WHERE { ?body a ics:Body ; ics:narrowestKind ?kind OPTIONAL { ?body ics:validFrom ?from } "
        "OPTIONAL { ?body ics:validTo ?to } }"
    ):
        found.periods[row["body"].value] = (_day(row, "from"), _day(row, "to") or _NEVER)
    for row in store.select(
        "SELECT ?event ?before ?after ?day ?share WHERE { ?event ics:predecessor ?before ; ics:successor ?after ; ics:changedOn ?day "
        "OPTIONAL { ?event ics:shareOfPredecessor ?share } FILTER(?before != ?after) } ORDER BY ?event"
    ):
        before = row["before"].value
        found.before[row["after"].value].add(before)
        # A change of bounds before the end concerns ground that the body no longer has when it ends.
        if found.periods.get(before, ("", ""))[1] == row["day"].value:
            share = float(row["share"].value) if "share" in row else None
            found.followers[before].append((row["after"].value, share, row["event"].value))
    for row in store.select(rebased((root / "queries" / "ledger" / "locations.rq").read_text(encoding="utf-8"))):
        area = row["area"].value.replace("/area/", "/body/")
        found.locations[area].append((row["body"].value, _day(row, "from"), _day(row, "to") or _NEVER))
    _read_councils(store, found)
    return found


def _read_councils(store: Store, found: _Record) -> None:
    """The overlaps of bodies with councils; property by property, since an engine takes minutes to join so many links."""

    def values(name: str) -> dict[str, str]:
        return {q.subject.value: q.object.value for q in store.quads(predicate=term_name(name))}

    body, area, of_area, of_body = (
        values(f"ics:{n}") for n in ("linkedBody", "linkedArea", "shareOfArea", "shareOfOther")
    )
    start, end, unsure = values("ics:validFrom"), values("ics:validTo"), values("ics:isUncertain")
    # A county consists of its districts, which are counted; a unitary council is its own upper tier.
    counties = {o.replace("/body/", "/area/") for s, o in values("ics:upperTierCouncil").items() if s != o}
    for link, share in of_body.items():
        if area[link] not in counties and link in of_area:
            span = (start.get(link, ""), end.get(link, _NEVER))
            found.councils[body[link]].append((area[link], float(share), float(of_area[link]), *span))
            if link in unsure:
                found.uncertain.add((body[link], area[link], span[0]))


def _day(row: dict[str, Term], name: str) -> str:
    return row[name].value if name in row else ""


def _pieces(record: _Record, body: str) -> list[Piece]:
    """The body itself, then everything that followed it, span by span."""
    start, end = record.periods[body]
    found = [Piece(body=body, start=start, end=end, share=1.0, way="itself")]
    waiting: list[tuple[Piece, tuple[str, ...]]] = [(found[0], (body,))] if end != _NEVER else []
    while waiting:
        piece, path = waiting.pop()
        after = record.followers.get(piece.body, [])
        for follower, share, way, event in _divided(record, body, piece, path, after):
            if follower in path or follower not in record.periods:
                continue
            until = record.periods[follower][1]
            whole = None if share is None or piece.share is None else round(share * piece.share, 5)
            next_ = Piece(
                body=follower,
                start=piece.end,
                end=until,
                share=whole,
                way=way if way != "whole" else _kept(piece.way),
                events=(*piece.events, event),
                uncertain=piece.uncertain or (way == "councils" and _is_uncertain(record, body, follower, piece.end)),
            )
            found.append(next_)
            if until != _NEVER and until > piece.end:
                waiting.append((next_, (*path, follower)))
    return found


def _kept(way: str) -> str:
    """How a share was found, where the last step changed nothing of it."""
    return "whole" if way == "itself" else way


def _divided(
    record: _Record, body: str, piece: Piece, path: tuple[str, ...], after: list[tuple[str, float | None, str]]
) -> list[tuple[str, float | None, str, str]]:
    """Whom a piece passed to when the body it lay with ended: follower, share of the piece, how that is known, the change."""
    if len(after) == 1:
        return [(after[0][0], 1.0, "whole", after[0][2])]
    events = {follower: event for follower, _, event in after}
    # Where nobody else was before, the part is the whole of the body that is divided.
    if all(len(record.before[one]) == 1 for one in (*path, piece.body) if one != body):
        known = all(share is not None for _, share, _ in after)
        return [(f, share if known else None, "counted" if known else "unknown", e) for f, share, e in after]
    for one in reversed(path):
        # The part is the whole of an earlier body, whose area is a location of one board.
        single = len(record.followers.get(one, [])) == 1
        for board, start, end in record.locations.get(one, []):
            if single and board in events and start <= piece.end < end:
                return [(board, 1.0, "location", events[board])]
    if piece.share == 1.0:
        found = _by_councils(record, body, piece.end, set(events))
        if found:
            return [(f, share, "councils", events[f]) for f, share in sorted(found.items())]
    return [(f, None, "unknown", e) for f, _, e in after]


def _by_councils(record: _Record, body: str, day: str, among: set[str]) -> dict[str, float]:
    """The shares of a body's area by the councils it had on its last day, each of which lies wholly with one follower; else nothing."""
    last = record.periods[body][1]
    own = {c: of_body for c, of_body, _, start, end in record.councils.get(body, []) if start < last <= end}
    if sum(own.values()) < _MOST:
        return {}
    shares: dict[str, float] = defaultdict(float)
    for council, of_body in own.items():
        holders = [
            follower
            for follower in among
            for c, _, of_council, start, end in record.councils.get(follower, [])
            if c == council and of_council >= _WHOLE and start <= day < end
        ]
        if len(holders) != 1:
            return {}
        shares[holders[0]] += of_body
    total = sum(shares.values())
    return {f: round(share / total, 5) for f, share in shares.items()}


def _is_uncertain(record: _Record, body: str, follower: str, day: str) -> bool:
    """Whether a follower has a council of a body from a day on as nobody published but a reckoning has it."""
    return any((follower, council[0], day) in record.uncertain for council in record.councils.get(body, []))


def following_quads(root: Path, store: Store) -> list[Quad]:
    """Each body's followers as ``ics:Following``, with their days, shares and changes."""
    graph = iri(GRAPH + "bodies")
    record = _read(store, root)
    quads: list[Quad] = []

    def say(subject: NamedNode, name: str, value: Term) -> None:
        quads.append(Quad(subject, RDF_TYPE if name == "a" else term_name(name), value, graph))

    for body in sorted(record.periods):
        # Several ways to the same follower are one.
        told: dict[tuple[str, str], list[Piece]] = defaultdict(list)
        for piece in _pieces(record, body):
            told[(piece.body, piece.start)].append(piece)
        code = body.rpartition("/")[2]
        for (follower, start), pieces in sorted(told.items()):
            name = f"{code}-{follower.rpartition('/')[2]}-{start or 'open'}"
            here = iri(f"{ID}following/{name}")
            known = [p.share for p in pieces if p.share is not None]
            say(here, "a", term_name("ics:Following"))
            say(here, "dcterms:identifier", text(name))
            say(here, "ics:standsFor", iri(body))
            say(here, "ics:namesFollower", iri(follower))
            say(here, "ics:wayOfFollowing", text(pieces[0].way))
            say(here, "ics:note", text(WAYS[pieces[0].way].capitalize() + ".", "en"))
            if len(known) == len(pieces):
                say(here, "ics:shareOfPredecessor", typed(str(round(sum(known), 5)), "decimal"))
            if any(p.uncertain for p in pieces):
                say(here, "ics:isUncertain", typed("true", "boolean"))
            if start:
                say(here, "ics:validFrom", date(start))
            if pieces[0].end != _NEVER:
                say(here, "ics:validTo", date(pieces[0].end))
            for event in sorted({e for p in pieces for e in p.events}):
                say(here, "ics:throughChange", iri(event))
    return quads
