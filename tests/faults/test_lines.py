"""A line is cut, late, dead or refused for a while; then everything goes on by itself."""

import asyncio

import pytest

from tests.e2e.patience import until
from tests.e2e.world import Customer, World, content, refused
from tests.faults.conftest import Lines
from tests.faults.proxy import Fault

pytestmark = pytest.mark.timeout(120)

RECEIPT = len(b"250 OK\r\n221 Bye\r\n")


async def test_database_that_can_not_be_reached(world: World, lines: Lines) -> None:
    """
    What asks it answers 503 and says when to come again; the same works as soon as it is back.
    """
    customer = await world.ask(delivery="link")
    await customer.becomes("Requested")
    path = await customer.path()

    async with lines.database.refusing():
        answers = [
            await world.bank.get(f"/v1/companies/{customer.company_id}"),
            await customer.tries("open"),
            await world.browser.get(path),
        ]
        ready = await world.browser.get("/readyz")
    opened = await customer.does("open")
    await customer.connects()
    await customer.becomes("Available")

    assert {(503, "database_unavailable")} == {refused(each) for each in answers}
    assert all("retry-after" in answer.headers for answer in answers)
    assert (False, True) == (
        ready.json()["parts"]["database"],
        ready.json()["parts"]["temporal"],
    )
    assert "selecting_software" == opened["stage"]


async def test_database_that_goes_while_books_are_read(
    world: World, lines: Lines
) -> None:
    """
    The reading waits for it and goes on; one sync, and one end.
    """
    customer = await world.ask(delivery="link")
    await customer.shares("slow")

    for _ in range(3):
        await lines.database.cut()
        async with lines.database.refusing():
            await asyncio.sleep(1)
        await asyncio.sleep(0.5)
    await customer.becomes("Available")

    (sync,) = await customer.syncs()
    assert "succeeded" == sync["state"]
    assert 1 == (await customer.events()).count("entity_done")


async def test_database_whose_answers_stop_half_way(world: World, lines: Lines) -> None:
    """
    Nobody knows then whether it was written; asked again, it was written once.
    """
    company = {"name": "Half Way Tea", "contact": {"name": "A", "email": "a@b.example"}}
    key = {"Idempotency-Key": "half way"}

    await lines.database.cut()
    async with lines.database.with_fault(Fault(at_most=900)):
        halves = [
            await world.bank.post("/v1/companies", json=company, headers=key)
            for _ in range(3)
        ]
    await lines.database.cut()
    made = content(
        await world.bank.post("/v1/companies", json=company, headers=key), 201
    )
    found = content(await world.bank.get("/v1/companies", params={"q": "Half Way"}))

    assert {503} >= {answer.status_code for answer in halves} - {201}
    assert [made["id"]] == [each["id"] for each in found["items"]]


async def test_everything_is_late(world: World, lines: Lines) -> None:
    """
    Slow lines make a slow journey, and nothing else.
    """
    customer = await world.ask(delivery="link")
    late = Fault(delay=0.01)

    async with (
        lines.database.with_fault(late),
        lines.temporal.with_fault(late),
        lines.sandbox.with_fault(late),
    ):
        await customer.shares()
        await customer.becomes("Available")

    assert 1 == (await customer.events()).count("authorized")


async def test_mail_server_that_can_not_be_reached(world: World, lines: Lines) -> None:
    """
    The request stays on its way, and leaves once, by itself.
    """
    async with lines.smtp.refusing():
        customer = await world.ask()
        await customer.says("requested")
        await asyncio.sleep(1.5)
        waiting = await customer.journey()
    await customer.becomes("Requested")

    assert ("sending", False) == (waiting["stage"], waiting["stuck"])
    assert ["requested", "request_sent"] == await customer.events()
    assert 1 == len(letters_to(customer))


async def test_mail_server_whose_receipt_is_lost(world: World, lines: Lines) -> None:
    """
    The message went out and nobody knows whether it was taken: it is not sent again.
    """
    await (await world.ask()).becomes("Requested")
    receipt_begins = lines.smtp.said - RECEIPT

    async with lines.smtp.with_fault(Fault(at_most=receipt_begins)):
        customer = await world.ask()
        await customer.says("sent_unconfirmed")

    assert "awaiting_customer" == (await customer.journey())["stage"]
    assert ["requested", "sent_unconfirmed"] == await customer.events()
    await until(lambda: arrived(customer), lambda letters: letters == 1)


async def test_software_that_is_cut_off(world: World, lines: Lines) -> None:
    """
    In the middle of a page, refused, and without an answer for a while: the books are whole.
    """
    customer = await world.ask(delivery="link")
    await customer.shares("slow")

    await lines.sandbox.cut()
    async with lines.sandbox.with_fault(Fault(at_most=1000)):
        await asyncio.sleep(2)
    async with lines.sandbox.refusing():
        await asyncio.sleep(1)
    async with lines.sandbox.hanging():
        await asyncio.sleep(2)
    await customer.becomes("Available")

    (sync,) = await customer.syncs()
    assert "succeeded" == sync["state"]
    assert {"done"} == {each["state"] for each in sync["datasets"]}


async def test_temporal_that_is_cut_off(world: World, lines: Lines) -> None:
    """
    Reads go on, a request is taken, what needs the workflow answers 503; afterwards all of it
    happens by itself, or when it is asked again.
    """
    customer = await world.ask(delivery="link")
    await customer.becomes("Requested")

    async with lines.temporal.refusing():
        seen = await customer.look()
        asked = await world.ask(delivery="link")
        acted = await customer.tries("open")
    await lines.temporal.cut()
    opened = await until(lambda: customer.tries("open"), lambda each: each.is_success)
    await asked.does("open")
    await customer.connects()
    await customer.becomes("Available")

    assert "awaiting_customer" == seen["stage"]
    assert (503, "temporal_unavailable") == refused(acted)
    assert "retry-after" in acted.headers
    assert "selecting_software" == opened.json()["stage"]
    assert 1 == (await customer.events()).count("opened")


async def test_temporal_that_says_nothing(world: World, lines: Lines) -> None:
    """
    An action that waits for it is answered when it speaks again.
    """
    customer = await world.ask(delivery="link")
    await customer.becomes("Requested")

    async with lines.temporal.hanging():
        acting = asyncio.create_task(customer.tries("open"))
        await asyncio.sleep(2)
        seen = await customer.look()
    opened = await acting

    assert "awaiting_customer" == seen["stage"]
    assert "selecting_software" == content(opened)["stage"]


def letters_to(customer: Customer) -> list[str]:
    letters = customer.world.mailbox.letters(customer.address)
    return [str(letter["Message-ID"]) for letter in letters]


async def arrived(customer: Customer) -> int:
    return len(letters_to(customer))
