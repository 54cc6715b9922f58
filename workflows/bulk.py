"""The same thing asked of many journeys, a few at a time, until each has answered."""

import asyncio
from datetime import timedelta
from typing import Final

from temporalio import workflow
from temporalio.exceptions import ActivityError

from workflows import steps, view

with workflow.unsafe.imports_passed_through():
    from activities.bulk import BulkActivities
    from domain.bulk import BulkProgress, RunBulk, TakeSome

PAUSE: Final = timedelta(seconds=2)
"""Between two handfuls: so thousands of retries leave room for everybody else."""


@workflow.defn
class BulkDeed:
    """
    Ask each journey of a deed once.

    Where it stands is in the store, not here: each step takes the next handful that
    nothing came of yet. A deed has 10,000 journeys at most, which are 200 handfuls, and
    each has some eleven events: a history of 2,200 or a little more fits into one run. Cancelled, it asks nobody else.
    """

    @workflow.init
    def __init__(self, deed: RunBulk) -> None:
        self._deed = deed
        self._progress = BulkProgress(left=deed.total)

    @workflow.run
    async def run(self, deed: RunBulk) -> BulkProgress:
        self._show()
        try:
            await self._ask_all()
        except (asyncio.CancelledError, ActivityError):
            if workflow.cancellation_reason() is None:
                raise
            await self._stop()
            raise
        return self._progress

    @workflow.query(description="How many did it, did not, and are left.")
    def progress(self) -> BulkProgress:
        return self._progress

    async def _ask_all(self) -> None:
        while self._progress.left:
            await self._ask_some()
            self._show()
            if self._progress.left:
                await workflow.sleep(PAUSE, summary="Let others go first")

    async def _ask_some(self) -> None:
        asked = self._deed.total - self._progress.left
        self._progress = await workflow.execute_activity_method(
            BulkActivities.take_some,
            TakeSome(deed_id=self._deed.deed_id),
            **steps.BULK(f"Ask the next after {asked} of {self._deed.total}"),
        )

    async def _stop(self) -> None:
        self._progress = await workflow.execute_activity_method(
            BulkActivities.stop,
            TakeSome(deed_id=self._deed.deed_id),
            **steps.RECORD("Leave the rest alone"),
        )
        self._show()

    def _show(self) -> None:
        workflow.set_current_details(view.bulk_details(self._deed, self._progress))
