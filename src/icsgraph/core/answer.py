"""An answer: rows, the statements they rest on, the passages behind those, and whether the matter is settled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Answer", "Cell", "Facet", "FacetValue", "Passage", "StatementView", "Status", "Thing"]

Status = Literal["settled", "presumed", "contested", "silent"]


@dataclass(frozen=True)
class Thing:
    """Something with an IRI: ``code`` is what a reader can join on, ``label`` what it is called."""

    iri: str
    code: str
    label: str

    def to_dict(self) -> dict[str, str]:
        """The thing as JSON."""
        return {"code": self.code, "label": self.label, "iri": self.iri}


Cell = Thing | str | int | float | bool | None


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A place in a document that supports a statement."""

    id: str
    citation: str
    locator: str
    url: str
    text: str = ""
    # Whether the passage is law, or another record.
    law: bool = False
    # The first day of a provision that is on record, as an ISO date.
    since: str = ""

    def to_dict(self) -> dict[str, str]:
        """The passage as JSON."""
        return {"id": self.id, "citation": self.citation, "locator": self.locator, "url": self.url, "text": self.text}


@dataclass(frozen=True, kw_only=True)
class StatementView:
    """A statement as a reader sees it. Days are ISO dates, ``valid_to`` the first day on which it no longer holds.

    ``firm_from`` is the day before which its text was not read, ``only_those`` whom of its kind it means, where that is narrower.
    """

    id: str
    iri: str
    text: str
    relation: str
    bearer: tuple[Thing, ...] = ()
    counterpart: tuple[Thing, ...] = ()
    matter: tuple[Thing, ...] = ()
    mechanism: str = ""
    legal_status: str = ""
    modality: str = ""
    voice: str = ""
    confidence: str = ""
    valid_from: str = ""
    valid_to: str = ""
    derived_by: str = ""
    premises: tuple[str, ...] = ()
    note: str = ""
    scenarios: tuple[str, ...] = ()
    passages: tuple[Passage, ...] = ()
    contradicts: tuple[str, ...] = ()
    firm_from: str = ""
    only_those: str = ""

    def to_dict(self) -> dict[str, object]:
        """The statement as JSON; an empty value is ``null``, and one of several things is a list."""

        def things(values: tuple[Thing, ...]) -> object:
            if not values:
                return None
            return values[0].to_dict() if len(values) == 1 else [v.to_dict() for v in values]

        return {
            "id": self.id,
            "iri": self.iri,
            "text": self.text,
            "relation": self.relation,
            "bearer": things(self.bearer),
            "counterpart": things(self.counterpart),
            "matter": things(self.matter),
            "mechanism": self.mechanism or None,
            "legal_status": self.legal_status,
            "modality": self.modality,
            "voice": self.voice,
            "confidence": self.confidence,
            "valid_from": self.valid_from or None,
            "valid_to": self.valid_to or None,
            "derived_by": self.derived_by or None,
            "premises": list(self.premises),
            "note": self.note or None,
            "scenarios": list(self.scenarios),
            "passages": [p.to_dict() for p in self.passages],
        }


@dataclass(frozen=True)
class FacetValue:
    """A value by which an answer can be narrowed, and how many of its rows then remain."""

    code: str
    label: str
    count: int


@dataclass(frozen=True)
class Facet:
    """A parameter by which an answer can be narrowed, with its values, that which leaves most rows first."""

    parameter: str
    choices: tuple[FacetValue, ...]

    def to_dict(self) -> dict[str, object]:
        """The facet as JSON."""
        values = [{"code": c.code, "label": c.label, "count": c.count} for c in self.choices]
        return {"parameter": self.parameter, "values": values}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a question, its values and a date give.

    ``says`` is the answer in one sentence. ``status`` is ``settled`` where law or recorded arrangements in force carry it,
    ``presumed`` where a default does, ``contested`` where sources disagree, and ``silent`` where nothing on record says so: then ``searched`` names
    what was looked at, and ``instead`` holds statements that do not answer and yet bear on it: what is wanted, asked or left
    open.
    """

    id: str
    sentence: str
    explain: str
    parameters: dict[str, Cell]
    as_at: str
    scenario: str
    law_of: str
    status: Status
    columns: tuple[str, ...]
    rows: list[dict[str, Cell]]
    statements: list[StatementView]
    says: str = ""
    # The values as SPARQL writes them, by the name of the variable in the question's query.
    terms: dict[str, str] = field(default_factory=dict)
    searched: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    instead: list[StatementView] = field(default_factory=list)
    # What is on record beside the answer and bears on it: other days, members not named, plans.
    beside: list[StatementView] = field(default_factory=list)
    # By what the answer can be narrowed.
    facets: list[Facet] = field(default_factory=list)
    # Whether it tells what documents say and not what holds: then no law answers, and the status is about what they say.
    reports: bool = False

    @property
    def since(self) -> str:
        """The latest day on which a statement of the answer began: the day before, the answer was another one."""
        return max((s.valid_from for s in self.statements if s.valid_from <= self.as_at), default="")

    @property
    def until(self) -> str:
        """The first day on which a statement of the answer no longer holds, as far as is known."""
        return min((s.valid_to for s in self.statements if s.valid_to > self.as_at), default="")

    @property
    def doubtful(self) -> list[StatementView]:
        """The statements that nobody checked against their source."""
        return [s for s in self.statements if s.confidence not in ("verified", "derived", "")]

    def to_dict(self) -> dict[str, object]:
        """The answer in the public JSON form."""

        def cell(value: Cell) -> object:
            return value.to_dict() if isinstance(value, Thing) else value

        return {
            "question": {"id": self.id, "text": self.sentence},
            "parameters": {k: cell(v) for k, v in self.parameters.items()},
            "as_at": self.as_at,
            "scenario": self.scenario,
            "law_of": "" if self.reports else self.law_of,
            "status": self.status,
            "reports": self.reports,
            "says": self.says,
            "rows": [{c: cell(row.get(c)) for c in self.columns} for row in self.rows],
            "statements": [s.to_dict() for s in self.statements],
            "searched": list(self.searched),
            "notes": list(self.notes),
            "instead": [s.to_dict() for s in self.instead],
            "beside": [s.to_dict() for s in self.beside],
            "facets": [f.to_dict() for f in self.facets],
        }
