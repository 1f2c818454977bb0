"""A service made in one place: what answers, what checks, what is kept, and how all of it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TextIO

from flask import Blueprint, Flask

from icsgraph.ask.catalogue import Catalogue
from icsgraph.ask.desk import Desk
from icsgraph.bounded.pool import Pool
from icsgraph.build.pipeline import MANIFEST, REFERENCE
from icsgraph.build.place import dataset_path, ensure
from icsgraph.check.bounded import Bounded, Checks
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.machine import share_heap
from icsgraph.graph.store import Store
from icsgraph.graph.workers import Limits, Workers
from icsgraph.scheme.check import Checker
from icsgraph.upkeep.shelf import Kept, open_edition, read_shelf
from icsgraph.web.app import MAX_BODY, create_app
from icsgraph.web.cache import Cache
from icsgraph.web.editions import Editions, Shown
from icsgraph.web.sparql import Evaluator

__all__ = ["Service", "Settings", "open_service"]

# Of one workbook; a check takes some five milliseconds a row.
_ROWS = 5_000
Progress = Callable[[str], None]


def _quiet(message: str) -> None:
    """Show nothing."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What is served and within which limits; ``root`` holds the content.

    Served are ``datasets`` (with ``union``, the union of their graphs is the default graph), or what the SPARQL 1.1 service
    ``endpoint`` holds, or else the dataset of this version. ``cache`` is in megabytes; ``editions`` is a folder of those that are kept.
    """

    root: Path
    datasets: tuple[Path, ...] = ()
    union: bool = False
    endpoint: str = ""
    limits: Limits = field(default_factory=Limits)
    cache: int = 64
    editions: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Service:
    """What a running service holds.

    ``pools`` are its processes by what they run, ``published`` the folder of the build served, ``editions`` those that are kept.
    """

    desk: Desk
    evaluator: Evaluator
    checks: Checks
    cache: Cache
    pools: dict[str, Pool]
    published: Path | None = None
    editions: Editions | None = None

    def application(self, log: TextIO | None = None, assistants: bool = False) -> Flask:
        """The application that answers; ``log`` gets a line per request, and ``assistants`` are served at ``/mcp`` where asked for.

        Raises ``IcsgraphError`` where what serves them is not installed.
        """
        more = [_assistants(self)] if assistants else []
        shown = self.editions.here if self.editions else None
        return create_app(
            self.desk,
            self.evaluator,
            lambda: self.checks,
            self.cache,
            log,
            self.published,
            self.pools,
            more,
            shown,
            self.editions,
        )

    def close(self) -> None:
        """End all processes."""
        for pool in self.pools.values():
            pool.close()


def open_service(settings: Settings, progress: Progress = _quiet, warn: Progress = _quiet) -> Service:
    """The service of some settings; call it before any thread is started.

    ``warn`` is told of each question that is not offered. Raises ``IcsgraphError`` where what is to be served cannot be.
    """
    if settings.endpoint and settings.datasets:
        raise IcsgraphError("--endpoint and --dataset exclude each other.", "Leave one of them out.")
    # The pages of a service are answered by many threads.
    share_heap()
    root, limits = settings.root, settings.limits
    pools: dict[str, Pool] = {}
    evaluator: Evaluator
    if settings.endpoint:
        desk, evaluator = _far(settings, progress, warn)
    else:
        files = settings.datasets
        store = Store.open_files(files, settings.union) if files else Store.open(ensure(root, progress))
        # Before the desk, so that processes that need the store alone hold no more.
        evaluator = workers = Workers(store, limits)
        desk = Desk(store, Catalogue.read(root))
        pools["queries"] = workers.pool
    published = None if settings.datasets or settings.endpoint else dataset_path(root).parent
    # It begins when first needed, since files that are served need no built dataset.
    checks = Bounded(partial(_checker, root))
    pools["checks"] = checks.pool
    return Service(
        desk=desk,
        evaluator=evaluator,
        checks=checks,
        cache=Cache(settings.cache),
        pools=pools,
        # The files of a build are offered where that build is what is served.
        published=published,
        editions=_editions(settings.editions, root, published) if settings.editions else None,
    )


def _editions(folder: Path, root: Path, published: Path | None) -> Editions:
    """The editions of a folder, asked with the questions of today; which of them is served is known where a build is."""
    kept = read_shelf(folder)
    checksum = json.loads((published / MANIFEST).read_text(encoding="utf-8"))["sha256"] if published else ""
    here = next((Shown(id=e.id, day=e.day) for e in kept if checksum.startswith(e.checksum)), Shown())

    def make(edition: Kept) -> Flask:
        desk = Desk(open_edition(edition), Catalogue.read(root))
        return create_app(desk, desk.store, shown=Shown(id=edition.id, day=edition.day))

    return Editions(kept=kept, here=here, make=make)


def _assistants(service: Service) -> Blueprint:
    """The route of the server for assistants, whose library is an extra and takes a second to load."""
    try:
        from icsgraph.web.assistant import assistant
        from icsgraph.web.streamable import blueprint
    except ImportError:
        raise IcsgraphError("The server for assistants is not installed.", "pip install 'icsgraph[mcp]'") from None
    return blueprint(assistant(service), MAX_BODY)


def _far(settings: Settings, progress: Progress, warn: Progress) -> tuple[Desk, Evaluator]:
    """The desk and the evaluator over another engine, without the questions that it answers wrongly."""
    # The client takes half a second to load.
    from icsgraph.ask.agree import disagreements
    from icsgraph.graph.remote import RemoteStore

    far = RemoteStore(settings.endpoint, settings.limits.seconds, settings.limits.rows)
    desk = Desk(far, Catalogue.read(settings.root))
    near = Desk.open(ensure(settings.root, progress), settings.root)
    wrong = disagreements(desk, near, progress)
    many = len(near.catalogue.questions)
    if len(wrong) > many // 2:
        raise IcsgraphError(
            f"{settings.endpoint} answers {len(wrong)} of {many} questions otherwise than the dataset of this version.",
            "Load the icsgraph.nq that icsgraph build writes.",
        )
    for id, difference in wrong.items():
        warn(f"{id} is not offered, since the engine answers it wrongly: {difference}")
    desk.refused = set(wrong)
    return desk, far


def _checker(root: Path) -> Checker:
    """What checks descriptions and workbooks over the content in ``root``, whose dataset is built first where it is missing."""
    dataset = ensure(root, _quiet)
    return Checker.open(root, dataset, dataset.with_name(REFERENCE), _ROWS).prepare()
