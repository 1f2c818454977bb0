"""Clients in Node that nobody here wrote, against a service that this starts: Comunica, and one typed by the description of the API."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import engines
from tests.service import serving

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving() as here:
        yield here


@pytest.fixture(scope="module")
def description(address: str) -> str:
    with urllib.request.urlopen(f"{address}/openapi.json") as answer:
        return str(answer.read().decode())


def test_comunica_asks_what_is_there(address: str) -> None:
    found = engines.comunica(address)
    # source: the record of boards, 36 of which exist, 12 have ended
    assert found["count"] == found["detected"] == [{"n": "48"}]
    assert found["ask"] is True
    assert found["construct"] == 48
    label = "NHS North East London Integrated Care Board"
    assert label in [row["l"] for row in found["document"]]


def test_a_typescript_client_made_from_the_description_works(address: str, description: str, tmp_path: Path) -> None:
    script = (engines.HERE / "client.ts").read_text(encoding="utf-8")
    told = json.loads(engines.typed_client(description, script, address, tmp_path))
    # law: NHS Act 2006 s.65Z5(6), delegation of 1 April 2023
    assert (told["status"], told["bodies"]) == ("settled", ["QMF"])
    assert told["says"].startswith("NHS North East London")
    assert told["law"] > 0
    assert {code for code, _ in told["shares"]} == {"QRL", "S9B9J", "S0E4D"}
    assert all(0 < share <= 1 for _, share in told["shares"])
    assert told["refused"] == [400, "function"]
    assert told["questions"] == len([p for p in json.loads(description)["paths"] if p.startswith("/ask/")])
    assert told["understood"]


def test_a_column_that_is_not_described_is_noticed(address: str, description: str, tmp_path: Path) -> None:
    """Planted: a script that reads a column which the question has not."""
    script = (engines.HERE / "client.ts").read_text(encoding="utf-8").replace("row.body?.code", "row.bodie?.code")
    with pytest.raises(AssertionError, match="bodie"):
        engines.typed_client(description, script, address, tmp_path)
