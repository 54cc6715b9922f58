"""A step says that its worker lives, for as long as it runs."""

import asyncio
from datetime import timedelta
from typing import Any

from temporalio.worker import ActivityOutboundInterceptor

from activities.pulse import Pulse

SILENCE = timedelta(milliseconds=40)


class Listener(ActivityOutboundInterceptor):
    """Temporal, as far as it hears that a step lives."""

    def __init__(self) -> None:
        self.heard: list[tuple[Any, ...]] = []
        self.twice = asyncio.Event()

    def heartbeat(self, *details: Any) -> None:
        self.heard.append(details)
        if len(self.heard) > 2:
            self.twice.set()


async def test_a_step_that_waits_says_where_it_was_last() -> None:
    """
    Whoever looks at it in the Temporal UI sees the page that it is at.
    """
    listener = Listener()
    pulse = Pulse(listener)

    async with pulse.beating(SILENCE):
        pulse.heartbeat("bills", 3)
        await listener.twice.wait()

    assert {("bills", 3)} == set(listener.heard)


async def test_a_step_that_is_over_says_nothing() -> None:
    """
    Its pulse ends with it, also when it fails.
    """
    listener = Listener()

    async with Pulse(listener).beating(SILENCE):
        await listener.twice.wait()
    heard = len(listener.heard)
    await asyncio.sleep(2 * SILENCE.total_seconds())

    assert heard == len(listener.heard)


async def test_a_step_without_a_limit_is_not_asked() -> None:
    """
    What takes no time needs no pulse.
    """
    listener = Listener()

    async with Pulse(listener).beating(None):
        await asyncio.sleep(SILENCE.total_seconds())

    assert [] == listener.heard
