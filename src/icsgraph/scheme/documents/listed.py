"""What changed, what breaks on a day and what two schemes disagree about, as documents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from icsgraph.scheme.breaks import Break
from icsgraph.scheme.changes import Change
from icsgraph.scheme.documents.page import Cell, Document, Section, Table, made, plain, rows_of
from icsgraph.scheme.documents.words import Words, day
from icsgraph.scheme.merge import Conflict
from icsgraph.scheme.model import Scheme

__all__ = ["of_breaks", "of_changes", "of_conflicts"]


def of_changes(changes: list[Change], old: Scheme, new: Scheme, words: Words) -> Document:
    """The changes between two versions."""
    about = words("changes.about", old=old.version or "–", new=new.version or "–", body=new.body.label)
    return _document("changes", new.body.label, about, ((c.kind, c.to_dict()) for c in changes), words)


def of_breaks(breaks: list[Break], scheme: Scheme, on: dt.date, notes: tuple[str, ...], words: Words) -> Document:
    """What no longer holds in a scheme on a day."""
    about = words("breaks.about", body=scheme.body.label, day=day(on))
    return _document(
        "breaks", scheme.body.label, " ".join((about, *notes)), ((b.kind, b.to_dict()) for b in breaks), words
    )


def of_conflicts(conflicts: list[Conflict], first: Scheme, second: Scheme, into: str, words: Words) -> Document:
    """What people have to settle before a merged draft can be a scheme."""
    about = words("merge.about", first=first.body.label, second=second.body.label)
    return _document("merge", into, about, ((c.kind, c.to_dict()) for c in conflicts), words)


def _document(
    name: str, body: str, about: str, items: Iterable[tuple[str, Mapping[str, Any]]], words: Words
) -> Document:
    """A table for each kind of item, in the order of the kinds."""
    columns = words.columns(f"{name}.columns")
    by_kind: dict[str, list[tuple[str, dict[str, Cell]]]] = {}
    for kind, item in items:
        cells = {c.key: plain(*_several(item[c.key])) for c in columns}
        cells[columns[0].key] = cells[columns[0].key] or plain("–")
        by_kind.setdefault(kind, []).append(("", cells))
    sections = tuple(
        Section(
            heading=heading,
            tables=(Table(f"{heading}: {len(by_kind[kind])}", columns, rows_of(columns, by_kind[kind], words)),),
        )
        for kind, heading in words.table(f"{name}.kinds").items()
        if kind in by_kind
    )
    about = about if sections else f"{about} {words(f'{name}.nothing')}"
    return Document(
        title=words(f"{name}.title"),
        body=body,
        about=about,
        facts=(),
        sections=sections,
        made=made(words, body),
        words=words,
    )


def _several(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
