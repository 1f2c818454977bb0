"""Rules of the house that people can see: how files are written, what each package says of itself, how code is shaped.

Each rule is a function from what it looks at to the faults it finds; it must find none here, and the planted one beside it.
"""

from __future__ import annotations

import ast
import configparser
import importlib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pyparsing import ParseResults
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Variable

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "icsgraph"
KINDS = {".py", ".rq", ".ttl", ".md", ".toml", ".csv", ".html", ".lark", ".lock", ".scss", ".yaml"}
# Made by tools, or brought by them.
LEFT_OUT = {".venv", "node_modules", "static"}


def files(root: Path, *kinds: str) -> Iterator[Path]:
    """The files of the repository that people write, of some kinds or of all."""
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        hidden = any(p.startswith(".") for p in parts[:-1])
        if path.suffix in (kinds or KINDS) and not hidden and not LEFT_OUT & set(parts) and path.is_file():
            yield path


# ---------------------------------------------------------------- how files are written


def unkempt(content: bytes, name: str, settings: configparser.ConfigParser) -> set[str]:
    """What in a file is not as ``.editorconfig`` has it for files of all kinds, save where a section lets its kind off."""
    loose = any(
        section.strip("*").lstrip("*") == Path(name).suffix
        and settings[section].get("trim_trailing_whitespace") == "false"
        for section in settings.sections()
    )
    found = set()
    try:
        text = content.decode(settings["*"]["charset"])
    except UnicodeDecodeError:
        return {f"{name}: is not UTF-8"}
    if "\r" in text and not loose:
        found.add(f"{name}: has line ends of another system")
    if text and not text.endswith("\n"):
        found.add(f"{name}: its last line does not end")
    if not loose and re.search(r"[ \t]+$", text, re.MULTILINE):
        found.add(f"{name}: a line ends in spaces")
    if not loose and "\t" in text:
        found.add(f"{name}: has a tab")
    return found


@pytest.fixture(scope="module")
def settings() -> configparser.ConfigParser:
    found = configparser.ConfigParser()
    found.read_string("[whole]\n" + (ROOT / ".editorconfig").read_text(encoding="utf-8"))
    return found


def test_files_are_written_as_the_editor_is_told(settings: configparser.ConfigParser) -> None:
    seen = list(files(ROOT))
    assert len(seen) > 400
    assert set().union(*(unkempt(p.read_bytes(), p.relative_to(ROOT).as_posix(), settings) for p in seen)) == set()


def test_a_file_written_otherwise_is_noticed(settings: configparser.ConfigParser) -> None:
    for content, fault in (
        (b"a \nb\n", "a line ends in spaces"),
        (b"a\tb\n", "has a tab"),
        (b"a", "its last line does not end"),
        (b"a\r\n", "has line ends of another system"),
        (b"\xff\n", "is not UTF-8"),
    ):
        assert unkempt(content, "x.ttl", settings) == {f"x.ttl: {fault}"}
    assert unkempt(b"a,b \n", "x.csv", settings) == set()


# ---------------------------------------------------------------- how Turtle is written

_TEXT = re.compile(r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"""|"(?:[^"\\\n]|\\.)*"', re.DOTALL)
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*$", re.MULTILINE)


def turtle_faults(text: str) -> set[str]:
    """What in a Turtle file is not in the form of the house, as ``line: fault``.

    Prefixes stand in order, each once; a subject begins at the margin and what is said of it is set in by fours;
    a line ends in what it ends: `` ;``, `` ,`` or `` .``; one empty line at most.
    """
    found = set()
    # Texts become marks of as many lines: what stands in them is no matter of form.
    bare = _TEXT.sub(lambda m: '""' + "\n" * m[0].count("\n"), text)
    bare = _COMMENT.sub("", bare)
    declared = re.findall(r"^@prefix ([\w-]*): <[^>]*> \.$", bare, re.MULTILINE)
    if declared != sorted(set(declared)):
        found.add("1: prefixes are not in order, each once")
    body = re.sub(r"^@(?:prefix|base).*$", "", bare, flags=re.MULTILINE)
    for number, (line, whole) in enumerate(zip(body.split("\n"), text.split("\n"), strict=False), 1):
        if line.strip() and (len(line) - len(line.lstrip(" "))) % 4 and '"""' not in whole:
            found.add(f"{number}: is not set in by fours")
        if re.search(r"\S;\s*$", line):
            found.add(f"{number}: no space before the mark at its end")
    if "\n\n\n" in text:
        found.add(f"{text[: text.index(chr(10) * 3)].count(chr(10)) + 2}: two empty lines")
    return found


def test_turtle_is_in_the_form_of_the_house() -> None:
    seen = [p for p in files(ROOT, ".ttl") if "templates" not in p.parts]
    assert len(seen) > 50
    faults = {f"{p.relative_to(ROOT)}:{f}" for p in seen for f in turtle_faults(p.read_text(encoding="utf-8"))}
    assert faults == set()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("@prefix b: <x> .\n@prefix a: <y> .\n", "1: prefixes are not in order, each once"),
        ("ics:a a ics:B ;\n  rdfs:label 'x' .\n", "2: is not set in by fours"),
        ("ics:a a ics:B;\n    rdfs:label 'x' .\n", "1: no space before the mark at its end"),
        ("ics:a a ics:B .\n\n\nics:b a ics:C .\n", "2: two empty lines"),
    ],
)
def test_turtle_in_another_form_is_noticed(text: str, fault: str) -> None:
    assert turtle_faults(text) == {fault}
    assert turtle_faults('ics:a sh:select """SELECT ?a {\n  ?a ?b ?c;\n}""" .\n') == set()


# ---------------------------------------------------------------- queries of shapes


def _variables(part: Any) -> Iterator[str]:
    """The variables in a part of a query that rdflib has read."""
    match part:
        case Variable():
            yield str(part)
        case CompValue():
            yield from (v for inner in part.values() for v in _variables(inner))
        case list() | tuple() | ParseResults():
            yield from (v for inner in part for v in _variables(inner))


def _patterns(group: CompValue) -> list[CompValue]:
    return list(group.where.get("part") or ()) if group.name == "SubSelect" else list(group.get("part") or ())


def _bound(group: CompValue) -> set[str]:
    """The variables that a group binds by patterns of its own, whatever stands around it."""
    bound: set[str] = set()
    for part in _patterns(group):
        if part.name == "TriplesBlock":
            bound |= set(_variables(part.triples))
        elif part.name == "Bind":
            bound |= set(_variables(part.var))
        elif part.name == "GroupOrUnionGraphPattern":
            bound |= set.intersection(*map(_bound, part.graph))
    return bound


def _asks_freely(group: CompValue, inner: bool) -> bool:
    bound = _bound(group)
    for part in _patterns(group):
        if part.name in ("Filter", "Bind") and inner and "this" in set(_variables(part.expr)) - bound:
            return True
        if part.name == "GroupOrUnionGraphPattern" and any(_asks_freely(branch, True) for branch in part.graph):
            return True
    return False


def free_of_this(query: str) -> bool:
    """Whether a group within a query of a shape names ``$this`` in a filter alone.

    By SPARQL such a group is answered before it is joined to what stands beside it, for any ``$this`` whatever: what is absent of one thing
    is then found at its sound sibling, and the breach is lost. Engines that put the thing in its place beforehand hide the fault.
    """
    prefixes = "".join(f"PREFIX {p}: <x:{p}#>\n" for p in set(re.findall(r"\b(\w+):", query)))
    return _asks_freely(parseQuery(prefixes + query.replace("$this", "?this"))[1].where, False)


def test_each_branch_of_a_shape_names_the_thing_that_it_is_about() -> None:
    queries = [
        (path.name, query)
        for path in sorted((ROOT / "shapes").glob("*/*.ttl"))
        for query in re.findall(r'"""(.*?)"""', path.read_text(encoding="utf-8"), re.DOTALL)
    ]
    assert len(queries) > 240
    assert [(name, query) for name, query in queries if free_of_this(query)] == []


@pytest.mark.parametrize(
    ("where", "free"),
    [
        ("$this a ics:A . { $this ics:b ?v } UNION { FILTER NOT EXISTS { $this ics:b ?any } }", True),
        ("{ $this ics:b ?v } UNION { ics:c ics:d ?v . { BIND(1 AS ?x) FILTER NOT EXISTS { $this ics:b ?x } } }", True),
        ("{ $this ics:b ?v } UNION { BIND(STR($this) AS ?v) }", True),
        ("$this a ics:A . { $this ics:b ?v } UNION { $this a ics:A . FILTER NOT EXISTS { $this ics:b ?any } }", False),
        ("$this a ics:A . FILTER NOT EXISTS { { ?x ics:b $this } UNION { ?x ics:c $this } }", False),
    ],
)
def test_a_branch_that_asks_of_anything_is_noticed(where: str, free: bool) -> None:
    assert free_of_this(f"SELECT $this WHERE {{ {where} }}") is free


# ---------------------------------------------------------------- regular expressions

_READS = {"compile", "sub", "subn", "match", "search", "fullmatch", "findall", "finditer", "split"}
Example = tuple[str, dict[str, Any]]


def expressions(folder: Path) -> Iterator[tuple[Path, str, str, int]]:
    """Each regular expression in the Python of a folder: file, its text in the code in one line, the code itself, its flags."""
    for path in files(folder, ".py"):
        code = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(code)):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=attr), args=[first, *more]) if (
                    attr in _READS
                ):
                    flags = [ast.unparse(a) for a in (*more, *(k.value for k in node.keywords))]
                    known = [eval(f, {"re": re}) for f in flags if re.fullmatch(r"re\.[A-Z]+(?: \| re\.[A-Z]+)*", f)]
                    text = ast.get_source_segment(code, first) or ""
                    yield path, " ".join(text.split()), text, sum(known)


def without_example(folder: Path, examples: dict[str, Example]) -> set[str]:
    """Expressions without an example that they match, as ``file: expression``, and examples of none."""
    found, seen = set(), set()
    for path, key, code, flags in expressions(folder):
        seen.add(key)
        if key not in examples:
            found.add(f"{path.name}: {key}")
            continue
        example, given = examples[key]
        names = (
            vars(importlib.import_module(".".join(path.relative_to(ROOT / "src").with_suffix("").parts)))
            if path.is_relative_to(SOURCE)
            else {}
        )
        values = {k: SimpleNamespace(**v) if isinstance(v, dict) else v for k, v in given.items()}
        if 'rb"' in key:
            values = {k: v.encode() if isinstance(v, str) else v for k, v in values.items()}
        pattern = eval(f"({code})", {**names, "re": re, **values})
        if not re.search(pattern, example.encode() if isinstance(pattern, bytes) else example, flags):
            found.add(f"{path.name}: {key} does not match {example}")
    return found | {f"of none: {key}" for key in examples.keys() - seen}


@pytest.fixture(scope="module")
def examples() -> dict[str, Example]:
    listed = tomllib.loads((Path(__file__).parent / "regular_expressions.toml").read_text(encoding="utf-8"))
    return {key: (example, more[0] if more else {}) for key, example, *more in listed["expressions"]}


def test_every_regular_expression_has_an_example_of_what_it_matches(examples: dict[str, Example]) -> None:
    assert len(examples) > 100
    assert without_example(SOURCE, examples) == set()


def test_an_expression_without_an_example_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text(
        'import re\n_CODE = re.compile(r"Q[A-Z]{2}")\nre.sub(r"a+", "", "b")\n', encoding="utf-8"
    )
    assert without_example(tmp_path, {'r"Q[A-Z]{2}"': ("QMF", {}), 'r"a+"': ("a", {})}) == set()
    assert without_example(tmp_path, {'r"Q[A-Z]{2}"': ("X24", {}), 'r"b"': ("b", {})}) == {
        'x.py: r"Q[A-Z]{2}" does not match X24',
        'x.py: r"a+"',
        'of none: r"b"',
    }


# ---------------------------------------------------------------- what each package says of itself

_PROOF = re.compile(r"`((?:tests|src)/[\w/.]+\.py)(?:::(\w+))?`")


def unproven(package: Path, root: Path) -> set[str]:
    """What a package's README lacks: the file itself, a law, or a proof that exists, as ``package: fault``."""
    path = package / "README.md"
    if not path.exists():
        return {f"{package.name}: has no README"}
    law = path.read_text(encoding="utf-8").partition("## Law of this package\n")[2].partition("\n\n**")[0]
    lines = [line for line in law.splitlines() if line.startswith("- ")]
    found = set() if lines else {f"{package.name}: says no law"}
    for line in lines:
        proofs = _PROOF.findall(line)
        if not proofs:
            found.add(f"{package.name}: no proof of: {line[2:60]}")
        for file, test in proofs:
            code = (root / file).read_text(encoding="utf-8") if (root / file).exists() else ""
            if f"def {test}(" not in code if test else not code:
                found.add(f"{package.name}: there is no {file}::{test}")
    return found


# The workbook's README is written for those who fill it in; its rules stand under a heading of their own.
def packages() -> list[Path]:
    return sorted(p.parent for p in SOURCE.glob("*/__init__.py") if p.parent.name != "scheme")


def test_each_package_says_its_law_and_what_proves_it() -> None:
    assert len(packages()) >= 8
    assert set().union(*(unproven(p, ROOT) for p in packages())) == set()


def test_a_law_without_proof_is_noticed(tmp_path: Path) -> None:
    package = tmp_path / "core"
    package.mkdir()
    assert unproven(package, ROOT) == {"core: has no README"}
    (package / "README.md").write_text(
        "# Core\n\n## Law of this package\n\n- Plain. *Proven by* `tests/test_house.py::test_gone`.\n- Pure.\n",
        encoding="utf-8",
    )
    assert unproven(package, ROOT) == {"core: there is no tests/test_house.py::test_gone", "core: no proof of: Pure."}


# What plain ideas may import, and the one module that may read the environment.
PLAIN = {
    "__future__",
    "collections",
    "contextlib",
    "dataclasses",
    "datetime",
    "functools",
    "html",
    "itertools",
    "json",
    "re",
    "textwrap",
    "typing",
    "urllib.parse",
    "icsgraph",
}
READS_THE_ENVIRONMENT = {("terms.py", "os")}
# They say in words what the machine refused, and log what is ours to mend.
ASKS_THE_MACHINE = {"machine.py", "incident.py"}
# Calls that read a clock or a file.
IMPURE = re.compile(r"\b(?:today|now|open|read_text|read_bytes|urlopen|getenv)\(")


def not_plain(folder: Path) -> set[str]:
    """What modules of plain ideas do that is not plain, as ``file: import or call``."""
    found = set()
    for path in (p for p in sorted(folder.glob("*.py")) if p.name not in ASKS_THE_MACHINE):
        code = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(code)):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found |= {
                f"{path.name}: {n}"
                for n in names
                if not {n, n.partition(".")[0]} & PLAIN and (path.name, n) not in READS_THE_ENVIRONMENT
            }
        found |= {f"{path.name}: {m[0]}" for m in IMPURE.finditer(code)}
    return found


def test_core_is_plain(tmp_path: Path) -> None:
    assert not_plain(SOURCE / "core") == set()
    (tmp_path / "x.py").write_text("import os\nimport datetime as dt\nDAY = dt.date.today()\n", encoding="utf-8")
    assert not_plain(tmp_path) == {"x.py: os", "x.py: today("}


# ---------------------------------------------------------------- how code is shaped


def taken_by_place(folder: Path) -> set[str]:
    """Dataclasses of five fields or more that take them by place, where two of one type can be swapped unseen."""
    found = set()
    for path in files(folder, ".py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                made = [d for d in map(ast.unparse, node.decorator_list) if d.startswith("dataclass")]
                fields = [f for f in node.body if isinstance(f, ast.AnnAssign)]
                if made and len(fields) >= 5 and "kw_only=True" not in made[0]:
                    found.add(f"{path.name}: {node.name}")
    return found


def test_what_has_five_fields_or_more_takes_them_by_name(tmp_path: Path) -> None:
    assert taken_by_place(SOURCE) == set()
    code = "@dataclass(frozen=True)\nclass Wide:\n" + "".join(f"    {name}: str\n" for name in "abcde")
    (tmp_path / "x.py").write_text(
        code + code.replace("True", "True, kw_only=True").replace("Wide", "Named"), encoding="utf-8"
    )
    assert taken_by_place(tmp_path) == {"x.py: Wide"}
