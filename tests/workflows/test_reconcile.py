"""What a crash, a terminate or a reset left behind is put right."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import text
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, ResetReapplyExcludeType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import WorkflowExecutionStatus

from domain.journey import Delivery, Event, Stage, Status
from domain.messages import Ask, RunReconcile, SyncState
from domain.reasons import Reason
from tests.workflows.customer import Customer
from tests.workflows.world import SPEND, World
from workflows.ids import sync_workflow_id
from workflows.journey import CustomerJourney
from workflows.reconcile import Reconcile
from workflows.start import start_journey

RESENT = (
    ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL,
    ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE,
)


async def first_moved(customer: Customer) -> None:
    """Wait until the journey has made its first move and knows it: there `reset` goes back to."""
    await customer.stands(Stage.AWAITING_CUSTOMER)

    async def look() -> bool:
        return len(await tasks_of(customer)) > 1

    await customer.world.until(look)


async def tasks_of(customer: Customer) -> list[int]:
    """Return where in its history each of the workflow's turns ended."""
    history = await customer.handle.fetch_history()
    return [
        event.event_id
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    ]


async def reset(customer: Customer, *, forgetting: bool) -> None:
    """
    Go back to the first move, as an operator can in the Temporal UI.

    What came in since is sent again by the server, or forgotten.
    """
    described = await customer.handle.describe()
    tasks = await tasks_of(customer)
    request = ResetWorkflowExecutionRequest(
        namespace=customer.world.client.namespace,
        workflow_execution=WorkflowExecution(
            workflow_id=customer.id, run_id=described.run_id
        ),
        reason="a test",
        workflow_task_finish_event_id=tasks[1],
        request_id=str(uuid4()),
    )
    if forgetting:
        request.reset_reapply_exclude_types.extend(RESENT)
    service = customer.world.client.workflow_service
    await service.reset_workflow_execution(request)


async def test_a_journey_whose_row_has_no_workflow_is_started(world: World) -> None:
    """
    Not at once: whoever wrote the row may be about to start it.
    """
    customer = await world.ask(started=False)

    await world.sweep("start_journeys", after=timedelta())
    await world.sweep("mirror_journeys")
    young = await customer.journey()
    await world.sweep("start_journeys")
    await world.sweep("start_journeys")
    await customer.stands(Stage.AWAITING_CUSTOMER)

    assert (0, Stage.SENDING) == (young.version, young.stage)
    assert 1 == len(world.postman.taken)


async def test_a_journey_that_was_terminated_before_it_began_is_cancelled(
    world: World,
) -> None:
    """
    So that its company can be asked again.
    """
    async with world.downtime():
        customer = await world.ask()
        await customer.handle.terminate()
    await world.sweep("mirror_journeys")

    assert Stage.CANCELLED is (await customer.journey()).stage
    assert [Event.CANCELLED] == await customer.events()


async def test_after_a_reset_the_store_shows_what_the_workflow_holds(
    world: World,
) -> None:
    """
    What came in since happens again, up to an approval that was for a connection that is gone;
    the emails that went out do not go out again.
    """
    customer = await world.ask(SPEND)
    await first_moved(customer)
    await customer.begins()
    await customer.asks(CustomerJourney.resend, Ask())
    await customer.says(Event.REQUEST_SENT, times=2)
    await customer.does("choose_structure", structure="multiple")
    north = await customer.adds("North", "malformed")
    await customer.reaches(lambda journey: bool(journey.failed()))

    await reset(customer, forgetting=False)
    await customer.says(Event.REQUEST_SENT, times=4)
    journey = await customer.stands(Stage.AUTHORIZING)
    await world.sweep("mirror_journeys")
    await world.ends(north.id)

    held = await customer.handle.query(CustomerJourney.state)
    assert held == await customer.journey() == journey
    assert [journey.focus] == [each.id for each in await customer.connections()]
    assert north.id != journey.focus
    assert 2 == len(world.postman.taken)
    sequence = [row.seq for row in await customer.timeline()]
    assert list(range(1, len(sequence) + 1)) == sequence


async def test_what_was_made_after_the_point_of_a_reset_is_gone(world: World) -> None:
    """
    A legal entity with its company row and its connection, for example.
    """
    customer = await world.ask(SPEND, delivery=Delivery.LINK)
    await first_moved(customer)
    await customer.begins_with_several()
    north = await customer.adds("North", "malformed")
    await customer.reaches(lambda journey: bool(journey.failed()))

    await reset(customer, forgetting=True)
    await world.sweep("mirror_journeys")
    await world.sweep("mirror_journeys")
    await world.ends(north.id)

    journey = await customer.journey()
    assert 1 == (await customer.events()).count(Event.MIRRORED)
    assert (Stage.AWAITING_CUSTOMER, ()) == (journey.stage, journey.entities)
    assert {} == await customer.legal_entities()
    assert WorkflowExecutionStatus.CANCELED is await world.status(north.id)


async def test_a_journey_that_was_ended_by_mistake_can_be_brought_back(
    world: World,
) -> None:
    """
    Reset after it counted as cancelled, it stands where it stood, and goes on from there.
    """
    customer = await world.ask(delivery=Delivery.LINK)
    await first_moved(customer)
    await customer.handle.terminate()
    await world.sweep("mirror_journeys")
    assert Stage.CANCELLED is (await customer.journey()).stage

    await reset(customer, forgetting=True)
    await world.sweep("mirror_journeys")
    await world.sweep("mirror_journeys")
    await customer.stands(Stage.AWAITING_CUSTOMER)
    await customer.does("open")

    assert Stage.SELECTING_SOFTWARE is (await customer.journey()).stage
    assert [Event.CANCELLED, Event.MIRRORED, Event.OPENED] == (await customer.events())[
        -3:
    ]


async def test_a_journey_that_is_brought_back_too_late_ends(world: World) -> None:
    """
    Its company has been asked anew since; nothing of that changes.
    """
    customer = await world.ask(delivery=Delivery.LINK)
    await first_moved(customer)
    await customer.handle.terminate()
    await world.sweep("mirror_journeys")
    again = await world.ask(delivery=Delivery.LINK, company=customer)
    await again.stands(Stage.AWAITING_CUSTOMER)

    await reset(customer, forgetting=True)
    await world.sweep("mirror_journeys")
    await world.ends(customer.id)

    assert Stage.CANCELLED is (await customer.journey()).stage
    assert Stage.AWAITING_CUSTOMER is (await again.journey()).stage
    assert Event.MIRRORED not in await customer.events()


async def test_a_journey_that_is_in_line_is_left_alone(world: World) -> None:
    """
    However often it is looked at, also while it is fetching.
    """
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.begins()
    await customer.connects("slow")
    before = await customer.timeline()

    for _ in range(2):
        await world.sweep("mirror_journeys")

    assert before == await customer.timeline()


async def test_one_journey_that_can_not_answer_keeps_no_other_one_waiting(
    world: World,
) -> None:
    """
    It is looked at again later.
    """
    mute = await world.ask(started=False)
    ended = await world.ask(delivery=Delivery.LINK)
    await ended.stands(Stage.AWAITING_CUSTOMER)
    await start_journey(world.client, await mute.journey(), "nobody")

    await ended.handle.terminate()
    await world.sweep("mirror_journeys")
    await mute.handle.terminate()

    assert Stage.CANCELLED is (await ended.journey()).stage
    assert Stage.SENDING is (await mute.journey()).stage


async def test_a_sync_that_was_terminated_does_not_run_in_the_store_for_ever(
    world: World,
) -> None:
    """
    The company is in Error with its reason; a sync that runs is left alone.
    """
    dead, alive = [await world.ask(delivery=Delivery.LINK) for _ in range(2)]
    for customer in (dead, alive):
        await customer.completes()
        await world.scenario(customer.name, "slow")
        world.slow.add(customer.name)
    ended, running = await dead.starts_refresh(), await alive.starts_refresh()

    sync = world.client.get_workflow_handle(sync_workflow_id(dead.company_id))
    await sync.terminate()
    await world.sweep("mirror_syncs")
    row = await dead.sync_ends(ended)
    await world.sweep("mirror_syncs")
    await world.scenario(alive.name, "default")
    other = await alive.sync_ends(running)

    assert (SyncState.FAILED, Reason.INTERNAL) == (row.state, row.reason)
    assert (Status.ERROR, Reason.INTERNAL) == await dead.status()
    assert SyncState.SUCCEEDED is other.state


async def test_what_nobody_reads_any_more_is_deleted(world: World) -> None:
    """
    An hour after the swap, when the last reader has left; what is read stays.
    """
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.completes()
    (old,) = await customer.syncs()
    new = await customer.refreshes()

    await world.sweep("sweep_objects", after=timedelta(minutes=59))
    early = await objects(world, customer, old.id)
    for _ in range(2):
        await world.sweep("sweep_objects", after=timedelta(minutes=61))

    assert early
    assert [] == await objects(world, customer, old.id)
    assert await objects(world, customer, new.id)


async def objects(world: World, customer: Customer, sync_id: str) -> list[str]:
    return await world.objects.keys(f"snapshots/{customer.company_id}/{sync_id}")


async def test_the_schedule_does_all_of_it(world: World) -> None:
    """
    Every sweep runs, in its own time.
    """
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.stands(Stage.AWAITING_CUSTOMER)
    await customer.handle.terminate()

    handle = await world.client.start_workflow(
        Reconcile.run,
        RunReconcile(),
        id=f"reconcile-{world.task_queue}",
        task_queue=world.task_queue,
    )
    await handle.result()

    assert await customer.details(handle.id, once="All of it was looked at.")
    history = await handle.fetch_history()
    steps = [
        event.activity_task_scheduled_event_attributes.activity_type.name
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    assert Stage.CANCELLED is (await customer.journey()).stage
    assert [
        "start_journeys",
        "mirror_journeys",
        "mirror_syncs",
        "retry_syncs",
        "rebuild_reports",
        "sweep_objects",
        "start_removals",
        "start_deeds",
    ] == steps


async def test_a_sweep_that_fails_stops_none_of_the_others(world: World) -> None:
    """
    A minute later it is done again; the workflow has not failed.
    """
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.completes()
    await customer.refreshes()
    async with world.database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE journeys RENAME TO hidden"))

    handle = await world.client.start_workflow(
        Reconcile.run,
        RunReconcile(),
        id=f"reconcile-{world.task_queue}",
        task_queue=world.task_queue,
    )
    await world.later(handle.id, minutes=5)
    await handle.result()
    async with world.database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE hidden RENAME TO journeys"))

    assert WorkflowExecutionStatus.COMPLETED is await world.status(handle.id)


async def test_a_sweep_that_is_called_off_ends(world: World) -> None:
    """
    Cancelled in the Temporal UI, it does not go on with the next one.
    """
    async with world.nobody_writes():
        handle = await world.client.start_workflow(
            Reconcile.run,
            RunReconcile(),
            id=f"reconcile-{world.task_queue}",
            task_queue=world.task_queue,
        )
        await world.until(lambda: waits(world, handle.id))
        await handle.cancel()
        await world.ends(handle.id)

    assert WorkflowExecutionStatus.CANCELED is await world.status(handle.id)


async def waits(world: World, workflow_id: str) -> bool:
    """Whether the second sweep is under way, which has to write."""
    described = await world.client.get_workflow_handle(workflow_id).describe()
    pending = described.raw_description.pending_activities
    return any(each.activity_type.name == "mirror_journeys" for each in pending)
