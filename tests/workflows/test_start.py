"""Workflows are started from outside under ids that are used once."""

from domain.journey import Delivery, Stage
from domain.messages import RunSync, Trigger
from tests.workflows.world import World
from workflows.start import start_journey, start_sync


async def test_a_journey_is_started_once(world: World) -> None:
    """
    Whoever comes second is told; also when it is over.
    """
    customer = await world.ask(delivery=Delivery.LINK, started=False)
    journey = await customer.journey()

    first = await start_journey(world.client, journey, world.task_queue)
    second = await start_journey(world.client, journey, world.task_queue)
    await customer.completes()
    await world.ends(customer.id)
    third = await start_journey(world.client, journey, world.task_queue)

    assert (True, False, False) == (first, second, third)
    assert Stage.COMPLETED is (await customer.journey()).stage


async def test_a_company_has_one_sync_at_a_time(world: World) -> None:
    """
    A second refresh is not started while one runs.
    """
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.completes()
    await world.scenario(customer.name, "slow")
    world.slow.add(customer.name)
    running = await customer.starts_refresh()
    sync = RunSync(
        sync_id="sy_second",
        organization_id=world.organization_id,
        company_id=customer.company_id,
        trigger=Trigger.SCHEDULE,
    )

    second = await start_sync(world.client, sync, world.task_queue)
    await world.scenario(customer.name, "default")
    await customer.sync_ends(running)

    assert second is False
