"""Where lives take place outside of a test: a real server, and a bank with everything around it."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from temporalio.testing import WorkflowEnvironment

from activities.builder import Builder
from sandbox.app import create_app as create_sandbox
from settings import Settings
from store.database import Database
from store.objects import Objects
from tests.conftest import NOBODY, SECRET
from tests.workflows.world import Postman, World

GIVE_UP = timedelta(seconds=1)


class UnhurriedWorld(World):
    """A world whose lives may take long: what else the machine does is no part of them."""

    async def until(
        self, what: Callable[[], Any], within: float = 30, every: float = 0.05
    ) -> Any:
        return await super().until(what, within * 6, every)


@asynccontextmanager
async def opened(temporal: WorkflowEnvironment, template: Path) -> AsyncIterator[World]:
    """A bank in a folder of its own, with a copy of a database, and the worker of production."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(template, folder)
        async with _opened(temporal, Path(folder)) as world:
            yield world


@asynccontextmanager
async def _opened(temporal: WorkflowEnvironment, folder: Path) -> AsyncIterator[World]:
    settings = Settings(
        secret=SECRET,
        base_url="http://rapport.test",
        database_url=f"sqlite:///{folder}/rapport.db",
        objects_url=(folder / "objects").as_uri(),
        sandbox_url="http://sandbox.test",
        smtp_url=f"smtp://{NOBODY}",
        temporal_ui_url="http://temporal.test",
        provider_give_up=GIVE_UP,
        email_give_up=GIVE_UP,
    )
    database, objects = Database(settings.database_url), Objects(settings.objects_url)
    app = create_sandbox(folder / "sandbox.db", settings.sandbox_url)
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=settings.sandbox_url) as books,
        Builder() as builder,
    ):
        world = UnhurriedWorld(
            temporal, settings, database, objects, books, Postman(), builder
        )
        await world.open_bank()
        async with world.worker():
            yield world
    await database.close()
