"""Starting workflows from outside: always under the same id and with the same labels."""

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from domain.messages import RunJourney, RunSync
from domain.state import Journey
from workflows import search_attributes, view
from workflows.ids import TASK_QUEUE, sync_workflow_id
from workflows.journey import CustomerJourney
from workflows.sync import CompanySync


async def start_journey(
    client: Client, journey: Journey, task_queue: str = TASK_QUEUE
) -> bool:
    """Start a journey's workflow; False where it was started before, running or over."""
    try:
        await client.start_workflow(
            CustomerJourney.run,
            RunJourney(journey=journey),
            id=journey.id,
            task_queue=task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            static_summary=view.journey_title(journey),
            search_attributes=search_attributes.fixed(
                journey.organization_id, journey.company_id, journey.id
            ),
        )
    except WorkflowAlreadyStartedError:
        return False
    return True


async def start_sync(
    client: Client, sync: RunSync, task_queue: str = TASK_QUEUE
) -> bool:
    """Start a refresh; False where one of this company runs already."""
    try:
        await client.start_workflow(
            CompanySync.run,
            sync,
            id=sync_workflow_id(sync.company_id),
            task_queue=task_queue,
            static_summary=view.sync_title(sync),
            search_attributes=search_attributes.fixed(
                sync.organization_id, sync.company_id, sync.journey_id
            ),
        )
    except WorkflowAlreadyStartedError:
        return False
    return True
