"""
Asking a journey for what many are asked for, through the Update that one would be asked through.

What came of an Update that failed is read here, whoever asked.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from domain.bulk import BulkAction, Demand, Outcome, outcome_of
from domain.messages import Moved
from workflows.journey import CustomerJourney

ANSWER_WITHIN: Final = timedelta(seconds=10)

_ENDED_MEANWHILE: Final = "AcceptedUpdateCompletedWorkflow"
"""What Temporal says where a workflow ended before it came to answer."""

UPDATES: Final[Mapping[BulkAction, Any]] = {
    BulkAction.RESEND: CustomerJourney.resend,
    BulkAction.EXTEND: CustomerJourney.extend,
    BulkAction.RETRY: CustomerJourney.retry,
    BulkAction.CANCEL: CustomerJourney.cancel,
}


async def ask_journey(
    client: Client, journey_id: str, demand: Demand, update_id: str
) -> Moved | Outcome:
    """
    Ask, and wait for the answer, or for why there is none.

    The same `update_id` gets the same run's first answer again.
    """
    handle = client.get_workflow_handle(journey_id)
    try:
        moved: Moved = await handle.execute_update(
            UPDATES[demand.action],
            demand.question(),
            id=update_id,
            rpc_timeout=ANSWER_WITHIN,
        )
    except WorkflowUpdateFailedError as error:
        return _why_not(error)
    return moved


def answered(error: WorkflowUpdateFailedError) -> ApplicationError | None:
    """Return the no of an Update that failed; None where it failed without one."""
    return error.cause if isinstance(error.cause, ApplicationError) else None


def ended_meanwhile(answer: ApplicationError) -> bool:
    """Whether it is Temporal's own: the workflow was over before it could answer."""
    return answer.type == _ENDED_MEANWHILE


def _why_not(error: WorkflowUpdateFailedError) -> Outcome:
    no = answered(error)
    if no is None:
        return Outcome.DEFECT
    return Outcome.CLOSED if ended_meanwhile(no) else outcome_of(no.type)
