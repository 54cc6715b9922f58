"""
How long a customer waits for an answer, from the POST of an action until it is there.

Customers come at a steady pace, whether or not the ones before are done, and go
through the real API. They are measured with the reports that their journeys build,
and with a builder in whose place nothing is built.
"""

import asyncio
import time
from collections.abc import Awaitable, Mapping
from pathlib import Path
from statistics import median
from typing import Any, Final

import httpx
import pytest

from benchmarks.figures import Figure, keep, percentile, scaled
from benchmarks.stage.copies import Quick, running
from tests.e2e.pages import Page
from tests.e2e.running import Running
from tests.e2e.world import Customer, World

A_SECOND: Final = 10
NUMBER: Final = 300
THINKING: Final = 0.5
COPIES: Final[Mapping[str, type[Running]]] = {
    "without building reports": Quick,
    "with reports": Running,
}

Times = dict[str, list[float]]


class Watch:
    """Notes how long answers took, in milliseconds, by what was asked."""

    def __init__(self) -> None:
        self.times: Times = {}

    async def on(self, what: str, asked: Awaitable[httpx.Response]) -> Any:
        began = time.perf_counter()
        answer = await asked
        took = 1000 * (time.perf_counter() - began)
        assert answer.status_code < 400, answer.text
        self.times.setdefault(what, []).append(took)
        return answer


async def goes_through(customer: Customer, watch: Watch) -> None:
    """Open the link, choose, agree, come back: three actions and a return."""
    await watch.on("open", customer.tries("open"))
    await asyncio.sleep(THINKING)
    chosen = customer.tries("select_software", software="ledgerly")
    await watch.on("select_software", chosen)
    await asyncio.sleep(THINKING)
    leaving = await watch.on("authorize", customer.tries("authorize", consent=True))
    away = await customer.world.browser.get(leaving.json()["redirect_url"])
    address = await customer.decides(Page(away))
    await watch.on("return", customer.returns(address))


async def at_pace(world: World, number: int) -> tuple[Watch, float]:
    """Let one customer after another begin; return their times and the pace that came of it."""
    customers = [await world.ask(delivery="link") for _ in range(number)]
    watch, began = Watch(), time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for place, customer in enumerate(customers):
            await asyncio.sleep(max(0, began + place / A_SECOND - time.perf_counter()))
            group.create_task(goes_through(customer, watch))
        took = time.perf_counter() - began
    return watch, number / max(took, number / A_SECOND)


@pytest.mark.parametrize("name", COPIES)
async def test_answers_at_a_steady_pace(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    """
    Every action is answered, and the next one is never refused for it.
    """
    home: Path = tmp_path_factory.mktemp("actions") / "home"
    async with running(home, COPIES[name]) as copy, World(copy) as world:
        await at_pace(world, scaled(A_SECOND, least=2))
        watch, pace = await at_pace(world, scaled(NUMBER, least=10))

    actions = [
        each for what in watch.times if what != "return" for each in watch.times[what]
    ]
    figures = [
        Figure(f"{name}: journeys begun", pace, "a second"),
        Figure(f"{name}: an action, median", median(actions), "ms"),
        Figure(f"{name}: an action, 95 of 100", percentile(actions, 95), "ms"),
        *(
            Figure(f"{name}: {what}, median", median(times), "ms")
            for what, times in watch.times.items()
        ),
    ]
    keep(f"actions-{list(COPIES).index(name) + 1}", figures)
    assert len(actions) == 3 * len(watch.times["return"])
