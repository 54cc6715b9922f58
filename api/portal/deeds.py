"""Deeds done in bulk: how far each is, and what came of asking each request."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api.bulk import find_deed
from api.deps import Configured, Store
from api.portal.charts import share
from api.portal.crowd import DEEDS, DeedFollowed, DeedWanted
from api.portal.leafing import Leafing
from api.portal.live import Drawing, Piece, following
from api.portal.people import Mender, Person
from api.portal.route import PortalRoute
from api.portal.view import answer, draw, with_query
from domain.bulk import FACES, WHY_NOT, Outcome
from settings import Settings
from store import bulk
from store.portal.deeds import DeedSight, Told, deed_sight
from store.tables import BulkDeedRow

router = APIRouter(route_class=PortalRoute, include_in_schema=False)

ROWS: Final = 50
DeedId = Annotated[str, Path(pattern="^bd_[0-9a-z]{26}$")]


@router.get(DEEDS)
async def past(
    request: Request,
    wanted: Annotated[DeedWanted, Query()],
    person: Mender,
    database: Store,
    settings: Configured,
) -> Response:
    """Show what was done lately."""
    leafing = Leafing(settings, person, DEEDS, bulk.NEWEST_FIRST, wanted.cursor, ROWS)
    async with database.reading() as session:
        found = await bulk.deeds(session, person.organization.id, leafing.cut)
    return answer(
        request,
        "deeds.html",
        person,
        deeds=found[:ROWS],
        faces=FACES,
        next_cursor=leafing.next_cursor(found),
    )


@router.get(f"{DEEDS}/{{deed_id}}")
async def show(  # noqa: PLR0913, PLR0917 (what the page depends on)
    request: Request,
    deed_id: DeedId,
    wanted: Annotated[DeedWanted, Query()],
    person: Mender,
    database: Store,
    settings: Configured,
) -> Response:
    """Show how far a deed is, and what came of each request."""
    async with database.reading() as session:
        drawing, deed = await _deed(session, settings, person, deed_id, wanted)
    query = wanted.model_dump(mode="json", exclude_none=True)
    return answer(
        request,
        "deed.html",
        person,
        deed=deed,
        face=FACES[deed.action],
        sections=drawing.around.html,
        changes=with_query(f"{DEEDS}/{deed_id}/changes", **query, seen=drawing.digest),
    )


@router.get(f"{DEEDS}/{{deed_id}}/changes")
async def changes(
    request: Request,
    deed_id: DeedId,
    wanted: Annotated[DeedFollowed, Query()],
    database: Store,
    settings: Configured,
) -> Response:
    """Send what changes on that page, while it is open."""
    seen_as = DeedWanted(outcome=wanted.outcome, cursor=wanted.cursor)

    async def draw_for(person: Person) -> Drawing:
        async with database.reading() as session:
            drawing, _ = await _deed(session, settings, person, deed_id, seen_as)
        return drawing

    return await following(request, wanted.seen, draw_for)


async def _deed(
    session: AsyncSession,
    settings: Settings,
    person: Person,
    deed_id: str,
    wanted: DeedWanted,
) -> tuple[Drawing, BulkDeedRow]:
    deed = await find_deed(session, person.organization, deed_id)
    here = f"{DEEDS}/{deed_id} {wanted.outcome}"
    leafing = Leafing(settings, person, here, bulk.IN_TURN, wanted.cursor, ROWS)
    sight = await deed_sight(session, deed, wanted.outcome, leafing.cut)
    cursor = leafing.next_cursor(sight.found)
    next_url = with_query(f"{DEEDS}/{deed_id}", outcome=wanted.outcome, cursor=cursor)
    return _drawn(sight, person, wanted, next_url if cursor else None), deed


def _drawn(
    sight: DeedSight, person: Person, wanted: DeedWanted, next_url: str | None
) -> Drawing:
    facts = _facts(sight, wanted)
    pieces = [
        Piece("progress", draw("deed/progress.html", person, **facts)),
        *(_item(told, person, facts) for told in sight.told),
    ]
    around = draw("deed/around.html", person, pieces=pieces, next_url=next_url, **facts)
    return Drawing(Piece("deed", around), pieces)


def _item(told: Told, person: Person, facts: Mapping[str, Any]) -> Piece:
    item_id = f"item-{told.item.number}"
    html = draw("deed/item.html", person, **facts, id=item_id, told=told)
    return Piece(item_id, html)


def _facts(sight: DeedSight, wanted: DeedWanted) -> dict[str, Any]:
    """The counts by outcome, those that did it first; what is left out was deleted meanwhile."""
    there = sum(sight.counts.values())
    left = sight.counts.get(None, 0)
    results = [
        (outcome, sight.counts[outcome])
        for outcome in Outcome
        if sight.counts.get(outcome)
    ]
    return {
        "sight": sight,
        "deed": sight.deed,
        "face": FACES[sight.deed.action],
        "wanted": wanted,
        "there": there,
        "left": left,
        "gone": sight.deed.total - there,
        "results": results,
        "why_not": WHY_NOT,
        "Outcome": Outcome,
        "bar": share((there - left) / there if there else 1),
        "url": f"{DEEDS}/{sight.deed.id}",
    }
