"""Groups that ended: whoever answers on their ground, the followings and the notes say one thing on every day; locations with less ground stand apart.

Each sweep goes over all groups and is seen to fail where a part of the reckoning is taken away.
"""

from __future__ import annotations

import copy
import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Iterator

import pytest

from icsgraph.ask.desk import Desk
from icsgraph.ask.names import Names
from icsgraph.build.coverage import Coverage, Follower, read_coverage
from icsgraph.build.spans import Span
from icsgraph.core.answer import Answer, Thing
from icsgraph.core.terms import DEF, GRAPH, ID
from icsgraph.graph.rdf import term_name
from icsgraph.graph.store import Store

GROUP, BOARD = DEF + "ClinicalCommissioningGroup", DEF + "IntegratedCareBoard"
LATEST = "2026-11-01"


def code(address: str) -> str:
    return address.rpartition("/")[2]


@pytest.fixture(scope="module")
def coverage(store: Store) -> Coverage:
    """What the build reckons grounds from: the dataset without its ledger."""
    return read_coverage(Store(q for q in store.quads() if getattr(q.graph_name, "value", "") != GRAPH + "ledger"))


@pytest.fixture(scope="module")
def followers(store: Store) -> dict[str, list[Follower]]:
    """The followings of the record, body by body, as the download has them."""
    found: dict[str, list[Follower]] = defaultdict(list)
    for row in store.select(
        "SELECT ?body ?who ?share ?from ?to WHERE { ?f a ics:Following ; ics:standsFor ?body ; ics:namesFollower ?who FILTER(?who != ?body) "
        "OPTIONAL { ?f ics:shareOfPredecessor ?share } OPTIONAL { ?f ics:validFrom ?from } OPTIONAL { ?f ics:validTo ?to } }"
    ):
        days = Span.of(*(row[n].value if n in row else "" for n in ("from", "to")))
        share = float(row["share"].value) if "share" in row else None
        found[row["body"].value].append(Follower(row["who"].value, days, share))
    return found


def days_after(coverage: Coverage, group: str, followers: list[Follower]) -> list[str]:
    """Each day after the end of a group on which the boards may be others, and the last."""
    end = coverage.life(group).until
    return sorted({end, LATEST, *(f.span.first for f in followers if f.span.first >= end)})


def unlike(
    coverage: Coverage, followers: dict[str, list[Follower]], *kinds: str
) -> Iterator[tuple[str, str, set[str], set[str]]]:
    """Each ended group and day after its end on which others answer on its ground than have more than a sliver of it."""
    for group in coverage.bodies(GROUP):
        links = coverage.covers(coverage.own[group])
        for day in days_after(coverage, group, followers.get(group, [])):
            one = Span(day, day + "~")
            wanted = {
                f.body
                for f in followers.get(group, [])
                if f.span.meets(one) and (f.share is None or f.share >= coverage.sliver)
            }
            found = {
                li.body
                for li in links
                if li.span.meets(one) and not coverage.kinds.get(li.body, set()).isdisjoint(kinds)
            }
            if found != {w for w in wanted if not coverage.kinds.get(w, set()).isdisjoint(kinds)}:
                yield code(group), day, {code(b) for b in found}, {code(b) for b in wanted}


def test_whoever_follows_a_group_answers_on_its_ground_on_every_day(
    coverage: Coverage, followers: dict[str, list[Follower]]
) -> None:
    assert len(coverage.bodies(GROUP)) > 240
    assert list(unlike(coverage, followers, GROUP, BOARD)) == []
    # Planted: without the followings a chain of successions says too much where a board was divided, and too little elsewhere.
    spoiled = copy.copy(coverage)
    spoiled.followers = {}
    wrong = {group for group, *_ in unlike(spoiled, followers, GROUP, BOARD)}
    # source: the lookup of groups of 2021 to boards of 2022 (05L in D2P2L); the councils of Frimley's earlier groups in April 2026.
    assert {"10C", "10G", "10T", "15D", "99M"} <= wrong


def test_the_ledger_says_so_too(store: Store, coverage: Coverage, followers: dict[str, list[Follower]]) -> None:
    """What questions look up: the boards whose ground a group's area opens, read from the dataset as it was built."""
    rows = store.select(
        "SELECT ?area ?body ?from ?to WHERE { ?body a ics:IntegratedCareBoard . ?link ics:opensGround ?body ; ics:linkedBody ?body ; ics:linkedArea ?area "
        "OPTIONAL { ?link ics:validFrom ?from } OPTIONAL { ?link ics:validTo ?to } }"
    )
    opened: dict[str, list[tuple[str, Span]]] = defaultdict(list)
    for row in rows:
        days = Span.of(*(row[n].value if n in row else "" for n in ("from", "to")))
        opened[row["area"].value].append((row["body"].value, days))
    seen = 0
    for group in coverage.bodies(GROUP):
        for day in days_after(coverage, group, followers[group]):
            one = Span(day, day + "~")
            wanted = {
                f.body
                for f in followers[group]
                if f.span.meets(one)
                and BOARD in coverage.kinds.get(f.body, set())
                and (f.share is None or f.share >= coverage.sliver)
            }
            found = {body for body, days in opened[coverage.own[group]] if days.meets(one)}
            assert found == wanted, (code(group), day)
            seen += len(wanted)
    assert seen > 400


# label: source; the shares are those of the lookups, as test_joining counts them.
@pytest.mark.parametrize(
    ("area", "day", "boards", "standing"),
    [
        ("05L", "2022-08-15", {"QUA": "66.9 %", "QHL": "33.1 %"}, "settled"),
        ("05L", "2026-06-01", {"QUA": "66.9 %", "QHL": "33.1 %"}, "settled"),
        ("D2P2L", "2024-05-01", {"QUA": "88.6 %", "QHL": "11.4 %"}, "settled"),
        ("01Y", "2022-08-15", {"QOP": "87 %", "QJ2": "13 %"}, "settled"),
        ("06H", "2022-08-15", {"QUE": "98.2 %"}, "settled"),
        ("10C", "2026-06-01", {"S9B9J": ""}, "presumed"),
        ("10G", "2026-06-01", {"S0E4D": ""}, "presumed"),
        ("15D", "2026-06-01", {"S0E4D": "97.6 %"}, "presumed"),
        ("99M", "2026-06-01", {"QRL": "77.7 %", "S9B9J": "22.3 %"}, "presumed"),
        ("07H", "2026-06-01", {"D7T5G": ""}, "settled"),
        ("06N", "2026-06-01", {"S1Y5D": ""}, "settled"),
        ("06T", "2026-06-01", {"D7T5G": ""}, "settled"),
        ("06L", "2026-06-01", {"T6Y0W": ""}, "settled"),
    ],
)
def test_each_board_is_said_with_its_share(
    ask: Callable[..., Answer], area: str, day: str, boards: dict[str, str], standing: str
) -> None:
    answer = ask("who-holds-function", day, function="hospital-services", area=area)
    assert {c.code for row in answer.rows if isinstance(c := row["body"], Thing)} == set(boards)
    assert answer.status == standing
    # The sentence alone says whose it is in which part.
    assert all(f"({share})" in answer.says for share in boards.values() if share)
    notes = " ".join(answer.notes)
    assert "not at all" not in notes
    for board, share in boards.items():
        assert re.search(
            rf"\[{board}\] \({re.escape(share)} of its small areas\)" if share else rf"\[{board}\][,.]", notes
        )


def test_no_note_is_less_sure_than_the_record(
    desk: Desk, coverage: Coverage, followers: dict[str, list[Follower]]
) -> None:
    """Over all groups and days: where the share of each follower is on record, the note beside the answer says it."""
    seen = 0
    for group in coverage.bodies(GROUP):
        for day in days_after(coverage, group, followers[group]):
            here = [f for f in followers[group] if f.span.meets(Span(day, day + "~"))]
            note = " ".join(desk.existence.of(group, dt.date.fromisoformat(day)))
            if all(f.share is not None for f in here):
                seen += 1
                assert "not at all" not in note, (code(group), day, note)
            assert all(f"[{code(f.body)}]" in note for f in here), (code(group), day, note)
    assert seen > 400


def test_a_location_with_less_ground_than_its_group_stands_apart(store: Store, desk: Desk) -> None:
    apart = {
        code(q.subject.value): code(q.object.value) for q in store.quads(predicate=term_name("ics:partOfFormerArea"))
    }
    # source: the lookup of small areas to locations of July 2022: these three have less than their groups of June 2022 had.
    assert apart == {"01Y-location": "01Y", "06H-location": "06H", "D2P2L-location": "D2P2L"}
    boards = {"01Y": "QOP", "06H": "QUE", "D2P2L": "QUA"}
    for location, group in apart.items():
        for function in ("hospital-services", "primary-medical-services"):
            own = desk.ask("who-holds-function", {"function": function, "area": location}, "2022-08-15")
            if function == "hospital-services":
                assert {c.code for r in own.rows if isinstance(c := r["body"], Thing)} == {boards[group]}
            assert (
                f"in {desk.names.label(ID + 'area/' + location)}" in own.says
                or "Central East" in own.says
                or "ICB - " in own.says
            )
            assert any("less ground" in note for note in own.notes)
        whole = desk.ask("who-holds-function", {"function": "hospital-services", "area": group}, "2022-08-15")
        assert desk.names.label(ID + "area/" + group) in whole.says
        # The reading that is not answered is named, with who has it.
        assert any(f"[{location}]" in note and f"[{boards[group]}]" in note for note in whole.notes)


def test_in_its_place_stands_only_who_was_there(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over every body with a beginning, on the day before it: whoever is named existed on that day and came to it when it began."""
    begun = sorted(b for b in desk.names._types if desk.names.is_any(b, ("Body",)) and desk.names.period(b).start)

    def late() -> list[tuple[str, str]]:
        found = []
        for body in begun:
            start = desk.names.period(body).start
            assert start is not None
            eve = start - dt.timedelta(days=1)
            for note in desk.existence.of(body, eve):
                named = re.findall(r"\[([^\]]+)\]", note.partition("In its place")[2])
                found += [(code(body), n) for n in named if not desk.names.period(f"{ID}body/{n}").holds(eve)]
                joined = {
                    code(other)
                    for other, _ in desk.names.followers(body, back=True)
                    if (other, None) not in desk.names.followers(body, back=True, begun_with=True)
                    and other not in dict(desk.names.followers(body, back=True, begun_with=True))
                }
                found += [(code(body), n) for n in named if n in joined]
        return found

    assert len(begun) > 500
    assert late() == []
    # label: source; the register's successions.
    assert "Pennine" not in " ".join(desk.existence.of(f"{ID}body/R0A", dt.date(2016, 6, 1)))
    assert "[RW3]" in " ".join(desk.existence.of(f"{ID}body/R0A", dt.date(2016, 6, 1)))
    real = Names.followers
    monkeypatch.setattr(Names, "followers", lambda self, body, back=False, begun_with=False: real(self, body, back))
    assert ("R0A", "RW6") in {
        (code(b), n)
        for b in (f"{ID}body/R0A",)
        for note in desk.existence.of(b, dt.date(2016, 6, 1))
        for n in re.findall(r"\[([^\]]+)\]", note.partition("In its place")[2])
    }
