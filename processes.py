"""
Keep a family of child processes alive, and leave none of them behind.

All children share one process group, led by a guard: a tiny process that does
nothing but wait for its supervisor to be gone, and then ends the whole group. So
even `kill -9` of the supervisor leaves nothing running. Should the guard be killed
too, the next start finds the group: every child inherits a lock on a file that
names it, and a lock that is held proves that the name is still theirs.
"""

import asyncio
import contextlib
import fcntl
import os
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, NamedTuple, Self

PATIENCE: Final = 3.0
"""Seconds that one child has to end by itself."""

ALL_PATIENCE: Final = 8.0
"""Seconds that all children have together."""

FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 5.0
HEALTHY_AFTER: Final = 10.0
"""Seconds after which a child's earlier deaths are forgotten."""


class Taken(Exception):
    """Another supervisor holds this home."""


class Stubborn(Exception):
    """Processes of an earlier start could not be ended."""


class Child(NamedTuple):
    """One process to keep: its name is also that of its log file."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    niceness: int = 0  # above its supervisor's: how much it gives way to others


def _locked(path: Path) -> BinaryIO | None:
    """Lock a file until this process, and every heir of the handle, is gone."""
    file = path.open("a+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _give_way(process: Process, niceness: int) -> None:
    """Let a process run when its starter, and whoever else is as busy, does not."""
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    with contextlib.suppress(ProcessLookupError):  # it has ended already
        os.setpriority(os.PRIO_PROCESS, process.pid, ours + niceness)


def _write(file: BinaryIO, number: int) -> None:
    file.truncate(0)
    file.write(str(number).encode())
    file.flush()


@contextlib.contextmanager
def claim(home: Path) -> Iterator[BinaryIO]:
    """
    Be the only supervisor of a home, once the leftovers of an earlier one are gone.

    Gives the file whose lock the children inherit. Raises Taken, Stubborn.
    """
    supervisor = _locked(home / "supervisor.lock")
    if supervisor is None:
        raise Taken((home / "supervisor.lock").read_text())
    with supervisor:
        _write(supervisor, os.getpid())
        with _end_leftovers(home / "family.lock") as family:
            yield family


def _end_leftovers(path: Path) -> BinaryIO:
    """Take the family's lock; while somebody holds it, end the group it names."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if (family := _locked(path)) is not None:
            return family
        with contextlib.suppress(ProcessLookupError, ValueError):
            os.killpg(int(path.read_text()), signal.SIGKILL)
        time.sleep(0.05)
    raise Stubborn(path.read_text())


class Supervisor:
    """
    Starts children, starts them again when they die, and ends them.

    Use it as an async context manager: leaving it leaves no child behind, and a
    child that can't even be started is an error of the block inside.
    """

    def __init__(
        self, logs: Path, family: BinaryIO, say: Callable[[str], None] = print
    ) -> None:
        self._logs = logs
        self._family = family
        self._say = say
        self._guard: Process | None = None
        self._children: dict[str, Process] = {}
        self._tasks = asyncio.TaskGroup()
        self._keepers: list[asyncio.Task[None]] = []
        self._starting = asyncio.Lock()

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stop()
        if isinstance(error, Exception):  # the block's own: it leaves as it is
            kind = error = traceback = None
        await self._tasks.__aexit__(kind, error, traceback)

    def keep(self, child: Child) -> None:
        """Start a child, and start it again whenever it ends."""
        self._keepers.append(self._tasks.create_task(self._keep(child)))

    async def run(self, child: Child) -> int:
        """Run a child once, to its end; answers its exit code."""
        process = await self._start(child)
        return await process.wait()

    async def _keep(self, child: Child) -> None:
        pause = FIRST_PAUSE
        while True:
            started = time.monotonic()
            code = await self.run(child)
            if time.monotonic() - started > HEALTHY_AFTER:
                pause = FIRST_PAUSE
            self._say(f"{child.name} ended ({_cause(code)}): starting it again")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _start(self, child: Child) -> Process:
        async with self._starting:  # children that start at once share one guard
            group = await self._group()
            with (self._logs / f"{child.name}.log").open("ab") as log:
                process = await asyncio.create_subprocess_exec(
                    *child.command,
                    env=child.environment,
                    stdin=DEVNULL,
                    stdout=log,
                    stderr=log,
                    process_group=group,
                    pass_fds=[self._family.fileno()],
                )
            if child.niceness:
                _give_way(process, child.niceness)
        self._children[child.name] = process
        return process

    async def _group(self) -> int:
        """Give the group that a child joins, led by a guard that lives."""
        if self._guard is None or self._guard.returncode is not None:
            self._guard = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-I", "-S", __file__),
                stdin=PIPE,  # ends when this process does, however it does
                stdout=DEVNULL,
                process_group=0,
                pass_fds=[self._family.fileno()],
            )
            _write(self._family, self._guard.pid)
            self._keepers.append(self._tasks.create_task(_mourn(self._guard)))
        return self._guard.pid

    async def _stop(self) -> None:
        """End every child, the youngest first: each politely, then at once."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        deadline = asyncio.get_running_loop().time() + ALL_PATIENCE
        for process in reversed(self._children.values()):
            await _end(process, deadline)
        if self._guard is not None:
            _end_group(self._guard.pid)
            await self._guard.wait()


async def _mourn(guard: Process) -> None:
    """End a family whose guard died; its children are started again under a new one."""
    await guard.wait()
    _end_group(guard.pid)


def _end_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


async def _end(process: Process, deadline: float) -> None:
    limit = min(asyncio.get_running_loop().time() + PATIENCE, deadline)
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout_at(limit):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _cause(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def stand_guard() -> None:
    """Wait until whoever started this is gone, then end its children and this."""
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    stand_guard()
