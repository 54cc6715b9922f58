"""A database that insists on what keeps its few connections from waiting for each other."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from store.database import Database


class WatchedDatabase(Database):
    """
    Refuses to write where something is still being read: by one request, or one step.

    Whoever holds one connection and waits for a second one may wait for others who do
    the same.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._readers: Counter[asyncio.Task[Any] | None] = Counter()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        if self._readers[asyncio.current_task()]:
            raise AssertionError("a transaction begins inside an open reading")
        async with super().transaction() as session:
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        task = asyncio.current_task()
        self._readers[task] += 1
        try:
            async with super().reading() as session:
                yield session
        finally:
            self._readers -= Counter([task])
