"""A question that can be asked: its sentence, its parameters, its columns and its query."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from icsgraph.core.errors import IcsgraphError
from icsgraph.core.header import parse_header
from icsgraph.core.sparql import Unclear, projection

__all__ = ["Example", "Parameter", "Question", "parse_question"]

KEYS = {
    "question",
    "family",
    "parameters",
    "columns",
    "statements",
    "readers",
    "explain",
    "timeless",
    "scenario",
    "counts",
    "reports",
    "itemised",
    "on_record",
    "otherwise",
    "lacking",
    "standing",
    "leads",
    "beside",
    "who",
    "presumes",
    "example",
    "says",
    "proviso",
    "card",
    "asked",
    "first",
    "after",
    "before",
    "heading",
    "facets",
    "lists",
}
_PARAMETER = re.compile(r"(?P<name>[a-z_]+) \((?P<type>[A-Za-z]+)\)(?: =(?P<default> ?[^,]*))?")
# Values every question gets beside its own.
IMPLICIT = ("asAt", "scenario")


@dataclass(frozen=True)
class Parameter:
    """A value to be given. ``default`` is ``None`` where it must be given."""

    name: str
    type: str
    default: str | None


class Narrowing(NamedTuple):
    """A parameter by whose values an answer can be narrowed: they stand in a column of it, or are known of its statements."""

    parameter: str
    column: str
    known_as: str


class Example(NamedTuple):
    """Values with which a question can be tried."""

    values: dict[str, str]
    as_at: str = ""
    scenario: str = ""


@dataclass(frozen=True, kw_only=True)
class Question:
    """One file of ``queries/ask``. ``columns`` are shown in this order; ``statements`` are those that hold statements."""

    id: str
    family: str
    sentence: str
    parameters: tuple[Parameter, ...]
    columns: tuple[str, ...]
    statements: tuple[str, ...]
    explain: str
    readers: str
    timeless: bool
    # The scenario that the question is about, whichever is asked with; empty: the one asked with.
    scenario: str
    counts: str
    # Whether the answer says what documents propose, report, ask or think, and not what holds: it names them with their days.
    reports: bool
    # Whether each row is an answer of its own, so that one that nobody checked leaves the others settled.
    itemised: bool
    # Whether it lists what is on record, which is not said to be all there is.
    on_record: bool
    # The question whose statements are shown where this one is silent; it takes the same values.
    otherwise: str
    # A relation, by its code: where no row of an answer has it, what ``otherwise`` knows of it on other days is told beside; empty: none.
    lacking: str
    # The column that says how firmly the record carries a row, and the variable that holds what bears on it; empty: none.
    standing: str
    beside: str
    # The column that names who is asked for: whoever answers for a small part of the area is told apart; empty: none.
    who: str
    # Whether the answer is as firm as its first row, which is then the one that carries it, and not as all of them.
    leads: bool
    # What to say where an answer is presumed, instead of what is said of responsibilities.
    presumes: str
    # The answer in one sentence, as a template over its rows; empty: the things of the first column that has any.
    says: str
    # What closes the sentence always, as a template: how far what is said goes.
    proviso: str
    # A row as a card of the page: title and sentence with a bar between them, as patterns over its columns; empty: by relation.
    card: str
    # Words with which people ask it, besides those of its sentence.
    asked: tuple[str, ...]
    # The types of things about which it is the first question.
    first: tuple[str, ...]
    # The wider question that is answered where both fit a sentence, with this one offered beside it; empty: none.
    after: str
    # The wider question that takes its verb for any other, and beside which it goes first; empty: none.
    before: str
    examples: tuple[Example, ...]
    # The sentence over an answer, where it differs: what stands in brackets is left out where its value is not given.
    heading: str
    # By what an answer can be narrowed.
    facets: tuple[Narrowing, ...]
    # The type of value of which it lists all that there are.
    lists: str
    query: str

    @property
    def plain(self) -> str:
        """The sentence with the names of its parameters as words, for lists."""
        return self.sentence.replace("{", "").replace("}", "").replace("_", " ")


def parse_question(content: str, name: str) -> Question:
    """The question of a file named ``<id>.rq``; raises ``IcsgraphError`` where header and query do not fit.

    Each parameter, column and implicit value must be projected by the query, since values are bound there.
    """
    head = parse_header(
        content, name, KEYS, {"question", "family", "parameters", "columns", "statements", "explain", "example"}
    )
    parameters = []
    for part in filter(None, (p.strip() for p in head["parameters"].split(","))):
        match = _PARAMETER.fullmatch(part)
        if not match:
            raise IcsgraphError(f"{name}: “{part}” is not a parameter.", "Write name (Type), or name (Type) = default.")
        default = match["default"]
        parameters.append(Parameter(match["name"], match["type"], None if default is None else default.strip()))
    columns = tuple(c.strip() for c in head["columns"].split(","))
    statements = tuple(s.strip() for s in head["statements"].split(","))
    try:
        projected = projection(content).names
    except Unclear as error:
        raise IcsgraphError(f"{name}: {error}", "Write SELECT and the variables that the header names.") from None
    named_columns = [head[key] for key in ("standing", "beside", "who") if key in head]
    for variable in (*columns, *statements, *named_columns, *IMPLICIT, *(p.name for p in parameters)):
        if variable not in projected:
            raise IcsgraphError(f"{name}: ?{variable} is not projected.", "Add it after SELECT.")
    named = set(re.findall(r"\{(\w+)\}", head["question"]))
    unknown = named - {p.name for p in parameters} - {"scenario"}
    if unknown:
        raise IcsgraphError(
            f"{name}: the sentence names {', '.join(sorted(unknown))}, which is no parameter.", "Mend the sentence."
        )
    return Question(
        id=name.removesuffix(".rq"),
        family=head["family"],
        sentence=head["question"],
        parameters=tuple(parameters),
        columns=columns,
        statements=statements,
        explain=head["explain"],
        readers=head.get("readers", ""),
        timeless=head.get("timeless", "") == "yes",
        scenario=head.get("scenario", ""),
        counts=head.get("counts", ""),
        reports=head.get("reports", "") == "yes",
        itemised=head.get("itemised", "") == "yes",
        on_record=head.get("on_record", "") == "yes",
        otherwise=head.get("otherwise", ""),
        lacking=head.get("lacking", ""),
        standing=head.get("standing", ""),
        beside=head.get("beside", ""),
        who=head.get("who", ""),
        leads=head.get("leads", "") == "yes",
        presumes=head.get("presumes", ""),
        says=head.get("says", ""),
        proviso=head.get("proviso", ""),
        card=head.get("card", ""),
        asked=tuple(filter(None, (a.strip() for a in head.get("asked", "").split(";")))),
        first=tuple(filter(None, (f.strip() for f in head.get("first", "").split(",")))),
        after=head.get("after", ""),
        before=head.get("before", ""),
        examples=_examples(head["example"], {p.name: p.default for p in parameters}, name),
        heading=head.get("heading", ""),
        facets=_facets(head.get("facets", ""), tuple(p.name for p in parameters), columns, name),
        lists=head.get("lists", ""),
        query=content,
    )


def _facets(said: str, parameters: tuple[str, ...], columns: tuple[str, ...], name: str) -> tuple[Narrowing, ...]:
    """What stands under ``facets``: ``parameter``, ``parameter in column`` or ``parameter as name``, with commas between them.

    >>> _facets("voices, kinds in kind, topic as topics", ("voices", "kinds", "topic"), ("kind",), "x.rq")[1]
    Narrowing(parameter='kinds', column='kind', known_as='')
    """
    found = []
    for part in filter(None, (p.strip() for p in said.split(","))):
        match = re.fullmatch(r"(\w+)(?: (in|as) (\w+))?", part)
        if not match or match[1] not in parameters or (match[2] == "in" and match[3] not in columns):
            raise IcsgraphError(
                f"{name}: “{part}” is nothing an answer can be narrowed by.",
                "Write a parameter, or parameter in column, or parameter as name.",
            )
        column = match[3] if match[2] == "in" else ""
        found.append(Narrowing(match[1], column, "" if column else match[3] or match[1]))
    return tuple(found)


def _examples(said: str, parameters: dict[str, str | None], name: str) -> tuple[Example, ...]:
    """The examples of a header: ``name=value; name=value``, with bars between them; “as asked” where nothing is to be given."""
    found = []
    for part in said.split("|"):
        values = {}
        for pair in filter(None, (p.strip() for p in part.split(";"))):
            key, equals, value = pair.partition("=")
            if equals:
                values[key] = value
        example = Example(values, values.pop("as_at", ""), values.pop("scenario", ""))
        wrong = sorted(set(values) - set(parameters)) + sorted(
            p for p, default in parameters.items() if default is None and p not in values
        )
        if wrong:
            raise IcsgraphError(f"{name}: the example “{part.strip()}” does not fit at {', '.join(wrong)}.", "Mend it.")
        found.append(example)
    return tuple(found)
