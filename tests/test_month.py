"""A month's files of all registers, made in their own formats: from files to a served edition in three commands."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from icsgraph.build.pipeline import Built
from icsgraph.cli import main as commands
from icsgraph.cli import upkeep as keeping
from icsgraph.core.errors import IcsgraphError
from icsgraph.upkeep.lookups import apply, compare, lots, read_lookup, read_plan
from icsgraph.upkeep.month import Month, read_month
from icsgraph.upkeep.registers import read_lines
from icsgraph.upkeep.working import Row, Working, read_table
from tests.month import (
    CHANGED,
    COUNCIL,
    DAY,
    DIVIDED,
    MERGED,
    MOVED,
    PARTS,
    RENAMED,
    SUCCESSOR,
    make_month,
    small_areas,
)

CITIES = ("E06000023", "E06000024")


@pytest.fixture
def content_of_tables(root: Path, tmp_path: Path) -> Path:
    """The tables that lookups and extracts are held against, and those that name councils."""
    for part in ("upkeep", "bodies", "asking", "delegations", "functions"):
        shutil.copytree(root / "data" / part, tmp_path / "data" / part)
    return tmp_path


def read(root: Path, files: list[Path]) -> Month:
    return read_month(files, root, lambda words: None, lambda path: [])


def rows(root: Path, name: str) -> list[Row]:
    return read_table(root / "data" / "bodies" / f"{name}.csv")[1]


def test_a_months_changes_go_into_the_tables_with_their_days_and_the_rest_stays(content_of_tables: Path) -> None:
    """Label: source. A merger of three boards, a division, two renamed trusts, forty moved practices, a recoded council."""
    root = content_of_tables
    before = {name: rows(root, name) for name in ("trusts", "council_areas_2026", "practice_networks", "councils")}
    month = read(root, make_month(root, root / "files"))
    told, differ = month.hold(DAY)
    assert differ
    assert "suspicious" not in told
    month.tables.commit(lambda copy: None)
    days = {r["source"]: r["day"] for r in read_table(root / "data/upkeep/source_days.csv")[1]}
    assert {days[s] for s in ("ods-icb", "ods-trusts", "ods-pcn", "ons-areas")} == {DAY}
    assert days["nhs-choices-hospital-2020"] < "2021"

    boards = {r["ods_code"]: r for r in rows(root, "integrated_care_boards")}
    assert {boards[c]["abolished"] for c in (*MERGED, DIVIDED)} == {CHANGED}
    new = boards[SUCCESSOR]
    assert (new["name"], new["short_name"], new["established"], new["ons_code"]) == (
        "NHS West Midlands Integrated Care Board", "West Midlands", CHANGED, "E54000091",
    )  # fmt: skip
    found = {
        (r["predecessor_ods"], r["successor_ods"]): (r["type"], r["share"])
        for r in rows(root, "icb_succession")
        if r["date"] == CHANGED
    }
    assert found == {
        **{(c, SUCCESSOR): ("merger", "1") for c in MERGED},
        (DIVIDED, "B1B1A"): ("split", "0.46127"),
        (DIVIDED, "B2B2B"): ("split", "0.53873"),
    }

    trusts = {r["ods_code"]: r for r in rows(root, "trusts")}
    old = {r["ods_code"]: r for r in before["trusts"]}
    for code, name in RENAMED.items():
        assert (trusts[code]["name"], trusts[code]["former_names"]) == (name, old[code]["name_title"])
    gone = {*MERGED, DIVIDED}
    moved = [c for c, r in old.items() if r["icb_ods_geography"] in gone and not r["closed"]]
    assert len(moved) == 16
    assert {trusts[c]["icb_since"] for c in moved} == {CHANGED}
    earlier = rows(root, "earlier_places")
    assert {(r["body"], r["area"]) for r in earlier if r["basis"] == "OdsPostcode" and r["body"] in trusts} == {
        (c, old[c]["icb_ods_geography"]) for c in moved
    }
    assert {(r["valid_from"], r["valid_to"]) for r in earlier} == {("2026-04-01", CHANGED)}
    # What was not changed is as it was.
    assert [r for r in before["trusts"] if r["ods_code"] not in {*moved, *RENAMED}] == [
        r for c, r in trusts.items() if c not in {*moved, *RENAMED}
    ]

    members = rows(root, "practice_networks")
    begun = [r for r in members if r["start"] == CHANGED]
    assert len(begun) == MOVED
    assert len([r for r in members if r["end"] == "2026-09-30"]) == MOVED
    assert len(members) == len(before["practice_networks"]) + MOVED


def test_areas_end_and_begin_on_the_day_of_the_change_and_add_up(content_of_tables: Path) -> None:
    root = content_of_tables
    month = read(root, make_month(root, root / "files"))
    month.hold(DAY)
    month.tables.commit(lambda copy: None)
    ended = [r for r in rows(root, "council_areas_2026") if r["valid_to"]]
    assert {r["icb_ods"] for r in ended} == {*MERGED, DIVIDED}
    assert {r["valid_to"] for r in ended} == {CHANGED}
    since = [r for r in rows(root, "council_icb") if r["valid_from"] == CHANGED]
    assert {r["icb_ods"] for r in since} == {SUCCESSOR, *PARTS}
    # What was counted before is counted after, once for each council.
    was = {(r["la_ons"], r["icb_ods"]): int(r["lsoa21_count"]) for r in ended}
    assert sum(was.values()) == sum(int(r["lsoa_count"]) for r in since)
    assert all(float(r["share_of_council"]) == 1 for r in since)
    # Networks in the boards' locations went with them, on the same day.
    networks = [r for r in rows(root, "primary_care_networks") if r["icb_since"]]
    assert {r["icb_ods_2026"] for r in networks} == {SUCCESSOR, *PARTS}
    assert {r["icb_since"] for r in networks} == {CHANGED}


def test_a_recoded_council_has_its_new_code_wherever_tables_name_it_and_is_known_by_the_old_one(
    content_of_tables: Path,
) -> None:
    root = content_of_tables
    old, new = COUNCIL
    month = read(root, [small_areas(root, root / "lookup.csv")])
    # Without the boards' file the boards are not on record, and what lies in them is for a person to look at.
    told, _ = month.hold(DAY)
    assert "M1M1A, which is no board on record" in told
    month.tables.commit(lambda copy: None)
    keep = {root / "data" / name for name in read_plan(root)["keep"]}
    naming = [p for p in (root / "data").rglob("*.csv") if old in p.read_text(encoding="utf-8") and p not in keep]
    # Its former code is kept where it is one.
    assert naming == [root / "data/bodies/councils.csv"]
    council = next(r for r in rows(root, "councils") if r["ons_code"] == new)
    assert council["ons_code_prev"] == old
    history = [
        r
        for r in rows(root, "council_history")
        if r["event"] == "recode" and new in (r["ons_code"], r["successor_ons"])
    ]
    assert [(r["ons_code"], r["valid_from"], r["valid_to"]) for r in history] == [(old, "", DAY), (new, DAY, "")]
    assert {r["la_ons"] for r in rows(root, "health_and_wellbeing_boards")} >= {new}
    # Asked again, nothing is recoded any more.
    again, _ = read(root, [small_areas_again(root)]).hold(DAY)
    assert "recoded" not in again


def small_areas_again(root: Path) -> Path:
    path = root / "again.csv"
    path.write_bytes((root / "lookup.csv").read_bytes())
    return path


Lines = list[list[str]]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda lines: lines[:15_000], "a whole lookup has"),
        (lambda lines: [[*row[:5], *row[6:]] for row in lines], "no column for the board"),
        (lambda lines: [lines[0], lines[1][:-1], *lines[2:]], "columns where its head"),
        (lambda lines: [*lines, lines[1]], "stands there twice"),
        (
            lambda lines: [lines[0], *([*row[:-3], "W" + row[-3][1:], *row[-2:]] for row in lines[1:])],
            "may be of another country",
        ),
        (lambda lines: [[c.replace("26", "25") for c in lines[0]], *lines[1:]], "older than the record"),
    ],
)
def test_a_bad_lookup_is_refused_with_a_clear_line(
    content_of_tables: Path, change: Callable[[Lines], Lines], words: str
) -> None:
    """Label: source. Half a file, columns that moved, another country's, last year's."""
    root = content_of_tables
    plan = read_plan(root)
    lines = read_lines(small_areas(root, root / "lookup.csv"))
    with pytest.raises(IcsgraphError, match=words) as error:
        compare(read_lookup(change(lines), "x.csv", plan), Working(root), plan)
    assert error.value.hint


def test_last_years_lookup_is_read_where_it_is_meant(content_of_tables: Path) -> None:
    plan = read_plan(content_of_tables)
    lines = read_lines(small_areas(content_of_tables, content_of_tables / "lookup.csv"))
    lines[0] = [c.replace("26", "25") for c in lines[0]]
    assert compare(read_lookup(lines, "x.csv", plan), Working(content_of_tables), plan, old=True)


def test_a_council_that_came_or_went_is_for_a_person(content_of_tables: Path) -> None:
    """What became of it a lookup does not say: nothing is changed for it. One that has another name alone is renamed."""
    root, plan = content_of_tables, read_plan(content_of_tables)
    lines = read_lines(small_areas(root, root / "lookup.csv"))
    at = lines[0].index("LAD26CD")
    for row in lines[1:]:
        if row[at] in CITIES:
            row[at], row[at + 1] = "E06000098", "Severn"
        if row[at] == "E06000025":
            row[at + 1] = "South Cotswold"
    tables = Working(root)
    lookup = read_lookup(lines, "x.csv", plan)
    found = compare(lookup, tables, plan)
    told = {(d.kind, d.code) for d in found if d.table == plan["councils"]}
    assert {*(("suspicious", code) for code in (*CITIES, "E06000098")), ("renamed", "E06000025")} <= told
    apply(lookup, found, tables, plan, DAY)
    councils = {r["ons_code"]: r["name"] for r in tables.rows(plan["councils"])}
    assert councils["E06000025"] == "South Cotswold"
    assert "E06000098" not in councils
    assert set(CITIES) <= councils.keys()


def test_shares_of_a_divided_board_are_told_only_where_they_can_be() -> None:
    was = {("a", "P"): 60, ("b", "P"): 40, ("c", "Q"): 10}
    parted = {("a", "X"): 60, ("b", "Y"): 40, ("c", "Q"): 10}
    assert lots(was, parted, "P") == {("P", "X"): 0.6, ("P", "Y"): 0.4}
    # A council whose small areas do not add up, or in which two boards ended, leaves it open.
    assert lots(was, parted | {("b", "Y"): 39}, "P") == {}
    assert lots(was | {("a", "R"): 5}, parted | {("a", "X"): 65}, ["P", "R"]) == {}


def test_a_row_that_refers_to_nothing_on_record_is_for_a_person(content_of_tables: Path) -> None:
    """A practice in a network that nobody has, a trust under a board that nobody has: told, and not written."""
    root = content_of_tables
    files = {p.name: p for p in make_month(root, root / "files")}
    members = files["PCNCorePartners.csv"].read_text(encoding="utf-8")
    files["PCNCorePartners.csv"].write_bytes(
        members.replace(rows(root, "practice_networks")[500]["network"], "U99999").encode()
    )
    month = read(root, [files["etr.csv"], files["PCNCorePartners.csv"]])
    told, _ = month.hold(DAY)
    assert "in the register M1M1A, which is not on record" in told
    assert "and of U99999, which is not on record" in told
    assert not any(r["network"] == "U99999" for r in month.tables.rows("bodies/practice_networks.csv"))
    assert not any(r["icb_ods_geography"] == SUCCESSOR for r in month.tables.rows("bodies/trusts.csv"))


def test_one_board_that_one_follows_is_no_merger(content_of_tables: Path) -> None:
    """Label: regression. The register does not say how it was: a name and code of its own, or another body."""
    root = content_of_tables
    path = make_month(root, root / "files")[-1]
    text = path.read_text(encoding="utf-8")
    for code in MERGED[1:]:
        before, at, after = text.partition(f'<OrgId extension="{code}"/>')
        text = before + at + re.sub("<Succs>.*?</Succs>", "", after, count=1)
    path.write_text(text, encoding="utf-8")
    month = read(root, [path])
    month.hold(DAY)
    (row,) = [r for r in month.tables.rows("bodies/icb_succession.csv") if r["successor_ods"] == SUCCESSOR]
    assert (row["predecessor_ods"], row["type"], row["share"]) == (MERGED[0], "succession", "1")


def test_a_source_has_a_new_day_only_once_all_of_it_was_seen(content_of_tables: Path) -> None:
    """Label: regression. The practices alone gave their networks a new day, and a few boards that of all."""
    root = content_of_tables
    files = {p.name: p for p in make_month(root, root / "files")}
    before = read_table(root / "data/upkeep/source_days.csv")[1]
    few = root / "few.xml"
    text = files["boards.xml"].read_text(encoding="utf-8")
    few.write_text(re.sub("(<Organisation .*?</Organisation>){40}", "", text, count=1), encoding="utf-8")
    month = read(root, [files["epraccur.csv"], files["eccg.csv"], few])
    month.hold(DAY)
    assert month.tables.rows("upkeep/source_days.csv") == before


def test_a_site_that_changed_hands_says_who_says_so(content_of_tables: Path) -> None:
    root = content_of_tables
    path = make_month(root, root / "files")[4]
    text = path.read_text(encoding="utf-8")
    site = rows(root, "trust_sites")[3]
    line = next(x for x in text.splitlines() if x.startswith(f'"{site["site_code"]}"'))
    path.write_bytes(text.replace(line, line.replace(f'"{site["trust"]}"', '"RAL"')).encode())
    month = read(root, [path])
    told, _ = month.hold(DAY)
    assert f"{site['site_code']} trust: “{site['trust']}” here, “RAL” in the register." in told
    now = next(r for r in month.tables.rows("bodies/trust_sites.csv") if r["site_code"] == site["site_code"])
    assert (now["trust"], now["note"].endswith(f"Changed by the register of sites of {DAY}")) == ("RAL", True)


def test_a_workbook_of_networks_is_read_by_its_sheets(content_of_tables: Path) -> None:
    root = content_of_tables
    files = {p.name: p for p in make_month(root, root / "files")}
    book = root / "ePCN.xlsx"
    book.write_bytes(b"x")
    sheets = [read_lines(files["PCNDetails.csv"]), [["Notes"], ["x"]], read_lines(files["PCNCorePartners.csv"])]
    month = read_month([book], root, lambda words: None, lambda path: sheets)
    assert [e.register.id for e in month.extracts] == ["epcn", "epcncore"]
    with pytest.raises(IcsgraphError, match="no sheet of a register"):
        read_month([book], root, lambda words: None, lambda path: [[["Notes"]]])


BOMB = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'


def bad_files(files: dict[str, Path], folder: Path) -> dict[Path, str]:
    """Files that cannot be read, each with what is said of it."""
    etr, boards = files["etr.csv"].read_bytes(), files["boards.xml"].read_bytes()
    lines = etr.splitlines(keepends=True)
    planted = {
        "half.csv": (etr[:-40], "breaks off"),
        "half-of-the-rows.csv": (b"".join(lines[: len(lines) // 3]), "a whole extract"),
        "half.xml": (boards[: len(boards) // 2], "breaks off"),
        "half.json": (b'{"Organisations": [', "breaks off"),
        "other.csv": (b'"ZZ9","Prisons"\r\n"ZZ8","Schools"\r\n', "of no register that is known"),
        "last-year.csv": (b"".join(x for x in lines if b'"2026' not in x), "older than the record"),
        "renamed.csv": (files["PCNDetails.csv"].read_bytes().replace(b"Open Date", b"Opened"), "no column “Open Date”"),
        "moved.csv": (b"".join(b'"",' + x for x in lines), "of no register that is known"),
        "moved-by-one.csv": (b"".join(x.replace(b",", b',"",', 1) for x in lines), "columns where"),
        "bomb.xml": (BOMB.encode(), "declares a DOCTYPE"),
        "book.xlsx": (b"PK\x03\x04nothing", ""),
        "pdf.csv": (b"%PDF-1.7\xff\xfe", "is no text"),
    }
    found = {}
    for name, (content, words) in planted.items():
        (folder / name).write_bytes(content)
        found[folder / name] = words
    large = folder / "postcodes.csv"
    with large.open("wb") as file:
        # A directory of postcodes: too large to be read, and told where it goes.
        file.truncate(2_000_000_000)
    return found | {large: "icsgraph postcodes", folder / "none.csv": "cannot be read"}


def test_a_bad_file_gives_one_clear_line_and_leaves_the_tables_as_they_are(
    content_of_tables: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Label: source. By itself, and beside whole files: none of those is written either."""
    root = content_of_tables
    files = {p.name: p for p in make_month(root, root / "files")}
    monkeypatch.setattr(keeping, "content_root", lambda: root)
    kept = {p: p.read_bytes() for p in (root / "data").rglob("*") if p.is_file()}
    for path, words in bad_files(files, root).items():
        for before in ([], [str(files["boards.xml"]), str(files["PCNDetails.csv"])]):
            done = CliRunner().invoke(commands.cli, ["update", *before, str(path), "--apply"], prog_name="icsgraph")
            assert done.exit_code == 2, (path.name, done.output)
            said = [line for line in done.stderr.splitlines() if line.startswith("icsgraph: ")]
            assert len(said) == 1, path.name
            assert words in said[0], path.name
            assert "Traceback" not in done.output
    assert {p: p.read_bytes() for p in (root / "data").rglob("*") if p.is_file()} == kept


@pytest.mark.slow
def test_from_files_to_an_edition_in_three_commands_and_the_diff_says_which_answers_changed(
    root: Path, built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Label: source. Done when: update, build, diff; without Python, without counting rows."""
    copy = tmp_path / "content"
    for part in ("data", "ontology", "queries", "shapes"):
        shutil.copytree(root / part, copy / part)
    files = make_month(copy, tmp_path / "files")
    for module in (commands, keeping):
        monkeypatch.setattr(module, "content_root", lambda: copy)
    monkeypatch.setenv("ICSGRAPH_CACHE", str(tmp_path / "cache"))

    def call(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(commands.cli, list(words), prog_name="icsgraph")
        assert done.exit_code == code, done.output
        return done.stdout

    untouched = {p: p.read_bytes() for p in (copy / "data").rglob("*.csv")}
    call("update", *map(str, files), "--day", DAY, code=1)
    assert {p: p.read_bytes() for p in (copy / "data").rglob("*.csv")} == untouched
    # One, two, three.
    call("update", *map(str, files), "--day", DAY, "--apply")
    call("build", "--out", str(tmp_path / "new"), "--editions", str(tmp_path / "editions"), "--day", DAY)
    told = json.loads(
        call("diff", str(built.folder), str(tmp_path / "new"), "--no-examples", "--format", "json", code=1)
    )
    (edition,) = (tmp_path / "editions").iterdir()
    assert edition.name.startswith(DAY)
    areas = {p.rpartition("/")[2] for p in told["new_places"]}
    assert areas == {SUCCESSOR, *PARTS, *(location for _, location in PARTS.values())}
    assert told["gone_places"] == []
    assert told["recoded"][f"https://w3id.org/icsgraph/id/area/{COUNCIL[0]}"].endswith(COUNCIL[1])
    # Of the places that both editions know, nothing is otherwise before the day of the change.
    known = [a for a in told["answers"] if a["area"] not in told["new_places"]]
    assert known
    assert {a["start"] for a in known if a["start"] < CHANGED} == set()
    touched = Counter(a["area"].rpartition("/")[2] for a in known)
    # The council that has another code alone, and those of other boards, are asked as before.
    assert COUNCIL[1] not in touched
    assert "E09000025" not in touched
    assert {*MERGED, DIVIDED, "E06000023"} <= touched.keys()
