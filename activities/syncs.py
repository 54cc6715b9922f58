"""Steps that read a company's books."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio import activity

from activities.edge import Steps
from activities.reading import Reader
from activities.reports import First, Publisher
from activities.uploads import NextPage, UploadedBooks
from domain.datasets import Dataset
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
from providers.base import Provider
from store import pages, syncs
from store.database import Database
from store.objects import Objects
from store.snapshots import Draft
from store.tables import CompanyRow, ConnectionRow, SyncRow

log = structlog.get_logger()


class SyncActivities:
    """Reads page by page, and publishes whole."""

    def __init__(
        self,
        database: Database,
        objects: Objects,
        providers: Mapping[str, Provider],
        reader: Reader,
        publisher: Publisher,
    ) -> None:
        self._database = database
        self._objects = objects
        self._providers = providers
        self._reader = reader
        self._publisher = publisher
        self._uploads = UploadedBooks(database, objects)

    @property
    def steps(self) -> Steps:
        """What a worker does of this."""
        return (self.begin_sync, self.read_books, self.publish_sync, self.end_sync)

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
        is stored again is the same object.
        """
        async with self._database.reading() as session:
            connection = await session.get(ConnectionRow, command.connection_id)
            todo = await pages.progress(session, command.sync_id)
        if connection is None or is_of_a_removal(connection.organization_id):
            raise Refused(Reason.ACCESS_REVOKED)
        async with self._books(command, connection) as next_page:
            for dataset in todo:
                await self._reader.read(command, next_page, dataset)
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
            provider = self._providers[software.provider]
            yield self._reader.from_software(connection.id, provider)

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


def _ending(command: PublishSync) -> First:
    """
    Return what lets readers see the data, unless the sync has ended otherwise meanwhile.

    It ends when they see it: building the reports may have taken long.
    """

    async def end(session: AsyncSession) -> bool:
        at = max(command.at, datetime.now(UTC))
        row = await syncs.end(session, EndSync(sync_id=command.sync_id, at=at))
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
