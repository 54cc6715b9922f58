"""The API's process: it serves programs, the customers' pages and the portal."""

import asyncio
import contextlib
import gc
import signal
from collections.abc import Awaitable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

import uvicorn

from activities.workbench import workbench
from api.app import create_app
from api.link.workbooks import Format
from api.temporal import TemporalDoor
from domain.journey import DataType
from domain.software import AuthorizationRequest
from domain.uploads import Outcome
from providers import SOFTWARE, SOFTWARE_BY_KEY, build_providers
from providers.http import build_http
from providers.workbook.process import ReadWorkbook, read_in_a_process
from providers.workbook.template import template
from settings import Settings
from store.database import Database
from store.objects import Objects

KEPT_ALIVE: Final = 75
"""Seconds that an idle connection stays open: longer than clients keep theirs for reuse."""

OPEN_REQUESTS_END_WITHIN: Final = 2
"""Seconds after SIGTERM."""


def workbook_format() -> Format:
    """Return what the API has to know of uploaded workbooks, and may not look up itself."""

    @contextlib.contextmanager
    def folder() -> Iterator[Path]:
        with workbench() as bench:
            yield bench.folder

    def examine(
        path: Path, data_types: Iterable[DataType], company_name: str
    ) -> Awaitable[Outcome]:
        return read_in_a_process(
            ReadWorkbook(
                path=path,
                out=path.parent,
                data_types=frozenset(data_types),
                company_name=company_name,
            )
        )

    return Format(template=cache(template), folder=folder, examine=examine)


class _Server(uvicorn.Server):
    """Leaves the signals to us: uvicorn's way, the process dies of them in the end."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def run(settings: Settings, host: str, port: int) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    database = Database(settings.database_url)
    async with build_http() as http:
        providers = build_providers(http, settings)

        def authorize_url(request: AuthorizationRequest) -> str:
            provider = SOFTWARE_BY_KEY[request.software].provider
            return providers[provider].authorize_url(request)

        app = create_app(
            settings=settings,
            temporal=TemporalDoor.from_environment(),
            database=database,
            objects=Objects(settings.objects_url),
            software=SOFTWARE,
            authorize_url=authorize_url,
            workbooks=workbook_format(),
            http=http,
        )
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,  # logs.py has set it up
            access_log=False,  # paths hold link tokens
            server_header=False,
            timeout_keep_alive=KEPT_ALIVE,
            timeout_graceful_shutdown=OPEN_REQUESTS_END_WITHIN,
        )
        server = _Server(config)
        for told in (signal.SIGTERM, signal.SIGINT):
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(told, server.handle_exit, told, None)
        gc.freeze()  # what is loaded stays: the collector of garbage need not go through it
        await server.serve()
    await database.close()
