"""What processes cost: memory and processor time, as the kernel counts them."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple, Self

MEGABYTE: Final = 1024**2
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_TICK: Final = os.sysconf("SC_CLK_TCK")
_PARENT: Final = 1
_USED: Final = slice(11, 13)
"""Where in `stat`, after the command's name, is the time of a process."""

_USED_BY_DEAD: Final = slice(13, 15)
"""And where that of its children that have ended."""


class Cost(NamedTuple):
    """Seconds of processor time by name of a process."""

    seconds: Mapping[str, float]

    def since(self, before: "Cost") -> "Cost":
        """Return what was spent from then to now."""
        return Cost(
            {name: time - before.seconds[name] for name, time in self.seconds.items()}
        )


def memory(process: int) -> float:
    """Return what a process holds of the machine's memory, in MB."""
    pages = Path(f"/proc/{process}/statm").read_text().split()[1]
    return int(pages) * _PAGE / MEGABYTE


def cost(processes: Mapping[str, int]) -> Cost:
    """Return what each process has spent; what it started counts apart, as `{name}'s children`."""
    family = _family()
    seconds = {}
    for name, process in processes.items():
        seconds[name] = _seconds(process, _USED)
        seconds[f"{name}'s children"] = _seconds(process, _USED_BY_DEAD) + sum(
            _seconds(child, _USED) + _seconds(child, _USED_BY_DEAD)
            for child in _below(process, family)
        )
    return Cost(seconds)


@asynccontextmanager
async def program(*command: str, environment: Mapping[str, str]) -> AsyncIterator[int]:
    """Run a Python program of ours until the block ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, env=environment
    )
    try:
        yield process.pid
    finally:
        process.kill()
        await process.wait()


class Peak:
    """The most memory that a process held while the block ran, in MB."""

    def __init__(self, process: int, every: float = 0.05) -> None:
        self._process, self._every = process, every
        self.before = self.most = memory(process)

    async def __aenter__(self) -> Self:
        self._looking = asyncio.create_task(self._look())
        return self

    async def __aexit__(self, *error: object) -> None:
        self._looking.cancel()

    async def _look(self) -> None:
        while True:
            self.most = max(self.most, memory(self._process))
            await asyncio.sleep(self._every)


def _below(process: int, family: Mapping[int, Sequence[int]]) -> list[int]:
    children = family.get(process, ())
    return [*children, *(each for child in children for each in _below(child, family))]


def _family() -> dict[int, list[int]]:
    """Return the children of every process."""
    family: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        if fields := _stat(int(folder.name)):
            family.setdefault(int(fields[_PARENT]), []).append(int(folder.name))
    return family


def _seconds(process: int, where: slice) -> float:
    return sum(map(int, _stat(process)[where])) / _TICK


def _stat(process: int) -> list[str]:
    """Return the fields after the command's name, which may hold anything; none if it is gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
