"""The `rapport` command says what it can do, and what is wrong, in plain words."""

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import app
from store.bootstrap import ensure_organization
from store.database import Database

COMMANDS = ("up", "api", "worker", "sandbox", "catcher", "migrate", "users")


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


PEOPLE = ("users", "add", "ada@meridian.example", "--name", "Ada", "--role", "support")


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch, template: Path, tmp_path: Path) -> str:
    """A copy of Rapport with one organization; gives its database."""
    shutil.copy(template, tmp_path / "rapport.db")
    url = f"sqlite+aiosqlite:///{tmp_path}/rapport.db"
    monkeypatch.setenv("RAPPORT_SECRET", "a secret of the tests, long enough")
    monkeypatch.setenv("RAPPORT_DATABASE_URL", url)

    async def found() -> None:
        database = Database(url)
        await ensure_organization(database, name="Meridian Bank", key="a key")
        await database.close()

    asyncio.run(found())
    return url


def test_people_are_added_by_a_command(bank: str) -> None:
    """
    The first administrator comes in by a command, with a password that no list of processes shows.
    """
    words = [*PEOPLE, "--password-stdin"]

    first = CliRunner().invoke(app, words, input="several words are best\n")
    again = CliRunner().invoke(app, words, input="several words are best\n")

    assert "ada@meridian.example may sign in now.\n" == first.stdout
    assert 1 == again.exit_code
    assert "Somebody has an account with this address already." in again.stderr


def test_a_password_is_asked_for(bank: str) -> None:
    """
    Without one on its input the command asks, twice, and refuses a weak one.
    """
    answer = CliRunner().invoke(app, PEOPLE, input="short\nshort\n")

    assert 1 == answer.exit_code
    assert "A password has 12 to 200 characters" in answer.stderr


def test_several_organizations_have_to_be_told_apart(bank: str) -> None:
    """
    Where it is not clear for whom, nobody is added.
    """

    async def another() -> None:
        database = Database(bank)
        await ensure_organization(database, name="Another Bank", key="another key")
        await database.close()

    asyncio.run(another())

    answer = CliRunner().invoke(
        app, [*PEOPLE, "--password-stdin"], input="several words are best\n"
    )

    assert "Say which organization it is" in answer.stderr
