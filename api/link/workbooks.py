"""Workbooks that customers upload: looked through, then stored, before any journey hears of them."""

import asyncio
import hashlib
import shutil
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from api.errors import ApiError, not_found, refusal
from domain.journey import DataType
from domain.state import Journey
from domain.uploads import TEMPLATE_NAME, Outcome, Problem
from store import uploads
from store.database import Database
from store.objects import Objects
from store.removals import journey_stands

AT_ONCE: Final = 2
"""Workbooks that are looked through at the same time: each may take a lot of memory."""


PIECE: Final = 256 * 1024


class Format(NamedTuple):
    """
    What is known elsewhere of these workbooks, handed to a door that may not look there itself.

    `template` makes an empty one. `folder` lends a folder that is gone afterwards;
    `examine` reads a file in it without trusting it, in a process of its own.
    """

    template: Callable[[tuple[DataType, ...]], bytes]
    folder: Callable[[], AbstractContextManager[Path]]
    examine: Callable[[Path, Iterable[DataType], str], Awaitable[Outcome]]


class Workbooks:
    """Takes in what is good, and says of the rest all that is wrong with it."""

    def __init__(
        self,
        database: Database,
        objects: Objects,
        format: Format,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._objects = objects
        self._format = format
        self._clock = clock
        self._free = asyncio.Semaphore(AT_ONCE)

    async def template(self, journey: Journey) -> bytes:
        """Return the empty workbook for what is asked for."""
        return await asyncio.to_thread(self._format.template, journey.data_types)

    async def take_in(self, journey: Journey, file: BinaryIO, sha256: str) -> None:
        """
        Store a good workbook; raise ApiError `upload_rejected` with every problem of another.

        Safe to do twice: the same file is the same object.
        """
        with self._format.folder() as folder:
            path = folder / TEMPLATE_NAME
            await asyncio.to_thread(_copy, file, path)
            async with self._free:
                outcome = await self._format.examine(
                    path, journey.data_types, journey.company_name
                )
            if not outcome.accepted:
                raise _rejected(outcome)
            async with self._database.transaction() as session:
                if not await journey_stands(session, journey.id):
                    raise not_found("link")
                await uploads.note(session, journey.id, sha256, self._clock())
            await self._objects.put_file(uploads.key_of(journey.id, sha256), path)


async def digest(file: BinaryIO) -> str:
    """Return what tells a file from any other."""
    return await asyncio.to_thread(_digest, file)


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    known = hashlib.sha256()
    for piece in iter(partial(file.read, PIECE), b""):
        known.update(piece)
    return known.hexdigest()


def _copy(file: BinaryIO, path: Path) -> None:
    file.seek(0)
    with path.open("wb") as copy:
        shutil.copyfileobj(file, copy)


def _rejected(outcome: Outcome) -> ApiError:
    count = len(outcome.problems) + outcome.untold
    said = "there is one problem" if count == 1 else f"there are {count} problems"
    return refusal(
        "upload_rejected",
        f"This file can't be used yet: {said}.",
        errors=[
            {"loc": _place(each) or ["file"], "msg": each.message}
            for each in outcome.problems
        ],
        untold=outcome.untold,
    )


def _place(problem: Problem) -> list[str | int]:
    """Sheet, row and column, as far as the problem has them."""
    parts = (problem.sheet, problem.row, problem.column)
    return [part for part in parts if part is not None]
