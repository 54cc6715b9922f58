"""What Rapport asks of every source of accounting data."""

from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from domain.datasets import Dataset, Row
from domain.software import AuthorizationRequest, Software


class Tokens(NamedTuple):
    """
    The keys to one organisation's books: secrets, to be stored encrypted only.

    `expires_at` is when `access` ends; `refresh` may be used once.
    """

    access: str
    refresh: str
    expires_at: datetime

    def __repr__(self) -> str:
        """Keep the secrets out of logs and tracebacks."""
        return f"Tokens(expires_at={self.expires_at.isoformat()})"


class Grant(NamedTuple):
    """What an approval gives; `organisation` is its id at the software."""

    tokens: Tokens
    organisation: str


class Page(NamedTuple):
    """
    A part of a dataset, as canonical rows in the software's order.

    `next_cursor` asks for the rest and is None at the end; `total` counts the rows
    of the whole dataset where the software says.
    """

    rows: list[Row]
    next_cursor: str | None
    total: int | None


class Unavailable(Exception):
    """The software did not answer, or answered that it can't: worth another try."""


class Throttled(Exception):
    """The software asks for a pause before the same call."""

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__(f"come back in {retry_after.total_seconds():.0f} s")
        self.retry_after = retry_after


class Provider(Protocol):
    """
    Reads the books of companies at one source of accounting data.

    Every call raises `Unavailable` and `Throttled` for what passes, and `Refused`
    for what stays until somebody acts:

    * `ACCESS_REVOKED`: the software no longer takes the code or the token;
    * `INSUFFICIENT_PERMISSIONS`: that login may not read this;
    * `INVALID_DATA`: the answer can't be understood. The detail names dataset, row
      and field, never a value.

    Anything else is a defect and rises as it is. Whether it is the right
    organisation, and whether its books are empty, is for the caller to judge.
    """

    key: str
    software: tuple[Software, ...]

    def authorize_url(self, request: AuthorizationRequest) -> str:
        """Where the customer says yes or no, and comes back from."""
        ...

    async def exchange(self, code: str, redirect_uri: str) -> Grant:
        """
        Turn the code that an approval gave into tokens.

        Safe to run twice where the software answers the same code again.
        """
        ...

    async def refresh(self, refresh_token: str) -> Tokens:
        """
        Get new tokens; store them before the new access token is used.

        The old refresh token is spent as soon as one of the new ones was used.
        """
        ...

    async def revoke(self, refresh_token: str) -> None:
        """Give the access back. Safe to run twice: a dead token is fine."""
        ...

    async def read_page(
        self, access_token: str, dataset: Dataset, cursor: str | None
    ) -> Page:
        """
        Read one page, the first when there is no cursor.

        Reads only: may run twice. A cursor means the same rows each time, as long as
        the books stay as they are.
        """
        ...
