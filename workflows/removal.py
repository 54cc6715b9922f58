"""Taking a company away with everything that is known of it, for as long as that takes."""

import asyncio
from collections.abc import Mapping
from typing import Final

from temporalio import workflow
from temporalio.exceptions import ActivityError

from workflows import steps, view

with workflow.unsafe.imports_passed_through():
    from activities.removals import RemovalActivities
    from domain.messages import GiveBack, RemoveCompany
    from domain.removals import STEPS, Progress, Step

AT_ONCE: Final = 500
"""So many connections are given back at a time: some software may not answer for weeks."""

_DOING: Final = {
    Step.JOURNEYS: RemovalActivities.end_journeys,
    Step.WORK: RemovalActivities.stop_work,
    Step.FILES: RemovalActivities.delete_files,
    Step.RECORDS: RemovalActivities.delete_records,
    Step.CHECK: RemovalActivities.look_once_more,
}


@workflow.defn
class CompanyRemoval:
    """
    End what runs, give the access back, delete the rest, and close a receipt that names nobody.

    What is deleted does not wait for software that does not answer: of a connection only
    its tokens are kept until they are given back.
    """

    @workflow.init
    def __init__(self, command: RemoveCompany) -> None:
        self._command = command
        self._progress = dict.fromkeys(STEPS, Progress.WAITING)
        self._turns = asyncio.Semaphore(AT_ONCE)

    @workflow.run
    async def run(self, command: RemoveCompany) -> None:
        await self._do(Step.JOURNEYS)
        await self._do(Step.WORK)
        await asyncio.gather(self._give_access_back(), self._delete())
        await self._give_back_what_is_left()
        await workflow.execute_activity_method(
            RemovalActivities.close_receipt,
            command,
            **steps.RECORD("Close the receipt"),
        )

    @workflow.query(description="How far each step of the removal is.")
    def state(self) -> Mapping[Step, Progress]:
        return self._progress

    async def _delete(self) -> None:
        await self._do(Step.FILES)
        await self._do(Step.RECORDS)
        await workflow.sleep(
            steps.WRITTEN_WITHIN,
            summary="Leave time to whoever is in the middle of writing",
        )
        await self._do(Step.CHECK)

    async def _do(self, step: Step) -> None:
        self._show(step, Progress.RUNNING)
        await workflow.execute_activity_method(
            _DOING[step], self._command, **steps.REMOVE(STEPS[step].title)
        )
        self._show(step, Progress.DONE)

    async def _give_access_back(self) -> None:
        self._show(Step.CONNECTIONS, Progress.RUNNING)
        await self._give_back_what_is_left()
        await workflow.execute_activity_method(
            RemovalActivities.end_giving_back,
            self._command,
            **steps.RECORD("Show that all access is given back"),
        )
        self._show(Step.CONNECTIONS, Progress.DONE)

    async def _give_back_what_is_left(self) -> None:
        """A reading that was on its way may still bring tokens: so look until there are none."""
        while left := await self._left():
            await asyncio.gather(*(self._give_back(each) for each in left))

    async def _left(self) -> tuple[str, ...]:
        found = await workflow.execute_activity_method(
            RemovalActivities.list_connections,
            self._command,
            **steps.RECORD("Look for access that is not given back"),
        )
        return found.connection_ids

    async def _give_back(self, connection_id: str) -> None:
        """Tell the software for weeks; then the tokens go all the same, and the receipt says so."""
        command = GiveBack(
            removal_id=self._command.removal_id, connection_id=connection_id
        )
        telling = steps.TELL._replace(altogether=self._command.patience)
        async with self._turns:
            try:
                await workflow.execute_activity_method(
                    RemovalActivities.give_back_for_good,
                    command,
                    **telling(f"Give {connection_id} back"),
                )
            except ActivityError:
                if workflow.cancellation_reason() is not None:
                    raise
                await workflow.execute_activity_method(
                    RemovalActivities.give_up,
                    command,
                    **steps.RECORD(
                        f"Note that {connection_id} could not be given back"
                    ),
                )

    def _show(self, step: Step, progress: Progress) -> None:
        self._progress[step] = progress
        workflow.set_current_details(
            view.removal_details(self._command, self._progress)
        )
