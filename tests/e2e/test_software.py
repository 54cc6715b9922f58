"""Whatever the accounting software does: the bank reads why, and the journey finds its way on."""

import asyncio
from typing import NamedTuple

from tests.e2e.world import SPEND, Customer, World, at, content, refused, standing


class Trouble(NamedTuple):
    """What a scenario leads to."""

    reason: str
    who: str
    action: str
    stage: str


FOR_THE_CUSTOMER = {
    "revoked": Trouble(
        "access_revoked", "customer", "fresh_link", "selecting_software"
    ),
    "forbidden": Trouble(
        "insufficient_permissions", "customer", "fresh_link", "selecting_software"
    ),
    "empty": Trouble("no_data", "customer", "fresh_link", "selecting_software"),
}
FOR_OTHERS = {
    "quota": Trouble("rate_limited", "wait", "wait", "fetching"),
    "malformed": Trouble("invalid_data", "operator", "contact_operator", "fetching"),
}


async def test_customer_mends_it(world: World) -> None:
    """
    What only the customer can mend brings them back to the software; another login mends it.
    """
    await asyncio.gather(*(mended(world, each) for each in FOR_THE_CUSTOMER))


async def mended(world: World, scenario: str) -> None:
    customer = await world.ask(delivery="link")
    await customer.shares(scenario)
    trouble = await met(customer, FOR_THE_CUSTOMER[scenario].reason)

    retried = await customer.bank("retry")
    state = await customer.look()
    await customer.connects()
    await customer.becomes("Available")

    assert FOR_THE_CUSTOMER[scenario] == trouble
    assert (409, "waits_for_customer") == refused(retried)
    assert trouble.reason == state["message"]["code"]
    assert {"select_software", "exit", "open"} == set(state["allowed"])


async def test_retry_mends_it(world: World) -> None:
    """
    What the customer can't mend parks the journey; once the software behaves, a retry does it.
    """
    await asyncio.gather(*(retried(world, each) for each in FOR_OTHERS))


async def retried(world: World, scenario: str) -> None:
    customer = await world.ask(delivery="link")
    await customer.shares(scenario)
    trouble = await met(customer, FOR_OTHERS[scenario].reason)

    parked = await customer.journey()
    await world.behaves(customer.name, "default")
    journey = content(await customer.bank("retry"), 202)
    await customer.becomes("Available")

    assert FOR_OTHERS[scenario] == trouble
    assert (trouble.who, trouble.who != "wait") == (
        parked["explanation"]["waits_for"],
        parked["stuck"],
    )
    assert ("Requested", None) == standing(journey)


async def test_quota_says_when_it_goes_on(world: World) -> None:
    """
    A used-up quota is tried again when the software allows, and the bank reads when.
    """
    customer = await world.ask(delivery="link")
    await customer.shares("quota")

    await customer.becomes("Error", "rate_limited")

    journey = await customer.journey()
    minutes = (
        at(journey["explanation"]["next_at"]) - at(journey["stage_since"])
    ).total_seconds() / 60
    assert 59 <= minutes <= 61


async def test_flaky_software_is_read(world: World) -> None:
    """
    Single failures, and being asked to wait a second, show to nobody.
    """
    customer = await world.ask(delivery="link")
    await customer.shares("flaky")

    await customer.becomes("Available")

    assert "entity_failed" not in await customer.events()


async def test_repair_takes_the_same_organisation(world: World) -> None:
    """
    Whoever reconnects shares the books of before; another organisation's are refused.
    """
    customer = await world.ask(delivery="link")
    await customer.shares("revoked")
    await customer.becomes("Error", "access_revoked")

    await customer.connects(scenario="other_organisation")
    await customer.becomes("Error", "wrong_organisation")
    await customer.connects()
    await customer.becomes("Available")

    (entity,) = (await customer.journey())["entities"]
    assert [entity["id"]] == [each["id"] for each in await customer.connections()]


async def test_repairs_follow_one_another(world: World) -> None:
    """
    After finish the legal entities that the customer can mend come one by one, before
    anything waits for somebody else; the client's reason is the earliest failure's.
    """
    customer = await world.ask(SPEND, delivery="link")
    await customer.has_several()
    await customer.adds("Tea Retail", "malformed")
    await customer.has("Tea Retail", "failed")
    for name in ("Tea Wholesale", "Tea Imports"):
        await customer.adds(name, "forbidden")
        await customer.has(name, "failed")

    first = await customer.does("finish")
    await customer.becomes("Error", "invalid_data")
    second = await customer.connects()
    third = await customer.connects()
    await customer.has("Tea Imports", "done")
    parked = await customer.journey()

    assert ("selecting_software", "Tea Wholesale") == (
        first["stage"],
        first["entity"]["name"],
    )
    assert "Tea Imports" == second["entity"]["name"]
    assert "fetching" == third["stage"]
    assert "operator" == parked["explanation"]["waits_for"]


async def met(customer: Customer, reason: str) -> Trouble:
    """Wait for a trouble, and say how the bank sees it."""
    seen = (await customer.becomes("Error", reason))["reason"]
    journey = await customer.journey()
    return Trouble(seen["code"], seen["who"], seen["action"], journey["stage"])
