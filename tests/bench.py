"""Measure what users feel: build, start to first answer, every question, memory. Run by ``make bench``; asserts nothing."""

from __future__ import annotations

import datetime as dt
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from icsgraph.ask.desk import Desk
from icsgraph.build.pipeline import DATASET, REFERENCE, build
from icsgraph.check.validator import Validator
from tests.test_questions import CASES

ROOT = Path(__file__).resolve().parents[1]


def clock() -> float:
    return time.perf_counter()


def main() -> None:
    """Print each figure with its unit; questions as medians of five in one process."""
    with tempfile.TemporaryDirectory() as folder:
        start = clock()
        built = build(ROOT, Path(folder))
        print(f"build from nothing: {clock() - start:.1f} s, {built.manifest['quads']} quads")
        start = clock()
        desk = Desk.open(Path(folder) / DATASET, ROOT)
        print(f"open the dataset: {clock() - start:.2f} s")
        command = [sys.executable, "-m", "icsgraph", "ask", "how-many-bodies", "kind=ICB"]
        subprocess.run(command, check=True, capture_output=True)
        times = []
        for _ in range(5):
            start = clock()
            subprocess.run(command, check=True, capture_output=True)
            times.append(clock() - start)
        print(f"start of the command to its answer: {statistics.median(times):.2f} s (median of 5)")
        medians: dict[str, float] = {}
        for case in CASES:
            times = []
            for _ in range(5):
                start = clock()
                desk.ask(case.ask, case.give, case.as_at, case.scenario, dt.date(2026, 11, 23))
                times.append(1000 * (clock() - start))
            medians[case.ask] = max(medians.get(case.ask, 0), statistics.median(times))
        for name, value in sorted(medians.items(), key=lambda item: -item[1]):
            print(f"{value:8.1f} ms  {name}")
        print(f"{statistics.median(medians.values()):8.1f} ms  median of the questions, each at its slowest case")
        checks(Path(folder))
        kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(f"peak memory of this process, build included: {kilobytes / 1024:.0f} MB")


def checks(folder: Path) -> None:
    """The example system under every rule in force: the command, the service's call, and the two engines in one run."""
    example = ROOT / "shapes" / "example" / "system-with-faults.ttl"
    command = [sys.executable, "-m", "icsgraph", "validate", str(example), "--as-at", "2025-09-01"]
    subprocess.run(command, capture_output=True)
    times = []
    for _ in range(5):
        start = clock()
        subprocess.run(command, capture_output=True)
        times.append(clock() - start)
    print(f"validate, start of the command to its report: {statistics.median(times):.2f} s (median of 5)")
    validator = Validator(ROOT, folder / REFERENCE)
    content = example.read_bytes()
    taken: dict[str, float] = {}
    found = {}
    for engine, repeats in (("shifty", 10), ("pyshacl", 1)):
        times = []
        for _ in range(repeats):
            start = clock()
            report = validator.check(content, example.name, "act-2022", "2025-09-01", engine)
            times.append(1000 * (clock() - start))
        taken[engine] = statistics.median(times)
        found[engine] = [(f.rule, f.focus, f.value) for f in report.findings]
        print(f"{taken[engine]:8.1f} ms  validate, {report.rules} rules, {engine}, {len(report.findings)} findings")
    same = "the same" if found["shifty"] == found["pyshacl"] else "DIFFERENT"
    print(f"{taken['pyshacl'] / taken['shifty']:8.1f} times as quick as the reference, {same} findings")


if __name__ == "__main__":
    main()
