"""``/data``: the catalogue (DCAT 3 and VoID), and the files to take away."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, send_file
from werkzeug.exceptions import NotFound as NoPage
from werkzeug.wrappers import Response as BaseResponse

from icsgraph import __version__
from icsgraph.ask.desk import Desk
from icsgraph.build.downloads import CHECKSUMS, FOLDER, LICENCE
from icsgraph.build.pipeline import MANIFEST
from icsgraph.core.terms import BASE, GRAPH
from icsgraph.graph.rdf import iri, rewritten, term_name, text
from icsgraph.resources import content_root
from icsgraph.upkeep import stale
from icsgraph.upkeep.shelf import Kept
from icsgraph.web.forms import asked_form
from icsgraph.web.schema_org import as_script, of_dataset

__all__ = ["blueprint"]

# The first is given to who accepts anything; a browser names the page.
FORMS = {
    "ttl": "text/turtle",
    "html": "text/html",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
    "nt": "application/n-triples",
}
_WHOLE = "The whole dataset, all graphs"


def blueprint(desk: Desk, folder: Path, editions: Sequence[Kept] = ()) -> Blueprint:  # noqa: C901
    """The catalogue of a dataset that was built in ``folder``, its files, and those of its ``editions``."""
    data = Blueprint("data", __name__)
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    files = {str(f["path"]): f for f in manifest["downloads"]}
    issued = dt.date.fromtimestamp((folder / MANIFEST).stat().st_mtime).isoformat()
    data.add_app_template_filter(lambda value, language="": str(text(str(value), language)), "ttl")

    @lru_cache(maxsize=1)
    def sources() -> tuple[list[dict[str, str]], dict[str, list[str]]]:
        """The sources with their licences, and which of them each graph rests on."""
        rows = desk.store.select(
            "SELECT ?iri ?label ?licence ?publisher WHERE { ?iri a ics:Source ; rdfs:label ?label ; dcterms:license ?licence "
            "OPTIONAL { ?iri dcterms:publisher ?publisher } } ORDER BY ?iri"
        )
        known = [{n: r[n].value if n in r else "" for n in ("iri", "label", "licence", "publisher")} for r in rows]
        addresses = {k["iri"] for k in known}
        used: dict[str, list[str]] = {}
        for name in manifest["graphs"]:
            quads = desk.store.quads(predicate=term_name("dcterms:source"), graph=iri(GRAPH + name))
            used[name] = sorted({q.object.value for q in quads} & addresses)
        return known, used

    @lru_cache(maxsize=1)
    def out_of_date(day: dt.date) -> list[stale.Finding]:
        """What is out of date on a day."""
        return stale.find(stale.read_checks(content_root()), stale.open_facts(folder / MANIFEST), day)

    def what(file: dict[str, Any]) -> str:
        """What a file holds, in words."""
        of = str(file["of"])
        if "label" in file:
            return str(file["label"])
        if of.startswith("graph/"):
            return desk.names.label(BASE + of)
        if of.startswith("table/"):
            return (
                "A table for spreadsheets" if str(file["media"]) == "text/csv" else "What the columns of the table are"
            )
        if of == "tables":
            return "All tables as one group, with the columns that refer to one another"
        return "The names that the JSON-LD uses" if of == "context" else _WHOLE

    @lru_cache(maxsize=8)
    def written(form: str, root: str) -> bytes:
        """The catalogue as RDF, with the address under which the service was asked."""
        known, used = sources()
        words = [f"{q.subject} {q.predicate} {q.object} ." for q in desk.store.quads(graph=iri(GRAPH + "catalogue"))]
        example = next(
            (
                q.object.value
                for q in desk.store.quads(predicate=term_name("dcterms:identifier"))
                if "/provision/" in q.subject.value
            ),
            "",
        )
        turtle = render_template(
            "catalogue.ttl",
            manifest=manifest,
            version=__version__,
            sources=known,
            used=used,
            words=sorted(words),
            issued=issued,
            licence=LICENCE,
            example=example,
            root=root,
            base=BASE,
            editions=editions,
        )
        return rewritten(turtle, {"rdf": "rdfxml"}.get(form, form), root)

    def catalogue(form: str) -> Response:
        if form != "html":
            return Response(written(form, request.url_root), content_type=FORMS[form])
        known, _ = sources()
        page = render_template(
            "data.html",
            manifest=manifest,
            version=__version__,
            sources=known,
            what=what,
            licence=LICENCE,
            told=as_script(of_dataset(__version__, LICENCE, request.url_root)),
            stale=out_of_date(dt.date.today()),
            today=dt.date.today().isoformat(),
            editions=editions,
        )
        return Response(page, mimetype="text/html")

    @data.get("/data")
    def page() -> Response:
        return catalogue(asked_form(FORMS))

    @data.get("/.well-known/void")
    def void() -> Response:
        return catalogue(asked_form({k: v for k, v in FORMS.items() if k != "html"}))

    @data.get("/dataset")
    def dataset() -> BaseResponse:
        return redirect("/data", 303)

    @data.get("/graph/<name>")
    def graph(name: str) -> BaseResponse:
        if name not in manifest["graphs"]:
            raise NoPage(f"There is no graph {name}.")
        return redirect(f"/data/graphs/{name}.ttl", 303)

    @data.get("/def/align/<name>")
    def alignment(name: str) -> Response:
        return file(f"align/{name.removesuffix('.ttl')}.ttl")

    @data.get("/data/editions/<name>")
    def edition(name: str) -> Response:
        found = next((e for e in editions if e.path.name == name), None)
        if found is None:
            raise NoPage(f"There is no edition {name}.")
        return send_file(found.path.resolve(), mimetype="application/gzip", conditional=True)

    @data.get("/data/<path:path>")
    def file(path: str) -> Response:
        if path == CHECKSUMS:
            return send_file(folder / FOLDER / CHECKSUMS, mimetype="text/plain")
        if path not in files:
            raise NoPage(f"There is no file {path}.")
        at = folder / path if str(files[path]["of"]) == "" and (folder / path).is_file() else folder / FOLDER / path
        response = send_file(at, mimetype=str(files[path]["media"]), etag=str(files[path]["sha256"]), conditional=True)
        if path.endswith(".csv"):
            response.headers["Link"] = f'</data/{path}-metadata.json>; rel="describedby"; type="application/csvm+json"'
        return response

    return data
