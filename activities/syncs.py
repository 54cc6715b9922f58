"""Steps that read a company's books."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Final

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio import activity

from activities.access import Access
from activities.patience import LONGEST_WAIT_IN_PLACE, Failing, TryAgain, pause_after
from activities.reports import First, Publisher
from activities.uploads import NextPage, UploadedBooks
from domain.datasets import Dataset, Row
from domain.messages import (
    BeginSync,
    EndSync,
    PublishSync,
    ReadBooks,
    SyncBegun,
    SyncEnded,
    SyncState,
    Trigger,
)
from domain.reasons import Reason, Refused
from domain.removals import is_of_a_removal
from providers import SOFTWARE_BY_KEY
from providers.base import Page, Provider, Throttled, Unavailable
from store import pages, syncs
from store.database import Database
from store.objects import Objects
from store.snapshots import Draft, delete_unpublished
from store.states import DatasetState
from store.tables import CompanyRow, ConnectionRow, SyncDatasetRow, SyncRow

WORTH_STORING: Final = 2_000
"""Rows, of as many pages as it takes: to note them costs as much as to read some hundreds."""

log = structlog.get_logger()


class SyncActivities:
    """Reads page by page, and publishes whole."""

    def __init__(  # noqa: PLR0913 (all that a sync touches)
        self,
        database: Database,
        objects: Objects,
        providers: Mapping[str, Provider],
        access: Access,
        publisher: Publisher,
        *,
        give_up: timedelta,
        worth_storing: int = WORTH_STORING,
    ) -> None:
        self._database = database
        self._objects = objects
        self._providers = providers
        self._access = access
        self._publisher = publisher
        self._give_up = give_up
        self._worth_storing = worth_storing
        self._uploads = UploadedBooks(database, objects)

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
        Read every page of every dataset, and store them as they come.

        Safe to run twice: it goes on after the last pages that were noted, and what
        is stored again is the same object. What was read before, when only
        the reports could not be built, is not read again.
        """
        if command.begin is not None:
            begun = await self.begin_sync(command.begin)
            if begun.already_read:
                return SyncEnded(sync_id=command.sync_id)
        async with self._database.reading() as session:
            connection = await session.get(ConnectionRow, command.connection_id)
            todo = await pages.progress(session, command.sync_id)
        if connection is None or is_of_a_removal(connection.organization_id):
            raise Refused(Reason.ACCESS_REVOKED)
        async with self._books(command, connection) as next_page:
            for dataset in todo:
                await self._read(command, next_page, dataset)
        await self._insist_on_data(command.sync_id)
        return SyncEnded(sync_id=command.sync_id)

    @activity.defn
    async def publish_sync(self, command: PublishSync) -> SyncEnded:
        """
        Build the reports of what was read, and let readers see both at once.

        Safe to run twice: the first manifest and the first end stay, and reports that
        are up to date are left alone.
        """
        row = await self._row(command.sync_id)
        if row is not None and row.state is SyncState.RUNNING:
            await self._publish_manifest(row)
            await self._publisher.publish(
                row.company_id, command.at, arriving=row, first=_ending(command)
            )
            row = await self._row(command.sync_id)
        if row is None:
            return _gone(command.sync_id)
        if row.state is SyncState.SUCCEEDED and _is_on_its_own(row):
            await self._rebuild_reports_of_client(row)
        return _ended(row)

    @activity.defn
    async def end_sync(self, command: EndSync) -> SyncEnded:
        """
        Say why a sync has nothing new to show; data whose reports failed is shown all the same.

        Safe to run twice: the first manifest stays, and so does the first end.
        """
        row = await self._row(command.sync_id)
        if row is not None and command.reason in syncs.WITH_DATA:
            await self._publish_manifest(row)
        async with self._database.transaction() as session:
            row = await syncs.end(session, command)
            if row is None:
                return _gone(command.sync_id)
            if row.reason is Reason.REPORT_FAILED:
                await self._publisher.fail(session, row.company_id)
        return _ended(row)

    @asynccontextmanager
    async def _books(
        self, command: ReadBooks, connection: ConnectionRow
    ) -> AsyncIterator[NextPage]:
        """Open what the customer shares: an uploaded workbook, or the software."""
        if connection.upload is not None:
            async with self._uploads.open(connection, command.data_types) as next_page:
                yield next_page
        else:
            software = SOFTWARE_BY_KEY[connection.software or ""]
            yield partial(self._next_page, command, self._providers[software.provider])

    async def _insist_on_data(self, sync_id: str) -> None:
        """A company that has nothing but its name has no books."""
        async with self._database.reading() as session:
            read = await pages.progress(session, sync_id)
        if not any(
            row.records for row in read if row.dataset is not Dataset.COMPANY_INFO
        ):
            raise Refused(Reason.NO_DATA)

    async def _row(self, sync_id: str) -> SyncRow | None:
        async with self._database.reading() as session:
            return await session.get(SyncRow, sync_id)

    async def _publish_manifest(self, row: SyncRow) -> None:
        """Make a snapshot of what was read, unless there is nothing or it is one already."""
        over = row.state is not SyncState.RUNNING
        if over or row.connection_id is None or row.snapshot_sync_id is not None:
            return
        async with self._database.reading() as session:
            parts = await pages.parts(session, row.id)
        draft = Draft(self._objects, row.company_id, row.id)
        await draft.publish(row.started_at, parts)

    async def _rebuild_reports_of_client(self, row: SyncRow) -> None:
        """The reports of all legal entities together; that they fail is no matter of this sync."""
        async with self._database.reading() as session:
            company = await session.get(CompanyRow, row.company_id)
        if company is None or company.parent_id is None:
            return
        try:
            await self._publisher.publish(company.parent_id, datetime.now(UTC))
        except Refused:
            async with self._database.transaction() as session:
                await self._publisher.fail(session, company.parent_id)

    async def _read(
        self, command: ReadBooks, next_page: NextPage, row: SyncDatasetRow
    ) -> None:
        """Read one dataset on from the page that was noted last."""
        if row.state is DatasetState.DONE:
            return
        read = self._gathered(next_page, row.dataset, row.cursor)
        async with aclosing(read) as all_pages:
            number = row.pages
            async for page in all_pages:
                await self._store(command, row.dataset, number, page)
                number += 1

    async def _gathered(
        self, next_page: NextPage, dataset: Dataset, cursor: str | None
    ) -> AsyncGenerator[Page, None]:
        """
        Read pages, and give as many at once as are worth storing.

        Those before one that does not come, too: it is asked for again later.
        """
        held: list[Row] = []
        for number in count(1):
            activity.heartbeat(dataset, number)
            try:
                page = await next_page(dataset, cursor)
            except TryAgain:
                if held:
                    yield Page(held, cursor, None)
                raise
            held, cursor = [*held, *page.rows], page.next_cursor
            if cursor is None or len(held) >= self._worth_storing:
                yield page._replace(rows=held)
                held = []
            if cursor is None:
                return

    async def _store(
        self, command: ReadBooks, dataset: Dataset, number: int, page: Page
    ) -> None:
        """
        Store rows, then note them: what is noted is there.

        Where the company was deleted meanwhile, nothing of it stays.
        """
        draft = Draft(self._objects, command.company_id, command.sync_id)
        part = await draft.write(dataset, number, page.rows)
        async with self._database.transaction() as session:
            stands = await pages.note_page(
                session, command.sync_id, part, page.next_cursor
            )
        if not stands:
            await delete_unpublished(self._objects, command.company_id, command.sync_id)
            raise Refused(Reason.ACCESS_REVOKED)

    async def _next_page(
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
            row = await session.get(SyncRow, command.sync_id, with_for_update=True)
            if row is None:  # its company was deleted meanwhile
                raise Refused(Reason.ACCESS_REVOKED)
            failing = Failing(row.failures, timedelta(milliseconds=row.failing_for_ms))
            pause = pause_after(failing, self._give_up)
            if pause is None:
                raise Refused(Reason.PROVIDER_UNAVAILABLE)
            failing = failing.again(took, pause)
            await pages.note_failing(
                session, command.sync_id, failing.times, failing.time
            )
        raise TryAgain("the accounting software does not answer", pause)


def _ending(command: PublishSync) -> First:
    """Return what lets readers see the data, unless the sync has ended otherwise meanwhile."""

    async def end(session: AsyncSession) -> bool:
        row = await syncs.end(session, EndSync(sync_id=command.sync_id, at=command.at))
        return row is not None and row.state is SyncState.SUCCEEDED

    return end


def _is_on_its_own(row: SyncRow) -> bool:
    """Whether nobody else builds its client's reports when everything is read."""
    return row.trigger is not Trigger.JOURNEY and row.parent_sync_id is None


def _gone(sync_id: str) -> SyncEnded:
    """Its company was deleted meanwhile: there is nothing left to say it of."""
    return SyncEnded(sync_id=sync_id, reason=Reason.ACCESS_REVOKED)


def _ended(row: SyncRow) -> SyncEnded:
    log.info("sync.ended", sync=row.id, reason=row.reason)
    return SyncEnded(
        sync_id=row.id, reason=row.reason, detail=row.detail, retry_at=row.retry_at
    )
