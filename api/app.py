"""Build the application. Nothing happens on import, and nothing is connected before it is used."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles

from api import errors, openapi
from api.limits import BodyLimit
from api.link import pages, returns, uploading
from api.link import routes as link
from api.link.conversation import Conversation
from api.link.workbooks import Format, Workbooks
from api.portal import portal
from api.routes import (
    accounts,
    companies,
    connections,
    health,
    journeys,
    metrics,
    organization,
    removals,
    reports,
    software,
    syncs,
)
from api.temporal import TemporalDoor
from domain.links import Signer
from domain.software import AuthorizationRequest, Software
from domain.uploads import LARGEST_UPLOAD
from settings import Settings
from store.database import Database
from store.objects import Objects
from store.vault import Vault

STATIC: Final = Path(__file__).parent / "static"
LARGEST_BODY: Final = 1024 * 1024
AROUND_A_FILE: Final = 64 * 1024
"""Bytes of a form that are not its file: boundaries, headings, other fields."""

ABOUT: Final = """\
Journeys in which customers share their business data with their bank.

Every call but `/healthz`, `/readyz`, `/metrics` and `/v1/link/…` takes `Authorization: Bearer <api key>`.
Errors are `application/problem+json` (RFC 9457) with a `code`. A POST that creates
takes `Idempotency-Key`. Lists go on with the `next_cursor` of the page before.
"""

ROUTERS: Final = (
    organization.router,
    software.router,
    companies.router,
    journeys.router,
    connections.router,
    syncs.router,
    reports.router,
    removals.router,
    accounts.router,
    link.router,
    health.router,
    metrics.router,
    returns.router,
    pages.router,
    uploading.router,
)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(  # noqa: PLR0913 (what one process of the API is made of)
    *,
    settings: Settings,
    temporal: TemporalDoor,
    database: Database,
    objects: Objects,
    software: tuple[Software, ...],
    authorize_url: Callable[[AuthorizationRequest], str],
    workbooks: Format,
    http: httpx.AsyncClient,
    clock: Callable[[], datetime] = _utc_now,
) -> FastAPI:
    """Return the API; whoever calls this opens and closes what it is given."""
    app = FastAPI(
        title="Rapport",
        version="1",
        description=ABOUT,
        redirect_slashes=False,
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
        generate_unique_id_function=_operation_id,
    )
    app.state.settings = settings
    app.state.temporal = temporal
    app.state.database = database
    app.state.objects = objects
    app.state.software = software
    app.state.authorize_url = authorize_url
    app.state.http = http
    app.state.clock = clock
    app.state.signer = Signer(settings.secret.get_secret_value().encode())
    app.state.vault = Vault(settings.secret.get_secret_value().encode())
    app.state.link = Conversation(
        database=database,
        temporal=temporal,
        signer=app.state.signer,
        workbooks=Workbooks(database, objects, workbooks, clock),
        software=software,
        authorize_url=authorize_url,
        base_url=settings.base_url,
        clock=clock,
    )
    app.add_middleware(BodyLimit, largest=_largest_body)
    metrics.install(app)
    for router in ROUTERS:
        app.include_router(router)
    portal.install(app, settings, database)
    app.mount("/static", StaticFiles(directory=STATIC))
    errors.install(app)
    openapi.install(app)
    return app


def _largest_body(path: str) -> int:
    is_upload = path.endswith("/upload")
    return LARGEST_UPLOAD + AROUND_A_FILE if is_upload else LARGEST_BODY


def _operation_id(route: APIRoute) -> str:
    return route.name
