"""Steps that read a company's books."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

import structlog
from temporalio import activity

from activities.access import Access
from activities.patience import LONGEST_WAIT_IN_PLACE, Failing, TryAgain, pause_after
from domain.datasets import Dataset
from domain.messages import (
    BeginSync,
    EndSync,
    ReadBooks,
    SyncBegun,
    SyncEnded,
    SyncState,
)
from domain.reasons import Reason, Refused
from providers import SOFTWARE_BY_KEY
from providers.base import Page, Provider, Throttled, Unavailable
from store import pages, syncs
from store.database import Database
from store.objects import Objects
from store.snapshots import Draft
from store.states import DatasetState
from store.tables import ConnectionRow, SyncDatasetRow, SyncRow

HEARTBEAT_EVERY: Final = 5.0

log = structlog.get_logger()


class SyncActivities:
    """Reads page by page, and publishes whole."""

    def __init__(
        self,
        database: Database,
        objects: Objects,
        providers: Mapping[str, Provider],
        access: Access,
        *,
        give_up: timedelta,
    ) -> None:
        self._database = database
        self._objects = objects
        self._providers = providers
        self._access = access
        self._give_up = give_up

    @activity.defn
    async def begin_sync(self, command: BeginSync) -> SyncBegun:
        """
        Show that a sync runs, and say what it has to read.

        Safe to run twice: the rows are made once, and found again.
        """
        async with self._database.transaction() as session:
            return await syncs.begin(session, command)

    @activity.defn
    async def read_books(self, command: ReadBooks) -> SyncEnded:
        """
        Read every page of every dataset, and store each as it comes.

        Safe to run twice: it goes on after the last page that was noted, and a
        page that is stored again is the same object.
        """
        async with self._database.reading() as session:
            connection = await session.get(ConnectionRow, command.connection_id)
            todo = await pages.progress(session, command.sync_id)
        if connection is None:  # removed meanwhile
            raise Refused(Reason.ACCESS_REVOKED)
        reading = _Reading(self, command, self._provider(connection))
        async with _heartbeats(reading):
            for dataset in todo:
                await reading.dataset(dataset)
        await self._insist_on_data(command.sync_id)
        return SyncEnded(sync_id=command.sync_id)

    @activity.defn
    async def end_sync(self, command: EndSync) -> SyncEnded:
        """
        Publish what was read, or say why there is nothing to publish.

        Safe to run twice: the first manifest stays, and so does the first end.
        """
        if command.reason is None:
            await self._publish(command)
        async with self._database.transaction() as session:
            row = await syncs.end(session, command)
        log.info("sync.ended", sync=row.id, reason=row.reason)
        return SyncEnded(
            sync_id=row.id, reason=row.reason, detail=row.detail, retry_at=row.retry_at
        )

    def _provider(self, connection: ConnectionRow) -> Provider:
        software = SOFTWARE_BY_KEY[connection.software or ""]
        return self._providers[software.provider]

    async def _insist_on_data(self, sync_id: str) -> None:
        """A company that has nothing but its name has no books."""
        async with self._database.reading() as session:
            read = await pages.progress(session, sync_id)
        if not any(
            row.records for row in read if row.dataset is not Dataset.COMPANY_INFO
        ):
            raise Refused(Reason.NO_DATA)

    async def _publish(self, command: EndSync) -> None:
        async with self._database.reading() as session:
            row = await session.get_one(SyncRow, command.sync_id)
            parts = await pages.parts(session, command.sync_id)
        if row.connection_id is not None and row.state is SyncState.RUNNING:
            draft = Draft(self._objects, row.company_id, row.id)
            await draft.publish(row.started_at, parts)

    async def store_page(
        self, command: ReadBooks, dataset: Dataset, number: int, page: Page
    ) -> None:
        """Store a page's rows, then note it: a page that is noted is there."""
        draft = Draft(self._objects, command.company_id, command.sync_id)
        part = await draft.write(dataset, number, page.rows)
        async with self._database.transaction() as session:
            await pages.note_page(session, command.sync_id, part, page.next_cursor)

    async def next_page(
        self,
        command: ReadBooks,
        provider: Provider,
        dataset: Dataset,
        cursor: str | None,
    ) -> Page:
        """Ask for a page until it comes, as long as the software's answers allow."""
        while True:
            started = time.monotonic()
            try:
                return await self._ask(command, provider, dataset, cursor)
            except Throttled as throttled:
                if throttled.retry_after > LONGEST_WAIT_IN_PLACE:
                    raise Refused(
                        Reason.RATE_LIMITED, retry_after=throttled.retry_after
                    ) from None
                await asyncio.sleep(throttled.retry_after.total_seconds())
            except Unavailable:
                await self._later(
                    command, timedelta(seconds=time.monotonic() - started)
                )

    async def _ask(
        self,
        command: ReadBooks,
        provider: Provider,
        dataset: Dataset,
        cursor: str | None,
    ) -> Page:
        """A token that the software no longer takes is renewed once before that is final."""
        token = await self._access.token(command.connection_id, provider)
        try:
            return await provider.read_page(token, dataset, cursor)
        except Refused as refused:
            if refused.reason is not Reason.ACCESS_REVOKED:
                raise
        token = await self._access.renewed(command.connection_id, provider, token)
        return await provider.read_page(token, dataset, cursor)

    async def _later(self, command: ReadBooks, took: timedelta) -> None:
        async with self._database.transaction() as session:
            row = await session.get_one(SyncRow, command.sync_id)
            failing = Failing(row.failures, timedelta(milliseconds=row.failing_for_ms))
            pause = pause_after(failing, self._give_up)
            if pause is None:
                raise Refused(Reason.PROVIDER_UNAVAILABLE)
            failing = failing.again(took, pause)
            await pages.note_failing(
                session, command.sync_id, failing.times, failing.time
            )
        raise TryAgain("the accounting software does not answer", pause)


class _Reading:
    """One try at reading a company's books, and where it is."""

    def __init__(
        self, steps: SyncActivities, command: ReadBooks, provider: Provider
    ) -> None:
        self._steps, self._command, self._provider = steps, command, provider
        self.place: tuple[str, int] = ("", 0)

    async def dataset(self, row: SyncDatasetRow) -> None:
        """Read one dataset on from the page that was noted last."""
        number, cursor = row.pages, row.cursor
        if row.state is DatasetState.DONE:
            return
        while True:
            self.place = (row.dataset, number + 1)
            activity.heartbeat(*self.place)
            page = await self._steps.next_page(
                self._command, self._provider, row.dataset, cursor
            )
            await self._steps.store_page(self._command, row.dataset, number, page)
            number += 1
            cursor = page.next_cursor
            if cursor is None:
                return


@asynccontextmanager
async def _heartbeats(reading: _Reading) -> AsyncIterator[None]:
    """Say that this worker lives, also while the software keeps it waiting."""

    async def beat() -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_EVERY)
            activity.heartbeat(*reading.place)

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
