import asyncio
from temporalio.client import WorkflowUpdateFailedError
from tests.workflows.test_long_history import *
@pytest.mark.parametrize("n", range(8))
async def test_x(world, n):
    cs = [await world.ask() for _ in range(4)]
    for c in cs: await c.stands(Stage.AWAITING_CUSTOMER)
    async def go(c):
        try:
            for i in range(10):
                await c.asks(CustomerJourney.extend, Extend(days=1))
            await c.does("open")
            await c.connects()
            await c.stands(Stage.COMPLETED)
        except WorkflowUpdateFailedError as e:
            print("FAILED", i, repr(e.cause), getattr(e.cause,"type",None), e.cause.message, await c.events(), await runs(c))
    await asyncio.gather(*map(go, cs))
