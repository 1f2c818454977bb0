"""Reconciliation as the specification has it: its own schemas, the names and codes of a day, bad input, and the time of 1,000 names."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from icsgraph.ask.desk import Desk
from icsgraph.ask.matching import Matcher
from icsgraph.core.dates import parse_day
from icsgraph.graph.store import Store
from icsgraph.web.app import create_app

SCHEMAS = {
    p.stem: json.loads(p.read_text(encoding="utf-8")) for p in (Path(__file__).parent / "reconciliation").glob("*.json")
}
REGISTRY: Registry[Any] = Registry().with_resources(
    [(s["$id"], Resource.from_contents(s, DRAFT202012)) for s in SCHEMAS.values()]
)
TODAY = "2026-11-23"


@pytest.fixture(scope="module")
def client(desk: Desk, store: Store) -> FlaskClient:
    return create_app(desk, store).test_client()


def fits(name: str, value: object) -> list[str]:
    """What of a value breaks a schema of the specification."""
    return [e.message for e in Draft202012Validator(SCHEMAS[name], registry=REGISTRY).iter_errors(value)]


def match(client: FlaskClient, day: str = "", **queries: Any) -> dict[str, list[dict[str, Any]]]:
    """The candidates of queries, which and whose answers are held to the schemas."""
    assert fits("reconciliation-query-batch", queries) == []
    answer = client.post("/reconcile", data={"queries": json.dumps(queries)}, query_string={"as_at": day})
    assert answer.status_code == 200, answer.data
    assert fits("reconciliation-result-batch", answer.json) == []
    return {key: one["result"] for key, one in answer.get_json().items()}


# What is written in a table, the day, the type, and the one thing that it certainly means; none where it may mean several or nothing.
# source: the register of codes by scheme and day, and the law as cited; the rest follows from when each body existed.
CERTAIN = [
    ("QMF", "2023-01-01", "Body", "body/QMF"),
    # The partnership bore the board's code before there was a board.
    ("QMF", "2021-01-01", "Body", "body/STP-QMF"),
    ("QMF", "", "Body", None),
    ("06N", "2019-06-01", "Body", "body/06N"),
    # A location of a board has the code now, with less ground than the group had.
    ("01Y", "2023-05-01", "Body", None),
    ("01Y", "", "Body", None),
    ("E38000079", "2019-06-01", "Body", "body/06N"),
    ("NHS Newham CCG", "2019-06-01", "Body", "body/08M"),
    ("nhs newham ccg", "", "Body", "body/08M"),
    ("NHS Newham CCG", "2026-11-01", "Body", None),
    ("dentistry", TODAY, "Function", "function/primary-dental-services"),
    ("NHS Act 2006 s.14Z43", TODAY, "Provision", "provision/nhsa2006-s14Z43"),
    ("section 14Z43 of the National Health Service Act 2006", TODAY, "Provision", "provision/nhsa2006-s14Z43"),
    ("section 14Z43", TODAY, "Provision", None),
    # The section as it stood; of today only parts of it are on record, and of a part that is cited the section.
    ("section 3 NHS Act 2006", "2019-01-01", "Provision", "provision/P010"),
    ("section 3 NHS Act 2006", TODAY, "Provision", None),
    ("NHS Act 2006, section 14Z43(1)", TODAY, "Provision", None),
    ("North East London Integrated Care Bord", TODAY, "Body", None),
    ("no such thing at all", TODAY, "Body", None),
    ("", TODAY, "Body", None),
]


@pytest.mark.parametrize(("said", "day", "kind", "wanted"), CERTAIN)
def test_what_is_certain_is_told_apart_from_what_is_like_it(
    client: FlaskClient, said: str, day: str, kind: str, wanted: str | None
) -> None:
    found = match(client, day, q={"query": said, "type": kind})["q"]
    assert [c["id"] for c in found if c["match"]] == ([wanted] if wanted else [])
    # The day of the row goes before the day of the address.
    if day:
        asked = {"query": said, "type": kind, "properties": [{"pid": "as_at", "v": day}]}
        assert match(client, "2013-04-01", q=asked)["q"] == found


def test_a_misspelt_name_and_part_of_one_find_what_is_meant(client: FlaskClient) -> None:
    queries = {
        "a": {"query": "North East London Integrated Care Bord", "type": "IntegratedCareBoard"},
        "b": {"query": "Barts Helth NHS Trust"},
        "c": {"query": "Guys and St Thomas", "limit": 1},
    }
    found = match(client, TODAY, **queries)
    assert [found[key][0]["id"] for key in "abc"] == ["body/QMF", "body/R1H", "body/RJ1"]
    assert len(found["c"]) == 1
    assert {t["id"] for t in found["b"][0]["type"]} >= {"Body"}
    assert all(
        c["score"] == sorted((x["score"] for x in found["a"]), reverse=True)[n] for n, c in enumerate(found["a"])
    )


def test_what_else_a_row_says_decides_and_never_makes_up_for_a_contradiction(client: FlaskClient) -> None:
    both = {"query": "QMF", "type": "Body"}
    by = {"pid": "ics:onsCode", "v": "E54000029"}
    found = match(client, "2023-01-01", plain=both, right={**both, "properties": [by]})
    assert [c["id"] for c in found["plain"] if c["match"]] == ["body/QMF"]
    wrong = match(
        client, "2023-01-01", q={**both, "properties": [{"pid": "ics:odsCode", "v": ["QXX", {"id": "body/X24"}]}]}
    )
    assert not any(c["match"] for c in wrong["q"])
    assert {f["id"]: f["value"] for f in wrong["q"][0]["features"]}["ics:odsCode"] is False


def test_a_thousand_names_take_less_than_two_seconds(desk: Desk) -> None:
    """The time of the processor, so that what else runs does not count; each name with a letter left out, and some of common words alone."""
    matcher = Matcher(desk.names)
    matcher.match("to have all made first")
    bodies = sorted(label for thing, label in desk.names.labels.items() if desk.names.is_any(thing, ("Body",)))[::3][
        :900
    ]
    column = [name[:3] + name[4:] for name in bodies] + [
        f"NHS foundation trust hospitals board {n}" for n in range(100)
    ]
    began = time.process_time()
    for name in column[:1000]:
        matcher.match(name, day=parse_day(TODAY))
    assert time.process_time() - began < 2


def test_the_manifest_and_what_it_names(client: FlaskClient) -> None:
    told = client.get("/reconcile").get_json()
    assert fits("manifest", told) == []
    assert {t["id"] for t in told["defaultTypes"]} == {"Body", "Function", "Provision"}
    assert client.get(told["view"]["url"].replace("{{id}}", "body%2FQMF")).status_code == 303
    preview = client.get(told["preview"]["url"].replace("{{id}}", "body%2FQMF"))
    assert b"North East London" in preview.data
    assert "frame-ancestors *" in preview.headers["Content-Security-Policy"]
    for of, prefix, wanted in (
        ("entity", "north east l", "body/QMF"),
        ("entity", "body/QMF", "body/QMF"),
        ("type", "integrated care b", "IntegratedCareBoard"),
        ("property", "ods", "ics:odsCode"),
        ("property", "as_at", "as_at"),
    ):
        path = told["suggest"][of]
        answer = client.get(path["service_url"] + path["service_path"], query_string={"prefix": prefix}).get_json()
        schema = {"entity": "entities", "type": "types", "property": "properties"}[of]
        assert fits(f"suggest-{schema}-response", answer) == []
        assert wanted in [found["id"] for found in answer["result"]], (of, prefix)
    more = told["suggest"]["entity"]
    first, rest = (
        client.get(more["service_url"] + more["service_path"], query_string={"prefix": "nhs", "cursor": n}).get_json()
        for n in (0, 1)
    )
    assert first["result"][1] == rest["result"][0]
    # A day in the address is the day of the settings.
    assert (
        client.get("/reconcile?as_at=2023-01-01").get_json()["extend"]["property_settings"][0]["default"]
        == "2023-01-01"
    )


def test_a_table_is_filled_up_on_a_day(client: FlaskClient) -> None:
    path = client.get("/reconcile").get_json()["extend"]["propose_properties"]
    proposed = client.get(path["service_url"] + path["service_path"], query_string={"type": "Body"}).get_json()
    assert fits("data-extension-property-proposal", proposed) == []
    assert {"follower", "ics:odsCode", "rdfs:label"} <= {p["id"] for p in proposed["properties"]}
    asked = {
        "ids": ["body/99M", "body/06N"],
        "properties": [
            {"id": "follower", "settings": {"as_at": "2026-06-01"}},
            {"id": "follower-share", "settings": {"as_at": "2026-06-01"}},
            {"id": "ics:validTo"},
        ],
    }
    assert fits("data-extension-query", asked) == []
    answer = client.post("/reconcile", data={"extend": json.dumps(asked)}).get_json()
    assert fits("data-extension-response", answer) == []
    row = answer["rows"]["body/99M"]
    # source: register of the order of April 2026; the shares are counted from small areas
    assert [v["id"] for v in row["follower"]] == ["body/QRL", "body/S9B9J"]
    assert [v["float"] for v in row["follower-share"]] == [0.77692, 0.22308]
    assert sum(v["float"] for v in row["follower-share"]) == pytest.approx(1)
    assert answer["rows"]["body/06N"]["ics:validTo"] == [{"str": "2022-07-01"}]
    on = json.dumps({**asked, "properties": [{"id": "follower"}]})
    then = client.post("/reconcile", data={"extend": on}, query_string={"as_at": "2019-06-01"}).get_json()
    assert [v["id"] for v in then["rows"]["body/06N"]["follower"]] == ["body/06N"]


REFUSED = [
    ({"queries": "{"}, "queries"),
    ({"queries": "[" * 100_000}, "queries"),
    ({"queries": "[]"}, "queries"),
    ({"queries": json.dumps({f"q{n}": {"query": "x"} for n in range(1001)})}, "queries"),
    ({"queries": json.dumps({"q1": "QMF"})}, "queries.q1"),
    ({"queries": json.dumps({"q1": {"query": 7}})}, "queries.q1.query"),
    ({"queries": json.dumps({"q1": {"query": "x" * 501}})}, "queries.q1.query"),
    ({"queries": json.dumps({"q1": {"query": "x", "limit": 0}})}, "queries.q1.limit"),
    ({"queries": json.dumps({"q1": {"query": "x", "limit": float("nan")}})}, "queries.q1.limit"),
    ({"queries": json.dumps({"q1": {"query": "x", "type": "Bodie"}})}, "queries.q1.type"),
    ({"queries": json.dumps({"q1": {"query": "x", "typ": "Body"}})}, "queries.q1.typ"),
    ({"queries": json.dumps({"q1": {"query": "x", "type_strict": "most"}})}, "queries.q1.type_strict"),
    (
        {"queries": json.dumps({"q1": {"query": "x", "properties": [{"pid": "ics:x y", "v": "1"}]}})},
        "queries.q1.properties[0].pid",
    ),
    (
        {"queries": json.dumps({"q1": {"query": "x", "properties": [{"pid": "as_at", "v": "2019"}]}})},
        "queries.q1.properties[0].v",
    ),
    ({"queries": "{}", "as_at": "yesterday"}, "as_at"),
    ({"as_at": "2019-02-30"}, "as_at"),
    ({"extend": json.dumps({"ids": ["body/NONE"], "properties": []})}, "extend.ids[0]"),
    ({"extend": json.dumps({"ids": [], "properties": [{"id": "no:such"}]})}, "extend.properties[0].id"),
    ({"extend": json.dumps({"properties": []})}, "extend.ids"),
]


@pytest.mark.parametrize(("sent", "field"), REFUSED, ids=[f"{n}-{f}" for n, (_, f) in enumerate(REFUSED)])
def test_bad_input_is_refused_with_the_field_at_fault(client: FlaskClient, sent: dict[str, str], field: str) -> None:
    answer = client.post("/reconcile", data=sent)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json"), answer.data
    assert answer.get_json()["parameter"] == field


def test_a_planted_fault_breaks_the_schemas() -> None:
    assert fits("reconciliation-result-batch", {"q1": {"result": [{"name": "x", "score": 1}]}})
    assert fits("manifest", {"versions": ["0.1"], "name": "x", "identifierSpace": "x", "schemaSpace": "x"})
