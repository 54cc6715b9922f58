"""Deleting a company from the portal: asked once more, watched, and kept as a receipt."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from api.portal.feed import Feed
from domain.removals import STEPS, Step
from domain.roles import Role
from store import receipts
from tests.api.given import NOW, Bank
from tests.api.portal.desk import Desk, text_of

NAME = "Café Hoxton <b>& Sons</b>"


@pytest.fixture
async def other_desk(app: FastAPI, other_bank: Bank) -> AsyncIterator[Desk]:
    """Another bank's people."""
    desk = Desk(app, other_bank)
    yield desk
    await desk.close()


async def deleted(desk: Desk) -> str:
    """Delete a company; return where its removal is shown."""
    company = await desk.given.company(name=NAME)
    browser = await desk.at_work(Role.ADMIN)
    answer = await browser.post(f"/companies/{company.id}/delete", data={"name": NAME})
    return str(answer.headers["location"])


async def told(desk: Desk, address: str) -> None:
    """Let a removal come to its end, but for one connection that nobody could be told of."""
    removal_id = address.rpartition("/")[2]
    async with desk.database.transaction() as session:
        for step in STEPS:
            await receipts.end_step(session, removal_id, step, NOW)
        await receipts.note_unrevoked(session, removal_id, "cn_1", "ledgerly")
        await receipts.end(session, removal_id, NOW)


async def test_it_is_asked_once_more_and_said_what_goes(desk: Desk) -> None:
    """
    The page names the company and counts what is lost; a legal entity does not go alone.
    """
    company = await desk.given.company(name=NAME)
    entity = await desk.given.company(parent_id=company.id)
    await desk.given.journey(company)
    await desk.given.connection(await desk.given.over(company))
    browser = await desk.at_work(Role.RELATIONSHIP_MANAGER)

    page = await browser.get(f"/companies/{company.id}/delete")
    alone = await browser.get(f"/companies/{entity.id}/delete")
    menu = await browser.get("/?user=all")

    text = text_of(page)
    assert f"Delete {NAME}" in text
    for words in ("1 legal entity", "2 requests", "1 connection", "A request is open."):
        assert words in text
    assert "0 " not in text
    assert 409 == alone.status_code
    assert f"/companies/{company.id}/delete" in menu.text
    assert f"/companies/{entity.id}/delete" not in menu.text


@pytest.mark.parametrize("typed", ["", "cafe hoxton", NAME.upper()])
async def test_another_name_deletes_nothing(desk: Desk, typed: str) -> None:
    """
    The case counts, and so does every letter; what was typed is there to be mended.
    """
    company = await desk.given.company(name=NAME)
    browser = await desk.at_work(Role.ADMIN)

    page = await browser.post(f"/companies/{company.id}/delete", data={"name": typed})

    assert 422 == page.status_code
    assert "Nothing was deleted" in text_of(page)
    assert 200 == (await browser.get(f"/companies/{company.id}")).status_code


async def test_whoever_types_the_name_deletes_the_company(desk: Desk) -> None:
    """
    Blanks around it and another way to write an accent are no other name; twice leads to the same page.
    """
    company = await desk.given.company(name=NAME)
    browser = await desk.at_work(Role.ADMIN)
    typed = {"name": f"  {NAME.replace('é', 'e' + chr(0x301))} "}

    answers = [
        await browser.post(f"/companies/{company.id}/delete", data=typed)
        for _ in range(2)
    ]
    page = await browser.get(answers[0].headers["location"])
    gone = await browser.get(f"/companies/{company.id}")
    listed = await browser.get("/removals")

    assert [303, 303] == [answer.status_code for answer in answers]
    assert 1 == len({answer.headers["location"] for answer in answers})
    assert 404 == gone.status_code
    for shown in (page, listed):
        assert company.id in shown.text
        assert "Hoxton" not in shown.text
        assert "Going on" in text_of(shown)
    assert STEPS[Step.JOURNEYS].title in text_of(page)


async def test_a_receipt_stays_and_says_who_could_not_be_told(desk: Desk) -> None:
    """
    When all is done the page is the receipt, and names the software that never answered.
    """
    address = await deleted(desk)
    browser = await desk.at_work(Role.ADMIN)

    going = await browser.get(address)
    await told(desk, address)
    receipt = await browser.get(address)

    assert 'aria-labelledby="left-title" hidden' in going.text
    assert "hidden" not in receipt.text.partition('aria-labelledby="left-title"')[2][:8]
    assert "by Person" in text_of(going)
    for words in ("This page is the receipt", "Ledgerly cn_1", "Print the receipt"):
        assert words in text_of(receipt)
    assert "Going on" not in text_of(receipt)


async def test_open_pages_follow_a_removal(desk: Desk) -> None:
    """
    Each step is news to whoever follows; the company's own page says that it is gone, and asks no more.
    """
    company = await desk.given.company(name=NAME)
    browser = await desk.at_work(Role.ADMIN)
    typed = {"name": NAME}

    async with Feed(desk.database).following(desk.bank.id) as follower:
        answer = await browser.post(f"/companies/{company.id}/delete", data=typed)
        address = answer.headers["location"]
        begun = await follower.changed(20)
        await told(desk, address)
        ended = await follower.changed(20)
    page = await browser.get(f"/companies/{company.id}/changes")

    assert address.rpartition("/")[2] in begun & ended
    assert "There is no such company. What you see is old." in text_of(page)
    assert "event: ended" in page.text


async def test_the_stream_of_a_receipt_is_for_those_who_may_delete(desk: Desk) -> None:
    """
    Whoever may not see it is sent away, like somebody who is signed out.
    """
    address = await deleted(desk)
    browser = await desk.at_work(Role.VIEWER)

    answer = await browser.get(f"{address}/changes")

    assert "event: ended" in answer.text
    assert "Step by step" not in answer.text


async def test_nobody_sees_the_receipts_of_another_bank(
    desk: Desk, other_desk: Desk
) -> None:
    """
    Neither in the list nor at its address.
    """
    address = await deleted(other_desk)
    browser = await desk.at_work(Role.RELATIONSHIP_MANAGER)

    assert 404 == (await browser.get(address)).status_code
    assert "Nothing was deleted" in text_of(await browser.get("/removals"))
