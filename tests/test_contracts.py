"""Promises about the repository itself."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from icsgraph import __version__
from icsgraph.ask.catalogue import Catalogue
from icsgraph.ask.render import as_text
from icsgraph.build.pipeline import read_ontology
from icsgraph.core.answer import Answer
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.guard import RefusedQuery, check_query
from icsgraph.core.question import parse_question
from icsgraph.core.terms import DEF, expand
from icsgraph.graph.rdf import RDF_TYPE, NamedNode, date, iri
from icsgraph.graph.store import Store

# What would be law or a body in Python: section numbers, Acts, codes of bodies.
LAW_IN_CODE = re.compile(
    r"\bs\.\d|\bsection \d|\b\d+Z[A-Z]?\d|\bAct (?:19|20)\d\d|\b(?:19|20)\d\d Act\b|\bQ[A-Z][A-Z0-9]\b|\bX24\b|NHS England|\bintegrated care board\b",
    re.IGNORECASE,
)
# The name of the field, in the help of the command line.
NAME_OF_THE_FIELD = "integrated care systems in england"


def law_in(folder: Path) -> list[str]:
    """Where Python names law or a body, save in examples that are run as tests, as ``file:line: match``."""
    found = []
    for path in sorted(folder.rglob("*.py")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            bare = re.sub(r">>>.*", "", line)
            if (match := LAW_IN_CODE.search(bare)) and NAME_OF_THE_FIELD not in line.lower():
                found.append(f"{path.name}:{number}: {match[0]}")
    return found


def test_no_law_and_no_body_is_written_in_python(root: Path) -> None:
    assert law_in(root / "src") == []


def test_law_in_python_is_noticed(tmp_path: Path) -> None:
    code = 'GATEWAY = "s.65Z5"\nBOARD = "QMF"  # for example\n>>> ask("QMF")\n'
    (tmp_path / "x.py").write_text(code, encoding="utf-8")
    (tmp_path / "desk.py").write_text('return {"Area": "QMF"}\n', encoding="utf-8")
    assert law_in(tmp_path) == ["desk.py:1: QMF", "x.py:1: s.6", "x.py:2: QMF"]


# What the build names of the lists of the ontology: any body at all, and the standings that it settles.
SETTLED_BY_THE_BUILD = {"Body", "Settled", "Presumed", "BySayOfPolicy"}


def content_in(folder: Path, root: Path) -> list[str]:
    """The kinds of body and the members of closed lists that Python files of a folder name, as ``file: name``."""
    types: dict[str, set[str]] = {}
    for quad in read_ontology(root):
        if quad.predicate == RDF_TYPE:
            types.setdefault(quad.subject.value.removeprefix(DEF), set()).add(quad.object.value)
    structure = {expand(f"owl:{n}") for n in ("Class", "ObjectProperty", "DatatypeProperty", "Ontology")}
    content = {n for n, kinds in types.items() if DEF + "BodyKind" in kinds or not kinds & structure}
    return sorted(
        {
            f"{path.name}: {name}"
            for path in folder.rglob("*.py")
            for name in re.findall(r"(?:\bics:|[\"'])([A-Z][A-Za-z]+)\b", path.read_text(encoding="utf-8"))
            if name in content - SETTLED_BY_THE_BUILD
        }
    )


def test_the_build_names_no_member_of_a_list_and_no_kind_of_body(root: Path) -> None:
    """What a basis, a kind or a gateway does is a flag on it in the ontology."""
    assert content_in(root / "src" / "icsgraph" / "build", root) == []


def test_a_basis_and_a_kind_named_in_the_build_are_noticed(root: Path, tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text('OWN = "ics:OwnArea"\nKIND = expand(f"ics:{\'NationalBody\'}")\n', encoding="utf-8")
    assert content_in(tmp_path, root) == ["x.py: NationalBody", "x.py: OwnArea"]


def test_the_questions_of_the_contract_exist(catalogue: Catalogue) -> None:
    wanted = {
        "who-is-accountable-for": {"function", "area"},
        "who-holds-function": {"function", "area"},
        "who-exercises-function": {"function", "area"},
        "who-is-liable-for": {"function", "area"},
        "what-does-body-answer-for": {"body"},
        "who-does-body-answer-to": {"body"},
        "who-is-bound-by": {"duty", "area"},
        "which-duties-bind": {"body"},
        "may-delegate": {"from", "to", "function"},
        "what-may-be-passed-between": {"from", "to"},
        "what-is-delegated": {"body"},
        "who-appoints": {"post"},
        "who-must-sit-on": {"body"},
        "what-must-body-publish": {"body"},
        "who-oversees": {"body"},
        "how-can-overseer-intervene": {"body"},
        "which-bodies-cover": {"area"},
        "what-became-of": {"body"},
        "what-changed-between": {"from", "to", "body"},
        "compare-scenarios": {"topic", "scenarios"},
        "what-does-source-say": {"source", "locator"},
        "what-is-unclear": set(),
        "how-many-bodies": {"kind"},
    }
    for id, parameters in wanted.items():
        assert {p.name for p in catalogue.get(id).parameters} == parameters, id
    assert len(catalogue.questions) >= 40


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("#+ question: A {b}?\n#+ famly: x\nSELECT ?a WHERE {}", "famly"),
        ("#+ question: A?\nSELECT ?a WHERE {}", "columns"),
        (
            "#+ question: A?\n#+ family: x\n#+ parameters: b\n#+ columns: a\n#+ statements: a\n#+ explain: e\n#+ example: as asked\nSELECT ?a ?asAt ?scenario WHERE {}",
            "not a parameter",
        ),
        (
            "#+ question: A?\n#+ family: x\n#+ parameters: b (Body)\n#+ columns: a\n#+ statements: a\n#+ explain: e\n#+ example: as asked\nSELECT ?a ?asAt ?scenario WHERE {}",
            "not projected",
        ),
        (
            "#+ question: A?\n#+ family: x\n#+ parameters: b (Body)\n#+ columns: a\n#+ statements: a\n#+ explain: e\n#+ example: c=1\nSELECT ?a ?b ?asAt ?scenario WHERE {}",
            "does not fit at c, b",
        ),
        (
            "#+ question: A {c}?\n#+ family: x\n#+ parameters:\n#+ columns: a\n#+ statements: a\n#+ explain: e\n#+ example: as asked\nSELECT ?a ?asAt ?scenario WHERE {}",
            "no parameter",
        ),
    ],
)
def test_a_faulty_question_is_refused(content: str, says: str) -> None:
    with pytest.raises(IcsgraphError, match=says):
        parse_question(content, "x.rq")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { service <http://x/> { ?s ?p ?o } }",
        "SELECT * { SERVICE SILENT ?x { ?s ?p ?o } }",
        "SELECT * { \\u0053ERVICE <http://x/> { ?s ?p ?o } }",
        "SELECT * { #\nSERVICE<http://x/>{ ?s ?p ?o } }",
        "LOAD <file:///etc/passwd>",
        "ASK {" + "{" * 200 + "}" * 200 + "}",
        "ASK { } #" + "x" * 200_000,
        "ASK { ?s ?p '\x00' }",
    ],
)
def test_what_reaches_out_or_overflows_is_refused_before_it_runs(query: str) -> None:
    with pytest.raises(RefusedQuery):
        check_query(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?service { ?service a <http://x/SERVICE> }",
        "ASK { ?s ?p 'a SERVICE b' } # LOAD",
        "PREFIX service: <http://x/> ASK { ?s service:of ?o }",
    ],
)
def test_words_that_only_look_like_it_are_let_through(query: str) -> None:
    check_query(query)


def test_values_are_bound_and_never_pasted() -> None:
    store = Store()
    rows = store.select("SELECT ?x ?asAt WHERE { VALUES ?x { 1 } FILTER(BOUND(?asAt)) }", {"asAt": date("2024-01-01")})
    assert len(rows) in (0, 1)
    with pytest.raises(ValueError, match="IRI"):
        iri("https://x/> } DELETE WHERE { ?s ?p ?o")
    assert isinstance(iri("https://x/"), NamedNode)


def test_version_is_said_once(root: Path) -> None:
    assert f'owl:versionInfo "{__version__}"' in (root / "ontology" / "icsgraph.ttl").read_text(encoding="utf-8")
    assert "version" in tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dynamic"]


def test_the_layers_are_checked_and_a_planted_import_is_noticed(root: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(root / "src", tmp_path / "src")
    shutil.copy(root / "pyproject.toml", tmp_path)
    lint = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    environment = {"PYTHONPATH": str(tmp_path / "src"), "PATH": "/usr/bin:/bin"}
    assert subprocess.run(lint, cwd=tmp_path, env=environment, capture_output=True, check=False).returncode == 0
    path = tmp_path / "src" / "icsgraph" / "core" / "dates.py"
    path.write_text(path.read_text(encoding="utf-8") + "\nimport rdflib\n", encoding="utf-8")
    done = subprocess.run(lint, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "RDF libraries stay in graph BROKEN" in done.stdout


def test_every_test_file_is_collected(root: Path) -> None:
    run_by_hand = (
        "audit.py",
        "bench.py",
        "bench_door.py",
        "bench_growth.py",
        "bench_http.py",
        "browser.py",
        "engines/__main__.py",
        "golden.py",
        "month.py",
        "soak.py",
        "soak_service.py",
        "service.py",
        "workbook_files.py",
        "workbook_said.py",
        "conformance/shacl.py",
        "conformance/protocol.py",
        "conformance/sparql.py",
        "conformance/syntax.py",
    )
    for path in (root / "tests").rglob("*.py"):
        place = path.relative_to(root / "tests").as_posix()
        assert place in run_by_hand or path.name in ("__init__.py", "conftest.py") or path.name.startswith("test_"), (
            place
        )


def test_the_readme_shows_every_question(root: Path, catalogue: Catalogue) -> None:
    readme = (root / "README.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"^\| `([a-z-]+)` \|", readme, re.MULTILINE))
    assert shown == set(catalogue.questions)


def test_the_answer_in_the_readme_is_the_answer_given(root: Path, ask: Callable[..., Answer]) -> None:
    readme = (root / "README.md").read_text(encoding="utf-8")
    answer = ask("who-is-liable-for", "2023-06-01", function="primary dental services", area="QMF")
    assert as_text(answer).strip() in readme
