"""Organisations as the register's interfaces give them: ORD as JSON or XML, and bundles of FHIR. Of persons nothing is kept."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from icsgraph.core.errors import IcsgraphError

__all__ = ["Organisation", "Read", "read_organisations"]

# JSON is read whole, so it is bounded; XML is read piece by piece.
_MOST = 256
# The register writes this day where it holds none.
_FILLER = "1900-01-01"
# What a bundle may have of persons: dropped, and said.
_PERSONS = {"Practitioner", "PractitionerRole", "Person", "Patient", "RelatedPerson"}
_NAMESPACE = "{http://refdata.hscic.gov.uk/org/v2-0-0}"


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """One organisation: days are ISO, ``closed`` the last day; ``board`` is whom the register puts its postcode under.

    ``moved`` is the day since when it does, and successors have theirs.
    """

    code: str
    name: str
    roles: tuple[str, ...]
    opened: str = ""
    closed: str = ""
    postcode: str = ""
    town: str = ""
    board: str = ""
    moved: str = ""
    successors: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Read:
    """What a file had: its organisations, and what was left out."""

    organisations: tuple[Organisation, ...]
    remarks: tuple[str, ...]


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(64)


def _list(value: Any) -> list[Any]:
    """The members of what may be one thing, several, or nothing."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _period(dates: Iterable[Mapping[str, str]]) -> tuple[str, str]:
    """First and last day: the legal ones before the operational ones, without fillers."""
    found = {d.get("Type", ""): d for d in dates}
    chosen = found.get("Legal") or found.get("Operational") or {}
    start = chosen.get("Start", "")
    return ("" if start == _FILLER else start), chosen.get("End", "")


def _of_ord(told: Mapping[str, Any], board: str) -> Organisation:
    """An organisation of ORD as JSON; ``board`` is the id of the relationship that names whom its postcode is under."""
    roles = _list(told.get("Roles", {}).get("Role"))
    place = told.get("GeoLoc", {}).get("Location", {})
    rels = [r for r in _list(told.get("Rels", {}).get("Rel")) if r.get("id") == board and r.get("Status") == "Active"]
    succs = [s for s in _list(told.get("Succs", {}).get("Succ")) if s.get("Type") == "Successor"]
    opened, closed = _period(_list(told.get("Date")))
    return Organisation(
        code=told["OrgId"]["extension"],
        name=told["Name"],
        roles=tuple(r["id"] for r in roles if r.get("Status", "Active") == "Active"),
        opened=opened,
        closed=closed,
        postcode=place.get("PostCode", ""),
        town=place.get("Town", ""),
        board=rels[0]["Target"]["OrgId"]["extension"] if rels else "",
        moved=_period(_list(rels[0].get("Date")))[0] if rels else "",
        successors=tuple((s["Target"]["OrgId"]["extension"], _period(_list(s.get("Date")))[0]) for s in succs),
    )


def _of_fhir(told: Mapping[str, Any]) -> Organisation:
    """An organisation of FHIR, whose identifier, types, address and period the register fills."""
    codes = [i["value"] for i in _list(told.get("identifier")) if "ods-organization-code" in i.get("system", "")]
    if not codes:
        raise KeyError("identifier")
    types = [c["code"] for t in _list(told.get("type")) for c in _list(t.get("coding")) if "code" in c]
    address: Mapping[str, Any] = next(iter(_list(told.get("address"))), {})
    period: Mapping[str, str] = next((e["valuePeriod"] for e in _list(told.get("extension")) if "valuePeriod" in e), {})
    return Organisation(
        code=codes[0],
        name=told["name"],
        roles=tuple(types),
        opened=period.get("start", "")[:10],
        closed=period.get("end", "")[:10],
        postcode=address.get("postalCode", ""),
        town=address.get("city", ""),
    )


def _json(path: Path, board: str) -> Read:
    if path.stat().st_size > _MOST * 1_000_000:
        raise IcsgraphError(f"{path.name} has more than {_MOST} MB of JSON.", "Give the full file as XML.")
    told = json.loads(path.read_text(encoding="utf-8-sig"))
    if isinstance(told, dict) and told.get("resourceType") in ("Bundle", "Organization"):
        held = [e.get("resource", {}) for e in told.get("entry", ())] if told["resourceType"] == "Bundle" else [told]
        kinds = Counter(r.get("resourceType", "nothing") for r in held)
        found = [_of_fhir(r) for r in held if r.get("resourceType") == "Organization"]
        remarks = [
            f"{n} of the kind {kind} {'were persons and dropped' if kind in _PERSONS else 'were not read'}"
            for kind, n in sorted(kinds.items())
            if kind != "Organization"
        ]
        contacts = sum(bool(r.get("contact")) for r in held if r.get("resourceType") == "Organization")
        return Read(
            tuple(found), (*remarks, *([f"contacts of {contacts} organisations were dropped"] if contacts else []))
        )
    several = told if isinstance(told, list) else told.get("Organisations", [told])
    return Read(tuple(_of_ord(one.get("Organisation", one), board) for one in several), ())


def _as_ord(element: Element) -> dict[str, Any]:
    """An organisation of the XML in the form of the JSON."""

    def at(parent: Element, path: str) -> list[Element]:
        return parent.findall("/".join(_NAMESPACE + p for p in path.split("/")))

    def dates(parent: Element) -> list[dict[str, str]]:
        return [{k: e.get("value", "") for k in ("Type", "Start", "End") for e in at(d, k)} for d in at(parent, "Date")]

    def value(parent: Element, path: str) -> str:
        found = at(parent, path)
        return (found[0].get("value") or found[0].text or "").strip() if found else ""

    def target(parent: Element) -> dict[str, Any]:
        return {"OrgId": {"extension": at(parent, "Target/OrgId")[0].get("extension", "")}}

    return {
        "Name": value(element, "Name"),
        "OrgId": {"extension": at(element, "OrgId")[0].get("extension", "")},
        "Date": dates(element),
        "GeoLoc": {"Location": {k: value(element, f"GeoLoc/Location/{k}") for k in ("Town", "PostCode")}},
        "Roles": {
            "Role": [
                {"id": r.get("id", ""), "Status": value(r, "Status") or "Active"} for r in at(element, "Roles/Role")
            ]
        },
        "Rels": {
            "Rel": [
                {
                    "id": r.get("id", ""),
                    "Status": value(r, "Status") or "Active",
                    "Target": target(r),
                    "Date": dates(r),
                }
                for r in at(element, "Rels/Rel")
            ]
        },
        "Succs": {
            "Succ": [
                {"Type": value(s, "Type"), "Date": dates(s), "Target": target(s)} for s in at(element, "Succs/Succ")
            ]
        },
    }


def _xml(path: Path, board: str) -> Iterator[Organisation]:
    for _, element in iterparse(path, forbid_dtd=True):
        # What another organisation points at is a stub of its own kind.
        if element.tag == f"{_NAMESPACE}Organisation":
            if element.get("refOnly") != "true":
                yield _of_ord(_as_ord(element), board)
            element.clear()


def read_organisations(path: Path, board: str) -> Read:
    """The organisations of a file of ORD (JSON or XML) or FHIR (JSON).

    Raises ``IcsgraphError`` for what is none of these, is cut off, or declares entities.
    """
    try:
        start = _head(path).lstrip(b"\xef\xbb\xbf \r\n\t")
        found = Read(tuple(_xml(path, board)), ()) if start.startswith(b"<") else _json(path, board)
    except OSError as error:
        raise IcsgraphError(
            f"{path} cannot be read: {error.strerror}.", "Give the path of a file that exists."
        ) from None
    except DefusedXmlException:
        raise IcsgraphError(
            f"{path.name} declares a DOCTYPE or entities, which are not read here.",
            "Give the file as the register publishes it.",
        ) from None
    except (ValueError, ParseError, RecursionError) as error:
        raise IcsgraphError(
            f"{path.name} breaks off or is neither JSON nor XML: {error}.", "It may be half a file: download it again."
        ) from None
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise IcsgraphError(
            f"{path.name} is not of the form of the register: {error!r} is missing.", "Give a file of ORD or FHIR."
        ) from None
    if not found.organisations:
        raise IcsgraphError(f"{path.name} has no organisation.", "Give a file of ORD or FHIR.")
    return found
