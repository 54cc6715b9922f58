"""Many requests at once: which and how many, then how far, then what came of each."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi.responses import StreamingResponse
from sqlmodel import col, select
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from api.portal import deeds
from api.portal.bulk import PROBLEMS
from api.portal.crowd import DeedFollowed
from api.temporal import TemporalDoor
from domain.bulk import BulkAction, Outcome
from domain.journey import Delivery, Stage
from domain.roles import Role
from settings import Settings
from store.tables import BulkDeedRow, BulkItemRow, CompanyRow, Table
from tests.api.conftest import MakeApp
from tests.api.given import BY_LINK, Bank
from tests.api.portal.desk import Desk, text_of
from tests.api.portal.test_stuck import (
    OF_REFUSED,
    REFUSED,
    ago,
    first_change,
    request_of,
    stands,
)

NEW = "/stuck/deeds/new"
GROUP = {"stage": "sending", "reason": "email_undeliverable"}
PATIENCE = 30.0


def once() -> dict[str, str]:
    """Return what makes one form another one than the one before."""
    return {"once": datetime.now(UTC).isoformat()}


async def rows(desk: Desk, table: type[Table]) -> Sequence[Any]:
    async with desk.database.reading() as session:
        return (await session.exec(select(table))).all()


async def begun(desk: Desk, browser: httpx.AsyncClient, form: dict[str, Any]) -> str:
    """Send the form; return the address of the deed."""
    answer = await browser.post("/stuck/deeds", data={**once(), **form})
    assert 303 == answer.status_code, answer.text
    return answer.headers["location"]


async def test_first_it_is_said_which_and_how_many(desk: Desk) -> None:
    """
    All that are meant, those that it can't be done to with the reason, and nothing happens yet.
    """
    await stands(desk, "Oak & Iron", **REFUSED)
    await stands(desk, "Kestrel", **{**REFUSED, "delivery": Delivery.LINK})
    browser = await desk.at_work(Role.SUPPORT)

    page = text_of(await browser.get(f"{NEW}?action=resend&{OF_REFUSED}"))

    for words in (
        "Send the email again: 2 requests",
        "1 request can't: no email goes out for it",
        "They are left as they are.",
        "Send the email again: 1 request",
        "then send again. Can't No email goes out for it",
    ):
        assert words in page
    assert [] == await rows(desk, BulkDeedRow)


async def test_what_nobody_can_do_has_no_button(desk: Desk) -> None:
    """
    Where nothing has failed, there is nothing to try again.
    """
    await stands(desk, stage=Stage.AWAITING_CUSTOMER)
    browser = await desk.at_work(Role.SUPPORT)

    address = f"{NEW}?action=retry&stage=awaiting_customer&reason=none"
    page = await browser.get(address)
    gone = await browser.get(f"{NEW}?action=retry&{OF_REFUSED}")

    assert "All of them can't: nothing has failed there." in text_of(page)
    assert 'action="/stuck/deeds"' not in page.text
    assert "None of them is stuck any more." in text_of(gone)


async def test_the_deed_is_written_down_while_temporal_is_away(desk: Desk) -> None:
    """
    With everyone it is about, in their order, once for a double click; its page says that it goes on.
    """
    user = await desk.user(Role.SUPPORT)
    browser = await desk.signed_in(user)
    late = await stands(desk, "Late", 1, **REFUSED)
    early = await stands(desk, "Early", 9, **REFUSED)
    form = {**once(), **GROUP, "action": "extend", "days": "7"}

    answers = [await browser.post("/stuck/deeds", data=form) for _ in range(2)]
    page = text_of(await browser.get(answers[0].headers["location"]))

    (deed,) = await rows(desk, BulkDeedRow)
    items = await rows(desk, BulkItemRow)
    assert 1 == len({answer.headers["location"] for answer in answers})
    assert (BulkAction.EXTEND, 7, user.id) == (deed.action, deed.days, deed.user_id)
    assert [early.id, late.id] == [item.journey_id for item in items]
    assert "0 of 2 asked Going on" in page
    assert f"by {user.name} . By 7 days." in page


async def test_only_what_was_shown_is_meant(desk: Desk) -> None:
    """
    What got stuck after the page was looked at is left alone.
    """
    browser = await desk.at_work(Role.SUPPORT)
    old = await stands(desk, hours=3, **REFUSED)
    await stands(desk, hours=1, **REFUSED)

    by = ago(hours=2).isoformat()
    await begun(desk, browser, {**GROUP, "action": "retry", "by": by})

    assert [old.id] == [each.journey_id for each in await rows(desk, BulkItemRow)]


async def test_those_that_are_ticked_are_meant(desk: Desk, other_bank: Bank) -> None:
    """
    And nobody else's, whatever the form says.
    """
    browser = await desk.at_work(Role.SUPPORT)
    ours = await stands(desk, **REFUSED)
    await stands(desk, **REFUSED)
    company = await other_bank.given.company()
    theirs = await other_bank.given.journey(company)
    ticked = [ours.id, theirs.id]

    page = await browser.get(NEW, params={"action": "retry", "journey": ticked})
    await begun(desk, browser, {"action": "retry", "journey": ticked})

    assert "Try again: 1 request" in text_of(page)
    assert [ours.id] == [each.journey_id for each in await rows(desk, BulkItemRow)]


@pytest.mark.parametrize(
    ("action", "typed"),
    [
        (BulkAction.EXTEND, {"days": "0"}),
        (BulkAction.EXTEND, {"days": "366"}),
        (BulkAction.EXTEND, {"days": "a week"}),
        (BulkAction.CANCEL, {"why": "  "}),
        (BulkAction.CANCEL, {"why": "x" * 501}),
    ],
)
async def test_a_form_that_says_too_little_is_shown_again(
    desk: Desk, action: BulkAction, typed: dict[str, str]
) -> None:
    """
    With what is wrong; nothing is begun.
    """
    await stands(desk, **REFUSED)
    browser = await desk.at_work(Role.SUPPORT)

    form = {**once(), **GROUP, "action": action.value, **typed}
    answer = await browser.post("/stuck/deeds", data=form)

    assert 422 == answer.status_code
    assert PROBLEMS[action] in text_of(answer)
    assert 'aria-invalid="true"' in answer.text
    assert [] == await rows(desk, BulkDeedRow)


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"action": "retry"}, 422),
        ({"action": "explode", **GROUP}, 422),
        ({"action": "retry", "journey": "nothing"}, 422),
        ({"action": "retry", **GROUP}, 409),
    ],
)
async def test_a_form_that_means_nobody_does_nothing(
    desk: Desk, form: dict[str, str], status: int
) -> None:
    """
    It is refused with a page that says so.
    """
    browser = await desk.at_work(Role.SUPPORT)

    answer = await browser.post("/stuck/deeds", data={**once(), **form})

    assert status == answer.status_code
    assert [] == await rows(desk, BulkDeedRow)


async def test_thousands_are_written_down_and_shown_in_pages(desk: Desk) -> None:
    """
    A group of a thousand makes a deed of a thousand, of which a page shows fifty.
    """
    since = ago(hours=1)
    first = await stands(desk, **REFUSED)
    copies = []
    for number in range(1, 1200):
        copy = type(first)(**first.model_dump())
        copy.id, copy.company_id = f"jo_{number:026}", f"co_{number:026}"
        copy.stage_since = copy.stuck_after = since
        copies.append(copy)
    await desk.given.written(*copies)
    browser = await desk.at_work(Role.SUPPORT)

    confirmation = await browser.get(f"{NEW}?action=retry&{OF_REFUSED}")
    address = await begun(desk, browser, {**GROUP, "action": "retry"})
    page = await browser.get(address)
    onward = re.search(r'href="([^"]+cursor=[^"]+)"', page.text)
    assert onward is not None
    second = await browser.get(onward[1].replace("&amp;", "&"))

    assert "Try again: 1,200 requests" in text_of(confirmation)
    assert "0 of 1,200 asked" in text_of(page)
    assert [50, 50] == [each.text.count('id="item-') for each in (page, second)]
    assert 1200 == len(await rows(desk, BulkItemRow))


async def test_the_results_say_what_really_happened(
    desk: Desk, settings: Settings
) -> None:
    """
    By outcome, each leading to those that it came of; what is deleted is counted.
    """
    user = await desk.user(Role.SUPPORT)
    browser = await desk.signed_in(user)
    for number in range(4):
        await stands(desk, f"Company {number}", 9 - number, **REFUSED)
    address = await begun(desk, browser, {**GROUP, "action": "cancel", "why": "Over"})
    deed_id = address.rpartition("/")[2]
    async with desk.database.transaction() as session:
        by_number = select(BulkItemRow).order_by(col(BulkItemRow.number))
        done, closed, _, deleted = (await session.exec(by_number)).all()
        done.outcome, closed.outcome = Outcome.DONE, Outcome.CLOSED
        await session.delete(deleted)

    page = text_of(await browser.get(address))
    ended = text_of(await browser.get(f"{address}?outcome=journey_closed"))
    listed = text_of(await browser.get("/stuck/deeds"))
    answer = await deeds.changes(
        request_of(desk, user), deed_id, DeedFollowed(), desk.database, settings
    )

    for words in (
        "2 of 3 asked",
        "It is cancelled 1 It had ended by then 1 Not asked yet 1",
        "Deleted with their companies 1",
        "Why: Over",
        "Company 1 Now: sending Not done It had ended by then",
    ):
        assert words in page
    assert "Company 1" in ended
    assert "Company 0" not in ended
    assert "Cancel: 4 requests" in listed
    assert isinstance(answer, StreamingResponse)
    assert "2 of 3 asked" in await first_change(answer)


async def test_a_deed_whose_companies_are_gone_says_so(desk: Desk) -> None:
    """
    Its page stays, with nothing on it; so does one for an outcome that nobody had.
    """
    browser = await desk.at_work(Role.SUPPORT)
    await stands(desk, **REFUSED)
    address = await begun(desk, browser, {**GROUP, "action": "retry"})

    nobody = text_of(await browser.get(f"{address}?outcome=done"))
    async with desk.database.transaction() as session:
        (item,) = (await session.exec(select(BulkItemRow))).all()
        await session.delete(item)
    gone = text_of(await browser.get(address))

    assert "Nothing like that came of any of them." in nobody
    assert "their companies were deleted" in gone


async def test_another_banks_deeds_are_nobodys_business(
    desk: Desk, other_bank: Bank
) -> None:
    """
    They are not found, and not in the list, which is empty at first.
    """
    browser = await desk.at_work(Role.SUPPORT)
    theirs = BulkDeedRow(
        id="bd_" + "1" * 26,
        organization_id=other_bank.id,
        action=BulkAction.RETRY,
        total=1,
        at=datetime.now(UTC),
    )
    await desk.given.written(theirs)

    page = await browser.get(f"/stuck/deeds/{theirs.id}")
    listed = await browser.get("/stuck/deeds")

    assert 404 == page.status_code
    assert "Nothing so far" in text_of(listed)


@pytest.fixture
async def busy_desk(
    working: httpx.AsyncClient,
    temporal: WorkflowEnvironment,
    make_app: MakeApp,
    bank: Bank,
) -> AsyncIterator[Desk]:
    """Our bank's people while Temporal and a worker are there."""

    async def connect() -> Client:
        return temporal.client

    desk = Desk(make_app(TemporalDoor(connect)), bank)
    yield desk
    await desk.close()


async def test_a_deed_is_done(busy_desk: Desk, working: httpx.AsyncClient) -> None:
    """
    From the form to the result: the journeys have more time, one that ended says so.
    """
    desk = busy_desk
    browser = await desk.at_work(Role.SUPPORT)
    journeys = []
    for _ in range(2):
        company = await desk.given.company()
        made = await working.post(f"/v1/companies/{company.id}/journeys", json=BY_LINK)
        journeys.append(made.json())
    over = f"/v1/journeys/{journeys[1]['id']}"
    await working.post(f"{over}/cancel", json={"reason": "Over."})
    ids = [journey["id"] for journey in journeys]

    form = {"action": "extend", "days": "3", "journey": ids}
    address = await begun(desk, browser, form)
    async with asyncio.timeout(PATIENCE):
        while "All of them were asked" not in text_of(await browser.get(address)):  # noqa: ASYNC110 (it is elsewhere)
            await asyncio.sleep(0.2)

    page = text_of(await browser.get(address))
    after = (await working.get(f"/v1/journeys/{ids[0]}")).json()
    assert "It has more time 1 It had ended by then 1" in page
    assert after["expires_at"] > journeys[0]["expires_at"]
    async with desk.database.reading() as session:
        names = select(CompanyRow.name).where(col(CompanyRow.journey_id).in_(ids))
        assert 2 == len((await session.exec(names)).all())
