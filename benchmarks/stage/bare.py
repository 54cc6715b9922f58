"""
The floor: a workflow with as many steps and Updates as a journey, all of which do nothing.

    python -m benchmarks.stage.bare_worker
"""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import (
    SandboxedWorkflowRunner,
    SandboxRestrictions,
)

with workflow.unsafe.imports_passed_through():
    from benchmarks.stage.nothing import Nothing, Shape, do_nothing
    from workflows.client import connect

QUEUE = "bare"


@workflow.defn
class Bare:
    """Waits for its Updates, and takes one step for each, like a journey's moves."""

    def __init__(self) -> None:
        self._asked = self._answered = 0

    @workflow.run
    async def run(self, shape: Shape) -> None:
        for _ in range(shape.before):
            await self._step()
        for number in range(shape.updates):
            await self._is_asked(number)
            await self._step()
            self._answered += 1
        for _ in range(shape.after):
            await self._step()
        await workflow.wait_condition(workflow.all_handlers_finished)

    @workflow.update
    async def ask(self, nothing: Nothing) -> Nothing:
        self._asked += 1
        mine = self._asked
        await workflow.wait_condition(lambda: self._answered >= mine)
        return nothing

    async def _is_asked(self, before: int) -> None:
        await workflow.wait_condition(lambda: self._asked > before)

    async def _step(self) -> None:
        await workflow.execute_activity(
            do_nothing, Nothing(), start_to_close_timeout=timedelta(seconds=10)
        )


async def main() -> None:
    passed = ("benchmarks.stage.nothing", "domain")
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*passed)
    worker = Worker(
        await connect(),
        task_queue=QUEUE,
        workflows=[Bare],
        activities=[do_nothing],
        workflow_runner=SandboxedWorkflowRunner(restrictions=restrictions),
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=2),
    )
    async with worker:
        await asyncio.Event().wait()
