"""Whether Rapport lives, and whether every part that it needs answers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

import httpx
from fastapi import APIRouter, Request
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import select

from api import examples
from api.deps import Configured, Now, Store, Temporal
from api.errors import refusal
from api.openapi import documented
from api.schemas import HealthOut
from emails.schemes import SCHEMES
from settings import Settings
from store.database import Database
from store.tables import OrganizationRow

PATIENCE: Final = 2.0
"""Seconds that a part may take to answer."""

router = APIRouter(tags=["health"])

Check = Callable[[], Awaitable[bool]]


@router.get(
    "/healthz",
    summary="Is the API alive",
    responses=documented({"status": "alive", "parts": {}}, guarded=False),
)
async def check_health() -> HealthOut:
    """Answer as long as this process runs, whatever else does not."""
    return HealthOut(status="alive", parts={})


@router.get(
    "/readyz",
    summary="Do all parts answer",
    responses=documented(examples.READY, "not_ready", guarded=False),
)
async def check_readiness(
    request: Request,
    settings: Configured,
    database: Store,
    temporal: Temporal,
    now: Now,
) -> HealthOut:
    """
    Ask database, Temporal, worker, sandbox and catcher, all at once.

    503 `not_ready` says under `parts` which of them did not answer.
    """
    http: httpx.AsyncClient = request.app.state.http
    checks: Mapping[str, Check] = {
        "database": lambda: _database_answers(database),
        "temporal": temporal.answers,
        "worker": lambda: temporal.is_polled(now),
        "sandbox": lambda: _sandbox_answers(http, settings),
        "catcher": lambda: _catcher_answers(settings),
    }
    answers = await asyncio.gather(*(_in_time(check) for check in checks.values()))
    parts = dict(zip(checks, answers, strict=True))
    missing = [part for part, answered in parts.items() if not answered]
    if missing:
        detail = f"No answer from: {', '.join(missing)}."
        headers = {"Retry-After": "1"}
        raise refusal("not_ready", detail, headers=headers, parts=parts)
    return HealthOut(status="ready", parts=parts)


async def _in_time(check: Check) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            return await check()
    except TimeoutError:
        return False


async def _database_answers(database: Database) -> bool:
    """It can be read, and its tables are there."""
    try:
        async with database.reading() as session:
            await session.exec(select(OrganizationRow.id).limit(1))
    except SQLAlchemyError:
        return False
    return True


async def _sandbox_answers(http: httpx.AsyncClient, settings: Settings) -> bool:
    try:
        return (await http.get(f"{settings.sandbox_url}/healthz")).is_success
    except httpx.HTTPError:
        return False


async def _catcher_answers(settings: Settings) -> bool:
    address = urlsplit(settings.smtp_url)
    try:
        _, writer = await asyncio.open_connection(
            address.hostname, address.port or SCHEMES[address.scheme].port
        )
    except OSError:
        return False
    writer.close()
    return True
