"""Build the sandbox. Nothing happens on import."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Response
from fastapi.responses import FileResponse

from sandbox import authorize, control, data, mailbox, refusals, tokens, totals
from sandbox.desk import Desk
from sandbox.letters import Letters
from sandbox.products import PRODUCTS
from sandbox.rendering import PAGES, page
from sandbox.scenarios import BEHAVIOURS
from sandbox.settings import Settings
from sandbox.storage import Storage

DEFAULTS: Final = Settings()


def create_app(
    database: Path, public_url: str, settings: Settings = DEFAULTS
) -> FastAPI:
    """Make the whole software around one database file, which it creates."""
    storage = Storage(database)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        storage.close()

    app = FastAPI(
        title="Sandbox accounting software",
        servers=[{"url": public_url}],
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.desk = Desk(settings, storage)
    for part in (authorize, tokens, data, control, totals):
        app.include_router(part.router)
    if settings.mailbox is not None:
        app.state.letters = Letters(settings.mailbox)
        app.include_router(mailbox.router)
    _add_front_page(app, has_mailbox=settings.mailbox is not None)
    refusals.install(app)
    return app


def _add_front_page(app: FastAPI, *, has_mailbox: bool) -> None:
    @app.get("/", include_in_schema=False)
    async def front_page() -> Response:
        return page(
            "index.html",
            products=PRODUCTS,
            behaviours=BEHAVIOURS,
            mailbox=has_mailbox,
        )

    @app.get("/style.css", include_in_schema=False)
    async def style() -> Response:
        return FileResponse(PAGES / "style.css", media_type="text/css")

    @app.get("/healthz", tags=["health"])
    async def health() -> dict[str, str]:
        return {"status": "ok"}
