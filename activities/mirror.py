"""What was ended, reset or lost in Temporal is shown in the store, one journey at a time."""

from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
)
from temporalio.service import RPCError, RPCStatusCode

from domain.journey import Actor, EntityStage, Event
from domain.messages import EntityRead, RecordMove
from domain.moves import advance
from domain.reasons import Reason
from domain.state import Happened, Journey
from store import journeys, sweeps
from store.database import Database
from store.queries import open_journey

RECENT: Final = timedelta(minutes=10)
ANSWER_WITHIN: Final = timedelta(seconds=3)
LIMIT: Final = 100
ENDED: Final = "/ended"
"""Follows the id of a run in whose name its end was recorded, because it could not do so itself."""

log = structlog.get_logger()


class Mirror:
    """Compares journeys with their workflows. What is in line is left alone."""

    def __init__(self, database: Database, client: Client) -> None:
        self._database = database
        self._client = client

    async def recently_moved(self, at: datetime) -> list[str]:
        """Return journeys of which something ended or began anew just before `at`."""
        since = (at - RECENT).isoformat()
        moved = await self._found(
            'WorkflowType = "CustomerJourney"'
            f' AND (CloseTime > "{since}" OR StartTime > "{since}")'
        )
        ended = await self._found(
            f'WorkflowType = "EntityConnection" AND CloseTime > "{since}"'
            ' AND ExecutionStatus != "Completed"'
        )
        async with self._database.reading() as session:
            return [*moved, *await sweeps.of_connections(session, ended)]

    async def show(self, journey_id: str) -> None:
        """
        Bring one journey's rows in line with its workflow.

        Temporal is looked at first: what was recorded before is in the store by then.
        """
        described = await self._described(journey_id)
        if described is None:
            return
        strays = await self._left_by_earlier_runs(described)
        async with self._database.reading() as session:
            journey = await journeys.load(session, journey_id)
            run_id = await sweeps.last_run(session, journey_id)
        if journey is None or not (journey.open or _lives_again(described, run_id)):
            return
        if await self._has_a_successor(journey):
            await self._cancel(journey_id)
        elif described.status is not WorkflowExecutionStatus.RUNNING:
            await self._record(_as_cancelled(journey, described.run_id))
            strays = {entity.id for entity in journey.entities if not entity.over}
        else:
            if described.run_id != run_id:
                journey = await self._held(journey, described.run_id)
            await self._report_lost_connections(journey)
            strays -= {entity.id for entity in journey.entities}
        for connection_id in strays:
            await self._cancel(connection_id)

    async def runs(self, workflow_id: str, run_id: str | None = None) -> bool:
        """Whether that run of a workflow, or its last one, is not over."""
        described = await self._described(workflow_id, run_id)
        return (
            described is not None
            and described.status is WorkflowExecutionStatus.RUNNING
        )

    async def _left_by_earlier_runs(
        self, described: WorkflowExecutionDescription
    ) -> set[str]:
        """Return the connections that run, if it is not the journey's first run that they may belong to."""
        first = described.raw_description.workflow_execution_info.first_run_id
        if described.run_id == first:
            return set()
        return set(
            await self._found(
                'WorkflowType = "EntityConnection" AND ExecutionStatus = "Running"'
                f' AND RapportJourney = "{described.id}"'
            )
        )

    async def _has_a_successor(self, journey: Journey) -> bool:
        """Whether its company was asked anew: of two open journeys the newer one counts."""
        if journey.open:
            return False
        async with self._database.reading() as session:
            return await open_journey(session, journey.company_id) is not None

    async def _held(self, stored: Journey, run_id: str) -> Journey:
        """A new run, after a reset for example, may have gone back in time: show what it holds."""
        handle = self._client.get_workflow_handle(stored.id, run_id=run_id)
        held: Journey = await handle.query(
            "state", result_type=Journey, rpc_timeout=ANSWER_WITHIN
        )
        if held != stored and held.version > 0:
            await self._record(_move(held, Event.MIRRORED, run_id, datetime.now(UTC)))
        return held

    async def _record(self, command: RecordMove) -> None:
        async with self._database.transaction() as session:
            await journeys.write_move(session, command)
        log.warning(
            "reconcile.mirrored",
            journey=command.journey.id,
            stage=command.journey.stage,
        )

    async def _report_lost_connections(self, journey: Journey) -> None:
        """A connection that was ended from outside has failed; its journey has to know."""
        handle = self._client.get_workflow_handle(journey.id)
        for entity in journey.entities:
            works = entity.stage is EntityStage.FETCHING or entity.retry_at is not None
            if works and not await self.runs(entity.id):
                read = EntityRead(entity_id=entity.id, reason=Reason.INTERNAL)
                await handle.signal("entity_read", read)
                log.warning("reconcile.connection_lost", connection=entity.id)

    async def _found(self, query: str) -> list[str]:
        executions = self._client.list_workflows(query, limit=LIMIT)
        return [execution.id async for execution in executions]

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


def _lives_again(described: WorkflowExecutionDescription, last_run: str | None) -> bool:
    """Whether a journey that was over was reset: a run goes on that has not written yet."""
    return (
        described.status is WorkflowExecutionStatus.RUNNING
        and last_run is not None
        and described.run_id != last_run.removesuffix(ENDED)
    )


def _as_cancelled(journey: Journey, run_id: str) -> RecordMove:
    """Ended outside: counts as cancelled, so that the client's status is what it was before."""
    at = datetime.now(UTC)
    happened = Happened(event=Event.CANCELLED, actor=Actor.OPERATOR)
    cancelled = advance(journey, happened, at)
    return _move(cancelled, Event.CANCELLED, f"{run_id}{ENDED}", at)


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
