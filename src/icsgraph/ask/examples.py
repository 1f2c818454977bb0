"""The examples of the catalogue, worked out: each as a sentence and as a query in which every value stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from icsgraph.ask.catalogue import Catalogue
from icsgraph.ask.names import Names
from icsgraph.ask.scenarios import when_asked
from icsgraph.ask.values import Values, in_words
from icsgraph.ask.views import Views
from icsgraph.core.question import Question
from icsgraph.core.sparql import bind, with_prefixes
from icsgraph.graph.store import AnyStore

__all__ = ["Worked", "worked_examples"]


class Worked(NamedTuple):
    """An example: its question, its place among the question's examples (from 1), what it asks in words, and a SPARQL 1.1 query."""

    question: Question
    number: int
    words: str
    query: str


def worked_examples(store: AnyStore, catalogue: Catalogue, today: dt.date) -> Iterator[Worked]:
    """Each example of each question; ``today`` is the day of those that name none, so that the same record gives the same queries.

    Raises ``IcsgraphError`` for an example whose values are not on record.
    """
    names = Names(store)
    values = Values(names, Views(store, names), catalogue)
    for question in catalogue.questions.values():
        for number, example in enumerate(question.examples, 1):
            time = when_asked(store, names, question, example.as_at, example.scenario, today)
            bound, shown = values.read(question, example.values, time.day.isoformat())
            bound |= time.terms
            asks, _ = in_words(question, bound, {**shown, "scenario": time.law.label})
            words = asks if question.timeless else f"{asks} As at {time.day.isoformat()}, {time.law.label}."
            yield Worked(question, number, words, with_prefixes(bind(question.query, bound)).strip() + "\n")
