"""The governance workbook checked: each defect at its cell, near misses without one, the marked copy, the command and the service."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient

from icsgraph.ask.desk import Desk
from icsgraph.check import render
from icsgraph.check.validator import Validator
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.report import Report
from icsgraph.graph.store import Store
from icsgraph.scheme.check import Checker
from icsgraph.scheme.marking import mark
from icsgraph.scheme.opening import open_workbook
from icsgraph.web.app import create_app
from tests.conftest import Done

ROOT = Path(__file__).resolve().parents[1]
DAY = "2026-11-25"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# A small scheme in which no rule finds anything.
SHEETS: dict[str, list[list[str]]] = {
    "Scheme": [["Title", "Board", "Version", "Review due"], ["SoRD", "NHS Fernshire Integrated Care Board", "1.0", "2027-03-31"]],
    "Bodies": [
        ["Body", "Code", "Kind of body"],
        ["NHS Fernshire Integrated Care Board", "", "Integrated care board"],
        ["Fernshire Partnership NHS Foundation Trust", "", "NHS foundation trust"],
    ],
    "Committees": [
        ["Committee", "Committee of", "Legal form", "Terms reviewed by"],
        ["Finance Committee", "", "Committee", "2027-03-31"],
        ["Quality Committee", "", "Committee", ""],
        ["Primary Care Sub-Committee", "Finance Committee", "Sub-committee", ""],
        ["Clinical Policy Group", "Quality Committee", "Advisory", ""],
        ["Community Services Committee", "Fernshire Partnership NHS Foundation Trust", "Committee", ""],
    ],
    "Posts": [["Post", "Also called"], ["Chief Executive", "CEO"], ["Chief Finance Officer", "CFO"], ["Chief Nursing Officer", ""]],
    "Decisions": [
        ["Reference", "Document", "Decision", "Lead officer", "Reserved to the Board", "Delegated to committee", "Delegated to post",
         "Limit", "Passed on by", "Passed on from", "Statutory function", "Duty", "Review date"],
        ["1.1", "", "All other matters", "", "Yes", "", "", "", "", "", "", "", ""],
        ["1.2", "", "Approve clinical policies", "Chief Nursing Officer", "", "Quality Committee; Clinical Policy Group (recommends)", "",
         "", "", "", "", "Duty to improve quality", "2027-03-31"],
        ["1.3", "", "Arrange services", "Chief Executive", "Yes", "", "", "", "", "", "Commissioning of health services", "", ""],
        ["2.1", "", "Approve new investment", "CFO", "", "Finance Committee (above £250,000 up to £1,000,000)",
         "CFO (up to £50,000); CEO (above £50,000 up to £250,000)", "", "", "", "", "", ""],
        ["2.2", "", "Write off losses", "CFO", "", "", "CFO", "£10,000", "", "", "", "", ""],
        ["7", "Standing financial instructions", "Write off losses", "CFO", "", "", "CFO", "£10,000", "", "", "", "", ""],
        ["3.1", "", "Award contracts", "", "", "Finance Committee", "", "£500,000", "", "", "", "", ""],
        ["3.2", "", "Vary contracts", "", "", "Primary Care Sub-Committee", "", "£200,000", "Finance Committee", "3.1", "", "", ""],
    ],
    "Terms of reference": [
        ["Committee", "Reference", "Power", "Part taken", "Limit"],
        ["Finance Committee", "2.1", "Approve new investment", "Decides", "£1,000,000"],
        ["Finance Committee", "3.1", "Award contracts", "Decides", "£500,000"],
    ],
    "Duties": [["Duty", "Lead officer"], ["Duty to improve quality", "Chief Nursing Officer"]],
}  # fmt: skip

# What each change of cells does: the rule and the cell of every finding, and no other.
DEFECTS: list[tuple[dict[str, str], set[str]]] = [
    ({"Decisions!E4": ""}, {"G02 Decisions!K4"}),
    ({"Decisions!G3": "Chief Nursing Officer"}, {"G03 Decisions!F3"}),
    ({"Decisions!G5": "CFO, CEO", "Decisions!H5": "£250,000"}, {"G03 Decisions!G5"}),
    ({"Decisions!G5": "CFO (up to £50,000); CEO (above £60,000 up to £250,000)"}, {"G04 Decisions!G5"}),
    ({"Decisions!C2": "Decide on matters of urgency"}, {"G05 Scheme!A2"}),
    ({"Decisions!H7": "£25,000"}, {"G06 Decisions!A7"}),
    ({"Decisions!F3": "Clinical Policy Group"}, {"G07 Decisions!F3"}),
    ({"Decisions!F3": "Community Services Committee"}, {"G08 Decisions!F3"}),
    ({"Decisions!H9": "£600,000"}, {"G09 Decisions!H9"}),
    ({"Decisions!J9": "2.2"}, {"G10 Decisions!J9"}),
    ({"Decisions!I8": "Primary Care Sub-Committee", "Decisions!J8": "3.2", "Decisions!H9": "£500,000"}, {"G11 Decisions!J8", "G11 Decisions!J9"}),
    ({"Decisions!K4": "Annual assessment of integrated care boards"}, {"G12 Decisions!E4"}),
    ({"Decisions!D4": "Director of Partnerships"}, {"G13 Decisions!D4"}),
    ({"Decisions!F3": "Ethics Committee"}, {"G14 Decisions!F3"}),
    ({"Terms of reference!E2": "£900,000"}, {"G15 Decisions!F5"}),
    ({"Terms of reference!E3": "£600,000"}, {"G16 Terms of reference!E3"}),
    ({"Duties!B2": ""}, {"G17 Duties!A2"}),
    ({"Decisions!M3": "1 April 2026"}, {"G18 Decisions!M3"}),
    ({"Decisions!G5": "CFO (above £50,000 up to £250,000); CEO (up to £50,000)"}, {"G20 Decisions!G5"}),
    ({"Decisions!G5": "CFO (up to £250,000); CEO"}, {"G21 Decisions!G5"}),
]  # fmt: skip

# What looks like a defect and is none.
NEAR_MISSES: list[dict[str, str]] = [
    {"Decisions!F4": "Quality Committee (oversees)"},
    {"Decisions!G3": "Chief Nursing Officer (recommends)"},
    {"Decisions!G5": "CFO (up to £50,000); CEO (up to £250,000)"},
    {"Decisions!A7": "2.2"},
    {"Decisions!H9": "£500,000"},
    {"Decisions!J9": ""},
    {"Decisions!D4": "CEO"},
    {"Terms of reference!E2": "", "Terms of reference!D2": "Recommends", "Terms of reference!B2": "8.8"},
    {"Decisions!M3": "25/11/2026"},
    # Steps of a pound are how ladders are written; a limit may be waived in words.
    {"Decisions!G5": "CFO (up to £50,000); CEO (£50,001 to £250,000)"},
    {"Decisions!G5": "CFO (up to £250,000); CEO (no limit)"},
    # “Or” says that either of the two may take it.
    {"Decisions!G5": "CFO or CEO", "Decisions!H5": "£250,000"},
    # Nobody is found missing where a cell was not read.
]


def workbook(changes: dict[str, str] | None = None) -> bytes:
    """The small scheme as an ``.xlsx``, after changes of cells such as ``Decisions!F3``."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in SHEETS.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    for place, text in (changes or {}).items():
        name, _, cell = place.partition("!")
        book[name][cell] = text
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def found(report: Report) -> set[str]:
    # Functions without a line are the business of the scheme as a whole; shapes are tested for them by themselves.
    return {f"{f.rule} {f.cell}" for f in report.findings if f.rule != "G01"}


def check(checker: Checker, changes: dict[str, str] | None = None) -> Report:
    return checker.check(workbook(changes), "scheme.xlsx", as_at=DAY)


# ---------------------------------------------------------------- findings at cells


def test_a_sound_workbook_conforms(checker: Checker) -> None:
    report = check(checker)
    assert found(report) == set()
    assert report.conforms
    assert report.things > 30


@pytest.mark.parametrize(("changes", "findings"), DEFECTS, ids=lambda v: " ".join(sorted(v)))
def test_a_defect_is_found_at_its_cell(checker: Checker, changes: dict[str, str], findings: set[str]) -> None:
    assert found(check(checker, changes)) == findings


@pytest.mark.parametrize("changes", NEAR_MISSES, ids=lambda v: " ".join(sorted(v)))
def test_a_near_miss_has_no_finding(checker: Checker, changes: dict[str, str]) -> None:
    assert found(check(checker, changes)) == set()


def test_every_rule_on_schemes_is_planted() -> None:
    planted = {f.split()[0] for _, findings in DEFECTS for f in findings}
    # Functions without a line are left out above; names of people never reach the graph of a workbook.
    assert planted == {f"G{n:02d}" for n in range(1, 22)} - {"G01", "G19"}


def test_what_cannot_be_read_is_a_finding_at_its_cell(checker: Checker) -> None:
    report = check(checker, {"Decisions!M3": "next spring"})
    assert [(f.rule, f.severity, f.cell) for f in report.findings if f.rule != "G01"] == [
        ("unread", "Warning", "Decisions!M3")
    ]
    assert "next spring" in next(f.message for f in report.findings if f.rule == "unread")


def test_nothing_is_found_missing_on_a_line_that_was_not_read(checker: Checker) -> None:
    report = check(checker, {"Decisions!E4": "To be confirmed", "Decisions!G7": "to be agreed"})
    assert found(report) == {"unread Decisions!E4", "unread Decisions!G7"} | {
        f for f in found(report) if f.startswith("G06")
    }


def test_one_fault_is_one_finding_with_all_its_places(checker: Checker) -> None:
    report = check(checker, {"Decisions!D4": "Director of Partnerships", "Decisions!D5": "Director of Partnerships"})
    (finding,) = (f for f in report.findings if f.rule == "G13")
    assert finding.cell == "Decisions!D4"
    assert finding.message.endswith("So also at Decisions!D5.")


def test_the_report_says_first_what_was_read(checker: Checker) -> None:
    assert check(checker).notices[0] == (
        "Read were 8 decisions with 11 authorities of 7 holders, 9 of them with a limit, and 0 conditions; nothing was left unread."
    )


def test_findings_stand_in_the_order_in_which_they_are_mended(checker: Checker) -> None:
    report = check(
        checker,
        {"Decisions!M3": "next spring", "Decisions!F3": "Ethics Committee", "Decisions!D4": "Director of Partnerships"},
    )
    assert [f.rule for f in report.findings if f.rule != "G01"] == ["unread", "G14", "G13"]


def test_every_form_of_the_report_names_the_cell(checker: Checker) -> None:
    report = check(checker, {"Decisions!M3": "2026-04-01"})
    (finding,) = (f for f in json.loads(render.as_json(report))["findings"] if f["rule"] == "G18")
    assert (finding["cell"], finding["line"]) == ("Decisions!M3", None)
    assert "Where: Decisions!M3, 1.2 Approve clinical policies" in render.as_text(report)
    assert "Decisions!M3" in render.as_html(report)
    assert finding["law"][0]["citation"]


def test_a_description_in_rdf_is_checked_as_before(checker: Checker, validator: Validator) -> None:
    content = (ROOT / "shapes" / "example" / "system-with-faults.ttl").read_bytes()
    given, wanted = (c.check(content, "x.ttl", as_at="2025-09-01") for c in (checker, validator))
    assert given == wanted
    assert all(f.line and not f.cell for f in given.findings)


@pytest.mark.parametrize("engine", ["shifty", "pyshacl"])
def test_both_engines_find_the_same_cells(checker: Checker, engine: str) -> None:
    changes = {"Decisions!M3": "1 April 2026", "Decisions!H9": "£600,000"}
    report = checker.check(workbook(changes), "scheme.xlsx", as_at=DAY, engine=engine)
    assert found(report) == {"G18 Decisions!M3", "G09 Decisions!H9"}


# ---------------------------------------------------------------- the marked copy


def marked(checker: Checker, content: bytes, name: str) -> Any:
    report = checker.check(content, name, as_at=DAY)
    return openpyxl.load_workbook(io.BytesIO(mark(content, open_workbook(content, name), report)))


def test_the_marked_copy_has_comments_at_the_cells_and_keeps_the_rest(checker: Checker) -> None:
    changes = {"Decisions!M3": "1 April 2026", "Decisions!F3": "Clinical Policy Group"}
    content = workbook(changes)
    book = marked(checker, content, "scheme.xlsx")
    commented = {
        f"{sheet.title}!{cell.coordinate}"
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment
    }
    assert commented == {"Decisions!M3", "Decisions!F3", "Scheme!B2"}
    assert "G07 Warning" in book["Decisions"]["F3"].comment.text
    assert book["Decisions"]["F3"].value == "Clinical Policy Group"
    listed = [row[0].value for row in book["Findings"].iter_rows(min_row=2)]
    assert {"Decisions!M3", "Decisions!F3"} <= set(listed)
    before = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["Findings", *before.sheetnames]
    assert all([c.value for c in row] == [c.value for c in kept] for s in before for row, kept in zip(s, book[s.title], strict=True))  # fmt: skip


def test_a_comment_on_merged_cells_stands_at_the_first_and_words_there_stay(checker: Checker) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook({"Decisions!A3": "1.2", "Decisions!M3": "1 April 2026"})))
    book["Decisions"]["M4"] = None
    book["Decisions"].merge_cells("M3:M4")
    book["Decisions"]["M3"].comment = openpyxl.comments.Comment("Asked on Monday", "secretary")
    out = io.BytesIO()
    book.save(out)
    text = marked(checker, out.getvalue(), "scheme.xlsx")["Decisions"]["M3"].comment.text
    assert text.startswith("Asked on Monday")
    assert "G18" in text


def test_formulas_in_what_was_entered_stay_text_in_the_list_of_findings(checker: Checker) -> None:
    book = marked(checker, workbook({"Decisions!M3": "'=1+1 in spring"}), "scheme.xlsx")
    assert not [c.value for row in book["Findings"] for c in row if str(c.value).startswith("=")]


# ---------------------------------------------------------------- the service and the command


@pytest.fixture(scope="module")
def client(desk: Desk, store: Store, checker: Checker) -> FlaskClient:
    return create_app(desk, store, lambda: checker).test_client()


def test_the_service_checks_a_workbook_by_form_and_by_body(client: FlaskClient, checker: Checker) -> None:
    content = workbook({"Decisions!M3": "1 April 2026"})
    wanted = [(f.rule, f.cell) for f in checker.check(content, "scheme.xlsx", as_at=DAY).findings]
    for given in (
        client.post("/validate", data={"as_at": DAY, "file": (io.BytesIO(content), "scheme.xlsx")}),
        client.post("/validate", query_string={"as_at": DAY}, data=content, content_type=XLSX),
    ):
        assert given.status_code == 200
        assert [(f["rule"], f["cell"]) for f in json.loads(given.data)["findings"]] == wanted
    page = client.post(
        "/validate",
        data={"as_at": DAY, "file": (io.BytesIO(content), "scheme.xlsx")},
        headers={"Accept": "text/html"},
    )
    assert "Decisions!M3" in page.get_data(as_text=True)


def test_the_service_refuses_what_is_no_workbook_in_words(client: FlaskClient) -> None:
    given = client.post("/validate", query_string={"as_at": DAY}, data=b"PK\x03\x04 cut short", content_type=XLSX)
    assert given.status_code == 400
    assert json.loads(given.data)["hint"]


def test_a_password_is_refused_in_words(checker: Checker) -> None:
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(IcsgraphError, match="password") as error:
        checker.check(content, "scheme.xlsx", as_at=DAY)
    assert error.value.hint


def test_the_command_checks_a_workbook_and_writes_the_marked_copy(call: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "scheme.xlsx").write_bytes(workbook({"Decisions!F3": "Community Services Committee"}))
    told = call("validate", str(tmp_path / "scheme.xlsx"), "--as-at", DAY, "--marked", str(tmp_path / "marked.xlsx"))
    # G08 is law.
    assert told.returncode == 1, told.stderr
    assert "Where: Decisions!F3" in told.stdout
    copy = openpyxl.load_workbook(tmp_path / "marked.xlsx")
    assert copy["Decisions"]["F3"].comment.text.startswith("G08 Violation")


def test_the_command_checks_a_folder_of_tables(call: Callable[..., Done], tmp_path: Path) -> None:
    for name, rows in SHEETS.items():
        (tmp_path / f"{name}.csv").write_text(
            "\n".join(",".join(f'"{c}"' for c in row) for row in rows), encoding="utf-8"
        )
    told = call(
        "validate", str(tmp_path), "--as-at", DAY, "--severity", "warning", "--marked", str(tmp_path / "m.xlsx")
    )
    assert (told.returncode, told.stderr) == (0, "")
    assert openpyxl.load_workbook(tmp_path / "m.xlsx")["Decisions"]["A5"].value == "2.1"


def test_only_a_workbook_can_be_marked(call: Callable[..., Done], tmp_path: Path) -> None:
    told = call("validate", str(ROOT / "shapes/example/system.ttl"), "--marked", str(tmp_path / "m.xlsx"))
    assert told.returncode == 2
    assert "no workbook" in told.stderr
    assert not (tmp_path / "m.xlsx").exists()


def test_the_page_hands_back_the_marked_copy_and_documents(client: FlaskClient) -> None:
    content = workbook({"Decisions!F3": "Clinical Policy Group"})
    given = client.post(
        "/validate",
        data={"as_at": DAY, "file": (io.BytesIO(content), "scheme.xlsx")},
        headers={"Accept": "text/html"},
    )
    page = given.get_data(as_text=True)
    names = set(re.findall(r'download="([a-z]+\.(?:xlsx|docx|svg|html))"', page))
    assert names == {"marked.xlsx", "scheme.docx", "scheme.html", "scheme.xlsx", "map.svg", "map.html", "extracts.docx", "evidence.docx", "report.html"}  # fmt: skip
    address = re.search(r'href="data:[^"]*;base64,([^"]+)" download="marked.xlsx"', page)
    assert address
    book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(address[1])))
    assert "G07 Warning" in book["Decisions"]["F3"].comment.text
    assert [c.value for c in book["As read"][1]] == ["Cell", "Decision", "As written", "As read"]
    assert ("Decisions!G5", "CFO (up to £50,000)") in {
        (r[0].value, r[2].value) for r in book["As read"].iter_rows(min_row=2)
    }


@pytest.mark.parametrize(("name", "rows"), [("template", 1), ("example", 130)])
def test_the_template_and_the_example_are_handed_out(client: FlaskClient, name: str, rows: int) -> None:
    given = client.get(f"/validate/{name}.xlsx")
    assert given.mimetype == XLSX
    book = openpyxl.load_workbook(io.BytesIO(given.data))
    assert book["Decisions"].max_row == rows
