import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from settings import Settings
from store.database import Database
from tests.api.conftest import calling

PARTS = ["database", "temporal", "worker", "sandbox", "catcher"]


@asynccontextmanager
async def listening(answer: bytes) -> AsyncIterator[int]:
    """Lend a port of this machine at which every caller gets the same answer."""

    async def respond(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if answer:
            await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(respond, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_alive_is_alive_without_a_key(app: FastAPI) -> None:
    """
    `/healthz` asks nobody, and nobody needs a key for it.
    """
    async with calling(app, None) as client:
        answer = await client.get("/healthz")

    assert (200, "alive") == (answer.status_code, answer.json()["status"])


async def test_a_part_that_does_not_answer_is_named(
    app: FastAPI, database: Database
) -> None:
    """
    While anything is missing `/readyz` is 503 and says what.
    """
    async with calling(app, None) as client:
        answer = await client.get("/readyz")
    problem = answer.json()

    assert (503, "not_ready") == (answer.status_code, problem["code"])
    assert {**dict.fromkeys(PARTS, False), "database": True} == problem["parts"]
    assert "worker" in problem["detail"]
    assert "retry-after" in answer.headers


async def test_a_database_without_tables_is_not_ready(
    app: FastAPI, tmp_path: Path
) -> None:
    """
    A database that nobody has migrated counts as missing.
    """
    app.state.database = Database(f"sqlite:///{tmp_path}/empty.db")

    async with calling(app, None) as client:
        answer = await client.get("/readyz")
    await app.state.database.close()

    assert not answer.json()["parts"]["database"]


async def seen_working(api: httpx.AsyncClient) -> httpx.Response:
    """Ask until the worker's first poll has reached the server."""
    async with asyncio.timeout(20):
        while True:
            answer = await api.get("/readyz")
            if answer.json()["parts"]["worker"]:
                return answer
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("status", [b"200 OK", b"503 Service Unavailable"])
async def test_ready_means_that_every_part_answers(
    working: httpx.AsyncClient, settings: Settings, status: bytes
) -> None:
    """
    With a worker that polls and neighbours that answer it is 200; a neighbour that fails is missing.
    """
    page = b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    transport = working._transport  # noqa: SLF001 (the client's own app)
    assert isinstance(transport, httpx.ASGITransport)
    app = transport.app
    assert isinstance(app, FastAPI)

    async with listening(page) as sandbox, listening(b"") as catcher:
        app.state.settings = settings.model_copy(
            update={
                "sandbox_url": f"http://127.0.0.1:{sandbox}",
                "smtp_url": f"smtp://127.0.0.1:{catcher}",
            }
        )
        answer = await seen_working(working)

    parts = answer.json()["parts"]
    assert {**dict.fromkeys(PARTS, True), "sandbox": status == b"200 OK"} == parts
    assert (200 if all(parts.values()) else 503) == answer.status_code


async def test_a_part_that_hangs_counts_as_missing(
    app: FastAPI, settings: Settings
) -> None:
    """
    Nobody waits longer than two seconds for an answer.
    """

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    app.state.settings = settings.model_copy(
        update={"sandbox_url": f"http://127.0.0.1:{port}"}
    )

    async with server, asyncio.timeout(5), calling(app, None) as client:
        answer = await client.get("/readyz")

    assert not answer.json()["parts"]["sandbox"]
