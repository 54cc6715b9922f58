"""Doing something about a journey: each form of its page, through the same code as `/v1`."""

from datetime import datetime
from typing import Any, Final, TypeVar

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ValidationError

from api.companies import edit_company, find_company
from api.deps import JourneyId, Now, Store
from api.errors import ApiError, refusal
from api.features import insist_on
from api.journeys import JourneyQuestion, LinkUrls, closed, find_journey
from api.portal.acting import Deed, Doing
from api.portal.company_form import KINDER
from api.portal.people import Mender, Person
from api.portal.route import PortalRoute
from api.portal.view import Notice, answer, moved, said
from api.portal.words import roughly
from api.schemas import (
    CancelIn,
    CompanyChangeIn,
    ContactIn,
    ExtendIn,
    JourneyOut,
    SkipIn,
)
from domain.audit import Done
from domain.complaints import sentence
from domain.journey import FACES, Actor
from domain.messages import Ask, Cancel, Extend, Skip
from domain.roles import Permission
from store.audit import note
from store.database import Database
from store.tables import CompanyRow, JourneyRow
from workflows.journey import CustomerJourney

router = APIRouter(route_class=PortalRoute, include_in_schema=False)

_OUR_ASKING: Final = Ask(actor=Actor.BANK)
_FIELDS: Final = {
    "name": "The name",
    "email": "The email address",
    "days": "The number of days",
    "reason": "The reason",
    "entity_id": "The legal entity",
}

Form = TypeVar("Form", bound=BaseModel)


@router.post("/journeys/{journey_id}/resend")
async def resend(  # noqa: PLR0913, PLR0917 (what it depends on)
    request: Request,
    journey_id: JourneyId,
    person: Mender,
    database: Store,
    now: Now,
    doing: Doing,
) -> Response:
    """Send the request again, with the same link, to the contact that the form names, if any."""
    form = await request.form(max_files=0, max_fields=10)
    contact = _read(ContactIn, form, "name", "email") if "email" in form else None
    changed = False
    if contact is not None:
        changed = await _correct(database, person, journey_id, contact, now)
    try:
        journey = await _move(
            doing, person, journey_id, CustomerJourney.resend, _OUR_ASKING
        )
    except ApiError as error:
        if changed:
            error.detail = f"The new contact is kept. {error.detail}"
        raise
    async with database.reading() as session:
        company = await find_company(session, person.organization, journey.company_id)
    sent = f"The email is on its way again, to {company.contact_email}."
    return said(request, Notice(sent), f"/journeys/{journey_id}")


@router.get("/journeys/{journey_id}/link")
async def link(  # noqa: PLR0913, PLR0917 (what it depends on)
    request: Request,
    journey_id: JourneyId,
    person: Mender,
    database: Store,
    links: LinkUrls,
    now: Now,
) -> Response:
    """Show the customer's link, to pass on by hand; it is a key, so that is noted."""
    insist_on(person.organization, "copy_link")
    async with database.transaction() as session:
        row = await find_journey(session, person.organization, journey_id)
        if row.closed_at is not None:
            raise closed()
        await note(
            session,
            await session.get_one(CompanyRow, row.company_id),
            Done.LINK_SHOWN,
            now,
            user_id=person.user.id,
            key=f"{row.id}/{row.link_number}/shown/{person.user.id}",
            journey_id=row.id,
        )
    return answer(
        request,
        "link.html",
        person,
        journey=row,
        link_url=links.url(row.id, row.link_number),
    )


@router.post("/journeys/{journey_id}/link")
async def fresh_link(
    request: Request, journey_id: JourneyId, person: Mender, doing: Doing
) -> Response:
    """Make a fresh link; the earlier ones stop working."""
    insist_on(person.organization, "copy_link")
    await _move(doing, person, journey_id, CustomerJourney.replace_link, _OUR_ASKING)
    notice = Notice("This is a fresh link. The earlier ones do not work any more.")
    return moved(request, f"/journeys/{journey_id}/link", notice)


@router.post("/journeys/{journey_id}/retry")
async def retry(
    request: Request, journey_id: JourneyId, person: Mender, doing: Doing
) -> Response:
    """Try again what failed, but for what is the customer's to mend."""
    await _move(doing, person, journey_id, CustomerJourney.retry, _OUR_ASKING)
    return said(request, Notice("It is being tried again."), f"/journeys/{journey_id}")


@router.post("/journeys/{journey_id}/extend")
async def extend(
    request: Request, journey_id: JourneyId, person: Mender, doing: Doing
) -> Response:
    """Give the customer more time."""
    form = await request.form(max_files=0, max_fields=10)
    wanted = _read(ExtendIn, form, "days")
    command = Extend(days=wanted.days, actor=Actor.BANK)
    journey = await _move(doing, person, journey_id, CustomerJourney.extend, command)
    ends = journey.expires_at
    notice = Notice(f"The link now works until {ends.day} {ends:%B %Y}.")
    return said(request, notice, f"/journeys/{journey_id}")


@router.post("/journeys/{journey_id}/skip")
async def skip(
    request: Request, journey_id: JourneyId, person: Mender, doing: Doing
) -> Response:
    """Go on without one legal entity."""
    form = await request.form(max_files=0, max_fields=10)
    wanted = _read(SkipIn, form, "entity_id", "reason")
    command = Skip(entity_id=wanted.entity_id, reason=wanted.reason, actor=Actor.BANK)
    journey = await _move(doing, person, journey_id, CustomerJourney.skip, command)
    names = {each.id: each.name for each in journey.entities}
    left_out = names.get(wanted.entity_id, "The legal entity")
    notice = Notice(f"{left_out} is left out. The request goes on with the others.")
    return said(request, notice, f"/journeys/{journey_id}")


@router.post("/journeys/{journey_id}/cancel")
async def cancel(
    request: Request, journey_id: JourneyId, person: Mender, doing: Doing
) -> Response:
    """End the request; the company's status is again what it was before."""
    form = await request.form(max_files=0, max_fields=10)
    wanted = _read(CancelIn, form, "reason")
    command = Cancel(reason=wanted.reason, actor=Actor.BANK)
    await _move(doing, person, journey_id, CustomerJourney.cancel, command)
    notice = Notice("The request is cancelled. Its link does not work any more.")
    return said(request, notice, f"/journeys/{journey_id}")


async def _move(
    doing: Deed,
    person: Person,
    journey_id: str,
    question: JourneyQuestion[Any],
    argument: Any,
) -> JourneyOut:
    """Ask for it; say of a journey that ended meanwhile how and when."""
    try:
        return await doing.asker(person).move(journey_id, question, argument)
    except ApiError as error:
        if error.code != "journey_closed":
            raise
        async with doing.database.reading() as session:
            row = await find_journey(session, person.organization, journey_id)
        raise _ended(row, doing.seen.now) from error


def _ended(row: JourneyRow, now: datetime) -> ApiError:
    """Say how it ended, unless it did so just now, before the store heard of it."""
    how = "This request has just ended."
    if row.closed_at is not None:
        stage = FACES[row.stage].label.lower()
        since = roughly(now - row.closed_at)
        how = f"This request ended {since} ago: it is {stage}."
    return refusal("journey_closed", f"{how} Nothing was changed.")


async def _correct(
    database: Database,
    person: Person,
    journey_id: str,
    contact: ContactIn,
    now: datetime,
) -> bool:
    """Write the contact down if it is another one; not where nothing can be sent any more."""
    async with database.transaction() as session:
        journey = await find_journey(session, person.organization, journey_id)
        if journey.closed_at is not None:
            raise _ended(journey, now)
        company = await find_company(
            session, person.organization, journey.company_id, lock=True
        )
        if (contact.name, contact.email) == (
            company.contact_name,
            company.contact_email,
        ):
            return False
        if not person.may(Permission.EDIT):
            raise refusal("forbidden", "Your role does not allow this.")
        change = CompanyChangeIn.model_validate({"contact": contact.model_dump()})
        await edit_company(session, company, change, now, person.user.id)
    return True


def _read(kind: type[Form], form: Any, *names: str) -> Form:
    """Return what somebody typed; say in words what does not fit."""
    try:
        return kind.model_validate_strings(
            {name: str(form.get(name, "")) for name in names}
        )
    except ValidationError as invalid:
        (first, *_) = invalid.errors()
        why = sentence(first)
        field = _FIELDS[str(first["loc"][0])]
        raise refusal(
            "invalid_request", f"{field}: {KINDER.get(first['type'], why)}"
        ) from None
