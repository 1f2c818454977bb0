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

from icsgraph import __version__
from icsgraph.ask.desk import Desk
from icsgraph.build.pipeline import content_hash
from icsgraph.cli.main import cli
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import DEF, GRAPH, ID
from icsgraph.graph.store import Store
from icsgraph.upkeep.diff import Comparison, about, compare
from icsgraph.upkeep.editions import read_edition
from icsgraph.upkeep.release import News, Release, as_text, entries, faults, read_releases, record
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
    record(tmp_path, "1.0", "2026-11-23", found, "x")
    record(tmp_path, "0.9", "2026-10-01", found, "x")
    assert [r.name for r in read_releases(tmp_path)] == ["1.0", "0.9"]
    assert read_releases(tmp_path)[0].news == tuple(entries(found))
    with pytest.raises(IcsgraphError, match="cannot be the name"):
        record(tmp_path, "../x", "2026-11-23", found, "x")
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


# ---------------------------------------------------------------- what a release must pass

# The first release came before any diff.
FIRST = "0.1.0"


def test_a_release_without_the_entries_of_a_diff_made_with_its_tables_does_not_pass(
    differ: Callable[[str, str], Comparison], tmp_path: Path
) -> None:
    """Label: source. Each way not to pass is planted: no record, other tables, no section, a line that was left out."""
    found = differ(ONE, MOVED + NEXT)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.csv").write_text("a\n", encoding="utf-8")
    lines = [line for line in as_text(found).splitlines() if line]
    log = (
        "# Changelog\n\n## 1.10\n\nOther.\n\n## 1.1 (23 November 2026)\n\nIntroduction.\n\n"
        + "\n".join(lines)
        + "\n\n## 1.0\n"
    )
    (fault,) = faults(tmp_path, "1.1", log)
    assert "icsgraph diff OLD NEW --record 1.1" in fault
    record(tmp_path, "1.1", "2026-11-23", found, content_hash(tmp_path))
    assert faults(tmp_path, "1.1", log) == []
    (fault,) = faults(tmp_path, "1.1", log.replace("## 1.1 ", "## 1.2 "))
    assert fault == "The changelog has no section “## 1.1”."
    (fault,) = faults(tmp_path, "1.1", log.replace(lines[-1] + "\n", ""))
    assert fault.endswith(lines[-1])
    # The lines of another release do not count.
    (fault,) = faults(tmp_path, "1.1", log.replace("Introduction.\n\n", "Introduction.\n\n## 0.9\n"))
    assert f"lacks {len(lines)} lines" in fault
    (tmp_path / "data" / "x.csv").write_text("b\n", encoding="utf-8")
    (fault,) = faults(tmp_path, "1.1", log)
    assert "with other tables" in fault


def test_this_release_passes(root: Path) -> None:
    """Whoever names a new version must have its entries; the first had no dataset before it."""
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    assert __version__ == FIRST or faults(root, __version__, changelog) == []


def test_a_long_diff_is_cut_in_the_changelog_and_says_so(differ: Callable[[str, str], Comparison]) -> None:
    found = differ(ONE, MOVED + NEXT)
    assert ": exercises." not in as_text(found, 0)
    assert "- And 1 more, at `/changes`." in as_text(found, 0)


def test_a_release_is_recorded_whole_and_of_a_build(edition: Callable[[str, str], Path], tmp_path: Path) -> None:
    def call(*words: str) -> Result:
        return CliRunner().invoke(cli, list(words), prog_name="icsgraph")

    old, new = edition("a", ONE), edition("b", MOVED + NEXT)
    for more in (["--about", "QMF"], ["--no-examples"]):
        done = call("diff", str(old), str(new), "--record", "1.1", *more)
        assert (done.exit_code, "recorded whole" in done.stderr) == (2, True)
    assert "Nothing says from which tables" in call("diff", str(old), str(new), "--record", "1.1").stderr
    log = tmp_path / "log.md"
    log.write_text("## 9.9\n", encoding="utf-8")
    done = call("release", "9.9", "--changelog", str(log))
    assert (done.exit_code, "Nothing is recorded" in done.stdout) == (1, True)
    assert call("release", "9.9", "--changelog", str(tmp_path / "none")).exit_code == 2


def test_a_place_that_is_new_is_told_once_and_one_with_another_code_is_the_same(
    differ: Callable[[str, str], Comparison],
) -> None:
    """Label: regression. A month's diff had a line for each function of each new place, and a recoded council was gone and new."""
    new = '<id/place-link/3> ics:opensGround <id/body/A> ; ics:linkedArea <id/area/west> ; ics:linkedBody <id/body/A> . <id/area/west> rdfs:label "West" .'
    found = differ(ONE, ONE + new)
    assert [(n.title, n.text) for n in entries(found)] == [
        ("West is a new place", "1 answers on responsibility are now given of it.")
    ]
    assert [n.title for n in entries(differ(ONE + new, ONE))] == ["West is a place no more"]
    again = (
        ONE.replace("<id/area/ham>", "<id/area/E2>")
        + '<id/area/E2> ics:formerOnsCode "ham" ; dcterms:identifier "E2" .'
    )
    recoded = differ(ONE, again)
    assert (recoded.answers, recoded.new_places, recoded.gone_places) == ((), frozenset(), frozenset())
    assert recoded.recoded == {ID + "area/ham": ID + "area/E2"}
    assert "**Recoded: 1.** Ham [id/area/ham, now id/area/E2]" in as_text(recoded)
