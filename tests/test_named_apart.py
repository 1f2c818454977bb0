"""Where a name may mean several things, each is offered by a code that is its alone, and that code is accepted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from icsgraph.ask.desk import Desk
from icsgraph.ask.names import LISTS, PARAMETER_TYPES, Names
from icsgraph.core.answer import Answer
from icsgraph.core.errors import NotFound

# "Monitor [monitor, until 2022-07-01]".
CODE = re.compile(r"\[([^\],]+)[^\]]*\]")


def several(names: Names, kind: str) -> Iterator[NotFound]:
    """What is said of each name that may mean several things of a parameter type."""
    kinds = PARAMETER_TYPES[kind]
    for name in sorted({n for n, t in names.everything() if names.is_any(t, kinds)}):
        if sum(1 for index in names._index for t in index.get(name, ()) if names.is_any(t, kinds)) > 1:
            try:
                names.find(name, kind)
            except NotFound as error:
                yield error


def untold(names: Names) -> list[tuple[str, str]]:
    """The names of several things that are offered by a code of several of them, or by one that is not accepted."""
    found = []
    for kind in sorted(set(PARAMETER_TYPES) & {"Matter", "MatterOrLaw", "Topic", "Area", "Body", "Anything", "About"}):
        for error in several(names, kind):
            offered = CODE.findall(error.hint)
            if any(many > 1 for many in Counter(offered).values()):
                found.append((kind, error.message))
            codes = names.codes_apart(error.candidates[:8], kind)
            found += [(kind, code) for thing, code in codes.items() if names.meant(code, kind) != thing]
    return found


def test_each_of_several_is_told_by_a_code_of_its_own(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert untold(desk.names) == []
    # Planted: codes as they are.
    monkeypatch.setattr(Names, "codes_apart", lambda self, things, *given: {t: self.code(t) for t in things})
    assert ("MatterOrLaw", "“duty of candour” may mean several things.") in untold(desk.names)


@pytest.mark.parametrize("kind", ["duty", "document", "function"])
def test_what_is_offered_is_answered(ask: Callable[..., Answer], desk: Desk, kind: str) -> None:
    shared = {"duty": "duty-of-candour", "document": "integrated-care-strategy", "function": "hospital-services"}
    code = f"{kind}:{shared[kind]}"
    answer = ask("what-says-the-law-about", matter=code)
    value = answer.parameters["matter"]
    # The code of the value in an answer leads to the same answer again.
    assert ask("what-says-the-law-about", matter=value.code).parameters["matter"] == value  # type: ignore[union-attr]


def test_a_candidate_in_an_address_leads_to_an_answer(desk: Desk) -> None:
    with pytest.raises(NotFound) as told:
        desk.ask("when-does-it-begin", {"matter": "duty of candour"}, "2016-06-01")
    offered = CODE.findall(told.value.hint)
    assert len(offered) == len(set(offered)) > 1
    for code in offered:
        assert desk.ask("when-does-it-begin", {"matter": code}, "2016-06-01").parameters


def test_a_body_that_is_there_still_is_said_to_be(ask: Callable[..., Answer]) -> None:
    for body, day, end in [
        ("RW6", "2021-05-01", "2021-10-01"),
        ("monitor", "2021-05-01", "2022-07-01"),
        ("QNQ", "2024-05-01", "2026-04-01"),
    ]:
        answer = ask("what-became-of", day, body=body)
        assert answer.status == "silent"
        assert f"existed on {day}, and no change of it is on record up to then; it ended later, on {end}" in answer.says
    assert "no end of it is on record" in ask("what-became-of", "2024-05-01", body="cqc").says


def test_names_under_which_bodies_worked_are_known(desk: Desk, ask: Callable[..., Answer]) -> None:
    with pytest.raises(NotFound) as told:
        desk.names.find("NHS Improvement", "Body", "2019-05-01")
    assert {c.rpartition("/")[2] for c in told.value.candidates} == {"monitor", "nhs-tda"}
    notes = " ".join(ask("who-oversees", "2019-05-01", body="HSIB").notes)
    assert "Health Services Safety Investigations Body did not exist on 2019-05-01" in notes


def test_the_first_part_of_a_postcode_is_no_near_name(desk: Desk) -> None:
    for given in ("GU14", "gu15 3", "SG8"):
        with pytest.raises(NotFound) as told:
            desk.names.find(given, "Area")
        assert "its first part is read" in told.value.hint
        assert not told.value.candidates


def test_kinds_of_lists_are_kinds(desk: Desk) -> None:
    assert all(kind in PARAMETER_TYPES for kind in LISTS.values())
