"""A copy of Rapport that is hurt while other tests run: most of its story is waiting."""

import asyncio
import signal
from typing import NamedTuple

import httpx

from tests.e2e.patience import until
from tests.e2e.running import Running
from tests.e2e.world import Customer, Json, World


class Away(NamedTuple):
    """A customer who went to the software and did not come back in time."""

    customer: Customer
    way_back: str


class Absence(NamedTuple):
    """Who was there while Temporal was not, and what they saw."""

    customer: Customer
    asked: Customer
    journey: Json
    seen: Json
    refusals: tuple[httpx.Response, httpx.Response]
    unready: httpx.Response


class Silence(NamedTuple):
    """A customer who acted while no worker did: what came of it at once, and of repeating it."""

    customer: Customer
    answer: httpx.Response
    again: Json


class Hurt(NamedTuple):
    """What was done to it, and to whom."""

    world: World
    away: Away
    reading: Customer
    absence: Absence
    silence: Silence


async def hurt_copy(running: Running) -> Hurt:
    """Kill its worker in the middle of slow books; take Temporal away; let the worker sleep."""
    await running.ready()
    world = World(running)
    away = await _goes_away(await world.ask())
    reading = await world.ask()
    await reading.shares("slow")
    await until(reading.syncs, lambda syncs: pages(syncs) > 0)
    running.send("worker", signal.SIGKILL)
    await running.ready()
    absence = await _without_temporal(world)
    return Hurt(world, away, reading, absence, await _without_worker(world))


async def _goes_away(customer: Customer) -> Away:
    await customer.does("open")
    await customer.does("select_software", software="bookwise")
    return Away(customer, await customer.decides(await customer.leaves()))


async def _without_temporal(world: World) -> Absence:
    customer = await world.ask()
    await customer.does("open")
    await _kill_and_hold(world.running, "temporal")
    asked, seen, acted, extended, unready = await asyncio.gather(
        world.ask(),
        customer.look(),
        customer.tries("select_software", software="ledgerly"),
        customer.bank("extend", days=1),
        world.browser.get("/readyz"),
    )
    journey = await asked.journey()
    world.running.send("temporal", signal.SIGCONT)
    await world.running.ready()
    return Absence(customer, asked, journey, seen, (acted, extended), unready)


async def _without_worker(world: World) -> Silence:
    customer = await world.ask()
    await customer.path()
    await customer.becomes("Requested")
    async with world.running.asleep("worker"):
        answer = await customer.tries("open")
    await world.running.ready()
    return Silence(customer, answer, await customer.does("open"))


async def _kill_and_hold(running: Running, part: str) -> None:
    """Kill a part, and stop its successor before it listens."""
    killed = running.processes()[part]
    running.send(part, signal.SIGKILL)

    async def successor() -> bool:
        return running.processes().get(part, killed) != killed

    await until(successor, bool)
    running.send(part, signal.SIGSTOP)


def pages(syncs: list[Json]) -> int:
    """Count the pages that were read so far."""
    return sum(each["pages"] for sync in syncs for each in sync["datasets"])
