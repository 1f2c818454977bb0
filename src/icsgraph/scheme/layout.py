"""The layout of the governance workbook and the words read in its cells, from ``ontology/``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from icsgraph.ask.names import fold
from icsgraph.check.intake import Vocabulary
from icsgraph.core.terms import DEF, expand
from icsgraph.graph.rdf import read_turtle

__all__ = ["Column", "Layout", "Sheet", "read_layout", "same"]

_XSD = expand("xsd:")


@dataclass(frozen=True, eq=False, kw_only=True)
class Column:
    """A column: ``fills`` is a property, ``datatype`` the local name of its XSD datatype where it has one, ``picks`` classes.

    ``makes`` and ``linked_by`` are set where each cell makes a thing of its own, ``part`` where its holders take a part. What stands
    under a ``labelled`` heading goes into the column too, with that heading before it.
    """

    iri: str
    heading: str
    also: tuple[str, ...]
    help: str
    fills: str
    datatype: str
    picks: tuple[str, ...]
    required: bool
    key: bool
    record: str
    makes: str
    linked_by: str
    part: str
    when_empty: str
    last_day: bool
    several: bool
    width: int
    labelled: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """The headings by which people may call it."""
        return [self.heading, *self.also]

    @property
    def holders(self) -> bool:
        """Whether its cells name who may do what."""
        return self.fills == DEF + "authorityOf"


@dataclass(frozen=True, eq=False, kw_only=True)
class Sheet:
    """A sheet: ``rows_are`` is the class of what a row describes, ``part`` the word in its address."""

    iri: str
    name: str
    also: tuple[str, ...]
    help: str
    rows_are: str
    part: str
    columns: tuple[Column, ...]

    @property
    def takes(self) -> str:
        """The widest class of what its rows may describe: that from which their kind is picked, else the one they have."""
        typing = self.filling("rdf:type")
        return typing.picks[0] if typing else self.rows_are

    def filling(self, name: str) -> Column | None:
        """The column that fills a property, given as ``ics:upTo``; none where the sheet has none."""
        return self._filling.get(expand(name))

    @cached_property
    def _filling(self) -> dict[str, Column]:
        return {c.fills: c for c in reversed(self.columns)}


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The sheets in order, the words of cells, and what the ontology calls its terms.

    ``words`` are by their list, longest first, ``usual`` is the one that is written; ``short`` gives what short forms stand for, ``parts`` the parts in a decision
    by their words, ``parts_before`` those by words behind which their holder stands.
    """

    sheets: tuple[Sheet, ...]
    words: Mapping[str, tuple[str, ...]]
    usual: Mapping[str, str]
    short: Mapping[str, str]
    parts: Mapping[str, str]
    parts_before: Mapping[str, str]
    labels: Mapping[str, str]
    vocabulary: Vocabulary

    def sheet(self, class_name: str) -> Sheet:
        """The sheet whose rows are of a class, given as ``ics:SchemeLine``."""
        return next(s for s in self.sheets if s.rows_are == expand(class_name))

    def says(self, text: str, word: str) -> bool:
        """Whether a text is one of the words of a list such as ``YesWord``."""
        return text.strip(" .:").casefold() in self.words[word]

    def kinds(self, wide: str) -> dict[str, str]:
        """The kinds within a class by their label, for a column that gives a row its kind."""
        found = {k for k, wider in self.vocabulary.wider.items() if wide in wider and k in self.labels}
        return {self.labels[k]: k for k in sorted(found)}

    def overlap(self, one: str, other: str) -> bool:
        """Whether one of two classes takes in the other."""
        wider = self.vocabulary.wider
        return other in wider.get(one, {one}) or one in wider.get(other, {other})


def same(name: str, short: Mapping[str, str]) -> str:
    """The form in which names of committees and posts are compared: short forms written out, no article at the head.

    >>> same("The Audit & Risk Cttee", {"cttee": "committee"})
    'audit and risk committee'
    """
    words = [short.get(w, w) for w in fold(name.replace("-", " ")).split()]
    return " ".join(words[1:] if words[:1] == ["the"] and len(words) > 1 else words)


@lru_cache(maxsize=2)
def read_layout(root: Path) -> Layout:
    """The layout that ``ontology/`` of the content in ``root`` declares."""
    triples = [t for path in sorted((root / "ontology").glob("*.ttl")) for t in read_turtle(path)]
    facts: dict[str, dict[str, list[str]]] = {}
    for triple in triples:
        facts.setdefault(triple.subject.value, {}).setdefault(triple.predicate.value, []).append(triple.object.value)

    def of(kind: str) -> list[str]:
        return [s for s, said in facts.items() if expand(kind) in said.get(expand("rdf:type"), ())]

    def one(subject: str, name: str) -> str:
        return next(iter(facts.get(subject, {}).get(expand(name), ())), "")

    def all(subject: str, name: str) -> tuple[str, ...]:
        return tuple(facts[subject].get(expand(name), ()))

    def ordered(things: Iterable[str]) -> list[str]:
        return sorted(things, key=lambda s: int(one(s, "ics:order")))

    def column(iri: str) -> Column:
        fills = one(iri, "ics:fills")
        range_ = one(fills, "rdfs:range") or one(fills, "schema:rangeIncludes")
        return Column(
            iri=iri,
            heading=one(iri, "ics:heading"),
            also=all(iri, "ics:alsoHeaded"),
            help=one(iri, "skos:definition"),
            fills=fills,
            datatype=range_.removeprefix(_XSD) if range_.startswith(_XSD) else "",
            picks=all(iri, "ics:picksFrom"),
            required=one(iri, "ics:required") == "true",
            key=one(iri, "ics:isKey") == "true",
            record=one(iri, "ics:namesRecord"),
            makes=one(iri, "ics:makes"),
            linked_by=one(iri, "ics:linkedBy"),
            part=one(iri, "ics:givesPart"),
            when_empty=one(iri, "ics:whenEmpty"),
            last_day=one(iri, "ics:lastDay") == "true",
            several=one(iri, "ics:several") == "true",
            width=int(one(iri, "ics:width")),
            labelled=all(iri, "ics:labelledHeading"),
        )

    columns = ordered(of("ics:Column"))
    sheets = tuple(
        Sheet(
            iri=iri,
            name=one(iri, "ics:sheetName"),
            also=all(iri, "ics:alsoHeaded"),
            help=one(iri, "skos:definition"),
            rows_are=one(iri, "ics:rowsAre"),
            part=one(iri, "ics:addressPart"),
            columns=tuple(column(c) for c in columns if one(c, "ics:ofSheet") == iri),
        )
        for iri in ordered(of("ics:Sheet"))
    )
    # Longer words come first, so that “up to and including” is not read as “up to”.
    words = {
        s.removeprefix(DEF): tuple(sorted((w.casefold() for w in all(s, "ics:word")), key=len, reverse=True))
        for s in of("ics:CellWord")
    }
    parts = {w.casefold(): s for s in of("ics:Part") for w in (one(s, "rdfs:label"), *all(s, "ics:word"))}
    before = {w.casefold(): s for s in of("ics:Part") for w in all(s, "ics:wordBefore")}
    longest = dict(sorted(parts.items(), key=lambda item: -len(item[0])))
    short = dict(w.split("=") for w in words.pop("ShortWord") if "=" in w)
    usual = {s.removeprefix(DEF): one(s, "ics:word") for s in of("ics:CellWord")}
    return Layout(
        sheets=sheets,
        words=words,
        usual=usual,
        short=short,
        parts=longest,
        parts_before=before,
        labels={s: one(s, "rdfs:label") for s in facts},
        vocabulary=Vocabulary.of(triples),
    )
