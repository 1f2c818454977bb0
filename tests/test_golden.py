"""What people see is what was last agreed: a change of help, pages or the parts of a build shows in ``tests/golden/``."""

from __future__ import annotations

from icsgraph.ask.desk import Desk
from icsgraph.build.pipeline import Built
from icsgraph.graph.store import Store
from icsgraph.web.app import create_app
from tests.golden import differences, help_of_commands, outlines, said_by_the_build

# Where a change is meant: make golden, and read the difference as a user would.


def test_the_help_of_every_command_is_as_agreed() -> None:
    assert differences("help.txt", help_of_commands()) == []


def test_every_kind_of_page_has_the_outline_agreed(desk: Desk, store: Store, built: Built) -> None:
    made = outlines(create_app(desk, store, published=built.folder).test_client())
    assert differences("pages.txt", made) == []


def test_a_build_gives_the_parts_agreed(built: Built) -> None:
    assert differences("manifest.txt", said_by_the_build(built.manifest)) == []


def test_a_part_that_is_lost_is_noticed(built: Built) -> None:
    graphs = {k: v for k, v in built.manifest["graphs"].items() if k != "ledger"}  # type: ignore[attr-defined]
    said = differences("manifest.txt", said_by_the_build({**built.manifest, "graphs": graphs}))
    assert [line for line in said if line.startswith("-   ")] == ["-    ledger"]
