"""A company's books are read: for a journey, or again because the bank asks."""

from collections.abc import Sequence
from datetime import timedelta

from temporalio.client import WorkflowHandle

from domain.datasets import Dataset
from domain.journey import Delivery, EntityStage, Stage, Status
from domain.messages import RunSync, SyncEnded, SyncState, Trigger
from domain.reasons import Reason
from domain.state import Entity
from store.states import DatasetState
from store.tables import ConnectionRow, SyncDatasetRow, SyncRow
from tests.workflows.customer import Customer
from tests.workflows.world import BOTH, SPEND, World
from workflows.ids import sync_workflow_id
from workflows.start import start_sync
from workflows.sync import CompanySync

AVAILABLE = (Status.AVAILABLE, None)


async def completed(world: World, scenario: str = "default") -> Customer:
    """Return a client whose books have been read, and whose login behaves so from now on."""
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.completes()
    await behaves(world, customer.name, scenario)
    return customer


async def behaves(world: World, company: str, scenario: str) -> None:
    await world.scenario(company, scenario)
    if scenario == "slow":
        world.slow.add(company)


async def several(world: World, *names: str) -> Customer:
    """Return a client whose legal entities' books have been read."""
    customer = await world.ask(SPEND, delivery=Delivery.LINK)
    await customer.begins_with_several()
    for name in names:
        await customer.adds(name)
    await customer.does("finish")
    await customer.stands(Stage.COMPLETED)
    return customer


async def datasets(world: World, sync_id: str) -> Sequence[SyncDatasetRow]:
    rows = await world.rows(SyncDatasetRow, SyncDatasetRow.sync_id == sync_id)
    return sorted(rows, key=lambda row: row.position)


async def test_each_dataset_is_read_once_whatever_asks_for_it(world: World) -> None:
    """
    Both data types together need nine, and each is done and counted.
    """
    customer = await world.ask(BOTH, delivery=Delivery.LINK)
    await customer.completes()

    (sync,) = await customer.syncs()
    read = await datasets(world, sync.id)

    assert set(Dataset) == {row.dataset for row in read}
    assert {DatasetState.DONE} == {row.state for row in read}
    assert all(row.records and row.pages for row in read)
    assert (SyncState.SUCCEEDED, Trigger.JOURNEY) == (sync.state, sync.trigger)
    assert {sync.id} == {row.sync_id for row in await customer.snapshots()}


async def test_a_refresh_replaces_the_snapshot_and_says_since_when(
    world: World,
) -> None:
    """
    Available again, with a new time; the sync that was there before is read no more.
    """
    customer = await completed(world)
    before = await customer.company()

    row = await customer.refreshes()

    after = await customer.company()
    assert (SyncState.SUCCEEDED, Trigger.MANUAL) == (row.state, row.trigger)
    assert {row.id} == {each.sync_id for each in await customer.snapshots()}
    assert before.status_at != row.finished_at == after.status_at
    assert row.finished_at == after.last_available_at


async def test_a_refresh_that_fails_leaves_the_old_snapshot(world: World) -> None:
    """
    The company is in Error; what it shared before is still there, and so is its time.
    """
    customer = await completed(world, "malformed")
    before, snapshots = await customer.company(), await customer.snapshots()

    row = await customer.refreshes()

    after = await customer.company()
    assert (SyncState.FAILED, Reason.INVALID_DATA) == (row.state, row.reason)
    assert (Status.ERROR, Reason.INVALID_DATA) == await customer.status()
    assert before.last_available_at == after.last_available_at
    assert snapshots == await customer.snapshots()
    (blamed,) = [each for each in await datasets(world, row.id) if each.error]
    assert ("invalid_data", DatasetState.FAILED) == (blamed.error, blamed.state)


async def test_a_refresh_that_has_to_wait_is_started_again_by_itself(
    world: World,
) -> None:
    """
    After an outage the schedule takes it up, and the company is Available again.
    """
    customer = await completed(world, "outage")
    row = await customer.refreshes()
    in_error = await customer.status()
    await behaves(world, customer.name, "default")

    await world.sweep("retry_syncs", after=timedelta(minutes=14))
    early = await mine(world, customer)
    await world.sweep("retry_syncs", after=timedelta(minutes=16))
    again = next(
        each for each in await mine(world, customer, at_least=3) if each.id > row.id
    )
    ended = await customer.sync_ends(again.id)
    await world.sweep("retry_syncs", after=timedelta(minutes=17))

    assert (Status.ERROR, Reason.PROVIDER_UNAVAILABLE) == in_error
    assert 2 == len(early)
    assert (SyncState.SUCCEEDED, Trigger.SCHEDULE) == (ended.state, ended.trigger)
    assert AVAILABLE == await customer.status()
    assert 3 == len(await mine(world, customer))


async def mine(world: World, customer: Customer, at_least: int = 1) -> list[SyncRow]:
    """Return all syncs of a company, the refreshes too."""

    async def look() -> list[SyncRow]:
        company = SyncRow.company_id == customer.company_id
        rows = list(await world.rows(SyncRow, company))
        return rows if len(rows) >= at_least else []

    rows: list[SyncRow] = await world.until(look)
    return rows


async def test_a_client_is_refreshed_with_all_its_legal_entities(
    world: World,
) -> None:
    """
    One sync per legal entity, children of the client's own.
    """
    customer = await several(world, "North", "South", "West")

    row = await customer.refreshes()

    children = await world.rows(SyncRow, SyncRow.parent_sync_id == row.id)
    entities = await customer.legal_entities()
    assert {each.id for each in entities.values()} == {
        each.company_id for each in children
    }
    assert {SyncState.SUCCEEDED} == {each.state for each in (row, *children)}
    assert {Status.AVAILABLE} == {each.status for each in entities.values()}
    assert row.finished_at == (await customer.company()).status_at
    assert () == tuple(await datasets(world, row.id))


async def test_one_legal_entity_that_fails_puts_its_client_in_error(
    world: World,
) -> None:
    """
    The others have new snapshots all the same.
    """
    customer = await several(world, "North", "South")
    await world.scenario("South", "revoked")

    row = await customer.refreshes()

    entities = await customer.legal_entities()
    assert (SyncState.FAILED, Reason.ACCESS_REVOKED) == (row.state, row.reason)
    assert (Status.ERROR, Reason.ACCESS_REVOKED) == await customer.status()
    assert {"North": Status.AVAILABLE, "South": Status.ERROR} == {
        name: each.status for name, each in entities.items()
    }


async def test_while_one_legal_entity_has_to_wait_all_are_read_again(
    world: World,
) -> None:
    """
    Whatever the first reason is.
    """
    customer = await several(world, "North", "South")
    await world.scenario("North", "revoked")
    await world.scenario("South", "quota")

    row = await customer.refreshes()

    assert Reason.ACCESS_REVOKED is row.reason
    assert row.finished_at is not None
    assert row.retry_at is not None
    assert row.retry_at - row.finished_at > timedelta(minutes=59)


async def test_a_legal_entitys_sync_that_is_ended_by_force_is_internal(
    world: World,
) -> None:
    """
    Its client's sync says so; the other legal entity has its new snapshot.
    """
    customer = await several(world, "North", "South")
    await behaves(world, "South", "slow")
    south = (await customer.legal_entities())["South"]
    sync_id = await customer.starts_refresh()

    forced = world.client.get_workflow_handle(sync_workflow_id(south.id))
    await world.until(lambda: mine_runs(world, south.id))
    await forced.terminate()
    row = await customer.sync_ends(sync_id)
    await world.sweep("mirror_syncs")

    assert (SyncState.FAILED, Reason.INTERNAL) == (row.state, row.reason)
    assert (Status.ERROR, Reason.INTERNAL) == await customer.status()


async def mine_runs(world: World, company_id: str) -> bool:
    company = SyncRow.company_id == company_id
    rows = await world.rows(SyncRow, company, SyncRow.state == SyncState.RUNNING)
    return bool(rows)


async def test_a_refresh_reads_what_counts_only(world: World) -> None:
    """
    Neither a legal entity that was skipped, nor a connection of a journey that was cancelled.
    """
    customer = await several(world, "North", "South")
    first = await completed(world)
    second = await world.ask(SPEND, delivery=Delivery.LINK, company=first)
    await second.begins()
    await second.does("choose_structure", structure="single")
    await second.connects("malformed")
    await second.reaches(lambda journey: journey.parked)
    await second.handle.cancel()
    await second.stands(Stage.CANCELLED)
    await skipped(world, await customer.entity("South"))

    row, other = await customer.refreshes(), await first.refreshes()

    children = await world.rows(SyncRow, SyncRow.parent_sync_id == row.id)
    north = await customer.entity("North")
    assert [north.id] == [each.connection_id for each in children]
    assert (SyncState.SUCCEEDED, ["financials"]) == (other.state, other.data_types)
    assert (await first.connections())[0].id == other.connection_id


async def skipped(world: World, entity: Entity) -> None:
    async with world.database.transaction() as session:
        row = await session.get_one(ConnectionRow, entity.id)
        row.stage = EntityStage.SKIPPED
        session.add(row)


async def test_without_a_connection_nothing_becomes_available(world: World) -> None:
    """
    A refresh that finds nothing to read, because access was taken back meanwhile, says so.
    """
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.stands(Stage.AWAITING_CUSTOMER)

    row = await customer.refreshes()

    assert (SyncState.FAILED, Reason.ACCESS_REVOKED) == (row.state, row.reason)


async def test_a_journeys_sync_waits_for_one_that_runs(world: World) -> None:
    """
    Then it runs itself: a company has one sync at a time.
    """
    first = await completed(world, "slow")
    refresh = await first.starts_refresh()
    second = await world.ask(delivery=Delivery.LINK, company=first)
    await second.begins()
    (entity,) = (await second.connects()).entities
    waiting = await second.syncs()

    await behaves(world, first.name, "default")
    row = await first.sync_ends(refresh)
    await world.later(entity.id, seconds=20)
    await second.stands(Stage.COMPLETED)

    (own,) = await second.syncs()
    assert [] == waiting
    assert row.finished_at is not None
    assert row.finished_at <= own.started_at
    assert {own.id} == {each.sync_id for each in await second.snapshots()}


async def test_who_asks_for_a_refresh_that_runs_gets_that_same_one(
    world: World,
) -> None:
    """
    The row is in the store when the answer comes.
    """
    customer = await completed(world, "slow")

    one = await customer.starts_refresh()
    other = await customer.starts_refresh()
    await behaves(world, customer.name, "default")
    await customer.sync_ends(one)

    assert one == other


async def test_a_refresh_that_is_cancelled_says_so_and_leaves_the_snapshot(
    world: World,
) -> None:
    """
    Cancelled in the Temporal UI, it does not run in the store for ever.
    """
    customer = await completed(world, "slow")
    before = await customer.snapshots()
    sync_id = await customer.starts_refresh()

    await sync_of(world, customer).cancel()
    row = await customer.sync_ends(sync_id)

    assert (SyncState.FAILED, Reason.INTERNAL) == (row.state, row.reason)
    assert before == await customer.snapshots()


async def test_a_sync_that_is_cancelled_before_it_shows_is_ended_too(
    world: World,
) -> None:
    """
    Its first step may still be under way: no row is left that runs for ever.
    """
    customer = await completed(world)
    sync = RunSync(
        sync_id="sy_cancelled",
        organization_id=world.organization_id,
        company_id=customer.company_id,
        trigger=Trigger.MANUAL,
    )

    async with world.nobody_writes():
        await start_sync(world.client, sync, world.task_queue)
        await customer.pauses(seconds=0.5)
        await sync_of(world, customer).cancel()
        await customer.pauses(seconds=0.5)
    await world.ends(sync_workflow_id(customer.company_id))

    row = await customer.sync_ends("sy_cancelled")
    assert (SyncState.FAILED, "It was cancelled.") == (row.state, row.detail)


async def test_what_can_not_be_published_has_failed(world: World) -> None:
    """
    A defect on our side ends the sync, after some tries, as `internal`; the workflow does not fail.
    """
    customer = await completed(world, "slow")
    before = await customer.snapshots()
    sync_id = await customer.starts_refresh()
    await world.until(lambda: stored(world, customer, sync_id))

    await world.objects.delete_folder(f"snapshots/{customer.company_id}/{sync_id}")
    await behaves(world, customer.name, "default")
    await world.until(lambda: all_read(world, sync_id))
    await world.later(sync_workflow_id(customer.company_id), minutes=5)
    row = await customer.sync_ends(sync_id)

    ended = await sync_of(world, customer).result()
    assert (SyncState.FAILED, Reason.INTERNAL) == (row.state, row.reason)
    assert (sync_id, Reason.INTERNAL) == (ended.sync_id, ended.reason)
    assert before == await customer.snapshots()


async def stored(world: World, customer: Customer, sync_id: str) -> list[str]:
    return await world.objects.keys(f"snapshots/{customer.company_id}/{sync_id}")


async def all_read(world: World, sync_id: str) -> bool:
    read = await datasets(world, sync_id)
    return all(row.state is DatasetState.DONE for row in read)


async def test_a_sync_says_in_the_timeline_of_temporal_what_it_does(
    world: World,
) -> None:
    """
    Its steps have names, and its details say how it ended.
    """
    customer = await completed(world)

    row = await customer.refreshes()

    details = await customer.details(
        sync_workflow_id(customer.company_id), once="It succeeded."
    )
    assert row.id in details


def sync_of(world: World, customer: Customer) -> WorkflowHandle[CompanySync, SyncEnded]:
    return world.client.get_workflow_handle_for(
        CompanySync.run, sync_workflow_id(customer.company_id)
    )
