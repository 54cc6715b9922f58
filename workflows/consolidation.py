"""The reports of all legal entities of a journey together. They are built beside its inbox."""

import asyncio
from collections.abc import Callable

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

from workflows import steps

with workflow.unsafe.imports_passed_through():
    from activities.reports import ReportActivities
    from domain.journey import Event
    from domain.messages import BuildReports
    from domain.state import Happened, Journey


class Consolidation:
    """Builds when the journey has come so far, and tells `outcome` what became of it."""

    def __init__(self, outcome: Callable[[Happened], None]) -> None:
        self._outcome = outcome
        self._building: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        """Reports are being built."""
        return self._building is not None and not self._building.done()

    def bring_in_line(self, journey: Journey) -> None:
        """Build if it is time to, and nobody does."""
        if journey.consolidating and not self.busy:
            self._building = asyncio.create_task(self._build(journey.company_id))

    def stop(self) -> None:
        """Nobody needs them any more."""
        if self._building is not None:
            self._building.cancel()

    async def _build(self, client_id: str) -> None:
        try:
            await workflow.execute_activity_method(
                ReportActivities.build_reports,
                BuildReports(company_id=client_id),
                **steps.BUILD("Build the reports of all legal entities"),
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                return
            reason, _, _ = steps.trouble_of(error)
            self._outcome(Happened(event=Event.CONSOLIDATION_FAILED, reason=reason))
        else:
            self._outcome(Happened(event=Event.CONSOLIDATED))
