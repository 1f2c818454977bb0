"""Every rule of ``shapes/``: there, well formed, breaking alone where it should, and seen alike by both engines."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from icsgraph.ask.desk import Desk
from icsgraph.check import ruleset
from icsgraph.check.export import plain
from icsgraph.check.lines import lines_of
from icsgraph.check.render import as_text
from icsgraph.check.validator import Places, Validator
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.report import Mend, Report
from icsgraph.graph.shacl import as_ntriples, validate
from icsgraph.graph.upload import read_upload

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "shapes" / "example"
SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")
ICS = "https://w3id.org/icsgraph/def/"


@dataclass(frozen=True)
class Break:
    """One change of an example that breaks one rule, at the things named (and about the value named)."""

    rule: str
    base: str
    scenario: str
    as_at: str
    change: str
    focus: tuple[str, ...]
    value: str
    # Wider rules that the same mistake breaks at the same things.
    also: tuple[str, ...]


def read() -> list[Break]:
    found = []
    for path in sorted((ROOT / "tests" / "rules").glob("*.toml")):
        doc = tomllib.loads(path.read_text(encoding="utf-8"))
        for c in doc["case"]:
            assert set(c) <= {"rule", "breaks", "focus", "value", "also"}, c
            found.append(
                Break(
                    c["rule"],
                    doc["base"],
                    doc["scenario"],
                    doc["as_at"],
                    c["breaks"],
                    tuple(c["focus"]),
                    c.get("value", ""),
                    tuple(c.get("also", ())),
                )
            )
    return found


BREAKS = read()
NEAR = tomllib.loads((ROOT / "tests" / "checks" / "near_misses.toml").read_text(encoding="utf-8"))["case"]
BASES = sorted({(b.base, b.scenario, b.as_at) for b in BREAKS})


@cache
def example(base: str) -> tuple[str, tuple[ox.Quad, ...]]:
    """The prefixes of an example, as SPARQL has them, and its triples."""
    text = (EXAMPLES / base).read_text(encoding="utf-8")
    prefixes = "".join(f"PREFIX {p}: <{n}>\n" for p, n in re.findall(r"@prefix ([\w-]*): <([^>]*)>", text))
    return prefixes, tuple(
        ox.Quad(t.subject, t.predicate, t.object) for t in ox.parse(text, format=ox.RdfFormat.TURTLE)
    )


def changed(base: str, change: str) -> bytes:
    """An example after a SPARQL update, which must change something."""
    prefixes, before = example(base)
    return updated(before, prefixes + change)


def updated(before: Iterable[ox.Quad], update: str) -> bytes:
    """Triples after a SPARQL update, which must change something."""
    store = ox.Store()
    store.extend(before)
    old = set(store)
    store.update(update)
    assert set(store) != old, update
    return store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph()) or b""


def found(report: Report) -> set[tuple[str, str]]:
    return {(f.rule, re.split(r"[/#]", f.focus)[-1]) for f in report.findings}


# ---------------------------------------------------------------- the rules themselves


def test_every_constraint_of_both_lists_is_there() -> None:
    # source: 97 rules under the Act, 75 under the scenarios and 21 on schemes of delegation, by their numbers
    wanted = {f"C{n:02d}" for n in range(1, 98)} | {f"G{n:02d}" for n in range(1, 22)}
    # 63 more on gateways and on further law and practice
    wanted |= {f"D{n:02d}" for n in range(1, 64)}
    for prefix, count in (("SQ", 16), ("O1", 11), ("O2", 12), ("REC", 20), ("WP", 4), ("X", 12)):
        wanted |= {f"{prefix}-{n:02d}" for n in range(1, count + 1)}
    rules = {r.id: r for r in ruleset.read_rules(ROOT)}
    assert set(rules) == wanted
    assert {i for i, r in rules.items() if r.why_not} == {"C03", "X-12"}


def test_every_rule_says_what_a_reader_needs() -> None:
    for rule in ruleset.read_rules(ROOT):
        assert rule.title, rule.id
        assert rule.basis, rule.id
        assert rule.scenarios, rule.id
        if not rule.why_not:
            assert rule.message.endswith("."), rule.id
            assert rule.remedy.endswith("."), rule.id
            assert not re.search(r"sh:|SHACL|https?:|ics:", rule.message + rule.remedy), rule.id


def misspelt(text: str) -> set[str]:
    """Terms of SHACL and of ours that shapes use and nobody declares: engines take both in silence."""
    import pyshacl

    shacl = rdflib.Graph()
    shacl.parse(str(Path(pyshacl.__file__).parent / "assets" / "shacl.ttl"), format="turtle")
    known = {str(s) for s in shacl.subjects()}
    for path in (ROOT / "ontology").glob("*.ttl"):
        ontology = rdflib.Graph()
        ontology.parse(path, format="turtle")
        known |= {str(s) for s in ontology.subjects()}
    used = {str(SH) + m for m in re.findall(r"\bsh:(\w+)", text)} | {ICS + m for m in re.findall(r"\bics:(\w+)", text)}
    return used - known


def test_no_term_of_a_shape_is_misspelt() -> None:
    text = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "shapes").rglob("*.ttl"))
    assert misspelt(text) == set()
    assert misspelt("sh:targetClas ics:Membershp") == {str(SH) + "targetClas", ICS + "Membershp"}


def test_nothing_of_a_shape_is_without_a_name() -> None:
    for path in (ROOT / "shapes").glob("*/*.ttl"):
        graph = rdflib.Graph()
        graph.parse(path, format="turtle")
        assert not [s for s in graph.subjects() if isinstance(s, rdflib.BNode)], path


# ---------------------------------------------------------------- each rule breaks alone


def test_every_rule_that_data_can_decide_has_a_case() -> None:
    assert {b.rule for b in BREAKS} == {r.id for r in ruleset.read_rules(ROOT) if not r.why_not}
    assert len(set(BREAKS)) == len(BREAKS) >= 170


@pytest.mark.parametrize(("base", "scenario", "as_at"), BASES, ids=[b[0] for b in BASES])
def test_an_example_conforms(validator: Validator, base: str, scenario: str, as_at: str) -> None:
    report = validator.check((EXAMPLES / base).read_bytes(), base, scenario, as_at)
    assert report.findings == []
    assert report.things > 0


@pytest.mark.parametrize("case", BREAKS, ids=lambda b: str(b.rule))
def test_a_rule_breaks_alone(validator: Validator, case: Break) -> None:
    report = validator.check(changed(case.base, case.change), "x.nt", case.scenario, case.as_at)
    assert found(report) == {(rule, f) for rule in (case.rule, *case.also) for f in case.focus}
    # A rule of several faults says which it found.
    assert not [f for f in report.findings if "{" in f.message or not f.message.endswith(".")]
    if case.value:
        assert {re.split(r"[/#]", f.value)[-1] for f in report.findings} == {case.value.split(":")[-1]}


@pytest.mark.parametrize("case", NEAR, ids=lambda c: str(c["sentence"]))
def test_a_near_miss(validator: Validator, case: dict[str, object]) -> None:
    content = changed(str(case.get("base", "system.ttl")), str(case["change"]))
    report = validator.check(
        content, "x.nt", str(case.get("scenario", "act-2022")), str(case.get("as_at", "2025-09-01"))
    )
    only = str(case.get("only", "")).split(",")
    got = {f"{rule} {focus}" for rule, focus in found(report) if only == [""] or rule in only}
    findings = case["findings"]
    assert isinstance(findings, list)
    assert got == set(findings)


START = """:icb a ics:IntegratedCareBoard ; rdfs:label "Board" ; ics:describedElsewhere true .
:ua a ics:ResponsibleLocalAuthority ; rdfs:label "Council" ; ics:overlapsAreaOf :icb .
:nt a ics:NHSTrust ; rdfs:label "Trust" .
"""
PREFIXES = "".join(
    f"@prefix {p}: <https://w3id.org/icsgraph/id/{p}/> .\n"
    for p in ["body", "duty", "form", "function", "gateway", "post", "power", "provision"]
) + (
    "@prefix : <https://example.org/t/> .\n@prefix ics: <https://w3id.org/icsgraph/def/> .\n"
    "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
)
VERDICTS = [
    case
    for name in ("verdicts", "lawful_twins", "second_reader")
    for case in tomllib.loads((ROOT / "tests" / "checks" / f"{name}.toml").read_text(encoding="utf-8"))["case"]
]


@pytest.mark.parametrize("case", VERDICTS, ids=lambda c: str(c["sentence"]))
def test_a_verdict(validator: Validator, case: dict[str, object]) -> None:
    content = (PREFIXES + START + str(case["turtle"])).encode()
    report = validator.check(
        content, "x.ttl", str(case.get("scenario", "act-2022")), str(case.get("as_at", "2025-09-30"))
    )
    rules = {f.rule for f in report.findings}
    has, has_not, notices = (case.get(name, []) for name in ("has", "has_not", "notices"))
    assert isinstance(has, list)
    assert isinstance(has_not, list)
    assert isinstance(notices, list)
    assert has or has_not
    assert set(has) - rules == set()
    assert set(has_not) & rules == set()
    assert [n for n in notices if not any(n in said for said in report.notices)] == []


def test_twelve_planted_faults(validator: Validator) -> None:
    report = validator.check((EXAMPLES / "system-with-faults.ttl").read_bytes(), "x.ttl", as_at="2025-09-01")
    assert found(report) == {
        ("C10", "chair"),
        ("C13", "chief-executive"),
        ("C17", "icb"),
        ("C22", "icb"),
        ("C27", "constitution"),
        ("C30", "contract"),
        ("C43", "wrong-duty"),
        ("C52", "place-delegation"),
        ("C58", "liability"),
        ("C70", "forward-plan"),
        ("C90", "gp-holder"),
        ("C96", "from-bill"),
    }
    assert report.counts() == {"Violation": 11, "Warning": 1, "Info": 0}
    # Every finding says where it stands and what law it rests on.
    assert all(f.line and f.law and f.law[0].citation for f in report.findings)


# What a reader did who had the twelve sentences, the remedies and the file, and nothing else; three sentences did not say who is meant
# (C13, C17, C58) and have said it since.
READ_AND_MENDED = {
    "C10": "DELETE DATA { :chair ics:appointedBy :icb } ; INSERT DATA { :chair ics:appointedBy body:X24 }",
    "C13": "DELETE DATA { :chief-executive ics:employedBy :consultancy } ; INSERT DATA { :chief-executive ics:employedBy :icb }",
    "C17": "DELETE DATA { :council-member ics:nominatedBy :district } ; INSERT DATA { :council-member ics:nominatedBy :east-council }",
    "C22": "DELETE { :nursing-director ics:inPost ?p } INSERT { :nursing-director ics:inPost post:icb-nursing-director } WHERE { :nursing-director ics:inPost ?p }",
    "C27": "INSERT DATA { :constitution ics:dealsWith ics:PartInvolvement }",
    "C30": "DELETE { :contract ics:contractParty :place-committee } INSERT { :contract ics:contractParty ?b } WHERE { :place-committee ics:committeeOf ?b }",
    "C43": "DELETE WHERE { :wrong-duty ?p ?o }",
    "C52": "DELETE DATA { :place-delegation ics:delegate :federation } ; INSERT DATA { :place-delegation ics:delegate :mental-health-trust }",
    "C58": "DELETE DATA { :liability ics:liabilityBearer body:X24 } ; INSERT DATA { :liability ics:liabilityBearer :icb }",
    "C70": "INSERT DATA { :forward-plan ics:opinionOf :hwb-west }",
    "C90": "DELETE DATA { :gp-holder ics:bearer :icb } ; INSERT DATA { :gp-holder ics:bearer body:X24 }",
    "C96": "DELETE WHERE { :from-bill ics:restsOn ?p }",
}


def test_twelve_faults_are_mended_from_their_sentences(validator: Validator) -> None:
    text = (EXAMPLES / "system-with-faults.ttl").read_text(encoding="utf-8")
    graph = rdflib.Graph()
    graph.parse(data=text, format="turtle")
    prefixes = "".join(f"PREFIX {p}: <{n}>\n" for p, n in re.findall(r"@prefix ([\w-]*): <([^>]*)>", text))
    left = set(READ_AND_MENDED)
    for rule, mend in READ_AND_MENDED.items():
        graph.update(prefixes + mend)
        report = validator.check(graph.serialize(format="nt", encoding="utf-8"), "x.nt", as_at="2025-09-01")
        left -= {rule}
        assert {f.rule for f in report.findings} == left


def test_the_sentences_name_who_is_meant(validator: Validator) -> None:
    report = validator.check((EXAMPLES / "system-with-faults.ttl").read_bytes(), "x.ttl", as_at="2025-09-01")
    said = {f.rule: f.message for f in report.findings}
    assert "A consultancy" in said["C13"]
    assert "Ferndale District Council" in said["C17"]
    assert "NHS Fernshire Integrated Care Board" in said["C58"]


# ---------------------------------------------------------------- a sound sibling hides nothing


def sibling(base: str) -> bytes:
    """The whole example once more under other names, with other areas: a second system that keeps the law beside the first."""
    text = (EXAMPLES / base).read_text(encoding="utf-8")
    home = re.search(r"@prefix : <([^>]*)>", text)
    assert home
    text = text.replace(home[1], SIBLING).replace("E0199999", "E0188888")
    told = ox.parse(text, format=ox.RdfFormat.TURTLE)
    return ox.serialize(told, format=ox.RdfFormat.N_TRIPLES) or b""


SIBLING = "https://example.org/sibling/"
# A duty laid on a post of the model is laid on it for every board.
SHARED = {"O1-07"}


@pytest.mark.parametrize("case", BREAKS, ids=lambda b: str(b.rule))
def test_a_sound_sibling_hides_nothing(validator: Validator, case: Break, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule of a case finds beside a sound system what it finds alone, in both engines."""
    if case.rule in SHARED:
        pytest.skip("what breaks it is said of both at once")
    whole = ruleset.select(ROOT, case.scenario, case.as_at)
    one = {i: r for i, r in whole.rules.items() if r.id == case.rule}
    alone = ruleset.Ruleset(one, ruleset.shapes_of(ROOT, one.values()))
    monkeypatch.setattr(ruleset, "select", lambda root, scenario, as_at: alone)
    content = changed(case.base, case.change)
    wanted = results(validator, content, case.scenario, case.as_at, "shifty")
    assert wanted
    for engine in ("shifty", "pyshacl"):
        beside = results(validator, content + sibling(case.base), case.scenario, case.as_at, engine)
        # What the case says of a body that both share, such as NHS England, may break a rule at the sibling too.
        assert [r for r in beside if not r[1].startswith(SIBLING)] == wanted


# ---------------------------------------------------------------- both engines see the same


def results(validator: Validator, content: bytes, scenario: str, as_at: str, engine: str) -> list[tuple[str, ...]]:
    report = validator.check(content, "a system", scenario, as_at, engine)
    return [(f.rule, f.focus, f.value, f.message) for f in report.findings]


@pytest.mark.slow
@pytest.mark.parametrize("case", BREAKS, ids=lambda b: str(b.rule))
def test_both_engines_agree_on_a_case(validator: Validator, case: Break, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule of the case under both engines; all rules together are compared on the faulty system below."""
    whole = ruleset.select(ROOT, case.scenario, case.as_at)
    one = {i: r for i, r in whole.rules.items() if r.id == case.rule}
    alone = ruleset.Ruleset(one, ruleset.shapes_of(ROOT, one.values()))
    monkeypatch.setattr(ruleset, "select", lambda root, scenario, as_at: alone)
    content = changed(case.base, case.change)
    quick = results(validator, content, case.scenario, case.as_at, "shifty")
    assert quick
    assert quick == results(validator, content, case.scenario, case.as_at, "pyshacl")


def test_both_engines_agree_on_all_rules_together(validator: Validator) -> None:
    content = (EXAMPLES / "system-with-faults.ttl").read_bytes()
    quick, reference = (results(validator, content, "act-2022", "2025-09-01", e) for e in ("shifty", "pyshacl"))
    assert len(quick) == 12
    assert quick == reference


def test_an_engine_that_misses_a_result_would_be_seen(validator: Validator) -> None:
    content = (EXAMPLES / "system-with-faults.ttl").read_bytes()
    assert results(validator, content, "act-2022", "2025-09-01", "shifty")[1:] != results(
        validator, content, "act-2022", "2025-09-01", "shifty"
    )
    with pytest.raises(IcsgraphError, match="not a SHACL engine"):
        validate(b"", b"", "guess")


def test_what_a_finding_is_said_with_is_what_a_description_may_say(validator: Validator) -> None:
    """Of nearly every rule something can be said; what only the record says is never offered."""
    rules = [r for r in ruleset.read_rules(ROOT) if r.terms]
    said = {r.id: validator._sayable(r) for r in rules}
    # Two refuse a kind of body as such, of which there is nothing else to say.
    assert {id for id, terms in said.items() if not terms} == {"REC-02", "REC-16"}
    assert not {"ics:countsAs", "ics:within", "ics:pairOf", "ics:asAt"} & {t for terms in said.values() for t in terms}


def test_findings_of_a_description_name_properties_and_those_of_a_workbook_none(validator: Validator) -> None:
    content = changed("system.ttl", "DELETE DATA { :register ics:dealsWith ics:CoversEmployees }")
    (finding,) = validator.check(content, "x.nt", as_at="2025-09-01").findings
    assert finding.written_with == ("ics:registerOf", "ics:dealsWith", "ics:openTo")
    assert "Said with: ics:registerOf, ics:dealsWith, ics:openTo" in as_text(
        validator.check(content, "x.nt", as_at="2025-09-01")
    )
    found = read_upload(content, "x.nt", "ntriples")
    cells = Places(cells={("https://example.org/fernshire/icb", ""): "Bodies!A2"})
    (finding,) = validator.examine(found, "x.xlsx", as_at="2025-09-01", places=cells).findings
    assert finding.written_with == ()


# ---------------------------------------------------------------- mends


def mended(content: bytes, mend: Mend) -> bytes:
    """A description after its mend."""
    prefixes = "".join(f"PREFIX {p}: <https://w3id.org/icsgraph/id/{p}/> " for p in ("body", "form", "post"))
    steps = (("DELETE", mend.takes_out), ("INSERT", mend.puts_in))
    update = " ; ".join(f"{how} DATA {{ {line} }}" for how, line in steps if line)
    before = (ox.Quad(t.subject, t.predicate, t.object) for t in ox.parse(content, format=ox.RdfFormat.N_TRIPLES))
    return updated(before, f"{prefixes}PREFIX ics: <{ICS}> {update}")


MENDED = [b for b in BREAKS if any(r.mends for r in ruleset.read_rules(ROOT) if r.id == b.rule)]


@pytest.mark.parametrize("case", MENDED, ids=lambda b: str(b.rule))
def test_a_mend_mends_its_finding_and_breaks_nothing_else(validator: Validator, case: Break) -> None:
    content = changed(case.base, case.change)
    before = validator.check(content, "x.nt", case.scenario, case.as_at).findings
    for finding in before:
        if finding.mend:
            after = validator.check(mended(content, finding.mend), "x.nt", case.scenario, case.as_at).findings
            assert {f.to_dict()["message"] for f in after} < {f.to_dict()["message"] for f in before}


def test_mends_are_offered_and_one_that_mends_nothing_would_be_seen(validator: Validator) -> None:
    content = changed(
        "system.ttl", "DELETE { :chair ics:appointedBy body:X24 } INSERT { :chair ics:appointedBy :icb } WHERE {}"
    )
    (finding,) = validator.check(content, "x.nt", as_at="2025-09-01").findings
    chair = "<https://example.org/fernshire/chair>"
    assert finding.mend == Mend(
        f"{chair} ics:appointedBy <https://example.org/fernshire/icb> .", f"{chair} ics:appointedBy body:X24 ."
    )
    useless = mended(content, Mend("", f"{chair} ics:approvedBy body:X24 ."))
    assert validator.check(useless, "x.nt", as_at="2025-09-01").findings


# ---------------------------------------------------------------- shapes for other engines


def plainly(validator: Validator, example: str, as_at: str, rules: set[str], engine: str) -> set[tuple[str, str]]:
    """What another engine finds in a description as it stands, by the exported shapes of some rules and the exported facts."""
    files = validator.portable_files("act-2022", as_at)
    graph = rdflib.Graph()
    graph.parse(data=files["shapes.ttl"], format="turtle")
    for shape in set(graph.subjects(SH.sparql, None)):
        if str(shape).rpartition("/")[2] not in rules:
            graph.remove((shape, None, None))
    text = rdflib.Graph()
    text.parse(EXAMPLES / example, format="turtle")
    data = text.serialize(format="nt", encoding="utf-8") + files["facts.ttl"]
    results = validate(data, graph.serialize(format="nt", encoding="utf-8"), engine)
    return {(r.shape.rpartition("/")[2].removesuffix("-query"), re.split(r"[/#]", r.focus)[-1]) for r in results}


def test_exported_shapes_find_the_same_in_a_description_as_it_stands(validator: Validator) -> None:
    rules = {r.id for r in ruleset.read_rules(ROOT)}
    report = validator.check((EXAMPLES / "system-with-faults.ttl").read_bytes(), "x.ttl", as_at="2025-09-01")
    assert plainly(validator, "system-with-faults.ttl", "2025-09-01", rules, "shifty") == found(report)
    assert plainly(validator, "system.ttl", "2025-09-01", rules, "shifty") == set()


def test_the_reference_engine_finds_the_same_with_the_exported_shapes(validator: Validator) -> None:
    """The rules that the faulty example breaks; all together take it minutes."""
    report = validator.check((EXAMPLES / "system-with-faults.ttl").read_bytes(), "x.ttl", as_at="2025-09-01")
    broken = {f.rule for f in report.findings}
    assert plainly(validator, "system-with-faults.ttl", "2025-09-01", broken, "pyshacl") == found(report)


def test_no_exported_query_needs_what_is_made_ready_here(validator: Validator) -> None:
    for scenario, day in (("act-2022", "2025-09-01"), ("status-quo-2012", "2021-06-01"), ("option-2", "2021-02-11")):
        files = validator.portable_files(scenario, day)
        graph = rdflib.Graph()
        graph.parse(data=files["shapes.ttl"], format="turtle")
        queries = [str(q) for q in graph.objects(None, SH.select)]
        assert len(queries) > 10
        assert not [q for q in queries if re.search(r"NotInForce|absenceCounts|actsFor| a ics:|\{value\}", q)]
        assert not [m for m in graph.objects(None, SH.message) if "{value}" in str(m)]
        less = rdflib.Graph()
        less.parse(data=files["shapes-without-counts.ttl"], format="turtle")
        assert not [q for q in less.objects(None, SH.select) if "GROUP BY" in str(q)]
        assert files == validator.portable_files(scenario, day)


@pytest.mark.parametrize(
    ("asked", "told", "ends"),
    [
        ("?m ics:memberOf $this ; a ics:Membership .", "; rdf:type ics:Membership .", 2),
        ("?c ics:committeeOf $this ; a ics:Committee .", "; rdf:type/rdfs:subClassOf* ics:Committee .", 2),
        ("$this a ics:IntegratedCareBoard .", "$this rdf:type ics:IntegratedCareBoard .", 1),
        ("$this ics:x ?v . FILTER NOT EXISTS { ?v a ics:NotInForce }", "{ ?v ics:validTo ?ends", 2),
        ("FILTER NOT EXISTS { $this a ics:NotInForce }", "UNION { $this ics:validTo ?ends_1", 2),
        ("?b ics:countsAs ics:Committee .", "(ics:countsAs|rdf:type/rdfs:subClassOf*) ics:Committee .", 1),
        ("?b ics:countsAs ?k .", "?b (ics:countsAs|rdf:type/rdfs:subClassOf*) ?k .", 1),
    ],
)
def test_a_query_that_forgot_what_has_ended_would_be_seen(
    validator: Validator, asked: str, told: str, ends: int
) -> None:
    made = plain(f"SELECT $this\nWHERE {{\n    {asked}\n}}\n", validator.vocabulary, "2025-09-01")
    assert told in made
    assert made.count("ics:validTo") == ends
    assert " a ics:" not in made


# ---------------------------------------------------------------- the record's own statements


def own_faults(desk: Desk, planted: str = "") -> list[tuple[str, str]]:
    """What the rules of integrity find in the statements of the papers as the record keeps them."""
    kept = desk.store.construct(
        "CONSTRUCT { ?s ?p ?o . ?source ?q ?r } WHERE { ?s a ics:PaperStatement ; ?p ?o . OPTIONAL { ?s ics:mainPassage ?source . ?source ?q ?r } }"
    )
    data = as_ntriples(kept) + planted.encode()
    rules = [r for r in ruleset.read_rules(ROOT) if r.id.startswith("X-")]
    assert len(rules) == 12
    found = validate(data, ruleset.shapes_of(ROOT, rules))
    return [(r.shape.rpartition("/")[2].removesuffix("-query"), r.focus) for r in found]


def test_the_statements_of_the_papers_keep_the_rules_of_integrity(desk: Desk) -> None:
    assert own_faults(desk) == []


def test_a_statement_of_two_forces_would_be_found(desk: Desk) -> None:
    about = "https://w3id.org/icsgraph/id/statement/S001"
    planted = f"<{about}> <{ICS}modality> <{ICS}Neither> .\n"
    assert own_faults(desk, planted) == [("X-01", about)]


# ---------------------------------------------------------------- days, scenarios, input


def test_only_rules_in_force_apply(validator: Validator) -> None:
    on = {
        day: {r.id for r in ruleset.select(ROOT, "act-2022", day).rules.values()}
        for day in ("2022-07-01", "2023-04-01", "2024-02-01")
    }
    assert "C43" in on["2022-07-01"]
    # law: reviews of systems from 1 April 2023, notification of reconfigurations from 31 January 2024
    assert "C87" not in on["2022-07-01"]
    assert "C87" in on["2023-04-01"]
    assert "C92" not in on["2023-04-01"]
    assert "C92" in on["2024-02-01"]
    assert not on["2022-07-01"] & {r.id for r in ruleset.select(ROOT, "option-1", "2021-01-01").rules.values()} - {
        "X-01",
        "X-02",
        "X-03",
        "X-04",
        "X-05",
        "X-06",
    }


PREFIX = "@prefix ics: <https://w3id.org/icsgraph/def/> . @prefix : <https://example.org/> . "
BAD = [
    pytest.param(
        b"<https://example.org/s> <https://w3id.org/icsgraph/def/inScenario> <https://w3id.org/icsgraph/id/scenario/option-3> .",
        "x.nt",
        "scenario/option-3",
        id="a scenario that nobody has",
    ),
    pytest.param(
        b"<https://w3id.org/icsgraph/id/body/QMF> <https://w3id.org/icsgraph/def/isBoundBy> <https://w3id.org/icsgraph/id/duty/tripel-aim> .",
        "x.nt",
        "duty/triple-aim",
        id="a duty that nobody has",
    ),
    pytest.param(
        b"<https://w3id.org/icsgraph/id/body/NOPE> <https://w3id.org/icsgraph/def/isBoundBy> <https://w3id.org/icsgraph/id/duty/triple-aim> .",
        "x.nt",
        "body/NOPE",
        id="a code that nobody has",
    ),
    pytest.param(b"", "x.ttl", "is empty", id="empty"),
    pytest.param(b"@prefix : <x> . :a :b", "x.ttl", "line 1", id="cut short"),
    pytest.param(b"<a> <b> <c> .", "x.docx2", "looks at", id="nothing of ours"),
    pytest.param((PREFIX + ":a ics:memberOff :b .").encode(), "x.ttl", "did you mean ics:memberOf?", id="misspelt"),
    pytest.param(b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "b">]><r/>', "x.rdf", "entities", id="entities"),
    pytest.param(
        b'{"@context": "https://example.org/c.jsonld", "@id": "x"}', "x.jsonld", "never fetched", id="remote context"
    ),
    pytest.param(
        b'{"@context": [{"@import": "https://example.org/c"}]}', "x.json", "never fetched", id="imported context"
    ),
    pytest.param(b"{", "x.jsonld", "line 1", id="broken JSON"),
    pytest.param(b"[" * 5000, "x.ttl", "deep", id="nested brackets"),
    pytest.param(
        (PREFIX + ":f ics:broader :g . :g ics:broader :f . :d a ics:Delegation ; ics:delegatedFunction :f .").encode(),
        "x.ttl",
        "part of itself",
        id="a function broader than itself",
    ),
    pytest.param(
        (
            PREFIX + ":b a ics:IntegratedCareBoard ; ics:noneExists ics:AnnualReportRecord . "
            ":r a ics:AnnualReportRecord ; ics:preparedBy :b ."
        ).encode(),
        "x.ttl",
        "says that none exists of ics:AnnualReportRecord",
        id="none exists and one is there",
    ),
    pytest.param(
        (
            PREFIX + ":b a ics:IntegratedCareBoard ; ics:noneExists ics:HealthAndWellbeingBoard . "
            ":c a ics:ResponsibleLocalAuthority ; ics:overlapsAreaOf :b . :h a ics:HealthAndWellbeingBoard ; ics:committeeOf :c ."
        ).encode(),
        "x.ttl",
        "says that none exists of ics:HealthAndWellbeingBoard",
        id="none exists and a council of the area has one",
    ),
    pytest.param(
        (PREFIX + ":f a ics:Function ; ics:broader <https://w3id.org/icsgraph/id/duty/triple-aim> .").encode(),
        "x.ttl",
        "part of what is no function",
        id="a function below a duty",
    ),
    pytest.param(
        (PREFIX + ":b a ics:IntegratedCareBoard . :f a ics:Function ; ics:broader :b .").encode(),
        "x.ttl",
        "part of what is no function",
        id="a function below a body",
    ),
    pytest.param(b"x" * 20_000_001, "x.ttl", "20 MB", id="too large"),
    pytest.param((PREFIX + ":a a ics:Membership ; ics:validFrom 5 .").encode() + b"\xff", "x.ttl", "", id="not UTF-8"),
]


@pytest.mark.parametrize(("content", "name", "says"), BAD)
def test_bad_input_is_refused_in_words(validator: Validator, content: bytes, name: str, says: str) -> None:
    with pytest.raises(IcsgraphError) as error:
        validator.check(content, name, as_at="2025-09-01")
    assert says in str(error.value)
    assert error.value.hint


def test_rules_and_imports_of_a_description_are_left_out_and_said(validator: Validator) -> None:
    content = (EXAMPLES / "system.ttl").read_bytes() + (
        b"\n@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        b"<https://example.org/o> owl:imports <https://example.org/other> .\n"
        b"<https://example.org/s> a sh:NodeShape ; sh:targetClass ics:Membership ; sh:minCount 5 .\n"
        b"provision:nhsa2006-s14Z43 ics:legalStatus ics:Bill .\n"
    )
    report = validator.check(content, "x.ttl", as_at="2025-09-01")
    assert report.findings == []
    assert [w for w in ("SHACL", "1 import was", "law or terms") if not any(w in n for n in report.notices)] == []


def test_a_real_body_of_another_kind_is_said(validator: Validator) -> None:
    said = "@prefix body: <https://w3id.org/icsgraph/id/body/> . @prefix duty: <https://w3id.org/icsgraph/id/duty/> . "
    content = (PREFIX + said + "body:QMF a ics:{} ; ics:isBoundBy duty:triple-aim .").encode()
    wrong = validator.check(content.replace(b"{}", b"NHSTrust"), "x.ttl", as_at="2025-09-01")
    assert [n for n in wrong.notices if "QMF" in n]
    right = validator.check(content.replace(b"{}", b"NHSBody"), "x.ttl", as_at="2025-09-01")
    assert right.notices == []


def test_scenario_and_day_are_checked(validator: Validator) -> None:
    content = (EXAMPLES / "system.ttl").read_bytes()
    with pytest.raises(IcsgraphError, match="not a scenario"):
        validator.check(content, "x.ttl", "option-3")
    for scenario, day in (("act-2022", "2022-06-30"), ("status-quo-2012", "2022-07-01")):
        with pytest.raises(IcsgraphError, match="says nothing about"):
            validator.check(content, "x.ttl", scenario, day)
    with pytest.raises(IcsgraphError, match="not a date"):
        validator.check(content, "x.ttl", as_at="yesterday")


def test_things_are_found_by_line() -> None:
    lines = lines_of(b"@prefix e: <https://e/> .\n\ne:a e:b e:c ;\n   e:d e:f .\n<https://e/z> e:b e:c .\n", "turtle")
    assert lines == {"https://e/a": 3, "https://e/z": 5}
    assert lines_of(b"{}", "jsonld") == {}
