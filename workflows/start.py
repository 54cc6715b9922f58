"""Starting workflows from outside: always under the same id and with the same labels."""

from collections.abc import Awaitable
from datetime import UTC, datetime

from temporalio.client import Client
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError

from domain.bulk import RunBulk
from domain.messages import Ask, BuildReports, RemoveCompany, RunJourney, RunSync
from domain.moves import begin
from domain.state import Journey
from workflows import search_attributes, view
from workflows.bulk import BulkDeed
from workflows.ids import (
    TASK_QUEUE,
    removal_workflow_id,
    reports_workflow_id,
    sync_workflow_id,
)
from workflows.journey import CustomerJourney
from workflows.removal import CompanyRemoval
from workflows.reports import ReportBuild
from workflows.sync import CompanySync


async def start_journey(
    client: Client, journey: Journey, task_queue: str = TASK_QUEUE
) -> bool:
    """Start a journey's workflow; False where it was started before, running or over."""
    return await _starts(
        client.start_workflow(
            CustomerJourney.run,
            RunJourney(journey=journey),
            id=journey.id,
            task_queue=task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            static_summary=view.journey_title(journey),
            search_attributes=search_attributes.at_start(
                journey.organization_id,
                journey.company_id,
                journey.id,
                search_attributes.journey_values(begin(journey, datetime.now(UTC))),
            ),
        )
    )


async def start_sync(
    client: Client, sync: RunSync, task_queue: str = TASK_QUEUE
) -> bool:
    """Start a refresh; False where one of this company runs already."""
    return await _starts(
        client.start_workflow(
            CompanySync.run,
            sync,
            id=sync_workflow_id(sync.company_id),
            task_queue=task_queue,
            static_summary=view.sync_title(sync),
            search_attributes=search_attributes.at_start(
                sync.organization_id, sync.company_id, sync.journey_id
            ),
        )
    )


async def start_removal(
    client: Client, command: RemoveCompany, task_queue: str = TASK_QUEUE
) -> bool:
    """Take a company away; False where that is going on. What was ended half way is taken up again."""
    return await _starts(
        client.start_workflow(
            CompanyRemoval.run,
            command,
            id=removal_workflow_id(command.company_id),
            task_queue=task_queue,
            static_summary=view.removal_title(command),
            search_attributes=search_attributes.at_start(
                command.organization_id, command.company_id, None
            ),
        )
    )


async def start_bulk(
    client: Client, command: RunBulk, task_queue: str = TASK_QUEUE
) -> bool:
    """Start a deed; False where it was started before, running or over."""
    organization = SearchAttributePair(
        search_attributes.ORGANIZATION, command.organization_id
    )
    return await _starts(
        client.start_workflow(
            BulkDeed.run,
            command,
            id=command.workflow_id,
            task_queue=task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            static_summary=view.bulk_title(command),
            search_attributes=TypedSearchAttributes([organization]),
        )
    )


async def start_build(
    client: Client, company_id: str, task_queue: str = TASK_QUEUE
) -> None:
    """Build a company's reports again; if they are being built, once more afterwards."""
    build = BuildReports(company_id=company_id)
    await client.start_workflow(
        ReportBuild.run,
        build,
        id=reports_workflow_id(company_id),
        task_queue=task_queue,
        static_summary=view.build_title(build),
        start_signal="again",
        start_signal_args=[Ask()],
    )


async def _starts(starting: Awaitable[object]) -> bool:
    """Whether that started a workflow; False where there is one of that id."""
    try:
        await starting
    except WorkflowAlreadyStartedError:
        return False
    return True
