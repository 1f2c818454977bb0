"""How cost grows with the data: the national graph once, ten and a hundred times. Run by ``make bench``; asserts nothing.

A copy has every body, link to a place, arrangement and change of the record under addresses of its own; the law, its words and the areas
are there once, as they would be. A hundred copies need some 20 GB of memory and are made with ``--whole`` alone.
"""

from __future__ import annotations

import datetime as dt
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from icsgraph.ask.desk import Desk
from icsgraph.check import ruleset
from icsgraph.core.terms import DEFAULT_SCENARIO
from icsgraph.graph import shacl
from tests.test_questions import CASES

__all__ = ["growth"]

# What a country would have more of.
_COPIED = re.compile(rb"/id/(?:body|place-link|arrangement|change)/")
_NAMES = re.compile(rb'((?:identifier|odsCode|onsCode|formerOnsCode|label|altLabel)> )"')
# Questions of each family are asked; what they cost in the larger graph is compared.
_ASKED = 12


def copies(dataset: Path, times: int) -> Iterator[bytes]:
    """The lines of a dataset, and so many less one copies of what is copied."""
    lines = dataset.read_bytes().splitlines(keepends=True)
    yield from lines
    more = [line for line in lines if _COPIED.search(line.partition(b" ")[0])]
    for number in range(1, times):
        # Names too, since a name that many share is not understood.
        mark, name = rb"/id/x%d-\1/" % number, rb'\1"x%d ' % number
        for line in more:
            yield _NAMES.sub(name, re.sub(rb"/id/(body|place-link|arrangement|change)/", mark, line), count=1)


def growth(dataset: Path, root: Path) -> None:
    """Print load, questions and the check of all bodies and arrangements, for each size, with the ratio to the first."""
    first: list[float] = []
    cases = CASES[:: max(1, len(CASES) // _ASKED)]
    shapes = ruleset.select(root, DEFAULT_SCENARIO, "2026-11-24").shapes
    for times in (1, 10, 100) if "--whole" in sys.argv else (1, 10):
        with tempfile.TemporaryDirectory() as folder:
            grown = Path(folder) / "grown.nq"
            with grown.open("wb") as out:
                out.writelines(copies(dataset, times))
            began = time.perf_counter()
            desk = Desk.open(grown, root)
            load = time.perf_counter() - began
        taken = []
        for case in cases:
            began = time.perf_counter()
            desk.ask(case.ask, case.give, case.as_at, case.scenario, dt.date(2026, 11, 23))
            taken.append(1000 * (time.perf_counter() - began))
        told = (q.triple for q in desk.store.quads() if q.graph_name.value.endswith(("/bodies", "/delegations")))
        data = shacl.as_ntriples(told)
        began = time.perf_counter()
        shacl.validate(data, shapes)
        figures = [load, statistics.median(taken), time.perf_counter() - began]
        first = first or figures
        ratios = ", ".join(
            f"{name} {value:.1f} {unit} ({value / base:.1f} times)"
            for name, unit, value, base in zip(
                ("load", "median question", "check"), ("s", "ms", "s"), figures, first, strict=True
            )
        )
        print(f"{times:4d} times, {len(desk.store)} quads: {ratios}", flush=True)
