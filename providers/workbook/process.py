"""Reading in a process of its own: whatever a file does, only that process suffers."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog

from domain.defects import NOWHERE, PLACE
from domain.journey import DataType
from domain.message import Message
from domain.surroundings import harmless
from domain.uploads import Outcome, Problem

RESULT: Final = "result.json"
TOO_LARGE: Final = 3
"""The exit code of a process that was given too little memory."""

log = structlog.get_logger()


class ReadWorkbook(Message):
    """
    What to read, and what that may use.

    `out` is an empty folder: canonical rows are left there. The memory is bytes of
    address space; a workbook of 10 MB needs about a third of them.
    """

    path: Path
    out: Path
    data_types: frozenset[DataType]
    company_name: str
    memory_limit: int = 1024**3
    time_limit: timedelta = timedelta(seconds=90)


async def read_in_a_process(question: ReadWorkbook) -> Outcome:
    """
    Read a workbook without trusting it.

    A file that can't be read, for whatever reason, is an outcome with a problem. The
    process ends when this does, and by its own limit of time should this be killed. Safe
    to run twice, with the same folder, too.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "providers.workbook"),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,  # a parser's last words may hold what it read
        start_new_session=True,  # what ends us is no verdict on the file
        env=harmless(os.environ),
    )
    try:
        async with asyncio.timeout(question.time_limit.total_seconds()):
            said, _ = await process.communicate(question.model_dump_json().encode())
    except TimeoutError:
        return _too_large("timeout")
    finally:
        await _end(process)
    return _outcome(process.returncode, said, question.out)


def _outcome(code: int | None, said: bytes, out: Path) -> Outcome:
    """Tell an answer from the ways in which the process can end without one."""
    if code == 0:
        return Outcome.model_validate_json((out / RESULT).read_bytes())
    if code is None or code < 0 or code == TOO_LARGE:
        return _too_large(code)
    log.error("workbook.reader_failed", code=code, where=_where(said))
    return _rejected("This file can't be read. Copy your rows into a new template.")


def _where(said: bytes) -> str:
    """What a process says that a file has broken into may quote the file."""
    told = said.decode(errors="replace").strip()
    return told if PLACE.fullmatch(told) else NOWHERE


def _too_large(cause: int | str | None) -> Outcome:
    log.warning("workbook.too_large", cause=cause)
    return _rejected(
        "This file is too large to read. Leave out older rows, and whatever is not in the template."
    )


def _rejected(message: str) -> Outcome:
    return Outcome(problems=(Problem(message=message),))


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()
