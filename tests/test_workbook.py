"""The governance workbook read as people fill it in, written out, and read again."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from icsgraph.ask.names import Names
from icsgraph.core.errors import IcsgraphError
from icsgraph.scheme.check import open_path, read_workbook
from icsgraph.scheme.layout import read_layout
from icsgraph.scheme.opening import Grid, open_workbook
from icsgraph.scheme.template import EXAMPLE, write_template
from icsgraph.scheme.triples import Workbook
from tests.workbook_said import Said, grid

DAY = "2026-11-25"
Read = Callable[..., Said]

SCHEME = grid("Scheme", ["Title", "Board"], ["SoRD", "NHS Fernshire Integrated Care Board"])
COMMITTEES = grid(
    "Committees", ["Committee", "Also called"], ["Audit and Risk Committee", "ARC"], ["Finance Committee", ""],
    ["East Place Committee", ""], ["West Place Committee", ""],
)  # fmt: skip
POSTS = grid(
    "Posts", ["Post", "Also called"], ["Chief Executive", "CEO"], ["Chief Finance Officer", "CFO"], ["Budget Holder", ""],
    ["Medical Director", ""],
)  # fmt: skip
HEADINGS = ["Reference", "Decision", "Reserved to the Board", "Delegated to committee", "Delegated to post", "Limit"]


@pytest.fixture(scope="module")
def read(root: Path, names: Names) -> Read:
    """Read sheets together with a scheme, committees and posts."""
    return lambda *grids: Said(read_workbook([SCHEME, COMMITTEES, POSTS, *grids], root, names, DAY))


def one(read: Read, **cells: str) -> tuple[list[str], list[str]]:
    """Who holds a line with some cells, and what of it was lost."""
    known = {"reserved": 2, "committee": 3, "post": 4, "limit": 5}
    row = ["1", "Decide", "", "", "", ""]
    for name, text in cells.items():
        row[known[name]] = text
    said = read(grid("Decisions", HEADINGS, row))
    return said.lines()["Decide"], [place for place, _ in said.remarks()]


# ---------------------------------------------------------------- the worked example


def shown(book: Workbook) -> set[str]:
    return {str(t) for t in book.triples}


@pytest.fixture(scope="module")
def example(root: Path, names: Names) -> Workbook:
    return read_workbook(open_path(root / EXAMPLE), root, names, DAY)


def test_the_worked_example_is_read_whole(example: Workbook) -> None:
    assert example.rows == {
        "Bodies": 8,
        "Committees": 13,
        "Decisions": 129,
        "Delegations": 4,
        "Duties": 35,
        "Memberships": 31,
        "Posts": 26,
        "Scheme": 1,
        "Terms of reference": 27,
    }
    assert example.remarks == []
    said = Said(example)
    assert len(said.of("ics:SchemeLine")) == 129
    assert [t for t in said.facts if said.one(t, "ics:onlyNamed")] == []
    assert said.lines()["Approve new recurrent investment"] == [
        "Decides: Chief Executive (above 250000.0; up to 1000000.0; with the Chief Finance Officer)",
        "Decides: Chief Finance Officer (up to 250000.0)",
        "Decides: Finance, Investment and Resources Committee (above 1000000.0; up to 5000000.0)",
        "Reserves: NHS Fernshire Integrated Care Board (above 5000000.0)",
    ]


def test_every_cell_of_the_worked_example_has_an_effect(example: Workbook, root: Path, names: Names) -> None:
    """Each cell that is not empty is the place of a statement; those that say no more than the column does without them are known."""
    places = set(example.cells.values())
    silent = {
        (grid.name, grid.rows[1][at], text)
        for grid in open_path(root / EXAMPLE)
        for number, row in grid.rows.items()
        for at, text in enumerate(row)
        if number > 1 and text and f"{grid.name}!{openpyxl.utils.get_column_letter(at + 1)}{number}" not in places
    }
    assert silent == set()


def test_the_worked_example_written_to_a_workbook_reads_as_the_same_graph(
    example: Workbook, root: Path, names: Names
) -> None:
    content = write_template(root, names, example.triples)
    again = read_workbook(open_workbook(content, "example.xlsx"), root, names, DAY)
    assert shown(again) == shown(example)
    assert again.remarks == []
    twice = write_template(root, names, again.triples)
    assert shown(read_workbook(open_workbook(twice, "twice.xlsx"), root, names, DAY)) == shown(example)


# ---------------------------------------------------------------- the template


def test_the_template_has_every_column_with_its_help_and_its_choices(root: Path, names: Names) -> None:
    layout = read_layout(root)
    book = openpyxl.load_workbook(io.BytesIO(write_template(root, names)))
    for sheet in layout.sheets:
        tab = book[sheet.name]
        assert [c.value for c in tab[1]] == [c.heading for c in sheet.columns]
        helped = {str(v.sqref).split(":")[0]: v for v in tab.data_validations.dataValidation}
        assert len(helped) == len(sheet.columns)
        for number, column in enumerate(sheet.columns, 1):
            rule = helped[f"{openpyxl.utils.get_column_letter(number)}2"]
            assert rule.prompt == column.help[:255] != ""
            # A list suggests; what people write besides is not refused.
            assert not rule.showErrorMessage
            assert (rule.type == "list") == bool(rule.formula1)
    assert book["Lists"].sheet_state == "hidden"
    forms = {c.value for row in book["Lists"] for c in row}
    assert {
        "Joint committee",
        "Sub-committee",
        "Advisory group",
        "Individual decision-makers",
        "Committees in common",
    } <= forms


def test_an_empty_template_is_no_scheme(root: Path, names: Names) -> None:
    grids = open_workbook(write_template(root, names), "empty.xlsx")
    book = read_workbook(grids, root, names, DAY)
    assert Said(book).of("ics:SchemeLine") == []
    assert not any(r.lost for r in book.remarks)


def test_words_that_look_like_formulas_stay_words(root: Path, names: Names, read: Read) -> None:
    said = read(grid("Decisions", HEADINGS, ["=1", '=HYPERLINK("x")', "Yes", "", "", ""]))
    content = write_template(root, names, said.book.triples)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert [c.data_type for c in book["Decisions"][2] if c.value] == ["s"] * 3
    again = read_workbook(open_workbook(content, "x.xlsx"), root, names, DAY)
    assert shown(again) == shown(said.book)


# ---------------------------------------------------------------- holders, as people write them


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        ({"committee": "Audit & Risk Cttee"}, ["Decides: Audit and Risk Committee"]),
        ({"committee": "the ARC"}, ["Decides: Audit and Risk Committee"]),
        ({"post": "CEO, CFO"}, ["Decides: Chief Executive", "Decides: Chief Finance Officer"]),
        ({"post": "CEO/CFO"}, ["Decides: Chief Executive", "Decides: Chief Finance Officer"]),
        ({"post": "• CEO\n• CFO"}, ["Decides: Chief Executive", "Decides: Chief Finance Officer"]),
        (
            {"post": "CEO and CFO", "limit": "£1m"},
            ["Decides: Chief Executive (up to 1000000.0; jointly)", "Decides: Chief Finance Officer (up to 1000000.0; jointly)"],
        ),
        ({"reserved": "Yes"}, ["Reserves: NHS Fernshire Integrated Care Board"]),
        ({"reserved": "No", "committee": "n/a", "post": "-"}, []),
        (
            {"post": "Up to £300k budget holder; £300k to £1.5m Chief Finance Officer; above: Board"},
            [
                "Decides: Budget Holder (up to 300000.0)",
                "Decides: Chief Finance Officer (above 300000.0; up to 1500000.0)",
                "Decides: NHS Fernshire Integrated Care Board (above 1500000.0)",
            ],
        ),
        (
            {"limit": "up to £300k budget holder; £300k to £1.5m Chief Finance Officer; above: Board"},
            [
                "Decides: Budget Holder (up to 300000.0)",
                "Decides: Chief Finance Officer (above 300000.0; up to 1500000.0)",
                "Decides: NHS Fernshire Integrated Care Board (above 1500000.0)",
            ],
        ),
        (
            {"post": "≤£50k Budget Holder\n>£50k CFO"},
            ["Decides: Budget Holder (up to 50000.0)", "Decides: Chief Finance Officer (above 50000.0)"],
        ),
        ({"post": "CFO - up to £50,000"}, ["Decides: Chief Finance Officer (up to 50000.0)"]),
        (
            {"post": "CFO up to £250k, CEO up to £1m"},
            ["Decides: Chief Executive (up to 1000000.0)", "Decides: Chief Finance Officer (up to 250000.0)"],
        ),
        (
            {"post": "CFO (£250,000) CEO (£1,000,000)"},
            ["Decides: Chief Executive (up to 1000000.0)", "Decides: Chief Finance Officer (up to 250000.0)"],
        ),
        (
            {"committee": "Finance Committee (recommend)\nAudit and Risk Committee (approve)"},
            ["Decides: Audit and Risk Committee", "Recommends: Finance Committee"],
        ),
        (
            {"committee": "Approve: Finance Committee. Recommend: Audit and Risk Committee"},
            ["Decides: Finance Committee", "Recommends: Audit and Risk Committee"],
        ),
        (
            {"committee": "Finance Committee recommends to the Board"},
            ["Decides: NHS Fernshire Integrated Care Board", "Recommends: Finance Committee (to the Board)"],
        ),
        ({"post": "All other matters: CEO"}, ["Decides: Chief Executive (residual)"]),
        ({"committee": "East Place Comittee"}, ["Decides: East Place Committee"]),
        ({"post": "CEO or nominated deputy"}, ["Decides: Chief Executive", "Decides: nominated deputy"]),
        (
            {"post": "CFO in consultation with the CEO"},
            ["Decides: Chief Finance Officer (in consultation with the CEO)"],
        ),
        ({"post": "CFO", "limit": "see SFIs"}, ["Decides: Chief Finance Officer"]),
        ({"post": "CFO", "limit": "£25,000"}, ["Decides: Chief Finance Officer (up to 25000.0)"]),
        (
            {"committee": "Finance Committee (above £250,000 and up to £1,000,000)"},
            ["Decides: Finance Committee (above 250000.0; up to 1000000.0)"],
        ),
        ({"post": "Medical Director (within budget)"}, ["Decides: Medical Director (within budget)"]),
    ],
)  # fmt: skip
def test_holders_as_people_write_them(read: Read, cells: dict[str, str], wanted: list[str]) -> None:
    assert one(read, **cells) == (wanted, [])


@pytest.mark.parametrize(
    "text",
    ["#REF!", "✓", "Yes", "£10,000", "as set in SoRD", "Jane Smith", "Dr Jane Smith", "see the minutes of last year"],
)
def test_what_names_no_holder_is_listed_at_its_cell(read: Read, text: str) -> None:
    assert one(read, post=text) == ([], ["Decisions!E2"])


def test_a_person_with_a_post_is_read_as_the_post_and_named_nowhere(read: Read) -> None:
    said = read(grid("Decisions", HEADINGS, ["1", "Decide", "", "", "Dr Jane Smith, Medical Director", ""]))
    assert said.lines() == {"Decide": ["Decides: Medical Director"]}
    assert [place for place, _ in said.remarks()] == ["Decisions!E2"]
    assert not [t for t in said.book.triples if "Smith" in t.object.value]


def test_what_is_said_beside_a_limit_is_a_condition_of_the_line(read: Read) -> None:
    said = read(grid("Decisions", HEADINGS, ["1", "Buy", "", "", "CFO", "£25,000 per contract"]))
    assert said.lines() == {"Buy": ["Decides: Chief Finance Officer (up to 25000.0)"]}
    assert [said.all(line, "ics:condition") for line in said.of("ics:SchemeLine")] == [["per contract"]]


def test_names_that_differ_in_sense_are_never_likened(read: Read) -> None:
    found, _ = one(read, committee="North Place Committee")
    assert found == ["Decides: North Place Committee"]


# ---------------------------------------------------------------- sheets and rows, as people lay them out


def test_a_ladder_of_one_step_a_row_is_one_line(read: Read) -> None:
    said = read(
        grid(
            "Decisions",
            HEADINGS,
            ["1", "Spend", "", "", "CFO (up to £1m)", ""],
            ["", "", "", "", "CEO (above £1m)", ""],
            ["", "", "", "", "", ""],
            ["2", "Sign", "Yes", "", "", ""],
        )
    )
    assert said.lines() == {
        "Sign": ["Reserves: NHS Fernshire Integrated Care Board"],
        "Spend": ["Decides: Chief Executive (above 1000000.0)", "Decides: Chief Finance Officer (up to 1000000.0)"],
    }
    assert said.remarks() == []


def test_rows_that_are_headings_give_the_theme(read: Read) -> None:
    said = read(
        grid("Decisions", HEADINGS, ["1. Money"], ["1.1", "Spend", "Yes"], ["2. Quality"], ["2.1", "Watch", "Yes"])
    )
    assert [(said.label(t), said.one(t, "ics:theme")) for t in said.of("ics:SchemeLine")] == [
        ("Spend", "1. Money"),
        ("Watch", "2. Quality"),
    ]


def test_a_matrix_of_crosses_is_read(read: Read) -> None:
    said = read(
        grid(
            "Scheme of Delegation v3",
            ["Fernshire"],
            [""],
            ["Policy area", "Decision", "Board", "CEO", "CFO", "Audit and Risk Committee"],
            ["Money", "Approve", "x", "", "", "recommends"],
            ["", "Spend", "", "✓", "up to £5k", ""],
            ["", "All other functions", "x", "", "", ""],
        )
    )
    assert said.lines() == {
        "Approve": ["Recommends: Audit and Risk Committee", "Reserves: NHS Fernshire Integrated Care Board"],
        "Spend": ["Decides: Chief Executive", "Decides: Chief Finance Officer (up to 5000.0)"],
        "All other functions": ["Reserves: NHS Fernshire Integrated Care Board (residual)"],
    }


def test_what_stands_beside_and_above_is_listed(read: Read) -> None:
    said = read(
        grid("Decisions", ["Our scheme"], [*HEADINGS, "Odd"], ["1", "Spend", "Yes", "", "", "", "zzz"]),
        grid("Random", ["a", "b"], ["1", "2"]),
        grid("Help", ["How to fill this in"]),
    )
    assert said.remarks() == [
        ("Random!A1", "The sheet “Random” has no headings that are known, so none of its 2 rows was read."),
        ("Decisions!G3", "The column “Odd” is not known; 1 cell of it was left out."),
    ]
    assert ("Decisions!A1", "What stands above the headings was not read: “Our scheme”.") in said.remarks(lost=False)


def test_days_are_read_as_people_write_them(read: Read) -> None:
    days = ["2025-04-01", "1/4/2025", "01.04.25", "1st April 2025", "Tuesday 1 April 2025", "2025-04-01 00:00:00"]
    rows = [[str(n), f"Decide {n}", "Yes", day] for n, day in enumerate(days)]
    said = read(grid("Decisions", ["Reference", "Decision", "Reserved", "Review date"], *rows))
    assert {said.one(t, "ics:reviewOn") for t in said.of("ics:SchemeLine")} == {"2025-04-01"}
    assert said.remarks() == []


@pytest.mark.parametrize("text", ["soon", "31/02/2025", "April 2025", "13/13/2025"])
def test_a_day_that_is_none_is_listed(read: Read, text: str) -> None:
    said = read(grid("Decisions", ["Reference", "Decision", "Reserved", "Review date"], ["1", "Decide", "Yes", text]))
    assert said.remarks() == [
        ("Decisions!D2", f"“{text}” under “Review date” is not a day, such as 2026-04-01; it was not read.")
    ]


def test_two_documents_of_one_board_are_told_apart(read: Read) -> None:
    said = read(
        grid("Scheme of delegation", HEADINGS, ["1", "Spend", "Yes"]),
        grid("SFIs", HEADINGS, ["1", "Spend", "", "", "CEO"]),
    )
    assert [said.one(t, "ics:inDocument") for t in said.of("ics:SchemeLine")] == ["Scheme of delegation", "SFIs"]


def test_a_front_sheet_that_reads_downwards(root: Path, names: Names) -> None:
    front = grid("Scheme", ["Title", "SoRD"], ["Board", "NHS Fernshire Integrated Care Board"], ["Version", "2"])
    said = Said(read_workbook([front, grid("Decisions", HEADINGS, ["1", "Spend", "Yes"])], root, names, DAY))
    (scheme,) = said.of("ics:Scheme")
    assert (said.label(scheme), said.one(scheme, "ics:version")) == ("SoRD", "2")
    assert said.label(said.one(scheme, "ics:schemeOf")) == "NHS Fernshire Integrated Care Board"


def test_a_real_body_keeps_its_address(root: Path, names: Names) -> None:
    scheme = grid("Scheme", ["Title", "Board"], ["SoRD", "QMF"])
    said = Said(read_workbook([scheme, grid("Decisions", HEADINGS, ["1", "Spend", "Yes"])], root, names, DAY))
    (authority,) = said.of("ics:Authority")
    assert said.one(authority, "ics:authorityOf").endswith("/id/body/QMF")


def test_a_workbook_without_known_headings_is_refused(root: Path, names: Names) -> None:
    with pytest.raises(IcsgraphError, match="No sheet has headings that are known"):
        read_workbook([Grid(name="Accounts", rows={1: ["a", "b"], 2: ["1", "2"]})], root, names, DAY)


def test_merged_cells_count_for_each_of_their_rows(root: Path, names: Names) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Decisions"
    for row in (
        ["Reference", "Theme", "Decision", "Reserved"],
        ["1", "Money", "Spend", "Yes"],
        ["2", "", "Sign", "Yes"],
    ):
        sheet.append(row)
    sheet.merge_cells("B2:B3")
    out = io.BytesIO()
    book.save(out)
    said = Said(read_workbook([SCHEME, *open_workbook(out.getvalue(), "x.xlsx")], root, names, DAY))
    assert [said.one(t, "ics:theme") for t in said.of("ics:SchemeLine")] == ["Money", "Money"]


def test_a_hidden_sheet_is_listed(root: Path, names: Names) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Decisions"
    book.active.append(HEADINGS)
    book.active.append(["1", "Spend", "Yes"])
    book.create_sheet("Old").append(["1"])
    book["Old"].sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    said = Said(read_workbook([SCHEME, *open_workbook(out.getvalue(), "x.xlsx")], root, names, DAY))
    assert [message for _, message in said.remarks() if "Old" in message] != []
