"""The books are read, or not; who can mend it does."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

from domain.journey import DataType, Delivery, EntityStage, Event, Stage, Status
from domain.messages import Ask, ConnectEntity, Skip, SyncState
from domain.reasons import Reason
from domain.state import Entity, Journey
from tests.workflows.customer import Customer
from tests.workflows.world import FINANCIALS, SPEND, World
from workflows.entity import EntityConnection
from workflows.journey import CustomerJourney

ASK = Ask()
AVAILABLE = (Status.AVAILABLE, None)
REQUESTED = (Status.REQUESTED, None)


async def asked(
    world: World, data_types: tuple[DataType, ...] = FINANCIALS
) -> Customer:
    """Return a customer who has opened the link."""
    customer = await world.ask(data_types, delivery=Delivery.LINK)
    await customer.begins()
    return customer


def failed(journey: Journey) -> bool:
    return bool(journey.failed())


async def test_an_outage_is_waited_for_and_tried_again_by_itself(world: World) -> None:
    """
    The company is in Error meanwhile; nobody has to act, and 15 minutes later it is Available.
    """
    customer = await asked(world)
    await customer.connects("outage")

    parked = await customer.reaches(failed)
    in_error = await customer.status()
    await world.scenario(customer.name, "default")
    (entity,) = parked.entities
    await world.later(entity.id, minutes=14)
    waiting = await customer.journey()
    await world.later(entity.id, minutes=2)
    await customer.stands(Stage.COMPLETED)

    assert (Status.ERROR, Reason.PROVIDER_UNAVAILABLE) == in_error
    assert (Stage.FETCHING, False) == (parked.stage, parked.needs_attention)
    assert timedelta(minutes=15) == until(entity.retry_at)
    assert parked == waiting
    assert AVAILABLE == await customer.status()
    assert [SyncState.FAILED, SyncState.SUCCEEDED] == [
        row.state for row in await customer.syncs()
    ]


async def test_what_is_tried_again_in_vain_is_tried_again_later(world: World) -> None:
    """
    The error keeps the time at which it began, and says when the next try is.
    """
    customer = await asked(world)
    await customer.connects("outage")
    parked = await customer.reaches(failed)
    (entity,) = parked.entities

    await world.later(entity.id, minutes=16)
    await customer.says(Event.ENTITY_FAILED, times=2)

    (again,) = (await customer.journey()).entities
    assert entity.failed_at == again.failed_at
    assert again.retry_at is not None
    assert entity.retry_at is not None
    assert again.retry_at > entity.retry_at
    assert parked.status_at == (await customer.company()).status_at


async def test_a_quota_that_is_used_up_is_waited_for_as_long_as_the_software_says(
    world: World,
) -> None:
    """
    An hour, here; an operator who can't wait may signal `retry_now`.
    """
    customer = await asked(world)
    await customer.connects("quota")

    parked = await customer.reaches(failed)
    in_error = await customer.status()
    (entity,) = parked.entities
    await world.scenario(customer.name, "default")
    connection = world.client.get_workflow_handle(entity.id)
    await connection.signal(EntityConnection.retry_now, ASK)
    await customer.stands(Stage.COMPLETED)

    assert (Status.ERROR, Reason.RATE_LIMITED) == in_error
    assert timedelta(hours=1) == until(entity.retry_at)


async def test_the_customer_mends_what_only_the_customer_can_mend(
    world: World,
) -> None:
    """
    The journey waits at that entity's software; connected anew, it is read and Available.
    """

    async def mended(scenario: str) -> Reason | None:
        customer = await asked(world)
        await customer.connects(scenario)
        repair = await customer.reaches(failed)
        status, reason = await customer.status()
        refused = await customer.asks_in_vain(CustomerJourney.retry, ASK)
        await customer.connects()
        await customer.stands(Stage.COMPLETED)

        (entity,) = repair.entities
        assert (Stage.SELECTING_SOFTWARE, entity.id) == (repair.stage, repair.focus)
        assert (Status.ERROR, "waits_for_customer") == (status, refused)
        assert AVAILABLE == await customer.status()
        assert [entity.id] == [each.id for each in (await customer.journey()).entities]
        return reason

    reasons = await asyncio.gather(
        *[mended(scenario) for scenario in ("revoked", "forbidden", "empty")]
    )

    assert [
        Reason.ACCESS_REVOKED,
        Reason.INSUFFICIENT_PERMISSIONS,
        Reason.NO_DATA,
    ] == reasons


async def test_a_repair_with_another_organisation_is_refused(world: World) -> None:
    """
    The customer is told, and mends it with the right one.
    """
    customer = await asked(world)
    await customer.connects("forbidden")
    await customer.reaches(failed)

    await customer.connects("other_organisation")
    await customer.reaches(lambda journey: reason_is(journey, "wrong_organisation"))
    in_error = await customer.status()
    await customer.connects()
    await customer.stands(Stage.COMPLETED)

    assert (Status.ERROR, Reason.WRONG_ORGANISATION) == in_error
    assert AVAILABLE == await customer.status()


async def test_a_repair_that_the_customer_leaves_waits_for_the_return(
    world: World,
) -> None:
    """
    Left is an error of its own; who returns goes on where the repair was.
    """
    customer = await asked(world)
    await customer.connects("forbidden")
    await customer.reaches(failed)

    await customer.does("exit")
    left = await customer.status()
    await customer.does("open")
    returned = await customer.status()
    await customer.connects()
    await customer.stands(Stage.COMPLETED)

    assert (Status.ERROR, Reason.AUTHORIZATION_EXITED) == left
    assert REQUESTED == returned


async def test_data_that_nobody_understands_waits_for_an_operator(
    world: World,
) -> None:
    """
    Stuck at once; read again after a retry. The reason names the place, never the value.
    """
    customer = await asked(world)
    await customer.connects("malformed")

    parked = await customer.reaches(failed)
    in_error = await customer.status()
    await world.scenario(customer.name, "default")
    await customer.asks(CustomerJourney.retry, ASK)
    again = await customer.status()
    await customer.stands(Stage.COMPLETED)

    (entity,) = parked.entities
    assert (Status.ERROR, Reason.INVALID_DATA) == in_error
    assert (Stage.FETCHING, True) == (parked.stage, parked.needs_attention)
    assert parked.stuck_after == parked.stage_since
    assert "field" in entity.detail
    assert REQUESTED == again
    assert AVAILABLE == await customer.status()


async def test_an_operator_retries_many_at_once(world: World) -> None:
    """
    The signal `retry_now` has a bulk form; where nothing failed it does nothing.
    """
    broken, fine = await asked(world), await asked(world)
    await broken.connects("malformed")
    await broken.reaches(failed)
    await world.scenario(broken.name, "default")

    for customer in (broken, fine):
        await customer.handle.signal(CustomerJourney.retry_now, ASK)
    await broken.stands(Stage.COMPLETED)

    assert Event.RETRIED not in await fine.events()


async def test_nothing_failed_is_nothing_to_retry(world: World) -> None:
    """
    The refusal says so.
    """
    customer = await asked(world)

    refused = await customer.asks_in_vain(CustomerJourney.retry, ASK)

    assert "nothing_to_retry" == refused


async def test_flaky_software_is_read_all_the_same(world: World) -> None:
    """
    A 503 is tried again, a short 429 is waited for in place, and nobody notices.
    """
    customer = await asked(world)

    await customer.connects("flaky")
    await customer.stands(Stage.COMPLETED)

    assert Event.ENTITY_FAILED not in await customer.events()


class Several:
    """A client with legal entities, of which some fail."""

    def __init__(self, customer: Customer) -> None:
        self.customer = customer

    @classmethod
    async def connect(cls, world: World, **scenarios: str) -> "Several":
        """Connect one after the other; each has failed or is done before the next."""
        customer = await asked(world, SPEND)
        await customer.does("choose_structure", structure="multiple")
        for number, (name, scenario) in enumerate(scenarios.items()):
            await customer.adds(name, scenario)
            await customer.reaches(partial(settled, number))
        return cls(customer)


def settled(number: int, journey: Journey) -> bool:
    entity = journey.entities[number]
    return entity.stage in (EntityStage.DONE, EntityStage.FAILED)


async def test_failures_reach_the_client_after_finish_the_earliest_first(
    world: World,
) -> None:
    """
    What the customer can mend is mended before the journey parks for anyone else.
    """
    several = await Several.connect(
        world, North="malformed", South="forbidden", West="default"
    )
    customer = several.customer
    before = await customer.status()
    entities = {
        name: (row.status, row.reason)
        for name, row in (await customer.legal_entities()).items()
    }

    repair = await customer.does("finish")
    in_error = await customer.status()
    await customer.connects()
    parked = await customer.reaches(lambda journey: journey.parked)
    still = await customer.status()

    assert REQUESTED == before
    assert {
        "North": (Status.ERROR, Reason.INVALID_DATA),
        "South": (Status.ERROR, Reason.INSUFFICIENT_PERMISSIONS),
        "West": AVAILABLE,
    } == entities
    south = await customer.entity("South")
    assert (Stage.SELECTING_SOFTWARE, south.id) == (repair.stage, repair.focus)
    assert (Status.ERROR, Reason.INVALID_DATA) == in_error == still
    assert Stage.FETCHING is parked.stage


async def test_going_on_without_one_legal_entity_completes_the_journey(
    world: World,
) -> None:
    """
    The one that is skipped stays as it is; the last one can't be skipped.
    """
    several = await Several.connect(world, North="malformed", South="default")
    customer = several.customer
    north, south = [each.id for each in (await customer.journey()).entities]
    await customer.does("finish")
    await customer.reaches(lambda journey: journey.parked)

    done = await skipped_in_vain(customer, south)
    unknown = await skipped_in_vain(customer, "cn_nobody")
    await skip(customer, north)
    journey = await customer.stands(Stage.COMPLETED)
    await world.ends(north)

    assert ("entity_done", "unknown_entity") == (done, unknown)
    assert Stage.COMPLETED is journey.stage
    assert EntityStage.SKIPPED is (await customer.entity("North")).stage
    assert AVAILABLE == await customer.status()


async def test_the_only_legal_entity_can_not_be_skipped(world: World) -> None:
    """
    Cancelling is what the operator is told to do instead.
    """
    customer = await asked(world)
    await customer.connects("malformed")
    (entity,) = (await customer.reaches(failed)).entities

    assert "no_entity" == await skipped_in_vain(customer, entity.id)


async def test_skipping_the_one_that_is_repaired_leads_to_the_next(
    world: World,
) -> None:
    """
    The next repair, then fetching, then the end: by the rule for legal entities.
    """
    several = await Several.connect(
        world, North="forbidden", South="empty", West="default"
    )
    customer = several.customer
    north, south, _ = [each.id for each in (await customer.journey()).entities]
    await customer.does("finish")
    first = await customer.stands(Stage.SELECTING_SOFTWARE)

    second = await skip(customer, north)
    in_error = await customer.status()
    await skip(customer, south)
    last = await customer.stands(Stage.COMPLETED)

    assert (north, south) == (first.focus, second.focus)
    assert (Status.ERROR, Reason.NO_DATA) == in_error
    assert (Stage.COMPLETED, AVAILABLE) == (last.stage, await customer.status())


async def test_a_lost_connection_is_noticed_and_started_again(world: World) -> None:
    """
    Ended in Temporal, it fails as `internal`; a retry starts another one.
    """
    customer = await asked(world)
    journey = await customer.connects("slow")
    (entity,) = journey.entities
    # Ended before it reads, it would be started anew by the journey itself.
    await world.until(customer.syncs)

    await world.client.get_workflow_handle(entity.id).terminate()
    await world.sweep("mirror_journeys")
    await customer.reaches(failed)
    in_error = await customer.status()
    await world.scenario(customer.name, "default")
    await customer.asks(CustomerJourney.retry, ASK)
    await customer.stands(Stage.COMPLETED)

    assert (Status.ERROR, Reason.INTERNAL) == in_error
    assert AVAILABLE == await customer.status()


async def test_a_sync_that_is_ended_by_force_is_internal(world: World) -> None:
    """
    The journey parks; the row of the sync is ended within a minute.
    """
    customer = await asked(world)
    await customer.connects("slow")
    (sync,) = await world.until(customer.syncs)

    await world.client.get_workflow_handle(sync.workflow_id).terminate()
    await customer.reaches(failed)
    await world.sweep("mirror_syncs")

    (row,) = await customer.syncs()
    assert (Status.ERROR, Reason.INTERNAL) == await customer.status()
    assert (SyncState.FAILED, Reason.INTERNAL) == (row.state, row.reason)


async def test_a_connection_that_an_earlier_run_left_is_taken_over(
    world: World,
) -> None:
    """
    It follows the journey as it stands now.
    """
    customer = await asked(world, SPEND)
    await customer.does("choose_structure", structure="multiple")
    journey = await customer.does("name_entity", name="North")
    (entity,) = journey.entities
    left = ConnectEntity(
        journey_id=customer.id,
        organization_id=world.organization_id,
        client_id=customer.company_id,
        data_types=SPEND,
        rules=journey.rules,
        entity=entity,
    )
    await world.client.start_workflow(
        EntityConnection.run, left, id=entity.id, task_queue=world.task_queue
    )

    await customer.connects()
    await customer.does("finish")
    await customer.stands(Stage.COMPLETED)

    connection = world.client.get_workflow_handle(entity.id)
    held: Entity = await connection.query(EntityConnection.state)
    assert EntityStage.DONE is held.stage
    assert AVAILABLE == await customer.status()


async def test_time_up_in_a_repair_keeps_what_is_stored(world: World) -> None:
    """
    The journey is expired; the legal entity that was read stays Available.
    """
    several = await Several.connect(world, North="default", South="forbidden")
    customer = several.customer
    await customer.does("finish")
    south = await customer.entity("South")

    await world.client.get_workflow_handle(
        south.id
    ).terminate()  # so that time can pass
    await customer.later(days=31)
    await customer.stands(Stage.EXPIRED)

    entities = await customer.legal_entities()
    assert (Status.ERROR, Reason.LINK_EXPIRED) == await customer.status()
    assert Status.AVAILABLE is entities["North"].status
    assert [] == world.postman.taken


async def test_only_repairing_is_allowed_in_a_repair(world: World) -> None:
    """
    Nothing is named and nothing is finished twice; back leads to the software.
    """
    customer = await asked(world)
    await customer.connects("forbidden")
    await customer.reaches(failed)

    refused = {
        await customer.refused(action)
        for action in ("add_entity", "finish", "back", "authorize")
    }
    await customer.does("select_software", software="ledgerly")
    back = await customer.does("back")

    assert {"action_not_allowed"} == refused
    assert Stage.SELECTING_SOFTWARE is back.stage


def until(at: datetime | None) -> timedelta:
    """How far away a time is, to the nearest minute."""
    assert at is not None
    minutes = round((at - datetime.now(UTC)) / timedelta(minutes=1))
    return timedelta(minutes=minutes)


def reason_is(journey: Journey, reason: str) -> bool:
    return journey.reason == reason


async def skip(customer: Customer, entity_id: str) -> Journey:
    return await customer.asks(
        CustomerJourney.skip, Skip(entity_id=entity_id, reason="a duplicate")
    )


async def skipped_in_vain(customer: Customer, entity_id: str) -> str:
    return await customer.asks_in_vain(
        CustomerJourney.skip, Skip(entity_id=entity_id, reason="a duplicate")
    )
