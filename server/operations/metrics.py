"""Numbers for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from server.live.hub import Hub

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """A registry of its own for each application, so that tests may have several."""

    def __init__(self, hub: Hub) -> None:
        self._registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counter(
            "plantroom_http_requests", "Requests answered", labels, registry=self._registry
        )
        self._seconds = Histogram(
            "plantroom_http_request_seconds", "Time to answer", ("method", "route"), registry=self._registry
        )
        streams = Gauge("plantroom_live_streams", "Screens that watch live values", registry=self._registry)
        streams.set_function(lambda: hub.watchers)
        points = Gauge("plantroom_live_points", "Points with a known value", registry=self._registry)
        points.set_function(lambda: hub.known)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request. ``route`` is the template, not the path: the number of series stays bounded."""
        method = method if method in _METHODS else "other"
        self._requests.labels(method, route, str(status)).inc()
        if route != LIVE_ROUTE:  # streams end when somebody closes a screen
            self._seconds.labels(method, route).observe(seconds)

    def render(self) -> bytes:
        return generate_latest(self._registry)


_METHODS = frozenset({"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"})
LIVE_ROUTE = "/live"
