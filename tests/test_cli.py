"""The command line: what it prints, its exit codes, and errors of one line that say how to mend them."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from icsgraph.build.pipeline import Built
from icsgraph.core.errors import IcsgraphError
from icsgraph.graph.store import Store
from tests.conftest import Done

Call = Callable[..., Done]


def apart(*words: str, stdin: str = "") -> Done:
    """Run a command as people do, in a process of its own."""
    command = [sys.executable, "-m", "icsgraph", *words]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=60)
    return Done(done.returncode, done.stdout, done.stderr)


def test_an_answer_names_the_law(call: Call, built: Built) -> None:
    asked = ("ask", "who-is-liable-for", "function=dentist", "area=qmf", "--as-at", "2023-06-01")
    done = apart(*asked)
    # What the others are run by gives the same.
    assert call(*asked) == done
    assert done.returncode == 0
    assert "NHS North East London Integrated Care Board [QMF]" in done.stdout
    assert "NHS Act 2006 s.65Z5(6)" in done.stdout
    assert done.stderr == ""


def test_json_has_the_public_form(call: Call) -> None:
    done = call(
        "ask",
        "who-is-bound-by",
        "duty=triple aim",
        "area=QMF",
        "--as-at",
        "2024-01-01",
        "--format",
        "json",
    )
    answer = json.loads(done.stdout)
    assert {"question", "parameters", "as_at", "scenario", "status", "rows", "statements", "searched"} <= answer.keys()
    assert answer["question"]["id"] == "who-is-bound-by"
    assert {
        "id",
        "iri",
        "text",
        "relation",
        "bearer",
        "counterpart",
        "matter",
        "legal_status",
        "modality",
        "voice",
        "valid_from",
        "valid_to",
        "derived_by",
        "passages",
    } <= answer["statements"][0].keys()
    assert {"id", "citation", "locator", "url"} <= answer["statements"][0]["passages"][0].keys()


def test_the_list_of_questions_shows_every_question(call: Call, root: Path) -> None:
    done = call("ask")
    for path in (root / "queries" / "ask").glob("*/*.rq"):
        assert f"  {path.stem} " in done.stdout or f"  {path.stem}\n" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["ask", "who-is-bound"], "Did you mean"),
        (["ask", "who-is-bound-by", "duty=tripple aim"], "Triple aim duty"),
        (["ask", "who-is-bound-by"], "needs a value for duty"),
        (["ask", "who-is-bound-by", "triple aim"], "name=value"),
        (["ask", "who-is-bound-by", "dutty=triple aim"], "It takes: duty, area"),
        (["ask", "which-bodies-cover", "area=Devon"], "may mean several things"),
        (["ask", "who-is-bound-by", "duty=triple aim", "--as-at", "1 May 2024"], "YYYY-MM-DD"),
        (["ask", "who-is-bound-by", "duty=triple aim", "--scenario", "act-2023"], "Did you mean"),
        (["query", "no-such-file.rq"], "cannot be read"),
        (["query", "-"], "does not parse"),
        (["explain", "tripel aim"], "Did you mean"),
        (["frobnicate"], "--help"),
        (["ask", "who-is-bound-by", "duty=triple aim", "--format", "pdf"], "pdf"),
        (["serve", "--port", "99999"], "99999"),
        (["serve", "--dataset", "no-such-file.nq"], "cannot be read"),
        (["serve", "--dataset", "README.docx"], "kind"),
    ],
)
def test_a_mistake_gets_one_line_and_exit_code_2(call: Call, arguments: list[str], says: str) -> None:
    # What would serve if it did not fail has a process of its own.
    done = (apart if arguments[0] == "serve" else call)(*arguments, stdin="SELECT WHERE")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_said(built: Built) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = apart("serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "cannot be used" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_query_that_reaches_out_is_refused(call: Call) -> None:
    done = call("query", "-", stdin="SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }")
    assert done.returncode == 2
    assert "SERVICE" in done.stderr


def test_explain_says_what_a_word_means(call: Call) -> None:
    done = call("explain", "delegation")
    assert "while the holder stays the same" in done.stdout


def test_csv_joins_on_codes(call: Call) -> None:
    done = call("ask", "what-became-of", "body=QUE", "--format", "csv")
    header, first = done.stdout.splitlines()[:2]
    assert header.startswith("predecessor,predecessor_code,successor,successor_code,date,change,change_code")
    assert "QUE" in first
    assert "S1Y5D" in first


def test_files_are_served_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "x.trig"
    path.write_text("<http://x/a> <http://x/p> 1 . <http://x/g> { <http://x/b> <http://x/p> 2 }", encoding="utf-8")
    query = "SELECT ?s WHERE { ?s <http://x/p> ?v }"
    assert len(Store.open_files([path]).select(query)) == 1
    assert len(Store.open_files([path], union=True).select(query)) == 2


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x.ttl", "<http://x/a> <http://x/p> .", "line 1"),
        (
            "x.rdf",
            "<!DOCTYPE rdf [<!ENTITY a 'b'>]><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>",
            "DOCTYPE",
        ),
    ],
)
def test_a_file_that_cannot_be_served_says_why(tmp_path: Path, name: str, content: str, says: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(IcsgraphError, match=says):
        Store.open_files([path])


def test_validate_says_what_is_wrong_where_and_what_to_do(call: Call, root: Path, tmp_path: Path) -> None:
    example = root / "shapes" / "example"
    clean = call("validate", str(example / "system.ttl"), "--as-at", "2025-09-01")
    assert (clean.returncode, clean.stderr) == (0, "")
    assert "no findings" in clean.stdout
    faulty = call("validate", str(example / "system-with-faults.ttl"), "--as-at", "2025-09-01")
    assert faulty.returncode == 1
    for said in ("Violation (11)", "Warning (1)", "line 56", "NHS Act 2006 Sch.1B para.5", "What to do:"):
        assert said in faulty.stdout
    few = call(
        "validate",
        str(example / "system-with-faults.ttl"),
        "--as-at",
        "2025-09-01",
        "--severity",
        "violation",
    )
    assert "C22" not in few.stdout
    wrong = tmp_path / "x.ttl"
    wrong.write_text("@prefix : <x> . :a", encoding="utf-8")
    broken = call("validate", str(wrong))
    assert broken.returncode == 2
    assert broken.stderr.startswith("icsgraph: x.ttl, line 1")
    assert broken.stderr.count("\n") == 1


def test_validate_in_every_form_and_from_standard_input(call: Call, root: Path) -> None:
    text = (root / "shapes" / "example" / "system-with-faults.ttl").read_text(encoding="utf-8")
    as_json = json.loads(call("validate", "-", "--as-at", "2025-09-01", "--format", "json", stdin=text).stdout)
    assert as_json["counts"] == {"Violation": 11, "Warning": 1, "Info": 0}
    assert {f["rule"] for f in as_json["findings"]} >= {"C10", "C43", "C96"}
    turtle = call("validate", "-", "--as-at", "2025-09-01", "--format", "ttl", stdin=text).stdout
    assert turtle.count("sh:ValidationResult") == 12
    page = call("validate", "-", "--as-at", "2025-09-01", "--format", "html", stdin=text).stdout
    assert page.startswith("<!doctype html>")
    assert page.count('<section class="app-finding') == 12
    assert call("validate", "/no/such/file").returncode == 2
    assert call("validate", "-", "--scenario", "option-3", stdin=text).returncode == 2


def test_a_check_begins_without_what_only_others_need() -> None:
    """Start is most of a check: what opens workbooks, builds or is the reference is loaded where it is needed."""
    modules = "icsgraph.cli.main, icsgraph.check.validator, icsgraph.check.render, icsgraph.scheme.sniffing, icsgraph.build.pipeline"
    heavy = "{'openpyxl', 'docx', 'rdflib', 'owlrl', 'pyshacl', 'flask', 'lark'}"
    code = f"import sys, {modules}; print(sorted({heavy} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    planted = subprocess.run(
        [sys.executable, "-c", f"import rdflib; {code}"], capture_output=True, text=True, check=True
    )
    assert planted.stdout == "['rdflib']\n"
