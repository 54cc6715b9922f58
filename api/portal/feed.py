"""One look at the store for all pages that this process keeps open."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from store.changes import LATE, changes, last_change
from store.database import Database

EVERY: Final = 0.4
"""Seconds between two looks."""

log = structlog.get_logger(__name__)


class Follower:
    """One open page: it waits until something changed, and hears of what."""

    def __init__(self) -> None:
        self._changed: set[str] = set()
        self._told = asyncio.Event()

    def tell(self, company_ids: set[str]) -> None:
        """Say that these clients changed."""
        self._changed |= company_ids
        self._told.set()

    async def changed(self, patience: float) -> frozenset[str]:
        """Return which clients changed since the last call; none after so many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._told.wait()
        self._told.clear()
        found, self._changed = frozenset(self._changed), set()
        return found


class _Reading:
    """What was seen of one organization: a change is news when its time is another one."""

    def __init__(self, last: datetime) -> None:
        self._last = last
        self._seen: dict[str, datetime] = {}

    async def news(self, database: Database, organization_id: str) -> set[str]:
        """Look again, a little back too: who began earlier may show its change later."""
        since = self._last - LATE
        async with database.reading() as session:
            rows = await changes(session, organization_id, since)
        news = {
            row.company_id for row in rows if self._seen.get(row.company_id) != row.at
        }
        self._seen = {row.company_id: row.at for row in rows}
        self._last = max([self._last, *(row.at for row in rows)])
        return news


class Feed:
    """Looks only while somebody follows."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._followers: dict[str, set[Follower]] = {}
        self._readings: dict[str, _Reading] = {}
        self._looking: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def following(self, organization_id: str) -> AsyncIterator[Follower]:
        """Follow one organization's companies."""
        follower = Follower()
        if organization_id not in self._readings:
            self._readings[organization_id] = await self._first(organization_id)
        self._followers.setdefault(organization_id, set()).add(follower)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        try:
            yield follower
        finally:
            await self._leave(organization_id, follower)

    async def _first(self, organization_id: str) -> _Reading:
        async with self._database.reading() as session:
            last = await last_change(session, organization_id)
        reading = _Reading(last or datetime.now(UTC))
        await reading.news(self._database, organization_id)
        return reading

    async def _leave(self, organization_id: str, follower: Follower) -> None:
        followers = self._followers[organization_id]
        followers.discard(follower)
        if not followers:
            del self._followers[organization_id]
            self._readings.pop(organization_id, None)
        if not self._followers and self._looking is not None:
            self._looking.cancel()
            self._looking = None

    async def _look(self) -> None:
        while True:
            for organization_id in list(self._followers):
                await self._tell(organization_id)
            await asyncio.sleep(EVERY)

    async def _tell(self, organization_id: str) -> None:
        """A store that is away for a moment ends no page: the next look finds what was missed."""
        try:
            news = await self._readings[organization_id].news(
                self._database, organization_id
            )
        except (SQLAlchemyError, OSError) as error:
            log.warning("portal.feed_failed", error=type(error).__name__)
            return
        for follower in self._followers.get(organization_id, ()) if news else ():
            follower.tell(news)
