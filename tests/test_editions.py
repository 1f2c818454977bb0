"""Editions kept as files, and ``edition=``: the day in the world and the day of our knowledge are two things."""

from __future__ import annotations

import gc
import gzip
import json
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from icsgraph.ask.catalogue import Catalogue
from icsgraph.ask.desk import Desk
from icsgraph.build.pipeline import DATASET, MANIFEST, Built
from icsgraph.core.errors import IcsgraphError, StatusError
from icsgraph.graph.store import Store
from icsgraph.upkeep.shelf import Kept, find, keep, open_edition, read_shelf
from icsgraph.web.app import create_app
from icsgraph.web.editions import HEADER, Editions, Shown

NAME = "<http://www.w3.org/2000/01/rdf-schema#label>"
OLD_NAME = "NHS Lea Valley Integrated Care Board"


def line(words: str, number: int = 1) -> str:
    return f'<https://w3id.org/icsgraph/id/body/X{number}> {NAME} "{words}" <https://w3id.org/icsgraph/graph/x> .\n'


@pytest.fixture
def shelf(tmp_path: Path) -> Callable[[str, str], Kept]:
    """Keeps a small edition of a day."""

    def kept(day: str, words: str) -> Kept:
        path = tmp_path / "x.nq"
        path.write_text(line(words), encoding="utf-8")
        return keep(path, tmp_path / "editions", day)

    return kept


def test_an_edition_is_one_file_that_is_named_by_its_day_and_what_it_says(
    shelf: Callable[[str, str], Kept], tmp_path: Path
) -> None:
    first, second = shelf("2026-03-01", "A"), shelf("2026-06-01", "B")
    assert first.id.startswith("2026-03-01-")
    assert first.path.name == f"{first.id}.nq.gz"
    # The same said on a later day is no other edition.
    assert shelf("2026-07-01", "B") == second
    (tmp_path / "editions" / "notes.txt").write_text("x", encoding="utf-8")
    (tmp_path / "editions" / "2026-99-99-00000000.nq.gz").write_bytes(b"x")
    assert read_shelf(tmp_path / "editions") == [second, first]
    assert [q.object.value for q in open_edition(first).quads()] == ["A"]
    with pytest.raises(IcsgraphError, match="There is no folder"):
        read_shelf(tmp_path / "none")


def test_an_edition_is_found_by_its_id_or_by_the_day_of_our_knowledge(shelf: Callable[[str, str], Kept]) -> None:
    """Label: source. “As we knew it on 1 March 2026” is the last edition of that day or before."""
    first, second = shelf("2026-03-01", "A"), shelf("2026-06-01", "B")
    both = [second, first]
    assert [find(both, said) for said in (first.id, "2026-03-01", "2026-05-31", "2026-06-01", "2027-01-01")] == [
        first, first, first, second, second,
    ]  # fmt: skip
    for said, status in (("2026-02-28", 404), ("2026-03-01-00000000", 404), ("spring", 400)):
        with pytest.raises(StatusError) as error:
            find(both, said)
        assert error.value.status == status
        assert first.id in error.value.hint
        assert second.id in error.value.hint
    many = [Kept(id=f"2026-01-{n:02d}-00000000", day=f"2026-01-{n:02d}", path=Path(), size=0) for n in range(20, 0, -1)]
    with pytest.raises(StatusError, match="12 older ones"):
        find(many, "x")


def test_an_edition_that_was_cut_or_changed_is_refused(shelf: Callable[[str, str], Kept]) -> None:
    kept = shelf("2026-03-01", "A")
    whole = kept.path.read_bytes()
    for content, words in (
        (whole[:-6], "cannot be read"),
        (b"x", "cannot be read"),
        (gzip.compress(b""), "not what its name"),
    ):
        kept.path.write_bytes(content)
        with pytest.raises(IcsgraphError, match=words):
            open_edition(kept)


# ---------------------------------------------------------------- served


@pytest.fixture(scope="module")
def made() -> list[str]:
    """The editions that were opened, in order."""
    return []


@pytest.fixture(scope="module")
def client(
    desk: Desk, store: Store, built: Built, tmp_path_factory: pytest.TempPathFactory, made: list[str], root: Path
) -> FlaskClient:
    """A service with two editions besides its own, in one of which a board has another name."""
    folder = tmp_path_factory.mktemp("editions")
    body = "https://w3id.org/icsgraph/id/body/QMF"
    # Of the facts those of one body, with the words of the ontology and the scenarios, are enough to tell two editions apart.
    wanted = (f"<{body}>", "/graph/ontology>", "/graph/scenarios>", "/id/scenario/")
    with (built.folder / DATASET).open(encoding="utf-8") as whole:
        lines = [one for one in whole if any(w in one for w in wanted)]
    name = desk.names.label(body)
    for day, words in (("2026-03-01", OLD_NAME), ("2026-04-01", "NHS Other Integrated Care Board")):
        path = folder / "x.nq"
        path.write_text("".join(lines).replace(f'"{name}"', f'"{words}"'), encoding="utf-8")
        keep(path, folder, day)
    here = Kept(
        id="2026-11-23-" + str(built.manifest["sha256"])[:8], day="2026-11-23", path=folder / "here.nq.gz", size=1
    )
    here.path.write_bytes(b"x")

    def make(edition: Kept) -> Flask:
        made.append(edition.id)
        old = Desk(open_edition(edition), Catalogue.read(root))
        return create_app(old, old.store, shown=Shown(id=edition.id, day=edition.day))

    others = Editions(kept=[here, *read_shelf(folder)], here=Shown(id=here.id, day=here.day), make=make)
    return create_app(desk, store, published=built.folder, shown=others.here, others=others).test_client()


def told(client: FlaskClient, address: str, **headers: str) -> tuple[int, str, str]:
    response = client.get(address, headers=headers)
    return response.status_code, response.text, response.headers.get(HEADER, "")


def test_an_address_answers_from_the_edition_that_it_names_and_an_old_one_from_what_is_served(
    client: FlaskClient, desk: Desk
) -> None:
    now = desk.names.label("https://w3id.org/icsgraph/id/body/QMF")
    for address, name, day in (
        ("/doc/body/QMF?format=nt", now, "2026-11-23"),
        ("/doc/body/QMF?format=nt&edition=2026-03-01", OLD_NAME, "2026-03-01"),
        ("/doc/body/QMF?format=nt&edition=2026-03-31", OLD_NAME, "2026-03-01"),
        ("/doc/body/QMF?format=nt&edition=2026-12-01", now, "2026-11-23"),
    ):
        status, text, edition = told(client, address)
        assert (status, edition[:10]) == (200, day), address
        assert f'"{name}"' in text, address
    assert client.get("/id/body/QMF?edition=2026-03-01").headers["Location"] == "/doc/body/QMF?edition=2026-03-01"


def test_an_answer_says_its_edition_and_its_lasting_address_names_it(client: FlaskClient, built: Built) -> None:
    asked = "/ask/who-does-body-answer-to?body=QMF&as_at=2026-05-01"
    here = f"2026-11-23-{str(built.manifest['sha256'])[:8]}"
    assert json.loads(told(client, asked)[1])["edition"] == here
    assert json.loads(told(client, f"{asked}&edition={here}")[1])["edition"] == here
    old = json.loads(told(client, f"{asked}&edition=2026-03-01")[1])
    assert old["edition"].startswith("2026-03-01-")
    assert old["parameters"]["body"]["label"] == OLD_NAME
    page = told(client, f"{asked}&edition=2026-03-01", Accept="text/html")[1]
    assert f"edition={old['edition']}" in page
    assert "As we knew it on 1 March 2026" in page
    # Every way on from the page goes on in the edition; but for the one that leads out of it.
    assert 'href="/questions?as_at=2026-05-01&amp;edition=2026-03-01"' in page
    assert "edition=" not in told(client, asked, Accept="text/html")[1].replace("/data#editions", "")


def test_an_edition_that_is_not_there_or_not_read_is_refused_with_those_that_are(client: FlaskClient) -> None:
    for address, status, words in (
        ("/ask/who-does-body-answer-to?body=QMF&edition=2026-02-01", 404, "Kept are: "),
        ("/doc/body/QMF?edition=spring", 400, "2026-03-01-"),
        ("/doc/body/QMF?edition=2026-03-01&edition=2026-04-01", 400, "Two editions"),
        ("/sparql?query=ASK%7B%7D&edition=2026-03-01", 400, "/data"),
        ("/reconcile?edition=2026-03-01", 400, "/data"),
    ):
        response = client.get(address, headers={"Accept": "application/json"})
        told_ = response.get_json()
        assert (response.status_code, response.mimetype) == (status, "application/problem+json"), address
        assert words in told_["detail"] + told_.get("hint", ""), address
    assert client.get("/doc/body/QMF?edition=2026-02-01", headers={"Accept": "text/html"}).status_code == 404


def test_an_old_address_of_what_has_another_code_goes_on_working(client: FlaskClient) -> None:
    """Label: source. Barnsley and its health and wellbeing board, whose code changed with a boundary in April 2025."""
    for old, new in (
        ("/id/body/E08000016", "/id/body/E08000038"),
        ("/doc/body/HWB-E08000016?as_at=2024-01-01", "/doc/body/HWB-E08000038?as_at=2024-01-01"),
    ):
        response = client.get(old)
        assert (response.status_code, response.headers["Location"]) == (301, new)
    assert client.get("/doc/body/E08000016", follow_redirects=True).status_code == 200
    assert client.get("/id/body/E99000016").status_code == 404


def test_a_service_without_editions_says_so(desk: Desk, store: Store) -> None:
    plain = create_app(desk, store).test_client()
    response = plain.get("/doc/body/QMF?edition=2026-03-01", headers={"Accept": "text/turtle"})
    assert (response.status_code, response.get_json()["detail"]) == (404, "No other edition is kept here.")


def test_one_other_edition_is_open_at_a_time(client: FlaskClient, made: list[str]) -> None:
    """Asked again it is not opened again; asked for another, the first is let go."""
    opened = len(made)
    for day in ("2026-04-01", "2026-04-01", "2026-03-01", "2026-04-01"):
        assert told(client, f"/doc/body/QMF?format=nt&edition={day}")[0] == 200
    assert [one[:10] for one in made[opened:]][-3:] == ["2026-04-01", "2026-03-01", "2026-04-01"]


def test_an_edition_that_gives_way_is_let_go_before_the_next_is_opened() -> None:
    alive: list[weakref.ref[Flask]] = []

    def make(edition: Kept) -> Flask:
        gc.collect()
        assert [r for r in alive if r() is not None] == []
        app = Flask(edition.id)
        alive.append(weakref.ref(app))
        return app

    editions = Editions(kept=(), here=Shown(), make=make)
    for name in "abca":
        editions.application(Kept(id=name, day="", path=Path(), size=0))
    assert len(alive) == 4


def test_the_catalogue_lists_the_editions_and_their_files_can_be_taken(client: FlaskClient) -> None:
    turtle = told(client, "/data?format=ttl")[1]
    for day in ("2026-03-01", "2026-04-01", "2026-11-23"):
        assert f"dataset#edition-{day}" in turtle
    assert "dcat#hasVersion" in turtle
    page = told(client, "/data", Accept="text/html")[1]
    names = [part.partition('"')[0] for part in page.split('href="/data/editions/')[1:]]
    assert len(names) == 3
    with client.get(f"/data/editions/{names[-1]}") as response:
        assert gzip.decompress(response.data).decode().startswith("<")
    assert client.get("/data/editions/..%2Fx.nq").status_code == 404
    assert client.get("/health").get_json()["edition"].startswith("2026-11-23-")


def test_the_edition_that_is_served_is_known_by_its_checksum(built: Built) -> None:
    manifest = json.loads((built.folder / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["sha256"] == built.manifest["sha256"]
    assert (built.folder / DATASET).is_file()
