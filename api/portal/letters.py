"""An email of a journey as it was: for whoever has to know what the customer got."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.deps import JourneyId, Store
from api.errors import not_found
from api.journeys import find_journey
from api.portal.people import Person, Viewer
from api.portal.route import PortalRoute
from api.portal.view import answer, framed
from domain.emails import Template
from store.database import Database
from store.portal.journey import sent_letter
from store.tables import EmailRow, JourneyRow, LetterRow

router = APIRouter(route_class=PortalRoute, include_in_schema=False)

PATH = "/journeys/{journey_id}/emails/{template}/{number}"

Number = Annotated[int, Path(ge=1, le=1_000_000)]


@router.get(PATH)
async def show(  # noqa: PLR0913, PLR0917 (what the page depends on)
    request: Request,
    journey_id: JourneyId,
    template: Template,
    number: Number,
    person: Viewer,
    database: Store,
) -> Response:
    """Show one email: its facts, how it looked, and its plain text."""
    journey, email, letter = await _letter(
        database, person, journey_id, template, number
    )
    return answer(
        request,
        "letter.html",
        person,
        journey=journey,
        email=email,
        letter=letter,
        frame=f"{request.url.path}/html",
    )


@router.get(f"{PATH}/html")
async def frame(
    journey_id: JourneyId,
    template: Template,
    number: Number,
    person: Viewer,
    database: Store,
) -> Response:
    """Answer with its HTML alone."""
    _, _, letter = await _letter(database, person, journey_id, template, number)
    return framed(letter.html, person.organization.logo_url)


async def _letter(
    database: Database,
    person: Person,
    journey_id: str,
    template: Template,
    number: int,
) -> tuple[JourneyRow, EmailRow, LetterRow]:
    async with database.reading() as session:
        journey = await find_journey(session, person.organization, journey_id)
        found = await sent_letter(session, journey_id, template, number)
    if found is None:
        raise not_found("email")
    return journey, *found
