"""What pictures show: the chain behind an answer, everybody in the area of a board, what came before and after a body."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from icsgraph.ask.desk import Desk
from icsgraph.core.answer import Answer, Cell, Thing
from icsgraph.core.picture import Edge, Node, Picture
from icsgraph.core.terms import ID, expand
from icsgraph.core.timeline import Span, Timeline
from icsgraph.graph.rdf import RDF_TYPE, iri, term_name

__all__ = ["Pictures"]

# More boxes in a lane are left to the table, and said to be.
_MOST = 16
# More matters are counted in a box and not read out.
_LINES = 2


class Pictures:
    """Draws from a desk; ``href`` gives the address of a thing's page."""

    def __init__(self, desk: Desk, href: Callable[[str], str]) -> None:
        self.desk = desk
        self.href = href
        store = desk.store
        ranks = {q.subject.value: int(q.object.value) for q in store.quads(predicate=term_name("ics:rank"))}
        lanes = {q.subject.value for q in store.quads(predicate=RDF_TYPE, value=term_name("ics:Lane"))}
        self.lanes = tuple((lane, desk.names.label(lane)) for lane in sorted(lanes, key=lambda lane: ranks[lane]))
        # The kinds of body for each of which a map of its system is offered.
        self.mapped = [q.subject.value for q in store.quads(predicate=RDF_TYPE, value=term_name("ics:MappedKind"))]
        self._lines_of = {
            q.subject.value for q in store.quads(predicate=RDF_TYPE, value=term_name("ics:DrawnRelation"))
        }
        self._drawn = {q.subject.value: q.object.value for q in store.quads(predicate=term_name("ics:drawnIn"))}
        self._wider: dict[str, list[str]] = {}
        for quad in store.quads(predicate=term_name("rdfs:subClassOf")):
            self._wider.setdefault(quad.subject.value, []).append(quad.object.value)

    def lane(self, thing: str) -> str:
        """The lane of a body, a kind of body or a post: that of its narrowest kind which has one."""
        kinds = [thing, *(o.value for o in self.desk.store.objects(iri(thing), term_name("ics:narrowestKind")))]
        # What is true of every body says least.
        kinds += [expand(f"ics:{t}") for t in sorted(self.desk.names.types(thing), key=lambda t: (t == "Body", t))]
        while kinds:
            kind = kinds.pop(0)
            if kind in self._drawn:
                return self._drawn[kind]
            kinds += self._wider.get(kind, [])
        return self.lanes[-1][0] if self.lanes else ""

    def chain(self, answer: Answer) -> Picture | None:
        """Who does what towards whom, as the rows of an answer say; nothing where they relate nobody to anybody."""
        about = next((v for v in answer.parameters.values() if isinstance(v, Thing) and self._stands(v)), None)
        does: dict[Thing, dict[str, list[Cell]]] = {}
        edges: dict[tuple[str, str], list[str]] = {}
        for row in answer.rows:
            relation, other, matter = row.get("relation"), row.get("counterpart"), row.get("matter")
            who = row.get("body") or row.get("who") or about
            if not (isinstance(who, Thing) and isinstance(relation, Thing) and self._stands(who)):
                continue
            mine = does.setdefault(who, {})
            if isinstance(other, Thing) and self._stands(other) and relation.iri in self._lines_of:
                does.setdefault(other, {})
                found = edges.setdefault((who.iri, other.iri), [])
                if relation.label not in found:
                    found.append(relation.label)
            else:
                mine.setdefault(relation.label, []).append(matter)
        if not edges:
            return None
        nodes = [
            Node(
                id=w.iri,
                label=w.label,
                lane=self.lane(w.iri),
                lines=self._lines(said),
                href=self.href(w.iri),
                main=w == about,
            )
            for w, said in does.items()
        ]
        nodes, edges = self._alike(nodes, edges, dt.date.fromisoformat(answer.as_at))
        kept, left = self._fitting(nodes)
        return Picture(
            title=f"The chain of accountability: {answer.sentence}",
            says=f"{answer.says} The same is in the table on this page.",
            lanes=self.lanes,
            nodes=kept,
            edges=tuple(Edge(a, b, " · ".join(words)) for (a, b), words in edges.items()),
            left_out=left,
        )

    def fates(self, answer: Answer) -> Picture | None:
        """What became of proposals, as the rows of an answer say: from each model, or each of few proposals, to its fate.

        Nothing for an answer that tells of no fates. Models stand in the order of their days, fates below them.
        """
        rows = [
            (model, fate, str(row["statement"]), str(row["proposal"]))
            for row in answer.rows
            if {"in_scenario", "fate", "proposal", "statement"} <= row.keys()
            if isinstance(model := row["in_scenario"], Thing) and isinstance(fate := row["fate"], Thing)
        ]
        if not rows:
            return None
        known = {statement for _, _, statement, _ in rows}
        lanes: dict[str, str] = {}
        nodes: dict[str, Node] = {}
        counts: dict[tuple[str, str], set[str]] = {}
        for model, fate, statement, proposal in sorted(
            rows, key=lambda r: (self._begins(r[0].iri)[0], r[0].label, r[2])
        ):
            began = self._begins(model.iri)[0]
            lane = f"{began:%B %Y}" if began > dt.date.min else "No day on record"
            # Few proposals stand each for itself; many are counted by model.
            single = len(known) <= _MOST // 2
            above = f"{ID}statement/{statement}" if single else model.iri
            lanes.setdefault(lane, lane)
            nodes.setdefault(
                above,
                Node(id=above, label=proposal if single else model.label, lane=lane, lines=(), href=self.href(above)),
            )
            counts.setdefault((above, fate.iri), set()).add(statement)
        below = "What became of it" if len(known) == 1 else "What became of them"
        for _, fate, _, _ in rows:
            of = {s for (_, to), found in counts.items() if to == fate.iri for s in found}
            said = "1 proposal" if len(of) == 1 else f"{len(of)} proposals"
            nodes.setdefault(
                fate.iri,
                Node(id=fate.iri, label=fate.label.capitalize(), lane=below, lines=(said,), href=self.href(fate.iri)),
            )
        return Picture(
            title=f"The fates of proposals: {answer.sentence}",
            says=f"{answer.says} The same is in the table on this page.",
            lanes=(*lanes.items(), (below, below)),
            nodes=tuple(nodes.values()),
            edges=tuple(
                Edge(a, b, "" if a.startswith(f"{ID}statement/") else str(len(of))) for (a, b), of in counts.items()
            ),
        )

    def _alike(
        self, nodes: list[Node], edges: dict[tuple[str, str], list[str]], day: dt.date
    ) -> tuple[list[Node], dict[tuple[str, str], list[str]]]:
        """The boxes with one in the place of many of a kind that do the same towards the same, and lines from and to that."""
        ways: dict[str, set[tuple[str, str, str]]] = {}
        for (source, target), words in edges.items():
            ways.setdefault(source, set()).add(("to", target, " ".join(words)))
            ways.setdefault(target, set()).add(("from", source, " ".join(words)))
        groups: dict[tuple[object, ...], list[Node]] = {}
        for node in nodes:
            same = (*sorted(self.desk.kinds.of(node.id)), node.lines, frozenset(ways.get(node.id, ())), node.main)
            groups.setdefault(same, []).append(node)
        stands: dict[str, Node] = {}
        for group in groups.values():
            things = [Thing(n.id, "", n.label) for n in group]
            counted = self.desk.kinds.together(things, day)
            for node in group:
                label = counted.get(node.id, "")
                (kind, *_) = (*sorted(self.desk.kinds.of(node.id)), "")
                one = Node(
                    id=f"{kind}#{group[0].id}",
                    label=label[:1].upper() + label[1:],
                    lane=node.lane,
                    lines=node.lines,
                    href=self.href(kind),
                )
                stands[node.id] = one if label else node
        folded = {(stands[a].id, stands[b].id): words for (a, b), words in edges.items() if a in stands and b in stands}
        return list({n.id: n for n in (stands[n.id] for n in nodes)}.values()), folded

    def _stands(self, thing: Thing) -> bool:
        return bool(self.desk.names.types(thing.iri) & {"Body", "BodyKind", "Post"})

    def _lines(self, said: dict[str, list[Cell]]) -> tuple[str, ...]:
        lines = []
        for relation, matters in said.items():
            named = list(dict.fromkeys(m.label for m in matters if isinstance(m, Thing)))
            if len(named) > _LINES:
                lines.append(f"{relation}: {len(named)} matters")
            else:
                lines += [f"{relation}: {m}" for m in named] or [relation]
        return tuple(lines)

    def _fitting(self, nodes: list[Node]) -> tuple[tuple[Node, ...], tuple[str, ...]]:
        """The boxes that find room, and what is said of the others."""
        kept, left = [], []
        for lane, name in self.lanes:
            mine = [n for n in nodes if n.lane == lane]
            kept += mine[:_MOST]
            if len(mine) > _MOST:
                left.append(f"{name}: {len(mine) - _MOST} more, in the table")
        return tuple(kept), tuple(left)

    def system(self, board: str, area: Answer, answers: Answer) -> Picture:
        """Everybody on record in the area of a board, on their levels, with whom the board answers to.

        ``area`` is the answer to which bodies cover the area, ``answers`` that to whom the board answers to.
        """
        found: dict[str, Node] = {
            board: Node(
                id=board,
                label=self.desk.names.label(board),
                lane=self.lane(board),
                lines=(),
                href=self.href(board),
                main=True,
            )
        }
        for row in area.rows:
            body = row.get("body")
            if isinstance(body, Thing) and body.iri not in found:
                kind = row.get("kind")
                said = (kind.label,) if isinstance(kind, Thing) else ()
                found[body.iri] = Node(
                    id=body.iri, label=body.label, lane=self.lane(body.iri), lines=said, href=self.href(body.iri)
                )
        edges = {}
        for row in answers.rows:
            other = row.get("counterpart")
            if isinstance(other, Thing) and self._stands(other):
                found.setdefault(
                    other.iri,
                    Node(
                        id=other.iri, label=other.label, lane=self.lane(other.iri), lines=(), href=self.href(other.iri)
                    ),
                )
                edges[other.iri] = Edge(board, other.iri, "answers to")
        kept, left = self._fitting(list(found.values()))
        name = self.desk.names.label(board)
        return Picture(
            title=f"The system of {name}",
            says=f"{name}, whom it answers to, and the bodies on record in its area. Lying in an area is not being accountable there.",
            lanes=self.lanes,
            nodes=kept,
            edges=tuple(edges.values()),
            left_out=left,
        )

    def timeline(self, body: str, day: dt.date) -> Timeline:
        """A body with all that came before and after it, and the law of each time, as far as the record goes."""
        names = self.desk.names
        whole = dt.date.max.isoformat()
        family = {body}
        for ask in ("where-did-body-come-from", "what-became-of"):
            for row in self.desk.ask(ask, {"body": names.code(body)}, whole).rows:
                family |= {t.iri for t in (row.get("predecessor"), row.get("successor")) if isinstance(t, Thing)}
        laws = {s for s in names.all_of("Scenario") if self._enacted(s)}
        spans = [
            Span(label=names.label(one), start=period.start, end=period.end, href=self.href(one), main=one == body)
            for one in sorted(laws, key=self._begins) + sorted(family, key=self._begins)
            for period in [names.period(one)]
        ]
        period = names.period(body)
        label = names.label(body)
        exists = "exists" if period.holds(day) else "does not exist"
        others = len(family) - 1
        related = (
            f"{others} bodies came before or after it." if others else "Nothing on record came before or after it."
        )
        return Timeline(f"Time line of {label}", f"{label} {exists} on {day.isoformat()}. {related}", tuple(spans), day)

    def _begins(self, thing: str) -> tuple[dt.date, str]:
        return self.desk.names.period(thing).start or dt.date.min, thing

    def _enacted(self, scenario: str) -> bool:
        kind = self.desk.store.objects(iri(scenario), term_name("dcterms:type"))
        return bool(kind) and kind[0].value == "enacted"
