"""What search engines and assistants read in a page: the answer or the thing in the words of schema.org, with status, day and law.

Source: https://schema.org
"""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

from icsgraph.ask.desk import Desk
from icsgraph.ask.explain import Explanation
from icsgraph.ask.notes import Notes
from icsgraph.core.answer import Answer, Passage
from icsgraph.core.terms import BASE
from icsgraph.web.told import must_say

__all__ = ["as_script", "of_answer", "of_dataset", "of_site", "of_thing"]

Told = dict[str, Any]

_CONTEXT = "https://schema.org"
# What a thing is to readers who do not know our terms; the first that fits.
_TYPES = (("Body", "Organization"), ("Provision", "Legislation"), ("Instrument", "Legislation"))
_ELSE = "DefinedTerm"
# Of the law behind an answer, so many passages.
_MOST = 10


def as_script(told: Told) -> Markup:
    """Members as text that stands in a page: nothing in it ends the element that holds it."""
    text = json.dumps({"@context": _CONTEXT, **told}, ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def of_site(root: str) -> Told:
    """The site, and how it is asked in words."""
    action = {
        "@type": "SearchAction",
        "target": {"@type": "EntryPoint", "urlTemplate": f"{root}find?what={{what}}"},
        "query-input": "required name=what",
    }
    return {"@type": "WebSite", "name": "icsgraph", "url": root, "potentialAction": action}


def of_answer(answer: Answer, notes: Notes, address: str) -> Told:
    """A question with its answer; one that is not settled says so in the text, since the text is what is quoted."""
    # A silent answer says so itself.
    unsure = "" if answer.status == "silent" else must_say(answer, notes)
    said = " ".join(filter(None, (answer.says, unsure)))
    passages = {p.url or p.citation: p for s in answer.statements for p in s.passages}
    return {
        "@type": "QAPage",
        "url": address,
        "inLanguage": "en-GB",
        "mainEntity": {
            "@type": "Question",
            "name": answer.sentence,
            "answerCount": 1,
            "acceptedAnswer": {
                "@type": "Answer",
                "text": f"As at {answer.as_at}: {said}",
                "url": address,
                "citation": [_citation(p) for p in [*passages.values()][:_MOST]],
            },
        },
    }


def of_thing(desk: Desk, it: Explanation) -> Told:
    """A thing with its name, code and what it is."""
    iri = it.thing.iri
    kind = next((name for type, name in _TYPES if desk.names.is_any(iri, (type,))), _ELSE)
    period = desk.names.period(iri)
    days = {}
    if kind == "Organization":
        pairs = (("foundingDate", period.start), ("dissolutionDate", period.end))
        days = {name: day.isoformat() for name, day in pairs if day}
    return {
        "@type": kind,
        "@id": iri,
        "name": it.thing.label,
        "identifier": it.thing.code,
        "description": it.text,
        **days,
        **({"subjectOf": [_citation(p) for p in it.passages[:_MOST]]} if it.passages else {}),
    }


def of_dataset(version: str, licence: str, root: str) -> Told:
    """The dataset, for those who look for data."""
    return {
        "@type": "Dataset",
        "@id": BASE + "dataset",
        "name": "icsgraph",
        "description": "Who is accountable for what in integrated care systems in England, with the law behind every statement.",
        "version": version,
        "license": licence,
        "url": f"{root}data",
        "spatialCoverage": "England",
        "temporalCoverage": "2013-04-01/..",
        "isAccessibleForFree": True,
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": "application/n-quads", "contentUrl": f"{root}data/icsgraph.nq"}
        ],
    }


def _citation(passage: Passage) -> Told:
    kind = "Legislation" if passage.law else "CreativeWork"
    return {"@type": kind, "name": passage.citation, **({"url": passage.url} if passage.url else {})}
