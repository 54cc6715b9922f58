"""
What changed lately, so that open pages can follow.

Whatever is written of a company, through the session or beside it with `touch`,
leaves a time at its client, in the transaction that writes it, as the last thing
that this one does: so nobody who waits for that row holds anything up.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import event, exists, func, literal, update
from sqlalchemy.orm import UOWTransaction
from sqlmodel import Session, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from store.columns import UtcTime
from store.tables import ChangeRow, CompanyRow, SyncDatasetRow, SyncRow, Table
from store.writes import put_all

LATE: Final = timedelta(seconds=10)
"""By how much a change may show after another one that says it was later."""

MOST: Final = 1000
"""More at once are found by the next look."""

_CHANGED: Final = "changed"


class NoticingSession(Session):
    """A session that remembers whose rows it wrote."""


def touch(session: AsyncSession, company_ids: Iterable[str]) -> None:
    """Say that something of these companies changes in this transaction."""
    session.info.setdefault(_CHANGED, set()).update(company_ids)


@event.listens_for(NoticingSession, "after_flush")
def _notice(session: Session, _flushing: UOWTransaction) -> None:
    written = (*session.new, *session.dirty, *session.deleted)
    found = {_company_of(session, row) for row in written if isinstance(row, Table)}
    session.info.setdefault(_CHANGED, set()).update(found - {None})


def _company_of(session: Session, row: Table) -> str | None:
    if isinstance(row, CompanyRow):
        return row.id
    if isinstance(row, SyncDatasetRow):  # whoever writes one has read its sync
        sync = session.identity_map.get(session.identity_key(SyncRow, row.sync_id))
        return getattr(sync, "company_id", None)
    company_id: str | None = getattr(row, "company_id", None)
    return company_id


async def note_changes(session: AsyncSession) -> None:
    """Leave the time at every client whose rows this transaction wrote."""
    await session.flush()
    company_ids = session.info.pop(_CHANGED, set())
    if not company_ids:
        return
    now = datetime.now(UTC)
    client_id = func.coalesce(CompanyRow.parent_id, CompanyRow.id)
    clients = (
        select(client_id, CompanyRow.organization_id, literal(now, UtcTime))
        .where(col(CompanyRow.id).in_(company_ids))
        .distinct()
        .order_by(client_id)
    )
    if await put_all(session, ChangeRow, clients) == len(company_ids):
        return
    stands = exists().where(col(CompanyRow.id) == ChangeRow.company_id)
    gone = col(ChangeRow.company_id).in_(company_ids) & ~stands
    await session.exec(update(ChangeRow).where(gone).values(at=now))


async def changes(
    session: AsyncSession, organization_id: str, since: datetime
) -> Sequence[ChangeRow]:
    """Return the clients of which something changed since then, the earliest first."""
    statement = (
        select(ChangeRow)
        .where(ChangeRow.organization_id == organization_id, ChangeRow.at > since)
        .order_by(col(ChangeRow.at))
        .limit(MOST)
    )
    return (await session.exec(statement)).all()


async def last_change(session: AsyncSession, organization_id: str) -> datetime | None:
    """Return when anything of the organization's companies last changed."""
    statement = (
        select(ChangeRow.at)
        .where(ChangeRow.organization_id == organization_id)
        .order_by(col(ChangeRow.at).desc())
        .limit(1)
    )
    return (await session.exec(statement)).first()
