"""Words of strangers: none comes back unescaped on any route or in any document, and none stands in the log."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import openpyxl
import pytest
from flask import render_template_string

from icsgraph.ask.catalogue import Catalogue
from icsgraph.ask.desk import Desk
from icsgraph.build.pipeline import REFERENCE, Built
from icsgraph.check.validator import Validator
from icsgraph.graph.rdf import Quad, iri, text
from icsgraph.graph.results import Result
from icsgraph.graph.store import Store
from icsgraph.scheme.check import Checker
from icsgraph.scheme.publish import Publisher
from icsgraph.scheme.template import EXAMPLE
from icsgraph.web.app import create_app

ROOT = Path(__file__).resolve().parents[1]
X = "http://example.org/"
QUADS = [Quad(iri(f"{X}s{n}"), iri(X + "p"), text("x" * 100), iri(X + "g")) for n in range(60)]

# What must never come back as it was sent.
MARKERS = (
    '"><i>m4rk',
    "'><i>m4rk",
    "</script><i>m4rk",
    "{{'ran'~7*191}}<i>m4rk",
    "\r\nX-M4rk: <i>m4rk",
    "javascript:m4rk//<i>m4rk",
)
# What the fourth of them says once a template has run it. A bare number would also stand in a time of `/metrics` now and then.
RAN = "ran1337"


def test_no_word_of_a_request_comes_back_unescaped(catalogue: Catalogue) -> None:
    """Every route with every parameter that it or any other takes, by GET and in the path, for a browser and for a program."""
    store = Store(QUADS)
    app = create_app(Desk(store, catalogue), store)
    client = app.test_client()
    names = {
        "query",
        "q",
        "what",
        "where",
        "when",
        "format",
        "example",
        "as_at",
        "scenario",
        "text",
        "kind",
        "name",
        "of",
        "from",
        "to",
    }
    names |= {p.name for question in catalogue.questions.values() for p in question.parameters}
    seen = 0
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        for marker in MARKERS:
            path = re.sub(r"<[^>]+>", quote(marker, safe=""), rule.rule)
            asked = "&".join(f"{name}={quote(marker)}" for name in sorted(names))
            for where in (path, f"{path}?{asked}"):
                answer = client.get(
                    where,
                    headers={"Accept": "text/html", "X-Forwarded-Host": marker.strip(), "Referer": marker.strip()},
                )
                seen += 1
                if answer.mimetype in ("text/html", "image/svg+xml", "application/xhtml+xml"):
                    assert "<i>m4rk" not in answer.get_data(as_text=True), (rule.rule, where)
                assert RAN not in answer.get_data(as_text=True), (rule.rule, "a template ran")
                assert "X-M4rk" not in answer.headers, rule.rule
                assert "javascript:m4rk" not in (answer.headers.get("Location") or "")[:12], rule.rule
                assert answer.status_code < 500 or answer.status_code == 501, (
                    rule.rule,
                    where,
                    answer.get_data(as_text=True)[:300],
                )
    assert seen > 150


def test_the_walk_sees_a_word_that_comes_back(catalogue: Catalogue) -> None:
    """The planted defect: a route that repeats what it is asked."""
    app = create_app(Desk(Store(QUADS), catalogue), Store(QUADS))

    @app.get("/echo/<word>")
    def echo(word: str) -> str:
        return f"<p>{word}</p>"

    @app.get("/run/<word>")
    def run(word: str) -> str:
        return render_template_string(word)

    client = app.test_client()
    assert "<i>m4rk" in client.get("/echo/" + quote(MARKERS[0], safe="")).get_data(as_text=True)
    assert RAN not in client.get("/echo/" + quote(MARKERS[3], safe="")).get_data(as_text=True)
    assert RAN in client.get("/run/" + quote(MARKERS[3], safe="")).get_data(as_text=True)


def test_a_log_line_holds_no_line_of_anybody_else(catalogue: Catalogue, caplog: pytest.LogCaptureFixture) -> None:
    class Mistaken(Store):
        """A store with a bug that quotes what it was given: the planted defect."""

        def serialise(self, query: str, *given: Any, **named: Any) -> Result:
            raise ValueError(query)

    client = create_app(Desk(Store(QUADS), catalogue), Mistaken(QUADS)).test_client()
    answer = client.get("/sparql?query=" + quote("ASK {} #\r\nforged line <i>m4rk"))
    told = json.loads(answer.get_data())
    assert answer.status_code == 500
    assert re.fullmatch(r"[0-9a-f]{8}", told["id"])
    assert told["id"] in told["detail"]
    assert caplog.text.count(told["id"]) == 1
    assert "m4rk" not in caplog.text
    assert "forged" not in caplog.text


LABELS = (
    '=HYPERLINK("http://evil.example","<i>m4rk")',
    "@SUM(1)<i>m4rk",
    "<script>m4rk</script><i>m4rk",
    "+1-1<i>m4rk",
)


def test_labels_of_an_upload_are_inert_in_every_document(built: Built, desk: Desk) -> None:
    checker = Checker(Validator(ROOT, built.folder / REFERENCE), lambda: desk.names, lambda: Publisher(desk, ROOT))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for path in sorted((ROOT / EXAMPLE).glob("*.csv")):
            rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
            for number, label in enumerate(LABELS, 1):
                if path.stem == "Decisions" and number < len(rows):
                    at = rows[0].index("Decision")
                    rows[number][at] = f"{label} {rows[number][at]}"
            text = io.StringIO(newline="")
            csv.writer(text).writerows(rows)
            packed.writestr(path.name, text.getvalue())
    report = checker.check(out.getvalue(), "scheme.zip", as_at="2026-11-25", files=True)
    assert {"marked.xlsx", "scheme.docx", "scheme.html", "scheme.xlsx", "map.svg"} <= set(report.files)
    seen = 0
    for name, content in report.files.items():
        if name.endswith(".xlsx"):
            for sheet in openpyxl.load_workbook(io.BytesIO(content)):
                for row in sheet.iter_rows():
                    for cell in row:
                        assert cell.data_type != "f", (name, sheet.title, cell.coordinate, cell.value)
                        assert cell.hyperlink is None or "evil" not in str(cell.hyperlink.target)
                        seen += "m4rk" in str(cell.value)
        elif name.endswith(".docx"):
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                for part in packed.namelist():
                    told = packed.read(part).decode("utf-8", "replace")
                    assert "<i>m4rk" not in told, (name, part)
                    assert "instrText>HYPERLINK" not in told
                    assert not (part.endswith(".rels") and "evil" in told), (name, part)
                    seen += "m4rk" in told
        else:
            told = content.decode()
            assert "<i>m4rk" not in told, name
            assert "<script>m4rk" not in told, name
            seen += "m4rk" in told
    assert seen > 5, "the labels are there, as text"
