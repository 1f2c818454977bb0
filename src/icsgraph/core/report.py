"""A report of a check: findings, each with its rule, the thing, the law and what to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = ["SEVERITIES", "Finding", "Law", "Mend", "Report", "Severity", "Unjudged"]

Severity = Literal["Violation", "Warning", "Info"]
# The gravest first.
SEVERITIES: tuple[Severity, ...] = ("Violation", "Warning", "Info")


@dataclass(frozen=True)
class Law:
    """What a rule rests on: a provision or a passage, in our words."""

    id: str
    citation: str
    url: str
    text: str = ""

    def to_dict(self) -> dict[str, str]:
        """The basis as JSON."""
        return {"id": self.id, "citation": self.citation, "url": self.url, "text": self.text}


@dataclass(frozen=True)
class Mend:
    """The one lawful mend of a finding as Turtle, to look at and never applied by itself: what to take out, what to put in; either may be empty."""

    takes_out: str
    puts_in: str

    def to_dict(self) -> dict[str, str]:
        """The mend as JSON."""
        return {"take_out": self.takes_out, "put_in": self.puts_in}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One breach of one rule by one thing. ``line`` counts from 1 and is 0, ``cell`` is empty, where the input gives none."""

    rule: str
    title: str
    severity: Severity
    focus: str
    focus_label: str
    message: str
    remedy: str
    value: str = ""
    value_label: str = ""
    line: int = 0
    cell: str = ""
    law: tuple[Law, ...] = ()
    mend: Mend | None = None
    # The properties in which a description says what the rule looks at, as ``ics:nominatedBy``; for a workbook empty.
    written_with: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """The finding as JSON."""
        return {
            "rule": self.rule,
            "title": self.title,
            "severity": self.severity,
            "focus": self.focus,
            "label": self.focus_label,
            "value": self.value or None,
            "value_label": self.value_label or None,
            "line": self.line or None,
            "cell": self.cell or None,
            "message": self.message,
            "law": [one.to_dict() for one in self.law],
            "what_to_do": self.remedy,
            "written_with": list(self.written_with),
            "mend": self.mend.to_dict() if self.mend else None,
        }


@dataclass(frozen=True)
class Unjudged:
    """A kind of thing whose absence no rule looked at, since the description does not say whether it has all: of which bodies, by which rules.

    Without rules it is a kind of which the description says that all or none are there, and that no rule would miss.
    """

    kind: str
    label: str
    rules: tuple[str, ...]
    bodies: tuple[str, ...]

    def to_dict(self) -> dict[str, object]:
        """The kind as JSON."""
        return {"kind": self.kind, "label": self.label, "rules": list(self.rules), "bodies": list(self.bodies)}


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a check found, and what it looked at, so that a clean report says how much that means.

    ``unjudged`` are the absences that did not count, and ``mentioned`` the names of bodies described elsewhere, of which nothing is missed.
    ``files`` are what was made of a scheme besides, by name; they are handed on and kept nowhere.
    """

    source: str
    scenario: str
    as_at: str
    engine: str
    rules: int
    things: int
    idle: int
    findings: list[Finding] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    unjudged: list[Unjudged] = field(default_factory=list)
    mentioned: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def conforms(self) -> bool:
        """Whether no rule of law is broken; warnings and remarks do not count."""
        return not any(f.severity == "Violation" for f in self.findings)

    def counts(self) -> dict[str, int]:
        """How many findings of each severity, the gravest first."""
        return {s: sum(f.severity == s for f in self.findings) for s in SEVERITIES}

    def at_least(self, severity: Severity) -> Report:
        """The report with only findings of a severity or a graver one."""
        kept = SEVERITIES[: SEVERITIES.index(severity) + 1]
        return Report(
            source=self.source,
            scenario=self.scenario,
            as_at=self.as_at,
            engine=self.engine,
            rules=self.rules,
            things=self.things,
            idle=self.idle,
            findings=[f for f in self.findings if f.severity in kept],
            notices=self.notices,
            unjudged=self.unjudged,
            mentioned=self.mentioned,
        )

    def to_dict(self) -> dict[str, object]:
        """The report in its public JSON form."""
        return {
            "conforms": self.conforms,
            "source": self.source,
            "scenario": self.scenario,
            "as_at": self.as_at,
            "engine": self.engine,
            "rules": self.rules,
            "rules_with_nothing_to_look_at": self.idle,
            "things": self.things,
            "counts": self.counts(),
            "findings": [f.to_dict() for f in self.findings],
            "notices": list(self.notices),
            "not_judged": [one.to_dict() for one in self.unjudged],
            "described_elsewhere": list(self.mentioned),
        }
