"""What building reports begins with: stored snapshots that readers see, and the desk that builds."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final, TypeVar

from temporalio.testing import ActivityEnvironment

from activities.access import Access
from activities.builder import Builder
from activities.building import Press
from activities.reading import Reader
from activities.reports import Publisher, ReportActivities
from activities.syncs import SyncActivities
from domain.datasets import DATASETS, Dataset, Row
from domain.journey import DataType, EntityStage, Stage, Structure
from domain.message import Message
from domain.messages import BuildReports, SyncState
from domain.reports import ReportType
from store import pages, reports
from store.accounts import AccountFacts, account
from store.database import Database
from store.journeys import first_row
from store.objects import Objects
from store.plans import Terms
from store.snapshots import Draft
from store.states import DatasetState
from store.syncs import datasets_of
from store.tables import ReportRow, SnapshotRow, SyncDatasetRow, SyncRow
from tests.activities.books import COMPANY as ORGANISATION
from tests.activities.books import Books, an_account
from tests.activities.given import (
    COMPANY,
    NOW,
    VAULT,
    a_company,
    a_connection,
    a_journey,
    a_sync,
    given,
)

Answer = TypeVar("Answer")

LAST_TRY: Final = 3
BROKEN: Final = ("-c", "raise SystemExit(4)")
ROWS: Final[dict[Dataset, list[Row]]] = {
    Dataset.COMPANY_INFO: [ORGANISATION],
    Dataset.ACCOUNTS: [an_account(number) for number in range(3)],
    Dataset.BALANCE_SHEET: [
        {
            "month": "2026-10",
            "currency": "GBP",
            "lines": [
                {
                    "section": "assets",
                    "account_id": "1",
                    "account_name": "Account 1",
                    "amount": Decimal(1),
                }
            ],
            "assets": Decimal(1),
            "liabilities": Decimal(0),
            "equity": Decimal(1),
        }
    ],
}


async def run(
    step: Callable[[Any], Awaitable[Answer]], command: Message, attempt: int = 1
) -> Answer:
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, attempt=attempt)
    return await environment.run(step, command)


class Desk:
    """Builds reports of snapshots that were stored without asking any software."""

    def __init__(
        self, database: Database, objects: Objects, builder: Builder | None = None
    ) -> None:
        self.database, self.objects = database, objects
        self.builder = builder or Builder()

    def publisher(
        self, program: Sequence[str] = (), database: Database | None = None
    ) -> Publisher:
        builder = Builder(program) if program else self.builder
        press = Press(self.objects, Terms(), builder)
        return Publisher(database or self.database, press)

    def reports(self, publisher: Publisher | None = None) -> ReportActivities:
        return ReportActivities(self.database, publisher or self.publisher())

    def syncs(
        self, publisher: Publisher | None = None, database: Database | None = None
    ) -> SyncActivities:
        database = database or self.database
        return SyncActivities(
            database,
            self.objects,
            {"sandbox": Books()},
            Reader(database, self.objects, Access(database, VAULT), give_up=NOW - NOW),
            publisher or self.publisher(database=database),
        )

    async def build(self, company_id: str = COMPANY) -> tuple[str, ...]:
        command = BuildReports(company_id=company_id)
        return (await run(self.reports().build_reports, command)).reports

    async def company(
        self, *data_types: DataType, company_id: str = COMPANY, **changes: Any
    ) -> None:
        """A company, the journey that asked for its books, and its connection."""
        journey = a_journey(
            id=f"jo_{company_id}",
            company_id=company_id,
            data_types=data_types,
            stage=Stage.COMPLETED,
            closed_at=NOW,
        )
        await given(self.database, a_company(company_id, **changes), first_row(journey))
        await given(
            self.database,
            a_connection(
                f"cn_{company_id}",
                journey_id=journey.id,
                client_id=company_id,
                company_id=company_id,
                stage=EntityStage.DONE,
            ),
        )

    async def client(self, *entity_ids: str, journey_id: str = "jo_many") -> None:
        """A client with legal entities, all of which were read."""
        journey = a_journey(
            id=journey_id,
            data_types=(DataType.SPEND_ANALYSIS,),
            structure=Structure.MULTIPLE,
            stage=Stage.COMPLETED,
            closed_at=NOW,
        )
        await given(self.database, first_row(journey))
        for entity_id in entity_ids:
            company = a_company(entity_id, parent_id=COMPANY, name=entity_id)
            connection = a_connection(
                f"cn_{entity_id}",
                journey_id=journey_id,
                company_id=entity_id,
                stage=EntityStage.DONE,
            )
            await given(self.database, company, connection)
            await self.snapshot(entity_id, "sy_1", DataType.SPEND_ANALYSIS)

    async def snapshot(
        self, company_id: str, sync_id: str, *data_types: DataType
    ) -> None:
        """Let readers see what a sync read."""
        draft = Draft(self.objects, company_id, sync_id)
        parts = {
            dataset: [await draft.write(dataset, 0, ROWS.get(dataset, []))]
            for data_type in data_types
            for dataset in DATASETS[data_type]
        }
        await draft.publish(NOW, parts)
        async with self.database.transaction() as session:
            for data_type in data_types:
                seen = SnapshotRow(
                    company_id=company_id,
                    data_type=data_type,
                    sync_id=sync_id,
                    published_at=NOW,
                )
                await session.merge(seen)

    async def sync(self, sync_id: str, *data_types: DataType, **changes: Any) -> None:
        """A sync that has read everything, and has yet to publish it."""
        row = a_sync(
            sync_id,
            state=SyncState.RUNNING,
            finished_at=None,
            data_types=[str(each) for each in data_types],
            **changes,
        )
        await given(self.database, row)
        draft = Draft(self.objects, row.company_id, sync_id)
        for position, dataset in enumerate(datasets_of(data_types)):
            planned = SyncDatasetRow(
                sync_id=sync_id,
                dataset=dataset,
                position=position,
                state=DatasetState.PENDING,
            )
            await given(self.database, planned)
            part = await draft.write(dataset, 0, ROWS.get(dataset, []))
            async with self.database.transaction() as session:
                await pages.note_page(session, sync_id, part, None)

    async def rows(self, company_id: str = COMPANY) -> dict[ReportType, ReportRow]:
        async with self.database.reading() as session:
            return {row.type: row for row in await reports.rows(session, company_id)}

    async def row(self, report: ReportType, company_id: str = COMPANY) -> ReportRow:
        return (await self.rows(company_id))[report]

    async def sync_row(self, sync_id: str) -> SyncRow:
        async with self.database.reading() as session:
            return await session.get_one(SyncRow, sync_id)

    async def account(self, account_id: str, company_id: str = COMPANY) -> AccountFacts:
        async with self.database.reading() as session:
            found = await account(session, company_id, account_id)
        assert found is not None
        return found

    async def keys(self) -> list[str]:
        """Return what is stored of reports."""
        return await self.objects.keys("reports")


class Meddling(Press):
    """A press during whose every build something else happens."""

    def __init__(
        self,
        objects: Objects,
        builder: Builder,
        meanwhile: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__(objects, Terms(), builder)
        self._meanwhile = meanwhile

    async def store(self, company_id: str, build_id: str, finished: Any) -> Any:
        stored = await super().store(company_id, build_id, finished)
        await self._meanwhile()
        return stored
