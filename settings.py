"""Every setting of Rapport, once: its name, what it means, its default."""

import contextlib
import re
from datetime import timedelta
from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.complaints import sentence
from emails.schemes import SCHEMES

PREFIX: Final = "RAPPORT_"

_SECRET_LENGTH: Final = 16
_UNITS: Final = ("days", "hours", "minutes", "seconds")
_SHORT_DURATION: Final = re.compile(r"(?:(\d+)D)?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")


class Misconfigured(Exception):
    """Settings that can't be used; the message is for the person who set them."""


def _duration(value: Any, parse: ValidatorFunctionWrapHandler) -> timedelta:
    """Read `90s`, `30m`, `6h`, `2d` or `1h30m`; pydantic reads ISO 8601."""
    if isinstance(value, str):
        value = _read(value, parse)
    duration: timedelta = parse(value)
    if duration <= timedelta(0):
        raise ValueError("a duration has to be longer than nothing")
    return duration


def _read(written: str, parse: ValidatorFunctionWrapHandler) -> Any:
    text = written.strip().upper()
    short = _SHORT_DURATION.fullmatch(text)
    if short and any(short.groups()):
        amounts = zip(_UNITS, short.groups(default="0"), strict=True)
        return timedelta(**{unit: int(amount) for unit, amount in amounts})
    if text.startswith("P"):
        with contextlib.suppress(ValidationError):
            return parse(text)
    raise ValueError(f"{written!r} is no duration: write it like 20s, 30m, 6h or PT30M")


def _long_enough(secret: SecretStr) -> SecretStr:
    if len(secret) < _SECRET_LENGTH:
        raise ValueError(f"it has to be at least {_SECRET_LENGTH} characters long")
    return secret


def _one_of(*schemes: str) -> AfterValidator:
    """Accept an address of one of these schemes, and cut a slash at its end."""

    def check(value: str) -> str:
        if urlsplit(value).scheme not in schemes:
            *first, last = (f"{scheme}://" for scheme in schemes)
            wanted = f"{', '.join(first)} or {last}"
            raise ValueError(f"this address has to begin with {wanted}")
        return value.rstrip("/")

    return AfterValidator(check)


def _not_overheard(value: str) -> str:
    """Refuse to send a password where others on the way can read it."""
    address = urlsplit(value)
    has_secret = address.username is not None or address.password is not None
    private = SCHEMES[address.scheme].is_private or _is_loopback(address.hostname or "")
    if has_secret and not private:
        raise ValueError(
            "smtp:// would send the user and the password unencrypted; "
            "write smtp+starttls:// or smtps:// instead"
        )
    return value


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _local_objects() -> str:
    return Path(".rapport/objects").resolve().as_uri()


Duration = Annotated[timedelta, WrapValidator(_duration)]
Secret = Annotated[SecretStr, AfterValidator(_long_enough)]
WebAddress = Annotated[str, _one_of("http", "https")]
MailServer = Annotated[str, _one_of(*SCHEMES), AfterValidator(_not_overheard)]


class Settings(BaseSettings):
    """
    What may differ between two installations.

    Read from `RAPPORT_*` in the environment, then from `.env`. How Temporal is
    reached is its own standard's business: `TEMPORAL_*` and its TOML profile.
    What belongs to an organization (reminders, expiry, limits) is in the store.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True
    )

    secret: Secret
    """Link tokens, OAuth states and the encryption of tokens derive from it."""

    base_url: WebAddress = "http://127.0.0.1:8000"
    """Where customers and the bank reach the API: the beginning of every link."""

    database_url: str = Field("sqlite:///.rapport/rapport.db", repr=False)
    objects_url: Annotated[str, _one_of("file", "s3")] = Field(
        default_factory=_local_objects
    )
    """`file:///folder` or `s3://bucket/prefix`: where snapshots are kept."""

    smtp_url: MailServer = Field("smtp://127.0.0.1:1025", repr=False)
    """
    `smtp+starttls://user:password@host:port`, or `smtps://…` for TLS from the start.

    `smtp://` is never encrypted: it takes a user and a password on this machine alone.
    """

    email_sender: str = Field("no-reply@rapport.example", pattern=r"^[^@\s]+@[^@\s]+$")

    sandbox_url: WebAddress = "http://127.0.0.1:9400"
    sandbox_client_id: str = "rapport"
    sandbox_client_secret: SecretStr = SecretStr("sandbox-secret")

    temporal_ui_url: WebAddress | None = None
    """Where people reach Temporal's UI; without it no page links to a workflow."""

    provider_give_up: Duration = timedelta(minutes=30)
    """From a software's first failed answer until it counts as unavailable."""

    provider_retry_every: Duration = timedelta(minutes=15)
    """How often software that was given up is asked again."""

    email_give_up: Duration = timedelta(hours=6)
    """From the mail server's first failed answer until the email counts as failed."""

    authorization_timeout: Duration = timedelta(minutes=60)
    """How long a customer may stay at the software before it counts as abandoned."""

    report_months: Annotated[int, Field(ge=1, le=120)] = 12
    """How many full months before the present one a report of spend looks back."""

    report_threshold: Annotated[Decimal, Field(ge=0)] = Decimal(0)
    """Suppliers below this spend, in the base currency, have no row of their own."""

    worker_metrics: Annotated[str, Field(pattern=r"^[^\s:]+:\d{1,5}$")] | None = None
    """Where the worker tells Prometheus about itself, `127.0.0.1:9464`; otherwise nowhere."""

    demo_sign_in: bool = False
    """Whether one click signs in, for each role: only for trying Rapport out."""

    log_format: Literal["pretty", "json"] = "pretty"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @classmethod
    def load(cls) -> Self:
        """Read the settings of this process, or say in plain words what is wrong."""
        try:
            return cls()
        except ValidationError as invalid:
            raise Misconfigured("\n".join(map(_sentence, invalid.errors()))) from None


def _sentence(error: ErrorDetails) -> str:
    """Name the variable and what is wrong with it, never the value of a secret."""
    name = PREFIX + "_".join(str(part) for part in error["loc"]).upper()
    if error["type"] == "missing":
        return f"{name} is not set."
    return f"{name}: {sentence(error)}."
