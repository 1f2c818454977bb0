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
from typing import TypeVar

from icsgraph.ask.desk import Desk
from icsgraph.build.pipeline import DATASET, REFERENCE, build
from icsgraph.check.validator import Validator
from icsgraph.core.terms import DEFAULT_SCENARIO
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
        kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(f"peak memory of this process, build included: {kilobytes / 1024:.0f} MB")


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


if __name__ == "__main__":
    main()
