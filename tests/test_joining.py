"""Old codes joined to the bodies of another day, from the tables alone, as the page in queries/publish says."""

from __future__ import annotations

import csv
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pandas
import pytest

from icsgraph.build.downloads import FOLDER
from icsgraph.build.followings import Piece, _by_councils, _pieces, _Record
from icsgraph.build.pipeline import Built
from icsgraph.core.answer import Answer, Thing
from icsgraph.graph.store import Store

PAGE = Path(__file__).resolve().parents[1] / "queries" / "publish" / "README.md"
# By code: each body that stands for it, with how many small areas of how many.
Found = dict[str, dict[str, tuple[int, int]]]

# source of each share, counted apart from what is tested:
# - locations: the register's list of locations within boards, October 2026 (code of the group, board now): a group whose code is a
#   location's, and lost no ground, lies wholly in its board.
# - ground: the ONS lookups of small areas to groups and councils (2015 to 2021) and of councils to boards (April 2026): Hart 43 and
#   Rushmoor 58 of 130 lie in Hampshire, Waverley 29 in Surrey; Bracknell Forest 75, Slough 80, Windsor and Maidenhead 89 of 250 in
#   Berkshire, Runnymede 6 in Surrey; Surrey Heath 47 and Guildford 13 in Surrey.
# - passed: the ONS lookup of small areas to groups and locations of July 2022: 01Y kept 141 of 162 and passed 21 (Glossop), 06H kept
#   498 of 507.
# - mergers: the register's successions of groups 2020 and 2021 (00C in 16C, 07L and 08M in A3A8R, 99H in 92A), and the orders of
#   boards of April 2026 (QXU in S9B9J).
GROUPS_OF_2019: Found = {
    "06N": {"S1Y5D": (349, 349)},  # locations
    "07H": {"D7T5G": (178, 178)},  # locations
    "06K": {"S1Y5D": (330, 330)},  # locations
    "99M": {"QRL": (43 + 58, 130), "S9B9J": (29, 130)},  # ground
    "10C": {"S9B9J": (60, 60)},  # ground
    "15D": {"S0E4D": (75 + 80 + 89, 250), "S9B9J": (6, 250)},  # ground
    "01Y": {"QOP": (141, 162), "QJ2": (21, 162)},  # passed
    "06H": {"S1Y5D": (498, 507), "QPM": (9, 507)},  # passed
    "00C": {"QHM": (1, 1)},  # mergers
    "08M": {"QMF": (1, 1)},  # mergers
    "07L": {"QMF": (1, 1)},  # mergers
    "99H": {"S9B9J": (1, 1)},  # mergers
    "06T": {"D7T5G": (194, 194)},  # locations
    "06L": {"T6Y0W": (238, 238)},  # locations
    "E38000079": {"S1Y5D": (349, 349)},  # the ONS code of 06N
}
# source: the ONS codes of boards of July 2022; of the boards that were divided in April 2026 the small areas of 2021 by council
# (lookup of April 2024): West Essex (Epping Forest 78, Harlow 58, Uttlesford 49) is 185 of 887, Colchester and Tendring 206 of 583.
BOARDS_OF_2022: Found = {
    "E54000025": {"S1Y5D": (702, 887), "D7T5G": (78 + 58 + 49, 887)},
    "E54000026": {"D7T5G": (1, 1)},
    "E54000024": {"S1Y5D": (1, 1)},
    "E54000023": {"T6Y0W": (377, 583), "D7T5G": (117 + 89, 583)},
    "E54000009": {"QF7": (1, 1)},  # the partnership's code, which the board had until 2023
    "E54000061": {"QF7": (1, 1)},
    "E54000048": {"QE1": (1, 1)},
    "E54000055": {"QHL": (1, 1)},
    "E54000050": {"QHM": (1, 1)},
    "E54000058": {"QJ2": (1, 1)},
    "E54000013": {"QJM": (1, 1)},
    "E54000037": {"QJK": (1, 1)},
}
# source: the register of ended councils and where each went; small areas of 2011 by district (lookup of groups of 2018 to 2021):
# Allerdale 60, Carlisle 68, Copeland 49 of Cumbria's 321; Christchurch 30 of Dorset's 249; Corby 41, East Northamptonshire 49,
# Kettering 57, Wellingborough 47 of Northamptonshire's 422.
COUNCILS_ENDED: Found = {
    "E07000201": {"E07000245": (1, 1)},
    "E07000204": {"E07000245": (1, 1)},
    "E07000205": {"E07000244": (1, 1)},
    "E07000206": {"E07000244": (1, 1)},
    "E06000028": {"E06000058": (1, 1)},
    "E10000006": {"E06000063": (60 + 68 + 49, 321), "E06000064": (49 + 36 + 59, 321)},
    "E10000009": {"E06000059": (219, 249), "E06000058": (30, 249)},
    "E07000027": {"E06000064": (1, 1)},
    "E10000021": {"E06000062": (228, 422), "E06000061": (41 + 49 + 57 + 47, 422)},
    "E07000150": {"E06000061": (1, 1)},
}


@pytest.fixture(scope="module")
def tables(built: Built) -> dict[str, list[dict[str, str]]]:
    folder = built.folder / FOLDER / "tables"
    found = {}
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            found[path.stem] = list(csv.DictReader(file))
    return found


def on(row: dict[str, str], day: str) -> bool:
    return row["from"] <= day and (not row["to"] or row["to"] > day)


def joined(tables: dict[str, list[dict[str, str]]], code: str, then: str, now: str) -> dict[str, float]:
    """The followers of a code by two of the tables."""
    bodies = {
        r["body"]
        for r in tables["codes"]
        if r["code"] == code and r["scheme"] in ("ods", "ons") and (not then or on(r, then))
    }
    return {r["follower"]: float(r["share"]) for r in tables["followers"] if r["body"] in bodies and on(r, now)}


@pytest.mark.parametrize(
    ("codes", "many"),
    [(GROUPS_OF_2019, 15), (BOARDS_OF_2022, 12), (COUNCILS_ENDED, 10)],
    ids=["groups", "boards", "councils"],
)
def test_old_codes_find_the_bodies_of_2026(tables: dict[str, list[dict[str, str]]], codes: Found, many: int) -> None:
    assert len(codes) == many
    for code, parts in codes.items():
        assert sum(part for part, _ in parts.values()) == next(iter(parts.values()))[1], code
        found = joined(tables, code, "", "2026-06-01")
        assert found.keys() == parts.keys(), code
        # The tables give three to five digits.
        for body, (part, whole) in parts.items():
            assert found[body] == pytest.approx(part / whole, abs=0.0005), (code, body)


def test_a_location_lies_in_one_board(tables: dict[str, list[dict[str, str]]]) -> None:
    rows = [r for r in tables["sub_board_locations"] if on(r, "2026-06-01")]
    assert len(rows) == len({r["location"] for r in rows}) > 100
    # source: register of October 2026
    boards = {r["location"]: r["board"] for r in rows}
    wanted = {
        "06N": "S1Y5D",
        "07H": "D7T5G",
        "06Q": "D7T5G",
        "06T": "D7T5G",
        "10Q": "S0E4D",
        "14Y": "S0E4D",
        "15A": "S0E4D",
    }
    wanted |= {
        "U2G6B": "S0E4D",
        "M1J4Y": "S1Y5D",
        "03W": "QK1",
        "04C": "QK1",
        "04V": "QK1",
        "M2L0M": "QOC",
        "92G": "QOX",
    }
    wanted |= {"15C": "QUY", "00L": "QHM", "00N": "QHM", "00P": "QHM", "26A": "T6Y0W", "01Y": "QOP"}
    assert len(wanted) >= 20
    assert {code: boards[code] for code in wanted} == wanted
    assert "D4U1Y" not in boards


def test_shares_of_a_day_add_up_or_are_not_said(tables: dict[str, list[dict[str, str]]]) -> None:
    """Over every body and every day on which something began: never more than the whole, never less."""
    days = {r["from"] for r in tables["followers"]} - {""}
    by_body: dict[str, list[dict[str, str]]] = {}
    for row in tables["followers"]:
        by_body.setdefault(row["body"], []).append(row)
    for body, rows in by_body.items():
        for day in {r["from"] for r in rows} & days:
            here = [r for r in rows if on(r, day)]
            if all(r["share"] for r in here):
                assert sum(float(r["share"]) for r in here) == pytest.approx(1.0, abs=0.001), (body, day)


def test_a_part_of_a_divided_body_is_read_from_its_ground_and_else_not_at_all() -> None:
    """Planted: a group that two joined is divided; without councils nothing is said of the parts, with some of them neither."""
    record = _Record(periods=dict.fromkeys("ab", ("2013-04-01", "2020-04-01")) | {"c": ("2020-04-01", "2022-07-01")})
    record.periods |= {"x": ("2022-07-01", "9999-12-31"), "y": ("2022-07-01", "9999-12-31")}
    record.followers |= {"a": [("c", None, "e1")], "b": [("c", None, "e2")], "c": [("x", 0.5, "e3"), ("y", 0.5, "e4")]}
    record.before |= {"c": {"a", "b"}, "x": {"c"}, "y": {"c"}}
    last = [p for p in _pieces(record, "a") if p.body in "xy"]
    assert [p.share for p in last] == [None, None]
    record.councils["a"] = [("k", 0.6, 1.0, "2013-04-01", "2020-04-01")]
    record.councils["x"] = [("k", 0.1, 1.0, "2022-07-01", "9999-12-31")]
    assert _by_councils(record, "a", "2022-07-01", {"x", "y"}) == {}
    record.councils["a"] = [("k", 1.0, 1.0, "2013-04-01", "2020-04-01")]
    assert [p for p in _pieces(record, "a") if p.body in "xy"] == [
        Piece(body="x", start="2022-07-01", end="9999-12-31", share=1.0, way="councils", events=("e1", "e3"))
    ]
    # The whole of the divided body has the shares that were counted.
    assert {p.body: p.share for p in _pieces(record, "c")} == {"c": 1.0, "x": 0.5, "y": 0.5}


def test_the_page_does_what_it_says(tables: dict[str, list[dict[str, str]]], built: Built, store: Store) -> None:
    blocks = dict(re.findall(r"```(sql|python|sparql)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
    mine = {"06N": 100, "99M": 1000, "E38000079": 10}
    wanted = [("06N", "S1Y5D", 100.0), ("99M", "QRL", 776.92), ("99M", "S9B9J", 223.08), ("E38000079", "S1Y5D", 10.0)]
    base = sqlite3.connect(":memory:")
    for name in ("codes", "followers"):
        columns = ", ".join(f'"{c}"' for c in tables[name][0])
        base.execute(f"CREATE TABLE {name} ({columns})")
        rows = [tuple(r.values()) for r in tables[name]]
        base.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})", rows)
    base.execute("CREATE TABLE mine (code, patients)")
    base.executemany("INSERT INTO mine VALUES (?, ?)", mine.items())
    assert [(r[0], r[1], round(r[4], 2)) for r in base.execute(blocks["sql"])] == wanted
    folder = built.folder / FOLDER / "tables"
    held = {n: pandas.read_csv(folder / f"{n}.csv", dtype=str) for n in ("codes", "followers")}
    held["mine"] = pandas.DataFrame({"code": list(mine), "patients": list(mine.values())})
    exec(blocks["python"], held)
    assert [(r.code, r.follower, round(r.patients, 2)) for r in held["joined"].itertuples()] == wanted
    said = [(r["code"].value, r["follower"].value, float(r["share"].value)) for r in store.select(blocks["sparql"])]
    assert [(c, f, round(mine[c] * s, 2)) for c, f, s in said] == wanted


def test_the_question_shows_both_readings_of_a_code(ask: Callable[..., Answer]) -> None:
    def read(code: str, day: str) -> set[tuple[str, str, object]]:
        return {
            (str(r["as"]), r["body"].code, r["share"])
            for r in ask("which-body-is", code=code, as_at=day).rows
            if isinstance(r["body"], Thing)
        }

    assert read("01Y", "2023-05-01") == {("ods", "QOP", 0.87037), ("ods", "QJ2", 0.12963), ("ods location", "QOP", 1.0)}
    assert read("06n", "2026-11-01") == {("ods", "S1Y5D", 1.0), ("ods location", "S1Y5D", 1.0)}
    assert read("E38000079", "2019-06-01") == {("ons", "06N", 1.0)}
    assert read("E40000003", "2026-01-01") == {("ons", "Y56", 1.0)}
    assert ask("which-body-is", code="phe", as_at="2022-01-01").status == "silent"
    assert ask("which-body-is", code="ZZZ9").status == "silent"
