"""What a stranger's request may cost: checks in processes that are killed, slow clients, what is kept, and odd results."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from waitress.channel import HTTPChannel

from icsgraph.build.pipeline import REFERENCE, Built
from icsgraph.check.bounded import Bounded
from icsgraph.check.validator import Validator
from icsgraph.core.errors import IcsgraphError, StatusError
from icsgraph.core.report import Report
from icsgraph.graph.results import Forms, Result, UnfitForm
from icsgraph.graph.store import Store
from icsgraph.graph.upload import read_upload
from icsgraph.web import server
from icsgraph.web.cache import Cache
from tests.service import serving

BOARDS = "@prefix ics: <https://w3id.org/icsgraph/def/> .\n" + "".join(
    f'<urn:b{n}> a ics:IntegratedCareBoard ; <http://www.w3.org/2000/01/rdf-schema#label> "b{n}" .\n'
    for n in range(3000)
)


@pytest.fixture(scope="module")
def bounded(root: Path, built: Built) -> Iterator[Bounded]:
    made = Bounded(partial(Validator, root, built.folder / REFERENCE))
    yield made
    made.close()


def test_a_check_in_its_own_process_reports_as_any_other(bounded: Bounded, root: Path) -> None:
    content = (root / "shapes" / "example" / "system-with-faults.ttl").read_bytes()
    for _ in range(2):
        report = bounded.check(content, "faults.ttl", as_at="2025-09-01")
        assert len(report.findings) == 12
    assert len(bounded.pool.idle) == 1


def test_a_mistake_keeps_its_message_and_hint(bounded: Bounded) -> None:
    with pytest.raises(IcsgraphError) as raised:
        bounded.check(b"", "nothing.ttl")
    assert (raised.value.message, raised.value.hint) == (
        "nothing.ttl is empty.",
        "Give a description in Turtle or another RDF format.",
    )


def test_a_check_without_end_is_stopped_and_the_next_one_is_answered(root: Path, built: Built) -> None:
    bounded = Bounded(partial(Validator, root, built.folder / REFERENCE), seconds=2)
    try:
        with pytest.raises(StatusError, match="longer than 2 seconds") as raised:
            bounded.check(BOARDS.encode(), "boards.ttl")
        assert (raised.value.status, raised.value.retry, bounded.pool.killed) == (503, 2, 1)
        bounded.pool.bounds = bounded.pool.bounds._replace(seconds=60)
        assert bounded.check(BOARDS.encode()[:250].rpartition(b"\n")[0], "boards.ttl", as_at="2025-09-01").things == 2
    finally:
        bounded.close()


def test_a_check_without_bounds_of_memory_breaks_its_own_process_alone(root: Path, built: Built) -> None:
    bounded = Bounded(partial(Validator, root, built.folder / REFERENCE), seconds=120, megabytes=300)
    try:
        with pytest.raises(StatusError, match="300 MB") as raised:
            bounded.check(BOARDS.encode(), "boards.ttl")
        assert (raised.value.status, bounded.pool.broken, bounded.pool.crashed) == (400, 1, 0)
    finally:
        bounded.close()


class _Mistaken:
    """What checks, with a bug: the planted defect."""

    def check(self, *given: Any, **named: Any) -> Report:
        """Raise what no user can mend."""
        raise KeyError("a key of ours")

    def portable(self, *given: Any, **named: Any) -> bytes:
        """Never asked for here."""
        raise AssertionError(given)


def test_a_bug_in_a_check_is_ours_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    bounded = Bounded(_Mistaken)
    try:
        with pytest.raises(StatusError, match="not with you") as raised:
            bounded.check(b"", "it")
    finally:
        bounded.close()
    assert (raised.value.status, bounded.pool.crashed, bounded.pool.broken) == (500, 1, 0)
    assert "KeyError" in caplog.text
    assert "KeyError: " not in caplog.text, "its words may quote the file"


class _Unmade(_Mistaken):
    """What checks, and cannot be made."""

    def __init__(self) -> None:
        raise OSError("no reference here")


def test_what_checks_and_cannot_be_made_is_said_each_time_and_nobody_waits(capfd: pytest.CaptureFixture[str]) -> None:
    bounded = Bounded(_Unmade)
    try:
        for many in (1, 2):
            with pytest.raises(StatusError, match="No process for checks can be started") as raised:
                bounded.check(b"", "it")
            assert (raised.value.status, raised.value.retry, bounded.pool.crashed) == (503, 5, many)
    finally:
        bounded.close()
    assert capfd.readouterr().err.count("OSError: no reference here") == 4


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection of which only what matters is there."""

    def __init__(self, request: Any, waiting: int) -> None:
        self.request, self.total_outbufs_len, self.closed = request, waiting, False

    def handle_close(self) -> None:
        """Note that it was closed."""
        self.closed = True


def test_who_sends_half_a_request_or_takes_no_answer_is_dismissed(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    half, quiet, reading, stuck = (
        Channel(object(), 0),
        Channel(None, 0),
        Channel(None, 9),
        Channel(None, 9),
    )
    channels: dict[int, Any] = dict(enumerate((half, quiet, reading, stuck)))
    begun = server._dismiss(channels, {})
    # Any clock of the wall may jump meanwhile.
    monkeypatch.setattr(time, "time", lambda: 0.0)
    now += server.PATIENCE / 2 + 1
    reading.total_outbufs_len = 5
    begun = server._dismiss(channels, begun)
    assert [c.closed for c in channels.values()] == [False, False, False, True]
    now += server.PATIENCE / 2
    reading.total_outbufs_len = 1
    server._dismiss(channels, begun)
    assert [c.closed for c in channels.values()] == [True, False, False, True]


def test_a_crowd_of_silent_connections_shuts_nobody_out() -> None:
    with serving() as address:
        host, _, port = address.removeprefix("http://").partition(":")
        crowd = [socket.create_connection((host, int(port))) for _ in range(150)]
        try:
            with socket.create_connection((host, int(port)), timeout=10) as honest:
                honest.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                assert honest.recv(100).startswith(b"HTTP/1.1 200")
            crowd[0].sendall(b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
            assert crowd[0].recv(100).startswith(b"HTTP/1.1 413")
        finally:
            for each in crowd:
                each.close()


def test_what_is_kept_counts_the_graphs_of_a_query() -> None:
    cache = Cache(1)
    for number in range(50):
        cache.get("ASK {}", ("form", ("urn:" + "x" * 100_000, number)), lambda: Result("json", b"{}", False))
    assert cache.size <= cache.most
    assert len(cache._kept) < 10


@pytest.mark.parametrize(
    "query",
    ["CONSTRUCT { <a:a> <http://x/1> 1 } {}", "CONSTRUCT { <a:a> <http://x/> 1 } {}"],
)
def test_a_property_that_xml_cannot_name_is_refused_as_rdf_xml(query: str) -> None:
    with pytest.raises(UnfitForm, match="does not end in a name"):
        Store().serialise(query, Forms(None, "rdfxml"))
    assert Store().serialise(query, Forms(None, "nt")).body


def test_a_return_survives_xml_and_a_long_cell_survives_csv() -> None:
    body = Store().serialise('SELECT ("a\\rb" AS ?x) {}', Forms("xml")).body
    assert b"a&#13;b" in body
    long = Store().serialise(
        'SELECT ("-x" AS ?y) (REPLACE("' + "a" * 2000 + '", "a", "bbbbbbbbbb") AS ?z) {}', Forms("csv")
    )
    many = (
        'SELECT ("-x" AS ?y) (CONCAT(?l, ?l, ?l, ?l, ?l, ?l, ?l, ?l) AS ?z) { BIND(REPLACE("'
        + "a" * 2000
        + '", "a", "bbbbbbbbbb") AS ?l) }'
    )
    assert len(Store().serialise(many, Forms("csv")).body) > 160_000
    assert b"\n-x," in long.body


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        ("<urn:a> a 'x y' .", "turtle", "is a text and no kind"),
        ("<urn:a> <urn:b> <<( <urn:a> <urn:b> <urn:c> )>> .", "turtle", "statements about statements"),
        (
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:x='urn:x'>" + "<x:a><x:b>" * 5000,
            "rdfxml",
            "100 deep",
        ),
    ],
)
def test_a_description_that_costs_or_confuses_is_refused(content: str, kind: str, said: str) -> None:
    began = time.monotonic()
    with pytest.raises(IcsgraphError, match=said):
        read_upload(content.encode(), "it", kind)
    assert time.monotonic() - began < 60


def test_a_parser_that_quotes_all_it_read_is_cut_short() -> None:
    with pytest.raises(IcsgraphError) as raised:
        read_upload(b"x" * 1_000_000, "it", "turtle")
    assert len(raised.value.message) < 500
