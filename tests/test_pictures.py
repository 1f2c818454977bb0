"""Pictures: who stands in which lane, which lines are drawn, that no words lie on others, and the same content as the table."""

from __future__ import annotations

import datetime as dt
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import combinations

import pytest

from icsgraph.ask.desk import Desk
from icsgraph.ask.matrix import side_by_side
from icsgraph.ask.pictures import Pictures
from icsgraph.core.answer import Answer, Thing
from icsgraph.core.picture import Edge, Node, Picture, draw
from icsgraph.core.timeline import draw as draw_line

BODY = "https://w3id.org/icsgraph/id/body/"


@pytest.fixture(scope="module")
def pictures(desk: Desk) -> Pictures:
    return Pictures(desk, lambda address: "/doc/" + address.rpartition("/")[2])


def lanes(picture: Picture) -> dict[str, str]:
    return {n.id.rpartition("/")[2]: n.lane.rpartition("/")[2] for n in picture.nodes}


def test_the_chain_of_dentistry(pictures: Pictures, ask: Callable[..., Answer]) -> None:
    picture = pictures.chain(ask("who-is-accountable-for", "2023-06-01", function="dentist", area="Newham"))
    assert picture is not None
    assert lanes(picture) == {"X24": "LaneNational", "QMF": "LaneSystem", "secretary-of-state": "LaneState"}
    assert {(e.source, e.target, e.label) for e in picture.edges} == {
        (BODY + "QMF", BODY + "X24", "answers to"),
        (BODY + "X24", BODY + "secretary-of-state", "answers to"),
    }
    said = {n.id.rpartition("/")[2]: n.lines for n in picture.nodes}
    assert said["X24"] == ("holds: Primary dental services",)
    assert said["QMF"] == ("exercises: Primary dental services", "is liable for: Primary dental services")


def test_nobody_related_to_anybody_gives_no_picture(pictures: Pictures, ask: Callable[..., Answer]) -> None:
    assert pictures.chain(ask("who-holds-function", function="dentist")) is None
    assert pictures.chain(ask("who-is-accountable-for", "2012-06-01", function="dentist", area="Newham")) is None


def test_the_fates_of_proposals(pictures: Pictures, ask: Callable[..., Answer]) -> None:
    """Every proposal of an answer is drawn or counted once, and nothing else."""
    many = ask(
        "what-became-of-proposals", models="option-1,option-2,programme-2020,recommendation-2021,white-paper-2021"
    )
    picture = pictures.fates(many)
    assert picture is not None
    assert [name for _, name in picture.lanes] == ["November 2020", "February 2021", "What became of them"]
    known = {(str(r["in_scenario"]), str(r["statement"])) for r in many.rows}
    assert sum(int(e.label) for e in picture.edges) == len(known) > 150
    last = [n for n in picture.nodes if n.lane == "What became of them"]
    assert {n.label.lower() for n in last} == {f.label.lower() for r in many.rows if isinstance(f := r["fate"], Thing)}
    few = pictures.fates(ask("what-became-of-proposals", models="recommendation-2021", topics="board-core-seats"))
    assert few is not None
    # source: the five compulsory seats of the letter, each for itself
    assert len([n for n in few.nodes if n.lane == "February 2021"]) == len(few.edges) == 5
    ET.fromstring(draw(few))
    assert pictures.fates(ask("who-holds-function", function="dentist")) is None


@pytest.mark.parametrize("board", ["QMF", "QRL", "S9B9J"])
def test_everybody_of_the_tables_is_on_the_map_or_said_to_be_left_out(
    pictures: Pictures, ask: Callable[..., Answer], board: str
) -> None:
    area, answers = ask("which-bodies-cover", area=board), ask("who-does-body-answer-to", body=board)
    picture = pictures.system(BODY + board, area, answers)
    known = {b.iri for r in area.rows if isinstance(b := r["body"], Thing)}
    known |= {b.iri for r in answers.rows if isinstance(b := r["counterpart"], Thing)} | {BODY + board}
    left = sum(int(re.findall(r": (\d+) more", one)[0]) for one in picture.left_out)
    assert len(picture.nodes) + left == len(known)


def test_every_kind_of_body_has_a_lane(pictures: Pictures, desk: Desk) -> None:
    known = {lane for lane, _ in pictures.lanes}
    assert len(known) == 7
    for kind in desk.names.all_of("BodyKind"):
        assert pictures.lane(kind) in known


def overlaps(svg: str) -> list[tuple[str, str]]:
    """The pairs of words of lines that lie on one another, and of boxes that do."""
    root = ET.fromstring(svg)
    boxes = []
    for rect in root.iter("{http://www.w3.org/2000/svg}rect"):
        if rect.get("fill") == "#fff":
            boxes.append([float(rect.get(k, "0")) for k in ("x", "y", "width", "height")])
    found = []
    for one, other in combinations(boxes, 2):
        if (
            one[0] < other[0] + other[2]
            and other[0] < one[0] + one[2]
            and one[1] < other[1] + other[3]
            and other[1] < one[1] + one[3]
        ):
            found.append((str(one), str(other)))
    return found


@pytest.mark.parametrize("body", ["QMF", "X24", "RJ1", "E09000025", "QNQ", "NHSTrust"])
def test_no_box_and_no_words_lie_on_others(pictures: Pictures, ask: Callable[..., Answer], body: str) -> None:
    picture = pictures.chain(ask("what-does-body-answer-for", "2025-06-01", body=body))
    assert picture is not None
    assert overlaps(draw(picture)) == []


def test_an_overlap_is_seen_to_be_found() -> None:
    nodes = (Node(id="a", label="A", lane="l"), Node(id="b", label="B", lane="l"))
    svg = draw(Picture(title="t", says="s", lanes=(("l", "L"),), nodes=nodes))
    assert overlaps(svg) == []
    x = re.findall(r'x="(\d+)" y="\d+" width="204"', svg)
    assert overlaps(svg.replace(f'x="{x[1]}"', f'x="{int(x[0]) + 9}"')) != []


def test_names_are_escaped_and_boxes_are_links() -> None:
    node = Node(id="a", label="<script>&", lane="l", href='/doc/"x')
    svg = draw(
        Picture(
            title="<t>",
            says="s",
            lanes=(("l", "L"),),
            nodes=(node, Node(id="b", label="B", lane="l")),
            edges=(Edge("a", "b", "<does>"),),
        )
    )
    root = ET.fromstring(svg)
    assert "<script>" not in svg
    assert [a.get("href") for a in root.iter("{http://www.w3.org/2000/svg}a")] == ['/doc/"x']


def test_a_time_line_has_the_whole_family_and_the_law_of_each_time(pictures: Pictures) -> None:
    line = pictures.timeline(BODY + "QNQ", dt.date(2026, 11, 23))
    names = [s.label for s in line.spans]
    assert names[:2] == ["The law from April 2013 to June 2022", "The law since July 2022"]
    assert {"NHS Frimley CCG", "NHS Surrey Heath CCG", "NHS Thames Valley Integrated Care Board"} <= set(names)
    assert "does not exist on 2026-11-23" in line.says
    ET.fromstring(draw_line(line))


def test_a_comparison_has_a_column_for_each_scenario_also_for_one_that_is_silent(ask: Callable[..., Answer]) -> None:
    answer = ask("compare-scenarios", topic="board membership")
    matrix = side_by_side(answer)
    assert matrix is not None
    assert len(matrix.columns) == 8
    shown = {id for _, cells in matrix.rows for cell in cells for id, _ in cell}
    assert shown == {str(r["statement"]) for r in answer.rows if r["statement"]}
    silent = [c.code for n, c in enumerate(matrix.columns) if not any(cells[n] for _, cells in matrix.rows)]
    assert silent == ["white-paper-2021"]
    assert side_by_side(ask("who-holds-function", function="dentist")) is None
