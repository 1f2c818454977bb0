"""From what people type to what can be asked: suggestions while typing, and the questions that a sentence may mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from icsgraph.ask.desk import Desk
from icsgraph.ask.names import LISTS, PARAMETER_TYPES, fold
from icsgraph.ask.says import phrase
from icsgraph.core.answer import Thing
from icsgraph.core.question import Parameter, Question

__all__ = ["Finder", "Found", "Lead", "Suggestion"]

# What the field “what” may name, besides whole sentences.
WHAT = ("Function", "Duty", "Power", "Document", "Post", "Body", "BodyKind")
_ALL = (*WHAT, "Area", "Gateway", "Scenario", "Instrument", "Topic", "Voice", "Paper")
# Words that name nothing by themselves.
_SMALL = frozenset(
    [
        "a",
        "all",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "by",
        "can",
        "do",
        "does",
        "for",
        "from",
        "has",
        "have",
        "how",
        "i",
        "in",
        "is",
        "it",
        "its",
        "may",
        "me",
        "must",
        "my",
        "no",
        "not",
        "of",
        "on",
        "or",
        "our",
        "own",
        "s",
        "so",
        "than",
        "that",
        "the",
        "their",
        "there",
        "this",
        "to",
        "us",
        "we",
        "what",
        "when",
        "where",
        "which",
        "who",
        "whom",
        "whose",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
    ]
)
_LONGEST = 9
_MOST = 6


@dataclass(frozen=True)
class Suggestion:
    """A name that fits what is typed: what to fill in, what to show, and what it is."""

    value: str
    label: str
    kind: str

    def to_dict(self) -> dict[str, str]:
        """The suggestion as JSON."""
        return {"value": self.value, "label": self.label, "kind": self.kind}


@dataclass(frozen=True)
class Lead:
    """A question that may be meant, with the values found for it and the parameters that still lack one."""

    question: Question
    values: dict[str, str]
    missing: tuple[str, ...]
    sentence: str
    score: float = 0


@dataclass(frozen=True)
class Found:
    """What was understood: things by the words that name them, questions that may be meant, the best first.

    ``straight`` is the lead, or the thing, that leaves no doubt.
    """

    things: dict[str, list[Thing]] = field(default_factory=dict)
    leads: list[Lead] = field(default_factory=list)
    straight: Lead | Thing | None = None
    near: list[Thing] = field(default_factory=list)


class Finder:
    """Finds names and questions at a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._entries = lru_cache(maxsize=64)(self._collect)

    def _collect(self, kinds: tuple[str, ...]) -> list[tuple[str, str]]:
        """The folded names of all things of some kinds, with the things; ended bodies after those that exist."""
        names = self.desk.names
        found = {(name, thing) for name, thing in names.everything() if names.is_any(thing, kinds)}
        return sorted(found, key=lambda pair: (names.period(pair[1]).end is not None, len(pair[0]), pair))

    def suggest(self, typed: str, kind: str, most: int = 8) -> list[Suggestion]:
        """Names of a parameter type (or of anything that can be asked about: ``What``) in which each typed word begins a word."""
        kinds = WHAT if kind == "What" else PARAMETER_TYPES.get(LISTS.get(kind, kind), ())
        words = fold(typed).split()
        if not words or not kinds:
            return []
        first: list[str] = []
        others: list[str] = []
        seen: set[str] = set()
        for name, thing in self._entries(kinds):
            parts = name.split()
            if thing not in seen and all(any(p.startswith(w) for p in parts) for w in words):
                seen.add(thing)
                (first if name.startswith(words[0]) else others).append(thing)
                if len(first) == most:
                    break
        return [self._suggestion(t, kinds) for t in [*first, *others][:most]]

    def _suggestion(self, thing: str, kinds: tuple[str, ...]) -> Suggestion:
        names = self.desk.names
        label, code = names.label(thing), names.code(thing)
        alone = names.named(fold(label), kinds) == [thing]
        end = names.period(thing).end
        return Suggestion(label if alone else code, label, names.kind(thing) + (f", until {end}" if end else ""))

    def find(self, what: str, where: str = "") -> Found:
        """What a person may mean by the fields “what” (a name or a sentence) and “where” (an area); one may be empty.

        Raises ``NotFound`` where “what” is empty and “where” is no one area.
        """
        names = self.desk.names
        if not what.strip():
            area = names.find(where, "Area").value
            return Found({where: [self.desk.views.thing(area)]}, [], self._first(area, ""))
        whole = names.named(fold(what), WHAT)
        if len(whole) == 1:
            return Found(
                {what: [self.desk.views.thing(whole[0])]},
                self._leads(what, {what: whole}, where),
                self._first(whole[0], where) or self.desk.views.thing(whole[0]),
            )
        spans = {what: whole} if whole else self._spans(fold(what).split())
        near = [] if spans else names.nearest(what, WHAT)
        return Found(
            {words: self._told_apart(things) for words, things in spans.items()},
            self._leads(what, spans, where),
            None,
            [self.desk.views.thing(t) for t in near],
        )

    def _told_apart(self, things: list[str]) -> list[Thing]:
        """The things, each code once: a board, and not also the area that has its code."""
        found = {t.code: t for t in reversed([self.desk.views.thing(t) for t in things])}
        return list(reversed(found.values()))

    def _first(self, thing: str, where: str) -> Lead | None:
        """The first question about a thing, where there is one; an area is given to it if it takes one."""
        for question in self.desk.catalogue.questions.values():
            needed = [p for p in question.parameters if p.default is None]
            if len(needed) == 1 and any(self.desk.names.is_any(thing, (kind,)) for kind in question.first):
                return self._lead(question, {needed[0].name: self.desk.names.code(thing)}, where, 0)
        return None

    def _spans(self, words: list[str]) -> dict[str, list[str]]:
        """The names within a sentence, the longest first, in the order in which they stand."""
        found: dict[int, tuple[int, list[str]]] = {}
        taken: set[int] = set()
        for length in range(min(_LONGEST, len(words)), 0, -1):
            for start in range(len(words) - length + 1):
                part = words[start : start + length]
                if taken & set(range(start, start + length)) or all(w in _SMALL or w.isdigit() for w in part):
                    continue
                if part[0] in _SMALL or part[-1] in _SMALL:
                    continue
                name = " ".join(part)
                things = self.desk.names.named(name, _ALL, True) or self.desk.names.named(name[:-1], _ALL, True)
                if things:
                    found[start] = (length, things)
                    taken |= set(range(start, start + length))
        return {" ".join(words[s : s + n]): things for s, (n, things) in sorted(found.items())}

    def _leads(self, what: str, spans: Mapping[str, list[str]], where: str) -> list[Lead]:
        text = f" {fold(what)} "
        content = set(text.split()) - _SMALL
        leads = []
        for question in self.desk.catalogue.questions.values():
            asked = [fold(a) for a in question.asked]
            said = max((len(a.split()) * 2.0 for a in asked if f" {a} " in text), default=0.0)
            own = set(fold(question.plain).split()) - _SMALL
            likeness = len(content & own) / (1 + len(content | own))
            values, unused = self._fill(question, spans)
            needed = [p for p in question.parameters if p.default is None]
            filled = sum(p.name in values for p in needed)
            score = said + 2 * likeness + filled - 1.5 * (len(needed) - filled) - 0.5 * unused
            if set(question.first) & {k for things in spans.values() for t in things for k in self.desk.names.types(t)}:
                score += 0.5
            if said or likeness > 0.15 or (needed and filled == len(needed)):
                leads.append(self._lead(question, values, where, score))
        return sorted(leads, key=lambda lead: -lead.score)[:_MOST]

    def _fill(self, question: Question, spans: Mapping[str, list[str]]) -> tuple[dict[str, str], int]:
        """Values for the parameters of a question from the things found, each used once; and how many found no use."""
        values: dict[str, str] = {}
        left = dict(spans)
        for parameter in sorted(question.parameters, key=lambda p: p.default is not None):
            for words, things in left.items():
                if any(self.desk.names.fits(t, parameter.type) for t in things):
                    kinds = PARAMETER_TYPES[LISTS.get(parameter.type, parameter.type)]
                    name = fold(words)
                    fitting = self.desk.names.named(name, kinds) or self.desk.names.named(name[:-1], kinds)
                    values[parameter.name] = words if len(fitting) > 1 else self.desk.names.code(fitting[0])
                    del left[words]
                    break
        return values, len(left)

    def _lead(self, question: Question, values: dict[str, str], where: str, score: float) -> Lead:
        if where:
            area = next((p for p in question.parameters if p.type == "Area" and p.name not in values), None)
            values = values | ({area.name: where} if area else {})
        missing = tuple(p.name for p in question.parameters if p.default is None and p.name not in values)
        return Lead(question, values, missing, self.sentence(question, values), score)

    def sentence(self, question: Question, values: Mapping[str, str]) -> str:
        """A question with values in its sentence; what is not known yet is named by what it is to be."""
        sentence = question.sentence
        for parameter in question.parameters:
            sentence = sentence.replace("{" + parameter.name + "}", self._word(parameter, values))
        return sentence

    def _word(self, parameter: Parameter, values: Mapping[str, str]) -> str:
        """A value as it reads in a sentence; what is not known yet by what it is to be."""
        given = values.get(parameter.name, "")
        if given:
            kinds = PARAMETER_TYPES.get(LISTS.get(parameter.type, parameter.type), ())
            things = self.desk.names.named(fold(given), kinds)
            return phrase(self.desk.views.thing(things[0]), parameter.type) if len(things) == 1 else given
        if parameter.default:
            return parameter.default.capitalize() if parameter.type == "Area" else parameter.default
        return f"… ({parameter.name.replace('_', ' ')})"
