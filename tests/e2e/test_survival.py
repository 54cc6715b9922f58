"""Whatever is killed, nothing is lost: a second copy of Rapport, beside the first, is hurt."""

import asyncio
import signal
from collections.abc import AsyncIterator

import pytest

from tests.e2e.patience import until
from tests.e2e.running import Running, is_taken
from tests.e2e.world import FINANCIALS, Customer, World, content, refused


@pytest.fixture(scope="module")
async def fragile(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[World]:
    """A copy of its own, to be hurt; customers who stay away at the software are given up soon."""
    home = tmp_path_factory.mktemp("fragile") / "home"
    running = Running(home, RAPPORT_AUTHORIZATION_TIMEOUT="8s")
    try:
        await running.ready()
        async with World(running) as world:
            yield world
    finally:
        running.end()


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
    assert theirs.home != mine.home


async def test_customer_who_does_not_come_back(fragile: World) -> None:
    """
    Who stays away at the software is given up, and can start again with the same link.
    """
    customer = await fragile.ask()
    await customer.does("open")
    await customer.does("select_software", software="bookwise")
    address = await customer.decides(await customer.leaves())

    await customer.becomes("Error", "authorization_abandoned")
    late = await customer.returns(address)
    state = await customer.look()
    await customer.connects("bookwise")
    await customer.becomes("Available")

    assert 410 == late.status_code
    assert ("selecting_software", "bookwise") == (
        state["stage"],
        state["entity"]["software"],
    )


async def test_worker_killed_while_it_reads(fragile: World) -> None:
    """
    A worker that dies in the middle of slow books is replaced; the reading goes on where
    it was, and no mail goes out twice.
    """
    customer = await fragile.ask(FINANCIALS)
    await customer.does("open")
    await customer.connects(scenario="slow")
    await until(customer.syncs, lambda syncs: bool(syncs and pages(syncs)))

    fragile.running.send("worker", signal.SIGKILL)
    await customer.becomes("Available")

    (sync,) = await customer.syncs()
    assert "succeeded" == sync["state"]
    assert 1 == len(fragile.mailbox.letters(customer.address))
    assert 1 == (await customer.events()).count("entity_done")


@pytest.mark.timeout(120)
async def test_temporal_is_away(fragile: World) -> None:
    """
    While Temporal is away reads go on, a new request is taken, and what needs the workflow
    answers 503; when it is back, all goes on.
    """
    customer = await fragile.ask()
    await customer.does("open")
    company = await fragile.add_company()
    fragile.running.send("temporal", signal.SIGSTOP)

    new, seen, acted, asked, back = await asyncio.gather(
        fragile.ask(company=company),
        customer.look(),
        customer.tries("select_software", software="ledgerly"),
        customer.bank("extend", days=1),
        fragile.bank.get("/v1/companies"),
    )
    waiting = await new.journey()
    unready = await fragile.browser.get("/readyz")
    fragile.running.send("temporal", signal.SIGCONT)
    await new.does("open")
    await customer.look()

    assert "sending" == waiting["stage"]
    assert "selecting_software" == seen["stage"]
    assert [(503, "temporal_unavailable")] * 2 == [refused(acted), refused(asked)]
    assert int(acted.headers["retry-after"]) > 0
    assert 200 == back.status_code
    assert (503, "not_ready") == refused(unready)


def pages(syncs: list[dict[str, object]]) -> int:
    """Count the pages that the newest sync has stored."""
    datasets = syncs[0]["datasets"]
    assert isinstance(datasets, list)
    return sum(each["pages"] for each in datasets)


async def test_temporal_is_killed(fragile: World) -> None:
    """
    A Temporal that dies is started again, and knows every journey.
    """
    customer = await fragile.ask()
    await customer.does("open")

    fragile.running.send("temporal", signal.SIGKILL)
    await fragile.running.ready()
    await customer.connects()

    await customer.becomes("Available")


@pytest.mark.timeout(120)
async def test_second_start_finds_everything(fragile: World) -> None:
    """
    Ctrl-C ends every process in time; the next start on the same home goes on with every
    journey where it was.
    """
    running = fragile.running
    waiting, reading = await asyncio.gather(fragile.ask(), fragile.ask())
    await waiting.does("open")
    await reading.does("open")
    await reading.connects(scenario="slow")
    before = await waiting.journey(), await waiting.look(), await waiting.timeline()
    ports, key = running.ports, running.api_key

    code = await running.interrupt()
    left = [each for each in ports.values() if is_taken(each)]
    running.start_again()
    await running.ready()
    after = await waiting.journey(), await waiting.look(), await waiting.timeline()
    await reading.becomes("Available")
    await waiting.connects()
    await waiting.becomes("Available")

    assert (0, []) == (code, left)
    assert (ports, key) == (running.ports, running.api_key)
    assert before == after
    assert 1 == len(fragile.mailbox.letters(reading.address))
