"""The documents of a scheme: every line and authority is in them, they read aloud well, and nothing on the map overlaps."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import docx
import pytest
from click.testing import CliRunner
from docx.oxml.ns import qn

from icsgraph.ask.desk import Desk
from icsgraph.cli import scheme_documents
from icsgraph.cli.main import cli
from icsgraph.core.errors import IcsgraphError, NotFound
from icsgraph.graph.rdf import Triple, read_turtle
from icsgraph.scheme.documents import sord as sord_module
from icsgraph.scheme.documents.evidence import duties_of, evidence
from icsgraph.scheme.documents.extracts import extracts
from icsgraph.scheme.documents.html import as_html
from icsgraph.scheme.documents.map import decisions_map, picture
from icsgraph.scheme.documents.page import Document, IncompleteError
from icsgraph.scheme.documents.sord import sord
from icsgraph.scheme.documents.svg import Box, Lane, draw
from icsgraph.scheme.documents.text import as_text
from icsgraph.scheme.documents.word import as_word
from icsgraph.scheme.documents.words import Words
from icsgraph.scheme.model import Scheme, read_scheme
from icsgraph.scheme.publish import Publisher
from icsgraph.scheme.record import Record

DAY = dt.date(2025, 9, 1)
HERE = "https://example.org/fernshire/"
VOID = {"meta", "col", "link", "br", "img", "input"}


@pytest.fixture(scope="module")
def triples(root: Path) -> list[Triple]:
    return list(read_turtle(root / "tests" / "scheme" / "fernshire.ttl"))


@pytest.fixture(scope="module")
def scheme(triples: list[Triple], record: Record) -> Scheme:
    return read_scheme(triples, record)


@pytest.fixture(scope="module")
def published(scheme: Scheme, record: Record, words: Words) -> dict[str, Document]:
    """Every document of the scheme."""
    made: dict[str, Callable[..., Document]] = {
        "sord": sord,
        "map": decisions_map,
        "extracts": extracts,
        "evidence": evidence,
    }
    return {name: make(scheme, record, words, DAY) for name, make in made.items()}


class _Page(HTMLParser):
    """What a page holds: its elements with their attributes, rows as text, and what is open at the end."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.rows: list[list[str]] = []
        self.wrong: list[str] = []
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {k: v or "" for k, v in attrs}))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self.rows[-1].append("")
        elif tag == "p" and {"th", "td"} & set(self.open) and self.rows[-1][-1]:
            self.rows[-1][-1] += " | "

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {k: v or "" for k, v in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        if {"th", "td"} & set(self.open):
            self.rows[-1][-1] += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def row(self, first: str) -> list[str]:
        (found,) = [row for row in self.rows if row[0] == first]
        return found


# ---------------------------------------------------------------- reading back


def test_a_scheme_is_read_back_whole(scheme: Scheme) -> None:
    assert (scheme.title, scheme.body.label, scheme.version) == (
        "Scheme of reservation and delegation",
        "NHS Fernshire Integrated Care Board",
        "3.1",
    )
    assert [scheme.approved, scheme.effective, scheme.review] == [
        dt.date(2025, 7, 17),
        dt.date(2025, 8, 1),
        dt.date(2026, 7, 31),
    ]
    assert len(scheme.lines) == 15
    assert Counter(a.part for n in scheme.lines for a in n.authorities) == {
        "Reserves": 7,
        "Decides": 13,
        "Recommends": 4,
        "Oversees": 2,
        "IsConsulted": 2,
    }
    assert Counter(p.sort for p in scheme.parties.values()) == {"body": 5, "committee": 8, "post": 6}
    assert [len(x) for x in (scheme.terms, scheme.delegations, scheme.duty_leads, scheme.seats)] == [3, 3, 4, 3]
    assert [d.liable[0].label for d in scheme.delegations if d.liable] == ["NHS Fernshire Integrated Care Board"]


def test_a_ladder_reads_from_its_lowest_step(scheme: Scheme, words: Words) -> None:
    (line,) = [n for n in scheme.lines if n.reference == "3.1"]
    assert [words.authority(a, scheme.body) for a in line.authorities] == [
        "Budget holder, up to £50,000",
        "Chief finance officer, above £50,000 and up to £250,000",
        "Chief executive, above £250,000 and up to £1,000,000",
        "Finance, Investment and Resources Committee, above £1,000,000 and up to £5,000,000",
        "The Board, above £5,000,000",
    ]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("ics:underLine :line-1.1", "ics:underLine :line-9.9", "1 things stand under no line"),
        ("ics:authorityOf :icb ; ics:part ics:Reserves .\n\n:line-1.2", "ics:part ics:Reserves .\n\n:line-1.2", "1 things have not one holder"),
        ("ics:authorityOf :icb ; ics:part ics:Reserves .\n\n:line-1.2", "ics:authorityOf :icb .\n\n:line-1.2", "1 things say not one part"),
        ("ics:position 2 ; ics:partOfScheme :scheme", "ics:position 2", "1 things belong to no scheme"),
        ("ics:schemeOf :icb ; ", "", "names 0 bodies"),
        ("ics:termsOf :audit ;", "", "1 things are powers of not one committee"),
        ("ics:onDuty duty:quality ;", "", "1 things are leads on no duty"),
        (":scheme a ics:Scheme ;", ":scheme", "There is no scheme"),
        (":seat-1 a ics:Membership", ':s2 a ics:Scheme ; rdfs:label "Another" .\n:seat-1 a ics:Membership', "There are 2 schemes in it. Say which"),
        ("ics:upTo 50000.0 .", 'ics:upTo "fifty" .', "“fifty” is not a number"),
        ('ics:approvedOn "2025-07-17"', 'ics:approvedOn "17/07/2025"', "“17/07/2025” is not a date"),
    ],
)  # fmt: skip
def test_what_no_document_could_show_is_refused(
    old: str, new: str, says: str, root: Path, record: Record, tmp_path: Path
) -> None:
    content = (root / "tests" / "scheme" / "fernshire.ttl").read_text(encoding="utf-8")
    assert content.count(old) == 1
    path = tmp_path / "planted.ttl"
    path.write_text(content.replace(old, new), encoding="utf-8")
    with pytest.raises(IcsgraphError, match=re.escape(says)):
        read_scheme(read_turtle(path), record)


def test_several_schemes_are_told_apart_by_title(triples: list[Triple], record: Record) -> None:
    assert read_scheme(triples, record, "scheme of Reservation and delegation").version == "3.1"
    with pytest.raises(IcsgraphError, match="none called “Other”"):
        read_scheme(triples, record, "Other")


# ---------------------------------------------------------------- the scheme as a page


def test_the_page_shows_every_line_and_authority_once(published: dict[str, Document], triples: list[Triple]) -> None:
    page = _Page(as_html(published["sord"]))
    shown = Counter(a["data-of"] for tag in ("tr", "p") for a in page.all(tag) if "data-of" in a)
    kinds = ("SchemeLine", "Authority", "Delegation", "JointExercise")
    wanted = {t.subject.value for t in triples if t.object.value.rpartition("/")[2] in kinds}
    assert len(wanted) == 15 + 28 + 3
    assert {a: n for a, n in shown.items() if a in wanted} == dict.fromkeys(wanted, 1)


def test_a_page_that_leaves_an_authority_out_is_never_made(
    scheme: Scheme, record: Record, words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = sord_module._authority
    monkeypatch.setattr(
        sord_module, "_authority", lambda a, *rest: () if a.address == HERE + "auth-3.1-c" else whole(a, *rest)
    )
    with pytest.raises(IncompleteError, match="Left out"):
        sord(scheme, record, words, DAY)


def test_rows_say_who_how_far_and_by_which_law(published: dict[str, Document]) -> None:
    page = _Page(as_html(published["sord"]))
    assert page.row("1.2") == [
        "1.2",
        "Adopt changes to the governance handbook | Review by 31 January 2026",
        "The Board",
        "–",
        "Recommends: Audit and Risk Committee | As written: “oversees review and recommends”",
        "–",
        "Director of governance",
        "–",
    ]
    assert page.row("1.4")[2] == "The Board, all that no other line allots"
    assert page.row("3.1")[3].endswith(
        "Chief executive, above £250,000 and up to £1,000,000 | Condition: With the chief finance officer. | "
        "Finance, Investment and Resources Committee, above £1,000,000 and up to £5,000,000"
    )
    assert (
        page.row("3.1")[5]
        == "Substantive post holders only | Within the approved budget | See the operational scheme for signatories"
    )
    assert page.row("4.2") == [
        "4.2",
        "Vary contracts for dental services | Passed on by Finance, Investment and Resources Committee | Under line 4.1",
        "–",
        "Primary Care Contracts Sub-Committee, up to £500,000",
        "Is consulted: NHS England | Condition: Where the contract is rebased.",
        "–",
        "Director of primary care",
        "Primary dental services, a function of NHS England: NHS Act 2006 s.99; passed on by D1",
    ]
    assert page.row("2.1")[7] == (
        "Duty on the joint forward plan: NHS Act 2006 s.14Z52(1); NHS Act 2006 s.14Z52(2); NHS Act 2006 s.14Z52(6)"
        " | Triple aim duty: NHS Act 2006 s.14Z43; NHS Act 2006 s.275A"
    )
    # A function within one that the law names: ambulance services are hospital and community services.
    assert page.row("4.3")[7] == "Ambulance services: NHS Act 2006 s.3(1)-(2)"


def test_the_law_is_that_of_the_day(scheme: Scheme, record: Record, words: Words) -> None:
    page = _Page(as_html(sord(scheme, record, words, dt.date(2022, 6, 30))))
    assert page.row("2.2")[7] == "Duty to improve quality: –"


@pytest.mark.parametrize("name", ["sord", "map", "extracts", "evidence"])
def test_pages_are_whole_and_stand_alone(name: str, published: dict[str, Document]) -> None:
    content = as_html(published[name])
    page = _Page(content)
    assert (page.open, page.wrong) == ([], [])
    assert len(page.all("h1")) == len(page.all("main")) == 1
    assert page.all("html") == [{"lang": "en-GB"}]
    assert not {tag for tag, _ in page.elements} & {"script", "link", "img", "iframe", "object"}
    assert not any("src" in a or a.get("style", "").find("url") >= 0 for _, a in page.elements)
    assert "@import" not in content
    assert "url(" not in content
    assert len(page.all("table")) == len(page.all("caption"))
    assert {a.get("scope") for a in page.all("th")} == {"col", "row"}
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for a in page.all("a") if a["href"].startswith("#")} <= set(ids)
    assert all(a["href"].startswith(("#", "https://", "http://")) for a in page.all("a"))


def test_what_a_board_writes_is_never_markup(
    triples: list[Triple], record: Record, words: Words, tmp_path: Path, root: Path
) -> None:
    content = (root / "tests" / "scheme" / "fernshire.ttl").read_text(encoding="utf-8")
    path = tmp_path / "planted.ttl"
    path.write_text(
        content.replace("Chief nursing officer", "<script>alert(1)</script> & co").replace(
            "Budget holder", '\\"><b onload=x'
        ),
        encoding="utf-8",
    )
    planted = read_scheme(read_turtle(path), record)
    for make in (sord, decisions_map, extracts, evidence):
        page = _Page(as_html(make(planted, record, words, DAY)))
        assert not page.all("script")
        assert not page.all("b")
        assert (page.open, page.wrong) == ([], [])


# ---------------------------------------------------------------- the scheme in Word


def test_word_has_headings_repeated_headers_a_language_and_a_title(
    published: dict[str, Document], scheme: Scheme
) -> None:
    file: Any = docx.Document(io.BytesIO(as_word(published["sord"], DAY)))
    assert [p.text for p in file.paragraphs if p.style.name == "Heading 1"] == [
        "Words used in this document",
        "Regulation and governance",
        "Strategy and planning",
        "Finance and contracts",
        "Primary care and partners",
        "Agreements between bodies",
        "Committees and groups",
    ]
    assert [p.text for p in file.paragraphs if p.style.name == "Title"] == ["Scheme of reservation and delegation"]
    assert file.core_properties.title == "Scheme of reservation and delegation – NHS Fernshire Integrated Care Board"
    assert file.core_properties.language == "en-GB"
    assert {e.get(qn("w:val")) for e in file.styles.element.iter(qn("w:lang"))} == {"en-GB"}
    assert len(file.tables) == 7
    for table in file.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert table._tbl.tblPr.find(qn("w:tblCaption")) is not None
    rows = [[c.text for c in row.cells] for table in file.tables for row in table.rows]
    assert [r[0] for r in rows if re.fullmatch(r"\d\.\d", r[0])] == [n.reference for n in scheme.lines]
    assert next(r for r in rows if r[0] == "4.1")[3] == "Finance, Investment and Resources Committee, up to £2,000,000"


def test_word_says_the_same_as_the_page(published: dict[str, Document]) -> None:
    for name, document in published.items():
        page = _Page(as_html(document))
        file: Any = docx.Document(io.BytesIO(as_word(document, DAY)))
        told = [
            [" | ".join(_whole(p) for p in cell.paragraphs) for cell in row.cells]
            for table in file.tables
            for row in table.rows
        ]
        assert told == page.rows, name


def _whole(paragraph: Any) -> str:
    """The text of a paragraph with that of its links, which python-docx leaves out of runs."""
    return "".join(t.text or "" for t in paragraph._p.iter(qn("w:t")))


# ---------------------------------------------------------------- the map


def test_the_map_and_its_table_say_the_same(
    scheme: Scheme, record: Record, words: Words, published: dict[str, Document]
) -> None:
    svg = picture(scheme, record, words)
    said = {
        " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", box)).replace(" How powers pass:", "")
        for box in re.findall(r"<a href.*?</a>", svg)
    }
    page = _Page(as_html(published["map"]))
    rows = [row for row in page.rows if len(row) == 5 and row[0] != "Who"]
    told = {" ".join((r[0], r[2], r[3], r[4])).replace(" | ", " ").replace(" –", "") for r in rows}
    assert said == told
    assert len(said) == 17
    assert Counter(r[1] for r in rows) == {
        "National bodies": 1,
        "The board": 1,
        "Committees": 6,
        "Posts": 4,
        "Place and joint committees": 2,
        "Other bodies": 3,
    }


def test_the_map_shows_who_gets_what(scheme: Scheme, record: Record, words: Words) -> None:
    svg = picture(scheme, record, words, "map.html")
    title = re.search(r"<title[^>]*>(.*?)</title><desc[^>]*>(.*?)</desc>", svg)
    assert title is not None
    assert title[1] == "Functions and decisions map – NHS Fernshire Integrated Care Board"
    assert "17 bodies, committees and posts" in title[2]
    assert 'href="map.html#fernshire/finance"' in svg
    text = " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))
    assert "Gets 4.2 from Finance, Investment and Resources Committee" in text
    assert "D1: gets primary dental services from NHS England" in text
    assert svg.count('class="flow given"') == 4


def test_a_map_stays_whole_with_names_of_any_length() -> None:
    """A word wider than a box is broken."""
    box = Box(
        name="W" * 90,
        form="m" * 200,
        said=(("said", ", ".join(f"{n}.{n}" for n in range(300))),),
        href="#x",
        sort="committee",
    )
    svg = draw([Lane("Committees", (box,) * 9)], "t", "d")
    assert svg.count("<a ") == 9
    assert max(map(len, re.findall(r">(W+)<", svg))) == 30


# ---------------------------------------------------------------- extracts and evidence


def test_extracts_stand_beside_terms_of_reference(published: dict[str, Document], scheme: Scheme) -> None:
    page = _Page(as_html(published["extracts"]))
    rows = [row for row in page.rows if row[0] != "Ref."]
    assert len(rows) == sum(a.holder.sort == "committee" for n in scheme.lines for a in n.authorities) == 13
    assert [r for r in rows if r[0] == "4.1"] == [
        ["4.1", "Award contracts for dental services", "Decides", "Up to £2,000,000", "–", "Differs: up to £1,000,000 (Terms 5.4)"]
    ]  # fmt: skip
    assert next(r for r in rows if r[0] == "3.1") == [
        "3.1",
        "Approve new investment in health services",
        "Decides",
        "Above £1,000,000 and up to £5,000,000",
        "Substantive post holders only | Within the approved budget",
        "The same (Terms 5.2)",
    ]
    assert next(r for r in rows if r[0] == "1.3")[5] == "The terms do not mention it"
    assert next(r for r in rows if r[0] == "3.3")[5] == "–"


def test_extracts_of_one_committee(scheme: Scheme, record: Record, words: Words) -> None:
    one = extracts(scheme, record, words, DAY, "firc")
    assert [s.heading for s in one.sections] == ["Finance, Investment and Resources Committee"]
    with pytest.raises(NotFound, match="“Estates” is no committee"):
        extracts(scheme, record, words, DAY, "Estates")


def test_evidence_names_duties_that_nothing_speaks_of(
    published: dict[str, Document], scheme: Scheme, record: Record
) -> None:
    page = _Page(as_html(published["evidence"]))
    assert page.row("Duty to improve quality") == [
        "Duty to improve quality",
        "NHS Act 2006 s.14Z34",
        "Chief nursing officer",
        "2.2 Approve clinical policies: Quality and Performance Committee | 2.3 Watch the quality of commissioned services: Chief nursing officer",
        "Quality report, each quarter",
    ]
    assert page.row("Duty of public involvement")[2:] == [
        "No lead named",
        "No line of the scheme",
        "Annual report, chapter 4",
    ]
    assert page.row("Duty to keep accounts")[2] == "Chief finance officer (leads on line 1.3)"
    named, silent = duties_of(scheme, record, DAY)
    assert len(named) == 9
    assert page.row("Duties on climate change")[1] == "NHS Act 2006 s.14Z44"
    assert len(silent) == len([r for r in page.rows if len(r) == 2]) - 1
    assert not set(named) & set(silent)


def test_a_document_reads_in_a_terminal(published: dict[str, Document]) -> None:
    said = as_text(published["extracts"])
    assert "* Ref.: 4.1; Decision: Award contracts for dental services; Part: Decides; Limit: Up to" in said
    assert max(map(len, said.splitlines())) <= 100


# ---------------------------------------------------------------- in a browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no browser is installed")
    quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu", *quiet])
        yield started
        started.close()


OVERLAPS = """() => {
  const near = 0.5, out = [];
  const texts = [...document.querySelectorAll('svg text')].flatMap(t => t.querySelector('tspan') ? [...t.querySelectorAll('tspan')] : [t]);
  const boxes = texts.map(t => [t.textContent, t.getBoundingClientRect()]);
  for (const [i, [a, r]] of boxes.entries()) for (const [b, s] of boxes.slice(i + 1))
    if (Math.min(r.right, s.right) - Math.max(r.left, s.left) > near && Math.min(r.bottom, s.bottom) - Math.max(r.top, s.top) > 3) out.push([a, b]);
  for (const link of document.querySelectorAll('svg a')) {
    const frame = link.querySelector('rect').getBoundingClientRect();
    for (const t of link.querySelectorAll('text')) {
      const r = t.getBoundingClientRect();
      if (r.left < frame.left || r.right > frame.right || r.top < frame.top - near || r.bottom > frame.bottom + near) out.push(['cut', t.textContent]);
    }
  }
  return out;
}"""


@pytest.mark.parametrize("name", ["sord", "map", "extracts", "evidence"])
def test_axe_finds_no_fault(name: str, published: dict[str, Document], browser: Any, tmp_path: Path) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    path = tmp_path / f"{name}.html"
    path.write_text(as_html(published[name]), encoding="utf-8")
    page = browser.new_page(bypass_csp=True)
    page.goto(path.as_uri())
    results = axe.run(page)
    page.close()
    assert results.violations_count == 0, results.generate_report()


def test_axe_notices_a_table_without_headings(published: dict[str, Document], browser: Any, tmp_path: Path) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    path = tmp_path / "planted.html"
    content = as_html(published["sord"]).replace('lang="en-GB"', "").replace("--soft: #4c6272", "--soft: #cccccc")
    path.write_text(content, encoding="utf-8")
    page = browser.new_page(bypass_csp=True)
    page.goto(path.as_uri())
    found = {v["id"] for v in axe.run(page).response["violations"]}
    page.close()
    assert found == {"html-has-lang", "color-contrast"}


def test_nothing_on_the_map_overlaps_or_is_cut(published: dict[str, Document], browser: Any, tmp_path: Path) -> None:
    long = Box(
        name="NHS Worcestershire and Mid-Wyre Wimmera " * 4,
        form="Committees in common " * 6,
        said=(("part", "Decides:"), ("said", "10.10, " * 90)),
        href="#x",
        sort="body",
    )
    short = Box(name="A", form="", said=(), href="#y", sort="post")
    crowded = draw([Lane("Place and joint committees", (long, short, long, short, long))], "t", "d")
    for number, content in enumerate([as_html(published["map"]), f"<!doctype html><title>t</title>{crowded}"]):
        path = tmp_path / f"{number}.html"
        path.write_text(content, encoding="utf-8")
        page = browser.new_page(viewport={"width": 1300, "height": 900})
        page.goto(path.as_uri())
        assert page.evaluate(OVERLAPS) == []
        # The same with a wider font than any that is named.
        page.add_style_tag(content="svg text { font-family: 'DejaVu Sans', Verdana, sans-serif !important }")
        assert page.evaluate(OVERLAPS) == []
        # A planted fault is seen: text half as large again.
        page.add_style_tag(content="svg text { font-size: 24px !important }")
        assert page.evaluate(OVERLAPS) != []
        page.close()


def test_links_of_the_map_lead_by_keyboard_to_rows(
    published: dict[str, Document], browser: Any, tmp_path: Path
) -> None:
    path = tmp_path / "map.html"
    path.write_text(as_html(published["map"]), encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    page.focus("svg a")
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector(':target').textContent").startswith("NHS England")
    page.close()


# ---------------------------------------------------------------- from the command line


@pytest.fixture
def run(desk: Desk, root: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Run a command over the dataset that is built already."""
    publisher = Publisher(desk, root)
    monkeypatch.setattr(scheme_documents, "_publisher", lambda: publisher)

    def invoked(*words: object) -> Any:
        return CliRunner().invoke(cli, [str(w) for w in words])

    return invoked


@pytest.mark.parametrize(
    ("kind", "out", "files"),
    [
        ("html", "sord.html", ["sord.html"]),
        ("docx", "sord.docx", ["sord.docx"]),
        ("map", "map.svg", ["map.html", "map.svg"]),
        ("map", "map.html", ["map.html"]),
        ("extracts", "extracts.docx", ["extracts.docx"]),
        ("evidence", "evidence.txt", ["evidence.txt"]),
    ],
)
def test_documents_are_published(
    kind: str, out: str, files: list[str], run: Callable[..., Any], root: Path, tmp_path: Path
) -> None:
    source = root / "tests" / "scheme" / "fernshire.ttl"
    done = run("publish", source, "--as", kind, "--out", tmp_path / out, "--as-at", "2025-09-01")
    assert (done.exit_code, sorted(p.name for p in tmp_path.iterdir())) == (0, files), done.output
    assert "15 lines, 28 authorities" in done.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["publish", "{}", "--as", "html", "--out", "x.docx"], "does not end in .html"),
        (["publish", "{}", "--as", "evidence", "--out", "x.pdf"], "is not of a form"),
        (["publish", "{}", "--as", "extracts", "--out", "x.html", "--committee", "Nobody"], "“Nobody” is no committee"),
        (["publish", "{}", "--as", "html", "--out", "missing/x.html"], "cannot be written"),
        (["publish", "missing.ttl", "--as", "html", "--out", "x.html"], "cannot be read"),
        (["publish", "{}", "--as", "html", "--out", "x.html", "--title", "Other"], "none called “Other”"),
        (["breaks", "{}", "--on", "1 April 2026"], "is not a date"),
        (["merge", "{}", "{}", "--into", "X", "--out", "x.docx"], "is no name for a draft"),
        (["compare", "{}", "missing.xlsx"], "missing.xlsx cannot be read"),
    ],
)
def test_what_a_person_can_mend_is_said_in_one_line(
    words: list[str], says: str, run: Callable[..., Any], root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(*(w.format(root / "tests" / "scheme" / "fernshire.ttl") for w in words))
    assert done.exit_code == 2
    assert says in done.output
    assert len(done.output.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_schemes_are_compared_looked_ahead_and_merged(run: Callable[..., Any], root: Path, tmp_path: Path) -> None:
    one, other = (root / "tests" / "scheme" / f"{name}.ttl" for name in ("fernshire", "mossland"))
    assert "Nothing changed" in " ".join(run("compare", one, one).output.split())
    assert json.loads(run("compare", one, one, "--format", "json").output) == {"changes": []}
    looked = json.loads(run("breaks", one, "--on", "2026-04-01", "--format", "json").output)
    assert [b["thing"] for b in looked["breaks"] if b["kind"] == "agreement-ends"] == [
        "D2 Delegation of community services to the partnership trust"
    ]
    draft = tmp_path / "draft.ttl"
    done = run("merge", one, other, "--into", "NHS Fernmoss Integrated Care Board", "--out", draft)
    assert "One name for different things" in done.output
    assert "20 lines, 34 authorities" in run("publish", draft, "--as", "html", "--out", tmp_path / "d.html").output


def test_the_worked_example_makes_the_same_documents_from_its_workbook(
    run: Callable[..., Any], root: Path, tmp_path: Path
) -> None:
    example, book = root / "shapes" / "example" / "workbook", tmp_path / "book.xlsx"
    assert run("publish", example, "--as", "xlsx", "--out", book).exit_code == 0
    assert json.loads(run("compare", example, book, "--format", "json").output) == {"changes": []}
    for kind, name in (("html", "sord.html"), ("map", "map.svg"), ("extracts", "e.html"), ("evidence", "v.html")):
        told = []
        for source in (example, book):
            done = run("publish", source, "--as", kind, "--out", tmp_path / name, "--as-at", "2026-09-01")
            assert done.exit_code == 0, done.output
            told.append((tmp_path / name).read_bytes())
        assert told[0] == told[1], name
    with (example / "Decisions.csv").open(encoding="utf-8", newline="") as handle:
        decisions = sum(any(row.values()) for row in csv.DictReader(handle))
    page = _Page((tmp_path / "sord.html").read_text(encoding="utf-8"))
    assert sum("/line/" in a.get("data-of", "") for a in page.all("tr")) == decisions


def test_a_draft_in_excel_has_every_line_of_both_boards(run: Callable[..., Any], root: Path, tmp_path: Path) -> None:
    example, other = root / "shapes" / "example" / "workbook", root / "tests" / "scheme" / "mossland.ttl"
    draft = tmp_path / "draft.xlsx"
    done = run(
        "merge", example, other, "--into", "NHS Fernmoss Integrated Care Board", "--out", draft, "--format", "json"
    )
    joined = sum(c["kind"] == "one-line" for c in json.loads(done.stdout)["conflicts"])
    told = [run("publish", p, "--as", "html", "--out", tmp_path / "x.html").stdout for p in (example, other, draft)]
    lines = [int(match[1]) for t in told if (match := re.search(r"(\d+) lines", t))]
    assert lines[2] == lines[0] + lines[1] - joined


def test_the_worked_example_passes_in_a_browser(
    run: Callable[..., Any], root: Path, browser: Any, tmp_path: Path
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for kind in ("html", "map"):
        path = tmp_path / f"{kind}.html"
        run("publish", root / "shapes" / "example" / "workbook", "--as", kind, "--out", path, "--as-at", "2026-09-01")
        page = browser.new_page(bypass_csp=True)
        page.goto(path.as_uri())
        results = axe.run(page)
        assert results.violations_count == 0, results.generate_report()
        assert page.evaluate(OVERLAPS) == []
        page.close()
