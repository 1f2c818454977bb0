"""The ontology as its readers need it: every term said in plain words, none misspelt, none unused, nothing that runs on for ever."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest

from icsgraph.build.pipeline import read_ontology
from icsgraph.core.terms import DEF, GRAPH, expand
from icsgraph.graph.rdf import RDF_TYPE, NamedNode, Quad, iri
from icsgraph.graph.shacl import validate
from icsgraph.graph.store import Store

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
    """Our own terms; those of others are only declared, as annotations."""
    return {
        q.subject.value
        for q in quads
        if q.predicate == RDF_TYPE and q.subject.value.removeprefix(DEF) not in ("", q.subject.value)
    }


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


def unreasonable(quads: list[Quad]) -> list[str]:
    """The properties whose range is a type that the standard for reasoners lacks: those of days and of texts with a language."""
    beyond = {expand("xsd:date"), expand("rdf:langString")}
    return sorted(
        q.subject.value for q in quads if q.predicate.value == expand("rdfs:range") and q.object.value in beyond
    )


def test_a_range_is_a_type_that_reasoners_have(ontology: list[Quad]) -> None:
    """Days have schema:rangeIncludes; a reasoner stops at xsd:date."""
    assert unreasonable(ontology) == []
    planted = next(q for q in ontology if q.predicate.value == expand("schema:rangeIncludes"))
    spoilt = Quad(planted.subject, iri(expand("rdfs:range")), planted.object, planted.graph_name)
    assert unreasonable([spoilt]) == [planted.subject.value]


def test_nothing_of_owl_beyond_what_the_rl_rules_handle_at_once(ontology: list[Quad]) -> None:
    """No property chains, and nothing both symmetric and transitive: those have made reasoners run without end."""
    allowed = {
        expand(f"owl:{n}")
        for n in (
            "Class",
            "ObjectProperty",
            "DatatypeProperty",
            "AnnotationProperty",
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


# ---------------------------------------------------------------- the names of terms, as SHACL on the ontology itself


def turtle(path: Path) -> list[ox.Triple]:
    return list(ox.parse(path=str(path), format=ox.RdfFormat.TURTLE))


def ntriples(triples: Iterable[ox.Triple]) -> bytes:
    return ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""


@pytest.fixture(scope="module")
def published(store: Store) -> list[ox.Triple]:
    """The ontology as it is published, with what the build adds to it."""
    graph = iri(GRAPH + "ontology")
    return [ox.Triple(q.subject, q.predicate, q.object) for q in store.quads(graph=graph)]


def misnamed(terms: Iterable[ox.Triple], root: Path, engine: str = "shifty") -> set[str]:
    """The terms that the shapes of ``ontology/house`` find fault with, as ``shape: term``, and exemptions that nothing needs."""
    terms = list(terms)
    house = root / "ontology" / "house"
    shapes, exemptions = ntriples(turtle(house / "shapes.ttl")), turtle(house / "exemptions.ttl")

    def faults(data: Iterable[ox.Triple]) -> set[tuple[str, str]]:
        return {
            (r.shape.rpartition("/")[2], r.focus.rpartition("/")[2]) for r in validate(ntriples(data), shapes, engine)
        }

    bare = {term for shape, term in faults(terms) if shape.endswith("PropertyName")}
    found = {f"{shape}: {term}" for shape, term in faults([*terms, *exemptions])}
    exempt = {t.subject.value.removeprefix(DEF) for t in exemptions if isinstance(t.subject, ox.NamedNode)}
    return found | {f"exempt without need: {term}" for term in exempt - bare}


@pytest.mark.parametrize("engine", ["shifty", "pyshacl"])
def test_terms_are_named_by_the_grammar_and_say_who_defines_them(
    published: list[ox.Triple], root: Path, engine: str
) -> None:
    assert len(published) > 2500
    assert misnamed(published, root, engine) == set()


def test_a_term_named_otherwise_is_noticed(published: list[ox.Triple], root: Path) -> None:
    """A noun that leads to a thing, a verb that holds a value, a class in small letters, and one that nobody defines."""
    term = {
        "supervisor": "owl:ObjectProperty",
        "employs": "owl:ObjectProperty",
        "paysAmount": "owl:DatatypeProperty",
        "board": "owl:Class",
    }
    planted = [
        ox.Triple(ox.NamedNode(DEF + name), ox.NamedNode(expand(predicate)), value)
        for name, kind in term.items()
        for predicate, value in (
            ("rdf:type", ox.NamedNode(expand(kind))),
            ("rdfs:label", ox.Literal(name)),
            ("skos:definition", ox.Literal("A term.")),
            ("rdfs:isDefinedBy", ox.NamedNode(DEF)),
        )
        if (name, predicate) != ("employs", "rdfs:isDefinedBy")
    ]
    assert misnamed([*published, *planted], root) == {
        "ObjectPropertyName: supervisor",
        "DataPropertyName: paysAmount",
        "ClassName: board",
        "DefinedBy: employs",
    }
    # A term that was renamed needs no exemption.
    renamed = [t for t in published if t.subject != ox.NamedNode(DEF + "bearer")]
    assert misnamed(renamed, root) == {"exempt without need: bearer"}
