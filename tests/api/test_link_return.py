import asyncio
from collections.abc import Callable
from typing import Final

import httpx
import pytest
from sqlmodel import select

from domain.links import Signer, Trip
from store.tables import AuthorizationCodeRow
from tests.api.live import SPEND, Customer, Office, ShutOffice

Change = Callable[[httpx.URL], httpx.URL]


async def at_the_software(office: Office) -> tuple[Customer, str]:
    """A customer who was sent to the software, and where to."""
    customer = await office.asks()
    await customer.opens()
    return customer, await customer.leaves()


async def test_yes_leads_back_to_the_link_and_to_the_books(office: Office) -> None:
    """
    Who approves is sent to the link page when the journey shows it; the rest happens by itself.
    """
    customer, url = await at_the_software(office)

    answer = await customer.returns(await customer.decides(url))

    assert (303, f"/link/{customer.token}") == (
        answer.status_code,
        answer.headers["location"],
    )
    assert "authorized" in await customer.events()
    assert "completed" == (await customer.settles())["stage"]
    assert "Available" == (await customer.company())["status"]


async def test_no_leads_back_to_the_choice_of_software(office: Office) -> None:
    """
    Who declines is where software is picked, with a message; the client is in Error until they act.
    """
    customer, url = await at_the_software(office)

    answer = await customer.returns(await customer.decides(url, "deny"))

    state, company = await customer.state(), await customer.company()
    assert 303 == answer.status_code
    assert ("selecting_software", "ledgerly") == (
        state["stage"],
        state["entity"]["software"],
    )
    assert "authorization_declined" == state["message"]["code"]
    assert ("Error", "authorization_declined") == (
        company["status"],
        company["reason"]["code"],
    )


async def test_a_no_of_one_of_several_leaves_the_client_as_it_was(
    office: Office,
) -> None:
    """
    A legal entity that was declined does not reach its client; the customer sees why.
    """
    customer = await office.asks(SPEND)
    await customer.opens("Hoxton Retail")
    url = await customer.leaves()

    await customer.returns(await customer.decides(url, "deny"))

    state, company = await customer.state(), await customer.company()
    assert "authorization_declined" == state["message"]["code"]
    assert ("Requested", None) == (company["status"], company["reason"])


async def test_a_return_leads_to_the_link_that_works_now(office: Office) -> None:
    """
    A link that was replaced while the customer was away does not keep them from coming back.
    """
    customer, url = await at_the_software(office)
    await customer.asked("link")

    answer = await customer.returns(await customer.decides(url))

    assert f"/link/{customer.link(2)}" == answer.headers["location"]


def with_state(change: Callable[[str], str]) -> Change:
    return lambda back: back.copy_set_param("state", change(back.params["state"]))


NEVER_GIVEN: Final[list[Change]] = [
    lambda back: back.copy_remove_param("state"),
    with_state(lambda state: ""),
    with_state(lambda state: "let-me-in"),
    with_state(lambda state: state[:-1]),
    with_state(lambda state: state + "A"),
    with_state(lambda state: state.replace(".1.", ".2.")),
    with_state(lambda state: state.replace("sandbox", "codat")),
    with_state(lambda state: state.replace(".jo_0", ".jo_1")),
    with_state(lambda state: Signer(b"another").state(Trip("sandbox", "jo_1", "cn_1", 1))),
]  # fmt: skip


async def test_a_state_that_was_never_given_is_not_found(office: Office) -> None:
    """
    Missing, guessed or changed in any part: 404, and nothing moves.
    """
    customer, url = await at_the_software(office)
    back = await customer.decides(url)
    elsewhere = office.signer.state(Trip("sandbox", "jo_" + "0" * 26, "cn_1", 1))
    before = await office.given.everything()

    addresses = [change(back) for change in NEVER_GIVEN]
    addresses.append(back.copy_set_param("state", elsewhere))
    addresses.append(addresses[-1].copy_remove_param("code"))
    answers = [await customer.returns(each) for each in addresses]

    assert [404] * len(addresses) == [answer.status_code for answer in answers]
    assert before == await office.given.everything()


UNCLEAR: Final[list[Change]] = [
    lambda back: back.copy_remove_param("code"),
    lambda back: back.copy_set_param("error", "access_denied"),
    lambda back: back.copy_set_param("code", "x" * 2001),
]


async def test_neither_yes_nor_no_moves_nothing(office: Office) -> None:
    """
    A good state without a code or an error, with both, or with a code beyond reason: 422.
    """
    customer, url = await at_the_software(office)
    back = await customer.decides(url)
    before = await office.given.everything()

    answers = [await customer.returns(change(back)) for change in UNCLEAR]

    assert [422] * 3 == [answer.status_code for answer in answers]
    assert before == await office.given.everything()


async def used(customer: Customer, back: httpx.URL) -> httpx.URL:
    await customer.returns(back)
    await customer.settles()
    return back


async def declined(customer: Customer, back: httpx.URL) -> httpx.URL:
    no = back.copy_remove_param("code").copy_set_param("error", "access_denied")
    await customer.returns(no)
    return back


async def after_back(customer: Customer, back: httpx.URL) -> httpx.URL:
    await customer.does("back")
    return back


async def after_picking_anew(customer: Customer, back: httpx.URL) -> httpx.URL:
    await customer.does("back")
    await customer.leaves("sumline")
    return back


async def after_authorizing_again(customer: Customer, back: httpx.URL) -> httpx.URL:
    await customer.agrees()
    return back


async def elsewhere(customer: Customer, back: httpx.URL) -> httpx.URL:
    return back.copy_with(path="/link/return/codat")


async def cancelled(customer: Customer, back: httpx.URL) -> httpx.URL:
    await customer.asked("cancel", reason="They moved.")
    return back


VOID: Final = [
    used,
    declined,
    after_back,
    after_picking_anew,
    after_authorizing_again,
    elsewhere,
    cancelled,
]


async def test_a_state_is_good_once_and_for_the_present_trip(office: Office) -> None:
    """
    Used, replaced, or brought to another provider's address: 410, and nothing moves.

    That a code is missing, or comes with an error, is no longer looked at.
    """
    for void in VOID:
        customer, url = await at_the_software(office)
        back = await void(customer, await customer.decides(url))
        before = await office.given.everything()

        unclear = [change(back) for change in UNCLEAR]
        answers = [await customer.returns(each) for each in (back, back, *unclear)]

        assert [410] * 5 == [answer.status_code for answer in answers], void
        assert before == await office.given.everything()


async def test_who_left_may_still_come_back(office: Office) -> None:
    """
    Leaving voids no authorization that is under way: the yes counts, and the client is Requested.
    """
    customer, url = await at_the_software(office)
    await customer.does("exit")
    left = (await customer.company())["status"]

    answer = await customer.returns(await customer.decides(url))

    assert ("Error", 303) == (left, answer.status_code)
    assert "completed" == (await customer.settles())["stage"]


async def test_each_comes_back_to_their_own_journey(office: Office) -> None:
    """
    A state moves the journey that it was given for, and no other.
    """
    (one, url), (other, _) = await at_the_software(office), await at_the_software(office)  # fmt: skip

    await one.returns(await one.decides(url))

    assert "completed" == (await one.settles())["stage"]
    assert "authorizing" == (await other.state())["stage"]


@pytest.mark.parametrize("times", [2, 20])
async def test_a_return_that_is_repeated_at_once_is_one(
    office: Office, times: int
) -> None:
    """
    However often a browser asks, the customer is back once, and the books open.
    """
    customer, url = await at_the_software(office)
    back = await customer.decides(url)

    answers = await asyncio.gather(*(customer.returns(back) for _ in range(times)))

    assert {answer.status_code for answer in answers} <= {303, 410}
    assert 303 in {answer.status_code for answer in answers}
    assert "completed" == (await customer.settles())["stage"]
    assert 1 == (await customer.events()).count("authorized")
    assert [] == await codes(office)


async def test_yes_and_no_at_once_is_one_of_them(office: Office) -> None:
    """
    Two tabs at the software's page: the first answer counts, and the other does it no harm.
    """
    customer, url = await at_the_software(office)
    yes, no = await customer.decides(url), await customer.decides(url, "deny")

    said_yes, said_no = await asyncio.gather(customer.returns(yes), customer.returns(no))  # fmt: skip

    reached = {303: "completed", 410: "selecting_software"}[said_yes.status_code]
    assert {303, 410} == {said_yes.status_code, said_no.status_code}
    assert reached == (await customer.settles())["stage"]
    assert [] == await codes(office)


async def test_a_return_waits_for_temporal_and_is_done_once(
    office: Office, shut: ShutOffice
) -> None:
    """
    Without Temporal the page says so, with Retry-After; asked again, the customer is back.
    """
    customer, url = await at_the_software(office)
    back = await customer.decides(url)

    away = await shut.door.get(back)
    answer = await customer.returns(back)

    assert 503 == away.status_code
    assert away.headers["retry-after"].isdecimal()
    assert 303 == answer.status_code
    assert 1 == (await customer.events()).count("authorized")


async def codes(office: Office) -> list[AuthorizationCodeRow]:
    async with office.given.database.reading() as session:
        return list((await session.exec(select(AuthorizationCodeRow))).all())
