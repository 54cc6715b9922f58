"""A company that is taken away, as the API begins it, and software that does not hear of it."""

import asyncio
from datetime import UTC, datetime

import httpx
from temporalio.client import WorkflowHandle

from domain.ids import Kind
from domain.messages import RemoveCompany
from domain.removals import Step
from store import receipts, removals
from store.receipts import Receipt
from store.tables import CompanyRow
from tests.workflows.customer import Customer
from tests.workflows.world import World
from workflows.ids import removal_workflow_id
from workflows.removal import CompanyRemoval
from workflows.start import start_removal


class Outage:
    """The accounting software does not hear that access has ended, until it is mended."""

    def __init__(self, world: World) -> None:
        self.mended = False
        world.books.event_hooks = {"request": [self]}

    async def __call__(self, request: httpx.Request) -> None:
        if request.url.path == "/oauth/revoke" and not self.mended:
            raise httpx.ConnectError("nobody is there", request=request)


class Removal:
    """One company that is taken away, as the API begins it."""

    def __init__(self, world: World, customer: Customer, removal_id: str) -> None:
        self.world, self.id = world, removal_id
        self.workflow_id = removal_workflow_id(customer.company_id)
        self.command = RemoveCompany(
            removal_id=removal_id,
            organization_id=world.organization_id,
            company_id=customer.company_id,
        )

    @property
    def handle(self) -> WorkflowHandle[CompanyRemoval, None]:
        return self.world.client.get_workflow_handle_for(
            CompanyRemoval.run, self.workflow_id
        )

    async def starts(self) -> bool:
        world = self.world
        return await start_removal(world.client, self.command, world.task_queue)

    async def receipt(self) -> Receipt:
        async with self.world.database.reading() as session:
            found = await receipts.find(session, self.world.organization_id, self.id)
        assert found is not None
        return found

    async def has_done(self, step: Step) -> None:
        async def look() -> bool:
            steps = (await self.receipt()).steps
            return any(each.step is step and each.finished_at for each in steps)

        await self.world.until(look)

    async def finishes(self) -> Receipt:
        """Skip the time that is left to stragglers, and wait for the end."""
        passing = asyncio.create_task(self.world.later(self.workflow_id, minutes=1))
        await self.handle.result()
        passing.cancel()
        return await self.receipt()


async def removed(world: World, customer: Customer) -> Removal:
    async with world.database.transaction() as session:
        company = await session.get_one(CompanyRow, customer.company_id)
        removal_id = world.new_id(Kind.REMOVAL)
        await removals.begin(session, company, removal_id, datetime.now(UTC))
    return Removal(world, customer, removal_id)
