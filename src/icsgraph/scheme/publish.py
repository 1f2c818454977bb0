"""One call for each thing that a board does with its scheme once it is a graph: publish, compare, look ahead, merge."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icsgraph.ask.desk import Desk
from icsgraph.core.errors import IcsgraphError
from icsgraph.graph.rdf import Triple, turtle
from icsgraph.scheme.breaks import breaks, notes_on
from icsgraph.scheme.changes import compare
from icsgraph.scheme.documents.evidence import evidence
from icsgraph.scheme.documents.extracts import extracts
from icsgraph.scheme.documents.html import as_html
from icsgraph.scheme.documents.listed import of_breaks, of_changes, of_conflicts
from icsgraph.scheme.documents.map import decisions_map, picture
from icsgraph.scheme.documents.page import Document
from icsgraph.scheme.documents.sord import sord
from icsgraph.scheme.documents.text import as_text
from icsgraph.scheme.documents.word import as_word
from icsgraph.scheme.documents.words import Words
from icsgraph.scheme.merge import merge
from icsgraph.scheme.model import Scheme, read_scheme
from icsgraph.scheme.record import Record

if TYPE_CHECKING:
    from icsgraph.scheme.triples import Workbook

__all__ = ["DOCUMENTS", "Publisher"]

DOCUMENTS: Mapping[str, Callable[[Scheme, Record, Words, dt.date], Document]] = {
    "sord": sord,
    "map": decisions_map,
    "extracts": extracts,
    "evidence": evidence,
}


class Publisher:
    """The record and the words of documents, read once and used for many schemes. ``root`` holds ``data`` and ``queries``."""

    def __init__(self, desk: Desk, root: Path) -> None:
        self.root = root
        self.names = desk.names
        self.record = Record(desk, root)
        self.words = Words(root)

    def opened(self, path: Path, progress: Callable[[str], None]) -> Workbook:
        """The graph of a workbook or a folder of tables, with what could not be read of it."""
        # A scheme that is RDF already needs no reader of workbooks.
        from icsgraph.scheme.check import open_path, read_workbook

        return read_workbook(open_path(path), self.root, self.names, progress=progress)

    def workbook(self, triples: list[Triple]) -> bytes:
        """A description as a workbook, from which the same graph is read."""
        from icsgraph.scheme.template import write_template

        return write_template(self.root, self.names, triples)

    def read(self, triples: list[Triple], title: str = "") -> Scheme:
        """The scheme of a description; ``title`` says which where it holds several."""
        return read_scheme(triples, self.record, title)

    def document(self, scheme: Scheme, name: str, as_at: dt.date, committee: str = "") -> Document:
        """A document of a scheme by its name in ``DOCUMENTS``; ``committee`` picks one extract."""
        if committee and name == "extracts":
            return extracts(scheme, self.record, self.words, as_at, committee)
        return DOCUMENTS[name](scheme, self.record, self.words, as_at)

    def files(
        self,
        scheme: Scheme,
        name: str,
        out: str,
        as_at: dt.date,
        committee: str = "",
        triples: list[Triple] | None = None,
    ) -> dict[str, bytes]:
        """The files of a document by name: ``out``, in the form that its suffix says, and the page beside a picture.

        A scheme in Word carries its ``triples`` along, so that it is read again as it was.

        Raises ``IcsgraphError`` for a suffix in which the document cannot be written.
        """
        document = self.document(scheme, name, as_at, committee)
        stem, _, suffix = out.rpartition(".")
        page = f"{stem}.html"
        if suffix == "svg" and name == "map":
            # The links of the picture lead to the table, so that the one is not published without the other.
            svg = picture(scheme, self.record, self.words, page.rpartition("/")[2])
            return {out: svg.encode() + b"\n", page: as_html(document).encode()}
        forms: dict[str, Callable[[Document], bytes]] = {
            "html": lambda d: as_html(d).encode(),
            "docx": lambda d: as_word(d, as_at, turtle(triples) if triples and name == "sord" else b""),
            "txt": lambda d: as_text(d).encode(),
        }
        if suffix not in forms:
            raise IcsgraphError(
                f"{out} is not of a form in which this document is written.",
                f"End it in {', '.join('.' + f for f in forms)}{' or .svg' if name == 'map' else ''}.",
            )
        return {out: forms[suffix](document)}

    def every_file(self, triples: list[Triple], as_at: dt.date) -> dict[str, bytes]:
        """All documents of a scheme by the names of their files: the scheme, its map, extracts and evidence, and a workbook."""
        scheme = self.read(triples)
        found: dict[str, bytes] = {}
        for name, out in (
            ("sord", "scheme.docx"),
            ("sord", "scheme.html"),
            ("map", "map.svg"),
            ("extracts", "extracts.docx"),
            ("evidence", "evidence.docx"),
        ):
            found |= self.files(scheme, name, out, as_at, triples=triples)
        return found | {"scheme.xlsx": self.workbook(triples)}

    def changes(self, old: Scheme, new: Scheme, form: str = "text") -> str:
        """What changed between two versions as ``text``, ``json`` or ``html``."""
        found = compare(old, new, self.record, self.words)
        document = of_changes(found, old, new, self.words)
        return _written(document, form, {"changes": [c.to_dict() for c in found]})

    def breaks(self, scheme: Scheme, on: dt.date, form: str = "text") -> str:
        """What breaks in a scheme on a day as ``text``, ``json`` or ``html``."""
        found = breaks(scheme, self.record, self.words, on)
        notes = notes_on(self.record, self.words, on)
        document = of_breaks(found, scheme, on, notes, self.words)
        return _written(
            document, form, {"on": on.isoformat(), "breaks": [b.to_dict() for b in found], "notes": [*notes]}
        )

    def merged(
        self, first: list[Triple], second: list[Triple], into: str, form: str = "text"
    ) -> tuple[list[Triple], str]:
        """A first draft for a successor as triples, and what to settle in it as ``text``, ``json`` or ``html``."""
        sides = (first, self.read(first)), (second, self.read(second))
        draft = merge(*sides, into, self.record, self.words)
        document = of_conflicts(draft.conflicts, sides[0][1], sides[1][1], into, self.words)
        return draft.triples, _written(document, form, {"conflicts": [c.to_dict() for c in draft.conflicts]})


def _written(document: Document, form: str, plain: Mapping[str, Any]) -> str:
    if form == "json":
        return json.dumps(plain, indent=2, ensure_ascii=False) + "\n"
    return as_html(document) if form == "html" else as_text(document)
