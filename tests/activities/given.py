"""What a step finds in the store: a bank, a client, a journey, a connection that may be read."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.emails import Email
from domain.journey import Actor as Who
from domain.journey import DataType, Delivery, EntityStage, Event, Stage, Structure
from domain.messages import RecordMove, SyncState, Trigger
from domain.moves import advance, begin
from domain.state import Entity, Happened, Journey
from store import journeys
from store.credentials import Code, Credential, keep_code, keep_credential
from store.database import Database
from store.tables import CompanyRow, ConnectionRow, OrganizationRow, SyncRow
from store.vault import Vault

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
CONTACT = "ada@hoxton.example"
WRITTEN = Email(
    to=CONTACT,
    to_name="Ada Okafor",
    subject="Your books",
    html="<p>Dear Ada Okafor</p>",
    text="Dear Ada Okafor",
)
JOURNEY, COMPANY, CONNECTION = "jo_1", "co_1", "cn_1"
VAULT = Vault(b"a secret of the tests, long enough")
LONG_AGO = NOW - timedelta(days=1)


def a_journey(**changes: Any) -> Journey:
    """Return a journey before its first move."""
    journey = Journey(
        id=JOURNEY,
        organization_id="or_1",
        company_id=COMPANY,
        company_name="Hoxton Tea",
        data_types=(DataType.FINANCIALS,),
        delivery=Delivery.EMAIL,
        created_at=NOW,
        expires_at=NOW + timedelta(days=30),
        stage=Stage.SENDING,
        stage_since=NOW,
        structure=Structure.SINGLE,
    )
    return journey.but(**changes)


def a_company(company_id: str = COMPANY, **changes: Any) -> CompanyRow:
    values = {
        "id": company_id,
        "organization_id": "or_1",
        "name": "Hoxton Tea",
        "contact_name": "Ada Okafor",
        "contact_email": CONTACT,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return CompanyRow(**{**values, **changes})


def a_connection(connection_id: str = CONNECTION, **changes: Any) -> ConnectionRow:
    """Return a connection whose books may be read."""
    values = {
        "id": connection_id,
        "organization_id": "or_1",
        "journey_id": JOURNEY,
        "client_id": COMPANY,
        "company_id": COMPANY,
        "name": "Hoxton Tea",
        "stage": EntityStage.FETCHING,
        "software": "ledgerly",
        "authorized": True,
    }
    return ConnectionRow(**{**values, **changes})


def a_bank() -> OrganizationRow:
    return OrganizationRow(
        id="or_1",
        name="Northern Bank",
        sender_name="Northern Bank",
        reminders_days=[2, 5, 10],
        stage_limits={},
        features={},
        created_at=NOW,
    )


def a_sync(sync_id: str = "sy_1", **changes: Any) -> SyncRow:
    values: dict[str, Any] = {
        "id": sync_id,
        "organization_id": "or_1",
        "company_id": COMPANY,
        "trigger": Trigger.MANUAL,
        "data_types": ["financials"],
        "state": SyncState.FAILED,
        "started_at": NOW,
        "finished_at": NOW,
        "workflow_id": "sync-co_1",
        "run_id": "run",
    }
    return SyncRow(**{**values, **changes})


async def given(database: Database, *rows: SQLModel) -> None:
    """Store rows in this order."""
    async with database.transaction() as session:
        for row in rows:
            session.add(row)
            await session.flush()


async def given_request(database: Database, **changes: Any) -> Journey:
    """Store a bank, its client, and a journey whose workflow has not begun."""
    journey = a_journey(**changes)
    await given(database, a_bank(), a_company(), journeys.first_row(journey))
    return journey


async def given_code(
    database: Database, code: str, connection: str = CONNECTION
) -> None:
    async with database.transaction() as session:
        kept = Code(code, "http://rapport.test/link/return/sandbox")
        await keep_code(session, VAULT, connection, kept, NOW)


async def given_tokens(
    database: Database, connection: ConnectionRow, **changes: Any
) -> None:
    values = {
        "access": "access 1",
        "refresh": "refresh 1",
        "expires_at": datetime.now(UTC) + timedelta(hours=1),
        "organisation": "org 1",
    }
    async with database.transaction() as session:
        await keep_credential(
            session, VAULT, connection, Credential(**{**values, **changes})
        )


class Recorder:
    """Makes the commands that a journey's workflow would send, one move after the other."""

    def __init__(self, journey: Journey, run_id: str = "run 1") -> None:
        self.journey, self.run_id = journey, run_id

    def begin(self, at: datetime = NOW) -> RecordMove:
        before, self.journey = self.journey, begin(self.journey, at)
        return self._command(before, Happened(event=Event.REQUESTED), at)

    def move(self, event: Event, at: datetime = NOW, **facts: Any) -> RecordMove:
        happened = Happened(event=event, **facts)
        before, self.journey = self.journey, advance(self.journey, happened, at)
        return self._command(before, happened, at)

    def _command(self, before: Journey, happened: Happened, at: datetime) -> RecordMove:
        after = self.journey
        return RecordMove(
            journey=after.but(entities=()),
            standing=after.standing,
            entities=after.entities,
            removed=tuple(
                each.id for each in before.entities if after.entity(each.id) is None
            ),
            run_id=self.run_id,
            at=at,
            event=happened.event,
            actor=Who.RAPPORT,
            reason=happened.reason,
        )


class Killed(BaseException):
    """The process died here."""


class MortalDatabase(Database):
    """A database whose process dies right after its n-th commit."""

    def __init__(self, url: str, lives: int) -> None:
        super().__init__(url)
        self.lives = lives

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        async with super().transaction() as session:
            yield session
        self.lives -= 1
        if self.lives == 0:
            raise Killed


def an_entity(entity_id: str = CONNECTION, **changes: Any) -> Entity:
    return Entity(id=entity_id, company_id=COMPANY, name="Hoxton Tea").but(**changes)
