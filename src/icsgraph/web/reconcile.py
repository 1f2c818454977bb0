"""``/reconcile``: the names and codes of a table matched with bodies, functions and provisions on a day, for OpenRefine and spreadsheets.

Source: https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request

from icsgraph import __version__
from icsgraph.ask.desk import Desk
from icsgraph.ask.explain import explain_at
from icsgraph.ask.reconciliation import DAY, Reconciliation
from icsgraph.core.dates import parse_day
from icsgraph.core.errors import given_for
from icsgraph.core.given import read_json
from icsgraph.core.terms import BASE, DEF, ID
from icsgraph.web.links import with_values
from icsgraph.web.policy import FRAMED

__all__ = ["blueprint"]

# Pixels of a preview.
_WIDTH, _HEIGHT = 420, 220


def blueprint(desk: Desk, most: int) -> Blueprint:
    """The routes over ``desk``; a form may have ``most`` bytes."""
    routes = Blueprint("reconcile", __name__)
    made = cache(lambda: Reconciliation(desk))

    @routes.route("/reconcile", methods=["GET", "POST"])
    def reconcile() -> Response:
        request.max_form_memory_size = most
        day = request.values.get(DAY, "").strip()
        if "queries" in request.values:
            return jsonify(made().match(read_json(request.values["queries"], "queries"), day))
        if "extend" in request.values:
            return jsonify(made().extend(read_json(request.values["extend"], "extend"), day))
        with given_for(DAY):
            return jsonify(_manifest(made(), parse_day(day).isoformat() if day else ""))

    @routes.get("/reconcile/suggest/<any('entity', 'type', 'property'):of>")
    def suggest(of: str) -> Response:
        prefix, cursor = (request.args.get(name, "").strip() for name in ("prefix", "cursor"))
        known = {
            "entity": made().suggest_things,
            "type": made().suggest_types,
            "property": made().suggest_properties,
        }
        return jsonify(known[of](prefix, cursor))

    @routes.get("/reconcile/properties")
    def properties() -> Response:
        return jsonify(made().propose(request.args.get("type", ""), request.args.get("limit", "")))

    @routes.get("/reconcile/preview")
    def preview() -> Response:
        with given_for("id"):
            address = made().thing(request.args.get("id", ""))
        with given_for(DAY):
            day = parse_day(said) if (said := request.args.get(DAY, "")) else None
        page = Response(render_template("preview.html", it=explain_at(desk, address, day)), mimetype="text/html")
        page.headers["Content-Security-Policy"] = FRAMED
        return page

    return routes


def _manifest(service: Reconciliation, day: str) -> dict[str, Any]:
    """What the service is and can, at the address it was asked at; every address in it keeps the day."""
    root = request.url_root.rstrip("/")

    def path(of: str) -> dict[str, str]:
        return {"service_url": root, "service_path": f"/reconcile/{of}"}

    setting = {
        "name": DAY,
        "label": "On the day",
        "type": "text",
        "default": day,
        "help_text": "YYYY-MM-DD; today where none is given. Who stands for a body differs by day.",
    }
    return {
        "versions": ["0.2"],
        "name": "icsgraph: bodies, functions and law of integrated care systems in England"
        + (f", {day}" if day else ""),
        "identifierSpace": ID,
        "schemaSpace": DEF,
        "documentation": BASE,
        "serviceVersion": __version__,
        "view": {"url": f"{root}/id/{{{{id}}}}"},
        "defaultTypes": service.types,
        "preview": {
            "url": with_values(f"{root}/reconcile/preview?id={{{{id}}}}", {DAY: day}),
            "width": _WIDTH,
            "height": _HEIGHT,
        },
        "suggest": {of: path(f"suggest/{of}") for of in ("entity", "type", "property")},
        "extend": {"propose_properties": path("properties"), "property_settings": [setting]},
    }
