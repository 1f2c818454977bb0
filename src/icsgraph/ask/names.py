"""From what people write (a code, an id, a name, in any case) to the thing they mean."""

from __future__ import annotations

import datetime as dt
import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from icsgraph.ask.citations import Section, matching, parse_reference
from icsgraph.ask.reading.places import OUTCODE, POSTCODE
from icsgraph.core.dates import Period, parse_day
from icsgraph.core.errors import NotFound
from icsgraph.core.terms import DEF, ID
from icsgraph.graph.rdf import RDF_TYPE, NamedNode, iri, term_name
from icsgraph.graph.store import AnyStore

__all__ = ["BOOKED", "LISTS", "PARAMETER_TYPES", "READ", "Names", "fold"]

# Which kinds of thing a parameter of each type may name.
PARAMETER_TYPES: dict[str, tuple[str, ...]] = {
    "About": ("Body", "BodyKind", "Function", "Duty", "Power", "Document", "Post", "Scenario", "Actor"),
    "Actor": ("Body", "BodyKind", "Post", "Actor"),
    "AnswerState": ("AnswerState",),
    "Area": ("Area",),
    "Body": ("Body",),
    "BodyKind": ("BodyKind",),
    "BodyOrKind": ("Body", "BodyKind"),
    "Change": ("ModelChangeKind",),
    "ChangeStrength": ("ChangeStrength",),
    "DisagreementKind": ("DisagreementKind",),
    "DisagreementMatter": ("DisagreementMatter",),
    "Document": ("Document",),
    "Duty": ("Duty",),
    "Fate": ("Fate",),
    "Function": ("Function",),
    "Gateway": ("Gateway",),
    "LegalForm": ("LegalForm",),
    "LineStatus": ("LineStatus",),
    "Matter": ("Function", "Duty", "Power", "Document", "Post", "Gateway", "LegalForm"),
    "MatterOrLaw": ("Function", "Duty", "Power", "Document", "Post", "Gateway", "LegalForm", "Provision"),
    "Modality": ("Modality",),
    "Paper": ("Paper",),
    "PaperPart": ("PaperPart",),
    "PaperStatement": ("PaperStatement",),
    "PaperTopic": ("Topic",),
    "Post": ("Post",),
    "Scenario": ("Scenario",),
    "Site": ("Site",),
    "Source": ("Instrument", "Provision", "Source", "PaperPart"),
    "Stance": ("StanceKind",),
    "Statement": ("Statement",),
    "StatementKind": ("StatementKind",),
    "Topic": (
        "Topic",
        "Function",
        "Duty",
        "Power",
        "Document",
        "Post",
        "Gateway",
        "LegalForm",
        "Relation",
        "StatementKind",
    ),
    "Anything": (
        "Body",
        "BodyKind",
        "Function",
        "Duty",
        "Power",
        "Document",
        "Post",
        "Gateway",
        "LegalForm",
        "Relation",
        "Scenario",
        "Instrument",
        "Provision",
        "Source",
        "Statement",
        "Rule",
        "Area",
        "Arrangement",
        "Topic",
        "Voice",
        "AccountabilityLine",
        "Actor",
        "PaperPart",
        "Term",
    ),
    "Voice": ("Voice",),
}
# Parameters that take several values, with commas: what each value is. “all” means any; “none” means things that have none.
LISTS = {
    "Abouts": "About",
    "Actors": "Actor",
    "AnswerStates": "AnswerState",
    "ChangeStrengths": "ChangeStrength",
    "Changes": "Change",
    "DisagreementKinds": "DisagreementKind",
    "DisagreementMatters": "DisagreementMatter",
    "Fates": "Fate",
    "LineStatuses": "LineStatus",
    "Modalities": "Modality",
    "PaperParts": "PaperPart",
    "Papers": "Paper",
    "Scenarios": "Scenario",
    "Stances": "Stance",
    "StatementKinds": "StatementKind",
    "Topics": "PaperTopic",
    "Voices": "Voice",
}
# Where a name fits things of several kinds, which kinds give way to which: the first that fits is meant.
_PREFERRED = {
    "About": PARAMETER_TYPES["About"][:-1],
    "Topic": ("Topic",),
    "Actor": ("Body", "BodyKind", "Post"),
    # What papers only name gives way to what the record holds.
    "Anything": tuple(k for k in PARAMETER_TYPES["Anything"] if k not in ("Actor", "PaperPart")),
}
# Whose areas people mean first by a name, where the areas of several bodies are the same ground.
_GROUND = ("LocalAuthority",)
# The kinds of thing by which people know them, where there are several.
_SHOWN = {kind for kinds in PARAMETER_TYPES.values() for kind in kinds} - {"Term"}
# The properties that name a thing, the strongest first.
_NAMING = (
    ("dcterms:identifier",),
    ("ics:odsCode", "ics:onsCode", "ics:formerOnsCode", "ics:citation"),
    ("rdfs:label",),
    ("skos:altLabel",),
)
# All that an index is made from, where nothing else of a store is needed.
READ = ("rdf:type", *(name for level in _NAMING for name in level), "ics:validFrom", "ics:validTo")
# What may be named on a sheet of a workbook, of which names and days alone are enough to tell one from another.
BOOKED = frozenset(
    (
        "Body",
        "BodyKind",
        "Document",
        "Duty",
        "Function",
        "Gateway",
        "Instrument",
        "LegalForm",
        "Post",
        "Power",
        "Provision",
    )
)


def fold(value: str) -> str:
    """The form in which names are compared: no accents, case, punctuation or doubled spaces.

    >>> fold("St. Helens  &  Knowsley")
    'st helens and knowsley'
    """
    plain = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain.casefold().replace("&", " and ").replace("'", "")).split())


# A code with the kind of thing whose it is: "duty:duty-of-candour".
_TYPED = re.compile(r"([a-z-]+):([A-Za-z0-9._~/-]+)")
# A code of the Office for National Statistics: of a small area, a region, a council.
_STATISTICAL = re.compile(r"[EWSNK][0-9]{8}", re.IGNORECASE)


class Names:
    """An index of all names in a store."""

    def __init__(self, store: AnyStore) -> None:
        self.store = store
        self.labels: dict[str, str] = {}
        self.codes: dict[str, str] = {}
        self._types: dict[str, frozenset[str]] = {}
        self._index: list[dict[str, tuple[str, ...]]] = []
        self.all_of = lru_cache(maxsize=64)(self._all_of)
        self.sections = lru_cache(maxsize=1)(self._read_sections)
        self.spoken_of = lru_cache(maxsize=1)(self._read_spoken_of)
        # The engine gives each text anew: one of each is kept, and one set of each combination of kinds.
        kept: dict[str, str] = {}

        def one(value: str) -> str:
            return kept.setdefault(value, value)

        self._read_kinds(one)
        for level in _NAMING:
            self._index.append(self._read_names(level, one))
        # A passage without a title is called by its citation; a statement has no name and is called by what it says.
        for quad in store.quads(predicate=term_name("ics:citation")):
            self.labels.setdefault(one(quad.subject.value), one(quad.object.value))
        for quad in store.quads(predicate=term_name("ics:text")):
            if "Statement" in self.types(quad.subject.value):
                self.labels.setdefault(one(quad.subject.value), one(quad.object.value))

    def _read_kinds(self, one: Callable[[str], str]) -> None:
        """Fill in the kinds of all things; ``one`` gives the one copy of a text that is kept."""
        same: dict[frozenset[str], frozenset[str]] = {}

        def typed(thing: str, kind: str) -> None:
            kinds = self._types.get(thing, frozenset()) | {one(kind)}
            self._types[one(thing)] = same.setdefault(kinds, kinds)

        for quad in self.store.quads(predicate=RDF_TYPE):
            if quad.subject.value.startswith(DEF) and quad.object.value != DEF + "StatementKind":
                typed(quad.subject.value, "Term")
            if quad.object.value.startswith(DEF):
                typed(quad.subject.value, quad.object.value.removeprefix(DEF))

    def _read_names(self, properties: Iterable[str], one: Callable[[str], str]) -> dict[str, tuple[str, ...]]:
        """The things by their folded names, by properties of one level; labels and codes are kept as well."""
        index: dict[str, tuple[str, ...]] = {}
        for name in properties:
            for quad in self.store.quads(predicate=term_name(name)):
                thing, said = one(quad.subject.value), quad.object.value
                folded = one(fold(said))
                named = index.get(folded, ())
                if thing not in named:
                    index[folded] = (*named, thing)
                if name == "rdfs:label":
                    self.labels[thing] = one(said)
                elif name == "dcterms:identifier":
                    self.codes[thing] = one(said)
        return index

    def types(self, thing: str) -> frozenset[str]:
        """The local names of the classes of a thing."""
        return self._types.get(thing, frozenset())

    def classes(self) -> list[str]:
        """The local names of all classes that have something in them."""
        return sorted(set().union(*set(self._types.values())))

    def is_any(self, thing: str, kinds: tuple[str, ...]) -> bool:
        """Whether a thing is of one of some kinds; ``Body`` means bodies and not kinds of body."""
        types = self.types(thing)
        if "Body" in kinds and "Body" in types and "BodyKind" not in types:
            return True
        return bool(types & (set(kinds) - {"Body"}))

    def everything(self) -> Iterator[tuple[str, str]]:
        """Every folded name with every thing it names."""
        for index in self._index:
            for name, things in index.items():
                for thing in things:
                    yield name, thing

    def kind(self, thing: str) -> str:
        """What a thing is, in a word or two: its narrowest kind, as far as is known."""
        narrowest = self.store.objects(iri(thing), term_name("ics:narrowestKind"))
        types = sorted(self.types(thing) & _SHOWN) or sorted(self.types(thing))
        return self.label(narrowest[0].value) if narrowest else self.label(DEF + types[0]) if types else ""

    def fits(self, thing: str, kind: str) -> bool:
        """Whether a thing can be the value of a parameter of a type, or one of its values where it takes several."""
        kind = LISTS.get(kind, kind)
        return kind in PARAMETER_TYPES and self.is_any(thing, PARAMETER_TYPES[kind])

    def label(self, thing: str) -> str:
        """What a thing is called; its code or address where it has no name."""
        return self.labels.get(thing) or self.code(thing)

    def code(self, thing: str) -> str:
        """What a thing can be joined on: its identifier, or the end of its address."""
        return self.codes.get(thing) or thing.removeprefix(ID).removeprefix(DEF)

    def period(self, thing: str) -> Period:
        """When a thing exists, as far as the record knows."""
        start = self.store.objects(iri(thing), term_name("ics:validFrom"))
        end = self.store.objects(iri(thing), term_name("ics:validTo"))
        return Period(parse_day(start[0].value) if start else None, parse_day(end[0].value) if end else None)

    def typed(self, thing: str) -> str:
        """The code of a thing with the kind of thing it is of, where the code alone is that of several: ``duty:duty-of-candour``."""
        return (
            f"ics:{thing.removeprefix(DEF)}" if thing.startswith(DEF) else thing.removeprefix(ID).replace("/", ":", 1)
        )

    def codes_apart(self, things: Iterable[str], kind: str = "Anything", as_at: str = "") -> dict[str, str]:
        """What to give for each of several things, so that each is told from the others and from all else."""
        return {t: self.given(t, kind, as_at) for t in things}

    def described(self, things: Iterable[str], kind: str, as_at: str = "") -> str:
        """Several things, each with the code that tells it from the others as the value of a parameter of a type."""
        return "; ".join(self.describe(t, code) for t, code in self.codes_apart(things, kind, as_at).items())

    def given(self, thing: str, kind: str, as_at: str = "") -> str:
        """What to give for a thing as the value of a parameter of a type: its code, typed where that may mean another thing too."""
        code = self.code(thing)
        return code if self.meant(code, kind, as_at) == thing else self.typed(thing)

    def describe(self, thing: str, code: str = "") -> str:
        """A name with what tells it from others of the same name; ``code`` stands for its own."""
        period = self.period(thing)
        dates = ""
        if period.end:
            dates = f", until {period.end.isoformat()}"
        elif period.start:
            dates = f", since {period.start.isoformat()}"
        # Areas of the same name are told apart by whose they are.
        body = self.labels.get(thing.replace("/id/area/", "/id/body/")) if "Area" in self.types(thing) else None
        return f"{self.label(thing)} [{code or self.code(thing)}{dates}]" + (f", the area of {body}" if body else "")

    def find(self, value: str, kind: str, as_at: str = "") -> NamedNode:
        """The one thing of a parameter type that ``value`` names.

        Raises ``NotFound`` with the nearest names where nothing fits, and with the candidates where several do.
        """
        hits = self._offered(value) if kind == "Function" else []
        hits = hits or self._hits(value, kind, as_at)
        if len(hits) == 1:
            return iri(self._as_it_was(hits[0], as_at))
        if hits:
            names = self.described(hits[:8], kind, as_at)
            raise NotFound(f"“{value}” may mean several things.", f"Say which by its code: {names}.", hits)
        near = self.nearest(value, PARAMETER_TYPES[kind])
        hint = "No name on record is near it. Try another word for it, or its code."
        if kind == "Area" and (POSTCODE.fullmatch(value.strip()) or OUTCODE.fullmatch(value.strip())):
            hint = "A postcode is no area: give the council or the board that it lies in. Asked in words, as /find is, its first part is read."
        elif _STATISTICAL.fullmatch(value.strip()):
            hint = "What its digits are like is nowhere near it. Give a council, a board, a group or an NHS region, by code or name."
        if near:
            hint = f"Did you mean: {self.described(near, kind, as_at)}?"
        raise NotFound(f"“{value}” is not known as {_article(kind)}.", hint, near)

    def _offered(self, value: str) -> list[str]:
        """The functions that a word of everyday speech may mean, the likeliest first, where it needs a choice."""
        for word in self._index[2].get(fold(value), ()):
            if "ChoiceWord" in self.types(word):
                ranked = next((t.value for t in self.store.objects(iri(word), term_name("ics:choiceRank"))), "")
                return [f"{ID}function/{id}" for id in re.split(r"[; ]+", ranked) if id]
        return []

    def meant(self, value: str, kind: str, as_at: str = "") -> str:
        """The address of the one thing of a parameter type that ``value`` names; empty where it names none or several."""
        hits = self._hits(value, kind, as_at)
        return hits[0] if len(hits) == 1 else ""

    def _hits(self, value: str, kind: str, as_at: str) -> list[str]:
        """The things of a parameter type that ``value`` names by the strongest sort of name that fits."""
        kinds = PARAMETER_TYPES[kind]
        wanted = fold(value)
        for prefix in (DEF, ID):
            if value.startswith(prefix) and self.is_any(value, kinds):
                return [value]
        if typed := _TYPED.fullmatch(value.strip()):
            address = DEF + typed[2] if typed[1] == "ics" else f"{ID}{typed[1]}/{typed[2]}"
            if self.is_any(address, kinds):
                return [address]
        # What papers speak of goes before what only the record has under the name.
        spoken = kind in ("About", "Actor") and any(
            t in self.spoken_of() for index in self._index for t in index.get(wanted, ()) if self.is_any(t, kinds)
        )
        for level, index in enumerate(self._index):
            hits = sorted(t for t in index.get(wanted, ()) if self.is_any(t, kinds))
            if hits and not level and len(kinds) == 1 and " " in value.strip():
                # Words are no code: whatever else of the kind is called so is meant as well.
                others = {t for i in self._index[2:] for t in i.get(wanted, ()) if self.is_any(t, kinds)}
                hits = sorted({*hits, *others})
            if spoken:
                hits = [t for t in hits if t in self.spoken_of()]
            if hits and kind == "About" and " " in value.strip():
                # Words are a name before they are the code of something else: a kind of body and a function about it.
                called = sorted(t for t in self._index[2].get(wanted, ()) if self.is_any(t, kinds)) or hits
                hits = [t for t in called if self.is_any(t, ("Body", "BodyKind"))] or called
            if len(hits) > 1:
                # What is called just so goes before what only has it as its code.
                preferred = self._preferred(hits, kind)
                called = [t for t in preferred if fold(self.labels.get(t, "")) == wanted]
                hits = called if len(called) == 1 else self.apart(hits, kind, as_at)
            if hits:
                return hits
        return self._cited(value, kind, as_at) if kind == "MatterOrLaw" else []

    def _cited(self, value: str, kind: str, as_at: str) -> list[str]:
        """The provisions that words cite as people do, by the number of the section and words of the Act, one of each Act.

        Of several records of one section the one that is law on the day is meant, else the latest.
        """
        reference = parse_reference(value)
        found = matching(reference, self.sections()) if reference else []
        return [
            max(self.apart(of, kind, as_at), key=lambda t: (self.period(t).start or dt.date.min, t)) for of in found
        ]

    def _read_sections(self) -> list[Section]:
        """Every provision of the record with where it stands, read when a section is first cited."""
        texts = {
            n: {q.subject.value: q.object.value for q in self.store.quads(predicate=term_name(n))}
            for n in ("ics:locator", "ics:citation")
        }
        acts = {q.subject.value: q.object.value for q in self.store.quads(predicate=term_name("ics:inInstrument"))}
        return [
            Section(thing, locator, texts["ics:citation"].get(thing, ""), self.labels.get(acts.get(thing, ""), ""))
            for thing, locator in sorted(texts["ics:locator"].items())
            if "Provision" in self.types(thing)
        ]

    def _preferred(self, hits: list[str], kind: str) -> list[str]:
        """Of several things of one name those of the types that go first for a parameter type."""
        if kind == "Anything":
            # A board and the area named after it share a code; the board is meant.
            hits = [t for t in hits if "Area" not in self.types(t)] or hits
        if kind in ("About", "Actor"):
            hits = [t for t in hits if t in self.spoken_of()] or hits
        first = _PREFERRED.get(kind)
        return [t for t in hits if first and self.is_any(t, first)] or hits

    def apart(self, hits: list[str], kind: str, as_at: str, whole: bool = False) -> list[str]:
        """Of several things of one name those that may be meant as the value of a parameter type on a day.

        Of several areas that are left, ``whole`` takes a council's, which is what people call so, before that of another body.
        """
        preferred = self._preferred(hits, kind)
        found = self._told_apart(preferred, as_at) if len(preferred) > 1 else preferred
        if whole and len(found) > 1 and all("Area" in self.types(t) for t in found):
            found = [t for t in found if self.is_any(t.replace("/id/area/", "/id/body/"), _GROUND)] or found
        return found

    def _told_apart(self, hits: list[str], as_at: str) -> list[str]:
        """Of several things of one name those that may be meant on a day.

        What exists on the day goes before what does not. Without a day, bodies and areas that have not ended go before those
        that have. Areas of the same ground give the same answers: a council's stands for the others, else the oldest.
        """
        areas = all("Area" in self.types(t) for t in hits)
        if as_at:
            living = [t for t in hits if self.period(t).holds(parse_day(as_at))]
        elif all(self.is_any(t, ("Body", "Area")) for t in hits):
            living = [t for t in hits if not self.period(t).end]
        else:
            living = []
        hits = living or hits
        if not areas or len(hits) == 1:
            return hits

        def standing(area: str) -> tuple[bool, dt.date, str]:
            body = area.replace("/id/area/", "/id/body/")
            return not self.is_any(body, _GROUND), self.period(area).start or dt.date.min, area

        first = min(hits, key=standing)
        return [t for t in hits if t == first or not self._same_ground(first, t, as_at)]

    def _same_ground(self, one: str, other: str, as_at: str) -> bool:
        """Whether two areas are the same ground: each lies wholly in the other, or the other came whole after it alone."""

        def body(area: str) -> str:
            return area.replace("/id/area/", "/id/body/")

        for link in self.store.quads(predicate=term_name("ics:linkedArea"), value=iri(one)):
            holds = not as_at or self.period(link.subject.value).holds(parse_day(as_at))
            shares = [
                float(o.value)
                for name in ("ics:shareOfArea", "ics:shareOfOther")
                for o in self.store.objects(link.subject, term_name(name))
            ]
            linked = self.store.objects(link.subject, term_name("ics:linkedBody"))
            if holds and shares == [1, 1] and linked == [iri(body(other))]:
                return True
        before, after = sorted((body(one), body(other)), key=lambda t: self.period(t).start or dt.date.min)
        return self.followers(before) == [(after, 1.0)] and self.followers(after, back=True) == [(before, 1.0)]

    def followers(self, body: str, back: bool = False, begun_with: bool = False) -> list[tuple[str, float | None]]:
        """The bodies that came directly after a body, or before it, with the share of the predecessor that passed.

        ``begun_with`` leaves out those before it that joined it once it had begun.
        """
        here, there = ("ics:successor", "ics:predecessor") if back else ("ics:predecessor", "ics:successor")
        found: dict[str, float | None] = {}
        for change in self.store.quads(predicate=term_name(here), value=iri(body)):
            # Ground that passed between bodies that both went on makes neither the successor of the other.
            passed = self.store.objects(change.subject, term_name("ics:changeKind")) == [iri(DEF + "BoundaryChange")]
            on = [parse_day(o.value) for o in self.store.objects(change.subject, term_name("ics:changedOn"))]
            if passed and (back or on != [self.period(body).end]):
                continue
            start = self.period(body).start
            if begun_with and start and any(day > start for day in on):
                continue
            share = self.store.objects(change.subject, term_name("ics:shareOfPredecessor"))
            for other in self.store.objects(change.subject, term_name(there)):
                found[other.value] = float(share[0].value) if share else None
        return sorted(found.items())

    def goes_on(self, body: str, back: bool = False) -> list[str]:
        """The names and codes under which the same body goes on after the end of this one, or stood before its beginning."""
        here, there = ("ics:successor", "ics:predecessor") if back else ("ics:predecessor", "ics:successor")
        return [
            other.value
            for change in self.store.quads(predicate=term_name(here), value=iri(body))
            for kind in self.store.objects(change.subject, term_name("ics:changeKind"))
            if isinstance(kind, NamedNode) and self.store.objects(kind, term_name("ics:goesOn"))
            for other in self.store.objects(change.subject, term_name(there))
        ]

    def _as_it_was(self, thing: str, as_at: str) -> str:
        """A thing, or the body that bore its code before it, as which the same corporation stood on a day before it began."""
        if not as_at or not self.is_any(thing, ("Body",)) or self.period(thing).holds(parse_day(as_at)):
            return thing
        codes = self.store.objects(iri(thing), term_name("ics:odsCode"))
        for other in self.goes_on(thing, back=True):
            same = codes and codes == self.store.objects(iri(other), term_name("ics:odsCode"))
            if same and self.period(other).holds(parse_day(as_at)):
                return other
        return thing

    def nearest(self, value: str, kinds: tuple[str, ...]) -> list[str]:
        """The things of some kinds whose names are most like a value, five at most; none for a code of statistics or a postcode."""
        # A digit of difference is another place anywhere in England, so what is like such a code is no hint.
        code = value.strip()
        if any(form.fullmatch(code) for form in (_STATISTICAL, POSTCODE, OUTCODE)):
            return []
        wanted = fold(value)
        pool: dict[str, str] = {}
        for name, thing in self.everything():
            if self.is_any(thing, kinds):
                pool.setdefault(name, thing)
        words = set(wanted.split())
        # A short word that begins or ends another, such as a misspelt place, is found by likeness; a part of a long name by its words.
        partial = [n for n in pool if words and words <= set(n.split())]
        near = list(dict.fromkeys(partial[:5] + difflib.get_close_matches(wanted, pool, 5, 0.6)))
        return list(dict.fromkeys(pool[n] for n in near))[:5]

    def _read_spoken_of(self) -> frozenset[str]:
        """Whatever papers speak of."""
        return frozenset(q.object.value for q in self.store.quads(predicate=term_name("ics:isAbout")))

    def is_named(self, folded: str) -> bool:
        """Whether anything has exactly this folded name."""
        return any(folded in index for index in self._index)

    def named(self, folded: str, kinds: tuple[str, ...], every: bool = False) -> list[str]:
        """The things of some kinds with exactly this folded name: those with the strongest sort of name alone, or ``every`` one."""
        found: list[str] = []
        for index in self._index:
            if every or not found:
                found += sorted(t for t in index.get(folded, ()) if self.is_any(t, kinds))
        return list(dict.fromkeys(found))

    def _all_of(self, kind: str) -> list[str]:
        """All things of a parameter type, by label."""
        kinds = PARAMETER_TYPES[kind]
        return sorted((t for t in self._types if self.is_any(t, kinds)), key=lambda t: (self.label(t), t))


def _article(kind: str) -> str:
    words = {
        "Area": "an area",
        "Body": "a body",
        "BodyKind": "a kind of body",
        "BodyOrKind": "a body or kind of body",
        "About": "a body, kind of body, matter, model or actor that the papers speak of",
        "Actor": "a body, post or actor that the papers name",
        "AnswerState": "a state of a question",
        "Change": "a way of change",
        "PaperPart": "a part of a paper",
        "MatterOrLaw": "a function, duty, power or provision",
        "LineStatus": "a status of a line of accountability",
        "PaperTopic": "a topic of the papers",
        "StatementKind": "a kind of statement",
        "Topic": "a topic",
        "Anything": "a name in this record",
    }
    return words.get(kind, f"a {kind.lower()}")
