"""Ten schemes in the forms in which boards and trusts publish theirs, as Excel and as Word: who may do what, and what is listed."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from icsgraph.ask.names import Names
from icsgraph.scheme.check import read_workbook
from icsgraph.scheme.opening import open_workbook
from tests.workbook_files import excel_of, word_of
from tests.workbook_said import Said

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
DAY = "2026-11-25"
SCHEMES = tomllib.loads((ROOT / "tests" / "workbook" / "schemes.toml").read_text(encoding="utf-8"))["scheme"]


def said(content: bytes, name: str, names: Names) -> Said:
    return Said(read_workbook(open_workbook(content, name), ROOT, names, DAY))


def test_there_are_ten() -> None:
    assert len(SCHEMES) >= 10


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda s: s["title"])
def test_a_scheme_is_read_alike_from_excel_and_word(scheme: dict[str, Any], names: Names) -> None:
    excel = said(excel_of(scheme["tables"]), "scheme.xlsx", names)
    assert excel.lines() == scheme["lines"]
    assert [place for place, _ in excel.remarks()] == scheme["lost"]
    word = said(word_of(scheme["title"], scheme["tables"]), "scheme.docx", names)
    assert word.lines() == scheme["lines"]
    assert len(word.remarks()) == len(scheme["lost"])
