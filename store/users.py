"""The people of an organization, and who of them is signed in."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from store.database import Database
from store.tables import OrganizationRow, PortalSessionRow, UserRow
from store.writes import insert_new


class SignedIn(NamedTuple):
    """Who asks for a page, and for whom."""

    user: UserRow
    organization: OrganizationRow


def token_digest(token: str) -> str:
    """Return what is stored of a session's token: 32 random bytes, which need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


async def users(session: AsyncSession, organization_id: str) -> Sequence[UserRow]:
    """Return the organization's people, those who left too, by name."""
    statement = (
        select(UserRow)
        .where(UserRow.organization_id == organization_id)
        .order_by(col(UserRow.name), col(UserRow.id))
    )
    return (await session.exec(statement)).all()


async def user(
    session: AsyncSession, organization_id: str, user_id: str, *, lock: bool = False
) -> UserRow | None:
    """Return one of the organization's people."""
    row = await session.get(UserRow, user_id, with_for_update=lock)
    return row if row and row.organization_id == organization_id else None


async def user_of_email(session: AsyncSession, email: str) -> UserRow | None:
    """Return whose address it is, and who may still sign in."""
    statement = select(UserRow).where(
        UserRow.email == email.strip().lower(), col(UserRow.deactivated_at).is_(None)
    )
    return (await session.exec(statement)).first()


async def add_user(session: AsyncSession, row: UserRow) -> bool:
    """Add a person; False where the address belongs to somebody already."""
    return await insert_new(session, row)


async def open_session(
    session: AsyncSession, token: str, user_id: str, now: datetime, expires_at: datetime
) -> None:
    """Sign somebody in; what has run out meanwhile, anybody's, is tidied away."""
    await session.exec(
        delete(PortalSessionRow).where(col(PortalSessionRow.expires_at) <= now)
    )
    session.add(
        PortalSessionRow(
            digest=token_digest(token),
            user_id=user_id,
            created_at=now,
            expires_at=expires_at,
        )
    )


async def close_session(session: AsyncSession, token: str) -> None:
    """Sign out wherever this token is used. Nothing happens if it is not."""
    await session.exec(
        delete(PortalSessionRow).where(
            col(PortalSessionRow.digest) == token_digest(token)
        )
    )


async def close_sessions(session: AsyncSession, user_id: str) -> None:
    """Sign somebody out everywhere."""
    await session.exec(
        delete(PortalSessionRow).where(col(PortalSessionRow.user_id) == user_id)
    )


async def signed_in(
    session: AsyncSession, token: str, now: datetime
) -> SignedIn | None:
    """Return whose token it is, while it lasts and they belong here."""
    statement = (
        select(UserRow, OrganizationRow)
        .join(PortalSessionRow, col(PortalSessionRow.user_id) == UserRow.id)
        .join(OrganizationRow, col(OrganizationRow.id) == UserRow.organization_id)
        .where(
            PortalSessionRow.digest == token_digest(token),
            PortalSessionRow.expires_at > now,
            col(UserRow.deactivated_at).is_(None),
        )
    )
    found = (await session.exec(statement)).first()
    return None if found is None else SignedIn(*found)


async def ensure_user(database: Database, row: UserRow) -> bool:
    """Add a person unless the address is known; say whether it was new. Safe to run twice."""
    async with database.transaction() as session:
        return await add_user(session, row)


async def only_organization(database: Database) -> str | None:
    """Return the one organization there is; None where there is none, or a choice."""
    async with database.reading() as session:
        ids = (await session.exec(select(OrganizationRow.id).limit(2))).all()
    return ids[0] if len(ids) == 1 else None
