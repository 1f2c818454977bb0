"""Authorities written in many forms: reading them gives them back, or lists them; never is a limit wider than it was meant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from icsgraph.core.terms import DEF
from icsgraph.scheme.cells.money import Limit
from icsgraph.scheme.cells.reader import CellReader, CellReading
from icsgraph.scheme.layout import read_layout
from tests.test_workbook_corpus import ROOT, small_reader

HOLDERS = {
    "Chief Executive": ("CEO", "Chief Executive", "the Chief Executive"),
    "Chief Finance Officer": ("CFO", "Chief Finance Officer"),
    "Chief Nurse": ("Chief Nurse",),
    "Budget Holder": ("Budget Holder", "the Budget Holder"),
    "Finance Committee": ("Finance Committee", "the Finance Committee"),
    "Audit and Risk Committee": ("Audit and Risk Committee", "Audit & Risk Cttee"),
    "the Board": ("Board", "the Board", "Governing Body"),
}  # fmt: skip
PARTS = {
    "": ("",),
    "Recommends": ("(recommends)", "to recommend", "recommends"),
    "IsConsulted": ("(consulted)", "to be consulted"),
    "Oversees": ("(oversees)", "oversees"),
    "IsInformed": ("to be informed", "(for information)"),
    "Ratifies": ("to ratify", "ratifies"),
}  # fmt: skip
CONDITIONS = (
    "subject to three quotations",
    "within approved budget",
    "in an emergency",
    "where no conflict arises",
    "for capital schemes",
)
PER = ("", "", "", "per annum", "per contract", "in any one year", "excluding VAT")
LOWS = (
    "above {}",
    "over {}",
    "more than {}",
    "> {}",
    ">{}",
    "in excess of {}",
    "{} and over",
    "{}+",
    "greater than {}",
)
HIGHS = (
    "up to {}",
    "{}",
    "maximum {}",
    "not exceeding {}",
    "≤ {}",
    "<{}",
    "up to and including {}",
    "below {}",
    "no more than {}",
    "limit of {}",
)
RANGES = (
    "{} to {}",
    "{} - {}",
    "between {} and {}",
    "from {} to {}",
    "above {} and up to {}",
    "over {} up to {}",
    "> {} ≤ {}",
    "{}–{}",
)
FORMS = (
    "{who} {limit}",
    "{who} ({limit})",
    "{who} – {limit}",
    "{who}: {limit}",
    "{who}, {limit}",
    "{limit} {who}",
    "{limit}: {who}",
    "{limit} – {who}",
    "{who} [{limit}]",
)


@dataclass(frozen=True)
class Meant:
    """An authority as it is meant, and a way of writing it."""

    holder: str
    limit: Limit
    part: str
    conditions: tuple[str, ...]
    written: str


@st.composite
def sums(draw: st.DrawFn, value: int) -> str:
    """A sum of whole thousands in one of its forms."""
    forms = [f"£{value * 1000:,}", f"£{value}k", f"£{value}K", f"£{value},000", f"GBP {value}k"]
    if value % 100 == 0:
        forms += [f"£{value / 1000:g}m", f"£{value / 1000:g} million"]
    return draw(st.sampled_from(forms))


@st.composite
def authorities(draw: st.DrawFn) -> list[Meant]:
    """Some holders, each with a limit, a part or conditions."""
    holders = draw(st.lists(st.sampled_from(sorted(HOLDERS)), min_size=1, max_size=4, unique=True))
    steps = sorted(draw(st.lists(st.integers(1, 999), min_size=len(holders), max_size=len(holders), unique=True)))
    found = []
    for number, holder in enumerate(holders):
        who = draw(st.sampled_from(HOLDERS[holder]))
        part = draw(st.sampled_from(sorted(PARTS))) if draw(st.integers(0, 4)) == 0 else ""
        limit: Limit = (None, None)
        kept: list[str] = []
        if part:
            words = f"{who} {draw(st.sampled_from(PARTS[part]))}"
        else:
            kind = draw(st.sampled_from(("none", "high", "low", "range")))
            low, high = Decimal(steps[number - 1] * 1000) if number else None, Decimal(steps[number] * 1000)
            below = draw(sums(steps[number - 1])) if number else ""
            top = draw(sums(steps[number]))
            if kind == "high" or (kind == "range" and low is None):
                limit, words = (None, high), draw(st.sampled_from(HIGHS)).format(top)
            elif kind == "low":
                limit, words = (high, None), draw(st.sampled_from(LOWS)).format(top)
            elif kind == "range":
                limit, words = (low, high), draw(st.sampled_from(RANGES)).format(below, top)
            else:
                words = ""
            per = draw(st.sampled_from(PER)) if words else ""
            if per:
                words, kept = f"{words} {per}", [per]
            words = draw(st.sampled_from(FORMS)).format(who=who, limit=words) if words else who
        if draw(st.integers(0, 3)) == 0:
            condition = draw(st.sampled_from(CONDITIONS))
            words, kept = (
                draw(st.sampled_from(("{} {}", "{} ({})", "{}, {}", "{} – {}"))).format(words, condition),
                [*kept, condition],
            )
        found.append(Meant(holder, limit, DEF + part if part else "", tuple(sorted(kept)), words))
    return found


@pytest.fixture(scope="module")
def reader() -> CellReader:
    return small_reader(read_layout(ROOT))


def within(one: Limit, other: Limit) -> bool:
    """Whether a limit reaches no further than another."""
    low = other[0] is None or (one[0] is not None and one[0] >= other[0])
    return low and (other[1] is None or (one[1] is not None and one[1] <= other[1]))


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(meant=authorities(), separator=st.sampled_from(("; ", "\n", ";\n", "\n• ")))
def test_what_is_written_is_read_or_listed(reader: CellReader, meant: list[Meant], separator: str) -> None:
    text = separator.join(m.written for m in meant)
    judge(meant, reader.read(text, (DEF + "LocalPost",)), text)


def judge(meant: list[Meant], reading: CellReading, text: str) -> None:
    """Hold a reading against what was meant."""
    wanted = {m.holder: m for m in meant}
    for held in reading.holdings:
        one = wanted[held.address]
        assert within(held.limit, one.limit), (text, held)
        assert held.part == one.part, (text, held)
        assert set(one.conditions) <= set(held.conditions), (text, held)
    listed = " ".join(u.piece for u in reading.unread)
    for one in meant:
        held_ = [h for h in reading.holdings if h.address == one.holder]
        assert held_ or any(name in listed for name in HOLDERS[one.holder]), (text, one)
        if not reading.unread:
            assert [h.limit for h in held_] == [one.limit], (text, one)


def test_readings_that_are_wrong_are_seen(reader: CellReader) -> None:
    """A ladder turned round, a condition lost, an authority taken away or made wider: each fails."""
    text = "Chief Finance Officer up to £50k in an emergency"
    meant = [Meant("Chief Finance Officer", (None, Decimal(50000)), "", ("in an emergency",), text)]
    sound = reader.read(text, (DEF + "LocalPost",))
    judge(meant, sound, text)
    (held,) = sound.holdings
    for spoilt in (
        replace(held, limit=(Decimal(50000), None)),
        replace(held, limit=(None, None)),
        replace(held, conditions=()),
        replace(held, part=DEF + "Recommends"),
    ):
        with pytest.raises(AssertionError):
            judge(meant, CellReading((spoilt,)), text)
    with pytest.raises(AssertionError):
        judge(meant, CellReading(), text)


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(meant=authorities())
def test_most_forms_are_read_and_not_listed(reader: CellReader, meant: list[Meant]) -> None:
    """One authority by itself, without words behind its limit, is always read."""
    for one in meant:
        if not one.conditions:
            reading = reader.read(one.written, (DEF + "LocalPost",))
            assert reading.unread == (), one.written
            assert [(h.address, h.limit, h.part) for h in reading.holdings] == [(one.holder, one.limit, one.part)], (
                one.written
            )
