"""
SQLite without a thread: a statement runs where it is asked for.

What Rapport asks of SQLite takes it some microseconds. Handing that to a thread, and its
answer back, takes ten times as long as all of SQLAlchemy (docs/decisions/0013).
"""

import asyncio
import sqlite3
import time
from typing import Any, Final, Self

from sqlalchemy import URL, AsyncAdaptedQueuePool, Connection, Pool, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import await_

_NAME: Final = "sqlite.inline"
_PATIENT: Final = "PRAGMA busy_timeout=1000"
"""Milliseconds: where another process has just begun or ended, SQLite may have to wait for it."""

_IMPATIENT: Final = "PRAGMA busy_timeout=0"
_PRAGMAS: Final = (
    _PATIENT,
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
)
_PAUSE: Final = 0.005
"""Seconds between two looks whether it is over: about the length of a transaction."""

_PRIMARY: Final = 0xFF
"""The part of SQLite's extended error codes that says what it is."""


class _Cursor(sqlite3.Cursor):
    """What SQLAlchemy expects of a cursor whose statements are awaited."""

    def execute(self, *statement: Any) -> Self:
        """Run a statement; SQLAlchemy insists that something is awaited for it."""
        await_(_nothing())
        return super().execute(*statement)

    def executemany(self, *statement: Any) -> Self:
        """Run a statement for each set of parameters."""
        await_(_nothing())
        return super().executemany(*statement)

    async def _async_soft_close(self) -> None:
        """
        Stay open: rows are fetched when they are asked for, without waiting.

        A result that nobody reads to its end is closed with its transaction.
        """


class _Connection(sqlite3.Connection):
    def cursor(self, factory: Any = _Cursor) -> Any:
        """Return a cursor for SQLAlchemy."""
        return super().cursor(factory)


async def _nothing() -> None:
    """Take no time."""


class InlineDialect(SQLiteDialect_pysqlite):
    """Python's own driver, for an engine whose connections are awaited."""

    driver = "inline"
    is_async = True
    supports_statement_cache = True

    @classmethod
    def get_pool_class(cls, url: URL) -> type[Pool]:
        """Return the pool whose waiting is awaited, too."""
        del url
        return AsyncAdaptedQueuePool


def sqlite_engine(url: URL, patience: float) -> AsyncEngine:
    """
    Make an engine for the file that `url` names, whichever driver it names.

    A connection with the execution option `reading` begins without a turn to write; any
    other waits for one, at most `patience` seconds, then raises an `OperationalError`.
    """

    def begin(connection: Connection) -> None:
        _begin(connection, patience)

    registry.register(_NAME, __name__, InlineDialect.__name__)
    engine = create_async_engine(
        url.set(drivername=_NAME.replace(".", "+")),
        hide_parameters=True,
        connect_args={"factory": _Connection},
    )
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", begin)
    return engine


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    """Leave BEGIN to us: the driver would begin late, and a reader that writes would fail."""
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection, patience: float) -> None:
    """Begin; a writer does when no other process has its turn, and holds nobody up meanwhile."""
    if connection.get_execution_options().get("reading", False):
        connection.exec_driver_sql("BEGIN")
        return
    driver: Any = connection.connection.driver_connection
    driver.execute(_IMPATIENT)
    try:
        _take_turn(connection, until=time.monotonic() + patience)
    finally:
        driver.execute(_PATIENT)


def _take_turn(connection: Connection, until: float) -> None:
    while True:
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except OperationalError as error:
            if not _is_busy(error.orig) or time.monotonic() > until:
                raise
        else:
            return
        await_(asyncio.sleep(_PAUSE))


def _is_busy(error: BaseException | None) -> bool:
    return (
        isinstance(error, sqlite3.OperationalError)
        and error.sqlite_errorcode & _PRIMARY == sqlite3.SQLITE_BUSY
    )
