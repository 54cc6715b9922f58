"""The way back from the accounting software: a signed state, and a code or a no."""

from http import HTTPStatus
from typing import NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api.deps import Configured, Links, Now, Store, Temporal
from api.errors import ApiError, not_found, refusal
from api.journeys import JourneyDoor
from api.link.conversation import return_address
from api.link.pages import ended
from domain.journey import Stage
from domain.links import Link, Signer, Trip
from domain.messages import CameBack
from domain.state import Journey
from store.credentials import Code, drop_code, keep_code
from store.database import Database
from store.journeys import load
from store.vault import Vault
from workflows.journey import CustomerJourney

LONGEST_CODE = 2000

router = APIRouter(include_in_schema=False)


class Returned(NamedTuple):
    """A customer who is back, in time and from the right place."""

    trip: Trip
    journey: Journey


@router.get("/link/return/{provider}")
async def come_back(  # noqa: PLR0913 what the software sends, and what it takes to read it
    request: Request,
    provider: str,
    database: Store,
    temporal: Temporal,
    signer: Links,
    settings: Configured,
    now: Now,
    state: str = "",
    code: str = "",
    error: str = "",
) -> Response:
    """
    Take the customer back in, once the journey shows it.

    The state alone says who it is: one use, one journey, one entity. A browser
    that asks twice is told that this was used.
    """
    try:
        async with database.reading() as session:
            back = await _recognised(session, signer, provider, state)
        if bool(code) is bool(error) or len(code) > LONGEST_CODE:
            raise refusal(
                "invalid_request", "The software sent neither a code nor a no."
            )
        if code:
            vault: Vault = request.app.state.vault
            kept = Code(code, return_address(settings.base_url, provider))
            async with database.transaction() as session:
                await keep_code(session, vault, back.trip.connection_id, kept, now)
        await _tell(
            JourneyDoor(temporal, database), database, back.trip, approved=bool(code)
        )
    except ApiError as refused:
        return ended(refused)
    token = signer.link(Link(back.journey.id, back.journey.link_number))
    return RedirectResponse(f"/link/{token}", HTTPStatus.SEE_OTHER)


async def _recognised(
    session: AsyncSession, signer: Signer, provider: str, state: str
) -> Returned:
    """Read a state; refuse one that was never given (404), or is of no use any more (410)."""
    trip = signer.read_state(state)
    journey = await load(session, trip.journey_id) if trip else None
    if trip is None or journey is None:
        raise not_found("authorization")
    present = (
        trip.provider == provider
        and journey.stage is Stage.AUTHORIZING
        and journey.sent_away_at is not None
        and journey.focus == trip.connection_id
        and journey.attempt == trip.attempt
    )
    if not present:
        raise _void()
    return Returned(trip, journey)


async def _tell(
    journeys: JourneyDoor, database: Database, trip: Trip, *, approved: bool
) -> None:
    """The same return, seen twice at once, is one; a code that came too late is forgotten."""
    back = CameBack(
        entity_id=trip.connection_id, attempt=trip.attempt, approved=approved
    )
    update_id = f"return-{trip.connection_id}-{trip.attempt}-{approved}"
    try:
        await journeys.ask(trip.journey_id, CustomerJourney.came_back, back, update_id)
    except ApiError as refused:
        if refused.status == HTTPStatus.SERVICE_UNAVAILABLE:
            raise
        async with database.transaction() as session:
            await drop_code(session, trip.connection_id)
        raise _void() from None


def _void() -> ApiError:
    return refusal(
        "state_void", "This authorization was used or replaced; go on with the link."
    )
