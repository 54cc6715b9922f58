"""
The way to Temporal. The API starts, and reads go on, while there is none.

Every failure to reach it becomes 503 `temporal_unavailable`; what a workflow
refused becomes the refusal of that code.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final, Self, TypeVar, cast

import structlog
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.envconfig import ClientConfig
from temporalio.service import RPCError, RPCStatusCode
from temporalio.workflow import UpdateMethodMultiParam

from api.errors import CODES, ApiError, refusal
from domain.message import Message
from workflows.asking import answered, ended_meanwhile
from workflows.client import connect
from workflows.ids import TASK_QUEUE
from workflows.start import start_build

ANSWER_WITHIN: Final = timedelta(seconds=30)
CONNECT_WITHIN: Final = timedelta(seconds=2)
"""For what can do without: a journey that is not started now starts a minute later."""

POLLED_WITHIN: Final = timedelta(seconds=70)
"""A worker with nothing to do asks once a minute."""

OUT_OF_REACH: Final = frozenset(
    {
        RPCStatusCode.ABORTED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.FAILED_PRECONDITION,  # the workflow waits for a worker that is mended
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.UNKNOWN,
    }
)

log = structlog.get_logger(__name__)

Asked = TypeVar("Asked", bound=Message)
Answer = TypeVar("Answer")
Workflow = TypeVar("Workflow")


Question = UpdateMethodMultiParam[[Workflow, Asked], Coroutine[Any, Any, Answer]]
"""An update with a description: the SDK types it as if it answered with a coroutine."""


class NotRunning(Exception):
    """No workflow of that id is running."""


class TemporalDoor:
    """Connects on first use, and tries again on the next one if that failed."""

    def __init__(
        self, connect: Callable[[], Awaitable[Client]], namespace: str = "default"
    ) -> None:
        self.namespace = namespace
        self._connect = connect
        self._connecting = asyncio.Lock()
        self._client: Client | None = None

    @classmethod
    def from_environment(cls) -> Self:
        """Take the address from the standard `TEMPORAL_*` variables or TOML profile."""
        config = ClientConfig.load_client_connect_config()
        return cls(connect, config.get("namespace", "default"))

    @asynccontextmanager
    async def client(self, within: timedelta = ANSWER_WITHIN) -> AsyncIterator[Client]:
        """Lend the connection for `within`; a failure to reach Temporal in it becomes 503."""
        try:
            async with asyncio.timeout(within.total_seconds()):
                yield await self._connected()
        except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
            raise _unavailable() from error
        except RPCError as error:
            if error.status in OUT_OF_REACH:
                raise _unavailable() from error
            raise

    async def update(
        self,
        workflow_id: str,
        update: Question[Any, Asked, Answer],
        argument: Asked,
        update_id: str | None = None,
    ) -> Answer:
        """
        Ask a running workflow, and wait for its answer.

        The same `update_id` gets the first answer again. Raises NotRunning, or
        ApiError with the code and the sentence of the workflow's refusal.
        """
        async with self.client() as client:
            try:
                handle = client.get_workflow_handle(workflow_id)
                answer: Any = await handle.execute_update(
                    update, argument, id=update_id, rpc_timeout=ANSWER_WITHIN
                )
            except WorkflowUpdateFailedError as error:
                raise _refused(error) from error
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    raise NotRunning from error
                raise
        return cast("Answer", answer)

    async def start_and_update(
        self,
        start: WithStartWorkflowOperation[Workflow, Any],
        update: Question[Workflow, Asked, Answer],
        argument: Asked,
    ) -> Answer:
        """Ask the workflow that `start` names, in one step with starting it if need be."""
        async with self.client() as client:
            asked = client.execute_update_with_start_workflow(
                update,
                argument,
                start_workflow_operation=start,
                rpc_timeout=ANSWER_WITHIN,
            )
            try:
                # A start that fails keeps its error until somebody takes it.
                answer, _ = await asyncio.gather(asked, start.workflow_handle())
            except WorkflowUpdateFailedError as error:
                raise _refused(error) from error
        return cast("Answer", answer)

    async def now_or_later(
        self,
        begin: Callable[[Client], Awaitable[object]],
        otherwise: str,
        **about: str,
    ) -> None:
        """
        Begin with what is stored, if Temporal answers now; log `otherwise` if not.

        A failure is no loss: `Reconcile` finds it in the store and begins a minute later.
        """
        try:
            async with self.client(CONNECT_WITHIN) as client:
                await begin(client)
        except (ApiError, RPCError) as error:
            log.warning(otherwise, **about, error=type(error).__name__)

    async def rebuild_reports(self, company_id: str) -> None:
        """Have a company's reports built again; what they have to heed is stored."""
        await self.now_or_later(
            lambda client: start_build(client, company_id),
            "reports.not_rebuilt",
            company=company_id,
        )

    async def answers(self) -> bool:
        """Whether Temporal can be reached now."""
        try:
            async with self.client(CONNECT_WITHIN) as client:
                return await client.service_client.check_health()
        except (ApiError, RPCError):
            return False

    async def is_polled(self, now: datetime) -> bool:
        """Whether a worker asked for something to do within the last minute."""
        try:
            async with self.client(CONNECT_WITHIN) as client:
                queue = await client.workflow_service.describe_task_queue(
                    DescribeTaskQueueRequest(
                        namespace=client.namespace,
                        task_queue=TaskQueue(name=TASK_QUEUE),
                        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
                    )
                )
        except (ApiError, RPCError):
            return False
        oldest = (now - POLLED_WITHIN).timestamp()
        return any(
            poller.last_access_time.seconds >= oldest for poller in queue.pollers
        )

    async def _connected(self) -> Client:
        async with self._connecting:
            if self._client is None:
                try:
                    self._client = await self._connect()
                except (
                    RuntimeError
                ) as error:  # what the SDK raises when nobody is there
                    raise _unavailable() from error
            return self._client


def _unavailable() -> ApiError:
    return refusal(
        "temporal_unavailable",
        "The workflow server does not answer. What was asked may still happen; "
        "ask again in a few seconds.",
        headers={"Retry-After": "5"},
    )


def _refused(error: WorkflowUpdateFailedError) -> Exception:
    """Say what the workflow said; what it did not mean to say is a defect."""
    no = answered(error)
    if no is None:
        return error
    if ended_meanwhile(no):
        return NotRunning()
    if no.type is None or no.type not in CODES:
        return error
    return refusal(no.type, no.message)
