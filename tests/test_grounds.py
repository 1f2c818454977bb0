"""Who stands on the ground of each place, day by day: councils that were divided or merged, their committees, groups, boards and regions.

The coverage is worked out here as the build does it; each sweep goes over all areas and each first of a quarter, and is seen to
fail where a part of the reckoning is taken away.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import product

import pytest

from icsgraph.build.coverage import Coverage, Heir, Link, read_coverage
from icsgraph.build.spans import ALWAYS, Span
from icsgraph.core.answer import Answer, Thing
from icsgraph.core.terms import DEF, GRAPH, ID
from icsgraph.graph.store import Store

QUARTERS = [f"{y}-{m:02d}-01" for y in range(2013, 2027) for m in (1, 4, 7, 10)][1:]
COUNCIL, DISTRICT, COMMITTEE, GROUP, BOARD = (
    DEF + k
    for k in (
        "ResponsibleLocalAuthority",
        "DistrictCouncil",
        "HealthAndWellbeingBoard",
        "ClinicalCommissioningGroup",
        "IntegratedCareBoard",
    )
)
# Source: the orders on structural changes, as the lookups of the Office for National Statistics have them. Whoever came after the
# districts of a county that ended on the day, and after the councils merged with them.
DIVIDED = {
    ("2019-04-01", "E06000058"): "E06000028 E06000029 E07000048",
    ("2019-04-01", "E06000059"): "E07000049 E07000050 E07000051 E07000052 E07000053",
    ("2020-04-01", "E06000060"): "E07000004 E07000005 E07000006 E07000007",
    ("2021-04-01", "E06000061"): "E07000150 E07000152 E07000153 E07000156",
    ("2021-04-01", "E06000062"): "E07000151 E07000154 E07000155",
    ("2023-04-01", "E06000063"): "E07000026 E07000028 E07000029",
    ("2023-04-01", "E06000064"): "E07000027 E07000030 E07000031",
    ("2023-04-01", "E06000065"): "E07000163 E07000164 E07000165 E07000166 E07000167 E07000168 E07000169",
    ("2023-04-01", "E06000066"): "E07000187 E07000188 E07000189 E07000246",
}
# Law: regions of the register are as they have been since July 2022; who stood in one before is only presumed.
REGIONS_SINCE = "2022-07-01"


def area(code: str) -> str:
    return f"{ID}area/{code}"


def code(address: str) -> str:
    return address.rpartition("/")[2]


@dataclass
class Grounds:
    """A coverage with all its links, and who is of which kind."""

    coverage: Coverage
    covers: dict[str, list[Link]] = field(default_factory=dict)
    # The days of areas.
    lives: dict[str, Span] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.covers:
            self.covers = {a: self.coverage.covers(a) for a in self.coverage.areas if a != self.coverage.country}

    def on(self, place: str, day: str, *kinds: str, certain: bool = False) -> set[str]:
        """The bodies of some kinds that stand on a place on a day."""
        one = Span(day, day + "~")
        return {
            link.body
            for link in self.covers.get(place, ())
            if link.span.meets(one)
            and not (certain and link.uncertain)
            and not self.coverage.kinds.get(link.body, set()).isdisjoint(kinds)
        }

    def places(self, *kinds: str) -> list[tuple[str, str]]:
        """The bodies of some kinds with the areas that are their own."""
        return sorted(
            (b, a)
            for b, a in self.coverage.own.items()
            if a in self.covers and not self.coverage.kinds.get(b, set()).isdisjoint(kinds)
        )


@pytest.fixture(scope="module")
def recorded(store: Store) -> Store:
    """The dataset without what the ledger adds to it: what the build reckons from."""
    return Store(q for q in store.quads() if getattr(q.graph_name, "value", "") != GRAPH + "ledger")


@pytest.fixture(scope="module")
def grounds(recorded: Store) -> Grounds:
    lives = {
        r["area"].value: Span.of(*(r[n].value if n in r else "" for n in ("from", "to")))
        for r in recorded.select(
            "SELECT ?area ?from ?to WHERE { ?area a ics:Area OPTIONAL { ?area ics:validFrom ?from } OPTIONAL { ?area ics:validTo ?to } }"
        )
    }
    return Grounds(read_coverage(recorded), lives=lives)


# ---------------------------------------------------------------- the sweeps


def astray(grounds: Grounds) -> Iterator[str]:
    """Districts and councils that ended and are not left to the one that came after them alone, with its committee and no other."""
    for (day, heir), codes in DIVIDED.items():
        for one in codes.split():
            for when in [d for d in QUARTERS if d >= day]:
                stands = grounds.on(area(one), when, COUNCIL, DISTRICT)
                if stands != {f"{ID}body/{heir}"} or stands != grounds.on(area(one), when, COUNCIL, certain=True):
                    yield f"{one} {when}: {sorted(map(code, stands))}"
                sits = grounds.on(area(one), when, COMMITTEE)
                if sits != {f"{ID}body/HWB-{heir}"} or sits != grounds.on(area(one), when, COMMITTEE, certain=True):
                    yield f"{one} {when}: {sorted(map(code, sits))}"


def uncovered(grounds: Grounds) -> Iterator[str]:
    """Councils, districts, committees, groups, boards and locations on which no group or board stands on a day."""
    own = {a for _, a in grounds.places(COUNCIL, DISTRICT, GROUP, BOARD)}
    located = {a for a, links in grounds.covers.items() if any(link.location for link in links)}
    for place, day in product(sorted(own | located), QUARTERS):
        # A location that is no body's area was nothing before it was drawn.
        lives = place in own or grounds.lives[place].meets(Span(day, day + "~"))
        if lives and not grounds.on(place, day, GROUP, BOARD):
            yield f"{code(place)} {day}"


def councilless(grounds: Grounds) -> Iterator[str]:
    """The same, of the council that answers there, and of its committee, which is one for the districts too."""
    for (_, place), day in product(grounds.places(COUNCIL, DISTRICT, GROUP, BOARD), QUARTERS):
        if not grounds.on(place, day, COUNCIL):
            yield f"{code(place)} {day}: no council"
    for (_, place), day in product(grounds.places(COUNCIL, DISTRICT), QUARTERS):
        if not grounds.on(place, day, COMMITTEE):
            yield f"{code(place)} {day}: no committee"


def beyond_life(grounds: Grounds) -> Iterator[str]:
    """Bodies that stand anywhere on days on which they did not exist."""
    lives = {b: grounds.coverage.life(b) for b in grounds.coverage.lives}
    for place, links in grounds.covers.items():
        for link in links:
            if not lives.get(link.body, ALWAYS).covers(link.span):
                yield f"{code(place)} {code(link.body)} {link.span}"


def apart_from_districts(grounds: Grounds) -> Iterator[str]:
    """Counties whose groups and boards are not among those of their districts, or the other way round, slivers left out."""
    for county, place in grounds.places(COUNCIL):
        districts = [
            (own, span)
            for body, own in grounds.places(DISTRICT)
            for link in grounds.coverage.links.get(own, ())
            for span in [link.span.within(grounds.coverage.life(body))]
            if link.body == county and link.territory and own != place
        ]
        for day in QUARTERS:
            one = Span(day, day + "~")
            inside = [own for own, span in districts if span.meets(one)]
            if not inside:
                continue
            whole = grounds.on(place, day, GROUP, BOARD)
            parts = set().union(*(grounds.on(own, day, GROUP, BOARD) for own in inside))
            if not whole <= parts:
                yield f"{code(place)} {day}: {sorted(map(code, whole - parts))} in no district"
            if not whole:
                yield f"{code(place)} {day}: nobody"


def one_sided(grounds: Grounds) -> Iterator[str]:
    """Groups and boards that cover a council's area while the council does not stand on theirs, on days on which both live."""
    for body, place in grounds.places(COUNCIL, DISTRICT):
        for day in QUARTERS:
            if not grounds.coverage.life(body).meets(Span(day, day + "~")):
                continue
            for other in grounds.on(place, day, GROUP, BOARD, certain=True):
                if body not in grounds.on(grounds.coverage.own[other], day, COUNCIL, DISTRICT):
                    yield f"{code(other)} covers {code(place)} on {day}, and {code(body)} does not stand there"


def settled_too_early(grounds: Grounds) -> Iterator[str]:
    """What stands certain in a region before the regions were as they are, by way of what came after."""
    for region in grounds.coverage.composed:
        for link in grounds.covers.get(region, ()):
            kinds = grounds.coverage.kinds.get(link.body, set())
            if link.span.start < REGIONS_SINCE and kinds & {COUNCIL, DISTRICT, COMMITTEE} and not link.uncertain:
                yield f"{code(region)} {code(link.body)} {link.span}"


def without_source(grounds: Grounds) -> Iterator[str]:
    """Links that rest on no source: neither their own, nor that of their body."""
    for place, links in grounds.covers.items():
        for link in links:
            if not link.node and not (link.source or grounds.coverage.sources.get(link.body)):
                yield f"{code(place)} {code(link.body)}"


def lost(grounds: Grounds) -> Iterator[str]:
    """Bodies that ended, on whose ground a body that came after does not stand from the day on."""
    for body, steps in grounds.coverage.after.items():
        place, life = grounds.coverage.own.get(body, ""), grounds.coverage.life(body)
        if place not in grounds.covers or not life.until:
            continue
        for other, day, share in steps:
            # Where the area went on as a location within a body, that says where it went.
            located = any(link.location and link.span.start == day for link in grounds.covers[place])
            if located or day < life.end or share < grounds.coverage.sliver or other not in grounds.coverage.own:
                continue
            if not any(link.body == other and link.span.start == day for link in grounds.covers[place]):
                yield f"{code(body)} has no link to {code(other)} from {day}"


SWEEPS: list[Callable[[Grounds], Iterator[str]]] = [
    astray,
    uncovered,
    councilless,
    beyond_life,
    apart_from_districts,
    one_sided,
    settled_too_early,
    without_source,
    lost,
]


@pytest.mark.parametrize("sweep", SWEEPS, ids=lambda f: f.__name__)
def test_the_sweep_finds_nothing(grounds: Grounds, sweep: Callable[[Grounds], Iterator[str]]) -> None:
    faults = list(sweep(grounds))
    assert faults[:10] == [], len(faults)


def test_the_sweeps_walk_much(grounds: Grounds) -> None:
    assert len(grounds.places(COUNCIL, DISTRICT)) > 340
    assert len(grounds.places(GROUP)) > 211
    assert len(grounds.places(BOARD)) == 48
    assert len(grounds.coverage.composed) > 6


# ---------------------------------------------------------------- planted defects


def spoilt(grounds: Grounds, **changed: object) -> Grounds:
    """The coverage with a part of it replaced, and reckoned again for the places of the table, regions and what ended."""
    other = copy.copy(grounds.coverage)
    for name, value in changed.items():
        setattr(other, name, value)
    wanted = {area(c) for codes in DIVIDED.values() for c in codes.split()} | set(other.composed)
    return Grounds(other, {a: other.covers(a) for a in wanted if a != other.country})


def test_a_district_left_to_both_halves_of_its_county_is_found(grounds: Grounds) -> None:
    """Corby, Barrow and Christchurch: without knowing which link is the county's territory, both halves stand there."""
    links = {a: [li._replace(territory=False) for li in found] for a, found in grounds.coverage.links.items()}
    found = list(astray(spoilt(grounds, links=links)))
    for one in ("E07000150", "E07000027", "E07000048"):
        assert any(f.startswith(one) for f in found), one


def test_a_merged_council_without_the_committee_of_its_heir_is_found(
    grounds: Grounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(self: Coverage, heirs: list[Heir]) -> list[Heir]:
        return []

    monkeypatch.setattr(Coverage, "_committees", none)
    found = list(astray(spoilt(grounds)))
    assert any(f.startswith("E06000029") and f.endswith("[]") for f in found)


def test_a_region_settled_before_its_time_is_found(grounds: Grounds, monkeypatch: pytest.MonkeyPatch) -> None:
    def direct(self: Coverage, *, forward: bool) -> str:
        return "ics:AreaOverlap"

    monkeypatch.setattr(Coverage, "_through", direct)
    assert any(f.startswith("Y56 E09") for f in settled_too_early(spoilt(grounds)))


def test_a_composed_link_without_a_source_is_found(grounds: Grounds) -> None:
    links = {a: [li._replace(source="") for li in found] for a, found in grounds.coverage.links.items()}
    assert list(without_source(spoilt(grounds, links=links, sources={})))


def test_a_successor_that_outlives_itself_is_found(grounds: Grounds) -> None:
    """A link that was worked out as if its body had never ended, held against the days the body has."""
    lives = {**grounds.coverage.lives, f"{ID}body/78H": ALWAYS}
    made = spoilt(grounds, lives=lives)
    assert any("78H" in f for f in beyond_life(replace(made, coverage=grounds.coverage)))


@pytest.mark.parametrize(
    ("sweep", "place", "body"),
    [
        (uncovered, "E07000223", "QNX"),
        (councilless, "E06000060", "E06000060"),
        (apart_from_districts, "E07000150", "03V"),
        (one_sided, "QPM", "E06000061"),
        (lost, "E07000150", "E06000061"),
    ],
)
def test_a_link_that_is_missing_is_found(
    grounds: Grounds, sweep: Callable[[Grounds], Iterator[str]], place: str, body: str
) -> None:
    left = [li for li in grounds.covers[area(place)] if code(li.body) != body]
    assert len(left) < len(grounds.covers[area(place)])
    if sweep is apart_from_districts:
        # All districts of the county lose the group that it keeps.
        less = {
            a: [li for li in found if code(li.body) != body or a == area("E10000021")]
            for a, found in grounds.covers.items()
        }
    else:
        less = {**grounds.covers, area(place): left}
    assert list(sweep(replace(grounds, covers=less)))


# ---------------------------------------------------------------- as answers


@pytest.mark.parametrize(
    ("place", "day", "committee"),
    [
        # law: a board is established for the area of the council, and exercises its function of assessing needs there
        ("E07000071", "2019-06-01", "HWB-E10000012"),
        ("E07000071", "2024-06-01", "HWB-E10000012"),
        ("E07000150", "2019-06-01", "HWB-E10000021"),
        ("E07000150", "2024-06-01", "HWB-E06000061"),
    ],
)
def test_a_districts_needs_are_assessed_by_the_committee_of_its_county(
    ask: Callable[..., Answer], place: str, day: str, committee: str
) -> None:
    answer = ask("who-exercises-function", day, function="needs-assessment", area=place)
    assert {c.code for row in answer.rows if isinstance(c := row["body"], Thing)} == {committee}
    assert answer.status == "settled"


@pytest.mark.parametrize(
    ("place", "day", "bodies", "absent"),
    [
        # source: the Northamptonshire order; the register of groups and boards
        ("E07000150", "2020-01-01", {"E10000021", "E07000150", "03V", "HWB-E10000021"}, {"E06000061", "78H"}),
        ("E07000150", "2021-05-01", {"E06000061", "78H", "HWB-E06000061"}, {"E06000062", "E10000021"}),
        ("E10000021", "2021-05-01", {"E06000061", "E06000062", "78H"}, {"E10000021"}),
        # source: the Cumbria order
        ("E07000027", "2023-05-01", {"E06000064", "QE1"}, {"E06000063", "QHM"}),
        ("E10000006", "2023-05-01", {"E06000063", "E06000064"}, {"E10000006"}),
        # source: the order on Bournemouth, Dorset and Poole
        ("E07000048", "2019-05-01", {"E06000058", "11J"}, {"E06000059", "E10000009"}),
        ("E06000029", "2018-05-01", {"E06000029", "HWB-E06000029"}, {"E06000058", "HWB-E06000058"}),
        ("E06000029", "2019-05-01", {"E06000058", "HWB-E06000058"}, {"E06000029", "HWB-E06000029", "E06000059"}),
    ],
)
def test_a_place_that_was_divided_or_merged_is_covered_by(
    ask: Callable[..., Answer], place: str, day: str, bodies: set[str], absent: set[str]
) -> None:
    answer = ask("which-bodies-cover", day, area=place)
    found = {c.code for row in answer.rows if isinstance(c := row["body"], Thing)}
    assert bodies <= found
    assert not absent & found
    assert dt.date.fromisoformat(day).isoformat() == answer.as_at
