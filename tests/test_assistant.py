"""The server for assistants, asked by the client of the same protocol over standard input and output and over HTTP."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.shared.exceptions import MCPError
from werkzeug.test import TestResponse

from icsgraph.ask.desk import Desk
from icsgraph.bounded.pool import Pool
from icsgraph.graph.store import Store
from icsgraph.web.app import create_app
from icsgraph.web.cache import Cache
from icsgraph.web.service import Service
from icsgraph.web.told import Told, bounded, told
from tests.conftest import ROOT, TODAY
from tests.service import serving

# Everyday questions in plain words: what, where, when, the status, and what the answer and its law must name. law: the section that
# stands last in each; who is named follows from it and from the record of that day, which is a source.
EVERYDAY = [
    ("Who commissions NHS dentistry?", "Newham", "2026-11-01", "settled", "North East London", "NHS Act 2006 s.99"),
    ("Who was responsible for GP services?", "Hackney", "2019-06-01", "presumed", "NHS England", "NHS Act 2006 s.83"),
    ("who is liable for NHS dentistry", "QMF", "2023-06-01", "settled", "North East London", "NHS Act 2006 s.65Z5(6)"),
    ("who is liable for NHS dentistry", "QMF", "2022-10-01", "presumed", "NHS England", "NHS Act 2006 s.99"),
    ("who pays for ambulances", "Newham", "2026-05-01", "", "North East London", "NHS Act 2006 s.3(1)"),
    ("Who runs the ambulance service?", "Leeds", "2026-11-01", "presumed", "West Yorkshire", "NHS Act 2006 s.3(1)"),
    ("which ICB covers Newham", "", "2024-01-01", "", "North East London", ""),
    ("what became of Frimley ICB?", "", "2026-06-01", "presumed", "Thames Valley", "ICB order of 2026"),
    ("What happened to NHS Newham CCG?", "", "2026-11-01", "settled", "North East London CCG", "NHS Act 2006 s.14G"),
    ("Who appoints the chair of an ICB?", "", "2026-11-01", "settled", "NHS England", "NHS Act 2006 Sch.1B para.5"),
    ("Can an ICB delegate a function to a provider collaborative?", "", "2026-11-01", "presumed", "Nothing", "s.65Z5"),
    ("Who must sit on the board of an ICB?", "", "2026-11-01", "settled", "chair", "NHS Act 2006 Sch.1B para.3"),
    ("Who oversees an NHS foundation trust?", "", "2026-11-01", "presumed", "NHS England", "NHS Act 2006 Sch.7"),
    ("What must an ICB publish every year?", "", "2026-11-01", "presumed", "must publish", "NHS Act 2006 Sch.1B"),
    (
        "Who is responsible for continuing healthcare?",
        "Leeds",
        "2026-11-01",
        "presumed",
        "Yorkshire",
        "SI 2012/2996 reg.20",
    ),
    ("Who pays for health visiting?", "Leeds", "2026-11-01", "", "Leeds City Council", "NHS Act 2006 s.2B"),
    (
        "Whom must an ICB consult before changing services?",
        "",
        "2026-11-01",
        "settled",
        "health and wellbeing",
        "s.14Z52",
    ),
    ("Which duties does NHS North East London ICB have?", "", "2026-11-01", "presumed", "bound in law", "NHS Act 2006"),
    ("Who approves the ICB's constitution?", "", "2026-11-01", "settled", "NHS England", "NHS Act 2006 Sch.1B para.15"),
    ("Who inspects hospitals?", "", "2026-11-01", "presumed", "Care Quality Commission", "HSC Act 2008 s.46"),
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where a service that was asked for it serves assistants over HTTP."""
    with serving("--mcp") as here:
        yield f"{here}/mcp"


def run(server: StdioServerParameters | str, work: Callable[[Client], Coroutine[Any, Any, None]]) -> None:
    """Work with a client of a server: one over HTTP, or one over standard input and output that this starts and ends."""

    async def main() -> None:
        async with Client(server, read_timeout_seconds=120) as client:
            await work(client)

    asyncio.run(main())


async def call(client: Client, tool: str, /, **given: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, given)
    assert not result.is_error, result
    found: dict[str, Any] = json.loads(result.content[0].text)  # type: ignore[union-attr]
    return found


async def asked(client: Client, what: str, where: str, when: str) -> dict[str, Any]:
    """What an assistant gets for a question in plain words: the answer that is clear, or that to the first choice."""
    found = await call(client, "find", what=what, where=where, when=when)
    if "answer" in found:
        answer: dict[str, Any] = found["answer"]
        return answer
    choice = found["choices"][0]
    return await call(client, "ask", question=choice["question"], values=choice["values"], as_at=when)


def test_everyday_questions_are_answered_with_law_and_date(address: str) -> None:
    async def work(client: Client) -> None:
        for what, where, when, status, who, law in EVERYDAY:
            answer = await asked(client, what, where, when)
            assert who in answer["says"], (what, answer["says"])
            assert status in (answer["status"], ""), (what, answer["status"])
            assert ("must_be_said" in answer) == (answer["status"] != "settled"), what
            assert (answer["as_at"], answer["scenario"]) == (when, "act-2022"), what
            assert answer["address"].startswith("https://w3id.org/icsgraph/ask/")
            cited = [p["citation"] for s in answer["statements"] for p in s["law"]]
            assert cited, what
            assert any(law in c for c in cited), (what, cited)

    run(address, work)


@pytest.mark.parametrize("way", ["stdio", "http"])
def test_an_assistant_is_served(way: str, address: str) -> None:
    async def work(client: Client) -> None:
        names = {t.name for t in (await client.list_tools()).tools}
        assert names == {
            *("find", "questions", "ask", "compare_days", "explain_thing"),
            *("check", "check_workbook", "describe_schema", "sparql"),
        }
        bound = await call(client, "sparql", query="SELECT (COUNT(*) AS ?n) { ?s a ics:IntegratedCareBoard }")
        assert bound["result"]["results"]["bindings"][0]["n"]["value"] == "48"
        schema = await call(client, "describe_schema")
        assert any(c["class"].endswith("/IntegratedCareBoard") for c in schema["classes"])
        thing = await call(client, "explain_thing", name="nhsa2006-s14Z43")
        assert thing["law"][0]["url"].startswith("http://www.legislation.gov.uk/")
        listed = await call(client, "questions", family="papers")
        typed = {q["id"]: q["values"] for q in listed["questions"]}["who-may-veto"]["models"]
        assert (typed["type"], typed["required"]) == ("Scenarios", False)
        faulty = (ROOT / "shapes" / "example" / "system-with-faults.ttl").read_text(encoding="utf-8")
        report = await call(client, "check", description=faulty, as_at="2025-09-01")
        assert (report["status"], report["as_at"], len(report["findings"])) == ("breaks the rules", "2025-09-01", 12)
        assert all(f["law"] for f in report["findings"])
        workbook = base64.b64encode(
            b"Reference,Decision,Delegated to post\n1,Approve,Chief Executive (up to \xc2\xa31m)\n"
        )
        report = await call(client, "check_workbook", workbook=workbook.decode(), name="Decisions.csv")
        assert report["findings"][0]["cell"]
        days = await call(
            client,
            "compare_days",
            question="who-is-liable-for",
            values={"function": "dentist", "area": "QMF"},
            first="2022-10-01",
            second="2023-06-01",
        )
        assert [r["body"]["code"] for r in days["only_on_first"]] == ["X24"]
        assert [r["body"]["code"] for r in days["only_on_second"]] == ["QMF"]
        assert (days["first"]["status"], days["second"]["status"]) == ("presumed", "settled")
        read = await client.read_resource("icsgraph://thing/body/QMF")
        assert "QMF" in read.contents[0].text  # type: ignore[union-attr]
        answered = "icsgraph://answer/who-is-liable-for/function=dentist/area=QMF/as_at=2023-06-01"
        answer = json.loads((await client.read_resource(answered)).contents[0].text)  # type: ignore[union-attr]
        assert (answer["status"], answer["rows"][0]["body"]["code"]) == ("settled", "QMF")

    run(
        StdioServerParameters(command=sys.executable, args=["-m", "icsgraph", "mcp"]) if way == "stdio" else address,
        work,
    )


# A tool, what it is called with, the field at fault, and a choice that is offered; an empty one where there is none to offer.
REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("ask", {"question": "who-is-liable-fo"}, "question", "who-is-liable-for"),
    ("ask", {"question": "who-is-liable-for", "values": {"function": "dentst"}}, "function", "primary-dental-services"),
    (
        "ask",
        {"question": "who-is-liable-for", "values": {"function": "dentist", "area": "Newhm"}},
        "area",
        "area:E09000025",
    ),
    ("ask", {"question": "who-is-liable-for", "values": {"functio": "dentist"}}, "functio", ""),
    ("ask", {"question": "who-is-liable-for", "values": {}}, "function", ""),
    ("ask", {"question": "who-is-liable-for", "values": {"function": "x" * 2001}}, "function", ""),
    ("ask", {"question": "who-is-liable-for", "values": {"function": "dentist"}, "as_at": "2023-13-01"}, "as_at", ""),
    ("ask", {"question": "who-is-liable-for", "values": {"function": "dentist"}, "scenario": "no"}, "scenario", ""),
    ("compare_days", {"question": "who-oversees", "first": "2023-01-01", "second": ""}, "second", ""),
    ("compare_days", {"question": "who-oversees", "first": "2023-1-1", "second": "2024-01-01"}, "first", ""),
    ("find", {"what": "dentist", "when": "yesterday"}, "when", ""),
    ("check_workbook", {"workbook": "%%%"}, "workbook", ""),
    ("check_workbook", {"workbook": "QUJD"}, "workbook", ""),
    ("check", {"description": "x:a a x:B ."}, "description", ""),
    ("check", {"description": "", "as_at": "soon"}, "as_at", ""),
    ("check", {"description": "", "scenario": "no"}, "scenario", ""),
    ("sparql", {"query": "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"}, "query", ""),
    ("sparql", {"query": "SELECT * { ?s ?p ?o } LIMIT 20000"}, "query", ""),
    ("sparql", {"query": "INSERT DATA { <x:a> <x:b> 1 }"}, "query", ""),
    ("explain_thing", {"name": "no such thing at all"}, "name", ""),
]


def test_bad_input_is_refused_with_the_field_at_fault_and_the_choices(address: str) -> None:
    async def work(client: Client) -> None:
        for tool, given, field, choice in REFUSED:
            wrong = await call(client, tool, **given)
            assert wrong["error"], given
            assert wrong["field"] == field, (given, wrong)
            assert not choice or choice in [c["value"] for c in wrong["choices"]], (given, wrong)
        refused = await call(client, "check", description="@prefix x: <http://example.org/> . x:a a x:B .")
        assert refused["error"]
        # What the types of a tool do not take is told by the protocol itself, with the field.
        for tool, given, field in [
            ("ask", {}, "question"),
            ("find", {"what": "x" * 2001}, "what"),
            ("check", {"description": "", "format": "xyz"}, "format"),
        ]:
            result = await client.call_tool(tool, given)
            assert result.is_error, given
            assert field in result.content[0].text  # type: ignore[union-attr]
        for address in ("icsgraph://thing/body/NONE", "icsgraph://thing/body/a%20b"):
            with pytest.raises(MCPError, match="no body"):
                await client.read_resource(address)

    run(address, work)


def test_over_http_it_is_off_unless_asked_for_and_within_limits(desk: Desk, store: Store) -> None:
    assert create_app(desk, store).test_client().post("/mcp", json={}).status_code == 404
    pools: dict[str, Pool] = {}
    service = Service(desk=desk, evaluator=store, checks=_NoChecks(), cache=Cache(0), pools=pools)
    client = service.application(assistants=True).test_client()
    accept = {"Accept": "application/json, text/event-stream"}
    for method in ("get", "delete"):
        assert getattr(client, method)("/mcp").status_code == 405
    assert (
        client.post("/mcp", data=b"x" * 1_000_001, content_type="application/json", headers=accept).status_code == 413
    )
    assert client.post("/mcp", data=b"{", content_type="application/json", headers=accept).status_code == 400
    told = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    listed = client.post("/mcp", json=told, headers={**accept, "Origin": "https://example.org"})
    assert (listed.status_code, listed.headers["Access-Control-Allow-Origin"]) == (200, "*")
    assert len(listed.get_json()["result"]["tools"]) == 9


def test_a_call_costs_hardly_more_than_the_request_it_stands_for(desk: Desk, store: Store) -> None:
    """The time of the processor, of both sides of the door and of the loop; the median of some."""
    service = Service(desk=desk, evaluator=store, checks=_NoChecks(), cache=Cache(0), pools={})
    client = service.application(assistants=True).test_client()
    values = {"function": "dentist", "area": "QMF"}
    given = {"question": "who-is-liable-for", "values": values, "as_at": "2023-06-01"}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "ask", "arguments": given}}
    accept = {"Accept": "application/json, text/event-stream"}

    def taken(ask: Callable[[], TestResponse]) -> float:
        times = []
        for _ in range(15):
            began = time.process_time()
            assert ask().status_code == 200
            times.append(time.process_time() - began)
        return sorted(times)[7]

    plain = taken(lambda: client.get("/ask/who-is-liable-for", query_string={**values, "as_at": "2023-06-01"}))
    assert taken(lambda: client.post("/mcp", json=call, headers=accept)) - plain < 0.01


def test_a_bug_of_ours_is_told_by_its_number_alone(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Planted: a tool that fails with what was sent in its words."""

    def broken(name: str) -> Told:
        raise RuntimeError(f"about {name}")

    told = bounded(broken, desk)("somebody")
    assert "somebody" not in str(told) + caplog.text
    assert told["error"].startswith("Something went wrong here")


class _NoChecks:
    def check(self, *given: Any, **named: Any) -> Any:
        raise AssertionError("nothing is checked here")

    portable = check


@pytest.mark.parametrize("status", ["presumed", "silent", "settled"])
def test_what_must_be_said_cannot_be_lost(desk: Desk, status: str) -> None:
    asked = {
        "settled": ("who-is-liable-for", {"function": "dentist", "area": "QMF"}, "2023-06-01"),
        "presumed": ("who-is-liable-for", {"function": "dentist", "area": "QMF"}, "2022-10-01"),
        "silent": ("which-body-is", {"code": "ZZZ9"}, "2023-06-01"),
    }[status]
    answer = told(desk.ask(*asked, today=TODAY), asked[1], desk.catalogue.notes)
    if answer["status"] == "settled":
        assert "must_be_said" not in answer
    else:
        assert answer["must_be_said"]
    assert list(answer)[:4] == ["status", "says", "as_at", "scenario"]
