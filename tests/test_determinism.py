"""The sandbox in which tests replay workflows."""

import uuid
from datetime import datetime

import pytest
from temporalio import workflow
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, Worker

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
    It comes to its end where nobody looks, and does not when it is replayed.
    """
    async with Worker(
        temporal.client,
        task_queue=QUEUE,
        workflows=[Careless],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):
        handle = await temporal.client.start_workflow(
            Careless.run, id=f"careless-{uuid.uuid4()}", task_queue=QUEUE
        )
        await handle.result()
    replayer = Replayer(workflows=[Careless], workflow_runner=workflow_sandbox())

    with pytest.raises(RuntimeError, match="datetime"):
        await replayer.replay_workflow(await handle.fetch_history())
