"""Somebody who was asked for their books: what they do, and what the store shows of it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlmodel import col
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from domain.ids import Kind
from domain.journey import LinkAction, Stage, Status
from domain.messages import Act, Ask, CameBack, RunSync, SyncStarted, Trigger
from domain.reasons import Reason
from domain.state import Entity, Journey
from store import credentials, journeys
from store.credentials import Code
from store.tables import (
    CompanyRow,
    ConnectionRow,
    EmailRow,
    JourneyRow,
    MoveRow,
    SnapshotRow,
    SyncRow,
)
from workflows.ids import sync_workflow_id
from workflows.journey import CustomerJourney
from workflows.start import start_sync
from workflows.sync import CompanySync

if TYPE_CHECKING:
    from tests.workflows.world import World

REDIRECT = "http://rapport.test/link/return/sandbox"


class Trip(NamedTuple):
    """A customer's way to the software's own page."""

    entity: Entity
    attempt: int


class Customer:
    """One journey, its customer, and what the store shows of it."""

    def __init__(self, world: "World", journey: Journey) -> None:
        self.world, self.id = world, journey.id
        self.company_id, self.name = journey.company_id, journey.company_name
        self.began = False

    @property
    def handle(self) -> WorkflowHandle[CustomerJourney, Stage]:
        return self.world.client.get_workflow_handle_for(CustomerJourney.run, self.id)

    # What they do.

    async def does(self, action: str, **fields: Any) -> Journey:
        """Act as the link flow would, and look at what the store shows then."""
        act = Act(action=LinkAction(action), **fields)
        return await self.asks(CustomerJourney.act, act)

    async def refused(self, action: str, **fields: Any) -> str:
        """Return the code with which an action is refused."""
        act = Act(action=LinkAction(action), **fields)
        return await self.asks_in_vain(CustomerJourney.act, act)

    async def asks(self, update: Any, argument: Any) -> Journey:
        """Send an Update, and look at what the store shows when it is answered."""
        moved = await self.world.asks(self.handle, update, argument)
        journey = await self.journey()
        assert journey.version >= moved.version
        return journey

    async def asks_in_vain(self, update: Any, argument: Any) -> str:
        return await self.world.asks_in_vain(self.handle, update, argument)

    async def sets_out(self) -> Trip:
        """Agree, and go to the software."""
        journey = await self.does("authorize")
        entity = journey.entity(journey.focus)
        assert entity is not None
        return Trip(entity, journey.attempt)

    async def approves(self, scenario: str = "default") -> Journey:
        """Go to the software and come back with leave to read."""
        trip = await self.sets_out()
        await self.brings_code(trip.entity, scenario)
        return await self.comes_back(trip, approved=True)

    async def brings_code(self, entity: Entity, scenario: str) -> None:
        """Store what the software gave, as the API does before it tells the journey."""
        software = entity.software or ""
        code = await self.world.approval(entity.name, software, scenario)
        async with self.world.database.transaction() as session:
            await credentials.keep_code(
                session,
                self.world.vault,
                entity.id,
                Code(code, REDIRECT),
                datetime.now(UTC),
            )

    async def comes_back(self, trip: Trip, *, approved: bool) -> Journey:
        return await self.asks(CustomerJourney.came_back, _back(trip, approved))

    async def comes_back_in_vain(self, trip: Trip, *, approved: bool) -> str:
        return await self.asks_in_vain(CustomerJourney.came_back, _back(trip, approved))

    async def connects(
        self, scenario: str = "default", software: str = "ledgerly"
    ) -> Journey:
        """Pick software and approve."""
        await self.does("select_software", software=software)
        return await self.approves(scenario)

    async def adds(self, name: str, scenario: str = "default") -> Entity:
        """Name a legal entity and connect its books."""
        if (await self.journey()).stage is Stage.REVIEWING_ENTITIES:
            await self.does("add_entity")
        await self.does("name_entity", name=name)
        await self.connects(scenario)
        return await self.entity(name)

    async def begins(self) -> None:
        """Get the request and open the link."""
        await self.stands(Stage.AWAITING_CUSTOMER)
        await self.does("open")

    async def begins_with_several(self) -> None:
        """Open the link, and say that there are several legal entities."""
        await self.begins()
        await self.does("choose_structure", structure="multiple")

    async def completes(self, scenario: str = "default") -> Journey:
        """Go the whole way."""
        await self.begins()
        await self.connects(scenario)
        return await self.stands(Stage.COMPLETED)

    async def refreshes(self) -> SyncRow:
        """Have the bank ask for the books again, as the API does; return when it is over."""
        sync_id = await self.starts_refresh()
        return await self.sync_ends(sync_id)

    async def starts_refresh(self) -> str:
        sync = RunSync(
            sync_id=self.world.new_id(Kind.SYNC),
            organization_id=self.world.organization_id,
            company_id=self.company_id,
            trigger=Trigger.MANUAL,
        )
        await start_sync(self.world.client, sync, self.world.task_queue)
        handle = self.world.client.get_workflow_handle(
            sync_workflow_id(self.company_id)
        )
        begun: SyncStarted = await self.world.asks(handle, CompanySync.begun, Ask())
        return begun.sync_id

    # Waiting.

    async def reaches(
        self, what: Callable[[Journey], Any], within: float = 60
    ) -> Journey:
        """Wait until the store shows it."""

        async def look() -> Journey | None:
            journey = await self.journey()
            return journey if what(journey) else None

        seen: Journey = await self.world.until(look, within)
        return seen

    async def stands(self, stage: Stage) -> Journey:
        journey = await self.reaches(lambda journey: journey.stage is stage)
        self.began = True
        return journey

    async def says(self, event: str, times: int = 1) -> None:
        """Wait until the timeline shows an event that often."""

        async def look() -> bool:
            return (await self.events()).count(event) >= times

        await self.world.until(look)

    async def sync_ends(self, sync_id: str) -> SyncRow:
        async def look() -> SyncRow | None:
            (row,) = await self.world.rows(SyncRow, SyncRow.id == sync_id)
            return row if row.finished_at else None

        row: SyncRow = await self.world.until(look)
        return row

    async def expires(self) -> None:
        """Let the time run out, and wait until the store shows it."""
        passing = asyncio.create_task(self.later(days=31))
        await self.stands(Stage.EXPIRED)
        passing.cancel()

    async def later(self, **time: float) -> None:
        """Skip time for this journey."""
        await self.world.later(self.id, **time)

    async def pauses(self, *, seconds: float) -> None:
        """Do nothing for a while of real time."""
        await asyncio.sleep(seconds)

    async def ends(self) -> None:
        """End the journey if nothing else has."""
        if self.began and await self._is_open():
            await self.handle.cancel()
            await self.stands(Stage.CANCELLED)

    async def _is_open(self) -> bool:
        """A journey whose company was deleted is over."""
        mine = (JourneyRow.id == self.id, col(JourneyRow.closed_at).is_(None))
        return bool(await self.world.rows(JourneyRow, *mine))

    # What the store shows.

    async def journey(self) -> Journey:
        async with self.world.database.reading() as session:
            journey = await journeys.load(session, self.id)
        assert journey is not None
        self.began = self.began or journey.version > 0
        return journey

    async def entity(self, name: str) -> Entity:
        journey = await self.journey()
        return next(each for each in journey.entities if each.name == name)

    async def company(self) -> CompanyRow:
        (row,) = await self.world.rows(CompanyRow, CompanyRow.id == self.company_id)
        return row

    async def status(self) -> tuple[Status | None, Reason | None]:
        company = await self.company()
        return company.status, company.reason

    async def legal_entities(self) -> dict[str, CompanyRow]:
        """Return the company rows of the client's legal entities by name."""
        parent = CompanyRow.parent_id == self.company_id
        return {row.name: row for row in await self.world.rows(CompanyRow, parent)}

    async def timeline(self) -> list[MoveRow]:
        rows = await self.world.rows(MoveRow, MoveRow.journey_id == self.id)
        return sorted(rows, key=lambda row: row.seq)

    async def events(self) -> list[str]:
        return [row.event for row in await self.timeline()]

    async def emails(self) -> Sequence[EmailRow]:
        return await self.world.rows(EmailRow, EmailRow.journey_id == self.id)

    async def connections(self) -> Sequence[ConnectionRow]:
        return await self.world.rows(ConnectionRow, ConnectionRow.journey_id == self.id)

    async def syncs(self) -> list[SyncRow]:
        rows = await self.world.rows(SyncRow, SyncRow.journey_id == self.id)
        return sorted(rows, key=lambda row: row.id)

    async def snapshots(self) -> Sequence[SnapshotRow]:
        mine = SnapshotRow.company_id == self.company_id
        return await self.world.rows(SnapshotRow, mine)

    # What Temporal shows.

    async def details(self, workflow_id: str | None = None, *, once: str = "") -> str:
        """
        Return the Markdown that an operator reads, as soon as it says this.

        What a step has stored is seen a moment before its workflow goes on, or starts another.
        """
        handle = self.world.client.get_workflow_handle(workflow_id or self.id)

        async def look() -> str | None:
            try:
                metadata: WorkflowMetadata = await handle.query(
                    "__temporal_workflow_metadata", result_type=WorkflowMetadata
                )
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    return None
                raise
            said = metadata.current_details
            return said if once in said else None

        seen: str = await self.world.until(look)
        return seen

    async def attributes(self, workflow_id: str | None = None) -> dict[str, Any]:
        """Return what a workflow can be found by."""
        handle = self.world.client.get_workflow_handle(workflow_id or self.id)
        found = (await handle.describe()).typed_search_attributes
        own = [pair for pair in found if pair.key.name.startswith("Rapport")]
        return {pair.key.name: pair.value for pair in own}


async def together(*doing: Awaitable[Any]) -> list[Any]:
    """Do several things at once; what is refused comes back as its exception."""
    return list(await asyncio.gather(*doing, return_exceptions=True))


def _back(trip: Trip, approved: bool) -> CameBack:  # noqa: FBT001
    return CameBack(entity_id=trip.entity.id, attempt=trip.attempt, approved=approved)
