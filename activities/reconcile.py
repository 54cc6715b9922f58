"""Steps that bring the store and Temporal in line after a crash, a terminate or a reset."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from temporalio import activity
from temporalio.client import (
    Client,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
)
from temporalio.service import RPCError

from activities.edge import Steps
from activities.mirror import Mirror
from domain.ids import Kind, derived_id
from domain.messages import EndSync, RemoveCompany, RunSync, Sweep, Trigger
from domain.reasons import Reason
from domain.state import Journey
from store import receipts, sweeps, syncs, uploads
from store.database import Database
from store.objects import Objects
from store.reports import FOLDER
from store.snapshots import delete_snapshot
from store.tables import ReportBuildRow, SyncRow, UploadRow

SETTLING: Final = timedelta(seconds=15)
"""A row is this old before its missing workflow is somebody else's business."""

BATCH: Final = 100
READERS_LEAVE_WITHIN: Final = timedelta(hours=1)
MOVES_RECORDED_WITHIN: Final = timedelta(days=1)
"""From the moment in which a customer's file is stored to that in which its journey shows it."""

HELD_AT_MOST: Final = timedelta(seconds=2)

UNANSWERED: Final = (RPCError, WorkflowQueryFailedError, WorkflowQueryRejectedError)
"""One workflow that can't answer now keeps no other one waiting."""

StartJourney = Callable[[Client, Journey], Awaitable[bool]]
StartSync = Callable[[Client, RunSync], Awaitable[bool]]
StartBuild = Callable[[Client, str], Awaitable[None]]
StartRemoval = Callable[[Client, RemoveCompany], Awaitable[bool]]

log = structlog.get_logger()


class ReconcileActivities:
    """Each sweep looks at a bounded number of rows, and may run twice."""

    def __init__(  # noqa: PLR0913 (all that can be put right)
        self,
        database: Database,
        objects: Objects,
        client: Client,
        *,
        start_journey: StartJourney,
        start_sync: StartSync,
        start_build: StartBuild,
        start_removal: StartRemoval,
    ) -> None:
        self._database = database
        self._objects = objects
        self._client = client
        self._mirror = Mirror(database, client)
        self._start_journey = start_journey
        self._start_sync = start_sync
        self._start_build = start_build
        self._start_removal = start_removal

    @property
    def steps(self) -> Steps:
        """What a worker does of this."""
        return (
            self.start_journeys,
            self.start_removals,
            self.mirror_journeys,
            self.mirror_syncs,
            self.retry_syncs,
            self.rebuild_reports,
            self.sweep_objects,
        )

    @activity.defn
    async def start_journeys(self, sweep: Sweep) -> None:
        """
        Start each journey whose row was written and whose workflow was not started.

        Safe to run twice: a workflow id is used once.
        """
        async with self._database.reading() as session:
            waiting = await sweeps.unstarted(session, sweep.at - SETTLING, BATCH)
        for journey in waiting:
            if await self._start_journey(self._client, journey):
                log.info("reconcile.started", journey=journey.id)

    @activity.defn
    async def start_removals(self, sweep: Sweep) -> None:
        """
        Start each removal that is not finished and that nobody works on.

        Safe to run twice: a company is removed by one workflow at a time.
        """
        async with self._database.transaction() as session:
            waiting = await receipts.unfinished(
                session, sweep.at - SETTLING, sweep.at, BATCH
            )
        for row in waiting:
            if await self._start_removal(self._client, receipts.command_of(row)):
                log.info("reconcile.removal_started", removal=row.id)

    @activity.defn
    async def mirror_journeys(self, sweep: Sweep) -> None:
        """
        Show in the store what was terminated or reset in Temporal.

        Those of which something ended just now; the rest take their turn. Safe to
        run twice: a journey that is in line is left alone.
        """
        async with self._database.transaction() as session:
            batch = await sweeps.to_check(session, sweep.at, BATCH)
        moved = await self._mirror.recently_moved(sweep.at)
        for journey_id in dict.fromkeys([*moved, *batch]):
            try:
                await self._mirror.show(journey_id)
            except UNANSWERED as error:
                log.warning(
                    "reconcile.unanswered",
                    journey=journey_id,
                    error=type(error).__name__,
                )

    @activity.defn
    async def mirror_syncs(self, sweep: Sweep) -> None:
        """
        End in the store each sync whose workflow is over.

        Safe to run twice: the first end of a sync stays.
        """
        async with self._database.reading() as session:
            running = await sweeps.running(session, sweep.at - SETTLING, BATCH)
        for row in running:
            if not await self._mirror.runs(row.workflow_id, row.run_id):
                async with self._database.transaction() as session:
                    await syncs.end(session, _ended(row))
                log.warning("reconcile.sync_ended", sync=row.id)

    @activity.defn
    async def retry_syncs(self, sweep: Sweep) -> None:
        """
        Refresh again where the software said to wait, if there is something to read by now.

        Safe to run twice: a company has one sync at a time, and the next try has the
        same id however often it is started.
        """
        async with self._database.reading() as session:
            due = await sweeps.due_again(session, sweep.at)
        for row in due:
            async with self._database.reading() as session:
                books = await syncs.refreshable(session, row.company_id)
            if books:
                await self._start_sync(self._client, _again(row))
            async with self._database.transaction() as session:
                await sweeps.tried_again(session, row.id)

    @activity.defn
    async def rebuild_reports(self, sweep: Sweep) -> None:
        """
        Build the reports again that do not heed what has changed since.

        Safe to run twice: a company has one build at a time, and what is up to date is
        left alone.
        """
        async with self._database.reading() as session:
            outdated = await sweeps.outdated_reports(session, BATCH)
        for company_id in outdated:
            await self._start_build(self._client, company_id)

    @activity.defn
    async def sweep_objects(self, sweep: Sweep) -> None:
        """
        Delete what syncs, builds of reports and customers stored and nobody reads any more.

        Safe to run twice: what is gone is gone.
        """
        async with self._database.reading() as session:
            before = sweep.at - READERS_LEAVE_WITHIN
            unread = await sweeps.unread(session, before)
            builds = await sweeps.unread_reports(session, before)
            files = await uploads.unread(session, sweep.at - MOVES_RECORDED_WITHIN)
        for row in unread:
            activity.heartbeat(row.id)
            await delete_snapshot(self._objects, row.company_id, row.id)
            async with self._database.transaction() as session:
                await sweeps.swept(session, row.id)
        for build in builds:
            activity.heartbeat(build.id)
            await self._sweep_build(build)
        for upload in files:
            activity.heartbeat(upload.journey_id)
            await self._sweep_upload(upload)

    async def _sweep_upload(self, upload: UploadRow) -> None:
        """
        Hold the row until the file is gone: who uploads it again comes after.

        On SQLite nobody else writes meanwhile, so a store of objects that is slow is
        left alone until the next sweep.
        """
        async with self._database.transaction() as session:
            if await uploads.drop(session, upload):
                key = uploads.key_of(upload.journey_id, upload.sha256)
                async with asyncio.timeout(HELD_AT_MOST.total_seconds()):
                    await self._objects.delete(key)

    async def _sweep_build(self, build: ReportBuildRow) -> None:
        """Condemn the files first: who is about to show them finds that, and begins again."""
        async with self._database.transaction() as session:
            if not await sweeps.condemn(session, build.id):
                return
        await self._objects.delete_folder(f"{FOLDER}/{build.company_id}/{build.id}")
        async with self._database.transaction() as session:
            await sweeps.forget_build(session, build.id)


def _ended(row: SyncRow) -> EndSync:
    return EndSync(
        sync_id=row.id,
        at=datetime.now(UTC),
        reason=Reason.INTERNAL,
        detail="Its workflow was ended in Temporal.",
    )


def _again(row: SyncRow) -> RunSync:
    return RunSync(
        sync_id=derived_id(Kind.SYNC, row.retry_at or row.started_at, row.id),
        organization_id=row.organization_id,
        company_id=row.company_id,
        trigger=Trigger.SCHEDULE,
    )
