"""Versions compared, what breaks on a date, and schemes merged: exact findings, each planted."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from icsgraph.core.errors import IcsgraphError
from icsgraph.graph.rdf import Triple, read_turtle
from icsgraph.scheme.breaks import breaks, notes_on
from icsgraph.scheme.changes import Change, compare
from icsgraph.scheme.documents.html import as_html
from icsgraph.scheme.documents.listed import of_breaks, of_changes, of_conflicts
from icsgraph.scheme.documents.sord import sord
from icsgraph.scheme.documents.text import as_text
from icsgraph.scheme.documents.words import Words
from icsgraph.scheme.merge import Conflict, Draft, merge
from icsgraph.scheme.model import Scheme, read_scheme
from icsgraph.scheme.record import Record

SUCCESSOR = "NHS Fernmoss Integrated Care Board"
Plant = Callable[..., tuple[list[Triple], Scheme]]


@pytest.fixture
def plant(root: Path, record: Record, tmp_path: Path) -> Plant:
    """A scheme of the examples in which passages are replaced, each of which stands there once."""

    def planted(*changes: tuple[str, str], name: str = "fernshire") -> tuple[list[Triple], Scheme]:
        content = (root / "tests" / "scheme" / f"{name}.ttl").read_text(encoding="utf-8")
        for old, new in changes:
            assert content.count(old) == 1, old
            content = content.replace(old, new)
        path = tmp_path / "planted.ttl"
        path.write_text(content, encoding="utf-8")
        triples = list(read_turtle(path))
        return triples, read_scheme(triples, record)

    return planted


# ---------------------------------------------------------------- two versions

NURSE = ':nurse a ics:LocalPost ; rdfs:label "Chief nursing officer" ; ics:postOf :icb .'
LADDER = "ics:authorityOf :finance-officer ; ics:part ics:Decides ; ics:above 50000.0 ; ics:upTo 250000.0 ."
DENTAL = ":auth-4.1-a a ics:Authority ; ics:underLine :line-4.1 ; ics:authorityOf :finance ; ics:part ics:Decides ; ics:upTo 2000000.0 ."
PAY = "ics:authorityOf :remuneration ; ics:part ics:Decides"
CONSTITUTION = "ics:underLine :line-1.1 ; ics:authorityOf :icb ; ics:part ics:Reserves ."
LOSSES = 'rdfs:label "Write off losses and make special payments"'
AMBULANCES = 'rdfs:label "Plan and buy ambulance services across both areas"'
AMBULANCE_AUTHORITY = (
    ":auth-4.3-a a ics:Authority ; ics:underLine :line-4.3 ; ics:authorityOf :ambulance ; ics:part ics:Decides ."
)
INVESTMENT = "Approve new investment in health services"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], []),
        (
            [(CONSTITUTION, "ics:underLine :line-1.1 ; ics:authorityOf :chief-executive ; ics:part ics:Decides .")],
            [Change(kind="newly-delegated", reference="1.1", decision="Apply to NHS England to change the constitution", before="The Board", after="Chief executive")],
        ),
        (
            [(PAY, "ics:authorityOf :icb ; ics:part ics:Reserves")],
            [Change(kind="taken-back", reference="3.3", decision="Set pay of very senior managers", before="Remuneration Committee", after="The Board")],
        ),
        (
            [(DENTAL, DENTAL.replace(":finance ", ":primary-care "))],
            [
                Change(
                    kind="holder",
                    reference="4.1",
                    decision="Award contracts for dental services",
                    before="Finance, Investment and Resources Committee, up to £2,000,000",
                    after="Primary Care Contracts Sub-Committee, up to £2,000,000",
                )
            ],
        ),
        (
            [(LADDER, LADDER.replace("250000", "300000")), ("ics:part ics:Reserves ; ics:above 5000000.0", "ics:part ics:Reserves ; ics:above 4000000.0")],
            [
                Change(
                    kind="limit",
                    reference="3.1",
                    decision=INVESTMENT,
                    before="Chief finance officer, above £50,000 and up to £250,000",
                    after="Chief finance officer, above £50,000 and up to £300,000",
                ),
                Change(kind="limit", reference="3.1", decision=INVESTMENT, before="The Board, above £5,000,000", after="The Board, above £4,000,000"),
            ],
        ),
        (
            # The post is struck off the list, and lines still name it.
            [(NURSE, ':nurse rdfs:label "Chief nursing officer" ; ics:onlyNamed true .')],
            [
                Change(kind="orphaned", reference="2.2", decision="Approve clinical policies", before="Chief nursing officer", after="is there no more"),
                Change(kind="orphaned", reference="2.3", decision="Watch the quality of commissioned services", before="Chief nursing officer", after="is there no more"),
                Change(kind="post-gone", reference="", decision="Chief nursing officer"),
            ],
        ),
        (
            # Renamed and known by its old name: nothing is orphaned.
            [(NURSE, ':nurse a ics:LocalPost ; rdfs:label "Director of nursing" ; skos:altLabel "Chief nursing officer" ; ics:postOf :icb .')],
            [Change(kind="renamed", reference="", decision="Director of nursing", before="Chief nursing officer", after="Director of nursing")],
        ),
        (
            [(f"{AMBULANCES} ; ics:leadOfficer :chief-executive ; ics:exercisesStatutoryFunction function:ambulance-services .", f"{AMBULANCES} .")],
            [
                Change(kind="unowned", reference="", decision="Ambulance services", before="4.3"),
                Change(kind="lead", reference="4.3", decision="Plan and buy ambulance services across both areas", before="Chief executive", after=""),
                Change(kind="functions", reference="4.3", decision="Plan and buy ambulance services across both areas", before="Ambulance services", after=""),
            ],
        ),
        (
            [(LOSSES, 'rdfs:label "Write off losses"')],
            [Change(kind="reworded", reference="3.2", decision="Write off losses", before="Write off losses and make special payments", after="Write off losses")],
        ),
        (
            [(':line-3.2 a ics:SchemeLine ; dcterms:identifier "3.2"', ':line-3.2 a ics:SchemeLine ; dcterms:identifier "3.9"')],
            [Change(kind="renumbered", reference="3.9", decision="Write off losses and make special payments", before="3.2", after="3.9")],
        ),
        (
            [("ics:passedOnFrom :line-4.1", "ics:passedOnFrom :line-7.7")],
            [Change(kind="orphaned", reference="4.2", decision="Vary contracts for dental services", before="https://example.org/fernshire/line-7.7", after="the line under which it passes a power on is there no more")],
        ),
        (
            [('"Within the approved budget" , ', "")],
            [Change(kind="conditions", reference="3.1", decision=INVESTMENT, before="Substantive post holders only; With the chief finance officer; Within the approved budget", after="Substantive post holders only; With the chief finance officer")],
        ),
        (
            [("ics:authorityOf :clinical ; ics:part ics:Recommends", "ics:authorityOf :clinical ; ics:part ics:IsConsulted")],
            [Change(kind="others", reference="2.2", decision="Approve clinical policies", before="Recommends: Clinical Policy Advisory Group", after="Is consulted: Clinical Policy Advisory Group")],
        ),
        (
            [('ics:reviewOn "2026-09-30"', 'ics:reviewOn "2027-09-30"')],
            [Change(kind="review", reference="3.2", decision="Write off losses and make special payments", before="30 September 2026", after="30 September 2027")],
        ),
    ],
)  # fmt: skip
def test_what_changed_and_nothing_else(
    changes: list[tuple[str, str]], expected: list[Change], plant: Plant, record: Record, words: Words
) -> None:
    old, new = plant()[1], plant(*changes)[1]
    assert compare(old, new, record, words) == expected


def test_a_reference_used_again_for_another_matter_is_another_line(plant: Plant, record: Record, words: Words) -> None:
    found = compare(plant()[1], plant((AMBULANCES, 'rdfs:label "Name the caretakers of buildings"'))[1], record, words)
    assert [(c.kind, c.reference) for c in found] == [("newly-delegated", "4.3"), ("removed", "4.3"), ("added", "4.3")]


def test_lines_put_in_and_taken_out(plant: Plant, record: Record, words: Words) -> None:
    renamed = (":line-4.3 a ics:SchemeLine ; dcterms:identifier \"4.3\"", ":line-5.1 a ics:SchemeLine ; dcterms:identifier \"5.1\"")  # fmt: skip
    other = (AMBULANCES, 'rdfs:label "Buy patient transport"')
    authority = (AMBULANCE_AUTHORITY, AMBULANCE_AUTHORITY.replace(":line-4.3", ":line-5.1"))
    found = compare(plant()[1], plant(renamed, other, authority)[1], record, words)
    decided = "Joint Committee on Ambulance Services"
    assert found == [
        Change(kind="newly-delegated", reference="5.1", decision="Buy patient transport", before="", after=decided),
        Change(
            kind="removed",
            reference="4.3",
            decision="Plan and buy ambulance services across both areas",
            before=f"Decides: {decided}",
            after="",
        ),
        Change(kind="added", reference="5.1", decision="Buy patient transport", before="", after=f"Decides: {decided}"),
    ]


def test_a_holder_that_has_ended_leaves_its_lines_orphaned(plant: Plant, record: Record, words: Words) -> None:
    ended = ("ics:underLine :line-4.4 ; ics:authorityOf :trust", "ics:underLine :line-4.4 ; ics:authorityOf body:QXU")
    later = ('ics:effectiveOn "2025-08-01"', 'ics:effectiveOn "2026-05-01"')
    old, new = plant(ended)[1], plant(ended, later)[1]
    assert compare(old, new, record, words) == [
        Change(
            kind="orphaned",
            reference="4.4",
            decision="Arrange community health services in East Fernshire",
            before="NHS Surrey Heartlands Integrated Care Board",
            after="NHS Surrey Heartlands Integrated Care Board ended; it existed until 2026-03-31. "
            "Its successors are NHS Surrey and Sussex Integrated Care Board [S9B9J].",
        )
    ]


def test_changes_can_be_read(plant: Plant, record: Record, words: Words) -> None:
    old, new = plant()[1], plant((LADDER, LADDER.replace("250000", "300000")))[1]
    document = of_changes(compare(old, new, record, words), old, new, words)
    assert "Another limit\n* Ref.: 3.1; Decision: Approve new investment in health services; Before:" in as_text(
        document
    )
    assert as_html(document).count("<tr") == 2
    assert of_changes([], old, new, words).about.endswith("Nothing changed.")


# ---------------------------------------------------------------- what breaks on a date


def test_what_breaks_on_a_date(plant: Plant, record: Record, words: Words) -> None:
    scheme = plant()[1]
    found = breaks(scheme, record, words, dt.date(2026, 4, 1))
    assert [(b.kind, b.thing, b.on, b.lines) for b in found if b.kind != "proposed"] == [
        ("agreement-ends", "D2 Delegation of community services to the partnership trust", "2026-04-01", ("4.4",)),
        ("line-begins", "Write off losses and make special payments", "2025-10-01", ("3.2",)),
        ("review-due", "Adopt changes to the governance handbook", "2026-01-31", ("1.2",)),
        ("review-due", "Audit and Risk Committee", "2026-03-31", ("1.2", "1.3", "3.2")),
    ]
    before = breaks(scheme, record, words, dt.date(2025, 9, 1))
    assert [(b.kind, b.thing) for b in before if b.kind != "proposed"] == [
        ("not-yet", "Write off losses and make special payments")
    ]
    # The day before an agreement ends it still holds.
    assert "agreement-ends" not in {b.kind for b in breaks(scheme, record, words, dt.date(2026, 3, 31))}


def test_what_a_bill_would_change_is_told_apart_from_law(plant: Plant, record: Record, words: Words) -> None:
    found = [b for b in breaks(plant()[1], record, words, dt.date(2026, 4, 1)) if b.kind == "proposed"]
    assert {b.on for b in found} == {""}
    assert ("NHS England", ("4.2", "D1")) in {(b.thing, tuple(sorted(b.lines))) for b in found}


def test_bodies_that_end_and_begin_take_their_lines_with_them(plant: Plant, record: Record, words: Words) -> None:
    ends = ("ics:underLine :line-4.4 ; ics:authorityOf :trust", "ics:underLine :line-4.4 ; ics:authorityOf body:QXU")
    begins = (
        "ics:underLine :line-2.1 ; ics:authorityOf :east-council",
        "ics:underLine :line-2.1 ; ics:authorityOf body:S9B9J",
    )
    parent = ("ics:committeeOf :icb , :mossland", "ics:committeeOf :icb , body:QXU")
    scheme = plant(ends, begins, parent)[1]
    found = breaks(scheme, record, words, dt.date(2026, 4, 1))
    assert [(b.kind, b.thing, b.on, b.lines) for b in found if b.kind.startswith("body")] == [
        ("body-ends", "NHS Surrey Heartlands Integrated Care Board", "2026-04-01", ("4.3", "4.4")),
        ("body-begins", "NHS Surrey and Sussex Integrated Care Board", "2026-04-01", ("2.1",)),
    ]
    early = breaks(scheme, record, words, dt.date(2026, 3, 31))
    assert [(b.kind, b.thing) for b in early if b.kind in ("body-ends", "not-yet")] == [
        ("not-yet", "NHS Surrey and Sussex Integrated Care Board")
    ]


def test_a_board_that_ends_takes_every_line_with_it(plant: Plant, record: Record, words: Words) -> None:
    own = (":icb a ics:IntegratedCareBoard ;", ':icb a ics:IntegratedCareBoard ; ics:validTo "2026-04-01"^^xsd:date ;')
    scheme = plant(own)[1]
    (found,) = [b for b in breaks(scheme, record, words, dt.date(2026, 4, 1)) if b.kind == "body-ends"]
    assert found.lines == tuple(n.reference for n in scheme.lines)
    assert found.says == "Ends; the last day is 31 March 2026."


def test_law_that_ends_or_begins_is_named(plant: Plant, record: Record, words: Words) -> None:
    # Seen from a scheme of 2021, in which the duties of a board have not begun.
    scheme = plant(('ics:effectiveOn "2025-08-01"', 'ics:effectiveOn "2021-08-01"'))[1]
    found = breaks(scheme, record, words, dt.date(2022, 7, 1))
    begun = {(b.thing, b.says, b.lines) for b in found if b.kind == "law-begins"}
    assert (
        "Duty to improve quality",
        "NHS Act 2006 s.14Z34 begins for Integrated care board on 1 July 2022.",
        ("2.2", "2.3"),
    ) in begun
    # A function of somebody else is followed too, and an earlier day finds neither.
    assert not [b for b in breaks(scheme, record, words, dt.date(2022, 5, 8)) if b.kind == "law-begins"]


def test_days_beyond_the_record_are_said(plant: Plant, record: Record, words: Words) -> None:
    scheme, on = plant()[1], dt.date(2027, 4, 1)
    notes = notes_on(record, words, on)
    assert notes == ("The record follows the law up to 1 December 2026; what changes later is not in it.",)
    assert notes_on(record, words, dt.date(2026, 4, 1)) == ()
    assert of_breaks(breaks(scheme, record, words, on), scheme, on, notes, words).about.endswith(notes[0])


# ---------------------------------------------------------------- two boards


@pytest.fixture
def draft(plant: Plant, record: Record, words: Words) -> Draft:
    liable = (
        ":lead-triple-aim a",
        ":share a ics:Liability ; ics:liabilityUnder :ambulance-exercise ; ics:liabilityBearer :icb .\n:lead-triple-aim a",
    )
    return merge(plant(), plant(liable, name="mossland"), SUCCESSOR, record, words)


def test_what_two_boards_have_to_settle(draft: Draft) -> None:
    told = [c for c in draft.conflicts if c.kind != "only-one"]
    together = "Set up by both boards together; one body has no joint committee with itself. It is kept in the draft."
    between = "An agreement between the two boards. It is left out of the draft."
    assert told == [
        Conflict(
            "holder",
            "Award contracts for dental services",
            "Decides: Finance, Investment and Resources Committee, up to £2,000,000",
            "Decides: Chief executive, up to £2,000,000",
        ),
        Conflict(
            "limit",
            "Write off losses and make special payments",
            "Decides: Chief finance officer, up to £10,000",
            "Decides: Chief finance officer, up to £25,000",
        ),
        Conflict("lead", "Apply to NHS England to change the constitution", "Director of governance", "Board secretary"),
        Conflict("lead", "Award contracts for dental services", "Director of primary care", ""),
        Conflict("duty-lead", "Triple aim duty", "Chief executive", "Chief finance officer"),
        Conflict(
            "agreement",
            "Delegation of dentistry to the board",
            "from 1 April 2023; Delegation and joint working under section 65Z5; May not be passed on; https://example.org/fernshire/dental",
            "from 1 July 2022; Delegation and joint working under section 65Z5; May not be passed on",
        ),
        Conflict("name-clash", "FIRC", "Finance, Investment and Resources Committee", "Resources Committee"),
        Conflict("name-clash", "Quality and Performance Committee", "Committee", "Advisory group"),
        Conflict("reference-clash", "3.3", "Set pay of very senior managers", "Dispose of leases"),
        Conflict("perhaps", "2.1 / 6", "Agree the joint forward plan with partner trusts", "Agree the joint forward plan with trusts"),
        Conflict("falls-away", "Joint Committee on Ambulance Services", together, together),
        Conflict("falls-away", "Joint exercise of ambulance commissioning", between, between),
        Conflict("joined", "Audit and Risk Committee", "Committee", "Committee"),
        Conflict("joined", "Joint Committee on Ambulance Services", "Joint committee", "Joint committee"),
        Conflict("one-line", "Approve the annual report and accounts", "1.3, Regulation and governance", "1, Regulation and governance"),
    ]  # fmt: skip
    assert Counter(bool(c.first) for c in draft.conflicts if c.kind == "only-one") == {True: 11, False: 2}


def test_the_draft_is_a_scheme_of_the_successor_with_nothing_lost(
    draft: Draft, plant: Plant, record: Record, words: Words
) -> None:
    merged = read_scheme(draft.triples, record)
    sides = [plant()[1], plant(name="mossland")[1]]
    assert merged.body.label == SUCCESSOR
    assert "https://w3id.org/icsgraph/def/IntegratedCareBoard" in merged.body.kinds
    # One line became one; every other stands there for itself.
    assert len(merged.lines) == sum(len(s.lines) for s in sides) - 1 == 20
    assert sum(len(n.authorities) for n in merged.lines) == sum(len(n.authorities) for s in sides for n in s.lines) - 2
    assert [n.reference for n in merged.lines] == [
        "1.1a", "1.1b", "1.2", "1.3", "1.4", "2.1", "2.2", "2.3", "6", "3.1",
        "3.2a", "3.2b", "3.3a", "4.1a", "4.1b", "4.2", "4.3", "4.4", "4.5", "3.3b",
    ]  # fmt: skip
    assert {n.reference for n in merged.lines if n.further.startswith("To settle: ")} == {
        "1.1a", "1.1b", "3.2a", "3.2b", "4.1a", "4.1b",
    }  # fmt: skip
    # Terms of reference follow the lines that they mirror.
    assert [t.reference for t in merged.terms] == ["1.2", "3.1", "3.2b", "4.1a"]
    assert [(d.reference, d.label) for d in merged.delegations] == [
        ("A", "Delegation of dentistry to the board"),
        ("D1", "Delegation of dentistry to the board"),
        ("D2", "Delegation of community services to the partnership trust"),
    ]
    # Nothing hangs on what was left out: no liability under an agreement that fell away.
    subjects = {t.subject.value for t in draft.triples}
    assert not [t for t in draft.triples if t.subject.value.endswith("/share")]
    assert {t.object.value for t in draft.triples if t.object.value.startswith("https://example.org/nhs")} <= subjects
    assert not [t for t in draft.triples if re.search("/(fernshire|mossland)/(?!dental|community)", str(t))]
    assert len(sord(merged, record, words, dt.date(2026, 4, 1)).sections) == 8


def test_merging_does_not_depend_on_the_order_of_triples(plant: Plant, record: Record, words: Words) -> None:
    first, second = plant(), plant(name="mossland")
    turned = (list(reversed(first[0])), first[1]), (list(reversed(second[0])), second[1])
    one, other = merge(first, second, SUCCESSOR, record, words), merge(*turned, SUCCESSOR, record, words)
    assert {str(t) for t in one.triples} == {str(t) for t in other.triples}
    assert one.conflicts == other.conflicts


def test_a_successor_on_record_keeps_its_address(plant: Plant, record: Record, words: Words) -> None:
    merged = read_scheme(merge(plant(), plant(name="mossland"), "S9B9J", record, words).triples, record)
    assert merged.body.address == "https://w3id.org/icsgraph/id/body/S9B9J"
    assert merged.body.label == "NHS Surrey and Sussex Integrated Care Board"


def test_one_board_is_not_merged_with_itself(plant: Plant, record: Record, words: Words) -> None:
    with pytest.raises(IcsgraphError, match="Use compare"):
        merge(plant(), plant(), SUCCESSOR, record, words)


def test_conflicts_can_be_read(draft: Draft, plant: Plant, words: Words) -> None:
    document = of_conflicts(draft.conflicts, plant()[1], plant(name="mossland")[1], SUCCESSOR, words)
    assert [s.heading for s in document.sections][:3] == ["Another holder", "Another limit", "Another lead officer"]
    assert as_html(document).count("<h1>") == 1
