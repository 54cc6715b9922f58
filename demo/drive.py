"""Bring the demo customers in, through the doors that everybody uses."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx

from demo.customers import CUSTOMERS, SILENT
from demo.visit import Customer, Stalled, Visit, World, content_of

IMPATIENT: Final = 1
"""Seconds that a customer may be silent while the demo makes one that is stuck."""

_STAGE: Final = "awaiting_customer"

Say = Callable[[str], None]


async def drive(url: str, key: str, mailbox: Path, sandbox: str, say: Say) -> None:
    """
    Bring all ten in, with a line for each. Raises Stalled where one got stuck.

    The silent one comes first and alone: what makes the bank impatient with it
    would make it impatient with everybody.
    """
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as bank,
        httpx.AsyncClient(base_url=url, timeout=60) as browser,
    ):
        world = World(bank, browser, mailbox, sandbox)
        async with _impatient(bank):
            silent = await _visit(SILENT, world, say)
        others = await asyncio.gather(*(_visit(who, world, say) for who in CUSTOMERS))
    if missing := [silent, *others].count(False):
        raise Stalled(f"{missing} of {len(others) + 1} customers got stuck")


async def _visit(customer: Customer, world: World, say: Say) -> bool:
    """Let one customer answer; answers whether it came to its end."""
    visit = Visit(customer, world)
    try:
        await visit.ask()
        await customer.answer(visit)
        await visit.until(customer.ends)
        seen = await visit.company()
    except (Stalled, httpx.HTTPError) as error:
        say(f"  {customer.name:<20} stopped: {error}")
        return False
    reason = f": {seen['reason']['message']}" if seen["reason"] else ""
    say(f"  {customer.name:<20} {seen['status']}{reason}")
    return True


@asynccontextmanager
async def _impatient(bank: httpx.AsyncClient) -> AsyncIterator[None]:
    """Let silence count as stuck at once, then put the organization's limit back."""
    before = content_of(await bank.get("/v1/organization"))["stage_limits"][_STAGE]
    await _limit(bank, IMPATIENT)
    try:
        yield
    finally:  # an earlier demo may have been ended here: then back to the default
        await _limit(bank, None if before == IMPATIENT else before)


async def _limit(bank: httpx.AsyncClient, seconds: int | None) -> None:
    change = {"stage_limits": {_STAGE: seconds}}
    content_of(await bank.patch("/v1/organization", json=change))
