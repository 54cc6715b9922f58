"""New accounts: made by an administrator, by a command, or to try Rapport out."""

from collections.abc import Mapping
from datetime import UTC, datetime
from random import SystemRandom
from typing import Final

from pydantic import TypeAdapter, ValidationError

from api.fields import PersonName, UserEmail
from api.portal.passwords import Passwords, TooWeak
from api.portal.ways import DEMO_EMAILS
from domain.complaints import sentence
from domain.ids import Kind, new_id
from domain.roles import Role
from store.database import Database
from store.tables import UserRow
from store.users import ensure_user, only_organization

DEMO_NAMES: Final[Mapping[Role, str]] = {
    Role.RELATIONSHIP_MANAGER: "Rosa Marin",
    Role.SUPPORT: "Samuel Okoye",
    Role.VIEWER: "Vera Lindqvist",
    Role.ADMIN: "Anil Brandt",
}

_EMAIL: Final[TypeAdapter[str]] = TypeAdapter(UserEmail)
_NAME: Final[TypeAdapter[str]] = TypeAdapter(PersonName)


class Unfit(ValueError):
    """What was typed makes no account; the message says why."""


def new_user(  # noqa: PLR0913 (what an account is made of)
    organization_id: str,
    *,
    email: str,
    name: str,
    role: Role,
    password_hash: str | None,
    now: datetime,
) -> UserRow:
    """Return a new account, which nobody has written yet. Raises Unfit."""
    try:
        address, called = _EMAIL.validate_python(email), _NAME.validate_python(name)
    except ValidationError as invalid:
        complaint = sentence(invalid.errors()[0])
        raise Unfit(complaint) from None
    return UserRow(
        id=new_id(Kind.USER, now, SystemRandom()),
        organization_id=organization_id,
        email=address,
        name=called,
        role=role,
        password_hash=password_hash,
        created_at=now,
    )


async def add_account(
    database: Database,
    organization_id: str | None,
    wish: Mapping[str, str],
    passwords: Passwords | None = None,
) -> UserRow:
    """
    Add a person: `wish` has email, name, role and password.

    Without an organization it is the only one there is. Raises Unfit.
    """
    organization_id = organization_id or await only_organization(database)
    if organization_id is None:
        raise Unfit("Say which organization it is: there is none, or several.")
    try:
        password_hash = await (passwords or Passwords()).hash(wish["password"])
    except TooWeak as weak:
        raise Unfit(str(weak)) from None
    row = new_user(
        organization_id,
        email=wish["email"],
        name=wish["name"],
        role=Role(wish["role"]),
        password_hash=password_hash,
        now=datetime.now(UTC),
    )
    if not await ensure_user(database, row):
        raise Unfit("Somebody has an account with this address already.")
    return row


async def ensure_demo_users(database: Database, organization_id: str) -> None:
    """Let there be one person of each role, whom a click signs in. Safe to run twice."""
    for role, email in DEMO_EMAILS.items():
        row = new_user(
            organization_id,
            email=email,
            name=DEMO_NAMES[role],
            role=role,
            password_hash=None,
            now=datetime.now(UTC),
        )
        await ensure_user(database, row)
