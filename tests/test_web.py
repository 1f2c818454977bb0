"""The service: forms of answers, errors in one form, nothing that reaches out, no page that asks another host."""

from __future__ import annotations

import json
import re

import pytest
from flask.testing import FlaskClient

from icsgraph.ask.desk import Desk
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


def test_short_lists_are_suggested_whole_and_misspelt_values_get_them(client: FlaskClient) -> None:
    listed = client.get("/suggest?kind=Stances&q=").get_json()
    assert {"supports", "doubts"} <= {s["value"] for s in listed}
    assert client.get("/suggest?kind=What&q=").get_json() == []
    wrong = client.get("/ask/what-does-voice-say?voice=NHS+Provders", headers={"Accept": "text/html"})
    assert wrong.status_code == 400
    assert re.search(r"NHS Providers \[nhs-providers\].*It takes: .*nel-ics", wrong.get_data(as_text=True), re.DOTALL)
