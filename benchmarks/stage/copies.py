"""A running copy of Rapport to measure, with the settings that everything beside it shares."""

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import local
from benchmarks.stage.up import WORKER
from home import Home
from settings import PREFIX, Settings
from tests.e2e.running import PROGRAMS, Running

PATIENCE: Final = 4
QUIET: Final = {"RAPPORT_LOG_LEVEL": "WARNING"}


class Quick(Running):
    """All that `rapport up` starts, but that its worker builds no reports."""

    command = (sys.executable, "-m", "benchmarks.stage.up")
    programs: Final = PROGRAMS | {"worker": WORKER.name}  # type: ignore[misc]


@asynccontextmanager
async def running(home: Path, kind: type[Running] = Running) -> AsyncIterator[Running]:
    """Start a copy, and leave nothing of it running."""
    copy = kind(home, **QUIET)
    try:
        await _ready(copy)
        yield copy
    finally:
        copy.end()


async def _ready(copy: Running) -> None:
    """Wait until every part answers; a busy machine may take longer than a test would wait."""
    for _ in range(PATIENCE):
        with suppress(TimeoutError):
            return await copy.ready()
    return await copy.ready()


def environment(copy: Running) -> Mapping[str, str]:
    """Return what a process needs to work beside those of the copy."""
    home = Home(copy.home)
    options = local.Options(copy.home, port=copy.port)
    plan = local.Plan(options, home, home.ports(copy.port))
    return {**local.environment(plan), **QUIET}


def settings_of(variables: Mapping[str, str]) -> Settings:
    """Read the settings that those processes have."""
    ours = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in variables.items()
        if name.startswith(PREFIX)
    }
    return Settings(**ours)  # type: ignore[arg-type]  # as text, like in an environment
