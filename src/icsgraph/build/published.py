"""What is published beside the facts themselves: the questions and the words of the catalogue, as data."""

from __future__ import annotations

from pathlib import Path

from icsgraph.ask.catalogue import Catalogue
from icsgraph.ask.examples import worked_examples
from icsgraph.core.dates import parse_day
from icsgraph.core.question import parse_question
from icsgraph.core.sparql import with_prefixes
from icsgraph.core.terms import DEF, GRAPH, ID, rebased
from icsgraph.graph.rdf import RDF_TYPE, Quad, Term, iri, read_turtle, term_name, text
from icsgraph.graph.store import Store

__all__ = ["catalogue_quads", "example_quads", "question_quads"]


def question_quads(root: Path) -> list[Quad]:
    """Each question of ``queries/ask`` with its parameters and its query, in which the parameters are variables.

    To be run, the query wants values put in place of those variables; ``example_quads`` has some that stand so.
    """
    graph = iri(GRAPH + "questions")
    quads: list[Quad] = []

    def say(subject: str, name: str, value: Term) -> None:
        quads.append(Quad(iri(subject), RDF_TYPE if name == "a" else term_name(name), value, graph))

    for path in sorted((root / "queries" / "ask").glob("*/*.rq")):
        question = parse_question(rebased(path.read_text(encoding="utf-8")), path.name)
        here = f"{ID}question/{question.id}"
        say(here, "a", term_name("ics:Question"))
        say(here, "dcterms:identifier", text(question.id))
        say(here, "rdfs:label", text(question.plain, "en"))
        say(here, "skos:definition", text(question.explain, "en"))
        say(here, "ics:family", text(question.family))
        say(here, "sh:prefixes", iri(DEF))
        say(here, "sh:select", text(with_prefixes(question.query)))
        for parameter in question.parameters:
            at = f"{here}/{parameter.name}"
            say(here, "ics:takes", iri(at))
            say(at, "a", term_name("ics:Parameter"))
            say(at, "dcterms:identifier", text(f"{question.id}/{parameter.name}"))
            say(at, "rdfs:label", text(parameter.name, "en"))
            say(at, "ics:takesKind", text(parameter.type))
            if parameter.default is not None:
                say(at, "ics:default", text(parameter.default))
    return quads


def example_quads(root: Path, store: Store) -> list[Quad]:
    """Each example of each question as a ``sh:SPARQLSelectExecutable`` that answers as it stands, on any endpoint over the dataset.

    Comment, keyword and prefixes stand where tools look that learn from examples (``sparql-llm``, the editor of the Swiss
    Institute of Bioinformatics). An example that names no day is asked on the newest day on which a source was read.
    """
    graph = iri(GRAPH + "questions")
    newest = max(row["day"].value for row in store.select("SELECT ?day WHERE { ?source ics:seenOn ?day }"))
    quads: list[Quad] = []
    for question, number, words, query in worked_examples(store, Catalogue.read(root), parse_day(newest)):
        at = iri(f"{ID}question/{question.id}/example-{number}")
        quads += [
            Quad(iri(f"{ID}question/{question.id}"), term_name("ics:hasExample"), at, graph),
            Quad(at, RDF_TYPE, term_name("sh:SPARQLExecutable"), graph),
            Quad(at, RDF_TYPE, term_name("sh:SPARQLSelectExecutable"), graph),
            Quad(at, term_name("dcterms:identifier"), text(f"{question.id}/example-{number}"), graph),
            Quad(at, term_name("rdfs:label"), text(words, "en"), graph),
            Quad(at, term_name("rdfs:comment"), text(words, "en"), graph),
            Quad(at, term_name("schema:keywords"), text(question.family), graph),
            Quad(at, term_name("sh:prefixes"), iri(DEF), graph),
            Quad(at, term_name("sh:select"), text(query), graph),
        ]
    return quads


def catalogue_quads(root: Path) -> list[Quad]:
    """The words of ``data/catalogue.ttl``."""
    graph = iri(GRAPH + "catalogue")
    return [Quad(t.subject, t.predicate, t.object, graph) for t in read_turtle(root / "data" / "catalogue.ttl")]
