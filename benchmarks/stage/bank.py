"""A bank with customers who do what a program asks of them, beside the API: straight to the workflow."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any, Final

import httpx
from sqlmodel import select
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from benchmarks.stage.copies import environment, settings_of
from domain.ids import Kind, new_id
from domain.journey import (
    FIRST,
    DataType,
    Delivery,
    LinkAction,
    Stage,
    Structure,
)
from domain.messages import Act, CameBack
from domain.state import Journey
from store import credentials, journeys
from store.credentials import Code
from store.database import Database
from store.tables import CompanyRow, OrganizationRow
from store.vault import Vault
from tests.e2e.running import Running
from workflows.ids import TASK_QUEUE
from workflows.journey import CustomerJourney
from workflows.start import start_journey

CHANCE: Final = Random(7)  # noqa: S311
FINANCIALS: Final = (DataType.FINANCIALS,)
SPEND: Final = (DataType.SPEND_ANALYSIS,)
RETURN: Final = "http://rapport.test/link/return/sandbox"
MONTH: Final = timedelta(days=30)
OVER: Final = (Stage.COMPLETED, Stage.EXPIRED, Stage.CANCELLED)


class Bank:
    """Whoever asks for data, and all whom it asks."""

    def __init__(
        self,
        database: Database,
        client: Client,
        sandbox: httpx.AsyncClient,
        vault: Vault,
        organization_id: str,
    ) -> None:
        self.database, self.client, self._sandbox = database, client, sandbox
        self._vault, self.organization_id = vault, organization_id
        path = database.engine.url.database
        self.rows = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        self._numbers = count(1)

    async def requests(
        self,
        data_types: tuple[DataType, ...] = FINANCIALS,
        delivery: Delivery = Delivery.EMAIL,
        task_queue: str = TASK_QUEUE,
    ) -> Journey:
        """Ask a new client for its books, as the API does."""
        journey = self._journey(data_types, delivery)
        async with self.database.transaction() as session:
            session.add_all([self._company(journey), journeys.first_row(journey)])
        await start_journey(self.client, journey, task_queue)
        return journey

    async def asks(self, journey_id: str, update: Any, argument: Any) -> None:
        """Send an Update, and wait for its answer."""
        handle = self.client.get_workflow_handle(journey_id)
        await handle.execute_update(update, argument)

    async def does(self, journey_id: str, action: LinkAction, **fields: Any) -> None:
        """Act as a customer."""
        act = Act(action=action, **fields)
        await self.asks(journey_id, CustomerJourney.act, act)

    async def connects(self, journey_id: str, scenario: str = "default") -> None:
        """Pick software, say yes there, and come back: three Updates."""
        await self.does(journey_id, LinkAction.SELECT_SOFTWARE, software="ledgerly")
        await self.does(journey_id, LinkAction.AUTHORIZE)
        async with self.database.reading() as session:
            journey = await journeys.load(session, journey_id)
        assert journey is not None
        entity = journey.entity(journey.focus)
        assert entity is not None
        await self._brings_code(entity.id, entity.name, scenario)
        back = CameBack(entity_id=entity.id, attempt=journey.attempt, approved=True)
        await self.asks(journey_id, CustomerJourney.came_back, back)

    async def stands(self, journey_id: str, *stages: Stage) -> Stage:
        """Wait until the store shows one of these stages; return which."""
        while (stage := self.stage(journey_id)) not in stages:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        return stage

    def stage(self, journey_id: str) -> Stage:
        asked = "SELECT stage FROM journeys WHERE id = ?"
        (stage,) = self.rows.execute(asked, (journey_id,)).fetchone()
        return Stage(stage)

    async def lives(self, task_queue: str = TASK_QUEUE) -> None:
        """One journey from the email to the end."""
        journey = await self.requests(task_queue=task_queue)
        await self.stands(journey.id, Stage.AWAITING_CUSTOMER)
        await self.does(journey.id, LinkAction.OPEN)
        await self.connects(journey.id)
        assert await self.stands(journey.id, *OVER) is Stage.COMPLETED

    async def _brings_code(self, connection_id: str, name: str, scenario: str) -> None:
        form = {
            "response_type": "code",
            "client_id": "rapport",
            "product": "ledgerly",
            "company": name,
            "state": "s",
            "redirect_uri": RETURN,
            "decision": "approve",
            "scenario": scenario,
        }
        answer = await self._sandbox.post("/oauth/authorize", data=form)
        code = httpx.URL(answer.headers["location"]).params["code"]
        async with self.database.transaction() as session:
            await credentials.keep_code(
                session, self._vault, connection_id, Code(code, RETURN), _now()
            )

    def _journey(self, data_types: tuple[DataType, ...], delivery: Delivery) -> Journey:
        now = _now()
        return Journey(
            id=new_id(Kind.JOURNEY, now, CHANCE),
            organization_id=self.organization_id,
            company_id=new_id(Kind.COMPANY, now, CHANCE),
            company_name=f"Hoxton Tea {next(self._numbers)}",
            data_types=data_types,
            delivery=delivery,
            created_at=now,
            expires_at=now + MONTH,
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
            contact_email="ada@hoxton.example",
            created_at=journey.created_at,
            updated_at=journey.created_at,
        )


@asynccontextmanager
async def bank_of(copy: Running) -> AsyncIterator[Bank]:
    """Open the bank of a copy: its database, its Temporal, its customers' software."""
    variables = environment(copy)
    settings = settings_of(variables)
    database = Database(settings.database_url)
    client = await Client.connect(
        variables["TEMPORAL_ADDRESS"], data_converter=pydantic_data_converter
    )
    vault = Vault(settings.secret.get_secret_value().encode())
    async with httpx.AsyncClient(base_url=settings.sandbox_url, timeout=60) as sandbox:
        async with database.reading() as session:
            organization_id = (await session.exec(select(OrganizationRow.id))).one()
        bank = Bank(database, client, sandbox, vault, organization_id)
        yield bank
        bank.rows.close()
    await database.close()


async def at_once(number: int, todo: Iterable[Any]) -> None:
    """Go through coroutines, so many at a time: whoever is done takes the next one."""
    left = iter(todo)

    async def one_after_another() -> None:
        for each in left:
            await each

    async with asyncio.TaskGroup() as group:
        for _ in range(number):
            group.create_task(one_after_another())


def _now() -> datetime:
    return datetime.now(UTC)
