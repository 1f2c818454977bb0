"""Results of queries that were asked before."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from icsgraph.graph.results import Result

__all__ = ["Cache"]

# What gives another result each time; a query that only mentions such a word is asked again, which costs time alone.
_CHANGING = re.compile(r"\b(?:NOW|RAND|UUID|STRUUID|BNODE)\b", re.IGNORECASE)

# What Python needs for an entry besides its texts.
_EACH = 1000


class Cache:
    """The latest results, up to so many megabytes (0: none are kept). The data never change while a service runs."""

    def __init__(self, megabytes: int = 64) -> None:
        self.most = megabytes * 1024 * 1024
        self.size = 0
        self.hits = 0
        self.misses = 0
        self._kept: OrderedDict[tuple[str, Hashable], Result] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, query: str, how: Hashable, run: Callable[[], Result]) -> Result:
        """The result of a query asked in a certain way: kept from before, or what ``run`` gives."""
        key = (query, how)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                self.hits += 1
                return self._kept[key]
            self.misses += 1
        result = run()
        # One large result shall not push out all others.
        if len(result.body) <= self.most // 8 and not _CHANGING.search(query):
            with self._lock:
                if key not in self._kept:
                    self._kept[key] = result
                    self.size += _size(key, result)
                while self.size > self.most:
                    old, gone = self._kept.popitem(last=False)
                    self.size -= _size(old, gone)
        return result


def _size(key: tuple[str, Hashable], result: Result) -> int:
    """About how many bytes a result and what it is found by take: the graphs of a query may be longer than the query."""
    return len(result.body) + 2 * len(repr(key)) + _EACH
