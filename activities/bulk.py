"""Steps that ask many journeys for the same thing, one after the other."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

import structlog
from temporalio import activity
from temporalio.client import Client, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError, RPCStatusCode

from activities.edge import Steps
from activities.mirror import Mirror
from activities.patience import TryAgain
from activities.reconcile import BATCH, SETTLING
from domain.bulk import (
    BulkProgress,
    Demand,
    Outcome,
    RunBulk,
    TakeSome,
)
from domain.messages import Moved, Sweep
from domain.state import Journey
from store import bulk
from store.bulk import Claimed, Result
from store.database import Database
from store.journeys import load
from store.tables import BulkDeedRow

HANDFUL: Final = 50
TRIES: Final = 3
"""One that has not answered so often is let be: its answer may still come."""

SILENT: Final = (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.FAILED_PRECONDITION)
"""What a workflow that can't answer looks like; anything else is the server's."""

AskJourney = Callable[[Client, str, Demand, str], Awaitable[Moved | Outcome]]
StartJourney = Callable[[Client, Journey], Awaitable[bool]]
StartBulk = Callable[[Client, RunBulk], Awaitable[bool]]

log = structlog.get_logger()


class BulkActivities:
    """Asks journeys through their Updates, and notes what came of each."""

    def __init__(
        self,
        database: Database,
        client: Client,
        *,
        ask_journey: AskJourney,
        start_journey: StartJourney,
        start_bulk: StartBulk,
    ) -> None:
        self._database = database
        self._client = client
        self._mirror = Mirror(database, client)
        self._ask_journey = ask_journey
        self._start_journey = start_journey
        self._start_bulk = start_bulk

    @property
    def steps(self) -> Steps:
        """What a worker does of this."""
        return (self.take_some, self.stop, self.start_deeds)

    @activity.defn
    async def take_some(self, command: TakeSome) -> BulkProgress:
        """
        Ask the next handful of a deed's journeys, and return how far it is.

        Safe to run twice, also from the middle: what came of a journey is noted once.
        One that was asked and not noted is looked at first; asked again, it answers
        again what it answered, because the question has the same id.
        """
        async with self._database.transaction() as session:
            deed = await session.get_one(BulkDeedRow, command.deed_id)
            claimed = await bulk.claim(session, deed.id, HANDFUL)
        for item in claimed:
            await self._take(deed, item)
        async with self._database.transaction() as session:
            progress = await bulk.progress(session, deed.id)
            if not progress.left:
                await bulk.finish(session, deed, datetime.now(UTC))
        log.info("bulk.progress", deed=deed.id, **progress.model_dump())
        return progress

    @activity.defn
    async def stop(self, command: TakeSome) -> BulkProgress:
        """
        Leave alone whose turn has not come.

        Safe to run twice: nobody is left the second time.
        """
        async with self._database.transaction() as session:
            deed = await session.get_one(BulkDeedRow, command.deed_id)
            await bulk.stop(session, deed, datetime.now(UTC))
            return await bulk.progress(session, deed.id)

    @activity.defn
    async def start_deeds(self, sweep: Sweep) -> None:
        """
        Start each deed that was written and whose workflow was not started.

        One whose workflow was ended in Temporal is over. Safe to run twice: a workflow
        id is used once.
        """
        async with self._database.reading() as session:
            waiting = await bulk.unfinished(session, sweep.at - SETTLING, BATCH)
        for command in map(bulk.command_of, waiting):
            if await self._start_bulk(self._client, command):
                log.info("reconcile.bulk_started", deed=command.deed_id)
            elif not await self._mirror.runs(command.workflow_id):
                await self.stop(TakeSome(deed_id=command.deed_id))
                log.warning("reconcile.bulk_stopped", deed=command.deed_id)

    async def _take(self, deed: BulkDeedRow, item: Claimed) -> None:
        result = await self._known(deed, item) if item.again else None
        result = result or await self._asked(deed, item)
        async with self._database.transaction() as session:
            if result is None:
                tries = await bulk.unanswered(session, deed.id, item.number)
                if tries < TRIES:
                    return
                result = Result(Outcome.NO_ANSWER)
            await bulk.settle(session, deed, item, result, datetime.now(UTC))

    async def _known(self, deed: BulkDeedRow, item: Claimed) -> Result | None:
        """Asked before a crash, it may have done it, and have forgotten the question since."""
        async with self._database.reading() as session:
            demand = bulk.demand_of(deed)
            version = await bulk.moved_since(session, item, demand)
        return None if version is None else Result(Outcome.DONE, version)

    async def _asked(self, deed: BulkDeedRow, item: Claimed) -> Result | None:
        """Return what came of asking; None where there was no answer in time."""
        try:
            answer = await self._ask_or_start(deed, item.journey_id)
        except WorkflowUpdateRPCTimeoutOrCancelledError:
            return None
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return Result(Outcome.CLOSED)
            if error.status in SILENT:
                return None
            raise TryAgain("the workflow server does not answer") from None
        if isinstance(answer, Outcome):
            return Result(answer)
        return Result(Outcome.DONE, answer.version)

    async def _ask_or_start(
        self, deed: BulkDeedRow, journey_id: str
    ) -> Moved | Outcome:
        """Ask; a journey whose workflow was never started is started first."""
        ask = (self._client, journey_id, bulk.demand_of(deed), deed.id)
        try:
            return await self._ask_journey(*ask)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            async with self._database.reading() as session:
                journey = await load(session, journey_id)
            if journey is None or not journey.open:
                raise
            if not await self._start_journey(self._client, journey):
                raise
            return await self._ask_journey(*ask)
