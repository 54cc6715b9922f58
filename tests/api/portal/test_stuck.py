"""The stuck page: what stands too long, in groups."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import Request
from fastapi.responses import StreamingResponse

from api.portal import stuck
from api.portal.crowd import CrowdFollowed
from api.portal.stuck import ROWS
from domain.journey import Stage
from domain.reasons import Reason
from domain.roles import Role
from settings import Settings
from store.portal.stuck import FIRST
from store.tables import JourneyRow, UserRow
from tests.api.portal.desk import COOKIE, Desk, text_of

REFUSED: dict[str, Any] = {
    "stage": Stage.SENDING,
    "unsent": True,
    "trouble": Reason.EMAIL_UNDELIVERABLE,
    "reason": Reason.EMAIL_UNDELIVERABLE,
}
OF_REFUSED = "stage=sending&reason=email_undeliverable"


def ago(**time: float) -> datetime:
    return datetime.now(UTC) - timedelta(**time)


async def stands(
    desk: Desk, name: str = "Hoxton Tea", hours: float = 1, **changes: Any
) -> JourneyRow:
    """Let a company's request be stuck for so many hours."""
    company = await desk.given.company(name=name)
    since = ago(hours=hours)
    times = {"stage_since": since, "stuck_after": since}
    return await desk.given.journey(company, **{**times, **changes})


def request_of(desk: Desk, user: UserRow) -> Request:
    """Return what the browser of somebody who is signed in asks with."""
    cookie = f"{COOKIE}=the token of {user.id}".encode()
    return Request(
        {
            "type": "http",
            "app": desk.app,
            "method": "GET",
            "path": "/",
            "query_string": b"",
            "headers": [(b"cookie", cookie)],
        }
    )


async def first_change(answer: StreamingResponse) -> str:
    """Read what an open page is sent first, and close it."""
    stream = answer.body_iterator
    sent = ""
    async for each in stream:
        sent += str(each)
        if "event: change" in sent:
            break
    await stream.aclose()  # type: ignore[attr-defined]
    return sent


async def test_each_group_says_how_many_since_when_and_whose_turn_it_is(
    desk: Desk,
) -> None:
    """
    With one sentence for each request, and what could be done with all of them.
    """
    await stands(desk, "Brightside <b>", **REFUSED)
    await stands(desk, "Oak & Iron", 100, stage=Stage.AWAITING_CUSTOMER)
    browser = await desk.at_work(Role.SUPPORT)

    page = await browser.get("/stuck")

    text = text_of(page)
    assert text.index("Waiting for the customer 1") < text.index(
        "Email address refused 1"
    )
    for words in (
        "Longer than this may take.",
        "The mail server refused the contact's address.",
        "Waits for You, the bank",
        "Send the email again Give more time Try again Cancel",
        "Stuck 2",
    ):
        assert words in text
    assert "Brightside <b>" not in page.text


async def test_nothing_stuck_is_said_kindly(desk: Desk) -> None:
    """
    A page without anything on it says that this is how it should be.
    """
    browser = await desk.at_work(Role.VIEWER)

    everything = text_of(await browser.get("/stuck"))
    group = text_of(await browser.get(f"/stuck?{OF_REFUSED}"))

    assert "Nothing is stuck Every request goes on as it should." in everything
    assert "See the others" in group


async def test_who_may_not_mend_looks_only(desk: Desk) -> None:
    """
    Without the right there is nothing to tick and nothing to press.
    """
    await stands(desk, **REFUSED)
    browser = await desk.at_work(Role.VIEWER)

    page = await browser.get("/stuck")

    assert "Hoxton Tea" in page.text
    assert "checkbox" not in page.text
    assert 'name="action"' not in page.text


async def test_a_large_group_is_shown_in_parts(desk: Desk) -> None:
    """
    A few beside the others, alone in pages, and each request once.
    """
    for number in range(ROWS + 2):
        await stands(desk, f"Company {number:03}", number + 1, **REFUSED)
    browser = await desk.at_work(Role.SUPPORT)

    together = await browser.get("/stuck")
    first = await browser.get(f"/stuck?{OF_REFUSED}")
    onward = re.search(r'href="([^"]+cursor=[^"]+)"', first.text)
    assert onward is not None
    second = await browser.get(onward[1].replace("&amp;", "&"))

    def names(text: str) -> list[str]:
        return re.findall(r"<bdi>(Company \d+)</bdi>", text)

    assert FIRST == len(names(together.text))
    assert f"See all {ROWS + 2}" in text_of(together)
    assert [f"Company {number:03}" for number in reversed(range(ROWS + 2))] == [
        *names(first.text),
        *names(second.text),
    ]
    assert "First page" in text_of(second)


@pytest.mark.parametrize(
    "query", ["stage=nowhere", "stage=sending&reason=bad", "cursor=" + "x" * 1001]
)
async def test_an_address_that_makes_no_sense_is_refused(
    desk: Desk, query: str
) -> None:
    """
    With a page that says so.
    """
    browser = await desk.at_work(Role.SUPPORT)

    assert 422 == (await browser.get(f"/stuck?{query}")).status_code


async def test_a_cursor_that_was_made_up_begins_anew(desk: Desk) -> None:
    """
    It leads to the first page, and breaks nothing.
    """
    await stands(desk, **REFUSED)
    browser = await desk.at_work(Role.SUPPORT)

    page = await browser.get(f"/stuck?{OF_REFUSED}&cursor=made.up")

    assert "Hoxton Tea" in text_of(page)


async def test_an_open_page_is_sent_what_gets_stuck(
    desk: Desk, settings: Settings
) -> None:
    """
    A page that showed something else gets all of it as soon as it looks.
    """
    user = await desk.user(Role.SUPPORT)
    await desk.signed_in(user)
    await stands(desk, **REFUSED)

    answer = await stuck.changes(
        request_of(desk, user), CrowdFollowed(seen="other"), desk.database, settings
    )

    assert isinstance(answer, StreamingResponse)
    assert "Hoxton Tea" in await first_change(answer)
