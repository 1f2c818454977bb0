"""Which grounds each area stands on, day by day: from dated links of bodies with places to what questions look up.

A *ground* is where a responsibility applies: the whole of England, the area of one body, or the areas of each body of a kind.
A link of a body with an area opens the body's ground there, if links on its basis are such that the body answers for the area.
Where an area begins or ends, its links before and after come from what stood there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from icsgraph.build.spans import ALWAYS, Span, joined, without
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import GRAPH, ID
from icsgraph.graph.rdf import RDF_TYPE, NamedNode, Quad, date, iri, term_name, typed
from icsgraph.graph.store import Store

__all__ = ["Coverage", "Link", "read_coverage"]


class Link(NamedTuple):
    """A body that answers for an area on the days of ``span``; ``node`` is its place link, empty where it is composed."""

    body: str
    span: Span
    basis: str
    share: str = ""
    node: str = ""
    # Whether it speaks of days on which the area's own body had ended or not begun.
    beyond: bool = False
    # Whether it names a location within the body, and so is exact where a succession may not be.
    location: bool = False
    # Whether the area is a territory of the body, and whether the body goes along wherever that ground goes.
    territory: bool = False
    along: bool = False
    # Whether the record does not say which of several the ground of the area came to, or came from.
    uncertain: bool = False
    source: str = ""
    # How many whole small areas the link is made of, where that is held.
    areas: str = ""


class Heir(NamedTuple):
    """A body that stands where another stood before or after, on the days of ``span``; ``uncertain`` as of a link.

    ``share`` is that of the ground which it has, where that is less than all and known.
    """

    body: str
    span: Span
    uncertain: bool
    share: str = ""


class Follower(NamedTuple):
    """Who has a body's ground after its end on the days of ``span``, and which share of it; none where that is not on record.

    ``uncertain`` is what rests on a reckoning that nobody published.
    """

    body: str
    span: Span
    share: float | None
    uncertain: bool = False


# What came before or after a body: who, on which day, and the share of the predecessor that passed, where known.
Succession = dict[str, list[tuple[str, str, float]]]
# The cases in which a link is composed; the ontology says on which basis each is (``ics:composedWhere``).
_AFTER, _BEFORE, _PART, _SMALL, _WITHIN, _WHOLE = _CASES = ("after", "before", "part", "small", "within", "whole")


@dataclass(kw_only=True)
class Coverage:
    """The territories of bodies and the links of areas with them, as the record has them.

    ``own`` gives the area of each body that has one, ``lives`` the days of each body, ``kinds`` all kinds each counts as.

    Ground does not move. On days outside the life of an area's own body, what stands on it is reckoned from the area itself: its
    last overlaps are carried on (to the overlapped bodies and those that came after them), and its first are taken from what
    was merged into it. Where somebody on the way was divided, the record may not say which part is meant: such links are uncertain.
    """

    own: dict[str, str] = field(default_factory=dict)
    lives: dict[str, Span] = field(default_factory=dict)
    kinds: dict[str, set[str]] = field(default_factory=dict)
    links: dict[str, list[Link]] = field(default_factory=dict)
    # Links of bodies with so small a part of an area that they are named beside whoever has the rest.
    small: dict[str, list[Link]] = field(default_factory=dict)
    after: Succession = field(default_factory=dict)
    before: Succession = field(default_factory=dict)
    # Who has the ground of each body after its end, as the succession of all bodies is reckoned once (``ics:Following``).
    followers: dict[str, list[Follower]] = field(default_factory=dict)
    # Below this share of an area an overlap is a sliver on which nothing rests.
    sliver: float = 0.0
    # Areas made of the areas of bodies linked with them, and the area of the whole country.
    composed: dict[str, list[str]] = field(default_factory=dict)
    country: str = ""
    areas: list[str] = field(default_factory=list)
    # The source on record for each body, which a link composed of its days rests on.
    sources: dict[str, str] = field(default_factory=dict)
    # The days that the record itself gives to a place link.
    recorded: dict[str, Span] = field(default_factory=dict)
    # The basis of the links composed in each case.
    bases: dict[str, str] = field(default_factory=dict)
    # The kinds of body that reach the whole country.
    national: set[str] = field(default_factory=set)
    # The kinds of body of which each place has one that is not on record by itself.
    anywhere: set[str] = field(default_factory=set)
    # The bodies of each kind, once asked for.
    _bodies: dict[str, list[str]] = field(default_factory=dict)

    def bodies(self, kind: str) -> list[str]:
        """The bodies with a territory that count as a kind, in order."""
        if kind not in self._bodies:
            self._bodies[kind] = sorted(b for b in self.own if kind in self.kinds.get(b, ()))
        return self._bodies[kind]

    def is_national(self, body: str) -> bool:
        """Whether a body counts as a kind that reaches the whole country."""
        return not self.national.isdisjoint(self.kinds.get(body, ()))

    def stands_anywhere(self, body: str) -> bool:
        """Whether a body without a territory stands, in every place, for whichever of its kind is meant there."""
        return body not in self.own and not self.anywhere.isdisjoint(self.kinds.get(body, ()))

    def covers(self, area: str) -> list[Link]:
        """Every body that answers for an area, with the days: its own links, and what stood there before and after."""
        owners = self._of(area)
        # A partnership or committee for the same area is no kin of the body whose ground it is.
        kin = [owner for owner in owners if owner in self.after or owner in self.before]
        lives = joined([self.life(owner) for owner in kin or owners])
        found = [link for link in self.links.get(area, ()) if not link.beyond]
        located = [link.span for link in found if link.location]
        beyond = [link for link in self.links.get(area, ()) if link.beyond]
        for owner in kin:
            for forward in (True, False):
                heirs = self._heirs(owner, forward=forward)
                beyond += [
                    Link(heir.body, heir.span, self._through(forward=forward), heir.share, uncertain=heir.uncertain)
                    for heir in [*heirs, *self._committees(heirs)]
                ]
            found += self._around(area, owner, forward=True) + self._around(area, owner, forward=False)
        found += [
            link._replace(span=span) for link in beyond for span in without(link.span, joined([*lives, *located]))
        ]
        for part in self.composed.get(area, ()):
            # Who stands in a part only by way of what came before or after may stand elsewhere in the whole.
            found += [
                link._replace(
                    basis=self.bases[_PART],
                    node="",
                    share="",
                    uncertain=link.uncertain or link.basis in (self.bases[_AFTER], self.bases[_BEFORE]),
                )
                for link in self.covers(part)
            ]
        found = [link if self._says(link) else link._replace(node="") for link in found]
        return _merged(found)

    def beside(self, area: str) -> list[Link]:
        """Every body that answers for a small part of an area, with the days, also where the area's body had ended or not begun.

        A part is carried over the life of the area's body only as far as nothing on the way was divided: else the record does
        not say where it went. How much of another area it is, is not known.
        """
        found = list(self.small.get(area, ()))
        for owner in self._of(area):
            life = self.life(owner)
            for forward in (True, False):
                days = Span.of(life.until, "") if forward else Span.of("", life.first)
                if not (life.until if forward else life.first):
                    continue
                steps = [other for other, _, share in self._steps(owner, forward=forward) if share >= self.sliver]
                same = len(steps) == 1 and len((self.before if forward else self.after).get(steps[0], ())) == 1
                carried: list[tuple[str, Link, Span, bool]]
                if forward and not same:
                    carried = [
                        (body, link, span, same)
                        for link in self.small.get(area, ())
                        if link.span.end == life.end
                        for body, span in self._line(link.body)
                    ]
                else:
                    carried = [
                        (link.body, link, link.span, same)
                        for other in steps
                        for link in self.small.get(self.own.get(other, ""), ())
                    ]
                found += [
                    link._replace(
                        body=body,
                        span=span.within(days),
                        basis=self.bases[_SMALL],
                        node="",
                        share=link.share if whole else "",
                    )
                    for body, link, span, whole in carried
                    if not span.within(days).empty
                ]
        if area != self.country:
            for part in self.composed.get(area, ()):
                found += [
                    link._replace(basis=self.bases[_SMALL], node="", share="") for link in self.small.get(part, ())
                ]
        kept: dict[tuple[str, Span], Link] = {}
        for link in found:
            kept.setdefault((link.body, link.span), link)
        return list(kept.values())

    def _line(self, body: str) -> list[tuple[str, Span]]:
        """A body with those that came after it wholly, one after the other, with the days of each."""
        out = [(body, self.life(body))]
        while len(after := self.after.get(body, [])) == 1 and after[0][2] >= 1 and after[0][0] not in dict(out):
            body = after[0][0]
            out.append((body, self.life(body)))
        return out

    def _through(self, *, forward: bool) -> str:
        """The basis of links that a succession carries: forward, to who came after, or back."""
        return self.bases[_AFTER if forward else _BEFORE]

    def life(self, body: str) -> Span:
        """The days of a body; always, where the record knows none."""
        return self.lives.get(body, ALWAYS)

    def _heirs(self, body: str, *, forward: bool, seen: frozenset[str] = frozenset(), deep: bool = False) -> list[Heir]:
        """Who stood where a body stood, after it (``forward``) or before it, step by step.

        A body that was itself divided is followed to all who took a part, and its ground further on as the followings have it, so
        that an old group's says here what it says everywhere. ``deep``, the ground looked at is only a part of the body's: where
        that was divided, each is uncertain, unless a location within a body says where it went.
        """
        if forward and not deep and body in self.followers:
            return self._followed(body)
        out: list[Heir] = []
        steps = self._steps(body, forward=forward)
        for other, day, share in steps:
            if other in seen or other == body or share < self.sliver:
                continue
            same_day = [o for o, d, w in steps if d == day and w >= self.sliver]
            # Forward, a body is divided among several that come after it; backward, one that came before may have been.
            divided = len(same_day) > 1 if forward else len(self.after.get(body, ())) > 1
            uncertain = deep and divided
            beyond = Span.of(day, "") if forward else Span.of("", day)
            span = self.life(other).within(beyond)
            if not span.empty:
                out.append(Heir(other, span, uncertain))
            located = self._located(other) if forward else []
            for link in located:
                within = link.span.within(beyond)
                if not within.empty:
                    out.append(Heir(link.body, within, uncertain))
            further = self._heirs(other, forward=forward, seen=seen | {body}, deep=True)
            for heir in further:
                out += [
                    Heir(heir.body, free, heir.uncertain or uncertain or (divided and not forward))
                    for free in without(heir.span.within(beyond), joined([li.span for li in located]))
                ]
        return out

    def _followed(self, body: str) -> list[Heir]:
        """Whoever has more than a sliver of a body's ground after its end; uncertain where the share of it is not on record or not published."""
        return [
            Heir(
                f.body, f.span, f.uncertain or f.share is None, "" if f.share is None or f.share >= 1 else str(f.share)
            )
            for f in self.followers.get(body, ())
            if f.share is None or f.share >= self.sliver
        ]

    def _located(self, body: str) -> list[Link]:
        """The locations within boards that a body's area is; none where its ground was divided, since each is less than all of it."""
        divided = len([step for step in self._steps(body, forward=True) if step[2] >= self.sliver]) > 1
        return [] if divided else [link for link in self.links.get(self.own.get(body, ""), ()) if link.location]

    def _steps(self, body: str, *, forward: bool) -> list[tuple[str, str, float]]:
        """What came after a body when it ended, or before it when it began; what passed while it lived moved its own ground."""
        life = self.life(body)
        if forward:
            return [step for step in self.after.get(body, ()) if step[1] >= life.end]
        return [step for step in self.before.get(body, ()) if step[1] <= life.start]

    def _around(self, area: str, owner: str, *, forward: bool) -> list[Link]:
        """What else stands on the ground of a body on days after its life, or before: councils on a board's, boards on a council's."""
        life = self.life(owner)
        kin = self._of(area)
        mine = [
            link for link in self.links.get(area, ()) if not link.beyond and not link.location and link.body not in kin
        ]
        steps = [(other, day) for other, day, share in self._steps(owner, forward=forward) if share >= self.sliver]
        if forward:
            if not life.until:
                return []
            if len(steps) == 1 and len(self.before.get(steps[0][0], ())) == 1:
                # One body in the place of one: the ground is the same, and so is what stands on it.
                return self._taken(steps[0][0], Span.of(life.until, ""), forward=True, uncertain=False)
            return [
                new
                for link in mine
                if link.span.end == life.end
                for new in self._carried(link, Span.of(life.until, ""), owner)
            ]
        if not life.first:
            return []
        if not steps:
            return [
                new
                for link in mine
                if link.span.start == life.start
                for new in self._carried(link, Span.of("", life.first), owner)
            ]
        out: list[Link] = []
        for other, day in steps:
            divided = len([o for o, _, share in self.after.get(other, ()) if share >= self.sliver]) > 1
            out += self._taken(other, Span.of("", day), forward=False, uncertain=divided)
        return out

    def _of(self, area: str) -> list[str]:
        """The bodies whose own an area is."""
        return [b for b, a in self.own.items() if a == area]

    def _taken(self, other: str, days: Span, *, forward: bool, uncertain: bool) -> list[Link]:
        """What stands on the ground of another body on some days, itself left out."""
        area = self.own.get(other, "")
        kin = self._of(area)
        links = [li for li in self.links.get(area, ()) if not li.beyond] + self._around(area, other, forward=forward)
        return [
            Link(
                link.body,
                span,
                self._through(forward=forward),
                uncertain=uncertain or link.uncertain,
                source=link.source,
            )
            for link in links
            for span in [link.span.within(days)]
            if not span.empty and (link.body not in kin or link.along)
        ]

    def _carried(self, link: Link, days: Span, owner: str) -> list[Link]:
        """An overlap carried on beyond the life of the area's body: to the body that was there, and to those after or before it.

        A county that was divided left a district of it to whoever came after both of them.
        """
        forward = days.first != ""
        heirs = [Heir(link.body, self.life(link.body), uncertain=False)]
        heirs += self._heirs(link.body, forward=forward, deep=True)
        if link.territory and not link.along:
            shared = {heir.body for heir in self._heirs(owner, forward=forward) if not heir.uncertain}
            both = [heir._replace(uncertain=False) for heir in heirs if heir.body in shared]
            heirs = [heirs[0], *both] if both else heirs
        committees = self._committees(heirs)
        return [
            Link(
                heir.body,
                span,
                self._through(forward=forward),
                uncertain=heir.uncertain or link.uncertain,
                source=link.source,
            )
            for heir in [*heirs, *committees]
            for span in [heir.span.within(days)]
            if not span.empty
        ]

    def _committees(self, heirs: list[Heir]) -> list[Heir]:
        """The committees for the grounds of bodies."""
        return [
            Heir(link.body, link.span.within(heir.span), heir.uncertain)
            for heir in heirs
            for link in self.links.get(self.own.get(heir.body, ""), ())
            if link.along and link.span.meets(heir.span)
        ]

    def _says(self, link: Link) -> bool:
        """Whether the place link on record gives just these days, or leaves open what can be added."""
        if not link.node:
            return True
        recorded = self.recorded.get(link.node, ALWAYS)
        return recorded.first in ("", link.span.first) and recorded.until in ("", link.span.until)

    def quads(self, grounds: set[str], placeless: Iterable[str]) -> list[Quad]:
        """The place links that open grounds: those on record with their grounds, and the composed ones.

        ``grounds`` are the bodies and kinds on whose ground anything applies. What applies everywhere, and what lies with
        kinds that have no territory (``placeless``), is opened by one link for each area.
        """
        graph = iri(GRAPH + "ledger")
        opens, kind = term_name("ics:opensGround"), term_name("ics:PlaceLink")
        quads: list[Quad] = []
        for area in self.areas:
            code = area.rpartition("/")[2]
            national = iri(f"{ID}place-link/{code}-everywhere")
            quads += [
                Quad(national, RDF_TYPE, kind, graph),
                Quad(national, term_name("ics:linkedArea"), iri(area), graph),
                Quad(national, term_name("ics:linkBasis"), term_name(self.bases[_WHOLE]), graph),
                Quad(national, opens, iri(self.country), graph),
                *(Quad(national, opens, iri(p), graph) for p in sorted(placeless)),
            ]
            for link in self.covers(area):
                ground = sorted(({link.body} | self.kinds.get(link.body, set())) & grounds)
                if not ground:
                    continue
                node = iri(link.node or self._address(code, link))
                quads += [Quad(node, opens, iri(g), graph) for g in ground]
                if not link.node:
                    quads += self._composed(node, area, link)
                quads += self._days(node, link)
            for link in self.beside(area):
                ground = sorted(({link.body} | self.kinds.get(link.body, set())) & grounds)
                quads += self._small(area, link, ground) if ground else []
        return quads

    def _small(self, area: str, link: Link, grounds: list[str]) -> list[Quad]:
        """The quads of a link with a small part of an area, which opens grounds beside those of the rest."""
        graph = iri(GRAPH + "ledger")
        node = iri(link.node or self._address(area.rpartition("/")[2], link))
        quads = [Quad(node, term_name("ics:opensGroundInPart"), iri(g), graph) for g in grounds]
        if not link.node:
            quads += self._composed(node, area, link)
            quads.append(Quad(node, term_name("ics:smallAreas"), typed(link.areas, "integer"), graph))
        return quads + self._days(node, link)

    def _composed(self, node: NamedNode, area: str, link: Link) -> list[Quad]:
        """What is said of a link that is not on record and was composed."""
        graph = iri(GRAPH + "ledger")
        quads = [
            Quad(node, RDF_TYPE, term_name("ics:PlaceLink"), graph),
            Quad(node, term_name("ics:linkedArea"), iri(area), graph),
            Quad(node, term_name("ics:linkedBody"), iri(link.body), graph),
            Quad(node, term_name("ics:linkBasis"), term_name(link.basis), graph),
        ]
        if source := link.source or self.sources.get(link.body, ""):
            quads.append(Quad(node, term_name("dcterms:source"), iri(source), graph))
        if link.uncertain:
            quads.append(Quad(node, term_name("ics:isUncertain"), typed("true", "boolean"), graph))
        if link.share:
            quads.append(Quad(node, term_name("ics:shareOfArea"), typed(link.share, "decimal"), graph))
        return quads

    def _address(self, code: str, link: Link) -> str:
        """The address of a composed link: area, body, way and first day."""
        way = link.basis.removeprefix("ics:").lower() + ("-perhaps" if link.uncertain else "")
        return f"{ID}place-link/{code}-{link.body.rpartition('/')[2]}-{way}-{link.span.first or 'open'}"

    def _days(self, node: NamedNode, link: Link) -> list[Quad]:
        """The days of a link where the record does not give them already."""
        graph = iri(GRAPH + "ledger")
        recorded = self.recorded.get(link.node, ALWAYS) if link.node else ALWAYS
        days = (("ics:validFrom", link.span.first, recorded.first), ("ics:validTo", link.span.until, recorded.until))
        return [Quad(node, term_name(name), date(day), graph) for name, day, known in days if day and not known]


def _merged(links: list[Link]) -> list[Link]:
    """Links with those of one body and way joined, and composed ones left out on days on which a firmer one says the same.

    A body that is linked in two ways on one day is linked once: the record's own link stands before a composed one, a certain one
    before an uncertain one.
    """
    recorded = [link for link in links if link.node]
    out = list(recorded)
    ways: dict[tuple[bool, str, str, str], list[Link]] = {}
    for link in links:
        if not link.node:
            ways.setdefault((link.uncertain, link.body, link.basis, link.share), []).append(link)
    spoken: dict[str, list[Span]] = {}
    for link in recorded:
        spoken.setdefault(link.body, []).append(link.span)
    for (uncertain, body, basis, share), alike in sorted(ways.items()):
        source = next((link.source for link in alike if link.source), "")
        for span in joined([link.span for link in alike]):
            for free in without(span, joined(spoken.get(body, []))):
                out.append(Link(body, free, basis, share, uncertain=uncertain, source=source))
                spoken.setdefault(body, []).append(free)
    return out


def read_coverage(store: Store) -> Coverage:  # noqa: C901
    """The territories, lives, kinds, links and successions of a store; the queries are `queries/ledger/places`."""
    coverage = Coverage(bases=_composed_bases(store))
    for row in store.select(_BODIES):
        body = row["body"].value
        coverage.lives[body] = Span.of(
            row["from"].value if "from" in row else "", row["to"].value if "to" in row else ""
        )
        if "source" in row:
            coverage.sources.setdefault(body, row["source"].value)
    for row in store.select("SELECT DISTINCT ?body ?kind WHERE { ?body ics:countsAs ?kind . ?kind a ics:BodyKind }"):
        coverage.kinds.setdefault(row["body"].value, set()).add(row["kind"].value)
    for row in store.select("SELECT (MAX(?share) AS ?least) WHERE { ?basis ics:belowShare ?share }"):
        coverage.sliver = float(row["least"].value) if "least" in row else 0.0
    for row in store.select(_LINKS):
        body, area, node = row["body"].value, row["area"].value, row["link"].value
        recorded = Span.of(row["from"].value if "from" in row else "", row["to"].value if "to" in row else "")
        span = recorded.within(coverage.lives.get(body, ALWAYS))
        if span.empty:
            continue
        # A part of an ended body's ground that is a sliver of it is one, whatever the link says of the whole.
        sliver = "beyond" in row and "share" in row and float(row["share"].value) < coverage.sliver
        if sliver or row["answers"].value == "false":
            # A part of whole small areas is real, however small; without their number it may come of how maps are matched.
            if "count" in row:
                coverage.recorded[node] = recorded
                basis = "ics:" + row["basis"].value.rpartition("/")[2]
                source = row["source"].value if "source" in row else ""
                size = row["share"].value if "share" in row else ""
                small = Link(body, span, basis, size, node, source=source, areas=row["count"].value)
                coverage.small.setdefault(area, []).append(small)
            continue
        if "composes" in row and row["composes"].value == "true":
            # The area is made of those of its bodies.
            coverage.composed.setdefault(area, []).append(body)
            continue
        coverage.recorded[node] = recorded
        coverage.links.setdefault(area, []).append(
            Link(
                body,
                span,
                "ics:" + row["basis"].value.rpartition("/")[2],
                row["share"].value if "share" in row else "",
                node,
                "beyond" in row and row["beyond"].value == "true",
                "located" in row and row["located"].value == "true",
                "own" in row and row["own"].value == "true",
                "along" in row and row["along"].value == "true",
                uncertain="unsure" in row,
                source=row["source"].value if "source" in row else "",
            )
        )
        if "own" in row and row["own"].value == "true":
            # A county answers in its districts too; the territory is the area that has the body's own code.
            code = area.rpartition("/")[2]
            if body not in coverage.own or body.endswith(code):
                coverage.own[body] = area
    for row in store.select(_CHANGES):
        before, after, day = row["before"].value, row["after"].value, row["day"].value
        share = float(row["share"].value) if "share" in row else 1.0
        coverage.after.setdefault(before, []).append((after, day, share))
        coverage.before.setdefault(after, []).append((before, day, share))
    for row in store.select(_FOLLOWERS):
        days = Span.of(row["from"].value if "from" in row else "", row["to"].value if "to" in row else "")
        held = float(row["share"].value) if "share" in row else None
        coverage.followers.setdefault(row["body"].value, []).append(
            Follower(row["who"].value, days, held, "unsure" in row)
        )
    coverage.national = {r["kind"].value for r in store.select("SELECT ?kind WHERE { ?kind ics:reachesCountry true }")}
    coverage.anywhere = {
        r["kind"].value for r in store.select("SELECT ?kind WHERE { ?kind ics:isOneInEachPlace true }")
    }
    coverage.areas = sorted(r["area"].value for r in store.select("SELECT DISTINCT ?area WHERE { ?area a ics:Area }"))
    country = [r["area"].value for r in store.select("SELECT ?area WHERE { ?area a ics:Area , ics:WholeCountry }")]
    coverage.country = country[0] if country else ""
    coverage.composed = {
        area: sorted({coverage.own[b] for b in bodies if b in coverage.own})
        for area, bodies in coverage.composed.items()
    }
    if coverage.country:
        # The country is the sum of all territories.
        coverage.composed[coverage.country] = []
        everywhere = [Link(b, coverage.lives.get(b, ALWAYS), coverage.bases[_WITHIN]) for b in sorted(coverage.own)]
        coverage.links[coverage.country] = everywhere
    return coverage


def _composed_bases(store: Store) -> dict[str, str]:
    """The basis of the links composed in each case; raises ``IcsgraphError`` where the ontology names none or two for one."""
    bases: dict[str, str] = {}
    for row in store.select("SELECT ?basis ?case WHERE { ?basis ics:composedWhere ?case } ORDER BY ?basis"):
        case, basis = row["case"].value, "ics:" + row["basis"].value.rpartition("/")[2]
        if case not in _CASES or case in bases:
            raise IcsgraphError(
                f"{basis} is composed where it says {case!r}, which is said twice or is no case.",
                f"Let one basis each be composed where it says {', '.join(_CASES)}.",
            )
        bases[case] = basis
    if missing := [case for case in _CASES if case not in bases]:
        raise IcsgraphError(
            f"No basis of place links is composed where it says {', '.join(missing)}.",
            "Say it of one with ics:composedWhere in the ontology.",
        )
    return bases


_BODIES = """
SELECT ?body ?source ?from ?to WHERE {
  ?body a ics:Body . FILTER NOT EXISTS { ?body a ics:BodyKind }
  OPTIONAL { ?body dcterms:source ?source }
  OPTIONAL { ?body ics:validFrom ?from } OPTIONAL { ?body ics:validTo ?to }
} ORDER BY ?body ?source"""
_LINKS = """
SELECT ?link ?body ?area ?basis ?answers ?own ?along ?composes ?beyond ?located ?share ?count ?unsure ?source ?from ?to WHERE {
  ?link a ics:PlaceLink ; ics:linkedBody ?body ; ics:linkedArea ?area ; ics:linkBasis ?basis .
  { ?basis ics:answersThere true . BIND(true AS ?answers) } UNION { ?basis ics:answersForSmallPart true . BIND(false AS ?answers) }
  OPTIONAL { ?link ics:smallAreas ?count }
  OPTIONAL { ?basis ics:makesTerritory ?own }
  OPTIONAL { ?basis ics:goesWithGround ?along }
  OPTIONAL { ?basis ics:composesArea ?composes }
  OPTIONAL { ?basis ics:standsBeyond ?beyond }
  OPTIONAL { ?basis ics:namesLocation ?located }
  OPTIONAL { ?link dcterms:source ?source }
  OPTIONAL { ?link ics:isUncertain ?unsure }
  OPTIONAL { ?link ics:shareOfArea ?share }
  OPTIONAL { ?link ics:validFrom ?from } OPTIONAL { ?link ics:validTo ?to }
} ORDER BY ?link"""
_FOLLOWERS = """
SELECT ?body ?who ?share ?unsure ?from ?to WHERE {
  ?following a ics:Following ; ics:standsFor ?body ; ics:namesFollower ?who . FILTER(?who != ?body)
  OPTIONAL { ?following ics:isUncertain ?unsure }
  OPTIONAL { ?following ics:shareOfPredecessor ?share }
  OPTIONAL { ?following ics:validFrom ?from } OPTIONAL { ?following ics:validTo ?to }
} ORDER BY ?body ?from ?who"""
_CHANGES = """
SELECT DISTINCT ?before ?after ?day ?share WHERE {
  ?change a ics:ChangeEvent ; ics:predecessor ?before ; ics:successor ?after ; ics:changedOn ?day .
  OPTIONAL { ?change ics:shareOfPredecessor ?share }
} ORDER BY ?before ?after"""
