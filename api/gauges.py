"""What Prometheus is told of the store: counted rarely, however often it asks."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from domain.journey import OPEN, Stage, Status
from domain.messages import SyncState
from domain.reasons import Reason
from store.database import Database
from store.measures import Measures, measures
from store.states import EmailState

EVERY: Final = 5.0
"""Seconds for which a count holds."""

PATIENCE: Final = 2.0
"""Seconds that counting may take."""


class StoreGauges(Collector):
    """The newest counts; without a store that answers there are none, and `up` is 0."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime], every: float = EVERY
    ) -> None:
        self._database = database
        self._clock = clock
        self._every = every
        self._one_at_a_time = asyncio.Lock()
        self._counted_at: float | None = None
        self._latest: Measures | None = None

    async def refresh(self) -> None:
        """Count anew, unless that was done a moment ago: others wait for its outcome."""
        async with self._one_at_a_time:
            now = asyncio.get_running_loop().time()
            if self._counted_at is None or now >= self._counted_at + self._every:
                self._latest = await self._count()
                self._counted_at = now

    async def _count(self) -> Measures | None:
        try:
            async with asyncio.timeout(PATIENCE), self._database.reading() as session:
                return await measures(session, self._clock())
        except (SQLAlchemyError, TimeoutError):
            return None

    def collect(self) -> Iterator[Metric]:
        """Yield what was counted last."""
        up = self._latest is not None
        yield _gauge("rapport_store_up", "Whether the store could be counted.", int(up))
        if self._latest is not None:
            yield from _families(self._latest)


def _families(now: Measures) -> Iterator[Metric]:
    journeys = GaugeMetricFamily(
        "rapport_journeys", "Journeys.", labels=("stage", "open")
    )
    for stage in Stage:
        open_ = "true" if stage in OPEN else "false"
        journeys.add_metric((stage, open_), now.journeys.get(stage, 0))
    yield journeys
    yield _gauge("rapport_journeys_stuck", "Journeys that are stuck.", now.stuck)
    yield _by(
        "rapport_companies",
        "Clients and legal entities; none: nothing was requested.",
        "status",
        (None, *Status),
        now.companies,
    )
    yield _by("rapport_companies_in_error", "Why.", "reason", Reason, now.errors)
    yield _by("rapport_emails", "Emails.", "state", EmailState, now.emails)
    yield _by("rapport_syncs", "Readings of books.", "state", SyncState, now.syncs)


def _gauge(name: str, about: str, value: int) -> Metric:
    return GaugeMetricFamily(name, about, value=value)


def _by(
    name: str,
    about: str,
    label: str,
    codes: Iterable[Any],
    counts: Mapping[Any, int],
) -> Metric:
    """Give every code its line, with 0 where there is none: so that alerts can be written."""
    family = GaugeMetricFamily(name, about, labels=(label,))
    for code in codes:
        family.add_metric(("none" if code is None else code,), counts.get(code, 0))
    return family
