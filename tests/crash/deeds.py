"""Each way in which something is killed, and whom it hits. What comes of it is for the tests."""

import asyncio
import signal
from functools import partial
from http import HTTPStatus
from typing import NamedTuple

import httpx

from tests.crash.fate import (
    ALL_READ,
    FIRST_DATASET_READ,
    HANDING_OVER,
    MOVE_DECIDED,
    MOVE_VISIBLE,
    NEXT_ENTITY,
    PAGE_STORED,
    PUBLISHED,
    RESERVED,
    SENT,
    Moment,
)
from tests.crash.mortal import Mortal, power_cut
from tests.crash.unstarted import Unstarted, asked_of_an_api_that_dies
from tests.e2e.patience import until
from tests.e2e.world import SPEND, Customer, World

EMAILS = (RESERVED, HANDING_OVER, SENT)
MOVES = (MOVE_DECIDED, MOVE_VISIBLE)
PATIENCE = 150.0
"""Seconds that a step may take which was lost, on a busy machine."""

READINGS = (PAGE_STORED, FIRST_DATASET_READ, ALL_READ, PUBLISHED)


class Acting(NamedTuple):
    """Who acted, and what they will be told although something was killed meanwhile."""

    customer: Customer
    answer: asyncio.Task[httpx.Response]


class Cut(NamedTuple):
    """Who was where when the power went off."""

    asked: Customer
    reading: Customer
    choosing: Customer


class Deeds(NamedTuple):
    """Whom it hit."""

    unstarted: Unstarted
    emails: dict[Moment, Customer]
    moves: dict[Moment, Acting]
    readings: dict[Moment, Customer]
    entities: Customer
    temporal: Acting
    cut: Cut


async def do_all(mortal: Mortal, world: World) -> Deeds:
    """Kill, again and again; nobody waits for what comes of it."""
    return Deeds(
        unstarted=await asked_of_an_api_that_dies(world),
        emails={moment: await emailed(mortal, world, moment) for moment in EMAILS},
        moves={moment: await acted(mortal, world, moment) for moment in MOVES},
        readings={moment: await read(mortal, world, moment) for moment in READINGS},
        entities=await read_one_of_two(mortal, world),
        temporal=await acted_without_temporal(mortal, world),
        cut=await cut_the_power(mortal, world),
    )


async def emailed(mortal: Mortal, world: World, moment: Moment) -> Customer:
    """Kill the worker while it sends the request email."""
    async with mortal.asleep("worker"):
        customer = await world.ask()
        mortal.dies_at(customer.id, moment)
    await mortal.died()
    if moment is RESERVED:  # no later death may find this one on its way
        await customer.reaches("awaiting_customer")
    return customer


async def acted(mortal: Mortal, world: World, moment: Moment) -> Acting:
    """Kill the worker while an Update waits for the store."""
    customer = await world.ask(delivery="link")
    await customer.becomes("Requested")
    mortal.dies_at(customer.id, moment)
    answer = asyncio.create_task(opens(customer))
    await mortal.died()
    return Acting(customer, answer)


async def read(mortal: Mortal, world: World, moment: Moment) -> Customer:
    """Kill the worker while it reads or publishes books."""
    customer = await world.ask(delivery="link")
    await customer.does("open")
    mortal.dies_at(f"sync-{customer.company_id}", moment)
    await customer.connects()
    await mortal.died()
    return customer


async def read_one_of_two(mortal: Mortal, world: World) -> Customer:
    """Kill the worker after the first legal entity's books, before the second one's."""
    customer = await world.ask(SPEND, delivery="link")
    await customer.has_several()
    await customer.adds("Tea North")
    await until(partial(is_done, customer, "Tea North"), bool, within=PATIENCE)
    await customer.does("add_entity")
    await customer.does("name_entity", name="Tea South")
    south = await customer.entity("Tea South")
    mortal.dies_at(f"sync-{south['company_id']}", NEXT_ENTITY)
    await customer.connects()
    await mortal.died()
    return customer


async def is_done(customer: Customer, name: str) -> bool:
    stage: str = (await customer.entity(name))["stage"]
    return stage == "done"


async def acted_without_temporal(mortal: Mortal, world: World) -> Acting:
    """Kill the Temporal server while an Update waits for a worker."""
    customer = await world.ask(delivery="link")
    await customer.becomes("Requested")
    async with mortal.asleep("worker"):
        answer = asyncio.create_task(opens(customer))
        await asyncio.sleep(0.5)
        killed = mortal.processes()["temporal"]
        mortal.send("temporal", signal.SIGKILL)
        await mortal.started_again("temporal", killed)
    return Acting(customer, answer)


async def opens(customer: Customer) -> httpx.Response:
    """Open the link; asked to come again, come again."""
    while True:
        answer = await customer.tries("open")
        if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
            return answer


async def cut_the_power(mortal: Mortal, world: World) -> Cut:
    """Kill all there is at once, with everybody in the middle of something; start again."""
    reading, choosing = await asyncio.gather(
        world.ask(delivery="link"), world.ask(SPEND)
    )
    await asyncio.gather(reading.shares("slow"), choosing.has_several())
    asked = await world.ask()
    power_cut(mortal)
    mortal.start_again()
    await mortal.ready()
    return Cut(asked, reading, choosing)
