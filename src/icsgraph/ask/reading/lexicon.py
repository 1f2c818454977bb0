"""All names of the record and all words that can be understood: what sentences are recognised against."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from icsgraph.ask.names import Names, fold
from icsgraph.ask.reading.words import Word, key, stem
from icsgraph.graph.rdf import term_name

__all__ = ["BEGINS", "Lexicon", "Node"]

# Properties whose words are English that needs no mending.
_TEXTS = ("ics:text", "skos:definition", "rdfs:comment", "ics:note")
# The first day of the record.
BEGINS = dt.date(2013, 4, 1)
# A word that is written small.
_SMALL = re.compile(r"\b[a-z]+\b")
# Shorter words are not taken for misspelt: too many others are near them.
_SHORTEST = 4


@dataclass
class Node:
    """A place in the tree of names: the words that may follow, and the things named by the words so far."""

    after: dict[str, Node] = field(default_factory=dict)
    things: list[str] = field(default_factory=list)


class Lexicon:
    """Names by their words, and the words of names, phrases and texts."""

    def __init__(
        self, names: Names, kinds: tuple[str, ...], variants: Iterable[tuple[str, str]], words: Iterable[str]
    ) -> None:
        self.names = names
        self.root = Node()
        # Words of names and phrases: what a misspelt word may be.
        self._meant: set[str] = set(words)
        # Words with which people ask are what they are, and stand for no other.
        self._asking = frozenset(self._meant)
        rules = [(re.compile(said), meant) for said, meant in variants]
        general = {fold(names.label(t)) for t in names.all_of("BodyKind")}
        general |= {n for n, t in names.everything() if "BodyKind" in names.types(t)}
        own = {key(n) for n, t in names.everything() if names.types(t) and "Provision" not in names.types(t)}
        for name, thing in names.everything():
            # “The board” is any board and not the one that an Act calls so.
            # What had ended before the record begins is no more what a name means.
            end = names.period(thing).end if "Body" in names.types(thing) else None
            if end and end <= BEGINS:
                continue
            # The title of a section gives way to what is called the same.
            if "Provision" in names.types(thing) and key(name) in own:
                continue
            if names.is_any(thing, kinds) and not name.isdigit() and name.removeprefix("the ") not in general - {name}:
                self.add(name, thing)
                for pattern, meant in rules:
                    if pattern.search(name) and names.is_any(
                        thing, ("Body", "Area", "Provision", "Instrument", "Site")
                    ):
                        self.add(fold(pattern.sub(meant, name)), thing)
        for thing, label in names.labels.items():
            if "PaperStatement" in names.types(thing):
                self.add(fold(label), thing)
        self._known = set(self._meant) | {stem(w) for w in self._english()}
        self._ordinary = frozenset(self._asking | {stem(w) for w in self._lower()})
        self._ordered = sorted(w for w in self._meant if len(w) >= 4 and not w.isdigit())
        self.guesses = lru_cache(maxsize=4096)(self._guesses)

    def _english(self) -> Iterator[str]:
        for name in _TEXTS:
            for quad in self.names.store.quads(predicate=term_name(name)):
                yield from fold(quad.object.value).split()

    def _lower(self) -> Iterator[str]:
        """Words that texts write small: names of places are not among them."""
        for name in _TEXTS:
            for quad in self.names.store.quads(predicate=term_name(name)):
                yield from (w for w in _SMALL.findall(quad.object.value))

    def ordinary(self, form: str) -> bool:
        """Whether a word is one of the language, and not only of names."""
        return form in self._ordinary

    def add(self, name: str, thing: str) -> None:
        """Keep a folded name."""
        parts = key(name)
        if not parts:
            return
        node = self.root
        for part in parts:
            node = node.after.setdefault(part, Node())
        if thing not in node.things:
            node.things.append(thing)
        self._meant.update(parts)

    def known(self, form: str) -> bool:
        """Whether a word is one that needs no mending."""
        return form in self._known or form.isdigit()

    def _guesses(self, form: str) -> tuple[str, ...]:
        """The words of names and phrases that are nearest to a word, the nearest first; none for a short one.

        >>> Lexicon.far("bord"), Lexicon.far("intergrated")
        (1, 2)
        """
        far = self.far(form)
        if not far:
            return ()
        near = [n for n in extract(form, self._ordered, scorer=OSA.distance, score_cutoff=far, limit=8) if n[0] != form]
        if not near:
            return ()
        # A slip of the finger seldom falls on the first letter.
        ranked = sorted((d + 0.6 * (w[0] != form[0]) + 0.1 * abs(len(w) - len(form)), w) for w, d, _ in near)
        return tuple(w for score, w in ranked if score <= ranked[0][0] + 0.5 and score <= far + 0.3)

    def like(self, what: str) -> list[str]:
        """The bodies, kinds, functions, duties and posts whose whole name is nearly what was typed."""
        wanted = fold(what)
        if not 4 <= len(wanted) <= 60:
            return []
        found = extract(wanted, list(self._whole), scorer=OSA.normalized_similarity, score_cutoff=0.75, limit=5)
        return list(dict.fromkeys(self._whole[name] for name, _, _ in found))

    @cached_property
    def _whole(self) -> dict[str, str]:
        kinds = ("Function", "Duty", "Power", "Document", "Post", "Body", "BodyKind")
        return {n: t for n, t in self.names.everything() if self.names.is_any(t, kinds)}

    @staticmethod
    def far(form: str) -> int:
        """How many letters may be wrong in a word."""
        return 0 if len(form) < _SHORTEST else 1 if len(form) < 8 else 2

    def mended(self, words: Sequence[Word]) -> list[Word]:
        """The words with what each may be a misspelling of; of known words only what they may be by a slip."""
        found = []
        for word in words:
            if self.known(word.form):
                near = () if word.form in self._asking else self.guesses(word.form)
                found.append(replace(word, near=near))
            else:
                found.append(replace(word, guesses=self.guesses(word.form), known=False))
        return found


def variants_of(classes: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """The rules by which names are also said, from rows ``pattern => replacement`` of the class “variants”."""
    return [(a.strip(), b.strip()) for a, _, b in (row.partition("=>") for row in classes.get("variants", ()))]
