"""The rules of one scenario and day as SHACL 1.0 that any engine runs on a description as it stands, with the facts they need.

Within this package a description is made ready first: kinds closed upwards, what has ended set aside, local functions tied to those of the
record (``intake``). Another engine has the file alone, so each query asks for that itself. The short forms of statements, and memberships
written for posts, are the two things that only the intake reads.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

from icsgraph.check import ruleset
from icsgraph.check.intake import Vocabulary
from icsgraph.core.terms import DEF, expand
from icsgraph.graph.rdf import Literal, Triple, date, iri, read_turtle, term_name, turtle

__all__ = ["facts", "files", "packed", "plain", "shapes"]

_KINDS = "(ics:countsAs|(rdf:type/rdfs:subClassOf*))"
_IS_A = "rdf:type/rdfs:subClassOf*"
_NOT_IN_FORCE = DEF + "NotInForce"
_SELECT = expand("sh:select")
_WITHOUT_COUNTS = DEF + "selectWithoutCounts"
# Words that begin or join what is no triple.
_BETWEEN = re.compile(r"(?:FILTER|BIND|UNION|OPTIONAL|HAVING|EXISTS|NOT EXISTS|WHERE)\s*$")


_README = """# Rules of {scenario} on {day} for any SHACL engine

{count} rules as SHACL 1.0 with SPARQL constraints. Load `facts.ttl` together with your description as the data graph, and
`shapes.ttl` as the shapes graph; turn inference off. A result names the rule in `sh:sourceShape`.

    pip install pyshacl
    pyshacl --shacl shapes.ttl --ont-graph facts.ttl --inference none description.ttl

Engines built on Comunica (shacl-engine of npm) refuse counts: give them `shapes-without-counts.ttl`, which leaves out: {left}.
The ISA test bed's validator takes `shapes.ttl` as `validator.shaclFile` and `facts.ttl` as one of the files merged into the content.

Two things only icsgraph itself reads: statements in their short form (`:board ics:isBoundBy duty:x` in place of an `ics:Statement`), and
memberships written where a post is meant. Values must have their types here (`"2024-06-01"^^xsd:date`). Misspelt terms are not noticed:
`icsgraph validate` refuses them.

Law as on that day only. Facts under the Open Government Licence v3.0, rules under the MIT licence.
"""


def files(root: Path, reference: Path, scenario: str, as_at: str, vocabulary: Vocabulary) -> dict[str, bytes]:
    """All that another engine needs for a scenario and day (``YYYY-MM-DD``), by file name."""
    rules = ruleset.select(root, scenario, as_at).rules.values()
    left = [r.id for r in rules if "GROUP BY" in _query(r.triples)]
    lines = reference.read_text(encoding="utf-8").splitlines()
    told = _README.format(scenario=scenario, day=as_at, count=len(rules), left=", ".join(left) or "none")
    return {
        "shapes.ttl": shapes(root, scenario, as_at, vocabulary),
        "shapes-without-counts.ttl": shapes(root, scenario, as_at, vocabulary, counting=False),
        "facts.ttl": facts(root, lines, as_at),
        "README.md": told.encode(),
    }


def packed(files: dict[str, bytes]) -> bytes:
    """Files as one ZIP that is the same whenever it is made."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return held.getvalue()


def _query(triples: Iterable[Triple]) -> str:
    """The query of a rule that other engines are given."""
    by_name = {t.predicate.value: t.object.value for t in triples}
    return by_name.get(_WITHOUT_COUNTS, by_name.get(_SELECT, ""))


def shapes(root: Path, scenario: str, as_at: str, vocabulary: Vocabulary, counting: bool = True) -> bytes:
    """The rules of a scenario in force on a day (``YYYY-MM-DD``) as Turtle, with the prefixes that their queries use.

    Without ``counting`` the few rules that cannot do without a count or sum are left out: engines built on Comunica refuse it.
    """
    rules = ruleset.select(root, scenario, as_at)
    triples = list(read_turtle(root / "shapes" / "prefixes.ttl"))
    for rule in rules.rules.values():
        query = _query(rule.triples)
        if not counting and "GROUP BY" in query:
            continue
        living = _NOT_IN_FORCE not in rule.targets
        for t in rule.triples:
            if t.predicate.value == _WITHOUT_COUNTS:
                continue
            triples.append(_told(t, plain(query, vocabulary.expected, as_at, living)))
    return turtle(triples)


def _told(t: Triple, query: str) -> Triple:
    """A triple of a rule as other engines take it."""
    if t.predicate.value == _SELECT:
        return Triple(t.subject, t.predicate, Literal(query))
    if t.predicate.value == expand("sh:message") and isinstance(t.object, Literal):
        return Triple(
            t.subject, t.predicate, Literal(t.object.value.replace("{value}", "{?value}"), language=t.object.language)
        )
    if t.object.value == _NOT_IN_FORCE:
        return Triple(t.subject, term_name("sh:targetSubjectsOf"), term_name("ics:validTo"))
    return t


def plain(query: str, expected: Iterable[str], as_at: str, living: bool = True) -> str:
    """A query of ours as one that needs nothing made ready: kinds and ends are asked for in it.

    ``expected`` are the kinds of thing that are missed of whatever is described; ``living`` asks that the thing looked at be in force.
    """
    text = "\n".join(_uncommented(line) for line in query.splitlines())
    text = _absences(text, {"ics:" + kind.removeprefix(DEF) for kind in expected})
    text = _in_force(text, as_at)
    text = text.replace("ics:countsAs", _KINDS)
    text = re.sub(r"ics:within(?!\w)", "(ics:broader*/ics:within?)", text)
    text = re.sub(
        r"(\?\w+) ics:actsFor (\?\w+)",
        rf"\1 (ics:committeeOf+|ics:postOf|ics:memberOf) \2 . FILTER NOT EXISTS {{ \1 {_IS_A} ics:JointCommittee }}",
        text,
    )
    text = text.replace("ics:actsFor", "(ics:committeeOf+|ics:postOf|ics:memberOf)")
    if living:
        text = f"{text.rstrip().removesuffix('}')}    {_alive('$this', as_at, 'own')}\n}}\n"
    return text


def _uncommented(line: str) -> str:
    """A line without a comment; ``#`` within an address or a text begins none."""
    return re.sub(r'(<[^>]*>|"[^"]*")|\s*#.*', lambda m: m[1] or "", line)


def _alive(thing: str, day: str, mark: str) -> str:
    """A filter that a thing had begun and had not ended on a day."""
    return (
        f'FILTER NOT EXISTS {{ {thing} ics:validFrom ?begins_{mark} . FILTER(?begins_{mark} > "{day}"^^xsd:date) }} '
        f'FILTER NOT EXISTS {{ {thing} ics:validTo ?ends_{mark} . FILTER(?ends_{mark} <= "{day}"^^xsd:date) }}'
    )


def _absences(text: str, expected: set[str]) -> str:
    """Whether absence counts, from what a description says of its completeness."""
    said = "(ics:allDescribed|ics:noneExists)"

    def counts(kind: str) -> str:
        return (
            f"FILTER(EXISTS {{ $this {said} {kind} }} || "
            "(EXISTS { $this rdf:type ?described } && NOT EXISTS { $this ics:describedElsewhere true }))"
        )

    for kind in sorted(expected):
        asked = counts(kind)
        text = text.replace(f"$this ics:absenceCounts {kind} .", asked)
        text = re.sub(rf"\$this ics:absenceCounts {kind} ; ([^.]*?) \.", rf"$this \1 . {asked}", text)
        text = re.sub(rf" ; ics:absenceCounts {kind}([^.]*?) \.", rf"\1 . {asked}", text)
    return text.replace("ics:absenceCounts", said)


def _in_force(text: str, day: str) -> str:
    """Kinds asked for with ``a``, of things in force on the day; and what is not in force, by its dates."""
    count = 0
    while found := re.search(r"(?<=[;.{ ]) a (ics:\w+|\?\w+)", text):
        count += 1
        subject = _subject(text, found.start())
        mark = f"{count}"
        if found[1] == "ics:NotInForce":
            union = (
                f'{{ {subject} ics:validFrom ?begins_{mark} . FILTER(?begins_{mark} > "{day}"^^xsd:date) }} UNION '
                f'{{ {subject} ics:validTo ?ends_{mark} . FILTER(?ends_{mark} <= "{day}"^^xsd:date) }}'
            )
            start = text.rindex(subject, 0, found.start())
            text = text[:start] + union + text[found.end() :]
            continue
        end = _group_end(text, found.end())
        alive = "" if subject == "$this" else f" {_alive(subject, day, mark)} "
        text = f"{text[: found.start()]} {_IS_A} {found[1]}{text[found.end() : end]}{alive}{text[end:]}"
    return text


def _subject(text: str, position: int) -> str:
    """The subject of the triples in which a position lies: the first word after what ended the triples before."""
    depth = 0
    at = position
    while at > 0:
        at -= 1
        char = text[at]
        if char in ")}":
            depth += 1
            continue
        if char in "({":
            if depth == 0:
                break
            depth -= 1
            # What closes a filter or a group ends the triples before it; brackets of a path do not.
            if depth == 0 and (char == "{" or _BETWEEN.search(text[:at].rstrip() + " ")):
                at = _closing(text, at)
                break
        elif depth == 0 and char == "." and text[at - 1] == " ":
            break
    return text[at + 1 :].split(None, 1)[0]


def _closing(text: str, opening: int) -> int:
    """Where the bracket that opens at a position closes."""
    depth = 0
    for at in range(opening, len(text)):
        depth += (text[at] in "({") - (text[at] in ")}")
        if depth == 0:
            return at
    return len(text) - 1


def _group_end(text: str, position: int) -> int:
    """Where the group in which a position lies closes."""
    depth = 0
    for at in range(position, len(text)):
        if text[at] == "{":
            depth += 1
        elif text[at] == "}":
            if depth == 0:
                return at
            depth -= 1
    return len(text)


def facts(root: Path, reference: Iterable[str], as_at: str) -> bytes:
    """What the record says of the law and of bodies, as N-Triples: the lines of a build's reference, the kinds of the ontology, and the day."""
    ontology = (t for path in sorted((root / "ontology").glob("*.ttl")) for t in read_turtle(path))
    own = [t for t in ontology if t.predicate.value == expand("rdfs:subClassOf")]
    own.append(Triple(iri(DEF + "ThisCheck"), term_name("ics:asAt"), date(as_at)))
    lines = {f"{t.subject} {t.predicate} {t.object} ." for t in own}
    label = f"<{expand('rdfs:label')}>"
    for line in reference:
        # Names of bodies are many and no rule looks at them.
        if "<urn:x-word:" not in line and label not in line:
            lines.add(line)
    return ("\n".join(sorted(lines)) + "\n").encode()
