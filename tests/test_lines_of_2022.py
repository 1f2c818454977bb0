"""Lines of answering that begin or end with the law of July 2022: each is one that law changed, and the list says so.

A line that the record words in one way before that day and in another after it comes and goes without a reason in law.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from icsgraph.ask.desk import Desk

LISTED = tomllib.loads((Path(__file__).parent / "lines_of_2022.toml").read_text(encoding="utf-8"))
DAY = "2022-07-01"

LINES = """
SELECT DISTINCT ?bearer ?counterpart ?matter ?from ?to ?scenario WHERE {
  ?bearer a ics:NationalBody .
  ?statement ics:bearer ?bearer ; ics:relation ics:answersTo ; ics:inScenario ?scenario ; ics:mainPassage ?passage ; ics:counterpart ?counterpart .
  ?scenario dcterms:type "enacted" .
  FILTER NOT EXISTS { ?statement a ics:DerivedStatement }
  OPTIONAL { ?statement ics:matter ?matter }
  OPTIONAL { ?statement ics:validFrom ?from }
  OPTIONAL { ?statement ics:validTo ?to }
}
"""


def lines(desk: Desk) -> dict[str, set[str]]:
    """The lines of national bodies that hold on one side of the day and not on the other, as ``who > whom # what``."""
    sides: dict[str, set[str]] = {"before": set(), "after": set()}
    for row in desk.store.select(LINES):
        words = {k: desk.names.code(v.value) if v.value.startswith("http") else v.value for k, v in row.items()}
        line = f"{words['bearer']} > {words['counterpart']} # {words.get('matter', 'all')}"
        start, end = words.get("from", ""), words.get("to", "9999")
        if words["scenario"] == "status-quo-2012" and start < DAY <= end:
            sides["before"].add(line)
        if words["scenario"] == "act-2022" and start <= DAY < end:
            sides["after"].add(line)
    return {"ended": sides["before"] - sides["after"], "began": sides["after"] - sides["before"]}


def test_each_line_that_changed_on_the_day_is_one_that_law_changed(desk: Desk) -> None:
    found = lines(desk)
    for side in ("ended", "began"):
        assert found[side] == {entry["line"] for entry in LISTED[side]}, side
    assert all(entry["why"] for side in ("ended", "began") for entry in LISTED[side])


def test_a_line_that_comes_without_a_reason_is_noticed(desk: Desk) -> None:
    found = lines(desk)
    assert found["began"] - {entry["line"] for entry in LISTED["began"][1:]}
