"""Pages that follow the store while they are open."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from api.portal.feed import Feed
from api.portal.live import Drawing, Piece, difference, follow
from domain.roles import Role
from store.database import Database
from tests.api.given import Bank, Given
from tests.api.portal.desk import Desk, text_of

PATIENCE = 20.0


def drawing(**rows: str) -> Drawing:
    pieces = [Piece(name, f'<p id="{name}">{text}</p>') for name, text in rows.items()]
    around = "".join(piece.html for piece in pieces)
    return Drawing(Piece("around", f'<div id="around">{around}</div>'), pieces)


async def after(messages: AsyncIterator[str], event: str) -> str:
    """Read on until a message of this kind comes."""
    async with asyncio.timeout(PATIENCE):
        async for message in messages:
            if message.startswith(f"event: {event}"):
                return message
    raise AssertionError(f"the stream ended without {event}")


def test_what_is_the_same_is_not_sent() -> None:
    """
    A page gets the pieces that changed, each saying what it takes the place of, and no other.
    """
    before, now = drawing(one="a", two="b"), drawing(one="a", two="c")

    assert '<p hx-swap-oob="true" id="two">c</p>' == difference(before, now)
    assert not difference(now, now)


@pytest.mark.parametrize("before", [None, drawing(one="a"), drawing(two="b", one="a")])
def test_another_order_is_another_whole(before: Drawing | None) -> None:
    """
    Where a piece came, went or moved, the whole is sent.
    """
    now = drawing(one="a", two="b")

    assert difference(before, now).startswith('<div hx-swap-oob="true" id="around">')


async def test_a_change_reaches_an_open_page(
    database: Database, given: Given, bank: Bank
) -> None:
    """
    What is written while a page is open is sent to it; what it shows already is not.
    """
    company = await given.company()
    texts = iter(("before", "after"))

    drawn = asyncio.Event()

    async def redraw() -> Drawing:
        drawn.set()
        return drawing(row=next(texts))

    seen = drawing(row="before").digest
    messages = follow(Feed(database), bank.id, seen, redraw)
    begun = await anext(messages)
    change = asyncio.create_task(after(messages, "change"))
    await drawn.wait()
    company.description = "new"
    await given.written(company)

    assert "retry: 1000\n\n" == begun
    assert 'data: <p hx-swap-oob="true" id="row">after</p>' in await change


async def test_a_page_gets_what_it_missed(database: Database, bank: Bank) -> None:
    """
    A page that was cut off is sent the whole as soon as it is back, if it is another one by now.
    """

    async def redraw() -> Drawing:
        return drawing(row="now")

    messages = follow(Feed(database), bank.id, drawing(row="long ago").digest, redraw)

    assert "now" in await after(messages, "change")


async def test_others_changes_wake_nobody(
    database: Database, given: Given, bank: Bank, other_bank: Bank
) -> None:
    """
    What another organization does is no news.
    """
    feed = Feed(database)
    async with feed.following(bank.id) as ours, feed.following(other_bank.id) as theirs:
        company = await other_bank.given.company()

        assert frozenset({company.id}) == await theirs.changed(PATIENCE)
        assert frozenset() == await ours.changed(0)


async def test_an_open_page_says_that_its_session_ended(desk: Desk) -> None:
    """
    A page that is open when its session ends says so, and asks no more.
    """
    user = await desk.user(Role.VIEWER)
    browser = await desk.signed_in(user, timedelta(seconds=-1))

    answer = await browser.get("/changes?q=tea")

    assert "text/event-stream; charset=utf-8" == answer.headers["content-type"]
    assert "Sign in and come back" in text_of(answer)
    assert "event: ended" in answer.text


async def test_the_stream_ends_with_the_session(database: Database, bank: Bank) -> None:
    """
    Signed out elsewhere, an open page is told at the next look.
    """

    async def redraw() -> Drawing | None:
        return None

    messages = follow(Feed(database), bank.id, "", redraw)

    assert "event: ended" in "".join([message async for message in messages])


@pytest.mark.parametrize(
    ("page", "role", "words"),
    [
        ("/journeys/{journey}", Role.SUPPORT, "What you can do"),
        ("/companies/{company}", Role.VIEWER, "Who did what"),
        ("/companies/{company}/accounts", Role.VIEWER, "By what depends on them"),
        ("/companies/{company}/accounts", Role.SUPPORT, "You are signed out by now"),
    ],
)
async def test_a_page_is_followed_as_long_as_one_may(
    desk: Desk, page: str, role: Role, words: str
) -> None:
    """
    An open page is drawn for who looks at it, until their session ends; figures for who may see them.
    """
    company = await desk.given.company()
    journey = await desk.given.journey(company)
    browser = await desk.signed_in(await desk.user(role), timedelta(seconds=2))
    address = page.format(company=company.id, journey=journey.id)

    stream = asyncio.create_task(browser.get(f"{address}/changes?seen=long-ago"))
    async with asyncio.timeout(PATIENCE):
        while not stream.done():
            company.updated_at = datetime.now(UTC)
            await desk.given.written(company)
            await asyncio.wait([stream], timeout=0.5)

    text = text_of(await stream)
    assert words in text
    assert "You are signed out by now" in text
