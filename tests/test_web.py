"""The service: forms of answers, errors in one form, nothing that reaches out, no page that asks another host."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from icsgraph.ask.desk import Desk
from icsgraph.ask.render import as_csv
from icsgraph.ask.sheet import read_layout
from icsgraph.core.answer import Answer
from icsgraph.core.errors import IcsgraphError
from icsgraph.graph.store import Store
from icsgraph.web.app import create_app


@pytest.fixture(scope="module")
def client(desk: Desk, store: Store) -> FlaskClient:
    return create_app(desk, store).test_client()


PAGES = [
    "/",
    "/questions",
    "/sparql",
    "/ask/who-is-bound-by",
    "/ask/who-is-bound-by?duty=triple+aim&area=QMF",
    "/doc/body/QMF",
    "/def/Delegation",
    "/def/",
    "/doc/provision/nhsa2006-s14Z43",
]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_whole_and_asks_no_other_host(client: FlaskClient, page: str) -> None:
    answer = client.get(page, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    text = answer.get_data(as_text=True)
    assert text.rstrip().endswith("</html>")
    assert not re.search(r'<(?:script|img|link|iframe)[^>]*(?:src|href)="(?:https?:)?//', text)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_the_same_answer_in_every_form(client: FlaskClient) -> None:
    page = "/ask/who-is-liable-for?function=dentist&area=QMF&as_at=2023-06-01"
    for form, media in {
        "json": "application/json",
        "csv": "text/csv",
        "ttl": "text/turtle",
        "html": "text/html",
    }.items():
        named = client.get(f"{page}&format={form}")
        accepted = client.get(page, headers={"Accept": f"{media};charset=utf-8, */*;q=0.1"})
        assert named.status_code == accepted.status_code == 200
        assert named.mimetype == accepted.mimetype == media
        assert b"QMF" in named.data


# What clients send where nobody tells them otherwise.
JSON_CLIENTS = {
    "curl": "*/*",
    "axios": "application/json, text/plain, */*",
    "httr": "application/json, text/xml, application/xml, */*",
    "none": "",
    "any": "application/*;q=0.9, */*;q=0.5",
}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize("accept", JSON_CLIENTS.values(), ids=JSON_CLIENTS)
@pytest.mark.parametrize(
    "path",
    [
        "/ask/who-is-liable-for?function=dentist&area=QMF",
        "/ask/who-is-liable-for?function=dentist&area=NOWHERE",
        "/questions",
        "/find?what=dentist&where=QMF",
        "/find?what=",
        "/ask/no-such-question",
    ],
)
def test_a_client_that_names_no_page_gets_json(client: FlaskClient, path: str, accept: str) -> None:
    answer = client.get(path, headers={"Accept": accept} if accept else {})
    assert answer.mimetype in ("application/json", "application/problem+json")
    assert json.loads(answer.data)
    shown = client.get(path, headers={"Accept": BROWSER})
    assert shown.mimetype == "text/html"
    assert shown.status_code == 303 or b"</html>" in shown.data


def test_a_thing_is_turtle_unless_a_page_is_named(client: FlaskClient) -> None:
    wanted = {
        "*/*": "text/turtle",
        "text/turtle, */*": "text/turtle",
        "application/json": "application/ld+json",
        "application/json, text/plain, */*": "application/ld+json",
        "text/html, */*": "text/html",
        BROWSER: "text/html",
        "application/rdf+xml, text/html;q=0.5": "application/rdf+xml",
    }
    for page in ("/doc/body/QMF", "/def/Delegation", "/def/"):
        got = {accept: client.get(page, headers={"Accept": accept}).mimetype for accept in wanted}
        assert got == wanted, page
    assert client.get("/doc/body/QMF", headers={"Accept": "image/png"}).status_code == 406


def test_of_several_formats_the_first_known_counts(client: FlaskClient) -> None:
    page = "/ask/who-is-liable-for?function=dentist&area=QMF"
    assert client.get(f"{page}&format=docx&format=csv&format=json").mimetype == "text/csv"
    refused = client.get(f"{page}&format=docx&format=odt")
    assert (refused.status_code, refused.mimetype) == (400, "application/problem+json")
    # As SPARQLWrapper asks.
    graph = client.get(
        "/sparql",
        query_string="query=DESCRIBE+body:QMF&format=json-ld&format=application/ld%2Bjson,application/x-json%2Bld",
    )
    assert (graph.status_code, graph.mimetype) == (200, "application/ld+json")
    for name, media in {"nq": "application/n-quads", "trig": "application/trig", "n3": "text/turtle"}.items():
        written = client.get("/sparql", query_string={"query": "DESCRIBE body:QMF", "format": name})
        assert (written.status_code, written.mimetype) == (200, media)
        assert b"QMF" in written.data


def test_what_people_open_is_harmless_and_what_programs_read_is_exact(client: FlaskClient) -> None:
    """CSV of the endpoint keeps every value; that of pages is made for spreadsheets."""
    query = 'SELECT ("=1+1" AS ?x) ("@a" AS ?y) {}'
    assert client.get("/sparql", query_string={"query": query, "format": "csv"}).data == b"x,y\r\n=1+1,@a\r\n"
    table = as_csv(
        Answer(
            id="x",
            sentence="",
            explain="",
            parameters={},
            as_at="2026-01-01",
            scenario="act-2022",
            law_of="act-2022",
            status="settled",
            columns=("x",),
            rows=[{"x": "=1+1"}],
            statements=[],
        )
    )
    assert "\r\n'=1+1," in table


@pytest.mark.parametrize(
    ("page", "status"),
    [
        ("/nothing", 404),
        ("/ask/nothing", 404),
        ("/doc/body/NOBODY", 404),
        ("/def/Nothing", 404),
        ("/doc/body/%3Cscript%3E", 404),
        ("/ask/who-is-bound-by?duty=tripple+aim&format=json", 400),
        ("/ask/who-is-bound-by?duty=triple+aim&as_at=yesterday&format=json", 400),
        ("/ask/who-is-bound-by?duty=triple+aim&scenario=nonsense&format=json", 400),
        ("/ask/who-is-bound-by?duty=triple+aim&format=docx", 400),
        ("/sparql?query=SELECT", 400),
        ("/sparql?query=SELECT+*+%7B+SERVICE+%3Chttp://127.0.0.1:9/%3E+%7B%3Fs+%3Fp+%3Fo%7D%7D", 400),
        ("/sparql?query=INSERT+DATA+%7B%3Ca:b%3E+%3Ca:b%3E+%3Ca:b%3E%7D", 400),
        ("/sparql?query=ASK+%7B%7D&query=ASK+%7B%7D", 400),
    ],
)
def test_an_error_has_its_one_form(client: FlaskClient, page: str, status: int) -> None:
    answer = client.get(page)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    body = json.loads(answer.data)
    assert body["status"] == status
    assert body["detail"]
    shown = client.get(page.replace("&format=json", ""), headers={"Accept": "text/html,*/*;q=0.8"})
    assert shown.mimetype == "text/html"
    assert shown.status_code == status
    assert b"<script>" not in shown.data


def test_entered_values_are_kept_and_escaped(client: FlaskClient) -> None:
    answer = client.get(
        "/ask/who-is-bound-by?duty=%3Cscript%3Ealert(1)%3C/script%3E&area=QMF", headers={"Accept": "text/html"}
    )
    assert answer.status_code == 400
    assert b"<script>" not in answer.data
    assert b"&lt;script&gt;" in answer.data
    assert b'value="QMF"' in answer.data


def test_sparql_by_get_form_and_body_in_every_form(client: FlaskClient) -> None:
    query = "SELECT (COUNT(?b) AS ?n) { ?b a ics:IntegratedCareBoard }"
    calls = [
        client.get("/sparql", query_string={"query": query}, headers={"Accept": "text/csv"}),
        client.post("/sparql", data={"query": query}, headers={"Accept": "text/csv"}),
        client.post("/sparql", data=query, content_type="application/sparql-query", headers={"Accept": "text/csv"}),
    ]
    assert [c.data for c in calls] == [b"n\r\n48\r\n"] * 3
    for media in ("application/sparql-results+json", "application/sparql-results+xml", "text/tab-separated-values"):
        assert client.get("/sparql", query_string={"query": query}, headers={"Accept": media}).mimetype == media
    graph = client.get("/sparql", query_string={"query": "DESCRIBE body:QMF"}, headers={"Accept": "text/turtle"})
    assert graph.mimetype == "text/turtle"
    assert client.get("/sparql", query_string={"query": query}, headers={"Accept": "image/png"}).status_code == 406
    assert client.post("/sparql", data="x", content_type="text/plain").status_code == 415
    assert client.post("/sparql", data={"update": "CLEAR ALL"}).status_code == 403
    assert client.put("/sparql").status_code == 405


def test_a_thing_redirects_to_its_document_in_every_form(client: FlaskClient) -> None:
    answer = client.get("/id/body/QMF")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/doc/body/QMF")
    for suffix, media in {
        "ttl": "text/turtle",
        "jsonld": "application/ld+json",
        "rdf": "application/rdf+xml",
        "nt": "application/n-triples",
        "html": "text/html",
    }.items():
        document = client.get(f"/doc/body/QMF.{suffix}")
        assert (document.status_code, document.mimetype) == (200, media)
    # An id with a full stop in it is not cut at it.
    assert client.get("/doc/statement/nhsa2006-s14Z43.1").status_code == 200


def test_health_counts(client: FlaskClient, desk: Desk) -> None:
    body = client.get("/health").get_json()
    assert body["status"] == "ok"
    assert body["quads"] == len(desk.store)


def test_every_statement_of_the_papers_has_an_address_and_a_page(client: FlaskClient) -> None:
    # source: 679 rows
    for number in range(1, 680):
        moved = client.get(f"/id/statement/S{number:03d}")
        assert (moved.status_code, moved.headers["Location"]) == (303, f"/doc/statement/S{number:03d}")
        assert client.get(moved.headers["Location"]).status_code == 200
    assert client.get("/doc/statement/S9999").status_code == 404


def test_pages_on_papers_narrow_compare_and_draw(client: FlaskClient) -> None:
    """The next narrowing is one click, each model has one line, and the fates of a model's proposals are drawn."""
    page = {"Accept": "text/html"}
    text = client.get("/ask/what-do-papers-say?topics=veto", headers=page).get_data(as_text=True)
    assert 'href="/ask/what-do-papers-say?topics=veto&amp;scenarios=option-2"' in text
    compared = client.get("/ask/compare-scenarios?topic=veto", headers=page).get_data(as_text=True)
    line = re.search(r"In one line each.*?Option 2 of November 2020.*?</tr>", compared, re.DOTALL)
    assert line
    assert "stated (2)" in line[0]
    model = client.get("/doc/scenario/option-2", headers=page).get_data(as_text=True)
    assert "<h2>The fates of its proposals</h2>" in model
    assert "<h2>How it treats each topic of the papers</h2>" in model


def test_the_page_of_any_answer_is_short_before_folding_opens(client: FlaskClient, desk: Desk) -> None:
    whole = [("who-is-accountable-for", {"function": f}) for f in ("specialised-services", "adult-social-care")]
    asked = [(q.id, {**q.examples[0].values, "as_at": q.examples[0].as_at}) for q in desk.catalogue.questions.values()]
    for id, values in [*asked, *whole, ("which-duties-bind", {"body": "QMF"}), ("what-is-unclear", {})]:
        answer = client.get(f"/ask/{id}", query_string=values, headers={"Accept": "text/html"})
        assert answer.status_code == 200, (id, values)
        assert len(answer.data) < 60_000, (id, values, len(answer.data))
    # Everything is one step away.
    full = client.get("/ask/which-duties-bind?body=QMF&full=yes", headers={"Accept": "text/html"}).get_data(
        as_text=True
    )
    assert full.count('class="app-law"') == len(desk.ask("which-duties-bind", {"body": "QMF"}).statements)


def test_an_answer_comes_first_and_its_law_last(client: FlaskClient) -> None:
    page = "/ask/who-is-accountable-for?function=adult-social-care&area=Leeds"
    text = client.get(page, headers={"Accept": "text/html"}).get_data(as_text=True)
    order = [
        "<h1",
        "Not this?",
        "app-answer__says",
        "Nothing on record says otherwise.",
        "What to do next",
        "Where to complain",
        "Who does what",
        "<svg",
        "What changed, and what would",
        "What is not known",
        "The law in full",
        "The answer as a table",
        "Take it with you",
    ]
    places = [text.index(word) for word in order]
    assert places == sorted(places)
    assert 'href="https://www.leeds.gov.uk' in text
    cards = re.findall(r'<section class="app-card">.*?</section>', text, re.DOTALL)
    assert len(cards) >= 6
    assert all("app-card__law" in card for card in cards)
    # What is only presumed says so on its card.
    assert all(("Presumed" in c) for c in cards if ">Exercises" in c or ">Is liable for" in c)


def test_an_answer_for_england_asks_for_a_place_and_folds_what_is_alike(client: FlaskClient) -> None:
    page = "/ask/who-is-accountable-for?function=hospital+services&as_at=2026-11-01"
    text = client.get(page, headers={"Accept": "text/html"}).get_data(as_text=True)
    assert "Where? This is the answer for all of England." in text
    assert 'type="hidden" name="function" value="hospital services"' in text
    assert "All 36 integrated care boards hold hospital services." in text
    assert "All 36 integrated care boards answer to NHS England." in text
    assert "Each of the 36 by itself" in text
    picture = re.search(r"<svg.*?</svg>", text, re.DOTALL)
    assert picture
    # Drawn as one box, and the line from it.
    assert picture[0].count("Integrated Care Board") == 0
    assert "All 36 integrated care" in picture[0]


def test_a_card_tells_only_what_its_words_mean(client: FlaskClient) -> None:
    """Whom an appointment is counted towards is not who is appointed; days apart are not one state; policy is not law."""
    page = {"Accept": "text/html"}
    chair = client.get("/ask/who-appoints?post=icb-chair", headers=page).get_data(as_text=True)
    assert "appoints an integrated care board" not in chair
    had = client.get("/ask/who-had-function?function=dentist&area=QMF", headers=page).get_data(as_text=True)
    assert "NHS England exercises primary dental services." not in had
    assert re.search(r"NHS England exercises primary dental services from 2013-04-01 to", had)


def test_a_layout_that_names_no_question_is_refused(root: Path, desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "queries").mkdir()
    told = (root / "queries" / "pages.toml").read_text(encoding="utf-8")
    for old, new in (('ask = "where-to-complain"', 'ask = "where-to-moan"'), ("[answer.cards]", "[answer.carts]")):
        (tmp_path / "queries" / "pages.toml").write_text(told.replace(old, new), encoding="utf-8")
        with pytest.raises(IcsgraphError):
            read_layout(tmp_path, desk.catalogue)


def test_short_lists_are_suggested_whole_and_misspelt_values_get_them(client: FlaskClient) -> None:
    listed = client.get("/suggest?kind=Stances&q=").get_json()
    assert {"supports", "doubts"} <= {s["value"] for s in listed}
    assert client.get("/suggest?kind=What&q=").get_json() == []
    wrong = client.get("/ask/what-does-voice-say?voice=NHS+Provders", headers={"Accept": "text/html"})
    assert wrong.status_code == 400
    assert re.search(r"NHS Providers \[nhs-providers\].*It takes: .*nel-ics", wrong.get_data(as_text=True), re.DOTALL)
