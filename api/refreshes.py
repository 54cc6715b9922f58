"""How a company's books are read again because the bank asks."""

from datetime import datetime
from typing import Annotated, NamedTuple

from fastapi import Depends
from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio.client import WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy

from api.answers import sync_out
from api.companies import find_company
from api.deps import Bank, Now, Store, Temporal, fresh_id
from api.errors import not_found, refusal
from api.idempotency import Once, OnlyOnce
from api.schemas import SyncOut
from api.temporal import TemporalDoor
from domain.audit import Done
from domain.ids import Kind
from domain.journey import Actor
from domain.messages import Ask, RunSync, Trigger
from store import queries, syncs
from store.audit import note
from store.database import Database
from store.tables import CompanyRow, OrganizationRow
from workflows import search_attributes, view
from workflows.ids import TASK_QUEUE, sync_workflow_id
from workflows.sync import CompanySync


class Refresher(NamedTuple):
    """One request of the bank to read a company's books again."""

    bank: OrganizationRow
    database: Database
    temporal: TemporalDoor
    once: Once
    now: datetime
    user_id: str | None = None

    async def refresh(self, company_id: str) -> SyncOut:
        """
        Return the sync that runs, started by this call or found running.

        Its row is in the store by then. A second sync that a lost answer makes
        somebody ask for does no harm: it reads the same books again.
        """
        async with self.database.reading() as session:
            earlier = await self.once.earlier(session, SyncOut)
            if earlier is not None:
                return earlier
            company = await find_company(session, self.bank, company_id)
            await _insist_on_books(session, company)
        sync_id = await self._started(company)

        async def show(session: AsyncSession) -> SyncOut:
            await self._note(session, company, sync_id)
            return await shown(session, self.bank, sync_id)

        return await self.once.answer(202, SyncOut, show)

    async def _note(
        self, session: AsyncSession, company: CompanyRow, sync_id: str
    ) -> None:
        """Two who ask while one sync runs have asked for it both."""
        await note(
            session,
            company,
            Done.REFRESHED,
            self.now,
            user_id=self.user_id,
            key=f"{sync_id}/{self.user_id or ''}",
        )

    async def _started(self, company: CompanyRow) -> str:
        sync = RunSync(
            sync_id=fresh_id(Kind.SYNC, self.now),
            organization_id=company.organization_id,
            company_id=company.id,
            trigger=Trigger.MANUAL,
        )
        start = WithStartWorkflowOperation(
            CompanySync.run,
            sync,
            id=sync_workflow_id(company.id),
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary=view.sync_title(sync),
            search_attributes=search_attributes.at_start(
                sync.organization_id, sync.company_id, sync.journey_id
            ),
        )
        asking = Ask(actor=Actor.BANK)
        started = await self.temporal.start_and_update(start, CompanySync.begun, asking)
        return started.sync_id


async def shown(session: AsyncSession, bank: OrganizationRow, sync_id: str) -> SyncOut:
    """Return what the bank's sync of that id looks like in the store now."""
    row = await queries.sync(session, bank.id, sync_id)
    if row is None:
        raise not_found("sync")
    (facts,) = await queries.facts_of_syncs(session, [row])
    return sync_out(facts)


async def _insist_on_books(session: AsyncSession, company: CompanyRow) -> None:
    """Refuse what would read nothing: the sync itself goes by the same rule."""
    if await syncs.is_uploaded(session, company.id):
        raise refusal(
            "uploaded_data",
            "This data was uploaded by hand; request it again to get a newer file.",
        )
    if not await syncs.refreshable(session, company.id):
        raise refusal(
            "nothing_to_refresh",
            "Nothing is connected to this company; request its data first.",
        )


async def _refresher(
    bank: Bank, database: Store, temporal: Temporal, once: OnlyOnce, now: Now
) -> Refresher:
    return Refresher(bank, database, temporal, once, now)


Refreshing = Annotated[Refresher, Depends(_refresher)]
