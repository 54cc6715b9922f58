"""
What a route may ask for.

Each of these is `async`, though few of them wait: what is not would be run in a thread,
a dozen times for a request.
"""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from random import SystemRandom
from typing import Annotated, Final

from fastapi import Depends, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel.ext.asyncio.session import AsyncSession

from api.errors import refusal
from api.temporal import TemporalDoor
from domain.ids import Kind, new_id
from domain.links import Signer
from domain.software import Software
from settings import Settings
from store import queries
from store.bootstrap import key_digest
from store.database import Database
from store.objects import Objects
from store.tables import OrganizationRow

_CHANCE: Final = SystemRandom()

_bearer: Final = HTTPBearer(
    auto_error=False, scheme_name="ApiKey", description="An organization's API key."
)


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


async def _objects(request: Request) -> Objects:
    objects: Objects = request.app.state.objects
    return objects


async def _temporal(request: Request) -> TemporalDoor:
    temporal: TemporalDoor = request.app.state.temporal
    return temporal


async def _signer(request: Request) -> Signer:
    signer: Signer = request.app.state.signer
    return signer


async def _software(request: Request) -> tuple[Software, ...]:
    software: tuple[Software, ...] = request.app.state.software
    return software


async def _now(request: Request) -> datetime:
    clock: Callable[[], datetime] = request.app.state.clock
    return clock()


Configured = Annotated[Settings, Depends(_settings)]
Store = Annotated[Database, Depends(_database)]
Files = Annotated[Objects, Depends(_objects)]
Temporal = Annotated[TemporalDoor, Depends(_temporal)]
Links = Annotated[Signer, Depends(_signer)]
Catalogue = Annotated[tuple[Software, ...], Depends(_software)]
Now = Annotated[datetime, Depends(_now)]


async def _bank(
    database: Store,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> OrganizationRow:
    """Find whose key it is, in a transaction of its own that is over when the route begins."""
    if credentials is not None:
        async with database.reading() as session:
            digest = key_digest(credentials.credentials)
            organization = await queries.organization_of_key(session, digest)
        if organization is not None:
            return organization
    raise refusal(
        "unauthorized",
        "Send an organization's API key: `Authorization: Bearer <api key>`.",
        headers={"WWW-Authenticate": "Bearer"},
    )


async def _reading(database: Store) -> AsyncIterator[AsyncSession]:
    async with database.reading() as session:
        yield session


Bank = Annotated[OrganizationRow, Depends(_bank)]
Reading = Annotated[AsyncSession, Depends(_reading, scope="function")]


COMPANY_ID: Final = "^co_[0-9a-z]{26}$"

CompanyId = Annotated[str, Path(pattern=COMPANY_ID)]
JourneyId = Annotated[str, Path(pattern="^jo_[0-9a-z]{26}$")]
ConnectionId = Annotated[str, Path(pattern="^cn_[0-9a-z]{26}$")]
SyncId = Annotated[str, Path(pattern="^sy_[0-9a-z]{26}$")]


def fresh_id(kind: Kind, at: datetime) -> str:
    """Return an id that nobody can guess."""
    return new_id(kind, at, _CHANCE)
