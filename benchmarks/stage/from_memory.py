"""
The list's floor: the same page, kept in memory, by the same framework over the same server.

    python -m benchmarks.stage.from_memory PORT FILE

FILE is one answer of the real list; its rows are serialized for every request.
"""

import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from api.schemas import CompanyOut, Page
from home import LOOPBACK


def create_app(page: Page[CompanyOut]) -> FastAPI:
    """Serve one page of companies."""
    app = FastAPI(openapi_url=None)

    @app.get("/v1/companies")
    async def list_companies() -> Page[CompanyOut]:
        return page

    return app


if __name__ == "__main__":
    kept = Page[CompanyOut].model_validate_json(Path(sys.argv[2]).read_bytes())
    uvicorn.run(
        create_app(kept),
        host=LOOPBACK,
        port=int(sys.argv[1]),
        log_config=None,
        access_log=False,
        server_header=False,
    )
