"""The API as production builds it: with Temporal away, and with a server and a worker."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import httpx
import pytest
from fastapi import FastAPI
from starlette.routing import BaseRoute
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from activities.builder import Builder
from api.app import create_app
from api.temporal import TemporalDoor
from domain.software import Software
from providers import build_providers
from server import workbook_format
from settings import Settings
from store.database import Database
from store.objects import Objects
from tests.api.given import OTHERS, OURS, Bank, Given, open_bank
from tests.api.live import Office, ShutOffice
from tests.conftest import NOBODY
from tests.workflows.world import Postman
from worker import build_worker

SOFTWARE = (
    Software("ledgerly", "Ledgerly", "sandbox"),
    Software("bookwise", "Bookwise Online", "sandbox"),
    Software("sumline", "Sumline", "sandbox"),
)

_KNOWN: Final[dict[str, list[BaseRoute]]] = {}

MakeApp = Callable[[TemporalDoor], FastAPI]


async def nobody_there() -> Client:
    """Temporal while it is away: a port where nobody listens."""
    return await Client.connect(NOBODY, data_converter=pydantic_data_converter)


@pytest.fixture
async def bank(database: Database) -> Bank:
    return await open_bank(database, "Meridian Bank", OURS)


@pytest.fixture
async def other_bank(database: Database) -> Bank:
    return await open_bank(database, "Another Bank", OTHERS)


@pytest.fixture
def given(bank: Bank) -> Given:
    return bank.given


def build_app(
    settings: Settings,
    database: Database,
    http: httpx.AsyncClient,
    temporal: TemporalDoor,
) -> FastAPI:
    """Build what one process of the API serves, in front of software of the tests' own."""
    app = create_app(
        settings=settings,
        temporal=temporal,
        database=database,
        objects=Objects(settings.objects_url),
        software=SOFTWARE,
        authorize_url=lambda request: f"http://sandbox.test/{request.software}",
        workbooks=workbook_format(),
        http=http,
    )
    return with_known_routes(app)


def with_known_routes(app: FastAPI) -> FastAPI:
    """
    Let an app have the routes of the first one, which are the same.

    FastAPI works out what a route takes when it is first asked for it: for all of
    them together that is longer than most tests here.
    """
    app.router.routes[:] = _KNOWN.setdefault("routes", [*app.router.routes])
    return app


@pytest.fixture
async def make_app(settings: Settings, database: Database) -> AsyncIterator[MakeApp]:
    async with httpx.AsyncClient() as http:
        yield lambda temporal: build_app(settings, database, http, temporal)


@pytest.fixture
def app(make_app: MakeApp) -> FastAPI:
    """The API while Temporal is away."""
    return make_app(TemporalDoor(nobody_there))


@pytest.fixture
async def api(app: FastAPI, bank: Bank) -> AsyncIterator[httpx.AsyncClient]:
    """Our bank's programs."""
    async with calling(app, bank.key) as client:
        yield client


@asynccontextmanager
async def calling(app: FastAPI, key: str | None) -> AsyncIterator[httpx.AsyncClient]:
    """Lend a client that sends this key."""
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://api", headers=headers
    ) as client:
        yield client


@pytest.fixture
async def live(
    temporal: WorkflowEnvironment, make_app: MakeApp, bank: Bank
) -> AsyncIterator[httpx.AsyncClient]:
    """Our bank's programs, with Temporal there and no worker."""

    async def connect() -> Client:
        return temporal.client

    async with calling(make_app(TemporalDoor(connect)), bank.key) as client:
        yield client


@pytest.fixture
async def postman() -> Postman:
    return Postman()


@pytest.fixture
async def working(  # noqa: PLR0913, PLR0917 (what a worker is made of)
    temporal: WorkflowEnvironment,
    live: httpx.AsyncClient,
    settings: Settings,
    database: Database,
    postman: Postman,
    books: httpx.AsyncClient,
    builder: Builder,
) -> AsyncIterator[httpx.AsyncClient]:
    """The same, with the worker that production runs; every journey is ended afterwards."""
    objects = Objects(settings.objects_url)
    here = settings.model_copy(update={"sandbox_url": "http://sandbox.test"})
    async with build_worker(
        temporal.client, here, database, objects, postman, books, builder
    ):
        yield live
        for journey in (await live.get("/v1/journeys?open=true")).json()["items"]:
            end = {"reason": "The test is over."}
            await live.post(f"/v1/journeys/{journey['id']}/cancel", json=end)


@pytest.fixture
async def office(  # noqa: PLR0913, PLR0917 (everything there is)
    working: httpx.AsyncClient,
    temporal: WorkflowEnvironment,
    settings: Settings,
    database: Database,
    given: Given,
    books: httpx.AsyncClient,
) -> AsyncIterator[Office]:
    """All of it: customers get through the door, go to the software and come back."""
    here = settings.model_copy(update={"sandbox_url": "http://sandbox.test"})
    sandbox = build_providers(books, here)["sandbox"]

    async def connect() -> Client:
        return temporal.client

    app = create_app(
        settings=here,
        temporal=TemporalDoor(connect),
        database=database,
        objects=Objects(settings.objects_url),
        software=sandbox.software,
        authorize_url=sandbox.authorize_url,
        workbooks=workbook_format(),
        http=books,
    )
    async with calling(with_known_routes(app), None) as door:
        yield Office(working, door, books, given, app.state.signer)


@pytest.fixture
async def shut(app: FastAPI, given: Given) -> AsyncIterator[ShutOffice]:
    """The customers' door while Temporal is away."""
    async with calling(app, None) as door:
        yield ShutOffice(door, given, app.state.signer)
