"""The page of one deed in bulk: how far it is, and what came of asking each journey."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.bulk import Outcome
from domain.state import Journey
from store import bulk
from store.keyset import Cut, page
from store.portal.stuck import journeys_of, name_of, names_of
from store.tables import BulkDeedRow, BulkItemRow, UserRow


class Told(NamedTuple):
    """One journey of a deed and what came of it; the journey as it is by now."""

    item: BulkItemRow
    journey: Journey | None
    company: str


class DeedSight(NamedTuple):
    """A deed, how many it had each outcome for, and a page of its items."""

    deed: BulkDeedRow
    who: str | None
    counts: Mapping[Outcome | None, int]
    told: Sequence[Told]
    found: Sequence[BulkItemRow]


async def deed_sight(
    session: AsyncSession, deed: BulkDeedRow, outcome: Outcome | None, cut: Cut
) -> DeedSight:
    """Return all that the page shows; `outcome` asks for items of one kind only."""
    statement = select(BulkItemRow).where(BulkItemRow.deed_id == deed.id)
    if outcome is not None:
        statement = statement.where(BulkItemRow.outcome == outcome)
    found = await page(session, statement, cut)
    user = await session.get(UserRow, deed.user_id) if deed.user_id else None
    return DeedSight(
        deed=deed,
        who=user.name if user else None,
        counts=await bulk.outcomes(session, deed.id),
        told=await _told(session, found[: cut.limit]),
        found=found,
    )


async def _told(session: AsyncSession, items: Sequence[BulkItemRow]) -> list[Told]:
    journeys = await journeys_of(session, [item.journey_id for item in items])
    names = await names_of(session, list(journeys.values()))
    told = []
    for item in items:
        journey = journeys.get(item.journey_id)
        company = "" if journey is None else name_of(names, journey)
        told.append(Told(item, journey, company))
    return told
