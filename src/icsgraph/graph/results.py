"""Results of queries as bytes: every format, at most so many rows, and nothing that a reader could not parse."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Callable, Iterator
from typing import IO, NamedTuple, cast

import pyoxigraph as ox

from icsgraph.core.errors import IcsgraphError
from icsgraph.core.formats import FORMATS
from icsgraph.core.terms import DEF, PREFIXES
from icsgraph.graph.rdf import FORMATS as GRAPHS

__all__ = ["CUT", "FORMS", "Forms", "NotEvaluated", "OxResult", "Result", "UnfitForm", "evaluating", "write"]

OxResult = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples

_RESULTS = {
    f.name: cast(ox.QueryResultsFormat, ox.QueryResultsFormat.from_media_type(f.media_type))
    for f in FORMATS.values()
    if f.results
}
# What a result links to that was cut.
CUT = DEF + "CutResult"
# What stands between two rows of a format; in a text it may stand too, so a count of it is never too small.
_BETWEEN = {"json": b"},{", "xml": b"<result>", "csv": b"\n", "tsv": b"\n"}
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# What an element of XML can be called, at the end of the address of a property.
_NAME = re.compile(r"[^\W\d][\w.-]*$")


class Forms(NamedTuple):
    """The names of the formats wanted: for a table or truth value, and for a graph; ``None`` where none is wanted."""

    table: str | None = "json"
    graph: str | None = "ttl"


FORMS = Forms()


class Result(NamedTuple):
    """A written result: the name of its format, the bytes, and whether rows or triples beyond the limit were left out."""

    form: str
    body: bytes
    cut: bool = False


class UnfitForm(IcsgraphError):
    """The result is of a kind for which no format was wanted."""


class NotEvaluated(IcsgraphError):
    """The engine cannot do what the query asks: it calls a function that there is not, or would open a connection."""


@contextlib.contextmanager
def evaluating() -> Iterator[None]:
    """Around what the engine does, and nothing of ours: raises ``NotEvaluated`` where it gives up."""
    try:
        yield
    except (ValueError, RuntimeError, OSError) as error:
        said = " ".join(str(error).split())[:300]
        raise NotEvaluated(f"The query cannot be evaluated: {said}.", "Leave that part out.") from None


class _TooMany(Exception):
    """There are more rows than the limit."""


class _Counted:
    """Keeps what is written, and stops when it seems to hold more rows than allowed: more marks of what stands between them."""

    def __init__(self, between: bytes, rows: int) -> None:
        self.parts: list[bytes] = []
        self._between = between
        self._left = rows
        self._tail = b""

    def write(self, part: bytes) -> int:
        seen = self._tail + part
        self._left -= seen.count(self._between)
        self._tail = seen[-(len(self._between) - 1) :] if len(self._between) > 1 else b""
        self.parts.append(bytes(part))
        if self._left < 0:
            raise _TooMany
        return len(part)

    def flush(self) -> None:
        """Nothing is held back."""


def write(run: Callable[[], OxResult | list[ox.Triple]], forms: Forms, rows: int = 0) -> Result:
    """Run a query and write its result, at most ``rows`` rows or triples of it where that is not nought.

    ``run`` may be called again where the limit is met. Raises ``UnfitForm`` where the result is of the other kind, and
    ``IcsgraphError`` where it holds what its format cannot.
    """
    result = run()
    graph = isinstance(result, ox.QueryTriples | list)
    form = forms.graph if graph else forms.table
    if form is None:
        fitting = ", ".join(f"{f.name} ({f.media_type})" for f in FORMATS.values() if f.results != graph)
        raise UnfitForm(f"The result is {'a graph' if graph else 'a table'}.", f"It can be had as {fitting}.")
    cut = False
    if isinstance(result, ox.QueryTriples | list):
        with evaluating():
            triples = list(itertools.islice(result, rows + 1)) if rows else list(result)
        cut = bool(rows) and len(triples) > rows
        if form == "rdfxml" and (unfit := next((t for t in triples if not _NAME.search(t.predicate.value)), None)):
            raise UnfitForm(
                f"RDF/XML cannot hold the property {unfit.predicate.value}: its address does not end in a name.",
                "Ask for another format.",
            )
        body = ox.serialize(triples[:rows] if cut else triples, format=GRAPHS[form], prefixes=PREFIXES) or b""
    elif isinstance(result, ox.QueryBoolean) and form in ("csv", "tsv"):
        body = b"true\n" if result else b"false\n"
    else:
        body, cut = _table(result, run, form, rows)
    if form in ("xml", "rdfxml"):
        if _NOT_XML.search(body.decode()):
            raise UnfitForm("The result holds control characters, which XML cannot hold.", "Ask for another format.")
        # A reader of XML takes a bare CR for the end of a line.
        body = body.replace(b"\r", b"&#13;")
    if cut:
        body = _marked(body, form)
    return Result(form, body, cut)


def _table(
    result: ox.QuerySolutions | ox.QueryBoolean, run: Callable[[], OxResult | list[ox.Triple]], form: str, rows: int
) -> tuple[bytes, bool]:
    """A table in a format; with a limit, whether more rows were left out."""
    if not rows or isinstance(result, ox.QueryBoolean):
        with evaluating():
            return result.serialize(format=_RESULTS[form]) or b"", False
    # A header is one line more; JSON has one mark less than rows.
    kept = _Counted(_BETWEEN[form], rows + 1 if form in ("csv", "tsv") else rows - (form == "json"))
    try:
        with evaluating():
            result.serialize(cast("IO[bytes]", kept), format=_RESULTS[form])
        return b"".join(kept.parts), False
    except _TooMany:
        pass
    # In TSV a line is a row, whatever the texts hold: there the rows are counted, and written again as wanted.
    lines = _Counted(b"\n", rows + 1)
    again = run()
    assert isinstance(again, ox.QuerySolutions)
    try:
        with evaluating():
            again.serialize(cast("IO[bytes]", lines), format=ox.QueryResultsFormat.TSV)
        whole = run()
        assert isinstance(whole, ox.QuerySolutions)
        with evaluating():
            return whole.serialize(format=_RESULTS[form]) or b"", False
    except _TooMany:
        kept_lines = b"".join(lines.parts).split(b"\n")[: rows + 1]
        few = ox.parse_query_results(b"\n".join(kept_lines) + b"\n", format=ox.QueryResultsFormat.TSV)
        assert isinstance(few, ox.QuerySolutions)
        return few.serialize(format=_RESULTS[form]) or b"", True


def _marked(body: bytes, form: str) -> bytes:
    """A cut table that says so, in the formats that have a place for it: as a link in its head."""
    if form == "json":
        return body.replace(b'{"head":{', b'{"head":{"link":["' + CUT.encode() + b'"],', 1)
    return body.replace(b"</head>", b'<link href="' + CUT.encode() + b'"/></head>', 1) if form == "xml" else body
