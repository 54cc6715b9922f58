import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect
from sqlmodel import select

from store import migrate as migrations
from store.database import Database
from store.migrate import configuration, make_room, migrate, write_revision
from store.tables import CompanyRow, Table
from tests.activities.given import a_company, a_connection, given
from tests.databases.choice import BOTH, SQLITE
from tests.databases.postgres import Server


async def names(url: str) -> set[str]:
    database = Database(url)
    async with database.engine.connect() as connection:
        found = await connection.run_sync(lambda each: inspect(each).get_table_names())
    await database.close()
    return set(found)


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where nothing is yet: not even the folder, or no table in a database."""
    if request.param == SQLITE:
        yield f"sqlite:///{tmp_path}/new folder/rapport.db"
        return
    server: Server = request.getfixturevalue("postgres")
    server.make("nothing_yet")
    yield server.url("nothing_yet")
    server.drop("nothing_yet")


async def test_the_migrations_make_the_tables(url: str) -> None:
    """
    A new database, in a folder that is made for it, ends up as `store/tables.py` says.
    """
    await migrate(url)

    database = Database(url)
    async with database.engine.connect() as connection:
        differences = await connection.run_sync(
            lambda each: compare_metadata(
                MigrationContext.configure(each), Table.metadata
            )
        )
    await database.close()
    assert [] == differences
    assert {*Table.metadata.tables, "alembic_version"} == await names(url)


async def test_migrating_twice_is_migrating_once(url: str) -> None:
    """
    A database that is up to date is left alone, even by two at once.
    """
    await migrate(url)
    await asyncio.gather(migrate(url), migrate(url))

    assert set(Table.metadata.tables) < await names(url)


async def test_nothing_is_left_that_only_one_database_knows(url: str) -> None:
    """
    Step by step, down and up again, a database that is in use keeps its rows.
    """
    await migrate(url)
    database = Database(url)
    await given(database, a_company(), a_connection())

    async with database.engine.begin() as connection:
        await connection.run_sync(
            lambda each: command.downgrade(configuration(each), "0001")
        )
    await migrate(url)

    async with database.reading() as session:
        (company,) = (await session.exec(select(CompanyRow))).all()
    await database.close()
    assert a_company().model_dump() == company.model_dump()


async def test_a_migration_that_fails_leaves_nothing_behind(url: str) -> None:
    """
    All steps are one transaction: a crash half way is no half-made database.
    """
    make_room(url)
    database = Database(url)

    def upgrade_and_fail(connection: Connection) -> None:
        command.upgrade(configuration(connection), "head")
        raise InterruptedError

    with pytest.raises(InterruptedError):
        async with database.engine.begin() as connection:
            await connection.run_sync(upgrade_and_fail)
    await database.close()

    assert set() == await names(url)


async def test_every_step_can_be_taken_back(url: str) -> None:
    """
    Down to nothing, and up again.
    """
    await migrate(url)
    database = Database(url)

    async with database.engine.begin() as connection:
        await connection.run_sync(
            lambda each: command.downgrade(configuration(each), "base")
        )
    below = await names(url)
    await database.close()
    await migrate(url)

    assert {"alembic_version"} == below
    assert set(Table.metadata.tables) < await names(url)


async def test_readers_do_not_wait_for_a_writer(tmp_path: Path) -> None:
    """
    The file is in WAL mode from the beginning.
    """
    await migrate(f"sqlite:///{tmp_path}/rapport.db")

    with sqlite3.connect(tmp_path / "rapport.db") as connection:
        (mode,) = connection.execute("pragma journal_mode").fetchone()
    connection.close()

    assert "wal" == mode


async def test_the_next_step_is_written_from_the_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A revision is numbered, holds plain SQLAlchemy only, and makes the tables.
    """
    scripts = tmp_path / "migrations"
    (scripts / "versions").mkdir(parents=True)
    for name in ("env.py", "script.py.mako"):
        (scripts / name).write_bytes((migrations.SCRIPTS / name).read_bytes())
    monkeypatch.setattr(migrations, "SCRIPTS", scripts)

    await write_revision("What changed")

    (revision,) = (scripts / "versions").glob("*.py")
    assert "0001_what_changed.py" == revision.name
    assert "create_table" in revision.read_text()
    assert "store." not in revision.read_text()
