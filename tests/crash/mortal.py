"""A copy of Rapport whose processes are killed: one by one, or all at once."""

import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from domain.datasets import Dataset
from store.objects import Objects
from store.snapshots import FOLDER, MANIFEST, NotPublished, Snapshot, open_snapshot
from tests.crash.fate import VARIABLE, Fate, Moment
from tests.crash.up import WORKER
from tests.e2e.patience import until
from tests.e2e.running import PROGRAMS, Running
from tests.store.copies import rows_of


class Mortal(Running):
    """All that `rapport up` starts, and a way to say where the worker dies."""

    command = (sys.executable, str(WORKER.with_name("up.py")))
    programs = PROGRAMS | {"worker": WORKER.name}

    def __init__(self, home: Path, **settings: str) -> None:
        file = home.with_name(f"{home.name}-fate.json")
        self._fate = Fate(file)
        super().__init__(home, **settings, **{VARIABLE: str(file)})

    def dies_at(self, workflow_id: str, moment: Moment) -> None:
        """Let the worker die at that moment of that workflow."""
        self._fate.decide(workflow_id, moment)

    async def died(self) -> None:
        """Wait until it has."""
        await until(self._has_died, bool)

    @asynccontextmanager
    async def asleep(self, part: str) -> AsyncIterator[None]:
        """Stop a part, or its successor, for as long as the block takes."""
        await self.started_again(part)
        async with super().asleep(part):
            yield

    async def started_again(self, part: str, killed: int = 0) -> None:
        """Wait until a part runs, or has a successor."""

        async def successor() -> int:
            return self.processes().get(part, killed)

        await until(successor, lambda process: process != killed)

    async def _has_died(self) -> bool:
        return not self._fate.open


def power_cut(running: Running) -> None:
    """Kill every process of a copy in one blow."""
    os.killpg(int((running.home / "family.lock").read_text()), signal.SIGKILL)
    running.end()


class Shelves:
    """The folder of objects of a copy, as whoever looks after the disk sees it."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "objects"
        self._objects = Objects(self._folder.as_uri())

    def syncs(self) -> set[tuple[str, str]]:
        """Name each company and sync of which anything lies there."""
        places = (self._folder / FOLDER).glob("*/*")
        return {(place.parent.name, place.name) for place in places}

    async def snapshot(self, company_id: str, sync_id: str) -> Snapshot:
        """Open what a sync published."""
        return await open_snapshot(self._objects, company_id, sync_id)

    async def rows(self, company_id: str, sync_id: str) -> dict[Dataset, int]:
        """Read a snapshot to its end, each part against its hash; count the rows."""
        snapshot = await self.snapshot(company_id, sync_id)
        return {
            dataset: len(await rows_of(snapshot, dataset))
            for dataset in snapshot.manifest.datasets
        }

    def files(self, company_id: str, sync_id: str) -> set[str]:
        """Name the parts that lie there, whole or half, for one sync."""
        folder = self._folder / FOLDER / company_id / sync_id
        files = (file for file in folder.rglob("*") if file.is_file())
        return {file.name for file in files} - {MANIFEST}

    async def parts(self, company_id: str, sync_id: str) -> set[str]:
        """Name the parts that its manifest knows."""
        manifest = (await self.snapshot(company_id, sync_id)).manifest
        return {
            f"{part.number:05}-{part.sha256}.parquet"
            for stored in manifest.datasets.values()
            for part in stored.parts
        }

    async def is_whole(self, company_id: str, sync_id: str) -> bool:
        """Whether all that lies there is what a manifest names."""
        try:
            parts = await self.parts(company_id, sync_id)
        except NotPublished:
            return False
        return parts == self.files(company_id, sync_id)
