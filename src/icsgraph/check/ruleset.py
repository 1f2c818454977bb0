"""The rules of ``shapes/``: which of them hold in a scenario on a day."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from icsgraph.core.dates import Period, parse_day
from icsgraph.core.report import SEVERITIES, Severity
from icsgraph.core.terms import DEF, ID, expand
from icsgraph.graph.rdf import Triple, read_turtle
from icsgraph.graph.shacl import as_ntriples
from icsgraph.resources import shape_files

__all__ = ["Rule", "Ruleset", "elsewhere", "read_rules", "rule_address", "select", "shapes_of"]

# A property of ours in a query, such as ics:nominatedBy; kinds begin with a capital.
_PROPERTY = re.compile(r"\bics:[a-z]\w*")
# The first pattern of a query, such as ``WHERE { $this ics:inPost post:icb-chair ;``: a property of ours, no path, and its value.
_FIRST = re.compile(
    r"\s*SELECT[^{}]*WHERE \{\s*(?:#[^\n]*\s*)*\$this (?P<property>ics:[a-z]\w*) (?P<value>[a-z]+:[\w-]+|\?\w+) [.;,](?!\S)"
)
_TARGETS = ("sh:targetClass", "sh:targetSubjectsOf", "sh:targetObjectsOf")


class RuleMend(NamedTuple):
    """What mends a fault of a rule: words of its message, and the triple to take out and to put in, with ``{this}`` and ``{value}``."""

    fault: str
    takes_out: str
    puts_in: str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: ``targets`` are the kinds of thing it looks at, and the properties whose things it looks at whatever their kind.

    ``why_not`` says why data cannot decide it; ``at`` are the properties at whose cells its findings stand, the first of them
    that the thing has. ``judges`` are the kinds of thing whose absence breaks it where a description is complete about them;
    ``mends`` are the faults that have one lawful mend; ``terms`` the properties of ours that its query asks for, in their order;
    ``needs`` is the property, with its value where one is named, without which on its thing it finds nothing (empty: none is known).
    """

    id: str
    iri: str
    title: str
    severity: Severity
    message: str
    remedy: str
    basis: tuple[str, ...]
    scenarios: tuple[str, ...]
    period: Period
    targets: tuple[str, ...]
    why_not: str
    at: tuple[str, ...]
    judges: tuple[str, ...]
    mends: tuple[RuleMend, ...]
    terms: tuple[str, ...]
    needs: str
    triples: tuple[Triple, ...]


@dataclass(frozen=True)
class Ruleset:
    """Rules that apply together, and their shapes as N-Triples."""

    rules: dict[str, Rule]
    shapes: bytes

    def targets(self) -> set[str]:
        """All kinds of thing, and properties, that some rule looks at."""
        return {t for rule in self.rules.values() for t in rule.targets}

    def looking(self, looked: set[str], there: set[str] | None = None) -> list[str]:
        """The addresses of the rules that look at some of the kinds of thing and properties given.

        ``there`` are all properties of the data, each also with each of its values; where given, the rules that ask of their thing what
        is not there are left out.
        """
        return [
            address
            for address, rule in self.rules.items()
            if not looked.isdisjoint(rule.targets) and (there is None or not rule.needs or rule.needs in there)
        ]


def _values(triples: list[Triple], name: str) -> list[str]:
    return sorted(t.object.value for t in triples if t.predicate.value == expand(name))


def _rule(address: str, own: list[Triple], query: list[Triple], mends: list[list[Triple]]) -> Rule:
    def one(name: str) -> str:
        return next(iter(_values(own, name)), "")

    severity = one("sh:severity").rpartition("#")[2] or "Info"
    assert severity in SEVERITIES, address
    start, end = one("ics:validFrom"), one("ics:validTo")
    return Rule(
        id=one("dcterms:identifier"),
        iri=address,
        title=one("rdfs:label"),
        severity=severity,
        message=next(iter(_values(query, "sh:message")), ""),
        remedy=one("ics:remedy"),
        basis=tuple(t.object.value for t in own if t.predicate.value == expand("ics:basis")),
        scenarios=tuple(v.rpartition("/")[2] for v in _values(own, "ics:inScenario")),
        period=Period(parse_day(start) if start else None, parse_day(end) if end else None),
        targets=tuple(v for name in _TARGETS for v in _values(own, name)),
        why_not=one("ics:whyNotCheckable"),
        at=tuple(t.object.value for t in own if t.predicate.value == expand("ics:atProperty")),
        judges=tuple(_values(own, "ics:judgesAbsenceOf")),
        mends=tuple(
            RuleMend(*("".join(_values(m, f"ics:{name}")) for name in ("whenFault", "takesOut", "putsIn")))
            for m in mends
        ),
        terms=_terms("".join(_values(query, "sh:select"))),
        needs=_needs("".join(_values(query, "sh:select"))),
        triples=tuple(own + query),
    )


def _terms(select: str) -> tuple[str, ...]:
    """The properties of ours that a query asks for, each once, save the day of the check.

    >>> _terms("$this ics:partnerTrust ?t . ?t a ics:NHSTrust ; ics:nominatesFor $this . ics:ThisCheck ics:asAt ?day .")
    ('ics:partnerTrust', 'ics:nominatesFor')
    """
    return tuple(dict.fromkeys(_PROPERTY.findall(select.replace("ics:ThisCheck ics:asAt", ""))))


def _needs(select: str) -> str:
    """What the first pattern of a query asks of the thing it looks at, where it stands outside every group: property, and value if named.

    >>> _needs("SELECT $this WHERE { $this ics:inPost post:icb-chair ; ics:holder ?who . }")
    'https://w3id.org/icsgraph/def/inPost https://w3id.org/icsgraph/id/post/icb-chair'
    >>> _needs("SELECT $this WHERE { $this ics:requestedOn ?asked . }")
    'https://w3id.org/icsgraph/def/requestedOn'
    >>> _needs("SELECT $this WHERE { { $this ics:inPost post:icb-chair } UNION { $this ics:holder ?who } }")
    ''
    """
    found = _FIRST.match(select)
    if not found:
        return ""
    prefix, _, name = found["value"].partition(":")
    value = ID + f"{prefix}/{name}" if prefix in ("body", "duty", "function", "gateway", "post", "provision") else ""
    return f"{expand(found['property'])} {value}".strip()


@lru_cache(maxsize=4)
def read_rules(root: Path) -> tuple[Rule, ...]:
    """Every rule of the content in ``root``, by id; those that data cannot decide too."""
    by_subject: dict[str, list[Triple]] = {}
    for path in shape_files(root):
        for triple in read_turtle(path):
            by_subject.setdefault(triple.subject.value, []).append(triple)
    kinds = {DEF + "ShapeRule", DEF + "UncheckableRule"}
    rules = [
        _rule(
            address,
            own,
            by_subject.get(address + "-query", []),
            [by_subject[m] for m in _values(own, "ics:hasMend")],
        )
        for address, own in by_subject.items()
        if kinds & set(_values(own, "rdf:type"))
    ]
    return tuple(sorted(rules, key=lambda r: r.id))


def elsewhere(root: Path, scenario: str, kinds: Iterable[str]) -> dict[str, list[str]]:
    """Of some kinds, those that no rule of a scenario is about and rules of others are: each with the ids of the others."""
    by_kind: dict[str, set[str]] = {}
    for rule in read_rules(root):
        for target in rule.targets:
            by_kind.setdefault(target, set()).update(rule.scenarios)
    return {k: sorted(by_kind[k]) for k in sorted(kinds) if k in by_kind and scenario not in by_kind[k]}


@lru_cache(maxsize=64)
def select(root: Path, scenario: str, as_at: str) -> Ruleset:
    """The rules of a scenario that are in force on a day and that data can decide."""
    day = parse_day(as_at)
    chosen = {r.iri: r for r in read_rules(root) if not r.why_not and scenario in r.scenarios and r.period.holds(day)}
    return Ruleset(chosen, shapes_of(root, chosen.values()))


def shapes_of(root: Path, rules: Iterable[Rule]) -> bytes:
    """The shapes of some rules as N-Triples, with the prefixes that their queries use."""
    return as_ntriples([*(t for r in rules for t in r.triples), *read_turtle(root / "shapes" / "prefixes.ttl")])


def rule_address(id: str) -> str:
    """The address of a rule by its number, such as ``C14``."""
    return f"{ID}rule/{id}"
