"""What a release changes: planted in small editions, and told with place, days and reason."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import defusedxml.ElementTree
import pytest
from click.testing import CliRunner, Result

from icsgraph.ask.desk import Desk
from icsgraph.cli.main import cli
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import DEF, GRAPH, ID
from icsgraph.graph.store import Store
from icsgraph.upkeep.diff import Comparison, about, compare
from icsgraph.upkeep.editions import read_edition
from icsgraph.upkeep.release import News, Release, as_text, entries, read_releases, record
from icsgraph.web.app import create_app
from tests.conftest import TODAY

ONE = """
<id/body/A> rdfs:label "Board A" . <id/body/B> rdfs:label "Board B" . <id/body/N> rdfs:label "NHS England" .
<id/function/dentistry> rdfs:label "dentistry" . <id/area/newham> rdfs:label "Newham" . <id/area/ham> rdfs:label "Ham" .
ics:exercises rdfs:label "exercises" . ics:Settled rdfs:label "settled" . ics:Presumed rdfs:label "presumed" .
<id/responsibility/1> ics:ofFunction <id/function/dentistry> ; ics:inCapacity ics:exercises ; ics:appliesOn <id/body/A> ;
  ics:hasStanding ics:Settled ; ics:isCarriedBy <id/statement/S1> ; ics:liesWith <id/body/A> ; ics:validFrom "2023-04-01"^^xsd:date .
<id/place-link/1> ics:opensGround <id/body/A> ; ics:linkedArea <id/area/newham> ; ics:linkedBody <id/body/A> .
<id/place-link/2> ics:opensGround <id/body/A> ; ics:linkedArea <id/area/ham> ; ics:linkedBody <id/body/A> .
<id/statement/S1> a ics:Statement ; ics:text "A exercises dentistry." .
"""
MOVED = ONE.replace(
    'ics:liesWith <id/body/A> ; ics:validFrom "2023-04-01"^^xsd:date .',
    'ics:liesWith <id/body/A> ; ics:validFrom "2023-04-01"^^xsd:date ; ics:validTo "2026-04-01"^^xsd:date .',
)
NEXT = """
<id/responsibility/2> ics:ofFunction <id/function/dentistry> ; ics:inCapacity ics:exercises ; ics:appliesOn <id/body/A> ;
  ics:hasStanding ics:Presumed ; ics:isCarriedBy <id/statement/S2> ; ics:liesWith <id/body/B> ; ics:validFrom "2026-04-01"^^xsd:date .
<id/statement/S2> a ics:Statement ; ics:text "B exercises dentistry." .
"""


@pytest.fixture
def edition(tmp_path: Path) -> Callable[[str, str], Path]:
    """A file of an edition from a few triples."""

    def write(name: str, turtle: str) -> Path:
        store = Store()
        triples = store.construct(f"CONSTRUCT {{ {turtle.replace('<id/', f'<{ID}')} }} WHERE {{}}")
        path = tmp_path / f"{name}.nq"
        path.write_text(
            "".join(f"{t.subject} {t.predicate} {t.object} <{GRAPH}x> .\n" for t in triples), encoding="utf-8"
        )
        return path

    return write


@pytest.fixture
def differ(edition: Callable[[str, str], Path], root: Path) -> Callable[[str, str], Comparison]:
    def run(old: str, new: str) -> Comparison:
        read = [
            read_edition(edition(n, t), root, TODAY, lambda m: None, False) for n, t in (("old", old), ("new", new))
        ]
        return compare(*read)

    return run


def test_an_answer_that_changes_is_told_with_place_days_and_reason(differ: Callable[[str, str], Comparison]) -> None:
    """Label: source. “From today dentistry in X: …”, for whom, from and until which day, and why."""
    found = differ(ONE, MOVED + NEXT)
    assert [(a.area.rpartition("/")[2], a.start, a.end) for a in found.answers] == [
        ("ham", "2026-04-01", ""),
        ("newham", "2026-04-01", ""),
    ]
    assert {a.before for a in found.answers} == {((ID + "body/A", DEF + "Settled"),)}
    assert {a.after for a in found.answers} == {((ID + "body/B", DEF + "Presumed"),)}
    assert {a.why for a in found.answers} == {(ID + "statement/S2",)}
    (news,) = entries(found)
    assert news.title == "From 1 April 2026 dentistry in Ham, Newham: exercises"
    assert news.text == "Board B (presumed); before: Board A (settled)."
    assert "Why: id/statement/S2." in as_text(found)
    assert [(t.iri.rpartition("/")[2], t.how) for t in found.things] == [("S2", "new")]


def test_days_on_which_nothing_differs_are_left_out(differ: Callable[[str, str], Comparison]) -> None:
    until = NEXT.replace(
        '"2026-04-01"^^xsd:date .\n<id/st', '"2026-04-01"^^xsd:date ; ics:validTo "2027-04-01"^^xsd:date .\n<id/st'
    )
    back = (
        NEXT.replace("responsibility/2", "responsibility/3")
        .replace("body/B", "body/A")
        .replace("Presumed", "Settled")
        .replace("2026-04-01", "2027-04-01")
    )
    found = differ(ONE, MOVED + until + back)
    assert {(a.start, a.end) for a in found.answers} == {("2026-04-01", "2027-04-01")}


def test_only_how_firmly_or_only_the_place_is_a_change_too_and_another_statement_alone_is_none(
    differ: Callable[[str, str], Comparison],
) -> None:
    (first, _) = differ(ONE, ONE.replace("ics:hasStanding ics:Settled", "ics:hasStanding ics:Presumed")).answers
    assert (first.before[0][1], first.after[0][1]) == (DEF + "Settled", DEF + "Presumed")
    assert first.why == (ID + "statement/S1",)
    (ham,) = differ(
        ONE,
        ONE.replace("<id/place-link/2> ics:opensGround <id/body/A>", "<id/place-link/2> ics:opensGround <id/body/Z>"),
    ).answers
    assert (ham.area, ham.after) == (ID + "area/ham", ())
    found = differ(ONE, ONE.replace("isCarriedBy <id/statement/S1>", "isCarriedBy <id/statement/S9>"))
    assert found.answers == ()
    assert differ(ONE, ONE).things == ()


def test_whoever_asks_for_one_body_gets_what_is_about_it(differ: Callable[[str, str], Comparison]) -> None:
    found = differ(ONE, MOVED + NEXT)
    assert len(about(found, "newham").answers) == 1
    assert len(about(found, "Board B").answers) == len(about(found, "B").answers) == 2
    assert about(found, "N").answers == ()


def test_the_command_says_the_same_and_a_release_is_recorded_and_read(
    edition: Callable[[str, str], Path],
    differ: Callable[[str, str], Comparison],
    tmp_path: Path,
) -> None:
    def call(*words: str) -> Result:
        return CliRunner().invoke(cli, list(words), prog_name="icsgraph")

    old, new = edition("a", ONE), edition("b", MOVED + NEXT)
    done = call("diff", str(old), str(new), "--no-examples", "--format", "json")
    told = json.loads(done.stdout)
    assert (done.exit_code, len(told["answers"])) == (1, 2)
    assert told["labels"][ID + "area/newham"] == "Newham"
    assert call("diff", str(old), str(old), "--no-examples").exit_code == 0
    assert "There is no dataset" in call("diff", str(tmp_path), str(new)).stderr
    found = differ(ONE, MOVED + NEXT)
    record(tmp_path, "1.0", "2026-11-23", found)
    record(tmp_path, "0.9", "2026-10-01", found)
    assert [r.name for r in read_releases(tmp_path)] == ["1.0", "0.9"]
    assert read_releases(tmp_path)[0].news == tuple(entries(found))
    with pytest.raises(IcsgraphError, match="cannot be the name"):
        record(tmp_path, "../x", "2026-11-23", found)
    (tmp_path / "data" / "changes" / "2.json").write_text("{}", encoding="utf-8")
    with pytest.raises(IcsgraphError, match="not of the form"):
        read_releases(tmp_path)


def test_examples_of_questions_are_asked_and_one_that_fails_is_told(
    root: Path, edition: Callable[[str, str], Path], tmp_path: Path
) -> None:
    """An edition that cannot answer, as this small one, says with which words."""
    shutil.copytree(root / "queries", tmp_path / "queries", ignore=shutil.ignore_patterns("ask"))
    shutil.copytree(root / "queries" / "ask" / "bodies", tmp_path / "queries" / "ask" / "bodies")
    shutil.copytree(root / "data" / "asking", tmp_path / "data" / "asking")
    read = read_edition(edition("a", ONE), tmp_path, dt.date(2026, 11, 23), lambda m: None)
    assert len(read.answers) > 5
    assert all(rows == frozenset() for _, rows in read.answers.values())


def test_the_page_and_the_feed_show_releases_and_what_is_about_one_body(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A subscriber can ask for one body or function; what is written stays text, and each entry has an address that lasts."""
    about = News(
        title="From <b>today</b> & on", text="X.", about=(ID + "body/QMF",), why=(ID + "statement/nhsa2006-s14Z43.1",)
    )
    other = News(title="Another", text="Y.", about=(ID + "body/QMJ",), why=())
    planted = [Release(name="1.0", day="2026-11-23", news=(other, about))]
    monkeypatch.setattr("icsgraph.web.changes.read_releases", lambda root: planted)
    client = create_app(desk, desk.store).test_client()
    page = client.get("/changes").text
    assert "From &lt;b&gt;today&lt;/b&gt; &amp; on. X. Why:" in page
    assert 'id="1.0-2"' in page
    feed = client.get("/changes.atom")
    assert feed.mimetype == "application/atom+xml"
    atom = defusedxml.ElementTree.fromstring(feed.text)
    space = "{http://www.w3.org/2005/Atom}"
    assert [e.findtext(f"{space}title") for e in atom.iter(f"{space}entry")] == ["Another", "From <b>today</b> & on"]
    for words in ("QMF", desk.names.label(ID + "body/QMF")):
        one = defusedxml.ElementTree.fromstring(client.get("/changes.atom", query_string={"about": words}).text)
        assert [e.findtext(f"{space}id") for e in one.iter(f"{space}entry")] == [
            "https://w3id.org/icsgraph/changes#1.0-2"
        ]
        assert "Another" not in client.get("/changes", query_string={"about": words}).text
    monkeypatch.setattr("icsgraph.web.changes.read_releases", lambda root: [])
    assert "No release was recorded yet." in create_app(desk, desk.store).test_client().get("/changes").text
