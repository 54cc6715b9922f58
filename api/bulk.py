"""How the bank asks many journeys for the same thing: written down first, then begun."""

from datetime import datetime
from http import HTTPStatus
from typing import NamedTuple

from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession

from api.deps import fresh_id
from api.errors import not_found, refusal
from api.idempotency import Once
from api.temporal import TemporalDoor
from domain.bulk import MOST, Demand
from domain.ids import Kind
from store import bulk
from store.portal import stuck
from store.portal.stuck import Which
from store.tables import BulkDeedRow, OrganizationRow
from workflows.start import start_bulk


class Begun(BaseModel):
    """Which deed it is, and how many journeys it asks."""

    id: str
    total: int


class Multitude(NamedTuple):
    """One request to ask many journeys for the same thing."""

    bank: OrganizationRow
    temporal: TemporalDoor
    once: Once
    now: datetime
    user_id: str

    async def ask(self, demand: Demand, which: Which) -> Begun:
        """
        Write down who is asked for what, in one transaction, and begin with it.

        While Temporal is away it is begun later: `Reconcile` sees to it.
        """

        async def write(session: AsyncSession) -> Begun:
            journey_ids = await stuck.ids(session, which, MOST)
            if not journey_ids:
                raise refusal("action_not_allowed", "None of them is stuck any more.")
            deed = self._deed(demand, len(journey_ids))
            await bulk.begin(session, deed, journey_ids)
            return Begun(id=deed.id, total=deed.total)

        begun = await self.once.answer(HTTPStatus.ACCEPTED, Begun, write)
        await self._start(begun)
        return begun

    def _deed(self, demand: Demand, total: int) -> BulkDeedRow:
        return BulkDeedRow(
            id=fresh_id(Kind.DEED, self.now),
            organization_id=self.bank.id,
            user_id=self.user_id,
            action=demand.action,
            days=demand.days,
            reason=demand.reason,
            total=total,
            at=self.now,
        )

    async def _start(self, begun: Begun) -> None:
        """Start its workflow; safe to do twice."""
        async with self.once.database.reading() as session:
            deed = await find_deed(session, self.bank, begun.id)
        await self.temporal.now_or_later(
            lambda client: start_bulk(client, bulk.command_of(deed)),
            "bulk.not_started",
            deed=begun.id,
        )


async def find_deed(
    session: AsyncSession, bank: OrganizationRow, deed_id: str
) -> BulkDeedRow:
    """Return the bank's deed of that id; anybody else's is not found."""
    row = await bulk.deed(session, bank.id, deed_id)
    if row is None:
        raise not_found("deed")
    return row
