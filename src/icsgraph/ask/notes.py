"""What stands beside an answer, in words: sentences of ``queries/notes.toml``, with what is filled in."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from icsgraph.core.errors import IcsgraphError

__all__ = ["Notes"]

# Each sentence that the desk says, with what it fills in.
SENTENCES: dict[str, frozenset[str]] = {
    "silent": frozenset(),
    "contested": frozenset(),
    "presumed": frozenset(),
    "recalled": frozenset({"cited"}),
    "recalled_rows": frozenset({"cited"}),
    "later_text": frozenset({"cited"}),
    "later_text_rows": frozenset({"cited"}),
    "only_some": frozenset({"cited"}),
    "on_record": frozenset(),
    "open_list": frozenset(),
    "bill": frozenset(),
    "reports": frozenset({"papers"}),
    "bears": frozenset({"said"}),
    "other_days": frozenset({"said"}),
    "small_part": frozenset({"place", "names"}),
    "left_out": frozenset({"left", "all", "day"}),
    "unpublished": frozenset({"day", "first"}),
    "narrower": frozenset({"kind", "narrower"}),
    "ended": frozenset({"body", "last"}),
    "successors": frozenset({"bodies"}),
    "renamed": frozenset({"body", "last", "same"}),
    "not_yet": frozenset({"body", "day", "start"}),
    "in_place": frozenset({"bodies"}),
    "not_yet_named": frozenset({"body", "day", "start", "same"}),
    "kind_unknown": frozenset({"body", "kind", "known", "day"}),
    "kind_recalled": frozenset({"body", "kind", "last"}),
    "kinds_unknown": frozenset({"bodies", "day"}),
    "beyond": frozenset({"day"}),
    "suppose_days": frozenset(),
    "suppose_kind": frozenset(),
    "planned": frozenset({"said"}),
    "existed": frozenset({"body", "day", "end"}),
    "lives": frozenset({"body", "day"}),
    "location_apart": frozenset({"area", "last", "start", "location", "board"}),
    "part_of_former": frozenset({"location", "area"}),
    "bore": frozenset({"body", "day", "since", "name"}),
    "bore_unknown": frozenset({"body", "day", "since"}),
    "name_in_law": frozenset({"body", "day", "name"}),
}


class Notes:
    """The sentences by name."""

    def __init__(self, sentences: dict[str, str], name: str = "notes.toml") -> None:
        """Raises ``IcsgraphError`` where a sentence lacks, is not known, or does not name what is filled in."""
        for key in sorted(sentences.keys() ^ SENTENCES.keys()):
            fault = "lacks the sentence" if key in SENTENCES else "has a sentence that nothing says:"
            raise IcsgraphError(f"{name} {fault} “{key}”.", "Add it, or take it out.")
        for key, said in sentences.items():
            if set(re.findall(r"\{(\w+)\}", said)) != SENTENCES[key]:
                wanted = ", ".join("{" + w + "}" for w in sorted(SENTENCES[key])) or "nothing in braces"
                raise IcsgraphError(f"{name}: the sentence “{key}” does not name what it must.", f"It names {wanted}.")
        self._sentences = sentences

    @classmethod
    def read(cls, path: Path) -> Notes:
        """The sentences of a file."""
        return cls(tomllib.loads(path.read_text(encoding="utf-8")), path.name)

    def say(self, key: str, **filled: object) -> str:
        """A sentence with its values in place: ``say("ended", body="X", last="2022-06-30")``."""
        return self._sentences[key].format(**filled)
