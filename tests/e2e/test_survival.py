"""Whatever is killed, nothing is lost: a second copy of Rapport, beside the first, is hurt."""

import asyncio
import signal
from collections.abc import AsyncIterator
from typing import NamedTuple

import httpx
import pytest

from tests.e2e.patience import until
from tests.e2e.running import Running, is_taken
from tests.e2e.world import Customer, Json, World, refused


class Hurt(NamedTuple):
    """Two customers of the copy that is hurt, whose stories take their time."""

    away: Customer
    way_back: str
    reading: Customer


class Absence(NamedTuple):
    """Who was there while Temporal was not, and what they saw."""

    customer: Customer
    asked: Customer
    journey: Json
    seen: Json
    refusals: tuple[httpx.Response, httpx.Response]
    unready: httpx.Response


@pytest.fixture(scope="module")
async def fragile(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[World]:
    """A copy to be hurt; customers who stay away at the software are soon given up there."""
    home = tmp_path_factory.mktemp("fragile") / "home"
    running = Running(home, RAPPORT_AUTHORIZATION_TIMEOUT="8s")
    try:
        await running.ready()
        async with World(running) as world:
            yield world
    finally:
        running.end()


@pytest.fixture(scope="module", autouse=True)
async def hurt(fragile: World) -> Hurt:
    """Let one stay away, and kill the worker while it reads the slow books of the other."""
    away, reading = await asyncio.gather(fragile.ask(), fragile.ask())
    await away.does("open")
    await away.does("select_software", software="bookwise")
    way_back = await away.decides(await away.leaves())
    await reading.shares("slow")
    await until(reading.syncs, lambda syncs: pages(syncs) > 0)
    fragile.running.send("worker", signal.SIGKILL)
    return Hurt(away, way_back, reading)


@pytest.fixture(scope="module")
async def absence(fragile: World) -> Absence:
    """Kill Temporal, look and act while it is away, and let it come back."""
    customer = await fragile.ask()
    await customer.does("open")
    await take_away(fragile, "temporal")
    asked, seen, acted, extended, unready = await asyncio.gather(
        fragile.ask(),
        customer.look(),
        customer.tries("select_software", software="ledgerly"),
        customer.bank("extend", days=1),
        fragile.browser.get("/readyz"),
    )
    journey = await asked.journey()
    fragile.running.send("temporal", signal.SIGCONT)
    await fragile.running.ready()
    return Absence(customer, asked, journey, seen, (acted, extended), unready)


async def test_two_copies_side_by_side(world: World, fragile: World) -> None:
    """
    Two homes share nothing: neither a port, nor a key, nor a customer.
    """
    customer = await fragile.ask()
    mine, theirs = world.running, fragile.running

    stranger = await world.bank.get(f"/v1/companies/{customer.company_id}")
    key = {"Authorization": f"Bearer {theirs.api_key}"}
    intruder = await world.browser.get("/v1/companies", headers=key)

    assert set() == set(mine.ports.values()) & set(theirs.ports.values())
    assert (404, "not_found") == refused(stranger)
    assert (401, "unauthorized") == refused(intruder)


async def test_temporal_is_away(absence: Absence) -> None:
    """
    While Temporal can't be reached reads go on and a new request is taken; what needs the
    workflow answers 503 and says when to ask again.
    """
    assert "selecting_software" == absence.seen["stage"]
    assert ("sending", None) == (absence.journey["stage"], absence.journey["status"])
    assert {(503, "temporal_unavailable")} == {
        refused(each) for each in absence.refusals
    }
    assert all("retry-after" in answer.headers for answer in absence.refusals)
    assert (503, "not_ready") == refused(absence.unready)


async def test_temporal_is_back(absence: Absence) -> None:
    """
    Temporal is started again when it dies, and knows every journey.
    """
    await absence.customer.shares()

    await absence.customer.becomes("Available")


async def test_customer_who_does_not_come_back(hurt: Hurt) -> None:
    """
    Who stays away at the software is given up, and can start again with the same link.
    """
    await hurt.away.becomes("Error", "authorization_abandoned")

    late = await hurt.away.returns(hurt.way_back)
    state = await hurt.away.look()
    await hurt.away.connects("bookwise")
    await hurt.away.becomes("Available")

    assert 410 == late.status_code
    assert ("selecting_software", "bookwise") == (
        state["stage"],
        state["entity"]["software"],
    )


async def test_worker_killed_while_it_reads(fragile: World, hurt: Hurt) -> None:
    """
    A worker that dies in the middle of slow books is replaced; the reading goes on where
    it was, and no mail goes out twice.
    """
    await hurt.reading.becomes("Available")

    (sync,) = await hurt.reading.syncs()
    assert "succeeded" == sync["state"]
    assert 1 == (await hurt.reading.events()).count("entity_done")
    assert 1 == len(fragile.mailbox.letters(hurt.reading.address))


@pytest.mark.timeout(120)
async def test_second_start_finds_everything(fragile: World) -> None:
    """
    Ctrl-C ends every process in time; the next start on the same home finds every journey
    where it was, and goes on with what was being read.
    """
    running = fragile.running
    waiting, reading = await asyncio.gather(fragile.ask(), fragile.ask())
    await waiting.does("open")
    await reading.shares("slow")
    await until(reading.syncs, lambda syncs: pages(syncs) > 0)
    before = await waiting.journey(), await waiting.look(), await waiting.timeline()
    ports, key = running.ports, running.api_key

    code = await running.interrupt()
    left = [port for port in ports.values() if is_taken(port)]
    running.start_again()
    await running.ready()
    after = await waiting.journey(), await waiting.look(), await waiting.timeline()
    await waiting.shares()
    await waiting.becomes("Available")
    await reading.becomes("Available")

    assert (0, []) == (code, left)
    assert (ports, key) == (running.ports, running.api_key)
    assert before == after
    assert 1 == len(fragile.mailbox.letters(reading.address))


async def test_request_of_meanwhile(fragile: World, absence: Absence) -> None:
    """
    What was asked for while Temporal was away starts with the next sweep.
    """
    await fragile.operator("schedule", "trigger", "--schedule-id", "reconcile")

    await absence.asked.becomes("Requested")


async def take_away(world: World, part: str) -> None:
    """Kill a part, and hold its successor before it listens."""
    killed = world.running.processes()[part]
    world.running.send(part, signal.SIGKILL)

    async def present() -> int | None:
        return world.running.processes().get(part)

    await until(present, lambda process: process not in (None, killed))
    world.running.send(part, signal.SIGSTOP)


def pages(syncs: list[Json]) -> int:
    """Count the pages that were read so far."""
    return sum(each["pages"] for sync in syncs for each in sync["datasets"])
