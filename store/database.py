"""One engine per process; one transaction per request or step."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from typing import Any, Final

from sqlalchemy import make_url
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from store.changes import NoticingSession, note_changes
from store.sqlite import sqlite_engine

_READING: Final[Mapping[str, Mapping[str, Any]]] = {
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
    "sqlite": {"reading": True},
}
_LIMITS: Final = "-c lock_timeout=30s -c idle_in_transaction_session_timeout=60s"
"""A process that hangs or lost its network keeps the others waiting no longer than this."""

_POSTGRES: Final[Mapping[str, Any]] = {
    "options": _LIMITS,
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""A server that is gone without a word is noticed within three quarters of a minute."""

PATIENCE: Final = 30.0
"""Seconds that a writer stands in line in its process, and then waits for the others."""

OUT_OF_REACH: Final = (OperationalError, InterfaceError, NoConnectionFree)
"""The database can't be reached, or can't write for now: worth another try."""


class Database:
    """Where transactions come from."""

    def __init__(self, url: str, *, patience: float = PATIENCE) -> None:
        self.url = url
        self.engine = _engine(url, patience)
        one_writes = self.engine.dialect.name == "sqlite"
        self._line = _Line(patience) if one_writes else nullcontext()
        self._writing = async_sessionmaker(
            self.engine,
            class_=AsyncSession,
            sync_session_class=NoticingSession,
            expire_on_commit=False,
        )
        self._reading = async_sessionmaker(
            self.engine.execution_options(**_READING[self.engine.dialect.name]),
            class_=AsyncSession,
            expire_on_commit=False,
        )

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """
        Commit when the block ends, roll back when it raises.

        On PostgreSQL a statement sees what was committed when it began: what is
        read to be written is locked first. On SQLite one transaction runs at a time.
        """
        async with self._line, self._writing.begin() as session:
            yield session
            await note_changes(session)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """One consistent view; it never waits for a writer."""
        async with self._reading.begin() as session:
            yield session

    async def close(self) -> None:
        """Give every connection back."""
        await self.engine.dispose()


class _Line:
    """
    Where writers of a process wait for SQLite's one turn.

    Its connections would else all ask again and again, whoever is lucky next, until
    one that never was gives up.
    """

    def __init__(self, patience: float) -> None:
        self._turn = asyncio.Lock()
        self._patience = patience

    async def __aenter__(self) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await self._turn.acquire()
        except TimeoutError:
            raise NoConnectionFree(
                "others wait to write, and none of them can"
            ) from None

    async def __aexit__(self, *_: object) -> None:
        self._turn.release()


def _engine(url: str, patience: float) -> AsyncEngine:
    """Make an engine whose errors quote no parameters: they hold names and addresses."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return sqlite_engine(address, patience)
    return create_async_engine(
        address,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args=dict(_POSTGRES),
    )
