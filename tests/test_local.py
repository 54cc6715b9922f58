"""`rapport up`: everything from one command, kept alive, ended whole, found again."""

import fcntl
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from home import LOOPBACK, Home, trouble
from local import (
    Options,
    Plan,
    Stopped,
    environment,
    neighbours,
    refuse_taken_ports,
    up,
)
from processes import claim
from tests.e2e.running import free_port

ROOT = Path(__file__).parent.parent
NOBODY = str(2**22 + 1)  # more than any process id


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without `.env`, and nothing set that a developer may have set."""
    monkeypatch.chdir(tmp_path)
    for name in [
        name for name in os.environ if name.startswith(("RAPPORT_", "TEMPORAL_"))
    ]:
        monkeypatch.delenv(name)


def plan(tmp_path: Path, **options: Any) -> Plan:
    home = Home(tmp_path / "home")
    return Plan(
        Options(home.path, **options), home, home.ports(options.get("port", 8000))
    )


def test_parts_are_told_where_the_others_are(tmp_path: Path) -> None:
    """
    Each process gets the addresses of the rest, and patience fit for a demo.
    """
    made = plan(tmp_path, port=8123)

    told = environment(made)

    assert "http://127.0.0.1:8123" == told["RAPPORT_BASE_URL"]
    assert f"sqlite:///{tmp_path}/home/rapport.db" == told["RAPPORT_DATABASE_URL"]
    assert f"file://{tmp_path}/home/objects" == told["RAPPORT_OBJECTS_URL"]
    assert f"smtp://127.0.0.1:{made.ports['smtp']}" == told["RAPPORT_SMTP_URL"]
    assert f"127.0.0.1:{made.ports['temporal']}" == told["TEMPORAL_ADDRESS"]
    assert ("20s", "20s") == (
        told["RAPPORT_PROVIDER_GIVE_UP"],
        told["RAPPORT_EMAIL_GIVE_UP"],
    )


def test_what_the_person_set_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The environment is stronger than `.env`, and both than what `rapport up` would say.
    """
    monkeypatch.setenv("RAPPORT_EMAIL_GIVE_UP", "2m")
    (tmp_path / ".env").write_text(
        "RAPPORT_EMAIL_GIVE_UP=5m\nRAPPORT_PROVIDER_GIVE_UP=1m\n"
    )

    told = environment(plan(tmp_path))

    assert ("2m", "1m") == (
        told["RAPPORT_EMAIL_GIVE_UP"],
        told["RAPPORT_PROVIDER_GIVE_UP"],
    )


def test_secret_is_the_same_at_every_start(tmp_path: Path) -> None:
    """
    Links that are out in the mail stay good.
    """
    first, second = environment(plan(tmp_path)), environment(plan(tmp_path))

    assert first["RAPPORT_SECRET"] == second["RAPPORT_SECRET"]


def test_strangers_get_no_secret(tmp_path: Path) -> None:
    """
    The sandbox and the catcher are told nothing of Rapport.
    """
    told = [name for child in neighbours(plan(tmp_path)) for name in child.environment]

    assert not [name for name in told if name.startswith("RAPPORT_")]


def test_own_temporal_is_not_led_astray(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A developer's profile for another Temporal does not reach the embedded one.
    """
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "production")

    told = environment(plan(tmp_path))

    assert "TEMPORAL_NAMESPACE" not in told
    assert os.devnull == told["TEMPORAL_CONFIG_FILE"]


def test_given_temporal_is_used_as_its_owner_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    With an address no server is started, and the profile counts.
    """
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "bank")
    made = plan(tmp_path, temporal_address="temporal.example:7233")

    told = environment(made)

    assert ["sandbox", "catcher"] == [child.name for child in neighbours(made)]
    assert ("temporal.example:7233", "bank") == (
        told["TEMPORAL_ADDRESS"],
        told["TEMPORAL_NAMESPACE"],
    )


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),  # noqa: S104 (nothing is bound)
        ("::1", "http://[::1]:8000"),
        ("rapport.example", "http://rapport.example:8000"),
    ],
)
def test_address_can_be_followed(tmp_path: Path, host: str, url: str) -> None:
    """
    What is printed and mailed can be opened, wherever the API listens.
    """
    assert url == plan(tmp_path, host=host).api_url


def test_taken_api_port_is_named_with_a_cure(tmp_path: Path) -> None:
    """
    Who finds the port taken reads which one, and that --port chooses another.
    """
    with socket.create_server((LOOPBACK, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Stopped, match=rf"Port {port} \(api\).*--port"):
            up(Options(tmp_path / "home", port=port))


def test_taken_port_of_a_part_is_named_with_a_cure(tmp_path: Path) -> None:
    """
    A kept port that somebody else took can be given up.
    """
    made = plan(tmp_path, port=free_port())
    with (
        socket.create_server((LOOPBACK, made.ports["smtp"])),
        pytest.raises(Stopped, match=r"\(smtp\).*ports\.json"),
    ):
        refuse_taken_ports(made)


def test_ports_of_a_temporal_that_is_not_ours_may_be_taken(tmp_path: Path) -> None:
    """
    Refused with a server of our own, taken ports are no matter with somebody else's.
    """
    ours = plan(tmp_path, port=free_port())
    theirs = ours._replace(
        options=ours.options._replace(temporal_address="127.0.0.1:7233")
    )

    with socket.create_server((LOOPBACK, ours.ports["temporal"])):
        with pytest.raises(Stopped, match=r"\(temporal\)"):
            refuse_taken_ports(ours)
        refuse_taken_ports(theirs)


def test_second_start_on_a_home_is_refused(tmp_path: Path) -> None:
    """
    One home, one Rapport: the second says which process is the first.
    """
    with (
        claim(Home(tmp_path).path),
        pytest.raises(Stopped, match=rf"runs already on .* \(process {os.getpid()}\)"),
    ):
        up(Options(tmp_path))


def test_leftovers_that_do_not_end_are_named(tmp_path: Path) -> None:
    """
    Where an earlier start's processes hold on to the home, it is said which they are.
    """
    with (Home(tmp_path).path / "family.lock").open("w") as held:
        held.write(NOBODY)
        held.flush()
        fcntl.flock(held, fcntl.LOCK_EX)

        with pytest.raises(Stopped, match=rf"\(group {NOBODY}\) do not end"):
            up(Options(tmp_path))


class Running:
    """`rapport up` as a user starts it."""

    def __init__(self, home: Path, port: int, *options: str) -> None:
        self.home = home
        self.port = port
        command = [sys.executable, "-m", "cli", "up", "--home", str(home)]
        self.process = subprocess.Popen(
            [*command, "--port", str(port), *options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def await_ready(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            assert self.process.poll() is None, self.process.communicate()[0]
            assert time.monotonic() < deadline, self.logs()
            time.sleep(0.2)

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"http://{LOOPBACK}:{self.port}/readyz").is_success
        except httpx.TransportError:
            return False

    def logs(self) -> str:
        return "\n".join(file.read_text() for file in (self.home / "logs").iterdir())

    def companies(self) -> dict[str, Any]:
        """Give every company that the bank sees, by name."""
        key = (self.home / "api-key").read_text().strip()
        headers = {"Authorization": f"Bearer {key}"}
        url = f"http://{LOOPBACK}:{self.port}/v1/companies"
        answer = httpx.get(url, headers=headers).raise_for_status().json()
        return {company["name"]: company for company in answer["items"]}

    def end(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGTERM)
        said, _ = self.process.communicate(timeout=10)
        return self.process.returncode, said


@contextmanager
def running(home: Path, port: int, *options: str) -> Iterator[Running]:
    rapport = Running(home, port, *options)
    try:
        yield rapport
    finally:
        rapport.process.kill()
        rapport.process.communicate()


@pytest.mark.timeout(240)
def test_everything_starts_survives_and_ends(tmp_path: Path) -> None:
    """
    One command brings it all up and ten customers in, and says last where portal and
    mailbox are; what is killed comes back;
    SIGTERM leaves no listener; and the next start finds everything where it was.
    """
    home, port = tmp_path / "home", free_port()
    with running(home, port, "--demo") as rapport:
        rapport.await_ready()
        await_file(home / "demo-done", rapport)
        ports = json.loads((home / "ports.json").read_text())
        companies = rapport.companies()
        os.killpg(int((home / "family.lock").read_text()), signal.SIGKILL)
        while rapport.is_ready():
            time.sleep(0.05)
        rapport.await_ready()
        code, said = rapport.end()

    assert 0 == code
    assert "Rapport is up" in said
    assert said.index("Open these two") > said.index("Hoxton Tea")
    assert f"Portal        http://{LOOPBACK}:{port}/\n" in said
    assert f"Mailbox       http://{LOOPBACK}:{ports['sandbox']}/mailbox\n" in said
    assert "worker ended (SIGKILL): starting it again" in said
    assert 10 == len(companies)
    assert {"Requested", "Available", "Error"} == {
        company["status"] for company in companies.values()
    }
    assert 0o600 == stat.S_IMODE((home / "api-key").stat().st_mode)
    assert [None] * len(ports) == [trouble(LOOPBACK, each) for each in ports.values()]

    with running(home, port, "--demo") as rapport:
        rapport.await_ready()
        again = rapport.companies()
        code, said = rapport.end()

    assert 0 == code
    assert "The demo customers are here from an earlier start." in said
    assert companies == again
    assert ports == json.loads((home / "ports.json").read_text())


def await_file(file: Path, rapport: Running, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not file.exists():
        assert time.monotonic() < deadline, rapport.end()[1]
        time.sleep(0.2)
