"""What the customer does, step by step, forwards and back."""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle

from domain.journey import (
    DataType,
    Delivery,
    EntityStage,
    Event,
    Stage,
    Status,
    Structure,
)
from domain.messages import Act
from domain.reasons import Reason
from domain.state import Rules
from store.tables import AuthorizationCodeRow, CredentialRow
from tests.workflows.customer import Customer, together
from tests.workflows.world import BOTH, FINANCIALS, SPEND, World
from workflows.journey import CustomerJourney

REQUESTED = (Status.REQUESTED, None)


async def asked(
    world: World, data_types: tuple[DataType, ...] = SPEND, *, several: bool = False
) -> Customer:
    """Return a customer who has opened the link, and chosen if there is a choice."""
    customer = await world.ask(data_types, delivery=Delivery.LINK)
    await customer.begins()
    if data_types == SPEND:
        structure = "multiple" if several else "single"
        await customer.does("choose_structure", structure=structure)
    return customer


async def test_only_spend_analysis_alone_asks_for_the_structure(
    world: World,
) -> None:
    """
    Opening leads to the first question that there is; what was asked for is read.
    """

    async def first_question(data_types: tuple[DataType, ...]) -> Stage:
        customer = await world.ask(data_types)
        await customer.stands(Stage.AWAITING_CUSTOMER)
        opened = await customer.does("open")
        if data_types == SPEND:
            await customer.does("choose_structure", structure="single")
        await customer.connects()
        await customer.stands(Stage.COMPLETED)

        read = {each.data_type for each in await customer.snapshots()}
        assert (Status.AVAILABLE, None) == await customer.status()
        assert set(data_types) == read
        return opened.stage

    stages = await asyncio.gather(*map(first_question, (FINANCIALS, SPEND, BOTH)))

    assert [
        Stage.SELECTING_SOFTWARE,
        Stage.CHOOSING_STRUCTURE,
        Stage.SELECTING_SOFTWARE,
    ] == stages


async def test_a_single_legal_entity_is_the_client_itself(world: World) -> None:
    """
    Its entity is made when software is selected, and has the client's company and name.
    """
    customer = await asked(world)

    selecting = await customer.journey()
    authorizing = await customer.does("select_software", software="bookwise")

    (entity,) = authorizing.entities
    assert (Stage.SELECTING_SOFTWARE, ()) == (selecting.stage, selecting.entities)
    assert Structure.SINGLE is authorizing.structure
    assert (customer.company_id, customer.name) == (entity.company_id, entity.name)
    assert {} == await customer.legal_entities()


async def test_books_are_read_while_the_customer_names_the_next_legal_entity(
    world: World,
) -> None:
    """
    What happens to one entity does not reach the client before `finish`.
    """
    customer = await asked(world, several=True)

    north = await customer.adds("North")
    authorized = await customer.legal_entities()
    await customer.does("add_entity")
    naming = await customer.reaches(lambda journey: journey.entities[0].over)
    done = await customer.legal_entities()
    before = await customer.status()
    await customer.does("name_entity", name="South")
    await customer.connects()
    await customer.does("finish")
    await customer.stands(Stage.COMPLETED)

    assert EntityStage.FETCHING is north.stage
    assert [Status.REQUESTED] == [row.status for row in authorized.values()]
    assert (Stage.NAMING_ENTITY, REQUESTED) == (naming.stage, before)
    assert Status.AVAILABLE is done["North"].status
    assert (Status.AVAILABLE, None) == await customer.status()
    assert {"North", "South"} == set(await customer.legal_entities())


async def test_a_legal_entity_has_a_name_of_its_own(world: World) -> None:
    """
    Whatever the case and the spelling; it may be given the same name again.
    """
    customer = await asked(world, several=True)
    await customer.adds("Nörth")
    await customer.does("add_entity")

    refused = await customer.refused("name_entity", name="NO\u0308RTH ")
    await customer.does("name_entity", name="South")
    await customer.does("back")
    again = await customer.does("name_entity", name="south")

    assert "name_taken" == refused
    assert ["Nörth", "south"] == [each.name for each in again.entities]


async def test_back_leads_through_the_same_questions_and_touches_no_status(
    world: World,
) -> None:
    """
    One step at a time, to the choice between one and several; the unfinished entity is dropped.
    """
    customer = await asked(world, several=True)
    await customer.does("name_entity", name="North")
    await customer.does("select_software", software="ledgerly")

    stages = [(await customer.does("back")).stage for _ in range(3)]

    journey = await customer.journey()
    assert [
        Stage.SELECTING_SOFTWARE,
        Stage.NAMING_ENTITY,
        Stage.CHOOSING_STRUCTURE,
    ] == stages
    assert ((), None) == (journey.entities, journey.structure)
    assert REQUESTED == await customer.status()
    assert "action_not_allowed" == await customer.refused("back")


async def test_back_from_naming_another_one_leads_to_the_review(world: World) -> None:
    """
    The one that was being named is dropped; the authorized one stays.
    """
    customer = await asked(world, several=True)
    await customer.adds("North")
    await customer.does("add_entity")
    await customer.does("name_entity", name="South")
    await customer.does("back")

    reviewing = await customer.does("back")

    assert Stage.REVIEWING_ENTITIES is reviewing.stage
    assert ["North"] == [each.name for each in reviewing.entities]


@pytest.mark.parametrize(
    ("data_types", "expected"),
    [(SPEND, Stage.CHOOSING_STRUCTURE), (FINANCIALS, "action_not_allowed")],
)
async def test_back_from_the_software_of_a_single_entity(
    world: World, data_types: tuple[DataType, ...], expected: str
) -> None:
    """
    It leads to the choice of the structure, where there was one.
    """
    customer = await asked(world, data_types)

    if data_types == SPEND:
        outcome: str = (await customer.does("back")).stage
    else:
        outcome = await customer.refused("back")

    assert expected == outcome


async def test_back_after_the_redirect_makes_its_state_void(world: World) -> None:
    """
    Who comes back with it changes nothing.
    """
    customer = await asked(world, FINANCIALS)
    await customer.does("select_software", software="ledgerly")
    trip = await customer.sets_out()
    await customer.does("back")

    too_late = await customer.comes_back_in_vain(trip, approved=True)
    await customer.does("select_software", software="bookwise")
    still_too_late = await customer.comes_back_in_vain(trip, approved=False)

    assert ("action_not_allowed", "state_void") == (too_late, still_too_late)
    assert REQUESTED == await customer.status()


async def test_another_authorization_makes_the_one_before_void(world: World) -> None:
    """
    One state, one use: an old one and a used one are refused, the present one counts.
    """
    customer = await asked(world, FINANCIALS)
    await customer.does("select_software", software="ledgerly")
    first = await customer.sets_out()
    second = await customer.sets_out()

    void = await customer.comes_back_in_vain(first, approved=True)
    await customer.brings_code(second.entity, "default")
    await customer.comes_back(second, approved=True)
    used = await customer.comes_back_in_vain(second, approved=True)
    await customer.stands(Stage.COMPLETED)

    assert ("state_void", "action_not_allowed") == (void, used)
    assert 1 == (await customer.events()).count(Event.AUTHORIZED)


async def test_leaving_is_an_error_until_the_customer_returns(world: World) -> None:
    """
    The stage stays; opening the link again takes the error back.
    """
    customer = await asked(world)

    left = await customer.does("exit")
    in_error = await customer.status()
    back = await customer.does("open")

    assert (Status.ERROR, Reason.AUTHORIZATION_EXITED) == in_error
    assert left.stage is back.stage
    assert REQUESTED == await customer.status()


async def test_a_single_client_who_declines_is_in_error_and_may_try_again(
    world: World,
) -> None:
    """
    The software is kept; another try clears the error.
    """
    customer = await asked(world, FINANCIALS)
    await customer.does("select_software", software="sumline")

    declined = await customer.comes_back(await customer.sets_out(), approved=False)
    in_error = await customer.status()
    await customer.does("select_software", software="sumline")
    again = await customer.status()

    (entity,) = declined.entities
    assert (Stage.SELECTING_SOFTWARE, "sumline") == (declined.stage, entity.software)
    assert (Status.ERROR, Reason.AUTHORIZATION_DECLINED) == in_error
    assert REQUESTED == again


async def test_one_of_several_that_is_declined_is_no_error_of_the_client(
    world: World,
) -> None:
    """
    The entity shows it; the client is still Requested.
    """
    customer = await asked(world, several=True)
    await customer.does("name_entity", name="North")
    await customer.does("select_software", software="sumline")

    await customer.comes_back(await customer.sets_out(), approved=False)

    north = await customer.entity("North")
    assert Reason.AUTHORIZATION_DECLINED is north.trouble
    assert REQUESTED == await customer.status()
    assert {} == await customer.legal_entities()


async def test_who_never_comes_back_from_the_software_has_abandoned_it(
    world: World,
) -> None:
    """
    When its time is up the state is void, and the customer may start again.
    """
    patience = Rules(authorization_timeout=timedelta(seconds=1))
    customer = await world.ask(delivery=Delivery.LINK, rules=patience)
    await customer.begins()
    await customer.does("select_software", software="ledgerly")
    trip = await customer.sets_out()

    await customer.says(Event.AUTHORIZATION_ABANDONED)

    (entity,) = (await customer.journey()).entities
    assert (EntityStage.SELECTING_SOFTWARE, "ledgerly") == (
        entity.stage,
        entity.software,
    )
    assert (Status.ERROR, Reason.AUTHORIZATION_ABANDONED) == await customer.status()
    assert "action_not_allowed" == await customer.comes_back_in_vain(
        trip, approved=True
    )


def test_an_authorization_may_take_an_hour() -> None:
    """
    Unless the settings say otherwise.
    """
    assert timedelta(minutes=60) == Rules().authorization_timeout


async def test_a_legal_entity_that_is_removed_leaves_nothing_behind(
    world: World,
) -> None:
    """
    Its connection and its sync are cancelled; its company, tokens and codes are gone.
    """
    customer = await asked(world, several=True)
    await customer.adds("North")
    south = await customer.adds("South", "slow")

    reviewing = await customer.does("remove_entity", entity=south.id)
    await world.ends(south.id)

    assert ["North"] == [each.name for each in reviewing.entities]
    assert ["North"] == list(await customer.legal_entities())
    assert WorkflowExecutionStatus.CANCELED is await world.status(south.id)
    leftovers = (
        *await world.rows(CredentialRow, CredentialRow.connection_id == south.id),
        *await world.rows(
            AuthorizationCodeRow, AuthorizationCodeRow.connection_id == south.id
        ),
    )
    assert () == leftovers


async def test_a_legal_entity_whose_books_are_read_stays(world: World) -> None:
    """
    Only one that is not done can be removed.
    """
    customer = await asked(world, several=True)
    north = await customer.adds("North")
    await customer.reaches(lambda journey: journey.entities[0].over)
    await customer.adds("South", "slow")

    refused = await customer.refused("remove_entity", entity=north.id)
    unknown = await customer.refused("remove_entity", entity="cn_nobody")

    assert ("entity_done", "unknown_entity") == (refused, unknown)


async def test_there_is_no_end_without_a_legal_entity(world: World) -> None:
    """
    Who removed the last one has to add another.
    """
    customer = await asked(world, several=True)
    north = await customer.adds("North", "slow")
    await customer.does("remove_entity", entity=north.id)

    assert "no_entity" == await customer.refused("finish")


async def test_a_connection_that_is_let_go_as_its_sync_ends_ends_too(
    world: World,
) -> None:
    """
    It does not wait for ever for leave to read again, whichever of the two it hears of first.
    """

    async def let_go_at_the_end() -> WorkflowHandle[Any, Any]:
        customer = await asked(world, several=True)
        north = await customer.adds("North", "malformed")
        first = await world.client.get_workflow_handle(north.id).describe()
        await world.until(lambda: has_ended(customer), every=0.001)
        run = world.client.get_workflow_handle(north.id, run_id=first.run_id)
        await run.cancel()
        return run

    for run in await asyncio.gather(*[let_go_at_the_end() for _ in range(6)]):
        await world.until(partial(is_over, run))


async def has_ended(customer: Customer) -> bool:
    return any(sync.finished_at is not None for sync in await customer.syncs())


async def is_over(run: WorkflowHandle[Any, Any]) -> bool:
    return (await run.describe()).status is not WorkflowExecutionStatus.RUNNING


async def test_two_tabs_at_once_do_no_harm(world: World) -> None:
    """
    What both may do happens; what only one may do happens once, and the other is told.
    """
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.stands(Stage.AWAITING_CUSTOMER)

    opened = await together(*[customer.does("open") for _ in range(5)])
    picked = await together(
        *[customer.does("select_software", software="ledgerly") for _ in range(2)],
        customer.does("select_software", software="bookwise"),
    )

    journey = await customer.journey()
    assert not any(isinstance(each, BaseException) for each in opened)
    assert 2 == sum(isinstance(each, BaseException) for each in picked)
    assert (Stage.AUTHORIZING, 1) == (journey.stage, len(journey.entities))
    assert 1 == (await customer.events()).count(Event.SOFTWARE_SELECTED)
    sequence = [row.seq for row in await customer.timeline()]
    assert list(range(1, len(sequence) + 1)) == sequence


async def test_a_double_click_gets_the_first_answer(world: World) -> None:
    """
    The same Update twice, by its id, is done once.
    """
    customer = await asked(world, FINANCIALS)
    pick = Act(action="select_software", software="ledgerly")

    first, second = await together(
        *[
            customer.handle.execute_update(CustomerJourney.act, pick, id="click")
            for _ in range(2)
        ]
    )

    assert first == second
    assert 1 == (await customer.events()).count(Event.SOFTWARE_SELECTED)


async def test_other_software_may_be_picked_before_it_is_authorized(
    world: World,
) -> None:
    """
    The legal entity keeps its id; the software that was authorized is the one that is read.
    """
    customer = await asked(world, FINANCIALS)
    first = await customer.does("select_software", software="ledgerly")
    await customer.does("back")

    await customer.connects(software="bookwise")
    await customer.stands(Stage.COMPLETED)

    (entity,) = (await customer.journey()).entities
    assert (first.entities[0].id, "bookwise") == (entity.id, entity.software)
