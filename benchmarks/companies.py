"""
The list of a hundred thousand companies: its first and its thousandth page.

Beside it, in turns, stand the rows of that page, serialized from memory by the same
framework over the same server.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, Final, NamedTuple

import httpx
from sqlalchemy import insert

from benchmarks.figures import Figure, keep, percentile, scaled
from benchmarks.stage.callers import Asked, ask
from benchmarks.stage.processes import cost, program
from domain.ids import Kind, new_id
from domain.journey import DataType, Delivery, Stage, Status, Structure
from domain.state import Journey
from home import LOOPBACK
from store.bootstrap import ensure_organization
from store.database import Database
from store.journeys import first_row
from store.migrate import migrate
from store.tables import CompanyRow, CompanyUserRow, JourneyRow
from tests.e2e.running import free_port

COMPANIES: Final = 100_000
DEEP: Final = 1_000
ROUNDS: Final = 5
CALLERS: Final = 8
EACH: Final = 40
BATCH: Final = 1_000
TARGET: Final = 0.5
SPREAD: Final = 3.0
KEY: Final = "rk_of_a_benchmark"
LIST: Final = "/v1/companies?limit=50"
START: Final = datetime(2026, 1, 1, tzinfo=UTC)
CHANCE: Final = Random(7)  # noqa: S311


class Server(NamedTuple):
    """Where something answers, what to ask it, and which process it is."""

    port: int
    path: str
    process: int


class Turn(NamedTuple):
    """What callers got in one round, and what an answer cost the server in milliseconds."""

    asked: Asked
    work: float


async def fill(url: str, number: int) -> None:
    """Store so many companies, each with somebody who looks after it and a journey that is over."""
    database = Database(url)
    bank = await ensure_organization(database, name="Meridian Bank", key=KEY)
    for start in range(0, number, BATCH):
        rows = [
            _company(bank, place) for place in range(start, min(start + BATCH, number))
        ]
        async with database.transaction() as session:
            connection = await session.connection()
            for table in (CompanyRow, JourneyRow, CompanyUserRow):
                values = [row[table] for row in rows]
                await connection.execute(insert(table), values)
    await database.close()


def _company(bank: str, place: int) -> dict[Any, dict[str, Any]]:
    at = START + timedelta(seconds=place)
    company = CompanyRow(
        id=new_id(Kind.COMPANY, at, CHANCE),
        organization_id=bank,
        name=f"Hoxton Tea {place}",
        contact_name="Ada Okafor",
        contact_email=f"ada-{place}@hoxton.example",
        status=Status.AVAILABLE,
        status_at=at,
        last_available_at=at,
        journey_id=new_id(Kind.JOURNEY, at, CHANCE),
        created_at=at,
        updated_at=at,
    )
    user = CompanyUserRow(
        company_id=company.id, email=f"banker-{place % 50}@bank.example"
    )
    return {
        CompanyRow: company.model_dump(),
        JourneyRow: first_row(_journey(company, at)).model_dump(),
        CompanyUserRow: user.model_dump(),
    }


def _journey(company: CompanyRow, at: datetime) -> Journey:
    return Journey(
        id=company.journey_id or "",
        organization_id=company.organization_id,
        company_id=company.id,
        company_name=company.name,
        data_types=(DataType.FINANCIALS,),
        delivery=Delivery.EMAIL,
        created_at=at,
        expires_at=at + timedelta(days=30),
        stage=Stage.COMPLETED,
        stage_since=at,
        structure=Structure.SINGLE,
        closed_at=at,
        status=Status.AVAILABLE,
        version=7,
    )


@asynccontextmanager
async def serving(folder: Path, number: int) -> AsyncIterator[Mapping[str, Server]]:
    """Start the real API, and beside it one server for each of the two pages."""
    url = f"sqlite:///{folder}/rapport.db"
    await migrate(url)
    await fill(url, number)
    async with AsyncExitStack() as stack:
        port = free_port()
        command = ("-m", "cli", "api", "--host", LOOPBACK, "--port", str(port))
        api = await stack.enter_async_context(
            program(*command, environment=_settings(folder, url, port))
        )
        servers = {}
        deep = scaled(DEEP, least=3)
        for name, path in {"first": LIST, "deep": await _path(port, deep)}.items():
            servers[name] = Server(port, path, api)
            file = folder / f"{name}.json"
            await asyncio.to_thread(file.write_bytes, await _page(port, path))
            beside = free_port()
            floor = ("-m", "benchmarks.stage.from_memory", str(beside), str(file))
            process = await stack.enter_async_context(program(*floor, environment={}))
            servers[f"{name} from memory"] = Server(beside, "/v1/companies", process)
            await _page(beside, "/v1/companies")
        yield servers


def _settings(folder: Path, url: str, port: int) -> dict[str, str]:
    return {
        "RAPPORT_SECRET": "a secret of a benchmark, long enough",
        "RAPPORT_DATABASE_URL": url,
        "RAPPORT_OBJECTS_URL": folder.as_uri(),
        "RAPPORT_BASE_URL": f"http://{LOOPBACK}:{port}",
        "RAPPORT_LOG_LEVEL": "WARNING",
    }


async def _path(port: int, page: int) -> str:
    """Walk to a page, as whoever reads the list does."""
    headers = {"Authorization": f"Bearer {KEY}"}
    url = f"http://{LOOPBACK}:{port}"
    await _page(port, LIST)
    path = LIST
    async with httpx.AsyncClient(base_url=url, headers=headers) as http:
        for _ in range(page - 1):
            cursor = (await http.get(path)).json()["next_cursor"]
            path = f"{LIST}&cursor={cursor}"
    return path


async def _page(port: int, path: str) -> bytes:
    """Ask once; wait for whoever is not up yet."""
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}") as http:
        while True:
            try:
                return (await http.get(path, headers=headers, timeout=60)).content
            except httpx.TransportError:
                await asyncio.sleep(0.1)


async def turn(server: Server) -> Turn:
    """Let the callers ask it, and look at what that cost."""
    before = cost({"server": server.process})
    asked = await ask(server.port, server.path, KEY, callers=CALLERS, each=EACH)
    spent = sum(cost({"server": server.process}).since(before).seconds.values())
    return Turn(asked, 1000 * spent / len(asked.times))


async def test_pages_of_a_long_list(tmp_path: Path) -> None:
    """
    Each page holds its rows, and asking again gives the same one.
    """
    number = scaled(COMPANIES, least=500)
    async with serving(tmp_path, number) as servers:
        for server in servers.values():
            await turn(server)
        rounds = [
            {name: await turn(server) for name, server in servers.items()}
            for _ in range(ROUNDS)
        ]
        same = [await _page(each.port, each.path) for each in servers.values()]

    keep("companies", [Figure("companies", number), *_figures(rounds)])
    assert same[0] == same[1] != same[2] == same[3]


def _figures(rounds: list[dict[str, Turn]]) -> Iterator[Figure]:
    def rate(name: str) -> float:
        return median(each[name].asked.per_second for each in rounds)

    def work(name: str) -> float:
        return median(each[name].work for each in rounds)

    for name, label in (("first", "first page"), ("deep", "1,000th page")):
        memory = f"{name} from memory"
        ratios = [
            each[name].asked.per_second / each[memory].asked.per_second
            for each in rounds
        ]
        times = [time for each in rounds for time in each[name].asked.times]
        spread = percentile(times, 99) / percentile(times, 50)
        yield Figure(f"{label}", rate(name), "a second")
        yield Figure(f"{label} from memory", rate(memory), "a second")
        yield Figure(f"{label} / from memory", median(ratios), "", ">=", TARGET)
        yield Figure(f"{label}, processor time", work(name), "ms")
        yield Figure(f"{label} from memory, processor time", work(memory), "ms")
        yield Figure(f"{label}, 99 of 100 / median", spread, "", "<=", SPREAD)
