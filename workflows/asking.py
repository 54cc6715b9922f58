"""Asking a journey for what many are asked for, through the Update that one would be asked through."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from temporalio.client import Client

from domain.bulk import BulkAction, Demand
from domain.messages import Moved
from workflows.journey import CustomerJourney

ANSWER_WITHIN: Final = timedelta(seconds=10)

UPDATES: Final[Mapping[BulkAction, Any]] = {
    BulkAction.RESEND: CustomerJourney.resend,
    BulkAction.EXTEND: CustomerJourney.extend,
    BulkAction.RETRY: CustomerJourney.retry,
    BulkAction.CANCEL: CustomerJourney.cancel,
}


async def ask_journey(
    client: Client, journey_id: str, demand: Demand, update_id: str
) -> Moved:
    """Ask, and wait for the answer; the same `update_id` gets the same run's first answer again."""
    handle = client.get_workflow_handle(journey_id)
    moved: Moved = await handle.execute_update(
        UPDATES[demand.action],
        demand.question(),
        id=update_id,
        rpc_timeout=ANSWER_WITHIN,
    )
    return moved
