"""Adding a company, requesting its information, seeing the email, sending it."""

import re
from typing import Any

import httpx
import pytest
from sqlmodel import select

from domain.journey import Delivery, Stage
from domain.roles import Role
from store.tables import CompanyRow, CompanyUserRow, JourneyRow, OrganizationRow, Table
from tests.api.portal.desk import Desk, text_of

TYPED = {
    "name": "  Hoxton Tea ",
    "description": "Tea",
    "contact_name": "Ada Okafor",
    "contact_email": "ada@hoxton.test",
    "external_id": "4711",
    "once": "this form",
}
BOTH = {"data_types": ["spend_analysis", "financials"], "delivery": "email"}


async def rows(desk: Desk, table: type[Table]) -> list[Any]:
    async with desk.database.reading() as session:
        return list((await session.exec(select(table))).all())


async def follow(browser: httpx.AsyncClient, answer: httpx.Response) -> str:
    """Go where an answer leads, and read what is there."""
    assert 303 == answer.status_code, answer.text
    return text_of(await browser.get(answer.headers["location"]))


async def test_adding_leads_to_requesting(desk: Desk) -> None:
    """
    A company that was added is there, found by its words, and its request comes next.
    """
    manager = await desk.user(Role.RELATIONSHIP_MANAGER)
    browser = await desk.signed_in(manager)

    answer = await browser.post(
        "/companies/new", data={**TYPED, "users": [manager.email]}
    )

    (company,) = await rows(desk, CompanyRow)
    (user,) = await rows(desk, CompanyUserRow)
    assert ("Hoxton Tea", "Tea", "4711") == (
        company.name,
        company.description,
        company.external_id,
    )
    assert manager.email == user.email
    assert f"/companies/{company.id}/request" == answer.headers["location"]
    assert "Hoxton Tea was added." in await follow(browser, answer)
    assert "Hoxton Tea" in text_of(await browser.get("/?q=4711"))


async def test_a_double_click_adds_one_company(desk: Desk) -> None:
    """
    The same form sent twice is one company, and both answers lead to it.
    """
    browser = await desk.at_work(Role.ADMIN)

    answers = [await browser.post("/companies/new", data=TYPED) for _ in range(2)]

    assert 1 == len(await rows(desk, CompanyRow))
    assert 1 == len({answer.headers["location"] for answer in answers})


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "Please fill this in."),
        ("name", "x" * 101, "This is too long."),
        ("description", "x" * 201, "This is too long."),
        ("contact_name", "x" * 129, "This is too long."),
        ("contact_email", "nobody", "An email address must have an @-sign."),
        ("users", "nobody", "An email address must have an @-sign."),
    ],
)
async def test_a_form_says_what_is_wrong_with_it(
    desk: Desk, field: str, value: str, words: str
) -> None:
    """
    What does not fit is said beside its field, and nothing that was typed is lost.
    """
    browser = await desk.at_work(Role.ADMIN)

    answer = await browser.post("/companies/new", data={**TYPED, field: value})

    assert 422 == answer.status_code
    assert words in text_of(answer)
    assert 'value="4711"' in answer.text
    assert [] == await rows(desk, CompanyRow)


async def test_editing_changes_what_is_typed(desk: Desk) -> None:
    """
    The form begins with what is there, and keeps what it is sent.
    """
    company = await desk.given.company(users=["gone@bank.test"])
    browser = await desk.at_work(Role.SUPPORT)
    address = f"/companies/{company.id}/edit"

    form = await browser.get(address)
    change = {**TYPED, "contact_email": "new@hoxton.test", "users": "gone@bank.test"}
    answer = await browser.post(address, data=change)

    assert 'value="ada@hoxton.test"' in form.text
    assert 'value="gone@bank.test" checked' in form.text
    text = await follow(browser, answer)
    assert "Your changes are kept." in text
    assert "new@hoxton.test" in text


async def test_an_edit_that_does_not_fit_changes_nothing(desk: Desk) -> None:
    """
    What does not fit is said, and the company stays as it is.
    """
    company = await desk.given.company()
    browser = await desk.at_work(Role.SUPPORT)

    answer = await browser.post(
        f"/companies/{company.id}/edit", data={**TYPED, "name": " "}
    )

    assert 422 == answer.status_code
    assert "Edit Hoxton Tea" in text_of(answer)


async def test_the_choice_is_in_the_address(desk: Desk) -> None:
    """
    The request can be left and come back to: its address holds what was chosen so far.
    """
    company = await desk.given.company()
    browser = await desk.at_work(Role.RELATIONSHIP_MANAGER)
    address = f"/companies/{company.id}/request"

    nothing = await browser.get(address)
    chosen = await browser.get(address, params=BOTH)
    by_link = await browser.get(address, params={**BOTH, "delivery": "link"})

    assert "Choose what you need" in text_of(nothing)
    assert "This is what will arrive" in text_of(chosen)
    assert "<iframe" in chosen.text
    assert "<iframe" not in by_link.text
    assert "Make the link" in text_of(by_link)


async def test_the_preview_is_the_email(desk: Desk) -> None:
    """
    What is shown is what will be sent, in a frame in which nothing can act.
    """
    company = await desk.given.company(name="Tea <b> & co")
    browser = await desk.at_work(Role.RELATIONSHIP_MANAGER)

    answer = await browser.get(f"/companies/{company.id}/request/email", params=BOTH)

    assert "Tea <b> & co" in text_of(answer)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "frame-ancestors 'self'" in policy


async def test_sending_asks_once(desk: Desk) -> None:
    """
    A request that is sent twice is one journey; the page says to whom it goes.
    """
    company = await desk.given.company()
    browser = await desk.at_work(Role.RELATIONSHIP_MANAGER)
    address = f"/companies/{company.id}/request"
    form = {**BOTH, "once": "this form"}

    answers = [await browser.post(address, data=form) for _ in range(2)]

    (journey,) = await rows(desk, JourneyRow)
    assert ["financials", "spend_analysis"] == journey.data_types
    assert 1 == len({answer.headers["location"] for answer in answers})
    text = await follow(browser, answers[0])
    assert "The request is on its way to ada@hoxton.test." in text


async def test_a_link_is_passed_on_by_hand(desk: Desk) -> None:
    """
    Without an email, the page has the link, and every customer's page opens behind it.
    """
    company = await desk.given.company()
    browser = await desk.at_work(Role.RELATIONSHIP_MANAGER)

    answer = await browser.post(
        f"/companies/{company.id}/request", data={**BOTH, "delivery": "link"}
    )
    page = await browser.get(answer.headers["location"])

    (link,) = re.findall(r'readonly value="([^"]*)"', page.text)
    assert "The link is ready." in text_of(page)
    assert 200 == (await browser.get(link)).status_code


@pytest.mark.parametrize("form", [{"delivery": "email"}, {"data_types": "x"}, {}])
async def test_nothing_is_asked_for_by_mistake(
    desk: Desk, form: dict[str, str]
) -> None:
    """
    A form without a choice asks for one, and for nothing else.
    """
    company = await desk.given.company()
    browser = await desk.at_work(Role.RELATIONSHIP_MANAGER)

    answer = await browser.post(f"/companies/{company.id}/request", data=form)

    assert "Choose what to ask for first." in await follow(browser, answer)
    assert [] == await rows(desk, JourneyRow)


async def test_one_request_at_a_time(desk: Desk) -> None:
    """
    While a request is open, the page leads to it, and a second one is refused kindly.
    """
    company = await desk.given.company()
    journey = await desk.given.journey(company)
    browser = await desk.at_work(Role.RELATIONSHIP_MANAGER)
    address = f"/companies/{company.id}/request"

    page = await browser.get(address)
    answer = await browser.post(
        address, data=BOTH, headers={"Referer": f"http://rapport.test{address}"}
    )

    assert f"/journeys/{journey.id}" in page.text
    assert address == answer.headers["location"]
    assert "A journey of this company is open" in await follow(browser, answer)


async def test_a_link_that_is_switched_off_is_not_offered(desk: Desk) -> None:
    """
    What the organization has switched off is neither shown nor done.
    """
    async with desk.database.transaction() as session:
        bank = await session.get_one(OrganizationRow, desk.bank.id)
        bank.features = {**bank.features, "copy_link": False}
        session.add(bank)
    company = await desk.given.company()
    journey = await desk.given.journey(company, delivery=Delivery.LINK)
    browser = await desk.at_work(Role.ADMIN)

    form = await browser.get(f"/companies/{company.id}/request")
    link = await browser.get(f"/journeys/{journey.id}/link")

    assert "You pass it on" not in text_of(form)
    assert 409 == link.status_code


async def test_a_link_of_a_journey_that_is_over_is_not_shown(desk: Desk) -> None:
    """
    Where a journey has ended there is no link to pass on.
    """
    company = await desk.given.company()
    journey = await desk.given.over(
        company, delivery=Delivery.LINK, stage=Stage.EXPIRED
    )
    browser = await desk.at_work(Role.ADMIN)

    answer = await browser.get(f"/journeys/{journey.id}/link")

    assert 409 == answer.status_code
    assert "This journey is over" in text_of(answer)
