"""What is counted of every request: which route it took, never its address."""

from time import perf_counter
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NOWHERE: Final = "nowhere"
"""The route of what no route answers: its address was made up by whoever asked."""

STATIC: Final = "/static"
_METHODS: Final = frozenset(
    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
)
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""Seconds."""


class Traffic:
    """The requests of one process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "rapport_http_requests",
            "Answered requests.",
            ("route", "method", "status"),
            registry=registry,
        )
        self._seconds = Histogram(
            "rapport_http_request_seconds",
            "Until an answer begins: pages that follow the store stay open for hours.",
            ("route", "method"),
            buckets=_BUCKETS,
            registry=registry,
        )

    def note(self, scope: Scope, status: int, seconds: float) -> None:
        """Count one request. No label holds what the sender made up."""
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = _template(scope)
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route, method).observe(seconds)


class Meter:
    """Passes every request on, and notes how it was answered."""

    def __init__(self, app: ASGIApp, traffic: Traffic) -> None:
        self._app = app
        self._traffic = traffic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        status: int | None = None

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._traffic.note(scope, status, perf_counter() - began)
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            if status is None:  # a defect rises, and is answered outside of this
                self._traffic.note(scope, 500, perf_counter() - began)


def _template(scope: Scope) -> str:
    route = scope.get("route")
    if route is not None:
        return str(route.path)
    return STATIC if scope["path"].startswith(f"{STATIC}/") else NOWHERE
