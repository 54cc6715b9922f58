"""The way back from the accounting software: a signed state, and a code or a no."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Final, NamedTuple

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession

from api.deps import Configured, Links, Now, Store
from api.errors import ApiError, not_found, refusal
from api.journeys import JourneyDoor, Journeys
from api.link.conversation import return_address
from api.link.pages import ended
from domain.checks import NotAllowed
from domain.links import Link, Signer, Trip
from domain.messages import CameBack
from domain.moves import check
from domain.state import Journey
from store.credentials import Code, drop_code, find_code, keep_code
from store.database import Database
from store.journeys import load
from store.tables import JourneyRow
from store.vault import Vault
from workflows.journey import CustomerJourney

LONGEST_CODE: Final = 2000

router = APIRouter(include_in_schema=False)


class BroughtIn(BaseModel):
    """What the software sends along: the state that it was given, and a code or an error."""

    state: str = ""
    code: str = ""
    error: str = ""


@router.get("/link/return/{provider}")
async def come_back(  # noqa: PLR0913, PLR0917 what the software sends, and what it takes to read it
    request: Request,
    provider: str,
    brought: Annotated[BroughtIn, Query()],
    database: Store,
    journeys: Journeys,
    signer: Links,
    settings: Configured,
    now: Now,
) -> Response:
    """
    Take the customer back in, once the journey shows it.

    The state alone says who it is: one use, one journey, one entity. A browser
    that asks twice is told that this was used.
    """
    arrivals = Arrivals(database, journeys, request.app.state.vault)
    try:
        trip = _trip(signer, provider, brought.state)
        answer = Answer(brought, return_address(settings.base_url, provider))
        journey = await arrivals.take(trip, answer, now)
    except ApiError as refused:
        return ended(refused)
    token = signer.link(Link(journey.id, journey.link_number))
    return RedirectResponse(f"/link/{token}", HTTPStatus.SEE_OTHER)


class Answer(NamedTuple):
    """What the software said, and the address to which it said so."""

    brought: BroughtIn
    redirect_uri: str

    def code(self) -> Code | None:
        """Return what opens the books, or None for a no; raise ApiError 422 for neither."""
        code, error = self.brought.code, self.brought.error
        if bool(code) is bool(error) or len(code) > LONGEST_CODE:
            raise refusal(
                "invalid_request", "The software sent neither a code nor a no."
            )
        return Code(code, self.redirect_uri) if code else None


class Arrivals(NamedTuple):
    """Takes customers in who come back in time and from the right place."""

    database: Database
    journeys: JourneyDoor
    vault: Vault

    async def take(self, trip: Trip, answer: Answer, at: datetime) -> Journey:
        """
        Keep the code, if there is one, and tell the journey; return it as it was before.

        The same return, seen twice at once, is one. A trip that is over is over,
        whatever the software said. Raises ApiError: 404, 410, then 422, and 503.
        """
        async with self.database.transaction() as session:
            journey = await _waiting(session, trip)
            code = answer.code()
            if code is not None:
                await keep_code(session, self.vault, trip.connection_id, code, at)
        try:
            await self._tell(trip, _back(trip, approved=code is not None))
        except ApiError as refused:
            if refused.status == HTTPStatus.SERVICE_UNAVAILABLE:
                raise
            await self._forget(trip, code)
            raise _void() from None
        return journey

    async def _tell(self, trip: Trip, back: CameBack) -> None:
        update_id = f"return-{back.entity_id}-{back.attempt}-{back.approved}"
        await self.journeys.ask(
            trip.journey_id, CustomerJourney.came_back, back, update_id
        )

    async def _forget(self, trip: Trip, code: Code | None) -> None:
        """Drop a code that came too late, and no other: one may have come in time."""
        async with self.database.transaction() as session:
            kept = await find_code(session, self.vault, trip.connection_id, lock=True)
            if code == kept:
                await drop_code(session, trip.connection_id)


def _trip(signer: Signer, provider: str, state: str) -> Trip:
    """Read a state; refuse one that was never given (404), or was given for another provider."""
    trip = signer.read_state(state)
    if trip is None:
        raise not_found("authorization")
    if trip.provider != provider:
        raise _void()
    return trip


def _back(trip: Trip, *, approved: bool) -> CameBack:
    return CameBack(
        entity_id=trip.connection_id, attempt=trip.attempt, approved=approved
    )


async def _waiting(session: AsyncSession, trip: Trip) -> Journey:
    """
    Return the journey that waits for this very trip to end.

    Its row is locked: a code that is kept is one that has not been asked for
    yet, for the books are read only once the return is recorded.
    """
    await session.get(JourneyRow, trip.journey_id, with_for_update=True)
    journey = await load(session, trip.journey_id)
    if journey is None:
        raise not_found("authorization")
    try:  # a no and a yes are taken alike
        check(journey, _back(trip, approved=False).happened())
    except NotAllowed:
        raise _void() from None
    return journey


def _void() -> ApiError:
    return refusal(
        "state_void", "This authorization was used or replaced; go on with the link."
    )
