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


@dataclass
class Coverage:
    """The territories of bodies and the links of areas with them, as the record has them.

    ``own`` gives the area of each body that has one, ``lives`` the days of each body, ``kinds`` all kinds each counts as.
    """

    own: dict[str, str] = field(default_factory=dict)
    lives: dict[str, Span] = field(default_factory=dict)
    kinds: dict[str, set[str]] = field(default_factory=dict)
    links: dict[str, list[Link]] = field(default_factory=dict)
    # What came after and before each body, with the day.
    after: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    before: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    # Areas made of the areas of bodies linked with them, and the area of the whole country.
    composed: dict[str, list[str]] = field(default_factory=dict)
    country: str = ""
    areas: list[str] = field(default_factory=list)
    # The days that the record itself gives to a place link.
    recorded: dict[str, Span] = field(default_factory=dict)

    def bodies(self, kind: str) -> list[str]:
        """The bodies with a territory that count as a kind, in order."""
        return sorted(b for b in self.own if kind in self.kinds.get(b, ()))

    def covers(self, area: str) -> list[Link]:
        """Every body that answers for an area, with the days: its own links, and what stood there before and after."""
        owners = [b for b, a in self.own.items() if a == area]
        beyond: list[Link] = []
        found: list[Link] = []
        for link in self.links.get(area, ()):
            (beyond if link.beyond else found).append(link)
        for owner in owners:
            beyond += self._beyond(owner, self.after, forward=True, seen={owner})
            beyond += self._beyond(owner, self.before, forward=False, seen={owner})
        # What came before or after stands there only on days on which its kin has not the area as its own; a partnership
        # or committee for the same area is no kin.
        kin = [owner for owner in owners if owner in self.after or owner in self.before]
        lives = joined([self.lives.get(owner, ALWAYS) for owner in kin or owners])
        found += [link._replace(span=span) for link in beyond for span in without(link.span, lives)]
        found = [link if self._says(link) else link._replace(node="") for link in found]
        for part in self.composed.get(area, ()):
            found += [link._replace(basis="ics:ThroughPart", node="", share="") for link in self.covers(part)]
        return _merged(found)

    def _beyond(
        self, body: str, chain: dict[str, list[tuple[str, str]]], *, forward: bool, seen: set[str]
    ) -> list[Link]:
        """What answers for the ground of a body by way of whoever came after or before it."""
        found = []
        for other, day in chain.get(body, ()):
            area = self.own.get(other)
            if other in seen or not area:
                continue
            days = Span.of(day, "") if forward else Span.of("", day)
            basis = "ics:ThroughSuccessor" if forward else "ics:ThroughPredecessor"
            for link in self.links.get(area, ()):
                span = link.span.within(days)
                if not span.empty and link.body != body and not link.beyond:
                    found.append(Link(link.body, span, basis))
            for link in self._beyond(other, chain, forward=forward, seen={*seen, other}):
                span = link.span.within(days)
                if not span.empty:
                    found.append(link._replace(span=span))
        return found

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
                Quad(national, term_name("ics:linkBasis"), term_name("ics:WholeOfEngland"), graph),
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
                    quads += [
                        Quad(node, RDF_TYPE, kind, graph),
                        Quad(node, term_name("ics:linkedArea"), iri(area), graph),
                        Quad(node, term_name("ics:linkedBody"), iri(link.body), graph),
                        Quad(node, term_name("ics:linkBasis"), term_name(link.basis), graph),
                    ]
                    if link.share:
                        quads.append(Quad(node, term_name("ics:shareOfArea"), typed(link.share, "decimal"), graph))
                quads += self._days(node, link)
        return quads

    def _says(self, link: Link) -> bool:
        """Whether the place link on record gives just these days, or leaves open what can be added."""
        if not link.node:
            return True
        recorded = self.recorded.get(link.node, ALWAYS)
        return recorded.first in ("", link.span.first) and recorded.until in ("", link.span.until)

    def _address(self, code: str, link: Link) -> str:
        """The address of a composed link: area, body, way and first day."""
        way = link.basis.removeprefix("ics:").lower()
        return f"{ID}place-link/{code}-{link.body.rpartition('/')[2]}-{way}-{link.span.first or 'open'}"

    def _days(self, node: NamedNode, link: Link) -> list[Quad]:
        """The days of a link where the record does not give them already."""
        graph = iri(GRAPH + "ledger")
        recorded = self.recorded.get(link.node, ALWAYS) if link.node else ALWAYS
        days = (("ics:validFrom", link.span.first, recorded.first), ("ics:validTo", link.span.until, recorded.until))
        return [Quad(node, term_name(name), date(day), graph) for name, day, known in days if day and not known]


def _merged(links: list[Link]) -> list[Link]:
    """Links with those of one body, way and place link joined, and composed ones left out where a recorded one says the same.

    A body that is linked in two ways on one day is linked once: the record's own link stands before a composed one.
    """
    recorded = [link for link in links if link.node]
    out = list(recorded)
    ways: dict[tuple[str, str], list[Span]] = {}
    for link in links:
        if not link.node:
            ways.setdefault((link.body, link.basis), []).append(link.span)
    spoken = {link.body: [other.span for other in recorded if other.body == link.body] for link in recorded}
    for (body, basis), spans in sorted(ways.items()):
        for span in joined(spans):
            for free in without(span, spoken.get(body, [])):
                out.append(Link(body, free, basis))
                spoken.setdefault(body, []).append(free)
    return out


def read_coverage(store: Store) -> Coverage:
    """The territories, lives, kinds, links and successions of a store; the queries are `queries/ledger/places`."""
    coverage = Coverage()
    for row in store.select(_BODIES):
        body = row["body"].value
        coverage.lives[body] = Span.of(
            row["from"].value if "from" in row else "", row["to"].value if "to" in row else ""
        )
    for row in store.select("SELECT DISTINCT ?body ?kind WHERE { ?body ics:countsAs ?kind . ?kind a ics:BodyKind }"):
        coverage.kinds.setdefault(row["body"].value, set()).add(row["kind"].value)
    for row in store.select(_LINKS):
        body, area, node = row["body"].value, row["area"].value, row["link"].value
        recorded = Span.of(row["from"].value if "from" in row else "", row["to"].value if "to" in row else "")
        span = recorded.within(coverage.lives.get(body, ALWAYS))
        if span.empty:
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
            )
        )
        if "own" in row and row["own"].value == "true":
            # A county answers in its districts too; the territory is the area that has the body's own code.
            code = area.rpartition("/")[2]
            if body not in coverage.own or body.endswith(code):
                coverage.own[body] = area
    for row in store.select(_CHANGES):
        before, after, day = row["before"].value, row["after"].value, row["day"].value
        coverage.after.setdefault(before, []).append((after, day))
        coverage.before.setdefault(after, []).append((before, day))
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
        everywhere = [Link(b, coverage.lives.get(b, ALWAYS), "ics:WithinEngland") for b in sorted(coverage.own)]
        coverage.links[coverage.country] = everywhere
    return coverage


_BODIES = """
SELECT ?body ?from ?to WHERE {
  ?body a ics:Body . FILTER NOT EXISTS { ?body a ics:BodyKind }
  OPTIONAL { ?body ics:validFrom ?from } OPTIONAL { ?body ics:validTo ?to }
}"""
_LINKS = """
SELECT ?link ?body ?area ?basis ?own ?composes ?beyond ?share ?from ?to WHERE {
  ?link a ics:PlaceLink ; ics:linkedBody ?body ; ics:linkedArea ?area ; ics:linkBasis ?basis .
  ?basis ics:answersThere true .
  OPTIONAL { ?basis ics:makesTerritory ?own }
  OPTIONAL { ?basis ics:composesArea ?composes }
  OPTIONAL { ?basis ics:standsBeyond ?beyond }
  OPTIONAL { ?link ics:shareOfArea ?share }
  OPTIONAL { ?link ics:validFrom ?from } OPTIONAL { ?link ics:validTo ?to }
} ORDER BY ?link"""
_CHANGES = """
SELECT DISTINCT ?before ?after ?day WHERE {
  ?change a ics:ChangeEvent ; ics:predecessor ?before ; ics:successor ?after ; ics:changedOn ?day .
} ORDER BY ?before ?after"""
