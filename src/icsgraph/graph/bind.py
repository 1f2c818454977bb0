"""Values written into the text of a query, for engines that are reached by text alone: see ``core.sparql``."""

from __future__ import annotations

from icsgraph.core.sparql import bind, with_prefixes

__all__ = ["bind", "with_prefixes"]
