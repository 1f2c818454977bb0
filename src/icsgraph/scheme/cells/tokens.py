"""A piece of a cell to tokens: every word of it is a name, a word with a sense here, or said to be neither."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from lark import Tree

from icsgraph.scheme.cells.grammar import readings
from icsgraph.scheme.cells.money import NUMBER, OPEN, SUM, Limit, money, shared_unit
from icsgraph.scheme.layout import Layout

__all__ = ["DEED", "Lexicon", "Token", "Tokens"]

_LEXEME = re.compile(
    rf"(?P<sum>{SUM})|(?P<number>{NUMBER})|(?P<word>[\w][\w'’]*(?:[-.‑][\w'’]+)*)|(?P<mark><=|>=|\S)", re.IGNORECASE
)
# The longest name, in words and marks, that is looked for on the lists.
_LONGEST = 14
# The kinds of vocabulary, by the list in the ontology that holds the words of each.
_LISTS = {
    "UP": "UpToWord", "AB": "AboveWord", "PLUS": "PlusWord", "LESS": "LessWord", "BETWEEN": "RangeWord", "TO": "BetweenWord", "REST": "AboveThatWord",
    "FREE": "NoLimitWord", "NIL": "NilWord", "NONE": "NotDelegatedWord", "OPEN": "UndecidedWord", "SEE": "ReferenceWord",
    "C": "ConditionWord", "CP": "ProvisoWord", "CB": "ConditionBehindWord", "WHERE": "WhereWord", "VALUE": "ValueWord", "PER": "PerWord",
    "ABSENT": "AbsenceWord", "AWAY": "AwayWord", "ABSENTOF": "AbsenceOfWord", "JOINT": "JointWord", "JOINTWITH": "JointWithWord",
    "RESIDUAL": "ResidualWord", "YES": "YesWord", "NO": "NoWord", "FILL": "FillWord", "AND": "AndWord", "VERB": "VerbWord",
    "BOARD": "BoardWord", "ROLE": "RoleWord", "DEED": "DeedWord",
}  # fmt: skip
# What the grammar calls the kinds that it treats alike.
_GRAMMAR = {
    "N": "H", "FREE": "T", "NIL": "T", "RESIDUAL": "T", "ABSENT": "T", "YES": "T", "CP": "C", "W": "C", "ABSENTOF": "A",
    "JOINT": "J", "BR": "B", "PB": "F", "OR": "AND", "JOINTWITH": "AND", "DASH": "MARK", "COLON": "MARK", "YESHEAD": "Y",
}  # fmt: skip
_DASHES = "–—-‐‑−"
# The part of a holder who does what is no part in a decision.
DEED = "deed"
# “maintains”, “nominates”; not “across”, “always”.
_DOES = re.compile(r"(?!always|perhaps|besides|sometimes|others|unless|minus|plus|towards)[a-z]{3,}[^aious\W]s")
# What a holder's deed may stand behind.
_HOLDER_BEFORE = ("H", "BR", "M", "C", "CP", "DASH", "COLON", "COMMA", "AND", "P", "PER", "ABSENT")
# Helpers before a verb: “to approve”, “will approve”.
_HELPERS = ("to", "will", "shall", "must", "may", "can", "should", "also")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token: its ``kind``, the words it stands for and where they stand; ``value`` is an address or a part, ``limit`` a limit.

    ``per`` is what a sum is counted by, ``known`` says of a condition that it names a holder.
    """

    kind: str
    text: str
    start: int
    end: int
    value: str = ""
    sum: Decimal | None = None
    limit: Limit = OPEN
    per: tuple[str, ...] = ()
    known: bool = False


@dataclass(frozen=True)
class Tokens:
    """The tokens of a piece, and the row of kinds that the grammar reads."""

    text: str
    tokens: tuple[Token, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds as the grammar calls them."""
        return tuple(_GRAMMAR.get(t.kind, t.kind) for t in self.tokens)

    def has(self, *kinds: str) -> bool:
        """Whether a token is of one of some kinds."""
        return any(t.kind in kinds for t in self.tokens)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lexeme:
    sort: str
    text: str
    start: int
    end: int
    folded: str


class Lexicon:
    """The words of a layout, and the names that ``find`` knows: ``find(name, picks)`` gives an address or nothing.

    ``near`` does the same for a name that is spelt almost as a listed one.
    """

    def __init__(
        self,
        layout: Layout,
        find: Callable[[str, tuple[str, ...]], str],
        near: Callable[[str, tuple[str, ...]], str],
        board: str,
    ) -> None:
        self.layout = layout
        self.board = board
        self._find = find
        self._near = near
        self._phrases: dict[str, list[tuple[tuple[str, ...], dict[str, str]]]] = {}
        found: dict[tuple[str, ...], dict[str, str]] = {}
        for kind, name in _LISTS.items():
            for word in layout.words.get(name, ()):
                found.setdefault(_folded(word), {})[kind] = ""
        for kind, words in (("P", layout.parts), ("PB", layout.parts_before)):
            for word, part in words.items():
                found.setdefault(_folded(word), {})[kind] = part
        for words_, kinds in sorted(found.items(), key=lambda item: -len(item[0])):
            if words_:
                self._phrases.setdefault(words_[0], []).append((words_, kinds))
        roles = {*layout.words["RoleWord"], *layout.words["CommitteeWord"]}
        self._roles = frozenset(roles)
        self._posts = frozenset({*roles, *layout.words["PostWord"]})
        self._verbs = frozenset(layout.words["VerbWord"])

    # ------------------------------------------------------------ names

    def party(self, name: str, picks: tuple[str, ...]) -> str:
        """The address of a holder that is known by a name; empty where none is."""
        if self.layout.says(name, "BoardWord"):
            return self.board
        return self._find(name, picks)

    def is_name(self, words: str) -> bool:
        """Whether words on no list may be the name of a holder or of a person, and are no sentence.

        “Head of Estates” has a word for a post in it; “Jane Smith” is all capitals at the head; “three quotations” is neither.
        """
        plain = [w.folded for w in _lexemes(words) if w.sort == "word"]
        if any(w in self._verbs for w in plain):
            return False
        return self.has_role(words) or self._seems_person(words)

    def has_role(self, words: str) -> bool:
        """Whether words have one for a post, committee or body in them."""
        return any(w.folded in self._roles or w.folded.rpartition("-")[2] in self._roles for w in _lexemes(words))

    def is_group(self, words: str) -> bool:
        """Whether a name is one of a committee or group."""
        return any(w.folded in self.layout.words["CommitteeWord"] for w in _lexemes(words))

    def _seems_person(self, words: str) -> bool:
        plain = words.replace("’", "'").split()
        titled = len(plain) > 1 and plain[0].rstrip(".").casefold() in self.layout.words["PersonWord"]
        capital = all(re.fullmatch(r"[A-Z][A-Za-z'-]*\.?", w) and not w[1:].isupper() for w in plain)
        posts = {w.casefold() for w in plain} & self._posts
        return titled or (1 < len(plain) < 4 and capital and not posts)

    # ------------------------------------------------------------ tokens

    def tokens(self, text: str, picks: tuple[str, ...]) -> Tokens:
        """The tokens of a piece of a cell whose column picks from some classes."""
        return Tokens(text, tuple(_Reading(self, text, picks).tokens()))

    def phrase(self, lexemes: Sequence[_Lexeme], at: int) -> Iterator[tuple[int, dict[str, str]]]:
        """The phrases of the vocabulary that begin at a place, the longest first, each with its senses."""
        for words, kinds in self._phrases.get(lexemes[at].folded, ()):
            if at + len(words) <= len(lexemes) and all(lexemes[at + n].folded == w for n, w in enumerate(words[1:], 1)):
                yield len(words), kinds


def _lexemes(text: str) -> list[_Lexeme]:
    found = []
    for match in _LEXEME.finditer(text):
        sort = match.lastgroup or "mark"
        words = match[0]
        found.append(
            _Lexeme(
                sort=sort, text=words, start=match.start(), end=match.end(), folded=words.casefold().replace("’", "'")
            )
        )
    return found


def lexeme_ends(lexemes: Sequence[_Lexeme], end: int) -> bool:
    """Whether a phrase ends in a colon, behind which its holder stands."""
    return lexemes[end - 1].text == ":"


def _folded(words: str) -> tuple[str, ...]:
    return tuple(w.folded for w in _lexemes(words))


class _Reading:
    """The reading of one piece into tokens, from left to right."""

    def __init__(self, lexicon: Lexicon, text: str, picks: tuple[str, ...]) -> None:
        self.of = lexicon
        self.text = text
        self.picks = picks
        self.lexemes = _lexemes(text)
        self.out: list[Token] = []

    def tokens(self) -> list[Token]:
        """All tokens, with runs of words made names and sums made limits."""
        at = 0
        while at < len(self.lexemes):
            at = self._next(at)
        return _limits(self._runs(self.out), self.text)

    def _put(self, kind: str, at: int, end: int, value: str = "", **more: object) -> int:
        first, last = self.lexemes[at], self.lexemes[end - 1]
        words = self.text[first.start : last.end]
        self.out.append(Token(kind=kind, text=words, start=first.start, end=last.end, value=value, **more))  # type: ignore[arg-type]
        return end

    def _before(self) -> str:
        return self.out[-1].kind if self.out else ""

    def _next(self, at: int) -> int:  # noqa: C901
        """Take the next words into a token and give the place behind them."""
        lexeme = self.lexemes[at]
        name = self._name_at(at)
        if end := self._absent(at):
            return self._put("ABSENT", at, end)
        if lexeme.folded in _HELPERS and not name[0] and self._verb_at(at + 1):
            return at + 1
        for length, kinds in self.of.phrase(self.lexemes, at):
            if length < name[0] or (length == name[0] and "BOARD" not in kinds):
                break
            kind = self._sense(at, length, kinds)
            if kind == "BOARD":
                return self._put("H", at, at + length, self.of.board)
            if kind in ("C", "CP", "CB", "SEE"):
                return self._condition(kind, at, at + length)
            if kind == "STRAIGHT":
                return self._straight(at + length)
            if kind == "FILL":
                return at + length
            if kind == "PER":
                return self._put("PER", at, self._counted(at, at + length))
            if kind == "DEED":
                return self._put("PB" if lexeme_ends(self.lexemes, at + length) else "P", at, at + length, DEED)
            if kind:
                return self._put(kind, at, at + length, kinds.get(kind, ""))
        if name[0]:
            return self._put("H", at, at + name[0], name[1])
        if self._does(at):
            return self._put("P", at, at + 1 + (lexeme.folded == "to"), DEED)
        if lexeme.text in "([" and (close := self._close(at)):
            inner = self.text[lexeme.end : self.lexemes[close].start]
            self.out.append(Token(kind="BR", text=inner.strip(), start=lexeme.start, end=self.lexemes[close].end))
            return close + 1
        if lexeme.sort == "sum":
            return self._put("M", at, at + 1, sum=money(lexeme.text))
        if lexeme.sort == "number" and self._counts(at):
            return self._put("M", at, at + 1, sum=money(lexeme.text))
        if lexeme.sort == "mark":
            return self._mark(at)
        return self._put("W", at, at + 1)

    def _absent(self, at: int) -> int:
        """Where words that name whoever is away end: “in the Chair’s absence”, “if the Chair is unavailable”; else nought."""
        first = self.lexemes[at].folded
        if first not in ("in", "during", "if", "when", "where"):
            return 0
        for place in range(at + 1, min(at + _LONGEST, len(self.lexemes))):
            folded = self.lexemes[place].folded
            if first in ("in", "during") and folded == "absence":
                return place + 1 if re.search(r"(?:'s|s')$", self.lexemes[place - 1].folded) else 0
            away = [n for n, k in self.of.phrase(self.lexemes, place) if "AWAY" in k]
            if first in ("if", "when", "where") and away and place > at + 1:
                return place + away[0]
            if self.lexemes[place].sort in ("sum", "number") or self.lexemes[place].text in ",;()":
                return 0
        return 0

    def _mark(self, at: int) -> int:
        text = self.lexemes[at].text
        if text in _DASHES:
            near = self._before() == "M" and at + 1 < len(self.lexemes) and self._is_sum(at + 1)
            return self._put("TO" if near else "DASH", at, at + 1)
        if text in '.“”"‘’`«»':
            # Full stops at the end and quotation marks say nothing; the pieces were split at others.
            return at + 1
        kind = {":": "COLON", ",": "COMMA", "&": "AND", "/": "OR", "+": "AND", "•": "", "*": "", "=": "COLON"}.get(
            text, "W"
        )
        return self._put(kind, at, at + 1) if kind else at + 1

    def _counted(self, at: int, end: int) -> int:
        """Where words for what a sum is counted by end: “per day”, “per 100,000 people”."""
        if self.lexemes[end - 1].folded in ("per", "each") and end < len(self.lexemes):
            end += self.lexemes[end].sort in ("number", "sum")
            end += end < len(self.lexemes) and self.lexemes[end].sort == "word"
        return end

    def _close(self, at: int) -> int:
        """The place of the bracket that closes the one at a place; nought where none does."""
        depth = 0
        for place in range(at, len(self.lexemes)):
            depth += (self.lexemes[place].text in "([") - (self.lexemes[place].text in ")]")
            if not depth:
                return place
        return 0

    def _name_at(self, at: int) -> tuple[int, str]:
        """How many lexemes from a place on are a known name, and whose it is."""
        first = self.lexemes[at]
        if first.sort == "mark" or first.sort == "sum":
            return 0, ""
        end = at
        while end < len(self.lexemes) and end - at < _LONGEST and self.lexemes[end].text not in ":;()[]•<>≤≥":
            end += 1
        for stop in range(end, at, -1):
            if self.lexemes[stop - 1].sort in ("word", "number"):
                words = self.text[first.start : self.lexemes[stop - 1].end]
                if len(words) > 1 and (address := self.of.party(words, self.picks)):
                    return stop - at, address
        return 0, ""

    def _is_sum(self, at: int) -> bool:
        return at < len(self.lexemes) and self.lexemes[at].sort in ("sum", "number")

    def _sum_behind(self, at: int) -> bool:
        """Whether a sum follows at a place, after words for sums at most."""
        while at < len(self.lexemes) and self.lexemes[at].sort == "word":
            more = [(n, k) for n, k in self.of.phrase(self.lexemes, at) if "VALUE" in k or "UP" in k or "AB" in k]
            if not more:
                return False
            at += more[0][0]
        if self._is_sum(at) and self.lexemes[at].sort == "number":
            # “up to 10%”, “over 3 years” are no sums.
            return not (at + 1 < len(self.lexemes) and self.lexemes[at + 1].sort != "mark") and not (
                at + 1 < len(self.lexemes) and self.lexemes[at + 1].text == "%"
            )
        return self._is_sum(at)

    def _counts(self, at: int) -> bool:
        """Whether a bare number is a sum: behind words for a limit, or before a sum it ranges to."""
        if self._before() in ("UP", "AB", "BETWEEN", "TO") and money(self.lexemes[at].text) is not None:
            return True
        ranged = at + 2 < len(self.lexemes) and self.lexemes[at + 1].folded in (*_DASHES, "to", "and")
        return bool(ranged and self.lexemes[at + 2].sort == "sum" and money(self.lexemes[at].text) is not None)

    def _verb_at(self, at: int) -> bool:
        """Whether a word for a part, or for a deed, follows a helper, as in “to recommend”."""
        return at < len(self.lexemes) and any("P" in k or "DEED" in k for _, k in self.of.phrase(self.lexemes, at))

    def _does(self, at: int) -> bool:
        """Whether words behind a holder say in a verb that no list has what it does: “to nominate a deputy”, “nominates”."""
        if self._before() not in ("H", "BR"):
            return False
        verb = at + (self.lexemes[at].folded == "to")
        if verb >= len(self.lexemes) or self.lexemes[verb].sort != "word" or not self.lexemes[verb].text.islower():
            return False
        word = self.lexemes[verb].folded
        known = {k for _, kinds in self.of.phrase(self.lexemes, verb) for k in kinds}
        if known or word in self.of._roles or word in self.of._verbs or self._name_at(verb)[0]:
            return False
        return verb > at or bool(_DOES.fullmatch(word))

    def _deed(self, at: int, end: int, in_run: bool) -> bool:
        """Whether a word for a deed stands here as one, and not in a name such as Lead Nurse or Advisory Panel."""
        if at == 0:
            behind = self.lexemes[end].text if end < len(self.lexemes) else ""
            return not behind or behind in (*_DASHES, ":", ",", "(") or self.lexemes[end - 1].text == ":"
        if self._part_of_name(at, end, in_run):
            return False
        word = self.lexemes[at].text
        verb = word.islower() and (end - at > 1 or (word.endswith("s") and word not in self.of._roles))
        return verb if in_run or self._before() == "W" else self._before() in _HOLDER_BEFORE

    def _part_at(self, at: int) -> bool:
        return at < len(self.lexemes) and any("P" in k or "PB" in k for _, k in self.of.phrase(self.lexemes, at))

    def _sense(self, at: int, length: int, kinds: dict[str, str]) -> str:  # noqa: C901
        """In which of its senses a phrase stands here; empty where it stands in none and is a word like others."""
        end, before = at + length, self._before()
        last = end == len(self.lexemes)
        behind = "" if last else self.lexemes[end].text
        parted = last or behind in (*_DASHES, ":", ",", "(", "[", ";", ".")
        summed = before in ("M", "PER", "PLUS", "LESS", "TO")
        head = at == 0 or not self.out
        in_run = before == "W" or (before == "H" and len(self.out) > 1 and self.out[-2].kind == "W")
        if "BOARD" in kinds:
            return "BOARD"
        if "BETWEEN" in kinds and self._sum_behind(end):
            return "BETWEEN"
        if "PLUS" in kinds and before == "W" and re.fullmatch(r"\d{1,2}[a-e]?", self.lexemes[at - 1].folded):
            # “at bands 8b and above”
            return "W"
        if "PLUS" in kinds and summed and not self._is_sum(end):
            return "PLUS"
        if "LESS" in kinds and before in ("M", "PER"):
            return "LESS"
        if "PER" in kinds and summed:
            return "PER"
        if "TO" in kinds and before in ("M", "PER") and self._is_sum(end):
            return "TO" if self.lexemes[at].folded != "and" else "AND"
        for kind in ("UP", "AB"):
            if kind in kinds and self._sum_behind(end):
                return kind
        if "WHERE" in kinds and before in ("H", "W", "BR", "JOINT") and self._straight(end):
            return "STRAIGHT"
        if "VALUE" in kinds and before in ("UP", "AB", "BETWEEN"):
            return "FILL"
        if (
            "REST" in kinds
            and not self._is_sum(end)
            and (length > 1 or parted or head or self._known_behind(end) or self.lexemes[at].folded == "otherwise")
        ):
            bare = length == 1 and before == "W"
            return "" if bare else "REST"
        if "OPEN" in kinds and self.lexemes[at].folded != "?":
            return "OPEN"
        if "OPEN" in kinds:
            return "OPEN" if head else ""
        if "NONE" in kinds:
            return "NONE"
        if "FREE" in kinds:
            return "FREE"
        if "NIL" in kinds and (head or before in ("H", "COLON", "DASH", "BR", "COMMA") or parted):
            return "NIL" if not (head and last and "NO" in kinds) else "NO"
        if "YES" in kinds and head and (len(self.lexemes[at].text) > 1 or not self.lexemes[at].text.isalnum()):
            return "YESHEAD"
        if "YES" in kinds and head and self.lexemes[at].text == "x" and self._party_behind(end):
            # “x Quality Committee” in a column of committees
            return "YESHEAD"
        if "YES" in kinds and head and parted:
            return "YESHEAD"
        if "YES" in kinds and last and before in ("COLON", "DASH"):
            return "YES"
        if "NO" in kinds and ((head and parted) or (last and before in ("COLON", "DASH"))):
            return "NO"
        if "RESIDUAL" in kinds:
            return "RESIDUAL"
        if "JOINTWITH" in kinds and before in ("H", "W", "BR"):
            return "JOINTWITH" if self._party_behind(end) else ""
        if (
            "JOINT" in kinds
            and (parted or head or self._straight(end) or self._leads(end))
            and not (self.lexemes[at].folded == "joint" and self._joint_name(end))
        ):
            return "JOINT"
        if "SEE" in kinds and head:
            return "SEE" if length > 1 or not last else ""
        if "ABSENTOF" in kinds:
            return "ABSENTOF"
        if "ABSENT" in kinds:
            return "ABSENT"
        if "PB" in kinds:
            return "PB"
        if "P" in kinds and not self._part_of_name(at, end, in_run):
            return "P"
        if "DEED" in kinds and self._deed(at, end, in_run):
            return "DEED"
        if "CP" in kinds:
            return "CP"
        if "C" in kinds:
            return "C"
        if "FILL" in kinds and self.lexemes[at].folded == "acts" and self._condition_at(end):
            return "FILL"
        if "CB" in kinds and in_run and self.lexemes[at].folded == "for" and self.lexemes[-1].folded == "only":
            # “Remuneration Committee for senior managers only”
            return "CB"
        if (
            "CB" in kinds
            and not in_run
            and before in ("H", "M", "BR", "P", "PER", "PLUS", "COMMA", "DASH", "REST", "FREE")
        ) or ("CB" in kinds and head and self.lexemes[at].folded in ("for", "in", "on", "during", "under", "urgent")):
            return "CB" if self._before() != "COMMA" or self.lexemes[at].folded not in ("all", "any") else ""
        if "FILL" in kinds and before != "W" and (not in_run or (self._party_behind(end) and length > 1)):
            return "FILL"
        if "AND" in kinds and self.lexemes[at].sort == "word":
            return "OR" if "or" in (self.lexemes[at].folded, self.lexemes[end - 1].folded) else "AND"
        return ""

    def _condition_at(self, at: int) -> bool:
        return at < len(self.lexemes) and any("C" in k for _, k in self.of.phrase(self.lexemes, at))

    def _leads(self, at: int) -> bool:
        """Whether words such as “if” at a place lead straight to a limit."""
        return at < len(self.lexemes) and any(
            "WHERE" in k and self._straight(at + n) for n, k in self.of.phrase(self.lexemes, at)
        )

    def _straight(self, at: int) -> int:
        """The place of a limit that follows with nothing but words for sums before it; nought where none does."""
        while at < len(self.lexemes):
            found = list(self.of.phrase(self.lexemes, at))
            if any(("UP" in k or "AB" in k or "BETWEEN" in k) and self._sum_behind(at + n) for n, k in found):
                return at
            value = next((n for n, k in found if "VALUE" in k), 0)
            if not value:
                return 0
            at += value
        return 0

    def _known_behind(self, at: int) -> bool:
        return at < len(self.lexemes) and (bool(self._name_at(at)[0]) or self.lexemes[at].folded in ("the", "by"))

    def _party_behind(self, at: int) -> bool:
        """Whether a holder, known or only named, follows at a place."""
        if at < len(self.lexemes) and self.lexemes[at].folded == "the":
            at += 1
        return at < len(self.lexemes) and (
            bool(self._name_at(at)[0]) or self.of.is_name(self.text[self.lexemes[at].start :])
        )

    def _joint_name(self, at: int) -> bool:
        """Whether “joint” at the head is part of a name, as in Joint Committee."""
        return at < len(self.lexemes) and self.lexemes[at].sort == "word"

    def _part_of_name(self, at: int, end: int, in_run: bool) -> bool:
        """Whether a word for a part is part of a name, as in Assurance Committee or Head of Assurance."""
        if end - at > 1:
            return False
        following = self.lexemes[end].folded if end < len(self.lexemes) else ""
        if following in self.of._roles and not self._name_at(end)[0]:
            return True
        return (
            self._before() == "W" and self.lexemes[at].text[:1].isupper() and not self.lexemes[at].folded.endswith("s")
        )

    # ------------------------------------------------------------ conditions

    def _condition(self, kind: str, at: int, end: int) -> int:
        """Take a condition: from its first words to where something else begins."""
        head = not self.out
        known, stop = False, end
        while stop < len(self.lexemes):
            lexeme = self.lexemes[stop]
            if lexeme.text in "([" and (close := self._close(stop)):
                stop = close + 1
                continue
            if lexeme.text == ":" or (lexeme.text in _DASHES and not self._is_sum(stop + 1)):
                break
            if kind != "SEE" and lexeme.text == "," and (head or self._begins(stop + 1, self.lexemes[at].folded)):
                break
            if kind not in ("SEE",) and not (kind == "CP" and known) and self._limit_at(stop):
                break
            length, _ = self._name_at(stop)
            known = known or bool(length)
            stop += length or 1
        words = self.text[self.lexemes[at].start : self.lexemes[stop - 1].end]
        self.out.append(
            Token(
                kind="C" if kind == "CB" else kind,
                text=words,
                start=self.lexemes[at].start,
                end=self.lexemes[stop - 1].end,
                known=known,
            )
        )
        return stop

    def _limit_at(self, at: int) -> bool:
        if self.lexemes[at].sort == "sum":
            # “per £100,000 of income” is no limit.
            return self.lexemes[at - 1].folded not in ("per", "of", "every", "each")
        return any(("UP" in k or "AB" in k) and self._sum_behind(at + n) for n, k in self.of.phrase(self.lexemes, at))

    def _begins(self, at: int, first: str = "") -> bool:
        """Whether something other than more of a condition begins behind a comma: a part, a limit, a holder with a limit.

        A holder with a condition that begins with the same word does too: “CFO for revenue, CEO for capital”.
        """
        if at >= len(self.lexemes):
            return True
        if self.lexemes[at].folded in ("and", "or", "then"):
            at += 1
        if at >= len(self.lexemes) or self._part_at(at) or self._limit_at(at):
            return True
        length, _ = self._name_at(at)
        return bool(
            length
            and at + length < len(self.lexemes)
            and (
                self._limit_at(at + length)
                or self._part_at(at + length)
                or (self.lexemes[at + length].folded == first and first in self.of.layout.words["ConditionBehindWord"])
            )
        )

    # ------------------------------------------------------------ names that no list has

    def _runs(self, tokens: list[Token]) -> list[Token]:
        """Words that stand together made one name, one run of words, or the known holder that they are."""
        runs: list[Token] = []
        for token in tokens:
            last = runs[-1] if runs else None
            words = token.kind in ("W", "H")
            if last and words and last.kind == "C" and last.value == "rest":
                # More of what stands behind a known holder: “Chief Executive personally”.
                words_ = self.text[last.start : token.end].strip()
                runs[-1] = replace(last, text=words_, end=token.end, known=last.known or token.kind == "H")
            elif last and token.kind == "W" and last.kind == "H" and self._stands_alone(runs) and self._plain(token):
                runs.append(replace(token, kind="C", value="rest"))
            elif last and words and last.kind in ("W", "H", "N") and not (last.kind == token.kind == "H"):
                runs[-1] = self._named(Token(kind="W", text="", start=last.start, end=token.end))
            else:
                runs.append(token)
        runs = [self._named(t) if t.kind == "W" else t for t in runs]
        return self._joined(runs)

    @staticmethod
    def _stands_alone(runs: list[Token]) -> bool:
        """Whether the last of some tokens, a known holder, is not within a longer name."""
        return len(runs) < 2 or runs[-2].kind not in ("W", "N")

    def _plain(self, token: Token) -> bool:
        """Whether a word behind a known holder is no part of a longer name: it is small and for no post or committee."""
        return token.text[:1].islower() and token.text != "of" and not self.of.has_role(token.text)

    def _named(self, token: Token) -> Token:
        words = self.text[token.start : token.end].strip()
        token = replace(token, text=words)
        if near := self.of._near(words, self.picks):
            return replace(token, kind="H", value=near)
        known = self._known_in(token.start, token.end) if words[:1].islower() else 0
        if known and not self.of.has_role(self.text[token.start : known]):
            # “refer to Board”, “next Board meeting”: small words before a known holder are no part of its name.
            return replace(token, kind="W", known=True)
        return replace(token, kind="N" if self.of.is_name(words) else "W")

    def _known_in(self, start: int, end: int) -> int:
        """Where a known holder begins in a run of words behind its head; nought where none does."""
        return next((t.start for t in self.out if t.kind == "H" and start < t.start < end), 0)

    def _joined(self, runs: list[Token]) -> list[Token]:
        """Names with “and” or a comma in them put together: what is no name by itself belongs to its neighbour."""
        out: list[Token] = []
        at = 0
        while at < len(runs):
            token = runs[at]
            out.append(token)
            while (
                at + 2 < len(runs)
                and out[-1].kind in ("W", "N")
                and runs[at + 1].kind in ("AND", "OR", "COMMA")
                and runs[at + 1].text != "+"
                and runs[at + 2].kind in ("W", "N", "H")
                and self._belongs(out[-1], runs[at + 1], runs[at + 2])
            ):
                out[-1] = self._named(Token(kind="W", text="", start=out[-1].start, end=runs[at + 2].end))
                at += 2
            last = out[-1]
            if (
                at + 2 < len(runs)
                and last.kind in ("H", "N")
                and runs[at + 1].kind in ("AND", "OR")
                and runs[at + 2].kind == "W"
            ):
                # “Chief Executive or equivalent”: what follows names nobody and is kept.
                words = self.text[runs[at + 1].start : runs[at + 2].end]
                out.append(Token(kind="C", text=words, start=runs[at + 1].start, end=runs[at + 2].end))
                at += 2
            at += 1
        return out

    def _belongs(self, left: Token, between: Token, right: Token) -> bool:
        """Whether two runs are one name: “Audit” and “Risk Committee”, “Director of Nursing” and “Quality”."""
        if left.kind == "N" and right.kind == "N" and self.of.is_group(right.text) and not self.of.has_role(left.text):
            # “West Midlands / East Midlands Joint Committee” is no person and a committee.
            return True
        tight = (
            between.text == "/"
            and self.text[between.start - 1 : between.end + 1].strip() == self.text[between.start - 1 : between.end + 1]
        )
        if tight and left.kind in ("N", "H") and right.text.casefold() in self.of.layout.words["CommonRoleWord"]:
            return len(left.text.split()) > 1
        if (
            tight
            and right.kind in ("W", "N")
            and not (left.kind == "N" and right.kind == "N" and right.text[:1].isupper())
        ):
            return True
        if left.kind == "W" and right.kind in ("N", "H"):
            comma = between.kind == "COMMA"
            return left.text[:1].isupper() and not (comma and right.kind == "H") and len(left.text.split()) < 6
        if left.kind == "W" and right.kind == "W":
            return left.text[:1].isupper() and right.text[:1].isupper()
        if left.kind == "N" and right.kind == "W":
            if self.of._seems_person(left.text):
                return False
            capital = right.text[:1].isupper() or (between.kind == "AND" and left.text[:1].islower())
            return capital or (between.kind == "OR" and between.text == "/")
        return False


def _limits(tokens: list[Token], text: str) -> list[Token]:
    """Sums with the words round them made limits: the longest run that the grammar knows as one."""
    folded: list[Token] = []
    for token in tokens:
        if token.kind == "PER" and folded and folded[-1].kind in ("M", "PLUS", "LESS"):
            last = next(t for t in reversed(folded) if t.kind == "M")
            place = folded.index(last)
            folded[place] = replace(last, per=(*last.per, token.text))
        else:
            folded.append(token)
    out: list[Token] = []
    at = 0
    while at < len(folded):
        size, limit = _limit(folded, at)
        if not size:
            if folded[at].kind == "PER":
                out.append(replace(folded[at], kind="C"))
            else:
                out.append(folded[at])
            at += 1
            continue
        part = folded[at : at + size]
        start, end = part[0].start, part[-1].end
        per = tuple(p for t in part for p in t.per)
        out.append(Token(kind="L", text=text[start:end], start=start, end=end, value=limit[1], limit=limit[0], per=per))
        at += size
    return out


_IN_LIMITS = {"M", "UP", "AB", "BETWEEN", "TO", "PLUS", "LESS", "REST", "AND", "COMMA", "DASH"}


def _limit(tokens: Sequence[Token], at: int) -> tuple[int, tuple[Limit, str]]:
    if tokens[at].kind not in ("M", "UP", "AB", "BETWEEN", "REST"):
        return 0, (OPEN, "")
    end = at
    while end < len(tokens) and end - at < 8 and tokens[end].kind in _IN_LIMITS:
        end += 1
    for stop in range(end, at, -1):
        part = tokens[at:stop]
        kinds = tuple("TO" if t.kind == "DASH" else t.kind for t in part)
        # “up to a maximum of £5,000”
        kinds = tuple(k for n, k in enumerate(kinds) if not (n and k == kinds[n - 1] and k in ("UP", "AB")))
        for tree in readings(kinds, "limit"):
            sums = [t for t in part if t.kind == "M"]
            form = str(next(c.data for c in tree.children if isinstance(c, Tree)))
            found = _limit_of(form, sums)
            if found is not None:
                return stop - at, (found, "rest" if form in ("rest", "rest_up") else "")
    return 0, (OPEN, "")


def _limit_of(form: str, sums: Iterable[Token]) -> Limit | None:
    """The limit of a form with its sums; none where the lower is not below the upper."""
    first, *others = [*sums, None]
    if first is None:
        return OPEN
    if form in ("up_to", "rest_up"):
        return None, first.sum
    if form == "above":
        return first.sum, None
    second = others[0] if others else None
    if second is None:
        return None
    low, high = (first, second) if form == "between" else (second, first)
    lower = shared_unit(low.text, high.text)
    if lower is None or high.sum is None or lower >= high.sum:
        return None
    return (lower or None), high.sum
