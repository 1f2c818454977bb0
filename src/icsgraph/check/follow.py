"""What a description names for itself, tied to what the record has: its own functions and posts, and who acts inside which body.

Rules speak of functions and posts of the record. A local function lies within the wider one that it is part of (``ics:broader``), a
local post or a membership stands for the post that it fills, and a committee or post acts for the one body that it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import DEF, ID
from icsgraph.graph.rdf import RDF_TYPE, NamedNode, Triple, iri, term_name

__all__ = ["acting", "functions", "posts", "tied"]

# How a thing says to which body it belongs; the first it has counts.
_HOMES = ("memberOf", "committeeOf", "postOf", "delegator", "registerOf", "attends")

# How other things say whose they are.
_OWNERS = (
    "preparedBy",
    "liabilityUnder",
    "bearer",
    "decidedBy",
    "madeBy",
    "limitOn",
    "assesses",
    "awardedBy",
    "contractParty",
)


class _Links:
    """The triples of a description by subject and property, objects that are things only."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.of: dict[tuple[str, str], list[str]] = {}
        for t in triples:
            if isinstance(t.object, NamedNode):
                self.of.setdefault((t.subject.value, t.predicate.value), []).append(t.object.value)

    def all(self, thing: str, name: str) -> list[str]:
        """What a thing is related to by a property of ours."""
        return self.of.get((thing, DEF + name), [])

    def homes(self, thing: str) -> set[str]:
        """The bodies that a thing belongs to in the end: through committees up to what is no committee of another; itself where it is one."""
        seen: set[str] = set()
        todo, tops = [thing], set()
        while todo:
            one = todo.pop()
            if one in seen:
                continue
            seen.add(one)
            above = next((found for name in _HOMES if (found := self.all(one, name))), [])
            todo += above
            if not above:
                tops.add(one)
        return tops


def functions(triples: list[Triple], within: Mapping[str, Iterable[str]]) -> tuple[list[Triple], list[str]]:
    """What lies within what of a description's own functions, and words on those that are tied to none of the record.

    ``within`` says of each function of the record which it lies within. Raises ``IcsgraphError`` for a function that is part of itself,
    or of what the record has as something else, such as a duty.
    """
    wider: dict[str, set[str]] = {}
    used: set[str] = set()
    for t in triples:
        name = t.predicate.value.removeprefix(DEF)
        if name == "broader" and isinstance(t.object, NamedNode):
            wider.setdefault(t.subject.value, set()).add(t.object.value)
        elif name == "delegatedFunction" and isinstance(t.object, NamedNode):
            used.add(t.object.value)
        elif t.predicate == RDF_TYPE and t.object.value == DEF + "Function":
            used.add(t.subject.value)
    made, strange = [], []
    for one in sorted((used | wider.keys()) - within.keys()):
        found = _closed(one, wider)
        reached = found | {w for f in found for w in within.get(f, ())}
        made += [Triple(iri(one), term_name("ics:within"), iri(w)) for w in sorted(reached)]
        if one in used and not any(w.startswith(ID) for w in reached):
            strange.append(one)
    of_other_kinds = {
        t.subject.value for t in triples if t.predicate == RDF_TYPE and t.object.value != DEF + "Function"
    } - used
    wrong = [
        f"{_called(one, triples)} of {_called(w, triples).removeprefix(ID)}"
        for one in sorted(used - within.keys())
        for w in sorted(wider.get(one, ()))
        if (w.startswith(ID) and w not in within) or w in of_other_kinds
    ]
    if wrong:
        raise IcsgraphError(
            f"By ics:broader a function is said to be part of what is no function: {'; '.join(wrong[:5])}.",
            "Nothing was checked; name the function that it is part of (ics:broader function:…).",
        )
    notices = []
    if strange:
        names = ", ".join(_called(s, triples) for s in strange[:5]) + (" and others" if len(strange) > 5 else "")
        notices.append(
            f"Not tied to a function of the record, so that rules on what may be passed on did not look at it: {names}. "
            "Say what it is part of (ics:broader function:…)."
        )
    return made, notices


def _closed(one: str, wider: Mapping[str, set[str]]) -> set[str]:
    """A thing and all that it is part of."""
    found, todo = {one}, list(wider.get(one, ()))
    while todo:
        next_one = todo.pop()
        if next_one == one:
            raise IcsgraphError(
                f"{one} is part of itself by ics:broader.", "Nothing was checked; take out the step that leads back."
            )
        if next_one not in found:
            found.add(next_one)
            todo += wider.get(next_one, ())
    return found


def posts(
    triples: list[Triple], kinds: Mapping[str, set[str]], filled: frozenset[str], wider: Mapping[str, Iterable[str]]
) -> tuple[list[Triple], list[str]]:
    """The triples with memberships and local posts followed to the posts that they fill, and words on those that are not.

    ``kinds`` are the kinds of each thing, ``filled`` the properties whose value is a body or post, ``wider`` the wider posts of each
    post of the record. A post of another body than that of the thing stands for no post of this one, and is said.
    """
    links = _Links(triples)
    seats = {thing for thing, of in kinds.items() if of & {DEF + "Membership", DEF + "Vacancy"}}
    local = {thing for thing, of in kinds.items() if DEF + "LocalPost" in of}
    if not seats and not local:
        return triples, []

    def stands_for(thing: str) -> set[str]:
        found, todo = set(), [thing]
        while todo:
            one = todo.pop()
            todo += [p for p in links.all(one, "inPost") + links.all(one, "broader") if p not in found]
            if one.startswith(ID):
                found |= {one, *wider.get(one, ())}
        return found

    ready: list[Triple] = []
    other, nowhere = set(), set()
    for t in triples:
        value = t.object.value
        if t.predicate.value not in filled or (value not in seats and value not in local):
            ready.append(t)
            continue
        meant = stands_for(value)
        here, there = links.homes(t.subject.value) - {t.subject.value}, links.homes(value) - {value}
        if not meant:
            ready.append(t)
            if value in seats:
                nowhere.add(value)
        elif here and there and not here & there:
            ready.append(t)
            other.add(value)
        else:
            # A local post keeps its own name too, by which a scheme speaks of it.
            ready += [t] * (value in local) + [
                Triple(t.subject, t.predicate, iri(p)) for p in sorted(meant, key=lambda p: (p in wider, p))
            ]
    notices = []
    if other:
        notices.append(
            f"A post of another body, which stands for none of this one: {', '.join(_called(o, triples) for o in sorted(other)[:5])}."
        )
    if nowhere:
        notices.append(
            f"A membership stands where a body or post is asked for, and says no post: {', '.join(_called(n, triples) for n in sorted(nowhere)[:5])}."
        )
    return ready, notices


def acting(triples: list[Triple], kinds: Mapping[str, set[str]]) -> list[Triple]:
    """Which committees and posts act inside which one body; a joint committee, or one of several bodies, acts inside none."""
    links = _Links(triples)
    made = []
    named = {
        t.subject.value for t in triples if t.predicate.value in (DEF + "committeeOf", DEF + "postOf", DEF + "memberOf")
    }
    for thing in sorted(named):
        homes = links.homes(thing)
        if len(homes) == 1 and homes != {thing} and DEF + "JointCommittee" not in kinds.get(thing, ()):
            made.append(Triple(iri(thing), term_name("ics:actsFor"), iri(homes.pop())))
    for t in triples:
        # A post of the record to which a body delegates is the body's own.
        if t.predicate.value == DEF + "delegate" and t.object.value.startswith(ID + "post/"):
            made += [
                Triple(iri(t.object.value), term_name("ics:actsFor"), iri(home))
                for giver in links.all(t.subject.value, "delegator")
                for home in sorted(links.homes(giver))
            ]
    return made


def tied(triples: list[Triple]) -> dict[str, tuple[str, str]]:
    """The post, and the body or other thing it belongs to, of each thing without a name; empty where it has none."""
    found: dict[str, dict[str, str]] = {}
    for t in triples:
        if t.subject.value.startswith("urn:x-unnamed:") and isinstance(t.object, NamedNode):
            found.setdefault(t.subject.value, {}).setdefault(t.predicate.value.removeprefix(DEF), t.object.value)
    return {
        thing: (said.get("inPost", ""), next((said[name] for name in (*_HOMES, *_OWNERS) if name in said), ""))
        for thing, said in found.items()
    }


def _called(thing: str, triples: list[Triple]) -> str:
    """What a description calls a thing; else its address."""
    label = "http://www.w3.org/2000/01/rdf-schema#label"
    return next((t.object.value for t in triples if t.subject.value == thing and t.predicate.value == label), thing)
