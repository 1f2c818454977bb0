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
from icsgraph.core.terms import DEF, ID, expand
from icsgraph.graph.rdf import Literal, Triple, date, iri, read_turtle, term_name, turtle

__all__ = ["facts", "files", "packed", "plain", "shapes"]

_IS_A = "rdf:type/rdfs:subClassOf*"
_NOT_IN_FORCE = DEF + "NotInForce"
_SELECT = expand("sh:select")
_WITHOUT_COUNTS = DEF + "selectWithoutCounts"
# Words that begin or join what is no triple.
_BETWEEN = re.compile(r"(?:FILTER|BIND|UNION|OPTIONAL|HAVING|EXISTS|NOT EXISTS|WHERE)\s*$")


_README = """# Rules of {scenario} on {day} for any SHACL engine

{count} rules as SHACL 1.0 with SPARQL constraints. `facts.ttl` goes with your description into the data graph, `shapes.ttl` is the shapes
graph; inference stays off. A result names its rule in `sh:sourceShape` (`rule/C43`) and says in `sh:resultMessage` what is wrong.

| File | For |
|---|---|
| `shapes.ttl` | engines of full SPARQL: pySHACL, Jena, TopBraid |
| `shapes-without-counts.ttl` | engines built on Comunica (shacl-engine), which refuse counts; left out: {left} |
| `facts.ttl` | what the record says of the law and of real bodies, which the rules ask for |
| `check.mjs` | a script that gives all of it to shacl-engine |
| `config.properties` | the ISA test bed's validator: this folder is a domain of it |

## In your own CI

Keep these files in your repository and let a step end in error where a description breaks a rule. Python:

    pip install pyshacl
    cat description.ttl facts.ttl > data.ttl
    pyshacl --shacl shapes.ttl --inference none --format human data.ttl

Node (20 or later; the script stands where its packages are installed):

    npm install shacl-engine n3
    node check.mjs shapes-without-counts.ttl facts.ttl description.ttl

ISA test bed: put the folder under the validator's resource root as one domain; it adds `shapes.ttl` and `facts.ttl` to what is uploaded.

Both take minutes over a whole system, since they read each query anew for each thing; `icsgraph validate` takes less than a second.
Severities: Violation is a breach of an Act or instrument, Warning of guidance or policy, Info of good practice. pySHACL and the script end
with 1 for any of them (`pyshacl --allow-warnings` for Violations alone).

## What differs from `icsgraph validate`

Only icsgraph reads statements in their short form (`:board ics:isBoundBy duty:x` in place of an `ics:Statement`), and memberships written
where a post is meant. Values must have their types here (`"2024-06-01"^^xsd:date`). Misspelt terms are not noticed: `icsgraph validate`
refuses them. Law as on that day only: make the files anew when the law changes (`icsgraph shapes --as-at DAY --out DIR`).

Facts under the Open Government Licence v3.0, rules under the MIT licence.
"""

_TEST_BED = """# The ISA test bed's SHACL validator: one kind of validation. The shapes are merged into what is uploaded, and so are the facts.
validator.type = {scenario}
validator.typeLabel.{scenario} = {scenario} on {day}
validator.shaclFile.{scenario} = shapes.ttl, facts.ttl
validator.mergeModelsBeforeValidation = true
validator.uploadTitle = Integrated care systems: who is accountable for what
validator.reportTitle = Findings
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
        "check.mjs": (root / "shapes" / "check.mjs").read_bytes(),
        "config.properties": _TEST_BED.format(scenario=scenario, day=as_at).encode(),
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
            triples += _told(t, query, plain(query, vocabulary, as_at, living))
    return turtle(triples)


def _told(t: Triple, query: str, plainly: str) -> list[Triple]:
    """A triple of a rule as other engines take it.

    What is not in force keeps its kind there: looked at is the kind that the query asks of it, and what others point at as it asks.
    """
    if t.predicate.value == _SELECT:
        return [Triple(t.subject, t.predicate, Literal(plainly))]
    if t.predicate.value == expand("sh:message") and isinstance(t.object, Literal):
        words = t.object.value.replace("{value}", "{?value}")
        return [Triple(t.subject, t.predicate, Literal(words, language=t.object.language))]
    if t.object.value == _NOT_IN_FORCE:
        kinds = sorted(set(re.findall(r"\$this ics:countsAs ics:(\w+)", query)))
        assert kinds, t.subject
        pointing = sorted(set(re.findall(r"ics:(\w+) \$this", query)))
        objects = [Triple(t.subject, term_name("sh:targetObjectsOf"), iri(DEF + name)) for name in pointing]
        return [Triple(t.subject, t.predicate, iri(DEF + kind)) for kind in kinds] + objects
    return [t]


def plain(query: str, vocabulary: Vocabulary, as_at: str, living: bool = True) -> str:
    """A query of ours as one that needs nothing made ready: kinds and ends are asked for in it.

    ``vocabulary`` says which kinds take in others and which are missed of whatever is described; ``living`` asks that the thing
    looked at be in force.
    """
    text = "\n".join(_uncommented(line) for line in query.splitlines())
    text = _absences(text, {"ics:" + kind.removeprefix(DEF) for kind in vocabulary.expected})
    taking_in = {"ics:" + w.removeprefix(DEF) for kind, wider in vocabulary.wider.items() for w in wider - {kind}}
    text = _in_force(text, as_at, taking_in)
    text = text.replace("ics:sidesAs", "ics:countsAs?")
    text = re.sub(r"ics:countsAs(?: (ics:\w+|\?\w+))?", lambda m: _counting_as(m[1] or "", taking_in), text)
    text = re.sub(r"ics:within(?!\w)", "(ics:broader*/ics:within?)", text)
    text = re.sub(
        r"(\?\w+) ics:actsFor (\?\w+)",
        rf"\1 (ics:committeeOf+|ics:postOf|ics:memberOf) \2 . FILTER NOT EXISTS {{ \1 {_is_a('ics:JointCommittee', taking_in)} ics:JointCommittee }}",
        text,
    )
    text = text.replace("ics:actsFor", "(ics:committeeOf+|ics:postOf|ics:memberOf)")
    if living:
        text = f"{text.rstrip().removesuffix('}')}    {_alive('$this', as_at, 'own')}\n}}\n"
    return text


def _is_a(kind: str, taking_in: set[str]) -> str:
    """The path to a kind; one that takes in no other needs no climb, which every engine is quicker without."""
    return "rdf:type" if kind.startswith("ics:") and kind not in taking_in else _IS_A


def _counting_as(kind: str, taking_in: set[str]) -> str:
    """What a thing counts as, by the record or by its own kind, with the kind that is asked for."""
    return f"(ics:countsAs|{_is_a(kind, taking_in)}) {kind}".rstrip() if kind else f"(ics:countsAs|({_IS_A}))"


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


def _in_force(text: str, day: str, taking_in: set[str]) -> str:
    """Kinds asked for with ``a``, of things in force on the day; and what is not in force, by its dates."""
    count = 0
    while found := re.search(r"(?<![\"']) a (ics:\w+|\?\w+)", text):
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
        text = f"{text[: found.start()]} {_is_a(found[1], taking_in)} {found[1]}{text[found.end() : end]}{alive}{text[end:]}"
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
        # Names of bodies are many, and no rule looks at them; those of gateways stand in messages.
        if "<urn:x-word:" not in line and (label not in line or line.startswith(f"<{ID}gateway/")):
            lines.add(line)
    return ("\n".join(sorted(lines)) + "\n").encode()
