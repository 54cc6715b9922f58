"""A journey: why it stands where it stands, what happened, and what can be done."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from api.answers import AsSeen, Seen, journey_out
from api.deps import JourneyId, Store
from api.features import insist_on
from api.journeys import LinkUrls, closed, find_journey
from api.portal.acting import Doing
from api.portal.live import Drawing, Piece, following
from api.portal.people import Mender, Person, Viewer
from api.portal.route import PortalRoute
from api.portal.view import Notice, answer, draw, moved, said
from domain.journey import Actor
from domain.messages import Ask
from store.portal.journey import JourneySight, journey_sight
from workflows.journey import CustomerJourney

router = APIRouter(route_class=PortalRoute, include_in_schema=False)

SECTIONS: Final = ("standing", "entities", "timeline")
_OUR_ASKING: Final = Ask(actor=Actor.BANK)


@router.get("/journeys/{journey_id}")
async def show(
    request: Request,
    journey_id: JourneyId,
    person: Viewer,
    database: Store,
    seen: AsSeen,
) -> Response:
    """Show one journey."""
    async with database.reading() as session:
        row = await find_journey(session, person.organization, journey_id)
        sight = await journey_sight(session, row)
    drawing = _drawn(sight, person, seen)
    return answer(
        request,
        "journey.html",
        person,
        company=sight.company.row,
        sections=drawing.around.html,
        changes=f"/journeys/{journey_id}/changes?seen={drawing.digest}",
    )


@router.get("/journeys/{journey_id}/changes")
async def changes(
    request: Request,
    journey_id: JourneyId,
    database: Store,
    seen: AsSeen,
    digest: Annotated[str, Query(alias="seen", max_length=40)] = "",
) -> Response:
    """Send what changes on that page, while it is open."""

    async def draw_for(person: Person) -> Drawing:
        async with database.reading() as session:
            row = await find_journey(session, person.organization, journey_id)
            sight = await journey_sight(session, row)
        return _drawn(sight, person, seen._replace(now=request.app.state.clock()))

    return await following(request, digest, draw_for)


@router.post("/journeys/{journey_id}/resend")
async def resend(
    request: Request, journey_id: JourneyId, person: Mender, doing: Doing
) -> Response:
    """Send the request again, with the same link, to the company's present contact."""
    await doing.asker(person).move(journey_id, CustomerJourney.resend, _OUR_ASKING)
    notice = Notice("The email is on its way again.")
    return said(request, notice, f"/journeys/{journey_id}")


@router.get("/journeys/{journey_id}/link")
async def link(
    request: Request,
    journey_id: JourneyId,
    person: Mender,
    database: Store,
    links: LinkUrls,
) -> Response:
    """Show the customer's link, to pass on by hand."""
    insist_on(person.organization, "copy_link")
    async with database.reading() as session:
        row = await find_journey(session, person.organization, journey_id)
    if row.closed_at is not None:
        raise closed()
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
    asker = doing.asker(person)
    await asker.row_after(journey_id, CustomerJourney.replace_link, _OUR_ASKING)
    notice = Notice("This is a fresh link. The earlier ones do not work any more.")
    return moved(request, f"/journeys/{journey_id}/link", notice)


def _drawn(sight: JourneySight, person: Person, seen: Seen) -> Drawing:
    journey = journey_out(sight.facts, seen)
    names = {each.id: each.name for each in journey.entities}
    facts = {"sight": sight, "journey": journey, "names": names}
    pieces = [
        Piece(name, draw(f"journey/{name}.html", person, **facts)) for name in SECTIONS
    ]
    around = draw("sections.html", person, pieces=pieces)
    return Drawing(Piece("sections", around), pieces)
