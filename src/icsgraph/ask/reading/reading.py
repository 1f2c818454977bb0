"""What a sentence was understood as: data, that every page and program shows in its own way."""

from __future__ import annotations

from dataclasses import dataclass, field

from icsgraph.core.answer import Thing
from icsgraph.core.question import Question

__all__ = ["Choice", "Reading", "Understood"]


@dataclass(frozen=True)
class Understood:
    """Words that were understood and as what; ``guess`` says why it may be wrong (a misspelling, a postcode), empty where it is sure."""

    words: str
    meaning: str
    things: tuple[Thing, ...] = ()
    guess: str = ""

    def to_dict(self) -> dict[str, object]:
        """The same as JSON."""
        found: dict[str, object] = {"words": self.words, "as": self.meaning}
        if self.things:
            found["things"] = [t.code for t in self.things]
        if self.guess:
            found["guess"] = self.guess
        return found


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A question with its values, or a thing, that may be meant: a plain sentence of it, and why it was thought of."""

    sentence: str
    question: Question | None = None
    values: dict[str, str] = field(default_factory=dict)
    as_at: str = ""
    thing: Thing | None = None
    missing: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    score: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The result of reading: what was understood, what was not used, what was decided or offered, what is not covered."""

    what: str
    where: str = ""
    understood: tuple[Understood, ...] = ()
    not_used: tuple[str, ...] = ()
    decided: Choice | None = None
    choices: tuple[Choice, ...] = ()
    # A sentence, where what is asked is not held here; “kind” says of which sort it is (emergency, country, person, subject, empty).
    not_covered: str = ""
    kind: str = ""
    notes: tuple[str, ...] = ()
    # The words to carry on to the answer: the sentence without anything that must not be kept.
    kept: str = ""
