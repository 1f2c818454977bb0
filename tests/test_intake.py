"""What a stranger's description may not do: bring its own law, hide what it says behind a wrong value, or break the reader."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from icsgraph.check.lines import lines_of
from icsgraph.check.validator import Validator
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.report import Report
from icsgraph.graph.upload import read_upload

ROOT = Path(__file__).resolve().parents[1]
DAY = "2024-10-15"
SPACES = "body duty form function gateway post provision scenario"
PREFIXES = (
    "@prefix ics: <https://w3id.org/icsgraph/def/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . "
    "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix : <https://example.org/> . "
) + "".join(f"@prefix {p}: <https://w3id.org/icsgraph/id/{p}/> . " for p in SPACES.split())
# A finding whatever else is said, so that a description is looked at.
GROUP = " :g a ics:PatientGroup ."
BREACH = " :s a ics:Statement ; ics:relation ics:isBoundBy ; ics:bearer body:E09000025 ; ics:matter duty:triple-aim "
UNREAD = " A value that cannot be read hides what it says, so nothing was checked; mend it."


def check(
    validator: Validator,
    said: str,
    scenario: str = "act-2022",
    day: str = DAY,
    engine: str = "shifty",
    name: str = "x.ttl",
) -> Report:
    content = said if name != "x.ttl" or said.startswith("\ufeff") else PREFIXES + said
    return validator.check(content.encode(), name, scenario, day, engine)


def found(report: Report) -> set[tuple[str, str, str]]:
    return {(f.rule, re.split(r"[/#]", f.focus)[-1], re.split(r"[/#]", f.value)[-1]) for f in report.findings}


def refused(validator: Validator, said: str, name: str = "x.ttl") -> str:
    with pytest.raises(IcsgraphError) as error:
        check(validator, said, name=name)
    return str(error.value)


# ---------------------------------------------------------------- what is read


REFUSED = [
    pytest.param(
        GROUP + ':g rdfs:label "x"@en--ltr .',
        "x.ttl has the text “x” with a direction of writing, which is not read here. Leave the direction out; the language may stay.",
        id="direction",
    ),
    pytest.param(
        "<urn:x-said:1> a ics:PatientGroup .",
        "x.ttl uses the address <urn:x-said:1>, which is kept for things without a name. Give it an address of your own.",
        id="reserved",
    ),
    pytest.param(
        GROUP + ":g ics:responsibleBoard <URN:X-unnamed:a> .",
        "x.ttl uses the address <URN:X-unnamed:a>, which is kept for things without a name. Give it an address of your own.",
        id="reserved, as object",
    ),
    pytest.param(
        GROUP + " x",
        f"x.ttl, line 1, column {len(PREFIXES + GROUP) + 2}: x is not a valid subject or graph name. "
        "It was read as turtle; mend it, or name the format.",
        id="place said once",
    ),
    pytest.param(
        GROUP + " :g a <http://w3id.org/icsgraph/def/Body> .",
        "http://w3id.org/icsgraph/def/Body is nearly an address of ours and means nothing here. "
        "Ours begin with https://w3id.org/icsgraph/def/ and https://w3id.org/icsgraph/id/; mend the prefix.",
        id="another scheme",
    ),
    pytest.param(
        GROUP + " :g <https://w3id.org/icsgraph/def#responsibleBoard> :b .",
        "https://w3id.org/icsgraph/def#responsibleBoard is nearly an address of ours and means nothing here. "
        "Ours begin with https://w3id.org/icsgraph/def/ and https://w3id.org/icsgraph/id/; mend the prefix.",
        id="a hash for a stroke",
    ),
    pytest.param(
        " :g a ics:StatutoryIcsBody .",
        f"x.ttl describes nothing that any rule of act-2022 on {DAY} looks at. Rules of option-2 are about the kind “Statutory ICS body”.",
        id="kinds of another scenario",
    ),
    pytest.param(
        ' body:QMF rdfs:label "a board" .',
        f"x.ttl describes nothing that any rule of act-2022 on {DAY} looks at. A clean report would mislead. "
        "Give things kinds of ontology/, such as ics:IntegratedCareBoard; shapes/example shows how.",
        id="a mere mention",
    ),
]


@pytest.mark.parametrize(("said", "message"), REFUSED)
def test_what_cannot_be_read_is_refused_in_a_line(validator: Validator, said: str, message: str) -> None:
    assert refused(validator, said) == message


@pytest.mark.parametrize(
    ("content", "name", "what"),
    [
        ("body,kind\nQMF,board\n", "x.csv", "x.csv is no RDF, but a table."),
        ("PK\x03\x04", "x.docx", "x.docx is no RDF, but a text."),
        ("%PDF-1.7", "the upload", "the upload is no RDF."),
        ("\n<!DOCTYPE html><html></html>", "x.rdf", "x.rdf is no RDF."),
    ],
)
def test_other_files_are_named(validator: Validator, content: str, name: str, what: str) -> None:
    assert (
        refused(validator, content, name) == f"{what} Turtle, RDF/XML, JSON-LD, TriG, N-Triples and N-Quads are read."
    )


def test_a_mark_of_byte_order_is_no_fault(validator: Validator) -> None:
    report = check(validator, "\ufeff" + PREFIXES + "\n:g a ics:PatientGroup .")
    assert found(report) == {("C91", "g", "")}
    assert report.notices == []
    assert lines_of(b"\xef\xbb\xbf@prefix e: <https://e/> .\ne:a e:b e:c .", "turtle") == {"https://e/a": 2}


# ---------------------------------------------------------------- no law of its own


OWN_LAW = [
    pytest.param(
        " body:E09000025 ics:countsAs ics:NHSTrust ; ics:isBoundBy duty:triple-aim .",
        {("C43", "E09000025", "E09000025")},
        "1 statement was left out that only the record makes: ics:countsAs.",
        id="a real council that counts as a trust",
    ),
    pytest.param(
        " :p a ics:IntegratedCarePartnership ; ics:countsAs ics:NHSTrust ; ics:isBoundBy duty:triple-aim .",
        {("C43", "p", "p")},
        "1 statement was left out that only the record makes: ics:countsAs.",
        id="a partnership that counts as a trust",
    ),
    pytest.param(
        " body:E09000025 a ics:NHSTrust ; ics:isBoundBy duty:triple-aim .",
        {("C43", "E09000025", "E09000025")},
        "London Borough of Newham [E09000025] is called “NHS trust” here, which it is not in the record; "
        "it was checked as what it is there. If it is another body, give it its own code.",
        id="a real council called a trust",
    ),
    pytest.param(
        " :x a ics:GatewayPair ; ics:pairOf gateway:s65Z5 ; ics:openness ics:GatewayOpen ; ics:receiver ics:HealthServiceProvider ."
        ' :f a ics:HealthServiceProvider . :d a ics:Delegation ; ics:throughGateway gateway:s65Z5 ; ics:delegator body:QMF ; ics:validFrom "2024-04-01" ;'
        ' ics:delegate :f ; ics:delegatedFunction function:maternity-services ; ics:termsAt "t" ; ics:assuredBy body:QMF ;'
        " ics:onwardDelegationBarred false .",
        {("C52", "d", "f")},
        "4 statements were left out that only the record makes: ics:GatewayPair, ics:openness, ics:pairOf, ics:receiver.",
        id="a gateway with pairs of one's own",
    ),
    pytest.param(
        " :x a ics:Exclusion ; ics:exclusionFrom gateway:s65Z5 ; ics:excludedFunction function:maternity-services ."
        ' :d a ics:Delegation ; ics:throughGateway gateway:s65Z5 ; ics:delegator body:QMF ; ics:validFrom "2024-04-01" ;'
        ' ics:delegate body:RYE ; ics:delegatedFunction function:maternity-services ; ics:termsAt "t" ; ics:assuredBy body:QMF ;'
        " ics:onwardDelegationBarred false .",
        set(),
        "3 statements were left out that only the record makes: ics:Exclusion, ics:excludedFunction, ics:exclusionFrom.",
        id="an exclusion of one's own",
    ),
    pytest.param(
        BREACH + "; a ics:NotInForce .",
        {("C43", "s", "E09000025")},
        "1 statement was left out that only the record makes: ics:NotInForce.",
        id="not in force without a day",
    ),
    pytest.param(
        BREACH + "; ics:describedElsewhere true .",
        {("C43", "s", "E09000025")},
        "Described elsewhere may be a body only; 1 other thing was looked at all the same.",
        id="a statement described elsewhere",
    ),
]


@pytest.mark.parametrize(("said", "findings", "notice"), OWN_LAW)
def test_a_description_brings_no_law(
    validator: Validator, said: str, findings: set[tuple[str, str, str]], notice: str
) -> None:
    report = check(validator, said)
    assert found(report) == findings
    assert report.notices == [notice]


def test_the_record_says_when_a_real_body_exists(validator: Validator) -> None:
    said = GROUP + TWO_CHAIRS + " body:QMF a ics:NHSBody ; ics:validFrom {} ."
    right = check(validator, said.replace("{}", '"2022-07-01"'))
    assert (found(right), right.notices) == ({("C09", "QMF", "c2"), ("C91", "g", "")}, [])
    wrong = check(validator, said.replace("{}", '"2030-01-01"'))
    assert found(wrong) == found(right)
    assert wrong.notices == [
        "Other days were given to bodies than the record has; it was checked with those of the record: QMF."
    ]
    group = " body:07M a ics:ClinicalCommissioningGroup ."
    assert found(check(validator, group, "status-quo-2012", "2019-06-01")) == {
        ("SQ-01", "07M", ""),
        ("SQ-02", "07M", ""),
    }
    practice = " :p a ics:PrimaryMedicalProvider ; ics:practiceOf body:07M ."
    assert found(check(validator, practice, "status-quo-2012", "2019-06-01")) == set()
    assert found(check(validator, practice, "status-quo-2012", "2021-06-01")) == {("SQ-03", "p", "")}
    liable = " :l a ics:Liability ; ics:liabilityBearer body:QH8 ."
    assert found(check(validator, liable, day="2026-03-31")) == set()
    assert found(check(validator, liable, day="2026-04-01")) == {("C08", "QH8", "l")}
    with pytest.raises(IcsgraphError, match=r"What has ended or not begun on that day is not looked at\.$"):
        check(validator, group, "status-quo-2012", "2021-06-01")


def test_a_kind_before_its_first_body_is_said(validator: Validator) -> None:
    said = " :b a ics:IntegratedCareBoard . :i a ics:StatutoryIcsBody ."
    notice = (
        "No body of the kind “Integrated care board” exists on 2021-06-01 in the record: the first began on 2022-07-01."
    )
    assert check(validator, said, "option-2", "2021-06-01").notices == [notice]
    assert check(validator, said).notices == []


# ---------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("said", "findings"),
    [
        (
            ' :d a ics:InterestDeclaration ; ics:awareOn "2024-06-01" ; ics:declaredOn "2024-07-15" .',
            {("C32", "d", "2024-07-15")},
        ),
        (BREACH + '; ics:validFrom "2024-10-15T00:00:00Z"^^xsd:dateTime .', {("C43", "s", "E09000025")}),
        (BREACH + '; ics:validTo "2024-10-16" .', {("C43", "s", "E09000025")}),
        (GROUP + BREACH + '; ics:validTo "2024-10-15Z"^^xsd:date .', {("C91", "g", "")}),
        # A body described elsewhere, said in three ways.
        *(
            (GROUP + f" :b a ics:IntegratedCareBoard ; ics:describedElsewhere {true} .", {("C91", "g", "")})
            for true in ('"true"', "1", '"1"^^xsd:boolean')
        ),
    ],
)
def test_values_are_read_as_their_property_means_them(
    validator: Validator, said: str, findings: set[tuple[str, str, str]]
) -> None:
    assert found(check(validator, said)) == findings


def test_sums_are_read_however_they_are_written(validator: Validator) -> None:
    for spent in ('"10000001"', "10000001", "1.0000001E7", '"10000001"^^xsd:double'):
        said = f' :r a ics:SpendingRecord ; ics:bearer body:QMF ; ics:forYear "2023" ; ics:receivedAmount "10000000" ; ics:spentAmount {spent} .'
        assert {f[0] for f in found(check(validator, said))} == {"C78"}, spent


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ('ics:validFrom "1 July 2022"', "ics:validFrom of {} is “1 July 2022”, where a day that exists (2024-01-31) is expected."),
        ('ics:validTo "2000"', "ics:validTo of {} is “2000”, where a day that exists (2024-01-31) is expected."),
        ('ics:validTo "2024-06-31"^^xsd:date', "ics:validTo of {} is “2024-06-31”, where a day that exists (2024-01-31) is expected."),
        ("ics:validTo body:QMF", "ics:validTo of {} is “https://w3id.org/icsgraph/id/body/QMF”, where a day that exists (2024-01-31) is expected."),
        ('ics:describedElsewhere "yes"', "ics:describedElsewhere of {} is “yes”, where true or false is expected."),
        ('ics:share "a half"', "ics:share of {} is “a half”, where a number is expected."),
        ("ics:forYear 2023.5", "ics:forYear of {} is “2023.5”, where a whole number is expected."),
        ('ics:spentAmount "1E999999999"', "ics:spentAmount of {} is “1E999999999”, where a number is expected."),
        ('ics:throughGateway "section 65Z5"', "ics:throughGateway of {} is “section 65Z5”, where the address of a thing is expected."),
        ('ics:isBoundBy "duty:triple-aim"', "ics:isBoundBy of {} is “duty:triple-aim”, where the address of a thing is expected."),
    ],
)  # fmt: skip
def test_values_that_cannot_be_read_are_refused(validator: Validator, said: str, why: str) -> None:
    assert refused(validator, GROUP + f" :g {said} .") == why.format("<https://example.org/g>") + UNREAD


def test_many_wrong_values_are_counted(validator: Validator) -> None:
    said = refused(validator, "".join(f' :b{n} ics:validFrom "{n}" .' for n in range(7)))
    assert said.count("is expected") == 5
    assert "; and 2 more." in said


# ---------------------------------------------------------------- real bodies that are only mentioned


TWO_CHAIRS = "".join(
    f" :{c} a ics:Membership ; ics:memberOf body:QMF ; ics:inPost post:icb-chair ; ics:appointedBy body:X24 ;"
    ' ics:approvedBy body:secretary-of-state ; ics:fitAndProperOn "2024-04-02" .'
    for c in ("c1", "c2")
)
CHIEF = (
    " :ce a ics:Membership ; ics:memberOf body:QMF ; ics:inPost post:icb-chief-executive ; ics:appointedBy body:X24 ;"
    ' ics:approvedBy body:X24 ; ics:employedBy body:QMF ; ics:fitAndProperOn "2024-04-02" .'
)
MENTIONED = [
    pytest.param(TWO_CHAIRS, "act-2022", DAY, {("C09", "QMF", "c2")}, id="C09"),
    pytest.param(CHIEF, "act-2022", DAY, {("C12", "QMF", "ce")}, id="C12"),
    pytest.param(" body:QMF ics:partnerTrust body:RYE .", "act-2022", DAY, {("C72", "QMF", "RYE")}, id="C72"),
    pytest.param(
        " body:R1H ics:operatesInSystem :i .", "programme-2020", "2021-06-01", {("X-11", "R1H", "i")}, id="X-11"
    ),
    pytest.param(
        " :g a ics:PrimaryMedicalProvider ; ics:practiceOf body:07M . body:R1H ics:practiceOf body:07M .",
        "status-quo-2012",
        "2019-06-01",
        {("SQ-02", "07M", "R1H")},
        id="SQ-02",
    ),
    pytest.param(
        " body:RJ1 ics:holdsVetoOver :b . :b a ics:StatutoryIcsBody ; ics:describedElsewhere true .",
        "option-2",
        "2021-06-01",
        {("O2-05", "RJ1", "b")},
        id="O2-05",
    ),
]


@pytest.mark.parametrize(("said", "scenario", "day", "findings"), MENTIONED)
@pytest.mark.parametrize("engine", ["shifty", "pyshacl"])
def test_what_is_said_of_a_mentioned_body_is_looked_at(
    validator: Validator, said: str, scenario: str, day: str, findings: set[tuple[str, str, str]], engine: str
) -> None:
    """And nothing is missed of it: these are all findings."""
    assert found(check(validator, said, scenario, day, engine)) == findings


def test_what_ended_is_not_looked_at_for_what_is_said_of_it(validator: Validator) -> None:
    ended = TWO_CHAIRS.replace("body:QMF", ":old") + ' :old a ics:IntegratedCareBoard ; ics:validTo "2024-04-01" .'
    assert not {f for f in found(check(validator, ended)) if f[0] in ("C09", "C12")}


NAMELESS = b'''@prefix e: <https://e/> . @prefix ics: <https://w3id.org/icsgraph/def/> .
e:a e:b [ e:x [ e:at 2 ; e:c 1.5 ;
   e:q "a [ ; b"@en ] ; e:at 2 ; e:c e:d , [ e:m "x"^^e:t ; e:at 3 ] ] .
[] e:at 4 .
[ e:at 5 ] e:c """a
[b]
""" .
_:lab e:at 8 .
[ e:n "# no comment" ; e:at 9 ] .
e:k a e:b ; # comment [
  e:c [ e:at 11 ], [ e:at 11 ;
 ] .
e:v.1 e:b [ e:n <https://e/#x> ; e:at 13 ] . _:in e:b [ e:at 13 ] .
'''


def test_things_without_a_name_are_found_by_line_the_same_at_each_call() -> None:
    told = [read_upload(NAMELESS, "x.ttl") for _ in range(2)]
    assert told[0] == told[1]
    at = {t.subject.value: int(t.object.value) for t in told[0] if t.predicate.value == "https://e/at"}
    assert len(at) == 11
    lines = lines_of(NAMELESS, "turtle")
    assert {thing: lines.get(thing) for thing in at} == at


def test_lines_of_things_without_a_name_are_not_guessed() -> None:
    # A list makes nodes of its own, which shift the numbers.
    assert lines_of(b"<https://e/a> <https://e/b> ( 1 2 ) , [ <https://e/c> 1 ] .", "turtle") == {"https://e/a": 1}
    assert lines_of(NAMELESS.replace(b"e:v.1", b"e:v e:b [ e:b 1 ] . e:v.1"), "turtle") != lines_of(NAMELESS, "turtle")


def test_fifty_thousand_nodes_without_names_keep_their_names() -> None:
    content = b"@prefix e: <https://e/> .\n" + b"".join(b"[ e:at %d ] .\n" % n for n in range(2, 50_002))
    told = read_upload(content, "x.ttl")
    assert told == read_upload(content, "x.ttl")
    lines = lines_of(content, "turtle")
    assert [t for t in told if lines[t.subject.value] != int(t.object.value)] == []
