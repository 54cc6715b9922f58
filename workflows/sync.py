"""One reading of one company's books, or of those of all its legal entities."""

import asyncio
from itertools import chain, repeat

from temporalio import workflow
from temporalio.exceptions import (
    ActivityError,
    ChildWorkflowError,
    FailureError,
    WorkflowAlreadyStartedError,
)

from workflows import search_attributes, steps, view
from workflows.ids import sync_workflow_id

with workflow.unsafe.imports_passed_through():
    from activities.syncs import SyncActivities
    from domain.messages import (
        Ask,
        BeginSync,
        EndSync,
        PublishSync,
        ReadBooks,
        RunSync,
        SyncBegun,
        SyncEnded,
        SyncStarted,
    )
    from domain.reasons import Reason


@workflow.defn
class CompanySync:
    """
    Read everything that was asked for, then swap the snapshot whole, or not at all.

    A business error does not fail the workflow: it ends, and says why.
    """

    @workflow.init
    def __init__(self, sync: RunSync) -> None:
        self._sync = sync
        self._visible = False

    @workflow.run
    async def run(self, sync: RunSync) -> SyncEnded:
        try:
            ended = await self._conclude(await self._read(await self._begin()))
        except (asyncio.CancelledError, FailureError) as error:
            cancelled = workflow.cancellation_reason() is not None
            if isinstance(error, asyncio.CancelledError) and not cancelled:
                raise  # it only leaves this worker's memory
            ended = await self._give_up(cancelled=cancelled)
            if cancelled:
                raise
        await workflow.wait_condition(workflow.all_handlers_finished)
        return ended

    @workflow.update(description="Answer once the store shows that this sync runs.")
    async def begun(self, ask: Ask) -> SyncStarted:
        await workflow.wait_condition(lambda: self._visible)
        return SyncStarted(sync_id=self._sync.sync_id)

    async def _begin(self) -> SyncBegun:
        info = workflow.info()
        begun = await workflow.execute_local_activity_method(
            SyncActivities.begin_sync,
            BeginSync(
                sync=self._sync,
                workflow_id=info.workflow_id,
                run_id=info.run_id,
                at=workflow.now(),
            ),
            **steps.at_once("Show that the sync runs"),
        )
        self._visible = True
        self._tell("It runs.")
        return begun

    async def _read(self, begun: SyncBegun) -> SyncEnded:
        """
        The company's own books and those of its legal entities; the first failure counts.

        While any of them has to wait, all are read again when that one may be.
        """
        readings = [self._read_child(child) for child in begun.children]
        if begun.connection_id is not None and not begun.already_read:
            readings.insert(0, self._read_books(begun.connection_id, begun))
        if not readings and not begun.already_read:
            return self._failed(steps.Trouble(Reason.ACCESS_REVOKED))
        outcomes = await asyncio.gather(*readings)
        failed = [each for each in outcomes if each.reason is not None]
        if not failed:
            return SyncEnded(sync_id=self._sync.sync_id)
        waiting = (each.retry_at for each in failed if each.retry_at is not None)
        return failed[0].model_copy(update={"retry_at": min(waiting, default=None)})

    async def _read_books(self, connection_id: str, begun: SyncBegun) -> SyncEnded:
        command = ReadBooks(
            sync_id=self._sync.sync_id,
            company_id=self._sync.company_id,
            connection_id=connection_id,
            data_types=begun.data_types,
        )
        try:
            return await workflow.execute_activity_method(
                SyncActivities.read_books,
                command,
                **steps.READ(f"Read {' and '.join(begun.data_types)}"),
            )
        except ActivityError as error:
            if workflow.cancellation_reason() is not None:
                raise
            return self._failed(steps.trouble_of(error))

    async def _read_child(self, child: RunSync) -> SyncEnded:
        try:
            return await (await start_sync(child))
        except ChildWorkflowError as error:
            if workflow.cancellation_reason() is not None:
                raise
            return self._failed(steps.trouble_of(error))

    async def _conclude(self, ended: SyncEnded) -> SyncEnded:
        """Show data and reports together; without reports, show the data and say why."""
        if ended.reason is not None:
            return await self._end(ended)
        try:
            final = await workflow.execute_activity_method(
                SyncActivities.publish_sync,
                PublishSync(sync_id=self._sync.sync_id, at=workflow.now()),
                **steps.BUILD("Build the reports and publish"),
            )
        except ActivityError as error:
            if workflow.cancellation_reason() is not None:
                raise
            return await self._end(self._failed(steps.trouble_of(error)))
        return self._show(final)

    async def _end(self, ended: SyncEnded) -> SyncEnded:
        final = await workflow.execute_activity_method(
            SyncActivities.end_sync,
            EndSync(
                sync_id=self._sync.sync_id,
                at=workflow.now(),
                reason=ended.reason,
                detail=ended.detail,
                retry_at=ended.retry_at,
            ),
            **steps.PUBLISH(f"Note: {ended.reason}"),
        )
        return self._show(final)

    async def _give_up(self, *, cancelled: bool) -> SyncEnded:
        """Say so in the store: it was cancelled, or what it read could not be published."""
        if not self._visible:
            await self._begin()
        detail = "It was cancelled." if cancelled else ""
        return await self._end(self._failed(steps.Trouble(Reason.INTERNAL, detail)))

    def _failed(self, trouble: steps.Trouble) -> SyncEnded:
        return SyncEnded(sync_id=self._sync.sync_id, **trouble._asdict())

    def _show(self, final: SyncEnded) -> SyncEnded:
        failed = f"It failed: {final.reason}."
        self._tell(failed if final.reason else "It succeeded.")
        return final

    def _tell(self, outcome: str) -> None:
        workflow.set_current_details(view.sync_details(self._sync, outcome))


async def start_sync(
    sync: RunSync,
) -> workflow.ChildWorkflowHandle[CompanySync, SyncEnded]:
    """One sync at a time per company: wait for one that runs, then run."""
    pauses = chain(steps.OTHER_SYNC_POLLS[:-1], repeat(steps.OTHER_SYNC_POLLS[-1]))
    while True:
        try:
            return await workflow.start_child_workflow(
                CompanySync.run,
                sync,
                id=sync_workflow_id(sync.company_id),
                parent_close_policy=workflow.ParentClosePolicy.REQUEST_CANCEL,
                static_summary=view.sync_title(sync),
                search_attributes=search_attributes.at_start(
                    sync.organization_id, sync.company_id, sync.journey_id
                ),
            )
        except WorkflowAlreadyStartedError:
            await workflow.sleep(
                next(pauses), summary="Another sync of this company runs"
            )
