"""The way back from the software: the state alone says who it is, once."""

import httpx
import pytest

from tests.e2e.world import Customer, World, content, standing

RETURN = "/link/return/sandbox"


async def at_software(world: World) -> tuple[Customer, str]:
    """Let a customer approve; return the way back that is not gone yet."""
    customer = await world.ask(delivery="link")
    await customer.does("open")
    await customer.does("select_software", software="ledgerly")
    return customer, await customer.decides(await customer.leaves())


async def test_state_is_used_once(world: World) -> None:
    """
    Back once leads to the link's page; a second time moves nothing.
    """
    customer, address = await at_software(world)

    back = await customer.returns(address)
    again = await customer.returns(address)
    await customer.becomes("Available")
    much_later = await customer.returns(address)

    assert 303 == back.status_code
    assert (await customer.path()).removeprefix("/v1") == back.headers["location"]
    assert (410, 410) == (again.status_code, much_later.status_code)
    assert 1 == (await customer.events()).count("authorized")


@pytest.mark.parametrize(
    "query", ["", "?code=abc", "?state=&code=abc", "?state=abc&code=abc"]
)
async def test_state_that_was_never_given(world: World, query: str) -> None:
    """
    Without a state, or with one that is nobody's, there is nobody to let in.
    """
    answer = await world.browser.get(RETURN + query)

    assert 404 == answer.status_code


async def test_state_that_was_tampered_with(world: World) -> None:
    """
    A state is signed: a changed one is unknown, and the customer is still awaited.
    """
    customer, address = await at_software(world)
    state = httpx.URL(address).params["state"]
    wrong = state[:-2] + ("AA" if state[-2:] != "AA" else "BB")

    answer = await customer.returns(address.replace(state, wrong))

    assert 404 == answer.status_code
    assert "authorizing" == (await customer.look())["stage"]


async def test_state_that_was_given_for_another_provider(world: World) -> None:
    """
    What comes back from somewhere else than it went to is refused, and moves nothing.
    """
    customer, address = await at_software(world)

    answer = await customer.returns(address.replace("/sandbox?", "/elsewhere?"))

    assert 410 == answer.status_code
    assert "authorizing" == (await customer.look())["stage"]


async def test_state_of_another_journey(world: World) -> None:
    """
    A state is good for its own journey only: the other one is not moved by it.
    """
    one, address_of_one = await at_software(world)
    other, _ = await at_software(world)

    back = await world.browser.get(address_of_one)

    assert (await one.path()).removeprefix("/v1") == back.headers["location"]
    assert "authorizing" == (await other.look())["stage"]
    assert "authorized" not in await other.events()


async def test_back_after_leaving(world: World) -> None:
    """
    Who left in one tab and said yes in the other is back, whatever link the bank made meanwhile.
    """
    customer, address = await at_software(world)
    await customer.does("exit")
    customer.link_url = content(await customer.bank("link"))["link_url"]

    back = await customer.returns(address)
    await customer.becomes("Available")

    assert (await customer.path()).removeprefix("/v1") == back.headers["location"]


async def test_back_too_late(world: World) -> None:
    """
    A yes for a journey that is over changes nothing.
    """
    customer, address = await at_software(world)
    content(await customer.bank("cancel", reason="Asked in error"), 202)

    answer = await customer.returns(address)

    assert 410 == answer.status_code
    assert [] == await customer.syncs()
    assert (None, None) == standing(await customer.company())


async def test_neither_yes_nor_no(world: World) -> None:
    """
    A way back that says nothing leaves the customer where they are.
    """
    customer, address = await at_software(world)
    state = httpx.URL(address).params["state"]

    answer = await customer.returns(f"{RETURN}?state={state}")

    assert answer.is_client_error
    assert "authorizing" == (await customer.look())["stage"]
