"""What changes from one edition to another: things, and answers with their places, days and reasons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from icsgraph.core.terms import BASE
from icsgraph.upkeep.editions import FOREVER, Edition, Entry, Place

__all__ = ["AnswerChange", "Comparison", "QuestionChange", "ThingChange", "about", "compare"]


@dataclass(frozen=True, kw_only=True)
class ThingChange:
    """A thing that is new, gone or says something else: ``said`` has for each property what was said and what is."""

    kind: str
    iri: str
    name: str
    how: str
    said: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class AnswerChange:
    """Who stands in a capacity towards a function in an area, from one day until another: ``before`` and ``after``, and why.

    ``start`` is empty where no first day is held and ``end`` where none is; who is paired with how firmly. ``why`` are the statements that carry
    what is answered now and did not before; or, where nothing does, those that carried it.
    """

    function: str
    area: str
    capacity: str
    before: tuple[tuple[str, str], ...]
    after: tuple[tuple[str, str], ...]
    start: str
    end: str
    why: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class QuestionChange:
    """A question as asked that is answered otherwise: its status, and the rows that went and came."""

    asked: str
    before: str
    after: str
    gone: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All that changes from one edition to another, sorted, and the names of what answers are about.

    Of ``new_places`` the old edition knew nothing and of ``gone_places`` the new one does; ``recoded`` has the address now of what has
    another code, which is the same thing and compared as such.
    """

    things: tuple[ThingChange, ...]
    answers: tuple[AnswerChange, ...]
    questions: tuple[QuestionChange, ...]
    labels: Mapping[str, str]
    new_places: frozenset[str] = frozenset()
    gone_places: frozenset[str] = frozenset()
    recoded: Mapping[str, str] = field(default_factory=dict)

    def name(self, iri: str) -> str:
        """What something is called, or its address under the base."""
        return self.labels.get(iri, iri.removeprefix(BASE))


_Facts = list[tuple[str, str, str, str, str]]
_Key = tuple[str, str]
# Who, each with how firmly.
_Who = frozenset[tuple[str, str]]


def _things(old: Edition, new: Edition) -> Iterator[ThingChange]:
    for kind, now in new.things.items():
        was = old.things.get(kind, {})
        for iri in sorted(was.keys() | now.keys()):
            a, b = was.get(iri, {}), now.get(iri, {})
            said = {
                k: (a.get(k, ""), b.get(k, "")) for k in sorted(a.keys() | b.keys()) if a.get(k, "") != b.get(k, "")
            }
            if said:
                how = "changed" if a and b else "new" if b else "gone"
                yield ThingChange(kind=kind, iri=iri, name=(b or a).get("name", iri), how=how, said=said)


def _touched(old: Edition, new: Edition) -> dict[str, set[str] | None]:
    """The areas whose answers may change, each with the functions for which they may: ``None`` stands for all."""
    grounds: dict[str, set[str]] = {}
    for ground in old.entries.keys() | new.entries.keys():
        differing = old.entries.get(ground, frozenset[Entry]()) ^ new.entries.get(ground, frozenset[Entry]())
        if differing:
            grounds[ground] = {e.function for e in differing}
    found: dict[str, set[str] | None] = {}
    for area in old.places.keys() | new.places.keys():
        was, now = old.places.get(area, frozenset[Place]()), new.places.get(area, frozenset[Place]())
        functions = set().union(*(grounds.get(p.ground, ()) for p in was | now))
        if was != now:
            found[area] = None
        elif functions:
            found[area] = functions
    return found


def _facts(edition: Edition, area: str, functions: set[str] | None) -> dict[_Key, _Facts]:
    """By function and capacity: who, how firmly, by which statement, from when, until when."""
    found: dict[_Key, _Facts] = {}
    for place in edition.places.get(area, ()):
        for entry in edition.entries.get(place.ground, ()):
            if functions is not None and entry.function not in functions:
                continue
            start, end = max(place.start, entry.start), min(place.end, entry.end)
            if start < end:
                fact = (entry.who or place.who, entry.standing, entry.statement, start, end)
                found.setdefault((entry.function, entry.capacity), []).append(fact)
    return found


def _on(facts: _Facts, day: str) -> tuple[_Who, frozenset[str]]:
    """Who it is on a day, with how firmly, and what carries that."""
    there = [f for f in facts if f[3] <= day < f[4]]
    return frozenset((f[0], f[1]) for f in there), frozenset(f[2] for f in there)


def _spans(old: _Facts, new: _Facts) -> Iterator[tuple[str, str, _Who, _Who, frozenset[str]]]:
    """Stretches of days on which the two differ: start, end, who it was, who it is, and why; neighbours alike are one."""
    days = sorted({d for f in (*old, *new) for d in f[3:]})
    open_: tuple[str, str, _Who, _Who, frozenset[str]] | None = None
    for start, end in pairwise(days):
        was, by = _on(old, start)
        now, because = _on(new, start)
        why = because - by or by - because or because or by
        if open_ and open_[1] == start and open_[2:] == (was, now, why):
            open_ = (open_[0], end, was, now, why)
            continue
        if open_ and open_[2] != open_[3]:
            yield open_
        open_ = (start, end, was, now, why)
    if open_ and open_[2] != open_[3]:
        yield open_


def _answers(old: Edition, new: Edition) -> Iterator[AnswerChange]:
    for area, functions in sorted(_touched(old, new).items()):
        was, now = _facts(old, area, functions), _facts(new, area, functions)
        for key in sorted(was.keys() | now.keys()):
            for start, end, before, after, why in _spans(was.get(key, []), now.get(key, [])):
                yield AnswerChange(
                    function=key[0],
                    area=area,
                    capacity=key[1],
                    before=tuple(sorted(before)),
                    after=tuple(sorted(after)),
                    start=start,
                    end="" if end == FOREVER else end,
                    why=tuple(sorted(why)),
                )


def _questions(old: Edition, new: Edition) -> Iterator[QuestionChange]:
    for asked in sorted(old.answers.keys() & new.answers.keys()):
        (before, was), (after, now) = old.answers[asked], new.answers[asked]
        if (before, was) != (after, now):
            yield QuestionChange(
                asked=asked, before=before, after=after, gone=tuple(sorted(was - now)), new=tuple(sorted(now - was))
            )


def _recoded(old: Edition, new: Edition) -> dict[str, str]:
    """The address now of each thing that the old edition has under a former code of it."""
    codes = {was: now for was, now in new.recoded.items() if was != now and was not in old.recoded}
    if not codes:
        return {}
    known = {i for e in (old, new) for i in (*e.places, *(i for of in e.things.values() for i in of))}
    found = {}
    for iri in known:
        stem, _, key = iri.rpartition("/")
        now = f"{stem}/{'-'.join(codes.get(part, part) for part in key.split('-'))}"
        if now != iri and now in known:
            found[iri] = now
    return found


def _renamed(old: Edition, names: Mapping[str, str]) -> Edition:
    """An edition in which things have the addresses of another."""

    def at(iri: str) -> str:
        return names.get(iri, iri)

    if not names:
        return old
    return replace(
        old,
        things={kind: {at(iri): said for iri, said in of.items()} for kind, of in old.things.items()},
        entries={
            at(g): frozenset(e._replace(who=at(e.who), statement=at(e.statement)) for e in of)
            for g, of in old.entries.items()
        },
        places={
            at(a): frozenset(p._replace(ground=at(p.ground), who=at(p.who)) for p in of) for a, of in old.places.items()
        },
    )


def compare(old: Edition, new: Edition) -> Comparison:
    """What changes from ``old`` to ``new``.

    The answers on responsibility are compared for every function, place and day on which either edition says something; of all questions their
    examples are.
    """
    recoded = _recoded(old, new)
    old = _renamed(old, recoded)
    return Comparison(
        new_places=frozenset(new.places.keys() - old.places.keys()),
        gone_places=frozenset(old.places.keys() - new.places.keys()),
        recoded=recoded,
        things=tuple(_things(old, new)),
        answers=tuple(_answers(old, new)),
        questions=tuple(_questions(old, new)),
        labels={**old.labels, **new.labels},
    )


def about(found: Comparison, words: str) -> Comparison:
    """What of a comparison is about one body, area, function or thing, by a part of its address or the whole of its name."""

    def named(iris: Iterable[str]) -> bool:
        return any(iri.rpartition("/")[2] == words or found.name(iri).casefold() == words.casefold() for iri in iris)

    return Comparison(
        things=tuple(t for t in found.things if named([t.iri]) or t.name.casefold() == words.casefold()),
        answers=tuple(a for a in found.answers if named([a.function, a.area, *(w for w, _ in (*a.before, *a.after))])),
        questions=tuple(q for q in found.questions if words.casefold() in q.asked.casefold()),
        labels=found.labels,
        new_places=frozenset(p for p in found.new_places if named([p])),
        gone_places=frozenset(p for p in found.gone_places if named([p])),
        recoded={was: now for was, now in found.recoded.items() if named([was, now])},
    )
