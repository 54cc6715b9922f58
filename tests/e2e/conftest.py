"""One copy of Rapport for the whole session, and those whose stories take their time."""

import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest

from tests.e2e.hurt import Hurt, hurt_copy
from tests.e2e.running import Running
from tests.e2e.world import FINANCIALS, SPEND, Customer, World, content


class Early(NamedTuple):
    """
    Customers who began before everybody else.

    Rapport tries for 20 s before it gives up; meanwhile other tests go on.
    """

    deferred: Customer
    overtaken: Customer
    out: Customer
    large: Customer
    slow: Customer


@pytest.fixture(scope="session", autouse=True)
async def hurting(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[asyncio.Task[Hurt]]:
    """Start another copy and hurt it, in the background."""
    home = tmp_path_factory.mktemp("hurt") / "home"
    running = Running(home, RAPPORT_AUTHORIZATION_TIMEOUT="8s")
    try:
        yield asyncio.create_task(hurt_copy(running))
    finally:
        running.end()


@pytest.fixture(scope="session")
async def hurt(hurting: asyncio.Task[Hurt]) -> AsyncIterator[Hurt]:
    """What became of it."""
    hurt = await hurting
    async with hurt.world:
        yield hurt


@pytest.fixture(scope="session")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A bank on a system that just came up; software that failed is asked again soon."""
    home = tmp_path_factory.mktemp("e2e") / "home"
    running = Running(home, RAPPORT_PROVIDER_RETRY_EVERY="5s")
    try:
        await running.ready()
        async with World(running) as world:
            yield world
    finally:
        running.end()


@pytest.fixture(scope="session", autouse=True)
async def early(world: World) -> Early:
    return Early(
        *await asyncio.gather(
            world.ask(address="first@defer.test"),
            _overtaken(world),
            _shared(world, FINANCIALS, "outage"),
            _shared(world, SPEND, "large"),
            _shared(world, FINANCIALS, "slow"),
        )
    )


async def _overtaken(world: World) -> Customer:
    """Open a link that the bank copied while its mail is still tried."""
    customer = await world.ask(address="second@defer.test")
    customer.link_url = content(await customer.bank("link"))["link_url"]
    await customer.does("open")
    return customer


async def _shared(world: World, data_types: tuple[str, ...], scenario: str) -> Customer:
    customer = await world.ask(data_types, delivery="link")
    await customer.shares(scenario)
    return customer
