"""Folders that hold customers' books are gone when the work is, or at the latest when the next begins."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from activities.workbench import workbench


def test_a_folder_is_gone_afterwards(tmp_path: Path) -> None:
    """
    With all that is in it, and nobody else may look inside meanwhile.
    """
    with workbench(tmp_path) as bench:
        (bench.folder / "books").mkdir()
        modes = [
            path.stat().st_mode & 0o077 for path in (bench.folder, bench.folder.parent)
        ]

    assert [0, 0] == modes
    assert not bench.folder.exists()


def test_what_a_killed_worker_left_is_removed(tmp_path: Path) -> None:
    """
    By whoever works next; a folder in which somebody works is left alone.
    """
    code = (
        "import os, sys; from pathlib import Path; from activities.workbench import workbench\n"
        "with workbench(Path(sys.argv[1])) as bench:\n"
        "    print(bench.folder, flush=True); os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run(
        [sys.executable, "-c", code, tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    left = Path(killed.stdout.strip())
    assert left.is_dir()

    with workbench(tmp_path) as first, workbench(tmp_path) as second:
        both = first.folder.is_dir(), second.folder.is_dir()

    assert (True, True) == both
    assert not left.exists()


def test_a_folder_of_somebody_else_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Who made it first could read what is put there.
    """
    uid = os.getuid()
    (tmp_path / f"rapport-work-{uid + 1}").mkdir()
    monkeypatch.setattr(os, "getuid", lambda: uid + 1)

    with pytest.raises(PermissionError), workbench(tmp_path):
        pass
