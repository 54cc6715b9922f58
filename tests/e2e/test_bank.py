"""What the bank can do with a journey: more time, an end, another try, one entity less."""

import asyncio
from typing import Any

from tests.e2e.world import (
    FINANCIALS,
    SPEND,
    Customer,
    World,
    at,
    content,
    refused,
    standing,
)


async def test_more_time(world: World) -> None:
    """
    Extending moves the expiry by whole days.
    """
    customer = await world.ask(delivery="link")
    before = await customer.journey()

    content(await customer.bank("extend", days=1), 202)
    after = content(await customer.bank("extend", days=365), 202)

    moved = at(after["expires_at"]) - at(before["expires_at"])
    assert 366 == moved.days
    assert before["stage"] == after["stage"]


async def test_cancelling_a_first_request(world: World) -> None:
    """
    A client of whom nothing else was asked stands as if nothing had been.
    """
    customer = await world.ask()
    await customer.does("open")

    cancelled = content(await customer.bank("cancel", reason="Asked in error"), 202)

    company = await customer.company()
    assert "cancelled" == cancelled["stage"]
    assert cancelled["closed_at"] is not None
    assert (None, None, None) == (*standing(company), company["status_at"])
    assert "Asked in error" == (await customer.timeline())[-1]["detail"]


async def test_cancelling_a_later_request(world: World) -> None:
    """
    Status, reason and their time are given back as they were before that request.
    """
    await asyncio.gather(
        cancelled_after(await available(world)), cancelled_after(await in_error(world))
    )


async def test_cancelling_keeps_what_was_read(world: World) -> None:
    """
    Of a cancelled journey's legal entities those stay whose books are read.
    """
    customer = await world.ask(SPEND, delivery="link")
    await customer.has_several()
    await customer.adds("Tea Retail")
    await customer.has("Tea Retail", "done")
    await customer.adds("Tea Wholesale", "slow")
    await customer.adds("Tea Imports", "forbidden")
    await customer.has("Tea Imports", "failed")

    content(await customer.bank("cancel", reason="No longer needed"), 202)

    entities = await customer.legal_entities()
    assert [("Tea Retail", "Available")] == [
        (each["name"], each["status"]) for each in entities
    ]
    assert (None, None) == standing(await customer.company())


async def cancelled_after(first: Customer) -> None:
    before = await first.company()
    second = await first.world.ask(company=before)
    await second.becomes("Requested")
    await second.shares("slow")

    content(await second.bank("cancel", reason="No longer needed"), 202)

    after = await second.company()
    facts = ("status", "reason", "status_at", "last_available_at")
    assert {each: before[each] for each in facts} == {
        each: after[each] for each in facts
    }


async def available(world: World) -> Customer:
    customer = await world.ask(delivery="link")
    await customer.shares()
    await customer.becomes("Available")
    return customer


async def in_error(world: World) -> Customer:
    """Let a refresh find that the access was revoked."""
    customer = await available(world)
    await world.behaves(customer.name, "revoked")
    content(await customer.refresh(), 202)
    await customer.becomes("Error", "access_revoked")
    return customer


async def test_link_of_a_cancelled_request(world: World) -> None:
    """
    A withdrawn request has nothing to ask for.
    """
    customer = await world.ask(delivery="link")
    content(await customer.bank("cancel", reason="Asked in error"), 202)

    looked = await world.browser.get(await customer.path())
    acted = await customer.tries("open")

    assert [(410, "journey_cancelled")] * 2 == [refused(looked), refused(acted)]
    assert [] == looked.json()["allowed"]


CALLS: dict[str, dict[str, Any]] = {
    "resend": {},
    "link": {},
    "cancel": {"reason": "Too late"},
    "extend": {"days": 1},
    "retry": {},
    "skip": {"entity_id": "cn_00000000000000000000000000", "reason": "Too late"},
}


async def test_what_is_over_stays_over(world: World) -> None:
    """
    Every call on a journey that is over says so; its link shows that all is done.
    """
    customer = await world.ask()
    await customer.does("open")
    await customer.connects()
    await customer.becomes("Available")

    answers = [await customer.bank(verb, **body) for verb, body in CALLS.items()]
    looked = await customer.look()
    acted = await customer.tries("open")

    assert {(409, "journey_closed")} == {refused(answer) for answer in answers}
    assert ("completed", []) == (looked["stage"], looked["allowed"])
    assert (409, "action_not_allowed") == refused(acted)


async def test_one_journey_at_a_time(world: World) -> None:
    """
    A second request waits for the end of the first.
    """
    company = await world.add_company()
    await world.ask(company=company)
    path = f"/v1/companies/{company['id']}/journeys"
    body = {"data_types": FINANCIALS, "delivery": "email"}

    answer = await world.bank.post(path, json=body)

    assert (409, "journey_in_progress") == refused(answer)


async def test_second_request_shows_when_its_mail_is_out(world: World) -> None:
    """
    Until its mail is accepted a second journey leaves the client Available.
    """
    first = await available(world)
    await first.moves_to("nobody@bounce.test")

    second = await world.ask(company=await first.company())

    await second.becomes("Error", "email_undeliverable")
    statuses = {move["status"] for move in await second.timeline()}
    assert {None, "Error"} == statuses
    assert (await first.company())["last_available_at"] is not None


async def test_retry_needs_a_failure(world: World) -> None:
    """
    Where nothing failed there is nothing to try again; what the customer left is theirs.
    """
    customer = await world.ask(delivery="link")
    nothing = await customer.bank("retry")

    await customer.does("exit")
    theirs = await customer.bank("retry")

    assert (409, "nothing_to_retry") == refused(nothing)
    assert (409, "waits_for_customer") == refused(theirs)


async def test_going_on_without_one(world: World) -> None:
    """
    A legal entity that can't be read is skipped, and the rest makes the client Available.
    """
    customer = await world.ask(SPEND, delivery="link")
    await customer.has_several()
    await customer.adds("Tea Retail")
    await customer.adds("Tea Wholesale", "malformed")
    entity = await customer.has("Tea Wholesale", "failed")
    await customer.does("finish")
    await customer.becomes("Error", "invalid_data")

    skipped = await customer.bank("skip", entity_id=entity["id"], reason="Sold")

    assert "fetching" == content(skipped, 202)["stage"]
    await customer.reaches("completed")
    assert ("Available", None) == standing(await customer.company())
    assert "skipped" == (await customer.entity("Tea Wholesale"))["stage"]


async def test_skipping_comes_after_finish(world: World) -> None:
    """
    While the customer is still naming legal entities, leaving one out is theirs to do.
    """
    customer = await world.ask(SPEND, delivery="link")
    await customer.has_several()
    await customer.adds("Tea Retail", "forbidden")
    entity = await customer.has("Tea Retail", "failed")

    answer = await customer.bank("skip", entity_id=entity["id"], reason="Sold")

    assert (409, "action_not_allowed") == refused(answer)


async def test_skipping_what_is_being_mended(world: World) -> None:
    """
    Skipping the entity that the customer should mend leads on to the next.
    """
    customer = await world.ask(SPEND, delivery="link")
    await customer.has_several()
    for name in ("Tea Retail", "Tea Wholesale"):
        await customer.adds(name, "forbidden")
        await customer.has(name, "failed")
    await customer.does("finish")
    entity = await customer.entity("Tea Retail")

    skipped = await customer.bank("skip", entity_id=entity["id"], reason="Sold")
    state = await customer.look()
    await customer.connects()
    await customer.becomes("Available")

    assert 202 == skipped.status_code
    assert ("selecting_software", "Tea Wholesale") == (
        state["stage"],
        state["entity"]["name"],
    )


async def test_last_entity_is_not_skipped(world: World) -> None:
    """
    Somebody's books there have to be: the only entity, and the last, stay.
    """
    single = await world.ask(delivery="link")
    await single.shares("malformed")
    several = await world.ask(SPEND, delivery="link")
    await several.has_several()
    for name in ("Tea Retail", "Tea Wholesale"):
        await several.adds(name, "malformed")
        await several.has(name, "failed")
    await several.does("finish")
    await single.becomes("Error", "invalid_data")
    first = (await several.entity("Tea Retail"))["id"]
    last = (await several.entity("Tea Wholesale"))["id"]
    only = (await single.entity(single.name))["id"]

    content(await several.bank("skip", entity_id=first, reason="Sold"), 202)
    answers = [
        await several.bank("skip", entity_id=last, reason="Sold"),
        await single.bank("skip", entity_id=only, reason="Sold"),
    ]

    assert [(409, "no_entity")] * 2 == [refused(each) for each in answers]
