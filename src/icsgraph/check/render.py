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


def unjudged(report: Report) -> list[str]:
    """What the report did not judge, in sentences: absences of which the description says nothing, bodies described elsewhere."""
    said = []
    if missed := [u for u in report.unjudged if u.rules]:
        kinds = "; ".join(f"{u.label} ({', '.join(u.rules)})" for u in missed)
        bodies = sorted({b for u in missed for b in u.bodies})
        said.append(
            f"Whether these are all there was not judged, since the description does not say so of {_some(bodies)}: {kinds}. "
            "Write ics:allDescribed or ics:noneExists with the kind, and their absence counts."
        )
    if idle := [u for u in report.unjudged if not u.rules]:
        kinds = "; ".join(f"{u.label}, of {_some(list(u.bodies))}" for u in idle)
        said.append(
            f"Said to be all here, or not to exist, and judged by no rule of {report.scenario} on that day: {kinds}."
        )
    if report.mentioned:
        said.append(f"Described elsewhere, so that nothing is missed of: {_some(report.mentioned)}.")
    return said


def _some(names: list[str]) -> str:
    """Some names, the rest counted."""
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _place(finding: Finding) -> str:
    if finding.cell:
        # Whoever fills in a workbook knows the cell, not the address.
        return f"{finding.cell}, {finding.focus_label}"
    where = f", line {finding.line}" if finding.line else ""
    address = "" if finding.focus.startswith("urn:x-") else f" <{finding.focus}>"
    return f"{finding.focus_label}{address}{where}"


def _by_rule(findings: list[Finding]) -> list[list[Finding]]:
    """Findings of one rule that follow each other, together."""
    groups: list[list[Finding]] = []
    for finding in findings:
        if groups and groups[-1][0].rule == finding.rule:
            groups[-1].append(finding)
        else:
            groups.append([finding])
    return groups


def as_text(report: Report, width: int = 100) -> str:
    """The report for a terminal, grouped by severity and rule."""
    lines = textwrap.wrap(summary(report), width)
    for notice in report.notices:
        lines += textwrap.wrap(f"Note: {notice}", width)
    for words in unjudged(report):
        lines += textwrap.wrap(f"Not judged: {words}", width)

    def told(words: str) -> list[str]:
        return textwrap.wrap(words, width, initial_indent="  ", subsequent_indent="    ", break_long_words=False)

    for severity in SEVERITIES:
        found = [f for f in report.findings if f.severity == severity]
        if found:
            lines += ["", f"{severity} ({len(found)})"]
        for several in _by_rule(found):
            first = several[0]
            many = f" ({len(several)})" if len(several) > 1 else ""
            lines += textwrap.wrap(
                f"{first.rule} {first.title}{many}", width, initial_indent="* ", subsequent_indent="  "
            )
            for finding in several:
                lines += told(f"Where: {_place(finding)}")
                lines += told(f"What is wrong: {finding.message}")
                if finding.value_label and finding.value_label not in finding.message:
                    lines += told(f"It is about: {finding.value_label}")
                lines += [f"  {words}" for words in _mended(finding)]
            for law in first.law:
                lines += told(f"Law: {law.citation}" + (f": {law.text}" if law.text else ""))
            for remedy in dict.fromkeys(f.remedy for f in several):
                lines += told(f"What to do: {remedy}")
            if first.written_with:
                lines += told(f"Said with: {', '.join(first.written_with)}")
            lines += [f"    {law.url}" for law in first.law[:1] if law.url]
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
            Triple(
                result,
                term_name("sh:resultMessage"),
                text(f"{_subject(finding)}: {finding.message} {finding.remedy}", "en"),
            ),
        ]
        if finding.value:
            value = iri(finding.value) if ":" in finding.value and " " not in finding.value else text(finding.value)
            triples.append(Triple(result, term_name("sh:value"), value))
    return triples


def _mended(finding: Finding) -> list[str]:
    """The one lawful mend of a finding in lines; none where it has none."""
    if not finding.mend:
        return []
    parts = (("Take out", finding.mend.takes_out), ("Put in", finding.mend.puts_in))
    return [f"{word}: {line}" for word, line in parts if line]


def _subject(finding: Finding) -> str:
    """What a finding is about, for those who read its sentence alone: its name, and the line or cell where it stands."""
    place = finding.cell or (f"line {finding.line}" if finding.line else "")
    name = finding.focus_label[:1].upper() + finding.focus_label[1:]
    return f"{name} ({place})" if place else name


def html_body(report: Report) -> str:
    """The report as the inside of a page: findings by severity, each with its place, its law and what to do."""
    parts = [f"<p>{escape(summary(report))}</p>"]
    parts += [f'<p class="note">{escape(n)}</p>' for n in report.notices]
    if not_judged := unjudged(report):
        parts.append(
            '<section class="app-unjudged"><h2>Not judged</h2>'
            + "".join(f"<p>{escape(words)}</p>" for words in not_judged)
            + "</section>"
        )
    for severity in SEVERITIES:
        found = [f for f in report.findings if f.severity == severity]
        if found:
            parts.append(f"<h2>{severity} ({len(found)})</h2>")
        parts += [_group(severity, several) for several in _by_rule(found)]
    return "\n".join(parts)


# Lines of one rule that stand open; more of them are folded.
_OPEN = 10


def _group(severity: str, several: list[Finding]) -> str:
    """The findings of one rule as HTML: a line each, with what to do, the law and the particulars folded under them."""
    first = several[0]
    lines = [f"<li><strong>{escape(_place(f))}</strong>: {escape(f.message)}</li>" for f in several]
    listed = f"<ul>{''.join(lines[:_OPEN])}</ul>"
    if rest := lines[_OPEN:]:
        listed += f"<details><summary>{len(rest)} more of this rule</summary><ul>{''.join(rest)}</ul></details>"
    particulars = "".join(
        (
            f"<dt>It is about</dt><dd>{escape(f.value_label)}</dd>"
            if f.value_label and f.value_label not in f.message
            else ""
        )
        + "".join(f"<dt>A lawful mend, to look at</dt><dd><code>{escape(m)}</code></dd>" for m in _mended(f))
        for f in several
    )
    remedies = "".join(f"<dt>What to do</dt><dd>{escape(r)}</dd>" for r in dict.fromkeys(f.remedy for f in several))
    if first.written_with:
        remedies += f"<dt>Said with</dt><dd>{' '.join(f'<code>{escape(t)}</code>' for t in first.written_with)}</dd>"
    law = "".join(
        f"<dt>Law</dt><dd>{_link(one.citation, one.url)}{'. ' + escape(one.text) if one.text else ''}</dd>"
        for one in first.law
    )
    many = f" ({len(several)})" if len(several) > 1 else ""
    return (
        f'<section class="app-finding app-finding--{severity}"><h3>{escape(first.title)}{many}</h3>{listed}'
        f"<details><summary>What to do, and the law</summary><dl>{remedies}{law}{particulars}"
        f"<dt>Rule</dt><dd>{escape(first.rule)}</dd></dl></details></section>"
    )


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
