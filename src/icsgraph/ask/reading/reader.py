"""The reader of questions: from the three fields of the first page to what is understood."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from icsgraph.ask.desk import Desk
from icsgraph.ask.names import LISTS, PARAMETER_TYPES, fold
from icsgraph.ask.reading.cited import Cited, Law
from icsgraph.ask.reading.days import When, days
from icsgraph.ask.reading.decide import MARGIN, MOST, REACH, clear, near, unused
from icsgraph.ask.reading.lexicon import BEGINS, Lexicon, Node, variants_of
from icsgraph.ask.reading.phrases import Phrase, parse_phrase, words_in
from icsgraph.ask.reading.places import Postcode, Postcodes, without_postcodes
from icsgraph.ask.reading.rank import Candidate, Sentence, candidates
from icsgraph.ask.reading.reading import Choice, Reading, Understood
from icsgraph.ask.reading.recognise import Span, Way, said, spans
from icsgraph.ask.reading.tables import NotCovered, Tables
from icsgraph.ask.reading.words import Word, key, stem, words_of
from icsgraph.ask.says import phrase
from icsgraph.core.answer import Thing
from icsgraph.core.dates import in_words, parse_day
from icsgraph.core.question import Parameter, Question
from icsgraph.core.terms import ID
from icsgraph.graph.rdf import iri, term_name

__all__ = ["LONGEST", "Reader"]

# Letters of a question that are read.
LONGEST = 600
# Words before the name of a place; those after which a name is nothing else.
_IN = frozenset({"in", "near", "around", "within", "across"})
_AT = frozenset({"in", "near", "around", "at", "from", "for", "of", "outside", "covers", "cover"})
# The sorts of things that names tell apart.
_SORTS = (
    "BodyKind",
    "Body",
    "Area",
    "Function",
    "Duty",
    "Power",
    "Document",
    "Post",
    "Gateway",
    "Scenario",
    "Voice",
    "Topic",
)
# Of several things of one name, about which is asked first.
_ORDER = ("Function", "Duty", "Document", "Post", "Power")
_MATTERS = frozenset(_ORDER)
# What is not held whoever it is asked of; what is asked for near by may be answered where a place is named.
NEARBY = "nearby"
_SUBJECTS = ("subject", NEARBY)
# Kinds of thing that have no question of their own and are shown by their page.
_PAGES = ("Body", "BodyKind", "Provision", "Gateway", "Instrument", "Scenario")


@dataclass(frozen=True)
class _Place:
    """What the field “where” was understood as: areas, the words, and why it is a guess."""

    areas: tuple[str, ...]
    words: str
    guess: str = ""
    sure: bool = True


class Reader:
    """Reads questions at a desk. Made once: it holds all names and phrases."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.names = desk.names
        self.tables: Tables = desk.catalogue.tables
        classes = self.tables.classes
        self.small = _stems(classes.get("small", ()))
        self.filler = _stems(classes.get("filler", ()))
        self.skipped = _stems(classes.get("between", ()))
        self._phrases = {q.id: self._of(q) for q in desk.catalogue.questions.values()}
        self._names = [Way(parse_phrase(n.phrase, classes), self._things(n.things), n.note) for n in self.tables.names]
        self._names += [
            Way(parse_phrase(n.phrase, classes), self._things(n.things), n.note, True) for n in self.tables.choices
        ]
        self._names = [n for n in self._names if n.things]
        self._eras = [(parse_phrase(p, classes), day) for p, day in self.tables.eras]
        self._not_covered = [(parse_phrase(p, classes), row) for row in self.tables.not_covered for p in row.phrases]
        kinds = tuple(
            dict.fromkeys(
                k
                for q in desk.catalogue.questions.values()
                for p in q.parameters
                for k in PARAMETER_TYPES.get(LISTS.get(p.type, p.type), ())
            )
        )
        spoken = [w for ps in self._phrases.values() for p in ps for w in words_in(p.nodes)]
        spoken += [w for n in self._names for w in words_in(n.phrase.nodes)]
        spoken += [w for p, _ in self._not_covered for w in words_in(p.nodes)]
        spoken += [*self.small, *self.filler]
        self.lexicon = Lexicon(desk.names, kinds, variants_of(classes), spoken)
        self.postcodes = Postcodes(self.tables.folder)
        self.cited = Cited(desk.names)
        self._towns = self._tree({n: [f"{ID}area/{c}" for c in cs] for n, cs in self.tables.towns.items()})
        self._sites = self._tree(
            {
                said_: [f"{ID}body/{t}" for t in ts]
                for n, ts in self.tables.sites.items()
                for said_ in self._also_said(n, variants_of(classes))
            }
        )
        spelled = (r.partition("=>") for r in classes.get("spelling", ()))
        self._spelled = {a.strip(): " ".join(stem(w) for w in b.split()) for a, _, b in spelled}
        self._who = _stems(classes.get("holding", ()))
        # Words that may stand beside the number of a section, and those that may be left aside without another meaning.
        self._of_law = _stems(classes.get("of-law", ()))
        self.aside = _stems(classes.get("aside", ()))
        self._of_kind = lru_cache(maxsize=4096)(self._fits)

    def _of(self, question: Question) -> list[Phrase]:
        classes = self.tables.classes
        sentence = question.sentence
        for parameter in question.parameters:
            if parameter.default is not None:
                # What has a default may be left out of the sentence, or be said as “all”.
                sentence = sentence.replace("{" + parameter.name + "}", "[{" + parameter.name + "}|all]")
        own = parse_phrase(_plain(sentence), classes)
        return [own, *(parse_phrase(a, classes) for a in question.asked)]

    def _things(self, said_things: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """The things that ``Type:code`` name, each with the kind after ``@``.

        ``a|b`` is the first of several that the record holds; what it does not hold is left out.
        """
        found = []
        for one in said_things:
            for way in one.split("|"):
                named, _, of = way.partition("@")
                kind, _, code = named.partition(":")
                things = [t for t in self.names.named(fold(code), (kind,)) if self.names.code(t) == code]
                if things:
                    found.append((things[0], of))
                    break
        return tuple(found)

    @staticmethod
    def _also_said(name: str, variants: Sequence[tuple[str, str]]) -> list[str]:
        """A name and the ways in which it is said shorter, each again shortened once."""
        found = [fold(name)]
        for said_ in [*found]:
            found += [fold(re.sub(p, by, said_)) for p, by in variants if re.search(p, said_)]
        return list(dict.fromkeys(found))

    def _tree(self, places: Mapping[str, Sequence[str]]) -> Node:
        """Places by their words, with what they lie in or belong to; an article before a name is not waited for."""
        root = Node()
        for name, things in places.items():
            node = root
            words = key(fold(name))
            for part in words[1:] if len(words) > 1 and words[0] == "the" else words:
                node = node.after.setdefault(part, Node())
            node.things += [t for t in things if t in self.names.labels]
        return root

    # Reading

    def read(self, what: str, where: str = "", when: str = "", today: dt.date | None = None) -> Reading:
        """What a person means by the three fields of the first page; raises ``IcsgraphError`` for a day that is none."""
        today = today or dt.date.today()
        what, where = (
            without_postcodes(t.strip(), lambda w: self.names.is_named(fold(w)) or self.cited.known(w))
            for t in (what, where)
        )
        # What is carried on to the answer, so that it can say how the words were read.
        kept = (f"{what} in {where}" if what and where else what)[:LONGEST]
        if when:
            parse_day(when)
        base = Reading(what=what, where=where, kept=kept)
        if not what and not where:
            return replace(base, kind="empty", not_covered="Nothing was asked.")
        if len(what) > LONGEST or len(where) > LONGEST:
            return replace(
                base,
                what=what[:LONGEST],
                where=where[:LONGEST],
                kind="long",
                not_covered=f"A question of more than {LONGEST} letters is not understood here; ask in one sentence.",
            )
        words = self._words(what)
        if what and not words:
            return replace(
                base,
                kind="script",
                not_covered=f"“{_shown(what)}” is not understood here: it holds no word in Latin letters.",
            )
        forms = frozenset(f for w in words for f in (w.form, *w.guesses))
        stop = self._stopped(words, forms)
        if stop and not (stop.kind == NEARBY and (where or self.postcodes.find(what))):
            return self._refused(base, stop)
        place = self._place(where, today, when) if where else None
        sentence, postcodes = self._sentence(what, words, forms, today)
        if place and not place.areas and not what:
            return replace(base, kind="place", not_covered=f"“{_shown(where)}” is not known as a place here.")
        if not what and place:
            return self._place_alone(base, place, when)
        return self._read(base, sentence, place, when, postcodes, today)

    def _words(self, text: str) -> list[Word]:
        words: list[Word] = []
        for word in words_of(text):
            # “What's” is two words.
            forms = self._spelled.get(fold(word.typed), word.form).split()
            words += [replace(word, form=form) for form in forms]
        return self.lexicon.mended(words)

    def _sentence(
        self, text: str, words: list[Word], forms: frozenset[str], today: dt.date
    ) -> tuple[Sentence, list[Postcode]]:
        found = _surer(spans(words, self.lexicon, self.small, self.filler))
        spoken = said(words, forms, self._names, self.skipped, found, self._of_kind)
        found = [*self._shared(words, self._without(found, spoken)), *spoken]
        found += self._places_in(words, found, self._sites, "is read as a site of")
        found += self._places_in(words, found, self._towns, "is read as a place in")
        # What must be a choice is no name of one thing.
        whole = [s.words for s in found if s.choice]
        found = [s for s in found if s.choice or not any(s.words <= w for w in whole)]
        laws = self._laws(words, found)
        numbered = {p for law in laws for p in range(law.start, law.end)}
        found = [s for s in found if not s.words & numbered or any(s.words >= set(range(w.start, w.end)) for w in laws)]
        found += [self._by_number(words, law) for law in laws]
        postcodes = [] if laws else self.postcodes.find(text)
        for one in postcodes:
            at = frozenset(n for n, w in enumerate(words) if w.start >= one.start and w.end <= one.end)
            areas = tuple(f"{ID}area/{c}" for c, _ in one.councils if f"{ID}area/{c}" in self.names.labels)
            if at and areas:
                areas = areas[:1] if one.clear else areas[:3]
                found.append(
                    Span(
                        words=at,
                        start=min(at),
                        end=max(at) + 1,
                        things=areas,
                        guesses=0,
                        note=self._by_postcode(one),
                        choice=not one.clear,
                        name=one.said,
                    )
                )
        # The year of an Act is part of its name.
        when = [w for w in days(words, today, self._eras, forms, self.skipped) if not w.words & numbered]
        return Sentence(
            words=words,
            forms=forms,
            spans=_merged(found),
            days=when,
            small=self.small,
            filler=self.filler,
            skipped=self.skipped,
            places=_IN,
            laws=laws,
        ), postcodes

    def _laws(self, words: Sequence[Word], found: Sequence[Span]) -> list[Law]:
        """Law that is cited by its number, but for what the record calls so itself and what may as well be a postcode."""
        laws = []
        for law in self.cited.find(words):
            at = frozenset(range(law.start, law.end))
            own = [t for s in found if at <= s.words and not s.guesses for t in s.things]
            if any(self.names.is_any(t, ("Gateway", "Function")) for t in own):
                continue
            first = words[law.start]
            place = law.bare and law.end - law.start == 1 and bool(self.postcodes.find(first.typed))
            if place and (first.typed[:1].isupper() or len(words) > 1):
                continue
            laws.append(law)
        return laws

    def _by_number(self, words: Sequence[Word], law: Law) -> Span:
        at = frozenset(range(law.start, law.end))
        typed = " ".join(words[p].typed for p in sorted(at))
        duties = tuple(dict.fromkeys(d for t in law.things for d in self._laid_by(t)))
        asked = not self._who.isdisjoint(w.form for w in words)
        things = (*law.things[:MOST], *(duties if asked else ()))
        return Span(words=at, start=law.start, end=law.end, things=things, choice=len(law.things) > 1, name=typed)

    def _laid_by(self, provision: str) -> tuple[str, ...]:
        """The duties of which a provision is the main passage."""
        matters = [
            o.value
            for q in self.names.store.quads(predicate=term_name("ics:mainPassage"), value=iri(provision))
            for o in self.names.store.objects(q.subject, term_name("ics:matter"))
        ]
        return tuple(dict.fromkeys(m for m in matters if "Duty" in self.names.types(m)))

    def _without(self, found: Sequence[Span], spoken: Sequence[Span]) -> list[Span]:
        """Names of the record without what a table of spoken names says otherwise: for the same words, a thing of the same sort."""
        kept = []
        for span in found:
            same = [t for s in spoken if s.words == span.words and not s.choice for t in s.things]
            sorts = {self._sort(t) for t in same}
            if sorts & _MATTERS:
                # What a name means is said there whole: a service, a duty or a power, and not another of the same name.
                sorts |= _MATTERS
            things = tuple(t for t in span.things if self._sort(t) not in sorts)
            if things:
                kept.append(replace(span, things=things))
        return kept

    def _sort(self, thing: str) -> str:
        return next((k for k in _SORTS if self.names.is_any(thing, (k,))), "")

    def _places_in(self, words: Sequence[Word], known: Sequence[Span], root: Node, note: str) -> list[Span]:
        """Places that no body and no body's area has the name of.

        A single word that is an English word too is a place only where it is written as a name or follows a word of place.
        """
        tree = Lexicon.__new__(Lexicon)
        tree.root = root
        found = []
        for span in spans([replace(w, near=(), guesses=()) for w in words], tree, self.small, self.filler):
            # A site of the record has no page of its own to answer: its trust is meant.
            covered = any(
                k.words >= span.words and not k.guesses and any("Site" not in self.names.types(t) for t in k.things)
                for k in known
            )
            first = words[span.start]
            before = words[span.start - 1].form if span.start else ""
            plain = len(span.words) == 1 and self.lexicon.ordinary(first.form) and len(words) > 1
            if plain and before not in _AT and not (first.typed[:1].isupper() and span.start):
                continue
            if not covered and span.things:
                labels = " or ".join(self.names.label(t) for t in span.things[:3])
                typed = _typed(words, span)
                found.append(replace(span, note=f"{typed} {note} {labels}", choice=len(span.things) > 1, name=typed))
        return found

    def _shared(self, words: Sequence[Word], found: Sequence[Span]) -> list[Span]:
        """Names, in which the short name of a council's place that another place has whole means either."""
        kept = []
        for span in found:
            areas = tuple(t for t in span.things if "Area" in self.names.types(t))
            node: Node | None = self._towns
            for p in sorted(span.words):
                node = node.after.get(words[p].form) if node else None
            typed = fold(" ".join(words[p].typed for p in sorted(span.words)))
            short = areas and not span.guesses and all(typed != fold(self.names.label(a)) for a in areas)
            short = short and not any(self.names.code(t) for a in areas for t in self.names.named(typed, ("Area",)))
            others = tuple(t for t in node.things if t not in areas) if node and short else ()
            if others:
                where = " or ".join(self.names.label(t) for t in (*areas, *others))
                note = f"several places have the name {_typed(words, span)}: in {where}"
                kept.append(replace(span, things=(*areas, *others), choice=True, note=note))
            else:
                kept.append(span)
        return kept

    def _by_postcode(self, one: Postcode) -> str:
        shares = ", ".join(f"{self.names.label(f'{ID}area/{c}')} ({round(100 * s)} %)" for c, s in one.councils[:3])
        return (
            f"{one.said} is read by its postcodes, which lie in {shares}; "
            "a board answers for people by their practice's registration and not by postcode"
        )

    def _stopped(self, words: Sequence[Word], forms: frozenset[str]) -> NotCovered | None:
        """What the question asks for and is not held here, the gravest first; what is said names the words that ask for it."""
        # Whoever asks who answers for a subject may be answered, and so may whoever gives the very name of a thing on record;
        # whoever asks for the subject itself is not.
        may = not self._who.isdisjoint(w.form for w in words) or bool(
            self.names.named(fold(" ".join(w.typed for w in words)), _ORDER)
        )
        for phrase_, row in self._not_covered:
            if row.kind in _SUBJECTS and may:
                continue
            matches = [m.words for m in phrase_.matches(words, forms, self.skipped, lambda _n, _a: ()) if m.words]
            if matches and row.kind in _SUBJECTS:
                typed = " ".join(words[p].typed for p in max((sorted(m) for m in matches), key=len))
                return replace(row, says=f"“{typed}” is not covered. {row.says}")
            if matches:
                return row
        return None

    def _refused(self, base: Reading, row: NotCovered) -> Reading:
        question = self.desk.catalogue.questions.get(row.instead)
        choices: tuple[Choice, ...] = ()
        if question and not any(p.default is None for p in question.parameters):
            choices = (self._choice(question, {}, ""),)
        return replace(base, kind=row.kind, not_covered=row.says, choices=choices)

    # Places

    def _place(self, where: str, today: dt.date, when: str) -> _Place:
        exact = self.names.meant(where, "Area", when) or self.names.meant(where, "Area")
        if exact and self._living((exact,), when, today) == (exact,):
            return _Place((exact,), where)
        words = self._words(where)
        forms = frozenset(f for w in words for f in (w.form, *w.guesses))
        sentence, _ = self._sentence(where, words, forms, today)
        best: list[tuple[float, Span, tuple[str, ...]]] = []
        for span in sentence.spans:
            areas = tuple(t for t in span.things if self.names.fits(t, "Area"))
            if areas:
                best.append((sentence.total(span.words) - 0.3 * span.guesses, span, areas))
        if not best:
            return _Place((), where, sure=False)
        score, span, areas = max(best, key=lambda b: (b[0], -b[1].start))
        whole = sentence.total(range(len(words)))
        if score + 0.35 < whole - 0.5 and not span.note:
            # A place is never read from another part of what was typed.
            return _Place((), where, sure=False)
        meant = areas if span.choice else self._narrow(areas, "Area", when, _typed(words, span))
        narrowed = self._living(meant, when, today)
        if set(narrowed) != set(meant) and not span.note:
            now = " and ".join(self.names.label(a) for a in narrowed)
            span = replace(span, note=f"{_typed(words, span)} is read as what is now {now}")
        guess = span.note or (f"“{_shown(where)}” is read as {self.names.label(narrowed[0])}" if span.guesses else "")
        return _Place(narrowed, where, guess, not span.guesses and len(narrowed) == 1)

    def _only_place(self, sentence: Sentence) -> bool:
        """Whether a sentence names a place and says nothing else, as ``in E7 9``."""
        places = [s.words for s in sentence.spans if any(self.names.fits(t, "Area") for t in s.things)]
        other = set(range(len(sentence.words))).difference(*places)
        return bool(places) and all(sentence.words[p].form in self.small | self.filler for p in other)

    def _living(self, areas: Sequence[str], when: str, today: dt.date) -> tuple[str, ...]:
        """The areas, and in the place of a council's that had ended on the day those that came after it."""
        day = parse_day(when) if when else today
        found: dict[str, None] = {}
        for area in areas:
            body = area.replace("/id/area/", "/id/body/")
            end = self.names.period(body).end
            ended = end is not None and end <= day and self.names.is_any(body, ("LocalAuthority",))
            after = self.names.followers(body) if ended else []
            for successor, _ in after:
                found[successor.replace("/id/body/", "/id/area/")] = None
            if not after:
                found[area] = None
        return tuple(found)

    def _place_alone(self, base: Reading, place: _Place, when: str) -> Reading:
        question = next((q for q in self.desk.catalogue.questions.values() if "Area" in q.first), None)
        if question is None:
            return base
        name = next(p.name for p in question.parameters if p.type == "Area")
        found = [self._choice(question, {name: self.names.code(a)}, when) for a in place.areas[:MOST]]
        understood = (
            Understood(place.words, " or ".join(self.names.label(a) for a in place.areas), guess=place.guess),
        )
        if len(found) == 1 and place.sure:
            return replace(base, understood=understood, decided=found[0], notes=_notes(place.guess))
        return replace(base, understood=understood, choices=tuple(found), notes=_notes(place.guess))

    # From candidates to choices

    def _fits(self, thing: str, kind: str) -> bool:
        return self.names.fits(thing, kind) or self.names.is_any(thing, (kind,)) or self.names.code(thing) == kind

    def _is_first(self, thing: str, question: Question) -> bool:
        return any(self.names.is_any(thing, (k,)) for k in question.first)

    def _read(
        self,
        base: Reading,
        sentence: Sentence,
        place: _Place | None,
        when: str,
        postcodes: Sequence[Postcode],
        today: dt.date,
    ) -> Reading:
        ranked = candidates(
            sentence,
            self.desk.catalogue.questions.values(),
            self._phrases,
            self._of_kind,
            lambda t, q, s: self._is_first(t, q) and self._asked_first(t, _typed(sentence.words, s)),
        )
        if alone := self._alone(base, sentence, when):
            return alone
        thing = self._page_of(sentence, base.what)
        guessed = None if thing else self._page_of(sentence, base.what, True)
        choices: list[Choice] = []
        for candidate in ranked[:8]:
            choices += self._choices(candidate, sentence, place, when)
        choices.sort(key=lambda c: -c.score)
        best = ranked[0] if ranked else None
        left = unused(sentence, best)
        not_used = [_text(base.what, sentence.words, run) for run in left]
        named = {p for span in sentence.spans if not span.guesses for p in span.words}
        unknown = [_text(base.what, sentence.words, run) for run in left if not set(run) <= named]
        notes = []
        if thing is not None:
            return self._page(base, thing, choices, when)
        if best is None and guessed is not None:
            meaning = Understood(base.what, self.names.label(guessed.iri), (guessed,), "misspelt")
            page = Choice(sentence=guessed.label, thing=guessed, as_at=when)
            return replace(
                base,
                understood=(meaning,),
                choices=(page,),
                notes=(f"“{_shown(base.what)}” is read as {guessed.label}",),
            )
        if best is None:
            return self._unmatched(base, sentence, place, when, not_used, today)
        understood = self._understood(best, sentence, place, when)
        offered = near(choices)
        if guessed is not None:
            offered = [Choice(sentence=guessed.label, thing=guessed, as_at=when, score=99), *offered][:MOST]
        notes += [u.guess for u in understood if u.guess]
        if place and not place.areas:
            not_used.append(place.words)
        uncertain_place = place is not None and not place.sure
        guessed_place = any(s.guesses and any(self.names.fits(t, "Area") for t in ts) for s, ts in best.filled.values())
        before = [w for w in best.days if w.day < BEGINS]
        choices = self._wider(choices)
        offered = near(choices) if guessed is None else offered
        top = self._first_of([c for c in choices if c.score >= choices[0].score - MARGIN], ranked)
        direct = (
            bool(top)
            and len(top) == 1
            and clear(sentence, best, left, self._bears(sentence), self._is_of_papers(best))
            and not uncertain_place
            and not guessed_place
            and not before
            and not top[0].missing
            and guessed is None
            and not self._is_silent(top[0])
        )
        not_covered = ""
        if before:
            not_covered = f"Nothing before {in_words(BEGINS.isoformat())} is held here."
        elif place and not place.areas:
            not_covered = f"“{_shown(place.words)}” is not known as a place here."
        elif unknown and not direct:
            not_covered = (
                f"{' and '.join(f'“{t}”' for t in unknown[:3])} {'is' if len(unknown) == 1 else 'are'} not known here."
            )
            if person := self._person(sentence):
                return replace(base, kind="person", not_covered=person, not_used=tuple(not_used))
        notes = list(dict.fromkeys(notes))
        return replace(
            base,
            understood=tuple(understood),
            not_used=tuple(not_used),
            decided=top[0] if direct else None,
            choices=tuple(c for c in offered if not direct or c.sentence != top[0].sentence)[:MOST],
            not_covered="" if direct else not_covered,
            kind="" if direct else "part" if not_covered else "",
            notes=tuple(notes),
        )

    def _is_of_papers(self, candidate: Candidate) -> bool:
        """Whether a reading asks what papers say, or of a part of one."""
        return candidate.question.reports or any(
            self.names.is_any(t, ("Paper", "PaperPart")) for _, things in candidate.filled.values() for t in things
        )

    def _is_silent(self, choice: Choice) -> bool:
        """Whether a question about papers has no answer as it was read: what was read may be too narrow, and is offered."""
        question = choice.question
        if question is None or not question.reports:
            return False
        return self.desk.ask(question.id, choice.values, choice.as_at).status == "silent"

    def _unmatched(
        self,
        base: Reading,
        sentence: Sentence,
        place: _Place | None,
        when: str,
        not_used: Sequence[str],
        today: dt.date,
    ) -> Reading:
        """What is made of words that no question fits: a place alone, as a postcode or a town, a person, or nothing known."""
        if not place and self._only_place(sentence):
            return self._place_alone(base, self._place(base.what, today, when), when)
        if person := self._person(sentence):
            return replace(base, kind="person", not_covered=person, not_used=tuple(not_used))
        return replace(
            base,
            kind="unknown",
            not_used=tuple(not_used) or (base.what,),
            not_covered=f"“{_shown(base.what)}” is not known here.",
            choices=tuple(self._nearest(base.what)),
        )

    def _page(self, base: Reading, thing: Thing, choices: Sequence[Choice], when: str) -> Reading:
        """The page of what alone was named; with what may be asked about it beside."""
        understood = (Understood(base.what, self.names.describe(thing.iri), (thing,)),)
        page = Choice(sentence=self._cited_label(thing), thing=thing, as_at=when)
        return replace(base, understood=understood, decided=page, choices=tuple(near(choices)) if choices else ())

    def _wider(self, choices: Sequence[Choice]) -> list[Choice]:
        """Choices in which a question about a part of what a wider one asks goes before it or after it, as it says, where both fit."""
        if not choices:
            return []
        ordered = list(choices)
        for part in choices:
            question = part.question
            if not question or part.missing or part.score < choices[0].score - MARGIN:
                continue
            wider = [
                n
                for n, c in enumerate(ordered)
                if c.question
                and c.question.id in (question.after, question.before)
                and c.values.get("area") == part.values.get("area")
                and not c.missing
                and c.score > part.score - REACH
            ]
            if not wider:
                continue
            top = max([part.score, *(ordered[n].score for n in wider)])
            below = top - MARGIN - 0.01
            if question.before:
                # Its own verb was said, which the wider question takes for any other.
                ordered = [replace(c, score=top) if c is part else c for c in ordered]
                for n in wider:
                    ordered[n] = replace(ordered[n], score=min(ordered[n].score, below))
            else:
                ordered = [replace(c, score=min(c.score, below)) if c is part else c for c in ordered]
                ordered[wider[0]] = replace(ordered[wider[0]], score=top)
        once: dict[tuple[str, tuple[tuple[str, str], ...]], Choice] = {}
        for choice in sorted(ordered, key=lambda c: -c.score):
            at = (choice.question.id if choice.question else choice.sentence, tuple(choice.values.items()))
            once.setdefault(at, choice)
        return list(once.values())

    def _first_of(self, choices: Sequence[Choice], ranked: Sequence[Candidate]) -> list[Choice]:
        """Of choices of which none was said in words, and that lie in the same name, those about the sort of thing that goes first."""
        by_question = {c.question.id: c for c in ranked}
        found = [by_question[c.question.id] for c in choices if c.question]
        if not found or any(c.phrase for c in found):
            return list(choices)
        most = max((c.words for c in found), key=len)
        if any(not c.words <= most for c in found):
            return list(choices)
        choices = [c for c in choices if c.question and by_question[c.question.id].words == most]
        found = [by_question[c.question.id] for c in choices if c.question]

        def order(candidate: Candidate) -> int:
            kinds = [n for n, k in enumerate(_ORDER) if k in candidate.question.first]
            return kinds[0] if kinds else len(_ORDER)

        best = min(order(c) for c in found)
        return [c for c in choices if c.question and order(by_question[c.question.id]) == best]

    def _page_of(self, sentence: Sentence, what: str, guessed: bool = False) -> Thing | None:
        """The body, kind or provision that is all that was typed; ``guessed``: that may be, where some of it was misspelt."""
        passed = self.skipped | {"a", "an", "the", "of"}
        content = {p for p, w in enumerate(sentence.words) if w.form not in passed}
        whole = [s for s in sentence.spans if content <= s.words and bool(s.guesses) == guessed]
        if any(s.choice and not any(o.words > s.words and not o.choice for o in whole) for s in whole):
            return None
        whole = [s for s in whole if not s.choice]
        named = any(self.names.is_any(t, ("Body", "BodyKind")) for span in whole for t in span.things)
        for span in whole:
            # A body goes before a service that is called after it; a place goes before the body that has its name.
            kinds = ("Body", "BodyKind", "Voice", *(("Function", "Duty") if named else ()))
            others = [t for t in span.things if not self.names.is_any(t, kinds)]
            if any(self._asked_first(t, _typed(sentence.words, span)) for t in others):
                return None
        # A section is known by its number; its title alone is what the section is about.
        kinds = _PAGES if any(c.isdigit() for c in what) else tuple(k for k in _PAGES if k != "Provision")
        for span in sorted(whole, key=lambda s: -len(s.words)):
            found = self._narrow([t for t in span.things if self.names.is_any(t, kinds)], "Anything", "", what)
            if len(found) > 1 and len(gates := [t for t in found if "Gateway" in self.names.types(t)]) == 1:
                # The way that a section opens is called by its number.
                found = tuple(gates)
            if len(found) == 1 and self._has_gone(found[0], _typed(sentence.words, span)):
                return None
            if len(found) == 1:
                return self.desk.views.thing(found[0])
        return None

    def _alone(self, base: Reading, sentence: Sentence, when: str) -> Reading | None:
        """What is made of a sentence that only cites law, or names what several bodies, hospitals or Acts are called."""
        found = self._law_alone(base, sentence, when) or self._bodies_alone(base, sentence, when)
        acts = () if found else self._acts_of(sentence)
        if not acts:
            return found
        pages = tuple(Choice(sentence=t.label, thing=t, as_at=when) for t in acts)
        return replace(base, choices=pages[:MOST], understood=(Understood(base.what, "several Acts", acts),))

    def _law_alone(self, base: Reading, sentence: Sentence, when: str) -> Reading | None:
        """The page of a section where its number is all that was asked, a choice where several Acts have it, the parts of a schedule."""
        if len(sentence.laws) != 1:
            return None
        law = sentence.laws[0]
        at = set(range(law.start, law.end))
        if not law.things:
            typed = _typed(sentence.words, Span(words=frozenset(at), start=law.start, end=law.end, things=()))
            return replace(base, kind="unknown", not_used=(typed,), not_covered=f"“{typed}” is not on record here.")
        rest = {w.form for p, w in enumerate(sentence.words) if p not in at}
        if not rest <= self._of_law | (
            self.small | self.filler if law.schedule or len(law.things) > 1 else self.skipped
        ):
            return None
        typed = " ".join(sentence.words[p].typed for p in sorted(at))
        things = tuple(self.desk.views.thing(t) for t in law.things[:MOST])
        if law.schedule:
            question = self.desk.catalogue.questions["what-does-source-say"]
            choices = [
                Choice(
                    sentence=f"What does {law.schedule.replace('Sch.', 'Schedule ')} to the {t.label} say?",
                    question=question,
                    values={"source": t.code, "locator": law.schedule},
                    as_at=when,
                )
                for t in things
            ]
        else:
            choices = [Choice(sentence=self._cited_label(t), thing=t, as_at=when) for t in things]
        if not choices:
            return None
        understood = (Understood(typed, " or ".join(t.label for t in things), things),)
        if len(choices) == 1:
            return replace(base, understood=understood, decided=choices[0])
        return replace(base, understood=understood, choices=tuple(choices))

    def _has_gone(self, thing: str, typed: str) -> bool:
        """Whether a short name is that of a council which has ended: the place is meant, and who is there now."""
        ended = self.names.is_any(thing, ("LocalAuthority",)) and self.names.period(thing).end is not None
        return ended and fold(typed) != fold(self.names.label(thing))

    def _cited_label(self, thing: Thing) -> str:
        """The name of a thing, of a section with its number and Act before it."""
        if "Provision" not in self.names.types(thing.iri):
            return thing.label
        citation = self.desk.views.passage(thing.iri).citation
        return citation if thing.label in ("", citation) else f"{citation}: {thing.label}"

    def _bodies_alone(self, base: Reading, sentence: Sentence, when: str) -> Reading | None:
        """A choice of bodies where a name that several have is all that was typed."""
        content = {p for p, w in enumerate(sentence.words) if w.form not in self.skipped | {"a", "an", "the", "of"}}
        for span in sentence.spans:
            things = tuple(t for t in span.things if self.names.is_any(t, ("Body",)))
            sites = tuple(t for t in span.things if "Site" in self.names.types(t))
            if content <= span.words and len(sites) > 1 and not span.guesses:
                return self._sites_alone(base, sites, when)
            if span.choice and content <= span.words and len(things) > 1:
                shown = tuple(self.desk.views.thing(t) for t in things[:MOST])
                pages = tuple(Choice(sentence=t.label, thing=t, as_at=when) for t in shown)
                meaning = Understood(base.what, " or ".join(t.label for t in shown), shown, span.note)
                return replace(base, understood=(meaning,), choices=pages, notes=_notes(span.note))
        return None

    def _sites_alone(self, base: Reading, sites: Sequence[str], when: str) -> Reading:
        """A choice of hospitals of one name, each with the trust whose site it is."""
        question = next(
            (q for q in self.desk.catalogue.questions.values() if any(p.type == "Site" for p in q.parameters)), None
        )
        found = []
        for site in sites if question else ():
            trusts = self.names.store.objects(iri(site), term_name("ics:siteOf"))
            of = f", a site of {self.names.label(trusts[0].value)}" if trusts else ""
            assert question is not None
            name = next(p.name for p in question.parameters if p.type == "Site")
            found.append(
                Choice(
                    sentence=f"{self.names.label(site)}{of}",
                    question=question,
                    values={name: self.names.code(site)},
                    as_at=when,
                )
            )
        note = f"several hospitals have the name {_shown(base.what)}"
        return replace(base, choices=tuple(found[:MOST]), notes=(note,))

    def _acts_of(self, sentence: Sentence) -> tuple[Thing, ...]:
        """The Acts and other instruments that share the name which is all that was typed; nothing where something else may be meant."""
        content = {p for p, w in enumerate(sentence.words) if w.form not in self.skipped}
        whole = [t for s in sentence.spans if content <= s.words and not s.guesses for t in s.things]
        if len(set(whole)) < 2 or not all("Instrument" in self.names.types(t) for t in whole):
            return ()
        return tuple(sorted((self.desk.views.thing(t) for t in set(whole)), key=lambda t: t.label, reverse=True))

    def _asked_first(self, thing: str, typed: str) -> bool:
        """Whether a thing that is no body has a first question of its own.

        An area has one where it is called so; by other names, and where its body is called the same, the body is meant.
        """
        if "Area" in self.names.types(thing):
            label = fold(self.names.label(thing))
            body = self.names.labels.get(thing.replace("/id/area/", "/id/body/"), "")
            if fold(typed) != label or label == fold(body):
                return False
        return any(self._is_first(thing, q) for q in self.desk.catalogue.questions.values())

    def _narrow(self, things: Sequence[str], kind: str, as_at: str, typed: str) -> tuple[str, ...]:
        """Of things of one name those that are meant as the value of a type: by the strongest name, then by the day."""
        things = tuple(dict.fromkeys(things))
        if len(things) < 2:
            return things
        kind = LISTS.get(kind, kind)
        meant = self.names.meant(typed, kind, as_at) if kind in PARAMETER_TYPES else ""
        if meant in things:
            return (meant,)
        return tuple(self.names.apart(list(things), kind, as_at, whole=True))

    def _choices(self, candidate: Candidate, sentence: Sentence, place: _Place | None, when: str) -> list[Choice]:
        """The choices that a candidate stands for: one for each thing that a name of several may mean."""
        question = candidate.question
        as_at = when or self._day(candidate)
        ways: list[dict[str, str]] = [{}]
        due = False
        for parameter in question.parameters:
            if parameter.name in candidate.filled:
                span, _things = candidate.filled[parameter.name]
                meant = self._meant(candidate, parameter, sentence, as_at)
                due = due or span.choice
                ways = [{**w, parameter.name: self._value(t, parameter)} for w in ways for t in meant[:MOST]][
                    : 2 * MOST
                ]
                also = sorted(candidate.more.get(parameter.name, ()), key=lambda m: m[0].start)
                if also:
                    more = [self._value(t[0], parameter) for _, t in also]
                    ways = [{**w, parameter.name: ",".join(dict.fromkeys((w[parameter.name], *more)))} for w in ways]
        if place and place.areas:
            area = next((p for p in question.parameters if p.type == "Area" and p.name not in candidate.filled), None)
            if area:
                ways = [{**w, area.name: self._value(a, area)} for w in ways for a in place.areas[:3]]
        dated = [p.name for p in question.parameters if p.type == "Date" and p.name not in candidate.filled]
        if dated and candidate.days:
            ways = [{**w, **self._between(candidate.days, dated)} for w in ways]
            as_at = when
        if question.timeless or question.reports:
            as_at = when
        return [
            self._choice(question, values, as_at, candidate.score - 0.01 * n, candidate)
            for n, values in enumerate(ways)
        ]

    def _meant(self, candidate: Candidate, parameter: Parameter, sentence: Sentence, as_at: str) -> tuple[str, ...]:
        """The things that the name used for a parameter means."""
        span, things = candidate.filled[parameter.name]
        if as_at and parameter.type == "Area" and not any(self.names.period(t).holds(parse_day(as_at)) for t in things):
            # Who was there on the day, by the name as typed or as those who came before.
            named = self.names.named(fold(_typed(sentence.words, span)), ("Area",), every=True)
            then = [t for t in named if self.names.period(t).holds(parse_day(as_at))] or self._earlier(things, as_at)
            if then:
                return tuple(then)
        meant = things if span.choice else self._narrow(things, parameter.type, as_at, _typed(sentence.words, span))
        return self._living(meant, as_at, dt.date.today()) if parameter.type == "Area" else meant

    def _earlier(self, areas: Sequence[str], as_at: str) -> list[str]:
        """The areas of the councils from which those of some areas came, which existed on a day."""
        before = [
            b.replace("/id/body/", "/id/area/")
            for a in areas
            for b, _ in self.names.followers(a.replace("/id/area/", "/id/body/"), back=True)
        ]
        return [
            a for a in dict.fromkeys(before) if a in self.names.labels and self.names.period(a).holds(parse_day(as_at))
        ]

    def _between(self, found: Sequence[When], dated: Sequence[str]) -> dict[str, str]:
        """Two days for what changed between them: two that were named, or the days on either side of one."""
        if len(found) > 1:
            return dict(zip(dated, (found[0].day.isoformat(), found[1].day.isoformat()), strict=False))
        one = found[0]
        before = one.first - dt.timedelta(days=1)
        after = dt.date.today() if one.side == "since" else one.last
        return dict(zip(dated, (before.isoformat(), after.isoformat()), strict=False))

    def _day(self, candidate: Candidate) -> str:
        return candidate.days[0].day.isoformat() if candidate.days else ""

    def _value(self, thing: str, parameter: Parameter) -> str:
        code = self.names.code(thing)
        kind = LISTS.get(parameter.type, parameter.type)
        return code if self.names.meant(code, kind) == thing else thing

    def _choice(
        self,
        question: Question,
        values: dict[str, str],
        as_at: str,
        score: float = 0.0,
        candidate: Candidate | None = None,
    ) -> Choice:
        missing = tuple(p.name for p in question.parameters if p.default is None and p.name not in values)
        why = (f"says “{candidate.phrase}”",) if candidate and candidate.phrase else ()
        return Choice(
            sentence=self.sentence(question, values),
            question=question,
            values=values,
            as_at=as_at,
            thing=None,
            missing=missing,
            why=why,
            score=score,
        )

    def sentence(self, question: Question, values: dict[str, str]) -> str:
        """A question with values in its sentence; what is not known yet is named by what it is to be."""
        found = question.sentence
        for parameter in question.parameters:
            found = found.replace("{" + parameter.name + "}", self._word(parameter, values))
        return found.replace("{scenario}", "the law in force")

    def _word(self, parameter: Parameter, values: dict[str, str]) -> str:
        given = values.get(parameter.name, "")
        kind = LISTS.get(parameter.type, parameter.type)
        if given:
            thing = self.names.meant(given, kind) if kind in PARAMETER_TYPES else ""
            return phrase(self.desk.views.thing(thing), parameter.type) if thing else given
        if parameter.default:
            return parameter.default.capitalize() if parameter.type == "Area" else parameter.default
        return f"… ({parameter.name.replace('_', ' ')})"

    def _understood(self, best: Candidate, sentence: Sentence, place: _Place | None, when: str) -> list[Understood]:
        found = []
        for name, (span, _) in sorted(best.filled.items(), key=lambda f: f[1][0].start):
            parameter = next(p for p in best.question.parameters if p.name == name)
            typed = _typed(sentence.words, span)
            meant = self._meant(best, parameter, sentence, when or self._day(best))
            labels = " or ".join(self.names.label(t) for t in meant[:4])
            guess = span.note or (f"“{typed}” is read as {labels}" if span.guesses else "")
            found.append(Understood(typed, labels, tuple(self.desk.views.thing(t) for t in meant[:4]), guess))
        if place and place.areas:
            labels = " or ".join(self.names.label(a) for a in place.areas[:3])
            found.append(
                Understood(place.words, labels, tuple(self.desk.views.thing(a) for a in place.areas[:3]), place.guess)
            )
        for day in best.days if not when else ():
            typed = " ".join(sentence.words[p].typed for p in sorted(day.words))
            found.append(
                Understood(
                    typed,
                    in_words(day.day.isoformat()),
                    guess="" if day.exact else f"{typed} is read as {in_words(day.day.isoformat())}",
                )
            )
        return found

    def _bears(self, sentence: Sentence) -> Callable[[int], float]:
        """What a word that is left aside weighs: nothing where it changes no meaning, more than can be borne where it names a place."""
        named = {p: s for s in sentence.spans if not s.guesses for p in s.words}

        def weight(place: int) -> float:
            if sentence.words[place].form in self.aside:
                return 0.0
            span = named.get(place)
            if span is None:
                # What follows a word of place is a place, though it is not known.
                return 9.0 if place and sentence.words[place - 1].form in _IN else 1.0
            if any(self.names.is_any(t, ("Area", "Body")) for t in span.things):
                return 9.0
            return 1.0 if any(self.names.is_any(t, ("BodyKind",)) for t in span.things) else 0.4

        return weight

    def _person(self, sentence: Sentence) -> str:
        """What to say where a person is asked for by name; empty where none is."""
        first = _stems(self.tables.classes.get("first-names", ()))
        titles = _stems(self.tables.classes.get("titles", ()))
        named = {p for span in sentence.spans if not span.guesses for p in span.words}
        for place, (one, two) in enumerate(zip(sentence.words, sentence.words[1:], strict=False)):
            # A hospital or a fund may be called after somebody.
            if {place, place + 1} & named:
                continue
            capital = one.typed[:1].isupper() and two.typed[:1].isupper()
            if (one.form in titles and two.typed[:1].isupper()) or (one.form in first and (not two.known or capital)):
                return f"“{one.typed} {two.typed}” may be a person: people are not held here, only bodies and posts."
        return ""

    def _nearest(self, what: str) -> list[Choice]:
        names = self.lexicon.like(what)
        return [Choice(sentence=self.names.describe(t), thing=self.desk.views.thing(t)) for t in names[:MOST]]


def _plain(sentence: str) -> str:
    """The sentence of a question as a phrase."""
    kept = "".join(c if c.isalnum() or c in "{}[]|_ '’" else " " for c in sentence)
    return kept.replace("{scenario}", "[{scenario}]")


def _stems(words: Iterable[str]) -> frozenset[str]:
    return frozenset(k for w in words for k in key(fold(w)))


def _typed(words: Sequence[Word], span: Span) -> str:
    return span.name or " ".join(words[p].typed for p in sorted(span.words))


def _text(what: str, words: Sequence[Word], run: Sequence[int]) -> str:
    return what[words[run[0]].start : words[run[-1]].end]


def _shown(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def _notes(guess: str) -> tuple[str, ...]:
    return (guess,) if guess else ()


def _merged(found: Sequence[Span]) -> list[Span]:
    """One name for the same words, with all that each of several may mean."""
    merged: dict[tuple[frozenset[int], bool], Span] = {}
    for span in found:
        at = (span.words, span.choice)
        old = merged.get(at)
        if old is None or span.guesses < old.guesses:
            merged[at] = span
        elif span.guesses == old.guesses:
            things = tuple(dict.fromkeys((*old.things, *span.things)))
            merged[at] = replace(old, things=things, note=old.note or span.note)
    return list(merged.values())


def _surer(found: Sequence[Span]) -> list[Span]:
    """Names without those that need mending where others cover the same words as they are."""
    return [s for s in found if not s.guesses or not any(o.words >= s.words and o.guesses < s.guesses for o in found)]
