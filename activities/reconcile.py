"""Steps that bring the store and Temporal in line after a crash, a terminate or a reset."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from temporalio import activity
from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
)
from temporalio.service import RPCError, RPCStatusCode

from domain.ids import Kind, derived_id
from domain.journey import Actor, EntityStage, Event
from domain.messages import EndSync, EntityRead, RecordMove, RunSync, Sweep, Trigger
from domain.moves import advance
from domain.reasons import Reason
from domain.state import Happened, Journey
from store import journeys, syncs
from store.database import Database
from store.journeys import write_move
from store.objects import Objects
from store.snapshots import delete_snapshot
from store.tables import SyncRow

SETTLING: Final = timedelta(seconds=15)
"""A journey's row is this old before its missing workflow is somebody else's business."""
RECENT: Final = timedelta(minutes=10)
BATCH: Final = 100
ANSWER_WITHIN: Final = timedelta(seconds=5)
READERS_LEAVE_WITHIN: Final = timedelta(hours=1)

UNANSWERED: Final = (RPCError, WorkflowQueryFailedError, WorkflowQueryRejectedError)
"""One workflow that can't answer now keeps no other one waiting."""

StartJourney = Callable[[Client, Journey], Awaitable[bool]]
StartSync = Callable[[Client, RunSync], Awaitable[bool]]

log = structlog.get_logger()


class ReconcileActivities:
    """Each sweep looks at a bounded number of rows, and may run twice."""

    def __init__(
        self,
        database: Database,
        objects: Objects,
        client: Client,
        *,
        start_journey: StartJourney,
        start_sync: StartSync,
    ) -> None:
        self._database = database
        self._objects = objects
        self._client = client
        self._start_journey = start_journey
        self._start_sync = start_sync

    @activity.defn
    async def start_journeys(self, sweep: Sweep) -> None:
        """
        Start each journey whose row was written and whose workflow was not started.

        Safe to run twice: a workflow id is used once.
        """
        async with self._database.reading() as session:
            waiting = await journeys.unstarted(session, sweep.at - SETTLING, BATCH)
        for journey in waiting:
            if await self._start_journey(self._client, journey):
                log.info("reconcile.started", journey=journey.id)

    @activity.defn
    async def mirror_journeys(self, sweep: Sweep) -> None:
        """
        Show in the store what was terminated or reset in Temporal.

        Safe to run twice: a journey that is in line is left alone.
        """
        async with self._database.transaction() as session:
            batch = await journeys.to_check(session, sweep.at, BATCH)
        for journey_id in dict.fromkeys([*await self._recently_moved(sweep), *batch]):
            try:
                await self._mirror(journey_id)
            except (
                RPCError,
                WorkflowQueryFailedError,
                WorkflowQueryRejectedError,
            ) as error:
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
            running = await syncs.running(session, sweep.at - SETTLING, BATCH)
        for row in running:
            if not await self._runs(row.workflow_id, row.run_id):
                await self._end(row.id)

    @activity.defn
    async def retry_syncs(self, sweep: Sweep) -> None:
        """
        Refresh again where the software said to wait.

        Safe to run twice: a company has one sync at a time.
        """
        async with self._database.reading() as session:
            due = await syncs.due_again(session, sweep.at)
        for row in due:
            await self._start_sync(self._client, _again(row, sweep.at))
            async with self._database.transaction() as session:
                await syncs.tried_again(session, row.id)

    @activity.defn
    async def sweep_objects(self, sweep: Sweep) -> None:
        """
        Delete what syncs stored and nobody reads any more.

        Safe to run twice: what is gone is gone.
        """
        async with self._database.reading() as session:
            unread = await syncs.unread(session, sweep.at - READERS_LEAVE_WITHIN)
        for row in unread:
            activity.heartbeat(row.id)
            await delete_snapshot(self._objects, row.company_id, row.id)
            async with self._database.transaction() as session:
                await syncs.swept(session, row.id)

    async def _recently_moved(self, sweep: Sweep) -> list[str]:
        """Journeys of which something ended or began anew just now; the rest take their turn."""
        since = (sweep.at - RECENT).isoformat()
        ended = await self._found(
            f'WorkflowType = "EntityConnection" AND CloseTime > "{since}"'
            ' AND ExecutionStatus != "Completed"'
        )
        async with self._database.reading() as session:
            bereft = await journeys.of_connections(session, ended)
        moved = await self._found(
            'WorkflowType = "CustomerJourney"'
            f' AND (CloseTime > "{since}" OR StartTime > "{since}")'
        )
        return [*moved, *bereft]

    async def _found(self, query: str) -> list[str]:
        executions = self._client.list_workflows(query, limit=BATCH)
        return [execution.id async for execution in executions]

    async def _mirror(self, journey_id: str) -> None:
        """Look at Temporal first: what was recorded before that is in the store by then."""
        described = await self._described(journey_id)
        strays = await self._connections_of(described)
        async with self._database.reading() as session:
            journey = await journeys.load(session, journey_id)
            run_id = await journeys.last_run(session, journey_id)
        if described is None or journey is None or not journey.open:
            return
        if described.status is not WorkflowExecutionStatus.RUNNING:
            await self._record(journey, _as_cancelled(journey, described.run_id))
            return
        if described.run_id != run_id:
            journey = await self._held(journey, described.run_id)
        for connection_id in strays - {entity.id for entity in journey.entities}:
            await self._cancel(connection_id)
        await self._report_lost_connections(journey)

    async def _connections_of(
        self, described: WorkflowExecutionDescription | None
    ) -> set[str]:
        """Return those that run for a later run of a journey: an earlier one may have left some."""
        if described is None:
            return set()
        info = described.raw_description.workflow_execution_info
        if described.run_id == info.first_run_id:
            return set()
        return set(
            await self._found(
                'WorkflowType = "EntityConnection" AND ExecutionStatus = "Running"'
                f' AND RapportJourney = "{described.id}"'
            )
        )

    async def _held(self, stored: Journey, run_id: str) -> Journey:
        """A new run, after a reset for example, may have gone back in time: show what it holds."""
        handle = self._client.get_workflow_handle(stored.id, run_id=run_id)
        held: Journey = await handle.query(
            "state", result_type=Journey, rpc_timeout=ANSWER_WITHIN
        )
        if held != stored and held.version > 0:
            at = datetime.now(UTC)
            await self._record(stored, _move(held, Event.MIRRORED, run_id, at))
        return held

    async def _record(self, stored: Journey, command: RecordMove) -> None:
        """Write what happened outside, and end the connections that nobody follows any more."""
        async with self._database.transaction() as session:
            written = await write_move(session, command)
        if not written:
            return
        log.warning(
            "reconcile.mirrored", journey=stored.id, stage=command.journey.stage
        )
        for entity in stored.entities:
            if not (command.journey.open or entity.over):
                await self._cancel(entity.id)

    async def _report_lost_connections(self, journey: Journey) -> None:
        """A connection that was ended from outside has failed; its journey has to know."""
        handle = self._client.get_workflow_handle(journey.id)
        for entity in journey.entities:
            works = entity.stage is EntityStage.FETCHING or entity.retry_at is not None
            if works and not await self._runs(entity.id):
                read = EntityRead(entity_id=entity.id, reason=Reason.INTERNAL)
                await handle.signal("entity_read", read)
                log.warning("reconcile.connection_lost", connection=entity.id)

    async def _runs(self, workflow_id: str, run_id: str | None = None) -> bool:
        described = await self._described(workflow_id, run_id)
        return (
            described is not None
            and described.status is WorkflowExecutionStatus.RUNNING
        )

    async def _described(
        self, workflow_id: str, run_id: str | None = None
    ) -> WorkflowExecutionDescription | None:
        handle = self._client.get_workflow_handle(workflow_id, run_id=run_id)
        try:
            return await handle.describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise

    async def _cancel(self, workflow_id: str) -> None:
        try:
            await self._client.get_workflow_handle(workflow_id).cancel()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise

    async def _end(self, sync_id: str) -> None:
        command = EndSync(
            sync_id=sync_id,
            at=datetime.now(UTC),
            reason=Reason.INTERNAL,
            detail="Its workflow was ended in Temporal.",
        )
        async with self._database.transaction() as session:
            row = await syncs.end(session, command)
        log.warning("reconcile.sync_ended", sync=row.id, reason=row.reason)


def _as_cancelled(journey: Journey, run_id: str) -> RecordMove:
    """Ended outside: counts as cancelled, so that the client's status is what it was before."""
    at = datetime.now(UTC)
    happened = Happened(event=Event.CANCELLED, actor=Actor.OPERATOR)
    cancelled = advance(journey, happened, at)
    return _move(cancelled, Event.CANCELLED, f"{run_id}/ended", at)


def _move(journey: Journey, event: Event, run_id: str, at: datetime) -> RecordMove:
    return RecordMove(
        journey=journey.but(entities=()),
        standing=journey.standing,
        entities=journey.entities,
        whole=True,
        run_id=run_id,
        at=at,
        event=event,
        actor=Actor.OPERATOR,
        detail="The workflow was ended or reset in Temporal.",
    )


def _again(row: SyncRow, at: datetime) -> RunSync:
    return RunSync(
        sync_id=derived_id(Kind.SYNC, at, row.id),
        organization_id=row.organization_id,
        company_id=row.company_id,
        trigger=Trigger.SCHEDULE,
    )
