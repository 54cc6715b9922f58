"""Workflows that are ended because what they are about is taken away."""

from datetime import timedelta
from typing import Final

import structlog
from temporalio import activity
from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.service import RPCError, RPCStatusCode

from activities.patience import TryAgain
from domain.journey import Actor
from domain.messages import Cancel

ANSWER_WITHIN: Final = timedelta(seconds=10)
LOOK_AGAIN_AFTER: Final = timedelta(seconds=1)
TRIES: Final = 20
"""What has not ended by then waits for a release that mends it: it is ended without being asked."""

WHY: Final = "Its company is deleted."

log = structlog.get_logger()


class Ending:
    """Asks first, waits, and in the end insists. What was never there is over too."""

    def __init__(
        self, client: Client, answer_within: timedelta = ANSWER_WITHIN
    ) -> None:
        self._client = client
        self._answer_within = answer_within

    async def journey(self, journey_id: str) -> None:
        """Cancel a journey as a person would. Raises TryAgain while it does not answer."""
        handle = self._client.get_workflow_handle(journey_id)
        try:
            await handle.execute_update(
                "cancel",
                Cancel(reason=WHY, actor=Actor.BANK),
                id=f"removed-{journey_id}",
                rpc_timeout=self._answer_within,
            )
        except WorkflowUpdateFailedError:
            return  # it is over, or about to be
        except WorkflowUpdateRPCTimeoutOrCancelledError:
            await self._insist(handle)
        except RPCError as error:
            _insist_on_absence(error)

    async def cancel(self, workflow_id: str) -> None:
        """Ask a workflow to end."""
        try:
            await self._client.get_workflow_handle(workflow_id).cancel(reason=WHY)
        except RPCError as error:
            _insist_on_absence(error)

    async def insist(self, workflow_id: str) -> None:
        """Make sure that a workflow is over. Raises TryAgain while it is not."""
        handle = self._client.get_workflow_handle(workflow_id)
        try:
            described = await handle.describe()
        except RPCError as error:
            _insist_on_absence(error)
            return
        if described.status is WorkflowExecutionStatus.RUNNING:
            await self._insist(handle)

    async def _insist(self, handle: WorkflowHandle[object, object]) -> None:
        if activity.info().attempt < TRIES:
            raise TryAgain("it has not ended yet", LOOK_AGAIN_AFTER)
        await handle.terminate(reason=WHY)
        log.warning("removal.terminated", ended=handle.id)


def _insist_on_absence(error: RPCError) -> None:
    """A workflow that is not there is over; what else went wrong is worth another try."""
    if error.status is not RPCStatusCode.NOT_FOUND:
        raise TryAgain("Temporal does not answer", LOOK_AGAIN_AFTER) from None
