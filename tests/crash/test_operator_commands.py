"""Terminated, cancelled or reset with the Temporal CLI, wherever a journey stands."""

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Any, Final

import pytest

from tests.crash.stages import goes_on, one_everywhere
from tests.e2e.patience import until
from tests.e2e.world import Customer, World, refused, standing

pytestmark = pytest.mark.timeout(300)

RESET: Final = ("reset", "--type", "FirstWorkflowTask", "--reason", "a mistake")
FORGETTING: Final = ("--reapply-exclude", "All")

GOING_ON: Final = ("sending, parked", "naming_entity", "fetching, parked", "repair")
"""Where it is tried that a customer gets to the end: books and reports take their time."""


@pytest.fixture(autouse=True)
async def swept(world: World) -> AsyncIterator[None]:
    """Let the sweep of each minute come sooner, again and again."""

    reconcile = (await world.temporal()).get_schedule_handle("reconcile")

    async def sweep() -> None:
        while True:
            await reconcile.trigger()
            await asyncio.sleep(3)

    sweeping = asyncio.create_task(sweep())
    yield
    sweeping.cancel()
    await asyncio.wait([sweeping])


@pytest.mark.parametrize("how", ["terminate", "cancel"])
async def test_journey_that_is_ended(world: World, how: str) -> None:
    """
    At every stage it counts as cancelled: the client has its status back, the link says so,
    nothing of it runs on, and no email follows.
    """
    customers = await one_everywhere(world)
    before = {place: letters_to(each) for place, each in customers.items()}

    for customer in customers.values():
        await command(customer, how)

    for place, customer in customers.items():
        await customer.reaches("cancelled")
        await until(partial(running, customer), lambda found: not found)
        last = (await customer.timeline())[-1]
        assert (None, None) == standing(await customer.company()), place
        assert ("cancelled", "operator") == (last["event"], last["actor"]), place
        assert before[place] == letters_to(customer), place
        if before[place]:
            looked = await world.browser.get(await customer.path())
            assert (410, "journey_cancelled") == refused(looked), place


async def test_journey_that_is_reset(world: World) -> None:
    """
    What customers did since happens again; the store shows what the workflow holds, no email
    is sent again, and whoever is left in the middle can get to the end.
    """
    customers = await one_everywhere(world)
    before = {place: letters_to(each) for place, each in customers.items()}

    for customer in customers.values():
        await command(customer, *RESET)

    for place, customer in customers.items():
        await is_in_line(customer)
        assert before[place] == letters_to(customer), place
    await asyncio.gather(*(goes_on(customers[place]) for place in GOING_ON))


async def test_journey_that_is_reset_and_forgets(world: World) -> None:
    """
    It begins again, with what it had sent already: the store goes back with it and says so.
    """
    customers = await one_everywhere(world)
    before = {place: letters_to(each) for place, each in customers.items()}

    for customer in customers.values():
        await command(customer, *RESET, *FORGETTING)

    for place, customer in customers.items():
        await is_in_line(customer)
        assert [] == (await customer.journey())["entities"], place
        assert before[place] == letters_to(customer), place
    await asyncio.gather(*(goes_on(customers[place]) for place in GOING_ON))


async def command(customer: Customer, *words: str) -> None:
    """Give a command on a journey's workflow."""
    await customer.world.operator("workflow", *words, "--workflow-id", customer.id)


async def running(customer: Customer) -> list[str]:
    """Name the workflows of a journey that run."""
    client = await customer.world.temporal()
    query = f"RapportJourney = '{customer.id}' AND ExecutionStatus = 'Running'"
    return [found.id async for found in client.list_workflows(query)]


async def is_in_line(customer: Customer) -> None:
    """Wait until the store shows what the workflow holds, to the legal entity."""
    client = await customer.world.temporal()
    handle = client.get_workflow_handle(customer.id)

    async def both() -> tuple[Any, Any]:
        held = await handle.query("state")
        return seen(held), seen(await customer.journey())

    await until(both, lambda both: both[0] == both[1])


def seen(journey: dict[str, Any]) -> str:
    entities = [[each["id"], each["stage"]] for each in journey["entities"]]
    return json.dumps([journey["stage"], journey["structure"], entities])


def letters_to(customer: Customer) -> list[str]:
    letters = customer.world.mailbox.letters(customer.address)
    return [str(letter["Message-ID"]) for letter in letters]
