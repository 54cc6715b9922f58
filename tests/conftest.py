"""Fixtures that build what production builds: a migrated database, a real server, real software."""

import shutil
import sysconfig
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment
from xdist.scheduler import LoadScopeScheduling

from sandbox.app import create_app as create_sandbox
from settings import Settings
from store.database import Database
from store.migrate import migrate
from workflows.search_attributes import SEARCH_ATTRIBUTES

TEMPORAL = Path(sysconfig.get_path("scripts")) / "temporal"
SECRET = "a secret of the tests, long enough"
NOBODY = "127.0.0.1:9"
SETTINGS = {
    "frontend.WorkflowTimeSkippingEnabled": "true",
    "history.transferProcessorMaxPollRPS": "2000",
}


class _Spread(LoadScopeScheduling):
    """Every test for itself, but those that share one running system, in one process."""

    def _split_scope(self, nodeid: str) -> str:
        return "e2e" if nodeid.startswith("tests/e2e/") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Spread:
    """Say how tests are dealt out to processes."""
    return _Spread(config, log)


@pytest.fixture(scope="session")
async def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that has seen every migration, to be copied: faster than migrating again."""
    file = tmp_path_factory.mktemp("template") / "rapport.db"
    await migrate(f"sqlite+aiosqlite:///{file}")
    return file


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a copy of Rapport around which nothing runs."""
    return Settings(
        secret=SECRET,
        base_url="http://rapport.test",
        database_url=f"sqlite+aiosqlite:///{tmp_path}/rapport.db",
        objects_url=(tmp_path / "objects").as_uri(),
        sandbox_url=f"http://{NOBODY}",
        smtp_url=f"smtp://{NOBODY}",
        temporal_ui_url="http://temporal.test",
        provider_give_up="3s",
        email_give_up="3s",
    )


@pytest.fixture
async def database(
    template: Path, settings: Settings, tmp_path: Path
) -> AsyncIterator[Database]:
    """A database of the test's own, empty but for its tables."""
    shutil.copy(template, tmp_path / "rapport.db")
    database = Database(settings.database_url)
    yield database
    await database.close()


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
