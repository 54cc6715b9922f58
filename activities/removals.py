"""Steps that take a company away, with everything that is known of it."""

from collections.abc import Sequence
from datetime import UTC, datetime

import structlog
from temporalio import activity

from activities.connections import ConnectionActivities
from activities.edge import Steps
from activities.ending import Ending
from domain.messages import GiveBack, RemoveCompany, RevokeConnection, ToGiveBack
from domain.removals import Step
from store import clearing, receipts, removals, uploads
from store.database import Database
from store.objects import Objects
from store.reports import FOLDER as REPORTS
from store.snapshots import FOLDER as SNAPSHOTS
from store.tables import RemovalRow

log = structlog.get_logger()


class RemovalActivities:
    """Each step looks for what is left, and deletes it: so each may run twice."""

    def __init__(
        self,
        database: Database,
        objects: Objects,
        ending: Ending,
        connections: ConnectionActivities,
    ) -> None:
        self._database = database
        self._objects = objects
        self._ending = ending
        self._connections = connections

    @property
    def steps(self) -> Steps:
        """What a worker does of this."""
        return (
            self.end_journeys,
            self.stop_work,
            self.list_connections,
            self.give_back_for_good,
            self.give_up,
            self.end_giving_back,
            self.delete_files,
            self.delete_records,
            self.look_once_more,
            self.close_receipt,
        )

    @activity.defn
    async def end_journeys(self, command: RemoveCompany) -> None:
        """
        End what is open: no link works, no email goes out, nothing new is begun.

        Safe to run twice: a journey that is over stays so.
        """
        now = datetime.now(UTC)
        async with self._database.transaction() as session:
            row = await session.get_one(
                RemovalRow, command.removal_id, with_for_update=True
            )
            await removals.take_over(session, row, now)
            await receipts.begin_step(
                session, row.id, Step.JOURNEYS, now, len(row.journeys)
            )
        for done, journey_id in enumerate(row.journeys, start=1):
            activity.heartbeat(journey_id)
            await self._ending.journey(journey_id)
            await self._count(command, Step.JOURNEYS, len(row.journeys) - done)
        await self._done(command, Step.JOURNEYS)

    @activity.defn
    async def stop_work(self, command: RemoveCompany) -> None:
        """
        Cancel what reads the books or builds reports, and wait until it is over.

        Safe to run twice: what is over stays so.
        """
        row = await self._removal(command)
        async with self._database.reading() as session:
            works = [
                *await clearing.connections(session, row.id),
                *(f"sync-{each}" for each in row.companies),
                *(f"reports-{each}" for each in row.companies),
            ]
        await self._begin(command, Step.WORK, len(works))
        for workflow_id in works:
            activity.heartbeat(workflow_id)
            await self._ending.cancel(workflow_id)
        for workflow_id in works:
            activity.heartbeat(workflow_id)
            await self._ending.insist(workflow_id)
        await self._done(command, Step.WORK)

    @activity.defn
    async def list_connections(self, command: RemoveCompany) -> ToGiveBack:
        """
        Name the connections whose tokens are still there.

        Safe to run twice: it only looks.
        """
        async with self._database.reading() as session:
            ids = await clearing.to_give_back(session, command.removal_id)
        await self._begin(command, Step.CONNECTIONS, len(ids))
        return ToGiveBack(connection_ids=tuple(ids))

    @activity.defn
    async def give_back_for_good(self, command: GiveBack) -> None:
        """
        Tell the provider that the access has ended, then forget the connection.

        Safe to run twice: a token that is dead already is fine with the provider.
        """
        revoke = RevokeConnection(connection_id=command.connection_id)
        await self._connections.shut(revoke)
        await self._connections.give_back(revoke)
        await self._forget(command, told=True)

    @activity.defn
    async def give_up(self, command: GiveBack) -> None:
        """
        Forget tokens of which the provider could not be told, and say so in the receipt.

        Safe to run twice: a connection that is forgotten is named once.
        """
        await self._forget(command, told=False)

    @activity.defn
    async def end_giving_back(self, command: RemoveCompany) -> None:
        """
        Show that every connection is given back, or given up.

        Safe to run twice: the first time stays.
        """
        await self._done(command, Step.CONNECTIONS)

    @activity.defn
    async def delete_files(self, command: RemoveCompany) -> None:
        """
        Delete every file, counted before the first one goes.

        Safe to run twice: what is gone is gone, and the first count stays.
        """
        row = await self._removal(command)
        folders = _folders(row)
        await self._begin(command, Step.FILES, len(folders))
        count = 0
        for folder in folders:
            activity.heartbeat(folder)
            count += len(await self._objects.keys(folder))
        async with self._database.transaction() as session:
            await receipts.note_files(session, row.id, count)
        await self._delete_folders(command, folders)
        await self._done(command, Step.FILES)

    @activity.defn
    async def delete_records(self, command: RemoveCompany) -> None:
        """
        Delete every row, the companies and journeys themselves first.

        Safe to run twice: what is gone is gone.
        """
        row = await self._removal(command)
        await self._begin(command, Step.RECORDS, len(row.journeys) + len(row.companies))
        await self._clear(row)
        await self._done(command, Step.RECORDS)

    @activity.defn
    async def look_once_more(self, command: RemoveCompany) -> None:
        """
        Delete what was written by somebody who had asked before it all began.

        Safe to run twice: what is gone is gone.
        """
        row = await self._removal(command)
        await self._begin(command, Step.CHECK, 1)
        for folder in _folders(row):
            activity.heartbeat(folder)
            await self._objects.delete_folder(folder)
        await self._clear(row)
        await self._done(command, Step.CHECK)

    @activity.defn
    async def close_receipt(self, command: RemoveCompany) -> None:
        """
        Say when it was all done.

        Safe to run twice: the first time stays.
        """
        async with self._database.transaction() as session:
            await receipts.end(session, command.removal_id, datetime.now(UTC))
        log.info("company.removed", removal=command.removal_id)

    async def _forget(self, command: GiveBack, *, told: bool) -> None:
        async with self._database.transaction() as session:
            software = await clearing.forget_connection(session, command.connection_id)
            if software is not None and not told:
                await receipts.note_unrevoked(
                    session, command.removal_id, command.connection_id, software
                )
            left = await clearing.to_give_back(session, command.removal_id)
            await receipts.count_step(
                session, command.removal_id, Step.CONNECTIONS, len(left)
            )

    async def _delete_folders(
        self, command: RemoveCompany, folders: Sequence[str]
    ) -> None:
        for done, folder in enumerate(folders, start=1):
            activity.heartbeat(folder)
            await self._objects.delete_folder(folder)
            await self._count(command, Step.FILES, len(folders) - done)

    async def _clear(self, row: RemovalRow) -> None:
        """A few at a time, so that nobody else waits long; heads first, in all of them."""
        ids = [*row.journeys, *row.companies]
        for some in clearing.batches(ids):
            async with self._database.transaction() as session:
                await clearing.forget_heads(session, some)
        for some in clearing.batches(ids):
            activity.heartbeat(some[0])
            async with self._database.transaction() as session:
                await clearing.clear(session, some)
        async with self._database.transaction() as session:
            await clearing.clear_answers(session, row.organization_id, ids)

    async def _removal(self, command: RemoveCompany) -> RemovalRow:
        async with self._database.reading() as session:
            return await session.get_one(RemovalRow, command.removal_id)

    async def _begin(self, command: RemoveCompany, step: Step, total: int) -> None:
        async with self._database.transaction() as session:
            await receipts.begin_step(
                session, command.removal_id, step, datetime.now(UTC), total
            )

    async def _count(self, command: RemoveCompany, step: Step, left: int) -> None:
        async with self._database.transaction() as session:
            await receipts.count_step(session, command.removal_id, step, left)

    async def _done(self, command: RemoveCompany, step: Step) -> None:
        async with self._database.transaction() as session:
            await receipts.end_step(
                session, command.removal_id, step, datetime.now(UTC)
            )
        log.info("removal.step_done", removal=command.removal_id, removal_step=step)


def _folders(row: RemovalRow) -> list[str]:
    """Return where the files of a removal are."""
    of_companies = (
        f"{place}/{company_id}"
        for company_id in row.companies
        for place in (SNAPSHOTS, REPORTS)
    )
    return [*of_companies, *(uploads.folder_of(each) for each in row.journeys)]
