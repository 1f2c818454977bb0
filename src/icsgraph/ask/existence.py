"""What a reader must know of the bodies and kinds that were asked for: whether they existed on the day, what came before and after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from icsgraph.ask.brevity import listed
from icsgraph.ask.called import Called
from icsgraph.ask.names import Names
from icsgraph.ask.notes import Notes
from icsgraph.ask.says import part
from icsgraph.core.answer import Thing
from icsgraph.core.dates import day_before
from icsgraph.graph.rdf import NamedNode, Term, iri, term_name
from icsgraph.graph.store import AnyStore

__all__ = ["Existence"]


class Existence:
    """Bodies on a day, in sentences."""

    def __init__(self, store: AnyStore, names: Names, notes: Notes, called: Called) -> None:
        self._store = store
        self._names = names
        self._notes = notes
        self._called = called

    def told(self, bound: Mapping[str, Term], day: dt.date) -> list[str]:
        """What there is to say of the values of a question on a day: of bodies that did not exist, and of wide kinds."""
        things = [term for term in bound.values() if isinstance(term, NamedNode)]
        said = []
        for thing in things:
            if {"Body", "Area"} & self._names.types(thing.value):
                # A place is told of by the body whose area it is, where it is a body's.
                body = thing.value.replace("/id/area/", "/id/body/")
                said += self.of(body if self._names.types(body) else thing.value, day)
                if "Area" in self._names.types(thing.value):
                    said += self._apart(thing, day)
        return said + [note for thing in things for note in self._narrower(thing)]

    def of(self, body: str, day: dt.date) -> list[str]:
        """That a body does not exist on a day, where that is so: when it ended and what came after it, or when it begins."""
        period, label = self._names.period(body), self._names.label(body)
        if period.end and day >= period.end:
            last = (period.end - dt.timedelta(days=1)).isoformat()
            if same := self._same(self._names.goes_on(body), day):
                return [self._notes.say("renamed", body=label, last=last, same=same)]
            after = self._on_the_day(body, day)
            more = [self._notes.say("successors", bodies=after)] if after else []
            return [" ".join([self._notes.say("ended", body=label, last=last), *more])]
        if period.start and day < period.start:
            of = {"body": label, "start": period.start.isoformat(), "day": day.isoformat()}
            if same := self._same(self._names.goes_on(body, back=True), day):
                return [self._notes.say("not_yet_named", same=same, **of)]
            before = self._on_the_day(body, day, back=True)
            more = [self._notes.say("in_place", bodies=before)] if before else []
            return [" ".join([self._notes.say("not_yet", **of), *more])]
        return []

    def lived(self, bound: Mapping[str, Term], day: dt.date) -> list[str]:
        """That the bodies among the values of a question existed on a day, with the end that came later, where one is on record."""
        said = []
        for thing in bound.values():
            if isinstance(thing, NamedNode) and self._names.is_any(thing.value, ("Body",)):
                period = self._names.period(thing.value)
                if period.holds(day):
                    of = {"body": self._named(thing.value, day), "day": day.isoformat()}
                    end = period.end.isoformat() if period.end else ""
                    said.append(self._notes.say("existed", end=end, **of) if end else self._notes.say("lives", **of))
        return said

    def _narrower(self, kind: NamedNode) -> list[str]:
        """That a wide kind of body takes in narrower ones, of which more is on record than of it."""
        if "BodyKind" not in self._names.types(kind.value):
            return []
        narrower = {
            quad.subject.value
            for quad in self._store.quads(predicate=term_name("rdfs:subClassOf"), value=kind)
            if quad.subject != kind and "BodyKind" in self._names.types(quad.subject.value)
        }
        kinds = listed(sorted(self._names.label(k) for k in narrower), 9)
        return [self._notes.say("narrower", kind=self._names.label(kind.value), narrower=kinds)] if kinds else []

    def _apart(self, area: NamedNode, day: dt.date) -> list[str]:
        """Which of two readings of one code an area is: the ground of a group that was divided, or the location that has the code now."""
        said = []
        for group in self._store.objects(area, term_name("ics:partOfFormerArea")):
            said.append(
                self._notes.say(
                    "part_of_former", location=self._named(area.value, day), area=self._named(group.value, day)
                )
            )
        for quad in self._store.quads(predicate=term_name("ics:partOfFormerArea"), value=area):
            location, period = quad.subject, self._names.period(quad.subject.value)
            last = self._names.period(area.value.replace("/id/area/", "/id/body/")).end
            if period.holds(day) and period.start and last:
                said.append(
                    self._notes.say(
                        "location_apart",
                        area=self._names.label(area.value),
                        last=day_before(last.isoformat()),
                        start=period.start.isoformat(),
                        location=self._named(location.value, day),
                        board=self._board(location, day),
                    )
                )
        return said

    def _board(self, location: NamedNode, day: dt.date) -> str:
        """The board in which a location lies on a day."""
        links = [
            q.subject
            for q in self._store.quads(predicate=term_name("ics:linkedArea"), value=location)
            if self._names.period(q.subject.value).holds(day)
            and self._store.objects(q.subject, term_name("ics:locationCode"))
        ]
        boards = [b.value for link in links for b in self._store.objects(link, term_name("ics:linkedBody"))]
        return self._same(sorted(set(boards)), day)

    def _same(self, bodies: list[str], day: dt.date) -> str:
        """Bodies by name and code, for a sentence."""
        return " and ".join(self._named(b, day) for b in bodies)

    def _named(self, thing: str, day: dt.date) -> str:
        """A body or area by the name it bore on a day, with its code."""
        code, label = self._names.code(thing), self._names.label(thing)
        then = self._called.on(Thing(thing, code, label), day)
        return f"{then.label if isinstance(then, Thing) else label} [{code}]"

    def _on_the_day(self, body: str, day: dt.date, back: bool = False) -> str:
        """What stood in the place of a body on a day, after its end or before it began, each with the share that passed.

        After its end, that is said by the followings of the record. Before it, those are meant that it began with, and what each of
        them began with, until bodies that existed on the day: whoever joined it later stood in nobody's place.
        """
        stands = self._before(body, day) if back else self._followed(body, day)
        return ", ".join(
            sorted(
                self._named(a, day) + (" (wholly, in part or not at all)" if share == 0 else part(share))
                for a, share in stands.items()
            )
        )

    def shares(self, bound: Mapping[str, Term], day: dt.date) -> dict[str, float]:
        """The share that each follower has on a day of the ground of the areas among the values of a question whose bodies ended."""
        found: dict[str, float] = {}
        for thing in bound.values():
            if isinstance(thing, NamedNode) and "Area" in self._names.types(thing.value):
                body = thing.value.replace("/id/area/", "/id/body/")
                end = self._names.period(body).end
                after = self._followed(body, day) if end and day >= end else {}
                found |= {who: share for who, share in after.items() if share and share < 1}
        return found

    def _followed(self, body: str, day: dt.date) -> dict[str, float | None]:
        """Who has a body's ground on a day after its end, with the share, which is 0 where it is not on record; else the nearest that came."""
        found: dict[str, float | None] = {}
        for quad in self._store.quads(predicate=term_name("ics:standsFor"), value=iri(body)):
            if not self._names.period(quad.subject.value).holds(day):
                continue
            share = self._store.objects(quad.subject, term_name("ics:shareOfPredecessor"))
            for who in self._store.objects(quad.subject, term_name("ics:namesFollower")):
                found[who.value] = float(share[0].value) if share else 0
        # The whole of it is said by saying nothing of a share.
        whole = {who: None if share == 1 else share for who, share in found.items() if who != body}
        return whole or dict(self._names.followers(body))

    def _before(self, body: str, day: dt.date) -> dict[str, float | None]:
        """Who stood on a day in the place of a body that had not begun, with the share of each that came to it; 0 where that is not known."""
        found: dict[str, list[float | None]] = {}
        seen = {body}
        reached = self._names.followers(body, back=True, begun_with=True)
        while reached:
            other, share = reached.pop()
            if other in seen:
                continue
            period = self._names.period(other)
            if period.holds(day):
                found.setdefault(other, []).append(share)
                continue
            seen.add(other)
            # Which part of a part passed on is not known: it is 0 here, and said in words.
            for further, rest in self._names.followers(other, back=True, begun_with=True):
                reached.append((further, rest if share in (None, 1) else 0))
        return {k: v[0] if len(v) == 1 else 0 for k, v in found.items()}
