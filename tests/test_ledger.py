"""Sweeps through the ledger: every area, function and quarter day, two ways to each answer, and what must never stand in it.

Each sweep is a function from a reading of the ledger to the faults it finds; it must find none in the record, and the defect
planted beside it must be found.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise, product
from pathlib import Path

import pytest

from icsgraph.ask.desk import Desk
from icsgraph.build import ledger as building
from icsgraph.build.coverage import Coverage, Link, read_coverage
from icsgraph.build.spans import ALWAYS, Span, joined, pieces, without
from icsgraph.core.answer import Answer, Thing
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import DEF, GRAPH, ID
from icsgraph.graph.rdf import Quad, iri, term_name, text
from icsgraph.graph.store import Store

pytestmark = pytest.mark.slow

QUARTERS = [f"{year}-{month:02d}-01" for year in range(2013, 2027) for month in (1, 4, 7, 10)][1:]
HOLDS, EXERCISES, LIABLE = DEF + "holds", DEF + "exercises", DEF + "isLiableFor"
ENGLAND = ID + "area/england"
# Faults after which a sweep need not go on.
ENOUGH = 5000
# The bases of composed links, for coverages made up here.
BASES = {
    "after": "ics:ThroughSuccessor",
    "before": "ics:ThroughPredecessor",
    "part": "ics:ThroughPart",
    "small": "ics:ThroughSmallPart",
}


# By function and capacity.
Holders = dict[tuple[str, str], set[str]]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An entry of the ledger as the dataset has it."""

    iri: str
    function: str
    capacity: str
    ground: str
    bearer: str
    standing: str
    span: Span
    carriers: frozenset[str]


@dataclass
class Reading:
    """The ledger read once: entries by function and ground, grounds of areas by day, and what the sweeps hold them against."""

    entries: list[Entry]
    # area -> (ground, local body, days)
    grounds: dict[str, list[tuple[str, str, Span]]]
    # council area -> (board or group, days), from the record's own links
    covered: dict[str, list[tuple[str, Span]]]
    own: dict[str, str]
    relation: dict[str, str]
    arranged: frozenset[str]
    wider: dict[str, str]
    spoken: set[str]
    councils: set[str]
    unsuable: set[str]
    # Statements that were recalled, reported at second hand or read into a text.
    doubtful: frozenset[str]
    at: dict[str, list[Entry]] = field(default_factory=dict, init=False)
    # The days on which what stands on a ground changes.
    turns: dict[str, list[str]] = field(default_factory=dict, init=False)
    # What stands on a ground from one turn to the next, and which grounds an area has on a day: looked up often, so worked out once.
    standing: dict[tuple[str, int, frozenset[str]], Holders] = field(default_factory=dict, init=False)
    opened: dict[tuple[str, str], list[tuple[str, str]]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        found: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            found[entry.ground].append(entry)
        self.at = found
        self.turns = {
            ground: sorted({d for e in entries for d in (e.span.first, e.span.until)})
            for ground, entries in found.items()
        }

    def _standing(self, ground: str, day: str, among: frozenset[str]) -> Holders:
        key = (ground, bisect_right(self.turns.get(ground, []), day), among)
        if key not in self.standing:
            one = Span(day, day + "~")
            found: Holders = defaultdict(set)
            for entry in self.at.get(ground, ()):
                if (not among or entry.function in among) and entry.span.meets(one):
                    found[entry.function, entry.capacity].add(entry.bearer)
            self.standing[key] = dict(found)
        return self.standing[key]

    def state(self, areas: Iterable[str], day: str) -> frozenset[tuple[str, str, int]]:
        """What the grounds of areas have on a day: where it is the same, whoever is asked for is the same.

        Each ground comes with the local body that stands for a kind on it, and with the turn since which it has been so.
        """
        return frozenset(
            (ground, local, bisect_right(self.turns.get(ground, []), day))
            for area in areas
            for ground, local in self._opened(area, day)
        )

    def _opened(self, area: str, day: str) -> list[tuple[str, str]]:
        if (area, day) not in self.opened:
            one = Span(day, day + "~")
            self.opened[area, day] = [(g, local) for g, local, span in self.grounds.get(area, ()) if span.meets(one)]
        return self.opened[area, day]

    def who(self, area: str, function: str, capacity: str, day: str) -> set[str]:
        """Who stands in a capacity towards a function in an area on a day."""
        return self.who_in([area], day).get((function, capacity), set())

    def who_in(self, areas: Iterable[str], day: str, among: frozenset[str] = frozenset()) -> Holders:
        """By function and capacity, who stands there in any of some areas on a day; of all functions, or among some."""
        found: Holders = defaultdict(set)
        for ground, local in {opened for area in areas for opened in self._opened(area, day)}:
            for key, bearers in self._standing(ground, day, among).items():
                found[key].update(local if b.startswith(DEF) and local else b for b in bearers)
        return dict(found)


def days(row: dict[str, object]) -> Span:
    return Span.of(*(getattr(row.get(n), "value", "") for n in ("from", "to")))


@pytest.fixture(scope="module")
def reading(store: Store) -> Reading:
    entries: dict[str, Entry] = {}
    for row in store.select(
        "SELECT ?e ?f ?c ?g ?b ?s ?from ?to ?by WHERE { ?e a ics:Responsibility ; ics:ofFunction ?f ; ics:inCapacity ?c ; "
        "ics:appliesOn ?g ; ics:liesWith|ics:liesWithEach ?b ; ics:hasStanding ?s ; ics:isCarriedBy ?by "
        "OPTIONAL { ?e ics:validFrom ?from } OPTIONAL { ?e ics:validTo ?to } }"
    ):
        iri = row["e"].value
        known = entries.get(iri)
        entries[iri] = Entry(
            iri=iri,
            function=row["f"].value,
            capacity=row["c"].value,
            ground=row["g"].value,
            bearer=row["b"].value,
            standing=row["s"].value.removeprefix(DEF),
            span=days(row),  # type: ignore[arg-type]
            carriers=(known.carriers if known else frozenset()) | {row["by"].value},
        )
    grounds: dict[str, list[tuple[str, str, Span]]] = defaultdict(list)
    for row in store.select(
        "SELECT ?area ?ground ?local ?from ?to WHERE { ?l ics:opensGround ?ground ; ics:linkedArea ?area OPTIONAL { ?l ics:linkedBody ?local } "
        "OPTIONAL { ?l ics:validFrom ?from } OPTIONAL { ?l ics:validTo ?to } }"
    ):
        local = row["local"].value if "local" in row else ""
        grounds[row["area"].value].append((row["ground"].value, local, days(row)))  # type: ignore[arg-type]
    covered: dict[str, list[tuple[str, Span]]] = defaultdict(list)
    for row in store.select(
        "SELECT DISTINCT ?area ?body ?from ?to WHERE { ?l ics:linkedArea ?area ; ics:linkedBody ?body ; ics:linkBasis ics:AreaOverlap . "
        "?own ics:linkedArea ?area ; ics:linkBasis ics:OwnArea ; ics:linkedBody ?council . ?council a ics:LocalAuthority . "
        "{ ?body a ics:IntegratedCareBoard } UNION { ?body a ics:ClinicalCommissioningGroup } "
        "OPTIONAL { ?l ics:validFrom ?f1 } OPTIONAL { ?l ics:validTo ?t1 } OPTIONAL { ?body ics:validFrom ?f2 } OPTIONAL { ?body ics:validTo ?t2 } "
        "BIND(COALESCE(IF(?f1 > ?f2, ?f1, ?f2), ?f1, ?f2) AS ?from) BIND(COALESCE(IF(?t1 < ?t2, ?t1, ?t2), ?t1, ?t2) AS ?to) }"
    ):
        covered[row["area"].value].append((row["body"].value, days(row)))  # type: ignore[arg-type]

    def pairs(query: str) -> Iterator[tuple[str, str]]:
        return ((r["a"].value, r["b"].value) for r in store.select(query))

    return Reading(
        entries=list(entries.values()),
        grounds=dict(grounds),
        covered=dict(covered),
        own=dict(pairs("SELECT ?a ?b WHERE { ?l ics:linkedBody ?a ; ics:linkedArea ?b ; ics:linkBasis ics:OwnArea }")),
        relation=dict(pairs("SELECT ?a ?b WHERE { ?a a ics:Statement ; ics:relation ?b }")),
        arranged=frozenset(
            r["f"].value
            for r in store.select("SELECT DISTINCT ?f WHERE { ?a a ics:Delegation ; ics:delegatedFunction ?f }")
        ),
        wider=dict(pairs("SELECT ?a ?b WHERE { ?a a ics:Function ; ics:broader ?b }")),
        spoken={r["f"].value for r in store.select("SELECT ?f WHERE { ?f ics:isSpokenOf true }")},
        councils={
            r["b"].value
            for r in store.select(
                "SELECT DISTINCT ?b WHERE { ?b a ?kind . FILTER(?kind IN (ics:ResponsibleLocalAuthority, ics:DistrictCouncil, ics:HealthAndWellbeingBoard)) }"
            )
        },
        doubtful=frozenset(
            r["s"].value
            for r in store.select(
                "SELECT DISTINCT ?s WHERE { ?s a ics:Statement ; ics:confidence ?c OPTIONAL { ?s ics:derivedBy ?rule } "
                "FILTER(?c IN (ics:Recalled, ics:Reported) || (?c = ics:Derived && !BOUND(?rule))) }"
            )
        ),
        unsuable={
            r["b"].value
            for r in store.select(
                "SELECT DISTINCT ?b WHERE { ?wide ics:hasLegalPersonality false . { ?b rdfs:subClassOf* ?wide } UNION { ?b ics:countsAs ?wide } }"
            )
        },
    )


# ---------------------------------------------------------------- the sweeps


def apart(reading: Reading, area: str, over: set[str], day: str) -> list[str]:
    """Where who exercises and is liable in an area is not who does in some others together."""
    here, there = (reading.who_in(areas, day, reading.arranged) for areas in ([area], over))
    faults = []
    for key in sorted(here.keys() | there.keys()):
        # What lies with a council itself lies with another one in the next area of the same board.
        one, other = (who.get(key, set()) - reading.councils for who in (here, there))
        if key[1] in (EXERCISES, LIABLE) and one != other:
            faults.append(f"{area} {' '.join(key)} {day}: {sorted(one)} against {sorted(other)}")
    return faults


def each_apart(reading: Reading, cases: Iterable[tuple[str, set[str], str]]) -> list[str]:
    """What is apart in cases of an area, others and a day; on days on which nothing has changed since one that was looked at, nothing can be."""
    faults, alike = [], set()
    for area, over, day in cases:
        states = reading.state([area], day), reading.state(over, day)
        if states not in alike:
            found = apart(reading, area, over, day)
            faults += found
            if not found:
                alike.add(states)
    return faults


def districts_against_boards(reading: Reading) -> list[str]:
    """Who exercises and is liable in each council's area is who does in the groups or boards that cover it."""

    def cases() -> Iterator[tuple[str, set[str], str]]:
        for area, day in product(sorted(reading.covered), QUARTERS):
            one = Span(day, day + "~")
            over = {reading.own[b] for b, span in reading.covered[area] if span.meets(one) and b in reading.own}
            if over:
                yield area, over, day

    return each_apart(reading, cases())


def ended_against_what_stands_there(reading: Reading) -> list[str]:
    """The same of every area that has a body's ground, on the days after its body ended and before it began, by the ledger's links."""
    commissioners = {b for found in reading.covered.values() for b, _ in found}

    def cases() -> Iterator[tuple[str, set[str], str]]:
        for area, day in product(sorted(set(reading.own.values()) & set(reading.grounds)), QUARTERS[::2]):
            over = {reading.own[local] for _, local in reading._opened(area, day) if local in commissioners}
            if over and area not in over:
                yield area, over, day

    return each_apart(reading, cases())


def england_against_its_areas(reading: Reading) -> list[str]:
    """England's answer is that of all its areas together."""
    faults = []
    areas = [a for a in reading.grounds if a != ENGLAND]
    for day in QUARTERS[::2]:
        whole, parts = (reading.who_in(among, day, reading.arranged) for among in ([ENGLAND], areas))
        for key in sorted(whole.keys() | parts.keys()):
            one, other = whole.get(key, set()), parts.get(key, set())
            if key[1] in (HOLDS, EXERCISES, LIABLE) and one != other:
                faults.append(f"{' '.join(key)} {day}: {sorted(one ^ other)}")
    return faults


def settled_by_default_alone(reading: Reading) -> list[str]:
    """No settled exercise or liability rests on nothing but that somebody holds the function."""
    return [
        e.iri
        for e in reading.entries
        if e.capacity in (EXERCISES, LIABLE)
        and e.standing == "Settled"
        and all(reading.relation.get(c) == HOLDS for c in e.carriers)
    ]


def settled_on_doubtful_ground(reading: Reading) -> list[str]:
    """No settled entry rests on nothing but what was recalled, reported at second hand or read into a text."""
    return [e.iri for e in reading.entries if e.standing == "Settled" and e.carriers <= reading.doubtful]


def narrow_against_wide(reading: Reading) -> list[str]:
    """A narrow function of which nothing is said on its own lies with whom the wide one lies, in every board's and group's area.

    Whoever has only a part of the wide one by an arrangement may have nothing of the narrow one: that is not on record.
    """
    faults: list[str] = []
    areas = sorted({reading.own[b] for found in reading.covered.values() for b, _ in found if b in reading.own})
    quiet = {n: w for n, w in reading.wider.items() if n not in reading.spoken}
    among = frozenset(quiet) | frozenset(quiet.values())
    pairs: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for narrow, wide in quiet.items():
        pairs[narrow].add((narrow, wide))
        pairs[wide].add((narrow, wide))
    for area, day in product(areas, QUARTERS[::4]):
        if len(faults) > ENOUGH:
            break
        who = reading.who_in([area], day, among)
        # Of the others nothing stands there, narrow or wide.
        present = set().union(*(pairs[function] for function, _ in who)) if who else set()
        for (narrow, wide), capacity in product(present, (HOLDS, EXERCISES)):
            one, other = who.get((narrow, capacity), set()), who.get((wide, capacity), set())
            if not one <= other or bool(one) != bool(other):
                faults.append(f"{narrow} {capacity} {area} {day}: {sorted(one)} against {sorted(other)}")
    return faults


def liable_without_personality(reading: Reading) -> list[str]:
    """Nothing that cannot be sued is liable, on any day."""
    return [e.iri for e in reading.entries if e.capacity == LIABLE and e.bearer in reading.unsuable]


def two_standings(reading: Reading) -> list[str]:
    """Nobody stands twice in one capacity towards one function on one ground and day."""
    faults = []
    alike: dict[tuple[str, ...], list[Entry]] = defaultdict(list)
    for e in reading.entries:
        alike[e.function, e.capacity, e.ground, e.bearer].append(e)
    for entries in alike.values():
        if entries[0].capacity in (HOLDS, EXERCISES):
            ordered = sorted(entries, key=lambda e: e.span)
            faults += [
                b.iri for a, b in pairwise(ordered) if a.span.meets(b.span) and a.standing == b.standing == "Presumed"
            ]
    return faults


def some(reading: Reading, **wanted: str) -> Entry:
    """An entry of the record with some values."""
    return next(e for e in reading.entries if all(getattr(e, k) == v for k, v in wanted.items()))


def spoilt(reading: Reading, *more: Entry, less: Entry | None = None) -> Reading:
    """The reading with entries more, or one less."""
    return replace(reading, entries=[e for e in reading.entries if e is not less] + list(more))


DENTISTRY = ID + "function/primary-dental-services"
BOARD = ID + "body/QMF"


@pytest.mark.parametrize(
    "sweep",
    [
        districts_against_boards,
        ended_against_what_stands_there,
        england_against_its_areas,
        settled_by_default_alone,
        settled_on_doubtful_ground,
        pytest.param(
            narrow_against_wide,
            marks=pytest.mark.xfail(
                strict=False, reason="open: everyday functions beneath wider ones were not swept to the end"
            ),
        ),
        liable_without_personality,
        two_standings,
    ],
    ids=lambda f: f.__name__,
)
def test_the_sweep_finds_nothing(reading: Reading, sweep: Callable[[Reading], list[str]]) -> None:
    faults = sweep(reading)
    assert faults[:10] == [], len(faults)


def test_the_sweeps_walk_much(reading: Reading) -> None:
    """A sweep over nothing would find nothing."""
    assert len(reading.covered) > 300
    assert len(reading.arranged) > 8
    assert len(reading.entries) > 2000
    days = [
        d
        for area in reading.covered
        for d in QUARTERS
        if any(s.meets(Span(d, d + "~")) for _, s in reading.covered[area])
    ]
    assert len(days) > 10_000


def test_a_district_left_to_the_old_holder_is_found(reading: Reading) -> None:
    delegated = some(reading, function=DENTISTRY, capacity=EXERCISES, ground=BOARD, bearer=BOARD)
    less = spoilt(reading, less=delegated)
    # The board's own area loses it as well, so both ways agree; a link that leads one district elsewhere is what differs.
    area = next(a for a, found in reading.covered.items() if any(b == BOARD for b, _ in found))
    astray = {**reading.grounds, area: [g for g in reading.grounds[area] if g[0] != BOARD]}
    one = {area: reading.covered[area]}
    assert districts_against_boards(replace(reading, grounds=astray, covered=one))
    assert districts_against_boards(replace(reading, covered=one)) == []
    # Corby after its end, led to no board.
    ended = ID + "area/E07000150"
    assert ended_against_what_stands_there(
        replace(
            reading,
            grounds={
                **reading.grounds,
                ended: [
                    (ground if ground != ID + "body/QPM" else ID + "body/nobody", local, span)
                    for ground, local, span in reading.grounds[ended]
                ],
            },
        )
    )
    assert england_against_its_areas(
        replace(
            less,
            grounds={
                ENGLAND: reading.grounds[ENGLAND][:1],
                **{k: v for k, v in reading.grounds.items() if k != ENGLAND},
            },
        )
    )


def test_a_default_that_calls_itself_settled_is_found(reading: Reading) -> None:
    presumed = next(e for e in reading.entries if e.standing == "Presumed" and e.capacity == EXERCISES)
    assert settled_by_default_alone(spoilt(reading, replace(presumed, standing="Settled")))


def test_a_settled_entry_on_hearsay_is_found(reading: Reading) -> None:
    firm = next(e for e in reading.entries if e.standing == "Settled")
    hearsay = frozenset([next(iter(reading.doubtful))])
    assert settled_on_doubtful_ground(spoilt(reading, replace(firm, carriers=hearsay)))


def test_a_narrow_function_that_strays_from_the_wide_one_is_found(reading: Reading) -> None:
    quiet = sorted(
        n for n, w in reading.wider.items() if n not in reading.spoken and any(e.function == w for e in reading.entries)
    )[0]
    entry = some(reading, function=quiet, capacity=EXERCISES)
    # In the area of one board: each of the others would show the same.
    area = next(a for a, found in reading.covered.items() if any(b == BOARD for b, _ in found))
    there = replace(reading, covered={area: reading.covered[area]})
    assert set(narrow_against_wide(spoilt(there, replace(entry, bearer=ID + "body/cqc")))) > set(
        narrow_against_wide(there)
    )


def test_a_liable_committee_is_found(reading: Reading) -> None:
    liable = some(reading, capacity=LIABLE)
    assert liable_without_personality(spoilt(reading, replace(liable, bearer=DEF + "HealthAndWellbeingBoard")))


def test_a_bearer_twice_is_found(reading: Reading) -> None:
    presumed = next(e for e in reading.entries if e.standing == "Presumed" and e.capacity == EXERCISES)
    assert two_standings(spoilt(reading, presumed))


def test_the_ledger_read_here_is_what_questions_answer(
    reading: Reading, ask: Callable[..., Answer], desk: Desk
) -> None:
    """The sweeps read the ledger as the questions do."""
    for area, function, day in product(
        ("QMF", "E09000025", "E07000071", "england"),
        ("primary-dental-services", "primary-medical-services"),
        QUARTERS[::6],
    ):
        answer = ask("who-exercises-function", day, function=function, area=area)
        got = {c.iri for row in answer.rows if isinstance(c := row["body"], Thing)}
        assert got == reading.who(f"{ID}area/{area}", f"{ID}function/{function}", EXERCISES, day), (area, function, day)


def test_the_query_that_the_guide_gives_a_stranger_answers(
    root: Path, store: Store, ask: Callable[..., Answer]
) -> None:
    guide = (root / "queries" / "ledger" / "README.md").read_text(encoding="utf-8")
    query = guide.partition("```sparql\n")[2].partition("```")[0]
    assert len(query.strip().splitlines()) <= 10
    asked = {DEF + c for c in ("holds", "exercises", "isLiableFor", "answersTo")}
    # The other capacities have questions of their own, and may lie with kinds of body.
    found = {(r["capacity"].value, r["who"].value) for r in store.select(query) if r["capacity"].value in asked}
    answer = ask("who-is-accountable-for", "2024-06-01", function="primary-dental-services", area="E09000025")
    told = {
        (r["relation"].iri, r["body"].iri)
        for r in answer.rows
        if isinstance(r["relation"], Thing) and isinstance(r["body"], Thing)
    }
    assert found == told


# ---------------------------------------------------------------- spans and coverage, as units


def test_spans_are_cut_joined_and_taken_away() -> None:
    year = Span.of("2020-01-01", "2021-01-01")
    assert pieces(year, [Span.of("2020-04-01", "2020-07-01")]) == [
        Span("2020-01-01", "2020-04-01"),
        Span("2020-04-01", "2020-07-01"),
        Span("2020-07-01", "2021-01-01"),
    ]
    assert joined([Span.of("2020-07-01", ""), year]) == [Span.of("2020-01-01", "")]
    assert without(year, [Span.of("2020-02-01", "2020-03-01")]) == [
        Span("2020-01-01", "2020-02-01"),
        Span("2020-03-01", "2021-01-01"),
    ]
    assert without(year, [ALWAYS]) == []
    assert not Span.of("", "2020-01-01").meets(year)


def test_an_area_that_ended_stands_on_the_ground_of_what_came_after() -> None:
    coverage = Coverage(
        bases=BASES,
        own={"old": "a-old", "new": "a-new"},
        lives={"old": Span.of("", "2020-01-01"), "new": Span.of("2020-01-01", "")},
        links={
            "a-old": [Link("old", Span.of("", "2020-01-01"), "ics:OwnArea", node="n1", territory=True)],
            "a-new": [Link("new", Span.of("2020-01-01", ""), "ics:OwnArea", node="n2", territory=True)],
        },
        after={"old": [("new", "2020-01-01", 1.0)]},
        before={"new": [("old", "2020-01-01", 1.0)]},
    )
    assert [(link.body, link.span.first, link.span.until) for link in coverage.covers("a-old")] == [
        ("old", "", "2020-01-01"),
        ("new", "2020-01-01", ""),
    ]
    assert [(link.body, link.span.first, link.span.until) for link in coverage.covers("a-new")] == [
        ("new", "2020-01-01", ""),
        ("old", "", "2020-01-01"),
    ]


def test_the_ground_of_a_group_follows_its_overlaps_and_not_its_successors_whole_area() -> None:
    """A group merged into another, which was later divided in two: its council stays, and which half it came to is not known."""
    group, wide, half, other = "group", "wide", "half", "other"
    until, then = Span.of("2013-04-01", "2020-04-01"), Span.of("2020-04-01", "2022-07-01")
    after = Span.of("2022-07-01", "")
    coverage = Coverage(
        bases=BASES,
        own={group: "a-group", wide: "a-wide", half: "a-half", other: "a-other", "council": "a-council"},
        lives={group: until, wide: then, half: after, other: after, "council": ALWAYS, "far": ALWAYS},
        links={
            "a-group": [
                Link(group, until, "ics:OwnArea", node="n1", territory=True),
                Link("council", until, "ics:AreaOverlap", node="n2"),
            ],
            "a-wide": [
                Link(wide, then, "ics:OwnArea", node="n3", territory=True),
                Link("far", then, "ics:AreaOverlap", node="n4"),
            ],
        },
        after={group: [(wide, "2020-04-01", 1.0)], wide: [(half, "2022-07-01", 0.5), (other, "2022-07-01", 0.5)]},
        before={wide: [(group, "2020-04-01", 1.0), ("third", "2020-04-01", 1.0)]},
    )
    found = {(link.body, link.span.first, link.uncertain) for link in coverage.covers("a-group")}
    assert ("council", "2020-04-01", False) in found
    assert ("wide", "2020-04-01", False) in found
    assert {("half", "2022-07-01", True), ("other", "2022-07-01", True)} <= found
    assert "far" not in {body for body, _, _ in found}
    # A location within one half says which it was.
    located = Link(half, after, "ics:SubBoardLocation", node="n5", location=True)
    coverage.links["a-group"].append(located)
    assert {(x.body, x.uncertain) for x in coverage.covers("a-group") if x.span.first == "2022-07-01"} == {
        (half, False)
    }


def test_each_case_of_a_composed_link_has_one_basis() -> None:
    """Which basis a composed link has is said by the ontology: none, or two for one case, stops the build."""
    said = [
        Quad(term_name(f"ics:Basis{case}"), term_name("ics:composedWhere"), text(case), iri(GRAPH + "ontology"))
        for case in ("after", "before", "part", "small", "within", "whole")
    ]
    assert read_coverage(Store(said)).bases["part"] == "ics:Basispart"
    with pytest.raises(IcsgraphError, match="composed where it says whole"):
        read_coverage(Store(said[:-1]))
    for faulty in (text("after"), text("behind")):
        twice = Quad(term_name("ics:Other"), term_name("ics:composedWhere"), faulty, iri(GRAPH + "ontology"))
        with pytest.raises(IcsgraphError, match="said twice or is no case"):
            read_coverage(Store([*said, twice]))


def test_rules_of_default_are_content(root: Path) -> None:
    """No rule of default is known to the engine by name."""
    assert "by-default" not in Path(building.__file__).read_text(encoding="utf-8")
