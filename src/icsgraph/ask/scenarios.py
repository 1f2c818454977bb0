"""Which scenario's statements answer on a date: enacted law is one line in time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from icsgraph.ask.names import Names
from icsgraph.core.dates import Period, parse_day
from icsgraph.core.errors import given_for
from icsgraph.core.question import Question
from icsgraph.core.terms import DEFAULT_SCENARIO
from icsgraph.graph.rdf import Term, date, iri, term_name
from icsgraph.graph.store import AnyStore

__all__ = ["Asked", "Scenario", "default_day", "in_force", "is_unborn", "when_asked"]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A scenario with its time and, for enacted law, the scenario it replaced."""

    id: str
    iri: str
    label: str
    enacted: bool
    bill: bool
    period: Period
    follows: str
    known: Period
    # Until when what was read last may be relied on for a day that has come: the first day on which it may not; ``None`` where not said.
    relied: dt.date | None = None

    def is_beyond(self, day: dt.date, today: dt.date) -> bool:
        """Whether a day lies beyond what the record can know: after all that was read, and yet to come, or too long after."""
        if not self.known.end or day < self.known.end:
            return False
        return day > today or bool(self.relied and day >= self.relied)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """When and under which law is asked: the scenario ``asked`` for, that whose statements answer, the day, and what to know of them.

    ``beyond``: the day lies beyond what the record can know, so that nothing of it is settled but what is itself said of days to come.
    """

    asked: Scenario
    law: Scenario
    day: dt.date
    note: str
    beyond: bool = False

    def until(self, days: Iterable[dt.date], today: dt.date) -> Asked:
        """The same with the latest of some days asked about beside its own as its day, where that lies beyond what the record can know."""
        last = max(days, default=self.day)
        return replace(self, day=last, beyond=True) if last > self.day and self.law.is_beyond(last, today) else self

    @property
    def terms(self) -> dict[str, Term]:
        """Day and scenario as the values of the variables that every question has (``question.IMPLICIT``)."""
        return {"asAt": date(self.day.isoformat()), "scenario": iri(self.law.iri)}


def read(store: AnyStore, names: Names, address: str) -> Scenario:
    """The scenario at an address."""
    kind = store.objects(iri(address), term_name("dcterms:type"))
    follows = store.objects(iri(address), term_name("ics:follows"))
    known = store.objects(iri(address), term_name("ics:knownTo"))
    relied = store.objects(iri(address), term_name("ics:reliedOnTo"))
    return Scenario(
        id=names.code(address),
        iri=address,
        label=names.label(address),
        enacted=bool(kind) and kind[0].value == "enacted",
        bill=bool(kind) and kind[0].value == "bill",
        period=names.period(address),
        follows=follows[0].value if follows else "",
        known=Period(None, parse_day(known[0].value) if known else None),
        relied=parse_day(relied[0].value) if relied else None,
    )


def default_day(scenario: Scenario, today: dt.date) -> dt.date:
    """The day asked about where none is given: today, or the last day of a scenario that has ended."""
    end = scenario.period.end
    return end - dt.timedelta(days=1) if end and end <= today else today


def is_unborn(scenario: Scenario, day: dt.date) -> bool:
    """Whether a scenario that is no law had not been put forward on a day; enacted law says itself when it begins."""
    return not scenario.enacted and scenario.period.start is not None and day < scenario.period.start


def in_force(store: AnyStore, names: Names, asked: Scenario, day: dt.date) -> tuple[Scenario, str]:
    """The scenario whose statements answer for ``asked`` on a day, and a note where there is something to know.

    Current law asked for a day before it began is answered from the law then in force. A scenario asked outside its
    time, or a day before the record begins, leaves the scenario as asked and says so in the note.
    """
    found = asked
    while found.enacted and found.period.start and day < found.period.start and found.follows:
        found = read(store, names, found.follows)
    start, end = found.period.start, found.period.end
    if is_unborn(found, day) and start:
        return asked, f"{found.label} was put forward on {start.isoformat()}; on {day.isoformat()} nothing of it was."
    if start and day < start:
        return (
            asked,
            f"The record of {found.label} begins on {start.isoformat()}; it says nothing about {day.isoformat()}.",
        )
    if end and day >= end:
        return asked, f"{found.label} ended on {end.isoformat()}; for {day.isoformat()} ask about a later scenario."
    if found.known.end and day >= found.known.end:
        return found, (
            f"The record knows nothing of {found.known.end.isoformat()} or later; "
            f"the answer for {day.isoformat()} supposes that nothing changes."
        )
    if found.id != asked.id:
        return found, f"On {day.isoformat()} the law then in force applied: {found.label}."
    return found, ""


def when_asked(
    store: AnyStore, names: Names, question: Question, as_at: str, scenario: str, today: dt.date | None = None
) -> Asked:
    """When and under which law a question is asked, from a day (ISO, empty for the scenario's default) and a scenario's name.

    Raises ``IcsgraphError`` for a day that is none, ``NotFound`` for a scenario that is not known.
    """

    def found(id: str) -> Scenario:
        return read(store, names, names.find(id, "Scenario").value)

    with given_for("scenario"):
        asked = found(scenario or DEFAULT_SCENARIO)
    with given_for("as_at"):
        now = today or dt.date.today()
        day = parse_day(as_at) if as_at else default_day(asked, now)
    asked = found(question.scenario) if question.scenario else asked
    law, note = (asked, "") if question.timeless else in_force(store, names, asked, day)
    beyond = not question.timeless and law.is_beyond(day, now)
    return Asked(asked=asked, law=law, day=day, note=note, beyond=beyond)
