"""The sandbox that tests put around workflows."""

import uuid
from datetime import datetime

import pytest
from temporalio import workflow
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import RestrictedWorkflowAccessError

from tests.determinism import workflow_sandbox

QUEUE = "careless"


@workflow.defn
class Careless:
    """Looks at the clock on the wall."""

    @workflow.run
    async def run(self) -> str:
        return datetime.now().isoformat()  # noqa: DTZ005 (that is what it is here for)


async def test_a_workflow_that_looks_at_the_clock_is_caught(
    temporal: WorkflowEnvironment,
) -> None:
    """
    Replayed, it would do something else: the sandbox says so at once.
    """
    async with Worker(
        temporal.client,
        task_queue=QUEUE,
        workflows=[Careless],
        workflow_runner=workflow_sandbox(),
        workflow_failure_exception_types=[RestrictedWorkflowAccessError],
    ):
        with pytest.raises(WorkflowFailureError) as caught:
            await temporal.client.execute_workflow(
                Careless.run, id=f"careless-{uuid.uuid4()}", task_queue=QUEUE
            )

    assert isinstance(caught.value.cause, ApplicationError)
    assert "datetime" in caught.value.cause.message
