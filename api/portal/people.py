"""Who asks for a page, and whether they may."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, Final, NamedTuple

from fastapi import Depends, Request

from api.deps import Configured, Now, Store
from api.errors import refusal
from domain.roles import Permission, may
from settings import Settings
from store import users
from store.portal.stuck import count as count_stuck
from store.tables import OrganizationRow, UserRow

LASTS: Final = timedelta(hours=12)
"""After a day's work, one signs in anew."""


MANY: Final = 1000
"""More are not counted for the menu."""


class SignedOut(Exception):
    """Nobody is signed in, or not any more."""


class Person(NamedTuple):
    """Who is signed in, and for whom; of what is `stuck` there, so many are counted."""

    user: UserRow
    organization: OrganizationRow
    stuck: int = 0

    def may(self, permission: Permission) -> bool:
        """Whether this person's role allows it."""
        return may(self.user.role, permission)


def cookie_name(settings: Settings) -> str:
    """Return the cookie's name; over https the browser lets no other host set it."""
    return f"{'__Host-' if is_secure(settings) else ''}rapport-session"


def is_secure(settings: Settings) -> bool:
    """Whether people reach the portal over https."""
    return settings.base_url.startswith("https:")


async def person_of(
    request: Request, database: Store, settings: Configured, now: Now
) -> Person:
    """Return who is signed in. Raises SignedOut."""
    token = request.cookies.get(cookie_name(settings), "")
    async with database.reading() as session:
        found = await users.signed_in(session, token, now) if token else None
        if found is None:
            raise SignedOut
        stuck = await count_stuck(session, found[1].id, now, MANY)
    return Person(*found, stuck)


SomePerson = Annotated[Person, Depends(person_of)]


def permitted(permission: Permission) -> Callable[[Person], Awaitable[Person]]:
    """Return a dependency: the person, if their role allows this."""

    async def allowed(person: SomePerson) -> Person:
        if not person.may(permission):
            raise refusal("forbidden", "Your role does not allow this.")
        return person

    return allowed


Viewer = Annotated[Person, Depends(permitted(Permission.SEE))]
Downloader = Annotated[Person, Depends(permitted(Permission.DOWNLOAD))]
Editor = Annotated[Person, Depends(permitted(Permission.EDIT))]
Requester = Annotated[Person, Depends(permitted(Permission.REQUEST))]
Refresher = Annotated[Person, Depends(permitted(Permission.REFRESH))]
Categorizer = Annotated[Person, Depends(permitted(Permission.CATEGORIZE))]
Mender = Annotated[Person, Depends(permitted(Permission.MEND))]
Deleter = Annotated[Person, Depends(permitted(Permission.DELETE))]
Configurer = Annotated[Person, Depends(permitted(Permission.CONFIGURE))]
UserManager = Annotated[Person, Depends(permitted(Permission.MANAGE_USERS))]
