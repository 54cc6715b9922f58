"""A journey that goes on for very long goes on in a new run, and nobody notices."""

import json
from collections.abc import AsyncIterator

import pytest
from temporalio.testing import WorkflowEnvironment

from domain.journey import Delivery, EntityStage, Stage, Status
from domain.messages import Ask, Extend
from store.tables import JourneyRunRow
from tests.temporal import server
from tests.workflows.conftest import OpenWorld
from tests.workflows.customer import Customer
from tests.workflows.world import SPEND, World
from workflows.journey import CustomerJourney

LONG = 60
EVENTS_OF_A_MOVE = 9
ENTITIES = 12


@pytest.fixture(scope="session")
async def impatient() -> AsyncIterator[WorkflowEnvironment]:
    """A server that finds a history long after a few moves."""
    async with server(LONG) as environment:
        yield environment


@pytest.fixture
async def world(
    impatient: WorkflowEnvironment, open_world: OpenWorld
) -> AsyncIterator[World]:
    async with open_world(impatient) as world:
        yield world


async def goes_on(customer: Customer) -> None:
    """Do something with the journey until it goes on in a new run."""
    before = (await customer.handle.describe()).run_id

    async def look() -> bool:
        return (await customer.handle.describe()).run_id != before

    for _ in range(LONG // EVENTS_OF_A_MOVE):
        await customer.asks(CustomerJourney.extend, Extend(days=1))
    await customer.world.until(look)


async def runs(customer: Customer) -> int:
    mine = JourneyRunRow.journey_id == customer.id
    return len(await customer.world.rows(JourneyRunRow, mine))


async def test_a_long_journey_keeps_everything(world: World) -> None:
    """
    Stage, times and names; a customer who is faster than the new run loses nothing.
    """
    customer = await world.ask()
    before = await customer.stands(Stage.AWAITING_CUSTOMER)

    for _ in range(2):
        await goes_on(customer)
    await customer.completes()
    await world.ends(customer.id)

    journey = await customer.journey()
    sequence = [row.seq for row in await customer.timeline()]
    assert (
        2 * (LONG // EVENTS_OF_A_MOVE) == (journey.expires_at - before.expires_at).days
    )
    assert list(range(1, len(sequence) + 1)) == sequence
    assert await runs(customer) > 2
    assert 1 == len(world.postman.taken)
    assert (Status.AVAILABLE, None) == await customer.status()
    assert "completed" == (await customer.attributes())["RapportStage"]
    assert customer.name in await customer.details()


async def test_a_customer_who_never_pauses_goes_on_in_a_new_run_too(
    world: World,
) -> None:
    """
    Each Update is answered and counts once, though no second passes between any two.
    """
    customer = await world.ask()
    before = await customer.stands(Stage.AWAITING_CUSTOMER)
    number = 4 * LONG // EVENTS_OF_A_MOVE

    for _ in range(number):
        await customer.asks(CustomerJourney.extend, Extend(days=1))

    journey = await customer.journey()
    assert number == (journey.expires_at - before.expires_at).days
    assert await runs(customer) > 1


async def test_no_legal_entity_is_lost_between_runs(world: World) -> None:
    """
    Each is there once, in the customer's order, with what came of reading it.

    The customer never pauses.
    """
    customer = await world.ask(SPEND, delivery=Delivery.LINK)
    await customer.begins_with_several()
    names = [f"Entity {number}" for number in range(1, ENTITIES + 1)]

    for name in names:
        await customer.adds(name, "malformed")
    await customer.says("entity_failed", times=ENTITIES)

    journey = await customer.journey()
    seen = await customer.events()
    assert names == [each.name for each in journey.entities]
    assert {EntityStage.FAILED} == {each.stage for each in journey.entities}
    assert ENTITIES == seen.count("authorized") == seen.count("entity_failed")
    assert await runs(customer) > 2


async def test_connections_outlive_a_run_of_their_journey(world: World) -> None:
    """
    One that reads, one that waits for an operator, and one that failed: all go on reporting.
    """
    customer = await world.ask(SPEND, delivery=Delivery.LINK)
    await customer.begins_with_several()
    await customer.adds("North", "malformed")
    await customer.adds("South", "slow")

    await goes_on(customer)
    await customer.does("finish")
    await world.scenario("South", "default")
    await customer.reaches(
        lambda journey: journey.entities[1].stage is EntityStage.DONE
    )
    await world.scenario("North", "default")
    await customer.asks(CustomerJourney.retry, Ask())
    await customer.stands(Stage.COMPLETED)

    assert await runs(customer) > 1
    assert (Status.AVAILABLE, None) == await customer.status()


async def test_only_the_first_move_of_a_run_says_everything(world: World) -> None:
    """
    A client with very many legal entities would else pay for all of them with each move.
    """
    customer = await world.ask(SPEND, delivery=Delivery.LINK)
    await customer.begins_with_several()
    await customer.adds("North", "malformed")

    await goes_on(customer)
    for _ in range(3):
        await customer.asks(CustomerJourney.extend, Extend(days=1))

    history = await customer.handle.fetch_history()
    scheduled = [
        event.activity_task_scheduled_event_attributes
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    commands = [json.loads(each.input.payloads[0].data) for each in scheduled]
    first, *others = commands
    assert (True, 1) == (first["whole"], len(first["entities"]))
    assert not any(each["whole"] for each in others)


async def test_connections_end_with_a_journey_that_has_had_many_runs(
    world: World,
) -> None:
    """
    Cancelled, it takes along also those that an earlier run started.
    """
    customer = await world.ask(SPEND, delivery=Delivery.LINK)
    await customer.begins_with_several()
    north = await customer.adds("North", "malformed")
    await goes_on(customer)

    await customer.handle.cancel()
    await customer.stands(Stage.CANCELLED)
    await world.ends(north.id)

    assert {} == await customer.legal_entities()


async def test_a_connection_that_fails_for_very_long_goes_on_in_a_new_run(
    world: World,
) -> None:
    """
    It waits as before, and its journey hears of the end.
    """
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.begins()
    await customer.connects("malformed")
    (entity,) = (await customer.reaches(lambda journey: journey.parked)).entities
    connection = world.client.get_workflow_handle(entity.id)
    first = (await connection.describe()).run_id

    for times in range(2, 7):
        await customer.asks(CustomerJourney.retry, Ask())
        await customer.says("entity_failed", times=times)
    await world.scenario(customer.name, "default")
    last = (await connection.describe()).run_id
    await customer.asks(CustomerJourney.retry, Ask())
    await customer.stands(Stage.COMPLETED)

    assert first != last
    assert 7 == len(await customer.syncs())
