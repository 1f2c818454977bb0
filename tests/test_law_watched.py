"""Law watched: each way in which a section may be other than the one read, planted in both forms of text, and what rests on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import ID
from icsgraph.graph.rdf import Quad, iri
from icsgraph.graph.store import Store
from icsgraph.upkeep.law import as_text, compare, read_texts, read_versions, record_versions, resting

HEAD = '---\ntitle: "An Act"\nidentifier: "ukpga-2006-41"\n---\n# An Act\n\n'


def markdown(**sections: str) -> str:
    """A text in Markdown; a section's name has a letter before its number."""
    return (
        HEAD
        + "".join(f"#### Its heading\n\n###### {n[1:]}\n\n- (1) {words}\n\n" for n, words in sections.items())
        + "## Schedules\n\n###### 1\n\nA paragraph.\n"
    )


def xml(prospective: str = "", **sections: str) -> str:
    """The same as XML of legislation.gov.uk."""
    body = "".join(
        f'<P1group><Title>Its heading</Title><P1 id="section-{n[1:]}"{STATUS if n == prospective else ""}>'
        f'<Pnumber>{n[1:]}</Pnumber><P1para><P2 id="section-{n[1:]}-1"><Pnumber>1</Pnumber><P2para><Text>{words}</Text></P2para></P2></P1para></P1></P1group>'
        for n, words in sections.items()
    )
    return f'<Legislation xmlns="http://www.legislation.gov.uk/namespaces/legislation" DocumentURI="http://www.legislation.gov.uk/ukpga/2006/41/2026-01-01"><Body>{body}</Body></Legislation>'


def texts_of(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / ("a.xml" if text.startswith("<") else "a.md")).write_text(text, encoding="utf-8")
    return folder


STATUS = ' Status="Prospective"'
READ = {"s1": "Must do.", "s2": "May do.", "s14Z43": "Must have regard."}


@pytest.mark.parametrize("write", [markdown, xml])
@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (READ, []),
        ({**READ, "s1": "  Must   do."}, []),
        ({**READ, "s1": "Must not do."}, [("1", "changed")]),
        ({**READ, "s1": ". . . . ."}, [("1", "repealed")]),
        ({k: v for k, v in READ.items() if k != "s2"}, [("2", "repealed")]),
        ({**READ, "s2A": "New."}, [("2A", "inserted")]),
    ],
)
def test_each_kind_of_amendment_is_found(
    tmp_path: Path, write: object, now: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    """Label: source. Inserted, substituted, repealed; spaces are no amendment."""
    assert callable(write)
    (tmp_path / "data" / "law").mkdir(parents=True)
    record_versions(tmp_path, read_texts(texts_of(tmp_path / "old", write(**READ))), "2026-07-01")
    (tmp_path / "old" / "a.md").unlink(missing_ok=True)
    watched = compare(read_versions(tmp_path), read_texts(texts_of(tmp_path / "new", write(**now))))
    assert [(a.number, a.how) for a in watched.amendments] == expected


def test_a_section_that_began_is_told(tmp_path: Path) -> None:
    was = read_texts(texts_of(tmp_path / "old", xml("s2", **READ)))
    now = read_texts(texts_of(tmp_path / "new", xml(**READ)))
    assert [(a.number, a.how) for a in compare(was, now).amendments] == [("2", "commenced")]


def test_what_rests_on_an_amended_section_is_listed_and_what_was_not_compared_is_said(
    root: Path, tmp_path: Path
) -> None:
    was = read_texts(texts_of(tmp_path / "old", markdown(**READ)))
    now = read_texts(texts_of(tmp_path / "new", markdown(**{**READ, "s2": "Must do.", "s14Z43": "May."})))
    now["uksi-2026-1"] = now["ukpga-2006-41"]
    watched = compare(was, now)
    store = Store()
    triples = store.construct(
        f"CONSTRUCT {{ <{ID}provision/p> a ics:Provision ; ics:inInstrument <{ID}instrument/ukpga-2006-41> ; ics:locator 'ss.1-2' ; rdfs:label 'P' . "
        f"<{ID}statement/s> a ics:Statement ; ics:restsOn <{ID}provision/p> ; ics:text 'Boards may.' . <{ID}rule/r> ics:basis <{ID}provision/p> ; rdfs:label 'A rule' }} WHERE {{}}"
    )
    store.add(Quad(t.subject, t.predicate, t.object, iri("urn:x")) for t in triples)
    rests = resting(store, root, watched, now)
    assert [[(kind, name) for kind, _, name in found] for found in rests.values()] == [
        [],
        [("provision", "P"), ("rule", "A rule"), ("statement", "Boards may.")],
    ]
    told = as_text(watched, rests)
    assert "ukpga-2006-41 2: changed\n  - provision p: P\n" in told
    assert "Not on record: ukpga-2006-41 14Z43 (changed)" in told
    assert "Not compared, since nothing says which text was read: uksi-2026-1" in told


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.md", "# No head\n", "does not say which instrument"),
        ("a.md", HEAD, "no section that could be read"),
        ("a.xml", "<Legislation/>", "does not say which instrument"),
        ("a.xml", xml(**READ)[:-30], "half a file"),
        ("a.xml", '<!DOCTYPE a [<!ENTITY b "ha">]><a>&b;</a>', "declares a DOCTYPE"),
        ("a.txt", "x", "no text of legislation"),
    ],
)
def test_bad_texts_are_refused_with_a_clear_line(tmp_path: Path, name: str, text: str, words: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(IcsgraphError) as error:
        read_texts(tmp_path)
    assert words in str(error.value)
