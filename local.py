"""`rapport up`: the whole system on one machine, from one command."""

import asyncio
import contextlib
import os
import secrets
import signal
import sys
import sysconfig
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import httpx
from dotenv import dotenv_values

from demo.drive import drive
from demo.visit import Stalled
from home import LOOPBACK, Home, replace, trouble
from processes import Child, Stubborn, Supervisor, Taken, claim
from settings import PREFIX

ORGANIZATION: Final = "Meridian Bank"
ELSEWHERE: Final = 5
"""The niceness of what stands for other people's machines: it takes less time from Rapport."""

_CODE: Final = Path(__file__).parent
_PYTHON: Final = (
    sys.executable,
    "-P",
)  # whatever lies in the present folder is not ours
_ANYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104 (to recognise it, not to bind it)
_MIGRATION_TRIES: Final = 5
_ASK_EVERY: Final = 0.25
_REPORT_EVERY: Final = 15.0

Say = Callable[[str], None]


class Stopped(Exception):
    """Why `rapport up` can't go on: a sentence that says what to do."""


class Options(NamedTuple):
    """What the person who starts it chooses."""

    home: Path
    host: str = LOOPBACK
    port: int = 8000
    demo: bool = False
    temporal_address: str | None = None
    worker: Path = _CODE / "worker.py"


class Plan(NamedTuple):
    """What will run where: decided before anything is started."""

    options: Options
    home: Home
    ports: Mapping[str, int]

    @property
    def api_url(self) -> str:
        """Where a program on this machine reaches the API."""
        host = self.options.host
        host = LOOPBACK if host in _ANYWHERE else f"[{host}]" if ":" in host else host
        return f"http://{host}:{self.options.port}"

    def url(self, name: str, scheme: str = "http") -> str:
        """Where one of the parts listens."""
        return f"{scheme}://{LOOPBACK}:{self.ports[name]}"


def up(options: Options, say: Say = print) -> None:
    """Start everything, and stay until Ctrl-C or SIGTERM. Raises Stopped."""
    home = Home(options.home)
    try:
        with claim(home.path) as family:
            plan = Plan(options, home, home.ports(options.port))
            refuse_taken_ports(plan)
            asyncio.run(_until_told(plan, family, say))
    except Taken as taken:
        raise Stopped(
            f"Rapport runs already on {home.path} (process {taken}). "
            "Stop it first, or give this one a --home and a --port of its own."
        ) from None
    except Stubborn as stubborn:
        raise Stopped(
            f"Processes of an earlier start on {home.path} (group {stubborn}) do not "
            "end. End them, then start again."
        ) from None


def refuse_taken_ports(plan: Plan) -> None:
    for name, port in plan.ports.items():
        if name.startswith("temporal") and plan.options.temporal_address:
            continue
        host = plan.options.host if name == "api" else LOOPBACK
        if why := trouble(host, port):
            cure = (
                "choose another with --port"
                if name == "api"
                else f"delete its line in {plan.home.path / 'ports.json'} to have another chosen"
            )
            raise Stopped(
                f"Port {port} ({name}) can't be used: {why}. "
                f"Stop the program that uses it, or {cure}."
            )


async def _until_told(plan: Plan, family: BinaryIO, say: Say) -> None:
    async with Supervisor(plan.home.logs, family, say) as supervisor:
        life = asyncio.create_task(_live(plan, supervisor, say))
        for told in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(told, life.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await life
        say("Stopping.")


async def _live(plan: Plan, supervisor: Supervisor, say: Say) -> None:
    say(f"Starting Rapport in {plan.home.path}")
    for child in neighbours(plan):
        supervisor.keep(child)
    await _migrated(plan, supervisor)
    for child in _rapport(plan):
        supervisor.keep(child)
    await _ready(plan, say)
    _announce(plan, say)
    if plan.options.demo:
        await _demonstrate(plan, say)
    _invite(plan, say)
    await asyncio.Event().wait()


def neighbours(plan: Plan) -> list[Child]:
    """List what Rapport needs around it; strangers do not get its secrets."""
    sandbox = (
        *("-m", "sandbox", "--port", str(plan.ports["sandbox"])),
        *("--database", str(plan.home.path / "sandbox.db")),
        *("--mailbox", str(plan.home.mailbox)),
    )
    catcher = (
        *("-m", "sandbox.catcher", "--port", str(plan.ports["smtp"])),
        *("--mailbox", str(plan.home.mailbox)),
    )
    neighbours = [
        Child("sandbox", (*_PYTHON, *sandbox), _surroundings(), ELSEWHERE),
        Child("catcher", (*_PYTHON, *catcher), _surroundings(), ELSEWHERE),
    ]
    if plan.options.temporal_address is None:
        neighbours.insert(0, _temporal(plan))
    return neighbours


def _temporal(plan: Plan) -> Child:
    """
    Describe the embedded Temporal server: durable, and without its idle waits.

    The last setting lifts the 20 polls a second at which the development server
    looks for work; SQLite's two are durable against everything but a power cut.
    """
    command = (
        str(Path(sysconfig.get_path("scripts")) / "temporal"),
        *("server", "start-dev", "--ip", LOOPBACK, "--log-level", "warn"),
        *("--port", str(plan.ports["temporal"])),
        *("--ui-port", str(plan.ports["temporal_ui"]), "--ui-disable-news-fetch"),
        *("--db-filename", str(plan.home.path / "temporal.db")),
        *("--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=1"),
        *("--dynamic-config-value", "history.transferProcessorMaxPollRPS=2000"),
    )
    return Child("temporal", command, {"GOGC": "400", **_surroundings()})


def _rapport(plan: Plan) -> list[Child]:
    settings = environment(plan)
    address = ("--host", plan.options.host, "--port", str(plan.options.port))
    worker = (sys.executable, str(plan.options.worker))
    return [
        Child("worker", worker, settings),
        Child("api", (*_PYTHON, "-m", "cli", "api", *address), settings),
    ]


def _surroundings() -> dict[str, str]:
    ours = (PREFIX, "TEMPORAL_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    return {"PYTHONUNBUFFERED": "1", **kept}


def environment(plan: Plan) -> dict[str, str]:
    """Give the settings that connect the parts; what the person set wins."""
    home = plan.home
    connections = {
        "BASE_URL": plan.api_url,
        "DATABASE_URL": f"sqlite:///{home.path / 'rapport.db'}",
        "OBJECTS_URL": home.objects.as_uri(),
        "SMTP_URL": plan.url("smtp", "smtp"),
        "SANDBOX_URL": plan.url("sandbox"),
        "TEMPORAL_UI_URL": plan.url("temporal_ui"),
        "SECRET": home.private("secret", secrets.token_urlsafe),
        "PROVIDER_GIVE_UP": "20s",
        "EMAIL_GIVE_UP": "20s",
        "DEMO_SIGN_IN": "true",
    }
    theirs = {**_set(dotenv_values(".env")), **_set(os.environ)}
    return {
        **_surroundings(),
        **{PREFIX + name: value for name, value in connections.items()},
        **{key: theirs[key] for key in theirs if key.startswith(PREFIX)},
        **_temporal_environment(plan, theirs),
    }


def _set(values: Mapping[str, str | None]) -> dict[str, str]:
    return {key: value for key, value in values.items() if value is not None}


def _temporal_environment(plan: Plan, theirs: Mapping[str, str]) -> dict[str, str]:
    """Connect to the given server as its owner says, to ours without anybody's profile."""
    if plan.options.temporal_address is None:
        address = f"{LOOPBACK}:{plan.ports['temporal']}"
        return {"TEMPORAL_ADDRESS": address, "TEMPORAL_CONFIG_FILE": os.devnull}
    profile = {key: theirs[key] for key in theirs if key.startswith("TEMPORAL_")}
    return {**profile, "TEMPORAL_ADDRESS": plan.options.temporal_address}


async def _migrated(plan: Plan, supervisor: Supervisor) -> None:
    """Prepare the store and Temporal, which may need a moment to get up."""
    plan.home.private("api-key", lambda: f"rk_{secrets.token_urlsafe()}")
    command = (
        *(*_PYTHON, "-m", "cli", "migrate", "--organization", ORGANIZATION),
        *("--api-key-file", str(plan.home.api_key)),
    )
    child = Child("migrate", command, environment(plan))
    for _ in range(_MIGRATION_TRIES):
        if await supervisor.run(child) == 0:
            return
        await asyncio.sleep(1)
    raise Stopped(
        "The database or Temporal could not be prepared: "
        f"read {plan.home.logs / 'migrate.log'}"
    )


async def _ready(plan: Plan, say: Say) -> None:
    """Wait until every part answers; now and then say which one does not."""
    loop = asyncio.get_running_loop()
    report_at = loop.time() + _REPORT_EVERY
    async with httpx.AsyncClient(base_url=plan.api_url, timeout=10) as api:
        while (missing := await _missing(api)) is not None:
            if loop.time() > report_at:
                say(f"Still waiting ({missing}). What each part says: {plan.home.logs}")
                report_at = loop.time() + _REPORT_EVERY
            await asyncio.sleep(_ASK_EVERY)


async def _missing(api: httpx.AsyncClient) -> str | None:
    try:
        answer = await api.get("/readyz")
    except httpx.TransportError:
        return "the API does not answer"
    return None if answer.is_success else answer.text.strip()


def _announce(plan: Plan, say: Say) -> None:
    temporal = plan.options.temporal_address or plan.url("temporal_ui")
    say("Rapport is up. Ctrl-C ends it.")
    say(f"  API           {plan.api_url}/openapi.json")
    say(f"  API key       {plan.home.api_key}")
    say(f"  Temporal      {temporal}")
    say(f"  Sandbox       {plan.url('sandbox')}")
    say(f"  Emails        {plan.home.mailbox}")
    say(f"  Logs          {plan.home.logs}")


def _invite(plan: Plan, say: Say) -> None:
    """Say last, where it is found, what one opens first: the bank's side and the customers'."""
    say("Open these two in a browser:")
    say(f"  Portal        {plan.api_url}/")
    say(f"  Mailbox       {plan.url('sandbox')}/mailbox")


async def _demonstrate(plan: Plan, say: Say) -> None:
    """Bring the demo customers in, once per home; half a time is done again."""
    done = plan.home.path / "demo-done"
    if done.exists():
        say("The demo customers are here from an earlier start.")
        return
    key = plan.home.api_key.read_text().strip()
    try:
        await drive(plan.api_url, key, plan.home.mailbox, plan.url("sandbox"), say)
    except (Stalled, httpx.HTTPError) as error:
        say(
            f"The demo did not get to its end: {error}. The next start goes on with it."
        )
        return
    replace(done, "")
