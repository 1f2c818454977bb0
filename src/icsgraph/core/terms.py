"""Namespaces, and the few terms that code is allowed to know by name."""

from __future__ import annotations

import os
import re

from icsgraph.core.errors import IcsgraphError

__all__ = ["BASE", "CANONICAL", "DEF", "DEFAULT_SCENARIO", "GRAPH", "ID", "PREFIXES", "check_base", "expand", "rebased"]

# The base of the addresses as the content is written, and as it is published: a copy under another name sets ICSGRAPH_BASE.
CANONICAL = "https://w3id.org/icsgraph/"
BASE = os.environ.get("ICSGRAPH_BASE") or CANONICAL
ID = BASE + "id/"
DEF = BASE + "def/"
GRAPH = BASE + "graph/"
# The scenario asked about and checked against where none is named: enacted law.
DEFAULT_SCENARIO = "act-2022"

PREFIXES = {
    "area": ID + "area/",
    "body": ID + "body/",
    "dcterms": "http://purl.org/dc/terms/",
    "duty": ID + "duty/",
    "function": ID + "function/",
    "gateway": ID + "gateway/",
    "graph": GRAPH,
    "form": ID + "form/",
    "ics": DEF,
    "owl": "http://www.w3.org/2002/07/owl#",
    "post": ID + "post/",
    "power": ID + "power/",
    "provision": ID + "provision/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "rule": ID + "rule/",
    "scenario": ID + "scenario/",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "statement": ID + "statement/",
    "voice": ID + "voice/",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def check_base(base: str) -> None:
    """Raise ``IcsgraphError`` where a base is not one that addresses can begin with."""
    if not re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+[/#]", base):
        raise IcsgraphError(
            f"The base “{base}” in ICSGRAPH_BASE is not an address.",
            "Give one that begins with https:// and ends with /.",
        )


def rebased(content: str) -> str:
    """Content with its addresses under the base that is set."""
    return content if BASE == CANONICAL else content.replace(CANONICAL, BASE)


def expand(name: str) -> str:
    """The IRI of a prefixed name such as ``ics:Statement``; raises ``KeyError`` for an unknown prefix."""
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local
