"""The ledger: for each function, ground and span of days, who holds it, exercises it, is liable and answers for it.

Beside these five stand the capacities towards a service (who arranges, provides, pays, checks, hears complaints): they are entered
as stated, save that whoever exercises what passes between bodies arranges it, and whoever arranges pays where nothing says otherwise.

What counts is said by the queries of ``queries/ledger``; here days and grounds are reckoned with. Three ideas carry it:

- What law states and what an arrangement in force does is *settled*. What follows by a rule of default is *presumed*, and gives
  way: to a statement that names another, to an arrangement for the whole function. After an arrangement has ended with nothing
  in its place, nothing is presumed at all.
- An arrangement for the whole of a function takes its parts along, save what is defined as its remainder; an arrangement for
  a part says nothing of the whole. Once every constituent of a function has passed, nothing of the whole is left to presume.
- What is only recalled, reported at second hand or read into a text is presumed, and so is whatever follows from it.
- Liability follows the gateway; else whoever exercises a function of its own is liable, as firmly as it exercises it, and
  whoever acts for another is not; what cannot be sued is never liable: whoever's organ it is answers.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from icsgraph.build.coverage import Coverage, read_coverage
from icsgraph.build.rules import Rule, describe, read_rules
from icsgraph.build.spans import ALWAYS, Span, joined, pieces, without
from icsgraph.core.terms import GRAPH, ID, expand
from icsgraph.graph.rdf import RDF_TYPE, Quad, date, iri, term_name, text, typed
from icsgraph.graph.store import Row, Store

__all__ = ["Entry", "Ledger", "ledger_quads"]

HOLDS, EXERCISES, LIABLE, ANSWERS = (expand(f"ics:{n}") for n in ("holds", "exercises", "isLiableFor", "answersTo"))
ARRANGES, PROVIDES, PAYS = (expand(f"ics:{n}") for n in ("arranges", "provides", "paysFor"))
SETTLED, PRESUMED, POLICY = (expand(f"ics:{n}") for n in ("Settled", "Presumed", "BySayOfPolicy"))
# A ground with more qualifications than this names the first of them; the rest are found at the function.
_MOST = 6


@dataclass(frozen=True, kw_only=True)
class Stated:
    """A statement that gives a function to a bearer in a capacity; ``law`` is false where only policy says so.

    ``doubtful`` is what nobody read in a text, or what goes beyond the text; ``extent`` says which part it is, where it is only one.
    """

    statement: str
    capacity: str
    bearer: str
    towards: str
    span: Span
    law: bool
    doubtful: bool = False
    extent: str = ""

    @property
    def standing(self) -> str:
        """How firmly the record carries it."""
        # What only policy says is no more law for being in doubt.
        return POLICY if not self.law else PRESUMED if self.doubtful else SETTLED


@dataclass(frozen=True, kw_only=True)
class Passing:
    """A function that passes by an arrangement: ``part`` of it or the whole, jointly or not, and what follows from it."""

    statement: str
    arrangement: str
    function: str
    giver: str
    taker: str
    span: Span
    part: bool
    joint: bool
    doubtful: bool

    @property
    def standing(self) -> str:
        """How firmly the record carries it."""
        return PRESUMED if self.doubtful else SETTLED


class Entry(NamedTuple):
    """One responsibility, save for its days."""

    function: str
    ground: str
    capacity: str
    bearer: str
    towards: str
    standing: str
    carriers: tuple[str, ...]
    rule: str = ""
    overrides: tuple[str, ...] = ()
    part: bool = False
    extent: str = ""
    beside: tuple[str, ...] = ()


class _Exercise(NamedTuple):
    """Somebody who exercises a function on a ground: by whose statement, how firmly, and by which passing."""

    bearer: str
    standing: str
    carriers: tuple[str, ...]
    rule: str = ""
    overrides: tuple[str, ...] = ()
    passing: Passing | None = None
    beside: tuple[str, ...] = ()
    # Whether it is drawn from a holder that is itself in doubt.
    doubtful: bool = False
    # Which part of the function it has by law, where it has only one.
    extent: str = ""


@dataclass(kw_only=True)
class Ledger:
    """Works out the entries; built by :func:`ledger_quads` from a store."""

    coverage: Coverage
    stated: dict[str, list[Stated]]
    passings: dict[str, list[Passing]]
    liable: dict[str, tuple[str, str]]
    answerable: dict[str, list[tuple[str, str]]]
    unsure: dict[str, list[tuple[str, str, Span]]]
    wider: dict[str, str]
    share: dict[str, str]
    organs: dict[str, tuple[str, ...]]
    defaults: dict[str, str]
    # The days on which whoever exercises a function arranges what is provided under it.
    arranged: dict[str, list[Span]] = field(default_factory=dict)
    found: dict[Entry, list[Span]] = field(default_factory=lambda: defaultdict(list))
    # What was reckoned once: the ground of each bearer, and what passes of the function at hand on each ground.
    _ground: dict[str, str] = field(default_factory=dict)
    _by_ground: dict[str, dict[str, list[Passing]]] = field(default_factory=dict)

    @cached_property
    def functions(self) -> list[str]:
        """Every function, the parts before the whole."""
        return sorted({*self.wider, *self.share}, key=lambda f: (-len(self.widers(f)), f))

    def widers(self, function: str) -> list[str]:
        """The wider functions of a function, the nearest first."""
        out: list[str] = []
        while (function := self.wider.get(function, "")) and function not in out:
            out.append(function)
        return out

    def constituents(self, function: str) -> list[str]:
        """The parts that together are the whole of a function."""
        return sorted(f for f, w in self.wider.items() if w == function and self.share.get(f) == "constituent")

    def remainder(self, function: str) -> str:
        """What is defined as the rest of a function, whatever is passed of it."""
        return next((f for f, w in self.wider.items() if w == function and self.share.get(f) == "remainder"), "")

    def kept(self, function: str) -> list[Stated]:
        """Who is stated to exercise what is kept back of a function: its remainder, or a remainder that it is itself within."""
        rest = [self.remainder(function), *(w for w in self.widers(function) if self.share.get(w) == "remainder")]
        return [s for r in rest for s in self.facts(r, EXERCISES)]

    def facts(self, function: str, capacity: str) -> list[Stated]:
        """What is stated of a function in a capacity."""
        return [s for s in self.stated.get(function, ()) if s.capacity == capacity]

    def holders(self, function: str) -> list[Stated]:
        """Who holds a function: as is said of it, or of the nearest wider one where nothing is said of itself."""
        for one in (function, *self.widers(function)):
            if found := self.facts(one, HOLDS):
                return found
        return []

    def passed(self, function: str) -> list[Passing]:
        """What passes a function: arrangements for itself, and for the whole of a wider one unless it is the remainder."""
        found = list(self.passings.get(function, ()))
        inner = function
        for wide in self.widers(function):
            if self.share.get(inner) == "remainder":
                break
            found += [p for p in self.passings.get(wide, ()) if not p.part and not p.joint]
            inner = wide
        return found

    def is_body(self, bearer: str) -> bool:
        """Whether a bearer is one body, and not a kind of body."""
        return bearer in self.coverage.lives

    def ground(self, bearer: str) -> str:
        """The ground of a bearer: its own territory, that of each body of its kind, or the whole country."""
        known = self._ground.get(bearer)
        if known is None:
            # Whoever has no territory and is no national body stands on no ground that an area leads to.
            placed = not self.is_body(bearer) or bearer in self.coverage.own
            national = not placed and self.coverage.is_national(bearer)
            known = self._ground[bearer] = self.coverage.country if national else bearer
        return known

    def life(self, bearer: str) -> Span:
        """The days of a bearer; those of a kind are always."""
        return self.coverage.lives.get(bearer, ALWAYS)

    def add(self, span: Span, **values: object) -> None:
        """Enter a responsibility for the days of a span."""
        if not span.empty:
            self.found[Entry(**values)].append(span)  # type: ignore[arg-type]

    def work(self) -> None:
        """Work out every entry."""
        self._exercised: dict[tuple[str, str], list[tuple[Span, list[_Exercise]]]] = {}
        for function in self.functions:
            self._held(function)
            self._answered(function)
            for ground, cut in self._grounds(function):
                timeline = []
                for span in pieces(cut, self._cuts(function, ground)):
                    exercises = self._exercises(function, ground, span)
                    timeline.append((span, exercises))
                    for one in exercises:
                        self._enter(function, ground, span, one)
                        self._arranged(function, ground, span, one)
                self._exercised[function, ground] = timeline

    def _held(self, function: str) -> None:
        for fact in self.holders(function):
            self.add(
                fact.span.within(self.life(fact.bearer)),
                function=function,
                ground=self.ground(fact.bearer),
                capacity=HOLDS,
                bearer=fact.bearer,
                towards="",
                standing=fact.standing,
                carriers=(fact.statement,),
                extent=fact.extent,
            )

    def _answered(self, function: str) -> None:
        """Whom law or policy makes liable or has answer for the function, who may decide on it, and what is stated of a service."""
        for fact in self.stated.get(function, ()):
            if fact.capacity == ARRANGES:
                self._pays(
                    function,
                    self.ground(fact.bearer),
                    fact.span.within(self.life(fact.bearer)),
                    fact.bearer,
                    (fact.statement,),
                )
            if fact.capacity not in (HOLDS, EXERCISES):
                self.add(
                    fact.span.within(self.life(fact.bearer)),
                    function=function,
                    ground=self.ground(fact.bearer),
                    capacity=fact.capacity,
                    bearer=fact.bearer,
                    towards=fact.towards,
                    standing=fact.standing,
                    carriers=(fact.statement,),
                    extent=fact.extent,
                )

    def _arranged(self, function: str, ground: str, span: Span, one: _Exercise) -> None:
        """That whoever exercises a function arranges what is provided under it, on the days of which the table of functions says so."""
        for days in self.arranged.get(function, ()):
            within = span.within(days)
            if within.empty:
                continue
            standing = PRESUMED if one.doubtful else one.standing
            self.add(
                within,
                function=function,
                ground=ground,
                capacity=ARRANGES,
                bearer=one.bearer,
                towards="",
                standing=standing,
                carriers=one.carriers,
                rule=self.defaults.get(ARRANGES, "") if standing == PRESUMED else "",
                part=one.passing is not None and (one.passing.part or one.passing.joint),
                extent=self._extent(function, ground, span, one),
                beside=one.beside if standing == PRESUMED else (),
            )
            self._pays(function, ground, within, one.bearer, one.carriers)

    def _pays(self, function: str, ground: str, span: Span, bearer: str, carriers: tuple[str, ...]) -> None:
        """That whoever arranges a service that somebody provides pays for it, on days on which nothing says who does."""
        paid = [fact.span for fact in self.facts(function, PAYS)]
        for given in joined([fact.span for fact in self.facts(function, PROVIDES)]):
            for free in without(given, joined(paid)):
                self.add(
                    span.within(free),
                    function=function,
                    ground=ground,
                    capacity=PAYS,
                    bearer=bearer,
                    towards="",
                    standing=PRESUMED,
                    carriers=carriers,
                    rule=self.defaults.get(PAYS, ""),
                )

    def _grounds(self, function: str) -> list[tuple[str, Span]]:
        """The grounds on which a function is to be looked at, each with its days; together they leave no day out twice.

        A national holder's function is looked at for England as one until it first passes to a body with a territory of
        some kind; from then on for each body of that kind. A function of a kind of body is looked at kind by kind, unless
        something passes from one of them: then body by body.
        """
        relevant = [*self.passed(function), *self._perhaps(function)]
        for part in self.constituents(function):
            relevant += self.passed(part)
        split: dict[str, str] = {}
        for passing in relevant:
            if passing.taker in self.coverage.own:
                kind = self._territory_kind(passing.taker)
                split[kind] = min(split.get(kind, passing.span.start), passing.span.start)
        holders = self.holders(function)
        grounds: dict[str, list[Span]] = defaultdict(list)
        local: list[Span] = []
        for kind, start in split.items():
            for body in self.coverage.bodies(kind):
                span = self.life(body).within(Span.of(start, ""))
                if not span.empty:
                    grounds[body].append(span)
                    local.append(span)
        if any(self.ground(s.bearer) == self.coverage.country for s in [*holders, *self.facts(function, EXERCISES)]):
            grounds[self.coverage.country] += without(ALWAYS, joined(local))
        givers = {p.giver for p in relevant}
        for fact in [*holders, *self.facts(function, EXERCISES)]:
            ground = self.ground(fact.bearer)
            if ground == self.coverage.country:
                continue
            alike = (
                [b for b in self.coverage.bodies(fact.bearer) if b in givers] if not self.is_body(fact.bearer) else []
            )
            for one in self.coverage.bodies(fact.bearer) if alike else [ground]:
                if not any(s == ALWAYS for s in grounds[one]):
                    grounds[one] = [self.life(one) if self.is_body(one) else ALWAYS]
        return [(ground, span) for ground, spans in sorted(grounds.items()) for span in joined(spans)]

    def _perhaps(self, function: str) -> list[Passing]:
        """What passes a part of a wider function that is not named, and so perhaps this one."""
        found: list[Passing] = []
        inner = function
        for wide in self.widers(function) if function in self.arranged else ():
            if self.share.get(inner) == "remainder":
                break
            found += [p for p in self.passings.get(wide, ()) if p.part or p.joint]
            inner = wide
        return found

    def _territory_kind(self, body: str) -> str:
        """The narrowest kind of a body with a territory: the one that fewest bodies count as."""
        kinds = self.coverage.kinds.get(body, set())
        return min(sorted(kinds), key=lambda k: (self._size[k], k))

    @cached_property
    def _size(self) -> dict[str, int]:
        sizes: dict[str, int] = defaultdict(int)
        for kinds in self.coverage.kinds.values():
            for kind in kinds:
                sizes[kind] += 1
        return sizes

    def _cuts(self, function: str, ground: str) -> list[Span]:
        """Every span at whose ends something may change on a ground."""
        cuts = [s.span for s in [*self.holders(function), *self.stated.get(function, ())]]
        cuts += [p.span for p in self._here(function, ground)]
        cuts += [span for _, _, span in self._doubts(function)]
        cuts += self.arranged.get(function, [])
        cuts += [p.span for p in self._perhaps(function) if p.taker == ground]
        cuts += [s.span for s in self.kept(function)]
        for part in self.constituents(function):
            cuts += [span for span, _ in self._exercised.get((part, ground), ())]
        return cuts

    def _doubts(self, function: str) -> list[tuple[str, str, Span]]:
        """What is unsure of a function, or of the whole of a wider one."""
        return [u for one in (function, *self.widers(function)) for u in self.unsure.get(one, ())]

    def _in_doubt(self, function: str, givers: set[str]) -> tuple[str, ...]:
        """The arrangements of some givers that settle nothing of a function and bear on it."""
        return tuple(sorted({arrangement for arrangement, by, _ in self._doubts(function) if by in givers})[:_MOST])

    def _here(self, function: str, ground: str) -> list[Passing]:
        """What passes a function on a ground: to whoever has the ground, or to a body for the whole country."""
        if function not in self._by_ground:
            found: dict[str, list[Passing]] = defaultdict(list)
            for p in self.passed(function):
                found[self.ground(p.taker)].append(p)
            self._by_ground = {function: found}
        here = self._by_ground[function]
        return here.get(ground, []) + (here.get(self.coverage.country, []) if ground != self.coverage.country else [])

    def _history(self, ground: str) -> set[str]:
        """A body with all that came before it on its ground."""
        seen: set[str] = set()
        todo = [ground]
        while todo:
            one = todo.pop()
            if one not in seen:
                seen.add(one)
                todo += [b for b, _, _ in self.coverage.before.get(one, ())]
        return seen

    def _exercises(self, function: str, ground: str, span: Span) -> list[_Exercise]:
        """Who exercises a function on a ground on the days of a span on which nothing changes."""
        stated = [s for s in self.facts(function, EXERCISES) if s.span.meets(span)]
        here = [s for s in stated if self.ground(s.bearer) in (ground, self._kind_ground(ground, s.bearer))]
        found = [
            _Exercise(s.bearer, s.standing, (s.statement,), doubtful=s.doubtful, extent=s.extent)
            for s in here
            if self.ground(s.bearer) == ground or self.is_body(ground)
        ]
        holders = [
            h
            for h in self.holders(function)
            if h.span.meets(span)
            and self._stands_on(h.bearer, ground)
            and self.life(h.bearer).meets(span)
            # Whoever has it by the say of policy alone is not presumed to exercise what policy puts in other hands.
            and (h.law or not stated)
        ]
        current = {one.bearer: one for one in found}
        # A statement of law that names who exercises leaves nothing to presume of anybody; one body that may act beside others
        # in a place of its own displaces nobody elsewhere.
        everywhere = [
            s for s in stated if s.law and self.ground(s.bearer) in (ground, self.coverage.country, *self._kinds(s))
        ]
        for holder in [] if everywhere else holders:
            bearer = ground if self.is_body(ground) and not self.is_body(holder.bearer) else holder.bearer
            known = current.get(bearer)
            if known:
                current[bearer] = known._replace(carriers=tuple(dict.fromkeys((*known.carriers, holder.statement))))
            else:
                beside = self._beside(function, ground, span, bearer)
                current[bearer] = _Exercise(
                    bearer,
                    PRESUMED,
                    (holder.statement,),
                    HOLDS,
                    beside=beside,
                    doubtful=holder.doubtful,
                    extent=holder.extent,
                )
        inside = [p for p in self._here(function, ground) if p.span.covers(span)]
        moved = True
        taken: set[str] = set()
        while moved:
            moved = False
            for p in inside:
                if p.statement in taken or p.giver not in current:
                    continue
                taken.add(p.statement)
                moved = True
                giver = current[p.giver]
                # What passes is in doubt as the giver's having it is.
                standing = PRESUMED if giver.doubtful else p.standing
                if p.part or p.joint:
                    current[p.taker] = _Exercise(p.taker, standing, (p.statement,), passing=p, doubtful=giver.doubtful)
                    if p.joint and giver.standing == PRESUMED and not p.doubtful:
                        # The arrangement itself says that the giver goes on exercising, together with the other.
                        current[p.giver] = giver._replace(
                            standing=SETTLED, carriers=(p.statement, *giver.carriers), rule="", passing=p, beside=()
                        )
                    continue
                current[p.taker] = _Exercise(
                    p.taker,
                    standing,
                    (p.statement,),
                    passing=p,
                    overrides=giver.carriers if giver.rule else (),
                    beside=self._in_doubt(function, {p.giver, p.taker}) if p.doubtful else (),
                    doubtful=giver.doubtful,
                )
                if p.giver != p.taker:
                    current.pop(p.giver, None)
        return [one for one in current.values() if self._still(function, ground, span, one, inside)]

    def _kinds(self, fact: Stated) -> list[str]:
        """The ground of a fact that is laid on a kind of body, and so is there wherever the kind is."""
        return [] if self.is_body(fact.bearer) else [self.ground(fact.bearer)]

    def _kind_ground(self, ground: str, bearer: str) -> str:
        """A kind of body stands on the ground of each body that counts as it."""
        return bearer if bearer in self.coverage.kinds.get(ground, ()) else ""

    def _stands_on(self, bearer: str, ground: str) -> bool:
        """Whether a holder is one for a ground: the country's on every ground, a body's on its own, a kind's on each."""
        own = self.ground(bearer)
        return own in (ground, self.coverage.country) or own in self.coverage.kinds.get(ground, ())

    def _still(self, function: str, ground: str, span: Span, one: _Exercise, inside: list[Passing]) -> bool:
        """Whether a default may be presumed: not where all parts have passed, and not after somebody else had it."""
        if not one.rule:
            return True
        parts = self.constituents(function)
        if parts and all(self._gone(part, ground, span, one.bearer) for part in parts):
            return False
        mine = self._history(ground) if ground in self.coverage.own else {ground}
        for p in self.passed(function):
            elsewhere = self.ground(p.taker)
            if p.giver != one.bearer or p.part or p.joint or p in inside:
                continue
            if (elsewhere in mine or elsewhere == self.coverage.country) and p.span.end <= span.start:
                return False
        return True

    def _gone(self, part: str, ground: str, span: Span, holder: str) -> bool:
        """Whether a part has passed from its holder on a ground for all the days of a span."""
        timeline = self._exercised.get((part, ground), [])
        meeting = [who for days, who in timeline if days.meets(span)]
        return bool(meeting) and all(all(w.bearer != holder for w in who) for who in meeting)

    def _beside(self, function: str, ground: str, span: Span, giver: str) -> tuple[str, ...]:
        """What the record knows that bears on a default: arrangements of other days, waves not named, plans."""
        found: list[str] = []
        mine = self._history(ground) if ground in self.coverage.own else {ground}
        for p in [*self.passed(function), *(q for w in self.widers(function) for q in self.passings.get(w, ()))]:
            if p.giver == giver and self.ground(p.taker) in (*mine, self.coverage.country) and not p.span.covers(span):
                found.append(p.arrangement)
            elif (
                p.giver == giver
                and (p.part or p.joint)
                and p.span.covers(span)
                and p.taker == ground
                and p.function != function
            ):
                # A part of the wider function passed, and it is not on record whether this is among it.
                found.append(p.arrangement)
        for arrangement, by, days in self._doubts(function):
            if by == giver and days.start <= span.start:
                found.append(arrangement)
        return tuple(sorted(dict.fromkeys(found))[:_MOST])

    def _enter(self, function: str, ground: str, span: Span, one: _Exercise) -> None:
        """The entries of one who exercises: that it does, who is liable for it, and to whom it answers for it."""
        standing, carriers = one.standing, one.carriers
        if one.rule:
            kept = [s for s in self.kept(function) if s.bearer == one.bearer and s.span.covers(span) and s.law]
            if kept:
                standing, carriers = SETTLED, (kept[0].statement, *carriers)
        shared = one.passing is not None and (one.passing.part or one.passing.joint)
        base = {
            "function": function,
            "ground": ground,
            "part": shared,
            "extent": self._extent(function, ground, span, one),
        }
        self.add(
            span,
            **base,
            capacity=EXERCISES,
            bearer=one.bearer,
            towards=one.passing.giver if one.passing and one.passing.taker == one.bearer else "",
            standing=standing,
            carriers=carriers,
            rule=self.defaults.get(EXERCISES, "") if one.rule and standing == PRESUMED else "",
            overrides=one.overrides,
            beside=one.beside if standing == PRESUMED else (),
        )
        passing = one.passing
        if passing and passing.taker == one.bearer:
            settled = self.liable.get(passing.statement)
            if settled:
                statement, bearer = settled
                self.add(
                    span,
                    **base,
                    capacity=LIABLE,
                    bearer=bearer,
                    towards=one.bearer if bearer != one.bearer else "",
                    standing=PRESUMED if one.doubtful else passing.standing,
                    carriers=(statement,),
                )
            for statement, counterpart in self.answerable.get(passing.statement, ()):
                self.add(
                    span,
                    **base,
                    capacity=ANSWERS,
                    bearer=one.bearer,
                    towards=counterpart,
                    standing=PRESUMED if one.doubtful else passing.standing,
                    carriers=(statement,),
                )
            return
        self._liable(function, ground, span, one, standing, carriers)

    def _extent(self, function: str, ground: str, span: Span, one: _Exercise) -> str:
        """How much of the function is meant: jointly, a part of it, or the rest, where arrangements divide it."""
        if one.passing is not None and one.passing.joint:
            return "jointly"
        if one.passing is not None and one.passing.part:
            return "a part of it"
        mine = [p for p in self._here(function, ground) if p.part and p.giver == one.bearer and p.span.covers(span)]
        return "the rest of it" if mine else one.extent

    def _liable(
        self, function: str, ground: str, span: Span, one: _Exercise, standing: str, carriers: tuple[str, ...]
    ) -> None:
        """Who is liable for what a body does of its own: itself if it can be sued, else whoever's organ it is."""
        bearer, on = one.bearer, ground
        firm, beside = standing, one.beside
        if one.passing is not None:
            # Jointly exercised: no gateway says who is liable, so whoever holds it is presumed to stay so.
            firm, beside = PRESUMED, (one.passing.arrangement, *beside)
        kind = bearer if bearer in self.organs else self._organ_kind(bearer)
        if kind:
            owners = self.organs[kind]
            if len(owners) != 1:
                return
            bearer = owners[0]
            on = self.ground(bearer)
            firm = PRESUMED
        if not self._is_own(function, span, bearer):
            return
        self.add(
            span,
            function=function,
            ground=on,
            extent=self._extent(function, ground, span, one),
            capacity=LIABLE,
            bearer=bearer,
            towards="",
            standing=firm,
            carriers=carriers,
            rule=self.defaults.get(LIABLE, "") if firm == PRESUMED else "",
            beside=beside if firm == PRESUMED else (),
        )

    def _is_own(self, function: str, span: Span, bearer: str) -> bool:
        """Whether a function is a bearer's own on the days of a span, and liability for it not settled otherwise.

        Whoever administers, handles or inspects what is another's does it for that other, and the rule that whoever acts is
        liable says nothing of it. A statement of whom law makes liable leaves nothing to presume.
        """
        if any(s.law and s.span.meets(span) for s in self.facts(function, LIABLE)):
            return False
        holders = [h.bearer for h in self.holders(function) if h.span.meets(span)]
        return not holders or any(h == bearer or h in self.coverage.kinds.get(bearer, ()) for h in holders)

    def _organ_kind(self, body: str) -> str:
        """The kind without legal personality that a body counts as, if any."""
        return next((k for k in sorted(self.coverage.kinds.get(body, ())) if k in self.organs), "")

    def settled(self) -> list[tuple[Entry, Span]]:
        """All entries with their days, each bearer once in each capacity on a ground and day: the firmest, with all that carries it."""
        alike: dict[tuple[str, ...], list[tuple[Entry, Span]]] = defaultdict(list)
        for entry, spans in self.found.items():
            key = (entry.function, entry.ground, entry.capacity, entry.bearer, entry.towards)
            alike[key] += [(entry, span) for span in joined(spans)]
        out: list[tuple[Entry, Span]] = []
        for _, said in sorted(alike.items()):
            merged: dict[Entry, list[Span]] = defaultdict(list)
            for whole in joined([span for _, span in said]):
                for piece in pieces(whole, [span for _, span in said]):
                    merged[_firmest([entry for entry, span in said if span.covers(piece)])].append(piece)
            out += [(entry, span) for entry, spans in merged.items() for span in joined(spans)]
        return out

    def quads(self) -> list[Quad]:
        """All entries and the grounds they apply on, as quads of the graph of the ledger."""
        quads: list[Quad] = []
        grounds: set[str] = set()
        placeless: set[str] = set()
        for entry, span in self.settled():
            ground = entry.ground
            if ground != self.coverage.country:
                anywhere = self.coverage.stands_anywhere(ground)
                territorial = not anywhere and (self.is_body(ground) or self.coverage.bodies(ground))
                (grounds if territorial else placeless).add(ground)
            quads += self._entry(entry, span)
        return quads + self.coverage.quads(grounds, placeless)

    def _entry(self, entry: Entry, span: Span) -> Iterable[Quad]:
        graph = iri(GRAPH + "ledger")
        parts = [entry.function, entry.ground, entry.capacity, entry.bearer, entry.towards]
        key = "-".join(p.rpartition("/")[2] for p in parts if p) + f"-{span.first or 'open'}"
        subject = iri(f"{ID}responsibility/{re.sub(r'[^A-Za-z0-9._~-]', '-', key)}")

        def say(name: str, value: str) -> Quad:
            return Quad(subject, term_name(name), iri(value), graph)

        yield Quad(subject, RDF_TYPE, term_name("ics:Responsibility"), graph)
        yield say("ics:ofFunction", entry.function)
        yield say("ics:inCapacity", entry.capacity)
        yield say("ics:appliesOn", entry.ground)
        yield say("ics:liesWith" if self.is_body(entry.bearer) else "ics:liesWithEach", entry.bearer)
        yield say("ics:hasStanding", entry.standing)
        for carrier in entry.carriers:
            yield say("ics:isCarriedBy", carrier)
        for other in entry.overrides:
            yield say("ics:overrides", other)
        for arrangement in entry.beside:
            yield say("ics:isQualifiedBy", arrangement)
        if entry.towards:
            yield say("ics:liesTowards", entry.towards)
        if entry.rule:
            yield say("ics:derivedBy", entry.rule)
        if entry.extent:
            yield Quad(subject, term_name("ics:extent"), text(entry.extent), graph)
        if entry.part:
            yield Quad(subject, term_name("ics:coversPart"), typed("true", "boolean"), graph)
        if span.first:
            yield Quad(subject, term_name("ics:validFrom"), date(span.first), graph)
        if span.until:
            yield Quad(subject, term_name("ics:validTo"), date(span.until), graph)


def _firmest(entries: list[Entry]) -> Entry:
    """Several entries of one bearer for the same days as one: the firmest standing, with all that carries it at that standing."""
    order = (SETTLED, PRESUMED, POLICY)
    best = min((e.standing for e in entries), key=order.index)
    those = [e for e in entries if e.standing == best]
    return those[0]._replace(
        carriers=tuple(dict.fromkeys(c for e in those for c in e.carriers)),
        overrides=tuple(dict.fromkeys(o for e in those for o in e.overrides)),
        beside=tuple(dict.fromkeys(b for e in those for b in e.beside)),
        rule=next((e.rule for e in those if e.rule), ""),
        part=all(e.part for e in those),
        extent=those[0].extent if len({e.extent for e in those}) == 1 else "",
    )


def _value(row: Row, name: str) -> str:
    return row[name].value if name in row else ""


def _span(row: Row) -> Span:
    return Span.of(_value(row, "from"), _value(row, "to"))


def ledger_quads(root: Path, store: Store) -> tuple[list[Quad], int]:
    """The quads of the ledger for the content in ``root`` over a store that is otherwise complete, and how many entries."""
    queries: dict[str, Rule] = {r.name.removesuffix(".rq"): r for r in read_rules(root / "queries" / "ledger")}

    def rows(name: str) -> list[Row]:
        return store.select(queries[name].query)

    stated: dict[str, list[Stated]] = defaultdict(list)
    for row in rows("stated"):
        stated[row["function"].value].append(
            Stated(
                statement=row["statement"].value,
                capacity=row["relation"].value,
                bearer=row["bearer"].value,
                towards=_value(row, "counterpart"),
                span=_span(row),
                law=row["law"].value == "true",
                doubtful=row["doubtful"].value == "true",
                extent=_value(row, "extent"),
            )
        )
    passings: dict[str, list[Passing]] = defaultdict(list)
    for row in rows("passed"):
        passings[row["function"].value].append(
            Passing(
                statement=row["statement"].value,
                arrangement=row["arrangement"].value,
                function=row["function"].value,
                giver=row["delegator"].value,
                taker=row["delegate"].value,
                span=_span(row),
                part=_value(row, "part") == "true",
                joint=row["joint"].value == "true",
                doubtful=row["doubtful"].value == "true",
            )
        )
    answerable: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows("answerable"):
        answerable[row["premise"].value].append((row["statement"].value, row["counterpart"].value))
    unsure: dict[str, list[tuple[str, str, Span]]] = defaultdict(list)
    for row in rows("unsure"):
        unsure[row["function"].value].append((row["arrangement"].value, row["delegator"].value, _span(row)))
    arranged: dict[str, list[Span]] = defaultdict(list)
    for row in rows("arranged"):
        arranged[row["function"].value].append(_span(row))
    within = rows("within")
    organs: dict[str, tuple[str, ...]] = {}
    for row in rows("organs"):
        owner = (_value(row, "owner"),) if "owner" in row else ()
        organs[row["kind"].value] = organs.get(row["kind"].value, ()) + owner
    with (root / "queries" / "ledger" / "rules.toml").open("rb") as handle:
        rules = tomllib.load(handle)["rule"]
    ledger = Ledger(
        coverage=read_coverage(store),
        stated=dict(stated),
        passings=dict(passings),
        liable={r["premise"].value: (r["statement"].value, r["liable"].value) for r in rows("liable")},
        answerable=dict(answerable),
        unsure=dict(unsure),
        wider={r["function"].value: r["wider"].value for r in within if "wider" in r},
        share={r["function"].value: _value(r, "share") for r in within},
        organs={k: tuple(dict.fromkeys(o)) for k, o in organs.items()},
        defaults={expand(r["to"]): f"{ID}rule/{r['id']}" for r in rules},
        arranged={function: joined(spans) for function, spans in arranged.items()},
    )
    ledger.work()
    named = [
        Rule(name=r["id"], label=r["label"], because=r["because"], rule=r["id"], graph="", query="") for r in rules
    ]
    return describe(named) + ledger.quads(), len(ledger.found)
