"""What boards write into cells of holders: who, with which limit, in which part, on which conditions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from icsgraph.scheme.layout import Layout

__all__ = ["Holding", "Limit", "Reader", "money", "pounds", "split"]

# From above which sum up to which; either may be open.
Limit = tuple[Decimal | None, Decimal | None]
OPEN: Limit = (None, None)

_UNITS = {"k": 3, "thousand": 3, "m": 6, "mn": 6, "million": 6, "bn": 9, "billion": 9}
_UNIT = r"(?:k|thousand|mn|million|m|bn|billion)"
_MONEY = rf"(?:(?:£|gbp)\s*\d[\d,]*(?:\.\d+)?\s*{_UNIT}?(?![\w])|\d[\d,]*(?:\.\d+)?\s*{_UNIT}(?![\w]))"
_LOOSE = rf"(?:(?:£|gbp)?\s*\d[\d,]*(?:\.\d+)?\s*{_UNIT}?(?![\w]))"

# Behind a bracket.
_BEHIND = re.compile(r"(?<=\))[\s,]+(?=\w)")
_BULLET = re.compile(r"^(?:[•*–-]|\(?[a-z0-9]{1,2}[).])\s+")


@dataclass(frozen=True)
class Holding:
    """One holder in a cell: an ``address`` where it is known, else the ``name``; ``part`` is empty where the cell says none.

    ``unlimited`` is true where the cell says that there is no limit; ``written`` is the piece of the cell it was read from.
    """

    name: str
    address: str
    part: str
    limit: Limit
    conditions: tuple[str, ...]
    residual: bool
    unlimited: bool
    written: str


def split(text: str, marks: str = ";\n") -> list[str]:
    """The pieces of a text at some marks, brackets left whole where each is closed.

    >>> split("Chair (in spring; alone); Board"), split("Chair (alone; Board")
    (['Chair (in spring; alone)', 'Board'], ['Chair (alone', 'Board'])
    """
    pieces, depth, start = [], 0, 0
    closed = text.count("(") == text.count(")")
    for at, character in enumerate(text):
        depth += (character == "(" and closed) - (character == ")" and depth > 0)
        if character in marks and not depth:
            pieces.append(text[start:at])
            start = at + 1
    return [p.strip() for p in (*pieces, text[start:]) if p.strip()]


def money(text: str) -> Decimal | None:
    """The sum that a text is; none where it is not just a sum.

    >>> str(money("£1.5m")), str(money("GBP 300k")), str(money("250,000")), money("ten")
    ('1500000', '300000', '250000', None)
    """
    found = re.fullmatch(rf"(?:£|gbp)?\s*(\d[\d,]*(?:\.\d+)?)\s*({_UNIT})?", text.strip().casefold())
    if not found:
        return None
    value = Decimal(found[1].replace(",", "")) * Decimal(10 ** _UNITS.get(found[2] or "", 0))
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def pounds(value: Decimal) -> str:
    """A sum as people write it.

    >>> pounds(Decimal(300000)), pounds(Decimal("0.5"))
    ('£300,000', '£0.50')
    """
    return f"£{value:,.0f}" if value == value.to_integral_value() else f"£{value:,.2f}"


def _either(words: Iterable[str]) -> str:
    """A pattern for one of some words, which stand free where they are letters."""
    return (
        "(?:"
        + "|".join((r"(?<!\w)" + re.escape(w) + r"(?!\w)") if w[0].isalnum() else re.escape(w) for w in words)
        + ")"
    )


class Reader:
    """Reads cells of holders with the words of a layout; ``find`` gives the address of a name, or nothing."""

    def __init__(self, layout: Layout, find: Callable[[str, tuple[str, ...]], str], board: str) -> None:
        words = layout.words
        self._layout = layout
        self._find = find
        self._board = board
        between = rf"(?P<low>{_MONEY}|\d[\d,]*(?:\.\d+)?)\s*{_either(words['BetweenWord'])}\s*(?P<high>{_MONEY})"
        self._limits = [
            re.compile(rf"(?:(?<!\w)(?:between|from)\s+)?{between}", re.IGNORECASE),
            re.compile(
                rf"{_either(words['AboveWord'])}\s*(?P<low>{_MONEY})[\s,]*(?:and|but)?\s*{_either(words['UpToWord'])}\s*(?P<high>{_MONEY})",
                re.IGNORECASE,
            ),
            re.compile(rf"{_either(words['UpToWord'])}\s*(?P<high>{_MONEY})", re.IGNORECASE),
            re.compile(rf"{_either(words['AboveWord'])}\s*(?P<low>{_MONEY})", re.IGNORECASE),
            re.compile(rf"(?P<low>{_MONEY})\s*(?:\+|(?:and|or)\s+(?:above|over|more))", re.IGNORECASE),
            re.compile(rf"(?P<high>{_MONEY})(?:\s*(?:and|or)\s+(?:below|under|less))?", re.IGNORECASE),
        ]
        self._above_that = re.compile(rf"^\s*{_either(words['AboveThatWord'])}\s*[:,]?\s+", re.IGNORECASE)
        self._ladder = re.compile(
            rf",\s*(?=(?:{_either(words['UpToWord'])}|{_either(words['AboveWord'])}|between|from)?\s*{_MONEY})",
            re.IGNORECASE,
        )
        self._sentence = re.compile(rf"\.\s+(?={_either(layout.parts)})", re.IGNORECASE)
        self._residual = re.compile(_either(words["ResidualWord"]), re.IGNORECASE)
        self._no_limit = re.compile(_either(words["NoLimitWord"]), re.IGNORECASE)
        self._part = re.compile(_either(layout.parts), re.IGNORECASE)
        self._condition = re.compile(_either(words["ConditionWord"]), re.IGNORECASE)
        self._noise = re.compile(rf"(?:{_either(words['NoiseWord'])}|[\s,:–-])+", re.IGNORECASE)
        self._ands = re.compile(rf"\s*(?:{_either(words['AndWord'])})\s*", re.IGNORECASE)
        self._verb = re.compile(_either(words["VerbWord"]), re.IGNORECASE)
        self._joint = re.compile(rf"{_either(words['JointWord'])}\s*$", re.IGNORECASE)
        self.read = lru_cache(maxsize=50_000)(self._read)

    def limit_in(self, text: str) -> tuple[Limit, str]:
        """The limit that a text names, and the rest of it; open where it names none."""
        for pattern in self._limits:
            found = pattern.search(text)
            if found:
                said = found.groupdict()
                low, high = said.get("low"), said.get("high")
                rest = (text[: found.start()] + " " + text[found.end() :]).strip()
                return (self._low(low, high), money(high) if high else None), rest
        return OPEN, text

    def limit_of(self, text: str) -> Limit | None:
        """The limit that a whole cell is, bare numbers included; none where it says anything else."""
        if re.fullmatch(_LOOSE, text.strip(), re.IGNORECASE):
            return None, money(text)
        if self._no_limit.fullmatch(text.strip()):
            return OPEN
        limit, rest = self.limit_in(text)
        return limit if limit != OPEN and not self._noise.sub("", rest) else None

    @staticmethod
    def _low(low: str | None, high: str | None) -> Decimal | None:
        if not low:
            return None
        value = money(low)
        unit = re.search(_UNIT + "$", (high or "").casefold().strip())
        # “£1 - 1.5m” and “300-500k” give the unit once.
        if value is not None and unit and not re.search(_UNIT + "$", low.casefold().strip()) and value < 1000:
            value *= Decimal(10 ** _UNITS[unit[0]])
        return value

    def _read(self, text: str, picks: tuple[str, ...], above: Decimal | None = None) -> tuple[Holding, ...]:
        """The holders of a cell whose column picks from some classes.

        ``above`` is where a limit set elsewhere ends, for cells that begin with “above that”. A piece in which no holder is
        found is given as a holding without name and address, so that it can be listed.
        """
        holdings: list[Holding] = []
        for piece in self._pieces(text, picks):
            if not piece or self._says_nothing(piece):
                continue
            before = next((h.limit[1] for h in reversed(holdings) if h.limit[1] is not None), above)
            found = self._piece(piece, picks, before)
            holdings += found or [Holding("", "", "", OPEN, (), False, False, piece)]
        return tuple(holdings)

    def _pieces(self, text: str, picks: tuple[str, ...]) -> Iterator[str]:
        """The pieces of a cell that each name holders with what belongs to them."""
        for line in split(text):
            for step in (s for rung in self._ladder.split(line) for s in self._sentence.split(rung)):
                several: list[str] = []
                for part in _BEHIND.split(step):
                    # What follows a bracket is another holder, or it goes on with the same.
                    if several and not self._begins_known(part, picks):
                        several[-1] += f" {part}"
                    else:
                        several.append(part)
                for piece in (p for one in several for p in self._rungs(one)):
                    yield _BULLET.sub("", piece).strip(" .")

    def _rungs(self, text: str) -> list[str]:
        """The pieces of a text between commas where each has a sum of its own; else the text."""
        pieces = [p.strip() for p in re.split(r",\s+|\s+and\s+", text) if p.strip()]
        whole = len(pieces) > 1 and all(self.limit_in(p)[0] != OPEN and self._limitless(p) for p in pieces)
        # What stands in brackets is left whole.
        return pieces if whole and all(p.count("(") == p.count(")") for p in pieces) else [text]

    def _limitless(self, text: str) -> bool:
        """Whether a text says more than a limit."""
        return bool(self._noise.sub("", self.limit_in(text)[1]))

    def _piece(self, piece: str, picks: tuple[str, ...], before: Decimal | None) -> list[Holding]:
        layout = self._layout
        if layout.says(piece, "YesWord") or layout.says(piece, "BoardWord"):
            return [Holding(piece, self._board, "", OPEN, (), False, False, "")]
        text, brackets = _brackets(piece)
        if layout.says(text, "NoWord"):
            return []
        conditions: list[str] = []
        limit, part, residual, unlimited = OPEN, "", False, False
        for said in brackets:
            if self._no_limit.fullmatch(said):
                unlimited = True
            elif self._residual.fullmatch(said):
                residual = True
            elif said.casefold() in layout.parts:
                part = part or layout.parts[said.casefold()]
            else:
                inner, rest = self.limit_in(said)
                if inner != OPEN and limit == OPEN:
                    limit, said = inner, self._trim(rest)
                conditions += [said] if said else []
        if limit == OPEN:
            limit, text = self.limit_in(text)
        if limit == OPEN and before is not None and (found := self._above_that.match(text)):
            limit, text = (before, None), text[found.end() :]
        if found := self._residual.search(text):
            residual, text = True, text[: found.start()] + " " + text[found.end() :]
        if ":" in text:
            left, _, text = text.partition(":")
            left = self._trim(left)
            if self._known(left, picks):
                left, text = text, left
            left = self._trim(left)
            if left.casefold() in layout.parts:
                part = part or layout.parts[left.casefold()]
            elif left and not layout.says(left, "YesWord"):
                conditions.append(left)
        made = []
        for name, address, more, own in self._named(self._trim(text), picks):
            made.append(
                Holding(
                    name, address, own or part, limit, tuple(sorted({*conditions, *more})), residual, unlimited, piece
                )
            )
        return made

    def _says_nothing(self, piece: str) -> bool:
        """Whether a piece says that nobody stands there, as “none” or “committee: no”."""
        return self._layout.says(piece.rpartition(":")[2], "NoWord")

    def _known(self, name: str, picks: tuple[str, ...]) -> str:
        return self._board if self._layout.says(name, "BoardWord") else self._find(name, picks)

    def _trim(self, text: str) -> str:
        """A text without words at its ends that say nothing."""
        text = re.sub(r"\s+", " ", text).strip(" .,;:–-")
        while (found := self._noise.match(text)) and found.end() and not self._find(text, ()):
            text = text[found.end() :]
        return text.strip(" .,;:–-")

    def _named(self, text: str, picks: tuple[str, ...]) -> list[tuple[str, str, list[str], str]]:
        """The holders that a text names: name, address, conditions, part."""
        if not text:
            return []
        if address := self._known(text, picks):
            return [(text, address, [], "")]
        if found := self._condition.match(text):
            # “in their absence the Chief Executive”
            rest = self._trim(text[found.end() :])
            if address := self._known(rest, picks):
                return [(rest, address, [found[0]], "")]
        joint = self._joint.search(text)
        for found in self._ands.finditer(text):
            left, right = text[: found.start()].strip(), text[found.end() :].strip()
            if left and right and found[0].strip() == "+":
                # A plus sign is never part of a name.
                return self._named(left, picks) + self._named(right, picks)
            if not left or not right or not self._known(left, picks):
                continue
            # “or” leads to another holder even where that is not on a list; other words may be part of a name.
            if joint or found[0].strip().casefold() == "or" or self._begins_known(right, picks):
                others = self._named(self._joint.sub("", right).strip() if joint else right, picks)
                more = [joint[0].strip()] if joint else []
                return [(left, self._known(left, picks), more, others[0][3] if others else "")] + [
                    (n, a, c + more, p) for n, a, c, p in others
                ]
        words = text.split(" ")
        for count in range(len(words) - 1, 0, -1):
            name, rest = " ".join(words[:count]).rstrip(",:–-"), " ".join(words[count:])
            if (address := self._known(name, picks)) and (after := self._after(rest)) is not None:
                return [(name, address, after[0], after[1])]
        # A part said before a holder: “approved by Finance Committee”.
        said = self._part.match(text)
        rest = self._trim(text[said.end() :]) if said else ""
        if said and rest and (self._begins_known(rest, picks) or not self._condition.match(rest)):
            named = self._named(rest, picks)
            return [(n, a, c, p or self._layout.parts[said[0].casefold()]) for n, a, c, p in named]
        return self._unknown(text)

    def _begins_known(self, text: str, picks: tuple[str, ...]) -> bool:
        words = text.split(" ")
        return any(self._known(" ".join(words[:n]).rstrip(",:"), picks) for n in range(len(words), 0, -1))

    def _after(self, rest: str) -> tuple[list[str], str] | None:
        """Conditions and part in what follows a known holder; none where it seems to be more of a name."""
        rest = rest.strip(" ,:–-")
        part = ""
        if found := self._part.match(rest):
            part, rest = self._layout.parts[found[0].casefold()], rest[found.end() :].strip(" ,")
        elif not (self._condition.match(rest) or self._noise.match(rest) or self._joint.match(rest)):
            return None
        left = self._noise.sub(" ", rest).strip()
        return ([rest] if left else []), part

    def _unknown(self, text: str) -> list[tuple[str, str, list[str], str]]:
        """A holder that stands on no list: what comes before the first condition, without a part at its end."""
        conditions: list[str] = []
        if found := self._condition.search(text):
            conditions, text = [text[found.start() :].strip()], text[: found.start()].strip(" ,:–-")
        part = ""
        for verb in self._part.finditer(text):
            if verb.start() and not self._noise.sub("", text[verb.end() :]):
                part, text = self._layout.parts[verb[0].casefold()], text[: verb.start()]
                break
        words = text.strip(" ,:–-").split(" ")
        while len(words) > 1 and self._noise.fullmatch(words[-1]):
            words.pop()
        name = " ".join(words)
        # A sentence is not a name.
        return [(name, "", conditions, part)] if name and not self._verb.search(name) else []

    def is_condition(self, words: str) -> bool:
        """Whether words begin as a condition does."""
        return bool(self._condition.match(words))

    def leans(self, words: str) -> bool:
        """Whether words set a limit by what stands before them, as “above that”."""
        return bool(self._above_that.match(words))

    def is_residual(self, words: str) -> bool:
        """Whether a decision is all that no other line allots."""
        return bool(self._residual.match(words.strip()))

    def usual(self, holding: Holding, label: str, part: str, column: str, ceiling: Limit, residual: bool) -> str:
        """A holding in the usual form: its holder, and in brackets what differs from the column and from the line."""
        usual = self._layout.usual
        said = [self._layout.labels[part]] if part != column else []
        if holding.limit != ceiling:
            said.append(written(holding.limit, self._layout) or usual["NoLimitWord"])
        if holding.residual and not residual:
            said.append(usual["ResidualWord"])
        said += holding.conditions
        return label + (f" ({'; '.join(said)})" if said else "")


def written(limit: Limit, layout: Layout) -> str:
    """A limit in the usual form."""
    low, high = limit
    if low is not None and high is not None:
        return f"{pounds(low)} {layout.usual['BetweenWord']} {pounds(high)}"
    if low is not None:
        return f"{layout.usual['AboveWord']} {pounds(low)}"
    return f"{layout.usual['UpToWord']} {pounds(high)}" if high is not None else ""


def _brackets(piece: str) -> tuple[str, list[str]]:
    """A piece without its brackets, and what stands in them, split at semicolons."""
    inner: list[str] = []
    outside, depth, start = "", 0, 0
    for at, character in enumerate(piece):
        if character == "(":
            if not depth:
                start = at + 1
            depth += 1
        elif character == ")" and depth:
            depth -= 1
            if not depth:
                inner += split(piece[start:at], ";")
                outside += " "
        elif not depth:
            outside += character
    if depth:
        outside += piece[start - 1 :]
    return outside.strip(), [i.strip() for i in inner]


def with_limit(holding: Holding, ceiling: Limit) -> Holding:
    """A holding with the limit of its line, where it has none of its own."""
    return holding if holding.limit != OPEN or holding.unlimited else replace(holding, limit=ceiling)
