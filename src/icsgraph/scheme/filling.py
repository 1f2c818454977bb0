"""A scheme's graph back to rows of the layout: the inverse of ``triples``, so that a workbook written from a graph reads as it."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable
from decimal import Decimal
from functools import cached_property

from icsgraph.ask.names import PARAMETER_TYPES, Names
from icsgraph.core.dates import parse_day
from icsgraph.core.terms import DEF, ID, expand
from icsgraph.graph.rdf import Triple
from icsgraph.scheme.cells.money import OPEN, Limit, format_limit
from icsgraph.scheme.cells.reader import CellReader, Holding, with_limit
from icsgraph.scheme.layout import Column, Layout, Sheet
from icsgraph.scheme.lists import Lists
from icsgraph.scheme.reading import NO_THEME

__all__ = ["Filling"]

_TYPE = expand("rdf:type")
_LABEL = expand("rdfs:label")


class Filling:
    """The rows of each sheet that say what some triples say."""

    def __init__(self, layout: Layout, names: Names, triples: Iterable[Triple]) -> None:
        self.layout = layout
        self.names = names
        self._said: dict[str, dict[str, list[str]]] = {}
        for triple in triples:
            values = self._said.setdefault(triple.subject.value, {}).setdefault(triple.predicate.value, [])
            values.append(triple.object.value)
        self._under: dict[tuple[str, str], list[str]] = {}
        links = {(c.makes, c.linked_by) for s in layout.sheets for c in s.columns if c.makes}
        for subject in sorted(self._said):
            for kind, link in links:
                if kind in self._all(subject, _TYPE):
                    for home in self._all(subject, link):
                        self._under.setdefault((home, kind), []).append(subject)
        self._lists = Lists(layout, names, "")
        for thing in self._said:
            for kind in self._all(thing, _TYPE) if not self._one(thing, "ics:onlyNamed") else ():
                for name in ("rdfs:label", "ics:odsCode", "skos:altLabel"):
                    for value in self._all(thing, expand(name)):
                        self._lists.add(kind, value, thing)
        self._readers: dict[str, CellReader] = {}

    def _reader(self, line: str) -> CellReader:
        """The reader of the cells of a line, with the board that it means."""
        board = self._board(line)
        if board not in self._readers:
            self._readers[board] = CellReader(self.layout, self._lists.exact, board, self._lists.near)
        return self._readers[board]

    def _all(self, subject: str, predicate: str) -> list[str]:
        return sorted(self._said.get(subject, {}).get(predicate, ()))

    def _one(self, subject: str, name: str) -> str:
        return next(iter(self._all(subject, expand(name))), "")

    @cached_property
    def _schemes(self) -> list[str]:
        return [s for s in self._said if DEF + "Scheme" in self._all(s, _TYPE)]

    def _board(self, line: str) -> str:
        """The body whose scheme a line is in."""
        return self._one(self._one(line, "ics:partOfScheme"), "ics:schemeOf")

    def _is(self, thing: str, kind: str) -> bool:
        wider = self.layout.vocabulary.wider
        return any(kind in wider.get(k, {k}) for k in self._all(thing, _TYPE))

    def rows(self, sheet: Sheet) -> list[list[str]]:
        """The rows of a sheet, in the order of their positions."""
        things = [s for s in self._said if self._home(s) is sheet]
        things.sort(key=lambda s: (int(self._one(s, "ics:position") or 1_000_000), s))
        rows = [self._row(sheet, thing) for thing in things]
        for at in (at for at, c in enumerate(sheet.columns) if c.fills == DEF + "theme"):
            for above, row in itertools.pairwise(rows):
                # An empty theme goes on with the one above it, so a line under none says so.
                row[at] = row[at] or (NO_THEME if above[at] else "")
        return rows

    def _home(self, thing: str) -> Sheet | None:
        """The sheet on which a thing is described: the one its address names, else the narrowest that takes its kind."""
        if self._one(thing, "ics:onlyNamed"):
            return None
        fitting = [s for s in self.layout.sheets if self._is(thing, s.takes)]
        named = [s for s in fitting if f"/{s.part}/" in thing]
        wider = self.layout.vocabulary.wider
        return next(iter(named or sorted(fitting, key=lambda s: -len(wider.get(s.takes, ())))), None)

    def _row(self, sheet: Sheet, thing: str) -> list[str]:
        with_holders = any(c.holders for c in sheet.columns)
        held = self._held(sheet, thing) if with_holders else {}
        return [held[c.iri] if c.iri in held else self._cell(sheet, c, thing) for c in sheet.columns]

    def _cell(self, sheet: Sheet, column: Column, thing: str) -> str:
        if column.fills == expand("ics:partOfScheme") and len(self._schemes) < 2:
            return ""
        if column.record and thing.startswith(ID):
            return thing.rpartition("/")[2]
        homes = self._under.get((thing, column.makes), []) if column.makes else [thing]
        values = [v for home in homes for v in self._all(home, column.fills)]
        if column.fills == _TYPE:
            return "".join(self.layout.labels[v] for v in values[:1] if v != sheet.rows_are)
        return "; ".join(self._value(column, v) for v in values)

    def _value(self, column: Column, value: str) -> str:
        if column.picks:
            return self._name(value, column)
        if column.datatype == "boolean":
            return self.layout.usual["YesWord" if value == "true" else "NoWord"].capitalize()
        if column.last_day:
            return (parse_day(value) - dt.timedelta(days=1)).isoformat()
        return value.removesuffix(".0") if column.datatype == "decimal" else value

    def _name(self, thing: str, column: Column) -> str:
        """What a cell calls a thing: its reference or name here, its name on record, its code where that is not its alone."""
        if self._is(thing, DEF + "SchemeLine"):
            return self._one(thing, "dcterms:identifier")
        if label := self._one(thing, "rdfs:label"):
            return label
        label = self.names.label(thing) if thing.startswith(ID) else self.layout.labels.get(thing, thing)
        kinds = [p.removeprefix(DEF) for p in column.picks if p.removeprefix(DEF) in PARAMETER_TYPES]
        sure = not kinds or thing in {self.names.meant(label, k) for k in kinds}
        return label if sure else self.names.code(thing)

    # ------------------------------------------------------------ who may do what

    def _held(self, sheet: Sheet, line: str) -> dict[str, str]:
        """The cells of holders and of the limit, by column."""
        authorities = sorted(self._under.get((line, DEF + "Authority"), []), key=self._step)
        limit = next(c for c in sheet.columns if c.fills == DEF + "upTo")
        reader = self._reader(line)
        residual = reader.is_residual(self._one(line, "rdfs:label"))
        column_limit = self._limit(authorities)
        ceiling = column_limit if column_limit != OPEN else reader.limit_in(self._one(line, "rdfs:label"))
        pieces: dict[str, list[str]] = {c.iri: [] for c in sheet.columns if c.holders}
        told = {a: self._said_of(a) for a in authorities}
        for authority in authorities:
            column = self._column(sheet, authority)
            words = self._usual(authority, line, column, ceiling, residual)
            if written := self._one(authority, "ics:asWritten"):
                again = self._read_again(reader, written, column, ceiling, residual)
                # Words that lean on other cells say the same only beside the usual form.
                known = again and told[authority] in again and all(a in told.values() for a in again)
                words = written if known else reader.with_words(words, written)
            if words not in pieces[column.iri]:
                pieces[column.iri].append(words)
        low, high = column_limit
        shown = f"{high:f}" if low is None and high is not None else format_limit(column_limit, self.layout)
        return {limit.iri: shown, **{c: "\n".join(p) for c, p in pieces.items()}}

    def _said_of(self, authority: str) -> tuple[object, ...]:
        """What an authority says, to compare with what a cell says."""
        holder = self._one(authority, "ics:authorityOf")
        name = holder if not self._one(holder, "ics:onlyNamed") else self._lists.form(self._one(holder, "rdfs:label"))
        return (
            name,
            self._one(authority, "ics:part"),
            self._own(authority),
            tuple(self._all(authority, DEF + "condition")),
            self._one(authority, "ics:residual") == "true",
            self._one(authority, "ics:unlimited") == "true",
        )

    def _read_again(
        self, reader: CellReader, words: str, column: Column, ceiling: Limit, residual: bool
    ) -> list[tuple[object, ...]]:
        """What words say when they stand alone in a cell; nothing where a part of them would not be read."""
        reading = reader.read(words, column.picks)
        if reading.unread:
            return []
        own = column.part == DEF + "Reserves"
        return [
            (
                h.address or self._lists.form(h.name),
                h.part or column.part,
                with_limit(h, OPEN if own else ceiling).limit,
                h.conditions,
                h.residual or residual,
                h.unlimited,
            )
            for h in reading.holdings
        ]

    def _step(self, authority: str) -> tuple[Decimal, Decimal, str]:
        low, high = self._own(authority)
        return low or Decimal(0), Decimal("Infinity") if high is None else high, authority

    def _own(self, authority: str) -> Limit:
        sums = [self._one(authority, n) for n in ("ics:above", "ics:upTo")]
        low, high = (Decimal(s.removesuffix(".0")) if s else None for s in sums)
        return low, high

    def _limit(self, authorities: list[str]) -> Limit:
        """What to write as the limit of the line: what all who decide beneath the board share."""
        limits = {self._own(a) for a in authorities if self._one(a, "ics:part") != DEF + "Reserves"}
        return limits.pop() if len(limits) == 1 else OPEN

    def _column(self, sheet: Sheet, authority: str) -> Column:
        """The column in which a holder stands: by the part it takes, then by what it is."""
        holder = self._one(authority, "ics:authorityOf")
        columns = [c for c in sheet.columns if c.holders]
        kept = next(c for c in columns if c.part == DEF + "Reserves")
        if self._one(authority, "ics:part") == DEF + "Reserves":
            return kept
        fitting = [c for c in columns if c is not kept and any(self._is(holder, p) for p in c.picks)]
        exact = [c for c in fitting if any(p in self._all(holder, _TYPE) for p in c.picks)]
        widest = [c for c in columns if c is not kept and DEF + "Body" in c.picks]
        return (exact or fitting or widest)[0]

    def _usual(self, authority: str, line: str, column: Column, ceiling: Limit, residual: bool) -> str:
        holder, part = self._one(authority, "ics:authorityOf"), self._one(authority, "ics:part")
        kept = part == DEF + "Reserves"
        holding = Holding(
            address=holder,
            part=part,
            limit=self._own(authority),
            conditions=tuple(self._all(authority, DEF + "condition")),
            residual=self._one(authority, "ics:residual") == "true",
            unlimited=self._one(authority, "ics:unlimited") == "true",
        )
        board = holder == self._board(line)
        yes = self.layout.usual["YesWord"].capitalize()
        label = self.layout.usual["BoardWord"] if board else self._name(holder, column)
        words = self._reader(line).format_holding(
            holding, label, part, column.part, OPEN if kept else ceiling, residual
        )
        return yes if kept and words == self.layout.usual["BoardWord"] else words
