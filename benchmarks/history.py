"""
What one journey of a single legal entity with one reminder leaves in Temporal: events and actions.

Counted, not timed, so that it is the same on every machine. Actions are what a
hosted Temporal charges for: each start of a workflow (a child's counts twice), each
activity, each task in which local activities ran, each Update, Signal, timer,
upsert of search attributes and heartbeat that the server saw.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

from benchmarks.figures import Figure, keep
from domain.journey import Stage
from tests.databases.postgres import migrate_in_thread
from tests.histories.lives import UNHURRIED
from tests.histories.stage import opened
from tests.temporal import server
from tests.workflows.world import World

MOST_EVENTS: Final = 100
MOST_ACTIONS: Final = 25
PREFIX: Final = "EVENT_TYPE_"

ACTIONS: Final[Mapping[str, int]] = {
    "WORKFLOW_EXECUTION_STARTED": 1,
    "START_CHILD_WORKFLOW_EXECUTION_INITIATED": 1,
    "ACTIVITY_TASK_SCHEDULED": 1,
    "MARKER_RECORDED": 1,
    "WORKFLOW_EXECUTION_UPDATE_ACCEPTED": 1,
    "WORKFLOW_EXECUTION_SIGNALED": 1,
    "TIMER_STARTED": 1,
    "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES": 1,
}

THEMES: Final[Mapping[str, str]] = {
    "WORKFLOW_TASK": "tasks in which workflows decide",
    "ACTIVITY_TASK": "steps",
    "WORKFLOW_EXECUTION_UPDATE": "Updates",
    "TIMER": "timers",
    "UPSERT": "search attributes",
    "MARKER": "local steps",
    "EXTERNAL": "messages between workflows",
    "SIGNAL_EXTERNAL": "messages between workflows",
    "WORKFLOW_EXECUTION_SIGNALED": "messages between workflows",
    "CHILD_WORKFLOW": "children",
    "START_CHILD": "children",
    "WORKFLOW_EXECUTION": "begin and end",
    "WORKFLOW_PROPERTIES": "begin and end",
}
"""What an event belongs to, by how its name begins; the longest beginning counts."""


async def live(world: World) -> list[WorkflowHistory]:
    """Ask, remind once, be answered; return what it left."""
    customer = await world.ask()
    await customer.stands(Stage.AWAITING_CUSTOMER)
    await customer.later(days=3)
    await customer.says("reminder_sent")
    await customer.does("open")
    await customer.connects()
    await customer.stands(Stage.COMPLETED)
    return await world.histories()


def kinds(history: WorkflowHistory) -> Counter[str]:
    """Count its events by the name of their kind."""
    names = (EventType.Name(event.event_type) for event in history.events)
    return Counter(name.removeprefix(PREFIX) for name in names)


def theme(kind: str) -> str:
    beginning = max((each for each in THEMES if kind.startswith(each)), key=len)
    return THEMES[beginning]


def actions(counted: Counter[str]) -> int:
    return sum(ACTIONS.get(kind, 0) * number for kind, number in counted.items())


def name_of(history: WorkflowHistory) -> str:
    started = history.events[0].workflow_execution_started_event_attributes
    return started.workflow_type.name


async def test_history_of_one_journey(tmp_path: Path) -> None:
    """
    One journey is three workflows; each event and action is accounted for.
    """
    template = tmp_path / "rapport.db"
    migrate_in_thread(f"sqlite:///{template}")
    async with server(UNHURRIED) as temporal, opened(temporal, template) as world:
        histories = await live(world)
        await world.close()

    by_workflow = {name_of(each): kinds(each) for each in histories}
    total = sum(by_workflow.values(), Counter[str]())
    keep("history", _figures(by_workflow, total), {"kinds": _table(by_workflow)})
    assert set(by_workflow) == {"CustomerJourney", "EntityConnection", "CompanySync"}
    assert len(histories) == len(by_workflow)


def _figures(
    by_workflow: Mapping[str, Counter[str]], total: Counter[str]
) -> list[Figure]:
    themes: Counter[str] = Counter()
    for kind, number in total.items():
        themes[theme(kind)] += number
    return [
        Figure(
            "events of a journey with one reminder",
            total.total(),
            "",
            "<=",
            MOST_EVENTS,
        ),
        Figure("billable actions", actions(total), "", "<=", MOST_ACTIONS),
        *(
            Figure(f"events of {name}", counted.total(), f"{actions(counted)} actions")
            for name, counted in by_workflow.items()
        ),
        *(Figure(f"events: {name}", number) for name, number in themes.most_common()),
    ]


def _table(by_workflow: Mapping[str, Counter[str]]) -> dict[str, dict[str, int]]:
    return {name: dict(counted.most_common()) for name, counted in by_workflow.items()}
