"""What operators see: a line for each request, and figures in the form that Prometheus reads."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TextIO

from flask import Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

__all__ = ["BEGAN", "watch"]

# Where in the environment of a request stands when its answer was begun before it came here.
BEGAN = "icsgraph.began"


# Told of an answer: its route, method, status, seconds and bytes.
Note = Callable[[str, str, int, float, int], None]


def watch(app: Flask, gauges: dict[str, tuple[str, Callable[[], float]]], log: TextIO | None = None) -> Note:
    """Note every answer of an application; returned is what notes those that are given before it.

    Write a JSON line per request to ``log`` (default: none is written) and serve ``/metrics``.

    A line has the time, method, route, status, milliseconds and bytes. It leaves out the address of who asks and every value
    asked with, which may be of a person. ``gauges`` gives further figures: name, what it is, and how to read it.
    """
    registry = CollectorRegistry()
    requests = Counter("icsgraph_requests", "Requests answered.", ["route", "method", "status"], registry=registry)
    seconds = Histogram(
        "icsgraph_request_seconds",
        "Seconds from request to answer.",
        ["route"],
        buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60),
        registry=registry,
    )
    for name, (meaning, read) in gauges.items():
        Gauge(f"icsgraph_{name}", meaning, registry=registry).set_function(read)

    def note(route: str, method: str, status: int, taken: float, size: int) -> None:
        requests.labels(route, method, str(status)).inc()
        seconds.labels(route).observe(taken)
        if log is not None:
            line = {
                "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "method": method,
                "route": route,
                "status": status,
                "ms": round(1000 * taken, 1),
                "bytes": size,
            }
            log.write(json.dumps(line) + "\n")
            log.flush()

    @app.before_request
    def begin() -> None:
        g.began = request.environ.get(BEGAN, time.perf_counter())

    @app.after_request
    def told(response: Response) -> Response:
        # Routes are few; what people type into addresses is without number.
        route = request.url_rule.rule if request.url_rule else "none"
        method = request.method if request.method in ("GET", "HEAD", "POST", "OPTIONS") else "other"
        taken = time.perf_counter() - g.get("began", time.perf_counter())
        note(route, method, response.status_code, taken, response.calculate_content_length() or 0)
        return response

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return note
