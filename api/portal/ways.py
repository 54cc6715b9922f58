"""
The ways to prove who one is.

Each is a `SignIn`: it gets what the form sent, and names a user or nobody. OpenID
Connect would be one more, whose `who` exchanges the code that came back.
"""

from collections.abc import Mapping
from typing import Final, Protocol

from api.portal.passwords import Passwords
from domain.roles import Role
from store import users
from store.database import Database
from store.tables import UserRow

DEMO_EMAILS: Final[Mapping[Role, str]] = {
    role: f"{role.replace('_', '.')}@meridian.example" for role in Role
}


class SignIn(Protocol):
    """One way to sign in."""

    async def who(self, claims: Mapping[str, str]) -> UserRow | None:
        """Return whom the claims prove; None proves nobody, and says no more than that."""
        ...


class PasswordSignIn:
    """By email address and password."""

    def __init__(self, database: Database, passwords: Passwords) -> None:
        self._database = database
        self._passwords = passwords

    async def who(self, claims: Mapping[str, str]) -> UserRow | None:
        """Take equally long for a stranger, so that nobody learns who has an account."""
        async with self._database.reading() as session:
            user = await users.user_of_email(session, claims.get("email", ""))
        known = user.password_hash if user else None
        fits = await self._passwords.fits(claims.get("password", ""), known)
        return user if fits else None


class DemoSignIn:
    """By a click on a role: only where Rapport is tried out."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def who(self, claims: Mapping[str, str]) -> UserRow | None:
        """Return the person who plays that role."""
        email = {str(role): each for role, each in DEMO_EMAILS.items()}.get(
            claims.get("role", "")
        )
        async with self._database.reading() as session:
            return await users.user_of_email(session, email or "")
