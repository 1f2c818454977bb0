"""Many clients for a long time: pages, questions, queries and checks mixed, hostile ones beside, then a crowd. Run by ``make soak``.

``python -m tests.soak --minutes 30 --clients 64 --crowd 256`` starts a service, prints a line per figure with its unit, and ends
with 1 where something is not as promised: an error, memory that grows, a zombie, a file left open, a crowd that it does not
recover from, or honest clients that wait too long beside hostile ones.
"""

from __future__ import annotations

import argparse
import http.client
import io
import os
import random
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import openpyxl

from tests.soak_service import sample, service

__all__ = ["Figures", "run"]

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("/", "/questions", "/doc/body/QMF", "/query", "/data", "/validate", "/health")
QUESTIONS = (
    "/ask/who-is-liable-for?function=dentist&area=QMF&as_at=2023-06-01&format=json",
    "/ask/how-many-bodies?kind=ICB&as_at=2024-01-01&format=json",
    "/ask/what-became-of?body=QUE&format=json",
)
ENDLESS = (
    "SELECT (COUNT(*) AS ?n) { ?a a ics:Provision . ?b a ics:Provision . ?c a ics:Provision . ?d a ics:Provision }"
)
# Pages take their time on two cores with 64 clients; beyond this a client is taken to have had no answer.
PATIENCE = 60
HONEST = ("page", "question", "query", "check", "workbook")


def _workbook(rows: int) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Decisions"
    sheet.append(["Reference", "Decision", "Reserved to the Board", "Delegated to post"])
    for number in range(rows):
        sheet.append([f"1.{number}", f"Approve the budget {number}", "Yes", "Chief Executive (up to £1m)"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@dataclass
class Figures:
    """What was seen: answers by kind and status, seconds by kind, samples of the service, and what is not as promised."""

    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    samples: list[dict[str, int]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, how: str, seconds: float) -> None:
        """Note an answer."""
        with self.lock:
            self.answers[kind, how] += 1
            self.seconds.setdefault(kind, []).append(seconds)

    def middle(self, kind: str) -> float:
        """The median of the seconds of a kind."""
        return statistics.median(self.seconds.get(kind) or [0.0])

    def late(self, kind: str) -> float:
        """What nineteen of twenty of a kind stay below, in seconds."""
        several = sorted(self.seconds.get(kind) or [0.0])
        return several[int(0.95 * (len(several) - 1))]


class Client:
    """A client on its own address, which asks for what a kind names."""

    def __init__(self, port: int, address: str, chance: random.Random, files: dict[str, bytes]) -> None:
        self.port = port
        self.address = address
        self.chance = chance
        self.files = files

    def ask(self, kind: str) -> str:
        """How something of a kind was answered: the status, ``503`` only with when to try again; or what went wrong."""
        method, path, body, media = self._request(kind)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"X-Forwarded-For": self.address, "Accept": "text/html" if kind == "page" else "*/*"}
        if media:
            headers["Content-Type"] = media
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status == 503 and not answer.getheader("Retry-After"):
                return "503 without when to try again"
            return str(answer.status)
        except (OSError, http.client.HTTPException) as error:
            return f"no answer: {type(error).__name__}"
        finally:
            connection.close()

    def _request(self, kind: str) -> tuple[str, str, bytes | None, str]:
        number = self.chance.randrange(10**9)
        if kind == "page":
            return "GET", self.chance.choice(PAGES), None, ""
        if kind == "question":
            return "GET", self.chance.choice(QUESTIONS), None, ""
        if kind in ("query", "endless query"):
            query = "SELECT ?p ?o { body:QMF ?p ?o }" if kind == "query" else ENDLESS
            return "GET", f"/sparql?query={quote(f'{query} #{number}')}", None, ""
        media = "text/turtle" if kind in ("check", "large check") else "application/octet-stream"
        return "POST", "/validate", self.files[kind], media


def _files() -> dict[str, bytes]:
    boards = "@prefix ics: <https://w3id.org/icsgraph/def/> .\n" + "".join(
        f"<urn:b{n}> a ics:IntegratedCareBoard .\n" for n in range(4000)
    )
    return {
        "check": (ROOT / "shapes" / "example" / "system-with-faults.ttl").read_bytes(),
        "workbook": _workbook(40),
        "large check": boards.encode(),
        "large workbook": _workbook(4000),
    }


def _together(
    figures: Figures,
    port: int,
    many: int,
    seconds: float,
    kinds: Callable[[int], tuple[str, ...]],
    pid: int,
    start: int = 0,
) -> None:
    """So many clients at once for so many seconds, each asking for the kinds that its number gives."""
    files, end = _files(), time.monotonic() + seconds

    def work(number: int) -> None:
        chance = random.Random(number)
        client = Client(port, f"10.0.{number // 250}.{number % 250 + 1}", chance, files)
        while time.monotonic() < end:
            kind = chance.choice(kinds(number))
            began = time.monotonic()
            how = client.ask(kind)
            figures.note(kind, how, time.monotonic() - began)
            # People read what they get; a client that asks without a pause is one of the hostile.
            time.sleep(0 if kind not in HONEST else chance.uniform(0, 0.2))

    threads = [threading.Thread(target=work, args=[n + start]) for n in range(many)]
    for thread in threads:
        thread.start()
    while any(t.is_alive() for t in threads):
        figures.samples.append(sample(pid))
        time.sleep(1)
    for thread in threads:
        thread.join()


def run(seconds: float, clients: int, crowd: int, hostile: int, say: Callable[[str], object]) -> list[str]:
    """Run all stages; each figure is said, and what is not as promised is returned."""
    faults: list[str] = []
    with service() as (process, port, told):
        pid = process.pid
        warm = Client(port, "10.9.0.1", random.Random(0), _files())
        for kind in HONEST:
            warm.ask(kind)
        quiet = Figures()
        _together(quiet, port, 1, min(20.0, max(6.0, seconds / 10)), lambda n: HONEST, pid)
        for kind in HONEST:
            say(
                f"quiet, {kind}: {1000 * quiet.middle(kind):.0f} ms in the middle of {len(quiet.seconds.get(kind, []))}"
            )

        mixed = Figures()
        before = sample(pid)
        _together(mixed, port, clients, seconds, lambda n: HONEST, pid)
        _tell("mixed", mixed, say)
        faults += [
            f"{how} for a {kind}, {n} times" for (kind, how), n in mixed.answers.items() if how not in ("200", "503")
        ]
        time.sleep(3)
        after = sample(pid)
        early = [s["own"] for s in mixed.samples[: max(1, min(60, len(mixed.samples) // 2))]]
        late = [s["own"] for s in mixed.samples[len(mixed.samples) // 2 :]]
        say(
            f"memory of the service: {max(early)} MB at most early on, {max(late)} MB later; with its processes {after['whole']} MB"
        )
        if max(late) > 1.15 * max(early) + 30:
            faults.append(f"memory grew from {max(early)} to {max(late)} MB")
        say(
            f"processes {before['processes']} to {after['processes']}, files {before['files']} to {after['files']}, zombies {after['zombies']}"
        )
        if after["zombies"] or after["files"] > before["files"] + 10:
            faults.append(
                f"left over: {after['zombies']} zombies, {after['files']} files where there were {before['files']}"
            )

        if hostile:
            beside = Figures()
            bad = ("endless query", "large check", "large workbook")
            _together(
                beside,
                port,
                hostile + 2,
                min(60.0, max(15.0, seconds / 5)),
                lambda n: bad if n >= 3002 else HONEST,
                pid,
                3000,
            )
            _tell(f"beside {hostile} hostile clients", beside, say)
            for kind in HONEST:
                limit = 3 * max(quiet.late(kind), 0.1)
                say(
                    f"beside hostile ones, {kind}: {1000 * beside.middle(kind):.0f} ms in the middle, {1000 * quiet.middle(kind):.0f} ms quiet"
                )
                if kind in beside.seconds and beside.middle(kind) > limit:
                    faults.append(
                        f"a {kind} beside hostile clients takes {beside.middle(kind):.1f} s, and {quiet.middle(kind):.2f} s in quiet"
                    )

        many = Figures()
        _together(many, port, crowd, min(60.0, max(6.0, seconds / 10)), lambda n: HONEST, pid, 5000)
        _tell(f"crowd of {crowd}", many, say)
        faults += [
            f"{how} for a {kind} in the crowd, {n} times"
            for (kind, how), n in many.answers.items()
            if how not in ("200", "503")
        ]
        began = time.monotonic()
        while any(warm.ask(kind) != "200" for kind in HONEST) and time.monotonic() < began + 30:
            time.sleep(0.2)
        say(f"recovery after the crowd: {time.monotonic() - began:.1f} s until one of each kind was answered")
        if time.monotonic() - began > 5 + sum(3 * quiet.middle(k) for k in HONEST):
            faults.append("it did not recover within five seconds")
        said = [line for line in told.read_text(encoding="utf-8").splitlines() if "serving" not in line]
        if said:
            faults.append(f"the log has {len(said)} lines, the first: {said[0][:200]}")
    if process.returncode != 0:
        faults.append(f"it ended with {process.returncode}")
    return faults


def _tell(stage: str, figures: Figures, say: Callable[[str], object]) -> None:
    for kind in sorted(figures.seconds):
        told = ", ".join(f"{n} × {how}" for (k, how), n in sorted(figures.answers.items()) if k == kind)
        say(
            f"{stage}, {kind}: {told}; {1000 * figures.middle(kind):.0f} ms in the middle, {1000 * figures.late(kind):.0f} ms for 95 %"
        )


def main() -> None:
    """Run it as the command line says."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=30)
    options.add_argument("--clients", type=int, default=64)
    options.add_argument("--crowd", type=int, default=256)
    options.add_argument("--hostile", type=int, default=12)
    given = options.parse_args()
    began = time.monotonic()
    faults = run(60 * given.minutes, given.clients, given.crowd, given.hostile, lambda line: print(line, flush=True))
    print(
        f"in all {(time.monotonic() - began) / 60:.1f} minutes, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    for fault in faults:
        print(f"NOT AS PROMISED: {fault}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
