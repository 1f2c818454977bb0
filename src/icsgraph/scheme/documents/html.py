"""A document as one HTML page that stands alone: no script, nothing fetched, all style inside."""

from __future__ import annotations

from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from icsgraph.scheme.documents.page import Document, anchor

__all__ = ["as_html"]


@lru_cache(maxsize=1)
def _environment() -> Environment:
    loader = PackageLoader("icsgraph.scheme.documents")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    environment.filters["anchor"] = anchor
    return environment


def as_html(document: Document) -> str:
    """The page of a document."""
    ids: list[str] = []
    for section in document.sections:
        # Two headings may read alike; a place in a page may not.
        ids.append(f"s{len(ids) + 1}-{section.id}")
    return _environment().get_template("document.html.jinja").render(document=document, ids=ids) + "\n"
