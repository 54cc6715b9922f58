"""Whatever is killed, nothing is lost: what became of the copy that was hurt."""

import asyncio

import pytest

from tests.e2e.hurt import Hurt, pages
from tests.e2e.patience import until
from tests.e2e.running import is_taken
from tests.e2e.world import World, refused, standing


async def test_two_copies_side_by_side(world: World, hurt: Hurt) -> None:
    """
    Two homes share nothing: neither a port, nor a key, nor a customer.
    """
    customer = await hurt.world.ask()
    mine, theirs = world.running, hurt.world.running

    stranger = await world.bank.get(f"/v1/companies/{customer.company_id}")
    key = {"Authorization": f"Bearer {theirs.api_key}"}
    intruder = await world.browser.get("/v1/companies", headers=key)

    assert set() == set(mine.ports.values()) & set(theirs.ports.values())
    assert (404, "not_found") == refused(stranger)
    assert (401, "unauthorized") == refused(intruder)


async def test_temporal_is_away(hurt: Hurt) -> None:
    """
    While Temporal can't be reached reads go on and a new request is taken; what needs the
    workflow answers 503 and says when to ask again.
    """
    assert "selecting_software" == hurt.absence.seen["stage"]
    assert (None, None) == standing(hurt.absence.journey)
    assert {(503, "temporal_unavailable")} == {
        refused(each) for each in hurt.absence.refusals
    }
    assert all("retry-after" in answer.headers for answer in hurt.absence.refusals)
    assert (503, "not_ready") == refused(hurt.absence.unready)


async def test_temporal_is_back(hurt: Hurt) -> None:
    """
    Temporal is started again when it dies, and knows every journey.
    """
    await hurt.absence.customer.shares()

    await hurt.absence.customer.becomes("Available")


async def test_worker_is_asleep(hurt: Hurt) -> None:
    """
    An action that gets no answer in time answers 503 and stays queued: repeated, it gets
    its answer, and has happened once.
    """
    events = await hurt.silence.customer.events()

    assert (503, "temporal_unavailable") == refused(hurt.silence.answer)
    assert "selecting_software" == hurt.silence.again["stage"]
    assert 1 == events.count("opened")


async def test_customer_who_does_not_come_back(hurt: Hurt) -> None:
    """
    Who stays away at the software is given up, and can start again with the same link.
    """
    await hurt.away.customer.becomes("Error", "authorization_abandoned")

    late = await hurt.away.customer.returns(hurt.away.way_back)
    state = await hurt.away.customer.look()
    await hurt.away.customer.connects("bookwise")
    await hurt.away.customer.becomes("Available")

    assert 410 == late.status_code
    assert ("selecting_software", "bookwise") == (
        state["stage"],
        state["entity"]["software"],
    )


async def test_worker_killed_while_it_reads(hurt: Hurt) -> None:
    """
    A worker that dies in the middle of slow books is replaced; the reading goes on where
    it was, and no mail goes out twice.
    """
    await hurt.reading.becomes("Available")

    (sync,) = await hurt.reading.syncs()
    assert "succeeded" == sync["state"]
    assert 1 == (await hurt.reading.events()).count("entity_done")
    assert 1 == len(hurt.world.mailbox.letters(hurt.reading.address))


@pytest.mark.timeout(120)
async def test_second_start_finds_everything(hurt: Hurt) -> None:
    """
    Ctrl-C ends every process in time; the next start on the same home finds every journey
    where it was, and goes on with what was being read.
    """
    running = hurt.world.running
    waiting, reading = await asyncio.gather(hurt.world.ask(), hurt.world.ask())
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
    assert 1 == len(hurt.world.mailbox.letters(reading.address))


async def test_request_of_meanwhile(hurt: Hurt) -> None:
    """
    What was asked for while Temporal was away starts with the next sweep.
    """
    await hurt.world.operator("schedule", "trigger", "--schedule-id", "reconcile")

    await hurt.absence.asked.becomes("Requested")
