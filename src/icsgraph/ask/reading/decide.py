"""Decide: answer at once, offer a choice, or say plainly what is not known. A wrong answer at once is the worst."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from icsgraph.ask.reading.rank import Candidate, Sentence
from icsgraph.ask.reading.reading import Choice

__all__ = ["MOST", "clear", "near", "unused"]

# How many choices a reader is offered.
MOST = 5
# How much better the best must be, to be meant alone; how far behind it what is still offered may lie.
MARGIN, REACH = 0.45, 2.2


def unused(sentence: Sentence, candidate: Candidate | None) -> list[list[int]]:
    """The words that a reading leaves aside, in runs; words that carry nothing by themselves stand only within a run."""
    taken = candidate.words if candidate else frozenset()
    left = [p for p in range(len(sentence.words)) if p not in taken and sentence.weight(p) >= 1]
    runs: list[list[int]] = []
    for place in left:
        if (
            runs
            and all(p not in taken and sentence.words[p].form in sentence.small for p in range(runs[-1][-1] + 1, place))
            and place - runs[-1][-1] <= 3
        ):
            runs[-1] = list(range(runs[-1][0], place + 1))
        else:
            runs.append([place])
    return runs


def clear(
    sentence: Sentence,
    best: Candidate,
    left: Sequence[Sequence[int]],
    bears: Callable[[int], float],
    of_papers: bool = False,
) -> bool:
    """Whether a reading explains a sentence so far that its answer may be given at once.

    Words that are left aside are borne where the question itself was said in words of its own, and they are the lesser part;
    ``bears`` gives what each weighs. ``of_papers``, of what papers say, only known names are, where much of the question was said:
    what else is left aside may be what narrows.
    """
    if best.missing or not (best.filled or best.said >= 1):
        return False
    if any(span.guesses for span, _ in best.filled.values()) and any(
        span.guesses > 1 for span, _ in best.filled.values()
    ):
        return False
    aside = sum(bears(p) for run in left for p in run if sentence.weight(p) >= 1)
    if not aside:
        return bool(best.phrase or best.first)
    named = {p for span in sentence.spans if not span.guesses for p in span.words}
    if of_papers and not (best.said >= 0.9 and all(p in named for run in left for p in run)):
        return False
    explained = sum(1 for p in best.words if sentence.weight(p) >= 1)
    return bool(best.phrase) and best.said >= 0.15 and aside <= (0.6 if best.said >= 0.9 else 0.35) * explained


def near(choices: Sequence[Choice]) -> list[Choice]:
    """The choices that a reader is offered: those near the best, each question with its values once, five at most."""
    found: dict[str, Choice] = {}
    for choice in choices:
        if choice.score >= choices[0].score - REACH:
            found.setdefault(choice.sentence, choice)
    return [replace(c) for c in list(found.values())[:MOST]]
