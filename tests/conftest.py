"""Shared things: the content, one build of it for the whole run, and no way out to the network."""

from __future__ import annotations

import datetime as dt
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from icsgraph.ask.catalogue import Catalogue
from icsgraph.ask.desk import Desk
from icsgraph.build.pipeline import DATASET, Built, build
from icsgraph.core.answer import Answer
from icsgraph.graph.store import Store

ROOT = Path(__file__).resolve().parents[1]
# The day on which questions without a date are asked in tests.
TODAY = dt.date(2026, 11, 23)


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
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The dataset, built once."""
    return build(ROOT, tmp_path_factory.mktemp("dataset"))


@pytest.fixture(scope="session")
def store(built: Built) -> Store:
    return Store.open(built.folder / DATASET)


@pytest.fixture(scope="session")
def desk(store: Store, catalogue: Catalogue) -> Desk:
    return Desk(store, catalogue)


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue.read(ROOT)


@pytest.fixture
def ask(desk: Desk) -> Callable[..., Answer]:
    """Ask a question as of the tests' day."""

    def run(id: str, as_at: str = "", scenario: str = "", **values: str) -> Answer:
        # ``from`` is a word of Python and so written ``from_``.
        return desk.ask(id, {k.rstrip("_"): v for k, v in values.items()}, as_at, scenario, TODAY)

    return run


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A copy of the content in which a defect can be planted."""
    for folder in ("data", "ontology", "queries"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path
