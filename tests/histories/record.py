"""
Live every life anew and keep what is new about it: `make histories`.

Recordings that are there already stay as they are. Nothing is accepted that open
journeys could not be gone on with: then this says so, and ends in failure.
"""

import asyncio
import logging
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

from temporalio.client import WorkflowExecution

from logs import configure
from store.migrate import migrate
from tests.histories.fingerprints import FILE, fingerprints_of, written
from tests.histories.gate import replayed
from tests.histories.lives import IMPATIENT, LIVES, UNHURRIED, Life
from tests.histories.recordings import FOLDER, Lived, keep, recordings
from tests.histories.redaction import redacted
from tests.histories.stage import opened
from tests.temporal import server
from tests.workflows.world import World

AT_ONCE: Final = 5
LONGEST_LIFE: Final = 240  # seconds
LAG: Final = 1.5
"""After so many seconds a run that has ended is found, and found ended."""

Stage = Callable[[], AbstractAsyncContextManager[World]]


async def record(lives: Sequence[Life], folder: Path) -> list[str]:
    """Live each of them; return the names of the recordings that are new."""
    turns = asyncio.Semaphore(AT_ONCE)
    async with _stages() as stages:

        async def live(life: Life) -> Sequence[Lived]:
            async with turns, stages[life.long_history]() as world:
                async with asyncio.timeout(LONGEST_LIFE):
                    await life.live(world)
                await world.close()
                return await _histories(world)

        outcomes = await asyncio.gather(*map(live, lives))
    kept = [
        keep(life.name, outcome, folder)
        for life, outcome in zip(lives, outcomes, strict=True)
    ]
    return [name for name in kept if name is not None]


@asynccontextmanager
async def _stages() -> AsyncIterator[Mapping[int, Stage]]:
    """What opens a world, for each kind of server."""
    with tempfile.TemporaryDirectory() as name:
        template = Path(name) / "rapport.db"
        await migrate(f"sqlite:///{template}")
        async with server(UNHURRIED) as unhurried, server(IMPATIENT) as impatient:
            yield {
                UNHURRIED: partial(opened, unhurried, template),
                IMPATIENT: partial(opened, impatient, template),
            }


async def _histories(world: World) -> Sequence[Lived]:
    """The history of each run that had this world's worker."""
    runs = await world.until(lambda: _all_over(world), every=0.5)
    histories = [
        await world.client.get_workflow_handle(
            each.id, run_id=each.run_id
        ).fetch_history()
        for each in runs
    ]
    events = redacted(each.to_json_dict() for each in histories)
    ids = [each.workflow_id for each in histories]
    return [Lived(*each) for each in zip(ids, events, strict=True)]


async def _all_over(world: World) -> list[WorkflowExecution]:
    """All runs, oldest first, once none is open; they are found by their queue, a moment later."""
    query = f"TaskQueue = '{world.task_queue}'"
    await asyncio.sleep(LAG)
    runs = [each async for each in world.client.list_workflows(query)]
    if any(each.close_time is None for each in runs):
        return []
    return sorted(runs, key=lambda each: (each.start_time, each.id))


async def main() -> int:
    """Record, and accept the fingerprints that follow; return the exit code."""
    configure("json", "ERROR")
    logging.disable()  # what fails on the way is part of the lives
    FOLDER.mkdir(exist_ok=True)
    new = await record(LIVES, FOLDER)
    replay = await replayed(recordings())
    for complaint in replay.complaints:
        sys.stderr.write(f"{complaint}\n")
    if replay.complaints:
        return 1
    FILE.write_text(written(fingerprints_of(replay)))
    sys.stdout.write(f"New recordings: {', '.join(new) or 'none'}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
