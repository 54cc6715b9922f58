"""A customer in each place where an operator may find a journey."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from secrets import token_hex
from typing import Final

from tests.crash.crowd import goes_and_returns
from tests.e2e.world import SPEND, Customer, World


async def _sending(world: World) -> Customer:
    customer = await world.ask(SPEND, address=f"{token_hex(4)}@defer.test")
    await customer.says("requested")
    return customer


async def _unsent(world: World) -> Customer:
    customer = await world.ask(SPEND, address=f"{token_hex(4)}@bounce.test")
    await customer.becomes("Error", "email_undeliverable")
    return customer


async def _asked(world: World) -> Customer:
    customer = await world.ask(SPEND)
    await customer.becomes("Requested")
    return customer


def _walked(stage: str) -> Callable[[World], Awaitable[Customer]]:
    async def walked(world: World) -> Customer:
        customer = await _asked(world)
        await customer.walks_to(stage)
        return customer

    return walked


async def _choosing(world: World) -> Customer:
    customer = await _asked(world)
    await customer.does("open")
    return customer


def _read(
    scenario: str, stage: str, reason: str | None = None
) -> Callable[[World], Awaitable[Customer]]:
    async def read(world: World) -> Customer:
        customer = await _asked(world)
        await customer.shares(scenario)
        if reason is not None:
            await customer.becomes("Error", reason)
        await customer.reaches(stage)
        return customer

    return read


PLACES: Final[Mapping[str, Callable[[World], Awaitable[Customer]]]] = {
    "sending": _sending,
    "sending, parked": _unsent,
    "awaiting_customer": _asked,
    "choosing_structure": _choosing,
    "naming_entity": _walked("naming_entity"),
    "selecting_software": _walked("selecting_software"),
    "authorizing": _walked("authorizing"),
    "reviewing_entities": _walked("reviewing_entities"),
    "fetching": _read("slow", "fetching"),
    "fetching, parked": _read("malformed", "fetching", "invalid_data"),
    "repair": _read("revoked", "selecting_software", "access_revoked"),
}


async def one_everywhere(world: World) -> dict[str, Customer]:
    """Bring a customer to each place."""
    customers = await asyncio.gather(*(bring(world) for bring in PLACES.values()))
    return dict(zip(PLACES, customers, strict=True))


async def goes_on(customer: Customer) -> None:
    """Do whatever is left to do; what came too late is no harm, the page says what is next."""
    if customer.address.endswith(".test"):
        customer.address = f"{customer.id}@hoxton.example"
        await customer.moves_to(customer.address)
        await customer.bank("resend")
    await customer.world.behaves(customer.name, "default")
    while (stage := (await customer.look())["stage"]) != "completed":
        match stage:
            case "sending" | "awaiting_customer":
                await customer.tries("open")
            case "choosing_structure":
                await customer.tries("choose_structure", structure="multiple")
            case "naming_entity":
                await customer.tries("name_entity", name="Tea Retail")
            case "selecting_software":
                await customer.tries("select_software", software="ledgerly")
            case "authorizing":
                await goes_and_returns(customer, "approve", "default")
            case "reviewing_entities":
                await customer.tries("finish")
            case _:
                await customer.bank("retry")
                await asyncio.sleep(0.5)
    await customer.becomes("Available")
