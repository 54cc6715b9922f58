"""The API's process: it serves programs, the customers' pages, and soon the portal."""

import asyncio
import contextlib
import signal
from collections.abc import Iterator
from typing import Final

import uvicorn

from api.app import create_app
from api.temporal import TemporalDoor
from domain.software import AuthorizationRequest
from providers import SOFTWARE, SOFTWARE_BY_KEY, build_providers
from providers.http import build_http
from settings import Settings
from store.database import Database

KEPT_ALIVE: Final = 75
"""Seconds that an idle connection stays open: longer than clients keep theirs for reuse."""

OPEN_REQUESTS_END_WITHIN: Final = 2
"""Seconds after SIGTERM."""


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
            software=SOFTWARE,
            authorize_url=authorize_url,
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
        await server.serve()
    await database.close()
