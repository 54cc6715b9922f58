"""Doing something about a journey from its page, with the worker that production runs."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from api.temporal import TemporalDoor
from domain.journey import Delivery, EntityStage, Stage
from domain.roles import Role
from store.tables import CompanyRow, JourneyRow
from tests.api.conftest import MakeApp
from tests.api.given import NOW, Bank
from tests.api.live import SPEND, Customer, Office
from tests.api.portal.desk import Desk, text_of


@pytest.fixture
async def staffed(
    temporal: WorkflowEnvironment, make_app: MakeApp, bank: Bank, office: Office
) -> AsyncIterator[Desk]:
    """Our bank's people, while all of Rapport is at work."""

    async def connect() -> Client:
        return temporal.client

    desk = Desk(make_app(TemporalDoor(connect)), bank)
    yield desk
    await desk.close()


async def does(
    browser: httpx.AsyncClient, journey_id: str, what: str, **form: Any
) -> str:
    """Send one form of the page, and read the page that it leads to."""
    address = f"/journeys/{journey_id}"
    answer = await browser.post(
        f"{address}/{what}",
        data=form,
        headers={"Referer": f"http://rapport.test{address}"},
    )
    assert 303 == answer.status_code, answer.text
    return text_of(await browser.get(answer.headers["location"]))


async def test_a_wrong_address_is_corrected_and_sent_to(
    staffed: Desk, office: Office
) -> None:
    """
    One form corrects the contact and sends again; the page says to whom, and who did it.
    """
    customer = await office.asks(delivery="email")
    support = await staffed.user(Role.SUPPORT)
    browser = await staffed.signed_in(support)

    text = await does(
        browser, customer.id, "resend", name="Bo Lind", email="bo@hoxton.test"
    )

    company = await customer.company()
    assert "The email is on its way again, to bo@hoxton.test." in text
    assert {"name": "Bo Lind", "email": "bo@hoxton.test"} == company["contact"]
    assert f"Resend asked {support.name}" in text
    trail = text_of(await browser.get(f"/companies/{customer.company_id}"))
    assert f"Sent the email again {support.name}" in trail
    assert f"Changed the company {support.name} contact" in trail
    assert "Requested information A program with your key" in trail


async def test_more_time_is_given(staffed: Desk, office: Office) -> None:
    """
    The answer names the day until which the link works now.
    """
    customer = await office.asks()
    browser = await staffed.at_work(Role.SUPPORT)

    text = await does(browser, customer.id, "extend", days="20")

    async with staffed.database.reading() as session:
        ends = (await session.get_one(JourneyRow, customer.id)).expires_at
    assert f"The link now works until {ends.day} {ends:%B %Y}." in text


async def test_who_comes_second_hears_how_it_ended(
    staffed: Desk, office: Office
) -> None:
    """
    Of two who cancel at once one does it; the other is told what happened, and nothing else does.
    """
    customer = await office.asks()
    first, second = [await staffed.at_work(Role.SUPPORT) for _ in range(2)]

    done = await does(first, customer.id, "cancel", reason="Not needed <b>now</b>")
    late = await does(second, customer.id, "cancel", reason="Me too")

    assert "The request is cancelled. Its link does not work any more." in done
    assert "Not needed <b>now</b>" in done
    assert "This request ended less than a minute ago: it is cancelled." in late
    assert 1 == (await customer.events()).count("cancelled")


async def test_what_has_not_failed_is_not_tried_again(
    staffed: Desk, office: Office
) -> None:
    """
    A refusal of the workflow is what the page says, in its words.
    """
    customer = await office.asks()
    browser = await staffed.at_work(Role.SUPPORT)

    text = await does(browser, customer.id, "retry")

    assert "Nothing has failed, so there is nothing to try again." in text


async def test_what_failed_is_tried_again_or_left_out(
    staffed: Desk, office: Office
) -> None:
    """
    With one legal entity unread, a retry fails again; left out, the request ends well.
    """
    customer = await _with_a_broken_one(office)
    browser = await staffed.at_work(Role.SUPPORT)
    broken = next(
        each
        for each in (await customer.journey())["entities"]
        if each["stage"] == EntityStage.FAILED
    )

    again = await does(browser, customer.id, "retry")
    await customer.settles()
    left_out = await does(
        browser, customer.id, "skip", entity_id=broken["id"], reason="Closed down"
    )
    await customer.settles()

    assert "It is being tried again." in again
    assert "Logistics is left out. The request goes on with the others." in left_out
    assert Stage.COMPLETED == (await customer.journey())["stage"]


async def test_who_gave_access_back_is_known(staffed: Desk, office: Office) -> None:
    """
    A revocation is done, shown with its time, and noted once with the name of whoever did it.
    """
    customer = await office.asks()
    await customer.opens()
    await customer.connects()
    support = await staffed.user(Role.SUPPORT)
    browser = await staffed.signed_in(support)
    address = f"/v1/companies/{customer.company_id}/connections"
    (connection,) = (await office.bank.get(address)).json()["items"]

    for _ in range(2):
        await browser.post(f"/connections/{connection['id']}/revoke")

    text = text_of(await browser.get(f"/companies/{customer.company_id}"))
    assert "Hoxton Tea Ledgerly, authorized" in text
    assert "Revoked" in text
    assert 1 == text.count(f"Revoked a connection {support.name}")


async def test_who_refreshed_is_known(staffed: Desk, office: Office) -> None:
    """
    Books that are read again are read for somebody.
    """
    customer = await office.asks()
    await customer.opens()
    await customer.connects()
    support = await staffed.user(Role.SUPPORT)
    browser = await staffed.signed_in(support)

    await browser.post(f"/companies/{customer.company_id}/refresh")

    text = text_of(await browser.get(f"/companies/{customer.company_id}"))
    assert f"Refreshed the data {support.name}" in text


async def _with_a_broken_one(office: Office) -> Customer:
    """Two legal entities, one with books that nobody can understand."""
    customer = await office.asks(SPEND)
    await customer.opens("Retail")
    await customer.connects()
    await customer.does("add_entity")
    await customer.does("name_entity", name="Logistics")
    await customer.connects("malformed")
    await customer.does("finish")
    await customer.settles()
    return customer


# While Temporal is away.


@pytest.mark.parametrize(
    ("what", "form", "words"),
    [
        ("extend", {"days": "0"}, "The number of days"),
        ("extend", {"days": "soon"}, "The number of days"),
        ("cancel", {"reason": " "}, "The reason: Please fill this in."),
        ("skip", {"entity_id": "cn_1"}, "The reason: Please fill this in."),
        ("resend", {"name": "Bo", "email": "nobody"}, "The email address: An email"),
    ],
)
async def test_a_form_that_does_not_fit_changes_nothing(
    desk: Desk, what: str, form: dict[str, str], words: str
) -> None:
    """
    What is wrong is said in words, beside the page or without a script, and nothing is done.
    """
    journey = await desk.given.journey(await desk.given.company())
    browser = await desk.at_work(Role.SUPPORT)
    before = await desk.given.everything()

    answers = [
        await browser.post(f"/journeys/{journey.id}/{what}", data=form, headers=headers)
        for headers in ({}, {"HX-Request": "true"})
    ]

    assert {422} == {answer.status_code for answer in answers}
    assert all(words in text_of(answer) for answer in answers)
    assert before == await desk.given.everything()


async def test_a_contact_that_is_kept_is_not_forgotten(desk: Desk) -> None:
    """
    Where the email can't be sent now, the page says that the new contact is kept all the same.
    """
    company = await desk.given.company()
    journey = await desk.given.journey(company)
    browser = await desk.at_work(Role.SUPPORT)

    contact = {"name": "Bo", "email": "bo@hoxton.test"}
    text = await does(browser, journey.id, "resend", **contact)

    async with desk.database.reading() as session:
        kept = await session.get_one(CompanyRow, company.id)
    assert "The new contact is kept. The workflow server does not answer." in text
    assert "bo@hoxton.test" == kept.contact_email


async def test_nobody_is_renamed_by_a_request_that_is_over(desk: Desk) -> None:
    """
    Where nothing can be sent any more, the contact stays too.
    """
    company = await desk.given.company()
    journey = await desk.given.over(company, stage=Stage.EXPIRED)
    browser = await desk.at_work(Role.SUPPORT)

    contact = {"name": "Bo", "email": "bo@hoxton.test"}
    text = await does(browser, journey.id, "resend", **contact)

    async with desk.database.reading() as session:
        kept = await session.get_one(CompanyRow, company.id)
    assert "it is expired. Nothing was changed." in text
    assert "ada@hoxton.test" == kept.contact_email


async def test_who_looked_at_a_link_is_noted(desk: Desk) -> None:
    """
    A link is a key: whoever is shown it stands in the trail, once.
    """
    company = await desk.given.company()
    journey = await desk.given.journey(company, delivery=Delivery.LINK, created_at=NOW)
    support = await desk.user(Role.SUPPORT)
    browser = await desk.signed_in(support)

    for _ in range(2):
        assert 200 == (await browser.get(f"/journeys/{journey.id}/link")).status_code

    text = text_of(await browser.get(f"/companies/{company.id}"))
    assert 1 == text.count(f"Looked at the link {support.name}")
