"""What a test of a journey can do: be the bank, the customer, the postman, and look."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from random import Random
from typing import Any
from uuid import uuid4

import httpx
from sqlmodel import col, select
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer

from domain.ids import Kind, new_id
from domain.journey import FIRST, DataType, Delivery, LinkAction, Stage, Structure
from domain.messages import Act, CameBack, Moved, RunJourney
from domain.state import Entity, Journey, Rules
from emails.transport import HandOverFailed
from settings import Settings
from store import credentials, journeys
from store.credentials import Code
from store.database import Database
from store.objects import Objects
from store.tables import (
    CompanyRow,
    ConnectionRow,
    EmailRow,
    MoveRow,
    OrganizationRow,
    SnapshotRow,
    SyncRow,
)
from store.vault import Vault
from worker import WORKFLOWS
from workflows.journey import CustomerJourney
from workflows.search_attributes import fixed

SECRET = "a secret of the tests, long enough"  # noqa: S105
REDIRECT = "http://rapport.test/link/return/sandbox"
CHANCE = Random(7)  # noqa: S311
FINANCIALS = (DataType.FINANCIALS,)
SPEND = (DataType.SPEND_ANALYSIS,)
BOTH = (DataType.FINANCIALS, DataType.SPEND_ANALYSIS)


class Postman:
    """A mail server's edge: takes messages, or fails as the test says."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.troubles: list[HandOverFailed] = []

    async def hand_over(self, message: EmailMessage) -> None:
        if self.troubles:
            raise self.troubles.pop(0)
        self.taken.append(message)


class World:
    """One bank with its customers."""

    def __init__(
        self,
        temporal: WorkflowEnvironment,
        settings: Settings,
        database: Database,
        objects: Objects,
        books: httpx.AsyncClient,
        postman: Postman,
    ) -> None:
        self.temporal, self.settings, self.database = temporal, settings, database
        self.objects, self.books, self.postman = objects, books, postman
        self.task_queue = f"test-{uuid4()}"
        self.organization_id = self._id(Kind.ORGANIZATION)
        self.vault = Vault(SECRET.encode())
        self.started: list[Customer] = []

    async def open_bank(self) -> None:
        async with self.database.transaction() as session:
            session.add(
                OrganizationRow(
                    id=self.organization_id,
                    name="Northern Bank",
                    sender_name="Northern Bank",
                    reminders_days=[2, 5, 10],
                    stage_limits={},
                    features={},
                    created_at=datetime.now(UTC),
                )
            )

    async def ask(
        self,
        data_types: tuple[DataType, ...] = FINANCIALS,
        *,
        delivery: Delivery = Delivery.EMAIL,
        company: "Customer | None" = None,
        rules: Rules | None = None,
    ) -> "Customer":
        """Ask a client for its books, as the API does."""
        now = datetime.now(UTC)
        name = (
            f"Hoxton Tea {len(self.started) + 1}" if company is None else company.name
        )
        company_id = self._id(Kind.COMPANY) if company is None else company.company_id
        journey = Journey(
            id=self._id(Kind.JOURNEY),
            organization_id=self.organization_id,
            company_id=company_id,
            company_name=name,
            data_types=data_types,
            delivery=delivery,
            rules=rules or Rules(),
            created_at=now,
            expires_at=now + timedelta(days=30),
            stage=FIRST[delivery],
            stage_since=now,
            structure=None if data_types == SPEND else Structure.SINGLE,
        )
        async with self.database.transaction() as session:
            if company is None:
                session.add(self._company(company_id, name, now))
            session.add(journeys.first_row(journey))
        handle = await self.temporal.client.start_workflow(
            CustomerJourney.run,
            RunJourney(journey=journey),
            id=journey.id,
            task_queue=self.task_queue,
            search_attributes=fixed(self.organization_id, company_id, journey.id),
        )
        customer = Customer(self, journey, handle)
        self.started.append(customer)
        return customer

    async def replay(self) -> None:
        """Let every journey of this test end, then run it again from its history."""
        replayer = Replayer(workflows=WORKFLOWS, data_converter=pydantic_data_converter)
        for customer in self.started:
            await customer.ends()
            for workflow_id in await customer.workflow_ids():
                handle = self.temporal.client.get_workflow_handle(workflow_id)
                await replayer.replay_workflow(await handle.fetch_history())

    async def scenario(self, company: str, scenario: str) -> None:
        answer = await self.books.post(
            "/control/scenario", json={"company": company, "scenario": scenario}
        )
        assert answer.is_success

    def _company(self, company_id: str, name: str, now: datetime) -> CompanyRow:
        return CompanyRow(
            id=company_id,
            organization_id=self.organization_id,
            name=name,
            contact_name="Ada Okafor",
            contact_email="ada@hoxton.example",
            created_at=now,
            updated_at=now,
        )

    def _id(self, kind: Kind) -> str:
        return new_id(kind, datetime.now(UTC), CHANCE)


class Customer:
    """One journey, its customer, and what the store shows of it."""

    def __init__(
        self,
        world: World,
        journey: Journey,
        handle: WorkflowHandle[CustomerJourney, Stage],
    ) -> None:
        self.world, self.id, self.handle = world, journey.id, handle
        self.company_id, self.name = journey.company_id, journey.company_name

    async def does(self, action: str, **fields: Any) -> Journey:
        """Act as the link flow would, and look at what the store shows then."""
        act = Act(action=LinkAction(action), **fields)
        moved: Moved = await self.handle.execute_update(CustomerJourney.act, act)
        journey = await self.journey()
        assert journey.version >= moved.version
        return journey

    async def approves(self, scenario: str = "default") -> Journey:
        """Go to the software and come back with leave to read."""
        journey = await self.does("authorize")
        entity = journey.entity(journey.focus)
        assert entity is not None
        code = await self._code(entity, scenario)
        async with self.world.database.transaction() as session:
            await credentials.keep_code(
                session,
                self.world.vault,
                entity.id,
                Code(code, REDIRECT),
                datetime.now(UTC),
            )
        return await self.comes_back(entity.id, journey.attempt, approved=True)

    async def comes_back(
        self, entity_id: str, attempt: int, *, approved: bool
    ) -> Journey:
        back = CameBack(entity_id=entity_id, attempt=attempt, approved=approved)
        await self.handle.execute_update(CustomerJourney.came_back, back)
        return await self.journey()

    async def connects(
        self, software: str = "ledgerly", scenario: str = "default"
    ) -> Journey:
        """Pick software and approve."""
        await self.does("select_software", software=software)
        return await self.approves(scenario)

    async def refused(self, update: Callable[..., Any], argument: Any) -> str:
        """Return the code with which an Update is refused."""
        try:
            await self.handle.execute_update(update, argument)
        except WorkflowUpdateFailedError as failed:
            assert isinstance(failed.cause, ApplicationError)
            return failed.cause.type or ""
        raise AssertionError("it was not refused")

    async def reaches(
        self, what: Callable[[Journey], bool], within: float = 20
    ) -> Journey:
        """Wait until the store shows it."""
        async with asyncio.timeout(within):
            while not what(journey := await self.journey()):
                await asyncio.sleep(0.05)
        return journey

    async def stands(self, stage: Stage) -> Journey:
        return await self.reaches(lambda journey: journey.stage is stage)

    async def later(self, **time: float) -> None:
        """Skip time for this journey and its children."""
        await self.world.temporal.fast_forward(self.handle, timedelta(**time))

    async def ends(self) -> None:
        """End the journey if nothing else has."""
        if (await self.journey()).open:
            await self.handle.cancel()
            await self.stands(Stage.CANCELLED)

    async def workflow_ids(self) -> Sequence[str]:
        async with self.world.database.reading() as session:
            statement = select(ConnectionRow.id).where(
                ConnectionRow.journey_id == self.id,
                col(ConnectionRow.software).is_not(None),
            )
            return [self.id, *(await session.exec(statement)).all()]

    async def journey(self) -> Journey:
        async with self.world.database.reading() as session:
            journey = await journeys.load(session, self.id)
        assert journey is not None
        return journey

    async def company(self) -> CompanyRow:
        async with self.world.database.reading() as session:
            return await session.get_one(CompanyRow, self.company_id)

    async def timeline(self) -> list[MoveRow]:
        return await self._rows(select(MoveRow).where(MoveRow.journey_id == self.id))

    async def events(self) -> list[str]:
        return [row.event for row in await self.timeline()]

    async def emails(self) -> list[EmailRow]:
        return await self._rows(select(EmailRow).where(EmailRow.journey_id == self.id))

    async def syncs(self) -> list[SyncRow]:
        return await self._rows(select(SyncRow).where(SyncRow.journey_id == self.id))

    async def snapshots(self) -> list[SnapshotRow]:
        statement = select(SnapshotRow).where(SnapshotRow.company_id == self.company_id)
        return await self._rows(statement)

    async def legal_entities(self) -> list[CompanyRow]:
        statement = select(CompanyRow).where(CompanyRow.parent_id == self.company_id)
        return await self._rows(statement)

    async def _rows(self, statement: Any) -> list[Any]:
        async with self.world.database.reading() as session:
            return list((await session.exec(statement)).all())

    async def _code(self, entity: Entity, scenario: str) -> str:
        answer = await self.world.books.post(
            "/oauth/authorize",
            data={
                "response_type": "code",
                "client_id": "rapport",
                "product": entity.software,
                "company": entity.name,
                "state": "s",
                "redirect_uri": REDIRECT,
                "decision": "approve",
                "scenario": scenario,
            },
        )
        return httpx.URL(answer.headers["location"]).params["code"]
