"""Folders for one piece of work each, that hold customers' books and are gone afterwards."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

FOLDER: Final = "rapport-work"
_LOCK: Final = ".lock"


class Bench(NamedTuple):
    """
    A folder of one's own.

    Whoever works in it keeps `lock`, a file descriptor, open; a process that is started
    there gets it too. Once nobody holds it, the folder is anybody's to remove.
    """

    folder: Path
    lock: int


@contextmanager
def workbench(within: Path | None = None) -> Iterator[Bench]:
    """Lend an empty folder; what killed workers left behind is removed first."""
    parent = _parent(within)
    with _locked(parent):
        _clear(parent)
        folder = Path(tempfile.mkdtemp(dir=parent))
        lock = _lock(folder)
    try:
        yield Bench(folder, lock)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _parent(within: Path | None) -> Path:
    """The folder of all folders; other users of the machine can't look into it."""
    parent = (within or Path(tempfile.gettempdir())) / f"{FOLDER}-{os.getuid()}"
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if parent.stat().st_uid != os.getuid():
        raise PermissionError(f"{parent} belongs to somebody else")
    return parent


def _clear(parent: Path) -> None:
    for folder in parent.iterdir():
        if folder.is_dir() and not _is_held(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_held(folder: Path) -> bool:
    try:
        os.close(_lock(folder, fcntl.LOCK_NB))
    except (BlockingIOError, FileNotFoundError):  # somebody works there, or is done
        return True
    return False


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    lock = _lock(folder)
    try:
        yield
    finally:
        os.close(lock)


def _lock(folder: Path, waiting: int = 0) -> int:
    lock = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | waiting)
    except BlockingIOError:
        os.close(lock)
        raise
    return lock
