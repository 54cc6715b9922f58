"""A disk on which nothing can be written any more: what was there is still read."""

import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.crash.mortal import Mortal
from tests.e2e.patience import until
from tests.e2e.world import World, content, refused

pytestmark = pytest.mark.timeout(120)

PARTS = ("worker", "api")


@asynccontextmanager
async def full_disk(mortal: Mortal) -> AsyncIterator[None]:
    """Let every write to a file fail: of the database, of objects and of logs."""
    for part in PARTS:
        await mortal.started_again(part)
    processes = [mortal.processes()[part] for part in PARTS]
    before = [resource.prlimit(each, resource.RLIMIT_FSIZE) for each in processes]
    for process, (_, most) in zip(processes, before, strict=True):
        resource.prlimit(process, resource.RLIMIT_FSIZE, (1, most))
    yield
    for process, limits in zip(processes, before, strict=True):
        resource.prlimit(process, resource.RLIMIT_FSIZE, limits)


async def test_full_disk(mortal: Mortal, world: World) -> None:
    """
    Reads go on, what has to be written answers 503; with room again everything goes on by
    itself, and the books that were being read are whole.
    """
    reading, waiting = (
        await world.ask(delivery="link"),
        await world.ask(delivery="link"),
    )
    await reading.shares("slow")
    await waiting.becomes("Requested")
    company = {"name": "Full Tea", "contact": {"name": "A", "email": "a@b.example"}}

    async with full_disk(mortal):
        seen = await waiting.look()
        asked = await world.bank.post("/v1/companies", json=company)
        ready = await world.browser.get("/readyz")
        acted = await waiting.tries("open")
    await until(lambda: waiting.tries("open"), lambda answer: answer.is_success)
    await waiting.connects()
    for customer in (reading, waiting):
        await customer.becomes("Available")
    content(await world.bank.post("/v1/companies", json=company), 201)

    assert "awaiting_customer" == seen["stage"]
    assert (503, "database_unavailable") == refused(asked)
    assert 200 == ready.status_code
    assert acted.status_code == 503
    assert 1 == (await reading.events()).count("entity_done")
