"""The grammar of ``grammar.lark`` over kinds of words: a row of kinds to all its readings, each worked out once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import LarkError
from lark.lexer import Lexer
from lark.visitors import CollapseAmbiguities

__all__ = ["readings"]

# A piece of more kinds than this is a passage of prose; no cell that names holders has come near it.
MAX_KINDS = 48
MAX_READINGS = 12


class _Given(Lexer):
    """Hands on the kinds that it is given; each token's value is its place."""

    def __init__(self, conf: Any) -> None:
        pass

    def lex(self, data: Any) -> Iterator[Token]:  # type: ignore[override]
        """The tokens of a row of kinds."""
        return (Token(kind, str(at)) for at, kind in enumerate(data))


@lru_cache(maxsize=1)
def _parser() -> Lark:
    text = (files("icsgraph.scheme.cells") / "grammar.lark").read_text(encoding="utf-8")
    return Lark(text, parser="earley", lexer=_Given, start=["piece", "limit"], ambiguity="explicit")


@lru_cache(maxsize=20_000)
def readings(kinds: tuple[str, ...], start: str = "piece") -> tuple[Tree[Token], ...]:
    """All trees of a row of kinds, whose leaves are places in it; none where the grammar has none.

    >>> [str(t.data) for t in readings(("H", "L"))], readings(("L", "L", "H", "H"))
    (['piece'], ())
    """
    if len(kinds) > MAX_KINDS:
        return ()
    try:
        tree = _parser().parse(kinds, start=start)
    except LarkError:
        return ()
    if not any(t.data == "_ambig" for t in tree.iter_subtrees()):
        return (tree,)
    count = 1
    for part in tree.iter_subtrees():
        count *= len(part.children) if part.data == "_ambig" else 1
    # What has more readings than these is no better known for all of them being written out.
    return tuple(CollapseAmbiguities().transform(tree)) if count <= 4 * MAX_READINGS else ()
