"""Files of the register's interfaces: ORD as JSON and XML, bundles of FHIR; bombs, halves and persons."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from icsgraph.core.errors import IcsgraphError
from icsgraph.upkeep.organisations import Organisation, read_organisations
from icsgraph.upkeep.registers import read_files, read_registers
from icsgraph.upkeep.update import compare
from icsgraph.upkeep.working import Working, read_table
from tests.test_update import write


def ord_of(code: str, name: str, closed: str = "", followed: str = "", on: str = "2026-10-01") -> dict[str, Any]:
    """An organisation as ORD gives it, with a nested name that must not be taken for its own."""
    legal = {"Type": "Legal", "Start": "2016-04-01", **({"End": closed} if closed else {})}
    succ = {"Type": "Successor", "Date": [{"Type": "Legal", "Start": on}], "Target": {"OrgId": {"extension": followed}}}
    return {
        "Organisation": {
            "Name": name,
            "OrgId": {"extension": code},
            "Status": "Active",
            "Date": [{"Type": "Operational", "Start": "1900-01-01"}, legal],
            "GeoLoc": {"Location": {"Town": "LONDON", "PostCode": "N1 1AA"}},
            "Roles": {"Role": [{"id": "RO197", "primaryRole": True, "Status": "Active"}]},
            "Rels": {"Rel": [{"id": "RE5", "Status": "Active", "Target": {"OrgId": {"extension": "QKK"}}}]},
            **({"Succs": {"Succ": [succ]}} if followed else {}),
        }
    }


XML = """<OrganisationManifest xmlns="http://refdata.hscic.gov.uk/org/v2-0-0"><Organisations>
<Organisation orgRecordClass="RC1"><Name>A TRUST</Name><Date><Type value="Legal"/><Start value="2016-04-01"/><End value="2026-09-30"/></Date>
<OrgId extension="RAL"/><Status value="Active"/><GeoLoc><Location><Town>LONDON</Town><PostCode>N1 1AA</PostCode></Location></GeoLoc>
<Roles><Role id="RO197"><Status value="Active"/></Role></Roles>
<Rels><Rel id="RE5"><Status value="Active"/><Target><OrgId extension="QKK"/><Name>NOT THIS</Name></Target></Rel></Rels>
<Succs><Succ><Date><Type value="Legal"/><Start value="2026-10-01"/></Date><Type>Successor</Type><Target><OrgId extension="RKE"/></Target></Succ></Succs>
</Organisation><Organisation refOnly="true"><Name>STUB</Name></Organisation></Organisations></OrganisationManifest>
"""
EXPECTED = Organisation(
    code="RAL", name="A TRUST", roles=("RO197",), opened="2016-04-01", closed="2026-09-30", postcode="N1 1AA", town="LONDON", board="QKK",
    successors=(("RKE", "2026-10-01"),),
)  # fmt: skip


def test_json_and_xml_of_ord_give_the_same(tmp_path: Path) -> None:
    """Label: source. The forms of the formats' page; stubs and nested names are left out."""
    for name, text in (("a.xml", XML), ("a.json", json.dumps(ord_of("RAL", "A TRUST", "2026-09-30", "RKE")))):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        assert read_organisations(path, "RE5").organisations == (EXPECTED,), name


def test_persons_in_a_bundle_are_dropped_and_that_is_said(tmp_path: Path) -> None:
    organisation = {
        "resourceType": "Organization",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "RAL"}],
        "name": "A Trust",
        "type": [{"coding": [{"code": "RO197"}]}],
        "extension": [{"valuePeriod": {"start": "2016-04-01"}}],
        "address": [{"city": "LONDON", "postalCode": "N1 1AA"}],
        "contact": [{"name": {"text": "Somebody"}}],
    }
    person = {"resourceType": "Practitioner", "name": [{"text": "Somebody Else"}]}
    path = tmp_path / "b.json"
    path.write_text(
        json.dumps({"resourceType": "Bundle", "entry": [{"resource": organisation}, {"resource": person}]}),
        encoding="utf-8",
    )
    read = read_organisations(path, "RE5")
    assert [(o.code, o.opened, o.postcode) for o in read.organisations] == [("RAL", "2016-04-01", "N1 1AA")]
    assert read.remarks == (
        "1 of the kind Practitioner were persons and dropped",
        "contacts of 1 organisations were dropped",
    )
    assert "Somebody" not in str(read)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.xml", '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><a>&c;</a>', "declares a DOCTYPE"),
        ("a.xml", XML[:-60], "breaks off"),
        ("a.json", json.dumps(ord_of("RAL", "A"))[:-9], "breaks off"),
        ("a.json", "{}", "not of the form"),
        ("a.json", "[" * 100_000, "breaks off"),
        ("a.json", '{"resourceType": "Bundle", "entry": []}', "has no organisation"),
        ("a.json", '"x"', "not of the form"),
    ],
)
def test_bad_files_are_refused_with_a_clear_line(tmp_path: Path, name: str, text: str, words: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(IcsgraphError, match=words) as error:
        read_organisations(path, "RE5")
    assert error.value.hint


def test_successions_are_found_applied_and_the_odd_ones_told(tables: Path) -> None:
    """A merger goes to the table of successions; a successor that begins later, or that nobody has, is for a person."""
    registers = read_registers(tables)
    path = tables / "trusts.json"
    rows = {r["ods_code"]: r for r in read_table(tables / "data/bodies/trusts.csv")[1]}
    new = ord_of("Q9Z9Z", "NEW NHS TRUST")
    late = ord_of("Q8Z8Z", "LATE NHS TRUST")
    late["Organisation"]["Date"] = [{"Type": "Legal", "Start": "2026-12-01"}]
    gone = ord_of("RAL", rows["RAL"]["name"], "2026-09-30", "Q9Z9Z")
    odd = ord_of("RKE", rows["RKE"]["name"], "2026-09-30", "Q8Z8Z")
    lost = ord_of("RJ1", rows["RJ1"]["name"], "2026-09-30", "X0X0X")
    other = ord_of("V1", "NO TRUST")
    other["Organisation"]["Roles"]["Role"][0]["id"] = "RO000"
    path.write_text(json.dumps([new, late, gone, odd, lost, other]), encoding="utf-8")
    said: list[str] = []
    (extract,) = read_files(path, registers, Working(tables), said.append, lambda p: [])
    assert said == ["trusts.json: 1 organisations have no role of a register that is known, and were not compared."]
    found = compare(extract, Working(tables))
    told = {(d.kind, d.code) for d in found}
    assert {
        ("succeeded", "RAL"),
        ("suspicious", "RKE"),
        ("suspicious", "RJ1"),
        ("new", "Q9Z9Z"),
        ("ended", "RAL"),
    } <= told
    assert ("suspicious", "RAL") not in told
    assert "missing" not in {d.kind for d in found}
    write(extract, tables, lambda copy: None)
    after = read_table(tables / "data/bodies/trust_succession.csv")[1]
    assert [(r["predecessor_ods"], r["successor_ods"], r["date"]) for r in after[-1:]] == [
        ("RAL", "Q9Z9Z", "2026-10-01")
    ]
    assert "{" not in (tables / "data/bodies/trusts.csv").read_text(encoding="utf-8")
