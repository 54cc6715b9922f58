"""A client with very many legal entities: its journey goes through many runs and forgets nobody."""

from collections.abc import AsyncIterator

import pytest
from temporalio.testing import WorkflowEnvironment

from domain.journey import Delivery, EntityStage
from store.tables import JourneyRunRow
from tests.temporal import server
from tests.workflows.conftest import OpenWorld
from tests.workflows.world import SPEND, World

ENTITIES = 30
LONG = 300


@pytest.fixture(scope="module")
async def impatient() -> AsyncIterator[WorkflowEnvironment]:
    """A server that finds a history long after the moves of a few legal entities."""
    async with server(LONG) as environment:
        yield environment


@pytest.fixture
async def world(
    impatient: WorkflowEnvironment, open_world: OpenWorld
) -> AsyncIterator[World]:
    async with open_world(impatient) as world:
        yield world


@pytest.mark.timeout(600)
async def test_no_legal_entity_is_lost_between_runs(world: World) -> None:
    """
    Each is there once, in the customer's order, with what came of reading it.

    The customer never pauses.
    """
    customer = await world.ask(SPEND, delivery=Delivery.LINK)
    await customer.begins_with_several()
    names = [f"Entity {number}" for number in range(1, ENTITIES + 1)]

    for name in names:
        await customer.adds(name, "malformed")
    await customer.says("entity_failed", times=ENTITIES)

    journey = await customer.journey()
    seen = await customer.events()
    runs = await world.rows(JourneyRunRow, JourneyRunRow.journey_id == customer.id)
    assert names == [each.name for each in journey.entities]
    assert {EntityStage.FAILED} == {each.stage for each in journey.entities}
    assert ENTITIES == seen.count("authorized") == seen.count("entity_failed")
    assert len(runs) > 2
