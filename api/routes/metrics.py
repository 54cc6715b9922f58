"""Figures for Prometheus."""

from typing import Final

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from api.gauges import StoreGauges
from api.meter import Meter, Traffic
from api.openapi import documented

router = APIRouter(tags=["health"])

_EXAMPLE: Final = """\
# HELP rapport_journeys_stuck Journeys that are stuck.
# TYPE rapport_journeys_stuck gauge
rapport_journeys_stuck 2.0
"""


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=PlainTextResponse,
    responses={
        200: {"content": {"text/plain": {"example": _EXAMPLE}}},
        **documented(None, guarded=False),
    },
)
async def read_metrics(request: Request) -> Response:
    """
    Return requests, journeys, companies, emails and syncs as counts, and the process's own figures.

    It names no organization and no customer, needs no key, and asks neither Temporal
    nor any software. While the store does not answer, `rapport_store_up` is 0.
    """
    gauges: StoreGauges = request.app.state.gauges
    await gauges.refresh()
    figures = generate_latest(request.app.state.figures)
    return Response(figures, media_type=CONTENT_TYPE_LATEST)


def install(app: FastAPI) -> None:
    """Let `app` count what it answers, and say so: each app in a registry of its own."""
    app.state.figures = CollectorRegistry()
    ProcessCollector(registry=app.state.figures)
    PlatformCollector(registry=app.state.figures)
    app.state.gauges = StoreGauges(app.state.database, app.state.clock)
    app.state.figures.register(app.state.gauges)
    app.add_middleware(Meter, traffic=Traffic(app.state.figures))
