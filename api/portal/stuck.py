"""The stuck page: requests that stand too long, and what to do about many at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, NamedTuple

from fastapi import APIRouter, Query, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api.deps import Configured, Now, Store
from api.portal.crowd import PATH, Crowded, CrowdFollowed, address, fields
from api.portal.leafing import Leafing
from api.portal.live import Drawing, Piece, following
from api.portal.people import Person, Viewer
from api.portal.route import PortalRoute
from api.portal.view import answer, draw, with_query
from domain.bulk import FACES, BulkAction
from domain.explanation import explain
from settings import Settings
from store.portal import stuck
from store.portal.stuck import LONGEST_FIRST, Crowd, Group, Shown

router = APIRouter(route_class=PortalRoute, include_in_schema=False)

ROWS: Final = 50


class Sight(NamedTuple):
    """The groups, each with its longest rows; or one group with a page of them."""

    wanted: Crowded
    crowds: Sequence[Crowd]
    rows: Mapping[Group, Sequence[Shown]]
    next_url: str | None = None


@router.get(PATH)
async def show(  # noqa: PLR0913, PLR0917 (what the page depends on)
    request: Request,
    wanted: Annotated[Crowded, Query()],
    person: Viewer,
    database: Store,
    settings: Configured,
    now: Now,
) -> Response:
    """Show what is stuck."""
    async with database.reading() as session:
        sight = await _look(session, settings, person, wanted, now)
    drawing = _drawn(sight, person)
    return answer(
        request,
        "stuck.html",
        person,
        groups=drawing.around.html,
        wanted=wanted,
        changes=with_query(f"{PATH}/changes", **wanted.given(), seen=drawing.digest),
    )


@router.get(f"{PATH}/changes")
async def changes(
    request: Request,
    wanted: Annotated[CrowdFollowed, Query()],
    database: Store,
    settings: Configured,
) -> Response:
    """Send what changes on that page; with time alone, more gets stuck."""
    seen_as = Crowded(**wanted.given("seen"))

    async def draw_for(person: Person) -> Drawing:
        now = request.app.state.clock()
        async with database.reading() as session:
            sight = await _look(session, settings, person, seen_as, now)
        return _drawn(sight, person)

    return await following(request, wanted.seen, draw_for)


async def _look(
    session: AsyncSession,
    settings: Settings,
    person: Person,
    wanted: Crowded,
    now: datetime,
) -> Sight:
    which = wanted.which(person, now)
    crowds = await stuck.crowds(session, which)
    if which.group is None:
        return Sight(wanted, crowds, await stuck.first_of_each(session, which))
    leafing = Leafing(
        settings, person, address(which.group), LONGEST_FIRST, wanted.cursor, ROWS
    )
    rows, found = await stuck.listed(session, which, leafing.cut)
    cursor = leafing.next_cursor(found)
    next_url = with_query(PATH, **fields(which.group), cursor=cursor)
    return Sight(wanted, crowds, {which.group: rows}, next_url if cursor else None)


def _drawn(sight: Sight, person: Person) -> Drawing:
    """Draw a heading, the rows and the buttons of every group, and what is around them."""
    groups = [_group(crowd, sight.rows.get(crowd.group, ())) for crowd in sight.crowds]
    pieces: list[Piece] = []
    drawn = []
    for group in groups:
        parts = [
            Piece(f"head-{group['id']}", draw("stuck/head.html", person, **group)),
            *(_row(shown, person) for shown in group["rows"]),
            Piece(f"acts-{group['id']}", draw("stuck/acts.html", person, **group)),
        ]
        pieces += parts
        drawn.append({**group, "parts": parts})
    around = draw("stuck/groups.html", person, groups=drawn, sight=sight)
    return Drawing(Piece("stuck", around), pieces)


def _group(crowd: Crowd, rows: Sequence[Shown]) -> dict[str, Any]:
    named = fields(crowd.group)
    return {
        "id": "-".join(named.values()),
        "crowd": crowd,
        "fields": named,
        "url": address(crowd.group),
        "rows": rows,
        "faces": {
            action: FACES[action] for action in BulkAction if crowd.possible[action]
        },
    }


def _row(shown: Shown, person: Person) -> Piece:
    row_id = f"row-{shown.journey.id}"
    html = draw(
        "stuck/row.html",
        person,
        id=row_id,
        shown=shown,
        journey=shown.journey,
        explanation=explain(shown.journey),
    )
    return Piece(row_id, html)
