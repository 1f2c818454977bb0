"""Bad rows stop the build and say file, row, column and what to do."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from icsgraph.build.pipeline import Built, read_ontology
from icsgraph.build.tables import Loaded, read_tables
from icsgraph.core.errors import IcsgraphError, Problem, TableErrors

STATEMENTS = "data/law/statements/boards.csv"
PROVISIONS = "data/law/provisions.csv"


def edit(content: Path, file: str, row: int, **values: str) -> None:
    """Plant values in a row of a table, counted as a spreadsheet counts."""
    path = content / file
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        header = list(reader.fieldnames or [])
        rows = list(reader)
    rows[row - 2].update(values)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def problems(content: Path) -> list[Problem]:
    with pytest.raises(TableErrors) as caught:
        read_tables(content, read_ontology(content))
    return caught.value.problems


@pytest.mark.parametrize(
    ("file", "values", "column", "says"),
    [
        pytest.param(STATEMENTS, {"provisions": ""}, "provisions", "missing", id="a statement without a passage"),
        pytest.param(STATEMENTS, {"provisions": "nhsa2006-s14Z999"}, "provisions", "does not exist", id="a passage that does not exist"),
        pytest.param(STATEMENTS, {"bearer": "kind:IntegratedCareBored"}, "bearer", "not a term", id="an unknown kind of body"),
        pytest.param(STATEMENTS, {"bearer": "body:ZZZ"}, "bearer", "does not exist", id="an unknown body"),
        pytest.param(STATEMENTS, {"bearer": "IntegratedCareBoard"}, "bearer", "not a reference", id="a reference without its kind"),
        pytest.param(STATEMENTS, {"relation": "owns"}, "relation", "not in the list", id="an unknown relation"),
        pytest.param(STATEMENTS, {"modality": "shall"}, "modality", "not in the list", id="an unknown modality"),
        pytest.param(STATEMENTS, {"valid_from": "2024-02-30"}, "valid_from", "not a date", id="a date that is no date"),
        pytest.param(STATEMENTS, {"valid_from": "2024-02-01", "valid_to": "2023-02-01"}, "", "reversed", id="dates reversed"),
        pytest.param(STATEMENTS, {"minimum": "three"}, "minimum", "integer", id="a number that is no number"),
        pytest.param(STATEMENTS, {"id": "nhsa2006-s14Z25.1"}, "id", "used before", id="a duplicate id"),
        pytest.param(STATEMENTS, {"id": "two words"}, "id", "address", id="an id that cannot be an address"),
        pytest.param(PROVISIONS, {"status": "valid"}, "status", "not in the list", id="an unknown legal status"),
        pytest.param(PROVISIONS, {"address": "see the Act"}, "address", "web address", id="an address that is none"),
        pytest.param("data/papers/statements.csv", {"line_from": "9999"}, "line_from", "does not exist", id="a line that its paper has not"),
        pytest.param("data/papers/statements.csv", {"voice": "nobody"}, "voice", "does not exist", id="an unknown voice"),
        pytest.param("data/papers/statements.csv", {"scenario": "option-3"}, "scenario", "does not exist", id="an unknown scenario"),
        pytest.param("data/papers/statements.csv", {"locator": ""}, "locator", "missing", id="a statement of a paper without its place"),
        pytest.param("data/bodies/trusts.csv", {"legal_form": "trust"}, "legal_form", "not a known value", id="an unknown legal form"),
        pytest.param("data/bodies/icb_succession.csv", {"successor_ods": "QQQ"}, "successor_ods", "does not exist", id="an unknown successor"),
    ],
)  # fmt: skip
def test_a_bad_value_is_named_with_its_place(
    content: Path, file: str, values: dict[str, str], column: str, says: str
) -> None:
    edit(content, file, 5, **values)
    found = problems(content)
    hits = [p for p in found if p.file == file and p.row == 5 and p.column == column and says in p.message]
    assert hits, [str(p) for p in found]
    assert all(p.hint for p in hits)


def test_a_row_that_goes_missing_is_noticed(content: Path) -> None:
    path = content / PROVISIONS
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]), encoding="utf-8")
    rows = len(lines) - 1
    assert any(f"{rows - 1} rows found, {rows} recorded" in p.message for p in problems(content))


def test_a_column_nobody_reads_is_noticed(content: Path) -> None:
    path = content / "data/scenarios.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([lines[0] + ",colour", *(line + "," for line in lines[1:])]) + "\n", encoding="utf-8")
    found = problems(content)
    assert [(p.file, p.row, p.column) for p in found] == [("data/scenarios.csv", 1, "colour")]


def test_a_row_of_another_length_is_noticed(content: Path) -> None:
    path = content / "data/voices.csv"
    with path.open("a", encoding="utf-8") as out:
        out.write("x,too,many,fields,here\n")
    assert any("fields" in p.message and p.file == "data/voices.csv" for p in problems(content))


def test_a_misspelt_header_gets_its_nearest_name(content: Path) -> None:
    path = content / "data/voices.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("definition", "defnition", 1), encoding="utf-8")
    hints = [p.hint for p in problems(content) if p.column == "defnition"]
    assert hints == ["Did you mean definition?"]


@pytest.mark.parametrize(
    ("written", "planted", "message", "hint"),
    [
        ("\nrequire = [", "\nrequires = [", "“requires” is not a key", "Did you mean require?"),
        ("\nwhen = {", "\nwhenn = {", "“whenn” is not a key", "Did you mean when?"),
        ("\ngraph = ", "\ngrap = ", "“grap” is not a key", "Did you mean graph?"),
        ("\n[[table]]\n", "\n[[tables]]\nx = 1\n[[table]]\n", "“tables” is not a key", "Did you mean table?"),
        ("\nextends = true", '\nextends = "yes"', "extends is written in another form", "See the head"),
        ("\nrequire = [", '\nrequire = ["confidense", ', "confidense is required, and the plan has no", "confidence?"),
        ("{legal_form:form}", "{legal_form:forms}", "names the map forms, which is not there", "Add the map."),
    ],
)
def test_a_plan_that_says_what_nobody_reads_is_refused(
    content: Path, written: str, planted: str, message: str, hint: str
) -> None:
    path = content / "data/tables.toml"
    before = path.read_text(encoding="utf-8")
    after = before.replace(written, planted, 1)
    assert after != before, f"nothing to plant in: {written}"
    path.write_text(after, encoding="utf-8")
    problem, *_ = [p for p in problems(content) if message in p.message]
    assert (problem.file, problem.row) == ("data/tables.toml", 0)
    assert hint in problem.hint


def test_a_plan_that_is_no_toml_says_where(content: Path) -> None:
    path = content / "data/tables.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\nrows = = 3\n", encoding="utf-8")
    with pytest.raises(IcsgraphError, match=r"data/tables\.toml cannot be read: .*line \d+"):
        read_tables(content, read_ontology(content))


@pytest.fixture(scope="module")
def loaded(root: Path) -> Loaded:
    return read_tables(root, read_ontology(root))


def test_rows_in_are_rows_out(root: Path, loaded: Loaded, built: Built) -> None:
    """Every row of every table gave at least one thing of the graph, and the manifest counts the same rows."""
    assert built.manifest["rows"] == dict(sorted(loaded.rows.items()))
    for file, count in loaded.rows.items():
        with (root / file).open(encoding="utf-8-sig", newline="") as handle:
            assert sum(1 for _ in csv.DictReader(handle)) == count, file


@pytest.mark.parametrize(
    ("kind", "count", "basis"),
    [
        # source: 272 rows of the 2022 table, 15 of them corrected by the additions, 75 new, 159 of the law before,
        # four passages of policy and practice that the dossier of the law cites, and five of guidance on boards' schemes;
        # 78 new ones of the second round of law, 46 of gateways, 31 of twin sections, and six that its corrections and the boards of 2026 rest on
        # and 26 that readers found missing, 140 of everyday functions with 164 of duties across the statute book
        # and what the second readings of functions, places and gateways added from texts they read, 8 for what readers 8 and 9 found and 12 for readers 10, 11 and of functions
        ("id/provision/", 272 + 75 + 159 + 4 + 5 + 78 + 6 + 46 + 31 + 26 + 140 + 164 + 35 + 8 + 12, "source"),
        # source: 239 rows, the four coarse ones on section 7A replaced by 79, one a year and function
        ("id/arrangement/", 239 - 4 + 79, "source"),
        # source: 142 rows, and the order of 2024 that a reader found
        ("id/commencement/", 142 + 1, "source"),
        ("id/scenario/", 8, "source"),
        ("id/paper-line/", 671, "source"),
        ("id/statement/S", 690, "source"),  # 679 given and 11 that our own reading added
    ],
)
def test_every_given_row_is_there(loaded: Loaded, kind: str, count: int, basis: str) -> None:
    assert sum(1 for s in loaded.subjects if f"/{kind}" in s) == count


SECOND_ROUND = Path(__file__).parent / "sources" / "additions_2.csv"


def left_out(held: set[str]) -> list[str]:
    """Rows of the second round of law that no provision carries. Those about gateways come with the list of pairs, all or none."""
    with SECOND_ROUND.open(encoding="utf-8", newline="") as handle:
        rows = {r["id"]: r["loaded_with"] for r in csv.DictReader(handle)}
    assert len(rows) == 121
    gone = {id for id in rows if id not in held}
    gateways = {id for id, by in rows.items() if by == "gateways"}
    return sorted(gone - gateways) + sorted(gone & gateways if gone & gateways != gateways else ())


def test_no_row_of_the_second_round_of_law_was_left_out(root: Path) -> None:
    with (root / PROVISIONS).open(encoding="utf-8", newline="") as handle:
        held = {r["id"] for r in csv.DictReader(handle)}
    assert left_out(held) == []
    assert left_out(held - {"hsca2012-s105-now"}) == ["hsca2012-s105-now"]
