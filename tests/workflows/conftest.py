"""Journeys on a real server that skips time, with the worker that production runs."""

import sysconfig
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment

from sandbox.app import create_app as create_sandbox
from settings import Settings
from store.database import Database
from store.migrate import migrate
from store.objects import Objects
from tests.workflows.world import SECRET, Postman, World
from worker import build_worker
from workflows.search_attributes import SEARCH_ATTRIBUTES

TEMPORAL = Path(sysconfig.get_path("scripts")) / "temporal"
SETTINGS = {
    "frontend.WorkflowTimeSkippingEnabled": "true",
    "history.transferProcessorMaxPollRPS": "2000",
}


@pytest.fixture(scope="session")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    """The real server; time is skipped only for a journey whose test asks for it."""
    arguments = [
        argument
        for name, value in SETTINGS.items()
        for argument in ("--dynamic-config-value", f"{name}={value}")
    ]
    async with await WorkflowEnvironment.start_time_skipping_v2(
        data_converter=pydantic_data_converter,
        dev_server_existing_path=str(TEMPORAL),
        search_attributes=list(SEARCH_ATTRIBUTES),
        ts_config=TimeSkippingConfig(enabled=False),
        dev_server_extra_args=arguments,
    ) as environment:
        yield environment


@pytest.fixture
async def books(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The sandbox accounting software, in this process."""
    app = create_sandbox(tmp_path / "sandbox.db", "http://sandbox.test")
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://sandbox.test") as http,
    ):
        yield http


@pytest.fixture
async def world(
    temporal: WorkflowEnvironment, books: httpx.AsyncClient, tmp_path: Path
) -> AsyncIterator[World]:
    """A bank, a worker, a postman and accounting software; every journey is replayed at the end."""
    settings = Settings(
        secret=SECRET,
        database_url=f"sqlite+aiosqlite:///{tmp_path}/rapport.db",
        objects_url=(tmp_path / "objects").as_uri(),
        sandbox_url="http://sandbox.test",
        provider_give_up="3s",
        email_give_up="3s",
    )
    await migrate(settings.database_url)
    database = Database(settings.database_url)
    objects = Objects(settings.objects_url)
    world = World(temporal, settings, database, objects, books, Postman())
    await world.open_bank()
    async with build_worker(
        temporal.client,
        settings,
        database,
        objects,
        world.postman,
        books,
        task_queue=world.task_queue,
    ):
        yield world
        await world.replay()
    await database.close()
