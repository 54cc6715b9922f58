"""Journeys on a real server that skips time, with the worker that production runs."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta

import httpx
import pytest
from temporalio.testing import WorkflowEnvironment

from activities.builder import Builder
from settings import Settings
from store.database import Database
from store.objects import Objects
from tests.workflows.world import Postman, World

GIVE_UP = timedelta(seconds=1)

OpenWorld = Callable[[WorkflowEnvironment], AbstractAsyncContextManager[World]]


@pytest.fixture
def open_world(
    settings: Settings,
    database: Database,
    books: httpx.AsyncClient,
    builder: Builder,
) -> OpenWorld:
    """A bank, a worker, a postman and accounting software, on a server of the test's choice."""
    changes = {
        "sandbox_url": "http://sandbox.test",
        "provider_give_up": GIVE_UP,
        "email_give_up": GIVE_UP,
    }
    here = settings.model_copy(update=changes)

    @asynccontextmanager
    async def opened(temporal: WorkflowEnvironment) -> AsyncIterator[World]:
        objects = Objects(here.objects_url)
        world = World(temporal, here, database, objects, books, Postman(), builder)
        await world.open_bank()
        async with world.worker():
            yield world
            await world.close()

    return opened


@pytest.fixture
async def world(
    temporal: WorkflowEnvironment, open_world: OpenWorld
) -> AsyncIterator[World]:
    """Everything there is. At the end every workflow is ended, replayed and searched for secrets."""
    async with open_world(temporal) as world:
        yield world
