"""The `rapport` command says what it can do, and what is wrong, in plain words."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = ("up", "api", "worker", "sandbox", "catcher", "migrate")


def rapport(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in an empty folder, without a setting."""
    ours = ("RAPPORT_", "TEMPORAL_")
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        cwd=folder,
        env={
            key: value for key, value in os.environ.items() if not key.startswith(ours)
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_names_every_command(tmp_path: Path) -> None:
    """
    Who asks is shown all there is.
    """
    answer = rapport(tmp_path, "--help")

    assert 0 == answer.returncode
    assert not [name for name in COMMANDS if name not in answer.stdout]


@pytest.mark.parametrize("command", ["api", "worker", "migrate"])
def test_process_without_a_secret_is_refused(command: str, tmp_path: Path) -> None:
    """
    No process runs on settings that can't be right: it says which, without a traceback.
    """
    answer = rapport(tmp_path, command)

    assert (1, "RAPPORT_SECRET is not set.\n") == (answer.returncode, answer.stderr)


@pytest.mark.parametrize("command", ["sandbox", "catcher"])
def test_neighbours_keep_their_own_options(command: str, tmp_path: Path) -> None:
    """
    The sandbox and the catcher are programs of their own, with help of their own.
    """
    answer = rapport(tmp_path, command, "--help")

    assert 0 == answer.returncode
    assert answer.stdout.startswith(f"usage: {command}")


def test_first_organization_needs_its_key(tmp_path: Path) -> None:
    """
    An organization that nobody has a key for is not made.
    """
    answer = rapport(tmp_path, "migrate", "--organization", "First Bank")

    assert 2 == answer.returncode
    assert "--organization and --api-key-file go together" in answer.stderr


def test_second_start_exits_with_a_sentence(tmp_path: Path) -> None:
    """
    What stops `rapport up` is said in a sentence, and the exit code tells.
    """
    (tmp_path / "ports.json").write_text('{"smtp": 1}')

    answer = rapport(tmp_path, "up", "--home", str(tmp_path), "--host", "192.0.2.1")

    assert 1 == answer.returncode
    assert answer.stderr.startswith("Port 8000 (api) can't be used: ")
    assert "Traceback" not in answer.stderr
