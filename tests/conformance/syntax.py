"""The W3C SPARQL test queries read by ``core.sparql``, beside what the engine makes of them: ``python -m tests.conformance.syntax FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

import pyoxigraph as ox

from icsgraph.core.guard import RefusedQuery, check_query
from icsgraph.core.sparql import Unclear, bare, form_of, projection, tokens
from icsgraph.core.terms import PREFIXES

__all__ = ["fault"]

_FORMS = {ox.QuerySolutions: ("SELECT",), ox.QueryBoolean: ("ASK",), ox.QueryTriples: ("CONSTRUCT", "DESCRIBE")}


def fault(query: str) -> str | None:
    """What is read otherwise than the engine reads it; empty where nothing is, ``None`` where it cannot be compared."""
    if "".join(token.text for token in tokens(query)) != query:
        return "the tokens are not the query"
    calls = "SERVICE" in bare(query).upper()
    try:
        check_query(query)
        if calls:
            return "a call was let pass"
    except RefusedQuery as error:
        return "" if calls else f"refused: {error}"
    try:
        result = ox.Store().query(query, base_iri="http://example.org/", prefixes=PREFIXES)
    except (SyntaxError, ValueError, RuntimeError, OSError):
        return None
    if form_of(query) not in _FORMS[type(result)]:
        return f"the form is not {form_of(query)}"
    if isinstance(result, ox.QuerySolutions):
        try:
            asked = projection(query)
        except Unclear as error:
            return str(error)
        known = [v.value for v in result.variables]
        if not asked.everything and [*asked.names] != known:
            return f"asked for {', '.join(asked.names)}, not {', '.join(known)}"
    return ""


def main() -> int:
    """Print what is read otherwise, and how many queries were compared; 1 where there is any."""
    compared = faults = 0
    for path in sorted(Path(sys.argv[1]).rglob("*.rq")):
        try:
            found = fault(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            continue
        compared += found is not None
        if found:
            faults += 1
            print(f"{path}: {found}")
    print(f"{compared - faults} of {compared} queries are read as the engine reads them")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
