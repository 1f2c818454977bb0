"""The desk where questions are asked: one call for the command line, the service and Python."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from icsgraph.ask import parts, scenarios
from icsgraph.ask.brevity import LONGEST, Brevity, listed, word_count
from icsgraph.ask.called import Called
from icsgraph.ask.catalogue import Catalogue
from icsgraph.ask.existence import Existence
from icsgraph.ask.facets import Facets
from icsgraph.ask.kinds import Kinds
from icsgraph.ask.limits import Limits
from icsgraph.ask.names import Names
from icsgraph.ask.says import part, plainly, sentence
from icsgraph.ask.searched import Searched
from icsgraph.ask.standing import judge, on_record, opening
from icsgraph.ask.values import Values, in_words
from icsgraph.ask.views import Views
from icsgraph.core.answer import Answer, Cell, StatementView, Status, Thing
from icsgraph.core.dates import parse_day
from icsgraph.core.errors import StatusError, given_for
from icsgraph.core.question import Question
from icsgraph.core.sparql import bind, with_prefixes
from icsgraph.graph.rdf import NamedNode, Term, iri, term_name
from icsgraph.graph.store import AnyStore, Store

__all__ = ["Desk"]

Row = dict[str, Cell]
# More than any list of an answer has: all of them are read out.
_EVERY = 10_000

# The voice of statements of law.
_LAW = "the-law"


@dataclass(frozen=True)
class _SmallPart:
    """A small part of the area asked about: where it is in words, how large, and its rows."""

    where: str
    size: str
    rows: list[Row]


@dataclass(frozen=True)
class _Telling:
    """How the sentence of an answer is told: of a list that is not all there is, that the law leaves open, and what it supposes."""

    partial: bool
    open_list: bool
    supposing: str


class Desk:
    """A store, its names and the catalogue of questions."""

    def __init__(self, store: AnyStore, catalogue: Catalogue) -> None:
        self.store = store
        self.catalogue = catalogue
        # Questions that the engine behind the store does not answer rightly.
        self.refused: set[str] = set()
        self.names = Names(store)
        self.views = Views(store, self.names)
        self.kinds = Kinds(store, self.names)
        self.facets = Facets(store, self.names, catalogue.known)
        self.called = Called(store, self.names, catalogue.notes)
        self.existence = Existence(store, self.names, catalogue.notes, self.called)
        self._limits = Limits(store, self.names, catalogue)
        self._values = Values(self.names, self.views, catalogue)
        self._searched = Searched(store, self.names, self.views, catalogue.notes)

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
        with given_for("question"):
            question, told = self.catalogue.get(id), self.catalogue.notes
        if id in self.refused:
            raise StatusError(
                501,
                f"The engine behind this service does not answer {id} rightly, so it is not asked.",
                "Ask a service that answers from its own store.",
            )
        time = scenarios.when_asked(self.store, self.names, question, as_at, scenario, today)
        unborn = scenarios.is_unborn(time.law, time.day)
        bound, shown = self._values.read(question, values, time.day.isoformat())
        shown = {name: self.called.on(cell, time.day) for name, cell in shown.items()}
        notes = [*filter(None, [time.note]), *self.existence.told(bound, time.day)]
        bound |= time.terms
        rows, beside = self._beside(question, self.store.select(question.query, bound))
        rows, small = parts.apart(rows, question.who) if question.who else (rows, [])
        rows, later = self._searched.published(question, rows, time.day)
        rows = [] if unborn else rows
        table = self._table(question, rows, time.day)
        notes += self.called.told([*shown.values(), *(cell for row in table for cell in row.values())], time.day)
        shows = _statements(question, rows)
        views, others, status = self._statements(question, shows, table, time)
        asks, words = in_words(question, bound, {**shown, "scenario": time.law.label})
        place = words.get(next((p.name for p in question.parameters if p.type == "Area"), ""), "")
        small_parts = [
            _SmallPart(one.within(place), one.size, self._table(question, one.rows, time.day)) for one in small
        ]
        days = [parse_day(str(bound[p.name].value)) for p in question.parameters if p.type == "Date"]
        limit = self._limits.told(question, bound, table, views, time.until(days, today or dt.date.today()))
        standing = judge(
            question,
            told,
            table=table,
            small=[row for one in small_parts for row in one.rows],
            views=views,
            status=status,
            bill=time.law.bill,
            day=time.day.isoformat(),
            limits=limit.notes,
        )
        if limit.supposing and question.standing:
            standing.table = self._softened(standing.table, question.standing)
            small_parts = [replace(one, rows=self._softened(one.rows, question.standing)) for one in small_parts]
        silent = standing.status == "silent"
        notes += [*standing.notes, *filter(None, [later])]
        if question.reports:
            notes += [told.say("reports", papers=papers) for papers in [self._searched.papers_of(shows)] if papers]
        else:
            notes += [told.say("bears", said=_sentence(view.text)) for view in beside]
        instead: list[StatementView] = []
        if silent and question.otherwise:
            other = self.ask(question.otherwise, values, time.day.isoformat(), time.asked.id, today)
            instead = other.statements
            if instead and self.catalogue.get(question.otherwise).standing:
                notes.append(told.say("other_days", said=_sentence(other.says)))
        elif question.lacking and time.law.enacted and not _has(table, question.lacking):
            other = self.ask(question.otherwise, values, time.day.isoformat(), time.asked.id, today)
            if _has(other.rows, question.lacking):
                notes.append(told.say("other_days", said=_sentence(other.says)))
        if silent:
            # Of a body that was there, it is said that it was.
            lived = self.existence.lived(bound, time.day) if "predecessor" in question.columns else []
            says = " ".join(filter(None, (time.note if unborn else later, *(lived or [told.say("silent")]))))
        else:
            open_list = parts.is_open(rows)
            notes += [told.say("open_list")] if open_list else []
            words["as_at"] = time.day.isoformat()
            how = _Telling(partial=standing.partial, open_list=open_list, supposing=limit.supposing)
            shared = _with_shares(question, standing.table, self.existence.shares(bound, time.day))
            says = self._says(question, words, shared, small_parts, how)
        for one, piece in zip(small, small_parts, strict=True):
            names = _named(row.get(question.who) for row in piece.rows)
            notes.append(told.say("small_part", place=piece.where, names=names))
            missing = _statements(question, one.rows).keys() - {v.iri for v in [*views, *beside]}
            beside += [self.views.statement(a) for a in sorted(missing)]
        searched: list[str] = []
        if silent:
            searched = self._searched.papers() if question.reports else self._searched.sources(time.law, time.day)
        return Answer(
            id=question.id,
            sentence=asks,
            explain=question.explain,
            parameters=shown,
            as_at=time.day.isoformat(),
            scenario=time.asked.id,
            law_of=time.law.id,
            status=standing.status,
            columns=tuple(standing.columns),
            rows=standing.table,
            statements=[self.called.view(view, time.day) for view in views],
            says=says,
            terms={name: str(term) for name, term in bound.items()},
            searched=searched,
            instead=instead,
            beside=[*beside, *others],
            facets=[] if silent else self.facets.of(question, rows, bound),
            reports=question.reports,
            notes=notes,
        )

    def _table(self, question: Question, rows: Sequence[Mapping[str, Term]], day: dt.date) -> list[Row]:
        """Rows as a reader sees them, by the names of a day; of a question that counts, their sum."""
        table = [
            {c: self.called.on(self._cell(c, row.get(c), question), day) for c in question.columns} for row in rows
        ]
        return self._totals(question, table) if question.counts else table

    def _statements(
        self, question: Question, shows: Mapping[str, None], table: list[Row], time: scenarios.Asked
    ) -> tuple[list[StatementView], list[StatementView], Status]:
        """The statements of an answer, those that stand beside it, and the status that they give by themselves."""
        views = [self.views.statement(address) for address in shows]
        if not question.timeless:
            views = [_as_it_stood(view, time.day.isoformat()) for view in views]
        views, status = self._status(views, table, time.law.iri)
        # Where it is told what documents say, the statements are those of the rows; the other side of one stands beside, and so
        # does the law that took it up.
        others = [v for v in views if v.iri not in shows or v.voice == _LAW] if question.reports else []
        views = [v for v in views if v not in others]
        if table and not views and not others and not question.counts:
            # Rows that only name what was looked at, with no statement behind any.
            status = "silent"
        return views, others, status

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

    def _says(
        self,
        question: Question,
        words: dict[str, str],
        table: list[Row],
        small: list[_SmallPart],
        how: _Telling,
    ) -> str:
        """The answer in one sentence, with those of small parts in sentences of their own where there is room, else by their names."""
        day = parse_day(words["as_at"])

        def whole(said: str) -> str:
            said = on_record(parts.among_others(said) if how.open_list else said, how.partial)
            return opening(how.supposing, said)

        def one(rows: list[Row], values: dict[str, str], closing: str) -> str:
            return sentence(
                question.says,
                list(question.columns),
                rows,
                values,
                closing,
                Brevity(kinds=lambda t: self.kinds.together(t, day), kind=self.kinds.label),
                whole,
            )

        said = one(table, words, question.proviso)
        if not small:
            return said
        place = next(p.name for p in question.parameters if p.type == "Area")
        full = parts.with_parts(said, [one(each.rows, words | {place: each.where}, "") for each in small])
        if word_count(full) <= LONGEST:
            return full
        # Nobody of a small part is dropped, however little room there is.
        names = "; ".join(
            f"in {each.size}: {listed((plainly(r.get(question.who)) for r in each.rows), len(each.rows))}"
            for each in small
        )
        return one(table, words, "; ".join(filter(None, (names, question.proviso))))

    def spelled(self, answer: Answer) -> str:
        """The SPARQL query that gave an answer, with its values in place and its prefixes declared."""
        return with_prefixes(bind(self.catalogue.get(answer.id).query, answer.terms)).strip() + "\n"

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

    def _cell(self, column: str, term: Term | None, question: Question) -> Cell:
        if column in question.statements and isinstance(term, NamedNode):
            return self.names.code(term.value)
        return self.views.cell(term)

    def _softened(self, table: list[Row], column: str) -> list[Row]:
        """Rows of which none is settled: what is, is presumed."""
        presumed = self.views.thing(term_name("ics:Presumed").value)

        def soft(cell: Cell) -> Cell:
            return presumed if isinstance(cell, Thing) and cell.code == "settled" else cell

        return [{name: soft(cell) if name == column else cell for name, cell in row.items()} for row in table]

    def _totals(self, question: Question, table: list[dict[str, Cell]]) -> list[dict[str, Cell]]:
        """One row with the sum: a count has a row even where it is nought."""
        total = sum(int(str(row[question.counts])) for row in table if row[question.counts])
        others = {c: table[0][c] if table else None for c in question.columns if c != question.counts}
        return [{**{question.counts: total}, **others}]


def _with_shares(question: Question, table: list[Row], shares: Mapping[str, float]) -> list[Row]:
    """Rows for the sentence, in which whoever has only a part of an ended body's ground has the share of it behind the name."""

    def said(name: str, cell: Cell) -> Cell:
        if name != question.who or not isinstance(cell, Thing) or cell.iri not in shares:
            return cell
        return replace(cell, label=f"{cell.label}{part(shares[cell.iri]).replace(' of its small areas', '')}")

    return [{name: said(name, cell) for name, cell in row.items()} for row in table] if shares else table


def _statements(question: Question, rows: Sequence[Mapping[str, Term]]) -> dict[str, None]:
    """The addresses of the statements that rows show, each once, in their order."""
    shown = (row.get(name) for row in rows for name in question.statements)
    return {term.value: None for term in shown if isinstance(term, NamedNode)}


def _has(rows: Iterable[Row], relation: str) -> bool:
    """Whether a row says a relation, by its code."""
    return any(isinstance(cell := row.get("relation"), Thing) and cell.code == relation for row in rows)


def _named(cells: Iterable[Cell]) -> str:
    """Those whom cells name, with their codes, each once."""
    return listed((f"{c.label} [{c.code}]" for c in cells if isinstance(c, Thing)), _EVERY)


def _sentence(words: str) -> str:
    """Words that end as a sentence does.

    >>> _sentence("from 2015-04-01")
    'from 2015-04-01.'
    """
    return words if words.endswith((".", "?")) else words + "."


def _as_it_stood(view: StatementView, day: str) -> StatementView:
    """A statement on a day without provisions that began later, where others carry it: they were no ground for it then."""
    begun = tuple(p for p in view.passages if p.since <= day)
    return replace(view, passages=begun) if begun and len(begun) < len(view.passages) else view
