"""What a test of the API begins with: rows as activities would have written them."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import select

from domain.ids import Kind, new_id
from domain.journey import (
    FIRST,
    Actor,
    DataType,
    Delivery,
    EntityStage,
    Event,
    Stage,
    Structure,
)
from domain.messages import SyncState, Trigger
from domain.state import Journey
from store.bootstrap import ensure_organization
from store.database import Database
from store.journeys import first_row
from store.search import index_company
from store.tables import (
    CompanyRow,
    CompanyUserRow,
    ConnectionRow,
    JourneyRow,
    MoveRow,
    OpenQuestionRow,
    SyncRow,
    Table,
)

NOW: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
CONTACT: Final = {"name": "Ada Okafor", "email": "ada@hoxton.test"}
COMPANY: Final = {"name": "Hoxton Tea", "contact": CONTACT}
ASKED: Final = {"data_types": ["financials"], "delivery": "email"}
BY_LINK: Final = {"data_types": ["financials"], "delivery": "link"}
OTHERS: Final = "the key of another bank"
OURS: Final = "the key of our bank"


Row = TypeVar("Row", bound=Table)


class Given:
    """Writes rows, each with values that the test does not care about."""

    def __init__(self, database: Database, organization_id: str) -> None:
        self.database = database
        self.organization_id = organization_id
        self._chance = Random(organization_id)  # noqa: S311
        self._minutes = 0

    def new_id(self, kind: Kind) -> str:
        """Return ids in the order in which they are asked for."""
        self._minutes += 1
        return new_id(kind, NOW + timedelta(minutes=self._minutes), self._chance)

    async def company(self, **changes: Any) -> CompanyRow:
        row = CompanyRow(
            id=self.new_id(Kind.COMPANY),
            organization_id=self.organization_id,
            name="Hoxton Tea",
            contact_name=CONTACT["name"],
            contact_email=CONTACT["email"],
            created_at=NOW + timedelta(minutes=self._minutes),
            updated_at=NOW,
        )
        users = changes.pop("users", ())
        async with self.database.transaction() as session:
            session.add(_changed(row, changes))
            session.add_all(
                CompanyUserRow(company_id=row.id, email=user) for user in users
            )
            await session.flush()
            await index_company(session, row)
        return row

    async def journey(self, company: CompanyRow, **changes: Any) -> JourneyRow:
        delivery = changes.get("delivery", Delivery.EMAIL)
        journey = Journey(
            id=self.new_id(Kind.JOURNEY),
            organization_id=company.organization_id,
            company_id=company.id,
            company_name=company.name,
            data_types=(DataType.FINANCIALS,),
            delivery=delivery,
            created_at=NOW,
            expires_at=NOW + timedelta(days=30),
            stage=FIRST[delivery],
            stage_since=NOW,
            structure=Structure.SINGLE,
        )
        row = _changed(first_row(journey), changes)
        company.journey_id = row.id
        await self.written(row, company)
        return row

    async def over(self, company: CompanyRow, **changes: Any) -> JourneyRow:
        """A journey that is completed."""
        ended = {"stage": Stage.COMPLETED, "closed_at": NOW, "stuck_after": None}
        return await self.journey(company, **{**ended, **changes})

    async def connection(self, journey: JourneyRow, **changes: Any) -> ConnectionRow:
        row = ConnectionRow(
            id=self.new_id(Kind.CONNECTION),
            organization_id=journey.organization_id,
            journey_id=journey.id,
            client_id=journey.company_id,
            company_id=journey.company_id,
            name=journey.company_name,
            stage=EntityStage.DONE,
            software="ledgerly",
            authorized=True,
            authorized_at=NOW,
        )
        await self.written(_changed(row, changes))
        return row

    async def sync(self, company: CompanyRow, **changes: Any) -> SyncRow:
        row = SyncRow(
            id=self.new_id(Kind.SYNC),
            organization_id=company.organization_id,
            company_id=company.id,
            trigger=Trigger.MANUAL,
            data_types=["financials"],
            state=SyncState.SUCCEEDED,
            started_at=NOW,
            finished_at=NOW,
            workflow_id=f"sync-{company.id}",
            run_id="a-run",
        )
        await self.written(_changed(row, changes))
        return row

    async def moves(self, journey: JourneyRow, count: int) -> None:
        await self.written(
            *(
                MoveRow(
                    journey_id=journey.id,
                    seq=seq,
                    run_id="a-run",
                    number=seq,
                    at=NOW,
                    actor=Actor.CUSTOMER,
                    event=Event.OPENED,
                    stage=Stage.SELECTING_SOFTWARE,
                )
                for seq in range(1, count + 1)
            )
        )

    async def written(self, *rows: Table) -> None:
        async with self.database.transaction() as session:
            session.add_all(rows)

    async def everything(self) -> dict[str, list[dict[str, Any]]]:
        """
        Return every row of every table: to show that nothing changed.

        That a question is open is no change: it is what makes a repetition harmless.
        """
        async with self.database.reading() as session:
            connection = await session.connection()
            return {
                table.name: [
                    dict(row)
                    for row in (await connection.execute(select(table))).mappings()
                ]
                for table in Table.metadata.sorted_tables
                if table.name != OpenQuestionRow.__tablename__
            }


class Bank(NamedTuple):
    """An organization and what a test can make of it."""

    id: str
    key: str
    given: Given


async def open_bank(database: Database, name: str, key: str) -> Bank:
    organization_id = await ensure_organization(database, name=name, key=key)
    return Bank(organization_id, key, Given(database, organization_id))


def _changed(row: Row, changes: dict[str, Any]) -> Row:
    for name, value in changes.items():
        setattr(row, name, value)
    return row
