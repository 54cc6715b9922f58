"""
A POST that creates may be sent twice: the second time it gets the first answer.

What is remembered is written in the transaction that creates. A refusal is not
remembered: the same key may be tried again when what was in the way is gone.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, NamedTuple, TypeVar

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from api.deps import Bank, Now, Store
from api.errors import refusal
from store.database import Database
from store.tables import IdempotencyRow

Answer = TypeVar("Answer", bound=BaseModel)
Work = Callable[[AsyncSession], Awaitable[Answer]]

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern="^[!-~]{1,200}$",
        description="The same key and body give the first answer again.",
    ),
]


class _KeyTaken(Exception):
    """Somebody else is at work with this key, or was just now."""


class Once(NamedTuple):
    """One request: whose, its key, and a digest of what it asks for."""

    database: Database
    organization_id: str
    key: str | None
    request: str
    at: datetime

    @property
    def update_id(self) -> str | None:
        """What makes a workflow give its first answer again; None without a key."""
        if self.key is None:
            return None
        return hashlib.sha256(f"{self.key} {self.request}".encode()).hexdigest()

    async def answer(self, kind: type[Answer], work: Work[Answer]) -> Answer:
        """Do `work` in one transaction, or return what it answered the first time."""
        if self.key is None:
            async with self.database.transaction() as session:
                return await work(session)
        try:
            async with self.database.transaction() as session:
                return await self._first_or_again(session, kind, work)
        except _KeyTaken:
            async with self.database.transaction() as session:
                return await self._first_or_again(session, kind, work)

    async def _first_or_again(
        self, session: AsyncSession, kind: type[Answer], work: Work[Answer]
    ) -> Answer:
        earlier = await self.earlier(session)
        if earlier is not None:
            return kind.model_validate(earlier)
        row = await self._reserve(session)
        answer = await work(session)
        row.body = answer.model_dump(mode="json")
        return answer

    async def earlier(self, session: AsyncSession) -> dict[str, object] | None:
        """Return what was remembered; refuse a key that was used for something else."""
        row = await session.get(IdempotencyRow, (self.organization_id, self.key))
        if row is None:
            return None
        if row.request != self.request:
            raise refusal(
                "idempotency_key_reused",
                "This Idempotency-Key was used for another request; take a new one.",
            )
        return row.body

    async def _reserve(self, session: AsyncSession) -> IdempotencyRow:
        """Take the key before the work: who asks with the same key meanwhile waits here."""
        row = IdempotencyRow(
            organization_id=self.organization_id,
            key=self.key,
            request=self.request,
            status=0,
            body={},
            at=self.at,
        )
        session.add(row)
        try:
            await session.flush()
        except IntegrityError as error:
            raise _KeyTaken from error
        return row


async def _once(
    request: Request, bank: Bank, database: Store, now: Now, key: Key = None
) -> Once:
    digest = hashlib.sha256(f"{request.method} {request.url.path} ".encode())
    digest.update(await request.body())
    return Once(database, bank.id, key, digest.hexdigest(), now)


OnlyOnce = Annotated[Once, Depends(_once)]
