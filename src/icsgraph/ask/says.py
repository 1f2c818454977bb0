"""The answer in one sentence: a question's template over the rows of its answer.

A template is Jinja in the ``says`` line of the question. It knows ``rows``, the values asked with by name, and the filters of
this module; a mistake in it is found by the tests, which try every question with its examples.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import Template
from jinja2.sandbox import SandboxedEnvironment

from icsgraph.core.answer import Cell, Thing
from icsgraph.core.dates import day_before, in_words
from icsgraph.core.terms import DEF

__all__ = ["is_firm", "listed", "named", "part", "phrase", "plainly", "sentence"]

Rows = Sequence[dict[str, Cell]]

# A word with a capital after the first: "Local Government Association", and not "Statutory ICS board".
_NAME = re.compile(r" [A-Z][a-z]")
_FIELD = re.compile(r"\{(\w+)\}")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
# How many words what is told may have, so that a sentence stays short.
_BUDGET = 48

# More names than this are counted and not read out.
_MOST = 4

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


def listed(words: Iterable[str], most: int = _MOST) -> str:
    """Words as a list in a sentence, each once; what is beyond the ``most`` first is counted.

    >>> listed(["a", "b", "b", "c"]), listed(["a", "b", "c", "d"], 2)
    ('a, b and c', 'a, b and 2 others')
    """
    found = list(dict.fromkeys(filter(None, words)))
    if len(found) > most + 1:
        found = [*found[:most], f"{len(found) - most} others"]
    return " and ".join(filter(None, (", ".join(found[:-1]), found[-1]))) if found else ""


def _only(rows: Rows, column: str, *codes: str) -> list[dict[str, Cell]]:
    """The rows whose thing in a column has one of the codes."""
    return [r for r in rows if isinstance(cell := r.get(column), Thing) and cell.code in codes]


def _without(rows: Rows, column: str, *codes: str) -> list[dict[str, Cell]]:
    """The rows whose thing in a column has none of the codes."""
    return [r for r in rows if not (isinstance(cell := r.get(column), Thing) and cell.code in codes)]


def _names(rows: Rows, column: str, most: int = _MOST) -> str:
    says = named if column in _ACTORS else plainly
    return listed((says(r.get(column)) for r in rows), most)


def _verb(rows: Rows, column: str, one: str, many: str) -> str:
    """The form of a verb that fits how many a column names."""
    return one if len({plainly(r.get(column)) for r in rows}) == 1 else many


def _who(rows: Rows, column: str, one: str, many: str, extent: str = "") -> str:
    """The names of a column with the fitting form of a verb; nothing where there are none.

    With a column of extents each name has its own behind it: ``A (a part of it) and B (the rest of it) exercise``.
    """
    if not extent:
        names = _names(rows, column)
    else:
        shares: dict[str, dict[str, None]] = {}
        for row in rows:
            shares.setdefault(plainly(row.get(column)), {})[plainly(row.get(extent))] = None
        names = listed(
            f"{name} ({', '.join(e)})" if (e := [x for x in of if x]) else name for name, of in shares.items() if name
        )
    return f"{names} {_verb(rows, column, one, many)}" if names else ""


def _pairs(rows: Rows, column: str, verb: str, other: str) -> str:
    """Who does something to whom: ``A answers to B and C; D answers to E``."""
    found: dict[str, list[str]] = {}
    for row in rows:
        first, second = named(row.get(column)), named(row.get(other))
        if first and second:
            found.setdefault(first, []).append(second)
    return "; ".join(f"{first} {verb} {listed(second)}" for first, second in found.items())


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


def _less(row: dict[str, Cell]) -> str:
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
    for row in sorted(rows, key=lambda r: _less(r) != ""):
        less = _less(row)
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


def _deed(row: dict[str, Cell], verb: str) -> str:
    """The relation of a row as it reads: what guidance asks should be done and what is proposed would be; law's word is must."""
    said = plainly(row.get(verb))
    less = _less(row)
    return said.replace("must ", ("", "should ", "would ", "")[_LESS[less][1]], 1) if less else said


def _number(rows: Rows, column: str, one: str, many: str) -> str:
    """How many different things a column names, with the word for them: ``1 duty``, ``5 duties``, ``no duties``."""
    found = len({c.iri if isinstance(c, Thing) else c for r in rows if (c := r.get(column)) is not None})
    return f"{found or 'no'} {one if found == 1 else many}"


def _article(words: str) -> str:
    """Words with their indefinite article."""
    return f"{'an' if words[:1] in 'aeiou' or words.startswith('NHS') else 'a'} {words}" if words else ""


def _doing(rows: Rows, verb: str, column: str, between: str = "", other: str = "", article: bool = False) -> str:
    """What is done to what: ``appoints A and B, and approves C``. Where a row names nothing in the column, the other is read."""
    found: dict[str, list[str]] = {}
    for row in rows:
        thing = plainly(row.get(column))
        thing = _article(thing) if article and thing else thing or (plainly(row.get(other)) if other else "")
        found.setdefault(_deed(row, verb), []).append(thing)
    said = [
        " ".join(filter(None, (deed, between if any(things) else "", listed(things))))
        for deed, things in found.items()
        if deed
    ]
    return ", and ".join(filter(None, ("; ".join(said[:-1]), said[-1]))) if said else ""


def _about(rows: Rows, column: str, other: str, between: str, those: str = "") -> str:
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
                    f"(here {listed(here[first])})" if any(here[first]) else "",
                    between if any(second) else "",
                    listed(second),
                ),
            )
        )
        for first, second in found.items()
        if first
    ]
    if len(said) > _MOST + 1:
        said = [*said[:_MOST], f"and {len(said) - _MOST} others"]
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


def _seats(rows: Rows, column: str, least: str) -> str:
    """Seats with the least number of each: ``chair, ordinary member (3)``."""
    found: dict[str, Cell] = {}
    for row in rows:
        found.setdefault(plainly(row.get(column)), row.get(least))
    return listed((f"{name} ({n})" if isinstance(n, int) and n > 1 else name for name, n in found.items()), 12)


def _deeds(rows: Rows, column: str, verb: str, whom: str = "", again: str = "it") -> str:
    """What each does: ``A appoints and removes; B approves``; with ``whom`` it is done to, named once and then ``again``."""
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(named(row.get(column)), []).append(_deed(row, verb))
    said = [f"{name} {listed(verbs)}" for name, verbs in found.items() if name]
    return "; ".join(f"{s} {again if n and whom else whom}".rstrip() for n, s in enumerate(said))


def _doers(rows: Rows, column: str, verb: str) -> str:
    """Who does each thing: ``A and B (is bound by); C (holds)``."""
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(_deed(row, verb), []).append(named(row.get(column)))
    return "; ".join(f"{listed(who)} ({deed})" for deed, who in found.items())


# A relation in the past, by its code; the others are said as they are.
_PAST = {"exercises": "exercised", "holds": "held", "is-liable-for": "was liable for"}


def _spells(rows: Rows, column: str, does: str, standing: str, since: str, until: str, day: str, what: str) -> str:
    """Who did what from when to when, on the days about one: the last spells before it and the first after it.

    Whoever exercises is told, else whoever holds. Spells of one body that follow each other are one. What a day yet to come will
    end is told as going on: ``A exercised it from 1 April 2013 to 31 March 2023; B exercises it since 1 April 2023``.
    """
    told = _only(rows, does, "exercises") or _only(rows, does, "holds") or list(rows)
    spells: dict[tuple[str, str, bool], list[list[str]]] = {}
    for row in sorted(told, key=lambda r: str(r.get(since) or "")):
        verb = row.get(does)
        code = verb.code if isinstance(verb, Thing) else plainly(verb)
        mine = spells.setdefault((plainly(row.get(column)), code, is_firm(row.get(standing))), [])
        first, last = str(row.get(since) or ""), str(row.get(until) or "")
        if mine and first <= mine[-1][1]:
            mine[-1][1] = max(mine[-1][1], last) if last and mine[-1][1] else ""
        elif not (mine and not mine[-1][1]):
            mine.append([first, last])
    ordered = sorted(
        (first, last, who, code, firm) for (who, code, firm), found in spells.items() for first, last in found
    )
    before: list[str] = []
    after: list[str] = []
    for first, last, who, code, firm in ordered:
        over = bool(last) and last <= day
        verb = _PAST.get(code, code) if over else {"holds": "holds", "exercises": "exercises"}.get(code, code)
        start = f"from {in_words(first)}" if first and over else f"since {in_words(first)}" if first else ""
        end = (
            f"to {in_words(day_before(last))}"
            if over and first
            else f"until {in_words(day_before(last))}"
            if over
            else ""
        )
        words = " ".join(filter(None, (who, verb, what, start, end, "" if firm else "(presumed)")))
        (before if over else after).append(words)
    latest = max((last or "9999" for _, last, _, _, _ in ordered), default="9999")
    since_then = f"; nothing on record since {in_words(latest)}" if latest <= day else ""
    return "; ".join(before[-_MOST // 2 :] + after[: _MOST // 2]) + since_then


def _in_small(text: str) -> str:
    """Text that goes on within a sentence: no capital at the start unless it is a name's, no full stop at the end."""
    first, _, rest = text.strip().rstrip(".").partition(" ")
    small = first if first[1:2].isupper() or first.isupper() else first[:1].lower() + first[1:]
    return f"{small} {rest}".strip()


def _filled(pattern: str, row: Mapping[str, Cell]) -> str:
    """A pattern with the values of a row; what stands in square brackets is left out where its value is missing."""

    def one(part: str) -> str:
        return _FIELD.sub(lambda m: _in_small(plainly(row.get(m[1]))), part)

    def maybe(match: re.Match[str]) -> str:
        return one(match[1]) if all(plainly(row.get(name)) for name in _FIELD.findall(match[1])) else ""

    return one(_OPTIONAL.sub(maybe, pattern)).strip()


def _told(rows: Rows, pattern: str, by: str = "", does: str = "", budget: int = _BUDGET) -> str:
    """What rows tell, each thing once, in as many words as a short sentence has; that there is more is said.

    ``by`` names the column that says who speaks: what each says follows its name. ``does`` is the column that holds the verb,
    or the verb itself. ``{column}`` in the pattern is a value; ``[, by {way}]`` is left out where there is none.
    """
    found: dict[str, dict[str, None]] = {}
    for row in rows:
        who = plainly(row.get(by)) if by else ""
        verb = (plainly(row.get(does)) if does in row else does) if does else ""
        if words := _filled(pattern, row):
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
    """
    # Who reports another's words is not who speaks.
    who = who.partition(" (")[0]
    if not verb or _NAME.search(who) or not who.endswith("s"):
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


def _turns(rows: Rows, column: str, verb: str, other: str, verbs: Mapping[str, str] | None = None) -> str:
    """Who followed whom on which day, one after the other, with the share that passed.

    ``verb`` stands between ``column`` and ``other``; ``verbs`` has other ones for some kinds of change.
    """
    found: dict[tuple[str, str], dict[str, list[str]]] = {}
    kinds: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        key = (plainly(row.get("date")), plainly(row.get(column)))
        change = row.get("change")
        does = (verbs or {}).get(change.code, verb) if isinstance(change, Thing) else verb
        found.setdefault(key, {}).setdefault(does, []).append(plainly(row.get(other)) + part(row.get("share")))
        kinds.setdefault(key, []).append(plainly(change))
    said = []
    for (day, first), deeds in found.items():
        did = " and ".join(f"{does} {listed(names)}" for does, names in deeds.items())
        said.append(f"on {day} {first} {did} ({listed(kinds[day, first])})")
    return "; ".join(said)


_ENVIRONMENT = SandboxedEnvironment(autoescape=False)
_ENVIRONMENT.filters.update(
    only=_only,
    without=_without,
    others=_others,
    itself=_itself,
    number=_number,
    names=_names,
    who=_who,
    verb=_verb,
    pairs=_pairs,
    deeds=_deeds,
    doers=_doers,
    doing=_doing,
    about=_about,
    article=_article,
    bundles=_bundles,
    seats=_seats,
    forces=_forces,
    turns=_turns,
    spells=_spells,
    told=_told,
    tally=_tally,
    having=_having,
    lacking=_lacking,
    sequence=_sequence,
    plainly=plainly,
    part=part,
)
_ENVIRONMENT.tests["firm"] = is_firm


@lru_cache(maxsize=512)
def _compiled(template: str) -> Template:
    return _ENVIRONMENT.from_string(template)


def sentence(template: str, columns: Sequence[str], rows: Rows, values: dict[str, str]) -> str:
    """The answer in one sentence, with the values asked with as words.

    Without a template: the text of the one row there is, else how many things the first column of things names, and which.
    """
    if template:
        said = _compiled(template).render(rows=rows, **values)
    elif len(rows) == 1 and rows[0].get("text"):
        said = plainly(rows[0]["text"])
    else:
        first = next((c for c in columns if any(isinstance(r.get(c), Thing) for r in rows)), columns[0])
        found = len({plainly(r.get(first)) for r in rows} - {""})
        said = f"{found} {'is' if found == 1 else 'are'} on record: {_names(rows, first)}"
    said = re.sub(r" +(?=[,;.:])", "", " ".join(said.split())).rstrip(";")
    said = said[:1].upper() + said[1:]
    return said if said.endswith((".", "?")) else said + "."
