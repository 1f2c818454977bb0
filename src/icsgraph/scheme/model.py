"""A scheme read back from its graph: plain things for documents, comparison and merging."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Literal

from icsgraph.core.dates import Period, parse_day
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import DEF, expand
from icsgraph.graph.rdf import Triple
from icsgraph.scheme.record import Record

__all__ = [
    "Authority",
    "Delegation",
    "DutyLead",
    "Line",
    "Party",
    "Scheme",
    "Seat",
    "TermsLine",
    "natural",
    "read_scheme",
]

Sort = Literal["body", "committee", "post"]
ALWAYS = Period()


@dataclass(frozen=True, kw_only=True)
class Party:
    """A body, committee or post. ``parents`` are addresses; ``declared`` is false of one that is only named."""

    address: str
    label: str
    sort: Sort
    kinds: frozenset[str] = frozenset()
    form: str = ""
    parents: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    review: dt.date | None = None
    period: Period = ALWAYS
    declared: bool = True


@dataclass(frozen=True, kw_only=True)
class Authority:
    """Who may do what under a line; ``part`` is the local name of the part taken."""

    address: str
    holder: Party
    part: str
    above: Decimal | None = None
    up_to: Decimal | None = None
    conditions: tuple[str, ...] = ()
    residual: bool = False
    as_written: str = ""
    unlimited: bool = False


@dataclass(frozen=True, kw_only=True)
class Line:
    """One decision of a scheme. ``functions`` and ``duties`` are addresses of the record; ``passed_from`` is one of a line."""

    address: str
    reference: str
    label: str
    document: str = ""
    theme: str = ""
    leads: tuple[Party, ...] = ()
    authorities: tuple[Authority, ...] = ()
    conditions: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    duties: tuple[str, ...] = ()
    source: str = ""
    effective: dt.date | None = None
    review: dt.date | None = None
    further: str = ""
    position: int = 0
    passed_by: tuple[Party, ...] = ()
    passed_from: tuple[str, ...] = ()

    def taking(self, *parts: str) -> tuple[Authority, ...]:
        """The authorities that take one of some parts, in order."""
        return tuple(a for a in self.authorities if a.part in parts)


@dataclass(frozen=True, kw_only=True)
class TermsLine:
    """A power as a committee's terms of reference give it."""

    address: str
    committee: Party
    label: str
    reference: str = ""
    part: str = ""
    up_to: Decimal | None = None
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Delegation:
    """A function that passes between bodies, or that they exercise together; ``joint`` says which."""

    address: str
    label: str
    reference: str = ""
    kind: str = ""
    gateways: tuple[str, ...] = ()
    delegators: tuple[Party, ...] = ()
    delegates: tuple[Party, ...] = ()
    functions: tuple[str, ...] = ()
    terms_at: str = ""
    period: Period = ALWAYS
    onward_barred: bool | None = None
    assured_by: tuple[Party, ...] = ()
    liable: tuple[Party, ...] = ()


@dataclass(frozen=True)
class DutyLead:
    """Who leads on a duty of the record, and where that is shown."""

    address: str
    duty: str
    leads: tuple[Party, ...] = ()
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seat:
    """A seat on a board or committee, by post."""

    address: str
    of: Party
    post: Party


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """A version of a body's scheme, with all that its graph says of who decides."""

    address: str
    title: str
    body: Party
    version: str = ""
    approved: dt.date | None = None
    effective: dt.date | None = None
    review: dt.date | None = None
    lines: tuple[Line, ...] = ()
    parties: dict[str, Party] = field(default_factory=dict)
    terms: tuple[TermsLine, ...] = ()
    delegations: tuple[Delegation, ...] = ()
    duty_leads: tuple[DutyLead, ...] = ()
    seats: tuple[Seat, ...] = ()

    @property
    def day(self) -> dt.date | None:
        """The day from which the version counts: that of its effect, else of its approval."""
        return self.effective or self.approved

    def committees(self) -> list[Party]:
        """The committees, each after the one that set it up."""
        found = sorted((p for p in self.parties.values() if p.sort == "committee"), key=lambda p: p.label)
        ordered: list[Party] = []

        def add(party: Party) -> None:
            if party not in ordered:
                ordered.append(party)
                for other in found:
                    if party.address in other.parents:
                        add(other)

        for party in [p for p in found if not any(o.address in p.parents for o in found)] + found:
            add(party)
        return ordered


def natural(reference: str) -> tuple[tuple[int, str], ...]:
    """A reference in the form in which references are ordered.

    >>> sorted(["10.1", "2.10", "2.9"], key=natural)
    ['2.9', '2.10', '10.1']
    """
    return tuple((int(p), "") if p.isdigit() else (-1, p) for p in re.findall(r"\d+|\D+", reference))


class _Facts:
    """The triples of a description by subject and property."""

    def __init__(self, triples: Iterable[Triple], record: Record) -> None:
        self._said: dict[str, dict[str, list[str]]] = {}
        self.record = record
        self.parties: dict[str, Party] = {}
        for triple in triples:
            values = self._said.setdefault(triple.subject.value, {}).setdefault(triple.predicate.value, [])
            if triple.object.value not in values:
                values.append(triple.object.value)

    def all(self, subject: str, name: str) -> tuple[str, ...]:
        return tuple(sorted(self._said.get(subject, {}).get(expand(name), ())))

    def one(self, subject: str, name: str) -> str:
        return "; ".join(self.all(subject, name))

    def day(self, subject: str, name: str) -> dt.date | None:
        found = self.all(subject, name)
        return parse_day(found[0]) if found else None

    def sum(self, subject: str, name: str) -> Decimal | None:
        found = self.all(subject, name)
        try:
            return Decimal(found[0]) if found else None
        except InvalidOperation:
            raise IcsgraphError(f"“{found[0]}” is not a number.", f"Mend it at {subject}.") from None

    def whole(self, subject: str, name: str) -> int:
        return int(self.sum(subject, name) or 0)

    def truth(self, subject: str, name: str) -> bool | None:
        found = self.all(subject, name)
        return found[0] in ("true", "1") if found else None

    def period(self, subject: str) -> Period:
        return Period(self.day(subject, "ics:validFrom"), self.day(subject, "ics:validTo"))

    def of_kind(self, *kinds: str) -> list[str]:
        """What is of some kinds or of one within them, by address."""
        wanted = {expand(k) for k in kinds}
        kind = expand("rdf:type")
        return sorted(s for s, said in self._said.items() if wanted & self.record.wider(said.get(kind, ())))

    def index(self, name: str) -> dict[str, list[str]]:
        """What points by a property, by what it points at."""
        found: dict[str, list[str]] = {}
        for subject in sorted(self._said):
            for value in self.all(subject, name):
                found.setdefault(value, []).append(subject)
        return found

    def party(self, address: str) -> Party:
        """The body, committee or post at an address, as the description and the record know it."""
        if address in self.parties:
            return self.parties[address]
        record = self.record
        own = self.all(address, "rdf:type")
        kinds = record.wider([*own, *record.kinds(address)])
        sort: Sort = "body"
        if DEF + "LocalPost" in kinds or DEF + "Post" in kinds or DEF + "Membership" in kinds:
            sort = "post"
        elif DEF + "Committee" in kinds:
            sort = "committee"
        period = self.period(address)
        party = Party(
            address=address,
            label=self.one(address, "rdfs:label") or record.label(address),
            sort=sort,
            kinds=kinds,
            form=self.one(address, "ics:legalForm"),
            parents=self.all(address, "ics:postOf" if sort == "post" else "ics:committeeOf"),
            also=self.all(address, "skos:altLabel"),
            review=self.day(address, "ics:reviewOn"),
            period=period if period != ALWAYS else record.period(address),
            declared=bool(kinds) and not self.truth(address, "ics:onlyNamed"),
        )
        self.parties[address] = party
        return party

    def those(self, subject: str, name: str) -> tuple[Party, ...]:
        return tuple(self.party(a) for a in self.all(subject, name))


def read_scheme(triples: Iterable[Triple], record: Record, title: str = "") -> Scheme:
    """The scheme that a description holds; ``title`` says which where it holds several.

    Raises ``IcsgraphError`` where there is no scheme or line, several schemes of which none is named, and for a line or
    authority that hangs on nothing: a document would leave it out.
    """
    facts = _Facts(triples, record)
    address = _chosen(facts, title)
    body = facts.all(address, "ics:schemeOf")
    if len(body) != 1:
        raise IcsgraphError(
            f"The scheme “{facts.one(address, 'rdfs:label')}” names {len(body)} bodies whose scheme it is.",
            "Name exactly one.",
        )
    own = [s for s in facts.of_kind("ics:SchemeLine") if address in facts.all(s, "ics:partOfScheme")]
    stray = [s for s in facts.of_kind("ics:SchemeLine") if not facts.all(s, "ics:partOfScheme")]
    under = facts.index("ics:underLine")
    liabilities = facts.index("ics:liabilityUnder")
    every = set(facts.of_kind("ics:SchemeLine"))
    lost = [s for s in facts.of_kind("ics:Authority") if not every & set(facts.all(s, "ics:underLine"))]
    nameless = [s for s in facts.of_kind("ics:Authority") if len(facts.all(s, "ics:authorityOf")) != 1]
    idle = [
        s
        for s in facts.of_kind("ics:Authority")
        if ["Part" in record.types(p) for p in facts.all(s, "ics:part")] != [True]
    ]
    committeeless = [s for s in facts.of_kind("ics:TermsLine") if len(facts.all(s, "ics:termsOf")) != 1]
    dutiless = [s for s in facts.of_kind("ics:DutyLead") if not facts.all(s, "ics:onDuty")]
    for wrong, what in (
        (stray, "belong to no scheme"),
        (lost, "stand under no line"),
        (nameless, "have not one holder"),
        (idle, "say not one part that their holder takes"),
        (committeeless, "are powers of not one committee"),
        (dutiless, "are leads on no duty"),
    ):
        if wrong:
            raise IcsgraphError(
                f"{len(wrong)} things {what}, the first of them {wrong[0]}.", "Mend them; no document could show them."
            )
    if not own:
        raise IcsgraphError("The scheme has no lines.", "Fill in the sheet of decisions.")
    lines = sorted(
        (_line(facts, s, under.get(s, [])) for s in own),
        key=lambda line: (line.position, natural(line.reference), line.address),
    )
    scheme = Scheme(
        address=address,
        title=facts.one(address, "rdfs:label") or record.sentence(DEF + "Scheme"),
        body=facts.party(body[0]),
        version=facts.one(address, "ics:version"),
        approved=facts.day(address, "ics:approvedOn"),
        effective=facts.day(address, "ics:effectiveOn"),
        review=facts.day(address, "ics:reviewOn"),
        lines=tuple(lines),
        parties=facts.parties,
        terms=tuple(
            sorted(
                (_terms(facts, s) for s in facts.of_kind("ics:TermsLine")),
                key=lambda t: (natural(t.reference), t.address),
            )
        ),
        delegations=tuple(
            sorted(
                (_delegation(facts, s, liabilities.get(s, [])) for s in facts.of_kind("ics:Arrangement")),
                key=lambda d: (natural(d.reference), d.address),
            )
        ),
        duty_leads=tuple(
            DutyLead(s, duty, facts.those(s, "ics:leadOfficer"), facts.all(s, "ics:evidenceAt"))
            for s in facts.of_kind("ics:DutyLead")
            for duty in facts.all(s, "ics:onDuty")
        ),
        seats=tuple(
            Seat(s, facts.party(of), facts.party(post))
            for s in facts.of_kind("ics:Membership")
            for of in facts.all(s, "ics:memberOf")
            for post in facts.all(s, "ics:inPost")
        ),
    )
    # Those that no line names are read too: a committee without a power is worth showing.
    for one in facts.of_kind("ics:Body", "ics:LocalPost"):
        facts.party(one)
    return scheme


def _chosen(facts: _Facts, title: str) -> str:
    schemes = {s: facts.one(s, "rdfs:label") for s in facts.of_kind("ics:Scheme")}
    found = [s for s, label in schemes.items() if not title or label.casefold() == title.casefold()]
    if len(found) == 1:
        return found[0]
    if not schemes:
        raise IcsgraphError(
            "There is no scheme of reservation and delegation in it.", "Fill in the sheet of the scheme."
        )
    raise IcsgraphError(
        f"There are {len(schemes)} schemes in it" + (f", none called “{title}”." if title and not found else "."),
        "Say which by its title: " + "; ".join(sorted(schemes.values())) + ".",
    )


def _line(facts: _Facts, address: str, under: list[str]) -> Line:
    authorities = [
        Authority(
            address=a,
            holder=facts.party(facts.one(a, "ics:authorityOf")),
            part=facts.one(a, "ics:part").rpartition("/")[2],
            above=facts.sum(a, "ics:above"),
            up_to=facts.sum(a, "ics:upTo"),
            conditions=facts.all(a, "ics:condition"),
            residual=bool(facts.truth(a, "ics:residual")),
            as_written=facts.one(a, "ics:asWritten"),
            unlimited=bool(facts.truth(a, "ics:unlimited")),
        )
        for a in under
    ]
    return Line(
        address=address,
        reference=facts.one(address, "dcterms:identifier"),
        label=facts.one(address, "rdfs:label"),
        document=facts.one(address, "ics:inDocument"),
        theme=facts.one(address, "ics:theme"),
        leads=facts.those(address, "ics:leadOfficer"),
        authorities=tuple(sorted(authorities, key=lambda a: _step(a, facts.record))),
        conditions=facts.all(address, "ics:condition"),
        functions=facts.all(address, "ics:exercisesStatutoryFunction"),
        duties=facts.all(address, "ics:fulfilsDuty"),
        source=facts.one(address, "ics:sourceClause"),
        effective=facts.day(address, "ics:effectiveOn"),
        review=facts.day(address, "ics:reviewOn"),
        further=facts.one(address, "ics:furtherInformation"),
        position=facts.whole(address, "ics:position"),
        passed_by=facts.those(address, "ics:passedOnBy"),
        passed_from=facts.all(address, "ics:passedOnFrom"),
    )


def _step(authority: Authority, record: Record) -> tuple[Decimal, int, bool, Decimal, str]:
    """The place of an authority under its line: a ladder reads from its lowest step, then the parts in their order."""
    none = Decimal(0)
    part, up_to = record.position(DEF + authority.part), authority.up_to
    return (authority.above or none, part, up_to is None, up_to or none, authority.address)


def _terms(facts: _Facts, address: str) -> TermsLine:
    return TermsLine(
        address=address,
        committee=facts.party(facts.one(address, "ics:termsOf")),
        label=facts.one(address, "rdfs:label"),
        reference=facts.one(address, "dcterms:identifier"),
        part=facts.one(address, "ics:part").rpartition("/")[2],
        up_to=facts.sum(address, "ics:upTo"),
        source=facts.one(address, "ics:sourceClause"),
    )


def _delegation(facts: _Facts, address: str, liabilities: list[str]) -> Delegation:
    return Delegation(
        address=address,
        label=facts.one(address, "rdfs:label") or address.rpartition("/")[2],
        reference=facts.one(address, "dcterms:identifier"),
        kind=facts.record.narrowest(facts.all(address, "rdf:type"))[0],
        gateways=facts.all(address, "ics:throughGateway"),
        delegators=facts.those(address, "ics:delegator"),
        delegates=facts.those(address, "ics:delegate"),
        functions=facts.all(address, "ics:delegatedFunction"),
        terms_at=facts.one(address, "ics:termsAt"),
        period=facts.period(address),
        onward_barred=facts.truth(address, "ics:onwardDelegationBarred"),
        assured_by=facts.those(address, "ics:assuredBy"),
        liable=tuple(p for s in liabilities for p in facts.those(s, "ics:liabilityBearer")),
    )
