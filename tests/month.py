"""A month's files as the registers publish them, made from the tables with changes planted in them.

Three boards merge, one is divided, two trusts are renamed, forty practices move, a council is recoded. The forms are those of the
registers: extracts without a head and with 27 columns, the XML of ORD, the sheets of the workbook of networks, the lookup of small areas.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter, defaultdict
from pathlib import Path
from xml.sax.saxutils import escape

from icsgraph.upkeep.working import Row, read_table

__all__ = ["CHANGED", "COUNCIL", "DAY", "DIVIDED", "MERGED", "PARTS", "RENAMED", "SUCCESSOR", "make_month"]

# The day of the files, and that of the changes.
DAY, CHANGED = "2026-11-02", "2026-10-01"
MERGED, SUCCESSOR = ("QWU", "QUA", "QHL"), "M1M1A"
DIVIDED = "QUY"
# Each part of the divided board: its councils and its location.
PARTS = {"B1B1A": (("E06000023",), "D1D1D"), "B2B2B": (("E06000024", "E06000025"), "D2D2D")}
NAMES = {
    SUCCESSOR: "NHS WEST MIDLANDS",
    "B1B1A": "NHS BRISTOL",
    "B2B2B": "NHS SOMERSET NORTH AND GLOUCESTERSHIRE SOUTH",
}
RENAMED = {"RAL": "ROYAL FREE OF THE NORTH NHS FOUNDATION TRUST", "RJ1": "SAINT THOMAS NHS FOUNDATION TRUST"}
COUNCIL = ("E06000019", "E06000099")
MOVED = 40


def _days(day: str) -> str:
    return day.replace("-", "")


def _day_before(day: str) -> str:
    return (dt.date.fromisoformat(day) - dt.timedelta(days=1)).isoformat() if day else ""


def _table(root: Path, name: str) -> list[Row]:
    return read_table(root / "data" / "bodies" / f"{name}.csv")[1]


def _write(path: Path, rows: list[list[str]], quoted: bool = True) -> Path:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL, lineterminator="\r\n").writerows(rows)
    path.write_bytes(out.getvalue().encode("utf-8-sig" if not quoted else "utf-8"))
    return path


def _row(**at: str) -> list[str]:
    """27 columns, those named by ``c`` and their number filled."""
    row = [""] * 27
    for name, value in at.items():
        row[int(name[1:]) - 1] = value
    row[21] = "1"
    return row


def _board(code: str, council: str = "") -> str:
    """Under which board a code of a board stands now; what the divided one had goes by the council, or to its first part."""
    if code in MERGED:
        return SUCCESSOR
    if code == DIVIDED:
        return next((part for part, (councils, _) in PARTS.items() if council in councils), next(iter(PARTS)))
    return code


def boards(root: Path, path: Path) -> Path:
    """The boards of the month as the XML of ORD."""
    held = {r["ods_code"]: r for r in _table(root, "integrated_care_boards")}

    def one(code: str, name: str, begun: str, ended: str, region: str, after: tuple[str, ...] = ()) -> str:
        succs = "".join(
            f'<Succ uniqueSuccId="1"><Date><Type value="Legal"/><Start value="{CHANGED}"/></Date><Type>Successor</Type>'
            f'<Target><OrgId extension="{other}"/></Target></Succ>'
            for other in after
        )
        end = f'<End value="{ended}"/>' if ended else ""
        return (
            f'<Organisation orgRecordClass="RC1"><Name>{escape(name.upper())}</Name>'
            f'<Date><Type value="Operational"/><Start value="{begun}"/>{end}</Date><OrgId extension="{code}"/>'
            f'<Status value="Active"/><Roles><Role id="RO261" primaryRole="true"><Status value="Active"/></Role>'
            f'<Role id="RO318"><Status value="Active"/></Role></Roles>'
            f'<Rels><Rel id="RE5"><Status value="Active"/><Target><OrgId extension="{region}"/></Target></Rel></Rels>'
            f"{f'<Succs>{succs}</Succs>' if succs else ''}</Organisation>"
        )

    old = held[DIVIDED]
    followed = {**dict.fromkeys(MERGED, (SUCCESSOR,)), DIVIDED: tuple(PARTS)}
    told = [
        one(
            code,
            r["name"],
            r["established"],
            "2026-09-30" if code in followed else _day_before(r["abolished"]),
            r["region_ods"],
            followed.get(code, ()),
        )
        for code, r in held.items()
    ]
    for code, region in ((SUCCESSOR, held[MERGED[0]]["region_ods"]), *((part, old["region_ods"]) for part in PARTS)):
        told.append(one(code, f"{NAMES[code]} INTEGRATED CARE BOARD", CHANGED, "", region))
    path.write_text(
        f'<OrganisationManifest xmlns="http://refdata.hscic.gov.uk/org/v2-0-0"><Organisations>{"".join(told)}</Organisations></OrganisationManifest>\n',
        encoding="utf-8",
    )
    return path


def locations(root: Path, path: Path) -> Path:
    """The sub-board locations: that of the divided board ends, and its parts have one each."""
    rows = []
    for r in _table(root, "sub_board_locations"):
        row = _row(
            c1=r["ods_code"],
            c2=r["name"].upper(),
            c3="Y59",
            c4=r["icb_2026"],
            c11=_days(r["opened"]),
            c14="RO319|RO326",
        )
        row[11] = _days(_day_before(r["closed"]))
        if r["icb_2026"] in MERGED and not r["closed"]:
            row[3], row[1] = SUCCESSOR, f"{NAMES[SUCCESSOR]} ICB - {r['ods_code']}"
        if r["icb_2026"] == DIVIDED and not r["closed"]:
            row[11] = "20260930"
        rows.append(row)
    for part, (_, code) in PARTS.items():
        rows.append(_row(c1=code, c2=f"{NAMES[part]} ICB - {code}", c3="Y58", c4=part, c11=_days(CHANGED), c14="RO319"))
    return _write(path, rows)


def trusts(root: Path, path: Path) -> Path:
    """The trusts: two have other names, and the register has put every trust of the four boards under the new ones."""
    rows = []
    for r in _table(root, "trusts"):
        row = _row(
            c1=r["ods_code"],
            c2=RENAMED.get(r["ods_code"], r["name"]),
            c3=r["region_ods"],
            c4=_board(r["icb_ods_geography"]),
        )
        row[7], row[9], row[23] = r["town"], r["postcode"], r["gor_code"]
        row[10], row[11] = _days(r["opened"]), _days(r["closed"])
        rows.append(row)
    return _write(path, rows)


def sites(root: Path, path: Path) -> Path:
    """The sites of trusts, none of which moved, among others that are not on record."""
    rows = [
        _row(c1=r["site_code"], c2=r["name"].upper(), c10=r["postcode"], c11="20200401", c15=r["trust"])
        for r in _table(root, "trust_sites")
    ]
    return _write(path, [*rows, _row(c1="RALZ9", c2="ANOTHER SITE", c11="20200401", c15="RAL")])


def practices(root: Path, path: Path) -> Path:
    """The practices, among other prescribers."""
    rows = [_row(c1=r["practice"], c2=r["label"].upper(), c11="19740401", c26="4") for r in _table(root, "practices")]
    return _write(path, [*rows, _row(c1="Y99999", c2="A PRISON", c11="20200401", c26="10")])


def networks(root: Path, path: Path, members: Path) -> tuple[Path, Path]:
    """Both sheets of the workbook of networks: those of the divided board are in its parts' locations, and practices moved."""
    held = _table(root, "primary_care_networks")
    codes = [location for _, location in PARTS.values()]
    divided = {
        r["ods_code"] for r in _table(root, "sub_board_locations") if r["icb_2026"] == DIVIDED and not r["closed"]
    }
    head = ["PCN Code", "PCN Name", "Current Sub ICB Loc Code", "Sub ICB Location", "Open Date", "Close Date"]
    rows = [[*head, *(f"Address Line {n}" for n in range(1, 6)), "Postcode"]]
    for n, r in enumerate(held):
        at = codes[n % 2] if r["sub_icb_ods_2026"] in divided and not r["closed"] else r["sub_icb_ods_2026"]
        rows.append(
            [r["ods_code"], r["name"].upper(), at, "", _days(r["opened"]), _days(r["closed"]), *[""] * 5, r["postcode"]]
        )
    _write(path, rows)
    head = [
        "Partner\nOrganisation\nCode",
        "Partner\nName",
        "Practice\nParent\nSub ICB Loc Code",
        "Practice\nParent\nSub ICB Loc Name",
    ]
    head += ["PCN Code", "PCN Name", "PCN Parent\nSub ICB Loc Code", "PCN Parent\nSub ICB Loc Name"]
    head += [
        "Practice to PCN\nRelationship\nStart Date",
        "Practice to PCN\nRelationship\nEnd Date",
        "Practice Sub ICB Loc and PCN Sub ICB Loc Match",
    ]
    rows, moved = [head], 0
    open_ = [r["ods_code"] for r in held if not r["closed"]]
    for r in _table(root, "practice_networks"):
        end = _days(r["end"])
        if not end and moved < MOVED and r["start"] < CHANGED:
            moved, end = moved + 1, "20260930"
            other = next(code for code in open_[moved:] if code != r["network"])
            rows.append([r["practice"], "", "", "", other, "", "", "", _days(CHANGED), "", ""])
        rows.append([r["practice"], "", "", "", r["network"], "", "", "", _days(r["start"]), end, ""])
    return path, _write(members, rows)


def small_areas(root: Path, path: Path) -> Path:
    """The lookup: each council without districts as it lay in boards, with the new boards, and one council under another code."""
    councils = {r["ons_code"]: r for r in _table(root, "councils")}
    upper = {r["upper_tier_ons"] for r in councils.values() if r["ons_code"] != r["upper_tier_ons"]}
    codes = {r["ods_code"]: r["ons_code"] for r in _table(root, "integrated_care_boards")}
    codes |= {SUCCESSOR: "E54000091", "B1B1A": "E54000092", "B2B2B": "E54000093"}
    names = {r["ods_code"]: r["name"] for r in _table(root, "integrated_care_boards")} | NAMES
    ours = {
        r["ods_code"]: r["ons_code"] for r in _table(root, "ons_codes") if r["kind"] == "sub_icb" and not r["valid_to"]
    }
    within: dict[str, list[str]] = defaultdict(list)
    for r in _table(root, "sub_board_locations"):
        if not r["closed"] and r["icb_2026"] != DIVIDED:
            within[_board(r["icb_2026"])].append(r["ods_code"])
    for n, (part, (_, code)) in enumerate(PARTS.items()):
        within[part], ours[code] = [code], f"E3800099{n}"
    head = "LSOA21CD,LSOA21NM,SICBL26CD,SICBL26CDH,SICBL26NM,ICB26CD,ICB26CDH,ICB26NM,NHSER26CD,NHSER26CDH,NHSER26NM,LAD26CD,LAD26NM,ObjectId"
    rows = [head.split(",")]
    counted = Counter(
        {
            (r["la_ons"], r["icb_ods"]): int(r["lsoa21_count"])
            for r in _table(root, "council_areas_2026")
            if r["la_ons"] not in upper
        }
    )
    for (council, board), number in counted.items():
        now = _board(board, council)
        code = COUNCIL[1] if council == COUNCIL[0] else council
        for n in range(number):
            area, at = f"E01{len(rows):06d}", within[now][n % len(within[now])]
            rows.append(
                [
                    area,
                    "",
                    ours[at],
                    at,
                    "",
                    codes[now],
                    now,
                    names[now],
                    "",
                    "",
                    "",
                    code,
                    councils[council]["name"],
                    str(len(rows)),
                ]
            )
    return _write(path, rows, quoted=False)


def make_month(root: Path, folder: Path) -> list[Path]:
    """All files of the month, made from the tables of the content in ``root`` and written to a folder."""
    folder.mkdir(exist_ok=True)
    pair = networks(root, folder / "PCNDetails.csv", folder / "PCNCorePartners.csv")
    return [
        small_areas(root, folder / "LSOA_SICBL_ICB_LAD_October_2026.csv"),
        *pair,
        practices(root, folder / "epraccur.csv"),
        sites(root, folder / "ets.csv"),
        trusts(root, folder / "etr.csv"),
        locations(root, folder / "eccg.csv"),
        boards(root, folder / "boards.xml"),
    ]
