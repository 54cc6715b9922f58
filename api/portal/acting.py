"""Acting for the person who is signed in, through the same code as `/v1`."""

from hashlib import sha256
from typing import Annotated, NamedTuple

from fastapi import Depends, Request

from api.accounts import Bookkeeper
from api.answers import AsSeen, Seen
from api.connections import Revoker
from api.deps import Configured, Now, Store, Temporal
from api.idempotency import Memory, Once
from api.journeys import Asker, JourneyDoor, Journeys
from api.portal.people import Person
from api.refreshes import Refresher
from api.removals import Remover
from api.requests import Requester
from api.temporal import TemporalDoor
from settings import Settings
from store.database import Database

ONCE = "once"
"""The field of a form that may be sent twice and counts once."""


class Deed(NamedTuple):
    """One form that somebody sent, and all that is needed to do what it says."""

    database: Database
    settings: Settings
    temporal: TemporalDoor
    journeys: JourneyDoor
    seen: Seen

    def requester(self, person: Person, once: Once) -> Requester:
        """Ask a company for its data."""
        return Requester(
            person.organization,
            once,
            self.settings,
            self.journeys,
            self.seen,
            person.user.id,
        )

    def refresher(self, person: Person) -> Refresher:
        """Read a company's books again."""
        return Refresher(
            person.organization,
            self.database,
            self.temporal,
            Once(self.database, None),
            self.seen.now,
            person.user.id,
        )

    def asker(self, person: Person) -> Asker:
        """Move a journey."""
        return Asker(
            person.organization,
            self.database,
            self.journeys,
            self.seen,
            None,
            person.user.id,
        )

    def revoker(self, person: Person) -> Revoker:
        """Give access to a company's books back."""
        return Revoker(
            person.organization,
            self.database,
            self.temporal,
            self.seen.now,
            person.user.id,
        )

    def remover(self, person: Person) -> Remover:
        """Delete a company."""
        return Remover(
            person.organization,
            self.database,
            self.temporal,
            self.seen.now,
            person.user.id,
        )

    def bookkeeper(self, person: Person) -> Bookkeeper:
        """Say what accounts are."""
        return Bookkeeper(
            person.organization,
            self.database,
            self.temporal,
            self.seen.now,
            person.user.id,
        )


async def _deed(
    database: Store,
    settings: Configured,
    temporal: Temporal,
    journeys: Journeys,
    seen: AsSeen,
) -> Deed:
    return Deed(database, settings, temporal, journeys, seen)


Doing = Annotated[Deed, Depends(_deed)]


async def once_per_form(
    request: Request, person: Person, database: Database, now: Now
) -> Once:
    """Let a form that is sent twice, by a double click or after going back, count once."""
    form = await request.form(max_files=0, max_fields=40)
    key = str(form.get(ONCE, ""))[:100]
    if not key:
        return Once(database, None)
    fields = repr(sorted((name, str(value)) for name, value in form.multi_items()))
    asked = sha256(f"{request.url.path} {fields}".encode()).hexdigest()
    memory = Memory(person.organization.id, f"{person.user.id} {key}", asked, now)
    return Once(database, memory)
