"""Clients that nobody here wrote: one generated from the description of the API, and every answer held to that description."""

from __future__ import annotations

import datetime as dt
import importlib
import json
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from icsgraph.ask.desk import Desk
from icsgraph.build.pipeline import Built
from icsgraph.graph.store import Store
from icsgraph.web.app import create_app
from icsgraph.web.openapi import PAGES_ONLY
from icsgraph.web.schemas import answer_name
from tests.conftest import TODAY

# What it does not ask for, and asking for it would need a second program.
CONFIG = """\
post_hooks: []
content_type_overrides:
  application/zip: application/octet-stream
  application/vnd.openxmlformats-officedocument.spreadsheetml.sheet: application/octet-stream
"""


@pytest.fixture(scope="module")
def client(desk: Desk, store: Store, built: Built) -> FlaskClient:
    def checks() -> Any:
        raise AssertionError("nothing is checked here")

    return create_app(desk, store, checks, published=built.folder).test_client()


@pytest.fixture(scope="module")
def told(client: FlaskClient) -> dict[str, Any]:
    described: dict[str, Any] = json.loads(client.get("/openapi.json").data)
    return described


def fits(told: dict[str, Any], name: str, value: object) -> list[str]:
    """What of a value breaks the schema of a name."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": told["components"]}
    return [f"{list(e.absolute_path)}: {e.message}" for e in Draft202012Validator(schema).iter_errors(value)]


def test_every_answer_is_as_described(told: dict[str, Any], desk: Desk) -> None:
    for schema in told["components"]["schemas"].values():
        # The description takes what it does not name; here nothing else may be there.
        if schema.get("type") == "object" and "properties" in schema and "additionalProperties" not in schema:
            schema.setdefault("unevaluatedProperties", False)
    for question in desk.catalogue.questions.values():
        asked = [(e.values, e.as_at, e.scenario) for e in question.examples]
        # regression: what no example names answers otherwise than by example; so the defaults alone are asked where they suffice.
        if all(p.default is not None for p in question.parameters):
            asked.append(({}, "", question.examples[0].scenario))
        for values, as_at, scenario in asked:
            answer = desk.ask(question.id, values, as_at, scenario, TODAY).to_dict()
            assert fits(told, answer_name(question.id), answer) == [], question.id
            assert fits(told, "Answer", answer) == [], question.id
    planted = deepcopy(told)
    planted["components"]["schemas"]["WhoIsLiableForRow"]["properties"]["body"] = {"type": "string"}
    answer = desk.ask("who-is-liable-for", {"function": "dentist", "area": "QMF"}, "2023-06-01").to_dict()
    assert fits(planted, "WhoIsLiableForAnswer", answer)


def test_the_reader_of_questions_refuses_what_it_does_not_read(client: FlaskClient, told: dict[str, Any]) -> None:
    # regression: ?q= was passed over, and nothing asked was a reading with 400 where the description has a problem
    for query, parameter in (
        ("q=dentist", "q"),
        ("what=dentist&were=Newham", "were"),
        ("", "what"),
        ("what=%20", "what"),
    ):
        answer = client.get(f"/find?{query}")
        assert (answer.status_code, answer.mimetype) == (400, "application/problem+json"), query
        assert answer.json
        assert fits(told, "Problem", answer.json) == []
        assert (answer.json["parameter"], bool(answer.json["hint"])) == (parameter, True)
    page = client.get("/find?what=dentist&utm_source=letter", headers={"Accept": "text/html"})
    assert page.status_code != 400


def test_every_column_is_said_to_hold_something(desk: Desk) -> None:
    used = {c for q in desk.catalogue.questions.values() for c in q.columns}
    assert used - set(desk.catalogue.columns) == set(), "name them in queries/columns.toml"
    assert set(desk.catalogue.columns) - used == set(), "no question has them"


def test_every_public_route_is_described(client: FlaskClient, told: dict[str, Any]) -> None:
    shape = {"/doc/{path}": "/doc/{kind}/{id}", "/id/{path}": "/id/{kind}/{id}", "/def/{path}": "/def/{name}"}
    routes = set()
    for rule in client.application.url_map.iter_rules():
        text = "".join(part if not is_name else "{" + part + "}" for is_name, part in rule._trace[1:])
        path = text.removeprefix("|")
        routes.add(shape.get(path, path))
    routes.discard("/ask/{id}")
    described = {p for p in told["paths"] if not p.startswith("/ask/")}
    assert routes - PAGES_ONLY == described


def test_a_client_made_from_the_description_works(
    client: FlaskClient, told: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "told.json").write_text(json.dumps(told), encoding="utf-8")
    (tmp_path / "config.yml").write_text(CONFIG, encoding="utf-8")
    maker = Path(sys.executable).with_name("openapi-python-client")
    words = ["--path", "told.json", "--config", "config.yml", "--output-path", "made_client", "--meta", "none"]
    subprocess.run([maker, "generate", *words], cwd=tmp_path, check=True, capture_output=True)
    monkeypatch.syspath_prepend(tmp_path)

    def call(name: str, **values: Any) -> Any:
        return importlib.import_module(f"made_client.api.{name}").sync(client=api, **values)

    def model(name: str) -> Any:
        return getattr(importlib.import_module("made_client.models"), name)

    api = importlib.import_module("made_client").Client(
        base_url="http://localhost", httpx_args={"transport": httpx.WSGITransport(app=client.application)}
    )
    # law: NHS Act 2006 s.65Z5(6), delegation of 1 April 2023
    answer = call("accountability.who_is_liable_for", function="dentist", area="QMF", as_at=dt.date(2023, 6, 1))
    assert answer.status == model("Status").SETTLED
    assert [row.body.code for row in answer.rows] == ["QMF"]
    assert answer.says.startswith("NHS North East London")
    assert any(p.url.startswith("http://www.legislation.gov.uk/id/") for s in answer.statements for p in s.passages)
    changed = call("bodies.what_became_of", body="QNQ")
    assert {row.successor.code: row.share for row in changed.rows}.keys() == {"QRL", "S9B9J", "S0E4D"}
    assert all(0 < row.share <= 1 for row in changed.rows)
    refused = call("accountability.who_is_liable_for", function="no such thing")
    assert isinstance(refused, model("Problem"))
    assert (refused.status, bool(refused.hint)) == (400, True)
    assert call("service.health").questions == len(call("service.questions"))
    found = call("service.find", what="who pays for dentists", where="Newham")
    assert found.decided or found.choices
    assert call("service.suggest", q="north east l", kind="Body")[0].value
    assert call("service.sparql", query="ASK {}").boolean is True
