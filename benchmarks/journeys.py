"""
Journeys per second, beside a bare workflow with as many steps and Updates that do nothing.

All are on the same Temporal server, with the settings that `rapport up` gives it
and nothing encrypted, and take turns: so many journeys at a time, each begun when
one has ended. Journeys are measured with the reports that each of them builds, and
with a builder in whose place nothing is built.
"""

import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType

from benchmarks.figures import Figure, keep, scaled
from benchmarks.stage import quick_worker
from benchmarks.stage.bank import OVER, Bank, at_once, bank_of
from benchmarks.stage.bare import QUEUE, Bare
from benchmarks.stage.copies import environment, running
from benchmarks.stage.nothing import Nothing, Shape
from benchmarks.stage.processes import Cost, cost, program
from domain.journey import LinkAction, Stage
from tests.e2e.running import Running
from workflows.ids import TASK_QUEUE, sync_workflow_id

AT_ONCE: Final = 32
ROUNDS: Final = 3
NUMBER: Final = 200
WITHOUT_REPORTS: Final = "without-reports"
TARGET: Final = 0.8
STEPS: Final = (
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
    EventType.EVENT_TYPE_MARKER_RECORDED,
)

Live = Callable[[], Coroutine[Any, Any, None]]


class Turn(NamedTuple):
    """How fast one kind of journey went, and what it cost, in one round."""

    per_second: float
    cost: Cost
    number: int

    @property
    def milliseconds(self) -> Mapping[str, float]:
        """Processor time for one journey, by process."""
        seconds = self.cost.seconds.items()
        return {name: 1000 * time / self.number for name, time in seconds}


class Lab(NamedTuple):
    """What there is to measure, and the processes that it costs."""

    lives: Mapping[str, Live]
    processes: Mapping[str, int]


async def shape_of(bank: Bank) -> Shape:
    """Count what one journey does: the steps and Updates of all of its workflows."""
    journey = await bank.requests()
    await bank.stands(journey.id, Stage.AWAITING_CUSTOMER)
    await bank.does(journey.id, LinkAction.OPEN)
    await bank.connects(journey.id)
    await bank.stands(journey.id, *OVER)
    asked = "SELECT id FROM connections WHERE journey_id = ?"
    ((connection,),) = bank.rows.execute(asked, (journey.id,)).fetchall()
    seen: Counter[int] = Counter()
    for workflow in (journey.id, connection, sync_workflow_id(journey.company_id)):
        handle = bank.client.get_workflow_handle(workflow)
        history = await handle.fetch_history()
        seen.update(event.event_type for event in history.events)
    updates = seen[EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED]
    before = 3  # what a customer waits for before the first email is there
    steps = sum(seen[each] for each in STEPS)
    return Shape(before=before, updates=updates, after=steps - updates - before)


def bare(bank: Bank, shape: Shape) -> Live:
    """Return how one bare workflow is gone through."""

    async def live() -> None:
        handle = await bank.client.start_workflow(
            Bare.run, shape, id=f"bare-{uuid4()}", task_queue=QUEUE
        )
        for _ in range(shape.updates):
            await handle.execute_update(Bare.ask, Nothing())
        await handle.result()

    return live


@asynccontextmanager
async def lab(copy: Running) -> AsyncIterator[Lab]:
    """Put everything beside each other."""
    variables = environment(copy)
    async with AsyncExitStack() as stack:
        bank = await stack.enter_async_context(bank_of(copy))
        module = ("-m", "benchmarks.stage.bare_worker")
        floor = await stack.enter_async_context(program(*module, environment=variables))
        script = (quick_worker.__file__, WITHOUT_REPORTS)
        quick = await stack.enter_async_context(program(*script, environment=variables))
        lives: dict[str, Live] = {
            "bare": bare(bank, await shape_of(bank)),
            WITHOUT_REPORTS: partial(bank.lives, WITHOUT_REPORTS),
            "rapport": partial(bank.lives, TASK_QUEUE),
        }
        for live in lives.values():  # everything is loaded before it is measured
            await at_once(4, [live() for _ in range(8)])
        yield Lab(lives, _processes(copy, floor, quick))


def _processes(copy: Running, floor: int, quick: int) -> dict[str, int]:
    around = copy.processes()
    return {
        "temporal": around["temporal"],
        "sandbox": around["sandbox"],
        "mail catcher": around["catcher"],
        "worker": around["worker"],
        "worker without reports": quick,
        "bare worker": floor,
    }


async def turn(lab: Lab, name: str, number: int) -> Turn:
    """Let so many of them live."""
    before, began = cost(lab.processes), time.perf_counter()
    await at_once(AT_ONCE, [lab.lives[name]() for _ in range(number)])
    took = time.perf_counter() - began
    return Turn(number / took, cost(lab.processes).since(before), number)


async def test_journeys_per_second(tmp_path_factory: pytest.TempPathFactory) -> None:
    """
    Every journey completes; beside the bare workflow it is slower by what it does.
    """
    home: Path = tmp_path_factory.mktemp("journeys") / "home"
    async with running(home) as copy, lab(copy) as here:
        rounds = []
        for _ in range(ROUNDS):
            number = scaled(NUMBER, least=8)
            rounds.append({name: await turn(here, name, number) for name in here.lives})

    keep("journeys", _figures(rounds), {"milliseconds": _spent(rounds)})
    assert all(each.per_second > 0 for turns in rounds for each in turns.values())


def _figures(rounds: list[dict[str, Turn]]) -> list[Figure]:
    def ratio(name: str) -> float:
        return median(
            each[name].per_second / each["bare"].per_second for each in rounds
        )

    def speed(name: str) -> float:
        return median(each[name].per_second for each in rounds)

    def work(name: str) -> float:
        spent = [sum(each[name].milliseconds.values()) for each in rounds]
        return median(spent)

    return [
        Figure("bare workflow", speed("bare"), "a second"),
        Figure("journeys without building reports", speed(WITHOUT_REPORTS), "a second"),
        Figure("journeys", speed("rapport"), "a second"),
        Figure(
            "journeys without reports / bare", ratio(WITHOUT_REPORTS), "", ">=", TARGET
        ),
        Figure("journeys / bare", ratio("rapport"), "", ">=", TARGET),
        Figure("processor time of a bare workflow", work("bare"), "ms"),
        Figure("of a journey without reports", work(WITHOUT_REPORTS), "ms"),
        Figure("of a journey", work("rapport"), "ms"),
    ]


def _spent(rounds: list[dict[str, Turn]]) -> dict[str, dict[str, float]]:
    """Return the processor time for one journey, by kind and process."""
    return {
        name: {
            process: round(
                median(each[name].milliseconds[process] for each in rounds), 1
            )
            for process in rounds[0][name].milliseconds
        }
        for name in rounds[0]
    }
