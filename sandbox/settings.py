"""Everything about the sandbox that may be set, with the values it has otherwise."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Settings:
    """How one sandbox runs."""

    bills: int = 100_000  # of a login that is `large`
    access_token_lifetime: timedelta = timedelta(minutes=5)
    code_lifetime: timedelta = timedelta(minutes=10)
    calls_a_minute: int = 600  # per login
    client_id: str = "rapport"
    client_secret: str = "sandbox-secret"  # noqa: S105 - a sandbox's secret is public
    mailbox: Path | None = None  # where the catcher keeps its mail
    clock: Callable[[], datetime] = _now
