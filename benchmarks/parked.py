"""
Journeys that wait: what they cost a worker, and how they go on when it is gone.

Beside them wait bare workflows, on a worker of their own. Then there are more of
them than a worker remembers, and it is killed: each journey that is touched has to
answer all the same, from its history.
"""

import asyncio
import signal
import time
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, Final, NamedTuple
from uuid import uuid4

import pytest
from temporalio.client import WorkflowHandle

import worker
from benchmarks.figures import Figure, keep, percentile, scaled
from benchmarks.stage.bank import Bank, at_once, bank_of
from benchmarks.stage.bare import QUEUE, Bare
from benchmarks.stage.copies import environment, running
from benchmarks.stage.nothing import Shape
from benchmarks.stage.processes import memory, program
from domain.journey import Delivery
from domain.messages import Extend
from tests.e2e.running import Running
from workflows.journey import CustomerJourney

PARKED: Final = 2_000
MORE: Final = 10_000
TOUCHED: Final = 50
AT_ONCE: Final = 16
MOST_MEMORY: Final = 2.0
FIRST_TOUCH: Final = 2.5
GONE: Final = 0.2
PARKED_AT: Final = 10
"""Events: the start, one step, and the two turns around it."""

LOADED: Final = 10
"""Seconds after which a worker surely asks for something to do."""

CHANCE: Final = Random(7)  # noqa: S311


class Held(NamedTuple):
    """What a worker held before and with so many parked, in MB."""

    before: float
    after: float
    number: int

    @property
    def each(self) -> float:
        """KB for one more."""
        return 1024 * (self.after - self.before) / self.number


async def parked(
    process: int,
    number: int,
    park: Callable[[], Coroutine[Any, Any, Any]],
    settled: Callable[[], Coroutine[Any, Any, Any]],
) -> Held:
    """Park so many; what loads when the first come is there before."""
    await at_once(AT_ONCE, [park() for _ in range(AT_ONCE)])
    await settled()
    before = memory(process)
    await at_once(AT_ONCE, [park() for _ in range(number)])
    await settled()
    return Held(before, memory(process), number)


async def _all_wait(bank: Bank) -> None:
    """Asking is quicker than beginning: wait until every journey has made its first move."""
    begun = "SELECT count(*) FROM journeys WHERE version = 0"
    while bank.rows.execute(begun).fetchone() != (0,):  # noqa: ASYNC110
        await asyncio.sleep(0.1)


async def touch(bank: Bank, journey_id: str) -> float:
    """Have a journey do something; return how many seconds the answer took."""
    began = time.perf_counter()
    await bank.asks(journey_id, CustomerJourney.extend, Extend(days=1))
    return time.perf_counter() - began


async def touch_all(bank: Bank, journeys: Sequence[str]) -> list[float]:
    times: list[float] = []

    async def one(journey_id: str) -> None:
        times.append(await touch(bank, journey_id))

    await at_once(AT_ONCE, [one(each) for each in journeys])
    return times


async def killed(copy: Running) -> None:
    """End the worker without a word; go on when the kernel has closed what it had open."""
    process = copy.processes()["worker"]
    copy.send("worker", signal.SIGKILL)
    while process in copy.processes().values():  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    await asyncio.sleep(GONE)


async def test_parked_journeys(tmp_path_factory: pytest.TempPathFactory) -> None:
    """
    Every journey that is touched answers, whoever remembers it.
    """
    home: Path = tmp_path_factory.mktemp("parked") / "home"
    number = scaled(PARKED, least=20)
    async with running(home) as copy, bank_of(copy) as bank:
        real = await _journeys(copy, bank, number)
        bare = await _bare(copy, bank, number)
        found = _memory(real, bare)
        found += await _first_touches(copy, bank)
        found += await _restart_among_many(copy, bank, scaled(MORE, least=50))

    keep("parked", found)


async def _journeys(copy: Running, bank: Bank, number: int) -> Held:
    async def park() -> None:
        await bank.requests(delivery=Delivery.LINK)

    worker_process = copy.processes()["worker"]
    return await parked(worker_process, number, park, partial(_all_wait, bank))


async def _bare(copy: Running, bank: Bank, number: int) -> Held:
    """One step, then wait for an Update that does not come."""

    workflows: list[WorkflowHandle[Bare, Any]] = []

    async def park() -> None:
        shape = Shape(before=1, updates=1, after=0)
        workflows.append(
            await bank.client.start_workflow(
                Bare.run, shape, id=f"bare-{uuid4()}", task_queue=QUEUE
            )
        )

    async def settled() -> None:
        for workflow in workflows:
            while (await workflow.describe()).history_length < PARKED_AT:  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    module = ("-m", "benchmarks.stage.bare_worker")
    async with program(*module, environment=environment(copy)) as floor:
        return await parked(floor, number, park, settled)


def _memory(real: Held, bare: Held) -> list[Figure]:
    return [
        Figure("parked", real.number, "journeys"),
        Figure("memory of the worker", real.after, "MB"),
        Figure("memory of the bare worker", bare.after, "MB"),
        Figure("memory / bare", real.after / bare.after, "", "<=", MOST_MEMORY),
        Figure("one more journey", real.each, "KB"),
        Figure("one more bare workflow", bare.each, "KB"),
    ]


async def _first_touches(copy: Running, bank: Bank) -> list[Figure]:
    """Touch what a dead worker remembered: with another one there, and with none."""
    remembered = await _fresh(bank)
    async with program(worker.__file__, environment=environment(copy)):
        await asyncio.sleep(LOADED)
        await killed(copy)
        with_another = await touch_all(bank, remembered)
    await asyncio.sleep(LOADED)
    remembered = await _fresh(bank)
    await killed(copy)
    with_none = await touch_all(bank, remembered)
    await asyncio.sleep(LOADED)
    remembered = await _fresh(bank)
    copy.send("worker", signal.SIGKILL)
    in_the_moment = await touch_all(bank, remembered)
    another = "first touch after kill -9, another worker there"
    again = "first touch after kill -9, the worker starts again"
    return [
        Figure(f"{another}, median", median(with_another), "s", "<=", FIRST_TOUCH),
        Figure(f"{another}, longest", max(with_another), "s", "<=", FIRST_TOUCH),
        Figure(f"{again}, median", median(with_none), "s"),
        Figure(f"{again}, longest", max(with_none), "s"),
        Figure("asked in the moment of the kill, longest", max(in_the_moment), "s"),
    ]


async def _fresh(bank: Bank) -> list[str]:
    """Park some that the worker remembers."""
    journeys = [await bank.requests(delivery=Delivery.LINK) for _ in range(AT_ONCE)]
    ids = [journey.id for journey in journeys]
    await touch_all(bank, ids)
    return ids


async def _restart_among_many(copy: Running, bank: Bank, number: int) -> list[Figure]:
    asked = "SELECT id FROM journeys"
    have = len(bank.rows.execute(asked).fetchall())
    todo = [bank.requests(delivery=Delivery.LINK) for _ in range(max(0, number - have))]
    await at_once(AT_ONCE, todo)
    await _all_wait(bank)
    ids = [journey_id for (journey_id,) in bank.rows.execute(asked)]
    chosen = CHANCE.sample(ids, min(TOUCHED, len(ids)))
    await killed(copy)
    first = await touch(bank, chosen[0])
    times = await touch_all(bank, chosen[1:])
    return [
        Figure("parked when the worker is killed", len(ids), "journeys"),
        Figure("until the first one answers", first, "s"),
        Figure("then, median of those touched", 1000 * percentile(times, 50), "ms"),
        Figure("then, 95 of 100", 1000 * percentile(times, 95), "ms"),
        Figure("memory of the new worker", memory(copy.processes()["worker"]), "MB"),
    ]
