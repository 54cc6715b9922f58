"""Waiting for what only time brings."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

LOOK_EVERY: Final = 0.1
WITHIN: Final = 90.0

Seen = TypeVar("Seen")


async def until(
    look: Callable[[], Awaitable[Seen]],
    holds: Callable[[Seen], bool],
    within: float = WITHIN,
) -> Seen:
    """Look again and again until it holds; what was seen last is in the failure."""
    deadline = asyncio.get_running_loop().time() + within
    while not holds(seen := await look()):
        assert asyncio.get_running_loop().time() < deadline, f"still {seen}"
        await asyncio.sleep(LOOK_EVERY)
    return seen
