"""The answer in one sentence: a question's template over the rows of its answer.

A template is Jinja in the ``says`` line of the question. It knows ``rows``, the values asked with by name, and the filters of
this module; a mistake in it is found by the tests, which try every question with its examples.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, wraps
from typing import Any

from jinja2 import Template, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment

from icsgraph.ask.brevity import MOST, Brevity, fitting, listed
from icsgraph.ask.kinds import plural
from icsgraph.core.answer import Cell, Thing
from icsgraph.core.dates import day_before, in_words
from icsgraph.core.terms import DEF

__all__ = [
    "deed",
    "filled",
    "is_firm",
    "less_than_law",
    "many",
    "named",
    "part",
    "phrase",
    "plainly",
    "rendered",
    "sentence",
]

Rows = Sequence[dict[str, Cell]]

_LONG = Brevity()

# A word with a capital after the first: "Local Government Association", and not "Statutory ICS board".
_NAME = re.compile(r" [A-Z][a-z]")
_FIELD = re.compile(r"\{(\w+)\}")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
# Of those who have a function together, whom nobody may take to be all, so many are named.
_CO_HOLDERS = 8

# Columns of those who act or are acted on.
_ACTORS = {"bearer", "body", "counterpart", "from", "overseer", "to", "who"}


def plainly(cell: Cell) -> str:
    """A value as it reads within a sentence: names of bodies, areas and Acts as they are, other words in small letters."""
    if not isinstance(cell, Thing):
        return "" if cell is None else str(cell).rstrip(".")
    label = re.sub(r"^The ", "the ", cell.label.rstrip("."))
    proper = any(f"/id/{k}/" in cell.iri for k in ("body", "area", "instrument")) or label[1:2].isupper()
    # Whoever speaks or is spoken of under a name of several words has capitals in them.
    proper = proper or (any(f"/id/{k}/" in cell.iri for k in ("voice", "actor")) and bool(_NAME.search(label)))
    return label if proper else label[:1].lower() + label[1:]


def named(cell: Cell) -> str:
    """Who acts or is acted on, as it reads within a sentence: a kind of body has its article, a body has none."""
    words = plainly(cell)
    is_kind = isinstance(cell, Thing) and cell.iri.startswith(DEF) and cell.iri.removeprefix(DEF)[:1].isupper()
    return _article(words) if is_kind and not words.startswith("the ") else words


def phrase(cell: Cell, kind: str) -> str:
    """A value as it reads within the sentence of a question, by the type of its parameter; a kind of body has its article."""
    words = plainly(cell)
    if kind == "BodyOrKind" and isinstance(cell, Thing) and cell.iri.startswith(DEF):
        return _article(words)
    return words


def _only(rows: Rows, column: str, *codes: str) -> list[dict[str, Cell]]:
    """The rows whose thing in a column has one of the codes."""
    return [r for r in rows if isinstance(cell := r.get(column), Thing) and cell.code in codes]


def _without(rows: Rows, column: str, *codes: str) -> list[dict[str, Cell]]:
    """The rows whose thing in a column has none of the codes."""
    return [r for r in rows if not (isinstance(cell := r.get(column), Thing) and cell.code in codes)]


def _names(rows: Rows, column: str, most: int = MOST, final: str = "and", *, brief: Brevity = _LONG) -> str:
    """The names in a column, as many as there is room for; many bodies of one kind are counted under its name."""
    says = named if column in _ACTORS else plainly
    # A list that is longer than usual at its longest is so at every length.
    most = most * brief.most // MOST
    things = [c for r in rows if (c := r.get(column)) is not None]
    if len(set(map(says, things))) > most + 1:
        # Where not all can be told, the bodies of the place are, before kinds of body.
        things.sort(key=lambda c: isinstance(c, Thing) and c.iri.startswith(DEF))
    counted = brief.kinds([c for c in things if isinstance(c, Thing)]) if len(things) > MOST + 1 else {}
    words = [(counted.get(c.iri) if isinstance(c, Thing) else "") or says(c) for c in things]
    if final == "or":
        # Of those who are counted, one is meant.
        words = [f"one of {w.replace('all ', 'the ', 1)}" if w in counted.values() else w for w in words]
    return listed(words, most, final)


def _verb(rows: Rows, column: str, one: str, many: str) -> str:
    """The form of a verb that fits how many a column names."""
    return one if len({plainly(r.get(column)) for r in rows}) == 1 else many


def _who(rows: Rows, column: str, one: str, many: str, extent: str = "", *, brief: Brevity = _LONG) -> str:
    """The names of a column with the fitting form of a verb; nothing where there are none.

    Those that come first are whom a statement names, before the many of a kind, and bodies before kinds of body. With a column of
    extents each name has its own behind it: ``A (a part of it) and B (the rest of it) exercise``.
    """
    ordered = _foremost(rows, column)
    if not extent or not any(r.get(extent) for r in rows):
        names = _names(ordered, column, _CO_HOLDERS, brief=brief)
    else:
        shares: dict[str, dict[str, None]] = {}
        for row in ordered:
            shares.setdefault(named(row.get(column)), {})[plainly(row.get(extent))] = None
        names = listed(
            (
                f"{name} ({', '.join(e)})" if (e := [x for x in of if x]) else name
                for name, of in shares.items()
                if name
            ),
            _CO_HOLDERS * brief.most // MOST,
        )
    return f"{names} {_verb(rows, column, one, many)}" if names else ""


def _foremost(rows: Rows, column: str) -> list[dict[str, Cell]]:
    """Rows with those first whom a statement names, then the many whom one statement has by their kind; bodies before kinds of body."""
    crowd: dict[tuple[str, str], set[str]] = {}

    def told(row: dict[str, Cell]) -> tuple[str, str]:
        # One statement may name bodies of the whole country beside the many of a kind.
        return str(row.get("statement")), plainly(row.get("placed_by"))

    for row in rows:
        crowd.setdefault(told(row), set()).add(plainly(row.get(column)))

    def rank(row: dict[str, Cell]) -> tuple[bool, bool]:
        cell = row.get(column)
        return len(crowd[told(row)]) > _CO_HOLDERS, isinstance(cell, Thing) and cell.iri.startswith(DEF)

    return sorted(rows, key=rank)


def _pairs(rows: Rows, column: str, verb: str, other: str, many: str, *, brief: Brevity = _LONG) -> str:
    """Who does something to whom, those together who do it to the same: ``A and B answer to C; D answers to E``."""
    towards: dict[str, dict[str, None]] = {}
    mine: dict[str, list[dict[str, Cell]]] = {}
    for row in rows:
        first, second = named(row.get(column)), named(row.get(other))
        if first and second:
            towards.setdefault(first, {})[second] = None
            mine.setdefault(first, []).append(row)
    alike: dict[tuple[str, ...], list[dict[str, Cell]]] = {}
    for first, others in towards.items():
        alike.setdefault(tuple(others), []).extend(mine[first])
    return "; ".join(
        f"{_names(some, column, brief=brief)} {_verb(some, column, verb, many)} {listed(others, brief.most)}"
        for others, some in alike.items()
    )


# How a sentence opens that speaks for less than law, by the code of the force, and which of the words of a question it takes.
_LESS = {
    "guidance": ("under guidance, ", 1),
    "policy": ("by policy, ", 1),
    "practice": ("in practice, ", 3),
    "bill": ("under the bill, ", 2),
    "not commenced": ("once commenced, ", 2),
    "proposed": ("as proposed, ", 2),
}


# What such a force is called.
_WORD = {"bill": "the bill", "not commenced": "law not commenced", "proposed": "what is proposed"}


@dataclass(frozen=True)
class Group:
    """Rows that speak with the same force: ``under`` opens their part of a sentence and is empty for law.

    ``also`` closes it, where something of less force says the same of somebody and so is not told again.
    """

    under: str
    rows: list[dict[str, Cell]]
    word: int
    also: str = ""

    def say(self, must: str, should: str, would: str, does: str) -> str:
        """The words that fit the force: what law lays down, what is expected, what is proposed, what is done."""
        return (must, should, would, does)[self.word]


def less_than_law(row: dict[str, Cell]) -> str:
    """The code of a row's force where that is less than law, else nothing."""
    force = row.get("force")
    return force.code if isinstance(force, Thing) and force.code in _LESS else ""


def _forces(rows: Rows, *same: str) -> list[Group]:
    """The rows by the force of their statements: law first, then what guidance, policy, practice and proposals add.

    Where ``same`` columns are given, a row that agrees in them with one of more force is not told again.
    """
    found: dict[str, list[dict[str, Cell]]] = {"": []}
    told: dict[tuple[str, ...], str] = {}
    also: dict[str, dict[str, set[tuple[str, ...]]]] = {}
    for row in sorted(rows, key=lambda r: less_than_law(r) != ""):
        less = less_than_law(row)
        says = tuple(plainly(row.get(c)) for c in same)
        before = told.setdefault(says, less) if same else less
        if before == less:
            found.setdefault(less, []).append(row)
        else:
            also.setdefault(before, {}).setdefault(_WORD.get(less, less), set()).add(says)
    return [
        Group(
            _LESS[less][0] if less else "", group, _LESS[less][1] if less else 0, _also(also.get(less, {}), group, same)
        )
        for less, group in found.items()
        if group
    ]


def _also(weaker: Mapping[str, set[tuple[str, ...]]], group: Rows, same: Sequence[str]) -> str:
    """How a part of a sentence closes of which something of less force says the same, of all in it or of some."""
    if not weaker:
        return ""
    every = {tuple(plainly(r.get(c)) for c in same) for r in group}
    again = set().union(*weaker.values())
    of = (
        ""
        if again == every
        else " of "
        + listed(dict.fromkeys(named(r.get(same[0])) for r in group if tuple(plainly(r.get(c)) for c in same) in again))
    )
    return f", as {listed(weaker)} also {'has' if len(weaker) == 1 else 'have'} it{of}"


def deed(row: dict[str, Cell], verb: str) -> str:
    """The relation of a row as it reads: what guidance asks should be done and what is proposed would be; law's word is must."""
    said = plainly(row.get(verb))
    less = less_than_law(row)
    return said.replace("must ", ("", "should ", "would ", "")[_LESS[less][1]], 1) if less else said


def _number(rows: Rows, column: str, one: str, many: str) -> str:
    """How many different things a column names, with the word for them: ``1 duty``, ``5 duties``, ``no duties``."""
    found = len({c.iri if isinstance(c, Thing) else c for r in rows if (c := r.get(column)) is not None})
    return f"{found or 'no'} {one if found == 1 else many}"


def _article(words: str) -> str:
    """Words with their indefinite article."""
    return f"{'an' if words[:1] in 'aeiou' or words.startswith('NHS') else 'a'} {words}" if words else ""


def _doing(
    rows: Rows,
    verb: str,
    column: str,
    between: str = "",
    other: str = "",
    article: bool = False,
    *,
    brief: Brevity = _LONG,
) -> str:
    """What is done to what: ``appoints A and B, and approves C``. Where a row names nothing in the column, the other is read."""
    found: dict[str, list[str]] = {}
    for row in rows:
        thing = plainly(row.get(column))
        thing = _article(thing) if article and thing else thing or (plainly(row.get(other)) if other else "")
        found.setdefault(deed(row, verb), []).append(thing)
    said = [
        " ".join(filter(None, (deed, between if any(things) else "", listed(things, brief.most))))
        for deed, things in found.items()
        if deed
    ]
    return ", and ".join(filter(None, ("; ".join(said[:-1]), said[-1]))) if said else ""


def _about(rows: Rows, column: str, other: str, between: str, those: str = "", *, brief: Brevity = _LONG) -> str:
    """Who, and about what: ``A on B and C; D on E``; with ``those``, who that is here: ``A (here F and G) on B``.

    Those beyond the first few are counted.
    """
    found: dict[str, list[str]] = {}
    here: dict[str, list[str]] = {}
    for row in rows:
        first = named(row.get(column))
        found.setdefault(first, []).append(plainly(row.get(other)))
        here.setdefault(first, []).append(plainly(row.get(those)) if those else "")
    said = [
        " ".join(
            filter(
                None,
                (
                    first,
                    f"(here {listed(here[first], brief.most)})" if any(here[first]) and brief.most == MOST else "",
                    between if any(second) else "",
                    listed(second, brief.most),
                ),
            )
        )
        for first, second in found.items()
        if first
    ]
    most = max(brief.most, 1)
    if len(said) > most + 1:
        said = [*said[:most], f"and {len(said) - most} others"]
    return "; ".join(said)


def _bundles(rows: Rows, column: str, other: str) -> list[list[dict[str, Cell]]]:
    """Rows in bundles within which everything in one column goes with everything in the other, so that a sentence makes no pair of its own."""
    goes: dict[str, dict[str, None]] = {}
    for row in rows:
        goes.setdefault(plainly(row.get(column)), {})[plainly(row.get(other))] = None
    found: dict[tuple[str, ...], list[dict[str, Cell]]] = {}
    for row in rows:
        found.setdefault(tuple(sorted(goes[plainly(row.get(column))])), []).append(row)
    return list(found.values())


def _seats(rows: Rows, column: str, least: str, *, brief: Brevity = _LONG) -> str:
    """Seats with the least number of each: ``chair, ordinary member (3)``; of what all of them are is said once, by whoever asks."""
    found: dict[str, Cell] = {}
    for row in rows:
        found.setdefault(plainly(row.get(column)), row.get(least))
    bare = _bare(list(found))
    named = (f"{bare[name]} ({n})" if isinstance(n, int) and n > 1 else bare[name] for name, n in found.items())
    return listed(named, 12 if brief.most > 1 else brief.most)


def _bare(names: Sequence[str]) -> dict[str, str]:
    """Names of posts without what several end in alike: of which kind of body they are.

    >>> _bare(["chair of a board", "chief executive of a board"])
    {'chair of a board': 'chair', 'chief executive of a board': 'chief executive'}
    """
    ends = {name: name[at:] for name in names if (at := max(name.rfind(" of a "), name.rfind(" of an "))) > 0}
    shared = len(ends) > 1 and len(set(ends.values())) == 1
    return {name: name.removesuffix(ends[name]) if shared and name in ends else name for name in names}


def _few(words: Iterable[str], final: str = "and", *, brief: Brevity = _LONG) -> str:
    """Words as a list, as many as there is room for."""
    return listed(words, brief.most, final)


def _deeds(rows: Rows, column: str, verb: str, whom: str = "", again: str = "it", *, brief: Brevity = _LONG) -> str:
    """What each does: ``A appoints and removes; B approves``; with ``whom`` it is done to, named once and then ``again``."""
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(named(row.get(column)), []).append(deed(row, verb))
    said = [f"{name} {listed(verbs)}" for name, verbs in found.items() if name]
    return "; ".join(f"{s} {again if n and whom else whom}".rstrip() for n, s in enumerate(said))


def _doers(rows: Rows, column: str, verb: str, *, brief: Brevity = _LONG) -> str:
    """Who does each thing: ``A and B (is bound by); C (holds)``."""
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(deed(row, verb), []).append(named(row.get(column)))
    return "; ".join(f"{listed(who, brief.most)} ({deed})" for deed, who in found.items())


# A relation in the past, by its code; the others are said as they are.
_PAST = {"exercises": "exercised", "holds": "held", "is-liable-for": "was liable for"}


def _spells(
    rows: Rows,
    column: str,
    does: str,
    standing: str,
    since: str,
    until: str,
    small: str,
    day: str,
    what: str,
    *,
    brief: Brevity = _LONG,
) -> str:
    """Who did what from when to when, on the days about one: the last spells before it and the first after it.

    ``small`` is the column that says that only a small part is meant: a spell that goes on in such a part has not ended.

    Whoever exercises is told, else whoever holds. Spells of one body that follow each other are one. What a day yet to come will
    end is told as going on: ``A exercised it from 1 April 2013 to 31 March 2023; B exercises it since 1 April 2023``.
    """
    told = _only(rows, does, "exercises") or _only(rows, does, "holds") or list(rows)
    things = {plainly(c): c for r in told if isinstance(c := r.get(column), Thing)}
    spells: dict[tuple[str, str, bool], list[list[str]]] = {}
    little = {True: "in a small part of it", False: ""}
    for row in sorted(told, key=lambda r: str(r.get(since) or "")):
        verb = row.get(does)
        code = verb.code if isinstance(verb, Thing) else plainly(verb)
        mine = spells.setdefault((plainly(row.get(column)), code, is_firm(row.get(standing))), [])
        first, last = str(row.get(since) or ""), str(row.get(until) or "")
        extent = little[row.get(small) is not None]
        if mine and (first <= mine[-1][1] or not mine[-1][1]):
            ends = max(mine[-1][1], last) if last and mine[-1][1] else ""
            # How much is meant is said of the end of the spell.
            if ends == last and (ends != mine[-1][1] or not extent):
                mine[-1][2] = extent
            mine[-1][1] = ends
        else:
            mine.append([first, last, extent])
    # Bodies that did the same on the same days are told of together.
    together: dict[tuple[str, str, str, bool, str], list[str]] = {}
    for (who, code, firm), found in spells.items():
        for first, last, extent in found:
            together.setdefault((first, last, code, firm, extent), []).append(who)
    before: list[str] = []
    after: list[str] = []
    for (first, last, code, firm, extent), everybody in sorted(together.items()):
        over = bool(last) and last <= day
        counted = brief.kinds([things[who] for who in everybody if who in things])
        # Whether those are all there were on days gone by is not reckoned here.
        shown = [counted.get(things[w].iri, w).removeprefix("all ") if w in things else w for w in sorted(everybody)]
        does_it = code.removesuffix("s") if len(everybody) > 1 and code in ("holds", "exercises") else code
        verb = _PAST.get(code, code) if over else does_it
        start = f"from {in_words(first)}" if first and over else f"since {in_words(first)}" if first else ""
        end = (
            f"to {in_words(day_before(last))}"
            if over and first
            else f"until {in_words(day_before(last))}"
            if over
            else ""
        )
        names = listed(shown, brief.most)
        words = " ".join(filter(None, (names, verb, what, extent, start, end, "" if firm else "(presumed)")))
        (before if over else after).append(words)
    latest = max((last or "9999" for _, last, *_ in together), default="9999")
    since_then = f"; nothing on record since {in_words(latest)}" if latest <= day else ""
    most = max(brief.most // 2, 1)
    told_of = before[-most:] + after[:most]
    # What it is about is said once.
    told_of = [words.replace(f" {what}", " it", 1) if place else words for place, words in enumerate(told_of)]
    more = "; more below" if len(told_of) < len(before) + len(after) else ""
    return "; ".join(told_of) + since_then + more


def _in_small(text: str) -> str:
    """Text that goes on within a sentence: no capital at the start unless it is a name's, no full stop at the end."""
    first, _, rest = text.strip().rstrip(".").partition(" ")
    small = first if first[1:2].isupper() or first.isupper() else first[:1].lower() + first[1:]
    return f"{small} {rest}".strip()


def filled(pattern: str, row: Mapping[str, Cell]) -> str:
    """A pattern with the values of a row; what stands in square brackets is left out where its value is missing."""

    def one(part: str) -> str:
        return _FIELD.sub(lambda m: _in_small(plainly(row.get(m[1]))), part)

    def maybe(match: re.Match[str]) -> str:
        return one(match[1]) if all(plainly(row.get(name)) for name in _FIELD.findall(match[1])) else ""

    return one(_OPTIONAL.sub(maybe, pattern)).strip()


def _told(rows: Rows, pattern: str, by: str = "", does: str = "", share: float = 1, *, brief: Brevity = _LONG) -> str:
    """What rows tell, each thing once, in as many words as a short sentence has; that there is more is said.

    ``by`` names the column that says who speaks: what each says follows its name. ``does`` is the column that holds the verb,
    or the verb itself. ``{column}`` in the pattern is a value; ``[, by {way}]`` is left out where there is none. ``share`` is how
    much of the words there is room for it may take.
    """
    budget = brief.budget * share
    found: dict[str, dict[str, None]] = {}
    for row in rows:
        who = plainly(row.get(by)) if by else ""
        verb = (plainly(row.get(does)) if does in row else does) if does else ""
        if words := filled(pattern, row):
            found.setdefault(f"{who} {_agreeing(verb, who)}".strip(), {})[words] = None
    # One thing of each speaker first, then the others, as far as the words reach.
    queue = [
        (who, said[n])
        for n in range(max(map(len, found.values()), default=0))
        for who, said in ((w, list(s)) for w, s in found.items())
        if n < len(said)
    ]
    kept: dict[str, list[str]] = {}
    used = 0
    for who, words in queue:
        cost = len(words.split()) + (len(who.split()) if who not in kept else 0)
        if kept and used + cost > budget:
            continue
        kept.setdefault(who, []).append(words)
        used += cost
    told = "; ".join(f"{who}: {'; '.join(said)}" if who else "; ".join(said) for who, said in kept.items())
    left = len(queue) - sum(map(len, kept.values()))
    return f"{told}; and others" if left else told


def _agreeing(verb: str, who: str) -> str:
    """A verb in the form that its subject asks for.

    >>> _agreeing("doubts", "trust leaders"), _agreeing("doubts", "NHS Providers"), _agreeing("is divided", "trusts")
    ('doubt', 'doubts', 'are divided')
    >>> _agreeing("says", "local authorities (reported by NHS Providers)")
    'say'
    >>> _agreeing("says", "NHS England and NHS Improvement (reported by NEL)"), _agreeing("says", "Health and wellbeing board")
    ('say', 'says')
    """
    # Who reports another's words is not who speaks.
    who = who.partition(" (")[0]
    # Two names that begin alike make many; other names have an “and” within.
    two = re.search(r"^(\w+) .* and \1 ", f"{who} ")
    if not verb or (not two and (_NAME.search(who) or not who.endswith("s"))):
        return verb
    does, space, rest = verb.partition(" ")
    return f"{'are' if does == 'is' else does.removesuffix('s')}{space}{rest}"


def _tally(rows: Rows, column: str, counted: str) -> str:
    """How many different things of one column go with each value of another: ``enacted 4, not enacted 2``."""
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(plainly(row.get(column)), set()).add(plainly(row.get(counted)))
    return ", ".join(f"{name} {len(things)}" for name, things in sorted(found.items(), key=lambda f: -len(f[1])))


def _having(rows: Rows, column: str) -> list[dict[str, Cell]]:
    """The rows that have a value in a column."""
    return [r for r in rows if r.get(column) not in (None, "")]


def _lacking(rows: Rows, column: str) -> list[dict[str, Cell]]:
    """The rows that have no value in a column."""
    return [r for r in rows if r.get(column) in (None, "")]


def _sequence(parts: Iterable[str]) -> str:
    """Parts of a sentence one after the other, with "and" before the last.

    >>> _sequence(["holds two functions", "exercises one", "answers to A"])
    'holds two functions, exercises one, and answers to A'
    """
    found = [p for p in parts if p]
    if len(found) < 3:
        return " and ".join(found)
    return f"{', '.join(found[:-1])}, and {found[-1]}"


def _others(rows: Rows, told: Rows, column: str) -> list[dict[str, Cell]]:
    """The rows whose thing in a column is not among those told already."""
    known = {plainly(r.get(column)) for r in told}
    return [r for r in rows if plainly(r.get(column)) not in known]


def _again(parts: Iterable[str], who: str, pronoun: str) -> list[str]:
    """Parts of a sentence in which whoever the first is about is not named again in those that follow it at once.

    >>> _again(["A holds it", "A is liable", "B answers to C", "A answers to B"], "A", "it")
    ['A holds it', 'it is liable', 'B answers to C', 'A answers to B']
    """
    found: list[str] = []
    same = bool(who)
    for part in filter(None, parts):
        rest = part[len(who) :]
        same = same and part[: len(who)].lower() == who.lower() and rest.startswith(" ")
        found.append(f"{pronoun}{rest}" if same and found else part)
    return found


def _itself(rows: Rows, column: str, name: str) -> Rows:
    """The rows about the thing of a name itself, not about parts of it; all rows where none is."""
    return [r for r in rows if plainly(r.get(column)) == name] or rows


def is_firm(cell: Cell) -> bool:
    """Whether a standing is settled; what a model says has none and is said as the model has it."""
    return cell is None or (isinstance(cell, Thing) and cell.code == "settled")


def part(share: Cell) -> str:
    """A share as a part of the small statistical areas of an area, which is nearer to people than to land; nothing where it is the whole or not known.

    >>> part(0.87037), part(0.01775), part(1.0)
    (' (87 % of its small areas)', ' (1.8 % of its small areas)', '')
    """
    if not isinstance(share, float) or share >= 1:
        return ""
    return f" ({100 * share:.1f} % of its small areas)".replace(".0 %", " %")


def _turns(
    rows: Rows,
    column: str,
    verb: str,
    other: str,
    verbs: Mapping[str, str] | None = None,
    last: str = "",
    *,
    brief: Brevity = _LONG,
) -> str:
    """Who followed whom on which day, one after the other, with the share that passed.

    ``verb`` stands between ``column`` and ``other``; ``verbs`` has other ones for some kinds of change. Of many at one step some are
    counted, unless those at whom all steps end are asked for. Where there is little room the kinds of change are left out and what names have in common is said once; where there is still less, only the first step is
    told, and with the words ``last`` those at whom all steps end.
    """
    found: dict[tuple[str, str], dict[str, list[tuple[str, str]]]] = {}
    kinds: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        key = (plainly(row.get("date")), plainly(row.get(column)))
        change = row.get("change")
        does = (verbs or {}).get(change.code, verb) if isinstance(change, Thing) else verb
        found.setdefault(key, {}).setdefault(does, []).append((plainly(row.get(other)), part(row.get("share"))))
        kinds.setdefault(key, []).append(plainly(change))
    short = brief.most < MOST
    ends = [e for e in dict.fromkeys(plainly(r.get(other)) for r in rows) if e not in {first for _, first in found}]
    of = {t.label: brief.kind(t.iri) for r in rows if isinstance(t := r.get(other), Thing)}
    said = []
    named: set[str] = set()
    for (day, first), deeds in found.items():
        parts = [
            f"{does} {_together(names, of) if short and (last or len(names) <= MOST) else listed((n + p for n, p in names), brief.most)}"
            for does, names in deeds.items()
        ]
        said.append(f"on {day} {first} {'; it '.join(parts)}" + ("" if short else f" ({listed(kinds[day, first])})"))
        named |= {name for names in deeds.values() for name, _ in names}
        left = [e for e in ends if e not in named]
        if last and brief.most < _ENDS and left:
            return f"{said[0]}; {last} {_together([(e, '') for e in left], of)}"
    return "; ".join(said)


# With fewer names than this only the first step of several is told, and their ends.
_ENDS = 3


def _together(names: Sequence[tuple[str, str]], kinds: Mapping[str, str]) -> str:
    """Names with what stands behind each; where all of them end in the name of their kind, that is said once.

    >>> kinds = {"East Water Board": "Water board", "West Water Board": "Water board"}
    >>> _together([("East Water Board", " (60 % of its small areas)"), ("West Water Board", "")], kinds)
    'East (60 %) and West Water Boards'
    >>> _together([("East Council", ""), ("West Water Board", "")], kinds)
    'East Council and West Water Board'
    """
    shares = [share.replace(" of its small areas", "") for _, share in names]
    kind = f" {kinds.get(names[0][0], '')}".casefold()
    alike = len(kind) > 1 and len(names) > 1 and all(name.casefold().endswith(kind) for name, _ in names)
    own = [name[: -len(kind)] if alike else name for name, _ in names]
    said = listed((n + s for n, s in zip(own, shares, strict=True)), len(names))
    return f"{said} {plural(names[0][0][1 - len(kind) :])}" if alike else said


def _briefly(filter: Callable[..., str]) -> Callable[..., str]:
    """A filter that lists names, as a template calls it: it learns from the sentence how many there is room for."""

    @pass_context
    @wraps(filter)
    def called(context: Context, *values: Any, **named: Any) -> str:
        return filter(*values, **named, brief=context["brief"])

    return called


_ENVIRONMENT = SandboxedEnvironment(autoescape=False)
_ENVIRONMENT.filters.update(
    only=_only,
    without=_without,
    others=_others,
    itself=_itself,
    number=_number,
    verb=_verb,
    article=_article,
    bundles=_bundles,
    forces=_forces,
    tally=_tally,
    having=_having,
    again=_again,
    lacking=_lacking,
    sequence=_sequence,
    plainly=plainly,
    part=part,
)
_LISTING: dict[str, Callable[..., str]] = {
    "names": _names,
    "who": _who,
    "pairs": _pairs,
    "deeds": _deeds,
    "doers": _doers,
    "doing": _doing,
    "about": _about,
    "turns": _turns,
    "spells": _spells,
    "told": _told,
    "seats": _seats,
    "few": _few,
}
_ENVIRONMENT.filters.update({name: _briefly(filter) for name, filter in _LISTING.items()})
_ENVIRONMENT.tests["firm"] = is_firm


@lru_cache(maxsize=512)
def _compiled(template: str) -> Template:
    return _ENVIRONMENT.from_string(template)


def sentence(
    template: str,
    columns: Sequence[str],
    rows: Rows,
    values: dict[str, str],
    proviso: str = "",
    brief: Brevity = _LONG,
    whole: Callable[[str], str] = str,
) -> str:
    """The answer in one sentence of at most forty words, with the values asked with as words.

    It reads out as many names as there is room for, and where one of each list is too much it breaks off after a part that fits.
    ``proviso`` is a template for what closes it always; ``brief`` knows what kinds bodies are of; ``whole`` adds
    what is said of every answer of a sort, before it is seen whether it fits.
    Without a template: the text of the one row there is, else how many things the first column of things names, and which.
    """
    closing = " ".join(_compiled(proviso).render(rows=rows, brief=_LONG, **values).split()) if proviso else ""
    said = fitting(lambda most: whole(_written(template, columns, rows, values, replace(brief, most=most))), closing)
    said = said[:1].upper() + said[1:]
    return said if said.endswith((".", "?")) else said + "."


def _written(template: str, columns: Sequence[str], rows: Rows, values: dict[str, str], brief: Brevity) -> str:
    """A sentence at one length, before anything is left out."""
    if template:
        said = rendered(template, rows, brief, **values)
    elif len(rows) == 1 and rows[0].get("text"):
        said = plainly(rows[0]["text"])
    else:
        first = next((c for c in columns if any(isinstance(r.get(c), Thing) for r in rows)), columns[0])
        found = len({plainly(r.get(first)) for r in rows} - {""})
        said = f"{found} {'is' if found == 1 else 'are'} on record: {_names(rows, first, brief=brief)}"
    return re.sub(r" +(?=[,;.:])", "", " ".join(said.split())).rstrip(";")


def rendered(template: str, rows: Rows, brief: Brevity, **values: str) -> str:
    """A template over rows as it reads, with a capital at the start where a sentence begins with what is none."""
    said = " ".join(_compiled(template).render(rows=rows, brief=brief, **values).split())
    return said[:1].upper() + said[1:]


def many(verb: str) -> str:
    """The words of a relation for several who do it.

    >>> many("holds"), many("is liable for"), many("has the power"), many("may decide")
    ('hold', 'are liable for', 'have the power', 'may decide')
    """
    first, space, rest = verb.partition(" ")
    plural = {"is": "are", "has": "have", "must": "must", "may": "may"}.get(first) or first.removesuffix("s")
    return f"{plural}{space}{rest}"
