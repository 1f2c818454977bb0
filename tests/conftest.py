"""Shared things: the content, one build of it for every worker of the run, and no way out to the network."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import socket
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from icsgraph.ask.catalogue import Catalogue
from icsgraph.ask.desk import Desk
from icsgraph.ask.names import Names
from icsgraph.build.pipeline import DATASET, MANIFEST, REFERENCE, Built
from icsgraph.build.place import ensure
from icsgraph.check.validator import Validator
from icsgraph.cli import main as commands
from icsgraph.core.answer import Answer
from icsgraph.graph.store import Store
from icsgraph.scheme.check import Checker
from icsgraph.scheme.documents.words import Words
from icsgraph.scheme.grids import Grid
from icsgraph.scheme.opening import open_workbook
from icsgraph.scheme.publish import Publisher
from icsgraph.scheme.record import Record

ROOT = Path(__file__).resolve().parents[1]
# The day on which questions without a date are asked in tests.
TODAY = dt.date(2026, 11, 23)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is slow first, so that no worker waits for it at the end; a file goes to one worker, a slow sweep to any."""
    slow = {item: item.get_closest_marker("slow") for item in items}
    for item in items:
        alone = slow[item] in item.own_markers
        item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("[" if alone else "::")[0]))
    items.sort(key=lambda item: slow[item] is None)


@pytest.fixture
def opened() -> Callable[[bytes, str], list[Grid]]:
    """Opens a stranger's file, read or refused, in no more than the three seconds of the processor that the largest is given."""

    def open_(content: bytes, name: str) -> list[Grid]:
        began = time.process_time()
        try:
            return open_workbook(content, name)
        finally:
            assert time.process_time() - began < 3

    return open_


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only this machine can be reached."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: tuple[str, int]) -> None:
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def built() -> Built:
    """The dataset of this content, built where no command, run or other worker has built it yet.

    ``test_build.py`` holds what is found equal to a build from nothing, byte for byte.
    """
    path = ensure(ROOT, lambda message: None)
    return Built(path.parent, json.loads(path.with_name(MANIFEST).read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def store(built: Built) -> Store:
    return Store.open(built.folder / DATASET)


@pytest.fixture(scope="session")
def desk(store: Store, catalogue: Catalogue) -> Desk:
    return Desk(store, catalogue)


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue.read(ROOT)


@pytest.fixture(scope="session")
def names(desk: Desk) -> Names:
    return desk.names


@pytest.fixture(scope="session")
def validator(built: Built) -> Validator:
    return Validator(ROOT, built.folder / REFERENCE)


@pytest.fixture(scope="session")
def publisher(desk: Desk) -> Publisher:
    return Publisher(desk, ROOT)


@pytest.fixture(scope="session")
def checker(validator: Validator, desk: Desk, publisher: Publisher) -> Checker:
    """The checker of workbooks and descriptions."""
    return Checker(validator, lambda: desk.names, lambda: publisher)


@pytest.fixture(scope="session")
def record(publisher: Publisher) -> Record:
    """What schemes are read against."""
    return publisher.record


@pytest.fixture(scope="session")
def words(publisher: Publisher) -> Words:
    return publisher.words


@pytest.fixture(scope="session")
def ask(desk: Desk) -> Callable[..., Answer]:
    """Ask a question as of the tests' day; what several tests ask is answered once, so an answer is to be read and not changed."""

    @cache
    def answered(id: str, as_at: str, scenario: str, values: frozenset[tuple[str, str]]) -> Answer:
        return desk.ask(id, dict(values), as_at, scenario, TODAY)

    def run(id: str, as_at: str = "", scenario: str = "", **values: str) -> Answer:
        # ``from`` is a word of Python and so written ``from_``.
        return answered(id, as_at, scenario, frozenset((k.rstrip("_"), v) for k, v in values.items()))

    return run


class Done(NamedTuple):
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def call(desk: Desk, validator: Validator, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """Run a command in this process, over the desk and the validator that are open already: a process of its own opens its own."""
    monkeypatch.setattr(Desk, "open", lambda *given: desk)
    monkeypatch.setattr(commands, "validator", lambda: validator)

    def run(*words: str, stdin: str = "") -> Done:
        done = CliRunner().invoke(commands.cli, list(words), input=stdin, prog_name="icsgraph")
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Done(done.exit_code, done.stdout, done.stderr)

    return run


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A copy of the content in which a defect can be planted."""
    for folder in ("data", "ontology", "queries"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


@pytest.fixture
def tables(root: Path, tmp_path: Path) -> Path:
    """The tables that extracts are held against."""
    for part in ("data/upkeep", "data/bodies"):
        shutil.copytree(root / part, tmp_path / part)
    return tmp_path
