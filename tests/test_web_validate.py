"""Checking descriptions over HTTP: by body, form and file; every form of report; bad input keeps what was entered."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
import rdflib
from flask.testing import FlaskClient

from icsgraph.ask.desk import Desk
from icsgraph.check import render
from icsgraph.check.validator import Validator
from icsgraph.graph.store import Store
from icsgraph.web.app import create_app

ROOT = Path(__file__).resolve().parents[1]
FAULTY = (ROOT / "shapes" / "example" / "system-with-faults.ttl").read_bytes()
DAY = {"as_at": "2025-09-01"}


@pytest.fixture(scope="module")
def client(desk: Desk, store: Store, validator: Validator) -> FlaskClient:
    return create_app(desk, store, lambda: validator).test_client()


def test_the_service_gives_what_the_call_gives(client: FlaskClient, validator: Validator) -> None:
    report = validator.check(FAULTY, "the description", "act-2022", "2025-09-01", kind="turtle")
    given = client.post("/validate", query_string=DAY, data=FAULTY, content_type="text/turtle")
    assert given.status_code == 200
    assert given.get_data(as_text=True) == render.as_json(report)
    assert len(json.loads(given.data)["findings"]) == 12


@pytest.mark.parametrize(
    ("accept", "media", "rdf"),
    [
        ("application/json", "application/json", ""),
        ("text/turtle", "text/turtle", "turtle"),
        ("application/ld+json", "application/ld+json", "json-ld"),
        ("text/html,application/xhtml+xml;q=0.9", "text/html", ""),
    ],
)
def test_every_form_holds_every_finding(client: FlaskClient, accept: str, media: str, rdf: str) -> None:
    given = client.post(
        "/validate", query_string=DAY, data=FAULTY, content_type="text/turtle", headers={"Accept": accept}
    )
    assert (given.status_code, given.mimetype) == (200, media)
    if rdf:
        graph = rdflib.Graph()
        graph.parse(data=given.data, format=rdf)
        assert len(list(graph.objects(None, rdflib.SH.result))) == 12
    elif media == "text/html":
        assert given.get_data(as_text=True).rstrip().endswith("</html>")
        assert given.get_data(as_text=True).count("What to do") >= 12


def test_a_form_a_file_and_a_body_are_checked_alike(client: FlaskClient) -> None:
    body = client.post("/validate", query_string=DAY, data=FAULTY, content_type="text/turtle")
    pasted = client.post("/validate", data={**DAY, "text": FAULTY.decode()})
    filed = client.post("/validate", data={**DAY, "file": (io.BytesIO(FAULTY), "mine.ttl")})
    found = [[f["rule"] for f in json.loads(a.data)["findings"]] for a in (body, pasted, filed)]
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 12


@pytest.mark.parametrize(
    ("content", "media", "status", "says"),
    [
        (b"", "text/turtle", 400, "empty"),
        (b"@prefix : <x> . :a :b", "text/turtle", 400, "line 1"),
        (b"%PDF-1.7", "application/pdf", 415, "application/pdf"),
        (b"a" * 60_000_000, "text/turtle", 413, "too large"),
    ],
)
def test_bad_input_is_refused_in_words(client: FlaskClient, content: bytes, media: str, status: int, says: str) -> None:
    answer = client.post("/validate", data=content, content_type=media)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    body = json.loads(answer.data)
    assert says in (body["detail"] + body.get("hint", "")).lower()


def test_a_page_keeps_what_was_entered(client: FlaskClient) -> None:
    entered = {"text": "this is <b>not</b> Turtle", "as_at": "2025-09-01", "scenario": "option-1"}
    answer = client.post("/validate", data=entered, headers={"Accept": "text/html"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "this is &lt;b&gt;not&lt;/b&gt; Turtle" in text
    assert "<b>not" not in text
    assert '<option value="option-1" selected>' in text
    assert 'value="2025-09-01"' in text


def test_a_service_without_a_validator_has_no_such_page(desk: Desk, store: Store) -> None:
    assert create_app(desk, store).test_client().get("/validate").status_code == 404


def test_a_form_that_is_not_there_is_refused(client: FlaskClient) -> None:
    named = client.post("/validate", query_string={**DAY, "format": "docx"}, data=FAULTY, content_type="text/turtle")
    assert (named.status_code, "json, ttl, jsonld, html" in named.get_data(as_text=True)) == (400, True)
    typed = client.post(
        "/validate", query_string=DAY, data=FAULTY, content_type="text/turtle", headers={"Accept": "image/png"}
    )
    assert typed.status_code == 406
