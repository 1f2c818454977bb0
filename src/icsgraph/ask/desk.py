"""The desk where questions are asked: one call for the command line, the service and Python."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from icsgraph.ask import scenarios
from icsgraph.ask.catalogue import Catalogue
from icsgraph.ask.facets import Facets
from icsgraph.ask.names import LISTS, PARAMETER_TYPES, Names
from icsgraph.ask.says import listed, part, phrase, sentence
from icsgraph.ask.views import Views
from icsgraph.core.answer import Answer, Cell, StatementView, Status, Thing
from icsgraph.core.dates import parse_day
from icsgraph.core.errors import IcsgraphError, NotFound, StatusError
from icsgraph.core.question import Parameter, Question
from icsgraph.core.sparql import bind, with_prefixes
from icsgraph.core.terms import DEFAULT_SCENARIO
from icsgraph.graph.rdf import NamedNode, Term, date, iri, term_name, text
from icsgraph.graph.store import AnyStore, Store

__all__ = ["PRESUMED", "SILENT", "Desk"]

REPORTED = (
    "It is what papers propose, report, ask or think; nothing of it is law unless the fate of a proposal says so."
)
PRESUMED = (
    "Presumed, not settled: a default, policy or an arrangement that nobody has seen or checked carries some of it, and nothing on "
    "record moves it. An arrangement that is not on record would."
)

RECALLED = "Recalled, the text not seen, and so presumed: {}."

BILL = (
    "The text of the Bill was not read: what is said of it stands in what others reported of it. A Bill is not law; it may change "
    "on its way or never become law."
)
# So many values are read out to somebody who gave none of them.
_FEW = 24

SILENT = "Nothing on record says so. That is not the same as “nobody”: it means that no statement was found in what was searched."


class Desk:
    """A store, its names and the catalogue of questions."""

    def __init__(self, store: AnyStore, catalogue: Catalogue) -> None:
        self.store = store
        self.catalogue = catalogue
        # Questions that the engine behind the store does not answer rightly.
        self.refused: set[str] = set()
        self.names = Names(store)
        self.views = Views(store, self.names)
        self.facets = Facets(store, self.names, catalogue.known)
        # A silent answer names how much was searched, and a page of what has ended has many of those.
        self._said_in = lru_cache(maxsize=32)(self._count)

    @classmethod
    def open(cls, dataset: Path, root: Path) -> Desk:
        """The desk over a dataset file, with the questions of the content in ``root``."""
        return cls(Store.open(dataset), Catalogue.read(root))

    def ask(
        self, id: str, values: Mapping[str, str], as_at: str = "", scenario: str = "", today: dt.date | None = None
    ) -> Answer:
        """Answer a question.

        ``values`` gives each parameter as a code, id or name; ``as_at`` is ``YYYY-MM-DD`` (default: ``today``, or the last
        day of an ended scenario); ``scenario`` an id (default: the enacted law). Raises ``IcsgraphError`` for anything
        that cannot be understood; never answers with an empty table: where nothing is on record the status is ``silent``.
        """
        question = self.catalogue.get(id)
        if id in self.refused:
            raise StatusError(
                501,
                f"The engine behind this service does not answer {id} rightly, so it is not asked.",
                "Ask a service that answers from its own store.",
            )
        asked = scenarios.read(self.store, self.names, self.names.find(scenario or DEFAULT_SCENARIO, "Scenario").value)
        day = parse_day(as_at) if as_at else scenarios.default_day(asked, today or dt.date.today())
        if question.scenario:
            asked = scenarios.read(self.store, self.names, self.names.find(question.scenario, "Scenario").value)
        found, note = (asked, "") if question.timeless else scenarios.in_force(self.store, self.names, asked, day)
        notes = [note] if note else []
        bound, shown = self._values(question, values, day.isoformat())
        notes += self._endings(bound, day) + self._narrower(bound)
        bound |= {"asAt": date(day.isoformat()), "scenario": iri(found.iri)}
        rows = self.store.select(question.query, bound)
        rows, beside = self._beside(question, rows)
        rows, later = self._published(question, rows, day)
        if scenarios.is_unborn(found, day):
            rows = []
        columns = list(question.columns)
        table: list[dict[str, Cell]] = []
        addresses: dict[str, None] = {}
        for row in rows:
            for name in question.statements:
                term = row.get(name)
                if isinstance(term, NamedNode):
                    addresses[term.value] = None
            table.append({c: self._cell(c, row.get(c), question) for c in columns})
        if question.counts:
            table = self._totals(question, table)
        views = [self.views.statement(a) for a in addresses]
        views, status = self._status(views, table, found.iri)
        # Where it is told what documents say, the statements are those of the rows; the other side of one stands beside.
        apart = [v for v in views if v.iri not in addresses] if question.reports else []
        views = [v for v in views if v not in apart]
        if table and not views and not question.counts:
            # Rows that only name what was looked at, with no statement behind any.
            status = "silent"
        carrying = table[:1] if question.leads else table
        if status == "settled" and question.standing and not _firm([r.get(question.standing) for r in carrying]):
            status = "presumed"
            notes.append(question.presumes or PRESUMED)
        unseen, whole = _unseen(question, table, views)
        if unseen and not question.reports:
            notes.append(RECALLED.format(listed(unseen, 6)))
            if status == "settled" and (whole or not question.itemised):
                status = "presumed"
        if status == "settled" and (found.bill or any(v.relation and v.legal_status == "bill" for v in views)):
            notes.append(BILL)
        if later:
            notes.append(later)
        if question.reports and (papers := self._papers(addresses)):
            notes.append(f"So say {papers}. {REPORTED}")
        notes += [f"What bears on it: {_sentence(view.text)}" for view in beside if not question.reports]
        instead: list[StatementView] = []
        if status == "silent" and question.otherwise:
            other = self.ask(question.otherwise, values, day.isoformat(), asked.id, today)
            instead = other.statements
            if instead and self.catalogue.get(question.otherwise).standing:
                notes.append(f"On other days: {_sentence(other.says)}")
        given = {p.name for p in question.parameters if str(bound[p.name].value)}
        asks = _heading(question.heading, given) if question.heading else question.sentence
        types = {p.name: p.type for p in question.parameters}
        words = {n: phrase(c, types.get(n, "")) for n, c in {**shown, "scenario": found.label}.items()}
        for name, said in words.items():
            asks = asks.replace("{" + name + "}", said)
        return Answer(
            id=question.id,
            sentence=asks,
            explain=question.explain,
            parameters=shown,
            as_at=day.isoformat(),
            scenario=asked.id,
            law_of=found.id,
            status=status,
            columns=tuple(columns),
            rows=table,
            statements=views,
            says=" ".join(filter(None, (note if scenarios.is_unborn(found, day) else later, SILENT)))
            if status == "silent"
            else sentence(question.says, columns, table, words | {"as_at": day.isoformat()}),
            terms={name: str(term) for name, term in bound.items()},
            searched=[]
            if status != "silent"
            else self._papers_searched()
            if question.reports
            else self._searched(found, day),
            instead=instead,
            beside=[*beside, *apart],
            facets=self.facets.of(question, rows, bound) if status != "silent" else [],
            notes=notes,
        )

    def _papers(self, addresses: Iterable[str]) -> str:
        """The papers that statements stand in, each once as it is cited, which says of when it is; the earliest first."""
        found = set()
        for address in addresses:
            for source in self.store.objects(iri(address), term_name("dcterms:source")):
                if "Paper" in self.names.types(source.value):
                    days = self.store.objects(iri(source.value), term_name("ics:asOf"))
                    found.add((days[0].value if days else "", self.views.passage(source.value).citation))
        return listed((citation for _, citation in sorted(found)), 9)

    def spelled(self, answer: Answer) -> str:
        """The SPARQL query that gave an answer, with its values in place and its prefixes declared."""
        return with_prefixes(bind(self.catalogue.get(answer.id).query, answer.terms)).strip() + "\n"

    def _values(
        self, question: Question, values: Mapping[str, str], as_at: str
    ) -> tuple[dict[str, Term], dict[str, Cell]]:
        known = [p.name for p in question.parameters]
        for name in values:
            if name not in known:
                raise IcsgraphError(
                    f"“{name}” is not a value that {question.id} takes.", f"It takes: {', '.join(known) or 'none'}."
                )
        bound: dict[str, Term] = {}
        shown: dict[str, Cell] = {}
        for parameter in question.parameters:
            given = values.get(parameter.name, "").strip()
            if not given:
                if parameter.default is None:
                    raise IcsgraphError(
                        f"{question.id} needs a value for {parameter.name}.",
                        f'Add {parameter.name}=..., for example {parameter.name}="{_example(parameter)}".',
                    )
                given = parameter.default
            try:
                term, cell = self._value(parameter, given, as_at)
            except NotFound as error:
                error.parameter = parameter.name
                error.known = self._known(parameter)
                error.hint = f"{error.hint} {error.known}".strip()
                raise
            bound[parameter.name] = term
            shown[parameter.name] = cell
        return bound, shown

    def _known(self, parameter: Parameter) -> str:
        """Which values a parameter takes, where they are few, or the question that lists them."""
        kind = LISTS.get(parameter.type, parameter.type)
        listing = next((q.id for q in self.catalogue.questions.values() if q.lists == kind), "")
        if listing:
            return f"icsgraph ask {listing} lists all there are."
        if kind not in PARAMETER_TYPES:
            return ""
        known = self.names.all_of(kind)
        return f"It takes: {', '.join(self.names.code(t) for t in known)}." if len(known) <= _FEW else ""

    def _value(self, parameter: Parameter, given: str, as_at: str) -> tuple[Term, Cell]:
        if parameter.type == "Date":
            return date(parse_day(given).isoformat()), given
        if parameter.type == "Text":
            return text(given), given
        if parameter.type in LISTS:
            return self._list(LISTS[parameter.type], given)
        found = self.names.find(given, parameter.type, as_at)
        return found, self.views.thing(found.value)

    def _list(self, kind: str, given: str) -> tuple[Term, Cell]:
        """Several values as one text of their ids with spaces around each, so that a query can look one up in it."""
        if given == "all":
            return text(""), f"any {_plain(kind)}"
        ids, labels = [], []
        for value in filter(None, (v.strip() for v in given.split(","))):
            found = "" if value == "none" else self.names.find(value, kind).value
            ids.append(self.names.code(found) if found else "none")
            labels.append(self.names.label(found) if found else f"no {_plain(kind)}")
        return text(" " + " ".join(ids) + " "), ", ".join(labels)

    def _endings(self, bound: Mapping[str, Term], day: dt.date) -> list[str]:
        """What a reader must know of bodies that did not exist on the day: when they ended or began, and what came after."""
        notes = []
        for term in bound.values():
            if isinstance(term, NamedNode) and {"Body", "Area"} & self.names.types(term.value):
                # A place is told of by the body whose area it is, where it is a body's.
                body = term.value.replace("/id/area/", "/id/body/")
                notes += self.existence(body if self.names.types(body) else term.value, day)
        return notes

    def _narrower(self, bound: Mapping[str, Term]) -> list[str]:
        """That a wide kind of body takes in narrower ones, of which more is on record than of it."""
        notes = []
        for term in bound.values():
            if isinstance(term, NamedNode) and "BodyKind" in self.names.types(term.value):
                narrower = [
                    quad.subject.value
                    for quad in self.store.quads(predicate=term_name("rdfs:subClassOf"), value=term)
                    if quad.subject != term and "BodyKind" in self.names.types(quad.subject.value)
                ]
                if narrower:
                    kinds = listed(sorted(self.names.label(k) for k in set(narrower)), 9)
                    notes.append(
                        f"“{self.names.label(term.value)}” takes in narrower kinds, of which more may be on record: {kinds}."
                    )
        return notes

    def existence(self, body: str, day: dt.date) -> list[str]:
        """That a body does not exist on a day, where that is so: when it ended and what came after it, or when it begins."""
        period = self.names.period(body)
        if period.end and day >= period.end:
            after = self._on_the_day(body, day)
            successors = f" Its successors are {after}." if after else ""
            last = (period.end - dt.timedelta(days=1)).isoformat()
            if same := self._same(self.names.goes_on(body)):
                return [
                    f"{self.names.label(body)} bore that name and code until {last}; the same corporation goes on as {same}."
                ]
            return [f"{self.names.label(body)} ended; it existed until {last}.{successors}"]
        if period.start and day < period.start:
            before = self._on_the_day(body, day, back=True)
            if same := self._same(self.names.goes_on(body, back=True)):
                return [
                    f"{self.names.label(body)} bears that name and code since {period.start.isoformat()}; on {day.isoformat()} "
                    f"the same corporation was {same}."
                ]
            stood = f" In its place stood {before}." if before else ""
            return [
                f"{self.names.label(body)} did not exist on {day.isoformat()}; it began on {period.start.isoformat()}.{stood}"
            ]
        return []

    def _same(self, bodies: list[str]) -> str:
        """Bodies by name and code, for a sentence."""
        return " and ".join(f"{self.names.label(b)} [{self.names.code(b)}]" for b in bodies)

    def _on_the_day(self, body: str, day: dt.date, back: bool = False) -> str:
        """What stood in the place of a body on a day, after its end or before it began, each with the share that passed.

        Follows successions until bodies that existed on the day; where there are none, the nearest.
        """
        nearest = self.names.followers(body, back)
        found: dict[str, list[float | None]] = {}
        seen = {body}
        reached: list[tuple[str, float | None]] = list(nearest)
        while reached:
            other, share = reached.pop()
            if other in seen:
                continue
            period = self.names.period(other)
            on = [] if period.holds(day) else self.names.followers(other, back)
            if period.holds(day):
                found.setdefault(other, []).append(share)
            else:
                seen.add(other)
            # Which part of a part passed on is not known: it is 0 here, and said in words.
            for further, rest in on:
                early, late = (rest, share) if back else (share, rest)
                reached.append((further, early if late in (None, 1) else 0))
        stands = {k: v[0] if len(v) == 1 else 0 for k, v in found.items()} or dict(nearest)
        return ", ".join(
            sorted(
                f"{self.names.label(a)} [{self.names.code(a)}]"
                + (" (wholly, in part or not at all)" if share == 0 else part(share))
                for a, share in stands.items()
            )
        )

    def _beside(
        self, question: Question, rows: list[dict[str, Term]]
    ) -> tuple[list[dict[str, Term]], list[StatementView]]:
        """Rows without what bears on them, each once, and what bears on any of them."""
        if not question.beside:
            return rows, []
        found = {r[question.beside].value: None for r in rows if question.beside in r}
        kept: dict[str, dict[str, Term]] = {}
        for row in rows:
            plain = {name: term for name, term in row.items() if name != question.beside}
            kept.setdefault(str(sorted((n, str(t)) for n, t in plain.items())), plain)
        return list(kept.values()), [self.views.statement(address) for address in sorted(found)]

    def _published(
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
            left = f"{len(rows) - len(kept)} of {len(rows)} rows rest"
            return kept, f"{left} on what was published after {day.isoformat()} and are left out."
        return [], f"On {day.isoformat()} nothing of it had been published; the first on record is of {min(days)}."

    def _published_on(self, statement: Term) -> str:
        """The day on which what a statement of a document rests on was published; nothing where that is law or has no day."""
        if not isinstance(statement, NamedNode):
            return ""
        days = [
            d.value
            for source in self.store.objects(statement, term_name("dcterms:source"))
            if isinstance(source, NamedNode) and "Paper" in self.names.types(source.value)
            for d in self.store.objects(source, term_name("ics:asOf"))
        ]
        if not days:
            for address in self.store.objects(statement, term_name("ics:inScenario")):
                of = scenarios.read(self.store, self.names, address.value)
                days += [] if of.enacted or not of.period.start else [of.period.start.isoformat()]
        return min(days, default="")

    def _cell(self, column: str, term: Term | None, question: Question) -> Cell:
        if column in question.statements and isinstance(term, NamedNode):
            return self.names.code(term.value)
        return self.views.cell(term)

    def _totals(self, question: Question, table: list[dict[str, Cell]]) -> list[dict[str, Cell]]:
        """One row with the sum: a count has a row even where it is nought."""
        total = sum(int(str(row[question.counts])) for row in table if row[question.counts])
        others = {c: table[0][c] if table else None for c in question.columns if c != question.counts}
        return [{**{question.counts: total}, **others}]

    def _status(
        self, views: list[StatementView], table: list[dict[str, Cell]], scenario: str
    ) -> tuple[list[StatementView], Status]:
        """Contested where a statement of the answer is contradicted; the other side is then shown too.

        The other side counts if it is part of the answer, or stands in the scenario asked or in one of the statement's own.
        """
        if not table:
            return views, "silent"
        present = {v.iri for v in views}
        opposed = False
        for view in list(views):
            own = {iri(scenario), *self.store.objects(iri(view.iri), term_name("ics:inScenario"))}
            for other in view.contradicts:
                beside = own & set(self.store.objects(iri(other), term_name("ics:inScenario")))
                if other not in present and not beside:
                    continue
                opposed = True
                if other not in present:
                    present.add(other)
                    views.append(self.views.statement(other))
        return views, "contested" if opposed else "settled"

    def _count(self, scenario: str) -> int:
        """How many statements a scenario has."""
        said = self.store.quads(predicate=term_name("ics:inScenario"), value=iri(scenario))
        return len({q.subject.value for q in said})

    def _papers_searched(self) -> list[str]:
        """What was looked at where papers were asked and none says so: their statements, the papers, and whose voices they hold."""
        said = self.names.all_of("PaperStatement")
        voices = {o.value for s in said for o in self.store.objects(iri(s), term_name("ics:voice"))}
        papers = [self.views.passage(p).citation for p in self.names.all_of("Paper")]
        return [
            f"{len(said)} statements of {len(papers)} papers",
            *papers,
            f"The voices in them: {listed(sorted(self.names.label(v) for v in voices), len(voices))}",
        ]

    def _searched(self, scenario: scenarios.Scenario, day: dt.date) -> list[str]:
        """What was looked at where nothing was found: the statements of the scenario and the sources they rest on."""
        found = [
            f"{self._said_in(scenario.iri)} statements of the scenario {scenario.id} ({scenario.label}), as at {day.isoformat()}"
        ]
        kind = self.store.objects(iri(scenario.iri), term_name("dcterms:type"))
        # A model is put forward in papers, and nothing else is looked at for it.
        wanted = "Paper" if kind and kind[0].value == "proposed" else "Source"
        found += [self.views.passage(s).citation for s in self.names.all_of("Source") if wanted in self.names.types(s)]
        return found


def _heading(words: str, given: set[str]) -> str:
    """A sentence without the parts in brackets that name a value that was not given.

    >>> _heading("What is said[ on {topics}][ of {about}]?", {"about"})
    'What is said of {about}?'
    """
    return re.sub(r"\[([^\]]*)\]", lambda m: m[1] if set(re.findall(r"\{(\w+)\}", m[1])) <= given else "", words)


def _firm(standings: list[Cell]) -> bool:
    """Whether the rows of these standings make a settled answer: something is settled, and nothing is only presumed."""
    codes = {cell.code if isinstance(cell, Thing) else "settled" for cell in standings}
    return "settled" in codes and "presumed" not in codes


def _unseen(question: Question, table: list[dict[str, Cell]], views: list[StatementView]) -> tuple[list[str], bool]:
    """What rows say that rest on recalled text alone, as the text is cited, and whether that is all there is.

    A row that says the same as another, which rests on text that was seen, is carried by that one.
    """
    by_id = {view.id: view for view in views}
    seen: set[tuple[str, ...]] = set()
    recalled: dict[tuple[str, ...], list[StatementView]] = {}
    for row in table:
        behind = [by_id[str(row[c])] for c in question.statements if row.get(c) is not None and str(row[c]) in by_id]
        says = tuple(c.iri if isinstance(c, Thing) else "" for n, c in row.items() if n not in question.statements)
        if behind and all(view.confidence == "recalled" for view in behind):
            recalled.setdefault(says, []).extend(behind)
        else:
            seen.add(says)
    unseen = [view for says, behind in recalled.items() if says not in seen for view in behind]
    return list(dict.fromkeys(view.passages[0].citation if view.passages else view.id for view in unseen)), not seen


def _sentence(words: str) -> str:
    """Words that end as a sentence does.

    >>> _sentence("from 2015-04-01")
    'from 2015-04-01.'
    """
    return words if words.endswith((".", "?")) else words + "."


def _plain(kind: str) -> str:
    """The name of a parameter type as a word.

    >>> _plain("StatementKind")
    'statement kind'
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).lower()


def _example(parameter: Parameter) -> str:
    return {
        "Area": "QMF",
        "Body": "QMF",
        "BodyOrKind": "QMF",
        "BodyKind": "integrated care board",
        "Date": "2022-07-01",
        "Duty": "triple aim",
        "Function": "primary dental services",
        "MatterOrLaw": "triple aim",
        "Post": "icb-chair",
        "Statement": "S541",
        "Topic": "board membership",
        "Topics": "board membership",
        "Scenario": "option-2",
        "Scenarios": "option-1,option-2",
        "Voice": "NHS Providers",
        "Actor": "accountable officer",
    }.get(parameter.type, "...")
