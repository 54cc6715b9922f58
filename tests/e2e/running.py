"""One copy of Rapport as its user has it: a command, a home, and the processes behind them."""

import asyncio
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sysconfig
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Final

import httpx

from home import LOOPBACK

COMMAND: Final = str(Path(sysconfig.get_path("scripts")) / "rapport")
READY_WITHIN: Final = 150.0
ENDED_WITHIN: Final = 10.0

PROGRAMS: Final = {
    "temporal": "start-dev",
    "sandbox": "sandbox",
    "catcher": "sandbox.catcher",
    "worker": "worker.py",
    "api": "api",
}
"""The word of its command line by which each process is known."""


class Running:
    """`rapport up --no-demo`, started where nothing else of the user's environment counts."""

    command: tuple[str, ...] = (COMMAND, "up", "--no-demo")
    programs = PROGRAMS

    def __init__(self, home: Path, **settings: str) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        self._environment = _surroundings() | settings
        self._process = self._started()

    @property
    def ports(self) -> dict[str, int]:
        ports: dict[str, int] = json.loads((self.home / "ports.json").read_text())
        return ports

    @property
    def api_key(self) -> str:
        return (self.home / "api-key").read_text().strip()

    async def ready(self) -> None:
        """Wait until every part answers."""
        async with (
            httpx.AsyncClient(base_url=self.url) as api,
            asyncio.timeout(READY_WITHIN),
        ):
            while not await _answers(api):
                assert self._process.poll() is None, self.said()
                await asyncio.sleep(0.25)

    async def interrupt(self) -> int:
        """Press Ctrl-C, and return the exit code; it has to come in time."""
        self._process.send_signal(signal.SIGINT)
        return await asyncio.to_thread(self._process.wait, ENDED_WITHIN)

    def start_again(self) -> None:
        """Give the same command on the same home once more."""
        self._process = self._started()

    def end(self) -> None:
        """Leave nothing running, whatever a test did."""
        self._process.kill()  # its children end with it
        self._process.wait()

    def processes(self) -> dict[str, int]:
        """Find the process id of each part that runs in this home's process group."""
        family = int((self.home / "family.lock").read_text())
        return {
            name: process
            for process, words in _group(family)
            for name, word in self.programs.items()
            if word in [part.rpartition("/")[2] for part in words]
        }

    def send(self, part: str, told: signal.Signals) -> None:
        os.kill(self.processes()[part], told)

    @asynccontextmanager
    async def asleep(self, part: str) -> AsyncIterator[None]:
        """Stop a part for as long as the block takes; not in a transaction, which stops the others."""
        self.send(part, signal.SIGSTOP)
        while self._somebody_writes():
            self.send(part, signal.SIGCONT)
            await asyncio.sleep(0.05)
            self.send(part, signal.SIGSTOP)
        try:
            yield
        finally:
            self.send(part, signal.SIGCONT)

    def said(self) -> str:
        return (self.home.parent / f"{self.home.name}.out").read_text()

    def _somebody_writes(self) -> bool:
        """Whether somebody has SQLite's one turn, still after a while."""
        with closing(sqlite3.connect(self.home / "rapport.db", timeout=1)) as asking:
            try:
                asking.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            return False

    def _started(self) -> subprocess.Popen[bytes]:
        self.home.parent.mkdir(parents=True, exist_ok=True)
        with (self.home.parent / f"{self.home.name}.out").open("ab") as out:
            return subprocess.Popen(
                [
                    *self.command,
                    *("--home", str(self.home), "--port", str(self.port)),
                ],
                cwd=self.home.parent,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )


def is_taken(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as caller:
        return caller.connect_ex((LOOPBACK, port)) == 0


async def _answers(api: httpx.AsyncClient) -> bool:
    try:
        return (await api.get("/readyz")).is_success
    except httpx.TransportError:
        return False


def _surroundings() -> dict[str, str]:
    ours = ("RAPPORT_", "TEMPORAL_")
    return {key: value for key, value in os.environ.items() if not key.startswith(ours)}


def free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def _group(family: int) -> list[tuple[int, list[str]]]:
    """List the processes of a group with their command lines."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            if os.getpgid(int(folder.name)) == family:
                words = (folder / "cmdline").read_text().split("\0")
                found.append((int(folder.name), words))
    return found
