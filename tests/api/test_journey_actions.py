import asyncio
from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from domain.journey import CLOSED, Stage
from emails.transport import Undeliverable
from tests.api.given import NOW
from tests.api.live import SPEND, Customer, Office, State, said
from tests.workflows.world import Postman

ACTIONS: Final[dict[str, dict[str, Any]]] = {
    "resend": {},
    "link": {},
    "retry": {},
    "cancel": {"reason": "They moved."},
    "extend": {"days": 3},
    "skip": {"entity_id": "cn_1", "reason": "Dormant."},
}
DORMANT: Final = {"reason": "Dormant."}


async def several(office: Office, **scenarios: str) -> tuple[Customer, dict[str, str]]:
    """A client that finished with these legal entities; and the id of each."""
    customer = await office.asks(SPEND)
    await customer.opens(*list(scenarios)[:1])
    state: State = {}
    for number, (name, scenario) in enumerate(scenarios.items()):
        if number > 0:
            await customer.does("add_entity")
            await customer.does("name_entity", name=name)
        state = await customer.connects(scenario)
    await customer.does("finish")
    return customer, {each["name"]: each["id"] for each in state["entities"]}


@pytest.mark.parametrize("stage", CLOSED)
async def test_nothing_can_be_done_with_a_journey_that_is_over(
    office: Office, stage: Stage
) -> None:
    """
    Completed, expired or cancelled: every call is 409 `journey_closed` and changes nothing.
    """
    company = await office.given.company()
    over = await office.given.journey(company, stage=stage, closed_at=NOW)
    customer = Customer(office, company.id, over.id)
    before = await office.given.everything()

    answers = [await customer.asked(action, **body) for action, body in ACTIONS.items()]

    assert [(409, "journey_closed")] * len(ACTIONS) == [said(each) for each in answers]
    assert before == await office.given.everything()


# Resend.


async def test_the_email_goes_again_to_whom_it_concerns_now(
    office: Office, postman: Postman
) -> None:
    """
    Wherever the customer is before fetching, resend sends the same link to the present contact.
    """
    customer = await office.asks(delivery="email")
    contact = {"contact": {"name": "Sam", "email": "sam@hoxton.test"}}
    await office.bank.patch(f"/v1/companies/{customer.company_id}", json=contact)

    answers = [await customer.asked("resend")]
    await customer.opens()
    answers.append(await customer.asked("resend"))
    await customer.leaves()
    answers.append(await customer.asked("resend"))

    async with asyncio.timeout(10):
        while (await customer.events()).count("request_sent") < 4:  # noqa: ASYNC110 (the store tells nobody)
            await asyncio.sleep(0.05)
    assert [202] * 3 == [answer.status_code for answer in answers]
    assert ["ada@hoxton.test", *["sam@hoxton.test"] * 3] == [
        message["to"].addresses[0].addr_spec for message in postman.taken
    ]
    for message in postman.taken:
        text = message.get_body(("plain",))
        assert text is not None
        assert f"/link/{customer.token}\n" in text.get_content()
    assert "authorizing" == (await customer.state())["stage"]


async def test_who_has_shared_access_gets_no_email(office: Office) -> None:
    """
    While the books are read there is nothing to send: 409, for a link that the bank hands over too.
    """
    emailed, handed = await office.asks(delivery="email"), await office.asks()
    for customer in (emailed, handed):
        await customer.opens()
        await customer.connects("malformed")

    answers = [await customer.asked("resend") for customer in (emailed, handed)]

    assert [(409, "already_authorized")] * 2 == [said(answer) for answer in answers]


async def test_a_link_that_the_bank_hands_over_is_never_emailed(
    office: Office, postman: Postman
) -> None:
    """
    With delivery `link`, resend is 409 and no message leaves.
    """
    customer = await office.asks()

    answer = await customer.asked("resend")

    assert (409, "not_emailed") == said(answer)
    assert [] == postman.taken


# A fresh link, more time, an end.


async def test_a_fresh_link_takes_the_place_of_all_others(office: Office) -> None:
    """
    The newest link works, earlier ones are 410 and can ask for another.
    """
    customer = await office.asks()

    urls = [(await customer.asked("link")).json()["link_url"] for _ in range(2)]

    assert [f"http://rapport.test/link/{customer.link(number)}" for number in (2, 3)] == urls  # fmt: skip
    for number in (1, 2):
        old = await office.door.get(f"/v1/link/{customer.link(number)}")
        assert (410, "link_replaced") == said(old)
        assert ["request_new_link"] == old.json()["allowed"]
    customer.token = customer.link(3)
    assert "selecting_software" == (await customer.opens())["stage"]


async def test_more_time_moves_the_expiry_and_nothing_else(office: Office) -> None:
    """
    `extend` adds whole days to the expiry, as often as it is asked.
    """
    customer = await office.asks()
    before = await customer.journey()

    for days in (1, 365):
        answer = await customer.asked("extend", days=days)
        assert 202 == answer.status_code

    after = await customer.journey()
    moved = datetime.fromisoformat(after["expires_at"]) - datetime.fromisoformat(
        before["expires_at"]
    )
    assert timedelta(days=366) == moved
    assert (before["stage"], before["status"]) == (after["stage"], after["status"])


async def test_a_journey_that_is_cancelled_leaves_no_trace_on_its_client(
    office: Office,
) -> None:
    """
    The client's status is what it was, its link says so, and an entity that was not done is gone.
    """
    customer = await office.asks(SPEND)
    await customer.opens("Hoxton Retail")
    await customer.connects("malformed")

    answer = await customer.asked("cancel", reason="They moved.")

    company = await customer.company()
    entities = await office.bank.get(f"/v1/companies?parent_id={customer.company_id}")
    link = await office.door.get(f"/v1/link/{customer.token}")
    assert (202, "cancelled") == (answer.status_code, answer.json()["stage"])
    assert (None, None, None) == (
        company["status"],
        company["reason"],
        company["status_at"],
    )
    assert [] == entities.json()["items"]
    assert (410, "journey_cancelled") == said(link)
    assert "They moved." == (await customer.timeline())[-1]["detail"]


# Retry.


async def test_there_is_nothing_to_retry_where_nothing_failed(office: Office) -> None:
    """
    Retry is 409 before anything failed, and while only the customer can go on.
    """
    customer = await office.asks()
    early = await customer.asked("retry")
    await customer.opens()
    url = await customer.leaves()
    await customer.returns(await customer.decides(url, "deny"))
    declined = await customer.asked("retry")
    await customer.connects("revoked")
    repair = await customer.asked("retry")

    assert [
        (409, "nothing_to_retry"),
        (409, "waits_for_customer"),
        (409, "waits_for_customer"),
    ] == [said(answer) for answer in (early, declined, repair)]


async def test_what_is_parked_is_tried_again(office: Office) -> None:
    """
    Retry makes the client Requested, and Available when the books can be read now.
    """
    customer = await office.asks()
    await customer.opens()
    await customer.connects("malformed")
    parked = await customer.journey()
    name = (await customer.state())["company"]["name"]
    mended = {"company": name, "scenario": "default"}
    await office.books.post("/control/scenario", json=mended)

    answer = await customer.asked("retry")

    assert ("Error", "invalid_data") == (parked["status"], parked["reason"]["code"])
    assert (202, "Requested") == (answer.status_code, answer.json()["status"])
    assert "completed" == (await customer.settles())["stage"]


@pytest.mark.parametrize("action", ["retry", "resend"])
async def test_an_email_that_was_refused_goes_again(
    office: Office, postman: Postman, action: str
) -> None:
    """
    Where the request could not be sent, retry and resend send it; then the client is Requested.
    """
    postman.troubles = [Undeliverable("550")]
    customer = await office.asks(delivery="email")
    parked = await customer.journey()

    answer = await customer.asked(action)
    await customer.reaches(lambda state: state["stage"] == "awaiting_customer")

    assert ("sending", "email_undeliverable") == (
        parked["stage"],
        parked["reason"]["code"],
    )
    assert 202 == answer.status_code
    assert "Requested" == (await customer.company())["status"]


# Skip.


async def test_a_legal_entity_that_is_skipped_holds_up_nobody(office: Office) -> None:
    """
    Parked by one, done with the other: without the one the journey comes to its end.
    """
    customer, ids = await several(office, Retail="malformed", Wholesale="default")

    answer = await customer.asked("skip", entity_id=ids["Retail"], **DORMANT)

    entities = {each["name"]: each["stage"] for each in answer.json()["entities"]}
    assert 202 == answer.status_code
    await customer.reaches(lambda state: state["stage"] == "completed")
    assert {"Retail": "skipped", "Wholesale": "done"} == entities
    assert "Available" == (await customer.company())["status"]


async def test_a_repair_can_be_skipped(office: Office) -> None:
    """
    What the customer should mend and the bank can do without leads on to what is left.
    """
    customer, ids = await several(office, Retail="revoked", Wholesale="malformed")
    repair = await customer.reaches(
        lambda state: state["stage"] == "selecting_software"
    )

    answer = await customer.asked("skip", entity_id=ids["Retail"], **DORMANT)

    assert ids["Retail"] == repair["entity"]["id"]
    assert (202, "fetching") == (answer.status_code, answer.json()["stage"])


async def test_what_can_t_be_skipped_is_refused(office: Office) -> None:
    """
    An unknown one is 404; one that is done, the last one and the only one are 409.
    """
    parked, ids = await several(
        office, Retail="malformed", Wholesale="default", Export="malformed"
    )
    single = await office.asks()
    await single.opens()
    await single.connects("malformed")
    only = (await single.state())["entities"][0]["id"]

    async def skipped(customer: Customer, entity_id: str) -> tuple[int, str]:
        answer = await customer.asked("skip", entity_id=entity_id, **DORMANT)
        return said(answer) if answer.is_error else (answer.status_code, "")

    assert (404, "unknown_entity") == await skipped(parked, "cn_never")
    assert (404, "unknown_entity") == await skipped(parked, only)
    assert (409, "entity_done") == await skipped(parked, ids["Wholesale"])
    assert (202, "") == await skipped(parked, ids["Retail"])
    assert (409, "entity_done") == await skipped(parked, ids["Retail"])
    assert (409, "no_entity") == await skipped(single, only)


async def test_the_last_legal_entity_can_t_be_skipped(office: Office) -> None:
    """
    Without the last one there would be nothing to deliver: 409, cancel instead.
    """
    customer, ids = await several(office, Retail="malformed", Export="malformed")

    first = await customer.asked("skip", entity_id=ids["Retail"], **DORMANT)
    last = await customer.asked("skip", entity_id=ids["Export"], **DORMANT)

    assert 202 == first.status_code
    assert (409, "no_entity") == said(last)


async def test_nobody_is_skipped_before_the_customer_has_finished(
    office: Office,
) -> None:
    """
    While the customer still names legal entities, leaving one out is theirs: 409.
    """
    customer = await office.asks(SPEND)
    await customer.opens("Retail")
    state = await customer.connects("malformed")

    answer = await customer.asked(
        "skip", entity_id=state["entities"][0]["id"], **DORMANT
    )

    assert (409, "action_not_allowed") == said(answer)
