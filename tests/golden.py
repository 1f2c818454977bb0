"""What people see of the product, as text that a change shows up in: ``python -m tests.golden`` (``make golden``) writes it anew.

Help of every command, the outline of every kind of page, and what a build says it holds; days and numbers are left out, so
that a fact more changes nothing here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import click
from click.testing import CliRunner
from flask.testing import FlaskClient

from icsgraph.ask.desk import Desk
from icsgraph.build.pipeline import MANIFEST
from icsgraph.build.place import ensure
from icsgraph.cli.main import cli
from icsgraph.web.app import create_app
from tests.test_browser import KINDS

__all__ = ["FOLDER", "differences", "help_of_commands", "outline", "outlines", "said_by_the_build"]

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path(__file__).parent / "golden"
_DAY = re.compile(r"\b\d{1,2} (?:\w+) 20\d\d\b|\b20\d\d-\d\d-\d\d\b")
_NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")


def help_of_commands(group: click.Group = cli, name: str = "icsgraph") -> str:
    """``--help`` of a command and of all below it, at a width of 100."""
    found = []
    for words in ([], *([c] for c in sorted(group.commands))):
        done = CliRunner().invoke(group, [*words, "--help"], prog_name=name, terminal_width=100, max_content_width=100)
        found.append(f"$ {' '.join([name, *words])} --help\n{done.output}")
    return "\n".join(found)


class _Outline(HTMLParser):
    """Headings, by their depth, and the fields of forms, in the order of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._depth = -1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if re.fullmatch("title|h[12]", tag):
            self._depth = 0 if tag == "title" else int(tag[1])
            self.lines.append("  " * self._depth)
        named = dict(attrs)
        if tag in ("input", "select", "textarea") and named.get("name") and named.get("type") != "hidden":
            field = f"    [{named['name']}]"
            if field not in self.lines:
                self.lines.append(field)

    def handle_endtag(self, tag: str) -> None:
        if re.fullmatch("title|h[12]", tag):
            self._depth = -1

    def handle_data(self, data: str) -> None:
        if self._depth >= 0:
            self.lines[-1] += data


def outline(page: str) -> str:
    """Title, headings and fields of a page; ``…`` stands for days and numbers.

    >>> outline("<title>A - B</title><h1>On 1 May 2024</h1><input name='what'><h2>12 duties</h2>").split(chr(10))
    ['A - B', '  On …', '    [what]', '    … duties']
    """
    parser = _Outline()
    parser.feed(page)
    lines = (_NUMBER.sub("…", _DAY.sub("…", line)) for line in parser.lines)
    return "\n".join(re.sub(r"(?<=\S)\s+", " ", line).rstrip() for line in lines)


def outlines(client: FlaskClient) -> str:
    """The outline of every kind of page."""
    found = []
    for kind, address in KINDS.items():
        answer = client.get(address, headers={"Accept": "text/html"})
        found.append(f"== {kind}: {address}\n{answer.status_code}\n{outline(answer.get_data(as_text=True))}\n")
    return "\n".join(found)


def said_by_the_build(manifest: dict[str, Any]) -> str:
    """The graphs, tables, rules and files of a build, without how much is in each; kinds and properties are the ontology's.

    >>> print(said_by_the_build({"quads": 5, "graphs": {"law": 5}, "downloads": [{"path": "a.nq", "media": "x/y"}]}), end="")
    downloads
        a.nq  x/y
    graphs
        law
    quads
    """
    lines = []
    for key, value in sorted(manifest.items()):
        lines.append(key)
        if isinstance(value, list):
            lines += [f"    {file['path']}  {file['media']}" for file in value]
        elif isinstance(value, dict) and key not in ("classes", "properties"):
            lines += [f"    {name}" for name in sorted(value)]
    return "\n".join(lines) + "\n"


def differences(name: str, made: str) -> list[str]:
    """The lines that differ between a kept file and what would be written now; none where they are alike."""
    from difflib import unified_diff

    kept = (FOLDER / name).read_text(encoding="utf-8") if (FOLDER / name).exists() else ""
    return list(unified_diff(kept.splitlines(), made.splitlines(), f"golden/{name}", "now", lineterm="", n=1))


def main() -> None:
    """Write all files anew."""
    path = ensure(ROOT, lambda message: None)
    desk = Desk.open(path, ROOT)
    made: dict[str, Callable[[], str]] = {
        "help.txt": help_of_commands,
        "pages.txt": lambda: outlines(create_app(desk, desk.store, published=path.parent).test_client()),
        "manifest.txt": lambda: said_by_the_build(json.loads(path.with_name(MANIFEST).read_text(encoding="utf-8"))),
    }
    FOLDER.mkdir(exist_ok=True)
    for name, make in made.items():
        (FOLDER / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main()
