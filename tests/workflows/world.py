"""Where a test of a journey takes place: a bank, its post, its database, and Temporal."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from random import Random
from typing import Any, TypeVar
from uuid import uuid4

import httpx
import pytest
from sqlmodel import SQLModel, select
from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowHistory,
    WorkflowUpdateFailedError,
)
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment
from temporalio.worker import Replayer
from temporalio.workflow import UpdateMethodMultiParam

from activities.builder import Builder
from activities.reconcile import ReconcileActivities
from domain.ids import Kind, new_id
from domain.journey import FIRST, DataType, Delivery, Structure
from domain.messages import Sweep
from domain.state import Journey, Rules
from emails.transport import HandOverFailed
from settings import Settings
from store import journeys
from store.database import Database
from store.objects import Objects
from store.tables import CompanyRow, CredentialRow, OrganizationRow
from store.vault import Vault
from tests.determinism import workflow_sandbox
from tests.workflows.customer import Customer
from worker import WORKFLOWS, build_worker
from workflows.start import start_build, start_journey, start_removal, start_sync

CHANCE = Random(7)  # noqa: S311
FINANCIALS = (DataType.FINANCIALS,)
SPEND = (DataType.SPEND_ANALYSIS,)
BOTH = (DataType.FINANCIALS, DataType.SPEND_ANALYSIS)
CONTACT = "ada@hoxton.example"

Update = UpdateMethodMultiParam[[Any, Any], Any]
Row = TypeVar("Row", bound=SQLModel)


class Postman:
    """A mail server's edge: takes messages, or fails as the test says."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.troubles: list[HandOverFailed] = []
        self.open = asyncio.Event()
        self.open.set()

    async def hand_over(self, message: EmailMessage) -> None:
        await self.open.wait()
        if self.troubles:
            raise self.troubles.pop(0)
        self.taken.append(message)

    @property
    def subjects(self) -> list[str]:
        return [message["Subject"] for message in self.taken]

    def link(self, number: int = -1) -> str:
        """Return the link of one message; in plain text it stands alone on its line."""
        text = self.taken[number].get_body(("plain",))
        assert text is not None
        lines: list[str] = text.get_content().splitlines()
        return next(line for line in lines if "/link/" in line)


class World:
    """One bank with its customers."""

    def __init__(  # noqa: PLR0913, PLR0917 (everything there is)
        self,
        temporal: WorkflowEnvironment,
        settings: Settings,
        database: Database,
        objects: Objects,
        books: httpx.AsyncClient,
        postman: Postman,
        builder: Builder,
    ) -> None:
        self.temporal, self.settings, self.database = temporal, settings, database
        self.objects, self.books, self.postman = objects, books, postman
        self.builder = builder
        self.task_queue = f"test-{uuid4()}"
        self.organization_id = self.new_id(Kind.ORGANIZATION)
        self.vault = Vault(settings.secret.get_secret_value().encode())
        self.customers: list[Customer] = []
        self.codes: list[str] = []
        self.slow: set[str] = set()

    @property
    def client(self) -> Client:
        return self.temporal.client

    async def open_bank(self) -> None:
        bank = OrganizationRow(
            id=self.organization_id,
            name="Northern Bank",
            sender_name="Northern Bank",
            reminders_days=[2, 5, 10],
            stage_limits={},
            features={},
            created_at=datetime.now(UTC),
        )
        await self.store(bank)

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        """Run the worker that production runs."""
        await self._start_worker()
        yield
        await self._worker.shutdown()

    @asynccontextmanager
    async def downtime(self) -> AsyncIterator[None]:
        """Let no worker run for a while; the next one knows nothing but the histories."""
        await self._worker.shutdown()
        yield
        await self._start_worker()

    async def _start_worker(self) -> None:
        self._worker = build_worker(
            self.client,
            self.settings,
            self.database,
            self.objects,
            self.postman,
            self.books,
            self.builder,
            task_queue=self.task_queue,
        )
        await self._worker.__aenter__()

    async def ask(  # noqa: PLR0913 (what a bank can decide)
        self,
        data_types: tuple[DataType, ...] = FINANCIALS,
        *,
        delivery: Delivery = Delivery.EMAIL,
        company: Customer | None = None,
        rules: Rules | None = None,
        expires_in: timedelta = timedelta(days=30),
        started: bool = True,
    ) -> Customer:
        """Ask a client for its books, as the API does."""
        journey = self._journey(data_types, delivery, company)
        changes = {"expires_at": journey.created_at + expires_in}
        journey = journey.but(**changes, rules=rules or journey.rules)
        if company is None:
            await self.store(self._company(journey))
        await self.store(journeys.first_row(journey))
        if started:
            await start_journey(self.client, journey, self.task_queue)
        customer = Customer(self, journey)
        self.customers.append(customer)
        return customer

    async def asks(
        self, handle: WorkflowHandle[Any, Any], update: Update, argument: Any
    ) -> Any:
        """Send an Update and return its answer."""
        return await handle.execute_update(update, argument)

    async def asks_in_vain(
        self, handle: WorkflowHandle[Any, Any], update: Update, argument: Any
    ) -> str:
        """Return the code with which an Update is refused."""
        with pytest.raises(WorkflowUpdateFailedError) as failed:
            await handle.execute_update(update, argument)
        cause = failed.value.cause
        assert isinstance(cause, ApplicationError)
        return cause.type or ""

    async def scenario(self, company: str, scenario: str) -> None:
        """Change how a company's logins at the accounting software behave."""
        answer = await self.books.post(
            "/control/scenario", json={"company": company, "scenario": scenario}
        )
        assert answer.is_success

    async def approval(self, company: str, software: str, scenario: str) -> str:
        """Press the button at the software's own page; return the code that comes back."""
        form = {
            "response_type": "code",
            "client_id": "rapport",
            "product": software,
            "company": company,
            "state": "s",
            "redirect_uri": "http://rapport.test/link/return/sandbox",
            "decision": "approve",
            "scenario": scenario,
        }
        answer = await self.books.post("/oauth/authorize", data=form)
        if scenario == "slow":
            self.slow.add(company)
        code = httpx.URL(answer.headers["location"]).params["code"]
        self.codes.append(code)
        return code

    async def sweep(self, name: str, after: timedelta = timedelta(minutes=1)) -> None:
        """Run one sweep of `Reconcile`, as if it were that much later."""
        sweeps = ReconcileActivities(
            self.database,
            self.objects,
            self.client,
            start_journey=lambda client, journey: start_journey(
                client, journey, self.task_queue
            ),
            start_sync=lambda client, sync: start_sync(client, sync, self.task_queue),
            start_build=lambda client, company_id: start_build(
                client, company_id, self.task_queue
            ),
            start_removal=lambda client, command: start_removal(
                client, command, self.task_queue
            ),
        )
        sweep = Sweep(at=datetime.now(UTC) + after, run_id="run")
        await ActivityEnvironment().run(getattr(sweeps, name), sweep)

    async def later(self, workflow_id: str, **time: float) -> None:
        """Skip time for a workflow. One that has a child running can't: the child acts in real time."""
        handle = self.client.get_workflow_handle(workflow_id)
        await self.temporal.fast_forward(handle, timedelta(**time))

    async def until(
        self, what: Callable[[], Any], within: float = 60, every: float = 0.05
    ) -> Any:
        """Wait until an awaited look at something is true, and return it."""
        async with asyncio.timeout(within):
            while not (seen := await what()):  # noqa: ASYNC110 (it is elsewhere)
                await asyncio.sleep(every)
        return seen

    async def status(self, workflow_id: str) -> WorkflowExecutionStatus | None:
        described = await self.client.get_workflow_handle(workflow_id).describe()
        return described.status

    async def ends(self, workflow_id: str) -> None:
        """Wait until a workflow is over, one way or the other."""

        async def look() -> bool:
            return await self.status(workflow_id) is not WorkflowExecutionStatus.RUNNING

        await self.until(look)

    @asynccontextmanager
    async def nobody_writes(self) -> AsyncIterator[None]:
        """Hold the database, so that whoever wants to write has to wait."""
        async with self.database.transaction() as session:
            await session.exec(select(OrganizationRow))
            if self.database.engine.dialect.name == "postgresql":
                connection = await session.connection()
                await connection.exec_driver_sql(
                    "LOCK TABLE syncs, journeys IN EXCLUSIVE MODE"
                )
            yield

    async def store(self, *rows: SQLModel) -> None:
        async with self.database.transaction() as session:
            session.add_all(rows)

    async def rows(self, table: type[Row], *conditions: Any) -> Sequence[Row]:
        async with self.database.reading() as session:
            return (await session.exec(select(table).where(*conditions))).all()

    async def close(self) -> None:
        """
        End what is open; then run each workflow again from its history, which holds no secret.

        This time in a sandbox: whoever asks a clock or chance is caught.
        """
        for customer in self.customers:
            await customer.ends()
        for company in self.slow:  # what reads there still need not take long
            await self.scenario(company, "default")
        histories = await self.histories()
        secrets = await self._secrets()
        replayer = Replayer(
            workflows=WORKFLOWS,
            data_converter=pydantic_data_converter,
            workflow_runner=workflow_sandbox(),
        )
        await replayer.replay_workflows(one_by_one(histories))
        for history in histories:
            written = b"".join(event.SerializeToString() for event in history.events)
            found = [secret for secret in secrets if secret.encode() in written]
            assert [] == found, history.workflow_id

    async def histories(self) -> list[WorkflowHistory]:
        """Return the history of every run of this bank, once all of them are over."""
        query = f"RapportOrganization = '{self.organization_id}'"

        async def all_over() -> list[WorkflowHandle[Any, Any]]:
            found = [each async for each in self.client.list_workflows(query)]
            ids = {each.id for each in found}
            over = all(each.close_time is not None for each in found)
            if not over or any(each.id not in ids for each in self._begun()):
                return []
            return [
                self.client.get_workflow_handle(each.id, run_id=each.run_id)
                for each in found
            ]

        handles = await self.until(all_over, every=0.1) if self._begun() else []
        return [await handle.fetch_history() for handle in handles]

    def new_id(self, kind: Kind) -> str:
        return new_id(kind, datetime.now(UTC), CHANCE)

    def _begun(self) -> list[Customer]:
        return [customer for customer in self.customers if customer.began]

    async def _secrets(self) -> list[str]:
        tokens = [
            self.vault.open(sealed)
            for row in await self.rows(CredentialRow)
            for sealed in (row.access, row.refresh)
        ]
        links = [
            self.postman.link(number).rpartition("/")[2]
            for number, message in enumerate(self.postman.taken)
            if "/link/" in message.as_string()
        ]
        return [*tokens, *links, *self.codes, CONTACT]

    def _journey(
        self,
        data_types: tuple[DataType, ...],
        delivery: Delivery,
        company: Customer | None,
    ) -> Journey:
        now = datetime.now(UTC)
        number = len(self.customers) + 1
        return Journey(
            id=self.new_id(Kind.JOURNEY),
            organization_id=self.organization_id,
            company_id=company.company_id if company else self.new_id(Kind.COMPANY),
            company_name=company.name if company else f"Hoxton Tea {number}",
            data_types=data_types,
            delivery=delivery,
            created_at=now,
            expires_at=now,
            stage=FIRST[delivery],
            stage_since=now,
            structure=None if data_types == SPEND else Structure.SINGLE,
        )

    def _company(self, journey: Journey) -> CompanyRow:
        return CompanyRow(
            id=journey.company_id,
            organization_id=self.organization_id,
            name=journey.company_name,
            contact_name="Ada Okafor",
            contact_email=CONTACT,
            created_at=journey.created_at,
            updated_at=journey.created_at,
        )


async def one_by_one(
    histories: list[WorkflowHistory],
) -> AsyncIterator[WorkflowHistory]:
    for history in histories:
        yield history
