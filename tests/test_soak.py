"""A short soak: what ``make soak`` does for half an hour, in half a minute; what dear questions leave in memory; what a soak sees."""

from __future__ import annotations

import http.client
import subprocess
import sys
import threading
import time

import pytest

from icsgraph.build.pipeline import Built
from icsgraph.web import server
from tests import soak
from tests.soak_service import sample, service

# Megabytes by which a service may grow over the dearest questions, asked by many at once: it keeps what it read of the record.
GROWTH = 120
# What a thread does for a dear question: takes 20 MB in small pieces, and leaves a few of them that are kept.
THREADS = """
import sys, threading
from icsgraph.core import machine
if sys.argv[1] == "mended": machine.share_heap()
kept = []
def work():
    pieces = [bytes(1000) for _ in range(20_000)]
    together.wait()
    kept.extend(pieces[::400])
together = threading.Barrier(12)
before = machine.resident()
threads = [threading.Thread(target=work) for _ in range(12)]
for thread in threads: thread.start()
for thread in threads: thread.join()
if sys.argv[1] == "mended": machine.return_memory()
print((machine.resident() - before) // 1_000_000)
"""


@pytest.mark.slow
def test_a_few_clients_for_a_moment_leave_nothing_behind(built: Built) -> None:
    """The dataset is there, so that the service starts at once; times are no matter here, where other tests run beside."""
    said: list[str] = []
    faults = soak.run(8, 6, 16, 0, said.append)
    assert [f for f in faults if "recover" not in f] == [], said


def test_a_soak_sees_an_answer_that_is_none() -> None:
    figures = soak.Figures()
    figures.note("page", "no answer: TimeoutError", 60)
    figures.note("page", "200", 0.1)
    assert figures.answers["page", "no answer: TimeoutError"] == 1
    assert figures.middle("page") > 1


@pytest.mark.skipif(sys.platform != "linux", reason="the C library of another system shares its heaps otherwise")
@pytest.mark.parametrize(("how", "least", "most"), [("mended", -50, 40), ("planted defect", 60, 1000)])
def test_what_threads_no_longer_need_goes_back_to_the_system(how: str, least: int, most: int) -> None:
    """regression: each thread had a heap of its own, and each kept what its dearest question took."""
    told = subprocess.run([sys.executable, "-c", THREADS, how], capture_output=True, text=True, check=True)
    assert least <= int(told.stdout) <= most


def test_memory_is_given_back_only_where_the_process_has_grown(monkeypatch: pytest.MonkeyPatch) -> None:
    size, given = [1_000_000_000], []
    monkeypatch.setattr(server, "resident", lambda: size[0])
    monkeypatch.setattr(server, "return_memory", lambda: given.append(size[0]))
    tidy = server.Tidy()
    given.clear()
    now = time.monotonic()
    tidy.up(now + 2 * server.BETWEEN)
    size[0] += (server.LEFT + 1) * 1_000_000
    tidy.up(now)
    assert given == []
    tidy.up(now + 2 * server.BETWEEN)
    assert given == size


@pytest.mark.slow
def test_dear_questions_asked_by_many_leave_the_service_as_it_was(built: Built) -> None:
    """regression: two thousand questions took it from half a gigabyte to more than two."""
    paths = [
        f"/ask/may-delegate?from=X24&to={board}&function={function}&as_at={day}&format=json"
        for board in ("QMF", "QRL")
        for function in ("dentist", "nhs-111", "ambulance+services", "social+care")
        for day in ("2023-05-01", "2024-06-01", "2026-05-01")
    ]
    with service() as (process, port, _):

        def ask(some: list[str]) -> None:
            for path in some:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
                connection.request("GET", path)
                assert connection.getresponse().read()
                connection.close()

        ask(paths[:1])
        before = sample(process.pid)["own"]
        threads = [threading.Thread(target=ask, args=[paths[n::12] * 2]) for n in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        end = time.monotonic() + 10 * server.BETWEEN
        while (after := sample(process.pid)["own"]) > before + GROWTH and time.monotonic() < end:
            time.sleep(0.5)
    assert after <= before + GROWTH
