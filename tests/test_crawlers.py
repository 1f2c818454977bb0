"""What programs that read sites are told: robots.txt, the sitemap, llms.txt, and schema.org in pages."""

from __future__ import annotations

import json
import re
import urllib.robotparser
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from flask.testing import FlaskClient

from icsgraph.ask.desk import Desk
from icsgraph.build.pipeline import Built
from icsgraph.graph.store import Store
from icsgraph.web.app import create_app
from icsgraph.web.schema_org import as_script

ROOT = "http://localhost/"
_PLACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


@pytest.fixture(scope="module")
def client(desk: Desk, store: Store, built: Built) -> FlaskClient:
    return create_app(desk, store, published=built.folder).test_client()


def told(client: FlaskClient, path: str) -> dict[str, Any]:
    """What a page tells in the words of schema.org."""
    page = client.get(path, headers={"Accept": "text/html"}).get_data(as_text=True)
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert len(found) == 1, path
    said: dict[str, Any] = json.loads(found[0])
    assert said["@context"] == "https://schema.org"
    return said


def test_robots_may_read_pages_and_not_ask_without_end(client: FlaskClient) -> None:
    text = client.get("/robots.txt").get_data(as_text=True)
    robots = urllib.robotparser.RobotFileParser()
    robots.parse(text.splitlines())
    for path in ("doc/body/QMF", "questions", "def/", "ask/who-is-liable-for"):
        assert robots.can_fetch("*", ROOT + path), path
    for path in ("sparql?query=x", "find?what=x", "reconcile", "mcp", "metrics"):
        assert not robots.can_fetch("*", ROOT + path), path
    assert f"Sitemap: {ROOT}sitemap.xml" in text


def test_the_sitemap_names_pages_that_are_there(client: FlaskClient, desk: Desk) -> None:
    answer = client.get("/sitemap.xml")
    places = [place.text or "" for place in ElementTree.fromstring(answer.data).iter(_PLACE)]
    assert len(places) == len(set(places)) < 50_000
    assert len(answer.data) < 50_000_000
    assert {ROOT, f"{ROOT}ask/who-oversees", f"{ROOT}doc/body/QMF", f"{ROOT}doc/provision/nhsa2006-s14Z43"} <= set(
        places
    )
    for place in [*places[:8], *places[8 :: len(places) // 12]]:
        page = client.get(place.removeprefix(ROOT.rstrip("/")), headers={"Accept": "text/html, */*;q=0.1"})
        assert page.status_code == 200, place


def test_llms_txt_names_every_question_and_what_must_be_said(client: FlaskClient, desk: Desk) -> None:
    text = client.get("/llms.txt").get_data(as_text=True)
    assert text.startswith("# icsgraph\n\n> ")
    assert all(f"{ROOT}ask/{id}?" in text for id in desk.catalogue.questions)
    assert all(f"`{status}`" in text for status in ("settled", "presumed", "contested", "silent"))
    # Served only where it is asked for, so named only there.
    assert f"{ROOT}mcp" not in text
    for address in re.findall(r"\]\(http://localhost(/[^)\s]*)\)", text)[:12]:
        assert client.get(address).status_code in (200, 400), address


def test_an_answer_carries_its_status_day_and_law(client: FlaskClient, desk: Desk) -> None:
    page = "/ask/who-is-liable-for?function=dentist&area=QMF&as_at="
    settled, presumed = (
        told(client, page + day)["mainEntity"]["acceptedAnswer"] for day in ("2023-06-01", "2022-10-01")
    )
    assert settled["text"].startswith("As at 2023-06-01: NHS North East London")
    said = desk.catalogue.notes.say("presumed")
    assert said not in settled["text"]
    assert presumed["text"].endswith(said)
    assert any(c["@type"] == "Legislation" and "legislation.gov.uk" in c["url"] for c in settled["citation"])
    silent = told(client, "/ask/which-body-is?code=ZZZ9&as_at=2023-06-01")["mainEntity"]["acceptedAnswer"]
    assert "not the same as" in silent["text"]


@pytest.mark.parametrize(
    ("path", "kind", "name"),
    [
        ("/", "WebSite", "icsgraph"),
        ("/data", "Dataset", "icsgraph"),
        ("/doc/body/QMF", "Organization", "NHS North East London Integrated Care Board"),
        ("/doc/provision/nhsa2006-s14Z43", "Legislation", ""),
        ("/doc/function/primary-dental-services", "DefinedTerm", "Primary dental services"),
    ],
)
def test_a_page_says_what_it_is_about(client: FlaskClient, path: str, kind: str, name: str) -> None:
    said = told(client, path)
    assert said["@type"] == kind
    assert name in said["name"]
    if path == "/doc/body/QMF":
        assert (said["foundingDate"], said["identifier"]) == ("2022-07-01", "QMF")
    if kind == "Dataset":
        [file] = said["distribution"]
        with client.head(file["contentUrl"].removeprefix(ROOT.rstrip("/"))) as there:
            assert there.status_code == 200


def test_a_name_cannot_end_the_element_that_holds_it() -> None:
    """Planted: a name with the end of a script in it."""
    text = as_script({"name": "</script><b>&"})
    assert "<" not in text
    assert json.loads(text)["name"] == "</script><b>&"
