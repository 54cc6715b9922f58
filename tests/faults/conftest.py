"""One copy of Rapport on PostgreSQL, and a proxy on each of its ways to others."""

import sysconfig
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from temporalio.testing import WorkflowEnvironment

from home import LOOPBACK
from tests.databases.postgres import OWNER, Server
from tests.e2e.running import COMMAND, Running
from tests.e2e.world import World
from tests.faults.proxy import Proxy, tcp, unix

TEMPORAL = Path(sysconfig.get_path("scripts")) / "temporal"
SETTINGS = (
    *("--dynamic-config-value", "history.transferProcessorMaxPollRPS=2000"),
    *("--dynamic-config-value", "system.forceSearchAttributesCacheRefreshOnRead=true"),
)


class Lines(NamedTuple):
    """The ways from Rapport to others."""

    database: Proxy
    temporal: Proxy
    smtp: Proxy
    sandbox: Proxy

    def settings(self, database: str) -> dict[str, str]:
        """Name them to Rapport."""
        address = f"{OWNER}@{LOOPBACK}:{self.database.port}/{database}"
        return {
            "RAPPORT_DATABASE_URL": f"postgresql+psycopg://{address}",
            "RAPPORT_SMTP_URL": f"smtp://{LOOPBACK}:{self.smtp.port}",
            "RAPPORT_SANDBOX_URL": f"http://{LOOPBACK}:{self.sandbox.port}",
        }


class OnLines(Running):
    """A copy whose Temporal server is somebody else's."""

    def __init__(self, home: Path, lines: Lines, database: str) -> None:
        address = f"{LOOPBACK}:{lines.temporal.port}"
        self.command = (COMMAND, "up", "--no-demo", "--temporal-address", address)
        super().__init__(home, **lines.settings(database))


@pytest.fixture(scope="session")
async def elsewhere() -> AsyncIterator[str]:
    """The address of a Temporal server."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(TEMPORAL), dev_server_extra_args=SETTINGS
    ) as environment:
        yield environment.client.service_client.config.target_host


class Copy(NamedTuple):
    """A running copy and its lines."""

    running: OnLines
    lines: Lines


@pytest.fixture(scope="session")
async def copy(
    tmp_path_factory: pytest.TempPathFactory, postgres: Server, elsewhere: str
) -> AsyncIterator[Copy]:
    socket = urlsplit(postgres.url("faults")).query.removeprefix("host=")
    postgres.make("faults")
    temporal = int(elsewhere.rpartition(":")[2])
    async with AsyncExitStack() as stack:
        lines = Lines(
            database=Proxy(unix(f"{socket}/.s.PGSQL.5432")),
            temporal=Proxy(tcp(lambda: temporal)),
            smtp=Proxy(tcp(lambda: running.ports["smtp"])),
            sandbox=Proxy(tcp(lambda: running.ports["sandbox"])),
        )
        for line in lines:
            await stack.enter_async_context(line)
        home = tmp_path_factory.mktemp("faults") / "home"
        running = OnLines(home, lines, "faults")
        stack.callback(running.end)
        await running.ready()
        yield Copy(running, lines)


@pytest.fixture(scope="session")
def lines(copy: Copy) -> Lines:
    return copy.lines


@pytest.fixture(scope="session")
async def world(copy: Copy, elsewhere: str) -> AsyncIterator[World]:
    async with World(copy.running) as world:
        world.temporal_address = elsewhere
        yield world
