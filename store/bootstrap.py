"""The first organization and its key."""

import hashlib
from datetime import UTC, datetime
from random import SystemRandom
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.ids import Kind, new_id
from store.database import Database
from store.tables import ApiKeyRow, OrganizationRow

REMINDERS_DAYS: Final = (2, 5, 10)
FEATURES: Final = {"manual_upload": True, "copy_link": True, "multi_entity": True}


def key_digest(key: str) -> str:
    """
    Return what is stored of an API key.

    A key is 32 random bytes: nobody can guess one from its digest, so it needs
    neither salt nor a slow hash, and finding its row is one look-up.
    """
    return hashlib.sha256(key.encode()).hexdigest()


async def ensure_organization(database: Database, *, name: str, key: str) -> str:
    """
    Return the id of the organization that `key` opens; make it if there is none.

    Safe to run twice: the key's digest is unique.
    """
    digest = key_digest(key)
    async with database.transaction() as session:
        known = await session.get(ApiKeyRow, digest)
        if known is not None:
            return known.organization_id
        return await _make(session, name, digest, datetime.now(UTC))


async def _make(session: AsyncSession, name: str, digest: str, at: datetime) -> str:
    organization = OrganizationRow(
        id=new_id(Kind.ORGANIZATION, at, SystemRandom()),
        name=name,
        sender_name=name,
        reminders_days=list(REMINDERS_DAYS),
        stage_limits={},
        features=dict(FEATURES),
        created_at=at,
    )
    session.add(organization)
    session.add(
        ApiKeyRow(digest=digest, organization_id=organization.id, created_at=at)
    )
    return organization.id
