"""Two hundred journeys while something is killed every few seconds: all end as they should."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from random import Random
from typing import Final, NamedTuple

import pytest
from sqlmodel import col, select

from store.database import Database
from store.tables import SyncRow
from tests.crash.crowd import PLANS, Crowd, Plan
from tests.crash.mortal import Shelves, power_cut
from tests.e2e.patience import until
from tests.e2e.running import Running
from tests.e2e.world import Customer, Json, standing

pytestmark = pytest.mark.timeout(600)

SEED: Final = 20
JOURNEYS: Final = 200
AT_ONCE: Final = 70
KILLS: Final = 10
BETWEEN_KILLS: Final = (3.0, 5.0)
VICTIMS: Final = ("worker", "worker", "api", "temporal", "sandbox", "catcher")


class Guest(NamedTuple):
    """A customer, and how it should end."""

    customer: Customer
    plan: Plan


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    running = Running(tmp_path_factory.mktemp("kills") / "home")
    try:
        await running.ready()
        yield running
    finally:
        running.end()


@pytest.fixture(scope="module")
async def guests(running: Running) -> AsyncIterator[list[Guest]]:
    """Everybody, once nobody has anything left to do."""
    async with Crowd(running) as crowd:
        killing = asyncio.create_task(kill_again_and_again(running))
        room = asyncio.Semaphore(AT_ONCE)
        coming = [come(crowd, PLANS[n % len(PLANS)], room) for n in range(JOURNEYS)]
        guests = await asyncio.gather(*coming)
        await killing
        await running.ready()
        yield guests


async def kill_again_and_again(running: Running) -> None:
    """One part after the other, and in the middle all of them."""
    chance = Random(SEED)  # noqa: S311
    for number in range(1, KILLS + 1):
        await asyncio.sleep(chance.uniform(*BETWEEN_KILLS))
        if number == KILLS // 2:
            power_cut(running)
            running.start_again()
            await running.ready()
        elif process := running.processes().get(chance.choice(VICTIMS)):
            os.kill(process, signal.SIGKILL)


async def come(crowd: Crowd, plan: Plan, room: asyncio.Semaphore) -> Guest:
    async with room:
        customer = await crowd.ask(plan.data_types)
        await plan.does(customer)
        return Guest(customer, plan)


async def test_everybody_ends_where_they_should(guests: list[Guest]) -> None:
    """
    Stage, status and reason are what they would have been; each timeline counts up by one.
    """

    async def elsewhere() -> Counter[str]:
        ends = await asyncio.gather(*(end_of(guest.customer) for guest in guests))
        pairs = zip(ends, guests, strict=True)
        return Counter(f"{end}" for end, guest in pairs if end != guest.plan.ends)

    await until(elsewhere, lambda found: not found, within=90)

    for customer, _ in guests:
        timeline = await customer.timeline()
        assert list(range(1, len(timeline) + 1)) == [move["seq"] for move in timeline]


async def end_of(customer: Customer) -> tuple[str, str | None, str | None]:
    journey = await customer.journey()
    return (journey["stage"], *standing(await customer.company()))


async def test_no_letter_came_twice(running: Running, guests: list[Guest]) -> None:
    """
    Each message is in the mailbox once; who got two had the second one sent by the bank.
    """
    crowd = guests[0].customer.world
    assert isinstance(crowd, Crowd)

    ids = Counter(str(letter["Message-ID"]) for letter in crowd.letterbox.all)

    assert {1} == set(ids.values())
    for customer, _ in guests:
        events = Counter(await customer.events())
        asked = 1 + events["resend_asked"]
        assert events["request_sent"] + events["sent_unconfirmed"] <= asked
        assert 1 <= len(crowd.mailbox.letters(customer.address)) <= asked


async def test_every_snapshot_is_whole(running: Running, guests: list[Guest]) -> None:
    """
    Nobody has half of their books, each legal entity was read once, and no sync runs for ever.
    """
    shelves = Shelves(running.home)

    for customer, plan in guests:
        for sync in await syncs_of(customer):
            if sync["state"] == "failed":
                assert "invalid_data" == plan.ends[-1]
                continue
            assert "succeeded" == sync["state"]
            assert await shelves.rows(sync["company_id"], sync["id"]) == {
                each["name"]: each["records"] for each in sync["datasets"]
            }


async def syncs_of(customer: Customer) -> list[Json]:
    entities = (await customer.journey())["entities"]
    ids = {each["company_id"] for each in entities if each["stage"] != "authorizing"}
    found: list[Json] = []
    for company_id in ids:
        answer = await customer.world.bank.get(f"/v1/companies/{company_id}/syncs")
        found += answer.json()["items"]
    return found


async def test_no_file_is_left_behind(running: Running, guests: list[Guest]) -> None:
    """
    After the sweep of an hour later, of each sync there is a whole snapshot or nothing.
    """
    crowd = guests[0].customer.world
    shelves = Shelves(running.home)

    await age(running, timedelta(hours=2))
    await crowd.operator("schedule", "trigger", "--schedule-id", "reconcile")

    async def left_behind() -> list[str]:
        return [
            sync_id
            for company_id, sync_id in shelves.syncs()
            if not await shelves.is_whole(company_id, sync_id)
        ]

    await until(left_behind, lambda found: not found, within=90)


async def age(running: Running, by: timedelta) -> None:
    """Let the syncs have ended earlier than they did."""
    database = Database(f"sqlite:///{running.home / 'rapport.db'}")
    async with database.transaction() as session:
        ended = col(SyncRow.finished_at).is_not(None)
        for row in (await session.exec(select(SyncRow).where(ended))).all():
            row.finished_at = row.finished_at and row.finished_at - by
            session.add(row)
    await database.close()


async def test_no_workflow_failed(guests: list[Guest]) -> None:
    """
    A crash is no defect: nothing is failed, timed out or terminated in Temporal.
    """
    client = await guests[0].customer.world.temporal()

    query = "ExecutionStatus IN ('Failed', 'TimedOut', 'Terminated')"
    found = [each.id async for each in client.list_workflows(query)]

    assert [] == found
