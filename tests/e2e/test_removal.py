"""A company is deleted: gone at once, and a little later nothing is left of it."""

from functools import partial
from typing import Any

from tests.e2e.patience import until
from tests.e2e.world import World, content, refused


async def removal_of(world: World, removal_id: str) -> Any:
    return content(await world.bank.get(f"/v1/removals/{removal_id}"))


async def test_nothing_is_left_of_a_company_that_is_deleted(world: World) -> None:
    """
    Its address and its link answer 404, its files go, and a receipt without names stays.
    """
    customer = await world.ask()
    await customer.shares()
    await customer.becomes("Available")
    company_id = customer.company_id
    stored = list((world.running.home / "objects").rglob(f"*/{company_id}/**/*.*"))

    removal = content(await world.bank.delete(f"/v1/companies/{company_id}"), 202)
    gone = await world.bank.get(f"/v1/companies/{company_id}")
    link = await world.browser.get(await customer.path())
    receipt = await until(
        partial(removal_of, world, removal["id"]), lambda seen: seen["state"] == "done"
    )

    left = list((world.running.home / "objects").rglob(f"*/{company_id}/**/*.*"))
    assert stored != []
    assert [] == left
    assert (404, "not_found") == refused(gone)
    assert (404, "not_found") == refused(link)
    assert [] == receipt["not_revoked"]
    assert 1 == receipt["removed"]["journeys"] == receipt["removed"]["emails"]
    assert not any(word in str(receipt) for word in ("Hoxton", "hoxton", "Ada"))
