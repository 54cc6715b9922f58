"""The relationships page: every company, where it stands and what can be done."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.deps import Configured, Now, Store
from api.portal.live import Drawing, following
from api.portal.people import Person, Viewer
from api.portal.route import PortalRoute
from api.portal.rows import drawn, look
from api.portal.view import answer, with_query
from api.portal.wanted import PATH, Followed, Wanted, whose
from api.portal.words import REASONS
from domain.journey import FACES, OPEN, Status

router = APIRouter(route_class=PortalRoute, include_in_schema=False)


@router.get(PATH)
async def show(  # noqa: PLR0913, PLR0917 (what the page depends on)
    request: Request,
    wanted: Annotated[Wanted, Query()],
    person: Viewer,
    database: Store,
    settings: Configured,
    now: Now,
) -> Response:
    """Show the list."""
    async with database.reading() as session:
        sight = await look(session, settings, person, wanted, now)
    drawing = drawn(sight, person)
    page = answer(
        request,
        "relationships.html",
        person,
        sight=sight,
        wanted=wanted,
        whose=whose(person, wanted),
        rows=drawing.around.html,
        changes=with_query("/changes", **wanted.given(), seen=drawing.digest),
        statuses=[(status, status.value) for status in Status],
        reasons=REASONS,
        stages={stage: FACES[stage].label for stage in OPEN},
    )
    page.headers["HX-Replace-Url"] = wanted.here()
    return page


@router.get("/changes")
async def changes(
    request: Request,
    wanted: Annotated[Followed, Query()],
    database: Store,
    settings: Configured,
) -> Response:
    """Send what changes on that page, while it is open."""
    seen_as = Wanted(
        **wanted.given("seen")
    )  # rows link to the page, not to its changes

    async def draw_for(person: Person) -> Drawing:
        now = request.app.state.clock()
        async with database.reading() as session:
            sight = await look(session, settings, person, seen_as, now)
        return drawn(sight, person)

    return await following(request, wanted.seen, draw_for)
