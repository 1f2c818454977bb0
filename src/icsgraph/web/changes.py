"""``/changes`` and its Atom feed: what each release changed, for whoever follows one body, area or function, or all."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, render_template, request

from icsgraph.ask.desk import Desk
from icsgraph.core.terms import BASE
from icsgraph.upkeep.release import News, Release, read_releases

__all__ = ["blueprint"]


def blueprint(desk: Desk, root: Path) -> Blueprint:
    """The pages of the releases recorded in the content in ``root``."""
    changes = Blueprint("changes", __name__)
    releases = read_releases(root)

    def chosen() -> tuple[str, list[tuple[Release, list[tuple[int, News]]]]]:
        """What is asked about, and of each release the news about it with their numbers, which never change."""
        about = request.args.get("about", "").strip()

        def wanted(news: News) -> bool:
            return not about or any(
                iri.rpartition("/")[2] == about or desk.names.label(iri).casefold() == about.casefold()
                for iri in news.about
            )

        return about, [(r, [(n, one) for n, one in enumerate(r.news, 1) if wanted(one)]) for r in releases]

    @changes.get("/changes")
    def page() -> str:
        about, found = chosen()
        return render_template("changes.html", about=about, releases=found)

    @changes.get("/changes.atom")
    def feed() -> Response:
        about, found = chosen()
        atom = render_template("changes.atom", about=about, releases=found, root=request.url_root, base=BASE)
        return Response(atom, content_type="application/atom+xml; charset=utf-8")

    return changes
