"""
A client with very many legal entities in one journey: is the last one as fast as the first?

The customer adds one after another and waits for each to be read; no reports are
built, so that the machine is not busy with those of the ones before. Now and then
the customer rests, as people do: a history that has grown long goes on in a new
run only when nobody is about to ask.
"""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Final

import pytest
from temporalio.api.enums.v1 import EventType

from benchmarks.figures import Figure, keep, scaled
from benchmarks.stage.bank import OVER, SPEND, Bank, bank_of
from benchmarks.stage.copies import Quick, running
from domain.journey import Delivery, LinkAction, Stage, Structure

ENTITIES: Final = 300
REST_AFTER: Final = 10
REST: Final = 1.5
SLOWER: Final = 1.2
MOST_UPDATES: Final = 2_000
UPDATE: Final = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED


async def adds(bank: Bank, journey_id: str, number: int) -> float:
    """Add one legal entity and wait until its books are read; return the seconds."""
    began = time.perf_counter()
    if number > 1:
        await bank.does(journey_id, LinkAction.ADD_ENTITY)
    await bank.does(journey_id, LinkAction.NAME_ENTITY, name=f"Entity {number}")
    await bank.connects(journey_id)
    asked = "SELECT count(*) FROM connections WHERE journey_id = ? AND stage = 'done'"
    while bank.rows.execute(asked, (journey_id,)).fetchone() != (number,):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    return time.perf_counter() - began


async def runs(bank: Bank, journey_id: str) -> list[tuple[int, int]]:
    """Return the events and Updates of each run of a journey."""
    found = []
    async for each in bank.client.list_workflows(f"WorkflowId = '{journey_id}'"):
        handle = bank.client.get_workflow_handle(journey_id, run_id=each.run_id)
        kinds = [event.event_type async for event in handle.fetch_history_events()]
        found.append((len(kinds), kinds.count(UPDATE)))
    return found


async def test_the_last_entity_is_as_fast_as_the_first(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """
    All of them are read and available, and no run comes near the limit of Updates.
    """
    home: Path = tmp_path_factory.mktemp("entities") / "home"
    number = scaled(ENTITIES, least=10)
    async with running(home, Quick) as copy, bank_of(copy) as bank:
        journey = await bank.requests(SPEND, Delivery.LINK)
        await bank.does(journey.id, LinkAction.OPEN)
        several = {"structure": Structure.MULTIPLE}
        await bank.does(journey.id, LinkAction.CHOOSE_STRUCTURE, **several)
        times = []
        for each in range(1, number + 1):
            times.append(await adds(bank, journey.id, each))
            if each % REST_AFTER == 0:
                await asyncio.sleep(REST)
        await bank.does(journey.id, LinkAction.FINISH)
        assert await bank.stands(journey.id, *OVER) is Stage.COMPLETED
        available = _available(bank, journey.company_id)
        lived = await runs(bank, journey.id)

    keep("entities", _figures(times, lived))
    assert available == number
    assert max(updates for _, updates in lived) < MOST_UPDATES


def _available(bank: Bank, client_id: str) -> int:
    asked = (
        "SELECT count(*) FROM companies WHERE parent_id = ? AND status = 'Available'"
    )
    number: int = bank.rows.execute(asked, (client_id,)).fetchone()[0]
    return number


def _figures(times: Sequence[float], lived: Sequence[tuple[int, int]]) -> list[Figure]:
    tenth = max(1, len(times) // 10)
    first, last = mean(times[:tenth]), mean(times[-tenth:])
    return [
        Figure("legal entities", len(times)),
        Figure("one of the first tenth", 1000 * first, "ms"),
        Figure("one of the last tenth", 1000 * last, "ms"),
        Figure("last / first", last / first, "", "<=", SLOWER),
        Figure("runs of the journey", len(lived)),
        Figure("most events in a run", max(events for events, _ in lived)),
        Figure(
            "most Updates in a run",
            max(updates for _, updates in lived),
            "",
            "<=",
            MOST_UPDATES,
        ),
    ]
