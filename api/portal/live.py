"""
Pages that follow the store while they are open.

A page is drawn in pieces, each with an id. What is sent is what differs from what
was sent last, and each piece says itself where it goes. The page names a digest of
all that it shows: so after a gap, however long, it gets what it missed, and no more.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from hashlib import blake2b
from typing import Final, NamedTuple

from fastapi import Request
from fastapi.responses import StreamingResponse

from api.errors import ApiError
from api.portal.feed import Feed
from api.portal.people import Person, SignedOut, person_of
from api.portal.view import draw

HEARTBEAT: Final = 20.0
"""Seconds after which a page is drawn anew though nothing seems to have changed."""

AGAIN_AFTER: Final = 1000
"""Milliseconds after which a browser that lost the server asks again."""

_FIRST_TAG: Final = re.compile(r"<([a-z]+)")


class Piece(NamedTuple):
    """A part of a page: one element that has this id."""

    id: str
    html: str


class Drawing(NamedTuple):
    """A whole that is made of pieces; `around` is the whole as one element."""

    around: Piece
    pieces: Sequence[Piece]

    @property
    def digest(self) -> str:
        """What two drawings that look the same share."""
        return blake2b(self.around.html.encode(), digest_size=12).hexdigest()


class Gone(Exception):
    """What the page shows is not there any more; the message says so."""


Redraw = Callable[[], Awaitable[Drawing | None]]
DrawFor = Callable[[Person], Awaitable[Drawing]]


async def following(
    request: Request, seen: str, draw_for: DrawFor
) -> StreamingResponse:
    """Answer with what changes on a page, for whoever is signed in each time it is drawn."""
    try:
        person = await _person(request)
    except SignedOut:
        return _streamed(_only(_over("signed_out.html")))

    async def redraw() -> Drawing | None:
        try:
            return await draw_for(await _person(request))
        except SignedOut:
            return None
        except ApiError as refused:
            raise Gone(refused.detail) from None

    feed: Feed = request.app.state.feed
    return _streamed(follow(feed, person.organization.id, seen, redraw))


async def _person(request: Request) -> Person:
    state = request.app.state
    return await person_of(request, state.database, state.settings, state.clock())


def difference(before: Drawing | None, now: Drawing) -> str:
    """Return what a page that shows `before` needs to show `now`; nothing if that is the same."""
    if before is None or _ids(before) != _ids(now):
        return _replacing(now.around)
    shown = dict(before.pieces)
    return "".join(
        _replacing(piece) for piece in now.pieces if shown[piece.id] != piece.html
    )


async def follow(
    feed: Feed, organization_id: str, seen: str, redraw: Redraw
) -> AsyncIterator[str]:
    """Yield what changes, until whoever looks is signed out: `redraw` gives None then."""
    yield f"retry: {AGAIN_AFTER}\n\n"
    try:
        async for message in _changes(feed, organization_id, seen, redraw):
            yield message
    except Gone as gone:
        yield _over("gone.html", detail=str(gone))
    else:
        yield _over("signed_out.html")


async def _changes(
    feed: Feed, organization_id: str, seen: str, redraw: Redraw
) -> AsyncIterator[str]:
    shown: Drawing | None = None
    async with feed.following(organization_id) as follower:
        while (now := await redraw()) is not None:
            same = shown is None and now.digest == seen
            if not same and (html := difference(shown, now)):
                yield _message("change", html)
            shown = now
            if not await follower.changed(HEARTBEAT):
                yield ": still here\n\n"


def _over(template: str, **facts: str) -> str:
    """Return what a page shows last, and then asks no more."""
    return _message("change", draw(template, None, **facts)) + _message("ended", "")


async def _only(message: str) -> AsyncIterator[str]:
    yield message


def _streamed(messages: AsyncIterator[str]) -> StreamingResponse:
    """Answer with messages as they come, past whatever would like to collect them."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(messages, media_type="text/event-stream", headers=headers)


def _message(event: str, html: str) -> str:
    lines = "".join(f"data: {line}\n" for line in html.splitlines() or [""])
    return f"event: {event}\n{lines}\n"


def _ids(drawing: Drawing) -> list[str]:
    return [piece.id for piece in drawing.pieces]


def _replacing(piece: Piece) -> str:
    """Let an element say that it takes the place of the one with its id."""
    html = str(piece.html)  # marked as safe, it would escape what is put in
    return _FIRST_TAG.sub(r'<\1 hx-swap-oob="true"', html, count=1)
