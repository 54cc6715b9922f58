"""How a company is deleted because the bank asks: taken away at once, the rest by a workflow."""

import re
from datetime import datetime
from typing import Annotated, Final, NamedTuple

from fastapi import Depends
from sqlmodel.ext.asyncio.session import AsyncSession

from api.companies import find_company
from api.deps import COMPANY_ID, Bank, Now, Store, Temporal, fresh_id
from api.errors import not_found, refusal
from api.schemas import LeftOut, RemovalOut, RemovalStepOut
from api.temporal import TemporalDoor
from domain.ids import Kind
from domain.removals import Progress, Thing
from store import receipts, removals
from store.database import Database
from store.receipts import Receipt
from store.tables import (
    CompanyRow,
    OrganizationRow,
    RemovalRow,
    RemovalStepRow,
)
from workflows.start import start_removal

REMOVAL_ID: Final = "^rm_[0-9a-z]{26}$"


class Remover(NamedTuple):
    """One request of the bank to delete a company; `user_id` says whose, if it is a person's."""

    bank: OrganizationRow
    database: Database
    temporal: TemporalDoor
    now: datetime
    user_id: str | None = None

    async def remove(self, company_id: str) -> RemovalOut:
        """
        Take a client away, once; return how far it is.

        Asked again, also when all is done, the same removal is the answer.
        """
        async with self.database.transaction() as session:
            receipt = await self._known(session, company_id)
            if receipt is None:
                receipt = await self._begin(session, company_id)
        if receipt.row.finished_at is None:
            await self._start(receipt.row)
        return removal_out(receipt)

    async def _known(self, session: AsyncSession, company_id: str) -> Receipt | None:
        if not re.fullmatch(COMPANY_ID, company_id):
            raise not_found("company")
        return await receipts.of_company(session, self.bank.id, company_id)

    async def _begin(self, session: AsyncSession, company_id: str) -> Receipt:
        company = await find_company(session, self.bank, company_id)
        insist_on_client(company)
        removal_id = fresh_id(Kind.REMOVAL, self.now)
        row = await removals.begin(session, company, removal_id, self.now, self.user_id)
        (receipt,) = await receipts.receipts(session, [row])
        return receipt

    async def _start(self, row: RemovalRow) -> None:
        """Start its workflow; safe to do twice."""
        await self.temporal.now_or_later(
            lambda client: start_removal(client, receipts.command_of(row)),
            "removal.not_started",
            removal=row.id,
        )


def insist_on_client(company: CompanyRow) -> None:
    """Refuse a legal entity: the reports of its client are made of its books too."""
    if company.parent_id is not None:
        raise refusal(
            "legal_entity",
            "A legal entity goes with its client, whose reports are made of all of "
            f"them; delete the client {company.parent_id} instead.",
        )


async def find_removal(
    session: AsyncSession, bank: OrganizationRow, removal_id: str
) -> Receipt:
    """Return the bank's removal of that id; anybody else's is not found."""
    receipt = await receipts.find(session, bank.id, removal_id)
    if receipt is None:
        raise not_found("removal")
    return receipt


def removal_out(receipt: Receipt) -> RemovalOut:
    """Show a removal: how far it is, and in the end its receipt."""
    row, steps = receipt
    over = row.finished_at is not None
    return RemovalOut(
        id=row.id,
        company_id=row.company_id,
        state=Progress.DONE if over else Progress.RUNNING,
        steps=[_step_out(each) for each in steps],
        removed={thing: row.found.get(thing, 0) for thing in Thing},
        not_revoked=[LeftOut.model_validate(each) for each in row.unrevoked],
        requested_by=row.user_id,
        requested_at=row.requested_at,
        finished_at=row.finished_at,
    )


def _step_out(row: RemovalStepRow) -> RemovalStepOut:
    return RemovalStepOut(
        name=row.step,
        state=_progress(row),
        done=row.done,
        total=row.total,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def _progress(row: RemovalStepRow) -> Progress:
    if row.finished_at is not None:
        return Progress.DONE
    return Progress.WAITING if row.started_at is None else Progress.RUNNING


async def _remover(
    bank: Bank, database: Store, temporal: Temporal, now: Now
) -> Remover:
    return Remover(bank, database, temporal, now)


Removing = Annotated[Remover, Depends(_remover)]
