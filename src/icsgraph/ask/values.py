"""The values of a question: names, codes and ids to things of the record, each as its parameter wants it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from icsgraph.ask.catalogue import Catalogue
from icsgraph.ask.names import LISTS, PARAMETER_TYPES, Names
from icsgraph.ask.says import phrase
from icsgraph.ask.views import Views
from icsgraph.core.answer import Cell
from icsgraph.core.dates import parse_day
from icsgraph.core.errors import IcsgraphError, MissingValue, NotFound, given_for
from icsgraph.core.question import Parameter, Question
from icsgraph.graph.rdf import Term, date, text

__all__ = ["Values", "in_words"]

# So many values are read out to somebody who gave none of them.
_FEW = 24
# Letters of a value; the longest name on record has some 300, and to find what is nearest to a long text takes long.
_LONG = 2000


class Values:
    """What people give for the parameters of questions, read."""

    def __init__(self, names: Names, views: Views, catalogue: Catalogue) -> None:
        self._names = names
        self._views = views
        self._catalogue = catalogue

    def read(
        self, question: Question, values: Mapping[str, str], as_at: str
    ) -> tuple[dict[str, Term], dict[str, Cell]]:
        """Each parameter as a term to ask with, and as a reader sees it; ``as_at`` is an ISO day, on which names are read.

        Raises ``IcsgraphError`` for a value that the question does not take or that lacks, ``NotFound`` for one that is not known.
        """
        known = [p.name for p in question.parameters]
        for name in values:
            if name not in known:
                with given_for(name[:_LONG]):
                    raise IcsgraphError(
                        f"“{name[:_LONG]}” is not a value that {question.id} takes.",
                        f"It takes: {', '.join(known) or 'none'}.",
                    )
        bound: dict[str, Term] = {}
        shown: dict[str, Cell] = {}
        for parameter in question.parameters:
            with given_for(parameter.name):
                given = _given(question, parameter, values)
                try:
                    bound[parameter.name], shown[parameter.name] = self._value(parameter, given, as_at)
                except NotFound as error:
                    error.known = self._known(parameter)
                    error.hint = f"{error.hint} {error.known}".strip()
                    raise
        return bound, shown

    def _known(self, parameter: Parameter) -> str:
        """Which values a parameter takes, where they are few, or the question that lists them."""
        kind = LISTS.get(parameter.type, parameter.type)
        listing = next((q for q in self._catalogue.questions.values() if q.lists == kind), None)
        if listing:
            return f"The question “{listing.plain}” ({listing.id}) lists all there are."
        if kind not in PARAMETER_TYPES:
            return ""
        known = self._names.all_of(kind)
        return f"It takes: {', '.join(self._names.code(t) for t in known)}." if len(known) <= _FEW else ""

    def _value(self, parameter: Parameter, given: str, as_at: str) -> tuple[Term, Cell]:
        if parameter.type == "Date":
            return date(parse_day(given).isoformat()), given
        if parameter.type == "Text":
            return text(given), given
        if parameter.type in LISTS:
            return self._list(LISTS[parameter.type], given)
        found = self._names.find(given, parameter.type, as_at)
        # Whoever follows the code of a value comes to the same thing.
        code = self._names.given(found.value, parameter.type, as_at)
        return found, replace(self._views.thing(found.value), code=code)

    def _list(self, kind: str, given: str) -> tuple[Term, Cell]:
        """Several values as one text of their ids with spaces around each, so that a query can look one up in it."""
        if given == "all":
            return text(""), f"any {_plain(kind)}"
        ids, labels = [], []
        for value in filter(None, (v.strip() for v in given.split(","))):
            found = "" if value == "none" else self._names.find(value, kind).value
            ids.append(self._names.code(found) if found else "none")
            labels.append(self._names.label(found) if found else f"no {_plain(kind)}")
        return text(" " + " ".join(ids) + " "), ", ".join(labels)


def in_words(question: Question, bound: Mapping[str, Term], shown: Mapping[str, Cell]) -> tuple[str, dict[str, str]]:
    """The question as it was asked, and its values in words."""
    given = {p.name for p in question.parameters if str(bound[p.name].value)}
    asks = _heading(question.heading, given) if question.heading else question.sentence
    types = {p.name: p.type for p in question.parameters}
    words = {name: phrase(cell, types.get(name, "")) for name, cell in shown.items()}
    for name, said in words.items():
        asks = asks.replace("{" + name + "}", said)
    return asks, words


def _heading(words: str, given: set[str]) -> str:
    """A sentence without the parts in brackets that name a value that was not given.

    >>> _heading("What is said[ on {topics}][ of {about}]?", {"about"})
    'What is said of {about}?'
    """
    return re.sub(r"\[([^\]]*)\]", lambda m: m[1] if set(re.findall(r"\{(\w+)\}", m[1])) <= given else "", words)


def _plain(kind: str) -> str:
    """The name of a parameter type as a word.

    >>> _plain("StatementKind")
    'statement kind'
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).lower()


def _given(question: Question, parameter: Parameter, values: Mapping[str, str]) -> str:
    """What is given for a parameter, or its default; raises ``IcsgraphError`` where there is neither, and for what is too long."""
    given = values.get(parameter.name, "").strip()
    if len(given) > _LONG:
        raise IcsgraphError(f"What is given for {parameter.name} is too long.", f"Send {_LONG:,} letters at most.")
    if given:
        return given
    if parameter.default is None:
        example = _example(question, parameter)
        raise MissingValue(
            f"{question.id} needs a value for {parameter.name}.",
            f'Add {parameter.name}=..., for example {parameter.name}="{example}".',
            parameter.name,
            example,
        )
    return parameter.default


def _example(question: Question, parameter: Parameter) -> str:
    """A value to try a parameter with, from the question's own examples."""
    return next((e.values[parameter.name] for e in question.examples if parameter.name in e.values), "...")
