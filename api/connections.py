"""How access to a company's books is given back because the bank asks."""

from datetime import datetime
from typing import Annotated, NamedTuple

from fastapi import Depends
from temporalio.client import WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy

from api.deps import Bank, Now, Store, Temporal
from api.errors import not_found
from api.temporal import TemporalDoor
from domain.audit import Done
from domain.journey import Actor
from domain.messages import Ask, RevokeConnection
from store import queries
from store.audit import note
from store.database import Database
from store.tables import CompanyRow, ConnectionRow, OrganizationRow
from workflows import view
from workflows.ids import TASK_QUEUE, revoke_workflow_id
from workflows.revoke import ConnectionRevocation


class Revoker(NamedTuple):
    """One request of the bank to revoke a connection."""

    bank: OrganizationRow
    database: Database
    temporal: TemporalDoor
    now: datetime
    user_id: str | None = None

    async def revoke(self, connection_id: str) -> ConnectionRow:
        """Revoke it; return once the store shows it. Safe to do twice."""
        async with self.database.reading() as session:
            row = await queries.connection(session, self.bank.id, connection_id)
        if row is None:
            raise not_found("connection")
        if row.revoked_at is None:
            await self._ask(connection_id)
            await self._note(row)
        return row

    async def _ask(self, connection_id: str) -> None:
        command = RevokeConnection(connection_id=connection_id)
        start = WithStartWorkflowOperation(
            ConnectionRevocation.run,
            command,
            id=revoke_workflow_id(connection_id),
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary=view.revoke_title(command),
        )
        asking = Ask(actor=Actor.BANK)
        await self.temporal.start_and_update(
            start, ConnectionRevocation.recorded, asking
        )

    async def _note(self, row: ConnectionRow) -> None:
        """A legal entity that left with its journey is its client's business; who is gone has none."""
        async with self.database.transaction() as session:
            company = await session.get(
                CompanyRow, row.company_id
            ) or await session.get(CompanyRow, row.client_id)
            if company is None:
                return
            await note(
                session,
                company,
                Done.REVOKED,
                self.now,
                user_id=self.user_id,
                key=f"{row.id}/revoked",
                journey_id=row.journey_id,
                detail=row.name,
            )


async def _revoker(
    bank: Bank, database: Store, temporal: Temporal, now: Now
) -> Revoker:
    return Revoker(bank, database, temporal, now)


Revoking = Annotated[Revoker, Depends(_revoker)]
