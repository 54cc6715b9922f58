"""The first organization and its key."""

import hashlib
from datetime import UTC, datetime
from random import SystemRandom
from typing import Final

from domain.ids import Kind, new_id
from store.database import Database
from store.tables import ApiKeyRow, OrganizationRow
from store.writes import insert_new

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
    at = datetime.now(UTC)
    key_row = ApiKeyRow(
        digest=key_digest(key),
        organization_id=new_id(Kind.ORGANIZATION, at, SystemRandom()),
        created_at=at,
    )
    async with database.transaction() as session:
        if await insert_new(session, key_row):
            session.add(_organization(key_row.organization_id, name, at))
        known = await session.get_one(ApiKeyRow, key_row.digest)
        return known.organization_id


def _organization(organization_id: str, name: str, at: datetime) -> OrganizationRow:
    return OrganizationRow(
        id=organization_id,
        name=name,
        sender_name=name,
        reminders_days=list(REMINDERS_DAYS),
        stage_limits={},
        features=dict(FEATURES),
        created_at=at,
    )
