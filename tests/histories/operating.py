"""Lives in which operators, the bank, other workflows or mere length play a part."""

from collections.abc import Awaitable, Callable

from domain.ids import Kind
from domain.journey import Delivery, EntityStage, Event, Stage
from domain.messages import (
    Ask,
    Extend,
    RevokeConnection,
    RunReconcile,
    RunSync,
    Trigger,
)
from domain.state import Entity, Journey
from store.tables import SyncRow
from tests.histories.quiet import rests
from tests.workflows.customer import Customer
from tests.workflows.test_reconcile import reset
from tests.workflows.world import SPEND, World
from workflows.ids import reports_workflow_id, revoke_workflow_id, sync_workflow_id
from workflows.journey import CustomerJourney
from workflows.reconcile import Reconcile
from workflows.revoke import ConnectionRevocation
from workflows.start import start_build, start_sync

ASK = Ask()


async def refreshed_and_revoked(world: World) -> None:
    """Books read again, and again in vain; reports built anew; then the access is given back."""
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.completes()
    await customer.refreshes()
    await world.scenario(customer.name, "malformed")
    await _refreshes_in_vain(customer)
    await start_build(world.client, customer.company_id, world.task_queue)
    await world.ends(reports_workflow_id(customer.company_id))
    (connection,) = await customer.connections()
    handle = await world.client.start_workflow(
        ConnectionRevocation.run,
        RevokeConnection(connection_id=connection.id),
        id=revoke_workflow_id(connection.id),
        task_queue=world.task_queue,
    )
    await world.asks(handle, ConnectionRevocation.recorded, ASK)
    await handle.result()


async def _refreshes_in_vain(customer: Customer) -> None:
    """Over so soon that there would be nobody left to answer an Update."""
    world = customer.world
    await world.ends(sync_workflow_id(customer.company_id))
    sync = RunSync(
        sync_id=world.new_id(Kind.SYNC),
        organization_id=world.organization_id,
        company_id=customer.company_id,
        trigger=Trigger.SCHEDULE,
    )
    await start_sync(world.client, sync, world.task_queue)
    await world.ends(sync_workflow_id(customer.company_id))


async def one_sync_at_a_time(world: World) -> None:
    """A second journey waits for a refresh that runs, which is cancelled in Temporal."""
    first = await world.ask(delivery=Delivery.LINK)
    await first.completes()
    await world.scenario(first.name, "slow")
    refresh = await first.starts_refresh()
    second = await world.ask(delivery=Delivery.LINK, company=first)
    await second.begins()
    (entity,) = (await second.connects()).entities
    await world.until(lambda: _waits(world, entity))
    await world.client.get_workflow_handle(sync_workflow_id(first.company_id)).cancel()
    await first.sync_ends(refresh)
    await second.stands(Stage.COMPLETED)


async def _waits(world: World, entity: Entity) -> bool:
    """Whether a legal entity's connection has set itself a timer."""
    handle = world.client.get_workflow_handle(entity.id)
    history = await handle.fetch_history()
    return any(
        event.HasField("timer_started_event_attributes") for event in history.events
    )


async def cancelled_in_temporal(world: World) -> None:
    """With one legal entity that is read, one that is being read, and one that failed."""
    customer = await world.ask(SPEND, delivery=Delivery.LINK)
    await customer.begins_with_several()
    await customer.adds("North")
    await customer.reaches(lambda journey: journey.entities[0].over)
    await customer.adds("South", "malformed")
    await customer.reaches(lambda journey: bool(journey.failed()))
    west = await customer.adds("West", "slow")
    world.slow.add("West")
    await _is_read(world, west)
    await rests(world, customer.id, west.id)
    await customer.handle.cancel()
    await customer.stands(Stage.CANCELLED)
    await world.ends(west.id)


async def terminated(world: World) -> None:
    """By force, while books are read: the reconciliation tidies up."""
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.begins()
    (entity,) = (await customer.connects("slow")).entities
    world.slow.add(customer.name)
    await _is_read(world, entity)
    await rests(world, customer.id, entity.id)
    await customer.handle.terminate()
    handle = await world.client.start_workflow(
        Reconcile.run,
        RunReconcile(),
        id=f"reconcile-{world.task_queue}",
        task_queue=world.task_queue,
    )
    await handle.result()
    await customer.stands(Stage.CANCELLED)
    await world.ends(entity.id)


async def connection_lost(world: World) -> None:
    """A legal entity's connection is terminated; a retry starts another one."""
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.begins()
    await customer.connects("malformed")
    (entity,) = (await customer.reaches(_has_failed)).entities
    await rests(world, customer.id, entity.id)
    await world.client.get_workflow_handle(entity.id).terminate()
    await world.scenario(customer.name, "default")
    await customer.asks(CustomerJourney.retry, ASK)
    await customer.stands(Stage.COMPLETED)


async def reset_to_its_beginning(world: World) -> None:
    """What was made after that point is gone, and the customer begins anew."""
    customer = await world.ask(SPEND, delivery=Delivery.LINK)
    await customer.begins_with_several()
    north = await customer.adds("North", "malformed")
    await customer.reaches(_has_failed)
    await rests(world, customer.id, north.id)
    await reset(customer, forgetting=True)
    await _is_mirrored(customer)
    await world.ends(north.id)
    await customer.does("open")
    await customer.does("choose_structure", structure="single")
    await customer.connects()
    await customer.stands(Stage.COMPLETED)


async def long_and_several(world: World) -> None:
    """A journey goes on in a new run while one legal entity is read and one has failed."""
    customer = await world.ask(SPEND, delivery=Delivery.LINK)
    await customer.begins_with_several()
    await customer.adds("North", "malformed")
    await customer.reaches(_has_failed)
    await customer.adds("South")
    await customer.reaches(
        lambda journey: journey.entities[1].stage is EntityStage.DONE
    )
    await _goes_on(customer)
    await customer.does("finish")
    await world.scenario("North", "default")
    await customer.asks(CustomerJourney.retry, ASK)
    await customer.stands(Stage.COMPLETED)


async def _goes_on(customer: Customer) -> None:
    """Give the journey more and more time, until it goes on in a new run."""
    run_of = _run_of(customer.world, customer.id)
    before = await run_of()
    while await run_of() == before:
        await customer.asks(CustomerJourney.extend, Extend(days=1))
        await customer.pauses(seconds=1.5)


async def long_failing(world: World) -> None:
    """A legal entity's connection goes on in a new run after many tries, and is read in the end."""
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.begins()
    await customer.connects("malformed")
    (entity,) = (await customer.reaches(_has_failed)).entities
    run_of = _run_of(world, entity.id)
    before, times = await run_of(), 1
    while await run_of() == before:
        times += 1
        await customer.asks(CustomerJourney.retry, ASK)
        await customer.says(Event.ENTITY_FAILED, times=times)
        await customer.pauses(seconds=0.5)
    await world.scenario(customer.name, "default")
    await customer.asks(CustomerJourney.retry, ASK)
    await customer.stands(Stage.COMPLETED)


def _run_of(world: World, workflow_id: str) -> Callable[[], Awaitable[str | None]]:
    async def run_of() -> str | None:
        described = await world.client.get_workflow_handle(workflow_id).describe()
        return described.run_id

    return run_of


async def _is_read(world: World, entity: Entity) -> None:
    """Wait until a page of an entity's books is being read."""

    async def look() -> bool:
        company = SyncRow.company_id == entity.company_id
        if not await world.rows(SyncRow, company):
            return False
        sync = world.client.get_workflow_handle(sync_workflow_id(entity.company_id))
        pending = (await sync.describe()).raw_description.pending_activities
        return any(each.activity_type.name == "read_books" for each in pending)

    await world.until(look)


async def _is_mirrored(customer: Customer) -> None:
    """Reconcile until the timeline shows that the journey was reset."""

    async def look() -> bool:
        await customer.world.sweep("mirror_journeys")
        return Event.MIRRORED in await customer.events()

    await customer.world.until(look, every=0.5)


def _has_failed(journey: Journey) -> bool:
    return bool(journey.failed())
