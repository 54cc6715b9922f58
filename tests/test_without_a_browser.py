"""What happens to the browser tests on a machine that has no browser."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def collected(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Let another test run look for the browser tests, with nothing on its path."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "tests/browser"],
        cwd=ROOT,
        env={"PATH": str(folder), **settings},
        capture_output=True,
        text=True,
        check=False,
    )


def test_they_are_left_out_with_one_line(tmp_path: Path) -> None:
    """
    Whoever has no browser is told so once, and loses nothing else.
    """
    run = collected(tmp_path)

    assert 1 == run.stdout.count("The browser tests are left out")
    assert "no tests collected" in run.stdout


def test_they_are_missed_where_changes_land(tmp_path: Path) -> None:
    """
    Where a browser is required, a run without one fails and says why.
    """
    run = collected(tmp_path, RAPPORT_TEST_BROWSER="required")

    assert 0 != run.returncode
    assert "There is no chromium" in run.stderr
