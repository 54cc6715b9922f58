"""One timer for all deadlines of a journey."""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.deadlines import Deadline

SHORTEST = timedelta(seconds=1)
"""A timer of zero would mean none."""


class Alarm:
    """
    Rings at the earliest deadline that it was set to.

    A deadline that moves further away costs nothing: the alarm rings too early
    and is set anew. Only a nearer one takes a new timer.
    """

    def __init__(self) -> None:
        self._at: datetime | None = None
        self._timer: asyncio.Task[None] | None = None
        self._rang = False

    @property
    def rang(self) -> bool:
        """It rang and was not set again since."""
        return self._rang

    def set(self, deadline: Deadline | None) -> None:
        """Ring at `deadline` or before."""
        self._rang = False
        if deadline is None or (self._at is not None and self._at <= deadline.at):
            return
        self.stop()
        self._at = deadline.at
        self._timer = asyncio.create_task(self._ring(deadline))

    def stop(self) -> None:
        """Ring no more."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._at = None

    async def _ring(self, deadline: Deadline) -> None:
        wait = max(deadline.at - workflow.now(), SHORTEST)
        await workflow.sleep(wait, summary=f"Next: {deadline.due}")
        self._timer = self._at = None
        self._rang = True
