"""Lives that end with the company: what runs is ended, and access is given back, or is not."""

from datetime import timedelta

from domain.journey import Delivery
from tests.workflows.removing import Outage, removed
from tests.workflows.world import World


async def deleted(world: World) -> None:
    """A client goes while it is asked again: its request ends, its access is given back."""
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.completes()
    again = await world.ask(delivery=Delivery.LINK, company=customer)
    await again.begins()
    removal = await removed(world, customer)
    await removal.starts()
    await removal.handle.result()


async def deleted_and_not_told(world: World) -> None:
    """The software never hears that the access has ended; its tokens go all the same."""
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.completes()
    Outage(world)
    removal = await removed(world, customer)
    removal.command = removal.command.model_copy(
        update={"patience": timedelta(seconds=3)}
    )
    await removal.starts()
    await removal.handle.result()
