"""A journey is called off: by an Update, in the Temporal UI, or by force."""

from collections.abc import Sequence

import pytest
from temporalio.client import WorkflowExecutionStatus

from domain.journey import Delivery, EntityStage, Event, Stage, Status
from domain.messages import Ask, Cancel, Extend, SyncState
from domain.reasons import Reason
from domain.state import Rules
from emails.transport import Undeliverable
from store.tables import SyncRow
from tests.workflows.customer import Customer, together
from tests.workflows.world import SPEND, World
from workflows.journey import CustomerJourney

NOTHING = (None, None)
CALLED_OFF = Cancel(reason="the bank has the books already")


async def called_off(customer: Customer, how: str) -> None:
    """End a journey the one way or the other, and wait until it is over."""
    if how == "update":
        await customer.asks(CustomerJourney.cancel, CALLED_OFF)
    else:
        await customer.handle.cancel()
    await customer.stands(Stage.CANCELLED)
    await customer.world.ends(customer.id)


@pytest.mark.parametrize("how", ["update", "temporal"])
async def test_a_first_journey_that_is_cancelled_leaves_no_status(
    world: World, how: str
) -> None:
    """
    As if nothing had been asked: status, reason and their time are gone.
    """
    customer = await world.ask()
    await customer.begins()
    await customer.does("exit")

    await called_off(customer, how)

    company = await customer.company()
    assert NOTHING == await customer.status()
    assert company.status_at is None
    assert [Event.CANCELLED] == (await customer.events())[-1:]
    assert 1 == len(world.postman.taken)


@pytest.mark.parametrize("how", ["update", "temporal"])
async def test_a_later_journey_that_is_cancelled_gives_back_what_was_before(
    world: World, how: str
) -> None:
    """
    Status, reason and `status_at` are what the journey before it left.
    """
    first = await world.ask(delivery=Delivery.LINK)
    await first.completes()
    before = await first.company()

    second = await world.ask(delivery=Delivery.LINK, company=first)
    await second.begins()
    await second.connects("malformed")
    await second.reaches(lambda journey: journey.parked)
    between = await second.status()
    await called_off(second, how)

    after = await second.company()
    assert (Status.ERROR, Reason.INVALID_DATA) == between
    assert (before.status, before.status_at) == (after.status, after.status_at)
    assert before.last_available_at == after.last_available_at
    assert after.reason is None


async def test_a_second_journey_leaves_the_status_until_its_email_is_accepted(
    world: World,
) -> None:
    """
    Available meanwhile; then Requested; and back after it is called off while sending.
    """
    first = await world.ask(delivery=Delivery.LINK)
    await first.completes()
    world.postman.open.clear()

    second = await world.ask(company=first)
    await second.says(Event.REQUESTED)
    sending = await second.status()
    world.postman.open.set()
    await second.stands(Stage.AWAITING_CUSTOMER)
    sent = await second.status()

    assert (Status.AVAILABLE, None) == sending
    assert (Status.REQUESTED, None) == sent


async def test_a_request_that_is_called_off_is_not_tried_any_more(
    world: World,
) -> None:
    """
    Cancelled while its address is refused and while it is being sent.
    """
    world.postman.troubles = [Undeliverable("550")]
    refused = await world.ask()
    await refused.reaches(lambda journey: journey.unsent)
    world.postman.open.clear()
    sending = await world.ask()
    await sending.says(Event.REQUESTED)

    await called_off(refused, "update")
    await called_off(sending, "temporal")
    world.postman.open.set()

    assert NOTHING == await refused.status() == await sending.status()


@pytest.mark.parametrize("how", ["update", "temporal"])
async def test_legal_entities_that_were_not_done_go_with_the_journey(
    world: World, how: str
) -> None:
    """
    The one that was read stays Available; connections and syncs of the others are cancelled.
    """
    customer = await world.ask(SPEND, delivery=Delivery.LINK)
    await customer.begins_with_several()
    await customer.adds("North")
    await customer.reaches(lambda journey: journey.entities[0].over)
    south = await customer.adds("South", "slow")
    west = await customer.adds("West", "malformed")
    await customer.reaches(
        lambda journey: journey.entities[2].stage is EntityStage.FAILED
    )

    await called_off(customer, how)
    for entity in (south, west):
        await world.ends(entity.id)

    entities = await customer.legal_entities()
    assert ["North"] == list(entities)
    assert Status.AVAILABLE is entities["North"].status
    assert NOTHING == await customer.status()
    assert WorkflowExecutionStatus.CANCELED is await world.status(south.id)
    assert SyncState.RUNNING not in {row.state for row in await customer.syncs()}


async def test_cancelled_while_its_sync_waits_for_another_one(world: World) -> None:
    """
    Nothing is left running.
    """
    first = await world.ask(delivery=Delivery.LINK)
    await first.completes("default")
    await world.scenario(first.name, "slow")
    world.slow.add(first.name)
    refresh = await first.starts_refresh()
    second = await world.ask(delivery=Delivery.LINK, company=first)
    await second.begins()
    journey = await second.connects()

    await called_off(second, "update")
    await world.ends(journey.entities[0].id)
    await world.scenario(first.name, "default")
    row = await first.sync_ends(refresh)

    assert SyncState.SUCCEEDED is row.state
    assert [] == await second.syncs()


async def test_who_cancels_while_others_act_wins_in_the_end(world: World) -> None:
    """
    What came before is done; what comes after is told that the journey is closed.
    """
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.stands(Stage.AWAITING_CUSTOMER)

    extended = [customer.asks(CustomerJourney.extend, Extend(days=1)) for _ in range(4)]
    await together(*extended, customer.handle.cancel())
    await customer.stands(Stage.CANCELLED)

    rows = await customer.timeline()
    assert Event.CANCELLED == rows[-1].event
    assert list(range(1, len(rows) + 1)) == [row.seq for row in rows]


async def test_a_journey_that_is_over_can_not_be_cancelled(world: World) -> None:
    """
    While its last email is still being sent, an Update finds it closed.
    """
    customer = await world.ask(rules=Rules(reminders=()))
    await customer.stands(Stage.AWAITING_CUSTOMER)
    world.postman.open.clear()

    await customer.expires()
    refused = [
        await customer.asks_in_vain(CustomerJourney.cancel, CALLED_OFF),
        await customer.asks_in_vain(CustomerJourney.ask_new_link, Ask()),
    ]
    await customer.handle.cancel()
    await world.ends(customer.id)
    world.postman.open.set()

    assert ["journey_closed", "journey_closed"] == refused
    assert Stage.EXPIRED is (await customer.journey()).stage
    assert WorkflowExecutionStatus.CANCELED is await world.status(customer.id)


async def test_a_terminated_journey_is_mirrored_as_cancelled(world: World) -> None:
    """
    With its connections, within a minute.
    """
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.begins()
    journey = await customer.connects("slow")
    (entity,) = journey.entities
    await world.until(customer.syncs)

    await customer.handle.terminate()
    still = await customer.status()
    await world.sweep("mirror_journeys")
    await customer.stands(Stage.CANCELLED)
    await world.ends(entity.id)
    await world.sweep("mirror_journeys")

    assert (Status.REQUESTED, None) == still
    assert NOTHING == await customer.status()
    assert 1 == (await customer.events()).count(Event.CANCELLED)
    syncs: Sequence[SyncRow] = await customer.syncs()
    assert [Reason.INTERNAL] == [row.reason for row in syncs]


async def test_what_has_ended_already_need_not_be_ended(world: World) -> None:
    """
    A connection that an operator has terminated, before the journey is called off by force or by an Update.
    """
    by_force, by_update = [await world.ask(delivery=Delivery.LINK) for _ in range(2)]
    for customer in (by_force, by_update):
        await customer.begins()
        journey = await customer.does("select_software", software="ledgerly")
        connection = world.client.get_workflow_handle(journey.entities[0].id)
        await connection.terminate()

    await by_force.handle.terminate()
    await world.sweep("mirror_journeys")
    await called_off(by_update, "update")

    assert Stage.CANCELLED is (await by_force.journey()).stage
    assert NOTHING == await by_force.status() == await by_update.status()


async def test_a_connection_whose_journey_was_terminated_ends_too(
    world: World,
) -> None:
    """
    What it has to say meanwhile, nobody hears; that is no defect.
    """
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.begins()
    journey = await customer.connects("slow")
    (entity,) = journey.entities
    (sync,) = await world.until(customer.syncs)

    await customer.handle.terminate()
    await world.scenario(customer.name, "malformed")
    await customer.sync_ends(sync.id)
    await world.sweep("mirror_journeys")
    await world.ends(entity.id)

    assert WorkflowExecutionStatus.CANCELED is await world.status(entity.id)
