"""What is published beside the facts themselves: the questions and the words of the catalogue, as data."""

from __future__ import annotations

from pathlib import Path

from icsgraph.core.question import parse_question
from icsgraph.core.sparql import with_prefixes
from icsgraph.core.terms import DEF, GRAPH, ID, rebased
from icsgraph.graph.rdf import RDF_TYPE, Quad, Term, iri, read_turtle, term_name, text

__all__ = ["catalogue_quads", "question_quads"]


def question_quads(root: Path) -> list[Quad]:
    """Each question of ``queries/ask`` as a ``sh:SPARQLSelectExecutable`` with its parameters.

    Its query is whole: it runs on any endpoint over the dataset, with values put in place of the parameters' variables.
    """
    graph = iri(GRAPH + "questions")
    quads: list[Quad] = []

    def say(subject: str, name: str, value: Term) -> None:
        quads.append(Quad(iri(subject), RDF_TYPE if name == "a" else term_name(name), value, graph))

    for path in sorted((root / "queries" / "ask").glob("*/*.rq")):
        question = parse_question(rebased(path.read_text(encoding="utf-8")), path.name)
        here = f"{ID}question/{question.id}"
        for kind in ("ics:Question", "sh:SPARQLExecutable", "sh:SPARQLSelectExecutable"):
            say(here, "a", term_name(kind))
        say(here, "dcterms:identifier", text(question.id))
        say(here, "rdfs:label", text(question.plain, "en"))
        say(here, "skos:definition", text(question.explain, "en"))
        # The question in words, where those who collect examples of queries look for it.
        say(here, "rdfs:comment", text(question.plain, "en"))
        say(here, "schema:keywords", text(question.family))
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


def catalogue_quads(root: Path) -> list[Quad]:
    """The words of ``data/catalogue.ttl``."""
    graph = iri(GRAPH + "catalogue")
    return [Quad(t.subject, t.predicate, t.object, graph) for t in read_turtle(root / "data" / "catalogue.ttl")]
