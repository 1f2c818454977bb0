"""Cells of holders and of limits to who may do what; what is not read is given back with the reason."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache

from lark import Token as Leaf
from lark import Tree

from icsgraph.core.terms import DEF
from icsgraph.scheme.cells.grammar import readings
from icsgraph.scheme.cells.money import OPEN, Limit, format_limit, money, two_ways
from icsgraph.scheme.cells.pieces import pieces, split
from icsgraph.scheme.cells.tokens import DEED, Lexicon, Token, Tokens
from icsgraph.scheme.layout import Layout

__all__ = ["CellReader", "CellReading", "Holding", "LimitReading", "Unread", "split", "with_limit"]

# Words behind a holder by which it is said to have no authority at all.
_DENIALS = ("not ", "never ", "cannot", "has no", "have no")
_LOOSE_SUM = re.compile(
    r"(?:£|gbp)?\s*\d+(?:,\d{3})*(?:\.\d+)?\s*(?:k|thousand|mn|million|m|bn|billion)?", re.IGNORECASE
)
_TWO_SUMS = re.compile(rf"{_LOOSE_SUM.pattern}\s*(?:and|&)\s*{_LOOSE_SUM.pattern}", re.IGNORECASE)
# Words before a limit that at the end of a cell may be anything else.
_ALSO_OTHERWISE = {"to", "limit", "within", "from", "min", "max", "minimum", "maximum", "financial limit", "authority limit", "delegated limit"}  # fmt: skip
# A cell of holders beyond these bounds is listed as it stands; the longest in a scheme seen has some 1,500 letters.
_LONGEST = 5_000
_DEEPEST = 8
_SHOWN = 200
# “£1.000,00”, “€50k”, “1.000.000”
_SOME_SUM = re.compile(r"[£€$¥]\s*\d|\d{1,3}(?:[.,]\d{3})+(?:\D|$)|\d+(?:\.\d+)?\s*(?:k|m)\b")
# “minimum of 3 tenders over”, where what is counted is no money.
_COUNTED = re.compile(r"[^£\d]*\d{1,2}\s+[a-z]{3,}")
# 16 digits and more, with or without points and commas between.
_LONG_NUMBER = re.compile(r"\d(?:[.,]?\d){15}")
_RAISED = re.compile(r"[¹²³⁴-⁹]+")
_BRACES = str.maketrans("{}", "()")
_BRACKETS = re.compile(r"[\[\](){}]")


@dataclass(frozen=True, kw_only=True)
class Holding:
    """One holder in a cell: an ``address`` where it is known, else the ``name``; ``part`` is empty where the cell says none.

    ``unlimited`` is true where the cell says that there is no limit; ``written`` is the piece of the cell it was read from.
    ``joined`` is true where it decides together with others only by an “and” between them, ``implied`` where it is only said to be
    the one to whom something is recommended.
    """

    name: str = ""
    address: str = ""
    part: str = ""
    limit: Limit = OPEN
    conditions: tuple[str, ...] = ()
    residual: bool = False
    unlimited: bool = False
    written: str = ""
    joined: bool = False
    implied: bool = False


@dataclass(frozen=True)
class Unread:
    """A piece of a cell that was not read, and why: the end of a sentence that begins with the piece."""

    piece: str
    why: str


@dataclass(frozen=True)
class CellReading:
    """What a cell of holders says. ``notes`` are pieces that were read in a way that is worth telling, each with that way."""

    holdings: tuple[Holding, ...] = ()
    unread: tuple[Unread, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class LimitReading:
    """What a cell of limits says: one limit for the line, one for each holder in order, or holders each with their own.

    ``nil`` is true where it says that there is no authority at all, ``words`` are conditions of the line.
    """

    limit: Limit = OPEN
    unlimited: bool = False
    nil: bool = False
    each: tuple[Limit, ...] = ()
    holders: CellReading | None = None
    words: tuple[str, ...] = ()
    unread: tuple[Unread, ...] = ()


class _Refused(Exception):
    """A piece that is not read; the message is the end of a sentence that says why."""


class _Impossible(Exception):
    """A reading that the grammar allows and the sense does not."""


@dataclass(kw_only=True)
class _Act:
    """What one group of holders does: ``rest`` is true of a limit that begins where the one before ends."""

    parties: tuple[Token, ...] = ()
    joins: tuple[str, ...] = ()
    part: str = ""
    limit: Limit = OPEN
    rest: bool = False
    unlimited: bool = False
    nil: bool = False
    residual: bool = False
    yes: bool = False
    conditions: list[str] = field(default_factory=list)
    # Where a limit, a part or a condition stands behind several holders, in brackets or not.
    spread: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    others: list[_Act] = field(default_factory=list)
    written: str = ""
    # Whether it stands in for the one before it, with the same limit and part.
    stands_in: bool = False

    @property
    def limited(self) -> bool:
        return self.limit != OPEN or self.rest or self.unlimited or self.nil

    def key(self) -> object:
        """What two readings are compared by."""
        parties = tuple((t.value or t.text) for t in self.parties)
        return (
            parties, self.part, self.limit, self.rest, self.unlimited, self.nil, self.residual, self.yes,
            tuple(sorted(self.conditions)), tuple(o.key() for o in self.others),
        )  # fmt: skip


def _nothing(name: str, picks: tuple[str, ...]) -> str:
    return ""


class CellReader:
    """Reads cells with the words of a layout. ``find`` gives the address of a name, ``near`` of one spelt almost as listed."""

    def __init__(
        self,
        layout: Layout,
        find: Callable[[str, tuple[str, ...]], str],
        board: str,
        near: Callable[[str, tuple[str, ...]], str] = _nothing,
    ) -> None:
        self._layout = layout
        self._board = board
        self._lexicon = Lexicon(layout, find, near, board)
        # Short forms of one word, behind which people put a full stop.
        self._cut_short = frozenset(w for w, whole in layout.short.items() if " " not in whole)
        self._as_written = f"{layout.usual['AsWrittenWord']}:"
        self.read = lru_cache(maxsize=50_000)(self._read)
        self.read_limit = lru_cache(maxsize=10_000)(self._read_limit)
        self.limits_in = lru_cache(maxsize=50_000)(self._limits_in)
        before = {w for name in ("UpToWord", "AboveWord", "RangeWord") for w in layout.words[name]} - _ALSO_OTHERWISE
        words = "|".join(re.escape(w) for w in sorted(before, key=len, reverse=True))
        self._dangling = re.compile(rf"(?<!\w)(?<!and )(?<!or )(?:{words})\s*[:–-]?\s*$", re.IGNORECASE)

    def _pieces(self, text: str) -> list[str]:
        return pieces(text, self._cut_short)

    # ------------------------------------------------------------ cells of holders

    def _read(self, text: str, picks: tuple[str, ...], above: Decimal | None = None) -> CellReading:  # noqa: C901
        """The holders of a cell whose column picks from some classes; ``above`` is where a limit set elsewhere ends."""
        if why := _beyond(text):
            return CellReading(unread=(Unread(_head(text), why),))
        # A raised figure points to a note, which whoever reads the sheet has put in its place or told.
        text = _RAISED.sub("", text.translate(_BRACES))
        acts: list[_Act] = []
        unread: list[Unread] = []
        notes: list[tuple[str, str]] = []
        waiting: _Act | None = None
        heading = False
        last: list[_Act] = []
        for piece in self._pieces(text):
            if kept := self._of_document(piece):
                # A cell of a document of ours, which says each condition for itself.
                for act in last if kept[0] == "condition" else ():
                    act.conditions.append(kept[1])
                continue
            try:
                found, told = self._piece(piece, picks)
            except _Refused as refusal:
                unread.append(Unread(piece, str(refusal)))
                last = []
                continue
            notes += [(piece, t) for t in told]
            if not found:
                continue
            if not found[0].parties and not found[0].yes:
                (loose,) = found
                if last and waiting is None:
                    if not _added(loose, acts if _only_conditions(loose) else last):
                        unread.append(Unread(piece, "stands behind holders that say otherwise"))
                elif waiting is None or heading or not last:
                    if waiting is not None and not heading and not last:
                        unread.append(Unread(waiting.written, "names no holder"))
                    waiting, heading, last = loose, piece.rstrip().endswith(":"), []
                else:
                    waiting, last = loose, []
                continue
            if waiting is not None:
                if not _added(waiting, found):
                    unread.append(Unread(waiting.written, "stands before holders that say otherwise"))
                if not heading:
                    # The next piece without a holder stands before its own, as this one did.
                    waiting = _Act()
            acts += found
            last = found
        if waiting is not None and waiting.written and not (heading or last):
            unread.append(Unread(waiting.written, "names no holder"))
        holdings: list[Holding] = []
        before = above
        every = [a for one in acts for a in (one, *one.others)]
        _stand_in(every)
        for act in every:
            if act.rest:
                if before is None:
                    unread.append(Unread(act.written, "begins above a sum that is not named before it"))
                    continue
                if act.limit[1] is not None and act.limit[1] <= before:
                    unread.append(Unread(act.written, "ends beneath the sum above which it begins"))
                    continue
                act.limit = (before, act.limit[1])
            if act.limit[1] is not None:
                before = act.limit[1]
            notes += [(act.written, n) for n in act.notes]
            if act.part == DEED:
                unread.append(Unread(act.written, "says what is done, and in no word that is known of deciding"))
                continue
            if act.nil:
                who = self._layout.usual["AndWord"].join(t.text for t in act.parties) or act.written
                notes.append((act.written, f"{who} has no authority here"))
                continue
            holdings += self._holdings(act)
            holdings += self._toward(act, picks)
        return CellReading(tuple(holdings), tuple(unread), tuple(dict.fromkeys(notes)))

    def _of_document(self, piece: str) -> tuple[str, str] | None:
        """What a line of a cell in a document of ours says: a condition, or the words as they were written."""
        for kind, word in (("condition", "ConditionLabelWord"), ("written", "AsWrittenWord")):
            label = f"{self._layout.usual[word]}:"
            if piece.casefold().startswith(label):
                return kind, piece[len(label) :].strip(" .“”")
        return None

    def _holdings(self, act: _Act) -> Iterator[Holding]:
        parties = [(t.text, t.value) for t in act.parties] or [(act.written, self._board)]
        joined = self._joined(act)
        if joined:
            act.conditions.append(self._layout.usual["JointWord"])
        for name, address in parties:
            yield Holding(
                name=name,
                address=address,
                part=act.part,
                limit=act.limit,
                conditions=tuple(sorted({c for c in act.conditions if c})),
                residual=act.residual,
                unlimited=act.unlimited,
                written=act.written,
                joined=joined,
            )

    def _joined(self, act: _Act) -> bool:
        """Whether holders with “and” between them decide only together: each of them one, and nothing said that is otherwise."""
        if len(act.parties) < 2 or not {"AND"} <= set(act.joins) <= {"AND", "COMMA"}:
            return False
        if act.part not in ("", DEF + "Decides", DEF + "Reserves"):
            return False
        words = self._layout.words["JointWord"]
        said = any(c.casefold() == w or c.casefold().startswith(w + " ") for c in act.conditions for w in words)
        said = said or "each" in act.conditions
        return not said and not any(self._several(t.text) for t in act.parties)

    def _several(self, name: str) -> bool:
        """Whether a name is one of several holders: “Executive Directors”, “any Head of Service”."""
        words = name.casefold().split()
        plural = any(w.endswith("s") and w in self._layout.words["RoleWord"] for w in words)
        return plural or words[:1] in (["any"], ["all"], ["each"], ["every"], ["other"])

    def _toward(self, act: _Act, picks: tuple[str, ...]) -> Iterator[Holding]:
        """Who decides by the words of a part short of deciding: the Board, where a committee recommends to it."""
        if act.part != DEF + "Recommends":
            return
        for condition in act.conditions:
            plain = condition.casefold()
            word = next((w for w in self._layout.words["TowardWord"] if plain.startswith(w + " ")), "")
            name = condition[len(word) :].strip()
            for tail in self._layout.words["DecisionTailWord"]:
                if name.casefold().endswith(" " + tail):
                    name = name[: -len(tail)].strip()
                    break
            address = self._lexicon.party(re.sub(r"^the ", "", name, flags=re.IGNORECASE), picks) if word else ""
            if address:
                yield Holding(
                    name=name, address=address, part=DEF + "Decides", limit=act.limit, written=act.written, implied=True
                )
                return

    def _piece(self, piece: str, picks: tuple[str, ...]) -> tuple[list[_Act], list[str]]:  # noqa: C901
        """What a piece says, with what is worth telling of it; raises ``_Refused`` where it is not read."""
        written = piece
        if found := re.search(rf"\[{re.escape(self._as_written)}\s*(.*)\]$", piece):
            # A cell of ours in the usual form, with the words from which it was once read.
            written, piece = found[1].strip(), piece[: found.start()].strip()
        tokens = self._lexicon.tokens(piece, picks)
        if not tokens.tokens:
            if any(sign in piece for sign in '"“”〃«»'):
                raise _Refused("points to what is written elsewhere")
            return [], []
        first, last = tokens.tokens[0], tokens.tokens[-1]
        if last.kind == "NO":
            return [], []
        if first.kind == "NO":
            raise _Refused("names no holder")
        if first.kind == "SEE":
            raise _Refused("points to what is written elsewhere")
        if tokens.has("OPEN"):
            raise _Refused("is not settled yet")
        if first.kind == "NONE":
            if len(tokens.tokens) > 1:
                raise _Refused("says that the decision is passed to nobody, and then more")
            return [], ["it was read as: passed to nobody"]
        if len(tokens.tokens) == 1 and first.kind == "NIL":
            return [], ["it was read as: nobody has authority"]
        tokens = Tokens(tokens.text, tuple(replace(t, kind="C") if t.kind == "NONE" else t for t in tokens.tokens))
        found_: dict[object, list[_Act]] = {}
        trees = readings(tokens.kinds)
        told: dict[object, bool] = {}
        for tree in trees:
            body = tree.children[0]
            assert isinstance(body, Tree)
            try:
                acts = self._acts(body, tokens.tokens, picks)
            except _Impossible:
                continue
            key = tuple(a.key() for a in acts)
            found_[key] = acts
            told[key] = body.data == "rungs"
        with_holders = {k: a for k, a in found_.items() if told[k]}
        found_ = with_holders or found_
        if not found_:
            raise _Refused("names no holder" if not tokens.has("H", "N") else "is in no form that is known")
        if len(found_) > 1:
            ways = " / ".join(sorted("; ".join(self._told(a) for a in acts) for acts in found_.values()))
            raise _Refused(f"can be read in {len(found_)} ways ({ways})")
        (acts,) = found_.values()
        if all(t.kind == "W" for t in tokens.tokens):
            raise _Refused("names no holder")
        for act in acts:
            self._settle(act)
            for one in (act, *act.others):
                one.written = written
                if not one.limited and any(self._of_sum(c) for c in one.conditions):
                    raise _Refused("has a sum that was not understood as a limit")
        return acts, []

    def _of_sum(self, condition: str) -> bool:
        """Whether words kept as a condition are those of a limit, which would then be lost: “up to £1.000,00”."""
        before = {w for name in ("UpToWord", "AboveWord") for w in self._layout.words[name]}
        plain = condition.casefold()
        word = next((w for w in sorted(before, key=len, reverse=True) if plain.startswith(w)), "")
        return bool(_SOME_SUM.match(plain[len(word) :].strip()))

    def _settle(self, act: _Act) -> None:
        """Decide what holds for each of several holders; raises ``_Refused`` where the words do not say it."""
        who = [t.text for t in act.parties]
        if {"AND", "OR"} <= set(act.joins):
            raise _Refused(f"can be read in 2 ways (whether “or” parts {who[-1]} alone or all before it)")
        if len(act.parties) < 2 or not act.spread:
            return
        apart = set(act.joins) == {"COMMA"}
        board = any(t.value == self._board for t in act.parties) and self._board
        if "limit" in act.spread and (apart or board):
            raise _Refused(
                f"can be read in 2 ways (the limit is that of {who[-1]} alone / that of {' and '.join(who)})"
            )
        if "part" in act.spread:
            raise _Refused(f"can be read in 2 ways (the part is that of {who[-1]} alone / that of {' and '.join(who)})")
        if "limit" in act.spread:
            act.notes.append(f"the limit was read as that of each: {' and '.join(who)}")

    def _told(self, act: _Act) -> str:
        """An act in words, to show a reading."""
        limit = format_limit(act.limit, self._layout) or ("above that" if act.rest else "")
        more = [limit, *act.conditions]
        who = " and ".join(t.text for t in act.parties)
        return " ".join(filter(None, (who, *(f"({m})" for m in more if m))))

    # ------------------------------------------------------------ trees

    def _acts(self, body: Tree[Leaf], tokens: Sequence[Token], picks: tuple[str, ...]) -> list[_Act]:
        if body.data == "rungs":
            found = [a for r in body.children if isinstance(r, Tree) for a in self._rung(r, tokens, picks)]
            joined = [
                t for t in (tokens[int(c)] for c in body.children if isinstance(c, Leaf)) if t.kind == "JOINTWITH"
            ]
            for act in found if joined else ():
                act.conditions.append(self._layout.usual["JointWord"])
            return found
        act = _Act(yes=body.data == "yes")
        found = [act]
        for part in body.children:
            if isinstance(part, Tree):
                self._behind(part, found, tokens, picks)
        if len(found) > 1:
            raise _Impossible
        return found

    def _rung(self, rung: Tree[Leaf], tokens: Sequence[Token], picks: tuple[str, ...]) -> list[_Act]:
        act = _Act()
        found = [act]
        for part in rung.children:
            assert isinstance(part, Tree)
            if part.data == "group":
                parties = [tokens[int(leaf)] for leaf in part.children if isinstance(leaf, Leaf)]
                act.parties = tuple(t for t in parties if t.kind in ("H", "N"))
                act.joins = tuple(t.kind for t in parties if t.kind in ("AND", "OR", "COMMA", "JOINTWITH"))
                joint = [t.text for t in parties if t.kind == "JOINT"]
                if "JOINTWITH" in act.joins or joint:
                    act.conditions.append(joint[0].strip(" :") if joint else self._layout.usual["JointWord"])
            elif part.data == "before":
                self._before(part, act, tokens)
            else:
                self._behind(part, found, tokens, picks)
        return found

    def _before(self, part: Tree[Leaf], act: _Act, tokens: Sequence[Token]) -> None:
        token = self._leading(part, tokens)
        if token.kind == "L":
            _limit(act, token)
        elif token.kind in ("P", "PB"):
            if act.part:
                raise _Impossible
            act.part = token.value
        elif token.kind == "ABSENTOF":
            act.conditions.append(_words(part, tokens))
        elif token.kind in ("C", "CP", "W", "ABSENT"):
            act.conditions.append(token.text.strip(" ,:–-"))
            for child in part.children[1:]:
                # “Losses up to £50,000: …”
                if isinstance(child, Leaf) and tokens[int(child)].kind == "L":
                    if token.kind == "CP":
                        raise _Impossible
                    _limit(act, tokens[int(child)])
        elif token.kind == "RESIDUAL":
            act.residual = True
        elif token.kind == "FREE":
            act.unlimited = True
        elif token.kind != "YESHEAD":
            raise _Impossible

    @staticmethod
    def _leading(part: Tree[Leaf], tokens: Sequence[Token]) -> Token:
        """The token that says what a part is, behind marks and joints."""
        for child in part.children:
            if isinstance(child, Leaf) and tokens[int(child)].kind not in (
                "DASH",
                "COLON",
                "COMMA",
                "AND",
                "OR",
                "JOINTWITH",
            ):
                return tokens[int(child)]
        raise _Impossible

    def _behind(self, part: Tree[Leaf], found: list[_Act], tokens: Sequence[Token], picks: tuple[str, ...]) -> None:  # noqa: C901
        token, act = self._leading(part, tokens), found[-1]
        several = len(act.parties) > 1
        if token.kind == "L":
            before = tokens[tokens.index(token) - 1] if tokens.index(token) else None
            if (
                before
                and before.kind in ("C", "CP", "W")
                and act.conditions
                and act.conditions[-1] == before.text.strip(" ,:–-")
            ):
                if before.known and (token.limit[0] is not None or before.value == "rest" or before.kind == "W"):
                    # “CEO but Board if over £1m” says nothing of the first.
                    raise _Impossible
                taken = any(before.text.casefold().startswith(w) for w in self._layout.words["NegationWord"])
                if taken and before.text.casefold().startswith(_DENIALS):
                    raise _Impossible
                if before.kind == "CP" and not before.known and (taken or token.limit[0] is not None):
                    # “subject to a business case above £50,000” may bind only what lies above.
                    act.conditions[-1] = f"{act.conditions[-1]} {token.text}".strip()
                    act.notes.append("its sum was read as part of the condition")
                    return
                if before.kind == "CP":
                    act.notes.append("its sum was read as the limit of the holder too")
            _limit(act, token)
            if several:
                act.spread.add("limit")
        elif token.kind in ("P", "PB"):
            if act.part:
                # “approves up to £1m and recommends above that”
                found.append(_Act(parties=act.parties, joins=act.joins, part=token.value))
            else:
                act.part = token.value
                if several and "COMMA" in act.joins[-1:]:
                    act.spread.add("part")
        elif token.kind == "BR":
            self._aside(token.text, act, picks)
        elif token.kind == "ABSENTOF":
            act.conditions.append(_words(part, tokens))
        elif token.kind == "ABSENT" and several and not act.spread:
            # “CEO or deputy in their absence”: the last stands in for those before.
            act.parties, last = act.parties[:-1], act.parties[-1]
            words = [*act.conditions, token.text]
            found.append(_Act(parties=(last,), part=act.part, conditions=words, stands_in=True))
        elif token.kind in ("C", "CP", "W", "ABSENT"):
            if re.search(r"\b(?:and|or)$|\bnil\b|\bno (?:delegated )?authority\b", token.text.strip(), re.IGNORECASE):
                raise _Impossible
            if token.kind == "CP" and not token.known and token.text.casefold().startswith(_DENIALS):
                # “CEO cannot approve” says the opposite of an authority with a condition.
                raise _Impossible
            act.conditions.append(token.text.strip(" ,:–-"))
        elif token.kind == "FREE":
            if act.limited:
                raise _Impossible
            act.unlimited = True
        elif token.kind == "NIL":
            if act.limited:
                raise _Impossible
            act.nil = True
        elif token.kind == "RESIDUAL":
            act.residual = True
        elif token.kind != "YES":
            raise _Impossible

    # ------------------------------------------------------------ brackets

    def _aside(self, inner: str, act: _Act, picks: tuple[str, ...]) -> None:
        """What stands in brackets behind holders: each of its pieces is read, else kept as a condition."""
        for piece in split(inner, ";\n"):
            if re.fullmatch(r"\d{1,2}", piece):
                act.notes.append(f"({piece}) was taken for the mark of a note, which was not read")
                continue
            parts = [p for p in re.split(r",\s+", piece) if p]
            if self._stands_in(piece, act, picks):
                continue
            if self._tried([piece], act, picks) or (len(parts) > 1 and self._tried(parts, act, picks)):
                continue
            kinds = {t.kind for t in self._lexicon.tokens(piece, picks).tokens}
            first = next(iter(self._lexicon.tokens(piece, picks).tokens), None)
            bound = first is not None and first.kind in ("C", "CP", "ABSENT", "ABSENTOF", "SEE", "W")
            if kinds & {"H", "N"} and kinds & {"L", "M"} and not bound:
                # Somebody's limit, and it cannot be told whose.
                raise _Impossible
            self._kept(piece, act)

    def _stands_in(self, piece: str, act: _Act, picks: tuple[str, ...]) -> bool:
        """Read somebody's absence in brackets behind several holders as the case in which the last stands in for the others."""
        tokens = self._lexicon.tokens(piece, picks).tokens
        if [t.kind for t in tokens] != ["ABSENT"] or len(act.parties) < 2 or act.spread:
            return False
        act.parties, last = act.parties[:-1], act.parties[-1]
        act.others.append(_Act(parties=(last,), part=act.part, conditions=[*act.conditions, piece], stands_in=True))
        return True

    def _tried(self, several: list[str], act: _Act, picks: tuple[str, ...]) -> bool:
        """Read pieces in brackets into an act, all of them or none."""
        trial = replace(
            act, conditions=[*act.conditions], others=[*act.others], notes=[*act.notes], spread={*act.spread}
        )
        try:
            if not all(self._aside_piece(p, trial, picks) for p in several):
                return False
        except _Impossible:
            return False
        for name in (
            "part",
            "limit",
            "rest",
            "unlimited",
            "nil",
            "residual",
            "conditions",
            "spread",
            "notes",
            "others",
        ):
            setattr(act, name, getattr(trial, name))
        return True

    def _aside_piece(self, piece: str, act: _Act, picks: tuple[str, ...]) -> bool:  # noqa: C901
        """Read a piece in brackets into an act; false where it is to be kept as it stands."""
        tokens = self._lexicon.tokens(re.sub(r"^(?:and|or|&)\s+", "", piece), picks).tokens
        tokens = tuple(replace(t, kind="NIL") if t.kind in ("NO", "NONE") else t for t in tokens)
        kinds = {t.kind for t in tokens}
        if not tokens or kinds & {"OPEN", "SEE"}:
            return False
        several = len(act.parties) > 1
        if "H" in kinds or "N" in kinds:
            return self._aside_holders(tokens, act, picks, piece)
        if tokens[0].kind in ("CP", "W") or (tokens[0].kind == "C" and "L" in kinds and tokens[0].known):
            return False
        if tokens[0].kind == "NIL" and len(tokens) > 1 and tokens[1].kind in ("C", "CP", "W"):
            # “no authority to vire”, “may not be delegated further” say something of the holder and do not take all away.
            return False
        for tree in readings(tuple(Tokens(piece, tokens).kinds)):
            body = tree.children[0]
            if not isinstance(body, Tree) or body.data not in ("loose", "yes"):
                continue
            said = _Act()
            acts = [said]
            try:
                for part in body.children:
                    if isinstance(part, Tree):
                        self._behind(part, acts, tokens, picks)
            except _Impossible:
                continue
            if len(acts) > 1 or (said.limited and act.limited):
                return False
            if said.part and act.part:
                return False
            if said.limited:
                act.limit, act.rest, act.unlimited, act.nil = said.limit, said.rest, said.unlimited, said.nil
                act.spread |= {"limit"} if several and not said.nil else set()
            if said.part:
                act.part = said.part
                act.spread |= {"part"} if several else set()
            act.residual = act.residual or said.residual
            act.conditions += said.conditions
            return True
        return False

    def _aside_holders(self, tokens: Sequence[Token], act: _Act, picks: tuple[str, ...], piece: str) -> bool:  # noqa: C901
        """Another holder in brackets with a limit or part of its own; a name alone is kept as it stands."""
        if tokens[0].kind in ("C", "CP", "ABSENT", "ABSENTOF"):
            return False
        row = Tokens(piece, tuple(tokens))
        found: dict[object, list[_Act]] = {}
        for tree in readings(row.kinds):
            body = tree.children[0]
            if isinstance(body, Tree) and body.data == "rungs":
                try:
                    acts = self._acts(body, tokens, picks)
                except _Impossible:
                    continue
                found[tuple(a.key() for a in acts)] = acts
        if len(found) != 1:
            if any(t.kind in ("L", "M") for t in tokens):
                raise _Impossible
            return False
        (acts,) = found.values()
        if (act.yes and not act.limited and DEF + "Committee" in picks) or (DEF + "LocalPost" in picks and act.yes):
            # “Yes (Chief Executive)”: the brackets say who, where the column is none of the board's.
            act.others += acts
            return True
        if not all(a.limited or a.part for a in acts):
            if any(a.limited for a in acts):
                raise _Impossible
            return False
        for one in acts:
            self._settle(one)
        act.others += acts
        limits = [a.limit for a in acts if a.limited and not a.rest and not a.part]
        if not act.limited and limits:
            lows = [low for low, _ in limits]
            first = min((low for low in lows if low is not None), default=None)
            if first is None or None in lows:
                # “CEO (CFO up to £5,000)” leaves open whether the first decides beneath that sum too.
                raise _Impossible
            act.limit = (None, first)
            who = " and ".join(t.text for t in act.parties) or act.written
            act.notes.append(f"{who} was read as {format_limit(act.limit, self._layout)}, by the sum in brackets")
        return True

    def _kept(self, piece: str, act: _Act) -> None:
        """Keep a piece in brackets as a condition; where it names one sum as an upper limit, that holds too."""
        act.conditions.append(piece)
        tokens = self._lexicon.tokens(piece, ()).tokens
        limits = [t for t in tokens if t.kind == "L" and not t.value]
        bound = not tokens or tokens[0].kind in ("CP", "C", "SEE") or any(t.kind in ("H", "N") for t in tokens)
        if (
            bound
            or act.limited
            or len(limits) != 1
            or limits[0].limit[0] is not None
            or limits[0].text[:1] in "£0123456789"
        ):
            return
        act.limit = limits[0].limit
        if len(act.parties) > 1:
            act.spread.add("limit")

    # ------------------------------------------------------------ cells of limits

    def _read_limit(self, text: str, picks: tuple[str, ...]) -> LimitReading:  # noqa: C901
        """What a cell of limits says; bare numbers are sums in it."""
        if why := _beyond(text):
            return LimitReading(unread=(Unread(_head(text), why),))
        text = text.strip()
        if ways := two_ways(text):
            return LimitReading(words=(text,), unread=(Unread(text, f"can be read in 2 ways ({ways})"),))
        if _LOOSE_SUM.fullmatch(text) or money(text) is not None:
            high = money(text)
            return LimitReading(nil=True) if high == 0 else LimitReading(limit=(None, high))
        if _TWO_SUMS.fullmatch(text):
            # “250,000 and 500,000” in a column of limits
            text = f"{self._layout.usual['RangeWord']} {text}"
        if self._layout.says(text, "NilWord"):
            return LimitReading(nil=True)
        if self._layout.says(text, "NoWord"):
            return LimitReading()
        parts = self._pieces(text)
        loose = [self._loose(p) for p in parts]
        if len(parts) == 1 and (found := self._limit_with_others(parts[0], picks)):
            return found
        if len(loose) == 1 and loose[0] is not None and (loose[0].limited or loose[0].conditions):
            if loose[0].limit[0] is not None and loose[0].limit[1] is None and _COUNTED.match(text.casefold()):
                # “Minimum of 3 tenders over £50k” is a condition, and its sum no limit of whoever decides.
                return LimitReading(words=(text,))
            return self._of_line(loose[0], text)
        if len(loose) > 1 and all(a is not None and a.limit != OPEN and not a.conditions for a in loose):
            return LimitReading(each=tuple(a.limit for a in loose if a is not None))
        if (
            loose
            and loose[0] is not None
            and loose[0].limit != OPEN
            and not any(a is None or a.limited for a in loose[1:])
        ):
            rest = [c for a in loose[1:] if a for c in a.conditions]
            return self._of_line(replace(loose[0], conditions=[*loose[0].conditions, *rest]), text)
        rungs = self.read(text, picks)
        if rungs.holdings and not rungs.unread and all(h.limit != OPEN or h.unlimited for h in rungs.holdings):
            return LimitReading(holders=rungs)
        tokens = [self._lexicon.tokens(p, picks) for p in parts]
        why = "is not settled yet" if any(t.has("OPEN") for t in tokens) else ""
        return LimitReading(words=tuple(parts), unread=(Unread(text, why),) if why else ())

    def _limit_with_others(self, piece: str, picks: tuple[str, ...]) -> LimitReading | None:
        """A limit of the line with others in brackets who decide above it, as “£50k (Board above)”."""
        try:
            acts, _ = self._piece(piece, picks)
        except _Refused:
            return None
        act = acts[0] if len(acts) == 1 else None
        if not act or act.parties or act.yes or act.part or not act.others or act.limit == OPEN:
            return None
        for other in act.others:
            if other.rest:
                other.limit, other.rest = (act.limit[1], None), False
        holders = tuple(h for other in act.others for h in self._holdings(other))
        return LimitReading(limit=act.limit, words=tuple(act.conditions), holders=CellReading(holders))

    @staticmethod
    def _of_line(act: _Act, text: str) -> LimitReading:
        words = tuple(c for c in act.conditions if c)
        if act.nil or act.limit == (None, Decimal(0)):
            return LimitReading(nil=True, words=words)
        if act.limit == OPEN and not act.unlimited:
            return LimitReading(words=(text,))
        return LimitReading(limit=act.limit, unlimited=act.unlimited, words=words)

    def _loose(self, piece: str) -> _Act | None:
        """A piece without holders: a limit, conditions; none where it names holders or is not read."""
        try:
            acts, _ = self._piece(piece, ())
        except _Refused:
            return None
        act = acts[0] if len(acts) == 1 else None
        return (
            act
            if act and not act.parties and not act.yes and not act.others and not act.rest and not act.part
            else None
        )

    def _limits_in(self, text: str) -> tuple[Limit, ...]:
        """The limits that words name, as those of a decision."""
        if _beyond(text):
            return ()
        return tuple(t.limit for t in self._lexicon.tokens(text, ()).tokens if t.kind == "L" and not t.value)

    def without_limits(self, text: str) -> str:
        """Words without the limits that they name: “between teams up to £50,000” is “between teams”."""
        for token in reversed(self._lexicon.tokens(text, ()).tokens):
            if token.kind == "L" and not token.value:
                text = text[: token.start] + text[token.end :]
        return " ".join(text.split()).strip(" ,;:–-")

    def limit_in(self, text: str) -> Limit:
        """The one limit that words name; open where they name none or several."""
        limits = self.limits_in(text)
        return limits[0] if len(limits) == 1 else OPEN

    def dangling(self, words: str) -> bool:
        """Whether words end with those before a limit whose sum stands elsewhere: “Board if greater than”."""
        return bool(self._dangling.search(words))

    # ------------------------------------------------------------ the usual form

    def names_holder(self, words: str) -> bool:
        """Whether words on no list may be the name of a post, committee or body."""
        return self._lexicon.has_role(words) and self._lexicon.is_name(words)

    def names_group(self, words: str) -> bool:
        """Whether words on no list name a committee or group at their end, as Ethics Committee does and Head of Finance does not."""
        return (
            words.casefold().split()[-1:] != [] and words.casefold().split()[-1] in self._layout.words["CommitteeWord"]
        )

    def is_residual(self, words: str) -> bool:
        """Whether a decision is all that no other line allots."""
        return any(words.strip().casefold().startswith(w) for w in self._layout.words["ResidualWord"])

    def format_holding(
        self, holding: Holding, label: str, part: str, column: str, ceiling: Limit, residual: bool
    ) -> str:
        """A holding in the usual form: its holder, and in brackets what differs from the column and from the line."""
        usual = self._layout.usual
        said = [self._layout.labels[part]] if part != column else []
        if holding.limit != ceiling or holding.unlimited:
            said.append(format_limit(holding.limit, self._layout) or usual["NoLimitWord"])
        if holding.residual and not residual:
            said.append(usual["ResidualWord"])
        said += holding.conditions
        return label + (f" ({'; '.join(said)})" if said else "")

    def with_words(self, usual: str, written: str) -> str:
        """A holding in the usual form with the words from which it was read, so that both are read again."""
        plain = written.replace("[", "(").replace("]", ")")
        return f"{usual} [{self._as_written} {plain}]" if plain == written and "\n" not in written else usual


def _beyond(text: str) -> str:
    """Why a cell is not even looked at, as the end of a sentence: the work would grow faster than the cell; empty where it is.

    >>> _beyond("Board (up to £1m)"), _beyond("(" * 50 + ")" * 50)
    ('', 'has brackets nested more than 8 deep')
    """
    if len(text) > _LONGEST:
        return f"is longer than {_LONGEST} letters"
    if _LONG_NUMBER.search(text):
        return "has a number that no sum of money is as long as"
    depth = 0
    for sign in _BRACKETS.findall(text):
        depth = depth + 1 if sign in "([{" else max(0, depth - 1)
        if depth > _DEEPEST:
            return f"has brackets nested more than {_DEEPEST} deep"
    return ""


def _head(text: str) -> str:
    """The beginning of a text, for a message."""
    return text if len(text) <= _SHOWN else text[:_SHOWN] + " …"


def _stand_in(acts: Sequence[_Act]) -> None:
    """Give those who stand in for each other the limit and part that only one of them has."""
    for one, other in itertools.pairwise(acts):
        if other.stands_in:
            for own, of in ((one, other), (other, one)):
                if not own.limited:
                    own.limit, own.rest, own.unlimited, own.nil = of.limit, of.rest, of.unlimited, of.nil
                own.part = own.part or of.part


def _only_conditions(act: _Act) -> bool:
    return not (act.limited or act.part or act.residual)


def _added(loose: _Act, acts: Iterable[_Act]) -> bool:
    """Add what stands without a holder to those it belongs to; false where they say otherwise themselves."""
    acts = list(acts)
    if (loose.limited and any(a.limited for a in acts)) or (loose.part and any(a.part for a in acts)):
        return False
    for act in acts:
        if loose.limited:
            act.limit, act.rest, act.unlimited, act.nil = loose.limit, loose.rest, loose.unlimited, loose.nil
        act.part = act.part or loose.part
        act.residual = act.residual or loose.residual
        act.conditions += loose.conditions
        if loose.written and loose.written not in act.written:
            act.written = f"{act.written}; {loose.written}"
    return True


def _limit(act: _Act, token: Token) -> None:
    if act.limited:
        raise _Impossible
    if token.value == "rest":
        act.rest, act.limit = True, token.limit
    elif token.limit == (None, Decimal(0)):
        act.nil = True
    else:
        act.limit = token.limit
    act.conditions += token.per


def _words(part: Tree[Leaf], tokens: Sequence[Token]) -> str:
    """The words of a part of a tree that names somebody absent."""
    places = [int(leaf) for leaf in part.scan_values(lambda v: isinstance(v, Leaf))]
    found = [tokens[p] for p in sorted(places) if tokens[p].kind not in ("DASH", "COLON")]
    while found and found[-1].kind == "COMMA":
        found.pop()
    while found and found[0].kind == "COMMA":
        found.pop(0)
    return " ".join(t.text for t in found)


def with_limit(holding: Holding, ceiling: Limit) -> Holding:
    """A holding with the limit of its line, where it has none of its own."""
    return holding if holding.limit != OPEN or holding.unlimited else replace(holding, limit=ceiling)
