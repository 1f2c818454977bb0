"""Schemes in Word and PDF: tables, lists and terms with their places, and strangers' files with what they hold besides."""

from __future__ import annotations

import base64
import datetime as dt
import io
import re
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from icsgraph.ask.desk import Desk
from icsgraph.ask.names import Names
from icsgraph.core.errors import IcsgraphError
from icsgraph.graph.store import Store
from icsgraph.scheme.check import Checker, open_path, read_workbook
from icsgraph.scheme.grids import Grid
from icsgraph.scheme.opening import open_workbook
from icsgraph.scheme.publish import Publisher
from icsgraph.scheme.refusals import Refusal
from icsgraph.scheme.template import EXAMPLE
from icsgraph.web.app import create_app
from tests.test_workbook_input import repacked
from tests.workbook_said import Said

ROOT = Path(__file__).resolve().parents[1]
DAY = "2026-11-25"
HEAD = ("Ref", "Delegated matter", "Authority delegated to", "Limit")


def table(file: Any, *rows: tuple[str, ...]) -> Any:
    made = file.add_table(rows=0, cols=len(rows[0]))
    for row in rows:
        for cell, text in zip(made.add_row().cells, row, strict=True):
            cell.text = text
    return made


def document(change: Callable[[Any], None] = lambda file: None) -> bytes:
    """A small scheme in Word, after a change."""
    file = docx.Document()
    file.add_heading("Scheme of reservation and delegation", 0)
    table(
        file,
        ("Title", "Scheme of reservation and delegation"),
        ("Board", "NHS Fernshire Integrated Care Board"),
        ("Version", "2.0"),
    )
    file.add_heading("Introduction", 1)
    file.add_paragraph("This document says who decides what.")
    file.add_heading("Decisions reserved to the Board", 1)
    for words in ("Approve the constitution", "Approve the terms of reference of committees"):
        file.add_paragraph(words, style="List Number")
    file.add_heading("Matters delegated to the Finance Committee", 1)
    file.add_paragraph("2.1 Approve contracts up to £1m")
    file.add_heading("Delegated financial limits", 1)
    table(
        file,
        HEAD,
        ("A", "FINANCE", "", ""),
        ("A1", "Buy goods", "Budget Holder", "Up to £5,000"),
        ("", "", "Chief Finance Officer", "£5,000 to £50,000"),
        ("A2", "Sign leases", "Chief Executive; reported to the Finance Committee", "No limit"),
    )
    file.add_paragraph("")
    table(file, ("A3", "Write off losses", "Chief Finance Officer", "£10,000"))
    file.add_heading("Finance Committee: terms of reference", 1)
    file.add_paragraph("3.1 Approve contracts up to £1m")
    change(file)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def read(content: bytes, names: Names, name: str = "scheme.docx") -> Said:
    return Said(read_workbook(open_workbook(content, name), ROOT, names, DAY))


def refused(content: bytes, name: str = "scheme.docx") -> str:
    with pytest.raises(IcsgraphError) as caught:
        open_workbook(content, name)
    assert caught.value.hint, "a message says what to do"
    return caught.value.message


LINES = {
    "Buy goods": ["Decides: Budget Holder (up to 5000.0)", "Decides: Chief Finance Officer (above 5000.0; up to 50000.0)"],
    "Sign leases": ["Decides: Chief Executive", "IsInformed: Finance Committee"],
    "Write off losses": ["Decides: Chief Finance Officer (up to 10000.0)"],
    "Approve the constitution": ["Reserves: NHS Fernshire Integrated Care Board"],
    "Approve the terms of reference of committees": ["Reserves: NHS Fernshire Integrated Care Board"],
    "Approve contracts up to £1m": ["Decides: Finance Committee (up to 1000000.0)"],
}  # fmt: skip


# ---------------------------------------------------------------- what a scheme in Word says


def test_tables_and_lists_are_read_with_their_places(names: Names) -> None:
    said = read(document(), names)
    assert said.lines() == LINES
    assert said.remarks() == []
    themes = {said.label(t): said.one(t, "ics:theme") for t in said.of("ics:SchemeLine")}
    assert themes["Buy goods"] == themes["Write off losses"] == "FINANCE"
    places = {said.label(t): said.book.cells[t, ""] for t in said.of("ics:SchemeLine")}
    assert places["Buy goods"] == "Table 2!A3"
    assert places["Write off losses"] == "Table 3!A1"
    assert places["Approve the constitution"] == "Decisions reserved to the Board!A1"
    (terms,) = said.of("ics:TermsLine")
    assert (said.label(said.one(terms, "ics:termsOf")), said.label(terms)) == (
        "Finance Committee",
        "Approve contracts up to £1m",
    )
    (scheme,) = said.of("ics:Scheme")
    assert said.one(scheme, "ics:version") == "2.0"


def test_what_is_no_part_of_the_scheme_is_told_by_heading(names: Names) -> None:
    told = dict(read(document(), names).remarks(lost=False))
    assert told["Introduction!A1"].startswith("1 paragraphs under “Introduction” were not read as decisions")


def test_a_list_about_decisions_without_a_holder_is_listed(names: Names) -> None:
    def put(file: Any) -> None:
        file.add_heading("Further delegated powers", 1)
        file.add_paragraph("Spend up to £5,000", style="List Bullet")

    assert [place for place, _ in read(document(put), names).remarks()] == ["Further delegated powers!A1"]


def test_numbers_that_word_gives_are_the_references(names: Names) -> None:
    said = read(document(), names)
    references = {said.label(t): said.one(t, "dcterms:identifier") for t in said.of("ics:SchemeLine")}
    assert references["Approve the terms of reference of committees"] == "2"
    assert references["Approve contracts up to £1m"] == "2.1"


def test_cells_merged_down_and_across(names: Names) -> None:
    def put(file: Any) -> None:
        made = table(
            file,
            ("Theme", "Decision", "Delegated to"),
            ("Money", "", ""),
            ("Capital", "Buy land", "Board"),
            ("", "Sell land", "Chief Executive"),
        )
        made.cell(1, 0).merge(made.cell(1, 2))
        made.cell(2, 0).merge(made.cell(3, 0))

    said = read(document(put), names)
    themes = {said.label(t): said.one(t, "ics:theme") for t in said.of("ics:SchemeLine")}
    assert (themes["Buy land"], themes["Sell land"]) == ("Capital", "Capital")
    assert said.lines()["Sell land"] == ["Decides: Chief Executive"]


# ---------------------------------------------------------------- what strangers' files hold besides


def test_tracked_changes_are_read_as_accepted(names: Names) -> None:
    def put(file: Any) -> None:
        paragraph = file.tables[1].cell(2, 2).paragraphs[0]
        (run,) = paragraph.runs
        run.text = ""
        for tag, inner, words in (("del", "delText", "Budget Holder"), ("ins", "t", "Head of Estates")):
            paragraph._p.append(
                parse_xml(
                    f'<w:{tag} {nsdecls("w")} w:id="1" w:author="x"><w:r><w:{inner}>{words}</w:{inner}></w:r></w:{tag}>'
                )
            )

    said = read(document(put), names)
    assert "Decides: Head of Estates (up to 5000.0)" in said.lines()["Buy goods"]
    assert not [t for t in said.book.triples if "Budget Holder" in t.object.value]
    assert ("the document", "It has tracked changes, which were read as accepted.") in said.remarks(lost=False)


def test_a_row_that_was_deleted_is_gone(names: Names) -> None:
    def put(file: Any) -> None:
        row = file.tables[1].rows[4]._tr
        row.get_or_add_trPr().append(parse_xml(f'<w:del {nsdecls("w")} w:id="2" w:author="x"/>'))

    assert "Sign leases" not in read(document(put), names).lines()


def test_a_table_within_a_cell_is_listed_at_the_cell(names: Names) -> None:
    def put(file: Any) -> None:
        file.tables[1].cell(2, 1).add_table(rows=1, cols=1).cell(0, 0).text = "Inner words"

    assert read(document(put), names).remarks() == [
        ("Table 2!B3", "The table within the cell was not read: “Inner words”.")
    ]


def test_a_text_box_is_listed(names: Names) -> None:
    box = (
        f'<w:r {nsdecls("w")}><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent><w:p><w:r>'
        "<w:t>Chief Executive up to £9m</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
    )
    said = read(document(lambda file: file.add_paragraph("")._p.append(parse_xml(box))), names)
    assert said.remarks() == [("the document", "A text box was not read: “Chief Executive up to £9m”.")]


def test_macros_passwords_and_old_files_are_refused() -> None:
    assert (
        refused(repacked(document(), word__vbaProject_dot_bin=b"\0"))
        == "scheme.docx has macros, which are not run here."
    )
    ole = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 512
    assert refused(ole + "EncryptedPackage".encode("utf-16-le")) == "scheme.docx is protected by a password."
    assert refused(ole + "WordDocument".encode("utf-16-le")) == "scheme.docx is a file of Word before 2007."


def test_embedded_files_and_links_are_told_and_never_opened(names: Names) -> None:
    rels = b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" Target="https://example.org/t.dotm" TargetMode="External"/></Relationships>'
    content = repacked(document(), word__embeddings__sheet1_dot_xlsx=b"PK", word___rels__settings_dot_xml_dot_rels=rels)
    said = read(content, names)
    assert [m for _, m in said.remarks()] == ["It holds 1 embedded files, which were not opened."]
    assert "It refers to 1 things outside the file, which were not fetched." in [m for _, m in said.remarks(lost=False)]


def test_footnotes_are_listed(names: Names) -> None:
    notes = b'<?xml version="1.0"?><w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:footnote w:id="2"><w:p><w:r><w:t>Only within budget</w:t></w:r></w:p></w:footnote></w:footnotes>'
    said = read(repacked(document(), word__footnotes_dot_xml=notes), names)
    assert said.remarks() == [("footnote 2", "The footnote was not read: “Only within budget”.")]


def test_entities_and_bombs_are_refused() -> None:
    whole = zipfile.ZipFile(io.BytesIO(document())).read("word/document.xml")
    bomb = whole.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "aaa">]>', 1)
    assert (
        refused(repacked(document(), word__document_dot_xml=bomb))
        == "scheme.docx declares entities, which are not read here."
    )
    assert "out of proportion" in refused(repacked(document(), word__document_dot_xml=b" " * 30_000_000))


def test_a_long_letter_is_no_scheme() -> None:
    def put(file: Any) -> None:
        for child in list(file.element.body):
            file.element.body.remove(child)

    assert refused(document(put)) == "scheme.docx has no tables and no lists under headings."


def test_a_spoilt_byte_anywhere_is_never_a_traceback(names: Names) -> None:
    content = document()
    for at in range(0, len(content), max(1, len(content) // 150)):
        spoilt = bytearray(content)
        spoilt[at] ^= 0x55
        try:
            open_workbook(bytes(spoilt), "scheme.docx")
        except IcsgraphError:
            pass


def test_sixty_pages_are_read_within_five_seconds(names: Names) -> None:
    def put(file: Any) -> None:
        for page in range(60):
            rows = [
                (
                    f"{page}.{n}",
                    f"Decide matter {page}.{n}",
                    f"Director {n} up to £{n + 1}0,000; above that Chief Executive",
                    "",
                )
                for n in range(14)
            ]
            table(file, HEAD, *rows)

    content = document(put)
    start = time.process_time()
    said = read(content, names)
    took = time.process_time() - start
    assert len(said.of("ics:SchemeLine")) == len(LINES) + 60 * 14
    # Twice the bound, for machines that do other work at the same time.
    assert took < 10


# ---------------------------------------------------------------- checked


def test_a_scheme_in_word_is_checked_and_its_copy_is_marked(checker: Checker, store: Store, desk: Desk) -> None:
    def put(file: Any) -> None:
        file.tables[1].cell(4, 2).text = "To be confirmed"

    content = document(put)
    report = checker.check(content, "scheme.docx", as_at=DAY)
    assert [(f.rule, f.cell) for f in report.findings if f.severity == "Warning"] == [("unread", "Table 2!C5")]
    client = create_app(desk, store, lambda: checker).test_client()
    given = client.post(
        "/validate",
        data={"as_at": DAY, "file": (io.BytesIO(content), "scheme.docx")},
        headers={"Accept": "text/html"},
    )
    address = re.search(r'href="data:[^"]*;base64,([^"]+)" download="marked.xlsx"', given.get_data(as_text=True))
    assert address
    book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(address[1])))
    assert "To be confirmed" in book["Table 2"]["C5"].comment.text


# ---------------------------------------------------------------- there and back


def test_a_scheme_published_in_word_reads_as_the_same_graph(publisher: Publisher, names: Names) -> None:
    example = read_workbook(open_path(ROOT / EXAMPLE), ROOT, names, DAY)
    scheme = publisher.read(example.triples)
    content = publisher.files(scheme, "sord", "x.docx", dt.date(2026, 11, 25), triples=example.triples)["x.docx"]
    again = read_workbook(open_workbook(content, "x.docx"), ROOT, names, DAY)
    assert {str(t) for t in again.triples} == {str(t) for t in example.triples}
    file = docx.Document(io.BytesIO(content))
    file.paragraphs[2].add_run(" Changed by hand.")
    out = io.BytesIO()
    file.save(out)
    # Somebody changed the text: the text counts, and that is said.
    said = read(out.getvalue(), names, "x.docx")
    assert any("read from the text" in m for _, m in said.remarks(lost=False))
    assert len(said.of("ics:SchemeLine")) == 129


# ---------------------------------------------------------------- PDF


def pdf(rows: list[tuple[str, ...]], title: str = "Scheme of delegation") -> bytes:
    """A page with a title and a table with lines, as a program writes it."""
    drawn, bottom = [f"BT /F1 14 Tf 40 780 Td ({title}) Tj ET"] if title else [], 740
    for row in rows:
        left = 40
        for words, width in zip(row, (60, 200, 220), strict=False):
            drawn += [f"{left} {bottom} {width} 24 re S", f"BT /F1 9 Tf {left + 4} {bottom + 8} Td ({words}) Tj ET"]
            left += width
        bottom -= 24
    stream = "\n".join(drawn).encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n" % len(stream) + stream + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % o for o in offsets)
    return out + b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start


def test_tables_of_a_pdf_are_read_and_the_rest_is_told_by_page(names: Names) -> None:
    content = pdf(
        [
            ("Ref", "Decision", "Delegated to"),
            ("1", "Buy goods", "CFO up to £50,000; above that CEO"),
            ("2", "Sign leases", "Head of Estates"),
        ]
    )
    said = read(content, names, "scheme.pdf")
    assert said.lines() == {
        "Buy goods": ["Decides: CEO (above 50000.0)", "Decides: CFO (up to 50000.0)"],
        "Sign leases": ["Decides: Head of Estates"],
    }
    assert said.remarks() == []
    assert ("page 1", "3 words outside tables on page 1 were not read: “Scheme of delegation”.") in said.remarks(
        lost=False
    )


def test_a_pdf_without_tables_and_a_broken_one_are_refused() -> None:
    assert refused(pdf([]), "scheme.pdf") == "scheme.pdf has no tables that can be read."
    assert refused(b"%PDF-1.7 nothing", "scheme.pdf").startswith("scheme.pdf")


def test_without_the_extra_a_pdf_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pdfplumber", None)
    assert refused(pdf([]), "scheme.pdf") == "scheme.pdf is a PDF, and what reads PDF is not installed."


# ---------------------------------------------------------------- files made to cost


def changed(old: str, new: str, part: str = "word/document.xml") -> bytes:
    """The small scheme with the first of some text of a part replaced, however long what replaces it is."""
    content = document()
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        text = packed.read(part).decode()
    assert old in text
    return repacked(content, **{part.replace("/", "__").replace(".", "_dot_"): text.replace(old, new, 1).encode()})


@pytest.mark.parametrize(
    ("kind", "make"),
    {
        "nested without end": ("xml-too-deep", lambda: changed("<w:body>", "<w:body>" + "<w:sdt>" * 5000)),
        "a table in a table without end": (
            "xml-too-deep",
            lambda: changed("<w:body>", "<w:body>" + "<w:tbl><w:tr><w:tc>" * 300),
        ),
        "a comment that is not closed": ("xml-broken", lambda: changed("<w:body>", "<w:body><!--" + "<w:p>" * 150_000)),
        "styles that are no XML": ("xml-broken", lambda: repacked(document(), word__styles_dot_xml=b"styles")),
        "numbering in an encoding that nobody knows": (
            "xml-broken",
            lambda: repacked(document(), word__numbering_dot_xml=b'<?xml version="1.0" encoding="x-none"?><a/>'),
        ),
        "entities": ("entities", lambda: changed("<w:document", "<!DOCTYPE a [<!ENTITY b 'c'>]><w:document")),
    }.values(),
)
def test_a_hostile_document_is_refused_by_name(
    kind: str, make: Callable[[], bytes], opened: Callable[[bytes, str], list[Grid]]
) -> None:
    content = make()
    with pytest.raises(Refusal) as told:
        opened(content, "scheme.docx")
    assert told.value.kind == kind, told.value


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("<w:tcPr>", '<w:tcPr><w:gridSpan w:val="many"/>', "word/document.xml"),
        ("<w:tcPr>", '<w:tcPr><w:gridSpan w:val="-5"/>', "word/document.xml"),
        ("<w:tcPr>", '<w:tcPr><w:gridSpan w:val="99999999999999999999"/>', "word/document.xml"),
        ("<w:tr>", '<w:tr><w:trPr><w:gridBefore w:val="1e9"/></w:trPr>', "word/document.xml"),
        ("<w:tr>", '<w:tr><w:trPr><w:gridBefore w:val="-1"/></w:trPr>', "word/document.xml"),
        (
            "<w:p>",
            '<w:p><w:pPr><w:numPr><w:ilvl w:val="x"/><w:numId w:val="1"/></w:numPr></w:pPr>',
            "word/document.xml",
        ),
        ('<w:ilvl w:val="0"/>', '<w:ilvl w:val="²"/>', "word/styles.xml"),
        ('w:outlineLvl w:val="0"', 'w:outlineLvl w:val="-"', "word/styles.xml"),
        ('<w:start w:val="1"/>', '<w:start w:val="one"/>', "word/numbering.xml"),
        ('w:ilvl="0"', 'w:ilvl="nought"', "word/numbering.xml"),
    ],
)
def test_a_number_of_a_document_that_is_none_is_no_bug_of_ours(old: str, new: str, part: str) -> None:
    try:
        content = changed(old, new, part)
    except AssertionError:
        pytest.skip("the small scheme has no such text")
    assert open_workbook(content, "scheme.docx")
