"""Pages around the answers: the first page, bodies, comparisons, the glossary, the check, errors; each in the words of its readers."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from icsgraph.ask.brevity import LONGEST, word_count
from icsgraph.ask.contrast import contrast
from icsgraph.ask.desk import Desk
from icsgraph.ask.finder import Finder
from icsgraph.ask.glossary import FILE, read_glossary
from icsgraph.ask.home import Home, Lead, read_home
from icsgraph.ask.portrait import portray, read_body_layout
from icsgraph.check.render import html_body
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.report import Finding, Report
from icsgraph.core.terms import ID
from icsgraph.graph.store import Store
from icsgraph.web.app import create_app
from tests.test_browser import KINDS

PAGE = {"Accept": "text/html"}
# Advice of the command line, a dump of a parser, or the grammar of a template has no place before a reader.
MACHINE = re.compile(r"\bicsgraph (?:ask|explain|validate|build|serve|template)\b|\bAdd [a-z_]+=|Traceback|\{[a-z_]+\}")


@pytest.fixture(scope="module")
def client(desk: Desk, store: Store) -> FlaskClient:
    return create_app(desk, store).test_client()


@pytest.fixture(scope="module")
def home(root: Path, desk: Desk) -> Home:
    return read_home(root, desk.catalogue)


def text(client: FlaskClient, path: str) -> str:
    return client.get(path, headers=PAGE).get_data(as_text=True)


def undecided(finder: Finder, home: Home) -> list[str]:
    """Questions of the first page that are not answered at once of today; its hint has two of its own."""
    hints = [w.removesuffix("?") for w in re.split(r", or |: ", home.hint.removeprefix("For example: "))]
    return [w for w in (*(q.what for q in home.question), *hints) if not (d := finder.find(w).decided) or d.as_at]


def test_the_first_page_asks_what_it_answers(desk: Desk, home: Home) -> None:
    finder = Finder(desk)
    assert len(home.question) == 6
    assert len({q.reader for q in home.question}) == 6
    assert undecided(finder, home) == []
    planted = Lead("Nobody", "who was accountable for flying machines in 2014")
    assert undecided(finder, replace(home, question=(planted,))) == [planted.what]


def test_the_first_page_says_what_this_is_and_shows_an_answer(client: FlaskClient, home: Home) -> None:
    found = text(client, "/")
    assert home.what in found
    assert "England" in home.what
    assert "Who is accountable for primary dental services in Leeds?" in found
    assert "NHS Act 2006 s." in found
    assert len(found) < 15_000


def test_a_first_page_of_other_keys_is_refused(root: Path, desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "queries").mkdir()
    told = (root / "queries" / "pages.toml").read_text(encoding="utf-8")
    (tmp_path / "queries" / "pages.toml").write_text(told.replace("[home.example]", "[home.sample]"), encoding="utf-8")
    with pytest.raises(IcsgraphError):
        read_home(tmp_path, desk.catalogue)


def test_the_glossary_has_some_forty_words_with_a_meaning(
    root: Path, desk: Desk, client: FlaskClient, tmp_path: Path
) -> None:
    words = [w for _, of in read_glossary(root, desk) for w in of]
    assert 35 <= len(words) <= 55
    assert all(w.meaning and word_count(w.meaning) <= LONGEST for w in words)
    found = text(client, "/glossary")
    assert "Integrated care system" in found
    assert 'href="/def/"' in found
    (tmp_path / "queries").mkdir()
    told = (root / FILE).read_text(encoding="utf-8")
    (tmp_path / FILE).write_text(told.replace("def/ClinicalCommissioningGroup", "def/ClinicalGroup"), encoding="utf-8")
    # All that the file has is on record; planted, a word that points to nothing there is not shown and leads nowhere.
    assert len(words) == told.count("word = ")
    spoilt = [w for _, of in read_glossary(tmp_path, desk) for w in of]
    assert {w.word for w in words} - {w.word for w in spoilt} == {"Clinical commissioning group"}


def test_the_page_of_a_body_begins_with_what_it_is(client: FlaskClient) -> None:
    """What it is, since when, where, who leads it by post, its address; basis: source."""
    found = text(client, "/doc/body/QWO")
    begin = found[found.index("app-facts") : found.index("Its chain of accountability")]
    for words in (
        "Integrated care board</a>: a body",
        "1 July 2022",
        "Leeds",
        "Chief executive of an integrated care board",
    ):
        assert words in begin
    assert "https://www.westyorkshire.icb.nhs.uk/" in begin
    ended = text(client, "/doc/body/QNQ")
    assert "1 July 2022 until 31 March 2026" in ended
    trust = text(client, "/doc/body/RR8")
    assert "In the area of" in trust
    assert "Chair of an NHS trust" in trust


def test_a_body_that_a_bill_would_end_says_so_first(root: Path, desk: Desk, client: FlaskClient) -> None:
    found = text(client, "/doc/body/X24")
    assert found.index("The Bill would abolish NHS England") < found.index("app-facts")
    assert "Bill, not law" in found
    assert "A bill would change this" not in text(client, "/doc/body/QWO")
    # Before it was put forward it said nothing; of a body that had ended there is nothing to end.
    assert "A bill would change this" not in text(client, "/doc/body/X24?as_at=2025-06-01")
    layout = read_body_layout(root, desk.catalogue)
    today = dt.date(2026, 11, 1)
    assert portray(desk, layout, f"{ID}body/X24", today).ended[0][1].startswith("The Bill would abolish")
    # Planted: a layout that looks for other relations finds nothing.
    assert portray(desk, replace(layout, ends=["holds-not"]), f"{ID}body/X24", today).ended == ()


def test_two_are_compared_side_by_side_with_what_differs(client: FlaskClient, desk: Desk) -> None:
    found = contrast(desk, "integration", "status-quo-2012", "act-2022")
    assert [c.code for c in found.columns] == ["status-quo-2012", "act-2022"]
    assert "Integrated care board only under The law since July 2022" in found.says
    assert "Clinical commissioning group only under" in found.says
    page = text(client, "/compare?topic=integration")
    assert page.count('<th scope="col">') == 2
    assert found.says in page
    for topic in [desk.names.code(t) for t in desk.names.all_of("PaperTopic")][::7]:
        for pair in (("status-quo-2012", "act-2022"), ("act-2022", "bill-2026"), ("option-1", "option-2")):
            assert word_count(contrast(desk, topic, *pair).says) <= LONGEST, (topic, pair)


def test_where_a_bill_says_nothing_the_law_in_force_stands(client: FlaskClient, desk: Desk) -> None:
    found = contrast(desk, "integration", "act-2022", "bill-2026")
    assert "the law in force stands" in found.says
    assert any(row.right.as_law for row in found.rows)
    # What a bill leaves out is no difference.
    seats = contrast(desk, "board-membership", "act-2022", "bill-2026")
    assert "The Bill would end the compulsory member" in seats.says
    assert "partnership" not in seats.says
    assert seats.notes
    assert "The law in force; the bill says nothing of it on record." in text(
        client, "/compare?topic=integration&first=act-2022&second=bill-2026"
    )


WRONG = [
    "/nothing",
    "/doc/body/NOBODY",
    "/ask/no-such-question",
    "/ask/who-is-liable-for?area=Newham",
    "/ask/who-is-accountable-for?function=zzzz",
    "/ask/who-is-accountable-for?function=dentist&area=Essex",
    "/ask/who-is-accountable-for?function=dentist&as_at=yesterday",
    "/ask/who-is-accountable-for?function=dentist&scenario=x",
    "/ask/what-do-papers-say?topics=zzz",
    "/compare?topic=zzz",
    "/map?body=zzz",
    "/find?what=",
    "/find?what=x",
    "/find?what=" + "a" * 9000,
    "/find?what=%3Cscript%3Ealert(1)%3C/script%3E",
    "/find?what=Qui+est+responsable+de+la+sant%C3%A9+%3F",
    "/find?what=%E8%AF%B7%E9%97%AE",
    "/find?what=Jeremy+Hunt",
    "/find?what=chest+pain",
    "/find?what=hospitals+in+Cardiff",
    "/find?what=dentist&as_at=x",
]


@pytest.mark.parametrize("path", [*WRONG, *(path for kind, path in KINDS.items() if kind != "ontology")])
def test_no_page_has_a_command_line_or_the_words_of_a_parser(client: FlaskClient, path: str) -> None:
    found = text(client, path)
    said = re.sub(r"<(pre|textarea|code|script)\b.*?</\1>", "", found, flags=re.DOTALL)
    assert not MACHINE.search(re.sub(r"<[^>]+>", " ", said))
    assert "<script>alert" not in found
    assert MACHINE.search("Add function=..., for example") is not None
    assert MACHINE.search("who holds {function}") is not None


def test_bad_input_is_answered_in_the_words_of_its_kind(client: FlaskClient) -> None:
    for typed, words in {
        "Jeremy+Hunt": "people are not held here",
        "John+Smith": "people are not held here",
        "chest+pain": "999",
        "hospitals+in+Cardiff": "England only",
        "GPs+in+Glasgow": "England only",
        "%E8%AF%B7%E9%97%AE": "no word in Latin letters",
    }.items():
        assert words in text(client, f"/find?what={typed}"), typed
    assert client.get("/find?what=" + "a" * 10_000, headers=PAGE).status_code in (400, 414)
    missing = text(client, "/ask/who-is-liable-for?area=Newham")
    assert "Which function do you mean?" in missing
    assert "There is no such page" in text(client, "/nothing")
    # A hospital that is called after somebody is no person.
    assert "people are not held" not in text(client, "/find?what=John+Radcliffe&other=yes")


def report(count: int) -> Report:
    finding = Finding(
        rule="C1",
        title="A title",
        severity="Violation",
        focus="urn:x-1",
        focus_label="the board",
        message="it has no chair",
        remedy="Give it one.",
        cell="Posts!B4",
    )
    return Report(
        source="it.xlsx",
        scenario="act-2022",
        as_at="2026-11-01",
        engine="none",
        rules=1,
        things=1,
        idle=0,
        findings=[finding] * count,
    )


def test_findings_are_a_line_each_under_their_rule(root: Path) -> None:
    """What to do and the law are folded; beyond ten of one rule the rest is."""
    few, many = html_body(report(3)), html_body(report(14))
    assert few.count("<section class=") == many.count("<section class=") == 1
    assert few.count("<li>") == 3
    assert "A title (3)" in few
    before, _, folded = few.partition("<details>")
    assert "Give it one." not in before
    assert "Give it one." in folded
    assert "4 more of this rule" in many
    check = (root / "src/icsgraph/web/templates/validate.html").read_text(encoding="utf-8")
    marks = ("template.xlsx", "example.xlsx", 'type="file"', "<textarea")
    assert [check.index(m) for m in marks] == sorted(check.index(m) for m in marks)
