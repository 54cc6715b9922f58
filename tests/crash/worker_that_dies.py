"""The worker of production; what it is built from dies where fate says, as by `kill -9`."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from pathlib import Path

from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio import activity

from activities.builder import Builder
from emails.transport import SmtpTransport
from logs import configure
from providers.http import build_http
from settings import Settings
from store.database import Database
from store.objects import Objects
from tests.crash.fate import VARIABLE, Fate, What
from worker import build_worker
from workflows.client import connect

FATE = Fate(Path(os.environ[VARIABLE]))


def reach(what: What) -> None:
    """End here, with no time to clean up, if this is the moment."""
    info = activity.info()
    workflow_id = info.workflow_id or ""
    if FATE.is_now(workflow_id, info.activity_type, info.task_token, what):
        os.kill(os.getpid(), signal.SIGKILL)


class MortalDatabase(Database):
    """Dies before a transaction, or when it is committed."""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        reach(What.BEGINS)
        async with super().transaction() as session:
            yield session
        reach(What.COMMITTED)


class MortalObjects(Objects):
    """Dies before or after an object is put, or a manifest."""

    async def put(self, key: str, data: bytes) -> None:
        reach(What.PUTS)
        await super().put(key, data)
        reach(What.PUT)

    async def put_if_absent(self, key: str, data: bytes) -> bool:
        reach(What.PUBLISHES)
        absent = await super().put_if_absent(key, data)
        reach(What.PUBLISHED)
        return absent


class MortalTransport(SmtpTransport):
    """Dies when the mail server has said yes."""

    async def hand_over(self, message: EmailMessage) -> None:
        await super().hand_over(message)
        reach(What.SENT)


async def run(settings: Settings) -> None:
    async with build_http() as http, Builder() as builder:
        worker = build_worker(
            await connect(),
            settings,
            MortalDatabase(settings.database_url),
            MortalObjects(settings.objects_url),
            MortalTransport(settings.smtp_url),
            http,
            builder,
        )
        await worker.run()


if __name__ == "__main__":
    chosen = Settings.load()
    configure(chosen.log_format, chosen.log_level)
    asyncio.run(run(chosen))
