"""A report as text, JSON, W3C Turtle or HTML."""

from __future__ import annotations

import json
import textwrap
from html import escape

from icsgraph.check.ruleset import rule_address
from icsgraph.core.report import SEVERITIES, Finding, Report
from icsgraph.core.terms import DEF
from icsgraph.graph.rdf import RDF_TYPE, Triple, iri, term_name, text, turtle, typed

__all__ = ["as_html", "as_json", "as_jsonld", "as_text", "as_turtle", "html_body", "summary"]

# What findings of no rule come from: a kind of another scenario, a cell.
_SHAPELESS = {"other-scenario": "ProposedBodyKind", "unread": "Column", "reading": "Column"}


def _plural(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def summary(report: Report) -> str:
    """What was found and what was looked at, in two sentences."""
    counts = ", ".join(_plural(n, s.lower()) for s, n in report.counts().items() if n) or "no findings"
    return (
        f"{report.source}: {counts}. Checked against {_plural(report.rules, 'rule')} of {report.scenario} in force on {report.as_at}; "
        f"{report.idle} of them had nothing to look at."
    )


def _place(finding: Finding) -> str:
    if finding.cell:
        # Whoever fills in a workbook knows the cell, not the address.
        return f"{finding.cell}, {finding.focus_label}"
    where = f", line {finding.line}" if finding.line else ""
    address = "" if finding.focus.startswith("urn:x-") else f" <{finding.focus}>"
    return f"{finding.focus_label}{address}{where}"


def as_text(report: Report, width: int = 100) -> str:
    """The report for a terminal, grouped by severity."""
    lines = textwrap.wrap(summary(report), width)
    for notice in report.notices:
        lines += textwrap.wrap(f"Note: {notice}", width)
    for severity in SEVERITIES:
        found = [f for f in report.findings if f.severity == severity]
        if found:
            lines += ["", f"{severity} ({len(found)})"]
        for finding in found:
            lines += textwrap.wrap(
                f"{finding.rule} {finding.title}", width, initial_indent="* ", subsequent_indent="  "
            )
            said = [f"Where: {_place(finding)}", f"What is wrong: {finding.message}"]
            if finding.value_label:
                said.append(f"It is about: {finding.value_label}")
            said += [f"Law: {law.citation}" + (f": {law.text}" if law.text else "") for law in finding.law]
            said.append(f"What to do: {finding.remedy}")
            for line in said:
                lines += textwrap.wrap(
                    line, width, initial_indent="  ", subsequent_indent="    ", break_long_words=False
                )
            lines += [f"    {law.url}" for law in finding.law[:1] if law.url]
    return "\n".join(lines) + "\n"


def as_json(report: Report) -> str:
    """The report in its public JSON form."""
    return json.dumps(report.to_dict(), indent=2, ensure_ascii=False) + "\n"


def as_turtle(report: Report) -> str:
    """The report as a ``sh:ValidationReport`` of the W3C, each result with a name."""
    return turtle(_triples(report)).decode()


def as_jsonld(report: Report) -> str:
    """The report of the W3C as JSON-LD, with its addresses written out."""
    return turtle(_triples(report), "jsonld").decode()


def _triples(report: Report) -> list[Triple]:
    head = iri("urn:x-report:0")
    triples = [
        Triple(head, RDF_TYPE, term_name("sh:ValidationReport")),
        Triple(head, term_name("sh:conforms"), typed("true" if not report.findings else "false", "boolean")),
    ]
    for number, finding in enumerate(report.findings, 1):
        result = iri(f"urn:x-report:{number}")
        rule = DEF + _SHAPELESS[finding.rule] if finding.rule in _SHAPELESS else rule_address(finding.rule)
        triples += [
            Triple(head, term_name("sh:result"), result),
            Triple(result, RDF_TYPE, term_name("sh:ValidationResult")),
            Triple(result, term_name("sh:focusNode"), iri(finding.focus)),
            Triple(result, term_name("sh:resultSeverity"), term_name(f"sh:{finding.severity}")),
            Triple(result, term_name("sh:sourceShape"), iri(rule)),
            Triple(result, term_name("sh:sourceConstraintComponent"), term_name("sh:SPARQLConstraintComponent")),
            Triple(result, term_name("sh:resultMessage"), text(f"{finding.message} {finding.remedy}", "en")),
        ]
        if finding.value:
            value = iri(finding.value) if ":" in finding.value and " " not in finding.value else text(finding.value)
            triples.append(Triple(result, term_name("sh:value"), value))
    return triples


def html_body(report: Report) -> str:
    """The report as the inside of a page: findings by severity, each with its place, its law and what to do."""
    parts = [f"<p>{escape(summary(report))}</p>"]
    parts += [f'<p class="note">{escape(n)}</p>' for n in report.notices]
    for severity in SEVERITIES:
        found = [f for f in report.findings if f.severity == severity]
        if found:
            parts.append(f"<h2>{severity} ({len(found)})</h2>")
        for f in found:
            law = "".join(
                f"<dt>Law</dt><dd>{_link(one.citation, one.url)}{'. ' + escape(one.text) if one.text else ''}</dd>"
                for one in f.law
            )
            about = f"<dt>It is about</dt><dd>{escape(f.value_label)}</dd>" if f.value_label else ""
            parts.append(
                f'<section class="app-finding app-finding--{severity}"><h3>{escape(f.rule)} {escape(f.title)}</h3><dl>'
                f"<dt>Where</dt><dd>{escape(_place(f))}</dd><dt>What is wrong</dt><dd>{escape(f.message)}</dd>{about}{law}"
                f"<dt>What to do</dt><dd>{escape(f.remedy)}</dd></dl></section>"
            )
    return "\n".join(parts)


def _link(words: str, url: str) -> str:
    safe = url.startswith(("http://", "https://"))
    return f'<a href="{escape(url)}" rel="noopener">{escape(words)}</a>' if safe else escape(words)


def as_html(report: Report) -> str:
    """The report as a page of its own, which asks no other address for anything."""
    return (
        f'<!doctype html>\n<html lang="en-GB"><head><meta charset="utf-8"><title>Check of {escape(report.source)}</title>'
        "<style>body{font:16px/1.5 arial,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}dt{font-weight:bold}section{border-top:1px solid}</style></head>\n"
        f"<body><main><h1>Check of {escape(report.source)}</h1>\n{html_body(report)}\n</main></body></html>\n"
    )
