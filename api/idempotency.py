"""
A POST that creates may be sent twice: the second time it gets the first answer.

What is remembered is written in the transaction that creates. A refusal is not
remembered: the same key may be tried again when what was in the way is gone.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, NamedTuple, TypeVar

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
        pattern="^[ -~]{1,200}$",
        description="The same key and body give the first answer again.",
    ),
]


class _KeyTaken(Exception):
    """Somebody else is at work with this key, or was just now."""


class Memory(NamedTuple):
    """A key: whose it is, and a digest of what was asked with it."""

    organization_id: str
    key: str
    request: str
    at: datetime

    async def recall(self, session: AsyncSession) -> dict[str, Any] | None:
        """Return the first answer; refuse a key that was used for something else."""
        row = await session.get(IdempotencyRow, (self.organization_id, self.key))
        if row is None:
            return None
        if row.request != self.request:
            raise refusal(
                "idempotency_key_reused",
                "This Idempotency-Key was used for another request; take a new one.",
            )
        return row.body

    async def reserve(self, session: AsyncSession, status: int) -> IdempotencyRow:
        """Take the key before the work: who asks with the same key meanwhile waits here."""
        row = IdempotencyRow(**self._asdict(), status=status, body={})
        session.add(row)
        try:
            await session.flush()
        except IntegrityError as error:
            raise _KeyTaken from error
        return row


class Once(NamedTuple):
    """One request; without a key it is a new one each time."""

    database: Database
    memory: Memory | None

    @property
    def update_id(self) -> str | None:
        """What makes a workflow give its first answer again; None without a key."""
        if self.memory is None:
            return None
        asked = f"{self.memory.key} {self.memory.request}"
        return hashlib.sha256(asked.encode()).hexdigest()

    async def earlier(self, session: AsyncSession, kind: type[Answer]) -> Answer | None:
        """Return the first answer to this key, if there was one."""
        known = await self.memory.recall(session) if self.memory else None
        return None if known is None else kind.model_validate(known)

    async def answer(
        self, status: int, kind: type[Answer], work: Work[Answer]
    ) -> Answer:
        """Do `work` in one transaction, or return what it answered the first time."""
        try:
            return await self._first_or_again(status, kind, work)
        except _KeyTaken:
            return await self._first_or_again(status, kind, work)

    async def _first_or_again(
        self, status: int, kind: type[Answer], work: Work[Answer]
    ) -> Answer:
        async with self.database.transaction() as session:
            if self.memory is None:
                return await work(session)
            earlier = await self.earlier(session, kind)
            if earlier is not None:
                return earlier
            row = await self.memory.reserve(session, status)
            answer = await work(session)
            row.body = answer.model_dump(mode="json")
            return answer


async def _once(
    request: Request, bank: Bank, database: Store, now: Now, key: Key = None
) -> Once:
    if key is None:
        return Once(database, None)
    digest = hashlib.sha256(f"{request.method} {request.url.path} ".encode())
    digest.update(await request.body())
    return Once(database, Memory(bank.id, key, digest.hexdigest(), now))


OnlyOnce = Annotated[Once, Depends(_once)]
