"""One legal entity's connection: from its software to its first snapshot."""

import asyncio
from datetime import datetime
from typing import Final

from temporalio import workflow
from temporalio.exceptions import ApplicationError, ChildWorkflowError

from workflows import search_attributes, steps, view
from workflows.sync import start_sync

with workflow.unsafe.imports_passed_through():
    from domain.ids import Kind, new_id
    from domain.journey import EntityStage
    from domain.messages import (
        Ask,
        ConnectEntity,
        EntityRead,
        RunSync,
        SyncEnded,
        Trigger,
    )
    from domain.reasons import Reason
    from domain.state import Entity

HEEDED: Final = "a cancellation is heeded even if it came as a sync ended"


@workflow.defn
class EntityConnection:
    """
    Follow one legal entity, and read its books whenever the journey says that it may.

    The journey decides; this workflow reads, says what came of it, and tries
    again by itself where the reason is one that passes.
    """

    @workflow.init
    def __init__(self, start: ConnectEntity) -> None:
        self.entity = start.entity
        self._start = start
        self._retry_at = start.retry_at
        self._may_read = start.entity.being_read

    @workflow.run
    async def run(self, start: ConnectEntity) -> None:
        self._show(self.entity)
        while self.entity.stage is not EntityStage.DONE:
            _heed_cancellation()
            await self._leave_to_read()
            ended = await self._read()
            await self._tell_the_journey(ended)
        await workflow.wait_condition(workflow.all_handlers_finished)

    @workflow.signal(description="The journey says where this legal entity stands now.")
    def follow(self, entity: Entity) -> None:
        known, self.entity = self.entity, entity
        self._may_read = self._may_read or _newly_fetching(known, entity)
        self._retry_at = entity.retry_at
        self._show(known)

    @workflow.signal(
        description="Try again now, where it waits to be tried again by itself."
    )
    def retry_now(self, ask: Ask) -> None:
        self._may_read = self._may_read or self._retry_at is not None

    @workflow.query(description="Where this legal entity stands.")
    def state(self) -> Entity:
        return self.entity

    async def _leave_to_read(self) -> None:
        """Wait for the customer or an operator; where it is tried again by itself, until then."""
        if workflow.info().is_continue_as_new_suggested() and not self._may_read:
            workflow.continue_as_new(
                self._start.model_copy(
                    update={"entity": self.entity, "retry_at": self._retry_at}
                )
            )
        wait = (
            max((self._retry_at - workflow.now()).total_seconds(), 1)
            if self._retry_at
            else None
        )
        try:
            await workflow.wait_condition(
                lambda: self._may_read,
                timeout=wait,
                timeout_summary="Try again by itself",
            )
        except TimeoutError:
            workflow.logger.info("entity.tried_again")
        self._may_read, self._retry_at = False, None

    async def _read(self) -> SyncEnded:
        start = self._start
        sync = RunSync(
            sync_id=new_id(Kind.SYNC, workflow.now(), workflow.random()),
            organization_id=start.organization_id,
            company_id=self.entity.company_id,
            connection_id=self.entity.id,
            journey_id=start.journey_id,
            trigger=Trigger.JOURNEY,
            data_types=start.data_types,
        )
        try:
            return await (await start_sync(sync))
        except ChildWorkflowError as error:
            if workflow.cancellation_reason() is not None:
                raise
            return SyncEnded(sync_id=sync.sync_id, **steps.trouble_of(error)._asdict())

    async def _tell_the_journey(self, ended: SyncEnded) -> None:
        read = EntityRead(
            entity_id=self.entity.id,
            reason=ended.reason,
            detail=ended.detail,
            retry_at=ended.retry_at,
        )
        known = self.entity
        self.entity = _after(known, read, workflow.now())
        self._retry_at = read.retry_at
        self._show(known)
        journey = workflow.get_external_workflow_handle(self._start.journey_id)
        try:
            await journey.signal("entity_read", read)
        except ApplicationError:  # it is over, and ends this connection too
            workflow.logger.info("entity.nobody_listens")

    def _show(self, known: Entity) -> None:
        before = search_attributes.entity_values(known)
        values = search_attributes.entity_values(self.entity)
        if updates := search_attributes.changes(before, values):
            workflow.upsert_search_attributes(updates)
        workflow.set_current_details(
            view.entity_details(self._start, self.entity, self._retry_at)
        )


def _heed_cancellation() -> None:
    """End, if somebody said so: a child or a Signal that is done just then hides it from us."""
    if workflow.cancellation_reason() is not None and workflow.patched(HEEDED):
        raise asyncio.CancelledError


def _newly_fetching(known: Entity, entity: Entity) -> bool:
    return entity.being_read and not known.being_read


def _after(entity: Entity, read: EntityRead, at: datetime) -> Entity:
    """What the journey will say about it; until then, what this workflow shows."""
    if read.reason is None:
        return entity.but(stage=EntityStage.DONE, trouble=None, detail="")
    return entity.but(
        stage=EntityStage.FAILED,
        trouble=Reason(read.reason),
        detail=read.detail,
        failed_at=at,
        retry_at=read.retry_at,
    )
