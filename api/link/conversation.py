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
from typing import Any, BinaryIO, Final

from fastapi.encoders import jsonable_encoder
from pydantic import ValidationError

from api.errors import ApiError, refusal
from api.features import offers
from api.journeys import JourneyDoor
from api.link.actions import ACTION, ActionIn, AuthorizeIn, RequestNewLinkIn, as_act
from api.link.answers import link_out, may_upload, offered, old_link_out
from api.link.consents import Agreement, record_consent, to_read, to_take
from api.link.places import Place, Places
from api.link.twins import Twins
from api.link.wishes import tell_journey, tell_timeline
from api.link.workbooks import Workbooks, digest
from api.schemas import ConsentOut, LinkOut, UploadTermsOut
from api.temporal import TemporalDoor
from domain.checks import NotAllowed
from domain.checks import refusal as why_not
from domain.consent import upload_consent
from domain.ids import Kind, derived_id
from domain.journey import Event, LinkAction, Stage
from domain.links import Signer, Trip
from domain.messages import Act
from domain.moves import check, possible
from domain.software import AuthorizationRequest, Software
from domain.state import Journey
from domain.uploads import LARGEST_UPLOAD, MEDIA_TYPE
from store.database import Database
from workflows.journey import CustomerJourney

LOOK_EVERY: Final = 0.05
LOOKS: Final = 40
VALUES: Final = {"name_taken", "unknown_entity", "entity_done"}
TOLD: Final = {"no_entity"}
"""Why it can't be done now, where `allowed` alone would not tell a customer."""


class Conversation:
    """Speaks with customers; it asks the store what is, and the workflow for what shall be."""

    def __init__(  # noqa: PLR0913 what the application hands in, once
        self,
        *,
        database: Database,
        temporal: TemporalDoor,
        signer: Signer,
        workbooks: Workbooks,
        software: Sequence[Software],
        authorize_url: Callable[[AuthorizationRequest], str],
        base_url: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._temporal = temporal
        self._journeys = JourneyDoor(temporal, database)
        self._places = Places(database, signer)
        self._workbooks = workbooks
        self._signer = signer
        self._catalogue = tuple(software)
        self._authorize_url = authorize_url
        self._base_url = base_url
        self._clock = clock
        self._twins: Twins[LinkOut] = Twins()

    async def state(self, token: str) -> LinkOut:
        """Return LinkState. It moves nothing: mail scanners follow links too."""
        return self._out(await self._places.at(token))

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
        place = await self._places.at(token)
        act = as_act(action)
        if not await self._was_asked(place, act):
            self._insist(place, act, agreed=getattr(action, "consent", True))
        if isinstance(action, AuthorizeIn):
            await self._agree(place, to_read(place.journey))
        await self._tell(place, act)
        place = await self._places.at(token)
        return self._out(place, redirect=isinstance(action, AuthorizeIn))

    # A workbook in place of a connection.

    async def terms(self, token: str) -> UploadTermsOut:
        """Return what an upload is about; it moves nothing. Raises ApiError: 404, 409, 410."""
        place = await self._places.at(token)
        self._insist_on_uploads(place)
        asked = upload_consent(place.organization.name, place.journey.data_types)
        return UploadTermsOut(
            template_url=f"{self._base_url}/v1/link/{token}/template",
            media_type=MEDIA_TYPE,
            largest_bytes=LARGEST_UPLOAD,
            consent=ConsentOut.model_validate(asked, from_attributes=True),
        )

    async def template(self, token: str) -> bytes:
        """Return the empty workbook. Raises ApiError: 404, 409, 410."""
        place = await self._places.at(token)
        self._insist_on_uploads(place)
        return await self._workbooks.template(place.journey)

    async def upload(self, token: str, file: BinaryIO, *, consent: bool) -> LinkOut:
        """
        Take a workbook, and return LinkState once the store shows it.

        The same file twice at once is one. Raises ApiError: 404, 410, 409 with the
        present state, 422 with every problem of the file, 503.
        """
        known = await digest(file)
        return await self._twins.answer(
            (token, known, consent),
            lambda: self._upload(token, file, known, agreed=consent),
        )

    async def _upload(
        self, token: str, file: BinaryIO, known: str, *, agreed: bool
    ) -> LinkOut:
        """Examine and store first; by then somebody may have moved on in another tab."""
        place = await self._places.at(token)
        act = _uploading(place.journey, known)
        if not await self._was_asked(place, act):
            self._insist_on_uploads(place)
            self._insist(place, act, agreed=agreed)
            await self._workbooks.take_in(place.journey, file, known)
            place = await self._places.at(token)
            act = _uploading(place.journey, known)
            self._insist(place, act)
        await self._agree(place, to_take(act))
        await self._tell(place, act)
        return self._out(await self._places.at(token))

    # What is allowed there.

    def _insist_on_uploads(self, place: Place) -> None:
        if not offers(place.organization, "manual_upload"):
            raise refusal(
                "feature_disabled",
                "No file can be uploaded here; pick your accounting software instead.",
                state=jsonable_encoder(self._out(place)),
            )

    def _insist(self, place: Place, act: Act, *, agreed: bool = True) -> None:
        """Refuse by stage first, then by value, before the workflow is asked."""
        event = act.happened().event
        uploads = act.action is not LinkAction.UPLOAD or may_upload(place.journey)
        if not possible(place.journey, event) or not uploads:
            raise self._not_now(place, event)
        keys = [each.key for each in offered(place.organization, self._catalogue)]
        if act.software is not None and act.software not in keys:
            raise refusal(
                "unknown_software", "Pick one of the software that is listed."
            )
        if not agreed:
            raise refusal("consent_required", "Agree to what is read before going on.")
        try:
            check(place.journey, act.happened())
        except NotAllowed as refused:
            raise _refused(refused.code, refused.detail) from None

    def _not_now(self, place: Place, event: Event) -> ApiError:
        why = why_not(place.journey, event)
        code, detail = why.code, why.detail
        if code not in TOLD:
            code = "action_not_allowed"
            detail = "That can't be done now; see `allowed` for what can."
        return refusal(code, detail, state=jsonable_encoder(self._out(place)))

    # What follows.

    async def _was_asked(self, place: Place, act: Act) -> bool:
        """Whether it was judged before, and got no answer."""
        return await self._journeys.was_asked(
            place.journey.id, CustomerJourney.act, act
        )

    async def _agree(self, place: Place, agreement: Agreement) -> None:
        await record_consent(
            self._database, place.journey, place.company, agreement, self._clock()
        )

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
        place = seen
        for _ in range(LOOKS):
            place = await self._places.again(seen)
            if place.journey.version != seen.journey.version:
                break
            await asyncio.sleep(LOOK_EVERY)
        return place

    async def _ask_new_link(self, token: str) -> LinkOut:
        place = await self._places.find(token)
        if not place.may_ask_new_link:
            await self._places.at(token)
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


def _uploading(journey: Journey, sha256: str) -> Act:
    """Return the action; where the legal entity is not made yet, with the id that it will have."""
    new = derived_id(Kind.CONNECTION, journey.created_at, journey.id, sha256)
    return Act(action=LinkAction.UPLOAD, upload=sha256, entity=journey.focus or new)


def _refused(code: str, detail: str) -> ApiError:
    """In the link flow these are about what was typed."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if code in VALUES else HTTPStatus.CONFLICT
    return ApiError(status, code, detail)
