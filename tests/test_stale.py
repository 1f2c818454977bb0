"""What is out of date: each way planted and found, its lawful twin left alone, and the same said on every surface."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from icsgraph.ask.desk import Desk
from icsgraph.build.counts import record_counts
from icsgraph.build.pipeline import DATASET, Built, read_ontology
from icsgraph.build.tables import read_tables
from icsgraph.core.errors import IcsgraphError, TableErrors
from icsgraph.core.terms import ID
from icsgraph.graph.store import Store
from icsgraph.upkeep.stale import find, open_facts, read_checks
from icsgraph.web.app import create_app
from tests.conftest import TODAY, Done
from tests.test_build import planting

NEW = "<id/body/P> ics:narrowestKind ics:Planted ; rdfs:label 'P' . <id/body/Q> ics:narrowestKind ics:Planted ; rdfs:label 'Q' . ics:Planted rdfs:label 'Trust' . "
CHANGE = (
    NEW
    + "<id/change/P> ics:predecessor <id/body/P> ; ics:successor <id/body/Q> ; ics:changedOn '2024-04-01'^^xsd:date ; ics:changeKind "
)
ABSENT = (
    NEW
    + "<id/absence/P> a ics:RegisterAbsence ; ics:concernsBody <id/body/P> ; ics:isMissingFrom <id/source/P> ; ics:seenOn '2026-11-01'^^xsd:date . <id/source/P> rdfs:label 'R' . "
)
PLACES = (
    NEW
    + "ics:CommitteeArea ics:isForOneBody true . <id/area/P> rdfs:label 'Place' . "
    + "<id/place-link/P> ics:linkedArea <id/area/P> ; ics:linkedBody <id/body/P> ; ics:linkBasis ics:CommitteeArea ; ics:validFrom '2020-04-01'^^xsd:date . "
    + "<id/place-link/Q> ics:linkedArea <id/area/P> ; ics:linkedBody <id/body/Q> ; ics:linkBasis ics:CommitteeArea ; ics:validFrom '2024-04-01'^^xsd:date . "
)
SHARES = (
    NEW
    + "<id/area/P> rdfs:label 'Place' . "
    + "<id/place-link/P> ics:linkedArea <id/area/P> ; ics:isOfWhole <id/area/P> ; ics:linkedBody <id/body/P> ; ics:shareOfArea 0.6 ; ics:validFrom '2020-04-01'^^xsd:date . "
    + "<id/place-link/Q> ics:linkedArea <id/area/P> ; ics:isOfWhole <id/area/P> ; ics:linkedBody <id/body/Q> ; ics:shareOfArea {share} ; ics:validFrom '2024-04-01'^^xsd:date . "
)
AGREED = "<id/arrangement/P> a ics:Delegation ; rdfs:label 'Agreement' ; ics:delegator <id/body/P> ; ics:delegate <id/body/Q> ; ics:delegatedFunction <id/function/P> ; ics:validFrom "
ENDED = NEW + "<id/body/Q> ics:validTo '2026-04-01'^^xsd:date . "
YEARLY = NEW + AGREED + "'2026-01-01'^^xsd:date ; ics:validTo '2027-01-01'^^xsd:date . "

# Each check by its name: what is planted, and what is planted beside or instead of it so that all is lawful. The days are looked at from TODAY.
PLANTS: dict[str, list[tuple[str, str]]] = {
    "succeeded-but-open": [
        (CHANGE + "ics:Merger .", CHANGE + "ics:Merger . <id/body/P> ics:validTo '2024-04-01'^^xsd:date ."),
        # The register closes some a day later than the day of the change.
        (
            CHANGE + "ics:Merger . <id/body/P> ics:validTo '2024-06-01'^^xsd:date .",
            CHANGE + "ics:Merger . <id/body/P> ics:validTo '2024-04-02'^^xsd:date .",
        ),
        (CHANGE + "ics:Split .", CHANGE + "ics:BoundaryChange . ics:BoundaryChange ics:predecessorStays true ."),
    ],
    "not-in-the-register": [(ABSENT, ABSENT + "<id/body/P> ics:validTo '2026-10-01'^^xsd:date .")],
    "two-for-one-place": [
        (PLACES, PLACES + "<id/body/P> ics:validTo '2024-04-01'^^xsd:date ."),
        (PLACES, PLACES + "<id/place-link/P> ics:validTo '2024-04-01'^^xsd:date ."),
        (
            PLACES,
            PLACES.replace("<id/body/Q> ics:narrowestKind ics:Planted", "<id/body/Q> ics:narrowestKind ics:Other"),
        ),
    ],
    "more-than-the-whole": [
        (SHARES.format(share="0.5"), SHARES.format(share="0.4")),
        (
            SHARES.format(share="1.0"),
            SHARES.format(share="1.0") + "<id/place-link/P> ics:validTo '2024-04-01'^^xsd:date .",
        ),
    ],
    "one-code-two-bodies": [
        (
            NEW + "<id/body/P> ics:onsCode 'X1' . <id/body/Q> ics:onsCode 'X1' .",
            NEW + "<id/body/P> ics:onsCode 'X1' ; ics:validTo '2024-04-01'^^xsd:date . "
            "<id/body/Q> ics:onsCode 'X1' ; ics:validFrom '2024-04-01'^^xsd:date .",
        ),
    ],
    "party-has-ended": [
        (
            ENDED + AGREED + "'2025-04-01'^^xsd:date .",
            ENDED + AGREED + "'2025-04-01'^^xsd:date ; ics:validTo '2026-04-01'^^xsd:date .",
        ),
        (
            ENDED + AGREED + "'2025-04-01'^^xsd:date .",
            ENDED + AGREED + "'2025-04-01'^^xsd:date ; ics:arrangementStatus 'superseded plan' .",
        ),
    ],
    "lapses": [
        (
            YEARLY,
            YEARLY + AGREED.replace("arrangement/P", "arrangement/N") + "'2027-01-01'^^xsd:date .",
        ),
        # Sixty-one days ahead is no matter yet, nor is what lasts for two years.
        (
            YEARLY.replace("2027-01-01", "2027-01-01"),
            YEARLY.replace("2027-01-01", "2027-01-23").replace("2026-01-01", "2026-02-01"),
        ),
        (YEARLY.replace("2027-01-01", "2026-10-01"), YEARLY.replace("2026-01-01", "2025-01-01")),
    ],
    "plan-without-confirmation": [
        (
            NEW + AGREED + "'2026-04-01'^^xsd:date ; ics:arrangementStatus 'planned' .",
            NEW + AGREED + "'2027-04-01'^^xsd:date ; ics:arrangementStatus 'planned' .",
        ),
        (
            "<id/provision/P> a ics:Provision ; rdfs:label 'P' ; ics:legalStatus ics:NotCommenced ; ics:validFrom '2026-04-01'^^xsd:date .",
            "<id/provision/P> a ics:Provision ; rdfs:label 'P' ; ics:legalStatus ics:Enacted ; ics:validFrom '2026-04-01'^^xsd:date .",
        ),
    ],
    "old-source": [
        (
            "<id/source/P> a ics:Source ; rdfs:label 'P' ; ics:asOf 'x' ; ics:seenOn '2026-08-01'^^xsd:date ; ics:belongsToSourceKind <id/source-kind/P> . "
            "<id/source-kind/P> rdfs:label 'K' ; ics:allowedDays 92 .",
            "<id/source/P> a ics:Source ; rdfs:label 'P' ; ics:asOf 'x' ; ics:seenOn '2026-08-31'^^xsd:date ; ics:belongsToSourceKind <id/source-kind/P> . "
            "<id/source-kind/P> rdfs:label 'K' ; ics:allowedDays 92 .",
        ),
    ],
    "source-without-kind": [
        (
            "<id/source/P> a ics:Source ; rdfs:label 'P' ; ics:asOf 'May 2026' .",
            "<id/source/P> a ics:Source ; rdfs:label 'P' ; ics:asOf 'May 2026' ; ics:belongsToSourceKind <id/source-kind/P> .",
        ),
    ],
}


@pytest.fixture
def facts(built: Built) -> Store:
    return open_facts(built.folder / DATASET)


def test_each_check_finds_its_planted_defect_and_not_its_lawful_twin(root: Path, facts: Store) -> None:
    """Label: source. The issue names the ways; every one has a twin that is as it should be."""
    checks = {c.id: c for c in read_checks(root)}
    assert set(checks) == set(PLANTS)
    for name, pairs in PLANTS.items():
        before = len(find([checks[name]], facts, TODAY))
        for defect, twin in pairs:
            for turtle, more in ((defect, 1), (twin, 0)):
                with planting(facts, turtle.replace("<id/", f"<{ID}")):
                    found = find([checks[name]], facts, TODAY)
                    assert len(found) - before == more, (name, turtle, [f.message for f in found])
                    assert all(f.message.endswith(".") for f in found)


def test_nothing_on_record_cannot_be_so(root: Path, facts: Store) -> None:
    """Label: regression. A fault is mended before it is committed; what is due is listed."""
    assert [f.message for f in find(read_checks(root), facts, TODAY) if f.check.severity == "fault"] == []


def test_the_readme_says_what_is_out_of_date(root: Path, facts: Store) -> None:
    """What the README says is not known is what the checks find on the tests' day, no more and no less."""
    found = {f.check.unknown for f in find(read_checks(root), facts, TODAY)}
    section = (
        (root / "README.md").read_text(encoding="utf-8").partition("## What it does not know")[2].partition("\n## ")[0]
    )
    said = {c.unknown for c in read_checks(root) if f"- {c.unknown} " in section}
    assert found
    assert said == found


def test_the_command_lists_the_same_on_every_surface_and_is_quick(
    root: Path, facts: Store, call: Callable[..., Done], built: Built, desk: Desk
) -> None:
    """``stale`` as text, JSON and CSV, and the page of the data: one list."""
    expected = [f.message for f in find(read_checks(root), facts, TODAY)]
    begun = time.perf_counter()
    done = call("stale", "--as-at", TODAY.isoformat(), "--format", "json")
    assert time.perf_counter() - begun < 2
    assert [f["message"] for f in json.loads(done.stdout)["found"]] == expected
    assert done.returncode == 0
    assert len(call("stale", "--as-at", TODAY.isoformat(), "--format", "csv").stdout.splitlines()) == len(expected) + 1
    text = call("stale", "--as-at", TODAY.isoformat()).stdout
    assert all(m in text for m in expected)
    page = create_app(desk, desk.store, published=built.folder).test_client().get("/data?format=html").text
    today = find(read_checks(root), facts, dt.date.today())
    assert page.count("<li><a") >= len(today)
    assert f"{len(today)} in all" in re.sub(r"\s+", " ", page)


def test_a_day_that_is_none_and_a_check_of_another_form_are_refused(call: Callable[..., Done], tmp_path: Path) -> None:
    assert "is not a date" in call("stale", "--as-at", "soon").stderr
    (tmp_path / "queries" / "stale").mkdir(parents=True)
    (tmp_path / "queries" / "stale" / "1-x.rq").write_text(
        "#+ label: x\n#+ severity: bad\n#+ remedy: x\n#+ unknown: x\nSELECT ?a {}", encoding="utf-8"
    )
    with pytest.raises(IcsgraphError, match="is not a severity"):
        read_checks(tmp_path)


def test_another_check_and_another_kind_of_source_need_no_python(root: Path, tmp_path: Path, facts: Store) -> None:
    shutil.copytree(root / "queries" / "stale", tmp_path / "queries" / "stale")
    (tmp_path / "queries" / "stale" / "99-named-so.rq").write_text(
        "#+ label: Named so\n#+ severity: due\n#+ remedy: Rename it.\n#+ unknown: Its name.\n#+ days_back: 10\n"
        "SELECT ?focus ?other ?message { ?focus rdfs:label 'P' . BIND(?focus AS ?other) BIND(CONCAT('P since ', STR(?back), '.') AS ?message) }",
        encoding="utf-8",
    )
    with planting(facts, f"<{ID}body/P> rdfs:label 'P' ."):
        found = [f for f in find(read_checks(tmp_path), facts, TODAY) if f.check.id == "named-so"]
    assert [f.message for f in found] == ["P since 2026-11-13."]


# ---------------------------------------------------------------- rows are counted by the build


def test_rows_are_recorded_and_only_fewer_are_a_fault(content: Path) -> None:
    ontology = read_ontology(content)
    rows = read_tables(content, ontology).rows
    recorded = json.loads((content / "data" / "rows.json").read_text(encoding="utf-8"))
    assert recorded == rows
    assert not record_counts(content, rows)
    table = content / "data" / "scenarios.csv"
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    more = {**rows, "data/scenarios.csv": rows["data/scenarios.csv"] - 1}
    assert record_counts(content, more)
    assert read_tables(content, ontology).rows == rows
    assert record_counts(content, {**rows, "data/scenarios.csv": len(lines)})
    with pytest.raises(TableErrors, match="icsgraph build --fewer"):
        read_tables(content, ontology)
    (content / "data" / "rows.json").write_text("[]", encoding="utf-8")
    with pytest.raises(IcsgraphError, match="not of its form"):
        read_tables(content, ontology)
