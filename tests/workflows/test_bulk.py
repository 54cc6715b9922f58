"""Many journeys are asked for the same thing: each once, whatever happens in between."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple

import pytest
from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import ActivityEnvironment

from activities.bulk import TRIES, AskJourney, BulkActivities
from activities.patience import TryAgain
from domain.audit import Done
from domain.bulk import BulkAction, BulkProgress, Demand, Outcome, TakeSome
from domain.ids import Kind
from domain.journey import Delivery, Event, Stage
from domain.messages import Cancel, Moved, Sweep
from emails.transport import Undeliverable
from store import bulk
from store.tables import AuditRow, BulkDeedRow, BulkItemRow
from tests.workflows.customer import Customer
from tests.workflows.world import World
from workflows.asking import ask_journey
from workflows.bulk import BulkDeed
from workflows.journey import CustomerJourney
from workflows.start import start_bulk, start_journey

WHO = "us_somebody"
NOBODY = "jo_" + "0" * 26


class Crashed(Exception):
    """The process is gone, after the journey has answered."""


class Deed(NamedTuple):
    """One deed of a test."""

    world: World
    id: str

    @property
    def command(self) -> TakeSome:
        return TakeSome(deed_id=self.id)

    async def row(self) -> BulkDeedRow:
        (row,) = await self.world.rows(BulkDeedRow, BulkDeedRow.id == self.id)
        return row

    async def outcomes(self) -> list[Outcome | None]:
        rows = await self.world.rows(BulkItemRow, BulkItemRow.deed_id == self.id)
        return [row.outcome for row in sorted(rows, key=lambda row: row.number)]

    async def run(self) -> BulkProgress:
        """Do it in a workflow, to the end."""
        command = bulk.command_of(await self.row())
        await start_bulk(self.world.client, command, self.world.task_queue)
        handle: WorkflowHandle[BulkDeed, BulkProgress] = (
            self.world.client.get_workflow_handle(
                command.workflow_id, result_type=BulkProgress
            )
        )
        return await handle.result()

    async def takes_some(self, ask: AskJourney = ask_journey) -> BulkProgress:
        """Do one step of it."""
        steps = activities(self.world, ask)
        progress: BulkProgress = await ActivityEnvironment().run(
            steps.take_some, self.command
        )
        return progress

    async def sweep(self) -> None:
        """Look for it, as `Reconcile` does a minute later."""
        sweep = Sweep(at=datetime.now(UTC) + timedelta(minutes=1), run_id="run")
        steps = activities(self.world, ask_journey)
        await ActivityEnvironment().run(steps.start_deeds, sweep)


def activities(world: World, ask: AskJourney) -> BulkActivities:
    return BulkActivities(
        world.database,
        world.client,
        ask_journey=ask,
        start_journey=partial(start_journey, task_queue=world.task_queue),
        start_bulk=partial(start_bulk, task_queue=world.task_queue),
    )


async def deed(
    world: World, action: BulkAction, journey_ids: Sequence[str], days: int = 0
) -> Deed:
    """Write down what is asked of whom, as the API does."""
    row = BulkDeedRow(
        id=world.new_id(Kind.DEED),
        organization_id=world.organization_id,
        user_id=WHO,
        action=action,
        days=days,
        reason="it is over" if action is BulkAction.CANCEL else "",
        total=len(journey_ids),
        at=datetime.now(UTC),
    )
    async with world.database.transaction() as session:
        await bulk.begin(session, row, journey_ids)
    return Deed(world, row.id)


async def parked(world: World) -> Customer:
    """Ask a client whose address is refused."""
    world.postman.troubles = [Undeliverable("550")]
    customer = await world.ask()
    await customer.reaches(lambda journey: journey.unsent)
    return customer


async def test_each_does_it_or_says_why_not(world: World) -> None:
    """
    One is sent again, one has no email, one ended a moment ago; who did it is known.
    """
    unsent = await parked(world)
    by_link = await world.ask(delivery=Delivery.LINK)
    await by_link.stands(Stage.AWAITING_CUSTOMER)
    over = await world.ask(delivery=Delivery.LINK)
    await over.asks(CustomerJourney.cancel, Cancel(reason="gone"))
    await world.ends(over.id)
    ours = await deed(world, BulkAction.RESEND, [unsent.id, by_link.id, over.id])

    progress = await ours.run()
    await unsent.stands(Stage.AWAITING_CUSTOMER)

    handle = world.client.get_workflow_handle(f"bulk-{ours.id}")
    assert progress == await handle.query(BulkDeed.progress)
    assert BulkProgress(done=1, undone=2) == progress
    assert [Outcome.DONE, Outcome.NOT_EMAILED, Outcome.CLOSED] == await ours.outcomes()
    assert (await ours.row()).finished_at is not None
    (noted,) = await world.rows(AuditRow)
    assert (WHO, Done.RESEND_ASKED) == (noted.user_id, noted.what)
    assert "**3 of 3** were asked" in await unsent.details(f"bulk-{ours.id}")


@pytest.mark.parametrize(
    ("action", "event"),
    [(BulkAction.EXTEND, Event.EXTENDED), (BulkAction.CANCEL, Event.CANCELLED)],
)
async def test_a_crash_between_answer_and_note_does_nothing_twice(
    world: World, action: BulkAction, event: Event
) -> None:
    """
    Whoever goes on finds that the journey has moved, and does not ask again.
    """
    customers = [await world.ask(delivery=Delivery.LINK) for _ in range(2)]
    for customer in customers:
        await customer.stands(Stage.AWAITING_CUSTOMER)
    ours = await deed(world, action, [each.id for each in customers], days=7)
    asked: list[str] = []

    async def dies(
        client: Client, journey_id: str, demand: Demand, update_id: str
    ) -> Moved | Outcome:
        await ask_journey(client, journey_id, demand, update_id)
        raise Crashed

    async def tells(
        client: Client, journey_id: str, demand: Demand, update_id: str
    ) -> Moved | Outcome:
        asked.append(journey_id)
        return await ask_journey(client, journey_id, demand, update_id)

    with pytest.raises(Crashed):
        await ours.takes_some(dies)
    half_way = await ours.outcomes()
    progress = await ours.takes_some(tells)
    again = await ours.takes_some(tells)

    assert [None, None] == half_way
    assert BulkProgress(done=2) == progress == again
    assert [customers[1].id] == asked
    for customer in customers:
        assert 1 == (await customer.events()).count(event)
    assert 2 == len(await world.rows(AuditRow))


async def test_a_question_that_was_taken_in_before_a_crash_is_not_a_second_one(
    world: World,
) -> None:
    """
    Under the same id it gets the first answer, even while the move is not recorded yet.
    """
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.stands(Stage.AWAITING_CUSTOMER)
    demand = Demand(action=BulkAction.EXTEND, days=7)

    first = await ask_journey(world.client, customer.id, demand, "the deed")
    second = await ask_journey(world.client, customer.id, demand, "the deed")

    assert first == second
    assert 1 == (await customer.events()).count(Event.EXTENDED)


async def test_a_journey_that_was_never_started_is_started_and_asked(
    world: World,
) -> None:
    """
    Temporal was away when it was made, and `Reconcile` has not come by.
    """
    customer = await world.ask(delivery=Delivery.LINK, started=False)
    ours = await deed(world, BulkAction.EXTEND, [customer.id, NOBODY], days=3)

    await ours.takes_some()

    assert [Outcome.DONE, Outcome.CLOSED] == await ours.outcomes()
    assert [Event.REQUESTED, Event.EXTENDED] == await customer.events()


@pytest.mark.parametrize(
    "error",
    [
        WorkflowUpdateRPCTimeoutOrCancelledError(),
        RPCError("late", RPCStatusCode.DEADLINE_EXCEEDED, b""),
    ],
)
async def test_one_that_does_not_answer_keeps_nobody_waiting(
    world: World, error: Exception
) -> None:
    """
    The others are asked; after some tries the result says that it may still happen.
    """
    silent = await world.ask(delivery=Delivery.LINK)
    other = await world.ask(delivery=Delivery.LINK)
    ours = await deed(world, BulkAction.EXTEND, [silent.id, other.id], days=3)

    async def some(
        client: Client, journey_id: str, demand: Demand, update_id: str
    ) -> Moved | Outcome:
        if journey_id == silent.id:
            raise error
        return await ask_journey(client, journey_id, demand, update_id)

    tries = [await ours.takes_some(some) for _ in range(TRIES)]

    assert [1, 1, 0] == [each.left for each in tries]
    assert [Outcome.NO_ANSWER, Outcome.DONE] == await ours.outcomes()


async def test_a_server_that_is_away_is_waited_for(world: World) -> None:
    """
    That is nobody's outcome: the step is tried again until Temporal is back.
    """
    ours = await deed(world, BulkAction.EXTEND, [NOBODY], days=3)

    async def fails(
        client: Client, journey_id: str, demand: Demand, update_id: str
    ) -> Moved | Outcome:
        raise RPCError("away", RPCStatusCode.UNAVAILABLE, b"")

    with pytest.raises(TryAgain):
        await ours.takes_some(fails)

    assert [None] == await ours.outcomes()


async def test_a_deed_whose_workflow_was_not_started_is_started(world: World) -> None:
    """
    Temporal was away when it was written down; started twice, it is done once.
    """
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.stands(Stage.AWAITING_CUSTOMER)
    ours = await deed(world, BulkAction.EXTEND, [customer.id], days=3)

    await ours.sweep()
    await ours.sweep()
    await world.ends(f"bulk-{ours.id}")
    await ours.sweep()

    assert [Outcome.DONE] == await ours.outcomes()
    assert 1 == (await customer.events()).count(Event.EXTENDED)


@pytest.mark.parametrize(
    ("how", "ended"),
    [
        ("cancel", WorkflowExecutionStatus.CANCELED),
        ("terminate", WorkflowExecutionStatus.TERMINATED),
    ],
)
async def test_a_deed_that_is_ended_in_temporal_asks_nobody_else(
    world: World, how: str, ended: WorkflowExecutionStatus
) -> None:
    """
    Whose turn has not come is left alone, and the results say so.
    """
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.says(Event.REQUESTED)
    ours = await deed(world, BulkAction.CANCEL, [customer.id])
    command = bulk.command_of(await ours.row())

    async with world.downtime():
        await start_bulk(world.client, command, world.task_queue)
        handle = world.client.get_workflow_handle(command.workflow_id)
        await (handle.cancel() if how == "cancel" else handle.terminate())
    await world.ends(command.workflow_id)
    await ours.sweep()

    assert ended is await world.status(command.workflow_id)
    assert [Outcome.STOPPED] == await ours.outcomes()
    assert [Event.REQUESTED] == await customer.events()


async def test_a_deed_of_many_goes_on_after_a_pause(world: World) -> None:
    """
    It asks a handful at a time, and all of them in the end.
    """
    ours = await deed(world, BulkAction.RETRY, [f"jo_{n:026}" for n in range(60)])

    progress = await ours.run()

    assert BulkProgress(undone=60) == progress
    assert {Outcome.CLOSED} == set(await ours.outcomes())
