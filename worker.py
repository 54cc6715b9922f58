"""The worker: it runs the workflows and their steps."""

import asyncio
import gc
import signal
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Final, NamedTuple

import httpx
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.access import Access
from activities.builder import PROGRAM, Builder
from activities.building import Press
from activities.bulk import BulkActivities
from activities.connections import ConnectionActivities
from activities.edge import ActivityEdge, Steps
from activities.emails import EmailActivities
from activities.ending import Ending
from activities.journeys import JourneyActivities
from activities.reading import Reader
from activities.reconcile import ReconcileActivities
from activities.removals import RemovalActivities
from activities.reports import Publisher, ReportActivities
from activities.syncs import SyncActivities
from domain.links import Link, Signer
from emails.transport import SmtpTransport, Transport
from logs import configure
from providers import build_providers
from providers.base import Provider
from providers.http import build_http
from settings import Settings
from store.database import Database
from store.objects import Objects
from store.plans import Terms
from store.vault import Vault
from workflows.asking import ask_journey
from workflows.bulk import BulkDeed
from workflows.client import connect
from workflows.entity import EntityConnection
from workflows.ids import TASK_QUEUE
from workflows.journey import CustomerJourney
from workflows.note import NewLinkWish
from workflows.reconcile import Reconcile
from workflows.removal import CompanyRemoval
from workflows.reports import ReportBuild
from workflows.revoke import ConnectionRevocation
from workflows.start import (
    start_build,
    start_bulk,
    start_journey,
    start_removal,
    start_sync,
)
from workflows.sync import CompanySync

WORKFLOWS: Final = (
    BulkDeed,
    CustomerJourney,
    EntityConnection,
    CompanyRemoval,
    CompanySync,
    ConnectionRevocation,
    NewLinkWish,
    Reconcile,
    ReportBuild,
)

HAND_BACK_AFTER: Final = timedelta(seconds=2)
"""Sooner than whoever sends SIGTERM loses patience: what is handed back goes on at once."""

MISSED_AFTER: Final = timedelta(seconds=1.5)
"""A worker that does not take what only it remembers is dead: another one begins at the history."""

CANCEL_SEEN_WITHIN: Final = timedelta(seconds=5)
"""A step learns from its heartbeat that it was cancelled; left alone, Temporal would ask rarely."""

TURN: Final = 0.0005
"""Seconds after which a thread lets others go on: an Update waits for a dozen turns of those that read books."""

MOST_REMEMBERED: Final = 300
"""So many workflows stay in memory; one that waits longer than others begins at its history."""


class _Outside(NamedTuple):
    """What the steps touch, and the steps that are made of it."""

    client: Client
    settings: Settings
    database: Database
    objects: Objects
    transport: Transport
    http: httpx.AsyncClient
    builder: Builder
    task_queue: str

    def steps(self) -> Steps:
        """Return all that a worker does, each class of steps made once."""
        secret = self.settings.secret.get_secret_value().encode()
        signer, vault = Signer(secret), Vault(secret)
        providers = build_providers(self.http, self.settings)
        terms = Terms(self.settings.report_months, self.settings.report_threshold)
        press = Press(self.objects, terms, self.builder)
        publisher = Publisher(self.database, press)
        connections = ConnectionActivities(self.database, vault, providers)
        parts = (
            JourneyActivities(self.database),
            self._emails(signer),
            self._syncs(vault, providers, publisher),
            ReportActivities(self.database, publisher),
            connections,
            self._removals(connections),
            self._bulk(),
            self._reconcile(),
        )
        return [step for part in parts for step in part.steps]

    def _emails(self, signer: Signer) -> EmailActivities:
        def link_url(link: Link) -> str:
            return f"{self.settings.base_url}/link/{signer.link(link)}"

        return EmailActivities(
            self.database,
            self.transport,
            link_url,
            sender=self.settings.email_sender,
            give_up=self.settings.email_give_up,
        )

    def _syncs(
        self, vault: Vault, providers: Mapping[str, Provider], publisher: Publisher
    ) -> SyncActivities:
        reader = Reader(
            self.database,
            self.objects,
            Access(self.database, vault),
            give_up=self.settings.provider_give_up,
        )
        return SyncActivities(self.database, self.objects, providers, reader, publisher)

    def _removals(self, connections: ConnectionActivities) -> RemovalActivities:
        ending = Ending(self.client)
        return RemovalActivities(self.database, self.objects, ending, connections)

    def _bulk(self) -> BulkActivities:
        return BulkActivities(
            self.database,
            self.client,
            ask_journey=ask_journey,
            start_journey=partial(start_journey, task_queue=self.task_queue),
            start_bulk=partial(start_bulk, task_queue=self.task_queue),
        )

    def _reconcile(self) -> ReconcileActivities:
        return ReconcileActivities(
            self.database,
            self.objects,
            self.client,
            start_journey=partial(start_journey, task_queue=self.task_queue),
            start_sync=partial(start_sync, task_queue=self.task_queue),
            start_build=partial(start_build, task_queue=self.task_queue),
            start_removal=partial(start_removal, task_queue=self.task_queue),
        )


def build_worker(  # noqa: PLR0913, PLR0917 what production and the tests each bring along
    client: Client,
    settings: Settings,
    database: Database,
    objects: Objects,
    transport: Transport,
    http: httpx.AsyncClient,
    builder: Builder,
    *,
    task_queue: str = TASK_QUEUE,
) -> Worker:
    """
    Build the worker that production runs, and the tests.

    Nothing keeps its workflows from clocks, chance and I/O: docs/decisions/0011 says
    why, and what does so instead.
    """
    outside = _Outside(
        client, settings, database, objects, transport, http, builder, task_queue
    )
    return Worker(
        client,
        task_queue=task_queue,
        workflows=WORKFLOWS,
        activities=outside.steps(),
        interceptors=[ActivityEdge(settings.provider_retry_every)],
        workflow_runner=UnsandboxedWorkflowRunner(),
        max_cached_workflows=MOST_REMEMBERED,
        max_heartbeat_throttle_interval=CANCEL_SEEN_WITHIN,
        sticky_queue_schedule_to_start_timeout=MISSED_AFTER,
        graceful_shutdown_timeout=HAND_BACK_AFTER,
    )


async def run(
    settings: Settings,
    *,
    task_queue: str = TASK_QUEUE,
    report_program: Sequence[str] = PROGRAM,
) -> None:
    """
    Work until SIGTERM or Ctrl-C, then let what runs come to an end.

    The process is this worker's own: it is set up for it.
    """
    sys.setswitchinterval(TURN)
    gc.freeze()  # what is loaded stays: the collector of garbage need not go through it
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    database = Database(settings.database_url)
    async with build_http() as http, Builder(report_program) as builder:
        worker = build_worker(
            await connect(settings.worker_metrics),
            settings,
            database,
            Objects(settings.objects_url),
            SmtpTransport(settings.smtp_url),
            http,
            builder,
            task_queue=task_queue,
        )
        async with worker:
            await stopping.wait()
    await database.close()


def main() -> None:
    """Run as `python worker.py`."""
    settings = Settings.load()
    configure(settings.log_format, settings.log_level)
    asyncio.run(run(settings))


if __name__ == "__main__":
    main()
