"""Books that a customer uploaded as a workbook, read page by page like those of any software."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Final

from activities.workbench import workbench
from domain.datasets import Dataset, Row
from domain.journey import DataType
from domain.reasons import Reason, Refused
from domain.uploads import Outcome, Problem
from providers.base import Page
from providers.workbook.pages import PAGE, pages
from providers.workbook.process import ReadWorkbook, read_in_a_process
from store import uploads
from store.database import Database
from store.objects import Objects
from store.tables import ConnectionRow

NextPage = Callable[[Dataset, str | None], Awaitable[Page]]
"""Gives the page that a cursor asks for, the first when there is none."""

AT_ONCE: Final = 2
PATIENCE: Final = timedelta(minutes=10)
"""It was read once already, when it was uploaded: here only the machine can be slow."""

MOST_PROBLEMS: Final = 3


class UploadedBooks:
    """Opens stored workbooks, a few at a time: each may take a lot of memory."""

    def __init__(self, database: Database, objects: Objects) -> None:
        self._database = database
        self._objects = objects
        self._free = asyncio.Semaphore(AT_ONCE)

    @asynccontextmanager
    async def open(
        self, connection: ConnectionRow, data_types: tuple[DataType, ...]
    ) -> AsyncIterator[NextPage]:
        """
        Lend the pages of a connection's workbook.

        Safe to run twice: the same file gives the same pages. Raises Refused where the
        customer has taken it back, or the file is of no use any more.
        """
        await self._insist_on_leave(connection)
        with workbench() as bench:
            path = bench.folder / "upload.xlsx"
            await self._fetch(connection, path)
            async with self._free:
                outcome = await read_in_a_process(
                    ReadWorkbook(
                        path=path,
                        out=bench.folder,
                        data_types=frozenset(data_types),
                        company_name=connection.name,
                        time_limit=PATIENCE,
                    )
                )
            if not outcome.accepted:
                raise Refused(Reason.UPLOAD_REJECTED, _told(outcome))
            yield _Pages(bench.folder, outcome.records).next

    async def _insist_on_leave(self, connection: ConnectionRow) -> None:
        """What was uploaded after a revocation is leave anew; nobody else may read."""
        if connection.revoked_at is None:
            return
        async with self._database.transaction() as session:
            row = await session.get(ConnectionRow, connection.id, with_for_update=True)
            if row is None or row.revoked_at is None:
                return
            upload = await uploads.find(session, row.journey_id, row.upload or "")
            if upload is None or upload.at <= row.revoked_at:
                raise Refused(Reason.ACCESS_REVOKED)
            row.revoked_at = None
            session.add(row)

    async def _fetch(self, connection: ConnectionRow, path: Path) -> None:
        key = uploads.key_of(connection.journey_id, connection.upload or "")
        try:
            pieces = await self._objects.open(key)
        except FileNotFoundError:
            raise Refused(Reason.UPLOAD_REJECTED, "It is not there any more.") from None
        with path.open("wb") as file:
            async for piece in pieces:
                await asyncio.to_thread(file.write, piece)


class _Pages:
    """The pages of one workbook, asked for in order; a cursor is a page's number."""

    def __init__(self, out: Path, records: Mapping[Dataset, int]) -> None:
        self._out, self._records = out, records
        self._places: dict[Dataset, tuple[int, Iterator[list[Row]]]] = {}

    async def next(self, dataset: Dataset, cursor: str | None) -> Page:
        return await asyncio.to_thread(self._page, dataset, int(cursor or 0))

    def _page(self, dataset: Dataset, number: int) -> Page:
        place, left = self._places.pop(dataset, (0, pages(self._out, dataset)))
        rows: list[Row] = next(islice(left, number - place, None), [])
        self._places[dataset] = (number + 1, left)
        total = self._records[dataset]
        more = (number + 1) * PAGE < total
        return Page(rows, str(number + 1) if more else None, total)


def _told(outcome: Outcome) -> str:
    """Name the first problems; none of them holds a value."""
    told = [_sentence(each) for each in outcome.problems[:MOST_PROBLEMS]]
    more = len(outcome.problems) + outcome.untold - len(told)
    return " ".join([*told, f"And {more} more."] if more else told)


def _sentence(problem: Problem) -> str:
    row = f"row {problem.row}" if problem.row else None
    place = ", ".join(part for part in (problem.sheet, row, problem.column) if part)
    return f"{place}: {problem.message}" if place else problem.message
