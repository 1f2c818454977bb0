"""From a stranger's triples to data that rules can look at: kinds closed upwards, days applied, terms checked."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from icsgraph.check import complete, follow
from icsgraph.check.values import in_range, ranges_of
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import BASE, DEF, ID, expand
from icsgraph.graph.rdf import RDF_TYPE, NamedNode, Triple, date, iri, term_name

__all__ = ["Description", "Recorded", "Vocabulary", "Wider", "known", "take_in"]

_SHACL = "http://www.w3.org/ns/shacl#"
_IMPORTS = expand("owl:imports")
_LABEL = expand("rdfs:label")
_COUNTS_AS = term_name("ics:countsAs")
_FROM, _TO = DEF + "validFrom", DEF + "validTo"
# Between whom an arrangement passes functions.
_SIDES = (DEF + "delegator", DEF + "delegate")
# What a description may speak of under our addresses: bodies. The law itself is ours to say.
_OURS = re.compile(re.escape(ID) + r"(?!body/)")
# Addresses that are nearly ours: another scheme, a # for the last stroke.
_NEARLY_OURS = re.compile(rf"https?://(?:www\.)?{re.escape(BASE.partition('://')[2])}(?:def|id)[/#]", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """What the ontology declares: terms, relations, the wider kinds of each kind, and the scenarios of proposed kinds.

    ``ranges`` says what the values of each property are; ``reserved`` are the terms in which only the record speaks, ``sayable`` the
    properties by which a description may speak of what the record has, ``expected`` the kinds of thing that are missed of whatever is
    described, ``filled`` the properties whose value is a body or a post.
    """

    terms: frozenset[str]
    relations: frozenset[str]
    wider: dict[str, frozenset[str]]
    proposed_in: dict[str, frozenset[str]]
    ranges: dict[str, str]
    reserved: frozenset[str]
    sayable: frozenset[str]
    expected: frozenset[str]
    councils: frozenset[str]
    filled: frozenset[str]

    @classmethod
    def of(cls, ontology: list[Triple]) -> Vocabulary:
        """The vocabulary of an ontology."""
        parents: dict[str, set[str]] = {}
        proposed: dict[str, set[str]] = {}
        marked: dict[str, set[str]] = {}
        for triple in ontology:
            name = triple.predicate.value
            if name == expand("rdfs:subClassOf"):
                parents.setdefault(triple.subject.value, set()).add(triple.object.value)
            elif name == expand("ics:proposedIn"):
                proposed.setdefault(triple.subject.value, set()).add(triple.object.value.rpartition("/")[2])
            elif triple.predicate == RDF_TYPE:
                marked.setdefault(triple.object.value.removeprefix(DEF), set()).add(triple.subject.value)
        wider: dict[str, frozenset[str]] = {}
        for kind in {t.subject.value for t in ontology}:
            seen, todo = set(), [kind]
            while todo:
                one = todo.pop()
                if one not in seen:
                    seen.add(one)
                    todo += parents.get(one, ())
            wider[kind] = frozenset(seen)

        def of_kind(name: str) -> frozenset[str]:
            return frozenset(marked.get(name, ()))

        return cls(
            terms=frozenset(t.subject.value for t in ontology if t.subject.value.startswith(DEF)),
            relations=of_kind("Relation"),
            wider=wider,
            proposed_in={k: frozenset(v) for k, v in proposed.items()},
            ranges=ranges_of(ontology),
            reserved=of_kind("RecordOnly"),
            sayable=of_kind("SaidOfRecorded"),
            expected=of_kind("ExpectedOfDescribed"),
            councils=of_kind("ToldForCouncils"),
            filled=of_kind("FilledByPost"),
        )

    def body(self, kind: str) -> bool:
        """Whether a kind is one of bodies."""
        return DEF + "Body" in self.wider.get(kind, ())

    def narrowest(self, kinds: set[str]) -> set[str]:
        """Of some kinds those that take in no other of the ontology."""
        return kinds - {w for kind, wider in self.wider.items() for w in wider - {kind}}


class Wider(NamedTuple):
    """What the record has each of its functions, and each of its posts, lie within."""

    functions: Mapping[str, frozenset[str]]
    posts: Mapping[str, frozenset[str]]


class Recorded(NamedTuple):
    """What the record has of a body: its kinds, and from when until when it exists (``YYYY-MM-DD``; empty: open)."""

    kinds: frozenset[str]
    start: str
    end: str

    def denies(self, triple: Triple) -> bool:
        """Whether a triple about the body gives it other dates."""
        return triple.object.value != {_FROM: self.start, _TO: self.end}.get(
            triple.predicate.value, triple.object.value
        )

    def holds(self, day: str) -> bool:
        """Whether the body exists on a day."""
        return self.start <= day and (not self.end or day < self.end)


@dataclass(kw_only=True)
class Description:
    """A description made ready: its triples, the things it describes, what they are called, and what the reader should know.

    ``kinds`` are all kinds of each thing that has one in it; ``elsewhere`` are the bodies that it only mentions; ``counted`` are the kinds
    of thing of which each body's absence counts; ``ended`` is what is not in force on the day; ``tied`` gives the post and the body of things without a name.
    ``misnamed`` are the kinds, left out, that it gives to bodies of the record and the record does not.
    """

    triples: list[Triple]
    things: set[str]
    labels: dict[str, str]
    mentioned: set[str]
    kinds: dict[str, set[str]] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)
    counted: dict[str, set[str]] = field(default_factory=dict)
    tied: dict[str, tuple[str, str]] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    misfits: list[tuple[str, str, str]] = field(default_factory=list)
    misnamed: list[tuple[str, str]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def take_in(
    found: list[Triple],
    vocabulary: Vocabulary,
    scenario: str,
    as_at: str,
    recorded: Mapping[str, Recorded] | None = None,
    wider: Wider | None = None,
) -> Description:
    """Make a stranger's triples ready to be checked under a scenario on a day (``YYYY-MM-DD``).

    Values get the types of their properties; relations written as properties become statements; each thing gets the wider
    kinds of its kinds; what is not in force on the day is set aside; its own functions and posts are tied to those of the record
    (``wider``); of which kinds of thing absence counts is worked out. Of the bodies of the record (``recorded``) the record says
    what kinds they are of and when they exist. A body that is only mentioned is looked at for what is said of it, and nothing is
    missed of it. Raises ``IcsgraphError`` for misspelt terms of ours and for values that cannot
    be read, since both hide a breach.
    """
    _terms(found, vocabulary)
    recorded = recorded or {}
    kept, notices = _leave_out(found, vocabulary, recorded)
    misnamed = _misnamed(kept, vocabulary, recorded)
    kept = [t for t in kept if t.predicate != RDF_TYPE or (t.subject.value, t.object.value) not in misnamed]
    triples = _expand_relations(in_range(kept, vocabulary.ranges), vocabulary)
    labels = {t.subject.value: t.object.value for t in triples if t.predicate.value == _LABEL}
    ended = _ended(triples, as_at, recorded)
    elsewhere = _elsewhere(triples, vocabulary, notices)
    kinds: dict[str, set[str]] = {}
    misfits = []
    for triple in triples:
        if triple.predicate == RDF_TYPE:
            kind = triple.object.value
            scenarios = vocabulary.proposed_in.get(kind)
            if scenarios and scenario not in scenarios:
                misfits.append((triple.subject.value, kind, ", ".join(sorted(scenarios))))
            kinds.setdefault(triple.subject.value, set()).update(vocabulary.wider.get(kind, {kind}))
    things = kinds.keys() - elsewhere
    wider = wider or Wider({}, {})
    triples, said = follow.posts(triples, kinds, vocabulary.filled, wider.posts)
    own, untied = follow.functions(triples, wider.functions)
    notices += said + untied
    ready = [t for t in triples if t.predicate != RDF_TYPE]
    ready += own + follow.acting(triples, kinds)
    # Of a real body that is only mentioned the record says the kinds; what is said of it is looked at, and nothing is missed.
    mentioned = _addresses(triples)
    for body in sorted((mentioned & recorded.keys()) - kinds.keys() - ended):
        elsewhere.add(body)
        ready += [Triple(iri(body), RDF_TYPE, iri(kind)) for kind in sorted(recorded[body].kinds)]
    for thing, of in kinds.items():
        ready += [Triple(iri(thing), _COUNTS_AS, iri(kind)) for kind in of]
        if thing not in ended:
            ready += [Triple(iri(thing), RDF_TYPE, iri(kind)) for kind in of]
    for side in sorted(
        {t.object.value for t in triples if t.predicate.value in _SIDES and isinstance(t.object, NamedNode)}
    ):
        of = kinds.get(side, set()) | (recorded[side].kinds if side in recorded else set())
        ready += [Triple(iri(side), term_name("ics:sidesAs"), iri(kind)) for kind in sorted({side, *of})]
    bodies = sorted(t for t in things - ended if DEF + "Body" in kinds[t])
    absent = complete.counted(triples, kinds, bodies, vocabulary.expected, ended, vocabulary.councils)
    ready += absent
    counted: dict[str, set[str]] = {}
    for triple in absent:
        counted.setdefault(triple.subject.value, set()).add(triple.object.value)
    # What is only mentioned too: a board that has ended is nobody's partner.
    ready += [Triple(iri(thing), RDF_TYPE, iri(DEF + "NotInForce")) for thing in sorted(ended)]
    check = iri(DEF + "ThisCheck")
    ready.append(Triple(check, term_name("ics:asAt"), date(as_at)))
    return Description(
        triples=ready,
        things=set(things),
        labels=labels,
        mentioned=mentioned,
        kinds=kinds,
        elsewhere=elsewhere,
        counted=counted,
        tied=follow.tied(triples),
        ended=ended,
        misfits=misfits,
        misnamed=sorted(misnamed),
        notices=notices,
    )


def _misnamed(found: list[Triple], vocabulary: Vocabulary, recorded: Mapping[str, Recorded]) -> set[tuple[str, str]]:
    """Kinds given to bodies of the record that the record does not give them; proposed kinds are nobody's there."""
    return {
        (t.subject.value, t.object.value)
        for t in found
        if t.predicate == RDF_TYPE
        and t.subject.value in recorded
        and t.object.value in vocabulary.terms
        and t.object.value not in recorded[t.subject.value].kinds | vocabulary.proposed_in.keys()
    }


def _elsewhere(triples: list[Triple], vocabulary: Vocabulary, notices: list[str]) -> set[str]:
    """The bodies that a description only mentions; a notice says where it claims so of something else."""
    claimed = {
        t.subject.value for t in triples if t.predicate.value == DEF + "describedElsewhere" and t.object.value == "true"
    }
    others = {
        t.subject.value
        for t in triples
        if t.predicate == RDF_TYPE and t.subject.value in claimed and not vocabulary.body(t.object.value)
    }
    if others:
        notices.append(
            f"Described elsewhere may be a body only; {_counted(len(others), 'other thing')} looked at all the same."
        )
    return claimed - others


def _counted(number: int, thing: str) -> str:
    """A number of things, with the verb: ``1 import was``, ``2 imports were``."""
    return f"{number} {thing} was" if number == 1 else f"{number} {thing}s were"


def _addresses(triples: list[Triple]) -> set[str]:
    """The addresses that triples speak about or point at."""
    return {t.subject.value for t in triples} | {t.object.value for t in triples if isinstance(t.object, NamedNode)}


def _terms(found: list[Triple], vocabulary: Vocabulary) -> None:
    used = {t.predicate.value for t in found} | {t.object.value for t in found if t.predicate == RDF_TYPE}
    used |= {t.object.value for t in found if isinstance(t.object, NamedNode)}
    near = sorted(u for u in used if _NEARLY_OURS.match(u) and not u.startswith((DEF, ID)))
    if near:
        raise IcsgraphError(
            f"{near[0]} is nearly an address of ours and means nothing here.",
            f"Ours begin with {DEF} and {ID}; mend the prefix.",
        )
    wrong = sorted(u for u in used if u.startswith(DEF) and u != DEF and u not in vocabulary.terms)
    if wrong:
        local = [t.removeprefix(DEF) for t in vocabulary.terms]
        said = []
        for term in wrong[:5]:
            meant = difflib.get_close_matches(term.removeprefix(DEF), local, 1, 0.6)
            said.append(f"ics:{term.removeprefix(DEF)}" + (f" (did you mean ics:{meant[0]}?)" if meant else ""))
        raise IcsgraphError(
            f"{len(wrong)} term{'s' if len(wrong) > 1 else ''} of our vocabulary {'are' if len(wrong) > 1 else 'is'} not known: {'; '.join(said)}.",
            "A misspelt term hides what it says, so nothing was checked; mend it.",
        )


def known(found: list[Triple], named: Mapping[str, object]) -> None:
    """Raise ``IcsgraphError`` for addresses of the record that name nothing in it: a wrong code would be judged as a stranger."""
    strange = [a for a in sorted(_addresses(found)) if a.startswith(ID) and a not in named]
    if not strange:
        return
    kinds = {n.removeprefix(ID).partition("/")[0] for n in named if n.startswith(ID)} - {"statement", "arrangement"}
    wrong = [a for a in strange if a.removeprefix(ID).partition("/")[0] in kinds]
    if wrong:
        said = []
        for one in wrong[:5]:
            kind = one.removeprefix(ID).partition("/")[0]
            # Codes that look alike belong to bodies that have nothing to do with each other.
            alike = [] if kind == "body" else [n for n in named if n.startswith(f"{ID}{kind}/")]
            near = difflib.get_close_matches(one, alike, 1, 0.9)
            said.append(one.removeprefix(ID) + (f" (did you mean {near[0].removeprefix(ID)}?)" if near else ""))
        raise IcsgraphError(
            f"{len(wrong)} address{'es' if len(wrong) > 1 else ''} of this record name{'' if len(wrong) > 1 else 's'} nothing in it: {'; '.join(said)}.",
            "Nothing was checked; mend the code, or use an address of your own.",
        )


def _leave_out(
    found: list[Triple], vocabulary: Vocabulary, recorded: Mapping[str, Recorded]
) -> tuple[list[Triple], list[str]]:
    """What is not taken from a description: shapes, queries, imports, and what only the record says."""
    shapes = [t for t in found if t.predicate.value.startswith(_SHACL) or t.object.value.startswith(_SHACL)]
    imports = [t for t in found if t.predicate.value == _IMPORTS]
    ours = [
        t
        for t in found
        if (_OURS.match(t.subject.value) or t.subject.value.startswith(DEF))
        and t.predicate.value not in vocabulary.sayable
    ]
    reserved = [
        t
        for t in found
        if t.predicate.value in vocabulary.reserved
        or (t.predicate == RDF_TYPE and t.object.value in vocabulary.reserved)
    ]
    dates = [t for t in found if t.subject.value in recorded and recorded[t.subject.value].denies(t)]
    notices = []
    if shapes:
        notices.append(
            f"{_counted(len(shapes), 'statement')} left out for SHACL terms: a description cannot bring rules of its own."
        )
    if imports:
        notices.append(f"{_counted(len(imports), 'import')} not followed: nothing is fetched.")
    if ours:
        notices.append(
            f"{_counted(len(ours), 'statement')} left out that spoke about the law or terms of this record: the record says those itself."
        )
    if reserved:
        said = {(t.object if t.predicate == RDF_TYPE else t.predicate).value.removeprefix(DEF) for t in reserved}
        words = ", ".join(f"ics:{word}" for word in sorted(said))
        notices.append(f"{_counted(len(reserved), 'statement')} left out that only the record makes: {words}.")
    if dates:
        bodies = ", ".join(sorted({t.subject.value.removeprefix(ID + "body/") for t in dates}))
        notices.append(
            f"Other days were given to bodies than the record has; it was checked with those of the record: {bodies}."
        )
    dropped = {id(t) for t in (*shapes, *imports, *ours, *reserved, *dates)}
    return [t for t in found if id(t) not in dropped], notices


def _expand_relations(found: list[Triple], vocabulary: Vocabulary) -> list[Triple]:
    """``X ics:isBoundBy Y`` is short for a statement whose bearer is X and whose matter is Y."""
    triples = []
    for number, triple in enumerate(found):
        if triple.predicate.value not in vocabulary.relations or not isinstance(triple.object, NamedNode):
            triples.append(triple)
            continue
        made = iri(f"urn:x-said:{number}:{triple.subject.value}")
        triples += [
            Triple(made, RDF_TYPE, term_name("ics:Statement")),
            Triple(made, term_name("ics:relation"), triple.predicate),
            Triple(made, term_name("ics:bearer"), triple.subject),
            Triple(made, term_name("ics:matter"), triple.object),
        ]
    return triples


def _ended(triples: list[Triple], as_at: str, recorded: Mapping[str, Recorded]) -> set[str]:
    """The things that had not begun or had ended on the day, bodies of the record also where only mentioned; time is half-open."""
    ended = {body for body in _addresses(triples) & recorded.keys() if not recorded[body].holds(as_at)}
    for triple in triples:
        name, value = triple.predicate.value, triple.object.value
        if (name == _FROM and value > as_at) or (name == _TO and value <= as_at):
            ended.add(triple.subject.value)
    return ended
