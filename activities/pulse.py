"""A step that may not be silent for long says that its worker lives, whatever it waits for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

from temporalio.worker import ActivityOutboundInterceptor

BEATS: Final = 4
"""So often within the silence that Temporal allows: one that comes late is no alarm."""


class Pulse(ActivityOutboundInterceptor):
    """
    Beats for a step; where the step said last that it was goes with every beat.

    So a killed worker's step is taken over within seconds, not when its whole time is up.
    """

    def __init__(self, following: ActivityOutboundInterceptor) -> None:
        super().__init__(following)
        self._place: tuple[Any, ...] = ()

    def heartbeat(self, *details: Any) -> None:
        self._place = details
        super().heartbeat(*details)

    @asynccontextmanager
    async def beating(self, silence: timedelta | None) -> AsyncIterator[None]:
        """Beat until the block ends; without a limit there is nobody to reassure."""
        beating = asyncio.create_task(self._beat(silence)) if silence else None
        try:
            yield
        finally:
            if beating is not None:
                beating.cancel()

    async def _beat(self, silence: timedelta) -> None:
        while True:
            await asyncio.sleep(silence.total_seconds() / BEATS)
            super().heartbeat(*self._place)
