"""How the page of a body begins: what it is, since when, where, who leads it by post, its address, and whether a bill would end it.

Which posts lead and what tells a place is data: the ``body`` part of ``queries/pages.toml``.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from icsgraph.ask import scenarios
from icsgraph.ask.catalogue import Catalogue
from icsgraph.ask.desk import Desk
from icsgraph.ask.sections import FILE
from icsgraph.core.answer import Thing
from icsgraph.core.dates import Period
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import DEF, ID, expand
from icsgraph.graph.rdf import iri, term_name

__all__ = ["BodyLayout", "Place", "Portrait", "portray", "read_body_layout"]


@dataclass(frozen=True, kw_only=True)
class BodyLayout:
    """``leads`` are the posts that lead a body, by id; ``where`` the questions that tell a place, the first that has an answer.

    ``bill`` is the model of law to come, ``ends`` the relations by which it would end a body or take its functions.
    """

    leads: Sequence[str]
    bill: str
    ends: Sequence[str]
    where: Sequence[Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a body is: words and the bodies that tell it."""

    words: str
    bodies: tuple[Thing, ...]


@dataclass(frozen=True, kw_only=True)
class Portrait:
    """What a body is in short. ``kinds`` are its kinds with what each is; ``ended`` tells of a bill, statement by statement."""

    kinds: tuple[tuple[Thing, str], ...]
    period: Period
    place: Place | None
    leads: tuple[Thing, ...]
    address: str
    bill: Thing | None = None
    ended: tuple[tuple[Thing, str], ...] = ()


def read_body_layout(root: Path, catalogue: Catalogue) -> BodyLayout:
    """The layout of the content in ``root``; raises ``IcsgraphError`` where it has other keys or names no question there is."""
    try:
        layout = BodyLayout(**tomllib.loads((root / FILE).read_text(encoding="utf-8"))["body"])
        for entry in layout.where:
            catalogue.get(entry["ask"])
    except (KeyError, TypeError):
        raise IcsgraphError(
            f"{FILE}: the part body has other keys than it should.", "Give leads, bill, ends and where."
        ) from None
    return layout


def portray(desk: Desk, layout: BodyLayout, body: str, day: dt.date) -> Portrait:
    """What the body at an address is on a day; of one that has ended, what it was on its last."""
    period = desk.names.period(body)
    when = min(day, period.end - dt.timedelta(days=1)) if period.end else day
    kinds = [(desk.views.thing(k), _definition(desk, k)) for k in sorted(desk.kinds.of(body))]
    bill, ended = _under_the_bill(desk, layout, body, day)
    addresses = desk.store.objects(iri(body), term_name("ics:address"))
    return Portrait(
        kinds=tuple(kinds),
        period=period,
        place=_place(desk, layout, body, when),
        leads=_leads(desk, layout, body),
        address=addresses[0].value if addresses else "",
        bill=bill if ended else None,
        ended=ended,
    )


def _definition(desk: Desk, address: str) -> str:
    return next((t.value for t in desk.store.objects(iri(address), iri(expand("skos:definition")))), "")


def _place(desk: Desk, layout: BodyLayout, body: str, day: dt.date) -> Place | None:
    code = desk.names.code(body)
    for entry in layout.where:
        if entry.get("of") and DEF + entry["of"] not in desk.kinds.of(body):
            continue
        try:
            answer = desk.ask(entry["ask"], {entry["value"]: code}, day.isoformat())
        except IcsgraphError:
            # A body without an area of its own is asked for by the next.
            continue
        found = {
            t.iri: t
            for row in answer.rows
            if isinstance(t := row.get(entry["column"]), Thing)
            and t.iri != body
            and (not entry.get("kind") or DEF + entry["kind"] in desk.kinds.of(t.iri))
        }
        if found:
            return Place(words=entry["words"], bodies=tuple(sorted(found.values(), key=lambda t: t.label)))
    return None


def _leads(desk: Desk, layout: BodyLayout, body: str) -> tuple[Thing, ...]:
    """The posts that lead a body, those of the body itself or of its kind."""
    owners = {body, *desk.kinds.of(body)}
    posts = (f"{ID}post/{id}" for id in layout.leads)
    return tuple(
        desk.views.thing(post)
        for post in posts
        if any(o.value in owners for o in desk.store.objects(iri(post), term_name("ics:postOf")))
    )


def _under_the_bill(
    desk: Desk, layout: BodyLayout, body: str, day: dt.date
) -> tuple[Thing, tuple[tuple[Thing, str], ...]]:
    """The bill, and what it is reported to end or take of a body that exists on a day, each statement with its words."""
    model = desk.names.find(layout.bill, "Scenario")
    told: list[tuple[int, Thing, str]] = []
    scenario = scenarios.read(desk.store, desk.names, model.value)
    if desk.names.period(body).holds(day) and not scenarios.is_unborn(scenario, day):
        bodies = {body, *desk.kinds.of(body)}
        for address in {q.subject.value for q in desk.store.quads(predicate=term_name("ics:inScenario"), value=model)}:
            values = desk.views.properties(address)
            relations = [desk.names.code(r.value) for r in values.get("relation", ())]
            if relations and relations[0] in layout.ends and bodies & {b.value for b in values.get("bearer", ())}:
                rank = layout.ends.index(relations[0])
                told += [(rank, desk.views.thing(address), words.value) for words in values.get("text", ())]
    ordered = sorted(told, key=lambda t: (t[0], t[1].code))
    return desk.views.thing(model.value), tuple((thing, words) for _, thing, words in ordered)
