"""What bodies and areas were called on a day, where that is not what they are called by now."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from icsgraph.ask.names import Names
from icsgraph.ask.notes import Notes
from icsgraph.core.answer import Cell, StatementView, Thing
from icsgraph.graph.rdf import RDF_TYPE, term_name
from icsgraph.graph.store import AnyStore

__all__ = ["Called"]

# So many names are told beside an answer; a list of more is read in its rows.
_MOST = 6
# How somebody is called of whom only the later name is on record.
_NOW = "{label} (as now called)"


@dataclass(frozen=True)
class _Borne:
    """A name for a span of days; ``name`` is empty where it is not on record, ``until`` the first day after."""

    name: str
    since: str
    until: str
    in_law_only: bool

    def holds(self, day: str) -> bool:
        """Whether it was the name on an ISO day."""
        return self.since <= day and (not self.until or day < self.until)


class Called:
    """The dated names of a store."""

    def __init__(self, store: AnyStore, names: Names, notes: Notes) -> None:
        self._names = names
        self._notes = notes
        self._borne: dict[str, list[_Borne]] = defaultdict(list)
        for quad in store.quads(predicate=RDF_TYPE, value=term_name("ics:DatedName")):
            named, since, until, only = (
                next((o.value for o in store.objects(quad.subject, term_name(f"ics:{name}"))), "")
                for name in ("nameBorne", "validFrom", "validTo", "isNameInLawOnly")
            )
            for of in store.objects(quad.subject, term_name("ics:nameOf")):
                for thing in self._alike(of.value):
                    self._borne[thing].append(_Borne(named, since, until, only == "true"))

    def _alike(self, thing: str) -> list[str]:
        """A body, and the area that goes by its name."""
        area = thing.replace("/id/body/", "/id/area/")
        return [thing, area] if area != thing and self._names.labels.get(area) == self._names.label(thing) else [thing]

    def on(self, cell: Cell, day: dt.date) -> Cell:
        """A value of an answer under the name it bore on a day; where that is not on record, it is said to be the later one."""
        if not isinstance(cell, Thing) or not (borne := self._of(cell.iri, day)):
            return cell
        return replace(cell, label=borne.name or _NOW.format(label=cell.label))

    def view(self, view: StatementView, day: dt.date) -> StatementView:
        """A statement whose bearer and counterpart have the names of a day; its text is left as it is on record."""

        def then(things: tuple[Thing, ...]) -> tuple[Thing, ...]:
            return tuple(t for t in (self.on(thing, day) for thing in things) if isinstance(t, Thing))

        return replace(view, bearer=then(view.bearer), counterpart=then(view.counterpart))

    def told(self, cells: Iterable[Cell], day: dt.date) -> list[str]:
        """What there is to say of the names of those whom cells name: since when they have the later name, or which was theirs in law."""
        seen = dict.fromkeys(cell.iri for cell in cells if isinstance(cell, Thing) and cell.iri in self._borne)
        said: dict[str, None] = {}
        for thing in seen:
            of = f"{self._names.label(thing)} [{self._names.code(thing)}]"
            borne = self._of(thing, day)
            # The name of an area follows from the body's, or from the location that it is; either is told of by itself.
            if borne and "Area" not in self._names.types(thing):
                since = max((b.until for b in self._borne[thing] if not b.in_law_only), default="")
                key = "bore" if borne.name else "bore_unknown"
                filled = {"name": borne.name} if borne.name else {}
                said[self._notes.say(key, body=of, day=day.isoformat(), since=since, **filled)] = None
            for law in self._borne[thing]:
                if law.in_law_only and law.holds(day.isoformat()):
                    said[self._notes.say("name_in_law", body=of, day=day.isoformat(), name=law.name)] = None
        return list(said)[:_MOST]

    def _of(self, thing: str, day: dt.date) -> _Borne | None:
        """The name by which a thing went on a day, where it is not its label."""
        return next((b for b in self._borne.get(thing, ()) if not b.in_law_only and b.holds(day.isoformat())), None)
