"""The validator: one call for the command line, the service and Python."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from icsgraph.check import export, intake, ruleset
from icsgraph.check.lines import lines_of
from icsgraph.check.sentences import sentence
from icsgraph.check.spans import outside, span_of
from icsgraph.core.dates import parse_day
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.report import SEVERITIES, Finding, Law, Mend, Report, Unjudged
from icsgraph.core.terms import DEF, DEFAULT_SCENARIO, ID, expand
from icsgraph.graph.rdf import Triple, iri, read_turtle, text_of
from icsgraph.graph.shacl import Result, as_ntriples, validate
from icsgraph.graph.upload import SUFFIXES, read_upload, sniff

__all__ = ["Places", "Validator"]


class Received(NamedTuple):
    """What a body received by a recorded arrangement: from when, until when (exclusive, ``YYYY-MM-DD``), in N-Triples."""

    start: str
    end: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Places:
    """Where things stand in the input: lines of a file, or cells by (thing, property); and what the nameless are called."""

    lines: Mapping[str, int] = field(default_factory=dict)
    cells: Mapping[tuple[str, str], str] = field(default_factory=dict)
    called: Mapping[str, str] = field(default_factory=dict)

    def cell(self, thing: str, properties: tuple[str, ...] = ()) -> str:
        """The cell of the first of some properties that a thing has one for, else that of the thing; empty where it has none."""
        found = (self.cells.get((thing, p)) for p in (*properties, ""))
        return next(filter(None, found), "")


class Validator:
    """Rules, vocabulary and reference facts, read once and used for many descriptions.

    ``root`` holds ``ontology`` and ``shapes``; ``reference`` is the file of facts that a build writes beside the dataset.
    """

    def __init__(self, root: Path, reference: Path) -> None:
        self.root = root
        self._reference = reference
        self.vocabulary = _vocabulary(root)
        self._law: list[str] = []
        self._named: dict[str, list[str]] = {}
        self._received: dict[str, list[Received]] = {}
        self._words: dict[str, dict[str, str]] = {}
        self._times: dict[str, dict[str, str]] = {}
        arrangements: dict[str, list[str]] = {}
        for line in reference.read_text(encoding="utf-8").splitlines():
            subject, _, rest = line.partition(" ")
            address = subject[1:-1]
            if rest.startswith("<urn:x-word:"):
                name, _, value = rest.partition("> ")
                self._words.setdefault(address, {})[name.removeprefix("<urn:x-word:")] = text_of(value)
            elif address.startswith(ID + "scenario/"):
                name, _, value = rest.partition(" ")
                told = self._times.setdefault(address.rpartition("/")[2], {})
                told[name[1:-1].rpartition("/")[2]] = value[1:].partition('"')[0]
            elif address.startswith(ID + "arrangement/"):
                arrangements.setdefault(address, []).append(line)
            elif address.startswith((ID + "body/", ID + "provision/")) and f"<{DEF}holdsFunction>" not in rest:
                self._named.setdefault(address, []).append(line)
            else:
                self._law.append(line)
        # Of the pairs of gateways only those of gateways that a description uses are looked at.
        self._law, self._pairs = _pairs_apart(self._law)
        self._recorded = {
            body: intake.Recorded(
                frozenset(_object(line) for line in lines if f"<{DEF}countsAs>" in line), *_period(lines)
            )
            for body, lines in self._named.items()
            if body.startswith(ID + "body/")
        }
        # Provisions that share a citation with others, by address.
        shared: dict[str, list[str]] = {}
        for address, words in self._words.items():
            if address.startswith(ID + "provision/") and "citation" in words:
                shared.setdefault(words["citation"], []).append(address)
        self._cited = {address: several for several in shared.values() if len(several) > 1 for address in several}
        self._wider = intake.Wider(*(_within(self._law, kind) for kind in ("function/", "post/")))
        bodies = self._recorded.values()
        self._spans = {
            kind: span_of((body.start, body.end) for body in bodies if kind in body.kinds)
            for kind in self.vocabulary.narrowest(set().union(*(body.kinds for body in bodies)))
        }
        for lines in arrangements.values():
            start, end = _period(lines)
            common = [line for line in lines if f"<{DEF}delegate>" not in line]
            for line in lines:
                if f"<{DEF}delegate>" in line:
                    received = Received(start, end or "9999", (line, *common))
                    self._received.setdefault(_object(line), []).append(received)

    @property
    def scenarios(self) -> list[str]:
        """The ids of the scenarios against which can be checked, in the record's order."""
        return sorted(self._times, key=lambda s: int(self._times[s].get("rank", "0")))

    def check(
        self,
        content: bytes,
        name: str = "the description",
        scenario: str = DEFAULT_SCENARIO,
        as_at: str = "",
        engine: str = "shifty",
        kind: str = "",
        today: dt.date | None = None,
    ) -> Report:
        """Check a description (bytes of RDF) against the rules of a scenario in force on a day.

        ``kind`` names the RDF format where known; ``as_at`` is ``YYYY-MM-DD`` (default: ``today``). Real bodies named by
        their addresses are checked together with what the record knows of them. Raises ``IcsgraphError`` for input that
        cannot be read, terms that are not known, and descriptions in which no rule finds anything to look at.
        """
        kind = kind or SUFFIXES.get("." + name.rpartition(".")[2].lower(), "") or sniff(content)
        found = read_upload(content, name, kind)
        return self.examine(found, name, scenario, as_at, engine, today, Places(lines=lines_of(content, kind)))

    def examine(
        self,
        found: list[Triple],
        name: str,
        scenario: str = DEFAULT_SCENARIO,
        as_at: str = "",
        engine: str = "shifty",
        today: dt.date | None = None,
        places: Places | None = None,
    ) -> Report:
        """Check triples as ``check`` does a file; ``places`` says where in the input each thing stands."""
        if scenario not in self._times:
            raise IcsgraphError(f"“{scenario}” is not a scenario.", f"Use one of: {', '.join(self.scenarios)}.")
        day = parse_day(as_at).isoformat() if as_at else (today or dt.date.today()).isoformat()
        self._in_time(scenario, day)
        places = places or Places()
        intake.known(found, self._words)
        found, notices = self._in_force(found, day)
        described = intake.take_in(found, self.vocabulary, scenario, day, self._recorded, self._wider)
        described.labels |= places.called
        described.notices += notices
        rules = ruleset.select(self.root, scenario, day)
        kinds = set().union(*(k for thing, k in described.kinds.items() if thing not in described.ended))
        kinds |= {DEF + "NotInForce"} if described.ended else set()
        # Some rules look at whatever a property speaks about, as at a real body of which only that is said.
        looked = kinds | {t.predicate.value for t in described.triples}
        described.notices += self._other_times(kinds, day)
        if not looked & rules.targets():
            raise IcsgraphError(
                f"{name} describes nothing that any rule of {scenario} on {day} looks at.",
                self._other_scenarios(scenario, kinds)
                or "A clean report would mislead. Give things kinds of ontology/, such as ics:IntegratedCareBoard; shapes/example shows how.",
            )
        known = [line for address in sorted(described.mentioned) for line in self._named.get(address, ())]
        # What named bodies exercise for others by the arrangements on record; nothing else of an arrangement.
        known += [line for gateway in sorted(described.mentioned) for line in self._pairs.get(gateway, ())]
        known += [
            line
            for body in sorted(described.mentioned)
            for received in self._received.get(body, ())
            if received.start <= day < received.end
            for line in received.lines
        ]
        described.notices += [self._other_kind(*one) for one in described.misnamed] + self._strangers(described)
        data = as_ntriples(described.triples) + ("\n".join(self._law + known) + "\n").encode()
        there = {
            word for t in described.triples for word in (t.predicate.value, f"{t.predicate.value} {t.object.value}")
        }
        for line in known:
            _, name, value = line.split(" ", 2)
            there |= {name[1:-1], f"{name[1:-1]} {value[1:-3]}"}
        running = rules.looking(looked | self._kinds_of(described.elsewhere), there)
        findings = [
            self._finding(r, rules, described, places)
            for r in validate(data, rules.shapes, engine, running)
            if r.focus in described.mentioned or r.focus.startswith("urn:x-")
        ]
        findings += [self._misfit(m, described, places, scenario) for m in described.misfits]
        idle = len(rules.rules) - len(rules.looking(looked))
        return Report(
            source=name,
            scenario=scenario,
            as_at=day,
            engine=engine,
            rules=len(rules.rules),
            things=len(described.things),
            idle=idle,
            findings=sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), f.rule, f.focus, f.value)),
            notices=described.notices,
            unjudged=self._unjudged(described, rules),
            mentioned=sorted(self.label(b, described) for b in described.elsewhere if b in described.kinds),
        )

    def portable(self, scenario: str = DEFAULT_SCENARIO, as_at: str = "") -> bytes:
        """The files of ``portable_files`` as one ZIP."""
        return export.packed(self.portable_files(scenario, as_at))

    def portable_files(
        self, scenario: str = DEFAULT_SCENARIO, as_at: str = "", today: dt.date | None = None
    ) -> dict[str, bytes]:
        """The rules of a scenario on a day as files for other engines, by name.

        ``shapes.ttl`` has all, ``shapes-without-counts.ttl`` leaves out those that only count, ``facts.ttl`` is what the record says.
        Raises ``IcsgraphError`` for a scenario that is none, a day that is none, and a day before or after the law.
        """
        if scenario not in self._times:
            raise IcsgraphError(f"“{scenario}” is not a scenario.", f"Use one of: {', '.join(self.scenarios)}.")
        day = parse_day(as_at).isoformat() if as_at else (today or dt.date.today()).isoformat()
        self._in_time(scenario, day)
        return export.files(self.root, self._reference, scenario, day, self.vocabulary)

    def _unjudged(self, described: intake.Description, rules: ruleset.Ruleset) -> list[Unjudged]:
        """The kinds of thing whose absence would break a rule, of the bodies described that say nothing on whether all are there.

        After them those of which they do say so, and whose absence breaks none.
        """
        judging = {
            r: {t for t in r.targets if self.vocabulary.body(t)} - set(r.judges)
            for r in rules.rules.values()
            if r.judges
        }
        some = set().union(*judging.values())
        asked: dict[str, set[str]] = {}
        for rule, bearers in judging.items():
            for body in described.things - described.ended:
                # A rule whose kinds are of no body is about whatever body the others are about.
                if described.kinds[body] & (bearers or some):
                    asked.setdefault(body, set()).update(rule.judges)
        # Where boards are described, they speak for the councils of their areas too.
        most = max(map(len, asked.values()), default=0)
        bodies = sorted(b for b, kinds in asked.items() if len(kinds) == most)
        found = []
        for kind in sorted({k for b in bodies for k in asked[b]}):
            without = [b for b in bodies if kind not in described.counted.get(b, ())]
            if without:
                ids = tuple(sorted(r.id for r in judging if kind in r.judges))
                found.append(Unjudged(kind, self._word(kind), ids, tuple(self.label(b, described) for b in without)))
        # Of a kind that no rule misses a word on its completeness changes nothing, and a clean report would mislead.
        idle: dict[str, list[str]] = {}
        missed = self.vocabulary.expected.union(*(r.judges for r in rules.rules.values()))
        for body, kinds in described.counted.items():
            for kind in kinds - missed:
                idle.setdefault(kind, []).append(self.label(body, described))
        return found + [
            Unjudged(kind, self._word(kind), (), tuple(sorted(names))) for kind, names in sorted(idle.items())
        ]

    def _in_force(self, found: list[Triple], day: str) -> tuple[list[Triple], list[str]]:
        """The triples with each provision that is not in force on the day replaced by the one of the same citation that is, and words on it."""
        meant: dict[str, str] = {}
        for given in {t.object.value for t in found if t.object.value in self._cited}:
            same = [a for a in self._cited[given] if a != given and self._holds(a, day)]
            if len(same) == 1 and not self._holds(given, day):
                meant[given] = same[0]
        if not meant:
            return found, []
        notices = [
            f"Two texts are {self._words[old]['citation']}: {_last(old)} is not in force on {day}, so {_last(new)}, which is, was taken to be meant."
            for old, new in sorted(meant.items())
        ]
        return [
            Triple(t.subject, t.predicate, iri(meant[t.object.value])) if t.object.value in meant else t for t in found
        ], notices

    def _holds(self, provision: str, day: str) -> bool:
        """Whether a provision is law in force on a day."""
        lines = self._named.get(provision, [])
        start, end = _period(lines)
        enacted = any(f"<{DEF}legalStatus> <{DEF}Enacted>" in line for line in lines)
        return enacted and start <= day and (not end or day < end)

    def _kinds_of(self, bodies: Iterable[str]) -> set[str]:
        """All kinds that the record gives to some bodies."""
        return set().union(*(self._recorded[b].kinds for b in bodies if b in self._recorded))

    def _in_time(self, scenario: str, day: str) -> None:
        """Refuse a day on which enacted law of a scenario had not begun or had ended; models have no such days."""
        times = self._times.get(scenario, {})
        start, end = times.get("validFrom", ""), times.get("validTo", "")
        if times.get("type") == "enacted" and ((start and day < start) or (end and day >= end)):
            until = f" until {end} (that day not included)" if end else ""
            raise IcsgraphError(
                f"{scenario} is the law from {start}{until}; it says nothing about {day}.",
                "Choose another day or scenario.",
            )

    def law(self, address: str) -> Law:
        """What the record says of a provision or of a statement of a paper."""
        words = self._words.get(address, {})
        code = address.rpartition("/")[2]
        return Law(code, words.get("citation", code), words.get("url", ""), words.get("text", ""))

    def label(self, address: str, described: intake.Description) -> str:
        """What a thing is called in the description or the record; else the end of its address."""
        if address.startswith("urn:x-said:"):
            return f"what is said of {self.label(address.split(':', 3)[3], described)}"
        if address in described.labels:
            return described.labels[address]
        return self._nameless(address, described) if address.startswith("urn:x-unnamed:") else self._word(address)

    def _nameless(self, address: str, described: intake.Description) -> str:
        """What a thing without a name is: its kind, the post it fills, and the body it belongs to."""
        kinds = self.vocabulary.narrowest(described.kinds.get(address, set()))
        kind = " and ".join(sorted(self._word(k) for k in kinds)) or "thing"
        post, home = described.tied.get(address, ("", ""))
        return (
            f"the {kind[:1].lower()}{kind[1:]}"
            + (f" “{self.label(post, described)}”" if post else "")
            + (f" of {self.label(home, described)}" if home and not home.startswith("urn:x-unnamed:") else "")
            + ("" if post or home else " without a name")
        )

    def _strangers(self, described: intake.Description) -> list[str]:
        """Says which sides of arrangements have no kind here or in the record, so that no rule could tell whether they may give or receive."""
        sides = {
            t.object.value
            for t in described.triples
            if t.predicate.value in (DEF + "delegator", DEF + "delegate") and t.subject.value not in described.ended
        }
        strange = sorted(
            self.label(s, described)
            for s in sides - described.kinds.keys() - self._recorded.keys()
            if not s.startswith(ID)
        )
        if not strange:
            return []
        more = f" and {len(strange) - 5} more" if len(strange) > 5 else ""
        return [
            "Not judged whether they may give or receive functions, since nothing says what kind of body they are: "
            f"{', '.join(strange[:5])}{more}."
        ]

    def _other_kind(self, body: str, kind: str) -> str:
        """Says that a description gives a real body a kind that the record does not."""
        return (
            f"{self._word(body)} [{body.rpartition('/')[2]}] is called “{self._word(kind)}” here, which it is not in the record; "
            "it was checked as what it is there. If it is another body, give it its own code."
        )

    def _other_scenarios(self, scenario: str, kinds: set[str]) -> str:
        """Says why nothing is looked at, where other scenarios have rules about it or all of it is not in force; else empty."""
        ended = DEF + "NotInForce"
        found = ruleset.elsewhere(self.root, scenario, kinds - {ended})
        said = [f"Rules of {', '.join(s)} are about the kind “{self._word(k)}”." for k, s in found.items()]
        return " ".join(["What has ended or not begun on that day is not looked at."] * (ended in kinds) + said)

    def _other_times(self, kinds: set[str], day: str) -> list[str]:
        """Says which kinds described have no body in the record on the day, though on others."""
        return [
            f"No body of the kind “{self._word(kind)}” exists on {day} in the record: {why}."
            for kind in sorted(kinds & self._spans.keys())
            if (why := outside(self._spans[kind], day))
        ]

    def _word(self, address: str) -> str:
        """What the record calls a thing; else the end of its address."""
        return self._words.get(address, {}).get("label") or address.rstrip("/").replace("#", "/").rpartition("/")[2]

    def _finding(
        self, result: Result, rules: ruleset.Ruleset, described: intake.Description, places: Places
    ) -> Finding:
        rule = rules.rules[result.shape]
        shown = result.focus.split(":", 3)[3] if result.focus.startswith("urn:x-said:") else result.focus
        called = self.label(result.value, described) if ":" in result.value else result.value
        words = self._words.get(result.value, {})
        # A section is found by its number; what it is about stands beside.
        cited = f"{words['citation']} ({called})" if "citation" in words and "url" in words else called
        return Finding(
            rule=rule.id,
            title=rule.title,
            severity=rule.severity,
            focus=result.focus,
            focus_label=self.label(result.focus, described),
            message=sentence(result.message or rule.message, cited),
            remedy=rule.remedy,
            value=result.value,
            value_label=called,
            line=places.lines.get(shown, 0),
            cell=places.cell(shown, rule.at),
            law=tuple(self.law(b) for b in rule.basis),
            mend=_mend(rule, result, result.message),
            written_with=() if places.cells else self._sayable(rule),
        )

    def _sayable(self, rule: ruleset.Rule) -> tuple[str, ...]:
        """The properties in which a description can say what a rule looks at."""
        return tuple(t for t in rule.terms if expand(t) not in self.vocabulary.reserved)

    def _misfit(
        self, misfit: tuple[str, str, str], described: intake.Description, places: Places, scenario: str
    ) -> Finding:
        thing, kind, scenarios = misfit
        return Finding(
            rule="other-scenario",
            title="A kind of body of another scenario",
            severity="Violation",
            focus=thing,
            focus_label=self.label(thing, described),
            message=f"It is of a kind that exists only in {scenarios}; the check is under {scenario}.",
            remedy="Check under that scenario, or give it a kind of this one.",
            value=kind,
            value_label=self._word(kind),
            line=places.lines.get(thing, 0),
            cell=places.cell(thing),
        )


@lru_cache(maxsize=2)
def _vocabulary(root: Path) -> intake.Vocabulary:
    ontology: list[Triple] = [t for path in sorted((root / "ontology").glob("*.ttl")) for t in read_turtle(path)]
    return intake.Vocabulary.of(ontology)


def _pairs_apart(lines: list[str]) -> tuple[list[str], dict[str, list[str]]]:
    """Lines of N-Triples without those of pairs of gateways, and these by gateway."""
    pairs: dict[str, list[str]] = {}
    others = []
    for line in lines:
        if line.startswith(f"<{ID}gateway-pair/"):
            pairs.setdefault(line.partition(" ")[0], []).append(line)
        else:
            others.append(line)
    by_gateway: dict[str, list[str]] = {}
    for own in pairs.values():
        for gateway in {_object(line) for line in own if f"<{DEF}pairOf>" in line}:
            by_gateway.setdefault(gateway, []).extend(own)
    return others, by_gateway


def _period(lines: list[str]) -> tuple[str, str]:
    """From when and until when lines of N-Triples say that their thing holds; empty where they do not."""
    dates = {w: line.split('"')[1] for line in lines for w in ("validFrom", "validTo") if f"{DEF}{w}>" in line}
    return dates.get("validFrom", ""), dates.get("validTo", "")


def _mend(rule: ruleset.Rule, result: Result, message: str) -> Mend | None:
    """The one lawful mend of a finding, where its rule has one for the fault; none for things that have no address to write."""
    if result.focus.startswith("urn:x-") or not result.focus.partition(":")[2]:
        return None
    for mend in rule.mends:
        if mend.fault not in message:
            continue
        lines = [
            line.replace("{this}", f"<{result.focus}>").replace("{value}", f"<{result.value}>")
            for line in (mend.takes_out, mend.puts_in)
        ]
        if "<>" not in "".join(lines):
            return Mend(*lines)
    return None


def _last(address: str) -> str:
    """The last part of an address, by which people write it."""
    return address.rpartition("/")[2]


def _within(lines: list[str], kind: str) -> dict[str, frozenset[str]]:
    """What each thing of a kind of address, such as ``function/``, lies within in lines of N-Triples: itself and all wider ones."""
    found: dict[str, set[str]] = {}
    for line in lines:
        if line.startswith(f"<{ID}{kind}") and (f"<{DEF}within>" in line or f"<{DEF}broader>" in line):
            address = line[1 : line.index(">")]
            found.setdefault(address, {address}).add(_object(line))
    return {a: frozenset(w) for a, w in found.items()}


def _object(line: str) -> str:
    """The address that a line of N-Triples points at."""
    return line.split(" ")[2][1:-1]
