"""Building a company's reports again, because a person confirmed what its accounts are."""

from temporalio import workflow
from temporalio.exceptions import ActivityError

from workflows import steps, view

with workflow.unsafe.imports_passed_through():
    from activities.reports import ReportActivities
    from domain.messages import Ask, BuildReports


@workflow.defn
class ReportBuild:
    """
    Build the reports anew from the data that is stored; nothing is fetched.

    Who confirms ten accounts in a row asks ten times: what comes while it builds
    is built once, afterwards.
    """

    @workflow.init
    def __init__(self, build: BuildReports) -> None:
        self._build = build
        self._asked = True

    @workflow.run
    async def run(self, build: BuildReports) -> None:
        while self._asked:
            self._asked = False
            await self._build_once()

    @workflow.signal(description="Something that the reports are made of has changed.")
    def again(self, ask: Ask) -> None:
        self._asked = True

    async def _build_once(self) -> None:
        """A failure is shown beside the report, whose older copy stays: here it is only told."""
        outcome = "They are built."
        try:
            await workflow.execute_activity_method(
                ReportActivities.build_reports,
                self._build,
                **steps.BUILD("Build the reports"),
            )
        except ActivityError as error:
            if workflow.cancellation_reason() is not None:
                raise
            outcome = f"They could not be built: {steps.trouble_of(error).reason}."
        workflow.set_current_details(view.build_details(self._build, outcome))
