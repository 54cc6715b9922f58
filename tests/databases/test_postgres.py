"""The tests' own PostgreSQL: nobody has to set it up, and nobody has to clean up after it."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from temporalio.testing import WorkflowEnvironment

from store.database import Database
from store.tables import CompanyRow
from tests.activities.given import a_company, given
from tests.databases.overlap import all_of
from tests.databases.postgres import Server

HOLD = """
import signal
import time
signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background it is ignored
from tests.databases.postgres import serve
with serve() as server:
    print(server.folder, flush=True)
    time.sleep(600)
"""


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_database_is_lent_without_rows(postgres: Server) -> None:
    """
    Also when somebody who had it before is still in it, with locks.
    """
    with postgres.lend() as url:
        database = Database(url)
        await given(database, a_company())
        stays = psycopg.connect(url.replace("+psycopg", ""))
        stays.execute("LOCK TABLE companies")
        await database.close()
    stays.close()

    with postgres.lend() as again:
        database = Database(again)
        rows = await all_of(database, CompanyRow)
        await database.close()
    assert (url, []) == (again, rows)


@pytest.mark.parametrize("ended", [signal.SIGKILL, signal.SIGINT])
def test_nothing_is_left_when_the_tests_end(ended: signal.Signals) -> None:
    """
    However they end: no file, no process. The test's own timeout says how long it may take.
    """
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as holder:
        assert holder.stdout is not None
        folder = Path(holder.stdout.readline().decode().strip())
        server = int((folder / "data/postmaster.pid").read_text().split()[0])
        holder.send_signal(ended)

    while folder.exists() or is_running(server):
        time.sleep(0.05)

    assert (False, False) == (folder.exists(), is_running(server))


async def test_rapport_migrate_makes_a_postgresql_database_ready(
    temporal: WorkflowEnvironment, postgres: Server, tmp_path: Path
) -> None:
    """
    It may run anew, and in two places at once: there is one organization.
    """
    (tmp_path / "key").write_text("a key of the tests")
    postgres.make("made_by_command")
    environment = {
        **os.environ,
        "RAPPORT_SECRET": "a secret of the tests, long enough",
        "RAPPORT_DATABASE_URL": postgres.url("made_by_command"),
        "TEMPORAL_ADDRESS": temporal.client.service_client.config.target_host,
    }
    command = (sys.executable, "-m", "cli", "migrate", "--organization", "First Bank")

    processes = [
        await asyncio.create_subprocess_exec(
            *command, "--api-key-file", str(tmp_path / "key"), env=environment
        )
        for _ in range(2)
    ]

    assert [0, 0] == [await process.wait() for process in processes]
    with postgres.connect("made_by_command") as connection:
        names = connection.execute("SELECT name FROM organizations").fetchall()
    postgres.drop("made_by_command")
    assert [("First Bank",)] == names
