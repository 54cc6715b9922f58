"""Lives of clients with several legal entities."""

from functools import partial
from pathlib import Path
from urllib.parse import urlparse

from domain.journey import Delivery, EntityStage, Event, Stage
from domain.messages import Ask, Skip
from domain.state import Entity, Journey
from tests.histories.uploading import uploads
from tests.workflows.customer import Customer
from tests.workflows.world import SPEND, World
from workflows.journey import CustomerJourney

SETTLED = (EntityStage.DONE, EntityStage.FAILED)


async def named_and_removed(world: World) -> None:
    """Back and forth between the names; one is removed, the others are finished and refreshed."""
    customer = await world.ask(SPEND, delivery=Delivery.LINK)
    await customer.begins_with_several()
    await customer.does("name_entity", name="North")
    await customer.does("back")
    await customer.does("back")
    await customer.does("choose_structure", structure="multiple")
    await _adds(customer, "North")
    await customer.does("add_entity")
    await customer.does("back")
    south = await _adds(customer, "South", "malformed")
    await customer.does("remove_entity", entity=south.id)
    await world.ends(south.id)
    await _adds(customer, "West")
    await customer.does("finish")
    await customer.stands(Stage.COMPLETED)
    await customer.refreshes()


async def mended(world: World) -> None:
    """Two that the customer mends one after the other, one that an operator does."""
    customer = await world.ask(SPEND, delivery=Delivery.LINK)
    await customer.begins_with_several()
    await _adds(customer, "North", "malformed")
    await _adds(customer, "South", "forbidden")
    await _adds(customer, "West", "empty")
    await customer.does("finish")
    await customer.connects()
    await _is(customer, "South", EntityStage.DONE)
    await customer.connects()
    await _is(customer, "West", EntityStage.DONE)
    await world.scenario("North", "default")
    await customer.asks(CustomerJourney.retry, Ask())
    await customer.stands(Stage.COMPLETED)


async def skipped(world: World) -> None:
    """Of six, one is read: the others are gone on without, whoever would have had to act."""
    customer = await world.ask(SPEND, delivery=Delivery.LINK)
    await customer.begins_with_several()
    await _adds(customer, "North")
    await _adds(customer, "East", "malformed")
    for name in ("South", "West", "Mid"):
        await _adds(customer, name, "forbidden")
    await customer.does("finish")
    for name in ("West", "South", "Mid", "East"):
        entity = await customer.entity(name)
        reason = "it belongs to somebody else now"
        await customer.asks(
            CustomerJourney.skip, Skip(entity_id=entity.id, reason=reason)
        )
        await world.ends(entity.id)
    await customer.stands(Stage.COMPLETED)


async def not_consolidated_at_first(world: World) -> None:
    """The reports of all together could not be built, until somebody mended what they are made from."""
    customer = await world.ask(SPEND, delivery=Delivery.LINK)
    await customer.begins_with_several()
    north = await _adds(customer, "North")
    files = _files_of(world, north)
    content = {file: file.read_bytes() for file in files}
    for file in files:
        file.write_bytes(b"this is no table")
    await customer.does("finish")
    await customer.says(Event.CONSOLIDATION_FAILED)
    for file in files:
        file.write_bytes(content[file])
    await customer.asks(CustomerJourney.retry, Ask())
    await customer.stands(Stage.COMPLETED)


async def out_of_time(world: World) -> None:
    """The time is up when one is read and another one only named: one is enough."""
    customer = await world.ask(SPEND, delivery=Delivery.LINK)
    await customer.begins_with_several()
    await _adds(customer, "North")
    await customer.does("add_entity")
    await customer.does("name_entity", name="South")
    await customer.later(days=31)
    await customer.stands(Stage.COMPLETED)


async def uploaded_files(world: World) -> None:
    """A file for the first one; then files for two that could not be read."""
    customer = await world.ask(SPEND, delivery=Delivery.LINK)
    await customer.begins_with_several()
    await customer.does("name_entity", name="North")
    await uploads(customer)
    await _is(customer, "North", EntityStage.DONE)
    await _adds(customer, "South", "forbidden")
    await _adds(customer, "West", "forbidden")
    await customer.does("finish")
    await uploads(customer)
    await _is(customer, "South", EntityStage.DONE)
    await uploads(customer)
    await customer.stands(Stage.COMPLETED)


async def _adds(customer: Customer, name: str, scenario: str = "default") -> Entity:
    """Add a legal entity, and wait until its books are read or could not be."""
    await customer.adds(name, scenario)
    journey = await customer.reaches(partial(_has_settled, name))
    return next(each for each in journey.entities if each.name == name)


async def _is(customer: Customer, name: str, stage: EntityStage) -> None:
    await customer.reaches(
        lambda journey: any(
            each.name == name and each.stage is stage for each in journey.entities
        )
    )


def _has_settled(name: str, journey: Journey) -> bool:
    return any(each.name == name and each.stage in SETTLED for each in journey.entities)


def _files_of(world: World, entity: Entity) -> list[Path]:
    """The tables of a legal entity's snapshot, where they are stored."""
    folder = Path(urlparse(world.settings.objects_url).path)
    return list((folder / "snapshots" / entity.company_id).rglob("*.parquet"))
