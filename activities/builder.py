"""The process that builds reports: kept, because loading it takes longer than most builds."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import structlog

from domain.defects import PLACE
from domain.surroundings import harmless
from reports.request import DONE, environment

PROGRAM: Final = ("-m", "reports")
NICENESS: Final = 10
"""Reports may take a while; what customers and the bank wait for goes first."""

_TIME_TO_END: Final = 1.0

log = structlog.get_logger()


class BuildFailed(Exception):
    """There are no reports; the text is a kind of error and a place, no more."""


class Builder:
    """
    Builds one folder at a time, in a process that is started when there is something to build.

    Cancelled, it ends the process with all that it began; the next build starts another.
    """

    def __init__(self, program: Sequence[str] = PROGRAM) -> None:
        self._program = program
        self._process: Process | None = None
        self._one_at_a_time = asyncio.Semaphore(1)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._end()

    async def build(self, folder: Path) -> None:
        """Build what `folder` asks for; raise BuildFailed where that can't be done."""
        async with self._one_at_a_time:
            process = await self._running()
            try:
                answer = await _asked(process, folder)
            except BaseException:
                await self._end()
                raise
            if answer == DONE:
                return
            where = answer if PLACE.fullmatch(answer) else await self._exit()
        log.error("reports.not_built", where=where)
        raise BuildFailed(where)

    async def _running(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *self._program,
                stdin=PIPE,
                stdout=PIPE,
                stderr=STDOUT,
                env=_environment(),
                start_new_session=True,
            )
            # It may have ended already, or we may be as nice as that ourselves.
            with suppress(ProcessLookupError, PermissionError):
                os.setpriority(os.PRIO_PROCESS, self._process.pid, NICENESS)
        return self._process

    async def _exit(self) -> str:
        """It did not answer as it should: say how it ended, or end it."""
        process = self._process
        if process is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), _TIME_TO_END)
        await self._end()
        return f"exit {process.returncode if process else '?'}"

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError, PermissionError):  # all have ended already
            os.killpg(process.pid, signal.SIGKILL)
        # Read to the end, so that its pipes are closed when nobody looks any more.
        await process.communicate()


async def _asked(process: Process, folder: Path) -> str:
    telling, listening = process.stdin, process.stdout
    if telling is None or listening is None:
        raise TypeError("the process was started without pipes")
    with suppress(BrokenPipeError, ConnectionResetError):  # its last words tell why
        telling.write(f"{folder}\n".encode())
        await telling.drain()
    return (await listening.readline()).decode(errors="replace").strip()


def _environment() -> dict[str, str]:
    return {**harmless(os.environ), **environment(os.cpu_count() or 1)}
