"""Workflows are ended because what they are about is taken away, even those that can't hear."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment

from activities.ending import TRIES, Ending
from activities.patience import TryAgain

NOBODY_WORKS_HERE = "a queue without a worker"


@pytest.fixture
def ending(temporal: WorkflowEnvironment) -> Ending:
    return Ending(temporal.client, answer_within=timedelta(milliseconds=300))


@pytest.fixture
async def deaf(temporal: WorkflowEnvironment) -> WorkflowHandle[object, object]:
    """A workflow that no worker runs."""
    return await temporal.client.start_workflow(
        "CustomerJourney", id=f"deaf-{uuid4()}", task_queue=NOBODY_WORKS_HERE
    )


async def attempt(number: int, step: Callable[[str], Awaitable[None]], of: str) -> None:
    """Do a step as the n-th try of an activity."""
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, attempt=number)
    await environment.run(step, of)


async def test_what_was_never_there_is_over(
    ending: Ending, temporal: WorkflowEnvironment
) -> None:
    """
    Of what was never started, or is forgotten, no step asks for another try, or starts it.
    """
    nowhere = f"nowhere-{uuid4()}"

    for step in (ending.journey, ending.cancel, ending.insist):
        await attempt(1, step, nowhere)

    with pytest.raises(RPCError, match="not found"):
        await temporal.client.get_workflow_handle(nowhere).describe()


async def test_who_does_not_hear_is_asked_again_and_ended_in_the_end(
    ending: Ending, deaf: WorkflowHandle[object, object]
) -> None:
    """
    No broken workflow keeps a company's data for ever.
    """
    with pytest.raises(TryAgain):
        await attempt(1, ending.journey, deaf.id)
    await attempt(1, ending.cancel, deaf.id)
    with pytest.raises(TryAgain):
        await attempt(TRIES - 1, ending.insist, deaf.id)
    before = (await deaf.describe()).status

    await attempt(TRIES, ending.journey, deaf.id)

    assert WorkflowExecutionStatus.RUNNING is before
    assert WorkflowExecutionStatus.TERMINATED is (await deaf.describe()).status
    await attempt(1, ending.insist, deaf.id)
