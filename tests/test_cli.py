"""The `rapport` command says what it can do, and what is wrong, in plain words."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from store.bootstrap import ensure_organization
from store.database import Database

COMMANDS = ("up", "api", "worker", "sandbox", "catcher", "migrate", "users")


def rapport(
    folder: Path, *arguments: str, typed: str = "", **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run the command in an empty folder, without a setting but these."""
    ours = ("RAPPORT_", "TEMPORAL_")
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        cwd=folder,
        env={
            key: value for key, value in os.environ.items() if not key.startswith(ours)
        }
        | settings,
        input=typed,
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


ADD = ("users", "add", "ada@meridian.example", "--name", "Ada", "--role", "support")


class Copy:
    """The database of a copy of Rapport, and the command on it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._settings = {
            "RAPPORT_SECRET": "a secret of the tests, long enough",
            "RAPPORT_DATABASE_URL": f"sqlite:///{folder}/rapport.db",
        }

    async def organization(self, name: str) -> None:
        database = Database(self._settings["RAPPORT_DATABASE_URL"])
        await ensure_organization(database, name=name, key=name)
        await database.close()

    def adds(self, password: str) -> subprocess.CompletedProcess[str]:
        """Add somebody, with the password on the command's input."""
        typed = f"{password}\n"
        words = (*ADD, "--password-stdin")
        return rapport(self._folder, *words, typed=typed, **self._settings)


@pytest.fixture
async def copy(template: Path, tmp_path: Path) -> Copy:
    """A copy of Rapport with one organization."""
    shutil.copy(template, tmp_path / "rapport.db")
    copy = Copy(tmp_path)
    await copy.organization("Meridian Bank")
    return copy


async def test_people_are_added_by_a_command(copy: Copy) -> None:
    """
    The first administrator comes in by a command; nobody gets an address that is taken.
    """
    first, again = copy.adds("several words are best"), copy.adds("and once more")

    assert "ada@meridian.example may sign in now.\n" == first.stdout
    assert 1 == again.returncode
    assert "Somebody has an account with this address already." in again.stderr


async def test_a_weak_password_is_refused(copy: Copy) -> None:
    """
    What would be guessed opens no account.
    """
    answer = copy.adds("short")

    assert (1, "") == (answer.returncode, answer.stdout)
    assert "A password has 12 to 200 characters" in answer.stderr


async def test_several_organizations_have_to_be_told_apart(copy: Copy) -> None:
    """
    Where it is not clear for whom, nobody is added.
    """
    await copy.organization("Another Bank")

    answer = copy.adds("several words are best")

    assert "Say which organization it is" in answer.stderr
