"""The supervisor keeps real processes alive, and leaves none behind."""

import asyncio
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from processes import Child, Supervisor, Taken, claim

SLEEPER = """
import fcntl, os, pathlib, sys, time
home = pathlib.Path(sys.argv[1])
alive = (home / f"{os.getpid()}.alive").open("w")
fcntl.flock(alive, fcntl.LOCK_EX)
(home / "pid").write_text(str(os.getpid()))
time.sleep(600)
"""
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)" + SLEEPER
SUPERVISION = """
import asyncio, pathlib, sys
from processes import Child, Supervisor, claim

async def main(home):
    with claim(home) as family:
        async with Supervisor(home, family) as supervisor:
            supervisor.keep(Child("sleeper", [sys.executable, "-c", sys.argv[2], home], {}))
            await asyncio.Event().wait()

asyncio.run(main(pathlib.Path(sys.argv[1])))
"""


def sleeper(home: Path, program: str = SLEEPER) -> Child:
    return Child("sleeper", [sys.executable, "-c", program, str(home)], {})


def is_alive(home: Path, process: int) -> bool:
    """Tell whether a sleeper runs: as long as it does, it holds its file locked."""
    with (home / f"{process}.alive").open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


async def until(true: Callable[[], object], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 (another process makes it true)
            await asyncio.sleep(0.02)


async def written(home: Path, other_than: int = 0) -> int:
    file = home / "pid"
    await until(lambda: file.exists() and file.read_text() not in {"", str(other_than)})
    return int(file.read_text())


async def test_child_that_dies_is_started_again(tmp_path: Path) -> None:
    """
    A child that is killed comes back, and a line says so.
    """
    said: list[str] = []
    with claim(tmp_path) as family:
        async with Supervisor(tmp_path, family, said.append) as supervisor:
            supervisor.keep(sleeper(tmp_path))
            first = await written(tmp_path)

            os.kill(first, signal.SIGKILL)
            second = await written(tmp_path, other_than=first)

    assert ["sleeper ended (SIGKILL): starting it again"] == said
    assert not is_alive(tmp_path, second)


async def test_leaving_ends_even_who_does_not_listen(tmp_path: Path) -> None:
    """
    A child that ignores SIGTERM is gone within ten seconds all the same.
    """
    with claim(tmp_path) as family:
        async with Supervisor(tmp_path, family) as supervisor:
            supervisor.keep(sleeper(tmp_path, STUBBORN))
            process = await written(tmp_path)
            leaving = time.monotonic()

    assert time.monotonic() - leaving < 10
    assert not is_alive(tmp_path, process)


async def test_child_that_stands_for_others_gives_way(tmp_path: Path) -> None:
    """
    To everybody whose niceness is its supervisor's.
    """
    with claim(tmp_path) as family:
        async with Supervisor(tmp_path, family) as supervisor:
            supervisor.keep(sleeper(tmp_path)._replace(niceness=5))
            process = await written(tmp_path)

            ours = os.getpriority(os.PRIO_PROCESS, 0)
            await until(lambda: ours + 5 == os.getpriority(os.PRIO_PROCESS, process))


async def test_child_keeps_its_output_in_a_log(tmp_path: Path) -> None:
    """
    What a child writes is in the log of its name, start after start.
    """
    speaker = Child("speaker", [sys.executable, "-c", "print('here')"], {})
    with claim(tmp_path) as family:
        async with Supervisor(tmp_path, family) as supervisor:
            codes = [await supervisor.run(speaker), await supervisor.run(speaker)]

    assert [0, 0] == codes
    assert "here\nhere\n" == (tmp_path / "speaker.log").read_text()


async def test_child_that_cannot_start_is_an_error(tmp_path: Path) -> None:
    """
    A program that does not exist is not tried for ever.
    """
    nothing = Child("nothing", [str(tmp_path / "no-such-program")], {})
    with claim(tmp_path) as family, pytest.raises(ExceptionGroup) as raised:
        async with Supervisor(tmp_path, family) as supervisor:
            supervisor.keep(nothing)
            await asyncio.Event().wait()

    assert raised.group_contains(FileNotFoundError)


async def test_death_of_the_guard_starts_the_family_anew(tmp_path: Path) -> None:
    """
    Without its guard a child would outlive its supervisor: it gets a new one.
    """
    with claim(tmp_path) as family:
        async with Supervisor(tmp_path, family, lambda _: None) as supervisor:
            supervisor.keep(sleeper(tmp_path))
            first = await written(tmp_path)
            guard = os.getpgid(first)

            os.kill(guard, signal.SIGKILL)
            second = await written(tmp_path, other_than=first)

            assert not is_alive(tmp_path, first)
            assert guard != os.getpgid(second)


async def test_only_one_supervisor_holds_a_home(tmp_path: Path) -> None:
    """
    A second supervisor of the same home is told who the first one is.
    """
    with claim(tmp_path), pytest.raises(Taken, match=str(os.getpid())), claim(tmp_path):
        pass


async def supervise(home: Path) -> tuple[subprocess.Popen[bytes], int]:
    """Start a supervisor in a process of its own; gives it and its child's id."""
    supervisor = subprocess.Popen([sys.executable, "-c", SUPERVISION, home, SLEEPER])
    return supervisor, await written(home)


async def test_children_of_a_killed_supervisor_end(tmp_path: Path) -> None:
    """
    `kill -9` of the supervisor ends its children too.
    """
    supervisor, child = await supervise(tmp_path)

    supervisor.kill()
    supervisor.wait()

    await until(lambda: not is_alive(tmp_path, child))


async def test_leftovers_are_ended_at_the_next_start(tmp_path: Path) -> None:
    """
    Where the guard was killed before the supervisor, the next start cleans up.
    """
    supervisor, child = await supervise(tmp_path)
    guard = os.getpgid(child)
    os.kill(supervisor.pid, signal.SIGSTOP)  # so that it can't mourn
    os.kill(guard, signal.SIGKILL)
    supervisor.kill()
    supervisor.wait()
    left_behind = is_alive(tmp_path, child)

    with claim(tmp_path):
        pass

    assert left_behind
    await until(lambda: not is_alive(tmp_path, child))
