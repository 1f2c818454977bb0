"""Days in words: “in 2019”, “October 2022”, “31st of December 2025”, “last April”, “before July 2022”, “2019/20”."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from icsgraph.ask.reading.phrases import Phrase
from icsgraph.ask.reading.words import Word, stem

__all__ = ["When", "days"]

_MONTHS = {
    name: n
    for n in range(1, 13)
    for name in {stem(calendar.month_name[n].casefold()), calendar.month_abbr[n].casefold()}
}
_MONTHS["sept"] = 9
_BEFORE = frozenset({"before", "until", "till", "pre"})
_SINCE = frozenset({"since", "after", "from", "post"})
_LEADS = (
    frozenset({"in", "on", "at", "during", "for", "as", "by", "of", "back", "the", "around", "about"})
    | _BEFORE
    | _SINCE
)
_NAMED = frozenset({"act", "bill", "order", "regulation", "paper", "law"})
_YEARS = range(1990, 2041)


@dataclass(frozen=True, kw_only=True)
class When:
    """A stretch of days that is named: the places of its words, its first and last day, and the day that stands for it.

    ``exact`` is whether one day was named.
    """

    words: frozenset[int]
    first: dt.date
    last: dt.date
    day: dt.date
    exact: bool
    said: str = ""
    # Whether what came before it, or since it, is meant.
    side: str = ""


def days(
    words: Sequence[Word],
    today: dt.date,
    eras: Sequence[tuple[Phrase, str]] = (),
    forms: frozenset[str] = frozenset(),
    skipped: frozenset[str] = frozenset(),
) -> list[When]:
    """The days that a sentence names, in their order.

    A year stands for its first of July, a month for its fifteenth day; “before” a day is the day before it.

    >>> from icsgraph.ask.reading.words import words_of
    >>> [w.day.isoformat() for w in days(words_of("before July 2022 or in 2019"), dt.date(2026, 11, 30))]
    ['2022-06-30', '2019-07-01']
    """
    found: list[When] = []
    for phrase, day in eras:
        for match in phrase.matches(words, forms, skipped, lambda _n, _a: ()):
            on = dt.date.fromisoformat(day)
            found.append(When(words=match.words, first=on, last=on, day=on, exact=True, said=phrase.said))
    taken = {p for w in found for p in w.words}
    at = 0
    while at < len(words):
        read = None if at in taken else next(iter(sorted(_read(words, at, today), key=lambda r: -r[0])), None)
        if read is None:
            at += 1
            continue
        end, first, last = read
        if end < len(words) and words[end].form in _NAMED and end == at + 1:
            # The year of an Act is part of its name.
            at += 1
            continue
        if end == at + 1 and at and words[at - 1].form in _NAMED - {"paper", "law"} and _year(words[at].form):
            at += 1
            continue
        lead = at
        while lead > 0 and words[lead - 1].form in _LEADS and lead - 1 not in taken:
            lead -= 1
        leads = {words[p].form for p in range(lead, at)}
        middle = (
            first
            if first == last
            else first.replace(month=7, day=1)
            if (last - first).days > 40
            else first.replace(day=15)
        )
        side = "before" if leads & _BEFORE else "since" if leads & _SINCE else ""
        if side == "before":
            first = last = middle = first - dt.timedelta(days=1)
        elif side == "since":
            middle = first
        found.append(
            When(words=frozenset(range(lead, end)), first=first, last=last, day=middle, exact=first == last, side=side)
        )
        taken |= set(range(lead, end))
        at = end
    return sorted(found, key=lambda w: min(w.words))


def _read(words: Sequence[Word], at: int, today: dt.date) -> Iterator[tuple[int, dt.date, dt.date]]:
    """The ways to read a day that begins at a place: the place after it, its first and last day."""
    forms = [w.form for w in words[at : at + 5]] + [""] * 5
    one, two, three, four = forms[:4]
    if (day := _number(one, 31)) and two == "of":
        forms = [one, *forms[2:]]
        yield from ((e + 1, f, t) for e, f, t in _day_month(forms, day, at))
    if day := _number(one, 31):
        yield from _day_month(forms, day, at)
    if (month := _MONTHS.get(one)) and (day := _number(two, 31)) and _year(three):
        yield from _date(at + 3, _year(three), month, day)
    if (month := _MONTHS.get(one)) and _year(two):
        yield at + 2, *_month(_year(two), month)
    if year := _year(one):
        if two.isdigit() and three.isdigit() and len(two) == 2 and len(three) == 2:
            yield from _date(at + 3, year, int(two), int(three))
        if (two.isdigit() and len(two) == 2 and int(two) == (year + 1) % 100) or _year(two) == year + 1:
            yield at + 2, dt.date(year, 4, 1), dt.date(year + 1, 3, 31)
        yield at + 1, dt.date(year, 1, 1), dt.date(year, 12, 31)
    yield from _from_today(forms, at, today)
    if four and one.isdigit() and two.isdigit() and _year(three) and len(one) <= 2:
        yield from _date(at + 3, _year(three), int(two), int(one))


def _from_today(forms: Sequence[str], at: int, today: dt.date) -> Iterator[tuple[int, dt.date, dt.date]]:
    """Days told from today: “last April”, “next year”, “last month”, “yesterday”, “two years ago”."""
    one, two, three = forms[:3]
    if one in ("last", "this", "next") and (month := _MONTHS.get(two)):
        year = today.year
        passed = (month, 1) < (today.month, today.day)
        year += {"last": 0 if passed else -1, "this": 0, "next": 1 if passed else 0}[one]
        yield at + 2, *_month(year, month)
    if one == "last" and two == "year":
        yield at + 2, dt.date(today.year - 1, 1, 1), dt.date(today.year - 1, 12, 31)
    if one == "next" and two == "year":
        yield at + 2, dt.date(today.year + 1, 1, 1), dt.date(today.year + 1, 12, 31)
    if one == "last" and two == "month":
        end = today.replace(day=1) - dt.timedelta(days=1)
        yield at + 2, end.replace(day=1), end
    if one == "yesterday":
        yield at + 1, today - dt.timedelta(days=1), today - dt.timedelta(days=1)
    if (count := _count(one)) and two in ("year", "month") and three in ("ago", "back"):
        months = today.year * 12 + today.month - 1 - count * (12 if two == "year" else 1)
        on = dt.date(months // 12, months % 12 + 1, min(today.day, 28))
        yield at + 3, on, on


def _day_month(forms: Sequence[str], day: int, at: int) -> Iterator[tuple[int, dt.date, dt.date]]:
    month = _MONTHS.get(forms[1]) or (int(forms[1]) if forms[1].isdigit() and len(forms[1]) <= 2 else 0)
    if month and _year(forms[2]):
        yield from _date(at + 3, _year(forms[2]), month, day)


def _date(end: int, year: int, month: int, day: int) -> Iterator[tuple[int, dt.date, dt.date]]:
    try:
        on = dt.date(year, month, day)
    except ValueError:
        return
    yield end, on, on


def _month(year: int, month: int) -> tuple[dt.date, dt.date]:
    return dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1])


def _year(form: str) -> int:
    return int(form) if len(form) == 4 and form.isdigit() and int(form) in _YEARS else 0


def _number(form: str, most: int) -> int:
    digits = form.removesuffix("st").removesuffix("nd").removesuffix("rd").removesuffix("th")
    return int(digits) if digits.isdigit() and 0 < int(digits) <= most else 0


_COUNTS = {
    w: n for n, w in enumerate(("a", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 1)
} | {"one": 1}


def _count(form: str) -> int:
    return _COUNTS.get(form) or (int(form) if form.isdigit() and len(form) <= 2 else 0)
