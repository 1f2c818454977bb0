"""What stands behind an answer besides its rows: what was searched where nothing was found, and what was not yet published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache

from icsgraph.ask import scenarios
from icsgraph.ask.brevity import listed
from icsgraph.ask.names import Names
from icsgraph.ask.notes import Notes
from icsgraph.ask.views import Views
from icsgraph.core.question import Question
from icsgraph.graph.rdf import NamedNode, Term, iri, term_name
from icsgraph.graph.store import AnyStore

__all__ = ["Searched"]


class Searched:
    """The statements and sources of scenarios and papers."""

    def __init__(self, store: AnyStore, names: Names, views: Views, notes: Notes) -> None:
        self._store = store
        self._names = names
        self._views = views
        self._notes = notes
        # A silent answer names how much was searched, and a page of what has ended has many of those.
        self._said_in = lru_cache(maxsize=32)(self._count)

    def sources(self, scenario: scenarios.Scenario, day: dt.date) -> list[str]:
        """What was looked at where nothing was found: the statements of the scenario and the sources they rest on."""
        found = [
            f"{self._said_in(scenario.iri)} statements of the scenario {scenario.id} ({scenario.label}), as at {day.isoformat()}"
        ]
        kind = self._store.objects(iri(scenario.iri), term_name("dcterms:type"))
        # A model is put forward in papers, and nothing else is looked at for it.
        wanted = "Paper" if kind and kind[0].value == "proposed" else "Source"
        return found + [
            self._views.passage(s).citation for s in self._names.all_of("Source") if wanted in self._names.types(s)
        ]

    def papers(self) -> list[str]:
        """What was looked at where papers were asked and none says so: their statements, the papers, and whose voices they hold."""
        said = self._names.all_of("PaperStatement")
        voices = {o.value for s in said for o in self._store.objects(iri(s), term_name("ics:voice"))}
        papers = [self._views.passage(p).citation for p in self._names.all_of("Paper")]
        return [
            f"{len(said)} statements of {len(papers)} papers",
            *papers,
            f"The voices in them: {listed(sorted(self._names.label(v) for v in voices), len(voices))}",
        ]

    def papers_of(self, addresses: Iterable[str]) -> str:
        """The papers that statements stand in, each once as it is cited, which says of when it is; the earliest first."""
        found = set()
        for address in addresses:
            for source in self._store.objects(iri(address), term_name("dcterms:source")):
                if "Paper" in self._names.types(source.value):
                    days = self._store.objects(iri(source.value), term_name("ics:asOf"))
                    found.add((days[0].value if days else "", self._views.passage(source.value).citation))
        return listed((citation for _, citation in sorted(found)), 9)

    def published(
        self, question: Question, rows: list[dict[str, Term]], day: dt.date
    ) -> tuple[list[dict[str, Term]], str]:
        """The rows that rest on what was published by the day, and what to say where others were left out."""
        if not question.timeless:
            return rows, ""
        kept, days = [], []
        for row in rows:
            shown = [t for name in question.statements if isinstance(t := row.get(name), NamedNode)]
            late = [d for t in shown if (d := self._published_on(t)) > day.isoformat()]
            days += late
            if not late:
                kept.append(row)
        if not days:
            return rows, ""
        if kept:
            left = len(rows) - len(kept)
            return kept, self._notes.say("left_out", left=left, all=len(rows), day=day.isoformat())
        return [], self._notes.say("unpublished", day=day.isoformat(), first=min(days))

    def _published_on(self, statement: NamedNode) -> str:
        """The day on which what a statement of a document rests on was published; nothing where that is law or has no day."""
        days = [
            d.value
            for source in self._store.objects(statement, term_name("dcterms:source"))
            if isinstance(source, NamedNode) and "Paper" in self._names.types(source.value)
            for d in self._store.objects(source, term_name("ics:asOf"))
        ]
        if not days:
            for address in self._store.objects(statement, term_name("ics:inScenario")):
                of = scenarios.read(self._store, self._names, address.value)
                days += [] if of.enacted or not of.period.start else [of.period.start.isoformat()]
        return min(days, default="")

    def _count(self, scenario: str) -> int:
        """How many statements a scenario has."""
        said = self._store.quads(predicate=term_name("ics:inScenario"), value=iri(scenario))
        return len({q.subject.value for q in said})
