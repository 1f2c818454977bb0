"""The way from tables and Turtle to the dataset, step by step."""

from __future__ import annotations

import gc
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from icsgraph.build import rules
from icsgraph.build.downloads import write_downloads
from icsgraph.build.followings import following_quads
from icsgraph.build.ledger import ledger_quads
from icsgraph.build.namebook import name_lines
from icsgraph.build.published import catalogue_quads, example_quads, question_quads
from icsgraph.build.tables import Loaded, read_tables
from icsgraph.build.void import Census, census, partition_quads
from icsgraph.build.whole import MANIFEST, SHA256, aside, builder_lock, sha256_of
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.terms import BASE, DEF, GRAPH, ID
from icsgraph.graph.rdf import (
    RDF_TYPE,
    Quad,
    Triple,
    iri,
    ordered,
    read_turtle,
    term_name,
    text,
    write_nquads,
)
from icsgraph.graph.reason import NEEDED, consequences
from icsgraph.graph.shacl import as_ntriples
from icsgraph.graph.store import Store
from icsgraph.resources import shape_files

__all__ = [
    "DATASET",
    "MANIFEST",
    "NAMES",
    "REFERENCE",
    "UPKEEP",
    "Built",
    "assemble",
    "build",
    "build_alone",
    "content_hash",
    "read_ontology",
    "read_shapes",
]

DATASET = "icsgraph.nq"
# Facts that checks of descriptions need, few enough to be read at once.
REFERENCE = "reference.nt"
# Facts that say whether the record is out of date, for the same reason.
UPKEEP = "upkeep.nt"
# The names of the record, for checks that need nothing else of it.
NAMES = "names.nq"
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Built:
    """What a build gave: where the dataset lies and its manifest."""

    folder: Path
    manifest: dict[str, object]


def _quiet(message: str) -> None:
    """Show nothing."""


def content_hash(root: Path) -> str:
    """A short hash of all that the dataset is made from; the same content gives the same dataset."""
    digest = hashlib.sha256(BASE.encode())
    for folder in ("ontology", "queries", "data", "shapes"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".ttl", ".rq", ".csv", ".toml"):
                digest.update(path.relative_to(root).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def read_ontology(root: Path) -> list[Quad]:
    """The ontology modules as quads of one graph; the alignments stand apart and are not read."""
    graph = iri(GRAPH + "ontology")
    paths = sorted((root / "ontology").glob("*.ttl"))
    if not paths:
        raise IcsgraphError(
            f"There is no ontology in {root / 'ontology'}.", "Run in a checkout, or install the package again."
        )
    return [Quad(t.subject, t.predicate, t.object, graph) for path in paths for t in read_turtle(path)]


def read_shapes(root: Path) -> list[Quad]:
    """The rules that descriptions are checked against as quads of one graph, so that they can be asked for and cited."""
    graph = iri(GRAPH + "shapes")
    paths = [*shape_files(root), root / "shapes" / "prefixes.ttl"]
    return [Quad(t.subject, t.predicate, t.object, graph) for path in paths for t in read_turtle(path)]


def _into_scenarios(store: Store) -> list[Quad]:
    """All quads, with each statement's moved from the working graph to the graph of a scenario.

    A statement that holds in several scenarios stands in the graph of the earliest and names all of them: a triple in two
    graphs would be counted twice wherever the graphs are read as one.
    """
    working = iri(GRAPH + "statements")
    order = {
        q.subject.value: int(q.object.value)
        for q in store.quads(predicate=term_name("ics:rank"))
        if q.subject.value.startswith(ID)
    }
    homes: dict[str, str] = {}
    for name in ("ics:inScenario", "ics:awaitedIn"):
        for quad in store.quads(predicate=term_name(name)):
            known = homes.get(quad.subject.value, quad.object.value)
            homes[quad.subject.value] = min(known, quad.object.value, key=order.__getitem__)
    for quad in store.quads(predicate=term_name("ics:inNoScenario")):
        homes[quad.subject.value] = GRAPH + "no-scenario"
    statements = {q.subject.value for q in store.quads(predicate=RDF_TYPE, value=term_name("ics:Statement"))}
    lost = sorted(statements - set(homes))
    if lost:
        raise IcsgraphError(
            f"{len(lost)} statements belong to no scenario, the first {lost[0]}.",
            "Check the dates of the provision each rests on.",
        )
    inferred = iri(GRAPH + "inferred")
    graphs = {home: iri(GRAPH + home.rpartition("/")[2]) for home in set(homes.values())}
    quads: list[Quad] = []
    for other in store.graph_names():
        if other != working:
            quads.extend(store.quads(graph=other))
    for quad in store.quads(graph=working):
        at = quad.subject.value
        graph = graphs[homes[at]] if at in statements else inferred
        quads.append(Quad(quad.subject, quad.predicate, quad.object, graph))
    return quads


def assemble(
    root: Path, reasoner: str = "reasonable", progress: Progress = _quiet
) -> tuple[list[Quad], Store, Loaded, dict[str, int]]:
    """The quads of the dataset, a store of their triples, what the tables gave, and how many quads each rule added.

    In the store the statements lie in one graph, in the quads each lies in the graph of its scenario.

    Raises ``TableErrors`` or ``IcsgraphError`` and gives nothing where anything is wrong.
    """
    progress("reading the ontology and the tables")
    ontology = read_ontology(root)
    loaded = read_tables(root, ontology)
    store = Store(ontology)
    store.add(loaded.quads)
    progress("completing dates, status and scenarios")
    added = rules.apply(rules.read_rules(root / "queries" / "complete"), store)
    progress(f"reasoning with {reasoner}")
    inferred = iri(GRAPH + "inferred")
    needed = (q for name in NEEDED for q in store.quads(predicate=iri(name)))
    drawn = consequences(needed, reasoner)
    known = {(q.subject, q.predicate, q.object) for q in store.quads(predicate=RDF_TYPE)}
    store.add(
        Quad(t.subject, t.predicate, t.object, inferred)
        for t in drawn
        if (t.subject, t.predicate, t.object) not in known
    )
    # Rules are about descriptions, so the reasoner draws nothing from them.
    store.add(read_shapes(root))
    store.add(question_quads(root))
    store.add(catalogue_quads(root))
    progress("applying the rules of responsibility")
    derive = rules.read_rules(root / "queries" / "derive")
    added |= rules.apply(derive, store)
    store.add(rules.describe(derive))
    progress("settling who is responsible, ground by ground and day by day")
    store.add(following_quads(root, store))
    ledger, entries = ledger_quads(root, store)
    store.add(ledger)
    added["ledger"] = entries
    store.add(example_quads(root, store))
    progress("checking")
    found = rules.faults(rules.read_rules(root / "queries" / "check"), store)
    if found:
        shown = "; ".join(f"{f.focus}: {f.message} ({f.check})" for f in found[:10])
        raise IcsgraphError(f"{len(found)} checks failed: {shown}.", "Nothing was built.")
    return _into_scenarios(store), store, loaded, added


def _constructed(folder: Path, store: Store) -> list[Triple]:
    """The triples that the queries of a folder construct."""
    return [t for q in rules.read_rules(folder) for t in store.construct(q.query)]


def reference(root: Path, store: Store) -> bytes:
    """The facts of ``queries/reference`` as N-Triples, and the words for what findings cite under ``urn:x-word:``."""
    triples = _constructed(root / "queries" / "reference", store)
    # Whatever has a name and an address here may be named by a description, and a name that is not among them is misspelt.
    named = store.select("SELECT ?thing ('label' AS ?name) ?value WHERE { ?thing rdfs:label ?value }")
    words = store.select(
        "SELECT ?thing ?name ?value WHERE { VALUES (?property ?name) { (ics:citation 'citation') (ics:text 'text') "
        "(ics:address 'url') } ?thing ?property ?value . { ?thing a ics:Provision } UNION { ?thing a ics:PaperStatement } }"
    )
    cited = store.select(
        "SELECT ?thing ('citation' AS ?name) ?value WHERE { ?thing a ics:PaperStatement ; ics:mainPassage/ics:citation ?value }"
    )
    told = [
        Triple(iri(r["thing"].value), iri("urn:x-word:" + r["name"].value), text(r["value"].value))
        for r in (*named, *words, *cited)
        if r["thing"].value.startswith((ID, DEF))
    ]
    return as_ntriples([*triples, *told])


def _sizes(lines: Iterable[str]) -> dict[str, int]:
    """How many quads each graph has, from the lines of N-Quads."""
    sizes = Counter(line.rsplit(" ", 2)[1] for line in lines)
    return {graph[1:-1].removeprefix(GRAPH): size for graph, size in sorted(sizes.items())}


def _counted(told: Census, partitions: Iterable[str]) -> dict[str, dict[str, int]]:
    """How many things of each class, and how many triples of each property, the dataset tells of, its own census included."""
    properties = told.properties + census(partitions).properties
    return {
        "classes": {name[1:-1]: number for name, number in sorted(told.classes.items())},
        "properties": {name[1:-1]: number for name, number in sorted(properties.items())},
    }


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without looking for objects that hold each other in a circle: a build makes none, and looking takes a sixth of it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def build(root: Path, out: Path, reasoner: str = "reasonable", progress: Progress = _quiet) -> Built:
    """Build the dataset from the content in ``root`` and write it, with its manifest, to the folder ``out``.

    There is one builder of a folder at a time, and a build that fails or is killed leaves the old one. Raises ``IcsgraphError``
    where the content is wrong, ``OSError`` where the folder cannot be written.
    """
    with builder_lock(out, progress):
        return build_alone(root, out, reasoner, progress)


@_uncollected()
def build_alone(root: Path, out: Path, reasoner: str = "reasonable", progress: Progress = _quiet) -> Built:
    """As ``build``, where the caller has the ``builder_lock``."""
    quads, store, loaded, added = assemble(root, reasoner, progress)
    progress("writing")
    with aside(out) as new:
        dataset = new / DATASET
        lines = ordered(quads)
        told = census(lines)
        partitions = ordered(partition_quads(told))
        lines = dict(sorted((lines | partitions).items()))
        write_nquads(lines, dataset)
        (new / REFERENCE).write_bytes(reference(root, store))
        (new / UPKEEP).write_bytes(as_ntriples(_constructed(root / "queries" / "upkeep", store)))
        write_nquads(name_lines(lines), new / NAMES)
        checksums = {name: sha256_of(new / name) for name in (DATASET, REFERENCE, UPKEEP, NAMES)}
        manifest: dict[str, object] = {
            "content": content_hash(root),
            "sha256": checksums[DATASET],
            SHA256: checksums,
            "quads": len(lines),
            "graphs": _sizes(lines),
            "rows": dict(sorted(loaded.rows.items())),
            "rules": added,
            **_counted(told, partitions),
        }
        manifest["downloads"] = write_downloads(root, lines, store, dataset, progress)
        (new / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return Built(out, manifest)
