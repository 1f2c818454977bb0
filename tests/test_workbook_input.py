"""Workbooks of strangers: each kind of bad input has its clear message, and nothing in it is run, fetched or unpacked."""

from __future__ import annotations

import datetime as dt
import io
import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from icsgraph.core.errors import IcsgraphError
from icsgraph.scheme import sheets
from icsgraph.scheme.opening import Grid, is_workbook, open_folder, open_workbook
from icsgraph.scheme.refusals import KINDS, Refusal

HEADINGS = ["Reference", "Decision", "Reserved to the Board", "Delegated to post"]


def workbook(change: Callable[[Any], None] = lambda book: None) -> bytes:
    """A small sound workbook, after a change."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Decisions"
    sheet.append(HEADINGS)
    sheet.append(["1.1", "Approve the budget", "Yes", "Chief Executive (up to £1m)"])
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(content: bytes, **entries: bytes | None) -> bytes:
    """A packed file with some entries put in, changed or, where they are nothing, left out; ``__`` stands for a slash."""
    given = {name.replace("__", "/").replace("_dot_", "."): data for name, data in entries.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in given:
                new.writestr(name, old.read(name))
        for name, data in given.items():
            if data is not None:
                new.writestr(name, data)
    return out.getvalue()


def sheet_of(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return packed.read("xl/worksheets/sheet1.xml")


def refused(content: bytes, name: str = "scheme.xlsx") -> str:
    with pytest.raises(IcsgraphError) as caught:
        open_workbook(content, name)
    assert caught.value.hint, "a message says what to do"
    return caught.value.message


def test_a_sound_workbook_opens() -> None:
    assert open_workbook(workbook(), "scheme.xlsx") == [
        Grid(
            name="Decisions", rows={1: HEADINGS, 2: ["1.1", "Approve the budget", "Yes", "Chief Executive (up to £1m)"]}
        )
    ]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"<html></html>", "Größe".encode("utf-16"), b"\x00" * 100])
def test_what_is_no_workbook_is_said_to_be_none(content: bytes) -> None:
    assert refused(content) == "scheme.xlsx is not a workbook."


def test_a_zip_of_something_else_is_no_workbook() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("letter.txt", "Dear Sir")
    assert refused(out.getvalue()) == "scheme.xlsx is not a workbook."


def test_a_password_is_asked_to_be_taken_off() -> None:
    ole = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 512
    assert refused(ole + "EncryptedPackage".encode("utf-16-le")) == "scheme.xlsx is protected by a password."
    assert refused(ole + "Workbook".encode("utf-16-le")) == "scheme.xlsx is a file of Excel before 2007."


def test_a_zip_with_a_password_is_told_apart() -> None:
    content = bytearray(workbook())
    # The flag of an entry that is encrypted, in the directory at the end of the file.
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    assert refused(bytes(content)) == "scheme.xlsx is protected by a password."


def test_macros_are_refused() -> None:
    assert (
        refused(repacked(workbook(), xl__vbaProject_dot_bin=b"\0")) == "scheme.xlsx has macros, which are not run here."
    )
    old = repacked(workbook(), xl__macrosheets__sheet1_dot_xml=b"<macrosheet/>")
    assert refused(old) == "scheme.xlsx has macros, which are not run here."


def test_links_to_other_workbooks_are_refused() -> None:
    linked = repacked(workbook(), xl__externalLinks__externalLink1_dot_xml=b"<externalLink/>")
    assert refused(linked) == "scheme.xlsx takes values from other workbooks, which are not fetched."


@pytest.mark.parametrize(
    "formula",
    ['=WEBSERVICE("https://example.org/")', "='[other.xlsx]Sheet1'!A1", '=HYPERLINK("https://example.org/","x")'],
)
def test_a_formula_is_never_worked_out(formula: str) -> None:
    def put(book: Any) -> None:
        book.active["D2"] = formula

    (grid,) = open_workbook(workbook(put), "scheme.xlsx")
    assert grid.rows[2] == ["1.1", "Approve the budget", "Yes", ""]
    assert grid.uncalculated == ["D2"]


def test_entities_are_refused_in_any_encoding() -> None:
    whole = sheet_of(workbook())
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    head, _, rest = whole.partition(b"?>") if whole.startswith(b"<?xml") else (b"", b"", whole)
    inside = (head + b"?>" if head else b"") + bomb + rest
    told = "scheme.xlsx declares entities, which are not read here."
    assert refused(repacked(workbook(), xl__worksheets__sheet1_dot_xml=inside)) == told
    wide = b'<?xml version="1.0" encoding="UTF-16"?>' + bomb + rest
    assert refused(repacked(workbook(), xl__worksheets__sheet1_dot_xml=wide.decode().encode("utf-16"))) == told
    # In any other part of the file too.
    assert refused(repacked(workbook(), xl__styles_dot_xml=bomb + b"<styleSheet/>")) == told


def test_a_zip_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = repacked(workbook(), xl__worksheets__sheet1_dot_xml=b" " * 30_000_000)
    assert len(bomb) < 100_000
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("it was unpacked"))
    assert refused(bomb).startswith("scheme.xlsx would unpack to 30 MB")


def test_a_zip_bomb_that_lies_about_its_size_is_not_unpacked() -> None:
    """The directory says that a part is small; what it packs is not."""
    content = bytearray(repacked(workbook(), xl__worksheets__sheet1_dot_xml=b" " * 30_000_000))
    real = struct.pack("<I", 30_000_000)
    assert content.count(real) == 2
    told = refused(bytes(content.replace(real, struct.pack("<I", 1_000))))
    assert told.startswith(("scheme.xlsx cannot be unpacked", "scheme.xlsx is broken inside"))


def test_many_files_in_one_are_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for number in range(2_001):
            packed.writestr(f"{number}.csv", "")
    assert "in 2001 files" in refused(out.getvalue())


def test_a_large_file_is_refused() -> None:
    assert refused(b"PK\x03\x04" + b"\0" * 20_000_001) == "scheme.xlsx has 20 MB; 20 MB are read at most."


def test_a_file_cut_short_is_said_to_be_broken() -> None:
    content = workbook()
    for end in (100, len(content) // 2, len(content) - 30):
        assert refused(content[:end]).startswith("scheme.xlsx cannot be unpacked")
    unclosed = repacked(content, xl__worksheets__sheet1_dot_xml=b"<worksheet><sheetData><row")
    assert refused(unclosed).startswith("scheme.xlsx is broken inside")


def test_a_fault_of_ours_is_not_laid_to_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same kind of exception, raised by the library and by our own code."""
    with monkeypatch.context() as patch:
        patch.setattr(sheets, "MAX_CELL", "many")
        with pytest.raises(TypeError):
            open_workbook(workbook(), "scheme.xlsx")
    with pytest.raises(IcsgraphError, match="broken inside"):
        open_workbook(repacked(workbook(), xl__worksheets__sheet1_dot_xml=b"<worksheet>"), "scheme.xlsx")


def test_a_spoilt_byte_anywhere_is_never_a_traceback() -> None:
    content, chance, broken = workbook(), random.Random(1), 0
    for _ in range(500):
        spoilt = bytearray(content)
        spoilt[chance.randrange(len(spoilt))] ^= 1 + chance.randrange(255)
        try:
            open_workbook(bytes(spoilt), "scheme.xlsx")
        except IcsgraphError:
            broken += 1
    assert broken > 200


def test_too_many_rows_are_refused_and_ten_thousand_are_read() -> None:
    def rows(count: int) -> bytes:
        return ("Reference,Decision\n" + "".join(f"{n},Approve {n}\n" for n in range(count))).encode()

    (grid,) = open_workbook(rows(10_000), "Decisions.csv")
    assert len(grid.rows) == 10_001
    assert refused(rows(20_001), "Decisions.csv") == "Decisions has more than 20000 rows."


def test_a_cell_far_out_costs_nothing() -> None:
    def put(book: Any) -> None:
        book.active["B1048576"] = "far down"

    assert refused(workbook(put)) == "scheme.xlsx has more than 20000 rows."


def test_what_stands_in_columns_too_far_out_is_listed() -> None:
    def put(book: Any) -> None:
        book.active["XFD2"] = "far out"

    with pytest.raises(IcsgraphError, match="columns"):
        open_workbook(workbook(put), "scheme.xlsx")


def test_cells_merged_without_end_are_refused() -> None:
    content = workbook()
    merged = b'<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    inside = sheet_of(content).replace(b"</sheetData>", b"</sheetData>" + merged)
    grids = refused(repacked(content, xl__worksheets__sheet1_dot_xml=inside))
    assert grids == "scheme.xlsx merges too many cells."


def test_tables_are_read_from_folders_and_zips_alike(tmp_path: Path) -> None:
    table = "Reference,Decision\n1.1,'=Approve\n"
    (tmp_path / "Decisions.csv").write_text(table, encoding="utf-8")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("scheme/Decisions.csv", table)
        packed.writestr("__MACOSX/Decisions.csv", "x")
    wanted = [Grid(name="Decisions", rows={1: ["Reference", "Decision"], 2: ["1.1", "=Approve"]})]
    assert open_folder(tmp_path) == wanted
    assert open_workbook(out.getvalue(), "scheme.zip") == wanted
    assert open_workbook(table.encode("utf-8-sig"), "Decisions.csv") == wanted
    assert open_workbook(table.replace(",", ";").encode(), "Decisions.csv") == wanted


def test_an_empty_folder_and_a_table_that_is_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(IcsgraphError, match="There is no CSV file"):
        open_folder(tmp_path)
    assert refused(b"a\0b", "Decisions.csv") == "Decisions is not a table in CSV."
    assert refused(b'a,"b\nc', "Decisions.csv").startswith("Decisions is not a table in CSV")


def test_what_seems_a_workbook() -> None:
    assert is_workbook(workbook())
    assert is_workbook(bytes.fromhex("d0cf11e0a1b11ae1"))
    assert is_workbook(b"a,b", "Decisions.csv")
    assert not is_workbook(b"<https://example.org/> a <https://example.org/x> .", "system.ttl")


def sheet(inside: str, **entries: bytes | None) -> bytes:
    """A workbook whose one sheet has this inside, and whose other parts may be given."""
    text = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{inside}</worksheet>'
    return repacked(workbook(), xl__worksheets__sheet1_dot_xml=text.encode(), **entries)


def cells(inside: str) -> bytes:
    return sheet(f'<sheetData><row r="2">{inside}</row></sheetData>')


MANY = 900_000
# Small files that cost an earlier reader half a minute, or the calendar, or C: by what is wrong with them. The first were seen in use.
HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a comment that is not closed": ("xml-broken", lambda: sheet("<sheetData/><!--" + "<c r='A1'" * (MANY // 9))),
    "CDATA that is not closed": ("xml-broken", lambda: cells("<c r='A2'><v><![CDATA[" + "<f>" * (MANY // 3))),
    "an attribute that is not closed": ("xml-broken", lambda: cells("<c r='" + "A" * MANY)),
    "an element that is not closed": ("xml-broken", lambda: cells("<c " * (MANY // 3))),
    "an instruction that is not closed": ("xml-broken", lambda: sheet("<?x " + "<c r='A1'>" * (MANY // 10))),
    "nested without end": ("xml-too-deep", lambda: sheet("<a>" * (MANY // 3))),
    "nested in a part that nobody reads": ("xml-too-deep", lambda: sheet("", docProps__x_dot_xml=b"<a>" * 10_000)),
    "an encoding that nobody knows": (
        "xml-broken",
        lambda: repacked(workbook(), xl__styles_dot_xml=b'<?xml version="1.0" encoding="x-none"?><a/>'),
    ),
    "a cell of a million letters": ("cell-too-long", lambda: cells(f"<c r='A2' t='str'><v>{'x' * MANY}</v></c>")),
    "a cell in the column of nowhere": ("cell-misplaced", lambda: cells("<c r='AAAA2'><v>1</v></c>")),
    "a cell in row nought": ("cell-misplaced", lambda: cells("<c r='A0'><v>1</v></c>")),
    "a row beyond all": ("cell-misplaced", lambda: sheet(f"<sheetData><row r='{'9' * 400}'/></sheetData>")),
    "a cell twice": ("cell-twice", lambda: cells("<c r='A2'><v>1</v></c><c r='A2'><v>2</v></c>")),
    "a number of five thousand digits": ("no-number", lambda: cells(f"<c r='A2'><v>{'9' * 5000}</v></c>")),
    "a number beyond C": ("number-beyond-range", lambda: cells("<c r='A2'><v>1e999</v></c>")),
    "a number that is none": ("no-number", lambda: cells("<c r='A2'><v>NaN</v></c>")),
    "a number with a word": ("no-number", lambda: cells("<c r='A2'><v>12 pounds</v></c>")),
    "a date in words that is none": ("date-beyond-calendar", lambda: cells("<c r='A2' t='d'><v>2023-02-30</v></c>")),
    "a shared text that is not there": ("text-missing", lambda: cells("<c r='A2' t='s'><v>999</v></c>")),
    "a shared text of a negative number": ("text-missing", lambda: cells("<c r='A2' t='s'><v>-1</v></c>")),
    "merged beyond all": (
        "merges-too-many",
        lambda: sheet("<sheetData/><mergeCells><mergeCell ref='A1:XFD1048576'/></mergeCells>"),
    ),
    "merged often": (
        "merges-too-many",
        lambda: sheet("<sheetData/><mergeCells>" + "<mergeCell ref='A1:Z1000'/>" * 20 + "</mergeCells>"),
    ),
    "merged backwards": (
        "cell-misplaced",
        lambda: sheet("<sheetData/><mergeCells><mergeCell ref='B2:A1'/></mergeCells>"),
    ),
    "cells without end": (
        "out-of-proportion",
        lambda: sheet("<sheetData>" + "<row>" + "<c/>" * 1_000_001 + "</row></sheetData>"),
    ),
    "1,900 sheets": (
        "too-many-sheets",
        lambda: book_of("".join(f'<sheet name="s{n}" r:id="r1"/>' for n in range(1900))),
    ),
    "sheets that share a part": (
        "sheets-share-a-part",
        lambda: book_of("".join(f'<sheet name="s{n}" r:id="r1"/>' for n in range(150))),
    ),
    "a sheet that is not there": ("sheet-missing", lambda: book_of('<sheet name="s" r:id="r9"/>')),
}


def book_of(listed: str) -> bytes:
    """A workbook with these sheets listed, of which r1 leads to the one there is."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    book = f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{listed}</sheets></workbook>'
    kind = f"{office}/worksheet"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    rel = f'<Relationships xmlns="{package}"><Relationship Id="r1" Type="{kind}" Target="worksheets/sheet1.xml"/></Relationships>'
    return repacked(workbook(), xl__workbook_dot_xml=book.encode(), xl___rels__workbook_dot_xml_dot_rels=rel.encode())


@pytest.mark.parametrize(("kind", "make"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_by_name_and_costs_what_it_weighs(
    kind: str, make: Callable[[], bytes], opened: Callable[[bytes, str], list[Grid]]
) -> None:
    content = make()
    with pytest.raises(Refusal) as told:
        opened(content, "scheme.xlsx")
    assert told.value.kind == kind, told.value
    assert told.value.hint
    assert len(str(told.value)) < 400


# What cost as much and is read: a pattern that looked for formulas met each of them again at each cell.
SLOW = {
    "a formula of spaces": lambda: cells("<c r='A2'><f>" + " " * MANY + "</f></c>"),
    "a value of spaces": lambda: cells("<c r='A2'><f>1</f><v>" + " " * MANY + "</v></c>"),
    "a comment among merged cells": lambda: sheet(
        "<sheetData/><mergeCells><!--" + "<mergeCell x='" * (MANY // 14) + "--></mergeCells>"
    ),
    "cells without a place": lambda: sheet(
        "<sheetData>" + ("<row>" + "<c><f/></c>" * 100 + "</row>") * 800 + "</sheetData>"
    ),
    "attributes of spaces": lambda: cells("<c r='A2'" + " " * MANY + "><v>1</v></c>"),
}


@pytest.mark.parametrize("make", SLOW.values(), ids=SLOW)
def test_what_is_odd_and_harmless_is_read_and_costs_what_it_weighs(
    make: Callable[[], bytes], opened: Callable[[bytes, str], list[Grid]]
) -> None:
    assert len(opened(make(), "scheme.xlsx")) == 1


def test_dates_beyond_the_calendar_are_told_with_their_cell() -> None:
    def put(book: Any) -> None:
        book.active["C2"] = dt.datetime(2024, 3, 1)

    content = workbook(put)
    assert open_workbook(content, "scheme.xlsx")[0].rows[2][2] == "2024-03-01"
    for serial in ("2958466", "-1", "1e10"):
        inside = sheet_of(content).replace(b"<v>45352</v>", f"<v>{serial}</v>".encode())
        assert inside != sheet_of(content)
        with pytest.raises(Refusal) as told:
            open_workbook(repacked(content, xl__worksheets__sheet1_dot_xml=inside), "scheme.xlsx")
        assert (told.value.kind, told.value.place) == ("date-beyond-calendar", "Decisions!C2")


def test_a_directory_that_names_a_stretch_of_bytes_twice_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("[Content_Types].xml", "<a/>")
        packed.writestr("xl/workbook.xml", "<a/>")
        packed.filelist.append(packed.filelist[0])
    with pytest.raises(Refusal) as told:
        open_workbook(out.getvalue(), "scheme.xlsx")
    assert told.value.kind == "files-overlap"


def test_a_directory_without_end_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for number in range(20_000):
            packed.writestr(f"{number:040}", "")
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("it was read"))
    with pytest.raises(Refusal) as told:
        open_workbook(out.getvalue(), "scheme.xlsx")
    assert told.value.kind == "too-many-files"


def test_a_table_of_empty_cells_without_end_is_refused() -> None:
    with pytest.raises(Refusal) as told:
        open_workbook(b"," * 1_000_001, "Decisions.csv")
    assert told.value.kind == "too-many-cells"


def test_characters_that_no_document_can_hold_are_taken_out() -> None:
    (grid,) = open_workbook("Reference,Decision\n1,a\x07b\ufffec\n".encode(), "Decisions.csv")
    assert grid.rows[2] == ["1", "a b c"]


def test_each_refusal_has_its_words_and_what_to_do() -> None:
    for message, hint in KINDS.values():
        assert message.startswith("{name}")
        assert hint.endswith(".")
