"""
A hundred thousand bills: how fast they are fetched, validated and stored, and at whose expense.

Beside the step that does it, in turns, stands the same by hand, with the same
answers over the same kind of connection. Then a customer with so many bills
shares them in a running copy: what its worker holds meanwhile, and how long other
customers wait.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple

import httpx
import polars as pl
import pytest
from temporalio.testing import ActivityEnvironment

from activities.access import Access
from activities.builder import Builder
from activities.building import Press
from activities.reading import Reader
from activities.reports import Publisher
from activities.syncs import SyncActivities
from benchmarks.figures import Figure, keep, percentile, scaled
from benchmarks.stage import by_hand
from benchmarks.stage.bank import OVER, SPEND, Bank, bank_of
from benchmarks.stage.copies import running
from benchmarks.stage.parrot import name_of
from benchmarks.stage.processes import Peak, program
from domain.datasets import Dataset
from domain.journey import DataType, Delivery, LinkAction, Stage, Structure
from domain.messages import Extend, ReadBooks, SyncState
from home import LOOPBACK
from providers.http import build_http
from providers.sandbox import Place, Sandbox
from sandbox.books.library import open_books
from sandbox.books.months import Period
from store.database import Database
from store.migrate import migrate
from store.objects import Objects
from store.plans import Terms
from store.states import DatasetState
from store.tables import SyncDatasetRow
from tests.activities.given import (
    COMPANY,
    CONNECTION,
    VAULT,
    a_connection,
    a_sync,
    given,
    given_request,
    given_tokens,
)
from tests.e2e.running import free_port
from workflows.journey import CustomerJourney

BILLS: Final = 100_000
ROUNDS: Final = 3
TARGET: Final = 0.5
MOST_MEMORY: Final = 300
MOST_WAIT: Final = 100
OTHERS: Final = 20
A_SECOND: Final = 10
QUIET: Final = 10
"""Seconds in which others are measured before there is anything to read."""


class Cost(NamedTuple):
    """Seconds on the clock, and of processor time in this process."""

    seconds: float
    work: float


class Source(NamedTuple):
    """Where the answers are, and the addresses of all of them in order."""

    url: str
    addresses: list[str]


def pages(bills: int, folder: Path) -> list[str]:
    """Write the answers that the sandbox would give; return their addresses."""
    folder.mkdir()
    shelf = open_books(
        "Hoxton Tea", Period.before(datetime.now(UTC).date()), bills
    ).bills()
    place, addresses = Place(), []
    while place.offset < shelf.total:
        stop = min(place.offset + place.size, shelf.total)
        answer = {
            "items": shelf.read(place.offset, stop),
            "total": shelf.total,
            "has_more": stop < shelf.total,
        }
        written = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
        (folder / name_of(place.page, place.size)).write_text(written)
        addresses.append(f"/api/bills?page={place.page}&page_size={place.size}")
        place = place.following()
    return addresses


Doing = Callable[[], Awaitable[Any]]
Way = Callable[[Source, Path], AbstractAsyncContextManager[Doing]]


@asynccontextmanager
async def source(bills: int, folder: Path) -> AsyncIterator[Source]:
    """Let a program of its own give these answers."""
    addresses = await asyncio.to_thread(pages, bills, folder)
    port = free_port()
    module = ("-m", "benchmarks.stage.parrot", str(port), str(folder))
    async with program(*module, environment={}):
        url = f"http://{LOOPBACK}:{port}"
        async with httpx.AsyncClient(base_url=url) as http:
            while not await _answers(http, addresses[0]):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        yield Source(url, addresses)


async def _answers(http: httpx.AsyncClient, address: str) -> bool:
    try:
        return (await http.get(address)).is_success
    except httpx.TransportError:
        return False


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def measured(way: Way, source: Source, folder: Path) -> Cost:
    """Measure one way from its first page to its last; what it needs is there by then."""
    async with way(source, made(folder)) as do:
        began, worked = time.perf_counter(), time.process_time()
        await do()
        return Cost(time.perf_counter() - began, time.process_time() - worked)


@asynccontextmanager
async def by_rapport(source: Source, folder: Path) -> AsyncIterator[Doing]:
    """Lend the step that reads books, with a database and objects of its own."""
    url = f"sqlite:///{folder}/rapport.db"
    await migrate(url)
    database, objects = Database(url), Objects(folder.as_uri())
    await given_request(database)
    connection = a_connection()
    await given(database, connection, _sync(), _bills())
    await given_tokens(database, connection)
    async with build_http() as http, Builder() as builder:
        terms = Terms(12, 0)  # type: ignore[arg-type]  # no report is built here
        minute = timedelta(minutes=1)
        steps = SyncActivities(
            database,
            objects,
            {"sandbox": Sandbox(http, source.url, "rapport", "secret")},
            Reader(database, objects, Access(database, VAULT), give_up=minute),
            Publisher(database, Press(objects, terms, builder)),
        )
        command = ReadBooks(
            sync_id="sy_1",
            company_id=COMPANY,
            connection_id=CONNECTION,
            data_types=(DataType.SPEND_ANALYSIS,),
        )
        yield lambda: ActivityEnvironment().run(steps.read_books, command)
    await database.close()


def _sync() -> Any:
    return a_sync(state=SyncState.RUNNING, finished_at=None)


def _bills() -> SyncDatasetRow:
    return SyncDatasetRow(
        sync_id="sy_1", dataset=Dataset.BILLS, position=0, state=DatasetState.PENDING
    )


@asynccontextmanager
async def by_hand_alone(source: Source, folder: Path) -> AsyncIterator[Doing]:
    async with httpx.AsyncClient(base_url=source.url) as http:
        yield lambda: by_hand.store(http, source.addresses, folder)


async def test_bills_are_stored_beside_the_floor(tmp_path: Path) -> None:
    """
    The step that reads them is resumed, validated and noted page by page, and still near.
    """
    number = scaled(BILLS, least=1_500)
    ways: dict[str, Way] = {"floor": by_hand_alone, "rapport": by_rapport}
    async with source(number, tmp_path / "pages") as here:
        rounds = [
            {
                name: await measured(way, here, tmp_path / f"{name}-{each}")
                for name, way in ways.items()
            }
            for each in range(ROUNDS + 1)
        ][1:]  # the first loads what all need

    def middle(name: str, unit: str) -> float:
        return float(median(getattr(each[name], unit) for each in rounds))

    figures = [
        Figure("bills", number),
        Figure("by hand", number / middle("floor", "seconds"), "bills a second"),
        Figure("by Rapport", number / middle("rapport", "seconds"), "bills a second"),
        Figure(
            "Rapport / by hand",
            median(each["floor"].seconds / each["rapport"].seconds for each in rounds),
            "",
            ">=",
            TARGET,
        ),
        Figure("by hand, processor time", 1000 * middle("floor", "work"), "ms"),
        Figure("by Rapport, processor time", 1000 * middle("rapport", "work"), "ms"),
        Figure(
            "the same in processor time",
            middle("floor", "work") / middle("rapport", "work"),
        ),
    ]
    keep("books", figures)
    last = (sorted((tmp_path / f"{name}-{ROUNDS}").rglob("*.parquet")) for name in ways)
    floor, stored = (pl.read_parquet(files) for files in last)
    assert len(stored) == number
    assert stored.equals(floor)


async def test_others_do_not_wait_for_large_books(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """
    While a hundred thousand bills are read and their reports built, others are answered.
    """
    home: Path = tmp_path_factory.mktemp("books") / "home"
    async with running(home) as copy, bank_of(copy) as bank:
        others = [
            (await bank.requests(delivery=Delivery.LINK)).id for _ in range(OTHERS)
        ]
        await asyncio.sleep(1)
        before = await _waits(bank, others, asyncio.create_task(asyncio.sleep(QUIET)))
        async with Peak(copy.processes()["worker"]) as peak:
            reading = asyncio.create_task(_reads(bank))
            during = await _waits(bank, others, reading)
            read = peak.most
            building = asyncio.create_task(_completes(bank, await reading))
            after = await _waits(bank, others, building)

    keep("large", _found(before, during, after, read, peak))


async def _reads(bank: Bank) -> str:
    """Share large books; return the journey once they are read."""
    journey = await bank.requests(SPEND, Delivery.LINK)
    await bank.does(journey.id, LinkAction.OPEN)
    single = {"structure": Structure.SINGLE}
    await bank.does(journey.id, LinkAction.CHOOSE_STRUCTURE, **single)
    await bank.connects(journey.id, "large")
    left = (
        "SELECT count(*) FROM sync_datasets JOIN syncs ON id = sync_id"
        " WHERE journey_id = ? AND sync_datasets.state = 'done'"
    )
    datasets = 7
    while bank.rows.execute(left, (journey.id,)).fetchone() != (datasets,):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    return journey.id


async def _completes(bank: Bank, journey_id: str) -> None:
    assert await bank.stands(journey_id, *OVER) is Stage.COMPLETED


async def _waits(
    bank: Bank, others: list[str], meanwhile: asyncio.Task[Any]
) -> list[float]:
    """Ask others at a steady pace until something is over; return milliseconds."""
    times: list[float] = []

    async def ask(journey_id: str) -> None:
        began = time.perf_counter()
        await bank.asks(journey_id, CustomerJourney.extend, Extend(days=1))
        times.append(1000 * (time.perf_counter() - began))

    async with asyncio.TaskGroup() as group:
        turn = 0
        while not meanwhile.done():
            group.create_task(ask(others[turn % len(others)]))
            turn += 1
            await asyncio.sleep(1 / A_SECOND)
    await meanwhile
    return times


def _found(
    before: list[float],
    during: list[float],
    after: list[float],
    read: float,
    peak: Peak,
) -> list[Figure]:
    memory = ("MB", "<=", MOST_MEMORY)
    return [
        Figure("memory of the worker before", peak.before, "MB"),
        Figure("most while 100,000 bills are read", read, *memory),
        Figure("most until the reports are there", peak.most, *memory),
        Figure("others' Updates before, 95 of 100", percentile(before, 95), "ms"),
        Figure("while books are read, median", percentile(during, 50), "ms"),
        Figure(
            "while books are read, 95 of 100",
            percentile(during, 95),
            "ms",
            "<=",
            MOST_WAIT,
        ),
        Figure(
            "while reports are built, 95 of 100",
            percentile(after, 95),
            "ms",
            "<=",
            MOST_WAIT,
        ),
        Figure(
            "read, 95 of 100 / before", percentile(during, 95) / percentile(before, 95)
        ),
    ]
