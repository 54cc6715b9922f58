"""The one seam to the HTTP client: how the product talks to accounting software."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final

import httpx

from domain.reasons import Reason, Refused
from providers.base import Throttled, Unavailable

TIMEOUT: Final = httpx.Timeout(connect=5, read=30, write=10, pool=30)
LIMITS: Final = httpx.Limits(max_connections=64, max_keepalive_connections=16)

REFUSALS: Final[Mapping[int, Reason]] = {
    HTTPStatus.UNAUTHORIZED: Reason.ACCESS_REVOKED,
    HTTPStatus.FORBIDDEN: Reason.INSUFFICIENT_PERMISSIONS,
}
SHORTEST_PAUSE: Final = timedelta(seconds=1)
LONGEST_PAUSE: Final = timedelta(days=30)


def build_http() -> httpx.AsyncClient:
    """
    Return the client of this process: make one, share it, close it.

    A client per call would cost more than the call. Redirects are not followed: a
    token goes only where it was meant to.
    """
    return httpx.AsyncClient(
        timeout=TIMEOUT,
        limits=LIMITS,
        headers={"User-Agent": "Rapport", "Accept": "application/json"},
    )


async def ask(
    http: httpx.AsyncClient,
    method: str,
    url: str,
    refusals: Mapping[int, Reason] = REFUSALS,
    **parts: Any,
) -> httpx.Response:
    """
    Return a good answer, or raise what a bad one means to a provider's caller.

    `refusals` are the statuses that somebody can act on; any other one is a defect
    and rises as `httpx.HTTPStatusError`.
    """
    try:
        answer = await http.request(method, url, **parts)
    except httpx.RequestError as lost:
        raise Unavailable(type(lost).__name__) from lost
    if answer.is_server_error:
        raise Unavailable(f"status {answer.status_code}")
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        raise Throttled(pause(answer.headers.get("Retry-After", ""), datetime.now(UTC)))
    if answer.status_code in refusals:
        raise Refused(refusals[answer.status_code])
    return answer.raise_for_status()


def pause(retry_after: str, now: datetime) -> timedelta:
    """Read a Retry-After, in seconds or as a date; a second where it says nothing."""
    asked = retry_after.strip()
    if re.fullmatch("[0-9]{1,9}", asked):
        wanted = timedelta(seconds=int(asked))
    else:
        wanted = _until(asked, now)
    return min(max(wanted, SHORTEST_PAUSE), LONGEST_PAUSE)


def _until(date: str, now: datetime) -> timedelta:
    try:
        at = parsedate_to_datetime(date)
    except ValueError:
        return SHORTEST_PAUSE
    return (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
