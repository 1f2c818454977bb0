"""Statements and passages of the store as a reader sees them."""

from __future__ import annotations

from functools import lru_cache

from icsgraph.ask.names import Names
from icsgraph.core.answer import Cell, Passage, StatementView, Thing
from icsgraph.core.terms import BASE, DEF, expand
from icsgraph.graph.rdf import Literal, NamedNode, Term, iri
from icsgraph.graph.store import AnyStore

__all__ = ["Views"]


class Views:
    """Turns terms into cells, statements into views, passages into citations."""

    def __init__(self, store: AnyStore, names: Names) -> None:
        self.store = store
        self.names = names
        # The record does not change while it is open, and answers share most of their statements.
        self.statement = lru_cache(maxsize=8192)(self._statement)
        self.passage = lru_cache(maxsize=4096)(self._passage)

    def thing(self, address: str) -> Thing:
        """The thing at an address."""
        return Thing(address, self.names.code(address), self.names.label(address))

    def cell(self, term: Term | None) -> Cell:
        """A term as a value of an answer."""
        if term is None:
            return None
        if isinstance(term, NamedNode):
            return self.thing(term.value) if term.value.startswith(BASE) else term.value
        kind = term.datatype.value.rpartition("#")[2]
        if kind == "integer":
            return int(term.value)
        if kind in ("decimal", "double", "float"):
            return float(term.value)
        if kind == "boolean":
            return term.value in ("true", "1")
        return term.value

    def properties(self, address: str) -> dict[str, list[Term]]:
        """All values of all properties of a thing; a property of ours by its local name, others by full address."""
        found: dict[str, dict[str, Term]] = {}
        for quad in self.store.quads(subject=iri(address)):
            name = quad.predicate.value.removeprefix(DEF)
            found.setdefault(name, {})[str(quad.object)] = quad.object
        return {name: [values[k] for k in sorted(values)] for name, values in found.items()}

    def _words(self, values: dict[str, list[Term]], name: str) -> str:
        """The values of a property as words: labels of things, literals as they are."""
        return "; ".join(
            self.names.label(v.value) if isinstance(v, NamedNode) else v.value for v in values.get(name, ())
        )

    def _things(self, values: dict[str, list[Term]], name: str) -> tuple[Thing, ...]:
        return tuple(self.thing(v.value) for v in values.get(name, ()))

    def _passage(self, address: str) -> Passage:
        """The passage at an address: a provision, a record, or a whole source."""
        values = self.properties(address)
        label = self._words(values, expand("rdfs:label"))
        citation = self._words(values, "citation")
        if not citation:
            as_of = self._words(values, "asOf")
            citation = f"{label} ({as_of})" if as_of else label
        locator = self._words(values, "locator") or self._words(values, "asOf")
        return Passage(
            id=self.names.code(address),
            citation=citation,
            locator=locator,
            url=next((v.value for v in values.get("address", ())), ""),
            text=self._words(values, "text"),
            since=next((v.value for v in values.get("validFrom", ())), "")
            if "Provision" in self.names.types(address)
            else "",
            law="Provision" in self.names.types(address)
            and self._words(values, "legalStatus") in ("enacted", "repealed", "not commenced"),
        )

    def _statement(self, address: str) -> StatementView:
        """The statement at an address; a source stands for the record it holds."""
        values = self.properties(address)
        if "Arrangement" in self.names.types(address):
            return StatementView(
                id=self.names.code(address),
                iri=address,
                text=self.names.label(address) + ".",
                relation="is-recorded-in",
                bearer=self._things(values, "delegator"),
                matter=self._things(values, "delegatedFunction"),
                legal_status="practice",
                modality="is",
                voice="icsgraph",
                confidence=self.worst(values.get("confidence", [])),
                valid_from=next((v.value for v in values.get("validFrom", ())), ""),
                valid_to=next((v.value for v in values.get("validTo", ())), ""),
                note=self._words(values, "note"),
                passages=tuple(self.passage(v.value) for v in values.get("restsOn", ())),
            )
        if "Statement" not in self.names.types(address):
            passage = self.passage(address)
            return StatementView(
                id=self.names.code(address),
                iri=address,
                text=f"Recorded in: {passage.citation}.",
                relation="is-recorded-in",
                legal_status="practice",
                modality="is",
                voice="icsgraph",
                confidence=self.worst(values.get("confidence", [])) or "verified",
                note=self._words(values, "note"),
                passages=(passage,),
            )

        def first(name: str) -> str:
            terms = values.get(name, [])
            return terms[0].value if terms else ""

        def code(name: str) -> str:
            term = values.get(name, [None])[0]
            return self.names.code(term.value) if isinstance(term, NamedNode) else ""

        main = [v.value for v in values.get("mainPassage", ())]
        rests = [v.value for v in values.get("restsOn", ())]
        return StatementView(
            id=self.names.code(address),
            iri=address,
            text=first("text"),
            relation=code("relation"),
            firm_from=first("firmFrom"),
            only_those=first("onlyThose"),
            bearer=self._things(values, "bearer"),
            counterpart=self._things(values, "counterpart"),
            matter=self._things(values, "matter"),
            mechanism=first("mechanism"),
            legal_status=code("legalStatus"),
            modality=code("modality"),
            voice=code("voice"),
            confidence=self.worst(values.get("confidence", [])),
            valid_from=first("validFrom"),
            valid_to=first("validTo"),
            derived_by=code("derivedBy"),
            premises=tuple(self.names.code(v.value) for v in values.get("premise", ())),
            note=self._words(values, "note"),
            scenarios=tuple(self.names.code(v.value) for v in values.get("inScenario", ())),
            passages=tuple(self.passage(a) for a in dict.fromkeys(main + rests)),
            contradicts=tuple(v.value for v in values.get("contradicts", ())),
        )

    def worst(self, marks: list[Term]) -> str:
        """The least checked of several marks, by the rank the ontology gives them."""

        def rank(mark: Term) -> int:
            ranks = self.store.objects(iri(mark.value), iri(expand("ics:rank")))
            return int(ranks[0].value) if ranks and isinstance(ranks[0], Literal) else 0

        return self.names.code(max(marks, key=rank).value) if marks else ""
