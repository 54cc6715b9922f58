"""The worker's process: it works until it is told to stop, and leaves in peace."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import httpx
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.testing import WorkflowEnvironment

from settings import Settings
from store.database import Database
from tests.conftest import NOBODY, SECRET
from tests.e2e.running import free_port
from workflows.ids import TASK_QUEUE

ROOT = Path(__file__).parent.parent


RUN_AND_TELL: Final = """
import asyncio, gc, sys, worker
try:
    asyncio.run(worker.run(worker.Settings.load()))
except RuntimeError:
    print(sys.getswitchinterval() == worker.TURN, gc.get_freeze_count() > 0)
"""


def start(
    settings: Settings,
    address: str,
    program: Sequence[str] = ("worker.py",),
    **others: str,
) -> "subprocess.Popen[str]":
    """Start `python worker.py` as production does, or what else runs a worker."""
    environment = {
        **os.environ,
        "TEMPORAL_ADDRESS": address,
        "RAPPORT_SECRET": SECRET,
        "RAPPORT_DATABASE_URL": settings.database_url,
        "RAPPORT_OBJECTS_URL": settings.objects_url,
        "RAPPORT_SMTP_URL": settings.smtp_url,
        "RAPPORT_LOG_FORMAT": "json",
        **others,
    }
    return subprocess.Popen(
        [sys.executable, *program],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


async def test_it_stops_when_it_is_told_to(
    temporal: WorkflowEnvironment, database: Database, settings: Settings
) -> None:
    """
    SIGTERM ends it within seconds, with success.
    """
    address = temporal.client.service_client.config.target_host
    worker = start(settings, address)

    async with asyncio.timeout(30):
        while not await polls(temporal, worker.pid):  # noqa: ASYNC110 (it is elsewhere)
            await asyncio.sleep(0.2)
    worker.send_signal(signal.SIGTERM)
    said, _ = worker.communicate(timeout=10)

    assert 0 == worker.returncode, said


async def test_it_tells_prometheus_what_it_does(
    temporal: WorkflowEnvironment, database: Database, settings: Settings
) -> None:
    """
    Where it is given an address for that, Temporal's own figures are read there.
    """
    address = temporal.client.service_client.config.target_host
    metrics = f"127.0.0.1:{free_port()}"
    worker = start(settings, address, RAPPORT_WORKER_METRICS=metrics)

    async with asyncio.timeout(30):
        while not await polls(temporal, worker.pid):  # noqa: ASYNC110 (it is elsewhere)
            await asyncio.sleep(0.2)
    async with httpx.AsyncClient() as prometheus:
        told = await prometheus.get(f"http://{metrics}/metrics")
    worker.send_signal(signal.SIGTERM)
    said, _ = worker.communicate(timeout=10)

    assert "temporal_worker_task_slots_available" in told.text
    assert 0 == worker.returncode, said


async def polls(temporal: WorkflowEnvironment, process: int) -> bool:
    """Whether that process asks Temporal for something to do."""
    queue = await temporal.client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=temporal.client.namespace,
            task_queue=TaskQueue(name=TASK_QUEUE),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
    )
    return any(poller.identity.startswith(f"{process}@") for poller in queue.pollers)


def test_without_a_server_it_fails_at_once(settings: Settings) -> None:
    """
    So that whoever started it starts it again.
    """
    worker = start(settings, NOBODY)

    said, _ = worker.communicate(timeout=30)

    assert 0 != worker.returncode
    assert SECRET not in said


def test_every_way_to_run_it_sets_the_process_up(settings: Settings) -> None:
    """
    `rapport worker` takes turns as `python worker.py` does, and keeps what is loaded.
    """
    worker = start(settings, NOBODY, ("-c", RUN_AND_TELL))

    said, _ = worker.communicate(timeout=60)

    assert "True True" in said
