"""Reading again: without a journey, without losing what was there before."""

import asyncio
from functools import partial

from tests.e2e.patience import until
from tests.e2e.world import SPEND, Customer, World, at, content, refused, standing


async def available(world: World) -> Customer:
    """Let a customer share everything."""
    customer = await world.ask(delivery="link")
    await customer.shares()
    await customer.becomes("Available")
    return customer


async def refreshed(customer: Customer) -> None:
    """Wait until nothing of it is being read."""
    await until(customer.company, lambda company: not company["refreshing"])


async def test_books_are_read_again(world: World) -> None:
    """
    A refresh reads again what was asked for; the status stays, its time is new.
    """
    customer = await available(world)
    before = await customer.company()

    sync = content(await customer.refresh(), 202)
    after = await until(
        customer.company, lambda company: company["status_at"] > before["status_at"]
    )

    assert ("manual", "running") == (sync["trigger"], sync["state"])
    assert ("Available", None) == standing(after)
    assert at(after["last_available_at"]) > at(before["last_available_at"])
    newest, first = await customer.syncs()
    assert (sync["id"], "succeeded") == (newest["id"], newest["state"])
    assert newest["datasets"] == first["datasets"]


async def test_every_legal_entity_is_read_again(world: World) -> None:
    """
    A client's refresh has a child for each of its legal entities.
    """
    customer = await world.ask(SPEND, delivery="link")
    await customer.has_several()
    for name in ("Tea Retail", "Tea Wholesale"):
        await customer.adds(name)
    await customer.does("finish")
    await customer.becomes("Available")

    sync = content(await customer.refresh(), 202)
    await refreshed(customer)

    seen = content(await world.bank.get(f"/v1/syncs/{sync['id']}"))
    entities = {each["id"] for each in await customer.legal_entities()}
    assert "succeeded" == seen["state"]
    assert entities == {child["company_id"] for child in seen["children"]}
    assert {"succeeded"} == {child["state"] for child in seen["children"]}


async def test_one_refresh_at_a_time(world: World) -> None:
    """
    While one runs, asking again gives that one; the company shows that it is refreshing.
    """
    customer = await available(world)
    await world.behaves(customer.name, "slow")

    answers = await asyncio.gather(*(customer.refresh() for _ in range(5)))
    company = await customer.company()
    await world.behaves(customer.name, "default")
    await refreshed(customer)

    assert 1 == len({content(answer, 202)["id"] for answer in answers})
    assert ("Available", True) == (company["status"], company["refreshing"])
    assert 2 == len(await customer.syncs())


async def test_nothing_is_connected(world: World) -> None:
    """
    Before anything was shared there is nothing to read again.
    """
    customer = await world.ask(delivery="link")

    answer = await customer.refresh()

    assert (409, "nothing_to_refresh") == refused(answer)


async def test_connection_that_was_given_back(world: World) -> None:
    """
    A revoked connection changes no status, and is not read any more.
    """
    customer = await available(world)
    (connection,) = await customer.connections()
    path = f"/v1/connections/{connection['id']}"

    revoked = await world.bank.delete(path)
    again = await world.bank.delete(path)
    answer = await customer.refresh()

    assert [204, 204] == [revoked.status_code, again.status_code]
    assert (409, "nothing_to_refresh") == refused(answer)
    assert ("Available", None) == standing(await customer.company())
    await until(partial(revoked_logins, world, customer.name), lambda count: 1 == count)


async def revoked_logins(world: World, company: str) -> int:
    """Ask the software how many of a company's logins were given back."""
    logins = content(await world.browser.get(f"{world.sandbox}/control/logins"))
    return sum(
        each["revoked"] for each in logins["items"] if each["company"] == company
    )


async def test_refresh_that_fails(world: World) -> None:
    """
    A refresh that fails says why and what to do, and keeps what was there; a new request
    makes the client Available again.
    """
    customer = await available(world)
    before = await customer.company()
    await world.behaves(customer.name, "forbidden")

    content(await customer.refresh(), 202)
    error = await customer.becomes("Error", "insufficient_permissions")
    second = await world.ask(delivery="link", company=before)
    await second.becomes("Requested")
    await second.shares()
    await second.becomes("Available")

    assert "request_again" == error["reason"]["action"]
    assert before["last_available_at"] == error["last_available_at"]


async def test_refresh_that_has_to_wait(world: World) -> None:
    """
    A refresh that met a used-up quota can be asked for again, and makes good.
    """
    customer = await available(world)
    await world.behaves(customer.name, "quota")
    content(await customer.refresh(), 202)
    error = await customer.becomes("Error", "rate_limited")

    await world.behaves(customer.name, "default")
    content(await customer.refresh(), 202)
    await customer.becomes("Available")

    assert ("wait", "wait") == (error["reason"]["who"], error["reason"]["action"])
