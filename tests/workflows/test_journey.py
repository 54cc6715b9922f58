from domain.journey import Stage, Status
from tests.workflows.world import World


async def test_a_customer_who_connects_makes_the_company_available(
    world: World,
) -> None:
    """
    Email, link, software, approval: the rest happens by itself.
    """
    customer = await world.ask()
    await customer.stands(Stage.AWAITING_CUSTOMER)

    await customer.does("open")
    await customer.connects()
    await customer.stands(Stage.COMPLETED)

    assert Status.AVAILABLE is (await customer.company()).status
    assert ["financials"] == [each.data_type for each in await customer.snapshots()]
    assert 1 == len(world.postman.taken)
