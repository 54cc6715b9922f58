"""Books, page by page: asked for until they come, stored as they do."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Final, NoReturn

from temporalio import activity

from activities.access import Access
from activities.patience import LONGEST_WAIT_IN_PLACE, Failing, TryAgain, pause_after
from activities.uploads import NextPage
from domain.datasets import Dataset, Row
from domain.messages import ReadBooks
from domain.reasons import Reason, Refused
from providers.base import Page, Provider, Throttled, Unavailable
from store import pages
from store.database import Database
from store.objects import Objects
from store.snapshots import Draft, delete_unpublished
from store.states import DatasetState
from store.tables import SyncDatasetRow, SyncRow

WORTH_STORING: Final = 2_000
"""Rows, of as many pages as it takes: to note them costs as much as to read some hundreds."""


class Reader:
    """Reads one dataset after the other into the draft of a snapshot."""

    def __init__(
        self,
        database: Database,
        objects: Objects,
        access: Access,
        *,
        give_up: timedelta,
        worth_storing: int = WORTH_STORING,
    ) -> None:
        self._database = database
        self._objects = objects
        self._access = access
        self._give_up = give_up
        self._worth_storing = worth_storing

    def from_software(self, connection_id: str, provider: Provider) -> NextPage:
        """Return what asks the software for a page, with leave and with patience."""
        return partial(_patiently, partial(self._ask, connection_id, provider))

    async def read(
        self, command: ReadBooks, next_page: NextPage, row: SyncDatasetRow
    ) -> None:
        """Read one dataset on from the page that was noted last."""
        if row.state is DatasetState.DONE:
            return
        gathered = self._gathered(command, next_page, row)
        async with aclosing(gathered) as all_pages:
            number = row.pages
            async for page in all_pages:
                await self._store(command, row.dataset, number, page)
                number += 1

    async def _gathered(
        self, command: ReadBooks, next_page: NextPage, row: SyncDatasetRow
    ) -> AsyncGenerator[Page, None]:
        """
        Read pages, and give as many at once as are worth storing.

        Before a failure is noted, those that came are given: they make up for older ones.
        """
        dataset, cursor = row.dataset, row.cursor
        held: list[Row] = []
        for number in count(1):
            activity.heartbeat(dataset, number)
            try:
                page = await next_page(dataset, cursor)
            except _NoAnswer as silence:
                if held:
                    yield Page(held, cursor, None)
                await self._try_later(command, silence.lasted)
            held, cursor = [*held, *page.rows], page.next_cursor
            if cursor is None or len(held) >= self._worth_storing:
                yield page._replace(rows=held)
                held = []
            if cursor is None:
                return

    async def _store(
        self, command: ReadBooks, dataset: Dataset, number: int, page: Page
    ) -> None:
        """
        Store rows, then note them: what is noted is there.

        Where the company was deleted meanwhile, nothing of it stays.
        """
        draft = Draft(self._objects, command.company_id, command.sync_id)
        part = await draft.write(dataset, number, page.rows)
        async with self._database.transaction() as session:
            stands = await pages.note_page(
                session, command.sync_id, part, page.next_cursor
            )
        if not stands:
            await delete_unpublished(self._objects, command.company_id, command.sync_id)
            raise Refused(Reason.ACCESS_REVOKED)

    async def _ask(
        self,
        connection_id: str,
        provider: Provider,
        dataset: Dataset,
        cursor: str | None,
    ) -> Page:
        """A token that the software no longer takes is renewed once before that is final."""
        token = await self._access.token(connection_id, provider)
        try:
            return await provider.read_page(token, dataset, cursor)
        except Refused as refused:
            if refused.reason is not Reason.ACCESS_REVOKED:
                raise
        token = await self._access.renewed(connection_id, provider, token)
        return await provider.read_page(token, dataset, cursor)

    async def _try_later(self, command: ReadBooks, lasted: timedelta) -> NoReturn:
        """Note a failure; raise TryAgain, or Refused where there were too many."""
        async with self._database.transaction() as session:
            row = await session.get(SyncRow, command.sync_id, with_for_update=True)
            if row is None:  # its company was deleted meanwhile
                raise Refused(Reason.ACCESS_REVOKED)
            failing = Failing(row.failures, timedelta(milliseconds=row.failing_for_ms))
            pause = pause_after(failing, self._give_up)
            if pause is None:
                raise Refused(Reason.PROVIDER_UNAVAILABLE)
            failing = failing.again(lasted, pause)
            await pages.note_failing(
                session, command.sync_id, failing.times, failing.time
            )
        raise TryAgain("the accounting software does not answer", pause)


class _NoAnswer(Exception):
    """The software was asked, and did not answer for so long."""

    def __init__(self, lasted: timedelta) -> None:
        super().__init__("the accounting software does not answer")
        self.lasted = lasted


async def _patiently(ask: NextPage, dataset: Dataset, cursor: str | None) -> Page:
    """Ask until the page comes or the software falls silent; wait where it says for how long."""
    while True:
        started = time.monotonic()
        try:
            return await ask(dataset, cursor)
        except Throttled as throttled:
            if throttled.retry_after > LONGEST_WAIT_IN_PLACE:
                raise Refused(
                    Reason.RATE_LIMITED, retry_after=throttled.retry_after
                ) from None
            await asyncio.sleep(throttled.retry_after.total_seconds())
        except Unavailable:
            lasted = timedelta(seconds=time.monotonic() - started)
            raise _NoAnswer(lasted) from None
