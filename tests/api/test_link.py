import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import select

from domain.consent import CONSENT_VERSION
from domain.journey import Stage
from emails.transport import Undeliverable
from store.tables import ConsentRow
from tests.api.given import CONTACT
from tests.api.live import (
    BOTH,
    SPEND,
    Customer,
    Office,
    ShutOffice,
    said,
)
from tests.workflows.world import Postman


async def test_a_link_that_arrived_counts_more_than_a_mail_that_failed(
    office: Office, postman: Postman
) -> None:
    """
    While the email can't be sent, who has the link may open or leave; opening makes it Requested.
    """
    postman.troubles = [Undeliverable("550")]
    customer = await office.asks(delivery="email")

    before = await customer.state()
    after = await customer.opens()

    assert ("sending", ["open", "exit"]) == (before["stage"], before["allowed"])
    assert "email_undeliverable" == before["message"]["code"]
    assert ("selecting_software", None) == (after["stage"], after["message"])
    assert "Requested" == (await customer.company())["status"]


@pytest.mark.parametrize(
    "names",
    [
        ["Hoxton Tea", "Börse & Söhne", "תה הוקסטון", "🫖 Tea", "Tea <b>Time</b>"],
        ["x", "x" * 100, f"  {'y' * 100}\t", "🫖" * 100, "'; --", "{{ 7 * 7 }}"],
    ],
)
async def test_a_name_is_kept_as_it_was_typed(office: Office, names: list[str]) -> None:
    """
    Pictures, right-to-left text and HTML are kept; blanks at the ends are not.
    """
    customer = await office.asks(SPEND)
    state = await customer.opens("To begin with")

    for name in names:
        await customer.does("back")
        state = await customer.does("name_entity", name=name)
        assert name.strip() == state["entity"]["name"]

    assert 1 == len(state["entities"])


async def test_a_name_is_stored_composed(office: Office) -> None:
    """
    Letters and accents typed apart are put together (NFC), before they are counted.
    """
    customer = await office.asks(SPEND)

    state = await customer.opens("Cafe\u0301" + "e\u0301" * 96)

    assert "Café" + "é" * 96 == state["entity"]["name"]


async def test_a_legal_entity_may_keep_its_own_name(office: Office) -> None:
    """
    Who goes back to correct a name may change its case; a name is taken by others only.
    """
    customer = await office.asks(SPEND)
    await customer.opens("Hoxton Retail")
    await customer.connects("malformed")
    await customer.does("add_entity")
    await customer.does("name_entity", name="Hoxton Wholesale")
    await customer.does("back")

    taken = await customer.posts("name_entity", name="HOXTON RETAIL")
    kept = await customer.does("name_entity", name="HOXTON WHOLESALE")

    assert (422, "name_taken") == said(taken)
    assert "HOXTON WHOLESALE" == kept["entity"]["name"]


async def test_a_page_s_form_does_what_a_program_can(office: Office) -> None:
    """
    The forms lead from step to step and out to the software; a field that is missing is asked for.
    """
    customer = await office.asks()
    page = f"/link/{customer.token}"
    forms: list[dict[str, Any]] = [
        {"action": "open"},
        {"action": "select_software"},
        {"action": "select_software", "software": "ledgerly"},
        {"action": "authorize"},
        {"action": "authorize", "consent": "true"},
    ]

    answers = [await office.door.post(page, data=form) for form in forms]

    assert [303, 422, 303, 422, 303] == [answer.status_code for answer in answers]
    assert [page, page] == [answers[each].headers["location"] for each in (0, 2)]
    back = await customer.decides(answers[4].headers["location"])
    assert 303 == (await customer.returns(back)).status_code


# Consent.


async def consents(office: Office, customer: Customer) -> list[ConsentRow]:
    async with office.given.database.reading() as session:
        statement = select(ConsentRow).where(ConsentRow.journey_id == customer.id)
        return list((await session.exec(statement)).all())


async def test_a_consent_says_who_agreed_to_what_when(office: Office) -> None:
    """
    Each way to the software begins with a consent that is kept, and leads to one page with one form.
    """
    customer = await office.asks(BOTH)
    await customer.opens()
    before = datetime.now(UTC)

    first = await customer.leaves("sumline")
    again = await customer.agrees()
    page = await office.books.get(again)

    entity = (await customer.state())["entity"]["id"]
    kept = await consents(office, customer)
    assert [1, 2] == [each.attempt for each in kept]
    assert before <= kept[0].at <= kept[1].at <= datetime.now(UTC)
    for each in kept:
        assert (entity, "sumline") == (each.connection_id, each.software)
        assert f"{CONTACT['name']} <{CONTACT['email']}>" == each.who
        assert CONSENT_VERSION == each.text_version
        assert list(BOTH) == each.data_types
    assert first != again
    assert (200, 1) == (page.status_code, page.text.count("<form"))


async def test_the_consent_that_is_kept_is_the_one_for_the_trip(
    office: Office, shut: ShutOffice
) -> None:
    """
    Who agreed while Temporal was away, and then picked other software, agreed to that.
    """
    customer = await office.asks()
    await customer.opens()
    await customer.does("select_software", software="ledgerly")
    body = {"action": "authorize", "consent": True}
    away = await shut.door.post(f"/v1/link/{customer.token}", json=body)

    await customer.does("back")
    await customer.leaves("sumline")

    assert 503 == away.status_code
    assert ["sumline"] == [each.software for each in await consents(office, customer)]


# Twice is once.


@pytest.mark.parametrize("times", [2, 20])
async def test_the_same_action_at_once_gets_the_first_one_s_answer(
    office: Office, times: int
) -> None:
    """
    However often it is clicked, it happens once, and all see the same.
    """
    customer = await office.asks()
    actions: list[dict[str, Any]] = [
        {"action": "open"},
        {"action": "select_software", "software": "ledgerly"},
        {"action": "authorize", "consent": True},
        {"action": "back"},
    ]

    for action in actions:
        answers = await asyncio.gather(
            *(customer.posts(**action) for _ in range(times))
        )
        assert {200} == {answer.status_code for answer in answers}
        assert 1 == len({answer.text for answer in answers})

    events = ["requested", "opened", "software_selected", "authorization_started", "went_back"]  # fmt: skip
    assert events == await customer.events()
    assert 1 == len(await consents(office, customer))


async def test_of_two_different_actions_at_once_one_is_too_late(office: Office) -> None:
    """
    Two tabs that want different things: one gets it, the other the state as it is now.
    """
    customer = await office.asks()
    await customer.opens()

    answers = await asyncio.gather(
        customer.posts("select_software", software="ledgerly"),
        customer.posts("select_software", software="sumline"),
    )

    done, late = sorted(answers, key=lambda answer: answer.status_code)
    assert (200, "authorizing") == (done.status_code, done.json()["stage"])
    assert (409, "action_not_allowed") == said(late)
    assert done.json() == late.json()["state"]


async def test_what_waits_for_temporal_is_done_once(
    office: Office, shut: ShutOffice
) -> None:
    """
    Without Temporal an action is 503 with Retry-After and moves nothing; repeated, it is done once.
    """
    customer = await office.asks()
    address, body = f"/v1/link/{customer.token}", {"action": "open"}
    before = await office.given.everything()

    away = [await shut.door.post(address, json=body) for _ in range(2)]
    untouched = await office.given.everything()
    state = await customer.opens()

    for answer in away:
        assert (503, "temporal_unavailable") == said(answer)
        assert answer.headers["retry-after"].isdecimal()
    assert before == untouched
    assert "selecting_software" == state["stage"]
    assert ["requested", "opened"] == await customer.events()


# A new link.


async def test_the_bank_hears_of_a_customer_whose_link_was_replaced(
    office: Office,
) -> None:
    """
    Asking for a new link is 202, stands in the timeline once, and sends nobody anything.
    """
    customer = await office.asks()
    await customer.asked("link")

    answers = [await customer.posts("request_new_link") for _ in range(2)]

    assert [202, 202] == [answer.status_code for answer in answers]
    moves = [(each["actor"], each["event"]) for each in await customer.timeline()]
    assert [
        ("bank", "requested"),
        ("bank", "link_replaced"),
        ("customer", "new_link_asked"),
    ] == moves


async def test_the_bank_hears_of_a_customer_whose_link_has_expired(
    office: Office,
) -> None:
    """
    The journey is over, and still the timeline shows the wish, once however often it is sent.
    """
    company = await office.given.company()
    over = await office.given.journey(
        company, stage=Stage.EXPIRED, closed_at=company.created_at
    )
    customer = Customer(office, company.id, over.id)

    at_once = await asyncio.gather(
        *(customer.posts("request_new_link") for _ in range(3))
    )
    later = await customer.posts("request_new_link")

    assert [202] * 4 == [answer.status_code for answer in [*at_once, later]]
    moves = [(each["seq"], each["event"], each["stage"]) for each in await customer.timeline()]  # fmt: skip
    assert [(1, "new_link_asked", "expired")] == moves
