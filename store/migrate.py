"""
Bring a database to the newest state; with a message, write the next step to it.

`python -m store.migrate "what changed"` compares the tables with what the
migrations make of an empty database, and writes the difference as a revision.
"""

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, func, make_url, select

from store.database import Database

TURN: Final = 7277_2678
"""Whoever holds this lock migrates."""

SCRIPTS: Final = Path(__file__).parent / "migrations"


async def migrate(url: str) -> None:
    """
    Run every migration that `url` has not seen, all in one transaction.

    Safe to run twice, at the same time too, and to be killed: the next run finds
    all or nothing done.
    """
    make_room(url)
    database = Database(url)
    try:
        async with database.engine.begin() as connection:
            await connection.run_sync(_upgrade)
    finally:
        await database.close()


def configuration(connection: Connection) -> Config:
    """Return Alembic's settings for work on `connection`."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":  # SQLite lets one in at a time
        connection.execute(select(func.pg_advisory_xact_lock(TURN)))
    command.upgrade(configuration(connection), "head")


def make_room(url: str) -> None:
    """SQLite makes a file, but not the folder that it is in."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)


async def write_revision(message: str) -> None:
    """Write the step from the newest migration to the tables as they are now."""

    def write(connection: Connection) -> None:
        config = configuration(connection)
        command.upgrade(config, "head")
        number = len(list((SCRIPTS / "versions").glob("*.py"))) + 1
        command.revision(config, message, autogenerate=True, rev_id=f"{number:04}")

    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/scratch.db")
        async with database.engine.begin() as connection:
            await connection.run_sync(write)
        await database.close()


if __name__ == "__main__":
    asyncio.run(write_revision(sys.argv[1]))
