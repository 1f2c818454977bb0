"""Sums of money and limits between them, as people write them."""

from __future__ import annotations

import re
from decimal import Decimal

from icsgraph.scheme.layout import Layout

__all__ = ["NUMBER", "OPEN", "SUM", "Limit", "format_limit", "money", "narrower", "pounds", "shared_unit", "two_ways"]

# From above which sum up to which; either may be open.
Limit = tuple[Decimal | None, Decimal | None]
OPEN: Limit = (None, None)

_UNITS = {"k": 3, "thousand": 3, "m": 6, "mn": 6, "mio": 6, "mill": 6, "million": 6, "bn": 9, "billion": 9}
_UNIT = r"(?:k|thousand|mn|mio|million|mill|m|bn|billion)"
# “£300k”, “GBP 1.5 million”, “300k”, “250,000”; not “2024”, “5” or “8a”, nor “£1,5m” and “£1.000.000”, of which each reads other.
_AMOUNT = r"\d+(?:,\d{3})*(?:\.\d{1,2})?(?![.,]?\d)"
# “50 000”, “1 000 000”: blanks between thousands, broken or not.
_BLANK = r"[ \u00a0\u202f]"
_SPACED = rf"\d{{1,3}}(?:{_BLANK}\d{{3}})+(?:\.\d{{2}})?(?![.,]?\d)"
SUM = rf"(?:£|gbp)\s*{_SPACED}(?:\s*{_UNIT}(?!\w))?(?!\w)|(?:£|gbp)\s*{_AMOUNT}(?:\s*{_UNIT}(?!\w))?(?!\w)|(?<![€$¥.,\d]){_AMOUNT}\s*{_UNIT}(?!\w)|(?<![€$¥.,\d])\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?(?![\w%])"
# £999,999,999,999.99 million, with room; a longer row of digits is no sum of money.
_LONGEST = 28
NUMBER = r"\d+(?:,\d+)*(?:\.\d+)*(?!\w)"


def money(text: str) -> Decimal | None:
    """The sum that a text is; none where it is not just a sum.

    >>> str(money("£1.5m")), str(money("GBP 300k")), str(money("250,000")), money("ten")
    ('1500000', '300000', '250000', None)
    >>> str(money("£50 000")), money("£100.000")
    ('50000', None)
    """
    text = re.sub(rf"(?<=\d){_BLANK}(?=\d{{3}}(?!\d))", "", text)
    if len(text) > _LONGEST or two_ways(text):
        return None
    found = re.fullmatch(rf"(?:£|gbp)?\s*(\d+(?:,\d{{3}})*(?:\.\d+)?)\s*({_UNIT})?", text.strip().casefold())
    if not found:
        return None
    value = Decimal(found[1].replace(",", "")) * Decimal(10 ** _UNITS.get(found[2] or "", 0))
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def two_ways(text: str) -> str:
    """The sums that a figure with a point before three digits may be, in words; empty where it is but one.

    >>> two_ways("£100.000"), two_ways("£1.250m")
    ('£100 / £100,000', '')
    """
    found = re.fullmatch(r"(?:£|gbp)?\s*(\d{1,3})\.(\d{3})", text.strip().casefold())
    return f"{pounds(Decimal(f'{found[1]}.{found[2]}'))} / {pounds(Decimal(found[1] + found[2]))}" if found else ""


def shared_unit(low: str, high: str) -> Decimal | None:
    """The lower sum of a range in which the unit may be written once.

    >>> str(shared_unit("£1", "1.5m")), str(shared_unit("300", "500k")), str(shared_unit("£5", "£10"))
    ('1000000', '300000', '5')
    """
    value = money(low)
    unit = re.search(_UNIT + "$", high.casefold().strip())
    if value is not None and unit and not re.search(_UNIT + "$", low.casefold().strip()) and value < 1000:
        value *= Decimal(10 ** _UNITS[unit[0]])
    return value


def pounds(value: Decimal) -> str:
    """A sum as people write it.

    >>> pounds(Decimal(300000)), pounds(Decimal("0.5"))
    ('£300,000', '£0.50')
    """
    return f"£{value:,.0f}" if value == value.to_integral_value() else f"£{value:,.2f}"


def narrower(one: Limit, other: Limit) -> Limit:
    """What two limits leave together.

    >>> narrower((None, Decimal(5)), (Decimal(1), None)) == (Decimal(1), Decimal(5))
    True
    """
    lows = [v for v in (one[0], other[0]) if v is not None]
    highs = [v for v in (one[1], other[1]) if v is not None]
    return max(lows, default=None), min(highs, default=None)


def format_limit(limit: Limit, layout: Layout) -> str:
    """A limit in the usual form."""
    low, high = limit
    if low is not None and high is not None:
        return f"{pounds(low)} {layout.usual['BetweenWord']} {pounds(high)}"
    if low is not None:
        return f"{layout.usual['AboveWord']} {pounds(low)}"
    return f"{layout.usual['UpToWord']} {pounds(high)}" if high is not None else ""
