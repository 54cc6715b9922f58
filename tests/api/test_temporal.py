import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from temporalio import workflow
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowExecutionStatus,
    WorkflowUpdateFailedError,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.service import RetryConfig, RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from api import temporal as door_module
from api.errors import ApiError
from api.temporal import NotRunning, TemporalDoor
from domain.messages import Ask, Moved
from tests.api.conftest import nobody_there
from tests.temporal import TEMPORAL
from workflows.ids import TASK_QUEUE

QUEUE = f"doors-{uuid4()}"


@workflow.defn(sandboxed=False)
class Gate:
    """Answers as the note of the question says."""

    def __init__(self) -> None:
        self.asked = 0
        self.open = True

    @workflow.run
    async def run(self, start: Ask) -> None:
        await workflow.wait_condition(lambda: not self.open)

    @workflow.update(unfinished_policy=workflow.HandlerUnfinishedPolicy.ABANDON)
    async def knock(self, ask: Ask) -> Moved:
        self.asked += 1
        match ask.note:
            case "known" | "unknown":
                code = {"known": "not_emailed", "unknown": "no_such_code"}[ask.note]
                raise ApplicationError("Do something else.", type=code)
            case "leave":
                self.open = False
                await workflow.wait_condition(lambda: False)
            case "silence":
                await workflow.wait_condition(lambda: not self.open)
        return Moved(version=self.asked)


@pytest.fixture
async def door(temporal: WorkflowEnvironment) -> TemporalDoor:
    async def connect() -> Client:
        return temporal.client

    return TemporalDoor(connect)


@pytest.fixture
async def gate(temporal: WorkflowEnvironment) -> AsyncIterator[str]:
    """The id of a gate that stands until the test is over."""
    workflow_id = f"gate-{uuid4()}"
    runner = UnsandboxedWorkflowRunner()
    async with Worker(
        temporal.client, task_queue=QUEUE, workflows=[Gate], workflow_runner=runner
    ):
        handle = await temporal.client.start_workflow(
            Gate.run, Ask(), id=workflow_id, task_queue=QUEUE
        )
        yield workflow_id
        if (await handle.describe()).status is WorkflowExecutionStatus.RUNNING:
            await handle.terminate()


def start(workflow_id: str) -> WithStartWorkflowOperation[Gate, None]:
    return WithStartWorkflowOperation(
        Gate.run,
        Ask(),
        id=workflow_id,
        task_queue=QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )


async def test_a_question_gets_the_workflow_s_answer(
    door: TemporalDoor, gate: str
) -> None:
    """
    The same update id gets the same answer; another one, or none, asks anew.
    """
    answers = [
        (await door.update(gate, Gate.knock, Ask(), update_id)).version
        for update_id in ("a", "a", "b", None)
    ]

    assert [1, 1, 2, 3] == answers


async def test_a_question_starts_the_workflow_that_it_needs(
    door: TemporalDoor, gate: str
) -> None:
    """
    Asked through its start, a workflow that runs is asked, and one that does not is started.
    """
    running = await door.start_and_update(start(gate), Gate.knock, Ask())
    new = f"{gate}-new"
    started = await door.start_and_update(start(new), Gate.knock, Ask())
    again = await door.start_and_update(start(new), Gate.knock, Ask())
    async with door.client() as client:
        await client.get_workflow_handle(new).terminate()

    assert [1, 1, 2] == [each.version for each in (running, started, again)]


async def test_a_refusal_keeps_its_code_and_its_sentence(
    door: TemporalDoor, gate: str
) -> None:
    """
    What a workflow refused is the refusal of that code; a code that nobody knows is a defect.
    """
    with pytest.raises(ApiError) as refused:
        await door.update(gate, Gate.knock, Ask(note="known"))
    with pytest.raises(ApiError) as refused_at_start:
        await door.start_and_update(start(gate), Gate.knock, Ask(note="known"))
    with pytest.raises(WorkflowUpdateFailedError):
        await door.update(gate, Gate.knock, Ask(note="unknown"))

    for refusal in (refused.value, refused_at_start.value):
        assert (409, "not_emailed", "Do something else.") == (
            refusal.status,
            refusal.code,
            refusal.detail,
        )


async def test_who_is_not_there_is_not_running(door: TemporalDoor, gate: str) -> None:
    """
    An id that was never started, and a workflow that ends instead of answering.
    """
    with pytest.raises(NotRunning):
        await door.update("nobody", Gate.knock, Ask())
    with pytest.raises(NotRunning):
        await door.update(gate, Gate.knock, Ask(note="leave"))
    with pytest.raises(NotRunning):
        await door.update(gate, Gate.knock, Ask())


async def test_who_does_not_answer_in_time_is_unavailable(
    door: TemporalDoor, gate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    An Update without an answer is 503; it stays queued.
    """
    monkeypatch.setattr(door_module, "ANSWER_WITHIN", timedelta(seconds=1))

    with pytest.raises(ApiError) as refused:
        await door.update(gate, Gate.knock, Ask(note="silence"))

    assert (503, "temporal_unavailable") == (refused.value.status, refused.value.code)


async def test_while_nobody_is_there_everything_is_unavailable() -> None:
    """
    A port where nobody listens is 503 at once, each time anew, and never an exception of the SDK.
    """
    door = TemporalDoor(nobody_there)

    async with asyncio.timeout(5):
        for _ in range(2):
            with pytest.raises(ApiError) as refused:
                await door.update("x", Gate.knock, Ask())
            assert "temporal_unavailable" == refused.value.code
        assert not await door.answers()
        assert not await door.is_polled(datetime.now(UTC))


async def test_a_failed_connection_is_tried_again(
    temporal: WorkflowEnvironment,
) -> None:
    """
    Once Temporal is there, so is the door.
    """
    tries = [nobody_there()]

    async def connect() -> Client:
        return await tries.pop() if tries else temporal.client

    door = TemporalDoor(connect)

    assert [False, True] == [await door.answers(), await door.answers()]


async def test_a_server_that_goes_away_is_unavailable() -> None:
    """
    A connection that was made and lost is 503 as well.
    """
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(TEMPORAL)
    ) as server:

        async def connect() -> Client:
            return await Client.connect(
                server.client.service_client.config.target_host,
                data_converter=pydantic_data_converter,
                retry_config=RetryConfig(max_retries=1),
            )

        door = TemporalDoor(connect)
        assert await door.answers()

    with pytest.raises(ApiError) as refused:
        await door.update("x", Gate.knock, Ask())

    assert "temporal_unavailable" == refused.value.code
    assert not await door.answers()


async def test_an_error_that_is_nobody_s_absence_rises(door: TemporalDoor) -> None:
    """
    A request that Temporal does not understand is a defect, not a pause.
    """
    with pytest.raises(RPCError) as raised:
        await door.start_and_update(start("x" * 1001), Gate.knock, Ask())

    assert RPCStatusCode.INVALID_ARGUMENT is raised.value.status


async def test_a_worker_is_seen_as_long_as_it_asks(
    door: TemporalDoor, temporal: WorkflowEnvironment
) -> None:
    """
    Who polled within the last minute works; who did so long ago does not.
    """
    runner = UnsandboxedWorkflowRunner()
    async with Worker(
        temporal.client, task_queue=TASK_QUEUE, workflows=[Gate], workflow_runner=runner
    ):
        async with asyncio.timeout(10):
            while not await door.is_polled(datetime.now(UTC)):  # noqa: ASYNC110
                await asyncio.sleep(0.05)

        later = datetime.now(UTC) + timedelta(minutes=5)
        assert not await door.is_polled(later)


def test_the_address_comes_from_temporal_s_own_variables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """
    `TEMPORAL_NAMESPACE` names the namespace, of links to Temporal's pages too.
    """
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "bank")

    assert "bank" == TemporalDoor.from_environment().namespace
