"""Extracts of registers held against the tables: each kind of difference planted, bad files refused, tables changed or left whole."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from icsgraph.core.errors import IcsgraphError
from icsgraph.upkeep.registers import Extract, read_extract, read_lines, read_registers
from icsgraph.upkeep.update import Difference, apply, as_text, compare, date_sources
from icsgraph.upkeep.working import Working, read_table

Row = list[str]
DAY = "2026-11-23"


def etr(tables: Path) -> dict[str, Row]:
    """The rows of the trusts as their register has them: 27 columns, days as YYYYMMDD."""
    found = {}
    for r in read_table(tables / "data/bodies/trusts.csv")[1]:
        row = [""] * 27
        row[:4] = [r["ods_code"], r["name"], r["region_ods"], r["icb_ods_geography"]]
        row[7], row[9], row[23] = r["town"], r["postcode"], r["gor_code"]
        row[10], row[11] = r["opened"].replace("-", ""), r["closed"].replace("-", "")
        found[r["ods_code"]] = row
    return found


def written(path: Path, rows: dict[str, Row]) -> Path:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows.values())
    path.write_bytes(out.getvalue().encode("ascii"))
    return path


def extract_of(path: Path, tables: Path) -> Extract:
    return read_extract(read_lines(path), path.name, read_registers(tables), Working(tables))


def write(extract: Extract, tables: Path, check: Callable[[Path], None]) -> list[str]:
    """Change the tables as an extract says, once ``check`` has passed what they make."""
    working = Working(tables)
    apply(extract, compare(extract, working), working, DAY)
    date_sources(read_registers(tables), [extract], working, DAY)
    return working.commit(check)


@pytest.fixture
def differing(tables: Path) -> Callable[[Callable[[dict[str, Row]], object]], list[Difference]]:
    """What is found once the extract of the trusts was changed."""

    def run(change: Callable[[dict[str, Row]], object]) -> list[Difference]:
        rows = etr(tables)
        change(rows)
        extract = extract_of(written(tables / "etr.csv", rows), tables)
        return compare(extract, Working(tables))

    return run


def put(code: str, column: int, value: str) -> Callable[[dict[str, Row]], object]:
    return lambda rows: rows[code].__setitem__(column - 1, value)


def test_an_extract_that_says_the_same_differs_in_nothing(differing: Callable[..., list[Difference]]) -> None:
    assert differing(lambda rows: None) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (put("RAL", 2, "ROYAL FREE HOSPITALS NHS FOUNDATION TRUST"), {("renamed", "RAL")}),
        (put("RAL", 10, "N1 1AA"), {("moved", "RAL")}),
        (put("RAL", 4, "QKK"), {("moved", "RAL")}),
        # An end without a successor on record is told twice: as an end, and as suspicious.
        (put("RAL", 12, "20260930"), {("ended", "RAL"), ("suspicious", "RAL")}),
        (put("RAL", 12, "19900101"), {("suspicious", "RAL")}),
        (put("RHX", 12, ""), {("suspicious", "RHX")}),
        (lambda rows: rows.pop("RAL"), {("missing", "RAL")}),
        (
            lambda rows: rows.update({"Q9Z9Z": ["Q9Z9Z", "NEW NHS TRUST", "Y56", *[""] * 7, "20261001", *[""] * 16]}),
            {("new", "Q9Z9Z")},
        ),
    ],
)
def test_each_kind_of_difference_is_found(
    differing: Callable[..., list[Difference]],
    change: Callable[[dict[str, Row]], object],
    expected: set[tuple[str, str]],
) -> None:
    """Label: source. The kinds are those that the issue names; recoded bodies come as a new one and one missing or ended."""
    assert {(d.kind, d.code) for d in differing(change)} == expected


def test_the_tables_are_changed_in_place_with_days_and_absences_and_the_rest_stays(tables: Path) -> None:
    rows = etr(tables)
    put("RAL", 2, "ROYAL FREE OF THE NORTH NHS FOUNDATION TRUST")(rows)
    put("RHX", 12, "")(rows)
    rows.pop("RJ1")
    rows["Q9Z9Z"] = [
        "Q9Z9Z",
        "NEW NHS FOUNDATION TRUST",
        "Y56",
        "QKK",
        *[""] * 3,
        "LONDON",
        "",
        "N1 1AA",
        "20261001",
        *[""] * 16,
    ]
    before = read_table(tables / "data/bodies/trusts.csv")[1]
    extract = extract_of(written(tables / "etr.csv", rows), tables)
    found = compare(extract, Working(tables))
    seen: list[Path] = []
    write(extract, tables, seen.append)
    after = {r["ods_code"]: r for r in read_table(tables / "data/bodies/trusts.csv")[1]}
    assert (after["RAL"]["name_title"], after["RAL"]["postcode"]) == (
        "Royal Free of the North NHS Foundation Trust",
        next(r for r in before if r["ods_code"] == "RAL")["postcode"],
    )
    assert (after["Q9Z9Z"]["legal_form"], after["Q9Z9Z"]["country"], after["Q9Z9Z"]["opened"]) == (
        "NHS foundation trust",
        "England",
        "2026-10-01",
    )
    assert after["RHX"] == next(r for r in before if r["ods_code"] == "RHX")
    assert [r for r in before if r["ods_code"] != "RAL"] == [
        r for r in after.values() if r["ods_code"] not in ("RAL", "Q9Z9Z")
    ]
    (absent,) = read_table(tables / "data/bodies/register_absences.csv")[1]
    assert (absent["body"], absent["source"], absent["day"]) == ("RJ1", "ods-trusts", DAY)
    assert {r["source"]: r["day"] for r in read_table(tables / "data/upkeep/source_days.csv")[1]}["ods-trusts"] == DAY
    # Once it is applied, only what a person must look at is left.
    assert {d.kind for d in compare(extract, Working(tables))} == {"missing", "suspicious"}
    register = extract.register
    told = as_text(extract.name, register.label, len(extract.rows), register.table, found)
    assert told.startswith("etr.csv: NHS trusts (etr)")


def test_what_would_not_build_touches_no_table(tables: Path) -> None:
    rows = etr(tables)
    put("RAL", 2, "OTHER NHS TRUST")(rows)
    extract = extract_of(written(tables / "etr.csv", rows), tables)
    kept = {p: p.read_bytes() for p in tables.rglob("*.csv")}

    def refuse(copy: Path) -> None:
        assert "OTHER NHS TRUST" in (copy / "data/bodies/trusts.csv").read_text(encoding="utf-8")
        raise IcsgraphError("no")

    with pytest.raises(IcsgraphError):
        write(extract, tables, refuse)
    assert {p: p.read_bytes() for p in tables.rglob("*.csv")} == kept


def refusals(tables: Path) -> dict[str, bytes]:
    """Bad files by what the refusal says."""
    rows = etr(tables)
    whole = written(tables / "etr.csv", rows).read_bytes()
    lines = whole.splitlines(keepends=True)
    return {
        "breaks off in its last line": whole[:-30],
        "a whole extract": b"".join(lines[: len(lines) // 2]),
        "no register that is known": b'"ZZZ1","A"\r\n"ZZZ2","B"\r\n',
        "columns where": b"".join(line.replace(b",", b",,", 1) for line in lines),
        "is no day": b"".join(line[:-2] + b"\r\n" for line in lines).replace(b'"20', b'"x20', 3),
        "stands there twice": whole + lines[0],
        "is empty": b"\n",
        "is no text": b"PK\x03\x04\xff\xfe",
    }


def test_bad_files_are_refused_with_a_clear_line(tables: Path) -> None:
    for words, content in refusals(tables).items():
        path = tables / "bad.csv"
        path.write_bytes(content)
        with pytest.raises(IcsgraphError, match=words) as error:
            compare(extract_of(path, tables), Working(tables))
        assert error.value.hint


def test_a_file_of_last_year_is_refused_unless_it_is_meant(tables: Path) -> None:
    rows = {c: r for c, r in etr(tables).items() if max(r[10], r[11]) < "20260101"}
    extract = extract_of(written(tables / "etr.csv", rows), tables)
    with pytest.raises(IcsgraphError, match="older than the record"):
        compare(extract, Working(tables))
    assert compare(extract, Working(tables), old=True)


def test_other_registers_need_no_python(tables: Path) -> None:
    """Sub-board locations among the groups of their file, whose last day becomes the day after; practices among other prescribers."""
    sub = read_table(tables / "data/bodies/sub_board_locations.csv")[1]
    rows = {}
    for r in sub:
        row = [r["ods_code"], r["name"].upper(), "Y59", r["icb_2026"], *[""] * 23]
        row[10], row[13] = r["opened"].replace("-", ""), "RO319|RO326"
        rows[r["ods_code"]] = row
    rows["99Z"] = ["99Z", "CLOSED GROUP", "Y59", "QNQ", *[""] * 23]
    code = next(r["ods_code"] for r in sub if not r["closed"])
    rows[code][11] = "20270331"
    extract = extract_of(written(tables / "x.csv", rows), tables)
    assert extract.register.id == "eccg"
    found = [d for d in compare(extract, Working(tables)) if d.code == code]
    assert [(d.kind, d.now) for d in found] == [("ended", "2027-04-01")]
    practices = {
        r["practice"]: [r["practice"], r["label"].upper(), *[""] * 23, "4", ""]
        for r in read_table(tables / "data/bodies/practices.csv")[1]
    }
    practices["A99999"] = ["A99999", "THE NEW SURGERY", *[""] * 23, "4", ""]
    practices["A99998"] = ["A99998", "A PRISON", *[""] * 23, "10", ""]
    practices["A81001"][1] = "OTHER SURGERY"
    extract = extract_of(written(tables / "y.csv", practices), tables)
    assert [(d.kind, d.code) for d in compare(extract, Working(tables))] == [("new", "A99999"), ("renamed", "A81001")]
    write(extract, tables, lambda copy: None)
    after = read_table(tables / "data/bodies/practices.csv")[1]
    assert {"practice": "A99999", "label": "The New Surgery"} in after
    assert [r["practice"] for r in after] == sorted(r["practice"] for r in after)


def test_boards_are_found_among_the_others_of_their_file(tables: Path) -> None:
    """Their file says no role, and the table has another word for their end, on the day after the register's last."""
    held = read_table(tables / "data/bodies/integrated_care_boards.csv")[1]
    rows = {}
    for r in held:
        last = (dt.date.fromisoformat(r["abolished"]) - dt.timedelta(1)).strftime("%Y%m%d") if r["abolished"] else ""
        row = [r["ods_code"], r["name"].upper(), r["region_ods"], *[""] * 7, "20170401", last, *[""] * 15]
        rows[r["ods_code"]] = row
    rows["8J1"] = ["8J1", "ANOTHER BODY", *[""] * 25]
    assert compare(extract_of(written(tables / "x.csv", rows), tables), Working(tables)) == []
    open_ = next(r["ods_code"] for r in held if not r["abolished"])
    rows[open_][11] = "20270331"
    ended = compare(extract_of(written(tables / "x.csv", rows), tables), Working(tables))
    assert ("ended", open_, "2027-04-01") in {(d.kind, d.code, d.now) for d in ended}
