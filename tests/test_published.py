"""What is published: things by address, the catalogue, the files, the questions as data, and the description of the API."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

from icsgraph.ask.desk import Desk
from icsgraph.ask.examples import worked_examples
from icsgraph.build import downloads
from icsgraph.build.downloads import CHECKSUMS, FOLDER, dangling, read_tables
from icsgraph.build.pipeline import DATASET, MANIFEST, Built
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.question import IMPLICIT
from icsgraph.graph.rdf import Quad, iri, ordered, term_name
from icsgraph.graph.store import Store
from icsgraph.web.app import create_app

pytestmark = pytest.mark.slow

DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")
VOID = rdflib.Namespace("http://rdfs.org/ns/void#")
SPDX = rdflib.Namespace("http://spdx.org/rdf/terms#")
SH = "http://www.w3.org/ns/shacl#"
FORMATS = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml", "nt": "nt"}


@pytest.fixture(scope="module")
def client(desk: Desk, store: Store, built: Built) -> FlaskClient:
    return create_app(desk, store, published=built.folder).test_client()


def graph(client: FlaskClient, page: str, form: str = "nt") -> rdflib.Graph:
    answer = client.get(page)
    assert answer.status_code == 200, page
    return rdflib.Graph().parse(data=answer.data, format=FORMATS[form])


# ------------------------------------------------------------------------------------------------ things by address


def test_an_identifier_leads_to_its_page(client: FlaskClient) -> None:
    answer = client.get("/id/body/QMF")
    assert (answer.status_code, answer.location) == (303, "/doc/body/QMF")
    assert client.get("/id/body/NOBODY").status_code == 404


@pytest.mark.parametrize("page", ["/doc/body/QNQ", "/def/Delegation", "/doc/question/may-delegate"])
def test_every_form_of_a_thing_says_the_same(client: FlaskClient, page: str) -> None:
    first = graph(client, page + ".nt")
    assert len(first) > 5
    for form in ("ttl", "jsonld", "rdf"):
        assert set(graph(client, f"{page}.{form}", form)) == set(first), form
        media = client.get(f"{page}.{form}").mimetype
        negotiated = client.get(page, headers={"Accept": f"{media};q=0.9, text/html;q=0.5"})
        assert negotiated.mimetype == media
        assert negotiated.headers["Content-Location"] == f"{page}.{form}"
        assert f'<{page}.html>; rel="alternate"; type="text/html"' in negotiated.headers["Link"]


def test_the_page_shows_the_names_and_links_of_the_rdf(client: FlaskClient) -> None:
    said = graph(client, "/doc/arrangement/DE038.nt")
    page = client.get("/doc/arrangement/DE038.html").get_data(as_text=True)
    board = rdflib.URIRef("https://w3id.org/icsgraph/id/body/QMF")
    assert str(said.value(board, rdflib.RDFS.label)) in page
    assert '<a href="/doc/body/QMF">' in page
    assert '<a href="/doc/gateway/s65Z5">' in page


def test_a_body_that_ended_still_answers_and_names_its_successors(client: FlaskClient) -> None:
    page = client.get("/doc/body/QNQ.html").get_data(as_text=True)
    assert "it existed until 2026-03-31" in page
    said = graph(client, "/doc/body/QNQ.nt")
    ics = rdflib.Namespace("https://w3id.org/icsgraph/def/")
    body = rdflib.Namespace("https://w3id.org/icsgraph/id/body/")
    after = {s for change in said.subjects(ics.predecessor, body.QNQ) for s in said.objects(change, ics.successor)}
    assert after == {body.QRL, body.S9B9J, body.S0E4D}
    for successor in after:
        assert str(said.value(successor, rdflib.RDFS.label)) in page


def test_a_thing_as_a_table(client: FlaskClient) -> None:
    answer = client.get("/doc/body/QMF.csv")
    rows = list(csv.DictReader(answer.get_data(as_text=True).splitlines()))
    assert answer.mimetype == "text/csv"
    assert {
        "property": "ODS code",
        "property_iri": "https://w3id.org/icsgraph/def/odsCode",
        "value": "QMF",
        "value_iri": "",
    } in rows


def test_the_whole_ontology_by_its_address(client: FlaskClient, desk: Desk) -> None:
    answer = client.get("/def/", headers={"Accept": "text/turtle"})
    said = rdflib.Graph().parse(data=answer.data, format="turtle")
    terms = {q.subject.value for q in desk.store.quads() if q.graph_name.value.endswith("/graph/ontology")}
    assert {str(s) for s in said.subjects()} == terms
    assert len(terms) > 150


def test_the_version_that_the_ontology_names_is_at_its_address(client: FlaskClient, desk: Desk) -> None:
    row = desk.store.select("SELECT ?version WHERE { ?ontology owl:versionIRI ?version }")[0]
    path = "/def/" + row["version"].value.rpartition("/def/")[2]
    answer = client.get(path, headers={"Accept": "text/turtle"})
    assert answer.data == client.get("/def/", headers={"Accept": "text/turtle"}).data
    assert client.get("/def/0.0.1").status_code == 404


def test_alignments_are_served_and_in_the_catalogue(client: FlaskClient) -> None:
    said = graph(client, "/data?format=nt")
    for name in ("cpov", "eli", "org", "prov", "skos"):
        for path in (f"/def/align/{name}.ttl", f"/def/align/{name}"):
            with client.get(path) as answer:
                assert (answer.status_code, answer.mimetype) == (200, "text/turtle")
        dataset = rdflib.URIRef(f"https://w3id.org/icsgraph/def/align/{name}")
        assert said.value(dataset, rdflib.DCTERMS.title)
        assert list(said.objects(dataset, DCAT.distribution))
    assert client.get("/def/align/nothing.ttl").status_code == 404


def test_prefixes_schema_and_examples_are_where_assistants_for_sparql_look_for_them(desk: Desk) -> None:
    """The three queries by which tools for the endpoints of the Swiss Institute of Bioinformatics learn what can be asked."""
    prefixes = desk.store.select("SELECT ?p ?n WHERE { ?d sh:prefix ?p ; sh:namespace ?n }")
    assert {r["p"].value for r in prefixes} >= {"ics", "body", "rdfs"}
    schema = desk.store.select(
        "SELECT DISTINCT ?c ?p ?o WHERE { ?cp void:class ?c ; void:propertyPartition ?pp . ?pp void:property ?p "
        "OPTIONAL { { ?pp void:classPartition/void:class ?o } UNION { ?pp <http://ldf.fi/void-ext#datatypePartition>/"
        "<http://ldf.fi/void-ext#datatype> ?o } } }"
    )
    told = {
        tuple(r[n].value.rpartition("/")[2].rpartition("#")[2] for n in ("c", "p", "o")) for r in schema if "o" in r
    }
    assert ("Statement", "restsOn", "Provision") in told
    assert ("IntegratedCareBoard", "odsCode", "string") in told
    assert ("IntegratedCareBoard", "validFrom", "date") in told
    examples = desk.store.select(
        "SELECT ?q ?comment ?query WHERE { ?q a sh:SPARQLExecutable ; rdfs:comment ?comment ; sh:select ?query }"
    )
    assert len(examples) == sum(len(question.examples) for question in desk.catalogue.questions.values())
    assert not any("{" in r["comment"].value for r in examples)


def test_each_published_example_answers_what_the_question_answers(desk: Desk, store: Store) -> None:
    """As it stands, without our prefixes, in an engine that knows nothing of us: the rows of the question with those values."""
    rows = desk.store.select(
        "SELECT ?id ?day ?query WHERE { { SELECT (MAX(?seen) AS ?day) WHERE { ?s ics:seenOn ?seen } } "
        "?example a sh:SPARQLSelectExecutable ; dcterms:identifier ?id ; sh:select ?query }"
    )
    newest = dt.date.fromisoformat(rows[0]["day"].value)
    published = {r["id"].value: r["query"].value for r in rows}
    empty = []
    for worked in worked_examples(desk.store, desk.catalogue, newest):
        id = f"{worked.question.id}/example-{worked.number}"
        query = published.pop(id)
        found = store._store.query(query, use_default_graph_as_union=True)
        assert isinstance(found, ox.QuerySolutions)
        assert set(worked.question.columns) - {p.name for p in worked.question.parameters} <= {
            v.value for v in found.variables
        }
        example = worked.question.examples[worked.number - 1]
        answer = desk.ask(worked.question.id, example.values, example.as_at, example.scenario, newest)
        if answer.status != "silent" and not next(iter(found), None):
            empty.append(id)
    assert empty == []
    assert not published


@pytest.mark.parametrize("kind", ["Arrangement", "Matter", "Passage", "Statement", "StatutoryBody", "Area"])
def test_what_is_of_a_class_is_counted_under_each_wider_one(kind: str, desk: Desk) -> None:
    asked = "SELECT (COUNT(DISTINCT ?x) AS ?n) WHERE { ?x "
    plain = desk.store.select(asked + f"a ics:{kind} }}")[0]["n"].value
    assert plain == desk.store.select(asked + f"a/rdfs:subClassOf* ics:{kind} }}")[0]["n"].value
    assert int(plain) > 200


def test_domains_and_ranges_agree_with_use(store: Store) -> None:
    assert disagreeing(store) == []
    planted = Quad(
        term_name("ics:restsOn"),
        term_name("rdfs:domain"),
        term_name("ics:Post"),
        iri("https://w3id.org/icsgraph/graph/planted"),
    )
    store.add([planted])
    try:
        assert disagreeing(store) == ["restsOn"]
    finally:
        store._store.remove_graph(planted.graph_name)
        store.add([])


def disagreeing(store: Store) -> list[str]:
    """The properties of which something is said that is not of their domain, or that lead to what is not of their range."""
    rows = store.select(
        "SELECT DISTINCT ?p WHERE { { ?p rdfs:domain ?of . ?one ?p ?value . FILTER NOT EXISTS { ?one a ?of } } UNION "
        "{ ?p a owl:ObjectProperty ; rdfs:range ?of . ?s ?p ?one . FILTER NOT EXISTS { ?one a ?of } } UNION "
        "{ ?p a owl:DatatypeProperty ; rdfs:range ?of . ?s ?p ?one . FILTER(DATATYPE(?one) != ?of) } } ORDER BY ?p"
    )
    return [r["p"].value.rpartition("/")[2] for r in rows]


@pytest.mark.parametrize(
    "page",
    ["/doc/body/QMF.ttl", "/", "/ask/how-many-bodies?kind=ICB&as_at=2026-05-01", "/data.", "/sparql?query=ASK%7B%7D"],
)
def test_what_has_not_changed_is_not_sent_again(client: FlaskClient, page: str) -> None:
    page = page.removesuffix(".")
    first = client.get(page)
    tag = first.headers["ETag"]
    assert tag.startswith('"')
    again = client.get(page, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag
    assert client.get(page, headers={"If-None-Match": '"other"'}).status_code == 200


def test_each_form_has_a_tag_of_its_own(client: FlaskClient) -> None:
    answers = [client.get(f"/doc/body/QMF.{form}") for form in ("html", "ttl", "jsonld", "rdf", "nt", "csv")]
    assert len({a.headers["ETag"] for a in answers}) == len(answers)
    assert all("Accept" in a.headers["Vary"] for a in answers)


def test_other_sites_may_read(client: FlaskClient) -> None:
    asked = client.options(
        "/sparql", headers={"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    )
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in asked.headers["Access-Control-Allow-Headers"]
    assert "ETag" in client.get("/doc/body/QMF.ttl").headers["Access-Control-Expose-Headers"]


# ------------------------------------------------------------------------------------------------ files


def test_every_file_is_there_with_its_size_and_checksum(client: FlaskClient, built: Built) -> None:
    listed = built.manifest["downloads"]
    assert isinstance(listed, list)
    with client.get(f"/data/{CHECKSUMS}") as given:
        lines = [line.split("  ") for line in given.get_data(as_text=True).splitlines()]
    sums = {path: digest for digest, path in lines}
    assert set(sums) == {f["path"] for f in listed}
    for file in listed:
        with client.get(f"/data/{file['path']}") as answer:
            content = answer.get_data()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file["bytes"], sums[file["path"]]), file
        assert answer.mimetype == file["media"]
        with client.get(f"/data/{file['path']}", headers={"If-None-Match": answer.headers["ETag"]}) as again:
            assert again.status_code == 304
    assert client.get("/data/../icsgraph.nq").status_code == 404
    assert client.get("/data/MANIFEST.json").status_code == 404


def test_the_files_hold_the_dataset_and_nothing_else(built: Built) -> None:
    whole = {str(q) for q in ox.parse(path=str(built.folder / DATASET), format=ox.RdfFormat.N_QUADS)}
    folder = built.folder / FOLDER
    apart = {
        f"{t.subject} {t.predicate} {t.object} <https://w3id.org/icsgraph/graph/{path.stem}>"
        for path in (folder / "graphs").glob("*.ttl")
        for t in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)
    }
    assert apart == whole
    # Its context stands in the file, so that nothing is fetched.
    written = (folder / "icsgraph.jsonld").read_bytes()
    assert {str(q) for q in ox.parse(written, format=ox.RdfFormat.JSON_LD)} == whole
    served = json.loads((folder / "context.jsonld").read_bytes())
    assert json.loads(written[: written.index(b', "@graph"')] + b"}") == served


def test_rdflib_reads_the_json_ld_as_pyoxigraph_does(store: Store) -> None:
    from icsgraph.graph.jsonld import compacted, context

    quads = [
        q for q in store.quads() if q.graph_name.value.endswith(("/graph/rules", "/graph/sources", "/graph/bill-2026"))
    ]
    content = compacted(ordered(quads), context(store.quads()))
    dataset = rdflib.Dataset()
    dataset.parse(data=content, format="json-ld")
    read = {(str(s), str(p), str(o)) for s, p, o, _ in dataset.quads()}
    assert read == {(q.subject.value, q.predicate.value, q.object.value) for q in quads}


def test_the_tables_have_a_row_for_each_thing_and_columns_as_described(built: Built, desk: Desk) -> None:
    folder = built.folder / FOLDER / "tables"
    count = desk.store.select(
        "SELECT (COUNT(DISTINCT ?s) AS ?statements) (COUNT(DISTINCT ?p) AS ?provisions) WHERE { { ?s a ics:Statement } UNION { ?p a ics:Provision } }"
    )[0]
    rows = {}
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            header, *lines = csv.reader(file)
        told = json.loads(path.with_name(path.name + "-metadata.json").read_text(encoding="utf-8"))
        assert [c["name"] for c in told["tableSchema"]["columns"]] == header
        assert told["url"] == path.name
        assert all(len(line) == len(header) for line in lines)
        # Several rows of one arrangement, several links of one body: such a table has no key.
        several = path.stem in {"delegations", "links"}
        assert (len({line[0] for line in lines}) == len(lines)) is not several
        assert ("primaryKey" in told["tableSchema"]) is (not several and "aboutUrl" in told["tableSchema"]), path.stem
        rows[path.stem] = len(lines)
    assert rows["statements"] == int(count["statements"].value)
    assert rows["provisions"] == int(count["provisions"].value)
    assert set(rows) == {t.name for t in read_tables(Path(__file__).parents[1])}


def test_tables_say_which_columns_refer_to_one_another_and_they_do(built: Built, root: Path) -> None:
    folder = built.folder / FOLDER / "tables"
    cells: dict[str, dict[str, list[str]]] = {}
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        cells[path.stem] = {name: [row[name] for row in rows] for name in rows[0]}
    group = json.loads((folder / "csv-metadata.json").read_text(encoding="utf-8"))
    assert {t["url"] for t in group["tables"]} == {f"{name}.csv" for name in cells}
    keys = {t["url"]: t["tableSchema"].get("foreignKeys", []) for t in group["tables"]}
    to_bodies = {"resource": "bodies.csv", "columnReference": "code"}
    assert {"columnReference": "board", "reference": to_bodies} in keys["sub_board_locations.csv"]
    assert {k["columnReference"] for k in keys["succession.csv"]} == {"predecessor", "successor"}
    tables = read_tables(root)
    assert dangling(tables, cells) == []
    # planted: a body that lacks, and one that stands there twice
    cells["bodies"]["code"].remove("QMF")
    cells["bodies"]["code"].append("QYG")
    told = " ".join(dangling(tables, cells))
    assert all(words in told for words in ("succession.successor → bodies.code", "QMF", "QYG"))


def test_a_table_whose_columns_do_not_fit_is_refused(content: Path) -> None:
    file = content / "queries" / "publish" / "bodies.rq"
    file.write_text(file.read_text(encoding="utf-8").replace("name = What", "title = What"), encoding="utf-8")
    with pytest.raises(IcsgraphError, match="columns named are not those of the query"):
        read_tables(content)


# ------------------------------------------------------------------------------------------------ catalogue


def test_the_catalogue_counts_what_is_there(client: FlaskClient, built: Built, desk: Desk) -> None:
    for form in ("ttl", "jsonld", "rdf", "nt"):
        said = graph(client, f"/data?format={form}", form)
        dataset = rdflib.URIRef("https://w3id.org/icsgraph/dataset")
        assert int(str(said.value(dataset, VOID.triples))) == len(desk.store)
    files = {str(said.value(d, DCAT.downloadURL)) for d in said.subjects(rdflib.RDF.type, DCAT.Distribution)}
    listed = built.manifest["downloads"]
    assert isinstance(listed, list)
    assert files == {f"http://localhost/data/{f['path']}" for f in listed if f["of"] != "context"}
    assert len(set(said.objects(None, SPDX.checksumValue))) == len(files)
    partitions = {
        str(said.value(p, VOID["class"])): int(str(said.value(p, VOID.entities)))
        for p in said.objects(dataset, VOID.classPartition)
    }
    row = desk.store.select("SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s a ics:Provision } }")[0]
    assert partitions["https://w3id.org/icsgraph/def/Provision"] == int(row["n"].value)
    properties = {
        str(said.value(p, VOID.property)): int(str(said.value(p, VOID.triples)))
        for p in said.objects(dataset, VOID.propertyPartition)
    }
    assert sum(properties.values()) == len(desk.store)
    for part in said.objects(dataset, VOID.subset):
        assert said.value(part, rdflib.DCTERMS.title), part
        assert said.value(part, rdflib.DCTERMS.license) or (part, rdflib.RDF.type, VOID.Linkset) in said, part


def test_every_graph_has_words_of_its_own(built: Built, desk: Desk) -> None:
    graphs = built.manifest["graphs"]
    assert isinstance(graphs, dict)
    for name in graphs:
        label = desk.names.label(f"https://w3id.org/icsgraph/graph/{name}")
        assert not label.startswith("http"), name


def test_the_well_known_address_gives_the_same(client: FlaskClient) -> None:
    answer = client.get("/.well-known/void")
    assert answer.mimetype == "text/turtle"
    assert answer.data == client.get("/data?format=ttl").data


def test_the_catalogue_page_links_every_file(client: FlaskClient, built: Built) -> None:
    page = client.get("/data", headers={"Accept": "text/html"}).get_data(as_text=True)
    listed = built.manifest["downloads"]
    assert isinstance(listed, list)
    for file in listed:
        assert f'href="/data/{file["path"]}"' in page


# ------------------------------------------------------------------------------------------------ questions as data, API


def test_each_question_is_data_that_runs_as_it_stands(desk: Desk) -> None:
    rows = desk.store.select(
        "SELECT ?id ?select WHERE { ?question a ics:Question ; dcterms:identifier ?id ; sh:select ?select }"
    )
    assert {r["id"].value for r in rows} == set(desk.catalogue.questions)
    for row in rows:
        # Without our prefixes, in an engine that does not know them, over nothing.
        found = ox.Store().query(row["select"].value)
        assert isinstance(found, ox.QuerySolutions)
        names = {v.value for v in found.variables}
        assert set(desk.catalogue.questions[row["id"].value].columns) | set(IMPLICIT) <= names


def test_the_description_of_the_api_is_valid_and_names_every_question(client: FlaskClient, desk: Desk) -> None:
    told = json.loads(client.get("/openapi.json").data)
    validate(told, cls=OpenAPIV31SpecValidator)
    asked = {
        path.removeprefix("/ask/"): part["get"] for path, part in told["paths"].items() if path.startswith("/ask/")
    }
    assert set(asked) == set(desk.catalogue.questions)
    for id, question in desk.catalogue.questions.items():
        required = {p["name"] for p in asked[id]["parameters"] if p["required"]}
        assert required == {p.name for p in question.parameters if p.default is None}
    del told["paths"]["/ask/may-delegate"]["get"]["responses"]["200"]["description"]
    with pytest.raises(OpenAPIValidationError):
        validate(told, cls=OpenAPIV31SpecValidator)


def test_the_manifest_is_whole(built: Built) -> None:
    assert json.loads((built.folder / MANIFEST).read_text(encoding="utf-8")) == built.manifest
    assert downloads.LICENCE.startswith("https://www.nationalarchives.gov.uk/")


def test_a_service_of_other_files_has_no_catalogue(desk: Desk, store: Store) -> None:
    bare = create_app(desk, store).test_client()
    assert bare.get("/data").status_code == 404
    assert 'href="/data"' not in bare.get("/").get_data(as_text=True)
