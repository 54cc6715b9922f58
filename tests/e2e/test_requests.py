"""What is asked decides what the customer is asked: three kinds of request, two structures."""

import pytest

from tests.e2e.world import BOTH, FINANCIALS, SPEND, World, standing

BOOKS = ["company_info", "accounts", "profit_and_loss", "balance_sheet"]
SPENDING = ["suppliers", "bills", "bill_payments", "expenses", "payment_methods"]


@pytest.mark.parametrize(
    ("data_types", "datasets"),
    [(FINANCIALS, BOOKS), (BOTH, BOOKS + SPENDING)],
)
async def test_financials_take_one_connection(
    world: World, data_types: tuple[str, ...], datasets: list[str]
) -> None:
    """
    With financials in it a request is about one company, and needs no more than its software.
    """
    customer = await world.ask(data_types)

    opened = await customer.does("open")
    await customer.connects()
    company = await customer.becomes("Available")

    assert ("selecting_software", "single") == (opened["stage"], opened["structure"])
    assert [
        *("requested", "request_sent", "opened", "software_selected"),
        *("authorization_started", "authorized", "entity_done"),
    ] == await customer.events()
    assert company["last_available_at"] <= company["status_at"]
    (sync,) = await customer.syncs()
    assert sorted(datasets) == sorted(each["name"] for each in sync["datasets"])
    assert {"done"} == {each["state"] for each in sync["datasets"]}
    assert 1 == len(world.mailbox.letters(customer.address))


async def test_spend_of_one_company(world: World) -> None:
    """
    Spend analysis alone asks how many; for one, its client is its only legal entity.
    """
    customer = await world.ask(SPEND)

    opened = await customer.does("open")
    chosen = await customer.does("choose_structure", structure="single")
    await customer.connects()
    await customer.becomes("Available")

    assert ("choosing_structure", None) == (opened["stage"], opened["structure"])
    assert ("selecting_software", "single") == (chosen["stage"], chosen["structure"])
    (entity,) = (await customer.journey())["entities"]
    assert customer.company_id == entity["company_id"]
    assert [] == await customer.legal_entities()


async def test_spend_of_several_companies(world: World) -> None:
    """
    Each legal entity is read while the customer names the next; the client is
    Available once the customer has finished and all are read.
    """
    customer = await world.ask(SPEND)
    await customer.has_several()

    for name in ("Tea Retail", "Tea Wholesale"):
        await customer.adds(name)
        await customer.has(name, "done")
    before = await customer.company()
    await customer.does("finish")
    await customer.becomes("Available")

    assert ("Requested", None) == standing(before)
    entities = await customer.legal_entities()
    assert {("Tea Retail", "Available"), ("Tea Wholesale", "Available")} == {
        (each["name"], each["status"]) for each in entities
    }
    seqs = [move["seq"] for move in await customer.timeline()]
    assert list(range(1, len(seqs) + 1)) == seqs


async def test_link_for_the_bank_to_deliver(world: World) -> None:
    """
    With delivery by link nothing is mailed, and the client is Requested without a mail.
    """
    customer = await world.ask(delivery="link")

    await customer.becomes("Requested")
    await customer.does("open")
    await customer.connects()
    await customer.becomes("Available")

    assert [] == world.mailbox.letters(customer.address)
