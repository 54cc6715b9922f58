"""Lives of one legal entity: the client itself."""

from datetime import timedelta

from domain.journey import Delivery, Event, Stage
from domain.messages import Ask, Cancel
from domain.state import Entity, Journey, Rules
from tests.histories.uploading import uploads, uploads_in_vain
from tests.workflows.customer import Customer
from tests.workflows.world import FINANCIALS, SPEND, World
from workflows.entity import EntityConnection
from workflows.journey import CustomerJourney

ASK = Ask()
CALLED_OFF = Cancel(reason="asked by mistake")


async def to_and_fro(world: World) -> None:
    """Every question is answered, taken back, and answered again."""
    customer = await world.ask(SPEND, delivery=Delivery.LINK)
    await customer.begins()
    await customer.does("open")
    await customer.does("choose_structure", structure="single")
    await customer.does("back")
    await customer.does("choose_structure", structure="single")
    await customer.does("select_software", software="ledgerly")
    await customer.does("back")
    await customer.connects(software="bookwise")
    await customer.stands(Stage.COMPLETED)


async def declined_and_left(world: World) -> None:
    """No at the software's own page, gone for a while, then yes."""
    customer = await world.ask(FINANCIALS, delivery=Delivery.LINK)
    await customer.begins()
    await customer.does("select_software", software="sumline")
    await customer.comes_back(await customer.sets_out(), approved=False)
    await customer.does("exit")
    await customer.does("open")
    await customer.connects()
    await customer.stands(Stage.COMPLETED)


async def abandoned(world: World) -> None:
    """Away to the software, and never back."""
    patience = Rules(authorization_timeout=timedelta(seconds=1))
    customer = await world.ask(delivery=Delivery.LINK, rules=patience)
    await customer.begins()
    await customer.does("select_software", software="ledgerly")
    await customer.sets_out()
    await customer.says(Event.AUTHORIZATION_ABANDONED)
    await customer.asks(CustomerJourney.cancel, CALLED_OFF)


async def mended_by_the_customer(world: World) -> None:
    """The login was not enough, then it was another organisation's; in between the customer left."""
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.begins()
    await customer.connects("forbidden")
    await _fails(customer)
    await customer.does("exit")
    await customer.does("open")
    await customer.connects("other_organisation")
    await _fails(customer, times=2)
    await customer.connects()
    await customer.stands(Stage.COMPLETED)


async def mended_by_itself(world: World) -> None:
    """An outage that is waited for, twice; then an operator can't wait."""
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.begins()
    await customer.connects("outage")
    entity = await _fails(customer)
    await world.later(entity.id, minutes=16)
    await _fails(customer, times=2)
    await world.scenario(customer.name, "default")
    connection = world.client.get_workflow_handle(entity.id)
    await connection.signal(EntityConnection.retry_now, ASK)
    await customer.stands(Stage.COMPLETED)


async def mended_by_an_operator(world: World) -> None:
    """Data that nobody understands: an Update in vain, then the signal for many at once."""
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.begins()
    await customer.connects("malformed")
    await _fails(customer)
    await customer.asks(CustomerJourney.retry, ASK)
    await _fails(customer, times=2)
    await world.scenario(customer.name, "default")
    await customer.handle.signal(CustomerJourney.retry_now, ASK)
    await customer.stands(Stage.COMPLETED)


async def uploaded(world: World) -> None:
    """A file instead of software: one that got lost, then one that is read."""
    customer = await world.ask(SPEND, delivery=Delivery.LINK)
    await customer.begins()
    await customer.does("choose_structure", structure="single")
    await uploads_in_vain(customer)
    await _fails(customer)
    await uploads(customer)
    await customer.stands(Stage.COMPLETED)


async def _fails(customer: Customer, times: int = 1) -> Entity:
    """Wait until the books could not be read so often; return the entity."""
    await customer.says(Event.ENTITY_FAILED, times=times)
    (entity,) = (await customer.reaches(_has_failed)).entities
    return entity


def _has_failed(journey: Journey) -> bool:
    return bool(journey.failed())
