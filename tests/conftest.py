"""Fixtures that build what production builds: a migrated database, a real server, real software."""

import gc
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.testing import WorkflowEnvironment
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from activities.builder import Builder
from sandbox.app import create_app as create_sandbox
from settings import Settings
from store.database import Database
from tests.browser.chromium import CHROMIUM, LEFT_OUT, MISSING, REQUIRED
from tests.databases.choice import POSTGRESQL, kinds_for
from tests.databases.postgres import Server, migrate_in_thread, serve
from tests.databases.watched import WatchedDatabase
from tests.temporal import server

SECRET = "a secret of the tests, long enough"
NOBODY = "127.0.0.1:9"


SHARING = (
    "tests/e2e/",
    "tests/browser/",
    "tests/crash/test_random_kills.py",  # a copy of its own
    "tests/crash/",
    "tests/faults/",
)
"""Tests whose names begin alike share one running system."""


class _Spread(LoadScopeScheduling):  # type: ignore[misc]
    """Every test for itself, but those that share one running system, in one process."""

    def _split_scope(self, nodeid: str) -> str:
        return next(filter(nodeid.startswith, SHARING), nodeid)


def pytest_collection_finish() -> None:
    """
    Let the collector of garbage pass over all that is loaded by now.

    Going through it can take a busy machine two seconds: a workflow in which that
    happens would count as one that does not yield.
    """
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Spread:
    """Say how tests are dealt out to processes."""
    return _Spread(config, log)


def pytest_configure() -> None:
    """Refuse to leave out what has to be proven here."""
    if REQUIRED and CHROMIUM is None:
        raise pytest.UsageError(MISSING)


def pytest_report_header() -> list[str]:
    """Say what is left out, once, however many processes there are."""
    return [] if CHROMIUM else [LEFT_OUT]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Say on which databases a test runs."""
    if "database_url" in metafunc.fixturenames:
        asked = os.environ.get("RAPPORT_TEST_DATABASES")
        kinds = kinds_for(metafunc.definition.nodeid, asked)
        metafunc.parametrize("database_url", kinds, indirect=True)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that has seen every migration, to be copied: faster than migrating again."""
    file = tmp_path_factory.mktemp("template") / "rapport.db"
    migrate_in_thread(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The test run's own PostgreSQL."""
    with serve() as server:
        yield server


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where one test after the other has its file."""
    return tmp_path_factory.mktemp("database")


@pytest.fixture
def database_url(request: pytest.FixtureRequest, place: Path) -> Iterator[str]:
    """Where a database of the test's own is, empty but for its tables."""
    if request.param == POSTGRESQL:
        server: Server = request.getfixturevalue("postgres")
        with server.lend() as url:
            yield url
    else:
        for old in place.iterdir():
            old.unlink()
        shutil.copy(request.getfixturevalue("template"), place / "rapport.db")
        yield f"sqlite:///{place}/rapport.db"


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings of a copy of Rapport around which nothing runs."""
    return Settings(
        secret=SECRET,
        base_url="http://rapport.test",
        database_url=database_url,
        objects_url=(tmp_path / "objects").as_uri(),
        sandbox_url=f"http://{NOBODY}",
        smtp_url=f"smtp://{NOBODY}",
        temporal_ui_url="http://temporal.test",
        provider_give_up="3s",
        email_give_up="3s",
    )


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """That database, open."""
    database = _known(database_url)
    yield database
    await database.close()


@cache
def _known(url: str) -> Database:
    """One for each address: it has compiled its statements, which takes longer than most tests."""
    return WatchedDatabase(url)


@pytest.fixture(scope="session")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    """The real server; time is skipped only for a journey whose test asks for it."""
    async with server() as environment:
        yield environment


@pytest.fixture(scope="session")
async def builder() -> AsyncIterator[Builder]:
    """The process that builds reports; whoever needs one shares it."""
    async with Builder() as builder:
        yield builder


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
