"""A term, body, provision, statement or rule in plain words, with its law."""

from __future__ import annotations

import datetime as dt
import textwrap
from dataclasses import dataclass, field

from icsgraph.ask.desk import Desk
from icsgraph.core.answer import Passage, Thing
from icsgraph.core.terms import BASE, expand
from icsgraph.graph.rdf import NamedNode, iri, term_name

__all__ = ["Explanation", "explain", "explain_at"]

# Properties not worth a line: said elsewhere in the explanation, or machinery of look-up.
_HIDDEN = {
    "text",
    "relation",
    "mainPassage",
    "restsOn",
    "bears",
    "countsAs",
    "consults",
    "within",
    "supportedBy",
    "basis",
    "remedy",
    "answersGenerallyBy",
    "narrowestKind",
}


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What is known of one thing: its name, what it is, facts by name, and the passages behind it."""

    thing: Thing
    kinds: tuple[str, ...]
    text: str
    facts: list[tuple[str, list[Thing | str]]] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)

    def as_text(self, width: int = 100) -> str:
        """The explanation for a terminal."""
        lines = [f"{self.thing.label} [{self.thing.code}]", ", ".join(self.kinds), self.thing.iri, ""]
        lines += textwrap.wrap(self.text, width)
        for name, values in self.facts:
            words = "; ".join(
                v.label + (f" [{v.code}]" if v.code != v.label else "") if isinstance(v, Thing) else v for v in values
            )
            lines += textwrap.wrap(f"{name}: {words}", width, initial_indent="- ", subsequent_indent="  ")
        for passage in self.passages:
            lines += textwrap.wrap(f"law or source: {passage.citation}", width)
            if passage.text:
                lines += textwrap.wrap(passage.text, width, initial_indent="    ", subsequent_indent="    ")
            if passage.url:
                lines.append(f"    {passage.url}")
        return "\n".join(lines) + "\n"


def explain(desk: Desk, name: str) -> Explanation:
    """Explain what ``name`` (an id, code, name or address) means; raises ``NotFound`` with the nearest names."""
    return explain_at(desk, desk.names.find(name, "Anything").value if not _exists(desk, name) else name)


def _exists(desk: Desk, address: str) -> bool:
    return (
        address.startswith(BASE)
        and " " not in address
        and next(desk.store.quads(subject=iri(address)), None) is not None
    )


def explain_at(desk: Desk, address: str, today: dt.date | None = None) -> Explanation:
    """Explain the thing at an address, which must exist; of a body that has ended, also what came after it."""
    values = desk.views.properties(address)
    types = [t.value for t in values.get(expand("rdf:type"), ())]
    kinds = tuple(sorted({desk.names.label(t) for t in types if t.startswith(BASE)}))
    words = [t.value for name in ("text", expand("skos:definition")) for t in values.get(name, ())]
    supports = [
        t.value
        for name in (
            "mainPassage",
            "restsOn",
            "supportedBy",
            "gatewayProvision",
            "liabilityProvision",
            "basis",
            expand("dcterms:source"),
        )
        for t in values.get(name, ())
    ]
    facts: list[tuple[str, list[Thing | str]]] = []
    for name, terms in sorted(values.items()):
        if name in _HIDDEN or (
            name.startswith("http")
            and name not in (expand("skos:altLabel"), expand("dcterms:type"), expand("rdfs:subClassOf"))
        ):
            continue
        label = (
            desk.names.label(expand("ics:") + name)
            if not name.startswith("http")
            else name.rpartition("#")[2].rpartition("/")[2]
        )
        shown: list[Thing | str] = [
            desk.views.thing(t.value) if isinstance(t, NamedNode) and t.value.startswith(BASE) else t.value
            for t in terms
        ]
        facts.append((label, shown))
    resting = sorted(
        {q.subject.value for q in desk.store.quads(predicate=term_name("ics:restsOn"), value=iri(address))}
    )
    if resting:
        facts.append((f"statements that rest on this ({len(resting)})", [desk.views.thing(r) for r in resting[:30]]))
    # A rule of a model rests on a statement of a paper, which rests on its passage.
    grounds = [v.value for a in supports for v in desk.views.properties(a).get("mainPassage", [iri(a)])[:1]]
    passages = [desk.views.passage(a) for a in dict.fromkeys(grounds) if _exists(desk, a)]
    if "Provision" in desk.names.types(address):
        passages = [desk.views.passage(address)]
    if "Body" in desk.names.types(address):
        words += desk.existence.of(address, today or dt.date.today())
    return Explanation(
        thing=desk.views.thing(address), kinds=kinds, text=" ".join(words), facts=facts, passages=passages
    )
