"""Measure what users feel: build, start to first answer, every question, memory. Run by ``make bench``; asserts nothing."""

from __future__ import annotations

import datetime as dt
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar, cast

import openpyxl

from icsgraph.ask.desk import Desk
from icsgraph.build.pipeline import DATASET, REFERENCE, build
from icsgraph.check import ruleset
from icsgraph.check.validator import Validator
from icsgraph.core.terms import DEFAULT_SCENARIO
from icsgraph.graph import shacl
from icsgraph.scheme.check import Checker
from icsgraph.scheme.opening import open_folder
from icsgraph.scheme.template import EXAMPLE
from icsgraph.web.app import create_app
from icsgraph.web.sparql import Evaluator
from tests import bench_growth, bench_http
from tests.test_browser import KINDS
from tests.test_questions import CASES

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[1]


def clock() -> float:
    return time.perf_counter()


def measured(work: Callable[[], T], repeats: int = 5) -> tuple[float, T]:
    """The median time of some work, in seconds, and what its last run gave."""
    times = []
    for _ in range(repeats):
        start = clock()
        given = work()
        times.append(clock() - start)
    return statistics.median(times), given


def command(code: int, *words: str) -> float:
    """The median time of a command, in seconds, which must end with a code; a first run, which may have to build, is not counted."""

    def run() -> None:
        done = subprocess.run([sys.executable, "-m", "icsgraph", *words], capture_output=True, check=False)
        assert done.returncode == code, done.stderr.decode()

    run()
    return measured(run)[0]


def main() -> None:
    """Print each figure with its unit; questions as medians of five in one process."""
    with tempfile.TemporaryDirectory() as folder:
        start = clock()
        built = build(ROOT, Path(folder))
        print(f"build from nothing: {clock() - start:.1f} s, {built.manifest['quads']} quads")
        start = clock()
        desk = Desk.open(Path(folder) / DATASET, ROOT)
        print(f"open the dataset: {clock() - start:.2f} s")
        resident(Path(folder) / DATASET)
        taken = command(0, "ask", "how-many-bodies", "kind=ICB")
        print(f"start of the command to its answer: {taken:.2f} s (median of 5)")
        medians: dict[str, float] = {}
        for case in CASES:
            ask = partial(desk.ask, case.ask, case.give, case.as_at, case.scenario, dt.date(2026, 11, 23))
            medians[case.ask] = max(medians.get(case.ask, 0), 1000 * measured(ask)[0])
        for name, value in sorted(medians.items(), key=lambda item: -item[1]):
            print(f"{value:8.1f} ms  {name}")
        print(f"{statistics.median(medians.values()):8.1f} ms  median of the questions, each at its slowest case")
        checks(Path(folder))
        workbooks(desk, Path(folder))
        national(desk, Path(folder), whole="--whole" in sys.argv)
        pages(desk)
        functions(desk)
        bench_growth.growth(Path(folder) / DATASET, ROOT)
        bench_http.compare(Path(folder) / DATASET, ROOT)
        kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(f"peak memory of this process, build included: {kilobytes / 1024:.0f} MB")


def resident(dataset: Path) -> None:
    """Resident memory of a process that has opened the dataset and done nothing else, where the system tells it."""
    code = (
        "import sys; from pathlib import Path; from icsgraph.ask.desk import Desk; "
        "desk = Desk.open(Path(sys.argv[1]), Path(sys.argv[2])); print(Path('/proc/self/status').read_text())"
    )
    if Path("/proc/self/status").exists():
        words = [sys.executable, "-c", code, str(dataset), str(ROOT)]
        told = subprocess.run(words, capture_output=True, check=True, text=True).stdout.split()
        print(f"resident memory after opening the dataset: {int(told[told.index('VmRSS:') + 1]) / 1024:.0f} MB")


def checks(folder: Path) -> None:
    """The example system under every rule in force: the command, the service's call, and the two engines in one run."""
    example = ROOT / "shapes" / "example" / "system-with-faults.ttl"
    whole = command(1, "validate", str(example), "--as-at", "2025-09-01")
    print(f"validate, start of the command to its report: {whole:.2f} s (median of 5)")
    validator = Validator(ROOT, folder / REFERENCE)
    content = example.read_bytes()
    taken: dict[str, float] = {}
    found = {}
    for engine, repeats in (("shifty", 10), ("pyshacl", 1)):
        check = partial(validator.check, content, example.name, DEFAULT_SCENARIO, "2025-09-01", engine)
        seconds, report = measured(check, repeats)
        taken[engine] = 1000 * seconds
        found[engine] = [(f.rule, f.focus, f.value) for f in report.findings]
        print(f"{taken[engine]:8.1f} ms  validate, {report.rules} rules, {engine}, {len(report.findings)} findings")
    same = "the same" if found["shifty"] == found["pyshacl"] else "DIFFERENT"
    print(f"{taken['pyshacl'] / taken['shifty']:8.1f} times as quick as the reference, {same} findings")


def pages(desk: Desk) -> None:
    """One of every kind of page, as the service makes it: milliseconds, and kilobytes as sent to a browser."""
    client = create_app(desk, cast(Evaluator, desk.store), published=None).test_client()
    accept = {"Accept": "text/html", "Accept-Encoding": "gzip"}
    kept = sum(len(client.get(f"/static/{name}", headers=accept).data) for name in ("icsgraph.css", "page.js"))
    medians = []
    for kind, path in KINDS.items():
        seconds, answer = measured(partial(client.get, path, headers=accept))
        medians.append(1000 * seconds)
        print(f"{1000 * seconds:8.1f} ms  {(len(answer.data) + kept) / 1000:6.0f} kB  page: {kind}")
    print(
        f"{statistics.median(medians):8.1f} ms  median of the pages; styles and script of {kept / 1000:.0f} kB are in each"
    )


def functions(desk: Desk) -> None:
    """The first page of every function with regimes, each asked for once: milliseconds; the aim is under 60 for any."""
    client = create_app(desk, cast(Evaluator, desk.store), published=None).test_client()
    found = desk.store.select("SELECT DISTINCT ?id WHERE { ?regime ics:regimeOf/dcterms:identifier ?id } ORDER BY ?id")
    taken = {}
    for row in found:
        page = partial(client.get, f"/doc/function/{row['id'].value}.html", headers={"Accept": "text/html"})
        taken[row["id"].value] = 1000 * measured(page, 1)[0]
    worst = max(taken, key=lambda id: taken[id])
    slow = sum(1 for one in taken.values() if one >= 60)
    print(
        f"{statistics.median(taken.values()):8.1f} ms  median of the first pages of {len(taken)} functions; "
        f"slowest {taken[worst]:.0f} ms ({worst}), {slow} of them not under 60 ms"
    )


def workbooks(desk: Desk, folder: Path) -> None:
    """The worked example with as many decisions: from the command to the graph that it writes, and the service's check."""
    checker = Checker(Validator(ROOT, folder / REFERENCE), lambda: desk.names)
    for count in (500, 10_000):
        path = folder / f"{count}.xlsx"
        book = openpyxl.Workbook(write_only=True)
        for grid in open_folder(ROOT / EXAMPLE):
            head, *rows = grid.rows.values()
            if grid.name == "Decisions":
                reference, parent = head.index("Reference"), head.index("Passed on from")
                rows = [row + [""] * (len(head) - len(row)) for row in rows]
                # Lines lean on lines of the same round, so each round has references of its own.
                rows = [
                    [f"{round}.{text}" if text and at in (reference, parent) else text for at, text in enumerate(row)]
                    for round in range(count // len(rows) + 1)
                    for row in rows
                ][:count]
            sheet = book.create_sheet(grid.name)
            for row in (head, *rows):
                sheet.append(row)
        book.save(path)
        taken = command(0, "import", str(path), "--out", str(folder / f"{count}.ttl"))
        print(f"import of {count} decisions, start of the command to its graph: {taken:.2f} s (median of 5)")
        seconds, report = measured(partial(checker.check, path.read_bytes(), path.name), 1)
        print(f"{seconds:8.2f} s   read and check {count} decisions in one process, {len(report.findings)} findings")


# What the record says of England under the law in force on a day, as a description of it would: statements and delegations.
NATIONAL = """
CONSTRUCT { ?s ?p ?o . ?b ics:countsAs ?k . ics:ThisCheck ics:asAt "2026-11-24"^^xsd:date }
WHERE {
  { ?s a ics:Statement ; ics:inScenario scenario:act-2022 ; ?p ?o
    FILTER NOT EXISTS { ?s ics:validTo ?e FILTER(?e <= "2026-11-24"^^xsd:date) } }
  UNION { ?s a ics:Delegation ; ?p ?o }
  UNION { ?s ics:bearer ?b . ?b ics:countsAs ?k }
}"""
# The reference takes ten minutes over all of it; one statement in so many is enough for the ratio.
PART = 20


def national(desk: Desk, folder: Path, whole: bool) -> None:
    """All national data under the rules in force: the quick engine over all, both over a part (over all with ``--whole``)."""
    told = desk.store.construct(NATIONAL)
    known = (folder / REFERENCE).read_bytes().splitlines(keepends=True)
    reference = b"".join(line for line in known if b"<urn:x-word:" not in line)
    shapes = ruleset.select(ROOT, DEFAULT_SCENARIO, "2026-11-24").shapes
    subjects = sorted({t.subject.value for t in told})
    kept = set(subjects if whole else subjects[::PART])
    everything = shacl.as_ntriples(told) + reference
    part = shacl.as_ntriples(t for t in told if t.subject.value in kept) + reference
    seconds, results = measured(partial(shacl.validate, everything, shapes), 3)
    triples = len(everything.splitlines())
    print(f"{seconds:8.2f} s   validate all national data, {triples} triples, {len(results)} results")
    quick, found = measured(partial(shacl.validate, part, shapes), 3)
    print(
        f"{quick:8.2f} s   validate {len(kept)} of {len(subjects)} things of it, shifty; now the reference ...",
        flush=True,
    )
    slow, expected = measured(partial(shacl.validate, part, shapes, "pyshacl"), 1)
    same = f"the same {len(found)} results" if found == expected else "DIFFERENT results"
    print(f"{slow:8.2f} s   the same with the reference: {slow / quick:.0f} times as long, {same}")


if __name__ == "__main__":
    main()
