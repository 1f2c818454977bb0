"""rdflib's processor of SPARQL, which reads each text of a query once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.processor import SPARQLProcessor
from rdflib.plugins.sparql.sparql import Query
from rdflib.term import Identifier

__all__ = ["Prepared"]


@lru_cache(maxsize=512)
def _read(text: str, base: str | None, namespaces: frozenset[tuple[str, Any]]) -> Query:
    """A query ready to be run; running it leaves it as it is."""
    return translateQuery(parseQuery(text), base, dict(namespaces))


class Prepared(SPARQLProcessor):
    """As rdflib's own, with what it has read kept."""

    def query(  # type: ignore[override]  # its own, which leaves out the base that it takes
        self,
        strOrQuery: str | Query,  # noqa: N803
        initBindings: Mapping[str, Identifier] | None = None,  # noqa: N803
        initNs: Mapping[str, Any] | None = None,  # noqa: N803
        base: str | None = None,
        DEBUG: bool = False,  # noqa: N803
    ) -> Mapping[str, Any]:
        """The result of a query, given as text or ready."""
        if isinstance(strOrQuery, str):
            strOrQuery = _read(strOrQuery, base, frozenset((initNs or {}).items()))  # noqa: N806
        return super().query(strOrQuery, initBindings, initNs, base, DEBUG)
