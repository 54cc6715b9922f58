"""Lives in which many journeys are asked for the same thing at once."""

from domain.bulk import BulkAction
from domain.journey import Delivery, Stage
from store import bulk
from tests.workflows.test_bulk import deed
from tests.workflows.world import World
from workflows.start import start_bulk

MORE_THAN_A_HANDFUL = 55


async def asked_in_bulk(world: World) -> None:
    """More than a handful are asked, one of which is there; then a deed is cancelled in Temporal."""
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.stands(Stage.AWAITING_CUSTOMER)
    nobody = [f"jo_{number:026}" for number in range(MORE_THAN_A_HANDFUL)]
    done = await deed(world, BulkAction.EXTEND, [*nobody, customer.id], days=7)
    await done.run()
    stopped = await deed(world, BulkAction.CANCEL, [customer.id])
    command = bulk.command_of(await stopped.row())
    async with world.downtime():
        await start_bulk(world.client, command, world.task_queue)
        await world.client.get_workflow_handle(command.workflow_id).cancel()
    await world.ends(command.workflow_id)
