"""
The link flow: what a customer may do with a token, for pages and for programs.

An action is judged in a fixed order: is the token good, does the shape fit, does
the stage allow it, do the values. The workflow judges once more, and decides.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from fastapi.encoders import jsonable_encoder
from pydantic import ValidationError
from sqlmodel.ext.asyncio.session import AsyncSession

from api.errors import ApiError, not_found, refusal
from api.journeys import JourneyDoor
from api.link.actions import ACTION, ActionIn, AuthorizeIn, RequestNewLinkIn, as_act
from api.link.answers import link_out, offered, old_link_out
from api.link.consents import record_consent
from api.link.twins import Twins
from api.link.wishes import tell_journey, tell_timeline
from api.schemas import LinkOut
from api.temporal import TemporalDoor
from domain.checks import NotAllowed
from domain.journey import Event, Stage
from domain.links import Link, Signer, Trip
from domain.messages import Act
from domain.moves import check, possible
from domain.software import AuthorizationRequest, Software
from domain.state import Journey
from store.database import Database
from store.journeys import load
from store.tables import CompanyRow, OrganizationRow
from workflows.journey import CustomerJourney

NEW_LINK: Final = "request_new_link"
LOOK_EVERY: Final = 0.05
LOOKS: Final = 40
VALUES: Final = {"name_taken", "unknown_entity", "entity_done"}


class Place(NamedTuple):
    """What a token leads to."""

    link: Link
    journey: Journey
    organization: OrganizationRow
    company: CompanyRow


class Conversation:
    """Speaks with customers; it asks the store what is, and the workflow for what shall be."""

    def __init__(  # noqa: PLR0913 what the application hands in, once
        self,
        *,
        database: Database,
        temporal: TemporalDoor,
        signer: Signer,
        software: Sequence[Software],
        authorize_url: Callable[[AuthorizationRequest], str],
        base_url: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._temporal = temporal
        self._journeys = JourneyDoor(temporal, database)
        self._signer = signer
        self._catalogue = tuple(software)
        self._authorize_url = authorize_url
        self._base_url = base_url
        self._clock = clock
        self._twins: Twins[LinkOut] = Twins()

    async def state(self, token: str) -> LinkOut:
        """Return LinkState. It moves nothing: mail scanners follow links too."""
        return self._out(await self._place(token))

    async def act(self, token: str, action: dict[str, Any]) -> LinkOut:
        """Do what a form asks for; see `do`."""
        try:
            asked = ACTION.validate_python(action)
        except ValidationError as invalid:
            raise refusal("invalid_request", invalid.errors()[0]["msg"]) from None
        return await self.do(token, asked)

    async def do(self, token: str, action: ActionIn) -> LinkOut:
        """
        Do one action, and return LinkState once the store shows it.

        Raises ApiError: 404, 410, 409 with the present state, 422, 503.
        """
        question = (token, action.model_dump_json())
        return await self._twins.answer(question, lambda: self._do(token, action))

    async def _do(self, token: str, action: ActionIn) -> LinkOut:
        if isinstance(action, RequestNewLinkIn):
            return await self._ask_new_link(token)
        place = await self._place(token)
        act = as_act(action)
        if not await self._journeys.was_asked(
            place.journey.id, CustomerJourney.act, act
        ):
            self._insist(place, act, action)
        if isinstance(action, AuthorizeIn):
            await record_consent(
                self._database, place.journey, place.company, self._clock()
            )
        await self._tell(place, act)
        place = await self._place(token)
        return self._out(place, redirect=isinstance(action, AuthorizeIn))

    # Where a token leads.

    async def _place(self, token: str) -> Place:
        place = await self._find(token)
        if place.journey.stage is Stage.CANCELLED:
            raise self._gone(place, "journey_cancelled", "This request was withdrawn.")
        if place.link.number < place.journey.link_number:
            raise self._gone(
                place, "link_replaced", "There is a newer link; use that one."
            )
        if place.journey.stage is Stage.EXPIRED:
            raise self._gone(
                place, "link_expired", "This link has ended; ask for a new one."
            )
        return place

    async def _find(self, token: str) -> Place:
        link = self._signer.read_link(token)
        if link is None:
            raise not_found("link")
        async with self._database.reading() as session:
            return await self._read(session, link)

    async def _read(self, session: AsyncSession, link: Link) -> Place:
        journey = await load(session, link.journey_id)
        if journey is None or link.number > journey.link_number:
            raise not_found("link")
        organization = await session.get_one(OrganizationRow, journey.organization_id)
        company = await session.get_one(CompanyRow, journey.company_id)
        return Place(link, journey, organization, company)

    def _gone(self, place: Place, code: str, detail: str) -> ApiError:
        helps = _may_ask_new_link(place)
        state = old_link_out(place.journey, place.organization)
        return refusal(
            code,
            detail,
            allowed=[NEW_LINK] if helps else [],
            state=jsonable_encoder(state),
        )

    # What is allowed there.

    def _insist(self, place: Place, act: Act, action: ActionIn) -> None:
        """Refuse by stage first, then by value, before the workflow is asked."""
        event = act.happened().event
        if not possible(place.journey, event):
            raise self._not_now(place, event)
        keys = [each.key for each in offered(place.organization, self._catalogue)]
        if act.software is not None and act.software not in keys:
            raise refusal(
                "unknown_software", "Pick one of the software that is listed."
            )
        if isinstance(action, AuthorizeIn) and not action.consent:
            raise refusal("consent_required", "Agree to what is read before going on.")
        try:
            check(place.journey, act.happened())
        except NotAllowed as refused:
            raise _refused(refused.code, refused.detail) from None

    def _not_now(self, place: Place, event: Event) -> ApiError:
        if event is Event.FINISHED and place.journey.stage is Stage.REVIEWING_ENTITIES:
            code, detail = (
                "no_entity",
                "No legal entity is authorized yet; add one first.",
            )
        else:
            code = "action_not_allowed"
            detail = "That can't be done now; see `allowed` for what can."
        return refusal(code, detail, state=jsonable_encoder(self._out(place)))

    # What follows.

    async def _tell(self, place: Place, act: Act) -> None:
        """Two clicks at once are one question: its id is the action and the version it saw."""
        seen = f"{place.journey.version}/{act.model_dump_json()}"
        update_id = f"link-{sha256(seen.encode()).hexdigest()[:32]}"
        try:
            await self._journeys.ask(
                place.journey.id, CustomerJourney.act, act, otherwise=update_id
            )
        except ApiError as refused:
            if refused.status == HTTPStatus.SERVICE_UNAVAILABLE:
                raise
            raise await self._as_of_now(place, refused) from None

    async def _as_of_now(self, place: Place, refused: ApiError) -> ApiError:
        """Somebody was faster: say how the journey stands by now."""
        place = await self._moved_on(place)
        if refused.code in VALUES:
            return _refused(refused.code, refused.detail)
        detail = "That can't be done any more; see `allowed` for what can."
        state = jsonable_encoder(self._out(place))
        return refusal("action_not_allowed", detail, state=state)

    async def _moved_on(self, seen: Place) -> Place:
        """The workflow judges by moves that the store is about to show: wait for them."""
        place, token = seen, self._signer.link(seen.link)
        for _ in range(LOOKS):
            place = await self._place(token)
            if place.journey.version != seen.journey.version:
                break
            await asyncio.sleep(LOOK_EVERY)
        return place

    async def _ask_new_link(self, token: str) -> LinkOut:
        place = await self._find(token)
        if not _may_ask_new_link(place):
            await self._place(token)
            raise self._not_now(place, Event.NEW_LINK_ASKED)
        if place.journey.open:
            await tell_journey(self._journeys, place.link)
        else:
            await tell_timeline(self._temporal, place.link)
        return old_link_out(place.journey, place.organization)

    def _out(self, place: Place, *, redirect: bool = False) -> LinkOut:
        leaves = redirect and place.journey.stage is Stage.AUTHORIZING
        url = self._redirect_url(place.journey) if leaves else None
        return link_out(place.journey, place.organization, self._catalogue, url)

    def _redirect_url(self, journey: Journey) -> str:
        (entity,) = (each for each in journey.entities if each.id == journey.focus)
        (software,) = (each for each in self._catalogue if each.key == entity.software)
        trip = Trip(software.provider, journey.id, entity.id, journey.attempt)
        return self._authorize_url(
            AuthorizationRequest(
                software=software.key,
                company=entity.name,
                state=self._signer.state(trip),
                redirect_uri=return_address(self._base_url, software.provider),
            )
        )


def return_address(base_url: str, provider: str) -> str:
    """Return where a provider sends its customers back to."""
    return f"{base_url}/link/return/{provider}"


def _may_ask_new_link(place: Place) -> bool:
    """A new link helps where this one has ended, or was replaced while the journey goes on."""
    if place.journey.stage is Stage.EXPIRED:
        return True
    return place.journey.open and place.link.number < place.journey.link_number


def _refused(code: str, detail: str) -> ApiError:
    """In the link flow these are about what was typed."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if code in VALUES else HTTPStatus.CONFLICT
    return ApiError(status, code, detail)
