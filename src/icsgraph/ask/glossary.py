"""Words that people meet, in plain words: ``queries/glossary.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from icsgraph.ask.desk import Desk
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import BASE, expand
from icsgraph.graph.rdf import iri

__all__ = ["Word", "read_glossary"]

FILE = "queries/glossary.toml"


@dataclass(frozen=True, kw_only=True)
class Word:
    """A word, what else it is called, what it means, and the address of the thing whose page has more."""

    word: str
    meaning: str = ""
    also: str = ""
    see: str = ""


def read_glossary(root: Path, desk: Desk) -> list[tuple[str, list[Word]]]:
    """The words of the content in ``root`` by group, each with a meaning, and with a thing that the desk's data have.

    A word whose meaning is that of a thing which they have not is left out. Raises ``IcsgraphError`` where a word has other keys than it
    should, or means nothing and points to nothing.
    """
    groups = tomllib.loads((root / FILE).read_text(encoding="utf-8"))["group"]
    read = [(group["title"], [_word(desk, entry) for entry in group["word"]]) for group in groups]
    return [(title, [word for word in words if word.meaning]) for title, words in read]


def _word(desk: Desk, entry: dict[str, str]) -> Word:
    try:
        word = Word(**entry)
    except TypeError:
        raise IcsgraphError(
            f"{FILE}: {entry} has other keys than it should.",
            "Give word, and also, see and meaning where there are any.",
        ) from None
    address = BASE + word.see if word.see else ""
    # Other data than this record's may be served: what they do not have, no word leads to.
    if address and next(desk.store.quads(subject=iri(address)), None) is None:
        address = ""
    defined = desk.store.objects(iri(address), iri(expand("skos:definition"))) if address else []
    meaning = word.meaning or next((d.value for d in defined), "")
    if not (meaning or word.see):
        raise IcsgraphError(f"{FILE}: {word.word} has no meaning.", "Give meaning, or see something with a definition.")
    return Word(word=word.word, meaning=meaning, also=word.also, see=address)
