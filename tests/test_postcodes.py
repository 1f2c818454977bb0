"""The postcode directory: generated as large as it is, indexed and asked within its promises; halves refused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from icsgraph.core.errors import IcsgraphError
from icsgraph.upkeep.postcodes import index, look_up

HEAD = "pcd,pcd2,pcds,dointr,doterm,lad25cd,sicbl25cd,icb25cd\n"
_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"


def directory(number: int) -> Iterator[str]:
    """So many postcodes with the columns of a directory of 2025."""
    yield HEAD
    made = 0
    for area in range(400):
        for sector in range(100):
            for one in range(400):
                unit = _LETTERS[one // 20] + _LETTERS[one % 20]
                out = f"{_LETTERS[area // 20]}{_LETTERS[area % 20]}{sector // 10}"
                yield f"{out}{sector % 10}{unit},x,{out} {sector % 10}{unit},198001,,E09000025,E38000255,E54000029\n"
                made += 1
                if made == number:
                    return


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "ONSPD.csv"
    path.write_text(
        "".join(directory(1000)) + "x,x,E15 1AA,198001,202001,E09000025,E38000255,E54000029\n", encoding="utf-8"
    )
    return path


def test_a_postcode_is_answered_exactly_however_it_is_written(small: Path, root: Path, tmp_path: Path) -> None:
    to = tmp_path / "p.sqlite"
    assert index(small, root, to, 10) == 1001
    for words in ("AA0 0AB", "aa00ab"):
        assert look_up(to, words) == {
            "postcode": "AA00AB",
            "ended": "",
            "council": "E09000025",
            "location": "E38000255",
            "board": "E54000029",
        }
    assert look_up(to, "e15 1aa")["ended"] == "202001"
    for words, message in (("E15", "is no postcode"), ("ZZ9 9ZZ", "has no postcode")):
        with pytest.raises(IcsgraphError, match=message):
            look_up(to, words)
    with pytest.raises(IcsgraphError, match="No postcode directory"):
        look_up(tmp_path / "no.sqlite", "E15 1AA")


def test_half_a_directory_and_what_is_none_leave_the_old_index(small: Path, root: Path, tmp_path: Path) -> None:
    to = tmp_path / "p.sqlite"
    index(small, root, to, 10)
    kept = to.read_bytes()
    whole = small.read_bytes()
    for content, message in (
        (whole, "a whole directory has"),
        (whole[:-9], "breaks off in its last line"),
        (whole[:-20] + b"\n", "columns where its head"),
        (b"a,b\n1,2\n", "no column for the"),
        (b"\xff\xfe\n", "breaks off or is no CSV"),
    ):
        small.write_bytes(content)
        with pytest.raises(IcsgraphError, match=message):
            index(small, root, to, 270_000 if content == whole else 10)
        assert to.read_bytes() == kept
    assert not list(tmp_path.glob("*.new"))


@pytest.mark.slow
def test_a_whole_directory_is_indexed_within_a_minute_and_asked_within_5_milliseconds(
    root: Path, tmp_path: Path
) -> None:
    path = tmp_path / "ONSPD.csv"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(directory(2_700_000))
    to = tmp_path / "p.sqlite"
    begun = time.process_time()
    assert index(path, root, to) == 2_700_000
    assert time.process_time() - begun < 60
    begun = time.process_time()
    for _ in range(20):
        look_up(to, "AB5 5AB")
    assert (time.process_time() - begun) / 20 < 0.005
