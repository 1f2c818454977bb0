"""“Something wrong?”: the text that a reader takes away, and what it asks to be changed."""

from __future__ import annotations

import datetime as dt
import html
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from icsgraph.ask.desk import Desk
from icsgraph.core.errors import IcsgraphError
from icsgraph.graph.store import Store
from icsgraph.upkeep.corrections import Mend, Wrong, as_text, mend, mended, read_text, wrong_at
from icsgraph.web.app import create_app
from icsgraph.web.editions import Shown
from tests.conftest import Done

ASKED = "/ask/who-is-liable-for?function=primary-dental-services&area=QMF&as_at=2023-06-01"
EDITION = "2026-11-23-0123abcd"


@pytest.fixture(scope="module")
def client(desk: Desk, store: Store) -> FlaskClient:
    return create_app(desk, store, shown=Shown(id=EDITION, day="2026-11-23")).test_client()


@pytest.fixture
def filled(tmp_path: Path) -> Callable[[str, str, str], Path]:
    """A text that a reader has filled in."""

    def write(text: str, right: str = "The trust is liable.", source: str = "Minutes of May 2023") -> Path:
        path = tmp_path / "wrong.txt"
        text = text.replace("What is right:\n", f"What is right:\n{right}\n")
        path.write_text(text.replace("address):\n", f"address):\n{source}\n"), encoding="utf-8")
        return path

    return write


def test_an_answer_gives_a_text_with_address_edition_day_and_what_is_said(client: FlaskClient) -> None:
    text = client.get("/wrong", query_string={"of": ASKED, "format": "txt"})
    assert text.headers["Content-Disposition"] == 'attachment; filename="something-is-wrong.txt"'
    for line in (
        f"Address: http://localhost{ASKED}",
        f"Edition: {EDITION}",
        "Day: 2023-06-01",
        "Scenario: act-2022",
        "NHS North East London Integrated Care Board is liable",
        "What is right:",
    ):
        assert line in text.text
    assert "id/statement/DE038-QMF-primary-dental-services-liable" in wrong_lines(text.text)["About"].replace(
        "statement/", "id/statement/"
    )
    page = client.get("/wrong", query_string={"of": ASKED}, headers={"Accept": "text/html"}).text
    assert "<textarea" in page
    assert "mailto:" not in page
    assert "<form" not in page


def wrong_lines(text: str) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)


def test_every_answer_statement_and_page_leads_to_it(client: FlaskClient) -> None:
    """Label: source. The statement's own link is of the statement; the page's of the page, with its day."""
    asked = ASKED.partition("&as_at")[0]
    page = client.get(asked, headers={"Accept": "text/html"}).text
    (link,) = re.findall('href="(/wrong[^"]*)"', page)
    # Of today, so that it says later which day was meant.
    text = client.get(html.unescape(link), headers={"Accept": "text/plain"}).text
    assert f"as_at={dt.date.today().isoformat()}" in wrong_lines(text)["Address"]
    whole = client.get(f"{ASKED}&full=yes", headers={"Accept": "text/html"}).text
    assert "/wrong?of=%2Fdoc%2Fstatement%2FDE038-QMF-primary-dental-services-liable" in whole
    own = "/doc/statement/DE038-QMF-primary-dental-services-liable"
    assert f'href="/wrong?of={quote(own, safe="")}"' in client.get(own, headers={"Accept": "text/html"}).text
    for path in ("/", "/questions", "/doc/body/QMF", "/def/IntegratedCareBoard", "/compare", "/changes", "/nothing"):
        told = client.get(path, headers={"Accept": "text/html"}).text
        assert f'href="/wrong?of={quote(path, safe="")}"' in told, path
        assert client.get("/wrong", query_string={"of": path, "format": "txt"}).status_code == 200, path


@pytest.mark.parametrize("of", ["", "https://example.org/", "//example.org/x", "/" + "x" * 3000])
def test_a_page_of_others_is_refused(client: FlaskClient, of: str) -> None:
    response = client.get("/wrong", query_string={"of": of}, headers={"Accept": "application/json"})
    assert response.status_code in (400, 406)
    assert (
        "example.org/x"
        not in client.get("/wrong", query_string={"of": of}, headers={"Accept": "text/html"}).text.partition("<form")[0]
    )


def test_what_is_written_is_read_back_whatever_a_mail_made_of_it(filled: Callable[..., Path], tmp_path: Path) -> None:
    wrong = Wrong(
        address="http://x/ask/y?area=QMF", edition=EDITION, day="2023-06-01", about=("id/a", "id/b"), said="One.\nTwo."
    )
    told = Wrong(**{**vars(wrong), "right": "Three.", "source": "A page."})
    assert read_text(filled(as_text(wrong), "Three.", "A page.")) == told
    path = tmp_path / "mail.txt"
    quoted = "".join(f"> {line}\r\n" for line in as_text(told).splitlines())
    path.write_bytes(f"Dear all,\r\n\r\n{quoted}".encode())
    assert read_text(path) == told


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("What is right:\n", "What is right:\n\n"), "does not say what is right"),
        (lambda text: text.replace("What is right:", "Right"), "is not a text of"),
        (lambda text: "hello", "is not a text of"),
        (lambda text: text.replace("Address:", "At"), "names no address"),
        (lambda text: text + "x" * 100_000, "is not a text of"),
        (lambda text: text.encode("utf-16").decode("utf-16") + "\x00", ""),
    ],
)
def test_a_text_that_is_none_is_refused_with_a_clear_line(
    tmp_path: Path, change: Callable[[str], str], words: str
) -> None:
    path = tmp_path / "x.txt"
    right = "" if "right" in words else "R"
    path.write_text(change(as_text(Wrong(address="http://x/y", said="S", right=right, source="T"))), encoding="utf-8")
    if words:
        with pytest.raises(IcsgraphError, match=words) as error:
            read_text(path)
        assert error.value.hint
    else:
        assert read_text(path).source == "T"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(IcsgraphError, match="is no text"):
        read_text(path)


def test_what_a_terminal_would_obey_is_left_out(filled: Callable[..., Path]) -> None:
    path = filled(as_text(Wrong(address="http://x/y", said="S")), "\x1b[31mRed\x1b]0;title\x07", "A page.")
    assert "\x1b" not in mended(read_text(path), mend_of_nothing())


def mend_of_nothing() -> Mend:
    return Mend(rows=[], case="")


def test_a_correction_becomes_the_row_to_change_and_the_case_to_add(
    desk: Desk, root: Path, filled: Callable[..., Path], call: Callable[..., Done]
) -> None:
    """Label: source. A derived statement leads through its premises to the row of the arrangement that it comes from."""
    text = as_text(wrong_at(desk, ASKED, f"http://x{ASKED}", EDITION))
    path = filled(text)
    found = mend(read_text(path), desk, root)
    assert ("data/delegations/arrangements.csv", "DE038") in {(p.file, p.values.get("id")) for p in found.rows}
    (case,) = tomllib.loads(found.case)["case"]
    assert (case["ask"], case["give"], case["as_at"], case["basis"]) == (
        "who-is-liable-for",
        {"function": "primary-dental-services", "area": "QMF"},
        "2023-06-01",
        "source",
    )
    assert (case["sentence"], case["status"]) == ("The trust is liable.", "settled")
    assert found.notes == []
    before = {p: p.stat().st_mtime_ns for p in (root / "data").rglob("*.csv")}
    done = call("correct", str(path))
    assert done.returncode == 0
    assert "Row to change: data/delegations/arrangements.csv, row " in done.stdout
    assert "[[case]]" in done.stdout
    assert {p: p.stat().st_mtime_ns for p in (root / "data").rglob("*.csv")} == before


def test_what_is_answered_otherwise_now_and_what_has_no_source_or_row_is_said(
    desk: Desk, root: Path, filled: Callable[..., Path]
) -> None:
    wrong = wrong_at(desk, ASKED, f"http://x{ASKED}", EDITION)
    old = Wrong(**{**vars(wrong), "said": "Somebody else is.", "right": "X", "source": ""})
    notes = " ".join(mend(old, desk, root).notes)
    assert "answered otherwise now: NHS North East London" in notes
    assert "No source is given" in notes
    page = wrong_at(desk, "/questions", "http://x/questions", EDITION)
    notes = " ".join(mend(Wrong(**{**vars(page), "right": "X", "source": "Y"}), desk, root).notes)
    assert "No row stands behind it" in notes
    assert "No question was asked" in notes
    body = wrong_at(desk, "/doc/body/QMF", "http://x/doc/body/QMF", EDITION)
    (row,) = mend(Wrong(**{**vars(body), "right": "X", "source": "Y"}), desk, root).rows
    assert (row.file, row.values["ods_code"]) == ("data/bodies/integrated_care_boards.csv", "QMF")
