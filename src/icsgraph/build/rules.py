"""Queries that complete the graph, draw conclusions, or find faults, read from ``queries/``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from icsgraph.core.header import parse_header
from icsgraph.core.terms import GRAPH, ID, rebased
from icsgraph.graph.rdf import RDF_TYPE, Quad, iri, term_name, text
from icsgraph.graph.store import Store

__all__ = ["Fault", "Rule", "apply", "describe", "faults", "read_rules"]

KEYS = {"rule", "label", "because", "graph", "severity"}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One query file: ``rule`` is its id where its results must name it, ``graph`` the graph they go to."""

    name: str
    label: str
    because: str
    rule: str
    graph: str
    query: str


@dataclass(frozen=True)
class Fault:
    """A fault that a check query found: the thing, and what is wrong with it."""

    check: str
    focus: str
    message: str


def read_rules(folder: Path) -> list[Rule]:
    """The rules of a folder in the order of their file names, which is the order in which they apply."""
    rules = []
    for path in sorted(folder.glob("*.rq")):
        content = rebased(path.read_text(encoding="utf-8"))
        head = parse_header(content, path.name, KEYS, {"label"})
        rules.append(
            Rule(
                name=path.name,
                label=head["label"],
                because=head.get("because", ""),
                rule=head.get("rule", ""),
                graph=head.get("graph", ""),
                query=content,
            )
        )
    return rules


def apply(rules: list[Rule], store: Store) -> dict[str, int]:
    """Add what each rule constructs to its graph; says how many quads each added."""
    added = {}
    for rule in rules:
        graph = iri(GRAPH + rule.graph)
        drawn = dict.fromkeys(Quad(t.subject, t.predicate, t.object, graph) for t in store.construct(rule.query))
        new = [quad for quad in drawn if quad not in store]
        store.add(new)
        added[rule.name] = len(new)
    return added


def describe(rules: list[Rule]) -> list[Quad]:
    """The rules that results name, as things of the graph."""
    graph = iri(GRAPH + "rules")
    quads = []
    for rule in rules:
        if rule.rule:
            subject = iri(f"{ID}rule/{rule.rule}")
            quads += [
                Quad(subject, RDF_TYPE, term_name("ics:Rule"), graph),
                Quad(subject, term_name("dcterms:identifier"), text(rule.rule), graph),
                Quad(subject, term_name("rdfs:label"), text(rule.label, "en"), graph),
                Quad(subject, term_name("ics:text"), text(rule.because, "en"), graph),
            ]
    return quads


def faults(checks: list[Rule], store: Store) -> list[Fault]:
    """What the check queries find; an empty list means that all pass."""
    found = []
    for check in checks:
        for row in store.select(check.query):
            found.append(Fault(check.name, row["focus"].value, row["message"].value))
    return found
