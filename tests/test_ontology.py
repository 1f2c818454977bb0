"""The ontology as its readers need it: every term said in plain words, none misspelt, none unused, nothing that runs on for ever."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from icsgraph.build.pipeline import read_ontology
from icsgraph.core.terms import DEF, expand
from icsgraph.graph.rdf import RDF_TYPE, NamedNode, Quad

# Used by name in code and tables only through the lists they belong to.
CONTENT = (
    "shapes/*/*.ttl",
    "queries/**/*.rq",
    "data/tables.toml",
    "ontology/*.ttl",
    # Says questions as data, in which nothing is looked up.
    "src/icsgraph/build/published.py",
    # Reckons with what the ontology says of bases and kinds.
    "src/icsgraph/build/coverage.py",
    # Reads descriptions by their properties.
    "src/icsgraph/scheme/*.py",
)


def terms(quads: Iterable[Quad]) -> set[str]:
    return {q.subject.value for q in quads if q.predicate == RDF_TYPE and q.subject.value != DEF}


def values(quads: Iterable[Quad], name: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for quad in quads:
        if quad.predicate.value == expand(name):
            found.setdefault(quad.subject.value, []).append(quad.object.value)
    return found


def faults(quads: list[Quad]) -> set[str]:
    """What is wrong with the terms, as ``term: fault``."""
    found = set()
    labels, definitions = values(quads, "rdfs:label"), values(quads, "skos:definition")
    # A class and the property that leads to it may share a label; two classes, or two members of a list, may not.
    kinds = {t: tuple(sorted(v)) for t, v in values(quads, "rdf:type").items()}
    seen: dict[tuple[object, str], str] = {}
    for term in terms(quads):
        name = term.removeprefix(DEF)
        if len(labels.get(term, ())) != 1:
            found.add(f"{name}: has not one label")
            continue
        label = labels[term][0]
        first = seen.setdefault((kinds[term], label.casefold()), term)
        if first != term:
            found.add(f"{name}: has the label of {first.removeprefix(DEF)}")
        definition = definitions.get(term, [""])[0]
        if not definition.endswith("."):
            found.add(f"{name}: has no definition that is a sentence")
        elif definition.casefold().startswith(label.casefold() + " is"):
            found.add(f"{name}: is defined by itself")
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", name):
            found.add(f"{name}: is not a name")
    return found


@pytest.fixture(scope="module")
def ontology(root: Path) -> list[Quad]:
    return read_ontology(root)


def test_each_term_has_one_label_and_a_definition(ontology: list[Quad]) -> None:
    assert faults(ontology) == set()


def test_a_term_without_a_definition_is_noticed(content: Path) -> None:
    path = content / "ontology" / "time.ttl"
    path.write_text(path.read_text(encoding="utf-8").replace("skos:definition", "skos:note", 1), encoding="utf-8")
    assert faults(read_ontology(content)) == {"validFrom: has no definition that is a sentence"}


def used(root: Path) -> set[str]:
    found = set()
    for pattern in CONTENT:
        for path in root.glob(pattern):
            text = re.sub(r"^# .*", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
            if path.suffix == ".ttl":
                # Where a term is declared is not where it is used.
                text = re.sub(r"^ics:\w+ a ", "", text, flags=re.MULTILINE)
            found |= set(re.findall(r"\bics:([A-Za-z]\w*)", text))
            found |= set(re.findall(r"kind:([A-Za-z]\w*)", text))
    for path in (root / "data").rglob("*.csv"):
        found |= set(re.findall(r"kind:([A-Za-z]\w*)", path.read_text(encoding="utf-8")))
    return found


def undeclared(root: Path) -> set[str]:
    declared = {t.removeprefix(DEF) for t in terms(read_ontology(root))}
    # The templates of tables.toml name kinds by a column: ics:{kind}.
    return used(root) - declared


def test_no_term_is_used_that_is_not_declared(root: Path) -> None:
    assert undeclared(root) == set()


def test_a_misspelt_term_in_a_query_is_noticed(content: Path) -> None:
    path = content / "queries" / "ask" / "duties" / "who-is-bound-by.rq"
    path.write_text(path.read_text(encoding="utf-8").replace("ics:isBoundBy", "ics:isBoundby"), encoding="utf-8")
    assert undeclared(content) == {"isBoundby"}


def test_no_property_is_declared_and_never_used(root: Path, ontology: list[Quad]) -> None:
    properties = {
        q.subject.value.removeprefix(DEF)
        for q in ontology
        if q.predicate == RDF_TYPE and q.object.value in (expand("owl:ObjectProperty"), expand("owl:DatatypeProperty"))
    }
    # codedAs and atProperty are read by the engine: the closed lists that tables may name, and where findings stand;
    # noneExists and attends by the intake of descriptions.
    assert properties - used(root) - {"codedAs", "atProperty", "noneExists", "attends"} == set()

    declared = [
        line.split(" ")[0]
        for path in sorted((root / "ontology").glob("*.ttl"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.match(r"ics:\w+ a owl:", line)
    ]
    # One word, one meaning: a second declaration elsewhere changes the first in silence.
    assert sorted(d for d in set(declared) if declared.count(d) > 1) == []


def test_nothing_of_owl_beyond_what_the_rl_rules_handle_at_once(ontology: list[Quad]) -> None:
    """No property chains, and nothing both symmetric and transitive: those have made reasoners run without end."""
    allowed = {
        expand(f"owl:{n}")
        for n in (
            "Class",
            "ObjectProperty",
            "DatatypeProperty",
            "Ontology",
            "SymmetricProperty",
            "TransitiveProperty",
            "disjointWith",
            "versionIRI",
            "versionInfo",
            # An annotation, from which nothing follows.
            "deprecated",
        )
    }
    owl = expand("owl:")
    seen = {
        t.value
        for q in ontology
        for t in (q.predicate, q.object)
        if isinstance(t, NamedNode) and t.value.startswith(owl)
    }
    assert seen <= allowed
    kinds = values(ontology, "rdf:type")
    both = {
        s for s, k in kinds.items() if {expand("owl:SymmetricProperty"), expand("owl:TransitiveProperty")} <= set(k)
    }
    assert both == set()
