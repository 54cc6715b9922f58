"""Waiting until nothing moves, so that what comes next always comes at the same point."""

from typing import Final

from tests.workflows.world import World

QUIET: Final = 5
"""So many looks in a row have to see the same."""


async def rests(world: World, *workflow_ids: str) -> None:
    """Wait until nothing has been added to histories for a while: whoever is cut off is cut off there."""
    handles = [world.client.get_workflow_handle(each) for each in workflow_ids]
    lengths: list[list[int]] = []

    async def look() -> bool:
        described = [await handle.describe() for handle in handles]
        lengths.append([each.history_length for each in described])
        return lengths[-1:] * QUIET == lengths[-QUIET:]

    await world.until(look, every=0.3)
